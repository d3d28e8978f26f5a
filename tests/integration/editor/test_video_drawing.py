"""Opening the drawing of a video: it replaces the present one as one step, and the status line says where from."""

import pytest

from dragnuwa.provenance.certificate import make_certificate
from dragnuwa.provenance.identity import FILE, read_identity
from dragnuwa.provenance.manifest import Record
from dragnuwa.provenance.signing import sign
from scripts.editor_driver import OURS, EditorDriver, workflow
from tests.integration.editor.renderers import mainly_in
from tests.support.credentials import DRAWING, PROMPT, with_byte_changed, write_mp4

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("classic")

POINTS = [(0.1 + 0.2, 0.5), (0.7, 1 / 3)]
NAME = "<b>Jane</b> Doe"


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """Videos on a person's disk: signed, changed afterwards, with ComfyUI's metadata alone, and without drags."""
    folder = tmp_path_factory.mktemp("videos")
    make_certificate(folder / "signer", NAME, 1)
    plain = write_mp4(folder / "plain.mp4")
    record = Record("by a model", "signed.mp4", DRAWING)
    sign(plain, folder / "signed.mp4", record, read_identity(folder / "signer" / FILE))
    position = (folder / "signed.mp4").read_bytes().index(b"mdat") + 200
    with_byte_changed(folder / "signed.mp4", folder / "changed.mp4", position)
    write_mp4(folder / "saved.mp4", prompt=PROMPT)
    return folder


def choose(editor: EditorDriver, path) -> None:
    """As a person does it: the menu, its entry, and the file."""
    editor.part("transfer").click()
    with editor.page.expect_file_chooser() as chooser:
        editor.part("open-drawing").click()
    chooser.value.set_files(path)


def wait_for_status(editor: EditorDriver, said: str) -> str:
    status = editor.part("status")
    status.filter(has_text=said).wait_for()
    return status.inner_text()


def points(editor: EditorDriver) -> list[tuple[float, float]]:
    (track,) = editor.tracks
    return [(point["x"], point["y"]) for point in track["points"]]


def test_a_signed_videos_drawing_replaces_the_present_one_in_one_step(editor, videos):
    editor.open(workflow(OURS))
    choose(editor, videos / "signed.mp4")
    said = wait_for_status(editor, "intact content credentials")
    assert f"signed as “{NAME}”" in said and "nobody has checked" in said
    assert points(editor) == POINTS and editor.prompted == editor.text
    assert editor.page.locator("b", has_text="Jane").count() == 0  # a name is text
    editor.page.keyboard.press("Control+z")
    editor.wait_for_tracks(2)
    editor.page.keyboard.press("Control+Shift+z")
    editor.wait_for_tracks(1)
    assert points(editor) == POINTS


def test_drags_from_comfyuis_metadata_are_said_to_be_that(editor, videos):
    editor.open(workflow(OURS))
    choose(editor, videos / "saved.mp4")
    wait_for_status(editor, "ComfyUI’s metadata, which anyone can change")
    assert points(editor) == POINTS


@pytest.mark.parametrize("answer", ["open", "leave"])
def test_a_changed_videos_drawing_is_opened_only_after_a_question(editor, videos, answer):
    editor.open(workflow(OURS))
    choose(editor, videos / "changed.mp4")
    question = editor.part("changed-video")
    question.wait_for()
    assert f"changed after “{NAME}” signed it" in question.inner_text()
    assert editor.text == OURS
    editor.part(f"{answer}-changed").click()
    question.wait_for(state="hidden")
    if answer == "open":
        wait_for_status(editor, "nobody vouches for it")
        assert points(editor) == POINTS
    else:
        editor.settle()
        assert editor.text == OURS


def test_drawing_on_closes_the_question(editor, videos):
    editor.open(workflow(OURS))
    choose(editor, videos / "changed.mp4")
    editor.part("changed-video").wait_for()
    editor.draw((0.1, 0.9), (0.3, 0.6))
    editor.part("changed-video").wait_for(state="hidden")
    assert len(editor.tracks) == 3


def test_a_video_without_drags_changes_nothing_and_says_why(editor, videos):
    editor.open(workflow(OURS))
    choose(editor, videos / "plain.mp4")
    said = wait_for_status(editor, "Not opened")
    assert "It has no content credentials" in said and "It has no drags of DragNUWA" in said
    assert editor.text == OURS


def test_what_is_no_video_changes_nothing(editor, videos, tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    editor.open(workflow(OURS))
    choose(editor, tmp_path / "text.mp4")
    assert "Not opened" in wait_for_status(editor, "Not opened")
    assert editor.text == OURS
