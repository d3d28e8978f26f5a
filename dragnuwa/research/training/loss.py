"""The loss of Stable Video Diffusion: EDM with v-prediction (arXiv 2206.00364, arXiv 2311.15127), sigma_data = 1.

With noisy latents x = x0 + sigma n, the network F gets x / sqrt(sigma^2 + 1) and log(sigma) / 4, and
D(x) = x / (sigma^2 + 1) - F sigma / sqrt(sigma^2 + 1) is the denoised clip, as the host computes it. EDM's weight
(sigma^2 + 1) / sigma^2 on the error of D is then a weight of 1 on the error of F, whose target is
v = (n - sigma x0) / sqrt(sigma^2 + 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .recipe import Conditions, Encoded

CLEAR_CHANGE = 0.25  # squared, in latents of variance 1; smaller changes are mostly the autoencoder's own flicker
SIGMA_RANGE = (0.002, 700.0)  # the host's for Stable Video Diffusion


@dataclass(frozen=True)
class NoiseConfig:
    """log(sigma) is normal, or with probability `uniform_share` uniform over the sampler's range."""

    mean: float = 0.4
    spread: float = 1.4
    uniform_share: float = 0.1


def draw_sigmas(count: int, config: NoiseConfig, generator: torch.Generator) -> Tensor:
    """`[count]` noise levels."""
    low, high = torch.tensor(SIGMA_RANGE).log()
    normal = config.mean + config.spread * torch.randn(count, generator=generator)
    uniform = low + (high - low) * torch.rand(count, generator=generator)
    chosen = torch.where(torch.rand(count, generator=generator) < config.uniform_share, uniform, normal)
    return chosen.clamp(low, high).exp()


def squared_error(network: nn.Module, x0: Tensor, conditions: Conditions, sigma: Tensor, noise: Tensor) -> Tensor:
    """The squared error of the network's output, `[B, T, 4, h, w]`; x0 and noise: `[B, T, 4, h, w]`, sigma: `[B]`."""
    s = sigma.view(-1, 1, 1, 1, 1)
    scale = (s.square() + 1).sqrt()
    found = network((x0 + s * noise) / scale, sigma.log() / 4, conditions).float()
    target = (noise - s * x0) / scale
    return (found - target).square()


def change_weight(x0: Tensor, strength: float) -> Tensor:
    """Per-pixel weights of the error, `[B, T, 1, h, w]` with mean 1 in each clip; x0: `[B, T, 4, h, w]`.

    Pixels that differ from the clip's first frame get up to 1 + strength times the weight of unchanged ones. A dragged
    object covers a small part of the picture, and the network learns to copy the rest first; without the weights, the
    remaining error would be a small part of the loss.
    """
    change = (x0 - x0[:, :1]).square().mean(2, keepdim=True)  # [B, T, 1, h, w]
    weight = 1 + strength * change / (change + CLEAR_CHANGE)
    return weight / weight.mean((1, 2, 3, 4), keepdim=True)


def place_weight(encoded: Encoded, change: float) -> Tensor:
    """Per-pixel weights of the error, `[B, T, 1, h, w]`: `change_weight` times the recipe's own."""
    weight = change_weight(encoded.latents, change)
    return weight if encoded.weight is None else weight * encoded.weight


def denoise(network: nn.Module, x: Tensor, sigma: Tensor, conditions: Conditions) -> Tensor:
    """The denoised clips for x `[B, T, 4, h, w]` at sigma `[B]`."""
    s = sigma.view(-1, 1, 1, 1, 1)
    scale = (s.square() + 1).sqrt()
    found = network(x / scale, sigma.log() / 4, conditions).float()
    return x / scale.square() - found * s / scale


def loss_contributions(losses: Tensor, sigmas: Tensor, all_sigmas: Tensor) -> Tensor:
    """The contribution of some clips of a step to its mean loss, and to the means of its low- and high-noise halves.

    losses, sigmas: `[b]`, of these clips; all_sigmas: `[B]`, of all clips of the step. Returns `[3]`; the sum over all
    parts of the step is the three means.
    """
    order = all_sigmas.argsort(stable=True)
    half = len(all_sigmas) // 2
    low = sigmas < all_sigmas[order[half]]
    return torch.stack(
        [
            losses.sum() / len(all_sigmas),
            losses[low].sum() / max(1, half),
            losses[~low].sum() / max(1, len(all_sigmas) - half),
        ]
    )
