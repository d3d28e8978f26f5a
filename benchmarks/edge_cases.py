"""Drawn things whose opacity, own colours and ground are known: hair, fur, blurred and hard edges, thin lines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

FINER = 4  # by which things are drawn larger
KINDS = ("hair", "fur", "blurred", "hard", "thin")


@dataclass(frozen=True)
class EdgeCase:
    """
    Attributes:
        image: `[H, W, 3]` float32 from 0 to 1, the thing before its ground.
        opacity: `[H, W]` float32 from 0 to 1.
        front, ground, other: `[H, W, 3]`, the thing's colours, the ground, and another ground to put it on.
        mask: `[H, W]` bool, the cut to start from: opacity of one half, and an error of its outline.
        tips: `[n, 2]` int, rows and columns of the ends of thin lines.
    """

    image: np.ndarray
    opacity: np.ndarray
    front: np.ndarray
    ground: np.ndarray
    other: np.ndarray
    mask: np.ndarray
    tips: np.ndarray


def edge_case(kind: str, seed: int, side: int = 384, error: float = 0.0) -> EdgeCase:
    """A drawn thing of one of `KINDS`.

    Args:
        kind: what its edge is like.
        seed: of everything that is random.
        side: px, of the square picture.
        error: px, standard deviation of the outline's error.
    """
    random = np.random.default_rng([KINDS.index(kind), seed])
    large = side * FINER
    drawn, tips = np.zeros((large, large), np.uint8), []
    middle = random.uniform(0.45, 0.55, 2) * large
    turns = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    waves = sum(random.uniform(-0.025, 0.025) * np.cos(k * turns + random.uniform(0, 7)) for k in range(2, 6))
    body = middle + large * (0.24 + waves)[:, None] * np.stack([np.cos(turns), np.sin(turns)], -1)
    cv2.fillPoly(drawn, [np.round(body).astype(np.int32)], 255)
    if kind in ("hair", "fur"):
        _strands(drawn, body, middle, random, kind)
    if kind == "thin":
        tips = _lines(drawn, body, middle, random)
    if kind == "blurred":
        drawn = cv2.GaussianBlur(drawn, (0, 0), random.uniform(1, 5) * FINER)
    opacity = cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    front, ground, other = (_texture(side, random) for _ in range(3))
    while np.abs(front.mean((0, 1)) - ground.mean((0, 1))).max() < 0.2:
        front = _texture(side, random)
    share = opacity[..., None]
    image = share * front + (1 - share) * ground + random.normal(0, 1 / 255, front.shape)
    image = (image.clip(0, 1) * 255).round().astype(np.float32) / 255
    mask = _with_error(opacity >= 0.5, error, random)
    return EdgeCase(image, opacity, front, ground, other, mask, np.array(tips, int).reshape(-1, 2))


def _strands(drawn: np.ndarray, body: np.ndarray, middle: np.ndarray, random: np.random.Generator, kind: str) -> None:
    """Curved strands that stand off the body: hair few and long, fur many and short."""
    number, longest, curl = (140, 14.0, 0.6) if kind == "hair" else (1500, 7.0, 0.25)
    for _ in range(number):
        start = body[random.integers(len(body))]
        angle = np.arctan2(*(start - middle)[::-1]) + random.normal(0, 0.35)
        length, bend = random.uniform(0.4, 1) * longest * FINER, random.normal(0, curl)
        widest, way = random.uniform(0.8, 2.2) * FINER, np.linspace(0, 1, 12)
        angles = angle + bend * way
        steps = np.stack([np.cos(angles), np.sin(angles)], -1) * length / len(way)
        points = start - 2 * steps[0] + np.cumsum(steps, 0)
        for k in range(len(points) - 1):
            ends = (tuple(map(int, np.round(point * 16))) for point in points[k : k + 2])
            cv2.line(drawn, *ends, 255, max(1, round(widest * (1 - 0.7 * way[k]))), cv2.LINE_AA, 4)


def _lines(drawn: np.ndarray, body: np.ndarray, middle: np.ndarray, random: np.random.Generator) -> list:
    """Straight lines two to three px wide that stand off the body; their ends, in px of the picture."""
    tips = []
    for turn in (np.arange(6) + random.uniform(0, 1)) * np.pi / 3:
        start = body[int(turn / (2 * np.pi) * len(body)) % len(body)]
        end = start + (start - middle) * random.uniform(0.3, 0.6)
        ends = (tuple(np.round(place).astype(int)) for place in (start, end))
        cv2.line(drawn, *ends, 255, round(random.uniform(2, 3) * FINER), cv2.LINE_AA)
        tips.append((end / FINER)[::-1])
    return tips


def _texture(side: int, random: np.random.Generator) -> np.ndarray:
    """`[side, side, 3]` float32: a colour that changes slowly, and grain of a random size and strength on it."""
    slow = cv2.resize(random.uniform(-0.12, 0.12, (3, 3, 3)), (side, side), interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(random.normal(0, 1, (side, side)), (0, 0), random.uniform(0.6, 6))
    grain = grain / grain.std() * random.uniform(0.005, 0.05)
    return (random.uniform(0.1, 0.9, 3) + slow + grain[..., None]).clip(0, 1).astype(np.float32)


def _with_error(mask: np.ndarray, error: float, random: np.random.Generator) -> np.ndarray:
    """The mask with its outline moved by a smooth random distance of a standard deviation of `error` px."""
    if not error:
        return mask
    inside, outside = (cv2.distanceTransform(each.astype(np.uint8), cv2.DIST_L2, 5) for each in (mask, ~mask))
    stray = cv2.GaussianBlur(random.normal(0, 1, mask.shape), (0, 0), 12)
    return np.where(mask, inside - 0.5, 0.5 - outside) + stray / stray.std() * error > 0
