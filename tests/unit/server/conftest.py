"""What the tests of the page's routes share."""

import os

import numpy as np
import pytest
from PIL import Image

from tests.support.known_pictures import known_pictures

__all__ = ["known_pictures"]
RED, GREY = (200, 30, 40), (120, 125, 130)


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Folders as the host has them: a red disc on grey, and a secret beside them."""
    root = tmp_path_factory.mktemp("host")
    y, x = np.mgrid[:512, :640]
    noise = np.random.default_rng(0).integers(-6, 7, (512, 640, 1))
    disc = ((x - 200) ** 2 + (y - 250) ** 2 < 90**2)[..., None]
    picture = (np.where(disc, RED, GREY) + noise).clip(0, 255).astype(np.uint8)
    for kind in ("input", "output", "temp"):
        (root / kind / "sub").mkdir(parents=True)
    Image.fromarray(picture).save(root / "input" / "sub" / "disc.png")
    Image.fromarray(picture).save(root / "secret.png")
    (root / "input" / "text.png").write_text("no picture")
    os.symlink(root / "secret.png", root / "input" / "link.png")
    return root
