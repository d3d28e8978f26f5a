"""Writes a tiny VAE of random weights in Wan 2.1's layout: `python wan_vae.py COMFYUI OUT.safetensors`.

ComfyUI builds its own Wan VAE at the width that it reads off the file; here that is 8 in place of 96. It shows that
what goes in comes through, over time as well, where Wan's nodes want a VAE. Its latents mean nothing.
"""

import sys
from pathlib import Path

COMFYUI, OUT = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(COMFYUI))

from comfy.cli_args import args  # noqa: E402

args.cpu = True

import torch  # noqa: E402
from comfy.ldm.wan.vae import WanVAE  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

if __name__ == "__main__":
    generator = torch.Generator().manual_seed(0)
    model = WanVAE(
        dim=8, z_dim=16, dim_mult=[1, 2, 4, 4], num_res_blocks=2, attn_scales=[],
        temperal_downsample=[False, True, True], image_channels=3, conv_out_channels=3, dropout=0.0,
    )  # fmt: skip
    drawn = {
        key: torch.ones(value.shape)
        if value.dim() < 2 or key.endswith("gamma")
        else torch.randn(value.shape, generator=generator) * torch.Size(value.shape[1:]).numel() ** -0.5
        for key, value in model.state_dict().items()
    }
    save_file(drawn, OUT)
