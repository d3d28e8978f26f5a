"""Draws the losses of a training run as SVG, for the card of the model.

    .venv/bin/python tools/loss_curve.py RUN/metrics.jsonl OUT.svg

Each curve is the mean over a hundredth of the steps.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

WIDTH, HEIGHT, MARGIN = 640, 300, 44  # px
CURVES = {  # of the metrics, their legends and colours
    "loss_high_noise": ("the half of most noise", "#c2410c"),
    "loss": ("all", "#334155"),
    "loss_low_noise": ("the half of least noise", "#0369a1"),
}
SEGMENTS = 100
TEXT = 'font-family="sans-serif" font-size="12"'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("metrics", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    records = [json.loads(line) for line in options.metrics.read_text().splitlines()]
    losses = [record for record in records if "loss" in record]
    steps = np.array([record["step"] for record in losses])
    curves = {name: np.array([record[name] for record in losses]) for name in CURVES}
    options.out.write_text(drawn(steps, curves))


def drawn(steps: np.ndarray, curves: dict[str, np.ndarray]) -> str:
    """SVG of curves by name, each `[N]`, over steps `[N]`."""
    means = {name: smoothed(steps, values) for name, values in curves.items()}
    low = min(values.min() for _, values in means.values()) // 0.05 * 0.05
    high = -(-max(values.max() for _, values in means.values()) // 0.05) * 0.05

    def place(step: float, value: float) -> tuple[float, float]:
        across = MARGIN + (step - steps[0]) / max(1, steps[-1] - steps[0]) * (WIDTH - 2 * MARGIN)
        return across, HEIGHT - MARGIN - (value - low) / (high - low) * (HEIGHT - 2 * MARGIN)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for value in np.arange(low, high + 0.01, 0.05):
        x, y = place(steps[0], value)
        parts.append(f'<path d="M{x:.0f} {y:.1f}H{WIDTH - MARGIN}" stroke="#e2e8f0"/>')
        parts.append(f'<text x="{x - 6:.0f}" y="{y + 4:.1f}" text-anchor="end" {TEXT}>{value:.2f}</text>')
    apart = 10 ** int(np.log10(max(1, steps[-1] / 2)))
    for step in range(apart, steps[-1] + 1, apart):
        x, y = place(step, low)
        parts.append(f'<text x="{x:.0f}" y="{y + 18:.0f}" text-anchor="middle" {TEXT}>{step:,}</text>')
    for column, (name, (legend, color)) in enumerate(CURVES.items()):
        line = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in zip(*means[name], strict=True))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        x = MARGIN + column * (WIDTH - 2 * MARGIN) / len(CURVES)
        parts.append(f'<text x="{x:.0f}" y="24" fill="{color}" {TEXT}>{legend}</text>')
    return "\n".join([*parts, "</svg>\n"])


def smoothed(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The means of up to `SEGMENTS` equal parts."""
    parts = min(SEGMENTS, len(steps))
    return tuple(np.array([part.mean() for part in np.array_split(one, parts)]) for one in (steps, values))


if __name__ == "__main__":
    main()
