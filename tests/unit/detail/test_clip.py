"""Pictures, drags and masks as they come from other nodes."""

import json

import pytest
import torch

from dragnuwa.common import images, masks
from dragnuwa.common.errors import InputError
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture, DetailSettings

DRAG = json.dumps([[{"x": 10, "y": 16}, {"x": 20, "y": 16}]])


@pytest.mark.parametrize(
    ("picture", "asked", "size"),
    [
        ((127, 127), {}, (126, 126)),  # an odd side cannot be saved as a video
        ((132, 128), {}, (132, 128)),  # what a model's sizes need is put back
        ((200, 300), {}, (200, 200)),
        ((64, 64), {"width": 100}, (100, 100)),
        ((64, 64), {"height": 99}, (99, 100)),
        ((64, 64), {"width": 51, "height": 51}, (51, 51)),
        ((3000, 3000), {}, (2048, 2048)),
    ],
)
def test_the_size_of_the_result(picture, asked, size):
    restored = restore_clip(
        ClipAndPicture(torch.rand(2, 32, 32, 3), torch.rand(1, *picture, 3)), settings=DetailSettings(**asked)
    )
    assert restored.images.shape == (2, *size, 3)


def test_the_picture_is_cropped_as_for_the_clip():
    picture = torch.rand(1, 96, 128, 3)
    restored = restore_clip(ClipAndPicture(torch.rand(3, 32, 32, 3), picture))
    assert torch.equal(restored.images[0], picture[0, :, 16:112])


def fine(height: int, width: int) -> torch.Tensor:
    """`[1, H, W, 3]`: slopes of colour, and a pattern that no small clip shows."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    pattern = 0.1 * torch.sin(x * 2.4) * torch.sin(y * 2.1)
    return (torch.stack([x / width, y / height, 0.5 + 0 * x], -1) * 0.6 + 0.2 + pattern[..., None])[None]


def test_a_picture_that_was_stretched_for_the_clip():
    picture = fine(96, 192)
    clip = images.fit(picture, 48, 48, "stretch").repeat(3, 1, 1, 1)
    restored = restore_clip(ClipAndPicture(clip, picture), settings=DetailSettings(fit="stretch"))
    assert torch.equal(restored.images[0], images.fit(picture, 192, 192, "stretch")[0])
    assert (restored.images - restored.images[:1]).abs().mean() < 0.01
    assert "is not this picture" not in restored.report


@pytest.mark.parametrize("chosen", images.MODES)
@pytest.mark.parametrize("true", images.MODES)
def test_the_report_tells_that_the_picture_was_fitted_in_another_way(true, chosen):
    random = torch.Generator().manual_seed(0)
    picture = torch.rand(1, 6, 12, 3, generator=random).repeat_interleave(16, 1).repeat_interleave(16, 2)
    noise = 0.05 * torch.randn(3, 48, 48, 3, generator=random)  # as an autoencoder leaves it
    clip = (images.fit(picture, 48, 48, true) + noise).clamp(0, 1)
    report = restore_clip(ClipAndPicture(clip, picture), settings=DetailSettings(fit=chosen)).report
    assert ("looks like the picture fitted by" in report) == (true != chosen)
    assert true == chosen or f"set fit to {true}." in report


def test_a_clip_of_another_picture_says_nothing_of_its_fit():
    assert "set fit" not in restore_clip(ClipAndPicture(torch.rand(3, 48, 48, 3), fine(96, 192))).report


@pytest.mark.parametrize("bars", [0.0, 1.0])
@pytest.mark.parametrize("size", [(64, 192), (192, 64)])
def test_a_picture_that_was_padded_for_the_clip_keeps_the_clips_bars(size, bars):
    picture = fine(*size)
    inside = masks.fit_mask(torch.ones(1, *size), 48, 48, "pad")[..., None]
    clip = torch.lerp(torch.full((1, 48, 48, 3), bars), images.fit(picture, 48, 48, "pad"), inside).repeat(3, 1, 1, 1)
    restored = restore_clip(ClipAndPicture(clip, picture), settings=DetailSettings(fit="pad")).images
    assert restored.shape == (3, 192, 192, 3)
    inside = masks.fit_mask(torch.ones(1, *size), 192, 192, "pad")[0] > 0.5
    assert torch.equal(restored[0][inside], picture.reshape(-1, 3))
    assert (restored[:, inside] - picture.reshape(-1, 3)).abs().mean() < 0.01
    far = masks.fit_mask(torch.ones(1, *size), 192, 192, "pad")[0].roll((8, -8), (0, 1)) == 0
    assert (restored[:, far & ~inside] - bars).abs().mean() < 0.05


def test_masks_are_fitted_as_the_picture_was():
    masks = torch.zeros(1, 64, 192)
    masks[:, 20:40, 10:40] = 1  # rows 21 to 26 and columns 3 to 10 of the clip
    drag = json.dumps([[{"x": x, "y": 23}, {"x": x + 10, "y": 23}] for x in (5, 8)])
    picture = fine(64, 192)
    clip = images.fit(picture, 48, 48, "pad").repeat(3, 1, 1, 1)
    assert restore_clip(
        ClipAndPicture(clip, picture), drag, masks, settings=DetailSettings(fit="pad")
    ).images.shape == (3, 192, 192, 3)
    with pytest.raises(ValueError, match="No track begins in the mask"):
        restore_clip(ClipAndPicture(clip, picture), drag, masks.roll(40, 1), settings=DetailSettings(fit="pad"))


def test_a_long_strip_is_padded_no_larger_than_a_result_may_be():
    """A mask of the padded picture's size is taken, and would be refused if that were 20000x1250."""
    mask, drag = torch.ones(1, 512, 8192), json.dumps([[{"x": 60, "y": 8}, {"x": 70, "y": 8}]])
    clip, strip = torch.rand(2, 16, 256, 3), torch.rand(1, 16, 20000, 3)
    restored = restore_clip(ClipAndPicture(clip, strip), drag, mask, settings=DetailSettings(width=256, fit="pad"))
    assert restored.images.shape == (2, 16, 256, 3)


def test_another_way_of_fitting_is_refused():
    with pytest.raises(ValueError, match="fit must be one of crop, pad, stretch; found 'zoom'"):
        restore_clip(
            ClipAndPicture(torch.rand(2, 32, 32, 3), torch.rand(1, 32, 48, 3)), settings=DetailSettings(fit="zoom")
        )


@pytest.mark.parametrize("size", [(96, 128), (96, 96), (32, 32)])
def test_masks_of_the_picture_of_what_is_left_of_it_and_of_the_clip(size):
    masks = torch.zeros(1, *size)
    masks[:, size[0] // 4 : size[0] * 3 // 4, size[1] // 4 : size[1] * 3 // 4] = 1
    restored = restore_clip(ClipAndPicture(torch.rand(3, 32, 32, 3), torch.rand(1, 96, 128, 3)), DRAG, masks)
    assert restored.images.shape == (3, 96, 96, 3)


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(InputError, match="64x64 pixels, the picture is 128x96 and the clip 32x32"):
        restore_clip(ClipAndPicture(torch.rand(3, 32, 32, 3), torch.rand(1, 96, 128, 3)), DRAG, torch.ones(1, 64, 64))


@pytest.mark.parametrize(
    ("clip", "picture", "words"),
    [
        (None, torch.rand(1, 32, 32, 3), "images should be a tensor .*; found a NoneType"),
        (torch.rand(3, 32, 32), torch.rand(1, 32, 32, 3), r"images should be .*; found \[3, 32, 32\]"),
        (torch.rand(3, 32, 32, 3), torch.rand(1, 32, 32, 2), "picture should be pictures of 3 channels"),
        (torch.full((3, 32, 32, 3), torch.nan), torch.rand(1, 32, 32, 3), "images holds values that are not finite"),
        (torch.rand(3, 32, 32, 3), torch.full((1, 32, 32, 3), torch.inf), "picture holds values that are not finite"),
    ],
)
def test_what_is_no_clip_or_no_picture_is_refused(clip, picture, words):
    with pytest.raises(InputError, match=words):
        restore_clip(ClipAndPicture(clip, picture))


def test_grey_and_transparent_pictures_and_half_precision():
    grey, transparent = torch.rand(3, 32, 32, 1).half(), torch.rand(1, 48, 64, 4)
    restored = restore_clip(ClipAndPicture(grey, transparent))
    assert torch.equal(restored.images[0], transparent[0, :, 8:56, :3])


def test_empty_masks_of_any_size_are_none():
    restored = restore_clip(
        ClipAndPicture(torch.rand(3, 32, 32, 3), torch.rand(1, 96, 128, 3)), None, torch.zeros(1, 64, 64)
    )
    assert restored.images.shape == (3, 96, 96, 3)
