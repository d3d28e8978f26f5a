"""The templates' photographs: the page's list, the files, their licences and the templates agree."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "web" / "pictures"
MOST_BYTES = 1_000_000


def test_the_page_knows_those_that_ship_and_each_has_an_author_and_a_licence():
    code = (ROOT / "web" / "comfyui" / "example_pictures.js").read_text(encoding="utf-8")
    listed = re.findall(r"^  '([\w.-]+)',$", code, re.MULTILINE)
    files = sorted(path.name for path in PICTURES.iterdir() if path.suffix != ".md")
    assert listed == files
    rows = re.findall(
        r"^\| `([\w.-]+)` \|.* by .* \|", (PICTURES / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(rows) == files
    assert sum((PICTURES / name).stat().st_size for name in files) < MOST_BYTES


def test_templates_load_nothing_else():
    prompts = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "workflows" / "api").glob("*.json")]
    nodes = [node for prompt in prompts for node in prompt.values()]
    widgets = {"LoadImage": "image", "LoadVideo": "file"}
    named = {node["inputs"][widgets[node["class_type"]]] for node in nodes if node["class_type"] in widgets}
    assert named == {path.name for path in PICTURES.iterdir() if path.suffix != ".md"}


def test_the_dialog_shows_no_picture_twice():
    """By what its templates load: a video of a photograph is that photograph."""
    workflows = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "workflows").glob("*.json")]
    nodes = [node for workflow in workflows for node in workflow["nodes"]]
    loaders = [node for node in nodes if node["type"] in ("LoadImage", "LoadVideo")]
    assert len({Path(node["widgets_values"][0]).stem for node in loaders}) == len(workflows) == 12
