"""Makes the video of the template "Drag in a video" from a photograph: the camera pans, and an osprey hops.

.venv/bin/python tools/example_video.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import av
import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import to_bytes
from dragnuwa.common.picture_files import open_picture
from dragnuwa.trajectory import parse
from scripts.host import PICTURES
from tools.outlines import HOPPING

FRAMES, RATE, SIZE = 49, 24, (640, 360)
PAN = (0, 64), (72, 8)  # px: where the shown part begins in the first frame and in the last


def main() -> None:
    with open_picture(PICTURES / "dragnuwa-osprey.jpg") as file:
        picture = np.asarray(file.convert("RGB"))
    height, width = picture.shape[:2]
    drags = parse(HOPPING, width=width, height=height)
    image = torch.from_numpy(picture.copy()).float()[None] / 255
    moved = to_bytes(
        carry_clip(image, drags, ClipShape(width, height, FRAMES), None, CarrySettings(fit="stretch")).video
    )
    with av.open(str(PICTURES / "dragnuwa-osprey.mp4"), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "23", "preset": "slow"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for time, frame in enumerate(moved):
            part = 0.5 - 0.5 * np.cos(np.pi * time / (FRAMES - 1))
            left, top = (float(first + part * (last - first)) for first, last in zip(*PAN, strict=True))
            move = np.float32([[1, 0, -left], [0, 1, -top]])
            shown = cv2.warpAffine(frame, move, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode())


if __name__ == "__main__":
    main()
