"""Flow extraction with Ray on this machine, taken up where a kill has left it."""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.research.videos.extract import Extraction, clips_of, main, make_shard, plan, starts
from dragnuwa.research.videos.read import VideoError
from dragnuwa.research.videos.shards import ShardError, ShardReader
from tests.support.commands import run_python
from tests.support.videos import count, moving_square, write_video

ROOT = Path(__file__).parents[4]
# Ray starts no worker before there is work for it.
EARLY = dict.fromkeys(["RAY_enable_worker_prestart", "RAY_prestart_worker_first_driver"], "0")
LIGHT = {"OMP_NUM_THREADS": "1", "RAY_worker_niceness": "0", **EARLY}
WANTED = Extraction(ModelClip(320, 192, 8), fps=25.0, clips=6)
TWO_CLIPS = replace(WANTED, clips=2)


@pytest.fixture
def videos(tmp_path):
    """Three videos of 48 frames, and an empty one."""
    root = tmp_path / "videos"
    for number in range(3):
        frames = moving_square(48, (1 + number % 2, 1), seed=number, height=192, width=320)
        write_video(root / f"{number}.mp4", frames, [frame / 25 for frame in range(48)])
    (root / "3.mp4").touch()
    return root


@pytest.fixture
def command(videos, tmp_path):
    """Starts the command on `videos` with one worker; Ray's files and its token stay away from the person's own.

    The worker has the same right to the cores as other tests, and would wait for these otherwise.
    """
    home = Path(tempfile.mkdtemp(prefix="ray"))  # not in tmp_path: the path of a socket has to be short

    def start() -> subprocess.Popen:
        arguments = [str(videos), str(tmp_path / "out"), "--workers", "1", "--videos-per-shard", "1"]
        arguments += ["--frames", "8", "--size", "320x192", "--fps", "25", "--clips", "2"]
        return subprocess.Popen(
            [sys.executable, "-m", "dragnuwa.research.videos.extract", *arguments],
            cwd=ROOT,
            env={**os.environ, "HOME": str(home), "RAY_TMPDIR": str(home), **LIGHT},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    yield start
    shutil.rmtree(home, ignore_errors=True)


def test_a_job_goes_on_where_a_kill_has_left_it_and_gives_the_same_shards(command, videos, tmp_path):
    """One shard is whole, a part of the next one was written, and there is no index."""
    out, alone = tmp_path / "out", tmp_path / "alone"
    threads = cv2.getNumThreads()
    try:
        for number in range(4):
            row = {"name": f"shard-{number:06}", "videos": f'"{number}.mp4"'}
            make_shard(row, str(videos), str(alone), TWO_CLIPS)
    finally:
        cv2.setNumThreads(threads)
    out.mkdir()
    for name in ("shard-000000.tar", "shard-000000.json"):
        shutil.copy(alone / name, out)
    (out / "shard-000001.tar.0123.part").write_bytes(b"what a kill can leave")
    made = (out / "shard-000000.tar").stat()

    process = command()
    output = process.communicate(timeout=200)[0]
    assert process.returncode == 0, output
    after = (out / "shard-000000.tar").stat()
    assert (after.st_ino, after.st_mtime_ns) == (made.st_ino, made.st_mtime_ns)  # not done again
    for path in alone.iterdir():
        assert (out / path.name).read_bytes() == path.read_bytes(), path.name
    assert not list(out.glob("*.part"))
    assert (out / "skipped.txt").read_text() == "3.mp4\t3.mp4: it is empty.\n"
    assert len(ShardReader(out, seed=0)) == 6


def test_the_clips_of_a_video_follow_each_other_and_know_their_flow(videos):
    skipped = []
    clips = list(clips_of(videos, "1.mp4", WANTED, skipped))
    assert [clip.start for clip in clips] == [number * 8 / 25 for number in range(6)] and not skipped
    for number, clip in enumerate(clips):
        x, y = 32 + 2 * 8 * number, 40 + 8 * number
        inside = clip.flow[0, y + 12 : y + 36, x + 12 : x + 36]
        assert np.abs(inside - (2, 1)).max() < 0.3


def test_a_clip_with_a_cut_is_left_out(tmp_path):
    before, after = (moving_square(8, (1, 0), seed=seed, height=192, width=320) for seed in (0, 50))
    write_video(tmp_path / "cut.mp4", [*before, *after[:4], *before[:4]], [frame / 25 for frame in range(16)])
    skipped = []
    assert [clip.start for clip in clips_of(tmp_path, "cut.mp4", WANTED, skipped)] == [0.0]
    assert len(skipped) == 1 and "at 0.32 s" in skipped[0][1] and "as by a cut" in skipped[0][1]


def test_a_video_whose_end_is_missing_gives_the_clips_before(tmp_path):
    frames = moving_square(40, (1, 0), height=192, width=320)
    path = write_video(tmp_path / "a.mp4", frames, [frame / 25 for frame in range(40)], faststart=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    skipped = []
    assert len(list(clips_of(tmp_path, "a.mp4", WANTED, skipped))) in (2, 3)


def test_clips_are_spread_evenly_and_never_overlap():
    assert starts(WANTED.seconds, WANTED) == [0.0]
    assert starts(1000.0, WANTED)[0] == 0.0 and len(starts(1000.0, WANTED)) == 6
    for duration in np.linspace(WANTED.seconds, 20, 57):
        begin = np.array(starts(duration, WANTED))
        assert (np.diff(begin) >= 8 / 25 - 1e-9).all() and begin[-1] + WANTED.seconds <= duration + 1e-6
        if len(begin) < 6:
            assert begin[-1] + 8 / 25 + WANTED.seconds > duration - 1e-6  # no further one fits


def test_the_plan_stays_and_new_videos_are_added(videos, tmp_path):
    out = tmp_path / "out"
    first = plan(videos, out, WANTED, 3)
    assert first == {"shard-000000": ["0.mp4", "1.mp4", "2.mp4"], "shard-000001": ["3.mp4"]}
    write_video(videos / "01.mp4", [count(0), count(1)], [0, 0.04])
    assert plan(videos, out, WANTED, 3) == {**first, "shard-000002": ["01.mp4"]}
    with pytest.raises(ShardError, match=f"made with .*{WANTED.as_json()['fps']}"):
        plan(videos, out, Extraction(ModelClip(576, 320, 14)), 3)
    for shards in (
        {"../x": ["0.mp4"]},
        {"shard-000000": ["../0.mp4"]},
        {"shard-000000": ["/0.mp4"]},
        {"shard-000000": 5},
    ):
        (out / "plan.json").write_text(json.dumps({"settings": WANTED.as_json(), "shards": shards}), encoding="utf-8")
        with pytest.raises(ShardError, match="not the plan"):
            plan(videos, out, WANTED, 3)
    for text in ("[]", "[" * 9999):
        (out / "plan.json").write_text(text, encoding="utf-8")
        with pytest.raises(ShardError, match="not the plan"):
            plan(videos, out, WANTED, 3)
    (tmp_path / "none").mkdir()
    with pytest.raises(VideoError, match="no file in"):
        plan(tmp_path / "none", tmp_path / "other", WANTED, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "570x320"], "multiple of 8"),
        (["--fps", "nan"], "fps must be"),
        (["--clips", "0"], "clips must be"),
        (["--occluded", "0"], "occluded must be"),
        (["--workers", "0"], "--workers"),
        ([], "there is no folder"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, arguments, message, caplog):
    caplog.set_level(logging.INFO)
    with pytest.raises(SystemExit, match=message):
        main([str(tmp_path / "missing"), str(tmp_path / "out"), *arguments])


def test_a_link_that_goes_round_is_no_folder_of_videos(tmp_path):
    (tmp_path / "round").symlink_to(tmp_path / "round")
    with pytest.raises(SystemExit, match="there is no folder"):
        main([str(tmp_path / "round"), str(tmp_path / "out")])


def test_ray_is_loaded_by_the_command_alone():
    code = "import sys, dragnuwa.research.videos.extract; sys.exit(bool({'ray', 'webdataset'} & set(sys.modules)))"
    assert run_python("-c", code).returncode == 0
