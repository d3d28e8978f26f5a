"""The small model that comes with the pack: whole, small enough, used as it was trained, and moved by drags."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from latent_preview import Latent2RGBPreviewer
from PIL import Image
from safetensors import safe_open

from dragnuwa.host.fusion import load
from dragnuwa.research.evaluation.cases import make_case
from dragnuwa.research.evaluation.generate import Conditions, Generator
from dragnuwa.research.evaluation.settings import Settings, read_info
from dragnuwa.vision.tracking.metrics import drag_response

ROOT = Path(__file__).resolve().parents[2]
NAME = "dragnuwa-tiny.safetensors"
MODEL = ROOT / "models" / NAME
MOST_BYTES = 40_000_000


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator(MODEL)


def test_the_loader_offers_it_first():
    assert load.checkpoint_names()[0] == NAME


def test_it_is_whole_and_small(generator):
    assert MODEL.stat().st_size <= MOST_BYTES
    with safe_open(MODEL, "pt") as tensors:
        assert {tensors.get_slice(key).get_dtype() for key in tensors.keys()} == {"F16"}  # noqa: SIM118
        assert json.loads(tensors.metadata()["config"])["training"]["network"]
    parts = generator.parts
    assert parts.clip is not None and parts.vae is not None and parts.clip_vision is None


def test_the_template_uses_it_as_it_was_trained():
    prompt = json.loads((ROOT / "workflows" / "api" / "drag_with_text.json").read_text(encoding="utf-8"))
    nodes = {node["class_type"]: node["inputs"] for node in prompt.values()}
    trained = read_info(MODEL)
    assert nodes["DragNUWALoadCheckpoint"]["ckpt_name"] == NAME
    assert nodes["DragNUWATrajectoryEditor"]["frames"] == trained.frames
    maps = nodes["DragNUWAEncodeTrajectories"]
    assert (maps["kernel_size"], maps["sigma"]) == (trained.kernel_size, trained.sigma)


def test_the_hosts_previews_show_its_colours(generator):
    """They are made of the latents, by the latent format alone: 0.9 of the colours' variance is explained."""
    parts = generator.parts
    picture = np.asarray(Image.open(ROOT / "web" / "pictures" / "dragnuwa-rocket.jpg").resize((160, 104))) / 255
    latents = parts.vae.encode(torch.from_numpy(picture).float()[None])
    latent_format = parts.model.model.latent_format
    previewer = Latent2RGBPreviewer(latent_format.latent_rgb_factors, latent_format.latent_rgb_factors_bias)
    shown = previewer.decode_latent_to_preview(latent_format.process_in(latents))
    wanted = np.asarray(Image.fromarray((255 * picture).astype(np.uint8)).resize(shown.size, Image.Resampling.BOX))
    error = np.square(np.asarray(shown, float) - wanted).mean((0, 1))
    assert (error < 0.1 * wanted.var((0, 1))).all()


def test_what_is_dragged_moves_along(generator):
    """Against the same picture and noise without drags, on two scenes that it has never seen."""
    settings = Settings.for_checkpoint(MODEL, steps=2, cfg=1.0, groups=("straight",))
    gains = []
    for index in range(2):
        case = make_case(index, settings.clip, groups=("straight",))
        given = Conditions(case.scene.clip, case.points, case.visible, case.scene.frames[0], "", case.seed)
        nothing = replace(given, points=case.points[:0], visible=case.visible[:0])
        along = [
            drag_response(generator.generate(one, settings).frames, case.target, case.seen).along
            for one in (given, nothing)
        ]
        gains.append(along[0] - along[1])
    assert np.mean(gains) > 0.3, gains  # 0.6, and with twice the steps 0.8
