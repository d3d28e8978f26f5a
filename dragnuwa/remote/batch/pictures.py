"""Jobs from a folder of pictures: one for each, with drags from a JSON object by file name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ...common.atomic import read_drags
from .jobs import Job, JobsError, Setting, upload_of

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}
LOADER, EDITOR = "LoadImage", "DragNUWATrajectoryEditor"


@dataclass(frozen=True)
class Targets:
    """The ids of the nodes that get the picture, and the drags."""

    loader: str
    editor: str | None


def read_pictures(folder: Path, drags: Path | None, targets: Targets) -> list[Job]:
    """A job for each picture in a folder that is not hidden, or only for those with drags, sorted by name.

    A job's name is the picture's file name, including the suffix, since two pictures may differ only in that.

    Raises:
        ValueError: if the folder has no pictures, or the drags name a picture that is not in it.
    """
    found = sorted(path for path in folder.glob("[!.]*") if path.suffix.lower() in PICTURES and path.is_file())
    if not found:
        raise JobsError(f"There is no picture in {folder}. Expected files of {', '.join(sorted(PICTURES))}.")
    for path in found:
        _check_name(path.name)
    if drags is None:
        return [_job(path, targets, None) for path in found]
    by_name = read_drags(drags)
    if strange := sorted(by_name.keys() - {path.name for path in found}):
        raise JobsError(f"{drags} has drags of {strange[0]!r}, which is not among the pictures in {folder}.")
    return [_job(path, targets, _text(by_name[path.name])) for path in found if path.name in by_name]


def _job(picture: Path, targets: Targets, drags: str | None) -> Job:
    settings = [Setting(targets.loader, "image", upload_of(picture))]
    if drags is not None:
        settings.append(Setting(targets.editor, "trajectories", drags))
    return Job(picture.name, tuple(settings))


def _check_name(name: str) -> None:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise JobsError(f"The name of the picture {name!r} is not Unicode text. Rename it.") from None


def _text(drags: object) -> str:
    return drags if isinstance(drags, str) else json.dumps(drags)
