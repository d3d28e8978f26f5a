"""Makes a video from the demo picture and its drags in a real ComfyUI: `make demo`.

Starts ComfyUI without a browser, queues the workflow that ships (workflows/api/carry_a_picture.json) through its HTTP
API with its photograph, the drags of scripts/demo/ and the model that comes with the pack, and leaves a video and a
contact sheet in output/.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import av
import torch

from dragnuwa import trajectory
from dragnuwa.common.images import fit
from dragnuwa.overlay import tracks as draw
from dragnuwa.remote.client import Client, ClientError, Progress
from scripts.host import HOST, PICTURES, ROOT, HostProcess, HostProcessError, find_installation
from scripts.sheets import in_rows, read_tensor, to_tensor, write_sheet

PICTURE = PICTURES / "dragnuwa-rocket.jpg"
DRAGS = ROOT / "scripts" / "demo" / "drags.json"
WORKFLOW = ROOT / "workflows" / "api" / "carry_a_picture.json"
OUTPUT = ROOT / "output"
WIDTH, HEIGHT = 160, 104  # the picture's aspect ratio at about 128x128 pixels
TEXT = "a white rocket between towers at dusk, rising"
COLUMNS, SHEET_WIDTH = 8, 240  # of the contact sheet: frames a row, pixels a frame


def main() -> int:
    started = time.monotonic()
    try:
        prompt = demo_prompt()
        installation = find_installation()
        base = HOST / "demo" / "base"
        server = HostProcess(installation.python, installation.comfyui, base, say=_say)
        _say(f"starting ComfyUI, log in {server.log_path}")
        with server:
            video = _run(Client(server.url), prompt)
            _say("stopping ComfyUI")
    except (HostProcessError, ClientError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _say("stopped")
        return 130
    sheet = _contact_sheet(video)
    _say(f"done in {time.monotonic() - started:.0f} s")
    _say(f"video:         {video}")
    _say(f"contact sheet: {sheet} (the drags over every frame)")
    return 0


def demo_prompt() -> dict:
    """The workflow that ships, with the demo's drags, size and text."""
    prompt = json.loads(WORKFLOW.read_text(encoding="utf-8"))
    values = {
        "LoadImage": {"image": PICTURE.name},
        "DragNUWATrajectoryEditor": {
            "trajectories": DRAGS.read_text(encoding="utf-8"),
            "width": WIDTH,
            "height": HEIGHT,
        },
        "CLIPTextEncode": {"text": TEXT},
    }
    for node in prompt.values():
        node["inputs"].update(values.get(node["class_type"], {}))
    return prompt


def _run(client: Client, prompt: dict) -> Path:
    client.upload_image(PICTURE, overwrite=True)
    _say(f"queueing {WORKFLOW.relative_to(ROOT)} with {PICTURE.name} and {DRAGS.name}")
    result = client.run(prompt, on_progress=_Reporter())
    _say(f"ComfyUI took {result.seconds:.1f} s")
    OUTPUT.mkdir(exist_ok=True)
    videos = [item for item in result.files() if item["filename"].endswith(".mp4")]
    downloaded = client.download(videos[0], OUTPUT)
    return downloaded.replace(OUTPUT / "demo.mp4")


class _Reporter:
    """A line for each node, and for a sampler one a few seconds."""

    def __init__(self):
        self._node, self._said = "", 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.node_id != self._node or now - self._said > 3 or progress.step == progress.steps > 1:
            _say(f"  {progress}")
            self._node, self._said = progress.node_id, now


def _contact_sheet(video: Path) -> Path:
    """The drags over the picture, frame by frame, and under it the same over the video that came out."""
    with av.open(str(video)) as container:
        frames = torch.cat([to_tensor(frame.to_image()) for frame in container.decode(video=0)])
    height = round(SHEET_WIDTH * HEIGHT / WIDTH)
    drags = trajectory.parse(DRAGS.read_text(encoding="utf-8"), width=SHEET_WIDTH, height=height)
    picture = fit(read_tensor(PICTURE), SHEET_WIDTH, height).expand(len(frames), -1, -1, -1)
    result = fit(frames, SHEET_WIDTH, height)
    rows = [row for images in (picture, result) for row in in_rows(draw.drags(images, drags), COLUMNS)]
    path = OUTPUT / "demo.png"
    write_sheet(rows, path)
    return path


def _say(line: str) -> None:
    print(f"[demo] {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
