"""Drag maps and masks over pictures."""

import pytest
import torch

from dragnuwa.overlay import maps as fields
from dragnuwa.overlay.tracks import over_frames


def over_flow(images, flow) -> torch.Tensor:
    return over_frames(images, [fields.FlowLayer(flow, images)])


def over_masks(images, masks) -> torch.Tensor:
    return over_frames(images, [fields.MaskLayer(masks, images)])


def test_the_wheel_tells_directions_apart_and_rest_is_white():
    flow = torch.zeros(2, 2, 16, 16)
    flow[1, 0, :, :8] = 5
    flow[1, 0, :, 8:] = -5
    wheel = fields.flow_wheel(flow)
    assert wheel.shape == (2, 16, 16, 3)
    assert (wheel[0] > 0.99).all()
    assert (wheel[1, 0, 0] - wheel[1, 0, 15]).abs().max() > 0.5


def test_over_flow_leaves_rest_as_it_is():
    images, flow = torch.rand(2, 16, 16, 3), torch.zeros(2, 2, 16, 16)
    flow[1, 1, 4:8, 4:8] = 3
    laid = over_flow(images, flow)
    assert torch.allclose(laid[0], images[0]) and torch.allclose(laid[1, 8:], images[1, 8:])
    assert not torch.allclose(laid[1, 4:8, 4:8], images[1, 4:8, 4:8])
    with pytest.raises(ValueError, match="2 frames of 16x16, the images 3 of 16x16"):
        over_flow(torch.rand(3, 16, 16, 3), flow)


def test_the_legend_shows_which_colour_goes_where():
    """Each side of the wheel has the colour of a field that goes to that side, and the text the speed at the rim."""
    flow = torch.zeros(2, 2, 200, 240)
    flow[1, 0, :100] = 12.0  # the upper half goes to the right, the lower to the left
    flow[1, 0, 100:] = -12.0
    laid = over_flow(torch.zeros(2, 200, 240, 3), flow)
    side = round(fields.LEGEND * 200)
    key = fields.legend(12.0, side)
    assert key.shape[0] == side
    assert torch.equal(laid[0, -side:, -key.shape[1] :], key)
    radius = (side - max(10, side // 4)) // 2
    middle = key.shape[1] // 2
    wheel = fields.flow_wheel(flow)[1]
    right, left = key[radius, middle + radius - 3], key[radius, middle - radius + 3]
    assert (right - wheel[0, 0]).abs().max() < 0.3 < (right - wheel[-1, 0]).abs().max()
    assert (left - wheel[-1, 0]).abs().max() < 0.3 < (left - wheel[0, 0]).abs().max()
    assert (key[radius - 1 : radius + 1, middle - 1 : middle + 1] > 0.9).all()  # rest is white
    assert not torch.equal(key[-8:], fields.legend(3.4, side)[-8:])  # the text


def test_rest_has_no_legend():
    assert torch.equal(over_flow(torch.zeros(2, 200, 240, 3), torch.zeros(2, 2, 200, 240)), torch.zeros(2, 200, 240, 3))


def test_masks_are_tinted_each_in_its_colour_with_a_rim():
    masks = torch.zeros(2, 64, 64)
    masks[0, 8:24, 8:24] = 1
    masks[1, 40:56, 40:56] = 1
    images = torch.full((3, 64, 64, 3), 0.5)
    laid = over_masks(images, masks)
    assert laid.shape == images.shape
    first, second, rim, outside = laid[2, 16, 16], laid[2, 48, 48], laid[2, 8, 16], laid[2, 4, 4]
    assert (outside == 0.5).all() and (first != 0.5).all() and (first - second).abs().max() > 0.1
    assert (rim - 0.5).abs().max() > (first - 0.5).abs().max()
    assert torch.equal(laid[0], laid[2]) and torch.equal(over_masks(images, masks[0]), over_masks(images, masks[:1]))


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ValueError, match="The mask is 32x16, the picture 64x48"):
        over_masks(torch.zeros(1, 48, 64, 3), torch.zeros(1, 16, 32))
