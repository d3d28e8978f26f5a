"""An animal moves, by each large model that has a template of its own: they differ in the model and its numbers."""

from dataclasses import dataclass

from tools.blueprint_sources import (
    drag_to_video_causal_wan,
    drag_to_video_h3,
    drag_to_video_ltx2,
    drag_to_video_vace,
    drag_to_video_wan,
    drag_to_video_wan_lightning,
)
from tools.graph_parts import drag_to, start
from tools.outlines import DOG, HOPPING, moved
from tools.templates import MORE, Subgraph, Template

OF_FOUR = "The number of frames is a multiple of 4 plus 1."
OF_FOUR_IN_CHINESE = "帧数为 4 的倍数加 1"
HOLD = "**hold**: higher follows the drags more closely, lower lets the model repair more."
HOLD_IN_CHINESE = "**hold**：越高越贴近轨迹，越低模型修补得越多。"


@dataclass(frozen=True)
class Example:
    """A photograph, the drags on it, what is said of them in both languages, and the text for the model."""

    picture: str
    drags: str
    said: str
    said_in_chinese: str
    prompt: str


OSPREY = Example(
    "dragnuwa-osprey.jpg", HOPPING, "the osprey is cut out (**B**) and hops", "抠出的鱼鹰（**B**）跳动",
    "an osprey hops along a branch",
)  # fmt: skip
WALKING_DOG = Example(
    "dragnuwa-dog.jpg", moved("dog", DOG, {"points": [{"x": 0.5, "y": 0.45}, {"x": 0.58, "y": 0.45}]}),
    "the dog is cut out (**B**) and walks", "抠出的狗（**B**）行走", "a dog walks across a meadow",
)  # fmt: skip


@dataclass(frozen=True)
class Model:
    """What is said of a model: its heading, what it does, which files it needs, and its numbers; each also in Chinese.

    size: of the clip: width, height and frames. example: the osprey, but where ComfyUI's dialog shows the template, in
        which no picture is twice. masks: whether the blueprint takes those of the picture by themselves. room: px more
        for the blueprint's face.
    """

    title: str
    blueprint: Subgraph
    size: tuple[int, int, int]
    heading: str
    does: str
    numbers: str
    chinese_heading: str
    chinese_does: str
    chinese_numbers: str
    folder: str = MORE
    example: Example = OSPREY
    sound: bool = False
    masks: bool = False
    room: int = 0

    @property
    def template(self) -> Template:
        width, height, frames = self.size
        heard, chinese_heard = (" and what is heard", "和声音") if self.sound else ("", "")
        prompt = self.example.prompt + (" and calls" if self.sound else "")
        masks = {"masks": "picture.MASK"} if self.masks else {}
        return Template(
            title=self.title,
            folder=self.folder,
            note=f"""## {self.heading}

{self.does}; ComfyUI offers to download them.

1. Pick a picture in **Load Image**, and draw on it. Here {self.example.said}.
2. Describe the video{heard} in **prompt**.
3. Press **Run**.

{self.numbers}
""",
            chinese=f"""## {self.chinese_heading}

{self.chinese_does}ComfyUI 会提供下载。

1. 在 **Load Image** 中选择图片，并在上面绘制。示例中{self.example.said_in_chinese}。
2. 在 **prompt** 中描述视频{chinese_heard}。
3. 按“运行”。

{self.chinese_numbers}
""",
            nodes=[
                *start(self.example.drags, width=width, height=height, frames=frames, picture=self.example.picture),
                *drag_to(self.blueprint, values={"prompt": prompt}, room=self.room, **masks),
            ],
            app_inputs=("picture.image", "editor.trajectories", "made.prompt"),
        )


MODELS = {
    "carry_with_wan": Model(
        title="With Wan 2.1",
        folder="",
        example=WALKING_DOG,
        blueprint=drag_to_video_wan.BLUEPRINT,
        size=(704, 528, 33),
        heading="Wan 2.1 image-to-video",
        does="No DragNUWA weights are needed: the picture itself is moved along the drags, and the model turns it "
        "into a video. It needs the four files of Wan 2.1 that **Drag to Video** names",
        numbers=f"{OF_FOUR} {HOLD}",
        chinese_heading="Wan 2.1 图生视频",
        chinese_does="不需要 DragNUWA 权重：图片本身沿轨迹移动，再由模型变成视频。 "
        "需要 **Drag to Video** 中列出的四个 Wan 2.1 文件；",
        chinese_numbers=f"{OF_FOUR_IN_CHINESE}。{HOLD_IN_CHINESE}",
    ),
    "carry_with_wan_lightning": Model(
        title="With Wan 2.2 Lightning",
        blueprint=drag_to_video_wan_lightning.BLUEPRINT,
        size=(832, 464, 33),
        heading="Wan 2.2 image-to-video in four steps",
        does="The picture itself is moved along the drags, and Wan 2.2 with its Lightning LoRAs turns it into a video "
        "in four steps. It needs the six files that **Drag to Video** names",
        numbers=f"{OF_FOUR} **hold_steps**: for how many of the first two steps, which the model for high noise makes, "
        "the drags are held. 1 lets the model repair more.",
        chinese_heading="Wan 2.2 图生视频，四步",
        chinese_does="图片本身沿轨迹移动，再由 Wan 2.2 及其 Lightning LoRA 用四步变成视频。 "
        "需要 **Drag to Video** 中列出的六个文件；",
        chinese_numbers=f"{OF_FOUR_IN_CHINESE}。**hold_steps**：在高噪声模型所做的前两步中，有几步固定轨迹。"
        "设为 1 时模型修补得更多。",
    ),
    "carry_with_causal_wan": Model(
        title="With causal Wan (streaming)",
        blueprint=drag_to_video_causal_wan.BLUEPRINT,
        size=(832, 464, 81),
        heading="Causal Wan",
        does="The picture itself is moved along the drags, and a causal Wan makes the video block by block, in four "
        "steps each. It needs the three files that **Drag to Video** names",
        numbers=f"{OF_FOUR} For a model that makes three latent frames at a time, set **num_frame_per_block** inside "
        "**Drag to Video** to 3.",
        chinese_heading="因果 Wan",
        chinese_does="图片本身沿轨迹移动，再由因果 Wan 逐块生成视频，每块四步。 "
        "需要 **Drag to Video** 中列出的三个文件；",
        chinese_numbers=f"{OF_FOUR_IN_CHINESE}。"
        "若模型一次生成三个潜在帧，请在 **Drag to Video** 内将 **num_frame_per_block** 设为 3。",
    ),
    "carry_with_h3": Model(
        title="With MiniMax H3 (sound)",
        blueprint=drag_to_video_h3.BLUEPRINT,
        size=(1088, 608, 124),
        sound=True,
        heading="MiniMax H3 with sound",
        does="The picture itself is moved along the drags, and MiniMax H3 makes a video and its sound of that. It "
        "needs the four files that **Drag to Video** names",
        numbers="Width and height are multiples of 32, the number of frames is a multiple of 17 plus 5: 124 are five "
        "seconds. **hold**: higher follows the drags more closely, lower lets the model repair more.",
        chinese_heading="有声的 MiniMax H3",
        chinese_does="图片本身沿轨迹移动，再由 MiniMax H3 生成视频及其声音。 需要 **Drag to Video** 中列出的四个文件；",
        chinese_numbers=f"宽和高为 32 的倍数，帧数为 17 的倍数加 5：124 帧为五秒。{HOLD_IN_CHINESE}",
    ),
    "carry_with_ltx2": Model(
        title="With LTX-2 (sound)",
        blueprint=drag_to_video_ltx2.BLUEPRINT,
        size=(1088, 608, 97),
        sound=True,
        heading="LTX-2 with sound",
        does="The picture itself is moved along the drags, and LTX-2 makes a video and its sound of that, in eight "
        "steps. It needs the two files that **Drag to Video** names",
        numbers="Width and height are multiples of 32, the number of frames is a multiple of 8 plus 1. **hold_steps**: "
        "more follow the drags more closely, fewer let the model repair more.",
        chinese_heading="有声的 LTX-2",
        chinese_does="图片本身沿轨迹移动，再由 LTX-2 用八步生成视频及其声音。 "
        "需要 **Drag to Video** 中列出的两个文件；",
        chinese_numbers="宽和高为 32 的倍数，帧数为 8 的倍数加 1。**hold_steps**：越多越贴近轨迹，越少模型修补得越多。",
    ),
    "move_with_vace": Model(
        title="With Wan VACE",
        blueprint=drag_to_video_vace.BLUEPRINT,
        size=(832, 464, 33),
        masks=True,
        heading="Wan 2.1 VACE",
        does="The picture's own pixels move along the drags, and VACE paints what they uncover. It needs the three "
        "files of Wan 2.1 VACE that **Drag to Video** names",
        numbers=f"{OF_FOUR} **margin** sets how far around the uncovered area, in pixels, the model may paint.",
        chinese_heading="Wan 2.1 VACE",
        chinese_does="图片自身的像素沿轨迹移动，由 VACE 绘制露出的部分。"
        "需要 **Drag to Video** 中列出的三个 Wan 2.1 VACE 文件； ",
        chinese_numbers=f"{OF_FOUR_IN_CHINESE}。**margin** 设定模型可以在露出部分周围绘制多少像素。",
    ),
}
TEMPLATES = {name: model.template for name, model in MODELS.items()}
