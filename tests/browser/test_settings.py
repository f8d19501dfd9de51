"""Settings, an undelivered notice and first looks at Home, in the playground's page, by clicking alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


def pictured(window: Window, name: str) -> None:
    """A picture of the page, where somebody wants to look at it."""
    if folder := os.environ.get("COLLAB_PICTURES"):
        window.page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


def chosen(window: Window, label: str) -> Locator:
    """One of several choices that are all in sight."""
    return window.modal.get_by_role("radio", name=label)


@pytest.mark.rule("INV-08")
def test_an_admin_changes_workspace_settings_and_they_take_effect(
    window: Window, harness: AppHarness
) -> None:
    home = window.home_of("Ada")
    window.button("Settings", home).click()
    window.modal.get_by_role(
        "button", name="Change what holds for everybody here"
    ).click()
    expect(window.modal).to_contain_text("Workspace settings")
    pictured(window, "settings-workspace")
    life = window.modal.get_by_role("textbox", name="How long an invitation is open")
    life.fill("400d")
    window.modal.get_by_role("button", name="Save", exact=True).click()
    expect(window.modal.get_by_role("alert")).to_contain_text(
        "An invitation lives from 1d to 90d"
    )
    pictured(window, "settings-workspace-wrong")
    life.fill("14d")
    chosen(window, "Admins of this Slack workspace").check()
    window.modal.get_by_role(
        "textbox", name="How many invitations a person sends a day"
    ).fill("1")
    window.modal.get_by_role("button", name="Save", exact=True).click()
    expect(window.modal).to_contain_text("lifetime is now 14d")
    pictured(window, "settings-workspace-done")
    window.modal.get_by_role("button", name="Close", exact=True).click()
    expect(window.modal).to_contain_text("What reaches you")
    window.sends("Cancel")

    window.act_as("Bo", "#acme")
    expect(window.asks("/collab create company Bolt")).to_contain_text(
        "Only admins of this Slack workspace create"
    )
    home = window.home_of("Bo")
    expect(home).not_to_contain_text("/collab create company")
    window.act_as("Ada", "#acme")
    window.asks("/collab invite @carl admin acme")
    expect(window.asks("/collab invite @devi admin acme")).to_contain_text(
        "You have sent 1 invitation within a day"
    )
    harness.advance_time(days=8)
    home = window.home_of("Carl")
    expect(window.button("Accept", home)).to_be_visible()


@pytest.mark.rule("EVT-04")
def test_a_person_chooses_a_digest_and_gets_it_in_the_morning(
    window: Window, harness: AppHarness
) -> None:
    for who in ("carl", "devi"):
        harness.run_command("ada", f"/collab invite @{who} admin acme")
        harness.press_button(who, harness.latest_message(who), "accept")
    home = window.home_of("Ada")
    window.button("Settings", home).click()
    expect(chosen(window, "Everything, each at once")).to_be_checked()
    chosen(window, "What needs me at once, the rest once a day").check()
    pictured(window, "settings-mine")
    window.modal.get_by_role("button", name="Save", exact=True).click()
    expect(window.modal).to_contain_text(
        "What does not need you comes once a day, in your morning"
    )
    window.sends("Close")
    for who in ("Carl", "Devi"):
        home = window.home_of(who)
        window.chooses("Leave…", "Acme (acme)", home)
        window.button("Leave", window.modal).click()
        expect(window.modal).to_contain_text("You left Acme")
        window.sends("Close")
    window.act_as("Ada")
    window.page.get_by_role("tab", name="Messages").click()
    expect(window.messages.filter(has_text="left Acme")).to_have_count(0)
    harness.advance_time(days=1)
    digest = window.message("Your digest: 2 things happened")
    expect(digest).to_contain_text("@Carl Mendes left Acme")
    expect(digest).to_contain_text("@Devi Rao left Acme")
    pictured(window, "digest")


@pytest.mark.rule("EVT-06")
def test_a_failed_channel_message_is_sent_again_from_home(
    harness: AppHarness, window: Window
) -> None:
    harness.run_command("ada", "/invite @Collab")
    harness.playground.faults.error("chat.postMessage", "not_in_channel")
    window.act_as("Ada", "#general")
    window.asks("/collab link acme")
    home = window.home_of("Ada")
    expect(home).to_contain_text("#general did not hear what happened to Acme")
    expect(home).to_contain_text("type /invite @Collab")
    pictured(window, "home-undelivered")
    window.button("Send again", home).click()
    expect(window.modal).to_contain_text("Everything arrived")
    window.sends("Close")
    expect(home).not_to_contain_text("Could not be delivered")
    window.go("#general")
    window.message("hears of Acme")


def test_events_are_filtered_from_home(window: Window, harness: AppHarness) -> None:
    harness.run_command("ada", "/collab invite @carl admin acme")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    home = window.home_of("Ada")
    window.button("Find events…", home).click()
    window.modal.get_by_role("combobox", name="To what").press_sequentially("ac")
    window.page.get_by_role("option", name="Acme").click()
    window.modal.get_by_role("combobox", name="What sort").press_sequentially("Join")
    window.page.get_by_role("option", name="Joining, leaving and roles").click()
    pictured(window, "events-filter")
    window.modal.get_by_role("button", name="Find", exact=True).click()
    expect(window.modal).to_contain_text("@Carl Mendes joined as an admin")
    expect(window.modal).not_to_contain_text("created Acme")
    pictured(window, "events-found")


def test_a_row_at_home_opens_the_invitation_form_for_its_resource(
    window: Window,
) -> None:
    home = window.home_of("Ada")
    window.chooses("Invite…", "Acme (acme)", home)
    expect(window.modal.get_by_role("button", name="Remove Acme")).to_be_visible()
    pictured(window, "invite-from-row")


def test_home_shows_the_first_steps_in_a_new_workspace_and_to_people_without_roles(
    window: Window, harness: AppHarness
) -> None:
    home = window.home_of("Carl")
    expect(home).to_contain_text("To get access")
    expect(home).to_contain_text("@Ada Lindqvist, who looks after this Slack workspace")
    pictured(window, "home-nothing-yet")
    harness.run_command("ada", "/collab delete acme")
    harness.press_button("ada", harness.latest_message("ada", "general"), "delete")
    home = window.home_of("Ada")
    for step in ("1. Create a company.", "2. Invite people.", "3. Link a channel."):
        expect(home).to_contain_text(step)
    expect(window.button("Invite", home)).to_be_visible()
    pictured(window, "home-new-workspace")


def test_keys_are_marked_as_rotated_by_clicking(
    window: Window, harness: AppHarness
) -> None:
    for line in ("create app Shop in acme", "invite @carl admin acme"):
        harness.run_command("ada", f"/collab {line}")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    home = window.home_of("Carl")
    window.chooses("Leave…", "Acme (acme)", home)
    window.button("Leave", window.modal).click()
    window.sends("Close")
    home = window.home_of("Ada")
    expect(home).to_contain_text("1 thing needs new service passwords and deploy keys")
    pictured(window, "home-keys")
    window.button("Keys to rotate", home).click()
    pictured(window, "keys")
    window.button("Rotated", window.modal).click()
    expect(window.modal).to_contain_text("The keys of Shop are new")
    window.sends("Close")
    expect(window.button("Keys to rotate", home)).to_have_count(0)
