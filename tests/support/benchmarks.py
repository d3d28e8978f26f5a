"""Tiny benchmarks in their published form, of a textured square that goes to the right over a textured ground."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
from PIL import Image

from tests.support.pictures import texture

WIDTH, HEIGHT, FRAMES, STEP, SIDE = 128, 96, 6, 4, 36
LEFT, TOP = 20, 30
THING = 1301  # a thing's number in VIPSeg: its class times 100 and which one


def frames(step: int = STEP, seed: int = 0, count: int = FRAMES) -> np.ndarray:
    """`[T, H, W, 3]` uint8."""
    ground, thing = texture(HEIGHT, WIDTH, seed=seed + 1) // 2, texture(SIDE, SIDE, seed=seed + 5)
    video = np.stack([ground] * count)
    for time in range(count):
        video[time][square(time, step)] = thing.reshape(-1, 3)
    return video


def square(time: int, step: int = STEP) -> np.ndarray:
    """`[H, W]` bool: where the square is."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[TOP : TOP + SIDE, LEFT + step * time : LEFT + step * time + SIDE] = True
    return mask


def track(x: float, y: float, step: int = STEP) -> np.ndarray:
    """`[T, 2]`: a point of the square."""
    return np.array([(x + step * time, y) for time in range(FRAMES)], float)


def write_video(folder: Path, video: np.ndarray, suffix: str = "png") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for time, frame in enumerate(video):
        Image.fromarray(frame).save(folder / f"{time + 1:04}.{suffix}")


def vipseg(folder: Path, names: tuple[str, ...] = ("12_abc", "2cdbf5f0a7"), tracks: bool = True) -> Path:
    """With DragAnything's tracks; of the square one that leaves the picture in the last frame."""
    for seed, name in enumerate(names):
        write_video(folder / "imgs" / name, frames(seed=10 * seed))
        (folder / "panomasks" / name).mkdir(parents=True)
        for time in range(FRAMES):
            labels = np.where(square(time), THING, 22).astype(np.uint16)
            Image.fromarray(labels).save(folder / "panomasks" / name / f"{time + 1:04}.png")
        if tracks:
            ways = {"22": np.full((FRAMES, 2), 80), str(THING): track(38, 48)}
            (folder / "trajectories").mkdir(exist_ok=True)
            text = json.dumps({number: way.astype(int).tolist() for number, way in ways.items()})
            (folder / "trajectories" / f"{name}.json").write_text(text)
    return folder


def movebench(folder: Path, names: tuple[str, ...] = ("Pexels_1", "Pexels_2"), language: str = "en") -> Path:
    root = folder / language
    for part in ("first_frame", "track/single", "track/multi", "video"):
        (root / part).mkdir(parents=True)
    for seed, name in enumerate(names):
        Image.fromarray(frames(seed=10 * seed)[0]).save(root / "first_frame" / f"{name}.jpg", quality=98)
        tracks = np.stack([track(30, 40), track(44, 56)], 1)  # [T, N, 2]
        seen = np.ones((FRAMES, 2), bool)
        seen[3:, 1] = False
        tracks[3:, 1] = np.nan
        for mode in ("single", "multi"):
            np.save(root / "track" / mode / f"{name}_tracks.npy", tracks[None].astype(np.float32))
            np.save(root / "track" / mode / f"{name}_visibility.npy", seen[None])
    for mode in ("single", "multi"):
        lines = [f"{name}.mp4,A square, which goes to the right." for name in names]
        (root / f"{mode}_track.txt").write_text("\n".join(["# videos", *lines]) + "\n")
    return folder


def colored(step: int = STEP) -> np.ndarray:
    """`[T, H, W, 3]` uint8: the square in red on black, and a still one in blue."""
    video = np.zeros((FRAMES, HEIGHT, WIDTH, 3), np.uint8)
    for time in range(FRAMES):
        video[time][square(time, step)] = (220, 30, 40)
        video[time, 5:20, 90:120] = (20, 40, 230)
    return video


def magicbench(folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    Image.fromarray(frames()[0]).save(folder / "images" / "square.png")
    write_video(folder / "maps" / "square", colored())
    header = "validation_prompt,validation_images,validation_trajectory_maps,output_path,controlnet_weights,seed"
    row = "A square moves,images/square.png,maps/square,samples/square.mp4,1.0,42"
    (folder / "demo_mask.csv").write_text(f"{header}\n{row}\n")
    return folder


def dragbench(folder: Path, protocol: int = 4) -> Path:
    case = folder / "animals" / "JH_2023-09-14-1820-16"
    case.mkdir(parents=True)
    first = frames()[0]
    Image.fromarray(first).save(case / "original_image.png")
    mask = (square(0) | square(FRAMES - 1)).astype(np.float32)
    points = [[38, 48], [38 + STEP * (FRAMES - 1), 48]]
    value = {"prompt": "a square", "points": points, "mask": mask}
    (case / "meta_data.pkl").write_bytes(pickle.dumps(value, protocol))
    return folder
