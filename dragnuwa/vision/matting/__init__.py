"""Cuts a thing out along its edge, with hair and soft focus: opacity, and its own colours without the old ground.

`band` says where opacity is open, `alpha` solves for it, and `foreground` for the colours; `cut_out` does all of it.
`finish` changes an opacity as a person wishes, and `remains` says where a thing leaves something of it behind.
"""

from .cut_out import Matte, is_opacity, matte
from .remains import remains

__all__ = ["Matte", "is_opacity", "matte", "remains"]
