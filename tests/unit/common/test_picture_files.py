"""Picture files are opened as pixels only, and their size is known before anything is decoded."""

import io
import re
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from dragnuwa.common import picture_files
from dragnuwa.common.errors import InputError
from dragnuwa.common.picture_files import MAX_PIXELS, check_picture, open_picture
from tests.support.picture_kinds import picture_files as kinds

ROOT = Path(__file__).resolve().parents[3]
EPS = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 10 10
%%EndComments
{ } loop
"""
SMALL, OTHER = Image.new("RGB", (60, 40), "red"), Image.new("RGB", (90, 70), "blue")


def coded(image, form, **options):
    file = io.BytesIO()
    image.copy().save(file, form, **options)
    return file.getvalue()


def written(folder, data, name="picture.png"):
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.fixture
def ghostscript(tmp_path, monkeypatch):
    """A program in Ghostscript's place that leaves a mark when it is started."""
    mark, program = tmp_path / "started", tmp_path / "gs"
    program.write_text(f"#!{sys.executable}\nopen({str(mark)!r}, 'w')\n")
    program.chmod(0o755)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", str(program))
    return mark


@pytest.mark.parametrize("name", ["program.eps", "program.png", "program.jpg"])
def test_a_postscript_program_is_not_run(tmp_path, ghostscript, name):
    path = written(tmp_path, EPS, name)
    for use in (check_picture, lambda file: open_picture(file).__enter__().load()):
        with pytest.raises(InputError, match="should be one of PNG, JPEG"):
            use(path)
    assert not ghostscript.exists()
    with Image.open(path) as image, pytest.raises(OSError):
        image.load()
    assert ghostscript.exists()  # so that this test can fail


def test_nothing_else_of_ours_opens_pictures():
    """Nor by a format that nobody asked for: Pillow's own entry is used in one place."""
    positions = [path for folder in ("dragnuwa", "nodes", "tools", "scripts", "benchmarks")
              for path in (ROOT / folder).rglob("*.py")
              if re.search(r"\bImage\.open\(|\bimread\(", path.read_text(encoding="utf-8"))]  # fmt: skip
    assert [path.name for path in positions] == ["picture_files.py"]


def test_the_kinds_that_people_have_are_let_in(tmp_path):
    for name, data in kinds():
        path = written(tmp_path, data, name)
        assert check_picture(path) >= 72 * 48, name
        with open_picture(path) as image:
            assert np.asarray(image.convert("RGB")).shape[2] == 3


@pytest.mark.parametrize("form", ["ICO", "PPM", "TGA", "PCX", "DDS"])
def test_other_formats_are_refused(tmp_path, form):
    with pytest.raises(InputError, match="should be one of PNG"):
        check_picture(written(tmp_path, coded(SMALL, form)))


def lying_png() -> bytes:
    """An animated PNG of 250 frames that says it has one."""
    frames = [Image.new("L", (400, 300), k) for k in range(250)]
    data = bytearray(coded(frames[0], "PNG", save_all=True, append_images=frames[1:]))
    at = data.find(b"acTL")
    data[at + 4 : at + 8] = struct.pack(">I", 1)
    data[at + 12 : at + 16] = struct.pack(">I", zlib.crc32(bytes(data[at : at + 12])))
    return bytes(data)


def lying_avif() -> bytes:
    """5,200 x 5,200 pixels that are declared as 60 x 40."""
    data = bytearray(coded(Image.new("RGB", (5200, 5200)), "AVIF", speed=10))
    at = data.find(b"ispe")
    data[at + 8 : at + 16] = struct.pack(">II", 60, 40)
    return bytes(data)


FRAMES = [Image.new("P", (1000, 1000), k) for k in range(1, 30)]
LARGE = {
    "a long row": lambda: coded(Image.new("1", (134_217_727, 1)), "PNG"),
    "a large GIF": lambda: coded(Image.new("P", (11_000, 11_000)), "GIF"),
    "one row": lambda: coded(Image.new("L", (40, 1)), "PNG"),
    "a strip": lambda: coded(Image.new("L", (2000, 8)), "PNG"),
    "many frames": lambda: coded(Image.new("P", (1000, 1000)), "GIF", save_all=True, append_images=FRAMES),
    "more frames than it says": lying_png,
    "larger than it says": lying_avif,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("case", LARGE)
def test_what_is_too_large_is_refused_before_it_is_decoded(tmp_path, case, monkeypatch):
    path = written(tmp_path, LARGE[case]())
    Image.init()  # Pillow's plugins load pictures of their own where this is the first test
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("it was decoded"))
    with pytest.raises(InputError, match=r"should have (at most 26,000,000 pixels|sides of 2 to 32,768)"):
        check_picture(path)


def test_the_largest_picture_is_let_in(tmp_path):
    width = MAX_PIXELS // 4000
    assert check_picture(written(tmp_path, coded(Image.new("1", (width, 4000)), "PNG"))) == MAX_PIXELS


@pytest.mark.parametrize("form", ["PNG", "WEBP", "BMP"])
def test_pictures_behind_the_first_are_refused(tmp_path, form):
    """FFmpeg decodes them all, of any size; Pillow sees the first one."""
    with pytest.raises(InputError, match="should hold one picture"):
        check_picture(written(tmp_path, coded(SMALL, form) + coded(OTHER, form)))


def test_a_name_that_means_other_files_to_ffmpeg_is_refused(tmp_path):
    written(tmp_path, coded(OTHER, "PNG"), "img000.png")
    with pytest.raises(InputError, match="Rename"):
        check_picture(written(tmp_path, coded(SMALL, "PNG"), "img%03d.png"))
    assert check_picture(written(tmp_path, coded(SMALL, "PNG"), "50% of it.png")) == 60 * 40


def test_cut_and_empty_files_are_refused_in_words(tmp_path):
    for name, data in kinds():
        for length in (0, 3, 20, len(data) // 2):
            path = written(tmp_path, data[:length], name)
            try:
                check_picture(path)
                with open_picture(path) as image:
                    image.convert("RGB")
            except InputError as error:
                assert str(error).endswith(".")


def test_own_files_are_not_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(picture_files, "MAX_PIXELS", 10)
    with open_picture(written(tmp_path, coded(SMALL, "PNG"))) as image:
        assert image.size == (60, 40)
    with (
        pytest.raises(InputError, match="at most 2,399 pixels; found 60x40"),
        open_picture(tmp_path / "picture.png", max_pixels=2399),
    ):
        pass
