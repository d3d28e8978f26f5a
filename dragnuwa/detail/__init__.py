"""Restore Detail: the fine detail of a start picture, carried along the motion of a clip that was made from it.

`restore` is the entry. A clip is taken apart into layers that move as one (`layers`: the background, and what drags or
the clip itself show to move before it), whose motion is fitted to what the clip shows (`alignment`, `background`).
Where a layer looks as it did in the clip's first frame (`agreement`), in this frame and its neighbours (`history`), the
picture's own pixels take the place of the clip's.
"""

from .restore import Restored, restore

__all__ = ["Restored", "restore"]
