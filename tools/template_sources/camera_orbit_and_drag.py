"""A camera that orbits an object while that is dragged."""

import json

from tools.blueprint_sources.move_camera_by_hand import BLUEPRINT
from tools.outlines import ROCKET, moved
from tools.template_sources.camera_in_depth import APP, in_depth
from tools.templates import MORE, Template

RISING = moved("rocket", ROCKET, {"points": [{"x": 0.504, "y": 0.6}, {"x": 0.504, "y": 0.36}], "ease": "ease_in"})
DISTANCE = 8  # of the rocket


def rising() -> str:
    value = json.loads(RISING)
    value["objects"][0]["distance"] = DISTANCE
    return json.dumps(value)


TEMPLATE = Template(
    title="Orbit a dragged thing",
    folder=MORE,
    note="""## An object is dragged in depth while the camera orbits it

1. Pick a picture in **Load Image**.
2. Cut out the object (**B**) and drag it. Here the rocket rises.
3. Set its *Distance* in the properties (**E**). Everything else is as far as *farthest* says.
4. Set *orbit*, and the focus on the object.
5. Press play, then **Run**. No model is needed.
""",
    chinese="""## 镜头环绕时，在纵深中拖动物体

1. 在 **Load Image** 中选择图片。
2. 抠出物体（**B**）并拖动它。示例中的火箭上升。
3. 在属性（**E**）中设置它的 *距离*。其余一切的远近由 *farthest* 决定。
4. 设置 *orbit*，并把焦点放在物体上。
5. 按播放，然后按“运行”。无需模型。
""",
    nodes=in_depth(
        BLUEPRINT, rising(), "dragnuwa-rocket.jpg", (640, 424), orbit=8.0, farthest=16.0, focus_x=0.504, focus_y=0.7
    ),
    app_inputs=APP,
)
