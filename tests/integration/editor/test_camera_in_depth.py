"""The editor before a camera in depth: distances and a horizon, and what is played."""

import json
import re
from itertools import count

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from scripts.editor_driver import PIXEL, EditorDriver, workflow
from scripts.frontend import api_prompt, press_run
from scripts.host import ROOT
from tests.integration.editor.clips import node
from tests.integration.editor.renderers import mainly_in
from tests.integration.editor.things import BLUE, RED
from tests.support.drawings import objects_value, rectangle_ring

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("vue")

SIZE = (192, 112)
CARD = (96, 40, 120, 72)  # left, top, right, bottom of a red thing on blue ground, in pixels
THERE = (108 / 192, 56 / 112)  # its middle
WIDTHS = [*SIZE, 14, "crop"]
MOVES = {"pan": 0, "tilt": 0, "roll": 0, "truck": 0.3, "pedestal": 0, "dolly": 0, "orbit": 0, "rise": 0, "zoom": 0,
         "dolly_zoom": False, "handheld": 0, "seed": 0, "control": "fixed", "focus_x": THERE[0], "focus_y": THERE[1],
         "ease": "linear", "start": 0, "end": 1, "white": "near", "farthest": 10, "view_angle": 55, "spacing": 32,
         "grow": False, "path": "", "matrices": "w2c", "path_scale": 1, "longer_side": -1,
         "camera_number": 1}  # fmt: skip
SPACINGS = count(32)
GREEN = 30, 200, 60
NO_TRUCK = """() => {
    const camera = app.graph.nodes.find(n => n.type === 'DragNUWACameraInDepth')
    camera.widgets.find(w => w.name === 'truck').value = 0
}"""
FOCAL = 96 / np.tan(np.radians(55 / 2))
WAY = 0.3 * FOCAL / SIZE[0]  # how far the thing has gone to the left in the last frame, as a fraction of the width


@pytest.fixture(scope="module")
def card(host) -> str:
    """A picture in the input folder, and beside it one of its depth, in which the thing is near: its name."""
    for name, near, far in (("card.png", RED, BLUE), ("card_depth.png", (255,) * 3, (0,) * 3)):
        pixels = np.full((SIZE[1], SIZE[0], 3), far, np.uint8)
        pixels[CARD[1] : CARD[3], CARD[0] : CARD[2]] = near
        Image.fromarray(pixels).save(host.input_directory / name)
    return "card.png"


def graph(picture: str, text: str, measured: bool) -> dict:
    """Load Image, the editor, Camera in Depth and a preview; with a second Load Image for the depth if `measured`. No
    two are computed alike, since ComfyUI says nothing of what it has kept."""
    values = [*WIDTHS, *(MOVES | {"spacing": next(SPACINGS)}).values()]
    made = workflow(text, picture=picture, size=(560, 700))
    loaded, editor = made["nodes"][:2]
    editor["widgets_values"][1:4] = WIDTHS[:3]
    loaded["outputs"][0]["links"] = [*loaded["outputs"][0]["links"], 21]
    editor["outputs"][0]["links"] = [22]
    inputs = [("image", "IMAGE", 21), ("geometry", "MOGE_GEOMETRY,DA3_GEOMETRY", None),
              ("depth", "IMAGE", 23 if measured else None), ("trajectories", "STRING", 22)]  # fmt: skip
    made["nodes"] += [
        node(
            8,
            "DragNUWACameraInDepth",
            inputs,
            [("images", "IMAGE", [24])],
            values,
            3,
        ),
        node(9, "PreviewImage", [("images", "IMAGE", 24)], [], [], 4),
    ]
    made["links"] += [[21, loaded["id"], 0, 8, 0, "IMAGE"], [22, editor["id"], 0, 8, 3, "STRING"],
                      [24, 8, 0, 9, 0, "IMAGE"]]  # fmt: skip
    if measured:
        made["nodes"].append(node(10, "LoadImage", [], [("IMAGE", "IMAGE", [23])], ["card_depth.png", "image"], 0))
        made["links"].append([23, 10, 0, 8, 2, "IMAGE"])
    return made | {"last_node_id": 10, "last_link_id": 24}


def drawing(**fields) -> str:
    outline = [rectangle_ring(*CARD, SIZE)]
    return json.dumps(objects_value({"outline": outline, "motion": {"keys": [{"t": 0}]}, "edge": "exact", **fields}))


def opened(editor_page, picture: str, text: str, measured: bool = False) -> EditorDriver:
    editor = EditorDriver(editor_page, SIZE)
    editor.open(graph(picture, text, measured))
    editor.wait_for_pixel(0.1, 0.9, BLUE)
    return editor


def last_frame_is_moved(editor: EditorDriver) -> None:
    """Until the last frame shows the thing where the camera sees it."""
    editor.part("tool-select").click()
    editor.page.keyboard.press("End")
    wait_for_red(editor, THERE[0] - WAY)


def wait_for_red(editor: EditorDriver, x: float) -> None:
    """Until what is played is red at the thing's height."""
    wait_for_color(editor, x, RED)


def wait_for_color(editor: EditorDriver, x: float, color: tuple[int, int, int]) -> None:
    """Until what is played has nearly that colour in the middle of the picture's height."""
    played = PIXEL.replace(
        "querySelector('[data-testid=dragnuwa-editor] canvas')",
        "querySelectorAll('[data-testid=dragnuwa-editor] canvas')[1]",
    )
    assert played != PIXEL
    near = "([place, color]) => ((found) => found.every((part, k) => Math.abs(part - color[k]) < 60))"
    editor.page.wait_for_function(f"{near}(({played})(place))", arg=[[x, THERE[1], *SIZE], list(color)])


def test_a_drawing_by_hand_is_played_as_the_camera_sees_it(editor_page, card):
    editor = opened(editor_page, card, drawing(distance=1))
    last_frame_is_moved(editor)


def test_the_distance_is_a_slider_and_a_number_and_may_be_taken_back(editor_page, card):
    editor = opened(editor_page, card, drawing())
    editor.part("tool-select").click()
    editor.click(*THERE)
    editor.part("properties").click()
    number = editor.part("distance").locator("input")
    assert number.input_value() == ""
    number.fill("4")
    number.press("Enter")
    assert editor.objects[0]["distance"] == 4
    slider = editor.page.get_by_label("From near to far")
    slider.focus()
    slider.press("Home")
    assert editor.objects[0]["distance"] == 0.5
    editor.part("undo").click()
    assert editor.objects[0]["distance"] == 4
    number.fill("")
    number.press("Enter")
    assert "distance" not in editor.objects[0]


def test_the_horizon_is_drawn_moved_undone_and_removed(editor_page, card):
    editor = opened(editor_page, card, drawing())
    horizon = editor.part("horizon")
    assert not horizon.is_visible()
    editor.part("toggle-horizon").click()
    assert json.loads(editor.text)["horizon"] == 0.5
    horizon.wait_for()  # it is shown with the next drawing of the canvas
    box = horizon.bounding_box()
    editor.page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    editor.page.mouse.down()
    editor.page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2 - 20, steps=4)
    editor.page.mouse.up()
    moved = json.loads(editor.text)["horizon"]
    assert 0.1 < moved < 0.48
    horizon.press("ArrowDown")
    assert json.loads(editor.text)["horizon"] == pytest.approx(moved + 0.01)
    editor.part("undo").click()
    assert json.loads(editor.text)["horizon"] == moved
    editor.part("toggle-horizon").click()
    assert "horizon" not in json.loads(editor.text)


def test_measured_depth_is_played_after_a_run(editor_page, card, host):
    editor = opened(editor_page, card, drawing(), measured=True)
    assert not editor.part("toggle-horizon").is_visible()  # the depth is known
    press_run(editor.page, host.url)
    last_frame_is_moved(editor)


def test_without_such_a_camera_nothing_of_it_is_offered(editor, picture):
    editor.open(workflow(drawing(), picture=picture))
    editor.settle()
    assert not editor.part("toggle-horizon").is_visible()
    assert not editor.part("tool-camera").is_visible()


def camera_inputs(editor: EditorDriver) -> dict:
    """What a run would take."""
    (found,) = (node for node in api_prompt(editor.page).values() if node["class_type"] == "DragNUWACameraInDepth")
    return found["inputs"]


def hold(editor: EditorDriver, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Presses the button at a place of the picture, and moves the pointer to another."""
    mouse = editor.page.mouse
    mouse.move(*editor.at(*start))
    mouse.down()
    mouse.move(*editor.at((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    mouse.move(*editor.at(*end))


def test_dragging_turns_the_camera_and_shows_at_once_what_it_sees(editor_page, card):
    editor = opened(editor_page, card, drawing(distance=1))
    before = editor.text
    editor.part("tool-camera").click()
    expect(editor.part("status")).to_contain_text("orbit")  # the depth is known
    editor_page.keyboard.down("Shift")
    hold(editor, (0.2, 0.5), (0.2 + WAY, 0.5))
    wait_for_red(editor, THERE[0])  # while it is held: back where it was, against a truck of 0.3
    assert camera_inputs(editor)["truck"] == 0.3
    editor_page.mouse.up()
    editor_page.keyboard.up("Shift")
    assert camera_inputs(editor)["truck"] == pytest.approx(0, abs=0.01)
    assert editor.text == before
    editor_page.keyboard.press("Control+z")
    wait_for_red(editor, THERE[0] - WAY)
    assert camera_inputs(editor)["truck"] == 0.3
    editor_page.keyboard.press("Control+Shift+z")
    wait_for_red(editor, THERE[0])
    assert camera_inputs(editor)["truck"] == pytest.approx(0, abs=0.01)


def test_between_the_ends_of_the_clip_a_line_of_the_path_is_written(editor_page, card):
    editor = opened(editor_page, card, drawing(distance=1))
    editor.part("tool-camera").click()
    expect(editor.part("status")).to_contain_text("orbit")
    for key in ["End", *[","] * 6]:
        editor_page.keyboard.press(key)
    expect(editor.part("status")).to_contain_text("at this frame")
    wait_for_red(editor, THERE[0] - WAY * 7 / 13)
    editor_page.keyboard.down("Shift")
    hold(editor, (0.6, 0.5), (0.6 - WAY / 2, 0.5))
    wait_for_red(editor, THERE[0] - WAY * (7 / 13 + 0.5))
    editor_page.mouse.up()
    editor_page.keyboard.up("Shift")
    inputs = camera_inputs(editor)
    (time, amount), (end, rest) = re.findall(r"^([\d.]+): truck (-?[\d.]+)", inputs["path"], re.MULTILINE)
    assert (float(time), float(end), float(rest)) == (pytest.approx(7 / 13, abs=1e-4), 1, 0)
    assert float(amount) == pytest.approx(0.15, abs=0.02)
    assert inputs["truck"] == 0.3
    editor_page.keyboard.press("End")
    wait_for_red(editor, THERE[0] - WAY)  # where it was
    editor.part("undo").click()
    assert camera_inputs(editor)["path"] == ""


def bent_card(**fields) -> str:
    """The thing, held at its foot and bent at its head."""
    left, top, right, bottom = CARD
    foot, head = ({"x": (left + right) / 2 / SIZE[0], "y": y / SIZE[1]} for y in (bottom - 3, top + 3))
    bent = {"points": [head, {"x": head["x"] + 0.05, "y": head["y"]}]}
    return drawing(distance=1, pins=[{"points": [foot]}, bent], **fields)


def test_what_bends_is_bent_in_the_page_while_the_camera_is_turned(editor_page, card):
    asked = []
    editor_page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    editor = opened(editor_page, card, bent_card())
    last_frame_is_moved(editor)
    editor.part("tool-camera").click()
    editor_page.keyboard.down("Shift")
    hold(editor, (0.2, 0.5), (0.2 + WAY, 0.5))
    wait_for_red(editor, THERE[0] + 0.02)
    editor_page.mouse.up()
    editor_page.keyboard.up("Shift")
    wait_for_red(editor, THERE[0] + 0.02)
    assert "depth" in asked and "play" not in asked


def test_what_bends_and_is_blurred_is_played_by_frames_of_the_server(editor_page, card):
    moves = {"motion": {"keys": [{"t": 1, "x": 0.01}]}, "shutter": 0.5}
    with editor_page.expect_response(lambda response: response.url.endswith("/dragnuwa/play")) as answered:
        editor = opened(editor_page, card, bent_card(**moves))
    assert answered.value.status == 200
    last_frame_is_moved(editor)
    editor.part("tool-camera").click()
    editor_page.keyboard.down("Shift")
    hold(editor, (0.2, 0.5), (0.2 + WAY, 0.5))
    wait_for_red(editor, THERE[0])  # as a whole, until it has been asked for again
    with editor_page.expect_response(lambda response: response.url.endswith("/dragnuwa/play")):
        editor_page.mouse.up()
    editor_page.keyboard.up("Shift")
    wait_for_red(editor, THERE[0])


def test_an_object_dragged_in_the_scene_goes_behind_what_is_nearer_before_the_server_answers(editor_page, host):
    for name, ground, thing, post in (("post.png", BLUE, RED, GREEN), ("post_depth.png", 40, 120, 250)):
        made = np.full((SIZE[1], SIZE[0], 3), ground, np.uint8)
        made[40:72, 40:64] = thing
        made[:, 140:152] = post
        Image.fromarray(made).save(host.input_directory / name)
    outline = [rectangle_ring(40, 40, 64, 72, SIZE)]
    goes = {"points": [{"x": 52 / 192, "y": 0.5}, {"x": 62 / 192, "y": 0.5}]}
    text = json.dumps(objects_value({"outline": outline, "motion": goes, "edge": "exact"}))
    made = graph("post.png", text, True)
    made["nodes"][-1]["widgets_values"][0] = "post_depth.png"
    editor = EditorDriver(editor_page, SIZE)
    editor.open(made)
    editor.wait_for_pixel(0.1, 0.9, BLUE)
    press_run(editor_page, host.url)
    editor_page.evaluate(NO_TRUCK)
    editor.part("tool-object").click()
    editor_page.keyboard.press("End")
    wait_for_color(editor, 62 / 192, RED)  # the depth is known
    editor_page.keyboard.press("Home")
    editor.click(52 / 192, 0.5)
    editor_page.route("**/dragnuwa/*", lambda route: None)  # from now on, the server says nothing
    hold(editor, (52 / 192, 0.5), (146 / 192, 0.5))
    wait_for_color(editor, 137 / 192, RED)
    wait_for_color(editor, 146 / 192, GREEN)
    wait_for_color(editor, 155 / 192, RED)
    editor_page.mouse.up()
    editor_page.unroute("**/dragnuwa/*")
    assert editor.objects[0]["motion"]["points"][-1]["x"] == pytest.approx(146 / 192, abs=0.01)


def test_the_focus_is_dragged_in_the_first_frame(editor_page, card):
    editor = opened(editor_page, card, drawing(distance=1))
    editor.part("tool-camera").click()
    expect(editor.part("status")).to_contain_text("focus")  # the depth is known
    hold(editor, THERE, (0.3, 0.6))
    expect(editor.part("status")).to_contain_text("0.3, 0.6")
    editor_page.mouse.up()
    inputs = camera_inputs(editor)
    assert (inputs["focus_x"], inputs["focus_y"]) == (pytest.approx(0.3, abs=0.01), pytest.approx(0.6, abs=0.01))
    assert (inputs["orbit"], inputs["truck"]) == (0, 0.3)
    editor_page.keyboard.press("Control+z")
    assert camera_inputs(editor)["focus_x"] == pytest.approx(THERE[0], abs=1e-6)


def test_escape_takes_a_turn_back_before_it_is_one(editor_page, card):
    editor = opened(editor_page, card, drawing(distance=1))
    editor.part("tool-camera").click()
    expect(editor.part("status")).to_contain_text("orbit")
    hold(editor, (0.2, 0.5), (0.6, 0.5))
    expect(editor.part("status")).to_contain_text("At the end")
    editor_page.keyboard.press("Escape")
    wait_for_red(editor, THERE[0] - WAY)
    editor_page.mouse.up()
    assert camera_inputs(editor)["orbit"] == 0
    assert not editor.part("undo").is_enabled()


def test_a_camera_in_a_subgraph_is_played_by_the_values_on_its_face(editor_page):
    template = json.loads((ROOT / "workflows" / "Move the camera in depth.json").read_text(encoding="utf-8"))
    editor = EditorDriver(editor_page, (768, 432))
    editor.open(template)
    editor_page.evaluate("app.graph.nodes.find(n => n.subgraph).widgets.find(w => w.name === 'truck').value = 0.3")

    def asks_for_the_changed_camera(request):  # opening the template may still be asking for the camera it came with
        return request.url.endswith("/dragnuwa/depth") and request.post_data_json["camera"]["truck"] == 0.3

    with editor_page.expect_request(asks_for_the_changed_camera) as asked:
        editor.set_widget("frames", 24)
    camera = asked.value.post_data_json["camera"]
    assert (camera["focus_x"], camera["farthest"]) == (0.4, 20)


def test_the_line_under_the_timeline_counts_the_size_of_the_cameras_video(editor_page):
    template = json.loads((ROOT / "workflows" / "Move the camera in depth.json").read_text(encoding="utf-8"))
    editor = EditorDriver(editor_page, (384, 216))
    editor_page.evaluate("() => localStorage.removeItem('DragNUWA.timesOfRuns')")  # on a busy machine, minutes
    editor.open(template)  # of a picture of 768x432
    editor.set_widget("width", 384)
    editor.set_widget("height", 216)
    sizes = {0: "768 × 432", 400: "400 × 226", -1: "384 × 216"}
    seconds = {}
    for frames, (longer, size) in enumerate(sizes.items(), start=30):
        editor_page.evaluate(
            "side => app.graph.nodes.find(n => n.subgraph).widgets.find(w => w.name === 'longer_side').value = side",
            longer,
        )
        editor.set_widget("frames", frames)
        expect(editor.part("run-line")).to_have_text(re.compile(rf"^{size} · .* at 24 fps · .*\d+ s\b"))
        seconds[longer] = int(re.findall(r"(\d+) s\b", editor.part("run-line").inner_text())[-1])
    assert seconds[0] > 1.5 * seconds[400] >= 1.5 * seconds[-1]
