"""Layers of a scene: how objects and the camera move, and the frames, exact flow and visibility that follow."""

from dataclasses import dataclass

import cv2
import numpy as np

from ...common.clip_shape import ClipShape

PATHS = ("straight", "curved", "s-shaped")
EASES = ("linear", "ease_in", "ease_out", "ease_in_out")


@dataclass(frozen=True)
class Motion:
    """`kind`: one of `PATHS` or "still". Per frame: `points` `[T, 2]` px, `angles` `[T]` radians, `scales` `[T]`."""

    kind: str
    points: np.ndarray
    angles: np.ndarray
    scales: np.ndarray

    def poses(self, pivot: np.ndarray) -> np.ndarray:
        """Matrices `[T, 3, 3]` from a texture's pixels to the picture's; `pivot` (x, y) lands on `points`."""
        cosine, sine = self.scales * np.cos(self.angles), self.scales * np.sin(self.angles)
        matrices = np.zeros((len(self.points), 3, 3))
        matrices[:, 0, 0], matrices[:, 0, 1] = cosine, -sine
        matrices[:, 1, 0], matrices[:, 1, 1] = sine, cosine
        matrices[:, :2, 2] = self.points - matrices[:, :2, :2] @ pivot
        matrices[:, 2, 2] = 1
        return matrices


def progress(frames: int, ease: str) -> np.ndarray:
    """The fraction of the path covered at each frame, `[T]` from 0 to 1."""
    time = np.linspace(0, 1, frames)
    return {
        "linear": time,
        "ease_in": time**2,
        "ease_out": 1 - (1 - time) ** 2,
        "ease_in_out": time**2 * (3 - 2 * time),
    }[ease]


def path(kind: str, start: np.ndarray, end: np.ndarray, bend: float, done: np.ndarray) -> np.ndarray:
    """Points `[T, 2]` on the path from `start` to `end` at the fractions `done` `[T]`.

    `bend` is the distance of the curve's control points from the straight line, as a fraction of its length. A curved
    path is a quadratic Bezier curve, an S-shaped one a cubic whose two control points lie on opposite sides.
    """
    way = end - start
    aside = np.array([-way[1], way[0]]) * bend
    done = done[:, None]
    if kind == "straight":
        return start + way * done
    if kind == "curved":
        control = start + way / 2 + aside
        return (1 - done) ** 2 * start + 2 * done * (1 - done) * control + done**2 * end
    if kind == "s-shaped":
        first, second = start + way / 3 + aside, start + way * 2 / 3 - aside
        return (
            (1 - done) ** 3 * start
            + 3 * done * (1 - done) ** 2 * first
            + 3 * done**2 * (1 - done) * second
            + done**3 * end
        )
    raise ValueError(f"a path is one of {', '.join(PATHS)}, not {kind!r}")


def still_motion(frames: int, point: np.ndarray) -> Motion:
    return Motion("still", np.tile(point, (frames, 1)), np.zeros(frames), np.ones(frames))


def random_motion(
    rng: np.random.Generator,
    frames: int,
    kind: str,
    start: np.ndarray,
    end: np.ndarray,
    *,
    spin: float,
    growth: tuple[float, float],
) -> Motion:
    """From `start` to `end` with random easing and bend; rotates by at most `spin`, ends at a scale within `growth`."""
    done = progress(frames, EASES[rng.integers(len(EASES))])
    bend = rng.choice((-1, 1)) * rng.uniform(0.25, 0.7)
    points = path(kind, start, end, bend, done)
    turn = rng.uniform(-spin, spin) if rng.random() < 0.4 else 0.0
    last = np.exp(rng.uniform(*np.log(growth))) if rng.random() < 0.4 else 1.0
    return Motion(kind, points, turn * done, last**done)


def camera_motion(
    rng: np.random.Generator, clip: ClipShape, *, pan: float, zoom: tuple[float, float]
) -> tuple[str, np.ndarray]:
    """A camera move, in words and as matrices `[T, 3, 3]` from the picture at frame 0 to that at each frame.

    It pans by up to `pan` of the picture's sides, or zooms about the centre to a scale within `zoom`.
    """
    done = progress(clip.frames, EASES[rng.integers(len(EASES))])
    centre = np.array([clip.width - 1, clip.height - 1]) / 2
    if rng.random() < 0.6:
        angle, share = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1)
        shift = np.array([np.cos(angle) * clip.width, np.sin(angle) * clip.height]) * pan * share
        move = Motion("pan", centre + shift * done[:, None], np.zeros(clip.frames), np.ones(clip.frames))
        return f"the camera pans {direction(-shift)}", move.poses(centre)
    scale = rng.uniform(1.1, zoom[1]) if rng.random() < 0.5 else rng.uniform(zoom[0], 0.92)
    move = Motion("zoom", np.tile(centre, (clip.frames, 1)), np.zeros(clip.frames), scale**done)
    return f"the camera zooms {'in' if scale > 1 else 'out'}", move.poses(centre)


def direction(vector: np.ndarray) -> str:
    """The direction of (x, y) in words: "left", "right", "up", "down", or two of them."""
    across, along = ("right" if vector[0] > 0 else "left"), ("down" if vector[1] > 0 else "up")
    if abs(vector[0]) > 2.2 * abs(vector[1]):
        return across
    return along if abs(vector[1]) > 2.2 * abs(vector[0]) else f"{along} and {across}"


@dataclass(frozen=True)
class Layer:
    """A premultiplied texture `rgba` `[h, w, 4]` uint8 and its `poses` `[T, 3, 3]`, texture pixels to picture pixels.

    Coordinates are those of pixel centres: (0, 0) is the centre of the top left pixel.
    """

    rgba: np.ndarray
    poses: np.ndarray


def composite(layers: list[Layer], clip: ClipShape) -> tuple[np.ndarray, np.ndarray]:
    """Paint the layers back to front: frames `[T, H, W, 3]` and the layer that each pixel shows `[T, H, W]`, uint8.

    The first layer has to cover the picture in every frame.
    """
    frames = np.empty((clip.frames, clip.height, clip.width, 3), np.uint8)
    owner = np.zeros(frames.shape[:3], np.uint8)
    for time in range(clip.frames):
        frames[time] = cv2.warpAffine(
            layers[0].rgba[..., :3],
            layers[0].poses[time, :2],
            clip.size,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for index, layer in enumerate(layers[1:], 1):
            _paint(frames[time], owner[time], index, layer.rgba, layer.poses[time])
    return frames, owner


def forward_flow(layers: list[Layer], owner: np.ndarray) -> np.ndarray:
    """The displacement to the next frame of the surface that each pixel shows: `[T-1, H, W, 2]` float32 px, (x, y)."""
    count, height, width = owner.shape
    poses = np.stack([layer.poses for layer in layers])  # [L, T, 3, 3]
    steps = poses[:, 1:] @ np.linalg.inv(poses[:, :-1]) - np.eye(3)  # [L, T-1, 3, 3] displacements
    y, x = np.mgrid[:height, :width]
    here = np.stack([x, y, np.ones_like(x)], -1).astype(np.float64)  # [H, W, 3]
    flow = np.empty((count - 1, height, width, 2), np.float32)
    for time in range(count - 1):
        for index in np.unique(owner[time]):
            seen = owner[time] == index
            flow[time][seen] = here[seen] @ steps[index, time, :2].T
    return flow


def hidden_next(owner: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Where a pixel's surface is occluded, or outside the picture, in the next frame: `[T-1, H, W]` bool."""
    count, height, width = owner.shape
    y, x = np.mgrid[:height, :width]
    there_x, there_y = np.rint(flow[..., 0] + x).astype(int), np.rint(flow[..., 1] + y).astype(int)
    inside = (there_x >= 0) & (there_x < width) & (there_y >= 0) & (there_y < height)
    time = np.arange(count - 1)[:, None, None]
    return ~inside | (owner[time + 1, there_y.clip(0, height - 1), there_x.clip(0, width - 1)] != owner[:-1])


def seen_at(owner: np.ndarray, index: int, points: np.ndarray) -> np.ndarray:
    """Whether layer `index` is visible at `points` `[T, 2]`: `[T]` bool, False outside the picture."""
    count, height, width = owner.shape
    x, y = np.rint(points).astype(int).T
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return inside & (owner[np.arange(count), y.clip(0, height - 1), x.clip(0, width - 1)] == index)


def _paint(frame: np.ndarray, owner: np.ndarray, index: int, rgba: np.ndarray, pose: np.ndarray) -> None:
    height, width = owner.shape
    rows, columns = rgba.shape[:2]
    corners = pose[:2] @ np.array([[0, columns, 0, columns], [0, 0, rows, rows], [1, 1, 1, 1]])
    left, top = np.maximum(np.floor(corners.min(1)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(corners.max(1)).astype(int) + 2, (width, height))
    if left >= right or top >= bottom:
        return
    local = pose[:2].copy()
    local[:, 2] -= left, top
    patch = cv2.warpAffine(rgba, local, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR)
    alpha = patch[..., 3:].astype(np.uint16)
    under = frame[top:bottom, left:right]
    under[:] = np.minimum(patch[..., :3] + (under * (255 - alpha) + 127) // 255, 255)
    owner[top:bottom, left:right][alpha[..., 0] > 127] = index
