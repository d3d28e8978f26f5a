"""On a GPU, everything stays on it.

There is none here: torch's fake tensors say of each operation where its result would be, and refuse to mix devices, as
CUDA does. They compute nothing.
"""

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from dragnuwa.models import drag_maps as flow
from dragnuwa.models.adapter import FusionConfig, MultiscaleFusion

GPU = torch.device("cuda", 0)
FRAMES, SIDE = 4, 64


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_drag_maps_and_their_fusion(dtype):
    points = np.stack([np.linspace(10, 40, FRAMES)] * 2, -1)[None]
    config = FusionConfig.for_unet(64, (1, 1), 1)
    with FakeTensorMode(allow_non_fake_inputs=True):
        maps = flow.encode(points, np.ones((1, FRAMES), bool), height=SIDE, width=SIDE, device=GPU, dtype=dtype)
        assert maps.device == GPU and maps.dtype == dtype
        fused = MultiscaleFusion(config, device=GPU, dtype=dtype)(maps)
    assert {(tensor.device, tensor.dtype) for pair in fused.values() for tensor in pair} == {(GPU, dtype)}
