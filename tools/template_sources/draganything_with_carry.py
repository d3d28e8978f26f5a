"""DragAnything on Carry's moved picture, which keeps the object's appearance."""

from tools.blueprint_sources.drag_to_video_draganything import CARRIED
from tools.graph_parts import drag_to, start
from tools.template_sources.draganything import DRAGS, FILES
from tools.templates import Template

TEMPLATE = Template(
    title="16 Carry with DragAnything",
    note=f"""## The object's own pixels, and a model that knows where they go

The picture is moved along the drags and sampling starts from it, while DragAnything steers the model to the same
  places. Then the clip gets the picture's size and detail back.

{FILES}
**hold**: higher keeps the object's appearance, lower lets the model repair more.
""",
    nodes=[*start(DRAGS, width=432, height=432, frames=14), *drag_to(CARRIED)],
    app_inputs=("picture.image", "editor.trajectories", "made.seed"),
)
