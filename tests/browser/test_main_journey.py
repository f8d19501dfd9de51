"""The main job as people do it, by clicking and typing in the playground's page."""

from __future__ import annotations

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["seeded", "empty"])
def is_seeded(request: pytest.FixtureRequest) -> bool:
    """Everybody is known, or nobody has been met."""
    return bool(request.param)


def invited(window: Window, line: str) -> None:
    """Ada invites somebody in #acme."""
    expect(window.asks(f"/collab invite {line}")).to_contain_text("You invited")


def joined(window: Window, person: str, role: str = "admin") -> None:
    """Somebody is invited by Ada and accepts; the page is left as Ada in #acme."""
    invited(window, f"@{person.lower()} {role} acme")
    window.act_as(person)
    window.press("Accept", window.message("invites you to"))
    window.act_as("Ada", "#acme")
    window.message(re.compile(f"@{person} .*joined Acme as .*{role}"))


def test_an_accepted_invitation_is_announced_and_has_no_buttons(window: Window) -> None:
    invited(window, "@carl admin acme")
    expect(window.who("Carl")).to_have_accessible_description(
        re.compile("1 unread from Collab")
    )

    window.act_as("Carl")
    asked = window.message("invites you to Acme as admin")
    window.press("Accept", asked)
    expect(asked).to_contain_text("You accepted this invitation today at")
    expect(window.live_buttons).to_have_count(0)

    window.go("#acme")
    window.message(
        re.compile("@Carl Mendes joined Acme as .*admin. @Ada Lindqvist invited them")
    )
    window.act_as("Ada")
    window.message("@Carl Mendes accepted your invitation")
    expect(window.live_buttons).to_have_count(0)


def test_an_unread_message_is_marked_in_its_conversation(window: Window) -> None:
    invited(window, "@carl admin acme")

    window.enter("Carl", "#general")
    expect(window.place("Collab")).to_have_accessible_name("Collab, 1 unread")
    window.go("Collab")
    expect(window.place("Collab")).to_have_accessible_name("Collab")
    expect(window.page.get_by_role("separator", name="New")).to_be_visible()


def test_a_reminder_is_sent_in_working_hours_and_an_expired_invitation_can_be_resent(
    window: Window, harness: AppHarness
) -> None:
    expect(window.clock).to_contain_text("nothing due")
    invited(window, "@devi admin acme")
    window.travels("To the next reminder")

    window.act_as("Devi")
    window.message("A reminder: @Ada Lindqvist invites you to Acme as admin")
    now = devis_time(window)
    assert now.isoweekday() <= 5, now
    assert time(9) <= now.time() < time(18), now

    window.act_as("Ada")
    while "expired" not in window.messages.last.inner_text():
        window.travels("To the next reminder")
    ended = window.message("@Devi Rao did not answer your invitation to Acme as admin")
    window.press("Send again", ended)
    expect(ended).to_contain_text("You sent it again")

    window.act_as("Devi")
    expect(window.message("invites you to Acme")).to_contain_text("Open until")
    expect(window.button("Accept")).to_have_count(1)


def devis_time(window: Window) -> datetime:
    """What the page's clock shows in Devi's zone."""
    moment = window.page.evaluate("async () => (await import('/page/state.js')).now()")
    now = datetime.fromtimestamp(moment, ZoneInfo("Asia/Kolkata"))
    expect(window.clock).to_contain_text(f"{now:%H:%M} Kolkata")
    return now


def test_a_removal_has_a_preview_and_notifies_everybody_concerned(
    window: Window,
) -> None:
    joined(window, "Carl", "owner")
    joined(window, "Devi")

    window.act_as("Carl", "#general")
    preview = window.asks("/collab remove @devi acme")
    expect(preview).to_contain_text("Remove @Devi Rao from Acme?")
    expect(preview).to_contain_text("will no longer be able to")
    expect(window.button("Cancel", preview)).to_be_visible()
    window.press("Remove", preview)
    expect(preview).to_contain_text("You removed @Devi Rao from Acme.")
    expect(window.live_buttons).to_have_text(["Undo"])

    window.go("#acme")
    window.message("@Carl Mendes removed @Devi Rao from Acme")
    window.go("Collab")
    window.message(re.compile("You removed @Devi Rao from Acme.* They were .*admin"))
    window.act_as("Ada")
    window.message(
        re.compile("@Carl Mendes removed @Devi Rao from Acme.* They were .*admin")
    )
    window.act_as("Devi")
    window.message(re.compile("@Carl Mendes removed you from Acme.* You were .*admin"))


def test_a_removal_from_the_list_of_members_can_be_cancelled(
    window: Window,
) -> None:
    joined(window, "Devi")

    shown = window.asks("/collab members acme")
    window.choose("Remove…", shown.locator(".section").filter(has_text="@Devi Rao"))
    preview = window.message("Remove @Devi Rao from Acme?")
    window.press("Cancel", preview)
    expect(preview).to_contain_text("Nothing was changed.")
    expect(window.asks("/collab members acme")).to_contain_text("@Devi Rao, admin")


def test_a_button_in_an_old_list_reports_that_the_invitation_is_answered(
    window: Window,
) -> None:
    invited(window, "@carl admin acme")
    window.act_as("Carl", "#general")
    old = window.asks("/collab invitations")
    window.go("Collab")
    window.press("Accept", window.message("invites you to Acme"))
    window.message("You accepted this invitation")

    window.go("#general")
    window.press("Accept", old)
    window.message("already accepted")


def test_the_reason_of_a_decline_is_sent_to_the_inviter_only(window: Window) -> None:
    invited(window, "@devi admin acme")
    window.act_as("Devi")
    asked = window.message("invites you to Acme")
    window.press("Decline", asked)
    expect(window.modal).to_contain_text("Decline invitation")
    window.modal.get_by_role("textbox", name="Reason").fill(
        "My hands are full until spring"
    )
    window.sends("Decline")
    expect(asked).to_contain_text("You declined this invitation")
    expect(window.live_buttons).to_have_count(0)

    window.go("#acme")
    expect(window.messages.filter(has_text="spring")).to_have_count(0)
    window.act_as("Ada")
    window.message(
        re.compile(
            "@Devi Rao declined your invitation.*They wrote:.*full until spring",
            re.DOTALL,
        )
    )


def test_a_decline_needs_no_reason_and_can_be_cancelled(window: Window) -> None:
    invited(window, "@devi admin acme")
    window.act_as("Devi")
    asked = window.message("invites you to Acme")

    window.press("Decline", asked)
    window.sends("Cancel")
    expect(window.button("Accept", asked)).to_be_visible()

    window.press("Decline", asked)
    window.sends("Decline")
    expect(asked).to_contain_text("You declined this invitation")
    window.act_as("Ada")
    expect(window.message("@Devi Rao declined")).not_to_contain_text("They wrote")


def test_an_edited_invitation_updates_its_message(window: Window) -> None:
    invited(window, "@devi owner acme")
    window.go("Collab")
    window.press("Edit", window.message("You invited @Devi Rao to Acme as owner"))
    choice = window.modal.get_by_role("combobox", name="Role")
    choice.click()
    window.page.get_by_role("option", name="admin").click()
    window.modal.get_by_role("textbox", name="For how long").fill("a while")
    window.modal.get_by_role("button", name="Save").click()
    expect(window.modal.get_by_role("alert")).to_contain_text("30d or 12w")
    window.modal.get_by_role("textbox", name="For how long").fill("30d")
    window.sends("Save")
    window.message("You invited @Devi Rao to Acme as admin for 30 days")

    window.act_as("Devi")
    expect(window.messages).to_have_count(1)
    expect(
        window.message(re.compile("invites you to Acme as admin,? for 30 days"))
    ).to_contain_text("Open until")


def test_reminders_are_snoozed_muted_and_explained(window: Window) -> None:
    invited(window, "@devi admin acme")
    window.act_as("Devi")
    asked = window.message("invites you to Acme")

    window.choose("What is this?", asked)
    expect(window.answers.last).to_contain_text(
        "Collab keeps the list of who works on what"
    )
    window.choose("Snooze for a day", asked)
    expect(asked).to_contain_text("No reminder before")
    window.choose("Mute reminders", asked)
    expect(asked).to_contain_text("Reminders are muted")
    expect(window.button("Accept", asked)).to_be_visible()


def test_the_last_owner_cannot_leave_before_inviting_another(window: Window) -> None:
    refused = window.asks("/collab leave acme")
    expect(refused).to_contain_text("Acme needs an owner")
    expect(refused).to_contain_text("/collab invite @somebody owner acme")

    joined(window, "Carl", "owner")
    preview = window.asks("/collab leave acme")
    expect(preview).to_contain_text("Leave Acme?")
    window.press("Leave", preview)
    expect(preview).to_contain_text("You left Acme.")
    window.message("@Ada Lindqvist left Acme")


def test_help_lists_verbs_and_a_typo_suggests_the_nearest_one(window: Window) -> None:
    shown = window.asks("/collab help")
    for verb in (
        "create",
        "invite",
        "accept",
        "members",
        "remove",
        "leave",
        "link",
        "events",
    ):
        expect(shown).to_contain_text(verb)

    slip = window.asks("/collab invte @carl admin acme")
    expect(slip).to_contain_text("Did you mean invite?")
    example = slip.locator("code").last.inner_text()
    expect(window.asks(example)).to_contain_text(
        "You invited @Carl Mendes to Acme as admin"
    )


def test_markup_in_user_text_is_shown_as_text(window: Window) -> None:
    evil = "<!channel> *x* <https://evil.example|click>"
    made = window.asks(f"/collab create company {evil}")
    expect(made).to_contain_text("channel")
    slug = made.locator("code").first.inner_text()

    window.asks(f'/collab invite @carl admin {slug} note "{evil}"')
    window.asks(f"/collab link {slug}")
    window.act_as("Carl")
    asked = window.message("invites you to")
    expect(asked.locator("blockquote")).to_contain_text("∗x∗")
    window.press("Accept", asked)
    window.go("#acme")
    window.message("@Carl Mendes joined")
    for place in ("#acme", "Collab"):
        window.go(place)
        expect(window.messages.get_by_role("link")).to_have_count(0)
        expect(
            window.messages.locator("strong").filter(has_text=re.compile("^x$"))
        ).to_have_count(0)
        expect(
            window.messages.locator(".mention").filter(has_text="channel")
        ).to_have_count(0)


def test_an_invitation_is_sent_and_accepted_with_the_keyboard_alone(
    window: Window,
) -> None:
    keys = window.page.keyboard
    window.composer("#acme").focus()
    keys.type("/coll")
    keys.press("Tab")
    keys.type("invite @ca")
    keys.press("Enter")
    keys.type("admin acme")
    keys.press("Enter")
    expect(window.answers.last).to_contain_text(
        "You invited @Carl Mendes to Acme as admin"
    )

    steps_to(window, window.who("Ada"), "Shift+Tab")
    keys.press("ArrowDown")
    expect(window.who("Carl")).to_be_checked()
    accept = window.button("Accept")
    steps_to(window, accept, "Tab")
    keys.press("Enter")
    expect(window.message("You accepted this invitation")).to_be_focused()


def steps_to(window: Window, goal: Locator, key: str) -> None:
    """Move the focus with a key until it is there."""
    for _ in range(60):
        if goal.evaluate("node => node === document.activeElement"):
            return
        window.page.keyboard.press(key)
    raise AssertionError("the focus never came there")
