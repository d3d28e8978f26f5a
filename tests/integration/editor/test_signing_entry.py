"""The entry in the menu of Save Video that puts Sign Video in its place."""

import json
import shutil

import pytest

from dragnuwa.provenance.certificate import TRUST, make_certificate
from dragnuwa.trajectory import parse
from scripts.editor_driver import HEIGHT, NODE, OURS, WIDTH, EditorDriver, workflow
from scripts.frontend import press_run, replace_workflow
from scripts.host import ROOT
from tests.integration.editor.made_video import ADD_VIDEO
from tests.integration.editor.renderers import mainly_in
from tests.support.credentials import manifest, state

ENTRY = "Sign this video (DragNUWA)"
LABEL = "io.github.dragnuwa.drawing"
TEMPLATE = "Drag without a model"
GRAPH = "() => JSON.stringify(app.graph.serialize())"
STEPS = "() => app.extensionManager.workflow.activeWorkflow.changeTracker.undoQueue.length"
UNDO = "async () => { await app.extensionManager.workflow.activeWorkflow.changeTracker.undo() }"
FITTED = "() => app.rootGraph.extra.dragnuwa_fits === undefined"  # so that it is scrolled no more
# Where the title of a node of the open graph is on the screen, once the page shows it.
TITLE = """async type => {
    const node = app.canvas.graph.nodes.find(n => n.type === type)
    app.canvas.ds.scale = 1
    app.canvas.ds.offset = [400 - node.pos[0], 300 - node.pos[1]]
    app.canvas.setDirty(true, true)
    for (let k = 0; k < 4; k += 1) await new Promise(requestAnimationFrame)
    const canvas = document.querySelector('#graph-canvas').getBoundingClientRect()
    return [canvas.x + 400 + 60, canvas.y + 300 - 15]
}"""
# What Sign Video is linked to: the type and the output's name, or the name of the subgraph's input.
LINKS = """() => {
    const { graph } = app.canvas
    const sign = graph.nodes.find(n => n.type === 'DragNUWASignVideo')
    return Object.fromEntries(sign.inputs.filter(i => i.link != null).map(({ name, link }) => {
        const { origin_id: id, origin_slot: slot } = graph.getLink(link)
        const from = graph.getNodeById(id)
        if (!from) return [name, graph.inputs[slot].name]
        return [name, [from.subgraph ? 'subgraph' : from.type, from.outputs[slot].name]]
    }))
}"""
VALUES = """() => Object.fromEntries(app.canvas.graph.nodes.find(n => n.type === 'DragNUWASignVideo').widgets
    .filter(w => w.name !== 'trajectories').map(w => [w.name, w.value]))"""
# The nodes of these types become a subgraph.
INTO_SUBGRAPH = """types => {
    const nodes = app.graph.nodes.filter(n => types.includes(n.type))
    app.graph.convertToSubgraph(new Set(nodes))
}"""
# Save Video is where no other node is.
AWAY = "() => { app.graph.nodes.find(n => n.type === 'SaveVideo').pos = [3000, 80] }"
ENTER = "() => app.canvas.setGraph(app.graph.nodes.find(n => n.subgraph).subgraph)"
# Somebody also reads the drags as text.
READ_DRAGS = f"""() => {{
    const read = LiteGraph.createNode('PreviewAny')
    app.graph.add(read)
    read.pos = [820, 700]
    {NODE}.connect(0, read, 0)
}}"""


@pytest.fixture(scope="module")
def signer(host):
    folder = host.base_directory / "user" / "__dragnuwa"
    make_certificate(folder, "Jane Doe", 30)
    yield folder
    shutil.rmtree(folder)


def open_template(page, name: str) -> None:
    replace_workflow(page, json.loads((ROOT / "workflows" / f"{name}.json").read_text(encoding="utf-8")))
    page.wait_for_function(FITTED)


def open_menu(page) -> None:
    page.mouse.click(*page.evaluate(TITLE, "SaveVideo"), button="right")
    page.get_by_text("Bypass", exact=True).first.wait_for()


def sign_instead(page) -> None:
    open_menu(page)
    take_entry(page)


def take_entry(page) -> None:
    page.get_by_text(ENTRY, exact=True).click()
    page.wait_for_function("() => app.canvas.graph.nodes.some(n => n.type === 'DragNUWASignVideo')")


def test_one_click_signs_what_a_template_makes(editor_page, host, signer):
    open_template(editor_page, TEMPLATE)
    EditorDriver(editor_page).set_widget("frames", 3)  # of 60
    sign_instead(editor_page)
    assert editor_page.evaluate(LINKS) == {
        "video": ["subgraph", "video"],
        "trajectories": ["DragNUWATrajectoryEditor", "trajectories"],
        "image": ["LoadImage", "IMAGE"],
    }
    made = "picture moved, without a model"
    assert editor_page.evaluate(VALUES) == {"filename_prefix": "video/dragnuwa", "made": made, "model": ""}
    (file,) = press_run(editor_page, host.url)["outputs"]["5"]["images"]
    path = host.output_directory / file["subfolder"] / file["filename"]
    assert state(path, (signer / TRUST).read_bytes()) == "Trusted"
    own = next(one["data"] for one in manifest(path)["assertions"] if one["label"] == LABEL)
    assert parse(own["trajectories"], width=WIDTH, height=HEIGHT) and own["picture"] and "model" not in own


def test_it_is_one_step_of_the_graphs_undo_and_app_mode_still_shows_it(editor_page):
    open_template(editor_page, TEMPLATE)
    open_menu(editor_page)
    before, steps = json.loads(editor_page.evaluate(GRAPH)), editor_page.evaluate(STEPS)
    take_entry(editor_page)
    after = json.loads(editor_page.evaluate(GRAPH))
    assert sorted(node["id"] for node in after["nodes"]) == sorted(node["id"] for node in before["nodes"])
    assert "SaveVideo" not in {node["type"] for node in after["nodes"]}
    assert after["extra"]["linearData"] == before["extra"]["linearData"] and after["extra"]["linearData"]["outputs"]
    assert editor_page.evaluate(STEPS) == steps + 1
    editor_page.evaluate(UNDO)
    editor_page.wait_for_function("() => app.graph.nodes.some(n => n.type === 'SaveVideo')")
    undone = json.loads(editor_page.evaluate(GRAPH))
    assert undone["links"] == before["links"]
    assert [node["type"] for node in undone["nodes"]] == [node["type"] for node in before["nodes"]]


@mainly_in("vue")
@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Drag a picture", "picture moved, completed by a model"),
        ("With DragNUWA 1.5", "by a model"),
        ("Drag in a video", "picture moved, without a model"),
    ],
)
def test_how_it_is_made_is_what_the_graph_says(editor_page, name, made):
    open_template(editor_page, name)
    sign_instead(editor_page)
    assert editor_page.evaluate(VALUES)["made"] == made
    assert {"video", "trajectories", "image"} <= editor_page.evaluate(LINKS).keys()


@mainly_in("vue")
@pytest.mark.parametrize("reads", [False, True])
def test_an_editor_inside_of_a_subgraph_is_reached_by_its_outputs_alone(editor, reads):
    page = editor.page
    editor.open(workflow(OURS))
    page.evaluate(ADD_VIDEO, [4, []])
    page.evaluate(AWAY)
    if reads:
        page.evaluate(READ_DRAGS)
    page.evaluate(INTO_SUBGRAPH, ["DragNUWATrajectoryEditor", "RepeatImageBatch", "CreateVideo"])
    sign_instead(page)
    drags = {"trajectories": ["subgraph", "trajectories"]} if reads else {}
    assert page.evaluate(LINKS) == {"video": ["subgraph", "VIDEO"], "image": ["LoadImage", "IMAGE"], **drags}


@mainly_in("vue")
@pytest.mark.parametrize("reads", [False, True])
def test_an_editor_outside_of_a_subgraph_is_reached_by_its_inputs_alone(editor, reads):
    page = editor.page
    editor.open(workflow(OURS))
    page.evaluate(ADD_VIDEO, [4, []])
    inside = ["RepeatImageBatch", "CreateVideo", "SaveVideo"]
    if reads:
        page.evaluate(READ_DRAGS)
        inside.append("PreviewAny")
    page.evaluate(INTO_SUBGRAPH, inside)
    page.evaluate(ENTER)
    sign_instead(page)
    found = page.evaluate(LINKS)
    assert found.pop("video") == ["CreateVideo", "VIDEO"]
    assert list(found) == (["trajectories"] if reads else [])


@pytest.mark.parametrize("change", ["save.disconnectInput(0)", "save.connect(0, preview, 0)"])
def test_it_is_not_offered_without_a_video_or_where_another_node_takes_it_on(editor, change):
    page = editor.page
    editor.open(workflow(OURS))
    page.evaluate(ADD_VIDEO, [4, []])
    page.evaluate(AWAY)
    page.evaluate(
        f"""() => {{
            const save = app.graph.nodes.find(n => n.type === 'SaveVideo')
            const preview = LiteGraph.createNode('PreviewAny')
            app.graph.add(preview)
            {change}
        }}"""
    )
    open_menu(page)
    assert page.get_by_text(ENTRY, exact=True).count() == 0
    page.mouse.click(300, 700)  # closes the menu
