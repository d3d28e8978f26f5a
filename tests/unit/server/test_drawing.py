"""The route that gives the drawing of a video: from the host's input and output folders only, with what is known."""

import json
import os
import shutil

import pytest

from dragnuwa.provenance.certificate import TRUST, make_certificate
from dragnuwa.provenance.identity import FILE, read_identity
from dragnuwa.provenance.manifest import Record
from dragnuwa.provenance.signing import sign
from dragnuwa.server import drawing
from tests.support.credentials import DRAWING, PROMPT, write_mp4
from tests.support.page_routes import named, post

PATH = "/dragnuwa/drawing"


@pytest.fixture(scope="module")
def videos(folders, tmp_path_factory):
    """A signed video, one with ComfyUI's metadata, one without either, and what is no video."""
    signer = tmp_path_factory.mktemp("signer")
    make_certificate(signer, "<b>Jane</b>", 1)
    plain = write_mp4(folders / "input" / "plain.mp4")
    record = Record("by a model", "signed.mp4", DRAWING)
    sign(plain, folders / "input" / "sub" / "signed.mp4", record, read_identity(signer / FILE))
    shutil.copy(folders / "input" / "sub" / "signed.mp4", folders / "output" / "signed.mp4")
    shutil.copy(folders / "input" / "sub" / "signed.mp4", folders / "temp" / "signed.mp4")
    shutil.copy(folders / "input" / "sub" / "signed.mp4", folders / "secret.mp4")
    os.symlink(folders / "secret.mp4", folders / "input" / "link.mp4")
    write_mp4(folders / "input" / "saved.mp4", prompt=PROMPT)
    (folders / "input" / "text.mp4").write_text("no video")
    return signer


def asked(folders, reference):
    ((status, media, body),) = post(folders, PATH, {"picture": reference})
    assert media == "application/json"
    return status, json.loads(body)


@pytest.mark.parametrize("kind", ["input", "output"])
def test_a_signed_video_gives_its_drags_and_its_signer(folders, videos, kind):
    status, answer = asked(folders, named("signed.mp4", "sub" if kind == "input" else "", kind))
    assert status == 200
    assert [(p["x"], p["y"]) for p in answer["trajectories"]["tracks"][0]["points"]] == [(0.1 + 0.2, 0.5), (0.7, 1 / 3)]
    assert answer["about"] == {"origin": "credentials", "changed": False, "signer": "<b>Jane</b>", "trusted": False}


def test_comfyuis_metadata_is_said_to_be_that(folders, videos):
    status, answer = asked(folders, named("saved.mp4", ""))
    assert status == 200
    assert answer["about"] == {"origin": "metadata", "changed": False, "signer": "", "trusted": False}


def test_a_changed_video_is_said_to_be_that(folders, videos):
    content = bytearray((folders / "input" / "sub" / "signed.mp4").read_bytes())
    content[content.index(b"mdat") + 200] ^= 1
    (folders / "input" / "changed.mp4").write_bytes(content)
    _, answer = asked(folders, named("changed.mp4", ""))
    assert answer["about"]["changed"]


def test_the_owner_decides_who_is_trusted(folders, videos):
    from dragnuwa.server.pictures import PagePictures
    from tests.support.page_routes import folder_of

    body = json.dumps({"picture": named("signed.mp4", "sub")}).encode()
    pictures = PagePictures(folder_of(folders), lambda name: None)
    answer = drawing.drawing(body, pictures, (videos / TRUST).read_bytes)
    assert json.loads(answer)["about"]["trusted"]


@pytest.mark.parametrize(
    ("name", "said"), [("plain.mp4", "It has no drags of DragNUWA."), ("text.mp4", "cannot be"), ("text.png", "")]
)
def test_a_file_without_drags_is_told_in_words(folders, videos, name, said):
    status, answer = asked(folders, named(name, ""))
    assert status == 422 and said in answer["error"]
    assert str(folders) not in answer["error"]


@pytest.mark.parametrize(
    ("reference", "status"),
    [
        (named("signed.mp4", "", "temp"), 400),
        (named("../secret.mp4", ""), 404),
        (named("secret.mp4", ".."), 404),
        (named("link.mp4", ""), 404),
        (named("absent.mp4", ""), 404),
        (named("", "sub"), 404),
        (named("signed.mp4\0", "sub"), 400),
        ("signed.mp4", 400),
        ({"filename": "signed.mp4", "subfolder": "sub", "type": "user"}, 400),
        ({"filename": 1, "subfolder": "sub", "type": "input"}, 400),
    ],
)
def test_nothing_else_is_read(folders, videos, reference, status):
    found, answer = asked(folders, reference)
    assert found == status and "error" in answer


def test_an_absolute_path_leads_nowhere(folders, videos):
    assert asked(folders, named(str(folders / "secret.mp4"), ""))[0] == 404


def test_a_large_file_is_refused_before_it_is_read(folders, videos):
    with open(folders / "input" / "huge.mp4", "wb") as file:
        file.truncate(drawing.MAX_BYTES + 1)
    status, answer = asked(folders, named("huge.mp4", ""))
    assert status == 422 and "at most 1 GiB" in answer["error"]
