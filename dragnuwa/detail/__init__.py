"""Restore Detail: the fine detail of a start picture, carried along the motion of a clip that was made from it.

`restore` is the entry point. A stack of layers (`dragnuwa.carry.layers`) comes from the drags and objects, or from what
moves in the clip (`background`). The layers' motion is corrected to match the clip (`alignment`, `views`). Where a
layer looks as it did in the clip's first frame, in this frame and its neighbours (`agreement`), the picture's own
pixels replace the clip's.
"""

from .restore import Restored, restore

__all__ = ["Restored", "restore"]
