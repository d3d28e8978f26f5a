"""Drag maps: against the original network's, and against the plain definition."""

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open

from dragnuwa import trajectory
from dragnuwa.models import drag_maps as flow


def golden_tracks(metadata: dict) -> trajectory.Trajectories:
    """The golden tracks, in the earlier pack's format: pixels `[[[x, y], ...], ...]`."""
    return trajectory.parse(json.dumps(metadata["tracks"]), width=metadata["width"], height=metadata["height"])


@pytest.mark.parametrize("name", ["flow_small", "flow_small_k99", "flow_full"])
def test_equals_the_original(golden, name):
    with safe_open(golden / "tensors.safetensors", "pt") as file:
        metadata, expected = json.loads(file.metadata()[name]), file.get_tensor(name)
    width, height, step = metadata["width"], metadata["height"], metadata["subsample"]
    points, visible = golden_tracks(metadata).sample(metadata["frames"], width, height)
    maps = flow.encode(
        points, visible, height=height, width=width, kernel_size=metadata["kernel_size"], sigma=metadata["sigma"]
    )
    assert (maps[..., ::step, ::step] - expected).abs().max() < 1e-3


def by_definition(points, visible, height, width, kernel_size, sigma):
    """Sets pixels, then blurs with the two-dimensional kernel, as the paper's code does."""
    frames = points.shape[1]
    sparse = torch.zeros(frames, 2, height, width, dtype=torch.float64)
    for track, seen in zip(points, visible, strict=True):
        for i in range(frames - 1):
            if seen[i] and seen[i + 1]:
                x, y = (int(round(v, 6)) for v in track[i])
                sparse[i + 1, :, y, x] = torch.from_numpy(track[i + 1] - track[i])
    offset = torch.arange(kernel_size, dtype=torch.float64) - kernel_size // 2
    kernel = torch.exp(-(offset[:, None] ** 2 + offset[None] ** 2) / (2 * sigma**2))
    blurred = torch.nn.functional.conv2d(sparse.flatten(0, 1)[:, None], kernel[None, None], padding=kernel_size // 2)
    return blurred.view_as(sparse)


@st.composite
def clips(draw):
    tracks, frames = draw(st.integers(0, 6)), draw(st.integers(2, 5))
    height, width = draw(st.integers(4, 24)), draw(st.integers(4, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    points = rng.uniform(0, 1, (tracks, frames, 2)) * (width - 1, height - 1)
    if draw(st.booleans()):
        points = np.round(points)  # whole pixels, where tracks collide
    return points, rng.uniform(size=(tracks, frames)) < 0.8, height, width


@given(clips(), st.sampled_from([1, 3, 7, 31]), st.floats(0.5, 8))
def test_equals_the_definition(clip, kernel_size, sigma):
    points, visible, height, width = clip
    expected = by_definition(points, visible, height, width, kernel_size, sigma)
    maps = flow.encode(points, visible, height=height, width=width, kernel_size=kernel_size, sigma=sigma)
    assert torch.allclose(maps.double(), expected, atol=1e-3)
    assert (maps[0] == 0).all()


def test_the_later_of_two_tracks_on_one_pixel_wins():
    points = np.array([[[5, 5], [9, 5]], [[5, 5], [5, 2]]], dtype=float)
    maps = flow.encode(points, np.ones((2, 2), bool), height=12, width=12, kernel_size=1, sigma=1)
    assert maps[1, :, 5, 5].tolist() == [0, -3]


def test_a_pixel_that_came_in_comes_back():
    x = 25 / 576 * 576  # 24.999999999999996
    points = np.array([[[x, 3], [x + 1, 3]]])
    maps = flow.encode(points, np.ones((1, 2), bool), height=8, width=576, kernel_size=1, sigma=1)
    assert maps[1, 0].nonzero().tolist() == [[3, 25]]


def test_peak_memory_is_at_most_twice_the_result():
    # The sum of allocations less releases, as the profiler records them.
    points = np.random.default_rng(0).uniform(0, 63, (4096, 8, 2))
    visible = np.ones((4096, 8), bool)
    with torch.profiler.profile(profile_memory=True, with_stack=False) as profile:
        maps = flow.encode(points, visible, height=64, width=64)
    live = peak = 0
    for event in sorted(profile.profiler.kineto_results.events(), key=lambda e: e.start_ns()):
        if event.name() == "[memory]" and "CPU" in str(event.device_type()):
            live += event.nbytes()
            peak = max(peak, live)
    size = maps.numel() * maps.element_size()
    assert size <= peak <= 2 * size, f"peak {peak / size:.2f} of the result"


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_dtype(dtype):
    points = np.array([[[5, 5], [9, 5], [9, 6]]], dtype=float)
    maps = flow.encode(points, np.ones((1, 3), bool), height=16, width=16, dtype=dtype)
    assert maps.dtype == dtype and maps.shape == (3, 2, 16, 16)
    assert maps[1, 0, 5, 5] == 4


def test_tensors_are_taken_and_the_maps_are_where_they_are():
    points, visible = torch.tensor([[[5.0, 5.0], [9.0, 5.0]]]), torch.ones(1, 2, dtype=torch.bool)
    maps = flow.encode(points.requires_grad_(), visible, height=16, width=16)
    assert maps.device == points.device
    assert torch.equal(maps, flow.encode(points.detach().numpy(), visible.numpy(), height=16, width=16))
    assert flow.encode(points, visible, height=16, width=16, device="meta").device.type == "meta"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"points": np.zeros((1, 1, 2)), "visible": np.ones((1, 1), bool)}, "at least two frames"),
        ({"points": np.zeros((1, 3, 3))}, "[1, 3, 3]"),
        ({"visible": np.ones((1, 4), bool)}, "[1, 4]"),
        ({"points": np.full((1, 3, 2), math.nan)}, "finite"),
        ({"points": np.full((1, 3, 2), 16.0)}, "inside the picture of 16x16"),
        ({"points": np.full((1, 3, 2), -0.1)}, "inside the picture of 16x16"),
        ({"kernel_size": 4}, "odd"),
        ({"kernel_size": 0}, "odd"),
        ({"sigma": 0.0}, "from 0.001 to 1,000,000"),
        ({"sigma": 1e163}, "from 0.001"),
        ({"sigma": math.inf}, "from 0.001"),
        ({"height": 0}, "at least 1 pixel"),
    ],
)
def test_bad_input_is_refused(change, words):
    arguments = {"points": np.zeros((1, 3, 2)), "visible": np.ones((1, 3), bool), "height": 16, "width": 16} | change
    with pytest.raises(ValueError) as error:
        flow.encode(arguments.pop("points"), arguments.pop("visible"), **arguments)
    assert words in str(error.value)
