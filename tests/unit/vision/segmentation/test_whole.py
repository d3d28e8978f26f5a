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
CLOSE = (0.3, 0.25, 0.8, 0.75)  # left, top, right and bottom of a part of the picture, of which it covers half


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


def test_what_fills_a_picture_is_no_ground_if_it_is_the_main_subject(otter):
    """A portrait, in which a drag on a head tore it off: somebody who covers half of a picture was taken for ground."""
    height, width = otter.image.shape[:2]
    left, top, right, bottom = CLOSE
    rows, columns = slice(int(top * height), int(bottom * height)), slice(int(left * width), int(right * width))
    close = search_image(np.ascontiguousarray(otter.image[rows, columns]))
    start = complex(HEAD[0] * width - columns.start, HEAD[1] * height - rows.start)
    (each,) = objects_together(close, np.array([start]), np.array([True]), np.zeros(0, complex))
    ring = tuple((place["x"], place["y"]) for place in _ring(CORNERS))
    true, mask = outline_mask((ring,), width, height)[rows, columns] >= 0.5, each.mask >= 0.5
    assert true.mean() > 0.5 and (true & mask).sum() > 0.9 * (true | mask).sum()


@pytest.mark.parametrize(
    "certainty, size, whole_is, seam, part_is, high, barred, taken",
    [
        pytest.param(0.9, 2, 0.5, 9, 0.9, 40, (), 10, id="a hand of somebody"),
        pytest.param(0.5, 2, 0.9, 1, 0.5, 40, (), 2, id="hardly on it"),
        pytest.param(0.9, 4, 0.6, 1, 0.5, 150, (), 4, id="one of two things"),
        pytest.param(0.9, 4, 0.9, 1, 0.9, 40, (), 10, id="a head"),
        pytest.param(0.9, 4, 0.9, 9, 0.5, 40, (), 10, id="a face among hair"),
        pytest.param(0.9, 4, 0.9, 9, 0.9, 150, (), 10, id="a face among hair in a portrait"),
        pytest.param(0.9, 4, 0.9, 9, 0.9, 40, (), 4, id="a cup on its saucer"),
        pytest.param(0.9, 2, 0.9, 1, 0.9, 40, (7,), 2, id="something else lies on it"),
    ],
)
def test_a_part_of_the_main_subject_is_a_part_of_it(certainty, size, whole_is, seam, part_is, high, barred, taken):
    """Seen with the hand of a man who points: around it, a click takes the hand or the sand. And with a man whose face
    was taken without an ear, from some places on it, and a woman's without her braids.

    Ten superpixels of twelve are the main subject, the first ones the part: columns of the picture, `high` px. They
    meet the rest along `seam`, and the ground along 4. Clicks on the part and on the rest mean the subject by an
    estimate of `whole_is`, and something else by 0.7; a click on the part alone means the part by `part_is`, and the
    subject by 0.6."""
    number = np.arange(12)
    learned = SimpleNamespace(subjects_at=lambda points: ([number < 10], certainty))
    patches = SimpleNamespace(
        area=np.ones(12), at=lambda points: np.array(points.real, int), label=np.tile(np.arange(120) // 10, (high, 1)),
        u=np.array([0, size - 1]), v=np.array([11, size]), length=np.array([4, seam]),
    )  # fmt: skip
    asked = SimpleNamespace(
        is_thing=lambda: True,
        containing=lambda inside, outside: [number < 6],
        overlaps=lambda masks: np.array([whole_is, 0.7]),
        estimates=lambda masks: np.array([0.6, part_is]),
    )
    picture = SimpleNamespace(patches=patches, learned=learned, ask=lambda inside, outside: asked)
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
