"""Drags that were saved by an older version mean the same for ever (tests/saved)."""

import json
from pathlib import Path

import numpy as np
import pytest

from dragnuwa.trajectory import parse

SAVED = Path(__file__).parents[1] / "saved"
WIDTH, HEIGHT, FRAMES = 576, 320, 14
DRAGS = [
    pytest.param(saved, id=f"{path.parent.name}: {saved['name']}")
    for path in sorted(SAVED.glob("*/*drags.json"))
    for saved in json.loads(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("saved", DRAGS)
def test_saved_drags_are_read_as_they_were(saved):
    """From the text as a person had it, and from the JSON that the nodes passed on."""
    for text in (saved["text"], saved["canonical"]):
        points, visible = parse(text, width=WIDTH, height=HEIGHT).sample(FRAMES, WIDTH, HEIGHT)
        np.testing.assert_allclose(points.reshape(-1), np.ravel(saved["points"]), atol=2e-6)
        assert visible.astype(int).tolist() == saved["visible"]


@pytest.mark.parametrize("saved", DRAGS)
def test_version_1_is_written_as_it_was(saved):
    """Byte for byte, so that a workflow that is saved again does not change, and older packs can read it."""
    assert parse(saved["text"], width=WIDTH, height=HEIGHT).to_json() == saved["canonical"]
