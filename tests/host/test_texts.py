"""What a link brings where a node expects a text: a list of texts is read, and anything else is refused in words."""

import json

import pytest

from dragnuwa.trajectory import parse
from tests.fuzzing.nodes import all_nodes

SIZE = {"width": 128, "height": 96}
TRACKS = [[{"x": 8, "y": 8}, {"x": 64, "y": 8}], [{"x": 8, "y": 90}, {"x": 8, "y": 40}]]
PATH = json.dumps([[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, index] for index in range(2)])


def run(name: str, **inputs) -> tuple:
    node = all_nodes()[f"DragNUWA{name}"].PREPARE_CLASS_CLONE({"hidden_inputs": {}})
    return node.EXECUTE_NORMALIZED(**inputs).result


@pytest.mark.parametrize("made", [list, tuple])
def test_a_list_of_two_texts_is_imported_as_their_tracks(made):
    """As KJNodes and ComfyUI's WanTrackToVideo have them, a text for each track."""
    text, report = run("ImportTrajectories", text=made(map(json.dumps, TRACKS)), **SIZE)
    assert parse(text, **SIZE) == parse(TRACKS, **SIZE)
    assert report.startswith("Read coordinates of KJNodes: 2 tracks of 2 points.")


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("ImportTrajectories", {"text": "", "flo": ["a", "b"], **SIZE}),
        ("ExportCamera", {"camera": ["a", "b"], "format": "Blender", **SIZE}),
        ("ExportCamera", {"camera": PATH, "format": "Blender", "filename_prefix": 3, **SIZE}),
        ("ExportTrajectories", {"trajectories": "[]", "format": "kjnodes", "frames": 4, "filename_prefix": [], **SIZE}),
        ("ReadCredentials", {"file": ["a.mp4", "b.mp4"]}),
    ],
)
def test_what_is_no_text_is_refused(name, inputs):
    with pytest.raises(ValueError, match=r"should be a text; found a value of type \w+\. Connect another output\."):
        run(name, **inputs)
