"""An object in a video, dragged, where a model of Wan repaints what has changed: the two differ in the model."""

from tools.blueprint_sources import drag_in_video_vace, drag_in_video_wan
from tools.template_sources.drag_in_video import NOTE, copied, on_video
from tools.templates import MORE, Subgraph, Template


def repainted(
    title: str, blueprint: Subgraph, english: tuple[str, str, str], chinese: tuple[str, str, str]
) -> Template:
    """`english` and `chinese`: the model's name, what it does, and what its last number does."""
    name, does, number = english
    chinese_name, chinese_does, chinese_number = chinese
    return Template(
        title=title,
        folder=MORE,
        note=f"""## Drags on a video, with {name}

{does}; ComfyUI offers to download them.

1. Pick a video in **Load Video**, and set **frames**, **width** and **height** in the editor to its own.
2. Draw a drag on an object, or pick it (**B**). *In the video* (**E**) says what becomes of it.
3. Describe the video in **prompt**, and press **Run**.

The number of frames has to be a multiple of 4 plus 1, width and height multiples of 8. {number}
""",
        chinese=f"""## 在视频上绘制轨迹，使用 {chinese_name}

{chinese_does}；ComfyUI 会提供下载。

1. 在 **Load Video** 中选择视频，并把编辑器中的 **frames**、**width**、**height** 设为与视频相同。
2. 在物体上画轨迹，或选取它（**B**）。*在视频中*（**E**）决定它会怎样。
3. 在 **prompt** 中描述视频，然后按“运行”。

帧数须为 4 的倍数加 1，宽和高须为 8 的倍数。{chinese_number}
""",
        nodes=on_video(blueprint, copied(), prompt="two ospreys on branches of a tree"),
        app_inputs=("film.file", "editor.trajectories", "made.prompt"),
        **NOTE,
    )


TEMPLATES = {
    "drag_in_video_vace": repainted(
        "Drag in a video (Wan VACE)",
        drag_in_video_vace.BLUEPRINT,
        (
            "Wan 2.1 VACE",
            "The object is moved with its own pixels, and VACE repaints it, its old place and a margin around both. "
            "Everything else stays as it was. It needs the three files of Wan 2.1 VACE that **Drag in a Video** names",
            "**margin** sets how far around the change, in pixels, the model may paint.",
        ),
        (
            "Wan 2.1 VACE",
            "物体以自身的像素移动，VACE 重绘它、它原来的位置以及两者周围的边缘。其余画面保持不变。 "
            "需要 **Drag in a Video** 中列出的三个 Wan 2.1 VACE 文件",
            "**margin** 设定模型可以在变化周围绘制多少像素。",
        ),
    ),
    "drag_in_video_wan": repainted(
        "Drag in a video (Wan)",
        drag_in_video_wan.BLUEPRINT,
        (
            "Wan 2.1 image-to-video",
            "The object is moved with its own pixels, and the model repaints it, its old place and a margin around "
            "both: its sampling is tied to everything else, which stays as it was. It needs the four files of Wan 2.1 "
            "that **Drag in a Video** names",
            "**hold**: higher keeps the moved object closer to its own pixels, lower lets the model repair more.",
        ),
        (
            "Wan 2.1 图生视频",
            "物体以自身的像素移动，模型重绘它、它原来的位置以及两者周围的边缘："
            "采样固定在其余画面上，其余画面保持不变。 "
            "需要 **Drag in a Video** 中列出的四个 Wan 2.1 文件",
            "**hold**：越高越贴近物体自身的像素，越低模型修补得越多。",
        ),
    ),
}
