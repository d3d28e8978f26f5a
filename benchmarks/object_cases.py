"""Pictures with a known object under each drag, for `benchmarks/objects.py`: drawn scenes, and cut-outs on photographs.

Each is determined by its seed. Seeds from `HELD_OUT_SEED` on use other files of the pack than those before it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from dragnuwa.common.picture_files import open_picture
from dragnuwa.research.scenes import HELD_OUT_SEED, cutouts, textures
from dragnuwa.research.scenes.assets import Assets, load
from dragnuwa.research.scenes.cutouts import Sprite

SIDES = (512, 640, 768, 896, 1024)  # px, the longer side of a picture with cut-outs
SCENE_SIZES = ((512, 512), (448, 576), (576, 448), (384, 640))  # (height, width)
THIN = 0.3  # share of the drawn things that are squeezed
FRAMES = 8


PHOTOS = (".jpg", ".jpeg", ".webp")


def add_sources(parser: argparse.ArgumentParser) -> None:
    """The options that `case_sets` needs."""
    parser.add_argument("--pack", required=True, help="folder of the pack")
    parser.add_argument("--photos", required=True, type=Path, help="folder of the photographs that it was made from")
    parser.add_argument("--cutouts", required=True, type=Path, help="folder of the cut-outs that it was made from")


def case_sets(options: argparse.Namespace) -> dict[str, Callable[[int], Case]]:
    """Both sets by their names, each from a seed to a case."""
    assets, files = load(options.pack), cutout_files(options.cutouts)
    photos = tuple(path for path in sorted(options.photos.rglob("*")) if path.suffix.lower() in PHOTOS)
    return {
        "drawn scenes": lambda seed: drawn_case(seed, assets),
        "cut-outs on photographs": lambda seed: photo_case(seed, files, photos),
    }


@dataclass(frozen=True)
class Case:
    """
    Attributes:
        image: `[H, W, 3]` uint8.
        ground: the same without the dragged object.
        mask: `[H, W]` bool, the object where it is seen.
        tracks: `[n, T]` complex, in pixels.
        pins: `[k]` complex, places that rest.
        kind: what the object is.
    """

    image: np.ndarray
    ground: np.ndarray
    mask: np.ndarray
    tracks: np.ndarray
    pins: np.ndarray
    kind: str


def drawn_case(seed: int, assets: Assets) -> Case:
    """A scene as the embedded model is trained on, larger: textured, many-coloured, thin and large things."""
    rng = np.random.default_rng(seed)
    assets = Assets(_half(assets.photos, seed), _half(assets.cutouts, seed))
    height, width = SCENE_SIZES[rng.integers(len(SCENE_SIZES))]
    picture, _ = textures.background(rng, (width, height), photos=assets.photos, photo_share=0.5)

    def thing(side: float) -> Sprite:
        made = cutouts.random_sprite(rng, side, assets=assets, cutout_share=0.35)
        return _squeezed(made, rng.uniform(0.12, 0.35)) if rng.random() < THIN else made

    return _case(rng, picture, thing)


def photo_case(seed: int, stamps: tuple[Path, ...], photos: tuple[Path, ...]) -> Case:
    """Cut-outs from their original files on a photograph of 512 to 1024 px."""
    rng = np.random.default_rng(seed)
    stamps, photos = _half(stamps, seed), _half(photos, seed)
    side = SIDES[rng.integers(len(SIDES))]
    picture = _photo(photos[rng.integers(len(photos))])
    height, width = (max(64, round(length * side / max(picture.shape[:2]))) for length in picture.shape[:2])
    picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)

    def thing(side: float) -> Sprite:
        path = stamps[rng.integers(len(stamps))]
        return Sprite(path.stem, "", _scaled(_stamp(path), side))

    return _case(rng, picture, thing)


def _case(rng: np.random.Generator, picture: np.ndarray, thing: Callable[[float], Sprite]) -> Case:
    """Up to two things that rest behind one that is dragged, by one drag or by two or three that move as one body."""
    height, width = picture.shape[:2]
    unit = (height * width) ** 0.5
    ground, image = picture, None
    pins = []
    for last in [False] * int(rng.integers(0, 3)) + [True]:
        side = unit * (rng.uniform(0.15, 0.75) if last else rng.uniform(0.1, 0.35))
        made = _turned(rng, thing(side))
        rows, columns = made.rgba.shape[:2]
        left = int(rng.integers(-columns // 8, max(1, width - columns * 7 // 8)))
        top = int(rng.integers(-rows // 8, max(1, height - rows * 7 // 8)))
        if last:
            image, alpha = _pasted(ground, made.rgba, left, top)
        else:
            ground, rest = _pasted(ground, made.rgba, left, top)
            pins.append(_inner(rng, rest > 0.5, 1)[0])
    mask = alpha > 0.5
    pins = [pin for pin in pins if not mask[round(pin.imag), round(pin.real)]]
    starts = _inner(rng, mask, int(rng.choice((1, 1, 2, 3))))
    return Case(image, ground, mask, _tracks(rng, starts, unit), np.array(pins[:1], complex), made.kind)


def _inner(rng: np.random.Generator, mask: np.ndarray, count: int) -> np.ndarray:
    """Places well inside of a mask, where a person would begin: each the furthest from the others of eight."""
    inside = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    rows, columns = np.nonzero(inside >= 0.4 * inside.max())
    positions = columns + 1j * rows
    chosen = [positions[rng.integers(len(positions))]]
    while len(chosen) < count:
        drawn = positions[rng.integers(len(positions), size=8)]
        chosen.append(drawn[np.abs(drawn[:, None] - np.array(chosen)).min(1).argmax()])
    return np.array(chosen)


def _tracks(rng: np.random.Generator, starts: np.ndarray, unit: float) -> np.ndarray:
    """A shift of all by up to a third of the picture, in half of the cases with a rotation."""
    time = np.linspace(0, 1, FRAMES)
    shift = unit * rng.uniform(0.1, 0.33) * np.exp(2j * np.pi * rng.random())
    turn = rng.uniform(-0.5, 0.5) if len(starts) > 1 and rng.random() < 0.5 else 0.0
    middle = starts.mean()
    return middle + (starts[:, None] - middle) * np.exp(1j * turn * time) + shift * time


def _pasted(ground: np.ndarray, rgba: np.ndarray, left: int, top: int) -> tuple[np.ndarray, np.ndarray]:
    """The picture with a premultiplied cut-out on it, and the cut-out's opacity `[H, W]`."""
    height, width = ground.shape[:2]
    place = np.float32([[1, 0, left], [0, 1, top]])
    layer = cv2.warpAffine(np.ascontiguousarray(rgba), place, (width, height), flags=cv2.INTER_NEAREST).astype(float)
    alpha = layer[..., 3:] / 255
    return (layer[..., :3] + ground * (1 - alpha)).round().clip(0, 255).astype(np.uint8), alpha[..., 0]


def _turned(rng: np.random.Generator, thing: Sprite) -> Sprite:
    angle, (rows, columns) = rng.uniform(-30, 30), thing.rgba.shape[:2]
    cosine, sine = abs(np.cos(np.radians(angle))), abs(np.sin(np.radians(angle)))
    size = int(columns * cosine + rows * sine) + 3, int(columns * sine + rows * cosine) + 3
    matrix = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), angle, 1.0)
    matrix[:, 2] += (size[0] - columns) / 2, (size[1] - rows) / 2
    return Sprite(thing.kind, thing.color, cv2.warpAffine(np.ascontiguousarray(thing.rgba), matrix, size))


def _squeezed(thing: Sprite, part: float) -> Sprite:
    rows, columns = thing.rgba.shape[:2]
    size = (max(9, round(columns * part)), rows)
    return Sprite(f"thin {thing.kind}", thing.color, cv2.resize(thing.rgba, size, interpolation=cv2.INTER_AREA))


def _scaled(rgba: np.ndarray, side: float) -> np.ndarray:
    scale = side / max(rgba.shape[:2])
    size = tuple(max(9, round(length * scale)) for length in rgba.shape[1::-1])
    return cv2.resize(rgba, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


@lru_cache(maxsize=64)
def _photo(path: Path) -> np.ndarray:
    with open_picture(path) as image:
        image.draft("RGB", (1280, 1280))
        image.thumbnail((1280, 1280))
        return np.asarray(image.convert("RGB"))


def _stamp(path: Path) -> np.ndarray:
    """Premultiplied `[h, w, 4]` uint8, cut to what is seen."""
    with open_picture(path) as image:
        rgba = np.asarray(image.convert("RGBA").convert("RGBa"))
    rows, columns = np.nonzero(rgba[..., 3] > 8)
    return np.pad(rgba[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1], ((1, 1), (1, 1), (0, 0)))


@lru_cache(maxsize=2)
def cutout_files(folder: Path) -> tuple[Path, ...]:
    """Transparent pictures of at least 200 px that show one thing: partly clear, and nearly all of it connected."""
    return tuple(path for path in sorted(folder.rglob("*.png")) if _one_thing(path))


def _one_thing(path: Path) -> bool:
    with open_picture(path) as image:
        if max(image.size) < 200 or image.mode not in ("RGBA", "LA", "P", "PA"):
            return False
        alpha = np.asarray(image.convert("RGBA"))[..., 3] > 128
    if not 0.08 < alpha.mean() < 0.92:
        return False
    _, _, stats, _ = cv2.connectedComponentsWithStats(alpha.astype(np.uint8))
    return stats[1:, cv2.CC_STAT_AREA].max() > 0.95 * alpha.sum()


def _half(things: tuple, seed: int) -> tuple:
    """Every second of them: one half for development, the other held out."""
    return things[int(seed >= HELD_OUT_SEED) :: 2]
