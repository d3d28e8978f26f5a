"""What cannot be interrupted is left to itself when an interrupt comes; what comes next is prepared, or made beside."""

import threading
import time

import pytest

from dragnuwa.common.interrupt import checkpoint, interrupts, one_ahead, run_aside, two_at_once


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


def test_the_next_item_is_prepared_while_one_is_worked_on():
    prepared, both = [], threading.Event()

    def prepare(item: int) -> None:
        prepared.append(item)
        if item == 1:
            both.set()

    for item in one_ahead(range(3), prepare):
        assert both.wait(10), "the second one is prepared before the first is done"
        assert item in prepared
    assert prepared == [0, 1, 2] and list(one_ahead([], prepare)) == []


def test_what_preparing_raises_comes_when_its_item_is_due():
    def prepare(item: int) -> None:
        checkpoint()
        if item == 1:
            raise KeyError(item)

    seen = []
    with pytest.raises(KeyError):
        seen.extend(one_ahead(range(4), prepare))
    assert seen == [0]

    def stop() -> None:
        raise Interrupted

    with interrupts(stop), pytest.raises(Interrupted):
        next(one_ahead(range(4), prepare))


def test_two_items_are_worked_on_at_once_and_come_in_their_order():
    together = threading.Barrier(2, timeout=10)

    def work(item: int) -> int:
        if item < 4:
            together.wait()  # for the other one
        return item * item

    assert list(two_at_once(range(5), work)) == [0, 1, 4, 9, 16]
    assert list(two_at_once([], work)) == []


@pytest.mark.parametrize("wrong", [2, 3])
def test_an_error_or_an_interrupt_in_one_of_two_is_raised(wrong: int):
    def work(item: int) -> int:
        if item == wrong:
            raise KeyError(item)
        return item

    seen = []
    with pytest.raises(KeyError):
        seen.extend(two_at_once(range(6), work))
    assert seen == [0, 1]

    main = threading.get_ident()

    def stop() -> None:
        if (threading.get_ident() == main) == (wrong == 3):
            raise Interrupted

    with interrupts(stop), pytest.raises(Interrupted):
        list(two_at_once(range(6), lambda item: checkpoint()))
