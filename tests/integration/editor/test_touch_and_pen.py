"""Drawing and objects by fingers and by a pen that feels pressure, in ComfyUI's real page."""

import json

import pytest

from scripts.editor_driver import EMPTY, EditorDriver, near, workflow
from tests.integration.editor.test_performing import FRAME, FRAMES, wait_until_it_rests
from tests.integration.editor.things import RED, SQUARE, box, rectangle
from tests.support.drawings import objects_value


@pytest.fixture(scope="module")
def shared_page(touched_page):
    return touched_page


@pytest.fixture(scope="module")
def devtools(shared_page):
    """What Playwright has no hands for."""
    return shared_page.context.new_cdp_session(shared_page)


@pytest.fixture
def opened(editor, picture):
    def open_with(*objects: dict) -> EditorDriver:
        drawn = json.dumps(objects_value(*objects))
        graph = workflow(drawn if objects else EMPTY, picture=picture, size=(560, 760))
        graph["nodes"][1]["widgets_values"][3] = FRAMES
        editor.open(graph)
        editor.wait_for_pixel(0.9, 0.9)
        return editor

    return open_with


def finger(devtools, editor: EditorDriver, *positions: tuple[float, float], wanders: float = 0) -> None:
    """A finger is put on the first place, goes on to the others, and is lifted; a tap wanders by some pixels."""
    spots = [editor.at(*place) for place in positions]
    spots += [(spots[-1][0] + wanders, spots[-1][1])] * (wanders > 0)
    for k, (x, y) in enumerate(spots):
        kind = "touchMove" if k else "touchStart"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    editor.settle()


def pen(devtools, editor: EditorDriver, force: float, *positions: tuple[float, float]) -> None:
    """A stroke of a pen with one pressure."""
    kinds = ["mouseMoved", "mousePressed", *["mouseMoved"] * (len(positions) - 1), "mouseReleased"]
    for kind, place in zip(kinds, [positions[0], *positions, positions[-1]], strict=True):
        x, y = editor.at(*place)
        down = {"force": force, "buttons": 1} if kind != "mouseReleased" else {"buttons": 0}
        button = {"button": "left", "clickCount": 1} if kind in ("mousePressed", "mouseReleased") else {}
        event = {"type": kind, "x": x, "y": y, "pointerType": "pen", **down, **button}
        devtools.send("Input.dispatchMouseEvent", event)
    editor.settle()


def performed(editor: EditorDriver, spots: list[tuple[float, float]]):
    """Places of the screen through which a hand goes while the clip plays, as soon as it does."""
    yield spots[0]
    editor.page.wait_for_function(f"() => {FRAME} > 0")
    for spot in spots[1:]:
        yield spot
        frame = editor.page.evaluate(f"() => {FRAME}")
        editor.page.wait_for_function(f"before => {FRAME} > before", arg=frame)


def pinch(devtools, middle: tuple[float, float]) -> None:
    """Two fingers, 60 pixels apart, go to 120."""
    for kind, reach in [("touchStart", 30), *(("touchMove", 30 + 5 * k) for k in range(1, 7))]:
        fingers = [{"x": middle[0] + side * reach, "y": middle[1], "id": k} for k, side in enumerate((-1, 1))]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_at_twice_the_pixels_and_by_touch(editor, devtools):
    page = editor.page
    editor.open(workflow(EMPTY))
    page.mouse.move(*editor.at(0.5, 0.5))
    editor.settle()
    sharp = page.evaluate("() => { const c = document.querySelector('.dnw-canvas'); return c.width / c.clientWidth }")
    assert sharp == pytest.approx(2, rel=0.02)
    editor.draw((0.2, 0.3), (0.6, 0.7))
    near(editor.points(0), [(0.2, 0.3), (0.6, 0.7)])
    for place in [(0.7, 0.2), (0.8, 0.4)]:
        page.touchscreen.tap(*editor.at(*place))
        editor.settle()  # the newest page lays the node out again
    near(editor.points(1), [(0.7, 0.2), (0.8, 0.4)])
    page.keyboard.press("Enter")
    pinch(devtools, editor.at(0.5, 0.5))
    editor.settle()
    assert len(editor.tracks) == 2, "two fingers draw nothing"
    assert page.evaluate("() => app.canvas.ds.scale") == 1, "they zoom the picture, not the graph"
    page.keyboard.press("v")
    left, top = editor.at(0.5, 0.5)
    point, goal = editor.at(0.6, 0.7), editor.at(0.55, 0.7)
    page.mouse.move(left + 2 * (point[0] - left), top + 2 * (point[1] - top))
    page.mouse.down()
    page.mouse.move(left + 2 * (goal[0] - left), top + 2 * (goal[1] - top), steps=4)
    page.mouse.up()
    near(editor.points(0), [(0.2, 0.3), (0.55, 0.7)], pixels=3)


def test_a_tap_picks_and_a_finger_drags(opened, devtools):
    editor = opened()
    editor.wait_for_pixel(0.3, 0.45, RED)
    editor.part("tool-object").click()
    finger(devtools, editor, (0.3, 0.45), wanders=9)
    editor.wait_for_objects(1)
    assert box(editor.objects[0]) == pytest.approx(SQUARE, abs=0.015)
    finger(devtools, editor, (0.3, 0.45), (0.4, 0.4), (0.5, 0.42), (0.6, 0.5))
    first, *_, last = editor.objects[0]["motion"]["points"]
    assert (last["x"] - first["x"], last["y"] - first["y"]) == pytest.approx((0.3, 0.05), abs=0.02)
    assert len(editor.objects) == 1


def test_a_small_object_is_moved_and_not_turned_by_a_finger(opened, devtools):
    editor = opened(rectangle(0.5, 0.5, 0.545, 0.58))
    editor.part("tool-object").click()
    middle = (0.5225, 0.54)
    finger(devtools, editor, middle)
    finger(devtools, editor, middle, (0.6, 0.6), (0.7, 0.7))
    first, *_, last = editor.objects[0]["motion"]["points"]
    assert (last["x"] - first["x"], last["y"] - first["y"]) == pytest.approx((0.1775, 0.16), abs=0.02)
    editor.page.keyboard.press("End")
    text = editor.text
    finger(devtools, editor, (0.7, 0.7), wanders=6)
    assert editor.text == text, "a tap sets no key"


def test_a_pen_paints_as_broad_as_it_is_pressed(opened, devtools):
    heights = []
    for force in (0.2, 0.5):
        editor = opened()
        editor.part("tool-brush").click()
        pen(devtools, editor, force, (0.6, 0.3), (0.7, 0.3), (0.8, 0.3))
        _, top, _, bottom = box(editor.objects[0])
        heights.append(bottom - top)
    assert heights[1] / heights[0] == pytest.approx(2.5, rel=0.2)


@pytest.mark.parametrize("hand", ["finger", "pen"])
def test_a_hand_performs(opened, devtools, hand):
    editor = opened()
    editor.part("perform").click()
    spots = [editor.at(*place) for place in ((0.3, 0.45), (0.4, 0.4), (0.5, 0.5), (0.6, 0.7))]
    for k, (x, y) in enumerate(performed(editor, spots)):
        if hand == "finger":
            kind = "touchMove" if k else "touchStart"
            devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        else:
            kind = "mouseMoved" if k else "mousePressed"
            down = {"button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen", "force": 0.4}
            devtools.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **down})
    if hand == "finger":
        devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    else:
        up = {"button": "left", "clickCount": 1, "pointerType": "pen", "x": x, "y": y}
        devtools.send("Input.dispatchMouseEvent", {"type": "mouseReleased", **up})
    wait_until_it_rests(editor)
    (track,) = editor.tracks
    assert track["timing"] == "keys" and len(track["points"]) <= 12
    near([editor.points(0)[0], editor.points(0)[-1]], [(0.3, 0.45), (0.6, 0.7)], pixels=8)
    assert page_scale(editor) == 1 and len(editor.objects) == 0


def test_a_second_finger_ends_a_performance_and_what_was_performed_stays(opened, devtools):
    editor = opened()
    editor.part("perform").click()
    spots = [editor.at(*place) for place in ((0.3, 0.45), (0.4, 0.4), (0.5, 0.5))]
    for k, (x, y) in enumerate(performed(editor, spots)):
        first = {"x": x, "y": y, "id": 0}
        kind = "touchMove" if k else "touchStart"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [first]})
    second = {"x": x + 60, "y": y, "id": 1}
    devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [first, second]})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_until_it_rests(editor)
    near([editor.points(0)[-1]], [(0.5, 0.5)], pixels=8)


def page_scale(editor: EditorDriver) -> float:
    """The graph's zoom."""
    return editor.page.evaluate("() => app.canvas.ds.scale")
