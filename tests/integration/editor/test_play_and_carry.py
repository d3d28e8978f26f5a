"""What the editor plays is what Carry makes of the same drawing."""

import base64
import io
import json

import cv2
import numpy as np
import pytest
from PIL import Image

from dragnuwa import trajectory
from dragnuwa.carry.composite import carry_clip
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import to_bytes, to_floats
from scripts.editor_driver import HEIGHT, WIDTH, EditorDriver, workflow
from tests.support.drawings import rectangle_ring

# What is played does not depend on how nodes are drawn, but for its scale, which other tests have.
pytestmark = pytest.mark.parametrize("editor_page", ["classic"], indirect=True, scope="module")
CLIP = ClipShape(WIDTH, HEIGHT, 14)
MOST = 0.3  # of 255, in the mean: to scale it to the canvas and back leaves 0.10 to 0.21, at edges
FRAMES = (1, 5, 9, 13)

# The pieces that are played over the picture, at the clip's size, once the ground is among them.
PIECES = """([width, height, x, y]) => {
    const root = document.querySelector('[data-testid=dragnuwa-editor]')
    const pieces = root.querySelectorAll('canvas')[1]
    const ratio = pieces.width / pieces.clientWidth
    const scale = Math.min((pieces.clientWidth - 20) / width, (pieces.clientHeight - 20) / height) * ratio
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const context = canvas.getContext('2d')
    context.imageSmoothingQuality = 'high'
    const left = (pieces.width - width * scale) / 2
    const top = (pieces.height - height * scale) / 2
    context.drawImage(pieces, left, top, width * scale, height * scale, 0, 0, width, height)
    const there = context.getImageData(x * width, y * height, 1, 1).data[3] > 0
    return there && canvas.toDataURL('image/png')
}"""


# From back to front: one that turns and grows, one beside it that rests, one that comes and is hidden for a while, and
# one that goes out.
DRAWING = {
    "type": "dragnuwa.trajectories",
    "version": 2,
    "tracks": [],
    "objects": [
        {
            "outline": [rectangle_ring(0.1, 0.2, 0.3, 0.7)],
            "motion": {"keys": [{"t": 0.4, "x": 0.1, "rotation": 30}, {"t": 1, "x": 0.25, "y": 0.1, "scale": 1.3}]},
        },
        {"outline": [rectangle_ring(0.25, 0.3, 0.4, 0.9)], "motion": {"keys": [{"t": 0}]}},
        {
            "outline": [rectangle_ring(0.8, 0.1, 0.95, 0.4)],
            "motion": {"points": [{"x": 0.87, "y": 0.25}, {"x": 0.7, "y": 0.5}, {"x": 0.6, "y": 0.6}]},
            "visible": [[0, 0.5], [0.8, 1]],
        },
        {"outline": [rectangle_ring(0.4, 0.8, 0.5, 0.95)], "motion": {"keys": [{"t": 0}]}, "visible": [[0, 0.3]]},
    ],
}


@pytest.fixture(scope="module")
def smooth(host) -> np.ndarray:
    """A picture of the clip's size whose colours change slowly, so that a page's own way to scale does not count."""
    noise = np.random.default_rng(5).uniform(0, 255, (HEIGHT // 20, WIDTH // 20, 3)).astype(np.float32)
    picture = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)
    Image.fromarray(picture).save(host.input_directory / "smooth.png")
    return picture


def played(editor: EditorDriver, frame: int, uncovered: tuple[float, float]) -> np.ndarray:
    """`[H, W, 4]`: what the editor lays over the picture in a frame, at a place of which the ground can be seen."""
    editor.page.keyboard.press("Home")
    for _ in range(frame):
        editor.page.keyboard.press(".")
    editor.settle()
    url = editor.page.wait_for_function(PIECES, arg=[WIDTH, HEIGHT, *uncovered]).json_value()
    return np.array(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGBA"), np.float32)


@pytest.fixture(scope="module")
def carried(smooth) -> np.ndarray:
    """`[T, H, W, 3]`: what Carry makes of the drawing, 0..255."""
    drawing = trajectory.parse(json.dumps(DRAWING), width=WIDTH, height=HEIGHT)
    return to_bytes(carry_clip(to_floats(smooth)[None], drawing, CLIP).video).astype(np.float32)


def test_playing_shows_what_carry_makes(editor, smooth, carried):
    editor.open(workflow(json.dumps(DRAWING), picture="smooth.png", size=(1180, 900)))
    editor.wait_for_pixel(0.55, 0.1)
    editor.part("tool-select").click()
    for frame in FRAMES:
        over = played(editor, frame, (0.02, 0.98))  # where no object ever is: the whole frame is there
        opacity = over[..., 3:] / 255
        shown = smooth + (over[..., :3] - smooth) * opacity
        apart = np.abs(shown - carried[frame])
        assert apart.mean() < MOST, frame


def test_what_is_only_hidden_is_taken_out_of_the_picture(editor, smooth):
    drawing = {**DRAWING, "objects": [DRAWING["objects"][3]]}
    editor.open(workflow(json.dumps(drawing), picture="smooth.png", size=(560, 760)))
    editor.wait_for_pixel(0.55, 0.1)
    editor.part("tool-select").click()
    assert played(editor, 13, (0.45, 0.9))[int(0.9 * HEIGHT), int(0.45 * WIDTH), 3] == 255


def test_a_free_drag_plays_what_carry_makes(editor, host, smooth):
    """The object under it, cut out as in a run, and not a round piece of the picture."""
    picture = smooth.copy()
    picture[120:200, 100:180] = (220, 20, 20)
    Image.fromarray(picture).save(host.input_directory / "square.png")
    drag = {"points": [{"x": 0.24, "y": 0.5}, {"x": 0.6, "y": 0.45}]}
    text = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [drag]})
    expected = carry_clip(to_floats(picture)[None], trajectory.parse(text, width=WIDTH, height=HEIGHT), CLIP).video
    editor.open(workflow(text, picture="square.png", size=(1180, 900)))
    editor.wait_for_pixel(0.55, 0.1)
    editor.part("tool-select").click()
    for frame in FRAMES:
        over = played(editor, frame, (0.2, 0.5))
        assert over[4:-4, 4:-4, 3].min() > 250  # the whole frame is played
        apart = np.abs(over[..., :3] - to_bytes(expected[frame]).astype(np.float32))
        assert apart.mean() < MOST and np.quantile(apart, 0.99) <= 2, frame
