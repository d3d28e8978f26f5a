"""A toy run from nothing, inside the host's code: the checkpoint that comes out is one that the pack's loader takes."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors import safe_open

from dragnuwa.host.training.networks import join_clips, motion_numbers, tokenizer
from dragnuwa.research.training import engine, export, state
from dragnuwa.research.training.config import parse, tomllib
from dragnuwa.research.training.latents import LATENT_SCALE
from dragnuwa.research.training.loss import denoise, squared_error
from dragnuwa.research.training.recipe import Conditions
from dragnuwa.research.training.recipes.click.train import ClickConfig
from dragnuwa.research.training.recipes.tiny import autoencoder
from dragnuwa.research.training.recipes.tiny.autoencoder import AutoencoderConfig
from dragnuwa.research.training.recipes.tiny.network import DragNetwork, NetworkConfig
from dragnuwa.research.training.run_config import RunConfig
from tests.support.commands import run_python

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "dragnuwa/research/training/configs"


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The folder and configuration of a run of `tiny.toml`, with everything in it made small, that went to its end."""
    out = tmp_path_factory.mktemp("toy")
    torch.manual_seed(0)
    state.save(autoencoder.build().state_dict(), out / "autoencoder.pt")
    table = tomllib.loads((CONFIGS / "tiny.toml").read_text())
    table |= {"out": str(out / "run"), "autoencoder": str(out / "autoencoder.pt"), "steps": 4, "batch": 2, "fresh": 1}
    table |= {"threads": 1, "log_steps": 1, "preview_steps": 0, "warmup": 2, "cooldown": 0, "adam_lr": 0.02}
    table["network"] |= {"model_channels": 32, "channel_mult": [1, 1], "head_channels": 16, "context_dim": 16}
    del table["init"]  # the shipped weights are of a larger network
    table["stages"] = [{"until": 2, "dense_share": 1.0}, *table["stages"]]
    table["clips"]["scenes"] |= {"sizes": [[64, 64], [48, 80]], "frames": 4}
    table["clips"]["short"]["scenes"]["sizes"] = [[64, 64]]
    config = parse(table, RunConfig)
    engine.train(config)
    return out, config


def numbers_of(count: int) -> torch.Tensor:
    ones = torch.ones(count)
    return motion_numbers(4 * ones, 4 * ones, 0.02 * ones)


def test_the_configurations_that_ship_are_valid():
    found = {path.name: tomllib.loads(path.read_text()) for path in CONFIGS.glob("*.toml")}
    assert "tiny.toml" in found
    others = {"tiny-autoencoder.toml": AutoencoderConfig, "click.toml": ClickConfig}
    for name, table in found.items():
        parse(table, others.get(name, RunConfig))
    shipped = parse(found["tiny.toml"], RunConfig)
    recipe = replace(shipped, init=None, autoencoder=str(ROOT / shipped.autoencoder)).build(torch.device("cpu"))
    recipe.load_exported(ROOT / shipped.init)


def test_the_file_tells_the_whole_configuration_and_a_run_starts_from_it_alone(toy):
    """The averaged weights in float16 come back as a new run's, and the autoencoder with them."""
    out, config = toy
    path = out / "start.safetensors"
    export.main([str(out / "run/state.pt"), str(path)])
    with safe_open(path, "pt") as file:
        described = json.loads(file.metadata()["config"])
    assert parse(described["training"], RunConfig) == config and described["steps"] == 4
    begun = replace(config, out=str(out / "begun"), init=str(path), autoencoder=str(path))
    recipe = begun.build(torch.device("cpu"))
    recipe.load_exported(path)
    averaged = state.load(out / "run/state.pt")["average"]["weights"]
    found = recipe.network.state_dict()
    assert all(torch.equal(found[name], weight.half().float()) for name, weight in averaged.items())
    engine.train(replace(begun, steps=1, lr=1e-9, adam_lr=1e-9))
    after = state.load(out / "begun/state.pt")["network"]
    torch.testing.assert_close({name: after[name] for name in averaged}, {name: found[name] for name in averaged})
    with pytest.raises(ValueError, match="not a checkpoint of the network"):
        replace(config, network=replace(config.network, channel_mult=(1, 1, 1))).build(
            torch.device("cpu")
        ).load_exported(path)


def test_the_last_weights_are_exported_on_request(toy):
    out, config = toy
    path = out / "last.safetensors"
    export.main([str(out / "run/state.pt"), str(path), "--last"])
    recipe = config.build(torch.device("cpu"))
    recipe.load_exported(path)
    saved, found = state.load(out / "run/state.pt"), recipe.network.state_dict()
    assert all(torch.equal(found[name], weight.half().float()) for name, weight in saved["network"].items())
    averaged = saved["average"]["weights"]
    assert not all(torch.equal(found[name], weight.half().float()) for name, weight in averaged.items())


def test_the_pack_loads_what_training_exports_and_the_host_computes_the_same(toy):
    import comfy.model_management

    from dragnuwa.host.fusion import fusion_patch, load

    out, config = toy
    path = out / "toy.safetensors"
    export.main([str(out / "run/state.pt"), str(out / "autoencoder.pt"), str(path)])
    parts = load.load(path)
    network = DragNetwork(config.network)
    network.load_state_dict(state.load(out / "run/state.pt")["average"]["weights"], strict=False)
    network.half().float()  # as the file has it

    torch.manual_seed(1)
    flow, x = torch.randn(4, 2, 64, 64) * 3, torch.randn(4, 4, 8, 8) * 5
    concat, context = torch.randn(1, 4, 8, 8) * 5, torch.randn(1, 3, 16)
    sigma = torch.tensor([2.5])
    model = fusion_patch.apply(parts.model, parts.adapter, flow)
    comfy.model_management.load_models_gpu([model, parts.adapter])
    options = model.model_options["transformer_options"] | {"sigmas": sigma, "cond_or_uncond": [0]}
    with torch.no_grad():
        mine, plain = (
            denoise(network, x[None], sigma, Conditions(concat, context, maps[None], numbers_of(1)))[0]
            for maps in (flow, flow * 0)
        )
        numbers = model.model.encode_adm(fps=5, motion_bucket_id=4, augmentation_level=0.02)
        hosts = model.model.apply_model(
            x, sigma.expand(4), c_concat=concat.expand(4, -1, -1, -1), c_crossattn=context.expand(4, -1, -1),
            y=numbers.expand(4, -1), num_video_frames=4, transformer_options=options)  # fmt: skip
    torch.testing.assert_close(mine, hosts, atol=1e-5, rtol=0)
    assert (mine - plain).abs().max() > 1e-3  # and the drags do something


def test_single_pictures_leave_the_layers_over_time_alone(toy):
    """They are not trained by them, and change nothing; with two frames both are so."""
    _, config = toy
    torch.manual_seed(0)
    network = DragNetwork(config.network)
    for parameter in network.parameters():  # some are zero at the start
        torch.nn.init.normal_(parameter, std=0.05)
    over_time = {name: one for name, one in network.named_parameters() if ".time_stack" in name}
    assert over_time
    for frames in (1, 2):
        told = Conditions(
            torch.zeros(1, 4, 8, 8), torch.randn(1, 3, 16), torch.zeros(1, frames, 2, 64, 64), numbers_of(1)
        )
        x, noise_level = torch.randn(1, frames, 4, 8, 8), torch.zeros(1)
        network.zero_grad()
        out = network(x, noise_level, told)
        out.square().mean().backward()
        assert all((one.grad is None) == (frames == 1) for one in over_time.values())
        kept = {name: one.detach().clone() for name, one in over_time.items()}
        with torch.no_grad():
            for one in over_time.values():
                one.mul_(1.5)
            assert torch.equal(network(x, noise_level, told), out) == (frames == 1)
            for name, one in over_time.items():
                one.copy_(kept[name])


def test_objects_of_short_clips_weigh_more(toy):
    """By `object_weight` where one covers a whole place; the mean of each clip stays 1."""
    _, config = toy
    recipe, source = config.build(torch.device("cpu"), cache=False), config.open_source(0)
    whole, short = source.clip(0, 0), source.clip(config.clips.short.every - 1, 0)
    assert (recipe.encode(whole).weight == 1).all()
    encoded = recipe.encode(short)
    weight = encoded.weight
    assert weight.shape == (len(short), 1, 1, *encoded.latents.shape[3:])
    torch.testing.assert_close(weight.mean((1, 2, 3, 4)), torch.ones(len(short)))
    there = short.owner.unflatten(3, (-1, 8)).unflatten(2, (-1, 8)) > 0  # [B, 1, h, 8, w, 8]
    covered, bare = there.all(5).all(3), ~there.any(5).any(3)
    for one, inside, outside in zip(weight[:, :, 0], covered, bare, strict=True):
        torch.testing.assert_close(one[inside], one[outside][0].expand(int(inside.sum())) * 5)
    assert covered.any()


def test_the_host_reads_a_text_as_training_does(toy):
    from dragnuwa.host.fusion import load

    out, config = toy
    path = out / "text.safetensors"
    export.main([str(out / "run/state.pt"), str(out / "autoencoder.pt"), str(path)])
    clip = load.load(path).clip
    network = DragNetwork(config.network)
    network.load_state_dict(state.load(out / "run/state.pt")["average"]["weights"], strict=False)
    tokenize = tokenizer(config.network.context_dim)
    for text in ("", "a red mushroom over green hills, moving left"):
        with torch.no_grad():
            mine = network.half().float().text(torch.tensor([tokenize(text)]))
        hosts = clip.encode_from_tokens_scheduled(clip.tokenize(text))[0][0]
        torch.testing.assert_close(mine, hosts, atol=1e-4, rtol=1e-4)


def test_the_text_is_learned_too(toy):
    """In four steps every part of the text encoder that a text passes through has moved."""
    out, config = toy
    torch.manual_seed(0)
    fresh, learned = DragNetwork(config.network).state_dict(), state.load(out / "run/state.pt")["network"]
    still = [key for key in fresh if key.startswith("text.") and torch.equal(fresh[key], learned[key])]
    assert not still


def test_the_host_recognises_the_autoencoder_and_gives_latents_at_svds_scale(toy):
    from dragnuwa.host.fusion import load

    out, _ = toy
    path = out / "vae.safetensors"
    export.main([str(out / "run/state.pt"), str(out / "autoencoder.pt"), str(path)])
    vae = load.load(path).vae
    picture = torch.rand(1, 64, 64, 3)
    model = autoencoder.build()
    model.load_state_dict(state.load(out / "autoencoder.pt"))
    with torch.no_grad():
        expected = model.taesd_encoder(picture.movedim(-1, 1)) / LATENT_SCALE
    torch.testing.assert_close(vae.encode(picture), expected, atol=0.05, rtol=0.02)


def test_the_network_s_target_is_what_makes_the_denoised_clip_right():
    """An output equal to the target gives back the clip at any noise."""
    torch.manual_seed(0)
    x0, noise = torch.randn(2, 3, 4, 8, 8), torch.randn(2, 3, 4, 8, 8)
    sigma = torch.tensor([0.3, 20.0])
    s = sigma.view(-1, 1, 1, 1, 1)

    def ideal(x, level, conditions):
        torch.testing.assert_close(level, sigma.log() / 4)
        torch.testing.assert_close(x, (x0 + s * noise) / (s**2 + 1).sqrt())
        return (noise - s * x0) / (s**2 + 1).sqrt()

    assert squared_error(ideal, x0, None, sigma, noise).max() < 1e-10
    torch.testing.assert_close(denoise(ideal, x0 + s * noise, sigma, None), x0, atol=1e-4, rtol=1e-4)


def test_the_start_of_training_passes_nothing_of_the_network_through():
    network = DragNetwork(NetworkConfig(32, (1, 1), 1, 16, 16))
    conditions = Conditions(torch.randn(1, 4, 8, 8), torch.zeros(1, 1, 16), torch.randn(1, 4, 2, 64, 64), numbers_of(1))
    assert network(torch.randn(1, 4, 4, 8, 8), torch.zeros(1), conditions).abs().max() == 0


def test_training_the_autoencoder_gives_the_host_s_keys_and_the_same_weights_each_time(tmp_path):
    config = AutoencoderConfig(
        str(tmp_path / "run"), steps=4, batch=2, crop=32, warmup=1, log_steps=1, save_seconds=1e9
    )
    config = replace(config, scenes=replace(config.scenes, sizes=((32, 32),)))
    autoencoder.train(config)
    again = replace(config, out=str(tmp_path / "again"))
    picture = autoencoder.batch_of(0, config)
    assert picture.shape == (2, 3, 32, 32) and picture.min() >= 0 and picture.max() <= 1
    assert state.load(tmp_path / "run/state.pt")["step"] == 4
    weights = state.load(tmp_path / "run/autoencoder.pt")
    assert {key.split(".")[0] for key in weights} == {"taesd_encoder", "taesd_decoder", "vae_scale", "vae_shift"}
    assert float(weights["vae_scale"]) == pytest.approx(LATENT_SCALE)
    autoencoder.train(again)
    other = state.load(tmp_path / "again/autoencoder.pt")
    assert all(torch.equal(weights[key], other[key]) for key in weights)


@pytest.mark.parametrize("seed", range(8))
def test_the_picture_and_its_latents_are_transformed_alike(seed):
    """With a latent that is the picture at an eighth of its size, both have to stay so."""
    torch.manual_seed(seed)
    smooth = F.interpolate(torch.rand(2, 3, 4, 4), size=80, mode="bicubic")
    picture, latent = autoencoder.transform(smooth, F.avg_pool2d(smooth, 8), np.random.default_rng(seed))
    assert picture.shape[-1] == latent.shape[-1] * 8
    inner = (F.avg_pool2d(picture, 8) - latent)[..., 1:-1, 1:-1]
    assert inner.abs().mean() < 0.03 < (F.avg_pool2d(picture, 8).flip(2) - latent).abs().mean()


def test_the_command_has_help():
    assert "CONFIG" in run_python("-m", "dragnuwa.train", "--help", check=True).stdout.upper()


def test_the_text_is_attended_to_over_time_as_the_host_does_and_clips_without_drags_share_a_modulation():
    torch.manual_seed(0)
    network = DragNetwork(NetworkConfig(32, (1, 1), 1, 16, 16)).eval()
    for weight in network.parameters():  # the last layers begin at zero, and would hide what comes before
        torch.nn.init.normal_(weight, std=0.15)
    tokens = torch.tensor([tokenizer(16)(text) for text in ("a red star", "", "a blue bar")])
    flow = torch.randn(3, 4, 2, 64, 64) * torch.tensor([1.0, 0.0, 0.0]).view(3, 1, 1, 1, 1)
    given = Conditions(torch.randn(3, 4, 8, 8), None, flow, numbers_of(3), tokens=tokens)
    noise, level = torch.randn(3, 4, 4, 8, 8), torch.rand(3)
    with torch.no_grad():
        found = network(noise, level, given)
        for name, layer in network.unet.named_modules():
            if name.endswith(".attn2"):
                layer._forward_pre_hooks.clear()
                layer._forward_hooks.clear()
        network._of_drags = lambda maps: join_clips([network.fusion(one) for one in maps])
        expected = network(noise, level, given)
    assert (expected[0] - expected[1]).abs().max() > 0.01
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
