"""The contact sheet of prompts without a picture: what is asked for, and what is shown."""

import json
from pathlib import Path

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.research.evaluation.generate import Video
from dragnuwa.research.evaluation.prompts import SHOWN, read_prompts, run
from dragnuwa.research.evaluation.settings import Settings

CLIP = ModelClip(64, 64, 8)
DRAGS = {"a red star": [[[10, 20], [50, 20]]], "a blue circle": [[[10, 40], [50, 40]], [[5, 5], [9, 9]]]}


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "prompts.json"
    path.write_text(json.dumps(DRAGS))
    return path


def test_each_prompt_is_made_alone_and_with_its_drags_from_the_same_noise(file):
    asked = []

    def generate(given, settings):
        asked.append((given.text, len(given.points), given.seed, given.start))
        return Video(np.full((8, 64, 64, 3), len(asked), np.uint8), 0.0)

    rows = list(run(read_prompts(file, CLIP), Settings("none", CLIP), 3, generate))
    assert asked == [
        ("a red star", 0, 3, None), ("a red star", 1, 3, None),
        ("a blue circle", 0, 4, None), ("a blue circle", 2, 4, None),
    ]  # fmt: skip
    assert [row.caption for row in rows] == list(DRAGS)
    for number, row in enumerate(rows):
        alone, dragged = np.split(np.stack(row.pictures), 2)
        assert len(alone) == SHOWN and (alone == 2 * number + 1).all()
        assert (dragged[:, -1, -1] == 2 * number + 2).all() and dragged[0].max() > 100, "the drags lie over the video"


@pytest.mark.parametrize(
    ("told", "message"), [({}, "drags by prompt"), ([], "drags by prompt"), ({"a star": 3}, "The drags of 'a star': ")]
)
def test_what_is_wrong_is_named(tmp_path, told, message):
    path = tmp_path / "prompts.json"
    path.write_text(json.dumps(told))
    with pytest.raises(ValueError, match=message):
        read_prompts(path, CLIP)


def test_the_prompts_of_the_card_are_read():
    path = Path(__file__).parents[4] / "scripts/demo/prompts.json"
    assert len(read_prompts(path, ModelClip(128, 128, 8))) == 24
