"""The composition of a drawing, which the page asks the server for: waited for, and told from that of another one. An
answer about what the test before has drawn may still be on its way."""

import json
from collections.abc import Callable
from typing import Any

from dragnuwa.trajectory import parse
from scripts.editor_driver import HEIGHT, WIDTH, EditorDriver

NAMED = {"id", "name", "color", "canvas"}  # what the page adds to what it opens


def drawing_in(text: str) -> Any:
    """The same for all texts of one drawing."""
    return _without_names(json.loads(parse(text, width=WIDTH, height=HEIGHT).to_json()))


def _without_names(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_names(each) for key, each in value.items() if key not in NAMED}
    return [_without_names(each) for each in value] if isinstance(value, list) else value


def asks_for_composition(text: str) -> Callable[[Any], bool]:
    """Whether a request asks for the composition of a drawing."""
    drawing = drawing_in(text)
    return lambda request: (
        request.url.endswith("/dragnuwa/composition") and drawing_in(request.post_data_json["text"]) == drawing
    )


def open_composed(editor: EditorDriver, graph: dict) -> None:
    """Opens a graph of `scripts.editor_driver.workflow`, and waits until its drawing has been composed."""
    asks = asks_for_composition(graph["nodes"][1]["widgets_values"][0])
    with editor.page.expect_response(lambda answer: asks(answer.request)) as answer:
        editor.open(graph)
    answer.value.finished()
