"""Objects set corner by corner, grouped, gone through by keys and snapped, in ComfyUI's real page."""

import json

import pytest
from playwright.sync_api import expect

from scripts.editor_driver import EMPTY, HEIGHT, WIDTH, EditorDriver, near, workflow
from tests.integration.editor.things import rectangle
from tests.support.drawings import objects_value
from tests.support.waiting import wait_until

# What is done to objects does not depend on how nodes are drawn: test_objects.py has the pointers of both renderers.
pytestmark = pytest.mark.parametrize("editor_page", ["classic"], indirect=True, scope="module")

BOXES = [
    rectangle(0.1, 0.1, 0.2, 0.3, group="g1"), rectangle(0.3, 0.1, 0.4, 0.3), rectangle(0.1, 0.6, 0.2, 0.8, group="g1"),
]  # fmt: skip
TRACK = {"points": [{"x": 0.5, "y": 0.9}, {"x": 0.9, "y": 0.9}]}
DRAWN = json.dumps(objects_value(*BOXES, tracks=[TRACK]))


@pytest.fixture
def boxes(editor, picture) -> EditorDriver:
    """A drag and three objects, of which the first and the last are a group; the object tool."""
    editor.open(workflow(DRAWN, picture=picture, size=(560, 760)))
    editor.part("tool-object").click()
    return editor


def ways(editor: EditorDriver) -> list[tuple[float, float]]:
    """How far each object goes."""
    points = [thing["motion"]["points"] for thing in editor.objects]
    return [(way[-1]["x"] - way[0]["x"], way[-1]["y"] - way[0]["y"]) for way in points]


def selected(editor: EditorDriver) -> list[bool]:
    """Of the rows of the timeline: first the drag, then the objects."""
    labels = editor.part("row").locator(".dnw-name")
    return labels.evaluate_all("all => all.map(one => one.ariaPressed === 'true')")


def wait_for_selected(editor: EditorDriver, *rows: int) -> None:
    """Until these rows are selected, and no others."""
    wait_until(lambda: [row for row, pressed in enumerate(selected(editor)) if pressed] == list(rows))


def test_a_polygon_is_set_corner_by_corner(editor, picture):
    editor.open(workflow(EMPTY, picture=picture, size=(560, 760)))
    keys = editor.page.keyboard
    corners = [(0.5, 0.2), (0.8, 0.2), (0.9, 0.6), (0.6, 0.7)]
    for close in (lambda: keys.press("Enter"), lambda: editor.click(*corners[0])):
        editor.part("tool-polygon").click()
        for place in [*corners[:2], (0.95, 0.95), *corners[2:]]:
            editor.click(*place)
            if place == (0.95, 0.95):
                keys.press("Backspace")
        close()
        ((ring,),) = (thing["outline"] for thing in editor.objects)
        near([(place["x"], place["y"]) for place in ring], corners, 2)
        expect(editor.part("tool-object")).to_have_attribute("aria-pressed", "true")
        keys.press("Control+z")
        assert editor.text == EMPTY
    keys.press("l")
    editor.click(*corners[0])
    editor.click(*corners[1])
    editor.page.mouse.dblclick(*editor.at(*corners[2]))
    editor.settle()
    assert len(editor.objects[0]["outline"][0]) == 3
    keys.press("l")
    editor.click(*corners[0])
    for key in ("Escape", "Enter"):
        keys.press(key)
    assert len(editor.objects) == 1
    for step in ("i", "i", "Shift+ArrowDown", "i", "i", "Backspace", "Shift+ArrowLeft", "Enter"):
        keys.press(step)
    ((ring,),) = (thing["outline"] for thing in editor.objects[1:])
    at = [(0.5, 0.5), (0.5 + 24 / WIDTH, 0.51), (0.49 + 48 / WIDTH, 0.51)]
    near([(place["x"], place["y"]) for place in ring], at)


def test_a_group_is_selected_and_moved_as_one(boxes):
    boxes.click(0.15, 0.2)
    wait_for_selected(boxes, 1, 3)
    boxes.drag((0.15, 0.7), (0.3, 0.72), (0.45, 0.6))  # by the other one
    near(ways(boxes), [(0.3, -0.1), (0, 0), (0.3, -0.1)], 6)
    boxes.page.keyboard.press("Control+z")
    assert ways(boxes) == [(0, 0)] * 3, "one step to undo"


def test_objects_are_grouped_and_taken_apart_by_keys_and_clicks(boxes):
    keys = boxes.page.keyboard
    boxes.click(0.35, 0.2)
    keys.press("Control+g")
    boxes.page.wait_for_function(
        "e => /two or more objects/.test(e.textContent)", arg=boxes.part("status").element_handle()
    )
    keys.down("Control")
    boxes.click(0.15, 0.2)
    keys.up("Control")
    wait_for_selected(boxes, 1, 2, 3)
    keys.press("Control+g")
    assert [thing["group"] for thing in boxes.objects] == ["g2"] * 3
    boxes.page.mouse.dblclick(*boxes.at(0.35, 0.2))
    boxes.settle()
    wait_for_selected(boxes, 2)
    keys.press("Escape")
    boxes.click(0.35, 0.2)
    wait_for_selected(boxes, 1, 2, 3)
    keys.press("Control+Shift+g")
    assert not any("group" in thing for thing in boxes.objects)
    keys.press("Delete")
    assert boxes.objects == []


def test_tab_goes_over_drags_and_objects(boxes):
    boxes.page.mouse.move(*boxes.at(0.7, 0.5))
    boxes.page.keyboard.press("Escape")
    for key, row in zip(["Tab", "Tab", "Tab", "Tab", "Shift+Tab"], [0, 1, 2, 3, 2], strict=True):
        boxes.page.keyboard.press(key)
        wait_for_selected(boxes, row)
    boxes.page.keyboard.press("Control+a")
    boxes.settle()
    wait_for_selected(boxes, 1, 2, 3)
    boxes.page.keyboard.press("Tab")
    assert not boxes.page.evaluate("() => document.activeElement.classList.contains('dnw-keyboard')")


def test_a_moved_object_snaps_to_other_objects_and_to_the_picture(boxes):
    boxes.page.keyboard.press("End")
    x, y = boxes.at(0.35, 0.2)
    boxes.page.mouse.move(x, y)
    boxes.page.mouse.down()
    for pixels, place in [(3, (0.15, 0.7)), (-3, (0.5, 0.45))]:  # the pivot of the last object; the picture's middle
        to = boxes.at(*place)
        boxes.page.mouse.move(to[0] + pixels, boxes.at(0, place[1])[1] + 40 * (place[0] == 0.5), steps=4)
        boxes.settle()
        key = boxes.objects[1]["motion"]["keys"][-1]
        assert 0.35 + key["x"] == pytest.approx(place[0], abs=1e-6)
    boxes.page.keyboard.down("Alt")
    boxes.page.mouse.move(boxes.at(0.5, 0)[0] - 3, boxes.at(0, 0.5)[1], steps=2)
    boxes.settle()
    assert 0.35 + boxes.objects[1]["motion"]["keys"][-1]["x"] < 0.4999
    boxes.page.keyboard.up("Alt")
    boxes.page.mouse.up()


def test_an_edge_is_chosen_in_the_properties_for_one_object_or_several(boxes):
    text, keys = boxes.text, boxes.page.keyboard
    boxes.part("properties").click()
    boxes.click(0.35, 0.2)
    edge = boxes.part("of-object-edge").locator("select")
    expect(edge).to_have_value("snap")
    edge.select_option(label="as drawn")
    assert [thing.get("edge") for thing in boxes.objects] == [None, "exact", None]
    keys.press("Control+a")
    expect(edge).to_have_value("")  # they differ
    edge.select_option("exact")
    assert [thing["edge"] for thing in boxes.objects] == ["exact"] * 3
    edge.select_option("snap")
    assert '"edge"' not in boxes.text
    boxes.settle()
    keys.press("Control+z")
    assert [thing["edge"] for thing in boxes.objects] == ["exact"] * 3
    expect(edge).to_have_value("exact")
    for _ in range(2):
        keys.press("Control+z", delay=80)
    assert boxes.text == text


def test_what_an_object_is_is_said_in_the_properties(boxes):
    keys = boxes.page.keyboard
    boxes.part("properties").click()
    boxes.click(0.35, 0.2)
    said = boxes.part("of-object-text").locator("textarea")
    said.fill("a red bird,\nwings open")
    keys.press("Tab")
    boxes.settle()
    assert [thing.get("text") for thing in boxes.objects] == [None, "a red bird,\nwings open", None]
    said.fill("")
    keys.press("Tab")
    boxes.settle()
    assert '"text"' not in boxes.text, "an empty one is left out"


def test_what_finishes_a_cut_is_set_in_the_properties_for_one_object_or_several(boxes):
    keys, unit = boxes.page.keyboard, (WIDTH * HEIGHT) ** 0.5
    boxes.part("properties").click()
    boxes.click(0.35, 0.2)
    grow, feather, shutter = (
        boxes.part(f"of-object-{name}").locator("input") for name in ("grow", "feather", "shutter")
    )
    for field, value in ((grow, "-3"), (feather, "6.5"), (shutter, "50")):
        expect(field).to_have_value("0")
        field.fill(value)
        field.press("Enter")
    finish = {"grow": pytest.approx(-3 / unit), "feather": pytest.approx(6.5 / unit), "shutter": 0.5}
    assert boxes.objects[1].items() >= finish.items()
    assert [list(thing)[-1] for thing in boxes.objects] == ["group", "shutter", "group"]
    boxes.settle()
    expect(grow).to_have_value("-3")
    boxes.click(0.35, 0.2)  # the keys are the canvas's again
    keys.press("Control+a")
    expect(feather).to_have_value("")  # they differ
    shutter.fill("250")  # more than there is
    shutter.press("Enter")
    assert [thing["shutter"] for thing in boxes.objects] == [1, 1, 1]
    for field in (grow, feather, shutter):
        field.fill("0")
        field.press("Enter")
    assert not any({"grow", "feather", "shutter"} & thing.keys() for thing in boxes.objects)
