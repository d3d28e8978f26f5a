"""A small synchronous client of ComfyUI's HTTP and WebSocket API, for scripts, the demo and the tests.

    client = Client("http://127.0.0.1:8188")
    prompt["1"]["inputs"]["image"] = client.upload_image("bird.jpg")
    result = client.run(prompt, on_progress=print)
    for item in result.files():
        print(client.download(item, "videos"))

A prompt is a workflow in the API format: {node id: {"class_type": name, "inputs": {...}}}. Needs no ComfyUI, only
aiohttp and requests, which ComfyUI has too.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import requests

from .client_answers import Queue, Result, field, file_name, object_in, prompt_id_in, queue_in, result_in
from .client_errors import (
    ClientError,
    HostUnreachable,
    NodeError,
    PromptInterrupted,
    PromptRejected,
    PromptTimeout,
)
from .client_progress import Progress, ProgressReporter

__all__ = [
    "Client",
    "ClientError",
    "HostUnreachable",
    "NodeError",
    "Progress",
    "PromptInterrupted",
    "PromptRejected",
    "PromptTimeout",
    "Queue",
    "Result",
]

CONNECT_SECONDS, READ_SECONDS = 5.0, 120.0
NOBODY_BEHIND = (502, 503, 504)  # a proxy's answer for a ComfyUI that is not there
MAX_MESSAGE_BYTES = 64 * 2**20
CHUNK_BYTES = 2**20


class Client:
    """Client of the ComfyUI at `url`. Every method raises HostUnreachable if it does not answer.

    `connect_seconds` and `read_seconds` are timeouts for connecting, and for silence of the server during a request.
    Not thread-safe.
    """

    def __init__(self, url: str, *, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS):
        self.url = (url if "://" in url else f"http://{url}").rstrip("/")
        self._timeouts = connect_seconds, read_seconds
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between this machine and its own server

    def upload_image(
        self, path: str | Path, subfolder: str = "", overwrite: bool = False, name: str | None = None
    ) -> str:
        """Upload a picture into the server's input folder; returns the name for a LoadImage node.

        `name` is the file's name there, by default the picture's own. An existing picture of that name is kept, since
        it may belong to somebody else, and the new one gets a number, unless `overwrite` is true. Raises OSError if the
        picture cannot be read.
        """
        path = Path(path)
        form = {"type": "input", "subfolder": subfolder, "overwrite": str(overwrite).lower()}
        with path.open("rb") as file:
            saved = self._json("POST", "/upload/image", data=form, files={"image": (name or path.name, file)})
        name, folder = (field(saved, key, str, self._named("/upload/image")) for key in ("name", "subfolder"))
        return f"{folder}/{name}" if folder else name

    def queue(self, prompt: Mapping[str, Any], client_id: str | None = None, prompt_id: str | None = None) -> str:
        """Queue a prompt and return its id.

        `prompt_id`, a UUID in lower case, requests an id, so that it is known even if the answer is lost; a ComfyUI
        that does not support this field assigns another.

        Raises PromptRejected if ComfyUI finds anything wrong with it, even if only some of its outputs would be left
        out, and ValueError for a workflow that is not in the API format.
        """
        if "nodes" in prompt and "links" in prompt:
            raise ValueError("This is a workflow as the page saves it; export it with File > Export (API) instead.")
        body = {"prompt": prompt, "client_id": client_id or uuid.uuid4().hex}
        if prompt_id is not None:
            body["prompt_id"] = prompt_id
        response = self._request("POST", "/prompt", json=body, accept=(200, 400))
        answer = object_in(response.content, self._named("/prompt"))
        if response.status_code == 400 or answer.get("node_errors"):
            if "prompt_id" in answer:
                self.interrupt(prompt_id_in(answer, self._named("/prompt")))
            error = answer.get("error") or {"message": "some of its outputs cannot be made"}
            raise PromptRejected(error, answer.get("node_errors") or {})
        return prompt_id_in(answer, self._named("/prompt"))

    def run(
        self,
        prompt: Mapping[str, Any],
        on_progress: Callable[[Progress], None] | None = None,
        timeout: float | None = None,
    ) -> Result:
        """Queue a prompt, follow it over the WebSocket, and return its result.

        If the wait ends early (Ctrl-C, `timeout` seconds, an error in on_progress), the prompt is interrupted as well.
        Raises NodeError, PromptInterrupted, PromptTimeout, and what `queue` raises.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            raise ClientError("run() blocks; in a notebook or a coroutine: await asyncio.to_thread(client.run, prompt)")
        return asyncio.run(self._run(prompt, on_progress, timeout))

    def download(self, item: Mapping[str, str], folder: str | Path) -> Path:
        """Download an output file into a folder, replacing one of that name, and return its path."""
        name = file_name(item)
        query = {key: item.get(key, "") for key in ("filename", "subfolder", "type")}
        Path(folder).mkdir(parents=True, exist_ok=True)
        target, unfinished = Path(folder, name), Path(folder, f".{name}.part")
        with self._request("GET", "/view", params=query, stream=True) as response, unfinished.open("wb") as file:
            for chunk in self._chunks(response):
                file.write(chunk)
        return unfinished.replace(target)

    def interrupt(self, prompt_id: str | None = None) -> None:
        """Stop the prompt with this id, running or queued; without an id, the running one."""
        if prompt_id is not None:
            self.withdraw(prompt_id)
        self._request("POST", "/interrupt", json={} if prompt_id is None else {"prompt_id": prompt_id})

    def withdraw(self, prompt_id: str) -> None:
        """Remove the prompt with this id if it is still queued; a running one continues."""
        self._request("POST", "/queue", json={"delete": [prompt_id]})

    def object_info(self, node: str | None = None) -> dict[str, Any]:
        """The description of one node, or {name: description} of all. Raises ClientError for an unknown node."""
        if node is None:
            return self._json("GET", "/object_info")
        found = self._json("GET", f"/object_info/{node}")
        if node not in found:
            raise ClientError(f"the ComfyUI at {self.url} has no node {node}")
        return found[node]

    def history(self, prompt_id: str) -> dict[str, Any] | None:
        """ComfyUI's record of a prompt, or None while it is not finished."""
        return self._json("GET", f"/history/{prompt_id}").get(prompt_id)

    def prompts(self) -> Queue:
        """All running and queued prompts of this ComfyUI, whoever queued them."""
        return queue_in(self._json("GET", "/queue"), self._named("/queue"))

    def result(self, prompt_id: str) -> Result | None:
        """The result of a prompt, or None while it is not finished. Raises NodeError and PromptInterrupted."""
        record = self.history(prompt_id)
        return None if record is None else result_in(record, prompt_id, self._named("/history"))

    async def _run(self, prompt: Mapping, on_progress: Callable | None, timeout: float | None) -> Result:
        client_id = uuid.uuid4().hex
        address = f"{self.url.replace('http', 'ws', 1)}/ws"
        async with aiohttp.ClientSession() as session:
            try:
                socket = await session.ws_connect(
                    address, params={"clientId": client_id}, max_msg_size=MAX_MESSAGE_BYTES
                )
            except (aiohttp.ClientError, OSError) as error:
                raise self._unreachable(error) from error
            async with socket:
                prompt_id = self.queue(prompt, client_id)
                finished = False
                try:
                    record = await asyncio.wait_for(self._follow(socket, prompt, prompt_id, on_progress), timeout)
                    finished = True
                except asyncio.TimeoutError:
                    raise PromptTimeout(f"prompt {prompt_id} was not done after {timeout:g} s") from None
                finally:
                    if not finished:
                        with contextlib.suppress(ClientError):  # the reason for stopping is the one to report
                            self.interrupt(prompt_id)
        return result_in(record, prompt_id, self._named("/history"))

    async def _follow(self, socket: aiohttp.ClientWebSocketResponse, prompt, prompt_id, on_progress) -> dict:
        reporter = ProgressReporter(prompt, prompt_id, on_progress)
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue  # binary messages are previews
            event = object_in(message.data, self._named("/ws"))
            reporter.take(event)
            if event.get("type") == "status":
                self._record(prompt_id)  # the queue has changed: raises if somebody deleted the prompt
            elif event.get("type") == "executing" and event.get("data") == {"node": None, "prompt_id": prompt_id}:
                break  # ComfyUI sends this last, once its history has the prompt
        while (record := self._record(prompt_id)) is None:  # the socket closed early: ask instead
            await asyncio.sleep(0.5)
        return record

    def _record(self, prompt_id: str) -> dict | None:
        queued = self.prompts()  # before the history, so that a prompt on its way there is in one of them
        record = self.history(prompt_id)
        if record is None and prompt_id not in queued.running | queued.waiting:
            raise PromptInterrupted(f"ComfyUI no longer knows prompt {prompt_id}: deleted, or ComfyUI was restarted")
        return record

    def _json(self, method: str, path: str, **request: Any) -> dict:
        return object_in(self._request(method, path, **request).content, self._named(path))

    def _request(self, method: str, path: str, accept: tuple[int, ...] = (200,), **request: Any) -> requests.Response:
        try:
            response = self._session.request(method, self.url + path, timeout=self._timeouts, **request)
        except requests.exceptions.InvalidJSONError as error:
            raise ValueError(f"This cannot be sent as JSON: {error}") from error
        except requests.RequestException as error:
            raise self._unreachable(error) from error
        if response.status_code in NOBODY_BEHIND:
            raise self._unreachable(OSError(f"{response.status_code} {response.reason}"))
        if response.status_code not in accept:
            said = response.text[:500].strip() or response.reason
            raise ClientError(f"{method} {path} of the ComfyUI at {self.url}: {response.status_code}, {said}")
        return response

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        """The body of an answer. Raises HostUnreachable if it ends early, which urllib3 1 does not detect."""
        expected = response.headers.get("Content-Length")
        try:
            yield from response.iter_content(CHUNK_BYTES)
        except requests.RequestException as error:
            raise self._unreachable(error) from error
        if expected is not None and str(response.raw.tell()) != expected.strip():
            raise self._unreachable(EOFError(f"{response.raw.tell()} of {expected} bytes came"))

    def _named(self, path: str) -> str:
        """What answers, for messages."""
        return f"{path} of {self.url}"

    def _unreachable(self, error: Exception) -> HostUnreachable:
        reason = f"{type(error).__name__}: {error}"
        return HostUnreachable(f"no ComfyUI answers at {self.url}: is it running, and is this its address? ({reason})")
