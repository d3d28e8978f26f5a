"""The routes of the editor's page.

POST /dragnuwa/parse     {"text": "...", "width": 576, "height": 320}: text of any form that `trajectory.parse` reads
200                      {"trajectories": {"type": "dragnuwa.trajectories", ...}}

POST /dragnuwa/pick      {"picture", "width", "height", "fit", "points", "minus"}: see `picture_routes`
POST /dragnuwa/carried   {"picture", "width", "height", "fit", "frames", "text"}: see `picture_routes`
POST /dragnuwa/ground    {"picture", "width", "height", "fit", "outlines"}: see `picture_routes`
"""

from __future__ import annotations

import logging
from typing import Any

from aiohttp import web

from ..common.interrupt import InterruptCheck, no_interrupt
from ..trajectory import TrajectoryError, parse
from .access import Access
from .page_pictures import FolderOf, LoadPicture
from .picture_routes import picture_jobs
from .route import MAX_REQUESTS, Job, Refused, Route, fields_of

MAX_BODY_BYTES = 2**24
"""Less than `trajectory.parse` accepts, since the server is blocked while Python parses: a second for 30 MiB."""
_FIELDS = {"text": "a text", "width": "", "height": ""}


def add_to(routes: web.RouteTableDef, folder_of: FolderOf, load: LoadPicture, access: Access) -> None:
    """Add the routes to a table, except those whose path is registered already, as when the pack is installed twice: a
    duplicate would keep the host from starting.

    Args:
        folder_of: the folder of a type of pictures ("input", "output", "temp"); None for other types.
        load: as for `PagePictures`.
        access: whose requests are answered.
    """
    there = {route.path for route in routes if isinstance(route, web.RouteDef)}
    for job in (PARSE, *picture_jobs(folder_of, load)):
        if job.path in there:
            logging.warning("%s is registered already; is the pack installed twice?", job.path)
            continue
        routes.post(job.path)(Route(job, access.check).answer)


def trajectories_of(body: bytes, check_interrupt: InterruptCheck = no_interrupt) -> bytes:
    """The body of a request -> the canonical JSON of the trajectories in it, as "trajectories"."""
    fields = fields_of(body, _FIELDS)
    if not isinstance(fields["text"], str):
        raise Refused(400, 'The body should be an object with "text" (a text), "width" and "height", and no more.')
    try:
        written = _canonical(fields, check_interrupt)
    except TrajectoryError as error:
        raise Refused(400, str(error)) from error
    return f'{{"trajectories":{written}}}'.encode()


def _canonical(fields: dict[str, Any], check_interrupt: InterruptCheck) -> str:
    found = parse(fields["text"], width=fields["width"], height=fields["height"], check_interrupt=check_interrupt)
    return found.to_json(check_interrupt)


PARSE = Job(
    path="/dragnuwa/parse",
    work=trajectories_of,
    media="application/json",
    most_bytes=MAX_BODY_BYTES,
    too_long=f"The text should have at most {MAX_BODY_BYTES // 2**20} MiB. Use fewer tracks, or DragNUWA Import "
    "Trajectories.",
    busy=f"{MAX_REQUESTS} texts are being read already. Paste it again in a moment.",
)
