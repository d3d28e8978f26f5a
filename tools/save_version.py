"""Keeps what this version saves in tests/saved/, so that later versions are tested to open it. For each release.

    .venv/bin/python tools/save_version.py

Writes tests/saved/VERSION/ with what no earlier version has saved: templates with a node, or a set of inputs of the
pack's nodes, that is new, and drawings with what the format has gained. A folder that is there is not touched.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

from dragnuwa.trajectory import parse
from scripts import project
from tools.templates import template_sources

ROOT = project.ROOT
SAVED = ROOT / "tests" / "saved"
WIDTH, HEIGHT, FRAMES = 576, 320, 14
SQUARE = [{"x": 0.3, "y": 0.3}, {"x": 0.5, "y": 0.3}, {"x": 0.5, "y": 0.6}, {"x": 0.3, "y": 0.6}]
HOLE = [{"x": 0.38, "y": 0.4}, {"x": 0.42, "y": 0.4}, {"x": 0.42, "y": 0.5}]
PATH = {"points": [{"x": 0.4, "y": 0.45}, {"x": 0.7, "y": 0.5}], "spline": "linear", "ease": "ease_in"}
KEYS = {"keys": [{"t": 0.2, "x": 0.1}, {"t": 1, "x": 0.2, "y": -0.1, "rotation": 90, "scale": 1.5, "ease": "linear"}]}
# Drawings in version 2 of the format, which together have everything that it can say of an object.
DRAWINGS = {
    "an object on a path": {"motion": PATH, "start": 0.1, "end": 0.9, "visible": [[0, 0.8]], "group": "cups"},
    "an object with a hole, moved by keys": {"outline": [SQUARE, HOLE], "motion": KEYS},
    "an object with an edge and a shadow": {
        "motion": PATH,
        "edge": "exact",
        "grow": 0.01,
        "feather": 0.005,
        "shutter": 0.5,
        "shadow": [[{"x": 0.3, "y": 0.6}, {"x": 0.5, "y": 0.6}, {"x": 0.6, "y": 0.7}]],
        "fill_from": [[{"x": 0.6, "y": 0.2}, {"x": 0.9, "y": 0.2}, {"x": 0.9, "y": 0.5}]],
    },
    "an object at a distance": {"motion": PATH, "distance": 2.5},
    "an object with a text of its own": {"motion": PATH, "text": "a red bird, wings open"},
    "a thing followed in a video": {
        "motion": PATH,
        "edit": "copied",
        "delay": 0.1,
        "at": 0.25,
        "followed": {"version": 1, "outlines": [{"at": 0.5, "outline": [SQUARE]}]},
    },
}


def kinds(prompt: dict) -> set[tuple[str, frozenset[str]]]:
    """Each node in a prompt: its type, and for the pack's own the set of its inputs."""
    return {
        (node["class_type"], frozenset(node["inputs"] if node["class_type"].startswith("DragNUWA") else ()))
        for node in prompt.values()
    }


def read(paths: Iterable[Path]) -> dict[Path, dict]:
    return {path: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def save_templates(folder: Path) -> list[str]:
    """Copies the templates that have something new, the one with the most first, and returns their names."""
    seen = set().union(*map(kinds, read(SAVED.glob("*/api/*.json")).values()))
    waiting = {path: kinds(prompt) for path, prompt in read((ROOT / "workflows" / "api").glob("*.json")).items()}
    sources = template_sources()
    saved = []
    while waiting:
        path = max(waiting, key=lambda one: (len(waiting[one] - seen), one.name))
        new = waiting.pop(path) - seen
        if not new:
            break
        seen |= new
        page = ROOT / "workflows" / f"{sources[path.stem].path}.json"
        for source, kind in ((path, "api"), (page, "workflows")):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / kind / path.name)
        saved.append(path.stem)
    return saved


def save_drawings(path: Path) -> None:
    entries = []
    for name, fields in DRAWINGS.items():
        drawn = {"id": "o1", "outline": [SQUARE], "pivot": {"x": 0.4, "y": 0.45}, **fields}
        value = {"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": [drawn], "horizon": 0.4}
        text = json.dumps(value)
        drags = parse(text, width=WIDTH, height=HEIGHT)
        points, visible = drags.sample(FRAMES, WIDTH, HEIGHT)
        entries.append(
            {
                "name": name,
                "text": text,
                "canonical": drags.to_json(),
                "points": points.round(6).tolist(),
                "visible": visible.astype(int).tolist(),
            }
        )
    path.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    folder = SAVED / project.version()
    if folder.exists():
        print(f"{folder.relative_to(ROOT)} is there; what a version has saved is never changed.", file=sys.stderr)
        return 1
    folder.mkdir()
    print("templates:", ", ".join(save_templates(folder)) or "none has anything new")
    save_drawings(folder / "drags.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
