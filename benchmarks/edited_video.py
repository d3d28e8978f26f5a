"""A long video in ComfyUI's real page: how long a step to the next frame takes, how soon the edited video plays, and
how long a change under the hand takes to be seen.

    .venv/bin/python benchmarks/edited_video.py [--frames 362] [--width 1920] [--video FILE] [--renderer classic]

A made video of a thing that crosses a panning scene, as a camera or a phone would save it (H.264, a key frame every 250
frames). "Step" is from the key to the frame on the canvas. "Prepared" is from the drawing to all frames edited.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import av  # noqa: E402
import cv2  # noqa: E402
import numpy as np  # noqa: E402

from scripts.editor_driver import EditorDriver  # noqa: E402
from scripts.frontend import open_browser, open_page, use_renderer  # noqa: E402
from scripts.host import HostProcess, find_installation, stop_on_terminate  # noqa: E402
from tests.integration.editor.clips import clip_graph  # noqa: E402
from tests.support.pictures import texture  # noqa: E402

CLIP = (640, 360)
PAN, SIDE = 4, 240  # px of 1920: by frame, and of the thing
GRAIN = 5  # grey levels of a sensor's noise, without which decoding costs next to nothing
NAME = "long.mp4"

WATCH = """async () => {
    const { Stage } = await import('/extensions/ComfyUI-DragNUWA/editor/stage.js')
    const draw = Stage.prototype.draw
    Stage.prototype.draw = function (...values) {
        window.drawnStage = this
        draw.apply(this, values)
        window.drawnFrame = this.editor.picture.frame
    }
}"""
# Steps to each next frame with the key, and notes how long it takes until that is drawn.
STEP = """async count => {
    const { editor } = window.drawnStage
    const taken = []
    for (let k = 0; k < count; k += 1) {
        const next = editor.player.frame + 1
        const begun = performance.now()
        editor.keyboard.dispatchEvent(new KeyboardEvent('keydown', { key: '.', code: 'Period', bubbles: true }))
        while (window.drawnFrame !== next) await new Promise(requestAnimationFrame)
        taken.push(performance.now() - begun)
    }
    return taken
}"""
KNOWN = "() => window.drawnStage?.editor.editedClip?.layers?.frames.size ?? 0"
# Moves the end of the drag with each of the page's frames, and notes how long it takes until that is drawn.
MOVE = """async places => {
    const canvas = document.querySelector('[data-testid=dragnuwa-canvas]')
    const taken = []
    for (const [x, y] of places) {
        const begun = performance.now()
        canvas.dispatchEvent(new PointerEvent('pointermove', {
            clientX: x, clientY: y, pointerId: 1, pointerType: 'mouse', buttons: 1, bubbles: true }))
        await new Promise(requestAnimationFrame)
        await new Promise(requestAnimationFrame)
        taken.push(performance.now() - begun)
    }
    return taken
}"""


def write(path: Path, frames: int, width: int) -> None:
    """Writes the video, of 16:9."""
    height, scale = width * 9 // 16, width / 1920
    ground = cv2.resize(texture(135, 400), (round(3600 * scale), height), interpolation=cv2.INTER_CUBIC) // 2 + 50
    thing = cv2.resize(texture(24, 24)[..., ::-1], (round(SIDE * scale),) * 2, interpolation=cv2.INTER_CUBIC)
    thing[..., 0] = 200
    random = np.random.default_rng(0)
    grain = [random.normal(0, GRAIN, (height, width, 1)).astype(np.int16) for _ in range(7)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "veryfast", "g": "250"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            left = round(PAN * scale * number)
            picture = ground[:, left : left + width].copy()
            x, y = place(number, frames, width)
            picture[y : y + len(thing), x : x + len(thing)] = thing
            picture = (picture + grain[number % len(grain)]).clip(0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def place(number: int, frames: int, width: int) -> tuple[int, int]:
    """Left and top of the thing."""
    return round(width * (0.1 + 0.6 * number / frames)), width * 9 // 32


def measure(editor: EditorDriver, frames: int) -> None:
    page = editor.page
    editor.root.locator(".dnw-keyboard").focus()
    page.keyboard.press("Home")
    page.wait_for_function("() => window.drawnFrame === 0")
    taken = page.evaluate(STEP, frames - 1)
    logging.info("step, first time: %s", said(taken))
    page.keyboard.press("Home")
    page.wait_for_function("() => window.drawnFrame === 0")
    logging.info("step, once more: %s", said(page.evaluate(STEP, frames - 1)))


def said(taken: list[float]) -> str:
    ordered = sorted(taken)
    mean, median = statistics.mean(taken), statistics.median(taken)
    return (
        f"mean {mean:.0f} ms, median {median:.0f}, 95 % {ordered[int(0.95 * len(taken))]:.0f}, most {ordered[-1]:.0f}"
    )


def measure_edited(editor: EditorDriver, frames: int) -> None:
    page, mouse = editor.page, editor.page.mouse
    begun = time.monotonic()
    for part in (0.001, 0.25, 0.5, 1):
        page.wait_for_function(f"least => ({KNOWN})() >= least", arg=part * frames, timeout=600_000)
        logging.info("prepared %.0f %%: %.1f s", 100 * part, time.monotonic() - begun)
    measure(editor, frames)
    editor.part("tool-select").click()
    x, y = editor.at(0.1 + SIDE / 3840, 0.3)
    mouse.move(x, y)
    mouse.down()
    places = [[x + 60 * float(np.sin(t)), y + 40 * float(np.cos(t))] for t in np.linspace(0, 12, 60)]
    logging.info("under the hand, from the event to the second frame after it: %s", said(page.evaluate(MOVE, places)))
    mouse.up()


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=362)
    parser.add_argument("--width", type=int, default=1920, help="px")
    parser.add_argument("--video", type=Path, help="where the made video is kept for the next time")
    parser.add_argument("--renderer", choices=("classic", "vue"), default="classic")
    parser.add_argument("--steps-only", action="store_true")
    options = parser.parse_args()
    stop_on_terminate()
    installation = find_installation()
    middle = (0.1 + SIDE / 3840, 0.5 + SIDE / 2160)
    drag = {"points": [{"x": middle[0], "y": middle[1]}, {"x": middle[0], "y": 0.3}], "spline": "linear"}
    drawn = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [] if options.steps_only else [drag]})
    with tempfile.TemporaryDirectory() as base, HostProcess(installation.python, installation.comfyui, base) as host:
        film = options.video or host.input_directory / NAME
        if not film.exists():
            write(film, options.frames, options.width)
        if options.video:
            shutil.copy(film, host.input_directory / NAME)
        with open_browser() as browser, open_page(browser, host.url, viewport={"width": 1280, "height": 720}) as page:
            use_renderer(page, options.renderer == "vue")
            page.evaluate(WATCH)
            editor = EditorDriver(page, CLIP)
            graph = clip_graph(NAME, CLIP, options.frames)
            graph["nodes"][0]["size"] = [640, 620]
            graph["nodes"][0]["widgets_values"][0] = drawn
            editor.open(graph)
            page.wait_for_function("() => window.drawnFrame === 0", timeout=60_000)
            (measure if options.steps_only else measure_edited)(editor, options.frames)
    return 0


if __name__ == "__main__":
    sys.exit(main())
