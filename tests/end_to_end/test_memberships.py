"""Memberships in the running app: invited, changed, ended, restored, and audited."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from collab.memberships.expiry import ExtendMembership
from collab.memberships.queries import ListMembers
from collab.model import Account, Caller
from tests.support.app_harness import AppHarness


@pytest.fixture(params=[True, False], ids=["seeded", "empty"])
def is_seeded(request: pytest.FixtureRequest) -> bool:
    """Return whether there is sample data: each way."""
    return bool(request.param)


@pytest.fixture
def agency_harness(harness: AppHarness) -> AppHarness:
    """Return the app with Ada's Pixel; Bo is admin, Devi develops two apps for 30 days."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    ):
        harness.run_command("ada", f"/collab {line}")
    harness.invite_and_accept("bo", "invite @bo admin pixel")
    harness.invite_and_accept("devi", "invite @devi developer shop blog for 30d")
    return harness


def confirm_removal(harness: AppHarness, by: str, line: str) -> dict[str, Any]:
    """Confirm a removal or a leave and return its message, which has Undo."""
    harness.run_command(by, line)
    preview = harness.latest_message(by, "general")
    harness.press_button(by, preview, "remove" if "remove" in line else "leave")
    return next(
        message
        for message in harness.playground.get_user(by).list_messages("general")
        if message["ts"] == preview["ts"]
    )


def has_message(harness: AppHarness, user_name: str, part: str) -> bool:
    """Return whether a user's direct messages from the app have this text."""
    return any(
        part in message["text"]
        for message in harness.playground.get_user(user_name).list_direct_messages()
    )


def latest_file(harness: AppHarness, user_name: str) -> tuple[str, str]:
    """Return name and content of the file in the user's latest message."""
    file = harness.latest_message(user_name)["files"][0]
    return file["name"], harness.playground.get_user(user_name).download_file(
        file
    ).decode()


@pytest.mark.rule("INV-01")
@pytest.mark.rule("MEM-10")
def test_an_invitation_to_two_apps_for_a_limited_time_expires(
    agency_harness: AppHarness,
) -> None:
    invitation_text = agency_harness.latest_message("devi")["text"]
    assert (
        "invited you to *Shop* and *Blog* as a *developer* for 30 days"
        in invitation_text
    )
    assert (
        "developer until"
        in agency_harness.run_command("ada", "/collab members blog")["text"]
    )

    agency_harness.advance_time(days=24)
    warnings = [
        message
        for message in agency_harness.ada.list_direct_messages()
        if "*Extend* adds 30 days" in str(message["blocks"])
    ]
    assert len(warnings) == 1
    assert has_message(agency_harness, "devi", "If you need it longer")
    agency_harness.press_button("ada", warnings[0], "extend")
    assert has_message(
        agency_harness,
        "devi",
        "<@UADA> extended your developer access to *Shop* and *Blog* until",
    )
    assert agency_harness.list_acting_buttons() == []

    agency_harness.advance_time(days=10)
    assert not has_message(agency_harness, "devi", "has ended")
    agency_harness.advance_time(days=26)
    assert has_message(
        agency_harness, "devi", "Your developer access to *Shop* and *Blog* has ended"
    )
    assert (
        "Rotate the passwords and deploy keys of 2 apps and databases"
        in agency_harness.run_command("ada", "/collab keys")["text"]
    )


@pytest.mark.rule("MEM-11")
def test_a_member_is_promoted_demoted_removed_and_restored(
    agency_harness: AppHarness,
) -> None:
    assert (
        "on *Shop* from developer to manager"
        in agency_harness.run_command("bo", "/collab role @devi manager shop")["text"]
    )
    agency_harness.run_command("ada", "/collab role @devi admin pixel")
    assert (
        "added you to *Pixel* as an admin"
        in agency_harness.latest_message("devi")["text"]
    )
    answer = agency_harness.confirm_command(
        "ada",
        "/collab role @devi collaborator pixel keep shop and blog",
        "role_change",
    )
    assert "They keep:" in answer
    assert "• *Shop* as a manager" in answer
    assert "• *Blog* as a developer" in answer

    removal = confirm_removal(agency_harness, "bo", "/collab remove @devi shop")
    assert "You can undo this for 10 minutes" in removal["text"]
    assert (
        "can't deploy"
        in agency_harness.run_command("ada", "/collab why @devi shop code")["text"]
    )
    assert (
        "*Shop* (`shop`)\n<@UDEVI> lost access"
        in agency_harness.run_command("bo", "/collab keys")["text"]
    )
    agency_harness.press_button("bo", removal, "undo")
    assert (
        "You have no keys to rotate"
        in agency_harness.run_command("bo", "/collab keys")["text"]
    )
    assert "You undid this." in agency_harness.latest_message("bo")["text"]
    assert has_message(agency_harness, "devi", "You're a manager of *Shop* again until")

    confirm_removal(agency_harness, "bo", "/collab remove @devi shop")
    assert (
        "manager of *Shop* again"
        in agency_harness.run_command("bo", "/collab undo")["text"]
    )
    assert "been undone" in agency_harness.run_command("bo", "/collab undo")["text"]

    confirm_removal(agency_harness, "bo", "/collab remove @devi shop")
    agency_harness.advance_time(minutes=11)
    assert (
        "too late to undo" in agency_harness.run_command("bo", "/collab undo")["text"]
    )
    assert (
        "The keys of *Shop* are marked as rotated"
        in agency_harness.run_command("bo", "/collab keys rotated shop")["text"]
    )
    assert (
        "You have no keys to rotate"
        in agency_harness.run_command("bo", "/collab keys")["text"]
    )


@pytest.mark.rule("ROL-02")
def test_why_explains_every_kind_of_access(agency_harness: AppHarness) -> None:
    for line in (
        "create team Crew",
        "create payment Card in pixel",
        "pay shop with card",
        "share blog crew developer",
    ):
        agency_harness.run_command("ada", f"/collab {line}")
    agency_harness.invite_and_accept("carl", "invite @carl limited crew")
    agency_harness.run_command("ada", "/collab assign @carl blog in crew")
    for user_name, what, capability, path in (
        ("ada", "shop", "delete", "owner of *Pixel* → admin of *Shop*"),
        ("ada", "shop", "view", "holder of *Card* → payer of *Shop*"),
        ("bo", "pixel", "create", "admin of *Pixel*"),
        ("bo", "blog", "scale", "admin of *Pixel* → admin of *Blog*"),
        ("devi", "shop", "code", "developer of *Shop*"),
        ("devi", "pixel", "view", "developer of *Shop* → collaborator of *Pixel*"),
        ("carl", "blog", "configure", "limited member of *Crew* → developer of *Blog*"),
        ("carl", "crew", "view", "limited member of *Crew*"),
    ):
        assert (
            path
            in agency_harness.run_command(
                "ada", f"/collab why @{user_name} {what} {capability}"
            )["text"]
        ), (user_name, what, capability)
    for line in (
        "why @bo pixel delete",
        "why @devi pixel create",
        "why @carl shop view",
        "why @devi shop scale",
    ):
        assert (
            " can't " in agency_harness.run_command("ada", f"/collab {line}")["text"]
        ), line


@pytest.mark.rule("MEM-04")
def test_an_owner_leaves_but_the_last_one_cannot(agency_harness: AppHarness) -> None:
    agency_harness.invite_and_accept(
        "carl", 'invite @carl owner pixel note "It is yours."'
    )
    leaving = confirm_removal(agency_harness, "ada", "/collab leave pixel")
    assert "You left *Pixel*" in leaving["text"]
    assert (
        "needs an owner, and there"
        in agency_harness.run_command("carl", "/collab leave pixel")["text"]
    )
    assert "deploy keys of Blog and Shop" in str(
        agency_harness.latest_message("carl")["blocks"]
    )

    agency_harness.press_button("ada", leaving, "undo")
    assert (
        "an owner of *Pixel* again"
        in agency_harness.latest_message("ada", "general")["text"]
    )
    agency_harness.run_command("ada", "/collab leave pixel")


@pytest.mark.rule("EVT-03")
def test_the_event_log_is_complete_filtered_and_exported(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab role @devi manager shop")
    confirm_removal(agency_harness, "bo", "/collab remove @devi blog")
    agency_harness.run_command("bo", "/collab undo")
    agency_harness.run_command("ada", "/collab invite @carl owner pixel")
    agency_harness.press_button(
        "carl", agency_harness.latest_message("carl"), "decline"
    )
    agency_harness.wait_for_view("carl")
    agency_harness.carl.submit_view({"note": "Ask me in spring"})
    agency_harness.drain_outbox()

    log_text = agency_harness.run_command("ada", "/collab events pixel")["text"]
    for part in (
        "<@UADA> created *Pixel*",
        "<@UADA> invited <@UDEVI> as a developer for 30 days, here and to 1 more item",
        "<@UADA> changed <@UDEVI>'s role from developer to manager",
        "<@UBO> removed <@UDEVI>, who was a developer",
        "<@UBO> undid it",
        "<@UCARL> declined the invitation",
    ):
        assert part in log_text, part
    assert "spring" not in log_text
    filtered_text = agency_harness.run_command(
        "ada", "/collab events pixel by @bo about @devi only member since 1d"
    )["text"]
    assert "removed" in filtered_text
    assert "created" not in filtered_text

    assert (
        "I'll send you"
        in agency_harness.run_command("ada", "/collab events pixel export")["text"]
    )
    name, content = latest_file(agency_harness, "ada")
    assert content.startswith("\ufeffworkspace,seq,")
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))
    assert name == "events-pixel.csv"
    assert (
        f"{len(rows)} events from Pixel" in agency_harness.latest_message("ada")["text"]
    )
    assert {row["name"] for row in rows} >= {
        "company.created",
        "app.created",
        "member.removed",
        "member.restored",
    }
    removed_row = next(row for row in rows if row["name"] == "member.removed")
    assert (removed_row["by"], removed_row["about"], removed_row["on"]) == (
        "Bo",
        "Devi",
        "Blog",
    )
    assert [int(row["seq"]) for row in rows] == sorted(
        (int(row["seq"]) for row in rows), reverse=True
    )
    assert "spring" not in content

    agency_harness.run_command("devi", "/collab events export jsonl")
    name, content = latest_file(agency_harness, "devi")
    lines = [json.loads(line) for line in content.splitlines()]
    assert name == "events-all.jsonl"
    assert not content.startswith("\ufeff")
    assert {line["on"] for line in lines} == {"Pixel", "Shop", "Blog"}
    assert "Acme" not in content


def test_invisible_resources_are_in_no_list_and_in_no_export(
    agency_harness: AppHarness,
) -> None:
    assert (
        "I can't find"
        in agency_harness.run_command("carl", "/collab events pixel")["text"]
    )
    assert (
        "I can't find"
        in agency_harness.run_command("carl", "/collab events pixel export")["text"]
    )
    agency_harness.run_command("carl", "/collab events export")
    assert len(latest_file(agency_harness, "carl")[1].splitlines()) == 1


@pytest.mark.rule("INV-12")
def test_several_people_in_one_command_each_get_an_answer(
    agency_harness: AppHarness,
) -> None:
    answer = agency_harness.run_command(
        "ada",
        "/collab invite @carl, nobody@, client@studio.example.com and @bo accountant pixel",
    )
    heading, *lines = (
        line for line in answer["text"].splitlines() if not line.startswith("Expires")
    )
    assert heading == "Results for 4 people:"
    parts = (
        "You invited <@UCARL>",
        "I can't tell who nobody@ is",
        "You invited client@studio.example.com",
        "<@UBO>",
        "client@studio.example.com isn't in this workspace, so I've emailed them.",
    )
    assert [part in line for part, line in zip(parts, lines, strict=True)] == [True] * 5
    assert (
        "invited you to *Pixel* as an *accountant*"
        in agency_harness.latest_message("carl")["text"]
    )
    assert (
        "I can't tell who @nobody is"
        in agency_harness.run_command("ada", "/collab invite @nobody admin pixel")[
            "text"
        ]
    )


@pytest.mark.rule("MEM-10")
def test_a_membership_is_extended_once_for_repeated_presses(
    agency_harness: AppHarness,
) -> None:
    bus, at = agency_harness.app.bus, agency_harness.playground.clock.now()
    ada = Caller(
        agency_harness.workspace, Account(agency_harness.workspace, "UADA"), "button"
    )
    devi = Account(agency_harness.workspace, "UDEVI")
    page = bus.query(ListMembers(ada, "shop"), at)
    expires_at = next(
        message.until for message in page.members if message.person.user == "UDEVI"
    )

    extended = [
        bus.execute(
            ExtendMembership(ada, devi, "shop", expected_end=expires_at), at
        ).recorded
        for _ in range(2)
    ]

    assert [len(recorded) for recorded in extended] == [1, 0]


@pytest.mark.rule("MEM-07")
def test_keys_need_rotation_until_rotated_or_every_removal_is_undone(
    agency_harness: AppHarness,
) -> None:
    agency_harness.invite_and_accept("carl", "invite @carl developer shop")
    confirm_removal(agency_harness, "bo", "/collab remove @devi shop")
    confirm_removal(agency_harness, "bo", "/collab remove @carl shop")
    agency_harness.run_command("bo", "/collab undo")
    assert (
        "*Shop* (`shop`)\n<@UDEVI> lost access"
        in agency_harness.run_command("bo", "/collab keys")["text"]
    )
    agency_harness.run_command("bo", "/collab keys rotated shop")
    assert (
        "You have no keys to rotate"
        in agency_harness.run_command("bo", "/collab keys")["text"]
    )


@pytest.mark.rule("EVT-03")
def test_the_list_of_events_has_one_line_for_one_act(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab create app Blog in pixel")
    agency_harness.invite_and_accept("carl", "invite @carl developer shop blog")
    text = agency_harness.run_command("ada", "/collab events pixel")["text"]
    assert text.count("<@UCARL> joined as a developer") == 1
    assert "*Shop* and *Blog*: <@UCARL> joined as a developer" in text
    assert "accepted the invitation" not in text
    only = agency_harness.run_command("ada", "/collab events pixel only invitation")
    assert "accepted the invitation" in only["text"]
