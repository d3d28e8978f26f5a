"""Work on clips of any length: it can be ended at every frame, tells of every frame, and holds no second clip."""

import gc
import tracemalloc
import weakref
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from dragnuwa.carry.composite import Carried, carry_clip
from dragnuwa.carry.noise_mask import causal_spans, latent_mask
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import to_bytes
from dragnuwa.common.interrupt import Progress, interrupts
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture
from dragnuwa.models.drag_maps import encode_trajectories
from dragnuwa.overlay.preview import compare_images, preview
from dragnuwa.trajectory import Trajectories, parse
from dragnuwa.vision.tracking.tracks_from_flow import sample_video
from tests.support.known_pictures import known_pictures
from tests.support.pictures import texture

__all__ = ["known_pictures"]
WIDTH, HEIGHT = 112, 64
FRAMES = 32  # so many that what one picture takes does not count
STARTS = [(24, 20), (84, 20), (24, 44), (84, 44)]  # far apart, so that alike they are a camera's
AROUND = CarrySettings(carries="surroundings")


def clip(frames: int) -> ClipShape:
    return ClipShape(WIDTH, HEIGHT, frames)


def drags(*, alike: bool) -> Trajectories:
    """To the right, or up and down."""
    ways = [(20, 0) if alike else (0, 12 * (-1) ** number) for number in range(4)]
    tracks = [
        [{"x": x, "y": y}, {"x": x + right, "y": y + down}] for (x, y), (right, down) in zip(STARTS, ways, strict=True)
    ]
    return parse(tracks, width=WIDTH, height=HEIGHT)


def video(frames: int) -> torch.Tensor:
    """`[T, H, W, 3]`: a texture that moves."""
    one = torch.from_numpy(texture(HEIGHT, WIDTH)) / 255
    return torch.stack([torch.roll(one, time, 1) for time in range(frames)])


def carried(frames: int) -> Carried:
    return carry_clip(video(1), drags(alike=False), clip(frames), None, AROUND)


# From a number of frames to work on inputs that are made beforehand.
Work = Callable[[Progress], object]
JOBS: dict[str, Callable[[int], Work]] = {}


def job(make: Callable[[int], Work]) -> Callable[[int], Work]:
    JOBS[make.__name__] = make
    return make


@job
def drag_maps(frames: int) -> Work:
    return lambda progress: encode_trajectories(drags(alike=True), clip(frames), progress=progress)


@job
def carry(frames: int) -> Work:
    image = video(1)
    return lambda progress: carry_clip(image, drags(alike=False), clip(frames), None, AROUND, progress)


@job
def carry_with_a_camera(frames: int) -> Work:
    image = video(1)
    return lambda progress: carry_clip(image, drags(alike=True), clip(frames), None, AROUND, progress)


@job
def preview_of_a_picture(frames: int) -> Work:
    image = video(1)
    return lambda progress: preview(image, drags(alike=True), frames, progress=progress)


@job
def preview_of_all(frames: int) -> Work:
    images, flow = video(frames), encode_trajectories(drags(alike=True), clip(frames))
    mask = torch.ones(2, HEIGHT, WIDTH)
    return lambda progress: preview(images, drags(alike=True), frames, flow=flow, mask=mask, progress=progress)


@job
def motion_of_a_video(frames: int) -> Work:
    images = video(frames)
    return lambda progress: sample_video(images, count=3, seed=0, interval=64, progress=progress)


@job
def objmc(frames: int) -> Work:
    images, text = video(frames), drags(alike=True).to_json()
    return lambda progress: compare_images(images, text, progress)[1]


@job
def restored_detail(frames: int) -> Work:
    images = video(frames)
    return lambda progress: restore_clip(ClipAndPicture(images, images[:1]), progress=progress)


def unwatched(done: int, total: int) -> None:
    pass


@pytest.mark.parametrize("name", JOBS)
def test_each_frame_can_be_the_last(name):
    """At least one look at the interrupt for each frame more, and what it raises comes through."""
    asked = []
    for frames in (4, 8):
        calls = []
        with interrupts(lambda calls=calls: calls.append(1)):
            JOBS[name](frames)(unwatched)
        asked.append(len(calls))
    assert asked[1] - asked[0] >= 4

    def end() -> None:
        asked[1] -= 1
        if asked[1] == 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), interrupts(end):
        JOBS[name](8)(unwatched)


@pytest.mark.parametrize("name", JOBS)
def test_progress_goes_to_its_end(name):
    told = []
    JOBS[name](6)(lambda *step: told.append(step))
    total = told[-1][1]
    assert total >= 5 and all(of == total for _, of in told)
    assert [done for done, _ in told] == sorted({done for done, _ in told}) and told[-1][0] == total
    assert len(told) >= 5


def test_the_noise_mask_can_be_ended_at_every_frame_of_the_latent():
    calls, made = [], carried(9)
    with interrupts(lambda: calls.append(1)):
        latent_mask(made, AROUND, causal_spans(9, 4), (WIDTH // 8, HEIGHT // 8))
    assert len(calls) == 3


def test_bytes_of_a_clip_can_be_ended_at_every_frame():
    calls, images = [], video(5)
    with interrupts(lambda: calls.append(1)):
        frames = to_bytes(images)
    assert len(calls) == 5 and np.array_equal(frames, np.stack([to_bytes(image) for image in images]))


@dataclass
class Held:
    """Bytes of live storages that torch's operations have made, now and at most."""

    now: int = 0
    most: int = 0


class Alive(TorchDispatchMode):
    """Counts into `held`, without the tensors that there are already."""

    def __init__(self):
        super().__init__()
        self.held = Held()
        self.known = weakref.WeakSet(
            one.untyped_storage() for one in gc.get_objects() if type(one) is torch.Tensor and not one.is_sparse
        )

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        for one in made if isinstance(made, (list, tuple)) else (made,):
            if isinstance(one, torch.Tensor) and one.untyped_storage() not in self.known:
                self._count(one.untyped_storage())
        return made

    def _count(self, storage: torch.UntypedStorage) -> None:
        self.known.add(storage)
        self.held.now += storage.nbytes()
        self.held.most = max(self.held.most, self.held.now)
        weakref.finalize(storage, self._forget, storage.nbytes())

    def _forget(self, size: int) -> None:
        self.held.now -= size


SHORT = 3  # frames
CLIP_BYTES = WIDTH * HEIGHT * FRAMES * 3 * 4
# How many clips of float32 pictures each result is; ObjMC's tracker works on a clip of bytes beside it.
RESULTS = {
    "drag_maps": 2 / 3,
    "carry": 2,
    "carry_with_a_camera": 2,
    "preview_of_a_picture": 1,
    "preview_of_all": 1,
    "motion_of_a_video": 0,
    "objmc": 1 + 1 / 4,
}


def held_most(work: Work) -> int:
    """Bytes that torch and NumPy hold at most, each at its own time."""
    alive = Alive()
    tracemalloc.start()
    try:
        with alive:
            work(unwatched)
        return alive.held.most + tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", RESULTS)
def test_no_second_clip_is_held(name):
    """Beside the result at most the half of a clip or so, without what the picture alone takes, as its edges do."""
    JOBS[name](SHORT)(unwatched)  # what is loaded or kept the first time does not count
    held = held_most(JOBS[name](FRAMES)) - held_most(JOBS[name](SHORT))
    assert held / (CLIP_BYTES * (1 - SHORT / FRAMES)) <= RESULTS[name] + 0.6
