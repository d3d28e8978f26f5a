"""POSE_KEYPOINT, in the layout of OpenPose's JSON, with one object per frame: people's joints become tracks.

    [{"canvas_width": 576, "canvas_height": 320,
      "people": [{"pose_keypoints_2d": [x, y, score, x, y, score, ...], "hand_left_keypoints_2d": null, ...}]}, ...]

x and y are pixels of the canvas, or fractions of it where none is above 1 (both are in use); missing joints have the
score 0. The order of the 18 joints of a body is that of OpenPose's COCO model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...common.interrupt import watched
from ..arrays import from_arrays
from ..checks import integer, mapping, number, sequence, wrong
from ..trajectories import Trajectories
from ..types import MAX_COORDINATE, MAX_POINTS, MAX_SIDE, MAX_TOTAL_POINTS, MAX_TRACKS, TrajectoryError
from .format import Reader, finite_extras, listed

MIN_SCORE = 0.3
"""Joints below this score count as hidden, as in ComfyUI's own pose drawing."""
MAX_PEOPLE = 64

BODY = (
    "nose", "neck", "right shoulder", "right elbow", "right wrist", "left shoulder", "left elbow", "left wrist",
    "right hip", "right knee", "right ankle", "left hip", "left knee", "left ankle", "right eye", "left eye",
    "right ear", "left ear",
)  # fmt: skip
PARTS = {
    "pose_keypoints_2d": "body",
    "foot_keypoints_2d": "foot",
    "face_keypoints_2d": "face",
    "hand_left_keypoints_2d": "left hand",
    "hand_right_keypoints_2d": "right hand",
}
_KNOWN = ("people", "canvas_width", "canvas_height", "version")
_REMEDY = "Connect a node that gives POSE_KEYPOINT, such as SDPose Keypoint Extractor."

Joint = tuple[int, str, int]
"""Person, part, and index within the part."""
Place = tuple[float, float, float]
"""x, y and score."""
_MISSING = (-1.0, -1.0)  # what SDPose writes for a joint that it did not find


def is_pose(value: Any) -> bool:
    """Whether a decoded value is a frame of this layout, or a list that begins with one."""
    first = value[0] if isinstance(value, (list, tuple)) and value else value
    return isinstance(first, dict) and "people" in first


def read(value: Any, size: tuple[int, int]) -> Trajectories:
    """Reads a track for each joint that is visible in any frame, from one or more frames.

    A joint is hidden if it is missing or its score is below `MIN_SCORE`; its position is then interpolated between the
    visible ones before and after. Canvas positions are scaled to the picture, whatever its size.

    Raises:
        TrajectoryError: naming the frame and the person.
    """
    frames = _frames(value)
    found, canvases = _positions(frames)
    seen = {
        joint: positions
        for joint, positions in found.items()
        if any(place[2] >= MIN_SCORE for place in positions.values())
    }
    if len(seen) > MAX_TRACKS or len(seen) * len(frames) > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"POSE_KEYPOINT: there should be at most {MAX_TRACKS:,} joints and {MAX_TOTAL_POINTS:,} positions, but "
            f"there are {len(seen):,} joints in {len(frames):,} frames. Use fewer people or frames."
        )
    points = np.zeros((len(seen), len(frames), 2))
    visible = np.zeros((len(seen), len(frames)), dtype=bool)
    for row, positions in enumerate(watched(seen.values())):
        shown = [index for index, place in positions.items() if place[2] >= MIN_SCORE]
        known = np.array([positions[index][:2] for index in shown]) / canvases[shown] * size
        for axis in range(2):
            points[row, :, axis] = np.interp(np.arange(len(frames)), shown, known[:, axis])
        visible[row, shown] = True
    width, height = size
    named = {"width": width, "height": height, "names": [_name(joint) for joint in seen]}
    return from_arrays(points, visible, **named)


def report(value: Any, found: Trajectories) -> tuple[str, list[str]]:
    """What was left out or hidden, and what poses cannot say."""
    frames = _frames(value)
    notes = []
    never_shown = _listed(frames) - len(found.tracks)
    if never_shown:
        notes.append(f"Joints that no frame shows (score below {MIN_SCORE}), left out: {never_shown}.")
    hidden = sum(track.visible != ((0.0, 1.0),) for track in found.tracks)
    if hidden:
        notes.append(f"Joints that some frames lack, hidden there: {hidden}.")
    people = {len(frame["people"]) for frame in frames}
    if max(people, default=0) > 1:
        notes.append("People are told apart by their place in the list of each frame, since poses hold no identity.")
    others = sorted({str(key) for frame in frames for key in frame if key not in _KNOWN})
    more = sorted({str(key) for frame in frames for person in frame["people"] for key in person if key not in PARTS})
    if others or more:
        notes.append(f"Fields that are not read: {listed(others + more)}.")
    return "POSE_KEYPOINT", notes


def _listed(frames: list | tuple) -> int:
    """How many joints the frames list, visible or not."""
    joints: dict[tuple[int, str], int] = {}
    for frame in watched(frames):
        for person, fields in enumerate(frame["people"]):
            for key in PARTS:
                joints[person, key] = max(joints.get((person, key), 0), len(fields.get(key) or ()) // 3)
    return sum(joints.values())


def _frames(value: Any) -> list | tuple:
    return value if isinstance(value, (list, tuple)) else [value]


def _positions(frames: list | tuple) -> tuple[dict[Joint, dict[int, Place]], np.ndarray]:
    """The position of each joint in the frames that have it, and each frame's reference size [T, 2]."""
    sequence(frames, MAX_POINTS, "POSE_KEYPOINT", "the list of frames", _REMEDY)
    _check_total(frames)
    found: dict[Joint, dict[int, Place]] = {}
    reach = 0.0
    for index, frame in enumerate(watched(frames)):
        for joint, place in _joints(frame, f"POSE_KEYPOINT, frame {index + 1}"):
            found.setdefault(joint, {})[index] = place
            x, y, score = place
            reach = max(reach, x, y) if score > 0 else reach
    canvases = [
        (1, 1) if reach <= 1 else _canvas(frame, f"POSE_KEYPOINT, frame {index + 1}")
        for index, frame in enumerate(frames)
    ]
    return found, np.array(canvases, dtype=np.float64).reshape(-1, 2)


def _check_total(frames: list | tuple) -> None:
    """Limit the number of positions before any frame is read."""
    people = [
        person
        for frame in frames
        if isinstance(frame, dict) and isinstance(frame.get("people"), (list, tuple))
        for person in frame["people"][:MAX_PEOPLE]
        if isinstance(person, dict)
    ]
    lists = (person.get(key) for person in people for key in PARTS)
    total = sum(len(numbers) // 3 for numbers in lists if isinstance(numbers, (list, tuple)))
    if total > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"POSE_KEYPOINT: there should be at most {MAX_TOTAL_POINTS:,} positions of joints, but there are "
            f"{total:,}. Use fewer people or frames."
        )


def _joints(frame: Any, where: str) -> Iterator[tuple[Joint, Place]]:
    """The joints of one frame, unchanged, including those of score 0."""
    mapping(frame, where, "a frame", _REMEDY)
    finite_extras(frame, where)
    if "people" not in frame:
        raise TrajectoryError(f'{where}: "people", the list of people, is missing. {_REMEDY}')
    people = sequence(frame["people"], MAX_PEOPLE, where, "people", _REMEDY)
    for person, fields in enumerate(people):
        for key, part in PARTS.items():
            for index, place in enumerate(_part(fields, key, f"{where}, person {person + 1}")):
                yield (person, part, index), place


def _canvas(frame: dict, where: str) -> tuple[int, int]:
    width, height = (
        integer(frame.get(key), 1, MAX_SIDE, where, key, _REMEDY) for key in ("canvas_width", "canvas_height")
    )
    return width, height


def _part(person: Any, key: str, where: str) -> list[Place]:
    mapping(person, where, "a person", _REMEDY)
    numbers = person.get(key)
    if numbers is None:
        return []
    sequence(numbers, 3 * MAX_POINTS, where, key, _REMEDY)
    if len(numbers) % 3:
        raise wrong(where, key, "x, y and score of each joint, three numbers a joint", numbers, _REMEDY)
    limit = int(MAX_COORDINATE) * 1000
    values = [number(value, -limit, limit, where, key, _REMEDY) for value in numbers]
    positions = zip(values[::3], values[1::3], values[2::3], strict=True)
    return [(x, y, 0.0 if (x, y) == _MISSING else score) for x, y, score in positions]


def _name(joint: Joint) -> str:
    person, part, index = joint
    named = BODY[index] if part == "body" and index < len(BODY) else f"{part} {index + 1}"
    return f"person {person + 1} {named}"


READER = Reader("poses (POSE_KEYPOINT)", is_pose, read, report)
