"""What README, CONTRIBUTING and the pages in docs/ say is so: files, commands, templates, nodes, examples."""

from __future__ import annotations

import ast
import json
import re
import subprocess

import pytest
import requests

from dragnuwa.remote.client import Client
from scripts.host import ROOT
from tests.integration.documentation.reading import blocks, page, read, section, table
from tests.integration.node_ids import NODES
from tests.support.commands import run_python

PAGES = ("README.md", "CONTRIBUTING.md", *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md")))
TEMPLATES_PAGE = "docs/templates.md"
README_LINES = 120

# What the pages name and a clone does not hold: what make makes, and the user's own weights.
ELSEWHERE = re.compile(r"(\.venv|\.host|dist|output|site)/|(drag_nuwa_svd|dragnuwa-\S+)\.\w+$")
FILE_NAME = re.compile(r"[\w.*-]+(/[\w.*-]+)*/?$")
CODE = ("nodes/**/*.py", "dragnuwa/**/*.py", "web/**/*.js", "scripts/**/*.py", "tools/**/*.py", "benchmarks/**/*.py")
FILE_ENDINGS = (".py", ".md", ".json", ".toml", ".txt", ".lock", ".in", ".jpg", ".png", ".safetensors", ".yml", "/")


def test_readme_is_short():
    assert len(read("README.md").splitlines()) <= README_LINES


@pytest.mark.parametrize("name", PAGES)
def test_quoted_files_exist(name):
    prose = re.sub(r"^```.*?^```$", "", read(name), flags=re.MULTILINE | re.DOTALL)
    quoted = [text for text in re.findall(r"`([^`\n]+)`", prose) if not ELSEWHERE.search(text)]
    files = [text for text in quoted if text.endswith(FILE_ENDINGS) and FILE_NAME.match(text)]
    if name.startswith("docs/"):  # which also name files of others, as examples
        files = [text for text in files if "/" in text and (ROOT / text.split("/")[0]).exists()]
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_templates_exist():
    """Those that a page names; docs/templates.md names all, each under its folder."""
    shown, more = ({path.stem for path in ROOT.glob(f"workflows/{folder}*.json")} for folder in ("", "more/"))
    listed = [row for row in table(read(TEMPLATES_PAGE)) if len(row) == 4]
    names = [re.search(r"`([^`]+)`", row[1])[1] for row in listed]
    assert (set(names[: len(shown)]), set(names[len(shown) :])) == (shown, more)
    text = "\n".join([*map(read, PAGES), *map(page, NODES)])
    named = re.findall(r"[Tt]emplate,?\s+`([^`]+)`", text)
    assert named and set(named) <= shown | more
    rows = table(section(read("docs/recipes/models.md"), "With SVD, Wan, LTX-2 or MiniMax H3"))
    assert {row[0].strip("`") for row in rows if row[0].startswith("`")} <= shown | more


def test_commands_and_addresses_exist():
    text = "\n".join(map(read, PAGES))
    targets = set(re.findall(r"(?:^|`|=\S+ )make ([a-z]+)", text, re.MULTILINE))
    assert {"demo", "test", "setup", "lock"} <= targets
    assert [target for target in targets if not re.search(rf"^{target}:", read("Makefile"), re.MULTILINE)] == []
    repository = re.search(r'^Repository = "(.+)"$', read("pyproject.toml"), re.MULTILINE)[1]
    assert re.findall(r"git clone (\S+)", text) == [repository]


def test_the_page_of_nodes_names_every_node(nodes):
    listed = {row[2].strip("`"): row for row in table(read("docs/nodes.md"))}
    assert sorted(listed) == NODES
    for name, (link, does, _) in listed.items():
        assert (link, does) == (f"[{nodes[name]['display_name']}](../web/docs/{name}.md)", nodes[name]["description"])


def test_the_librarys_example_runs():
    (code,) = blocks(read("docs/library.md"), "python")
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == re.search(r"print\(.*#\s*(.+)", code)[1].strip()


def test_the_clients_example_uses_what_the_client_has():
    (code,) = blocks(read("docs/api.md"), "python")
    called = [node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)]
    for method in ("upload_image", "run", "download"):
        assert method in called and hasattr(Client, method)
    loaded, node_id = re.search(r'open\("(.+?)"\)', code)[1], re.search(r'prompt\["(\d+)"\]', code)[1]
    prompt = json.loads(read(loaded))
    assert prompt[node_id]["class_type"] == "LoadImage"


def test_the_curl_command_sends_a_prompt(client, host):
    """With a curl that only shows what it would send; the server's own answer says whether that is a prompt."""
    (command,) = (code for code in blocks(read("docs/api.md"), "bash") if "curl" in code)
    assert "/prompt" in command and "8188" in command
    script = f"curl() {{ cat; }}\n{command}"
    body = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, check=True).stdout
    answer = requests.post(f"{host.url}/prompt", data=body, timeout=30).json()
    if "prompt_id" in answer:
        client.interrupt(answer["prompt_id"])
    missing = [error["type"] for node in answer.get("node_errors", {}).values() for error in node["errors"]]
    assert "prompt_id" in answer or missing, answer
    assert set(missing) <= {"value_not_in_list", "custom_validation_failed"}, answer  # no such model, no such picture


def test_the_map_names_every_folder_with_code():
    """By its name, at the line of the folder that it is in, or on a line of its own below that."""
    named = set(re.findall(r"([a-z_]+)/", blocks(read("CONTRIBUTING.md"), "text")[0]))
    folders = {path.parent for pattern in CODE for path in ROOT.glob(pattern)}
    folders |= {path for path in ROOT.glob("tests/[a-z]*") if path.is_dir()}
    names = {part for path in folders for part in path.relative_to(ROOT).parts}
    assert folders
    assert names - named == set()
    every = {path.name for path in ROOT.rglob("*") if path.is_dir() and ".host" not in path.parts}
    assert named - every == set()
