"""A ComfyUI whose log takes ASCII only, with the pack in a folder whose name has a space."""

import pytest

from dragnuwa.remote.client import Client, NodeError
from scripts.host import ROOT, HostProcess, find_installation
from tests.support.prompts import node

GOOD = '[[{"x": 10, "y": 10}, {"x": 50, "y": 40}]]'
SIZE = {"width": 64, "height": 64}
HOSTILE_TEXTS = {
    "half a character in a list": '["\ud800"]',
    "half a character in a key": '{"type":"dragnuwa.trajectories","version":1,"tracks":[],"note \\ud83d":1}',
    "half a character in what is no JSON": "{\ud800",
    "a key twice": '{"\\ud800": 1, "\\ud800": 2}',
    "letters that an ASCII log cannot hold": '["\u540d"]',
    "a terminal's command": '["\x1b[2J"]',
    "columns of a table": "frame,track,x,y,visible\n0,1,\ud800,2,1",
}


@pytest.fixture(scope="module")
def unusual(tmp_path_factory):
    """The server."""
    base = tmp_path_factory.mktemp("unusual")
    custom_nodes = base / "custom_nodes"
    custom_nodes.mkdir()
    (custom_nodes / "drag nuwa").symlink_to(ROOT, target_is_directory=True)
    installation = find_installation()
    environment = {"PYTHONIOENCODING": "ascii"}
    with HostProcess(installation.python, installation.comfyui, base, environment=environment) as server:
        yield server


def editor(text: str) -> dict:
    return node("DragNUWATrajectoryEditor", trajectories=text, **SIZE, frames=2, fit="crop")


def importer(text: str) -> dict:
    return {"class_type": "DragNUWAImportTrajectories", "inputs": {"text": text, **SIZE, "flo": "", "interval": 16}}


def exporter(prefix: str) -> dict:
    inputs = {"trajectories": GOOD, **SIZE, "frames": 2, "format": "csv", "filename_prefix": prefix}
    return {"class_type": "DragNUWAExportTrajectories", "inputs": inputs}


def prompt(node: dict) -> dict:
    return {"1": node, "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}}}


def failure(server: HostProcess, node: dict) -> str:
    """The message of the node's error. It was printed, since the server's thread that prints it goes on."""
    client = Client(server.url)
    with pytest.raises(NodeError) as error:
        client.run(prompt(node), timeout=30)
    assert client.run(prompt(importer(GOOD)), timeout=30).status == "success"
    assert error.value.message.isascii()
    return error.value.message


@pytest.mark.parametrize("case", HOSTILE_TEXTS)
@pytest.mark.parametrize("node", [importer, editor])
def test_no_text_of_drags_stops_the_server(unusual, node, case):
    message = failure(unusual, node(HOSTILE_TEXTS[case]))
    assert len(message) < 500
    assert message in unusual.log()


@pytest.mark.parametrize("name", ["wing\ud800", "../\u540d", "a\0b", "wi\nng"])
def test_no_name_of_a_file_stops_the_server(unusual, name):
    assert "filename_prefix" in failure(unusual, exporter(name))
    source = importer("")
    source["inputs"]["flo"] = name
    failure(unusual, source)


def test_a_report_quotes_foreign_keys(unusual):
    """It is shown on the node and sent to the page, as an error is."""
    odd = '[[{"x": 1, "y": 2, "z\\ud800": 3}, {"x": 4, "y": 5}]]'
    result = Client(unusual.url).run(prompt(importer(odd)), timeout=30)
    assert "z\\ud800" in result.outputs["1"]["text"][0]


def test_a_folder_that_the_page_cannot_be_served_from_is_named_in_the_log(unusual):
    assert 'from a folder called "drag nuwa"' in unusual.boot_log
    assert "Rename the folder" in unusual.boot_log
