"""What the editor plays, a draft, is what a run at the picture's size shows, also in what is filled."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from dragnuwa import trajectory
from dragnuwa.carry.composite import CarryInputs, carry_at_full_size
from dragnuwa.carry.draft import draft_of, draft_size, filled_like_draft
from dragnuwa.carry.drawing import drawing_on
from dragnuwa.carry.find import find
from dragnuwa.carry.rendering import compose, cut, render
from dragnuwa.carry.settings import FILLS, CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import fit, to_floats
from dragnuwa.trajectory import Trajectories
from dragnuwa.vision.inpainting.fill import fill_hole
from dragnuwa.vision.inpainting.fill_record import FillRecord
from dragnuwa.vision.segmentation.prepared import prepare
from tests.support.drawings import parsed_objects, rectangle_ring, tracks_value
from tests.support.pictures import texture

SIZE = 1280, 960  # twice a draft
CLIP = ClipShape(320, 240, 3)
FROM, TO = (0.3, 0.5), (0.75, 0.5)
SEED = 5
AT_REST = {"keys": [{"t": 0}]}


def picture() -> torch.Tensor:
    """`[1, H, W, 3]`: a red disc on grey ground with flecks."""
    flecks = texture(SIZE[1], SIZE[0], SEED, 9.0)[..., :1].astype(np.float32)
    made = (40 + 0.6 * flecks).repeat(3, -1).astype(np.uint8)
    cv2.circle(made, (round(FROM[0] * SIZE[0]), round(FROM[1] * SIZE[1])), 130, (200, 30, 30), -1, cv2.LINE_AA)
    return to_floats(made)[None]


def drags() -> Trajectories:
    ends = [{"x": x, "y": y} for x, y in (FROM, TO)]
    return trajectory.parse(tracks_value({"points": ends}), width=CLIP.width, height=CLIP.height)


def played(image: torch.Tensor, drawn: Trajectories, *, at_run_size: bool = True) -> np.ndarray:
    """`[h, w, 3]`: the last frame that the editor plays; or with what moves cut out at the draft's size."""
    drawing = drawing_on(prepare(image[0], CLIP.size), drawn, CLIP)
    start, cut_with = draft_of(image[0], drawing)
    found = find(drawing.at_size((start.shape[1], start.shape[0])))
    cut_with = cut_with if at_run_size else cut
    small = start.movedim(-1, 0)
    composition = compose(found.background, cut_with(found.regions, small), small)
    return render(composition, CLIP.frames - 1).colors.movedim(0, -1).numpy()


def decibels(first: np.ndarray, second: np.ndarray) -> float:
    return float(-10 * np.log10(((first - second) ** 2).mean()))


def test_the_last_frame_of_a_run_is_what_was_played():
    image = picture()
    shown = played(image, drags())
    inputs = CarryInputs(image, drags(), CLIP)
    run = carry_at_full_size(inputs)
    assert run.video.shape[1:3] == SIZE[::-1] and run.cleared[-1].sum() > 20_000
    large = replace(inputs, clip=ClipShape(*SIZE, CLIP.frames)).carried(CarrySettings())
    last, without = fit(torch.stack([run.video[-1], large.video[-1]]), *shown.shape[1::-1], "crop").numpy()
    assert decibels(last, shown) > 50 > 38 > decibels(without, shown)
    assert decibels(last, played(image, drags(), at_run_size=False)) < 42


def test_objects_with_a_finish_and_a_shadow_are_played_as_in_a_run_too():
    image = picture()
    moves = {"points": [{"x": 0.3, "y": 0.5}, {"x": 0.7, "y": 0.4}]}
    around, below = (rectangle_ring(*corners) for corners in ((0.19, 0.34, 0.41, 0.66), (0.2, 0.68, 0.4, 0.75)))
    finish = {"grow": 0.004, "feather": 0.01}
    moving = {"id": "moves", "outline": [around], "motion": moves, "shadow": [below], **finish}
    resting = {"id": "rests", "outline": [rectangle_ring(0.7, 0.7, 0.8, 0.8)], "motion": AT_REST, **finish}
    drawn = parsed_objects(resting, moving, size=CLIP.size)
    last = carry_at_full_size(CarryInputs(image, drawn, CLIP)).video[-1:]
    shown = played(image, drawn)
    assert decibels(fit(last, *shown.shape[1::-1], "crop")[0].numpy(), shown) > 45


def test_what_rests_is_cut_out_at_the_runs_size_as_if_it_moved():
    image = picture()
    outline = rectangle_ring(0.19, 0.34, 0.41, 0.66)
    drawing = drawing_on(
        image[0], parsed_objects({"id": "rests", "outline": [outline], "motion": AT_REST}, size=CLIP.size), CLIP
    )
    start, cut_with = draft_of(image[0], drawing)
    resting = find(drawing.at_size((start.shape[1], start.shape[0]))).regions
    (rests,), (lifted,) = (cut_with(each, start.movedim(-1, 0)) for each in (resting, [resting[0].as_moving()]))
    assert not rests.region.soft and lifted.region.soft


def test_what_is_filled_without_texture_is_filled_alike_too():
    """A hole among things, of which nothing is copied."""
    size = draft_size(CLIP.size, SIZE, "crop")
    image = picture()
    drawing = drawing_on(prepare(image[0], CLIP.size), drags(), CLIP)
    fill_like = filled_like_draft(fit(image, *size, "crop")[0], drawing)
    record = fill_like.like
    calm = replace(record, calm=record.copied, colors=np.where(record.copied[..., None], np.float32([0, 1, 0]), 0))
    fill_like.like = replace(calm, copied=np.zeros_like(record.copied))
    hole = np.zeros(SIZE[::-1], bool)
    hole[400:560, 300:460] = True
    filled = fill_like(image[0].numpy(), hole)
    assert np.abs(filled[hole] - (0, 1, 0)).max() < 0.1
    assert np.array_equal(filled[~hole], image[0].numpy()[~hole])


def test_a_record_goes_along_to_another_size_and_frame():
    image = picture()
    drawing = drawing_on(prepare(image[0], CLIP.size), drags(), CLIP)
    start = fit(image, *draft_size(CLIP.size, SIZE, "crop"), "crop")[0]
    record = filled_like_draft(start, drawing).like
    larger = record.at_size(SIZE, (0.0, 0.0, 1.0, 1.0))
    assert larger.scale == pytest.approx(2) and larger.copied.shape == SIZE[::-1]
    np.testing.assert_array_equal(larger.copied[::2, ::2], record.copied)
    np.testing.assert_array_equal(larger.shift[1::2, 1::2][record.copied], 2 * record.shift[record.copied])
    framed = record.at_size((800, 480), (0.1, 0.0, 0.8, 1.0))  # the draft in the middle of a wider picture
    np.testing.assert_array_equal(framed.copied[:, 80:720], record.copied)


def test_a_record_with_margins_goes_along_to_others():
    """The margins that a camera brings in are rounded at each size."""
    record = FillRecord.of_copies(np.ones((40, 50, 2), np.float32), np.indices((40, 50))[1] < 10)
    record = replace(record, margins=(10, 0, 0, 0))  # beside a frame of 40 by 40, its left margin was copied
    larger = record.at_size((100, 80), (0.0, 0.0, 1.0, 1.0), (23, 0, -3, 0))
    assert larger.scale == pytest.approx(2) and np.all(larger.shift == 2)
    np.testing.assert_array_equal(larger.copied, np.indices((80, 100))[1] < 23)


def pan(right: float, *others: dict) -> Trajectories:
    """Drags all over the picture that move alike, of which some leave it."""
    grid = [(x, y) for x in (0.1, 0.5, 0.9) for y in (0.1, 0.9)]
    tracks = [{"points": [{"x": x, "y": y}, {"x": x + right, "y": y}]} for x, y in grid]
    return trajectory.parse(tracks_value(*tracks, *others), width=CLIP.width, height=CLIP.height)


def test_what_a_moving_camera_brings_in_is_what_was_played():
    image, drawn = picture()[:, :930], pan(0.15)  # of which the clip shows a part, and the run all
    run = carry_at_full_size(CarryInputs(image, drawn, CLIP)).video[-1:]
    assert run.shape[1:3] == image.shape[1:3]
    last = played(image, drawn)
    shown = fit(run, last.shape[1], last.shape[0], "crop")[0].numpy()
    brought_in = slice(None), slice(0, round(0.12 * last.shape[1]))  # beside it is what only the run shows
    assert decibels(last[brought_in], shown[brought_in]) > 46 and decibels(last, shown) > 40


def test_drags_stop_at_the_edge_at_every_size():
    drawing = drawing_on(prepare(picture()[0], CLIP.size), pan(0.15), CLIP)
    assert drawing.tracks[-1, -1].real == CLIP.width - 1
    larger = drawing.at_size((640, 480))
    assert larger.tracks[-1, -1].real == 639
    assert find(larger).camera is not None and not len(find(larger).free)


def test_what_the_editor_does_not_know_is_filled_without_a_draft(monkeypatch):
    """Connected masks, a clean plate, and what is not filled."""
    image = picture()
    start = fit(image, *draft_size(CLIP.size, SIZE, "crop"), "crop")[0]
    for settings, masks in ((CarrySettings(fill=FILLS[1]), None), (CarrySettings(), disc())):
        assert filled_like_draft(start, drawing_on(image[0], drags(), CLIP, masks, settings)) is fill_hole
    monkeypatch.setattr("dragnuwa.carry.composite.filled_like_draft", None)
    plate = image.clone()
    plate[0][disc()[0] > 0] = 0.5
    video = carry_at_full_size(CarryInputs(image, drags(), CLIP, background=plate), longer_side=320).video
    assert video.shape == (CLIP.frames, 240, 320, 3)


def disc() -> torch.Tensor:
    """`[1, H, W]`, where the disc is."""
    made = np.zeros(SIZE[::-1], np.float32)
    cv2.circle(made, (round(FROM[0] * SIZE[0]), round(FROM[1] * SIZE[1])), 130, 1, -1)
    return torch.from_numpy(made)[None]
