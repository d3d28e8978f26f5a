"""The main job, by mouse alone: a template, a picture, two drags, when one of them starts, Run, and the video."""

import json
from pathlib import Path

import av
import pytest

from scripts.editor_driver import EMPTY, EditorDriver, near
from scripts.frontend import press_run
from tests.integration.editor.renderers import mainly_in

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("vue")

TEMPLATE = Path(__file__).resolve().parents[3] / "workflows" / "more" / "The small model alone.json"
FRAMES = 8


def test_a_picture_is_drawn_on_and_becomes_a_video(editor_page, host):
    """On the small model that comes with the pack, as the template has it, with fewer steps."""
    graph = json.loads(TEMPLATE.read_text(encoding="utf-8"))
    nodes = {node["type"]: node for node in graph["nodes"]}
    nodes["DragNUWATrajectoryEditor"]["widgets_values"][0] = EMPTY
    (blueprint,) = graph["definitions"]["subgraphs"]
    (sampler,) = (node for node in blueprint["nodes"] if node["type"] == "KSampler")
    sampler["widgets_values"][2] = 2
    editor = EditorDriver(editor_page, size=(160, 104))
    editor.open(graph)
    editor.wait_for_pixel(0.5, 0.5)

    for place in [(0.27, 0.47), (0.24, 0.36), (0.3, 0.26)]:
        editor.click(*place)
    editor_page.mouse.dblclick(*editor.at(0.3, 0.26))
    editor.drag((0.75, 0.47), (0.75, 0.3), (0.65, 0.2))
    lane = editor.part("row").nth(0).locator(".dnw-lane").bounding_box()
    start = editor.part("row").nth(0).locator("[data-end=start]").bounding_box()
    y = start["y"] + start["height"] / 2
    editor_page.mouse.move(start["x"] + start["width"] / 2, y)
    editor_page.mouse.down()
    editor_page.mouse.move(lane["x"] + lane["width"] * 3 / (FRAMES - 1), y, steps=4)
    editor_page.mouse.up()
    editor.part("play").click()
    editor_page.wait_for_function("() => !/^1 /.test(document.querySelector('[data-testid=dragnuwa-frame]').value)")
    editor.part("play").click()

    clicked, drawn = editor.tracks
    near(editor.points(0), [(0.27, 0.47), (0.24, 0.36), (0.3, 0.26)])
    assert clicked["start"] == pytest.approx(3 / (FRAMES - 1)) and drawn["start"] == 0
    entry = press_run(editor_page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]
    asked = {node["class_type"]: node["inputs"] for node in entry["prompt"][2].values()}
    assert asked["DragNUWATrajectoryEditor"]["trajectories"] == editor.text
    saved = [item for found in entry["outputs"].values() for item in found.get("images", [])]
    (video,) = (item for item in saved if item["filename"].endswith(".mp4"))
    with av.open(str(host.output_directory / video["subfolder"] / video["filename"])) as container:
        assert sum(1 for _ in container.decode(video=0)) == FRAMES
