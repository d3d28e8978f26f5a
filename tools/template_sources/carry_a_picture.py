"""The small model with the picture carried along the drags: Multiscale Fusion and Carry together."""

from dataclasses import replace

from template_sources.parts import checkpoint, editor, picture, preview, restore, sampling, video
from templates import Node, Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 128, "height": 128},
 "tracks": [
  {"id": "t1", "name": "dress", "color": "#d62728", "kind": "path", "points": [{"x": 0.5, "y": 0.65}, {"x": 0.6, "y": 0.62}, {"x": 0.7, "y": 0.65}]},
  {"id": "t2", "name": "head", "color": "#1f77b4", "kind": "path", "points": [{"x": 0.5, "y": 0.32}, {"x": 0.6, "y": 0.29}, {"x": 0.7, "y": 0.32}]}
 ]}"""  # noqa: E501


def carrying(masks: str) -> list[Node]:
    """The usual way from drags to pictures, but that it begins with the carried picture; `masks` names the output that
    says what is dragged."""
    changed = {
        "guidance": {"model": "differential.MODEL"},
        "sampler": {"latent_image": "carry.latent"},
    }
    nodes = [
        replace(node, links=node.links | changed.get(node.name, {}))
        for node in sampling((800, 40), "editor.trajectories", positive="text.CONDITIONING")
    ]
    size = {name: f"editor.{name}" for name in ("width", "height", "frames")}
    carry = Node(
        "carry", "DragNUWACarry", (800, 660), (300, 380), values={"radius": 14.0},
        links={
            "image": "picture.IMAGE", "masks": masks, "trajectories": "editor.trajectories",
            "vae": "checkpoint.vae", "latent": "conditioning.latent", **size,
        },
    )  # fmt: skip
    differential = Node("differential", "DifferentialDiffusion", (1140, 760), (280, 80), links={"model": "apply.model"})
    crude = Node(
        "crude", "PreviewImage", (1140, 900), (420, 340), "What is carried, frame by frame",
        links={"images": "carry.video"},
    )  # fmt: skip
    return [*nodes, carry, differential, crude]


def workflow(masks: str, *found: Node) -> list[Node]:
    """From the picture to the video; `found` are the nodes that make the masks, where Load Image does not."""
    return [
        picture((0, 40)),
        checkpoint((0, 440)),
        *found,
        editor((340, 40), DRAGS),
        Node(
            "text", "CLIPTextEncode", (340, 1400), (280, 110), values={"text": "a girl in a pink dress"},
            links={"clip": "checkpoint.clip"},
        ),
        *carrying(masks),
        restore((1460, 160), "decode.IMAGE"),
        *video((1780, 160), "restore.images"),
        *preview((340, 860), "editor.trajectories"),
    ]  # fmt: skip


TEMPLATE = Template(
    note="## Carry the picture along the drags\n\nThis runs on any machine, with the small model that comes with the "
    "pack.\n\n1. Draw in the **Trajectory Editor**.\n2. Say what belongs to the drag: right-click **Load Image**, "
    "choose Open in MaskEditor, and paint the whole thing. Without a mask the object under "
    "the drag's start is looked for.\n"
    "3. Press **Run**. Under *What is carried* you see the moved picture; the video at the right is what the "
    "model made of it, with the picture's own "
    "detail (**Restore Detail**).\n\n**hold** says how long the sampling stays tied to the moved picture: "
    "more follows the drags more closely, less lets the model repair more. **Differential Diffusion** has to stay on "
    "the model.\n\nFor other "
    "models see the templates `carry_with_svd` and `carry_with_wan`.\n",
    nodes=workflow("picture.MASK"),
)
