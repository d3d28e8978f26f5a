"""A picture that is moved: Move Picture, Carry, Find Objects and Restore Detail."""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
import torch

from tests.long.hashes.inputs import (
    BENT,
    BESIDE,
    BIRD,
    COFFEE,
    DESERT,
    DRAGS,
    KEYED,
    OBJECT,
    OSPREY,
    OTTERS,
    PAN,
    SHADOW,
    mask_of,
    picture,
)
from tests.long.hashes.running import CLIP, Outputs, case, loaded, nodes, run

MOVED = "video carried uncovered objects"


def full_clip(name: str, text: str, longer: int, fit: str = "crop", frames: int = 5, **more: Any) -> Outputs:
    """Move Picture at full size, of a picture scaled to it."""
    clip = {**CLIP, "frames": frames}
    return run("MovePicture", MOVED, image=picture(name, longer), trajectories=text, longer_side=longer, radius=24.0,
               fit=fit, **clip, **more)  # fmt: skip


for longer, frames in ((640, 5), (1000, 4), (2400, 2)):
    for fit in ("crop", "pad"):
        case(f"move {longer} {fit}", OSPREY, DRAGS, longer, fit, frames)(full_clip)
        case(f"move {longer} {fit}, object", OSPREY, OBJECT, longer, fit, frames)(full_clip)
case("move 640, beside", OSPREY, BESIDE, 640)(full_clip)
case("move 640, camera", DESERT, PAN, 640)(full_clip)
case("move 640, shadow", COFFEE, SHADOW, 640)(full_clip)
case("move 640, keyed", OTTERS, KEYED, 640)(full_clip)
case("move 640, surroundings", OTTERS, BESIDE, 640, carries="surroundings")(full_clip)
case("move 640, bent", OTTERS, BENT, 640)(full_clip)
case("move 1000, bent, padded", OTTERS, BENT, 1000, "pad", 4)(full_clip)


@case("move 640, masks")
def masked(**more: Any) -> Outputs:
    masks = mask_of(BIRD, (640, 360))[None]
    return full_clip(OSPREY, DRAGS, 640, masks=masks, **more)


@case("move 640, masks and background")
def with_background() -> Outputs:
    plate = torch.roll(picture(OSPREY, 640), 2, 2) * 0.9
    return masked(background=plate)


def carried(text: str = DRAGS, fill: str = "", **more: Any) -> Outputs:
    _, clip, _, vae, _ = loaded()
    context = clip.encode_from_tokens_scheduled(clip.tokenize(""))
    size = {"width": 320, "height": 192, "frames": 5}
    image = picture(OSPREY, 640)
    latent = nodes()["DragNUWAConditioning"].execute(vae, fps=5, start_image=image, positive=context, **size).args[2]
    fills = {"fill": fill} if fill else {}
    inputs = {"radius": 16.0, "hold": 0.6, "ground": 0.2, "fit": "crop", **fills, **more}
    made = run("Carry", "latent video carried objects model uncovered", image=image, trajectories=text, vae=vae,
               latent=latent, **size, **inputs)  # fmt: skip
    latent, tied = made.pop("latent"), made.pop("model")
    samples = {key: value for key, value in latent.items() if isinstance(value, torch.Tensor)}
    return made | samples | ({} if tied is None else {"tied": tie_of(tied)})


def tie_of(model: Any) -> torch.Tensor:
    """What a tied model makes of an estimate of noise, at the beginning, in the middle and at the end."""
    found, sigmas = [], torch.tensor([80.0, 10.0, 1.0, 0.1, 0.0])
    for sigma in sigmas[:-1]:
        estimate = torch.randn(5, 4, 24, 40, generator=torch.Generator().manual_seed(0))
        options = {"transformer_options": {"sample_sigmas": sigmas}}
        for function in model.model_options.get("sampler_post_cfg_function", []):
            estimate = function({"denoised": estimate, "sigma": sigma[None], "model": model.model, "input": estimate,
                                 "model_options": options})  # fmt: skip
        found.append(estimate)
    return torch.stack(found)


case("carry")(carried)
case("carry, neutral fill", fill="neutral")(carried)
case("carry, object", OBJECT)(carried)
case("carry, camera", PAN)(carried)


@case("carry, tied model")
def tied() -> Outputs:
    return carried(model=loaded()[0], hold_steps=2)


def found(name: str, text: str, fit: str = "crop", **more: Any) -> Outputs:
    return run("FindObjects", "objects hole trajectories", image=picture(name), trajectories=text, radius=24.0, fit=fit,
               **CLIP, **more)  # fmt: skip


case("find", OSPREY, DRAGS)(found)
case("find, padded", OSPREY, BESIDE, "pad")(found)
case("find, bent", OTTERS, BENT)(found)
case("find, object", COFFEE, SHADOW)(found)


@cache
def blurred(text: str = DRAGS, name: str = OSPREY) -> torch.Tensor:
    """What a model might have made: the moved picture, small, smooth, a pixel off, and of other colours."""
    video = full_clip(name, text, 320)["video"].numpy()
    frames = [np.roll(frame, (time % 2, time // 2), (0, 1)) for time, frame in enumerate(video)]
    frames = [cv2.GaussianBlur(frame, (0, 0), 1.2) for frame in frames]
    noise = np.random.default_rng(0).normal(0, 0.01, video.shape)
    return torch.from_numpy((np.stack(frames) * 0.95 + 0.02 + noise).clip(0, 1).astype(np.float32))


def restored(text: str | None = DRAGS, name: str = OSPREY, fit: str = "crop", **more: Any) -> Outputs:
    clip = blurred(DRAGS if text is None else text, name)
    return run("RestoreDetail", "images mask report", images=clip, picture=picture(name), width=640, height=384,
               strength=1.0, fit=fit, trajectories=text, **more)  # fmt: skip


case("restore")(restored)
case("restore, without drags", None)(restored)
case("restore, object", OBJECT)(restored)
case("restore, camera", PAN, DESERT)(restored)
case("restore, bent", BENT, OTTERS)(restored)
case("restore, interpolated", interpolate=3, follow=0.6)(restored)
case("restore, padded", fit="pad")(restored)


@case("restore, masks and background")
def restored_masked() -> Outputs:
    return restored(masks=mask_of(BIRD, (768, 432))[None], background=torch.roll(picture(OSPREY), 2, 2) * 0.9)
