"""Load Adapter: DragNUWA's adapter alone, for a Stable Video Diffusion from another loader."""

from ..dragnuwa.host.fusion import load
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from .inputs import MODEL


class LoadAdapter(io.ComfyNode):
    """Loads the adapter that `python -m dragnuwa.convert` writes."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWALoadAdapter",
            display_name="DragNUWA Load Adapter",
            category=MODEL,
            description="Loads DragNUWA's adapter alone, for use with a Stable Video Diffusion checkpoint that you "
            "already have.",
            search_aliases=["svd", "drag", "trajectory", "adapter", "model patch"],
            inputs=[
                io.Combo.Input(
                    "adapter_name",
                    options=load.adapter_names(),
                    tooltip="A file in ComfyUI's models/model_patches: dragnuwa-adapter.safetensors, which python -m "
                    "dragnuwa.convert makes from a DragNUWA checkpoint.",
                ),
            ],
            outputs=[
                io.ModelPatch.Output(
                    "adapter", tooltip="The adapter, which reads the drags. Connect it to DragNUWA Apply."
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, adapter_name: str) -> io.NodeOutput:
        return io.NodeOutput(load.load_named_adapter(adapter_name))
