"""The routes of the editor's page in a real aiohttp server, on a picture of a red disc."""

import asyncio
import json

import numpy as np
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from dragnuwa.common.images import to_floats
from dragnuwa.common.picture_files import open_picture
from dragnuwa.server import routes
from dragnuwa.server.requests import Access
from dragnuwa.trajectory.objects.masks import outline_mask
from tests.support.likeness import overlap
from tests.support.prompts import in_input_folder

CLIP = {"width": 320, "height": 256, "fit": "crop"}
SQUARE = [[{"x": 0.1, "y": 0.1}, {"x": 0.4, "y": 0.1}, {"x": 0.4, "y": 0.4}, {"x": 0.1, "y": 0.4}]]


def folder_of(folders):
    return lambda kind: str(folders / kind) if kind in ("input", "output", "temp") else None


def post(folders, path, *bodies, **others):
    """(status, media type, body) of each answer, one after the other. Without a path, each of `bodies` is one and a
    body."""

    def load(name):
        place, kind = name.removesuffix("]").split(" [")
        with open_picture(folders / kind / place) as image:
            return to_floats(np.array(image.convert("RGB")))

    async def run():
        table = web.RouteTableDef()
        routes.add_to(table, folder_of(folders), load, Access())
        app = web.Application(client_max_size=2**30)
        app.add_routes(table)
        async with TestClient(TestServer(app)) as client:
            answers = []
            for to, body in bodies if path is None else [(path, body) for body in bodies]:
                answer = await client.post(to, data=json.dumps(body), headers={"Content-Type": "application/json"})
                answers.append((answer.status, answer.content_type, await answer.read()))
            return answers

    return asyncio.run(run())


def named(filename="disc.png", subfolder="sub", kind="input"):
    return in_input_folder(filename, subfolder, kind)


def click(*points, minus=(), **fields):
    positions = [[{"x": x, "y": y} for x, y in of] for of in (points, minus)]
    return {"picture": named(), **CLIP, "points": positions[0], "minus": positions[1], **fields}


def likeness_to_disc(answer, centre=(200 / 640, 250 / 512), radius=(90 / 640, 90 / 512)):
    outline = [[(place["x"], place["y"]) for place in ring] for ring in json.loads(answer)["outline"]]
    mask = outline_mask(outline, 640, 512) > 0.5
    y, x = np.mgrid[:512, :640]
    across, down = ((x + 0.5) / 640 - centre[0]) / radius[0], ((y + 0.5) / 512 - centre[1]) / radius[1]
    truth = across**2 + down**2 < 1
    return overlap(mask, truth)
