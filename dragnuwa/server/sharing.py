"""What the requests of several threads share: a memory budget, and small caches."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from ..common.interrupt import checkpoint

WAIT_SECONDS = 0.1  # between checks whether the page is still waiting


class Kept:
    """A small LRU cache, which several threads may use."""

    def __init__(self, most: int):
        self._most, self._values, self._lock = most, OrderedDict(), threading.Lock()

    def get(self, key: Hashable) -> Any:
        """The value of a key; None if it is missing."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Hashable, value: Any) -> Any:
        """Keeps a value, and returns it."""
        with self._lock:
            self._values[key] = value
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


class Budget:
    """A memory budget shared by several threads: a request waits until there is enough left."""

    def __init__(self, size: int):
        self._size, self._left, self._changed = size, size, threading.Condition()

    @contextmanager
    def share(self, size: int) -> Iterator[None]:
        """Reserves memory for the duration of the block. A size above the total counts as the total.

        Args:
            size: in bytes.
        """
        size = min(size, self._size)
        with self._changed:
            while self._left < size:
                checkpoint()
                self._changed.wait(WAIT_SECONDS)
            self._left -= size
        try:
            yield
        finally:
            with self._changed:
                self._left += size
                self._changed.notify_all()


class Turns:
    """Lets one thread at a time work on the same object, while others work on other objects."""

    def __init__(self):
        self._taken: set[Hashable] = set()
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, key: Hashable) -> Iterator[None]:
        """Waits until nobody else is in the block with this key."""
        with self._changed:
            while key in self._taken:
                checkpoint()
                self._changed.wait(WAIT_SECONDS)
            self._taken.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._taken.discard(key)
                self._changed.notify_all()
