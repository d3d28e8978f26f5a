"""dragnuwa.client against the real server, with prompts of the host's own nodes."""

import asyncio
import contextlib
import socket
import threading
import time
import uuid

import pytest
import requests
from PIL import Image

from dragnuwa.remote.client import (
    Client,
    ClientError,
    HostUnreachable,
    NodeError,
    PromptInterrupted,
    PromptRejected,
    PromptTimeout,
)
from scripts.host import free_port
from tests.support.prompts import node


def picture_prompt(color: int, width: int = 64, height: int = 32) -> dict:
    """One plain picture, saved."""
    return {
        "1": {
            "class_type": "EmptyImage",
            "inputs": {"width": width, "height": height, "batch_size": 1, "color": color},
        },
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": f"plain_{color:06x}"}},
    }


def slow_prompt(color: int) -> dict:
    """Some ten seconds of blurring on a CPU, node after node, so that there is time to stop it."""
    prompt = {"1": node("EmptyImage", width=1024, height=1024, batch_size=1, color=color)}
    for index in range(2, 40):
        blur = {"image": [str(index - 1), 0], "blur_radius": 15, "sigma": 10.0}
        prompt[str(index)] = {"class_type": "ImageBlur", "inputs": blur}
    prompt["40"] = node("PreviewImage", images=["39", 0])
    return prompt


def load_prompt(name: str) -> dict:
    return {
        "1": node("LoadImage", image=name),
        "2": node("PreviewImage", images=["1", 0]),
    }


def fate_of_the_last_prompt(host) -> str:
    """The last event of the last prompt, once the queue is empty."""
    while requests.get(f"{host.url}/prompt", timeout=10).json()["exec_info"]["queue_remaining"]:
        time.sleep(0.1)
    (record,) = requests.get(f"{host.url}/history", params={"max_items": 1}, timeout=10).json().values()
    return record["status"]["messages"][-1][0]


def test_a_prompt_runs_and_its_picture_comes_back(client, tmp_path):
    seen = []
    result = client.run(picture_prompt(0x3366CC), on_progress=seen.append, timeout=60)
    assert result.status == "success"
    assert 0 < result.seconds < 60
    assert [progress.class_type for progress in seen] == ["EmptyImage", "SaveImage"]
    assert [progress.nodes_done for progress in seen] == [0, 1]
    assert str(seen[1]) == "SaveImage (1 of 2 nodes done)"
    (item,) = result.files()
    assert list(result.files("2")) == [item]
    assert list(result.files("1")) == []
    path = client.download(item, tmp_path / "new folder")
    assert path.parent == tmp_path / "new folder"
    assert [file.name for file in path.parent.iterdir()] == [item["filename"]]
    with Image.open(path) as image:
        assert image.size == (64, 32)
        assert image.getpixel((5, 5)) == (0x33, 0x66, 0xCC)


def test_nodes_that_are_cached_count_as_done(client):
    client.run(picture_prompt(0x010203), timeout=60)
    changed = picture_prompt(0x010203)
    changed["2"]["inputs"]["filename_prefix"] = "again"
    seen = []
    client.run(changed, on_progress=seen.append, timeout=60)
    assert [(progress.class_type, progress.nodes_done) for progress in seen] == [("SaveImage", 1)]


def test_an_uploaded_picture_is_read_by_a_node(client, tmp_path):
    source = tmp_path / "a picture, mit Umlaut ü.png"
    Image.new("RGB", (40, 24), (250, 10, 20)).save(source)
    name = client.upload_image(source, subfolder="from tests")
    assert name == f"from tests/{source.name}"
    (item,) = client.run(load_prompt(name), timeout=60).files()
    with Image.open(client.download(item, tmp_path)) as image:
        assert image.size == (40, 24)
        assert image.getpixel((0, 0)) == (250, 10, 20)


def test_an_upload_without_overwrite_keeps_both(client, tmp_path):
    first, second = tmp_path / "same.png", tmp_path / "other" / "same.png"
    second.parent.mkdir()
    Image.new("RGB", (8, 8), "red").save(first)
    Image.new("RGB", (8, 8), "blue").save(second)
    assert client.upload_image(first) == "same.png"
    assert client.upload_image(second) == "same (1).png"
    assert client.upload_image(second) == "same (1).png"  # it is there


def test_a_rejected_prompt_says_which_node_and_why(client):
    prompt = picture_prompt(0)
    prompt["1"]["inputs"]["width"] = -5
    with pytest.raises(PromptRejected, match=r"node 1 \(EmptyImage\): .*-5") as caught:
        client.run(prompt, timeout=60)
    assert caught.value.node_errors["1"]["class_type"] == "EmptyImage"


def test_a_prompt_with_an_unknown_node_is_rejected(client):
    prompt = picture_prompt(0)
    prompt["1"]["class_type"] = "NoSuchNode"
    with pytest.raises(PromptRejected, match="NoSuchNode"):
        client.queue(prompt)


def test_a_prompt_of_which_only_a_part_is_valid_is_rejected_and_does_not_run(client, host):
    prompt = picture_prompt(0x0A0B0C)
    prompt["3"] = node("SaveImage", images=["1", 7], filename_prefix="never")
    with pytest.raises(PromptRejected, match=r"node 3 \(SaveImage\)"):
        client.run(prompt, timeout=60)


def test_a_workflow_of_the_page_is_not_a_prompt(client):
    with pytest.raises(ValueError, match=r"Export \(API\)"):
        client.queue({"nodes": [], "links": []})


def test_a_failing_node_is_reported_and_the_next_prompt_runs(client, place_input):
    name = place_input(b"this is no picture", "broken.png")
    with pytest.raises(NodeError) as caught:
        client.run(load_prompt(name), timeout=60)
    error = caught.value
    assert (error.node_id, error.class_type) == ("1", "LoadImage")
    assert error.message
    assert error.exception_type in str(error)
    assert "load_image" in error.traceback
    assert client.run(picture_prompt(0x111111), timeout=60).status == "success"


def test_a_running_prompt_can_be_interrupted(client):
    with pytest.raises(PromptInterrupted, match="was interrupted"):
        client.run(slow_prompt(1), on_progress=lambda progress: client.interrupt(), timeout=120)
    assert client.run(picture_prompt(0x222222), timeout=60).status == "success"


def test_a_timeout_stops_the_prompt(client, host):
    with pytest.raises(PromptTimeout, match=r"0\.3 s"):
        client.run(slow_prompt(2), timeout=0.3)
    assert fate_of_the_last_prompt(host) == "execution_interrupted"
    assert client.run(picture_prompt(0x333333), timeout=60).status == "success"


def test_an_error_in_the_callback_stops_the_prompt(client, host):
    def fail(progress):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        client.run(slow_prompt(3), on_progress=fail, timeout=120)
    assert fate_of_the_last_prompt(host) == "execution_interrupted"


def test_a_queued_prompt_that_somebody_deletes_is_not_waited_for(client):
    def delete_what_waits():
        for item in requests.get(f"{client.url}/queue", timeout=10).json()["queue_pending"]:
            requests.post(f"{client.url}/queue", json={"delete": [item[1]]}, timeout=10)

    running = client.queue(slow_prompt(4))
    threading.Timer(0.5, delete_what_waits).start()
    with pytest.raises(PromptInterrupted, match="no longer knows prompt"):
        client.run(picture_prompt(0x555555), timeout=60)
    client.interrupt(running)


def test_history_and_node_descriptions(client):
    assert client.history("no-such-prompt") is None
    assert client.history(client.run(picture_prompt(0x666666), timeout=60).prompt_id)["status"]["completed"]
    assert "width" in client.object_info("EmptyImage")["input"]["required"]
    assert "EmptyImage" in client.object_info()
    with pytest.raises(ClientError, match="no node NoSuchNode"):
        client.object_info("NoSuchNode")


def test_a_file_that_is_not_there_cannot_be_downloaded(client, tmp_path):
    with pytest.raises(ClientError, match="404"):
        client.download({"filename": "absent.png", "subfolder": "", "type": "output"}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_never_lands_outside_the_folder(client, tmp_path):
    (item,) = client.run(picture_prompt(0x777777), timeout=60).files()
    path = client.download(item, tmp_path / "inner")
    assert path.parent == tmp_path / "inner"
    with pytest.raises(ClientError, match="is not the name of a file"):
        client.download({**item, "filename": "../.."}, tmp_path / "inner")
    assert [entry.name for entry in tmp_path.iterdir()] == ["inner"]


def test_no_server_at_the_address():
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(HostUnreachable, match=f"no ComfyUI answers at http://{address}"):
        Client(address).queue(picture_prompt(0))
    with pytest.raises(HostUnreachable):
        Client(address).run(picture_prompt(0))


def test_run_inside_a_coroutine_says_what_to_do(client):
    async def notebook():
        client.run(picture_prompt(0))

    with pytest.raises(ClientError, match=r"asyncio\.to_thread"):
        asyncio.run(notebook())


def test_a_prompt_gets_the_id_that_it_was_given(client):
    """Running, waiting, withdrawn, finished: each is to be seen by it."""
    running, waiting = str(uuid.uuid4()), str(uuid.uuid4())
    assert client.queue(slow_prompt(5), prompt_id=running) == running
    assert client.queue(picture_prompt(0x888888), prompt_id=waiting) == waiting
    while running not in client.prompts().running:
        time.sleep(0.05)
    assert waiting in client.prompts().waiting
    client.withdraw(waiting)
    client.withdraw(running)  # which goes on
    assert (client.prompts().running, client.prompts().waiting) == ({running}, set())
    assert client.result(running) is None
    client.interrupt(running)
    while client.prompts().running:
        time.sleep(0.05)
    with pytest.raises(PromptInterrupted):
        client.result(running)
    finished = client.run(picture_prompt(0x999999), timeout=60)
    assert client.result(finished.prompt_id).outputs == finished.outputs


def test_an_upload_under_another_name(client, tmp_path):
    source = tmp_path / "own.png"
    Image.new("RGB", (8, 8), "red").save(source)
    assert client.upload_image(source, subfolder="renamed", name="other.png") == "renamed/other.png"


@pytest.fixture
def odd_server():
    """odd_server(answer): the address of a server that gives these bytes to whoever asks, and hangs up."""
    with contextlib.ExitStack() as stack:

        def start(answer: bytes) -> str:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve():
                with contextlib.suppress(OSError):  # the listener is closed at the end
                    while True:
                        connection, _ = listener.accept()
                        with connection:
                            connection.recv(65536)
                            connection.sendall(answer)

            threading.Thread(target=serve, daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield start


def test_a_download_that_ends_early_is_not_taken_for_whole(odd_server, tmp_path):
    url = odd_server(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly the start")
    with pytest.raises(HostUnreachable):
        Client(url).download({"filename": "a.png", "subfolder": "", "type": "output"}, tmp_path)
    assert not (tmp_path / "a.png").exists()


def test_a_proxy_without_a_comfyui_behind_it(odd_server):
    url = odd_server(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(HostUnreachable, match="502 Bad Gateway"):
        Client(url).prompts()


def test_a_server_of_another_kind(odd_server):
    url = odd_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
    with pytest.raises(ClientError, match=r"answered with no JSON object, so it may not be a ComfyUI: '\[\]'"):
        Client(url).prompts()
