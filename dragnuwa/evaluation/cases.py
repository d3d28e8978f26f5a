"""What is measured: held-out scenes in groups, each with its drags and the points that are followed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..scenes import HELD_OUT_SEED, Scene, SceneConfig, make_scene
from ..scenes.cutouts import SHAPES
from ..scenes.textures import color_name
from ..tracking.tracks_from_flow import follow
from .metrics import objmc
from .tracker import LucasKanade, MatchCutout, Tracker

GROUPS = ("straight", "curved", "several", "camera", "still")
NAMED_GROUPS = ("straight", "curved")  # scenes with one thing that moves
FIRST_SEED = HELD_OUT_SEED + 10_000_000  # below it are the scenes at which one looks during the training
GROUP_SEEDS = 1_000_000
ATTEMPTS = 100  # seeds of a case, of which the first that suits is taken
WHOLE = 0.8  # least share of a thing that frame 0 shows of what any frame does
LATENT_PIXEL = 8  # px; what is narrower, the network hardly sees
ANCHOR_DRIFT = 1.0  # px in x and y over the clip, as the original's anchors have it
FEWEST_POINTS, MOST_POINTS = 2, 4  # drags of the background for a camera move
TEXTURE = 3e-4  # least eigenvalue of a patch's gradients, in OpenCV's units, of a point that can be followed
MARGIN = 15  # px, window free of things around such a point
TRACKER_ERROR = 1.0  # px of a picture 128 high: ObjMC that a tracker may have on the true clip
REFERENCE_HEIGHT = 128
PLAIN = 0.7  # least share of a thing's pixels that have the colour by which its caption calls it


@dataclass(frozen=True)
class Case:
    """A scene, its drags, and what is followed in a video of it. Tracks are as in `dragnuwa.evaluation.metrics`.

    Attributes:
        group: one of `GROUPS`.
        seed: of the scene.
        points, visible: `[N, T, 2]`, `[N, T]`: the drags that the model is given, anchors among them.
        target, seen: `[M, T, 2]`, `[M, T]`: where the followed points are in the true clip.
        things: which objects of the scene the followed points belong to; empty where they are of the background.
        undragged: objects that rest and have no drag, or an anchor.
    """

    group: str
    seed: int
    scene: Scene
    points: np.ndarray
    visible: np.ndarray
    target: np.ndarray
    seen: np.ndarray
    things: tuple[int, ...]
    undragged: tuple[int, ...]

    def tracker(self, things: tuple[int, ...] | None = None) -> Tracker:
        """By their cut-outs for things, else Lucas-Kanade."""
        things = self.things if things is None else things
        if not things:
            return LucasKanade()
        height, width = self.scene.frames.shape[1:3]
        reach = max(8, round(0.19 * max(height, width)))  # few things are faster
        return MatchCutout(self.scene.masks[list(things), 0], reach)


def make_case(
    number: int,
    frames: int,
    height: int,
    width: int,
    assets: str | None = None,
    groups: tuple[str, ...] = GROUPS,
    *,
    named: bool = False,
) -> Case:
    """The case of a number, which depends on nothing else than the arguments; the groups take turns.

    Of the seeds of a number, the first is taken whose things are whole in frame 0 and wider than a latent pixel, mostly
    in sight, and followed by the tracker in the true clip: where the tracker cannot follow the truth (a background
    without texture, a thing of its background's colour), it says nothing about a model.

    Args:
        number: from 0.
        frames, height, width: of the scene, in pixels.
        assets: folder of a pack of pictures, or None.
        groups: of `GROUPS`, in which order they take turns.
        named: only scenes whose caption names what anybody can see: one drawn shape in a plain colour. The groups have
            to be of `NAMED_GROUPS`.

    Raises:
        ValueError: if no seed suits, or the scene's settings are out of range.
    """
    group, turn = groups[number % len(groups)], number // len(groups)
    first = FIRST_SEED + GROUPS.index(group) * GROUP_SEEDS + turn * ATTEMPTS
    config = _scenes(group, frames, height, width, assets)
    if named:
        config = replace(config, cutout_share=0.0)
    for seed in range(first, first + ATTEMPTS):
        scene = make_scene(seed, config)
        if named and not plainly_colored(scene):
            continue
        case = _case(group, seed, scene, anchored=turn % 2 == 1)
        if case is not None and _followed(case):
            return case
    raise ValueError(
        f"None of {ATTEMPTS} scenes of {width}x{height} and {frames} frames can be measured for the group '{group}'. "
        "Use larger pictures or more frames."
    )


def plainly_colored(scene: Scene) -> bool:
    """Whether the only thing is a drawn shape, whose colour in the caption most of its pixels in frame 0 have."""
    if len(scene.objects) != 1 or scene.objects[0].kind not in SHAPES:
        return False
    shown = scene.frames[0, ::2, ::2][scene.masks[0, 0, ::2, ::2]]  # [P, 3], every fourth pixel
    if not len(shown):
        return False
    return float(np.mean([color_name(pixel) == scene.objects[0].color for pixel in shown])) >= PLAIN


def _scenes(group: str, frames: int, height: int, width: int, assets: str | None) -> SceneConfig:
    """Things neither turn nor grow here: a drag does not say whether they do, and cut-outs are matched as they are."""
    plain = SceneConfig(
        frames=frames,
        sizes=((height, width),),
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
    """The scene's drags; None where a thing is hardly seen."""
    moving = tuple(number for number, thing in enumerate(scene.objects) if thing.motion != "still")
    resting = tuple(number for number in range(len(scene.objects)) if number not in moving)
    if group == "camera":
        return _camera_case(seed, scene)
    if not _well_seen(scene):
        return None
    drags, shown = scene.points[list(moving)], scene.visible[list(moving)]
    if anchored and resting:
        drift = np.linspace(0, ANCHOR_DRIFT, drags.shape[1])[:, None]  # [T, 1]
        drags = np.concatenate([drags, _inside(scene, scene.points[list(resting)] + drift)])
        shown = np.concatenate([shown, scene.visible[list(resting)]])
    target, seen = scene.points[list(moving)], scene.visible[list(moving)]
    return Case(group, seed, scene, _inside(scene, drags), shown, target, seen, moving, resting)


def _camera_case(seed: int, scene: Scene) -> Case | None:
    """Points of the background are dragged and followed; the thing before it is dragged along, and not measured."""
    anchors = textured(scene)
    if len(anchors) < FEWEST_POINTS:
        return None
    target, seen = follow(anchors, scene.flow, scene.occluded | (scene.owner[:-1] > 0))
    found, _ = LucasKanade()(scene.frames, anchors)
    good = [n for n in range(len(target)) if seen[n].sum() > len(seen[n]) / 2 and _close(scene, found, target, seen, n)]
    if len(good) < FEWEST_POINTS:
        return None
    target, seen = target[good[:MOST_POINTS]], seen[good[:MOST_POINTS]]
    drags = _inside(scene, np.concatenate([target, scene.points]))
    return Case("camera", seed, scene, drags, np.concatenate([seen, scene.visible]), target, seen, (), ())


def textured(scene: Scene) -> np.ndarray:
    """Points `[P, 2]` of the background whose patch has texture in two directions (Shi and Tomasi, "Good Features to
    Track", CVPR 1994), the best first: elsewhere nobody can say how the background moves."""
    grey = cv2.cvtColor(scene.frames[0], cv2.COLOR_RGB2GRAY)
    window = LucasKanade.window
    free = cv2.erode((scene.owner[0] == 0).astype(np.uint8), np.ones((MARGIN, MARGIN)), borderValue=0)
    free &= cv2.cornerMinEigenVal(grey, window) > TEXTURE
    corners = cv2.goodFeaturesToTrack(grey, 4 * MOST_POINTS, 0.01, grey.shape[0] / 8, mask=free, blockSize=window)
    return np.zeros((0, 2)) if corners is None else corners[:, 0].astype(np.float64)


def _well_seen(scene: Scene) -> bool:
    """Whether every thing is whole in frame 0, in sight in the last and most others, and wider than a latent pixel."""
    areas = scene.masks.sum((2, 3))  # [N, T]
    whole = areas[:, 0] >= WHOLE * areas.max(1)
    in_sight = scene.visible[:, [0, -1]].all(1) & (scene.visible.mean(1) > 0.5)
    return bool((whole & in_sight).all()) and all(depth(scene, n) >= LATENT_PIXEL / 2 for n in range(len(areas)))


def depth(scene: Scene, thing: int) -> float:
    """How far, in px, a thing's point is inside of it in frame 0: half the side of the square that fits around it."""
    x, y = np.rint(scene.points[thing, 0]).astype(int)
    height, width = scene.owner.shape[1:]
    if not (0 <= x < width and 0 <= y < height):
        return 0.0
    return float(cv2.distanceTransform(scene.masks[thing, 0].astype(np.uint8), cv2.DIST_C, 3)[y, x])


def _inside(scene: Scene, points: np.ndarray) -> np.ndarray:
    height, width = scene.frames.shape[1:3]
    return np.clip(points, 0, (width - 1, height - 1))


def _followed(case: Case) -> bool:
    """Whether the trackers follow the true clip."""
    found, _ = case.tracker()(case.scene.frames, case.target[:, 0])
    if not all(_close(case.scene, found, case.target, case.seen, n) for n in range(len(found))):
        return False
    if not case.undragged:
        return True
    rest, shown = case.scene.points[list(case.undragged)], case.scene.visible[list(case.undragged)]
    found, _ = case.tracker(case.undragged)(case.scene.frames, rest[:, 0])
    return all(_close(case.scene, found, rest, shown, n) for n in range(len(found)))


def _close(scene: Scene, found: np.ndarray, target: np.ndarray, seen: np.ndarray, n: int) -> bool:
    allowed = TRACKER_ERROR * scene.frames.shape[1] / REFERENCE_HEIGHT
    return objmc(found[n : n + 1], target[n : n + 1], seen[n : n + 1]) <= allowed
