"""Writes the templates in workflows/ and what belongs to each: its API format, made by ComfyUI's own page, and its
picture.

    make workflows
    .venv/bin/python tools/export_workflows.py camera_move     that one only

Run it after a change of a template. One that is described in tools/template_sources/ is made anew from there; others
are made by hand and stay as they are. `template_pictures` makes the pictures.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in (".", "scripts")]

from playwright.sync_api import Page

import templates
from dragnuwa.client import Client
from frontend import api_prompt, load_workflow, open_browser, open_page
from host import ROOT, HostProcess, find_installation
from template_pictures import template_picture

WORKFLOWS = ROOT / "workflows"


def main() -> int:
    described = templates.sources()
    names = sys.argv[1:] or sorted({path.stem for path in WORKFLOWS.glob("*.json")} | set(described))
    installation = find_installation()
    (WORKFLOWS / "api").mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as base,
        HostProcess(installation.python, installation.comfyui, base) as server,
    ):
        shutil.copytree(installation.comfyui / "input", server.input_directory, dirs_exist_ok=True)
        with open_browser() as browser, open_page(browser, server.url) as page:
            prompts = {name: _export(page, name, name in described) for name in names}
        for name, prompt in prompts.items():  # after the browser, whose event loop a client cannot share
            picture = template_picture(prompt, Client(server.url), Path(base))
            picture.save(WORKFLOWS / f"{name}.jpg", quality=88)
            print(f"{name}: a picture of {picture.width}x{picture.height}")
    return 0


def _export(page: Page, name: str, described: bool) -> dict:
    """Writes NAME.json, where it is described, and api/NAME.json; gives the latter."""
    file = WORKFLOWS / f"{name}.json"
    if described:
        workflow = templates.build(page, name)
        file.write_text(json.dumps(workflow, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    load_workflow(page, json.loads(file.read_text(encoding="utf-8")))
    prompt = api_prompt(page)
    (WORKFLOWS / "api" / file.name).write_text(json.dumps(prompt, indent=1) + "\n", encoding="utf-8")
    print(f"{name}: {len(prompt)} nodes")
    return prompt


if __name__ == "__main__":
    sys.exit(main())
