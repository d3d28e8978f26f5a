"""`python -m dragnuwa.research.training.recipes.tiny.autoencoder CONFIG.toml`: trains its autoencoder.

It is trained on frames of scenes. The architecture is the host's TAESD, so that the host can run the result. The loss
compares the pictures at several scales, and their edges. In part of the steps the latents are scaled, rotated or
shifted before they are decoded, and compared with the picture transformed alike (EQ-VAE, arXiv 2502.09509), so that
latents move as the picture does.
"""

import argparse
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .....common.atomic import remove_partial_files
from .....common.images import to_floats
from .....host.find import find_host
from ....scenes import HELD_OUT_SEED, SceneConfig, make_scene
from ... import state
from ...config import read
from ...latents import LATENT_PIXEL, LATENT_SCALE
from ...optim import EMA, MuonAdamW, cosine, set_learning_rate
from ...random_streams import AUTOENCODER_CROPS, AUTOENCODER_TRANSFORMS

log = logging.getLogger(__name__)

HELD_OUT_FRAMES = 24
TRANSFORM_SHARE = 0.5  # probability that a step transforms the latents
LATENT_NOISE = 0.05  # added before decoding, so that the decoder tolerates small errors in latents
LATENT_WEIGHT = 0.02  # of the loss that pulls the latents towards mean 0 and variance 1


@dataclass(frozen=True)
class AutoencoderConfig:
    out: str
    scenes: SceneConfig = field(default_factory=SceneConfig)
    steps: int = 5000
    warmup: int = 100
    batch: int = 12
    crop: int = 80  # px, a multiple of 8
    lr: float = 1e-3  # Muon
    adam_lr: float = 1e-3
    weight_decay: float = 0.0
    save_seconds: float = 240.0
    log_steps: int = 50
    threads: int = 1


def build() -> nn.Module:
    """The host's TAESD with fresh weights: He initialisation, then unit variance after each convolution of the trunk.

    The network has no normalisation layers. Without the second part its activations grow along the trunk, the last
    layers' weights have to be tiny, and each step of the optimiser changes the picture completely.
    """
    from .....host.training.networks import TAESD

    model = TAESD().requires_grad_(True)
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    with torch.no_grad():
        for layer in model.modules():
            if hasattr(layer, "fuse"):  # a residual block
                layer.conv[-1].weight.mul_(0.25)
        noise = F.interpolate(torch.rand(8, 3, 16, 16), size=64, mode="bilinear")
        latent = _normalise(model.taesd_encoder, noise, mean=0.0, spread=1.0)
        _normalise(model.taesd_decoder, latent, mean=0.5, spread=0.1)
        model.vae_scale.fill_(LATENT_SCALE)
    return model


def of_weights(weights: Mapping[str, Tensor]) -> nn.Module:
    """The host's TAESD with these weights, frozen."""
    from .....host.training.networks import TAESD

    model = TAESD().requires_grad_(False)
    model.load_state_dict(weights)
    return model


def _normalise(network: nn.Sequential, x: Tensor, mean: float, spread: float) -> Tensor:
    """Scale each convolution of the trunk to unit variance for the batch `x`, the last one to this mean and spread."""
    for layer in network:
        if isinstance(layer, nn.Conv2d):
            variance, centre = torch.var_mean(layer(x), (0, 2, 3))
            last = layer is network[-1]
            share = spread / variance.sqrt() if last else 1 / variance.mean().sqrt()
            layer.weight.mul_(share.view(-1, 1, 1, 1) if last else share)
            if last:
                layer.bias.copy_(mean - centre * share)
        x = layer(x)
    return x


def batch_of(step: int, config: AutoencoderConfig) -> Tensor:
    """Crops `[B, 3, S, S]` (0..1) that depend only on the step: one from each frame of a two-frame scene."""
    scenes = replace(config.scenes, frames=2)
    rng = np.random.default_rng((AUTOENCODER_CROPS, step))
    crops = []
    for index in range(config.batch // 2):
        for frame in make_scene(step * (config.batch // 2) + index, scenes).frames:
            top, left = (rng.integers(side - config.crop + 1) for side in frame.shape[:2])
            crops.append(frame[top : top + config.crop, left : left + config.crop])
    return pictures(np.stack(crops))


def pictures(frames: np.ndarray) -> Tensor:
    """uint8 `[B, H, W, 3]` to float32 `[B, 3, H, W]` of 0..1, in channels-last memory, which is fastest on CPUs."""
    return to_floats(frames).permute(0, 3, 1, 2)


def transform(picture: Tensor, latent: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """The same rotation and flip, and the same downscaling or shift of less than a latent pixel, on both."""
    turns, flip = int(rng.integers(4)), bool(rng.integers(2))
    picture, latent = (torch.rot90(one, turns, (2, 3)) for one in (picture, latent))
    picture, latent = (one.flip(3) if flip else one for one in (picture, latent))
    size = latent.shape[-1]
    if rng.random() < 0.6:
        small = int(rng.integers(size // 2, size))
        return (
            F.interpolate(picture, size=small * LATENT_PIXEL, mode="bilinear", antialias=True),
            F.interpolate(latent, size=small, mode="bilinear", antialias=True),
        )
    down, right = (int(value) for value in rng.integers(0, LATENT_PIXEL, 2))
    latent = torch.lerp(latent[:, :, :-1], latent[:, :, 1:], down / LATENT_PIXEL)
    latent = torch.lerp(latent[..., :-1], latent[..., 1:], right / LATENT_PIXEL)
    length = (size - 1) * LATENT_PIXEL
    return picture[:, :, down : down + length, right : right + length], latent


def reconstruction_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """L1 at three scales plus L1 of the differences between neighbouring pixels; `[B, 3, H, W]`, 0..1."""
    loss = (found - wanted).abs().mean()
    for axis in (2, 3):
        loss = loss + (found.diff(dim=axis) - wanted.diff(dim=axis)).abs().mean()
    for _ in range(2):
        found, wanted = F.avg_pool2d(found, 2), F.avg_pool2d(wanted, 2)
        loss = loss + 0.5 * (found - wanted).abs().mean()
    return loss


def latent_loss(latent: Tensor) -> Tensor:
    """How far each channel's mean is from 0 and its variance from 1; `[B, C, h, w]`."""
    variance, mean = torch.var_mean(latent, (0, 2, 3))
    return (mean.square() + variance.clamp(min=1e-4).log().square()).mean()


def train_step(model: nn.Module, picture: Tensor, step: int) -> Tensor:
    """The loss of one batch; all random choices depend on the step."""
    rng = np.random.default_rng((AUTOENCODER_TRANSFORMS, step))
    with torch.autocast("cpu", torch.bfloat16):
        latent = model.taesd_encoder(picture).float()  # [B, 4, S/8, S/8]
    wanted, moved = picture, latent
    if rng.random() < TRANSFORM_SHARE:
        wanted, moved = transform(picture, latent, rng)
    noise = torch.randn(moved.shape, generator=torch.Generator().manual_seed(step))
    with torch.autocast("cpu", torch.bfloat16):
        found = model.taesd_decoder(moved + LATENT_NOISE * noise).float()
    return reconstruction_loss(found, wanted) + LATENT_WEIGHT * latent_loss(latent)


@torch.no_grad()
def held_out_psnr(model: nn.Module, config: SceneConfig) -> dict[str, float]:
    """Mean PSNR in dB of full frames of held-out scenes, and the standard deviation of the latents."""
    from kornia.metrics import psnr

    values, spread = [], []
    for index in range(HELD_OUT_FRAMES):
        frame = pictures(make_scene(HELD_OUT_SEED + index, config).frames[:1])
        latent = model.taesd_encoder(frame)
        found = model.taesd_decoder(latent).clamp(0, 1)
        values.append(float(psnr(found, frame, 1.0)))
        spread.append(float(latent.std()))
    return {"psnr": float(np.mean(values)), "worst": min(values), "latent_std": float(np.mean(spread))}


def train(config: AutoencoderConfig) -> None:
    """Train to `config.steps`, from the state in `config.out` if there is one; write weights that the host loads."""
    torch.set_num_threads(config.threads)
    out = Path(config.out)
    torch.manual_seed(0)
    model = build().to(memory_format=torch.contiguous_format)
    optimizer = MuonAdamW(model, lr=config.lr, adam_lr=config.adam_lr, weight_decay=config.weight_decay)
    ema = EMA(model, 0.999)
    step = 0
    remove_partial_files(out)
    if (saved := state.load(out / "state.pt")) is not None:
        step = saved["step"]
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        ema.load_state_dict(saved["average"])
        log.info("resumed at step %d", step)
    last_save, losses = time.monotonic(), []
    while step < config.steps:
        set_learning_rate(optimizer, cosine(step, config.steps, config.warmup))
        loss = train_step(model, batch_of(step, config), step)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        ema.update(model)
        step += 1
        losses.append(float(loss.detach()))
        if step % config.log_steps == 0:
            log.info("step %d loss %.4f", step, np.mean(losses))
            losses.clear()
        if step == config.steps or time.monotonic() - last_save > config.save_seconds:
            _save(out, step, model, optimizer, ema, config)
            last_save = time.monotonic()


def _save(out: Path, step: int, model: nn.Module, optimizer: MuonAdamW, ema: EMA, config: AutoencoderConfig) -> None:
    state.save(
        {
            "step": step,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "average": ema.state_dict(),
        },
        out / "state.pt",
    )
    mean = of_weights(ema.weights)
    state.save(mean.state_dict(), out / "autoencoder.pt")
    score = held_out_psnr(mean, config.scenes)
    log.info(
        "step %d held out: psnr %.2f dB, worst %.2f dB, latent std %.3f",
        step,
        score["psnr"],
        score["worst"],
        score["latent_std"],
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.research.training.recipes.tiny.autoencoder", description="Train the autoencoder."
    )
    parser.add_argument("config", help="a TOML file of AutoencoderConfig")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config = read(options.config, AutoencoderConfig)
    find_host()
    train(config)


if __name__ == "__main__":
    main()
