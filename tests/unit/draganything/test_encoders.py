"""The condition encoders against the original's, and what the squares they run on cost."""

import pytest
import torch

from dragnuwa.draganything import maps
from dragnuwa.draganything.encoders import ConditionEncoders, EncoderConfig
from dragnuwa.draganything.vectors import entity_vectors

from .test_conditions import entities_of

PREFIX = "controlnet_cond_embedding."


@pytest.fixture(scope="module")
def encoders(draganything) -> ConditionEncoders:
    weights = {
        key.removeprefix(PREFIX): value.float()
        for key, value in draganything.weights().items()
        if key.startswith(PREFIX)
    }
    network = ConditionEncoders(EncoderConfig.from_state_dict(weights))
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)


def encoded(encoders, entities, vectors, frame) -> torch.Tensor:
    heat = torch.from_numpy(maps.heat_map(entities, frame)).float()
    label = torch.from_numpy(maps.labels(entities, frame))
    return encoders.encode(heat, label, maps.averaged(vectors))


def test_the_sum_of_both_encoders(encoders, draganything, record_figure):
    entities, pooled = entities_of(draganything, "small"), draganything.tensors["small_pooled"]
    found = torch.stack([encoded(encoders, entities, pooled, frame) for frame in range(entities.frames)])
    worst = (found - draganything.tensors["net_embedding_vector"]).abs().max().item()
    record_figure("parity: DragAnything's condition encoders", f"{worst:.1e} (bound 1e-04)")
    assert worst < 1e-4
    scalar = pooled[:, :1].expand(-1, 320)
    expected = draganything.tensors["net_embedding_scalar_frame0"][0]
    assert (encoded(encoders, entities, scalar, 0) - expected).abs().max() < 1e-4


@pytest.mark.parametrize("size", [(320, 296), (136, 128), (64, 64)])
def test_squares_give_the_same_as_the_whole(size, encoders):
    """Within rounding: the halo is wide enough, and sizes need not be multiples of a square."""
    height, width = size
    generator = torch.Generator().manual_seed(0)
    heat = torch.randint(0, 256, (height, width), generator=generator).float()
    label, vectors = torch.randint(0, 4, (height, width), generator=generator), torch.randn(3, 160, generator=generator)
    whole = encoders(heat.expand(1, 3, -1, -1), maps.entity_map(label, vectors)[None])[0]
    assert (encoders.encode(heat, label, vectors) - whole).abs().max() < 1e-4


def test_no_entity_at_all_is_encoded(encoders):
    empty = torch.zeros(64, 128, dtype=torch.int64)
    assert encoders.encode(torch.zeros(64, 128), empty, torch.zeros(0, 160)).isfinite().all()
    assert entity_vectors(None, torch.zeros(0, 8, 16).numpy(), "vector").shape == (0, 320)
