"""Channels are linked, changed and unlinked in the page by clicking alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


def channel_row(slack_page: PlaygroundPage, channel: str) -> Locator:
    """Return the row of a channel in the modal."""
    return slack_page.modal.locator(".block-section").filter(
        has_text=re.compile(rf"^#{channel} gets updates about")
    )


def test_a_channel_is_linked_changed_and_unlinked_by_clicking(
    harness: AppHarness, slack_page: PlaygroundPage
) -> None:
    harness.run_command("ada", "/invite @Collab")
    slack_page.act_as("Ada")
    slack_page.page.get_by_role("tab", name="Home").click()
    home = slack_page.page.get_by_role("tabpanel", name="Home")
    with slack_page.at_most(6, "link a channel"):
        slack_page.button("Channels", home).click()
        expect(channel_row(slack_page, "acme")).to_contain_text(
            "Acme: joins, departures, removals, role changes and billing (as they happen)"
        )

        slack_page.button("Link a channel", slack_page.modal).click()
        expect(slack_page.modal).to_contain_text("Updates about")
        slack_page.pick_option_by_keys("Updates about", "Acme", "acm")
        slack_page.pick_option_by_keys("Channel", "general", "gen")
        expect(slack_page.modal).to_contain_text(
            "open the channel and type: /invite @Collab"
        )
        slack_page.modal.get_by_role("checkbox", name="Billing").uncheck()
        slack_page.modal.get_by_role("checkbox", name="Invitations").check()
        slack_page.modal.get_by_role("radio", name="Daily digest").check()
        slack_page.modal.get_by_role("button", name="Link", exact=True).click()
    expect(slack_page.modal).to_contain_text(
        "Linked. Updates about Acme will be posted in #general"
    )
    expect(channel_row(slack_page, "general")).to_contain_text(
        "role changes and invitations (as a daily digest at 09:00"
    )

    slack_page.choose_in_menu("Change…", channel_row(slack_page, "general"))
    slack_page.modal.get_by_role("radio", name="As it happens").check()
    slack_page.modal.get_by_role("button", name="Link", exact=True).click()
    expect(channel_row(slack_page, "general")).to_contain_text("as they happen")

    slack_page.choose_in_menu("Unlink…", channel_row(slack_page, "acme"))
    slack_page.press("Unlink", slack_page.modal)
    expect(slack_page.modal).to_contain_text(
        "Updates about Acme are no longer posted in #acme"
    )
    expect(channel_row(slack_page, "acme")).to_have_count(0)
    slack_page.submit_modal("Close")
