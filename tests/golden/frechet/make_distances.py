"""Writes distances.json: what the formulas of common programs give on random features. Run: python make_distances.py

Each is written down here from the program that it is of, with scipy.linalg.sqrtm (SciPy 1.17.1), which dragnuwa does not
use. The programs themselves pass its argument disp, which SciPy 1.18 no longer has.
"""

import json
from pathlib import Path

import numpy as np
from scipy.linalg import sqrtm

CASES = {"many": (300, 240, 16), "uneven": (64, 40, 24), "few": (12, 9, 32)}  # N, M, D


def features(seed: int, n: int, m: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of correlated features, from numpy's RandomState, whose stream never changes."""
    stream = np.random.RandomState(seed)
    mix = stream.standard_normal((d, d)) / np.sqrt(d)
    a = stream.standard_normal((n, d)) @ mix
    b = 1.3 * stream.standard_normal((m, d)) @ mix + 0.2 * stream.standard_normal(d)
    return a, b


def pytorch_fid(a: np.ndarray, b: np.ndarray) -> float:
    """mseitzer/pytorch-fid, calculate_frechet_distance: np.cov divides by N - 1. So do universome/fvd-comparison and
    torch-fidelity."""
    mean, other = a.mean(axis=0), b.mean(axis=0)
    sigma, other_sigma = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = sqrtm(sigma.dot(other_sigma))
    difference = mean - other
    return float(difference.dot(difference) + np.trace(sigma) + np.trace(other_sigma) - 2 * np.trace(root.real))


def stylegan_v(a: np.ndarray, b: np.ndarray) -> float:
    """universome/stylegan-v and songweige/content-debiased-fvd, FeatureStats: sums over N, less the means' product."""
    (mean, sigma), (other, other_sigma) = (
        (x.sum(axis=0) / len(x), x.T @ x / len(x) - np.outer(x.mean(axis=0), x.mean(axis=0))) for x in (a, b)
    )
    root = sqrtm(np.dot(sigma, other_sigma))
    return float(np.real(np.square(mean - other).sum() + np.trace(sigma + other_sigma - root * 2)))


if __name__ == "__main__":
    made = {}
    for seed, (name, shape) in enumerate(CASES.items()):
        sets = features(seed, *shape)
        made[name] = {"seed": seed, "shape": shape, "pytorch_fid": pytorch_fid(*sets), "stylegan_v": stylegan_v(*sets)}
    (Path(__file__).parent / "distances.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
