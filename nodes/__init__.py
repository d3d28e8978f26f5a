"""The nodes, one file a feature. They hold no mathematics: a schema, and one call into the library."""

from comfy_api.latest import ComfyExtension, io

from ..dragnuwa.host import routes
from .apply import Apply
from .camera_motion import CameraMotion
from .carry import Carry
from .conditioning import Conditioning
from .encode_trajectories import EncodeTrajectories
from .export_trajectories import ExportTrajectories
from .import_trajectories import ImportTrajectories
from .load_checkpoint import LoadCheckpoint
from .merge_trajectories import MergeTrajectories
from .motion_brush import MotionBrush
from .objmc import ObjMC
from .preview_trajectories import PreviewTrajectories
from .sample_trajectories import SampleTrajectories
from .trajectory_editor import TrajectoryEditor
from .transform_trajectories import TransformTrajectories

NODES: list[type[io.ComfyNode]] = [
    LoadCheckpoint,
    TrajectoryEditor,
    EncodeTrajectories,
    Conditioning,
    Apply,
    Carry,
    PreviewTrajectories,
    SampleTrajectories,
    ImportTrajectories,
    ExportTrajectories,
    CameraMotion,
    MotionBrush,
    MergeTrajectories,
    TransformTrajectories,
    ObjMC,
]


class DragNUWAExtension(ComfyExtension):
    """What ComfyUI asks for the pack's nodes."""

    async def on_load(self) -> None:
        routes.register()

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return NODES


__all__ = ["NODES", "DragNUWAExtension"]
