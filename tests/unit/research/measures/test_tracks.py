"""`python -m dragnuwa.evaluation tracks PREDICTED WANTED`, on files of several forms."""

import json

import numpy as np
import pytest

from dragnuwa import trajectory
from dragnuwa.common.errors import InputError
from dragnuwa.research.measures.command import main
from dragnuwa.research.measures.track_figures import tap_vid
from dragnuwa.research.measures.track_files import read_tracks
from dragnuwa.research.measures.tracks import figures_of
from dragnuwa.vision.tracking.metrics import objmc, relative_objmc

SIZE = (512, 256)
N, T = 6, 9


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    """Wanted tracks `[T, N, 2]` with visibility, and predicted ones about 3 px off. The last is never visible."""
    random = np.random.default_rng(3)
    wanted = random.uniform(50, 200, (1, N, 2)) + 4 * np.arange(T)[:, None, None]
    seen, said = random.random((T, N)) > 0.2, random.random((T, N)) > 0.2
    seen[:, -1] = False
    return {"wanted": wanted, "predicted": wanted + random.normal(0, 3, wanted.shape), "seen": seen, "said": said}


@pytest.fixture
def files(tmp_path, arrays):
    """As ComfyUI's TRACKS."""
    np.savez(tmp_path / "wanted.npz", track_path=arrays["wanted"], track_visibility=arrays["seen"])
    np.savez(tmp_path / "predicted.npz", track_path=arrays["predicted"], track_visibility=arrays["said"])
    return tmp_path


def run(files, capsys, *options: object) -> dict:
    main(["tracks", *map(str, options), "--size", "512x256", "--json"])
    return json.loads(capsys.readouterr().out)["figures"]


def test_the_figures_are_those_of_the_functions(files, arrays, capsys):
    found = run(files, capsys, files / "predicted.npz", files / "wanted.npz")
    predicted, wanted = arrays["predicted"].swapaxes(0, 1), arrays["wanted"].swapaxes(0, 1)
    seen, said = arrays["seen"].T, arrays["said"].T
    values = {name: row["mean"] for name, row in found.items()}
    assert values["objmc"] == pytest.approx(objmc(predicted, wanted, seen))
    assert values["relative_objmc"] == pytest.approx(relative_objmc(predicted, wanted, seen))
    distance = np.linalg.norm(predicted - wanted, axis=-1)[:, 1:]
    assert values["epe"] == pytest.approx(distance[seen[:, 1:]].mean())
    scale = 256 / np.array(SIZE)
    tap = tap_vid(
        (predicted[:-1] + 0.5) * scale, said[:-1], (wanted[:-1] + 0.5) * scale, seen[:-1], seen[:-1].argmax(1)
    )
    for name in ("delta_average", "average_jaccard", "occlusion_accuracy"):
        assert values[name] == pytest.approx(getattr(tap, name))
    assert 0 < values["average_jaccard"] < values["delta_average"] < 1 and {row["files"] for row in found.values()} == {
        1
    }


def test_the_same_tracks_in_other_forms_give_the_same(files, arrays, capsys, tmp_path):
    expected = run(files, capsys, files / "predicted.npz", files / "wanted.npz")
    np.save(tmp_path / "cat_tracks.npy", arrays["predicted"].astype(np.float32))
    np.save(tmp_path / "cat_visibility.npy", arrays["said"])
    np.savez(
        tmp_path / "cotracker.npz", pred_tracks=arrays["wanted"][None], pred_visibility=arrays["seen"][None, ..., None]
    )
    found = run(files, capsys, tmp_path / "cat_tracks.npy", tmp_path / "cotracker.npz")
    for name, row in expected.items():
        assert found[name]["mean"] == pytest.approx(row["mean"], abs=1e-5)


def test_drags_are_sampled(tmp_path, capsys):
    drags = trajectory.parse("[[[100, 50], [420, 50]], [[10, 200], [10, 100]]]", width=512, height=256)
    points, _ = drags.sample(T, *SIZE)
    (tmp_path / "drags.json").write_text(drags.to_json())
    np.save(tmp_path / "still.npy", np.repeat(points[:, :1], T, 1).swapaxes(0, 1))
    found = run(tmp_path, capsys, tmp_path / "still.npy", tmp_path / "drags.json", "--frames", T)
    assert found["relative_objmc"]["mean"] == pytest.approx(1)
    assert found["objmc"]["mean"] == pytest.approx((160 + 50) / 2, rel=1e-6)
    perfect = run(tmp_path, capsys, tmp_path / "drags.json", tmp_path / "drags.json", "--frames", T)
    assert perfect["objmc"]["mean"] == 0 and perfect["average_jaccard"]["mean"] == 1


def test_folders_give_mean_and_median_and_are_resumed(files, arrays, capsys, tmp_path):
    for number, error in enumerate((0, 1, 5)):
        for folder, points in (("found", arrays["wanted"] + (error, 0)), ("meant", arrays["wanted"])):
            (tmp_path / folder).mkdir(exist_ok=True)
            np.savez(tmp_path / folder / f"{number}.npz", tracks=points, visibility=arrays["seen"])
    out = tmp_path / "lines.jsonl"
    options = tmp_path / "found", tmp_path / "meant", "--out", out
    found = run(files, capsys, *options)
    assert found["objmc"] == pytest.approx({"mean": 2, "median": 1, "files": 3})
    assert len(out.read_text().splitlines()) == 4
    assert run(files, capsys, *options) == found and len(out.read_text().splitlines()) == 4
    np.savez(tmp_path / "found/2.npz", tracks=arrays["wanted"] + (0, 2))  # changed
    assert run(files, capsys, *options)["objmc"] == pytest.approx({"mean": 1, "median": 1, "files": 3})
    main(["tracks", *map(str, options), "--size", "512x256"])
    table = capsys.readouterr().out
    assert "3 files of tracks, in pixels of 512x256" in table and "ObjMC" in table and "(MoveBench)" in table
    (tmp_path / "found/1.npz").unlink()
    assert "lacks 1 of the 3 wanted files; the first: 1." in refused(capsys, *options)


def test_what_is_not_defined_is_left_out(tmp_path, capsys, arrays):
    """Nothing moves, and nothing is visible after the first frame."""
    still = np.repeat(arrays["wanted"][:1], T, 0)
    np.savez(tmp_path / "still.npz", track_path=still, track_visibility=np.arange(T)[:, None] == 0)
    np.savez(tmp_path / "found.npz", track_path=still + np.array([3, 4]))
    found = run(tmp_path, capsys, tmp_path / "found.npz", tmp_path / "still.npz")
    assert found == {"objmc": {"mean": 5.0, "median": 5.0, "files": 1}}
    main(["tracks", str(tmp_path / "found.npz"), str(tmp_path / "still.npz"), "--size", "512x256"])
    assert "Not defined for these tracks: relative ObjMC, EPE, delta average" in capsys.readouterr().out


def refused(capsys, *options: object) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["tracks", *map(str, options), "--size", "512x256"])
    assert ended.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1].partition("error: ")[2]
    assert said.endswith(".")
    return said


def test_tracks_that_do_not_match_are_named(files, arrays, capsys, tmp_path):
    wanted = files / "wanted.npz"
    np.savez(tmp_path / "short.npz", track_path=arrays["wanted"][:-1])
    assert f"{N} of {T} frames; found {N} of {T - 1}" in refused(capsys, tmp_path / "short.npz", wanted)
    np.savez(tmp_path / "nan.npz", track_path=np.where(arrays["seen"][..., None], np.nan, arrays["wanted"]))
    assert "nan.npz against" in refused(capsys, tmp_path / "nan.npz", wanted)
    assert "one of each" in refused(capsys, wanted, tmp_path)
    assert "There is no file or folder" in refused(capsys, wanted, tmp_path / "none.npz")
    (tmp_path / "empty").mkdir()
    assert "There is no file of tracks in" in refused(capsys, tmp_path / "empty", tmp_path / "empty")
    (tmp_path / "drags.json").write_text("[[[100, 50], [420, 50]]]")
    assert "Give --frames" in refused(capsys, wanted, tmp_path / "drags.json")


class Runs:
    def __reduce__(self):
        return (open, ("was run", "w"))


def test_broken_files_are_named_and_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    good = np.zeros((T, N, 2))
    np.savez("objects.npz", track_path=np.array([Runs()]))
    np.save("objects.npy", np.array([Runs()]))
    np.savez("other.npz", flow=good)
    np.savez("shape.npz", track_path=np.zeros((T, N, 3)))
    np.savez("text.npz", track_path=np.full((T, N, 2), "a"))
    np.savez("seen.npz", track_path=good, track_visibility=np.ones((N, T)))
    np.savez("words.npz", track_path=good, track_visibility=np.full((T, N), "a"))
    np.savez("whole.npz", track_path=good)
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:200])
    for name in ("empty.npz", "empty.npy", "empty.json"):
        (tmp_path / name).touch()
    (tmp_path / "noise.json").write_bytes(b"\xff\xfe no drags")
    np.save("array.npy", good)
    (tmp_path / "array.npy").rename("array.npz")
    for path in sorted(tmp_path.iterdir()):
        if path.name != "whole.npz":
            with pytest.raises(InputError, match=r"\.$"):
                read_tracks(path, SIZE, T)
    assert not (tmp_path / "was run").exists()
    assert read_tracks(tmp_path / "whole.npz", SIZE).visible is None


def test_one_visibility_holds_for_all_tracks(tmp_path):
    np.savez(tmp_path / "a.npz", track_path=np.zeros((T, N, 2)), track_visibility=np.arange(T)[:, None] < 4)
    found = read_tracks(tmp_path / "a.npz", SIZE)
    assert found.points.shape == (N, T, 2) and (found.visible == (np.arange(T) < 4)).all()
    assert figures_of(found, found, SIZE)["occlusion_accuracy"] == 1
