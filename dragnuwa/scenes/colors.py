"""Names of colours, for captions and for painting what a caption asks for."""

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

# Upper ends of the hue ranges, in degrees; "red" closes the circle.
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


def name_of(rgb: np.ndarray) -> str:
    """The palette name nearest to how a person would call the colour `rgb` `[3]` (0..255)."""
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


def dominant(rgba: np.ndarray) -> str:
    """The name that covers most of the opaque part of a premultiplied picture `rgba` `[H, W, 4]` uint8."""
    step = max(1, max(rgba.shape[:2]) // 16)
    pixels = rgba[::step, ::step].reshape(-1, 4)
    pixels = pixels[pixels[:, 3] > 200, :3]
    if not len(pixels):
        return "grey"
    names = [name_of(pixel) for pixel in pixels]
    return max(sorted(set(names)), key=names.count)


def pick(rng: np.random.Generator, *, avoid: tuple[str, ...] = ()) -> tuple[str, np.ndarray]:
    """A random palette entry that is not in `avoid`, slightly varied: (name, rgb float64 `[3]`, 0..255)."""
    names = [name for name in PALETTE if name not in avoid]
    name = names[rng.integers(len(names))]
    return name, np.clip(np.array(PALETTE[name]) + rng.normal(0, 8, 3), 0, 255)
