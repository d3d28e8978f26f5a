"""Scenes with one thing that bends, and the exact place of each of its points.

The thing has a spine along its longest axis. At the fraction u (-1..1) of the spine it is turned by an angle, which is
its shape; what lies beside the spine turns with it. So its lengths along the spine are kept, as a living thing keeps
those of its bones, and with an angle in steps it has joints.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.interpolate import LinearNDInterpolator

from . import cutouts, textures
from .assets import Assets, load
from .layers import progress

WAYS = ("bend", "twist", "wave", "joints")
STEPS = 801  # along the spine
TIGHTEST = 0.75  # curvature times the distance from the spine, at most: nothing folds
STEEPNESS = 0.12  # of the spine's half: how long a joint is
GRID = 2  # px between the places that are followed
OUTERMOST = 0.92  # of the spine's half, from its middle: drags begin within this
INSIDE = 0.5  # opacity from which a place belongs to the thing


@dataclass(frozen=True)
class BendingScene:
    """A picture with a thing that bends.

    Attributes:
        way: one of `WAYS`.
        picture: `[H, W, 3]` uint8, the first frame.
        ground: `[H, W, 3]` uint8, without the thing.
        opacity: `[H, W]` float32 from 0 to 1, of the thing in the first frame.
        places: `[n]` complex px, points of the thing in the first frame, on a grid.
        moved: `[T, n]` complex px, where they are in each frame.
        drags: `[k, T]` complex px, points of it as one would drag or hold them: its ends first, and then what is
            farthest from those before.
    """

    way: str
    picture: np.ndarray
    ground: np.ndarray
    opacity: np.ndarray
    places: np.ndarray
    moved: np.ndarray
    drags: np.ndarray

    @property
    def size(self) -> float:
        """sqrt(area) of the thing, in px."""
        return float(self.opacity.sum() ** 0.5)

    def frame(self, moved: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`[H, W, 3]` float32 from 0 to 1, and the thing's opacity `[H, W]`: a frame in which its `places` are
        `moved` [n]."""
        height, width = self.opacity.shape
        y, x = np.mgrid[:height, :width]
        values = np.stack([self.places.real, self.places.imag], -1)
        source = LinearNDInterpolator(np.stack([moved.real, moved.imag], -1), values)(x, y)
        maps = [np.nan_to_num(part, nan=-9).astype(np.float32) for part in (source[..., 0], source[..., 1])]
        opacity = cv2.remap(self.opacity, *maps, cv2.INTER_LINEAR) * self._covered(moved)
        shown = cv2.remap(self.picture, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE) / np.float32(255)
        return shown * opacity[..., None] + self.ground / np.float32(255) * (1 - opacity[..., None]), opacity

    def _covered(self, moved: np.ndarray) -> np.ndarray:
        """`[H, W]` bool: near some place, rather than in a gap between parts that the interpolation bridges."""
        height, width = self.opacity.shape
        x, y = np.rint(moved.real).astype(int), np.rint(moved.imag).astype(int)
        on = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        near = np.zeros((height, width), np.uint8)
        near[y[on], x[on]] = 1
        return cv2.dilate(near, np.ones((2 * GRID + 1, 2 * GRID + 1), np.uint8)) > 0


def make_bending_scene(
    seed: int, *, way: str | None = None, frames: int = 9, side: int = 360, drags: int = 6, assets: str | None = None
) -> BendingScene:
    """
    Args:
        seed: determines the scene.
        way: one of `WAYS`; None for a random one.
        frames: T.
        side: px, of the picture.
        drags: k, of the points that are dragged.
        assets: folder of a pack with photographs and cut-outs; None for drawn things alone.
    """
    rng = np.random.default_rng(seed)
    pack = load(assets) if assets else Assets()
    way = way or WAYS[rng.integers(len(WAYS))]
    sprite = cutouts.random_sprite(rng, side * rng.uniform(0.5, 0.65), assets=pack, cutout_share=0.6)
    rgba = _longer(rng, sprite.rgba, side)
    ground, _ = textures.background(rng, (side, side), photos=pack.photos, photo_share=1.0)
    placed = np.zeros((side, side, 4), np.float32)
    top, left = (side - rgba.shape[0]) // 2, (side - rgba.shape[1]) // 2
    placed[top : top + rgba.shape[0], left : left + rgba.shape[1]] = rgba
    opacity = placed[..., 3] / 255
    picture = (placed[..., :3] + ground * (1 - opacity[..., None])).round().clip(0, 255).astype(np.uint8)
    spine = _Spine.of(opacity)
    places = _grid(opacity)
    angles = _angles(rng, way, spine.widest(places))
    root, shift = rng.choice([-1.0, 0.0]), 0.05 * side * rng.uniform(0, 1) * np.exp(2j * np.pi * rng.uniform())
    done = progress(frames, "ease_in_out")
    moved = np.stack([spine.bent(places, part * angles, root) + part * shift for part in done])
    begins = _drags(opacity, places, spine, drags)
    return BendingScene(way, picture, ground, opacity, places, moved, moved[:, begins].T)


@dataclass(frozen=True)
class _Spine:
    """The longest axis of a thing: its middle, direction (complex, of length 1) and half its length."""

    middle: complex
    along: complex
    half: float

    @classmethod
    def of(cls, opacity: np.ndarray) -> _Spine:
        y, x = np.nonzero(opacity >= INSIDE)
        spots = x + 1j * y
        middle = spots.mean()
        turn = np.exp(0.5j * np.angle(((spots - middle) ** 2).sum()))  # the axis of the largest variance
        way = ((spots - middle) / turn).real
        return cls(complex(middle + turn * (way.max() + way.min()) / 2), complex(turn), float(np.ptp(way) / 2))

    def own(self, spots: np.ndarray) -> np.ndarray:
        """Along the spine (-1..1) and beside it, in halves of its length (complex)."""
        return (spots - self.middle) / self.along / self.half

    def widest(self, spots: np.ndarray) -> float:
        return float(np.abs(self.own(spots).imag).max())

    def bent(self, spots: np.ndarray, angles: np.ndarray, root: float) -> np.ndarray:
        """Where `spots` are if the spine has these `angles` [STEPS] (radians), and stays at `root`."""
        u = np.linspace(-1, 1, STEPS)
        steps = np.exp(1j * (angles[1:] + angles[:-1]) / 2) * (2 / (STEPS - 1))
        curve = np.concatenate([[0], np.cumsum(steps)])
        curve += root - np.interp(root, u, curve.real) - 1j * np.interp(root, u, curve.imag)
        own = self.own(spots)
        at = np.interp(own.real, u, curve.real) + 1j * np.interp(own.real, u, curve.imag)
        beyond = own.real - own.real.clip(-1, 1)
        turn = np.exp(1j * np.interp(own.real, u, angles))
        return self.middle + self.half * self.along * (at + turn * (beyond + 1j * own.imag))


def _angles(rng: np.random.Generator, way: str, widest: float) -> np.ndarray:
    """`[STEPS]` radians along the spine at the end of the clip."""
    u = np.linspace(-1, 1, STEPS)
    sign = rng.choice([-1, 1])
    if way == "bend":
        angles = rng.uniform(0.5, 1.1) * u
    elif way == "twist":
        angles = rng.uniform(0.4, 0.9) * np.cos(np.pi * u / 2)
    elif way == "wave":
        angles = rng.uniform(0.3, 0.7) * np.sin(np.pi * rng.uniform(0.9, 1.6) * u + rng.uniform(0, 6.3))
    else:
        joints = np.sort(rng.uniform(-0.6, 0.6, rng.integers(1, 5)))
        turns = rng.uniform(0.3, 0.8, len(joints)) * rng.choice([-1, 1], len(joints))
        angles = sum(turn / (1 + np.exp(-(u - at) / (STEEPNESS / 4))) for at, turn in zip(joints, turns, strict=True))
    tightest = np.abs(np.gradient(angles, u)).max() * widest
    return sign * angles * min(1.0, TIGHTEST / max(tightest, 1e-9))


def _longer(rng: np.random.Generator, rgba: np.ndarray, side: int) -> np.ndarray:
    """A drawn or cut-out thing, made longer than wide if it is not, and turned."""
    height, width = rgba.shape[:2]
    part = rng.uniform(0.3, 0.6)
    narrow = max(8, round(max(height, width) * part))
    long = max(height, width)
    size = (long, narrow) if width >= height else (narrow, long)
    if min(height, width) > narrow:
        rgba = cv2.resize(rgba, size, interpolation=cv2.INTER_AREA)
    height, width = rgba.shape[:2]
    about = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-40, 40), 1)
    room = round(np.hypot(height, width))
    about[:, 2] += (room - width) / 2, (room - height) / 2
    turned = cv2.warpAffine(rgba, about, (room, room), flags=cv2.INTER_AREA)
    return turned[:side, :side]


def _grid(opacity: np.ndarray) -> np.ndarray:
    """`[n]` complex: the places of a thing, and those around its edge."""
    near = cv2.dilate((opacity > 0).astype(np.uint8), np.ones((5, 5), np.uint8))
    y, x = np.nonzero(near)
    kept = (x % GRID == 0) & (y % GRID == 0)
    return x[kept] + 1j * y[kept]


def _drags(opacity: np.ndarray, places: np.ndarray, spine: _Spine, count: int) -> np.ndarray:
    """`[k]` int: the places that are dragged, of those well inside the thing."""
    depth = cv2.distanceTransform((opacity >= INSIDE).astype(np.uint8), cv2.DIST_L2, 5)
    own = depth[places.imag.astype(int), places.real.astype(int)]
    u = spine.own(places).real
    deep = (own >= np.maximum(1, 0.5 * _deepest_along(u, own))) & (np.abs(u) <= OUTERMOST)
    chosen = [int(np.where(deep, sign * u, -np.inf).argmax()) for sign in (-1, 1)]
    while len(chosen) < count:
        away = np.abs(places[:, None] - places[chosen]).min(1)
        chosen.append(int(np.where(deep, away, -1).argmax()))
    return np.array(chosen[:count])


def _deepest_along(u: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """For each place, how deep the deepest one at its part of the spine is."""
    bins = np.clip(((u + 1) * 20).astype(int), 0, 40)
    most = np.zeros(41)
    np.maximum.at(most, bins, depth)
    return most[bins]
