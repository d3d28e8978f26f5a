"""Camera in Depth at the picture's size: the same as in the clip, and nothing of it cut off."""

import json
from itertools import product

import numpy as np
import pytest
import torch

from dragnuwa.common import images
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import parse
from tests.fuzzing.nodes import nodes
from tests.support.drawings import objects_value
from tests.support.exhaustive import some

pytestmark = pytest.mark.usefixtures("known_pictures_of_the_nodes")
PICTURE, CLIP, FRAMES = (240, 136), (104, 64), 5  # of which "crop" cuts off columns, and "pad" adds rows
SQUARE = (70, 50, 110, 98)  # left, top, right and bottom of a red thing, in pixels of the picture
RED = (0.9, 0.1, 0.1)


def picture(size: tuple[int, int] = PICTURE, square: tuple[int, ...] = SQUARE) -> torch.Tensor:
    """`[1, H, W, 3]`: the square on ground with slopes and waves."""
    x, y = torch.meshgrid(torch.arange(size[0]), torch.arange(size[1]), indexing="xy")
    waves = 0.15 * torch.sin(x / 6) * torch.sin(y / 7)
    found = torch.stack([0.4 + x / 10 / size[0] + waves, 0.4 + y / 10 / size[1] + waves, 0.45 + 0 * x], -1)
    left, top, right, bottom = square
    found[top:bottom, left:right] = torch.tensor(RED)
    return found[None]


def depth_of(size: tuple[int, int] = PICTURE, square: tuple[int, ...] = SQUARE) -> torch.Tensor:
    """`[1, H, W, 3]`: the square is near, what is behind it gets nearer downwards."""
    found = torch.linspace(0, 0.4, size[1])[:, None].repeat(1, size[0])
    left, top, right, bottom = square
    found[top:bottom, left:right] = 1
    return found[None, ..., None].repeat(1, 1, 1, 3)


def camera(**inputs) -> tuple:
    """What the node gives, with everything else as it is by default, and no dolly."""
    node = nodes()["DragNUWACameraInDepth"]
    defaults = {one.id: one.default for one in node.define_schema().inputs if getattr(one, "default", None) is not None}
    given = {"image": picture(), "width": CLIP[0], "height": CLIP[1], "frames": FRAMES, "dolly": 0.0}
    return node.PREPARE_CLASS_CLONE({"hidden_inputs": {}}).EXECUTE_NORMALIZED(**{**defaults, **given, **inputs}).result


def on_clip(mode: str, *places: tuple[float, float]) -> list[dict]:
    """Places of the picture in pixels, as they are drawn on the clip."""
    left, top, width, height = images.drawn_area(PICTURE, CLIP, mode)
    return [{"x": (x - left) / width, "y": (y - top) / height} for x, y in places]


def drawing(mode: str, way: tuple[float, float] = (0, 0), **fields) -> str:
    """The square as an object that moves by so many pixels of the picture."""
    left, top, right, bottom = SQUARE
    ring = on_clip(mode, (left, top), (right, top), (right, bottom), (left, bottom))
    middle = (left + right) / 2, (top + bottom) / 2
    points = on_clip(mode, middle, (middle[0] + way[0], middle[1] + way[1]))
    thing = {"outline": [ring], "motion": {"points": points} if any(way) else {"keys": [{"t": 0}]}, "edge": "exact"}
    return json.dumps(objects_value({**thing, **fields.pop("thing", {})}, **fields))


def unlike(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).abs().mean())


@pytest.mark.parametrize(
    ("size", "clip", "longer", "made"),
    [
        ((1920, 1080), (832, 480), 0, (1920, 1080)),
        (PICTURE, CLIP, 0, PICTURE),
        (PICTURE, CLIP, 120, (120, 68)),
        ((241, 137), CLIP, 0, PICTURE),  # Save Video takes even sides only
        (PICTURE, (96, 96), 0, (136, 136)),  # another shape was chosen
        (PICTURE, CLIP, -1, CLIP),
        (PICTURE, CLIP, None, CLIP),  # a workflow that was saved before there was such an input
    ],
)
def test_the_video_and_its_mask_have_that_size_and_begin_with_the_picture(size, clip, longer, made):
    larger = {} if longer is None else {"longer_side": longer}
    square = tuple(round(part * size[0] / PICTURE[0]) for part in SQUARE)
    image, depth = picture(size, square), depth_of(size, square)
    video, mask, *_ = camera(image=image, depth=depth, width=clip[0], height=clip[1], frames=2, truck=0.05, **larger)
    assert video.shape == (2, made[1], made[0], 3) and mask.shape == (2, made[1], made[0])
    if longer == 0 and made != (136, 136):
        assert torch.equal(video[0], image[0, : made[1], : made[0]])
    assert unlike(video[:1], images.fit(image, *made)) < 1e-6 and unlike(video[0], video[1]) > 0.01
    assert not mask[0].any() and mask[1].any()


def test_the_input_came_last_but_for_later_ones_and_its_default_is_the_clips_size():
    """Widgets are counted by their places in saved workflows."""
    last = nodes()["DragNUWACameraInDepth"].define_schema().inputs[-2:]
    assert [(one.id, one.default, one.optional) for one in last] == [
        ("longer_side", -1, True),
        ("camera_number", 1, True),
    ]


BY = {
    "measured": lambda mode: {"depth": depth_of()},
    "measured, with a drag": lambda mode: {"depth": depth_of(), "trajectories": drawing(mode, (30, 0))},
    "drawn": lambda mode: {"trajectories": drawing(mode, horizon=0.3, thing={"distance": 1.2})},
    "drawn, on the ground": lambda mode: {"trajectories": drawing(mode, (20, 20), horizon=0.2), "grow": True},
}
MOVES = {"truck": 0.1, "orbit": 4.0, "zoom": 0.1, "focus_x": 0.4, "focus_y": 0.55}


EACH = [("crop", "measured"), ("pad", "measured, with a drag"), ("stretch", "drawn"), ("crop", "drawn, on the ground")]


@pytest.mark.parametrize(("mode", "by"), some(EACH, list(product(images.MODES, BY))))
def test_it_shows_what_the_clip_shows_and_more_of_it(mode, by):
    """Fitted to the clip it is the clip's video; tracks, camera and embedding are those of the clip."""
    given = {**BY[by](mode), **MOVES, "fit": mode, "spacing": 16.0}
    small, large = camera(**given), camera(**given, longer_side=0)
    inside = images.fit(torch.ones(1, *PICTURE[::-1], 3), *CLIP, mode)[0] > 0.99  # without bars
    for time in (0, FRAMES - 1):
        there = images.fit(large[0][time : time + 1], *CLIP, mode)[0]
        assert unlike(there[inside], small[0][time][inside]) < 0.025, time
    moved = unlike(small[0][0], small[0][-1])
    assert moved > 0.05  # by far more than that

    tracks = [
        parse(each[2], width=CLIP[0], height=CLIP[1]).at_frames(ClipShape(*CLIP, FRAMES)) for each in (small, large)
    ]
    starts = [each.points[:, 0] for each in tracks]
    nearest = np.abs(starts[1][:, None] - starts[0]).max(-1).argmin(1)
    apart = np.abs(starts[0][nearest] - starts[1]).max(-1)
    near = apart < 0.75  # they begin in whole pixels
    assert near.mean() > 0.9 and len(starts[1]) > 0.7 * len(starts[0])
    way = [each.points[:, -1] - each.points[:, 0] for each in tracks]
    missed = np.abs(way[1][near] - way[0][nearest[near]]).max(-1)
    assert np.quantile(missed, 0.8) < 0.9 and np.abs(way[0]).max() > 4

    assert large[3].shape == small[3].shape
    assert (large[3] - small[3]).abs().max() < 0.03
    rows = [np.array([[float(cell) for cell in row.split()] for row in each[4].split("\n")[1:] if row])
            for each in (small, large)]  # fmt: skip
    assert np.abs(rows[0] - rows[1])[:, 1:].max() < 0.02


@pytest.mark.parametrize(("mode", "focus"), [("crop", (0.28, 0.55)), ("pad", (0.35, 0.71))])
def test_the_focus_is_where_it_is_in_the_clip(mode, focus):
    """At the edge of the near thing: the same fractions of the picture are on its other side, at another distance."""
    given = {"depth": depth_of(), "fit": mode, "truck": 0.05, "focus_x": focus[0], "focus_y": focus[1], "frames": 2}
    small, large = camera(**given)[0][-1:], camera(**given, longer_side=0)[0][-1:]
    inside = images.fit(torch.ones(1, *PICTURE[::-1], 3), *CLIP, mode)[0] > 0.99  # without bars
    assert unlike(images.fit(large, *CLIP, mode)[0][inside], small[0][inside]) < 0.025


MASKED = ["", "clip", "picture"]


@pytest.mark.parametrize(
    ("mode", "masked"), some([*zip(images.MODES, MASKED, strict=True)], list(product(images.MODES, MASKED)))
)
def test_what_is_dragged_lands_where_it_was_drawn(mode, masked):
    """Of a camera at rest, by a drag on the thing, or on its mask."""
    left, top, right, bottom = SQUARE
    middle = (left + right) / 2, (top + bottom) / 2
    drag = {"points": on_clip(mode, middle, (middle[0] + 60, middle[1] - 20))}
    text = json.dumps({"type": "dragnuwa.trajectories", "version": 1, "tracks": [{"id": "d", **drag}]})
    mask = torch.zeros(1, *PICTURE[::-1])
    mask[:, top:bottom, left:right] = 1
    of_clip = images.fit(mask[..., None], *CLIP, mode)[..., 0]
    masks = {"clip": {"masks": of_clip}, "picture": {"masks": mask}}.get(masked, {})
    video, *_ = camera(depth=depth_of(), trajectories=text, fit=mode, longer_side=0, **masks)
    assert torch.equal(video[0], picture()[0])
    moved = picture(square=(left + 60, top - 20, right + 60, bottom - 20))[0]
    red = [(each[..., 0] - each[..., 1] > 0.4) for each in (video[-1], moved)]
    assert int((red[0] & red[1]).sum()) / int((red[0] | red[1]).sum()) > (0.9 if masked == "clip" else 0.97)
