"""Pictures of the editor that the tests keep for a person to look at, and one sheet with all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parents[3] / "output" / "editor"
SHEET = FOLDER / "sheet.png"
LOOKS = pytest.StashKey[Path]()  # the sheet, once it is there
COLUMNS, WIDTH, HEIGHT, TITLE = 5, 480, 480, 20  # of the sheet: pixels of a picture and of its title


def clear() -> None:
    """No pictures of an earlier run stay."""
    for file in FOLDER.glob("*.png"):
        file.unlink()


def shot(name: str) -> Path:
    """Where the picture `name` goes. The name says what it shows."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER / f"{name}.png"


def compose() -> Path:
    """All pictures in the folder on one sheet, by name."""
    files = sorted(file for file in FOLDER.glob("*.png") if file != SHEET)
    rows = -(-len(files) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * WIDTH, rows * (HEIGHT + TITLE)), (24, 24, 24))
    draw = ImageDraw.Draw(sheet)
    for k, file in enumerate(files):
        left, top = k % COLUMNS * WIDTH, k // COLUMNS * (HEIGHT + TITLE)
        draw.text((left + 4, top + 4), file.stem, fill=(255, 255, 255))
        with Image.open(file) as image:
            image = image.convert("RGB")
            image.thumbnail((WIDTH - 8, HEIGHT - 8), Image.Resampling.LANCZOS)
            sheet.paste(image, (left + 4, top + TITLE))
    sheet.save(SHEET)
    return SHEET
