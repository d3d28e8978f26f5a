"""The video that a run made, shown in the editor: it stays while it plays."""

import json
import re

import pytest
from playwright.sync_api import expect

from scripts.editor_driver import NODE, OURS, PIXEL, workflow
from scripts.frontend import press_run, run_by
from tests.integration.editor.frames import frames_asked
from tests.integration.editor.made_video import ADD_VIDEO
from tests.integration.editor.queueing import told
from tests.integration.editor.renderers import mainly_in
from tests.integration.editor.things import RED
from tests.support.drawings import objects_value, rectangle_ring
from tests.support.waiting import wait_until

THING = (0.3, 0.45)  # a place in it
FRAMES = 240  # of the video, whose only complete one is the first: each that is asked for has to be made from there
# In each of the next frames of the page: whether the buttons are hidden, and the colour of the picture layer.
WATCH = f"""async ([place, count]) => {{
    const group = document.querySelector('[data-testid=dragnuwa-show-result]').parentElement
    const seen = []
    for (let k = 0; k < count; k += 1) {{
        await new Promise(requestAnimationFrame)
        seen.push([group.hidden, ({PIXEL})(place)])
    }}
    return seen
}}"""

# How often the editor draws until another frame of the clip has been shown so often.
DRAWN = """async changes => {
    const part = name => document.querySelector(`[data-testid=dragnuwa-${name}]`)
    const { clearRect } = CanvasRenderingContext2D.prototype
    let drawn = 0
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        if (this.canvas === part('canvas')) drawn += 1
        clearRect.apply(this, box)
    }
    for (let shown = part('frame').textContent; changes > 0; ) {
        await new Promise(requestAnimationFrame)
        const now = part('frame').textContent
        if (now !== shown) changes -= 1
        shown = now
    }
    CanvasRenderingContext2D.prototype.clearRect = clearRect
    return drawn
}"""


INVERTED = tuple(255 - value for value in RED)
UNDO = "() => app.extensionManager.workflow.activeWorkflow.changeTracker.undo()"


@mainly_in("classic")
def test_takes_are_kept_shown_compared_and_give_their_drags_back(editor, picture, host):
    page = editor.page
    editor.open(workflow(OURS, picture=picture, size=(420, 720)))
    editor.wait_for_pixel(*THING, RED)
    page.evaluate(ADD_VIDEO, [3 + page.evaluate("() => Number(LiteGraph.vueNodesMode)"), ["ImageInvert"]])
    takes, shown = editor.part("take"), editor.part("show-result")
    expect(takes).to_have_count(0)
    press_run(page, host.url)
    expect(takes).to_have_count(1)
    editor.drag((0.6, 0.2), (0.8, 0.2))
    press_run(page, host.url)
    expect(takes).to_have_count(2)
    page.evaluate(UNDO)
    editor.wait_until_shown()
    assert len(editor.tracks) == 2
    expect(takes).to_have_count(2)
    takes.nth(1).click()
    expect(takes.nth(1)).to_have_attribute("aria-pressed", "true")
    editor.part("use-drags").click()
    editor.wait_for_tracks(3)
    page.keyboard.press("Control+z")
    editor.wait_for_tracks(2)

    saved = page.evaluate("() => JSON.parse(JSON.stringify(app.graph.serialize()))")
    (first, _) = next(node for node in saved["nodes"] if node["id"] == 2)["properties"]["takes"]
    first["files"][0]["filename"] = "gone.mp4"  # the page's cache still has the one that was there
    editor.open(saved)
    editor.wait_for_pixel(*THING, RED)
    expect(takes.nth(0)).to_be_disabled()
    takes.nth(1).click()
    expect(shown).to_have_attribute("aria-pressed", "true")
    at = [*THING, *editor.size]
    near = f"([place, color]) => ({PIXEL})(place).every((value, k) => Math.abs(value - color[k]) < 12)"
    page.wait_for_function(near, arg=[at, list(INVERTED)])
    page.keyboard.down("c")
    page.wait_for_function(near, arg=[at, list(RED)])
    page.keyboard.up("c")
    page.wait_for_function(near, arg=[at, list(INVERTED)])


# Counts the videos that are loaded and not on the page, such as the editor's, from now on, until `stopCounting`.
COUNT_LOADED = """() => {
    const make = document.createElement
    window.loaded = 0
    document.createElement = function (...named) {
        const made = make.apply(this, named)
        if (named[0] === 'video') made.addEventListener('loadeddata', () => { window.loaded += !made.isConnected })
        return made
    }
    window.stopCounting = () => { document.createElement = make }
}"""


# Whether a green line is seen at about a place.
IS_GREEN = f"""([x, y, ...size]) => [...Array(17).keys()].some(k => {{
    const [red, green, blue] = ({PIXEL})([x + (k - 8) / 1000, y, ...size])
    return green > red + 20 && green > blue + 20
}})"""


@mainly_in("vue")
def test_an_outline_goes_with_what_a_result_shows(editor, picture, host):
    """It stayed where the object had begun, beside where the result had it."""
    page = editor.page
    moved = {"keys": [{"t": 1, "x": 0.5}]}
    value = objects_value({"outline": [rectangle_ring(0.1, 0.3, 0.3, 0.7)], "motion": moved, "color": "#2ca02c"})
    editor.open(workflow(json.dumps(value), picture=picture))
    page.wait_for_function(IS_GREEN, arg=[0.1, 0.5, *editor.size])
    page.evaluate(ADD_VIDEO, [7 + page.evaluate("() => Number(LiteGraph.vueNodesMode)"), []])
    press_run(page, host.url)
    expect(editor.part("show-result")).to_have_attribute("aria-pressed", "true")
    editor.part("play").click()  # it has begun to play by itself
    editor.root.press("End")
    page.wait_for_function(IS_GREEN, arg=[0.6, 0.5, *editor.size])
    assert not page.evaluate(IS_GREEN, [0.1, 0.5, *editor.size])
    editor.root.press("Home")
    page.wait_for_function(IS_GREEN, arg=[0.1, 0.5, *editor.size])


@mainly_in("classic")
def test_a_result_that_comes_when_its_node_has_gone_is_not_played(editor, picture, host):
    """It was played, unseen and until the page was closed."""
    page, held = editor.page, []

    def hold(route) -> None:
        held.append(route)

    editor.open(workflow(OURS, picture=picture))
    editor.wait_for_pixel(*THING, RED)
    page.evaluate(ADD_VIDEO, [5 + page.evaluate("() => Number(LiteGraph.vueNodesMode)"), []])
    files = re.compile(r"/view\?.*\.mp4")
    page.route(files, hold)
    page.evaluate(COUNT_LOADED)
    try:
        press_run(page, host.url)
        wait_until(lambda: held or editor.settle())  # requests are handed over while the page is asked something
        page.evaluate(f"() => app.graph.remove({NODE})")
        with frames_asked(page) as asked:
            page.unroute(files)  # what was held goes on
            page.wait_for_function("() => window.loaded > 0")
            editor.settle(frames=12)
            once = asked()  # what the end of its node may have drawn again
            editor.settle(frames=12)
            assert asked() == once
    finally:
        page.unroute(files)
        page.evaluate("() => window.stopCounting()")


# A node that no run has had, which takes the editor's picture.
ADD_UNKNOWN = f"""() => {{
    const node = LiteGraph.createNode('ImageBlur')
    app.graph.add(node)
    const editor = {NODE}
    editor.connect(editor.outputs.findIndex(({{ type }}) => type === 'IMAGE'), node, 0)
}}"""

# Every text of the line under the timeline, from now on.
WATCH_LINE = """() => {
    const line = document.querySelector('[data-testid=dragnuwa-run-line]')
    window.lines = []
    new MutationObserver(() => window.lines.push(line.textContent)).observe(line, { subtree: true, childList: true })
}"""


@mainly_in("vue")
def test_the_video_and_its_buttons_stay_while_it_plays(editor, picture, host):
    editor.open(workflow(picture=picture))
    editor.wait_for_pixel(*THING, RED)
    another = editor.page.evaluate("() => Number(LiteGraph.vueNodesMode)")  # what is cached shows no progress
    editor.page.evaluate(ADD_VIDEO, [FRAMES + another, ["StandInPause"]])
    editor.page.evaluate(WATCH_LINE)
    with told(host, "stand_in_pauses") as pausing:

        def run_until_its_progress_is_shown() -> None:
            editor.page.get_by_test_id("queue-button").click()
            editor.page.wait_for_function("() => window.lines.some(line => line.startsWith('StandInPause'))")
            pausing.unlink()

        entry = run_by(editor.page, host.url, run_until_its_progress_is_shown)
    assert entry["status"]["status_str"] == "success", entry["status"]
    shown = editor.part("show-result")
    expect(shown).to_have_attribute("aria-pressed", "true")
    for hidden, color in editor.page.evaluate(WATCH, [[*THING, *editor.size], 90]):
        assert not hidden and color == pytest.approx(RED, abs=8)
    expect(editor.part("run-line")).to_have_text(re.compile(r"^576 × 320 · 1.4 s at 10 fps · about \d+ s$"))
    assert "StandInPause" in editor.page.evaluate("localStorage.getItem('DragNUWA.timesOfRuns')"), "for the next page"
    editor.page.evaluate(ADD_UNKNOWN)
    expect(editor.part("run-line")).to_have_text("576 × 320 · 1.4 s at 10 fps")  # never by another graph
    editor.page.evaluate("() => app.graph.remove(app.graph.nodes.at(-1))")
    expect(editor.part("run-line")).to_contain_text("about")
    assert 14 <= editor.page.evaluate(DRAWN, 14) <= 2 * 14, "between two frames there is nothing new to show"
    editor.part("show-picture").click()
    expect(shown).to_have_attribute("aria-pressed", "false")


# Between the editor and what follows, a pair of nodes that pass its picture on without a link between them.
THROUGH_PAIR = f"""() => {{
    const editor = {NODE}
    const slot = editor.outputs.findIndex(({{ type }}) => type === 'IMAGE')
    const [next] = editor.getOutputNodes(slot)
    const pair = ['setter', 'getter'].map(title => {{
        const node = new LiteGraph.LGraphNode(title)
        Object.assign(node, {{ isVirtualNode: true, pos: [820, 800] }})
        node.addOutput('out', '*')
        node.addWidget('text', 'name', 'its picture', null)
        return node
    }})
    const [setter, getter] = pair
    setter.addInput('in', '*')
    for (const node of pair) app.graph.add(node)
    Object.assign(getter, {{
        getInputLink: () => app.graph.getLink(setter.inputs[0].link),
        resolveVirtualOutput: () => undefined,
    }})
    editor.connect(slot, setter, 0)
    getter.connect(0, next, 0)
}}"""


@mainly_in("vue")
def test_a_video_is_found_behind_nodes_that_pass_the_picture_on(editor, picture, host):
    editor.open(workflow(picture=picture))
    editor.wait_for_pixel(*THING, RED)
    editor.page.evaluate(ADD_VIDEO, [FRAMES, []])
    editor.page.evaluate(THROUGH_PAIR)
    expect(editor.part("run-line")).to_contain_text("at 10 fps")
    entry = press_run(editor.page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]
    expect(editor.part("show-result")).to_have_attribute("aria-pressed", "true")
