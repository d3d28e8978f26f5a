"""Carry: the picture's own pixels, moved along its tracks, as what a sampling starts from.

`carry_clip` is the entry: it cuts regions out of the picture (`regions`, by masks or by `segmentation`), moves each as
its tracks do (`transforms`, `camera`) and lays them over the filled ground (`composite`). `noise_mask` says for how
long the sampling stays tied to the result.
"""

from .composite import Carried, carry, carry_clip
from .noise_mask import noise_mask
from .settings import CARRIES, FILLS, CarrySettings

__all__ = ["CARRIES", "FILLS", "Carried", "CarrySettings", "carry", "carry_clip", "noise_mask"]
