"""Start ComfyUI with this pack and keep it running: `make serve`, or PORT=8200 make serve. Ctrl-C stops it.

What you upload, make and save stays in .host/base/, between runs and through updates.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.host import (
    HOST,
    PACK_NAME,
    HostProcess,
    HostProcessError,
    find_installation,
    stop_on_terminate,
)

BASE = HOST / "base"
DEFAULT_PORT = 8188
SETTINGS = {"Comfy.TutorialCompleted": True}


def main() -> int:
    try:
        port = int(os.environ.get("PORT") or DEFAULT_PORT)
    except ValueError:
        print(f"error: PORT={os.environ['PORT']} is not a number", file=sys.stderr)
        return 1
    stop_on_terminate()
    try:
        installation = find_installation()
        server = HostProcess(installation.python, installation.comfyui, BASE, port, settings=SETTINGS, say=_say)
        # ComfyUI's own example picture, as in any other ComfyUI.
        copied = seed(installation.comfyui / "input", server.input_directory)
        if copied:
            _say(f"for a start: {', '.join(copied)}")
        _say(f"starting ComfyUI, log in {server.log_path}")
        with server:
            _say(f"open {server.url} in a browser, then Templates > Extensions > {PACK_NAME}")
            _say(f"checkpoints go into {server.checkpoints_directory}")
            _say(f"pictures and videos come out in {server.output_directory}")
            _say("Ctrl-C stops it")
            status = server.process.wait()
            print(f"error: ComfyUI stopped by itself with exit status {status}; see {server.log_path}", file=sys.stderr)
            return 1
    except HostProcessError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _say("stopped")
        return 0


def seed(source: Path, target: Path) -> list[str]:
    """Copy the files of `source` that `target` does not have yet, and give their names."""
    target.mkdir(parents=True, exist_ok=True)
    files = sorted(path for path in source.glob("*") if path.is_file()) if source.is_dir() else []
    missing = [path for path in files if not (target / path.name).exists()]
    for path in missing:
        shutil.copyfile(path, target / path.name)
    return [path.name for path in missing]


def _say(line: str) -> None:
    print(f"[serve] {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
