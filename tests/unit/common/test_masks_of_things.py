"""What is given as masks of things: taken the same by every function that has them, or refused by all."""

import json
from collections.abc import Callable

import numpy as np
import pytest
import torch

from dragnuwa.carry.composite import CarryInputs, carry_at_full_size, carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.carry.video.clip_editing import edit_video
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.errors import InputError
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture
from dragnuwa.models.draganything.scene import find_entities
from dragnuwa.vision.segmentation.outline import outlines_of_masks
from tests.support.drawings import parsed, parsed_objects, rectangle_ring
from tests.support.pictures import box_mask, noise_image

SIDE, FRAMES = 64, 3
DRAG = json.dumps([[{"x": 20, "y": 20}, {"x": 30, "y": 20}]])
CLIP = ClipShape(SIDE, SIDE, FRAMES)
DRAGS = parsed(DRAG, CLIP.size)
PICTURE = noise_image(SIDE, SIDE)
SQUARE = box_mask(10, 10, 30, 30, CLIP.size)[None]


TAKERS: dict[str, Callable[[torch.Tensor], object]] = {
    "carry": lambda masks: carry_clip(PICTURE, DRAGS, CLIP, masks).video.numpy(),
    "detail": lambda masks: restore_clip(
        ClipAndPicture(PICTURE.expand(FRAMES, -1, -1, -1), PICTURE), DRAG, masks
    ).images.numpy(),
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


FILM = torch.stack([PICTURE[0]] * FRAMES)
MOVED: dict[str, Callable[[torch.Tensor], object]] = {name: TAKERS[name] for name in ("carry", "detail", "entities")}
MOVED["edit"] = lambda masks: edit_video(FILM, DRAGS, CLIP.size, masks=masks, settings=CarrySettings(fit="stretch"))
MOVED["edit, a mask a frame"] = lambda masks: MOVED["edit"](masks.expand(FRAMES, -1, -1))
MOVED["move"] = lambda masks: carry_at_full_size(CarryInputs(PICTURE, DRAGS, CLIP, masks), CarrySettings(), 64)
ELSEWHERE = {"elsewhere": box_mask(40, 40, 60, 60, CLIP.size)[None], "inverted": 1 - SQUARE}


@pytest.mark.parametrize("taker", MOVED)
@pytest.mark.parametrize("case", ELSEWHERE)
def test_a_mask_that_misses_its_drag_is_refused_by_all(taker, case):
    with pytest.raises(InputError, match=r"begins in (the mask|none of the 1 masks)\b.* on the object"):
        MOVED[taker](ELSEWHERE[case])


@pytest.mark.parametrize("taker", ["carry", "detail", "edit", "move"])
def test_a_drag_may_begin_just_beside_its_mask(taker):
    MOVED[taker](box_mask(22, 10, 40, 30, CLIP.size)[None])


@pytest.mark.parametrize("taker", ["carry", "detail", "edit"])
def test_masks_belong_to_the_drags_that_begin_in_them_in_any_order(taker):
    two = parsed(json.dumps([[{"x": x, "y": 20}, {"x": x + 9, "y": 30}] for x in (20, 44)]), CLIP.size)
    masks = torch.stack([box_mask(x - 8, 10, x + 8, 30, CLIP.size) for x in (20, 44)])
    takers = {
        "carry": lambda masks: carry_clip(PICTURE, two, CLIP, masks).video,
        "detail": lambda masks: (
            restore_clip(ClipAndPicture(PICTURE.expand(FRAMES, -1, -1, -1), PICTURE), two, masks).images
        ),
        "edit": lambda masks: edit_video(FILM, two, CLIP.size, CarrySettings(fit="stretch"), masks).video,
    }
    assert torch.equal(takers[taker](masks), takers[taker](masks.flip(0)))
    elsewhere = torch.stack([masks[0], box_mask(40, 50, 50, 60, CLIP.size)])
    with pytest.raises(InputError, match=r"begins in none of the 2 masks, and mask 2, .* is elsewhere"):
        takers[taker](elsewhere)


@pytest.mark.parametrize("taker", ["carry", "edit"])
def test_the_mask_of_an_object_is_on_its_outline(taker):
    drawn = parsed_objects({"name": "wing", "outline": [rectangle_ring(0.2, 0.2, 0.5, 0.5)],
                            "motion": {"keys": [{"t": 1, "x": 0.1}]}}, size=CLIP.size)  # fmt: skip
    takers = {
        "carry": lambda masks: carry_clip(PICTURE, drawn, CLIP, masks),
        "edit": lambda masks: edit_video(FILM, drawn, CLIP.size, CarrySettings(fit="stretch"), masks),
    }
    takers[taker](SQUARE)
    with pytest.raises(InputError, match="The mask of the object 'wing' covers nothing of its outline"):
        takers[taker](ELSEWHERE["elsewhere"])


@pytest.mark.parametrize("taker", ["carry", "detail", "entities"])
def test_an_empty_mask_with_a_model_s_noise_is_none(taker):
    noise = torch.full((1, 8, 8), 0.01)  # of another size, as Load Image gives an empty one
    assert np.array_equal(TAKERS[taker](noise), TAKERS[taker](None))
