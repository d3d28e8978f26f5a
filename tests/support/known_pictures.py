"""What the networks see in a picture, kept from one test to the next: to look at one takes a second, and most tests of
a file look at the same few. Tests of the networks themselves, in tests/unit/vision, do without."""

from __future__ import annotations

from collections import OrderedDict
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache
from importlib import import_module

import numpy as np
import pytest

MOST = 48  # pictures that are kept: some 10 MB each


@dataclass(frozen=True)
class Search:
    """The things in a picture, and how often the search for them could have been interrupted."""

    things: np.ndarray
    checkpoints: int


class KnownPictures:
    """Of the library, or of another copy of it that tests have imported as the package `library`."""

    def __init__(self, library: str):
        self.prepared = import_module(f"{library}.vision.segmentation.prepared")
        self.weights = import_module(f"{library}.vision.click_network.weights")
        self.interrupt = import_module(f"{library}.common.interrupt")
        self.look, self.find = self.prepared.shown, self.prepared.Shown.things
        self.shown = OrderedDict()  # `Shown` by a picture's pixels
        self.searches: dict[int, Search] = {}  # by the id of one of those

    def use(self, patch: pytest.MonkeyPatch) -> None:
        def things(shown) -> np.ndarray:  # a method, which a bound one cannot be
            return self._things_once(shown)

        patch.setattr(self.prepared, "shown", self._shown_once)
        patch.setattr(self.prepared.Shown, "things", things)

    def _shown_once(self, networks, image: np.ndarray, patches):
        if networks is not self.weights.shipped():  # a test's own
            return self.look(networks, image, patches)
        key = image.shape, image.tobytes(), patches.label.shape, patches.label.tobytes()
        if key not in self.shown:
            self.shown[key] = self.look(networks, image, patches)
            if len(self.shown) > MOST:
                self.searches.pop(id(self.shown.popitem(last=False)[1]), None)
        self.shown.move_to_end(key)
        return self.shown[key]

    def _things_once(self, shown) -> np.ndarray:
        """It asks as often as the search itself whether it is interrupted."""
        if all(shown is not one for one in self.shown.values()):
            return self.find(shown)
        if id(shown) not in self.searches:
            self.searches[id(shown)] = self._search(shown)
        else:
            for _ in range(self.searches[id(shown)].checkpoints):
                self.interrupt.checkpoint()
        return self.searches[id(shown)].things.copy()

    def _search(self, shown) -> Search:
        asked, around = [], copy_context()

        def ask() -> None:
            asked.append(1)
            around.run(self.interrupt.checkpoint)

        with self.interrupt.interrupts(ask):
            return Search(self.find(shown), len(asked))


known = cache(KnownPictures)


@pytest.fixture(autouse=True, scope="module")  # so that fixtures of a module have it, too
def known_pictures():
    """For a conftest.py, or a file of tests, to import: all tests there share what has been seen."""
    with pytest.MonkeyPatch.context() as patch:
        known("dragnuwa").use(patch)
        yield
