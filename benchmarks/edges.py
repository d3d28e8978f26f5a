"""The edge of what is cut out, against the truth of drawn things: hair, fur, blurred and hard edges, thin lines.

    .venv/bin/python benchmarks/edges.py [--count 12] [--sheet SHEET.png]

Each thing of 384x384 pixels is cut out, from the mask of its half opaque part and from the same with an outline that is
wrong by 1.5 px (standard deviation; at most about 4), and put on another ground. Measured in the band around the true
edge and the cut, against the true thing on that ground: the mean absolute error in levels of 255, and the root mean
square.

- mask: the mask with a smoothed edge, and colours solved for with the true ground, which the pack did up to 2026-11-23;
- found: the same from the mask as the search softens it;
- now: what the pack does, from either;
- PyMatting: closed-form matting and multi-level foreground estimation, with 10 px to either side of the cut unknown; if
  it can be imported.

For thin lines also the opacity at their ends, of the true one; and the seconds for a thing in one megapixel.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.edge_cases import KINDS, EdgeCase, edge_case
from dragnuwa.common.images import to_bytes
from dragnuwa.vision.matting import matte
from dragnuwa.vision.segmentation.outline import opacity
from scripts.sheets import write_sheet

try:
    import pymatting
except ImportError:
    pymatting = None

ERRORS = 0.0, 1.5  # px
AROUND = np.ones((5, 5), np.uint8)  # the band beyond soft pixels and the cut
UNKNOWN = 10  # px to either side of the cut, for PyMatting
LARGE = 1024  # px, side of the picture of which the time is taken
SURE = 0.5  # least opacity at which the colours were solved for

CutOut = tuple[np.ndarray, np.ndarray]  # opacity [H, W], colours [H, W, 3]


def before(case: EdgeCase, mask: np.ndarray) -> CutOut:
    share = np.maximum(mask, cv2.GaussianBlur(mask, (3, 3), 0))
    sure = share >= SURE
    solved = (case.ground + (case.image - case.ground) / np.maximum(share, SURE)[..., None]).clip(0, 1)
    own = np.where((share < 1)[..., None], solved, case.image)
    _, label = cv2.distanceTransformWithLabels((~sure).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    place_of = np.zeros(label.max() + 1, np.int64)
    place_of[label[sure]] = np.flatnonzero(sure)
    return share, own.reshape(-1, 3)[place_of[label]]


def now(case: EdgeCase, mask: np.ndarray) -> CutOut:
    found = matte(case.image, np.maximum(mask, cv2.GaussianBlur(mask, (3, 3), 0)))
    share, colors = np.zeros_like(mask), case.image.copy()
    height, width = found.opacity.shape
    window = slice(found.top, found.top + height), slice(found.left, found.left + width)
    share[window], colors[window] = found.opacity, found.colors
    return share, colors


def by_pymatting(case: EdgeCase, mask: np.ndarray) -> CutOut:
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * UNKNOWN + 1,) * 2)
    sharp = (mask >= 0.5).astype(np.uint8)
    trimap = 0.5 * (cv2.erode(sharp, reach) + cv2.dilate(sharp, reach).astype(np.float64))
    image = case.image.astype(np.float64)
    share = pymatting.estimate_alpha_cf(image, trimap)
    return share.astype(np.float32), pymatting.estimate_foreground_ml(image, share).astype(np.float32)


def softened(case: EdgeCase) -> np.ndarray:
    return opacity(to_bytes(torch.from_numpy(case.image)), case.mask)


def sharp(case: EdgeCase) -> np.ndarray:
    return case.mask.astype(np.float32)


WAYS: dict[str, tuple[Callable[[EdgeCase, np.ndarray], CutOut], Callable[[EdgeCase], np.ndarray]]] = {
    "before, mask": (before, sharp),
    "before, found": (before, softened),
    "now, mask": (now, sharp),
    "now, found": (now, softened),
    **({} if pymatting is None else {"PyMatting": (by_pymatting, sharp)}),
}


def errors(case: EdgeCase, cut_out: CutOut) -> tuple[float, float]:
    """Mean absolute and root mean square, in levels."""
    soft = (case.opacity > 0.01) & (case.opacity < 0.99)
    soft |= cv2.morphologyEx(case.mask.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    band = cv2.dilate(soft.astype(np.uint8), AROUND) > 0
    wrong = 255 * (over(*cut_out, case.other) - over(case.opacity, case.front, case.other))[band]
    return float(np.abs(wrong).mean()), float(np.sqrt((wrong**2).mean()))


def over(share: np.ndarray, colors: np.ndarray, ground: np.ndarray) -> np.ndarray:
    return share[..., None] * colors + (1 - share[..., None]) * ground


def at_ends(case: EdgeCase, share: np.ndarray) -> float:
    """The opacity within 3 px of the ends of lines, as a fraction of the true one."""
    near = np.zeros(share.shape, np.uint8)
    for row, column in case.tips:
        cv2.circle(near, (int(column), int(row)), 3, 1, -1)
    return float(share[near > 0].sum() / case.opacity[near > 0].sum())


def measured(kind: str, error: float, count: int) -> tuple[dict[str, np.ndarray], list[list[np.ndarray]]]:
    """For each way `[count, 2 or 3]`: both errors, and the opacity at the ends of thin lines; and rows of a sheet."""
    figures: dict[str, list] = {name: [] for name in WAYS}
    rows = []
    for seed in range(count):
        case = edge_case(kind, seed, error=error)
        row = [case.image, over(case.opacity, case.front, case.other)]
        for name, (way, start) in WAYS.items():
            cut_out = way(case, start(case))
            ends = [at_ends(case, cut_out[0])] if len(case.tips) else []
            figures[name].append((*errors(case, cut_out), *ends))
            row.append(over(*cut_out, case.other))
        rows.append(row)
    return {name: np.array(values) for name, values in figures.items()}, rows


def seconds(kind: str) -> float:
    """The least of five."""
    case = edge_case(kind, 0, side=LARGE)
    mask, found = case.mask.astype(np.float32), []
    for _ in range(5):
        started = time.perf_counter()
        matte(case.image, mask)
        found.append(time.perf_counter() - started)
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=12, help="things of each kind")
    parser.add_argument("--sheet", type=Path, help="things of each kind: the picture, the truth, and each way")
    options = parser.parse_args()
    shown = []
    for error in ERRORS:
        sys.stdout.write(f"outline wrong by {error:g} px: mean error in levels (root mean square)\n")
        sys.stdout.write(f"{'':10}{''.join(f'{name:>18}' for name in WAYS)}\n")
        for kind in KINDS:
            figures, rows = measured(kind, error, options.count)
            shown.append(rows[0])
            means = [values.mean(0) for values in figures.values()]
            cells = (f"{mean[0]:.2f} ({mean[1]:.1f})" for mean in means)
            sys.stdout.write(f"{kind:10}{''.join(f'{cell:>18}' for cell in cells)}\n")
            if len(means[0]) == 3:
                sys.stdout.write(f"{'  ends':10}{''.join(f'{m[2]:18.2f}' for m in means)}\n")
            sys.stdout.flush()
    times = ", ".join(f"{kind} {seconds(kind):.2f}" for kind in KINDS)
    sys.stdout.write(f"seconds for a thing in {LARGE}x{LARGE} pixels: {times}\n")
    if options.sheet:
        write_sheet([torch.from_numpy(np.stack(row).astype(np.float32)) for row in shown], options.sheet, gap=2)


if __name__ == "__main__":
    main()
