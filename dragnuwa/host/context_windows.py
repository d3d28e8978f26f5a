"""Finds the frames of one model call: the whole clip, or a context window of it if the host samples in windows."""

from __future__ import annotations

import torch


def window_frames(transformer_options: dict, frames: int) -> range | list[int]:
    """Indices of the frames in a model call, for a clip of `frames`; a range if they are consecutive.

    Raises:
        ValueError: if the window reaches beyond the clip.
    """
    window = transformer_options.get("context_window")
    if window is None:
        return range(frames)
    before = getattr(window, "causal_anchor_index", None)  # a frame that the host prepends to the window
    numbers = [*([] if before is None else [before]), *window.index_list]
    if max(numbers) >= frames:
        raise ValueError(
            f"The host samples frame {max(numbers) + 1} of a clip, and the drags have {frames} frames. Connect one "
            "'frames' to all nodes that have such an input."
        )
    in_a_row = range(numbers[0], numbers[0] + len(numbers))
    return in_a_row if numbers == list(in_a_row) else numbers


def take(tensor: torch.Tensor, frames: range | list[int]) -> torch.Tensor:
    """These frames of `[T, ...]`; a view if they are a range."""
    return tensor[frames.start : frames.stop] if isinstance(frames, range) else tensor[frames]
