"""What is given as masks of things: taken the same by every function that has them, or refused by all."""

import json
from collections.abc import Callable

import numpy as np
import pytest
import torch

from dragnuwa import trajectory
from dragnuwa.carry.composite import carry_clip
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.errors import InputError
from dragnuwa.detail.clip import restore_clip
from dragnuwa.models.draganything.scene import find_entities
from dragnuwa.vision.segmentation.contours import outlines_of_masks

SIDE, FRAMES = 64, 3
DRAG = json.dumps([[{"x": 20, "y": 20}, {"x": 30, "y": 20}]])
CLIP = ClipShape(SIDE, SIDE, FRAMES)


def drags() -> trajectory.Trajectories:
    return trajectory.parse(DRAG, width=SIDE, height=SIDE)


def picture() -> torch.Tensor:
    return torch.rand(1, SIDE, SIDE, 3, generator=torch.Generator().manual_seed(1))


def square() -> torch.Tensor:
    mask = torch.zeros(1, SIDE, SIDE)
    mask[:, 10:30, 10:30] = 1
    return mask


TAKERS: dict[str, Callable[[torch.Tensor], object]] = {
    "carry": lambda masks: carry_clip(picture(), drags(), CLIP, masks).video.numpy(),
    "detail": lambda masks: restore_clip(picture().expand(FRAMES, -1, -1, -1), picture(), DRAG, masks).images.numpy(),
    "outlines": lambda masks: outlines_of_masks(masks, (SIDE, SIDE), (SIDE, SIDE), "crop"),
    "entities": lambda masks: find_entities(drags(), CLIP, masks, picture()).entities.latent_masks,
}


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("other", [lambda m: m > 0, lambda m: m.half(), lambda m: 3 * m, lambda m: m[0]])
def test_the_same_mask_in_another_form(taker, other):
    assert np.array_equal(TAKERS[taker](other(square())), TAKERS[taker](square()))


BAD = {
    "faint": (lambda m: 0.3 * m, "reach 0.5 on what they cover, or be empty; found 0.3 at most in mask 1 of 1"),
    "bytes": (lambda m: 255 * m, "values from 0 to 1; found 0 to 255"),
    "four channels": (lambda m: m[None].expand(-1, 4, -1, -1), r"\[1, 4, 64, 64\]. Convert the picture to a mask"),
    "whole numbers": (lambda m: m.long(), "the type int64"),
    "another size": (lambda m: m[..., ::2, ::2], "The masks are 32x32 pixels, the picture is 64x64"),
}


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("case", BAD)
def test_what_is_refused(taker, case):
    other, words = BAD[case]
    with pytest.raises(InputError, match=words):
        TAKERS[taker](other(square()))


@pytest.mark.parametrize("taker", ["carry", "detail", "entities"])
def test_an_empty_mask_with_a_model_s_noise_is_none(taker):
    noise = torch.full((1, 8, 8), 0.01)  # of another size, as Load Image gives an empty one
    assert np.array_equal(TAKERS[taker](noise), TAKERS[taker](None))
