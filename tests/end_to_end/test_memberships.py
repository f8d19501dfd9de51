"""An agency's year through the real app: what it makes, whom it lets in and out, and what the record says of it."""

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


@pytest.fixture(params=[True, False], ids=["met", "unmet"])
def met(request: pytest.FixtureRequest) -> bool:
    """Everybody is known, or nobody has been met."""
    return bool(request.param)


@pytest.fixture
def agency(stage: AppHarness) -> AppHarness:
    """Ada's company Pixel with two apps; Bo looks after its people, and Devi works on both apps for 30 days."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "create app Blog in pixel",
    ):
        stage.run_command("ada", f"/collab {line}")
    stage.invite_and_accept("bo", "invite @bo admin pixel")
    stage.invite_and_accept("devi", "invite @devi developer shop blog for 30d")
    return stage


def removes(stage: AppHarness, by: str, line: str) -> dict[str, Any]:
    """The message that a removal or a leave leaves behind, with its Undo."""
    stage.run_command(by, line)
    preview = stage.latest_message(by, "general")
    stage.press_button(by, preview, "remove" if "remove" in line else "leave")
    return next(
        m
        for m in stage.playground.get_user(by).list_messages("general")
        if m["ts"] == preview["ts"]
    )


def told(stage: AppHarness, who: str, part: str) -> bool:
    """Whether Collab told somebody something with these words."""
    return any(
        part in m["text"] for m in stage.playground.get_user(who).list_direct_messages()
    )


def file_for(stage: AppHarness, who: str) -> tuple[str, str]:
    """The name and the content of the file that somebody was sent last."""
    file = stage.latest_message(who)["files"][0]
    return file["name"], stage.playground.get_user(who).download_file(file).decode()


@pytest.mark.rule("INV-01")
@pytest.mark.rule("MEM-10")
def test_two_apps_at_once_for_a_limited_time(agency: AppHarness) -> None:
    told_of = agency.latest_message("devi")["text"]
    assert "invited you to *Shop* and *Blog* as *developer* for 30 days" in told_of
    assert (
        "developer until" in agency.run_command("ada", "/collab members blog")["text"]
    )

    agency.advance_time(days=24)
    warnings = [
        m
        for m in agency.ada.list_direct_messages()
        if "*Extend* adds 30 days" in str(m["blocks"])
    ]
    assert len(warnings) == 2
    assert told(agency, "devi", "If you still need it then")
    agency.press_button("ada", warnings[0], "extend")
    assert told(agency, "devi", "<@UADA> extended your time")
    assert agency.list_visible_buttons() == [("ada", "extend"), ("bo", "extend")]

    agency.advance_time(days=10)
    assert told(agency, "devi", "Your time as a developer of *Blog* came to its end")
    assert not told(
        agency, "devi", "Your time as a developer of *Shop* came to its end"
    )
    assert (
        "Rotate the service passwords and deploy keys of 1 thing"
        in agency.run_command("ada", "/collab keys")["text"]
    )


@pytest.mark.rule("MEM-11")
def test_promoted_demoted_removed_and_undone(agency: AppHarness) -> None:
    assert (
        "is now a manager of *Shop*"
        in agency.run_command("bo", "/collab role @devi manager shop")["text"]
    )
    agency.run_command("ada", "/collab role @devi admin pixel")
    assert "made you an admin of *Pixel*" in agency.latest_message("devi")["text"]
    kept = agency.run_command(
        "ada", "/collab role @devi collaborator pixel keep shop and blog"
    )["text"]
    assert "They keep:" in kept
    assert "• *Shop* as manager" in kept
    assert "• *Blog* as developer" in kept

    done = removes(agency, "bo", "/collab remove @devi shop")
    assert "takes it back for ten minutes" in done["text"]
    assert (
        "cannot deploy"
        in agency.run_command("ada", "/collab why @devi shop code")["text"]
    )
    assert (
        "*Shop* (`shop`)\n<@UDEVI> lost access"
        in agency.run_command("bo", "/collab keys")["text"]
    )
    agency.press_button("bo", done, "undo")
    assert "Nothing of yours waits" in agency.run_command("bo", "/collab keys")["text"]
    assert "is a manager of *Shop* again" in agency.latest_message("bo")["text"]
    assert told(agency, "devi", "You are a manager of *Shop* again until")

    removes(agency, "bo", "/collab remove @devi shop")
    assert "manager of *Shop* again" in agency.run_command("bo", "/collab undo")["text"]
    assert "undone already" in agency.run_command("bo", "/collab undo")["text"]

    removes(agency, "bo", "/collab remove @devi shop")
    agency.advance_time(minutes=11)
    assert "ten minutes only" in agency.run_command("bo", "/collab undo")["text"]
    assert (
        "The keys of *Shop* are new"
        in agency.run_command("bo", "/collab keys rotated shop")["text"]
    )
    assert "Nothing of yours waits" in agency.run_command("bo", "/collab keys")["text"]


@pytest.mark.rule("ROL-02")
def test_why_explains_every_yes(agency: AppHarness) -> None:
    for line in (
        "create team Crew",
        "create payment Card in pixel",
        "pay shop with card",
        "share blog crew developer",
    ):
        agency.run_command("ada", f"/collab {line}")
    agency.invite_and_accept("carl", "invite @carl limited crew")
    agency.run_command("ada", "/collab assign @carl blog in crew")
    for who, what, capability, path in (
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
            in agency.run_command("ada", f"/collab why @{who} {what} {capability}")[
                "text"
            ]
        ), (who, what, capability)
    for line in (
        "why @bo pixel delete",
        "why @devi pixel create",
        "why @carl shop view",
        "why @devi shop scale",
    ):
        assert " cannot " in agency.run_command("ada", f"/collab {line}")["text"], line


@pytest.mark.rule("MEM-04")
def test_an_owner_leaves_and_the_last_one_cannot(agency: AppHarness) -> None:
    agency.invite_and_accept("carl", 'invite @carl owner pixel note "It is yours."')
    left = removes(agency, "ada", "/collab leave pixel")
    assert "You left *Pixel*" in left["text"]
    assert (
        "needs an owner who stays"
        in agency.run_command("carl", "/collab leave pixel")["text"]
    )
    assert "deploy keys of Blog and Shop" in str(
        agency.latest_message("carl")["blocks"]
    )

    agency.press_button("ada", left, "undo")
    assert (
        "You are an owner of *Pixel* again"
        in agency.latest_message("ada", "general")["text"]
    )
    agency.run_command("ada", "/collab leave pixel")


@pytest.mark.rule("EVT-03")
def test_the_record_tells_the_whole_story_and_goes_into_a_file(
    agency: AppHarness,
) -> None:
    agency.run_command("ada", "/collab role @devi manager shop")
    removes(agency, "bo", "/collab remove @devi blog")
    agency.run_command("bo", "/collab undo")
    agency.run_command("ada", "/collab invite @carl owner pixel")
    agency.press_button("carl", agency.latest_message("carl"), "decline")
    agency.wait_for_view("carl")
    agency.carl.submit_view({"reason": "Ask me in spring"})
    agency.drain_outbox()

    story = agency.run_command("ada", "/collab events pixel")["text"]
    for part in (
        "<@UADA> created *Pixel*",
        "<@UADA> invited <@UDEVI> as a developer, here and on 1 other thing, for 30 days",
        "<@UADA> made <@UDEVI> a manager; before, they were a developer",
        "<@UBO> removed <@UDEVI>, who was a developer",
        "<@UBO> undid it",
        "<@UCARL> declined the invitation",
    ):
        assert part in story, part
    assert "spring" not in story
    only = agency.run_command(
        "ada", "/collab events pixel by @bo about @devi only member since 1d"
    )["text"]
    assert "removed" in only
    assert "created" not in only

    assert (
        "on its way" in agency.run_command("ada", "/collab events pixel export")["text"]
    )
    name, content = file_for(agency, "ada")
    assert content.startswith("\ufeffworkspace,seq,")
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))
    assert name == "events-pixel.csv"
    assert f"{len(rows)} events of Pixel" in agency.latest_message("ada")["text"]
    assert {row["name"] for row in rows} >= {
        "company.created",
        "app.created",
        "member.removed",
        "member.restored",
    }
    removed = next(row for row in rows if row["name"] == "member.removed")
    assert (removed["by"], removed["about"], removed["on"]) == ("Bo", "Devi", "Blog")
    assert [int(row["seq"]) for row in rows] == sorted(
        (int(row["seq"]) for row in rows), reverse=True
    )
    assert "spring" not in content

    agency.run_command("devi", "/collab events export jsonl")
    name, content = file_for(agency, "devi")
    lines = [json.loads(line) for line in content.splitlines()]
    assert name == "events-all.jsonl"
    assert not content.startswith("\ufeff")
    assert {line["on"] for line in lines} == {"Pixel", "Shop", "Blog"}
    assert "Acme" not in content


def test_what_one_may_not_view_is_in_no_list_and_in_no_file(agency: AppHarness) -> None:
    assert (
        "I know nothing" in agency.run_command("carl", "/collab events pixel")["text"]
    )
    assert (
        "I know nothing"
        in agency.run_command("carl", "/collab events pixel export")["text"]
    )
    agency.run_command("carl", "/collab events export")
    assert len(file_for(agency, "carl")[1].splitlines()) == 1


@pytest.mark.rule("INV-12")
def test_several_people_in_one_line_each_get_an_answer(agency: AppHarness) -> None:
    answer = agency.run_command(
        "ada",
        "/collab invite @carl, nobody@, client@studio.example.com and @bo accountant pixel",
    )
    heading, *lines = (
        line
        for line in answer["text"].splitlines()
        if not line.startswith("The invitation")
    )
    assert heading == "You named 4 people. This is what became of each."
    parts = (
        "You invited <@UCARL>",
        "I cannot tell who nobody@ is",
        "You invited client@studio.example.com",
        "<@UBO>",
    )
    assert [part in line for part, line in zip(parts, lines, strict=True)] == [True] * 4
    assert (
        "invites you to *Pixel* as *accountant*"
        in agency.latest_message("carl")["text"]
    )
    assert (
        "I cannot tell who @nobody is"
        in agency.run_command("ada", "/collab invite @nobody admin pixel")["text"]
    )


@pytest.mark.rule("MEM-10")
def test_the_same_end_is_extended_once_however_often_the_button_is_pressed(
    agency: AppHarness,
) -> None:
    collab, at = agency.app.bus, agency.playground.clock.now()
    ada = Caller(agency.workspace, Account(agency.workspace, "UADA"), "button")
    devi = Account(agency.workspace, "UDEVI")
    listed = collab.query(ListMembers(ada, "shop"), at)
    end = next(m.until for m in listed.members if m.person.user == "UDEVI")

    extended = [
        collab.execute(
            ExtendMembership(ada, devi, "shop", expected_end=end), at
        ).recorded
        for _ in range(2)
    ]

    assert [len(recorded) for recorded in extended] == [1, 0]


@pytest.mark.rule("MEM-07")
def test_keys_wait_until_all_who_knew_them_are_back_or_they_are_new(
    agency: AppHarness,
) -> None:
    agency.invite_and_accept("carl", "invite @carl developer shop")
    removes(agency, "bo", "/collab remove @devi shop")
    removes(agency, "bo", "/collab remove @carl shop")
    agency.run_command("bo", "/collab undo")
    assert (
        "*Shop* (`shop`)\n<@UDEVI> lost access"
        in agency.run_command("bo", "/collab keys")["text"]
    )
    agency.run_command("bo", "/collab keys rotated shop")
    assert "Nothing of yours waits" in agency.run_command("bo", "/collab keys")["text"]
