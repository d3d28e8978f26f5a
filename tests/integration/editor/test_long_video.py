"""A video of tens of thousands of frames in the editor: shown, clicked, and its length told."""

import time

import av
import numpy as np
import pytest

from scripts.editor_driver import PIXEL, EditorDriver
from tests.integration.editor.clips import clip_graph
from tests.integration.editor.renderers import mainly_in
from tests.support.exhaustive import some
from tests.support.pictures import RED

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("classic")

FRAMES, CLIP = some(30_000, 100_000), 1_024
WIDTH, HEIGHT, SIDE = 96, 64, 16
RED_AT = f"place => (([r, g, b]) => r > 120 && g < 110 && b < 110)(({PIXEL})(place))"


def left(number: int) -> int:
    """Of the red square in a frame."""
    return number * (WIDTH - SIDE) // FRAMES


def middle(number: int) -> tuple[float, float]:
    return (left(number) + SIDE / 2) / WIDTH, 0.5


@pytest.fixture(scope="module")
def film(host) -> str:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ground = np.stack([60 + x // 2, 90 + y // 2, 140 - x // 3], -1).astype(np.uint8)
    with av.open(str(host.input_directory / "long.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            picture = ground.copy()
            picture[HEIGHT // 2 - SIDE // 2 : HEIGHT // 2 + SIDE // 2, left(number) : left(number) + SIDE] = RED
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return "long.mp4"


def test_very_many_frames_are_shown_and_clicked(editor_page, film, record_figure):
    editor = EditorDriver(editor_page, (WIDTH, HEIGHT))
    began = time.monotonic()
    editor.open(clip_graph(film, (WIDTH, HEIGHT), CLIP))
    editor.page.wait_for_function(RED_AT, arg=[*middle(0), WIDTH, HEIGHT])
    shown = time.monotonic() - began
    for key, number in (("End", FRAMES - 1), ("Home", 0)):
        editor.root.locator(".dnw-keyboard").focus()
        editor.page.keyboard.press(key)
        editor.page.wait_for_function(RED_AT, arg=[*middle(number), WIDTH, HEIGHT])
        assert not editor.page.evaluate(RED_AT, [*middle(FRAMES - 1 - number), WIDTH, HEIGHT])
    editor.page.keyboard.press("End")
    editor.page.wait_for_function(RED_AT, arg=[*middle(FRAMES - 1), WIDTH, HEIGHT])
    reached = time.monotonic() - began
    editor.part("tool-object").click()
    editor.click(*middle(FRAMES - 1))
    editor.wait_for_objects(1)
    (drawn,) = editor.objects
    xs = [corner["x"] for ring in drawn["outline"] for corner in ring]
    assert drawn["at"] == 1
    assert (min(xs) + max(xs)) / 2 == pytest.approx(middle(FRAMES - 1)[0], abs=0.03)
    record_figure(
        f"{FRAMES:,} frames in the editor", f"first shown after {shown:.1f} s, the last after {reached:.1f} s"
    )
