"""An agency works with a Slack Connect partner and with a colleague from another workspace of its organisation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser
WEST = "T0ACMEWEST"


@pytest.fixture
def organisation() -> str:
    """The agency's workspace is one of several."""
    return "E0ACMEGRID"


@pytest.fixture
def agency(window: Window, harness: AppHarness) -> Window:
    """Ada's company Pixel with an app; Gita of another workspace is in #acme, and Collab is in #partners."""
    harness.playground.add_user(
        "gita",
        ("acme",),
        real_name="Gita Nair",
        team_id=WEST,
        workspaces=(WEST,),
        title="Producer",
    )
    for line in ("create company Pixel", "create app Shop in pixel"):
        assert "is there" in str(
            harness.run_command("ada", f"/collab {line}", channel="acme")
        )
    harness.run_command("ada", "/invite @collab", channel="partners")
    window.act_as("Ada", "#acme")
    return window


def accepts(window: Window, person: str, offer: str) -> None:
    """Somebody presses Accept in their messages."""
    window.act_as(person)
    asked = window.message(f"invites you to {offer}")
    window.press("Accept", asked)
    expect(asked).to_contain_text("You accepted this invitation")


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize(("person", "home_first"), [("Eve", True), ("Gita", False)])
def test_a_user_of_another_workspace_is_invited_promoted_removed_and_restored(
    agency: Window, person: str, home_first: bool
) -> None:
    name, mention = (
        ("Eve Martin", "@eve") if person == "Eve" else ("Gita Nair", "@gita")
    )
    if home_first:
        home = agency.home_of(person)
        expect(home).to_contain_text("Nothing waits for you")
        expect(agency.button("Create", home)).to_have_count(0)
        agency.act_as("Ada", "#acme")
    expect(agency.asks(f"/collab invite {mention} developer shop")).to_contain_text(
        f"You invited @{name} to Shop"
    )
    accepts(agency, person, "Shop as developer")
    agency.act_as("Ada", "#acme")
    expect(agency.asks(f"/collab invite {mention} admin pixel")).to_contain_text(
        f"You invited @{name} to Pixel"
    )
    accepts(agency, person, "Pixel as admin")

    agency.act_as("Ada", "#acme")
    expect(agency.asks(f"/collab invite {mention} admin pixel")).to_contain_text(
        f"@{name} is already an admin of Pixel"
    )
    expect(agency.asks(f"/collab role {mention} manager shop")).to_contain_text(
        f"@{name} is now a manager of Shop"
    )
    expect(agency.asks(f"/collab why {mention} shop code")).to_contain_text("in 2 ways")
    expect(agency.asks("/collab members pixel")).to_contain_text(
        re.compile(f"@{name}.*, admin, external")
    )
    preview = agency.asks(f"/collab remove {mention} pixel")
    expect(preview).to_contain_text(f"Remove @{name} from Pixel")
    agency.press("Remove", preview)
    expect(preview).to_contain_text("Undo takes it back for ten minutes")
    expect(agency.asks(f"/collab why {mention} shop code")).to_contain_text(
        "cannot deploy"
    )
    agency.press("Undo", preview)
    expect(preview).to_contain_text(f"@{name} is an admin of Pixel again")
    expect(agency.asks(f"/collab why {mention} shop code")).to_contain_text("in 2 ways")
