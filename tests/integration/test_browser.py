"""The templates in ComfyUI's real page, as a user opens them: in Chromium, in both renderers."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, TimeoutError

from frontend import api_prompt, load_workflow, open_page, press_run
from random_checkpoint import write as write_random_checkpoint

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / "workflows"
NAMES = sorted(path.stem for path in WORKFLOWS.glob("*.json"))


@pytest.fixture(scope="module")
def template_files(host):
    """What the templates name and a user has: ComfyUI's own example picture, and the released checkpoint (here a small
    one of random weights). The embedded model comes with the pack."""
    shutil.copy(host.comfyui_dir / "input" / "example.png", host.input_directory)
    for name in NAMES:
        prompt = json.loads((WORKFLOWS / "api" / f"{name}.json").read_text(encoding="utf-8"))
        for loader in (node for node in prompt.values() if node["class_type"] == "DragNUWALoadCheckpoint"):
            if not (ROOT / "models" / loader["inputs"]["ckpt_name"]).exists():
                write_random_checkpoint(host.checkpoints_directory / loader["inputs"]["ckpt_name"])
        for file in (file for node in workflow_of(name)["nodes"] for file in node["properties"].get("models", ())):
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
    errors = []

    def note(error) -> None:
        errors.append(f"{error}\n{error.stack}")

    module_page.on("pageerror", note)
    module_page.get_by_role("dialog").wait_for(state="detached")  # that of the test before is gone
    module_page.evaluate("() => app.graph.clear()")
    yield module_page
    module_page.remove_listener("pageerror", note)
    assert not [error for error in errors if "DragNUWA" in error], errors


def workflow_of(name: str) -> dict:
    return json.loads((WORKFLOWS / f"{name}.json").read_text(encoding="utf-8"))


def open_templates(page) -> Locator:
    """ComfyUI's dialog of templates, those of this pack in it.

    It draws itself anew when its lists arrive, and on a busy machine the entry may be gone while it is clicked.
    """
    dialog = page.get_by_role("dialog")
    for attempt in range(3):
        page.evaluate("() => app.extensionManager.command.execute('Comfy.BrowseTemplates')")
        try:
            dialog.get_by_text("ComfyUI-DragNUWA", exact=True).click(timeout=10_000)
            break
        except TimeoutError:
            if attempt == 2:
                raise
    return dialog


@pytest.mark.parametrize("name", NAMES)
def test_the_templates_dialog_shows_and_opens_it(name, template_files, client, page):
    dialog = open_templates(page)
    card = page.get_by_test_id(f"template-workflow-{name}")
    card.wait_for()
    card.scroll_into_view_if_needed()  # a picture is fetched when it is seen
    picture = card.locator("img").first
    picture.wait_for()
    page.wait_for_function("img => img.complete && img.naturalWidth > 0", arg=picture.element_handle())
    card.click()
    page.wait_for_function("n => app.graph.nodes.length === n", arg=len(workflow_of(name)["nodes"]))
    dialog.wait_for(state="detached")
    assert page.evaluate("() => app.graph.nodes.filter(n => n.has_errors).map(n => n.type)") == []
    known = client.object_info()
    assert [node["type"] for node in workflow_of(name)["nodes"] if node["type"] not in {*known, "MarkdownNote"}] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_page_makes_of_it_the_prompt_that_ships(name, page, client):
    """workflows/api/ is what the page exports: after a change of a template, `make workflows` writes it anew."""
    load_workflow(page, workflow_of(name))
    shipped = json.loads((WORKFLOWS / "api" / f"{name}.json").read_text(encoding="utf-8"))
    assert api_prompt(page) == known_to(client, shipped)


def known_to(client, prompt: dict) -> dict:
    """The prompt without the inputs of ComfyUI's nodes that an older ComfyUI lacks, such as CreateVideo's bit_depth."""
    known = client.object_info()
    for node in (node for node in prompt.values() if not node["class_type"].startswith("DragNUWA")):
        inputs = known[node["class_type"]]["input"]
        names = {name for part in inputs.values() for name in part}
        node["inputs"] = {name: value for name, value in node["inputs"].items() if name.split(".")[0] in names}
    return prompt


def test_run_makes_a_video(template_files, page, host):
    """The Run button on the template with text, as it ships, on the embedded model."""
    load_workflow(page, workflow_of("drag_with_text"))
    entry = press_run(page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]
    assert "mp4" in json.dumps(entry["outputs"])
