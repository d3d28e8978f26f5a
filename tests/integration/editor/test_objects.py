"""Things of the picture that are picked, moved, turned and scaled in ComfyUI's real page."""

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from scripts.editor_driver import EMPTY, HEIGHT, VALUE, WIDTH, EditorDriver, workflow
from scripts.frontend import press_run
from tests.integration.editor.renderers import mainly_in
from tests.integration.editor.things import BLUE, RED, SQUARE, box

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("classic")


@pytest.fixture
def drawing(editor, picture) -> EditorDriver:
    """The editor with the object tool over the picture."""
    editor.open(workflow(EMPTY, picture=picture, size=(560, 760)))
    editor.wait_for_pixel(0.3, 0.45, RED)
    editor.part("tool-object").click()
    return editor


@pytest.fixture
def picked(drawing) -> EditorDriver:
    drawing.click(0.3, 0.45)
    drawing.wait_for_objects(1)
    return drawing


def last_key(editor: EditorDriver) -> dict:
    return editor.objects[0]["motion"]["keys"][-1]


def test_a_click_picks_the_thing_under_it(picked):
    assert box(picked.objects[0]) == pytest.approx(SQUARE, abs=0.015)
    assert picked.tracks == []


def test_clicks_with_shift_and_alt_correct_it_even_where_a_handle_lies(editor, host):
    image = Image.new("RGB", (WIDTH, HEIGHT), BLUE)
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = (side * size for side, size in zip(SQUARE, (WIDTH, HEIGHT) * 2, strict=True))
    draw.rectangle((left, top, right - 1, bottom - 1), fill=RED)
    draw.rectangle((left, top - 70, right - 1, top - 1), fill=(60, 180, 70))
    image.save(host.input_directory / "capped.png")
    editor.open(workflow(EMPTY, picture="capped.png", size=(560, 760)))
    editor.wait_for_pixel(0.3, 0.45, RED)
    editor.part("tool-object").click()
    editor.click(0.3, 0.45)
    editor.wait_for_objects(1)
    capped = (SQUARE[0], SQUARE[1] - 70 / HEIGHT, *SQUARE[2:])  # both colours are one thing
    assert box(editor.objects[0]) == pytest.approx(capped, abs=0.015)
    x, y = editor.at(0.3, SQUARE[1])
    for key, expected in [("Alt", SQUARE[1]), ("Shift", capped[1])]:
        before = editor.text
        editor.page.keyboard.down(key)
        editor.page.mouse.click(x, y - 24)
        editor.page.keyboard.up(key)
        editor.page.wait_for_function(f"before => {VALUE} !== before", arg=before)
        assert box(editor.objects[0])[1] == pytest.approx(expected, abs=0.015)


def test_it_is_dragged_along_a_way_that_one_step_takes_back(picked):
    text = picked.text
    picked.drag((0.3, 0.45), (0.4, 0.3), (0.6, 0.45))
    points = picked.objects[0]["motion"]["points"]
    moved = (points[-1]["x"] - points[0]["x"], points[-1]["y"] - points[0]["y"])
    assert moved == pytest.approx((0.3, 0), abs=0.01) and min(p["y"] for p in points) < points[0]["y"] - 0.1
    picked.page.keyboard.press("Control+z")
    assert picked.text == text


def test_what_is_drawn_round_becomes_an_object(drawing):
    drawing.drag((0.1, 0.1), (0.5, 0.1), (0.5, 0.8), (0.1, 0.8), (0.1, 0.12))
    assert box(drawing.objects[0]) == pytest.approx((0.1, 0.1, 0.5, 0.8), abs=0.02)
    drawing.page.keyboard.press("Escape")
    for key in ("Shift", "Alt"):
        drawing.page.keyboard.down(key)
    drawing.drag((0.6, 0.2), (0.8, 0.6))
    for key in ("Shift", "Alt"):
        drawing.page.keyboard.up(key)
    assert box(drawing.objects[1]) == pytest.approx((0.6, 0.2, 0.8, 0.6), abs=0.01)
    assert len(drawing.objects[1]["outline"][0]) == 4


def test_keys_and_numbers_finish_the_edge_of_an_object(picked):
    keys, pixel = picked.page.keyboard, (WIDTH * HEIGHT) ** -0.5
    for key in (">", ">", ">", "<", "u", "u", "Shift+u", "n"):
        keys.press(key)
        picked.settle()
    (thing,) = picked.objects
    assert thing["grow"] == pytest.approx(2 * pixel) and thing["feather"] == pytest.approx(pixel)
    assert thing["edge"] == "exact"
    expect(picked.part("status")).to_have_text("The outline stays exactly as drawn")
    sharp = thing["outline"]
    keys.press("s")
    picked.settle()
    smooth = picked.objects[0]["outline"]
    assert smooth != sharp and box(picked.objects[0]) == pytest.approx(SQUARE, abs=0.02)
    keys.press("e")
    picked.part("of-object-smooth").get_by_role("spinbutton").fill("20")
    keys.press("Enter")
    picked.settle()
    assert picked.objects[0]["outline"] != smooth
    keys.press("Escape")
    for _ in range(2):
        keys.press("Control+z")
    picked.settle()
    assert picked.objects[0]["outline"] == sharp
    keys.press("Escape")
    keys.press(">")
    expect(picked.part("status")).to_contain_text("Select an object first")


def test_an_object_is_put_behind_a_thing_of_the_picture(drawing):
    keys = drawing.page.keyboard
    for key in ("Shift", "Alt"):
        keys.down(key)
    drawing.drag((0.6, 0.2), (0.8, 0.6))
    for key in ("Shift", "Alt"):
        keys.up(key)
    before = drawing.text
    keys.press("k")
    status = drawing.part("status")
    expect(status).to_contain_text("should stay in front")
    keys.press("Escape")
    expect(status).not_to_contain_text("should stay in front")
    keys.press("k")
    drawing.click(0.3, 0.45)
    drawing.wait_for_objects(2)
    moving, resting = drawing.objects
    assert box(resting) == pytest.approx(SQUARE, abs=0.015) and len(resting["motion"]["points"]) == 1
    assert box(moving)[0] == pytest.approx(0.6, abs=0.01)
    keys.press("ArrowRight")
    drawing.settle()
    assert box(drawing.objects[0])[0] > box(moving)[0] and drawing.objects[1] == resting, "what goes behind is selected"
    for _ in range(2):
        keys.press("Control+z")
    drawing.settle()
    assert drawing.text == before


def test_a_brush_adds_to_an_object_and_takes_away(picked):
    keys = picked.page.keyboard
    keys.press("m")
    for _ in range(3):
        keys.press("]")
    picked.drag((0.4, 0.45), (0.55, 0.45))
    left, top, right, bottom = box(picked.objects[0])
    assert (left, top, bottom) == pytest.approx((SQUARE[0], SQUARE[1], SQUARE[3]), abs=0.015) and 0.56 < right < 0.66
    assert len(picked.objects) == 1
    keys.down("Alt")
    picked.drag((0.5, 0.45), (0.7, 0.45), (0.7, 0.55), (0.5, 0.55), (0.5, 0.35), (0.7, 0.35))
    keys.up("Alt")
    assert box(picked.objects[0])[2] < 0.5
    keys.press("Control+z")
    assert 0.56 < box(picked.objects[0])[2] < 0.66


def test_a_brush_paints_a_new_object(drawing):
    drawing.page.keyboard.press("m")
    drawing.drag((0.6, 0.3), (0.8, 0.3))
    left, _, right, _ = box(drawing.objects[0])
    assert left == pytest.approx(0.58, abs=0.03) and right == pytest.approx(0.82, abs=0.03)
    drawing.page.keyboard.press("Control+z")
    assert drawing.text == EMPTY


def test_the_brush_chosen_again_paints_a_shadow_and_then_where_the_ground_is_copied_from(picked):
    keys, (before,) = picked.page.keyboard, picked.objects
    keys.press("m")
    keys.press("m")
    expect(picked.part("status")).to_contain_text("Paint its shadow")
    picked.drag((0.3, 0.7), (0.5, 0.7))
    (shaded,) = picked.objects
    assert shaded == before | {"shadow": shaded["shadow"]}
    left, _, right, _ = box({"outline": shaded["shadow"]})
    assert left == pytest.approx(0.28, abs=0.03) and right == pytest.approx(0.52, abs=0.03)
    picked.part("tool-brush").click()
    expect(picked.part("status")).to_contain_text("copied from")
    picked.drag((0.8, 0.7), (0.9, 0.7))
    (both,) = picked.objects
    assert both == shaded | {"fill_from": both["fill_from"]}
    keys.down("Alt")
    picked.drag((0.75, 0.7), (0.95, 0.7))
    picked.drag((0.95, 0.68), (0.75, 0.72))
    keys.up("Alt")
    keys.press("Control+z", delay=80)
    keys.press("Control+z", delay=80)
    assert picked.objects == [both]
    keys.press("Control+z", delay=80)
    assert picked.objects == [shaded]
    keys.press("Escape")
    picked.drag((0.8, 0.7), (0.9, 0.7))
    expect(picked.part("status")).to_contain_text("Select the object first")
    assert picked.objects == [shaded]
    keys.press("m")
    expect(picked.part("status")).to_contain_text("do not bend it")
    keys.press("m")
    expect(picked.part("status")).to_contain_text("Paint what belongs to it")


def test_a_gesture_is_cancelled_by_escape_and_by_another_tool(drawing):
    for leave in ["Escape", "v"]:
        drawing.part("tool-object").click()
        drawing.page.mouse.move(*drawing.at(0.6, 0.1))
        drawing.page.mouse.down()
        drawing.page.mouse.move(*drawing.at(0.8, 0.5), steps=4)
        drawing.page.keyboard.press(leave)
        drawing.page.mouse.up()
        drawing.settle()
        assert drawing.text == EMPTY


def test_handles_turn_and_scale_it_at_the_playhead(picked):
    keys = picked.page.keyboard
    keys.press("End")
    left, top, right, bottom = box(picked.objects[0])
    middle = ((left + right) / 2, (top + bottom) / 2)
    x, y = picked.at(middle[0], top)
    scale = (picked.at(1, 0)[0] - picked.at(0, 0)[0]) / WIDTH
    picked.page.mouse.move(x, y - 24)  # the handle is 24 pixels above the box
    picked.page.mouse.down()
    away = (bottom - top) / 2 * HEIGHT * scale + 24
    center = picked.at(*middle)
    picked.page.mouse.move(center[0] + away * 0.7071, center[1] - away * 0.7071, steps=4)
    picked.page.mouse.move(center[0] + away, center[1], steps=4)
    picked.page.mouse.up()
    picked.settle()
    assert last_key(picked)["rotation"] == pytest.approx(90, abs=2) and last_key(picked)["t"] == 1
    keys.press("Control+z")
    picked.page.mouse.move(*picked.at(right, bottom))
    picked.page.mouse.down()
    far = (center[0] + (right - left) * WIDTH * scale, center[1] + (bottom - top) * HEIGHT * scale)
    picked.page.mouse.move(*far, steps=4)
    picked.page.mouse.up()
    picked.settle()
    assert last_key(picked)["scale"] == pytest.approx(2, abs=0.08)


def test_numbers_of_the_panel_are_those_of_the_frame_that_is_shown(picked):
    picked.part("properties").click()
    picked.page.keyboard.press("End")
    for name, value in [("x", "57.6"), ("rotation", "30"), ("scale", "50")]:
        field = picked.part(f"object-{name}")
        field.fill(value)
        field.press("Enter")
    (key,) = (key for key in picked.objects[0]["motion"]["keys"] if key["t"] == 1)
    assert (key["x"], key["rotation"], key["scale"]) == pytest.approx((0.1, 30, 0.5), abs=1e-4)
    picked.page.keyboard.press("Escape")
    picked.page.keyboard.press("Home")
    for _ in range(6):
        picked.page.keyboard.press(".")
    picked.settle()
    halfway = float(picked.part("object-rotation").input_value())
    assert halfway == pytest.approx(30 * 6 / 13, abs=0.1)


def test_playing_shows_the_thing_where_it_goes_and_ground_where_it_was(picked):
    picked.drag((0.3, 0.45), (0.5, 0.45), (0.7, 0.45))
    picked.page.keyboard.press("Escape")
    picked.page.keyboard.press("End")
    pixels = """place => {
        const root = document.querySelector('[data-testid=dragnuwa-editor]')
        const canvas = root.querySelectorAll('canvas')[1]
        const box = canvas.getBoundingClientRect()
        const [x, y] = place.map((at, k) => (at - [box.left, box.top][k]) / [box.width, box.height][k])
        const context = canvas.getContext('2d')
        return [...context.getImageData(x * canvas.width, y * canvas.height, 1, 1).data.slice(0, 3)]
    }"""
    look = f"([place, color]) => ({pixels})(place).every((v, k) => Math.abs(v - color[k]) < 12)"
    picked.page.wait_for_function(look, arg=[picked.at(0.7, 0.4), RED])
    picked.page.wait_for_function(look, arg=[picked.at(0.25, 0.5), BLUE])


def test_objects_have_a_row_in_the_timeline(picked):
    assert picked.part("row").count() == 1
    picked.part("row").locator(".dnw-name").click()
    picked.page.keyboard.press("Control+d")
    picked.settle()
    assert len(picked.objects) == 2 and picked.part("row").count() == 2
    assert picked.objects[0]["color"] != picked.objects[1]["color"]
    picked.part("row").nth(0).get_by_test_id("dragnuwa-track-eye").click()
    assert [thing["enabled"] for thing in picked.objects] == [False, True]
    picked.page.keyboard.press("Delete")
    assert len(picked.objects) == 1


def test_the_arrow_selects_an_object_that_is_clicked_inside(picked):
    picked.page.keyboard.press("Escape")
    picked.page.keyboard.press("v")
    picked.page.keyboard.press("Control+d")
    assert len(picked.objects) == 1, "nothing is selected"
    picked.click(0.25, 0.45)
    picked.page.keyboard.press("Control+d")
    picked.settle()
    assert len(picked.objects) == 2


def test_masks_that_are_connected_are_offered_as_objects_after_a_run(editor, picture, host):
    graph = workflow(EMPTY, picture=picture, computed=True)
    (loader,) = (node for node in graph["nodes"] if node["type"] == "LoadImage")
    (draw,) = (node for node in graph["nodes"] if node["type"] == "DragNUWATrajectoryEditor")
    convert = {
        "id": 9, "type": "ImageToMask", "pos": [20, 700], "size": [220, 60], "flags": {}, "order": 1, "mode": 0,
        "properties": {}, "inputs": [{"name": "image", "type": "IMAGE", "link": 20}], "widgets_values": ["red"],
        "outputs": [{"name": "MASK", "type": "MASK", "links": [21]}],
    }  # fmt: skip
    draw["inputs"].append({"name": "masks", "type": "MASK", "link": 21})
    loader["outputs"][0]["links"].append(20)
    graph["nodes"].append(convert)
    graph["links"] += [[20, 1, 0, 9, 0, "IMAGE"], [21, 9, 0, 2, 1, "MASK"]]
    editor.open(graph)
    assert not editor.part("take-outlines").is_visible()
    entry = press_run(editor.page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]["messages"][-1]
    editor.part("take-outlines").click()
    assert box(editor.objects[0]) == pytest.approx(SQUARE, abs=0.01)
    editor.settle()
    assert not editor.part("take-outlines").is_visible()


def test_a_click_on_nothing_says_so(editor):
    editor.open(workflow(EMPTY, picture=None))
    editor.part("tool-object").click()
    editor.click(0.5, 0.5)
    editor.page.wait_for_function("e => /No picture/.test(e.textContent)", arg=editor.part("status").element_handle())
    assert editor.text == EMPTY
