"""Frames of video files; that they are those of a run is tested in tests/host/test_video_frames.py."""

import time

import av
import numpy as np
import pytest

from dragnuwa.common import video_files
from dragnuwa.common.errors import InputError
from dragnuwa.common.interrupt import interrupts
from dragnuwa.common.video_files import decoding_bytes, first_frame, frames_at, metadata_of, read_index, small_frames
from tests.support.memory import rises_less_than
from tests.support.videos import count, counted, still_video, write_video

FRAMES = 20
READERS = (
    read_index, first_frame, metadata_of, decoding_bytes, lambda path: small_frames(path, 640, 400),
)  # fmt: skip


def film_in(folder, name="film.mp4"):
    return write_video(folder / name, map(count, range(FRAMES)), (time / 25 for time in range(FRAMES)))


def test_the_frame_is_that_of_its_number(tmp_path):
    film = film_in(tmp_path)
    index = read_index(film)
    assert (index.count, index.size) == (FRAMES, (96, 64))
    assert [index.number_at(part) for part in (0, 1, 7 / (FRAMES - 1), 0.5)] == [0, FRAMES - 1, 7, 10]
    for numbers in ([0], [7], [13, 14, 19], [3, 19], range(FRAMES)):
        assert counted(frames_at(film, index, numbers)) == list(numbers)
    assert counted([first_frame(film)[0]]) == [0]


def test_frames_are_scaled_down(tmp_path):
    film = film_in(tmp_path)
    index = read_index(film)
    (small,) = frames_at(film, index, [3], 48)
    assert small.shape == (32, 48, 3) and counted([small]) == [3]
    assert first_frame(film, 48)[0].shape == (32, 48, 3)
    frames, size = small_frames(film, 48, FRAMES)
    assert frames.shape == (FRAMES, 32, 48, 3) and size == (96, 64) and counted(frames) == list(range(FRAMES))


def test_a_file_that_was_exchanged_is_noticed(tmp_path):
    index = read_index(film_in(tmp_path))
    other = write_video(tmp_path / "other.mp4", map(count, range(5)), (time / 5 for time in range(5)))
    with pytest.raises(InputError, match="changed while it was read"):
        list(frames_at(other, index, [13]))


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\x00\x00\x00\x20ftypisom" + bytes(50)])
@pytest.mark.parametrize("read", READERS)
def test_what_is_no_video_is_refused(content, read, tmp_path):
    (tmp_path / "film.mp4").write_bytes(content)
    with pytest.raises(InputError, match="cannot be decoded"):
        read(tmp_path / "film.mp4")


@pytest.mark.parametrize(
    "playlist", ["#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n", "ffconcat version 1.0\nfile {}\n"]
)
@pytest.mark.parametrize("read", READERS)
def test_a_playlist_opens_no_other_file(playlist, read, tmp_path):
    (tmp_path / "list.mp4").write_text(playlist.format(film_in(tmp_path).name))
    with pytest.raises(InputError, match="cannot be decoded"):
        read(tmp_path / "list.mp4")


@pytest.mark.parametrize("read", READERS)
def test_a_codec_that_nobody_knows_is_refused(read, tmp_path):
    path = write_video(tmp_path / "unknown.mp4", [count(number) for number in range(3)], [0, 0.1, 0.2])
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    with pytest.raises(InputError, match="cannot be decoded"):
        read(path)


@pytest.mark.parametrize(("size", "told"), [((16_000, 16_000), "cannot be decoded"), ((128, 96), "several sizes")])
def test_a_later_frame_of_another_size_is_refused_before_it_is_decoded(size, told, tmp_path):
    path = still_video(tmp_path / "grows.avi", [(96, 64)] * 6 + [size])
    for read in (read_index, lambda path: small_frames(path, 640, 400)):
        with rises_less_than(50_000_000), pytest.raises(InputError, match=told):
            read(path)
    assert first_frame(path)[1] == (96, 64)


def test_a_frame_that_is_turned_otherwise_is_refused(tmp_path, monkeypatch):
    """As a run refuses it. A message within H.264 may turn single frames."""
    turns = iter([0] * 5 + [1] * 100)
    monkeypatch.setattr(video_files, "seen_size", lambda frame: (96, 64)[:: -1 if next(turns) else 1])
    with pytest.raises(InputError, match="several sizes"):
        small_frames(film_in(tmp_path), 640, 400)


def test_a_video_of_too_many_pixels_is_refused(tmp_path, monkeypatch):
    film = film_in(tmp_path)
    monkeypatch.setattr(video_files, "MAX_DECODED_PIXELS", 96 * 64 * (FRAMES - 1))
    with pytest.raises(InputError, match="in all of them together"):
        read_index(film)


def test_somebody_who_has_gone_is_noticed_within_half_a_second(tmp_path, record_figure):
    """H.264 with one key frame: seconds of decoding up to the last one."""
    path, size = tmp_path / "long.mp4", (1920, 1080)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "9999", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 90, np.uint8), format="rgb24")
        for number in range(100):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    index, asked = read_index(path), []

    def check() -> None:
        asked.append(time.thread_time())

    for read in (
        lambda: read_index(path), lambda: list(frames_at(path, index, [index.count - 1], None)),
        lambda: small_frames(path, 64, 1000),
    ):  # fmt: skip
        asked[:] = [time.thread_time()]  # other processes may have the cores
        with interrupts(check):
            read()
        check()
        assert len(asked) > index.count and np.diff(asked).max() < 0.5
    record_figure("longest time between two checks in a video", f"{np.diff(asked).max():.2f} s (bound 0.5 s)")
