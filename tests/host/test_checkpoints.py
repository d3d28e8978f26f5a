"""Which checkpoints DragNUWA Load Checkpoint offers, and which file a name means."""

import folder_paths
import pytest

from dragnuwa.host.fusion import load


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """The pack's folder and one of ComfyUI's, both empty."""
    own, theirs = tmp_path / "pack", tmp_path / "comfyui"
    own.mkdir()
    theirs.mkdir()
    extensions = folder_paths.supported_pt_extensions
    monkeypatch.setitem(folder_paths.folder_names_and_paths, "checkpoints", ([str(theirs)], extensions))
    monkeypatch.setattr(folder_paths, "filename_list_cache", {})
    return own, theirs


def test_the_packs_own_model_comes_first_and_is_named_once(folders):
    own, theirs = folders
    for file in (own / "tiny.safetensors", theirs / "a.safetensors", theirs / "tiny.safetensors", own / "card.md"):
        file.touch()
    assert load.checkpoint_names(own) == ["tiny.safetensors", "a.safetensors"]


def test_a_file_in_comfyuis_folder_comes_before_the_packs_of_the_same_name(folders):
    own, theirs = folders
    (own / "tiny.safetensors").touch()
    assert load.checkpoint_path("tiny.safetensors", own) == str(own / "tiny.safetensors")
    (theirs / "tiny.safetensors").touch()
    assert load.checkpoint_path("tiny.safetensors", own) == str(theirs / "tiny.safetensors")


@pytest.mark.parametrize("name", ["missing.safetensors", "../pack/tiny.safetensors", "card.md"])
def test_no_other_file_is_reached(folders, name):
    own, _ = folders
    (own / "tiny.safetensors").touch()
    (own / "card.md").touch()
    with pytest.raises(FileNotFoundError, match=name.split("/")[-1]):
        load.checkpoint_path(name, own)
