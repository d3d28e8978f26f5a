"""Drags on a video, without a model; sound and frame rate stay."""

from tools.templates import Node, Subgraph

BLUEPRINT = Subgraph(
    title="Drag in a Video",
    description="Moves, removes, holds or copies objects in a video by drags, without any model; everything else, the "
    "sound and the frame rate stay as they were (DragNUWA Edit Video). Connect Get Video Components and a DragNUWA "
    "Trajectory Editor.",
    chinese="用轨迹移动、移除、固定或复制视频中的物体，不用任何模型；其余画面、声音和帧率保持不变（DragNUWA 编辑视频）"
    "。请连接“获取视频组件”和 DragNUWA 轨迹编辑器。",
    aliases=("video to video", "remove object", "motion editing", "drag", "inpaint video", "clean plate"),
    inputs=("images", "trajectories", "width", "height", "fit", "audio", "fps", "masks", "sam3_tracks"),
    nodes=[
        Node(
            "edit", "DragNUWAEditVideo", (0, 40), (300, 330),
            links={name: f"inputs.{name}" for name in (
                "images", "trajectories", "width", "height", "fit", "masks", "sam3_tracks",
            )},
        ),
        Node("video", "CreateVideo", (340, 40), (260, 110),
             links={"images": "edit.images", "audio": "inputs.audio", "fps": "inputs.fps"}),
    ],
    outputs={"video": "video.VIDEO", "images": "edit.images", "mask": "edit.mask"},
)  # fmt: skip
