"""What a node shows while it runs: a video that cannot be saved later, and what is left out of a camera's file."""

import asyncio
import json

import aiohttp
import numpy as np
import pytest
from PIL import Image

from tests.support.prompts import node

SIZE = {"width": 128, "height": 96}
DRAG = json.dumps([[{"x": 40, "y": 40}, {"x": 40, "y": 20}]])
ROWS = "\n".join(f"{k} 0.5 0.9 {0.5 + 0.1 * k} 0.5 0 0 1 0 0 0 0 1 0 0 0 0 1 {-0.1 * k}" for k in range(3))


async def shown(client, prompt: dict) -> str:
    """All that nodes show as text while a prompt runs."""
    texts = []
    async with aiohttp.ClientSession() as session:
        address = f"{client.url.replace('http', 'ws', 1)}/ws"
        async with session.ws_connect(address, params={"clientId": "texts"}) as socket:
            prompt_id = client.queue(prompt, "texts")
            async for message in socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    texts.append(message.data.decode("utf-8", "replace"))
                elif json.loads(message.data) == {"type": "executing", "data": {"node": None, "prompt_id": prompt_id}}:
                    break
    return "\n".join(texts)


@pytest.fixture(scope="module")
def picture(host) -> str:
    pixels = np.tile(np.linspace(0, 255, 131, dtype=np.uint8), (97, 1))
    Image.fromarray(pixels).save(host.input_directory / "texts.png")
    return "texts.png"


def test_edit_video_says_that_odd_sides_cannot_be_saved(client, picture):
    prompt = {
        "load": node("LoadImage", image=picture),
        "frames": node("RepeatImageBatch", image=["load", 0], amount=3),
        "edit": node(
            "DragNUWAEditVideo", images=["frames", 0], trajectories=DRAG, radius=8.0, carries="surroundings",
            fit="crop", margin=4.0, **SIZE,
        ),
        "video": node("PreviewImage", images=["edit", 0]),
    }  # fmt: skip
    said = asyncio.run(shown(client, prompt))
    assert "The video is 131x97 pixels, and Save Video's H.264 takes even sides only." in said
    assert "crop it to 130x96" in said


def test_camera_in_depth_says_what_it_leaves_out_of_a_path(client, picture):
    prompt = {
        "load": node("LoadImage", image=picture),
        "camera": node(
            "DragNUWACameraInDepth", image=["load", 0], depth=["load", 0], frames=3, fit="crop", path=ROWS, **SIZE,
            **dict.fromkeys(("pan", "tilt", "roll", "truck", "pedestal", "orbit", "rise", "zoom", "handheld"), 0.0),
            dolly=0.0, dolly_zoom=False, seed=0, focus_x=0.5, focus_y=0.5, ease="linear", start=0.0, end=1.0,
            white="near", farthest=10.0, view_angle=55.0, spacing=32.0,
        ),
        "video": node("PreviewImage", images=["camera", 0]),
    }  # fmt: skip
    assert "Its principal point moves, by up to 20 % of a side" in asyncio.run(shown(client, prompt))
