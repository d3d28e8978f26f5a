"""Tracks in files of NumPy and PyTorch, told by what they contain; and files that are none."""

import io
import struct
import zipfile

import numpy as np
import pytest
import torch

from dragnuwa.trajectory import TrajectoryError, parse
from dragnuwa.trajectory.formats import importing

SIZE = {"width": 200, "height": 100}
FRAMES, TRACKS = 9, 3
HIDDEN = (2, 4)  # a track and a frame


def tracks() -> np.ndarray:
    """`[N, T, 2]`: three points far apart, which go a little to the right."""
    begin = np.array([[20.0, 20], [100, 50], [150, 90]])
    return (begin[:, None] + np.arange(FRAMES)[:, None] * (2.0, 0.5)).astype(np.float32)


def seen() -> np.ndarray:
    """`[N, T]` bool."""
    found = np.ones((TRACKS, FRAMES), bool)
    found[HIDDEN] = False
    return found


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def pth(value: object) -> bytes:
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


def ati() -> bytes:
    with_seen = np.concatenate([8 * tracks(), seen()[..., None]], -1)[:, :, None]  # [N, T, 1, 3]
    return pth(npz(array=with_seen.astype(np.float32)))


@pytest.mark.parametrize(
    "data",
    [
        npy(tracks()),
        npy(tracks().swapaxes(0, 1)),
        npy(tracks().swapaxes(0, 1)[None].astype(np.float64)),
        npz(tracks=tracks().swapaxes(0, 1)),
        npz(points=tracks(), queries=np.zeros((TRACKS, 3))),
        pth(torch.from_numpy(tracks())),
        pth({"coords": torch.from_numpy(tracks()), "size": 3}),
    ],
)
def test_every_order_of_axes_gives_the_same_tracks(data):
    found = parse(data, **SIZE)
    points, visible = found.sample(FRAMES, SIZE["width"], SIZE["height"])
    np.testing.assert_allclose(points, tracks(), atol=1e-3)
    assert np.asarray(visible).all()


@pytest.mark.parametrize(
    "data",
    [
        npz(tracks=tracks(), visibility=seen()),
        npz(pred_tracks=tracks().swapaxes(0, 1)[None], pred_visibility=seen().T[None, ..., None].astype(np.float32)),
        npz(points=tracks(), occluded=~seen()),
        npz(points=tracks(), confidence=np.where(seen(), 0.9, 0.1)),
        npy(np.concatenate([tracks(), seen()[..., None]], -1)),
        npy(np.where(seen()[..., None], tracks(), np.nan)),
        ati(),
    ],
)
def test_what_is_not_seen_is_hidden(data):
    found = parse(data, **SIZE)
    points, visible = found.sample(FRAMES, SIZE["width"], SIZE["height"])
    np.testing.assert_allclose(points, tracks(), atol=1e-3)
    np.testing.assert_array_equal(np.asarray(visible), seen())


def test_the_report_says_what_was_decided():
    found = importing.read(npz(tracks=tracks().swapaxes(0, 1), ids=np.arange(TRACKS)), **SIZE)
    assert found.report.startswith("Read arrays of NumPy: 3 tracks of 9 points.")
    assert "The first of its axes is the time." in found.report and "Arrays that are not read: ids." in found.report
    fractions = importing.read(npy(tracks() / (200, 100)), **SIZE)
    assert 'set positions to "fractions"' in fractions.report
    assert "tracks of ATI" in importing.read(ati(), **SIZE).report
    one = importing.read(npy(tracks()[0]), **SIZE)
    assert "1 track of 9 points" in one.report


def test_a_third_number_that_is_a_depth_hides_nothing():
    found = importing.read(npy(np.concatenate([tracks(), np.full((TRACKS, FRAMES, 1), -3.5)], -1)), **SIZE)
    assert "as no visibility does, and are not read" in found.report
    assert np.asarray(found.trajectories.sample(FRAMES, 200, 100)[1]).all()


def claiming(shape: str, kind: str = "<f8") -> bytes:
    """A file of NumPy of 16 bytes of data."""
    header = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(16)


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tracks.npy", bytes(200 * 2**20))
    return file.getvalue()


class Evil:
    def __reduce__(self):
        return (print, ("this must not run",))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (claiming("(1000000000, 1000, 2)"), "cannot be read"),
        (claiming("(-1, 3, 2)"), "cannot be read"),
        (claiming("(2,)", "|O"), "cannot be read"),
        (b"\x93NUMPY", "cannot be read"),
        (npy(np.array(["a"])), "cannot be read"),
        (bomb(), "MiB in all"),
        (b"PK\x03\x04 and no more", "damaged"),
        (npz(tracks=tracks())[:-40], "damaged"),
        (npz(a=tracks(), b=tracks()), "one array of positions"),
        (npz(a=np.zeros(3)), "none"),
        (npz(tracks=np.zeros((2, 3, 4, 2))), "of one video"),
        (npz(tracks=tracks(), visibility=np.ones(4)), "visibility should have a number for each"),
        (npy(np.full((2, 3, 2), np.nan)), "known positions"),
        (npy(np.full((2, 3, 2), 1e30)), "position"),
        (pth(Evil()), "something else than numbers"),
        (pth("text"), "one array of positions"),
        (pth(b"PK\x03\x04"), "damaged"),
    ],
)
def test_what_is_no_file_of_tracks_is_told(data, message, capsys):
    with pytest.raises(TrajectoryError, match=message):
        parse(data, **SIZE)
    assert capsys.readouterr().out == ""
