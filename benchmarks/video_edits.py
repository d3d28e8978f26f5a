"""Drags on a video against the truth: scenes rendered twice, as they were and with one thing moved otherwise.

    .venv/bin/python benchmarks/video_edits.py [--scenes 100] [--frames 16] [--seed SEED] [--assets FOLDER]
    .venv/bin/python benchmarks/video_edits.py --bending --scenes 40

By groups: a thing alone, with a moving camera, passed by another one in front of it, and itself passing before another
one under a moving camera. With true masks of all things, with the true mask of the thing in one frame, followed from
there; with the first frame's cut-out moved over it, and unedited:

- overlap: mean intersection over union of the followed masks, where at least a tenth of the thing is seen;
- motion: relative ObjMC of the thing's motion after the edit;
- ground: PSNR in dB of ground that the thing has left and another frame shows; unseen: of what none shows;
- thing: PSNR in dB of the thing where it is now, as far as any frame shows it;
- left behind: scenes in which a part of the thing stays where it was, in any frame;
- outside: whether every pixel outside of the change is the clip's own.

With --bending the things are jointed or bend, alone or crossing, half of them under a moving camera. They have no one
motion, so there is no figure for it, and the thing is compared where the same frame of the clip shows it.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.edited_scenes import edited_scenes, parser_of_scenes
from dragnuwa.carry.video.clip_editing import ClipFollower, camera_motions, order_with_other_objects
from dragnuwa.carry.video.composite import Composite
from dragnuwa.carry.video.edits import Edit
from dragnuwa.carry.video.tracked import ObjectTrack
from dragnuwa.geometry.similarity import SimilarityTransform
from dragnuwa.research.scenes.edited import GROUPS, EditedScene
from dragnuwa.research.scenes.edited_bending import BENDING_GROUPS

WHOLE = 0.9  # of the most that is seen of the thing: the first frame that shows so much is the one that it is drawn in
LEAST_SEEN = 0.1
RIM = np.ones((5, 5), np.uint8)
LEAST_LEFT = 0.02  # of the thing: a smaller part that stays is not seen
STAYS, DIFFERS = 12.0, 30.0  # of 255: mean difference to the clip up to which a part has stayed, and to the truth from
COLUMNS = ("overlap", "motion", "ground", "unseen", "thing")


def true_thing(scene: EditedScene, number: int) -> ObjectTrack:
    """A thing of a scene as it is in the clip."""
    motion = scene.before.motions[number + 1]
    masks = (255 * (scene.before.owner == number + 1)).astype(np.uint8)
    factor, shift = motion[:, 0, 0] + 1j * motion[:, 1, 0], motion[:, 0, 2] + 1j * motion[:, 1, 2]
    height, width = masks.shape[1:]
    return ObjectTrack(0, SimilarityTransform(factor, shift), masks.any((1, 2)), masks, (width, height))


def edit_of(scene: EditedScene, track: ObjectTrack, number: int) -> Edit:
    frames = len(scene.away)
    away = scene.away if number == scene.number else np.zeros(frames, complex)
    pivot = complex(*scene.before.points[number, track.frame])
    return Edit("thing", track, SimilarityTransform(np.ones(frames, complex), away), pivot, np.ones(frames, bool))


def with_true_masks(scene: EditedScene, clip: torch.Tensor) -> tuple[Edit, Composite]:
    edits = [edit_of(scene, true_thing(scene, number), number) for number in range(len(scene.before.objects))]
    return edits[scene.number], Composite(clip, tuple(edits), camera_motions(clip, edits))


def with_own_tracker(scene: EditedScene, clip: torch.Tensor) -> tuple[Edit, Composite]:
    motion = scene.before.motions[scene.number + 1]
    seen = scene.masks.sum((1, 2)) / np.abs(motion[:, 0, 0] + 1j * motion[:, 1, 0]) ** 2
    frame = int(np.flatnonzero(seen >= WHOLE * seen.max())[0])
    follower = ClipFollower(len(seen), lambda time: scene.before.frames[time])
    found = follower.follow(scene.masks[frame].astype(np.float32), frame, 0, {})
    edits, composite = order_with_other_objects(clip, [edit_of(scene, found, scene.number)])
    return edits[0], composite


def with_first_frame(scene: EditedScene) -> np.ndarray:
    """The crudest way: the first frame's cut-out, moved by the edit over the clip."""
    first, mask = scene.before.frames[0], scene.masks[0].astype(np.uint8)
    frames = scene.before.frames.copy()
    for frame, way in zip(frames, scene.away, strict=True):
        move = np.float32([[1, 0, way.real], [0, 1, way.imag]])
        moved, inside = (cv2.warpAffine(part, move, mask.shape[::-1]) for part in (first, mask))
        frame[inside > 0] = moved[inside > 0]
    return frames


def shown_elsewhere(masks: np.ndarray, motions: np.ndarray, to: np.ndarray) -> np.ndarray:
    """`[T, H, W]` bool: the places, moved `to` there, that any of the masks `[T, H, W]` shows at its motion."""
    found = np.zeros(masks.shape, bool)
    for time in range(len(masks)):
        for other, mask in enumerate(masks):
            between = motions[other] @ np.linalg.inv(to[time])
            way = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
            found[time] |= cv2.warpPerspective(mask.astype(np.uint8), between, mask.shape[::-1], flags=way) > 0
    return found


def level(made: np.ndarray, true: np.ndarray, where: np.ndarray) -> float:
    """PSNR in dB; NaN where there is nothing."""
    if not where.any():
        return np.nan
    return float(10 * np.log10(255**2 / max(1e-3, np.square(made[where].astype(np.float64) - true[where]).mean())))


def figures(scene: EditedScene, edit: Edit | None, made: np.ndarray) -> list[float]:
    before, after = scene.before, scene.after
    number = scene.number + 1
    thing = after.owner == number
    left = scene.masks & (after.owner == 0)
    ground = np.stack([cv2.erode((owner == 0).astype(np.uint8), RIM) for owner in before.owner])
    seen = shown_elsewhere(ground, before.motions[0], before.motions[0]) & left
    own = np.stack([cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) for mask in scene.masks])
    if scene.bends:
        known = np.stack([cv2.warpAffine(mask, np.float32([[1, 0, way.real], [0, 1, way.imag]]), mask.shape[::-1])
                          for mask, way in zip(own, scene.away, strict=True)]) > 0  # fmt: skip
        known &= thing
    else:
        known = shown_elsewhere(own, before.motions[number], after.motions[number]) & thing
    known[0] = False
    overlap = motion = np.nan
    if edit is not None:
        overlap, motion = _overlap(scene, edit), np.nan if scene.bends else _motion(scene, edit)
    truth = after.frames
    return [overlap, motion, level(made, truth, seen), level(made, truth, left & ~seen), level(made, truth, known)]


def leaves_a_part(scene: EditedScene, made: np.ndarray) -> bool:
    """Whether a frame still shows a part of the thing where it was, and should not."""
    before, truth = scene.before.frames.astype(np.int16), scene.after.frames.astype(np.int16)
    stays = np.abs(made - before).mean(-1) <= STAYS
    wrong = np.abs(made - truth).mean(-1) >= DIFFERS
    for mask, part in zip(scene.masks, scene.masks & stays & wrong, strict=True):
        _, _, stats, _ = cv2.connectedComponentsWithStats(part.astype(np.uint8))
        if stats[1:, cv2.CC_STAT_AREA].max(initial=0) > LEAST_LEFT * mask.sum():
            return True
    return False


def _overlap(scene: EditedScene, edit: Edit) -> float:
    values = []
    for time, mask in enumerate(scene.masks):
        if time != edit.track.frame and mask.sum() >= LEAST_SEEN * scene.masks.sum((1, 2)).max():
            found = edit.track.mask_at(time) >= 0.5
            values.append((found & mask).sum() / max(1, (found | mask).sum()))
    return float(np.mean(values))


def _motion(scene: EditedScene, edit: Edit) -> float:
    place, motion = edit.pivot, edit.track.motion
    made = [edit.move(time).apply(motion.factor[time] * place + motion.shift[time]) for time in range(len(scene.away))]
    true = scene.after.points[scene.number] @ np.array([1, 1j])
    seen = scene.after.visible[scene.number]
    return float(np.abs(np.array(made) - true)[seen].mean() / max(1e-9, np.abs(true - true[0])[seen].mean()))


def main() -> None:
    parser = parser_of_scenes(__doc__)
    parser.add_argument("--assets", help="folder of a pack of photographs and cut-outs")
    options = parser.parse_args()
    groups = BENDING_GROUPS if options.bending else GROUPS
    rows: dict[tuple[str, str], list[list[float]]] = {}
    changed_outside, left_behind = 0, Counter()
    for seed, scene in edited_scenes(options, options.assets):
        clip = torch.from_numpy(scene.before.frames).float() / 255
        for name, ways in {"true masks": with_true_masks, "own tracker": with_own_tracker}.items():
            if scene.bends and ways is with_true_masks:  # which are taken to have one motion
                continue
            edit, composite = ways(scene, clip)
            video, change = composite.edited()
            made = (video * 255).round().byte().numpy()
            outside = change.numpy() == 0
            changed_outside += int((made[outside] != scene.before.frames[outside]).any())
            rows.setdefault((name, scene.group), []).append(figures(scene, edit, made))
            leaves = leaves_a_part(scene, made)
            left_behind[name] += leaves
            cells = "".join(map(_cell, np.array(rows[name, scene.group][-1:]).T))
            sys.stderr.write(f"{seed} {name:12} {scene.group:40}{cells}{'  part left behind' * leaves}\n")
        rows.setdefault(("first frame", scene.group), []).append(figures(scene, None, with_first_frame(scene)))
        rows.setdefault(("unedited", scene.group), []).append(figures(scene, None, scene.before.frames))
    sys.stdout.write(f"{'':46}" + "".join(f"{name:>15}" for name in COLUMNS) + "\n")
    for name in dict.fromkeys(name for name, _ in rows):
        of_all = [each for group in groups for each in rows.get((name, group), [])]
        for group, values in [*((group, rows.get((name, group), [])) for group in groups), ("all", of_all)]:
            if values:
                sys.stdout.write(f"{name:14} {group:31}" + "".join(map(_cell, np.array(values).T)) + "\n")
    sys.stdout.write(f"Scenes with a part left behind: {dict(left_behind)}\n")
    sys.stdout.write(f"Clips with a changed pixel outside of the change: {changed_outside}\n")


def _cell(values: np.ndarray) -> str:
    """The mean, and the worst in brackets, without what there is nothing of."""
    there = values[~np.isnan(values)]
    if not len(there):
        return f"{'':>15}"
    worst = there.max() if there.max() < 1 and there.mean() < 0.3 else there.min()
    return f"{there.mean():7.3f} ({worst:5.2f})" if there.max() < 2 else f"{there.mean():7.1f} ({worst:5.1f})"


if __name__ == "__main__":
    main()
