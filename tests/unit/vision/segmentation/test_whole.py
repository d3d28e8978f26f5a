"""From the part on which a drag begins to the whole thing, and which drags lie on the same one."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dragnuwa.trajectory.objects.masks import outline_mask
from dragnuwa.vision.segmentation import find as whole
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
    assert likeness(otter, each.mask) > 0.85


@pytest.mark.parametrize(
    "certainty, size, barred, taken",
    [(0.9, 2, (), 10), (0.5, 2, (), 2), (0.9, 4, (), 4), (0.9, 2, (7,), 2)],
    ids=["a hand on a person", "hardly on it", "half of it", "what does not belong lies on it"],
)
def test_a_small_part_of_the_main_subject_is_a_part_of_it(certainty, size, barred, taken):
    """Seen with the hand of a man who points: around it, a click takes the hand or the sand."""
    number = np.arange(12)
    learned = SimpleNamespace(subjects_at=lambda points: ([number < 10], certainty))
    patches = SimpleNamespace(area=np.ones(12), at=lambda points: np.array(points.real, int))
    picture = SimpleNamespace(patches=patches, learned=learned)
    found = whole._subject(picture, number < size, 0j, np.array(barred, complex))
    assert found.tolist() == (number < taken).tolist()


def test_a_drag_and_an_anchor_on_one_animal_belong_together(otter):
    (each,) = found(otter, HEAD, BACK, resting=1)
    assert each.tracks.tolist() == [0, 1] and likeness(otter, each.mask) > 0.85


def test_an_anchor_elsewhere_and_one_alone_are_on_nothing_that_is_dragged(otter):
    (each,) = found(otter, FLANK, ROCK, resting=1)
    assert each.tracks.tolist() == [0]
    assert found(otter, BACK, resting=1) == []


def test_without_a_network_a_part_stays_a_part(otter):
    plain = SearchImage(otter.image, otter.small, otter.patches)
    (each,) = found(plain, HEAD)
    assert likeness(otter, each.mask) < 0.3


def test_points_are_on_the_main_subject_as_certainly_as_the_least_certain_of_them(otter):
    height, width = otter.small.shape[:2]
    head, rock = (complex(x * width, y * height) for x, y in (HEAD, ROCK))
    on_head, on_rock, on_both = (
        otter.learned.subjects_at(np.array(points))[1] for points in ([head], [rock], [head, rock])
    )
    assert on_head > 0.8 > 0.2 > on_rock == on_both
