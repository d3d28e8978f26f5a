"""A server that is killed while it saves: nothing half-written has a final name, and the next run works."""

import os
import signal
import time
from pathlib import Path

import pytest

from dragnuwa.remote.client import Client
from dragnuwa.trajectory import parse
from scripts.host import HostProcess, find_installation

SIDE, FRAMES = 256, 512  # enough files that a busy machine sees the first ones before the last one is there
FILES = FRAMES - 1
DRAG = [[{"x": 20, "y": 30}, {"x": 260, "y": 200}]]


def export(frames: int) -> dict:
    """Drag maps of a clip as .flo files."""
    inputs = {
        "trajectories": parse(DRAG, width=SIDE, height=SIDE).to_json(), "width": SIDE, "height": SIDE,
        "frames": frames, "format": "flo", "filename_prefix": "flow",
    }  # fmt: skip
    return {"1": {"class_type": "DragNUWAExportTrajectories", "inputs": inputs}}


def server_in(folder: Path) -> HostProcess:
    installation = find_installation()
    return HostProcess(installation.python, installation.comfyui, folder)


def test_a_server_killed_while_it_saves_leaves_nothing_half_written(tmp_path):
    with server_in(tmp_path) as server:
        Client(server.url).queue(export(FRAMES))
        wait_for_files(server.output_directory, 1)
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait(30)
        written = list(server.output_directory.rglob("*.flo"))
        assert 1 <= len(written) < FILES, "it was killed too early or too late to show anything"
        assert {path.parent.suffix for path in written} == {".part"}
        assert not list(server.output_directory.glob("flow_*_"))
    with server_in(tmp_path) as server:
        client = Client(server.url)
        assert client.run(export(4), timeout=60).status == "success"
        (folder,) = server.output_directory.glob("flow_*_")
        assert sorted(path.name for path in folder.iterdir()) == ["0000.flo", "0001.flo", "0002.flo"]


def wait_for_files(folder: Path, count: int) -> None:
    end = time.monotonic() + 60
    while sum(1 for _ in folder.rglob("*.flo")) < count:
        if time.monotonic() > end:
            pytest.fail("nothing was saved")
