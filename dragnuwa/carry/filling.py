"""A public name that stays: `fill_hole` is in `dragnuwa.vision.inpainting.fill`."""

from ..vision.inpainting.fill import fill_hole

__all__ = ["fill_hole"]
