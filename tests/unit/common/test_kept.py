"""Values that several threads ask for are made once."""

import threading
import time

import numpy as np
import pytest

from dragnuwa.common.interrupt import interrupts
from dragnuwa.common.kept import Kept, digest


class Interrupted(Exception):
    """What a caller's check raises."""


def test_the_values_that_were_asked_for_last_are_kept():
    kept = Kept(2)
    made = [kept.made(key, lambda key=key: [key]) for key in "abaca"]
    assert made[0] is made[2] is made[4]
    assert kept.get("b") is None and Kept(0).made("a", lambda: 7) == 7


def test_a_value_is_made_once_for_all_who_ask_at_the_same_time():
    kept, made, begun, go_on = Kept(1), [], threading.Event(), threading.Event()

    def make() -> str:
        begun.set()
        go_on.wait()
        made.append(0)
        return "made"

    found = []
    threads = [threading.Thread(target=lambda: found.append(kept.made("a", make))) for _ in range(3)]
    threads[0].start()
    begun.wait()
    for thread in threads[1:]:
        thread.start()
    assert kept.made("b", lambda: "other") == "other", "another value does not wait for it"
    go_on.set()
    for thread in threads:
        thread.join()
    assert found == ["made"] * 3 and len(made) == 1


def test_what_fails_is_made_by_the_next_one_and_who_waits_can_be_interrupted():
    kept, begun, go_on, failed = Kept(1), threading.Event(), threading.Event(), []

    def fail() -> None:
        begun.set()
        go_on.wait()
        raise ZeroDivisionError

    def ask() -> None:
        try:
            kept.made("a", fail)
        except ZeroDivisionError as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    begun.wait()
    until = time.monotonic() + 0.2

    def check() -> None:
        if time.monotonic() > until:
            raise Interrupted

    with pytest.raises(Interrupted), interrupts(check):
        kept.made("a", lambda: "made")
    go_on.set()
    thread.join()
    assert failed and kept.made("a", lambda: "made") == "made"


def test_a_digest_tells_arrays_apart_by_values_shapes_types_and_places():
    values = np.arange(6, dtype=np.float32)
    others = [values + 1, values.reshape(2, 3), values.astype(np.float64), None]
    digests = [digest(each) for each in (values, *others)] + [digest(values, None), digest(None, values)]
    assert len(set(digests)) == len(digests)
    assert digest(values.reshape(2, 3).T) == digest(np.ascontiguousarray(values.reshape(2, 3).T))
