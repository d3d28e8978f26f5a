"""The prompts of the soak test: the templates that ship, each with small changes, and a tenth of them broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "workflows" / "api"

EMBEDDED, RANDOM, BROKEN = "dragnuwa-tiny.safetensors", "random.safetensors", "broken.safetensors"
PICTURES = ("example.png", "dragnuwa-rocket.jpg")
KINDS = (
    "drag_with_text",
    "carry_a_picture",
    "camera_move",
    "camera_under_object",
    "motion_brush",
    "motion_transfer",
    "trajectories_to_ltx",
)
MOVED_ELSEWHERE = {"camera_move", "motion_brush", "motion_transfer"}  # what moves comes from another node
PAINTED = {"motion_brush"}  # their mask is painted in the template's own picture
FORMATS = ("dragnuwa", "kjnodes", "points_store", "ati", "ltx", "svg", "csv", "nuke")
CLIPS = ((64, 64, 8), (96, 72, 5), (160, 104, 2), (128, 128, 5))  # width, height, frames
# What decides on the shapes of tensors. Each is met early and equally often, since torch (oneDNN) keeps up to 1024
# convolutions that it has compiled for a shape, which would look like a leak.
SHAPES = tuple(product(CLIPS, (EMBEDDED, EMBEDDED, RANDOM), (1, 2.5)))  # clip, model, cfg
SHOWN = ("PreviewImage", "PreviewAny")  # what is compared: pictures and texts
BROKEN_EVERY = 10

Prompt = dict[str, dict]


@dataclass(frozen=True)
class Job:
    """One prompt. `expected` is a part of the error's message where the prompt is broken, else None."""

    number: int
    kind: str
    prompt: Prompt
    expected: str | None = None

    @property
    def compared(self) -> list[str]:
        """The nodes whose results are compared."""
        return [key for key, node in self.prompt.items() if node["class_type"] in SHOWN]


def make_jobs(count: int, seed: int) -> list[Job]:
    """The same for the same seed."""
    draw = Random(seed)
    shapes = _shapes(draw)
    jobs = []
    for number in range(count):
        if number % BROKEN_EVERY == BROKEN_EVERY - 1:
            name = list(DEFECTS)[number // BROKEN_EVERY % len(DEFECTS)]
            kind, break_it, expected = DEFECTS[name]
            prompt = varied(kind, draw, next(shapes))
            break_it(prompt)
            jobs.append(Job(number, f"broken: {name}", prompt, expected))
        else:
            kind = KINDS[number % len(KINDS)]
            jobs.append(Job(number, kind, varied(kind, draw, next(shapes))))
    return jobs


def _shapes(draw: Random) -> Iterator[tuple]:
    """`SHAPES` without end, in another order each time."""
    while True:
        yield from draw.sample(SHAPES, len(SHAPES))


def varied(kind: str, draw: Random, shape: tuple) -> Prompt:
    """A template of one of `SHAPES` with drags and settings of its own, whose frames are shown as pictures."""
    prompt = json.loads((TEMPLATES / f"{kind}.json").read_text(encoding="utf-8"))
    clip, checkpoint, cfg = shape
    size = dict(zip(("width", "height", "frames"), clip, strict=True))
    picture = draw.choice(PICTURES)
    for node in prompt.values():
        changes = _changes(node["class_type"], size, draw)
        changes |= {"cfg": cfg} if node["class_type"] == "KSampler" else {}
        changes |= {"image": picture} if node["class_type"] == "LoadImage" and kind not in PAINTED else {}
        changes |= {"ckpt_name": checkpoint} if node["class_type"] == "DragNUWALoadCheckpoint" else {}
        if "trajectories" in changes and kind in MOVED_ELSEWHERE:
            del changes["trajectories"]
        node["inputs"] |= changes
    _show_frames(prompt, keep_video=draw.random() < 0.3)
    if draw.random() < 0.25:
        _add_export(prompt, draw.choice(FORMATS), size)
    return prompt


def _changes(node: str, size: dict[str, int], draw: Random) -> dict:
    table: dict[str, Callable[[], dict]] = {
        "DragNUWATrajectoryEditor": lambda: {**size, "trajectories": _drags(draw)},
        "KSampler": lambda: {"seed": draw.randrange(2**32), "steps": draw.randint(2, 4)},
        "DragNUWACameraMotion": lambda: {"pan": draw.randint(-20, 20), "zoom": draw.randint(-20, 40)},
        "DragNUWAMotionBrush": lambda: {"distance": draw.randint(5, 20), "direction": draw.randint(0, 359)},
        "DragNUWASampleTrajectories": lambda: {"seed": draw.randrange(2**32), "count": draw.randint(1, 8)},
        "DragNUWACarry": lambda: {"radius": draw.randint(8, 30), "carries": draw.choice(("object", "surroundings"))},
        "DragNUWAApply": lambda: {"strength": draw.choice((1, 0.5)), "end_percent": draw.choice((1, 0.6))},
    }
    return table.get(node, dict)()


def _drags(draw: Random) -> str:
    def place() -> dict[str, float]:
        return {"x": round(draw.uniform(0.1, 0.9), 3), "y": round(draw.uniform(0.1, 0.9), 3)}

    tracks = [
        {"id": f"t{number}", "points": [place() for _ in range(draw.randint(1, 4))]}
        for number in range(draw.randint(1, 5))
    ]
    return json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": tracks})


def find(prompt: Prompt, node: str) -> str:
    """The last node of a type."""
    return [key for key, value in prompt.items() if value["class_type"] == node][-1]


def _show_frames(prompt: Prompt, *, keep_video: bool) -> None:
    decoders = [key for key, node in prompt.items() if node["class_type"] == "VAEDecode"]
    for key in decoders:
        prompt[f"frames {key}"] = {"class_type": "PreviewImage", "inputs": {"images": [key, 0]}}
    if not keep_video:
        for key in [key for key, node in prompt.items() if node["class_type"] in ("CreateVideo", "SaveVideo")]:
            del prompt[key]


def _add_export(prompt: Prompt, form: str, size: dict[str, int]) -> None:
    editor = find(prompt, "DragNUWATrajectoryEditor")
    if not json.loads(prompt[editor]["inputs"]["trajectories"])["tracks"]:
        form = "dragnuwa"  # the only one that may be empty
    drags = [editor, 0]
    inputs = {**size, "trajectories": drags, "format": form, "filename_prefix": ""}
    prompt["export"] = {"class_type": "DragNUWAExportTrajectories", "inputs": inputs}
    prompt["exported"] = {"class_type": "PreviewAny", "inputs": {"source": ["export", 0]}}


def _set(node: str, **inputs: object) -> Callable[[Prompt], None]:
    return lambda prompt: prompt[find(prompt, node)]["inputs"].update(inputs)


def _drawn(text: str) -> Callable[[Prompt], None]:
    return _set("DragNUWATrajectoryEditor", trajectories=text)


def _disagree(prompt: Prompt) -> None:
    editor = prompt[find(prompt, "DragNUWATrajectoryEditor")]["inputs"]
    _set("DragNUWAEncodeTrajectories", width=editor["width"] + 8)(prompt)


def _one_frame_more(prompt: Prompt) -> None:
    editor = prompt[find(prompt, "DragNUWATrajectoryEditor")]["inputs"]
    _set("DragNUWAEncodeTrajectories", frames=editor["frames"] + 1)(prompt)


def _export_outside(prompt: Prompt) -> None:
    _add_export(prompt, "csv", {"width": 64, "height": 64, "frames": 2})
    prompt["export"]["inputs"]["filename_prefix"] = "../../outside"


OUTSIDE = json.dumps([[{"x": -400, "y": 20}, {"x": 30, "y": 20}]])
WORD = '{"type": "dragnuwa.trajectories", "version": 1, "tracks": [{"points": [{"x": "left", "y": 0.5}]}]}'

# What is wrong: the template, how it is broken, and a part of the message that a person has to get.
DEFECTS: dict[str, tuple[str, Callable[[Prompt], None], str]] = {
    "drags that end early": ("drag_with_text", _drawn('[[{"x": 1'), "JSON"),
    "a word for a number": ("drag_with_text", _drawn(WORD), "x should be"),
    "widths that disagree": ("drag_with_text", _disagree, "Connect one 'width' and 'height'"),
    "frames that disagree": ("camera_move", _one_frame_more, "Connect one 'frames'"),
    "a broken checkpoint": ("drag_with_text", _set("DragNUWALoadCheckpoint", ckpt_name=BROKEN), "broken.safetensors"),
    "an empty mask": ("motion_brush", _set("LoadImage", image=PICTURES[0]), "is empty"),
    "a drag from outside": ("carry_a_picture", _drawn(OUTSIDE), "starts outside"),
    "too many tracks": ("motion_transfer", _set("DragNUWASampleTrajectories", count=4096), "Expected at most"),
    "a file outside": ("drag_with_text", _export_outside, "Expected a filename_prefix inside"),
}
