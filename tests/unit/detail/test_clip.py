"""Pictures, drags and masks as they come from other nodes."""

import json

import pytest
import torch

from dragnuwa.detail.clip import restore_clip
from dragnuwa.errors import InputError

DRAG = json.dumps([[{"x": 10, "y": 16}, {"x": 20, "y": 16}]])


@pytest.mark.parametrize(
    ("picture", "asked", "size"),
    [
        ((127, 127), {}, (126, 126)),  # an odd side cannot be saved as a video
        ((133, 128), {}, (128, 128)),
        ((200, 300), {}, (200, 200)),
        ((64, 64), {"width": 100}, (100, 100)),
        ((64, 64), {"height": 99}, (99, 98)),
        ((64, 64), {"width": 51, "height": 51}, (51, 51)),
        ((3000, 3000), {}, (2048, 2048)),
    ],
)
def test_the_size_of_the_result(picture, asked, size):
    restored = restore_clip(torch.rand(2, 32, 32, 3), torch.rand(1, *picture, 3), **asked)
    assert restored.images.shape == (2, *size, 3)


def test_the_picture_is_cropped_as_for_the_clip():
    picture = torch.rand(1, 96, 128, 3)
    restored = restore_clip(torch.rand(3, 32, 32, 3), picture)
    assert torch.equal(restored.images[0], picture[0, :, 16:112])


@pytest.mark.parametrize("size", [(96, 128), (96, 96), (32, 32)])
def test_masks_of_the_picture_of_what_is_left_of_it_and_of_the_clip(size):
    masks = torch.zeros(1, *size)
    masks[:, size[0] // 4 : size[0] * 3 // 4, size[1] // 4 : size[1] * 3 // 4] = 1
    restored = restore_clip(torch.rand(3, 32, 32, 3), torch.rand(1, 96, 128, 3), DRAG, masks)
    assert restored.images.shape == (3, 96, 96, 3)


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(InputError, match="64x64 pixels, the picture is 128x96 and the clip 32x32"):
        restore_clip(torch.rand(3, 32, 32, 3), torch.rand(1, 96, 128, 3), DRAG, torch.ones(1, 64, 64))


@pytest.mark.parametrize(
    ("images", "picture", "words"),
    [
        (None, torch.rand(1, 32, 32, 3), "images should be a tensor .*; found a NoneType"),
        (torch.rand(3, 32, 32), torch.rand(1, 32, 32, 3), r"images should be .*; found \[3, 32, 32\]"),
        (torch.rand(3, 32, 32, 3), torch.rand(1, 32, 32, 2), "picture should be pictures of 3 channels"),
        (torch.full((3, 32, 32, 3), torch.nan), torch.rand(1, 32, 32, 3), "images holds values that are not finite"),
        (torch.rand(3, 32, 32, 3), torch.full((1, 32, 32, 3), torch.inf), "picture holds values that are not finite"),
    ],
)
def test_what_is_no_clip_or_no_picture_is_refused(images, picture, words):
    with pytest.raises(InputError, match=words):
        restore_clip(images, picture)


def test_grey_and_transparent_pictures_and_half_precision():
    grey, transparent = torch.rand(3, 32, 32, 1).half(), torch.rand(1, 48, 64, 4)
    restored = restore_clip(grey, transparent)
    assert torch.equal(restored.images[0], transparent[0, :, 8:56, :3])


def test_empty_masks_of_any_size_are_none():
    restored = restore_clip(torch.rand(3, 32, 32, 3), torch.rand(1, 96, 128, 3), None, torch.zeros(1, 64, 64))
    assert restored.images.shape == (3, 96, 96, 3)
