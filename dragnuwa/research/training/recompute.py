"""Gradient checkpointing: activations of a block are recomputed in the backward pass instead of being kept."""

from __future__ import annotations

from collections.abc import Callable

from torch.utils.checkpoint import checkpoint


def run_block(recompute: bool, function: Callable, *inputs):
    """`function(*inputs)`, which must be deterministic; with `recompute`, its activations are not kept."""
    if not recompute:
        return function(*inputs)
    return checkpoint(function, *inputs, use_reentrant=False, preserve_rng_state=False)
