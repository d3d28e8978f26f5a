"""`python -m dragnuwa.evaluation generate NAME PLACE --workflow W.json --out OUT`: the jobs that make a benchmark's
videos, for `python -m dragnuwa.batch`."""

from __future__ import annotations

import argparse
import json
import logging
import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ...common.atomic import atomic_write, read_json
from ...common.errors import InputError
from ...trajectory import from_arrays
from ...vision.segmentation.outline import outlines_of_masks
from .cases import Case
from .layouts.registry import LAYOUTS, opened
from .options import add_choices, choices_of, typed

log = logging.getLogger(__name__)

LOADER, EDITOR = "LoadImage", "DragNUWATrajectoryEditor"
EDITED = ("trajectories", "width", "height", "frames")


@dataclass(frozen=True)
class Targets:
    """The ids of the nodes that get the picture, the drags with the clip's size, and the text; "" for no node."""

    loader: str
    editor: str
    text: str = ""


def add_parser(commands) -> None:
    parser = commands.add_parser(
        "generate",
        help="the jobs that make a benchmark's videos",
        description="Write the pictures and drags of a benchmark, and a file of jobs, with which python -m "
        "dragnuwa.batch makes all of its videos by a workflow. The two commands that follow are printed. See "
        "docs/benchmarks.md.",
    )
    add = parser.add_argument
    add("name", choices=list(LAYOUTS), help="the benchmark")
    add("place", type=Path, metavar="PLACE", help="its folder")
    add("--workflow", type=Path, required=True, metavar="WORKFLOW.json",
        help=f"in the API format, as in workflows/api, with one {LOADER} and one {EDITOR}")  # fmt: skip
    add("--out", type=Path, required=True, help="a folder for the jobs")
    add_choices(parser)
    add("--objects", action="store_true",
        help="give each thing with its mask, rather than a drag; of VIPSeg and MagicBench")  # fmt: skip
    add("--text", default="", metavar="NODE", help="the title or id of the node whose text is to be the case's")
    add("--loader", default="", metavar="ID", help=f"which {LOADER} node gets the picture, if there are several")
    add("--editor", default="", metavar="ID", help=f"which {EDITOR} gets the drags, if there are several")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> str:
    """Writes the jobs; gives the commands that follow.

    Raises:
        InputError: if the benchmark or the workflow is wrong.
    """
    targets = targets_in(options.workflow, options.loader, options.editor, options.text)
    layout = opened(options.name, options.place, choices_of(options))
    names, jobs = layout.names(), []
    for number, name in enumerate(names, 1):
        jobs.append(_written(layout.case(name), options.out, targets, options.objects))
        log.info("%d of %d: %s", number, len(names), name)
    with atomic_write(options.out / "jobs.jsonl") as file:
        file.write("".join(json.dumps(job) + "\n" for job in jobs).encode())
    videos, module = options.out / "videos", ["python", "-m"]
    batch = [*module, "dragnuwa.batch", options.workflow, options.out / "jobs.jsonl", videos]
    bench = [
        *module, "dragnuwa.evaluation", "bench", options.name, options.place, "--videos", videos,
        "--out", options.out / "figures.jsonl", *typed(options),
    ]  # fmt: skip
    return "\n".join(shlex.join(map(str, command)) for command in (batch, bench))


def targets_in(path: Path, loader: str = "", editor: str = "", text: str = "") -> Targets:
    """The nodes of a workflow in the API format.

    Args:
        loader, editor: ids, where there are several such nodes.
        text: the title or id of a node with an input `text`; "" for none.

    Raises:
        InputError: if it is no such workflow, or lacks one of the nodes.
    """
    try:
        prompt = read_json(path)
    except ValueError as error:
        raise InputError(str(error)) from error
    nodes = prompt.values() if isinstance(prompt, dict) else ()
    if not nodes or not all(isinstance(node, dict) and isinstance(node.get("inputs"), dict) for node in nodes):
        raise InputError(f"{path} is not a workflow in the API format. Make one with File > Export (API) in ComfyUI.")
    found = Targets(_only(prompt, LOADER, loader, path), _only(prompt, EDITOR, editor, path), _titled(prompt, text))
    lacking = [name for name in EDITED if name not in prompt[found.editor]["inputs"]]
    if lacking:
        raise InputError(f"The {EDITOR} of {path} has no input {lacking[0]}. Export the workflow anew.")
    return found


def _only(prompt: dict, kind: str, wanted: str, path: Path) -> str:
    found = [key for key, node in prompt.items() if node.get("class_type") == kind and wanted in ("", key)]
    if len(found) != 1:
        raise InputError(
            f"{path} should have one {kind} node{f' with the id {wanted}' if wanted else ''}; found {len(found)}. "
            "Name it by its id."
        )
    return found[0]


def _titled(prompt: dict, wanted: str) -> str:
    if not wanted:
        return ""
    found = [key for key, node in prompt.items() if wanted in (key, (node.get("_meta") or {}).get("title"))]
    if len(found) != 1 or "text" not in prompt[found[0]]["inputs"]:
        raise InputError(f"The workflow should have one node called {wanted!r} with a text; found {len(found)}.")
    return found[0]


def _written(case: Case, out: Path, targets: Targets, objects: bool) -> dict:
    """The job of a case, whose files are written below `out`."""
    if targets.text and not case.text:
        raise InputError(f"{case.name} has no text, since the benchmark has none. Leave out --text.")
    picture, drags = f"pictures/{case.name}.png", f"drags/{case.name}.json"
    with atomic_write(out / picture) as file:
        Image.fromarray(case.picture).save(file, format="PNG")
    with atomic_write(out / drags) as file:
        file.write(drawing(case, objects).encode())
    clip = case.clip
    editor = {"trajectories": {"read": drags}, "width": clip.width, "height": clip.height, "frames": clip.frames}
    inputs = {targets.loader: {"image": {"upload": picture}}, targets.editor: editor}
    return {"name": case.name, "inputs": inputs | ({targets.text: {"text": case.text}} if targets.text else {})}


def drawing(case: Case, objects: bool = False) -> str:
    """What the Trajectory Editor gets: the drags, as they are; with `objects`, each thing with its outline.

    Raises:
        InputError: if objects are asked for, and the case has no masks.
    """
    if not objects:
        return from_arrays(case.points, case.visible, width=case.clip.width, height=case.clip.height).to_json()
    if case.masks is None:
        raise InputError(f"{case.name} has no masks, since the benchmark has none. Leave out --objects.")
    masks = torch.from_numpy(np.ascontiguousarray(case.masks)).float()
    outlines = outlines_of_masks(masks, case.clip.size, case.clip.size, "crop")
    ways = case.points / case.clip.size
    things = [
        {
            "outline": outline,
            "motion": {"points": [{"x": x, "y": y} for x, y in way.tolist()], "spline": "linear"},
        }
        for outline, way in zip(outlines, ways, strict=True)
        if outline
    ]
    if not things:
        raise InputError(f"{case.name} shows no thing that is large enough for an outline. Leave out --objects.")
    return json.dumps({"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": things})
