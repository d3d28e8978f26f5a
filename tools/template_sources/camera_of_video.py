"""The camera of a video, taken to a picture in depth. The graph makes the driving video, so no file is needed."""

from tools.blueprint_sources.camera_of_video import BLUEPRINT
from tools.blueprint_sources.move_camera_in_depth import FRAMES
from tools.graph_parts import BESIDE, saved, start
from tools.template_sources.camera_in_depth import APP, LOW, ROCKS, WIDE
from tools.templates import MORE, Node, Subgraph, Template

DRIVING = Subgraph(
    title="A driving video",
    inputs=("picture",),
    nodes=[
        Node("other", "ImageInvert", (0, 40), (300, 60), links={"image": "inputs.picture"}),
        Node(
            "drawn", "DragNUWATrajectoryEditor", (0, 180), (480, 740),
            values={"trajectories": ROCKS, "width": WIDE, "height": LOW, "frames": FRAMES},
            links={"image": "other.IMAGE"},
        ),
        Node(
            "driver", "DragNUWACameraInDepth", (520, 40), (320, 760),
            values={"dolly": 0.0, "truck": -0.14, "pedestal": 0.04, "pan": -1.0, "farthest": 12.0, "longer_side": WIDE},
            links={"image": "other.IMAGE"}
            | {name: f"drawn.{name}" for name in ("width", "height", "frames", "trajectories")},
        ),
    ],
    outputs={"images": "driver.images"},
)  # fmt: skip

TEMPLATE = Template(
    title="Take the camera of a video",
    folder=MORE,
    note="""## The camera of a video, through your picture

1. Pick a picture in **Load Image**.
2. Press **B** in the editor and click on each object that stands before the rest. In the properties (**E**), its
  *Distance* goes from near to far.
3. Press **Run**. **Take the Camera of a Video** finds how the camera of the driving video turned, zoomed and travelled,
  and moves the camera through your picture in the same way. A larger *path_scale* goes further.

For your own video: add **Load Video** and **Get Video Components**, and connect their images to *video*, in place of
  *A driving video*, which is the example in other colours. One shot without cuts, please. *view_angle* is what its
  longer side shows, if you know it. No model is needed.
""",
    chinese="""## 让视频中的镜头穿过你的图片

1. 在 **Load Image** 中选择图片。
2. 在编辑器中按 **B**，单击每个处于前方的物体。在属性（**E**）中，*距离* 由近到远。
3. 按“运行”。**Take the Camera of a Video** 求出驱动视频的镜头如何转动、变焦和移动，并让镜头以同样的方式穿过你的图片。
  *path_scale* 越大走得越远。

使用自己的视频：添加 **Load Video** 和 **Get Video Components**，把它们的图像连接到 *video*，代替 *A driving video*
（即换了颜色的示例）。请使用没有剪切的单个镜头。*view_angle* 是其长边所见的角度，如果知道的话。无需模型。
""",
    nodes=[
        *start(ROCKS, width=WIDE, height=LOW, picture="dragnuwa-wren.jpg", frames=FRAMES),
        Node("driving", DRIVING, (0, 430), (300, 80), links={"picture": "picture.IMAGE"}),
        Node("made", BLUEPRINT, (BESIDE, 40), (460, 480),
             values={"focus_x": 0.4, "focus_y": 0.6},
             links={"video": "driving.images", "picture": "picture.IMAGE"}
             | {name: f"editor.{name}" for name in ("width", "height", "frames", "fit", "trajectories")}),
        saved((BESIDE, 580), "made.video"),
    ],
    app_inputs=APP,
)  # fmt: skip
