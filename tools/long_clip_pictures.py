"""The picture of web/docs/DragNUWATransformTrajectories.md: one drawing over 22 frames, by windows in a chain and by
ComfyUI's context windows, on the small model that comes with the pack.

    .venv/bin/python tools/long_clip_pictures.py
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dragnuwa import trajectory
from dragnuwa.overlay import tracks as draw
from dragnuwa.remote.client import Client
from scripts.host import PICTURES, ROOT, HostProcess, find_installation
from scripts.sheets import run_pictures, write_sheet

TEMPLATE = ROOT / "workflows" / "api" / "long_clip.json"
PICTURE = ROOT / "web" / "docs" / "long_clip.jpg"
EVERY = 3  # frames from one that is shown to the next
CONTEXT = {
    "context_length": 8, "context_overlap": 4, "context_schedule": "standard_static", "context_stride": 1,
    "closed_loop": False, "fuse_method": "pyramid", "dim": 0, "freenoise": False, "cond_retain_index_list": "",
    "split_conds_to_windows": False, "latent_retain_index_list": "", "causal_window_fix": True,
}  # fmt: skip


def main() -> int:
    installation = find_installation()
    prompt = json.loads(TEMPLATE.read_text(encoding="utf-8"))
    with (
        tempfile.TemporaryDirectory() as base,
        HostProcess(installation.python, installation.comfyui, base) as server,
    ):
        shutil.copytree(PICTURES, server.input_directory, dirs_exist_ok=True)
        client, folder = Client(server.url), Path(base)
        chained = run_pictures(client, prompt, _only(prompt, "CreateVideo")["inputs"]["images"], folder)
        whole, images = _one_sampling(prompt)
        windows = run_pictures(client, whole, images, folder)
        start = run_pictures(client, prompt, [_name(prompt, "DragNUWATrajectoryEditor"), 1], folder)
    drags = trajectory.parse(_only(prompt, "DragNUWATrajectoryEditor")["inputs"]["trajectories"], width=128, height=128)
    rows = [draw.drags(row, drags) for row in (start.expand(len(chained), -1, -1, -1), chained, windows)]
    write_sheet([row[::EVERY] for row in rows], PICTURE, quality=85)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1024} KiB")
    return 0


def _one_sampling(prompt: dict) -> tuple[dict, list]:
    """The template with its first window made the whole clip, sampled in ComfyUI's context windows, and where its
    pictures come out."""
    prompt = json.loads(json.dumps(prompt))
    part = _name(prompt, "DragNUWATransformTrajectories")
    prompt[part]["inputs"]["window_frames"] = 0
    guidance = next(n for n in prompt.values() if n["class_type"] == "VideoLinearCFGGuidance")
    prompt["context"] = {
        "class_type": "ContextWindowsManual",
        "inputs": {"model": guidance["inputs"]["model"], **CONTEXT},
    }
    guidance["inputs"]["model"] = ["context", 0]
    return prompt, [_name(prompt, "VAEDecode"), 0]


def _name(prompt: dict, class_type: str) -> str:
    """The first node of a class; of the windows that is the first one."""
    return next(name for name, node in prompt.items() if node["class_type"] == class_type)


def _only(prompt: dict, class_type: str) -> dict:
    (node,) = (node for node in prompt.values() if node["class_type"] == class_type)
    return node


if __name__ == "__main__":
    sys.exit(main())
