"""How fluently what bends is drawn while a hand moves a pin of it, or performs, in ComfyUI's real page.

    .venv/bin/python benchmarks/under_the_hand.py [--frames 60]

Three objects with three pins each on a picture of 1152x768; the end of one pin is held and moved with each of the
page's frames, in both renderers, in the node and in the full window; then all three follow the hand while the clip
plays. "A second" is how often the canvas shows another place; "drawing" is the time of the main thread in each, from
the pointer's event to the pixels.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
import numpy as np  # noqa: E402

from scripts.editor_driver import EditorDriver, workflow  # noqa: E402
from scripts.frontend import open_browser, open_page, use_renderer  # noqa: E402
from scripts.host import HostProcess, find_installation, stop_on_terminate  # noqa: E402
from tests.support.drawings import objects_value  # noqa: E402

SIZE = 1152, 768
CLIP = 576, 384
FRAMES = 80  # 11 s, longer than what is measured
PLACES = (0, 0), (384, 180), (700, -20)
SCALE = 2.2
BODY, HEAD, TAIL = (110, 100), (178, 50), (46, 80)
PICTURE = "three_animals.png"

# Moves the pressed mouse with each frame, and notes when the canvas has changed, and the time that took.
MOVE = """async ([places, base]) => {
    const { Stage } = await import(base + 'editor/stage.js')
    const canvas = document.querySelector('[data-testid=dragnuwa-canvas]')
    const draw = Stage.prototype.draw
    const drawn = []
    Stage.prototype.draw = function (...values) {
        const begun = performance.now()
        draw.apply(this, values)
        drawn.push([begun, performance.now() - begun])
    }
    const events = []
    for (const [x, y] of places) {
        const begun = performance.now()
        canvas.dispatchEvent(new PointerEvent('pointermove', {
            clientX: x, clientY: y, pointerId: 1, pointerType: 'mouse', buttons: 1, bubbles: true }))
        events.push(performance.now() - begun)
        await new Promise(requestAnimationFrame)
    }
    await new Promise(requestAnimationFrame)
    Stage.prototype.draw = draw
    return { drawn, events }
}"""
PLAYS = "() => !document.querySelector('[data-testid=dragnuwa-frame]').textContent.startsWith('1 ')"
SHOWN = "document.querySelector('[data-testid=dragnuwa-canvas]').getBoundingClientRect().width"


def picture(path: Path) -> list[dict]:
    """Draws three animals, and returns them as objects with pins."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    shown = np.stack([110 + 12 * np.sin(x / 9 + y / 23), 120 + 10 * np.cos(y / 11), 90 + 9 * np.sin(x / 17)], -1)
    objects = []
    for number, (left, top) in enumerate(PLACES):
        mask = np.zeros(SIZE[::-1], np.uint8)

        def at(place: tuple[int, int], left: int = left, top: int = top) -> tuple[int, int]:
            return round(left + SCALE * place[0]), round(top + SCALE * place[1])

        for ends, width in ((BODY, (160, 100)), 34), (((160, 98), HEAD), 18), (((70, 98), TAIL), 10):
            cv2.line(mask, at((70, 100) if ends[0] == BODY else ends[0]), at(ends[1]), 1, round(width * SCALE))
        for leg in (70, 90, 140, 158):
            cv2.line(mask, at((leg, 110)), at((leg, 146)), 1, round(10 * SCALE))
        shown[mask > 0] = 210, 40 + 60 * number, 30
        rings, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        outline = [point(*place) for place in max(rings, key=len)[:, 0]]
        pins = [[at(BODY)], [at(HEAD), at((172, 76))], [at(TAIL), at((50, 62))]]
        objects.append({
            "outline": [outline], "edge": "exact", "motion": {"points": [point(*at(BODY))]},
            "pins": [{"points": [point(*place) for place in places]} for places in pins],
        })  # fmt: skip
    cv2.imwrite(str(path), shown.clip(0, 255).astype(np.uint8)[..., ::-1])
    return objects


def point(x: float, y: float) -> dict[str, float]:
    return {"x": float(x) / SIZE[0], "y": float(y) / SIZE[1]}


def measure(editor: EditorDriver, end: dict[str, float], frames: int) -> str:
    page, mouse = editor.page, editor.page.mouse
    x, y = editor.at(end["x"], end["y"])
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 4, y + 4)
    turn = np.linspace(0, 4 * np.pi, frames)
    places = [[x + 4 + 40 * float(np.sin(t)), y + 4 - 25 * float(1 - np.cos(t))] for t in turn]
    page.evaluate(MOVE, [places[:10], "/extensions/ComfyUI-DragNUWA/"])  # what is made once
    found = page.evaluate(MOVE, [places, "/extensions/ComfyUI-DragNUWA/"])
    mouse.up()
    return said(found)


def measure_performing(editor: EditorDriver, frames: int) -> str:
    page = editor.page
    x, y = editor.at(0.5, 0.5)
    page.mouse.move(x, y)
    page.keyboard.press("Control+a")
    page.keyboard.down("t")
    page.wait_for_function(PLAYS)
    turn = np.linspace(0, 4 * np.pi, frames)
    places = [[x + 40 * float(np.sin(t)), y - 25 * float(1 - np.cos(t))] for t in turn]
    found = page.evaluate(MOVE, [places, "/extensions/ComfyUI-DragNUWA/"])
    page.keyboard.up("t")
    return said(found)


def said(found: dict) -> str:
    begun = [at for at, _ in found["drawn"]]
    took = [took for _, took in found["drawn"]]
    rate = (len(begun) - 1) / (begun[-1] - begun[0]) * 1000
    spent = statistics.median(took) + statistics.median(found["events"])
    slowest = sorted(took)[int(0.95 * len(took))]
    return f"{rate:.0f} a second, drawing {spent:.0f} ms (95 %: {slowest:.0f})"


def measure_page(host: HostProcess, frames: int) -> None:
    objects = picture(host.input_directory / PICTURE)
    end = objects[0]["pins"][1]["points"][1]
    graph = workflow(json.dumps(objects_value(*objects)), picture=PICTURE, size=(760, 820))
    graph["nodes"][1]["widgets_values"][1:4] = *CLIP, FRAMES
    with open_browser() as browser, open_page(browser, host.url, viewport={"width": 1600, "height": 1000}) as page:
        for vue in (False, True):
            use_renderer(page, vue)
            editor = EditorDriver(page, CLIP)
            for full in (False, True):
                with page.expect_response(lambda answer: answer.url.endswith("/dragnuwa/composition")) as answer:
                    editor.open(graph)
                    if full:
                        editor.part("full-window").click()
                answer.value.finished()
                editor.part("tool-object").click()
                editor.click(objects[0]["pins"][0]["points"][0]["x"], objects[0]["pins"][0]["points"][0]["y"])
                editor.settle(20)
                where = f"{'Nodes 2.0' if vue else 'classic nodes'}, {'full window' if full else 'node'}"
                found, load = measure(editor, end, frames), os.getloadavg()[0]
                logging.info("%s, %.0f px wide: %s; load %.1f", where, page.evaluate(SHOWN), found, load)
                logging.info("%s, performing: %s", where, measure_performing(editor, frames))
                page.keyboard.press("Escape")


def run(description: str | None, frames: int, measure: Callable[[HostProcess, int], None]) -> int:
    """The command of a benchmark in the page of a ComfyUI of its own, with so many `--frames` by default."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=frames)
    options = parser.parse_args()
    stop_on_terminate()
    installation = find_installation()
    with tempfile.TemporaryDirectory() as base, HostProcess(installation.python, installation.comfyui, base) as host:
        measure(host, options.frames)
    return 0


if __name__ == "__main__":
    sys.exit(run(__doc__, 60, measure_page))
