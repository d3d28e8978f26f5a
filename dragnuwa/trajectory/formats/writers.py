"""Trajectories in the formats of other tools.

    dragnuwa         the versioned JSON (see `schema`): everything
    kjnodes          [[{"x": 25, "y": 25}, ...], ...]: a position for each frame of each track
    points_store     [{"points": [...], "color": "#1f77b4", "name": "a"}, ...]: KJNodes' editor, control points
    ati              as kjnodes, with the 121 positions that ATI's nodes read, whatever the clip's length
    tracking_points  [[[25, 25], [128, 128]], ...]: control points, for the earlier pack (chaojie/ComfyUI-DragNUWA)
    svg              the curves as a drawing
    csv              a row for each frame of each track (see `table`)

All positions are pixels of a picture of the given size. Tracks that are switched off are left out, except in our own
JSON. `formats` and `parsing` read all but the drawing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from html import escape

import numpy as np

from ..sampling import fit_curves
from ..trajectories import Trajectories
from ..types import Track
from . import csv_table as table

ATI_SAMPLES = 121
_DIGITS = 6  # decimals of a pixel, as in sampling
_SVG_STEP = Decimal("0.001")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(trajectories: Trajectories, form: str, frames: int, width: int, height: int) -> str:
    """The text of one of `FORMS`.

    Args:
        form: which of them.
        frames: 2..4096, of the clip.
        width, height: of the picture, in pixels.

    Raises:
        KeyError: an unknown form.
        TrajectoryError: frames, width or height is out of range, or the text would be too long.
    """
    return FORMS[form](trajectories, frames, width, height)


def _kjnodes(trajectories: Trajectories, frames: int, width: int, height: int) -> str:
    points, _ = trajectories.sample(frames, width, height)
    return _compact([[{"x": _number(x), "y": _number(y)} for x, y in track] for track in points.tolist()])


def _ati(trajectories: Trajectories, frames: int, width: int, height: int) -> str:
    return _kjnodes(trajectories, ATI_SAMPLES, width, height)


def _points_store(trajectories: Trajectories, frames: int, width: int, height: int) -> str:
    return _compact([_stored(track, np.array([width, height])) for track in enabled(trajectories)])


def _tracking_points(trajectories: Trajectories, frames: int, width: int, height: int) -> str:
    """Control points where the reader's curve (PCHIP, equal time) is the track's own; else a position for each frame,
    through which that curve goes as well."""
    sampled, _ = trajectories.sample(frames, width, height)
    return _compact(
        [
            _pixels(track, np.array([width, height])) if is_original(track) else _numbers(positions)
            for track, positions in zip(enabled(trajectories), sampled, strict=True)
        ]
    )


def _csv(trajectories: Trajectories, frames: int, width: int, height: int) -> str:
    return table.write(*trajectories.sample(frames, width, height))


def _svg(trajectories: Trajectories, frames: int, width: int, height: int) -> str:
    """The paths as cubic Bezier curves, which all splines are; a dot for a single point."""
    shapes = [f"  {_shape(track, np.array([width, height]))}\n" for track in enabled(trajectories)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    return "".join([head, "\n", *shapes, "</svg>\n"])


FORMS: dict[str, Callable[[Trajectories, int, int, int], str]] = {
    "dragnuwa": lambda trajectories, frames, width, height: trajectories.to_json(),
    "kjnodes": _kjnodes,
    "points_store": _points_store,
    "ati": _ati,
    "tracking_points": _tracking_points,
    "svg": _svg,
    "csv": _csv,
}


def enabled(trajectories: Trajectories) -> list[Track]:
    """The tracks that count."""
    return [track for track in trajectories.tracks if track.enabled]


def is_original(track: Track) -> bool:
    """Whether a list of control points says all of a track's motion: PCHIP at equal times over the whole clip, or a
    single point, which drifts."""
    whole = (track.start, track.end) == (0, 1)
    return whole and (
        len(track.points) == 1 or (track.spline, track.timing, track.ease) == ("pchip", "points", "linear")
    )


def _pixels(track: Track, size: np.ndarray) -> list[list[float]]:
    return _numbers(np.array([(point.x, point.y) for point in track.points]) * size)


def _numbers(pixels: np.ndarray) -> list[list[float]]:
    return [[_number(x), _number(y)] for x, y in np.round(pixels, _DIGITS).tolist()]


def _stored(track: Track, size: np.ndarray) -> dict:
    points = [{"x": x, "y": y} for x, y in _pixels(track, size)]
    if track.spline == "bezier":
        for written, point in zip(points, track.points, strict=True):
            for side, offset in ((1, point.handle_in), (2, point.handle_out)):
                if offset is not None:
                    ((x, y),) = _numbers((np.array([[point.x, point.y]]) + offset) * size)
                    written.update({f"h{side}x": x, f"h{side}y": y})
    stored = {"points": points, "color": track.color, "name": track.name}
    return stored | {"isSinglePoint": True} if track.kind == "anchor" else stored


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
    places = [[f"{_short(x)} {_short(y)}" for x, y in segment] for segment in corners.tolist()]
    data = " ".join([f"M {places[0][0]}", *(f"C {', '.join(segment[1:])}" for segment in places)])
    return f'<path d="{data}" fill="none" stroke="{track.color}" stroke-width="2">{title}</path>'


def _short(value: float) -> str:
    text = format(Decimal(value).quantize(_SVG_STEP, ROUND_HALF_UP), "f").rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _escaped(text: str) -> str:
    """As XML's text; characters that it does not allow become the replacement character."""
    return escape(_NOT_XML.sub("\ufffd", text)).replace("&#x27;", "&#39;")


def _number(value: float) -> float | int:
    """Whole numbers without a decimal point, as JavaScript writes them."""
    return int(value) if value.is_integer() else value


def _compact(value: list) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
