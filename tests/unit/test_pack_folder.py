"""The name of the pack's folder in custom_nodes."""

from pathlib import Path

import pytest

from dragnuwa.host.pack_folder import EDITOR, copies_in, copy_problems, name_problems


@pytest.mark.parametrize("name", ["drag nuwa", "drag\xe9", "\u540d", "a%20b", "a#b"])
def test_a_name_that_the_page_cannot_be_served_from(name):
    (problem,) = name_problems(Path("/custom_nodes", name))
    assert "Rename the folder" in problem


@pytest.mark.parametrize("name", ["ComfyUI-DragNUWA", "comfyui-dragnuwa_main", "nodes.v2", "dragnuwa"])
def test_names_that_work(name):
    assert not list(name_problems(Path("/custom_nodes", name)))


@pytest.fixture
def positions(tmp_path):
    """places(name, ...): folders of packs, one with the pack under these names and one that is not there."""

    def made(*names: str) -> tuple[Path, Path]:
        for name in names:
            (tmp_path / name / EDITOR).parent.mkdir(parents=True)
            (tmp_path / name / EDITOR).touch()
        (tmp_path / "other pack").mkdir()
        return tmp_path, tmp_path / "no such folder"

    return made


def test_a_pack_that_is_there_twice_is_told(positions):
    copies = copies_in(positions("ComfyUI-DragNUWA", "dragnuwa-1.5.0"))  # ComfyUI loads both
    (problem,) = copy_problems(copies)
    assert 'as "ComfyUI-DragNUWA" and "dragnuwa-1.5.0"' in problem and "Remove all but one" in problem


def test_a_copy_that_is_switched_off_is_none(positions):
    copies = copies_in(positions("ComfyUI-DragNUWA", "dragnuwa.disabled", ".disabled"))
    assert [copy.name for copy in copies] == ["ComfyUI-DragNUWA"]
    assert not list(copy_problems(copies))
