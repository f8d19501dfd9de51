"""Memberships of a Slack Connect partner and of a user of another workspace."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser
OTHER_TEAM_ID = "T0ACMEWEST"


@pytest.fixture
def organisation() -> str:
    """Return the organisation that the workspace belongs to."""
    return "E0ACMEGRID"


@pytest.fixture
def agency_page(slack_page: PlaygroundPage, harness: AppHarness) -> PlaygroundPage:
    """Return the page with Ada's Pixel and its app.

    Gita of another workspace is in #acme, and the app is in #partners.
    """
    harness.playground.add_user(
        "gita",
        ("acme",),
        real_name="Gita Nair",
        team_id=OTHER_TEAM_ID,
        workspaces=(OTHER_TEAM_ID,),
        title="Producer",
    )
    for line in ("create company Pixel", "create app Shop in pixel"):
        assert "Created " in str(
            harness.run_command("ada", f"/collab {line}", channel="acme")
        )
    harness.run_command("ada", "/invite @collab", channel="partners")
    slack_page.act_as("Ada", "#acme")
    return slack_page


def accept_offer(slack_page: PlaygroundPage, person: str, offer: str) -> None:
    """Accept an invitation in the app's messages."""
    slack_page.act_as(person)
    invitation = slack_page.message(f"invited you to {offer}")
    slack_page.press("Accept", invitation)
    expect(invitation).to_contain_text("You accepted this invitation")


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize(("person", "home_first"), [("Eve", True), ("Gita", False)])
def test_a_user_of_another_workspace_is_invited_promoted_removed_and_restored(
    agency_page: PlaygroundPage, person: str, home_first: bool
) -> None:
    name, mention = (
        ("Eve Martin", "@eve") if person == "Eve" else ("Gita Nair", "@gita")
    )
    if home_first:
        home = agency_page.open_home(person)
        expect(home).to_contain_text("You don't have access to anything yet")
        expect(agency_page.button("Create", home)).to_have_count(0)
        agency_page.act_as("Ada", "#acme")
    marked = f"@{name} (external, Evecorp)" if home_first else f"@{name} (external)"
    expect(
        agency_page.run_command(f"/collab invite {mention} developer shop")
    ).to_contain_text(f"You invited {marked} to Shop")
    accept_offer(agency_page, person, "Shop as a developer")
    agency_page.act_as("Ada", "#acme")
    agency_page.send_line(f"/collab invite {mention} admin pixel")
    expect(agency_page.modal).to_contain_text(f"{marked} isn't a full member")
    agency_page.modal.get_by_role("button", name="Invite", exact=True).click()
    expect(agency_page.modal).to_contain_text(f"You invited {marked} to Pixel")
    agency_page.submit_modal("Close")
    accept_offer(agency_page, person, "Pixel as an admin")

    agency_page.act_as("Ada", "#acme")
    expect(
        agency_page.run_command(f"/collab invite {mention} admin pixel")
    ).to_contain_text(f"@{name} is already an admin of Pixel")
    role_preview = agency_page.run_command(f"/collab role {mention} manager shop")
    expect(role_preview).to_contain_text(f"Change the role of {marked} on Shop")
    agency_page.press("Change role", role_preview)
    expect(role_preview).to_contain_text("on Shop from developer to manager")
    expect(agency_page.run_command(f"/collab why {mention} shop code")).to_contain_text(
        "in 2 ways"
    )
    expect(agency_page.run_command("/collab members pixel")).to_contain_text(
        re.compile(f"Admins.*@{name}.* · external")
    )
    preview = agency_page.run_command(f"/collab remove {mention} pixel")
    expect(preview).to_contain_text(f"Remove {marked} from Pixel")
    agency_page.press("Remove", preview)
    expect(preview).to_contain_text("You can undo this for 10 minutes")
    expect(agency_page.run_command(f"/collab why {mention} shop code")).to_contain_text(
        "can't deploy"
    )
    agency_page.press("Undo", preview)
    expect(preview).to_contain_text(f"@{name} is an admin of Pixel again")
    expect(agency_page.run_command(f"/collab why {mention} shop code")).to_contain_text(
        "in 2 ways"
    )
