"""Ray-traced scenes of planes, boxes and spheres with textures, seen by any camera: pictures with their exact depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FINE = 3  # rays along a side of a pixel
FAR, NEAREST = (6.0, 9.0), (2.0, 4.5)  # depth of the wall, and of things
SEEN = 0.01  # part of the depth by which a point may lie behind what a camera sees, and be that


@dataclass(frozen=True)
class Surface:
    """A parallelogram: corner + a * across + b * down for a and b from 0 to 1; or a sphere about the corner, without
    sides, of which `radius` is the radius. `texture` is `[h, w, 3]` float32 from 0 to 1."""

    corner: np.ndarray
    across: np.ndarray
    down: np.ndarray
    texture: np.ndarray
    radius: float = 0.0


@dataclass(frozen=True)
class Seen:
    """A picture `[H, W, 3]` float32 from 0 to 1, and of the centre of each pixel the depth and surface `[H, W]`."""

    picture: np.ndarray
    depth: np.ndarray
    owner: np.ndarray


@dataclass(frozen=True)
class TracedScene:
    surfaces: tuple[Surface, ...]
    intrinsics: np.ndarray
    size: tuple[int, int]

    def seen(self, turn: np.ndarray, shift: np.ndarray, intrinsics: np.ndarray | None = None) -> Seen:
        """From a camera that has a point X at turn @ X + shift."""
        intrinsics = self.intrinsics if intrinsics is None else intrinsics
        width, height = self.size
        offsets = (np.arange(FINE) + 0.5) / FINE - 0.5
        total = np.zeros((height, width, 3))
        for dy in offsets:
            for dx in offsets:
                x, y = np.meshgrid(np.arange(width) + dx, np.arange(height) + dy)
                total += self._cast(x, y, turn, shift, intrinsics)[0]
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        _, depth, owner = self._cast(x.astype(float), y.astype(float), turn, shift, intrinsics)
        return Seen((total / FINE**2).astype(np.float32), depth, owner)

    def _cast(self, x, y, turn, shift, intrinsics) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rays = np.stack([x, y, np.ones_like(x)], -1) @ (turn.T @ np.linalg.inv(intrinsics)).T
        origin = -turn.T @ shift
        depth, owner = np.full(x.shape, np.inf), np.full(x.shape, -1)
        colors = np.zeros((*x.shape, 3))
        for number, surface in enumerate(self.surfaces):
            distance, a, b = (_sphere if surface.radius else _flat)(surface, origin, rays)
            nearer = distance < depth
            depth[nearer], owner[nearer] = distance[nearer], number
            colors[nearer] = _looked_up(surface.texture, a[nearer], b[nearer])
        return colors, depth, owner

    def shown_before(
        self, seen: Seen, turn: np.ndarray, shift: np.ndarray, intrinsics: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """`[H, W]` bool: which pixels of a view show what the camera at the origin saw, too; and `[H, W, 2]`, where
        that is in its picture."""
        width, height = self.size
        x, y = np.meshgrid(np.arange(width, dtype=float), np.arange(height, dtype=float))
        points = np.stack([x, y, np.ones_like(x)], -1) @ np.linalg.inv(intrinsics).T * seen.depth[..., None]
        points = (points - shift) @ turn
        there = points @ self.intrinsics.T
        with np.errstate(divide="ignore", invalid="ignore"):
            positions = there[..., :2] / there[..., 2:]
        ahead = (points[..., 2] > 0) & np.isfinite(positions).all(-1)
        column, row = np.where(ahead[..., None], positions, 0).transpose(2, 0, 1)
        _, depth, owner = self._cast(column, row, np.eye(3), np.zeros(3), self.intrinsics)
        inside = (column > -0.5) & (row > -0.5) & (column < width - 0.5) & (row < height - 0.5)
        return ahead & inside & (owner == seen.owner) & (points[..., 2] <= depth * (1 + SEEN)), positions

    def depth_at(
        self, positions: np.ndarray, turn: np.ndarray, shift: np.ndarray, intrinsics: np.ndarray
    ) -> np.ndarray:
        """`[N]`: how far a camera sees at positions `[N, 2]` of its picture."""
        x, y = positions[:, 0][None], positions[:, 1][None]
        return self._cast(x, y, turn, shift, intrinsics)[1][0]


def make_traced(seed: int, size: tuple[int, int] = (256, 192)) -> TracedScene:
    """A wall, a floor, and two to four boxes and spheres before them."""
    random = np.random.default_rng([seed, 43])
    width, height = size
    focal = width * random.uniform(0.8, 1.2)
    intrinsics = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1.0]])
    far, half = random.uniform(*FAR), 12.0
    floor = random.uniform(1.0, 1.5)
    surfaces = [
        _rectangle((-half, -half, far), (2 * half, 0, 0), (0, 2 * half, 0), random, 40),
        _rectangle((-half, floor, 0.5), (2 * half, 0, 0), (0, 0, far), random, 40),
    ]
    for _ in range(random.integers(2, 5)):
        z = random.uniform(*NEAREST)
        x, y = random.uniform(-0.35, 0.35) * z, random.uniform(-0.25, 0.2) * z
        reach = random.uniform(0.25, 0.6)
        if random.random() < 0.4:
            zero = np.zeros(3)
            surfaces.append(Surface(np.array([x, y, z]), zero, zero, _texture(random, 10), reach))
        else:
            surfaces += _box(np.array([x, y, z]), reach, random.uniform(-0.6, 0.6), random)
    return TracedScene(tuple(surfaces), intrinsics, size)


def _box(middle: np.ndarray, reach: float, angle: float, random: np.random.Generator) -> list[Surface]:
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    axes = [turn[:, k] * reach for k in range(3)]
    sides = []
    for k in range(3):
        a, b = axes[(k + 1) % 3], axes[(k + 2) % 3]
        sides += [_rectangle(middle + sign * axes[k] - a - b, 2 * a, 2 * b, random, 8) for sign in (-1, 1)]
    return sides


def _rectangle(corner, across, down, random: np.random.Generator, cells: int) -> Surface:
    return Surface(*(np.array(each, float) for each in (corner, across, down)), _texture(random, cells))


def _texture(random: np.random.Generator, cells: int) -> np.ndarray:
    """Smooth spots in two sizes, around a colour of its own."""
    import cv2

    base = random.uniform(0.2, 0.8, 3)
    found = np.zeros((512, 512, 3), np.float32) + base.astype(np.float32)
    for share, count in ((0.25, cells), (0.15, 3 * cells)):
        spots = random.uniform(-1, 1, (count, count, 3)).astype(np.float32)
        found += share * cv2.resize(spots, (512, 512), interpolation=cv2.INTER_CUBIC)
    return found.clip(0, 1)


def _looked_up(texture: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    import cv2

    height, width = texture.shape[:2]
    x, y = (a * (width - 1)).astype(np.float32), (b * (height - 1)).astype(np.float32)
    if not len(x):
        return np.zeros((0, 3))
    rows = -(-len(x) // 4096)
    flat = [np.resize(each, (rows, 4096)) for each in (x, y)]
    found = cv2.remap(texture, *flat, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return found.reshape(-1, 3)[: len(x)]


def _flat(surface: Surface, origin: np.ndarray, rays: np.ndarray):
    normal = np.cross(surface.across, surface.down)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (surface.corner - origin) @ normal / (rays @ normal)
    positions = origin + np.nan_to_num(distance, posinf=0, neginf=0)[..., None] * rays - surface.corner
    a, b = (positions @ side / (side @ side) for side in (surface.across, surface.down))
    hit = np.isfinite(distance) & (distance > 1e-6) & (a >= 0) & (a <= 1) & (b >= 0) & (b <= 1)
    return np.where(hit, distance, np.inf), a, b


def _sphere(surface: Surface, origin: np.ndarray, rays: np.ndarray):
    away = origin - surface.corner
    aa, ab = (rays**2).sum(-1), rays @ away
    under = ab**2 - aa * (away @ away - surface.radius**2)
    distance = (-ab - np.sqrt(np.maximum(under, 0))) / aa
    positions = (origin + distance[..., None] * rays - surface.corner) / surface.radius
    a = np.arctan2(positions[..., 0], -positions[..., 2]) / (2 * np.pi) + 0.5
    b = np.arccos(positions[..., 1].clip(-1, 1)) / np.pi
    return np.where((under > 0) & (distance > 1e-6), distance, np.inf), a, b
