"""Drags that bend a thing which is followed through a video, in ComfyUI's real page."""

import json

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from scripts.editor_driver import EMPTY, NODE, PIXEL, VALUE, EditorDriver
from scripts.frontend import press_run
from scripts.host import ROOT
from tests.integration.editor.clips import clip_graph, followed, regions_answered, textured_frames, to_frame
from tests.integration.editor.renderers import mainly_in
from tests.integration.editor.test_bending import turn_by_hand
from tests.integration.editor.things import RED
from tests.support.videos import write_video

# What it tests is the same in both renderers; other files have the pointer, the keys and the node in both.
pytestmark = mainly_in("vue")

TEMPLATE = ROOT / "workflows" / "Drag in a video.json"
FRAMES, SIZE, STEP = 9, (192, 112), 6  # STEP: px that a red figure goes to the right from frame to frame
BODY, ARM = (30, 24, 53, 96), (50, 45, 95, 58)  # left, top, right, bottom in the first frame
HAND, SHOULDER, HIP, RAISED = (91, 51), (50, 51), (41, 84), (87, 25)
DRAWN, LAST = 2, FRAMES - 1  # the frame in which it is drawn
TRANSPARENT = 45  # tolerance of a colour that is painted a little transparent
ANCHOR, DRAG = (31, 119, 180), (44, 160, 44)  # the colours of the first and the third track
AT_RED = f"place => (([r, g, b]) => r > 120 && g < 110 && b < 110)(({PIXEL})(place))"
# Whether the base layer has a colour within some CSS pixels of a place on the screen.
HAS_COLOR = """([x, y, reach, color, tolerance]) => {
    const canvas = document.querySelector('[data-testid=dragnuwa-editor] canvas')
    const box = canvas.getBoundingClientRect()
    const ratio = canvas.width / box.width
    const [left, top, side] = [x - box.x - reach, y - box.y - reach, 2 * reach].map(value => Math.round(value * ratio))
    const { data } = canvas.getContext('2d').getImageData(left, top, side, side)
    const near = k => color.every((value, channel) => Math.abs(value - data[k + channel]) <= tolerance)
    return Array.from({ length: data.length / 4 }, (_, k) => 4 * k).some(near)
}"""


def at(place: tuple[float, float], frame: int = 0) -> tuple[float, float]:
    """A place of the first frame that goes along with the figure, in another frame, as fractions."""
    return (place[0] + STEP * frame) / SIZE[0], place[1] / SIZE[1]


@pytest.fixture(scope="module")
def figure_film(host) -> str:
    """A video in the input folder: its name."""
    frames = textured_frames(SIZE, FRAMES)
    for number, frame in enumerate(frames):
        for left, top, right, bottom in (BODY, ARM):
            frame[top:bottom, left + STEP * number : right + STEP * number] = RED
    write_video(host.input_directory / "figure.mp4", frames, [number / 8 for number in range(FRAMES)])
    return "figure.mp4"


@pytest.fixture
def figure(editor_page, figure_film) -> EditorDriver:
    """The figure in the frame that is drawn on, with the pen."""
    editor = EditorDriver(editor_page, SIZE)
    graph = clip_graph(figure_film, SIZE, FRAMES)
    graph["nodes"][0]["size"] = [660, 760]
    editor.open(graph)
    go_to(editor, DRAWN)
    return editor


def go_to(editor: EditorDriver, frame: int) -> None:
    """Moves the playhead with the keys, and waits for the frame: red at the figure's foot, not where it was before."""
    to_frame(editor, frame)
    left, right = at((BODY[0] - 3, 90), frame), at((BODY[0] + 3, 90), frame)
    editor.page.wait_for_function(
        f"([left, right]) => {{ const red = {AT_RED}; return red(right) && !red(left) }}",
        arg=[[*left, *SIZE], [*right, *SIZE]],
    )
    editor.settle()


def wait_for_color(editor: EditorDriver, where: list, there: bool = True) -> None:
    """Until a colour is near a place, or is not."""
    editor.page.wait_for_function(f"([where, there]) => ({HAS_COLOR})(where) === there", arg=[where, there])


def drawn(editor: EditorDriver) -> dict:
    """Anchors at shoulder and hip, and a drag that raises the hand and bends: what the server says of them."""
    editor.part("tool-anchor").click()
    editor.click(*at(SHOULDER, DRAWN))
    editor.click(*at(HIP, DRAWN))
    editor.page.keyboard.press("p")
    with followed(editor):
        editor.draw(at(HAND, DRAWN), at(RAISED, DRAWN))
    with regions_answered(editor.page) as answer:
        editor.page.keyboard.press("j")
    (found,) = answer.value.response().json()["regions"]
    editor.settle()
    return found


def bends(editor: EditorDriver) -> list[str | None]:
    return [track.get("bend") for track in editor.tracks]


def test_a_drag_over_a_video_moves_the_thing_until_a_person_wants_it_bent(figure):
    with followed(figure):
        figure.draw(at(HAND, DRAWN), at(RAISED, DRAWN))
    assert bends(figure) == [None]
    expect(figure.part("toggle-bend")).to_have_text("Bend it")
    whole = "Move it whole"
    for key, text, bend in (("j", whole, "on"), ("j", "Bend it", "off"), ("Control+z", whole, "on")):
        figure.page.keyboard.press(key)
        expect(figure.part("toggle-bend")).to_have_text(text)
        assert bends(figure) == [bend]
    with followed(figure):
        figure.page.keyboard.press("Control+z")
    assert bends(figure) == [None]
    figure.part("properties").click()
    figure.part("bend").locator("select").select_option("on")
    figure.page.wait_for_function(f"() => JSON.parse({VALUE}).tracks[0].bend === 'on'")


def outline_at(found: dict, frame: int) -> np.ndarray:
    """`[H, W]` bool: where the server says that the thing goes in a frame."""
    mask = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    rings = [np.rint(np.array(ring) * SIZE - 0.5).astype(np.int32) for ring in found["moved"][frame]]
    cv2.fillPoly(mask, rings, 1)
    return mask > 0


def assert_alike(one: np.ndarray, other: np.ndarray) -> None:
    """Two shapes `[H, W]` bool, but for the last two pixels at their edges."""
    for shape, around in ((one, other), (other, one)):
        wider = cv2.dilate(around.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        assert (shape & ~wider).sum() < 0.003 * shape.sum(), (shape & ~wider).sum()


def run(editor: EditorDriver, host) -> list[np.ndarray]:
    """`[H, W]` bool each: what is red in the frames of the edited video."""
    entry = press_run(editor.page, host.url)
    assert entry["status"]["status_str"] == "success", entry["status"]["messages"][-1]
    files = [host.base_directory / "temp" / each["filename"] for each in entry["outputs"]["3"]["images"]]
    frames = [cv2.imread(str(file)).astype(int)[..., ::-1] for file in files]
    return [(frame[..., 0] > 150) & (frame[..., 1] < 90) & (frame[..., 2] < 90) for frame in frames]


def test_the_outline_of_what_anchors_hold_and_a_drag_bends_is_what_a_run_makes(figure, host):
    found = drawn(figure)
    assert bends(figure) == ["auto", "auto", "on"]  # the anchors joined by themselves
    assert sorted(found["tracks"]) == ["t1", "t2", "t3"] and found["bends"]
    expect(figure.part("toggle-bend")).to_have_text("Separate its pins")
    frames = run(figure, host)
    assert len(frames) == FRAMES
    for frame in (5, LAST):
        assert_alike(outline_at(found, frame), frames[frame])
    x, y = RAISED[0] + STEP * (LAST - DRAWN) + STEP * DRAWN, RAISED[1]
    assert frames[LAST][y, x] and not frames[LAST][HAND[1], HAND[0] + STEP * LAST]


def test_pins_and_their_handles_are_where_the_thing_is_in_the_frame_that_is_shown(figure):
    drawn(figure)
    figure.part("tool-select").click()
    for frame in (DRAWN, 6):
        go_to(figure, frame)
        wait_for_color(figure, [*figure.at(*at(SHOULDER, frame)), 9, ANCHOR, TRANSPARENT])
    wait_for_color(figure, [*figure.at(*at(SHOULDER, 4)), 9, ANCHOR, TRANSPARENT], there=False)
    part = (6 - DRAWN) / (LAST - DRAWN)
    hand = tuple(a + part * (b - a) for a, b in zip(HAND, RAISED, strict=True))
    turn_by_hand(figure, at(hand, 6))
    figure.page.wait_for_function(f"() => JSON.parse({VALUE}).tracks[2].pin")
    (key,) = figure.tracks[2]["pin"]
    assert key["at"] == pytest.approx(part, abs=0.01) and key["scale"] == 1
    assert key["turn"] == pytest.approx(90, abs=4)
    figure.page.keyboard.press("Control+z")
    figure.page.wait_for_function(f"() => !JSON.parse({VALUE}).tracks[2].pin")


def test_the_outline_bends_under_the_hand(figure):
    """Where the arm is to be while the end of its drag is held; nobody asks the server before it is let go."""
    drawn(figure)
    figure.part("tool-select").click()
    go_to(figure, LAST)
    lowered = 88, 78
    along = np.array(lowered) - SHOULDER
    edge = np.array(SHOULDER) + 0.6 * along + 6 * np.array((-along[1], along[0])) / np.hypot(*along)
    below = [*map(float, figure.at(*at(tuple(edge), LAST))), 15, DRAG, 12]
    wait_for_color(figure, below, there=False)
    mouse, asked = figure.page.mouse, []
    figure.page.on("request", lambda request: asked.append(request.url) if "regions" in request.url else None)
    mouse.move(*figure.at(*at(RAISED, DRAWN)))
    mouse.down()
    mouse.move(*figure.at(*at(lowered, DRAWN)), steps=4)
    wait_for_color(figure, below)
    assert not asked
    mouse.up()
    figure.page.keyboard.press("Control+z")
    wait_for_color(figure, below, there=False)


def places(tracks: list[dict]) -> list[float]:
    return [value for track in tracks for point in track["points"] for value in (point["x"], point["y"])]


def test_a_drag_in_another_frame_becomes_a_pin_where_the_object_was_drawn_and_a_drag_again(figure, host):
    go_to(figure, 0)
    figure.part("tool-object").click()
    with followed(figure):
        figure.click(*at(HIP))
        figure.wait_for_objects(1)
    go_to(figure, 4)
    figure.page.keyboard.press("Escape")
    figure.page.keyboard.press("p")
    figure.page.keyboard.down("Control")  # draws over the object
    with followed(figure):
        for place in (HAND, RAISED):
            figure.click(*at(place, 4))
        figure.page.keyboard.up("Control")
        figure.page.keyboard.press("Enter")
        figure.wait_for_tracks(1)
    before = figure.tracks
    assert before[0]["start"] == pytest.approx(0.5)
    figure.part("tool-select").click()
    figure.click(*at(HIP))
    figure.page.keyboard.press("e")
    with regions_answered(figure.page) as answer:
        figure.part("object-takePins").click()
    (found,) = answer.value.response().json()["regions"]
    figure.wait_for_tracks(0)
    (pin,) = figure.objects[0]["pins"]
    assert pin["start"] == pytest.approx(0.5) and "bend" not in pin
    assert places([pin]) == pytest.approx([*at(HAND), *at(RAISED)], abs=0.02)
    assert found["bends"] and found["object"] == figure.objects[0]["id"]
    frames = run(figure, host)
    assert_alike(outline_at(found, LAST), frames[LAST])
    figure.part("object-releasePins").click()
    figure.wait_for_tracks(1)
    assert places(figure.tracks) == pytest.approx(places(before), abs=1e-4)
    assert bends(figure) == ["on"] and "pins" not in figure.objects[0]


def test_in_the_template_it_is_followed_and_bent_too(editor_page, figure_film):
    """There, the inputs by which other nodes say where the thing is lead out of a subgraph, to nothing."""
    made = json.loads(TEMPLATE.read_text(encoding="utf-8"))
    nodes = {node["type"]: node for node in made["nodes"]}
    nodes["LoadVideo"]["widgets_values"][0] = figure_film
    nodes["DragNUWATrajectoryEditor"] |= {"pos": [360, 80], "size": [660, 760]}
    nodes["DragNUWATrajectoryEditor"]["widgets_values"][:4] = [EMPTY, *SIZE, FRAMES]
    editor = EditorDriver(editor_page, SIZE)
    editor.open(made)
    go_to(editor, DRAWN)
    assert drawn(editor)["bends"]
    expect(editor.part("toggle-bend")).to_have_text("Separate its pins")


def test_drags_that_begin_in_different_frames_bend_apart_and_the_page_says_so(figure):
    figure.draw(at(HAND, DRAWN), at(RAISED, DRAWN))
    go_to(figure, 5)
    figure.draw(at(HIP, 5), (at(HIP, 5)[0], 0.9))
    figure.page.keyboard.press("v")
    figure.page.keyboard.press("Control+a")
    figure.page.keyboard.press("j")
    figure.page.wait_for_function(f"() => JSON.parse({VALUE}).tracks.every(({{ bend }}) => bend === 'on')")
    expect(figure.part("status")).to_contain_text("they begin in different frames")


def test_what_bends_stays_when_the_input_becomes_a_picture_and_a_video_again(figure, example_picture):
    found = drawn(figure)
    text = figure.text
    connect = f"""id => app.graph.getNodeById(id).connect(0, {NODE}, 'image')"""
    figure.page.evaluate(
        """() => { const loader = LiteGraph.createNode('LoadImage'); loader.id = 20; app.graph.add(loader)
            loader.widgets.find(each => each.name === 'image').value = 'example.png' }"""
    )
    figure.page.evaluate(connect, 20)
    figure.page.wait_for_function(f"place => !({AT_RED})(place)", arg=[*at(HIP, DRAWN), *SIZE])
    figure.page.wait_for_function(f"() => JSON.parse({VALUE}).tracks.length === 0")  # it is of the video, and waits
    with regions_answered(figure.page) as answer:
        figure.page.evaluate(connect, 6)
    (again,) = answer.value.response().json()["regions"]
    assert again["moved"] == found["moved"] and again["bends"]
    assert json.loads(figure.text) == json.loads(text)
    go_to(figure, DRAWN)
    for _ in range(3):  # it is back, it waits, and it bends
        figure.page.keyboard.press("Control+z")
    figure.page.wait_for_function(f"() => JSON.parse({VALUE}).tracks[2]?.bend === undefined")
    assert len(figure.tracks) == 3
