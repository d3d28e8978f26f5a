"""Records GIFs of ComfyUI's real page, driven as a person does, on the first template with the demo's picture and text.

What they show is what the model that comes with the pack makes of it. `record_gifs.py` says what is drawn.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page

from dragnuwa.common.picture_files import open_picture
from scripts import demo
from scripts.frontend import load_workflow, open_browser, open_page, press_run, use_renderer
from scripts.host import ROOT, TEST_SETTINGS, HostProcess, find_installation
from tools.graph_parts import FRAMES, NO_DRAGS

WORKFLOW = ROOT / "workflows" / "Drag a picture.json"  # as the page opens it; the demo queues its API format
VIEW = {"width": 1240, "height": 980}  # CSS pixels of the page
SHOWN = (62, 40, 1240, 980)  # what is recorded of it: without tabs and side bar
WIDTH = 800  # pixels of the GIF
COLORS = 256
VIVID = 100  # of 255: between the largest and the smallest of red, green and blue
MOST_BYTES = 2 * 2**20
RUN_SECONDS = 600
# Where the nodes lie in the page, and their sizes; the note is moved out of it.
BLUEPRINT = "Drag to Video (embedded)"
PLACES = {
    "LoadImage": ((90, 140), (230, 280)),
    "DragNUWATrajectoryEditor": ((340, 140), (520, 790)),
    BLUEPRINT: ((880, 140), (340, 380)),
    "SaveVideo": ((880, 580), (340, 370)),
    "MarkdownNote": ((3000, 0), (300, 300)),
}
# Links would cross the picture.
CALM = {
    "Comfy.Minimap.Visible": False,
    "Comfy.Graph.CanvasInfo": False,
    "Comfy.Graph.CanvasMenu": False,
    "Comfy.LinkRenderMode": -1,
}
MOMENT, STEP, REST = 900, 60, 1600  # milliseconds: of a pause, of a step of a motion, of the end
ARROW = [
    (0, 0),
    (0, 17),
    (4, 13),
    (7, 20),
    (10, 19),
    (7, 12),
    (12, 12),
]  # a pointer: the page's own is not in a picture


class Recorder:
    """Pictures of the page with a pointer on it, and how long each is shown."""

    def __init__(self, page: Page):
        self.page = page
        self.frames: list[Image.Image] = []
        self.durations: list[int] = []
        self.pointer = (VIEW["width"] * 0.8, VIEW["height"] * 0.7)

    def keep(self, milliseconds: int) -> None:
        with open_picture(BytesIO(self.page.screenshot())) as image:
            picture = image.convert("RGB")
        draw = ImageDraw.Draw(picture)
        arrow = [(self.pointer[0] + x, self.pointer[1] + y) for x, y in ARROW]
        draw.polygon(arrow, fill="white", outline="black")
        cut = picture.crop(SHOWN)
        cut = cut.resize((WIDTH, round(cut.height * WIDTH / cut.width)), Image.Resampling.LANCZOS)
        if self.frames and not np.any(np.asarray(cut) != np.asarray(self.frames[-1])):
            self.durations[-1] += milliseconds
            return
        self.frames.append(cut)
        self.durations.append(milliseconds)

    def move(self, x: float, y: float, steps: int = 4, milliseconds: int = STEP) -> None:
        """The pointer goes there in a straight line."""
        from_x, from_y = self.pointer
        for k in range(1, steps + 1):
            self.pointer = (from_x + (x - from_x) * k / steps, from_y + (y - from_y) * k / steps)
            self.page.mouse.move(*self.pointer)
            self.keep(milliseconds)

    def click(self, target: Locator) -> None:
        box = target.bounding_box()
        self.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.click(*self.pointer)
        self.page.wait_for_timeout(200)
        self.keep(4 * STEP)

    def save(self, path: Path) -> None:
        """One palette for all pictures, so that what rests costs nothing."""
        some = [self.frames[k] for k in np.linspace(0, len(self.frames) - 1, 6).round().astype(int)]
        palette = with_vivid(np.concatenate(some)).quantize(COLORS, dither=Image.Dither.NONE)
        first, *rest = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self.frames]
        first.save(path, save_all=True, append_images=rest, duration=self.durations, loop=0, optimize=True)


def with_vivid(pixels: np.ndarray) -> Image.Image:
    """The picture `[H, W, 3]` with its vivid colours once more below, as much of them as of all: drags are thin lines,
    which a palette of the most frequent colours would leave out."""
    vivid = pixels[np.ptp(pixels, axis=2) > VIVID]
    if len(vivid) == 0:
        return Image.fromarray(pixels)
    repeated = np.resize(vivid, pixels.shape)
    return Image.fromarray(np.concatenate([pixels, repeated]))


def arranged(graph: dict) -> dict:
    """The template with the demo's values and no drags, its nodes close together."""
    (blueprint,) = graph["definitions"]["subgraphs"]
    values = {
        "LoadImage": {"image": demo.PICTURE.name},
        "DragNUWATrajectoryEditor": {"trajectories": NO_DRAGS, "width": demo.WIDTH, "height": demo.HEIGHT},
        BLUEPRINT: {"prompt": demo.TEXT},
    }
    for node in graph["nodes"]:
        kind = BLUEPRINT if node["type"] == blueprint["id"] else node["type"]
        place, size = PLACES[kind]
        node["pos"], node["size"] = list(place), list(size)
        widgets = [one["widget"]["name"] for one in node.get("inputs", []) if "widget" in one]
        if kind == "DragNUWATrajectoryEditor":
            widgets.insert(0, "trajectories")  # which nothing can be connected to
        for name, value in values.get(kind, {}).items():
            node["widgets_values"][widgets.index(name)] = value
    return graph


def play(recorder: Recorder, frames: int) -> None:
    """Frame by frame, at the rate of the clip: a recording in real time would miss some."""
    recorder.page.get_by_test_id("dragnuwa-tool-select").focus()
    for _ in range(2):
        recorder.page.keyboard.press("Home")
        for _ in range(frames):
            recorder.page.wait_for_timeout(60)
            recorder.keep(140)
            recorder.page.keyboard.press(".")
    recorder.keep(5 * STEP)


def show_video(recorder: Recorder) -> None:
    """Each frame of the video, in its node and in the editor, which shows it too, some times over."""
    page = recorder.page
    video = page.locator("video").first
    video.wait_for()
    seconds = video.evaluate(
        """async video => {
            video.controls = false
            video.pause()
            while (!(video.duration > 0)) await new Promise(done => setTimeout(done, 50))
            return video.duration
        }"""
    )
    seek = """(video, time) => new Promise(done => {
        video.addEventListener('seeked', () => requestAnimationFrame(() => requestAnimationFrame(done)), {once: true})
        video.currentTime = time
    })"""
    page.get_by_test_id("dragnuwa-show-result").wait_for()
    page.get_by_test_id("dragnuwa-play").click()  # it plays by itself after a run
    for _ in range(3):
        page.get_by_test_id("dragnuwa-tool-select").focus()
        page.keyboard.press("Home")
        for k in range(FRAMES):
            video.evaluate(seek, (k + 0.5) * seconds / FRAMES)
            page.wait_for_timeout(120)
            recorder.keep(140)
            page.keyboard.press(".")
        recorder.durations[-1] += 300


Place = Callable[[float, float], tuple[float, float]]
Draw = Callable[[Recorder, Place], None]


def place_in(canvas: Locator) -> Place:
    """Where a place of the clip, in fractions, is on the page: the clip lies in the middle of the canvas, 10 pixels
    in."""
    box = canvas.bounding_box()
    scale = min((box["width"] - 20) / demo.WIDTH, (box["height"] - 20) / demo.HEIGHT)
    left = box["x"] + (box["width"] - demo.WIDTH * scale) / 2
    top = box["y"] + (box["height"] - demo.HEIGHT * scale) / 2
    return lambda x, y: (left + x * demo.WIDTH * scale, top + y * demo.HEIGHT * scale)


def record(page: Page, url: str, draw: Draw) -> Recorder:
    use_renderer(page, True)
    graph = arranged(json.loads(WORKFLOW.read_text(encoding="utf-8")))
    load_workflow(page, graph)
    page.evaluate("() => { app.canvas.ds.scale = 1; app.canvas.ds.offset = [0, 0]; app.canvas.setDirty(true, true) }")
    canvas = page.get_by_test_id("dragnuwa-canvas")
    canvas.wait_for()
    page.wait_for_timeout(1500)
    recorder = Recorder(page)
    recorder.keep(MOMENT)
    draw(recorder, place_in(canvas))
    play(recorder, FRAMES)
    run = page.get_by_test_id("queue-button").bounding_box()
    recorder.move(run["x"] + run["width"] / 2, run["y"] + run["height"] / 2)
    recorder.keep(3 * STEP)
    entry = press_run(page, url, RUN_SECONDS)
    if entry["status"]["status_str"] != "success":
        raise RuntimeError(f"the workflow failed: {entry['status']}")
    page.wait_for_timeout(1500)
    recorder.keep(MOMENT // 2)
    show_video(recorder)
    recorder.durations[-1] += REST
    return recorder


def write(gifs: dict[Path, Draw]) -> int:
    """Records each of the GIFs. Returns 1 if one is too large, else 0."""
    installation = find_installation()
    settings = {**TEST_SETTINGS, **CALM}
    too_large = 0
    with (
        tempfile.TemporaryDirectory() as base,
        HostProcess(installation.python, installation.comfyui, base, settings=settings) as server,
    ):
        for gif, draw in gifs.items():
            with open_browser() as browser, open_page(browser, server.url, viewport=VIEW) as page:
                recorder = record(page, server.url, draw)
            recorder.save(gif)
            size = gif.stat().st_size
            print(f"{gif.relative_to(ROOT)}: {len(recorder.frames)} pictures, {size / 2**20:.2f} MiB")
            if size > MOST_BYTES:
                print(f"error: more than {MOST_BYTES / 2**20:.0f} MiB; make WIDTH or COLORS smaller", file=sys.stderr)
                too_large = 1
    return too_large
