"""Gradient checkpointing: what a block computes is computed again in the backward pass instead of being kept."""

from __future__ import annotations

from collections.abc import Callable

from torch.utils.checkpoint import checkpoint


def run_block(recompute: bool, function: Callable, *inputs):
    """`function(*inputs)`, in which nothing is random; its activations are kept, or with `recompute` computed again."""
    if not recompute:
        return function(*inputs)
    return checkpoint(function, *inputs, use_reentrant=False, preserve_rng_state=False)
