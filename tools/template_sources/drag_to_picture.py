"""A changed picture in place of a video."""

from tools.blueprint_sources.drag_to_picture import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.template_sources.carry_a_picture import APP, DRAGS
from tools.templates import Node, Template

made, _ = drag_to(BLUEPRINT, values={"prompt": "a girl in a pink dress"})

TEMPLATE = Template(
    title="05 Drag to a new picture",
    note="""## Move things in a picture

1. Pick a picture in **Load Image**.
2. Draw from where an object is to where it should be.
3. Press **Run**. After a few seconds, the changed picture appears on the right.

It is the last frame of a short clip by the pack's small model, with the picture's own pixels.

To choose exactly what moves, right-click **Load Image**, choose *Open in MaskEditor*, and paint it.
""",
    nodes=[
        *start(DRAGS),
        made,
        Node("save", "SaveImage", (920, 450), (460, 410), "The picture", values={"filename_prefix": "dragnuwa"},
             links={"images": "made.image"}),
    ],
    app_inputs=APP,
)  # fmt: skip
