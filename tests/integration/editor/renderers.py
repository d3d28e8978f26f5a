"""In which of the page's renderers a test runs: in both, unless what it tests is the same in them."""

import pytest

from tests.support.exhaustive import some

NAMES = ["classic", "vue"]


def mainly(name: str) -> list[str]:
    """This renderer, for what is the same in both, or both in an exhaustive run."""
    return some([name], NAMES)


def mainly_in(name: str) -> pytest.MarkDecorator:
    """A mark of such a test, or of all tests of a module."""
    return pytest.mark.parametrize("editor_page", mainly(name), indirect=True, scope="module")
