"""Drag to Picture measured as DragGAN is: how far the points are from where they were dragged, what else has changed,
and how long it takes.

    .venv/bin/python benchmarks/stills.py --folder output/stills [--scenes 100] [--threads 1]

Held-out scenes of 512x512 pixels with one to three things, of which those that move are dragged from where they are
in the first frame to where they are in the last one; they neither turn nor grow, which a drag cannot say, and each is
to be seen for at least four fifths in both. The picture is made by workflows/api/drag_to_picture.json, in a ComfyUI of
its own, once with a drag on each thing ("drags") and once with each thing's true mask as an object ("objects").

A point is found by laying the thing's pixels over every place of the result, to a fraction of a pixel; "truth" finds it
so in the true last frame. "Rest" is what neither was nor is one of the moved things, and is compared with the given
picture; once without a margin, and once but for 8 px around. Seconds are those of the CPU, of all of the server's
threads. A later run goes on with the same folder.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
import psutil
import torch
from PIL import Image

from dragnuwa.common.picture_files import open_picture
from dragnuwa.remote.client import Client
from dragnuwa.research.measures.stills import fidelity, matched, mean_distance
from dragnuwa.research.resumed_lines import append, begin
from dragnuwa.research.scenes import HELD_OUT_SEED, Scene, SceneConfig, make_scene
from dragnuwa.trajectory import from_arrays
from dragnuwa.vision.segmentation.outline import outlines_of_masks
from scripts.host import ROOT, HostProcess, find_installation, stop_on_terminate

WORKFLOW = ROOT / "workflows" / "api" / "drag_to_picture.json"
SIDE, SMALL, FRAMES = 512, 128, 8  # px of the picture, px of the small clip, frames
FIRST_SEED = HELD_OUT_SEED + 800_000_000
ATTEMPTS = 50  # seeds that are tried for a scene
WHOLE = 0.8  # of a thing that is seen in the first and in the last frame
MARGIN = 8  # px
WAYS = ("drags", "objects")


@dataclass(frozen=True)
class Still:
    """A picture and what is dragged on it.

    Attributes:
        scene: of which the first and the last frame are the picture before and after.
        moved: the numbers of the things that move.
    """

    scene: Scene
    moved: tuple[int, ...]

    @property
    def changed(self) -> np.ndarray:
        """`[H, W]` bool: where the moved things were, and where they are."""
        return self.scene.masks[list(self.moved)][:, [0, -1]].any((0, 1))

    def lasting(self, thing: int) -> np.ndarray:
        """`[H, W]` bool: the part of a thing in the first frame that is seen in the last one, too."""
        mask, shift = self.scene.masks[thing], self.scene.points[thing, -1] - self.scene.points[thing, 0]
        back = np.float32([[1, 0, -shift[0]], [0, 1, -shift[1]]])
        return mask[0] & (cv2.warpAffine(mask[-1].astype(np.uint8), back, (SIDE, SIDE)) > 0)


def make_still(number: int) -> Still:
    """The first of the number's seeds whose moved things are seen before and after."""
    config = SceneConfig(
        frames=FRAMES, sizes=((SIDE, SIDE),), objects=(1, 3), paths=("straight",), spin=0.0, growth=(1.0, 1.0),
        leaving_share=0.0, camera_share=0.0,
    )  # fmt: skip
    for attempt in range(ATTEMPTS):
        scene = make_scene(FIRST_SEED + number * ATTEMPTS + attempt, config)
        moved = tuple(index for index, item in enumerate(scene.objects) if item.motion != "still")
        still = Still(scene, moved)
        if moved and all(_is_whole(still, thing) for thing in moved):
            return still
    raise ValueError(f"None of {ATTEMPTS} seeds gives scene {number} things that are seen before and after.")


def _is_whole(still: Still, thing: int) -> bool:
    areas = still.scene.masks[thing].sum((1, 2))
    return bool(still.scene.visible[thing, 0] and still.lasting(thing).sum() >= WHOLE * areas.max())


def drags(still: Still, way: str) -> str:
    """What is given to the Trajectory Editor."""
    points = still.scene.points[list(still.moved)][:, [0, -1]]  # [N, 2, 2]
    if way == "drags":
        return from_arrays(points + 0.5, width=SIDE, height=SIDE).to_json()
    masks = torch.from_numpy(still.scene.masks[list(still.moved), 0]).float()
    outlines = outlines_of_masks(masks, (SIDE, SIDE), (SMALL, SMALL), "crop")
    objects = [
        {"outline": outline, "motion": {"points": [dict(zip("xy", place, strict=True)) for place in way_.tolist()]}}
        for outline, way_ in zip(outlines, (points + 0.5) / SIDE, strict=True)
    ]
    return json.dumps({"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": objects})


class Server:
    """A ComfyUI that makes pictures by the workflow."""

    def __init__(self, host: HostProcess, folder: Path):
        self.host, self.folder = host, folder
        self.client, self.process = Client(host.url), psutil.Process(host.process.pid)
        self.prompt = json.loads(WORKFLOW.read_text("utf-8"))
        self.editor = next(node for node in self.prompt.values() if node["class_type"] == "DragNUWATrajectoryEditor")
        self.loader = next(node for node in self.prompt.values() if node["class_type"] == "LoadImage")
        self.sampler = next(node for node in self.prompt.values() if node["class_type"] == "KSampler")
        self.saver = next(key for key, node in self.prompt.items() if node["class_type"] == "SaveImage")
        self.text = next(node for node in self.prompt.values() if node["class_type"] == "CLIPTextEncode")

    def made(self, name: str, still: Still, way: str, seed: int) -> tuple[np.ndarray, float, float]:
        """`[H, W, 3]` uint8, seconds of the CPU, and seconds of the clock."""
        given = self.folder / f"{name}.png"
        Image.fromarray(still.scene.frames[0]).save(given)
        self.loader["inputs"]["image"] = self.client.upload_image(given, overwrite=True)
        self.editor["inputs"].update(trajectories=drags(still, way), width=SMALL, height=SMALL, frames=FRAMES)
        self.sampler["inputs"]["seed"], self.text["inputs"]["text"] = seed, ""
        before, started = sum(self.process.cpu_times()[:2]), time.perf_counter()
        result = self.client.run(self.prompt)
        seconds = sum(self.process.cpu_times()[:2]) - before, time.perf_counter() - started
        (item,) = result.files(self.saver)
        path = self.client.download(item, self.folder / "made")
        kept = path.replace(self.folder / f"{name}-{way}.png")
        with open_picture(kept) as picture:
            return np.asarray(picture.convert("RGB")), *seconds


def figures(still: Still, result: np.ndarray) -> dict[str, float]:
    """Points in pixels, and what was kept of the rest in dB."""
    scene, things = still.scene, still.moved
    found = [matched(scene.frames[0], result, still.lasting(each), scene.points[each, 0]) for each in things]
    away = [float(np.linalg.norm(at - scene.points[each, -1])) for at, each in zip(found, things, strict=True)]
    wide = cv2.dilate(still.changed.astype(np.uint8), np.ones((2 * MARGIN + 1,) * 2, np.uint8)) > 0
    return {
        "distance": mean_distance(np.stack(found), scene.points[list(things), -1]),
        "worst": max(away),
        "rest": fidelity(scene.frames[0], result, still.changed),
        "rest but for a margin": fidelity(scene.frames[0], result, wide) if not wide.all() else float("nan"),
    }


def lines(options: argparse.Namespace) -> Iterator[dict]:
    path, settings = options.folder / "figures.jsonl", {"scenes": options.scenes, "threads": options.threads}
    done = {line["scene"]: line for line in begin(path, settings)}
    yield from done.values()
    stop_on_terminate()
    place, threads = find_installation(), {"OMP_NUM_THREADS": str(options.threads)}
    base = options.folder / "comfyui"
    with HostProcess(place.python, place.comfyui, base, extra_args=["--cpu"], environment={**threads}) as host:
        server = Server(host, options.folder)
        server.made("warm-up", make_still(options.scenes), "drags", 0)  # the models are loaded
        for number in range(options.scenes):
            if number in done:
                continue
            still = make_still(number)
            line = {"scene": number, "truth": figures(still, still.scene.frames[-1])}
            for way in WAYS:
                picture, cpu, clock = server.made(f"{number:03}", still, way, number)
                line[way] = figures(still, picture) | {"CPU s": cpu, "clock s": clock}
            append(path, line)
            sys.stderr.write(f"{number + 1} of {options.scenes}: {line['drags']}\n")
            yield line


def table(found: list[dict]) -> str:
    """Of each way the mean, the median and the worst of each figure, and how many scenes reach what was aimed at."""
    rows = []
    for way in ("truth", *WAYS):
        for name in found[0][way]:
            values = np.array([line[way][name] for line in found])
            worst = np.nanmin(values) if name.startswith("rest") else np.nanmax(values)
            within = {"distance": values <= 2, "rest": values >= 40, "CPU s": values <= 5}.get(name)
            share = f"{100 * within.mean():5.0f} % reach the aim" if within is not None else ""
            numbers = f"mean {np.nanmean(values):8.2f}  median {np.nanmedian(values):8.2f}  worst {worst:8.2f}"
            rows.append(f"{way:8} {name:22} {numbers}  {share}")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, required=True, help="for pictures and figures; a later run goes on there"
    )
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1, help="of the server (default 1)")
    options = parser.parse_args()
    (options.folder / "made").mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.stdout.write(table(list(lines(options))) + "\n")


if __name__ == "__main__":
    main()
