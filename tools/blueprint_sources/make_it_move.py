"""A living thing that bends under the drags, with the small model that comes with the pack."""

from tools.blueprint_sources.drag_to_video_embedded import BETWEEN, INPUTS, RATE, nodes
from tools.carried_blueprint import ALIASES
from tools.graph_parts import SIZE, video
from tools.templates import Node, Subgraph

BLUEPRINT = Subgraph(
    title="Make It Move (embedded)",
    description="Lets what is in a picture bend under the drags on it, such as a head that nods or a tail that wags, "
    "with the small model that comes with the pack: no download is needed. DragNUWA Find Objects finds what the drags "
    "bend, so that the model sees how all of it moves. Connect a DragNUWA Trajectory Editor.",
    chinese="让图片中的生物随其上的轨迹弯曲，如点头或摆尾，使用随节点包附带的小模型，无需下载。DragNUWA 查找物体"
    "会找到轨迹使之弯曲的内容，使模型知道它整体如何运动。请连接 DragNUWA 轨迹编辑器。",
    aliases=(*ALIASES, "bend", "puppet", "deform", "pin", "warp"),
    inputs=INPUTS,
    nodes=[
        *nodes(BETWEEN, "find.trajectories"),
        Node("find", "DragNUWAFindObjects", (340, -240), (300, 220), values={"radius": 14.0},
             links={"image": "inputs.picture", "trajectories": "inputs.trajectories", "masks": "inputs.masks",
                    "fit": "inputs.fit", **SIZE}),
        video(1000, 480, "restore.images", RATE),
    ],
    outputs={"video": "video.VIDEO", "images": "restore.images"},
)  # fmt: skip
