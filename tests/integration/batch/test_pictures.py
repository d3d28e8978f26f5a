"""`python -m dragnuwa.batch` at the running server: a small workflow of the pack's nodes, on a folder of pictures."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.support.commands import run_python

ROOT = Path(__file__).resolve().parents[3]
DRAG = '[[{"x": 10, "y": 10}, {"x": 50, "y": 40}]]'
PROMPT = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "anything.png"}},
    "2": {
        "class_type": "DragNUWATrajectoryEditor",
        "inputs": {"image": ["1", 0], "trajectories": DRAG, "width": 64, "height": 64, "frames": 2, "fit": "crop"},
    },
    "3": {
        "class_type": "DragNUWAPreviewTrajectories",
        "inputs": {"image": ["2", 1], "trajectories": ["2", 0], "frames": ["2", 4]},
    },
    "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "batch"}},
}


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two pictures of one name but for its ending, and one that is none."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.new("RGB", (90, 70), "red").save(pictures / "bird.png")
    Image.new("RGB", (70, 90), "green").save(pictures / "bird.jpg")
    (pictures / "broken.png").write_bytes(b"not a picture")
    (tmp_path / "prompt.json").write_text(json.dumps(PROMPT))
    return tmp_path


@pytest.fixture
def batch(host, folder):
    """batch(*options): run the command on the folder; gives the finished process."""

    def run(*options, workflow="prompt.json"):
        positions = [folder / workflow, folder / "pictures", folder / "out"]
        return run_python("-m", "dragnuwa.batch", *positions, "--server", host.url, *options, timeout=300)

    return run


def shown(folder: Path) -> list[str]:
    """What a person sees in OUT."""
    return sorted(path.name for path in (folder / "out").iterdir() if not path.name.startswith("."))


def color(folder: Path, name: str) -> tuple[int, ...]:
    """Of a corner, far from the drag."""
    first = min((folder / "out" / name).iterdir())
    return Image.open(first).convert("RGB").getpixel((62, 2))


def test_a_folder_of_pictures(batch, folder):
    first = batch()
    assert first.returncode == 1
    assert "1 failed: broken.png" in first.stderr
    assert shown(folder) == ["bird.jpg", "bird.png"]
    assert [len(list((folder / "out" / name).iterdir())) for name in ("bird.jpg", "bird.png")] == [2, 2]
    assert color(folder, "bird.png")[0] > 200 and color(folder, "bird.jpg")[1] > 100

    # What is done is not done again; what failed is.
    shutil.copyfile(folder / "pictures" / "bird.png", folder / "pictures" / "broken.png")
    kept = {path: path.stat().st_mtime_ns for path in (folder / "out").glob("bird*/*")}
    again = batch()
    assert again.returncode == 0, again.stderr
    assert "3 pictures, 2 of them done before" in again.stderr
    assert kept == {path: path.stat().st_mtime_ns for path in (folder / "out").glob("bird*/*")}
    assert color(folder, "broken.png")[0] > 200


def test_drags_by_file_name(batch, folder):
    """Only the pictures that have drags are queued, with theirs: a drag elsewhere gives another preview."""
    assert batch().returncode == 1
    plain = [path.read_bytes() for path in sorted((folder / "out" / "bird.png").iterdir())]
    shutil.rmtree(folder / "out")
    drags = folder / "drags.json"
    drags.write_text(json.dumps({"bird.png": [[{"x": 50, "y": 5}, {"x": 5, "y": 60}]]}))
    done = batch("--drags", drags)
    assert done.returncode == 0, done.stderr
    assert shown(folder) == ["bird.png"]
    assert [path.read_bytes() for path in sorted((folder / "out" / "bird.png").iterdir())] != plain


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda prompt: {"nodes": [], "links": []}, "Export it with File > Export (API)"),
        (lambda prompt: [1], "is not a workflow in the API format"),
        (lambda prompt: {key: prompt[key] for key in "234"}, "one LoadImage node in it; 0 were found"),
        (lambda prompt: prompt | {"9": prompt["1"]}, "only: 1, 9; 2 were found. See --loader"),
    ],
)
def test_a_workflow_that_cannot_be_used(batch, folder, change, said):
    (folder / "odd.json").write_text(json.dumps(change(PROMPT)))
    done = batch(workflow="odd.json")
    assert done.returncode == 2
    assert said in done.stderr


def test_drags_of_a_picture_that_is_not_there(batch, folder):
    drags = folder / "drags.json"
    drags.write_text(json.dumps({"fish.png": [[[1, 2], [3, 4]]]}))
    done = batch("--drags", drags)
    assert done.returncode == 2
    assert "drags of 'fish.png', which is not among the pictures" in done.stderr


def test_no_server(folder):
    positions = [folder / "prompt.json", folder / "pictures", folder / "out"]
    done = run_python("-m", "dragnuwa.batch", *positions, "--server", "http://127.0.0.1:9", timeout=120)
    assert done.returncode == 1
    assert "no ComfyUI answers at http://127.0.0.1:9" in done.stderr
