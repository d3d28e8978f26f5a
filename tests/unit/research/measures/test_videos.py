"""`python -m dragnuwa.evaluation videos A B`: figures of pairs and of sets, resumed, by several processes, on Ray."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

from dragnuwa.research.measures.command import main
from dragnuwa.research.measures.frechet import frechet_distance
from dragnuwa.research.measures.picture_figures import psnr_of_frames, ssim_of_frames
from dragnuwa.research.measures.video_sets import Clips, cases_of
from dragnuwa.research.measures.video_work import Measure, Work, read, unpacked
from dragnuwa.research.videos.read import read_frames
from tests.support.commands import run_python
from tests.support.networks import Distance, PictureNetwork, VideoNetwork, save
from tests.support.videos import count, moving_square, write_video

FRAMES, TIMES = 5, [frame / 25 for frame in range(5)]


def grey(number: int) -> np.ndarray:
    """A frame of the videos' size."""
    return count(number, 128, 160)


@pytest.fixture
def folders(tmp_path):
    """Three pairs, the second in another format; A has one video more."""
    for folder, step in (("a", 1), ("b", 3)):
        for number in range(3):
            frames = moving_square(FRAMES, (step, number), seed=number)
            suffix = ".mkv" if (folder, number) == ("b", 1) else ".mp4"
            write_video(tmp_path / folder / f"{number}{suffix}", frames, TIMES)
    write_video(tmp_path / "a/more/9.mp4", moving_square(FRAMES, (2, 2), seed=9), TIMES)
    return tmp_path


@pytest.fixture
def networks(tmp_path):
    """The options that name networks."""
    i3d, inception, lpips = (tmp_path / f"{name}.pt" for name in ("i3d", "inception", "lpips"))
    save(VideoNetwork(), i3d), save(PictureNetwork(), inception), save(Distance(), lpips)
    return ["--fvd", str(i3d), "--fid", str(inception), "--lpips", str(lpips)]


def command(folders: Path, *options: str) -> list[str]:
    return ["videos", str(folders / "a"), str(folders / "b"), "--out", str(folders / "lines.jsonl"), *options]


def as_json(folders: Path, capsys, *options: str) -> dict:
    main(command(folders, "--json", *options))
    return json.loads(capsys.readouterr().out)


def lines_of(folders: Path) -> list[dict]:
    return [json.loads(line) for line in (folders / "lines.jsonl").read_text().splitlines()]


def test_pairs_and_sets_are_measured(folders, networks, capsys, caplog):
    every = "stylegan-v,original,fvd-comparison"
    with caplog.at_level("INFO"):
        found = as_json(folders, capsys, *networks, "--convention", every)
    assert "4 of 4: more/9" in caplog.text
    assert (found["pairs"], found["a"], found["b"]) == (3, 4, 3)
    _, *lines = lines_of(folders)
    assert [line["name"] for line in lines] == ["0", "1", "2", "more/9"]
    values = {(row["figure"], row["convention"].split(":")[0]): row["value"] for row in found["rows"]}
    pairs = lines[:3]
    for row in found["rows"][:3]:
        assert row["value"] == pytest.approx(np.mean([line[row["figure"].lower()] for line in pairs]))
    assert 10 < found["rows"][0]["value"] < 40 and 0.3 < found["rows"][1]["value"] < 1
    features = {name: {"a": [], "b": []} for name in ("fvd-squashed", "fvd-cropped", "fid")}
    for line in lines:
        for side, digest in line["videos"].items():
            for key, value in (
                unpacked(folders / f"lines.jsonl.features/{digest}.npz", features).items() if digest else ()
            ):
                features[key][side].append(value)
    for name, key, ddof in (
        ("stylegan-v", "squashed", 0),
        ("original", "squashed", 1),
        ("fvd-comparison", "cropped", 1),
    ):
        a, b = (np.concatenate(each) for each in features[f"fvd-{key}"].values())
        assert a.shape == (4, 12) and b.shape == (3, 12)
        assert values["FVD", name] == pytest.approx(frechet_distance(a, b, ddof), rel=1e-9)
    a, b = (np.concatenate(each) for each in features["fid"].values())
    assert a.shape == (4 * FRAMES, 12) and values["FID", "stylegan"] == pytest.approx(
        frechet_distance(a, b, 0), rel=1e-9
    )
    assert len(set(values.values())) == len(values)
    assert "Without one of the same name in the other folder: 1 and 0 videos." in found["notes"]
    assert any(note.startswith("FVD of 4 and 3 samples with 12 features each") for note in found["notes"])
    assert not any(note.startswith("FID") for note in found["notes"])


def test_the_table_names_the_convention_of_each_figure(folders, networks, capsys):
    main(command(folders, *networks, "--convention", "stylegan-v,fvd-comparison", "--fid-convention", "pytorch-fid"))
    said = capsys.readouterr().out
    assert "4 and 3 videos, 3 pairs" in said
    for text in (
        "stylegan-v: frames squashed to 224x224, covariance by N\n",
        "fvd-comparison: frames cropped to 224x224, covariance by N-1\n",
        "pytorch-fid: frames resized by the network, covariance by N-1\n", "by lpips.pt\n", " dB ",
    ):  # fmt: skip
        assert text in said


def test_equal_folders(folders, networks, capsys):
    shutil.rmtree(folders / "b")
    shutil.copytree(folders / "a", folders / "b")
    values = {row["figure"]: row["value"] for row in as_json(folders, capsys, *networks)["rows"]}
    assert values == pytest.approx({"PSNR": 100, "SSIM": 1, "LPIPS": 0, "FVD": 0, "FID": 0}, abs=1e-5)


def test_psnr_and_ssim_of_grey_pictures(tmp_path):
    """Grey pictures have closed forms of both; the last frames are equal."""
    a = np.stack([count(n, 24, 32) for n in (1, 2, 3)])
    b = np.stack([count(n, 24, 32) for n in (4, 2, 3)])
    low, high = a[0, 0, 0, 0] / 255, b[0, 0, 0, 0] / 255
    first = 10 * np.log10(1 / (high - low) ** 2)
    assert psnr_of_frames(a, b) == pytest.approx((first + 100 + 100) / 3, abs=1e-3)
    first = (2 * low * high + 1e-4) / (low**2 + high**2 + 1e-4)
    assert ssim_of_frames(a, b) == pytest.approx((first + 2) / 3, abs=1e-4)
    with pytest.raises(ValueError, match="at least 11 px"):
        ssim_of_frames(a[:, :10], b[:, :10])
    with pytest.raises(ValueError, match="3 frames of 32x24 and 2 frames of 32x24"):
        psnr_of_frames(a, b[:2])


def test_a_crash_loses_nothing_and_nothing_is_measured_again(folders, networks, capsys, monkeypatch):
    first = as_json(folders, capsys, *networks)
    out, features = folders / "lines.jsonl", folders / "lines.jsonl.features"
    whole = out.read_text().splitlines()
    digest = json.loads(whole[1])["videos"]["b"]
    (features / f"{digest}.npz").write_bytes(b"what a full disk left")
    out.write_text("\n".join(whole[:3]) + '\n{"name": "2", "vid')  # killed while it wrote the third of four lines
    measured = []

    def spy(self, number, case, original=Measure.__call__):
        measured.append(case.name)
        return original(self, number, case)

    monkeypatch.setattr(Measure, "__call__", spy)
    assert as_json(folders, capsys, *networks) == first
    assert measured == ["0", "2", "more/9"]
    assert as_json(folders, capsys, *networks) == first and len(measured) == 3
    write_video(folders / "a/1.mp4", moving_square(FRAMES, (7, 0)), TIMES)  # another video
    changed = as_json(folders, capsys, *networks)
    assert measured[3:] == ["1"] and changed["rows"] != first["rows"]


def test_other_settings_are_refused(folders, networks, capsys):
    as_json(folders, capsys, *networks)
    with pytest.raises(SystemExit):
        main(command(folders, *networks, "--frames", "4"))
    assert "frames was None, is 4" in capsys.readouterr().err
    Path(networks[1]).write_bytes(Path(networks[3]).read_bytes())
    with pytest.raises(SystemExit):
        main(command(folders, *networks))
    assert "was measured with other settings (fvd was 'i3d.pt" in capsys.readouterr().err


def test_the_first_frames_are_stretched(folders):
    work = Work(clips=Clips(3, (48, 40)))
    case = cases_of(folders / "a", folders / "b", work.clips)[0]
    found = read(case.a, work.clips)
    assert found.shape == (3, 40, 48, 3)
    assert np.abs(found.mean((1, 2)) - read_frames(case.a.path)[:3].mean((1, 2))).max() < 1


def test_several_processes_give_the_same(folders, networks, capsys):
    alone = as_json(folders, capsys, *networks)
    shutil.rmtree(folders / "lines.jsonl.features")
    (folders / "lines.jsonl").unlink()
    together = as_json(folders, capsys, *networks, "--processes", "2")
    assert [row["value"] for row in together["rows"]] == pytest.approx(
        [row["value"] for row in alone["rows"]], rel=1e-4
    )
    assert sorted(line["name"] for line in lines_of(folders)[1:]) == ["0", "1", "2", "more/9"]


def test_ray_gives_the_same(folders, networks, capsys):
    alone = as_json(folders, capsys, *networks)
    shutil.rmtree(folders / "lines.jsonl.features")
    (folders / "lines.jsonl").unlink()
    home = tempfile.mkdtemp(prefix="ray")  # not in tmp_path: the path of a socket has to be short
    early = dict.fromkeys(["RAY_enable_worker_prestart", "RAY_prestart_worker_first_driver"], "0")
    environment = {**os.environ, "HOME": home, "RAY_TMPDIR": home, "OMP_NUM_THREADS": "1", "RAY_worker_niceness": "0"}
    try:
        done = run_python(
            "-m", "dragnuwa.evaluation", *command(folders, *networks, "--ray", "--json"),
            env={**environment, **early}, timeout=250,
        )  # fmt: skip
    finally:
        shutil.rmtree(home, ignore_errors=True)
    assert done.returncode == 0, done.stderr
    together = json.loads(done.stdout)
    assert [row["value"] for row in together["rows"]] == pytest.approx(
        [row["value"] for row in alone["rows"]], rel=1e-4
    )


def refused(folders: Path, capsys, *options: str) -> str:
    """What is said of input that cannot be used, without the usage."""
    with pytest.raises(SystemExit) as ended:
        main(command(folders, *options))
    assert ended.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1].partition("error: ")[2]
    assert said.endswith(".") and "Traceback" not in said
    return said


def test_bad_folders_are_named(folders, networks, capsys):
    b = folders / "b"
    short = write_video(b / "2.mp4", [grey(n) for n in range(3)], TIMES[:3])
    assert "b/2.mp4 (3 frames of 160x128)" in refused(folders, capsys)
    assert "2.mp4: it has 3 frames; --frames asks for 4" in refused(folders, capsys, "--frames", "4")
    shutil.move(short, b / "7.mp4")  # no pair any more
    said = refused(folders, capsys, *networks)
    assert said.startswith("FVD compares videos of one number of frames") and said.endswith("too short.")
    (b / "7.mp4").write_bytes(b"no video")
    assert "1 of 3 videos cannot be used; the first: 7.mp4: it cannot be read as a video" in refused(folders, capsys)
    (b / "7.mp4").unlink()
    write_video(b / "0.mkv", [grey(0), grey(1)], TIMES[:2])
    assert "two videos of one name" in refused(folders, capsys)
    (b / "0.mkv").unlink()
    write_video(b / "1.mkv", [count(n, 32, 48) for n in range(FRAMES)], TIMES)
    assert "b/1.mkv (5 frames of 48x32)" in refused(folders, capsys)
    shutil.rmtree(b)
    assert "there is no folder" in refused(folders, capsys)
    b.mkdir()
    assert "There is no video in" in refused(folders, capsys)
    write_video(b / "other.mp4", [grey(n) for n in range(FRAMES)], TIMES)
    assert "No video has the same name in both folders" in refused(folders, capsys)
    assert "FVD needs at least 2 videos in each folder; the folder B has 1" in refused(folders, capsys, *networks[:2])
    assert not (folders / "lines.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--convention", "tensorflow"], "The conventions of FVD are stylegan-v, original, fvd-comparison; found te"),
        (["--fid", "x.pt", "--fid-convention", "torch-fidelity"], "and with no other"),
        (["--fid", "torch-fidelity:x.pt", "--fid-convention", "stylegan"], "and with no other"),
        (["--fid", "torch-fidelity:x.pt"], "There is no file x.pt, which --fid names"),
        (["--fvd", "x.pt"], "There is no file x.pt, which --fvd names"),
        (["--size", "large"], "--size should be"), (["--size", "0x5"], "--size should be"),
        (["--frames", "1"], "--frames should be at least 2"), (["--processes", "0"], "--processes should be at least"),
        (["--ray-address", "auto"], "--ray-address is for --ray"), (["--device", "nowhere"], "device should be"),
    ],
)  # fmt: skip
def test_bad_options_are_named(folders, networks, capsys, options, message):
    assert message in refused(folders, capsys, *(networks[4:] if "--device" in options else []), *options)


def test_what_cannot_be_measured_stops_no_other(folders, capsys):
    """I3D as LPIPS takes no pair of pictures; a video that breaks after it was looked at is named as well."""
    network = save(VideoNetwork(), folders / "wrong.pt")
    assert "3 of 4 could not be measured; the first: 0: wrong.pt fails on an input" in refused(
        folders, capsys, "--lpips", str(network)
    )
    assert [line.get("name") for line in lines_of(folders)[1:]] == ["more/9"]
