"""Memberships, requests, successions and the event log, in the page."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.playground_page import PlaygroundPage
from tests.support.app_harness import AppHarness

pytestmark = pytest.mark.browser


@pytest.fixture
def agency_page(slack_page: PlaygroundPage, harness: AppHarness) -> PlaygroundPage:
    """Return the page with Ada's Pixel, two apps and two teams; #acme is linked."""
    for line, part in {
        "create company Pixel": "Created *Pixel*. You're its owner.",
        "create app Shop in pixel": "Created *Shop* in *Pixel*",
        "create app Blog in pixel": "Created *Blog* in *Pixel*",
        "create team Crew": "Created *Crew*. You're a full member.",
        "create team Bench": "Created *Bench*",
        "link pixel": "Updates about *Pixel* will be posted",
        "invite @bo admin pixel": "You invited",
    }.items():
        assert part in str(
            harness.run_command("ada", f"/collab {line}", channel="acme")
        ), line
    accept_offer(slack_page, "Bo", "Pixel as an admin")
    slack_page.act_as("Ada", "#acme")
    return slack_page


def accept_offer(slack_page: PlaygroundPage, user_name: str, offer: str) -> None:
    """Accept an invitation."""
    slack_page.act_as(user_name)
    invitation = slack_page.message(
        re.compile(f"invited (you|your team Bench) to {offer}")
    )
    slack_page.press("Accept", invitation)
    expect(invitation).to_contain_text("You accepted this invitation")


def invite_freelancer(slack_page: PlaygroundPage) -> None:
    """Invite Devi to two apps for 30 days and accept; ends as Ada in #acme."""
    answer = slack_page.run_command("/collab invite @devi developer shop blog for 30d")
    expect(answer).to_contain_text(
        "You invited @Devi Rao to Shop and Blog as a developer for 30 days"
    )
    accept_offer(
        slack_page,
        "Devi",
        "Shop and Blog as a developer for 30 days from the day you accept",
    )
    slack_page.act_as("Ada", "#acme")
    slack_page.message(
        re.compile("Devi joined Shop and Blog as a developer until .* Invited by Ada")
    )


def confirm_removal(slack_page: PlaygroundPage, line: str, button: str) -> Locator:
    """Confirm a removal or a leave and return its message, which has Undo."""
    preview = slack_page.run_command(f"/collab {line}")
    expect(slack_page.button("Cancel", preview)).to_be_visible()
    slack_page.press(button, preview)
    expect(preview).to_contain_text("You can undo this for 10 minutes")
    return preview


def test_a_member_is_promoted_demoted_removed_and_restored(
    agency_page: PlaygroundPage,
) -> None:
    invite_freelancer(agency_page)
    agency_page.act_as("Bo", "#acme")
    expect(agency_page.run_command("/collab role @devi manager shop")).to_contain_text(
        "You changed the role of @Devi Rao on Shop from developer to manager"
    )
    agency_page.open_thread("Devi joined Shop")
    agency_page.message("Bo changed Devi's role on Shop from developer to manager")
    agency_page.act_as("Ada", "#acme")
    expect(agency_page.run_command("/collab role @devi admin pixel")).to_contain_text(
        "is now an admin of Pixel"
    )
    agency_page.message("Ada added Devi to Pixel as an admin.")
    why = agency_page.run_command("/collab why @devi shop code")
    expect(why).to_contain_text(
        re.compile(
            "in 2 ways:.*manager of Shop.*admin of Pixel → admin of Shop", re.DOTALL
        )
    )
    lowered = agency_page.run_command(
        "/collab role @devi collaborator pixel keep shop blog"
    )
    expect(lowered).to_contain_text("They'll no longer be able to")
    agency_page.press("Change role", lowered)
    expect(lowered).to_contain_text(
        re.compile("They keep:.*Blog as a developer.*Shop as a manager", re.DOTALL)
    )

    agency_page.act_as("Bo", "#acme")
    removal = confirm_removal(agency_page, "remove @devi shop", "Remove")
    expect(agency_page.run_command("/collab keys")).to_contain_text(
        "Rotate the passwords and deploy keys of 1 app or database"
    )
    agency_page.press("Undo", removal)
    expect(removal).to_contain_text("@Devi Rao is a manager of Shop again")
    expect(agency_page.button("Undo", removal)).to_have_count(0)
    confirm_removal(agency_page, "remove @devi shop", "Remove")
    expect(agency_page.run_command("/collab undo")).to_contain_text(
        "@Devi Rao is a manager of Shop again"
    )
    expect(agency_page.run_command("/collab undo")).to_contain_text(
        "This can't be undone any more"
    )

    agency_page.act_as("Devi")
    agency_page.message("@Bo Chen removed you from Shop. You were a manager")
    agency_page.message(
        re.compile("You're a manager of Shop again until .* @Bo Chen undid the removal")
    )


def test_an_ending_membership_is_announced_and_extended_by_button(
    agency_page: PlaygroundPage, harness: AppHarness
) -> None:
    invite_freelancer(agency_page)
    harness.advance_time(days=24)
    agency_page.act_as("Devi")
    agency_page.message(
        re.compile(
            "Your developer access to Shop and Blog ends .* If you need it longer"
        )
    )
    agency_page.act_as("Ada")
    warning = agency_page.message("@Devi Rao's developer access to Shop and Blog ends")
    agency_page.press("Extend all", warning)
    expect(agency_page.button("Extend all", warning)).to_have_count(0)
    agency_page.act_as("Devi")
    agency_page.message(
        "@Ada Lindqvist extended your developer access to Shop and Blog until"
    )

    harness.advance_time(days=37)
    agency_page.message("Your developer access to Shop and Blog has ended")
    agency_page.act_as("Ada")
    agency_page.message(
        re.compile(
            "@Devi Rao's developer access to Shop and Blog has ended.*Rotate",
            re.DOTALL,
        )
    )


def test_an_owner_leaves_and_the_last_one_cannot_leave(
    agency_page: PlaygroundPage,
) -> None:
    agency_page.run_command(
        '/collab invite @carl owner pixel note "Your company, from now on."'
    )
    accept_offer(agency_page, "Carl", "Pixel as an owner")
    agency_page.act_as("Ada", "#acme")
    agency_page.message("Carl joined Pixel as an owner")
    confirm_removal(agency_page, "leave pixel", "Leave")
    agency_page.message("Ada left Pixel. They were an owner")
    agency_page.act_as("Carl", "#acme")
    expect(agency_page.run_command("/collab leave pixel")).to_contain_text(
        "Pixel needs an owner, and there"
    )
    expect(agency_page.run_command("/collab why @ada pixel view")).to_contain_text(
        "can't see Pixel: they have no role there"
    )


def test_successors_of_deactivated_owners_are_chosen_by_form_and_by_command(
    agency_page: PlaygroundPage,
) -> None:
    agency_page.run_command("/collab invite @carl owner pixel")
    accept_offer(agency_page, "Carl", "Pixel as an owner")
    agency_page.act_as("Ada", "#acme")
    confirm_removal(agency_page, "leave pixel", "Leave")
    change_account(agency_page, "Deactivate Carl")
    expect(agency_page.user_choice("Carl")).to_have_count(0)

    agency_page.act_as("Bo")
    card = agency_page.message(
        "@Carl Mendes's account was deactivated, so Pixel needs a new owner"
    )
    agency_page.press("Choose", card)
    expect(agency_page.modal).to_contain_text(
        "Who takes over from @Carl Mendes as owner of Pixel? Your choice is final."
    )
    agency_page.modal.get_by_role("combobox", name="Person").fill("Bo")
    agency_page.page.get_by_role("option", name="Bo Chen").click()
    agency_page.modal.get_by_role("button", name="Choose", exact=True).click()
    expect(agency_page.modal).to_contain_text("@Bo Chen takes over as owner of Pixel")
    agency_page.modal.get_by_role("button", name="Close", exact=True).last.click()
    expect(card).to_contain_text(
        "@Bo Chen took over from @Carl Mendes as owner of Pixel"
    )
    expect(agency_page.button("Choose")).to_have_count(0)

    change_account(agency_page, "Reactivate Carl")
    agency_page.act_as("Carl", "#acme")
    expect(agency_page.run_command("/collab members pixel")).to_contain_text(
        re.compile(r"Owners.*@Carl Mendes \(you\)")
    )
    change_account(agency_page, "Deactivate Bo")
    expect(agency_page.user_choice("Bo")).to_have_count(0)
    change_account(agency_page, "Deactivate Carl")
    agency_page.act_as("Ada")
    agency_page.message("was deactivated, so Pixel needs a new owner")
    agency_page.go_to("#acme")
    answer = agency_page.run_command("/collab successor @devi pixel")
    expect(answer).to_contain_text("@Devi Rao takes over as owner of Pixel")


def change_account(slack_page: PlaygroundPage, choice: str) -> None:
    """Choose in the menu of the workspace's administration."""
    slack_page.page.get_by_role("button", name="Accounts").click()
    slack_page.page.get_by_role("menuitem", name=choice).click()


def test_a_request_is_granted_and_another_declined_by_button(
    agency_page: PlaygroundPage,
) -> None:
    invite_freelancer(agency_page)
    agency_page.act_as("Devi", "#acme")
    answer = agency_page.run_command(
        '/collab request manager shop note "I configure it daily"'
    )
    expect(answer).to_contain_text("I asked 2 people who can approve it")
    agency_page.act_as("Bo")
    card = agency_page.message("@Devi Rao requested manager access to Shop")
    with agency_page.at_most(1, "approve a request"):
        agency_page.press("Approve", card)
    expect(card).to_contain_text("@Bo Chen approved this request")
    agency_page.act_as("Devi")
    agency_page.message("@Bo Chen approved your request. You're now a manager of Shop")
    agency_page.go_to("#acme")
    agency_page.run_command("/collab request admin shop")
    agency_page.act_as("Ada")
    card = agency_page.message("@Devi Rao requested admin access to Shop")
    agency_page.press("Decline", card)
    agency_page.modal.get_by_role("textbox", name="Reason").fill("Next year")
    agency_page.submit_modal("Decline")
    expect(card).to_contain_text("@Ada Lindqvist declined this request")
    expect(agency_page.message_buttons).to_have_count(0)
    agency_page.act_as("Devi")
    agency_page.message(
        re.compile(
            "@Ada Lindqvist declined your request for admin access to Shop.*Next year",
            re.DOTALL,
        )
    )


def test_an_app_is_shared_with_a_team_and_explained_by_why(
    agency_page: PlaygroundPage,
) -> None:
    expect(
        agency_page.run_command("/collab share blog with crew as developer")
    ).to_contain_text("Crew is now a developer of Blog")
    agency_page.run_command("/collab invite @carl limited crew")
    accept_offer(agency_page, "Carl", "Crew as a limited member")
    agency_page.act_as("Ada", "#acme")
    expect(
        agency_page.run_command("/collab assign @carl blog in crew")
    ).to_contain_text("Assigned Blog to @Carl Mendes")
    for line, path in {
        "why @carl blog code": "limited member of Crew → developer of Blog",
        "why @bo blog scale": "admin of Pixel → admin of Blog",
        "why @ada shop delete": "owner of Pixel → admin of Shop",
    }.items():
        expect(agency_page.run_command(f"/collab {line}")).to_contain_text(path)


def test_the_event_log_is_paged_and_exported(
    agency_page: PlaygroundPage, tmp_path: Path
) -> None:
    invite_freelancer(agency_page)
    agency_page.run_command("/collab role @devi manager shop")
    confirm_removal(agency_page, "remove @devi shop", "Remove")
    agency_page.run_command("/collab undo")
    for name in ("Docs", "Mail", "Jobs", "News", "Maps", "Chat"):
        agency_page.run_command(f"/collab create app {name} in pixel")
    answer = agency_page.run_command(
        "/collab invite @carl nobody@ client@studio.example.com accountant pixel"
    )
    expect(answer).to_contain_text("Results for 3 people:")
    expect(answer).to_contain_text("I can't tell who nobody@ is")
    expect(answer).to_contain_text(
        "You invited client@studio.example.com to Pixel as an accountant"
    )

    log = agency_page.run_command("/collab events pixel")
    expect(log).to_contain_text(
        "Shop: @Ada Lindqvist undid it: @Devi Rao is a manager again"
    )
    expect(log).to_contain_text(
        "Shop: @Ada Lindqvist changed @Devi Rao's role from developer to manager"
    )
    agency_page.press("Next page", log)
    expect(log).to_contain_text("@Ada Lindqvist created Pixel")

    expect(agency_page.run_command("/collab events pixel export")).to_contain_text(
        "I'll send you the file"
    )
    agency_page.go_to("Collab")
    sent = agency_page.message("events from Pixel and everything in it, newest first")
    with agency_page.page.expect_download() as download:
        sent.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "events.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "events.csv").read_text())))
    assert [row["name"] for row in rows][-1] == "company.created"
    assert {"Pixel", "Shop", "Blog"} <= {row["on"] for row in rows}


def test_only_workspace_admins_change_settings(agency_page: PlaygroundPage) -> None:
    expect(agency_page.user_choice("Ada")).to_have_accessible_name(
        "Ada, workspace admin"
    )
    expect(agency_page.run_command("/collab settings lifetime 14d")).to_contain_text(
        "lifetime is now 14d"
    )
    agency_page.act_as("Bo", "#acme")
    expect(agency_page.run_command("/collab settings lifetime 1d")).to_contain_text(
        "Only admins of this Slack workspace"
    )
    expect(agency_page.run_command("/collab settings")).to_contain_text(
        "invitations expire after 14 days (set here)"
    )


def test_the_person_who_linked_a_channel_is_notified_when_the_app_leaves_it(
    agency_page: PlaygroundPage,
) -> None:
    agency_page.send_line("/remove @Collab")
    agency_page.go_to("Collab")
    agency_page.message("I'm no longer in #acme")
