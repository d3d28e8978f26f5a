"""The click network's training: composites, simulated clicks, the encoder's file, and a run that is resumed."""

import logging
from dataclasses import replace
from io import BytesIO

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from dragnuwa.research.training.recipes.click import clicks, encoder_weights, export, stock, train
from dragnuwa.research.training.recipes.click.composites import LAYERS, Composer
from dragnuwa.vision.click_network import weights
from dragnuwa.vision.click_network.network import ClickNetwork, Encoder

SIDE = 64


def encoded(array: np.ndarray) -> bytes:
    data = BytesIO()
    Image.fromarray(array).save(data, "WEBP", lossless=True)
    return data.getvalue()


@pytest.fixture(scope="module")
def stock_file(tmp_path_factory):
    """Ten discs of random colours, and three photographs of noise."""
    rng = np.random.default_rng(3)
    discs = []
    for _ in range(10):
        disc = np.zeros((200, 200, 4), np.uint8)
        cv2.circle(disc, (100, 100), 95, (*rng.integers(0, 256, 3).tolist(), 255), -1)
        discs.append(encoded(disc))
    photos = [encoded(rng.integers(0, 256, (stock.PHOTO, stock.PHOTO, 3), np.uint8)) for _ in range(3)]
    path = tmp_path_factory.mktemp("stock") / "stock.npz"
    stock.save(path, discs, photos)
    return path


@pytest.fixture(scope="module")
def encoder_file(tmp_path_factory):
    """Random weights in the layout of the package's file."""
    generator, tensors = torch.Generator().manual_seed(0), {}
    state = Encoder().state_dict()
    for name, conv, norm in encoder_weights._names():
        weight = state[f"{name}.weight"]
        tensors[f"{conv}.weight"] = weight
        for part in ("weight", "bias", "running_mean", "running_var"):
            tensors[f"{norm}.{part}"] = torch.rand(len(weight), generator=generator) + 0.5
    path = tmp_path_factory.mktemp("encoder") / "lite0.pth"
    torch.save(tensors, path)
    return path


def test_composites_are_pictures_with_known_things(stock_file):
    made = Composer(stock.load(stock_file), SIDE, seed=1).batch(6)
    assert made.pictures.shape == (6, 3, SIDE, SIDE)
    assert made.pictures.min() >= 0
    assert made.pictures.max() <= 1
    assert made.things.shape == (6, LAYERS, SIDE // 4, SIDE // 4)
    assert made.things.sum(1).max() <= 1 + 1e-5  # what is seen of one is not seen of another
    assert made.usable.any()
    assert not (made.ground & (made.things.amax(1) > 0.5)).any()


def test_composites_depend_on_the_seed_alone(stock_file):
    one, again, other = (Composer(stock.load(stock_file), SIDE, seed=seed).batch(2) for seed in (1, 1, 2))
    torch.testing.assert_close(one.pictures, again.pictures)
    assert not torch.equal(one.pictures, other.pictures)


def test_the_first_click_is_on_the_thing(stock_file):
    composer = Composer(stock.load(stock_file), 128, seed=4)
    asked = clicks.first(composer.batch(16), composer.random)
    clicked = asked.query.belongs[:, 0] > 0
    own = asked.wanted[:, 0] > 0.5
    grid = (asked.query.points[:, 0] * 32).long().clamp(0, 31)
    inside = F.max_pool2d(own[:, None].float(), 3, 1, 1)[:, 0]  # a click is anywhere in its cell
    assert clicked.sum() > 10
    assert inside[torch.arange(len(own)), grid[:, 1], grid[:, 0]][clicked].all()


def test_a_correction_is_in_the_largest_mistake_and_says_what_it_is(stock_file):
    composer = Composer(stock.load(stock_file), 128, seed=4)
    asked = clicks.first(composer.batch(4), composer.random)
    nothing = clicks.corrected(asked, torch.zeros_like(asked.wanted))
    everything = clicks.corrected(asked, torch.ones_like(asked.wanted))
    assert (nothing.query.belongs.sum(1) >= asked.query.belongs.sum(1)).all()
    assert (everything.query.belongs.sum(1) <= asked.query.belongs.sum(1)).all()
    assert (everything.query.belongs.sum(1) < asked.query.belongs.sum(1)).any()


def test_depth_counts_pixels_to_the_rim():
    mask = torch.zeros(1, 20, 20, dtype=torch.bool)
    mask[0, 4:13, 3:14] = True  # 9 rows, 11 columns
    found = clicks.depth(mask)
    assert found.max() == 5
    assert found[0, 8, 8] == 5
    assert found[0, 4, 3] == 1
    assert not found[~mask].any()


def test_normalisation_is_folded_into_convolutions(encoder_file):
    file = torch.load(encoder_file, weights_only=True)
    state = encoder_weights.of_file(str(encoder_file))
    x = torch.rand(1, 3, 8, 8)
    weight, bias = (state[f"stem.{part}"] for part in ("weight", "bias"))
    wanted = F.batch_norm(
        F.conv2d(x, file["_conv_stem.weight"]),
        *(file[f"_bn0.{part}"] for part in ("running_mean", "running_var", "weight", "bias")),
        eps=1e-3,
    )
    torch.testing.assert_close(F.conv2d(x, weight, bias), wanted)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda file: file.pop("_blocks.3._bn1.running_var"), "_blocks.3._bn1.running_var"),
        (lambda file: file.update({"_conv_stem.weight": torch.zeros(32, 3, 5, 5)}), "stem.weight has the shape"),
    ],
)
def test_a_file_of_another_encoder_is_refused(encoder_file, change, message):
    file = torch.load(encoder_file, weights_only=True)
    change(file)
    with pytest.raises(ValueError, match=message):
        encoder_weights.folded(file)


def test_a_run_is_resumed_and_its_encoder_can_rest(stock_file, encoder_file, tmp_path, caplog):
    config = train.ClickConfig(
        out=str(tmp_path / "run"), stock=(str(stock_file),), encoder=str(encoder_file), steps=2, frozen=0, warmup=1,
        batch=2, side=SIDE, log_steps=1, threads=1,
    )  # fmt: skip
    with caplog.at_level(logging.INFO):
        train.train(config)
        train.train(replace(config, steps=3))
    assert "resumed at step 2" in caplog.text
    assert "step 3" in caplog.text
    resting = replace(config, out=str(tmp_path / "other"), frozen=10)
    train.train(resting)
    saved = torch.load(tmp_path / "other" / "state.pt", weights_only=True)
    for name, tensor in encoder_weights.of_file(str(encoder_file)).items():
        torch.testing.assert_close(saved["network"][f"encoder.{name}"], tensor)
    assert not any(name.startswith("encoder.") for name in saved["average"]["weights"])


def test_weights_are_exported_with_part_of_the_trained_encoder(stock_file, encoder_file, tmp_path):
    config = train.ClickConfig(
        out=str(tmp_path), stock=(str(stock_file),), encoder=str(encoder_file), steps=1, frozen=0, warmup=1, batch=1,
        side=SIDE, threads=1,
    )  # fmt: skip
    train.train(config)
    export.main([f"{tmp_path}/state.pt", f"{tmp_path}/w.safetensors", "--encoder", str(encoder_file), "--kept", "0"])
    found = weights.load(tmp_path / "w.safetensors", ClickNetwork()).state_dict()
    for name, tensor in encoder_weights.of_file(str(encoder_file)).items():
        torch.testing.assert_close(found[f"encoder.{name}"], tensor, atol=1e-3, rtol=2e-3)
    again = train.Training(replace(config, out=str(tmp_path / "again"), start=str(tmp_path / "w.safetensors")))
    torch.testing.assert_close(again.network.state_dict()["masks.weight"], found["masks.weight"])
