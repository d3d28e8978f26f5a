"""SVG: the curves as a drawing. Write-only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from html import escape

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ..sampling import fit_curves
from ..trajectories import Trajectories
from ..types import Track
from .format import Limits, Writer

_STEP = Decimal("0.001")  # pixels
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    """The paths as cubic Bezier curves, which represent all splines exactly; a dot for a single point."""
    width, height = clip.size
    shapes = [f"  {_shape(track, np.array(clip.size))}\n" for track in watched(trajectories.enabled)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    return "".join([head, "\n", *shapes, "</svg>\n"])


def _shape(track: Track, size: np.ndarray) -> str:
    title = f"<title>{_escaped(track.name or track.id)}</title>"
    if len(track.points) == 1:
        x, y = (np.array([track.points[0].x, track.points[0].y]) * size).tolist()
        return f'<circle cx="{_short(x)}" cy="{_short(y)}" r="3" fill="{track.color}">{title}</circle>'
    cubic, quadratic, linear, constant = fit_curves([track], size)[:, :, 0]  # [n-1, 2] each
    corners = np.stack(
        [
            constant,
            constant + linear / 3,
            constant + (2 * linear + quadratic) / 3,
            constant + linear + quadratic + cubic,
        ],
        axis=1,
    )  # [n-1, 4, 2]
    positions = [[f"{_short(x)} {_short(y)}" for x, y in segment] for segment in corners.tolist()]
    data = " ".join([f"M {positions[0][0]}", *(f"C {', '.join(segment[1:])}" for segment in positions)])
    return f'<path d="{data}" fill="none" stroke="{track.color}" stroke-width="2">{title}</path>'


def _short(value: float) -> str:
    text = format(Decimal(value).quantize(_STEP, ROUND_HALF_UP), "f").rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _escaped(text: str) -> str:
    """Escapes text for XML; characters that it does not allow become the replacement character."""
    return escape(_NOT_XML.sub("\ufffd", text)).replace("&#x27;", "&#39;")


def _motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    return "No motion in time: the drawing shows the paths." if tracks else ""


WRITER = Writer("svg", write, Limits(visibility=False, names=True, outside=True, motion=_motion), suffix=".svg")
