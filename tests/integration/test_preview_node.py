"""Preview Trajectories in a queued prompt: masks, drag maps, and more tracks than anybody draws."""

import json

import numpy as np
import pytest
from PIL import Image

from dragnuwa.remote.client import NodeError
from tests.support.prompts import node

SIZE = {"width": 192, "height": 128}
DRAG = json.dumps([[{"x": 20, "y": 100}, {"x": 90, "y": 100}]])


@pytest.fixture
def preview(client, tmp_path):
    """preview(trajectories, **inputs) -> the second frame, `[H, W, 3]`; inputs are links to the nodes here."""

    def run(trajectories: str = DRAG, **inputs) -> np.ndarray:
        prompt = {
            "picture": node("EmptyImage", **SIZE, batch_size=1, color=0x808080),
            "small": node("SolidMask", value=1.0, width=64, height=64),
            "large": node("SolidMask", value=0.0, **SIZE),
            "mask": {
                "class_type": "MaskComposite",
                "inputs": {"destination": ["large", 0], "source": ["small", 0], "x": 0, "y": 0, "operation": "add"},
            },
            "import": {
                "class_type": "DragNUWAImportTrajectories",
                "inputs": {"text": trajectories, "flo": "", "interval": 16, **SIZE},
            },
            "maps": {
                "class_type": "DragNUWAEncodeTrajectories",
                "inputs": {"trajectories": ["import", 0], **SIZE, "frames": 3, "kernel_size": 79, "sigma": 8.0},
            },
            "preview": {
                "class_type": "DragNUWAPreviewTrajectories",
                "inputs": {"image": ["picture", 0], "trajectories": ["import", 0], "frames": 3, **inputs},
            },
            "show": node("PreviewImage", images=["preview", 0]),
        }
        files = list(client.run(prompt).files("show"))
        assert len(files) == 3
        return np.asarray(Image.open(client.download(files[1], tmp_path)).convert("RGB")).astype(int)

    return run


def test_a_mask_is_tinted_and_drag_maps_have_a_legend(preview):
    plain, masked, mapped = preview(), preview(mask=["mask", 0]), preview(flow=["maps", 0])
    changed = np.abs(masked - plain).max(-1) > 20
    assert changed[4:60, 4:60].all() and not changed[:, 70:].any()
    corner = np.abs(mapped - plain).max(-1)[-25:, -25:]
    assert (corner > 100).mean() > 0.5 and np.abs(mapped - plain).max(-1)[:40, :60].max() < 10


def test_a_mask_of_another_size_is_told_in_the_node(preview):
    with pytest.raises(NodeError) as error:
        preview(mask=["small", 0])
    assert error.value.class_type == "DragNUWAPreviewTrajectories"
    assert "The mask is 64x64, the picture 192x128. Use a mask of the picture's size" in error.value.message


def test_ten_thousand_tracks_are_drawn(preview):
    positions = np.random.default_rng(0).uniform(0, (150, 120), (10_000, 2)).round(2).tolist()
    drawn = preview(json.dumps([[[x, y], [x + 40, y]] for x, y in positions]))
    assert 0.1 < (np.abs(drawn - 128).max(-1) > 60).mean() < 0.98
