"""Removes a difference between the original's Stable Video Diffusion and the host's, for exact comparisons."""

from __future__ import annotations

from comfy.model_patcher import ModelPatcher

from .network import BLOCKS_A_LEVEL, ORIGINAL_EPSILON, residual_norms


def with_original_norms(model: ModelPatcher) -> ModelPatcher:
    """A clone of `model` whose group norms use diffusers' epsilon of 1e-6 in the residual blocks of the encoder, except
    its last level, and of the whole decoder. The host uses 1e-5; the difference is not visible.
    """
    unet = model.get_model_object("diffusion_model")
    patched = model.clone()
    down = unet.input_blocks[: -(BLOCKS_A_LEVEL - 1)]
    for part, blocks in (("input_blocks", down), ("output_blocks", unet.output_blocks)):
        for number, block in enumerate(blocks):
            for name in residual_norms(block):
                patched.add_object_patch(f"diffusion_model.{part}.{number}.{name}.eps", ORIGINAL_EPSILON)
    return patched
