"""What the networks see in a picture, kept from one test to the next: to look at one takes a second, and most tests of
a file look at the same few. Tests of the networks themselves, in tests/unit/vision, do without."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

from dragnuwa.common.interrupt import checkpoint
from dragnuwa.vision.click_network.weights import Networks, shipped
from dragnuwa.vision.segmentation import prepared
from dragnuwa.vision.segmentation.prepared import Shown
from dragnuwa.vision.segmentation.superpixels import Superpixels

MOST = 48  # pictures that are kept: some 10 MB each
_shown: OrderedDict[tuple, Shown] = OrderedDict()
_things: dict[int, np.ndarray] = {}  # by the id of one of those
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
            _things.pop(id(_shown.popitem(last=False)[1]), None)
    _shown.move_to_end(key)
    return _shown[key]


def _things_once(self: Shown) -> np.ndarray:
    if all(self is not one for one in _shown.values()):
        return _find(self)
    if id(self) not in _things:
        _things[id(self)] = _find(self)
    checkpoint()  # as a search would, so that it can be interrupted
    return _things[id(self)].copy()
