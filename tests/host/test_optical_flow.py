"""ComfyUI's optical flow models, as its own loader gives them, estimate flow for the Trajectory Sampler."""

import folder_paths
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torchvision.models.optical_flow import raft_large

from dragnuwa.host.detail import estimator


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """RAFT with random weights, out of a file, through the host's own node."""
    from comfy_extras.nodes_void import OpticalFlowLoader

    folder = tmp_path_factory.mktemp("optical_flow")
    torch.manual_seed(0)
    save_file(raft_large(weights=None).state_dict(), folder / "raft.safetensors")
    folder_paths.add_model_folder_path("optical_flow", str(folder))
    return OpticalFlowLoader.execute("raft.safetensors").result[0]


def test_frames_that_fit_are_given_to_the_network_as_they_are(model):
    now, then = np.random.default_rng(0).integers(0, 256, (2, 128, 136, 3), np.uint8)
    scaled = [torch.from_numpy(frame).permute(2, 0, 1)[None].float() / 255 * 2 - 1 for frame in (now, then)]
    with torch.no_grad():
        expected = model.model(*scaled)[-1][0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(estimator(model)(now, then), expected, atol=1e-3)


def test_other_sizes_are_padded_and_cut_back(model):
    now, then = np.random.default_rng(1).integers(0, 256, (2, 60, 131, 3), np.uint8)
    found = estimator(model)(now, then)
    assert found.shape == (60, 131, 2) and found.dtype == np.float32 and np.isfinite(found).all()
    padded = [np.pad(frame, ((0, 68), (0, 5), (0, 0)), mode="edge") for frame in (now, then)]
    np.testing.assert_allclose(found, estimator(model)(*padded)[:60, :131], atol=1e-3)
