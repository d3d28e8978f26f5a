"""Performing in ComfyUI's real page: the clip plays, and what is selected or pressed follows the hand. One undo takes
it back, and nothing that was drawn is lost, whatever happens in the middle."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

from dragnuwa import trajectory
from scripts.editor_driver import HEIGHT, VALUE, WIDTH, EditorDriver, workflow
from tests.integration.editor.compositions import open_composed
from tests.integration.editor.renderers import mainly_in
from tests.integration.editor.test_under_the_hand import BEGIN, END, bar, square, wait_until_red  # noqa: F401
from tests.support.drawings import objects_value, rectangle_ring, tracks_value

FRAMES = 480  # 69 s: on a busy machine three movements have taken more than 17
DRAG = {"id": "d", "points": [{"x": x, "y": y} for x, y in (BEGIN, END)]}
FRAME = "Number(document.querySelector('[data-testid=dragnuwa-frame]').textContent.split(' ')[0]) - 1"
# Keeps the frame that is shown when a key is let go, which a test cannot ask for in time while the clip plays.
KEEP_FRAME = (
    f"() => addEventListener('keyup', () => {{ window.frameAtTheEnd = {FRAME} }}, {{ capture: true, once: true }})"
)
HAND = (0.5, 0.7)  # where the pointer waits


def opened(
    editor: EditorDriver, picture: str, drawing: dict, *, tool: str = "select", frames: int = FRAMES
) -> EditorDriver:
    graph = workflow(json.dumps(drawing), picture=picture, size=(760, 760))
    graph["nodes"][1]["widgets_values"][3] = frames
    open_composed(editor, graph)
    editor.part(f"tool-{tool}").click()
    editor.page.keyboard.press("Control+a")
    editor.page.mouse.move(*editor.at(*HAND))
    editor.settle(4)
    return editor


def hold_key(editor: EditorDriver) -> None:
    """Holds it until the clip plays: while the page still looks for the thing, nothing follows the hand."""
    frame = editor.page.evaluate(f"() => {FRAME}")
    editor.page.keyboard.down("t")
    editor.page.wait_for_function(f"before => {FRAME} > before", arg=frame)


def move(editor: EditorDriver, *places: tuple[float, float]) -> None:
    """The hand goes on, and rests at each place for a frame of the clip."""
    for place in places:
        editor.page.mouse.move(*editor.at(*place), steps=4)
        frame = editor.page.evaluate(f"() => {FRAME}")
        editor.page.wait_for_function(f"before => {FRAME} > before", arg=frame)
    editor.settle(2)


def wait_until_it_rests(editor: EditorDriver) -> None:
    expect(editor.part("play")).to_have_attribute("aria-label", "Play (Space)")  # the clip plays on
    editor.settle()


def sampled(text: str) -> np.ndarray:
    """`[N, T, 2]`: where the drags are, as a run has them."""
    return np.asarray(trajectory.parse(text, width=WIDTH, height=HEIGHT).sample(FRAMES, WIDTH, HEIGHT)[0])


def test_a_selected_drag_follows_the_pointer_while_the_key_is_held(editor, square):  # noqa: F811
    text = opened(editor, square, tracks_value(DRAG)).text
    hold_key(editor)
    move(editor, (0.55, 0.7), (0.7, 0.75), (0.8, 0.9))
    # It is as far from where it began as the hand.
    wait_until_red(editor, (BEGIN[0] + 0.3, BEGIN[1] + 0.2), elsewhere=(BEGIN, END))
    editor.page.keyboard.up("t")
    wait_until_it_rests(editor)
    (track,) = editor.tracks
    assert (track["timing"], track["start"]) == ("keys", 0) and track["end"] < 1
    assert 2 <= len(track["points"]) <= 20, "as few points as keep close to the hand"
    last = sampled(editor.text)[0, -1]
    assert last == pytest.approx(((BEGIN[0] + 0.3) * WIDTH, (BEGIN[1] + 0.2) * HEIGHT), abs=3), "and it stays there"
    assert editor.page.evaluate(f"() => {FRAME}") == 0, "it can be performed again"
    editor.page.keyboard.press("Control+z")
    assert editor.text == text, "one step"


@mainly_in("vue")
def test_a_part_is_performed_again(editor, square):  # noqa: F811
    opened(editor, square, tracks_value(DRAG | {"start": 0.025, "ease": "ease_in_out"}))
    before = sampled(editor.text)[0]
    for _ in range(14):
        editor.page.keyboard.press(".")
    hold_key(editor)
    move(editor, (0.5, 0.6), (0.5, 0.5), (0.5, 0.45))
    editor.page.evaluate(KEEP_FRAME)
    editor.page.keyboard.up("t")
    played = editor.page.evaluate("() => window.frameAtTheEnd")
    wait_until_it_rests(editor)
    after = sampled(editor.text)[0]
    away = np.linalg.norm(after - before, axis=1)
    assert away[:15].max() < 1 and away[played + 4 :].max() < 1, "what comes before it, and after it, is as it was"
    assert played < FRAMES - 8 and away[16:played].max() > 0.15 * HEIGHT
    assert editor.page.evaluate(f"() => {FRAME}") == 14


def test_what_is_pressed_follows_and_a_new_drag_begins_on_a_thing(editor, square):  # noqa: F811
    opened(editor, square, tracks_value({"id": "away", "points": [{"x": 0.8, "y": 0.2}, {"x": 0.9, "y": 0.2}]}))
    mouse = editor.page.mouse
    editor.part("perform").click()
    mouse.move(*editor.at(*BEGIN))
    mouse.down()
    editor.page.wait_for_function(f"() => {FRAME} > 0")  # the thing has been found
    move(editor, (0.4, 0.5), (0.6, 0.4), (0.7, 0.6))
    wait_until_red(editor, (0.7, 0.6), elsewhere=(BEGIN,))  # the thing itself follows at the first press
    mouse.up()
    wait_until_it_rests(editor)
    away, track = editor.tracks
    assert away["id"] == "away" and track["timing"] == "keys" and track["bend"] == "auto"
    end = sampled(editor.text)[1, -1]
    assert end == pytest.approx((0.7 * WIDTH, 0.6 * HEIGHT), abs=4)
    expect(editor.part("perform")).to_have_attribute("aria-pressed", "true")
    editor.page.keyboard.press("Escape")
    expect(editor.part("perform")).to_have_attribute("aria-pressed", "false")
    assert len(editor.tracks) == 2


@mainly_in("vue")
def test_a_press_without_a_movement_leaves_nothing(editor, square):  # noqa: F811
    text = opened(editor, square, tracks_value(DRAG)).text
    editor.part("perform").click()
    editor.page.mouse.move(*editor.at(0.8, 0.8))
    editor.page.mouse.down()
    editor.page.wait_for_function(f"() => {FRAME} > 0")
    editor.page.mouse.up()
    wait_until_it_rests(editor)
    assert editor.text == text
    editor.page.keyboard.press("Escape")


@mainly_in("vue")
def test_a_pin_bends_its_thing_while_it_is_performed(editor, bar):  # noqa: F811
    pin = {"points": [{"x": 0.3, "y": 0.25}, {"x": 0.31, "y": 0.25}], "bend": "on"}
    opened(editor, bar, tracks_value(pin))
    hold_key(editor)
    move(editor, (0.6, 0.7), (0.7, 0.75), (0.75, 0.85))
    # Its end is as far away as the hand, the other end stays, and between both it is bent.
    wait_until_red(editor, (0.545, 0.4), (0.3, 0.85), (0.37, 0.5), elsewhere=((0.28, 0.35),))
    editor.page.keyboard.up("t")
    wait_until_it_rests(editor)
    assert editor.tracks[0]["bend"] == "on"


@mainly_in("vue")
def test_an_object_follows(editor, square):  # noqa: F811
    ring = rectangle_ring(100 / WIDTH, 120 / HEIGHT, 180 / WIDTH, 200 / HEIGHT)
    opened(
        editor,
        square,
        objects_value({"id": "o", "outline": [ring], "motion": {"points": [{"x": BEGIN[0], "y": BEGIN[1]}]}}),
        tool="object",
    )
    hold_key(editor)
    move(editor, (0.6, 0.7), (0.7, 0.75), (0.8, 0.8))
    wait_until_red(editor, (BEGIN[0] + 0.3, BEGIN[1] + 0.1), elsewhere=(BEGIN,))
    editor.page.keyboard.up("t")
    wait_until_it_rests(editor)
    motion = editor.objects[0]["motion"]
    assert motion["timing"] == "keys"
    first, last = motion["points"][0], motion["points"][-1]
    assert (last["x"] - first["x"], last["y"] - first["y"]) == pytest.approx((0.3, 0.1), abs=0.02)
    editor.page.keyboard.press("Control+z")
    assert len(editor.objects[0]["motion"]["points"]) == 1


@mainly_in("vue")
def test_the_whole_picture_follows(editor, square):  # noqa: F811
    opened(editor, square, tracks_value({"points": [{"x": 0.9, "y": 0.9}, {"x": 0.95, "y": 0.9}]}))
    editor.page.keyboard.press("Delete")
    editor.part("presets").click()
    editor.part("camera-by-hand").click()
    mouse = editor.page.mouse
    mouse.move(*editor.at(*HAND))
    mouse.down()
    editor.page.wait_for_function(f"() => {FRAME} > 0")
    move(editor, (0.4, 0.65), (0.35, 0.6), (0.4, 0.55))
    wait_until_red(editor, (BEGIN[0] - 0.1, BEGIN[1] - 0.15), elsewhere=((BEGIN[0] + 0.05, BEGIN[1] + 0.1),))
    mouse.up()
    wait_until_it_rests(editor)
    assert len(editor.tracks) == 12 and {track["timing"] for track in editor.tracks} == {"keys"}
    expect(editor.part("perform")).to_have_attribute("aria-pressed", "false")
    editor.page.keyboard.press("Control+z")
    assert editor.tracks == []


@mainly_in("vue")
def test_esc_drops_it_and_a_redo_brings_it_back(editor, square):  # noqa: F811
    text = opened(editor, square, tracks_value(DRAG)).text
    hold_key(editor)
    move(editor, (0.6, 0.7), (0.7, 0.75))
    editor.page.keyboard.press("Escape")
    wait_until_it_rests(editor)
    assert editor.text == text
    editor.page.keyboard.up("t")
    editor.page.keyboard.press("Control+Shift+z")
    assert editor.tracks[0]["timing"] == "keys"


@mainly_in("vue")
def test_it_ends_with_the_clip(editor, square):  # noqa: F811
    opened(editor, square, tracks_value(DRAG), frames=60)
    for _ in range(20):  # the hand moves while the rest plays, also on a busy machine
        editor.page.keyboard.press(".")
    hold_key(editor)
    editor.page.mouse.move(*editor.at(0.5, 0.4), steps=20)
    wait_until_it_rests(editor)
    editor.page.keyboard.up("t")
    (track,) = editor.tracks
    assert (track["timing"], track["start"], track["end"]) == ("keys", 0, 1)


@mainly_in("vue")
def test_another_picture_in_the_middle(editor, square, bar):  # noqa: F811
    still = {"id": "still", "points": [{"x": 0.8, "y": 0.8}, {"x": 0.9, "y": 0.8}]}
    opened(editor, square, tracks_value(DRAG, still)).click(*END)
    editor.page.mouse.move(*editor.at(*HAND))
    hold_key(editor)
    move(editor, (0.6, 0.7), (0.7, 0.75))
    choose = """name => {
        const widget = app.graph.nodes.find(node => node.type === 'LoadImage').widgets[0]
        widget.value = name
        widget.callback?.(name)
    }"""
    editor.page.evaluate(choose, bar)
    editor.page.mouse.move(5, 500)
    editor.page.mouse.move(*editor.at(0.7, 0.8))
    expect(editor.part("new-picture"), "it is of the other picture").to_be_visible()
    editor.page.keyboard.up("t")
    wait_until_it_rests(editor)
    editor.page.evaluate(choose, square)
    editor.page.mouse.move(5, 500)
    editor.page.mouse.move(*editor.at(*HAND))
    editor.wait_for_tracks(2)
    performed, kept = editor.tracks
    assert kept["points"] == still["points"] and performed["timing"] == "keys"
    for _ in range(3):  # back, set aside, and performed
        editor.page.keyboard.press("Control+z")
    assert editor.points(0) == [BEGIN, END]


@mainly_in("vue")
def test_a_drawing_that_is_loaded_in_the_middle_is_the_drawing(editor, square):  # noqa: F811
    opened(editor, square, tracks_value(DRAG))
    loaded = json.dumps(tracks_value({"id": "other", "points": [{"x": 0.1, "y": 0.1}, {"x": 0.2, "y": 0.1}]}))
    hold_key(editor)
    move(editor, (0.6, 0.7), (0.7, 0.75))
    editor.page.evaluate(f"text => {{ {VALUE} = text }}", loaded)
    wait_until_it_rests(editor)
    editor.page.keyboard.up("t")
    assert editor.text == loaded
