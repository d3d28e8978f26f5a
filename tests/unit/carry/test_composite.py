"""Moving a picture along its tracks: where everything ends up."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.carry.composite import Carried, carry_clip
from dragnuwa.carry.settings import FILLS, CarrySettings
from dragnuwa.common.clip_shape import ModelClip
from tests.support.carried import carry_points
from tests.support.drawings import parsed_tracks
from tests.support.exhaustive import some
from tests.support.pictures import box_mask, noise_image

HEIGHT, WIDTH, FRAMES, RADIUS = 72, 96, 3, 10.0
LEVEL = 1 / 255
box = partial(box_mask, size=(WIDTH, HEIGHT))
drags = partial(parsed_tracks, size=(WIDTH, HEIGHT))


def carry(image, points, visible, masks=None, **changes) -> Carried:
    """Of drags without a mask, what lies around them."""
    return carry_points(image, points, visible, masks, CarrySettings(carries="surroundings", **changes))


def picture(seed: int = 0) -> torch.Tensor:
    return noise_image(WIDTH, HEIGHT, seed)[0]


def straight(*ends: tuple[float, float, float, float]) -> np.ndarray:
    """Tracks `[N, T, 2]` from (x, y) by (dx, dy)."""
    way = np.linspace(0, 1, FRAMES)[:, None]
    return np.stack([np.array(end[:2]) + way * np.array(end[2:]) for end in ends])


def shown(points: np.ndarray) -> np.ndarray:
    return np.ones(points.shape[:2], bool)


def disc(x: float, y: float, radius: float) -> torch.Tensor:
    rows, columns = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
    return ((columns - x) ** 2 + (rows - y) ** 2) <= radius**2


def far(*covered: torch.Tensor) -> torch.Tensor:
    """Where none of the masks is, nor a pixel beside it."""
    near = torch.stack([mask.float() for mask in covered]).amax(0)
    return torch.nn.functional.max_pool2d(near[None], 3, 1, 1)[0] == 0


steps = st.integers(-20, 20)
few = settings(max_examples=some(10, 50))  # each fills a hole, and beside the shift there is little to draw
shifts = st.tuples(steps, steps).filter(lambda shift: max(map(abs, shift)) > 1)


@few
@given(shifts, st.integers(0, 9))
def test_a_whole_shift_is_exact(shift, seed):
    """Without a mask: at the last frame the disc around p(T) shows what was around p(0), the rest is as it was."""
    image, (dx, dy) = picture(seed), shift
    points = straight((48, 36, dx, dy))
    last = carry(image, points, shown(points), radius=RADIUS)
    here, there = disc(48, 36, RADIUS), disc(48 + dx, 36 + dy, RADIUS)
    moved = torch.roll(image, (dy, dx), (0, 1))
    assert (last.video[-1] - moved)[there].abs().max() <= LEVEL
    assert (last.video[-1] - image)[far(here, there)].abs().max() <= LEVEL
    assert (last.uncovered[-1][here & far(there)] == 1).all()
    assert (last.uncovered[-1][far(here)] == 0).all()
    assert (last.carried[-1][far(there)] == 0).all()


@few
@given(shifts)
def test_frame_0_is_the_picture(shift):
    image, points = picture(), straight((48, 36, *shift))
    first = carry(image, points, shown(points), radius=RADIUS)
    assert torch.equal(first.video[0], image)
    assert (first.uncovered[0] == 0).all()


def test_what_is_carried_falls_like_a_gaussian_to_a_half():
    points = straight((48, 36, 12, 0))
    carried = carry(picture(), points, shown(points), radius=RADIUS).carried[-1]
    distance = torch.arange(10)
    assert torch.allclose(carried[36, 60:70], torch.exp2(-((distance / RADIUS) ** 2)), atol=1e-3)
    assert carried[36, 72] == 0


@few
@given(shifts)
def test_a_mask_moves_as_a_whole(shift):
    image, mask, (dx, dy) = picture(), box(40, 30, 56, 44), shift
    points = straight((41, 31, dx, dy))
    last = carry(image, points, shown(points), mask[None])
    there = torch.roll(mask, (dy, dx), (0, 1)) == 1
    assert (last.video[-1] - torch.roll(image, (dy, dx), (0, 1)))[there].abs().max() <= LEVEL
    assert (last.carried[-1][there] > 0.999).all()


def test_the_rim_goes_along_so_that_no_outline_stays():
    image, mask = torch.zeros(HEIGHT, WIDTH, 3), box(20, 30, 36, 44)
    image[29:45, 19:37] = 0.5  # an edge that is blended with the ground
    image[30:44, 20:36] = 1
    points = straight((28, 37, 40, 0))
    video = carry(image, points, shown(points), mask[None]).video
    assert video[-1, :, :45].max() <= LEVEL


def test_nothing_of_the_object_is_left_and_nothing_of_the_ground_comes_along():
    """A soft-edged red disc on green, moved onto blue: no red stays behind, no green goes along."""
    rows, columns = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
    distance = ((columns - 30) ** 2 + (rows - 36) ** 2).sqrt()
    opacity = ((13 - distance) / 4).clamp(0, 1)
    ground = torch.zeros(HEIGHT, WIDTH, 3)
    ground[:, :60, 1], ground[:, 60:, 2] = 1, 1
    image = torch.lerp(ground, torch.tensor([1.0, 0, 0]).expand(HEIGHT, WIDTH, 3), opacity[..., None])
    points = straight((30, 36, 48, 0))
    last = carry(image, points, shown(points), opacity[None]).video[-1]
    assert last[:, :50, 0].max() <= 4 * LEVEL
    assert last[:, 62:, 1].max() <= 0.05


def rotated(points: np.ndarray, centre: complex, turn: complex) -> np.ndarray:
    positions = points[:, 0] + 1j * points[:, 1]
    way = np.linspace(0, 1, FRAMES)
    moved = [centre + (positions - centre) * np.abs(turn) ** t * np.exp(1j * np.angle(turn) * t) for t in way]
    return np.stack([np.stack([place.real, place.imag], -1) for place in moved], 1)


@pytest.mark.parametrize(("tracks", "scale"), [(2, 1.0), (3, 1.4)])
def test_two_tracks_turn_an_object_and_three_scale_it(tracks, scale):
    """A quarter turn of a rectangle about its middle; two tracks that also part do not scale it."""
    mask = box(36, 30, 60, 42)
    image = mask[..., None].expand(-1, -1, 3).clone()
    starts = np.array([[40, 36], [56, 36], [48, 40]], float)[:tracks]
    points = rotated(starts, 48 + 36j - 0.5 - 0.5j, 1.4j)
    last = carry(image, points, shown(points), mask[None]).video[-1, ..., 0] > 0.5
    rows, columns = np.nonzero(last.numpy())
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert height == pytest.approx(24 * scale, abs=2)
    assert width == pytest.approx(12 * scale, abs=2)


def test_later_tracks_lie_in_front():
    image = torch.zeros(HEIGHT, WIDTH, 3)
    left, right = box(10, 30, 22, 42), box(70, 30, 82, 42)
    image[..., 0], image[..., 1] = left, right
    points = straight((16, 36, 32, 0), (76, 36, -28, 0))
    for order, channel in ((slice(None), 1), (slice(None, None, -1), 0)):
        ordered = points[order]
        masks = torch.stack([left, right])[[0, 1] if channel else [1, 0]]
        pixel = carry(image, ordered, shown(ordered), masks).video[-1, 36, 48]
        assert pixel.argmax() == channel and pixel.max() > 0.99


def test_a_hidden_track_shows_its_ground():
    image, mask = torch.zeros(HEIGHT, WIDTH, 3), box(20, 30, 32, 42)
    image[..., 2] = mask
    points = straight((26, 36, 40, 0))
    visible = np.array([[True, False, True]])
    carried = carry(image, points, visible, mask[None])
    assert carried.video[1].max() <= LEVEL and (carried.carried[1] == 0).all()
    assert carried.video[2, 36, 66, 2] > 0.99


def test_an_anchor_holds_exactly_still():
    """The drift of an anchor, one pixel right and down, is there for the drag maps only. It keeps what lies nearer."""
    image = picture()
    points = straight((30, 36, -20, 0), (42, 36, 1, 1))
    carried = carry(image, points, shown(points), radius=RADIUS)
    held = disc(42, 36, 3)
    assert torch.equal(carried.video[:, held], image[held].expand(FRAMES, -1, -1))
    assert (carried.carried[:, 36, 42] > 0.999).all()


def test_what_moves_lies_before_an_anchor():
    image = torch.zeros(HEIGHT, WIDTH, 3)
    image[30:43, 20:33] = 1
    points = straight((26, 36, 40, 0), (66, 36, 1, 1))
    assert carry(image, points, shown(points), radius=6).video[-1, 36, 66].min() > 0.99


GRID = np.array([[x, y] for y in (12, 36, 60) for x in (12, 36, 60, 84)], float)


def test_a_camera_move_moves_the_whole_frame():
    image = picture()
    points = np.clip(straight(*((x, y, -16, 0) for x, y in GRID)), 0, (WIDTH - 1, HEIGHT - 1))  # four stop at the edge
    carried = carry(image, points, shown(points), radius=RADIUS)
    assert (carried.video[-1, :, :-16] - image[:, 16:]).abs().max() <= LEVEL
    assert (carried.carried[-1, :, : -16 - 1] > 0.999).all()
    assert (carried.uncovered[-1, :, -16 + 1 :] == 1).all()


def test_what_a_camera_brings_in_is_continued_and_not_the_edge_repeated():
    grains = torch.rand(HEIGHT, WIDTH, 1, generator=torch.Generator().manual_seed(0)).expand(-1, -1, 3)
    points = np.clip(straight(*((x, y, -16, 0) for x, y in GRID)), 0, (WIDTH - 1, HEIGHT - 1))
    last = carry(grains, points, shown(points), radius=RADIUS).video[-1, :, :, 0]
    changes = (last[:, 1:] - last[:, :-1]).abs()
    assert changes[:, -12:].mean() > 0.7 * changes[:, :40].mean()  # 0 where columns are repeated
    grey = carry(grains, points, shown(points), radius=RADIUS, fill="neutral").video[-1]
    assert (grey[:, -12:] == 0.5).all()


def test_three_drags_on_no_object_move_the_whole_frame():
    image = torch.full((HEIGHT, WIDTH, 3), 0.5)  # where nothing stands out
    image[60:64, 4:8] = 1
    points = straight((30, 20, 16, 0), (70, 24, 16, 0), (40, 50, 16, 0))
    carried = carry_points(image, points, shown(points), settings=CarrySettings(radius=RADIUS))
    assert (carried.video[-1, 60:64, 20:24] > 0.999).all() and (carried.uncovered[-1, :, : 16 - 1] == 1).all()
    surroundings = carry(image, points, shown(points), radius=RADIUS)
    assert (surroundings.video[-1, 60:64, 4:8] == 1).all()


def test_an_object_moves_before_a_camera_move():
    image, mask = torch.zeros(HEIGHT, WIDTH, 3), box(20, 30, 28, 38)
    image[..., 0] = mask
    image[10, 50, 1] = 1
    grid = straight(*((x, y, 8, 0) for x, y in GRID))
    points = np.concatenate([straight((24, 34, 40, 0)), np.clip(grid, 0, (WIDTH - 1, HEIGHT - 1))])
    last = carry(image, points, shown(points), mask[None]).video[-1]
    assert last[34, 64, 0] > 0.99 and last[10, 58, 1] > 0.99
    assert last[34, 32, 0] < 0.1


def test_tracks_that_lie_close_move_as_one_sheet():
    """Between two tracks that part a little nothing tears: every place between them shows something carried."""
    image = picture()
    points = straight((40, 36, 20, 0), (52, 36, 24, 0))
    carried = carry(image, points, shown(points), radius=RADIUS)
    for x, source in ((60, 40), (76, 52)):
        assert (carried.video[-1, 36, x] - image[36, source]).abs().max() <= LEVEL
    assert (carried.carried[-1, 36, 60:77] > 0.4).all()


def test_uncovered_ground():
    image, mask = torch.full((HEIGHT, WIDTH, 3), 0.2), box(20, 30, 32, 42)
    image[mask == 1] = 1
    points = straight((26, 36, 40, 0))
    inpainted, neutral = (carry(image, points, shown(points), mask[None], fill=fill).video[-1] for fill in FILLS)
    assert (inpainted[30:42, 20:32] - 0.2).abs().max() <= 4 * LEVEL  # Telea's sums round
    assert (neutral[30:42, 20:32] == 0.5).all()


def test_ground_is_cleared_where_a_mask_says_that_all_has_gone():
    points = straight((26, 36, 40, 0))
    masked = carry(picture(), points, shown(points), box(20, 30, 32, 42)[None])
    around = carry(picture(), points, shown(points), radius=RADIUS)
    assert torch.equal(masked.cleared, masked.uncovered) and masked.cleared[-1, 36, 26] == 1
    assert (around.cleared == 0).all() and around.uncovered[-1, 36, 26] == 1


@few
@given(
    st.lists(st.tuples(*[st.floats(0, 1)] * 4, st.lists(st.booleans(), min_size=FRAMES, max_size=FRAMES)), max_size=12),
    st.floats(1, 200),
    st.sampled_from(FILLS),
)
def test_any_tracks_give_a_video(tracks, radius, fill):
    corner = np.array([WIDTH - 1, HEIGHT - 1])
    ends = np.array([track[:4] for track in tracks]).reshape(-1, 2, 2) * corner
    way = np.linspace(0, 1, FRAMES)[:, None]
    points = ends[:, :1] * (1 - way) + ends[:, 1:] * way
    visible = np.array([track[4] for track in tracks]).reshape(-1, FRAMES)
    if not visible[:, :1].any():
        return
    carried = carry(picture(), np.clip(points, 0, corner), visible, radius=radius, fill=fill)
    for part, shape in ((carried.video, (FRAMES, HEIGHT, WIDTH, 3)), (carried.carried, (FRAMES, HEIGHT, WIDTH))):
        assert part.shape == shape and part.min() >= 0 and part.max() <= 1
    assert carried.uncovered.min() >= 0 and (carried.uncovered + carried.carried).max() <= 1 + 1e-5


def test_the_video_can_be_differentiated():
    image = picture().requires_grad_()
    points = straight((48, 36, 10.5, 0))
    carry(image, points, shown(points), radius=RADIUS, fill="neutral").video[-1, 36, 60].sum().backward()
    assert image.grad[36, 48:52].sum() == pytest.approx(3, abs=1e-3)


# --- a clip


DRAG = {"points": [{"x": 0.5, "y": 0.5}, {"x": 0.75, "y": 0.5}]}
CLIP = ModelClip(WIDTH, HEIGHT, FRAMES)


def test_picture_and_masks_are_fitted_alike():
    """Twice the clip's size: the object under the mask lands where the drag takes it."""
    image, mask = torch.zeros(1, 2 * HEIGHT, 2 * WIDTH, 3), torch.zeros(1, 2 * HEIGHT, 2 * WIDTH)
    image[0, 64:80, 88:104], mask[0, 64:80, 88:104] = 1, 1
    last = carry_clip(image, drags(DRAG), CLIP, mask).video[-1]
    assert last[36, 72].min() > 0.99 and last[36, 48].max() < 0.05


def test_an_empty_mask_is_none():
    """Load Image gives one of 64x64 pixels for a picture without transparency."""
    image = picture()[None]
    empty, none = (carry_clip(image, drags(DRAG), CLIP, masks) for masks in (torch.zeros(1, 64, 64), None))
    assert torch.equal(empty.video, none.video)


BAD = {
    "no picture": ({"image": None}, "no picture to carry"),
    "no tracks": ({"trajectories": drags()}, "nothing is drawn yet"),
    "all switched off": ({"trajectories": drags({**DRAG, "enabled": False})}, "none of the 1 drags"),
    "hidden at first": ({"trajectories": drags({**DRAG, "visible": [[0.5, 1]]})}, "visible in the first frame"),
    "a track outside": (
        {"trajectories": drags({"name": "wing", "points": [{"x": 1.5, "y": 0.5}, {"x": 0.5, "y": 0.5}]})},
        "'wing' starts outside the picture",
    ),
    "masks of another size": ({"masks": torch.ones(1, 64, 64)}, "The masks are 64x64 pixels"),
    "masks elsewhere": (
        {"masks": torch.stack([box(0, 0, 9, 9), box(9, 9, 18, 18), box(0, 9, 9, 18)])},
        "No track begins in one of the 3 masks",
    ),
    "a mask elsewhere": (
        {"trajectories": drags(DRAG, DRAG), "masks": box(0, 0, 9, 9)[None]},
        "No track begins in the mask",
    ),
    "a bad radius": ({"radius": 0.0}, "radius must be a positive number"),
    "a bad fill": ({"fill": "mirror"}, "fill must be one of inpaint, neutral"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told(case):
    change, words = BAD[case]
    given = {"image": picture()[None], "trajectories": drags(DRAG), "clip": CLIP} | change
    with pytest.raises(ValueError, match=words):
        settings = CarrySettings(**{name: given.pop(name) for name in ("radius", "fill") if name in given})
        carry_clip(**given, settings=settings)
