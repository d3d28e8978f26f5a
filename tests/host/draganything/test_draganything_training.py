"""DragAnything's recipe at toy size, on a Stable Video Diffusion and a Stable Diffusion 1.5 of random weights."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

import dragnuwa.train
from dragnuwa.host.draganything import load
from dragnuwa.models.checkpoint import UNET
from dragnuwa.models.draganything.checkpoint import SKIP_COUNTS
from dragnuwa.research.training import export, preview
from dragnuwa.research.training.config import read
from dragnuwa.research.training.data.clips import Clips
from dragnuwa.research.training.loss import place_weight, squared_error
from dragnuwa.research.training.recipe import RecipeSettings
from dragnuwa.research.training.recipes.draganything.recipe import DragAnythingConfig, DragAnythingRecipe
from dragnuwa.research.training.recipes.tiny import autoencoder
from dragnuwa.research.training.run_config import RunConfig
from tests.fuzzing import small_sd15
from tests.support.svd_training import svd_metadata, svd_weights, trained_weights
from tests.support.toy_svd import shrunk
from tests.support.weights import saved

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "dragnuwa/research/training/configs/draganything.toml"
SHAPE = {
    "model_channels": 64,
    "channel_mult": (1, 1, 1, 1),
    "num_res_blocks": 2,
    "head_channels": 64,
    "context_dim": 24,
}
FRAMES, SIZE = 3, (64, 64)
SETTINGS = RecipeSettings(
    frames=FRAMES, kernel_size=39, sigma=4.0, lr=1e-3, adam_lr=0.0, weight_decay=0.0, run={"steps": 3}
)
METADATA = svd_metadata(SHAPE)
CLIP_LAYERS, CLIP_WIDTH = 12, 768


@pytest.fixture(scope="module")
def svd(tmp_path_factory) -> str:
    """A plain Stable Video Diffusion with every part."""
    return str(saved(svd_weights(SHAPE), tmp_path_factory.mktemp("svd") / "svd.safetensors", METADATA))


@pytest.fixture(scope="module")
def sd15(tmp_path_factory) -> str:
    """A checkpoint of the small SD 1.5, with a text encoder of the real size, all of zeros."""
    unet = small_sd15.model().model.diffusion_model.state_dict()
    weights = {UNET + key: value.half() for key, value in unet.items()}
    weights |= {f"first_stage_model.{key}": value.half() for key, value in autoencoder.build().state_dict().items()}
    width, text = CLIP_WIDTH, "cond_stage_model.transformer.text_model."
    linear = {f"self_attn.{one}_proj": (width, width) for one in ("q", "k", "v", "out")}
    linear |= {"mlp.fc1": (4 * width, width), "mlp.fc2": (width, 4 * width)}
    sizes = {"embeddings.token_embedding.weight": (49408, width), "embeddings.position_embedding.weight": (77, width)}
    norms = ["final_layer_norm"]
    for layer in range(CLIP_LAYERS):
        at = f"encoder.layers.{layer}."
        norms += [f"{at}layer_norm1", f"{at}layer_norm2"]
        for name, size in linear.items():
            sizes |= {f"{at}{name}.weight": size, f"{at}{name}.bias": size[:1]}
    sizes |= {f"{norm}.{part}": (width,) for norm in norms for part in ("weight", "bias")}
    weights |= {text + name: torch.zeros(size, dtype=torch.float16) for name, size in sizes.items()}
    path = tmp_path_factory.mktemp("sd15") / "sd15.safetensors"
    save_file({key: value.detach().contiguous() for key, value in weights.items()}, path)
    return str(path)


def recipe_of(svd: str, **changes) -> DragAnythingRecipe:
    torch.manual_seed(1)
    config = DragAnythingConfig(svd, entity_maps=False, dtype="float32", gradient_checkpointing=False)
    return DragAnythingRecipe(replace(config, **changes), SETTINGS, torch.device("cpu"))


def clips(count: int = 2) -> Clips:
    """Noise, in which a square moves to the right; in the second clip nothing is labelled."""
    generator = torch.Generator().manual_seed(2)
    height, width = SIZE
    owner = torch.zeros(count, FRAMES, height, width, dtype=torch.uint8)
    for time in range(FRAMES):
        owner[0, time, 16:48, 8 + 8 * time : 40 + 8 * time] = 1
    return Clips(
        frames=torch.randint(0, 256, (count, FRAMES, height, width, 3), generator=generator, dtype=torch.uint8),
        flow=torch.zeros(count, FRAMES, 2, height, width),
        captions=("",) * count,
        keep_picture=torch.ones(count, dtype=torch.bool),
        fps=torch.full((count,), 7.0),
        motion_bucket=torch.full((count,), 128.0),
        seeds=tuple(range(count)),
        owner=owner,
    )


def train(recipe: DragAnythingRecipe, steps: int = 3) -> None:
    optimizer, generator = recipe.make_optimizer(sharded=False), torch.Generator().manual_seed(3)
    encoded = recipe.encode(clips())
    for _ in range(steps):
        noise = torch.randn(encoded.latents.shape, generator=generator)
        errors = squared_error(recipe.network, encoded.latents, encoded.conditions, torch.tensor([0.5, 5.0]), noise)
        (errors * place_weight(encoded, 0.0)).mean().backward()
        optimizer.step()
        optimizer.zero_grad()


@pytest.fixture(scope="module")
def trained(svd) -> DragAnythingRecipe:
    recipe = recipe_of(svd, gradient_checkpointing=True)
    train(recipe)
    return recipe


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory) -> Path:
    tensors, metadata = trained.export(trained_weights(trained), 3)
    return saved(tensors, tmp_path_factory.mktemp("exported") / "draganything.safetensors", metadata)


@torch.no_grad()
def test_training_begins_at_plain_svd_with_its_encoder_as_the_control_net(svd):
    recipe = recipe_of(svd)
    encoded, x = recipe.encode(clips()), torch.randn(2, FRAMES, 4, 8, 8)
    from dragnuwa.host.training.networks import run_unet

    told, level = encoded.conditions, torch.tensor([0.1, 0.5])
    given = {"concat": told.concat, "context": told.context, "numbers": told.numbers}
    expected = run_unet(recipe.network.unet, x, level, **given)
    assert torch.equal(recipe.network(x, level, told), expected) and expected.abs().max() > 0.1
    control, unet = recipe.network.control.state_dict(), recipe.network.unet.state_dict()
    copied = [key for key in control if key in unet]
    assert len(copied) > 100 and all(torch.equal(control[key], unet[key]) for key in copied)


def test_only_the_control_net_learns(svd, trained):
    before, after = recipe_of(svd).network.state_dict(), trained.network.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed and all(name.startswith("control.") for name in changed)
    assert {name for name, one in trained.network.named_parameters() if one.requires_grad} == {
        name for name in before if name.startswith("control.")
    }
    assert {"control.controlnet_cond_embedding.conv_in.weight", "control.input_blocks.0.0.weight"} <= changed


def test_blocks_that_are_computed_again_give_the_same_gradients(svd):
    gradients = []
    for again in (True, False):
        recipe = recipe_of(svd, gradient_checkpointing=again)
        with torch.no_grad():
            for one in recipe.network.parameters():
                one.add_(0.01)  # else nothing passes through the convolutions of zeros
        encoded = recipe.encode(clips())
        noise = torch.randn(encoded.latents.shape, generator=torch.Generator().manual_seed(3))
        squared_error(
            recipe.network, encoded.latents, encoded.conditions, torch.tensor([0.5, 5.0]), noise
        ).mean().backward()
        gradients.append({name: one.grad for name, one in recipe.network.named_parameters() if one.grad is not None})
    assert gradients[0].keys() == gradients[1].keys() == set(trained_weights(recipe))
    for name, one in gradients[0].items():
        torch.testing.assert_close(one, gradients[1][name], atol=1e-5, rtol=1e-3, msg=name)


def test_the_loss_counts_inside_of_the_entities_only(svd):
    encoded = recipe_of(svd).encode(clips())
    weight = place_weight(encoded, 0.0)
    assert weight.shape == (2, FRAMES, 1, 8, 8) and float(weight[0].mean()) == pytest.approx(1)
    assert weight[0, 2, 0, 3, 4] > 1 and weight[0, 2, 0, 3, 1] == 0 and weight[0, 2, 0, 0, 4] == 0
    assert not weight[1].any()  # nothing is labelled there
    assert recipe_of(svd, loss="everywhere").encode(clips()).weight is None
    with pytest.raises(ValueError, match=r"draganything\.loss has to be one of entities, everywhere"):
        DragAnythingConfig(svd, entity_maps=False, loss="nowhere")


def test_what_the_control_net_is_told(svd, sd15):
    both = recipe_of(svd, features=sd15, entity_maps=True).encode(clips()).conditions.entities
    assert both.heat.shape == both.label.shape == (2, FRAMES, *SIZE) and both.vectors.shape == (2, 1, 160)
    assert both.heat[0, 1].max() > 200 and both.label[0, 1, 32, 32] == 1 and both.label[0, 1, 32, 4] == 0
    assert both.vectors[0].abs().max() > 0.1 and not both.vectors[1].any() and both.vectors.isfinite().all()
    gaussian = recipe_of(svd).encode(clips()).conditions.entities
    assert torch.equal(gaussian.heat, both.heat) and not gaussian.vectors.any()
    entity = recipe_of(svd, features=sd15, entity_maps=True, heat_maps=False).encode(clips()).conditions.entities
    assert not entity.heat.any() and torch.equal(entity.vectors, both.vectors)
    for wrong, words in [
        ({"entity_maps": True}, "features"),
        ({"features": sd15}, "features"),
        ({"heat_maps": False}, "nothing says what moves"),
    ]:
        with pytest.raises(ValueError, match=words):
            recipe_of(svd, **wrong)
    with pytest.raises(ValueError, match="in which every object is labelled"):
        recipe_of(svd).encode(replace(clips(), owner=None))


@torch.no_grad()
def test_the_pack_loads_what_was_exported_and_computes_the_same(trained, exported):
    control = load.load(exported).control_model
    encoded = trained.encode(clips())
    told, x = encoded.conditions, torch.randn(2, FRAMES, 4, 8, 8)
    skips, middle = trained.network._residuals(x, torch.tensor([0.1, 0.5]), told, 0, {})
    hint = control.controlnet_cond_embedding(
        told.entities.heat[0].float()[:, None].expand(-1, 3, -1, -1), torch.zeros(FRAMES, 160, *SIZE)
    )
    found, found_middle = control(
        torch.cat([x[0], told.concat[0].expand(FRAMES, -1, -1, -1)], 1), hint, torch.full((FRAMES,), 0.1),
        told.context[0].expand(FRAMES, -1, -1), told.numbers[0].expand(FRAMES, -1), {},
    )  # fmt: skip
    torch.testing.assert_close(found_middle, middle, atol=2e-3, rtol=2e-2)  # the file is float16
    for count, mine, theirs in zip(SKIP_COUNTS, skips, found, strict=True):
        torch.testing.assert_close(theirs, mine * count, atol=2e-3, rtol=2e-2)
    assert max(float(one.abs().max()) for one in skips) > 0.01


def test_an_exported_file_is_trained_on(svd, trained, exported):
    recipe = recipe_of(svd)
    recipe.load_exported(exported)
    found = trained_weights(recipe)
    for name, one in trained_weights(trained).items():
        torch.testing.assert_close(found[name], one, atol=1e-3, rtol=1e-3)


def test_a_preview_is_sampled(trained):
    clip = clips(1)
    score, sheet = preview.score(trained, [clip], steps=2)
    assert np.isfinite([score.sampled, score.still, score.ceiling]).all()
    height, width = SIZE
    assert sheet.shape == (2 * height, FRAMES * width, 3)  # the true clip's frames above, the sampled below
    assert np.array_equal(sheet[:height, :width], clip.frames[0, 0].numpy())


def write_labelled(folder: Path, frames: int = 5) -> None:
    """Pictures of 80 x 70 pixels, in which two squares move, and their labels in numbers of a data set."""
    for part in ("videos/a", "labels/a"):
        (folder / part).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for time in range(frames):
        label = np.zeros((70, 80), np.uint16)
        label[10:40, 5 + 3 * time : 35 + 3 * time] = 3001
        label[40:66, 40:70] = 17
        Image.fromarray(rng.integers(0, 256, (70, 80, 3), np.uint8)).save(folder / f"videos/a/{time:05}.jpg")
        Image.fromarray(label).save(folder / f"labels/a/{time:05}.png")


@pytest.mark.timeout(900)  # such a processor may be busy, too
def test_the_shipped_configuration_trains_at_toy_size(svd, tmp_path):
    """Through the command, on labelled pictures; then the export, as the node loads it.

    One clip of two frames of 32 pixels a step and no preview: a processor may take bfloat16 a hundred times as slowly.
    """
    write_labelled(tmp_path)
    text = CONFIG.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^features = .*\n", "", text)
    config = tmp_path / "run.toml"
    config.write_text(
        "threads = 1\n"
        + shrunk(text, out=str(tmp_path / "run"), path=svd, folder=str(tmp_path / "videos"), steps=1, batch=1,
                 labels=str(tmp_path / "labels"), accumulate=1, workers=0, lr=1e-3, warmup=0, entity_maps=False,
                 frames=2, width=32, height=32, preview_steps=0, log_steps=1))  # fmt: skip
    dragnuwa.train.main([str(config)])
    lines = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == [1]
    assert all(np.isfinite(line["loss"]) for line in lines if "loss" in line)
    export.main([str(tmp_path / "run/state.pt"), str(tmp_path / "out.safetensors")])
    control = load.load(tmp_path / "out.safetensors").control_model
    assert control.controlnet_mid_block.weight.abs().max() > 0


def test_the_shipped_configuration_is_read():
    config = read(CONFIG, RunConfig)
    told, videos = config.draganything, config.clips.videos
    assert (told.heat_maps, told.entity_maps, told.loss) == (True, True, "entities")
    assert (videos.frames, videos.width, videos.height, videos.fps) == (14, 576, 320, (7.0,))
