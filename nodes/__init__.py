"""The nodes, one file a feature. They hold no mathematics: a schema, and one call into the library."""

from comfy_api.latest import ComfyExtension, io

from ..dragnuwa.host import routes
from .apply import Apply
from .conditioning import Conditioning
from .encode_trajectories import EncodeTrajectories
from .load_checkpoint import LoadCheckpoint
from .objmc import ObjMC
from .preview_trajectories import PreviewTrajectories
from .trajectory_editor import TrajectoryEditor

NODES: list[type[io.ComfyNode]] = [
    LoadCheckpoint,
    TrajectoryEditor,
    EncodeTrajectories,
    Conditioning,
    Apply,
    PreviewTrajectories,
    ObjMC,
]


class DragNUWAExtension(ComfyExtension):
    """What ComfyUI asks for the pack's nodes."""

    async def on_load(self) -> None:
        routes.register()

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return NODES


__all__ = ["NODES", "DragNUWAExtension"]
