"""Benchmarks in their published form: what is read of them, the figures of known results, and what is refused."""

import json
import os
import pickle
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from dragnuwa.common.errors import InputError
from dragnuwa.research.measures.cases import Choices
from dragnuwa.research.measures.command import main
from dragnuwa.research.measures.layouts import vipseg
from dragnuwa.research.measures.layouts.dragbench import DragBench
from dragnuwa.research.measures.layouts.magicbench import MagicBench, boxes, followed
from dragnuwa.research.measures.layouts.movebench import MoveBench
from dragnuwa.research.measures.layouts.registry import LAYOUTS, opened
from dragnuwa.research.measures.layouts.vipseg import VipSeg
from tests.support import benchmarks as made
from tests.support.benchmarks import FRAMES, HEIGHT, STEP, WIDTH

FULL = Choices(size=(WIDTH, HEIGHT), frames=FRAMES)
MADE = {
    "vipseg": made.vipseg,
    "movebench": made.movebench,
    "magicbench": made.magicbench,
    "dragbench": made.dragbench,
}


def results(folder, names, step=STEP, seeds=(0, 10)):
    """Videos in which the square goes by `step` in each frame."""
    for name, seed in zip(names, seeds, strict=False):
        made.write_video(folder / name, made.frames(step, seed))
    return folder


@pytest.mark.parametrize("name", MADE)
def test_each_has_its_picture_and_where_things_go(tmp_path, name):
    layout = opened(name, MADE[name](tmp_path), FULL)
    case = layout.case(layout.names()[0])
    thing = case.points[-1 if name == "vipseg" else 0]
    way = thing[case.visible[-1 if name == "vipseg" else 0]]
    assert (case.clip.size, case.clip.frames) == ((WIDTH, HEIGHT), FRAMES)
    assert case.picture.shape[1] / case.picture.shape[0] == WIDTH / HEIGHT
    assert np.diff(way, axis=0) == pytest.approx(np.array([(STEP, 0)] * (len(way) - 1)), abs=1e-6)
    assert np.isfinite(case.points).all() and case.points.shape[1] == FRAMES


@pytest.mark.parametrize("name", MADE)
def test_positions_follow_the_size(tmp_path, name):
    """At twice the size, everything is twice as far from the picture's corner, which is half a pixel from the first."""
    MADE[name](tmp_path)
    large = Choices(size=(2 * WIDTH, 2 * HEIGHT), frames=FRAMES)
    cases = [opened(name, tmp_path, choices) for choices in (FULL, large)]
    first, second = (layout.case(layout.names()[0]).points for layout in cases)
    tolerance = 1.1 if name == "magicbench" else 1e-6  # of masks, which have whole pixels
    assert second + 0.5 == pytest.approx(2 * (first + 0.5), abs=tolerance)


def test_vipseg_counts_all_positions_those_outside_too(tmp_path):
    layout = VipSeg(made.vipseg(tmp_path), FULL)
    path = tmp_path / "trajectories" / "12_abc.json"
    path.write_text(json.dumps({str(made.THING): [[38 + STEP * time, 48] for time in range(FRAMES - 1)] + [[238, 48]]}))
    case = layout.case("12_abc")
    assert case.visible.all() and case.points[0, -1, 0] == 238
    found = layout.figures("12_abc", results(tmp_path / "out", ["12_abc"]))
    last = 238 - (38 + STEP * (FRAMES - 1))
    assert found["objmc"] == pytest.approx(last / FRAMES, abs=0.2) and found["median"] < 0.2
    assert found["positions"] == FRAMES


def test_vipseg_without_tracks_has_those_of_the_grids_nearest_points(tmp_path):
    layout = VipSeg(made.vipseg(tmp_path, tracks=False), FULL)
    case = layout.case("12_abc")
    start = case.points[:, 0]
    grid = vipseg.grid_of(WIDTH, HEIGHT)
    assert len(grid) == 100 and grid[0] == pytest.approx((8 * 127 / 511, 8 * 95 / 383))
    middle = vipseg.deepest(made.square(0))
    assert np.abs(middle - (made.LEFT + made.SIDE / 2, made.TOP + made.SIDE / 2)).max() <= 1
    assert np.linalg.norm(start[1] - middle) < 9  # half of the grid's diagonal
    assert (case.points == np.trunc(case.points)).all()  # whole positions, as published
    assert case.points[1, -1, 0] - start[1, 0] == pytest.approx(STEP * (FRAMES - 1), abs=1)
    assert np.ptp(case.points[0], axis=0).max() <= 1  # the ground stands still
    assert [mask.sum() for mask in case.masks] == [WIDTH * HEIGHT - made.SIDE**2, made.SIDE**2]


def test_vipseg_takes_the_videos_of_its_list(tmp_path):
    made.vipseg(tmp_path)
    assert VipSeg(tmp_path, FULL).names() == ["12_abc", "2cdbf5f0a7"]
    (tmp_path / "val.txt").write_text("2cdbf5f0a7\n")
    assert VipSeg(tmp_path, FULL).names() == ["2cdbf5f0a7"]


def test_movebench_counts_what_is_visible_after_the_first_frame(tmp_path):
    layout = MoveBench(made.movebench(tmp_path), Choices(frames=FRAMES))
    names = layout.names()
    assert layout.case(names[0]).text == "A square, which goes to the right."
    right = layout.figures(names[0], results(tmp_path / "right", names))
    still = layout.figures(names[0], results(tmp_path / "still", names, step=0))
    away = [STEP * time for time in range(1, FRAMES)] + [STEP, 2 * STEP]  # the second point is hidden from frame 3 on
    assert right["epe"] < 0.2 and still["epe"] == pytest.approx(np.mean(away), abs=0.3)


def test_magicbench_overlaps_masks_and_boxes(tmp_path):
    layout = MagicBench(made.magicbench(tmp_path), FULL)
    right = layout.figures("square", results(tmp_path / "right", ["square"]))
    assert right["mask_iou"] > 0.85 and right["box_iou"] > 0.85
    made.write_video(tmp_path / "masks" / "square", made.colored(step=0))
    given = MagicBench(tmp_path, Choices((WIDTH, HEIGHT), FRAMES, masks=tmp_path / "masks"))
    overlap = [(made.SIDE - STEP * time) / (made.SIDE + STEP * time) for time in range(FRAMES)]
    figures = given.figures("square", tmp_path / "right")
    assert figures["mask_iou"] == figures["box_iou"] == pytest.approx((np.mean(overlap) + 1) / 2)


def test_a_box_is_around_all_of_a_mask():
    mask = np.zeros((2, 6, 8), bool)
    mask[0, 1, 2] = mask[0, 4, 5] = True
    assert boxes(mask)[0, 1:5, 2:6].all() and boxes(mask).sum() == 16
    with pytest.raises(InputError, match="too small"):
        followed(np.zeros((3, 8, 8, 3), np.uint8), np.zeros((6, 8), bool))


@pytest.mark.parametrize("protocol", [2, 4])
def test_dragbench_finds_its_points_and_what_was_kept(tmp_path, protocol):
    layout = DragBench(made.dragbench(tmp_path, protocol), FULL)
    (name,) = layout.names()
    video, out = made.frames(), tmp_path / "out"
    made.write_video(out / name, video[-1:])
    right = layout.figures(name, out)
    assert right["mean_distance"] < 0.1 and right["outside"] == 100
    changed = video[0].copy()
    changed[:10] = 255 - changed[:10]
    shutil.rmtree(out)
    published = out / "animals" / name.removeprefix("animals-")
    published.mkdir(parents=True)
    Image.fromarray(changed).save(published / "dragged_image.png")
    wrong = layout.figures(name, out)
    assert wrong["mean_distance"] == pytest.approx(STEP * (FRAMES - 1), abs=0.1) and wrong["outside"] < 25


class Colors(torch.nn.Module):
    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.avg_pool2d(picture, 5, 1, 2)


def test_dragbench_takes_features_as_published(tmp_path):
    torch.jit.script(Colors()).save(str(tmp_path / "colors.pt"))
    layout = DragBench(made.dragbench(tmp_path), Choices((WIDTH, HEIGHT), FRAMES, features=tmp_path / "colors.pt"))
    (name,) = layout.names()
    made.write_video(tmp_path / "out" / name, made.frames()[-1:])
    assert layout.figures(name, tmp_path / "out")["mean_distance"] == 0


class Runs:
    def __reduce__(self):
        return os.system, ("touch here",)


def _pickled(folder, value):
    (folder / "animals" / "JH_2023-09-14-1820-16" / "meta_data.pkl").write_bytes(pickle.dumps(value))


MASK = np.zeros((HEIGHT, WIDTH))
WRONG = {
    "vipseg": {
        "no pictures": lambda at: shutil.rmtree(at / "imgs"),
        "no masks": lambda at: shutil.rmtree(at / "panomasks" / "12_abc"),
        "too few frames": lambda at: (at / "imgs" / "12_abc" / "0001.png").unlink(),
        "no number": lambda at: (at / "imgs" / "12_abc" / "0001.png").rename(at / "imgs" / "12_abc" / "one.png"),
        "no picture": lambda at: (at / "imgs" / "12_abc" / "0001.png").write_text("none"),
        "no JSON": lambda at: (at / "trajectories" / "12_abc.json").write_text("{"),
        "no positions": lambda at: (at / "trajectories" / "12_abc.json").write_text('{"3": [[1, 2], [3]]}'),
        "too few positions": lambda at: (at / "trajectories" / "12_abc.json").write_text('{"3": [[1, 2], [3, 4]]}'),
        "colours for numbers": lambda at: Image.new("RGB", (WIDTH, HEIGHT)).save(at / "panomasks/12_abc/0001.png"),
        "small masks": lambda at: Image.new("L", (9, 9)).save(at / "panomasks" / "12_abc" / "0001.png"),
        "unlisted": lambda at: (at / "val.txt").write_text("other"),
    },
    "movebench": {
        "no list": lambda at: (at / "en" / "single_track.txt").unlink(),
        "no caption": lambda at: (at / "en" / "single_track.txt").write_text("Pexels_1.mp4\n"),
        "a way out": lambda at: (at / "en" / "single_track.txt").write_text("../Pexels_1.mp4,text\n"),
        "nothing": lambda at: (at / "en" / "single_track.txt").write_text("# nothing\n"),
        "no track": lambda at: (at / "en" / "track" / "single" / "Pexels_1_tracks.npy").unlink(),
        "no array": lambda at: (at / "en" / "track" / "single" / "Pexels_1_tracks.npy").write_bytes(b"none"),
        "an object": lambda at: np.save(at / "en/track/single/Pexels_1_tracks.npy", np.array([Runs()], object)),
        "a wrong shape": lambda at: np.save(at / "en/track/single/Pexels_1_tracks.npy", np.zeros((FRAMES, 3, 2))),
        "NaN": lambda at: np.save(at / "en/track/single/Pexels_1_tracks.npy", np.full((FRAMES, 2, 2), np.nan)),
        "no first frame": lambda at: (at / "en" / "first_frame" / "Pexels_1.jpg").unlink(),
    },
    "magicbench": {
        "no list": lambda at: (at / "demo_mask.csv").unlink(),
        "a missing cell": lambda at: (at / "demo_mask.csv").write_text(
            "validation_prompt,validation_images,validation_trajectory_maps\nonly,a.png\n"
        ),
        "a way out": lambda at: (at / "demo_mask.csv").write_text(
            "validation_prompt,validation_images,validation_trajectory_maps\na,/b.png,c\n"
        ),
        "no map": lambda at: shutil.rmtree(at / "maps"),
        "a black map": lambda at: made.write_video(at / "maps" / "square", 0 * made.colored()),
        "a short map": lambda at: (at / "maps" / "square" / "0006.png").unlink(),
        "no picture": lambda at: (at / "images" / "square.png").unlink(),
    },
    "dragbench": {
        "no cases": lambda at: shutil.rmtree(at / "animals"),
        "a program": lambda at: _pickled(at, Runs()),
        "no points": lambda at: _pickled(at, {"mask": MASK}),
        "one point": lambda at: _pickled(at, {"points": [[1, 2]], "mask": MASK}),
        "a point outside": lambda at: _pickled(at, {"points": [[1, 2], [500, 2]], "mask": MASK}),
        "a wrong mask": lambda at: _pickled(at, {"points": [[1, 2], [3, 4]], "mask": MASK[:9]}),
        "no picture": lambda at: (at / "animals/JH_2023-09-14-1820-16/original_image.png").unlink(),
    },
}


@pytest.mark.parametrize(("name", "fault"), [(name, fault) for name, faults in WRONG.items() for fault in faults])
def test_a_wrong_form_is_one_clear_sentence(tmp_path, monkeypatch, name, fault):
    monkeypatch.chdir(tmp_path)
    place = MADE[name](tmp_path / "place")
    WRONG[name][fault](place)
    with pytest.raises(InputError, match=r"[.}]$"):
        layout = opened(name, place, FULL)
        layout.case(layout.names()[0])
    assert not (tmp_path / "here").exists()


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_folder_that_is_not_there_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="no folder"):
        opened(name, tmp_path / "missing", FULL)


def test_the_command_measures_resumes_and_says_what_is_missing(tmp_path, capsys):
    made.vipseg(tmp_path / "place")
    out, videos = tmp_path / "lines.jsonl", results(tmp_path / "videos", ["12_abc"])
    size = ["--size", f"{WIDTH}x{HEIGHT}", "--frames", str(FRAMES)]
    command = ["bench", "vipseg", str(tmp_path / "place"), "--videos", str(videos), "--out", str(out), *size]
    with pytest.raises(SystemExit):
        main(command)
    assert "There is no result 2cdbf5f0a7" in capsys.readouterr().err
    assert len(out.read_text().splitlines()) == 2  # the first one is kept
    results(videos, ["2cdbf5f0a7"], step=0, seeds=(10,))
    main([*command, "--json"])
    mean = json.loads(capsys.readouterr().out)["mean"]
    lines = [json.loads(line) for line in out.read_text().splitlines()[1:]]
    assert mean["objmc"] == pytest.approx(np.mean([line["objmc"] for line in lines]))
    assert lines[0]["relative_objmc"] < 0.05 and lines[1]["relative_objmc"] == pytest.approx(1, abs=0.05)
    made.write_video(videos / "12_abc", made.frames(count=FRAMES + 1))
    out.unlink()
    with pytest.raises(SystemExit):
        main(command)
    assert f"has {FRAMES + 1} frames; {FRAMES} were wanted" in capsys.readouterr().err


def test_of_a_video_that_was_made_smoother_the_wanted_frames_are_taken(tmp_path):
    layout = MoveBench(made.movebench(tmp_path), Choices(frames=FRAMES))
    smooth = made.frames(step=STEP // 2, count=2 * FRAMES - 1)
    made.write_video(tmp_path / "out" / "Pexels_1", smooth)
    assert layout.figures("Pexels_1", tmp_path / "out")["epe"] < 0.2


@pytest.mark.parametrize("arguments", [["tap-vid", "x.pkl", "--videos", "v"], ["vipseg", "folder"]])
def test_results_are_for_benchmarks_of_results(arguments, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["bench", *arguments, "--out", str(tmp_path / "out.jsonl")])
    assert "--videos" in capsys.readouterr().err
