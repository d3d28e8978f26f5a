"""One page of the real frontend for each renderer, for all tests of the editor."""

import shutil

import pytest

from frontend import open_page, use_renderer
from tests.integration.editor.driver import EditorDriver
from tests.integration.editor.sheet import LOOKS


@pytest.fixture(scope="module", params=["classic", "vue"])
def editor_page(request, browser, host):
    """The page; an error of ours in it fails the tests."""
    shutil.copy(host.comfyui_dir / "input" / "example.png", host.input_directory)
    errors = []
    with open_page(browser, host.url) as page:
        page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
        use_renderer(page, request.param == "vue")
        yield page
    assert not [error for error in errors if "DragNUWA" in error], errors


@pytest.fixture
def editor(editor_page):
    return EditorDriver(editor_page)


def pytest_terminal_summary(terminalreporter, config):
    """Where the pictures of the editor are, if they were made."""
    sheet = config.stash.get(LOOKS, None)
    if sheet:
        terminalreporter.write_line(f"the editor's looks, for a person: {sheet.relative_to(config.rootpath)}")
