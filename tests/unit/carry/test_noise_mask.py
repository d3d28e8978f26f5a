"""The noise mask: who is tied until when, and how it is reduced to a latent's pixels and frames."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dragnuwa.carry.composite import Carried
from dragnuwa.carry.noise_mask import causal_spans, latent_mask, noise_mask
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
    spans = causal_spans(frames, compression)
    assert len(spans) == expected and spans[0] == slice(0, 1) and spans[-1].stop <= frames
    assert all(before.stop == after.start for before, after in pairwise(spans))


def test_frames_of_a_vae_that_starts_over():
    lengths = [span.stop - span.start for span in causal_spans(22, 4, 17)]
    assert lengths == [1, 4, 4, 4, 4, 1, 4]


@given(st.integers(1, 30), st.sampled_from([1, 4, 8]), st.integers(0, 9))
def test_a_latent_pixel_is_as_tied_as_its_most_tied_pixel(frames, compression, seed):
    mask = torch.rand(frames, 16, 24, generator=torch.Generator().manual_seed(seed))
    none = torch.zeros_like(mask)
    video = Carried(none[..., None].expand(-1, -1, -1, 3), mask, none, none, none[:1])
    spans = causal_spans(frames, compression)
    reduced = latent_mask(video, CarrySettings(hold=1.0, ground=0.0), spans, (3, 2))
    for found, span in zip(reduced, spans, strict=True):
        blocks = (1 - mask[span]).unflatten(1, (2, 8)).unflatten(3, (3, 8))
        assert torch.equal(found, blocks.amin((0, 2, 4)))
