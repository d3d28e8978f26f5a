"""The page of the real frontend in both renderers, for all tests of the editor."""

import shutil

import pytest

from frontend import open_page, use_renderer
from tests.integration.editor.driver import EditorDriver
from tests.integration.editor.sheet import LOOKS
from tests.integration.editor.things import picture_of_it


@pytest.fixture(scope="module")
def module_page(browser, host):
    """One page for a module, which both renderers have in turn: to open one takes longer than most tests."""
    shutil.copy(host.comfyui_dir / "input" / "example.png", host.input_directory)
    with open_page(browser, host.url) as page:
        yield page


@pytest.fixture(scope="module", params=["classic", "vue"])
def editor_page(request, module_page):
    """The page in one of the renderers; an error of ours in it fails the tests."""
    errors = []

    def note(error) -> None:
        errors.append(f"{error}\n{error.stack}")

    module_page.on("pageerror", note)
    use_renderer(module_page, request.param == "vue")
    yield module_page
    module_page.remove_listener("pageerror", note)
    assert not [error for error in errors if "DragNUWA" in error], errors


@pytest.fixture
def editor(editor_page):
    return EditorDriver(editor_page)


@pytest.fixture(scope="module")
def picture(host) -> str:
    """A red thing on blue ground."""
    picture_of_it().save(host.input_directory / "thing.png")
    return "thing.png"


def pytest_terminal_summary(terminalreporter, config):
    """Where the pictures of the editor are, if they were made."""
    sheet = config.stash.get(LOOKS, None)
    if sheet:
        terminalreporter.write_line(f"the editor's looks, for a person: {sheet.relative_to(config.rootpath)}")
