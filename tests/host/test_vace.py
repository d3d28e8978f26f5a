"""A moved picture as the control video of Wan VACE, a tiny and random model of ComfyUI's own class."""

import comfy.sample
import comfy.supported_models
import torch
from comfy_extras.nodes_wan import WanVaceToVideo

from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from tests.support.drawings import parsed_tracks
from tests.support.known_pictures import known_pictures
from tests.support.pictures import noise_image
from tests.support.video_families import DRAG, context, video_model, wan_vae

__all__ = ["known_pictures"]
CLIP = ClipShape(64, 64, 9)
SHAPE = {
    "dim": 24, "ffn_dim": 32, "num_heads": 2, "num_layers": 2, "in_dim": 16, "text_dim": 8, "freq_dim": 8,
    "vace_layers": 1, "vace_in_dim": 96,
}  # fmt: skip


def test_the_model_gets_what_moved_and_paints_what_is_uncovered():
    model = video_model(comfy.supported_models.WAN21_Vace({"image_model": "wan2.1", "model_type": "vace", **SHAPE}))
    mask = torch.zeros(1, *CLIP.size[::-1])
    mask[:, 20:44, 8:32] = 1
    moved = carry_clip(noise_image(*CLIP.size), parsed_tracks(DRAG, size=CLIP.size), CLIP, mask, CarrySettings(16))
    assert 0 < moved.uncovered[-1].mean() < 0.5 and not moved.uncovered[0].any()
    positive, negative, latent, trim = WanVaceToVideo.execute(
        *context(8), wan_vae(), *CLIP.size, CLIP.frames, 1, 1.0, moved.video, moved.uncovered
    ).args
    assert trim == 0 and latent["samples"].shape[2] == 3
    (masks,) = positive[0][1]["vace_mask"]
    painted = masks.flatten(0, 1)[:, -1].any(0)  # at the latent's size, in its last frame
    assert painted[2:5, 2:4].all() and not painted[:, 6:].any()
    noise = comfy.sample.prepare_noise(latent["samples"], 5)
    made = []
    for strength in (0.0, 1.0):
        for conditioning in (positive, negative):
            conditioning[0][1]["vace_strength"] = [strength]
        with torch.inference_mode():
            made.append(comfy.sample.sample(
                model, noise, 2, 1.0, "euler", "simple", positive, negative, latent["samples"],
                disable_pbar=True, seed=5,
            ))  # fmt: skip
    assert all(each.isfinite().all() for each in made) and not torch.equal(*made)
