"""What reaches the editor from elsewhere: links, dropped files, pens, the page's own keys, its language."""

import base64
import json
from io import BytesIO

import numpy as np
import pytest
import requests
from PIL import Image

from scripts.editor_driver import NODE, OURS, EditorDriver, near, workflow
from scripts.frontend import open_page
from scripts.host import ROOT

COMMAND = "DragNUWA_TrajectoryEditor_FullWindow"
OTHER = "[[[115, 192], [288, 96]]]"


def linked(link: int | None) -> dict:
    """A workflow whose drags come from a text node, as one may be made by hand; the page itself makes no such link."""
    graph = workflow(OURS)
    (node,) = (node for node in graph["nodes"] if node["id"] == 2)
    socket = {"name": "trajectories", "type": "STRING", "widget": {"name": "trajectories"}, "link": link}
    node["inputs"].append(socket)
    source = {
        "id": 5, "type": "PrimitiveStringMultiline", "pos": [20, 500], "size": [300, 150], "flags": {}, "order": 0,
        "mode": 0, "properties": {}, "inputs": [], "widgets_values": [OTHER],
        "outputs": [{"name": "STRING", "type": "STRING", "links": [link] if link else None}],
    }  # fmt: skip
    graph["nodes"].append(source)
    if link:
        graph["links"].append([link, 5, 0, 2, 1, "STRING"])
    return graph


NEW = "(() => { const n = LiteGraph.createNode('DragNUWATrajectoryEditor'); app.graph.add(n); return n })()"


@pytest.mark.parametrize("node", [NEW, NODE], ids=["new", "with a socket in the file"])
def test_the_drawing_takes_no_link_from_the_page(editor, node):
    editor.open(linked(None))
    refused, inputs = editor.page.evaluate(
        f"""() => {{
            const [node, source] = [{node}, LiteGraph.createNode('PrimitiveStringMultiline')]
            app.graph.add(source)
            const made = source.connect(0, node, 'trajectories') || source.connectByType(0, node, 'STRING')
            return [!made, node.inputs.map(i => i.name)]
        }}"""
    )
    assert refused and "trajectories" not in inputs
    assert editor.prompted == OURS


def test_drags_that_come_by_a_link_are_not_drawn_over_until_a_click(editor):
    editor.open(linked(9))
    assert "another node" in editor.part("override").inner_text()
    assert editor.prompted == ["5", 0]
    editor.page.mouse.click(*editor.at(0.5, 0.9))
    editor.page.keyboard.press("Delete")
    assert editor.text == OURS
    assert not editor.part("rows").is_visible() and not editor.part("presets").is_enabled()
    editor.part("full-window").click()
    editor.page.keyboard.press("Escape")
    editor.page.get_by_test_id("dragnuwa-dialog").wait_for(state="detached")
    editor.part("take-over").click()
    editor.settle()
    assert not editor.part("override").is_visible()
    assert editor.prompted == OURS
    editor.draw((0.1, 0.9), (0.3, 0.8))
    assert len(editor.tracks) == 3 and editor.prompted == editor.text
    assert "trajectories" not in editor.page.evaluate(f"() => {NODE}.inputs.map(i => i.name)")


SHOWN_NUMBERS = """type => {
    const node = app.graph.nodes.find(n => n.type === type)
    return ['width', 'height', 'frames'].map(name => node.widgets.find(w => w.name === name).value)
}"""


def with_numbers_connected() -> dict:
    """A workflow whose Encode Trajectories takes the clip's numbers from the editor, and shows others of its own."""
    graph = workflow(OURS)
    names = ["width", "height", "frames"]
    outputs = {"trajectories": 0, **{name: 2 + index for index, name in enumerate(names)}}
    (draw,) = (node for node in graph["nodes"] if node["id"] == 2)
    inputs = []
    for link, (name, output) in enumerate(outputs.items(), 10):
        kind = draw["outputs"][output]["type"]
        widget = {"widget": {"name": name}} if name in names else {}
        inputs.append({"name": name, "type": kind, "link": link, **widget})
        draw["outputs"][output]["links"] = [link]
        graph["links"].append([link, 2, output, 6, len(inputs) - 1, kind])
    encode = {
        "id": 6, "type": "DragNUWAEncodeTrajectories", "pos": [820, 400], "size": [320, 220], "flags": {}, "order": 2,
        "mode": 0, "properties": {}, "inputs": inputs, "widgets_values": [512, 512, 99, 79, 8.0],
        "outputs": [{"name": "flow", "type": "DRAGNUWA_FLOW", "links": None}],
    }  # fmt: skip
    graph["nodes"].append(encode)
    return graph


def test_a_connected_number_is_the_editors_wherever_it_is_shown(editor):
    editor.open(with_numbers_connected())
    encode, draw = "DragNUWAEncodeTrajectories", "DragNUWATrajectoryEditor"
    assert editor.page.evaluate(SHOWN_NUMBERS, encode) == editor.page.evaluate(SHOWN_NUMBERS, draw)
    editor.set_widget("width", 256)
    editor.set_widget("frames", 10)
    found = editor.page.evaluate(SHOWN_NUMBERS, encode)
    assert (found[0], found[2]) == (256, 10)
    # Classic nodes, and newer pages in Nodes 2.0, show no number where one is connected.
    shown = [one.input_value() for one in editor.page.locator("[data-node-id='6'] input").all()]
    assert "256" in shown or not shown


DROP = """([selector, name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0))
    const transfer = new DataTransfer()
    transfer.items.add(new File([bytes], name, {type}))
    const canvas = document.querySelector(selector)
    const box = canvas.getBoundingClientRect()
    const at = {clientX: box.x + box.width / 2, clientY: box.y + box.height / 2}
    for (const kind of ['dragenter', 'dragover', 'drop']) {
        const event = new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true, ...at})
        canvas.dispatchEvent(event)
    }
}"""
CANVAS = "[data-testid=dragnuwa-canvas]"


def test_a_dropped_picture_is_loaded_and_dropped_drags_are_added(editor, host):
    file = BytesIO()
    Image.new("RGB", (64, 64), (255, 0, 0)).save(file, "PNG")
    editor.open(workflow(OURS, picture=None))
    editor.page.evaluate(DROP, [CANVAS, "dropped.png", "image/png", base64.b64encode(file.getvalue()).decode()])
    editor.wait_for_pixel(0.5, 0.1, (255, 0, 0))
    nodes = editor.page.evaluate("() => app.graph.nodes.map(n => n.type)")
    assert sorted(nodes) == ["DragNUWATrajectoryEditor", "LoadImage"], "the page has not taken the file as well"
    assert (host.input_directory / "dropped.png").is_file()
    editor.page.evaluate(DROP, [CANVAS, "drags.json", "application/json", base64.b64encode(OTHER.encode()).decode()])
    editor.page.wait_for_function(f"() => JSON.parse({NODE}.widgets[0].value).tracks.length === 3")
    near(editor.points(2), [(115 / 576, 192 / 320), (0.5, 0.3)], pixels=0.01)


def test_dropped_files_of_arrays_and_of_other_encodings_are_drags_too(editor):
    editor.open(workflow(OURS))
    places = np.array([[[115, 192], [40, 40]], [[288, 96], [60, 44]]], np.float32)  # [T, N, 2]
    file = BytesIO()
    np.savez_compressed(file, tracks=places[None])
    for number, (name, data) in enumerate({"a.npz": file.getvalue(), "a.json": OTHER.encode("utf-16")}.items()):
        editor.page.evaluate(DROP, [CANVAS, name, "", base64.b64encode(data).decode()])
        editor.page.wait_for_function(f"() => JSON.parse({NODE}.widgets[0].value).tracks.length === {4 + number}")
    near(editor.points(2), [(115 / 576, 192 / 320), (0.5, 0.3)], pixels=0.01)
    near(editor.points(3), [(40 / 576, 40 / 320), (60 / 576, 44 / 320)], pixels=0.01)
    editor.page.evaluate(DROP, [CANVAS, "a.npy", "", base64.b64encode(b"\x93NUMPY").decode()])
    editor.page.get_by_text("cannot be read").first.wait_for()


def test_a_pen_draws(editor):
    editor.open(workflow())
    session = editor.page.context.new_cdp_session(editor.page)

    def pen(kind: str, place: tuple[float, float], buttons: int = 1) -> None:
        x, y = editor.at(*place)
        session.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1, "pointerType": "pen"},
        )

    positions = [(0.2 + 0.03 * k, 0.3 + 0.02 * k) for k in range(11)]
    seen = editor.part("canvas").evaluate_handle(
        "e => { const seen = []; e.addEventListener('pointerdown', down => seen.push(down.pointerType)); return seen }"
    )
    pen("mousePressed", positions[0])
    for place in positions[1:]:
        pen("mouseMoved", place)
    pen("mouseReleased", positions[-1], buttons=0)
    editor.settle()
    session.detach()
    assert seen.json_value() == ["pen"]
    near([editor.points(0)[0], editor.points(0)[-1]], [positions[0], positions[-1]])


# A real file chooser does not always come up where the browser has one core. This one is seen, and does not open.
NEXT_CLICK_OF_AN_INPUT = """() => {
  const seen = [], click = HTMLInputElement.prototype.click
  HTMLInputElement.prototype.click = function () { seen.push(this.type); HTMLInputElement.prototype.click = click }
  return seen
}"""


def test_the_pages_own_keys_pass_through(editor):
    """With the editor focused, Ctrl+O opens a workflow; the browser's own dialogue does not come."""
    editor.open(workflow(OURS))
    editor.part("tool-select").click()
    opened = editor.page.evaluate_handle(NEXT_CLICK_OF_AN_INPUT)
    editor.page.keyboard.press("Control+o")
    editor.settle()
    assert opened.json_value() == ["file"]
    assert editor.text == OURS


def test_in_chinese(browser, host):
    """The command's name, the node's input and the editor's words, where a person sees them."""
    setting = f"{host.url}/api/settings"
    requests.post(setting, json={"Comfy.Locale": "zh"}, timeout=10).raise_for_status()
    try:
        with open_page(browser, host.url) as page:
            editor = EditorDriver(page)
            editor.open(workflow(OURS))
            assert editor.part("tool-pen").get_attribute("title").startswith("绘制")
            editor.open(workflow('{"type": "dragnuwa.trajectories", "version": 9}'))
            said = "ComfyUI 无法处理，英文说明：Trajectories: version should be 1 or 2, but it is 9."
            editor.part("problem-reason").filter(has_text=said).wait_for()
            label = json.loads((ROOT / "locales/zh/commands.json").read_text(encoding="utf-8"))[COMMAND]["label"]
            page.locator(".comfy-menu-button-wrapper, [data-testid=comfy-menu-button]").first.click()
            page.get_by_text("Extensions", exact=True).hover()
            page.get_by_role("menuitem", name="DragNUWA", exact=True).hover()
            page.get_by_role("menuitem", name=label).last.click()
            page.get_by_test_id("dragnuwa-dialog").wait_for()
            page.keyboard.press("Escape")
            page.evaluate("() => app.extensionManager.command.execute('Comfy.ShowSettingsDialog')")
            page.get_by_role("dialog").get_by_text("快捷键", exact=True).click()
            page.get_by_role("dialog").get_by_role("combobox").nth(1).fill("DragNUWA")
            page.get_by_role("dialog").get_by_text(label, exact=True).wait_for()
    finally:
        requests.post(setting, json={"Comfy.Locale": "en"}, timeout=10).raise_for_status()
