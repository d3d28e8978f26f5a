"""`python -m dragnuwa.research.videos.extract VIDEOS OUT`: many videos, as shards of clips with their flow."""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from ...common.atomic import atomic_write, remove_partial_files
from ...common.clip_shape import ModelClip
from ...vision.tracking.optical_flow import estimate
from .folder import Skipped, names, usable, write_skipped
from .read import VideoError, read_clip
from .shards import Clip, Shard, ShardError, complete, write_index, write_shard

logger = logging.getLogger(__name__)

PLAN = "plan.json"
SHARD_NAME = re.compile(r"shard-[0-9]{6,}")
PACK = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Extraction:
    """The clips to extract.

    Attributes:
        clip: the size of a clip.
        fps: frames per second of a clip.
        clips: maximum number per video.
        occluded: maximum fraction of the picture that may be occluded from one frame to the next.
    """

    clip: ModelClip
    fps: float = 8.0
    clips: int = 8
    occluded: float = 0.6

    def __post_init__(self):
        if not 0.01 <= self.fps <= 1000:
            raise ValueError(f"fps must be 0.01 to 1000; found {self.fps}.")
        if self.clips < 1:
            raise ValueError(f"clips must be at least 1; found {self.clips}.")
        if not 0 < self.occluded <= 1:
            raise ValueError(f"occluded must be above 0, at most 1; found {self.occluded}.")

    @property
    def seconds(self) -> float:
        """Time from a clip's first frame to its last."""
        return (self.clip.frames - 1) / self.fps

    def as_json(self) -> dict[str, int | float]:
        clip = self.clip
        size = {"frames": clip.frames, "width": clip.width, "height": clip.height}
        return {**size, "fps": self.fps, "clips": self.clips, "occluded": self.occluded}


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.research.videos.extract",
        description="Cut videos into clips, estimate their optical flow, and write both as webdataset shards, in "
        "parallel with Ray Data. Needs the extras train and ray.",
        epilog="An interrupted run is resumed by the same command; complete shards stay. Videos that were added since "
        "get shards of their own. OUT/skipped.txt lists what could not be used, and why.",
    )
    default = Extraction(ModelClip(576, 320, 14))
    parser.add_argument("videos", type=Path, help="a folder tree of videos, each with a caption in NAME.txt or without")
    parser.add_argument("out", type=Path, help="the folder for the shards")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a CPU)")
    parser.add_argument("--frames", type=int, default=default.clip.frames, help="of a clip (default %(default)s)")
    parser.add_argument("--size", type=_size, default=default.clip.size, metavar="WxH", help="576x320")
    parser.add_argument("--fps", type=float, default=default.fps, help="of a clip (default %(default)s)")
    parser.add_argument("--clips", type=int, default=default.clips, help="at most, of one video (default %(default)s)")
    parser.add_argument(
        "--occluded",
        type=float,
        default=default.occluded,
        help="leave out clips with a step, such as a cut, that hides more of the picture (default %(default)s)",
    )
    parser.add_argument("--videos-per-shard", type=int, default=16, help="(default %(default)s)")
    parser.add_argument("--address", help="of a running Ray cluster whose machines all see VIDEOS and OUT")
    return parser


def main(arguments: list[str] | None = None) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    given = argument_parser().parse_args(arguments)
    try:
        clip = ModelClip(*given.size, given.frames)
        wanted = Extraction(clip, fps=given.fps, clips=given.clips, occluded=given.occluded)
        if given.workers < 1 or given.videos_per_shard < 1:
            raise ValueError("--workers and --videos-per-shard must be at least 1.")
        extract(given.videos, given.out, wanted, given.videos_per_shard, workers=given.workers, address=given.address)
    except (ValueError, OSError, ImportError) as error:  # VideoError and ShardError are ValueErrors
        sys.exit(str(error))


def extract(
    videos: Path, out: Path, wanted: Extraction, videos_per_shard: int, *, workers: int, address: str | None = None
) -> list[Shard]:
    """Write the missing shards of `videos` to `out`, the index, and skipped.txt.

    Args:
        videos: a folder tree.
        out: a folder, new or of an earlier run.
        wanted: the clips to extract.
        videos_per_shard: in newly planned shards.
        workers: parallel processes, with one CPU each.
        address: of a running Ray cluster; None starts one on this machine for the duration of the call.

    Raises:
        VideoError: if there are no videos, or none yields a clip.
        ShardError: if `out` contains shards of other settings.
        ImportError: without Ray.
    """
    videos, out = Path(os.path.realpath(videos)), Path(os.path.realpath(out))  # resolve() fails on circular links
    planned = plan(videos, out, wanted, videos_per_shard)
    remove_partial_files(out)
    pending = [name for name in planned if complete(out, name) is None]
    logger.info("%d of %d shards remain to be made", len(pending), len(planned))
    if pending:
        rows = [{"name": name, "videos": "\n".join(map(json.dumps, planned[name]))} for name in pending]
        _run(rows, str(videos), str(out), wanted, workers, address)
    shards = [shard for name in planned if (shard := complete(out, name)) is not None]
    if len(shards) != len(planned):
        raise ShardError(f"{len(planned) - len(shards)} shards in {out} are not complete. Run the command again.")
    write_index(out, shards)
    skipped = [Skipped(*one) for shard in shards for one in shard.skipped]
    write_skipped(out / "skipped.txt", skipped)
    clips = sum(shard.clips for shard in shards)
    logger.info("%d clips; %d skipped, listed in %s", clips, len(skipped), out / "skipped.txt")
    if not clips:
        raise VideoError(f"no video in {videos} gave a clip; {out / 'skipped.txt'} says why.")
    return shards


def plan(videos: Path, out: Path, wanted: Extraction, videos_per_shard: int) -> dict[str, list[str]]:
    """The videos of each shard, saved in `out`/plan.json. An earlier plan stays; videos added since are appended.

    Raises:
        VideoError: if there are no videos.
        ShardError: if the existing plan has other settings, or is invalid.
    """
    path = out / PLAN
    planned: dict[str, list[str]] = {}
    if path.exists():
        try:
            earlier = json.loads(path.read_bytes())
            settings, planned = earlier["settings"], dict(earlier["shards"])
            _check_plan(planned)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ShardError(f"{path} is not the plan of an extraction ({error!r}). Choose another folder.") from error
        if settings != wanted.as_json():
            raise ShardError(
                f"{out} holds shards made with {settings}; asked for: {wanted.as_json()}. Choose a new one."
            )
    known = {name for listed in planned.values() for name in listed}
    fresh = [name for name in names(videos) if name not in known]
    if not known and not fresh:
        raise VideoError(f"no file in {videos} is called like a video.")
    for first in range(0, len(fresh), videos_per_shard):
        planned[f"shard-{len(planned):06}"] = fresh[first : first + videos_per_shard]
    with atomic_write(path) as file:
        file.write(json.dumps({"settings": wanted.as_json(), "shards": planned}, indent=1).encode())
    return planned


def _check_plan(planned: dict) -> None:
    """Raises ValueError unless each shard has a name from `plan` and a list of files below the videos' folder: an
    untrusted plan must not lead out of the two folders."""
    for shard, listed in planned.items():
        if not SHARD_NAME.fullmatch(shard):
            raise ValueError(f"{shard!r} is no name of a shard")
        for name in listed:
            if not isinstance(name, str) or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise ValueError(f"{name!r} is no file below the folder of videos")


def make_shard(row: dict, videos: str, out: str, wanted: Extraction) -> dict:
    """One row of the job, in a worker: write the shard, and return how many clips it has."""
    cv2.setNumThreads(1)  # the worker has one CPU
    skipped: list[tuple[str, str]] = []
    listed = [json.loads(line) for line in row["videos"].split("\n")]
    clips = (clip for name in listed for clip in clips_of(Path(videos), name, wanted, skipped))
    shard = write_shard(Path(out), row["name"], clips, skipped)
    return {"name": shard.name, "clips": shard.clips, "skipped": len(shard.skipped)}


def clips_of(root: Path, name: str, wanted: Extraction, skipped: list[tuple[str, str]]) -> Iterator[Clip]:
    """Evenly spread clips of a video that don't overlap; unusable ones are added to `skipped`."""
    try:
        video = usable(root, name, seconds=wanted.seconds, fps=wanted.fps)
    except VideoError as error:
        skipped.append((name, str(error)))
        return
    for start in starts(video.info.duration, wanted):
        try:
            frames = read_clip(
                root / name, frames=wanted.clip.frames, fps=wanted.fps, start=start, size=wanted.clip.size
            )
        except VideoError as error:
            skipped.append((name, f"at {start:.2f} s: {error}"))
            continue
        flow, occluded = estimate(frames)
        hidden = occluded.mean((1, 2)).max()
        if hidden > wanted.occluded:
            skipped.append((name, f"at {start:.2f} s: {hidden:.0%} of the picture is hidden in one step, as by a cut."))
        else:
            yield Clip(frames, flow, occluded, video.caption, name, start, wanted.fps)


def starts(duration: float, wanted: Extraction) -> list[float]:
    """Start times of the clips of a video, in s: as many as fit without overlap, at most `wanted.clips`."""
    fitting = 1 + int((duration - wanted.seconds) * wanted.fps / wanted.clip.frames + 1e-6)
    chosen = np.unique(np.linspace(0, fitting - 1, min(fitting, wanted.clips)).round().astype(int))
    return [float(number * wanted.clip.frames / wanted.fps) for number in chosen]


def _run(rows: list[dict], videos: str, out: str, wanted: Extraction, workers: int, address: str | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry
    try:
        import ray
    except ImportError as error:
        raise ImportError("Flow extraction needs Ray: pip install 'dragnuwa[train,ray]'") from error
    if address is None:
        ray.init(
            num_cpus=workers,
            include_dashboard=False,
            object_store_memory=100 * 2**20,  # rows are names
            runtime_env={"env_vars": {"PYTHONPATH": os.pathsep.join(filter(None, [str(PACK), *sys.path]))}},
        )
    else:
        ray.init(address=address)
    try:
        ray.data.DataContext.get_current().enable_progress_bars = False
        job = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
            make_shard,
            fn_kwargs={"videos": videos, "out": out, "wanted": wanted},
            num_cpus=1,
            compute=ray.data.TaskPoolStrategy(size=workers),
        )
        for number, row in enumerate(job.iter_rows(), 1):
            counts = row["name"], row["clips"], row["skipped"]
            logger.info("%d/%d %s: %d clips, %d skipped", number, len(rows), *counts)
    finally:
        ray.shutdown()


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(side) for side in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT in pixels, such as 576x320; found {text!r}") from None
    return width, height


if __name__ == "__main__":
    main()
