"""Tests in this folder run inside ComfyUI's own code, on the CPU, without a server.

The host's folder comes first on sys.path, since its `nodes` module and the pack's `nodes/` folder share a name. That is
done here rather than in a fixture so that test modules can import comfy at their top.
"""

import sys
import tempfile
from pathlib import Path

import pytest

from scripts.host import HostProcessError, find_installation

try:
    COMFYUI = find_installation().comfyui
except HostProcessError as error:
    raise pytest.UsageError(str(error)) from error

sys.path.insert(0, str(COMFYUI))

from comfy.cli_args import args

# comfy.model_management and folder_paths read these when they are first imported, and not again.
BASE = tempfile.TemporaryDirectory(prefix="dragnuwa-host-tests-")
args.cpu = True
args.base_directory = BASE.name


@pytest.fixture(scope="session", autouse=True)
def comfy_host():
    """Guarantees that `import comfy` and `import nodes` give the real ComfyUI, on the CPU."""
    import comfy.model_management
    import nodes

    assert Path(nodes.__file__).parent == COMFYUI, f"`import nodes` gave {nodes.__file__}, not ComfyUI's"
    assert comfy.model_management.get_torch_device().type == "cpu"
    yield
    BASE.cleanup()


@pytest.fixture(autouse=True)
def forget_clones():
    """ComfyUI goes on counting a clone that is gone as loaded while another fixture keeps its weights. It takes that
    for a leak and collects all garbage with every sampling and encoding, a third of a second each time."""
    yield
    import comfy.model_management

    loaded = comfy.model_management.current_loaded_models
    loaded[:] = [entry for entry in loaded if not entry.is_dead()]


@pytest.fixture(scope="module")
def parts(golden_file):
    """The golden checkpoint in the host."""
    from dragnuwa.host.fusion import load

    return load.load(golden_file)


@pytest.fixture(scope="module")
def known_pictures_of_the_nodes():
    """What the networks see in a picture is kept from one test to the next, in the pack as `fuzzing.nodes` has it."""
    from tests.fuzzing.nodes import PACK, nodes
    from tests.support.known_pictures import known

    nodes()
    with pytest.MonkeyPatch.context() as patch:
        known(f"{PACK}.dragnuwa").use(patch)
        yield
