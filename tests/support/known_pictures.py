"""What the networks see in a picture, kept from one test to the next: to look at one takes a second, and most tests of
a file look at the same few. Tests of the networks themselves, in tests/unit/vision, do without."""

from __future__ import annotations

from collections import OrderedDict
from contextvars import copy_context
from dataclasses import dataclass

import numpy as np
import pytest

from dragnuwa.common.interrupt import checkpoint, interrupts
from dragnuwa.vision.click_network.weights import Networks, shipped
from dragnuwa.vision.segmentation import prepared
from dragnuwa.vision.segmentation.prepared import Shown
from dragnuwa.vision.segmentation.superpixels import Superpixels

MOST = 48  # pictures that are kept: some 10 MB each


@dataclass(frozen=True)
class Search:
    """The things in a picture, and how often the search for them could have been interrupted."""

    things: np.ndarray
    checkpoints: int


_shown: OrderedDict[tuple, Shown] = OrderedDict()
_searches: dict[int, Search] = {}  # by the id of one of those
_look, _find = prepared.shown, Shown.things


@pytest.fixture(autouse=True)
def known_pictures(monkeypatch):
    """For a conftest.py to import: the tests of its folder share what has been seen, by a picture's pixels."""
    monkeypatch.setattr(prepared, "shown", _shown_once)
    monkeypatch.setattr(Shown, "things", _things_once)


def _shown_once(networks: Networks, image: np.ndarray, patches: Superpixels) -> Shown:
    if networks is not shipped():  # a test's own
        return _look(networks, image, patches)
    key = image.shape, image.tobytes(), patches.label.shape, patches.label.tobytes()
    if key not in _shown:
        _shown[key] = _look(networks, image, patches)
        if len(_shown) > MOST:
            _searches.pop(id(_shown.popitem(last=False)[1]), None)
    _shown.move_to_end(key)
    return _shown[key]


def _things_once(self: Shown) -> np.ndarray:
    """It asks as often as the search itself whether it is interrupted."""
    if all(self is not one for one in _shown.values()):
        return _find(self)
    if id(self) not in _searches:
        _searches[id(self)] = _search(self)
    else:
        for _ in range(_searches[id(self)].checkpoints):
            checkpoint()
    return _searches[id(self)].things.copy()


def _search(picture: Shown) -> Search:
    asked, around = [], copy_context()

    def ask() -> None:
        asked.append(1)
        around.run(checkpoint)

    with interrupts(ask):
        return Search(_find(picture), len(asked))
