"""Counts the files of the pack that ten jobs pass: a drag, a Carry run, Restore Detail, Edit Video, Camera in Depth, a
click in the page, what the page shows and moves of a Carry run, a training clip, and an evaluated scene.

    .venv/bin/python tools/walks.py

A file is passed if one of its functions runs. Beside the count stand the files in the order in which they are entered,
and the pairs that call each other in both directions. Fewer files, and no such pairs, make the code easier to follow.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # last: ComfyUI has a module `nodes`, too

import inspect
import json
import tempfile

import numpy as np
import torch
from PIL import Image

from dragnuwa.common.picture_files import open_picture
from dragnuwa.host.find import find_host
from dragnuwa.server.routes import picture_jobs
from tools.docs import node_classes

OF_NODES = ("drag", "carry", "restore_detail", "edit_video", "camera_in_depth")
OF_THE_PAGE = ("click", "regions", "composition")
OF_RESEARCH = ("training_clip", "evaluated_scene")
CHECKPOINT = "dragnuwa-tiny.safetensors"
PICTURE = "picture.png"
SIZE = {"width": 64, "height": 64, "frames": 4}
DRAGS = """{"type":"dragnuwa.trajectories","version":1,"canvas":{"width":64,"height":64},"tracks":[
{"id":"t1","name":"","color":"#1f77b4","enabled":true,"kind":"path","spline":"pchip","timing":"points","start":0,"end":1,
"ease":"linear","visible":[[0,1]],"points":[{"x":0.3,"y":0.5},{"x":0.7,"y":0.5}]}]}"""


def walk(job: Callable[[], object]) -> tuple[list[str], set[tuple[str, str]]]:
    """The files of the pack in which a function runs, in the order of their first call, and who calls whom."""
    files: list[str] = []
    calls: set[tuple[str, str]] = set()

    def note(frame, event: str, argument: object) -> None:
        here = _place(frame)
        if event != "call" or here is None or _is_import(frame):
            return
        if here not in files:
            files.append(here)
        caller = frame.f_back
        while caller is not None and _place(caller) is None:
            caller = caller.f_back
        if caller is not None and _place(caller) != here:
            calls.add((_place(caller), here))

    sys.setprofile(note)
    try:
        job()
    finally:
        sys.setprofile(None)
    return files, calls


def _is_import(frame) -> bool:
    """Whether it runs because a module is imported: the body of one, of a class, or a comprehension in one of these."""
    if not frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        return True
    within = frame.f_code.co_name in ("<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>")
    return within and frame.f_back is not None and _is_import(frame.f_back)


def _place(frame) -> str | None:
    path = frame.f_code.co_filename
    if not path.startswith(str(ROOT)):
        return None
    inside = path[len(str(ROOT)) + 1 :]
    return inside if inside.startswith(("dragnuwa/", "nodes/")) else None


class Jobs:
    """The jobs; what has to be loaded first is not counted."""

    def __init__(self, folder: str):
        self.folder = folder
        noise = np.random.default_rng(0).integers(60, 90, (64, 64, 3), np.uint8)
        noise[20:44, 10:30] = 220, 40, 40
        Image.fromarray(noise).save(Path(folder) / PICTURE)
        self.nodes = node_classes()
        self.parts = self.nodes["DragNUWALoadCheckpoint"].execute(CHECKPOINT).args
        self.image = self.picture()
        _, clip, _, vae, _ = self.parts
        context = clip.encode_from_tokens_scheduled(clip.tokenize(""))
        node = self.nodes["DragNUWAConditioning"]
        self.prepared = node.execute(vae, fps=5, start_image=self.image, positive=context, **SIZE).args

    def drag(self) -> None:
        import comfy.sample

        model, _, _, _, adapter = self.parts
        drags = self.nodes["DragNUWATrajectoryEditor"].execute(DRAGS, fit="crop", image=None, **SIZE).args[0]
        flow = self.nodes["DragNUWAEncodeTrajectories"].execute(drags, **SIZE).args[0]
        moved = self.nodes["DragNUWAApply"].execute(model, adapter, flow, 1.0).args[0]
        positive, negative, latent = self.prepared
        start = latent["samples"]
        comfy.sample.sample(moved, start + 1, 1, 1.0, "euler", "karras", positive, negative, start, disable_pbar=True)

    def carry(self) -> None:
        latent = {"samples": torch.zeros(4, 4, 8, 8)}
        node = self.nodes["DragNUWACarry"].PREPARE_CLASS_CLONE({"hidden_inputs": {}})
        node.execute(self.image, DRAGS, self.parts[3], latent, radius=8.0, hold=0.6, ground=0.0, **SIZE)

    def restore_detail(self) -> None:
        clip = self.image.expand(4, -1, -1, -1)
        self.nodes["DragNUWARestoreDetail"].execute(
            clip, self.image, width=128, height=128, strength=1.0, fit="crop", trajectories=DRAGS
        )

    def edit_video(self) -> None:
        size = {"width": 96, "height": 96}
        video = torch.rand(5, 96, 96, 3, generator=torch.Generator().manual_seed(0)) / 8
        for time, frame in enumerate(video):  # something red goes to the right, before something green
            frame[60:80, 60 - 8 * time :][:, :20] = torch.tensor([0.1, 0.8, 0.1])
            frame[36:64, 16 + 8 * time :][:, :24] = torch.tensor([0.9, 0.2, 0.2])
        node = self.nodes["DragNUWAEditVideo"].PREPARE_CLASS_CLONE({"hidden_inputs": {}})
        node.execute(video, DRAGS, radius=8.0, **size)

    def camera_in_depth(self) -> None:
        depth = torch.linspace(0, 1, 64)[:, None, None].expand(1, 64, 64, 3)
        moves = {"truck": 0.2, "dolly": 0.1}
        still = dict.fromkeys(("pan", "tilt", "roll", "pedestal", "orbit", "rise", "zoom", "handheld", "seed"), 0)
        said = {"dolly_zoom": False, "ease": "linear", "start": 0.0, "end": 1.0}
        node = self.nodes["DragNUWACameraInDepth"].PREPARE_CLASS_CLONE({"hidden_inputs": {}})
        node.execute(
            self.picture(), fit="crop", focus_x=0.5, focus_y=0.5, white="near", farthest=10.0, view_angle=55.0,
            spacing=16.0, depth=depth, trajectories=DRAGS, **SIZE, **moves, **still, **said,
        )  # fmt: skip

    def picture(self) -> torch.Tensor:
        return self._load(PICTURE)[None]

    def click(self) -> None:
        self._post("pick", points=[{"x": 0.3, "y": 0.5}], minus=[])

    def regions(self) -> None:
        self._post("regions", frames=4, text=DRAGS)

    def composition(self) -> None:
        self._post("composition", frames=4, text=DRAGS, longest=64)

    def _post(self, route: str, **fields: object) -> None:
        """What a route of the page's pictures does with a request, without the server around it."""
        jobs = {job.path.rpartition("/")[2]: job for job in picture_jobs({"input": self.folder}.get, self._load)}
        reference = {"filename": PICTURE, "subfolder": "", "type": "input"}
        body = {"picture": reference, "width": 64, "height": 64, "fit": "crop", **fields}
        jobs[route].work(json.dumps(body).encode())

    def _load(self, name: str) -> torch.Tensor:
        with open_picture(Path(self.folder) / PICTURE) as picture:
            return torch.from_numpy(np.array(picture.convert("RGB"))) / 255

    def training_clip(self) -> None:
        from dragnuwa.research.scenes import SceneConfig
        from dragnuwa.research.training.data.clips import ClipConfig, Stage
        from dragnuwa.research.training.data.sources import SceneSource

        config = ClipConfig(scenes=SceneConfig(frames=4, sizes=((64, 64),)))
        clips = SceneSource(config, stages=(Stage(1, 0.5),), batch=8, fresh=8).stream(range(8))
        for _ in range(8):
            next(clips)

    def evaluated_scene(self) -> None:
        from dragnuwa.research.evaluation.command import main

        with tempfile.TemporaryDirectory() as folder:
            main([str(ROOT / "models" / CHECKPOINT), "--out", f"{folder}/lines.jsonl", "--scenes", "1", "--frames", "4",
                  "--size", "64x64", "--steps", "1", "--groups", "straight"])  # fmt: skip


def main() -> int:
    find_host()
    with tempfile.TemporaryDirectory() as folder:
        count(Jobs(folder))
    return 0


def count(jobs: Jobs) -> None:
    for name in (*OF_NODES, *OF_THE_PAGE, *OF_RESEARCH):
        files, calls = walk(getattr(jobs, name))
        both = sorted({tuple(sorted(pair)) for pair in calls if pair[::-1] in calls})
        print(f"{name}: {len(files)} files\n  {', '.join(files)}")
        print(f"  in both directions: {', '.join(' and '.join(pair) for pair in both) or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
