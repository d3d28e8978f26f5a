"""How alike two results are."""

from __future__ import annotations

import numpy as np
import torch


def worst(a: torch.Tensor, b: torch.Tensor) -> float:
    """The greatest difference."""
    return (a - b).abs().max().item()


def overlap(a: np.ndarray | torch.Tensor, b: np.ndarray | torch.Tensor) -> float:
    """Of two masks what both cover, of what either covers."""
    a, b = a >= 0.5, b >= 0.5
    return float((a & b).sum() / (a | b).sum())


def psnr(found: torch.Tensor, expected: torch.Tensor, peak: float = 1.0) -> float:
    """In dB; infinite for the same."""
    error = (found - expected).double().square().mean()
    return (10 * torch.log10(peak**2 / error)).item()
