"""A text for each object of a drawing: conditioning that the host applies where the object is, frame by frame.

An entry of a CONDITIONING may have a mask over the latent, and a part of the sampling in which it counts: the host runs
the model once for each entry, and averages what they give by their masks. What no mask covers is left to the entries
that are marked as default. Which models take a mask over time was found by running them
(tests/host/test_region_texts.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..common.clip_shape import ClipShape
from ..common.errors import InputError
from ..trajectory import MotionObject, Trajectories
from ..trajectory.objects.over_time import masks_over_time
from .latents import frames_of, latent_frames, spans, video_samples

EACH_FRAME, WHOLE_CLIP = OVER_TIME = ("each frame", "whole clip")
"""Where a text counts: where its object is in a frame, or wherever it comes in the whole clip."""


@dataclass(frozen=True)
class Regions:
    """How texts count.

    Attributes:
        strength: 0..1, how much of what the model gives in an object's area is by its text; the rest is by the texts
            for the whole picture.
        start, end: the part of the sampling in which they count, fractions from 0 to 1.
        over_time: of `OVER_TIME`.
    """

    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    over_time: str = EACH_FRAME


@dataclass(frozen=True)
class SampledClip:
    """A latent that is sampled, and the clip that it stands for.

    Attributes:
        latent: the host's LATENT, `[T, C, h, w]` or `[B, C, t, h, w]`, or with sound after it.
        vae: the host's VAE, which says what its frames stand for.
        frames: of the clip; 0 for what the latent stands for. Latent frames after them, such as guides, show no object.
    """

    latent: dict
    vae: Any
    frames: int = 0


def with_texts(
    conditioning: list, drawing: Trajectories, clip: Any, sampled: SampledClip, regions: Regions
) -> tuple[list, Tensor]:
    """Conditioning with an entry for each enabled object that has a text, or a name, and is seen.

    Args:
        conditioning: for the whole picture. Its entries without a region of their own then count where no object is.
        clip: the host's CLIP.
        sampled: where they count.
        regions: how they count.

    Returns:
        The conditioning, and `[t, h, w]`: where a text of an object counts.

    Raises:
        InputError: if there is no text encoder, no object with a text, or a latent of fewer frames.
        ValueError: as `frames_of`.
    """
    if clip is None:
        raise InputError(
            "There is no text encoder. Connect the CLIP of the model: some checkpoints have none, and need Load CLIP."
        )
    if not conditioning:
        raise InputError("conditioning has no entry. Connect the positive conditioning of the model.")
    masks, words = _masks(drawing, sampled, regions.over_time)
    base = [[tokens, values | ({} if _has_region(values) else {"default": True})] for tokens, values in conditioning]
    shared = {key: value for key, value in conditioning[0][1].items() if key not in OWN}
    made = []
    for text, mask in zip(words, masks, strict=True):
        for tokens, values in clip.encode_from_tokens_scheduled(clip.tokenize(text)):
            region = {"mask": _as_the_host_takes_it(mask, sampled.latent["samples"]), "set_area_to_bounds": False,
                      "mask_strength": regions.strength, "start_percent": regions.start,
                      "end_percent": regions.end}  # fmt: skip
            made.append([tokens, shared | values | region])
    return [*base, *made], masks.amax(0)


OWN = ("mask", "mask_strength", "set_area_to_bounds", "area", "strength", "start_percent", "end_percent", "default",
       "pooled_output", "attention_mask")  # fmt: skip
"""What an entry has for itself, and no other takes over."""


def _has_region(values: dict) -> bool:
    return "mask" in values or "area" in values


def _masks(drawing: Trajectories, sampled: SampledClip, over_time: str) -> tuple[Tensor, list[str]]:
    """`[K, t, h, w]`, and the text of each: of the objects that have one and are seen."""
    latent, vae = sampled.latent, sampled.vae
    samples = video_samples(latent, vae)
    count, pixel = latent_frames(samples), vae.spacial_compression_encode()
    height, width = samples.shape[-2:]
    shape = ClipShape(width * pixel, height * pixel, sampled.frames or frames_of(latent, vae))
    if shape.frames < 2:
        raise InputError(
            "The latent is that of one picture: objects move in the frames of a video. Connect the latent of a video, "
            "or use ComfyUI's Conditioning (Set Mask) with a mask of DragNUWA Find Objects."
        )
    of_frames = spans(shape.frames, samples, vae)
    if len(of_frames) > count:
        raise InputError(
            f"The latent has {count} frames, and {shape.frames} frames of a clip make {len(of_frames)}. Set one number "
            "of frames in both nodes, or 0 here, which takes it from the latent."
        )
    objects = drawing.enabled_objects
    told = [each.words for each in objects if each.words]
    if not told:
        raise InputError(_no_text(objects))
    made = masks_over_time(objects, shape, of_frames, (width, height), lambda each: bool(each.words))
    seen = made.any((1, 2, 3))
    if not seen.any():
        raise InputError(
            "No object with a text is seen in the clip: they are outside the picture, hidden, or covered by others. "
            "Move them into it, or show them, in the Trajectory Editor."
        )
    masks = torch.from_numpy(made[seen])
    if over_time == WHOLE_CLIP:
        masks = masks.amax(1, keepdim=True).expand(-1, len(of_frames), -1, -1)
    masks = torch.nn.functional.pad(masks, (0, 0, 0, 0, 0, count - len(of_frames)))
    return masks, [text for text, shown in zip(told, np.atleast_1d(seen), strict=True) if shown]


def _no_text(objects: tuple[MotionObject, ...]) -> str:
    if not objects:
        return (
            "The drawing has no object that is switched on: texts belong to objects, not to drags. Cut one out in the "
            "Trajectory Editor (B), or make some with DragNUWA Objects from Masks."
        )
    return (
        f"None of the {len(objects)} objects has a text or a name. Select one in the Trajectory Editor, press E, and "
        "say in Text what it is."
    )


def _as_the_host_takes_it(mask: Tensor, samples: Tensor) -> Tensor:
    """A mask `[t, h, w]` of the latent's video: of one frame where all are equal, which also fits a part of the frames;
    of a latent with sound flat, `[1, N]`, and 0 for the sound."""
    if samples.is_nested:
        video, *others = samples.unbind()
        flat = mask.expand(video.shape[1], *mask.shape).reshape(1, -1)
        rest = sum(other[0].numel() for other in others)
        return torch.nn.functional.pad(flat, (0, rest))
    if bool((mask == mask[:1]).all()):
        return mask[:1]
    return mask
