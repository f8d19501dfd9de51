"""The page shows what Slack shows: threads, dates, names and ephemeral answers."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Route, expect

from bot.playground import serializers
from bot.playground.tutorial import TUTORIAL_STEPS_WITHOUT_COMPANY
from tests.browser.playground_page import VIEWPORT_SIZE, PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


def post_as_app(
    harness: AppHarness, text: str, channel: str = "C0ACME", **more: object
) -> str:
    """Post a message as the app and return its time stamp."""
    answer = harness.app.slack_client.client.chat_postMessage(
        channel=channel,
        text=text,
        **more,  # type: ignore[arg-type]
    )
    return str(answer["ts"])


def test_replies_are_folded_and_broadcast_ones_are_also_in_the_channel(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    slack_page.open_as("Bo", "#general")
    root = post_as_app(harness, "Shop has a new member")
    post_as_app(harness, "A quiet change", thread_ts=root)
    post_as_app(harness, "A removal", thread_ts=root, reply_broadcast=True)
    expect(slack_page.conversation_button("#acme")).to_have_accessible_name(
        re.compile("3 unread")
    )

    slack_page.go_to("#acme")
    expect(slack_page.message("A removal")).to_contain_text("replied to a thread:")
    expect(slack_page.messages.filter(has_text="A quiet change")).to_have_count(0)
    slack_page.open_thread("Shop has a new member")
    expect(slack_page.messages.filter(has_text="A quiet change")).to_be_visible()
    post_as_app(harness, "Another quiet change", thread_ts=root)
    expect(slack_page.messages.filter(has_text="Another quiet change")).to_be_visible()
    slack_page.page.get_by_role("button", name="3 replies").click()
    expect(slack_page.messages.filter(has_text="quiet change")).to_have_count(0)
    expect(slack_page.message("A removal")).to_be_visible()


def test_a_user_who_opens_another_conversation_has_not_read_this_one(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    bo = harness.playground.get_user("bo")
    general = harness.playground.state.workspace.get_channel("general")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    slack_page.page.route(
        re.compile(rf"/ui/messages\?as={bo.id}&channel={general.id}"), hold
    )
    post_as_app(harness, "Shop has a new member")
    unread = bo.count_unread("acme")

    slack_page.page.goto(f"{slack_page.address}#{bo.id}/general")
    slack_page.page.wait_for_timeout(700)
    held.pop().continue_()
    slack_page.page.unroute_all()
    slack_page.open_as("Bo", "#general")
    assert bo.count_unread("acme") == unread > 0


def test_the_app_conversation_has_no_message_box_if_messages_are_disabled(
    slack_page: PlaygroundPage, harness: AppHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = replace(harness.playground.state.manifest, messages_read_only=True)
    monkeypatch.setattr(harness.playground.state, "manifest", manifest)
    slack_page.page.reload()
    for user_name in ("Ada", "Eve"):
        slack_page.act_as(user_name)
        expect(
            slack_page.page.get_by_role("main").get_by_role("textbox")
        ).to_have_count(0)
        expect(slack_page.page.get_by_role("main")).to_contain_text(
            "Sending messages to this app has been turned off."
        )
        expect(
            slack_page.page.get_by_role("log").get_by_role("button", name="/collab")
        ).to_have_count(0)


def test_a_message_to_the_app_and_a_mention_get_help(
    slack_page: PlaygroundPage,
) -> None:
    slack_page.act_as("Bo")
    slack_page.send_line("hello")
    answer = slack_page.message("What would you like to do?")
    slack_page.press("Create", answer)
    expect(slack_page.modal).to_be_visible()
    slack_page.submit_modal("Cancel")

    slack_page.act_as("Carl", "#acme")
    slack_page.send_line("@Collab hello")
    expect(slack_page.answers.last).to_contain_text("What would you like to do?")


def test_a_german_user_sees_german_dates_and_names_of_public_channels_only(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    noon_epoch = (
        int(harness.playground.clock.epoch_seconds()) // 86400 * 86400 + 12 * 3600
    )
    days = " | ".join(
        f"<!date^{noon_epoch + 86400 * offset}^{{date_short_pretty}}|x>"
        for offset in (-1, 0, 1, 13)
    )
    post_as_app(
        harness,
        f"{days} <!date^{noon_epoch}^{{date_long}}|x> in <#C0ACME> and <#C0FINANCE|finance>",
        channel="ULENA",
    )
    slack_page.act_as("Lena")
    message = slack_page.messages.last
    expect(message).to_contain_text("gestern | heute | morgen | 16. Dez. 2026")
    expect(message).to_contain_text(
        "Donnerstag, 3. Dezember 2026 in #acme and privater Channel"
    )
    expect(
        slack_page.page.get_by_role("textbox", name="Message Collab")
    ).to_be_visible()
    expect(slack_page.clock).to_contain_text("Thu 3 Dec")


def test_only_full_members_see_names_of_channels_that_they_are_not_in(
    harness: AppHarness,
) -> None:
    workspace = harness.playground.state.workspace
    names = {
        user_name: set(
            serializers.list_page_channel_names(
                workspace, workspace.get_account(user_name)
            ).values()
        )
        for user_name in ("ada", "lena", "sam", "eve")
    }
    assert names == {
        "ada": {"general", "acme", "partners", "finance"},
        "lena": {"general", "acme", "partners"},
        "sam": {"general"},
        "eve": {"partners"},
    }


def test_an_ephemeral_answer_is_never_marked_edited_and_gone_after_a_reload(
    slack_page: PlaygroundPage,
) -> None:
    slack_page.run_command("/collab create company Beacon")
    preview = slack_page.run_command("/collab delete beacon")
    slack_page.press("Cancel", preview)
    expect(preview).to_contain_text("Nothing was changed")
    expect(preview).not_to_contain_text("(edited)")
    slack_page.go_to("#general")
    slack_page.go_to("#acme")
    expect(slack_page.answers).to_have_count(2)
    slack_page.page.reload()
    slack_page.message("Updates about Acme will be posted here")
    expect(slack_page.answers).to_have_count(0)


def test_a_modal_shows_the_app_a_counter_near_the_limit_and_a_close_button(
    slack_page: PlaygroundPage,
) -> None:
    slack_page.button("Create", slack_page.open_home("Ada")).click()
    head = slack_page.modal.locator(".modal-head")
    expect(head).to_contain_text("Collab")
    expect(head).not_to_contain_text("Step")
    name = slack_page.modal.get_by_role("textbox", name="Name")
    expect(slack_page.modal.locator(".counter")).to_have_text("")
    name.fill("x" * 70)
    expect(slack_page.modal.locator(".counter")).to_have_text("10")
    head.get_by_role("button", name="Dismiss").click()
    expect(slack_page.modal).to_have_count(0)


def test_a_toast_disappears_when_the_user_changes(slack_page: PlaygroundPage) -> None:
    slack_page.composer("#acme").fill("/nonsense")
    slack_page.composer("#acme").press("Enter")
    expect(slack_page.page.locator(".toast")).to_have_count(1)
    slack_page.act_as("Bo", "#acme")
    expect(slack_page.page.locator(".toast")).to_have_count(0)


def test_tutorial_steps_are_marked_as_done_and_shown_to_users_who_can_do_them(
    slack_page: PlaygroundPage,
) -> None:
    card = slack_page.page.get_by_role("region", name="Things to try")
    steps = card.get_by_role("listitem")
    slack_page.act_as("Devi", "#acme")
    expect(steps).to_have_count(3)
    expect(card.get_by_role("button", name="/collab")).to_have_count(0)
    steps.first.get_by_role("button", name="Act as Ada").click()
    expect(slack_page.log("#acme")).to_be_visible()
    steps.first.get_by_role("button", name="/collab invite").click()
    send_prefilled_line(slack_page, "/collab invite @carl admin acme")
    expect(steps.first).to_contain_text("Done:")

    steps.nth(1).get_by_role("button", name="Act as Carl").click()
    slack_page.press("Accept", slack_page.message("invited you to Acme"))
    expect(steps.nth(1)).to_contain_text("Done:")
    slack_page.act_as("Ada", "#general")
    steps.nth(2).get_by_role("button", name="/collab invite").click()
    send_prefilled_line(slack_page, "/collab invite @devi admin acme")
    slack_page.message("You invited @Devi Rao")
    slack_page.move_clock("To the next reminder")
    expect(steps.nth(2)).to_contain_text("Done:")
    for user_name in ("Sam", "Eve"):
        slack_page.act_as(user_name)
        expect(card).to_have_count(0)


def test_a_tutorial_command_fills_the_message_box_of_its_channel(
    slack_page: PlaygroundPage,
) -> None:
    slack_page.act_as("Ada", "Collab")
    line = slack_page.page.get_by_role("region", name="Things to try").get_by_role(
        "button", name="/collab invite @carl"
    )
    slack_page.page.get_by_role("heading", name="Things to try").hover()
    slack_page.page.mouse.down()
    with slack_page.page.expect_response("**/ui/messages?*"):
        line.dispatch_event("click")
    slack_page.page.wait_for_timeout(100)
    slack_page.page.mouse.up()
    expect(slack_page.composer("#acme")).to_have_value(
        "/collab invite @carl admin acme"
    )


def test_the_tutorial_begins_with_a_company_if_there_is_none(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    harness.playground.state.tutorial.steps = TUTORIAL_STEPS_WITHOUT_COMPANY
    slack_page.page.reload()
    steps = slack_page.page.get_by_role("region", name="Things to try").get_by_role(
        "listitem"
    )
    texts = [
        re.sub(r"[`*]", "", step.markdown) for step in TUTORIAL_STEPS_WITHOUT_COMPANY
    ]
    expect(steps).to_have_text([re.compile(f"^{re.escape(text)}") for text in texts])
    steps.first.get_by_role("button", name="/collab create company Acme").click()
    send_prefilled_line(slack_page, "/collab create company Acme")
    expect(steps.first).to_contain_text("Done:")
    expect(steps.nth(1)).not_to_contain_text("Done:")


def send_prefilled_line(slack_page: PlaygroundPage, line: str) -> None:
    """Send the line that was put into the message box of #acme."""
    composer = slack_page.composer("#acme")
    expect(composer).to_have_value(line)
    composer.press("Enter")


def test_the_clock_shows_what_is_due_next_and_what_was_sent(
    slack_page: PlaygroundPage,
) -> None:
    def button_boxes() -> list[object]:
        return [
            button.bounding_box()
            for button in slack_page.clock.get_by_role("button").all()
        ]

    slack_page.run_command("/collab invite @carl admin acme")
    boxes = button_boxes()
    assert len(boxes) == 3
    for user_name in ("Carl", "Sam", "Eve"):
        slack_page.act_as(user_name)
        expect(slack_page.clock).to_contain_text(
            re.compile("Next: reminder to Carl.*, Mon 7 Dec")
        )
        assert button_boxes() == boxes
    slack_page.move_clock("To the next reminder")
    expect(slack_page.page.locator(".toast")).to_contain_text(
        re.compile("Collab to Carl Mendes: “.*Acme")
    )
    slack_page.move_clock("+1 hour")
    expect(slack_page.page.locator(".toast").last).to_contain_text(
        "No new messages from Collab."
    )


def test_two_presses_on_the_clock_button_move_it_twice(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    start = harness.playground.clock.now()
    button = slack_page.clock.get_by_role("button", name="+1 day")
    button.click()
    button.click()
    expect(slack_page.page.locator(".toast")).to_have_count(2)
    assert (harness.playground.clock.now() - start).days == 2


def test_on_a_narrow_screen_the_sidebar_is_toggled_by_a_button(
    slack_page: PlaygroundPage,
) -> None:
    slack_page.page.set_viewport_size({"width": 390, "height": 844})
    try:
        menu = slack_page.page.get_by_role("button", name="Menu", exact=True)
        expect(slack_page.conversation_button("#acme")).to_be_hidden()
        box = slack_page.page.get_by_role("main").bounding_box()
        assert box
        assert box["height"] > 844 * 0.75
        menu.click()
        # Not `check`: that looks at the button again, which is hidden by then.
        slack_page.user_choice("Bo").click()
        expect(slack_page.conversation_button("#acme")).to_be_hidden()
        menu.click()
        expect(slack_page.user_choice("Bo")).to_be_checked()
        slack_page.go_to("#general")
        expect(slack_page.conversation_button("#acme")).to_be_hidden()
        expect(menu).to_have_attribute("aria-expanded", "false")
    finally:
        slack_page.page.set_viewport_size(VIEWPORT_SIZE)
