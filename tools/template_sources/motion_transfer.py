"""The motion of a video, transferred to another picture. The graph makes the driving video, so no file is needed."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import FRAMES, LONG, LOW, SMALL, drag_to, start
from tools.outlines import HORSE, moved
from tools.templates import Node, Subgraph, Template

AWAY = moved("horse", HORSE, {"points": [{"x": 0.72, "y": 0.5}, {"x": 0.76, "y": 0.45}, {"x": 0.8, "y": 0.5}]})
CLIP = {"width": "drawn.width", "height": "drawn.height"}

DRIVING = Subgraph(
    title="A driving video",
    inputs=("picture",),
    nodes=[
        Node("other", "ImageInvert", (0, 40), (300, 60), links={"image": "inputs.picture"}),
        Node(
            "drawn", "DragNUWATrajectoryEditor", (0, 180), (480, 740),
            values={"trajectories": AWAY, "width": LONG, "height": LOW, "frames": FRAMES},
            links={"image": "other.IMAGE"},
        ),
        Node("checkpoint", "DragNUWALoadCheckpoint", (520, 40), (300, 150), values={"ckpt_name": SMALL}),
        Node("empty", "EmptyLatentImage", (520, 260), (300, 150), links={**CLIP, "batch_size": "drawn.frames"}),
        Node(
            "driver", "DragNUWACarry", (860, 40), (300, 380), values={"radius": 36.0},
            links={"image": "drawn.image", "trajectories": "drawn.trajectories", "vae": "checkpoint.vae",
                   "latent": "empty.LATENT", "frames": "drawn.frames", **CLIP},
        ),
    ],
    outputs={"images": "driver.video"},
)  # fmt: skip
MOTION = Subgraph(
    title="The motion of a video",
    # In the page, two new nodes would share a widget of one name: "seed" is that of Drag to Video.
    inputs=("video", "trajectories", "width", "height", "frames", "count", "track_seed"),
    nodes=[
        Node("sample", "DragNUWASampleTrajectories", (0, 40), (300, 230),
             values={"count": 8, "seed": 12, "control_after_generate": "fixed"},
             links={"video": "inputs.video", "count": "inputs.count", "seed": "inputs.track_seed"}),
        Node("merge", "DragNUWAMergeTrajectories", (340, 40), (320, 230), "The motion of the video",
             values={"mode": "concatenate"},
             links={"trajectories": "inputs.trajectories", "under": "sample.trajectories", "width": "inputs.width",
                    "height": "inputs.height", "frames": "inputs.frames"}),
    ],
    outputs={"trajectories": "merge.trajectories"},
)  # fmt: skip

TEMPLATE = Template(
    title="Take the motion of a video",
    note="""## The motion of a video, on your picture

1. Pick a picture in **Load Image**.
2. Press **Run**. **The motion of a video** finds how the driving video moves and draws tracks where it moves most;
  they become the drags of your picture. Drags that you draw are added to them.
3. Another *track_seed* picks other tracks, a larger *count* picks more.

For your own video: add **Load Video** and **Get Video Components**, and connect their images to *video*, in place of
  *A driving video*, which is the example in other colours. No download is needed.

The black horse is painted as a mask in the picture, so that it moves as a whole: *Open in MaskEditor* does that.
""",
    chinese="""## 把视频的运动用于您的图片

1. 在 **Load Image** 中选择图片。
2. 按“运行”。**The motion of a video** 找出驱动视频的运动，在运动最多的地方生成轨迹，作为您图片的轨迹。
  您绘制的轨迹会叠加其上。
3. 换一个 *track_seed* 会选取其他轨迹，*count* 越大选取越多。

使用自己的视频：添加 **Load Video** 和 **Get Video Components**，把它们的图像连接到 *video*，
  取代 *A driving video*（它是换了颜色的示例图片）。无需下载。

图片中的黑马已涂抹为遮罩，因此整体移动：可用“在遮罩编辑器中打开”来涂抹。
""",
    nodes=[
        *start(width=LONG, height=LOW, picture="dragnuwa-horses.webp", editor_size=(480, 820)),
        Node("driving", DRIVING, (840, 40), (320, 60), links={"picture": "picture.IMAGE"}),
        Node("motion", MOTION, (840, 190), (320, 260),
             links={"video": "driving.images", "trajectories": "editor.trajectories", "width": "editor.width",
                    "height": "editor.height", "frames": "editor.frames"}),
        *drag_to(BLUEPRINT, 1190, "motion.trajectories", values={"prompt": "horses on a meadow"}),
    ],
)  # fmt: skip
