"""Random clips of labelled videos."""

import numpy as np
import pytest
from PIL import Image

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.research.videos.labelled import MOST_OBJECTS, LabelledFolder
from dragnuwa.research.videos.read import VideoError

CLIP = ClipShape(64, 32, 3)


def write(folder, frames=5, *, name="a", size=(128, 80), label=None, labels=None):
    """Pictures whose left half is red, and labels 7 on the left and 9 on the right; their brightness is the frame."""
    width, height = size
    for part in ("videos", "labels"):
        (folder / part / name).mkdir(parents=True, exist_ok=True)
    for time in range(frames):
        picture = np.full((height, width, 3), 10 * time, np.uint8)
        picture[:, : width // 2, 0] = 255
        drawn = np.full((height, width), 9, np.uint16)
        drawn[:, : width // 2] = 7
        Image.fromarray(picture).save(folder / "videos" / name / f"{time}.png")
        if labels is None or time < labels:
            Image.fromarray(drawn if label is None else label).save(folder / "labels" / name / f"{time}.png")


def opened(folder, clip=CLIP):
    return LabelledFolder(folder / "videos", folder / "labels", clip=clip)


def test_a_clip_is_successive_pictures_with_their_labels_cropped_alike(tmp_path):
    write(tmp_path)
    clips = [opened(tmp_path).draw(1, index) for index in range(12)]
    for clip in clips:
        assert clip.frames.shape == (3, 32, 64, 3) and clip.owner.shape == (3, 32, 64)
        assert (clip.owner[:, :, :31] == 1).all() and (clip.owner[:, :, 33:] == 2).all()
        assert (clip.frames[:, :, :30, 0] > 250).all() and (np.diff(clip.frames[:, 16, 60, 1].astype(int)) == 10).all()
    assert {int(clip.frames[0, 16, 60, 1]) for clip in clips} == {0, 10, 20}
    again = opened(tmp_path).draw(1, 3)
    assert np.array_equal(again.frames, clips[3].frames) and np.array_equal(again.owner, clips[3].owner)


def test_labels_of_colours_and_of_a_palette(tmp_path):
    label = np.zeros((80, 128, 3), np.uint8)
    label[:, :64] = (0, 1, 2)
    write(tmp_path / "colours", label=label)
    owner = opened(tmp_path / "colours").draw(1, 0).owner
    assert (owner[:, :, :31] == 1).all() and not owner[:, :, 33:].any()
    write(tmp_path / "palette")
    for file in (tmp_path / "palette/labels/a").iterdir():
        Image.fromarray(label).convert("P").save(file)
    assert len(np.unique(opened(tmp_path / "palette").draw(1, 0).owner)) >= 2


def test_small_objects_are_left_out_and_of_many_some_are_drawn(tmp_path):
    label = np.repeat(np.arange(1, 17, dtype=np.uint16).repeat(8)[None], 80, 0)
    label[:2, :2] = 500
    write(tmp_path, label=label)
    owners = [opened(tmp_path).draw(1, index).owner for index in range(6)]
    assert all(set(np.unique(owner)) == set(range(MOST_OBJECTS + 1)) for owner in owners)
    assert len({tuple(owner[0, 0]) for owner in owners}) > 1


def test_what_cannot_be_used_is_said(tmp_path):
    with pytest.raises(VideoError, match="there is no folder"):
        opened(tmp_path)
    write(tmp_path, labels=2)
    with pytest.raises(VideoError, match="a clip needs a folder with 3 pictures"):
        opened(tmp_path)
    write(tmp_path, label=np.ones((40, 64), np.uint8))
    with pytest.raises(VideoError, match="a: the label maps are 64x40 pixels, the pictures 128x80"):
        opened(tmp_path).draw(1, 0)
    write(tmp_path)
    folder = opened(tmp_path)
    for file in (tmp_path / "labels/a").iterdir():
        file.write_bytes(b"no picture")
    with pytest.raises(VideoError, match=r"a/\d.png: The picture should be one of PNG"):
        folder.draw(1, 0)
