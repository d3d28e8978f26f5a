"""The Fréchet distance between two sets of features, of which FID and FVD are made. Functions of arrays.

It is that between the normal distributions with the sets' means and covariances,
|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) (Dowson and Landau, 1982; FID: Heusel et al., arXiv 1706.08500, equation 6;
FVD: Unterthiner et al., arXiv 1812.01717, section 3).
"""

from __future__ import annotations

import numpy as np
import torch

from ...common.errors import InputError

Features = np.ndarray | torch.Tensor


def frechet_distance(features_a: Features, features_b: Features, ddof: int = 1) -> float:
    """The Fréchet distance between two sets of features, in float64.

    The trace of (C1 C2)^(1/2) is the sum of the square roots of the eigenvalues of C1 C2. These are the singular values
    of R1 R2^T, where R^T R = C: so nothing is lost where a covariance is singular, as it is with few features.

    Args:
        features_a, features_b: `[N, D]` and `[M, D]`, at least two each; NumPy, or torch on any device.
        ddof: the covariances are divided by N - `ddof`: 1, or 0.

    Returns:
        In the features' squared unit; 0 for equal sets, up to rounding, and never below.

    Raises:
        InputError: if the features are not of this form, of different sizes, or not finite.
    """
    if ddof not in (0, 1):
        raise InputError(f"ddof should be 0 or 1, as the covariance is divided by N - ddof; found {ddof!r}.")
    a, b = _checked(features_a, "the first set"), _checked(features_b, "the second set")
    if a.shape[1] != b.shape[1]:
        raise InputError(
            f"Features of both sets should have the same size; found {a.shape[1]} and {b.shape[1]}. Extract both with "
            "the same network."
        )
    roots = [_root_of_covariance(each, ddof) for each in (a, b)]
    spread = sum(float(root.square().sum()) for root in roots)
    common = float(torch.linalg.svdvals(roots[0] @ roots[1].T).sum())
    return max(0.0, float((a.mean(0) - b.mean(0)).square().sum()) + spread - 2 * common)


def frechet_distance_of_gaussians(
    mean_a: Features, covariance_a: Features, mean_b: Features, covariance_b: Features
) -> float:
    """The Fréchet distance between two normal distributions, such as published statistics of a set, in float64.

    Where a covariance is singular, the result is exact to about 1e-8 of its largest eigenvalue for each dimension;
    `frechet_distance` has no such loss.

    Args:
        mean_a, mean_b: `[D]`.
        covariance_a, covariance_b: `[D, D]`, symmetric and positive semidefinite.

    Raises:
        InputError: if the shapes do not match, or a value is not finite.
    """
    values = [torch.as_tensor(each).double().cpu() for each in (mean_a, covariance_a, mean_b, covariance_b)]
    size = values[0].numel()
    if [tuple(each.shape) for each in values] != [(size,), (size, size)] * 2 or not size:
        raise InputError(
            f"Means should be [D] and covariances [D, D] of one size; found {[list(each.shape) for each in values]}."
        )
    if not all(torch.isfinite(each).all() for each in values):
        raise InputError("A mean or covariance is NaN or infinite. Extract the features again.")
    first, a, second, b = values
    eigenvalues, vectors = torch.linalg.eigh(a)
    root = vectors * eigenvalues.clamp(min=0).sqrt() @ vectors.T
    common = torch.linalg.eigvalsh(root @ b @ root).clamp(min=0).sqrt().sum()
    return max(0.0, float((first - second).square().sum() + a.trace() + b.trace() - 2 * common))


def _root_of_covariance(features: torch.Tensor, ddof: int) -> torch.Tensor:
    """R `[min(N, D), D]` with R^T R the covariance of features `[N, D]`."""
    centred = (features - features.mean(0)) / (len(features) - ddof) ** 0.5
    return centred if len(centred) <= centred.shape[1] else torch.linalg.qr(centred, mode="r").R


def _checked(features: Features, what: str) -> torch.Tensor:
    """`[N, D]` in float64 on the CPU."""
    try:
        found = torch.as_tensor(features).detach().cpu().double()
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"Features of {what} should be an array of numbers [N, D].") from error
    if found.ndim != 2 or not found.shape[1]:
        raise InputError(f"Features of {what} should be [N, D]; found {list(found.shape)}.")
    if len(found) < 2:
        raise InputError(f"A covariance needs at least 2 features; {what} has {len(found)}.")
    if not torch.isfinite(found).all():
        raise InputError(f"Features of {what} are NaN or infinite. Extract them again, in float32.")
    return found
