"""Signing and reading in the running server: what lies in the output folder is what was signed, to the byte, and
nothing of the signer's files gets anywhere else."""

import hashlib
import json
import os
import re
import shlex
import shutil

import av
import numpy as np
import pytest
import requests
from PIL import Image

from dragnuwa.provenance.certificate import CERTIFICATE, KEY, TRUST, make_certificate
from dragnuwa.provenance.identity import FILE
from dragnuwa.remote.client import ClientError, PromptRejected
from dragnuwa.trajectory import parse
from scripts.host import HostProcess
from tests.support.commands import run_python
from tests.support.credentials import DRAWING, PROMPT, manifest, state, write_mp4
from tests.support.prompts import node, node_error

LABEL = "io.github.dragnuwa.drawing"
SIZE = {"width": 96, "height": 64}


@pytest.fixture(scope="module")
def signer(host: HostProcess):
    """The folder where the server's owner puts a signer; others of the run have none."""
    folder = host.base_directory / "user" / "__dragnuwa"
    make_certificate(folder, "Jane Doe", 30)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def picture(host):
    pixels = np.random.default_rng(3).integers(0, 256, (64, 96, 3), np.uint8)
    Image.fromarray(pixels).save(host.input_directory / "provenance.png")
    return pixels


def prompt(**inputs) -> dict:
    """A picture, drags on it, a video of it, and the signing."""
    return {
        "load": node("LoadImage", image="provenance.png"),
        "editor": node(
            "DragNUWATrajectoryEditor", image=["load", 0], trajectories=DRAWING, **SIZE, frames=4, fit="crop"
        ),
        "repeat": node("RepeatImageBatch", image=["editor", 1], amount=4),
        "video": node("CreateVideo", images=["repeat", 0], fps=8),
        "sign": node(
            "DragNUWASignVideo", video=["video", 0], filename_prefix="signed/%width%", made="by a model",
            **{"model": "", "image": ["load", 0], "trajectories": ["editor", 0], **inputs},
        ),
        "text": node("PreviewAny", source=["sign", 0]),
    }  # fmt: skip


def run(client, host, made: dict):
    """The signed file of a prompt, and the report."""
    result = client.run(made)
    (file,) = result.files("sign")
    path = host.output_directory / file["subfolder"] / file["filename"]
    return path, result.outputs["text"]["text"][0]


def test_the_file_in_the_output_folder_is_what_was_signed(client, host, signer, picture, tmp_path):
    made = prompt(model="my model")
    path, report = run(client, host, made)
    assert path.parent.name == "signed" and path.name.startswith("96_")
    assert state(path) == "Valid" and state(path, (signer / TRUST).read_bytes()) == "Trusted"
    assert 'nothing was changed since "Jane Doe" signed it' in report and "on your list of trusted" in report
    own = next(one["data"] for one in manifest(path)["assertions"] if one["label"] == LABEL)
    assert own["trajectories"] == parse(DRAWING, **SIZE).to_json() and own["model"] == "my model"
    assert own["picture"] == {**SIZE, "sha256": hashlib.sha256(picture.tobytes()).hexdigest()}
    with av.open(str(path)) as container:
        saved = json.loads(container.metadata["prompt"])
        assert saved["sign"]["inputs"] == made["sign"]["inputs"]
        assert sum(1 for _ in container.decode(video=0)) == 4
    served = requests.get(f"{host.url}/view", {"filename": path.name, "subfolder": "signed"}, timeout=30)
    assert served.content == path.read_bytes()
    (item,) = client.run({**made, "text": made["text"]}).files("sign")  # from the cache: nothing is written again
    assert client.download(item, tmp_path).read_bytes() == path.read_bytes()


def test_the_models_are_those_that_the_video_depends_on(client, host, signer, picture):
    path, report = run(client, host, prompt(trajectories=["editor", 0]))
    assert "Model:" not in report and state(path) == "Valid"


def test_nothing_of_the_signers_files_leaves_their_folder(client, host, signer, picture, place_input):
    """Neither in the file, nor in the history, nor in the log, nor under an address of the server."""
    path, report = run(client, host, prompt(model="another"))
    report += "".join(map(str, read(client, place_input(path, "leaving.mp4"))))
    secret = max((signer / KEY).read_text().splitlines(), key=len)
    positions = (str(signer), KEY, CERTIFICATE, FILE)
    said = json.dumps(requests.get(f"{host.url}/history", timeout=30).json()) + report + host.log()
    assert secret not in said and not [place for place in positions if place in said]
    content = path.read_bytes()
    assert secret.encode() not in content and not [place for place in positions if place.encode() in content]
    for address in (
        "userdata/signing.json",
        "userdata/../__dragnuwa/signing.json",
        "userdata/..%2F__dragnuwa%2Fkey.pem",
    ):
        assert secret not in requests.get(f"{host.url}/{address}", timeout=30).text
    spoofed = requests.get(f"{host.url}/userdata/key.pem", headers={"comfy-user": "__dragnuwa"}, timeout=30)
    assert secret not in spoofed.text and spoofed.status_code != 200


def test_what_cannot_be_signed_is_told_before_anything_runs(client, host, signer, picture):
    before = sorted(host.output_directory.rglob("*"))
    key = (signer / KEY).read_bytes()
    (signer / KEY).write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0LXNlY3JldC1zZWNyZXQ=\n-----END PRIVATE KEY-----\n")
    try:
        with pytest.raises(PromptRejected) as error:
            client.run(prompt())
    finally:
        (signer / KEY).write_bytes(key)
    assert "The video cannot be signed as signing.json says" in str(error.value)
    (signer / FILE).rename(signer / "away")
    try:
        with pytest.raises(PromptRejected, match="ComfyUI knows no certificate to sign with") as error:
            client.run(prompt())
    finally:
        (signer / "away").rename(signer / FILE)
    assert "c2VjcmV0" not in str(error.value) + host.log() and str(signer) not in str(error.value) + host.log()
    assert sorted(host.output_directory.rglob("*")) == before


def test_the_command_in_the_message_makes_what_is_missing(client, host, signer, picture):
    signer.rename(signer.with_name("away"))
    try:
        with pytest.raises(PromptRejected) as error:
            client.run(prompt())
        said = str(error.value).replace("\\", "")
        (command,) = re.findall(r'python (custom_nodes\S+ certificate \S+ --name ".*?")', said)
        done = run_python(*shlex.split(command), cwd=host.base_directory)
        assert done.returncode == 0, done.stderr
        path, _ = run(client, host, prompt(model="signed by the message"))
        assert state(path) == "Valid"
    finally:
        shutil.rmtree(signer, ignore_errors=True)
        signer.with_name("away").rename(signer)


@pytest.mark.parametrize("prefix", ["../outside", "/tmp/outside", "a/../../outside"])
def test_nothing_is_written_outside_of_the_output_folder(client, host, signer, picture, prefix):
    made = prompt()
    made["sign"]["inputs"]["filename_prefix"] = prefix
    assert "inside of ComfyUI's output folder" in str(node_error(client, made))


def test_a_video_file_is_signed_as_save_video_would_copy_it(client, host, signer, place_input, tmp_path):
    place_input(write_mp4(tmp_path / "given.mp4", prompt=PROMPT), "given.mp4")
    made = {
        "video": node("LoadVideo", file="given.mp4"),
        "sign": node(
            "DragNUWASignVideo", video=["video", 0], filename_prefix="copy", made="picture moved, without a model",
            model="",
        ),
        "text": node("PreviewAny", source=["sign", 0]),
    }  # fmt: skip
    path, report = run(client, host, made)
    assert state(path) == "Valid" and "Made: picture moved, without a model" in report
    with av.open(str(path)) as one, av.open(str(tmp_path / "given.mp4")) as other:
        assert [bytes(packet) for packet in one.demux(video=0)] == [bytes(packet) for packet in other.demux(video=0)]


def read(client, name: str):
    """Report and drags of a video in the input folder, as Read Credentials gives them."""
    made = {
        "read": node("DragNUWAReadCredentials", file=name),
        "drags": node("PreviewAny", source=["read", 0]),
    }
    result = client.run(made)
    return result.outputs["read"]["text"][0], result.outputs.get("drags", {}).get("text", [None])[0]


def test_the_drags_of_a_signed_video_come_back(client, host, signer, picture, place_input):
    path, _ = run(client, host, prompt(model="to be read"))
    report, drags = read(client, place_input(path, "read-signed.mp4"))
    assert drags == parse(DRAWING, **SIZE).to_json()
    assert "are intact" in report and "Model: to be read." in report
    content = bytearray(path.read_bytes())
    content[content.index(b"mdat") + 100] ^= 1
    report, drags = read(client, place_input(bytes(content), "read-signed.mp4"))  # of the same name: it is read again
    assert "are broken" in report and drags == parse(DRAWING, **SIZE).to_json()


def test_a_root_that_is_trusted_no_longer_is_seen_whatever_the_times_and_sizes(
    client, host, signer, picture, place_input, tmp_path
):
    path, _ = run(client, host, prompt(model="of a root"))
    name, trusted = place_input(path, "read-root.mp4"), signer / TRUST
    kept = trusted.read_bytes()
    make_certificate(tmp_path / "other", "Jane Doe", 30)
    said = []
    try:
        for roots in (kept, (tmp_path / "other" / TRUST).read_bytes()):
            trusted.write_bytes(roots.ljust(2000, b"\n"))
            os.utime(trusted, (10**9, 10**9))
            said.append(read(client, name)[0])
    finally:
        trusted.write_bytes(kept)
    assert "on your list of trusted ones" in said[0] and "on no list of yours" in said[1]


def test_without_drags_the_report_is_shown_and_what_follows_does_not_run(client, host, place_input, tmp_path):
    place_input(write_mp4(tmp_path / "bare.mp4"), "bare.mp4")
    made = {"read": node("DragNUWAReadCredentials", file="bare.mp4")}
    assert "It has no drags" in client.run(made).outputs["read"]["text"][0]
    made["drags"] = node("PreviewAny", source=["read", 0])
    assert "drags" not in client.run(made).outputs


def test_a_name_that_leads_elsewhere_is_refused(client, host):
    for name in ("../user/__dragnuwa/key.pem", "/etc/passwd", "absent.mp4", ""):
        with pytest.raises(ClientError, match="There is no"):
            client.run({"read": node("DragNUWAReadCredentials", file=name)})
