"""Clips out of video files: constant time steps, and files that cannot be used refused in words."""

import av
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dragnuwa.common.images import fit
from dragnuwa.research.videos.read import TOLERANCE, VideoError, at_times, inspect, read_clip, read_frames
from tests.support.videos import count, counted, moving_square, write_video

EVEN = [number / 25 for number in range(24)]


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [("mp4", "libx264"), ("mkv", "libx264"), ("webm", "libvpx"), ("ts", "libx264"), ("avi", "mpeg4")],
)
def test_a_clip_has_constant_steps_from_any_start(tmp_path, suffix, codec):
    path = write_video(tmp_path / f"even.{suffix}", map(count, range(24)), EVEN, codec=codec)
    assert counted(read_clip(path, frames=24, fps=25)) == list(range(24))
    assert counted(read_clip(path, frames=8, fps=10)) == [0, 2, 5, 7, 10, 12, 15, 17]
    assert counted(read_clip(path, frames=4, fps=12.5, start=0.6)) == [15, 17, 19, 21]
    info = inspect(path)
    assert (info.width, info.height, info.frames) == (96, 64, 24)
    assert info.duration == pytest.approx(23 / 25, abs=2e-3) and info.fps == pytest.approx(25, rel=3e-3)


def test_all_frames_are_read_whatever_their_times(tmp_path):
    times = [0, 0.1, 0.12, 0.14, 0.5, 0.55, 0.6, 0.65, 0.9, 1.0]
    path = write_video(tmp_path / "variable.mkv", map(count, range(10)), times)
    assert counted(read_frames(path)) == list(range(10))
    assert counted(read_frames(path, 4)) == [0, 1, 2, 3]
    assert counted(read_frames(path, 40)) == list(range(10))
    assert (read_frames(path, 1) == read_clip(path, frames=1, fps=5)).all()
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(VideoError, match=r"^variable.mkv: .*\.$"):
        read_frames(path)


def test_a_file_of_too_many_frames_is_refused(tmp_path, monkeypatch):
    path = write_video(tmp_path / "even.mp4", map(count, range(24)), EVEN)
    monkeypatch.setattr("dragnuwa.research.videos.read.MAX_CLIP_FRAMES", 23)
    with pytest.raises(VideoError, match="more than 23 frames"):
        read_frames(path)
    assert len(read_frames(path, 23)) == 23


def test_a_file_of_variable_rate_gives_what_is_on_display_at_each_time(tmp_path):
    times = [0, 0.1, 0.12, 0.14, 0.5, 0.55, 0.6, 0.65, 0.9, 1.0]  # frame 3 rests for 0.36 s
    path = write_video(tmp_path / "variable.mkv", map(count, range(10)), times)
    assert counted(read_clip(path, frames=11, fps=10)) == [0, 1, 3, 3, 3, 4, 6, 7, 7, 8, 9]
    assert counted(read_clip(path, frames=3, fps=5, start=0.15)) == [3, 3, 5]
    assert inspect(path).fps == pytest.approx(9.0)


@given(
    gaps=st.lists(st.floats(0.002, 0.5), min_size=1, max_size=30),
    start=st.floats(0, 2),
    fps=st.floats(1, 60),
    frames=st.integers(1, 20),
)
def test_the_frame_at_a_time_is_the_last_that_has_begun(gaps, start, fps, frames):
    times = np.cumsum([0, *gaps])
    targets = [start + number / fps for number in range(frames)]
    timed = list(zip(times, range(len(times)), strict=True))
    if targets[-1] > times[-1] + TOLERANCE:
        with pytest.raises(VideoError, match="ends at"):
            list(at_times(timed, targets))
        return
    chosen = list(at_times(timed, targets))
    assert chosen == [int(np.flatnonzero(times <= target + TOLERANCE)[-1]) for target in targets]
    rest = iter(timed)
    list(at_times(rest, targets))
    assert len(timed) - len(list(rest)) <= chosen[-1] + 2  # reads one frame more than it needs


def test_times_that_go_back_are_refused():
    with pytest.raises(VideoError, match=r"go back from 0\.50 s to 0\.20 s"):
        list(at_times([(0, 0), (0.5, 1), (0.2, 2)], [0, 0.1, 0.6]))


def test_a_clip_is_fitted_as_pictures_are(tmp_path):
    path = write_video(tmp_path / "square.mp4", moving_square(3, (4, 0)), EVEN[:3])
    whole = read_clip(path, frames=3, fps=25)
    fitted = read_clip(path, frames=3, fps=25, size=(64, 64))
    assert fitted.dtype == np.uint8 and fitted.shape == (3, 64, 64, 3)
    expected = fit(torch.from_numpy(whole).float() / 255, 64, 64, "crop").numpy() * 255
    np.testing.assert_allclose(fitted, expected, atol=0.51)


def test_a_video_that_was_filmed_upright_is_shown_upright(tmp_path):
    path = write_video(tmp_path / "lying.mp4", moving_square(2, (4, 0)), EVEN[:2])
    lying = read_clip(path, frames=1, fps=25)
    content = path.read_bytes()
    place = content.index(b"tkhd")
    plain = bytes.fromhex("00010000 00000000 00000000 00000000 00010000")
    turned = bytes.fromhex("00000000 00010000 00000000 ffff0000 00000000")  # a quarter turn clockwise
    assert plain in content[place:]
    path.write_bytes(content[:place] + content[place:].replace(plain, turned, 1))
    np.testing.assert_array_equal(read_clip(path, frames=1, fps=25)[0], np.rot90(lying[0], -1))
    assert (inspect(path).width, inspect(path).height) == (128, 160)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.mp4", "no such file"),
        ("empty.mp4", "it is empty"),
        ("text.mp4", "cannot be read as a video"),
        ("no-index.mp4", "cannot be read as a video"),
        ("one.mp4", "it has 1 frame "),
    ],
)
def test_files_that_hold_no_clip_are_refused_in_words(folder, name, message):
    with pytest.raises(VideoError, match=rf"^{name}: .*{message}"):
        inspect(folder / name)
    with pytest.raises(VideoError, match=rf"^{name}: "):
        read_clip(folder / name, frames=2, fps=20)


def test_a_cut_off_file_counts_as_far_as_it_goes(tmp_path):
    path = write_video(tmp_path / "cut.mp4", moving_square(24, (2, 1)), EVEN, faststart=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    info = inspect(path)
    assert 2 < info.frames < 20 and info.duration < 0.8  # its head says 24 frames, 0.96 s
    assert read_clip(path, frames=5, fps=25).shape == (5, 128, 160, 3)
    with pytest.raises(VideoError, match=r"cut\.mp4"):
        read_clip(path, frames=24, fps=25)


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(VideoError, match="no video in it"):
        inspect(path)


def test_a_title_that_is_not_utf_8_does_no_harm(tmp_path):
    path = tmp_path / "title.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "TITLE"
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(4):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(count(number), format="rgb24")))
        container.mux(stream.encode())
    content = path.read_bytes()
    assert content.count(b"TITLE") == 1
    path.write_bytes(content.replace(b"TITLE", b"T\xfcT\xe9L"))
    assert read_clip(path, frames=4, fps=25).shape == (4, 64, 96, 3)


def test_a_list_of_other_files_is_not_followed(tmp_path):
    write_video(tmp_path / "other.mp4", map(count, range(4)), EVEN[:4])
    path = tmp_path / "list.mp4"
    path.write_text("ffconcat version 1.0\nfile other.mp4\n")
    with av.open(str(path)) as container:
        assert container.format.name == "concat"  # what it would be taken for
    with pytest.raises(VideoError, match=r"list\.mp4"):
        inspect(path)


def test_what_lies_beyond_the_file_is_refused(tmp_path):
    path = write_video(tmp_path / "even.mp4", map(count, range(24)), EVEN)
    with pytest.raises(VideoError, match=r"ends at 0\.92 s; the clip needs a frame at 0\.96 s"):
        read_clip(path, frames=25, fps=25)
    with pytest.raises(VideoError, match="it has 25 frames a second; 50 were asked for"):
        read_clip(path, frames=2, fps=50)


@pytest.mark.parametrize(
    "wrong",
    [
        {"frames": 0, "fps": 25},
        {"frames": 2000, "fps": 25},
        {"frames": 2, "fps": float("nan")},
        {"frames": 2, "fps": 25, "start": -1},
        {"frames": 2, "fps": 25, "start": float("nan")},
        {"frames": 2, "fps": 25, "size": (0, 64)},
    ],
)
def test_arguments_out_of_range_are_named(tmp_path, wrong):
    with pytest.raises(ValueError, match="must be") as caught:
        read_clip(tmp_path / "any.mp4", **wrong)
    assert not isinstance(caught.value, VideoError)


def test_frames_too_large_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    path = write_video(tmp_path / "even.mp4", map(count, range(4)), EVEN[:4])
    monkeypatch.setattr("dragnuwa.research.videos.read.MAX_PIXELS", 96 * 64 - 1)
    with pytest.raises(VideoError, match="it is 96x64 px"):
        read_clip(path, frames=2, fps=25)
    monkeypatch.undo()
    monkeypatch.setattr("dragnuwa.research.videos.read.MAX_DECODED_FRAMES", 2)
    with pytest.raises(VideoError, match="too many to decode"):
        read_clip(path, frames=4, fps=25)
