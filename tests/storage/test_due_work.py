"""A failing item of due work stops neither the others, nor other workspaces, nor the next run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.config import Config
from bot.doctor import run_checks
from collab.channels import LinkChannel
from collab.due_failures import LONGEST_PAUSE
from collab.due_work import DUE_WORK_TYPES, get_retry_pause
from collab.events import (
    DigestSent,
    HandoverDone,
    InvitationExpired,
    MemberEnded,
    RequestEnded,
)
from collab.model import ChannelId, Frequency, WorkspaceId
from collab.settings import ChangeSettings
from storage.database import Database
from tests.support.builders import Scenario
from tests.support.handovers import hand_over

MINUTE = timedelta(minutes=1)
# What each kind of due work records, by the event's name and a word in it.
RECORDED = {
    "invitation": ("invitation.expired", "{"),
    "membership": ("member.ended", '"time"'),
    "suspended person": ("member.ended", '"lapsed"'),
    "access request": ("request.ended", "{"),
    "digest": ("digest.sent", "channel:"),
    "handover": ("handover.done", "{"),
}
POSTGRESQL = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'poison'; END $$;
    CREATE TRIGGER poison BEFORE INSERT ON events FOR EACH ROW WHEN ({0}) EXECUTE FUNCTION refuse()
"""
SQLITE = "CREATE TRIGGER poison BEFORE INSERT ON events WHEN {0} BEGIN SELECT RAISE(ABORT, 'poison'); END"


@contextmanager
def poisoned(database: Database, *patterns: tuple[str, str]) -> Iterator[None]:
    """Let the database refuse every event of these names that has this text in it."""
    refused = " OR ".join(
        f"(NEW.name = '{name}' AND replace(NEW.data, '{part}', '') <> NEW.data)"
        for name, part in patterns
    )
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            (SQLITE if database.is_sqlite else POSTGRESQL).format(refused)
        )
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(
                "DROP TRIGGER poison" + ("" if database.is_sqlite else " ON events")
            )
            if not database.is_sqlite:
                connection.exec_driver_sql("DROP FUNCTION refuse")


def reporting(world: Scenario) -> list[str]:
    """Let defects be reported, as in the running program, and not raised; return the list of reports."""
    reports: list[str] = []

    def report(what: str, _error: Exception) -> str:
        reports.append(what)
        return f"E{len(reports)}"

    world.bus._report_defect = report
    return reports


def expired(world: Scenario) -> list[str]:
    return sorted(e.invitation for e in world.events_of_type(InvitationExpired))


@pytest.mark.parametrize("bad", [{0}, {6}, {1, 4, 5}, set(range(7))], ids=str)
def test_invitations_that_raise_do_not_hold_the_others(
    database: Database, bad: set[int]
) -> None:
    world = Scenario(database)
    world.create_company()
    reports = reporting(world)
    sent = [world.send_invitation(f"u{n}") for n in range(7)]
    wrong = sorted(sent[n] for n in bad)
    with poisoned(database, *(("invitation.expired", one) for one in wrong)):
        world.advance_time(days=30)
        assert expired(world) == sorted(set(sent) - set(wrong))
        assert len(reports) == len(wrong)
        failures = database.due_failures.list_failures()
        assert sorted(f.item for f in failures) == wrong
        assert {(f.kind, f.attempts, f.retry_at - world.at) for f in failures} == {
            ("invitation", 1, MINUTE)
        }

        world.advance_time(seconds=59)  # they are paused
        assert len(reports) == len(wrong)
        world.advance_time(
            seconds=1
        )  # and tried again, after which they wait twice as long
        assert len(reports) == 2 * len(wrong)
        assert {
            (f.attempts, f.retry_at - world.at)
            for f in database.due_failures.list_failures()
        } == {(2, 2 * MINUTE)}
    world.advance_time(minutes=2)
    assert expired(world) == sorted(sent)
    assert database.due_failures.list_failures() == []


def happened(world: Scenario) -> set[str]:
    """Return the kinds of due work that were done."""
    ended = {e.why for e in world.events_of_type(MemberEnded)}
    done = {
        "invitation": world.events_of_type(InvitationExpired),
        "membership": "time" in ended,
        "suspended person": "lapsed" in ended,
        "access request": world.events_of_type(RequestEnded),
        "digest": [e for e in world.events_of_type(DigestSent) if e.channel],
        "handover": world.events_of_type(HandoverDone),
    }
    return {kind for kind, found in done.items() if found}


def with_everything_due(database: Database) -> Scenario:
    """Return a world in which an item of every kind of due work is due in 40 days."""
    world = Scenario(database)
    world.create_company()
    world.execute(ChangeSettings(world.caller_for("ada"), {"notices": "digest"}))
    world.execute(
        LinkChannel(
            world.caller_for("ada"), ChannelId("CACME"), "acme", (), Frequency.DAILY, 9
        )
    )
    world.add_member("carl")
    world.add_member("devi")
    world.register_people("eve")
    world.record_membership(
        world.get_resource("acme").id, "eve", "admin", world.at + timedelta(days=20)
    )
    world.request_access("carl", "owner")
    world.deactivate_accounts("devi")
    world.send_invitation("bo")
    world.create_resource("project", "Site")
    day = (world.at + timedelta(days=3)).date()
    world.register_people("fay")
    offer = hand_over(world, "site", who="fay", day=day)
    world.accept_invitation("fay", offer)
    world.at += timedelta(days=40)
    return world


@pytest.mark.parametrize("kind", DUE_WORK_TYPES)
def test_every_kind_of_due_work_goes_on_without_the_one_that_raises(
    database: Database, kind: str
) -> None:
    world = with_everything_due(database)
    reports = reporting(world)
    with poisoned(database, RECORDED[kind]):
        world.advance_time()
        assert happened(world) == set(DUE_WORK_TYPES) - {kind}
        assert [f.kind for f in database.due_failures.list_failures()] == [kind]
        assert len(reports) == 1
        assert reports[0].startswith(kind)
    world.advance_time(minutes=1)
    assert happened(world) == set(DUE_WORK_TYPES)
    assert database.due_failures.list_failures() == []


def test_a_workspace_in_which_everything_raises_does_not_hold_the_others(
    database: Database,
) -> None:
    worlds = [
        Scenario(database, workspace=WorkspaceId(f"T{n}"), id_prefix=f"{n}X")
        for n in (1, 2, 3)
    ]
    for world in worlds:
        world.create_company()
        world.send_invitation("carl")
    broken, *others = worlds
    reports = reporting(others[0])
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE workspaces SET settings = '{' WHERE id = 'T1'"))
    others[0].advance_time(days=30)
    assert [len(expired(world)) for world in worlds] == [0, 1, 1]
    assert len(reports) == 1
    with database.engine.begin() as connection:
        connection.execute(
            text("UPDATE workspaces SET settings = '{}' WHERE id = 'T1'")
        )
    others[0].advance_time(minutes=1)
    assert len(expired(broken)) == 1


def test_a_row_that_cannot_be_read_holds_no_other_kind(
    sqlite_database: Database,
) -> None:
    world = with_everything_due(sqlite_database)
    reports = reporting(world)

    def sent_at(value: str) -> None:
        with sqlite_database.engine.begin() as connection:
            connection.execute(
                text("UPDATE access_requests SET sent = :value"), {"value": value}
            )

    with sqlite_database.engine.connect() as connection:
        before = connection.execute(
            text("SELECT sent FROM access_requests")
        ).scalar_one()
    sent_at("no date")
    world.advance_time()
    assert happened(world) == set(DUE_WORK_TYPES) - {"access request"}
    assert [(f.kind, f.item) for f in sqlite_database.due_failures.list_failures()] == [
        ("access request", "")
    ]
    assert len(reports) == 1
    sent_at(before)
    world.advance_time(minutes=1)
    assert happened(world) == set(DUE_WORK_TYPES)
    assert sqlite_database.due_failures.list_failures() == []


def test_pauses_grow_to_the_longest_and_end_when_the_clock_is_set_back(
    acme: Scenario,
) -> None:
    pauses = [get_retry_pause(n) for n in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    invitation = acme.send_invitation("carl")
    reports = reporting(acme)
    with poisoned(acme.database, ("invitation.expired", invitation)):
        acme.advance_time(days=30)
        acme.at -= timedelta(days=1)
        acme.advance_time()
    assert len(reports) == 2


def test_check_shows_what_failed(acme: Scenario) -> None:
    invitation = acme.send_invitation("carl")
    reporting(acme)
    settings = Config("xoxb-12345678", database_url=str(acme.database.engine.url))
    with poisoned(acme.database, ("invitation.expired", invitation)):
        acme.advance_time(days=30)
    [line] = [
        line
        for fine, line in run_checks(settings)
        if not fine and line.startswith("due work")
    ]
    assert line == (
        f"due work: the invitation {invitation} in workspace T1 failed 1 times (in the log: E1); "
        "next attempt at 2026-12-23 09:01 UTC"
    )
    acme.advance_time(minutes=1)
    assert acme.database.due_failures.list_failures() == []
