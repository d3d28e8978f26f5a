"""Objects as boxes over time, each with its text.

boxes       a list for each frame, with a box for each object seen in it, from back to front: ComfyUI's BOUNDING_BOX, as
            SAM3 Detect, Draw BBoxes and Create Bounding Boxes take it. `metadata` is what the last of these writes.

    [[{"x": 12, "y": 30, "width": 80, "height": 64,
       "metadata": {"type": "obj", "text": "", "desc": "a red bird", "palette": ["#1f77b4"]}}], []]

ltx_boxes   the project of LTX BBox Animator (yuvraj108c/ComfyUI-LTX-BBox-Animator), its `bbox_data_json`, for the
            bounding-box LoRA of LTX-2.5: a prompt and keyframes for each object, linear in between, in pixels.

    {"version": 2, "style_prompt": "...", "scene_prompt": "...",
     "objects": [{"id": "o1", "name": "bird", "prompt": "a red bird", "strength": 1, "enabled": true, "start_frame": 0,
                  "end_frame": 120, "color": "#1f77b4", "keyframes": [{"frame": 0, "box": [12, 30, 92, 94]}]}]}

An object that is hidden in between is one object for each time in which it is seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from .. import checks
from ..objects.over_time import Moved
from ..objects.types import MotionObject
from ..trajectories import Trajectories
from ..types import MAX_NAME, TrajectoryError
from .format import compact, count, numbers

STRAIGHT = 1e-9  # px: a frame whose box is nearer to the middle of its neighbours' is no keyframe


@dataclass(frozen=True)
class Scene:
    """What belongs to no object: texts for the whole picture, for formats that carry them.

    scene: what is seen.
    style: how it looks.
    """

    scene: str = ""
    style: str = ""


@dataclass(frozen=True)
class ObjectWriter:
    """How the objects of trajectories are written in a format that stores nothing else.

    Attributes:
        name: under which the user selects the format.
        write: converts trajectories, the clip and the texts for the whole picture to text; positions are in pixels of
            the clip. Raises TrajectoryError.
        lost: what is lost, in sentences.
        suffix: file extension.
    """

    name: str
    write: Callable[[Trajectories, ClipShape, Scene], str]
    lost: Callable[[Trajectories, ClipShape, Scene], list[str]]
    suffix: str = ".json"


def boxes_of(trajectories: Trajectories, clip: ClipShape) -> list[list[dict]]:
    """ComfyUI's BOUNDING_BOX: for each frame the boxes of the enabled objects that are seen in it, in whole pixels of
    the clip, from back to front.

    Raises:
        TrajectoryError: if the clip is out of range.
    """
    checks.clip(clip, "Trajectories")
    frames: list[list[dict]] = [[] for _ in range(clip.frames)]
    for each in watched(trajectories.enabled_objects):
        said = {"type": "obj", "text": "", "desc": each.words, "palette": [each.color]}
        for frame, box in zip(frames, Moved.of(each, clip).boxes(clip.size), strict=True):
            if not np.isnan(box[0]):
                left, top, right, bottom = (int(side) for side in np.rint(box))
                frame.append({"x": left, "y": top, "width": max(1, right - left), "height": max(1, bottom - top),
                              "metadata": said})  # fmt: skip
    return frames


def write_boxes(trajectories: Trajectories, clip: ClipShape, scene: Scene) -> str:
    _at_least_one(trajectories, "boxes")
    return compact(boxes_of(trajectories, clip))


def write_project(trajectories: Trajectories, clip: ClipShape, scene: Scene) -> str:
    """
    Raises:
        TrajectoryError: if there is no object, one without text and name, or a text for the whole picture is missing.
    """
    _at_least_one(trajectories, "ltx_boxes")
    checks.clip(clip, "Trajectories")
    for name, text in (("scene", scene.scene), ("style", scene.style)):
        if not text.strip():
            raise TrajectoryError(
                f"The format ltx_boxes needs a text for {name}, which LTX BBox Animator does not do without. Say in "
                f"{name} what holds for the whole picture."
            )
    written = [one for each in watched(trajectories.enabled_objects) for one in _animated(each, clip)]
    project = {"version": 2, "style_prompt": scene.style.strip(), "scene_prompt": scene.scene.strip()}
    return json.dumps(project | {"objects": written}, ensure_ascii=False, separators=(",", ":"))


def _animated(each: MotionObject, clip: ClipShape) -> Iterator[dict]:
    """An object for each time in which it is seen in the picture."""
    if not each.words:
        raise TrajectoryError(
            f"Object {checks.names([each.id])} has neither a text nor a name, which the format ltx_boxes needs. Say in "
            "Text in its properties (E) what it is, or switch it off."
        )
    moved = Moved.of(each, clip)
    whole, inside = moved.around(), ~np.isnan(moved.boxes(clip.size)[:, 0])
    for number, (first, last) in enumerate(_stretches(inside)):
        frames = _keys(whole[first : last + 1]) + first
        keys = [
            {"frame": frame, "box": [value for pair in numbers(whole[frame].reshape(2, 2)) for value in pair]}
            for frame in frames.tolist()
        ]
        yield {"id": f"{each.id[: MAX_NAME - 4]}-{number + 1}" if number else each.id, "name": each.name or each.id,
               "prompt": each.words, "strength": 1, "enabled": True, "start_frame": first, "end_frame": last,
               "color": each.color, "keyframes": keys}  # fmt: skip


def _stretches(seen: np.ndarray) -> list[tuple[int, int]]:
    """The first and last of each run of True in `[T]`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(int)))
    return [(int(begin), int(end) - 1) for begin, end in edges.reshape(-1, 2)]


def _keys(boxes: np.ndarray) -> np.ndarray:
    """The frames of `[n, 4]` between which the boxes change steadily; the first and the last are among them."""
    turns = np.abs(boxes[:-2] - 2 * boxes[1:-1] + boxes[2:]).max(1) > STRAIGHT if len(boxes) > 2 else np.zeros(0, bool)
    return np.unique(np.concatenate([[0], np.flatnonzero(turns) + 1, [len(boxes) - 1]]))


def _at_least_one(trajectories: Trajectories, form: str) -> None:
    if not trajectories.enabled_objects:
        raise TrajectoryError(
            f"The format {form} has a box for each object, but no object is drawn or switched on; drags have no box. "
            "Cut out what moves in the Trajectory Editor (B)."
        )


def _lost(trajectories: Trajectories, clip: ClipShape, scene: Scene) -> list[str]:
    drags, objects = len(trajectories.enabled), trajectories.enabled_objects
    off = len(trajectories.tracks) - drags + len(trajectories.objects) - len(objects)
    boxes = [~np.isnan(Moved.of(each, clip).boxes(clip.size)[:, 0]) for each in objects]
    unseen, hidden = (sum(map(bool, found)) for found in (
        (not seen.any() for seen in boxes), (seen.any() and not seen.all() for seen in boxes),
    ))  # fmt: skip
    unnamed = sum(not each.words for each in objects)
    notes = (
        (drags, "Left out: {}, which have no box.", "drag"),
        (off, "Left out: {} switched off.", "drag or object"),
        (unseen, "Left out: {} never seen in the picture.", "object"),
        (hidden, "Not in every frame: {}.", "object"),
        (unnamed, "Without a text and a name: {}.", "object"),
    )
    told = [text.format(count(number, what)) for number, text, what in notes if number]
    return [*told, "No outlines, and no turns: the box around what is seen, in each frame."] if objects else told


BOXES = ObjectWriter("boxes", write_boxes, _lost)
LTX_BOXES = ObjectWriter("ltx_boxes", write_project, _lost)
