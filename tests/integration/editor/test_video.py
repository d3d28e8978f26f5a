"""The editor over a video: its frames, what is drawn on one of them, and what a run makes of it."""

import json

import cv2
import pytest
from playwright.sync_api import expect

from scripts.editor_driver import PIXEL, VALUE, EditorDriver, workflow
from scripts.frontend import api_prompt, press_run
from tests.integration.editor.clips import clip_graph, followed, node, textured_frames
from tests.integration.editor.renderers import mainly_in
from tests.integration.editor.things import RED
from tests.support.videos import write_video

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("classic")

FRAMES, SIZE = 9, (192, 112)
SIDE, STEP = 24, 12  # px, of a red square that moves to the right
FIRST = (30, 44)  # its corner in the first frame


def place(frame: int) -> tuple[float, float]:
    """The middle of the square in a frame, as fractions of the picture."""
    return (FIRST[0] + STEP * frame + SIDE / 2) / SIZE[0], (FIRST[1] + SIDE / 2) / SIZE[1]


@pytest.fixture(scope="module")
def film(host) -> str:
    """A video in the input folder: its name."""
    frames = textured_frames(SIZE, FRAMES)
    for number, frame in enumerate(frames):
        left = FIRST[0] + STEP * number
        cv2.rectangle(frame, (left, FIRST[1]), (left + SIDE - 1, FIRST[1] + SIDE - 1), RED, -1)
    write_video(host.input_directory / "film.mp4", frames, [number / 8 for number in range(FRAMES)])
    return "film.mp4"


def wait_for_square(editor: EditorDriver, frame: int) -> None:
    """Until the picture is red where the square is in a frame."""
    editor.page.wait_for_function(
        f"place => (([r, g, b]) => r > 120 && g < 110 && b < 110)(({PIXEL})(place))", arg=[*place(frame), *SIZE]
    )


@pytest.fixture
def shown(editor_page, film) -> EditorDriver:
    """The first frame is shown."""
    editor = EditorDriver(editor_page, SIZE)
    editor.open(clip_graph(film, SIZE, FRAMES))
    wait_for_square(editor, 0)
    return editor


def test_it_shows_the_frame_at_the_playhead_and_what_is_drawn_begins_there(shown):
    shown.root.locator(".dnw-keyboard").focus()
    shown.page.keyboard.press("End")
    wait_for_square(shown, FRAMES - 1)
    shown.draw(place(FRAMES - 1), (0.5, 0.2))
    assert [track["start"] for track in shown.tracks] == [pytest.approx((FRAMES - 2) / (FRAMES - 1), abs=1e-6)]
    wait_for_square(shown, FRAMES - 1)  # the playhead stays


def test_a_button_takes_the_length_of_the_video(shown):
    shown.set_widget("frames", 14)
    button = shown.part("picture-size")
    shown.page.wait_for_function(f"b => b.title.includes('{FRAMES} ')", arg=button.element_handle())
    button.click()
    assert shown.prompted and api_prompt(shown.page)["2"]["inputs"]["frames"] == FRAMES


def test_what_is_picked_in_a_frame_is_removed_from_the_video(shown, host):
    shown.root.locator(".dnw-keyboard").focus()
    shown.page.keyboard.press("End")
    wait_for_square(shown, FRAMES - 1)
    shown.part("tool-object").click()
    shown.click(*place(FRAMES - 1))
    shown.wait_for_objects(1)
    assert shown.objects[0]["at"] == 1
    shown.part("properties").click()
    shown.part("object-panel").get_by_test_id("dragnuwa-edit").locator("select").select_option("removed")
    shown.page.wait_for_function(f"() => {VALUE}.includes('removed')")
    prompt = api_prompt(shown.page)
    (drawn,) = json.loads(prompt["2"]["inputs"]["trajectories"])["objects"]
    assert drawn["edit"] == "removed" and "delay" not in drawn
    entry = press_run(shown.page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]["messages"][-1]
    files = entry["outputs"]["3"]["images"]
    assert len(files) == FRAMES
    for number in (0, 4, FRAMES - 1):
        picture = cv2.imread(str(host.base_directory / "temp" / files[number]["filename"]))[..., ::-1]
        x, y = place(number)
        assert int(picture[int(y * SIZE[1]), int(x * SIZE[0]), 0]) < 160, f"red is left in frame {number}"


def go_to(editor: EditorDriver, frame: int) -> None:
    """Moves the playhead with the keys."""
    editor.root.locator(".dnw-keyboard").focus()
    editor.page.keyboard.press("Home")
    for _ in range(frame):
        editor.page.keyboard.press(".")
    wait_for_square(editor, frame)


def outlined(editor: EditorDriver, frame: int) -> None:
    """An object drawn around the square in a frame, with a box of its own size."""
    go_to(editor, frame)
    editor.part("tool-object").click()
    x, y = place(frame)
    reach = SIDE / 2 / SIZE[0], SIDE / 2 / SIZE[1]
    editor.page.keyboard.down("Shift")
    editor.page.keyboard.down("Alt")
    editor.drag((x - reach[0], y - reach[1]), (x + reach[0], y + reach[1]))
    editor.page.keyboard.up("Alt")
    editor.page.keyboard.up("Shift")
    editor.wait_for_objects(1)


def middle(outline: list) -> tuple[float, float]:
    """Of an outline's bounding box."""
    xs, ys = zip(*((corner["x"], corner["y"]) for ring in outline for corner in ring), strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def test_a_drag_on_a_thing_in_the_video_becomes_an_object_there(shown):
    go_to(shown, 2)
    shown.draw(place(2), (place(2)[0], 0.85))
    shown.page.keyboard.press("o")
    shown.wait_for_objects(1)
    (found,) = shown.objects
    assert found["at"] == pytest.approx(2 / (FRAMES - 1)) and not shown.tracks
    assert middle(found["outline"]) == pytest.approx(place(2), abs=0.02)


def test_an_outline_is_corrected_in_another_frame_and_a_run_takes_it(shown, host):
    with followed(shown):
        outlined(shown, 0)
    go_to(shown, 6)
    shown.part("tool-brush").click()
    with followed(shown):
        shown.click(*place(6))  # within what was found there: little is added
        shown.page.wait_for_function(f"() => {VALUE}.includes('followed')")
    (drawn,) = shown.objects
    assert middle(drawn["outline"]) == pytest.approx(place(0), abs=0.01)  # the frame that it was drawn in
    assert drawn["followed"]["version"] == 1
    (correction,) = drawn["followed"]["outlines"]
    assert correction["at"] == pytest.approx(6 / (FRAMES - 1))
    assert middle(correction["outline"]) == pytest.approx(place(6), abs=0.03)
    expect(shown.part("correction")).to_have_count(1)
    shown.part("properties").click()
    shown.part("object-panel").get_by_test_id("dragnuwa-edit").locator("select").select_option("removed")
    shown.page.wait_for_function(f"() => {VALUE}.includes('removed')")
    entry = press_run(shown.page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]["messages"][-1]
    shown.part("object-removeKey").click()
    shown.page.wait_for_function(f"() => !{VALUE}.includes('followed')")


def test_frames_that_other_nodes_make_are_shown_after_a_run(shown, host):
    """The editor sees a video as it comes out of any node, as one picture per frame."""
    made = clip_graph("film.mp4", SIZE, FRAMES)
    made["nodes"].append(node(8, "ImageFromBatch", [("image", "IMAGE", 2)], [("IMAGE", "IMAGE", [8])], [0, FRAMES], 2))
    made["nodes"][0]["inputs"][0]["link"] = 8
    made["links"] = [[*link[:3], 8, 0, "IMAGE"] if link[0] == 2 else link for link in made["links"]]
    made["links"].append([8, 8, 0, 2, 0, "IMAGE"])
    shown.open(made | {"last_node_id": 8, "last_link_id": 8})
    shown.draw(place(0), (0.5, 0.2))
    entry = press_run(shown.page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]["messages"][-1]
    (file,) = entry["outputs"]["2"]["dragnuwa_picture"]
    assert file["filename"].endswith(".mp4") and file["type"] == "temp"
    wait_for_square(shown, 0)
    with followed(shown):
        go_to(shown, FRAMES - 1)
        shown.draw(place(FRAMES - 1), (0.3, 0.8))


def test_a_video_that_is_dropped_is_loaded(editor_page, film, host):
    editor = EditorDriver(editor_page, SIZE)
    editor.open(workflow(picture=None, size=(560, 700)))
    for name, value in (("width", SIZE[0]), ("height", SIZE[1]), ("frames", FRAMES)):
        editor.set_widget(name, value)
    data = (host.input_directory / film).read_bytes()
    editor.root.get_by_role("toolbar").locator("input[type=file]").set_input_files(
        {"name": "dropped.mp4", "mimeType": "video/mp4", "buffer": data}
    )
    wait_for_square(editor, 0)
    go_to(editor, FRAMES - 1)
    prompt = api_prompt(editor.page)
    assert {each["class_type"] for each in prompt.values()} >= {"LoadVideo", "GetVideoComponents"}


def test_a_model_that_does_not_take_the_videos_length_is_named(shown):
    made = clip_graph("film.mp4", SIZE, FRAMES)
    made["nodes"][3]["outputs"][0]["links"] = [7, 9]
    measure = node(9, "GetImageSize", [("image", "IMAGE", 9)], [("width", "INT", []), ("height", "INT", []),
                                                                ("batch_size", "INT", [10])], [], 5)  # fmt: skip
    vace = node(10, "WanVaceToVideo", [("length", "INT", 10)], [], [*SIZE, 81, 1, 1.0], 6)
    vace["inputs"][0]["widget"] = {"name": "length"}
    made["nodes"] += [measure, vace]
    made["links"] += [[9, 7, 0, 9, 0, "IMAGE"], [10, 9, 2, 10, 0, "INT"]]
    shown.open(made | {"last_node_id": 10, "last_link_id": 10})
    wait_for_square(shown, 0)
    status = shown.part("status")
    shown.set_widget("frames", FRAMES + 1)
    shown.draw((0.8, 0.8), (0.9, 0.9))
    shown.page.wait_for_function("e => e.textContent.includes('9 or 13, not 10')", arg=status.element_handle())
