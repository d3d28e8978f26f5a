"""Which frames of the page the editor asks for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

WATCH = """() => {
    const ask = window.requestAnimationFrame
    window.asked = 0
    window.requestAnimationFrame = f => {
        window.asked += /frameRequest|elapsed/.test(String(f))
        return ask(f)
    }
    window.restore = () => { window.requestAnimationFrame = ask }
}"""


@contextmanager
def frames_asked(page: Page) -> Iterator[Callable[[], int]]:
    """Gives a function that says how many frames an editor, or the player in it, has asked for since."""
    page.evaluate(WATCH)
    try:
        yield lambda: page.evaluate("() => window.asked")
    finally:
        page.evaluate("() => window.restore()")
