"""The name of the pack's folder in custom_nodes."""

from pathlib import Path

import pytest

from dragnuwa.host.pack_folder import EDITOR, warn_of_copies, warn_of_name


@pytest.mark.parametrize("name", ["drag nuwa", "drag\xe9", "\u540d", "a%20b", "a#b"])
def test_a_name_that_the_page_cannot_be_served_from(name, caplog):
    warn_of_name(Path("/custom_nodes", name))
    assert "Rename the folder" in caplog.text


@pytest.mark.parametrize("name", ["ComfyUI-DragNUWA", "comfyui-dragnuwa_main", "nodes.v2"])
def test_names_that_work(name, caplog):
    warn_of_name(Path("/custom_nodes", name))
    assert not caplog.text


@pytest.fixture
def places(tmp_path):
    """places(name, ...): folders of packs, one with the pack under these names and one that is not there."""

    def made(*names: str) -> tuple[Path, Path]:
        for name in names:
            (tmp_path / name / EDITOR).parent.mkdir(parents=True)
            (tmp_path / name / EDITOR).touch()
        (tmp_path / "other pack").mkdir()
        return tmp_path, tmp_path / "no such folder"

    return made


def test_a_pack_that_is_there_twice_is_told_once(places, tmp_path, caplog):
    roots = places("ComfyUI-DragNUWA", "dragnuwa-1.5.0")
    for name in ("ComfyUI-DragNUWA", "dragnuwa-1.5.0"):  # ComfyUI loads both
        warn_of_copies(tmp_path / name, roots)
    (message,) = caplog.messages
    assert 'as "ComfyUI-DragNUWA" and "dragnuwa-1.5.0"' in message and "Remove all but one" in message


def test_a_copy_that_is_switched_off_is_none(places, tmp_path, caplog):
    roots = places("ComfyUI-DragNUWA", "dragnuwa.disabled", ".disabled")
    warn_of_copies(tmp_path / "ComfyUI-DragNUWA", roots)
    assert not caplog.text
