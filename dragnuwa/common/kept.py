"""Values that are made once and kept for others, which several threads may ask for."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from .interrupt import LOOK_SECONDS, checkpoint

Value = TypeVar("Value")


def digest(*arrays: np.ndarray | None) -> bytes:
    """Tells arrays apart by their values, shapes and types; 1 ms for a few MB."""
    found = hashlib.blake2b(digest_size=16)
    for each in arrays:
        found.update(b"-" if each is None else f"{each.dtype}{each.shape}".encode())
        found.update(b"" if each is None else np.ascontiguousarray(each))
    return found.digest()


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
                self._changed.wait(LOOK_SECONDS)
            self._taken.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._taken.discard(key)
                self._changed.notify_all()


class Kept:
    """A small LRU cache, which several threads may use."""

    def __init__(self, most: int):
        self._most, self._values, self._lock, self._turns = most, OrderedDict(), threading.Lock(), Turns()

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

    def made(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key. If it is missing, the first thread that asks makes it, while others that ask for the same
        wait; when that fails, the next one does."""
        with self._turns.turn(key):
            if (found := self.get(key)) is None:
                found = self.put(key, make())
            return found
