"""What may be missing when the pack is imported, in a Python of its own. Its library is all that tests/unit imports."""

import json
import shutil
import subprocess
from pathlib import Path

import folder_paths
import pytest

from tests.support.commands import run_python

ROOT = Path(__file__).resolve().parents[2]
COMFYUI = Path(folder_paths.__file__).parent

# One process loads several folders with the pack in them, since ComfyUI's own modules take far longer than the pack.
# OpenCV and kornia are missing in it. It prints the nodes of each pack; for each node of the first one what its error
# says, or None where it runs; and the libraries that importing the first one has brought. From the second on, ComfyUI
# lacks the version of its interface that the pack names.
PACKS = """
import asyncio, importlib.util, json, sys
comfyui, *roots = sys.argv[1:]
sys.path.insert(0, comfyui)
from comfy.cli_args import args
args.cpu = True
import execution, nodes, server, torch  # what ComfyUI's server imports
before = set(sys.path)
sys.modules["cv2"] = sys.modules["kornia"] = None  # as on a server where OpenCV cannot load its graphics libraries
picture, mask, size = torch.rand(1, 64, 64, 3), torch.ones(1, 64, 64), {"width": 64, "height": 64}
given = {
    "image": picture, "images": picture.expand(2, -1, -1, -1), "picture": picture, "mask": mask, "masks": mask,
    "trajectories": '[[{"x": 10, "y": 10}, {"x": 50, "y": 40}]]', "frames": 2, **size, "text": "[]",
}

def error_of(node):
    inputs = {one.id: getattr(one, "default", None) for one in node.define_schema().inputs}
    inputs |= {name: value for name, value in given.items() if name in inputs}
    try:
        node.execute(**inputs)
    except Exception as error:
        return [type(error).__name__, str(error)]

for number, root in enumerate(roots):
    name, known = f"pack{number}", set(sys.modules)
    spec = importlib.util.spec_from_file_location(name, root + "/__init__.py", submodule_search_locations=[root])
    pack = importlib.util.module_from_spec(spec)
    sys.modules[name] = pack
    if number == 1:
        sys.modules["comfy_api.v0_0_2"] = None
    spec.loader.exec_module(pack)
    assert name + ".nodes" not in sys.modules, "importing the pack must not import its nodes"
    extension = asyncio.run(pack.comfy_entrypoint())
    nodes = asyncio.run(extension.get_node_list())
    brought = sorted({module.partition(".")[0] for module in set(sys.modules) - known} - {name})
    assert set(sys.path) == before, "importing the pack must not change sys.path"
    ids = [node.define_schema().node_id for node in nodes]
    told = {}
    if number == 0:
        told = {id: error_of(node) for id, node in zip(ids, nodes)}
        editor = nodes[ids.index("DragNUWATrajectoryEditor")]
        editor.execute(given["trajectories"], 64, 64, 2, "crop", image=picture)  # without masks
    print(json.dumps([ids, told, brought]))
"""

NEW_NODE = """
from ..dragnuwa.host.node_api import io
class New(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(node_id="DragNUWANew")
"""


LIST = "NODES: list[type[io.ComfyNode]] = [\n"


def copy_with(folder: Path, name: str, code: str) -> Path:
    """The pack, in `folder`, with one more file of nodes, and its class New in the list."""
    for part in ("nodes", "dragnuwa"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "__init__.py", folder)
    (folder / "nodes" / name).write_text(code, encoding="utf-8")
    listing = folder / "nodes" / "__init__.py"
    before = listing.read_text(encoding="utf-8")
    assert before.count(LIST) == 1
    listing.write_text(
        before.replace(LIST, f"from .{Path(name).stem} import New\n\n{LIST}    New,\n"), encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def packs(tmp_path_factory) -> subprocess.CompletedProcess:
    """The pack as it is, with a new node, and last with a file that cannot be imported."""
    new = copy_with(tmp_path_factory.mktemp("new"), "new.py", NEW_NODE)
    broken = copy_with(tmp_path_factory.mktemp("broken"), "broken.py", "import no_such_module_of_a_node")
    return run_python("-c", PACKS, COMFYUI, ROOT, new, broken)


@pytest.fixture(scope="module")
def nodes(packs) -> list[tuple[list[str], dict[str, list[str] | None], list[str]]]:
    """As they are and with the new one: the ids, each as often as it is listed, the errors of the former, and the
    libraries that came with it."""
    lines = [json.loads(line) for line in packs.stdout.splitlines() if line.startswith("[[")]
    assert len(lines) == 2, packs.stderr
    return lines


def test_the_nodes_load_without_opencv(nodes):
    assert "DragNUWAPreviewTrajectories" in nodes[0][0]


NEED_OPENCV = {
    f"DragNUWA{name}"
    for name in (
        "CameraFromVideo", "CameraInDepth", "Carry", "DragAnythingApply", "EditVideo", "FindObjects", "MovePicture",
        "ObjMC", "ObjectsFromMasks", "PreviewTrajectories", "RestoreDetail", "SampleTrajectories", "TieVideo",
        "TrajectoryEditor",
    )
}  # fmt: skip


def test_a_node_says_what_to_run_where_opencv_is_missing(nodes):
    """The others run, as does the editor where it is given no masks, and none needs kornia."""
    told = nodes[0][1]
    failed = {node: error for node, error in told.items() if error and "cv2" in error[1]}
    assert set(failed) == NEED_OPENCV
    for kind, message in failed.values():
        assert kind == "PackageError" and 'Run python -m pip install "opencv-python>=' in message
        assert "\n" not in message and str(ROOT) not in message
    assert not [node for node, error in told.items() if error and error[0] in ("ImportError", "ModuleNotFoundError")]
    assert all(told[f"DragNUWA{name}"] is None for name in ("EncodeTrajectories", "CameraMotion", "MotionBrush"))


def test_a_file_with_a_node_and_its_line_in_the_list_are_all_that_a_new_node_takes(nodes):
    before, after = (ids for ids, _, _ in nodes)
    assert len(set(after)) == len(after)
    assert set(after) - set(before) == {"DragNUWANew"} and set(before) < set(after)


def test_a_file_that_cannot_be_imported_is_logged_and_raised(packs):
    assert packs.returncode != 0
    assert "DragNUWA could not be loaded." in packs.stderr
    assert packs.stderr.count("No module named 'no_such_module_of_a_node'") == 2  # in the log, and as it is raised


def test_the_pack_brings_no_library_that_comfyui_has_not_loaded(nodes):
    """kornia, say, waits until a node runs: it would hold up every start of ComfyUI."""
    assert nodes[0][2] == []
