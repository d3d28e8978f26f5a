"""Modes, the colours of what they show, and their table."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.research.evaluation.cases import NAMED_GROUPS, make_case, plainly_colored
from dragnuwa.research.evaluation.colors import COLORS, shows_color
from dragnuwa.research.evaluation.modes import Mode, conditions, measure_mode
from dragnuwa.research.evaluation.report import as_json, mode_text, summarise_modes
from dragnuwa.research.evaluation.settings import MODES
from dragnuwa.research.scenes.cutouts import SHAPES
from dragnuwa.research.scenes.textures import PALETTE


def test_a_mode_is_told_by_its_letters():
    told = {name: (mode.picture, mode.prompt, mode.drags) for name, mode in ((name, Mode(name)) for name in MODES[:5])}
    assert told == {
        "s2v": (True, False, False), "p2v": (False, True, False), "gs2v": (True, False, True),
        "ps2v": (True, True, False), "pgs2v": (True, True, True),
    }  # fmt: skip
    assert [Mode(name).without_drags for name in MODES] == ["s2v", "p2v", "s2v", "ps2v", "ps2v", "p2v"]


@pytest.fixture(scope="module")
def cases():
    return [make_case(number, ClipShape(128, 128, 6), groups=NAMED_GROUPS, named=True) for number in range(6)]


def test_named_cases_show_one_thing_in_the_words_of_its_caption(cases):
    for case in cases:
        (thing,) = case.scene.objects
        assert thing.kind in SHAPES and thing.color in COLORS
        assert f"{thing.color} {thing.kind} moving" in case.scene.caption
        assert plainly_colored(case.scene)
    assert len({case.seed for case in cases}) == len(cases)


def test_conditions_are_left_out(cases):
    case = cases[1]
    whole = conditions(case, Mode("pgs2v"))
    assert np.array_equal(whole.points, case.points) and whole.text == case.scene.caption
    assert np.array_equal(whole.start, case.scene.frames[0])
    bare = conditions(case, Mode("p2v"))
    assert bare.points.shape == (0, 6, 2) and bare.visible.shape == (0, 6)
    assert bare.start is None and bare.text == case.scene.caption and bare.seed == whole.seed
    assert conditions(case, Mode("gs2v")).text == ""


def test_the_true_clip_follows_and_a_still_one_does_not(cases):
    case = cases[0]
    true = measure_mode(case, case.scene.frames, picture=True)
    assert true["relative_objmc"] < 0.2 and true["along"] > 0.5 and true["direction"] > 0.8 and true["color"] == 1
    still = np.repeat(case.scene.frames[:1], 6, axis=0)
    rests = measure_mode(case, 255 - still, picture=False)
    assert rests["along"] == 0 and rests["color"] == 0
    assert "relative_objmc" not in rests and rests["relative_objmc_lucas_kanade"] == pytest.approx(1, abs=0.01)


def test_a_color_is_not_asked_for_where_the_ground_has_it(cases):
    case = cases[0]
    (thing,), masks = case.scene.objects, case.scene.masks[0]
    painted = case.scene.frames.copy()
    painted[~masks] = PALETTE[thing.color]
    scene = replace(case.scene, frames=painted)
    assert "color" not in measure_mode(replace(case, scene=scene), case.scene.frames, picture=False)


def test_true_clips_show_their_color_and_hardly_another(cases):
    """Where they do not, the ground has it too."""
    right = wrong = 0
    for case in cases:
        (thing,), area = case.scene.objects, int(case.scene.masks[0, 0].sum())
        shown = {color for color in COLORS if shows_color(case.scene.frames, color, area)}
        right += thing.color in shown
        wrong += len(shown - {thing.color})
    assert right >= len(cases) - 1 and wrong <= len(cases) * len(COLORS) // 10


def test_specks_and_a_ground_of_a_color_are_no_thing():
    frames = np.full((4, 64, 64, 3), PALETTE["green"], np.uint8)
    frames[:, 8:24, 8:24] = PALETTE["red"]
    frames[:, 40:42, 40:42] = PALETTE["blue"]
    assert [color for color in COLORS if shows_color(frames, color, 256)] == ["red"]
    frames[:2] = PALETTE["green"]  # in half of the frames it is gone
    assert not shows_color(frames, "red", 256)
    with pytest.raises(ValueError, match="found 'beige'"):
        shows_color(frames, "beige", 256)


def test_the_table_has_a_column_a_mode_and_both_baselines():
    def line(with_: float, without: float, color: float) -> dict:
        part = {"along": 0.0, "color": 1.0}
        return {"group": "straight", "p2v": {"along": without, "color": color}, "pg2v": {"along": with_, "color": 1.0},
                "still": part, "ceiling": part}  # fmt: skip

    modes = ("p2v", "pg2v")
    rows = summarise_modes([line(0.5, 0.1, 1.0), line(0.1, 0.2, 0.0), line(0.4, 0.3, 0.0), line(0.4, -1.0, 1.0)], modes)
    by_name = {row.name: row for row in rows}
    appears = by_name["prompts whose named colour appears, share"]
    assert appears.values == {"p2v": 0.5, "pg2v": 1.0, "still": 1.0, "ceiling": 1.0} and appears.reached is False
    assert by_name["scenes that move along more than without drags, share"].values == {"pg2v": 0.75}
    shown = mode_text(rows, modes)
    assert "p2v >= 0.8" in shown and all(head in shown.splitlines()[0] for head in (*modes, "still video", "VAE"))
    told = json.loads(json.dumps(as_json(rows)))
    assert next(one for one in told if one["of"] == "p2v")["at_least"] == 0.8
