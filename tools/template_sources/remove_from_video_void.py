"""An object in a video, removed by VOID."""

from tools.blueprint_sources.remove_from_video_void import BLUEPRINT
from tools.template_sources.drag_in_video import on_video, osprey
from tools.templates import MORE, Template

FRAMES = 45


TEMPLATE = Template(
    title="Remove from a video (VOID)",
    folder=MORE,
    note="""## Remove an object from a video, with VOID

VOID repaints the place of an object and what it did to the rest, such as its shadow. It needs the three files that
  **Remove from a Video** names; ComfyUI offers to download them. Without a model, the template *Drag in a video*
  removes objects, too: their ground comes from other frames.

1. Pick a video in **Load Video**, and set **frames**, **width** and **height** in the editor to its own.
2. Draw a point on an object, or pick it (**B**). In the properties (**E**), set *In the video* to *is removed*. Here
  the osprey is.
3. Describe in **prompt** what is to be seen instead, and press **Run**.

The number of frames has to be a multiple of 8 minus 3: 45, 53, 61 and so on. **margin** sets how far around the object,
  in pixels, the model may paint: enough for its shadow.
""",
    chinese="""## 用 VOID 从视频中移除物体

VOID 重绘物体的位置以及它对其余画面的影响，例如阴影。需要 **Remove from a Video** 中列出的三个文件；ComfyUI 会提供下载。
  模板 *Drag in a video* 不用模型也能移除物体：背景取自其他帧。

1. 在 **Load Video** 中选择视频，并把编辑器中的 **frames**、**width**、**height** 设为与视频相同。
2. 在物体上画一个点，或选取它（**B**）。在属性（**E**）中把 *在视频中* 设为 *移除*。示例中移除鱼鹰。
3. 在 **prompt** 中描述代替它的画面，然后按“运行”。

帧数须为 8 的倍数减 3：45、53、61 等。**margin** 设定模型可以在物体周围绘制多少像素：要包括其阴影。
""",
    nodes=on_video(
        BLUEPRINT,
        osprey([{"t": 1, "x": 0, "y": 0}], "removed"),
        frames=FRAMES,
        prompt="bare branches of a tree",
        margin=40.0,
    ),
    app_inputs=("film.file", "editor.trajectories", "made.prompt"),
    note_at=(0, 780),
    note_size=(300, 152),
)
