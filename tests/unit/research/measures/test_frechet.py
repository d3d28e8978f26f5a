"""Distances between sets, against closed forms and against what the formulas of common programs give."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from dragnuwa.common.errors import InputError
from dragnuwa.research.measures.frechet import frechet_distance, frechet_distance_of_gaussians
from tests.golden.frechet.make_distances import features

GOLDEN = json.loads(
    (Path(__file__).parents[3] / "golden/frechet/distances.json").read_text(encoding="utf-8")
)  # of make_distances.py


def sample(mean, covariance, count: int, ddof: int, seed: int) -> np.ndarray:
    """`[count, D]` features whose mean and covariance are exactly these."""
    size = len(mean)
    drawn = np.random.default_rng(seed).normal(size=(count, size))
    drawn = np.linalg.qr(drawn - drawn.mean(0))[0] * np.sqrt(count - ddof)
    return drawn @ np.linalg.cholesky(covariance).T + mean


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("count", [50, 7])
def test_features_of_known_normal_distributions(ddof, count):
    """Diagonal covariances: |m1 - m2|^2 + sum (s1 - s2)^2. Rotating both changes nothing."""
    means, deviations = np.array([[1.0, -2, 0.5, 3], [0, 1, 0.5, -1]]), np.array([[1.0, 2, 0.1, 5], [4, 2, 0.3, 1]])
    expected = np.square(means[0] - means[1]).sum() + np.square(deviations[0] - deviations[1]).sum()
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    sets = [
        sample(m, np.diag(s**2), count + n, ddof, n) for n, (m, s) in enumerate(zip(means, deviations, strict=True))
    ]
    assert frechet_distance(*sets, ddof) == pytest.approx(expected, abs=1e-6)
    assert frechet_distance(*(each @ turn for each in sets), ddof) == pytest.approx(expected, abs=1e-6)
    assert frechet_distance(*sets, 1 - ddof) != pytest.approx(expected, abs=1e-3)
    gaussians = [(turn.T @ m, turn.T @ np.diag(s**2) @ turn) for m, s in zip(means, deviations, strict=True)]
    assert frechet_distance_of_gaussians(*gaussians[0], *gaussians[1]) == pytest.approx(expected, abs=1e-6)


def test_gaussians_whose_covariances_do_not_commute():
    """In two dimensions, tr (A B)^(1/2) = sqrt(tr(A B) + 2 sqrt(det(A B)))."""
    a, b = np.array([[2.0, 0.5], [0.5, 1]]), np.array([[1.0, -0.8], [-0.8, 3]])
    common = np.sqrt(np.trace(a @ b) + 2 * np.sqrt(np.linalg.det(a @ b)))
    expected = 5 + np.trace(a) + np.trace(b) - 2 * common
    assert frechet_distance_of_gaussians([1, 2], a, [0, 0], b) == pytest.approx(expected, abs=1e-6)
    sets = sample(np.array([1, 2]), a, 30, 1, 0), sample(np.zeros(2), b, 20, 1, 1)
    assert frechet_distance(*sets) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize(("program", "ddof"), [("pytorch_fid", 1), ("stylegan_v", 0)])
def test_it_is_that_of_common_programs(name, program, ddof):
    sets = features(GOLDEN[name]["seed"], *GOLDEN[name]["shape"])
    assert frechet_distance(*sets, ddof) == pytest.approx(GOLDEN[name][program], abs=1e-5)


def test_equal_sets_have_no_distance_and_order_does_not_matter():
    a, b = features(3, 20, 15, 64)
    assert 0 <= frechet_distance(a, a) < 1e-9  # also where the covariance is singular
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-12)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(a[::-1].copy(), b), rel=1e-12)


def test_features_may_be_of_torch_and_of_any_precision():
    a, b = (each.astype(np.float32) for each in features(4, 20, 15, 6))
    assert frechet_distance(torch.from_numpy(a), torch.from_numpy(b)) == frechet_distance(a, b)
    assert frechet_distance(a + 1e4, b + 1e4) == pytest.approx(frechet_distance(a, b), rel=1e-3)  # in float64


@pytest.mark.parametrize(
    ("a", "b", "ddof", "message"),
    [
        (np.zeros((1, 4)), np.zeros((5, 4)), 1, "A covariance needs at least 2 features; the first set has 1"),
        (np.zeros((5, 4)), np.zeros((0, 4)), 0, "A covariance needs at least 2 features; the second set has 0"),
        (np.zeros((5, 4)), np.zeros((5, 3)), 1, "found 4 and 3"),
        (np.full((5, 4), np.nan), np.zeros((5, 4)), 1, "of the first set are NaN"),
        (np.zeros((5, 4)), np.full((5, 4), np.inf), 1, "of the second set are NaN or infinite"),
        (np.zeros(5), np.zeros((5, 4)), 1, r"should be \[N, D\]; found \[5\]"),
        (np.zeros((5, 4)), np.array([["a"]]), 1, "an array of numbers"),
        (np.zeros((5, 4)), np.zeros((5, 4)), 2, "ddof should be 0 or 1"),
    ],
)
def test_what_has_no_distance_is_named(a, b, ddof, message):
    with pytest.raises(InputError, match=message):
        frechet_distance(a, b, ddof)


@pytest.mark.parametrize(
    "values",
    [
        ([0, 0], np.eye(3), [0, 0], np.eye(2)), ([], np.zeros((0, 0)), [], np.zeros((0, 0))),
        ([0, np.nan], np.eye(2), [0, 0], np.eye(2)), ([0], [[1.0]], [0, 0], np.eye(2)),
    ],
)  # fmt: skip
def test_gaussians_of_other_shapes_are_refused(values):
    with pytest.raises(InputError, match=r"\.$"):
        frechet_distance_of_gaussians(*(np.asarray(each) for each in values))
