"""Drags that bend what they lie on, in ComfyUI's real page."""

import json

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from scripts.editor_driver import EMPTY, HEIGHT, VALUE, WIDTH, EditorDriver, workflow
from tests.integration.editor.renderers import mainly_in
from tests.integration.editor.things import BLUE, RED, placed

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("vue")

WORM = (0.2, 0.42, 0.8, 0.58)  # left, top, right, bottom: so long that it has ends
END, MIDDLE, OTHER_END, UP = (0.76, 0.5), (0.5, 0.5), (0.24, 0.5), (0.76, 0.2)


def picture_of_a_worm() -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT), BLUE)
    left, top, right, bottom = WORM
    ImageDraw.Draw(image).rounded_rectangle((left * WIDTH, top * HEIGHT, right * WIDTH, bottom * HEIGHT), 20, fill=RED)
    return image


@pytest.fixture
def worm(editor, host) -> EditorDriver:
    """A long red thing on blue ground, with the pen."""
    editor.open(workflow(EMPTY, picture=placed(host, "worm.png", picture_of_a_worm), size=(560, 760)))
    editor.wait_for_pixel(*MIDDLE, RED)
    return editor


def bends(editor: EditorDriver) -> list[str | None]:
    return [track.get("bend") for track in editor.tracks]


def wait_for_bends(editor: EditorDriver, *expected: str) -> None:
    editor.page.wait_for_function(
        f"expected => String(JSON.parse({VALUE}).tracks.map(track => track.bend)) === String(expected)",
        arg=list(expected),
    )


def test_a_drag_at_an_end_bends_and_one_click_or_key_moves_it_whole(worm):
    worm.draw(END, UP)
    assert bends(worm) == ["auto"]
    expect(worm.part("toggle-bend")).to_have_text("Move it whole")
    worm.part("toggle-bend").click()
    wait_for_bends(worm, "off")
    expect(worm.part("toggle-bend")).to_have_text("Bend it")
    worm.page.keyboard.press("j")
    wait_for_bends(worm, "on")
    expect(worm.part("toggle-bend")).to_have_text("Move it whole")
    worm.page.keyboard.press("Control+z")
    wait_for_bends(worm, "off")


def test_a_drag_in_the_middle_moves_it_whole_until_a_person_wants_it_bent(worm):
    worm.draw(MIDDLE, (0.5, 0.25))
    expect(worm.part("toggle-bend")).to_have_text("Bend it")
    worm.part("toggle-bend").click()
    wait_for_bends(worm, "on")
    expect(worm.part("toggle-bend")).to_have_text("Move it whole")


def test_a_drag_and_an_anchor_are_pins_of_one_outline_that_one_click_separates(worm):
    worm.part("tool-anchor").click()
    worm.click(*OTHER_END)
    worm.page.keyboard.press("p")
    worm.draw(END, UP)
    assert bends(worm) == ["auto", "auto"]
    expect(worm.part("toggle-bend")).to_have_text("Separate its pins")
    worm.part("toggle-bend").click()
    wait_for_bends(worm, "off", "off")
    worm.page.keyboard.press("Control+z")
    expect(worm.part("toggle-bend")).to_have_text("Separate its pins")
    worm.page.keyboard.press("o")
    worm.wait_for_objects(1)
    assert worm.tracks == []
    assert sorted(len(pin["points"]) for pin in worm.objects[0]["pins"]) == [1, 2]


def test_the_panel_says_how_it_bends_and_what_is_saved_opens_as_it_was(worm):
    worm.draw(END, UP)
    worm.page.keyboard.press("e")
    for name, value in (("stays", "25"), ("stiffness", "80"), ("pinTurn", "-30"), ("pinScale", "150")):
        field = worm.part(name).locator("input")
        field.fill(value)
        field.press("Enter")
        worm.settle()
    worm.part("over").locator("select").select_option("front")
    worm.page.wait_for_function(f"() => JSON.parse({VALUE}).tracks[0].over === 'front'")
    (track,) = worm.tracks
    assert (track["stays"], track["stiffness"], track["over"]) == (0.25, 0.8, "front")
    assert track["pin"] == [{"at": 1, "turn": -30, "scale": 1.5}]
    text = worm.text
    worm.open(workflow(text, picture="worm.png", size=(560, 760)))
    worm.wait_for_pixel(*MIDDLE, RED)
    assert json.loads(worm.prompted) == json.loads(text)


def turn_by_hand(editor: EditorDriver, pin: tuple[float, float]) -> float:
    """Turns what is around a pin by a quarter, by its handle; gives the length of the handle's arm on the screen."""
    (x, y), mouse = editor.at(*pin), editor.page.mouse
    zoom = editor.part("canvas").bounding_box()["width"] / editor.part("canvas").evaluate("e => e.clientWidth")
    arm = 32 * zoom
    mouse.move(x, y - arm)
    mouse.down()
    mouse.move(x + arm, y, steps=4)
    mouse.up()
    return arm


def test_handles_turn_and_scale_what_is_around_a_pin(worm):
    """At the end of the drag, up and to the right of it, as long as it is selected alone."""
    worm.draw(END, UP)
    expect(worm.part("toggle-bend")).to_have_text("Move it whole")
    worm.part("tool-select").click()
    (x, y), mouse = worm.at(*UP), worm.page.mouse
    arm = turn_by_hand(worm, UP)
    worm.page.wait_for_function(f"() => JSON.parse({VALUE}).tracks[0].pin")
    ((key,),) = [track["pin"] for track in worm.tracks]
    assert (key["at"], key["scale"]) == (1, 1) and key["turn"] == pytest.approx(90, abs=3)
    mouse.move(x, y + arm)  # the other handle has turned, too
    mouse.down()
    mouse.move(x, y + 2 * arm, steps=4)
    mouse.up()
    worm.page.wait_for_function(f"() => JSON.parse({VALUE}).tracks[0].pin[0].scale > 1")
    assert worm.tracks[0]["pin"][0]["scale"] == pytest.approx(2, abs=0.1)
    worm.page.keyboard.press("Control+z")
    assert worm.tracks[0]["pin"] == [key]


def test_drags_on_an_object_become_its_pins_and_drags_again(worm):
    worm.part("tool-object").click()
    worm.click(*MIDDLE)
    worm.wait_for_objects(1)
    worm.page.keyboard.press("Escape")
    worm.page.keyboard.press("p")
    worm.page.keyboard.down("Control")  # draws over the object
    worm.click(*END)
    worm.click(*UP)
    worm.page.keyboard.up("Control")
    worm.page.keyboard.press("Enter")
    worm.wait_for_tracks(1)
    worm.part("tool-object").click()
    worm.click(*OTHER_END)
    worm.page.keyboard.press("e")
    worm.part("object-takePins").click()
    worm.wait_for_tracks(0)
    assert len(worm.objects[0]["pins"]) == 1
    worm.part("object-releasePins").click()
    worm.wait_for_tracks(1)
    assert bends(worm) == ["on"] and "pins" not in worm.objects[0]


def test_a_drawing_of_before_opens_unchanged(worm):
    end, up, other = ({"x": x, "y": y} for x, y in (END, UP, OTHER_END))
    tracks = [{"points": [end, up]}, {"kind": "anchor", "points": [other]}]
    value = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": tracks})
    worm.open(workflow(value, picture="worm.png", size=(560, 760)))
    worm.wait_for_pixel(*MIDDLE, RED)
    assert worm.prompted == value and bends(worm) == [None, None]
    worm.page.keyboard.press("v")
    worm.page.keyboard.press("Tab")
    expect(worm.part("toggle-bend")).to_have_text("Bend it")
