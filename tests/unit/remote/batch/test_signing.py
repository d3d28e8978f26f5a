"""A batch that signs: before a job counts as done, once, whatever moment the run before was killed at."""

import json
import shutil

import pytest
from PIL import Image

from dragnuwa.common.errors import InputError
from dragnuwa.provenance.certificate import KEY, make_certificate
from dragnuwa.provenance.identity import FILE
from dragnuwa.remote.batch.board import Board
from dragnuwa.remote.batch.jobs import Job, Setting, upload_of
from dragnuwa.remote.batch.journal import Journal
from dragnuwa.remote.batch.out_folder import OutFolder
from dragnuwa.remote.batch.resume import make_plan
from dragnuwa.remote.batch.signing import Signing, prepare_signing
from tests.support.credentials import DRAWING, PROMPT, manifest, state, write_mp4

URL = "http://127.0.0.1:1"
WORKFLOW = {**PROMPT, "3": {"class_type": "LoadImage", "inputs": {"image": ""}}}
MADE = "picture moved, completed by a model"


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signer")
    make_certificate(folder, "Jane Doe", 1)
    return folder


@pytest.fixture(scope="module")
def signing(signer) -> Signing:
    return prepare_signing(signer / FILE, MADE, WORKFLOW)


@pytest.fixture
def job(tmp_path) -> Job:
    Image.new("RGB", (30, 20), "red").save(tmp_path / "start.png")
    return Job("bird", (Setting("3", "image", upload_of(tmp_path / "start.png")),))


@pytest.fixture
def run(tmp_path, job, signing):
    """run(): the board of a run; the one before is killed."""
    opened = []

    def start() -> Board:
        for each in opened:
            each.close()
        out = OutFolder(tmp_path / "out")
        journal = Journal(out.journal)
        opened[:] = journal, out
        return Board(make_plan([job], WORKFLOW, journal, out), journal, out, signing)

    yield start
    for each in opened:
        each.close()


def download(board: Board, prompt_id: str = "prompt"):
    """The job's result, as it comes from a server."""
    sent = board.send(board.take(URL, 0), prompt_id, URL)
    write_mp4(board.out.clean(prompt_id) / "video.mp4")
    return sent


def test_a_result_is_signed_when_it_appears(run, tmp_path):
    board = run()
    board.done(download(board))
    path = tmp_path / "out" / "bird" / "video.mp4"
    assert state(path) == "Valid"
    said = manifest(path)
    own = next(one["data"] for one in said["assertions"] if one["label"] == "io.github.dragnuwa.drawing")
    assert json.loads(own["trajectories"])["tracks"][0]["points"] == json.loads(DRAWING)["tracks"][0]["points"]
    assert own["model"] == "video-model.safetensors" and own["picture"]["width"] == 30
    assert "compositeWithTrainedAlgorithmicMedia" in json.dumps(said) and len(said["ingredients"]) == 1


def test_a_run_killed_after_the_signing_downloads_and_signs_once(run, tmp_path, job, signing):
    board = run()
    sent = download(board)
    signing.sign(job, board.out.part(sent.prompt_id))  # and killed before it is recorded
    board = run()
    (sent,) = board.at(URL)
    write_mp4(board.out.clean(sent.prompt_id) / "video.mp4")
    board.done(sent)
    assert state(tmp_path / "out" / "bird" / "video.mp4") == "Valid"


def test_a_result_that_is_done_is_not_touched_again(run, tmp_path):
    board = run()
    board.done(download(board))
    path = tmp_path / "out" / "bird" / "video.mp4"
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert run().finished
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_video_that_the_server_has_signed_stays_as_it_is(run, tmp_path, job, signing):
    board = run()
    sent = download(board)
    signing.sign(job, board.out.part("prompt"))
    before = (board.out.part("prompt") / "video.mp4").read_bytes()
    board.done(sent)
    assert (tmp_path / "out" / "bird" / "video.mp4").read_bytes() == before
    assert "video.mp4 was signed at the server, and keeps that" in board.events.get().text


def test_other_files_are_left_alone(run, tmp_path):
    board = run()
    sent = download(board)
    (board.out.part("prompt") / "picture.png").write_bytes(b"anything")
    board.done(sent)
    assert (tmp_path / "out" / "bird" / "picture.png").read_bytes() == b"anything"


def test_a_video_that_cannot_be_signed_fails_its_job(run, tmp_path):
    board = run()
    sent = download(board)
    (board.out.part("prompt") / "video.mp4").write_bytes(b"no video")
    board.done(sent)
    event = board.events.get()
    assert event.failed and event.job == "bird" and board.finished
    assert not (tmp_path / "out" / "bird").exists()


def test_a_signer_is_tried_before_the_run(signer, tmp_path):
    shutil.copytree(signer, tmp_path / "other")
    make_certificate(tmp_path / "third", "Another", 1)
    shutil.copy(tmp_path / "third" / KEY, tmp_path / "other" / KEY)
    with pytest.raises(InputError, match="does not belong to the certificate"):
        prepare_signing(tmp_path / "other" / FILE, MADE, WORKFLOW)
