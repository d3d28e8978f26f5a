"""The pack's blueprints, dropped into an empty graph from ComfyUI's search and connected as a person connects them."""

import json

import pytest

from scripts.editor_driver import OURS, EditorDriver
from scripts.frontend import api_prompt, press_run
from tests.support.random_checkpoint import write as write_random_checkpoint

PLACES = [(500, 300), (820, 300)]
CONNECTED = """([drags, size, saver, output]) => {
    const add = type => { const n = LiteGraph.createNode(type); app.graph.add(n); return n }
    const slot = (slots, name) => slots.findIndex(one => one.name === name)
    const link = (from, output, to, input) => from.connect(slot(from.outputs, output), to, slot(to.inputs, input))
    const blueprint = app.graph.nodes[0]
    const less = { KSampler: { steps: 1 }, DragNUWARestoreDetail: { width: 128, interpolate: 1 } }
    for (const node of blueprint.subgraph.nodes)
        for (const [name, value] of Object.entries(less[node.type] ?? {}))
            node.widgets.find(w => w.name === name).value = value
    const [picture, editor, save] = [add('LoadImage'), add('DragNUWATrajectoryEditor'), add(saver)]
    picture.widgets.find(w => w.name === 'image').value = 'example.png'
    const values = { trajectories: drags, ...size }
    for (const [name, value] of Object.entries(values)) editor.widgets.find(w => w.name === name).value = value
    link(picture, 'IMAGE', editor, 'image')
    for (const name of ['image', 'trajectories', 'frames', 'fit'])
        if (slot(blueprint.inputs, name) >= 0) link(editor, name, blueprint, name)
    if (slot(blueprint.inputs, 'picture') >= 0) link(picture, 'IMAGE', blueprint, 'picture')
    link(blueprint, output, save, save.inputs[0].name)
}"""
# What is dropped and run does not depend on how nodes are drawn; the search and the links are those of Nodes 2.0.
pytestmark = pytest.mark.parametrize("editor_page", ["vue"], indirect=True, scope="module")
SMALL = {"width": 128, "height": 128, "frames": 5}
TINY = {"width": 64, "height": 64, "frames": 2}


def drop(page, title: str, place: tuple[int, int]) -> None:
    """From the search, with the next click as its place."""
    before = page.evaluate("() => app.graph.nodes.length")
    page.mouse.move(*place)
    page.evaluate("() => app.extensionManager.command.execute('Workspace.SearchBox.Toggle')")
    search = page.get_by_placeholder("Add a node...")
    search.fill(title)
    page.get_by_role("option").filter(has_text=title).first.click()
    search.wait_for(state="detached")
    page.mouse.click(*place)
    page.wait_for_function("n => app.graph.nodes.length === n", arg=before + 1)


@pytest.fixture(scope="module")
def released_checkpoint(host):
    """A small one of random weights where the blueprint expects the released one; test_workflows.py runs its layout."""
    path = host.checkpoints_directory / "dragnuwa-svd-pruned.fp16.safetensors"
    write_random_checkpoint(path)
    yield
    path.unlink()


@pytest.fixture
def page(released_checkpoint, editor_page):
    """An empty graph."""
    editor_page.evaluate("() => app.graph.clear()")
    editor_page.evaluate("() => { app.canvas.ds.scale = 1; app.canvas.ds.offset = [0, 0] }")
    return editor_page


@pytest.mark.parametrize(
    ("title", "clip", "saver", "output"),
    [
        ("Drag to Video (embedded)", SMALL, "SaveVideo", "video"),
        ("Drag to Picture", SMALL, "SaveImage", "image"),
        ("Drag to Video (DragNUWA)", TINY, "SaveVideo", "video"),
    ],
)
def test_dropped_connected_and_run(title, clip, saver, output, page, host):
    drop(page, title, PLACES[0])
    page.evaluate(CONNECTED, [OURS, clip, saver, output])
    entry = press_run(page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]["messages"][-1]
    files = [file for made in entry["outputs"].values() for file in made.get("images", [])]
    assert [file["filename"] for file in files if file["type"] == "output"]
    EditorDriver(page).part("show-result").wait_for()


def test_two_of_them_keep_their_own_values(page):
    for place in PLACES:
        drop(page, "Drag to Video (embedded)", place)
    page.evaluate("""() => app.graph.nodes.forEach((node, index) => {
        node.widgets.find(w => w.name === 'prompt').value = `text ${index}`
        node.widgets.find(w => w.name === 'frames').value = 9 + index
    })""")
    saved = page.evaluate("() => JSON.parse(JSON.stringify(app.graph.serialize()))")
    prompt = api_prompt(page)
    texts = [node["inputs"]["text"] for node in prompt.values() if node["class_type"] == "CLIPTextEncode"]
    assert sorted(texts) == ["text 0", "text 1"]
    assert "text 0" in json.dumps(saved) and "text 1" in json.dumps(saved)
