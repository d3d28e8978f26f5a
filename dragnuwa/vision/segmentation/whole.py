"""The whole object that a part belongs to: from the head on which a drag begins, the animal.

A click on a head takes the head, but a click on the body the whole animal with its head. So the network is asked with
clicks around the part; what one of them takes, if that holds the part's own click, is the whole. Where there is none,
such as around a hand, the picture's main subject is, if the part is a small part of it.
"""

from __future__ import annotations

import numpy as np

from ...common.interrupt import checkpoint
from .learned import HALF
from .prepared import SearchImage

AWAY = (1.6, 2.6)  # of the part's radius: how far from its centre the clicks around it are
AROUND = 8  # clicks on each of these circles
LARGER = 1.15  # of the part's area: from here on, something is more than the part
SURE = 0.7  # estimated intersection over union from which the whole is believed
HELD = 0.8  # of the part's area that the whole holds
SMALL = 0.25  # of the main subject's area: up to here, what lies on it is a part of it
CERTAIN = 0.8  # of the part being on the main subject
ROUNDS = 2  # from a nose to a head, from a head to an animal
NOTHING = np.zeros(0, complex)


def whole_around(picture: SearchImage, part: np.ndarray, start: complex, outside: np.ndarray) -> np.ndarray:
    """`[S]` bool, the superpixels of the whole that a part belongs to; the part, if there is none, or no network.

    Args:
        picture: in which it is.
        part: `[S]` bool.
        start: the click (complex, px of the small picture) that took the part.
        outside: `[k]` complex, points that do not belong to it.
    """
    for _ in range(ROUNDS if picture.learned is not None else 0):
        larger = _larger(picture, part, start, outside)
        if larger is None:
            return _subject(picture, part, start, outside)
        part = larger
    return part


def _larger(picture: SearchImage, part: np.ndarray, start: complex, outside: np.ndarray) -> np.ndarray | None:
    patches = picture.patches
    area = patches.area[part].sum()
    best, sure = None, SURE
    for click in _around(part[patches.label]):
        checkpoint()
        asked = picture.ask(np.array([click]), outside)
        masks = asked.containing(np.array([click]), outside)
        if not masks or not asked.is_thing():
            continue
        overlaps = asked.overlaps(masks)
        number = int(overlaps.argmax())
        mask = masks[number]
        grows = patches.area[mask].sum() >= LARGER * area and patches.area[mask & part].sum() >= HELD * area
        if overlaps[number] > sure and mask[patches.at(np.array([start]))].all() and grows:
            best, sure = mask, float(overlaps[number])
    return best


def _subject(picture: SearchImage, part: np.ndarray, start: complex, outside: np.ndarray) -> np.ndarray:
    """The main subject with the part, if that is a small part of it; otherwise the part."""
    area = picture.patches.area
    subjects, certainty = picture.learned.subjects_at(np.array([start]))
    if certainty < CERTAIN or not subjects:
        return part
    subject = subjects[0]
    barred = subject[picture.patches.at(outside)].any()
    small = area[part].sum() <= SMALL * area[subject].sum() and area[subject & part].sum() >= HALF * area[part].sum()
    return subject | part if small and not barred else part


def _around(part: np.ndarray) -> list[complex]:
    """Points around a part `[h, w]` bool, inside of the picture and outside of the part."""
    height, width = part.shape
    y, x = np.nonzero(part)
    centre, radius = complex(x.mean(), y.mean()), (len(x) / np.pi) ** 0.5
    found = []
    for circle, away in enumerate(AWAY):
        turn = 2j * np.pi * (np.arange(AROUND) + circle / 2) / AROUND
        for point in centre + away * radius * np.exp(turn):
            column, row = round(point.real), round(point.imag)
            if 0 <= column < width and 0 <= row < height and not part[row, column]:
                found.append(complex(column, row))
    return found
