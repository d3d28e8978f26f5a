"""The nodes, called as ComfyUI does: from a file to a conditioning that samples."""

import json
from pathlib import Path

import folder_paths
import pytest
import torch
from fuzzing import nodes as pack
from safetensors.torch import save_file

from dragnuwa.weights import CheckpointError

DRAGS = json.dumps([[{"x": 30, "y": 30}, {"x": 60, "y": 20}], [{"x": 110, "y": 50}]])
CLIP = {"width": 128, "height": 64, "frames": 4}


def run(node: str, **inputs) -> tuple:
    return pack.all_nodes()[node].EXECUTE_NORMALIZED(**inputs).result


@pytest.fixture(scope="module")
def control_net(draganything):
    folder = Path(folder_paths.get_folder_paths("controlnet")[0])
    folder.mkdir(parents=True, exist_ok=True)
    save_file(draganything.weights(), folder / "entities.safetensors")
    (control,) = run("DragNUWADragAnythingLoadControlNet", control_net_name="entities.safetensors")
    return control


def apply(control_net, sampling, **more) -> tuple:
    positive, negative = sampling.conditioning(None)
    mask = (torch.arange(128) < 64).float().expand(1, 64, -1)
    given = {"masks": mask, "features": torch.ones(320, 8, 16), "strength": 1.0, "trajectories": DRAGS, **CLIP, **more}
    return run("DragNUWADragAnythingApply", positive=positive, negative=negative, control_net=control_net, **given)


def test_from_the_file_to_a_clip(control_net, sampling, base):
    """Both nodes, and KSampler's own path."""
    positive, negative, report = apply(control_net, sampling)
    assert report == "2 entities: 1 objects and 1 discs; 1 of them rest."
    plain, steered = sampling.run(base), sampling.run(base, conditioning=(positive, negative))
    assert steered.isfinite().all() and (plain - steered).abs().max() > 0.1
    positive, negative, _ = apply(control_net, sampling, strength=0.0)
    assert torch.equal(sampling.run(base, conditioning=(positive, negative)), plain)


def test_the_default_of_an_input_is_the_demos(control_net, sampling):
    ((_, values),) = apply(control_net, sampling)[0]
    vectors = values["control"].scene.vectors
    assert torch.equal(vectors, torch.ones_like(vectors)) and not values["control"].shipped_order
    ((_, values),) = apply(control_net, sampling, features=None)[0]
    assert not values["control"].scene.vectors.any()


def test_what_is_missing_is_said_in_the_node():
    with pytest.raises(Exception, match="There is no") as error:
        run("DragNUWADragAnythingLoadControlNet", control_net_name="none.safetensors")
    assert type(error.value).__name__ == CheckpointError.__name__
