"""What all tests share: the golden files, and hypothesis that measures correctness, not how busy the machine is."""

import json
import os
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import settings
from safetensors.torch import save_file

OUR_GOLDEN = Path(__file__).parent / "golden"
GOLDEN = Path(os.environ.get("GOLDEN_DRAGNUWA") or OUR_GOLDEN).resolve()
sys.path.insert(0, str(OUR_GOLDEN))

from make_checkpoint import weights  # noqa: E402

FIGURES = pytest.StashKey()

settings.register_profile("dragnuwa", deadline=None, print_blob=True)
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
