"""Records assets/demo.gif, in which drags are drawn, and assets/cut_and_drag.gif, in which a thing is cut out.

    make gif

Run it again after a change of how the editor looks, or of the model that comes with the pack.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from dragnuwa import trajectory
from scripts import demo
from scripts.host import ROOT
from tools.recording import MOMENT, STEP, Place, Recorder, write

STROKE_STEPS = 12  # recorded pictures of a stroke
# A line round the rocket, and a place on it, in fractions of the picture.
ROCKET = [
    (0.475, 0.33),
    (0.5, 0.26),
    (0.525, 0.33),
    (0.53, 0.6),
    (0.53, 0.95),
    (0.47, 0.95),
    (0.47, 0.6),
    (0.475, 0.34),
]
MIDDLE = (0.5, 0.6)
LIFT = 0.2  # of the picture, by which the rocket rises
TURN, TURN_STEPS = 25, 10  # degrees, and recorded pictures of turning it
HANDLE = 24  # CSS pixels from an object's box to the handle that turns it
OUTLINE = """() => {
    const node = app.graph.nodes.find(n => n.type === 'DragNUWATrajectoryEditor')
    return JSON.parse(node.widgets.find(w => w.name === 'trajectories').value).objects[0].outline.flat()
}"""


def draw_drags(recorder: Recorder, place: Place) -> None:
    """The demo's drags, freehand; its anchors by clicks."""
    drags = trajectory.parse(demo.DRAGS.read_text(encoding="utf-8"), width=demo.WIDTH, height=demo.HEIGHT)
    points, _ = drags.sample(STROKE_STEPS + 1, demo.WIDTH, demo.HEIGHT)
    mouse = recorder.page.mouse
    tool = ""
    for track, way in zip(drags.enabled, points, strict=True):
        wanted = "tool-anchor" if track.kind == "anchor" else "tool-pen"
        if wanted != tool:
            recorder.click(recorder.page.get_by_test_id(f"dragnuwa-{wanted}"))
            tool = wanted
        positions = [place(x / demo.WIDTH, y / demo.HEIGHT) for x, y in way]
        recorder.move(*positions[0])
        mouse.down()
        for at in positions[1:] if track.kind == "path" else []:
            recorder.move(*at, steps=1)
        mouse.up()
        recorder.page.wait_for_timeout(150)
        recorder.keep(5 * STEP)


def cut_and_drag(recorder: Recorder, place: Place) -> None:
    """A line is drawn round the rocket, which is moved at the end of the clip and turned by its handle."""
    page = recorder.page
    recorder.click(page.get_by_test_id("dragnuwa-tool-object"))
    recorder.move(*place(*ROCKET[0]))
    drag(recorder, *(place(*corner) for corner in ROCKET[1:]))
    page.wait_for_timeout(300)
    recorder.keep(MOMENT)
    recorder.move(*place(*MIDDLE))
    page.keyboard.press("End")
    drag(recorder, place(MIDDLE[0], MIDDLE[1] - LIFT))
    outline = page.evaluate(OUTLINE)
    xs, ys = ([point[axis] for point in outline] for axis in "xy")
    x, middle = place((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2 - LIFT)
    reach = middle - place(0, min(ys) - LIFT)[1] + HANDLE
    recorder.move(x, middle - reach)
    turns = np.linspace(0, math.radians(TURN), TURN_STEPS)
    drag(recorder, *((x + reach * math.sin(turn), middle - reach * math.cos(turn)) for turn in turns))
    page.wait_for_timeout(500)
    recorder.keep(MOMENT)


def drag(recorder: Recorder, *positions: tuple[float, float]) -> None:
    """From where the pointer is."""
    recorder.page.mouse.down()
    for at in positions:
        recorder.move(*at, steps=3)
    recorder.page.mouse.up()
    recorder.keep(5 * STEP)


if __name__ == "__main__":
    assets = ROOT / "assets"
    sys.exit(write({assets / "demo.gif": draw_drags, assets / "cut_and_drag.gif": cut_and_drag}))
