"""The cases of the evaluation: held-out scenes in groups, each with its drags and the points to track."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ...common.clip_shape import ClipShape
from ...trajectory.sampling import drift
from ...vision.tracking.metrics import REFERENCE_HEIGHT, objmc
from ...vision.tracking.point_tracker import LucasKanade, MatchCutout, Tracker
from ...vision.tracking.tracks_from_flow import follow
from ..scenes import HELD_OUT_SEED, Scene, SceneConfig, make_scene
from ..scenes.cutouts import SHAPES
from ..scenes.textures import color_name

GROUPS = ("straight", "curved", "several", "camera", "still")
NAMED_GROUPS = ("straight", "curved")  # scenes with one moving object
FIRST_SEED = HELD_OUT_SEED + 10_000_000  # seeds below are for previews during training
GROUP_SEEDS = 1_000_000
ATTEMPTS = 100  # seeds that are tried per case
MIN_WHOLE = 0.8  # visible area of an object in frame 0, as a fraction of its largest in any frame
LATENT_PIXEL = 8  # px; the network can hardly see narrower objects
MIN_POINTS, MAX_POINTS = 2, 4  # drags of the background for a camera move
MIN_TEXTURE = 3e-4  # smaller eigenvalue of a patch's gradients, in OpenCV's units, of a point that can be tracked
MARGIN = 15  # px, window without objects around such a point
MAX_TRACKER_ERROR = 1.0  # px of a picture 128 high: ObjMC of the tracker on the true clip
MIN_PLAIN = 0.7  # fraction of an object's pixels that have the colour that the caption names


@dataclass(frozen=True)
class Case:
    """A scene, its drags, and the points to track in a video of it. Tracks are as in `metrics`.

    Attributes:
        group: one of `GROUPS`.
        seed: of the scene.
        points, visible: `[N, T, 2]`, `[N, T]`: the drags that the model gets, anchors among them.
        target, seen: `[M, T, 2]`, `[M, T]`: the true positions of the tracked points.
        objects: which objects of the scene the tracked points belong to; empty if they belong to the background.
        undragged: objects at rest, with no drag or with an anchor.
    """

    group: str
    seed: int
    scene: Scene
    points: np.ndarray
    visible: np.ndarray
    target: np.ndarray
    seen: np.ndarray
    objects: tuple[int, ...]
    undragged: tuple[int, ...]

    def tracker(self, objects: tuple[int, ...] | None = None) -> Tracker:
        """The tracker for these objects (by default `self.objects`): by cut-outs, or Lucas-Kanade if there are none."""
        objects = self.objects if objects is None else objects
        if not objects:
            return LucasKanade()
        reach = max(8, round(0.19 * max(self.scene.clip.size)))  # few objects are faster
        return MatchCutout(self.scene.masks[list(objects), 0], reach)


def make_case(
    number: int,
    clip: ClipShape,
    assets: str | None = None,
    groups: tuple[str, ...] = GROUPS,
    *,
    named: bool = False,
) -> Case:
    """The case with a given number; it depends only on the arguments.

    The first of the number's seeds is taken whose objects are whole in frame 0, wider than a latent pixel, mostly
    visible, and tracked correctly in the true clip. If the tracker fails on the ground truth (a background without
    texture, an object of its background's colour), it says nothing about a model.

    Args:
        number: from 0.
        clip: the size of the scene.
        assets: folder of a pack of pictures, or None.
        groups: from `GROUPS`; consecutive numbers cycle through them.
        named: only scenes whose caption can be checked against the picture: one drawn shape in a plain colour. The
            groups must be from `NAMED_GROUPS`.

    Raises:
        ValueError: if no seed is suitable, or the scene's settings are out of range.
    """
    group, turn = groups[number % len(groups)], number // len(groups)
    first = FIRST_SEED + GROUPS.index(group) * GROUP_SEEDS + turn * ATTEMPTS
    config = _scene_config(group, clip, assets)
    if named:
        config = replace(config, cutout_share=0.0)
    for seed in range(first, first + ATTEMPTS):
        scene = make_scene(seed, config)
        if named and not plainly_colored(scene):
            continue
        case = _case(group, seed, scene, anchored=turn % 2 == 1)
        if case is not None and _tracked(case):
            return case
    raise ValueError(
        f"None of {ATTEMPTS} scenes of {clip.width}x{clip.height} and {clip.frames} frames can be measured for the "
        f"group '{group}'. Use larger pictures or more frames."
    )


def plainly_colored(scene: Scene) -> bool:
    """Whether the only object is a drawn shape, and most of it has the colour that the caption names."""
    if len(scene.objects) != 1 or scene.objects[0].kind not in SHAPES:
        return False
    pixels = scene.frames[0, ::2, ::2][scene.masks[0, 0, ::2, ::2]]  # [P, 3], every fourth pixel
    if not len(pixels):
        return False
    return float(np.mean([color_name(pixel) == scene.objects[0].color for pixel in pixels])) >= MIN_PLAIN


def _scene_config(group: str, clip: ClipShape, assets: str | None) -> SceneConfig:
    """Objects neither rotate nor scale: drags cannot express it, and the tracker matches unchanged cut-outs."""
    plain = SceneConfig(
        frames=clip.frames,
        sizes=((clip.height, clip.width),),
        objects=(1, 1),
        still_share=0.0,
        leaving_share=0.0,
        camera_share=0.0,
        spin=0.0,
        growth=(1.0, 1.0),
        assets=assets,
    )
    return {
        "straight": replace(plain, paths=("straight",)),
        "curved": replace(plain, paths=("curved", "s-shaped")),
        "several": replace(plain, objects=(2, 4)),
        "camera": replace(plain, still_share=1.0, camera_share=1.0),
        "still": replace(plain, objects=(2, 3), still_share=1.0),
    }[group]


def _case(group: str, seed: int, scene: Scene, *, anchored: bool) -> Case | None:
    """The scene with its drags; None if an object is hardly visible."""
    moving = tuple(number for number, item in enumerate(scene.objects) if item.motion != "still")
    resting = tuple(number for number in range(len(scene.objects)) if number not in moving)
    if group == "camera":
        return _camera_case(seed, scene)
    if not _well_seen(scene):
        return None
    drags, visible = scene.points[list(moving)], scene.visible[list(moving)]
    if anchored and resting:
        anchors = scene.points[list(resting)] + drift(drags.shape[1])
        drags = np.concatenate([drags, _inside(scene, anchors)])
        visible = np.concatenate([visible, scene.visible[list(resting)]])
    target, seen = scene.points[list(moving)], scene.visible[list(moving)]
    return Case(
        group=group,
        seed=seed,
        scene=scene,
        points=_inside(scene, drags),
        visible=visible,
        target=target,
        seen=seen,
        objects=moving,
        undragged=resting,
    )


def _camera_case(seed: int, scene: Scene) -> Case | None:
    """Points of the background are dragged and tracked; the object in front is dragged along, but not measured."""
    anchors = textured(scene)
    if len(anchors) < MIN_POINTS:
        return None
    target, seen = follow(anchors, scene.flow, scene.occluded | (scene.owner[:-1] > 0))
    found, _ = LucasKanade()(scene.frames, anchors)
    good = [n for n in range(len(target)) if seen[n].sum() > len(seen[n]) / 2 and _close(scene, found, target, seen, n)]
    if len(good) < MIN_POINTS:
        return None
    target, seen = target[good[:MAX_POINTS]], seen[good[:MAX_POINTS]]
    drags = _inside(scene, np.concatenate([target, scene.points]))
    return Case(
        group="camera",
        seed=seed,
        scene=scene,
        points=drags,
        visible=np.concatenate([seen, scene.visible]),
        target=target,
        seen=seen,
        objects=(),
        undragged=(),
    )


def textured(scene: Scene) -> np.ndarray:
    """Points `[P, 2]` of the background whose patch has texture in two directions (Shi and Tomasi, "Good Features to
    Track", CVPR 1994), the best first; elsewhere the motion of the background is ambiguous."""
    grey = cv2.cvtColor(scene.frames[0], cv2.COLOR_RGB2GRAY)
    window = LucasKanade.window
    free = cv2.erode((scene.owner[0] == 0).astype(np.uint8), np.ones((MARGIN, MARGIN)), borderValue=0)
    free &= cv2.cornerMinEigenVal(grey, window) > MIN_TEXTURE
    corners = cv2.goodFeaturesToTrack(grey, 4 * MAX_POINTS, 0.01, grey.shape[0] / 8, mask=free, blockSize=window)
    return np.zeros((0, 2)) if corners is None else corners[:, 0].astype(np.float64)


def _well_seen(scene: Scene) -> bool:
    """Whether each object is whole in frame 0, visible in the last and most others, and wider than a latent pixel."""
    areas = scene.masks.sum((2, 3))  # [N, T]
    whole = areas[:, 0] >= MIN_WHOLE * areas.max(1)
    in_sight = scene.visible[:, [0, -1]].all(1) & (scene.visible.mean(1) > 0.5)
    return bool((whole & in_sight).all()) and all(depth(scene, n) >= LATENT_PIXEL / 2 for n in range(len(areas)))


def depth(scene: Scene, item: int) -> float:
    """Depth in px of an object's point in frame 0: half the side of the largest square around it within the object."""
    x, y = np.rint(scene.points[item, 0]).astype(int)
    if not (0 <= x < scene.clip.width and 0 <= y < scene.clip.height):
        return 0.0
    return float(cv2.distanceTransform(scene.masks[item, 0].astype(np.uint8), cv2.DIST_C, 3)[y, x])


def _inside(scene: Scene, points: np.ndarray) -> np.ndarray:
    return np.clip(points, 0, (scene.clip.width - 1, scene.clip.height - 1))


def _tracked(case: Case) -> bool:
    """Whether the trackers find the true positions in the true clip."""
    found, _ = case.tracker()(case.scene.frames, case.target[:, 0])
    if not all(_close(case.scene, found, case.target, case.seen, n) for n in range(len(found))):
        return False
    if not case.undragged:
        return True
    rest, visible = case.scene.points[list(case.undragged)], case.scene.visible[list(case.undragged)]
    found, _ = case.tracker(case.undragged)(case.scene.frames, rest[:, 0])
    return all(_close(case.scene, found, rest, visible, n) for n in range(len(found)))


def _close(scene: Scene, found: np.ndarray, target: np.ndarray, seen: np.ndarray, n: int) -> bool:
    allowed = MAX_TRACKER_ERROR * scene.clip.height / REFERENCE_HEIGHT
    return objmc(found[n : n + 1], target[n : n + 1], seen[n : n + 1]) <= allowed
