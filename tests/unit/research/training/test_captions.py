"""Captions for training: whatever the wording, they say what the scene shows."""

from dataclasses import replace

import numpy as np

from dragnuwa.research.scenes import SceneConfig, make_scene
from dragnuwa.research.training.data.captions import PLAIN_SHARE, place_of, reworded

CONFIG = SceneConfig(frames=4, sizes=((32, 48),), objects=(1, 3), camera_share=0.5)


def test_every_wording_names_all_things_and_no_way_that_they_do_not_go():
    rng, kept, wordings = np.random.default_rng(0), 0, set()
    for seed in range(40):
        scene = make_scene(seed, CONFIG)
        for _ in range(8):
            text = reworded(scene, rng)
            kept += text == scene.caption
            wordings.add(text)
            assert "{" not in text and "  " not in text and not text.endswith(" ")
            assert all(thing.phrase in text for thing in scene.objects)
            assert scene.camera == "still" or text.endswith(scene.camera)
            if all(thing.way is None for thing in scene.objects) and scene.camera == "still":
                assert not any(word in text for word in (" moving ", " going ", " moves "))
    assert abs(kept / 320 - PLAIN_SHARE) < 0.1
    assert len(wordings) > 150


def test_the_place_of_a_thing():
    scene = make_scene(0, replace(CONFIG, sizes=((90, 60),)))
    positions = {
        (5, 5): "at the top left",
        (30, 45): "in the middle",
        (55, 45): "on the right",
        (30, 80): "at the bottom",
    }
    assert {point: place_of(np.array(point), scene) for point in positions} == positions
    assert place_of(np.array((-9, 99)), scene) == "at the bottom left", "outside the picture, its nearest place"
