"""Answers of programs that are no ComfyUI, or a hostile one: each ends in the client's own error, and in a line of a
batch."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dragnuwa.remote.batch.command import main
from dragnuwa.remote.client import Client, ClientError

DEEP = b"[" * 200_000
HALF = "half \ud800"
ODD = [DEEP, b'{"a":' * 200_000, b"", b"\xff\xfe\x00", b"[]", b"7", b"null", b'"text"', json.dumps([HALF]).encode()]
ID = "0123"
QUEUE = {"queue_running": [], "queue_pending": []}


def answers(**fields) -> dict[str, bytes]:
    """By the beginning of a path; what a ComfyUI would say to the other requests."""
    usual = {"queue": QUEUE, "prompt": {"prompt_id": ID}, "upload": {"name": "a.png", "subfolder": ""}, "history": {}}
    return {name: value if isinstance(value, bytes) else json.dumps(value).encode()
            for name, value in (usual | fields).items()}  # fmt: skip


@contextmanager
def server(said: dict[str, bytes]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(said.get(self.path.strip("/").split("/")[0], b"{}"))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._say(said.get(self.path.strip("/").split("/")[0], b"{}"))

        def _say(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join()


def record(**fields) -> dict:
    return {ID: {"status": {"status_str": "success", "messages": []}, "outputs": {}} | fields}


def saved(**item) -> dict:
    return record(outputs={"1": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"} | item]}})


QUEUES = [*ODD, {}, {"queue_running": 1, "queue_pending": []}, {"queue_running": [1], "queue_pending": []},
          {"queue_running": [[1]], "queue_pending": []}, {"queue_running": [[1, {}]], "queue_pending": []}]  # fmt: skip
PROMPTS = [*ODD, {}, {"prompt_id": 7}, {"prompt_id": ""}, {"prompt_id": "../../.."}, {"prompt_id": "/etc"},
           {"prompt_id": HALF}, {"prompt_id": "a" * 1000}, {"prompt_id": ID, "node_errors": [1]},
           {"prompt_id": ID, "node_errors": {"1": HALF}}, {"prompt_id": {}, "node_errors": {"1": {"errors": [1]}}},
           {"node_errors": {"1": {"errors": [{"message": 1, "details": HALF}]}}, "error": HALF}]  # fmt: skip
RECORDS = [*ODD, {ID: 1}, {ID: []}, {ID: {}}, record(outputs=[]), record(outputs={"1": []}),
           record(outputs={"1": {"images": 1}}), saved(filename=1), saved(filename=HALF), saved(filename=".."),
           saved(filename="a\0b"), saved(filename="a" * 1000), saved(subfolder=[1]), saved(type={}),
           record(status={"messages": [["execution_error", {"exception_message": HALF, "traceback": [1]}]]}),
           record(status={"messages": [["execution_interrupted", {}]]})]  # fmt: skip
UPLOADS = [*ODD, {}, {"name": 1, "subfolder": ""}, {"name": "a"}]


def ids(values: list) -> list[str]:
    return [(value[:24] if isinstance(value, bytes) else json.dumps(value)[:60].encode()).decode("latin-1") + str(k)
            for k, value in enumerate(values)]  # fmt: skip


def refused(said: dict[str, bytes], ask) -> None:
    with server(said) as url, pytest.raises(ClientError):
        ask(Client(url))


@pytest.mark.parametrize("value", QUEUES, ids=ids(QUEUES))
def test_another_queue_is_refused(value):
    refused(answers(queue=value), lambda client: client.prompts())


@pytest.mark.parametrize("value", PROMPTS, ids=ids(PROMPTS))
def test_another_answer_to_a_prompt_is_refused(value):
    refused(answers(prompt=value), lambda client: client.queue({}))


@pytest.mark.parametrize("value", RECORDS, ids=ids(RECORDS))
def test_another_record_is_refused(value, tmp_path):
    def ask(client: Client) -> None:
        result = client.result(ID)
        if result is None:  # as of a prompt that it does not know
            raise ClientError
        for item in result.files():
            client.download(item, tmp_path)

    refused(answers(history=value), ask)


@pytest.mark.parametrize("value", UPLOADS, ids=ids(UPLOADS))
def test_another_answer_to_an_upload_is_refused(value, tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    refused(answers(upload=value), lambda client: client.upload_image(tmp_path / "a.png"))


def test_notes_of_other_forms_are_passed_over():
    notes = [1, [], ["a"], [{}, {}], ["a", 1], ["b", {"timestamp": "x"}], ["c", {"timestamp": 5}]]
    with server(answers(history=record(status={"messages": notes}))) as url:
        assert Client(url).result(ID).seconds == 0


@pytest.fixture
def jobs(tmp_path) -> list[str]:
    """A batch of one job: its arguments, but for the server."""
    workflow = {"1": {"class_type": "SaveImage", "inputs": {"filename_prefix": "a", "images": ["2", 0]}},
                "2": {"class_type": "EmptyImage", "inputs": {"width": 8}}}  # fmt: skip
    (tmp_path / "workflow.json").write_text(json.dumps(workflow))
    (tmp_path / "jobs.jsonl").write_text('{"name": "one", "inputs": {"2": {"width": 16}}}\n')
    return [str(tmp_path / name) for name in ("workflow.json", "jobs.jsonl", "out")]


@pytest.mark.parametrize(("path", "value"), [
    ("queue", DEEP), ("queue", {}), ("prompt", DEEP), ("prompt", {"prompt_id": "../../.."}),
    ("prompt", {"prompt_id": HALF}),
    ("prompt", {"error": HALF, "node_errors": {"1": {"errors": [{"message": HALF}]}}}),
    *(("history", value) for value in RECORDS if value not in (b"[]",)),
])  # fmt: skip
def test_a_batch_ends_in_a_line(jobs, tmp_path, caplog, path, value):
    """Before, in a traceback, and the id of a prompt could lead out of OUT."""
    said = answers(prompt={"prompt_id": ID}) | answers(**{path: value})
    kept = tmp_path / "kept"
    kept.write_text("")
    with server(said) as url, caplog.at_level("INFO"):
        code = main([*jobs, "--server", url, "--heartbeat", "1", "--timeout", "5"])
    assert code == 1 and kept.exists()
    told = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert told and not any("Traceback" in each for each in told)
    assert not any("\ud800" in each for each in told)
