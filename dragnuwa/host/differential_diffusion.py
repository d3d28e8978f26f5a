"""Differential Diffusion in the host: a sampling that reads its noise mask as a schedule."""

from __future__ import annotations

from comfy_extras.nodes_differential_diffusion import DifferentialDiffusion


def differential_diffusion(model):
    """A clone of the MODEL in which a noise mask from 0 to 1 sets the noise level down to which each pixel is held.

    Without it, the host blends with such a mask at every step.
    """
    return DifferentialDiffusion.execute(model).args[0]
