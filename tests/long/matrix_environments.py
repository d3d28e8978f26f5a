"""What `make matrix` runs on, in .host/matrix/: ComfyUIs, a Python environment for them, and their pages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from scripts.host import HOST, ROOT, venv_python
from scripts.progress import follow
from scripts.setup import ARCHIVE, Archive, download_comfyui

WORK = HOST / "matrix"
FRONTEND_PACKAGE = "comfyui-frontend-package"
# Every ComfyUI since the oldest that README.md names which the registry has.
ARCHIVES = {
    "0.24.0": Archive("2.4.0", "d3b3431ce2a40be7213a329ec8874e72f2bd2faf199ace7f793d8ff8ac68a557"),
    "0.26.0": Archive("2.4.5", "3d6df87d09657260444a5fae28684c35212873dddd78e909be596ba7c0664cba"),
    "0.27.0": Archive("2.5.0", "0cf0c51652e1abd6d05b9808d048ede525b32db68469458cea803e7d50c76cd0"),
    "0.30.0": ARCHIVE,
}


def find_interpreter(version: str) -> Path | None:
    """A Python of this version that runs: on PATH, or among those of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for place in (shutil.which(f"python{version}"), *sorted(pyenv.glob(f"versions/{version}.*/bin/python"))):
        if place and subprocess.run([place, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
            return Path(place)
    return None


def unpack(version: str) -> Path:
    """That ComfyUI's folder."""
    folder = WORK / f"ComfyUI-{version}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=WORK, prefix="unpacking-") as name:
            download_comfyui(ARCHIVES[version], Path(name)).rename(folder)
    return folder


def make_environment(version: str, comfyui: Path, interpreter: Path) -> Path:
    """The Python of an environment with exactly what that ComfyUI and the pack require.

    There is one for each version of Python: from one ComfyUI to the next, only few packages change.
    """
    folder = WORK / f"venv-py{version}"
    if not venv_python(folder).exists():
        _uv("venv", "--python", interpreter, folder)
    torch = [line for line in (ROOT / "scripts" / "requirements.in").read_text("utf-8").splitlines() if "==" in line]
    files = [comfyui / "requirements.txt", ROOT / "requirements.txt"]
    required = [*torch, *(part for file in files for part in ("-r", file))]
    _uv("pip", "install", "--exact", "--python", venv_python(folder), *required)
    return venv_python(folder)


def pinned_frontend(python: Path) -> Path:
    """The folder of the page that is installed for this Python."""
    question = "import comfyui_frontend_package as package; print(package.__path__[0])"
    found = subprocess.run([python, "-c", question], capture_output=True, text=True, check=True).stdout
    return Path(found.strip())


@cache
def newest_frontend() -> Path:
    """The folder of the newest page, which is asked for once in a run."""
    folder = WORK / "newest-frontend"
    shutil.rmtree(folder, ignore_errors=True)
    _uv("pip", "install", "--python", sys.executable, "--no-deps", "--target", folder, FRONTEND_PACKAGE)
    return folder / "comfyui_frontend_package"


def version_of(package: Path) -> str:
    """The version of the page in this folder."""
    return next(one.version for one in distributions(name=FRONTEND_PACKAGE, path=[str(package.parent)]))


def _uv(*arguments: str | Path) -> None:
    """uv, in an environment of its own. It keeps one copy of each package for all environments."""
    tool = WORK / "uv"
    if not (tool / "complete").exists():
        follow([sys.executable, "-m", "venv", "--clear", tool], "making an environment for uv")
        follow([venv_python(tool), "-m", "pip", "--disable-pip-version-check", "install", "uv"], "pip install uv")
        (tool / "complete").touch()
    options = ["--cache-dir", WORK / "uv-cache", "--no-python-downloads"]
    follow([venv_python(tool), "-m", "uv", *arguments, *options], f"uv {arguments[0]}")
