"""Draws tracks over the frames of a clip.

Everything static is drawn once, on layers that are then composited over each frame: the whole paths, and a dot for each
frame of each track. The travelled part grows by one segment per frame. Layers are premultiplied RGBA, so that OpenCV's
antialiased lines can be drawn on top of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch

from ..common.clip_shape import ClipShape
from ..common.images import to_bytes, to_floats
from ..common.interrupt import Progress, checkpoint, no_progress, watched
from ..trajectory import Trajectories
from .outlines import MovedOutline, draw_outlines

SHIFT = 4  # cv2 takes fixed-point coordinates: 4 bits are sixteenths of a pixel
PATH_OPACITY = 0.55  # of the part of a path that lies ahead
REST = 2.0  # pixels over the clip: tracks that move less are drawn as pins
CROWD = 0.15  # of the picture: markers shrink if they would cover more
LEAST_DOT, LEAST_HEAD = 0.5, 3.0  # pixels: smaller dots and arrow heads are left out
MOST_DOTS = 25  # on a track: with more frames only every second, third and so on gets one, to keep the path visible

# Radii in units: of a marker and of its white rim, of a pin's three rings, of a dot.
MARKER, MARKER_RIM = 3.5, 4.5
PIN, PIN_RIM, PIN_HOLE = 4.5, 5.5, 1.5
DOT, HEAD, LINE = 0.9, 10.0, 2.2
Layer = Callable[[torch.Tensor, int], torch.Tensor]
"""Composites a layer over a frame `[H, W, 3]` from 0 to 1 on the CPU, which is not modified. Called with frame numbers
from 0 without gaps."""


@dataclass(frozen=True)
class _Scene:
    """Tracks to be drawn, and their scale.

    points `[N, T, 2]`, visible `[N, T]`, colors `[C, 3]` uint8 without duplicates, color `[N]` index of each track's,
    moving `[N]` (the others are pins), unit in pixels.
    """

    points: np.ndarray
    visible: np.ndarray
    colors: np.ndarray
    color: np.ndarray
    moving: np.ndarray
    unit: float


class TrackLayer:
    """A layer for `over_frames` with every track: its path with an arrow head, a dot for each frame (close dots mean
    slow motion), and its current position. Static tracks are drawn as pins. Many tracks are drawn finer.

    Args:
        points: `[N, T, 2]` x and y in pixels.
        visible: `[N, T]` bool; where a track is hidden, its path has a gap and its marker is hollow.
        colors: N of them, as "#rrggbb".
        clip: size and number of frames.

    Raises:
        ValueError: if the numbers of frames or tracks differ.
    """

    def __init__(self, points: np.ndarray, visible: np.ndarray, colors: Sequence[str], clip: ClipShape):
        if points.shape != (len(colors), clip.frames, 2) or visible.shape != points.shape[:2]:
            raise ValueError(
                f"{clip.frames} images, points {list(points.shape)}, visible {list(visible.shape)} and {len(colors)} "
                "colours do not belong together: expected T images, [N, T, 2], [N, T] and N."
            )
        self.scene = _scene(points, visible, colors, clip.size) if len(points) else None
        if self.scene is None:
            return
        shape = (clip.height, clip.width, 4)
        ahead, self.travelled = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
        _draw_paths(ahead, self.scene)
        self.ahead = (ahead * PATH_OPACITY).astype(np.uint8)
        self.dots = _dots(self.scene, shape)

    def __call__(self, frame: torch.Tensor, now: int) -> torch.Tensor:
        pixels = to_bytes(frame)
        self.draw(pixels, now)
        return to_floats(pixels)

    def draw(self, frame: np.ndarray, now: int) -> None:
        """Draws on a frame `[H, W, 3]` uint8, in place."""
        if self.scene is None:
            return
        if now:
            _draw_step(self.travelled, self.scene, now)
        for layer in (self.ahead, self.travelled, self.dots):
            _lay(frame, layer)
        _draw_markers(frame, self.scene, now)


class DragLayer:
    """A layer for `over_frames` with drags in their own colours, drawn as by `TrackLayer`, and objects: the path of the
    pivot as a drag, or those of its pins, and the outline at its position in each frame.

    Args:
        trajectories: disabled drags and objects are not drawn.
        clip: size and number of frames.
    """

    def __init__(self, trajectories: Trajectories, clip: ClipShape):
        sampled = replace(trajectories, objects=()).at_frames(clip)
        objects = trajectories.enabled_objects
        self.moved = [MovedOutline.of(each, clip) for each in watched(objects)]
        points = np.concatenate([sampled.points, *(each.ways for each in self.moved)])
        visible = np.concatenate([sampled.visible, *(each.seen[None] for each in self.moved for _ in each.ways)])
        colors = [*sampled.colors, *(each.color for each in self.moved for _ in each.ways)]
        self.tracks = TrackLayer(points, visible, colors, clip)

    def __call__(self, frame: torch.Tensor, now: int) -> torch.Tensor:
        pixels = to_bytes(frame)
        draw_outlines(pixels, self.moved, now)
        self.tracks.draw(pixels, now)
        return to_floats(pixels)


def drags(images: torch.Tensor, trajectories: Trajectories) -> torch.Tensor:
    """The frames `[T, H, W, 3]` of a clip with a `DragLayer`; see `over_frames` for the result."""
    clip = ClipShape(images.shape[2], images.shape[1], len(images))
    return over_frames(images, [DragLayer(trajectories, clip)])


def _scene(points: np.ndarray, visible: np.ndarray, colors: Sequence[str], size: tuple[int, int]) -> _Scene:
    width, height = size
    unit = max(1.0, min(height, width) / 256)  # pixels; the drawing scales with the picture
    covered = len(points) * np.pi * (MARKER_RIM * unit) ** 2 / (height * width)
    different, color = np.unique(np.array(colors), return_inverse=True)
    rgb = np.array([[int(name[i : i + 2], 16) for i in (1, 3, 5)] for name in different], np.uint8)
    moving = (points.max(axis=1) - points.min(axis=1)).max(axis=1) >= REST
    return _Scene(points, visible, rgb, color, moving, unit * min(1.0, (CROWD / covered) ** 0.5))


def _lay(frame: np.ndarray, layer: np.ndarray) -> None:
    """Composites a premultiplied layer `[H, W, 4]` over a frame `[H, W, 3]`, both uint8, in place."""
    rest = cv2.cvtColor(255 - layer[..., 3], cv2.COLOR_GRAY2RGB)
    cv2.add(cv2.multiply(frame, rest, scale=1 / 255), cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB), dst=frame)


def _draw_paths(layer: np.ndarray, scene: _Scene) -> None:
    """Draws the whole path of every moving track, with its arrow head."""
    unbroken = scene.visible.all(axis=1)
    _draw_lines(layer, scene, scene.points, scene.moving & unbroken)
    for now in range(1, scene.points.shape[1]):
        _draw_lines(layer, scene, scene.points[:, now - 1 : now + 1], _shown(scene, now) & ~unbroken)
    if HEAD * scene.unit < LEAST_HEAD:
        return
    heads = _fixed(_arrow_heads(scene.points, HEAD * scene.unit))  # [N, 3, 2]
    for row in np.flatnonzero(_shown(scene, scene.points.shape[1] - 1)):
        cv2.fillConvexPoly(layer, heads[row], _rgba(scene.colors[scene.color[row]]), cv2.LINE_AA, SHIFT)


def _draw_step(layer: np.ndarray, scene: _Scene, now: int) -> None:
    """Draws the segment travelled since the previous frame."""
    _draw_lines(layer, scene, scene.points[:, now - 1 : now + 1], _shown(scene, now))


def _shown(scene: _Scene, now: int) -> np.ndarray:
    """`[N]` bool: the tracks whose segment from the previous frame to this one is drawn."""
    return scene.moving & scene.visible[:, now - 1] & scene.visible[:, now]


def _draw_lines(layer: np.ndarray, scene: _Scene, lines: np.ndarray, chosen: np.ndarray) -> None:
    """Draws lines `[N, P, 2]` of the chosen tracks, batched by colour for speed."""
    thickness = max(1, round(LINE * scene.unit))
    fixed = _fixed(lines)
    rows = np.flatnonzero(chosen)
    rows = rows[np.argsort(scene.color[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(scene.color[rows])) + 1
    for group in np.split(rows, starts) if len(rows) else ():
        color = _rgba(scene.colors[scene.color[group[0]]])
        cv2.polylines(layer, list(fixed[group]), False, color, thickness, cv2.LINE_AA, SHIFT)


def _arrow_heads(points: np.ndarray, size: float) -> np.ndarray:
    """A triangle `[N, 3, 2]` at the end of each track, in the direction of its last pixels."""
    tip = points[:, -1]
    far = np.linalg.norm(points - tip[:, None], axis=2) > size / 2  # [N, T]
    last = np.where(far.any(axis=1), points.shape[1] - 1 - far[:, ::-1].argmax(axis=1), 0)
    along = tip - points[np.arange(len(points)), last]
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    across = along[:, ::-1] * [-1, 1]
    back = tip - along * size / 2
    return np.stack([tip + along * size / 2, back + across * size / 2, back - across * size / 2], axis=1)


def _dots(scene: _Scene, shape: tuple[int, ...]) -> np.ndarray:
    """A layer with a white dot for the frames of each track that moves."""
    covered = np.zeros(shape[0] * shape[1], np.float32)
    radius = DOT * scene.unit
    if radius >= LEAST_DOT:
        every = -(-(scene.points.shape[1] - 1) // (MOST_DOTS - 1))
        centres = scene.points[scene.moving, ::every].reshape(-1, 2)
        pixels, rows = _reached(centres, np.full(len(centres), radius), shape)
        np.maximum.at(covered, pixels, _within(_distance(pixels, centres[rows], shape), radius))
    return np.repeat((covered * 255).astype(np.uint8).reshape(*shape[:2], 1), 4, axis=2)


def _draw_markers(frame: np.ndarray, scene: _Scene, now: int) -> None:
    """Draws each track's current position, later tracks on top; hollow if hidden."""
    unit, moving = scene.unit, scene.moving
    centres, shown = scene.points[:, now], scene.visible[:, now]
    rim = np.where(moving, MARKER_RIM, PIN_RIM) * unit  # [N]
    body = np.where(moving, MARKER, PIN) * unit
    hole = np.where(shown, np.where(moving, -1.0, PIN_HOLE * unit), body - max(1.0, 0.8 * unit))
    owner = np.full(frame.shape[0] * frame.shape[1], -1)
    np.maximum.at(owner, *_reached(centres, rim, frame.shape))

    pixels = np.flatnonzero(owner >= 0)
    rows = owner[pixels]
    distance = _distance(pixels, centres[rows], frame.shape)
    filled = _within(distance, body[rows]) - _within(distance, hole[rows])
    color = 255 + (scene.colors[scene.color[rows]].astype(np.float32) - 255) * filled[:, None]
    flat = frame.reshape(-1, 3)
    under = flat[pixels].astype(np.float32)
    flat[pixels] = (under + (color - under) * _within(distance, rim[rows])[:, None]).round().astype(np.uint8)


def _reached(centres: np.ndarray, radius: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The pixels covered by discs: their flat indices, and the row of each one's disc."""
    reach = int(np.ceil(radius.max(initial=0.0) + 0.5))
    step = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 2), axis=-1).reshape(-1, 2)  # [K, 2]
    step = step[np.linalg.norm(step, axis=1) < radius.max(initial=0.0) + 1.21]  # half a pixel's diagonal more
    nearest = np.rint(centres)
    away = (nearest - centres).astype(np.float32)
    across, down = (away[:, None, axis] + step[:, axis].astype(np.float32) for axis in range(2))  # [N, K]
    rows, steps = np.nonzero(across**2 + down**2 < (radius[:, None] + 0.5).astype(np.float32) ** 2)
    x, y = (nearest[rows, axis].astype(np.int64) + step[steps, axis] for axis in range(2))
    inside = (x >= 0) & (x < shape[1]) & (y >= 0) & (y < shape[0])
    return (y * shape[1] + x)[inside], rows[inside]


def _distance(pixels: np.ndarray, centres: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Distance in pixels from flat indices `[P]` to the centres `[P, 2]`."""
    return np.hypot(pixels % shape[1] - centres[:, 0], pixels // shape[1] - centres[:, 1])


def _within(distance: np.ndarray, radius: np.ndarray | float) -> np.ndarray:
    """Coverage, from 0 to 1, of a pixel at this distance by a disc with an edge one pixel wide."""
    return np.clip(radius + 0.5 - distance, 0, 1).astype(np.float32)


def _rgba(color: np.ndarray) -> tuple[int, ...]:
    return (*color.tolist(), 255)


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.rint(points * 2**SHIFT).astype(np.int32)


def over_frames(images: torch.Tensor, layers: Sequence[Layer], progress: Progress = no_progress) -> torch.Tensor:
    """Composites layers over a clip.

    Args:
        images: `[T, H, W, 3]` from 0 to 1, on any device.
        layers: from bottom to top.
        progress: called after each frame.

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU.
    """
    laid = torch.empty(images.shape)
    for now, image in enumerate(images.detach()):
        checkpoint()
        frame = image.cpu().float()
        for layer in layers:
            frame = layer(frame, now)
        laid[now] = frame
        progress(now + 1, len(images))
    return laid
