"""`python -m dragnuwa.provenance`: a certificate, signing in place, reading, and the drags again."""

import json
import os
import shutil
import sys

import pytest

from dragnuwa.provenance import command
from dragnuwa.provenance.certificate import CERTIFICATE, KEY, TRUST
from dragnuwa.provenance.command import FAILED
from dragnuwa.provenance.identity import FILE
from dragnuwa.trajectory import parse
from tests.support.commands import ROOT, run_python
from tests.support.credentials import DRAWING, PROMPT, manifest, state, with_byte_changed, write_mp4


@pytest.fixture
def video(tmp_path):
    return write_mp4(tmp_path / "video.mp4", prompt=PROMPT)


def test_from_a_certificate_to_the_drags_again(tmp_path, video):
    """As a person does it, in processes of their own."""

    def run(*arguments):
        done = run_python("-m", "dragnuwa.provenance", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stderr

    me = tmp_path / "me"
    assert KEY in run("certificate", me, "--name", "Jane Doe")
    said = run("sign", video, "--identity", me / FILE)
    assert said == "video.mp4: signed.\n"
    assert state(video, (me / TRUST).read_bytes()) == "Trusted"
    own = next(one for one in manifest(video)["assertions"] if one["label"] == "io.github.dragnuwa.drawing")
    assert own["data"]["model"] == "video-model.safetensors"
    said = run("read", video, "--trust", me / TRUST, "--drawing", tmp_path / "drags.json")
    assert "intact" in said and "on your list of trusted ones" in said
    assert (tmp_path / "drags.json").read_text() == parse(DRAWING, width=96, height=64).to_json()


def test_a_changed_file_is_a_failure(signed, tmp_path, caplog):
    caplog.set_level("INFO")
    changed = with_byte_changed(signed, tmp_path / "changed.mp4", signed.read_bytes().index(b"mdat") + 200)
    assert command.main(["read", str(changed), str(signed)]) == command.FAILED
    assert "broken" in caplog.messages[0] and "intact" in caplog.messages[1]


def test_one_bad_file_does_not_keep_the_others_from_being_signed(signer, tmp_path, video, caplog):
    (tmp_path / "text.mp4").write_text("no video")
    again = shutil.copy(video, tmp_path / "again.mp4")
    arguments = ["sign", tmp_path / "text.mp4", video, again, "--identity", signer / FILE, "--made", "composite"]
    assert command.main([*map(str, arguments), "--model", "my model"]) == command.FAILED
    assert state(video) == state(tmp_path / "again.mp4") == "Valid"
    assert "compositeWithTrained" in json.dumps(manifest(video)) and "my model" in json.dumps(manifest(video))


def test_a_bad_identity_is_one_sentence(tmp_path, video, caplog):
    before = video.read_bytes()
    code = command.main(["sign", str(video), "--identity", str(tmp_path / "none.json")])
    assert code == command.FAILED and video.read_bytes() == before
    assert caplog.messages == ["The file signing.json does not exist."]


def test_without_what_makes_certificates_it_says_what_to_install(tmp_path, monkeypatch, caplog):
    """As in the registry's archive, which leaves that module out."""
    monkeypatch.setitem(sys.modules, "dragnuwa.provenance.certificate", None)
    assert command.main(["certificate", str(tmp_path / "me")]) == command.FAILED
    (said,) = caplog.messages
    assert said.startswith('This needs more. Run python -m pip install "dragnuwa[provenance]" with the same Python')


def test_by_its_path_it_works_from_any_folder(tmp_path):
    done = run_python(ROOT / "dragnuwa" / "provenance", "certificate", "me", "--name", "Jane Doe", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "me").iterdir()} == {CERTIFICATE, KEY, TRUST, FILE}


def test_the_registrys_copy_takes_what_it_lacks_from_the_installed_package(tmp_path):
    copy = tmp_path / "custom_nodes" / "pack" / "dragnuwa"
    for part in ("provenance", "common", "geometry", "trajectory"):
        shutil.copytree(ROOT / "dragnuwa" / part, copy / part)
    (copy / "__init__.py").touch()
    (copy / "provenance" / "certificate.py").unlink()
    command = [copy / "provenance", "certificate", "me"]
    alone = run_python(*command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": ""})
    assert alone.returncode == FAILED and "dragnuwa[provenance]" in alone.stderr
    installed = run_python(*command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert installed.returncode == 0 and (tmp_path / "me" / KEY).exists(), installed.stderr


def test_without_c2pa_it_says_what_to_install(video, monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "c2pa", None)
    caplog.set_level("INFO")
    assert command.main(["read", str(video)]) == command.DONE
    (said,) = caplog.messages
    assert "Its credentials were not read: This needs c2pa-python" in said and '"c2pa-python>=0.29"' in said
    assert "Drawing: 1 drag, from ComfyUI's metadata" in said
