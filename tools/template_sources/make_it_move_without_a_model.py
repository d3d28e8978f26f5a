"""An animal that lifts its head after one stroke: the picture's own pixels, without a model."""

from tools.blueprint_sources.drag_to_video_no_model import BLUEPRINT, FRAMES
from tools.graph_parts import LONG, LOW, drag_to, start
from tools.outlines import NODDING
from tools.templates import MORE, Template

TEMPLATE = Template(
    title="Make it move without a model",
    folder=MORE,
    note="""## Seconds, at full size

1. Pick a picture of something alive in **Load Image**, and press **B** and click on it.
2. Drag its head, a paw or the tail. Press **Play** (Space) to see it bend.
3. Press **Run**. The picture's own pixels bend and stay sharp; nothing is generated, and nothing is downloaded.
""",
    chinese="""## 数秒完成，保持原尺寸

1. 在 **Load Image** 中选择一张有生物的图片，按 **B** 并单击它。
2. 拖动它的头、爪或尾巴。按 **播放**（空格）预览弯曲。
3. 按“运行”。弯曲的是图片自身的像素，保持清晰；不生成任何内容，也无需下载。
""",
    nodes=[
        *start(NODDING, width=LONG, height=LOW, frames=FRAMES, picture="dragnuwa-otter.webp"),
        *drag_to(BLUEPRINT),
    ],
    app_inputs=("picture.image", "editor.trajectories"),
)
