"""What may be missing when the pack or its library is imported. Each in a Python of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import folder_paths
import pytest

from benchmarks import pack_import

ROOT = Path(__file__).resolve().parents[2]
COMFYUI = Path(folder_paths.__file__).parent

LIBRARY = """
import sys
sys.modules["comfy"] = None  # importing it is an error
from dragnuwa import adapter, checkpoint, client, clip_shape, flow, images, trajectory
from dragnuwa.overlay import maps, tracks
"""

PACK = """
import asyncio, importlib.util, sys
root, comfyui = sys.argv[1:]
sys.path.insert(0, comfyui)
from comfy.cli_args import args
args.cpu = True
before = set(sys.path)
sys.modules["cv2"] = None  # as on a server where OpenCV cannot load its graphics libraries
spec = importlib.util.spec_from_file_location("pack", root + "/__init__.py", submodule_search_locations=[root])
pack = importlib.util.module_from_spec(spec)
sys.modules["pack"] = pack
spec.loader.exec_module(pack)
assert "pack.nodes" not in sys.modules, "importing the pack must not import its nodes"
extension = asyncio.run(pack.comfy_entrypoint())
nodes = asyncio.run(extension.get_node_list())
print(len(nodes), *(node.define_schema().node_id for node in nodes))
assert set(sys.path) == before, "importing the pack must not change sys.path"
"""

NEW_NODE = """
from comfy_api.latest import io
from .apply import Apply
class New(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(node_id="DragNUWANew")
"""


def run(code: str, *arguments: Path) -> str:
    result = start(code, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def start(code: str, *arguments: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def pack(tmp_path) -> Path:
    """The pack with a nodes/ folder of its own to write to."""
    shutil.copy(ROOT / "__init__.py", tmp_path)
    shutil.copytree(ROOT / "nodes", tmp_path / "nodes", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "dragnuwa", tmp_path / "dragnuwa", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_library_needs_no_comfyui():
    run(LIBRARY)


@pytest.fixture(scope="module")
def ids() -> list[str]:
    """Of the nodes as they are, each as often as it is listed."""
    return run(PACK, ROOT, COMFYUI).split()[1:]


def test_the_nodes_load_without_opencv(ids):
    assert "DragNUWAPreviewTrajectories" in ids


def test_a_file_with_a_node_is_all_that_a_new_node_takes(ids, pack):
    (pack / "nodes" / "new.py").write_text(NEW_NODE, encoding="utf-8")
    after = run(PACK, pack, COMFYUI).split()[1:]
    assert len(set(after)) == len(after)
    assert set(after) - set(ids) == {"DragNUWANew"} and set(ids) < set(after)


def test_a_file_that_cannot_be_imported_is_logged_and_raised(pack):
    (pack / "nodes" / "broken.py").write_text("import no_such_module_of_a_node", encoding="utf-8")
    done = start(PACK, pack, COMFYUI)
    assert done.returncode != 0
    assert "DragNUWA could not be loaded." in done.stderr
    assert done.stderr.count("No module named 'no_such_module_of_a_node'") == 2  # in the log, and as it is raised


def test_the_pack_brings_no_library_that_comfyui_has_not_loaded():
    """kornia, say, waits until a node runs: it would hold up every start of ComfyUI."""
    assert pack_import.measure(COMFYUI)["libraries"] == []
