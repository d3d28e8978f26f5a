"""Files as others write them, the odd ones too: nothing crashes, and nothing is dropped without a word."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.trajectory import TrajectoryError, parse, write_flo
from dragnuwa.trajectory.formats import importing
from dragnuwa.trajectory.formats.reference import IN_FRACTIONS

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
    # What functions of KJNodes, ComfyUI-LTXVideo and ComfyUI's node for ATI gave for tracks of ours.
    "kjnodes_spline_editor_1.json": ("coordinates of KJNodes: 1 track of 9 points", [(2, 274)], ["no visibility"]),
    "kjnodes_spline_editor_5.json": (
        "coordinates of KJNodes: 5 tracks of 9 points",
        [(125, 24), (317, 61), (205, 204), (175, 175), (247, 270)],
        [],
    ),
    "kjnodes_interpolated.txt": ("coordinates of KJNodes: 1 track of 9 points", [(2, 274)], []),
    "ltx_track_editor.json": (
        "coordinates of KJNodes: 5 tracks of 17 points",
        [(125, 24), (317, 61), (205, 204), (175, 175), (247, 270)],
        [],
    ),
    "ati_array.json": (
        "tracking points: 5 tracks of 11 points",
        [
            (125.0306931, 24.0424614),
            (317.4019165, 61.3814888),
            (204.6811218, 203.9747162),
            (174.6437836, 174.6396484),
            (246.5421295, 269.7647095),
        ],
        ["The third number of a point is read as whether it is seen"],
    ),
    "cotracker.json": (
        "tracking points: 2 tracks of 3 points",
        [(25, 40), (100, 100)],
        ["It holds no timing, names or colours", "more than 0.5 is"],
    ),
    "after_effects_tracker.txt": (
        "keyframes of After Effects: 1 track of 3 points",
        [(469.0625, 262.875)],  # in a source of twice the picture's size
        [
            "those of the source, 1152 x 640.",
            "Properties that are not read: Attach Point, Confidence, Search Size.",
        ],
    ),
    "after_effects_layer.txt": (
        "keyframes of After Effects: 2 tracks of 5 points",
        [(100, 80), (144, 240)],
        [
            "Pixels of layers are those of the composition",
            "Properties that are not read: Anchor Point, Rotation.",
            "Between keyframes the way is straight: 1 track.",
        ],
    ),
    "nuke_time_value.txt": (
        "tracker text (Nuke, Natron): 1 track of 50 points",
        [(1, 319)],
        ["y is read from the bottom upwards", "Frames are missing"],
    ),
    "natron_columns.txt": ("tracker text (Nuke, Natron): 1 track of 3 points", [(25.5, 25)], []),
    "table_semicolons.csv": (
        "a table (CSV): 2 tracks of 2 points",
        [(120, 80.5), (20, 10)],
        ["Columns that are not read: name.", "Hidden, since score is below 0.5: 0 points."],
    ),
    "table_blender.csv": (
        "a table (CSV): 1 track of 2 points",
        [(144, 80)],
        ["u and v are read as fractions of the picture from its bottom left corner."],
    ),
    "table_blender_script.tsv": (  # of our script in Blender's Python (bpy 4.5.15); one marker is missing, one muted
        "a table (CSV): 2 tracks of 4 points",
        [(144, 80), (216, 40)],
        ["u and v are read as fractions of the picture from its bottom left corner."],
    ),
    "fl_path_animator_coordinates.json": (  # what its own code (1.0.7, fac588f) gave for two paths on a canvas of 512
        "coordinates of KJNodes: 2 tracks of 121 points",
        [(72, 250), (504, 160)],
        [],
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
    value = source.read_bytes() if binary else source.read_bytes().decode("utf-8")
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


def test_joints_are_counted_before_they_are_read():
    """A list of frames may hold one person many times: 192 million joints in a few kilobytes."""
    person = {key: [0.5, 0.5, 1.0] * 10_000 for key in ("pose_keypoints_2d", "face_keypoints_2d")}
    frames = [{"people": [person] * 16}] * 600
    begin = time.process_time()
    with pytest.raises(TrajectoryError, match=r"at most 1,048,576 positions of joints, but there are 192,000,000"):
        importing.read(frames, width=WIDTH, height=HEIGHT)
    assert time.process_time() - begin < 2


def test_a_long_heading_is_read_whole():
    extra = ",".join(f"column {index}" for index in range(900))
    found = importing.read(f"frame,x,{extra},y\n0,1,{',' * 899},2\n", width=WIDTH, height=HEIGHT)
    assert found.trajectories.tracks[0].points[0].x == 1 / WIDTH
    assert "Columns that are not read: column 0, column 1," in found.report


def test_an_odd_value_of_a_point_is_no_crash():
    found = importing.read([{"x": 5, "y": 5, "points": 1}], width=WIDTH, height=HEIGHT)
    assert "1 track of 1 point." in found.report and "Fields that are not read: points." in found.report
    assert importing.read(write_flo(np.ones((32, 32, 2))), width=WIDTH, height=HEIGHT).form == "1 .flo file"


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


SWITCH = "switch Separate Dimensions off, and copy it again."
SEPARATED = (
    "Adobe After Effects 8.0 Keyframe Data\nTransform\t{}\n\tFrame\t{}\n\t0\t9\n\n"
    "Transform\t{}\n\tFrame\t{}\n\t0\t9\n\n"
)
AFTER_EFFECTS = "Adobe After Effects 8.0 Keyframe Data\nTransform\tPosition\n\tFrame\tX pixels\tY pixels\n"
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
        ("frame,id,x,y\n" + "".join(f"{k},{k % 2},1,1\n" for k in range(0, 20_000, 9999)), ["10,000 frames"]),
        ("frame,x,y\n" + "0,1,2\n" * 16_385, ["at most 16,384 tracks, but frame 0 has more rows"]),
        (
            "frame,id,x,y\n" + "".join(f"{9 * k},{k % 300},1,1\n" for k in range(1000)),
            ["1,048,576 places", "300 tracks"],
        ),
        ("frame,track,x,y,visible\n0,1,1_0,3,1", ["line 2: x", '"1_0"']),
        ("frame,track,x,y,visible\n0,1,\uff11,3,1", ["line 2: x", "a position in pixels"]),
        ("frame,track,x,y,visible\n1_0,1,1,3,1", ["line 2: frame", '"1_0"']),
        ("frame,track,x,y,visible\n0,,1,3,1", ["line 2: track", "is empty"]),
        ("frame,track,x,y,visible\n0,1,2,3,1\n9999999999,1,2,3,1", ["line 3: frame", "9999999999"]),
        ("frame,track,x,y,visible\n0,1,2,3,1\n999999999,1,2,3,1", ["10,000 frames", "from frame 0 to 999,999,999"]),
        ("frame;x;y\n0;1,5,5;2", ["line 2: x", "1.5,5"]),
        ("frame,track,posx,posy\n0,1,2,3", ["a heading", 'lacks "x", "y"', '"u" and "v"']),
        ('frame,"x,y\n0,1,2\n1,1,2', ["Table, line", "cannot be read"]),
        ('frame,x,y\n0,1,2\n1,"1,2', ["Table, line 3", "cannot be read"]),
        ("frame,x,x,y\n0,1,2,3", ['has "x" twice']),
        ("frame,x,y\n0,1," + "2" * 200_000, ["line 2", "cannot be read"]),
        ("frame,x,y\n" + "," * (2**20 + 1), ["a row of 1,048,577 characters"]),
        ("frame,x,y\n" + "\n" * 2**21, ["at most 1,114,112 rows"]),
        ("1 2 3\n1 2 3", ["line 2", "frame 1 is there twice"]),
        ("1 2 3\n2 2", ["line 2", "a frame, then x and y of 1 track", "2 numbers"]),
        ("1 2 3\n2.5 2 3", ["line 2: frame", '"2.5"']),
        ("# nothing is said\n", ["should be JSON", "What can be read"]),
        ("# frame x y\n", ["rows of frame, x and y", "there are none"]),
        ("1 2 3\n20002 2 3", ["10,000 frames", "from frame 1 to 20,002"]),
        ("1 2 3\n2 2 nan", ["line 2: y", '"nan"']),
        ("# frame x1 y1 x2 y2\n1 2 3", ["line 2", "a frame, then x and y of 2 tracks", "3 numbers"]),
        (SEPARATED.format("X Position", "X pixels", "Y Position", "Y pixels"), ["dimensions are separated", SWITCH]),
        (SEPARATED.format("X 位置", "X pixels", "Y 位置", "Y pixels"), ["dimensions are separated", SWITCH]),
        ("Adobe After Effects 8.0 Keyframe Data\n", ['"X pixels"', "there are none", "Copy the keyframes"]),
        (AFTER_EFFECTS + "\t0\t1\n", ["line 4", "a frame, x and y", "there are 2"]),
        (AFTER_EFFECTS + "\t0\t1\t2\n\t0\t1\t2\n", ["line 5", "later than the one before it"]),
        (AFTER_EFFECTS + "\t0\tinf\t2\n", ["line 4: x", '"inf"']),
        (AFTER_EFFECTS + "\t0\t1\t2\n\t1e7\t1\t2\n", ["10,000 frames", "to 10,000,000"]),
        (AFTER_EFFECTS.replace("\n", "\n\tSource Width\t0\n", 1), ["Source Width", "1 to 65536", '"0"']),
        ("Hello", ["Paste the text again", "What can be read", "the pack's own JSON", "After Effects", "Nuke", "CSV"]),
        ("5", ["an object or a list", "TRACKS of ComfyUI", "KJNodes", ".flo"]),
        ("frame,track,x,y,visible\n-1,1,2,3,1", ["line 2: frame", '"-1"']),
        ("frame,track,x,y,visible\n0,1,=2,3,1", ["line 2: x", '"=2"']),
        ("frame,track,x,y,visible\n0,1,2,nan,1", ["known positions", "all 1 are lost"]),
        ("frame,track,x,y,visible\n0,1,2,3,maybe", ["line 2: visible", '"maybe"']),
        ("frame,track,x,y,visible\n0,1,9e8,3,1", ["a position in pixels"]),
    ],
)
def test_bad_values_are_refused_with_help(value, words):
    with pytest.raises(TrajectoryError) as caught:
        importing.read(value, width=WIDTH, height=HEIGHT)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert len(str(caught.value)) < 700


HEADINGS = [
    "frame,track,x,y,visible\n",
    "frame;x;y\n",
    "frame\tu\tv\n",
    "# frame x y\n",
    "1 2 3\n",
    AFTER_EFFECTS,
    "PIEH",
]
NOISE = st.text(alphabet="0123456789.,;:\t\n\r \"'-+eE#/_[]{}xyFrameTransforrPosition\x00\ud800\u00e9", max_size=60)


@given(st.sampled_from(HEADINGS), NOISE, st.booleans())
@settings(deadline=None, derandomize=True, max_examples=600)
def test_noise_below_a_heading_never_fails_in_another_way(heading, noise, binary):
    value = heading + noise
    try:
        found = importing.read(value.encode("utf-8", "replace") if binary else value, width=WIDTH, height=HEIGHT)
    except TrajectoryError:
        return
    assert found.report.encode("utf-8")
    assert parse(found.trajectories.to_json(), width=9, height=9) == found.trajectories


FIELDS = (
    "x", "y", "h1x", "h1y", "points", "name", "color", "isSinglePoint", "people", "pose_keypoints_2d", "canvas_width",
    "canvas_height", "track_path", "track_visibility", "type", "tracks", "\ud800", "paths",
    "canvas_size", "width", "startTime", "interpolation",
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 500) | st.floats() | st.sampled_from(["", "x", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(values)
@settings(deadline=None, derandomize=True, max_examples=1500)
def test_values_of_any_shape_never_fail_in_another_way(value):
    try:
        found = importing.read(value, width=WIDTH, height=HEIGHT)
    except TrajectoryError:
        return
    assert found.report.encode("utf-8", "backslashreplace")
    assert parse(found.trajectories.to_json(), width=9, height=9) == found.trajectories


def test_separated_dimensions_beside_a_position_are_reported():
    text = SEPARATED.format("X Position", "X pixels", "Y Position", "Y pixels") + AFTER_EFFECTS.split("\n", 1)[1]
    found = importing.read(text + "\t0\t5\t5\n\t1\t6\t5\n", width=96, height=64)
    assert len(found.trajectories.tracks) == 1
    assert f"A position with separated dimensions is not read: right-click Position, {SWITCH}" in found.report


def table(text):
    found = importing.read(text, width=WIDTH, height=HEIGHT)
    frames = max(len(track.points) for track in found.trajectories.tracks)
    points, visible = found.trajectories.sample(max(frames, 2), WIDTH, HEIGHT)
    return points, visible.tolist(), [track.name for track in found.trajectories.tracks], found.report


@pytest.mark.parametrize("column", ["id", "track_id", "point_id", "particle", "bodypart"])
def test_the_column_of_the_track_has_many_names(column):
    points, visible, _, _ = table(f"frame,{column},x,y\n0,1,10,20\n0,2,30,40\n1,1,11,20\n1,2,31,40\n")
    np.testing.assert_allclose(points, [[(10, 20), (11, 20)], [(30, 40), (31, 40)]], atol=1e-6)
    assert visible == [[True] * 2] * 2


def test_two_columns_of_tracks_count_together():
    rows = "".join(f"{t},{a},{p},{10 * a + p},{t}\n" for t in (0, 1) for a in (1, 2) for p in (1, 2))
    points, _, names, report = table("frame,track_id,point_id,x,y\n" + rows)
    assert points[:, 0, 0].tolist() == [11, 12, 21, 22] and names == ["1 1", "1 2", "2 1", "2 2"]
    assert "Tracks are told apart by track_id, point_id." in report


def test_two_things_at_once_are_two_tracks():
    points, _, _, report = table("frame,x,y\n0,10,20\n0,30,40\n1,11,20\n1,31,40\n")
    assert points[:, :, 0].tolist() == [[10, 11], [30, 31]] and "tracks by their order" in report
    points, _, names, report = table("frame,animal,x,y\n0,cat,10,20\n0,dog,30,40\n1,dog,31,40\n1,cat,11,20\n")
    assert points[:, :, 0].tolist() == [[10, 11], [30, 31]] and names == ["cat", "dog"]
    assert "Tracks are told apart by animal." in report


def test_an_id_of_each_row_is_no_track():
    points, _, _, report = table("id,frame,x,y\n1,0,10,20\n2,1,11,20\n3,2,12,20\n")
    assert points[:, :, 0].tolist() == [[10, 11, 12]] and "id numbers the rows" in report


@pytest.mark.parametrize(
    ("column", "cells"),
    [("confidence", "0.9 0.2 0.8"), ("likelihood", "90 20 80"), ("occluded", "0 1 false"), ("visible", "1 0.1 0.9"),
     ("visibility", "true  true"), ("muted", "0 1 0")],
)  # fmt: skip
def test_a_column_that_decides_is_not_ignored(column, cells):
    lines = [f"{k},{k},{k},{cell}" for k, cell in enumerate(cells.split(" "))]
    assert table(f"frame,x,y,{column}\n" + "\n".join(lines))[1] == [[True, False, True]]


def test_scores_that_are_no_probabilities_hide_nothing():
    _, visible, _, report = table("frame,x,y,score\n0,1,2,-3\n1,1,2,500\n")
    assert visible == [[True, True]] and "Values of score beyond 0 to 100 are not read." in report


@pytest.mark.parametrize("lost", ["1,,", "1,nan,NaN", "1,null,5", "1,N/A,", ""])
def test_gaps_and_empty_cells_are_hidden_points(lost):
    points, visible, _, report = table(f"frame,x,y\n0,10,20\n{lost}\n2,30,40\n")
    np.testing.assert_allclose(points, [[(10, 20), (20, 30), (30, 40)]], atol=1e-6)
    assert visible == [[True, False, True]] and "Lost points, hidden: 1 of 1 track." in report


def test_a_table_of_blenders_add_on_is_said_and_can_be_turned():
    text = "frame;x;y\n1;288;300\n2;290;290\n"
    points, _, _, report = table(text)
    assert points[0, 0].tolist() == [288, 300] and "write y_up instead of y" in report
    points, _, _, report = table(text.replace("y", "y_up", 1))
    assert points[0, 0].tolist() == [288, 20] and "y_up is read from the bottom" in report


@pytest.mark.parametrize("text", ["[[[0.5, 0.25], [0.75, 0.5]]]", "frame,x,y\n0,0.5,0.25\n1,0.75,0.5\n"])
def test_a_size_of_1_reads_fractions(text):
    points, _ = importing.read(text, width=1, height=1).trajectories.sample(2, WIDTH, HEIGHT)
    np.testing.assert_allclose(points, [[(288, 80), (432, 160)]], atol=1e-6)


@pytest.mark.parametrize(
    "value",
    ["[[[0, 0]]]", "[[[0.5, 0.5], [40, 0.5]]]", "frame,u,v\n0,0.5,0.25\n1,0.75,0.5\n", "[]", "[[[1, 2], [3, 4]]]"],
)
def test_other_drags_are_no_fractions(value):
    assert IN_FRACTIONS not in importing.read(value, width=WIDTH, height=HEIGHT).report
