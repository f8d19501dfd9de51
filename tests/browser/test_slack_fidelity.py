"""The page shows what Slack would show, and no more: threads, who may write, the reader's language, private answers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from bot.playground import serializers
from bot.playground.tutorial import TUTORIAL_STEPS_WITHOUT_COMPANY
from tests.browser.playground_page import SIZE, Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


def posts(
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
    window: Window, harness: AppHarness
) -> None:
    window.enter("Bo", "#general")
    root = posts(harness, "Shop has a new member")
    posts(harness, "A quiet change", thread_ts=root)
    posts(harness, "A removal", thread_ts=root, reply_broadcast=True)
    expect(window.place("#acme")).to_have_accessible_name(re.compile("3 unread"))

    window.go("#acme")
    expect(window.message("A removal")).to_contain_text("replied to a thread:")
    expect(window.messages.filter(has_text="A quiet change")).to_have_count(0)
    window.replies_to("Shop has a new member")
    expect(window.messages.filter(has_text="A quiet change")).to_be_visible()
    posts(harness, "Another quiet change", thread_ts=root)
    expect(window.messages.filter(has_text="Another quiet change")).to_be_visible()
    window.page.get_by_role("button", name="3 replies").click()
    expect(window.messages.filter(has_text="quiet change")).to_have_count(0)
    expect(window.message("A removal")).to_be_visible()


def test_the_app_conversation_has_no_message_box_if_messages_are_disabled(
    window: Window,
) -> None:
    for person in ("Ada", "Eve"):
        window.act_as(person)
        expect(window.page.get_by_role("main").get_by_role("textbox")).to_have_count(0)
        expect(window.page.get_by_role("main")).to_contain_text(
            "Sending messages to this app has been turned off."
        )
        expect(
            window.page.get_by_role("log").get_by_role("button", name="/collab")
        ).to_have_count(0)


def test_a_german_user_sees_german_dates_and_names_of_public_channels_only(
    window: Window, harness: AppHarness
) -> None:
    noon = int(harness.playground.clock.epoch_seconds()) // 86400 * 86400 + 12 * 3600
    days = " | ".join(
        f"<!date^{noon + 86400 * d}^{{date_short_pretty}}|x>" for d in (-1, 0, 1, 13)
    )
    posts(
        harness,
        f"{days} <!date^{noon}^{{date_long}}|x> in <#C0ACME> and <#C0FINANCE|finance>",
        channel="ULENA",
    )
    window.act_as("Lena")
    message = window.messages.last
    expect(message).to_contain_text("gestern | heute | morgen | 16. Dez. 2026")
    expect(message).to_contain_text(
        "Donnerstag, 3. Dezember 2026 in #acme and privater Kanal"
    )
    expect(window.page.get_by_role("main")).to_contain_text(
        "Nachrichten an diese App wurden deaktiviert."
    )
    expect(window.clock).to_contain_text("Thu 3 Dec")


def test_only_full_members_see_names_of_channels_that_they_are_not_in(
    harness: AppHarness,
) -> None:
    world = harness.playground.state.workspace
    names = {
        who: set(
            serializers.list_page_channel_names(world, world.get_account(who)).values()
        )
        for who in ("ada", "lena", "sam", "eve")
    }
    assert names == {
        "ada": {"general", "acme", "partners", "finance"},
        "lena": {"general", "acme", "partners"},
        "sam": {"general"},
        "eve": {"partners"},
    }


def test_an_ephemeral_answer_is_never_marked_edited_and_gone_after_a_reload(
    window: Window,
) -> None:
    window.asks("/collab create company Beacon")
    preview = window.asks("/collab delete beacon")
    window.press("Cancel", preview)
    expect(preview).to_contain_text("Nothing was changed")
    expect(preview).not_to_contain_text("(edited)")
    window.go("#general")
    window.go("#acme")
    expect(window.answers).to_have_count(2)
    window.page.reload()
    window.message("This channel now hears of Acme")
    expect(window.answers).to_have_count(0)


def test_a_modal_shows_the_app_a_counter_near_the_limit_and_a_close_button(
    window: Window,
) -> None:
    window.button("Create", window.home_of("Ada")).click()
    head = window.modal.locator(".modal-head")
    expect(head).to_contain_text("Collab")
    expect(head).not_to_contain_text("Step")
    name = window.modal.get_by_role("textbox", name="Name")
    expect(window.modal.locator(".counter")).to_have_text("")
    name.fill("x" * 70)
    expect(window.modal.locator(".counter")).to_have_text("10")
    head.get_by_role("button", name="Dismiss").click()
    expect(window.modal).to_have_count(0)


def test_a_toast_disappears_when_the_user_changes(window: Window) -> None:
    window.composer("#acme").fill("/nonsense")
    window.composer("#acme").press("Enter")
    expect(window.page.locator(".toast")).to_have_count(1)
    window.act_as("Bo", "#acme")
    expect(window.page.locator(".toast")).to_have_count(0)


def test_tutorial_steps_are_marked_as_done_and_shown_to_users_who_can_do_them(
    window: Window,
) -> None:
    card = window.page.get_by_role("region", name="Things to try")
    things = card.get_by_role("listitem")
    window.act_as("Devi", "#acme")
    expect(things).to_have_count(3)
    expect(card.get_by_role("button", name="/collab")).to_have_count(0)
    things.first.get_by_role("button", name="Act as Ada").click()
    expect(window.log("#acme")).to_be_visible()
    things.first.get_by_role("button", name="/collab invite").click()
    sends_what_was_put_in(window, "/collab invite @carl admin acme")
    expect(things.first).to_contain_text("Done:")

    things.nth(1).get_by_role("button", name="Act as Carl").click()
    window.press("Accept", window.message("invites you to Acme"))
    expect(things.nth(1)).to_contain_text("Done:")
    window.act_as("Ada", "#general")
    things.nth(2).get_by_role("button", name="/collab invite").click()
    sends_what_was_put_in(window, "/collab invite @devi admin acme")
    window.message("You invited @Devi Rao")
    window.travels("To the next reminder")
    expect(things.nth(2)).to_contain_text("Done:")
    for person in ("Sam", "Eve"):
        window.act_as(person)
        expect(card).to_have_count(0)


def test_a_tutorial_command_fills_the_message_box_of_its_channel(
    window: Window,
) -> None:
    window.act_as("Ada", "Collab")
    line = window.page.get_by_role("region", name="Things to try").get_by_role(
        "button", name="/collab invite @carl"
    )
    window.page.get_by_role("heading", name="Things to try").hover()
    window.page.mouse.down()
    with window.page.expect_response("**/ui/messages?*"):
        line.dispatch_event("click")
    window.page.wait_for_timeout(100)
    window.page.mouse.up()
    expect(window.composer("#acme")).to_have_value("/collab invite @carl admin acme")


def test_the_tutorial_begins_with_a_company_if_there_is_none(
    window: Window, harness: AppHarness
) -> None:
    harness.playground.state.tutorial.steps = TUTORIAL_STEPS_WITHOUT_COMPANY
    window.page.reload()
    things = window.page.get_by_role("region", name="Things to try").get_by_role(
        "listitem"
    )
    shown = [
        f"{re.sub(r'[`*]', '', thing.markdown)}."
        for thing in TUTORIAL_STEPS_WITHOUT_COMPANY
    ]
    expect(things).to_have_text([re.compile(f"^{re.escape(words)}") for words in shown])
    things.first.get_by_role("button", name="/collab create company Acme").click()
    sends_what_was_put_in(window, "/collab create company Acme")
    expect(things.first).to_contain_text("Done:")
    expect(things.nth(1)).not_to_contain_text("Done:")


def sends_what_was_put_in(window: Window, line: str) -> None:
    """Send what a press put into the message box of #acme, once it is there."""
    composer = window.composer("#acme")
    expect(composer).to_have_value(line)
    composer.press("Enter")


def test_the_clock_shows_what_is_due_next_and_what_was_sent(
    window: Window,
) -> None:
    def places() -> list[object]:
        return [
            button.bounding_box() for button in window.clock.get_by_role("button").all()
        ]

    window.asks("/collab invite @carl admin acme")
    before = places()
    assert len(before) == 3
    for person in ("Carl", "Sam", "Eve"):
        window.act_as(person)
        expect(window.clock).to_contain_text(
            re.compile("Next: reminder to Carl.*, Mon 7 Dec")
        )
        assert places() == before
    window.travels("To the next reminder")
    expect(window.page.locator(".toast")).to_contain_text(
        re.compile("Collab to Carl Mendes: “.*Acme")
    )
    window.travels("+1 hour")
    expect(window.page.locator(".toast").last).to_contain_text(
        "Collab wrote to nobody."
    )


def test_two_presses_on_the_clock_button_move_it_twice(
    window: Window, harness: AppHarness
) -> None:
    before = harness.playground.clock.now()
    button = window.clock.get_by_role("button", name="+1 day")
    button.click()
    button.click()
    expect(window.page.locator(".toast")).to_have_count(2)
    assert (harness.playground.clock.now() - before).days == 2


def test_on_a_narrow_screen_the_sidebar_is_toggled_by_a_button(window: Window) -> None:
    window.page.set_viewport_size({"width": 390, "height": 844})
    try:
        menu = window.page.get_by_role("button", name="Menu", exact=True)
        expect(window.place("#acme")).to_be_hidden()
        box = window.page.get_by_role("main").bounding_box()
        assert box
        assert box["height"] > 844 * 0.75
        menu.click()
        window.who("Bo").check()
        expect(window.place("#acme")).to_be_hidden()
        menu.click()
        window.go("#general")
        expect(window.place("#acme")).to_be_hidden()
        expect(menu).to_have_attribute("aria-expanded", "false")
    finally:
        window.page.set_viewport_size(SIZE)
