"""The Chromium that drives the page in the tests: the system's, since Playwright's own download is never used."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from scripts.progress import SetupError, follow, say

# The shell is Chromium without its own window, which takes less time for the same pages.
NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
)  # fmt: skip
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
DEBIAN_PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core")


def find_chromium() -> Path | None:
    """$CHROMIUM, or a Chromium or Chrome on PATH or in its usual place; None where there is none.

    Raises SetupError where $CHROMIUM names no program.
    """
    if os.environ.get("CHROMIUM"):
        named = shutil.which(os.environ["CHROMIUM"])
        if named is None:
            raise SetupError(f"CHROMIUM={os.environ['CHROMIUM']} is not a program that can be run.")
        return Path(named)
    found = [path for path in map(shutil.which, NAMES) if path] + [path for path in ELSEWHERE if Path(path).is_file()]
    return Path(found[0]) if found else None


def ensure_chromium() -> Path:
    """A Chromium, installed first where that is possible (Debian, as root).

    Raises SetupError, with what to install, where there is none.
    """
    found = find_chromium()
    if found is None and _is_debian() and os.geteuid() == 0:
        say("Installing Chromium (apt-get)")
        follow(["apt-get", "update"], "apt-get update")
        install = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "--no-install-recommends"]
        follow([*install, *DEBIAN_PACKAGES], "apt-get install")
        found = find_chromium()
    if found is None:
        raise SetupError(f"The browser tests need Chromium or Chrome, and there is none. {_advice()}")
    return found


def _is_debian() -> bool:
    """Debian itself: on Ubuntu the package of that name is a snap, which a container cannot install."""
    release = Path("/etc/os-release")
    return release.is_file() and "ID=debian" in release.read_text(encoding="utf-8").splitlines()


def _advice() -> str:
    if _is_debian():
        return f"As root: apt-get update && apt-get install -y {' '.join(DEBIAN_PACKAGES)}"
    if sys.platform == "linux":
        return "Install your distribution's chromium (Ubuntu: snap install chromium, or Google's google-chrome-stable)."
    return "Install Google Chrome, or set CHROMIUM to the program."
