"""A headless ComfyUI in a separate process, which ends with the process that started it. Standard library only."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

GUARD = Path(__file__).with_name("guard.py")
PATIENCE = 10.0  # s for it to end
LOG_TAIL = 2000  # characters


class HeadlessError(RuntimeError):
    """ComfyUI did not start; the message has the end of its log."""


class HeadlessComfyUI:
    """A ComfyUI on a free port of 127.0.0.1, with models and custom nodes of the installation at `comfyui`.

    All its other files (input, output, temp, user, its log) are in a temporary folder, in `folder` or the system's,
    which is removed with it. `cpu`: use no GPU; otherwise those in this process's CUDA_VISIBLE_DEVICES.
    """

    def __init__(
        self, comfyui: Path, python: Path, *, cpu: bool, folder: Path | None = None, start_seconds: float = 300.0
    ):
        self._comfyui, self._python, self._cpu, self._start_seconds = comfyui, python, cpu, start_seconds
        self._parent = folder
        self._process: subprocess.Popen | None = None
        self._folder: Path | None = None
        self.url = ""

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and wait until it answers. Raises HeadlessError if it does not."""
        self.stop()
        self._folder = Path(tempfile.mkdtemp(prefix="comfyui-", dir=self._parent))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        with (self._folder / "comfyui.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(GUARD), str(self._folder), *self._command(port, self._folder)],
                cwd=self._comfyui,
                stdin=subprocess.PIPE,  # the guard waits for it to close
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
            )
        end = time.monotonic() + self._start_seconds
        while not answers(self.url):
            if not self.alive or time.monotonic() > end:
                tail = (self._folder / "comfyui.log").read_text("utf-8", errors="replace")[-LOG_TAIL:]
                self.stop()
                raise HeadlessError(f"The ComfyUI in {self._comfyui} did not start. The end of its log:\n{tail}")
            time.sleep(0.2)

    def stop(self) -> None:
        """End it, whatever its state."""
        if self._process is None:
            return
        self._process.stdin.close()  # the guard kills it
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _command(self, port: int, folder: Path) -> list[str]:
        command = [str(self._python), str(self._comfyui / "main.py"), "--port", str(port), "--disable-auto-launch"]
        command += ["--disable-api-nodes", "--database-url", "sqlite:///:memory:"]
        for name in ("input", "output", "temp", "user"):
            (folder / name).mkdir()
            command += [f"--{name}-directory", str(folder / name)]
        return [*command, "--cpu"] if self._cpu else command


def answers(url: str) -> bool:
    """Whether a ComfyUI answers at an address of this machine."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # this machine needs no proxy
    try:
        with direct.open(f"{url}/system_stats", timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
