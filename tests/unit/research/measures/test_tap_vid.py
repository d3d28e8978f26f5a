"""TAP-Vid's file, read without running it; and the command that measures a tracker on it."""

import json
import os
import pickle

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.common.errors import InputError
from dragnuwa.research.measures.bench import measured
from dragnuwa.research.measures.command import main
from dragnuwa.research.measures.layouts import tap_vid
from dragnuwa.research.measures.trackers import tracker_named
from dragnuwa.research.measures.workers import Figures, RayActor
from dragnuwa.research.scenes.edited import make_edited
from dragnuwa.vision.tracking.point_tracker import LucasKanade
from tests.support.pictures import texture

FRAMES, STEP, SIDE = 7, 3, 40


def video(name: str = "a") -> tap_vid.TapVidVideo:
    """A textured square that goes right; the last point is on the ground, and the square passes over it."""
    ground, thing = texture(96, 128) // 2, texture(SIDE, SIDE, seed=5)
    frames = np.stack([ground] * FRAMES)
    for time in range(FRAMES):
        frames[time, 30 : 30 + SIDE, 20 + STEP * time : 20 + STEP * time + SIDE] = thing
    starts, speed = np.array([(30, 40), (45, 60), (71, 50)]), np.array([(STEP, 0), (STEP, 0), (0, 0)])
    points = (starts[:, None] + speed[:, None] * np.arange(FRAMES)[:, None] + 0.5) / (128, 96)
    occluded = np.zeros((3, FRAMES), bool)
    occluded[2, 4:] = True
    return tap_vid.TapVidVideo(name, frames, points, occluded)


@pytest.fixture
def file(tmp_path):
    tap_vid.write(tmp_path / "two.pkl", [video("a"), video("b")])
    return tmp_path / "two.pkl"


def test_a_file_is_read_as_it_was_written(file):
    first, second = tap_vid.read(file)
    assert (first.name, second.name) == ("a", "b")
    assert (first.frames == video().frames).all() and (first.occluded == video().occluded).all()
    assert first.points == pytest.approx(video().points, abs=1e-6)


def test_a_list_of_videos_is_read_too(tmp_path):
    one = video()
    value = [{"video": one.frames, "points": one.points, "occluded": one.occluded}]
    (tmp_path / "list.pkl").write_bytes(pickle.dumps(value, protocol=2))
    assert [each.name for each in tap_vid.read(tmp_path / "list.pkl")] == ["0"]


def test_frames_may_be_jpegs_as_in_kinetics(tmp_path):
    one = video()
    frames = [
        cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes() for frame in one.frames
    ]
    value = [{"video": frames, "points": one.points, "occluded": one.occluded}]
    (tmp_path / "jpeg.pkl").write_bytes(pickle.dumps(value))
    (found,) = tap_vid.read(tmp_path / "jpeg.pkl")
    assert np.abs(found.frames.astype(int) - one.frames).mean() < 4
    value[0]["video"][2] = b"no picture"
    (tmp_path / "jpeg.pkl").write_bytes(pickle.dumps(value))
    with pytest.raises(InputError, match="expected video"):
        tap_vid.read(tmp_path / "jpeg.pkl")


class Runs:
    def __init__(self, *command):
        self.command = command

    def __reduce__(self):
        return self.command


@pytest.mark.parametrize(
    "value",
    [Runs(os.system, ("touch here",)), {"a": Runs(eval, ("1",))}, [], {}, {"a": {}}, {"a": {"video": []}}, 5, "text",
     {"a": {"video": np.zeros((3, 8, 8, 3), np.uint8), "points": np.zeros((2, 4, 2)), "occluded": np.zeros((2, 4))}},
     {"a": {"video": np.zeros((3, 8, 8, 3)), "points": np.zeros((2, 3, 2)), "occluded": np.zeros((2, 3))}},
     {"a": {"video": np.zeros((3, 8, 8, 3), np.uint8), "points": np.full((2, 3, 2), np.nan),
            "occluded": np.zeros((2, 3))}}],
)  # fmt: skip
def test_what_is_none_of_tap_vid_is_refused_and_never_run(tmp_path, monkeypatch, value):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps(value))
    with pytest.raises(InputError, match=r"\.$"):
        tap_vid.read(tmp_path / "bad.pkl")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.pkl"]


@pytest.mark.parametrize("data", [b"", b"no pickle", b"\x80\x04", b"\x80\x04}q\x00."])
def test_another_file_is_refused(tmp_path, data):
    (tmp_path / "bad.pkl").write_bytes(data)
    with pytest.raises(InputError, match=r"\.$"):
        tap_vid.read(tmp_path / "bad.pkl")


@pytest.mark.parametrize("mode", ["first", "strided"])
@pytest.mark.parametrize("name", ["lucas-kanade", "patches"])
def test_the_trackers_follow_a_simple_video(name, mode):
    found = tap_vid.measured(video(), tracker_named(name), mode, full_size=True)
    assert found.delta_average > 0.9 and found.average_jaccard > 0.75


def test_points_are_the_same_in_the_protocols_size():
    """Of a tracker that knows the truth, in a video that is resized to 256 x 256."""
    one = video()

    def knowing(frames, points):
        true = one.points * (256, 256) - 0.5
        numbers = [int(np.linalg.norm(true[:, 0] - point, axis=1).argmin()) for point in points]
        assert frames.shape == (FRAMES, 256, 256, 3)
        return true[numbers], ~one.occluded[numbers]

    found = tap_vid.measured(one, knowing)
    assert (found.average_jaccard, found.occlusion_accuracy) == (1, 1)


class Still(torch.nn.Module):
    """Says that all points stay where they were given."""

    def forward(self, video: torch.Tensor, queries: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        tracks = queries[:, None, :, 1:].repeat(1, video.shape[1], 1, 1)
        return tracks, torch.ones_like(tracks[..., 0])


def test_a_tracker_comes_from_a_torchscript_file(tmp_path, file):
    torch.jit.script(Still()).save(str(tmp_path / "still.pt"))
    tracks, visible = tracker_named(str(tmp_path / "still.pt"))(video().frames, np.array([[3.0, 4.0], [5.0, 6.0]]))
    assert tracks.shape == (2, FRAMES, 2) and (tracks[1] == (5, 6)).all() and visible.all()
    (tmp_path / "other.pt").write_text("no module")
    for name in ("other.pt", "missing.pt"):
        with pytest.raises(InputError, match=r"\.$"):
            tracker_named(str(tmp_path / name))


def test_the_command_resumes_and_its_table_is_the_mean(file, tmp_path, capsys, monkeypatch):
    out = tmp_path / "lines.jsonl"
    main(["bench", "tap-vid", str(file), "--out", str(out), "--full-size"])
    first = capsys.readouterr().out
    assert "2 videos, lucas-kanade" in first and "average jaccard" in first
    settings, *lines = map(json.loads, out.read_text().splitlines())
    assert [line["name"] for line in lines] == ["a", "b"] and settings["settings"]["benchmark"] == "tap-vid"
    out.write_text("\n".join(out.read_text().splitlines()[:2]) + '\n{"name": "b"')  # killed while it wrote

    def once(self, frames, points):
        raise AssertionError("measured again")

    main(["bench", "tap-vid", str(file), "--out", str(out), "--full-size"])
    assert capsys.readouterr().out == first
    monkeypatch.setattr(LucasKanade, "__call__", once)
    main(["bench", "tap-vid", str(file), "--out", str(out), "--full-size", "--json"])
    mean = json.loads(capsys.readouterr().out)["mean"]
    assert mean["average_jaccard"] == pytest.approx(np.mean([line["average_jaccard"] for line in lines]))


def test_several_processes_give_the_same(file, tmp_path, capsys):
    command = ["bench", "tap-vid", str(file), "--full-size", "--json"]
    main([*command, "--out", str(tmp_path / "alone.jsonl")])
    alone = capsys.readouterr().out
    main([*command, "--out", str(tmp_path / "two.jsonl"), "--processes", "2"])
    assert capsys.readouterr().out == alone
    names = [json.loads(line).get("name") for line in (tmp_path / "two.jsonl").read_text().splitlines()]
    assert sorted(names[1:]) == ["a", "b"]


def test_a_case_that_fails_leaves_the_others(tmp_path):
    def figures(name: str) -> dict[str, float]:
        if name == "broken":
            raise InputError("broken: it cannot be decoded.")
        return {"figure": 1.0}

    out = tmp_path / "lines.jsonl"
    with pytest.raises(InputError, match="1 of 3 could not be measured; the first: broken: it cannot be decoded"):
        measured(out, {}, ["a", "broken", "c"], Figures(lambda: figures))
    assert [line["name"] for line in map(json.loads, out.read_text().splitlines()[1:])] == ["a", "c"]


def test_an_actor_on_ray_gives_the_line():
    actor = RayActor(Figures(lambda: lambda name: {"figure": 2.0}), [(4, "one")])
    assert json.loads(actor({"number": 4})["line"]) == {"name": "one", "figure": 2.0}


def test_scenes_have_their_exact_tracks():
    """A tracker that is told the truth of a scene is perfect on what is written of it."""
    scene = make_edited(3).before
    (written,) = tap_vid.of_scenes([("scene", scene)])
    assert written.points.shape == (8 * (len(scene.objects) + 1), len(scene.frames), 2)
    assert not written.occluded[:, 0].any() and written.occluded.any()  # one thing passes before another
    size = np.array(scene.frames.shape[2:0:-1])
    column, row = (written.points * size - 0.5)[:, 0].round().astype(int).T
    assert (scene.owner[0, row, column] == np.repeat(np.arange(len(scene.objects) + 1), 8)).all()
