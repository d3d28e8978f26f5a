"""What is measured of each case of two folders of videos: figures of pairs, and features of each video."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...common.errors import InputError
from ...common.images import fit, to_bytes, to_floats
from ..evaluation.settings import file_digest
from ..videos.read import VideoError, read_frames
from .conventions import CROPPED, FID, FVD, SQUASHED
from .extractors import TORCH_FIDELITY, FrameFeatures, PictureDistance, VideoFeatures
from .picture_figures import psnr_of_frames, ssim_of_frames
from .video_sets import Case, Clips, SetVideo
from .workers import Outcome

FID_KEY = "fid"


@dataclass(frozen=True)
class Work:
    """What is measured, and how.

    Attributes:
        clips: what is taken of each video.
        fvd: I3D as TorchScript, or None.
        fvd_conventions: names in `conventions.FVD`.
        fid: Inception as `FrameFeatures.load` takes it, or None.
        fid_convention: a name in `conventions.FID`.
        lpips: LPIPS as TorchScript, or None.
        device: as torch names it.
    """

    clips: Clips = field(default_factory=Clips)
    fvd: Path | None = None
    fvd_conventions: tuple[str, ...] = ("stylegan-v",)
    fid: str | None = None
    fid_convention: str = "stylegan"
    lpips: Path | None = None
    device: str = "cpu"

    def __post_init__(self):
        if not self.fvd_conventions or set(self.fvd_conventions) - FVD.keys():
            found = ", ".join(self.fvd_conventions) or "none"
            raise InputError(f"The conventions of FVD are {', '.join(FVD)}; found {found}.")
        if self.fid_convention not in FID:
            raise InputError(f"The conventions of FID are {', '.join(FID)}; found {self.fid_convention!r}.")
        if self.fid is not None and self.fid.startswith(f"{TORCH_FIDELITY}:") != (
            self.fid_convention == TORCH_FIDELITY
        ):
            raise InputError(
                f"The convention {TORCH_FIDELITY} goes with --fid {TORCH_FIDELITY}:FILE, and with no other."
            )

        for what, path in self.networks.items():
            if path is not None and not path.is_file():
                raise InputError(f"There is no file {path}, which --{what} names.")

    def begin(self) -> Measure:
        """Loads the networks."""
        return Measure(self)

    @property
    def networks(self) -> dict[str, Path | None]:
        """The files of the networks, by option."""
        fid = self.fid and Path(self.fid.removeprefix(f"{TORCH_FIDELITY}:"))
        return {"fvd": self.fvd, "fid": fid, "lpips": self.lpips}

    @property
    def keys(self) -> tuple[str, ...]:
        """Of the features that each video has."""
        ways = sorted({FVD[name].frames for name in self.fvd_conventions}) if self.fvd else []
        return (*(fvd_key(how) for how in ways), *([FID_KEY] if self.fid else []))

    def as_json(self) -> dict:
        """Everything that lines and features depend on. The networks count by their content."""
        return {
            "frames": self.clips.frames,
            "size": list(self.clips.size) if self.clips.size else None,
            "features": list(self.keys),
            "fid_pixels": FID[self.fid_convention].pixels if self.fid else None,
            **{name: f"{path.name} {file_digest(path)}" if path else None for name, path in self.networks.items()},
        }


class Measure:
    """Measures cases, each video of which is decoded once. Loads the networks.

    Raises:
        InputError: if a network cannot be loaded.
    """

    def __init__(self, work: Work):
        self.work = work
        self.video_features = VideoFeatures.load(work.fvd, work.device) if work.fvd else None
        pixels = FID[work.fid_convention].pixels
        self.frame_features = FrameFeatures.load(work.fid, pixels, work.device) if work.fid else None
        self.distance = PictureDistance.load(work.lpips, work.device) if work.lpips else None

    def __call__(self, number: int, case: Case) -> Outcome:
        try:
            clips = {video.digest: read(video, self.work.clips) for video in case.videos}
            figures = self._of_pair(*(clips[video.digest] for video in case.videos)) if case.is_pair else {}
            features = {digest: packed(self._of_video(frames)) for digest, frames in clips.items() if self.work.keys}
        except ValueError as error:  # of this case: its file, or a network that cannot take it
            return Outcome(number, {}, {}, f"{case.name}: {str(error).removeprefix(f'{case.name}: ')}")
        return Outcome(number, {"name": case.name, "videos": digests(case), **figures}, features)

    def _of_pair(self, a: np.ndarray, b: np.ndarray) -> dict[str, float]:
        figures = {"psnr": psnr_of_frames(a, b), "ssim": ssim_of_frames(a, b)}
        return figures | ({"lpips": self.distance(a, b)} if self.distance else {})

    def _of_video(self, frames: np.ndarray) -> dict[str, np.ndarray]:
        found = {
            fvd_key(how): self.video_features(frames, how)
            for how in (SQUASHED, CROPPED)
            if fvd_key(how) in self.work.keys
        }
        return found | ({FID_KEY: self.frame_features(frames)} if self.frame_features else {})


def digests(case: Case) -> dict[str, str | None]:
    """What says which videos a line was measured of."""
    return {"a": case.a and case.a.digest, "b": case.b and case.b.digest}


def read(video: SetVideo, clips: Clips) -> np.ndarray:
    """A video's clip, `[T, H, W, 3]` uint8.

    Raises:
        VideoError: if it is broken.
    """
    frames = read_frames(video.path, clips.frames)
    if len(frames) != video.frames:
        raise VideoError(f"{video.path.name}: {len(frames)} of its {video.frames} frames can be decoded.")
    if clips.size is None or frames.shape[2:0:-1] == clips.size:
        return frames
    return np.stack([to_bytes(fit(to_floats(frame)[None], *clips.size, "stretch")[0]) for frame in frames])


def fvd_key(how: str) -> str:
    """The key of the features of frames that are `SQUASHED` or `CROPPED`."""
    return f"fvd-{how}"


def packed(features: dict[str, np.ndarray]) -> bytes:
    """Features by key as an npz file."""
    file = io.BytesIO()
    np.savez(file, **features)
    return file.getvalue()


def unpacked(path: Path, keys: Iterable[str]) -> dict[str, np.ndarray] | None:
    """What `packed` gave, of a file; None if there is no such file, or it is another one."""
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {key: file[key] for key in keys}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return found if all(each.ndim == 2 for each in found.values()) else None
