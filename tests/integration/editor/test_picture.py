"""The picture under the drags: which one it is, how it lies there, and what stands in its place."""

import json

import pytest
from PIL import Image
from playwright.sync_api import expect

from scripts.editor_driver import GROUND, OURS, near, workflow
from tests.integration.editor.renderers import mainly_in

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("vue")

CHOOSE = """name => {
    const widget = app.graph.nodes.find(n => n.type === 'LoadImage').widgets[0]
    widget.value = name
    widget.callback?.(name)
}"""


def choose(editor, name: str, color: tuple[int, int, int]) -> None:
    editor.page.evaluate(CHOOSE, name)
    editor.page.mouse.move(5, 500)
    editor.page.mouse.move(*editor.at(0.5, 0.5))
    editor.wait_for_pixel(0.05, 0.5, color)
    editor.settle()


def test_the_picture_is_there_without_queueing_and_lies_as_the_node_fits_it(editor, host):
    colors = {"left": (255, 0, 0), "right": (0, 0, 255)}
    image = Image.new("RGB", (300, 300), colors["left"])
    image.paste(colors["right"], (150, 0, 300, 300))
    image.paste((0, 255, 0), (0, 0, 300, 60))  # cut off by "crop": 66 lines go at the top
    image.save(host.input_directory / "halves.png")
    editor.open(workflow(picture="halves.png"))
    editor.wait_for_pixel(0.3, 0.03, colors["left"])
    assert editor.pixel(0.7, 0.97) == colors["right"]
    editor.set_widget("fit", "pad")
    editor.wait_for_pixel(0.05, 0.5, (0, 0, 0))
    assert editor.pixel(0.4, 0.1) == (0, 255, 0)


def test_without_a_picture_the_drags_lie_on_a_neutral_ground_and_a_line_says_why(editor):
    editor.open(workflow(OURS, picture=None))
    expect(editor.part("status")).to_contain_text("picture")
    assert editor.pixel(0.5, 0.05) == GROUND
    editor.open(workflow(OURS, picture="gone.png"))
    editor.page.wait_for_function(
        "() => /gone.png/.test(document.querySelector('[data-testid=dragnuwa-status]').textContent)"
    )
    assert editor.text == OURS


# What passes the picture on to the editor in place of the link: ComfyUI's own reroute, and nodes of the page alone as
# other packs have them: a reroute, and a pair without a link between them, in one graph or in two.
PASS_ON = """kind => {
    const [loader, editor] = ['LoadImage', 'DragNUWATrajectoryEditor']
        .map(type => app.graph.nodes.find(n => n.type === type))
    const image = editor.inputs.findIndex(input => input.name === 'image')
    const added = (inputs, asked = {}) => {
        const node = kind === 'Reroute' ? LiteGraph.createNode(kind) : new LiteGraph.LGraphNode('Passing')
        if (kind !== 'Reroute') {
            node.isVirtualNode = true
            if (inputs) node.addInput('in', '*')
            node.addOutput('out', '*')
            Object.assign(node, asked)
        }
        app.graph.add(node)
        return node
    }
    const first = added(1)
    loader.connect(0, first, 0)
    if (!kind.startsWith('a pair')) return void first.connect(0, editor, image)
    const second = added(0, {
        getInputLink: () => (kind === 'a pair' ? app.graph.getLink(first.inputs[0].link) : null),
        resolveVirtualOutput: () => (kind === 'a pair' ? undefined : { node: loader, slot: 0 }),
    })
    second.connect(0, editor, image)
}"""


@pytest.mark.parametrize("kind", ["Reroute", "a reroute", "a pair", "a pair in two graphs"])
def test_the_picture_comes_through_nodes_that_only_pass_it_on(editor, host, kind):
    colors = {"before.png": (200, 100, 0), "passed_on.png": (0, 100, 200)}
    for name, color in colors.items():
        Image.new("RGB", (64, 64), color).save(host.input_directory / name)
    editor.open(workflow(OURS, picture="before.png"))
    editor.page.evaluate(PASS_ON, kind)
    for name, color in reversed(colors.items()):
        choose(editor, name, color)


def test_a_node_that_has_nothing_to_pass_on_is_not_asked_again_and_again(editor, host):
    """It may tell the person each time, until the node that it waits for is there."""
    Image.new("RGB", (64, 64), (10, 150, 90)).save(host.input_directory / "late.png")
    editor.open(workflow(OURS, picture="late.png"))
    editor.page.evaluate(PASS_ON, "a pair")
    editor.page.evaluate(
        """() => {
            const [setter, getter] = app.graph.nodes.filter(n => n.isVirtualNode)
            const link = getter.getInputLink
            app.graph.remove(setter)
            window.asked = 0
            getter.getInputLink = () => {
                window.asked += 1
                return null
            }
            window.comes = () => {
                app.graph.add(setter)
                app.graph.nodes.find(n => n.type === 'LoadImage').connect(0, setter, 0)
                getter.getInputLink = link
            }
        }"""
    )
    for place in ((0.3, 0.3), (0.6, 0.6)):
        editor.page.mouse.move(5, 500)
        editor.draw(place, (0.8, 0.2))
    assert 1 <= editor.page.evaluate("window.asked") <= 2
    editor.page.evaluate("window.comes()")
    editor.page.mouse.move(5, 500)
    editor.page.mouse.move(*editor.at(0.5, 0.5))
    editor.wait_for_pixel(0.5, 0.1, (10, 150, 90))


def test_another_picture_shows_at_once(editor, host):
    for name, color in [("red.png", (255, 0, 0)), ("blue.png", (0, 0, 255))]:
        Image.new("RGB", (64, 64), color).save(host.input_directory / name)
    editor.open(workflow(OURS, picture="red.png"))
    editor.wait_for_pixel(0.5, 0.1, (255, 0, 0))
    choose(editor, "blue.png", (0, 0, 255))


def test_another_picture_asks_whether_the_drags_are_for_it_too_and_has_none_until_then(editor, host):
    for name, color in [("red.png", (255, 0, 0)), ("blue.png", (0, 0, 255))]:
        Image.new("RGB", (64, 64), color).save(host.input_directory / name)
    editor.open(workflow(OURS, picture="red.png"))
    line = editor.part("new-picture")

    editor.wait_for_pixel(0.05, 0.5, (255, 0, 0))
    expect(line, "an opened workflow asks nothing").to_be_hidden()
    choose(editor, "blue.png", (0, 0, 255))
    expect(line).to_contain_text("2 of the last one wait")
    assert editor.tracks == [] and json.loads(editor.prompted)["tracks"] == [], "neither shown nor run"
    choose(editor, "red.png", (255, 0, 0))
    expect(line, "they were drawn on this one").to_be_hidden()
    assert [track["name"] for track in editor.tracks] == ["one", "two"]
    choose(editor, "blue.png", (0, 0, 255))
    editor.part("keep-drags").click()
    expect(line).to_be_hidden()
    assert [track["name"] for track in editor.tracks] == ["one", "two"]
    choose(editor, "red.png", (255, 0, 0))
    editor.part("clear-drags").click()
    expect(line).to_be_hidden()
    assert editor.tracks == []
    choose(editor, "blue.png", (0, 0, 255))
    expect(line, "nothing is drawn").to_be_hidden()
    editor.part("undo").click()
    assert [track["name"] for track in editor.tracks] == ["one", "two"]


def test_drags_that_wait_are_saved_and_come_beside_those_that_are_new(editor, host):
    """Three pictures, a stroke on the second, and the workflow is opened again before anything is answered."""
    for name, color in [("red.png", (255, 0, 0)), ("blue.png", (0, 0, 255)), ("green.png", (0, 255, 0))]:
        Image.new("RGB", (64, 64), color).save(host.input_directory / name)
    editor.open(workflow(OURS, picture="red.png"))
    line = editor.part("new-picture")
    editor.wait_for_pixel(0.05, 0.5, (255, 0, 0))
    choose(editor, "blue.png", (0, 0, 255))
    editor.draw((0.7, 0.2), (0.8, 0.4))
    expect(line, "a stroke is no answer").to_contain_text("2 of the last one wait")
    assert len(editor.tracks) == 1
    choose(editor, "green.png", (0, 255, 0))
    expect(line).to_contain_text("3 of the last one wait")
    editor.draw((0.3, 0.2), (0.4, 0.4))
    saved = editor.page.evaluate("() => app.graph.serialize()")
    editor.open(saved)
    editor.wait_for_pixel(0.05, 0.5, (0, 255, 0))
    expect(line).to_contain_text("3 of the last one wait")
    assert len(editor.tracks) == 1
    editor.part("keep-drags").click()
    assert len(editor.tracks) == 4
    editor.part("undo").click()
    expect(line, "they are removed, or come back by a redo").to_be_hidden()
    assert len(editor.tracks) == 1


@pytest.mark.parametrize("text", ["{", "5", '{"picture": 1}', '{"picture": "a", "drawing": {"tracks": 3}}', 7])
def test_what_is_no_drawing_that_waits_is_ignored(editor, picture, text):
    graph = workflow(OURS, picture=picture)
    (draw,) = (node for node in graph["nodes"] if node["type"] == "DragNUWATrajectoryEditor")
    draw["properties"]["drawing_set_aside"] = text
    editor.open(graph)
    editor.wait_for_pixel(0.05, 0.5)
    expect(editor.part("new-picture")).to_be_hidden()
    assert editor.text == OURS


def test_the_drags_of_an_example_go_with_its_picture(editor, host):
    for name, color in [("red.png", (255, 0, 0)), ("blue.png", (0, 0, 255))]:
        Image.new("RGB", (64, 64), color).save(host.input_directory / name)
    graph = workflow(OURS, picture="red.png")
    (draw,) = (node for node in graph["nodes"] if node["type"] == "DragNUWATrajectoryEditor")
    draw["properties"]["example_drags"] = True
    for drawn in (False, True):
        editor.open(graph)
        editor.wait_for_pixel(0.05, 0.5, (255, 0, 0))
        if drawn:
            editor.draw((0.7, 0.2), (0.8, 0.4))
        choose(editor, "blue.png", (0, 0, 255))
        assert editor.tracks == []
        editor.part("keep-drags" if drawn else "restore-drags").click()
        expect(editor.part("new-picture")).to_be_hidden()
        assert len(editor.tracks) == (3 if drawn else 2)


def test_a_changed_size_moves_no_drag_on_the_picture(editor, host):
    """A square picture: of 576x320 its middle is seen, 5/9 of its height."""
    Image.new("RGB", (90, 90), (255, 0, 0)).save(host.input_directory / "ninety.png")
    editor.open(workflow(OURS, picture="ninety.png"))
    editor.wait_for_pixel(0.5, 0.1, (255, 0, 0))
    before = [editor.points(0), editor.points(1)]
    editor.set_widget("frames", 25)
    expect(editor.part("frame")).to_have_text("1 / 25")
    editor.set_widget("width", 288)
    editor.set_widget("height", 160)
    assert editor.text == editor.prompted
    for track, points in enumerate(before):
        near(editor.points(track), points, pixels=0.01)
    editor.part("tool-select").click()
    editor.page.keyboard.press("Control+a")
    editor.page.keyboard.press("ArrowRight")
    editor.set_widget("width", 160)
    editor.page.keyboard.press("Control+z", delay=80)  # the move, and neither the size nor the drags' spots
    for track, points in enumerate(before):
        near(editor.points(track), [(x, 2 / 9 + y * 5 / 9) for x, y in points], pixels=0.01)
    editor.set_widget("fit", "pad")
    editor.set_widget("width", 288)
    editor.set_widget("fit", "crop")
    for track, points in enumerate(before):
        near(editor.points(track), points, pixels=0.01)


def test_what_is_computed_shows_after_a_run(editor, host):
    Image.new("RGB", (64, 64), (255, 0, 0)).save(host.input_directory / "red.png")
    editor.page.evaluate("() => { app.nodeOutputs = {} }")  # newer pages keep those of the run in the other renderer
    editor.open(workflow(OURS, picture="red.png", computed=True))
    expect(editor.part("status")).to_contain_text("first run")
    assert editor.pixel(0.5, 0.1) == GROUND
    editor.page.get_by_test_id("queue-button").click()
    editor.wait_for_pixel(0.5, 0.1, (0, 255, 255))
    assert editor.page.locator("img[src*='dragnuwa']").count() == 0, "the page shows it a second time"
