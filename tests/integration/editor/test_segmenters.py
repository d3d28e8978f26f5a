"""Clicks, boxes and words ask SAM3, and a button the model that removes backgrounds, in ComfyUI's real page.

Their models cannot be had here. The page finds the host's own nodes and a file of the right name, and the prompts that
it sends run on stand-ins with the same sockets.
"""

import json
import time

import pytest
from playwright.sync_api import expect

from dragnuwa.vision.click_network.weights import shipped
from scripts.editor_driver import EMPTY, VALUE, EditorDriver, workflow
from tests.integration.editor.things import EYE, HEAD, ON_EYE, ON_HEAD, RED, box, picture_of_a_face

# What it tests is the same in both renderers; other files have the pointer and the keys in both.
pytestmark = pytest.mark.parametrize("editor_page", ["vue"], indirect=True, scope="module")

STAND_INS = (
    "CheckpointLoaderSimple", "CLIPTextEncode", "SAM3_Detect", "LoadBackgroundRemovalModel", "RemoveBackground",
)  # fmt: skip
MINUTE, SLACK = 60.0, 2.0  # s


@pytest.fixture(scope="module")
def models(editor_page, host):
    """Files of the right names, in a page that has seen them; prompts for them run on the stand-ins."""
    folders = host.checkpoints_directory, host.checkpoints_directory.parent / "background_removal"
    files = [
        folder / name for folder, name in zip(folders, ("sam3.1_test.safetensors", "birefnet.safetensors"), strict=True)
    ]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    editor_page.evaluate("app.refreshComboInNodes()")

    def redirect(route) -> None:
        prompt = json.loads(route.request.post_data)
        for node in prompt["prompt"].values():
            if node["class_type"] in STAND_INS:
                node["class_type"] = f"StandIn{node['class_type']}"
        route.continue_(post_data=json.dumps(prompt))

    editor_page.route("**/api/prompt", redirect)
    yield
    editor_page.unroute("**/api/prompt")
    for file in files:
        file.unlink()
    editor_page.evaluate("app.refreshComboInNodes()")


@pytest.fixture
def faced(editor, host, models) -> EditorDriver:
    """A green eye in a red head on blue ground, in a picture of twice the clip's size, with the object tool."""
    picture_of_a_face(2).save(host.input_directory / "asked.png")
    editor.open(workflow(EMPTY, picture="asked.png", size=(560, 760)))
    editor.wait_for_pixel(*ON_HEAD, RED)
    editor.part("tool-object").click()
    return editor


def find(editor: EditorDriver, words: str) -> None:
    editor.part("segmenter").click()
    editor.part("find-words").fill(words)
    editor.part("find-words").press("Enter")


def says(editor: EditorDriver, words: str) -> None:
    editor.root.get_by_text(words).first.wait_for()


def test_a_click_asks_sam3_and_further_clicks_correct_it(faced):
    expect(faced.part("segmenter")).to_have_text("SAM3")
    faced.click(*ON_EYE)
    faced.wait_for_objects(1)
    assert box(faced.objects[0]) == pytest.approx(EYE, abs=0.005)
    before = faced.text
    faced.page.keyboard.down("Shift")
    faced.click(*ON_HEAD)
    faced.page.keyboard.up("Shift")
    faced.page.wait_for_function(f"before => {VALUE} !== before", arg=before)
    assert box(faced.objects[0]) == pytest.approx(HEAD, abs=0.005)
    assert len(faced.objects[0]["outline"]) == 1, "the eye is in it"


def test_a_box_asks_sam3(faced):
    faced.page.keyboard.down("Shift")
    faced.drag((0.35, 0.38), (0.48, 0.61))
    faced.page.keyboard.up("Shift")
    faced.wait_for_objects(1)
    assert box(faced.objects[0]) == pytest.approx(EYE, abs=0.005)


def test_words_make_an_object_of_each_thing(faced):
    find(faced, "red green")
    faced.wait_for_objects(2)
    assert [one["name"] for one in faced.objects] == ["red green 1", "red green 2"]
    assert box(faced.objects[1]) == pytest.approx(EYE, abs=0.005)
    faced.page.keyboard.press("Control+z")
    faced.wait_for_objects(0)


def test_what_is_not_found_and_what_fails_is_said(faced):
    find(faced, "unicorn")
    says(faced, "SAM3 finds nothing that “unicorn” names")
    find(faced, "fail")
    says(faced, "the stand-in was asked to fail")
    assert faced.objects == []
    assert faced.page.locator(".p-dialog").count() == 0, "the page takes it for an error of the workflow"


def test_escape_ends_the_wait_and_the_model(faced):
    find(faced, "wait")
    says(faced, "The model is looking")
    faced.page.keyboard.press("Escape")
    find(faced, "green")
    faced.wait_for_objects(1)
    assert box(faced.objects[0]) == pytest.approx(EYE, abs=0.005)


def test_the_main_subject(faced):
    faced.part("segmenter").click()
    faced.part("main-subject").click()
    faced.wait_for_objects(1)
    assert box(faced.objects[0]) == pytest.approx(HEAD, abs=0.005)


def test_the_own_search_picks_where_a_person_wants_it(faced):
    faced.part("segmenter").click()
    faced.part("pick-by-edges").click()
    expect(faced.part("segmenter")).to_have_text("Learned" if shipped() else "Edges")
    faced.click(*ON_EYE)
    faced.wait_for_objects(1)
    assert box(faced.objects[0]) == pytest.approx(HEAD, abs=0.015)
    faced.part("segmenter").click()
    faced.part("pick-by-sam3").click()
    expect(faced.part("segmenter")).to_have_text("SAM3")


def test_whoever_asks_often_waits_behind_the_others(faced):
    """At most six prompts in a minute go in front of what is in the queue."""
    asked: list[tuple[float, bool]] = []  # when, and whether in front

    def note(request) -> None:
        if request.url.endswith("/api/prompt"):
            asked.append((time.monotonic(), json.loads(request.post_data)["front"]))

    faced.page.on("request", note)
    for _ in range(7):
        find(faced, "unicorn")
        says(faced, "SAM3 finds nothing that “unicorn” names")
        faced.page.keyboard.press("Escape")
    faced.page.remove_listener("request", note)  # other tests share the page
    assert len(asked) == 7
    for number, (now, front) in enumerate(asked):  # on a busy machine, they may take longer than a minute
        before = [now - then for then, was in asked[:number] if was]
        assert not front or sum(ago < MINUTE - SLACK for ago in before) < 6
