"""What differs between the original's Stable Video Diffusion and the host's, for comparisons to the last digits."""

from __future__ import annotations

from comfy.model_patcher import ModelPatcher

from .network import BLOCKS_A_LEVEL, ORIGINAL_EPSILON, residual_norms


def with_original_norms(model: ModelPatcher) -> ModelPatcher:
    """A clone of `model` whose group norms have the epsilons of diffusers: 1e-6 in the residual blocks of the way down,
    but for the last level, and of all of the way up. The host has 1e-5; pictures look the same.
    """
    unet = model.get_model_object("diffusion_model")
    patched = model.clone()
    down = unet.input_blocks[: -(BLOCKS_A_LEVEL - 1)]
    for part, blocks in (("input_blocks", down), ("output_blocks", unet.output_blocks)):
        for number, block in enumerate(blocks):
            for name in residual_norms(block):
                patched.add_object_patch(f"diffusion_model.{part}.{number}.{name}.eps", ORIGINAL_EPSILON)
    return patched
