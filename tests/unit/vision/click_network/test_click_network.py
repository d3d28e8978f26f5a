"""The click network: its file, its answers, and what the picks make of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from dragnuwa.common.errors import InputError
from dragnuwa.vision.click_network import weights
from dragnuwa.vision.click_network.network import CHANNELS, MASKS, ClickNetwork, Encoder, Query
from dragnuwa.vision.segmentation.find import find_objects
from dragnuwa.vision.segmentation.pick import boxed_pick, corrected, first_pick, sizes, soft_mask
from dragnuwa.vision.segmentation.prepared import search_image
from tests.support.likeness import overlap
from tests.support.pictures import BLUE, RED, boxes_on_ground

FILE = weights.MODELS / weights.CLICK_FILE
HALVES = (120, 30, 160, 90), (120, 90, 160, 150)  # of one thing in two colours


@pytest.fixture(scope="module")
def network() -> ClickNetwork:
    return weights.load(FILE, ClickNetwork())


def query(points: list, belongs: list) -> Query:
    return Query(
        picture=torch.zeros(len(points), dtype=torch.int64),
        points=torch.tensor(points),
        belongs=torch.tensor(belongs),
        box=torch.tensor([[0.0, 0, 1, 1]] * len(points)),
        before=-torch.ones(len(points), 1, 16, 24),
    )


def test_features_have_the_sizes_that_are_said():
    features = Encoder()(torch.rand(2, 3, 64, 96))
    assert [tuple(one.shape) for one in features] == [
        (2, channels, 64 // size, 96 // size) for channels, size in zip(CHANNELS, (4, 8, 16, 32), strict=True)
    ]


@torch.no_grad()
def test_each_question_is_answered_as_if_it_were_alone(network):
    encoded = network.encode(torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1)))
    both = query([[[0.2, 0.4], [0.9, 0.9]], [[0.6, 0.5], [0.1, 0.2]]], [[1.0, -1], [1, 0]])
    together = network(encoded, both)
    assert together.logits.shape == (2, MASKS, 16, 24)
    masks = torch.rand(2, 5, 16, 24)
    judged = network.overlap(encoded, both, together, masks)
    assert judged.shape == (2, 5)
    assert ((judged > 0) & (judged < 1)).all()
    for n in range(2):
        one = Query(*(field[n : n + 1] for field in vars(both).values()))
        alone = network(encoded, one)
        torch.testing.assert_close(alone.logits, together.logits[n : n + 1], atol=1e-3, rtol=1e-3)
        torch.testing.assert_close(
            network.overlap(encoded, one, alone, masks[n : n + 1]), judged[n : n + 1], atol=1e-3, rtol=1e-3
        )


@torch.no_grad()
def test_a_place_without_a_point_says_nothing(network):
    encoded = network.encode(torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1)))
    one, other = (query([[[0.2, 0.4], place]], [[1.0, 0]]) for place in ([0.9, 0.9], [0.3, 0.1]))
    torch.testing.assert_close(network(encoded, one).logits, network(encoded, other).logits)


def damaged(state: dict, case: str) -> dict:
    key = "masks.weight"
    changes = {
        "a tensor is missing": {},
        "a tensor has another shape": {key: state[key][:1].clone()},
        "a tensor is not finite": {key: torch.full_like(state[key], torch.nan)},
        "one too many": {key: state[key], "another": torch.zeros(2)},
    }
    return {name: tensor for name, tensor in state.items() if name != key} | changes[case]


@pytest.mark.parametrize(
    "case", ["a tensor is missing", "a tensor has another shape", "a tensor is not finite", "one too many"]
)
def test_a_file_of_another_network_is_refused(case, tmp_path):
    save_file(damaged(load_file(FILE), case), tmp_path / "w.safetensors")
    with pytest.raises(InputError, match=r"w\.safetensors holds"):
        weights.load(tmp_path / "w.safetensors", ClickNetwork())


@pytest.mark.parametrize("content", [b"", b"no weights", FILE.read_bytes()[:-100], b"\xff" * 64])
def test_a_damaged_file_is_refused(content, tmp_path):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as a safetensors file"):
        weights.load(path, ClickNetwork())


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "w.safetensors"
    with open(path, "wb") as file:
        file.truncate(weights.LARGEST + 1)
    with pytest.raises(InputError, match="at most 32 MiB"):
        weights.load(path, ClickNetwork())


def test_weights_come_back_from_a_file(network, tmp_path):
    weights.save(network.state_dict(), tmp_path / "w.safetensors", licence="CC0-1.0")
    again = weights.load(tmp_path / "w.safetensors", ClickNetwork())
    for one, other in zip(again.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_without_a_file_there_is_no_network(tmp_path, monkeypatch):
    weights.shipped.cache_clear()
    monkeypatch.setattr(weights, "MODELS", tmp_path)
    try:
        assert weights.shipped() is None
        assert search_image(np.zeros((40, 60, 3), np.uint8)).learned is None
    finally:
        weights.shipped.cache_clear()


def test_a_thing_of_two_colours_is_one_thing(network):
    image, (top, bottom) = boxes_on_ground(*HALVES, colors=[RED, BLUE])
    picture = search_image(image)
    assert overlap(soft_mask(picture, first_pick(picture, 140 + 60j)), top | bottom) > 0.9
    by_colours = replace(picture, networks=None)
    assert overlap(soft_mask(by_colours, first_pick(by_colours, 140 + 60j)), top) > 0.9


def test_boxes_drags_and_corrections_ask_it_too(network):
    image, (top, bottom) = boxes_on_ground(*HALVES, colors=[RED, BLUE])
    picture = search_image(image)
    assert overlap(soft_mask(picture, boxed_pick(picture, 118 + 28j, 162 + 152j)), top | bottom) > 0.9
    (found,) = find_objects(picture, (140 + 60j + np.linspace(0, 40, 8))[None], np.zeros(0, complex))
    assert overlap(found.mask, top | bottom) > 0.9
    first = first_pick(picture, 140 + 60j)
    assert overlap(soft_mask(picture, corrected(picture, first, 140 + 120j, False)), top) > 0.8


@pytest.mark.parametrize("shape", [(16, 16), (1, 1), (2, 64), (300, 20)])
@pytest.mark.parametrize("plain", [True, False])
def test_any_picture_is_answered(network, shape, plain):
    rng = np.random.default_rng(0)
    image = np.full((*shape, 3), 90, np.uint8) if plain else rng.integers(0, 256, (*shape, 3), np.uint8)
    picture = search_image(image)
    click = complex(shape[1] // 2, shape[0] // 2)
    pick = first_pick(picture, click)
    assert soft_mask(picture, pick).shape == shape
    found, number = sizes(picture, pick)
    assert 0 <= number < len(found)
