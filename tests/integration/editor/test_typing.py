"""What is typed in the properties, in both of the page's renderers: the text of an object, and what keys do then."""

import json
import re

import pytest
from playwright.sync_api import Locator, expect

from scripts.editor_driver import EditorDriver, workflow
from scripts.frontend import replace_workflow, run_by
from tests.integration.editor.things import rectangle
from tests.support.drawings import objects_value

TEXT = "a red bird, wings open, that rests on a branch\nof a birch above the water"
RESIZE = """size => {
    app.graph.nodes.find(node => node.type.startsWith('DragNUWA')).setSize(size)
    app.canvas.setDirty(true, true)
}"""
DRAWN = json.dumps(objects_value(rectangle(0.3, 0.1, 0.4, 0.3, name="bird")))


@pytest.fixture
def asked(editor) -> EditorDriver:
    """An object, and its properties; Run shows the picture."""
    editor.open(workflow(DRAWN, size=(560, 760), computed=True))
    editor.part("row").locator(".dnw-name").click()
    editor.page.keyboard.press("e")
    return editor


def field_of(editor: EditorDriver, name: str = "text") -> Locator:
    return editor.part(f"of-object-{name}").locator("textarea, input[type=text]").first


def texts(editor: EditorDriver) -> list[str | None]:
    return [thing.get("text") for thing in editor.objects]


def test_keys_are_letters_of_the_text_and_undo_is_the_fields_own(asked):
    keys, field = asked.page.keyboard, field_of(asked)
    field.click()
    for part in ("quiet trees ", "by a river, n"):
        keys.type(part)
    for key in ("Enter", "Delete", "Backspace", "Control+z", "Control+y"):
        keys.press(key)
    assert field.input_value() == "quiet trees by a river, n"
    assert len(asked.objects) == 1 and texts(asked) == [None]
    keys.press("Tab")
    asked.settle()
    assert texts(asked) == ["quiet trees by a river, n"]
    asked.part("undo").click()
    asked.settle()
    assert texts(asked) == [None] and field.input_value() == ""
    asked.part("redo").click()
    asked.settle()
    assert texts(asked) == ["quiet trees by a river, n"] and field.input_value() == "quiet trees by a river, n"


def test_the_text_is_seen_whole_and_is_saved(asked):
    field = field_of(asked)
    field.fill(TEXT)
    asked.settle()
    assert field.evaluate("e => e.scrollHeight <= e.clientHeight && e.clientWidth >= 200"), "nothing of it is hidden"
    asked.page.keyboard.press("Tab")
    asked.settle()
    replace_workflow(asked.page, asked.page.evaluate("() => JSON.parse(JSON.stringify(app.graph.serialize()))"))
    asked.wait_until_shown()
    assert texts(asked) == [TEXT]


def test_the_picture_stays_as_large_as_it_is_while_one_types(asked):
    """The properties scroll: in Nodes 2.0 a node is as high as what is in it."""
    keys, canvas = asked.page.keyboard, "e => [e.clientWidth, e.clientHeight]"
    asked.page.evaluate(RESIZE, [860, 700])
    expect(asked.root).to_have_class(re.compile("dnw-wide"))
    asked.settle(4)
    before = asked.part("canvas").evaluate(canvas)
    field_of(asked).fill("word " * 200)
    asked.settle(4)
    panel = asked.part("object-panel")
    assert panel.evaluate("e => e.scrollHeight > e.clientHeight")
    keys.press("Tab")
    asked.settle(4)
    assert asked.part("canvas").evaluate(canvas) == before
    panel.get_by_test_id("dragnuwa-object-panel-close").click()
    asked.settle(4)
    assert asked.part("canvas").evaluate("e => e.clientHeight") == before[1]


@pytest.mark.parametrize("name", ["text", "name"])
def test_run_by_keys_takes_what_is_being_typed(asked, host, name):
    """The page runs the workflow while the field has the focus."""
    keys, field = asked.page.keyboard, field_of(asked, name)
    field.fill("a wren")
    entry = run_by(asked.page, host.url, lambda: keys.press("Control+Enter"))
    (editor,) = (node for node in entry["prompt"][2].values() if node["class_type"] == "DragNUWATrajectoryEditor")
    (ran,) = json.loads(editor["inputs"]["trajectories"])["objects"]
    assert ran[name] == "a wren"
    assert field.evaluate("e => e === document.activeElement")
    keys.type("s")
    assert field.input_value() == "a wrens", "one types on"
