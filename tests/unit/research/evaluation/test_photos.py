"""Pictures from outside: their clips' size, their drags, the sheet and the table."""

import json

import numpy as np
import pytest
from PIL import Image

from dragnuwa.research.evaluation.generate import Video
from dragnuwa.research.evaluation.photos import clip_size, measure_photo, read_photos, strip_of, table
from dragnuwa.research.evaluation.sheet import Strip, compose, write_sheet

DRAG = {"type": "dragnuwa.trajectories", "version": 1,
        "tracks": [{"points": [{"x": 0.4, "y": 0.5}, {"x": 0.6, "y": 0.5}]}]}  # fmt: skip


@pytest.mark.parametrize(
    ("picture", "clip"),
    [((1000, 1000), (128, 128)), ((4000, 3000), (144, 112)), ((1600, 900), (168, 96)), ((900, 1600), (96, 168)),
     ((10000, 100), (256, 64)), ((1, 900), (64, 256))],
)  # fmt: skip
def test_a_clip_has_the_picture_s_aspect_and_about_the_area(picture, clip):
    assert clip_size(*picture) == clip


def wide_texture(seed: int, width: int, height: int) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 256, (height // 6, width // 6, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


@pytest.fixture
def folder(tmp_path):
    Image.fromarray(wide_texture(0, 400, 300)).save(tmp_path / "photo.png")
    drawing = np.zeros((200, 200, 4), np.uint8)
    drawing[60:140, 60:140] = (200, 30, 30, 255)
    Image.fromarray(drawing).save(tmp_path / "drawing.png")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in ("photo.png", "drawing.png"):
        (pictures / name).write_bytes((tmp_path / name).read_bytes())
    (pictures / "notes.txt").write_text("not named by the file of drags")
    return pictures


def drags_file(folder, told: object):
    path = folder / "drags.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    return path


def test_pictures_and_drawings_are_read_in_the_file_s_order(folder):
    photos = read_photos(folder, drags_file(folder, {"photo.png": DRAG, "drawing.png": [[[20, 30], [60, 30]]]}))
    assert [(photo.name, photo.size) for photo in photos] == [("photo.png", (144, 112)), ("drawing.png", (128, 128))]
    assert [photo.whole.shape for photo in photos] == [(300, 400, 3), (200, 200, 3)]
    assert (photos[1].picture[0, 0] == 255).all() and photos[1].picture[64, 64, 0] > photos[1].picture[64, 64, 1]
    points, _ = photos[1].drags.sample(4, 128, 128)
    assert points[0, 0].tolist() == pytest.approx([20, 30])


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("no json", "is not JSON"),
        ({}, "has to hold drags by file name"),
        ([DRAG], "has to hold drags by file name"),
        ({"bird.png": DRAG}, "There is no picture 'bird.png'"),
        ({"../photo.png": DRAG}, "There is no picture '../photo.png'"),
        ({"notes.txt": DRAG}, "notes.txt: The picture should be one of PNG"),
        ({"photo.png": {"type": "other"}}, "The drags of photo.png: "),
    ],
)
def test_what_is_wrong_is_named(folder, told, message):
    with pytest.raises(ValueError, match=message):
        read_photos(folder, drags_file(folder, told))


def moving(picture: np.ndarray, step: int, frames: int) -> np.ndarray:
    return np.stack([np.roll(picture, step * time, axis=1) for time in range(frames)])


def test_a_video_that_follows_is_near_0_and_the_still_one_beside_it_1(folder):
    (photo,) = read_photos(folder, drags_file(folder, {"photo.png": DRAG}))
    width, frames = photo.size[0], 5
    step = round(0.2 * width / (frames - 1))
    good = measure_photo(photo, Video(moving(photo.picture, step, frames), 2.0))
    assert good.relative_objmc < 0.1 and good.still == pytest.approx(1, abs=0.01) and good.lost == 0
    rest = measure_photo(photo, Video(moving(photo.picture, 0, frames), 2.0))
    assert rest.relative_objmc == pytest.approx(1, abs=0.01)
    lines = table([good, rest]).splitlines()
    assert "still video" in lines[0] and len(lines) == 4 and lines[-1].startswith("mean")
    assert f"{(good.relative_objmc + rest.relative_objmc) / 2:.2f}" in lines[-1]


def test_a_row_shows_the_drags_over_the_start_and_then_every_frame(folder, tmp_path):
    (photo,) = read_photos(folder, drags_file(folder, {"photo.png": DRAG}))
    made = Video(moving(photo.picture, 0, 3), 2.0)
    strip = strip_of(photo, made, measure_photo(photo, made))
    assert len(strip.pictures) == 4 and strip.caption.startswith("photo.png: relative ObjMC ")
    assert not np.array_equal(strip.pictures[0], photo.picture) and np.array_equal(strip.pictures[1], photo.picture)
    out = tmp_path / "sheets" / "sheet.png"
    write_sheet([strip, Strip("other", strip.pictures[:2])], out)
    with Image.open(out) as sheet:
        assert sheet.size == compose([strip, strip]).size
    with pytest.raises(ValueError, match=r"found 'sheet.gif'"):
        write_sheet([strip], tmp_path / "sheet.gif")
