"""How much memory this process takes, on Linux."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STATUS = Path("/proc/self/status")


def memory(field: str) -> int:
    """Bytes of a field of the process's status, such as "VmRSS" (now) or "VmHWM" (at most)."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(field))
    return 1024 * int(line.split()[1])


def forget_peak() -> None:
    """The most that was taken is measured from now on."""
    Path("/proc/self/clear_refs").write_text("5")


@contextmanager
def rises_less_than(most: int) -> Iterator[None]:
    """Asserts by how many bytes the memory rises in the block at most."""
    before = memory("VmRSS")
    forget_peak()
    yield
    rise = memory("VmHWM") - before
    assert rise < most, f"{rise / 1e6:.0f} MB"
