"""Reading: the state, the signer and the drags; what strangers write is no more than text; no server is asked."""

import json

import av
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from dragnuwa.common.errors import InputError
from dragnuwa.provenance import reading
from dragnuwa.provenance.certificate import TRUST, make_certificate
from dragnuwa.provenance.comfy_metadata import comfy_metadata, drawings_in, models_of_prompt
from dragnuwa.provenance.credentials import ELSEWHERE, read_credentials
from dragnuwa.provenance.identity import FILE, read_identity
from dragnuwa.provenance.manifest import DRAWING as LABEL
from dragnuwa.provenance.manifest import MAX_DRAWING_BYTES, Record
from dragnuwa.provenance.parts import MAX_BYTES
from dragnuwa.provenance.signing import sign
from dragnuwa.trajectory import parse
from tests.support.credentials import (
    DRAWING,
    HEIGHT,
    PROMPT,
    WIDTH,
    counting_server,
    sign_by_hand,
    state,
    with_byte_changed,
    write_mp4,
)
from tests.support.waiting import wait_until

SIZE = {"width": WIDTH, "height": HEIGHT}
OURS = parse(DRAWING, **SIZE)
HOSTILE_TEXT = "<img src=x onerror=alert(1)>\ud800\x1b[2J\u202e" + "x" * 10_000


def changed(signed, tmp_path):
    """The file with one byte of its pictures changed."""
    return with_byte_changed(signed, tmp_path / "changed.mp4", signed.read_bytes().index(b"mdat") + 200)


def test_what_was_signed_is_read_back(signed, trust):
    found = reading.read(signed, trust)
    assert (found.credentials.state, found.credentials.signer, found.credentials.trusted) == (
        "intact",
        "Jane Doe",
        True,
    )
    assert (found.credentials.made, found.credentials.model) == ("by a model", "a model")
    assert found.drawing == OURS and found.origin == reading.CREDENTIALS
    assert 'intact: nothing was changed since "Jane Doe" signed it.' in found.report()
    assert (
        "on your list of trusted ones" in found.report() and "Drawing: 1 drag, from its credentials." in found.report()
    )


def test_without_their_root_a_signer_is_nobody_that_is_known(signed):
    found = reading.read(signed)
    assert not found.credentials.trusted
    assert "on no list of yours" in found.report()


def test_a_changed_file_says_so_and_still_shows_its_drags(signed, tmp_path, trust):
    found = reading.read(changed(signed, tmp_path), trust)
    assert found.is_changed and not found.credentials.trusted and found.drawing == OURS
    assert 'broken: the file was changed after "Jane Doe" signed it' in found.report()
    assert "trusted" not in found.report()


def test_an_expired_certificate_is_not_taken_for_a_change(unsigned, tmp_path):
    """Without a time stamp, c2pa calls such a file invalid."""
    make_certificate(tmp_path / "me", "Jane Doe", 3 / 86400)
    sign(
        unsigned, tmp_path / "old.mp4", Record("by a model", "old.mp4", DRAWING), read_identity(tmp_path / "me" / FILE)
    )
    wait_until(lambda: state(tmp_path / "old.mp4") == "Invalid")
    found = reading.read(tmp_path / "old.mp4", (tmp_path / "me" / TRUST).read_bytes())
    assert not found.is_changed and not found.credentials.trusted and found.drawing == OURS
    assert "The certificate has expired" in found.report() and "intact" in found.report()


def test_comfyuis_metadata_is_read_where_there_are_no_credentials(tmp_path):
    found = reading.read(write_mp4(tmp_path / "saved.mp4", prompt=PROMPT))
    assert (found.credentials, found.drawing, found.origin) == (None, OURS, reading.METADATA)
    assert "It has no content credentials." in found.report() and "which anyone can change" in found.report()


def test_drags_in_pixels_are_read_at_their_clips_size(tmp_path):
    prompt = {
        "1": {"class_type": PROMPT["2"]["class_type"], "inputs": {"trajectories": "[[[48, 32], [96, 64]]]", **SIZE}}
    }
    (track,) = reading.read(write_mp4(tmp_path / "pixels.mp4", prompt=prompt)).drawing.tracks
    assert [(point.x, point.y) for point in track.points] == [(0.5, 0.5), (1.0, 1.0)]


def test_a_workflow_alone_is_read_with_its_subgraphs(tmp_path):
    editor = {"type": "DragNUWATrajectoryEditor", "widgets_values": [DRAWING, WIDTH, HEIGHT, 8, "crop"]}
    workflow = {"nodes": [], "definitions": {"subgraphs": [{"nodes": [editor]}]}}
    assert reading.read(write_mp4(tmp_path / "workflow.mp4", workflow=workflow)).drawing == OURS


def test_a_webm_and_a_png_are_read(tmp_path):
    with av.open(str(tmp_path / "saved.webm"), "w") as container:
        container.metadata["prompt"] = json.dumps(PROMPT)
        stream = container.add_stream("libvpx-vp9", rate=8)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((HEIGHT, WIDTH, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    info = PngImagePlugin.PngInfo()
    info.add_text("prompt", json.dumps(PROMPT))
    Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / "saved.png", pnginfo=info)
    for name in ("saved.webm", "saved.png"):
        assert reading.read(tmp_path / name).drawing == OURS, name


def test_of_several_drawings_the_first_that_is_not_empty_counts(tmp_path):
    empty = {"class_type": PROMPT["2"]["class_type"], "inputs": {"trajectories": "[]", **SIZE}}
    prompt = {"0": empty, **PROMPT, "9": PROMPT["2"]}
    found = reading.read(write_mp4(tmp_path / "two.mp4", prompt=prompt))
    assert found.drawing == OURS and "It holds 2 drawings; this is the first." in found.report()


def test_the_models_are_those_before_a_node():
    prompt = {
        **PROMPT,
        "3": {"class_type": "KSampler", "inputs": {"model": ["1", 0]}},
        "4": {"class_type": "LoraLoader", "inputs": {"lora_name": "unused.safetensors", "model": ["5", 0]}},
        "5": {"class_type": "Loop", "inputs": {"model": ["4", 0]}},
    }
    assert models_of_prompt(prompt) == ["video-model.safetensors", "unused.safetensors"]
    assert models_of_prompt(prompt, "3") == ["video-model.safetensors"]
    assert models_of_prompt(prompt, "5") == ["unused.safetensors"]


@pytest.mark.parametrize(
    "prompt",
    [
        "nonsense", "[" * 10**5, [], {"1": None}, {"1": {"class_type": 1, "inputs": []}}, "{}", "null", '"\\ud800"',
        {"1": {"class_type": "DragNUWATrajectoryEditor", "inputs": {"trajectories": ["2", 0]}}},
        {"1": {"class_type": "DragNUWATrajectoryEditor", "inputs": {"trajectories": "<script>"}}},
        {"1": {"class_type": ["DragNUWATrajectoryEditor"], "inputs": {"trajectories": DRAWING, "width": "x"}}},
    ],
)  # fmt: skip
def test_other_metadata_has_no_drags(tmp_path, prompt):
    found = reading.read(write_mp4(tmp_path / "other.mp4", prompt=prompt))
    assert found.drawing is None and "It has no drags of DragNUWA." in found.report()
    assert found.report().isprintable() or "\n" in found.report()


@pytest.mark.parametrize(
    "workflow",
    [
        [], {"nodes": 1}, {"nodes": [None, {"type": "DragNUWATrajectoryEditor"}], "definitions": []},
        {"nodes": [{"type": "DragNUWATrajectoryEditor", "widgets_values": {"a": 1}}]},
        {"definitions": {"subgraphs": [1]}},
        {"nodes": [{"type": "DragNUWATrajectoryEditor", "widgets_values": [None, 1]}]},
    ],
)  # fmt: skip
def test_other_workflows_have_no_drags(workflow):
    assert drawings_in({"workflow": workflow}) == []


@pytest.mark.parametrize(
    "data",
    [
        {"version": 1, "trajectories": DRAWING + " " * MAX_DRAWING_BYTES},
        {"version": 1, "trajectories": "<script>alert(1)</script>"},
        {"version": 1, "trajectories": {"type": "dragnuwa.trajectories"}},
        {"version": 1, "trajectories": 5, "model": 5, "picture": []},
        {"version": 2, "trajectories": DRAWING},
        {"version": "1", "trajectories": DRAWING, "omitted": "yes"},
        {"trajectories": DRAWING},
        {"version": 1, "trajectories": "[" * 100_000},
        {"version": 1, "trajectories": "[" * 100_000, "deep": json.loads("[" * 100 + "]" * 100)},
        {"version": 1, "trajectories": '{"type": "dragnuwa.trajectories", "version": 1, "tracks": ["\\ud800"]}'},
        {},
    ],
)  # fmt: skip
def test_hostile_credentials_have_no_drags(unsigned, identity, tmp_path, data):
    path = sign_by_hand(unsigned, tmp_path / "hostile.mp4", identity, [{"label": LABEL, "data": data, "kind": "Json"}])
    found = reading.read(path)
    assert found.credentials.state == "intact" and found.drawing is None
    assert all(line.isprintable() and len(line) < 600 for line in found.report().splitlines())


def test_names_from_strangers_are_short_and_printable(unsigned, identity, tmp_path):
    text = HOSTILE_TEXT.replace("\ud800", "")  # which c2pa itself does not write
    data = {"version": 1, "model": text, "trajectories": DRAWING}
    path = sign_by_hand(unsigned, tmp_path / "names.mp4", identity, [{"label": LABEL, "data": data, "kind": "Json"}])
    found = reading.read(path)
    assert found.drawing == OURS
    assert len(found.credentials.model) <= 200 and found.credentials.model.isprintable()


def test_credentials_of_others_are_read_without_drags(unsigned, identity, tmp_path):
    found = reading.read(sign_by_hand(unsigned, tmp_path / "other.mp4", identity, []))
    assert (found.credentials.made, found.credentials.tool, found.drawing) == ("composite", "by hand", None)


def test_broken_credentials_do_not_hide_comfyuis_drags(tmp_path, identity):
    prompt = write_mp4(tmp_path / "prompt.mp4", prompt=PROMPT)
    path = sign_by_hand(prompt, tmp_path / "signed.mp4", identity, [])
    found = reading.read(changed(path, tmp_path))
    assert found.is_changed and (found.drawing, found.origin) == (OURS, reading.METADATA)


def test_no_server_is_asked_for_credentials_that_are_elsewhere(unsigned, identity, tmp_path):
    with counting_server() as (address, asked):
        path = sign_by_hand(unsigned, tmp_path / "elsewhere.mp4", identity, [], remote=f"{address}/manifest.c2pa")
        found = reading.read(path)
        assert found.credentials.state == ELSEWHERE and not found.is_changed
        assert "kept on a server, which is not asked" in found.report()
        assert asked == []


def test_too_large_credentials_are_refused_before_they_are_read(unsigned, tmp_path):
    size = MAX_BYTES + 8
    path = tmp_path / "large.mp4"
    with open(path, "wb") as file:
        file.write(unsigned.read_bytes() + size.to_bytes(4, "big") + b"uuid")
        file.truncate(unsigned.stat().st_size + size)
    with pytest.raises(InputError, match="at most 32 MiB"):
        read_credentials(path)


@pytest.mark.parametrize("content", [b"", b"text", b"\0" * 100, b"\0\0\0\x01ftypisom" + b"\xff" * 100])
def test_what_is_no_video_is_refused(tmp_path, content):
    (tmp_path / "none.mp4").write_bytes(content)
    with pytest.raises(InputError):
        reading.read(tmp_path / "none.mp4")


def test_metadata_that_is_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("dragnuwa.provenance.comfy_metadata.MAX_TEXT_BYTES", 100)
    with pytest.raises(InputError, match="at most"):
        comfy_metadata(write_mp4(tmp_path / "long.mp4", prompt=PROMPT))
