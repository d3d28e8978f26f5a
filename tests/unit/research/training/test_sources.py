"""Clips by their numbers: the same whoever makes them, in whatever company."""

from dataclasses import fields, replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from dragnuwa.research.scenes import HELD_OUT_SEED, SceneConfig, make_scene
from dragnuwa.research.training.data.clips import (
    ClipConfig,
    Clips,
    ShortClips,
    Stage,
    VideoConfig,
    dense_maps,
    dense_share,
)
from dragnuwa.research.training.data.sources import FolderSource, SceneSource, ShardSource, batches
from dragnuwa.research.videos.shards import Clip, ShardError, write_index, write_shard
from dragnuwa.vision.tracking.optical_flow import estimate
from tests.support.videos import moving_square, write_video

SIZES = ((32, 32), (32, 48))
SCENES = ClipConfig(scenes=SceneConfig(frames=3, sizes=SIZES))
SPARSE = (Stage(1, 0.0),)
KEEP = {"drop_text": 0.0, "drop_picture": 0.0, "drop_drags": 0.0}


def same(one: Clips, other: Clips) -> bool:
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(Clips)]
    return all(torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b for a, b in pairs)


def source(**changed) -> SceneSource:
    return SceneSource(replace(SCENES, **changed), stages=SPARSE, batch=4, fresh=1)


def test_a_step_has_the_same_clips_in_parts_and_shared_among_processes():
    whole = batches(source(), 0, 4)
    for begin in (0, 4):
        step = next(whole)
        parts = batches(source(), begin, 2)
        assert same(Clips.join([next(parts), next(parts)]), step)
        ranks = [next(batches(source(), begin, 2, rank=rank, world=2)) for rank in (0, 1)]
        order = [0, 2, 1, 3]
        shared = Clips.join(ranks)
        assert torch.equal(shared.frames, step.frames[order]) and torch.equal(shared.flow, step.flow[order])
        assert shared.captions == tuple(step.captions[number] for number in order)


def test_workers_make_the_clips_that_the_process_would():
    expected = list(islice(batches(source(), 4, 2, rank=1, world=2), 3))
    found = list(islice(batches(source(), 4, 2, rank=1, world=2, workers=2), 3))
    assert all(same(one, other) for one, other in zip(found, expected, strict=True))


def test_scenes_come_back_with_new_drags_and_training_never_sees_what_is_shown():
    made = source(**KEEP, every_object_share=0.0)
    steps = list(islice(batches(made, 0, 4), 12))
    for step, clips in enumerate(steps):
        bucket, seen = step % 2, step // 2
        assert {scene[0] for scene in clips.scenes} == {bucket} and clips.frames.shape[2:4] == SIZES[bucket]
        assert clips.scenes[0][1] == seen and all(number <= seen for _, number in clips.scenes)
        for index, (_, number) in enumerate(clips.scenes):
            scene = make_scene(number * 2 + bucket, replace(SCENES.scenes, sizes=(SIZES[bucket],)))
            assert np.array_equal(clips.frames[index], scene.frames)
            assert all(thing.phrase in clips.captions[index] for thing in scene.objects)
    first = [clips.flow[index] for clips in steps for index, scene in enumerate(clips.scenes) if scene == (0, 0)]
    assert len(first) > 4 and any(not torch.equal(first[0], other) for other in first[1:])
    shown = made.preview_clip(3)
    assert shown.scenes is None and bool(shown.keep_picture) and shown.captions != ("",)
    assert shown.flow.abs().max() > 0
    held_out = replace(SCENES.scenes, sizes=SIZES[:1], camera_share=0.0, still_share=0.0, objects=(1, 2))
    assert np.array_equal(shown.frames[0], make_scene(HELD_OUT_SEED + 3, held_out).frames)


def test_conditions_are_dropped_each_by_itself_and_as_often_as_asked():
    config = ClipConfig(
        replace(SCENES.scenes, frames=2, sizes=SIZES[:1]), drop_text=0.2, drop_picture=0.5, drop_drags=0.8
    )
    made = SceneSource(replace(config, motion_bucket=(10, 12)), stages=SPARSE, batch=250, fresh=1)
    clips = next(batches(made, 250, 250))
    named = torch.tensor([caption != "" for caption in clips.captions])
    assert float(named.float().mean()) == pytest.approx(0.8, abs=0.09)
    assert float(clips.keep_picture.float().mean()) == pytest.approx(0.5, abs=0.09)
    drags = clips.flow.flatten(1).abs().amax(1) > 0
    assert 0.1 < float(drags.float().mean()) < 0.27
    both = float((clips.keep_picture & named).float().mean())
    assert both == pytest.approx(0.4, abs=0.1)
    assert set(clips.motion_bucket.tolist()) == {10, 11, 12} and set(clips.fps.tolist()) == {5}


def test_the_last_steps_of_each_turn_are_of_short_clips_and_each_kind_is_numbered():
    short = ShortClips(every=5, steps=2)
    assert [short.at(step) for step in range(6)] == [False, False, False, True, True, False]
    assert [short.number(step) for step in range(10)] == [0, 1, 2, 0, 1, 3, 4, 5, 2, 3]
    with pytest.raises(ValueError, match="steps from 1 to every"):
        ShortClips(every=2, steps=3)


def test_some_steps_are_of_short_clips():
    scenes = SceneConfig(frames=1, sizes=((24, 32), (32, 24)), objects=(1, 1))
    short = ShortClips(every=3, times=2, scenes=scenes, drop_picture=1.0, drop_drags=1.0, drop_text=0.0)
    made = source(**KEEP, short=short)
    steps = list(islice(batches(made, 0, 4), 9))
    assert [tuple(clips.frames.shape[:4]) for clips in steps] == [
        (4, 3, 32, 32), (4, 3, 32, 48), (8, 1, 24, 32), (4, 3, 32, 32), (4, 3, 32, 48), (8, 1, 32, 24),
        (4, 3, 32, 32), (4, 3, 32, 48), (8, 1, 24, 32),
    ]  # fmt: skip
    assert [made.config.times(step) for step in range(6)] == [1, 1, 2, 1, 1, 2]
    for clips in steps[2::3]:
        assert not clips.keep_picture.any() and clips.flow.abs().max() == 0 and "" not in clips.captions
        assert len(set(clips.scenes)) > 1
    assert [max(number for _, number in clips.scenes) for clips in steps[2::3]] == [1, 1, 3], "2 new ones each"
    parts = batches(made, 8, 2)
    assert same(Clips.join([next(parts), next(parts)]), steps[2])
    with pytest.raises(ValueError, match=r"clips\.videos"):
        replace(made.config, videos=VideoConfig(folder="videos"))


def test_the_stages_decide_how_often_the_flow_is_dense():
    stages = (Stage(2, 1.0), Stage(4, 0.25))
    assert [dense_share(stages, step) for step in range(6)] == [1, 1, 0.25, 0.25, 0.25, 0.25]
    config = replace(SCENES, **KEEP, scenes=replace(SCENES.scenes, sizes=SIZES[:1]))
    made = SceneSource(config, stages=(Stage(1, 1.0), Stage(9, 0.0)), batch=4, fresh=1)
    for step, dense in ((0, True), (1, False)):
        clips = next(batches(made, 4 * step, 4))
        for index, (_, number) in enumerate(clips.scenes):
            expected = dense_maps(make_scene(number, config.scenes).flow, config.sigma)
            assert torch.equal(clips.flow[index], expected) == dense


def shard(folder: Path, name: str, numbers: range):
    clips = []
    for number in numbers:
        frames = moving_square(3, (1 + number, 0), seed=number, height=96, width=128)
        clips.append(Clip(frames, *estimate(frames), f"clip {number}", "a.mp4", 0.0, 6.0))
    return write_shard(folder, name, iter(clips), [])


@pytest.fixture
def shards(tmp_path) -> ClipConfig:
    write_index(tmp_path, [shard(tmp_path, "shard-0", range(3)), shard(tmp_path, "shard-1", range(3, 5))])
    return replace(SCENES, **KEEP, videos=VideoConfig(shards=str(tmp_path), frames=3, width=128, height=96))


def test_shards_are_gone_on_with_where_a_run_stopped(shards, tmp_path):
    made = ShardSource(shards, stages=SPARSE, batch=2, skipped_list=tmp_path / "skipped.txt")
    expected = list(islice(batches(made, 0, 2), 6))
    assert {caption for clips in expected for caption in clips.captions} == {f"clip {n}" for n in range(5)}
    assert expected[0].fps.tolist() == [6, 6] and expected[0].scenes is None
    for begin in (1, 4):
        assert same(next(batches(made, 2 * begin, 2)), expected[begin])
    ranks = [next(batches(made, 4, 1, rank=rank, world=2)) for rank in (0, 1)]
    assert same(Clips.join(ranks), expected[2])
    narrow = replace(shards, videos=replace(shards.videos, width=64))
    wrong = ShardSource(narrow, stages=SPARSE, batch=2, skipped_list=tmp_path / "skipped.txt")
    with pytest.raises(ValueError, match=r"clips\.videos says"):
        next(batches(wrong, 0, 2))


def test_a_broken_shard_is_listed_and_the_others_stand_in(shards, tmp_path):
    path = tmp_path / "shard-0.tar"
    path.write_bytes(path.read_bytes().replace(b"\xff\xd8\xff", b"\x00\x00\x00"))  # no picture in it is one any more
    made = ShardSource(shards, stages=SPARSE, batch=2, skipped_list=tmp_path / "skipped.txt")
    found = list(islice(batches(made, 0, 2), 6))
    assert {caption for clips in found for caption in clips.captions} == {"clip 3", "clip 4"}
    assert same(next(batches(made, 4, 2)), found[2])
    lines = (tmp_path / "skipped.txt").read_text().splitlines()
    assert len(lines) == len(made.skipped) == 3 and all("is broken" in line for line in lines)
    other = tmp_path / "shard-1.tar"
    other.write_bytes(other.read_bytes().replace(b"\xff\xd8\xff", b"\x00\x00\x00"))
    with pytest.raises(ShardError, match="no clip in"):
        next(batches(made, 0, 2))


def test_a_folder_s_clips_depend_on_their_number_alone(tmp_path):
    for number in range(2):
        write_video(tmp_path / f"{number}.mp4", moving_square(20, (1 + number, 0)), [step / 25 for step in range(20)])
    (tmp_path / "0.txt").write_text("a square")
    videos = VideoConfig(folder=str(tmp_path), frames=3, width=48, height=32, fps=(6, 10))
    config = replace(SCENES, **KEEP, videos=videos)
    made = FolderSource(config, stages=(Stage(1, 0.0),), batch=4, skipped_list=tmp_path / "out" / "skipped.txt")
    clips = next(batches(made, 0, 8))
    assert set(clips.fps.tolist()) == {6, 10} and set(clips.captions) == {"a square", ""}
    assert clips.frames.shape == (8, 3, 32, 48, 3) and clips.flow.shape == (8, 3, 2, 32, 48)
    parts = batches(made, 4, 2)
    assert same(Clips.join([next(parts), next(parts)]), next(batches(made, 4, 4)))
    assert not same(next(batches(made, 0, 1)), made.preview_clip(0))
