"""A reload of the page in the middle of a stroke or just after it, and an undo then: nothing that was drawn is lost.

The page keeps unsaved workflows itself, in the browser's storage, half a second after the last change; the editor keeps
what is drawn within the half second before a reload.
"""

import pytest
import requests
from playwright.sync_api import expect

from scripts.editor_driver import EMPTY, VALUE, EditorDriver, near, workflow
from scripts.frontend import READY, close_other_tabs, open_page, use_renderer
from tests.integration.editor.made_video import ADD_VIDEO
from tests.integration.editor.queueing import LONGER_THAN_A_REST, switch
from tests.integration.editor.renderers import mainly
from tests.integration.editor.test_performing import FRAMES, move
from tests.support.waiting import wait_until

FIRST, SECOND, THIRD = [(0.2, 0.2), (0.4, 0.3)], [(0.6, 0.3), (0.8, 0.6)], [(0.2, 0.8), (0.5, 0.7)]
PERSIST = "Comfy.Workflow.Persist"
# Whether the browser's storage holds a workflow with this text, which is quoted twice there.
KEPT = """text => {
    const quoted = JSON.stringify(JSON.stringify(text)).slice(3, -3)
    return Object.values(localStorage).some(kept => kept.includes(quoted))
}"""
# The page stores no workflow any more, as it does not within half a second of a change.
STORE_NOTHING_MORE = """() => {
    const { setItem } = Storage.prototype
    Storage.prototype.setItem = function (...item) {
        if (this !== localStorage) setItem.apply(this, item)
    }
}"""
# Leaves no room for a drawing in the tab's storage.
FILL = """() => {
    for (let size = 2 ** 20, k = 0; size >= 1; k += 1) {
        try {
            sessionStorage.setItem(`fill-${k}`, 'x'.repeat(size))
        } catch {
            size = Math.floor(size / 2)
        }
    }
}"""


EMPTY_STORAGE = "() => { localStorage.clear(); sessionStorage.clear() }"


@pytest.fixture(scope="module")
def persistent_page(browser, host, example_picture):
    """It keeps unsaved workflows over a reload, as it does for everyone who has not switched that off."""
    settings = f"{host.url}/api/settings"
    before = requests.get(settings, timeout=60).json()
    requests.post(settings, json={PERSIST: True}, timeout=60).raise_for_status()
    with open_page(browser, host.url) as page:
        yield page
    keys = (PERSIST, "Comfy.VueNodes.Enabled")
    requests.post(settings, json={key: before[key] for key in keys}, timeout=60).raise_for_status()


@pytest.fixture
def page(persistent_page):
    close_other_tabs(persistent_page)
    persistent_page.evaluate(EMPTY_STORAGE)
    return persistent_page


@pytest.mark.parametrize("renderer", mainly("classic"))
def test_a_reload_in_the_middle_of_a_stroke_keeps_what_was_drawn(renderer, page):
    use_renderer(page, renderer == "vue")
    editor = EditorDriver(page)
    editor.open_in_a_tab(workflow())
    editor.draw(*FIRST)
    editor.draw(*SECOND)
    text = editor.text
    page.mouse.move(*editor.at(*THIRD[0]))
    page.mouse.down()
    page.mouse.move(*editor.at(*THIRD[1]), steps=4)
    page.wait_for_function(KEPT, arg=text)
    page.reload()
    page.wait_for_function(READY)
    page.mouse.up()
    editor.wait_until_shown()
    assert editor.text == text == editor.prompted
    for _ in SECOND:
        editor.part("undo").click()
    near(editor.points(0), FIRST)
    assert len(editor.tracks) == 1, "what was drawn before the reload can be undone"
    for _ in SECOND:
        editor.part("redo").click()
    assert editor.text == text
    editor.draw(*THIRD)
    near(editor.points(2), THIRD)
    three = editor.text
    for _ in THIRD:
        undo(editor)
    assert editor.text == text == editor.prompted
    for _ in THIRD:
        redo(editor)
    assert editor.text == three


@pytest.mark.parametrize("renderer", mainly("vue"))
def test_a_reload_in_the_middle_of_a_performance_keeps_what_was_drawn(renderer, page):
    use_renderer(page, renderer == "vue")
    editor = EditorDriver(page)
    graph = workflow(picture=None)
    graph["nodes"][0]["widgets_values"][3] = FRAMES
    editor.open_in_a_tab(graph)
    editor.draw(*FIRST)
    editor.draw(*SECOND)
    text = editor.text
    page.wait_for_function(KEPT, arg=text)
    page.mouse.move(*editor.at(*THIRD[0]))
    page.keyboard.down("t")
    move(editor, *THIRD)
    page.reload()
    page.wait_for_function(READY)
    page.keyboard.up("t")
    editor.wait_until_shown()
    near(editor.points(0), FIRST)
    near([editor.points(1)[0]], [SECOND[0]])  # the selected one, as it was drawn or as far as it was performed
    assert editor.text == editor.prompted


@pytest.mark.parametrize("renderer", mainly("vue"))
def test_a_drag_that_was_finished_just_before_a_reload_is_there_after_it(renderer, page):
    use_renderer(page, renderer == "vue")
    editor = EditorDriver(page)
    editor.open_in_a_tab(workflow(picture=None))
    editor.draw(*FIRST)
    stored = editor.text
    page.wait_for_function(KEPT, arg=stored)
    reload_after(editor, SECOND)
    editor.wait_until_shown()
    page.wait_for_function(f"() => JSON.parse({VALUE}).tracks.length === 2")
    two = editor.text
    assert editor.prompted == two
    near([editor.points(1)[0], editor.points(1)[-1]], SECOND, pixels=2)
    page.wait_for_function(KEPT, arg=two)
    assert page.evaluate("app.extensionManager.workflow.activeWorkflow.isModified")
    editor.root.locator("textarea.dnw-keyboard").focus()  # the page's own undo has its resized node first
    undo(editor)
    assert editor.text == stored == editor.prompted
    redo(editor)
    assert editor.text == two
    editor.open_in_a_tab(workflow(stored, picture=None))
    editor.settle(20)
    assert editor.text == stored, "it belongs to another workflow"


@pytest.mark.parametrize("renderer", mainly("classic"))
def test_a_run_that_started_by_itself_and_waits_is_still_taken_back_after_a_reload(renderer, page, queue, held):
    use_renderer(page, renderer == "vue")
    editor = EditorDriver(page)
    editor.open_in_a_tab(workflow(size=(420, 640)))
    page.evaluate(ADD_VIDEO, [2, []])
    switch(editor, on=True)
    foreign = queue.add(1)
    editor.drag(*FIRST)
    (own,) = wait_until(lambda: queue.waiting)
    page.wait_for_function("prompt => Object.values(sessionStorage).some(kept => kept.includes(prompt))", arg=own)
    page.wait_for_function(KEPT, arg=editor.text)
    page.reload()
    page.wait_for_function(READY)
    editor.wait_until_shown()
    expect(editor.part("refine")).to_have_attribute("aria-checked", "true")
    editor.settle(LONGER_THAN_A_REST)
    assert queue.waiting == [own], "it has the drawing"
    editor.drag(*SECOND)
    (other,) = wait_until(lambda: queue.waiting != [own] and queue.waiting)
    assert len(queue.drawn(other)) == 2 and queue.running == [foreign]
    switch(editor, on=False)
    wait_until(lambda: not queue.waiting)


@pytest.mark.parametrize("renderer", mainly("vue"))
def test_a_reload_while_a_run_is_being_queued_does_not_switch_that_off(renderer, page, queue):
    use_renderer(page, renderer == "vue")
    editor = EditorDriver(page)
    editor.open_in_a_tab(workflow(size=(420, 640)))
    page.evaluate(ADD_VIDEO, [3, []])
    switch(editor, on=True)
    asked = []

    def never_answer(route) -> None:
        asked.append(route)

    page.route("**/api/queue", never_answer)
    try:
        editor.drag(*FIRST)
        wait_until(lambda: asked or editor.settle())
        page.wait_for_function(KEPT, arg=editor.text)
        page.reload()
    finally:
        page.unroute("**/api/queue")
    page.wait_for_function(READY)
    editor.wait_until_shown()
    expect(editor.part("refine")).to_have_attribute("aria-checked", "true")
    switch(editor, on=False)


def test_a_full_storage_of_the_tab_is_said_and_ends_nothing(page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    editor = EditorDriver(page)
    editor.open_in_a_tab(workflow(picture=None))
    page.evaluate(FILL)
    editor.draw(*FIRST)
    with page.expect_console_message(lambda message: "drags of the last seconds are lost" in message.text):
        page.evaluate("() => { window.dispatchEvent(new Event('pagehide')) }")  # what it says then cannot be read
    editor.draw(*SECOND)
    assert len(editor.tracks) == 2 and not errors


def test_a_drag_before_a_reload_stays_out_of_every_workflow_but_its_own(page, host):
    """The last test here: the page has no unsaved workflow any more after it."""
    editor = EditorDriver(page)
    same = {**workflow(picture=None), "id": "0b6ba8ce-7a2a-4b5e-9f5e-1c1f1d0a7c11"}
    editor.open_in_a_tab(same)
    requests.post(f"{host.url}/api/settings", json={PERSIST: False}, timeout=60).raise_for_status()
    reload_after(editor, FIRST)
    editor.open_in_a_tab(same)  # on purpose, and not by the page: even of the same name, with the same node
    editor.settle(20)
    assert editor.text == EMPTY


def undo(editor: EditorDriver) -> None:
    editor.part("canvas").hover(position={"x": 5, "y": 5})
    editor.page.keyboard.press("Control+z", delay=80)
    editor.wait_until_shown()


def reload_after(editor: EditorDriver, positions: list) -> None:
    """Finish a drag and reload at once, before the page stores it: slow machines and newer pages may be in time."""
    editor.page.evaluate(STORE_NOTHING_MORE)
    editor.page.mouse.move(*editor.at(*positions[0]))
    editor.page.mouse.down()
    editor.page.mouse.move(*editor.at(*positions[1]), steps=4)
    editor.page.mouse.up()
    editor.page.reload()
    editor.page.wait_for_function(READY)


def redo(editor: EditorDriver) -> None:
    editor.page.keyboard.press("Control+Shift+z", delay=80)
    editor.wait_until_shown()
