"""What a click would take, lit under the pointer, and clicks, in ComfyUI's real page: how long a person waits.

    .venv/bin/python benchmarks/lit.py [--places 12] [--run]

On the photographs of the templates at 1152x864, in both renderers. "Prepared" is the time from a picture's first frame
in the editor to the answer that it is ready for clicks; "guess" and "exact" are from the pointer's last movement to the
frame that shows the click network's own answer and what a click takes, and how much both overlap; "click" is from the
release of the button to the object in the drawing, after the light and without waiting for it.

With --run, only how much preparing pictures slows a run: the small model samples on all cores, alone and while a new
picture is prepared every three seconds.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import requests  # noqa: E402

from dragnuwa.common.picture_files import open_picture  # noqa: E402
from dragnuwa.remote.client import Client  # noqa: E402
from scripts.demo import PICTURE, demo_prompt  # noqa: E402
from scripts.editor_driver import EMPTY, VALUE, EditorDriver, workflow  # noqa: E402
from scripts.frontend import open_browser, open_page, use_renderer  # noqa: E402
from scripts.host import HostProcess, find_installation, stop_on_terminate  # noqa: E402

PICTURES = "dragnuwa-coffee.jpg", "dragnuwa-osprey.jpg", "dragnuwa-otter.webp", "dragnuwa-wren.jpg"
SIZE = 1152, 864
CLIP = 576, 432
PERIOD = 3.0  # s between two pictures that are prepared
RUNS, STEPS = 4, 60

# Notes when the pointer moved last, when the light was painted first and last, and when the drawing changed.
RECORD = """async () => {
    const base = '/extensions/ComfyUI-DragNUWA/editor/'
    const { PickPreview } = await import(base + 'objects/pick_preview.js')
    const { Editor } = await import(base + 'editor.js')
    const { Answers } = await import(base + 'answers.js')
    const { Segmenter } = await import(base + 'segmenter.js')
    if (!window.times) {
        window.times = {}
        const paint = PickPreview.prototype.paint
        PickPreview.prototype.paint = function (...values) {
            paint.apply(this, values)
            if (!this.shown || this.shown === times.shown) return
            Object.assign(times, { shown: this.shown, last: performance.now() })
            times.seen.push({ at: times.last, rings: this.shown.rings, ground: this.shown.found.ground })
        }
        const change = Editor.prototype.change
        Editor.prototype.change = function (...values) {
            change.apply(this, values)
            times.changed = performance.now()
        }
        const follow = Answers.prototype.follow
        Answers.prototype.follow = function () {
            follow.call(this)
            times.first ??= this.editor.picture.image && performance.now()
        }
        const take = Segmenter.prototype.take
        Segmenter.prototype.take = function (...values) {
            take.apply(this, values)
            times.prepared ??= performance.now()
        }
        addEventListener('pointermove', () => { times.moved = performance.now() }, true)
        addEventListener('pointerup', () => { times.released = performance.now() }, true)
    }
    Object.assign(times, { seen: [], shown: null, first: null, prepared: null })
}"""
FORGET = "() => Object.assign(times, { seen: [], shown: null })"
# The overlap of what was lit first and last, from two paths drawn small.
OVERLAP = """([width, height]) => {
    const drawn = ({ rings }) => {
        const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d')
        const path = new Path2D()
        for (const ring of rings) {
            ring.forEach(({ x, y }, k) => (k === 0 ? path.moveTo(x, y) : path.lineTo(x, y)))
            path.closePath()
        }
        context.fill(path, 'evenodd')
        return context.getImageData(0, 0, width, height).data.filter((_, k) => k % 4 === 3)
    }
    const [one, other] = [drawn(times.seen[0]), drawn(times.seen.at(-1))]
    let [both, any] = [0, 0]
    one.forEach((value, k) => {
        both += value > 127 && other[k] > 127
        any += value > 127 || other[k] > 127
    })
    return both / any
}"""


def median(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ms (of {len(values)}, 90 %: {sorted(values)[int(0.9 * len(values))]:.0f})"


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


def measure(editor: EditorDriver, places: int) -> None:
    page = editor.page
    page.evaluate(RECORD)
    prepared, guesses, exact, overlaps, clicks, blind = [], [], [], [], [], []
    for name in PICTURES:
        page.evaluate(RECORD)
        graph = workflow(EMPTY, picture=f"{Path(name).stem}.png", size=(560, 760))
        graph["nodes"][1]["widgets_values"][1:3] = CLIP
        editor.open(graph)
        page.evaluate("() => Object.assign(times, { first: null, prepared: null })")
        editor.part("tool-object").click()
        page.wait_for_function("() => times.prepared")
        found = page.evaluate("() => times")
        prepared.append(found["prepared"] - found["first"])
        where = random.Random(name)
        for number in range(places):
            place = where.uniform(0.2, 0.8), where.uniform(0.2, 0.8)
            x, y = editor.at(*place)
            page.mouse.move(*editor.at(0.02, 0.02))
            page.evaluate(FORGET)
            if number % 3 == 2:
                click(editor, x, y, blind)
                continue
            page.mouse.move(x, y)
            page.wait_for_function("() => times.seen.length && performance.now() - times.last > 1000")
            found = page.evaluate("() => times")
            last = found["seen"][-1]
            exact.append(last["at"] - found["moved"])
            if len(found["seen"]) > 1:
                guesses.append(found["seen"][0]["at"] - found["moved"])
                overlaps.append(page.evaluate(OVERLAP, list(CLIP)))
            if not last["ground"]:
                click(editor, x, y, clicks)
    logging.info("prepared %s", median(prepared))
    logging.info("guess    %s; overlap with what a click takes: mean %.2f, median %.2f", median(guesses),
                 statistics.mean(overlaps), statistics.median(overlaps))  # fmt: skip
    logging.info("exact    %s", median(exact))
    logging.info("click    %s after the light, %s without waiting for it", median(clicks), median(blind))


def click(editor: EditorDriver, x: float, y: float, times: list[float]) -> None:
    """Clicks, and takes the object away again. Where the editor asks about ground, nothing is noted."""
    page = editor.page
    page.evaluate("() => { times.changed = null }")
    page.mouse.click(x, y)
    page.wait_for_function(
        f"() => times.changed || /ground/.test(document.querySelector('[data-testid=dragnuwa-status]').textContent)"
        f" && {VALUE}"
    )
    found = page.evaluate("() => times")
    if found["changed"]:
        times.append(found["changed"] - found["released"])
        page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    editor.settle()


def measure_page(host: HostProcess, places: int) -> None:
    with open_browser() as browser, open_page(browser, host.url, viewport={"width": 1280, "height": 900}) as page:
        for vue in (False, True):
            use_renderer(page, vue)
            logging.info("%s, %s", "Nodes 2.0" if vue else "classic nodes", load())
            measure(EditorDriver(page, CLIP), places)


def measure_run(host: HostProcess) -> None:
    """The demo's run, alone and beside, in turns, since other work on the machine changes."""
    client, prompt = Client(host.url), demo_prompt()
    client.upload_image(PICTURE, overwrite=True)
    alone, beside, count = [], [], 0
    for seed in range(2 * RUNS + 1):
        for node in prompt.values():
            if node["class_type"] == "KSampler":
                node["inputs"].update(seed=seed, steps=STEPS)
        if seed == 0:  # loads the model
            client.run(prompt)
        elif seed % 2:
            alone.append(client.run(prompt).seconds)
        else:
            with preparing(host) as answers:
                beside.append(client.run(prompt).seconds)
            count += len(answers)
    slower = 100 * (statistics.median(beside) / statistics.median(alone) - 1)
    logging.info("a run alone %s s; while %d pictures were prepared %s s: %+.1f %% in the median; %s",
                 rounded(alone), count, rounded(beside), slower, load())  # fmt: skip


def rounded(values: list[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in values)


@contextmanager
def preparing(host: HostProcess) -> Iterator[list[int]]:
    """In the block, a new picture is prepared every `PERIOD` seconds."""
    ended, answers = threading.Event(), []

    def prepare() -> None:
        while not ended.wait(PERIOD):
            name = f"{time.monotonic_ns()}.png"
            shutil.copy(host.input_directory / f"{Path(PICTURES[0]).stem}.png", host.input_directory / name)
            picture = {"filename": name, "subfolder": "", "type": "input"}
            body = {"picture": picture, "width": CLIP[0], "height": CLIP[1], "fit": "crop"}
            answer = requests.post(f"{host.url}/dragnuwa/prepare", json=body, timeout=60)
            answer.raise_for_status()
            answers.append(answer.status_code)

    thread = threading.Thread(target=prepare)
    thread.start()
    yield answers
    ended.set()
    thread.join()


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--places", type=int, default=12, help="in each picture; every third is clicked at once")
    parser.add_argument("--run", action="store_true", help="only how much a run is slowed")
    options = parser.parse_args()
    stop_on_terminate()
    installation = find_installation()
    with tempfile.TemporaryDirectory() as base:
        host = HostProcess(installation.python, installation.comfyui, base)
        with host:
            for name in PICTURES:
                with open_picture(ROOT / "web" / "pictures" / name) as opened:
                    picture = opened.convert("RGB").resize(SIZE)
                picture.save(host.input_directory / f"{Path(name).stem}.png")
            if options.run:
                measure_run(host)
            else:
                measure_page(host, options.places)
    return 0


if __name__ == "__main__":
    sys.exit(main())
