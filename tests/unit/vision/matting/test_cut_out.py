"""Cutting out along an edge: what is drawn with a known opacity comes out with it."""

import cv2
import numpy as np
import pytest

from benchmarks.edge_cases import KINDS, edge_case
from dragnuwa.vision.matting import is_opacity, matte, remains
from dragnuwa.vision.matting.alpha import own_colors


def whole(found, shape: tuple[int, int]) -> np.ndarray:
    opacity = np.zeros(shape, np.float32)
    height, width = found.opacity.shape
    opacity[found.top : found.top + height, found.left : found.left + width] = found.opacity
    return opacity


@pytest.mark.parametrize("error", [0, 1.5])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_nearer_to_the_truth_than_half_of_the_cuts_error(kind: str, error: float):
    case = edge_case(kind, 1, side=256, error=error)
    cut = case.mask.astype(np.float32)
    found = whole(matte(case.image, cut), cut.shape)
    assert np.abs(found - case.opacity).sum() < 0.5 * np.abs(cut - case.opacity).sum()


def test_thin_lines_keep_their_ends():
    case = edge_case("thin", 0, side=256)
    found = whole(matte(case.image, case.mask.astype(np.float32)), case.opacity.shape)
    for row, column in case.tips:
        near = (slice(max(row - 3, 0), row + 4), slice(max(column - 3, 0), column + 4))
        assert found[near].sum() == pytest.approx(case.opacity[near].sum(), rel=0.15)


def with_hair(length: int, ends: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A dark head of radius 90 before a wall, 512x512 px, with strands of hair that stand out by `length` px; their
    last third has an opacity of `ends`. And the head without them."""
    hair = np.zeros((512, 512), np.float32)
    for angle in np.radians(range(0, 360, 20)):
        for part, opacity in ((length, ends), (length * 2 // 3, 1.0)):
            x, y = (round(256 + (90 + part) * turn) for turn in (np.cos(angle), np.sin(angle)))
            cv2.line(hair, (256, 256), (x, y), opacity, 2, cv2.LINE_AA)
    head = cv2.circle(np.zeros((512, 512), np.float32), (256, 256), 90, 1.0, -1)
    opacity = np.maximum(hair, head)[..., None]
    noise = np.random.default_rng(0).normal(0, 0.004, (512, 512, 1)).astype(np.float32)
    return (opacity * (0.2, 0.13, 0.1) + (1 - opacity) * (0.85, 0.86, 0.9) + noise).astype(np.float32), head


def beside_the_head(head: np.ndarray, first: int, last: int) -> np.ndarray:
    away = cv2.distanceTransform((head < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    return (away >= first) & (away < last)


def test_strands_of_hair_go_along_beyond_the_usual_band():
    """Seen with a portrait whose curls stayed on the wall: the band ends 10 px beside the head here."""
    image, head = with_hair(20)
    found = whole(matte(image, head), head.shape)
    dark = (image.mean(-1) < 0.3) & beside_the_head(head, 12, 17)
    assert dark.sum() > 50 and found[dark].mean() > 0.8


def test_faint_ends_of_hair_are_cleared_from_the_ground():
    image, head = with_hair(27, ends=0.35)
    found = matte(image, head)
    part = (slice(found.top, found.top + len(found.opacity)), slice(found.left, found.left + found.opacity.shape[1]))
    hole = np.zeros(head.shape, bool)
    hole[part] = remains(image[part], found.opacity, (512, 512))
    left = (image.mean(-1) < 0.7) & ~hole
    assert not left.any()


def test_where_colours_tell_nothing_the_cut_stays():
    image = np.random.default_rng(0).random((96, 128, 3)).astype(np.float32)
    mask = np.zeros((96, 128), np.float32)
    mask[30:70, 40:90] = 1
    np.testing.assert_array_equal(whole(matte(image, mask), mask.shape), mask)


def test_a_hard_edge_is_no_wider_than_the_picture_shows():
    mask = np.zeros((96, 128), np.float32)
    mask[30:70, 40:90] = 1
    image = np.where(mask[..., None] > 0, (0.9, 0.2, 0.1), (0.2, 0.3, 0.4)).astype(np.float32)
    np.testing.assert_allclose(whole(matte(image, cv2.GaussianBlur(mask, (3, 3), 0)), mask.shape), mask, atol=0.02)


def test_an_opacity_is_kept():
    rows, columns = np.mgrid[:128, :128]
    soft = ((40 - np.hypot(columns - 64, rows - 64)) / 30 + 0.5).clip(0, 1).astype(np.float32)
    assert is_opacity(soft) and not is_opacity((soft > 0.5).astype(np.float32))
    image = np.random.default_rng(0).random((128, 128, 3)).astype(np.float32)
    np.testing.assert_array_equal(whole(matte(image, soft), soft.shape), soft)


def test_colours_are_the_foregrounds_and_exactly_the_pictures_where_it_is_opaque():
    case = edge_case("blurred", 3, side=192)
    colors = own_colors(case.image, case.opacity)
    soft = (case.opacity > 0.2) & (case.opacity < 0.9)
    error, before = (np.abs(each - case.front)[soft].mean() for each in (colors, case.image))
    assert error < 0.3 * before
    np.testing.assert_array_equal(colors[case.opacity == 1], case.image[case.opacity == 1])


def test_what_an_outline_missed_is_left_behind_but_not_a_neighbour_of_other_colors():
    """A ball whose outline is 3 px too small, on sand of nearly its colour, beside a blue wall 6 px away."""
    noise = np.random.default_rng(0).normal(0, 0.03, (200, 300, 3)).astype(np.float32)
    picture = np.full((200, 300, 3), (0.7, 0.6, 0.45), np.float32) + noise
    picture[:, 166:] = np.array([0.1, 0.2, 0.9], np.float32) + noise[:, 166:]
    rows, columns = np.mgrid[:200, :300]
    away = np.hypot(rows - 100, columns - 120)
    picture[away < 43] = np.array([0.62, 0.5, 0.35], np.float32) + noise[away < 43]
    opacity = (away < 40).astype(np.float32)
    found = remains(picture, opacity, (1000, 800))
    assert found[away < 43].mean() > 0.99
    assert not found[away > 51].any()
    assert not found[90:110, 168:].any() and found[90:110, 164].all()


def test_beside_a_small_thing_its_neighbour_of_the_same_colors_is_not_left_behind():
    """Two dark figures of 20x50 px, 12 px apart, on sand, in a picture of 2000x1500 px."""
    noise = np.random.default_rng(0).normal(0, 0.02, (120, 160, 3)).astype(np.float32)
    picture = np.full((120, 160, 3), (0.9, 0.5, 0.2), np.float32) + noise
    opacity = np.zeros((120, 160), np.float32)
    opacity[35:85, 60:80] = 1
    picture[35:85, 60:80] *= 0.1
    picture[35:85, 92:112] *= 0.1
    found = remains(picture, opacity, (2000, 1500))
    assert found[35:85, 58:82].all()
    assert not found[:, 92:].any()


def test_colours_come_apart_across_a_broad_soft_edge():
    """Where the opacity changes, neighbours have to be alike: a pixel's own colour says little there."""
    y, x = np.mgrid[:64, :64].astype(np.float32) / 64
    front = np.stack([0.9 - 0.3 * x, 0.2 + 0 * x, 0.1 + 0.5 * y], -1)
    behind = np.stack([0.1 + 0.6 * y, 0.5 + 0.3 * x, 0.8 - 0.5 * x], -1)
    opacity = ((64 * x - 26) / 12).clip(0, 1)
    shares = opacity[..., None]
    colors = own_colors(shares * front + (1 - shares) * behind, opacity)
    assert np.abs(colors - front)[(opacity > 0.2) & (opacity < 1)].mean() < 0.022
