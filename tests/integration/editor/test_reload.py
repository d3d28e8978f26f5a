"""A reload of the page in the middle of a stroke, and an undo after it: nothing that was drawn is lost.

The page keeps unsaved workflows itself, in the browser's storage, half a second after the last change; what is drawn
within the half second before a reload is the page's to lose.
"""

import shutil

import pytest
import requests

from frontend import READY, START_MS, open_page, use_renderer
from tests.integration.editor.driver import EditorDriver, near, workflow

FIRST, SECOND, THIRD = [(0.2, 0.2), (0.4, 0.3)], [(0.6, 0.3), (0.8, 0.6)], [(0.2, 0.8), (0.5, 0.7)]
PERSIST = "Comfy.Workflow.Persist"
# Whether the browser's storage holds a workflow with this text, which is quoted twice there.
KEPT = """text => {
    const quoted = JSON.stringify(JSON.stringify(text)).slice(3, -3)
    return Object.values(localStorage).some(kept => kept.includes(quoted))
}"""


@pytest.fixture
def persistent(host):
    """The page keeps unsaved workflows over a reload, as it does for everyone who has not switched that off."""
    settings = f"{host.url}/api/settings"
    before = requests.get(settings, timeout=10).json()
    requests.post(settings, json={PERSIST: True}, timeout=10).raise_for_status()
    yield
    keys = (PERSIST, "Comfy.VueNodes.Enabled")
    requests.post(settings, json={key: before[key] for key in keys}, timeout=10).raise_for_status()


@pytest.mark.parametrize("renderer", ["classic", "vue"])
def test_a_reload_in_the_middle_of_a_stroke_keeps_what_was_drawn(renderer, browser, host, persistent):
    shutil.copy(host.comfyui_dir / "input" / "example.png", host.input_directory)
    with open_page(browser, host.url) as page:
        use_renderer(page, renderer == "vue")
        editor = EditorDriver(page)
        editor.open(workflow())
        editor.draw(*FIRST)
        editor.draw(*SECOND)
        text = editor.text
        page.mouse.move(*editor.at(*THIRD[0]))
        page.mouse.down()
        page.mouse.move(*editor.at(*THIRD[1]), steps=4)
        page.wait_for_function(KEPT, arg=text)
        page.reload()
        page.wait_for_function(READY, timeout=START_MS)
        page.mouse.up()
        editor.wait_until_shown()
        assert editor.text == text == editor.prompted
        undo(editor)
        assert editor.text == text, "there is nothing to undo yet"
        editor.draw(*THIRD)
        near(editor.points(2), THIRD)
        three = editor.text
        for _ in THIRD:
            undo(editor)
        assert editor.text == text
        for _ in range(3):
            undo(editor)
        assert editor.text == text == editor.prompted
        for _ in THIRD:
            editor.page.keyboard.press("Control+Shift+z", delay=80)
            editor.wait_until_shown()
        assert editor.text == three


def undo(editor: EditorDriver) -> None:
    editor.part("canvas").hover(position={"x": 5, "y": 5})
    editor.page.keyboard.press("Control+z", delay=80)
    editor.wait_until_shown()
