"""An object in a video, dragged, without a model."""

import json

from tools.blueprint_sources.drag_in_video import BLUEPRINT
from tools.graph_parts import BESIDE, EDITOR, saved
from tools.outlines import OSPREY, moved
from tools.templates import Node, Subgraph, Template

FRAMES, WIDTH, HEIGHT = 49, 640, 360
NOTE = {"note_at": (0, 610), "note_size": (300, 322)}  # under the nodes of the video
PHOTOGRAPH, LEFT, TOP = (768, 432), 0, 64  # of which the video's first frame shows a part, in pixels


def osprey(keys: list[dict], edit: str) -> str:
    """The text of a drawing of the osprey."""
    value = json.loads(moved("osprey", _in_video(OSPREY), {"keys": keys}))
    value["objects"][0]["edit"] = edit
    return json.dumps(value)


def _in_video(corners: str) -> str:
    """Corners on the photograph as corners in the video's first frame."""
    positions = [tuple(map(float, corner.split())) for corner in corners.split(",")]
    there = [((x * PHOTOGRAPH[0] - LEFT) / WIDTH, (y * PHOTOGRAPH[1] - TOP) / HEIGHT) for x, y in positions]
    return ", ".join(f"{x:.4f} {y:.4f}" for x, y in there)


def copied() -> str:
    """A copy of the osprey flies to the other branch."""
    keys = [
        {"t": 0.5, "x": 0.22, "y": -0.12, "rotation": 10, "scale": 0.9, "ease": "ease_in_out"},
        {"t": 1, "x": 0.4, "y": 0.03, "scale": 0.75, "ease": "ease_in_out"},
    ]
    return osprey(keys, "copied")


def on_video(blueprint: Subgraph, drawing: str, *, frames: int = FRAMES, **values) -> list[Node]:
    """The example video, the editor over its first frames, and a blueprint of drags on a video. Named film, parts,
    shown (where it is a part of the frames), editor, made and save."""
    images = "parts.images" if frames == FRAMES else "shown.IMAGE"
    first = Node("shown", "ImageFromBatch", (0, 610), (300, 90), values={"batch_index": 0, "length": frames},
                 links={"image": "parts.images"})  # fmt: skip
    return [
        Node("film", "LoadVideo", (0, 40), (300, 330), values={"file": "dragnuwa-osprey.mp4"}),
        Node("parts", "GetVideoComponents", (0, 430), (300, 120), links={"video": "film.VIDEO"}),
        *([] if frames == FRAMES else [first]),
        Node(
            "editor", "DragNUWATrajectoryEditor", (330, 40), EDITOR,
            values={"trajectories": drawing, "width": WIDTH, "height": HEIGHT, "frames": frames},
            links={"image": images}, properties={"example_drags": True},
        ),
        Node(
            "made", blueprint, (BESIDE, 40), (460, 330), values=values,
            links={"images": images, "audio": "parts.audio", "fps": "parts.fps",
                   **{name: f"editor.{name}" for name in ("trajectories", "width", "height", "fit")}},
        ),
        saved((BESIDE, 450), "made.video"),
    ]  # fmt: skip


TEMPLATE = Template(
    title="Drag in a video",
    note="""## Drags on a video

1. Pick a video in **Load Video**, and set **frames**, **width** and **height** in the editor to its own.
2. Go to a frame, and draw a drag on an object there, or pick it (**B**).
3. In the properties (**E**), *In the video* says what becomes of it: it moves on top of its own motion, moves only as
  drawn, is held still, is removed, or a copy of it moves. Here a second osprey flies to the other branch.
4. Press **Run**. No model is needed, and everything else stays as it was, sound and frame rate, too.

In a crowd, or where objects look alike, SAM3 follows better: connect **SAM3 Video Track** to *sam3_tracks*.
""",
    chinese="""## 在视频上绘制轨迹

1. 在 **Load Video** 中选择视频，并把编辑器中的 **frames**、**width**、**height** 设为与视频相同。
2. 转到某一帧，在其中的物体上画轨迹，或选取它（**B**）。
3. 在属性（**E**）中，*在视频中* 决定它会怎样：在自身运动上叠加、只按所画移动、保持不动、被移除，或移动其副本。
  示例中第二只鱼鹰飞到另一根树枝。
4. 按“运行”。无需模型，其余画面以及声音和帧率保持不变。

在人群中，或物体彼此相似时，用 SAM3 跟踪效果更好：将 **SAM3 Video Track** 连接到 *sam3_tracks*。
""",
    nodes=on_video(BLUEPRINT, copied()),
    app_inputs=("film.file", "editor.trajectories"),
    **NOTE,
)
