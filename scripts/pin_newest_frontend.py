"""Writes the newest page of ComfyUI that PyPI has into scripts/newest-frontend.lock, with its checksum.

    python scripts/pin_newest_frontend.py

Afterwards: make test FRONTEND=newest. Standard library and pip only.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).resolve().parent / "newest-frontend.lock"
PACKAGE = "comfyui-frontend-package"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet"]
        subprocess.run([*pip, "--no-deps", "--only-binary", ":all:", "-d", folder, PACKAGE], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        version = wheel.name.split("-")[1]
        checksum = hashlib.sha256(wheel.read_bytes()).hexdigest()
    LOCK.write_text(f"{PACKAGE}=={version} \\\n    --hash=sha256:{checksum}\n", encoding="utf-8")
    print(f"{LOCK.name}: {PACKAGE} {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
