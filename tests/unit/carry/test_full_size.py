"""Videos at the picture's size: what a model's sizes need of the picture is cropped for the model alone."""

import json

import numpy as np
import pytest
import torch

from dragnuwa import trajectory
from dragnuwa.carry.composite import CarryInputs, carry_at_full_size
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common import images
from dragnuwa.common.clip_shape import WHOLE, ClipShape
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture, DetailSettings
from tests.support.drawings import tracks_value

PICTURE, CLIP = (240, 136), (104, 64)  # of which "crop" cuts off columns, and "pad" adds rows
FRAMES = 3
SQUARE = (40, 50, 24)  # left, top and side
RED = (0.9, 0.1, 0.1)


def red_square(left: float = SQUARE[0], top: float = SQUARE[1]) -> torch.Tensor:
    """`[1, H, W, 3]`: the square on grey ground with slopes."""
    x, y = torch.meshgrid(torch.arange(PICTURE[0]), torch.arange(PICTURE[1]), indexing="xy")
    picture = torch.stack([0.4 + x / 2400, 0.4 + y / 1360, 0.45 + 0 * x], -1)
    side = SQUARE[2]
    picture[round(top) : round(top) + side, round(left) : round(left) + side] = torch.tensor(RED)
    return picture[None]


def centre_of_red(frame: torch.Tensor) -> np.ndarray:
    weight = ((frame[..., 0] - frame[..., 1]) - 0.4).clamp(0)
    y, x = torch.meshgrid(*(torch.arange(side, dtype=weight.dtype) for side in weight.shape), indexing="ij")
    return np.array([float((weight * axis).sum() / weight.sum()) for axis in (x, y)])


def drag(mode: str, dx: float, dy: float) -> str:
    """From the middle of the square, by pixels of the picture, drawn on the clip."""
    left, top, width, height = images.drawn_area(PICTURE, CLIP, mode)
    middle = SQUARE[0] + SQUARE[2] / 2, SQUARE[1] + SQUARE[2] / 2
    ends = [(np.array(at) - (left, top)) / (width, height) for at in (middle, (middle[0] + dx, middle[1] + dy))]
    return tracks_value({"points": [{"x": float(x), "y": float(y)} for x, y in ends]})


@pytest.mark.parametrize("mode", images.MODES)
def test_a_moved_picture_has_its_own_size_and_everything_where_it_was_drawn(mode):
    text = drag(mode, 90, 30)
    inputs = CarryInputs(red_square(), trajectory.parse(text, width=CLIP[0], height=CLIP[1]), ClipShape(*CLIP, FRAMES))
    video = carry_at_full_size(inputs, CarrySettings(fit=mode)).video
    assert video.shape == (FRAMES, PICTURE[1], PICTURE[0], 3)
    assert torch.equal(video[0], red_square()[0])
    expected = red_square(SQUARE[0] + 90, SQUARE[1] + 30)[0]
    assert (video[-1] - expected).abs().mean() < 0.004
    assert centre_of_red(video[-1]) == pytest.approx(centre_of_red(expected), abs=0.3)


@pytest.mark.parametrize("mode", images.MODES)
def test_a_restored_clip_has_the_pictures_size_and_everything_where_it_was_drawn(mode):
    moved = [red_square(SQUARE[0] + 45 * time, SQUARE[1] + 15 * time) for time in range(FRAMES)]
    clip = torch.cat([images.fit(frame, *CLIP, mode) for frame in moved])
    given = ClipAndPicture(clip, red_square())
    restored = restore_clip(given, drag(mode, 90, 30), settings=DetailSettings(fit=mode))
    assert restored.images.shape == (FRAMES, PICTURE[1], PICTURE[0], 3)
    assert "from 104x64 to 240x136 pixels" in restored.report
    assert torch.equal(restored.images[0], red_square()[0])
    for frame, expected in zip(restored.images, moved, strict=True):
        assert (frame - expected[0]).abs().mean() < 0.006
        assert centre_of_red(frame) == pytest.approx(centre_of_red(expected[0]), abs=0.5)


@pytest.mark.parametrize("mode", images.MODES)
def test_an_object_a_mask_of_the_clip_and_a_background_of_the_clip_are_put_back_too(mode):
    side, (left, top, width, height) = SQUARE[2], images.drawn_area(PICTURE, CLIP, mode)
    corners = [(SQUARE[0] + x, SQUARE[1] + y) for x, y in ((0, 0), (side, 0), (side, side), (0, side))]
    ring = [{"x": (x - left) / width, "y": (y - top) / height} for x, y in corners]
    begin = [float(np.mean([each[axis] for each in ring])) for axis in "xy"]
    way = [{"x": begin[0], "y": begin[1]}, {"x": begin[0] + 90 / width, "y": begin[1]}]
    drawn = {"type": "dragnuwa.trajectories", "version": 2, "tracks": [],
             "objects": [{"id": "o", "outline": [ring], "motion": {"points": way}}]}  # fmt: skip
    plate = red_square(-side, -side)
    plate[0, :, :, 2] += 0.01
    value = trajectory.parse(json.dumps(drawn), width=CLIP[0], height=CLIP[1])
    inputs = CarryInputs(red_square(), value, ClipShape(*CLIP, FRAMES), None, images.fit(plate, *CLIP, mode))
    video = carry_at_full_size(inputs, CarrySettings(fit=mode)).video
    assert (video[-1] - red_square(SQUARE[0] + 90, SQUARE[1])[0]).abs().mean() < 0.004
    mask = torch.zeros(1, PICTURE[1], PICTURE[0])
    mask[:, SQUARE[1] : SQUARE[1] + side, SQUARE[0] : SQUARE[0] + side] = 1
    clip = torch.cat([images.fit(red_square(SQUARE[0] + 45 * time), *CLIP, mode) for time in range(FRAMES)])
    restored = restore_clip(ClipAndPicture(clip, red_square(), images.fit(plate, *CLIP, mode)), drag(mode, 90, 0),
                            images.fit(mask[..., None], *CLIP, mode)[..., 0], DetailSettings(fit=mode))  # fmt: skip
    assert (restored.images[-1] - red_square(SQUARE[0] + 90, SQUARE[1])[0]).abs().mean() < 0.006


@pytest.mark.parametrize(
    ("picture", "clip", "longer", "size"),
    [
        ((1920, 1080), (576, 320), 0, (1920, 1080)),
        ((1920, 1080), (832, 480), 0, (1920, 1080)),
        ((4000, 3000), (160, 120), 0, (2048, 1536)),
        ((640, 360), (656, 368), 0, (640, 360)),
        ((1200, 675), (160, 88), 0, (1200, 674)),  # Save Video takes even sides only
        ((1920, 1080), (576, 320), 1280, (1280, 720)),
        ((1080, 1920), (480, 832), 1280, (720, 1280)),
        ((1920, 1080), (512, 512), 0, (1080, 1080)),  # another shape was chosen
    ],
)
def test_the_size(picture, clip, longer, size):
    assert images.full_size(picture, clip, "crop", longer).size == size


def test_an_odd_side_loses_a_pixel_and_nothing_is_resampled():
    picture = torch.rand(1, 135, 239, 3)
    text = tracks_value({"points": [{"x": 0.5, "y": 0.5}, {"x": 0.6, "y": 0.5}]})
    inputs = CarryInputs(picture, trajectory.parse(text, width=96, height=56), ClipShape(96, 56, 2))
    video = carry_at_full_size(inputs, CarrySettings(carries="surroundings")).video
    assert torch.equal(video[0], picture[0, :134, :238])


def test_frames_that_show_the_whole_are_the_same_tensor():
    frames = torch.rand(2, 8, 8, 3)
    assert images.uncropped(frames, WHOLE) is frames
