"""Motions that repeat, and what sways, set in the panels of ComfyUI's real page."""

import json

import pytest
from playwright.sync_api import expect

from scripts.editor_driver import EMPTY, VALUE, EditorDriver, workflow
from tests.integration.editor.renderers import mainly_in
from tests.integration.editor.test_bending import END, MIDDLE, OTHER_END, UP, picture_of_a_worm
from tests.integration.editor.things import RED, placed

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("vue")


@pytest.fixture
def worm(editor, host) -> EditorDriver:
    """A long red thing on blue ground, with the pen."""
    editor.open(workflow(EMPTY, picture=placed(host, "worm.png", picture_of_a_worm), size=(560, 900)))
    editor.wait_for_pixel(*MIDDLE, RED)
    return editor


def enter(editor: EditorDriver, name: str, value: str) -> None:
    field = editor.part(name).locator("input")
    field.fill(value)
    field.press("Enter")
    editor.settle()


def wait_for(editor: EditorDriver, of: str, expected: object) -> None:
    """Until `of` the drawing is as expected."""
    editor.page.wait_for_function(
        f"expected => JSON.stringify(JSON.parse({VALUE}).{of}) === expected",
        arg=json.dumps(expected, separators=(",", ":")),
    )


def test_a_drag_goes_to_and_fro_and_one_undo_takes_that_back(worm):
    worm.draw(END, UP)
    worm.page.keyboard.press("e")
    expect(worm.part("repeatTimes")).to_be_hidden()
    worm.part("repeats").locator("select").select_option("ping_pong")
    wait_for(worm, "tracks[0].loop", {"mode": "ping_pong", "times": 1})
    assert worm.tracks[0]["ease"] == "ease_in_out", "it slows down before it turns back"
    enter(worm, "repeatTimes", "3")
    wait_for(worm, "tracks[0].loop", {"mode": "ping_pong", "times": 3})
    worm.page.keyboard.press("Escape")  # back from the properties
    worm.page.keyboard.press("Control+z")
    wait_for(worm, "tracks[0].loop", {"mode": "ping_pong", "times": 1})
    worm.page.keyboard.press("Control+z")
    worm.page.wait_for_function(f"() => !JSON.parse({VALUE}).tracks[0].loop")
    assert worm.tracks[0].get("ease", "linear") == "linear"


def test_several_that_sway_differ_and_open_as_they_were(worm):
    for place in (END, OTHER_END):
        worm.part("tool-anchor").click()
        worm.click(*place)
    worm.page.keyboard.press("Control+a")
    worm.page.keyboard.press("e")
    enter(worm, "sway", "2.5")
    enter(worm, "direction", "90")
    first, second = (track["sway"] for track in worm.tracks)
    assert first | {"phase": second["phase"]} == second and first["phase"] != second["phase"]
    assert (first["amount"], first["times"], first["direction"]) == (0.025, 2, 90)
    text = worm.text
    worm.open(workflow(text, picture="worm.png", size=(560, 900)))
    worm.wait_for_pixel(*MIDDLE, RED)
    assert json.loads(worm.prompted) == json.loads(text)


def test_the_panel_of_an_object_has_both(worm):
    worm.draw(MIDDLE, (0.5, 0.25))
    expect(worm.part("toggle-bend")).to_be_visible()
    worm.page.keyboard.press("o")
    worm.wait_for_objects(1)
    worm.page.keyboard.press("e")
    enter(worm, "object-sway", "30")
    wait_for(worm, "objects[0].sway", {"amount": 0.3, "times": 2, "phase": 0, "waves": 0.4})
    enter(worm, "object-waves", "1")
    wait_for(worm, "objects[0].sway.waves", 1)
    worm.part("object-repeats").locator("select").select_option("closed")
    wait_for(worm, "objects[0].loop", {"mode": "closed", "times": 1})
    enter(worm, "object-sway", "0")
    worm.page.wait_for_function(f"() => !JSON.parse({VALUE}).objects[0].sway")
