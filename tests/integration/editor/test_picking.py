"""What clicks, boxes and the wheel pick, lit before it is taken, in ComfyUI's real page."""

import json

import pytest
from playwright.sync_api import expect

from dragnuwa.trajectory.objects.masks import outline_mask
from dragnuwa.vision.click_network.weights import shipped
from scripts.editor_driver import EMPTY, HEIGHT, PIXEL, VALUE, WIDTH, EditorDriver, workflow
from tests.integration.editor.things import EYE, HEAD, ON_EYE, ON_GROUND, ON_HEAD, RED, box, picture_of_a_face, placed

# What it tests is the same in both renderers; other files have the pointer and the keys in both.
pytestmark = pytest.mark.parametrize("editor_page", ["vue"], indirect=True, scope="module")


# How much of the picture the topmost layer covers at a place.
LIGHT = PIXEL.replace("[data-testid=dragnuwa-editor] canvas", "[data-testid=dragnuwa-canvas]").replace(
    "slice(0, 3)", "slice(3)"
)


@pytest.fixture
def faced(editor, host) -> EditorDriver:
    """A green eye in a red head on blue ground, with the object tool."""
    picture = placed(host, "nested.png", picture_of_a_face)
    editor.open(workflow(EMPTY, picture=picture, size=(560, 760)))
    editor.wait_for_pixel(*ON_HEAD, RED)
    editor.part("tool-object").click()
    return editor


@pytest.fixture
def nested(faced) -> EditorDriver:
    """The same, and a click has picked the head."""
    faced.click(*ON_EYE)
    faced.wait_for_objects(1)
    return faced


def changed(editor: EditorDriver, change) -> tuple[float, float, float, float]:
    """The box around the object after a change."""
    before = editor.text
    change()
    editor.page.wait_for_function(f"before => {VALUE} !== before", arg=before)
    return box(editor.objects[0])


def wait_until_lit(editor: EditorDriver, **positions: bool) -> None:
    """Until the light lies on the head and the eye, or not."""
    at = {"head": ON_HEAD, "eye": ON_EYE, "ground": ON_GROUND}
    for name, lit in positions.items():
        editor.page.wait_for_function(
            f"([place, lit]) => ({LIGHT})(place)[0] > 0 === lit", arg=[[*at[name], WIDTH, HEIGHT], lit]
        )


def test_what_a_click_would_take_is_lit_and_the_wheel_takes_a_smaller_thing(faced):
    mouse, keys = faced.page.mouse, faced.page.keyboard
    mouse.move(*faced.at(*ON_EYE))
    wait_until_lit(faced, head=True, eye=True, ground=False)
    keys.down("Shift")
    mouse.wheel(0, 100)
    keys.up("Shift")
    wait_until_lit(faced, head=False, eye=True)
    assert faced.text == EMPTY, "nothing is taken yet"
    mouse.click(*faced.at(*ON_EYE))
    faced.wait_for_objects(1)
    assert box(faced.objects[0]) == pytest.approx(EYE, abs=0.015)
    assert changed(faced, lambda: keys.press("]")) == pytest.approx(HEAD, abs=0.015)
    mouse.move(*faced.at(*ON_HEAD))
    wait_until_lit(faced, ground=False)


def test_ground_is_asked_about_before_it_is_taken(faced):
    """A second click takes it, and a bracket a smaller thing in its place."""
    widths, areas = [], []

    def bracket() -> None:
        faced.page.mouse.move(5, 500)  # wherever the pointer is by then
        faced.page.keyboard.press("[")

    for answer in (lambda: faced.click(*ON_GROUND), bracket):
        faced.click(*ON_GROUND)
        faced.part("status").get_by_text("looks like ground").wait_for()
        assert faced.text == EMPTY
        answer()
        faced.wait_for_objects(1)
        left, _, right, _ = box(faced.objects[0])
        widths.append(right - left)
        rings = [[(place["x"], place["y"]) for place in ring] for ring in faced.objects[0]["outline"]]
        areas.append(outline_mask(rings, WIDTH, HEIGHT).mean())
        faced.page.keyboard.press("Control+z")
        faced.page.keyboard.press("Escape")
    assert widths[0] > 0.99 and areas[1] < 0.85 * areas[0]


def test_the_light_goes_with_the_pointer(faced):
    faced.page.mouse.move(*faced.at(*ON_EYE))
    wait_until_lit(faced, head=True)
    faced.page.mouse.move(5, 500)
    wait_until_lit(faced, head=False, eye=False)
    faced.page.mouse.move(*faced.at(*ON_EYE))
    wait_until_lit(faced, head=True)
    faced.page.keyboard.press("p")
    wait_until_lit(faced, head=False, eye=False)


def test_a_box_picks_what_is_in_it(faced):
    keys = faced.page.keyboard
    for place, expected in [((0.19, 0.15, 0.65, 0.85), HEAD), ((0.35, 0.38, 0.48, 0.61), EYE)]:
        keys.down("Shift")
        faced.drag(place[:2], place[2:])
        keys.up("Shift")
        faced.wait_for_objects(1)
        assert box(faced.objects[0]) == pytest.approx(expected, abs=0.015)
        keys.press("Control+z")
        keys.press("Escape")
        assert faced.text == EMPTY


def test_the_wheel_over_the_dashed_line_of_a_drag_takes_another_size(editor, faced):
    """With the pen, too: the drag's thing becomes an object, of the next size."""
    drag = {"points": [{"x": ON_EYE[0], "y": ON_EYE[1]}, {"x": 0.6, "y": 0.5}]}
    value = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [drag]})
    editor.open(workflow(value, picture="nested.png", size=(560, 760)))
    editor.wait_for_pixel(*ON_HEAD, RED)
    editor.part("tool-select").click()
    editor.click(0.5, 0.5)
    editor.part("take-carried").wait_for()
    editor.page.keyboard.press("p")
    editor.page.mouse.move(*editor.at(*ON_EYE))
    editor.page.keyboard.down("Shift")
    editor.page.mouse.wheel(0, 100)
    editor.page.keyboard.up("Shift")
    editor.wait_for_objects(1)
    editor.page.wait_for_function(f"() => JSON.parse({VALUE}).objects[0].outline[0].every(p => p.x > 0.3)")
    assert editor.tracks == [] and box(editor.objects[0]) == pytest.approx(EYE, abs=0.015)


def test_brackets_and_the_wheel_take_a_smaller_or_a_larger_thing(nested):
    keys, mouse = nested.page.keyboard, nested.page.mouse
    assert box(nested.objects[0]) == pytest.approx(HEAD, abs=0.015)
    text = nested.text
    assert changed(nested, lambda: keys.press("[")) == pytest.approx(EYE, abs=0.015)
    keys.down("Shift")
    assert changed(nested, lambda: mouse.wheel(0, -100)) == pytest.approx(HEAD, abs=0.015)
    assert changed(nested, lambda: mouse.wheel(0, 100)) == pytest.approx(EYE, abs=0.015)
    keys.up("Shift")
    for _ in range(3):
        changed(nested, lambda: keys.press("Control+z"))
    assert nested.text == text


def test_what_was_drawn_is_corrected_by_clicks_too(nested):
    """A rectangle that is too large: an Alt-click on the ground leaves the head."""
    nested.page.keyboard.press("Control+z")
    for key in ("Shift", "Alt"):
        nested.page.keyboard.down(key)
    nested.drag((0.1, 0.1), (0.75, 0.9))
    for key in ("Shift", "Alt"):
        nested.page.keyboard.up(key)
    nested.page.keyboard.down("Alt")
    left, top, right, bottom = changed(nested, lambda: nested.page.mouse.click(*nested.at(0.7, 0.5)))
    nested.page.keyboard.up("Alt")
    assert (left, top, right, bottom) == pytest.approx(HEAD, abs=0.02)


def area(editor: EditorDriver) -> float:
    """Of the only object, in parts of the picture."""
    outline = [[(corner["x"], corner["y"]) for corner in ring] for ring in editor.objects[0]["outline"]]
    return float(outline_mask(outline, WIDTH, HEIGHT).mean())


def test_with_alt_what_is_lit_is_taken_away_and_with_shift_added_and_nothing_else(nested):
    """The eye out of the head; then the eye again."""
    mouse, keys = nested.page.mouse, nested.page.keyboard
    mouse.move(*nested.at(*ON_GROUND))
    whole = area(nested)
    keys.down("Alt")
    mouse.move(*nested.at(*ON_EYE))
    wait_until_lit(nested, eye=True, head=False)
    changed(nested, lambda: mouse.click(*nested.at(*ON_EYE)))
    keys.up("Alt")
    eye = (EYE[2] - EYE[0]) * (EYE[3] - EYE[1])
    assert whole - area(nested) == pytest.approx(eye, rel=0.12), "all of the eye, and no more"
    assert box(nested.objects[0]) == pytest.approx(HEAD, abs=0.02)
    keys.down("Shift")
    mouse.move(*nested.at(ON_EYE[0] + 0.01, ON_EYE[1]))
    wait_until_lit(nested, eye=True)
    changed(nested, lambda: mouse.click(*nested.at(ON_EYE[0] + 0.01, ON_EYE[1])))
    keys.up("Shift")
    assert area(nested) == pytest.approx(whole, rel=0.02)


def asked(editor: EditorDriver) -> list[tuple[str, dict]]:
    """The routes that the page asks from now on, and with what."""
    found = []

    def note(request) -> None:
        if "/dragnuwa/" in request.url:
            found.append((request.url.rsplit("/", 1)[1], json.loads(request.post_data)))

    editor.page.on("request", note)
    return found


def test_a_picture_is_prepared_once_when_it_appears_and_the_toolbar_says_who_answers(editor, host):
    picture_of_a_face(2).save(host.input_directory / "prepared.png")
    requests = asked(editor)
    with editor.page.expect_response("**/dragnuwa/prepare") as answer:
        editor.open(workflow(EMPTY, picture="prepared.png", size=(560, 760)))
    assert answer.value.json() == {"learned": shipped() is not None}
    expect(editor.part("segmenter")).to_have_text("Learned" if shipped() else "Edges")
    editor.part("tool-object").click()
    editor.settle(30)
    prepared = [body for route, body in requests if route == "prepare"]
    assert [body["picture"]["filename"] for body in prepared] == ["prepared.png"] * len(prepared)
    assert [body.get("things", False) for body in prepared] == ([False, True] if shipped() else [False])
    with editor.page.expect_response("**/dragnuwa/prepare"):
        editor.set_widget("width", 592)


def test_a_click_looks_for_other_sizes_only_once_they_are_wanted(faced):
    requests = asked(faced)
    faced.click(*ON_EYE)
    faced.wait_for_objects(1)
    picks = [body for route, body in requests if route == "pick"]
    assert picks and all(body.get("preview") for body in picks)
    changed(faced, lambda: faced.page.keyboard.press("["))
    assert [body["step"] for route, body in requests if route == "pick" and "step" in body] == [-1]


def test_the_pointer_gets_a_guess_first_where_there_is_a_network(faced):
    """The server here may have none: that it says so is what the page goes by."""
    faced.page.route("**/dragnuwa/prepare", lambda route: route.fulfill(json={"learned": True}))
    faced.open(workflow(EMPTY, picture="nested.png", size=(560, 760)))
    faced.wait_for_pixel(*ON_HEAD, RED)
    expect(faced.part("segmenter")).to_have_text("Learned")
    faced.part("tool-object").click()
    requests = asked(faced)
    with faced.page.expect_response(lambda answer: '"preview":true' in (answer.request.post_data or "")):
        faced.page.mouse.move(*faced.at(*ON_EYE))
    wait_until_lit(faced, head=True, ground=False)
    assert [body["preview"] for route, body in requests if route == "pick"] == ["guess", True]
    faced.page.unroute("**/dragnuwa/prepare")


def test_a_letter_is_for_the_editor_under_the_pointer_without_a_click(faced):
    page, keys, mouse = faced.page, faced.page.keyboard, faced.page.mouse
    faced.part("tool-pen").click()
    page.evaluate("() => document.activeElement.blur()")
    mouse.move(5, 500)
    keys.press("b")
    expect(faced.part("tool-pen"), "the pointer is elsewhere").to_have_attribute("aria-pressed", "true")
    mouse.move(*faced.at(*ON_EYE))
    keys.press("b")
    expect(faced.part("tool-object")).to_have_attribute("aria-pressed", "true")
    assert faced.tracks == [] and faced.objects == []


def test_what_is_written_elsewhere_stays_there_and_nothing_is_lit_meanwhile(faced):
    page, mouse = faced.page, faced.page.mouse
    page.evaluate("() => document.body.append(Object.assign(document.createElement('textarea'), { id: 'elsewhere' }))")
    try:
        page.locator("#elsewhere").focus()
        requests = asked(faced)
        mouse.move(5, 500)
        mouse.move(*faced.at(*ON_EYE))
        page.keyboard.press("v")
        faced.settle(30)
        assert page.locator("#elsewhere").input_value() == "v"
        expect(faced.part("tool-object")).to_have_attribute("aria-pressed", "true")
        assert not [route for route, _ in requests if route == "pick"]
    finally:
        page.evaluate("() => document.getElementById('elsewhere').remove()")


def test_a_thing_has_one_outline_until_a_handle_of_its_end_is_held(nested):
    """The end of a path is far from its beginning, where the outline is."""
    mouse, keys = nested.page.mouse, nested.page.keyboard
    nested.drag(ON_HEAD, (ON_HEAD[0] + 0.35, ON_HEAD[1]))
    corner = (HEAD[2] + 0.35, HEAD[3])
    beside = [corner[0] - 0.06, HEAD[3], WIDTH, HEIGHT]  # on the box around the end
    mouse.move(*nested.at(0.1, 0.9))
    look = PIXEL.replace("querySelector(", "querySelectorAll(").replace("canvas')", "canvas')[2]")
    assert "[2]" in look
    painted = look.replace("slice(0, 3)", "slice(3)")
    nested.page.wait_for_function(f"place => ({painted})(place)[0] === 0", arg=beside)
    mouse.move(*nested.at(*corner))
    nested.page.wait_for_function(f"place => ({painted})(place)[0] > 0", arg=beside)
    keys.press("Escape")
