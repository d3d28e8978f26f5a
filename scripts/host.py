"""The real ComfyUI for the demo, the development server and the tests.

Says which ComfyUI and which Python to use, puts the pack into it as a user has it, and runs it as a process. Standard
library only, because the Python that starts it may have nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dragnuwa.remote.headless import answers, free_port
from dragnuwa.remote.installation import find_python as find_own_python
from dragnuwa.remote.installation import venv_python

VENV = ROOT / ".venv"
HOST = ROOT / ".host"
PACK_NAME = "ComfyUI-DragNUWA"
COPY_MARK = ".copied-from-checkout"
PICTURES = ROOT / "web" / "pictures"  # the photographs of the templates

# The page as the tests need it: no welcome dialog, classic nodes, nothing carried over from an earlier run.
TEST_SETTINGS = {
    "Comfy.TutorialCompleted": True,
    "Comfy.VueNodes.Enabled": False,
    "Comfy.Workflow.Persist": False,
}
# Where drivers show that a GPU may be there; whether torch can use it is torch's to say.
GPU_SIGNS = ("/dev/nvidia0", "/dev/kfd", "/dev/dxg")
LOG_TAIL_LINES = 40


class HostProcessError(RuntimeError):
    """ComfyUI was not found, could not be prepared, or did not start; the message says what to do."""


@dataclass(frozen=True)
class Installation:
    """A ComfyUI on this machine and the Python that runs it."""

    comfyui: Path
    python: Path


def find_installation() -> Installation:
    """The ComfyUI in $COMFYUI with its own Python, else the one that `make setup` built in .host/.

    Raises HostProcessError where there is none.
    """
    if os.environ.get("COMFYUI"):
        comfyui = Path(os.environ["COMFYUI"]).expanduser().resolve()
        if not (comfyui / "main.py").is_file():
            raise HostProcessError(f"COMFYUI={comfyui} holds no main.py; give the folder that ComfyUI is started from.")
        return Installation(comfyui, find_python(comfyui))
    installation = Installation(HOST / "ComfyUI", venv_python(VENV))
    if not (installation.comfyui / "main.py").is_file() or not installation.python.exists():
        raise HostProcessError("ComfyUI is not set up in .host/ yet: run `make setup`, or set COMFYUI to one you have.")
    return installation


def find_python(comfyui: Path) -> Path:
    """The Python of an existing ComfyUI, or the system's where it has none of its own."""
    try:
        own = find_own_python(comfyui)
    except FileNotFoundError as error:
        raise HostProcessError(str(error)) from error
    system = own or shutil.which("python3") or shutil.which("python")
    if system is None:
        raise HostProcessError(f"No Python was found for {comfyui}; set COMFYUI_PYTHON to the one that runs it.")
    return Path(system)


def has_gpu(python: Path) -> bool:
    """Whether the torch of this Python can use a GPU; asked only where a driver shows one, as torch loads slowly."""
    signs = sys.platform == "darwin" or shutil.which("nvidia-smi") or any(Path(sign).exists() for sign in GPU_SIGNS)
    if not signs:
        return False
    question = "import sys, torch; sys.exit(not (torch.cuda.is_available() or torch.backends.mps.is_available()))"
    return subprocess.run([str(python), "-c", question], capture_output=True, check=False).returncode == 0


def link_pack(custom_nodes: Path, pack: Path = ROOT) -> Path:
    """Put the pack, which is this checkout unless another folder is named, into a custom_nodes folder by a link, or by
    a copy where links are not to be had.

    A folder that leads there already is left as it is. Raises HostProcessError where another pack has the name.
    """
    custom_nodes.mkdir(parents=True, exist_ok=True)
    for entry in custom_nodes.iterdir():
        if entry.resolve() == pack.resolve():
            return entry
    target = custom_nodes / PACK_NAME
    if target.is_symlink() and not target.exists():  # it led to a checkout that was moved or deleted
        target.unlink()
    elif (target / COPY_MARK).is_file():
        shutil.rmtree(target)
    elif target.exists():
        raise HostProcessError(
            f"{target} is another copy of the pack. Move it out of custom_nodes, or run make from that copy."
        )
    try:
        target.symlink_to(pack, target_is_directory=True)
    except (OSError, NotImplementedError):  # Windows without the right to make links, some network drives
        shutil.copytree(pack, target, ignore=shutil.ignore_patterns(".*", "__pycache__", "tests", "node_modules"))
        (target / COPY_MARK).touch()
    return target


def stop_on_terminate() -> None:
    """Treat SIGTERM and SIGHUP like Ctrl-C in this process, so that a HostProcess is stopped with it."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)


class HostProcess:
    """A running ComfyUI with this pack, as a context manager: up and answering inside, gone afterwards.

    base_directory holds everything the server reads and writes (models, input, output, settings, custom_nodes with
    this pack), so the ComfyUI at comfyui_dir stays untouched. `say` gets a line now and then while it starts.
    On entry raises HostProcessError, with the end of the log, where the server stops or does not answer in `timeout`
    seconds.
    """

    def __init__(
        self,
        python: Path | str,
        comfyui_dir: Path | str,
        base_directory: Path | str,
        port: int | None = None,
        extra_args: Sequence[str] = (),
        *,
        settings: Mapping[str, object] = TEST_SETTINGS,
        environment: Mapping[str, str] | None = None,
        log_path: Path | str | None = None,
        pack: Path = ROOT,
        timeout: float = 180.0,
        say: Callable[[str], None] | None = None,
    ):
        self.python = Path(python)
        self.comfyui_dir = Path(comfyui_dir)
        self.base_directory = Path(base_directory).resolve()
        self.port = port
        self.extra_args = list(extra_args)
        self.settings = dict(settings)
        self.environment = {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **(environment or {})}
        self.log_path = Path(log_path) if log_path else self.base_directory / "comfyui.log"
        self.pack = pack
        self.timeout = timeout
        self.say = say
        self.boot_log = ""  # what the server had logged when it first answered
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def input_directory(self) -> Path:
        return self.base_directory / "input"

    @property
    def output_directory(self) -> Path:
        return self.base_directory / "output"

    @property
    def checkpoints_directory(self) -> Path:
        return self.base_directory / "models" / "checkpoints"

    def log(self) -> str:
        """Everything that the server has logged so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> HostProcess:
        self._make_base_directory()
        self._choose_port()
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                self._command(),
                cwd=self.comfyui_dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                **_new_process_group(),
            )
        try:
            self._wait_until_ready()
        except BaseException:  # Ctrl-C while it starts, too: never leave a server behind
            self._stop()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop()

    def _make_base_directory(self) -> None:
        for folder in (self.input_directory, self.output_directory, self.checkpoints_directory):
            folder.mkdir(parents=True, exist_ok=True)
        link_pack(self.base_directory / "custom_nodes", self.pack)
        settings = self.base_directory / "user" / "default" / "comfy.settings.json"
        if not settings.exists():
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text(json.dumps(self.settings), encoding="utf-8")

    def _choose_port(self) -> None:
        if self.port is None:
            self.port = free_port()
            return
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                raise HostProcessError(f"Port {self.port} is in use by another program; choose another with PORT=.")

    def _command(self) -> list[str]:
        command = [
            str(self.python), str(self.comfyui_dir / "main.py"),
            "--port", str(self.port),
            "--base-directory", str(self.base_directory),
            "--database-url", "sqlite:///:memory:",  # the default is a file, which a second server finds locked
            "--disable-auto-launch", "--disable-api-nodes",
            *self.extra_args,
        ]  # fmt: skip
        if "--cpu" not in self.extra_args and not has_gpu(self.python):
            command.append("--cpu")
        return command

    def _wait_until_ready(self) -> None:
        started = time.monotonic()
        next_word = 5.0
        while True:
            waited = time.monotonic() - started
            status = self.process.poll()
            if status is not None:
                raise HostProcessError(f"ComfyUI stopped with exit status {status} while it started.{self._log_tail()}")
            if answers(self.url):
                self.boot_log = self.log()
                return
            if waited > self.timeout:
                raise HostProcessError(f"ComfyUI did not answer within {self.timeout:g} s.{self._log_tail()}")
            if self.say and waited > next_word:
                self.say(f"still starting ({waited:.0f} s)")
                next_word += 5.0
            time.sleep(0.2)

    def _log_tail(self) -> str:
        lines = self.log().splitlines()[-LOG_TAIL_LINES:]
        return "\n".join(["", f"The end of its log ({self.log_path}):", *(f"  {line}" for line in lines)])

    def _stop(self) -> None:
        # Ctrl-C lets ComfyUI clean its temporary folder; the harder signals are for one that does not listen.
        for send, patience in _stopping_signals(self.process):
            if self.process.poll() is not None:
                return
            with contextlib.suppress(ProcessLookupError):
                send()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)


def _new_process_group() -> dict:
    """Popen's arguments that keep the terminal's Ctrl-C from the server, so that only HostProcess stops it."""
    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _stopping_signals(process: subprocess.Popen) -> list[tuple[Callable[[], None], float]]:
    """How to stop the server's whole group, gentlest first, each with the seconds to wait after it."""
    if os.name == "nt":
        return [(lambda: process.send_signal(signal.CTRL_BREAK_EVENT), 5.0), (process.kill, 10.0)]
    patience = [(signal.SIGINT, 5.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 10.0)]
    return [(lambda number=number: os.killpg(process.pid, number), seconds) for number, seconds in patience]


if __name__ == "__main__":  # for the Makefile: which Python runs ComfyUI
    try:
        print(find_installation().python)
    except HostProcessError as error:
        sys.exit(f"error: {error}")
