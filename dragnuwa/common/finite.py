"""Whether all numbers of a tensor are finite, in one pass."""

from __future__ import annotations

import torch


def is_finite(tensor: torch.Tensor) -> bool:
    """Whether no number is NaN or infinite; of floating point, of any shape that is not empty.

    A sum is finite only if each of its terms is, and torch adds as fast as memory is read. Where the sum is not, the
    terms may still be, and only too large together: then the least and the greatest number tell, since NaN and
    infinities come through as these.
    """
    return bool(tensor.sum().isfinite()) or all(bool(end.isfinite()) for end in tensor.aminmax())
