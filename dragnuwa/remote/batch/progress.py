"""Progress display of a run: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import dataclass, field
from types import TracebackType

from tqdm import tqdm

from ...common.errors import printable
from .board import Event

log = logging.getLogger(__name__)


@dataclass
class Progress:
    """Counts the jobs of a run, `done` of which were finished before it, and shows events. A context manager."""

    total: int
    done: int
    failed: list[str] = field(default_factory=list)

    def __enter__(self) -> Progress:
        self._begun, self._ended = time.monotonic(), 0
        self._bar = tqdm(
            total=self.total, initial=self.done, unit="job", dynamic_ncols=True, file=sys.stderr,
            disable=not sys.stderr.isatty(),
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def show(self, event: Event | None) -> None:
        """Count an event and show it; None only refreshes the bar and its clock."""
        if event is None:
            self._bar.refresh()
            return
        if event.job is not None:
            self._ended += 1
            self._bar.update()
            if event.failed:
                self.failed.append(event.job)
            else:
                self.done += 1
        if not self._bar.disable:
            if event.job is None or event.failed:  # the bar shows what is done
                with tqdm.external_write_mode(file=sys.stderr):
                    log.info("%s", self._text(event))
        else:
            log.info("%s%s", self._text(event), self._pace() if event.job is not None else "")

    def _text(self, event: Event) -> str:
        return printable(event.text if event.job is None else f"{event.job}: {event.text}")

    def _pace(self) -> str:
        ended, left = self.done + len(self.failed), self.total - self.done - len(self.failed)
        per_second = self._ended / max(time.monotonic() - self._begun, 1e-3)
        remaining = tqdm.format_interval(left / per_second)
        return f" ({ended} of {self.total}, {60 * per_second:.3g} per minute, {remaining} left)"
