"""A slow page under slow fingers: every press has its effect, whatever the page hears meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Route, expect

from bot.playground import modals
from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser

SLOWDOWN = 4
HELD = 80  # milliseconds between mouse down and mouse up
LONG = 2_000  # milliseconds for which a press is held by somebody who hesitates
PRESSES = 5  # in one round
EFFECT = 20_000  # milliseconds in which a press must have its effect: a busy machine is slow, a lost press has none
ROUNDS = int(os.environ.get("COLLAB_PRESSES", "30")) // PRESSES


@pytest.fixture
def slow(window: Window) -> Iterator[Window]:
    """A page whose processor is four times slower."""
    session = window.page.context.new_cdp_session(window.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    yield window
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    session.detach()


def test_no_press_is_lost_while_the_page_reloads_its_state(
    slow: Window, harness: AppHarness
) -> None:
    home = slow.home_of("Ada")
    lost = []
    for number in range(ROUNDS):
        for target, effect in presses(slow, home, number):
            press_while_a_profile_changes(slow, harness, target)
            try:
                expect(effect).to_be_visible(timeout=EFFECT)
            except AssertionError:
                lost.append(f"{number}: {target}")
                target.click()
                expect(effect).to_be_visible()
    assert not lost


def press_while_a_profile_changes(
    slow: Window, harness: AppHarness, target: Locator
) -> None:
    """Hold a press for a while in which the page is told to fetch its state."""
    target.hover()
    slow.page.mouse.down()
    harness.playground.state.stream.publish({"type": "users"})
    slow.page.wait_for_timeout(HELD)
    slow.page.mouse.up()


def presses(
    slow: Window, home: Locator, number: int
) -> Iterator[tuple[Locator, Locator]]:
    """Yield each press and what it leads to: a form is sent in too early twice, completed, and its answer closed."""
    dialog = slow.modal
    submit = dialog.locator(".submit")
    alert = dialog.locator("[role=alert]:not([data-seen])").first
    yield slow.button("Create", home), dialog.get_by_role("combobox", name="Kind")
    yield submit, alert
    dialog.get_by_role("alert").evaluate_all(
        "nodes => nodes.forEach((node) => { node.dataset.seen = 'yes'; })"
    )
    yield submit, alert
    slow.picks("Kind", "Company")
    dialog.get_by_role("textbox", name="Name").fill(f"Company {number}")
    yield submit, dialog.get_by_text(f"Company {number}")
    yield (
        dialog.get_by_role("button", name="Close", exact=True),
        slow.page.locator("body:not(:has(dialog[open]))"),
    )


def test_a_long_press_is_not_lost_by_a_state_update(
    window: Window, harness: AppHarness
) -> None:
    create = window.button("Create", window.home_of("Ada"))
    create.hover()
    window.page.mouse.down()
    change_a_profile(window, harness)
    window.page.wait_for_timeout(LONG)
    window.page.mouse.up()
    expect(window.modal).to_be_visible()


def test_a_press_right_after_another_is_not_lost_by_a_state_update(
    window: Window, harness: AppHarness
) -> None:
    create = window.button("Create", window.home_of("Ada"))
    create.hover()
    window.page.evaluate("""() => { dispatchEvent(new PointerEvent("pointerdown", { button: 0 }));
        dispatchEvent(new PointerEvent("pointerup", { button: 0 })); }""")
    window.page.mouse.down()
    change_a_profile(window, harness)
    window.page.wait_for_timeout(HELD)
    window.page.mouse.up()
    expect(window.modal).to_be_visible()


def change_a_profile(window: Window, harness: AppHarness) -> None:
    """Change what every block may show, and wait until the page has fetched it."""
    with window.page.expect_response("**/ui/state?as=UADA"):
        harness.playground.change_account("bo", title="Somebody else")


def test_a_repeated_form_error_is_shown_again(
    window: Window,
) -> None:
    window.button("Create", window.home_of("Ada")).click()
    submit = window.modal.locator(".submit")
    submit.click()
    expect(window.modal.get_by_role("alert")).to_have_count(2)
    name = window.modal.get_by_role("textbox", name="Name")
    for _ in range(3):
        name.fill("x")
        expect(window.modal.get_by_role("alert")).to_have_count(1)
        name.fill("")
        submit.click()
        expect(window.modal.get_by_role("alert")).to_have_count(2)


def test_the_buttons_of_a_form_do_not_move_when_fields_and_errors_go(
    window: Window,
) -> None:
    window.button("Create", window.home_of("Ada")).click()
    submit = window.modal.locator(".submit")
    submit.click()
    expect(window.modal.get_by_role("alert")).to_have_count(2)
    before = submit.bounding_box()
    expect(window.field("In what")).to_be_visible()
    window.picks("Kind", "Company")
    expect(window.field("In what")).to_have_count(0)
    assert submit.bounding_box() == before
    window.modal.get_by_role("textbox", name="Name").fill("Company")
    expect(window.modal.get_by_role("alert")).to_have_count(0)
    assert submit.bounding_box() == before


def test_an_updated_modal_keeps_its_frame_focus_and_typed_text(
    window: Window, harness: AppHarness
) -> None:
    window.button("Create", window.home_of("Ada")).click()
    name = window.modal.get_by_role("textbox", name="Name")
    name.fill("Half a na")
    submit = window.modal.locator(".submit").element_handle()
    view = harness.playground.state.workspace.list_open_modals("UADA")[-1]
    title = {"type": "plain_text", "text": "Create it"}
    modals.update_view(harness.playground.state, view, {**view.body, "title": title})
    expect(window.modal.get_by_role("heading", name="Create it")).to_be_visible()
    expect(name).to_have_value("Half a na")
    expect(name).to_be_focused()
    assert submit.evaluate("node => node.isConnected")


def test_a_form_is_submitted_without_fields_that_an_update_removed(
    window: Window, harness: AppHarness
) -> None:
    window.button("Create", window.home_of("Ada")).click()
    window.page.route(
        "**/ui/submit", lambda route: update_before(route, harness), times=1
    )
    expect(window.field("In what")).to_be_visible()
    window.picks("Kind", "Company")
    expect(window.field("In what")).to_have_count(0)
    window.modal.get_by_role("textbox", name="Name").fill("Beacon")
    window.modal.locator(".submit").click()
    expect(window.modal.locator(".trouble")).to_have_count(0)
    expect(window.modal).to_contain_text("Please complete this required field.")


def update_before(route: Route, harness: AppHarness) -> None:
    """Put a field of another name in the place of the form's last one before what was sent in arrives."""
    view = harness.playground.state.workspace.list_open_modals("UADA")[-1]
    *blocks, last = view.body["blocks"]
    modals.update_view(
        harness.playground.state,
        view,
        {**view.body, "blocks": [*blocks, {**last, "block_id": "other"}]},
    )
    route.continue_()


def test_a_state_older_than_the_latest_event_is_not_shown(
    window: Window, harness: AppHarness
) -> None:
    page = window.page
    window.button("Create", window.home_of("Ada")).click()
    expect(window.modal).to_be_visible()
    page.route("**/ui/state?*", lambda route: answer_late(route, window), times=1)
    taken = "document.body.dataset.late = 'taken'"
    page.evaluate(
        f"() => {{ import('/page/state.js').then((page) => page.reload()).then(() => {{ {taken}; }}); }}"
    )
    expect(page.locator("body[data-late]")).to_be_attached()
    assert window.modal.count() == 0


def answer_late(route: Route, window: Window) -> None:
    """Fetch the state, close the window, and only then hand on what was so before."""
    response = route.fetch()
    window.page.evaluate("document.querySelector('.dialog-actions button')?.click()")
    window.modal.wait_for(state="hidden")
    route.fulfill(response=response)
