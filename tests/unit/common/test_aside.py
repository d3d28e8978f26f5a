"""What cannot be interrupted is left to itself when an interrupt comes."""

import threading
import time

import pytest

from dragnuwa.common.interrupt import interrupts, run_aside


class Interrupted(Exception):
    """What a caller's check raises."""


def test_results_and_errors_are_those_of_the_work():
    assert run_aside(lambda: 7, pytest.fail) == 7
    assert run_aside(lambda: None, pytest.fail) is None
    with pytest.raises(ZeroDivisionError):
        run_aside(lambda: 1 / 0, pytest.fail)


def test_an_interrupt_does_not_wait_for_the_work():
    begun, go_on, told = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        assert go_on.wait(30)

    def check() -> None:
        if begun.is_set():
            raise Interrupted

    started = time.monotonic()
    with pytest.raises(Interrupted), interrupts(check):
        run_aside(work, lambda: told.append(0) or go_on.set())
    assert told == [0] and time.monotonic() - started < 0.5
