"""How close the run line's forecast is to what a run then takes, in ComfyUI's real page.

    .venv/bin/python benchmarks/run_forecasts.py

Templates that need no downloaded model are run as they open, and again after a change of size, length or steps; before
each run the line's forecast is read. The first run of a template is forecast by `ON_TWO_CORES` of
web/core/forecast.js ("on two cores"), or not at all.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.frontend import open_browser, open_page, replace_workflow, run_by  # noqa: E402
from scripts.host import HostProcess, find_installation, stop_on_terminate  # noqa: E402

log = logging.getLogger(__name__)
NAME = "DragNUWATrajectoryEditor"
# Each template, and the changes of widgets before each of its runs.
EVERY = {
    "Drag without a model": [{}, {NAME: {"frames": 48}}, {"DragNUWAMovePicture": {"longer_side": 1600}}],
    "Drag a picture": [{}, {"KSampler": {"steps": 16}}, {NAME: {"frames": 14}}],
    "Move the camera in depth": [{}, {NAME: {"width": 576, "height": 320}}],
    "Drag in a video": [{}, {}],
    "more/Make it move without a model": [{}],
}
LINE = "[data-testid=dragnuwa-run-line]"
CHANGE = """values => {
    const nodes = graph => graph.nodes.flatMap(node => [node, ...(node.subgraph ? nodes(node.subgraph) : [])])
    for (const node of nodes(app.rootGraph)) {
        for (const [name, value] of Object.entries(values[node.type] ?? {})) {
            const widget = node.widgets.find(one => one.name === name)
            widget.value = value
            widget.callback?.(value)
        }
    }
}"""
DRAW = """text => {
    const node = app.rootGraph.nodes.find(one => one.type === 'DragNUWATrajectoryEditor')
    node.widgets.find(one => one.name === 'trajectories').value = text
}"""
TIMES = "() => localStorage.getItem('DragNUWA.timesOfRuns')"


def drag(x: float) -> str:
    """A drag that no run before had."""
    return json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [
        {"id": "d", "points": [{"x": 0.4, "y": 0.5}, {"x": 0.4 + x, "y": 0.42}]}]})  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", action="store_true", help="print what the page has stored at the end")
    parser.add_argument("--only", default="", help="a part of the templates' names")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    stop_on_terminate()
    installation = find_installation()
    with (
        tempfile.TemporaryDirectory() as base,
        HostProcess(installation.python, installation.comfyui, base) as server,
        open_browser() as browser,
        open_page(browser, server.url) as page,
    ):
        number = 0
        for name, runs in EVERY.items():
            if asked.only not in name:
                continue
            replace_workflow(page, json.loads((ROOT / "workflows" / f"{name}.json").read_text(encoding="utf-8")))
            for changes in runs:
                number += 1
                page.evaluate(CHANGE, changes)
                if "video" not in name and "camera" not in name:
                    page.evaluate(DRAW, drag(0.1 + number / 200))
                else:
                    page.evaluate(CHANGE, {"DragNUWAEditVideo": {"radius": 24 + number}})
                page.wait_for_timeout(1500)
                line = page.locator(LINE).inner_text()
                began = time.monotonic()
                run_by(page, server.url, page.get_by_test_id("queue-button").click, 600)
                log.info("%s | %s | %s | %.1f s", name, changes or "as it opens", line, time.monotonic() - began)
        if asked.times:
            log.info(page.evaluate(TIMES))
    return 0


if __name__ == "__main__":
    sys.exit(main())
