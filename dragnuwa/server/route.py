"""A route of the editor's page: takes a JSON body of limited size, processes it in a thread, and returns an answer or
an error message.

400, 403, 404, 408, 413, 415, 422, 503     {"error": "what was expected, what was found, what to do"}
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ..common.errors import printable
from ..common.interrupt import InterruptCheck

BODY_SECONDS = 30.0
MAX_REQUESTS = 8
LOOK_SECONDS = 0.1  # between checks whether the page is still waiting


class Refused(Exception):
    """A request is rejected with a status and a message."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


class Abandoned(Exception):
    """The page is no longer waiting."""


CheckRequest = Callable[[web.Request], None]
"""Raises `Refused` if a request must not be answered, judged by its headers."""


@dataclass(frozen=True)
class Job:
    """What a route does.

    Attributes:
        path: of the route.
        work: computes the answer from a body and an interrupt check; it runs in a thread, one at a time.
        media: the answer's media type.
        most_bytes: maximum size of a body.
        too_long, busy: the messages for these errors.
    """

    path: str
    work: Callable[[bytes, InterruptCheck], bytes]
    media: str
    most_bytes: int
    too_long: str
    busy: str


class Route:
    """A job with limited load on the server: one body is processed at a time, and only a few may wait."""

    def __init__(self, job: Job, check_request: CheckRequest):
        self._job, self._check_request = job, check_request
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=job.path.strip("/").replace("/", "-"))
        self._requests = 0

    async def answer(self, request: web.Request) -> web.Response:
        """The answer to a request, or an error message."""
        self._requests += 1
        try:
            if self._requests > MAX_REQUESTS:
                raise Refused(503, self._job.busy)
            self._check_request(request)
            if "Content-Encoding" in request.headers:
                return await _cut_off(request, "The body should not be compressed. Send it without Content-Encoding.")
            body = await _body(request, self._job)
            made = await self._worked(request, body)
        except Refused as refused:
            return _error(refused.status, str(refused))
        except Abandoned:
            return web.Response(status=499)  # nobody reads it
        finally:
            self._requests -= 1
        return web.Response(body=made, content_type=self._job.media)

    async def _worked(self, request: web.Request, body: bytes) -> bytes:
        """The job's answer. It is cancelled if the page has gone, also while it waits for its turn."""
        gone = threading.Event()

        def check() -> None:
            if gone.is_set():
                raise Abandoned

        def work() -> bytes:
            check()
            return self._job.work(body, check)

        running = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            while not running.done():
                await asyncio.wait({running}, timeout=LOOK_SECONDS)
                if request.transport is None or request.transport.is_closing():
                    gone.set()
            return running.result()
        finally:
            gone.set()  # also if the server itself cancels the request


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": printable(message)}, status=status)


async def _cut_off(request: web.Request, message: str) -> web.Response:
    """Answers 415 and closes the connection. Reading on would decompress the body, which can block the server for
    seconds with few bytes."""
    answer = _error(415, message)
    await answer.prepare(request)
    await answer.write_eof()
    if request.transport is not None:
        request.transport.close()
    return answer


async def _body(request: web.Request, job: Job) -> bytes:
    """The body, read within the limits of size and time.

    The media type is required so that the browser sends a preflight request before another site's page can post here.
    """
    if request.content_type != "application/json":
        raise Refused(415, printable(f"Content-Type should be application/json, but it is {request.content_type}."))
    try:
        return await asyncio.wait_for(_read(request, job), BODY_SECONDS)
    except asyncio.TimeoutError:
        raise Refused(408, f"The text should arrive within {BODY_SECONDS:g} seconds, but it did not.") from None


async def _read(request: web.Request, job: Job) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(2**16):
        body += chunk
        if len(body) > job.most_bytes:
            raise Refused(413, job.too_long)
    return bytes(body)


def fields_of(body: bytes, known: dict[str, str]) -> dict[str, Any]:
    """The object in a body, with just these keys.

    Args:
        known: a description of the type of each key.
    """
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The body should be JSON in UTF-8, but it cannot be read.") from error
    if not isinstance(fields, dict) or fields.keys() != known.keys():
        *first, last = (f'"{key}"{f" ({kind})" if kind else ""}' for key, kind in known.items())
        raise Refused(400, f"The body should be an object with {', '.join(first)} and {last}, and no more.")
    return fields
