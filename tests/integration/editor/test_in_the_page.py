"""The trajectory editor as a part of ComfyUI's page: what the page does with nodes must leave the drawing whole."""

import json
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from scripts.editor_driver import NODE, OURS, near, workflow
from scripts.frontend import use_renderer
from tests.integration.editor.frames import frames_asked

PAGES_API = "window.comfyAPI.api.api"
OF_ONE_NODE = 10  # listeners to what its server says

# The editor's element is where a node at this place of the canvas has it.
IN_PLACE = """([x, y]) => {
    const canvas = document.querySelector('#graph-canvas').getBoundingClientRect()
    const box = document.querySelector('[data-testid=dragnuwa-editor]').getBoundingClientRect()
    return Math.abs(box.x - canvas.x - x) < 40 && box.y - canvas.y - y > 0 && box.y - canvas.y - y < 400
}"""


@pytest.mark.parametrize("scale", [0.5, 1.5])
def test_clicks_hit_in_a_zoomed_graph(editor, scale):
    editor.open(workflow(size=(420, 520)), scale=scale)
    positions = [(0.25, 0.4), (0.6, 0.7)]
    editor.draw(*positions)
    near(editor.points(0), positions, pixels=2 if scale < 1 else 1)


def test_saving_and_opening_keeps_the_drawing(editor):
    editor.open(workflow())
    editor.draw((0.2, 0.2), (0.5, 0.6))
    text = editor.text
    editor.open_in_a_tab(editor.page.evaluate("() => JSON.parse(JSON.stringify(app.graph.serialize()))"))
    assert editor.text == text == editor.prompted


# What the page's own store of the values of all widgets has of the drawing: Nodes 2.0 reads there.
STORED = f"""() => {{
    const pinia = document.querySelector('#vue-app').__vue_app__.config.globalProperties.$pinia
    const widgets = pinia._s.get('widgetValue').getNodeWidgets(app.graph.rootGraph.id, {NODE}.id)
    return widgets.find(({{ name }}) => name === 'trajectories').value
}}"""


def test_the_pages_store_of_values_has_the_drawing(editor):
    editor.open(workflow())
    editor.draw((0.2, 0.2), (0.5, 0.6))
    drawn = editor.text
    assert len(editor.tracks) == 1 and editor.page.evaluate(STORED) == drawn
    editor.set_widget("trajectories", OURS)
    assert editor.page.evaluate(STORED) == editor.text == OURS
    editor.page.keyboard.press("Control+z")
    editor.settle(4)
    assert editor.page.evaluate(STORED) == editor.text


def test_the_graphs_undo_and_redo_leave_the_drawing_whole(editor):
    """Each gesture is one step there, too, and what is drawn afterwards is not lost."""
    editor.open(workflow())
    steps = "() => app.extensionManager.workflow.activeWorkflow.changeTracker.undoQueue.length"
    before = editor.page.evaluate(steps)
    editor.draw((0.2, 0.2), (0.3, 0.6), (0.4, 0.5))
    assert editor.page.evaluate(steps) == before + 1, "a drag is one step, however many clicks it takes"
    editor.page.keyboard.press("ArrowRight")
    assert editor.page.evaluate(steps) == before + 2
    editor.drag((0.6, 0.3), (0.7, 0.5), (0.9, 0.5))
    assert editor.page.evaluate(steps) == before + 3
    editor.click(0.1, 0.9)
    editor.page.keyboard.press("Escape")
    assert editor.page.evaluate(steps) == before + 3
    two = editor.text
    undo = "async way => { await app.extensionManager.workflow.activeWorkflow.changeTracker[way]() }"
    editor.page.evaluate(undo, "undo")
    editor.wait_until_shown()
    assert len(editor.tracks) == 1
    editor.page.evaluate(undo, "redo")
    editor.wait_until_shown()
    assert editor.text == two
    editor.page.evaluate(undo, "undo")
    editor.wait_until_shown()
    editor.draw((0.5, 0.8), (0.6, 0.9))
    assert [len(track["points"]) for track in editor.tracks] == [3, 2]
    near(editor.points(1), [(0.5, 0.8), (0.6, 0.9)])


def test_a_copy_of_the_node_has_its_own_drawing(editor):
    editor.open(workflow(OURS))
    editor.page.evaluate(
        f"() => {{ app.canvas.selectNode({NODE}); app.canvas.copyToClipboard(); app.canvas.pasteFromClipboard() }}"
    )
    editor.page.wait_for_function("() => app.graph.nodes.length === 3")
    editor.draw((0.5, 0.2), (0.6, 0.2))
    values = editor.page.evaluate("() => app.graph.nodes.filter(n => /Traj/.test(n.type)).map(n => n.widgets[0].value)")
    assert sorted(len(json.loads(value)["tracks"]) for value in values) == [2, 3]


@contextmanager
def listeners(page):
    """Gives a function that counts the listeners of the page's own event source, which outlives every node."""
    session = page.context.new_cdp_session(page)

    def count() -> int:
        source = session.send("Runtime.evaluate", {"expression": PAGES_API})["result"]
        return len(session.send("DOMDebugger.getEventListeners", {"objectId": source["objectId"]})["listeners"])

    yield count
    session.detach()


def test_a_removed_node_stops(editor):
    """Its listeners are gone, no frame is asked for, and nothing of it stays on the page."""
    editor.open(workflow(OURS))
    with listeners(editor.page) as count:
        before = count()
        editor.part("play").click()
        editor.page.evaluate(f"() => app.graph.remove({NODE})")
        with frames_asked(editor.page) as asked:
            editor.settle(frames=12)
            assert asked() == 0
        assert count() == before - OF_ONE_NODE
    assert editor.page.get_by_test_id("dragnuwa-editor").count() == 0


def test_the_full_window_is_the_same_editor(editor):
    editor.open(workflow(OURS))
    editor.page.evaluate("() => app.extensionManager.command.execute('DragNUWA.TrajectoryEditor.FullWindow')")
    dialog = editor.page.get_by_test_id("dragnuwa-dialog")
    dialog.get_by_test_id("dragnuwa-canvas").wait_for()
    editor.settle()
    positions = [(0.1, 0.9), (0.3, 0.8)]
    editor.draw(*positions)
    near(editor.points(2), positions)
    editor.part("full-window").click()
    dialog.wait_for(state="detached")
    editor.settle()
    editor.draw((0.5, 0.9), (0.6, 0.8))
    assert len(editor.tracks) == 4
    assert editor.prompted == editor.text
    for there in (1, 0, 1, 0):  # its key opens it, and closes it
        editor.page.keyboard.press("Alt+Shift+D")
        expect(dialog).to_have_count(there)
        if there:
            editor.page.evaluate("() => document.activeElement.blur()")


def test_the_wheel_and_the_middle_button_are_the_graphs_until_a_click(editor):
    editor.open(workflow(OURS))
    view = "() => [app.canvas.ds.scale, ...app.canvas.ds.offset]"
    editor.page.evaluate("() => document.activeElement?.blur()")
    editor.page.mouse.move(*editor.at(0.5, 0.9))
    editor.page.mouse.wheel(0, -120)
    editor.page.wait_for_function("() => app.canvas.ds.scale > 1.01")
    before = editor.page.evaluate(view)
    editor.page.mouse.down(button="middle")
    editor.page.mouse.move(*editor.at(0.6, 0.95), steps=4)
    editor.page.mouse.up(button="middle")
    editor.settle()
    panned = editor.page.evaluate(view)
    assert panned[0] == before[0] and panned[1] > before[1] + 10
    editor.part("tool-select").click()
    editor.page.mouse.move(*editor.at(0.5, 0.95))
    editor.page.mouse.wheel(0, -120)
    editor.settle()
    assert editor.page.evaluate(view) == panned
    assert editor.text == OURS


# Where Load Image's first output is on the screen.
OUTPUT = """() => {
    const node = app.graph.nodes.find(n => n.type === 'LoadImage')
    const slot = LiteGraph.vueNodesMode && document.querySelector(`[data-node-id="${node.id}"] [data-slot-key*=out]`)
    const box = (slot || app.canvas.canvas).getBoundingClientRect()
    if (slot) return [box.x + box.width / 2, box.y + box.height / 2]
    const [x, y] = app.canvas.ds.convertOffsetToCanvas(node.getOutputPos(0))
    return [box.x + x, box.y + y]
}"""
HEAR = "() => { window.heard = []; window.addEventListener('keydown', ({ key }) => window.heard.push(key)) }"


def test_letters_are_the_pages_while_a_link_is_drawn_over_the_editor(editor):
    """There, the page and other packs have letters of their own, and the editor's under the pointer wait."""
    page, mouse = editor.page, editor.page.mouse
    editor.open(workflow(OURS))
    editor.part("tool-pen").click()
    page.evaluate("() => document.activeElement.blur()")
    page.evaluate(HEAR)
    mouse.move(*page.evaluate(OUTPUT))
    mouse.down()
    for place in ((0.1, 0.5), (0.5, 0.5)):
        mouse.move(*editor.at(*place), steps=6)
    assert page.evaluate("app.canvas.linkConnector.isConnecting")
    page.keyboard.press("b")
    editor.settle()
    assert "b" in page.evaluate("window.heard")
    expect(editor.part("tool-pen")).to_have_attribute("aria-pressed", "true")
    mouse.up()
    page.keyboard.press("Escape")
    mouse.move(5, 500)
    mouse.move(*editor.at(0.5, 0.5))
    page.keyboard.press("b")
    expect(editor.part("tool-object")).to_have_attribute("aria-pressed", "true")
    assert editor.text == OURS


def test_the_other_renderer_shows_the_same_drawing(editor):
    editor.open(workflow())
    editor.draw((0.2, 0.2), (0.5, 0.6))
    vue = editor.page.evaluate("() => Boolean(LiteGraph.vueNodesMode)")
    text = editor.text
    for renderer in (not vue, vue):
        use_renderer(editor.page, renderer)
        editor.wait_until_shown()
        assert editor.text == text
    editor.draw((0.6, 0.2), (0.7, 0.6))
    near(editor.points(1), [(0.6, 0.2), (0.7, 0.6)])


def test_inside_a_subgraph_it_draws_and_from_outside_the_full_window_opens_it(editor):
    editor.open(workflow(OURS))
    editor.page.evaluate(f"() => {{ window.outer = app.graph.convertToSubgraph(new Set([{NODE}])).node }}")
    editor.page.evaluate("() => { app.canvas.deselectAll(); app.canvas.selectNode(window.outer) }")
    editor.page.evaluate("() => app.extensionManager.command.execute('DragNUWA.TrajectoryEditor.FullWindow')")
    editor.part("canvas").wait_for()
    editor.wait_for_pixel(0.02, 0.02)
    editor.draw((0.1, 0.9), (0.3, 0.8))
    editor.part("full-window").click()
    inner = "window.outer.subgraph.nodes[0]"
    assert editor.page.evaluate("() => window.outer.widgets.length") == 0, "a promoted one would swallow the drawing"
    value = editor.page.evaluate(f"() => {inner}.widgets[0].value")
    assert len(json.loads(value)["tracks"]) == 3
    editor.page.evaluate("() => app.canvas.openSubgraph(window.outer.subgraph, window.outer)")
    editor.page.wait_for_function(
        f"() => app.canvas.graph === window.outer.subgraph && {inner}.widgets[0].element.isConnected"
    )
    editor.page.evaluate(
        f"() => {{ app.canvas.ds.scale = 1; const [x, y] = {inner}.pos; app.canvas.ds.offset = [300 - x, 120 - y];"
        " app.canvas.setDirty(true, true) }"
    )
    editor.page.wait_for_function(IN_PLACE, arg=[300, 120])
    editor.settle()
    editor.draw((0.7, 0.4), (0.8, 0.5))  # not at the top, where the editor offers by then what the last drag carries
    value = editor.page.evaluate(f"() => {inner}.widgets[0].value")
    assert len(json.loads(value)["tracks"]) == 4
    status = editor.part("status")
    editor.page.evaluate("() => { window.outer.disconnectInput(0); window.outer.mode = 4 }")
    editor.page.mouse.move(0, 0)
    editor.page.mouse.move(*editor.at(0.5, 0.5))
    expect(status).to_contain_text("The subgraph around this node is bypassed or muted")
    editor.page.evaluate("() => { window.outer.mode = 0 }")
    editor.page.mouse.move(0, 0)
    editor.page.mouse.move(*editor.at(0.5, 0.5))
    expect(status).to_contain_text("connect one to the input of this subgraph")
    editor.page.evaluate("() => app.canvas.setGraph(app.rootGraph)")


@pytest.mark.parametrize(("keys", "words"), [("Control+b", "is bypassed"), ("Control+m", "is muted")])
def test_a_node_that_does_not_run_says_so(editor, keys, words):
    editor.open(workflow(OURS))
    status = editor.part("status")
    editor.page.evaluate(f"() => {{ app.canvas.selectNode({NODE}); app.canvas.canvas.focus() }}")
    editor.page.keyboard.press(keys)
    expect(status).to_contain_text(words)
    editor.page.keyboard.press(keys)
    expect(status).to_be_hidden()


def test_a_width_that_the_side_panel_writes_does_not_stay(editor):
    editor.open(workflow(OURS))
    before = editor.root.bounding_box()["width"]
    editor.page.evaluate(f"() => {{ {NODE}.widgets[0].width = 90; app.canvas.setDirty(true, true) }}")
    editor.settle(frames=6)
    assert editor.root.bounding_box()["width"] == pytest.approx(before)


def test_the_side_panel_has_no_empty_field_for_the_drawing(editor):
    editor.open(workflow(OURS))
    editor.page.evaluate(f"() => app.canvas.selectNode({NODE})")
    panel = editor.page.get_by_test_id("properties-panel")
    toggle = editor.page.get_by_role("button", name="Toggle properties panel")
    toggle.click()
    try:
        panel.get_by_text("advanced inputs").click()
        panel.get_by_text("height", exact=True).wait_for()
        assert panel.get_by_text("trajectories", exact=True).count() == 0
        assert editor.root.is_visible() and panel.get_by_test_id("dragnuwa-editor").count() == 0
    finally:
        toggle.click()
        panel.wait_for(state="detached")


def test_a_page_that_has_no_list_of_widgets_for_a_time_loses_nothing(editor):
    editor.open(workflow(OURS))
    editor.set_widget("frames", 25)
    away = editor.at(0.5, 0.95)
    with editor.page.expect_console_message(lambda message: 'has no "width" now' in message.text):
        editor.page.evaluate(
            f"""() => {{
                const node = {NODE}
                const own = Object.getOwnPropertyDescriptor(node, 'widgets')
                window.giveBack = () => {{
                    delete node.widgets
                    if (own) Object.defineProperty(node, 'widgets', own)
                }}
                node.title += ` without widgets ${{performance.now()}}`
                Object.defineProperty(node, 'widgets', {{ get: () => undefined, configurable: true }})
            }}"""
        )
        editor.page.mouse.move(away[0], away[1] + 300)
        editor.page.mouse.move(*away)
    editor.draw((0.1, 0.9), (0.3, 0.8))
    expect(editor.part("frame")).to_have_text("1 / 25")
    editor.page.evaluate("() => window.giveBack()")
    assert len(editor.tracks) == 3 and editor.prompted == editor.text


def test_a_node_that_the_page_removes_without_a_word_stops(editor):
    editor.open(workflow(OURS))
    with listeners(editor.page) as count:
        before = count()
        editor.page.evaluate(f"() => {{ const node = {NODE}; node.onRemoved = undefined; app.graph.remove(node) }}")
        tracker = "app.extensionManager.workflow.activeWorkflow.changeTracker"
        editor.page.evaluate(f"() => {tracker}.captureCanvasState()")
        assert count() == before - OF_ONE_NODE
