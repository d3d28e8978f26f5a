"""DragAnything on Carry's moved picture, which keeps the object's appearance."""

from tools.blueprint_sources.drag_to_video_draganything import CARRIED
from tools.graph_parts import drag_to, start
from tools.template_sources.draganything import ACROSS, FILES, FILES_IN_CHINESE
from tools.templates import MORE, Template

TEMPLATE = Template(
    title="With DragAnything and Carry",
    folder=MORE,
    note=f"""## The object's own pixels, and a model that knows where they go

The picture is moved along the drags and sampling starts from it, while DragAnything steers the model to the same
  places. Then the clip gets the picture's size and detail back.

{FILES}
**hold**: higher keeps the object's appearance, lower lets the model repair more.
""",
    chinese=f"""## 物体自身的像素，加上知道它们去向的模型

图片沿轨迹移动，采样从它开始，同时 DragAnything 把模型引向相同的位置。随后片段恢复图片的尺寸和细节。

{FILES_IN_CHINESE}
**hold**：越高越保持物体的外观，越低模型修补得越多。
""",
    nodes=[*start(ACROSS, width=576, height=320, frames=14, picture="dragnuwa-osprey.jpg"), *drag_to(CARRIED)],
    app_inputs=("picture.image", "editor.trajectories", "made.seed"),
)
