"""What the pack says about itself agrees with the running server and with the code: help pages, languages, README.

The frontend fetches a node's help from /extensions/<folder of the pack>/docs/<node id>/<locale>.md, then from
/extensions/<folder>/docs/<node id>.md, and passes over anything that is served as HTML. It falls back to no other
language, so the flat file is the one that ships.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from dragnuwa import trajectory
from dragnuwa.client import Client
from dragnuwa.trajectory import schema, types
from host import ROOT, find_installation

DOCS = ROOT / "web" / "docs"
NODES = sorted(path.stem for path in DOCS.glob("*.md"))
EDITOR = "DragNUWATrajectoryEditor"
PAGES = ("README.md", "CONTRIBUTING.md")
LANGUAGES = ("en", "zh")
FILE_LISTS = {"ckpt_name"}  # choices that are the user's own files have no translation
WIDTH, HEIGHT = 576, 320

# What README and CONTRIBUTING name and a clone does not hold: what make makes, and the user's own weights.
ELSEWHERE = re.compile(r"(\.venv|\.host|output)/|(drag_nuwa_svd|dragnuwa-\S+)\.\w+$")
FILE_NAME = re.compile(r"[\w.*-]+(/[\w.*-]+)*/?$")
FILE_ENDINGS = (".py", ".md", ".json", ".toml", ".txt", ".lock", ".in", ".jpg", ".png", ".safetensors", ".yml", "/")


@pytest.fixture(scope="module")
def nodes(client) -> dict[str, dict]:
    """What the server says of the pack's nodes."""
    found = client.object_info().items()
    return {name: node for name, node in found if node["python_module"].endswith("ComfyUI-DragNUWA")}


@pytest.fixture(scope="module")
def i18n(host) -> dict[str, dict]:
    return requests.get(f"{host.url}/i18n", timeout=30).json()


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def inputs_of(node: dict) -> dict[str, tuple]:
    return {**node["input"].get("required", {}), **node["input"].get("optional", {})}


def page(name: str) -> str:
    return read(f"web/docs/{name}.md")


def section(text: str, title: str) -> str:
    """The lines below a heading, down to the next of the same level or above."""
    level, *_ = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE).groups()
    after = re.split(rf"^{level} {re.escape(title)}$", text, flags=re.MULTILINE)[1]
    return re.split(rf"^#{{1,{len(level)}}} ", after, flags=re.MULTILINE)[0]


def table(text: str) -> list[list[str]]:
    """The cells of every table row, without headings."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    rules = [number for number, row in enumerate(rows) if set("".join(row)) <= set("- :")]
    return [row for number, row in enumerate(rows) if number not in rules and number + 1 not in rules]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


# --- nodes


def test_the_server_has_the_nodes_that_have_a_page(nodes):
    assert sorted(nodes) == NODES


@pytest.mark.parametrize("name", NODES)
def test_everything_has_a_text(name, nodes):
    node = nodes[name]
    assert node["display_name"].startswith("DragNUWA ")
    assert node["description"].endswith(".")
    for kind, options in inputs_of(node).values():
        assert options.get("tooltip", "").endswith("."), (kind, options)
    assert len(node["output_tooltips"]) == len(node["output"])
    assert all((tooltip or "").endswith(".") for tooltip in node["output_tooltips"])


# --- help pages


@pytest.mark.parametrize("name", NODES)
def test_the_help_page_is_served_where_the_frontend_looks(name, nodes, host):
    folder = nodes[name]["python_module"].split(".")[1]
    answer = requests.get(f"{host.url}/extensions/{folder}/docs/{name}.md", timeout=10)
    assert answer.status_code == 200
    assert "text/html" not in answer.headers["content-type"]
    assert answer.content.decode("utf-8") == page(name)


@pytest.mark.parametrize("name", NODES)
def test_the_help_page_lists_inputs_and_outputs(name, nodes):
    node, text = nodes[name], page(name)
    assert text.startswith(f"# {node['display_name']}\n")
    rows = {row[0].strip("`"): row for row in table(section(text, "Inputs"))}
    assert rows.keys() == inputs_of(node).keys()
    outputs = [row[0].strip("`") for row in table(section(text, "Outputs"))]
    assert outputs == node["output_name"]
    for input_name, (kind, options) in inputs_of(node).items():
        values = rows[input_name][2]
        if kind in ("INT", "FLOAT"):
            step = f", step {options['step']:g}" if options.get("step", 1) != 1 else ""
            assert values == f"{options['min']:g} to {options['max']:.15g}{step}; default {options['default']:g}"
        elif kind == "COMBO" and input_name not in FILE_LISTS:
            choices = ", ".join(f"`{option}`" for option in options["options"])
            assert values == f"{choices}; default {options['default']}"
        elif kind not in ("COMBO", "STRING"):
            optional = ", optional" if input_name in node["input"].get("optional", {}) else ""
            assert values == f"{kind}{optional}"


@pytest.mark.parametrize("name", NODES)
def test_a_page_has_its_sections(name):
    text = page(name)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[-2:] == ["When it says", "Limits"]
    assert section(text, "Example").strip()


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in NODES for text in blocks(page(name), "json")])
def test_every_example_is_read(name, text):
    drags = trajectory.parse(text, width=WIDTH, height=HEIGHT)
    assert drags.tracks
    points, visible = drags.sample(14, WIDTH, HEIGHT)
    assert points.shape[:2] == visible.shape == (len(drags.tracks), 14)


@pytest.mark.parametrize("name", NODES)
def test_every_message_that_a_page_quotes_exists(name, messages):
    rows = table(section(page(name), "When it says"))
    assert rows
    for quote, remedy in rows:
        assert remedy.endswith(".")
        quote = quote.removeprefix("… ")
        likely = [message for message in messages if re.fullmatch(message, quote)]
        literal = max((len(message.replace(".+?", "").replace("\\", "")) for message in likely), default=0)
        assert literal > len(quote) / 3, f"no error of the code reads: {quote}"


def test_the_errors_that_the_editors_page_shows_are_those_of_the_code():
    shown = re.findall(r"^`(.+)` gives\n\n> (.+)$", page(EDITOR), re.MULTILINE)
    assert shown
    for value, message in shown:
        with pytest.raises(trajectory.TrajectoryError) as caught:
            trajectory.parse(value, width=WIDTH, height=HEIGHT)
        assert str(caught.value) == message


@pytest.fixture(scope="module")
def messages() -> set[str]:
    """Every text in the code as a pattern, whole and up to each of its sentences; inserted values match anything."""
    files = [*ROOT.glob("dragnuwa/**/*.py"), *ROOT.glob("nodes/*.py"), find_installation().comfyui / "nodes.py"]
    texts = {text for file in files for text in _texts(ast.parse(file.read_text(encoding="utf-8")))}
    return {pattern for text in texts for pattern in _sentences(text)}


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _sentences(text: str) -> Iterator[str]:
    ends = {match.end() for match in re.finditer(r"\.(?= )|(?=\n)", text)} | {len(text)}
    return (re.escape(text[:end]).replace("…", ".+?") for end in ends)


# --- the trajectory format


def test_the_editors_page_has_every_field_and_value_of_the_format():
    text = section(page(EDITOR), "The format")
    tables = {
        title: [row[0].strip("`") for row in table(section(text, title))]
        for title in ("The whole value", "A track", "A point")
    }
    assert tables["The whole value"] == list(schema._KEYS)
    assert tables["A track"] == list(schema._TRACK_KEYS)
    assert tables["A point"] == list(schema._POINT_KEYS)
    values = {row[0].strip("`"): re.findall(r"`(\w+)`", row[2]) for row in table(section(text, "A track"))}
    assert values["kind"] == list(types.KINDS)
    assert values["spline"] == list(types.SPLINES)
    assert values["timing"] == list(types.TIMINGS)
    assert values["ease"] == list(types.EASES)
    for choice in (*types.SPLINES, *types.TIMINGS):
        assert re.search(rf"^- `{choice}`", text, re.MULTILINE), f"{choice} is not explained"
    for limit in (types.MAX_TRACKS, types.MAX_POINTS, types.MAX_TOTAL_POINTS, types.MAX_NAME, types.MAX_SIDE):
        assert f"{limit:,}" in text
    assert f"{types.MAX_COORDINATE:,.0f}" in text
    assert f"{types.MAX_TEXT_BYTES // 2**20} MiB" in text


def test_the_editors_page_has_the_defaults_of_the_format():
    least = {"type": types.TYPE, "version": types.VERSION, "tracks": [{"points": [{"x": 0.5, "y": 0.5}]}]}
    written = json.loads(trajectory.parse(json.dumps(least), width=WIDTH, height=HEIGHT).to_json())
    (track,) = written["tracks"]
    rows = {row[0].strip("`"): row[2] for row in table(section(page(EDITOR), "A track"))}
    assert rows.pop("points").endswith("; required")
    assert {name: json.loads(re.search("; default `(.+?)`", cell)[1]) for name, cell in rows.items()} == {
        name: value for name, value in track.items() if name != "points"
    }


# --- languages


def english(node: dict) -> dict:
    """The locale entry that says just what the schema says."""
    inputs = {}
    for name, (kind, options) in inputs_of(node).items():
        inputs[name] = {"name": options.get("display_name") or name, "tooltip": options["tooltip"]}
        if kind == "COMBO" and name not in FILE_LISTS:
            inputs[name]["options"] = {option: option for option in options["options"]}
    outputs = zip(node["output_name"], node["output_tooltips"], strict=True)
    return {
        "display_name": node["display_name"],
        "description": node["description"],
        "inputs": inputs,
        "outputs": {str(index): {"name": name, "tooltip": tooltip} for index, (name, tooltip) in enumerate(outputs)},
    }


def leaves(value: dict | str, path: str = "") -> dict[str, str]:
    if isinstance(value, str):
        return {path: value}
    return {key: text for name, inner in value.items() for key, text in leaves(inner, f"{path}/{name}").items()}


@pytest.mark.parametrize("name", NODES)
def test_english_is_the_schema(name, nodes, i18n):
    """After a change of a schema, make the same change in locales/en/nodeDefs.json."""
    assert i18n["en"]["nodeDefs"][name] == english(nodes[name])


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text(language, name, nodes, i18n):
    texts = leaves(i18n[language]["nodeDefs"][name])
    assert texts.keys() == leaves(english(nodes[name])).keys()
    for key, text in texts.items():
        assert text.strip(), key
        assert not set(text) & set("{}|@"), f"{key}: the frontend's translator takes these as its own signs"


def test_chinese_is_chinese(nodes, i18n):
    for key, text in leaves(i18n["zh"]["nodeDefs"]).items():
        if not key.endswith("/name"):  # names such as vae stay
            assert re.search(r"[\u4e00-\u9fff]", text), key


def test_a_language_has_no_node_that_is_gone():
    for language in LANGUAGES:
        texts = json.loads(read(f"locales/{language}/nodeDefs.json"))
        assert sorted(texts) == NODES


# --- README and CONTRIBUTING


@pytest.mark.parametrize("name", PAGES)
def test_links_and_file_names_lead_somewhere(name):
    prose = re.sub(r"^```.*?^```$", "", read(name), flags=re.MULTILINE | re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", prose) if not re.match(r"https?://|#", link)]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
    quoted = [text for text in re.findall(r"`([^`\n]+)`", prose) if not ELSEWHERE.search(text)]
    files = [text for text in quoted if text.endswith(FILE_ENDINGS) and FILE_NAME.match(text)]
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_templates_exist():
    text = "\n".join([*map(read, PAGES), *map(page, NODES)])
    templates = set(re.findall(r"[Tt]emplate\s`(\w+)`", text))
    assert templates == {path.stem for path in ROOT.glob("workflows/*.json")}


def test_commands_and_addresses_exist():
    text = "\n".join(map(read, PAGES))
    targets = set(re.findall(r"(?:^|`|=\S+ )make ([a-z]+)", text, re.MULTILINE))
    assert {"demo", "test", "setup", "lock"} <= targets
    assert [target for target in targets if not re.search(rf"^{target}:", read("Makefile"), re.MULTILINE)] == []
    repository = re.search(r'^Repository = "(.+)"$', read("pyproject.toml"), re.MULTILINE)[1]
    assert re.findall(r"git clone (\S+)", text) == [repository]


def test_readme_names_every_node(nodes):
    rows = table(read("README.md"))
    listed = {name[1]: row for row in rows if (name := re.match(r"\[`(DragNUWA\w+)`\]", row[0]))}
    assert sorted(listed) == NODES
    for name, (_, inputs, outputs, *_) in listed.items():
        assert re.findall(r"`(\w+)`", inputs) == list(inputs_of(nodes[name]))
        assert re.findall(r"`(\w+)`", outputs) == nodes[name]["output_name"]


def readme_blocks(language: str, word: str) -> list[str]:
    return [code for code in blocks(read("README.md"), language) if word in code]


def test_readmes_library_example_runs():
    (code,) = readme_blocks("python", "flow.encode")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == re.search(r"print\(.*#\s*(.+)", code)[1].strip()


def test_readmes_client_example_uses_what_the_client_has():
    (code,) = readme_blocks("python", "Client")
    called = [node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)]
    for method in ("upload_image", "run", "download"):
        assert method in called and hasattr(Client, method)
    loaded, node_id = re.search(r'open\("(.+?)"\)', code)[1], re.search(r'prompt\["(\d+)"\]', code)[1]
    prompt = json.loads(read(loaded))
    assert prompt[node_id]["class_type"] == "LoadImage"


def test_readmes_curl_command_sends_a_prompt(client, host):
    """With a curl that only shows what it would send; the server's own answer says whether that is a prompt."""
    (command,) = readme_blocks("bash", "curl")
    assert "/prompt" in command and "8188" in command
    script = f"curl() {{ cat; }}\n{command}"
    body = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, check=True).stdout
    answer = requests.post(f"{host.url}/prompt", data=body, timeout=30).json()
    if "prompt_id" in answer:
        client.interrupt(answer["prompt_id"])
    missing = [error["type"] for node in answer.get("node_errors", {}).values() for error in node["errors"]]
    assert "prompt_id" in answer or missing, answer
    assert set(missing) <= {"value_not_in_list", "custom_validation_failed"}, answer  # no such model, no such picture


def test_the_map_of_files_is_whole():
    text = read("CONTRIBUTING.md")
    mapped = set(_tree(blocks(text, "text")[0]))
    assert [str(path) for path in mapped if not (ROOT / path).exists()] == []
    modules = [*ROOT.glob("nodes/*.py"), *ROOT.glob("dragnuwa/*.py"), *ROOT.glob("dragnuwa/host/*.py")]
    assert {path.relative_to(ROOT) for path in modules if path.name != "__init__.py"} <= mapped


def _tree(text: str) -> Iterator[Path]:
    """The paths of a tree in which two spaces of indentation go one folder down."""
    folders: list[str] = []
    for line in text.splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth:] = [name]
        yield Path(*folders)
