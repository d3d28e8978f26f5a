"""Tests in this folder talk to a real ComfyUI server, started once for the whole run, through its API."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dragnuwa.remote.client import Client
from scripts.frontend import PATIENCE_MS, open_browser
from scripts.host import HOST, HostProcess, HostProcessError, find_installation, stop_on_terminate
from tests.support import stand_ins
from tests.support.random_checkpoint import write as write_random_checkpoint

LOG = HOST / "logs" / os.environ.get("SERVER_LOG", "integration.log")  # a server each where two groups run at once
expect.set_options(timeout=PATIENCE_MS)  # until a page has to show what is expected, for all tests here


@pytest.fixture(scope="session")
def host(tmp_path_factory) -> HostProcess:
    """The running server, with a base directory of its own and, under its custom_nodes, this pack and stand-ins
    for nodes with models."""
    stop_on_terminate()
    frontend = os.environ.get("COMFYUI_FRONTEND")
    arguments = ["--front-end-root", frontend] if frontend else []
    try:
        installation = find_installation()
        base = tmp_path_factory.mktemp("comfyui")
        stand_ins.place(base)
        server = HostProcess(installation.python, installation.comfyui, base, extra_args=arguments, log_path=LOG)
        with server:
            yield server
    except HostProcessError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="module")
def browser():
    """Chromium. Not longer than a module: an event loop runs as long as it is open, and other tests have theirs."""
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def client(host) -> Client:
    return Client(host.url)


@pytest.fixture(scope="session")
def place_input(host) -> Callable[[Path | bytes, str], str]:
    """place_input(source, name): put a file, or bytes, into the server's input folder; gives the name for a prompt."""
    return lambda source, name: _place(source, host.input_directory / name)


@pytest.fixture(scope="session")
def place_checkpoint(host) -> Callable[[Path | bytes, str], str]:
    """place_checkpoint(source, name): the same for the server's models/checkpoints folder."""
    return lambda source, name: _place(source, host.checkpoints_directory / name)


@pytest.fixture(scope="session")
def checkpoint(host) -> str:
    """A small checkpoint of random weights with every part, at the server."""
    path = host.checkpoints_directory / "random.safetensors"
    write_random_checkpoint(path)
    return path.name


def _place(source: Path | bytes, target: Path) -> str:
    if isinstance(source, bytes):
        target.write_bytes(source)
    else:
        shutil.copyfile(source, target)
    return target.name
