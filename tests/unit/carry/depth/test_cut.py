"""Things that are dragged in a picture with depth, and depth that is drawn by hand, against where they must be seen."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from dragnuwa import trajectory
from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.depth.camera import intrinsics_from_angle
from dragnuwa.carry.depth.layers import LayeredScene, cut_out
from dragnuwa.carry.depth.parallax import Parallax, filmed, parallax
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.readers import DrawnDepth
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.carry.drawing import drawing_on
from dragnuwa.carry.find import find
from dragnuwa.carry.rendering import render
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.errors import InputError
from dragnuwa.vision.inpainting.fill import fill_hole
from tests.support.drawings import objects_value, parsed, parsed_tracks, rectangle_ring

SIZE, FRAMES = (192, 128), 5
CLIP = ClipShape(*SIZE, FRAMES)
RED, BLUE = (0.9, 0.1, 0.1), (0.1, 0.1, 0.9)
CARD = (40, 50, 64, 82)  # left, top, right, bottom of a red card, in pixels
STILL = CameraMoves()


def picture(*cards: tuple[tuple[int, int, int, int], tuple]) -> torch.Tensor:
    """A grey picture with cards of one colour."""
    found = torch.full((SIZE[1], SIZE[0], 3), 0.5)
    for (left, top, right, bottom), color in cards:
        found[top:bottom, left:right] = torch.tensor(color)
    return found


def outline(card: tuple[int, int, int, int]) -> list:
    return [rectangle_ring(*card, SIZE)]


def drawn(*objects: dict, **more) -> trajectory.Trajectories:
    return parsed(objects_value(*objects, **more), SIZE)


def moved(card: tuple, x: float = 0, y: float = 0, **fields) -> dict:
    """An object that has moved by that many pixels in the last frame."""
    end = {"t": 1, "x": x / SIZE[0], "y": y / SIZE[1]}
    return {"outline": outline(card), "motion": {"keys": [end]}, "edge": "exact", **fields}


def cut_of(image: torch.Tensor, depth, drawing, settings: CarrySettings = CarrySettings(), grows: bool = False):  # noqa: B008
    found = find(drawing_on(image, drawing, CLIP, settings=settings))
    return cut_out(found, image.movedim(-1, 0), depth, grows)


def film_of(cut: LayeredScene, moves: CameraMoves) -> Parallax:
    cameras = moves.cameras(cut.scene, FRAMES)
    return filmed(cut.seen_by(cameras, range(FRAMES)), cut.scene, 16, cut.drawn)


def seen(image: torch.Tensor, depth, drawing, moves: CameraMoves, grows: bool = False):
    cut = cut_of(image, depth, drawing, grows=grows)
    return film_of(cut, moves), cut


def nearer(cut: LayeredScene) -> float:
    """How many times as near the ground has brought the first layer at the end."""
    composition = cut.seen_by(STILL.cameras(cut.scene, FRAMES), range(FRAMES))
    return composition.layers[0].region.warp.nearer(FRAMES - 1)


def middle(frame: torch.Tensor, color: tuple) -> tuple[float, float, int]:
    """(x, y) of the middle of what has a colour, and how many pixels have it."""
    rows, columns = np.nonzero((frame - torch.tensor(color)).abs().amax(-1).numpy() < 0.15)
    return float(columns.mean()), float(rows.mean()), len(rows)


def walls(near: tuple[int, int, int, int], disparity: float = 1.0) -> DepthScene:
    """A wall at a quarter of the disparity with something nearer before it."""
    found = np.full(SIZE[::-1], 0.25, np.float32)
    left, top, right, bottom = near
    found[top:bottom, left:right] = disparity
    return DepthScene(found, intrinsics_from_angle(55, SIZE))


def test_with_a_camera_at_rest_it_is_what_carry_makes():
    image, drawing = picture((CARD, RED)), drawn(moved(CARD, 60, 10))
    made, _ = seen(image, walls(CARD), drawing, STILL)
    carried = carry_clip(image[None], drawing, CLIP)
    assert (made.video - carried.video).abs().max() < 0.02
    assert torch.equal(made.video[0], image)


def test_objects_by_hand_move_by_their_distance():
    image = picture((CARD, RED), ((120, 40, 150, 90), BLUE))
    two = moved(CARD, distance=2), moved((120, 40, 150, 90), distance=4)
    made, cut = seen(image, DrawnDepth(farthest=50), drawn(*two), CameraMoves(truck=0.1, focus=(0.27, 0.5)))
    focal = cut.scene.intrinsics[0, 0]  # the camera moves by a tenth of the distance 2
    for color, distance in ((RED, 2), (BLUE, 4)):
        before, after = (middle(made.video[time], color) for time in (0, -1))
        assert after[0] - before[0] == pytest.approx(-0.2 * focal / distance, abs=0.6)
        assert after[1] == pytest.approx(before[1], abs=0.5) and after[2] == pytest.approx(before[2], rel=0.1)


def test_a_dragged_thing_passes_behind_what_is_nearer_and_before_what_is_farther():
    pillar = (100, 0, 116, 128)
    image = picture((CARD, RED), (pillar, BLUE))
    scene = walls(pillar)
    scene.disparity[CARD[1] : CARD[3], CARD[0] : CARD[2]] = 0.5
    made, _ = seen(image, scene, drawn(moved(CARD, 56)), STILL)  # its middle is the pillar's
    assert (made.video[-1, 55:78, 102:114] - torch.tensor(BLUE)).abs().max() < 0.02
    assert middle(made.video[-1], RED)[2] > 100  # what is beside the pillar
    farther = DepthScene(np.where(scene.disparity == 1, 0.3, scene.disparity).astype(np.float32), scene.intrinsics)
    made, _ = seen(image, farther, drawn(moved(CARD, 56)), STILL)
    assert (made.video[-1, 55:78, 99:117] - torch.tensor(RED)).abs().max() < 0.02


def test_camera_and_object_are_apart():
    image, scene = picture((CARD, RED)), walls(CARD)
    drag, moves = drawn(moved(CARD, 40)), CameraMoves(truck=0.1, focus=(0.27, 0.5))
    ways = {}
    for name, drawing, camera in (("both", drag, moves), ("drag", drag, STILL), ("camera", drawn(moved(CARD)), moves)):
        if name == "camera":
            made = parallax(image, scene, moves.cameras(scene, FRAMES))
        else:
            made, _ = seen(image, scene, drawing, camera)
        ways[name] = middle(made.video[-1], RED)[0] - middle(image, RED)[0]
    assert ways["drag"] == pytest.approx(40, abs=0.5)
    assert ways["both"] == pytest.approx(ways["drag"] + ways["camera"], abs=0.6)


@pytest.mark.parametrize("grows", [False, True])
def test_a_thing_that_comes_nearer_on_the_ground_grows_if_asked_and_never_sinks(grows):
    standing = (60, 60, 80, 80)  # its foot is halfway between the horizon and the lower edge
    image = picture((standing, RED))
    made, cut = seen(image, DrawnDepth(horizon=0.25), drawn(moved(standing, y=32)), STILL, grows)
    _, _, area = middle(made.video[0], RED)
    x, y, grown = middle(made.video[-1], RED)
    there = nearer(cut)
    assert there == pytest.approx((112 - 32) / (80 - 32), rel=0.05)  # by the foot's distance to the horizon
    assert grown == pytest.approx(area * (there**2 if grows else 1), rel=0.08)
    assert x == pytest.approx(69.5, abs=0.7)
    assert y == pytest.approx(111.5 - 10 * (there if grows else 1), abs=1.5)


def test_away_from_the_camera_it_shrinks_if_asked():
    standing = (60, 90, 80, 110)
    made, _ = seen(picture((standing, RED)), DrawnDepth(horizon=0.25), drawn(moved(standing, y=-40)), STILL, True)
    assert middle(made.video[-1], RED)[2] < 0.4 * middle(made.video[0], RED)[2]


def test_the_ground_under_a_thing_is_found_in_measured_depth():
    rows = np.maximum((np.arange(SIZE[1]) - 40) / 88, 0.05).astype(np.float32)
    disparity = np.repeat(rows[:, None], SIZE[0], 1)
    standing = (60, 60, 80, 80)
    disparity[60:80, 60:80] = rows[79]
    scene = DepthScene(disparity, intrinsics_from_angle(55, SIZE))
    cut = cut_of(picture((standing, RED)), scene, drawn(moved(standing, y=32)))
    assert nearer(cut) == pytest.approx((111 - 40) / (79 - 40), rel=0.1)
    disparity[60:80, 60:80] = 1.0  # floats before it
    cut = cut_of(picture((standing, RED)), scene, drawn(moved(standing, y=32)))
    assert cut.reliefs[0].ground is None


@pytest.mark.parametrize("card", [CARD, (20, 10, 130, 110)])  # small, and larger than what is solved at once
def test_what_a_thing_leaves_has_the_depth_of_what_is_around_it(card):
    scene = walls(card)
    cut = cut_of(picture((card, RED)), scene, drawn(moved(card, 40)))
    assert np.abs(cut.ground.disparity - 0.25).max() < 1e-3


def test_the_mask_is_what_the_picture_does_not_show():
    made, _ = seen(picture((CARD, RED)), walls(CARD), drawn(moved(CARD, 60)), STILL)
    assert made.disoccluded[-1, 55:78, 44:60].min() > 0.99 and made.disoccluded[-1, 55:78, 104:120].max() < 0.01


def test_tracks_follow_the_things_and_the_drags():
    made, _ = seen(picture((CARD, RED)), walls(CARD), drawn(moved(CARD, 60)), STILL)
    points, visible = made.trajectories.sample(FRAMES, *SIZE)
    on_card = ((points[:, 0] > (CARD[0], CARD[1])) & (points[:, 0] < (CARD[2], CARD[3]))).all(1)
    assert on_card.sum() >= 2 and visible[on_card].all()
    assert np.abs(points[on_card, -1] - points[on_card, 0] - (60, 0)).max() < 0.01
    covered = ((points[:, 0] > (CARD[0] + 60, CARD[1])) & (points[:, 0] < (CARD[2] + 60, CARD[3]))).all(1)
    assert covered.any() and not visible[covered, -1].any()
    assert np.allclose(points[~on_card, -1], points[~on_card, 0])


def test_what_the_pictures_border_cuts_off_goes_on_beyond_it():
    card = (150, 60, 192, 128)
    moves = CameraMoves(truck=0.1, pedestal=-0.1, focus=(0.9, 0.8))
    made, _ = seen(picture((card, RED)), DrawnDepth(farthest=50), drawn(moved(card, distance=1)), moves)
    corner = made.video[-1, -4:, -4:]
    assert (corner - torch.tensor(RED)).abs().max() < 0.05 and made.disoccluded[-1, -4:, -4:].min() > 0.9


def test_drags_that_move_the_whole_picture_are_refused():
    points = [{"points": [{"x": x, "y": y}, {"x": x + 0.1, "y": y}]} for x in (0.1, 0.5, 0.85) for y in (0.1, 0.5, 0.9)]
    pan = parsed_tracks(*points, size=SIZE)
    with pytest.raises(InputError, match="move the whole picture"):
        cut_of(torch.rand(SIZE[1], SIZE[0], 3), walls(CARD), pan)


@pytest.mark.parametrize(
    ("values", "message"),
    [({"horizon": 2.0}, "horizon should be"), ({"farthest": 1.0}, "farthest"), ({"angle": 0.0}, "angle of view")],
)
def test_drawn_depth_that_cannot_be_is_refused(values, message):
    with pytest.raises(InputError, match=message):
        DrawnDepth(**values).scene(SIZE)


def drag(*positions: tuple[float, float]) -> dict:
    return {"points": [{"x": x / SIZE[0], "y": y / SIZE[1]} for x, y in positions]}


def test_a_free_drag_moves_the_thing_on_which_it_begins():
    image = picture((CARD, RED))
    drawing = parsed_tracks(drag((52, 66), (112, 66)), size=SIZE)
    made, cut = seen(image, walls(CARD), drawing, CameraMoves(truck=0.05, focus=(0.27, 0.5)))
    assert len(cut.layers) == 1
    way = 0.05 * cut.scene.intrinsics[0, 0]  # of the camera, at the card's depth
    assert middle(made.video[-1], RED)[0] == pytest.approx(middle(image, RED)[0] + 60 - way, abs=1)


def test_the_surroundings_of_drags_move_as_a_whole():
    image = picture((CARD, RED))
    drawing = parsed_tracks(drag((48, 62), (108, 62)), drag((56, 72), (116, 72)), size=SIZE)
    settings = CarrySettings(carries="surroundings", radius=16)
    made = film_of(cut_of(image, walls(CARD), drawing, settings), STILL)
    assert middle(made.video[-1], RED)[0] > 100


def test_a_blurred_thing_is_seen_at_every_instant_of_its_exposure():
    thing = moved(CARD, 80, shutter=1)
    made, _ = seen(picture((CARD, RED)), walls(CARD), drawn(thing), STILL)
    row = made.video[2, 66, :, 0]  # it moves by 20 px a frame
    assert 10 < int(((row > 0.52) & (row < 0.88)).sum()) < 60


def test_a_hidden_thing_is_not_seen():
    made, _ = seen(picture((CARD, RED)), walls(CARD), drawn(moved(CARD, 60, visible=[[0, 0.5]])), STILL)
    assert (made.video[-1] - torch.tensor(RED)).abs().amax(-1).min() > 0.3


def test_a_camera_turned_away_from_a_thing_does_not_see_it():
    made, _ = seen(picture((CARD, RED)), DrawnDepth(), drawn(moved(CARD, distance=1)), CameraMoves(pan=85))
    assert torch.isfinite(made.video).all()
    assert (made.video[-1] - torch.tensor(RED)).abs().amax(-1).min() > 0.3


BAR, HELD, END = (40, 56, 120, 72), (46, 64), (114, 64)  # a red bar, which is held at one end and raised at the other
UP, UPRIGHT = (102, 24), (50, 2)


def raised_bar(to: tuple[float, float] = UP) -> trajectory.Trajectories:
    ways = ((HELD,), (END, to))
    pins = [{"points": [{"x": x / SIZE[0], "y": y / SIZE[1]} for x, y in way], "spline": "linear"} for way in ways]
    return drawn({**moved(BAR), "pins": pins})


def stepped(step: float) -> DepthScene:
    """A bar whose right half is nearer, before a wall."""
    scene = walls(BAR, 0.5)
    scene.disparity[BAR[1] : BAR[3], 80 : BAR[2]] *= 1 + step
    return scene


def test_what_bends_is_not_torn_where_its_depth_has_a_step():
    image = picture((BAR, RED))
    made, _ = seen(image, stepped(0.5), raised_bar(), CameraMoves(truck=-0.3, focus=(0.3, 0.5)))
    red = (made.video[-1] - torch.tensor(RED)).abs().amax(-1).numpy() < 0.25
    areas = np.bincount(ndimage.label(red)[0].ravel())[1:]
    assert areas.max() == areas.sum() > 0.8 * (BAR[2] - BAR[0]) * (BAR[3] - BAR[1])


def test_frames_that_are_made_at_once_are_those_that_are_made_alone():
    image = picture((BAR, RED), ((120, 0, 150, 128), BLUE))
    for drawing in (raised_bar(), drawn(moved(BAR, 40, 10))):
        cut = cut_of(image, stepped(0.5), drawing)
        cameras = CameraMoves(truck=0.2, orbit=3, focus=(0.3, 0.5)).cameras(cut.scene, FRAMES)
        with torch.inference_mode():  # as ComfyUI runs nodes
            made = filmed(cut.seen_by(cameras, range(FRAMES)), cut.scene, 16, cut.drawn)
        alone = cut.seen_by(cameras, range(FRAMES))
        for time in range(FRAMES):
            assert torch.equal(made.video[time], render(alone, time).colors.movedim(0, -1))


def test_what_bends_and_is_blurred_is_seen_at_every_instant_of_its_exposure():
    ways = ((HELD,), (END, UP))
    pins = [{"points": [{"x": x / SIZE[0], "y": y / SIZE[1]} for x, y in way], "spline": "linear"} for way in ways]
    mixed = []
    for shutter in (0, 1):
        thing = drawn({**moved(BAR, 60, shutter=shutter), "pins": pins})
        red = seen(picture((BAR, RED)), walls(BAR), thing, STILL)[0].video[2, ..., 0]
        mixed.append(int(((red > 0.56) & (red < 0.84)).sum()))
    assert mixed[1] > 2 * mixed[0]


def test_the_tracks_of_what_bends_are_where_its_pins_are():
    scene = walls(BAR, 0.5)
    cut = cut_of(picture((BAR, RED)), scene, raised_bar(UPRIGHT))
    cameras = CameraMoves(truck=0.1, focus=(0.27, 0.5)).cameras(scene, FRAMES)
    warp = cut.seen_by(cameras, range(FRAMES)).layers[0].region.warp
    at = np.array([complex(*HELD), complex(*END)]) - (0.5 + 0.5j)
    ends = np.array([complex(*HELD), complex(*UPRIGHT)]) - (0.5 + 0.5j)
    found = warp.project(at, FRAMES - 1)[:, :2] @ (1, 1j)
    true = cameras[-1].project_positions(ends.real, ends.imag, np.full(2, 0.5), scene.intrinsics)[:, :2] @ (1, 1j)
    assert np.abs(found - true).max() < 0.7


def test_what_bends_passes_behind_what_is_nearer_and_before_what_is_farther():
    pillar = (84, 20, 92, 50)
    image = picture((BAR, RED), (pillar, BLUE))
    for disparity, color in ((1.0, BLUE), (0.3, RED)):
        scene = walls(BAR, 0.5)
        scene.disparity[pillar[1] : pillar[3], pillar[0] : pillar[2]] = disparity
        made, _ = seen(image, scene, raised_bar(), STILL)
        column = (made.video[-1, :, 88] - torch.tensor(RED)).abs().amax(-1) < 0.15
        behind = (made.video[-1, 22:48, 86:90] - torch.tensor(color)).abs().amax(-1) < 0.15
        assert bool(column[22:48].any()) == (color == RED)
        assert behind.float().mean() > (0.95 if color == BLUE else 0.3)


def test_the_ground_goes_on_beyond_the_border_as_far_as_it_is_seen():
    """What is near at the border, where far things move less: its own texture, rather than a smear."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    checks = torch.from_numpy(((x // 4 + y // 4) % 2).astype(np.float32)).expand(3, -1, -1) * 0.5 + 0.25
    depth, moves = DrawnDepth(0.3), CameraMoves(truck=0.25, focus=(0.5, 0.95), ease="linear")
    cut = cut_out(find(drawing_on(checks.movedim(0, -1), drawn(), CLIP)), checks, depth)
    made = film_of(cut, moves)
    gone = made.disoccluded[-1] > 0.5
    lowest = gone[-24:].numpy()
    assert lowest.sum() > 24 * 30  # the border has come in by a sixth of the width
    assert float(made.video[-1][-24:][torch.from_numpy(lowest)].std()) > 0.15


def test_what_is_seen_behind_is_not_filled_with_things():
    """Whether a drawing moves anything or not: what lies behind is filled like what it leaves."""
    asked = []

    def fill_with(picture: np.ndarray, hole: np.ndarray, *, things: np.ndarray | None = None, **others) -> np.ndarray:
        asked.append(things)
        return fill_hole(picture, hole, things=things, **others)

    near = (90, 40, 130, 90)
    image = picture((CARD, RED), (near, BLUE))
    found = find(drawing_on(image, drawn(), CLIP))
    known = ~found.background.fill_from
    cut = cut_out(found, image.movedim(-1, 0), walls(near))
    cut.seen_by(CameraMoves(truck=0.2).cameras(cut.scene, FRAMES), range(FRAMES), fill_with=fill_with)
    (things,) = asked
    assert things.shape[0] == SIZE[1] and things.shape[1] > SIZE[0]  # a camera that goes to the right sees more there
    assert known.any() and np.array_equal(things[:, : SIZE[0]], known)
