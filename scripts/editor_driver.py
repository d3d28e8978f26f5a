"""The trajectory editor in ComfyUI's page, as a person's hands and eyes meet it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page

from scripts.frontend import api_prompt, load_workflow, replace_workflow

EMPTY = '{"type": "dragnuwa.trajectories", "version": 1, "tracks": []}'
NODE = "app.graph.nodes.find(n => n.type === 'DragNUWATrajectoryEditor')"
VALUE = f"{NODE}.widgets.find(w => w.name === 'trajectories').value"
WIDTH, HEIGHT = 576, 320

OURS = json.dumps(
    {
        "type": "dragnuwa.trajectories",
        "version": 1,
        "tracks": [
            {"name": "one", "points": [{"x": 0.2, "y": 0.3}, {"x": 0.4, "y": 0.3}, {"x": 0.4, "y": 0.6}]},
            {"name": "two", "color": "#d62728", "points": [{"x": 0.6, "y": 0.8}, {"x": 0.9, "y": 0.7}]},
        ],
    }
)


def workflow(
    value: str = EMPTY, *, picture: str | None = "example.png", size=(420, 620), computed: bool = False
) -> dict:
    """Load Image and the editor; `computed` inverts the picture on the way, so that it is known after a run only."""
    outputs = [("trajectories", "STRING"), ("image", "IMAGE"), ("width", "INT"), ("height", "INT"), ("frames", "INT")]
    editor = {
        "id": 2, "type": "DragNUWATrajectoryEditor", "pos": [360, 80], "size": list(size), "flags": {}, "order": 1,
        "mode": 0, "properties": {},
        "inputs": [{"name": "image", "type": "IMAGE", "link": 1 if picture else None}],
        "outputs": [{"name": name, "type": type_, "links": None} for name, type_ in outputs],
        "widgets_values": [value, WIDTH, HEIGHT, 14, "crop"],
    }  # fmt: skip
    loader = {
        "id": 1, "type": "LoadImage", "pos": [20, 80], "size": [300, 320], "flags": {}, "order": 0, "mode": 0,
        "properties": {}, "inputs": [], "widgets_values": [picture, "image"],
        "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}, {"name": "MASK", "type": "MASK", "links": None}],
    }  # fmt: skip
    preview = {
        "id": 3, "type": "PreviewImage", "pos": [820, 80], "size": [260, 260], "flags": {}, "order": 2, "mode": 0,
        "properties": {}, "inputs": [{"name": "images", "type": "IMAGE", "link": 2}], "outputs": [],
        "widgets_values": [],
    }  # fmt: skip
    invert = {
        "id": 4, "type": "ImageInvert", "pos": [20, 460], "size": [200, 40], "flags": {}, "order": 1, "mode": 0,
        "properties": {}, "inputs": [{"name": "image", "type": "IMAGE", "link": 3}], "widgets_values": [],
        "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}],
    }  # fmt: skip
    nodes, links = [editor], []
    if picture:
        nodes, links = [loader, editor], [[1, 1, 0, 2, 0, "IMAGE"]]
    if computed:
        loader["outputs"][0]["links"] = [3]
        editor["outputs"][1]["links"] = [2]
        nodes = [loader, invert, editor, preview]
        links = [[3, 1, 0, 4, 0, "IMAGE"], [1, 4, 0, 2, 0, "IMAGE"], [2, 2, 1, 3, 0, "IMAGE"]]
    return {
        "version": 0.4, "last_node_id": 4, "last_link_id": 3, "groups": [], "config": {}, "extra": {},
        "nodes": nodes, "links": links,
    }  # fmt: skip


GROUND = (122, 122, 122)  # where there is no picture

# The colour of the picture layer at a place of the clip. The clip is centred in the canvas, with 10 pixels around it.
PIXEL = """([x, y, width, height]) => {
    const canvas = document.querySelector('[data-testid=dragnuwa-editor] canvas')
    const { clientWidth, clientHeight } = canvas
    const scale = Math.min((clientWidth - 20) / width, (clientHeight - 20) / height)
    const ratio = canvas.width / clientWidth
    const px = Math.round(((clientWidth - width * scale) / 2 + x * width * scale) * ratio)
    const py = Math.round(((clientHeight - height * scale) / 2 + y * height * scale) * ratio)
    return [...canvas.getContext('2d').getImageData(px, py, 1, 1).data.slice(0, 3)]
}"""

# Also what the editor puts off until after a frame, while something is held: its timers are older than this one.
FRAMES = """async count => {
    for (let k = 0; k < count; k += 1) await new Promise(requestAnimationFrame)
    await new Promise(done => setTimeout(done))
}"""

# The node that is in the graph now shows its editor, and no editor of a node from before is left on the page.
SHOWN = f"""() => {{
    const widget = {NODE}?.widgets.find(w => w.name === 'trajectories')
    const editors = [...document.querySelectorAll('[data-testid=dragnuwa-editor]')]
    return widget?.element.isConnected && editors.length > 0 && editors.every(e => widget.element.contains(e))
}}"""


@contextmanager
def errors_fail(page: Page) -> Iterator[None]:
    """A block after which an error of ours in the page fails."""
    errors = []

    def note(error) -> None:
        errors.append(f"{error}\n{error.stack}")

    page.on("pageerror", note)
    yield
    page.remove_listener("pageerror", note)
    assert not [error for error in errors if "DragNUWA" in error], errors


class EditorDriver:
    """One editor node on the page. Places are fractions of the clip, whose size in pixels is `size`."""

    def __init__(self, page: Page, size: tuple[int, int] = (WIDTH, HEIGHT)):
        self.page, self.size = page, size

    def open(self, graph: dict, scale: float = 1.0) -> None:
        """A workflow in place of the one before."""
        replace_workflow(self.page, graph)
        self._show(scale)

    def open_in_a_tab(self, graph: dict) -> None:
        """A workflow beside the one before, as a person opens another."""
        load_workflow(self.page, graph)
        self._show()

    def _show(self, scale: float = 1.0) -> None:
        self.page.evaluate(
            "s => { app.canvas.ds.scale = s; app.canvas.ds.offset = [0, 20 / s]; app.canvas.setDirty(true, true) }",
            scale,
        )
        self.root.wait_for()
        self.settle()

    @property
    def root(self) -> Locator:
        return self.page.get_by_test_id("dragnuwa-editor").first

    def part(self, name: str) -> Locator:
        return self.root.get_by_test_id(f"dragnuwa-{name}")

    def settle(self, frames: int = 2) -> None:
        """Until the page has drawn what was done; with more frames, until it would have drawn what should not be."""
        self.page.evaluate(FRAMES, frames)

    def wait_until_shown(self) -> None:
        """Until the page shows the editor of the present node, after an undo of the graph or a change of renderer."""
        self.page.wait_for_function(SHOWN)
        self.root.wait_for()
        self.settle()

    def wait_for_tracks(self, count: int) -> None:
        """Until the drawing has as many tracks."""
        self.page.wait_for_function(f"count => JSON.parse({VALUE}).tracks.length === count", arg=count)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the clip is on the screen: the clip lies in the middle of the canvas, 10 pixels from its
        edges."""
        box = self.part("canvas").bounding_box()
        zoom = box["width"] / self.part("canvas").evaluate("e => e.clientWidth")
        width, height = self.size
        scale = min((box["width"] / zoom - 20) / width, (box["height"] / zoom - 20) / height) * zoom
        left = box["x"] + (box["width"] - width * scale) / 2
        top = box["y"] + (box["height"] - height * scale) / 2
        return left + x * width * scale, top + y * height * scale

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.at(x, y))
        self.settle()

    def drag(self, *positions: tuple[float, float], steps: int = 8) -> None:
        mouse = self.page.mouse
        mouse.move(*self.at(*positions[0]))
        mouse.down()
        for place in positions[1:]:
            mouse.move(*self.at(*place), steps=steps)
        mouse.up()
        self.settle()

    def draw(self, *positions: tuple[float, float]) -> None:
        """A drag, click by click."""
        for place in positions:
            self.click(*place)
        self.page.keyboard.press("Enter")
        self.settle()

    def set_widget(self, name: str, value: object) -> None:
        """As the page sets it when a person does."""
        self.page.evaluate(
            f"""([name, value]) => {{
                const widget = {NODE}.widgets.find(w => w.name === name)
                widget.value = value
                widget.callback?.(value)
            }}""",
            [name, value],
        )
        self.settle()

    @property
    def text(self) -> str:
        return self.page.evaluate(f"() => {VALUE}")

    @property
    def tracks(self) -> list[dict]:
        return json.loads(self.text)["tracks"]

    @property
    def objects(self) -> list[dict]:
        return json.loads(self.text).get("objects", [])

    def wait_for_objects(self, count: int) -> None:
        """Until the drawing has as many objects, such as after a click that picks one."""
        self.page.wait_for_function(f"count => (JSON.parse({VALUE}).objects ?? []).length === count", arg=count)
        self.settle()

    def points(self, track: int) -> list[tuple[float, float]]:
        return [(point["x"], point["y"]) for point in self.tracks[track]["points"]]

    @property
    def prompted(self) -> str:
        """What the page would send to be run."""
        prompt = api_prompt(self.page)
        return next(n for n in prompt.values() if n["class_type"] == "DragNUWATrajectoryEditor")["inputs"][
            "trajectories"
        ]

    def pixel(self, x: float, y: float) -> tuple[int, int, int]:
        """The colour of the picture layer at a place of the clip."""
        return tuple(self.page.evaluate(PIXEL, [x, y, *self.size]))

    def wait_for_pixel(self, x: float, y: float, color: tuple[int, int, int] | None = None) -> None:
        """Until that colour, or any picture, is there."""
        expected, found = (color, "===") if color else (GROUND, "!==")
        self.page.wait_for_function(
            f"([place, color]) => String(({PIXEL})(place)) {found} String(color)",
            arg=[[x, y, *self.size], list(expected)],
        )


def near(found: list, expected: list, pixels: float = 1.0) -> None:
    """The same places to within some pixels of the clip."""
    assert len(found) == len(expected), (found, expected)
    for (x, y), (ex, ey) in zip(found, expected, strict=True):
        assert abs(x - ex) * WIDTH <= pixels and abs(y - ey) * HEIGHT <= pixels, (found, expected)
