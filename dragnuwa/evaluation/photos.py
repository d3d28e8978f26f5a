"""`python -m dragnuwa.evaluation.photos CHECKPOINT FOLDER --drags FILE --out SHEET.jpg`: real pictures, and drawings.

Of these nobody knows the true clip, so a tracker says how well the video follows the drags, and people look at the
sheet.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from .. import trajectory
from ..clip_shape import MAX_SIDE, MIN_SIDE, SIDE_STEP, ModelClip
from ..flow import half_radius
from ..images import fit
from ..json_files import read_drags
from ..overlay import tracks as draw
from ..trajectory import Trajectories
from .drags import compare
from .generation import Carrying, Conditions, Made
from .options import add_sampling, loaded, run_command, told_of
from .settings import Settings
from .sheet import Strip, write_sheet
from .table import aligned
from .tracker import LucasKanade

log = logging.getLogger(__name__)

AREA = 128 * 128  # px, of the clips
MOST_PIXELS = 200_000_000  # of a picture


@dataclass(frozen=True)
class Photo:
    """A picture `[H, W, 3]` uint8 at the size of its clip, and its drags."""

    name: str
    picture: np.ndarray
    drags: Trajectories

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.picture.shape[1], self.picture.shape[0]


@dataclass(frozen=True)
class Result:
    """What the video of a picture came to: figures of `dragnuwa.evaluation.drags.compare`; `still` is the relative
    ObjMC of a still video, `lost` the share of positions that the tracker lost."""

    name: str
    width: int
    height: int
    drags: int
    objmc: float
    relative_objmc: float
    still: float
    lost: float
    cpu_seconds: float


def clip_size(width: int, height: int, area: int = AREA) -> tuple[int, int]:
    """Width and height of a clip of about this area in the aspect ratio of a picture: multiples of 8, from 64 up.

    A picture more than four times as long as wide is cut at its ends, for no side may be below 64.
    """
    aspect = width / height
    sides = (area * aspect) ** 0.5, (area / aspect) ** 0.5
    longest = area / MIN_SIDE
    wide, high = (round(min(max(side, MIN_SIDE), longest, MAX_SIDE) / SIDE_STEP) * SIDE_STEP for side in sides)
    return wide, high


def read_photos(folder: Path, drags: Path, area: int = AREA) -> list[Photo]:
    """The pictures that a file of drags names, in its order.

    Args:
        folder: of the pictures; those that the file does not name are left out.
        drags: JSON, an object with trajectories by file name, each in any form that `dragnuwa.trajectory.parse` reads.
            Positions in pixels are those of the clip, fractions those of the picture.
        area: of the clips, in pixels.

    Raises:
        ValueError: if the file is no such object or too large, a picture is missing or cannot be read, or a drag is
            wrong; with the picture's name.
    """
    return [_photo(folder, name, value, area) for name, value in read_drags(drags).items()]


def _photo(folder: Path, name: str, value: object, area: int) -> Photo:
    path = folder / name
    if Path(name).name != name or not path.is_file():
        raise ValueError(f"There is no picture {name!r} in {folder}, of which the file of drags speaks.")
    try:
        with Image.open(path) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValueError(f"{image.width}x{image.height} is more than {MOST_PIXELS} pixels")
            upright = ImageOps.exif_transpose(image)
            pixels = np.asarray(_opaque(upright))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} cannot be read as a picture ({error}).") from error
    width, height = clip_size(pixels.shape[1], pixels.shape[0], area)
    fitted = fit(torch.from_numpy(pixels.copy()).float()[None] / 255, width, height)[0]
    try:
        drags = trajectory.parse(value, width=width, height=height)
    except trajectory.TrajectoryError as error:
        raise ValueError(f"The drags of {name}: {error}") from error
    return Photo(name, (fitted * 255).round().byte().numpy(), drags)


def _opaque(image: Image.Image) -> Image.Image:
    """What is clear becomes white: the paper of a drawing."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")


def measure_photo(photo: Photo, made: Made) -> Result:
    """Compares the video with the drags, by Lucas-Kanade.

    Raises:
        ValueError: if no drag of the picture moves from where it is seen at first.
    """
    frames, text = made.frames, photo.drags.to_json()
    found = compare(frames, text, LucasKanade())
    still = compare(np.repeat(photo.picture[None], len(frames), axis=0), text, LucasKanade())
    width, height = photo.size
    lost = float(1 - found.kept[found.visible].mean())
    return Result(
        photo.name, width, height, len(found.tracks), found.objmc, found.relative_objmc, still.relative_objmc, lost,
        made.cpu_seconds,
    )  # fmt: skip


def strip_of(photo: Photo, made: Made, result: Result) -> Strip:
    """The start with its drags drawn over it, then every frame."""
    still = torch.from_numpy(photo.picture).float().expand(len(made.frames), -1, -1, -1) / 255
    drawn = (draw.drags(still, photo.drags)[:1] * 255).round().byte().numpy()
    return Strip(f"{photo.name}: relative ObjMC {result.relative_objmc:.2f}", [drawn[0], *made.frames])


def table(results: list[Result]) -> str:
    """A line for each picture, and one for their mean."""
    heads = ("", "size", "drags", "ObjMC px", "relative ObjMC", "still video", "lost", "CPU s")
    cells = [heads] + [
        (one.name, f"{one.width}x{one.height}", str(one.drags), *map(_number, _figures(one))) for one in results
    ]
    means = np.mean([_figures(one) for one in results], axis=0)
    cells.append(("mean", "", str(sum(one.drags for one in results)), *map(_number, means)))
    return aligned(cells)


def _figures(one: Result) -> tuple[float, ...]:
    return one.objmc, one.relative_objmc, one.still, one.lost, one.cpu_seconds


def _number(value: float) -> str:
    return f"{value:.2f}"


def run(
    photos: list[Photo],
    settings: Settings,
    seed: int,
    generate: Callable[[Conditions, Settings], Made],
    carrying: Carrying | None = None,
):
    """Yields `(result, strip)` for each picture."""
    for photo in photos:
        clip = ModelClip(*photo.size, settings.frames)
        points, visible = photo.drags.sample(clip.frames, clip.width, clip.height)
        text = {"empty": "", "zero": None}[settings.text]
        made = generate(Conditions(clip, points, visible, photo.picture, text, seed, carrying=carrying), settings)
        result = measure_photo(photo, made)
        log.info("%s: relative ObjMC %.2f", photo.name, result.relative_objmc)
        yield result, strip_of(photo, made, result)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m dragnuwa.evaluation.photos",
        description="Make a video of each of some pictures or drawings by a DragNUWA checkpoint, measure with a "
        "tracker (pyramidal Lucas-Kanade) how well it follows its drags, and put all of them on one contact sheet. "
        "Relative ObjMC is 0 where a video follows exactly and 1 for a still video, which stands beside it. A true "
        "clip of a photograph does not exist.",
    )
    made.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="the checkpoint; it needs a VAE")
    made.add_argument("folder", type=Path, metavar="FOLDER", help="of the pictures")
    made.add_argument("--drags", type=Path, required=True, help="JSON: an object of trajectories by file name")
    made.add_argument("--out", type=Path, required=True, metavar="SHEET.jpg", help="the contact sheet, a JPEG or PNG")
    made.add_argument("--seed", type=int, default=0, help="of the noise (default 0)")
    made.add_argument("--text", choices=("empty", "zero"), default="empty", help="what the model is told")
    made.add_argument("--hold", type=float, help="carry what is dragged along, as DragNUWA Carry does, for this part")
    made.add_argument("--area", type=int, default=AREA, help=f"of the clips in pixels (default {AREA}, 128x128)")
    made.add_argument("--json", action="store_true", help="the table as JSON")
    add_sampling(made)
    return made


def main(arguments: list[str] | None = None) -> None:
    run_command(parser(), _shown, arguments)


def _shown(options: argparse.Namespace) -> str:
    """The table, or JSON, of the pictures, whose sheet is written."""
    if options.area < MIN_SIDE**2:
        raise ValueError(f"--area must be at least {MIN_SIDE**2} pixels; found {options.area}.")
    settings = Settings(**told_of(options), text=options.text)
    photos = read_photos(options.folder, options.drags, options.area)
    carrying = None if options.hold is None else Carrying(options.hold, radius=half_radius(settings.sigma))
    results, strips = zip(*run(photos, settings, options.seed, loaded(options).generate, carrying), strict=True)
    write_sheet(list(strips), options.out)
    if options.json:
        return json.dumps({"settings": asdict(settings), "pictures": [asdict(one) for one in results]}, indent=1)
    return table(list(results))


if __name__ == "__main__":
    main()
