"""An animal that lifts its head after one stroke, with the small model."""

from tools.blueprint_sources.make_it_move import BLUEPRINT
from tools.graph_parts import LONG, LOW, drag_to, start
from tools.outlines import NODDING
from tools.templates import MORE, Template

TEMPLATE = Template(
    title="Make it move",
    folder=MORE,
    note="""## One stroke, and it bends

1. Pick a picture of something alive in **Load Image**, and press **B** and click on it.
2. Drag its head, a paw or the tail: that part follows, the rest stays. Press **Play** (Space) to see it.
3. Press **Run**.

A drag that starts at an end of a long object bends it; one in its middle moves it whole. A click and Enter holds a
  place. No download is needed.
""",
    chinese="""## 一笔即可使其弯曲

1. 在 **Load Image** 中选择一张有生物的图片，按 **B** 并单击它。
2. 拖动它的头、爪或尾巴：这一部分随之移动，其余保持不动。按 **播放**（空格）预览。
3. 按“运行”。

从细长物体一端开始的拖拽使其弯曲；从中部开始的拖拽移动整体。单击并按 Enter 可固定一处。无需下载。
""",
    nodes=[
        *start(NODDING, width=LONG, height=LOW, picture="dragnuwa-otter.webp"),
        *drag_to(BLUEPRINT, values={"prompt": "a brown otter on a rock at the water"}),
    ],
    app_inputs=("picture.image", "editor.trajectories", "made.prompt"),
)
