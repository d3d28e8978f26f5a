"""Rephrases the captions of scenes as people write prompts, since a model trained on one wording knows no other."""

import numpy as np

from ...scenes import Scene, SceneObject
from ...scenes.scene import listed

PLAIN_SHARE = 0.4  # of captions that are left unchanged
OPENINGS = ("", "", "", "a picture of ", "a video of ", "there is ")
GROUNDS = (" over {}", " over {}", " on {}", " in front of {}", " and {} behind")
RESTS = ("", " standing still", " at rest", " that does not move")
WAYS = ("", " moving {}", " moving {}", " going {}", " that moves {}", " on its way {}")
PLACE_SHARE = 0.4  # of objects whose position is named
ROWS, COLUMNS = ("at the top", "", "at the bottom"), ("left", "", "right")


def reworded(scene: Scene, rng: np.random.Generator) -> str:
    """Names objects of the scene by colour and kind, in any order, perhaps with position, direction and background."""
    if rng.random() < PLAIN_SHARE:
        return scene.caption
    order = rng.permutation(len(scene.objects))
    things = [_thing(scene.objects[index], scene.points[index], scene, rng) for index in order]
    text = _one_of(OPENINGS, rng) + listed(things)
    if rng.random() < 0.8:
        text += _one_of(GROUNDS, rng).format(scene.backdrop)
    return text if scene.camera == "still" else f"{text}, {scene.camera}"


def _thing(thing: SceneObject, points: np.ndarray, scene: Scene, rng: np.random.Generator) -> str:
    """points: `[T, 2]` px, its position in each frame."""
    place = f" {place_of(points[0], scene)}" if rng.random() < PLACE_SHARE else ""
    moves = _one_of(RESTS, rng) if thing.way is None else _one_of(WAYS, rng).format(thing.way)
    return f"{thing.phrase}{place}{moves}"


def place_of(point: np.ndarray, scene: Scene) -> str:
    """A position in words: "at the top left", "on the right", "in the middle". point: (x, y) px."""
    column, row = np.clip(point / scene.clip.size * 3, 0, 2).astype(int)
    across, down = COLUMNS[column], ROWS[row]
    if not across:
        return down or "in the middle"
    return f"{down} {across}" if down else f"on the {across}"


def _one_of(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[rng.integers(len(choices))]
