"""`python -m dragnuwa.batch --sign` at the running server: the videos are signed, and a second run leaves them."""

import json

import pytest
from PIL import Image

from dragnuwa.provenance.certificate import TRUST, make_certificate
from dragnuwa.provenance.identity import FILE
from tests.support.commands import run_python
from tests.support.credentials import manifest, state
from tests.support.prompts import node

PROMPT = {
    "1": node("LoadImage", image="anything.png"),
    "2": node(
        "DragNUWATrajectoryEditor", image=["1", 0], trajectories="[[[10, 10], [50, 40]]]", width=64, height=64,
        frames=2, fit="crop",
    ),
    "3": node("CreateVideo", images=["2", 1], fps=8),
    "4": node("SaveVideo", video=["3", 0], filename_prefix="batch", format="mp4", codec="h264"),
}  # fmt: skip


@pytest.fixture
def batch(host, tmp_path):
    """batch(*options): run the command on one picture; gives the finished process."""
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (90, 70), "red").save(tmp_path / "pictures" / "bird.png")
    (tmp_path / "prompt.json").write_text(json.dumps(PROMPT))

    def run(*options):
        positions = [tmp_path / "prompt.json", tmp_path / "pictures", tmp_path / "out"]
        return run_python("-m", "dragnuwa.batch", *positions, "--server", host.url, *options, timeout=300)

    return run


def test_the_videos_are_signed_once(batch, tmp_path):
    make_certificate(tmp_path / "me", "Jane Doe", 1)
    sign = "--sign", tmp_path / "me" / FILE
    done = batch(*sign, "--made", "no-model")
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "out").glob("bird*/*")
    assert state(path, (tmp_path / "me" / TRUST).read_bytes()) == "Trusted"
    own = next(one["data"] for one in manifest(path)["assertions"] if one["label"] == "io.github.dragnuwa.drawing")
    assert len(json.loads(own["trajectories"])["tracks"]) == 1 and "humanEdits" in json.dumps(manifest(path))
    before = path.read_bytes()
    done = batch(*sign)
    assert done.returncode == 0 and "1 of them done before" in done.stderr
    assert path.read_bytes() == before


def test_a_signer_that_does_not_exist_is_refused_before_anything_is_queued(batch, tmp_path):
    done = batch("--sign", tmp_path / "absent.json")
    assert done.returncode == 2 and "The file signing.json does not exist." in done.stderr
    assert not (tmp_path / "out").exists()
