"""The templates in ComfyUI's real page, as a user opens them: in Chromium, in both renderers."""

import json
import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Locator, TimeoutError

from scripts.editor_driver import EditorDriver, errors_fail
from scripts.frontend import api_prompt, close_other_tabs, open_page, press_run, replace_workflow
from scripts.host import PICTURES
from tests.support.newer_nodes import SINCE, absent
from tests.support.random_checkpoint import write as write_random_checkpoint
from tools.graph_parts import LONG, LOW
from tools.templates import MORE, blueprints, template_sources

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / "workflows"
OUTSIDE = -10  # the node of a subgraph's inputs
TEMPLATES = template_sources()
GALLERY = {name: template.title for name, template in TEMPLATES.items() if template.folder == ""}
MOST = 12  # templates in the dialog
MAX_NODES = 7  # of a template, not counting those in subgraphs
MIN_TEXT = 8  # px on the screen; the newest page opens a template smaller than the pinned one, at 0.69 instead of 0.75
NODE_TEXT = 12  # px at a scale of 1, of the nodes' inputs
# Templates with nodes of another pack, or of a newer ComfyUI, by the name under which ComfyUI's page knows it.
OTHER_PACKS = {"carry_with_animatediff": "comfyui-animatediff-evolved", "guide_h3": "comfy-core"}


@pytest.fixture(scope="module")
def template_files(host):
    """What the templates name and a user has: the released checkpoint (here a small one of random weights), and other
    models. The embedded model and the photographs come with the pack."""
    for name in TEMPLATES:
        prompt = json.loads((WORKFLOWS / "api" / f"{name}.json").read_text(encoding="utf-8"))
        for loader in (node for node in prompt.values() if node["class_type"] == "DragNUWALoadCheckpoint"):
            if not (ROOT / "models" / loader["inputs"]["ckpt_name"]).exists():
                write_random_checkpoint(host.checkpoints_directory / loader["inputs"]["ckpt_name"])
        for file in (file for node in all_nodes(workflow_of(name)) for file in node["properties"].get("models", ())):
            folder = host.base_directory / "models" / file["directory"]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / file["name"]).touch()  # of other models the page asks for the name only


@pytest.fixture(scope="module")
def module_page(browser, host, template_files):
    """One page for all tests here, opened once their files are there: to open one takes longer than most tests."""
    with open_page(browser, host.url) as page:
        yield page


@pytest.fixture
def page(module_page):
    """The real frontend with an empty graph; an error of ours in it fails the test."""
    module_page.keyboard.press("Escape")  # a dialog that a failed test left open does not fail the tests after it
    module_page.get_by_role("dialog").wait_for(state="detached")
    close_other_tabs(module_page)
    with errors_fail(module_page):
        module_page.evaluate("() => app.graph.clear()")
        yield module_page


def workflow_of(name: str) -> dict:
    return json.loads((WORKFLOWS / f"{TEMPLATES[name].path}.json").read_text(encoding="utf-8"))


def all_nodes(workflow: dict) -> list[dict]:
    """Its nodes and those in its subgraphs."""
    return workflow["nodes"] + [node for graph in subgraphs(workflow) for node in graph["nodes"]]


def subgraphs(workflow: dict) -> list[dict]:
    return workflow.get("definitions", {}).get("subgraphs", [])


def open_templates(page) -> Locator:
    """ComfyUI's dialog of templates, those of this pack in it.

    It draws itself anew when its lists arrive, and on a busy machine the entry may be gone while it is clicked.
    """
    dialog = page.get_by_role("dialog")
    for attempt in range(3):
        page.evaluate("() => app.extensionManager.command.execute('Comfy.BrowseTemplates')")
        try:
            dialog.get_by_role("button", name="ComfyUI-DragNUWA", exact=True).click(timeout=10_000)
            break
        except TimeoutError:
            if attempt == 2:
                raise
    return dialog


def test_the_templates_dialog_shows_at_most_twelve_with_pictures_and_opens_one(template_files, page):
    dialog = open_templates(page)
    for title in GALLERY.values():
        card = page.get_by_test_id(f"template-workflow-{title}")
        card.wait_for()
        card.scroll_into_view_if_needed()  # a picture is fetched when it is seen
        picture = card.locator("img").first
        picture.wait_for()
        page.wait_for_function("img => img.complete && img.naturalWidth > 0", arg=picture.element_handle())
    assert len(GALLERY) <= MOST
    assert dialog.locator("[data-testid^=template-workflow-]").count() == len(GALLERY)
    name = "camera_in_depth"
    page.get_by_test_id(f"template-workflow-{GALLERY[name]}").click()
    page.wait_for_function("n => app.graph.nodes.length === n", arg=len(workflow_of(name)["nodes"]))
    dialog.wait_for(state="detached")


@pytest.fixture(scope="module", params=TEMPLATES)
def opened(request, module_page, host) -> str:
    """The name of the template that is open, for all tests of it: fetched and loaded as the dialog does it, without the
    dialog and a tab of its own, which take two seconds each time."""
    name = request.param
    served = requests.get(f"{host.url}/api/workflow_templates/ComfyUI-DragNUWA/{TEMPLATES[name].path}.json", timeout=10)
    with errors_fail(module_page):
        replace_workflow(module_page, served.json())
        yield name


@pytest.fixture(scope="module")
def known(client) -> dict:
    """What the server says of its nodes, megabytes."""
    return client.object_info()


def test_what_the_dialog_opens_is_whole_and_large_enough_to_read(opened, known, module_page):
    assert module_page.evaluate("() => app.graph.nodes.filter(n => n.has_errors).map(n => n.type)") == []
    module_page.wait_for_function("least => app.canvas.ds.scale >= least", arg=MIN_TEXT / NODE_TEXT)
    others = {"MarkdownNote", *(graph["id"] for graph in subgraphs(workflow_of(opened)))}
    types = {node["type"] for node in all_nodes(workflow_of(opened))} - others
    assert types - known.keys() <= SINCE.keys()
    assert [kind for kind in types & known.keys() if known[kind].get("deprecated")] == []
    assert len(workflow_of(opened)["nodes"]) <= MAX_NODES


def test_a_node_of_another_pack_says_which(opened, known):
    """Stand-ins have the names of other packs' nodes: no template but those that are meant to has one."""
    others = [node for node in all_nodes(workflow_of(opened)) if stands_in(known.get(node["type"]))]
    packs = {(node["properties"].get("cnr_id"), bool(node["properties"].get("ver"))) for node in others}
    assert packs == ({(OTHER_PACKS[opened], True)} if opened in OTHER_PACKS else set())


def stands_in(said: dict | None) -> bool:
    """Whether a node is one of tests/support/stand_ins."""
    return bool(said) and said["python_module"].startswith("custom_nodes.stand_in_")


MISSING = """() => {
    const stores = document.querySelector('#vue-app').__vue_app__.config.globalProperties.$pinia.state.value
    return stores.missingMedia?.missingMediaCandidates ?? null
}"""
LOADED = """() => app.graph.nodes.filter(n => ['LoadImage', 'LoadVideo'].includes(n.type))
    .map(n => n.widgets.find(w => w.name === 'image' || w.name === 'file'))
    .map(({ value, options }) => [value, options.values.includes(value)])"""


def test_the_page_brings_its_photograph(opened, host, module_page):
    """Into the input folder, which had none, and into Load Image's list, so that the page misses nothing."""
    ((name, listed),) = module_page.evaluate(LOADED)
    assert listed, name
    assert (host.input_directory / name).read_bytes() == (PICTURES / name).read_bytes()
    assert not module_page.evaluate(MISSING)


def test_the_page_makes_of_it_the_prompt_that_ships(opened, known, module_page):
    """workflows/api/ is what the page exports: after a change of a template, `make workflows` writes it anew. Around a
    node that an older ComfyUI has not, newer pages mix up the values of a subgraph's face."""
    shipped = json.loads((WORKFLOWS / "api" / f"{opened}.json").read_text(encoding="utf-8"))
    made = api_prompt(module_page)
    if absent(shipped, known):
        assert made.keys() == shipped.keys()
        return
    for node in (*foreign(made), *foreign(shipped)):
        node.pop("_meta")  # the title of ComfyUI's own node, which each version of the page words anew
        node["inputs"].pop("video-preview", None)  # Load Video has it once the page shows its video
    assert made == known_to(known, shipped)


def foreign(prompt: dict) -> list[dict]:
    """The nodes that are ComfyUI's own."""
    return [node for node in prompt.values() if not node["class_type"].startswith("DragNUWA")]


def known_to(known: dict, prompt: dict) -> dict:
    """The prompt without the inputs of ComfyUI's nodes that an older ComfyUI lacks, such as CreateVideo's bit_depth."""
    for node in foreign(prompt):
        inputs = known[node["class_type"]]["input"]
        names = {name for part in inputs.values() for name in part}
        node["inputs"] = {name: value for name, value in node["inputs"].items() if name.split(".")[0] in names}
    return prompt


def test_templates_and_blueprints_are_those_that_are_described():
    """A template's copy of a blueprint is the blueprint itself, but for values that the node's face shows."""
    files = {path.relative_to(WORKFLOWS) for folder in ("", MORE) for path in (WORKFLOWS / folder).glob("*.json")}
    assert files == {Path(f"{template.path}.json") for template in TEMPLATES.values()}
    shipped = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "subgraphs").glob("*.json")}
    assert set(shipped) == {blueprint.title for blueprint in blueprints()}
    graphs = {title: subgraphs(workflow)[0] for title, workflow in shipped.items()}
    for name in TEMPLATES:
        for graph in subgraphs(workflow_of(name)):
            blueprint = graphs.get(graph["name"], graph) | {"state": graph["state"]}  # it counts the links of all
            assert without_shown_values(graph) == without_shown_values(blueprint), name


def without_shown_values(graph: dict) -> dict:
    fed = {link["target_id"] for link in graph["links"] if link["origin_id"] == OUTSIDE}
    return graph | {"nodes": [node | {"widgets_values": node["id"] in fed or node.get("widgets_values")}
                              for node in graph["nodes"]]}  # fmt: skip


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_note_is_in_both_languages(name):
    (note,) = (node for node in workflow_of(name)["nodes"] if node["type"] == "MarkdownNote")
    assert note["widgets_values"] == [TEMPLATES[name].text]
    assert TEMPLATES[name].note and re.search(r"[\u4e00-\u9fff]", TEMPLATES[name].chinese)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_values_inside_are_those_that_the_node_shows(name):
    """The page of ComfyUI 0.24 takes them from inside."""
    prompt = json.loads((WORKFLOWS / "api" / f"{name}.json").read_text(encoding="utf-8"))
    inside = {node["id"]: node for graph in subgraphs(workflow_of(name)) for node in graph["nodes"]}
    texts = {key: node for key, node in prompt.items() if ":" in key and node["class_type"] == "CLIPTextEncode"}
    for key, node in texts.items():
        if not isinstance(node["inputs"]["text"], list):
            assert inside[int(key.split(":")[-1])]["widgets_values"] == [node["inputs"]["text"]], key


def test_the_editor_shows_what_a_mask_covers(template_files, page):
    """In the picture's file it is transparent."""
    replace_workflow(page, workflow_of("motion_brush"))
    EditorDriver(page, (LONG, LOW)).wait_for_pixel(0.6, 0.55)


def test_run_makes_a_video(template_files, page, host):
    """The Run button on the template with text, as it ships, on the embedded model."""
    replace_workflow(page, workflow_of("drag_with_text"))
    entry = press_run(page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]
    assert "mp4" in json.dumps(entry["outputs"])
