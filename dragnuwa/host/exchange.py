"""Imports trajectories from nodes and files of other tools, and exports them as text and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import comfy.model_management
import torch

from ..common.clip_shape import ClipShape
from ..common.errors import InputError, as_text
from ..models import drag_maps
from ..trajectory import Trajectories
from ..trajectory.checks import describe
from ..trajectory.formats import flo, importing
from ..trajectory.formats.boxes import Scene
from ..trajectory.formats.format import losses
from ..trajectory.formats.reference import Asked
from ..trajectory.formats.registry import FILE_WRITERS, OBJECT_WRITERS, WRITERS
from . import files
from .running_node import progress_bar

FLO = "flo"
FORMATS = (*WRITERS, FLO, *FILE_WRITERS, *OBJECT_WRITERS)
FLO_PREFIX = "trajectories/flow"
ARRAYS_PREFIX = "trajectories/tracks"


@dataclass(frozen=True)
class Sources:
    """Possible sources of trajectories, of which exactly one must be given.

    Attributes:
        text: of any format that `dragnuwa.trajectory.parse` reads; other nodes give lists of texts, too.
        flo: a .flo file or a folder of them, or a file of anything that `parse` reads, named as for `files.flo_files`.
        tracks: ComfyUI's TRACKS.
        keypoints: POSE_KEYPOINT.
    """

    text: Any = ""
    flo: str = ""
    tracks: dict | None = None
    keypoints: Any = None

    def given(self) -> tuple[str, Any]:
        """The name and the value of the one source.

        Raises:
            ValueError: if none is given, or more than one.
        """
        values = {
            "text": self.text.strip() or None if isinstance(self.text, str) else self.text,
            "flo": as_text(self.flo, "flo").strip() or None,
            "tracks": self.tracks,
            "keypoints": self.keypoints,
        }
        found = [name for name, value in values.items() if value is not None]
        if len(found) != 1:
            what = f"{' and '.join(found)} are given" if found else "nothing is given"
            raise ValueError(
                f"Expected one source of trajectories: text, flo, tracks or keypoints; but {what}. Fill in or connect "
                "one of them, and clear the others."
            )
        return found[0], values[found[0]]


def read(
    sources: Sources, size: tuple[int, int], *, interval: int, asked: Asked = importing.AS_THEY_ARE
) -> importing.Imported:
    """Trajectories from the source that is given, with a report.

    Args:
        sources: of which one is given.
        size: (width, height) in pixels, to which positions in pixels refer.
        interval: pixels between the tracks that follow .flo files.
        asked: what positions are, where a user says it.

    Raises:
        ValueError: if not exactly one source is given, or it cannot be read.
    """
    name, value = sources.given()
    if name == "flo":
        found = files.flo_files(value)
        if len(found) > 1 or flo.is_flo(found[0]):
            return importing.read_flows(found, interval=interval, asked=asked)
        value = files.content(found[0])
    width, height = size
    return importing.read(value, width=width, height=height, asked=asked)


@dataclass(frozen=True)
class Exported:
    """Exported trajectories: the text (for .flo files the folder's name, for arrays the file's), and what was written
    and lost."""

    text: str
    report: str


def write(
    trajectories: Trajectories, form: str, clip: ClipShape, *, prefix: str = "", flow: torch.Tensor | None = None,
    scene: Scene = Scene(),  # noqa: B008 (immutable)
) -> Exported:  # fmt: skip
    """Writes trajectories in one of `FORMATS`.

    Args:
        form: one of `FORMATS`.
        clip: to which positions refer: any size, 2..4096 frames.
        prefix: of a file in ComfyUI's output folder; if empty, only what is no text is written.
        flow: `[T, 2, H, W]` drag maps for .flo files; if None, they are computed as for the released model.
        scene: texts for the whole picture, for formats that carry texts.

    Raises:
        TrajectoryError: if the clip is out of range, or the text would be too long.
        ValueError: if the prefix leads out of the output folder, or there would be too many pixels of flow.
    """
    prefix = as_text(prefix, "filename_prefix").strip()
    if form == FLO:
        if flow is None:
            maps = _maps(trajectories, clip)
        else:
            drag_maps.check_maps(flow)
            maps = flow
        fields = maps[1:].movedim(1, -1).float().cpu().numpy()  # [T-1, H, W, 2]
        saved = files.save_flows(fields, prefix or FLO_PREFIX)
        text, written, limits = f"{saved} [output]", f"{len(fields)} .flo files in {saved}", flo.LIMITS
    elif form in FILE_WRITERS:
        array_writer = FILE_WRITERS[form]
        data, limits = array_writer.content(trajectories, clip), array_writer.limits
        saved = files.save_bytes(data, prefix or ARRAYS_PREFIX, array_writer.suffix)
        text, written = f"{saved} [output]", f"{form} to {saved}"
    elif form in OBJECT_WRITERS:
        of_objects = OBJECT_WRITERS[form]
        text = of_objects.write(trajectories, clip, scene)
        written = f"{form} to {files.save_text(text, prefix, of_objects.suffix)}" if prefix else form
    else:
        if form not in FORMATS:  # a linked text, which ComfyUI does not compare with the options
            raise InputError(f"format should be one of {', '.join(FORMATS)}; found {describe(form)}.")
        writer = WRITERS[form]
        text, limits = writer.text(trajectories, clip), writer.limits
        written = f"{form} to {files.save_text(text, prefix, writer.suffix)}" if prefix else form
    if form in OBJECT_WRITERS:
        notes = OBJECT_WRITERS[form].lost(trajectories, clip, scene)
    else:
        notes = losses(trajectories, limits, clip)
    if flow is not None and form == FLO:
        notes += _other_clip(flow, clip)
    elif flow is not None:
        notes.append("The connected drag maps are not part of this format.")
    return Exported(text, "\n".join([f"Wrote {written}.", *notes]))


def tracks_of(trajectories: Trajectories, clip: ClipShape) -> dict[str, torch.Tensor]:
    """ComfyUI's TRACKS, as used by its Wan-Move nodes: the enabled tracks at the frames of a clip.

    Returns:
        "track_path" float32 `[T, N, 2]` pixels and "track_visibility" bool `[T, N]`, on ComfyUI's intermediate device.
    """
    sampled = trajectories.at_frames(clip)
    device = comfy.model_management.intermediate_device()
    return {
        "track_path": torch.from_numpy(sampled.points).transpose(0, 1).float().contiguous().to(device),
        "track_visibility": torch.from_numpy(sampled.visible).transpose(0, 1).contiguous().to(device),
    }


def _other_clip(flow: torch.Tensor, clip: ClipShape) -> list[str]:
    """A note if the drag maps belong to another clip than the one exported."""
    frames, _, height, width = flow.shape
    if (frames, height, width) == (clip.frames, clip.height, clip.width):
        return []
    return [
        f"The connected drag maps are {frames} frames of {width}x{height}, and were written so; the tracks are "
        f"{clip.frames} frames of {clip.width}x{clip.height}."
    ]


def _maps(trajectories: Trajectories, clip: ClipShape) -> torch.Tensor:
    if clip.width * clip.height * clip.frames > flo.MAX_TOTAL_PIXELS:
        raise ValueError(
            f"Expected at most {flo.MAX_TOTAL_PIXELS:,} pixels of flow in all; found {clip.frames} frames of "
            f"{clip.width}x{clip.height}. Set a smaller size or fewer frames."
        )
    return drag_maps.encode_trajectories(trajectories, clip, progress=progress_bar())
