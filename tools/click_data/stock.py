"""Makes the stock of cut-outs and photographs that the click network is trained on, out of free packages.

    .venv/bin/python tools/click_data/stock.py FOLDER [--renders FOLDER]

Needs Debian or Ubuntu (apt-get and dpkg-deb) and npm. `--renders` names what `tools/click_data/renders.py` made of the
models of 0ad-data. FOLDER gets cutouts.npz and photos.npz; which files are in them is in files.json. Of tuxpaint's
stamps, those that `benchmarks/object_cases.py` holds out are left out.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cv2
import numpy as np
from PIL import Image

from benchmarks.object_cases import cutout_files
from dragnuwa.common.errors import InputError
from dragnuwa.common.picture_files import open_picture
from dragnuwa.research.training.recipes.click.stock import CUTOUT, PHOTO, save
from tools.click_data.packages import package

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """Pictures of a package.

    Attributes:
        package: Debian's package, or npm's if the name has an @.
        pattern: where they lie in it.
        licence: as the package states it.
        most: how many are taken, evenly among them.
        copies: how often each is in the stock.
    """

    package: str
    pattern: str
    licence: str
    most: int = 100_000
    copies: int = 1


CUTOUTS = (
    Source("tuxpaint-stamps-default", "usr/share/tuxpaint/stamps/**/*.png", "GPL-2+, public domain", copies=3),
    Source("openclipart-png", "usr/share/openclipart/png/animals/**/*.png", "public domain"),
    Source("openclipart-png", "usr/share/openclipart/png/people/**/*.png", "public domain", most=500),
    Source("openclipart-png", "usr/share/openclipart/png/food/**/*.png", "public domain", most=300),
    Source("openclipart-png", "usr/share/openclipart/png/transportation/**/*.png", "public domain", most=350),
    Source("openclipart-png", "usr/share/openclipart/png/plants/**/*.png", "public domain", most=200),
    Source("openclipart-png", "usr/share/openclipart/png/tools/**/*.png", "public domain", most=250),
    Source("openclipart-png", "usr/share/openclipart/png/recreation/**/*.png", "public domain", most=250),
    Source("openclipart-png", "usr/share/openclipart/png/containers/**/*.png", "public domain", most=100),
    Source("openclipart-png", "usr/share/openclipart/png/electronics/**/*.png", "public domain", most=100),
    Source("openclipart-png", "usr/share/openclipart/png/buildings/**/*.png", "public domain", most=150),
    Source("@lobehub/fluent-emoji-3d", "package/assets/*.webp", "MIT"),
    Source("endless-sky-data", "usr/share/games/endless-sky/images/ship/*.png", "CC-BY-SA-4.0, CC-BY-SA-3.0"),
    Source("endless-sky-data", "usr/share/games/endless-sky/images/outfit/*.png", "CC-BY-SA-4.0, public domain"),
    Source("wesnoth-1.16-data", "usr/share/games/wesnoth/1.16/data/core/images/portraits/**/*.*", "GPL-2+", most=350),
)
PHOTOS = (
    Source(
        "endless-sky-data", "usr/share/games/endless-sky/images/land/*.jpg", "CC-BY-SA-4.0, CC-BY-4.0, public domain"
    ),
    Source("naev-data", "usr/share/naev/dat/gfx/planet/exterior/*.*", "CC-BY-3.0, CC-BY-SA-3.0, public domain"),
    Source("gnome-backgrounds", "usr/share/backgrounds/gnome/*.*", "CC-BY-SA-3.0"),
    Source("mate-backgrounds", "usr/share/backgrounds/mate/**/*.*", "GPL-2+, CC-BY-SA-4.0"),
    Source("lomiri-wallpapers", "usr/share/backgrounds/*.jpg", "CC-BY-SA-4.0, CC-BY-4.0"),
    Source("lomiri-wallpapers-16.04", "usr/share/backgrounds/*.jpg", "CC-BY-SA-3.0"),
    Source("lomiri-wallpapers-20.04", "usr/share/backgrounds/*.jpg", "CC-BY-SA-4.0"),
    Source("plasma-workspace-wallpapers", "usr/share/wallpapers/**/[0-9]*x[0-9]*.*", "CC-BY-SA-4.0, LGPL-3"),
    Source("ukui-wallpapers", "usr/share/backgrounds/*.*", "GPL-3+"),
)
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
TILES = 1.35  # sides' ratio from which a photograph gives two squares


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--renders", type=Path, help="folder of cut-outs that tools/click_data/renders.py made")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="[stock] %(message)s")
    folder = options.folder.resolve()
    used: dict[str, list[str]] = {}
    stamps = package(folder / "packages", "debian", "tuxpaint-stamps-default") / "usr/share/tuxpaint/stamps"
    held_out = set(cutout_files(stamps)[1::2])
    cutouts = [one for source in CUTOUTS for one in collected(folder, source, encoded_cutout, used, leave_out=held_out)]
    photos = [one for source in PHOTOS for one in collected(folder, source, encoded_photo, used)]
    if options.renders:
        paths = sorted(options.renders.glob("*.webp"))
        cutouts += [one for found in parallel(encoded_cutout, paths) for one in found]
        used["renders"] = [path.name for path in paths]
    save(folder / "cutouts.npz", cutouts, [])
    save(folder / "photos.npz", [], photos)
    (folder / "files.json").write_text(json.dumps(used, indent=1))
    print(f"[stock] {len(cutouts)} cut-outs and {len(photos)} squares of photographs in {folder}")
    return 0


def collected(
    folder: Path, source: Source, encode, used: dict, leave_out: frozenset | set = frozenset()
) -> Iterator[bytes]:
    registry = "npm" if source.package.startswith("@") else "debian"
    root = package(folder / "packages", registry, source.package)
    paths = sorted(p for p in root.glob(source.pattern) if p.suffix.lower() in PICTURES and not p.is_symlink())
    paths = [path for path in paths if path not in leave_out]
    if len(paths) > source.most:
        paths = [paths[int(n)] for n in np.linspace(0, len(paths) - 1, source.most)]
    kept = []
    for path, found in zip(paths, parallel(encode, paths), strict=True):
        if found:
            kept.append(str(path.relative_to(root)))
            for _ in range(source.copies):
                yield from found
    used.setdefault(source.package, []).extend(kept)
    log.info("%s %s: %d of %d", source.package, source.pattern, len(kept), len(paths))


def parallel(encode, paths: list[Path]) -> Iterator[list[bytes]]:
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(encode, paths)


def encoded_cutout(path: Path) -> list[bytes]:
    """A transparent picture of one thing, cut to what is seen; nothing if it is none."""
    if "-1f3f" in path.stem or "/symbols/" in str(path):  # an emoji in another skin colour; letters
        return []
    try:
        with open_picture(path) as image:
            if max(image.size) < 96 or max(image.size) > 4000:
                return []
            rgba = np.asarray(image.convert("RGBA"))
    except InputError as error:  # such as one of 600 million pixels
        log.info("%s is left out: %s", path.name, error)
        return []
    solid = (rgba[..., 3] > 128).astype(np.uint8)
    if not 0.04 < solid.mean() < 0.97:
        return []
    _, _, stats, _ = cv2.connectedComponentsWithStats(solid)
    if stats[1:, cv2.CC_STAT_AREA].max() < 0.85 * solid.sum():
        return []
    rows, columns = np.nonzero(rgba[..., 3] > 8)
    picture = Image.fromarray(rgba[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    picture.thumbnail((CUTOUT - 8, CUTOUT - 8))
    return [_file(picture, "WEBP", quality=78, alpha_quality=80, method=4)]


def encoded_photo(path: Path) -> list[bytes]:
    """One or two squares of a photograph; nothing if it is small."""
    with open_picture(path) as image:
        image.draft("RGB", (2 * PHOTO, 2 * PHOTO))
        picture = image.convert("RGB")
    if min(picture.size) < 0.6 * PHOTO or "screenshot" in path.stem:
        return []
    side = min(picture.size)
    ends = [0, max(picture.size) - side] if max(picture.size) > TILES * side else [(max(picture.size) - side) // 2]
    boxes = [(at, 0, at + side, side) if picture.width > picture.height else (0, at, side, at + side) for at in ends]
    return [_file(picture.resize((PHOTO, PHOTO), Image.LANCZOS, box), "WEBP", quality=80, method=4) for box in boxes]


def _file(picture: Image.Image, kind: str, **options: int) -> bytes:
    data = BytesIO()
    picture.save(data, kind, **options)
    return data.getvalue()


if __name__ == "__main__":
    sys.exit(main())
