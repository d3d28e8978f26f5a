"""Load Checkpoint: loads a DragNUWA file as ComfyUI's objects."""

from ..dragnuwa.host.fusion import load
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from .inputs import MODEL


class LoadCheckpoint(io.ComfyNode):
    """Loads every part of a DragNUWA checkpoint; a part that the file lacks is None."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWALoadCheckpoint",
            display_name="DragNUWA Load Checkpoint",
            category=MODEL,
            description="Loads a DragNUWA checkpoint: the video model, the adapter that reads the drags, and the "
            "encoders.",
            search_aliases=["svd", "drag", "trajectory", "checkpoint"],
            inputs=[
                io.Combo.Input(
                    "ckpt_name",
                    options=load.checkpoint_names(),
                    tooltip="dragnuwa-tiny, a small model that comes with the pack, or a file in ComfyUI's checkpoints "
                    "folder: drag_nuwa_svd.pth, dragnuwa-svd-pruned.fp16.safetensors, or another file with the same "
                    "layout.",
                ),
            ],
            outputs=[
                io.Model.Output("model", tooltip="The video model, without the adapter. Connect it to DragNUWA Apply."),
                io.Clip.Output("clip", tooltip="The text encoder. The released checkpoints have none."),
                io.ClipVision.Output(
                    "clip_vision",
                    tooltip="The image encoder, if the file has one. Connect it to DragNUWA Conditioning.",
                ),
                io.Vae.Output("vae", tooltip="The VAE. Connect it to DragNUWA Conditioning and to VAE Decode."),
                io.ModelPatch.Output(
                    "adapter", tooltip="The adapter, which reads the drags. Connect it to DragNUWA Apply."
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, ckpt_name: str) -> io.NodeOutput:
        parts = load.load_named_checkpoint(ckpt_name)
        return io.NodeOutput(parts.model, parts.clip, parts.clip_vision, parts.vae, parts.adapter)
