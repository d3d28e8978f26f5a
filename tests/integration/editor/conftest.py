"""The page of the real frontend in both renderers, for all tests of the editor."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.editor_driver import EditorDriver, errors_fail
from scripts.frontend import open_browser, open_page, use_renderer
from tests.integration.editor.queueing import Queue, told
from tests.integration.editor.renderers import NAMES
from tests.integration.editor.sheet import LOOKS
from tests.integration.editor.things import picture_of_it, placed
from tests.support.waiting import wait_until


@pytest.fixture(scope="package")
def browser():
    """One Chromium for this folder, in which no test has an event loop of its own."""
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="package")
def example_picture(host) -> None:
    """What the driver's workflow loads."""
    shutil.copy(host.comfyui_dir / "input" / "example.png", host.input_directory)


@pytest.fixture(scope="package")
def shared_page(browser, host, example_picture):
    """One page for this folder, which both renderers have in turn: to open one takes longer than most tests.

    It keeps the pictures it has seen, so each picture that a test makes needs a name of its own. It is as small as a
    laptop's window, since without a GPU each of its pixels costs.
    """
    with open_page(browser, host.url, viewport={"width": 1280, "height": 900}) as page:
        yield page


@pytest.fixture(scope="module")  # it draws as long as it is open, seen or not
def touched_page(browser, host, example_picture):
    """Another one, that hears fingers, on a screen with two pixels for each of the page's."""
    with open_page(browser, host.url, device_scale_factor=2, has_touch=True) as page:
        yield page


@pytest.fixture(scope="module", params=NAMES)
def editor_page(request, shared_page):
    """The page in one of the renderers; an error of ours in it fails the tests."""
    with errors_fail(shared_page):
        use_renderer(shared_page, request.param == "vue")
        yield shared_page


@pytest.fixture
def editor(editor_page):
    return EditorDriver(editor_page)


@pytest.fixture(scope="module")
def picture(host) -> str:
    """A red thing on blue ground."""
    return placed(host, "thing.png", picture_of_it)


@pytest.fixture
def held(host) -> Iterator[Path]:
    """Prompts of somebody else run for as long as this file exists."""
    with told(host, "stand_in_held") as file:
        yield file


@pytest.fixture
def queue(host) -> Iterator[Queue]:
    """It is empty afterwards."""
    queue = Queue(host.url)
    yield queue
    wait_until(lambda: not queue.running and not queue.waiting)


def pytest_terminal_summary(terminalreporter, config):
    """Where the pictures of the editor are, if they were made."""
    sheet = config.stash.get(LOOKS, None)
    if sheet:
        terminalreporter.write_line(f"the editor's looks, for a person: {sheet.relative_to(config.rootpath)}")
