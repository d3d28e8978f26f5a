"""The cases of benchmarks/detail.py: scenes at full size, where each pixel comes from, and a model's clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import fit, to_bytes, to_floats
from dragnuwa.research.evaluation.cases import make_case
from dragnuwa.research.evaluation.generate import Carrying, Conditions, Generator
from dragnuwa.research.evaluation.settings import Settings
from dragnuwa.research.scenes import HELD_OUT_SEED, Scene, SceneConfig, assets, make_scene

GROUPS = ("straight", "curved", "several", "camera")
CHANGES = ("turn", "bend", "behind", "light")  # of the second set: beyond what the drags say
SIDE, SMALL, FRAMES = 512, 128, 8  # px of the truth, px of the model's clip
CHANGED_SEED = HELD_OUT_SEED + 900_000_000
BEND, WAVE = 0.015, 0.7  # of the side: how far a bent clip strays, and the length of its waves
LIGHT = 0.3  # by which a place gets lighter or darker at most
PAGES = 8  # of letters, as texture
RADIUS = 14.0  # px of the small clip, as in the template


@dataclass(frozen=True)
class Truth:
    """A clip at full size.

    Attributes:
        group: one of `GROUPS` or of `CHANGES`.
        seed: of the scene.
        frames: `[T, H, W, 3]` uint8.
        sources: `[T, H, W, 2]` float32 px, where in frame 0 a pixel comes from.
        seen: `[T, H, W]` bool, whether it is to be seen there.
        owner: `[T, H, W]` uint8, the object that it shows, 0 for the background.
        points, visible: the drags, `[N, T, 2]` px and `[N, T]`.
        masks: `[N, H, W]` bool, what each drag drags in frame 0: empty for the background.
    """

    group: str
    seed: int
    frames: np.ndarray
    sources: np.ndarray
    seen: np.ndarray
    owner: np.ndarray
    points: np.ndarray
    visible: np.ndarray
    masks: np.ndarray


def write_assets(folder: Path, pack: str | None) -> str:
    """A pack of pictures with pages of letters among the photographs: its folder."""
    known = assets.load(pack)
    rng = np.random.default_rng(0)
    pages = tuple(_page(rng) for _ in range(max(PAGES, len(known.photos) // 2)))
    assets.Assets(known.photos + pages, known.cutouts).save(folder)
    return str(folder)


def _page(rng: np.random.Generator) -> np.ndarray:
    """`[H, W, 3]` uint8 of words in a colour on another."""
    paper, ink = rng.integers(0, 256, (2, 3))
    image = Image.new("RGB", (assets.PHOTO_SIDE, assets.PHOTO_SIDE), tuple(map(int, paper)))
    draw, size = ImageDraw.Draw(image), int(rng.integers(12, 40))
    font = ImageFont.load_default(size)
    for top in range(0, assets.PHOTO_SIDE, size + 4):
        words = " ".join("".join(map(chr, rng.integers(65, 91, rng.integers(2, 9)))) for _ in range(12))
        draw.text((int(rng.integers(-20, 4)), top), words, fill=tuple(map(int, ink)), font=font)
    return np.asarray(image)


def dragged(number: int, pack: str | None) -> Truth:
    """A case of the first set, whose drags say how everything moves; every second turn without the pack."""
    clip = ClipShape(SIDE, SIDE, FRAMES)
    case = make_case(number, clip, pack if number // len(GROUPS) % 2 else None, GROUPS)
    first = case.scene.masks[:, 0]
    masks = np.zeros((len(case.points), *first.shape[1:]), bool)
    if case.objects:
        masks[: len(case.objects)] = first[list(case.objects)]
    elif len(first):
        masks[-len(first) :] = first
    return _truth(case.group, case.seed, case.scene, case.points, case.visible, masks)


def changed(number: int, pack: str | None) -> Truth:
    """A case of the second set: things also turn and grow, and one of `CHANGES` happens. The drags are silent on it."""
    group = CHANGES[number % len(CHANGES)]
    config = SceneConfig(
        frames=FRAMES,
        sizes=((SIDE, SIDE),),
        objects=(2, 3) if group == "behind" else (1, 3),
        crossing_share=1.0 if group == "behind" else 0.0,
        still_share=0.25,
        leaving_share=0.0,
        assets=pack if number // len(CHANGES) % 2 else None,
    )
    scene = make_scene(CHANGED_SEED + number, config)
    moving = [index for index, item in enumerate(scene.objects) if scene.visible[index, 0]] or [0]
    points = np.clip(scene.points[moving], 0, SIDE - 1)
    truth = _truth(group, CHANGED_SEED + number, scene, points, scene.visible[moving], scene.masks[moving, 0])
    rng = np.random.default_rng(truth.seed)
    return {"bend": _bent, "light": _lit}.get(group, lambda truth, rng: truth)(truth, rng)


def _truth(group: str, seed: int, scene: Scene, points: np.ndarray, visible: np.ndarray, masks: np.ndarray) -> Truth:
    y, x = np.mgrid[:SIDE, :SIDE]
    positions = np.stack([x, y, np.ones_like(x)], -1).astype(np.float64)
    sources = np.empty((*scene.owner.shape, 2), np.float32)
    for time, owner in enumerate(scene.owner):
        for index in np.unique(owner):
            back = np.linalg.inv(scene.motions[index, time])
            sources[time][owner == index] = (positions[owner == index] @ back.T)[:, :2]
    return Truth(group, seed, scene.frames, sources, _seen(scene.owner, sources), scene.owner, points, visible, masks)


def _seen(owner: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Whether what a pixel shows is to be seen in frame 0."""
    x, y = np.rint(np.moveaxis(sources, -1, 0)).astype(int)
    inside = (x >= 0) & (x < SIDE) & (y >= 0) & (y < SIDE)
    return inside & (owner[0][y.clip(0, SIDE - 1), x.clip(0, SIDE - 1)] == owner)


def _bent(truth: Truth, rng: np.random.Generator) -> Truth:
    """Frame by frame more bent, in waves over the whole picture."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    phase, turn = rng.uniform(0, 2 * np.pi, 2)
    along = (x * np.cos(turn) + y * np.sin(turn)) / (SIDE * WAVE)
    wave = BEND * SIDE * np.sin(2 * np.pi * along + phase)
    frames, sources, seen, owner = (array.copy() for array in (truth.frames, truth.sources, truth.seen, truth.owner))
    for time in range(1, FRAMES):
        there = (x - wave * np.sin(turn) * time / (FRAMES - 1), y + wave * np.cos(turn) * time / (FRAMES - 1))
        there = [array.astype(np.float32) for array in there]
        frames[time] = cv2.remap(truth.frames[time], *there, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        sources[time] = cv2.remap(truth.sources[time], *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for array in (seen, owner):
            array[time] = cv2.remap(
                array[time].astype(np.uint8), *there, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
            )
    return Truth(truth.group, truth.seed, frames, sources, seen, owner, truth.points, truth.visible, truth.masks)


def _lit(truth: Truth, rng: np.random.Generator) -> Truth:
    """Frame by frame lighter in one place and darker in another."""
    field = cv2.resize(
        rng.uniform(-LIGHT, LIGHT, (3, 3)).astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC
    )
    gain = 1 + field * np.linspace(0, 1, FRAMES, dtype=np.float32)[:, None, None]
    frames = (truth.frames * gain[..., None]).clip(0, 255).astype(np.uint8)
    return Truth(
        truth.group,
        truth.seed,
        frames,
        truth.sources,
        truth.seen,
        truth.owner,
        truth.points,
        truth.visible,
        truth.masks,
    )


def small_drags(points: np.ndarray) -> np.ndarray:
    """Points of the full size in pixels of the small clip, inside of it."""
    return np.clip((points + 0.5) * SMALL / SIDE - 0.5, 0, SMALL - 1)


def modelled(truth: Truth, generator: Generator, settings: Settings) -> np.ndarray:
    """`[T, h, w, 3]` uint8: the embedded model's clip with Carry's defaults."""
    given = Conditions(
        clip=settings.clip,
        points=small_drags(truth.points),
        visible=truth.visible,
        start=truth.frames[0],
        text="",
        seed=truth.seed,
        carrying=Carrying(CarrySettings(radius=RADIUS)),
    )
    return generator.generate(given, settings).frames


def through_vae(truth: Truth, generator: Generator, side: int = SMALL) -> np.ndarray:
    """`[T, side, side, 3]` uint8: the true clip at that size, as a perfect model with this VAE would make it."""
    return generator.through_vae(to_bytes(fit(to_floats(truth.frames), side, side)))


def cached(file: Path, make: Callable[[], np.ndarray]) -> np.ndarray:
    """From the file, or made and written to it."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file.with_suffix(".tmp.npy"), make())
        file.with_suffix(".tmp.npy").rename(file)
    return np.load(file)


def cases(
    sets: Sequence[str],
    numbers: range,
    pack: str | None,
    generator: Callable[[], Generator],
    settings: Settings,
    folder: Path,
) -> Iterator[tuple[str, Truth, np.ndarray]]:
    """Of the sets that are named: the set's name, the truth, and the clip to restore. Clips are kept in the folder."""
    made = {
        "dragged": (dragged, lambda truth: modelled(truth, generator(), settings)),
        "changed": (changed, lambda truth: through_vae(truth, generator())),
    }
    for name in sets:
        make_truth, make_clip = made[name]
        for number in numbers:
            truth = make_truth(number, pack)
            yield name, truth, cached(folder / f"{name}-{number}.npy", partial(make_clip, truth))


def tensors(truth: Truth, clip: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """The clip and the picture as `restore` takes them."""
    return to_floats(clip), to_floats(truth.frames[0])
