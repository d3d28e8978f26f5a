"""Single frames of video files."""

import pytest

from dragnuwa.common.errors import InputError
from dragnuwa.common.video_files import frame_at, frames_of
from tests.support.videos import LEVEL, count, write_video

FRAMES = 20


@pytest.mark.parametrize(("part", "number"), [(0, 0), (1, FRAMES - 1), (7 / (FRAMES - 1), 7), (13 / (FRAMES - 1), 13)])
def test_the_frame_is_that_of_its_number(part, number, tmp_path):
    film = write_video(tmp_path / "film.mp4", map(count, range(FRAMES)), (time / 25 for time in range(FRAMES)))
    assert abs(float(frame_at(film, part).mean()) - (16 + LEVEL * number)) < LEVEL / 2


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])  # the latter does not say it
def test_its_frames_are_counted(name, tmp_path):
    film = write_video(tmp_path / name, map(count, range(FRAMES)), (time / 25 for time in range(FRAMES)))
    assert abs(frames_of(film) - FRAMES) <= (0 if name.endswith("mp4") else 1)


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\x00\x00\x00\x20ftypisom" + bytes(50)])
def test_what_is_no_video_is_refused(content, tmp_path):
    (tmp_path / "film.mp4").write_bytes(content)
    with pytest.raises(InputError, match="cannot be decoded"):
        frame_at(tmp_path / "film.mp4", 0.5)


@pytest.mark.parametrize(
    "playlist", ["#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n", "ffconcat version 1.0\nfile {}\n"]
)
def test_a_playlist_opens_no_other_file(playlist, tmp_path):
    film = write_video(tmp_path / "film.mp4", map(count, range(FRAMES)), (time / 25 for time in range(FRAMES)))
    (tmp_path / "list.mp4").write_text(playlist.format(film.name))
    for use in (frames_of, lambda path: frame_at(path, 0)):
        with pytest.raises(InputError, match="cannot be decoded"):
            use(tmp_path / "list.mp4")


def test_a_codec_that_nobody_knows_is_refused(tmp_path):
    path = write_video(tmp_path / "unknown.mp4", [count(number) for number in range(3)], [0, 0.1, 0.2])
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    with pytest.raises(InputError, match="cannot be decoded"):
        frames_of(path)
