"""Linking a channel in the playground's page: by clicking alone, from Home, and what the channel then hears."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


def row(window: Window, channel: str) -> Locator:
    """A channel in the window of channels."""
    return window.modal.locator(".block-section").filter(
        has_text=re.compile(rf"^#{channel} hears of")
    )


def test_a_channel_is_linked_changed_and_unlinked_by_clicking(
    harness: AppHarness, window: Window
) -> None:
    harness.run_command("ada", "/invite @Collab")
    window.act_as("Ada")
    window.page.get_by_role("tab", name="Home").click()
    home = window.page.get_by_role("tabpanel", name="Home")
    window.button("Channels", home).click()
    expect(row(window, "acme")).to_contain_text(
        "Acme: joins, leaves, removals, roles and billing; each at once"
    )

    window.button("Link a channel", window.modal).click()
    expect(window.modal).to_contain_text("What it hears of")
    window.picks_by_keys("What it hears of", "Acme", "acm")
    window.picks_by_keys("Channel", "general", "gen")
    expect(window.modal).to_contain_text("open the channel and type: /invite @Collab")
    window.modal.get_by_role("checkbox", name="Billing").uncheck()
    window.modal.get_by_role("checkbox", name="Invitations").check()
    window.modal.get_by_role("radio", name="Together, every day").check()
    window.modal.get_by_role("button", name="Link", exact=True).click()
    expect(window.modal).to_contain_text("Linked. #general is told of Acme")
    expect(row(window, "general")).to_contain_text(
        "roles and invitations; together, every day at 09:00"
    )

    window.choose("Change…", row(window, "general"))
    window.modal.get_by_role("radio", name="Each at once").check()
    window.modal.get_by_role("button", name="Link", exact=True).click()
    expect(row(window, "general")).to_contain_text("each at once")

    window.choose("Unlink", row(window, "acme"))
    expect(window.modal).to_contain_text("#acme no longer hears of Acme")
    expect(row(window, "acme")).to_have_count(0)
    window.sends("Close")
