"""A thing in a picture, for tests of objects: a red rectangle on blue ground."""

from collections.abc import Callable

from PIL import Image, ImageDraw

from scripts.editor_driver import HEIGHT, WIDTH
from scripts.host import HostProcess
from tests.support.drawings import rectangle_ring

RED, BLUE = (210, 40, 40), (60, 90, 200)
SQUARE = (0.2, 0.3, 0.4, 0.6)  # left, top, right, bottom of the thing, fractions of the picture

GREEN = (60, 180, 70)
EYE = (210 / WIDTH, 130 / HEIGHT, 270 / WIDTH, 190 / HEIGHT)  # of a face, in the same form
HEAD = (120 / WIDTH, 60 / HEIGHT, 360 / WIDTH, 260 / HEIGHT)
ON_EYE, ON_HEAD, ON_GROUND = (0.42, 0.5), (0.3, 0.3), (0.85, 0.8)


def placed(host: HostProcess, name: str, drawn: Callable[[], Image.Image]) -> str:
    """The name of a picture in the input folder. It is written once: the server prepares a file anew that is newer."""
    path = host.input_directory / name
    if not path.exists():
        drawn().save(path)
    return name


def picture_of_a_face(scale: int = 1) -> Image.Image:
    """A green eye in a red head on blue ground, `scale` times as large as the clip."""
    image = Image.new("RGB", (scale * WIDTH, scale * HEIGHT), BLUE)
    draw = ImageDraw.Draw(image)
    for color, (left, top, right, bottom) in ((RED, (120, 60, 360, 260)), (GREEN, (210, 130, 270, 190))):
        draw.rectangle((scale * left, scale * top, scale * right - 1, scale * bottom - 1), fill=color)
    return image


def picture_of_it() -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT), BLUE)
    left, top, right, bottom = SQUARE
    ImageDraw.Draw(image).rectangle((left * WIDTH, top * HEIGHT, right * WIDTH - 1, bottom * HEIGHT - 1), fill=RED)
    return image


def box(thing: dict) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of an object."""
    xs, ys = zip(*((place["x"], place["y"]) for ring in thing["outline"] for place in ring), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def rectangle(left: float, top: float, right: float, bottom: float, **fields) -> dict:
    """An object that rests."""
    middle = {"x": (left + right) / 2, "y": (top + bottom) / 2}
    return {"outline": [rectangle_ring(left, top, right, bottom)], "motion": {"points": [middle]}, **fields}
