"""Paths that become anchors, areas of earlier versions, and what is undone, in ComfyUI's real page."""

import json

import pytest

from scripts.editor_driver import NODE, OURS, near, workflow

# What it tests is the same in both renderers; other files have the pointer and the keys in both.
pytestmark = pytest.mark.parametrize("editor_page", ["classic"], indirect=True, scope="module")

GRAPHS = "async way => { await app.extensionManager.workflow.activeWorkflow.changeTracker[way]() }"


def test_a_path_becomes_an_anchor_and_a_path_again(editor):
    editor.open(workflow(OURS))
    before = editor.tracks[0]
    editor.page.locator(".dnw-name").nth(0).click()
    editor.part("properties").click()
    kind = editor.part("kind").locator("select")
    kind.select_option("anchor")
    anchor = editor.tracks[0]
    assert anchor == {**before, **anchor, "kind": "anchor", "points": before["points"][:1]}
    editor.settle()
    assert not editor.part("spline").is_visible() and editor.part("start").is_visible()
    editor.page.keyboard.press("Shift+ArrowRight")
    editor.settle()
    kind.select_option("path")
    near(editor.points(0), [(x + 0.01, y) for x, y in [(0.2, 0.3), (0.4, 0.3), (0.4, 0.6)]], pixels=0.01)
    for _ in range(3):
        editor.page.keyboard.press("Control+z", delay=80)
    assert editor.text == OURS


AREA = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [
    {"name": f"area {k + 1}", "points": [{"x": x, "y": y}, {"x": x + 0.2, "y": y - 0.1}]}
    for k, (x, y) in enumerate((x, y) for y in (0.4, 0.5, 0.6) for x in (0.2, 0.3, 0.4))
]})  # fmt: skip


def test_an_area_of_an_earlier_version_stays_as_it_is_until_one_asks_for_an_object(editor):
    editor.open(workflow(AREA))
    assert editor.text == AREA
    editor.page.locator(".dnw-name").first.click()
    editor.part("properties").click()
    editor.settle()
    assert editor.part("duplicate").is_visible() and not editor.part("make-object").is_visible()
    editor.page.keyboard.press("Control+a")
    editor.part("make-object").click()
    drawn = json.loads(editor.text)
    (thing,) = drawn["objects"]
    assert drawn["tracks"] == [] and len(thing["motion"]["points"]) == 2
    editor.page.keyboard.press("Control+z")
    assert editor.text == AREA


def test_what_was_drawn_can_still_be_undone_after_the_graphs_undo(editor):
    editor.open(workflow())
    texts = [editor.text]
    for x in (0.2, 0.4, 0.6):
        editor.drag((x, 0.2), (x + 0.1, 0.6))
        texts.append(editor.text)
    node = editor.page.evaluate_handle(f"() => {NODE}")
    editor.page.evaluate(GRAPHS, "undo")
    editor.wait_until_shown()
    assert not editor.page.evaluate(f"node => node === {NODE}", node), "the graph makes the node anew"
    assert editor.text == texts[2]
    editor.part("tool-select").click()
    for expected in [texts[1], texts[0]]:
        editor.page.keyboard.press("Control+z", delay=80)
        assert editor.text == expected == editor.prompted
    for expected in texts[1:]:
        editor.page.keyboard.press("Control+Shift+z", delay=80)
        assert editor.text == expected
    editor.open_in_a_tab(workflow(texts[1]))
    assert not editor.part("undo").is_enabled(), "another workflow has nothing to undo"
