"""Somebody new: the node is found, is large enough, takes the shape of the picture, and shows the video."""

import json

import pytest
from PIL import Image
from playwright.sync_api import expect

from scripts.editor_driver import EMPTY, NODE, EditorDriver, workflow
from scripts.frontend import press_run, replace_workflow, run_by
from scripts.host import ROOT
from tests.integration.editor.made_video import ADD_VIDEO
from tests.integration.editor.renderers import mainly_in

WORDS = ["animate", "draw", "motion", "move", "drag", "trajectory", "path", "spline"]
SIZE = f"() => [...{NODE}.size]"
CLIP = f"() => ['width', 'height'].map(name => {NODE}.widgets.find(w => w.name === name).value)"
CONNECT = f"""name => {{
    const loader = LiteGraph.createNode('LoadImage')
    app.graph.add(loader)
    loader.pos = [40, 100]
    const widget = loader.widgets.find(w => w.name === 'image')
    widget.value = name
    widget.callback?.(name)
    loader.connect(0, {NODE}, 'image')
}}"""
ADD = "() => { const n = LiteGraph.createNode('DragNUWATrajectoryEditor'); app.graph.add(n); n.pos = [400, 100] }"
# Of the clip on the screen, which lies in the middle of the canvas, 10 pixels of the graph from its edges.
SHOWN_WIDTH = f"""() => {{
    const {{ width, height }} = document.querySelector('[data-testid=dragnuwa-canvas]').getBoundingClientRect()
    const [across, down] = ({CLIP})()
    const edges = 20 * app.canvas.ds.scale
    return Math.min(width - edges, (height - edges) * across / down)
}}"""
VIEW = "() => { app.canvas.ds.scale = 1; app.canvas.ds.offset = [0, 0]; app.canvas.setDirty(true, true) }"
# A short clip in one step, without frames between and no larger than it is made, since these tests are of what a person
# does; test_browser.py runs a template as it ships.
SHORT = """() => {
    const set = (node, name, value) => { node.widgets.find(widget => widget.name === name).value = value }
    const nodes = app.graph.nodes.flatMap(node => [node, ...node.subgraph?.nodes ?? []])
    set(nodes.find(node => node.type === 'KSampler'), 'steps', 1)
    set(nodes.find(node => node.type === 'DragNUWATrajectoryEditor'), 'frames', 5)
    const restore = nodes.find(node => node.type === 'DragNUWARestoreDetail')
    for (const [name, value] of Object.entries({ width: 128, interpolate: 1 })) set(restore, name, value)
}"""


@pytest.fixture
def pictures(host) -> dict[str, str]:
    """Pictures of one colour, by shape."""
    sizes = {"square": (512, 512), "tall": (320, 640), "wide": (960, 540)}
    for name, size in sizes.items():
        Image.new("RGB", size, (200, 40, 40)).save(host.input_directory / f"{name}.png")
    return {name: f"{name}.png" for name in sizes}


@pytest.fixture
def new_node(editor) -> EditorDriver:
    """An editor as it is when somebody adds one."""
    editor.page.evaluate("() => app.graph.clear()")
    editor.page.evaluate(VIEW)
    editor.page.evaluate(ADD)
    editor.wait_until_shown()
    return editor


def status(editor: EditorDriver) -> str:
    return editor.part("status").inner_text()


def wait_for_clip(editor: EditorDriver, width: int, height: int) -> None:
    editor.page.wait_for_function(f"size => String(({CLIP})()) === String(size)", arg=[width, height])
    editor.size = (width, height)
    editor.settle()


def test_the_search_finds_it(shared_page):
    shared_page.evaluate("() => app.extensionManager.command.execute('Workspace.SearchBox.Toggle')")
    search = shared_page.get_by_placeholder("Add a node...")
    for word in WORDS:
        search.fill(word)
        shared_page.get_by_role("option").filter(has_text="DragNUWA Trajectory Editor").first.wait_for()
    shared_page.keyboard.press("Escape")
    search.wait_for(state="detached")


def test_a_new_node_is_wide_enough_to_draw_in(new_node):
    width, _ = new_node.page.evaluate(SIZE)
    assert width >= 480
    assert new_node.part("canvas").evaluate("e => e.clientWidth") >= 400


def test_the_first_picture_gives_the_clip_its_shape(new_node, pictures):
    new_node.page.evaluate(CONNECT, pictures["square"])
    wait_for_clip(new_node, 432, 432)
    new_node.set_widget("width", 576)
    new_node.set_widget("height", 320)
    new_node.page.evaluate(CONNECT, pictures["tall"])
    new_node.wait_for_pixel(0.5, 0.5)
    assert new_node.page.evaluate(CLIP) == [576, 320], "a size that a person chose stays"


@mainly_in("vue")
def test_the_clip_follows_another_picture_as_long_as_it_shows_the_whole(new_node, pictures):
    new_node.page.evaluate(CONNECT, pictures["square"])
    wait_for_clip(new_node, 432, 432)
    new_node.page.evaluate(CONNECT, pictures["tall"])
    wait_for_clip(new_node, 304, 608)


@mainly_in("vue")
def test_the_button_takes_the_pictures_shape_and_the_drags_stay_on_it(editor, pictures):
    editor.open(workflow(EMPTY, picture=pictures["square"]))
    editor.wait_for_pixel(0.5, 0.5)
    assert editor.page.evaluate(CLIP) == [576, 320], "the size of a saved workflow stays"
    editor.drag((0.25, 0.5), (0.75, 0.5))
    editor.part("picture-size").click()
    wait_for_clip(editor, 432, 432)
    first, *_, last = editor.points(0)
    assert first[0] == pytest.approx(0.25, abs=0.01) and last[0] == pytest.approx(0.75, abs=0.01)
    assert first[1] == pytest.approx(0.5, abs=0.01)


OTHER_NUMBERS = {
    "id": 6, "type": "DragNUWAEncodeTrajectories", "pos": [820, 400], "size": [320, 220], "flags": {}, "order": 2,
    "mode": 0, "properties": {}, "inputs": [{"name": "trajectories", "type": "STRING", "link": 10}],
    "outputs": [{"name": "flow", "type": "DRAGNUWA_FLOW", "links": None}], "widgets_values": [576, 320, 25, 79, 8.0],
}  # fmt: skip


@mainly_in("vue")
def test_what_would_fail_on_a_run_is_said_before_it(editor):
    graph = workflow(EMPTY)
    graph["nodes"].append(OTHER_NUMBERS)
    (draw,) = (node for node in graph["nodes"] if node["id"] == 2)
    draw["outputs"][0]["links"] = [10]
    graph["links"].append([10, 2, 0, 6, 0, "STRING"])
    editor.open(graph)
    editor.wait_for_pixel(0.5, 0.5)
    editor.page.wait_for_function("e => e.textContent.includes('25')", arg=editor.part("status").element_handle())
    assert "14" in status(editor) and "frames" in status(editor)
    editor.set_widget("frames", 25)
    editor.page.wait_for_function("e => e.textContent === ''", arg=editor.part("status").element_handle())


MINIMAX_H3 = {
    "id": 6, "type": "MiniMaxH3ImageToVideo", "pos": [820, 400], "size": [320, 320], "flags": {}, "order": 2, "mode": 0,
    "properties": {}, "outputs": [], "widgets_values": ["", 576, 320, 124],
    "inputs": [{"name": "length", "type": "INT", "widget": {"name": "length"}, "link": 10},
               {"name": "first_frame", "type": "IMAGE", "link": 11}],
}  # fmt: skip


@mainly_in("vue")
def test_a_model_that_takes_other_numbers_of_frames_says_the_nearest(editor):
    graph = workflow(EMPTY)
    graph["nodes"].append(MINIMAX_H3)
    (draw,) = (node for node in graph["nodes"] if node["id"] == 2)
    outputs = {output["name"]: number for number, output in enumerate(draw["outputs"])}
    for link, name, slot in ((10, "frames", 0), (11, "image", 1)):
        draw["outputs"][outputs[name]]["links"] = [link]
        graph["links"].append([link, 2, outputs[name], 6, slot, draw["outputs"][outputs[name]]["type"]])
    editor.open(graph)
    editor.wait_for_pixel(0.5, 0.5)
    editor.page.wait_for_function("e => e.textContent.includes('5 or 22')", arg=editor.part("status").element_handle())
    assert "not 14" in status(editor)
    editor.set_widget("frames", 22)
    editor.page.wait_for_function("e => e.textContent === ''", arg=editor.part("status").element_handle())


OUTSIDE = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [
    {"name": "away", "points": [{"x": -0.2, "y": 0.5}, {"x": 0.5, "y": 0.5}]},
]})  # fmt: skip
TWO_OUTSIDE = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [
    {"points": [{"x": -0.2, "y": 0.5}, {"x": 0.3, "y": 0.5}]},
    {"points": [{"x": 0.5, "y": 0.5}, {"x": 0.6, "y": 0.5}]},
    {"points": [{"x": 0.5, "y": 1.5}, {"x": 0.5, "y": 0.5}]},
]})  # fmt: skip
DISABLED = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [
    {"name": "off", "enabled": False, "points": [{"x": 0.2, "y": 0.5}, {"x": 0.5, "y": 0.5}]},
]})  # fmt: skip


@pytest.mark.parametrize(("text", "words"), [(OUTSIDE, "away"), (DISABLED, "disabled")])
@mainly_in("vue")
def test_drags_that_would_do_nothing_are_named(editor, text, words):
    editor.open(workflow(text))
    editor.wait_for_pixel(0.5, 0.5)
    expect(editor.part("status")).to_contain_text(words)


@pytest.mark.parametrize("editor_page", ["classic"], indirect=True, scope="module")  # the same in both
def test_drags_from_outside_are_moved_in_by_one_button(editor):
    editor.open(workflow(TWO_OUTSIDE))
    editor.wait_for_pixel(0.5, 0.5)
    expect(editor.part("status")).to_contain_text("2 drags start outside")
    before = [editor.points(k) for k in range(3)]
    editor.part("move-in").click()
    expect(editor.part("status")).to_be_hidden()
    left, inside, below = (editor.points(k) for k in range(3))
    assert inside == before[1]
    assert [0 < x < 1 and 0 < y < 1 for (x, y), *_ in (left, below)] == [True, True]
    assert left[1][0] - left[0][0] == pytest.approx(0.5), "the whole drag is moved"
    editor.page.keyboard.press("Control+z")
    editor.settle()
    assert [editor.points(k) for k in range(3)] == before


# Another node that moves something, between the drags and what they lead to.
ADD_CAMERA = f"""() => {{
    const camera = LiteGraph.createNode('DragNUWACameraMotion')
    app.graph.add(camera)
    {NODE}.connect(0, camera, 'trajectories')
}}"""


@mainly_in("vue")
def test_run_without_drags_says_what_is_missing(editor, host):
    graph = workflow(EMPTY, computed=True)
    graph["nodes"].append(OTHER_NUMBERS | {"widgets_values": [576, 320, 14, 79, 8.0]})
    (draw,) = (node for node in graph["nodes"] if node["id"] == 2)
    draw["outputs"][0]["links"] = [10]
    graph["links"].append([10, 2, 0, 6, 0, "STRING"])
    editor.open(graph)
    hint = editor.part("hint")
    expect(hint).to_contain_text("Draw how objects should move")
    press_run(editor.page, host.url)
    expect(hint).to_contain_text("Nothing to move yet")
    editor.wait_for_pixel(0.5, 0.5)
    editor.drag((0.2, 0.3), (0.4, 0.3))
    expect(hint).to_be_hidden()
    editor.page.keyboard.press("Control+z")
    editor.page.evaluate(ADD_CAMERA)
    expect(hint).to_contain_text("The motion comes from “DragNUWA Camera Motion”")
    press_run(editor.page, host.url)
    expect(hint).not_to_contain_text("Nothing to move yet")


@mainly_in("vue")
def test_a_picture_a_stroke_and_run(editor_page, host):
    """From an empty graph: the templates, ours, the first of them, one stroke, Run; and the video plays in the node."""
    page = editor_page
    page.evaluate("() => { app.clean(); localStorage.removeItem('DragNUWA.timesOfRuns') }")  # as of other tests
    page.get_by_role("button", name="Templates").first.click()
    page.get_by_role("dialog").get_by_role("button", name="ComfyUI-DragNUWA", exact=True).click()
    page.get_by_test_id("template-workflow-Drag a picture").click()
    editor = EditorDriver(page, size=(160, 104))
    editor.wait_until_shown()
    editor.wait_for_pixel(0.5, 0.5)
    assert editor.tracks == [], "it begins without drags"
    editor.drag((0.5, 0.6), (0.5, 0.4))
    assert len(editor.tracks) == 1
    shown = editor.part("show-result")
    expect(shown).to_be_hidden()
    expect(editor.part("run-line")).to_contain_text("640 × 426 · 2.1 s at 24 fps · about")
    page.evaluate(SHORT)
    entry = press_run(page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]
    assert "mp4" in json.dumps(entry["outputs"])
    expect(editor.part("run-line")).to_contain_text("about")
    kinds = dict(json.loads(page.evaluate("localStorage.getItem('DragNUWA.timesOfRuns')")))
    assert {"KSampler dragnuwa-tiny.safetensors", "VAEDecode dragnuwa-tiny.safetensors"} <= kinds.keys()
    expect(shown).to_have_attribute("aria-pressed", "true")
    editor.part("show-picture").click()
    expect(shown).to_have_attribute("aria-pressed", "false")


@mainly_in("classic")
def test_without_a_mouse(editor, host):
    """The editor's window, a drag point by point, and Run, by keys alone."""
    page, keys = editor.page, editor.page.keyboard
    editor.open_in_a_tab(workflow())
    page.evaluate(ADD_VIDEO, [6, []])
    keys.press("Alt+Shift+D")
    page.wait_for_function("editor => editor.contains(document.activeElement)", arg=editor.root.element_handle())
    for key in ["i", *["Shift+ArrowRight"] * 3, "i", *["Shift+ArrowUp"] * 2, "Enter"]:
        keys.press(key)
        editor.settle()
    assert len(editor.tracks) == 1
    (x0, y0), (x1, y1) = editor.points(0)
    assert x0 > 0.5 and y1 < y0 and x1 != x0
    keys.press("Alt+Shift+D")
    expect(page.get_by_test_id("dragnuwa-dialog")).to_have_count(0)
    entry = run_by(page, host.url, lambda: keys.press("Control+Enter"))
    assert entry["status"]["status_str"] == "success", entry["status"]["messages"][-1]


def test_the_first_template_shows_its_picture_large_enough_to_draw_on_in_a_small_window(editor):
    """In a window of 1280x720; once it has been opened, the view is the person's."""
    large = editor.page.viewport_size
    editor.page.set_viewport_size({"width": 1280, "height": 720})
    replace_workflow(editor.page, json.loads((ROOT / "workflows" / "Drag a picture.json").read_text()))
    editor.page.wait_for_function("() => !app.rootGraph.extra.dragnuwa_fits")
    editor.page.wait_for_function(f"() => ({SHOWN_WIDTH})() >= 460")
    bars = editor.page.get_by_test_id("queue-button").bounding_box()
    assert editor.root.bounding_box()["y"] > bars["y"] + bars["height"], "nothing of the page lies over it"
    editor.page.set_viewport_size(large)


# The prompt on the face of the blueprint; and another picture is chosen in Load Image.
PROMPT = "() => app.graph.nodes.flatMap(node => node.widgets ?? []).find(widget => widget.name === 'prompt').value"
CHOOSE = """name => {
    const widget = app.graph.nodes.find(node => node.type === 'LoadImage').widgets.find(one => one.name === 'image')
    widget.value = name
    widget.callback?.(name)
}"""
WRITE = "text => { app.graph.nodes.flatMap(n => n.widgets ?? []).find(w => w.name === 'prompt').value = text }"


@mainly_in("vue")
@pytest.mark.parametrize("written", ["", "a red square"])
def test_the_words_of_a_template_go_with_its_picture_and_a_persons_stay(editor, pictures, written):
    template = json.loads((ROOT / "workflows" / "Drag a picture.json").read_text(encoding="utf-8"))
    replace_workflow(editor.page, template)
    editor.wait_until_shown()
    assert editor.page.evaluate(PROMPT) == "a white rocket between towers at dusk"
    if written:
        editor.page.evaluate(WRITE, written)
    for name in (pictures["square"], "dragnuwa-rocket.jpg"):
        editor.page.evaluate(CHOOSE, name)
        editor.page.mouse.move(5, 500)
        editor.page.mouse.move(*editor.at(0.5, 0.5))  # the editor asks what is there
        editor.page.wait_for_function(f"written => ({PROMPT})() === written", arg=written)
        editor.settle()


# The picture's longer side on the canvas, in pixels of the graph: as at a zoom of 1.
LONGER_SIDE = f"""() => {{
    const {{ clientWidth, clientHeight }} = document.querySelector('[data-testid=dragnuwa-canvas]')
    const [across, down] = ({CLIP})()
    return Math.max(across, down) * Math.min((clientWidth - 20) / across, (clientHeight - 20) / down)
}}"""


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (3840, 2160)])
def test_a_portrait_or_a_large_picture_in_the_first_template_is_480_px_long(editor, host, width, height):
    name = f"first_{width}x{height}.png"
    Image.new("RGB", (width, height), (200, 40, 40)).save(host.input_directory / name)
    replace_workflow(editor.page, json.loads((ROOT / "workflows" / "Drag a picture.json").read_text()))
    editor.wait_until_shown()
    before = editor.page.evaluate(CLIP)
    editor.page.wait_for_function(f"() => ({SHOWN_WIDTH})() > 0")
    editor.wait_for_pixel(0.5, 0.5)
    editor.page.evaluate(
        f"""name => {{
            const widget = app.graph.nodes.find(node => node.type === 'LoadImage').widgets[0]
            widget.value = name
            widget.callback?.(name)
            {NODE}.onConnectionsChange?.()
        }}""",
        name,
    )
    editor.page.wait_for_function(f"before => String(({CLIP})()) !== String(before)", arg=before)
    editor.page.wait_for_function(f"() => ({LONGER_SIDE})() >= 480")
    across, down = editor.page.evaluate(CLIP)
    assert (across < down) == (width < height)
    canvas, tools, rows = (editor.part(name).bounding_box() for name in ("canvas", "tool-select", "rows"))
    is_beside = tools["x"] + tools["width"] <= canvas["x"] and canvas["x"] + canvas["width"] <= rows["x"]
    assert is_beside == (width < height), "the bars of a high picture are beside it"
    editor.part("transfer").click()
    menu, root = (editor.page.locator(one).bounding_box() for one in (".dnw-menu", "[data-testid=dragnuwa-editor]"))
    for at, side in (("x", "width"), ("y", "height")):
        assert root[at] <= menu[at] and menu[at] + menu[side] <= root[at] + root[side], "the menu is in the editor"


@pytest.mark.parametrize("editor_page", ["classic"], indirect=True, scope="module")
def test_the_classic_page_folds_what_the_picture_sets(editor):
    """As Nodes 2.0 does; a linked input stays."""
    replace_workflow(editor.page, json.loads((ROOT / "workflows" / "Drag a picture.json").read_text()))
    editor.wait_until_shown()
    rows = """show => {
        const node = NODE
        if (show) node.toggleAdvanced()
        const shown = node.widgets.filter(widget => node.isWidgetVisible(widget))
        return [shown.map(widget => widget.name), node.widgets[0].computedHeight, node.size[1]]
    }""".replace("NODE", NODE)
    editor.page.wait_for_function("() => NODE.widgets[0].computedHeight > 700".replace("NODE", NODE))
    names, height, whole = editor.page.evaluate(rows, False)
    assert names == ["trajectories"] and height > whole - 200, "and leaves no room for them"
    assert editor.page.evaluate(rows, True)[0] == ["trajectories", "width", "height", "frames", "fit"]
    linked = """() => {
        const node = NODE
        node.toggleAdvanced()
        const number = LiteGraph.createNode('PrimitiveInt')
        app.graph.add(number)
        number.connect(0, node, node.inputs.findIndex(input => input.name === 'width'))
        return node.widgets.filter(widget => node.isWidgetVisible(widget)).map(widget => widget.name)
    }""".replace("NODE", NODE)
    assert editor.page.evaluate(linked) == ["trajectories", "width"]
