"""Objects of a scene: cut-outs of the pack, and drawn shapes filled with a colour, a pattern or a photograph."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from . import textures
from .assets import Assets, Cutout


@dataclass(frozen=True)
class Sprite:
    """What a layer shows: premultiplied `rgba` `[H, W, 4]` uint8 with a clear border, its kind and its colour."""

    kind: str
    color: str
    rgba: np.ndarray

    @property
    def phrase(self) -> str:
        """With an article and the colour, unless the kind names a colour already: "a red mushroom"."""
        named = any(word in textures.PALETTE for word in self.kind.split())
        words = self.kind if named else f"{self.color} {self.kind}"
        return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"


def random_sprite(rng: np.random.Generator, side: float, *, assets: Assets, cutout_share: float) -> Sprite:
    """A sprite whose longer side is about `side` px; with probability `cutout_share` one of the pack, if it has any."""
    if assets.cutouts and rng.random() < cutout_share:
        return packed(assets.cutouts[rng.integers(len(assets.cutouts))], side, mirrored=rng.random() < 0.5)
    return drawn(rng, side, assets.photos)


def packed(cutout: Cutout, side: float, *, mirrored: bool = False) -> Sprite:
    """A cut-out of the pack, scaled so that its longer side is `side` px."""
    scale = side / max(cutout.rgba.shape[:2])
    width, height = (max(3, round(cutout.rgba.shape[axis] * scale)) for axis in (1, 0))
    filtering = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    rgba = np.pad(cv2.resize(cutout.rgba, (width, height), interpolation=filtering), ((1, 1), (1, 1), (0, 0)))
    return Sprite(cutout.name, textures.dominant_color(rgba), rgba[:, ::-1] if mirrored else rgba)


def drawn(rng: np.random.Generator, side: float, photos: tuple[np.ndarray, ...] = ()) -> Sprite:
    """A random shape of `SHAPES`, randomly filled."""
    kind = list(SHAPES)[rng.integers(len(SHAPES))]
    size = max(6, round(side))
    cover = _cover(SHAPES[kind](rng), size)  # [S, S] 0..1
    color, filling = _filling(rng, size, photos)  # [S, S, 3] 0..255
    rgba = np.dstack([filling * cover[..., None], cover * 255]).round().astype(np.uint8)
    rgba = np.pad(rgba, ((1, 1), (1, 1), (0, 0)))
    return Sprite(kind, color or textures.dominant_color(rgba), rgba)


def _circle(rng: np.random.Generator) -> np.ndarray:
    return _polar(np.ones(48))


def _square(rng: np.random.Generator) -> np.ndarray:
    return np.array([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])


def _bar(rng: np.random.Generator) -> np.ndarray:
    return _square(rng) * (1.05, rng.uniform(0.3, 0.6))


def _triangle(rng: np.random.Generator) -> np.ndarray:
    return _polar(np.ones(3))


def _diamond(rng: np.random.Generator) -> np.ndarray:
    return _polar(np.array([1.0, 0.7, 1.0, 0.7]))


def _hexagon(rng: np.random.Generator) -> np.ndarray:
    return _polar(np.ones(6))


def _star(rng: np.random.Generator) -> np.ndarray:
    return _polar(np.tile((1.0, rng.uniform(0.4, 0.55)), 5))


def _heart(rng: np.random.Generator) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    y = 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)
    return np.stack([16 * np.sin(turn) ** 3, -y], 1) / 17


def _cross(rng: np.random.Generator) -> np.ndarray:
    arm = rng.uniform(0.25, 0.4)
    quarter = np.array([(arm, -0.95), (arm, -arm), (0.95, -arm), (0.95, arm)])
    turned = [quarter @ np.array([[c, s], [-s, c]]) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    return np.concatenate([part[:3] for part in turned])


def _blob(rng: np.random.Generator) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    radius = 1 + sum(
        rng.uniform(-0.35, 0.35) / order * np.cos(order * turn + rng.uniform(0, 6.3)) for order in (1, 2, 3, 4)
    )
    return _polar(radius / radius.max())


# Outlines `[P, 2]` in -1..1, x to the right and y down.
SHAPES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "circle": _circle,
    "square": _square,
    "bar": _bar,
    "triangle": _triangle,
    "diamond": _diamond,
    "hexagon": _hexagon,
    "star": _star,
    "heart": _heart,
    "cross": _cross,
    "blob": _blob,
}


def _polar(radius: np.ndarray) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, len(radius), endpoint=False) - np.pi / 2
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], 1) * 0.98


def _cover(outline: np.ndarray, size: int) -> np.ndarray:
    """The outline's coverage `[size, size]` float32, drawn at four times the size for smooth edges."""
    canvas = np.zeros((size * 4, size * 4), np.uint8)
    corners = ((outline + 1) / 2 * size * 4 - 0.5).round().astype(np.int32)
    cv2.fillPoly(canvas, [corners], 255)
    return cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _filling(rng: np.random.Generator, size: int, photos: tuple[np.ndarray, ...]) -> tuple[str | None, np.ndarray]:
    """The name of the colour, where one was chosen by name, and `[size, size, 3]` (0..255)."""
    choice = rng.random()
    if choice < 0.45:
        name, color = textures.pick_color(rng)
        shade = textures.noise(rng, (size, size), octaves=3) * rng.uniform(0, 40)
        return name, np.clip(color.astype(np.float32) + shade[..., None], 0, 255)
    if choice < 0.7 or not photos:
        pattern = (textures.stripes, textures.checker, textures.clouds, textures.dots)[rng.integers(4)]
        return None, np.clip(pattern(rng, (size, size))[0], 0, 255)
    return None, np.clip(textures.photo(rng, (size, size), photos)[0], 0, 255)
