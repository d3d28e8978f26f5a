"""A checkpoint of an older layout loads for ever: keys, shapes, types and metadata as tests/saved has them."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from dragnuwa.host.fusion import load

LAYOUTS = sorted((Path(__file__).parents[1] / "saved").glob("*/checkpoint.json"))
DTYPES = {"F16": torch.float16, "F32": torch.float32, "I64": torch.int64}


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.parent.name)
def test_the_saved_layout_of_the_embedded_model_loads(path, tmp_path):
    layout = json.loads(path.read_text(encoding="utf-8"))
    random = torch.Generator().manual_seed(0)
    weights = {
        key: (0.02 * torch.randn(shape, generator=random)).to(DTYPES[dtype])
        for key, (dtype, shape) in layout["tensors"].items()
    }
    file = tmp_path / "saved.safetensors"
    save_file(weights, file, metadata=layout["metadata"])
    parts = load.load(file)
    assert parts.clip is not None and parts.vae is not None
    found = {f"model.diffusion_model.{key}" for key in parts.model.model.diffusion_model.state_dict()}
    found |= {f"model.diffusion_model.{key}" for key in parts.adapter.model.state_dict()}
    assert found == {key for key in layout["tensors"] if key.startswith("model.diffusion_model.")}
