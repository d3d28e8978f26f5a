"""Things that the picture's border cuts off, continued beyond it, as far as a moving camera brings that into view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...common.interrupt import InterruptCheck, no_interrupt
from ...geometry.grids import Box
from .scene import DepthScene
from .things import OPAQUE, Thing
from .view import PinholeCamera

MOST = 0.3  # of the picture's longer side
WIDER = 1.15  # than what comes into view
LEAST = 2  # px
TOUCHING = 3  # px, how near the border the rim of what it cuts off may end
SOFT = 4  # px at the border whose opacity is that of an edge


def continued(
    thing: Thing, scene: DepthScene, cameras: Sequence[PinholeCamera], check_interrupt: InterruptCheck = no_interrupt
) -> Thing:
    """The thing as it is seen by the cameras, one for each frame: the same where nothing of it is cut off by the border
    of the picture that `scene` is of."""
    width, height = scene.size
    size = np.array([width, height, width, height])
    box, opacity = thing.box, thing.pixels[..., 3]
    rows, columns = np.nonzero(opacity >= OPAQUE)
    if not len(rows) or thing.layer.is_shadow:
        return thing
    ends = (columns.min() + box.left, rows.min() + box.top, width - 1 - columns.max() - box.left,
            height - 1 - rows.max() - box.top)  # fmt: skip
    cut_off = np.array([end <= TOUCHING for end in ends])
    wanted = np.zeros(4)
    for time, camera in enumerate(cameras):
        check_interrupt()
        if cut_off.any():
            wanted = np.fmax(wanted, _come_in(thing, camera, scene, time))
    margins = np.minimum(np.ceil(wanted * WIDER) + LEAST, MOST * size.max())
    margins = np.where(cut_off, margins, 0).astype(int)
    return _grown(thing, margins, ends) if margins.any() else thing


def _come_in(thing: Thing, camera: PinholeCamera, scene: DepthScene, time: int) -> np.ndarray:
    """`[4]`: how far the picture's borders (left, top, right, bottom) have come into a frame, in the thing's pixels."""
    width, height = scene.size
    box = thing.box
    x, y = np.linspace(box.left, box.right - 1, 5), np.linspace(box.top, box.bottom - 1, 5)
    on = [0 + 1j * y, x + 0j, width - 1 + 1j * y, x + 1j * (height - 1)]
    found = [thing.project(each, camera, scene, time) for each in on]  # [5, 3] each
    own = float(np.median(thing.disparity))
    enlarged = max(float(np.nanmedian(found[0][:, 2])) / own if own > 0 else 1.0, 0.2)
    into = [found[0][:, 0].max(), found[1][:, 1].max(), width - 1 - found[2][:, 0].min(),
            height - 1 - found[3][:, 1].min()]  # fmt: skip
    return np.nan_to_num(np.array(into)) / enlarged


def _grown(thing: Thing, margins: np.ndarray, ends: tuple[int, int, int, int]) -> Thing:
    """The thing with margins (left, top, right, bottom) beyond what the picture shows of it: mirrored at its border,
    which leaves neither a seam nor a blur there."""
    left, top, right, bottom = (int(each) for each in margins)
    lost = [max(end, 0) + SOFT if margin else 0 for end, margin in zip(ends, margins, strict=True)]
    box = thing.box
    rows, columns = thing.pixels.shape[:2]
    inner = thing.pixels[lost[1] : rows - lost[3], lost[0] : columns - lost[2]]
    if not inner.size:
        return thing
    around = ((top + lost[1], bottom + lost[3]), (left + lost[0], right + lost[2]), (0, 0))
    disparity = np.pad(thing.disparity, ((top, bottom), (left, right)), mode="edge")
    larger = Box(box.left - left, box.top - top, box.right + right, box.bottom + bottom)
    return replace(thing, box=larger, pixels=np.pad(inner, around, mode="symmetric"), disparity=disparity)
