"""What is made of a clip on the CPU, up to 81 frames of 1920x1080: time, memory, their growth, and how soon it ends.

    .venv/bin/python benchmarks/large_clips.py [--job carry] [--json FILE]

Each job is what a node calls, with pictures, drags and the interrupt as it gets them. It is measured in a process of
its own: around 21 frames of 960x540 and 8 drags, with size, length or number of drags varied at a time, and at the
largest size and length together. Memory is the peak of the process above what it held with the job's inputs, and that
less what the job returns. "growth" is the slope of log(time), and of log(memory), over log(factor): 1 is a straight
line. "gap" is the longest time between two looks at the interrupt. Linux only; 12 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
import torch

from benchmarks.measuring import MB, used
from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.noise_mask import causal_spans, latent_mask
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import to_bytes
from dragnuwa.common.interrupt import checkpoint, interrupts
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture, DetailSettings
from dragnuwa.models.drag_maps import encode_trajectories
from dragnuwa.overlay.preview import compare_images, preview
from dragnuwa.research.evaluation import psnr
from dragnuwa.trajectory import Trajectories, from_arrays, parse
from dragnuwa.trajectory.objects.types import DrawnPath, MotionObject
from dragnuwa.trajectory.types import Point
from dragnuwa.vision.tracking.metrics import drag_response
from dragnuwa.vision.tracking.optical_flow import Estimator, dense_inverse_search
from dragnuwa.vision.tracking.tracks_from_flow import sample_video

SIZES, FRAMES, TRACKS = ((480, 270), (960, 540), (1920, 1080)), (21, 41, 81), (1, 8, 64)
POINTS = 2**10  # tracks for each of these, where only numbers are worked on
LEAST = 0.02  # seconds, and
SMALL = 8.0  # MB, below which the growth of a measurement is noise
STRAIGHT = 1.1  # slope up to which a growth is called a straight line
HEAVY = ["cv2", "kornia.metrics", "scipy.sparse.linalg", "torchvision.utils"]  # modules that take long to import
SPEED = 0.12  # of the picture's width, by which everything moves over the clip


@dataclass(frozen=True)
class Case:
    width: int
    height: int
    frames: int
    tracks: int

    @property
    def clip(self) -> ClipShape:
        return ClipShape(self.width, self.height, self.frames)

    def __str__(self) -> str:
        return f"{self.width}x{self.height} x {self.frames}, {self.tracks} drags"


@dataclass(frozen=True)
class Measured:
    """Of a job on a case: seconds, CPU seconds, peak memory beyond the inputs, also beyond the results, and the gap."""

    job: str
    case: Case
    seconds: float
    cpu: float
    peak: float
    beyond: float
    gap: float


class Checks:
    """An `InterruptCheck` that goes on, and keeps the longest time between two of its calls."""

    def __init__(self):
        self.gap, self.last = 0.0, time.perf_counter()

    def __call__(self) -> None:
        now = time.perf_counter()
        self.gap, self.last = max(self.gap, now - self.last), now


Job = Callable[[], object]


def picture(case: Case) -> torch.Tensor:
    """`[H, W, 3]`: blobs of colour with fine grain."""
    rng = np.random.default_rng(0)
    coarse = cv2.resize(rng.random((18, 32, 3), np.float32), (case.width, case.height), interpolation=cv2.INTER_CUBIC)
    grain = rng.random((case.height, case.width, 3), np.float32)
    return torch.from_numpy((0.8 * coarse + 0.2 * cv2.GaussianBlur(grain, (0, 0), 1.5)).clip(0, 1))


def video(case: Case) -> torch.Tensor:
    """`[T, H, W, 3]`: the picture, which moves to the right."""
    one, made = picture(case), torch.empty(case.frames, case.height, case.width, 3)
    for time_, frame in enumerate(made):
        frame[:] = torch.roll(one, round(SPEED * case.width * time_ / (case.frames - 1)), 1)
    return made


def drags(case: Case, *, objects: bool = True, alike: bool = False) -> Trajectories:
    """Drags from places all over the picture, up or down or (alike) all to the right; and an object in its middle."""
    rng, way = np.random.default_rng(1), np.linspace(0, SPEED, case.frames)
    starts = rng.uniform(0.15, 0.85, (case.tracks, 2))
    towards = np.array([(1, 0) if alike else (0, (-1) ** number) for number in range(case.tracks)])
    positions = starts[:, None] + way[:, None] * towards[:, None]
    size = (case.width, case.height)
    made = from_arrays(positions * size, np.ones(positions.shape[:2], bool), width=case.width, height=case.height)
    ring = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    each = MotionObject((ring,), (0.5, 0.5), DrawnPath((Point(0.5, 0.5), Point(0.6, 0.55))))
    return replace(made, objects=(each,) if objects else ())


def checked() -> Estimator:
    """As `dragnuwa.host.detail.estimator` makes it."""
    search = dense_inverse_search()

    def flow(now: np.ndarray, then: np.ndarray) -> np.ndarray:
        checkpoint()
        return search(now, then)

    return flow


def numbers(case: Case) -> Job:
    text = drags(replace(case, tracks=POINTS * case.tracks // TRACKS[-1])).to_json()
    return lambda _: parse(text, width=case.width, height=case.height).at_frames(case.clip).points


def encoding(case: Case) -> Job:
    drawn = drags(case)
    return lambda: encode_trajectories(drawn, case.clip)


def carrying(case: Case, **which: bool) -> Job:
    image, drawn, settings = picture(case)[None], drags(case, **which), CarrySettings()

    def job() -> object:
        carried = carry_clip(image, drawn, case.clip, None, settings)
        return carried, latent_mask(
            carried, settings, causal_spans(len(carried.video), 4), (case.width // 8, case.height // 8)
        )

    return job


def drawing(case: Case) -> Job:
    image, drawn = picture(case)[None], drags(case)
    return lambda: preview(image, drawn, case.frames)


def drawing_all(case: Case) -> Job:
    images, drawn = video(case), drags(case)
    flow, mask = encode_trajectories(drawn, case.clip), torch.zeros(1, case.height, case.width)
    mask[:, : case.height // 2, : case.width // 2] = 1
    return lambda: preview(images, drawn, case.frames, flow=flow, mask=mask)


def restoring(case: Case) -> Job:
    images, text = video(case), drags(case).to_json()
    start = images[:1].clone()
    return lambda: restore_clip(ClipAndPicture(images, start), text, settings=DetailSettings(flow=checked()))


def following(case: Case) -> Job:
    images = video(case)
    return lambda: sample_video(images, count=case.tracks, seed=0, estimator=checked())


def comparing(case: Case) -> Job:
    images, text = video(case), drags(case, objects=False).to_json()
    return lambda: compare_images(images, text)[1]


def judging(case: Case) -> Job:
    frames, drawn = to_bytes(video(case)), drags(case, objects=False).at_frames(case.clip)
    return lambda _: (psnr(frames, frames[::-1]), drag_response(frames, drawn.points, drawn.visible))


JOBS: dict[str, Callable[[Case], Job]] = {
    "trajectories": numbers,
    "drag-maps": encoding,
    "carry": carrying,
    "carry-camera": lambda case: carrying(case, objects=False, alike=True),
    "preview": drawing,
    "preview-all": drawing_all,
    "detail": restoring,
    "sample-video": following,
    "objmc": comparing,
    "metrics": judging,
}


def measure(name: str, case: Case) -> Measured:
    """Runs a job, in a process that has done nothing else."""
    job = JOBS[name](case)
    check, cpu = Checks(), time.process_time()
    with used() as found:
        check.last = time.perf_counter()
        with interrupts(check):
            made = job()
        check()
    cpu, peak = time.process_time() - cpu, max(0.0, found.peak - found.before)
    beyond = max(0.0, peak - sum(_sizes(made).values()) / MB)
    return Measured(name, case, found.seconds, cpu, peak, beyond, check.gap)


def _sizes(made: object) -> dict[int, int]:
    """Bytes of the tensors and arrays in a result, by their place in memory: some are parts of one."""
    if isinstance(made, torch.Tensor):
        return {made.untyped_storage().data_ptr(): made.untyped_storage().nbytes()}
    if isinstance(made, np.ndarray):
        return {made.ctypes.data: made.nbytes}
    parts = [getattr(made, field.name) for field in fields(made)] if is_dataclass(made) else made
    parts = parts if isinstance(parts, (list, tuple)) else ()
    return {place: size for part in parts for place, size in _sizes(part).items()}


def factors() -> dict[str, list[tuple[float, Case]]]:
    """By what is varied: how large it is, and the case."""
    base = Case(*SIZES[1], FRAMES[0], TRACKS[1])
    return {
        "pixels": [(width * height, replace(base, width=width, height=height)) for width, height in SIZES],
        "frames": [(frames, replace(base, frames=frames)) for frames in FRAMES],
        "drags": [(tracks, replace(base, tracks=tracks)) for tracks in TRACKS],
    }


def growth(of: Iterable[tuple[float, float]], least: float) -> str:
    """The slope of log(value) over log(factor), with a mark where it is steeper than a straight line."""
    known = [(factor, value) for factor, value in of if value >= least]
    if len(known) < 3:
        return "-"
    slope = np.polyfit(*np.log(known).T, 1)[0]
    return f"{slope:.2f}{'!' if slope > STRAIGHT else ''}"


def table(found: list[Measured]) -> None:
    """Logs the largest case of each job, and how its time and memory grow."""
    row = "%-13s %7s %7s %9s %8s %10s %6s  %-20s  %-20s"
    varied = "/".join(factors())
    logging.info(row, "job", "s", "CPU s", "ms/frame", "peak MB", "beyond MB", "gap s", f"time by {varied}", "memory")
    for name in dict.fromkeys(one.job for one in found):
        of = {one.case: one for one in found if one.job == name}
        most = of[largest()]
        slopes = []
        for field, least in (("cpu", LEAST), ("peak", SMALL)):
            points = [[(factor, getattr(of[case], field)) for factor, case in cases] for cases in factors().values()]
            slopes.append("  ".join(growth(each, least) for each in points))
        logging.info(
            row, name, f"{most.seconds:.2f}", f"{most.cpu:.2f}", f"{1000 * most.seconds / most.case.frames:.1f}",
            f"{most.peak:.0f}", f"{most.beyond:.0f}", f"{most.gap:.2f}", *slopes,
        )  # fmt: skip


def largest() -> Case:
    return Case(*SIZES[-1], FRAMES[-1], TRACKS[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--job", choices=JOBS, action="append", help="only this one; may be given again")
    parser.add_argument("--largest", action="store_true", help="only the largest case, without a table")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    cases = {} if arguments.largest else {case: None for of in factors().values() for _, case in of}
    found = []
    context = multiprocessing.get_context("forkserver")  # starts from a process that has imported, but not computed
    context.set_forkserver_preload(HEAVY)
    for name in arguments.job or JOBS:
        for case in [*cases, largest()]:
            with context.Pool(1) as pool:
                one = pool.apply(measure, (name, case))
            found.append(one)
            logging.info(
                "%-13s %-28s %6.2f s  %6.2f CPU s  peak %5.0f MB  beyond %5.0f MB  gap %.2f s",
                name, case, one.seconds, one.cpu, one.peak, one.beyond, one.gap,
            )  # fmt: skip
    if not arguments.largest:
        table(found)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
