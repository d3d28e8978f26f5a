"""`python -m dragnuwa.batch WORKFLOW PICTURES OUT`: queues a workflow for each picture of a folder.

The workflow is in the API format, such as those in `workflows/api/`. Each picture replaces the one that the workflow's
Load Image node names, and its results go to a folder of its own in OUT. Pictures whose folder exists already are done:
an interrupted run is resumed by the same command.
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .client import Client, ClientError, HostUnreachable, PromptInterrupted
from .json_files import read_drags, read_json

log = logging.getLogger(__name__)

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}
LOADER, EDITOR = "LoadImage", "DragNUWATrajectoryEditor"


@dataclass(frozen=True)
class Job:
    """A picture and its drags; None for those of the workflow."""

    picture: Path
    drags: str | None

    @property
    def name(self) -> str:
        """Of the result's folder; with the suffix, in which alone two pictures may differ."""
        return self.picture.name


def read_prompt(path: Path) -> dict[str, dict]:
    """A workflow in the API format.

    Raises:
        ValueError: if the file is missing, is no such workflow, or is one as ComfyUI's page saves it.
    """
    prompt = read_json(path)
    if isinstance(prompt, dict) and "nodes" in prompt:
        raise ValueError(f"{path} is a workflow as the page saves it. Export it with File > Export (API) instead.")
    if (
        not isinstance(prompt, dict)
        or not prompt
        or not all(
            isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)
            for node in prompt.values()
        )
    ):
        raise ValueError(f"{path} is not a workflow in the API format. Make one with File > Export (API) in ComfyUI.")
    return prompt


def find_node(prompt: Mapping[str, dict], class_type: str, wanted: str | None, option: str) -> str:
    """The id of the only node of a class, or `wanted`, if that is the id of such a node.

    Raises:
        ValueError: if there is none, or there are several and `wanted` is None; it names `option`, which chooses one.
    """
    found = [key for key, node in prompt.items() if node["class_type"] == class_type]
    if wanted is not None:
        found = [key for key in found if key == wanted]
    if len(found) == 1:
        return found[0]
    which = f"with the id {wanted}" if wanted is not None else "in it" if not found else f"only: {', '.join(found)}"
    raise ValueError(f"The workflow should have one {class_type} node {which}; {len(found)} were found. See {option}.")


def jobs(pictures: Path, drags: Path | None) -> list[Job]:
    """The pictures of a folder in the order of their names, with the drags of a JSON object by file name.

    Raises:
        ValueError: if the folder has no pictures, or the drags name a picture that is not in it.
    """
    found = sorted(path for path in pictures.glob("*") if path.suffix.lower() in PICTURES and path.is_file())
    if not found:
        raise ValueError(f"There is no picture in {pictures}. Expected files of {', '.join(sorted(PICTURES))}.")
    if drags is None:
        return [Job(path, None) for path in found]
    by_name = read_drags(drags)
    if strange := sorted(by_name.keys() - {path.name for path in found}):
        raise ValueError(f"{drags} has drags of {strange[0]!r}, which is not among the pictures in {pictures}.")
    return [Job(path, _text(by_name[path.name])) for path in found if path.name in by_name]


def filled(
    prompt: Mapping[str, dict], loader: str, picture: str, editor: str | None, drags: str | None
) -> dict[str, dict]:
    """A copy of the prompt with another picture and, unless they are None, other drags."""
    result = copy.deepcopy(dict(prompt))
    result[loader]["inputs"]["image"] = picture
    if drags is not None:
        result[editor]["inputs"]["trajectories"] = drags
    return result


def run(
    client: Client, prompt: Mapping[str, dict], work: list[Job], out: Path, *, loader: str, editor: str | None
) -> Iterator[tuple[Job, str | None]]:
    """Run the jobs that are not done yet; yields each with None, or with the reason why it failed.

    Raises:
        HostUnreachable: if ComfyUI does not answer, or stops answering.
        PromptInterrupted: if a prompt was interrupted in ComfyUI, which ends the whole run.
    """
    for job in work:
        if (out / job.name).exists():
            continue
        try:
            _run_one(client, prompt, job, out, loader, editor)
        except (HostUnreachable, PromptInterrupted):
            raise
        except ClientError as error:
            yield job, str(error)
        else:
            yield job, None


def _run_one(client: Client, prompt: Mapping[str, dict], job: Job, out: Path, loader: str, editor: str | None) -> None:
    name = client.upload_image(job.picture, subfolder="dragnuwa_batch")
    result = client.run(filled(prompt, loader, name, editor, job.drags))
    files = list(result.files())
    kept = [item for item in files if item.get("type") == "output"] or files  # previews only where nothing is saved
    if not kept:
        raise ClientError("the workflow saved no file; add a node that does, such as Save Video")
    unfinished = out / f".{job.name}.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    for item in kept:
        client.download(item, unfinished)
    unfinished.replace(out / job.name)


def _text(drags: object) -> str:
    return drags if isinstance(drags, str) else json.dumps(drags)


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.batch",
        description="Queue a workflow for each picture of a folder at a running ComfyUI, and download the results. "
        "An interrupted run is resumed by the same command.",
    )
    parser.add_argument("workflow", type=Path, metavar="WORKFLOW.json", help="in the API format, as in workflows/api")
    parser.add_argument("pictures", type=Path, metavar="PICTURES", help="a folder of pictures")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder, which gets one for each picture")
    parser.add_argument("--drags", type=Path, help="JSON: an object of trajectories by the picture's file name")
    parser.add_argument("--server", default="http://127.0.0.1:8188", help="address of ComfyUI (default %(default)s)")
    parser.add_argument("--loader", metavar="ID", help=f"which {LOADER} node gets the picture, if there are several")
    parser.add_argument("--editor", metavar="ID", help=f"which {EDITOR} gets the drags, if there are several")
    return parser


def main(arguments: list[str] | None = None) -> int:
    parser = argument_parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        prompt, work = read_prompt(options.workflow), jobs(options.pictures, options.drags)
        loader = find_node(prompt, LOADER, options.loader, "--loader")
        editor = find_node(prompt, EDITOR, options.editor, "--editor") if options.drags is not None else None
        options.out.mkdir(parents=True, exist_ok=True)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    log.info("%d pictures, %d of them done before", len(work), sum((options.out / job.name).exists() for job in work))
    failed = []
    try:
        for job, error in run(Client(options.server), prompt, work, options.out, loader=loader, editor=editor):
            log.info("%s: %s", job.name, "done" if error is None else error)
            if error is not None:
                failed.append(job.name)
    except ClientError as error:
        log.error("stopped: %s", error)
        return 1
    if failed:
        log.error("%d failed: %s. The same command tries them again.", len(failed), ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
