"""ComfyUI's real page in Chromium, for the browser tests and for what is exported from the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.chromium import ensure_chromium

READY = "window.app?.graph && app.canvas?.graph && app.extensionManager?.workflow?.activeWorkflow"
# Every other name resolves to nothing. A route of Playwright's would do it, too, and turn the page's cache off.
THIS_MACHINE_ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
PATIENCE_MS = 90_000  # for whatever a page is waited for: four groups of tests share two cores, which may be slow
RUN_SECONDS = 120
LAST = "/history?max_items=1"  # the whole one has megabytes after some hundred prompts
# The last prompt in the history, once it is not the known one; null after the milliseconds given.
NEW_PROMPT = f"""async ([known, milliseconds]) => {{
    const end = performance.now() + milliseconds
    while (performance.now() < end) {{
        const [last] = Object.keys(await (await fetch('{LAST}')).json())
        if (last && last !== known) return last
        await new Promise(done => setTimeout(done, 100))
    }}
    return null
}}"""


def press_run(page: Page, url: str, seconds: float = RUN_SECONDS) -> dict:
    """Press Run and wait, at most so long: the history's entry of what was made at the ComfyUI of `url`.

    Raises TimeoutError.
    """
    return run_by(page, url, page.get_by_test_id("queue-button").click, seconds)


def run_by(page: Page, url: str, start: Callable[[], object], seconds: float = RUN_SECONDS) -> dict:
    """The same where `start` starts it."""
    known = next(iter(requests.get(f"{url}{LAST}", timeout=60).json()), None)
    start()
    prompt = page.evaluate(NEW_PROMPT, [known, 1000 * seconds])
    if prompt is None:
        raise TimeoutError(f"nothing was made in {seconds} seconds")
    return requests.get(f"{url}/history/{prompt}", timeout=60).json()[prompt]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A Chromium without a window, which reaches nothing but this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(ensure_chromium()), args=["--no-sandbox", "--disable-gpu", THIS_MACHINE_ALONE]
        )
        yield browser
        browser.close()


@contextmanager
def open_page(browser: Browser, url: str, **options) -> Iterator[Page]:
    """The page of a ComfyUI at `url`, ready to use, in a fresh profile.

    options: of Playwright's `Browser.new_context`, such as device_scale_factor and has_touch.
    """
    context = browser.new_context(**{"viewport": {"width": 1600, "height": 1000}, **options})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(url)
    page.wait_for_function(READY)
    yield page
    context.close()


def use_renderer(page: Page, vue: bool) -> None:
    """Nodes 2.0, or the classic nodes."""
    page.evaluate("v => app.extensionManager.setting.set('Comfy.VueNodes.Enabled', v)", vue)
    page.wait_for_function("v => Boolean(LiteGraph.vueNodesMode) === v", arg=vue)


def load_workflow(page: Page, workflow: dict) -> None:
    """Opens a workflow (in the format that the page saves) in a tab of its own."""
    page.evaluate("async w => { await app.loadGraphData(w, true, true, 'workflow') }", workflow)
    _wait_for_nodes(page, workflow)


# Results are forgotten before, as the page would give them to nodes of the same ids, and what can be undone after it.
REPLACE = """async workflow => {
    const open = app.extensionManager.workflow.activeWorkflow
    if (app.canvas.graph !== app.rootGraph) app.canvas.setGraph(app.rootGraph)
    app.clean()
    await app.loadGraphData(workflow, true, true, open)
    for (const queue of [open.changeTracker.undoQueue, open.changeTracker.redoQueue]) queue.length = 0
}"""


def replace_workflow(page: Page, workflow: dict) -> None:
    """Puts a workflow in place of the one that is open: a tab of its own takes the page three times as long."""
    page.evaluate(REPLACE, workflow)
    _wait_for_nodes(page, workflow)


def _wait_for_nodes(page: Page, workflow: dict) -> None:
    page.wait_for_function("n => app.graph.nodes.length === n", arg=len(workflow["nodes"]))


# Of other workflows that are open; without asking whether to save them.
CLOSE = """async () => {
    const { workflow } = app.extensionManager
    for (const one of [...workflow.openWorkflows])
        if (one !== workflow.activeWorkflow) await workflow.closeWorkflow(one, { warnIfUnsaved: false })
}"""


def close_other_tabs(page: Page) -> None:
    """Closes all workflows but the present one: the page keeps every tab up to date."""
    page.evaluate(CLOSE)


def api_prompt(page: Page) -> dict:
    """The open workflow in the API format."""
    return page.evaluate("async () => (await app.graphToPrompt()).output")
