"""What is dragged moves with the hand, in the pixels and with the edge that the server cut, which is asked again when
that is let go. Nothing lies over what plays."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from scripts.editor_driver import HEIGHT, WIDTH, EditorDriver, workflow
from tests.integration.editor.compositions import drawing_in, open_composed
from tests.integration.editor.renderers import mainly_in
from tests.support.drawings import objects_value, rectangle_ring, tracks_value
from tests.support.waiting import wait_until

RED, GREY = (220, 20, 20), (120, 124, 128)
BEGIN, END = (0.24, 0.5), (0.6, 0.45)
DRAG = tracks_value({"points": [{"x": x, "y": y} for x, y in (BEGIN, END)]})
# The colour of a layer of the canvas at a place on the screen, and how much of the layer is painted at all.
LOOK = """([number, x, y]) => {
    const canvas = document.querySelectorAll('[data-testid=dragnuwa-editor] canvas')[number]
    const box = canvas.getBoundingClientRect()
    const pixel = [(x - box.left) / box.width * canvas.width, (y - box.top) / box.height * canvas.height]
    return [...canvas.getContext('2d').getImageData(...pixel, 1, 1).data]
}"""
PAINTED = """number => {
    const canvas = document.querySelectorAll('[data-testid=dragnuwa-editor] canvas')[number]
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return data.some((value, k) => k % 4 === 3 && value > 0)
}"""
# Every fifth pixel of a layer, in both directions.
PIXELS = """number => {
    const canvas = document.querySelectorAll('[data-testid=dragnuwa-editor] canvas')[number]
    const { width, height, data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const found = []
    for (let y = 0; y < height; y += 5) {
        for (let x = 0; x < width; x += 5) found.push(...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3))
    }
    return found
}"""
PICTURE, SELECTED, TOP = 1, 2, 3  # layers
LEVELS, FEW = 2, 0.002  # of 255, and the part of the canvas where the picture may differ by more


def red_on_grey(host, name: str, rows: slice, columns: slice) -> str:
    """Saves a picture of grey ground on which some rows and columns are red, and returns its name."""
    noise = np.random.default_rng(3).integers(-6, 7, (HEIGHT, WIDTH, 1))
    picture = np.clip(np.array(GREY) + noise, 0, 255).astype(np.uint8)
    picture[rows, columns] = RED
    Image.fromarray(picture).save(host.input_directory / name)
    return name


@pytest.fixture(scope="module")
def square(host) -> str:
    return red_on_grey(host, "square_in_hand.png", slice(120, 200), slice(100, 180))


@pytest.fixture(scope="module")
def bar(host) -> str:
    return red_on_grey(host, "bar_in_hand.png", slice(60, 290), slice(155, 191))


def opened(editor: EditorDriver, square: str, drawing: dict, tool: str) -> EditorDriver:
    open_composed(editor, workflow(json.dumps(drawing), picture=square, size=(760, 760)))
    editor.part(f"tool-{tool}").click()
    editor.settle(4)
    return editor


def shown(editor: EditorDriver, *place: float, layer: int = PICTURE) -> list[int]:
    return editor.page.evaluate(LOOK, [layer, *editor.at(*place)])


def is_red(editor: EditorDriver, *place: float) -> bool:
    red, green, _, opacity = shown(editor, *place)
    return opacity == 255 and red > 180 and green < 60


def wait_until_red(editor: EditorDriver, *places: tuple[float, float], elsewhere: tuple = ()) -> None:
    """Until these places of the moved picture are red, and those `elsewhere` are not: the page needs some frames for
    what the server has answered, and on a busy machine more."""
    wait_until(
        lambda: all(is_red(editor, *place) for place in places) and not any(is_red(editor, *at) for at in elsewhere)
    )


def wait_until_painted(editor: EditorDriver, layer: int, painted: bool) -> None:
    editor.page.wait_for_function(f"([layer, painted]) => ({PAINTED})(layer) === painted", arg=[layer, painted])


@contextmanager
def held(editor: EditorDriver, *positions: tuple[float, float]) -> Iterator[list[str]]:
    """While the button is pressed at the last of some places; gives what is asked of the server about what the hand has
    changed. What was there before may be asked about at any time, as in another size once the page is laid out."""
    asked, mouse, before = [], editor.page.mouse, drawing_in(editor.text)

    def note(request) -> None:
        if request.method == "POST" and "/dragnuwa/" in request.url:
            text = request.post_data_json.get("text")
            if text is not None and drawing_in(text) != before:
                asked.append(request.url.rsplit("/", 1)[1])

    editor.page.on("request", note)
    try:
        mouse.move(*editor.at(*positions[0]))
        mouse.down()
        for place in positions[1:]:
            mouse.move(*editor.at(*place), steps=8)
        editor.settle(3)
        yield asked
    finally:
        mouse.up()
        editor.page.remove_listener("request", note)


@contextmanager
def unanswered(page: Page) -> Iterator[None]:
    """While no composition is answered."""
    page.route("**/dragnuwa/composition", lambda route: None)
    try:
        yield
    finally:
        page.unroute("**/dragnuwa/composition")


def asked_again(page: Page):
    return page.expect_request(lambda request: request.url.endswith("/dragnuwa/composition"))


def test_a_stroke_is_composed_while_it_is_drawn_and_moves_to_its_end_at_once(editor, square):
    """What the server is asked after the stroke is not answered here: what plays is what it was asked before."""
    editor.open(workflow(json.dumps(tracks_value()), picture=square, size=(760, 760)))
    editor.part("tool-pen").click()
    editor.settle(4)
    page, mouse = editor.page, editor.page.mouse
    mouse.move(*editor.at(*BEGIN))
    mouse.down()
    with page.expect_response(lambda answer: answer.url.endswith("/dragnuwa/composition")) as answer:
        mouse.move(*editor.at(BEGIN[0] + 0.1, BEGIN[1]), steps=4)
    answer.value.finished()
    with unanswered(page):
        mouse.move(*editor.at(*END), steps=4)
        mouse.up()
        page.keyboard.press("End")
        wait_until(lambda: is_red(editor, *END))
        assert not is_red(editor, *BEGIN)


def test_a_thing_moves_with_the_end_of_its_drag(editor, square):
    opened(
        editor, square, tracks_value({"points": [dict(zip("xy", at, strict=True)) for at in (BEGIN, END)]}), "select"
    )
    wait_until_painted(editor, PICTURE, False)  # the picture is shown as it is
    with asked_again(editor.page) as again, held(editor, END, (0.7, 0.6), (0.8, 0.75)) as asked:
        wait_until_red(editor, (0.8, 0.75), (0.76, 0.7), elsewhere=(BEGIN, END))  # it is at the hand
        assert shown(editor, *BEGIN)[3] == 255, "and ground is where it was"
        assert asked == []
    assert again.value.post_data_json["longest"] in (320, 480, 640, 960, 1280)
    wait_until_painted(editor, PICTURE, False)  # the playhead is at the beginning again


@mainly_in("vue")
@pytest.mark.parametrize("rests", [False, True], ids=["that moves", "at rest"])
def test_an_object_moves_with_its_path(editor, square, rests):
    places = [{"x": BEGIN[0], "y": BEGIN[1]}] + ([] if rests else [{"x": 0.4, "y": 0.5}])
    ring = rectangle_ring(100 / WIDTH, 120 / HEIGHT, 180 / WIDTH, 200 / HEIGHT)
    opened(editor, square, objects_value({"outline": [ring], "motion": {"points": places}}), "object")
    with held(editor, BEGIN, (0.5, 0.6), (0.75, 0.7)) as asked:
        # Ground is filled in behind it, also where it has never moved.
        wait_until_red(editor, (0.75, 0.7), elsewhere=((0.4, 0.5), BEGIN))
        assert asked == []
    editor.settle()
    assert editor.objects[0]["motion"]["points"][-1]["x"] - BEGIN[0] == pytest.approx(0.51, abs=0.03)


@mainly_in("vue")
def test_what_bends_is_bent_under_the_hand_as_it_will_be(editor, bar):
    top, away = (0.3, 0.25), (0.38, 0.3)
    opened(editor, bar, tracks_value({"points": [dict(zip("xy", at, strict=True)) for at in (top, away)],
                                      "bend": "on"}), "select")  # fmt: skip
    with asked_again(editor.page) as again, held(editor, away, (0.5, 0.3), (0.55, 0.4)) as asked:
        # Its end is at the hand, the other end stays, and between both it is bent.
        wait_until_red(editor, (0.545, 0.4), (0.3, 0.85), (0.37, 0.5), elsewhere=(top, (0.28, 0.35)))
        assert asked == []
        editor.settle(3)
        held_pixels = pixels(editor)
    with editor.page.expect_response(lambda answer: answer.url.endswith("/dragnuwa/composition")) as answer:
        again.value  # noqa: B018 (waits for it)
    answer.value.finished()
    editor.page.keyboard.press("End")
    editor.settle(4)
    # It looks as the run will have it.
    wait_until(lambda: (np.abs(pixels(editor) - held_pixels).max(-1) > LEVELS).mean() < FEW)


def pixels(editor: EditorDriver) -> np.ndarray:
    """`[N, 3]` int: pixels of the moved picture."""
    return np.array(editor.page.evaluate(PIXELS, PICTURE)).reshape(-1, 3)


@mainly_in("vue")
def test_nothing_lies_over_what_plays(editor, square):
    opened(editor, square, DRAG, "select").page.keyboard.press("Control+a")
    editor.page.keyboard.press("End")
    wait_until_red(editor, (0.58, 0.42))
    for layer in (SELECTED, TOP):
        wait_until_painted(editor, layer, True)
    editor.page.keyboard.press("Space")
    editor.page.wait_for_function(f"() => [{PICTURE}, {SELECTED}, {TOP}].map({PAINTED}).join() === 'true,false,false'")
    editor.page.keyboard.press("Space")
    editor.page.wait_for_function(f"() => ({PAINTED})({SELECTED})")
