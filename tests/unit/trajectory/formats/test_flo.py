"""Optical flow files, and tracks that follow flow fields."""

import struct
import time

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.trajectory import TrajectoryError, parse, read_flo, tracks_from_flows


def flo(flow):
    """The bytes of a .flo file, as the format is defined."""
    height, width, _ = flow.shape
    return struct.pack("<fii", 202021.25, width, height) + flow.astype("<f4").tobytes()


def constant(x, y, *, width=64, height=48):
    return np.broadcast_to(np.array([x, y], dtype=np.float32), (height, width, 2))


def test_a_file_is_read_by_path_and_by_content(tmp_path):
    flow = np.random.default_rng(0).normal(size=(5, 7, 2)).astype(np.float32)
    path = tmp_path / "frame_0001.flo"
    path.write_bytes(flo(flow))
    for source in (path, str(path), flo(flow), bytearray(flo(flow))):
        found = read_flo(source)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, flow)


def test_opencv_reads_and_writes_the_same(tmp_path):
    flow = np.random.default_rng(1).normal(size=(5, 7, 2)).astype(np.float32)
    path = tmp_path / "flow.flo"
    assert cv2.writeOpticalFlow(str(path), flow)
    np.testing.assert_array_equal(read_flo(path), flow)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["PIEH", "begins with b''"]),
        (b"PIEH\x01\x00", ["PIEH"]),
        (b"<html><body>not found</body>", ["PIEH", "<html>", "Middlebury"]),
        (b"PIEH" + struct.pack("<ii", 0, 4), ["0 x 4"]),
        (b"PIEH" + struct.pack("<ii", -3, 4), ["-3 x 4"]),
        (b"PIEH" + struct.pack("<ii", 2**31 - 1, 2**31 - 1), ["16,777,216 pixels", "2147483647 x 2147483647"]),
        (b"PIEH" + struct.pack("<ii", 4097, 4096), ["16,777,216 pixels", "4097 x 4096"]),
        (b"PIEH" + struct.pack(">ii", 7, 5), ["damaged"]),
        (flo(constant(1, 1))[:-1], ["64 x 48", "24,576 bytes", "only 24,575", "damaged"]),
        (flo(constant(1, 1)) + b"\0", ["24,576 bytes", "there are more"]),
    ],
)
def test_bad_files_are_refused_with_help(tmp_path, data, words):
    path = tmp_path / "bad.flo"
    path.write_bytes(data)
    for source in (path, data):
        with pytest.raises(TrajectoryError) as caught:
            read_flo(source)
        assert all(word in str(caught.value) for word in words), str(caught.value)
    with pytest.raises(TrajectoryError, match=r'"bad\.flo"'):
        read_flo(path)


def test_points_follow_a_constant_flow():
    value = tracks_from_flows([constant(2, -1)] * 3)
    assert value.canvas == (64, 48)
    points, visible = value.sample(4, 64, 48)
    assert points.shape == (4 * 3, 4, 2)  # 8, 24, 40, 56 by 8, 24, 40
    np.testing.assert_allclose(points[0], [(8, 8), (10, 7), (12, 6), (14, 5)], atol=1e-6)
    np.testing.assert_allclose(points[-1], [(56, 40), (58, 39), (60, 38), (62, 37)], atol=1e-6)
    assert visible.all()


def test_points_follow_a_turning_flow():
    # A rotation by 0.1 rad a frame about (32, 24), exact at every pixel and linear between them.
    y, x = np.mgrid[:48, :64]
    cos, sin = np.cos(0.1), np.sin(0.1)
    flow = np.stack([(cos - 1) * (x - 32) - sin * (y - 24), sin * (x - 32) + (cos - 1) * (y - 24)], axis=-1)
    points, visible = tracks_from_flows([flow] * 5).sample(6, 64, 48)
    start = points[:, 0] - [32, 24]
    angle = 0.5
    turned = np.stack(
        [
            np.cos(angle) * start[:, 0] - np.sin(angle) * start[:, 1],
            np.sin(angle) * start[:, 0] + np.cos(angle) * start[:, 1],
        ],
        axis=1,
    )
    kept = visible[:, -1]
    assert kept.sum() >= 6
    np.testing.assert_allclose(points[kept, -1], turned[kept] + [32, 24], atol=1e-5)


def test_the_flow_is_read_between_pixels():
    flow = np.zeros((8, 8, 2), dtype=np.float32)
    flow[:, :, 0] = 0.25
    flow[:, :, 1] = np.arange(8) / 8  # grows to the right: at x = 4 it is 1/2, at x = 4.25 it is 17/32
    points, _ = tracks_from_flows([flow, flow], interval=8).sample(3, 8, 8)
    np.testing.assert_allclose(points[0], [(4, 4), (4.25, 4.5), (4.5, 4.5 + 17 / 32)], atol=1e-6)


def test_points_that_leave_are_hidden_and_rest():
    value = tracks_from_flows([constant(10, 0)] * 3)
    points, visible = value.sample(4, 64, 48)
    assert sorted(set(points[:, 0, 0].tolist())) == [8, 24, 40]  # 56 + 10 is outside at once: left out
    leaving = visible[points[:, 0, 0] == 40]
    assert leaving.tolist() == [[True, True, True, False]] * 3  # 40, 50, 60, 70
    np.testing.assert_allclose(points[points[:, 0, 0] == 40][:, -1, 0], 60)


def test_unknown_flow_is_not_followed():
    flow = constant(1, 0).copy()
    flow[:, 16:32] = 1e10  # as the format marks it
    flow[0:16, 48:] = np.nan
    points, visible = tracks_from_flows([flow] * 8).sample(9, 64, 48)
    starts = {tuple(start) for start in points[:, 0].tolist()}
    assert (24, 24) not in starts and (56, 8) not in starts and (8, 8) in starts and (56, 24) in starts
    towards = visible[(points[:, 0, 0] == 8)]  # 8 .. 15 are known, 16 is not
    assert towards.tolist() == [[True] * 9] * 3
    longer = tracks_from_flows([flow] * 12).sample(13, 64, 48)[1][0]
    assert longer.tolist() == [True] * 9 + [False] * 4
    assert np.isfinite(points).all()
    np.testing.assert_allclose(points[0, :, 0], np.arange(8, 17), atol=1e-6)  # unknown neighbours do not bend the way


def test_beside_unknown_flow_the_known_part_counts():
    flow = np.full((8, 8, 2), [0.4, 0], dtype=np.float32)
    flow[:, 6:] = 1e10
    points, visible = tracks_from_flows([flow] * 5).sample(6, 8, 8)
    # At 5.2 the weight of the known column is 0.8, at 5.6 it is 0.4, and the point is lost.
    np.testing.assert_allclose(points[0, :, 0], [4, 4.4, 4.8, 5.2, 5.6, 5.6], atol=1e-6)
    assert visible[0].tolist() == [True] * 5 + [False]


def test_a_small_picture_has_one_point():
    points, _ = tracks_from_flows([constant(0, 0, width=3, height=2)]).sample(2, 3, 2)
    assert points[:, 0].tolist() == [[1, 1]]


def test_tensors_are_fields_too():
    flow = torch.zeros(48, 64, 2, dtype=torch.bfloat16, requires_grad=True)
    assert len(tracks_from_flows([flow], interval=24).tracks) == 3 * 2


def test_parse_reads_a_flo_file():
    value = parse(flo(constant(2, 1)), width=576, height=320)
    assert value == tracks_from_flows([constant(2, 1)])
    points, _ = value.sample(2, 128, 96)  # twice the size of the field: twice the motion
    np.testing.assert_allclose(points[0], [(16, 16), (20, 18)], atol=1e-6)


@pytest.mark.parametrize(
    ("flows", "interval", "words"),
    [
        ([], 16, ["1 to 9,999 fields", "0"]),
        ([np.zeros((4, 4))], 16, ["field 1", "[height, width, 2]", "[4, 4]"]),
        ([constant(0, 0), constant(0, 0, width=32)], 16, ["field 2", "[48, 32, 2]", "[48, 64, 2]"]),
        ([np.zeros((0, 4, 2))], 16, ["field 1", "no pixels"]),
        ([np.zeros((4, 4, 2), dtype=int)], 16, ["field 1", "int64"]),
        ([["a"]], 16, ["field 1"]),
        ([constant(0, 0, width=512, height=256)], 2, ["32,768 tracks", "16,384", "larger interval"]),
        ([constant(0, 0)], 0, ["interval", "0"]),
        ([constant(500, 0)], 16, ["no point", "out of the picture"]),
        ([constant(np.nan, 0)], 16, ["no point", "unknown"]),
    ],
)
def test_bad_flows_are_refused_with_help(flows, interval, words):
    with pytest.raises(TrajectoryError) as caught:
        tracks_from_flows(flows, interval=interval)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_places_are_counted_before_they_are_followed():
    """16,384 points through 9,999 fields of the same memory would be 2.6 GB."""
    flows = [np.zeros((128, 128, 2), np.float32)] * 9_999
    begin = time.process_time()
    with pytest.raises(TrajectoryError, match=r"16,384 tracks in 10,000 frames has more than 1,048,576 places"):
        tracks_from_flows(flows, interval=1)
    assert time.process_time() - begin < 2
