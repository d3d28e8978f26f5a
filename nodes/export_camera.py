"""Export Camera: the path of a camera for other tools."""

from ..dragnuwa.carry.depth.cameras.paths import FORMATS, CameraPath
from ..dragnuwa.carry.settings import MATRICES
from ..dragnuwa.host import camera_files
from ..dragnuwa.host.node_api import io, ui
from ..dragnuwa.host.running_node import interruptible, show_text
from .inputs import PICTURE, camera_matrices, camera_number, number, picture_height, picture_width


class ExportCamera(io.ComfyNode):
    """Writes a camera path as text for another tool, and as a file."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAExportCamera",
            display_name="DragNUWA Export Camera",
            category=PICTURE,
            description="Writes the path of a camera for other tools: CameraCtrl and Wan Fun Camera (RealEstate10K), "
            "MotionCtrl, ReCamMaster, Blender and NeRF, COLMAP, KITTI, TUM, or JSON.",
            search_aliases=[
                "camera", "pose", "trajectory", "realestate10k", "cameractrl", "motionctrl", "blender", "nerf",
                "transforms.json", "w2c", "c2w", "extrinsics", "kitti", "tum", "colmap", "recammaster", "save",
            ],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
            inputs=[
                io.String.Input(
                    "camera", force_input=True,
                    tooltip="The camera of DragNUWA Camera in Depth, or the text of a file with a matrix for each "
                    "frame: RealEstate10K, JSON, NeRF, Blender, ReCamMaster, COLMAP, KITTI or TUM.",
                ),
                picture_width(),
                picture_height(),
                io.Combo.Input(
                    "format", options=list(FORMATS), default=FORMATS[0],
                    tooltip="What to write: RealEstate10K lines, which CameraCtrl and Wan Fun Camera read; JSON with "
                    "matrices from world to camera (w2c) or from camera to world (c2w); MotionCtrl's lists; "
                    "transforms.json of Blender and NeRF; lines of KITTI or TUM; COLMAP's images.txt; or ReCamMaster's "
                    "camera_extrinsics.json.",
                ),
                io.String.Input(
                    "filename_prefix", default="",
                    tooltip="The file to write in ComfyUI's output folder, such as cameras/orbit. If empty, no file is "
                    "written.",
                ),
                number("view_angle", "What the picture's longer side shows, in degrees, where the path says no focal "
                       "length.", limit=170.0, min=1.0, default=55.0, step=1.0, advanced=True),
                camera_matrices(),
                camera_number(),
            ],
            outputs=[
                io.String.Output("text", tooltip="The path in the chosen format."),
                io.String.Output("report", tooltip="What was written. Also shown on the node."),
            ],
        )  # fmt: skip

    @classmethod
    @interruptible
    def execute(
        cls,
        camera: str,
        width: int,
        height: int,
        format: str,
        filename_prefix: str = "",
        view_angle: float = 55.0,
        matrices: str = MATRICES[0],
        camera_number: int = 1,
    ) -> io.NodeOutput:
        path = CameraPath(camera, matrices, camera=camera_number)
        found = camera_files.write(path, format, (width, height), angle=view_angle, prefix=filename_prefix)
        show_text(found.report, cls.hidden.unique_id)
        return io.NodeOutput(found.text, found.report, ui=ui.PreviewText(found.report))
