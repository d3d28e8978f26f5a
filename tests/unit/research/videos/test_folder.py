"""A folder of videos: what cannot be used is listed and left out, also later on."""

import logging

import numpy as np
import pytest

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.research.videos.folder import MAX_CAPTION, VideoFolder, names, scan
from dragnuwa.research.videos.read import VideoError, read_clip
from tests.support.videos import moving_square, write_video

CLIP = {"clip": ClipShape(96, 64, 6), "fps": 15.0}


def test_the_scan_lists_what_cannot_be_used_and_why(folder, tmp_path, caplog):
    with caplog.at_level(logging.INFO):
        dataset = VideoFolder(folder, skipped_list=tmp_path / "skipped.txt", **CLIP)
    assert [video.name for video in dataset.videos] == ["a/constant.mp4", "variable.mkv"]
    assert [video.caption for video in dataset.videos] == ["a square moves right", ""]
    assert [one.name for one in dataset.skipped] == ["empty.mp4", "no-index.mp4", "one.mp4", "short.mp4", "text.mp4"]
    lines = (tmp_path / "skipped.txt").read_text(encoding="utf-8").splitlines()
    assert lines == [f"{one.name}\t{one.reason}" for one in dataset.skipped]
    assert "short.mp4: it is 0.08 s long; a clip needs 0.33 s." in lines[3]
    assert "2 videos can be used, 5 are skipped" in caplog.text


def test_a_clip_depends_on_seed_and_index_alone(folder):
    one, other = VideoFolder(folder, **CLIP), VideoFolder(folder, **CLIP)
    forward = [one.draw(3, index) for index in range(6)]
    backward = [other.draw(3, index) for index in reversed(range(6))][::-1]
    for first, second in zip(forward, backward, strict=True):
        assert (first.name, first.start, first.caption) == (second.name, second.start, second.caption)
        np.testing.assert_array_equal(first.frames, second.frames)
        assert first.frames.shape == (6, 64, 96, 3)
        again = read_clip(folder / first.name, frames=6, fps=15, start=first.start, size=(96, 64))
        np.testing.assert_array_equal(first.frames, again)
    assert len({sample.name for sample in forward}) == 2
    assert len({sample.start for sample in forward}) == 6
    assert one.draw(4, 0).start != forward[0].start


def test_a_file_that_fails_later_is_noted_once_and_another_one_is_drawn(folder, tmp_path):
    dataset = VideoFolder(folder, skipped_list=tmp_path / "skipped.txt", **CLIP)
    (folder / "variable.mkv").write_bytes(b"now it is broken")
    samples = [dataset.draw(0, index) for index in range(8)]
    assert {sample.name for sample in samples} == {"a/constant.mp4"}
    assert [one.name for one in dataset.skipped[5:]] == ["variable.mkv"]
    lines = (tmp_path / "skipped.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 6 and lines[5].startswith("variable.mkv\t")
    (folder / "a" / "constant.mp4").unlink()
    with pytest.raises(VideoError, match=r"all 2 videos .* have failed"):
        dataset.draw(0, 9)


def test_a_folder_without_usable_videos_is_refused_with_the_count_and_a_reason(folder, tmp_path):
    (folder / "variable.mkv").unlink()
    (folder / "a" / "constant.mp4").unlink()
    with pytest.raises(VideoError, match=r"can be used \(5 skipped\); the first: empty\.mp4: it is empty"):
        VideoFolder(folder, **CLIP)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(VideoError, match="no file is called like a video"):
        VideoFolder(tmp_path / "nothing", **CLIP)
    with pytest.raises(VideoError, match="there is no folder"):
        VideoFolder(tmp_path / "missing", **CLIP)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"x" * (MAX_CAPTION + 1), "at most 10,000 bytes"), (b"\xff\xfe\xfa", "not UTF-8")]
)
def test_a_caption_that_is_none_is_named(folder, content, reason):
    (folder / "a" / "constant.txt").write_bytes(content)
    videos, skipped = scan(folder, seconds=0.3, fps=15)
    assert [video.name for video in videos] == ["variable.mkv"]
    assert any(one.name == "a/constant.mp4" and reason in one.reason for one in skipped)


def test_a_video_with_fewer_frames_a_second_than_a_clip_is_skipped(folder):
    videos, skipped = scan(folder, seconds=0.3, fps=24)
    assert [video.name for video in videos] == ["a/constant.mp4"]
    assert any(one.name == "variable.mkv" and "20.4 frames a second" in one.reason for one in skipped)


def test_names_are_sorted_and_a_line_each(tmp_path):
    for name in ("b.mp4", "a/c.MKV", ".h/x.mp4", "line\nbreak.mp4"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert names(tmp_path) == ["a/c.MKV", "b.mp4", "line\nbreak.mp4"]
    write_video(tmp_path / "good.mp4", moving_square(8, (1, 0)), [number / 25 for number in range(8)])
    VideoFolder(tmp_path, clip=ClipShape(64, 64, 4), fps=20, skipped_list=tmp_path / "skipped.txt")
    assert len((tmp_path / "skipped.txt").read_text().splitlines()) == 3
