"""Makes a sheet of a person in a clip who walks, and waves by pins that act on top of it.

    pip download --no-deps sports2d==0.8.34
    .venv/bin/python tools/waving_clip.py sports2d-0.8.34-py3-none-any.whl --out assets/waving_clip.jpg

The clip is that package's demonstration (BSD 3-clause, by its authors); its camera rests. Above, frames of it; below,
the same frames after DragNUWA Edit Video. The person's masks, which would be SAM3's, are what differs from the empty
scene, with GrabCut's edges. Hand and elbow are dragged, shoulder, hip, belly and head are held.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import av
import cv2
import numpy as np
import torch
from PIL import Image

from dragnuwa.carry.settings import CarrySettings
from dragnuwa.carry.video.clip_editing import edit_video
from dragnuwa.trajectory import Point, Track, Trajectories

VIDEO = "Sports2D/Demo/demo.mp4"
PART, SCALE = (slice(460, 960), slice(700, 1380)), 0.8
FRAMES, EMPTY, DRAWN = slice(88, 105), 6, 8  # of the video; every so many show the empty scene; in which it is drawn
SHOWN, TILE = (8, 10, 11, 12, 13, 14), (slice(30, 390), slice(90, 420))
HAND, ELBOW, SHOULDER = 218.6 + 202.3j, 274.2 + 161.3j, 307.3 + 117.6j
HELD = SHOULDER, 302.0 + 220.9j, 272.9 + 194.4j, 299.4 + 77.8j  # and hip, belly, head
UP, BEND = 18, 85  # degrees by which the upper arm rises, and the elbow bends
DIFFERS = 17  # of 255, from the empty scene
KNOWN, AROUND, CLOSED = np.ones((5, 5), np.uint8), np.ones((9, 9), np.uint8), np.ones((7, 7), np.uint8)


def shrunk(frame: np.ndarray) -> np.ndarray:
    return cv2.resize(np.ascontiguousarray(frame[PART]), None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_AREA)


def largest(mask: np.ndarray) -> np.ndarray:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return (labels == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()).astype(np.uint8)


def person_in(frame: np.ndarray, empty: np.ndarray) -> np.ndarray:
    """`[H, W]` float32, 1 where the person is."""
    differs = cv2.GaussianBlur(np.abs(frame.astype(np.float32) - empty).max(-1), (0, 0), 1.2) > DIFFERS
    found = largest(cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_CLOSE, CLOSED))
    likely = np.where(found > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    known = np.where(cv2.dilate(found, AROUND) > 0, likely, cv2.GC_BGD)
    marks = np.where(cv2.erode(found, KNOWN) > 0, cv2.GC_FGD, known).astype(np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(frame[..., ::-1]), marks, None, *models, 2, cv2.GC_INIT_WITH_MASK)
    return largest((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)).astype(np.float32)


def drawing(size: tuple[int, int], frames: int) -> Trajectories:
    """The pins, from the frame on in which they are drawn."""
    turned = [np.exp(1j * np.radians(np.array([UP, UP + BEND]) * part)) for part in np.linspace(0, 1, 7)]
    elbow = [SHOULDER + (ELBOW - SHOULDER) * upper for upper, _ in turned]
    hand = [at + (HAND - ELBOW) * both for at, (_, both) in zip(elbow, turned, strict=True)]
    ways = [hand, elbow, *([place] for place in HELD)]
    tracks = tuple(
        Track(tuple(Point(at.real / size[0], at.imag / size[1]) for at in way), id=f"t{number}", spline="linear",
              start=DRAWN / (frames - 1), bend="on")
        for number, way in enumerate(ways, 1)
    )  # fmt: skip
    return Trajectories(tracks, size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with zipfile.ZipFile(options.wheel) as package, av.open(io.BytesIO(package.read(VIDEO))) as video:
        frames = [shrunk(frame.to_ndarray(format="rgb24")) for frame in video.decode(video=0)]
    empty = np.median(np.stack(frames[::EMPTY]), axis=0)
    clip = np.stack(frames[FRAMES])
    size = clip.shape[2], clip.shape[1]
    masks = torch.from_numpy(np.stack([person_in(frame, empty) for frame in clip]))
    drawn = drawing(size, len(clip))
    images = torch.from_numpy(clip).float() / 255
    settings = CarrySettings(fit="stretch")
    made = edit_video(images, drawn, size, settings, torch.cat([masks] * len(drawn.tracks)))
    edited = (made.video * 255).round().byte().numpy()
    rows = [np.hstack([frames[time][TILE] for time in SHOWN]) for frames in (clip, edited)]
    Image.fromarray(np.vstack(rows)).save(options.out, quality=90)


if __name__ == "__main__":
    main()
