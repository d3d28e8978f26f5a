"""One drawing drives three windows of the small model's 8 frames, each beginning where the one before it ended."""

import json

from template_sources.parts import FRAMES, checkpoint, editor, picture, preview, sampling, text, video
from templates import Group, Node, Template

WINDOWS = 3
LENGTH = WINDOWS * (FRAMES - 1) + 1  # neighbours share a frame
ROW = 800  # pixels between two windows
ARM = {
    "type": "dragnuwa.trajectories",
    "version": 1,
    "canvas": {"width": 128, "height": 128},
    "tracks": [
        {
            "id": "arm",
            "name": "left arm",
            "color": "#1f77b4",
            "points": [{"x": 0.27, "y": 0.47}, {"x": 0.22, "y": 0.34}, {"x": 0.3, "y": 0.24}, {"x": 0.24, "y": 0.36}],
        },
        {"id": "waist", "name": "waist", "color": "#7f7f7f", "kind": "anchor", "points": [{"x": 0.5, "y": 0.62}]},
    ],
}


def window(number: int) -> list[Node]:
    """One window: its part of the drags, its sampling, and its last frame for the next window."""
    y = 40 + (number - 1) * ROW
    start_image = "editor.image" if number == 1 else f"last{number - 1}.IMAGE"
    part = Node(
        f"window{number}", "DragNUWATransformTrajectories", (800, y), (320, 440), f"Window {number}",
        values={"window_frames": FRAMES, "window": number},
        links={"trajectories": "editor.trajectories", "width": "editor.width", "height": "editor.height",
               "frames": "editor.frames"},
    )  # fmt: skip
    nodes = sampling(
        (1160, y),
        f"window{number}.trajectories",
        start_image=start_image,
        frames=f"window{number}.frames",
        suffix=str(number),
    )
    at = (1820, y + 120)
    if number < WINDOWS:
        last = {"batch_index": FRAMES - 1, "length": 1}
        images = {"image": f"decode{number}.IMAGE"}
        nodes.append(Node(f"last{number}", "ImageFromBatch", at, (240, 90), "The last frame", last, images))
    if number > 1:  # its first frame is the last one of the window before
        rest = {"batch_index": 1, "length": FRAMES - 1}
        images = {"image": f"decode{number}.IMAGE"}
        nodes.append(
            Node(f"rest{number}", "ImageFromBatch", (at[0], y + 270), (240, 90), "The new frames", rest, images)
        )
    return [part, *nodes]


def join() -> list[Node]:
    """The frames of all windows in one batch. The last node is named "join3"."""
    nodes = []
    for number in range(2, WINDOWS + 1):
        before = "decode1.IMAGE" if number == 2 else f"join{number - 1}.IMAGE"
        links = {"image1": before, "image2": f"rest{number}.IMAGE"}
        nodes.append(Node(f"join{number}", "ImageBatch", (2160, 40 + (number - 1) * ROW), (220, 60), links=links))
    return nodes


TEMPLATE = Template(
    note=f"""## A clip longer than the model's

The small model knows clips of {FRAMES} frames. This makes {LENGTH}.

1. Pick a picture in **Load Image**, and draw in the **Trajectory Editor** for the whole clip: its `frames` are
  {LENGTH}.
2. Each **Window** is a DragNUWA Transform Trajectories that hands its part of every drag on, and goes on just where
  the window before it ended.
3. The last frame of a window is the start picture of the next. Its drags begin in the same places.
4. Press **Run**: three samplings, one video.

For more windows, copy a row, raise `window` by 1, and set `frames` in the editor: {FRAMES - 1} more for each.

**The other way** is one sampling with ComfyUI's own *Context Windows (Manual)* between DragNUWA Apply and KSampler,
  with the drags of the whole clip: see the help of DragNUWA Transform Trajectories.
""",
    nodes=[
        picture((0, 40)),
        checkpoint((0, 440)),
        text((0, 650), "a girl in front of a hill"),
        editor((340, 40), json.dumps(ARM), LENGTH),
        *preview((340, 860), "editor.trajectories"),
        *(node for number in range(1, WINDOWS + 1) for node in window(number)),
        *join(),
        *video((2420, 40 + (WINDOWS - 1) * ROW), f"join{WINDOWS}.IMAGE"),
    ],
    groups=[
        Group(f"Frames {k * (FRAMES - 1) + 1} to {(k + 1) * (FRAMES - 1) + 1}", (780, k * ROW - 40), (1330, ROW - 40))
        for k in range(WINDOWS)
    ],
)
