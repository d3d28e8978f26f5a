"""The library's wheel, and environments that have nothing but it and the packages that it asks for."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.archive import ROOT, tracked_files

SOURCES = ("dragnuwa", "docs", "pyproject.toml", "LICENSE")
SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"


def build(folder: Path) -> Path:
    """A wheel of the tracked files, built in `folder`, so that nothing of an earlier build gets into it."""
    source = folder / "source"
    for path in tracked_files(ROOT):
        if path.split("/")[0] in SOURCES:
            target = source / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, target)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        source,
    ]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def environment(folder: Path, wheel: Path, extra: str = "") -> Path:
    """The Python of a new environment with the wheel and what it asks for, with one extra.

    The packages are links to those of the environment that runs the tests: they need not be downloaded again, and one
    that the wheel does not ask for is missing all the same.
    """
    venv.create(folder, with_pip=False, symlinks=sys.platform != "win32")
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel]
    subprocess.run(command, check=True)
    (metadata,) = site.glob("dragnuwa-*.dist-info")
    for package in _closure(Distribution.at(metadata), {extra}):
        _link(package, site)
    return folder / SCRIPTS / "python"


def _closure(root: Distribution, extras: set[str]) -> Iterator[Distribution]:
    """What a distribution asks for, directly or through others."""
    seen: set[tuple[str, str]] = set()
    waiting = [(root, extra) for extra in {"", *extras}]
    while waiting:
        package, extra = waiting.pop()
        for line in package.requires or ():
            wanted = Requirement(line)
            if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
                continue
            for further in {"", *wanted.extras}:
                key = (canonicalize_name(wanted.name), further)
                if key not in seen:
                    seen.add(key)
                    waiting.append((distribution(wanted.name), further))
                    yield waiting[-1][0]


def _link(package: Distribution, site: Path) -> None:
    """Links the files of an installed distribution into another site-packages, at the top level."""
    for name in {file.parts[0] for file in package.files or () if file.parts[0] not in ("..", "__pycache__")}:
        source, target = Path(package.locate_file(name)), site / name
        if source.exists() and not target.exists():
            target.symlink_to(source)
