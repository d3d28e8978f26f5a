"""What is published: the registry's archive, and the wheel of the library."""

import zipfile
from pathlib import Path

import pytest

from scripts import archive


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
