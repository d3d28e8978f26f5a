"""Takes the pictures in the Trajectory Editor's help page, web/docs/, anew: after a change of how the editor looks.

    .venv/bin/python tools/help_pictures.py

They show the demo's photograph and drags in ComfyUI's real page.
"""

from __future__ import annotations

import sys
import tempfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dragnuwa.common.picture_files import open_picture
from scripts import demo
from scripts.editor_driver import EMPTY, EditorDriver, workflow
from scripts.frontend import open_browser, open_page, use_renderer
from scripts.host import HostProcess, find_installation

DOCS = ROOT / "web" / "docs"
SIZE = (576, 368)  # of the clip: the photograph's shape
NODE, WIDE_NODE = (440, 640), (800, 640)  # the second with room for the properties beside the picture
SCALE = 1.5  # pixels of the picture for one of the page
QUALITY = 84
MOST_BYTES = 120_000
ROCKET = [(0.475, 0.32), (0.5, 0.25), (0.525, 0.32), (0.53, 0.85), (0.47, 0.85), (0.475, 0.34)]


def main() -> int:
    installation = find_installation()
    with (
        tempfile.TemporaryDirectory() as base,
        HostProcess(installation.python, installation.comfyui, base) as server,
        open_browser() as browser,
        open_page(browser, server.url, device_scale_factor=SCALE) as page,
    ):
        use_renderer(page, True)
        editor = EditorDriver(page, SIZE)
        take_drags(editor)
        take_properties(editor)
        take_object(editor)
    return 0


def opened(editor: EditorDriver, drags: str, node_size: tuple[int, int] = NODE) -> None:
    graph = workflow(drags, picture=demo.PICTURE.name, size=node_size)
    (node,) = (node for node in graph["nodes"] if node["type"] == "DragNUWATrajectoryEditor")
    node["widgets_values"][1:3] = SIZE
    editor.open(graph)
    editor.wait_for_pixel(0.5, 0.05)


def take_drags(editor: EditorDriver) -> None:
    """In the middle of playing: the ghosts and where each track is."""
    opened(editor, demo.DRAGS.read_text(encoding="utf-8"))
    editor.page.locator(".dnw-name").first.click()
    editor.page.keyboard.press("End")
    for _ in range(3):
        editor.page.keyboard.press(",")
    save(editor, "trajectory_editor")


def take_properties(editor: EditorDriver) -> None:
    opened(editor, demo.DRAGS.read_text(encoding="utf-8"), WIDE_NODE)
    editor.page.locator(".dnw-name").first.click()
    editor.part("properties").click()
    save(editor, "trajectory_editor_properties")


def take_object(editor: EditorDriver) -> None:
    """The rocket as an object, turned and moved, half of the way."""
    opened(editor, EMPTY)
    editor.part("tool-object").click()
    editor.drag(*ROCKET)
    editor.drag((0.5, 0.6), (0.58, 0.4), (0.68, 0.35))
    editor.part("properties").click()
    editor.part("object-rotation").fill("40")
    editor.part("object-rotation").press("Enter")
    editor.part("object-panel-close").click()
    editor.page.keyboard.press("End")
    editor.page.wait_for_timeout(4000)  # the ground is computed
    for _ in range(5):
        editor.page.keyboard.press(",")
    save(editor, "trajectory_editor_object")


def save(editor: EditorDriver, name: str) -> None:
    editor.settle()
    path = DOCS / f"{name}.jpg"
    with open_picture(BytesIO(editor.root.screenshot())) as image:
        image.convert("RGB").save(path, quality=QUALITY, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, more than {MOST_BYTES}; lower QUALITY or SCALE")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
