"""Fitting pictures to the clip's size."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.common.errors import InputError
from dragnuwa.common.images import MODES, as_images, fit
from dragnuwa.common.masks import as_masks, fit_mask, unfit_mask

SIDES = st.integers(1, 90)


@given(SIDES, SIDES, st.integers(8, 96), st.integers(8, 96), st.sampled_from(MODES), st.sampled_from([3, 4]))
def test_any_picture_gets_the_size(w, h, width, height, mode, channels):
    fitted = fit(torch.rand(2, h, w, channels), width, height, mode)
    assert fitted.shape == (2, height, width, 3)
    assert fitted.min() >= 0 and fitted.max() <= 1


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_of_the_right_size_is_untouched(mode):
    image = torch.rand(1, 24, 40, 3)
    assert torch.equal(fit(image, 40, 24, mode), image)


def halves(height: int, width: int) -> torch.Tensor:
    """Red at the left, blue at the right."""
    image = torch.zeros(1, height, width, 3)
    image[:, :, : width // 2, 0], image[:, :, width // 2 :, 2] = 1, 1
    return image


def test_crop_keeps_the_middle_and_the_aspect_ratio():
    image = torch.zeros(1, 100, 300, 3)
    image[:, :, 100:200] = 1  # the middle square
    assert torch.allclose(fit(image, 64, 64, "crop"), torch.ones(1, 64, 64, 3))


def test_pad_shows_everything_on_black():
    fitted = fit(halves(50, 100), 80, 80, "pad")
    assert (fitted[:, :20] == 0).all() and (fitted[:, 60:] == 0).all()
    assert fitted[0, 40, 5].tolist() == pytest.approx([1, 0, 0])
    assert fitted[0, 40, 75].tolist() == pytest.approx([0, 0, 1])


def test_stretch_shows_everything():
    fitted = fit(halves(50, 100), 64, 128, "stretch")
    assert fitted[0, 64, 5].tolist() == pytest.approx([1, 0, 0])
    assert fitted[0, 64, 60].tolist() == pytest.approx([0, 0, 1])


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"crop, pad, stretch.*'cover'"):
        fit(torch.rand(1, 8, 8, 3), 8, 8, "cover")


BAD_IMAGES = {
    "no batch": (torch.zeros(8, 8, 3), "[B, H, W, 3] and not empty; found [8, 8, 3]"),
    "no picture": (torch.zeros(0, 8, 8, 3), "not empty"),
    "two channels": (torch.zeros(1, 8, 8, 2), "3 channels, of 4 with transparency, or of 1 for grey"),
    "channels first": (torch.zeros(1, 3, 8, 8), "found [1, 3, 8, 8]"),
    "bytes": (torch.zeros(1, 8, 8, 3, dtype=torch.uint8), "found the type uint8"),
    "NaN": (torch.full((1, 8, 8, 3), float("nan")), "not finite"),
    "infinity": (torch.tensor([0, float("inf"), 0]).expand(1, 8, 8, 3), "not finite"),
    "an array": (np.zeros((1, 8, 8, 3)), "found a ndarray"),
}


@pytest.mark.parametrize("case", BAD_IMAGES)
def test_what_is_no_picture_is_refused(case):
    value, words = BAD_IMAGES[case]
    with pytest.raises(InputError) as error:
        fit(value, 8, 8)
    assert words in str(error.value)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_float32(dtype):
    fitted = fit(torch.rand(2, 12, 16, 3).to(dtype), 8, 8)
    assert fitted.dtype == torch.float32 and fitted.shape == (2, 8, 8, 3)


def test_grey_and_transparency():
    grey = torch.rand(1, 8, 8, 1)
    assert torch.equal(as_images(grey), grey.expand(-1, -1, -1, 3))
    rgba = torch.rand(1, 8, 8, 4)
    assert torch.equal(as_images(rgba), rgba[..., :3])


@pytest.mark.parametrize("shape", [(8, 8), (1, 8, 8), (1, 1, 8, 8)])
def test_forms_of_masks(shape):
    values = torch.rand(shape)
    assert torch.equal(as_masks(values), values.view(1, 8, 8))
    assert torch.equal(as_masks(values > 0.5), (values > 0.5).view(1, 8, 8).float())


@pytest.mark.parametrize(
    ("shape", "words"),
    [((60, 64, 14), "width .* 64"), ((68, 64, 14), "nearest is"), ((64, 0, 14), "height"),
     ((64, 16392, 14), "16384"), ((64, 64, 1), "frames must be 2 to 1024; found 1"), ((64, 64, 1025), "found 1025")],
)  # fmt: skip
def test_a_clip_of_a_bad_size_is_refused(shape, words):
    with pytest.raises(ValueError, match=words):
        ModelClip(*shape)


@pytest.mark.parametrize("shape", [(64, 64, 2), (576, 320, 14), (1024, 72, 128), (64, 16384, 2)])
def test_a_clip_of_any_multiple_of_8_is_taken(shape):
    clip = ModelClip(*shape)
    assert (*clip.size, clip.frames) == shape


@pytest.mark.parametrize("mode", MODES)
def test_a_mask_stays_on_what_it_was_painted(mode):
    mask = torch.zeros(1, 90, 120)
    mask[:, 20:50, 30:70] = 1
    fitted = fit_mask(mask, 64, 64, mode)
    assert torch.equal(fitted, fit(mask[..., None].expand(-1, -1, -1, 3), 64, 64, mode)[..., 0])
    assert torch.equal(fit_mask(mask[0], 64, 64, mode), fitted)
    assert 0 < float((fitted > 0.5).float().mean()) < 0.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(90, 120), (121, 60), (64, 64)])
def test_a_mask_of_the_clip_lies_on_the_same_things_of_the_picture(mode, size):
    mask = torch.zeros(1, *size)
    mask[:, 35:55, 32:48] = 1  # inside of what any fit shows
    back = unfit_mask(fit_mask(mask, 64, 64, mode), size[1], size[0], mode)
    assert back.shape == mask.shape and float(((back > 0.5) != (mask > 0.5)).sum()) <= 40  # a pixel at the edges


@pytest.mark.parametrize(("scale", "shift"), [(255, 0), (2, -1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_bytes_as_numbers_and_values_around_0_are_refused(scale, shift, dtype):
    """They would be all white, or lose their dark half, or move an object with an opacity of 255."""
    values = (halves(8, 8) * scale + shift).to(dtype)
    for take, named in ((as_images, values), (as_masks, values[..., 0])):
        with pytest.raises(InputError, match=rf"values from 0 to 1; found {shift} to {scale + shift}\. Scale them"):
            take(named)


def test_what_resizing_and_adding_leave_beyond_0_to_1_is_cut_off():
    values = torch.tensor([-0.2, 0.3, 1.1, 3.0]).reshape(1, 2, 2)
    assert as_masks(values).flatten().tolist() == as_images(values[..., None])[..., 0].flatten().tolist()
    assert as_masks(values).flatten().tolist() == pytest.approx([0, 0.3, 1, 1])


def test_what_is_no_mask_is_refused():
    for shape in ((1, 8, 8, 3), (8,), (0, 8, 8)):
        with pytest.raises(InputError, match=r"mask should be \[B, H, W\]"):
            fit_mask(torch.zeros(shape), 64, 64)
