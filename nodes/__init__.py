"""The nodes, one file each: a schema and one call into the library, which does all computation."""

from pathlib import Path

from ..dragnuwa.host import pack_folder, routes
from ..dragnuwa.host.node_api import ComfyExtension, io
from .apply import Apply
from .camera_from_video import CameraFromVideo
from .camera_in_depth import CameraInDepth
from .camera_motion import CameraMotion
from .carry import Carry
from .conditioning import Conditioning
from .doctor import Doctor
from .draganything_apply import DragAnythingApply
from .draganything_entity_features import DragAnythingEntityFeatures
from .draganything_load_controlnet import DragAnythingLoadControlNet
from .edit_video import EditVideo
from .encode_trajectories import EncodeTrajectories
from .export_camera import ExportCamera
from .export_trajectories import ExportTrajectories
from .find_objects import FindObjects
from .import_trajectories import ImportTrajectories
from .load_adapter import LoadAdapter
from .load_checkpoint import LoadCheckpoint
from .merge_trajectories import MergeTrajectories
from .motion_brush import MotionBrush
from .move_picture import MovePicture
from .objects_from_masks import ObjectsFromMasks
from .objmc import ObjMC
from .preview_trajectories import PreviewTrajectories
from .read_credentials import ReadCredentials
from .restore_detail import RestoreDetail
from .sample_trajectories import SampleTrajectories
from .sign_video import SignVideo
from .text_for_objects import TextForObjects
from .tie_video import TieVideo
from .trajectory_editor import TrajectoryEditor
from .transform_trajectories import TransformTrajectories

# Written out: the registry reports a module that imports others by computed names.
NODES: list[type[io.ComfyNode]] = [
    Apply,
    CameraFromVideo,
    CameraInDepth,
    CameraMotion,
    Carry,
    Conditioning,
    Doctor,
    DragAnythingApply,
    DragAnythingEntityFeatures,
    DragAnythingLoadControlNet,
    EditVideo,
    EncodeTrajectories,
    ExportCamera,
    ExportTrajectories,
    FindObjects,
    ImportTrajectories,
    LoadAdapter,
    LoadCheckpoint,
    MergeTrajectories,
    MotionBrush,
    MovePicture,
    ObjectsFromMasks,
    ObjMC,
    PreviewTrajectories,
    ReadCredentials,
    RestoreDetail,
    SampleTrajectories,
    SignVideo,
    TextForObjects,
    TieVideo,
    TrajectoryEditor,
    TransformTrajectories,
]


class DragNUWAExtension(ComfyExtension):
    """The pack's entry point for ComfyUI."""

    async def on_load(self) -> None:
        pack_folder.check(Path(__file__).parents[1])
        routes.register()

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return NODES


__all__ = ["NODES", "DragNUWAExtension"]
