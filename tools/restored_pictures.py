"""Makes a sheet of pictures that were dragged and carried, and restored at their full size by Restore Detail.

    .venv/bin/python tools/restored_pictures.py models/dragnuwa-tiny.safetensors FOLDER --out SHEET.jpg

FOLDER is `held_out` of tools/training_pack.py. The clips are made as by `research.evaluation.photos` with `--hold 0.6`,
and restored with the first template's `follow`. A row for each picture: with its drag; the last frame as the model made
it; that frame restored; and a part of it, pixel for pixel, where the drag ends. With `--frames`, all restored frames
are written at their full size, to be looked at.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np
from PIL import Image

from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.common.images import fit, to_bytes, to_floats
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture, DetailSettings
from dragnuwa.models.drag_maps import half_radius
from dragnuwa.overlay import tracks as draw
from dragnuwa.research.evaluation.generate import Carrying, Conditions, Generator, load_generator
from dragnuwa.research.evaluation.photos import Photo, read_photos
from dragnuwa.research.evaluation.settings import Settings
from dragnuwa.research.evaluation.sheet import Strip, compose
from tools.blueprint_sources.drag_to_video_embedded import FOLLOW

DRAGS = ROOT / "scripts" / "demo" / "held_out_drags.json"
HOLD, STEPS = 0.6, 4
HEIGHT = 180  # px, of a row
QUALITY = 80  # of the JPEG


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path, help="of the pictures")
    parser.add_argument("--drags", type=Path, default=DRAGS, help="JSON: an object of trajectories by file name")
    parser.add_argument("--out", type=Path, required=True, metavar="SHEET.jpg")
    parser.add_argument("--frames", type=Path, help="folder for the restored frames")
    options = parser.parse_args()
    settings = Settings.for_checkpoint(options.checkpoint, steps=STEPS, cfg=1.0)
    generator, strips = load_generator(options.checkpoint), []
    for photo in read_photos(options.folder, options.drags):
        clip = generated(photo, generator, settings)
        restored = restore_clip(
            ClipAndPicture(to_floats(clip), to_floats(photo.whole)[None]),
            photo.drags.to_json(),
            settings=DetailSettings(follow=FOLLOW),
        )
        frames = to_bytes(restored.images)
        strips.append(strip_of(photo, clip, frames))
        print(f"{photo.name}: {restored.report}")
        if options.frames is not None:
            write_frames(frames, options.frames / Path(photo.name).stem)
    compose(strips).save(options.out, quality=QUALITY)
    print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB")
    return 0


def generated(photo: Photo, generator: Generator, settings: Settings) -> np.ndarray:
    """`[T, h, w, 3]` uint8: the clip that the picture becomes, with DragNUWA Carry."""
    clip = ModelClip(*photo.size, settings.clip.frames)
    points, visible = photo.drags.sample(clip.frames, clip.width, clip.height)
    carrying = Carrying(CarrySettings(half_radius(settings.sigma), hold=HOLD))
    given = Conditions(clip, points, visible, start=photo.whole, text="", seed=0, carrying=carrying)
    return generator.generate(given, settings).frames


def strip_of(photo: Photo, clip: np.ndarray, restored: np.ndarray) -> Strip:
    height, width = restored.shape[1:3]
    row = round(HEIGHT * width / height), HEIGHT
    still = fit(to_floats(photo.whole)[None], *row).expand(len(clip), -1, -1, -1)
    shown = [draw.drags(still, photo.drags)[0], *(fit(to_floats(frames[-1:]), *row)[0] for frames in (clip, restored))]
    ends, _ = photo.drags.sample(len(clip), width, height)
    part = cut_around(restored[-1], ends[0, -1], row)
    return Strip(f"{photo.name}: {width}x{height}", [*map(to_bytes, shown), part])


def cut_around(frame: np.ndarray, place: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A part of a frame `[H, W, 3]` of (width, height), around a place (x, y) in pixels as far as the frame goes."""
    width, height = size
    left, top = (
        int(np.clip(round(centre - side / 2), 0, most - side))
        for centre, side, most in zip(place, size, frame.shape[1::-1], strict=True)
    )
    return frame[top : top + height, left : left + width]


def write_frames(frames: np.ndarray, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"{number}.png")


if __name__ == "__main__":
    sys.exit(main())
