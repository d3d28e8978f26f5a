"""The route that picks objects, in a real aiohttp server, on real files."""

import json

import pytest

from tests.support.page_routes import SQUARE, click, likeness_to_disc, post


def test_a_click_gives_the_outline_of_what_is_under_it(folders):
    ((status, media, body),) = post(folders, "/dragnuwa/pick", click((0.3, 0.5)))
    assert (status, media) == (200, "application/json")
    assert likeness_to_disc(body) > 0.97


def test_the_outline_lies_on_the_clip_however_the_picture_is_fitted(folders):
    wide = {"width": 640, "height": 256, "fit": "pad"}  # the picture is 320 wide, in the middle
    ((status, _, body),) = post(folders, "/dragnuwa/pick", click((0.25 + 0.3 / 2, 0.5), **wide))
    assert status == 200
    assert likeness_to_disc(body, centre=(0.25 + 200 / 640 / 2, 250 / 512), radius=(90 / 1280, 90 / 512)) > 0.96


def test_more_clicks_correct_it(folders):
    """A click on the ground beside it takes nothing of it away; one inside of it adds nothing."""
    answers = post(folders, "/dragnuwa/pick", click((0.3, 0.5)), click((0.3, 0.5), (0.35, 0.45), minus=[(0.8, 0.8)]))
    assert [status for status, _, _ in answers] == [200, 200]
    assert all(likeness_to_disc(body) > 0.95 for _, _, body in answers)


def test_any_outline_is_corrected_by_a_click(folders):
    """Of an outline around the disc and a piece of ground, an Alt-click on the ground leaves the disc."""
    x, y = 200 / 640, 250 / 512
    box = [[{"x": a, "y": b} for a, b in ((0.13, 0.28), (x, 0.28), (0.62, 0.28), (0.62, 0.7), (x, 0.7), (0.13, 0.7))]]
    whole, rest = post(
        folders,
        "/dragnuwa/pick",
        click(outline=box, minus=[(0.55, y)]),
        click((0.2, y), outline=[[{"x": a, "y": b} for a, b in ((0.3, 0.4), (0.4, 0.4), (0.35, 0.55))]]),
    )
    assert whole[0] == rest[0] == 200
    assert likeness_to_disc(whole[2]) > 0.75 and likeness_to_disc(rest[2]) > 0.9


@pytest.mark.parametrize(
    "fields",
    [{"points": []}, {"points": None}, {"points": [{"x": 0.1, "y": 0.1}] * 33}, {"minus": [{"x": 0.1}]},
     {"points": [{"x": float("nan"), "y": 0}]}, {"points": [{"x": 0.1, "y": 0.1, "t": 0}]}, {"more": 1},
     {"step": 1.0}, {"step": True}, {"step": 17}, {"outline": []}, {"outline": [[{"x": 0, "y": 0}] * 3]},
     {"outline": SQUARE, "points": []}, {"outline": SQUARE, "minus": [{"x": 0, "y": 0}]},
     {"outline": SQUARE, "points": [], "minus": [{"x": 0.2, "y": 0.2}], "step": 1},
     {"box": [{"x": 0.1, "y": 0.1}]}, {"box": [0.1, 0.1]}, {"box": {}}, {"preview": 1},
     {"box": [{"x": 0.1, "y": 0.1}, {"x": 0.2, "y": float("inf")}]},
     {"preview": True, "step": 1}, {"preview": True, "outline": SQUARE}, {"preview": "other"},
     {"preview": "guess", "step": 1}, {"preview": "guess", "minus": [{"x": 0.1, "y": 0.1}]},
     {"preview": "guess", "box": [{"x": 0.1, "y": 0.1}, {"x": 0.4, "y": 0.4}]},
     {"outline": SQUARE, "box": [{"x": 0.1, "y": 0.1}, {"x": 0.4, "y": 0.4}]}],
)  # fmt: skip
def test_clicks_of_another_form_are_refused(folders, fields):
    ((status, _, body),) = post(folders, "/dragnuwa/pick", {**click((0.3, 0.5)), **fields})
    assert status == 400 and json.loads(body)["error"].endswith(".")


def box(left, top, right, bottom):
    return [{"x": left, "y": top}, {"x": right, "y": bottom}]


def test_a_box_gives_what_it_surrounds(folders):
    """From either pair of corners; a click that corrects it follows. A box on the ground gives no more than the box."""
    disc = box(0.15, 0.29, 0.47, 0.69)
    answers = post(
        folders,
        "/dragnuwa/pick",
        click(box=disc),
        click(box=disc[::-1]),
        click((0.3, 0.5), minus=[(0.8, 0.8)], box=disc),
        click(box=box(0.6, 0.1, 0.9, 0.4)),
    )
    assert [status for status, _, _ in answers] == [200] * 4
    assert all(likeness_to_disc(body) > 0.95 for _, _, body in answers[:3])
    (ring,) = json.loads(answers[3][2])["outline"]
    assert all(0.55 < p["x"] < 0.95 and 0.05 < p["y"] < 0.45 for p in ring)


def test_a_preview_is_what_the_click_picks(folders):
    answers = post(folders, "/dragnuwa/pick", click((0.3, 0.5), preview=True), click((0.3, 0.5)))
    preview, pick = (json.loads(body) for _, _, body in answers)
    assert preview["outline"] == pick["outline"]
    assert set(preview) == {"outline", "ground"} and set(pick) == {"outline", "ground", "smaller", "larger"}


def test_any_outline_has_smaller_and_larger_ones(folders):
    """A square in the disc grows to the disc, and shrinks back to what was drawn."""
    small = [[{"x": x, "y": y} for x, y in ((0.25, 0.42), (0.38, 0.42), (0.38, 0.57), (0.25, 0.57))]]
    answers = post(folders, "/dragnuwa/pick", *(click((0.31, 0.49), outline=small, step=step) for step in (1, 0, -16)))
    larger, same, smallest = (json.loads(body) for _, _, body in answers)
    assert larger["smaller"] > same["smaller"] >= smallest["smaller"] == 0
    assert likeness_to_disc(json.dumps(larger)) > 0.9 and same["outline"] == small
