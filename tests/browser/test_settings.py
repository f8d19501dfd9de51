"""Settings, failed messages, the event log and first steps at Home, in the page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


def take_screenshot(slack_page: PlaygroundPage, name: str) -> None:
    """Save a picture of the page if COLLAB_PICTURES names a folder."""
    if folder := os.environ.get("COLLAB_PICTURES"):
        slack_page.page.screenshot(
            path=Path(folder) / f"{name}.png", animations="disabled"
        )


def radio_button(slack_page: PlaygroundPage, label: str) -> Locator:
    """Return a radio button of the modal."""
    return slack_page.modal.get_by_role("radio", name=label)


@pytest.mark.rule("INV-08")
def test_an_admin_changes_workspace_settings_and_they_take_effect(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    # A value that is none of the usual ones is an option, too.
    harness.run_command("ada", "/collab settings daily-invitations 1")
    home = slack_page.open_home("Ada")
    slack_page.button("Settings", home).click()
    slack_page.modal.get_by_role(
        "button", name="Change the defaults for everyone here"
    ).click()
    expect(slack_page.modal).to_contain_text("Workspace settings")
    take_screenshot(slack_page, "settings-workspace")
    reminders_field = slack_page.modal.get_by_role("textbox", name="Reminders after")
    reminders_field.fill("90d")
    slack_page.modal.get_by_role("button", name="Save", exact=True).click()
    expect(slack_page.modal.get_by_role("alert")).to_contain_text(
        "before the invitation expires"
    )
    take_screenshot(slack_page, "settings-workspace-wrong")
    reminders_field.fill("2d")
    slack_page.pick_option("Invitations expire after", "14 days")
    radio_button(slack_page, "Admins of this Slack workspace").check()
    slack_page.modal.get_by_role("button", name="Save", exact=True).click()
    expect(slack_page.modal).to_contain_text("lifetime is now 14d")
    take_screenshot(slack_page, "settings-workspace-done")
    slack_page.modal.get_by_role("button", name="Close", exact=True).click()
    expect(slack_page.modal).to_contain_text("Notifications")
    slack_page.submit_modal("Cancel")

    slack_page.act_as("Bo", "#acme")
    expect(slack_page.run_command("/collab create company Bolt")).to_contain_text(
        "Only admins of this Slack workspace can create"
    )
    home = slack_page.open_home("Bo")
    expect(home).not_to_contain_text("/collab create company")
    slack_page.act_as("Ada", "#acme")
    slack_page.run_command("/collab invite @carl admin acme")
    expect(slack_page.run_command("/collab invite @devi admin acme")).to_contain_text(
        "You've reached the limit of 1 invitation a day"
    )
    harness.advance_time(days=8)
    home = slack_page.open_home("Carl")
    expect(slack_page.button("Accept", home)).to_be_visible()


@pytest.mark.rule("EVT-04")
def test_a_person_chooses_a_digest_and_gets_it_in_the_morning(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    for user_name in ("carl", "devi"):
        harness.run_command("ada", f"/collab invite @{user_name} admin acme")
        harness.press_button(user_name, harness.latest_message(user_name), "accept")
    home = slack_page.open_home("Ada")
    slack_page.button("Settings", home).click()
    expect(radio_button(slack_page, "Everything, as it happens")).to_be_checked()
    radio_button(slack_page, "Important now, the rest daily").check()
    take_screenshot(slack_page, "settings-mine")
    slack_page.modal.get_by_role("button", name="Save", exact=True).click()
    expect(slack_page.modal).to_contain_text("the rest in one message each morning")
    slack_page.submit_modal("Close")
    for user_name in ("Carl", "Devi"):
        home = slack_page.open_home(user_name)
        slack_page.open_page_of("Acme", home)
        slack_page.act_on_page("Leave")
        slack_page.button("Leave", slack_page.modal).click()
        expect(slack_page.modal).to_contain_text("You left Acme")
        slack_page.submit_modal("Dismiss")
    slack_page.act_as("Ada")
    slack_page.page.get_by_role("tab", name="Messages").click()
    expect(slack_page.messages.filter(has_text="left Acme")).to_have_count(0)
    harness.advance_time(days=1)
    digest = slack_page.message("Your digest: 2 updates")
    expect(digest).to_contain_text("@Carl Mendes left Acme")
    expect(digest).to_contain_text("@Devi Rao left Acme")
    take_screenshot(slack_page, "digest")


@pytest.mark.rule("EVT-06")
def test_a_failed_channel_message_is_sent_again_from_home(
    harness: AppHarness, slack_page: PlaygroundPage
) -> None:
    harness.run_command("ada", "/invite @Collab")
    harness.playground.faults.error("chat.postMessage", "not_in_channel")
    slack_page.act_as("Ada", "#general")
    slack_page.run_command("/collab link acme")
    home = slack_page.open_home("Ada")
    expect(home).to_contain_text("#general didn't get an update about Acme")
    expect(home).to_contain_text("type /invite @Collab")
    take_screenshot(slack_page, "home-undelivered")
    slack_page.button("Send again", home).click()
    expect(slack_page.modal).to_contain_text("Sent again.")
    slack_page.submit_modal("Close")
    expect(home).not_to_contain_text("Needs you")
    slack_page.go_to("#general")
    slack_page.message("Updates about Acme")


def test_events_are_filtered_from_home(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    harness.run_command("ada", "/collab invite @carl admin acme")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    home = slack_page.open_home("Ada")
    slack_page.button("Search activity…", home).click()
    slack_page.modal.get_by_role("combobox", name="Where").press_sequentially("ac")
    slack_page.page.get_by_role("option", name="Acme").click()
    slack_page.modal.get_by_role("combobox", name="Type").press_sequentially("Join")
    slack_page.page.get_by_role("option", name="Joining, leaving and roles").click()
    take_screenshot(slack_page, "events-filter")
    slack_page.modal.get_by_role("button", name="Search", exact=True).click()
    expect(slack_page.modal).to_contain_text("@Carl Mendes joined as an admin")
    expect(slack_page.modal).not_to_contain_text("created Acme")
    take_screenshot(slack_page, "events-found")


def test_a_row_at_home_opens_the_invitation_form_for_its_resource(
    slack_page: PlaygroundPage,
) -> None:
    home = slack_page.open_home("Ada")
    slack_page.open_page_of("Acme", home)
    slack_page.act_on_page("Invite")
    expect(slack_page.modal.get_by_role("button", name="Remove Acme")).to_be_visible()
    take_screenshot(slack_page, "invite-from-row")


def test_home_shows_the_first_steps_in_a_new_workspace_and_to_people_without_roles(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    home = slack_page.open_home("Carl")
    expect(home).to_contain_text("To get access")
    expect(home).to_contain_text("@Ada Lindqvist, an admin of this Slack workspace")
    take_screenshot(slack_page, "home-nothing-yet")
    harness.run_command("ada", "/collab delete acme")
    harness.press_button("ada", harness.latest_message("ada", "general"), "delete")
    home = slack_page.open_home("Ada")
    for step in ("Create a company", "Invite someone", "Link a channel"):
        expect(home).to_contain_text(f"○ {step}")
    expect(slack_page.button("Create", home)).to_be_visible()
    take_screenshot(slack_page, "home-new-workspace")


def test_keys_are_marked_as_rotated_by_clicking(
    slack_page: PlaygroundPage, harness: AppHarness
) -> None:
    for line in ("create app Shop in acme", "invite @carl admin acme"):
        harness.run_command("ada", f"/collab {line}")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    home = slack_page.open_home("Carl")
    slack_page.open_page_of("Acme", home)
    slack_page.act_on_page("Leave")
    slack_page.button("Leave", slack_page.modal).click()
    slack_page.submit_modal("Dismiss")
    home = slack_page.open_home("Ada")
    expect(home).to_contain_text("Rotate the passwords and deploy keys of Shop.")
    take_screenshot(slack_page, "home-keys")
    slack_page.button("Keys to rotate", home).click()
    take_screenshot(slack_page, "keys")
    slack_page.button("Rotated", slack_page.modal).click()
    expect(slack_page.modal).to_contain_text("The keys of Shop are marked as rotated")
    slack_page.submit_modal("Close")
    expect(slack_page.button("Keys to rotate", home)).to_have_count(0)
