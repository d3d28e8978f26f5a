"""Matting: the opacity of an object around its edge, with hair and soft focus, and its foreground colours.

`band` finds where opacity is unknown, `alpha` solves for it and for the colours; `cut_out` combines them.
`finish` grows, shrinks or feathers an opacity, and finds where traces of the object may stay behind.
"""

from .cut_out import Matte, is_opacity, matte, remains

__all__ = ["Matte", "is_opacity", "matte", "remains"]
