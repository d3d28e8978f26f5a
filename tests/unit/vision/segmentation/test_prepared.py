"""What a drag carries, what the page is told and what Restore Detail moves are the same object, to the bit; and what a
click picks, but for a pixel at its edge."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from dragnuwa import trajectory
from dragnuwa.carry.composite import carry_clip, find_in_clip
from dragnuwa.carry.outlines import carried_regions
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import MODES, fit, full_size, to_floats
from dragnuwa.common.masks import MASKED
from dragnuwa.common.picture_files import open_picture
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture, DetailSettings
from dragnuwa.vision.segmentation.find import TrackSearch
from dragnuwa.vision.segmentation.outline import outline_in_clip
from dragnuwa.vision.segmentation.pick import first_pick, soft_mask
from dragnuwa.vision.segmentation.prepared import LONGEST, prepare, search_image
from tests.support.exhaustive import some

PICTURES = Path(__file__).parents[4] / "web/pictures"
CLIP = ClipShape(160, 104, 3)
SIZES = ((600, 400), (640, 427), (700, 1060), (1000, 660), (1200, 1200))
LARGE = ((1500, 1000), (1300, 1900), (2600, 1500), (3000, 2000), (4000, 2600))
CASES = [(size, mode, seed) for seed, size in enumerate(SIZES) for mode in MODES]
CASES += [(size, "crop", 10 + seed) for seed, size in enumerate(LARGE)]
# Each way to lie in the clip, a picture that is higher than wide, and one that is scaled down for the search.
FEW = [(size, MODES[seed % len(MODES)], seed) for seed, size in enumerate(SIZES[:3])] + [CASES[-4]]


class Seen(Exception):
    pass


def picture(width: int, height: int, seed: int) -> torch.Tensor:
    """`[H, W, 3]`: an ellipse of another colour on a noisy ground."""
    rng = np.random.default_rng(seed)
    noise = 9 * rng.standard_normal((height, width, 1), np.float32) * np.array((1, 0.9, 1.1), np.float32)
    image = (rng.integers(90, 150, 3).astype(np.float32) + noise).clip(0, 255).astype(np.uint8)
    side = min(width, height)
    axes = (int(side * rng.uniform(0.12, 0.2)), int(side * rng.uniform(0.1, 0.18)))
    cv2.ellipse(image, (width // 2, height // 2), axes, float(rng.uniform(0, 90)), 0, 360, (200, 40, 60), -1)
    return to_floats(cv2.GaussianBlur(image, (0, 0), side / 600))


@pytest.mark.parametrize(("size", "mode", "seed"), some(FEW, CASES))
def test_drags_and_clicks_and_restore_detail_find_the_same_object(size, mode, seed, monkeypatch):
    image = picture(*size, seed)
    text = json.dumps([[[80, 52], [95, 60]]])
    drags = trajectory.parse(text, width=CLIP.width, height=CLIP.height)
    prepared = prepare(image, CLIP.size, mode)
    assert max(prepared.size) <= LONGEST

    (by_drag,) = carry_clip(image[None], drags, CLIP, settings=CarrySettings(fit=mode, fill="neutral")).objects
    place = complex(prepared.in_image(np.array([80 + 52j]))[0])
    find, moved = TrackSearch.find, []

    def seen(*given):
        moved.extend(find(*given))
        raise Seen  # the rest of its work takes a second, and does not matter here

    monkeypatch.setattr(TrackSearch, "find", seen)
    frames = fit(image[None], CLIP.width, CLIP.height, mode).expand(CLIP.frames, -1, -1, -1)
    with pytest.raises(Seen):
        restore_clip(
            ClipAndPicture(frames, image[None]), text, settings=DetailSettings(width=320, height=208, fit=mode)
        )
    assert len(moved) == 1
    assert torch.equal(by_drag, prepared.at_picture(moved[0].mask))

    monkeypatch.undo()
    (told,) = carried_regions(prepared, drags, CLIP)
    assert told.outline == outline_in_clip(moved[0].mask, prepared.place, CLIP.size)

    # A click knows that there is an object, and chooses among more candidates.
    by_click = prepared.at_picture(soft_mask(prepared.search, first_pick(prepared.search, place))) >= MASKED
    assert (by_click & (by_drag >= MASKED)).sum() > 0.99 * (by_click | (by_drag >= MASKED)).sum()


def test_a_clip_that_crops_for_its_model_and_a_video_of_the_whole_picture_search_in_the_same():
    """A picture of 1500x1000 on a clip of 160x104, which cuts 2.5 % off: places and masks lie as its pixels do."""
    image = picture(1500, 1000, 0)
    video = full_size((1500, 1000), CLIP.size, "crop")
    of_clip, of_video = prepare(image, CLIP.size), prepare(image, video.size, video.mode)
    assert video.is_whole and np.array_equal(of_clip.image, of_video.image)
    left, top, width, height = video.area
    points = np.array([0 + 0j, 80 + 52j, 159 + 103j])
    x = (left + (points.real + 0.5) / CLIP.width * width) * video.size[0] - 0.5
    y = (top + (points.imag + 0.5) / CLIP.height * height) * video.size[1] - 0.5
    assert np.abs(of_clip.in_image(points) - of_video.in_image(x + 1j * y)).max() < 1e-6
    for prepared in (of_clip, of_video):
        brightness = prepared.image.mean(-1, dtype=np.float32) / 255
        shown = fit(image[None], *prepared.clip, prepared.mode)[0].mean(-1).numpy()
        assert np.abs(prepared.at_clip(brightness) - shown).mean() < 0.01
    ring = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    assert of_clip.at_clip(of_clip.outlined((ring,))).min() > 0.97  # the edge lies between two of its pixels
    assert of_clip.outlined((ring,)).mean() == pytest.approx(width * height, abs=0.002)


def test_a_drag_begins_at_the_same_place_for_a_clip_and_a_video_of_the_whole_picture(monkeypatch):
    """Half a pixel of the clip beside it, a rocket was torn in two by the run, and not by what plays."""
    image, seen = picture(1500, 1000, 0), []
    monkeypatch.setattr(
        "dragnuwa.vision.segmentation.find.find_objects", lambda _, tracks, others: seen.append((tracks, others)) or []
    )
    video = full_size((1500, 1000), CLIP.size, "crop")
    left, top, width, height = video.area
    drags = np.array([[0.25 + 0.4j, 0.75 + 0.6j], [0.6 + 0.8j, 0.6 + 0.8j]])  # in fractions of the clip
    in_video = left + drags.real * width + 1j * (top + drags.imag * height)
    for part, size, mode in ((drags, CLIP.size, "crop"), (in_video, video.size, video.mode)):
        search = TrackSearch(prepare(image, size, mode), part.real * size[0] + 1j * part.imag * size[1])
        search.find(np.array([0]), np.array([1]))
    (of_clip, pin_of_clip), (of_video, pin_of_video) = seen
    assert np.abs(of_clip - of_video).max() < 1e-6 and np.abs(pin_of_clip - pin_of_video).max() < 1e-6


@pytest.mark.parametrize(
    ("name", "things", "ground"),
    [
        ("osprey", [(0.37, 0.45), (0.85, 0.65)], [(0.1, 0.2), (0.55, 0.15), (0.5, 0.92)]),
        ("coffee", [(0.4, 0.35), (0.2, 0.7)], [(0.75, 0.15), (0.9, 0.8), (0.05, 0.9)]),
        ("rocket", [(0.5, 0.6)], [(0.3, 0.2), (0.7, 0.4)]),
    ],
)
def test_things_are_known_from_the_ground(name, things, ground, monkeypatch):
    """Bird and branch before bushes, cup and saucer on wood, a rocket before the sky; they are looked for once."""
    with open_picture(PICTURES / f"dragnuwa-{name}.jpg") as opened:
        searched = search_image(np.asarray(opened.convert("RGB")))
    found = searched.things
    height, width = found.shape

    def shares(places: list[tuple[float, float]]) -> list[bool]:
        return [bool(found[round(y * height), round(x * width)]) for x, y in places]

    assert all(shares(things)) and not any(shares(ground))
    monkeypatch.setattr(type(searched.learned), "ask", lambda *_, **__: pytest.fail("asked again"))
    assert searched.things is found


def test_without_the_networks_nothing_is_a_thing(monkeypatch):
    monkeypatch.setattr("dragnuwa.vision.segmentation.prepared.shipped", lambda: None)
    assert not search_image(np.full((60, 80, 3), 128, np.uint8)).things.any()


def test_the_ground_behind_what_moves_is_filled_from_no_thing():
    with open_picture(PICTURES / "dragnuwa-osprey.jpg") as opened:
        image = to_floats(np.array(opened.convert("RGB")))
    clip = ClipShape(384, 216, 2)
    drags = trajectory.parse(json.dumps([[[142, 97], [100, 97]]]), width=clip.width, height=clip.height)
    background = find_in_clip(image[None], drags, clip).background
    assert not background.fill_from[97, 142] and background.fill_from[30, 30]


@pytest.mark.parametrize("size", [(32, 48), (31, 64), (48, 32), (16, 16)])
def test_things_are_looked_for_in_small_pictures_of_any_shape(size):
    image = (np.random.default_rng(0).random((*size, 3)) * 255).astype(np.uint8)
    searched = search_image(image)
    assert searched.things.shape == searched.small.shape[:2]
