"""Which files of web/ run while the end of a drag is moved, as the browser counts calls: from the pointer's event to
the changed drawing, and in the frame that shows it. A change of how that works should read in few files."""

import json
import sys

import pytest

from scripts.editor_driver import EditorDriver, workflow
from tests.integration.editor.compositions import open_composed
from tests.integration.editor.renderers import mainly_in
from tests.support.drawings import tracks_value

MOST_TO_THE_DOCUMENT, MOST_TO_THE_SCREEN = 8, 8  # of which one has a getter alone, not counted once it is inlined
MORE_TO_BEND = 9  # a mesh, its equations, areas and pixels, what stays around it, and the handles of a pin
BEGIN, END, MOVED, MOVED_ON = (0.24, 0.5), (0.6, 0.45), (0.65, 0.5), (0.7, 0.62)
KINDS = {
    "straight": {},
    "curved": {"spline": "pchip"},
    "timed": {"start": 0.2, "end": 0.8, "timing": "keys"},
    "bending": {"bend": "on"},
}

# Runs something; what it has put off until the page's next frame, or until a timer ends, waits in `window.waiting`.
RUN = """(run) => {
    const { requestAnimationFrame, setTimeout } = window
    const waiting = window.waiting
    window.waiting = []
    window.requestAnimationFrame = window.setTimeout = (callback) => window.waiting.push(callback)
    try { run(waiting) } finally { Object.assign(window, { requestAnimationFrame, setTimeout }) }
}"""
# One move of the pressed mouse.
MOVE = f"""([x, y]) => ({RUN})(() => {{
    const place = {{ clientX: x, clientY: y, pointerId: 1, pointerType: 'mouse', buttons: 1, bubbles: true }}
    document.querySelector('[data-testid=dragnuwa-canvas]').dispatchEvent(new PointerEvent('pointermove', place))
}})"""
GO_ON = f"() => ({RUN})((waiting) => {{ for (const callback of waiting) callback(performance.now()) }})"


class Walk:
    """The files of the pack a function of which runs, in the order of their names."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("Profiler.enable")
        self.session.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": True})

    def files(self) -> list[str]:
        """Those since the last call."""
        scripts = self.session.send("Profiler.takePreciseCoverage")["result"]
        ran = (
            script["url"]
            for script in scripts
            if "/extensions/" in script["url"]
            and "ragNUWA" in script["url"]
            and any(each["ranges"][0]["count"] > 0 for each in script["functions"])
        )
        return sorted({url.split("/extensions/")[1].split("/", 1)[1].split("?")[0] for url in ran})

    def end(self) -> None:
        self.session.send("Profiler.stopPreciseCoverage")
        self.session.detach()


@pytest.fixture
def walk(editor_page):
    walk = Walk(editor_page)
    yield walk
    walk.end()


@mainly_in("vue")
@pytest.mark.parametrize("kind", KINDS)
def test_the_end_of_a_drag(editor: EditorDriver, walk: Walk, kind: str):
    points = [{"x": x, "y": y} for x, y in (BEGIN, END)]
    drawing = tracks_value({"points": points, **KINDS[kind]})
    open_composed(editor, workflow(json.dumps(drawing), size=(760, 760)))
    editor.part("tool-select").click()
    editor.click(*END)
    mouse = editor.page.mouse
    mouse.move(*editor.at(*END))
    mouse.down()
    mouse.move(*editor.at(*MOVED))
    editor.settle(3)
    walk.files()
    editor.page.evaluate(MOVE, editor.at(*MOVED_ON))
    to_the_document = walk.files()
    editor.page.evaluate(GO_ON)
    to_the_screen = walk.files()
    editor.page.evaluate(GO_ON)
    around_it = walk.files()
    mouse.up()
    editor.settle()
    for where, files in (("to the document", to_the_document), ("to the screen", to_the_screen), ("then", around_it)):
        sys.stdout.write(f"{kind}: {len(files)} files {where}: {' '.join(files)}\n")
    assert editor.points(0)[-1] == pytest.approx(MOVED_ON, abs=0.01)
    assert len(to_the_document) <= MOST_TO_THE_DOCUMENT, to_the_document
    assert len(to_the_screen) <= MOST_TO_THE_SCREEN + MORE_TO_BEND * (kind == "bending"), to_the_screen
