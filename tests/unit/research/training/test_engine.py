"""Configurations, states on disk, the optimiser, the metrics log and drag maps: the parts of a training run."""

import json
import os
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.models import drag_maps
from dragnuwa.research.scenes import SceneConfig, make_scene
from dragnuwa.research.training import config, state
from dragnuwa.research.training.data.clips import ClipConfig, dense_maps, object_tracks, scene_drag_maps
from dragnuwa.research.training.loss import loss_contributions
from dragnuwa.research.training.metrics_log import MetricsLog
from dragnuwa.research.training.optim import EMA, Muon, MuonAdamW, constant, cosine
from dragnuwa.research.training.recipes.tiny.network import NetworkConfig
from dragnuwa.research.training.recipes.tiny.recipe import LatentStore
from dragnuwa.research.training.run_config import RunConfig


@dataclass(frozen=True)
class Inner:
    sizes: tuple[tuple[int, int], ...] = ((1, 2),)
    share: float = 0.5
    name: str | None = None


@dataclass(frozen=True)
class Outer:
    steps: int = 1
    inner: Inner = field(default_factory=Inner)
    stages: tuple[Inner, ...] = ()


def test_a_configuration_is_read_from_toml(tmp_path):
    (tmp_path / "run.toml").write_text(
        'steps = 3\n[inner]\nsizes = [[8, 16], [4, 4]]\nshare = 1\nname = "a"\n[[stages]]\nshare = 0.25\n'
    )
    read = config.read(tmp_path / "run.toml", Outer)
    assert read == Outer(3, Inner(((8, 16), (4, 4)), 1.0, "a"), (Inner(share=0.25),))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"step": 3}, "unknown configuration keys: step;"),
        ({"inner": {"shape": 1}}, "inner.shape"),
        ({"stages": [{"until": 1}]}, "until"),
        ({"steps": 1.5}, "steps has to be int"),
        ({"steps": True}, "steps has to be int"),
        ({"inner": 3}, "inner has to be a table"),
        ({"inner": {"sizes": [[1, 2, 3]]}}, "has to have 2 values"),
        ({"inner": {"sizes": 3}}, "has to be a list"),
    ],
)
def test_a_wrong_configuration_is_refused_by_name(table, message):
    with pytest.raises(ValueError, match=message):
        config.parse(table, Outer)


def test_an_optional_table_and_a_missing_key():
    @dataclass(frozen=True)
    class Whole:
        out: str
        inner: Inner | None = None

    Whole.__annotations__ = {"out": str, "inner": Inner | None}  # Inner is not known by its name here
    assert config.parse({"out": "a", "inner": {"share": 1}}, Whole) == Whole("a", Inner(share=1.0))
    assert config.parse({"out": "a", "inner": None}, Whole) == Whole("a")
    with pytest.raises(ValueError, match="missing configuration keys: out"):
        config.parse({}, Whole)
    with pytest.raises(ValueError, match=r"inner\.colour"):
        config.parse({"out": "a", "inner": {"colour": 1}}, Whole)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "one of the tables"),
        ({"network": {}, "svd": {"path": "a"}}, "one of the tables"),
        ({"network": {}}, "autoencoder"),
        ({"svd": {"path": "a"}, "precision": "fp8"}, "precision"),
        ({"svd": {"path": "a"}, "batch": 0}, "batch"),
        ({"svd": {"path": "a"}, "clips": {"videos": {}}}, "folder or shards"),
        ({"svd": {"path": "a"}, "clips": {"videos": {"folder": "a", "shards": "b"}}}, "folder or shards"),
        ({"svd": {"path": "a"}, "clips": {"videos": {"folder": "a", "width": 60}}}, "multiples of 8"),
    ],
)
def test_a_run_s_configuration_that_makes_no_sense_is_refused(table, message):
    with pytest.raises(ValueError, match=message):
        config.parse({"out": "a", **table}, RunConfig)


def test_a_batch_is_divided_among_processes_and_parts():
    run = RunConfig("a", NetworkConfig(), autoencoder="b", batch=12, accumulate=3)
    assert run.micro_batch(1) == 4 and run.micro_batch(2) == 2
    for processes in (5, 8):
        with pytest.raises(ValueError, match=f"a multiple of {3 * processes}"):
            run.micro_batch(processes)


def test_a_state_comes_back(tmp_path):
    state.save({"step": 3, "weight": torch.arange(4.0)}, tmp_path / "run" / "state.pt")
    found = state.load(tmp_path / "run" / "state.pt")
    assert found["step"] == 3 and torch.equal(found["weight"], torch.arange(4.0))
    assert state.load(tmp_path / "none.pt") is None


def test_a_kill_while_saving_leaves_the_earlier_state(tmp_path, monkeypatch):
    path = tmp_path / "state.pt"
    state.save({"step": 1}, path)

    def killed(value, file):
        file.write(b"half of it")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            state.save({"step": 2}, path)
    assert state.load(path)["step"] == 1
    state.save({"step": 3}, path)
    assert state.load(path)["step"] == 3 and os.listdir(tmp_path) == ["state.pt"]


def small_network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(2, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU(), nn.Conv2d(8, 2, 3, padding=1))


def test_matrices_multiplied_at_once_take_torch_s_own_steps():
    """Wide, high and square ones, some alike; one has no gradient."""
    torch.manual_seed(0)
    shapes = [(8, 8), (16, 8), (8, 24), (8, 8), (16, 8), (8, 8)]
    theirs = [torch.nn.Parameter(torch.randn(shape)) for shape in shapes]
    mine = [torch.nn.Parameter(one.detach().clone()) for one in theirs]
    settings = {"lr": 1e-2, "weight_decay": 0.1, "adjust_lr_fn": "match_rms_adamw"}
    expected, found = torch.optim.Muon(theirs, **settings), Muon(mine, **settings)
    for _ in range(3):
        for their, own in zip(theirs[1:], mine[1:], strict=True):
            their.grad = torch.randn_like(their)
            own.grad = their.grad.clone()
        expected.step()
        found.step_at_once()
    for their, own in zip(theirs, mine, strict=True):
        torch.testing.assert_close(own, their, atol=1e-4, rtol=0)
    assert found.state_dict()["state"].keys() == expected.state_dict()["state"].keys()


def descend(network: nn.Module, optimizer: MuonAdamW, steps: int, first: int = 0) -> list[float]:
    losses = []
    for step in range(first, first + steps):
        x = torch.randn(4, 2, 8, 8, generator=torch.Generator().manual_seed(step))
        loss = (network(x) - x.roll(1, 3)).square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
    return losses


def test_the_optimiser_changes_every_parameter_and_learns():
    network = small_network()
    before = [parameter.detach().clone() for parameter in network.parameters()]
    optimizer = MuonAdamW(network, lr=1e-2, adam_lr=1e-2, weight_decay=0.0, plain=(network[3].weight,))
    losses = descend(network, optimizer, 60)
    assert losses[-1] < losses[0] / 2
    assert all(not torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))


def test_a_resumed_optimiser_goes_on_exactly(tmp_path):
    network = small_network()
    optimizer = MuonAdamW(network, lr=1e-2, adam_lr=1e-2, weight_decay=0.01)
    descend(network, optimizer, 5)
    state.save({"network": network.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "state.pt")
    expected = descend(network, optimizer, 5, first=5)
    saved = state.load(tmp_path / "state.pt")
    again = small_network()
    other = MuonAdamW(again, lr=1e-2, adam_lr=1e-2, weight_decay=0.01)
    again.load_state_dict(saved["network"])
    other.load_state_dict(saved["optimizer"])
    assert descend(again, other, 5, first=5) == expected


def test_the_average_lags_behind_the_weights_and_ends_at_them():
    network = nn.Linear(1, 1, bias=False)
    average = EMA(network, 0.9)
    with torch.no_grad():
        network.weight.fill_(5.0)
    average.update(network)
    first = float(average.weights["weight"])
    assert first != 5.0
    for _ in range(200):
        average.update(network)
    assert float(average.weights["weight"]) == pytest.approx(5.0, abs=1e-3)


def test_the_learning_rate_rises_and_falls():
    shares = [cosine(step, 100, 10) for step in range(101)]
    assert shares[0] == pytest.approx(0.1) and shares[9] == 1 and shares[100] == pytest.approx(0)
    assert max(shares) == 1 and all(one >= other for one, other in pairwise(shares[10:]))


def test_a_constant_rate_rises_stays_and_falls_at_the_end():
    found = [constant(step, 100, 4, 10) for step in range(100)]
    assert found[:5] == [0.25, 0.5, 0.75, 1, 1] and found[90] == 1 and found[95] == 0.5 and found[99] == 0.1


def test_the_average_is_applied_for_a_while_only():
    network = nn.Linear(1, 1, bias=False)
    average = EMA(network, 0.9)
    kept = float(network.weight.detach())
    average.weights["weight"].fill_(7.0)
    with average.applied(network):
        assert float(network.weight.detach()) == 7
    assert float(network.weight.detach()) == kept
    with pytest.raises(ValueError, match="another network"):
        average.load_state_dict({"steps": 1, "weights": {"bias": torch.zeros(1)}})


def test_the_losses_of_parts_add_up_to_those_of_the_step():
    torch.manual_seed(0)
    losses, sigmas = torch.rand(8), torch.rand(8)
    parts = [loss_contributions(losses[part], sigmas[part], sigmas) for part in (slice(0, 3), slice(3, 4), slice(4, 8))]
    order = losses[sigmas.argsort()]
    torch.testing.assert_close(sum(parts), torch.stack([losses.mean(), order[:4].mean(), order[4:].mean()]))
    assert loss_contributions(losses[:1], sigmas[:1], sigmas[:1]).tolist() == [losses[0], 0, losses[0]]


def test_the_curve_of_a_killed_run_is_cut_at_what_it_had_saved(tmp_path):
    log = MetricsLog(tmp_path, 0)
    for step in (2, 4, 6):
        log.write(step, {"loss": float(step)})
    log.close()
    with open(tmp_path / "metrics.jsonl", "a") as file:
        file.write('{"step": 3, "lo')
    again = MetricsLog(tmp_path, 4)
    again.write(6, {"loss": 7.0})
    again.close()
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [(line["step"], line["loss"]) for line in lines] == [(2, 2.0), (4, 4.0), (6, 7.0)]
    MetricsLog(tmp_path / "other", 0, active=False).write(1, {"loss": 0.0})
    assert not (tmp_path / "other").exists()


def test_latents_are_kept_and_a_clip_beyond_the_cache_is_encoded_each_time(tmp_path):
    encoded, clip = [], ClipShape(24, 16, 3)

    def encode() -> torch.Tensor:
        encoded.append(1)
        return torch.full((4, 4, 2, 3), len(encoded) + 1 / 3)

    first = LatentStore(tmp_path, capacity=5).get(1, 4, clip, encode)
    again = LatentStore(tmp_path, capacity=5).get(1, 4, clip, encode)
    assert (
        torch.equal(first, again)
        and len(encoded) == 1
        and float(first[0, 0, 0, 0]) == 1 + float(torch.tensor(1 / 3 + 1).half() - 1)
    )
    store = LatentStore(tmp_path, capacity=5)
    for number in (3, 5, 5):  # another, and two that the file has no place for
        store.get(1, number, clip, encode)
    assert len(encoded) == 4


def test_dense_maps_of_a_constant_flow_are_that_flow_up_to_the_border():
    flow = np.broadcast_to(np.array([3.0, -1.0], np.float32), (4, 32, 48, 2)).copy()
    found = dense_maps(flow, sigma=8.0)
    assert found.shape == (5, 2, 32, 48)
    assert found[0].abs().max() == 0
    torch.testing.assert_close(found[1:], torch.tensor([3.0, -1.0]).view(1, 2, 1, 1).expand(4, 2, 32, 48))


def test_dense_maps_are_smooth_and_keep_their_place():
    flow = np.zeros((1, 64, 64, 2), np.float32)
    flow[0, 20, 40, 0] = 1.0
    found = dense_maps(flow, sigma=4.0)[1, 0]
    assert divmod(int(found.argmax()), 64) == (20, 40)
    assert float(found.sum()) == pytest.approx(1.0, abs=0.05)


def test_each_moving_object_gets_its_drag_and_a_still_one_an_anchor():
    config = SceneConfig(sizes=((128, 128),), camera_share=0.0, still_share=0.5, objects=(3, 3))
    rng = np.random.default_rng(0)
    for seed in range(30):
        scene = make_scene(seed, config)
        points, visible = object_tracks(scene, rng, anchor_share=1.0)
        assert len(points) == 3 and visible.shape == (3, 8)
        for item, track, own in zip(scene.objects, points, scene.points, strict=True):
            if item.motion == "still":
                np.testing.assert_allclose(track[-1] - track[0], (1, 1), atol=0.05)  # 0.05 where an edge clips it
            else:
                np.testing.assert_allclose(track, np.clip(own, 0, 127))
        moving = sum(item.motion != "still" for item in scene.objects)
        assert len(object_tracks(scene, rng, anchor_share=0.0)[0]) == moving


def test_maps_are_sparse_or_dense_as_asked():
    scene = make_scene(2, SceneConfig(sizes=((96, 168),), camera_share=0.0))
    config = replace(ClipConfig(), every_object_share=1.0, anchor_share=0.0)
    rng = np.random.default_rng(0)
    torch.testing.assert_close(scene_drag_maps(scene, rng, 1.0, config), dense_maps(scene.flow, config.sigma))
    points, visible = object_tracks(scene, rng, 0.0)
    expected = drag_maps.encode(points, visible, height=96, width=168, kernel_size=79, sigma=8.0)
    torch.testing.assert_close(scene_drag_maps(scene, rng, 0.0, config), expected)
