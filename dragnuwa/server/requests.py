"""Requests of the editor's page: who may ask, and a route, which takes a JSON body of limited size, processes it in a
thread, and returns an answer or an error message.

400, 403, 404, 408, 413, 415, 422, 503     {"error": "what was expected, what was found, what to do"}
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from aiohttp import web

from ..common.errors import printable
from ..common.interrupt import interrupts

BODY_SECONDS = 30.0
MAX_REQUESTS = 8
LOOK_SECONDS = 0.02  # between checks whether the page is still waiting; the pointer soon asks for another place
LOWER = 10  # by which a thread in the background is nicer than the others


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
        work: computes the answer from a body; it runs in a thread, one at a time.
        media: the answer's media type.
        most_bytes: maximum size of a body.
        too_long, busy: the messages for these errors.
        background: whether runs come first.
    """

    path: str
    work: Callable[[bytes], bytes]
    media: str
    most_bytes: int
    too_long: str
    busy: str
    background: bool = False


class Route:
    """A job with limited load on the server: one body is processed at a time, and only a few may wait."""

    def __init__(self, job: Job, check_request: CheckRequest):
        self._job, self._check_request = job, check_request
        named = job.path.strip("/").replace("/", "-")
        self._thread = ThreadPoolExecutor(1, named, _let_others_first if job.background else None)
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
            with interrupts(check):
                return self._job.work(body)

        running = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            while not running.done():
                await asyncio.wait({running}, timeout=LOOK_SECONDS)
                if request.transport is None or request.transport.is_closing():
                    gone.set()
            return running.result()
        finally:
            gone.set()  # also if the server itself cancels the request


def _let_others_first() -> None:
    """Lowers the priority of this thread, and so of the threads that torch starts for it. Only Linux can."""
    if sys.platform == "linux":
        own = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, own, os.getpriority(os.PRIO_PROCESS, own) + LOWER)


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


@dataclass(frozen=True)
class Access:
    """Access control: the routes answer ComfyUI's own page and programs, but not pages of other sites.

    ComfyUI rejects another origin only if its own address is a loopback one and the request has an Origin header.
    Sandboxed frames, files and redirects send "null". A page whose name was made to resolve to 127.0.0.1 (DNS
    rebinding) sends its own name as the Host.

    Attributes:
        any_origin: ComfyUI was started with --enable-cors-header, which then decides about origins.
        only_local: it listens only on loopback addresses, so it has no name in a network.
    """

    any_origin: bool = False
    only_local: bool = True

    def check(self, request: web.Request) -> None:
        """
        Raises:
            Refused: if another site's page sent it, or may have.
        """
        if self.any_origin:
            return
        host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
        named = _split(f"//{host}")
        if origin is not None and not _same(named, _split(origin)):
            raise Refused(403, f"The request came from {origin}, which is not this server, {host}. {_REMEDY}")
        if self.only_local and not _is_ours(named):
            raise Refused(403, f"This server listens on this machine only, where it is not called {host}. {_REMEDY}")


_REMEDY = "Open ComfyUI at 127.0.0.1, or start it with --enable-cors-header if others may ask, too."


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises if it is not a number
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _same(host: SplitResult, origin: SplitResult) -> bool:
    """Whether names are equal, and ports if both are given; a proxy may omit its own."""
    return bool(origin.hostname) and origin.hostname == host.hostname and (
        None in (host.port, origin.port) or host.port == origin.port
    )  # fmt: skip


def is_local(listen: str) -> bool:
    """Whether all addresses of --listen, separated by commas, are reachable from this machine only."""
    names = [name.strip() for name in listen.split(",")]
    addresses = [_address(name) for name in names if name != "localhost"]
    return all(address is not None and address.is_loopback for address in addresses)


def _is_ours(host: SplitResult) -> bool:
    """Whether a name is this machine's own, or an IP address, which no other site can claim."""
    name = host.hostname or ""
    return name == "localhost" or name.endswith(".localhost") or _address(name) is not None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
