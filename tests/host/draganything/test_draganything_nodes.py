"""The nodes, called as ComfyUI does: from a file to a conditioning that samples."""

import json
from pathlib import Path

import folder_paths
import pytest
import torch
from execution import get_input_data
from safetensors.torch import save_file

from dragnuwa.models.weights import CheckpointError
from tests.fuzzing.nodes import all_nodes
from tests.support.host_nodes import run_node

DRAGS = json.dumps([[{"x": 30, "y": 30}, {"x": 60, "y": 20}], [{"x": 110, "y": 50}]])
CLIP = {"width": 128, "height": 64, "frames": 4}


@pytest.fixture(scope="module")
def control_net(draganything):
    folder = Path(folder_paths.get_folder_paths("controlnet")[0])
    folder.mkdir(parents=True, exist_ok=True)
    save_file(draganything.weights(), folder / "entities.safetensors")
    (control,) = run_node("DragNUWADragAnythingLoadControlNet", control_net_name="entities.safetensors")
    return control


def apply(control_net, sampling, **more) -> tuple:
    positive, negative = sampling.conditioning(None)
    mask = (torch.arange(128) < 64).float().expand(1, 64, -1)
    given = {"masks": mask, "features": torch.ones(320, 8, 16), "strength": 1.0, "trajectories": DRAGS, **CLIP, **more}
    return run_node("DragNUWADragAnythingApply", positive=positive, negative=negative, control_net=control_net, **given)


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
    assert torch.equal(vectors, torch.ones_like(vectors))
    ((_, values),) = apply(control_net, sampling, features=None)[0]
    assert not values["control"].scene.vectors.any()


def test_what_is_missing_is_said_in_the_node():
    with pytest.raises(Exception, match="There is no") as error:
        run_node("DragNUWADragAnythingLoadControlNet", control_net_name="none.safetensors")
    assert type(error.value).__name__ == CheckpointError.__name__


def entities(applied: tuple):
    ((_, values),), _, report = applied
    return values["control"].scene.entities, report


def test_drags_of_other_nodes_become_entities(control_net, sampling):
    """A foreign format, merged over a camera motion, and mirrored."""
    drawn = json.dumps([[{"x": 30, "y": 30}, {"x": 60, "y": 20}]])  # as another pack writes it
    (camera,) = run_node(
        "DragNUWACameraMotion", width=128, height=64, pan=10.0, tilt=0.0, zoom=0.0, roll=0.0, centre_x=0.5,
        centre_y=0.5, ease="linear", start=0.0, end=1.0, spacing=14.0,
    )  # fmt: skip
    (merged,) = run_node(
        "DragNUWAMergeTrajectories", trajectories=drawn, under=camera, mode="layer", clearance=10.0, **CLIP
    )
    (mirrored, *_) = run_node(
        "DragNUWATransformTrajectories", trajectories=merged, width=128, height=64, mirror="horizontal", scale=100.0,
        rotate=0.0, shift_x=0.0, shift_y=0.0, reverse=False, start=0.0, end=1.0, frames=4, window_frames=0, window=0,
    )  # fmt: skip
    mask = (torch.arange(128) >= 80).float().expand(1, 64, -1)
    found, report = entities(apply(control_net, sampling, trajectories=mirrored, masks=mask))
    assert report.startswith("41 entities: 1 objects and 40 discs"), report
    moved = found.centres[-1, -1] - found.centres[-1, 0]  # the object is in front
    assert moved[0] < 0 and moved[1] < 0


def test_what_the_motion_brush_moves_is_one_entity(control_net, sampling):
    mask = torch.zeros(1, 64, 128)
    mask[:, 16:48, 20:60] = 1
    (brush, *_) = run_node(
        "DragNUWAMotionBrush", mask=mask, width=128, height=64, fit="crop", distance=30.0, direction=0.0, scale=0.0,
        rotation=0.0, hold=False, feather=0.0, ease="linear", start=0.0, end=1.0, spacing=16.0,
    )  # fmt: skip
    tracks = json.loads(brush)["tracks"]
    found, report = entities(apply(control_net, sampling, trajectories=brush, masks=mask))
    assert len(tracks) > 3 and len(found.centres) == 1 and f"({len(tracks) - 1} less)" in report
    assert abs(found.centres[0, 0] - (40, 32)).max() < 12
    assert abs(found.centres[0, -1] - found.centres[0, 0] - (0.3 * 128, 0)).max() <= 1
    apart = json.dumps([[[30, 30], [60, 30]], [[50, 30], [50, 10]]])  # two drags that move a mask's parts differently
    found, report = entities(apply(control_net, sampling, trajectories=apart, masks=mask))
    assert len(found.centres) == 2 and "less" not in report


def test_a_prompt_of_before_runs_without_the_input_that_is_gone():
    """The host passes on what the node knows."""
    node = all_nodes()["DragNUWADragAnythingApply"]
    given, *_ = get_input_data({**CLIP, "shipped_batch_order": True}, node, "1")
    assert given == {name: [value] for name, value in CLIP.items()}
