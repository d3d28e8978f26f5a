"""The picture's detail in a clip, on clips whose truth is known."""

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.carry.drawing import Drawing
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.errors import InputError
from dragnuwa.common.interrupt import interrupts
from dragnuwa.detail import restore
from dragnuwa.detail.restore import check_tracks
from dragnuwa.trajectory.sampling import drift
from dragnuwa.vision.segmentation.prepared import prepare
from tests.support.likeness import psnr

FULL, SMALL, FRAMES = 192, 48, 5
SHIFT = 8  # px of the full size, from frame to frame


def texture(height: int = FULL, width: int = FULL, seed: int = 0) -> np.ndarray:
    """`[H, W, 3]` float32: patches of colour that a small clip shows, and a fine pattern that it does not."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0.2, 0.8, (height // 16 + 2, width // 16 + 2, 3)).astype(np.float32)
    coarse = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[:height, :width]
    fine = 0.12 * np.sin(x * 2.4) * np.sin(y * 2.1)
    return (coarse + fine[..., None]).clip(0, 1).astype(np.float32)


def shrunk(frames: np.ndarray, size: tuple[int, int] = (SMALL, SMALL)) -> torch.Tensor:
    """`[T, h, w, 3]` of `[T, H, W, 3]`, as a clip that has lost its detail."""
    return torch.from_numpy(np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in frames]))


def panned(height: int = FULL, width: int = FULL, step: int = SHIFT) -> np.ndarray:
    """A camera that moves over a larger picture: `[T, H, W, 3]`."""
    whole = texture(height, width + FRAMES * step)
    return np.stack([whole[:, time * step : time * step + width] for time in range(FRAMES)])


def carried(thing: np.ndarray, ground: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A thing that moves right over the ground: frames, its centre `[1, T, 2]` in small pixels, and its mask."""
    frames, mask = np.repeat(ground[None], FRAMES, 0), np.zeros((1, FULL, FULL), np.float32)
    side, top, left = len(thing), 64, 32
    mask[0, top : top + side, left : left + side] = 1
    for time in range(FRAMES):
        frames[time, top : top + side, left + time * SHIFT : left + time * SHIFT + side] = thing
    centre = np.array([[(left + side / 2 + time * SHIFT, top + side / 2) for time in range(FRAMES)]])
    return frames, centre * SMALL / FULL - 0.5, mask


def psnr_inside(found: torch.Tensor, true: np.ndarray, border: int = 0) -> float:
    inner = (slice(None), slice(border, found.shape[1] - border), slice(border, found.shape[2] - border))
    return psnr(found[inner], torch.from_numpy(true)[inner])


def enlarged(clip: torch.Tensor, height: int = FULL, width: int = FULL) -> torch.Tensor:
    return restore(clip, torch.zeros(height, width, 3), strength=0.0).images


def test_frame_0_is_the_picture_exactly():
    frames = panned()
    restored = restore(shrunk(frames), torch.from_numpy(frames[0]))
    assert torch.equal(restored.images[0], torch.from_numpy(frames[0]))
    assert bool((restored.mask[0] == 1).all())


def test_a_shifted_picture_comes_back_shifted():
    frames = panned()
    clip = shrunk(frames)
    restored = restore(clip, torch.from_numpy(frames[0]))
    edge = FRAMES * SHIFT
    assert psnr_inside(restored.images, frames, edge) > psnr_inside(enlarged(clip), frames, edge) + 8
    assert "The background moves" in restored.report


def test_a_picture_at_rest_comes_back_in_every_frame():
    still = texture()
    restored = restore(shrunk(np.repeat(still[None], FRAMES, 0)), torch.from_numpy(still))
    assert psnr_inside(restored.images, np.repeat(still[None], FRAMES, 0)) > 45


def test_what_drags_move_is_restored_where_it_is():
    frames, points, masks = carried(texture(40, 40, 5)[..., ::-1], texture(seed=1) * 0.5)
    clip = shrunk(frames)
    restored = restore(clip, torch.from_numpy(frames[0]), points=points, masks=torch.from_numpy(masks))
    there = (slice(-1, None), slice(68, 100), slice(68, 100))
    assert psnr_inside(restored.images[there], frames[there]) > psnr_inside(enlarged(clip)[there], frames[there]) + 8


def test_a_clip_that_is_not_followed_leaves_the_moved_picture():
    """A smear all over the clip: followed, it is there; where it is not followed, the picture moves as drawn."""
    frames, points, masks = carried(texture(40, 40, 5)[..., ::-1], texture(seed=1) * 0.5)
    clip = shrunk(frames)
    clip[1:] = clip[1:].mean((1, 2), keepdim=True)
    drags = {"points": points, "masks": torch.from_numpy(masks)}
    followed, drawn = (restore(clip, torch.from_numpy(frames[0]), **drags, follow=by).images for by in (1.0, 0.0))
    there = (slice(-1, None), slice(68, 100), slice(68, 100))
    assert psnr_inside(drawn[there], frames[there]) > psnr_inside(followed[there], frames[there]) + 8


def test_frames_between_those_of_the_clip_are_where_the_drags_are():
    frames, points, masks = carried(texture(40, 40, 5)[..., ::-1], texture(seed=1) * 0.5)
    drags = {"points": points, "masks": torch.from_numpy(masks), "follow": 0.0}
    restored = restore(shrunk(frames)[::2], torch.from_numpy(frames[0]), **drags, frames=FRAMES)
    assert len(restored.images) == FRAMES
    for time in range(1, FRAMES):
        there = slice(time, time + 1), slice(68, 100), slice(36 + time * SHIFT, 68 + time * SHIFT)
        assert psnr_inside(restored.images[there], frames[there]) > 40
    with pytest.raises(InputError, match="frames should be a multiple of 2 plus 1"):
        restore(shrunk(frames)[::2], torch.from_numpy(frames[0]), frames=4)


def test_what_is_uncovered_is_not_traced():
    frames, points, masks = carried(texture(40, 40, 5)[..., ::-1], texture(seed=1) * 0.5)
    restored = restore(shrunk(frames), torch.from_numpy(frames[0]), points=points, masks=torch.from_numpy(masks))
    assert float(restored.mask[-1, 70:98, 36:60].max()) == 0


@pytest.mark.parametrize("drags", [2, 3])
def test_several_drags_on_one_thing_leave_the_background_where_it_is(drags):
    """Over ground as plain as a sky, the whole picture moved looks nearly like the clip."""
    frames, centre, masks = carried(texture(96, 96, 5)[..., ::-1], 0.45 + texture(seed=1) * 0.05)
    corners = np.array([(-6.0, -6.0), (6.0, -6.0), (0.0, 8.0)])[:drags]
    points, masks = centre + corners[:, None], torch.from_numpy(np.repeat(masks, drags, 0))
    restored = restore(shrunk(frames), torch.from_numpy(frames[0]), points=points, masks=masks)
    assert "The background rests, 1 object moves" in restored.report


def test_a_clip_that_takes_the_background_along_is_followed_only_as_far_as_it_is_trusted():
    """A small model, whose frames are never clean, moves the whole picture with one drag. Nobody drew that."""
    frames, masks = panned()[::-1].copy(), torch.zeros(1, FULL, FULL)
    clip = shrunk(frames)
    clip[1:] += 0.03 * torch.randn(clip[1:].shape, generator=torch.Generator().manual_seed(0))
    points = np.array([[(12.0 + time * SHIFT * SMALL / FULL, 24.0) for time in range(FRAMES)]])
    masks[0, 40:150, 20:100] = 1
    drags = {"points": points, "masks": masks}
    followed, drawn = (restore(clip, torch.from_numpy(frames[0]), **drags, follow=by) for by in (1.0, 0.1))
    assert "The background moves" in followed.report
    assert "The background rests" in drawn.report


def test_the_motion_of_a_large_thing_is_not_taken_for_the_backgrounds():
    """The camera moves the other way, behind a thing that covers most of the picture."""
    side, top, left, small = 150, 20, 6, 96
    frames, masks = panned(step=6), torch.zeros(1, FULL, FULL)
    masks[0, top : top + side, left : left + side] = 1
    for time in range(FRAMES):
        right = left + time * SHIFT
        frames[time, top : top + side, right : right + side] = texture(side, side, 5)[..., ::-1][:, : FULL - right]
    points = np.array([[(40.0 + time * SHIFT * small / FULL, 48.0) for time in range(FRAMES)]])
    clip = shrunk(frames, (small, small))
    restored = restore(clip, torch.from_numpy(frames[0]), points=points, masks=masks)
    assert "The background moves" in restored.report
    below = (slice(-1, None), slice(174, 188), slice(40, 150))
    assert psnr_inside(restored.images[below], frames[below]) > psnr_inside(enlarged(clip)[below], frames[below]) + 3


def test_a_thing_that_moves_without_a_drag_is_found():
    frames, _, _ = carried(texture(40, 40, 5)[..., ::-1], texture(seed=1) * 0.3)
    clip = shrunk(frames, (96, 96))
    restored = restore(clip, torch.from_numpy(frames[0]))
    there = (slice(-1, None), slice(70, 98), slice(72, 98))
    assert psnr_inside(restored.images[there], frames[there]) > psnr_inside(enlarged(clip)[there], frames[there]) + 3


def test_drags_that_the_clip_does_not_follow_change_nothing():
    still = texture()
    frames = np.repeat(still[None], FRAMES, 0)
    points = np.stack([np.linspace(12, 36, FRAMES), np.full(FRAMES, 24)], -1)[None]
    masks = np.zeros((1, FULL, FULL), np.float32)
    masks[0, 76:116, 32:72] = 1
    restored = restore(shrunk(frames), torch.from_numpy(still), points=points, masks=torch.from_numpy(masks))
    assert psnr_inside(restored.images, frames) > psnr_inside(enlarged(shrunk(frames)), frames)


def test_an_anchor_rests_however_large_the_result_is():
    """Its drift of one pixel over the clip is there for the drag maps alone."""
    points = np.array([[[20.0, 30.0]], [[5.0, 5.0]]]) + drift(FRAMES) * np.array([1, 3])[:, None, None]
    drawn, shown = check_tracks(points, None, FRAMES)
    picture = prepare(torch.zeros(192, 192, 3), (48, 48))
    small = Drawing(picture, ClipShape(48, 48, FRAMES), drawn[..., 0] + 1j * drawn[..., 1], shown)
    anchor, drag = small.at_size((192, 192)).tracks
    assert np.ptp(anchor.real) == np.ptp(anchor.imag) == 0
    assert (np.ptp(drag.real), np.ptp(drag.imag)) == pytest.approx((12, 12))


def test_noise_gets_no_detail():
    rng = np.random.default_rng(0)
    clip = torch.from_numpy(rng.uniform(0, 1, (FRAMES, SMALL, SMALL, 3)).astype(np.float32))
    restored = restore(clip, torch.from_numpy(texture()))
    assert float(restored.mask[1:].mean()) < 0.05
    assert "not this picture" in restored.report


def test_strength_0_is_the_enlarged_clip():
    clip = shrunk(panned())
    restored = restore(clip, torch.from_numpy(texture()), strength=0.0)
    bicubic = torch.nn.functional.interpolate(
        clip.movedim(-1, 1), (FULL, FULL), mode="bicubic", antialias=True, align_corners=False
    )
    assert torch.allclose(restored.images, bicubic.clamp(0, 1).movedim(1, -1), atol=1e-6)
    assert not restored.mask.any()


def test_a_change_of_light_stays_the_clips():
    still = texture() * 0.6
    light = np.linspace(1, 1.4, FRAMES, dtype=np.float32)[:, None, None, None]
    frames = still[None] * light
    clip = shrunk(frames)
    restored = restore(clip, torch.from_numpy(still))
    assert psnr_inside(restored.images, frames) > psnr_inside(enlarged(clip), frames) + 2
    assert abs(float(restored.images[-1].mean()) - float(frames[-1].mean())) < 0.02


@pytest.mark.parametrize("frames", [2, 3, 9])
@pytest.mark.parametrize(("height", "width"), [(96, 240), (200, 120), (97, 161)])
def test_sizes_and_lengths(frames, height, width):
    clip = torch.rand(frames, height // 4, width // 4, 3)
    restored = restore(clip, torch.rand(height, width, 3), width=width + 8, height=height + 4)
    assert restored.images.shape == (frames, height + 4, width + 8, 3)
    assert restored.mask.shape == (frames, height + 4, width + 8)
    assert bool(restored.images.isfinite().all())
    assert 0 <= float(restored.images.min()) <= float(restored.images.max()) <= 1


def test_a_clip_as_large_as_the_picture():
    frames = panned()
    soft = np.stack([cv2.GaussianBlur(frame, (0, 0), 2) for frame in frames])
    restored = restore(torch.from_numpy(soft), torch.from_numpy(frames[0]))
    edge = FRAMES * SHIFT
    assert psnr_inside(restored.images, frames, edge) > psnr_inside(torch.from_numpy(soft), frames, edge) + 4


GOOD = {"images": torch.rand(4, 32, 32, 3), "picture": torch.rand(64, 64, 3)}
POINTS = np.full((1, 4, 2), 10.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"images": torch.rand(1, 32, 32, 3)}, "at least two frames"),
        ({"images": torch.rand(0, 32, 32, 3)}, "not empty"),
        ({"images": torch.full((4, 32, 32, 3), torch.nan)}, "not finite"),
        ({"images": torch.rand(4, 8, 8, 3)}, "at least 16 pixels"),
        ({"picture": torch.rand(64, 128, 3)}, "aspect ratio; found 128x64 for a clip of 32x32"),
        ({"picture": torch.full((64, 64, 3), torch.inf)}, "not finite"),
        ({"picture": torch.rand(2, 64, 64, 3)}, "picture"),
        ({"width": 10, "height": 10}, "width and height should be"),
        ({"width": 100, "height": 50}, "width and height should have the clip's aspect ratio"),
        ({"strength": 1.5}, "strength should be from 0 to 1"),
        ({"points": POINTS[:, :3]}, "the result's 4 frames"),
        ({"points": POINTS * np.nan}, "finite"),
        ({"points": POINTS, "visible": np.ones((2, 4), bool)}, "visible should be"),
        ({"points": POINTS, "masks": torch.ones(1, 20, 20)}, "The masks are 20x20 pixels"),
        ({"masks": torch.ones(1, 32, 32)}, "masks of what is dragged, but no drags"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(change, words):
    with pytest.raises(ValueError, match="(?s)" + words):
        restore(**GOOD | change)


def test_masks_without_an_object_are_as_none():
    restored = restore(**GOOD, points=POINTS, masks=torch.zeros(1, 32, 32))
    assert restored.images.shape == (4, 64, 64, 3)


def test_it_can_be_ended_between_two_frames():
    calls = []

    def end():
        calls.append(1)
        if len(calls) > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), interrupts(end):
        restore(**GOOD)


def test_progress_is_told_of_each_frame():
    done = []
    restore(**GOOD, progress=lambda *step: done.append(step))
    assert done == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_errors_are_the_packs_own():
    with pytest.raises(InputError):
        restore(torch.rand(1, 32, 32, 3), torch.rand(64, 64, 3))


def test_a_result_with_an_odd_side_is_told_that_it_cannot_be_saved():
    frames = panned()
    picture = torch.from_numpy(frames[0])
    for side, said in ((FULL, False), (FULL - 1, True)):
        made = restore(shrunk(frames[:2]), picture, width=FULL, height=side)
        assert ("Save Video's H.264 takes even sides only" in made.report) == said
