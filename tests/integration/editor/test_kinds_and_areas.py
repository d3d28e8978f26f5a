"""Paths that become anchors, areas that are moved as one, and what is undone, in ComfyUI's real page."""

import pytest

from tests.integration.editor.driver import NODE, OURS, near, workflow

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
    near(editor.points(0), [(x + 10 / 576, y) for x, y in [(0.2, 0.3), (0.4, 0.3), (0.4, 0.6)]], pixels=0.01)
    for _ in range(3):
        editor.page.keyboard.press("Control+z", delay=80)
    assert editor.text == OURS


def test_an_area_is_outlined_and_pulled(editor):
    editor.open(workflow())
    editor.page.keyboard.press("Escape")
    editor.part("tool-area").click()
    editor.settle()
    assert "Draw round" in editor.part("status").inner_text()
    corners = [(0.2, 0.3), (0.4, 0.3), (0.4, 0.7), (0.2, 0.7), (0.2, 0.32)]
    editor.drag(*corners)
    assert editor.tracks == [] and "pull" in editor.part("status").inner_text()
    editor.drag((0.3, 0.5), (0.5, 0.4))
    tracks = editor.tracks
    assert 6 <= len(tracks) <= 20
    assert len({track["color"] for track in tracks}) == 1
    for (x, y), (to_x, to_y) in (editor.points(k) for k in range(len(tracks))):
        assert 0.2 <= x <= 0.4 and 0.3 <= y <= 0.7
        assert (to_x - x, to_y - y) == pytest.approx((0.2, -0.1), abs=0.01)
    editor.page.keyboard.press("ArrowRight")  # they are selected, and move like drawn ones
    assert editor.points(0)[0][0] == pytest.approx(tracks[0]["points"][0]["x"] + 1 / 576)
    editor.page.keyboard.press("Control+z", delay=80)
    editor.page.keyboard.press("Control+z", delay=80)
    assert editor.tracks == []


def test_a_rectangle_is_an_area_too(editor):
    editor.open(workflow())
    editor.part("tool-area").click()
    editor.page.keyboard.down("Shift")
    editor.drag((0.2, 0.2), (0.4, 0.7))
    editor.page.keyboard.up("Shift")
    editor.drag((0.22, 0.65), (0.22, 0.45))
    xs, ys = zip(*(editor.points(k)[0] for k in range(len(editor.tracks))), strict=True)
    assert 0.2 < min(xs) < 0.25 and 0.35 < max(xs) < 0.4
    assert 0.2 < min(ys) < 0.3 and 0.6 < max(ys) < 0.7


def test_an_area_is_cancelled_by_escape_and_by_another_tool(editor):
    editor.open(workflow(OURS))
    for leave in ["Escape", "v"]:
        editor.part("tool-area").click()
        editor.drag((0.6, 0.1), (0.8, 0.1), (0.8, 0.3), (0.6, 0.3))
        editor.page.keyboard.press(leave)
        editor.part("tool-area").click()
        editor.settle()
        assert "Draw round" in editor.part("status").inner_text()
        editor.click(0.7, 0.2)
        assert editor.text == OURS


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
    editor.open(workflow(texts[1]))
    assert not editor.part("undo").is_enabled(), "another workflow has nothing to undo"
