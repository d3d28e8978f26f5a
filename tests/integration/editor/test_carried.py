"""What Carry takes with a drag, shown by the editor in ComfyUI's real page, and made an object of."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

from scripts.editor_driver import EditorDriver, workflow
from tests.integration.editor.things import RED, SQUARE, box

DRAG = json.dumps(
    {
        "type": "dragnuwa.trajectories", "version": 1,
        "tracks": [{"name": "pull", "color": "#2ca02c", "points": [{"x": 0.3, "y": 0.45}, {"x": 0.6, "y": 0.5}]}],
    }
)  # fmt: skip

# What is taken does not depend on how nodes are drawn: test_objects.py has the pointers of both renderers.
pytestmark = pytest.mark.parametrize("editor_page", ["classic"], indirect=True, scope="module")


@pytest.fixture
def dragged(editor, picture) -> EditorDriver:
    """The editor with one drag on the thing, whose line has been clicked."""
    editor.open(workflow(DRAG, picture=picture, size=(560, 760)))
    editor.wait_for_pixel(0.22, 0.35, RED)
    editor.part("tool-select").click()
    editor.click(0.45, 0.475)
    editor.part("take-carried").wait_for()
    return editor


def test_a_drag_shows_what_carry_takes_and_a_click_makes_it_an_object(dragged):
    for take in (
        lambda: dragged.page.keyboard.press("o"),
        lambda: dragged.click(SQUARE[2], 0.55),  # on the outline
        lambda: dragged.part("take-carried").click(),
    ):
        take()
        (thing,) = dragged.objects
        assert dragged.tracks == [] and box(thing) == pytest.approx(SQUARE, abs=0.015)
        assert (thing["name"], thing["color"]) == ("pull", "#2ca02c")
        assert [point["x"] for point in thing["motion"]["points"]] == [0.3, 0.6]
        dragged.page.keyboard.press("Control+z")
        dragged.page.keyboard.press("v")
        assert dragged.text == DRAG
        dragged.part("take-carried").wait_for()
    dragged.page.keyboard.press("b")
    dragged.click(0.25, 0.55)
    assert box(dragged.objects[0]) == pytest.approx(SQUARE, abs=0.015) and dragged.tracks == []


def test_the_surroundings_of_a_drag_on_the_ground_are_shown_and_are_no_object(editor, picture):
    on_ground = DRAG.replace('"x": 0.3', '"x": 0.7').replace('"x": 0.6', '"x": 0.9')
    editor.open(workflow(on_ground, picture=picture, size=(560, 760)))
    editor.wait_for_pixel(0.22, 0.35, RED)
    editor.part("tool-select").click()
    with editor.page.expect_response("**/dragnuwa/regions") as answer:
        editor.click(0.8, 0.475)
    (around,) = answer.value.json()["regions"]
    assert around["surroundings"] is True
    (left, top), (right, bottom) = (edge(around["seen"][0][0], axis=0) for edge in (np.min, np.max))
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((0.7, 0.45), abs=0.01)
    editor.settle()
    expect(editor.part("take-carried")).to_be_hidden()
    editor.page.keyboard.press("o")
    expect(editor.part("status")).to_be_visible()
    assert editor.text == on_ground


@pytest.mark.parametrize("shown", [True, False])
def test_o_waits_for_what_is_not_known_yet_and_esc_stops_waiting(editor, picture, shown):
    page, held = editor.page, []

    def hold(route) -> None:
        held.append(route)

    editor.open(workflow(DRAG, picture=picture, size=(560, 760)))
    editor.wait_for_pixel(0.22, 0.35, RED)
    page.route("**/dragnuwa/regions", hold)
    editor.part("tool-select").click()
    if not shown:
        page.keyboard.press("Shift+o")
    editor.click(0.45, 0.475)
    status = editor.part("status")
    try:
        page.keyboard.press("o")
        expect(status).to_contain_text("Looking for what the drag carries")
        page.keyboard.press("Escape")
        expect(status).not_to_contain_text("Looking for what the drag carries")
        page.keyboard.press("o")
        expect(status).to_contain_text("Looking for what the drag carries")
        assert editor.text == DRAG and len(held) == 1
        held[0].continue_()
        editor.wait_for_objects(1)
    finally:
        page.unroute("**/dragnuwa/regions")
        if not shown:
            page.keyboard.press("Shift+o")
    assert box(editor.objects[0]) == pytest.approx(SQUARE, abs=0.015) and editor.tracks == []
    expect(status).not_to_contain_text("Looking for what the drag carries")


def test_the_pen_draws_on_that_line_as_everywhere(dragged):
    dragged.page.keyboard.press("p")
    dragged.draw((SQUARE[2], 0.55), (0.7, 0.8))
    assert len(dragged.tracks) == 2 and dragged.objects == []


HOLD = """button => {
    const offer = button.parentElement
    const hold = () => { for (const animation of offer.getAnimations()) animation.pause() }
    new MutationObserver(hold).observe(offer, { attributes: true })
}"""  # the moment in which a person cannot have noticed it lasts


def test_a_press_where_the_button_has_just_come_is_the_pictures(editor, picture):
    """It comes by itself where a person may be about to draw, and would take the drags' place."""
    editor.open(workflow(DRAG, picture=picture, size=(560, 760)))
    editor.wait_for_pixel(0.22, 0.35, RED)
    button = editor.part("take-carried")
    button.evaluate(HOLD)
    editor.click(0.45, 0.475)
    button.wait_for()
    box = button.bounding_box()
    editor.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    editor.settle()
    assert len(editor.tracks) == 2 and editor.objects == []


def test_what_carry_takes_is_asked_at_rest_and_not_where_it_is_switched_off(dragged):
    asked, page = [], dragged.page
    page.on("request", lambda request: asked.append(request) if "/dragnuwa/regions" in request.url else None)
    page.mouse.move(*dragged.at(0.6, 0.5))
    page.mouse.down()
    page.mouse.move(*dragged.at(0.7, 0.4), steps=6)
    dragged.settle()
    assert not dragged.part("take-carried").is_visible()
    dragged.settle(40)
    assert asked == []
    with page.expect_response("**/dragnuwa/regions"):
        page.mouse.up()
    dragged.part("take-carried").wait_for()
    assert len(asked) == 1
    page.keyboard.press("Shift+o")
    dragged.settle()
    assert not dragged.part("take-carried").is_visible()
    page.keyboard.press("ArrowRight")
    dragged.settle(40)
    page.keyboard.press("Shift+o")
    with page.expect_response("**/dragnuwa/regions"):
        dragged.settle()
    assert len(asked) == 2


def test_nothing_is_shown_of_what_carry_takes_where_the_server_is_not_there(editor, picture):
    editor.page.route("**/dragnuwa/regions", lambda route: route.abort())
    editor.open(workflow(DRAG, picture=picture, size=(560, 760)))
    editor.wait_for_pixel(0.22, 0.35, RED)
    editor.part("tool-select").click()
    with editor.page.expect_event("requestfailed"):
        editor.click(0.45, 0.475)
    editor.settle()
    editor.page.unroute("**/dragnuwa/regions")
    assert not editor.part("take-carried").is_visible() and not editor.part("status").is_visible()
