"""Clicks and boxes ask SAM2 and RMBG of other packs, in ComfyUI's real page; where they fail, the own search answers.

Those packs cannot be had here: stand-ins have the names, the inputs and the outputs of their nodes.
"""

import json

import pytest
from playwright.sync_api import expect

from scripts.editor_driver import EMPTY, VALUE, EditorDriver, workflow
from tests.integration.editor.things import EYE, HEAD, ON_EYE, ON_GROUND, ON_HEAD, RED, box, picture_of_a_face

# What it tests is the same in both renderers; other files have the pointer and the keys in both.
pytestmark = pytest.mark.parametrize("editor_page", ["vue"], indirect=True, scope="module")

OWN = 0.015  # of the picture, by which the own search's outline may differ


@pytest.fixture
def faced(editor, host) -> EditorDriver:
    """A green eye in a red head on blue ground, in a picture of twice the clip's size, with the object tool."""
    picture_of_a_face(2).save(host.input_directory / "asked_of_packs.png")
    editor.page.evaluate("localStorage.removeItem('dragnuwa.picker')")
    editor.open(workflow(EMPTY, picture="asked_of_packs.png", size=(560, 760)))
    editor.wait_for_pixel(*ON_HEAD, RED)
    editor.part("tool-object").click()
    yield editor
    editor.page.evaluate("localStorage.removeItem('dragnuwa.picker')")


@pytest.fixture
def failing(host):
    """The other packs' nodes fail."""
    file = host.checkpoints_directory.parent / "stand_ins_fail"
    file.touch()
    yield
    file.unlink()


def choose(editor: EditorDriver, item: str) -> None:
    editor.part("segmenter").click()
    editor.part(item).click()


def prompts(editor: EditorDriver) -> list[dict]:
    """What the page asks ComfyUI to run, from now on."""
    found = []

    def note(request) -> None:
        if request.url.endswith("/api/prompt"):
            found.append(json.loads(request.post_data)["prompt"])

    editor.page.on("request", note)
    return found


def correct(editor: EditorDriver, key: str, place: tuple[float, float]) -> None:
    before = editor.text
    editor.page.keyboard.down(key)
    editor.click(*place)
    editor.page.keyboard.up(key)
    editor.page.wait_for_function(f"before => {VALUE} !== before", arg=before)


def says(editor: EditorDriver, words: str) -> None:
    editor.root.get_by_text(words).first.wait_for()


def test_nobody_is_asked_before_a_person_chooses(faced):
    """Their nodes fetch files of hundreds of megabytes."""
    asked = prompts(faced)
    faced.click(*ON_EYE)
    faced.wait_for_objects(1)
    assert asked == []


def test_clicks_ask_sam2_with_places_that_belong_and_that_do_not(faced):
    choose(faced, "pick-by-sam2")
    expect(faced.part("segmenter")).to_have_text("SAM2")
    faced.click(*ON_EYE)
    faced.wait_for_objects(1)
    assert box(faced.objects[0]) == pytest.approx(EYE, abs=0.005)
    correct(faced, "Shift", ON_HEAD)
    assert box(faced.objects[0]) == pytest.approx(HEAD, abs=0.005)
    correct(faced, "Alt", ON_EYE)
    assert len(faced.objects[0]["outline"]) == 2, "the eye is a hole in it"


def test_a_box_asks_sam2(faced):
    choose(faced, "pick-by-sam2")
    asked = prompts(faced)
    faced.page.keyboard.down("Shift")
    faced.drag((0.35, 0.38), (0.48, 0.61))
    faced.page.keyboard.up("Shift")
    faced.wait_for_objects(1)
    assert box(faced.objects[0]) == pytest.approx(EYE, abs=0.005)
    assert asked[0]["dragnuwa_masks"]["class_type"] == "Sam2Segmentation"


def test_the_file_is_that_of_the_workflow(faced):
    """A person who has SAM2 in the workflow has its file."""
    faced.page.evaluate(
        """() => {
            const node = LiteGraph.createNode('DownloadAndLoadSAM2Model')
            app.graph.add(node)
            node.widgets.find(({ name }) => name === 'model').value = 'sam2_hiera_tiny.safetensors'
        }"""
    )
    choose(faced, "pick-by-sam2")
    asked = prompts(faced)
    faced.click(*ON_EYE)
    faced.wait_for_objects(1)
    loader = asked[0]["dragnuwa_model"]["inputs"]
    assert loader["model"] == "sam2_hiera_tiny.safetensors"
    assert (loader["device"], loader["precision"], loader["segmentor"]) == ("cpu", "fp32", "single_image")


def test_where_sam2_fails_the_own_search_answers(faced, failing):
    choose(faced, "pick-by-sam2")
    faced.click(*ON_EYE)
    faced.wait_for_objects(1)
    says(faced, "The pack’s own search answered, since the model failed.")
    says(faced, "sam2.1_hiera_base_plus.safetensors cannot be fetched")
    assert box(faced.objects[0]) == pytest.approx(HEAD, abs=OWN)
    asked = prompts(faced)
    correct(faced, "Alt", ON_EYE)
    assert asked == [], "a correction of what the own search has found asks that again"
    assert faced.page.locator(".p-dialog").count() == 0, "the page takes it for an error of the workflow"


def test_a_click_on_the_main_subject_asks_rmbg_once(faced):
    choose(faced, "pick-by-rmbg")
    expect(faced.part("segmenter")).to_have_text("RMBG")
    asked = prompts(faced)
    faced.click(*ON_EYE)
    faced.wait_for_objects(1)
    assert box(faced.objects[0]) == pytest.approx(HEAD, abs=0.005)
    correct(faced, "Alt", ON_EYE)
    assert len(faced.objects[0]["outline"]) == 2, "the own search corrects it"
    faced.page.keyboard.press("Escape")
    faced.click(*ON_GROUND)
    says(faced, "This looks like ground")
    assert [each["dragnuwa_masks"]["class_type"] for each in asked] == ["RMBG"]


def test_where_rmbg_fails_the_own_search_answers(faced, failing, host):
    picture_of_a_face(3).save(host.input_directory / "not_asked_before.png")  # or ComfyUI would have the answer
    faced.open(workflow(EMPTY, picture="not_asked_before.png", size=(560, 760)))
    faced.wait_for_pixel(*ON_HEAD, RED)
    choose(faced, "pick-by-rmbg")
    faced.click(*ON_EYE)
    faced.wait_for_objects(1)
    says(faced, "RMBG-2.0 cannot be fetched")


def test_the_main_subject_by_rmbg(faced):
    choose(faced, "main-subject-rmbg")
    faced.wait_for_objects(1)
    assert box(faced.objects[0]) == pytest.approx(HEAD, abs=0.005)
    assert faced.objects[0]["name"] == "main subject"


def test_the_choice_stays(faced):
    choose(faced, "pick-by-rmbg")
    faced.open(workflow(EMPTY, picture="asked_of_packs.png", size=(560, 760)))
    expect(faced.part("segmenter")).to_have_text("RMBG")
    faced.part("segmenter").click()
    checked = faced.root.locator("[role=menuitemradio][aria-checked=true]")
    expect(checked).to_have_count(1)
    expect(checked).to_contain_text("RMBG")
