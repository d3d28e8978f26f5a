"""The pack on ComfyUIs that are started with other flags: what runs, and how close its pixels are to those without.

    .venv/bin/python tests/long/flags.py                                  all, in about ten minutes
    .venv/bin/python tests/long/flags.py --only="--cache-none" --only="--bf16-unet --cpu-vae"

Each server gets five templates with small clips: drags on the small model that ships, on random weights with LoRA in
the released layout, carried pixels, a camera in depth to which the small model is tied (Tie Video after Apply), and an
edited video; then the first one again, after the others have had the memory. The table says
for each server in which dtype ComfyUI says that it keeps and computes the UNet, and for each template how far the
frames are from those without flags: equal, or PSNR in dB. It fails (exit status 1) where a prompt fails, the repeated
one differs, the dtype is not the flag's, or the frames are further away than the flag's precision explains.

A CPU computes in float32 whatever the flags say. ComfyUI takes --novram, --lowvram and --highvram only without --cpu:
on a GPU, add them with --only.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np
import torch

from dragnuwa.remote.client import Client, ClientError
from scripts.host import (
    HOST,
    PICTURES,
    HostProcess,
    HostProcessError,
    Installation,
    find_installation,
    stop_on_terminate,
)
from tests.support import random_checkpoint
from tests.support.likeness import psnr
from tests.support.prompts import downloaded

TEMPLATES = ROOT / "workflows" / "api"
EMBEDDED, RANDOM = "dragnuwa-tiny.safetensors", "random.safetensors"
# By name: the template and the checkpoint.
PROMPTS = {
    "drags": ("drag_with_text", EMBEDDED),
    "with LoRA": ("drag_with_text", RANDOM),
    "carried": ("carry_a_picture", EMBEDDED),
    "tied to a camera": ("camera_in_depth_embedded", EMBEDDED),
    "edited": ("drag_in_video", EMBEDDED),
}
OWN_DRAGS = ("tied to a camera", "edited")  # of the template
FEW, SMALL = 9, {"width": 160, "height": 90}  # frames and size of the video that is edited
AGAIN = "drags"
SIZE = {"width": 96, "height": 64, "frames": 4}
DRAG = {"points": [{"x": 0.3, "y": 0.5}, {"x": 0.6, "y": 0.4}]}
DRAGS = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [{"id": "t1", **DRAG}]})
EQUAL = math.inf
# The least PSNR (dB) for each flag that changes a precision, and the dtype that the UNet's weights get by it. Random
# weights with LoRA, whose videos are noise, move most.
PRECISION: dict[str, tuple[float, str | None]] = {
    "--force-fp16": (55, "float16"),
    "--fp16-unet": (55, "float16"),
    "--fp32-unet": (EQUAL, "float32"),
    "--fp64-unet": (75, "float64"),
    "--bf16-unet": (33, "bfloat16"),
    "--fp8_e4m3fn-unet": (20, "float8_e4m3fn"),
    "--fp8_e5m2-unet": (17, "float8_e5m2"),
    "--fp16-vae": (35, None),
    "--bf16-vae": (25, None),
    "--fp16-text-enc": (35, None),
    "--fp8_e4m3fn-text-enc": (24, None),
    "--fp16-intermediates": (33, None),
    "--use-split-cross-attention": (75, None),
    "--use-pytorch-cross-attention": (75, None),
}
TRIALS = (
    "--cpu-vae",
    "--cache-none",
    "--cache-lru 2",
    "--disable-smart-memory",
    "--multi-user",
    "--disable-mmap",
    "--deterministic",
    *PRECISION,
    "--force-fp16 --fp16-unet",
    "--cache-none --disable-smart-memory --cpu-vae",
    "--multi-user --cache-none --bf16-unet",
    "--force-channels-last",
    "--enable-assets --fp16-intermediates --fp16-vae --bf16-unet",
)
# Flags that ComfyUI itself cannot combine with Stable Video Diffusion, and a part of the message that people get.
REFUSED = {"--force-channels-last": "Start ComfyUI without it"}
LOADED = re.compile(r"model weight dtype torch\.(\w+), manual cast: (?:torch\.)?(\w+)")


@dataclass(frozen=True)
class Outcome:
    """Of one server: the frames `[T, H, W, 3]` by prompt, uint8, whether the repeated prompt gave the same, and in
    which dtypes ComfyUI kept the UNet and computed it."""

    frames: dict[str, np.ndarray]
    repeated: bool
    kept: str
    computed: str


def prompt(name: str) -> dict[str, dict]:
    """A template with a small clip, whose frames are shown as pictures."""
    template, checkpoint = PROMPTS[name]
    nodes = json.loads((TEMPLATES / f"{template}.json").read_text(encoding="utf-8"))
    (frames,) = (node["inputs"]["images"] for node in nodes.values() if node["class_type"] == "CreateVideo")
    nodes = {key: node for key, node in nodes.items() if node["class_type"] not in ("CreateVideo", "SaveVideo")}
    changes = {
        "DragNUWATrajectoryEditor": SIZE if name in OWN_DRAGS else {**SIZE, "trajectories": DRAGS},
        "DragNUWALoadCheckpoint": {"ckpt_name": checkpoint},
        "KSampler": {"steps": 4, "cfg": 2.5},
    }
    if template == "drag_in_video":
        (edit,) = (node["inputs"] for node in nodes.values() if node["class_type"] == "DragNUWAEditVideo")
        few = {"image": edit["images"], "batch_index": 0, "length": FEW}
        scaled = {"image": ["few", 0], "upscale_method": "area", "crop": "disabled", **SMALL}
        nodes["few"] = {"class_type": "ImageFromBatch", "inputs": few}
        nodes["small"] = {"class_type": "ImageScale", "inputs": scaled}
        edit |= {"images": ["small", 0], **SMALL, "fit": "crop"}
    for node in nodes.values():
        node["inputs"] |= changes.get(node["class_type"], {})
    return nodes | {"frames": {"class_type": "PreviewImage", "inputs": {"images": frames}}}


def frames_of(client: Client, name: str, base: Path) -> np.ndarray:
    """Of a run of a template."""
    return downloaded(client, client.run(prompt(name), timeout=300), "frames", base / "shown")


def attempt(installation: Installation, flags: str, base: Path) -> Outcome:
    """
    Raises:
        HostProcessError: if ComfyUI does not start with these flags.
        ClientError: if a prompt fails.
    """
    server = HostProcess(installation.python, installation.comfyui, base, extra_args=flags.split())
    for folder in (server.input_directory, server.checkpoints_directory):
        folder.mkdir(parents=True)
    shutil.copytree(PICTURES, server.input_directory, dirs_exist_ok=True)
    random_checkpoint.write(server.checkpoints_directory / RANDOM)
    with server:
        client = Client(server.url)
        frames = {name: frames_of(client, name, base) for name in PROMPTS}
        again = frames_of(client, AGAIN, base)
        kept, computed = LOADED.findall(server.log())[0]
    return Outcome(frames, np.array_equal(again, frames[AGAIN]), kept, kept if computed == "None" else computed)


def problems(flags: str, outcome: Outcome, figures: dict[str, float]) -> list[str]:
    """Every broken promise of one server."""
    known = [PRECISION[flag] for flag in flags.split() if flag in PRECISION]
    bound = min((least for least, _ in known), default=EQUAL)
    found = [
        f"{name} {value:.0f} dB, at least {bound:.0f} expected" for name, value in figures.items() if value < bound
    ]
    found += [] if outcome.repeated else [f"{AGAIN} differs when it is repeated"]
    wanted = {dtype for _, dtype in known if dtype}
    if wanted and outcome.kept not in wanted:
        found.append(f"the UNet is in {outcome.kept}, {' or '.join(sorted(wanted))} expected")
    return found


def compare(installation: Installation, trials: list[str], folder: Path) -> bool:
    """Prints the table, row by row; whether all is well."""
    plain = attempt(installation, "", folder / "plain")
    print(f"| Flags | UNet in, computed in | {' | '.join(PROMPTS)} | |\n| --- | --- |{' --- |' * (len(PROMPTS) + 1)}")
    print(f"| none | {plain.kept}, {plain.computed} |{' equal |' * len(PROMPTS)} |", flush=True)
    well = True
    for number, flags in enumerate(trials):
        try:
            outcome = attempt(installation, flags, folder / f"trial{number}")
        except (HostProcessError, ClientError) as error:
            words = " ".join(str(error).split())
            refused = flags in REFUSED and REFUSED[flags] in words
            verdict = "refused, as it should be" if refused else f"FAILED: {words[-300:]}"
            print(f"| `{flags}` | |{' |' * len(PROMPTS)} {verdict} |", flush=True)
            well = well and refused
            continue
        figures = {
            name: psnr(*(torch.from_numpy(shown).double() for shown in (frames, plain.frames[name])), peak=255.0)
            for name, frames in outcome.frames.items()
        }
        wrong = problems(flags, outcome, figures) + ["it ran, which is new"] * (flags in REFUSED)
        cells = ["equal" if value == EQUAL else f"{value:.0f} dB" for value in figures.values()]
        verdict = f"FAILED: {'; '.join(wrong)}" if wrong else ""
        print(f"| `{flags}` | {outcome.kept}, {outcome.computed} | {' | '.join(cells)} | {verdict} |", flush=True)
        well = well and not wrong
    return well


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="FLAGS", help="of a server, with = before them")
    given = parser.parse_args()
    stop_on_terminate()
    (HOST / "flags").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOST / "flags") as folder:
        try:
            return 0 if compare(find_installation(), given.only or list(TRIALS), Path(folder)) else 1
        except (HostProcessError, ClientError) as error:
            print(f"error: without flags: {error}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
