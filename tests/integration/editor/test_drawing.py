"""Drawing in the trajectory editor by mouse and keys, in ComfyUI's real page and both renderers."""

import json

import pytest
from playwright.sync_api import expect

from scripts.editor_driver import HEIGHT, NODE, OURS, WIDTH, near, workflow
from tests.integration.editor.renderers import mainly_in
from tests.support.drawings import tracks_value
from tests.support.waiting import wait_until


def test_two_drags_by_mouse_alone_reach_the_prompt(editor):
    editor.open(workflow())
    for place in [(0.2, 0.6), (0.3, 0.3), (0.42, 0.56)]:
        editor.click(*place)
    editor.page.mouse.dblclick(*editor.at(0.42, 0.56))
    editor.drag((0.6, 0.2), (0.7, 0.35), (0.85, 0.35))
    clicked, drawn = editor.tracks
    near(editor.points(0), [(0.2, 0.6), (0.3, 0.3), (0.42, 0.56)])
    near([editor.points(1)[0], editor.points(1)[-1]], [(0.6, 0.2), (0.85, 0.35)])
    assert 3 <= len(drawn["points"]) <= 6, "freehand is simplified"
    assert drawn["timing"] == "arc_length" and clicked["timing"] == "points"
    assert editor.prompted == editor.text


@mainly_in("vue")
def test_a_value_is_given_back_as_it_came_until_something_is_drawn(editor):
    editor.open(workflow(OURS))
    assert editor.text == OURS
    editor.draw((0.7, 0.2), (0.8, 0.4))
    assert len(editor.tracks) == 3
    editor.page.keyboard.press("Control+z")
    editor.page.keyboard.press("Control+z")
    assert editor.text == OURS


@mainly_in("vue")
def test_its_own_undo_and_redo_take_single_gestures(editor):
    editor.open(workflow(OURS))
    editor.click(0.2, 0.3)
    editor.drag((0.2, 0.3), (0.25, 0.5))
    moved = editor.points(0)
    near(moved, [(0.25, 0.5), (0.4, 0.3), (0.4, 0.6)])
    node = editor.page.evaluate_handle(f"() => {NODE}")
    editor.page.keyboard.press("Control+z", delay=80)
    near(editor.points(0), [(0.2, 0.3), (0.4, 0.3), (0.4, 0.6)], pixels=0.01)
    editor.page.keyboard.press("Control+Shift+z", delay=80)
    near(editor.points(0), moved, pixels=0.01)
    editor.part("undo").click()
    editor.page.keyboard.press("Control+z", delay=80)  # nothing left: still not the graph's undo
    editor.settle()
    redo = "() => app.extensionManager.workflow.activeWorkflow.changeTracker.redoQueue.length"
    assert editor.page.evaluate(redo) == 0, "the graph's undo has run"
    assert editor.page.evaluate(f"node => node === {NODE}", node), "the graph was loaded anew"
    assert editor.text == OURS


@mainly_in("vue")
def test_points_and_tracks_move_lines_take_points_and_delete_removes(editor):
    editor.open(workflow(OURS))
    editor.click(0.75, 0.75)  # the line of the second track: selects it
    assert editor.text == OURS
    editor.page.keyboard.press("v")
    editor.drag((0.75, 0.75), (0.70, 0.65))
    near(editor.points(1), [(0.55, 0.7), (0.85, 0.6)])
    editor.page.keyboard.press("p")
    editor.drag((0.55, 0.7), (0.56, 0.72))  # a point of it: that point alone
    near(editor.points(1), [(0.56, 0.72), (0.85, 0.6)])
    editor.page.keyboard.press("Control+z")
    editor.click(0.70, 0.65)  # the line of a selected track: a point in it
    near(editor.points(1), [(0.55, 0.7), (0.70, 0.65), (0.85, 0.6)])
    editor.page.keyboard.press("Delete")
    assert len(editor.points(1)) == 2
    editor.page.keyboard.press("Control+a")
    editor.page.keyboard.press("ArrowRight")
    near(editor.points(0), [(0.2 + 1 / WIDTH, 0.3), (0.4 + 1 / WIDTH, 0.3), (0.4 + 1 / WIDTH, 0.6)], pixels=0.01)
    editor.page.keyboard.press("Shift+ArrowDown")
    assert editor.points(0)[0][1] == pytest.approx(0.31)
    editor.page.keyboard.press("Delete")
    assert editor.tracks == []
    assert editor.page.evaluate(f"() => Boolean({NODE})"), "Delete was the editor's, not the graph's"


def test_a_stroke_on_a_drag_draws_another_one_unless_it_begins_on_a_point_of_the_selected(editor):
    editor.open(workflow(OURS))
    before = [editor.points(k) for k in (0, 1)]
    editor.page.keyboard.press("End")
    editor.drag((0.2, 0.3), (0.3, 0.8))  # on a point of a drag that is not selected
    assert len(editor.tracks) == 3 and [editor.points(k) for k in (0, 1)] == before
    near([editor.points(2)[0]], [(0.2, 0.3)])
    assert editor.part("frame").inner_text().startswith("1 "), "what is drawn starts on the first frame"
    editor.drag((0.25, 0.55), (0.6, 0.5))  # on the line of the selected one
    assert len(editor.tracks) == 4
    editor.drag((0.6, 0.5), (0.65, 0.4))  # on its last point
    assert len(editor.tracks) == 4
    near([editor.points(3)[-1]], [(0.65, 0.4)])


@mainly_in("vue")
def test_clear_removes_everything_and_is_one_step_of_undo(editor):
    editor.open(workflow(OURS))
    editor.part("clear").click()
    assert editor.tracks == []
    expect(editor.part("clear")).to_be_disabled()
    editor.part("undo").click()
    assert editor.text == OURS


def test_the_marquee_copy_and_paste_and_escape(editor):
    editor.open(workflow(OURS))
    editor.click(0.05, 0.95)
    editor.page.keyboard.press("Escape")  # the point just set is cancelled
    assert editor.text == OURS
    editor.page.keyboard.press("v")
    editor.drag((0.55, 0.6), (0.95, 0.9))
    editor.page.keyboard.press("Control+c", delay=80)
    editor.page.keyboard.press("Control+v", delay=80)
    editor.wait_for_tracks(3)
    assert [track["name"] for track in editor.tracks] == ["one", "two", "two"]
    assert len({track["id"] for track in editor.tracks}) == 3


def test_keys_anchor_draw_and_time(editor):
    editor.open(workflow(OURS))
    editor.part("tool-select").click()
    editor.page.keyboard.press("a")
    editor.click(0.1, 0.9)
    anchor = editor.tracks[-1]
    assert (anchor["kind"], len(anchor["points"])) == ("anchor", 1)
    box = editor.part("row").nth(0).locator(".dnw-lane").bounding_box()
    end = editor.part("row").nth(0).locator("[data-end=end]").bounding_box()
    editor.page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2)
    editor.page.mouse.down()
    editor.page.mouse.move(box["x"] + box["width"] * 6 / 13, end["y"] + 4, steps=4)
    editor.page.mouse.up()
    assert editor.tracks[0]["end"] == pytest.approx(6 / 13)


@mainly_in("vue")
def test_playing_goes_through_the_frames_and_changes_nothing(editor):
    editor.open(workflow(OURS))
    assert editor.part("frame").inner_text() == "1 / 14"
    editor.part("play").click()
    editor.page.wait_for_function("() => !/^1 /.test(document.querySelector('[data-testid=dragnuwa-frame]').value)")
    editor.part("play").click()
    assert editor.text == OURS


@mainly_in("vue")
def test_the_panel_changes_what_is_selected(editor):
    editor.open(workflow(OURS))
    editor.page.locator(".dnw-name").nth(1).click()
    editor.part("properties").click()
    editor.part("spline").locator("select").select_option("bezier")
    editor.part("visible").locator("input").fill("1-5, 9-14")
    editor.page.keyboard.press("Enter")
    track = editor.tracks[1]
    assert track["spline"] == "bezier" and track["points"][0]["out"] and track["points"][1]["in"]
    assert track["visible"] == [[0, pytest.approx(4 / 13)], [pytest.approx(8 / 13), 1]]
    assert json.loads(OURS)["tracks"][0]["points"] == editor.tracks[0]["points"]


@mainly_in("vue")
def test_a_hundred_tracks_are_drawn_and_moved(editor):
    tracks = [
        {"points": [{"x": (k % 10) / 10 + 0.02 + 0.003 * i, "y": k // 10 / 10 + 0.02 + 0.003 * i} for i in range(20)]}
        for k in range(100)
    ]
    editor.open(workflow(json.dumps(tracks_value(*tracks))))
    editor.click(0.02, 0.02)
    editor.page.keyboard.down("Alt")  # no snapping
    editor.drag((0.02, 0.02), (0.05, 0.2))
    editor.page.keyboard.up("Alt")
    near(editor.points(0)[:1], [(0.05, 0.2)])
    assert len(editor.tracks) == 100

    # All together: they are moved as a picture, and computed once, at the end.
    shifted = "() => [...document.querySelectorAll('.dnw-canvas')].filter(e => e.style.transform).length"
    before, line = editor.text, editor.points(99)
    editor.page.keyboard.press("Control+a")
    editor.page.keyboard.press("v")
    for leave in ("Escape", None):
        editor.page.mouse.move(*editor.at(*line[5]))
        editor.page.mouse.down()
        editor.page.mouse.move(*editor.at(line[5][0] - 0.1, line[5][1] - 0.2), steps=5)
        editor.settle()
        assert editor.page.evaluate(shifted) == 1 and editor.text == before
        if leave:
            editor.page.keyboard.press(leave)
        editor.page.mouse.up()
        editor.settle()
        assert editor.page.evaluate(shifted) == 0
        assert (editor.text == before) == bool(leave)
    moved = [(x - 0.1, y - 0.2) for x, y in line]
    near(editor.points(99), moved)
    editor.page.keyboard.press("Control+z", delay=80)
    assert editor.text == before


PASTE = """text => {
    const data = new DataTransfer()
    data.setData('text/plain', text)
    const paste = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})
    document.activeElement.dispatchEvent(paste)
}"""


@mainly_in("vue")
def test_other_formats_are_pasted_and_a_bad_paste_says_why_and_changes_nothing(editor):
    editor.open(workflow(OURS))
    editor.part("tool-select").click()
    editor.page.evaluate(PASTE, '[[[115, 192], ["a", 96]]]')
    editor.page.wait_for_function("() => /Track 1, point 2/.test(document.querySelector('.dnw-status').textContent)")
    assert editor.text == OURS
    editor.page.evaluate(PASTE, '[[{"x": 144, "y": 160}, {"x": 288, "y": 80}]]')
    editor.page.wait_for_function(f"text => {NODE}.widgets[0].value !== text", arg=OURS)
    near(editor.points(2), [(0.25, 0.5), (0.5, 0.25)], pixels=0.01)


@pytest.mark.parametrize("editor_page", ["classic"], indirect=True, scope="module")  # the same in both
def test_a_message_goes_once_the_person_goes_on(editor):
    editor.open(workflow(OURS))
    editor.part("tool-pen").click()
    status = editor.part("status")
    for go_on in (
        lambda: editor.drag((0.6, 0.2), (0.8, 0.2)),
        lambda: editor.page.keyboard.press("Control+z"),
        lambda: editor.part("tool-select").click(),
    ):
        editor.page.evaluate(PASTE, '[[[115, 192], ["a", 96]]]')
        expect(status).to_contain_text("Track 1, point 2")
        go_on()
        expect(status).to_be_hidden(timeout=8000)  # by itself it goes after 12 s


@pytest.mark.parametrize("editor_page", ["classic"], indirect=True, scope="module")  # the same in both
def test_pasted_drags_that_miss_the_picture_are_scaled_from_the_size_they_were_drawn_at(editor):
    editor.open(workflow())
    editor.part("tool-select").click()
    editor.page.evaluate(PASTE, '[[{"x": 256, "y": 128}, {"x": 384, "y": 448}]]')
    question = editor.part("drawn-size")
    expect(question).to_be_visible()
    missed = [(256 / WIDTH, 128 / HEIGHT), (384 / WIDTH, 448 / HEIGHT)]
    near(editor.points(0), missed, pixels=0.01)
    assert [editor.part(f"drawn-{side}").input_value() for side in ("width", "height")] == ["512", "512"]
    editor.part("scale-pasted").click()
    expect(question).to_be_hidden()
    near(editor.points(0), [(0.5, 0.25), (0.75, 0.875)], pixels=0.01)
    editor.page.keyboard.press("Control+z")
    editor.settle()
    near(editor.points(0), missed, pixels=0.01)
    editor.page.keyboard.press("Control+z")
    editor.settle()
    assert editor.tracks == []
    editor.page.evaluate(PASTE, '[[{"x": 256, "y": 128}, {"x": 384, "y": 248}]]')
    editor.wait_for_tracks(1)
    expect(question).to_be_hidden()
    editor.page.evaluate(PASTE, '[[{"x": -144, "y": -80}, {"x": 0, "y": 40}]]')
    expect(question).to_contain_text("counted from the centre")
    editor.part("scale-pasted").click()
    near(editor.points(1), [(0.25, 0.25), (0.5, 0.625)], pixels=0.01)


FOCUS = """() => {
    const e = document.activeElement
    return e.matches('.dnw-keyboard') ? 'picture' : e.dataset.testid ?? e.dataset.end ?? e.className
}"""


def press(editor, *keys: str) -> str:
    """What has the focus after these keys."""
    for key in keys:
        editor.page.keyboard.press(key)
        editor.settle()
    return editor.page.evaluate(FOCUS)


def test_a_drag_is_drawn_by_keys_alone(editor):
    editor.open(workflow())
    editor.page.evaluate("() => document.activeElement.blur()")
    editor.page.keyboard.press("Alt+Shift+D")
    editor.page.wait_for_function(f"() => ({FOCUS})() === 'picture'")  # of the window that opens
    press(editor, "i", "ArrowLeft", "Shift+ArrowUp", "i", "ArrowDown", "Escape", "Alt+Shift+D")
    first = (0.5 - 1 / WIDTH, 0.49)
    near(editor.points(0), [first, (first[0] + 24 / WIDTH, first[1] + 1 / HEIGHT)], pixels=0.01)
    expect(editor.page.get_by_test_id("dragnuwa-dialog")).to_have_count(0)


def test_keys_lead_to_every_part_of_the_editor_and_out_of_it(editor):
    editor.open(workflow(OURS))
    editor.root.locator(".dnw-keyboard").focus()
    selected = editor.root.locator(".dnw-active .dnw-name")
    assert press(editor, "Tab") == "picture" and selected.all_inner_texts() == ["one"]
    assert press(editor, "Tab") == "picture" and selected.all_inner_texts() == ["two"]
    assert press(editor, "Tab") == "dragnuwa-tool-select"
    assert press(editor, "Shift+Tab", "Shift+Tab") == "picture" and selected.all_inner_texts() == ["one"]
    before = press(editor, "Shift+Tab")
    assert "dragnuwa" not in before and before != "picture", "the editor keeps the focus"
    editor.root.locator(".dnw-keyboard").focus()
    assert press(editor, "Control+a", "Tab") == "dragnuwa-tool-select", "of many tracks none is gone through"

    editor.root.locator(".dnw-name").nth(1).focus()
    assert press(editor, "Enter", "Tab") == "start"
    assert press(editor, "ArrowRight", "ArrowRight", "ArrowLeft", "Tab") == "end"
    press(editor, "ArrowLeft", "ArrowLeft")
    assert [editor.tracks[1][end] for end in ("start", "end")] == pytest.approx([1 / 13, 11 / 13])
    press(editor, "Home")
    assert editor.tracks[1]["end"] == pytest.approx(2 / 13), "a frame after the start"

    editor.root.locator(".dnw-keyboard").focus()
    assert press(editor, "e") == "dragnuwa-panel"
    assert press(editor, "Tab", "Tab") == ""  # the name
    editor.page.keyboard.type("wing")
    assert press(editor, "Escape") == "picture" and editor.tracks[1]["name"] == "wing"
    editor.part("properties").focus()
    press(editor, "Enter", "Enter")
    assert press(editor, "Escape", "Escape") == "picture"
    assert editor.points(1) == [(0.6, 0.8), (0.9, 0.7)], "no key has moved the drag"


@mainly_in("vue")
def test_a_points_time_is_dragged_in_the_timeline(editor):
    editor.open(workflow(OURS))
    editor.page.locator(".dnw-name").nth(0).click()
    editor.page.keyboard.press("e")
    editor.part("timing").locator("select").select_option("keys")
    assert [point["t"] for point in editor.tracks[0]["points"]] == pytest.approx([0, 0.5, 1])
    row = editor.part("row").nth(0)
    lane, key = row.locator(".dnw-lane").bounding_box(), row.locator(".dnw-key").nth(1).bounding_box()
    y = key["y"] + key["height"] / 2
    editor.page.mouse.move(key["x"] + key["width"] / 2, y)
    editor.page.mouse.down()
    editor.page.mouse.move(key["x"] + key["width"] / 2 + lane["width"] * 3 / 13, y, steps=4)
    editor.page.mouse.up()
    assert [point["t"] for point in editor.tracks[0]["points"]] == pytest.approx([0, 0.5 + 3 / 13, 1])


@mainly_in("vue")
def test_the_drawing_is_copied_for_others(editor):
    editor.open(workflow(OURS))
    editor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    found = []
    for item in ["Copy as JSON", "Copy for KJNodes", "Copy as SVG"]:
        editor.page.evaluate("() => navigator.clipboard.writeText('')")
        editor.part("transfer").click()
        editor.page.get_by_role("menuitem", name=item).click()
        found.append(wait_until(lambda: editor.page.evaluate("() => navigator.clipboard.readText()")))
    assert [track["name"] for track in json.loads(found[0])["tracks"]] == ["one", "two"]
    assert [len(track) for track in json.loads(found[1])] == [14, 14]
    assert found[2].startswith("<svg")
    assert editor.text == OURS


@mainly_in("vue")
def test_a_camera_move_is_a_set_of_tracks_like_drawn_ones(editor):
    editor.open(workflow(OURS))
    editor.page.locator(".dnw-name").nth(0).click()
    editor.part("presets").click()
    for key in ["ArrowDown", "ArrowDown", "ArrowUp", "Enter"]:  # the menu's arrows: they move no drag
        editor.page.keyboard.press(key)
    assert len(editor.tracks) == 2 + 12 and "pan right" in editor.tracks[-1]["name"]
    near(editor.points(0), [(0.2, 0.3), (0.4, 0.3), (0.4, 0.6)], pixels=0.01)
    editor.page.keyboard.press("Delete")
    assert len(editor.tracks) == 2
