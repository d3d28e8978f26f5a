"""What the picture's border cuts off goes on beyond it."""

import numpy as np
import pytest
import torch

from dragnuwa.carry.borders import past_borders
from dragnuwa.carry.composite import CarryInputs, carry_at_full_size
from dragnuwa.carry.layers import region_of_mask, whole_picture
from dragnuwa.carry.rendering import compose, cut, render
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.geometry.similarity import SimilarityTransform
from dragnuwa.geometry.warps import SimilarityWarp
from dragnuwa.trajectory import parse
from tests.support.drawings import objects_value

SIZE = WIDTH, HEIGHT = 120, 90
SHIFT = 30
RED, GROUND = (0.8, 0.2, 0.1), 0.4


def shown_in_last_frame(mask: np.ndarray, shift: complex) -> torch.Tensor:
    """`[6, H, W]`: the last frame of something red `[H, W]` bool that moves by so many px."""
    image = np.where(mask[..., None], RED, GROUND).astype(np.float32)
    motion = SimilarityTransform(np.ones(2, complex), np.array([0, shift]))
    region = region_of_mask(mask.astype(np.float32), SimilarityWarp(motion), np.ones(2, bool))
    picture = torch.from_numpy(image).movedim(-1, 0)
    composition = compose(whole_picture(None, SIZE, 2), cut((region,), picture), picture)
    return render(past_borders(composition), 1).pixels


def red_in(pixels: torch.Tensor) -> np.ndarray:
    return (pixels[0] - pixels[1] > 0.3).numpy()


def grid() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return x, y


@pytest.mark.parametrize("slope", [0.0, 0.4, -0.3])
@pytest.mark.parametrize("side", range(4))
def test_an_outline_goes_on_in_its_direction(slope: float, side: int):
    x, y = grid()
    if side % 2:
        x, y = y, x
    length = (WIDTH, HEIGHT)[side % 2]
    x = x if side < 2 else length - 1 - x  # px from the border that cuts it off
    middle = (HEIGHT, WIDTH)[side % 2] / 2
    mask = (x < 50) & (np.abs(y - middle - slope * (x - 25)) < 12)
    inwards = SHIFT * np.array([1, 1j, -1, -1j])[side]
    found = red_in(shown_in_last_frame(mask, inwards))
    expected = (x - SHIFT < 50) & (np.abs(y - middle - slope * (x - SHIFT - 25)) < 12)
    both, either = (found & expected).sum(), (found | expected).sum()
    assert both / either > 0.93  # 0.6 where it ends at the border


def test_what_nobody_has_seen_may_be_made_by_a_model():
    x, y = grid()
    pixels = shown_in_last_frame((x < 50) & (np.abs(y - 45) < 12), SHIFT + 0j)
    carried, uncovered = pixels[3], pixels[4]
    assert carried[45, SHIFT + 20] == 1 and uncovered[45, SHIFT + 20] == 0
    assert carried[45, 10] == 0 and uncovered[45, 10] == 1


def test_what_no_border_cuts_off_ends_where_it_ends():
    x, y = grid()
    found = red_in(shown_in_last_frame((np.abs(x - 30) < 20) & (np.abs(y - 45) < 12), SHIFT + 0j))
    assert not found[:, :38].any()


def test_a_run_continues_an_object_that_comes_in():
    x, y = grid()
    image = np.where(((x < 50) & (np.abs(y - 45) < 12))[..., None], RED, GROUND).astype(np.float32)
    outline = [{"x": x / WIDTH, "y": y / HEIGHT} for x, y in ((0, 33), (50, 33), (50, 57), (0, 57))]
    moves = {"keys": [{"t": 1, "x": 0.25}]}
    drawing = parse(objects_value({"outline": [outline], "motion": moves}), width=WIDTH, height=HEIGHT)
    video = carry_at_full_size(CarryInputs(torch.from_numpy(image)[None], drawing, ClipShape(WIDTH, HEIGHT, 2))).video
    assert red_in(video[-1].movedim(-1, 0))[45, :78].all()
