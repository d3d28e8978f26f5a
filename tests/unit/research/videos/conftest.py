"""A folder of videos, usable and not."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.videos import count, moving_square, write_video


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two usable videos, one with a caption, and one of each kind that cannot be used."""
    root = tmp_path / "videos"
    even = [number / 25 for number in range(24)]
    write_video(root / "a" / "constant.mp4", moving_square(24, (2, 1)), even)
    (root / "a" / "constant.txt").write_text("a square\nmoves right", encoding="utf-8")
    uneven = np.cumsum([0, *(0.03 + 0.02 * (number % 3) for number in range(23))])
    write_video(root / "variable.mkv", moving_square(24, (1, 0), seed=5), uneven)
    write_video(root / "one.mp4", [count(3)], [0])
    write_video(root / "short.mp4", [count(n) for n in range(3)], even[:3])
    (root / "empty.mp4").touch()
    (root / "text.mp4").write_text("this is not a video\n" * 100)
    whole = write_video(root / "whole.mp4", moving_square(24, (2, 1)), even).read_bytes()
    (root / "no-index.mp4").write_bytes(whole[: len(whole) // 2])
    (root / "whole.mp4").unlink()
    (root / ".hidden.mp4").touch()
    (root / "notes.txt").write_text("no video")
    return root
