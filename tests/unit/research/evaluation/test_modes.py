"""Modes, the classifier, and their table."""

import json

import numpy as np
import pytest
import torch

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.research.evaluation.cases import NAMED_GROUPS, make_case, plainly_colored
from dragnuwa.research.evaluation.classifier import (
    COLORS,
    KINDS,
    MARGIN,
    ROOM,
    Classifier,
    bounding_boxes,
    crops,
    judge,
)
from dragnuwa.research.evaluation.classifier_training import (
    TEST_SEED,
    TRAIN_SEED,
    ClassifierConfig,
    Examples,
    accuracy_of,
    examples,
    fit,
    load_or_train,
)
from dragnuwa.research.evaluation.modes import Mode, conditions, measure_mode
from dragnuwa.research.evaluation.report import as_json, mode_text, summarise_modes
from dragnuwa.research.evaluation.settings import MODES
from dragnuwa.research.scenes import HELD_OUT_SEED

CONFIG = ClassifierConfig("vae", 64, 64, scenes=8, tests=4, finder_steps=2, namer_steps=2, batch=4)


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
        assert thing.kind in KINDS and thing.color in COLORS
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


def fake(kind: str, color: str) -> Classifier:
    """One that sees the same in everything."""
    classifier = Classifier()
    with torch.no_grad():
        for layer, index in ((classifier.namer.kind, KINDS.index(kind)), (classifier.namer.color, COLORS.index(color))):
            layer.weight.zero_()
            layer.bias.zero_()[index] = 5.0
    return classifier


def test_the_true_clip_follows_and_a_still_one_does_not(cases):
    case = cases[0]
    thing = case.scene.objects[0]
    right = fake(thing.kind, thing.color)
    true = measure_mode(case, case.scene.frames, right, picture=True)
    assert true["relative_objmc"] < 0.2 and true["along"] > 0.5 and true["direction"] > 0.8
    assert (true["kind"], true["color"], true["both"]) == (1, 1, 1)
    still = np.repeat(case.scene.frames[:1], 6, axis=0)
    rests = measure_mode(case, still, fake("star" if thing.kind != "star" else "heart", thing.color), picture=False)
    assert rests["along"] == 0 and (rests["kind"], rests["color"], rests["both"]) == (0, 1, 0)
    assert "relative_objmc" not in rests and rests["relative_objmc_lucas_kanade"] == pytest.approx(1, abs=0.01)


def test_the_classifier_learns_to_tell_two_colors_in_seconds():
    rng = np.random.default_rng(0)
    colors = rng.integers(0, 2, 64)
    palette = np.array([[220, 40, 40], [40, 60, 210]])
    frames = rng.integers(90, 160, (64, 64, 64, 3)).astype(np.uint8)
    masks = np.zeros((64, 64, 64), bool)
    for n, color in enumerate(colors):
        x, y = rng.integers(0, 40, 2)
        frames[n, y : y + 24, x : x + 24] = palette[color]
        masks[n, y : y + 24, x : x + 24] = True
    kinds, named = torch.zeros(64, dtype=torch.long), torch.tensor([COLORS.index(("red", "blue")[c]) for c in colors])
    train, test = (Examples(frames[part], masks[part], kinds[part], named[part]) for part in (slice(48), slice(48, 64)))
    torch.manual_seed(0)
    classifier = Classifier()
    before = accuracy_of(classifier, test).color
    fit(classifier, train, ClassifierConfig("vae", 64, 64, finder_steps=40, namer_steps=40, batch=16))
    assert accuracy_of(classifier, test).color >= 0.9 > before
    clip = frames[-2:][[0, 0]]
    assert judge(classifier, clip, KINDS[0], COLORS[int(named[-2])]).both
    assert not judge(classifier, clip, KINDS[0], "blue" if COLORS[int(named[-2])] == "red" else "red").color


def test_a_crop_shows_the_largest_part_of_the_mask_in_its_middle():
    mask = np.zeros((1, 64, 96), bool)
    mask[0, 20:40, 10:26] = mask[0, 50:54, 80:84] = True  # 16 px by 20, and 4 by 4
    (box,) = bounding_boxes(mask, 192, 128)  # of a picture of twice the size
    assert box.tolist() == [36, 60, 20]
    picture = torch.from_numpy(mask).float().repeat_interleave(2, 1).repeat_interleave(2, 2).expand(1, 3, -1, -1)
    (crop,) = crops(picture, box[None]).numpy() > 0.5  # [3, 64, 64]
    across, down = np.flatnonzero(crop[0].any(0)), np.flatnonzero(crop[0].any(1))
    side = 64 / MARGIN  # of the crop's 64 px, as many as the object is high
    assert len(down) == pytest.approx(side, abs=1.5) and len(across) == pytest.approx(side * 16 / 20, abs=1.5)
    assert across.mean() == pytest.approx(31.5, abs=1) and down.mean() == pytest.approx(31.5, abs=1)
    assert bounding_boxes(np.zeros((1, 64, 96), bool), 192, 128).tolist() == [[96, 64, 96]]


def test_a_turned_crop_shows_the_picture_turned_and_not_stretched():
    mask = np.zeros((1, 64, 96), bool)
    mask[0, 20:40, 10:16] = mask[0, 34:40, 10:26] = True  # an L, which no turn makes its mirror image
    picture = torch.from_numpy(mask).float().expand(1, 3, -1, -1)
    boxes = bounding_boxes(mask, 96, 64)
    upright, quarter = (crops(picture, boxes, angle=torch.tensor([angle]))[0, 0] for angle in (0.0, np.pi / 2))
    assert torch.equal(quarter > 0.5, upright.rot90(1) > 0.5)
    both = crops(picture, boxes, angle=torch.tensor([np.pi / 2]), mirror=torch.tensor([-1.0]))[0, 0]
    assert torch.equal(both > 0.5, quarter.flip(1) > 0.5)


def test_thin_tips_of_which_little_is_found_are_in_the_crop():
    """A star's cover less than half of the finder's cells: without them it was named a hexagon."""
    logits = torch.full((48, 48), -5.0)
    logits[8:40, 23:25] = logits[23:25, 8:40] = -0.85  # 0.3 of these cells is covered
    logits[16:32, 16:32] = 5.0
    shown = []

    class Namer(torch.nn.Module):
        def forward(self, x):
            shown.append(x)
            return torch.zeros(1, len(KINDS)), torch.zeros(1, len(COLORS))

    classifier = Classifier()
    classifier.finder.forward = lambda x: logits[None]  # the same from all sides
    classifier.namer = Namer()
    classifier((logits > -1).float().repeat_interleave(2, 0).repeat_interleave(2, 1).expand(1, 3, -1, -1))
    assert len(shown) == 8
    for crop in shown:
        tips = np.flatnonzero((crop[0, 0] > 0.5).any(0))
        assert tips[0] > 4 and tips[-1] < 59 and len(tips) == pytest.approx(64 / MARGIN / ROOM, abs=2)


def test_a_kind_or_color_that_it_does_not_know_is_refused():
    with pytest.raises(ValueError, match="found 'red mushroom'"):
        judge(fake("star", "red"), np.zeros((2, 64, 64, 3), np.uint8), "mushroom", "red")


def test_its_scenes_are_neither_the_training_s_nor_the_evaluation_s(cases):
    assert max(case.seed for case in cases) < TRAIN_SEED < TEST_SEED
    assert HELD_OUT_SEED < TRAIN_SEED
    known = examples(TRAIN_SEED, 8, CONFIG)
    assert len(known.frames) == len(known.masks) == len(known.kinds) == len(known.colors) == 16
    assert not np.array_equal(known.frames[:2], examples(TEST_SEED, 1, CONFIG).frames)


def test_it_is_trained_once_and_the_same_each_time(tmp_path):
    path = tmp_path / "classifier.safetensors"
    calls = []

    def through_vae(frames):
        calls.append(len(frames))
        return frames // 2

    first = load_or_train(path, CONFIG, lambda: through_vae)
    assert sum(calls) == 2 * (CONFIG.scenes + CONFIG.tests)
    again = load_or_train(path, CONFIG, lambda: pytest.fail("it is there already"))
    other = load_or_train(tmp_path / "other.safetensors", CONFIG, lambda: through_vae)
    assert again.accuracy == first.accuracy
    weights = first.classifier.state_dict()
    for one in (again, other):
        assert all(torch.equal(value, weights[key]) for key, value in one.classifier.state_dict().items())


def test_what_is_no_classifier_is_left_alone(tmp_path):
    path = tmp_path / "classifier.safetensors"
    path.write_bytes(b"notes")
    with pytest.raises(ValueError, match="is no classifier of this program"):
        load_or_train(path, CONFIG, lambda: pytest.fail("not to be trained"))
    assert path.read_bytes() == b"notes"


def test_the_table_has_a_column_a_mode_and_both_baselines():
    def line(with_: float, without: float, both: float) -> dict:
        part = {"along": 0.0, "both": 1.0}
        return {"group": "straight", "p2v": {"along": without, "both": both}, "pg2v": {"along": with_, "both": 1.0},
                "still": part, "ceiling": part}  # fmt: skip

    modes = ("p2v", "pg2v")
    rows = summarise_modes([line(0.5, 0.1, 1.0), line(0.1, 0.2, 0.0), line(0.4, 0.3, 0.0), line(0.4, -1.0, 1.0)], modes)
    by_name = {row.name: row for row in rows}
    appears = by_name["prompts whose named colour and kind appear, share"]
    assert appears.values == {"p2v": 0.5, "pg2v": 1.0, "still": 1.0, "ceiling": 1.0} and appears.reached is False
    assert by_name["scenes that move along more than without drags, share"].values == {"pg2v": 0.75}
    shown = mode_text(rows, modes)
    assert "p2v >= 0.7" in shown and all(head in shown.splitlines()[0] for head in (*modes, "still video", "VAE"))
    told = json.loads(json.dumps(as_json(rows)))
    assert next(one for one in told if one["of"] == "p2v")["at_least"] == 0.7
