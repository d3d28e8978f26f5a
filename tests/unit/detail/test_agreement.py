"""What neighbouring frames show of the same place of the picture."""

import numpy as np

from dragnuwa.detail.views import BEFORE_AND_AFTER, Agreement, History

HEIGHT, WIDTH, FRAMES, STEP = 24, 32, 12, 2
y, x = np.mgrid[:HEIGHT, :WIDTH]
SHARE = np.ones((HEIGHT, WIDTH), np.float32)


def sources(time: int) -> np.ndarray:
    """Of a layer that moves to the right."""
    return (x - STEP * time) + 1j * y


def agreement(trust: np.ndarray, change: float) -> Agreement:
    return Agreement(trust.astype(np.float32), np.full((HEIGHT, WIDTH, 3), change, np.float32))


def test_it_follows_the_layer_and_an_even_change_of_light():
    history = History((WIDTH, HEIGHT))
    for time in range(1, FRAMES):
        trust = np.where(sources(time).real < 5, 0.2, 0.8)  # of the layer's left part, wherever it is
        history.add(time, agreement(trust, 0.01 * time), SHARE, sources(time))
    for time in (FRAMES - 1, 9, 8):
        found = history.at(time, sources(time))
        at = STEP * time
        np.testing.assert_allclose(found.trust[4:-4, at : at + 3], 0.2, atol=0.01)
        np.testing.assert_allclose(found.trust[4:-4, at + 7 :], 0.8, atol=0.01)
        np.testing.assert_allclose(found.change[4:-4, at : at + 8], 0.01 * time, atol=0.001)


def test_what_trembles_is_steadied():
    history = History((WIDTH, HEIGHT))
    for time in range(1, FRAMES):
        history.add(time, agreement(SHARE, 0.02 * (-1) ** time), SHARE, sources(0))
    last = FRAMES - BEFORE_AND_AFTER
    middle = [history.at(time, sources(0)).change.mean() for time in range(last - 2, last)]
    assert np.abs(middle).max() < 0.005


def test_where_nothing_was_seen_nothing_is_trusted():
    history = History((WIDTH, HEIGHT))
    for time in (1, 2, 3):
        history.add(time, agreement(SHARE, 0.0), np.where(x < 10, 1, 0).astype(np.float32), sources(0))
    found = history.at(2, sources(0))
    assert (found.trust[:, :8] > 0.99).all() and (found.trust[:, 14:] < 0.01).all()
