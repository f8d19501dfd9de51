"""The main journey, by clicking and typing in the page."""

from __future__ import annotations

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def is_seeded() -> bool:
    """Return that there is no sample data: nobody has been met.

    All other browser tests start with it.
    """
    return False


def invite(slack_page: PlaygroundPage, line: str) -> None:
    """Invite a person as Ada in #acme."""
    expect(slack_page.run_command(f"/collab invite {line}")).to_contain_text(
        "You invited"
    )


def invite_and_accept(
    slack_page: PlaygroundPage, user_name: str, role: str = "admin"
) -> None:
    """Invite as Ada and accept; the page is left as Ada in #acme."""
    invite(slack_page, f"@{user_name.lower()} {role} acme")
    slack_page.act_as(user_name)
    slack_page.press("Accept", slack_page.message("invited you to"))
    slack_page.act_as("Ada", "#acme")
    slack_page.message(re.compile(f"{user_name} joined Acme as .*{role}"))


def test_an_accepted_invitation_is_announced_and_leads_to_the_page(
    slack_page: PlaygroundPage,
) -> None:
    invite(slack_page, "@carl admin acme")
    expect(slack_page.user_choice("Carl")).to_have_accessible_description(
        re.compile("1 unread from Collab")
    )

    slack_page.act_as("Carl")
    invitation = slack_page.message("invited you to Acme as an admin")
    slack_page.press("Accept", invitation)
    expect(invitation).to_contain_text("You accepted this invitation (today at")
    expect(invitation).to_contain_text("You're an admin of Acme.")
    expect(slack_page.message_buttons).to_have_text(["Open Acme", "Members"])

    slack_page.go_to("#acme")
    slack_page.message(re.compile("Carl joined Acme as an admin. Invited by Ada"))
    slack_page.act_as("Ada")
    slack_page.message("@Carl Mendes accepted your invitation")
    expect(slack_page.message_buttons).to_have_count(0)


def test_an_unread_message_is_marked_in_its_conversation(
    slack_page: PlaygroundPage,
) -> None:
    invite(slack_page, "@carl admin acme")

    slack_page.open_as("Carl", "#general")
    expect(slack_page.conversation_button("Collab")).to_have_accessible_name(
        "Collab, 1 unread"
    )
    slack_page.go_to("Collab")
    expect(slack_page.conversation_button("Collab")).to_have_accessible_name("Collab")
    expect(slack_page.page.get_by_role("separator", name="New")).to_be_visible()


def test_a_reminder_is_sent_in_working_hours_and_an_expired_invitation_can_be_resent(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    expect(slack_page.clock).to_contain_text("nothing due")
    invite(slack_page, "@devi admin acme")
    slack_page.move_clock("To the next reminder")

    slack_page.act_as("Devi")
    slack_page.message("Reminder: @Ada Lindqvist invited you to Acme as an admin")
    now = devis_local_time(slack_page)
    assert now.isoweekday() <= 5, now
    assert time(9) <= now.time() < time(18), now

    slack_page.act_as("Ada")
    while slack_page.messages.count() == 0:
        slack_page.move_clock("To the next reminder")
    notification = slack_page.message(
        "@Devi Rao didn't answer your invitation to Acme as an admin"
    )
    slack_page.press("Send again", notification)
    expect(notification).to_contain_text("invited again since")

    slack_page.act_as("Devi")
    expect(slack_page.message("invited you to Acme")).to_contain_text("Expires")
    expect(slack_page.button("Accept")).to_have_count(1)


def devis_local_time(slack_page: PlaygroundPage) -> datetime:
    """Return the time of the page's clock in Devi's time zone."""
    moment = slack_page.page.evaluate(
        "async () => (await import('/page/state.js')).now()"
    )
    now = datetime.fromtimestamp(moment, ZoneInfo("Asia/Kolkata"))
    expect(slack_page.clock).to_contain_text(f"{now:%H:%M} Kolkata")
    return now


def test_a_removal_has_a_preview_and_notifies_everybody_concerned(
    slack_page: PlaygroundPage,
) -> None:
    invite_and_accept(slack_page, "Carl", "owner")
    invite_and_accept(slack_page, "Devi")

    slack_page.act_as("Carl", "#general")
    preview = slack_page.run_command("/collab remove @devi acme")
    expect(preview).to_contain_text("Remove @Devi Rao from Acme?")
    expect(preview).to_contain_text("will no longer be able to")
    expect(slack_page.button("Cancel", preview)).to_be_visible()
    slack_page.press("Remove", preview)
    expect(preview).to_contain_text("You removed @Devi Rao from Acme.")
    expect(slack_page.message_buttons).to_have_text(["Undo"])

    slack_page.go_to("#acme")
    slack_page.message("Carl removed Devi from Acme")
    slack_page.go_to("Collab")
    slack_page.message(
        re.compile("You removed @Devi Rao from Acme.* They were .*admin")
    )
    slack_page.act_as("Ada")
    slack_page.message(
        re.compile("@Carl Mendes removed @Devi Rao from Acme.* They were .*admin")
    )
    slack_page.act_as("Devi")
    slack_page.message(
        re.compile("@Carl Mendes removed you from Acme.* You were .*admin")
    )


def test_a_removal_from_the_list_of_members_can_be_cancelled(
    slack_page: PlaygroundPage,
) -> None:
    invite_and_accept(slack_page, "Devi")

    answer = slack_page.run_command("/collab members acme")
    slack_page.choose_in_menu(
        "Remove…", answer.locator(".section").filter(has_text="@Devi Rao")
    )
    preview = slack_page.message("Remove @Devi Rao from Acme?")
    slack_page.press("Cancel", preview)
    expect(preview).to_contain_text("Nothing was changed.")
    expect(slack_page.run_command("/collab members acme")).to_contain_text(
        re.compile("Admins.*@Devi Rao")
    )


def test_a_button_in_an_old_list_reports_that_the_invitation_is_answered(
    slack_page: PlaygroundPage,
) -> None:
    invite(slack_page, "@carl admin acme")
    slack_page.act_as("Carl", "#general")
    list_message = slack_page.run_command("/collab invitations")
    slack_page.go_to("Collab")
    slack_page.press("Accept", slack_page.message("invited you to Acme"))
    slack_page.message("You accepted this invitation")

    slack_page.go_to("#general")
    slack_page.press("Accept", list_message)
    slack_page.message("already accepted")


def test_the_reason_of_a_decline_is_sent_to_the_inviter_only(
    slack_page: PlaygroundPage,
) -> None:
    invite(slack_page, "@devi admin acme")
    slack_page.act_as("Devi")
    invitation = slack_page.message("invited you to Acme")
    slack_page.press("Decline", invitation)
    expect(slack_page.modal).to_contain_text("Decline invitation")
    slack_page.modal.get_by_role("textbox", name="Reason").fill(
        "My hands are full until spring"
    )
    slack_page.submit_modal("Decline")
    expect(invitation).to_contain_text("You declined this invitation")
    expect(slack_page.message_buttons).to_have_count(0)

    slack_page.go_to("#acme")
    expect(slack_page.messages.filter(has_text="spring")).to_have_count(0)
    slack_page.act_as("Ada")
    slack_page.message(
        re.compile(
            "@Devi Rao declined your invitation.*Their reason:.*full until spring",
            re.DOTALL,
        )
    )


def test_a_decline_needs_no_reason_and_can_be_cancelled(
    slack_page: PlaygroundPage,
) -> None:
    invite(slack_page, "@devi admin acme")
    slack_page.act_as("Devi")
    invitation = slack_page.message("invited you to Acme")

    slack_page.press("Decline", invitation)
    slack_page.submit_modal("Cancel")
    expect(slack_page.button("Accept", invitation)).to_be_visible()

    slack_page.press("Decline", invitation)
    slack_page.submit_modal("Decline")
    expect(invitation).to_contain_text("You declined this invitation")
    slack_page.act_as("Ada")
    expect(slack_page.message("@Devi Rao declined")).not_to_contain_text("Their reason")


def test_an_edited_invitation_updates_its_message(slack_page: PlaygroundPage) -> None:
    invite(slack_page, "@devi owner acme")
    slack_page.press(
        "Edit", slack_page.message("You invited @Devi Rao to Acme as an owner")
    )
    choice = slack_page.modal.get_by_role("combobox", name="Role")
    choice.click()
    slack_page.page.get_by_role("option", name="admin").click()
    slack_page.pick_option("Ends", "Pick a date…")
    expect(slack_page.modal).to_contain_text("Last day")
    slack_page.pick_option("Ends", "30 days")
    expect(slack_page.modal).not_to_contain_text("Last day")
    slack_page.submit_modal("Save")
    slack_page.message("You invited @Devi Rao to Acme as an admin for 30 days")

    slack_page.act_as("Devi")
    expect(slack_page.messages).to_have_count(1)
    expect(
        slack_page.message(re.compile("invited you to Acme as an admin,? for 30 days"))
    ).to_contain_text("Expires")


def test_reminders_are_snoozed_muted_and_explained(slack_page: PlaygroundPage) -> None:
    invite(slack_page, "@devi admin acme")
    slack_page.act_as("Devi")
    invitation = slack_page.message("invited you to Acme")

    slack_page.choose_in_menu("What is this?", invitation)
    expect(slack_page.answers.last).to_contain_text(
        "Collab keeps track of who works on what"
    )
    slack_page.choose_in_menu("Snooze for a day", invitation)
    expect(invitation).to_contain_text("Reminders are snoozed until")
    slack_page.choose_in_menu("Mute reminders", invitation)
    expect(invitation).to_contain_text("Reminders are muted")
    expect(slack_page.button("Accept", invitation)).to_be_visible()


def test_the_last_owner_cannot_leave_before_inviting_another(
    slack_page: PlaygroundPage,
) -> None:
    answer = slack_page.run_command("/collab leave acme")
    expect(answer).to_contain_text("Acme needs an owner")
    expect(answer).to_contain_text("/collab invite @name owner acme")

    invite_and_accept(slack_page, "Carl", "owner")
    preview = slack_page.run_command("/collab leave acme")
    expect(preview).to_contain_text("Leave Acme?")
    slack_page.press("Leave", preview)
    expect(preview).to_contain_text("You left Acme.")
    slack_page.message("Ada left Acme")


def test_help_is_short_and_a_typo_suggests_the_nearest_verb(
    slack_page: PlaygroundPage,
) -> None:
    answer = slack_page.run_command("/collab help")
    for verb in ("create", "invite", "members", "show", "link"):
        expect(answer).to_contain_text(f"/collab {verb}")
    slack_page.press("All commands", answer)
    expect(slack_page.modal).to_contain_text("/collab remove WHO WHAT")
    slack_page.submit_modal("Close")
    slack_page.press("Open Home", answer)
    home = slack_page.page.get_by_role("tabpanel", name="Home")
    expect(home).to_be_visible()
    slack_page.go_to("#acme")

    answer = slack_page.run_command("/collab invte @carl admin acme")
    expect(answer).to_contain_text("Did you mean invite?")
    example = answer.locator("code").last.inner_text()
    expect(slack_page.run_command(example)).to_contain_text(
        "You invited @Carl Mendes to Acme as an admin"
    )


def test_markup_in_user_text_is_shown_as_text(slack_page: PlaygroundPage) -> None:
    markup = "<!channel> *x* <https://evil.example|click>"
    answer = slack_page.run_command(f"/collab create company {markup}")
    expect(answer).to_contain_text("channel")
    slug = answer.locator("code").first.inner_text()

    slack_page.run_command(f'/collab invite @carl admin {slug} note "{markup}"')
    slack_page.run_command(f"/collab link {slug}")
    slack_page.act_as("Carl")
    invitation = slack_page.message("invited you to")
    expect(invitation.locator("blockquote")).to_contain_text("∗x∗")
    slack_page.press("Accept", invitation)
    slack_page.go_to("#acme")
    slack_page.message("Carl joined")
    for conversation in ("#acme", "Collab"):
        slack_page.go_to(conversation)
        expect(slack_page.messages.get_by_role("link")).to_have_count(0)
        expect(
            slack_page.messages.locator("strong").filter(has_text=re.compile("^x$"))
        ).to_have_count(0)
        expect(
            slack_page.messages.locator(".mention").filter(has_text="channel")
        ).to_have_count(0)


def test_an_invitation_is_sent_and_accepted_with_the_keyboard_alone(
    slack_page: PlaygroundPage,
) -> None:
    keys = slack_page.page.keyboard
    slack_page.composer("#acme").focus()
    keys.type("/coll")
    keys.press("Tab")
    keys.type("invite @ca")
    keys.press("Enter")
    keys.type("admin acme")
    keys.press("Enter")
    expect(slack_page.answers.last).to_contain_text(
        "You invited @Carl Mendes to Acme as an admin"
    )

    move_focus_to(slack_page, slack_page.user_choice("Ada"), "Shift+Tab")
    keys.press("ArrowDown")
    expect(slack_page.user_choice("Carl")).to_be_checked()
    accept = slack_page.button("Accept")
    move_focus_to(slack_page, accept, "Tab")
    keys.press("Enter")
    expect(slack_page.message("You accepted this invitation")).to_be_focused()


def move_focus_to(slack_page: PlaygroundPage, target: Locator, key: str) -> None:
    """Press a key until the target has the focus."""
    for _ in range(60):
        if target.evaluate("node => node === document.activeElement"):
            return
        slack_page.page.keyboard.press(key)
    raise AssertionError("the focus never came there")
