"""How fluently a camera in depth is turned, and an object dragged in its scene, in ComfyUI's real page.

    .venv/bin/python benchmarks/turned_in_the_page.py [--frames 90]

A photograph of web/pictures in a clip of 832x480, with measured depth (a ground and four discs) after a run, or by
hand; with no object, one, and three. The mouse is pressed on the canvas and moved with each of the page's frames: the
camera orbits, then an object is dragged at the end of the clip. In the node and in the full window of Nodes 2.0,
without a GPU.

"A second" is how often the canvas shows another frame, and "of" the size in which it is drawn; "drawing" is the median
time of the main thread in each, from the pointer's event to the pixels, and "CPU" all that the page's process takes for
a frame, the browser's drawing on the screen not counted.
"""

from __future__ import annotations

import json
import logging
import os
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
import numpy as np  # noqa: E402
from playwright.sync_api import Page, expect  # noqa: E402

from benchmarks.turned_camera import DISCS, made_depth  # noqa: E402
from benchmarks.under_the_hand import run  # noqa: E402
from dragnuwa.common.picture_files import open_picture  # noqa: E402
from scripts.editor_driver import EditorDriver, workflow  # noqa: E402
from scripts.frontend import open_browser, open_page, press_run, use_renderer  # noqa: E402
from scripts.host import HostProcess  # noqa: E402
from tests.integration.editor.clips import node  # noqa: E402
from tests.integration.editor.test_camera_in_depth import MOVES  # noqa: E402
from tests.support.drawings import objects_value  # noqa: E402

PHOTOGRAPH = ROOT / "web" / "pictures" / "dragnuwa-desert.jpg"
CLIP = 832, 480
FRAMES = 25
ENDS = "camera", "object"
BASE = "/extensions/ComfyUI-DragNUWA/"
LEVELS = 255

# Moves the pressed mouse with each frame, and notes when the canvas was drawn, the time that took, and its sizes.
MOVE = """async ([places, base]) => {
    const { Stage } = await import(base + 'editor/stage.js')
    const { DepthFrames } = await import(base + 'editor/depth_frames.js')
    const canvas = document.querySelector('[data-testid=dragnuwa-canvas]')
    const { draw } = Stage.prototype
    const { frame } = DepthFrames.prototype
    const drawn = [], sizes = []
    Stage.prototype.draw = function (...values) {
        const begun = performance.now()
        const before = sizes.length
        draw.apply(this, values)
        if (sizes.length > before) drawn.push([begun, performance.now() - begun])
    }
    DepthFrames.prototype.frame = function (...values) {
        const made = frame.apply(this, values)
        sizes.push(made.width)
        return made
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
    Object.assign(Stage.prototype, { draw })
    Object.assign(DepthFrames.prototype, { frame })
    return { drawn, events, sizes }
}"""
SHOWN = "document.querySelector('[data-testid=dragnuwa-canvas]').getBoundingClientRect().width"


def pictures(folder: Path) -> None:
    """Writes the photograph, fitted to the clip, and its depth."""
    with open_picture(PHOTOGRAPH) as image:
        picture = np.array(image.convert("RGB"))[..., ::-1]  # as OpenCV has it
    height = picture.shape[1] * CLIP[1] // CLIP[0]
    top = max(0, picture.shape[0] - height) // 2
    cv2.imwrite(str(folder / "turned.png"), cv2.resize(picture[top : top + height], CLIP, interpolation=cv2.INTER_AREA))
    disparity = made_depth(*CLIP).disparity
    cv2.imwrite(str(folder / "turned_depth.png"), (disparity / disparity.max() * LEVELS).astype(np.uint8))


def drawing(count: int, horizon: bool) -> str:
    """Objects on the discs of the depth, of which the first one is dragged."""
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    objects = []
    for x, y, radius, _ in DISCS[:count]:
        around = zip(x + radius * np.cos(turn), y + radius * np.sin(turn) * CLIP[0] / CLIP[1], strict=True)
        ring = [{"x": round(float(px), 5), "y": round(float(py), 5)} for px, py in around]
        motion = {"points": [{"x": x, "y": y}, {"x": x + 0.05, "y": y}]}
        objects.append({"outline": [ring], "edge": "exact", "motion": motion})
    value = objects_value(*objects)
    return json.dumps(value | {"horizon": 0.3} if horizon else value)


def graph(text: str, measured: bool) -> dict:
    """Load Image, the editor, Camera in Depth and a preview; with a second Load Image for the depth if `measured`."""
    moves = MOVES | {"truck": 0, "focus_x": 0.5, "focus_y": 0.5}
    made = workflow(text, picture="turned.png", size=(760, 820))
    loaded, editor = made["nodes"][:2]
    editor["widgets_values"][1:4] = *CLIP, FRAMES
    loaded["outputs"][0]["links"] = [*loaded["outputs"][0]["links"], 21]
    editor["outputs"][0]["links"] = [22]
    inputs = [("image", "IMAGE", 21), ("geometry", "MOGE_GEOMETRY,DA3_GEOMETRY", None),
              ("depth", "IMAGE", 23 if measured else None), ("trajectories", "STRING", 22)]  # fmt: skip
    values = [*CLIP, FRAMES, "crop", *moves.values()]
    made["nodes"] += [node(8, "DragNUWACameraInDepth", inputs, [("images", "IMAGE", [24])], values, 3),
                      node(9, "PreviewImage", [("images", "IMAGE", 24)], [], [], 4)]  # fmt: skip
    made["links"] += [[21, loaded["id"], 0, 8, 0, "IMAGE"], [22, editor["id"], 0, 8, 3, "STRING"],
                      [24, 8, 0, 9, 0, "IMAGE"]]  # fmt: skip
    if measured:
        made["nodes"].append(node(10, "LoadImage", [], [("IMAGE", "IMAGE", [23])], ["turned_depth.png", "image"], 0))
        made["links"].append([23, 10, 0, 8, 2, "IMAGE"])
    return made | {"last_node_id": 10, "last_link_id": 24}


def page_seconds(page: Page) -> float:
    """The CPU time of the page's process, the largest of the browser's pages."""
    session = page.context.browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(each["cpuTime"] for each in found if each["type"] == "renderer")


def measure(editor: EditorDriver, start: tuple[float, float], frames: int) -> str:
    page, mouse = editor.page, editor.page.mouse
    x, y = editor.at(*start)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 6, y)
    turn = np.linspace(0, 4 * np.pi, frames)
    places = [[x + 6 + 60 * float(np.sin(t)), y + 30 * float(np.sin(2 * t))] for t in turn]
    page.evaluate(MOVE, [places[:20], BASE])  # what is made once
    before = page_seconds(page)
    found = page.evaluate(MOVE, [places, BASE])
    spent = (page_seconds(page) - before) * 1000
    mouse.up()
    if len(found["drawn"]) < 2:
        return "not drawn"
    begun, took = zip(*found["drawn"], strict=True)
    rate = (len(begun) - 1) / (begun[-1] - begun[0]) * 1000
    drawing_ms = statistics.median(took) + statistics.median(found["events"])
    slowest = sorted(took)[int(0.95 * len(took))]
    return (f"{rate:4.0f} a second of {statistics.median(found['sizes'])} px, drawing {drawing_ms:.0f} ms "
            f"(95 %: {slowest:.0f}), CPU {spent / len(took):.0f} ms")  # fmt: skip


def measure_page(host: HostProcess, frames: int) -> None:
    pictures(host.input_directory)
    with open_browser() as browser, open_page(browser, host.url, viewport={"width": 1600, "height": 1000}) as page:
        use_renderer(page, True)
        editor = EditorDriver(page, CLIP)
        for measured in (False, True):
            for count in (0, 1, 3):
                editor.open(graph(drawing(count, not measured), measured))
                if measured:
                    press_run(page, host.url)
                editor.part("tool-camera").click()
                expect(editor.part("status")).to_contain_text("orbit", timeout=60_000)
                for full in (False, True):
                    if full:
                        editor.part("full-window").click()
                    editor.settle(20)
                    depth = "measured" if measured else "by hand"
                    named = f"{depth}, {count} objects, {page.evaluate(SHOWN):.0f} px wide"
                    for what in ENDS[: 1 + (count > 0)]:
                        start = DISCS[0][:2]
                        if what == "object":
                            editor.part("tool-object").click()
                            page.keyboard.press("Home")
                            editor.click(*start)
                            editor.settle(20)
                        said, load = measure(editor, start, frames), os.getloadavg()[0]
                        logging.info("%s: %s %s; load %.1f", named, what, said, load)
                        editor.part("tool-camera").click()
                        expect(editor.part("status")).to_contain_text("orbit", timeout=60_000)
                page.keyboard.press("Escape")


if __name__ == "__main__":
    sys.exit(run(__doc__, 90, measure_page))
