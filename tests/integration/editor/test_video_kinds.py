"""Videos of kinds that readers get wrong, in the page: each frame is the run's, and so is what a click finds in it."""

import cv2
import pytest

from dragnuwa.common.video_files import read_index
from dragnuwa.trajectory.objects.masks import outline_mask
from scripts.editor_driver import PIXEL, VALUE, EditorDriver
from scripts.frontend import api_prompt, press_run
from tests.integration.editor.clips import clip_graph, to_frame
from tests.integration.editor.renderers import mainly_in
from tests.support.exhaustive import some
from tests.support.likeness import overlap
from tests.support.video_kinds import FRAMES, HEIGHT, KINDS, SIDE, WIDTH, middle, write_kind
from tests.support.videos import still_video

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("vue")

SIZE = WIDTH, HEIGHT
SHOWN = [name for name in KINDS if not name.startswith("cut_off")]
RUN = ("turned_left.mp4", "uneven.mkv")
# The page shows what the routes answer, and these are asked about every kind in tests/unit/server/test_films.py.
FEW = [*RUN, "broad_pixels.mp4", "boastful.avi"]
RED_AT = f"place => (([r, g, b]) => r > 120 && g < 110 && b < 110)(({PIXEL})(place))"


@pytest.fixture(scope="module")
def films(host) -> None:
    for name in KINDS:
        write_kind(host.input_directory, name)


def opened(page, name: str) -> EditorDriver:
    editor = EditorDriver(page, SIZE)
    editor.open(clip_graph(name, SIZE, FRAMES))
    return editor


def go_to(editor: EditorDriver, frame: int) -> None:
    to_frame(editor, frame)
    editor.page.wait_for_function(RED_AT, arg=[*middle(frame), *SIZE])
    elsewhere = [number for number in range(FRAMES) if abs(number - frame) > 2]
    assert not any(editor.page.evaluate(RED_AT, [*middle(number), *SIZE]) for number in elsewhere)


def likeness(drawn: dict, frame: int) -> float:
    """How much an outline is that of the square in a frame."""
    rings = [[(corner["x"], corner["y"]) for corner in ring] for ring in drawn["outline"]]
    found = outline_mask(rings, WIDTH, HEIGHT) > 0.5
    x, y = middle(frame)
    left, top = round(x * WIDTH - SIDE / 2), round(y * HEIGHT - SIDE / 2)
    truth = found & False
    truth[top : top + SIDE, left : left + SIDE] = True
    return overlap(found, truth)


@pytest.mark.parametrize("name", some(FEW, SHOWN))
def test_a_click_finds_what_the_run_has_in_that_frame(editor_page, films, host, name):
    editor = opened(editor_page, name)
    for frame in (FRAMES - 1, 4):
        go_to(editor, frame)
    editor.part("tool-object").click()
    editor.click(*middle(4))
    editor.wait_for_objects(1)
    (drawn,) = editor.objects
    assert drawn["at"] == pytest.approx(4 / (FRAMES - 1), abs=1e-6)
    assert likeness(drawn, 4) > 0.8
    if name not in RUN:
        return
    editor.part("properties").click()
    editor.part("object-panel").get_by_test_id("dragnuwa-edit").locator("select").select_option("removed")
    editor.page.wait_for_function(f"() => {VALUE}.includes('removed')")
    entry = press_run(editor.page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]["messages"][-1]
    files = entry["outputs"]["3"]["images"]
    assert len(files) == FRAMES
    for number, file in enumerate(files):
        picture = cv2.imread(str(host.base_directory / "temp" / file["filename"]))[..., ::-1]
        x, y = middle(number)
        assert int(picture[int(y * HEIGHT), int(x * WIDTH), 0]) < 160, f"red is left in frame {number}"


def test_a_video_that_was_cut_off_has_the_frames_that_decoding_gives(editor_page, films, host):
    """Edit Video refuses drags for another number of frames, and needs one."""
    editor = opened(editor_page, "cut_off.mkv")
    count = read_index(host.input_directory / "cut_off.mkv").count
    button = editor.part("picture-size")
    editor.page.wait_for_function(f"b => b.title.includes('{count} ')", arg=button.element_handle())
    button.click()
    assert api_prompt(editor.page)["2"]["inputs"]["frames"] == count
    editor.draw((0.3, 0.35), (0.6, 0.8))
    entry = press_run(editor.page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]["messages"][-1]
    assert len(entry["outputs"]["3"]["images"]) == count


def test_a_busy_server_is_asked_again(editor_page, films):
    asked = []

    def answer(route) -> None:
        asked.append(route)
        if len(asked) in (1, 2, 4):
            route.fulfill(status=503, content_type="application/json", body='{"error": "8 videos are being read."}')
        else:
            route.continue_()

    editor_page.route("**/dragnuwa/frames", answer)
    try:
        go_to(opened(editor_page, "one_key.mp4"), 7)
    finally:
        editor_page.unroute("**/dragnuwa/frames")
    assert len(asked) > 4


def test_what_cannot_be_read_is_said(editor_page, host):
    (host.input_directory / "none.mp4").write_text("no video")
    still_video(host.input_directory / "grows.avi", [(96, 64)] * 6 + [(16_000, 16_000)])
    for name in ("none.mp4", "grows.avi"):
        editor = opened(editor_page, name)
        editor.root.get_by_text("The video cannot be decoded. Save it as MP4").first.wait_for()
