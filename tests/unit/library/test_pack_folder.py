"""The name of the pack's folder in custom_nodes."""

from pathlib import Path

import pytest

from dragnuwa.host.pack_folder import warn_of_name


@pytest.mark.parametrize("name", ["drag nuwa", "drag\xe9", "\u540d", "a%20b", "a#b"])
def test_a_name_that_the_page_cannot_be_served_from(name, caplog):
    warn_of_name(Path("/custom_nodes", name))
    assert "Rename the folder" in caplog.text


@pytest.mark.parametrize("name", ["ComfyUI-DragNUWA", "comfyui-dragnuwa_main", "nodes.v2"])
def test_names_that_work(name, caplog):
    warn_of_name(Path("/custom_nodes", name))
    assert not caplog.text
