"""In which of the page's renderers a test runs: in both, unless what it tests is the same in them."""

import os

import pytest

NAMES = ["classic", "vue"]
BOTH = os.environ.get("RENDERERS") == "both"


def mainly(name: str) -> list[str]:
    """This renderer, for what is the same in both; with RENDERERS=both, as tests/long/renderers.py sets it, both."""
    return NAMES if BOTH else [name]


def mainly_in(name: str) -> pytest.MarkDecorator:
    """A mark of such a test, or of all tests of a module."""
    return pytest.mark.parametrize("editor_page", mainly(name), indirect=True, scope="module")
