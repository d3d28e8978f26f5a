"""Saving a signed video inside of ComfyUI: its metadata as Save Video writes it, and what is left where it fails."""

import json
import os
from pathlib import Path

import av
import folder_paths
import pytest
import torch
from comfy.cli_args import args

from dragnuwa.common.errors import InputError
from dragnuwa.host import signed_video
from dragnuwa.host.node_api import InputImpl, Types
from dragnuwa.host.signed_video import Told
from dragnuwa.provenance.certificate import KEY, TRUST, make_certificate
from tests.support.credentials import DRAWING, manifest, state

PROMPT = {"1": {"class_type": "Anything", "inputs": {"text": "a secret"}}}
EXTRA = {"workflow": {"nodes": []}}
MADE = "by a model"


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Folders of ComfyUI's own, and a signer in the protected one."""
    for name in ("output", "temp", "user"):
        monkeypatch.setattr(folder_paths, f"{name}_directory", str(tmp_path / name))
    make_certificate(signed_video.identity_file().parent, "Jane Doe", 1)
    return tmp_path


@pytest.fixture
def video():
    images = torch.rand(3, 64, 96, 3, generator=torch.Generator().manual_seed(0))
    return InputImpl.VideoFromComponents(Types.VideoComponents(images=images, audio=None, frame_rate=8))


def metadata(path: Path) -> dict:
    with av.open(str(path)) as container:
        return {key: value for key, value in container.metadata.items() if key in ("prompt", "workflow")}


def told(**fields) -> Told:
    return Told(MADE, "a model", DRAWING, None, PROMPT, EXTRA, "1", **fields)


def test_comfyuis_metadata_is_kept_and_signed(video):
    saved = signed_video.save_signed(video, "here/video", told())
    assert {key: json.loads(value) for key, value in metadata(saved.file.path).items()} == {"prompt": PROMPT, **EXTRA}
    assert (saved.file.name, saved.file.subfolder) == ("video_00001_.mp4", "here")
    assert state(saved.file.path) == "Valid" and saved.line == 'Signed video_00001_.mp4 as "Jane Doe".'


def test_disable_metadata_leaves_out_comfyuis_own(video, monkeypatch):
    monkeypatch.setattr(args, "disable_metadata", True)
    path = signed_video.save_signed(video, "video", told()).file.path
    assert metadata(path) == {} and b"a secret" not in path.read_bytes()
    assert "dragnuwa.trajectories" in json.dumps(manifest(path))  # what is connected is recorded


def test_nothing_is_left_where_the_signing_fails(video, folders):
    key = signed_video.identity_file().parent / KEY
    make_certificate(folders / "other", "Other", 1)
    key.write_bytes((folders / "other" / KEY).read_bytes())
    with pytest.raises(InputError, match="does not belong to the certificate"):
        signed_video.save_signed(video, "video", told())
    assert list(folders.rglob("*.mp4*")) == []
    assert list((folders / "temp").iterdir()) == []


def test_odd_sides_are_named_before_h264_refuses_them(folders):
    images = torch.rand(3, 63, 97, 3)
    video = InputImpl.VideoFromComponents(Types.VideoComponents(images=images, audio=None, frame_rate=8))
    with pytest.raises(InputError, match=r"is 97x63 pixels, .* even sides only\. Scale or crop it to 96x62"):
        signed_video.save_signed(video, "video", told())


def test_a_way_that_is_none_is_refused(video):
    with pytest.raises(InputError, match="made should be one of"):
        signed_video.save_signed(video, "video", Told("by magic"))


def test_a_fingerprint_holds_no_paths(video, folders):
    """ComfyUI writes it into the prompt of the files that it saves."""
    path = signed_video.save_signed(video, "video", told()).file.path
    for found in (*signed_video.fingerprint_to_read(f"{path.name} [output]"), *signed_video.fingerprint_to_sign()):
        assert found.replace("-", "").isalnum() and len(found) <= 64


def change_unseen(path: Path, content: bytes) -> None:
    """Another content of the same size, and with the same times."""
    before = path.stat()
    assert before.st_size == len(content)
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_is_read_depends_on_contents_rather_than_on_times_and_sizes(video):
    """A changed video, and a root that is no longer trusted."""
    path = signed_video.save_signed(video, "video", told()).file.path
    name, trusted = f"{path.name} [output]", signed_video.identity_file().parent / TRUST
    seen = [signed_video.fingerprint_to_read(name)]
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    change_unseen(path, bytes(content))
    seen.append(signed_video.fingerprint_to_read(name))
    lines = trusted.read_bytes().split(b"\n")
    lines[2] = lines[2][::-1]
    change_unseen(trusted, b"\n".join(lines))
    seen.append(signed_video.fingerprint_to_read(name))
    assert len(set(seen)) == 3 and signed_video.fingerprint_to_read(name) == seen[-1]


def test_another_certificate_signs_again():
    before = signed_video.fingerprint_to_sign()
    folder = signed_video.identity_file().parent
    for file in list(folder.iterdir()):
        file.unlink()
    make_certificate(folder, "Jane Doe", 1)
    assert signed_video.fingerprint_to_sign() != before
