"""Signing: what is written is valid by c2pa's own reader, whatever is changed afterwards makes it invalid."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from dragnuwa.common.errors import InputError
from dragnuwa.common.interrupt import interrupts
from dragnuwa.provenance.manifest import DRAWING as LABEL
from dragnuwa.provenance.manifest import MADE, MAX_DRAWING_BYTES, Record, picture_of_file, picture_of_pixels
from dragnuwa.provenance.signing import check_identity, sign
from tests.support.credentials import DRAWING, box, counting_server, manifest, state, with_byte_changed

TERMS = ["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "humanEdits"]


def assertion(path, label: str) -> dict:
    return next(one["data"] for one in manifest(path)["assertions"] if one["label"] == label)


def test_a_signed_file_is_valid_and_trusted_only_with_its_root(signed, trust):
    assert state(signed) == "Valid"
    assert state(signed, trust) == "Trusted"


@pytest.mark.parametrize("said", [b"dragnuwa.trajectories", b"a model", b"trainedAlgorithmicMedia", b"Jane Doe"])
def test_one_byte_changed_in_the_credentials_is_invalid(signed, tmp_path, said):
    position = signed.read_bytes().index(said) + 2
    assert state(with_byte_changed(signed, tmp_path / "changed.mp4", position)) == "Invalid"


@pytest.mark.parametrize("part", [b"mdat", b"moov"])
def test_one_byte_changed_is_invalid(signed, tmp_path, part):
    """Of the pictures, and of what the file says of them."""
    start, end = box(signed, part)
    for position in np.linspace(start + 64, end - 64, 6, dtype=int):
        assert state(with_byte_changed(signed, tmp_path / "changed.mp4", position)) == "Invalid", position


@pytest.mark.parametrize(("made", "term"), list(zip(MADE, TERMS, strict=True)))
def test_it_says_how_it_was_made(unsigned, identity, tmp_path, made, term):
    sign(unsigned, tmp_path / "made.mp4", Record(made, "made.mp4"), identity)
    (action,) = assertion(tmp_path / "made.mp4", "c2pa.actions.v2")["actions"]
    assert action["action"] == "c2pa.created"
    assert action["digitalSourceType"] == f"http://cv.iptc.org/newscodes/digitalsourcetype/{term}"
    assert state(tmp_path / "made.mp4") == "Valid"


def test_the_drags_are_recorded_to_the_digit(signed):
    assert assertion(signed, LABEL) == {"version": 1, "trajectories": DRAWING, "model": "a model"}


def test_drags_that_are_too_long_are_counted_but_not_recorded(unsigned, identity, tmp_path):
    long = json.dumps({"type": "dragnuwa.trajectories", "name": "x" * MAX_DRAWING_BYTES})
    sign(unsigned, tmp_path / "long.mp4", Record("by a model", "long.mp4", long), identity)
    digest = hashlib.sha256(long.encode()).hexdigest()
    assert assertion(tmp_path / "long.mp4", LABEL)["omitted"] == {"bytes": len(long), "sha256": digest}
    assert (tmp_path / "long.mp4").stat().st_size < unsigned.stat().st_size + 20_000


@pytest.mark.parametrize("character", ["x", '"', "\\", "语"])
def test_the_longest_drags_are_recorded_whatever_they_hold(unsigned, identity, tmp_path, character):
    longest = character * (MAX_DRAWING_BYTES // len(character.encode()))
    record = Record("by a model", "\udcff.mp4", longest, "\ud800" * 300)
    assert not record.is_drawing_too_long
    sign(unsigned, tmp_path / "longest.mp4", record, identity)
    assert assertion(tmp_path / "longest.mp4", LABEL)["trajectories"] == longest


def test_the_start_picture_is_an_ingredient_without_its_pixels(unsigned, identity, tmp_path):
    pixels = np.random.default_rng(1).integers(0, 256, (256, 256, 3), np.uint8)
    record = Record("by a model", "from.mp4", picture=picture_of_pixels(pixels))
    sign(unsigned, tmp_path / "from.mp4", record, identity)
    (ingredient,) = manifest(tmp_path / "from.mp4")["ingredients"]
    assert ingredient["title"] == "start picture" and ingredient["relationship"] == "inputTo"
    digest = hashlib.sha256(pixels.tobytes()).hexdigest()
    assert assertion(tmp_path / "from.mp4", LABEL)["picture"] == {"width": 256, "height": 256, "sha256": digest}
    assert (tmp_path / "from.mp4").stat().st_size < unsigned.stat().st_size + 20_000
    assert state(tmp_path / "from.mp4") == "Valid"


def test_a_picture_file_counts_as_the_pixels_that_are_seen(tmp_path):
    pixels = np.random.default_rng(2).integers(0, 256, (20, 30, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "plain.png")
    assert picture_of_file(tmp_path / "plain.png").digest == picture_of_pixels(pixels).digest
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    turned = picture_of_file(tmp_path / "turned.png")
    assert (turned.size, turned.digest) == ((20, 30), picture_of_pixels(np.rot90(pixels, -1)).digest)
    Image.fromarray(pixels).save(tmp_path / "other.bmp")
    assert picture_of_file(tmp_path / "other.bmp").media == "image/png"


def test_a_file_signed_in_place_is_replaced_whole(unsigned, identity, tmp_path):
    path = tmp_path / "here.mp4"
    path.write_bytes(unsigned.read_bytes())
    sign(path, path, Record("by a model", "here.mp4"), identity)
    assert state(path) == "Valid"
    assert [file.name for file in tmp_path.iterdir()] == ["here.mp4"]


def test_a_signed_file_is_not_signed_again(signed, identity, tmp_path):
    before = signed.read_bytes()
    with pytest.raises(InputError, match="has content credentials already"):
        sign(signed, signed, Record("by a model", "again.mp4"), identity)
    assert signed.read_bytes() == before


def test_what_is_no_mp4_is_refused_and_left(identity, tmp_path):
    path = tmp_path / "text.mp4"
    path.write_text("This is no video.")
    with pytest.raises(InputError, match="Only MP4"):
        sign(path, path, Record("by a model", "text.mp4"), identity)
    assert path.read_text() == "This is no video."


def test_an_interrupt_leaves_the_file_as_it_was(unsigned, identity, tmp_path):
    class Stopped(Exception):
        pass

    calls = []

    def stop_at_the_end():
        calls.append(None)
        if len(calls) == 2:
            raise Stopped

    with pytest.raises(Stopped), interrupts(stop_at_the_end):
        sign(unsigned, tmp_path / "none.mp4", Record("by a model", "none.mp4"), identity)
    assert list(tmp_path.iterdir()) == []


def test_only_a_time_stamp_server_that_is_named_is_asked(unsigned, identity, tmp_path):
    with counting_server() as (address, asked):
        check_identity(replace(identity, timestamp_server=f"{address}/tsa"))
        sign(unsigned, tmp_path / "silent.mp4", Record("by a model", "silent.mp4"), identity)
        assert asked == []
        with pytest.raises(InputError, match="the time stamp server gives no time stamp"):
            stamped = replace(identity, timestamp_server=f"{address}/tsa")
            sign(unsigned, tmp_path / "stamped.mp4", Record("by a model", "stamped.mp4"), stamped)
        assert asked == ["/tsa"]
    assert not (tmp_path / "stamped.mp4").exists()
