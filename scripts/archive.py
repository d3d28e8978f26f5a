"""The archive that the Comfy registry serves, made as its own tool makes it: tracked files less those of .comfyignore.

.venv/bin/python scripts/archive.py dragnuwa.zip
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pathspec

ROOT = Path(__file__).resolve().parent.parent
MIB = 2**20
MOST_MIB = 50


def shipped_files(root: Path = ROOT) -> list[str]:
    """The paths of all files in the archive, relative to `root`, in order."""
    left_out = _patterns(root / ".comfyignore")
    return sorted(path for path in tracked_files(root) if (root / path).is_file() and not left_out.match_file(path))


def tracked_files(root: Path = ROOT) -> list[str]:
    """The paths of the files that belong to the repository, relative to `root`.

    Without git, as in an unpacked source archive, these are all that .gitignore does not name.
    """
    if (root / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)
        return [path for path in listed.stdout.split("\0") if path]
    ignored = _patterns(root / ".gitignore")
    return [path for path in _files(root, root, ignored) if not ignored.match_file(path)]


def _files(folder: Path, root: Path, ignored: pathspec.PathSpec) -> Iterator[str]:
    for entry in folder.iterdir():
        path = entry.relative_to(root).as_posix()
        if not entry.is_dir():
            yield path
        elif not ignored.match_file(f"{path}/"):
            yield from _files(entry, root, ignored)


def _patterns(file: Path) -> pathspec.PathSpec:
    return pathspec.GitIgnoreSpec.from_lines(file.read_text(encoding="utf-8").splitlines())


def write(target: Path, root: Path = ROOT) -> list[str]:
    """Writes the archive, and returns the paths in it."""
    paths = shipped_files(root)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(root / path, path)
    return paths


def sizes(archive: Path) -> dict[str, int]:
    """The packed bytes of each top-level entry, the largest first."""
    taken: Counter[str] = Counter()
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            taken[entry.filename.split("/")[0]] += entry.compress_size
    return dict(taken.most_common())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="the zip file to write")
    target = parser.parse_args().archive
    count = len(write(target))
    print(f"{target}: {count} files, {target.stat().st_size / MIB:.1f} MiB of {MOST_MIB}")
    for name, taken in sizes(target).items():
        print(f"  {taken / MIB:6.2f} MiB  {name}")


if __name__ == "__main__":
    sys.exit(main())
