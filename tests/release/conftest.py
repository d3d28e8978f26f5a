"""What is published: the registry's archive, and the wheel of the library."""

import zipfile
from pathlib import Path

import pytest

from scripts import archive
from scripts.host import HostProcess, find_installation
from tests.release import wheel


@pytest.fixture(scope="session")
def packed(tmp_path_factory) -> Path:
    """The archive."""
    path = tmp_path_factory.mktemp("archive") / "node.zip"
    archive.write(path)
    return path


@pytest.fixture(scope="session")
def unpacked(packed, tmp_path_factory) -> Path:
    """A custom_nodes folder into which the archive was unpacked, as ComfyUI's Manager does, under the registry's id."""
    folder = tmp_path_factory.mktemp("base") / "custom_nodes" / "dragnuwa"
    with zipfile.ZipFile(packed) as opened:
        opened.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def fresh(unpacked, tmp_path_factory):
    """A running ComfyUI in which the archive is the only pack."""
    installation = find_installation()
    base = unpacked.parents[1]
    log = tmp_path_factory.mktemp("log") / "comfyui.log"
    with HostProcess(installation.python, installation.comfyui, base, log_path=log, pack=unpacked) as server:
        yield server


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """The wheel."""
    return wheel.build(tmp_path_factory.mktemp("wheel"))
