"""One drawing drives three windows of the small model's 8 frames, each starting where the previous one ended."""

import json

from tools.graph_parts import CLIP, FRAMES, SIZE, TALL, WIDE, checkpoint, drag_to, sampling, size, start, text, video
from tools.templates import MORE, Node, Subgraph, Template

WINDOWS = 3
LENGTH = WINDOWS * (FRAMES - 1) + 1  # neighbours share a frame
ROW = 800  # pixels between two windows
PAN = {
    "type": "dragnuwa.trajectories",
    "version": 1,
    "canvas": {"width": WIDE, "height": TALL},
    "tracks": [
        {"id": "ridge", "name": "ridge", "color": "#d62728", "points": [{"x": 0.4, "y": 0.5}, {"x": 0.6, "y": 0.5}]},
        {"id": "dune", "name": "dune", "color": "#ff7f0e", "points": [{"x": 0.2, "y": 0.8}, {"x": 0.4, "y": 0.8}]},
        {
            "id": "slope",
            "name": "slope",
            "color": "#2ca02c",
            "points": [{"x": 0.65, "y": 0.85}, {"x": 0.85, "y": 0.85}],
        },
        {"id": "sky", "name": "sky", "color": "#1f77b4", "points": [{"x": 0.3, "y": 0.2}, {"x": 0.5, "y": 0.2}]},
    ],
}


def window(number: int) -> list[Node]:
    """One window: its part of the drags, its sampling, and its last frame for the next window."""
    y = 40 + (number - 1) * ROW
    start_image = "inputs.image" if number == 1 else f"last{number - 1}.IMAGE"
    part = Node(
        f"window{number}", "DragNUWATransformTrajectories", (340, y), (320, 440), f"Window {number}",
        values={"window_frames": FRAMES, "window": number},
        links={"trajectories": "inputs.trajectories", "width": "size.width", "height": "size.height",
               "frames": "frames.INT"},
    )  # fmt: skip
    nodes = sampling(
        700,
        y,
        drags=f"window{number}.trajectories",
        start_image=start_image,
        clip=SIZE | {"frames": f"window{number}.frames"},
        suffix=str(number),
    )
    if number < WINDOWS:
        last = {"batch_index": FRAMES - 1, "length": 1}
        images = {"image": f"decode{number}.IMAGE"}
        nodes.append(
            Node(f"last{number}", "ImageFromBatch", (1360, y + 120), (240, 90), "The last frame", last, images)
        )
    if number > 1:  # its first frame is the last one of the window before
        rest = {"batch_index": 1, "length": FRAMES - 1}
        images = {"image": f"decode{number}.IMAGE"}
        nodes.append(
            Node(f"rest{number}", "ImageFromBatch", (1360, y + 390), (240, 90), "The new frames", rest, images)
        )
    return [part, *nodes]


def join() -> Node:
    """The frames of all windows in one batch. Named "join"."""
    parts = ["decode1.IMAGE", *(f"rest{number}.IMAGE" for number in range(2, WINDOWS + 1))]
    links = {f"images.image{k}": part for k, part in enumerate(parts)}
    return Node("join", "BatchImagesNode", (1700, 40), (220, 60), links=links)


THREE_WINDOWS = Subgraph(
    title="Three windows",
    inputs=(*CLIP, "prompt", "seed", "strength", "checkpoint"),
    nodes=[
        *size(),
        checkpoint(),
        text(),
        *(node for number in range(1, WINDOWS + 1) for node in window(number)),
        join(),
        video(1960, 40, "join.IMAGE"),
    ],
    outputs={"video": "video.VIDEO", "images": "join.IMAGE"},
)

TEMPLATE = Template(
    title="A longer clip",
    folder=MORE,
    note=f"""## A clip longer than the model's

The small model knows clips of {FRAMES} frames. This makes {LENGTH}: draw for the whole clip, and press **Run**.

Inside **Three windows**, each window has a DragNUWA Transform Trajectories that passes on its part of every drag. The
  last frame of a window is the start picture of the next.

For more windows, copy a row there, raise *window* by 1, and set *frames* in the editor: {FRAMES - 1} more for each.

**The other way** is ComfyUI's own *Context Windows (Manual)* between DragNUWA Apply and KSampler: see the help of
  DragNUWA Transform Trajectories.
""",
    chinese=f"""## 比模型更长的片段

小模型只熟悉 {FRAMES} 帧的片段。这里生成 {LENGTH} 帧：为整个片段绘制，然后按“运行”。

在 **Three windows** 中，每个窗口有一个 DragNUWA Transform Trajectories，只传递每条轨迹中属于它的部分。
  一个窗口的最后一帧是下一个窗口的起始图片。

要增加窗口，请在其中复制一行，把 *window* 加 1，并设置编辑器中的 *frames*：每个窗口多 {FRAMES - 1} 帧。

**另一种方法**是在 DragNUWA Apply 与 KSampler 之间使用 ComfyUI 自带的 *Context Windows (Manual)*：
  见 DragNUWA Transform Trajectories 的帮助。
""",
    nodes=[
        *start(json.dumps(PAN), width=WIDE, height=TALL, frames=LENGTH, picture="dragnuwa-desert.jpg"),
        *drag_to(THREE_WINDOWS, values={"prompt": "a dune in a desert"}),
    ],
)
