"""DragNUWA 1.5's recipe at toy size, on a Stable Video Diffusion of random weights with every part."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

import dragnuwa.train
from benchmarks import svd_memory
from dragnuwa.host.fusion import load
from dragnuwa.host.fusion.load import VideoModel
from dragnuwa.host.training import svd_parts
from dragnuwa.host.training.networks import motion_numbers, video_unet
from dragnuwa.models import checkpoint
from dragnuwa.models.adapter import MultiscaleFusion
from dragnuwa.models.checkpoint import UNET, CheckpointError
from dragnuwa.research.training import export
from dragnuwa.research.training.config import read
from dragnuwa.research.training.data.clips import Clips
from dragnuwa.research.training.latents import AUGMENTATION, LATENT_SCALE
from dragnuwa.research.training.loss import denoise, squared_error
from dragnuwa.research.training.recipe import Conditions, RecipeSettings
from dragnuwa.research.training.recipes.svd import checkpoint_file as svd_file
from dragnuwa.research.training.recipes.svd.recipe import SvdConfig, SvdNetwork, SvdRecipe
from dragnuwa.research.training.run_config import RunConfig
from tests.support.pictures import texture
from tests.support.svd_training import svd_metadata, svd_weights, trained_weights
from tests.support.toy_svd import VISION, shrunk
from tests.support.videos import write_video
from tests.support.weights import saved, without

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "dragnuwa/research/training/configs/svd-lora.toml"
SHAPE = {"model_channels": 32, "channel_mult": (1, 2), "num_res_blocks": 1, "head_channels": 16, "context_dim": 24}
RANK, FRAMES, SIZE = 4, 4, (48, 64)
SETTINGS = RecipeSettings(
    frames=FRAMES, kernel_size=39, sigma=4.0, lr=1e-2, adam_lr=0.0, weight_decay=0.0, run={"steps": 3}
)
METADATA = svd_metadata(SHAPE)


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> str:
    """A plain Stable Video Diffusion in float16, with the second VAE encoder that the released one has."""
    weights = svd_weights(SHAPE)
    weights["conditioner.embedders.3.encoder.encoder.conv_in.weight"] = torch.randn(4, 3, 3, 3).half()
    return str(saved(weights, tmp_path_factory.mktemp("svd") / "svd.safetensors", METADATA))


def recipe_of(path, **changes) -> SvdRecipe:
    torch.manual_seed(1)
    config = SvdConfig(str(path), rank=RANK, dtype="float32", gradient_checkpointing=False)
    return SvdRecipe(replace(config, **changes), SETTINGS, torch.device("cpu"))


def clips(count=2) -> Clips:
    generator = torch.Generator().manual_seed(2)
    height, width = SIZE
    return Clips(
        frames=torch.randint(0, 256, (count, FRAMES, height, width, 3), generator=generator, dtype=torch.uint8),
        flow=torch.randn(count, FRAMES, 2, height, width, generator=generator) * 3,
        captions=("",) * count,
        keep_picture=torch.ones(count, dtype=torch.bool),
        fps=torch.tensor([8.0, 25.0][:count]),
        motion_bucket=torch.tensor([4.0, 127.0][:count]),
        seeds=tuple(range(count)),
    )


def loss_of(recipe: SvdRecipe, generator: torch.Generator) -> torch.Tensor:
    """Of the clips, with the next noise."""
    encoded = recipe.encode(clips())
    sigma, noise = torch.tensor([0.5, 5.0]), torch.randn(encoded.latents.shape, generator=generator)
    return squared_error(recipe.network, encoded.latents, encoded.conditions, sigma, noise).mean()


def train(recipe: SvdRecipe, steps: int) -> list[float]:
    optimizer, generator = recipe.make_optimizer(sharded=False), torch.Generator().manual_seed(3)
    losses = []
    for _ in range(steps):
        loss = loss_of(recipe, generator)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
    return losses


@pytest.fixture(scope="module")
def trained(plain) -> SvdRecipe:
    recipe = recipe_of(plain)
    train(recipe, 3)
    return recipe


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory) -> str:
    tensors, metadata = trained.export(trained_weights(trained), 3)
    return str(saved(tensors, tmp_path_factory.mktemp("exported") / "dragnuwa.safetensors", metadata))


@torch.no_grad()
def test_training_begins_at_plain_svd(plain):
    recipe = recipe_of(plain)
    encoded, x = recipe.encode(clips()), torch.randn(2, FRAMES, 4, 6, 8)
    unet = video_unet(**SHAPE)
    unet.load_state_dict({key.removeprefix(UNET): w.float() for key, w in load_file(plain).items() if UNET in key})
    told, level = encoded.conditions, torch.tensor([0.1, 0.5])
    concat = told.concat[:, None].expand(-1, FRAMES, -1, -1, -1)
    expected = unet(
        torch.cat([x, concat], 2).flatten(0, 1), *(one.repeat_interleave(FRAMES, 0) for one in (level, told.context)),
        told.numbers.repeat_interleave(FRAMES, 0), num_video_frames=FRAMES)  # fmt: skip
    torch.testing.assert_close(recipe.network(x, level, told).flatten(0, 1), expected, atol=1e-5, rtol=1e-5)
    assert expected.abs().max() > 0.1


@torch.no_grad()
def test_training_lowers_the_loss(plain, trained):
    """On the noise of its first step."""
    before, after = (loss_of(recipe, torch.Generator().manual_seed(3)) for recipe in (recipe_of(plain), trained))
    assert float(after) < 0.95 * float(before), (float(before), float(after))


def test_only_lora_and_the_adapter_learn(plain, trained):
    before, after = recipe_of(plain).network.state_dict(), trained.network.state_dict()
    learns = {name for name in before if "lora_" in name or name.startswith("fusion.")}
    assert learns == {name for name, one in trained.network.named_parameters() if one.requires_grad}
    for name in before.keys() - learns:
        assert torch.equal(before[name], after[name]), name
    # Attention to the one token of the context has nothing to choose from, so its queries and keys get no gradient.
    still = {name for name in learns if torch.equal(before[name], after[name])}
    assert still == {name for name in learns if ".attn2.to_q." in name or ".attn2.to_k." in name}


@torch.no_grad()
def test_the_network_with_released_keys_computes_what_the_original_did(golden, golden_file, golden_weights):
    """Keys, shapes and the output of UNet, LoRA and adapter, none of them merged, are those of tests/golden."""
    file = svd_file.read(golden_file)
    unet = svd_parts.unet(file.checkpoint.base, VideoModel.detect(file.checkpoint), torch.float32)
    network = SvdNetwork(unet, MultiscaleFusion(svd_file.fusion_of(unet.state_dict())), 32, False)
    network.load_lora(file.factors)
    network.fusion.load_state_dict(file.checkpoint.adapter)
    found = {**network.unet.state_dict(), **network.fusion.state_dict()}
    assert {UNET + key: one.shape for key, one in found.items()} == {k: w.shape for k, w in golden_weights.items()}
    with safe_open(golden / "tensors.safetensors", "pt") as tensors:
        expected = {key: tensors.get_tensor(key) for key in tensors.keys()}  # noqa: SIM118
    clips = {key: one.unflatten(0, (2, 6)) for key, one in expected.items() if key.startswith("unet_")}
    told = Conditions(*(clips[f"unet_{key}"][:, 0] for key in ("concat", "context")),
                      expected["flow_small"].expand(2, -1, -1, -1, -1), clips["unet_y"][:, 0])  # fmt: skip
    out = network(clips["unet_x"], clips["unet_timesteps"][:, 0], told)
    torch.testing.assert_close(out, clips["unet_out"], atol=1e-4, rtol=0)


def test_gradient_checkpointing_changes_no_gradient(trained, exported):
    again = recipe_of(exported, gradient_checkpointing=True)
    again.network.load_state_dict(trained.network.state_dict())
    encoded, noise = trained.encode(clips()), torch.randn(2, FRAMES, 4, 6, 8)
    gradients = []
    for network in (trained.network, again.network):
        squared_error(network, encoded.latents, encoded.conditions, torch.tensor([0.5, 5.0]), noise).mean().backward()
        gradients.append({name: one.grad for name, one in network.named_parameters() if one.requires_grad})
        network.zero_grad()
    for name, gradient in gradients[0].items():
        assert gradient is not None, name  # several processes find their gradients by that
        torch.testing.assert_close(gradients[1][name], gradient, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_a_frozen_half_unet_is_trained_under_autocast(plain, dtype):
    recipe, whole = recipe_of(plain, dtype=dtype, gradient_checkpointing=True), recipe_of(plain)
    with torch.autocast("cpu", torch.bfloat16):
        losses = train(recipe, 2)
    assert losses[0] == pytest.approx(train(whole, 1)[0], rel=0.03)
    kinds = {one.dtype for one in recipe.network.parameters() if one.requires_grad}
    assert kinds == {torch.float32} and all(torch.isfinite(one).all() for one in recipe.network.parameters())


def test_the_conditions_are_those_of_the_pack_s_nodes(plain):
    recipe = recipe_of(plain)
    some = replace(clips(), keep_picture=torch.tensor([True, False]))
    encoded = recipe.encode(some)
    told = encoded.conditions
    picture = some.frames[0, :1].float() / 255
    noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(some.seeds[0]))
    expected = recipe.encoder.vae.encode(picture + AUGMENTATION * noise)[0]
    torch.testing.assert_close(told.concat[0], expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(told.context[0], recipe.encoder.clip_vision.encode_image(picture).image_embeds)
    assert told.context.shape == (2, 1, 24) and told.context[0].abs().max() > 0
    assert told.concat[1].abs().max() == 0 == told.context[1].abs().max()
    torch.testing.assert_close(
        encoded.latents[1], recipe.encoder.vae.encode(some.frames[1].float() / 255) * LATENT_SCALE, atol=1e-4, rtol=1e-4
    )
    numbers = motion_numbers(torch.tensor([7.0, 24.0]), some.motion_bucket, torch.full((2,), AUGMENTATION))
    torch.testing.assert_close(told.numbers, numbers)
    assert recipe.decode(encoded.latents[0]).shape == (FRAMES, 3, *SIZE)
    assert torch.equal(recipe.encode(some).latents, encoded.latents)


def test_the_exported_file_has_the_released_layout(plain, exported):
    source, found = load_file(plain), load_file(exported)
    assert {value.dtype for value in found.values()} == {torch.float16}
    for key, value in source.items():
        linear = key.replace(".weight", ".linear.weight").replace(".bias", ".linear.bias")
        if "embedders.3" in key:
            assert key not in found
        else:
            assert torch.equal(found[key if key in found else linear], value), key
    assert f"{UNET}input_blocks.1.1.proj_in.lora_up.weight" in found
    config = checkpoint.load(exported).config
    assert config.num_head_channels == 16 and config.metadata["training"] == {"steps": 3}
    assert [config.metadata[key] for key in ("kernel_size", "sigma", "frames", "steps")] == [39, 4.0, FRAMES, 3]


@torch.no_grad()
def test_the_pack_loads_what_was_exported_and_the_host_computes_the_same(trained, exported):
    import comfy.model_management

    from dragnuwa.host.fusion import fusion_patch

    parts = load.load(exported)
    encoded = trained.encode(clips(1))
    noise = torch.randn(FRAMES, 4, 6, 8, generator=torch.Generator().manual_seed(1))
    told, x, sigma = encoded.conditions, noise * 5, torch.tensor([2.5])
    model = fusion_patch.apply(parts.model, parts.adapter, told.flow[0])
    comfy.model_management.load_models_gpu([model, parts.adapter])
    options = model.model_options["transformer_options"] | {"sigmas": sigma, "cond_or_uncond": [0]}
    numbers = model.model.encode_adm(fps=8, motion_bucket_id=4, augmentation_level=AUGMENTATION)
    hosts = model.model.apply_model(
        x, sigma.expand(FRAMES), c_concat=told.concat.expand(FRAMES, -1, -1, -1),
        c_crossattn=told.context.expand(FRAMES, -1, -1), y=numbers.expand(FRAMES, -1), num_video_frames=FRAMES,
        transformer_options=options)  # fmt: skip
    mine, without = (
        denoise(trained.network, x[None], sigma, replace(told, flow=told.flow * factor))[0] for factor in (1, 0)
    )
    torch.testing.assert_close(mine, hosts, atol=5e-3, rtol=5e-3)  # the file is float16
    assert (mine - without).abs().max() > 0.02  # and the drags do something, four times as much
    latent = parts.vae.encode(torch.rand(1, *SIZE, 3))
    assert latent.shape == (1, 4, 6, 8)


@torch.no_grad()
def test_a_dragnuwa_checkpoint_is_trained_on(trained, exported, plain, tmp_path):
    recipes = [recipe_of(exported), recipe_of(plain)]
    recipes[1].load_exported(Path(exported))
    expected = {name: one.half().float() for name, one in trained_weights(trained).items()}
    for recipe in recipes:
        torch.testing.assert_close(trained_weights(recipe), expected)
    with pytest.raises(ValueError, match=r"lora_down.weight has to be \(2, .*Set rank"):
        recipe_of(exported, rank=2)
    with pytest.raises(ValueError, match="no adapter"):
        recipes[1].load_exported(Path(plain))
    with pytest.raises(ValueError, match=r"svd\.dtype has to be one of float32"):
        SvdConfig(plain, dtype="int8")


BAD = {
    "no CLIP vision": (lambda w: without(w, VISION), "no CLIP vision model"),
    "no VAE": (lambda w: without(w, "first_stage"), "no VAE"),
    "half a CLIP vision model": (lambda w: without(w, "visual.conv1"), "patch_embedding"),
    "half a UNet": (lambda w: without(w, "time_embed.0"), "keys missing"),
    "no video model": (lambda w: without(w, "time_stack"), "no layers over time"),
    "no level": (lambda w: without(w, "input_blocks.3.0.in_layers.2"), "in_layers.2"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_does_not_do_is_refused(case, plain, tmp_path):
    change, words = BAD[case]
    path = saved(change(load_file(plain)), tmp_path / "bad.safetensors", METADATA)
    with pytest.raises(CheckpointError) as error:
        recipe_of(path)
    assert words in str(error.value), str(error.value)


def moving_texture(frames: int, seed: int) -> list[np.ndarray]:
    """It moves to the right by 2 px a frame."""
    wide = texture(48, 128, seed)
    return [np.ascontiguousarray(wide[:, 40 - 2 * number : 104 - 2 * number]) for number in range(frames)]


def test_the_shipped_configuration_trains_at_toy_size(plain, tmp_path):
    """Through the command, in dense and in sparse drags; then the export, as the node loads it."""
    for seed in range(2):
        write_video(tmp_path / "videos" / f"{seed}.mp4", moving_texture(12, seed), np.arange(12) / 8)
    text = CONFIG.read_text(encoding="utf-8").replace("until = 8000", "until = 2")
    config = tmp_path / "run.toml"
    config.write_text(
        "threads = 1\n"
        + shrunk(text, out=str(tmp_path / "run"), path=plain, folder=str(tmp_path / "videos"), steps=3, batch=2,
               accumulate=2, workers=0, lr=1e-3, rank=RANK, frames=FRAMES, width=64, height=48, fps=[4.0, 8.0],
               kernel_size=39, sigma=4.0, preview_steps=3, preview_clips=1, log_steps=1))  # fmt: skip
    dragnuwa.train.main([str(config)])
    lines = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == [1, 2, 3]
    assert all(np.isfinite(line["loss"]) for line in lines if "loss" in line)
    export.main([str(tmp_path / "run/state.pt"), str(tmp_path / "out.safetensors")])
    loaded = checkpoint.load(tmp_path / "out.safetensors")
    run = loaded.config.metadata
    assert (run["steps"], run["frames"], run["kernel_size"]) == (3, FRAMES, 39) and run["training"]["svd"]["rank"] == 4
    assert loaded.adapter["input_blocks.1.0.flow_gamma_temporal.weight"].abs().max() > 0
    parts = load.load(tmp_path / "out.safetensors")
    assert parts.vae is not None and parts.adapter is not None


def test_the_shipped_configuration_is_the_recipe_and_states_what_it_takes():
    config, text = read(CONFIG, RunConfig), CONFIG.read_text(encoding="utf-8")
    assert (config.svd.rank, config.lr, config.micro_batch(1), config.batch) == (32, 5e-6, 1, 128)
    assert (config.clips.kernel_size, config.clips.sigma, config.clips.frames) == (199, 20.0, 14)
    assert [stage.dense_share for stage in config.stages] == [1.0, 0.0] and config.stages[-1].until == config.steps
    parameters = dict(svd_memory.network("meta", True).named_parameters())
    frozen = sum(one.numel() for one in parameters.values() if not one.requires_grad) / 1e6
    lora = sum(one.numel() for name, one in parameters.items() if ".lora_" in name) / 1e6
    adapter = sum(one.numel() for name, one in parameters.items() if name.startswith("fusion.")) / 1e6
    stated = [float(number) for number in re.findall(r"([\d.]+) million", text)]
    assert stated == [round(number, 1) for number in (frozen, lora, adapter)]
