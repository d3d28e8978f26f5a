"""The one route of the editor's page: text of any form that `trajectory.parse` reads becomes our JSON.

POST /dragnuwa/parse   {"text": "...", "width": 576, "height": 320}
200                    {"trajectories": {"type": "dragnuwa.trajectories", ...}}
400, 413, 415          {"error": "what was expected, what was found, what to do"}
"""

from __future__ import annotations

import asyncio
import json
import logging

from aiohttp import web

from ..trajectory import TrajectoryError, parse
from ..trajectory.types import MAX_TEXT_BYTES

PATH = "/dragnuwa/parse"
MAX_BODY_BYTES = MAX_TEXT_BYTES + 2**24
"""The longest text, and a second byte for each of its quotes and line ends, of which a text has few for its length."""
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
    routes.post(PATH)(answer)


async def answer(request: web.Request) -> web.Response:
    """The checked trajectories of a request, or what is wrong with it."""
    try:
        body = await _body(request)
        written = await asyncio.to_thread(trajectories_of, body)  # some seconds at the limit: not in the server's loop
    except Refused as refused:
        return web.json_response({"error": str(refused)}, status=refused.status)
    return web.Response(text=f'{{"trajectories":{written}}}', content_type="application/json")


async def _body(request: web.Request) -> bytearray:
    """The body, read no further than its limit.

    The media type is demanded so that no other site's page can post here without the browser asking first.
    """
    if request.content_type != "application/json":
        raise Refused(415, f"Content-Type should be application/json, but it is {request.content_type}.")
    body = bytearray()
    async for chunk in request.content.iter_chunked(2**16):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, f"The text should have at most {MAX_TEXT_BYTES // 2**20} MiB. Use fewer tracks.")
    return body


def trajectories_of(body: bytearray) -> str:
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
