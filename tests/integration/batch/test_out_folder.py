"""OUT: one run at a time, clear words where it cannot be written, and results that are those of the settings."""

import contextlib
import ctypes
import fcntl
import json
import os
import pty
import re
import resource
import shutil
import sqlite3
import struct
import subprocess
import termios
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from scripts.host import ROOT
from tests.integration.batch.sweep import HIDDEN, Sweep, batch_id, color_of, executions, is_color, kill, queued


def jobs_of(sweep: Sweep) -> list[dict]:
    return [json.loads(line) for line in (sweep.folder / "jobs.jsonl").read_text().splitlines()]


def write_jobs(sweep: Sweep, jobs: list[dict]) -> None:
    (sweep.folder / "jobs.jsonl").write_text("\n".join(map(json.dumps, jobs)))


def test_two_runs_with_equal_names_at_one_server(host, tmp_path):
    """Each has its own upload folder, and its jobs theirs: all pictures have one file name here."""
    first, second = (Sweep(tmp_path / name, 6, side=256).write() for name in ("first", "second"))
    for number in range(6):
        Image.new("RGB", (16, 16), color_of(50 + number)).save(second.folder / f"{number}" / "picture.png")
    runs = [sweep.start(host.url) for sweep in (first, second)]
    for run in runs:
        assert run.wait(60) == 0, run.stderr.read()
    assert first.wrong() == []
    for number in range(6):
        (file,) = (second.out / second.name(number)).iterdir()
        assert is_color(file, color_of(50 + number), second.side)


def test_a_second_run_into_one_out_is_refused(host, tmp_path):
    sweep = Sweep(tmp_path, 8).write()
    first = sweep.start(host.url)
    first.stderr.readline()
    second = sweep.run(host.url)
    assert second.returncode == 1
    assert second.stderr == f"Another run uses {sweep.out}. Wait until it has ended, or give another OUT.\n"
    assert first.wait(60) == 0, first.stderr.read()
    assert sweep.wrong() == []


def test_a_full_disk_ends_the_run_and_the_next_goes_on(host, tmp_path):
    """With a limit for the size of a file, which every user may set: writing fails in the middle, as on a full disk."""
    sweep = Sweep(tmp_path, 3, blurs=0, side=256).write()
    noise = np.random.default_rng(3).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    Image.fromarray(noise).save(sweep.folder / "1" / "picture.png")  # the only result above the limit
    limit = 100_000, resource.RLIM_INFINITY
    full = sweep.run(host.url, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    assert full.returncode == 1
    assert f"stopped: File too large ({sweep.out})" in full.stderr
    assert "of 3 jobs are done." in full.stderr and "To go on, type: " in full.stderr
    assert "Traceback" not in full.stderr
    assert sweep.name(1) not in sweep.done()
    last = sweep.run(host.url)
    assert last.returncode == 0, last.stderr
    (file,) = (sweep.out / sweep.name(1)).iterdir()
    assert np.array_equal(np.asarray(Image.open(file).convert("RGB")), noise)
    assert sweep.wrong() == [sweep.name(1)]  # which has no single colour
    assert executions(host.url, batch_id(sweep.out)) == Counter(map(sweep.name, range(3)))


def without_power_over_files() -> None:
    """Root, too, needs write permission from now on (prctl PR_CAPBSET_DROP of CAP_DAC_OVERRIDE)."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda out: out.mkdir(mode=0o555), "stopped: Permission denied ("),
        (lambda out: out.touch(), "stopped: Not a directory ("),
    ],
)
def test_an_out_that_cannot_be_written(tmp_path, make, said):
    sweep = Sweep(tmp_path, 1).write()
    make(sweep.out)
    done = sweep.run("http://127.0.0.1:9", preexec_fn=without_power_over_files)
    assert done.returncode == 1
    assert done.stderr.startswith(said) and str(sweep.out) in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_changed_settings_run_again_and_the_former_result_is_kept_aside(host, tmp_path):
    """A changed picture, a changed input and a changed workflow are all noticed; what is the same is not done again."""
    sweep = Sweep(tmp_path, 4, side=256).write()
    assert sweep.run(host.url).returncode == 0
    Image.new("RGB", (16, 16), color_of(40)).save(sweep.folder / "1" / "picture.png")
    jobs = jobs_of(sweep)
    jobs[2]["inputs"]["2"] = {"width": 64, "height": 64}
    write_jobs(sweep, jobs)
    kept = {path: path.stat().st_mtime_ns for number in (0, 3) for path in (sweep.out / sweep.name(number)).iterdir()}
    again = sweep.run(host.url)
    assert again.returncode == 0, again.stderr
    assert "4 jobs, 2 of them done before" in again.stderr
    assert "2 run again, because their settings, the workflow or a file of theirs has changed" in again.stderr
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert is_color(*(sweep.out / sweep.name(1)).iterdir(), color_of(40), 256)
    assert is_color(*(sweep.out / sweep.name(2)).iterdir(), color_of(2), 64)
    assert len(list((sweep.out / HIDDEN / "replaced").iterdir())) == 2
    text = (sweep.folder / "workflow.json").read_text()
    (sweep.folder / "workflow.json").write_text(text.replace('"sigma": 10.0', '"sigma": 9.0'))
    assert "4 jobs, 0 of them done before" in sweep.run(host.url).stderr


def test_settings_that_change_while_the_former_prompt_is_at_the_server(host, client, tmp_path):
    """The former prompt is interrupted, and its result not shown."""
    sweep = Sweep(tmp_path, 1, blurs=0, side=64, pauses=5).write()
    process = sweep.start(host.url)
    process.stderr.readline()  # from now on there is a journal
    while not queued(host.url, batch_id(sweep.out)):
        assert process.poll() is None
    kill(process)
    Image.new("RGB", (16, 16), color_of(33)).save(sweep.folder / "0" / "picture.png")
    last = sweep.run(host.url)
    assert last.returncode == 0, last.stderr
    assert is_color(*(sweep.out / sweep.name(0)).iterdir(), color_of(33), 64)
    journal = sqlite3.connect(sweep.out / HIDDEN / "journal.sqlite")
    ((former,),) = journal.execute("SELECT prompt_id FROM prompts WHERE state = 'given up'").fetchall()
    journal.close()
    messages = dict(client.history(former)["status"]["messages"])
    assert "execution_interrupted" in messages


def test_a_result_that_was_removed_is_made_again(host, tmp_path):
    sweep = Sweep(tmp_path, 2, side=256).write()
    assert sweep.run(host.url).returncode == 0
    shutil.rmtree(sweep.out / sweep.name(1))
    again = sweep.run(host.url)
    assert again.returncode == 0
    assert "1 run again, because their results are gone: job-01" in again.stderr
    assert sweep.wrong() == []


def test_a_job_that_fails_is_recorded_and_tried_again(host, tmp_path):
    sweep = Sweep(tmp_path, 3, side=256).write()
    right = (sweep.folder / "1" / "picture.png").read_bytes()
    (sweep.folder / "1" / "picture.png").write_bytes(b"no picture")
    first = sweep.run(host.url)
    assert first.returncode == 1
    assert "1 failed: job-01" in first.stderr
    assert sweep.wrong() == ["job-01"]
    journal = sqlite3.connect(sweep.out / HIDDEN / "journal.sqlite")
    assert "LoadImage" in journal.execute("SELECT reason FROM jobs WHERE state = 'failed'").fetchone()[0]
    journal.close()
    assert "1 failed before and are tried again: job-01" in sweep.run(host.url).stderr
    (sweep.folder / "1" / "picture.png").write_bytes(right)
    assert sweep.run(host.url).returncode == 0
    assert sweep.wrong() == []


def test_a_terminal_that_knows_ascii_only(host, tmp_path):
    sweep = Sweep(tmp_path, 2).write()
    jobs = jobs_of(sweep)
    jobs[0]["name"] = "grün \U0001f600"
    jobs[1]["inputs"]["90"] = {"filename_prefix": "../../../outside \x1b[2J"}
    write_jobs(sweep, jobs)
    done = sweep.run(host.url, env={**os.environ, "PYTHONIOENCODING": "ascii:strict", "LC_ALL": "C"})
    assert done.returncode == 1
    assert "gr\\xfcn \\U0001f600: done" in done.stderr
    assert "job-01: node 90 (SaveImage) failed" in done.stderr
    assert "\x1b" not in done.stderr and "Traceback" not in done.stderr
    assert [path.name for path in sweep.out.iterdir() if path.name != HIDDEN] == ["grün \U0001f600"]


def test_a_bar_on_a_terminal(host, tmp_path):
    """With rate and remaining time; elsewhere, lines."""
    sweep = Sweep(tmp_path, 2).write()
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0))
    process = subprocess.Popen(sweep.command(host.url), cwd=ROOT, stderr=theirs)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # Linux ends a terminal so
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    assert process.wait(60) == 0
    assert b"100%" in shown and b"2/2" in shown and re.search(rb"job/s|s/job", shown)
    assert b"job-00: done" not in shown
