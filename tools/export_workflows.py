"""Writes the templates in workflows/, each with its picture and its API format, and the blueprints in subgraphs/.

    make workflows
    .venv/bin/python tools/export_workflows.py camera_move     that template only, and all blueprints

Run it after a change of a description in tools/template_sources/ or tools/blueprint_sources/, or of a node in one.
`template_pictures` makes the pictures.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page

from dragnuwa.remote.client import Client
from scripts.frontend import api_prompt, load_workflow, open_browser, open_page
from scripts.host import PICTURES, ROOT, HostProcess, find_installation
from tests.support import stand_ins
from tools import templates
from tools.template_pictures import EDITOR, moving_picture

WORKFLOWS = ROOT / "workflows"
SUBGRAPHS = ROOT / "subgraphs"


def main() -> int:
    described = templates.template_sources()
    names = sys.argv[1:] or list(described)
    installation = find_installation()
    for folder in ("api", templates.MORE):
        (WORKFLOWS / folder).mkdir(parents=True, exist_ok=True)
    SUBGRAPHS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as base:
        stand_ins.place(Path(base))  # for nodes of other packs
        with HostProcess(installation.python, installation.comfyui, base) as server:
            shutil.copytree(PICTURES, server.input_directory, dirs_exist_ok=True)
            with open_browser() as browser, open_page(browser, server.url) as page:
                for blueprint in templates.blueprints():
                    _write(SUBGRAPHS / f"{blueprint.title}.json", templates.build_blueprint(page, blueprint))
                prompts = {name: _export(page, name, described[name]) for name in names}
            for name, prompt in prompts.items():  # after the browser, whose event loop a client cannot share
                file = WORKFLOWS / f"{described[name].path}.jpg"
                file.write_bytes(moving_picture(drawn(prompt, described[name]), Client(server.url), Path(base)))
                print(f"{file.name}: {file.stat().st_size // 1024} KB")
    return 0


def _export(page: Page, name: str, template: templates.Template) -> dict:
    """Writes the workflow and api/NAME.json; gives the latter."""
    workflow = templates.build(page, template, name)
    _write(WORKFLOWS / f"{template.path}.json", workflow)
    load_workflow(page, workflow)
    prompt = api_prompt(page)
    _write(WORKFLOWS / "api" / f"{name}.json", prompt)
    return prompt


def drawn(prompt: dict, template: templates.Template) -> dict:
    """The prompt with the drags that the template's picture shows."""
    if not template.shown_drags:
        return prompt
    drags = {"trajectories": template.shown_drags}
    return {
        key: node | {"inputs": node["inputs"] | drags} if node["class_type"] == EDITOR else node
        for key, node in prompt.items()
    }


def _write(file: Path, value: dict) -> None:
    file.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(file.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())
