"""The editor over a video: its graph, and when what is drawn has been followed."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from playwright.sync_api import Page

from scripts.editor_driver import EditorDriver, workflow
from tests.support.pictures import texture


def clip_graph(film: str, size: tuple[int, int], frames: int) -> dict:
    """Load Video, Get Video Components, the editor, Edit Video and a preview."""
    made = workflow(picture=None, size=(560, 700))
    (editor,) = made["nodes"]
    editor["inputs"][0]["link"] = 2
    editor["widgets_values"][1:4] = [*size, frames]
    for output, link in ((0, [4]), (2, [5]), (3, [6])):
        editor["outputs"][output]["links"] = link
    made["nodes"] += [
        node(5, "LoadVideo", [], [("VIDEO", "VIDEO", [1])], [film, "image"], 0),
        node(6, "GetVideoComponents", [("video", "VIDEO", 1)], [("images", "IMAGE", [2, 3])], [], 1),
        node(
            7, "DragNUWAEditVideo",
            [("images", "IMAGE", 3), ("trajectories", "STRING", 4), ("width", "INT", 5), ("height", "INT", 6)],
            [("images", "IMAGE", [7])], [*size, 24, "object", "crop", 4], 3,
        ),
        node(3, "PreviewImage", [("images", "IMAGE", 7)], [], [], 4),
    ]  # fmt: skip
    for number in (2, 3):  # widgets that are connected
        made["nodes"][3]["inputs"][number]["widget"] = {"name": made["nodes"][3]["inputs"][number]["name"]}
    made["links"] = [
        [1, 5, 0, 6, 0, "VIDEO"], [2, 6, 0, 2, 0, "IMAGE"], [3, 6, 0, 7, 0, "IMAGE"], [4, 2, 0, 7, 1, "STRING"],
        [5, 2, 2, 7, 2, "INT"], [6, 2, 3, 7, 3, "INT"], [7, 7, 0, 3, 0, "IMAGE"],
    ]  # fmt: skip
    return made | {"last_node_id": 7, "last_link_id": 7}


def node(number: int, kind: str, inputs: list, outputs: list, values: list, order: int) -> dict:
    return {
        "id": number, "type": kind, "pos": [20 if number > 4 else 900, 80 + 200 * (number % 3)], "size": [260, 180],
        "flags": {}, "order": order, "mode": 0, "properties": {}, "widgets_values": values,
        "inputs": [{"name": name, "type": type_, "link": link} for name, type_, link in inputs],
        "outputs": [{"name": name, "type": type_, "links": links} for name, type_, links in outputs],
    }  # fmt: skip


def to_frame(editor: EditorDriver, frame: int) -> None:
    """Moves the playhead with the keys."""
    editor.root.locator(".dnw-keyboard").focus()
    editor.page.keyboard.press("Home")
    for _ in range(frame):
        editor.page.keyboard.press(".")


def textured_frames(size: tuple[int, int], count: int) -> list[np.ndarray]:
    """Frames `[H, W, 3]` uint8 of one ground, to be drawn on."""
    width, height = size
    ground = np.clip(texture(height, width).astype(np.int16) // 3 + 60, 0, 255).astype(np.uint8)
    ground = np.broadcast_to(ground.reshape(height, width, -1), (height, width, 3))
    return [ground.copy() for _ in range(count)]


@contextmanager
def followed(editor: EditorDriver) -> Iterator[None]:
    """Until what is drawn meanwhile has been followed."""
    with regions_answered(editor.page):
        yield
    editor.settle()


def regions_answered(page: Page):
    """Until an answer of /regions is here as a whole: one that the page has cancelled meanwhile does not count."""
    return page.expect_request_finished(lambda request: request.url.endswith("/dragnuwa/regions"))
