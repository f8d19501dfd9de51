"""No press is lost on a slow page while its state is updated."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Locator, Request, Route, expect

from bot.playground import modals
from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser

SLOWDOWN = 4
HOLD_MILLISECONDS = 80  # between mouse down and mouse up
LONG_HOLD_MILLISECONDS = 2_000
PRESSES_PER_ROUND = 5
# A busy machine is slow; a lost press never has an effect.
EFFECT_TIMEOUT_MILLISECONDS = 20_000
CARLS_PAGE = re.compile(r"· Carl .*· Playground")
ROUNDS = int(os.environ.get("COLLAB_PRESSES", "15")) // PRESSES_PER_ROUND


@pytest.fixture
def slow_page(slack_page: PlaygroundPage) -> Iterator[PlaygroundPage]:
    """Return the page with a processor that is four times slower."""
    session = slack_page.page.context.new_cdp_session(slack_page.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    yield slack_page
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    session.detach()


def test_no_press_is_lost_while_the_page_reloads_its_state(
    slow_page: PlaygroundPage, harness: AppHarness
) -> None:
    home = slow_page.open_home("Ada")
    lost = []
    for number in range(ROUNDS):
        for target, effect in iterate_presses(slow_page, home, number):
            press_while_a_profile_changes(slow_page, harness, target)
            try:
                expect(effect).to_be_visible(timeout=EFFECT_TIMEOUT_MILLISECONDS)
            except AssertionError:
                lost.append(f"{number}: {target}")
                target.click()
                expect(effect).to_be_visible()
    assert not lost


def press_while_a_profile_changes(
    slow_page: PlaygroundPage, harness: AppHarness, target: Locator
) -> None:
    """Hold a press during which the page reloads its state."""
    target.hover()
    slow_page.page.mouse.down()
    harness.playground.state.stream.publish({"type": "users"})
    slow_page.page.wait_for_timeout(HOLD_MILLISECONDS)
    slow_page.page.mouse.up()


def iterate_presses(
    slow_page: PlaygroundPage, home: Locator, number: int
) -> Iterator[tuple[Locator, Locator]]:
    """Yield each press and its effect: a form is submitted empty twice, then filled."""
    dialog = slow_page.modal
    submit = dialog.locator(".submit")
    alert = dialog.locator("[role=alert]:not([data-seen])").first
    yield slow_page.button("Create", home), dialog.get_by_role("combobox", name="Type")
    yield submit, alert
    dialog.get_by_role("alert").evaluate_all(
        "nodes => nodes.forEach((node) => { node.dataset.seen = 'yes'; })"
    )
    yield submit, alert
    slow_page.pick_option("Type", "Company")
    dialog.get_by_role("textbox", name="Name").fill(f"Company {number}")
    yield submit, dialog.get_by_text(f"Company {number}").first
    yield (
        dialog.get_by_role("button", name="Close", exact=True),
        slow_page.page.locator("body:not(:has(dialog[open]))"),
    )


def test_a_long_press_is_not_lost_by_a_state_update(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    create = slack_page.button("Create", slack_page.open_home("Ada"))
    create.hover()
    slack_page.page.mouse.down()
    change_profile(slack_page, harness)
    slack_page.page.wait_for_timeout(LONG_HOLD_MILLISECONDS)
    slack_page.page.mouse.up()
    expect(slack_page.modal).to_be_visible()


def test_a_press_right_after_another_is_not_lost_by_a_state_update(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    create = slack_page.button("Create", slack_page.open_home("Ada"))
    create.hover()
    slack_page.page.evaluate("""() => { dispatchEvent(new PointerEvent("pointerdown", { button: 0 }));
        dispatchEvent(new PointerEvent("pointerup", { button: 0 })); }""")
    slack_page.page.mouse.down()
    change_profile(slack_page, harness)
    slack_page.page.wait_for_timeout(HOLD_MILLISECONDS)
    slack_page.page.mouse.up()
    expect(slack_page.modal).to_be_visible()


def change_profile(slack_page: PlaygroundPage, harness: AppHarness) -> None:
    """Change a field that every block may show; wait until the page has loaded it."""
    with slack_page.page.expect_response("**/ui/state?as=UADA"):
        harness.playground.change_account("bo", title="Somebody else")


def test_a_repeated_form_error_is_shown_again(
    slack_page: PlaygroundPage,
) -> None:
    slack_page.button("Create", slack_page.open_home("Ada")).click()
    submit = slack_page.modal.locator(".submit")
    submit.click()
    expect(slack_page.modal.get_by_role("alert")).to_have_count(2)
    name = slack_page.modal.get_by_role("textbox", name="Name")
    for _ in range(3):
        name.fill("x")
        expect(slack_page.modal.get_by_role("alert")).to_have_count(1)
        name.fill("")
        submit.click()
        expect(slack_page.modal.get_by_role("alert")).to_have_count(2)


def test_the_buttons_of_a_form_do_not_move_when_fields_and_errors_go(
    slack_page: PlaygroundPage,
) -> None:
    slack_page.button("Create", slack_page.open_home("Ada")).click()
    submit = slack_page.modal.locator(".submit")
    submit.click()
    expect(slack_page.modal.get_by_role("alert")).to_have_count(2)
    position = submit.bounding_box()
    expect(slack_page.field("Part of")).to_be_visible()
    slack_page.pick_option("Type", "Company")
    expect(slack_page.field("Part of")).to_have_count(0)
    assert submit.bounding_box() == position
    slack_page.modal.get_by_role("textbox", name="Name").fill("Company")
    expect(slack_page.modal.get_by_role("alert")).to_have_count(0)
    assert submit.bounding_box() == position


def test_an_updated_modal_keeps_its_frame_focus_and_typed_text(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    slack_page.button("Create", slack_page.open_home("Ada")).click()
    name = slack_page.modal.get_by_role("textbox", name="Name")
    name.fill("Half a na")
    submit = slack_page.modal.locator(".submit").element_handle()
    view = harness.playground.state.workspace.list_open_modals("UADA")[-1]
    title = {"type": "plain_text", "text": "Create it"}
    modals.update_view(harness.playground.state, view, {**view.body, "title": title})
    expect(slack_page.modal.get_by_role("heading", name="Create it")).to_be_visible()
    expect(name).to_have_value("Half a na")
    expect(name).to_be_focused()
    assert submit.evaluate("node => node.isConnected")


def test_a_form_is_submitted_without_fields_that_an_update_removed(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    slack_page.button("Create", slack_page.open_home("Ada")).click()
    slack_page.page.route(
        "**/ui/submit", lambda route: update_before_submission(route, harness), times=1
    )
    expect(slack_page.field("Part of")).to_be_visible()
    slack_page.pick_option("Type", "Company")
    expect(slack_page.field("Part of")).to_have_count(0)
    slack_page.modal.get_by_role("textbox", name="Name").fill("Beacon")
    slack_page.modal.locator(".submit").click()
    expect(slack_page.modal.locator(".form-error")).to_have_count(0)
    expect(slack_page.modal).to_contain_text("Please complete this required field.")


def update_before_submission(route: Route, harness: AppHarness) -> None:
    """Replace the form's last field before the submission arrives."""
    view = harness.playground.state.workspace.list_open_modals("UADA")[-1]
    *blocks, last = view.body["blocks"]
    modals.update_view(
        harness.playground.state,
        view,
        {**view.body, "blocks": [*blocks, {**last, "block_id": "other"}]},
    )
    route.continue_()


def test_a_state_older_than_the_latest_event_is_not_shown(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    page = slack_page.page
    slack_page.button("Create", slack_page.open_home("Ada")).click()
    expect(slack_page.modal).to_be_visible()
    page.route("**/ui/state?*", lambda route: answer_late(route, slack_page), times=1)
    script = "document.body.dataset.late = 'taken'"
    page.evaluate(
        f"() => {{ import('/page/state.js').then((page) => page.reload()).then(() => {{ {script}; }}); }}"
    )
    expect(page.locator("body[data-late]")).to_be_attached()
    assert slack_page.modal.count() == 0


def answer_late(route: Route, slack_page: PlaygroundPage) -> None:
    """Fetch the state, close the modal, and only then pass on the older state."""
    response = route.fetch()
    slack_page.page.evaluate(
        "document.querySelector('.dialog-actions button')?.click()"
    )
    slack_page.modal.wait_for(state="hidden")
    route.fulfill(response=response)


@pytest.fixture
def states(slack_page: PlaygroundPage) -> Iterator[HeldStates]:
    """Hold the requests for states once the page's stream is open."""
    slack_page.run_command("/collab mine")  # its answer comes by the stream
    yield HeldStates(slack_page)
    slack_page.page.unroute_all(behavior="ignoreErrors")


def test_a_late_state_of_the_previous_user_is_not_shown(
    slack_page: PlaygroundPage, states: HeldStates, harness: AppHarness
) -> None:
    with states.expect_request("UCARL"):
        slack_page.user_choice("Carl").click()
    with states.expect_request("UADA"):
        harness.playground.state.stream.publish({"type": "users"})
    states.release("UCARL")
    expect(slack_page.page).to_have_title(CARLS_PAGE)
    slack_page.run_command("/collab mine")  # Carl's stream is open
    states.release("UADA")
    slack_page.go_to("#general")
    expect(slack_page.page).to_have_title(CARLS_PAGE)
    expect(slack_page.user_choice("Carl")).to_be_checked()


def test_a_switch_of_users_outlives_the_end_of_the_open_channel(
    slack_page: PlaygroundPage, states: HeldStates, harness: AppHarness
) -> None:
    with states.expect_request("UBO"):
        slack_page.page.evaluate("location.hash = '#UBO/finance'")
    harness.playground.delete_channel("acme")
    expect(slack_page.conversation_button("#acme")).to_have_count(0)
    states.release("UBO")
    expect(slack_page.page).to_have_title("#finance · Bo Chen · Playground")
    expect(slack_page.user_choice("Bo")).to_be_checked()


def test_a_conversation_pressed_during_a_switch_is_the_new_users(
    slack_page: PlaygroundPage, states: HeldStates
) -> None:
    with states.expect_request("UCARL"):
        slack_page.user_choice("Carl").click()
    slack_page.conversation_button("#general").click()
    states.release("UCARL")
    expect(slack_page.page).to_have_title("#general · Carl Mendes · Playground")


class HeldStates:
    """Hold the page's requests for a user's state until they are released."""

    def __init__(self, slack_page: PlaygroundPage) -> None:
        self._page = slack_page.page
        self._routes: list[Route] = []
        self._released: set[str] = set()
        self._page.route("**/ui/state?*", self._hold)

    def expect_request(self, user_id: str) -> AbstractContextManager[object]:
        """Wait at the end of the block for a request for this user's state."""
        return self._page.expect_request(lambda request: is_state(request, user_id))

    def release(self, user_id: str) -> None:
        """Let this user's requests pass from now on, and wait for the held ones."""
        self._released.add(user_id)
        for route in [*self._routes]:
            if not is_state(route.request, user_id):
                continue
            self._routes.remove(route)
            with self._page.expect_response(route.request.url):
                route.continue_()

    def _hold(self, route: Route) -> None:
        if any(is_state(route.request, user_id) for user_id in self._released):
            route.continue_()
            return
        self._routes.append(route)


def is_state(request: Request, user_id: str) -> bool:
    """Return whether a request is for this user's state."""
    return "/ui/state" in request.url and f"as={user_id}" in request.url
