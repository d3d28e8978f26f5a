"""Makes the pack of photographs and cut-outs that the embedded model's scenes use, out of Debian packages.

    .venv/bin/python tools/training_pack.py FOLDER

Needs Debian or Ubuntu (apt-get and dpkg-deb). FOLDER/pack is what `[clips.scenes] assets` names; FOLDER/held_out has
eight photographs that were drawn by lot before any training and are kept out of the pack, and four drawings that were
chosen by name, for looking at the result.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dragnuwa.research.scenes import assets

PACKAGES = (
    "fonts-noto-color-emoji",
    "gnome-backgrounds",
    "lomiri-wallpapers",
    "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04",
    "mate-backgrounds",
    "plasma-workspace-wallpapers",
    "tuxpaint-data",
    "tuxpaint-stamps-default",
)
PHOTOS = (  # where they lie in the packages, and where they go: the order of the pack is that of the names
    ("usr/share/backgrounds/*_by_*.jpg", "."),
    ("usr/share/backgrounds/gnome/wood-*.webp", "."),
    ("usr/share/backgrounds/mate", "mate"),
    ("usr/share/wallpapers", "plasma"),
)
HELD_OUT = (
    "Dragonfly_by_Bolly.jpg",
    "Picture_1A_by_freespace.jpg",
    "Wine_by_Jakkub_Mede.jpg",
    "analogpattern_by_Peter_Nerlich.jpg",
    "free_by_Peter_Nerlich.jpg",
    "greentock_by_Peter_Nerlich.jpg",
    "picosdeeuropa_by_Aitzol_Berasategi.jpg",
    "seeding_by_Clements_Engelhardt.jpg",
)
DRAWINGS = "usr/share/tuxpaint/starters"  # for children to paint in; nothing of this package is in the pack
HELD_OUT_DRAWINGS = ("chicken.png", "frog.png", "jetplane.png", "tux_farmer.png")
STAMPS = "usr/share/tuxpaint/stamps"
NO_STAMPS = ("symbols", "military", "medical", "people", "town/flags", "town/roadsigns")
EMOJI = "usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    logging.basicConfig(level=logging.INFO, format="[pack] %(message)s")
    root = unpack(folder)
    photos, cutouts = (fresh(folder / name) for name in ("photos", "cutouts"))
    for pattern, target in PHOTOS:
        for found in sorted(root.glob(pattern)):
            copy(found, photos / target if found.is_dir() else photos / target / found.name)
    copy(root / STAMPS, cutouts / "stamps")
    for name in NO_STAMPS:
        shutil.rmtree(cutouts / "stamps" / name)
    for name in HELD_OUT:
        (folder / "held_out").mkdir(exist_ok=True)
        (photos / name).replace(folder / "held_out" / name)
    for name in HELD_OUT_DRAWINGS:
        copy(root / DRAWINGS / name, folder / "held_out" / name)
    pack = assets.build([photos], [cutouts], root / EMOJI)
    pack.save(folder / "pack")
    print(f"[pack] {len(pack.photos)} photographs and {len(pack.cutouts)} cut-outs in {folder / 'pack'}")
    return 0


def unpack(folder: Path) -> Path:
    """The packages' files, under one folder."""
    downloads, root = folder / "debs", fresh(folder / "root")
    downloads.mkdir(parents=True, exist_ok=True)
    missing = [name for name in PACKAGES if not list(downloads.glob(f"{name}_*.deb"))]
    if missing:
        subprocess.run(["apt-get", "download", *missing], cwd=downloads, check=True)
    for name in PACKAGES:
        for file in downloads.glob(f"{name}_*.deb"):
            subprocess.run(["dpkg-deb", "-x", str(file), str(root)], check=True)
    return root


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copyfile(source, target)


if __name__ == "__main__":
    sys.exit(main())
