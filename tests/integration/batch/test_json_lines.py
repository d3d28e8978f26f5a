"""Jobs as JSON lines at the running server: inputs by title and id, uploads, and a table of drags from a file."""

import json
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from tests.support.commands import run_python

WORKFLOW = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "anything.png"}, "_meta": {"title": "Load Image"}},
    "2": {
        "class_type": "DragNUWATrajectoryEditor",
        "inputs": {"image": ["1", 0], "trajectories": "[]", "width": 64, "height": 64, "frames": 2, "fit": "crop"},
        "_meta": {"title": "Drags, v1.5"},
    },
    "3": {
        "class_type": "DragNUWAPreviewTrajectories",
        "inputs": {"image": ["2", 1], "trajectories": ["2", 0], "frames": ["2", 4]},
    },
    "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "batch"}},
}
CSV = "frame,track,x,y,visible\n0,1,5,60,1\n1,1,60,60,1\n"
LIST = "[[[5, 5], [60, 5]]]"


def run_batch(host, folder: Path, *jobs: dict) -> subprocess.CompletedProcess:
    (folder / "workflow.json").write_text(json.dumps(WORKFLOW))
    (folder / "jobs.jsonl").write_text("\n".join(map(json.dumps, jobs)))
    arguments = [folder / "workflow.json", folder / "jobs.jsonl", folder / "out", "--server", host.url]
    return run_python("-m", "dragnuwa.batch", *arguments, timeout=120)


def drawn_rows(folder: Path) -> set[int]:
    """The quarters of the height in which something is drawn over the plain picture, in any frame."""
    rows = set()
    for path in folder.iterdir():
        picture = np.asarray(Image.open(path).convert("RGB")).astype(int)
        differs = abs(picture - picture[32, 32]).sum(-1) > 60  # the middle is free of drags
        rows |= {int(row) // 16 for row in np.flatnonzero(differs.any(1))}
    return rows


def test_drags_from_a_table_and_from_the_line_itself(host, tmp_path):
    Image.new("RGB", (64, 64), "black").save(tmp_path / "bird.png")
    (tmp_path / "drags.csv").write_text(CSV)
    picture = {"Load Image": {"image": {"upload": "bird.png"}}}
    done = run_batch(
        host,
        tmp_path,
        {"name": "table", "inputs": {**picture, "Drags, v1.5": {"trajectories": {"read": "drags.csv"}}}},
        {"name": "list", "inputs": {**picture, "2": {"trajectories": LIST, "frames": 3}}},
    )
    assert done.returncode == 0, done.stderr
    assert [len(list((tmp_path / "out" / name).iterdir())) for name in ("table", "list")] == [2, 3]
    assert drawn_rows(tmp_path / "out" / "table") == {3}
    assert drawn_rows(tmp_path / "out" / "list") == {0}


def test_a_mistake_ends_before_anything_is_queued(host, tmp_path):
    done = run_batch(host, tmp_path, {"name": "a", "inputs": {}}, {"name": "b", "inputs": {"2": {"widht": 64}}})
    assert done.returncode == 2
    assert "line 2: 'Drags, v1.5' has no input 'widht'. It has image, trajectories, width, height" in done.stderr
    assert not (tmp_path / "out").exists()
