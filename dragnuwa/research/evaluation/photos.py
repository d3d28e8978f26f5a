"""`python -m dragnuwa.research.evaluation.photos CHECKPOINT FOLDER --drags FILE --out SHEET.jpg`: your pictures.

These have no ground truth, so a tracker measures how well the videos follow the drags, and a contact sheet shows them.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ...carry.settings import CarrySettings
from ...common.atomic import read_drags
from ...common.clip_shape import MAX_MODEL_SIDE, MIN_MODEL_SIDE, MODEL_SIDE_STEP, ModelClip
from ...common.errors import InputError
from ...common.images import fit, to_bytes, to_floats
from ...common.picture_files import open_picture
from ...models.drag_maps import half_radius
from ...trajectory import Trajectories
from ...vision.tracking.point_tracker import LucasKanade, compare, parse_named
from .generate import Carrying, Conditions, Video, load_generator
from .report import aligned
from .settings import Settings, add_sampling_options, run_command, sampling_fields
from .sheet import Strip, with_drags, write_sheet

log = logging.getLogger(__name__)

AREA = 128 * 128  # px, of the clips
MAX_PIXELS = 170_000_000  # of a picture; Pillow itself refuses more than 179 million


@dataclass(frozen=True)
class Photo:
    """A picture and its drags.

    Attributes:
        name: of its file.
        whole: `[H, W, 3]` uint8, as it is.
        picture: `[h, w, 3]` uint8, at the size of its clip.
        drags: on it.
    """

    name: str
    whole: np.ndarray
    picture: np.ndarray
    drags: Trajectories

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.picture.shape[1], self.picture.shape[0]


@dataclass(frozen=True)
class Result:
    """The figures of a picture's video, by `drags.compare`; `still` is the relative ObjMC of a
    still video, `lost` the fraction of positions that the tracker lost."""

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
    """Width and height of a clip of about this area with the aspect ratio of a picture: multiples of 8, at least 64.

    A picture more than four times as long as wide is cropped at its ends, since no side may be below 64.
    """
    aspect = width / height
    sides = (area * aspect) ** 0.5, (area / aspect) ** 0.5
    longest = area / MIN_MODEL_SIDE
    wide, high = (
        round(min(max(side, MIN_MODEL_SIDE), longest, MAX_MODEL_SIDE) / MODEL_SIDE_STEP) * MODEL_SIDE_STEP
        for side in sides
    )
    return wide, high


def read_photos(folder: Path, drags: Path, area: int = AREA) -> list[Photo]:
    """The pictures named in a file of drags, in its order.

    Args:
        folder: of the pictures; those not named in the file are left out.
        drags: JSON, an object with trajectories by file name, each in any form that `dragnuwa.trajectory.parse` reads.
            Positions in pixels are those of the clip, fractions those of the picture.
        area: of the clips, in pixels.

    Raises:
        ValueError: if the file is not such an object or too large, a picture is missing or cannot be read, or a drag is
            invalid; with the picture's name.
    """
    return [_photo(folder, name, value, area) for name, value in read_drags(drags).items()]


def _photo(folder: Path, name: str, value: object, area: int) -> Photo:
    path = folder / name
    if Path(name).name != name or not path.is_file():
        raise ValueError(f"There is no picture {name!r} in {folder}, which the file of drags names.")
    try:
        with open_picture(path, max_pixels=MAX_PIXELS) as image:
            pixels = np.array(_opaque(ImageOps.exif_transpose(image)))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    width, height = clip_size(pixels.shape[1], pixels.shape[0], area)
    fitted = fit(to_floats(pixels)[None], width, height)[0]
    return Photo(name, pixels, to_bytes(fitted), parse_named(name, value, width, height))


def _opaque(image: Image.Image) -> Image.Image:
    """Transparent parts become white, like the paper of a drawing."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")


def measure_photo(photo: Photo, video: Video) -> Result:
    """Compare the video with the drags, by Lucas-Kanade.

    Raises:
        ValueError: if no drag of the picture moves after it is first visible.
    """
    frames, text = video.frames, photo.drags.to_json()
    found = compare(frames, text, LucasKanade())
    still = compare(np.repeat(photo.picture[None], len(frames), axis=0), text, LucasKanade())
    width, height = photo.size
    return Result(
        name=photo.name,
        width=width,
        height=height,
        drags=len(found.tracks),
        objmc=found.objmc,
        relative_objmc=found.relative_objmc,
        still=still.relative_objmc,
        lost=float(1 - found.kept[found.visible].mean()),
        cpu_seconds=video.cpu_seconds,
    )


def strip_of(photo: Photo, video: Video, result: Result) -> Strip:
    """The start picture with its drags drawn over it, then every frame."""
    still = np.repeat(photo.picture[None], len(video.frames), axis=0)
    drawn = with_drags(still, photo.drags, [0])
    return Strip(f"{photo.name}: relative ObjMC {result.relative_objmc:.2f}", [*drawn, *video.frames])


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
    generate: Callable[[Conditions, Settings], Video],
    carrying: Carrying | None = None,
) -> Iterator[tuple[Result, Strip]]:
    """Yields the figures and the row of the contact sheet of each picture."""
    for photo in photos:
        clip = ModelClip(*photo.size, settings.clip.frames)
        points, visible = photo.drags.sample(clip.frames, clip.width, clip.height)
        conditions = Conditions(
            clip=clip,
            points=points,
            visible=visible,
            start=photo.whole,
            text="",
            seed=seed,
            carrying=carrying,
        )
        video = generate(conditions, settings)
        result = measure_photo(photo, video)
        log.info("%s: relative ObjMC %.2f", photo.name, result.relative_objmc)
        yield result, strip_of(photo, video, result)


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.research.evaluation.photos",
        description="Make a video of each of some pictures or drawings by a DragNUWA checkpoint, measure with a "
        "tracker (pyramidal Lucas-Kanade) how well it follows its drags, and put all of them on one contact sheet. "
        "Relative ObjMC is 0 where a video follows exactly and 1 for a still video.",
    )
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="the checkpoint; it needs a VAE")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of the pictures")
    parser.add_argument("--drags", type=Path, required=True, help="JSON: an object of trajectories by file name")
    parser.add_argument("--out", type=Path, required=True, metavar="SHEET.jpg", help="the contact sheet, a JPEG or PNG")
    parser.add_argument("--seed", type=int, default=0, help="of the noise (default 0)")
    parser.add_argument("--hold", type=float, help="carry what is dragged along, as DragNUWA Carry does, for this part")
    parser.add_argument("--area", type=int, default=AREA, help=f"of the clips in pixels (default {AREA}, 128x128)")
    parser.add_argument("--json", action="store_true", help="the table as JSON")
    add_sampling_options(parser)
    return parser


def main(arguments: list[str] | None = None) -> None:
    run_command(argument_parser(), measured, arguments)


def measured(options: argparse.Namespace) -> str:
    """Writes the contact sheet of the pictures; returns their table, or JSON."""
    if options.area < MIN_MODEL_SIDE**2:
        raise ValueError(f"--area must be at least {MIN_MODEL_SIDE**2} pixels; found {options.area}.")
    settings = Settings.for_checkpoint(options.checkpoint, **sampling_fields(options))
    photos = read_photos(options.folder, options.drags, options.area)
    carrying = None if options.hold is None else Carrying(CarrySettings(half_radius(settings.sigma), hold=options.hold))
    generate = load_generator(options.checkpoint, options.comfyui).generate
    results, strips = zip(*run(photos, settings, options.seed, generate, carrying), strict=True)
    write_sheet(list(strips), options.out)
    if options.json:
        return json.dumps({"settings": settings.as_json(), "pictures": [asdict(one) for one in results]}, indent=1)
    return table(list(results))


if __name__ == "__main__":
    main()
