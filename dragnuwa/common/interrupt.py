"""Interrupting long computations, and reporting their progress.

Who calls the library says in a scope how it is interrupted (`interrupts`). What can take seconds asks at least once per
frame, drag or file (`checkpoint`, `watched`), however deep in the call it is. What cannot be interrupted, such as
another library's function, runs aside, so that an interrupt need not wait for it (`run_aside`). What comes next can be
prepared meanwhile (`one_ahead`), and two be made at once (`two_at_once`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from itertools import islice
from typing import TypeVar

InterruptCheck = Callable[[], None]
"""Returns to continue; any exception that it raises ends the computation."""
Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]
"""Called with the number of completed steps and their total."""
LOOK_SECONDS = 0.1  # between two checks of a thread that waits


def no_interrupt() -> None:
    """Never interrupts."""


_check: ContextVar[InterruptCheck] = ContextVar("dragnuwa_interrupt", default=no_interrupt)


@contextmanager
def interrupts(check: InterruptCheck) -> Iterator[None]:
    """In the block, or in a function that it decorates, `check` is called at every checkpoint of this thread. A thread
    that is started inside of it needs a scope of its own."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def checkpoint() -> None:
    """Ends the computation with the exception of the scope's check, if it raises one; nothing without a scope."""
    _check.get()()


def watched(items: Iterable[Item]) -> Iterator[Item]:
    """The items, with a checkpoint before each."""
    for item in items:
        checkpoint()
        yield item


def no_progress(done: int, total: int) -> None:
    """Shows nothing."""


def one_ahead(items: Iterable[Item], prepare: Callable[[Item], object]) -> Iterator[Item]:
    """The items, while a thread prepares the next one, within the caller's scope. What `prepare` raises, an interrupt
    too, is raised here when its item is due."""
    executor = ThreadPoolExecutor(1, thread_name_prefix="dragnuwa-ahead")
    waiting: list[tuple[Item, Future]] = []
    try:
        for item in items:
            waiting.append((item, executor.submit(copy_context().run, prepare, item)))
            if len(waiting) > 1:
                yield _ready(*waiting.pop(0))
        for each in waiting:
            yield _ready(*each)
    finally:
        executor.shutdown(cancel_futures=True)


def _ready(item: Item, prepared: Future) -> Item:
    prepared.result()
    return item


def two_at_once(items: Iterable[Item], work: Callable[[Item], Result]) -> Iterator[Result]:
    """What `work` returns for each of the items, in their order. A thread works at one of them within the caller's
    scope, while the caller works at the next. What `work` raises, an interrupt too, is raised here."""
    executor = ThreadPoolExecutor(1, thread_name_prefix="dragnuwa-beside")
    waiting = iter(items)
    try:
        for item in waiting:
            beside = executor.submit(copy_context().run, work, item)
            own = [work(each) for each in islice(waiting, 1)]  # none behind the last one
            yield beside.result()
            yield from own
    finally:
        executor.shutdown()


def run_aside(work: Callable[[], Result], give_up: Callable[[], None]) -> Result:
    """What `work` returns or raises. It runs in a thread of its own, which is left to itself when an interrupt comes.

    Args:
        give_up: called in that case; it should make `work` end soon.
    """
    executor = ThreadPoolExecutor(1, thread_name_prefix="dragnuwa-aside")
    try:
        running = executor.submit(work)
        _watch(running, give_up)
        return running.result()
    finally:
        executor.shutdown(wait=False)


def _watch(running: Future, give_up: Callable[[], None]) -> None:
    try:
        while not running.done():
            wait([running], LOOK_SECONDS)
            checkpoint()
    except BaseException:  # also Ctrl-C
        give_up()
        raise
