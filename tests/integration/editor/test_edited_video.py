"""A video as the drawing edits it, in ComfyUI's real page before any run: it is the run's, and follows the hand."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from dragnuwa.carry.settings import CarrySettings
from dragnuwa.carry.video.clip_editing import edit_video
from dragnuwa.common.images import to_floats
from dragnuwa.common.video_files import frames_at, read_index
from dragnuwa.trajectory import parse
from scripts.editor_driver import PIXEL, EditorDriver
from tests.integration.editor.clips import clip_graph, to_frame
from tests.integration.editor.renderers import mainly_in
from tests.support.pictures import texture
from tests.support.videos import write_video

FRAMES, SIZE = 9, (192, 112)
SIDE, STEP, LEFT, TOP = 28, 6, 30, 44  # px, of a red square that goes right
RED = (190, 24, 30)
LEAST = 35  # dB
MIDDLE = ((LEFT + SIDE / 2) / SIZE[0], (TOP + SIDE / 2) / SIZE[1])
UP = 24 / SIZE[1]
BASE = "/extensions/ComfyUI-DragNUWA/"

# Keeps the stage that draws, of the module that the page has loaded, and what paints edited frames.
WATCH = """async base => {
    window.paintEdited = (await import(base + 'editor/edited_clip.js')).paintEdited
    window.handlesOf = (await import(base + 'editor/objects/handles.js')).handlesOf
    const { Stage } = await import(base + 'editor/stage.js')
    const draw = Stage.prototype.draw
    Stage.prototype.draw = function (...values) {
        window.drawnStage = this
        draw.apply(this, values)
    }
}"""
# The frame that is shown, edited, at the clip's size, without what lies over it; false until it is there.
EDITED = """frame => {
    const editor = window.drawnStage?.editor
    if (!editor || editor.picture.frame !== frame || !editor.editedClip.frame) return false
    const { width, height } = editor.clip
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const context = canvas.getContext('2d')
    editor.picture.draw(context, editor.clip)
    window.paintEdited(context, editor.editedClip.frame, editor.clip)
    return canvas.toDataURL('image/png')
}"""
SELECTED = "() => window.drawnStage.editor.session.objects.map(({ id }) => id)"
HANDLE = "kind => window.handlesOf(window.drawnStage.editor, window.drawnStage.editor.session.object)[kind]"
IS_RED = f"place => (([r, g, b]) => r > 130 && g < 100 && b < 100)(({PIXEL})(place))"


@pytest.fixture(scope="module")
def film(host) -> str:
    """A video in the input folder: its name."""
    ground = texture(SIZE[1], SIZE[0]) // 2
    frames = [ground.copy() for _ in range(FRAMES)]
    for number, frame in enumerate(frames):
        frame[TOP : TOP + SIDE, LEFT + STEP * number : LEFT + STEP * number + SIDE] = RED
    write_video(host.input_directory / "edited.mp4", frames, [number / 8 for number in range(FRAMES)])
    return "edited.mp4"


@pytest.fixture(scope="module")
def images(host, film):
    """`[T, H, W, 3]`: the video as a run gets it."""
    path = host.input_directory / film
    return to_floats(np.stack(list(frames_at(path, read_index(path), range(FRAMES)))))


def drawing(*tracks: dict, objects: tuple[dict, ...] = ()) -> str:
    text = {"type": "dragnuwa.trajectories", "version": 2, "tracks": list(tracks), "objects": list(objects)}
    return json.dumps(text)


def drag(x: float, y: float, **fields) -> dict:
    """Of the square in the first frame, by fractions of the picture."""
    end = {"x": MIDDLE[0] + x, "y": MIDDLE[1] + y}
    return {"id": "t1", "points": [{"x": MIDDLE[0], "y": MIDDLE[1]}, end], "spline": "linear", **fields}


def square(**fields) -> dict:
    corners = ((LEFT, TOP), (LEFT + SIDE, TOP), (LEFT + SIDE, TOP + SIDE), (LEFT, TOP + SIDE))
    outline = [[{"x": x / SIZE[0], "y": y / SIZE[1]} for x, y in corners]]
    return {"id": "o1", "outline": outline, **fields}


def opened(page, film: str, text: str) -> EditorDriver:
    page.evaluate(WATCH, BASE)
    editor = EditorDriver(page, SIZE)
    graph = clip_graph(film, SIZE, FRAMES)
    graph["nodes"][0]["size"] = [660, 760]
    graph["nodes"][0]["widgets_values"][0] = text
    editor.open(graph)
    return editor


def shown(editor: EditorDriver, frame: int) -> np.ndarray:
    """`[H, W, 3]` from 0 to 1: a frame as the page edits it."""
    to_frame(editor, frame)
    url = editor.page.wait_for_function(EDITED, arg=frame).json_value()
    picture = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    return np.asarray(picture.convert("RGB"), np.float32) / 255


TURNED = {"keys": [{"t": 1, "x": 0.1, "y": -0.2, "rotation": 30, "scale": 1.3}]}


@pytest.mark.parametrize(
    "text",
    [
        drawing(drag(0.1, -UP)), drawing(drag(0, 0, edit="removed")), drawing(drag(0.05, UP, edit="copied")),
        drawing(drag(0, -UP, delay=0.25)), drawing(objects=(square(motion=TURNED),)),
        drawing(objects=(square(motion=TURNED, edit="absolute"),)),
    ],
    ids=["relative", "removed", "copied", "delayed", "turned and scaled", "absolute"],
)  # fmt: skip
@pytest.mark.parametrize("editor_page", ["classic"], indirect=True, scope="module")
def test_each_frame_is_that_of_a_run(editor_page, film, images, text):
    editor = opened(editor_page, film, text)
    drags = parse(text, width=SIZE[0], height=SIZE[1])
    made = edit_video(images, drags, SIZE, CarrySettings(fit="crop"))
    errors, changed = [], 0
    for frame in range(FRAMES):
        where = made.change[frame].numpy() > 0
        apart = shown(editor, frame) - made.video[frame].numpy()
        changed += where.any()
        errors.append(apart[where] ** 2)
        assert np.abs(apart[~where]).mean() < 2 / 255, frame  # JPEG
    assert changed >= FRAMES - 2
    assert -10 * np.log10(np.concatenate(errors).mean()) >= LEAST


def test_a_hand_sees_what_it_moves_at_once(editor_page, film):
    """In any frame, and the server is not asked for it."""
    editor = opened(editor_page, film, drawing(drag(0, -UP)))
    last = FRAMES - 1
    shown(editor, last)
    editor.part("tool-select").click()
    at = (LEFT + STEP * last + SIDE / 2) / SIZE[0]
    editor.page.wait_for_function(IS_RED, arg=[at - 8 / SIZE[0], MIDDLE[1] - UP, *SIZE])
    assert not editor.page.evaluate(IS_RED, [at, MIDDLE[1] + 10 / SIZE[1], *SIZE]), "the ground is seen where it was"
    asked = []
    editor.page.on("request", lambda request: asked.append(request.url) if "/dragnuwa/" in request.url else None)
    below = [at - 8 / SIZE[0], MIDDLE[1] + 1.5 * UP, *SIZE]
    assert not editor.page.evaluate(IS_RED, below)
    mouse = editor.page.mouse
    mouse.move(*editor.at(MIDDLE[0], MIDDLE[1] - UP))
    mouse.down()
    mouse.move(*editor.at(MIDDLE[0], MIDDLE[1] + 1.5 * UP), steps=4)
    editor.page.wait_for_function(IS_RED, arg=below)
    assert not asked
    mouse.up()
    editor.settle(4)
    editor.page.wait_for_function(IS_RED, arg=below)


@mainly_in("vue")
def test_it_plays_before_any_run(editor_page, film):
    editor = opened(editor_page, film, drawing(drag(0, -UP)))
    shown(editor, FRAMES - 1)
    at = [(LEFT + STEP * (FRAMES - 1) + SIDE / 2) / SIZE[0], MIDDLE[1] - UP, *SIZE]
    editor.page.keyboard.press("Home")
    editor.page.wait_for_function(f"place => !({IS_RED})(place)", arg=at)
    editor.page.keyboard.press(" ")
    editor.page.wait_for_function(IS_RED, arg=at)
    editor.page.keyboard.press(" ")


@mainly_in("vue")
def test_the_handles_of_an_object_go_along_with_it(editor_page, film):
    """Dragged in a later frame, it moves under the hand, from where the video has taken it."""
    editor = opened(editor_page, film, drawing(objects=(square(motion={"keys": [{"t": 1, "y": -UP}]}),)))
    last = FRAMES - 1
    shown(editor, last)
    editor.part("tool-object").click()
    editor.page.wait_for_function("() => window.drawnStage.editor.regions.found.length === 1")
    at = (LEFT + STEP * last + SIDE / 2) / SIZE[0], MIDDLE[1] - UP
    editor.click(*at)
    editor.page.wait_for_function(f"() => String(({SELECTED})()) === 'o1'")  # it is picked where it is shown
    turn, scale = (editor.page.evaluate(HANDLE, kind) for kind in ("turn", "scale"))
    right, bottom = (LEFT + STEP * last + SIDE) / SIZE[0], (TOP + SIDE) / SIZE[1] - UP
    assert turn["x"] / SIZE[0] == pytest.approx(at[0], abs=0.02)
    assert (scale["x"] / SIZE[0], scale["y"] / SIZE[1]) == pytest.approx((right, bottom), abs=0.03)
    outside = [right + 5 / SIZE[0], bottom + 5 / SIZE[1], *SIZE]
    assert not editor.page.evaluate(IS_RED, outside)
    editor.drag((right, bottom), (right + 14 / SIZE[0], bottom + 14 / SIZE[1]))
    editor.page.wait_for_function(IS_RED, arg=outside)
    assert editor.objects[0]["motion"]["keys"][-1]["scale"] > 1.5


@mainly_in("vue")
def test_an_outline_is_corrected_on_what_the_video_shows(editor_page, film):
    """Neither the ground in its place nor the thing elsewhere would help there."""
    editor = opened(editor_page, film, drawing(objects=(square(motion={"keys": [{"t": 0}]}, edit="removed"),)))
    shown(editor, FRAMES - 1)
    at = [(LEFT + STEP * (FRAMES - 1) + SIDE / 2) / SIZE[0], MIDDLE[1], *SIZE]
    editor.page.wait_for_function(f"place => !({IS_RED})(place)", arg=at)
    editor.page.keyboard.press("m")
    editor.page.wait_for_function(IS_RED, arg=at)
    editor.page.keyboard.press("v")
    editor.page.wait_for_function(f"place => !({IS_RED})(place)", arg=at)


@mainly_in("vue")
def test_what_bends_is_shown_as_the_server_edits_it(editor_page, film, images):
    pins = [
        {"id": "p1", "kind": "anchor", "points": [{"x": (LEFT + 4) / SIZE[0], "y": MIDDLE[1]}]},
        {"id": "p2", "points": [{"x": (LEFT + 23) / SIZE[0], "y": y} for y in (MIDDLE[1], MIDDLE[1] - 0.2)]},
    ]
    text = drawing(objects=(square(motion={"keys": [{"t": 0}]}, pins=pins),))
    editor = opened(editor_page, film, text)
    made = edit_video(images, parse(text, width=SIZE[0], height=SIZE[1]), SIZE, CarrySettings(fit="crop"))
    where = made.change[-1].numpy() > 0
    apart = (shown(editor, FRAMES - 1) - made.video[-1].numpy())[where]
    assert where.any() and -10 * np.log10((apart**2).mean()) > LEAST


@mainly_in("vue")
def test_stepping_asks_for_many_frames_at_once(editor_page, host):
    """The server decodes from a key frame on for each request."""
    count = 120
    frames = (np.full((64, 96, 3), 60 + number, np.uint8) for number in range(count))
    write_video(host.input_directory / "stepped.mp4", frames, [number / 25 for number in range(count)])
    editor_page.evaluate(WATCH, BASE)
    editor = EditorDriver(editor_page, (96, 64))
    asked = []
    editor_page.on("request", lambda each: asked.append(each.url) if each.url.endswith("/dragnuwa/frames") else None)
    editor.open(clip_graph("stepped.mp4", (96, 64), count))
    for number in range(count):
        editor_page.wait_for_function("frame => window.drawnStage?.editor.picture.frame === frame", arg=number)
        if number == 0:
            editor.root.locator(".dnw-keyboard").focus()
        editor_page.keyboard.press(".")
    assert len(asked) <= 8, len(asked)
