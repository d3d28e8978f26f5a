"""Restore Detail: the fine detail of a start picture, carried along the motion of a clip that was made from it.

`restore` is the entry point. The layers (`dragnuwa.carry.layers`) come from the drags and objects, or from what moves
in the clip (`background`). Their motion is corrected to match the clip (`alignment`, `views`). Where a layer looks as
it did in the clip's first frame, in this frame and its neighbours (`views`), the picture's own pixels replace the
clip's.
"""

from .restore import Restored, restore

__all__ = ["Restored", "restore"]
