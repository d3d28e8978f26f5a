"""What is given as masks of things: taken the same by every function that has them, or refused by all."""

import json
from collections.abc import Callable

import numpy as np
import pytest
import torch

from dragnuwa.carry.composite import carry_clip
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.errors import InputError
from dragnuwa.detail.clip import restore_clip
from dragnuwa.models.draganything.scene import find_entities
from dragnuwa.vision.segmentation.outline import outlines_of_masks
from tests.support.drawings import parsed
from tests.support.pictures import box_mask, noise_image

SIDE, FRAMES = 64, 3
DRAG = json.dumps([[{"x": 20, "y": 20}, {"x": 30, "y": 20}]])
CLIP = ClipShape(SIDE, SIDE, FRAMES)
DRAGS = parsed(DRAG, CLIP.size)
PICTURE = noise_image(SIDE, SIDE)
SQUARE = box_mask(10, 10, 30, 30, CLIP.size)[None]


TAKERS: dict[str, Callable[[torch.Tensor], object]] = {
    "carry": lambda masks: carry_clip(PICTURE, DRAGS, CLIP, masks).video.numpy(),
    "detail": lambda masks: restore_clip(PICTURE.expand(FRAMES, -1, -1, -1), PICTURE, DRAG, masks).images.numpy(),
    "outlines": lambda masks: outlines_of_masks(masks, (SIDE, SIDE), (SIDE, SIDE), "crop"),
    "entities": lambda masks: find_entities(DRAGS, CLIP, masks, PICTURE).entities.latent_masks,
}


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("other", [lambda m: m > 0, lambda m: m.half(), lambda m: 3 * m, lambda m: m[0]])
def test_the_same_mask_in_another_form(taker, other):
    assert np.array_equal(TAKERS[taker](other(SQUARE)), TAKERS[taker](SQUARE))


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
        TAKERS[taker](other(SQUARE))


@pytest.mark.parametrize("taker", ["carry", "detail", "entities"])
def test_an_empty_mask_with_a_model_s_noise_is_none(taker):
    noise = torch.full((1, 8, 8), 0.01)  # of another size, as Load Image gives an empty one
    assert np.array_equal(TAKERS[taker](noise), TAKERS[taker](None))
