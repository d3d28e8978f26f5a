"""Uploads a job's files to a server, and downloads the files of its result."""

from __future__ import annotations

import uuid
from pathlib import Path

from ..client import Client, ClientError, Result
from .jobs import SAVE_FOLDER, Job, JobsError, Upload, current_digest, separate_results
from .workflow import Prompt


def prepare(client: Client, job: Job, prompt: Prompt, batch_id: str) -> tuple[str, dict[str, dict]]:
    """Uploads the job's files; returns a new id, and the prompt to queue under it.

    Raises:
        JobsError, OSError: if a file cannot be read, or has changed.
        ClientError: if one cannot be uploaded.
    """
    folder = f"{SAVE_FOLDER}/{batch_id}/{job.name}"

    def upload(file: Upload) -> str:
        if current_digest(file.path) != file.digest:
            raise JobsError(f"{file.path} has changed since the run began")
        return client.upload_image(file.path, subfolder=folder, name=file.name)

    prompt_id, filled = str(uuid.uuid4()), job.fill(prompt, upload)
    separate_results(filled, prompt_id)
    return prompt_id, filled


def collect(client: Client, result: Result, folder: Path) -> None:
    """Download a result's files into an empty folder; files of the same name from different folders are numbered.

    Raises:
        ClientError: if there are none, or one cannot be downloaded.
        OSError: if they cannot be written.
    """
    files = list(result.files())
    kept = [item for item in files if item.get("type") == "output"] or files  # previews only if nothing was saved
    if not kept:
        raise ClientError("the workflow saved no file; add a node that does, such as Save Video")
    for item in {tuple(sorted(item.items())): item for item in kept}.values():
        path = client.download(item, folder / ".download")
        path.replace(_free(folder / path.name))
    (folder / ".download").rmdir()


def _free(wanted: Path) -> Path:
    path, number = wanted, 2
    while path.exists():
        path = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        number += 1
    return path
