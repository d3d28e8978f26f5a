"""The similarity transform that most of a set of point pairs follow, whatever the others do."""

from __future__ import annotations

import cv2
import numpy as np

from ...trajectory.motion.similarity import SimilarityTransform


def robust_similarity(
    source: np.ndarray, target: np.ndarray, within: float, iterations: int = 2000
) -> tuple[SimilarityTransform, np.ndarray] | None:
    """RANSAC (Fischler and Bolles, "Random sample consensus", 1981), then least squares over the inliers.

    Args:
        source, target: `[n]` complex points, x + iy in pixels.
        within: distance in pixels up to which a pair is an inlier.
        iterations: samples that are drawn at most.

    Returns:
        The transform from source to target, and `[n]` bool, the inliers; None if no transform was found.
    """
    pairs = (np.stack([points.real, points.imag], -1) for points in (source, target))
    matrix, inliers = cv2.estimateAffinePartial2D(*pairs, ransacReprojThreshold=within, maxIters=iterations)
    if matrix is None:
        return None
    factor, _, shift = matrix[0] + 1j * matrix[1]
    return SimilarityTransform(complex(factor), complex(shift)), inliers[:, 0].astype(bool)
