"""Entities and their maps against the original's, bit for bit (tests/golden/draganything)."""

import hashlib

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.common.errors import InputError
from dragnuwa.models.draganything import maps
from dragnuwa.models.draganything.entities import Entities, centres, measure, radius
from dragnuwa.models.draganything.labelled import labelled_maps
from dragnuwa.models.draganything.maps import entity_vectors, pool
from dragnuwa.models.draganything.resize import resize_bytes, resize_mask

CASES = ("small", "full", "edge")


def sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array.astype(np.uint8)).tobytes()).hexdigest()


def masks_of(golden, case: str) -> np.ndarray:
    height, width = golden.cases[case]["mask_size_hw"]
    packed = golden.tensors[f"{case}_masks_packed"].numpy()
    return np.unpackbits(packed, axis=1)[:, : height * width].reshape(-1, height, width).astype(bool)


def entities_of(golden, case: str) -> Entities:
    settings = golden.cases[case]
    size = tuple(settings["target_size_hw"][::-1])
    measured = [measure(mask, size, "The mask") for mask in masks_of(golden, case)]
    tracks = golden.tensors[f"{case}_tracks"].numpy()
    positions = centres(tracks, tuple(settings["original_size_hw"][::-1]), size)
    shown = np.ones(positions.shape[:2], bool)
    return Entities(size, positions, shown, np.array([r for r, _ in measured]), np.stack([m for _, m in measured]))


@pytest.mark.parametrize("case", CASES)
def test_points_radii_and_masks(case, draganything):
    settings, entities = draganything.cases[case], entities_of(draganything, case)
    assert entities.centres.tolist() == settings["centres_px"]
    assert entities.radius.tolist() == settings["side"]
    resized = np.stack([resize_mask(mask, *entities.size) for mask in masks_of(draganything, case)])
    assert sha256(resized) == settings["mask_target_sha256"]
    assert np.array_equal(entities.latent_masks, draganything.tensors[f"{case}_masks_latent"].numpy().astype(bool))


@pytest.mark.parametrize("case", CASES)
def test_heat_maps_and_entity_maps(case, draganything):
    settings, entities = draganything.cases[case], entities_of(draganything, case)
    heat = np.stack([maps.heat_map(entities, frame) for frame in range(entities.frames)])
    label = np.stack([maps.labels(entities, frame) for frame in range(entities.frames)])
    assert sha256(heat) == settings["heatmap_sha256"]
    assert sha256(label) == settings["label_sha256"]


def test_the_heat_disc_and_filled_discs(draganything):
    assert np.array_equal(maps.heat_template(), draganything.tensors["heatmap_template"].numpy())
    for reach, widths in enumerate(draganything.tensors["disc_halfwidth"].numpy()):
        centre, shown = np.array([[[60, 60]]]), np.ones((1, 1), bool)
        disc = maps.labels(Entities((121, 121), centre, shown, np.array([reach]), np.ones((1, 15, 15), bool)), 0)
        expected = [0 if half == 255 else 2 * int(half) + 1 for half in widths]
        assert disc[10:111].sum(1).tolist() == expected


def test_radii(draganything):
    for case in draganything.cases["radii"]:
        mask, shape = np.zeros(case["size_hw"], np.uint8), case["args"]
        if case["shape"] == "disc":
            y, x = np.mgrid[: mask.shape[0], : mask.shape[1]]
            mask[(x - shape[0]) ** 2 + (y - shape[1]) ** 2 <= shape[2] ** 2] = 1
        else:
            mask[shape[1] : shape[3], shape[0] : shape[2]] = 1
        assert radius(mask.astype(bool)) == min(case["radius"] or 50, 50), case


@pytest.mark.parametrize("case", CASES)
def test_vectors(case, draganything):
    settings = draganything.cases[case]
    drawn = np.random.RandomState(settings["feature_seed"]).standard_normal(settings["feature_shape"])
    features, masks = torch.from_numpy(drawn.astype(np.float32)), draganything.tensors[f"{case}_masks_latent"].bool()
    expected = draganything.tensors[f"{case}_pooled"]
    assert (pool(features, masks) - expected).abs().max() < 1e-6
    assert (entity_vectors(features, masks.numpy(), "vector") - expected).abs().max() < 1e-6
    scalar = entity_vectors(features, masks.numpy(), "demo_scalar")
    wanted = torch.tensor(settings["demo_scalar"])[:, None].expand(-1, 320)
    assert scalar.shape == expected.shape and (scalar - wanted).abs().max() < 1e-6
    assert not entity_vectors(None, masks.numpy(), "vector").any()


def test_an_entity_map_is_the_averaged_vector_of_each_label():
    vectors = torch.arange(640.0).reshape(2, 320)
    drawn = maps.entity_map(torch.tensor([[0, 1, 2]]), maps.averaged(vectors))
    assert drawn.shape == (160, 1, 3) and not drawn[..., 0].any()
    assert torch.equal(drawn[:, 0, 1], torch.arange(160.0) * 2 + 0.5)
    assert torch.equal(drawn[:, 0, 2], torch.arange(160.0) * 2 + 320.5)
    assert not maps.entity_map(torch.zeros(1, 3, dtype=torch.int64), torch.zeros(0, 160)).any()


@pytest.mark.parametrize("to", [(30, 20), (37, 41), (61, 13), (120, 90), (60, 40), (200, 1)])
def test_resizing_is_opencvs(to):
    image = np.random.RandomState(3).randint(0, 256, (40, 60)).astype(np.uint8)
    assert np.array_equal(resize_bytes(image, *to), cv2.resize(image, to, interpolation=cv2.INTER_LINEAR))


def test_a_hidden_entity_leaves_no_trace(draganything):
    entities = entities_of(draganything, "small")
    entities.shown[:, 1] = False
    assert not maps.heat_map(entities, 1).any() and not maps.labels(entities, 1).any()
    assert maps.heat_map(entities, 0).any()


def test_a_pixel_that_came_in_comes_back():
    assert centres(np.array([[[25 / 576 * 576, 3.0]]]), (576, 320), (576, 320)).tolist() == [[[25, 3]]]


def test_masks_that_say_nothing_are_refused():
    with pytest.raises(InputError, match=r"Mask 2 is empty\. Paint the object"):
        measure(np.zeros((90, 160), bool), (128, 64), "Mask 2")
    thin = np.zeros((64, 128), bool)
    thin[:, 8] = True
    with pytest.raises(InputError, match="Mask 1 vanishes on the latent grid of 16x8"):
        measure(thin, (128, 64), "Mask 1")


@pytest.mark.parametrize(
    ("features", "words"),
    [
        (torch.zeros(320, 4, 4), r"\[320, 8, 16\].*found \[320, 4, 4\]"),
        ("no", "found str"),
        (torch.full((320, 8, 16), torch.nan), "should be finite numbers"),
        (torch.ones(320, 8, 16, dtype=torch.int64), "should be finite numbers"),
    ],
)
def test_features_that_cannot_be_used_are_refused(features, words):
    with pytest.raises(InputError, match=words):
        entity_vectors(features, np.ones((1, 8, 16), bool), "vector")
    with pytest.raises(ValueError, match="entity_mode must be one of"):
        entity_vectors(None, np.ones((1, 8, 16), bool), "mean")


def test_the_training_sets_maps(draganything):
    tensors = draganything.tensors
    found = labelled_maps(tensors["train_masks"].numpy())
    assert np.array_equal(found.heat, tensors["train_heatmap"].numpy())
    assert np.array_equal(found.label, tensors["train_label"].numpy())
    assert found.first.shape == (3, 16, 16) and found.first.any((1, 2)).all() and found.inside.any((1, 2)).all()


def test_labelled_entities_that_nothing_is_known_of_are_left_out():
    owner = np.zeros((2, 64, 64), np.uint8)
    owner[1, 8:40, 8:40] = 1  # not in frame 0
    owner[:, 48:60, 4:60] = 2
    found = labelled_maps(owner)
    assert 1 not in found.label and 2 in found.label and not found.first[0].any() and not found.inside[:, 2, 2].any()
    everywhere = labelled_maps(np.ones((2, 64, 64), np.uint8))
    assert everywhere.heat.any() and everywhere.label[:, :40, :40].all() and everywhere.inside.all()
    nothing = labelled_maps(np.zeros((2, 64, 64), np.uint8))
    assert nothing.first.shape == (0, 8, 8) and not nothing.heat.any() and not nothing.inside.any()
