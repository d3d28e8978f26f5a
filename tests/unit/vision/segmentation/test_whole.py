"""From the part on which a drag begins to the whole thing, and which drags lie on the same one."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dragnuwa.trajectory.objects.masks import outline_mask
from dragnuwa.vision.segmentation.find import objects_together
from dragnuwa.vision.segmentation.prepared import SearchImage, search_image
from tools.outlines import OTTER as CORNERS
from tools.outlines import _ring

ROOT = Path(__file__).parents[4]
HEAD, BACK, FLANK, ROCK = (0.36, 0.35), (0.65, 0.5), (0.55, 0.6), (0.3, 0.85)


@pytest.fixture(scope="module")
def otter() -> SearchImage:
    with Image.open(ROOT / "web/pictures/dragnuwa-otter.webp") as picture:
        image = np.asarray(picture.convert("RGB").resize((768, 432)))
    return search_image(image)


def found(picture: SearchImage, *places: tuple[float, float], resting: int = 0, outside=()) -> list:
    height, width = picture.image.shape[:2]
    starts, barred = (np.array([complex(x * width, y * height) for x, y in each]) for each in (places, outside))
    moving = np.arange(len(places)) < len(places) - resting
    return objects_together(picture, starts, moving, barred.astype(complex))


def likeness(picture: SearchImage, mask: np.ndarray) -> float:
    height, width = picture.image.shape[:2]
    ring = tuple((place["x"], place["y"]) for place in _ring(CORNERS))
    true, mask = outline_mask((ring,), width, height) >= 0.5, mask >= 0.5
    return (true & mask).sum() / (true | mask).sum()


def test_a_drag_on_the_head_takes_the_whole_animal(otter):
    (each,) = found(otter, HEAD)
    assert likeness(otter, each.mask) > 0.9


def test_a_drag_and_an_anchor_on_one_animal_belong_together(otter):
    (each,) = found(otter, HEAD, BACK, resting=1)
    assert each.tracks.tolist() == [0, 1] and likeness(otter, each.mask) > 0.9


def test_an_anchor_elsewhere_and_one_alone_are_on_nothing_that_is_dragged(otter):
    (each,) = found(otter, FLANK, ROCK, resting=1)
    assert each.tracks.tolist() == [0]
    assert found(otter, BACK, resting=1) == []


def test_without_a_network_a_part_stays_a_part(otter):
    plain = SearchImage(otter.image, otter.small, otter.patches)
    (each,) = found(plain, HEAD)
    assert likeness(otter, each.mask) < 0.3
