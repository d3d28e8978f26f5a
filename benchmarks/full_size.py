"""The released model at its true size against plain SVD in ComfyUI: loading, memory, a step, windows, offloading.

    .venv/bin/python benchmarks/full_size.py [--part NAME ...] [--pairs 8] [--json FILE]

Random weights in the released layout: UNet 1.5 billion parameters with LoRA, flow layers 115 million, VAE, CLIP vision
model; 4.8 GB in float16, and the plain SVD that is inside. Each part runs in a process of its own, on the CPU. All
parts take 80 minutes on two cores, 14 GB of memory and 10 GB of disk.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.host import find_installation  # noqa: E402

COMFYUI = find_installation().comfyui
sys.path.insert(0, str(COMFYUI))

from comfy.cli_args import args  # noqa: E402

args.cpu = True

import comfy.model_management  # noqa: E402
import comfy.sample  # noqa: E402
import comfy.sd  # noqa: E402
import comfy.utils  # noqa: E402
import torch  # noqa: E402
from comfy_extras.nodes_context_windows import ContextWindowsManualNode  # noqa: E402
from safetensors import safe_open  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from benchmarks.measuring import MB, Turns, alternating, forget, in_turns, remember, used  # noqa: E402
from dragnuwa import trajectory  # noqa: E402
from dragnuwa.common.clip_shape import ModelClip  # noqa: E402
from dragnuwa.host.fusion import fusion_patch, load  # noqa: E402
from dragnuwa.models.convert.split import convert  # noqa: E402
from dragnuwa.models.drag_maps import encode_trajectories  # noqa: E402

CLIP, SMALL = ModelClip(576, 320, 14), ModelClip(192, 128, 14)
LONG_FRAMES, OVERLAP = 24, 4  # two windows of 14
DRAGS = "[[[144, 160], [288, 128]], [[430, 160], [400, 250]]]"  # pixels
STEPS = 25  # of a sampling, each with two halves
LORA_PARTS = re.compile(r"\.lora_(down|up)\.weight$|flow_|guassian")


class Files:
    """What the parts read. Written once."""

    def __init__(self, folder: Path):
        self.folder, self.released, self.svd = folder, folder / "released.safetensors", folder / "svd.safetensors"

    def write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        layout = ROOT / "tests" / "integration" / "released_layout.py"
        if not self.released.exists():
            subprocess.run([sys.executable, layout, COMFYUI, self.released, "--full"], check=True)
        if not self.svd.exists():
            with safe_open(self.released, "pt") as tensors:
                kept = [key for key in tensors.keys() if not LORA_PARTS.search(key)]  # noqa: SIM118
                save_file({key.replace(".linear.", "."): tensors.get_tensor(key) for key in kept}, self.svd)


def host_load(svd: Path) -> tuple:
    """As ComfyUI's Image Only Checkpoint Loader: model, CLIP vision, VAE."""
    model, _, vae, vision = comfy.sd.load_checkpoint_guess_config(
        str(svd), output_vae=True, output_clip=False, output_clipvision=True
    )
    return model, vision, vae


def sample(model, clip: ModelClip, cfg: float = 1.0, steps: int = 1) -> torch.Tensor:
    """With cfg 1, a half step: the conditional half alone."""
    generator = torch.Generator().manual_seed(1)
    size = clip.height // 8, clip.width // 8
    noise, start = torch.randn(clip.frames, 4, *size, generator=generator), torch.randn(1, 4, *size)
    context = torch.randn(1, 1, 1024, generator=generator)
    told = {"fps": 5, "motion_bucket_id": 4, "augmentation_level": 0.02, "concat_latent_image": torch.ones_like(start)}
    positive, negative = [[context, told]], [[torch.zeros_like(context), told]]
    with torch.inference_mode():
        empty = torch.zeros_like(noise)
        return comfy.sample.sample(
            model, noise, steps, cfg, "euler", "karras", positive, negative, empty, disable_pbar=True, seed=0
        )


def follow(model, adapter, clip: ModelClip):
    drags = trajectory.parse(DRAGS, width=CLIP.width, height=CLIP.height)
    return fusion_patch.apply(model, adapter, encode_trajectories(drags, clip))


def call_unet(model) -> torch.Tensor:
    """One call of the UNet as it is loaded now, past the host's loading."""
    frames, generator = SMALL.frames, torch.Generator().manual_seed(2)
    x = torch.randn(frames, 8, SMALL.height // 8, SMALL.width // 8, generator=generator)
    context = torch.randn(1, 1, 1024, generator=generator).expand(frames, -1, -1)
    options = {**model.model_options["transformer_options"], "sigmas": torch.ones(1)}
    with torch.inference_mode():
        return model.model.diffusion_model(
            x, torch.zeros(frames), context, y=torch.zeros(frames, 768), num_video_frames=frames,
            transformer_options=options,
        )  # fmt: skip


def load_ours(files: Files, pairs: int) -> dict:
    return _loading(load.load, files.released)


def load_host(files: Files, pairs: int) -> dict:
    return _loading(host_load, files.svd)


def _loading(work: Callable, path: Path) -> dict:
    with used() as found:
        parts = work(path)
    assert parts
    return {"seconds": found.seconds, "peak, MB": found.peak - found.before, "file, MB": path.stat().st_size / MB}


def load_warm(files: Files, pairs: int) -> dict:
    def only(one: Path, other: Path) -> None:
        forget(other)  # both files and a model need more memory than a usual machine has
        remember(one)

    ours, host = (files.released, files.svd), (files.svd, files.released)
    return _load_in_turns("loading, file in memory", files, pairs, lambda: only(*ours), lambda: only(*host))


def load_cold(files: Files, pairs: int) -> dict:
    before = [partial(forget, path) for path in (files.released, files.svd)]
    return _load_in_turns("loading, from the disk", files, pairs, *before)


def _load_in_turns(what: str, files: Files, pairs: int, before_ours: Callable, before_host: Callable) -> dict:
    """Each load in a process of its own, as for a person: a second one would find the memory that the first has used,
    and how much of it depends on what else has been there."""
    found: dict[Callable, list[dict]] = {load_ours: [], load_host: []}
    for before, part in alternating((before_ours, load_ours), (before_host, load_host), pairs):
        before()
        found[part].append(in_a_process(part, files, pairs))
    turns = Turns(*([load["seconds"] for load in loads] for loads in found.values()))
    peaks = [statistics.median(load["peak, MB"] for load in loads) for loads in found.values()]
    beyond = (peaks[0] - peaks[1]) / found[load_ours][0]["file, MB"]
    return {
        what: str(turns),
        "ratios": turns.ratios,
        "peak memory": f"{peaks[0]:.0f} MB against {peaks[1]:.0f} MB: {beyond:.2f} of the file more",
    }


def step(files: Files, pairs: int) -> dict:
    """A half step, plain and with drags, and what comes once before: gamma and beta."""
    parts = load.load(files.released)
    sample(follow(parts.model, parts.adapter, SMALL), SMALL)  # so that neither is the first
    with used() as encoding:
        patched = follow(parts.model, parts.adapter, CLIP)
    with used() as plain_memory:
        sample(parts.model, CLIP)
    with used() as patched_memory:
        sample(patched, CLIP)
    turns = in_turns(lambda: sample(patched, CLIP), lambda: sample(parts.model, CLIP), pairs)
    half, once = statistics.median(turns.ours), encoding.seconds
    original = 2 * STEPS * (half + once) / (2 * STEPS * half + once)
    return {
        "half step, with drags against plain": str(turns),
        "ratios": turns.ratios,
        "gamma and beta, once": str(encoding),
        "peak of a half step, MB, plain": round(plain_memory.peak),
        "peak of a half step, MB, with drags": round(patched_memory.peak),
        "25 steps, gamma and beta in every half step against once": round(original, 3),
    }


def windows(files: Files, pairs: int) -> dict:
    """A clip of 24 frames in two windows by the host's own node."""
    parts, clip = load.load(files.released), ModelClip(CLIP.width, CLIP.height, LONG_FRAMES)

    def in_windows(model):
        return ContextWindowsManualNode.execute(
            model, context_length=CLIP.frames, context_overlap=OVERLAP, context_schedule="standard_static",
            context_stride=1, closed_loop=False, fuse_method="pyramid", dim=0, freenoise=False,
            causal_window_fix=False,
        ).result[0]  # fmt: skip

    patched, plain = in_windows(follow(parts.model, parts.adapter, clip)), in_windows(parts.model)
    sample(parts.model, SMALL)
    turns = in_turns(lambda: sample(patched, clip), lambda: sample(plain, clip), pairs)
    return {"two windows, with drags against plain": str(turns), "ratios": turns.ratios}


def offloading(files: Files, pairs: int) -> dict:
    """What the host counts and frees; and that a model of which 1 MB is loaded gives the same."""
    parts = load.load(files.released)
    patched = follow(parts.model, parts.adapter, CLIP)
    (modulation,) = patched.model_patches_models()
    comfy.model_management.unload_all_models()
    comfy.model_management.load_models_gpu([patched])
    counted = {entry.model: entry.model_memory() for entry in comfy.model_management.current_loaded_models}
    comfy.model_management.free_memory(1e30, torch.device("cpu"))
    kept = [entry.model for entry in comfy.model_management.current_loaded_models]
    small = follow(parts.model, parts.adapter, SMALL)
    comfy.model_management.load_models_gpu([small])
    whole = call_unet(small)
    comfy.model_management.unload_all_models()
    for patcher in (small, *small.model_patches_models()):
        patcher.patch_model(device_to=torch.device("cpu"), lowvram_model_memory=2**20, load_weights=True)
        assert patcher.model.model_lowvram
    return {
        "counted by the host, MB: UNet": round(counted[patched] / MB),
        "gamma and beta": round(counted[modulation] / MB),
        "adapter, while sampling": round(counted.get(parts.adapter, 0) / MB),
        "freed when room is needed": modulation not in kept,
        "largest difference, where 1 MB of each is loaded": float((call_unet(small) - whole).abs().max()),
    }


def adapter(files: Files, pairs: int) -> dict:
    """`python -m dragnuwa.convert`, then the host's own loaders and the adapter, against the checkpoint; 2 steps."""
    parts = load.load(files.released)
    expected = sample(follow(parts.model, parts.adapter, SMALL), SMALL, cfg=2.5, steps=2)
    plain = sample(parts.model, SMALL, cfg=2.5, steps=2)
    del parts
    comfy.model_management.unload_all_models()
    gc.collect()
    converted = convert(files.released, files.svd, files.folder, overwrite=True)
    model, *_ = host_load(files.svd)
    lora = comfy.utils.load_torch_file(str(converted.lora), safe_load=True)
    model, _ = comfy.sd.load_lora_for_models(model, None, lora, 1.0, 0.0)
    found = sample(follow(model, load.load_adapter(converted.adapter), SMALL), SMALL, cfg=2.5, steps=2)
    return {
        "largest difference of latents, two files against one": float((found - expected).abs().max()),
        "largest effect of the drags": float((plain - expected).abs().max()),
        "spread of the latents": float(expected.std()),
    }


def decode(files: Files, pairs: int) -> dict:
    parts = load.load(files.released)
    with used() as found, torch.inference_mode():
        parts.vae.decode(torch.randn(CLIP.frames, 4, CLIP.height // 8, CLIP.width // 8))
    return {"decoding 14 frames": str(found)}


PARTS = (load_warm, load_cold, adapter, offloading, decode, step, windows)
LOADS = (load_ours, load_host)


def in_a_process(part: Callable, files: Files, pairs: int) -> dict:
    """What a part returns in a process of its own, which is given back its memory as a whole."""
    command = [sys.executable, __file__, "--alone", part.__name__, "--pairs", str(pairs), "--folder", files.folder]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    named = {part.__name__: part for part in PARTS}
    parser.add_argument("--part", nargs="+", choices=named, default=list(named))
    parser.add_argument("--pairs", type=int, default=8, help="measured pairs of loads, of half steps and of windows")
    parser.add_argument("--folder", type=Path, help="keeps the weights there for the next run")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--alone", help=argparse.SUPPRESS)  # in the process of this part
    options = parser.parse_args()
    if options.alone:
        (part,) = (part for part in PARTS + LOADS if part.__name__ == options.alone)
        sys.stdout.write(json.dumps(part(Files(options.folder), options.pairs)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        files = Files(options.folder or Path(temporary))
        files.write()
        results = {}
        for name in options.part:
            results[name] = in_a_process(named[name], files, options.pairs)
            lines = [f"  {what}: {value}" for what, value in results[name].items() if what != "ratios"]
            sys.stdout.write("\n".join([name, *lines, ""]))
            sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
