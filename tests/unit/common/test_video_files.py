"""Single frames of video files."""

import numpy as np
import pytest

from dragnuwa.common.errors import InputError
from dragnuwa.common.video_files import frame_at
from tests.support.videos import LEVEL, count, write_video

FRAMES = 20


@pytest.mark.parametrize(("part", "number"), [(0, 0), (1, FRAMES - 1), (7 / (FRAMES - 1), 7), (13 / (FRAMES - 1), 13)])
def test_the_frame_is_that_of_its_number(part, number, tmp_path):
    film = write_video(tmp_path / "film.mp4", map(count, range(FRAMES)), (time / 25 for time in range(FRAMES)))
    assert abs(float(frame_at(film, part).mean()) - (16 + LEVEL * number)) < LEVEL / 2


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\x00\x00\x00\x20ftypisom" + bytes(50)])
def test_what_is_no_video_is_refused(content, tmp_path):
    (tmp_path / "film.mp4").write_bytes(content)
    with pytest.raises(InputError, match="cannot be decoded"):
        frame_at(tmp_path / "film.mp4", 0.5)


def test_a_picture_is_a_video_of_one_frame(tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.full((20, 30, 3), 90, np.uint8))
    assert frame_at(tmp_path / "a.png", 1).shape == (20, 30, 3)
