"""The condition encoders against the original's, and what the squares they run on cost."""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from benchmarks.svd_memory import Alive
from dragnuwa.models.draganything import maps
from dragnuwa.models.draganything.encoders import ConditionEncoders, EncoderConfig
from dragnuwa.models.draganything.maps import entity_vectors

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
    away = (encoders.encode(heat, label, vectors) - whole).abs().max()
    assert away < 5e-6 * whole.abs().max()  # processors round a convolution differently: 1e-6 was seen


def test_no_entity_at_all_is_encoded(encoders):
    empty = torch.zeros(64, 128, dtype=torch.int64)
    assert encoders.encode(torch.zeros(64, 128), empty, torch.zeros(0, 160)).isfinite().all()
    assert entity_vectors(None, torch.zeros(0, 8, 16).numpy(), "vector").shape == (0, 320)


def test_a_hint_at_the_true_size_takes_less_than_100_mb(record_figure):
    """All that is alive at once in float32 for 576x320 and 14 frames, the result of 49 MB included; counted on tensors
    without data. The original holds 1.65 GB of entity maps."""
    with FakeTensorMode(), torch.no_grad():
        network = ConditionEncoders(EncoderConfig((16, 32, 96, 256, 320), (160, 160, 256, 256, 320)))
        heat, label, vectors = torch.zeros(320, 576), torch.zeros(320, 576, dtype=torch.int64), torch.zeros(3, 160)
        with Alive() as alive:
            hint = torch.empty(14, 320, 40, 72)
            hint[0] = network.encode(heat, label, vectors)
    record_figure("DragAnything's hint at 576x320, 14 frames", f"{alive.peak / 2**20:.1f} MB at most")
    assert alive.peak < 100 * 2**20
