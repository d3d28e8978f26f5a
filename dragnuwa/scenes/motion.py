"""How things and the camera move: eased paths, and the affine poses that follow from them."""

from dataclasses import dataclass

import numpy as np

PATHS = ("straight", "curved", "s-shaped")
EASES = ("linear", "ease_in", "ease_out", "ease_in_out")


@dataclass(frozen=True)
class Motion:
    """`kind`: one of `PATHS` or "still". Per frame: `points` `[T, 2]` px, `angles` `[T]` radians, `scales` `[T]`."""

    kind: str
    points: np.ndarray
    angles: np.ndarray
    scales: np.ndarray

    def poses(self, pivot: np.ndarray) -> np.ndarray:
        """Matrices `[T, 3, 3]` from a texture's pixels to the picture's; `pivot` (x, y) lands on `points`."""
        cosine, sine = self.scales * np.cos(self.angles), self.scales * np.sin(self.angles)
        matrices = np.zeros((len(self.points), 3, 3))
        matrices[:, 0, 0], matrices[:, 0, 1] = cosine, -sine
        matrices[:, 1, 0], matrices[:, 1, 1] = sine, cosine
        matrices[:, :2, 2] = self.points - matrices[:, :2, :2] @ pivot
        matrices[:, 2, 2] = 1
        return matrices


def progress(frames: int, ease: str) -> np.ndarray:
    """The share of the way done at each frame, `[T]` from 0 to 1."""
    time = np.linspace(0, 1, frames)
    return {
        "linear": time,
        "ease_in": time**2,
        "ease_out": 1 - (1 - time) ** 2,
        "ease_in_out": time**2 * (3 - 2 * time),
    }[ease]


def path(kind: str, start: np.ndarray, end: np.ndarray, bend: float, done: np.ndarray) -> np.ndarray:
    """Points `[T, 2]` on the way from `start` to `end` at the shares `done` `[T]`.

    `bend` is how far the curve's control points lie aside of the straight line, as a share of its length; a curved path
    is a quadratic Bezier curve, an S-shaped one a cubic whose two control points lie on opposite sides.
    """
    way = end - start
    aside = np.array([-way[1], way[0]]) * bend
    done = done[:, None]
    if kind == "straight":
        return start + way * done
    if kind == "curved":
        control = start + way / 2 + aside
        return (1 - done) ** 2 * start + 2 * done * (1 - done) * control + done**2 * end
    if kind == "s-shaped":
        first, second = start + way / 3 + aside, start + way * 2 / 3 - aside
        return (
            (1 - done) ** 3 * start
            + 3 * done * (1 - done) ** 2 * first
            + 3 * done**2 * (1 - done) * second
            + done**3 * end
        )
    raise ValueError(f"a path is one of {', '.join(PATHS)}, not {kind!r}")


def still(frames: int, point: np.ndarray) -> Motion:
    return Motion("still", np.tile(point, (frames, 1)), np.zeros(frames), np.ones(frames))


def moving(
    rng: np.random.Generator,
    frames: int,
    kind: str,
    start: np.ndarray,
    end: np.ndarray,
    *,
    spin: float,
    growth: tuple[float, float],
) -> Motion:
    """A random easing and bend from `start` to `end`; turns by at most `spin`, ends at a scale within `growth`."""
    done = progress(frames, EASES[rng.integers(len(EASES))])
    bend = rng.choice((-1, 1)) * rng.uniform(0.25, 0.7)
    points = path(kind, start, end, bend, done)
    turn = rng.uniform(-spin, spin) if rng.random() < 0.4 else 0.0
    last = np.exp(rng.uniform(*np.log(growth))) if rng.random() < 0.4 else 1.0
    return Motion(kind, points, turn * done, last**done)


def camera(
    rng: np.random.Generator, frames: int, height: int, width: int, pan: float, zoom: tuple[float, float]
) -> tuple[str, np.ndarray]:
    """A camera move, in words and as matrices `[T, 3, 3]` from the picture at frame 0 to that at each frame.

    It pans by up to `pan` of the picture's sides, or zooms about its centre to a scale within `zoom`.
    """
    done = progress(frames, EASES[rng.integers(len(EASES))])
    centre = np.array([width - 1, height - 1]) / 2
    if rng.random() < 0.6:
        angle, share = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1)
        shift = np.array([np.cos(angle) * width, np.sin(angle) * height]) * pan * share
        move = Motion("pan", centre + shift * done[:, None], np.zeros(frames), np.ones(frames))
        return f"the camera pans {direction(-shift)}", move.poses(centre)
    scale = rng.uniform(1.1, zoom[1]) if rng.random() < 0.5 else rng.uniform(zoom[0], 0.92)
    move = Motion("zoom", np.tile(centre, (frames, 1)), np.zeros(frames), scale**done)
    return f"the camera zooms {'in' if scale > 1 else 'out'}", move.poses(centre)


def direction(way: np.ndarray) -> str:
    """The way (x, y) in words: "left", "right", "up", "down", or two of them."""
    across, along = ("right" if way[0] > 0 else "left"), ("down" if way[1] > 0 else "up")
    if abs(way[0]) > 2.2 * abs(way[1]):
        return across
    return along if abs(way[1]) > 2.2 * abs(way[0]) else f"{along} and {across}"
