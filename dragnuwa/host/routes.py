"""The one route of the editor's page: text of any form that `trajectory.parse` reads becomes our JSON.

POST /dragnuwa/parse     {"text": "...", "width": 576, "height": 320}
200                      {"trajectories": {"type": "dragnuwa.trajectories", ...}}
400, 408, 413, 415, 503 {"error": "what was expected, what was found, what to do"}
"""

from __future__ import annotations

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

from ..errors import printable
from ..trajectory import TrajectoryError, parse

PATH = "/dragnuwa/parse"
MAX_BODY_BYTES = 2**24
"""Less than `trajectory.parse` takes: while Python reads a text, the server answers nobody, a second for 30 MiB."""
BODY_SECONDS = 30.0
MAX_REQUESTS = 8
_KEYS = {"text", "width", "height"}


class Refused(Exception):
    """A request that is answered with a status and a message."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


def register() -> None:
    """Add the route to the running host. To be called while the pack is loaded; the host adds its routes after that."""
    from server import PromptServer  # there only inside of the host

    add_to(PromptServer.instance.routes)


def add_to(routes: web.RouteTableDef) -> None:
    """Add the route to a table that has none of this path: a second one would keep the host from starting.

    That one would be there where the pack lies in custom_nodes twice.
    """
    if any(isinstance(route, web.RouteDef) and route.path == PATH for route in routes):
        logging.warning("%s is registered already; is the pack installed twice?", PATH)
        return
    routes.post(PATH)(ParseRoute().answer)


class ParseRoute:
    """The route and what bounds its cost for everybody else: one text is parsed at a time, and few wait."""

    def __init__(self):
        self._parsing = ThreadPoolExecutor(1, thread_name_prefix="dragnuwa-parse")
        self._requests = 0

    async def answer(self, request: web.Request) -> web.Response:
        """The checked trajectories of a request, or what is wrong with it."""
        self._requests += 1
        try:
            if self._requests > MAX_REQUESTS:
                raise Refused(503, f"{MAX_REQUESTS} texts are being read already. Paste it again in a moment.")
            body = await _body(request)
            loop = asyncio.get_running_loop()
            written = await loop.run_in_executor(self._parsing, trajectories_of, body)  # some seconds at the limit
        except Refused as refused:
            return web.json_response({"error": str(refused)}, status=refused.status)
        finally:
            self._requests -= 1
        return web.Response(text=f'{{"trajectories":{written}}}', content_type="application/json")


async def _body(request: web.Request) -> bytes:
    """The body, read no further than its limit and no longer than its time.

    The media type is demanded so that no other site's page can post here without the browser asking first.
    """
    if request.content_type != "application/json":
        raise Refused(415, printable(f"Content-Type should be application/json, but it is {request.content_type}."))
    try:
        return await asyncio.wait_for(_read(request), BODY_SECONDS)
    except asyncio.TimeoutError:
        raise Refused(408, f"The text should arrive within {BODY_SECONDS:g} seconds, but it did not.") from None


async def _read(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(2**16):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Refused(
                413,
                f"The text should have at most {MAX_BODY_BYTES // 2**20} MiB. Use fewer tracks, or DragNUWA Import "
                "Trajectories.",
            )
    return bytes(body)


def trajectories_of(body: bytes) -> str:
    """The body of a request -> the canonical JSON of the trajectories in it."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The body should be JSON in UTF-8, but it cannot be read.") from error
    if not isinstance(fields, dict) or fields.keys() != _KEYS or not isinstance(fields["text"], str):
        raise Refused(400, 'The body should be an object with "text" (a text), "width" and "height", and no more.')
    try:
        return parse(fields["text"], width=fields["width"], height=fields["height"]).to_json()
    except TrajectoryError as error:
        raise Refused(400, str(error)) from error
