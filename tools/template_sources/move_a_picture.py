"""The moved picture alone, without a model."""

from tools.blueprint_sources.drag_to_video_no_model import BLUEPRINT, FRAMES
from tools.graph_parts import drag_to, start
from tools.template_sources.carry_a_picture import DRAGS
from tools.templates import Template

TEMPLATE = Template(
    title="19 Move a picture without a model",
    note="""## Seconds, at full size

1. Pick a picture in **Load Image**.
2. Draw from where an object is to where it should be. Press **Play** (Space) to see it move.
3. Press **Run**. The picture's own pixels move and stay sharp; nothing is generated.

**frames** in the editor sets the length: 60 frames are two and a half seconds. To choose exactly what moves, use the
  object tool in the editor, or right-click **Load Image**, choose *Open in MaskEditor*, and paint it.
""",
    nodes=[*start(DRAGS, frames=FRAMES), *drag_to(BLUEPRINT)],
    app_inputs=("picture.image", "editor.trajectories"),
)
