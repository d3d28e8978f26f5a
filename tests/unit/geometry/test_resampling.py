"""What becomes smaller does not alias, and what lies between pixels is smooth."""

import cv2
import numpy as np
import torch

from dragnuwa.carry.composite import CarryInputs, carry_at_full_size
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.geometry.resampling import WHITE, doubled, look_up, smoothed
from dragnuwa.trajectory import parse
from tests.support.drawings import objects_value

SCALE = 0.35


def fine_lines(width: int, height: int) -> np.ndarray:
    """`[h, w, 3]` float32: stripes of a pixel, and others that turn."""
    y, x = np.mgrid[:height, :width]
    lines = np.where(y < height / 2, x % 2, (x + y // 3) % 3 == 0)
    return np.repeat(lines[..., None], 3, -1).astype(np.float32)


def test_a_smaller_picture_is_what_its_pixels_show_on_average():
    picture = fine_lines(200, 160)
    width, height = 70, 56
    x, y = ((np.arange(length) + 0.5) / SCALE - 0.5 for length in (width, height))
    found = look_up(torch.from_numpy(picture).movedim(-1, 0), x + 1j * y[:, None], "bicubic", SCALE)
    expected = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    error = np.abs(found.movedim(0, -1).numpy() - expected)[3:-3, 3:-3]
    assert error.mean() < 0.08  # 0.36 without
    assert error.max() < 0.4


def test_what_keeps_its_size_or_grows_is_left_as_it_is():
    picture = torch.rand(3, 8, 9)
    assert smoothed(picture, 1.0) is picture
    assert smoothed(picture, 1.7) is picture


def test_a_part_that_is_seen_is_as_in_the_whole():
    picture = torch.rand(3, 60, 80)
    x, y = np.arange(20) / 0.5, np.arange(16) / 0.5
    whole = look_up(picture, x + 1j * y[:, None], "bicubic", 0.5)
    part = look_up(picture, x[4:9] + 1j * y[3:7, None], "bicubic", 0.5)
    assert (whole[:, 3:7, 4:9] - part).abs().max() < 1e-5


def test_an_object_that_becomes_small_does_not_alias():
    picture = fine_lines(480, 320)
    outline = [{"x": x, "y": y} for x, y in ((0.1, 0.1), (0.9, 0.1), (0.9, 0.4), (0.1, 0.4))]
    moves = {"keys": [{"t": 1, "scale": SCALE}]}
    drawing = parse(objects_value({"outline": [outline], "edge": "exact", "motion": moves}), width=480, height=320)
    video = carry_at_full_size(CarryInputs(torch.from_numpy(picture)[None], drawing, ClipShape(480, 320, 2))).video
    inside = video[-1, 75:85, 190:290].numpy()  # of stripes of a pixel
    assert inside.std() < 0.05  # 0.35 without


def test_twice_as_large_it_has_the_same_pixels_and_a_wave_between_them():
    y, x = np.mgrid[:40, :60] / 2
    wave = np.stack([0.5 + 0.4 * np.cos(k * x) * np.cos(0.7 * y) for k in (0.5, 1.0, 1.5)], -1).astype(np.float32)
    found = doubled(wave[::2, ::2]) / WHITE
    assert np.abs(found[::2, ::2] - wave[::2, ::2]).max() < 1e-4
    error = np.abs(found - wave)[8:-8, 8:-8]
    assert error[..., :2].max() < 0.003  # 0.021 by bicubic interpolation
    assert error.max() < 0.012


def test_twice_as_large_black_beside_white_stays_black():
    step = np.zeros((10, 12, 3), np.float32)
    step[:, 6:] = 1
    found = doubled(step)
    assert found.shape == (20, 24, 3) and found.dtype == np.uint16
    assert found[:, :11].max() < 0.15 * WHITE and found[:, 12:].min() > 0.85 * WHITE
