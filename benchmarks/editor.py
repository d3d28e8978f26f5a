"""The trajectory editor with 200 tracks of 30 points, and with 64 objects of 200 points of which 8 move, in ComfyUI's
real page: its own work a frame, and its memory.

    .venv/bin/python benchmarks/editor.py [--minutes 10] [--vue]

With COMFYUI_FRONTEND=/path, the `static` folder of an unpacked `comfyui-frontend-package`, it runs on another page.

Work is the time in the editor's own code: answering the pointer, and drawing, summed for each frame. The naive way, in
the same page, samples and draws every track anew in each frame. Memory is JavaScript's heap after a collection while a
script draws, moves and deletes; the history is filled first, with steps as large, so that what still grows is a leak.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page  # noqa: E402

from scripts.editor_driver import EditorDriver, workflow  # noqa: E402
from scripts.frontend import open_browser, open_page, use_renderer  # noqa: E402
from scripts.host import HostProcess, find_installation, stop_on_terminate  # noqa: E402

TRACKS, POINTS = 200, 30
OBJECTS, OBJECT_POINTS, MOVING = 64, 200, 8
WAY = 0.2, -0.3  # of those that move, in fractions of the picture
MIDDLE = 7  # frame of 14
DRAGS, MOVES = 12, 40  # gestures, and pointer events in each
PLAYING_SECONDS = 8
HISTORY_STEPS = 1000  # as many as the editor keeps
SAMPLES = 20  # of the heap

# Work of the pointer between two frames belongs to the second one. Its listeners on the canvas run between ours, which
# come first (capturing) and last.
RECORD = """async () => {
    const { Editor } = await import('/extensions/ComfyUI-DragNUWA/editor/editor.js')
    if (!window.record) {
        window.record = { frames: [], pointer: 0, on: false }
        const render = Editor.prototype.render
        Editor.prototype.render = function () {
            const begin = performance.now()
            render.call(this)
            if (record.on) record.frames.push(record.pointer + performance.now() - begin)
            record.pointer = 0
        }
    }
    const canvas = document.querySelector('[data-testid=dragnuwa-canvas]')
    let begin = 0
    canvas.addEventListener('pointermove', () => { begin = performance.now() }, true)
    canvas.addEventListener('pointermove', () => { record.pointer += performance.now() - begin })
}"""

NAIVE = """async ([width, height, frames, count]) => {
    const { paintTrack } = await import('/extensions/ComfyUI-DragNUWA/editor/paint.js')
    const { read } = await import('/extensions/ComfyUI-DragNUWA/core/document.js')
    const node = app.graph.nodes.find(n => n.type === 'DragNUWATrajectoryEditor')
    const { doc } = read(node.widgets.find(w => w.name === 'trajectories').value)
    const clip = { width, height, frames }
    const canvas = Object.assign(document.createElement('canvas'), { width: 2 * width, height: 2 * height })
    const context = canvas.getContext('2d')
    const times = []
    for (let k = 0; k < count; k += 1) {
        await new Promise(requestAnimationFrame)
        const begin = performance.now()
        context.clearRect(0, 0, canvas.width, canvas.height)
        for (const track of doc.tracks) paintTrack(context, { ...track }, clip, 1, false)
        times.push(performance.now() - begin)
    }
    return times
}"""


def drawing() -> str:
    """TRACKS short waves all over the picture."""
    tracks = [
        {
            "points": [
                {"x": (k % 20) / 20 + 0.005 + 0.0012 * i, "y": k // 20 / 10 + 0.03 + 0.02 * (i % 3)}
                for i in range(POINTS)
            ]
        }
        for k in range(TRACKS)
    ]
    return json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": tracks})


def place_of_object(k: int) -> tuple[float, float]:
    return (k % 8 + 0.5) / 8, (k // 8 + 0.5) / 8


def drawing_of_objects() -> str:
    """OBJECTS wavy discs in rows of 8; those of the last row move, turn and grow."""
    turns = [2 * math.pi * k / OBJECT_POINTS for k in range(OBJECT_POINTS)]
    objects = []
    for k in range(OBJECTS):
        x, y = place_of_object(k)
        radii = [0.045 + 0.01 * math.cos(9 * turn) for turn in turns]
        ring = [
            {"x": x + r * math.cos(turn) * 320 / 576, "y": y + r * math.sin(turn)}
            for turn, r in zip(turns, radii, strict=True)
        ]
        way = {"t": 1, "x": WAY[0], "y": WAY[1], "rotation": 40, "scale": 1.4}
        keys = [way] if k >= OBJECTS - MOVING else [{"t": 0}]
        objects.append({"outline": [ring], "motion": {"keys": keys}})
    value = {"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": objects}
    return json.dumps(value)


def recorded(page: Page, action) -> list[float]:
    """Milliseconds of the editor's own work in each frame while `action` runs."""
    page.evaluate("() => { record.frames = []; record.pointer = 0; record.on = true }")
    action()
    return page.evaluate("() => { record.on = false; return record.frames }")


def drag_points(editor: EditorDriver) -> None:
    for k in range(DRAGS):
        x, y = (k % 20) / 20 + 0.005, (k // 20) / 10 + 0.03
        editor.drag((x, y), (x + 0.03, y + 0.3), (x, y), steps=MOVES)
        editor.page.keyboard.press("Control+z")


def drag_all(editor: EditorDriver) -> None:
    editor.page.keyboard.press("Control+a")
    for _ in range(DRAGS // 2):
        editor.drag((0.505, 0.53), (0.555, 0.63), (0.505, 0.53), steps=MOVES)
        editor.page.keyboard.press("Control+z")


def drag_objects(editor: EditorDriver) -> None:
    for k in range(OBJECTS - MOVING, OBJECTS):
        x, y = place_of_object(k)
        editor.drag((x, y), (x + 0.03, y - 0.3), (x + 0.1, y - 0.5), steps=MOVES)
        editor.page.keyboard.press("Control+z")


def place_objects(editor: EditorDriver) -> None:
    """Moves the objects at a key in the middle of the clip."""
    for k in range(OBJECTS - MOVING, OBJECTS):
        editor.page.keyboard.press("Home")
        editor.click(*place_of_object(k))
        for _ in range(MIDDLE):
            editor.page.keyboard.press(".")
        x, y = (at + way * MIDDLE / 13 for at, way in zip(place_of_object(k), WAY, strict=True))
        editor.drag((x, y), (x + 0.03, y - 0.2), (x, y), steps=MOVES)
        editor.page.keyboard.press("Control+z")


def play(editor: EditorDriver) -> None:
    editor.part("play").click()
    editor.page.wait_for_timeout(1000 * PLAYING_SECONDS)
    editor.part("play").click()


def row(name: str, frames: list[float], naive: float | None = None) -> str:
    cuts = statistics.quantiles(frames, n=20)
    median = statistics.median(frames)
    ratio = f"  {naive / max(median, 0.01):6.0f}" if naive is not None else ""
    return f"{name:<16} {len(frames):6d}  {median:6.2f} ms  {cuts[-1]:6.2f} ms{ratio}"


def measure_frames(editor: EditorDriver) -> None:
    page = editor.page
    editor.open(workflow(drawing(), size=(620, 700)))
    page.evaluate(RECORD)
    naive = page.evaluate(NAIVE, [576, 320, 14, 20])
    logging.info("%d tracks of %d points   frames  median     95 %%       naive / median", TRACKS, POINTS)
    logging.info(row("naive", naive, statistics.median(naive)))
    editor.part("tool-select").click()
    logging.info(row("dragging a point", recorded(page, lambda: drag_points(editor)), statistics.median(naive)))
    logging.info(row("dragging all", recorded(page, lambda: drag_all(editor)), statistics.median(naive)))
    logging.info(row("playing", recorded(page, lambda: play(editor)), statistics.median(naive)))


def measure_objects(editor: EditorDriver) -> None:
    editor.open(workflow(drawing_of_objects(), size=(620, 700)))
    editor.page.evaluate(RECORD)
    logging.info("%d objects of %d points  frames  median     95 %%", OBJECTS, OBJECT_POINTS)
    editor.part("tool-object").click()
    for name, action in [("dragging one", drag_objects), ("setting a key", place_objects), ("playing", play)]:
        logging.info(row(name, recorded(editor.page, lambda action=action: action(editor))))


def draw_and_delete(editor: EditorDriver) -> None:
    """One round of work after which the drawing is as it was."""
    page = editor.page
    page.keyboard.press("p")
    page.keyboard.down("Control")  # draws even where a track lies
    editor.drag((0.1, 0.95), (0.3, 0.6), (0.6, 0.9), (0.9, 0.5), steps=12)
    page.keyboard.up("Control")
    editor.drag((0.9, 0.5), (0.8, 0.4), steps=6)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    page.locator(".dnw-name").last.click()
    page.keyboard.press("Delete")


def measure_memory(editor: EditorDriver, minutes: float) -> None:
    page = editor.page
    editor.open(workflow(drawing(), size=(620, 700)))
    page.locator(".dnw-name").first.click()
    for k in range(HISTORY_STEPS):
        page.keyboard.press("ArrowRight" if k % 2 else "ArrowLeft")
    for _ in range(5):
        draw_and_delete(editor)
    session = page.context.new_cdp_session(page)

    def heap() -> float:
        session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["usedSize"] / 2**20

    begin, rounds = time.monotonic(), 0
    sizes = [heap()]
    while (elapsed := time.monotonic() - begin) < 60 * minutes:
        draw_and_delete(editor)
        rounds += 1
        if elapsed >= 60 * minutes * len(sizes) / SAMPLES:
            sizes.append(heap())
    third = max(1, len(sizes) // 3)
    first, last = (statistics.median(part) for part in (sizes[:third], sizes[-third:]))
    logging.info("heap over %.1f minutes, %d rounds, in MiB: %s", minutes, rounds, " ".join(f"{x:.1f}" for x in sizes))
    logging.info(
        "median of the first third %.1f MiB, of the last %.1f MiB: %+.1f %%", first, last, 100 * (last / first - 1)
    )


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="of scripted drawing; 0 leaves memory out")
    parser.add_argument("--vue", action="store_true", help="Nodes 2.0 in place of the classic nodes")
    options = parser.parse_args()
    stop_on_terminate()
    installation = find_installation()
    with tempfile.TemporaryDirectory() as base:
        host = HostProcess(installation.python, installation.comfyui, base)
        with host, open_browser() as browser, open_page(browser, host.url) as page:
            shutil.copy(host.comfyui_dir / "input" / "example.png", host.input_directory)
            use_renderer(page, options.vue)
            editor = EditorDriver(page)
            measure_frames(editor)
            measure_objects(editor)
            if options.minutes > 0:
                measure_memory(editor, options.minutes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
