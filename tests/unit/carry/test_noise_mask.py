"""The noise mask: who is tied until when, and how it is reduced to a latent's pixels and frames."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dragnuwa.carry.composite import Carried
from dragnuwa.carry.noise_mask import latent_frames, noise_mask, reduce_mask
from dragnuwa.carry.settings import CarrySettings

parts = st.floats(0, 1)


def carried(frames: int = 2) -> Carried:
    """Four places: carried, carried at its rim, left by an object under a mask, and left by a drag without one."""
    shape = (frames, 1, 4)
    values = ((1, 0.5, 0, 0), (0, 0, 1, 1), (0, 0, 1, 0))
    masks = (torch.tensor(row).float().expand(shape) for row in values)
    return Carried(torch.zeros(*shape, 3), *masks, objects=torch.zeros(1, 1, 4))


@given(parts, parts)
def test_hold_ties_what_is_carried_and_ground_the_rest(hold, ground):
    mask = noise_mask(carried(), CarrySettings(hold=hold, ground=ground))[0, 0]
    rim = (hold + ground) / 2
    assert mask.tolist() == pytest.approx([1 - hold, 1 - rim, 1 - hold, 1 - ground], abs=1e-6)


@given(parts, parts)
def test_uncovered_ground_can_be_left_to_the_sampler(hold, ground):
    mask = noise_mask(carried(), CarrySettings(hold=hold, ground=ground, fill="neutral"))[0, 0]
    assert mask.tolist() == pytest.approx([1 - hold, 1 - (hold + ground) / 2, 1, 1], abs=1e-6)


@pytest.mark.parametrize(
    ("frames", "compression", "expected"), [(14, 1, 14), (81, 4, 21), (33, 4, 9), (35, 4, 9), (97, 8, 13), (9, 8, 2)]
)
def test_frames_of_the_hosts_video_latents(frames, compression, expected):
    assert latent_frames(frames, compression) == expected
    assert reduce_mask(torch.ones(frames, 16, 24), compression, (3, 2)).shape == (expected, 2, 3)


@given(st.integers(1, 30), st.sampled_from([1, 4, 8]), st.integers(0, 9))
def test_a_latent_pixel_is_as_tied_as_its_most_tied_pixel(frames, compression, seed):
    mask = torch.rand(frames, 16, 24, generator=torch.Generator().manual_seed(seed))
    reduced = reduce_mask(mask, compression, (3, 2))
    assert torch.equal(reduced[0], mask[0].unflatten(0, (2, 8)).unflatten(2, (3, 8)).amin((1, 3)))
    for number in range(1, len(reduced)):
        shown = mask[1 + (number - 1) * compression : 1 + number * compression]
        assert torch.equal(reduced[number], shown.unflatten(1, (2, 8)).unflatten(3, (3, 8)).amin((0, 2, 4)))
