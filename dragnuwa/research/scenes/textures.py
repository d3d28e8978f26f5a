"""Named colours, procedural patterns and crops of photographs, with which scenes and their objects are painted."""

from collections.abc import Callable

import cv2
import numpy as np

PALETTE: dict[str, tuple[int, int, int]] = {
    "red": (214, 40, 40),
    "orange": (242, 140, 30),
    "yellow": (245, 214, 60),
    "green": (60, 160, 70),
    "cyan": (60, 190, 200),
    "blue": (45, 90, 205),
    "purple": (130, 70, 180),
    "pink": (240, 130, 175),
    "brown": (130, 85, 50),
    "black": (30, 30, 34),
    "grey": (135, 135, 140),
    "white": (240, 240, 238),
}

# Upper ends of the hue ranges, in degrees; "red" is at both ends of the circle.
_HUES = (
    (15, "red"),
    (42, "orange"),
    (68, "yellow"),
    (165, "green"),
    (200, "cyan"),
    (255, "blue"),
    (290, "purple"),
    (342, "pink"),
    (361, "red"),
)


def color_name(rgb: np.ndarray) -> str:
    """The palette name that a person would most likely give the colour `rgb` `[3]` (0..255)."""
    red, green, blue = (float(value) / 255 for value in rgb)
    value, low = max(red, green, blue), min(red, green, blue)
    chroma = value - low
    if value < 0.2:
        return "black"
    if chroma < 0.12 or chroma / value < 0.18:
        return "white" if value > 0.8 else "grey"
    if value == red:
        hue = 60 * ((green - blue) / chroma % 6)
    elif value == green:
        hue = 60 * ((blue - red) / chroma + 2)
    else:
        hue = 60 * ((red - green) / chroma + 4)
    name = next(name for end, name in _HUES if hue < end)
    return "brown" if name in ("red", "orange", "yellow") and value < 0.6 and hue >= 8 else name


def dominant_color(rgba: np.ndarray) -> str:
    """The name that covers most of the opaque part of a premultiplied picture `rgba` `[H, W, 4]` uint8."""
    step = max(1, max(rgba.shape[:2]) // 16)
    pixels = rgba[::step, ::step].reshape(-1, 4)
    pixels = pixels[pixels[:, 3] > 200, :3]
    if not len(pixels):
        return "grey"
    names = [color_name(pixel) for pixel in pixels]
    return max(sorted(set(names)), key=names.count)


def pick_color(rng: np.random.Generator, *, avoid: tuple[str, ...] = ()) -> tuple[str, np.ndarray]:
    """A random palette entry that is not in `avoid`, slightly varied: (name, rgb float64 `[3]`, 0..255)."""
    names = [name for name in PALETTE if name not in avoid]
    name = names[rng.integers(len(names))]
    return name, np.clip(np.array(PALETTE[name]) + rng.normal(0, 8, 3), 0, 255)


# Paints `[height, width, 3]` float32 (0..255) of a size (width, height); also returns a phrase for the caption.
Pattern = Callable[[np.random.Generator, tuple[int, int]], tuple[np.ndarray, str]]

COARSEST = 3  # cells along each side of the first octave of noise


def noise(rng: np.random.Generator, size: tuple[int, int], *, octaves: int) -> np.ndarray:
    """Value noise `[height, width]` float32 of a size (width, height), mean about 0 and range about -1..1: grids of
    `COARSEST * 2**i` cells."""
    width, height = size
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cells = COARSEST * 2**octave
        grid = rng.uniform(-1, 1, (cells, cells)).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * 0.55**octave
    return total / 1.6


def mix(weight: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Blend two colours by `weight` `[H, W]` (0..1): `[H, W, 3]` float32."""
    weight = weight[..., None].astype(np.float32)
    return low.astype(np.float32) * (1 - weight) + high.astype(np.float32) * weight


def plain(rng: np.random.Generator, size: tuple[int, int]) -> tuple[np.ndarray, str]:
    width, height = size
    name, color = pick_color(rng)
    return np.broadcast_to(color.astype(np.float32), (height, width, 3)).copy(), f"a plain {name} background"


def gradient(rng: np.random.Generator, size: tuple[int, int]) -> tuple[np.ndarray, str]:
    (first, low), (second, high) = _two_colors(rng)
    ramp = _ramp(rng, size)
    return mix((ramp - ramp.min()) / np.ptp(ramp), low, high), f"a gradient from {first} to {second}"


def clouds(rng: np.random.Generator, size: tuple[int, int]) -> tuple[np.ndarray, str]:
    (first, low), (second, high) = _two_colors(rng)
    weight = np.clip(noise(rng, size, octaves=int(rng.integers(3, 7))) * rng.uniform(0.6, 1.6) + 0.5, 0, 1)
    return mix(weight, low, high), f"a {first} and {second} cloudy background"


def stripes(rng: np.random.Generator, size: tuple[int, int]) -> tuple[np.ndarray, str]:
    (first, low), (second, high) = _two_colors(rng)
    wave = np.sin(_ramp(rng, size) * (2 * np.pi / rng.uniform(14, 56)) + rng.uniform(0, 6.3))
    return mix(np.clip(wave * rng.uniform(1, 6) + 0.5, 0, 1), low, high), f"{first} and {second} stripes"


def checker(rng: np.random.Generator, size: tuple[int, int]) -> tuple[np.ndarray, str]:
    width, height = size
    (first, low), (second, high) = _two_colors(rng)
    angle, period = rng.uniform(0, np.pi / 2), rng.uniform(24, 72)
    y, x = np.mgrid[:height, :width].astype(np.float32) * (2 * np.pi / period)
    waves = np.sin(x * np.cos(angle) + y * np.sin(angle)) * np.sin(y * np.cos(angle) - x * np.sin(angle))
    return mix(np.clip(waves * 8 + 0.5, 0, 1), low, high), f"a {first} and {second} checkered floor"


def hills(rng: np.random.Generator, size: tuple[int, int]) -> tuple[np.ndarray, str]:
    width, height = size
    (sky_name, sky), (hill_name, hill) = _two_colors(rng)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    picture = mix(np.broadcast_to(y, (height, width)), sky * 0.85, np.minimum(sky * 1.15 + 20, 255))
    layers = int(rng.integers(1, 4))
    for layer in range(layers):
        ridge = noise(rng, (width, 2), octaves=3)[0] * 0.14 + 0.42 + 0.18 * layer + rng.uniform(-0.08, 0.08)
        shade = hill * (1.05 - 0.18 * layer) + rng.normal(0, 6, 3)
        ground = mix(np.clip(noise(rng, size, octaves=5) * 0.5 + 0.5, 0, 1), shade * 0.85, shade * 1.1)
        cover = np.clip((y - ridge[None]) * height, 0, 1)[..., None]
        picture = picture * (1 - cover) + ground * cover
    return picture, f"{hill_name} hills under a {sky_name} sky"


def dots(rng: np.random.Generator, size: tuple[int, int]) -> tuple[np.ndarray, str]:
    width, height = size
    (first, low), (second, high) = _two_colors(rng)
    count = int(rng.integers(10, 60))
    cover = np.zeros((height, width), np.uint8)
    for x, y, radius in zip(
        rng.uniform(0, width, count), rng.uniform(0, height, count), rng.uniform(2, 14, count), strict=True
    ):
        cv2.circle(cover, (round(x * 16), round(y * 16)), round(radius * 16), 255, -1, cv2.LINE_AA, shift=4)
    return mix(cover / 255, low, high), f"{second} dots on {first}"


def photo(rng: np.random.Generator, size: tuple[int, int], photos: tuple[np.ndarray, ...]) -> tuple[np.ndarray, str]:
    """A crop of one of `photos` (`[H, W, 3]` uint8), at least half of what fits, mirrored at random."""
    width, height = size
    source = photos[rng.integers(len(photos))]
    fit = min(source.shape[0] / height, source.shape[1] / width)
    scale = fit * rng.uniform(0.5, 1.0)
    rows, columns = max(1, int(height * scale)), max(1, int(width * scale))
    top, left = rng.integers(source.shape[0] - rows + 1), rng.integers(source.shape[1] - columns + 1)
    crop = source[top : top + rows, left : left + columns]
    crop = crop[:, ::-1] if rng.random() < 0.5 else crop
    filtering = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    picture = cv2.resize(np.ascontiguousarray(crop), (width, height), interpolation=filtering)
    tint = color_name(np.median(picture[::8, ::8].reshape(-1, 3), axis=0))
    return picture.astype(np.float32), f"a photograph in {tint}"


PROCEDURAL: tuple[Pattern, ...] = (plain, gradient, clouds, stripes, checker, hills, hills, dots)


def background(
    rng: np.random.Generator, size: tuple[int, int], *, photos: tuple[np.ndarray, ...], photo_share: float
) -> tuple[np.ndarray, str]:
    """A background `[H, W, 3]` uint8 and its phrase; with probability `photo_share` one of `photos`, if any."""
    if photos and rng.random() < photo_share:
        picture, phrase = photo(rng, size, photos)
    else:
        picture, phrase = PROCEDURAL[rng.integers(len(PROCEDURAL))](rng, size)
        picture = picture + (noise(rng, size, octaves=6) * rng.uniform(0, 14))[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8), phrase


def _two_colors(rng: np.random.Generator) -> tuple[tuple[str, np.ndarray], tuple[str, np.ndarray]]:
    first = pick_color(rng)
    return first, pick_color(rng, avoid=(first[0],))


def _ramp(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    width, height = size
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return x * np.cos(angle) + y * np.sin(angle)
