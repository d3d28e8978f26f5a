"""Files as others write them, the odd ones too: nothing crashes, and nothing is dropped without a word."""

from pathlib import Path

import numpy as np
import pytest

from dragnuwa.trajectory import TrajectoryError, parse, write_flo
from dragnuwa.trajectory.formats import importing

SAMPLES = Path(__file__).parent / "samples"
WIDTH, HEIGHT = 576, 320

EXPECTED = {
    "kjnodes_flat.json": ("coordinates of KJNodes: 1 track of 3 points", [(12, 30.5)], ["no visibility"]),
    "kjnodes_apostrophes.txt": (
        "coordinates of KJNodes: 2 tracks of 1 to 2 points",
        [(10, 20), (90, 90)],
        ["Fields that are not read: highlighted, pressure."],
    ),
    "kjnodes_zoomed.json": (
        "coordinates of KJNodes: 2 tracks of 2 points",
        [(170.666667, 85.333333), (0, 319)],
        ["Outside of the picture, and kept: 1 point."],
    ),
    "kjnodes_past_the_edge.json": (
        "coordinates of KJNodes: 1 track of 3 points",
        [(560, 300)],
        ["Outside of the picture, and kept: 1 point."],
    ),
    "tracking_points_unequal.json": (
        "tracking points: 3 tracks of 1 to 4 points",
        [(5, 5), (10, 10), (1, 2)],
        ["The tracks differ in length"],
    ),
    "empty.json": ("a list without tracks: 0 tracks.", [], ["There is nothing in it"]),
    "points_store.json": (
        "a points_store of KJNodes: 3 tracks of 1 to 2 points",
        [(50, 60), (300, 200), (10, 10)],
        ["Fields that are not read: canvas."],
    ),
    "table.csv": ("a table (CSV): 2 tracks of 3 points", [(10, 10), (100, 100)], ["no names"]),
    "poses.json": (
        "POSE_KEYPOINT: 3 tracks of 3 points",
        [(288, 80), (288, 120), (20, 40)],
        [
            "Joints that no frame shows (score below 0.3), left out: 1.",
            "Joints that some frames lack, hidden there: 3.",
            "Fields that are not read: animals.",
        ],
    ),
    "poses_in_fractions.json": ("POSE_KEYPOINT: 2 tracks of 1 point", [(288, 80), (288, 160)], []),
}


def test_every_sample_is_expected():
    assert {path.name for path in SAMPLES.iterdir()} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("binary", [False, True])
def test_a_sample_is_read_and_reported(name, binary):
    read_as, starts, notes = EXPECTED[name]
    source = SAMPLES / name
    value = source.read_bytes() if binary else source.read_text(encoding="utf-8")
    found = importing.read(value, width=WIDTH, height=HEIGHT)
    assert found.report.startswith(f"Read {read_as}"), found.report
    assert all(note in found.report for note in notes), found.report
    points, _ = found.trajectories.sample(3, WIDTH, HEIGHT)
    np.testing.assert_allclose(points[:, 0].reshape(-1, 2), np.reshape(starts, (-1, 2)), atol=1e-6)
    assert found.trajectories == parse(value, width=WIDTH, height=HEIGHT)  # the editor reads the same
    assert parse(found.trajectories.to_json(), width=WIDTH, height=HEIGHT) == found.trajectories


def test_joints_that_are_missing_are_hidden_between_where_they_were_seen():
    found = importing.read((SAMPLES / "poses.json").read_text(), width=WIDTH, height=HEIGHT).trajectories
    assert [track.name for track in found.tracks] == ["person 1 nose", "person 1 neck", "person 1 left hand 1"]
    points, visible = found.sample(3, WIDTH, HEIGHT)
    assert visible.tolist() == [[True, False, True], [True, False, False], [True, False, False]]
    np.testing.assert_allclose(points[0], [(288, 80), (308, 84), (328, 88)])  # on a canvas of half the size


def test_a_table_says_what_is_hidden():
    found = importing.read((SAMPLES / "table.csv").read_text(), width=WIDTH, height=HEIGHT).trajectories
    points, visible = found.sample(3, WIDTH, HEIGHT)
    assert [track.name for track in found.tracks] == ["track 1", "track 7"]
    np.testing.assert_allclose(points[0], [(10, 10), (20, 11), (30, 12.5)])
    assert visible.tolist() == [[True, False, True], [True, True, True]]


def test_our_own_json_and_tracks_are_reported_too():
    ours = parse('{"type":"dragnuwa.trajectories","version":1,"tracks":[{"points":[{"x":0,"y":0}],"enabled":false}]}',
                 width=WIDTH, height=HEIGHT)  # fmt: skip
    assert importing.read(ours.to_json(), width=9, height=9).report == (
        "Read trajectories of DragNUWA: 1 track of 1 point.\nSwitched off: 1 track."
    )
    tracks = {"track_path": np.zeros((5, 2, 2), np.float32), "track_visibility": np.ones((5, 2), bool)}
    assert importing.read(tracks, width=9, height=9).report.startswith("Read TRACKS of ComfyUI: 2 tracks of 5 points.")


def test_flow_files_are_followed_and_what_is_lost_is_told(tmp_path):
    flow = np.zeros((48, 64, 2), np.float32)
    flow[..., 0] = 10
    files = [tmp_path / f"{index}.flo" for index in range(3)]
    for file in files:
        file.write_bytes(write_flo(flow))
    found = importing.read_flows(files, interval=16)
    assert found.report == (
        "Read 3 .flo files: 9 tracks of 4 points.\n"
        "A grid of points every 16 pixels of 64 x 48 follows the flow.\n"
        "Left out: 3 points that left the picture, or had no flow, at the first step."
    )
    files[1].write_bytes(write_flo(flow[:-1]))
    with pytest.raises(TrajectoryError, match=r'"1\.flo" is 64 x 47, but "0\.flo" is 64 x 48'):
        importing.read_flows(files, interval=16)
    with pytest.raises(TrajectoryError, match=r"there should be \.flo files"):
        importing.read_flows([], interval=16)


PERSON = {"pose_keypoints_2d": [1, 2, 1]}
CANVAS = {"canvas_width": 4, "canvas_height": 4}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([{"people": 3}], ["POSE_KEYPOINT, frame 1: people", "a list"]),
        ([{"people": []}, 4], ["frame 2: a frame", "it is 4"]),
        ([{"people": []}, {}], ["frame 2", '"people"', "missing"]),
        ([{"people": ["x"]}], ["frame 1, person 1: a person"]),
        ([{"people": [{"pose_keypoints_2d": [1, 2]}]}], ["three numbers a joint", "a list of 2 items"]),
        ([{"people": [{"pose_keypoints_2d": [1, 2, "a"]}]}], ["person 1: pose_keypoints_2d", 'the text "a"']),
        ([{"people": [{"pose_keypoints_2d": [1, float("nan"), 1]}]}], ["pose_keypoints_2d", "NaN"]),
        ([{"people": [PERSON]}], ["canvas_width", "missing"]),
        ([CANVAS | {"people": [PERSON] * 65}], ["people", "at most 64 items"]),
        ("frame,track,x,y,visible\n0,1,2,3", ["Table, line 2", "5 cells", "there are 4"]),
        ("frame,track,x,y,visible\n0,1,2,3,1\n0,1,2,3,1", ["Table, line 3", "frame 0 of track 1 is there twice"]),
        ("frame,track,x,y,visible\n0,1,2,3,1\n1,2,2,3,1", ["frame 1 of track 1 is missing"]),
        ("frame,track,x,y,visible\n-1,1,2,3,1", ["line 2: frame", '"-1"']),
        ("frame,track,x,y,visible\n0,1,=2,3,1", ["line 2: x", '"=2"']),
        ("frame,track,x,y,visible\n0,1,2,nan,1", ["line 2: y", '"nan"']),
        ("frame,track,x,y,visible\n0,1,2,3,maybe", ["line 2: visible", '"maybe"']),
        ("frame,track,x,y,visible\n0,1,9e8,3,1", ["a position in pixels"]),
    ],
)
def test_bad_values_are_refused_with_help(value, words):
    with pytest.raises(TrajectoryError) as caught:
        importing.read(value, width=WIDTH, height=HEIGHT)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert len(str(caught.value)) < 500
