"""One step of Stable Video Diffusion at its true size, alone and with DragAnything's ControlNet, on the CPU.

    python benchmarks/draganything_step.py

Both networks have random weights: UNet 1.5 billion, ControlNet 685 million, which is written to a file in the released
layout and loaded as a user's. 576x320, 14 frames, two entities, the conditional half alone (cfg 1). Printed are the
time and the peak of the process's memory in each part. It needs 16 GB of memory and some minutes. Linux only.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from benchmarks.measuring import used  # noqa: E402
from benchmarks.svd_memory import UNET  # noqa: E402
from dragnuwa.host.find import find_host  # noqa: E402

WIDTH, HEIGHT, FRAMES = 576, 320, 14
HEAT, ENTITY = (16, 32, 96, 256, 320), (160, 160, 256, 256, 320)
# The keys that a small network lacks, where only one level becomes wider.
ALSO = [f"down_blocks.2.resnets.0.spatial_res_block.conv_shortcut.{part}" for part in ("weight", "bias")]
DRAGS = "[[[144, 160], [288, 128]], [[430, 160], [400, 250]]]"  # pixels


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Logs the seconds of a block, and the memory of the process before it and at its peak."""
    with used() as found:
        yield
    logging.warning("%-34s %s", what, found)


def randomise(network: torch.nn.Module) -> None:
    """Numbers that keep the scale of what passes through."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0, 1 / max(1, weight[0].numel()) ** 0.5 if weight.ndim > 1 else 0.1, generator=generator)


def svd():
    """The host's MODEL of an SVD, as its own loader makes it."""
    import comfy.supported_models

    return random_model(comfy.supported_models.SVD_img2vid(dict(UNET)))


def random_model(config):
    """The host's MODEL of a configuration, with random weights in float32."""
    import comfy.model_management
    import comfy.model_patcher

    config.set_inference_dtype(torch.float32, None)
    model = config.get_model({}, "", device=torch.device("cpu"))
    randomise(model.diffusion_model)
    device = comfy.model_management.get_torch_device()
    return comfy.model_patcher.CoreModelPatcher(model, load_device=device, offload_device=device)


def write_control_net(path: Path) -> int:
    """A ControlNet of the released layout and size, in float16; gives the number of its parameters."""
    from dragnuwa.host.draganything.network import EntityControlNetwork
    from dragnuwa.models.draganything.checkpoint import unet_key
    from dragnuwa.models.draganything.encoders import EncoderConfig

    manifest = json.loads((ROOT / "tests/golden/draganything/manifest.json").read_text(encoding="utf-8"))
    unet = {**UNET, "transformer_depth_output": [0] * 12}
    network = EntityControlNetwork(unet, EncoderConfig(HEAT, ENTITY), dtype=torch.float16)
    randomise(network)
    weights, keys = network.state_dict(), [*manifest["shapes"], *ALSO]
    save_file({key: weights[unet_key(key)].half().contiguous() for key in keys}, path)
    return sum(weights[unet_key(key)].numel() for key in keys)


def sample(model, positive: list, negative: list) -> None:
    import comfy.sample

    noise = torch.randn(FRAMES, 4, HEIGHT // 8, WIDTH // 8, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        latent = comfy.sample.sample(
            model, noise, 1, 1.0, "euler", "karras", positive, negative, torch.zeros_like(noise), disable_pbar=True
        )
    assert latent.isfinite().all()


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    find_host(ROOT / ".host" / "ComfyUI")
    from comfy.cli_args import args

    args.cpu = True
    from dragnuwa import trajectory
    from dragnuwa.common.clip_shape import ModelClip
    from dragnuwa.host.draganything import load
    from dragnuwa.host.draganything.apply import Steering, apply
    from dragnuwa.models.draganything.scene import find_entities

    context, start = torch.randn(1, 1, 1024), torch.randn(1, 4, HEIGHT // 8, WIDTH // 8)
    told = {"fps": 7, "motion_bucket_id": 128, "augmentation_level": 0.02, "concat_latent_image": start}
    plain = [[context, told]], [[torch.zeros_like(context), told]]
    with tempfile.TemporaryDirectory() as folder:
        count = write_control_net(Path(folder, "control.safetensors"))
        logging.warning("ControlNet: %d parameters, %d threads", count, torch.get_num_threads())
        with measured("the ControlNet is loaded"):
            control = load.load(Path(folder, "control.safetensors"))
    model = svd()
    with measured("a step of plain SVD"):
        sample(model, *plain)
    drags, masks = trajectory.parse(DRAGS, width=WIDTH, height=HEIGHT), torch.zeros(2, HEIGHT, WIDTH)
    masks[0, 100:220, 80:220], masks[1, 100:220, 360:500] = 1, 1
    features = torch.randn(320, HEIGHT // 8, WIDTH // 8)
    with measured("entities"):
        found = find_entities(drags, ModelClip(WIDTH, HEIGHT, FRAMES), masks)
        *steered, report = apply(*plain, control, found, Steering(), features)
    logging.warning(report)
    acting = steered[0][0][1]["control"]
    with measured("the hint is encoded"), torch.inference_mode():
        hint = acting._hint_on(torch.device("cpu"))
    logging.warning("the hint: %.1f MB", hint.nbytes / 2**20)
    with measured("a step with DragAnything"):
        sample(model, *steered)


if __name__ == "__main__":
    main()
