"""Runs that start by themselves once the hand rests: a take comes, and nothing of what is drawn meanwhile changes."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from scripts.editor_driver import NODE, OURS, EditorDriver, near, workflow
from scripts.frontend import close_other_tabs, run_by
from tests.integration.editor.made_video import ADD_VIDEO
from tests.integration.editor.queueing import LONGER_THAN_A_REST, switch, told
from tests.integration.editor.renderers import mainly_in
from tests.integration.editor.things import RED
from tests.support.waiting import wait_until

THING = (0.3, 0.45)
FIRST, SECOND = [(0.6, 0.2), (0.8, 0.25)], [(0.5, 0.9), (0.8, 0.95)]
FRESH = [(0.62, 0.3), (0.83, 0.24)]  # which no other test has: what is cached does not pause


@pytest.fixture
def refining(editor, queue, picture) -> Iterator[EditorDriver]:
    """The editor with two drags and a graph that takes half a second, with the switch on."""
    editor.page.evaluate("() => localStorage.removeItem('DragNUWA.timesOfRuns')")
    editor.open(workflow(OURS, picture=picture, size=(520, 760)))
    editor.wait_for_pixel(*THING, RED)
    editor.page.evaluate(ADD_VIDEO, [2, ["StandInPause"]])
    switch(editor, on=True)
    yield editor
    editor.page.mouse.up()
    if editor.root.is_visible():
        switch(editor, on=False)


# Deletes what is selected and presses Run at once: on a busy machine, a rest would lie between two steps of a test.
REMOVE_AND_RUN = """() => {
    const [keyboard, run] = ['[data-testid=dragnuwa-editor] .dnw-keyboard', '[data-testid=queue-button]'].map(
        name => document.querySelector(name))
    keyboard.dispatchEvent(new KeyboardEvent('keydown', { key: 'Delete', bubbles: true }))
    const button = run.matches('button') ? run : run.querySelector('button')
    button.click()
}"""


@mainly_in("vue")
def test_a_take_comes_once_the_hand_rests_and_none_for_what_is_refined(refining, queue, host):
    takes, shown = refining.part("take"), refining.part("show-result")
    before = len(queue.ended())
    refining.settle(LONGER_THAN_A_REST)
    assert len(queue.ended()) == before, "nothing was drawn"
    refining.drag(*FIRST)
    expect(takes).to_have_count(1)
    expect(shown).to_have_attribute("aria-pressed", "true")
    expect(refining.part("run-line")).to_have_text(re.compile(r"about \d+ s$"))
    refining.drag(*SECOND)
    expect(shown).to_have_attribute("aria-pressed", "false")
    expect(takes).to_have_count(2)
    refining.page.keyboard.press("Control+z")
    refining.wait_for_tracks(3)
    refining.settle(LONGER_THAN_A_REST)
    assert len(queue.ended()) == before + 2, "the undone drawing was refined before"
    run_by(refining.page, host.url, lambda: refining.page.evaluate(REMOVE_AND_RUN))
    refining.settle(LONGER_THAN_A_REST)
    assert len(queue.ended()) == before + 3, "Run was pressed"


STATE = """() => ({
    focus: document.activeElement?.className,
    frame: document.querySelector('[data-testid=dragnuwa-frame]').value,
    canvas: JSON.stringify(document.querySelector('[data-testid=dragnuwa-canvas]').getBoundingClientRect()),
    rows: [...document.querySelectorAll('[data-testid=dragnuwa-row]')].map(row => row.className).join(),
})"""


def test_what_comes_back_while_the_hand_draws_changes_nothing_under_it(refining, queue, held):
    page, takes, shown = refining.page, refining.part("take"), refining.part("show-result")
    foreign = queue.add(1)
    refining.drag(*FIRST)
    wait_until(lambda: queue.waiting)
    page.mouse.move(*refining.at(*SECOND[0]))
    page.mouse.down()
    page.mouse.move(*refining.at(0.6, 0.93), steps=4)
    refining.settle()
    before, text = page.evaluate(STATE), refining.text
    held.unlink()
    expect(takes).to_have_count(1)
    refining.settle(12)
    assert foreign in queue.ended()
    assert page.evaluate(STATE) == before and refining.text == text
    page.mouse.move(*refining.at(*SECOND[1]), steps=4)
    page.mouse.up()
    refining.wait_for_tracks(4)
    drawn = refining.points(3)
    near([drawn[0], drawn[-1]], SECOND, pixels=2)
    expect(shown).not_to_be_visible()
    assert takes.first.get_attribute("aria-pressed") == "false"
    expect(takes).to_have_count(2)
    expect(shown).to_have_attribute("aria-pressed", "true")
    expect(takes.nth(1)).to_have_attribute("aria-pressed", "true")


@mainly_in("vue")
@pytest.mark.parametrize("pressed", ["drag", "timeline"])
def test_a_result_that_comes_during_a_press_that_changes_nothing_is_shown_after_it(refining, queue, held, pressed):
    page = refining.page
    queue.add(1)
    refining.drag(*FIRST)
    wait_until(lambda: queue.waiting)
    if pressed == "drag":
        refining.part("tool-select").click()
        page.mouse.move(*refining.at(*FIRST[1]))
    else:
        refining.part("ruler").hover()
    page.mouse.down()
    refining.settle()
    before = page.evaluate(STATE)
    held.unlink()
    expect(refining.part("take")).to_have_count(1)
    refining.settle(12)
    expect(refining.part("show-result")).not_to_be_visible()
    assert page.evaluate(STATE) == before
    page.mouse.up()
    expect(refining.part("show-result")).to_have_attribute("aria-pressed", "true")


@mainly_in("classic")
def test_one_of_ours_waits_behind_all_others_and_no_other_is_touched(refining, queue, held):
    others = [queue.add(number) for number in range(3)]
    refining.drag(*FIRST)
    wait_until(lambda: len(queue.waiting) == 3)
    first = queue.waiting[-1]
    refining.drag(*SECOND)
    wait_until(lambda: first not in queue.waiting)
    later = queue.add(3)
    wait_until(lambda: len(queue.waiting) == 4)
    *before, second = queue.waiting
    assert queue.running == others[:1] and before == [*others[1:], later]
    assert len(queue.drawn(second)) == 4
    refining.page.keyboard.press("Control+z")
    wait_until(lambda: second not in queue.waiting)
    wait_until(lambda: len(queue.waiting) == 4)
    assert len(queue.drawn(queue.waiting[-1])) == 3, "the first was never run, so it is queued again"
    switch(refining, on=False)
    wait_until(lambda: queue.waiting == [*others[1:], later])
    held.unlink()
    wait_until(lambda: {*others, later} <= queue.ended().keys())
    assert not {first, second} & queue.ended().keys()


@mainly_in("vue")
def test_what_runs_already_is_left_to_end_but_not_shown_with_another_drawing(refining, queue, host, held):
    takes, shown = refining.part("take"), refining.part("show-result")
    with told(host, "stand_in_pauses"):
        refining.drag(*FRESH)
        (own,) = wait_until(lambda: queue.running)
        queue.add(1)
        refining.drag(*SECOND)
    expect(takes).to_have_count(1)
    refining.settle(30)
    expect(shown).not_to_be_visible()
    held.unlink()
    expect(takes).to_have_count(2)
    expect(shown).to_have_attribute("aria-pressed", "true")
    assert queue.ended()[own]["status"]["status_str"] == "success"


@mainly_in("classic")
def test_a_run_that_fails_is_told_once_and_switches_it_off(refining, queue, host):
    known = queue.ended().keys()
    with told(host, "stand_in_fails"):
        refining.drag(*FIRST)
        expect(refining.part("refine")).to_have_attribute("aria-checked", "false")
        expect(refining.part("status")).to_have_text("The run failed, so “Refine when I stop” is off now")
        refining.page.keyboard.press("Escape")
        refining.drag(*SECOND)
        refining.settle(LONGER_THAN_A_REST)
    assert len(queue.ended().keys() - known) == 1


@mainly_in("classic")
def test_a_graph_that_is_refused_switches_it_off(refining, queue):
    known = queue.ended().keys()
    refining.page.evaluate("() => app.graph.remove(app.graph.nodes.find(n => n.type === 'SaveVideo'))")
    refining.drag(*FIRST)
    expect(refining.part("refine")).to_have_attribute("aria-checked", "false")
    refining.settle(LONGER_THAN_A_REST)
    assert queue.ended().keys() == known


@mainly_in("classic")
def test_runs_that_take_long_wait_for_a_person(refining, queue):
    """The browser's clock is put forward as soon as the page is told that the node that takes time runs."""
    page = refining.page
    page.evaluate(
        """() => {
            const now = performance.now.bind(performance)
            window.ahead = 0
            performance.now = () => now() + window.ahead
            const pause = String(app.graph.nodes.find(node => node.type === 'StandInPause').id)
            window.forward = ({ detail: { nodes } }) => {
                if (nodes[pause]?.state === 'running') window.ahead = 45_000
            }
            app.api.addEventListener('progress_state', window.forward)
        }"""
    )
    try:
        refining.drag((0.31, 0.83), (0.52, 0.77))  # which no other test has: what is cached takes no time
        expect(refining.part("take")).to_have_count(1)
        known = queue.ended().keys()
        refining.drag(*SECOND)
        expect(refining.part("status")).to_contain_text(
            re.compile(r"A run takes about (4[5-9]|5\d) s here, more than 20 s: press Run")
        )
        expect(refining.part("run-line")).to_have_text(
            re.compile(r"^waits for Run · about (4[5-9]|5\d) s · 576 × 320 ")
        )
        refining.settle(LONGER_THAN_A_REST)
        assert queue.ended().keys() == known and not queue.running
    finally:
        page.evaluate("() => { delete performance.now; app.api.removeEventListener('progress_state', window.forward) }")


@mainly_in("vue")
def test_a_run_refines_all_drawings_of_the_graph(refining, queue):
    page = refining.page
    known = queue.ended().keys()
    page.evaluate(
        f"""() => {{
            const other = LiteGraph.createNode('DragNUWATrajectoryEditor')
            app.graph.add(other)
            other.pos = [360, 900]
            {NODE}.connect(1, other, other.inputs.findIndex(one => one.name === 'image'))
        }}"""
    )
    switches = page.get_by_test_id("dragnuwa-refine")
    expect(switches).to_have_count(2)
    for button in switches.all():
        expect(button).to_have_attribute("aria-checked", "true")
    refining.drag(*FIRST)
    expect(refining.part("take")).to_have_count(1)
    refining.settle(LONGER_THAN_A_REST)
    assert len(queue.ended().keys() - known) == 1


LEAVING = {
    "the node goes": lambda editor: editor.page.evaluate(f"() => app.graph.remove({NODE})"),
    "another workflow is opened": lambda editor: editor.open_in_a_tab(workflow(picture=None)),
}


@mainly_in("classic")
@pytest.mark.parametrize("how", LEAVING)
def test_nothing_is_queued_and_nothing_waits_once_its_editor_has_gone(refining, queue, held, how):
    page = refining.page
    foreign = queue.add(1)
    refining.drag(*FIRST)
    wait_until(lambda: queue.waiting)
    refining.drag(*SECOND)
    LEAVING[how](refining)
    refining.settle(LONGER_THAN_A_REST)
    wait_until(lambda: not queue.waiting)
    assert queue.running == [foreign]
    close_other_tabs(page)


@mainly_in("classic")
def test_a_value_that_is_no_drawing_is_not_run(editor, queue):
    known = queue.ended().keys()
    editor.open(workflow("not drags", picture=None))
    expect(editor.part("refine")).to_be_disabled()
    editor.page.evaluate(f"() => {{ {NODE}.widgets.find(w => w.name === 'trajectories').value = 'nor these' }}")
    editor.settle(LONGER_THAN_A_REST)
    assert queue.ended().keys() == known


@mainly_in("classic")
def test_nothing_is_queued_while_nobody_sees_the_page(refining, queue):
    page, known = refining.page, queue.ended().keys()
    page.evaluate("() => Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    try:
        refining.drag(*FIRST)
        refining.settle(LONGER_THAN_A_REST)
        assert queue.ended().keys() == known and not queue.running
    finally:
        page.evaluate("() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')) }")
    expect(refining.part("take")).to_have_count(1)
