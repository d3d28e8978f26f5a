"""What all tests share: the golden files, and hypothesis that measures correctness, not how busy the machine is, nor
chance: it draws the same examples in each run, and others in an exhaustive one."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from hypothesis import settings
from safetensors import safe_open
from safetensors.torch import save_file

OUR_GOLDEN = Path(__file__).parent / "golden"
GOLDEN = Path(os.environ.get("GOLDEN_DRAGNUWA") or OUR_GOLDEN).resolve()
GOLDEN_DRAGANYTHING = Path(os.environ.get("GOLDEN_DRAGANYTHING") or OUR_GOLDEN / "draganything").resolve()

from tests.golden.draganything.make_checkpoint import draw  # noqa: E402
from tests.golden.make_checkpoint import weights  # noqa: E402
from tests.support import random_checkpoint  # noqa: E402
from tests.support.exhaustive import EXHAUSTIVE, some  # noqa: E402

FIGURES = pytest.StashKey()

settings.register_profile(
    "dragnuwa", deadline=None, print_blob=True, max_examples=some(50, 200), derandomize=not EXHAUSTIVE
)
settings.load_profile("dragnuwa")


@pytest.fixture(scope="session")
def golden() -> Path:
    """What the original network computed: tests/golden, or a folder of the same form that GOLDEN_DRAGNUWA names."""
    return GOLDEN


@pytest.fixture(scope="session")
def manifest() -> dict:
    return json.loads((GOLDEN / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def golden_weights(manifest) -> dict[str, torch.Tensor]:
    """Random weights in the released key layout, float16. Not to be changed in place."""
    return {key: torch.from_numpy(array) for key, array in weights(manifest).items()}


@pytest.fixture(scope="session")
def golden_file(manifest, golden_weights, tmp_path_factory) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("golden") / "golden.safetensors"
    save_file(golden_weights, path, metadata={"config": json.dumps(manifest["config"])})
    return path


@pytest.fixture(scope="session")
def random_file(tmp_path_factory) -> Path:
    """A small checkpoint of random weights with every part."""
    path = tmp_path_factory.mktemp("random") / "random.safetensors"
    random_checkpoint.write(path)
    return path


@dataclass(frozen=True)
class DragAnythingGolden:
    """What the original DragAnything computed.

    Attributes:
        tensors: by name.
        cases: settings and results of each case, by the case's name.
        manifest: seeds and shapes of the weights, and the config.
    """

    tensors: dict[str, torch.Tensor]
    cases: dict[str, dict]
    manifest: dict

    def weights(self, prefix: str = "") -> dict[str, torch.Tensor]:
        """Random weights in the released key layout, float16: the ControlNet's, or with "base_" the UNet's."""
        drawn = draw(self.manifest[f"{prefix}seed"], self.manifest[f"{prefix}shapes"])
        return {key: torch.from_numpy(array) for key, array in drawn.items()}


@pytest.fixture(scope="session")
def draganything() -> DragAnythingGolden:
    """Of tests/golden/draganything, or a folder of the same form that GOLDEN_DRAGANYTHING names."""
    with safe_open(GOLDEN_DRAGANYTHING / "tensors.safetensors", "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        cases = {name: json.loads(value) for name, value in file.metadata().items()}
    manifest = json.loads((GOLDEN_DRAGANYTHING / "manifest.json").read_text(encoding="utf-8"))
    return DragAnythingGolden(tensors, cases, manifest)


@pytest.fixture(scope="session")
def draganything_files(draganything, tmp_path_factory) -> dict[str, Path]:
    """The "controlnet" and the "base" UNet of the goldens as files."""
    folder = tmp_path_factory.mktemp("draganything")
    files = {"controlnet": ("", folder / "controlnet.safetensors"), "base": ("base_", folder / "base.safetensors")}
    for prefix, path in files.values():
        config = {"config": json.dumps(draganything.manifest["config"])}
        save_file(draganything.weights(prefix), path, metadata=config)
    return {name: path for name, (_, path) in files.items()}


@pytest.fixture(scope="session")
def record_figure(request):
    """record_figure(name, value): a figure to print at the end of the run."""
    figures = request.config.stash.setdefault(FIGURES, {})
    return figures.__setitem__


def pytest_terminal_summary(terminalreporter, config):
    figures = config.stash.get(FIGURES, {})
    if figures:
        terminalreporter.section("measured")
    for name, value in figures.items():
        terminalreporter.write_line(f"{name}: {value}")
