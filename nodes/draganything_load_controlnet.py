"""DragAnything Load ControlNet: loads its file as ComfyUI's CONTROL_NET."""

from ..dragnuwa.host.draganything import load
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from .inputs import MODEL


class DragAnythingLoadControlNet(io.ComfyNode):
    """Loads DragAnything's ControlNet."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWADragAnythingLoadControlNet",
            display_name="DragAnything Load ControlNet",
            category=MODEL,
            description="Loads DragAnything's ControlNet, which moves whole objects with Stable Video Diffusion.",
            search_aliases=["drag anything", "entity", "controlnet", "svd", "object motion"],
            inputs=[
                io.Combo.Input(
                    "control_net_name",
                    options=load.names(),
                    tooltip="A file in ComfyUI's models/controlnet, or a folder there with config.json and "
                    "diffusion_pytorch_model.safetensors, from huggingface.co/weijiawu/DragAnything.",
                ),
            ],
            outputs=[
                io.ControlNet.Output("control_net", tooltip="The ControlNet. Connect it to DragAnything Apply."),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, control_net_name: str) -> io.NodeOutput:
        return io.NodeOutput(load.load_named(control_net_name))
