"""Signs the videos of a result with content credentials, after the download and before the job counts as done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...common.errors import InputError
from ...provenance.identity import Identity, read_identity
from .jobs import Job, Upload
from .workflow import Prompt

if TYPE_CHECKING:
    from ...provenance.manifest import Picture, Record

MP4 = ".mp4"


@dataclass(frozen=True)
class Signing:
    """Signs results.

    Attributes:
        identity: who signs.
        made: how the videos are made, one of `dragnuwa.provenance.manifest.MADE`.
        prompt: of the run.
    """

    identity: Identity
    made: str
    prompt: Prompt

    def sign(self, job: Job, folder: Path) -> list[str]:
        """Signs the MP4 files in a folder, which has the result of a job and nothing else.

        Returns:
            Notes for the user.

        Raises:
            InputError: if one cannot be signed.
            OSError: if one cannot be written.
        """
        from ...provenance import signing
        from ...provenance.credentials import read_credentials

        notes = []
        for path in sorted(path for path in folder.iterdir() if path.suffix.lower() == MP4):
            if read_credentials(path) is not None:
                notes.append(f"{job.name}: {path.name} was signed at the server, and keeps that")
            else:
                signing.sign(path, path, self._record(job, path.name), self.identity)
        return notes

    def _record(self, job: Job, title: str) -> Record:
        from ...provenance.comfy_metadata import drawings_of_prompt, models_of_prompt
        from ...provenance.manifest import Record
        from ...provenance.reading import first_drawing

        filled = job.fill(self.prompt, lambda upload: upload.path.name)
        drawing = first_drawing(drawings_of_prompt(filled), [])
        models = ", ".join(models_of_prompt(filled))
        return Record(self.made, title, drawing and drawing.to_json(), models, _picture(job))


def prepare_signing(identity: Path, made: str, prompt: Prompt) -> Signing:
    """Reads who signs, and tries it.

    Raises:
        InputError: if the identity cannot sign.
        PackageError: if c2pa-python is missing.
    """
    from ...provenance.signing import check_identity

    signing = Signing(read_identity(identity), made, prompt)
    check_identity(signing.identity)
    return signing


def _picture(job: Job) -> Picture | None:
    """The first file among a job's settings that is a picture."""
    from ...provenance.manifest import picture_of_file

    for setting in job.settings:
        if isinstance(setting.value, Upload):
            try:
                return picture_of_file(setting.value.path)
            except InputError:
                continue  # a video
    return None
