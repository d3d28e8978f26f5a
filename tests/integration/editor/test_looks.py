"""How the editor looks: nothing is cut off or lies over something else, and each state is kept as a picture."""

import json

import numpy as np
import pytest
from PIL import Image

from scripts.editor_driver import EditorDriver, near, workflow
from scripts.frontend import use_renderer
from tests.integration.editor.renderers import mainly, mainly_in
from tests.integration.editor.sheet import FOLDER, LOOKS, clear, compose, shot

DRAWING = json.dumps(
    {
        "type": "dragnuwa.trajectories",
        "version": 1,
        "tracks": [
            {"name": "left arm", "points": [{"x": 0.27, "y": 0.47}, {"x": 0.2, "y": 0.3}, {"x": 0.27, "y": 0.12}]},
            {
                "name": "right arm", "color": "#d62728", "start": 0.25, "ease": "ease_in_out", "timing": "arc_length",
                "points": [{"x": 0.75, "y": 0.45}, {"x": 0.85, "y": 0.6}, {"x": 0.75, "y": 0.8}],
            },
            {
                "name": "cloud", "color": "#9467bd", "spline": "bezier", "timing": "arc_length",
                "points": [
                    {"x": 0.08, "y": 0.15, "out": {"x": 0.05, "y": -0.1}},
                    {"x": 0.2, "y": 0.2, "in": {"x": -0.04, "y": 0.1}},
                ],
            },
            {"name": "hill", "kind": "anchor", "color": "#2ca02c", "points": [{"x": 0.1, "y": 0.9}]},
            {"name": "off", "enabled": False, "points": [{"x": 0.55, "y": 0.95}, {"x": 0.9, "y": 0.93}]},
        ],
    }
)  # fmt: skip

# What can be pressed and is shown lies inside of the editor, and no two buttons of a row over each other.
FAULTS = """root => {
    const shown = e => e.checkVisibility() && e.getClientRects().length > 0
    const box = root.getBoundingClientRect()
    const faults = []
    const scrolls = e => e.closest('.dnw-rows, .dnw-panel, .dnw-menu, .dnw-problem')
    for (const e of [...root.querySelectorAll('button, select, input, .dnw-ruler')].filter(shown)) {
        const b = e.getBoundingClientRect()
        const outside = b.left < box.left - 1 || b.right > box.right + 1
        const below = !scrolls(e) && (b.top < box.top - 1 || b.bottom > box.bottom + 1)
        if (outside || below) faults.push(`outside: ${e.title || e.className}`)
    }
    for (const row of root.querySelectorAll('.dnw-toolbar, .dnw-transport, .dnw-panel .dnw-row')) {
        const boxes = [...row.children].filter(shown).map(e => [e, e.getBoundingClientRect()])
        for (const [a, p] of boxes) for (const [b, q] of boxes) {
            const over = p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1
            if (a !== b && over) faults.push(`${a.title || a.className} over ${b.title || b.className}`)
        }
    }
    for (const e of root.querySelectorAll('.dnw-panel, .dnw-menu, .dnw-timeline, .dnw-problem')) {
        if (shown(e) && e.scrollWidth > e.clientWidth + 1) faults.push(`wider than its room: ${e.className}`)
    }
    return faults
}"""

# From the picture to the node: what the browser has to compute anew for each frame of a clip that plays.
COSTLY = """root => {
    const node = root.closest('.lg-node') ?? root.parentElement
    const costly = []
    for (let e = root.querySelector('canvas'); node.contains(e); e = e.parentElement) {
        const { filter, overflow, borderRadius } = getComputedStyle(e)
        if (filter !== 'none') costly.push(`${e.className}: ${filter}`)
        if (overflow !== 'visible' && borderRadius !== '0px') costly.push(`${e.className}: round corners that cut off`)
    }
    return costly
}"""


def keep(editor: EditorDriver, name: str) -> None:
    """A picture of the editor as it is now, which must have no fault and show something."""
    editor.settle()
    assert editor.root.evaluate(FAULTS) == [], name
    path = shot(name)
    editor.root.screenshot(path=path)
    with Image.open(path) as image:
        assert np.asarray(image.convert("L")).std() > 10, "a blank editor"


@pytest.fixture(scope="module", autouse=True)
def contact_sheet(request):
    clear()
    yield
    if any(FOLDER.glob("*.png")):  # a single test may keep none
        request.config.stash[LOOKS] = compose()


def renderer(editor: EditorDriver) -> str:
    return editor.page.evaluate("() => LiteGraph.vueNodesMode ? 'vue' : 'classic'")


@mainly_in("vue")
def test_in_the_node(editor):
    name = renderer(editor)
    editor.open(workflow())
    editor.wait_for_pixel(0.02, 0.02)
    keep(editor, f"{name}-01-empty")
    for place in [(0.3, 0.5), (0.4, 0.3)]:
        editor.click(*place)
    editor.page.mouse.move(*editor.at(0.6, 0.4))
    keep(editor, f"{name}-02-drawing")
    editor.open(workflow(DRAWING))
    editor.wait_for_pixel(0.02, 0.02)
    editor.page.locator(".dnw-name").nth(1).click()
    editor.page.keyboard.press("End")
    for _ in range(4):
        editor.page.keyboard.press(",")
    keep(editor, f"{name}-03-playing")
    editor.page.keyboard.press("Home")
    editor.part("properties").click()
    keep(editor, f"{name}-04-properties")
    editor.part("properties").click()
    editor.part("presets").click()
    keep(editor, f"{name}-05-camera")
    editor.page.keyboard.press("Escape")
    editor.part("help").click()
    keep(editor, f"{name}-06-help")
    editor.page.keyboard.press("Escape")
    editor.part("tool-object").click()
    editor.drag((0.4, 0.5), (0.6, 0.45), (0.62, 0.8), (0.4, 0.8), (0.38, 0.55))
    editor.page.mouse.move(*editor.at(0.5, 0.6))
    editor.page.mouse.down()
    editor.page.mouse.move(*editor.at(0.6, 0.5), steps=3)
    keep(editor, f"{name}-07-object")
    editor.page.mouse.up()


def test_nothing_round_the_picture_makes_each_frame_costly(editor):
    """Without a GPU it took most of a frame's time."""
    editor.open(workflow(DRAWING))
    assert editor.root.evaluate(COSTLY) == []


def test_in_a_narrow_node_a_zoomed_graph_and_the_full_window(editor):
    name = renderer(editor)
    editor.open(workflow(DRAWING, size=(250, 560)))
    editor.page.locator(".dnw-name").nth(0).click()
    keep(editor, f"{name}-10-narrow")
    editor.part("properties").click()
    keep(editor, f"{name}-11-narrow-properties")
    editor.open(workflow(DRAWING), scale=1.6)
    editor.wait_for_pixel(0.02, 0.02)
    keep(editor, f"{name}-12-zoomed")
    editor.open(workflow(DRAWING))
    editor.part("full-window").click()
    editor.part("properties").click()
    keep(editor, f"{name}-13-full-window")
    editor.part("full-window").click()
    editor.open(workflow("not drags"))
    keep(editor, f"{name}-14-not-drags")


def test_in_app_mode_and_the_full_window_the_picture_is_large(editor):
    name = renderer(editor)
    graph = workflow(DRAWING, computed=True)
    graph["extra"]["linearData"] = {"inputs": [[2, "trajectories"]], "outputs": [3]}  # what app mode shows
    editor.open(graph)
    editor.part("full-window").click()
    editor.settle()
    window = editor.page.viewport_size
    assert editor.part("canvas").bounding_box()["height"] > 0.7 * window["height"]
    editor.part("full-window").click()
    toggle = "() => app.extensionManager.command.execute('Comfy.ToggleLinear')"
    editor.page.evaluate(toggle)
    try:
        editor.page.locator('[data-testid="linear-widgets"] .dnw').wait_for()
        editor.page.keyboard.press("Escape")  # the page may welcome a person to this mode
        left, right = (editor.at(side, 0.5)[0] for side in (0, 1))
        assert right - left >= 480
        editor.part("canvas").scroll_into_view_if_needed()
        editor.page.get_by_test_id("linear-widgets").screenshot(path=shot(f"{name}-15-app-mode"))
        before = len(editor.tracks)
        editor.drag((0.5, 0.5), (0.7, 0.6))
        near(editor.points(before)[:1], [(0.5, 0.5)], pixels=2)
    finally:
        editor.page.evaluate(toggle)
    editor.page.locator('[data-testid="linear-widgets"]').wait_for(state="detached")


@mainly_in("classic")
def test_in_the_light_theme_on_light_and_dark_pictures(editor, host):
    name = renderer(editor)
    for shade, color in [("light", (244, 244, 240)), ("dark", (12, 12, 16))]:
        Image.new("RGB", (576, 320), color).save(host.input_directory / f"{shade}.png")
    palette = "value => app.extensionManager.setting.set('Comfy.ColorPalette', value)"
    editor.page.evaluate(palette, "light")
    try:
        for shade in ("light", "dark"):
            editor.open(workflow(DRAWING, picture=f"{shade}.png"))
            editor.wait_for_pixel(0.02, 0.02)
            editor.page.locator(".dnw-name").nth(2).click()
            keep(editor, f"{name}-20-light-theme-{shade}-picture")
    finally:
        editor.page.evaluate(palette, "dark")
    editor.open(workflow(DRAWING, picture="dark.png"))
    editor.wait_for_pixel(0.02, 0.02)
    keep(editor, f"{name}-21-dark-theme-dark-picture")


@pytest.mark.parametrize("name", mainly("vue"))
def test_for_fingers_at_twice_the_pixels(touched_page, name):
    use_renderer(touched_page, name == "vue")
    editor = EditorDriver(touched_page)
    editor.open(workflow(DRAWING))
    touched_page.locator(".dnw-name").nth(0).tap()
    keep(editor, f"{renderer(editor)}-30-touch")
    least = editor.part("tool-pen").bounding_box()
    assert min(least["width"], least["height"]) >= 32, "too small for a finger"
