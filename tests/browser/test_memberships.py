"""An agency's scenario in the playground's page: typed commands, buttons and windows, as its people would do it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import Window
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def agency(window: Window, harness: AppHarness) -> Window:
    """Ada's company Pixel with two apps and two teams; Bo manages its people, and #acme hears of it."""
    for line, part in {
        "create company Pixel": "*Pixel* is there, and you are an owner of it",
        "create app Shop in pixel": "*Shop* is there, in *Pixel*",
        "create app Blog in pixel": "*Blog* is there, in *Pixel*",
        "create team Crew": "*Crew* is there, and you are an unlimited member of it",
        "create team Bench": "*Bench* is there",
        "link pixel": "is told of *Pixel*",
        "invite @bo admin pixel": "You invited",
    }.items():
        assert part in str(
            harness.run_command("ada", f"/collab {line}", channel="acme")
        ), line
    accepts(window, "Bo", "Pixel as admin")
    window.act_as("Ada", "#acme")
    return window


def accepts(window: Window, person: str, offer: str) -> None:
    """Somebody presses Accept."""
    window.act_as(person)
    asked = window.message(re.compile(f"invites (you|your team Bench) to {offer}"))
    window.press("Accept", asked)
    expect(asked).to_contain_text("You accepted this invitation")


def freelancer_joins(window: Window) -> None:
    """Devi is invited to both apps at once for 30 days and accepts; the page is left as Ada in #acme."""
    answer = window.asks("/collab invite @devi developer shop blog for 30d")
    expect(answer).to_contain_text(
        "You invited @Devi Rao to Shop and Blog as developer for 30 days"
    )
    accepts(
        window, "Devi", "Shop and Blog as developer for 30 days from the day you accept"
    )
    window.act_as("Ada", "#acme")
    window.message(
        re.compile(
            "@Devi Rao joined Shop as a developer until .* @Ada Lindqvist invited them"
        )
    )
    window.message(re.compile("@Devi Rao joined Blog as a developer until"))


def ends(window: Window, line: str, button: str) -> Locator:
    """A removal or a leave: typed, shown, confirmed; gives the message that is left, with Undo."""
    preview = window.asks(f"/collab {line}")
    expect(window.button("Cancel", preview)).to_be_visible()
    window.press(button, preview)
    expect(preview).to_contain_text("Undo takes it back for ten minutes")
    return preview


def test_a_member_is_promoted_demoted_removed_and_restored(agency: Window) -> None:
    freelancer_joins(agency)
    agency.act_as("Bo", "#acme")
    expect(agency.asks("/collab role @devi manager shop")).to_contain_text(
        "@Devi Rao is now a manager of Shop"
    )
    agency.replies_to("@Devi Rao joined Shop")
    agency.message("@Bo Chen changed it.")
    agency.act_as("Ada", "#acme")
    expect(agency.asks("/collab role @devi admin pixel")).to_contain_text(
        "is now an admin of Pixel"
    )
    agency.message("@Ada Lindqvist made @Devi Rao an admin of Pixel.")
    why = agency.asks("/collab why @devi shop code")
    expect(why).to_contain_text(
        re.compile(
            "in 2 ways:.*manager of Shop.*admin of Pixel → admin of Shop", re.DOTALL
        )
    )
    lowered = agency.asks("/collab role @devi collaborator pixel keep shop blog")
    expect(lowered).to_contain_text(
        re.compile("They keep:.*Blog as developer.*Shop as manager", re.DOTALL)
    )

    agency.act_as("Bo", "#acme")
    left = ends(agency, "remove @devi shop", "Remove")
    expect(agency.asks("/collab keys")).to_contain_text(
        "Rotate the service passwords and deploy keys of 1 thing"
    )
    agency.press("Undo", left)
    expect(left).to_contain_text("@Devi Rao is a manager of Shop again")
    expect(agency.button("Undo", left)).to_have_count(0)
    ends(agency, "remove @devi shop", "Remove")
    expect(agency.asks("/collab undo")).to_contain_text(
        "@Devi Rao is a manager of Shop again"
    )
    expect(agency.asks("/collab undo")).to_contain_text("This was undone already")

    agency.act_as("Devi")
    agency.message("@Bo Chen removed you from Shop. You were a manager")
    agency.message(
        re.compile(
            "You are a manager of Shop again until .* @Bo Chen undid the removal"
        )
    )


def test_an_ending_membership_is_announced_and_extended_by_button(
    agency: Window, harness: AppHarness
) -> None:
    freelancer_joins(agency)
    harness.advance_time(days=24)
    agency.act_as("Devi")
    agency.message(
        re.compile("You are a developer of Blog until .* If you still need it then")
    )
    agency.act_as("Ada")
    warning = agency.message("@Devi Rao is a developer of Blog until")
    agency.press("Extend", warning)
    expect(agency.button("Extend", warning)).to_have_count(0)
    agency.act_as("Devi")
    agency.message(
        "@Ada Lindqvist extended your time: you are a developer of Blog until"
    )

    harness.advance_time(days=10)
    agency.message("Your time as a developer of Shop came to its end")
    agency.act_as("Ada")
    agency.message(
        re.compile(
            "The time of @Devi Rao as a developer of Shop came to its end.*Rotate",
            re.DOTALL,
        )
    )


def test_an_owner_leaves_and_the_last_one_cannot_leave(
    agency: Window,
) -> None:
    agency.asks('/collab invite @carl owner pixel note "Your company, from now on."')
    accepts(agency, "Carl", "Pixel as owner")
    agency.act_as("Ada", "#acme")
    agency.message("@Carl Mendes joined Pixel as an owner")
    ends(agency, "leave pixel", "Leave")
    agency.message("@Ada Lindqvist left Pixel. They were an owner")
    agency.act_as("Carl", "#acme")
    expect(agency.asks("/collab leave pixel")).to_contain_text(
        "Pixel needs an owner who stays"
    )
    expect(agency.asks("/collab why @ada pixel view")).to_contain_text(
        "cannot see Pixel: they hold no role there"
    )


def test_successors_of_deactivated_owners_are_chosen_by_form_and_by_command(
    agency: Window,
) -> None:
    agency.asks("/collab invite @carl owner pixel")
    accepts(agency, "Carl", "Pixel as owner")
    agency.act_as("Ada", "#acme")
    ends(agency, "leave pixel", "Leave")
    account(agency, "Deactivate Carl")
    expect(agency.who("Carl")).to_have_count(0)

    agency.act_as("Bo")
    card = agency.message(
        "The account of @Carl Mendes was deactivated, and Pixel is without an owner"
    )
    agency.press("Choose", card)
    expect(agency.modal).to_contain_text(
        "Who follows @Carl Mendes as owner of Pixel? Your choice settles it."
    )
    agency.modal.get_by_role("combobox", name="Person").fill("Bo")
    agency.page.get_by_role("option", name="Bo Chen").click()
    agency.modal.get_by_role("button", name="Choose", exact=True).click()
    expect(agency.modal).to_contain_text("@Bo Chen follows as owner of Pixel")
    agency.modal.get_by_role("button", name="Close", exact=True).last.click()
    expect(card).to_contain_text("@Bo Chen follows @Carl Mendes as owner of Pixel")
    expect(agency.live_buttons).to_have_count(0)

    account(agency, "Let Carl return")
    agency.act_as("Carl", "#acme")
    expect(agency.asks("/collab members pixel")).to_contain_text("@Carl Mendes, owner")
    account(agency, "Deactivate Bo")
    expect(agency.who("Bo")).to_have_count(0)
    account(agency, "Deactivate Carl")
    agency.act_as("Ada")
    agency.message("was deactivated, and Pixel is without an owner")
    agency.go("#acme")
    settled = agency.asks("/collab successor @devi pixel")
    expect(settled).to_contain_text("@Devi Rao follows as owner of Pixel")


def account(window: Window, choice: str) -> None:
    """Something that the workspace's own administration does."""
    window.page.get_by_role("button", name="Accounts").click()
    window.page.get_by_role("menuitem", name=choice).click()


def test_a_request_is_granted_and_another_declined_by_button(agency: Window) -> None:
    freelancer_joins(agency)
    agency.act_as("Devi", "#acme")
    asked = agency.asks('/collab request manager shop note "I configure it daily"')
    expect(asked).to_contain_text("2 people who may grant it got a message")
    agency.act_as("Bo")
    card = agency.message("@Devi Rao asks to be a manager of Shop")
    agency.press("Grant", card)
    expect(card).to_contain_text("@Bo Chen granted it")
    agency.act_as("Devi")
    agency.message("@Bo Chen granted your request: you are now a manager of Shop")
    agency.go("#acme")
    agency.asks("/collab request admin shop")
    agency.act_as("Ada")
    card = agency.message("@Devi Rao asks to be an admin of Shop")
    agency.press("Decline", card)
    agency.modal.get_by_role("textbox", name="Reason").fill("Next year")
    agency.sends("Decline")
    expect(card).to_contain_text("@Ada Lindqvist declined it")
    expect(agency.live_buttons).to_have_count(0)
    agency.act_as("Devi")
    agency.message(
        re.compile(
            "@Ada Lindqvist declined your request to be an admin of Shop.*Next year",
            re.DOTALL,
        )
    )


def test_an_app_is_shared_with_a_team_and_explained_by_why(agency: Window) -> None:
    expect(agency.asks("/collab share blog with crew as developer")).to_contain_text(
        "Crew is now a developer of Blog"
    )
    agency.asks("/collab invite @carl limited crew")
    accepts(agency, "Carl", "Crew as limited member")
    agency.act_as("Ada", "#acme")
    expect(agency.asks("/collab assign @carl blog in crew")).to_contain_text(
        "Blog is now assigned to @Carl Mendes"
    )
    for line, path in {
        "why @carl blog code": "limited member of Crew → developer of Blog",
        "why @bo blog scale": "admin of Pixel → admin of Blog",
        "why @ada shop delete": "owner of Pixel → admin of Shop",
    }.items():
        expect(agency.asks(f"/collab {line}")).to_contain_text(path)


def test_the_audit_log_is_paged_and_exported(agency: Window, tmp_path: Path) -> None:
    freelancer_joins(agency)
    agency.asks("/collab role @devi manager shop")
    ends(agency, "remove @devi shop", "Remove")
    agency.asks("/collab undo")
    for name in ("Docs", "Mail", "Jobs", "News", "Maps", "Chat"):
        agency.asks(f"/collab create app {name} in pixel")
    several = agency.asks(
        "/collab invite @carl nobody@ client@studio.example.com accountant pixel"
    )
    expect(several).to_contain_text("You named 3 people. This is what became of each.")
    expect(several).to_contain_text("I cannot tell who nobody@ is")
    expect(several).to_contain_text(
        "You invited client@studio.example.com to Pixel as accountant"
    )

    story = agency.asks("/collab events pixel")
    expect(story).to_contain_text(
        "Shop: @Ada Lindqvist undid it: @Devi Rao is a manager again"
    )
    expect(story).to_contain_text(
        "Shop: @Ada Lindqvist made @Devi Rao a manager; before, they were a developer"
    )
    agency.press("Next page", story)
    expect(story).to_contain_text("@Ada Lindqvist created Pixel")

    expect(agency.asks("/collab events pixel export")).to_contain_text(
        "The file is on its way"
    )
    agency.go("Collab")
    sent = agency.message("events of Pixel and what stands in it, newest first")
    with agency.page.expect_download() as download:
        sent.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "events.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "events.csv").read_text())))
    assert [row["name"] for row in rows][-1] == "company.created"
    assert {"Pixel", "Shop", "Blog"} <= {row["on"] for row in rows}


def test_only_workspace_admins_change_settings(agency: Window) -> None:
    expect(agency.who("Ada")).to_have_accessible_name("Ada, admin of the workspace")
    expect(agency.asks("/collab settings lifetime 14d")).to_contain_text(
        "lifetime is now 14d"
    )
    agency.act_as("Bo", "#acme")
    expect(agency.asks("/collab settings lifetime 1d")).to_contain_text(
        "Only admins of this Slack workspace"
    )
    expect(agency.asks("/collab settings")).to_contain_text(
        "an invitation is open for 14 days (set here)"
    )


def test_the_person_who_linked_a_channel_is_notified_when_the_app_leaves_it(
    agency: Window,
) -> None:
    agency.says("/remove @Collab")
    agency.go("Collab")
    agency.message("Collab is no longer in #acme, so it no longer hears of Pixel")
