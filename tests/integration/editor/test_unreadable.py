"""Values and texts that are no drawing: what the editor says, where it comes from, and that nothing is lost."""

import json

import pytest

from scripts.editor_driver import OURS, near, workflow
from tests.integration.editor.renderers import mainly_in
from tests.support.drawings import tracks_value

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("classic")

MISSPELT = json.dumps(tracks_value({"poinst": []}))
NOT_OURS = {
    "not drags <img src=x onerror=alert(1)>": "What can be read: the pack's own JSON",
    '{"type": "dragnuwa.trajectories", "version": 9}': "If it was made by a newer version of this node pack, update",
    MISSPELT: 'Did you mean "points"?',
}
OTHER_TOOL = "[[[115, 192], [288, 96]]]"


@pytest.mark.parametrize("bad", NOT_OURS)
def test_a_value_that_is_none_is_explained_and_kept_until_a_click(editor, bad):
    editor.open(workflow(bad))
    notice = editor.part("problem")
    notice.get_by_text(NOT_OURS[bad]).wait_for()
    assert notice.locator("textarea").input_value() == bad
    assert not notice.get_by_role("button", name="Open it for drawing").is_visible()
    editor.page.mouse.click(*editor.at(0.5, 0.02))
    editor.page.keyboard.press("Delete")
    assert editor.text == bad == editor.prompted
    editor.part("start-new").click()
    editor.settle()
    assert editor.tracks == [] and not notice.is_visible()


def test_a_value_of_another_tool_is_kept_until_it_is_opened(editor):
    editor.open(workflow(OTHER_TOOL))
    button = editor.part("problem").get_by_role("button", name="Open it for drawing")
    button.wait_for()
    assert editor.part("problem-reason").inner_text() == ""
    assert editor.text == OTHER_TOOL == editor.prompted
    button.click()
    editor.part("problem").wait_for(state="hidden")
    near(editor.points(0), [(0.2, 0.6), (0.5, 0.3)], pixels=1)


def test_without_the_server_the_value_is_kept_and_can_be_replaced(editor):
    editor.page.route("**/dragnuwa/parse", lambda route: route.abort())
    try:
        editor.open(workflow(MISSPELT))
        editor.part("problem").get_by_text("ComfyUI does not answer. Is it still running?").wait_for()
        assert editor.text == MISSPELT == editor.prompted
        editor.part("start-new").click()
        editor.settle()
        assert editor.tracks == []
    finally:
        editor.page.unroute("**/dragnuwa/parse")


@pytest.mark.parametrize("bad", [*NOT_OURS, ""], ids=["words", "version", "key", "empty"])
def test_a_text_that_is_none_is_not_imported(editor, bad):
    editor.open(workflow(OURS))
    editor.part("transfer").click()
    editor.page.get_by_text("Import…", exact=True).click()
    editor.part("import-text").fill(bad)
    editor.part("import-run").click()
    said = NOT_OURS.get(bad, "The trajectories text is empty.")
    editor.page.get_by_text("Not imported:").filter(has_text=said).wait_for()
    assert editor.text == OURS
