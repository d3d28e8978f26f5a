"""The background behind moving objects, painted by an inpainting model in the same graph."""

from dataclasses import replace

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import TALL, WIDE, decode, drag_to, loader, sampler, start
from tools.outlines import RISING
from tools.templates import MORE, Node, Subgraph, Template

URL = "https://huggingface.co/Comfy-Org/stable_diffusion_2.1_repackaged/resolve/main/512-inpainting-ema.safetensors"
FROM_EDITOR = ("trajectories", "width", "height", "frames", "fit")
PAINT = Subgraph(
    title="Paint the background (inpainting)",
    inputs=("picture", *FROM_EDITOR, "masks", "ground", "seed", "inpainting"),
    nodes=[
        loader("inpainting", "CheckpointLoaderSimple", 40, "ckpt_name", URL, "checkpoints"),
        Node("scaled", "ImageScaleToTotalPixels", (0, 220), (300, 110),
             values={"upscale_method": "lanczos", "megapixels": 0.4, "resolution_steps": 8},
             links={"image": "inputs.picture"}),
        Node("find", "DragNUWAFindObjects", (340, 400), (300, 270), values={"radius": 14.0},
             links={"image": "inputs.picture", "masks": "inputs.masks",
                    **{name: f"inputs.{name}" for name in FROM_EDITOR}}),
        Node("positive", "CLIPTextEncode", (340, 40), (300, 120), "What is there",
             links={"clip": "inpainting.CLIP", "text": "inputs.ground"}),
        Node("negative", "CLIPTextEncode", (340, 220), (300, 120), "What is not",
             values={"text": "person, animal, object, text, frame"}, links={"clip": "inpainting.CLIP"}),
        Node("conditioning", "InpaintModelConditioning", (680, 40), (300, 160),
             links={"positive": "positive.CONDITIONING", "negative": "negative.CONDITIONING", "vae": "inpainting.VAE",
                    "pixels": "scaled.IMAGE", "mask": "find.hole"}),
        sampler(1020, 40, "conditioning", "conditioning.latent", "inpainting.MODEL", scheduler="normal", steps=20,
                cfg=5.0),
        decode(1340, 40, "inpainting.VAE"),
    ],
    outputs={"background": "decode.IMAGE"},
)  # fmt: skip
BEFORE_IT = replace(
    BLUEPRINT,
    title="Drag to Video before a background (embedded)",
    inputs=(*BLUEPRINT.inputs, "background"),
    nodes=[
        replace(node, links=node.links | {"background": "inputs.background"})
        if node.name in ("carry", "restore")
        else node
        for node in BLUEPRINT.nodes
    ],
)

TEMPLATE = Template(
    title="With a painted background",
    folder=MORE,
    note="""## A background from an inpainting model

Moving objects uncover areas that the picture does not show. Here a model paints only those. It needs
  *512-inpainting-ema.safetensors* in *models/checkpoints*; any other inpainting checkpoint works, too.

1. Drag objects to where they should go. Here the rocket is cut out (**B**) and rises.
2. In **ground**, describe what is behind them.
3. Press **Run**. **The background** shows the picture without them; it may be smaller and differ slightly in tone.

You can also load a picture that you painted or photographed, and connect it to *background*.
""",
    chinese="""## 由修补模型绘制背景

移动的物体会露出图片中没有的区域，这里由模型只绘制这些区域。需要在 *models/checkpoints* 中放入
  *512-inpainting-ema.safetensors*；任何其他修补 checkpoint 也可以。

1. 把物体拖到要去的地方。示例中抠出的火箭（**B**）上升。
2. 在 **ground** 中描述它们后面的内容。
3. 按“运行”。**The background** 显示没有这些物体的图片；它可以更小，色调也可略有不同。

您也可以加载自己绘制或拍摄的图片，连接到 *background*。
""",
    nodes=[
        *start(RISING, width=WIDE, height=TALL, picture="dragnuwa-rocket.jpg", editor_size=(480, 820)),
        Node("paint", PAINT, (840, 40), (320, 400), values={"ground": "an empty launch pad, evening sky"},
             links={"picture": "picture.IMAGE", "masks": "picture.MASK",
                    **{name: f"editor.{name}" for name in FROM_EDITOR}}),
        Node("painted", "PreviewImage", (840, 510), (320, 350), "The background",
             links={"images": "paint.background"}),
        *drag_to(BEFORE_IT, 1190, values={"prompt": "a white rocket between towers at dusk"},
                 background="paint.background"),
    ],
)  # fmt: skip
