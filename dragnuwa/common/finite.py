"""Checks in one pass whether all values of a tensor are finite."""

from __future__ import annotations

import torch


def is_finite(tensor: torch.Tensor) -> bool:
    """Whether no value of a non-empty floating-point tensor is NaN or infinite.

    A finite sum implies finite terms, and torch sums at memory speed. If the sum is not finite it may merely have
    overflowed; then the minimum and maximum decide, since both propagate NaN and infinity.
    """
    return bool(tensor.sum().isfinite()) or all(bool(end.isfinite()) for end in tensor.aminmax())
