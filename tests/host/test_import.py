"""What may be missing when the pack or its library is imported. Each in a Python of its own."""

import subprocess
import sys
from pathlib import Path

import folder_paths

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


def run(code: str, *arguments: Path) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_library_needs_no_comfyui():
    run(LIBRARY)


def test_the_nodes_load_without_opencv():
    assert "DragNUWAPreviewTrajectories" in run(PACK, ROOT, COMFYUI)
