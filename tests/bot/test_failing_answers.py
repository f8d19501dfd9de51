"""A database failure right after the commit: the reply still says what was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.rendering import renderer_for_language
from storage.database import Database
from tests.bot.slack.test_app import Face
from tests.support.builders import Scenario

SAYS_NOTHING_CHANGED = ("couldn't save", "nothing was changed")
NOT_SHOWN = renderer_for_language("en").render("refusals/not_shown").text


@contextmanager
def reads_fail_after_a_change(database: Database) -> Iterator[list[str]]:
    """Let every read transaction fail from the first commit of an event on; answers the reads that were tried."""
    failed: list[str] = []
    appended = committed = False

    def before(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal appended
        appended = appended or statement.startswith("INSERT INTO events")
        if committed and statement == "BEGIN":
            failed.append(statement)
            raise OperationalError(statement, None, Exception("the database is gone"))

    def commit(_connection: Any) -> None:
        nonlocal committed
        committed = committed or appended

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "commit", commit)
    try:
        yield failed
    finally:
        event.remove(database.engine, "before_cursor_execute", before)
        event.remove(database.engine, "commit", commit)


def office(world: Scenario) -> Face:
    """Acme with an app, a project, a payment method and a team; Carl is an admin, Devi a developer for ten days."""
    world.register_people("ada", "bo", "carl", "devi")
    world.create_company()
    world.create_resource("app", "Shop", "acme")
    world.create_resource("project", "Site", "acme")
    world.create_resource("project", "Solo")
    world.create_resource("payment", "Card", "acme")
    world.create_resource("team", "Crew")
    world.add_member("carl")
    world.add_member("zoe", "limited", "crew")
    face = Face(world)
    face.types("ada", "invite <@UDEVI> developer shop for 10d")
    face.presses("devi", "accept", world.pending_invitation_ids("devi")[0])
    world.take_outbox()
    return face


Line = tuple[str, str]
ADA = "ada"
# What is typed before, by whom, and then while the database fails.
COMMANDS: Mapping[str, tuple[Line, ...]] = {
    "create a company": ((ADA, "create company Beta"),),
    "create inside": (("carl", "create app Blog in acme"),),
    "rename": ((ADA, "rename shop Market"),),
    "describe": ((ADA, 'describe shop "Where it is sold"'),),
    "pay": ((ADA, "pay shop card"),),
    "share": ((ADA, "share shop crew manager"),),
    "assign": (
        *(
            (ADA, line)
            for line in ("share shop crew manager", "assign <@UZOE> shop crew")
        ),
    ),
    "invite": ((ADA, "invite <@UBO> admin acme"),),
    "invite several": ((ADA, "invite <@UBO> <@UNEW> admin acme"),),
    "resend": ((ADA, "invite <@UBO> admin acme"), (ADA, "resend <@UBO> acme")),
    "accept": ((ADA, "invite <@UBO> admin acme"), ("bo", "accept")),
    "decline": ((ADA, "invite <@UBO> admin acme"), ("bo", "decline")),
    "role": ((ADA, "role <@UCARL> owner acme"),),
    "extend": ((ADA, "extend <@UDEVI> shop"),),
    "request": (("carl", "request owner acme"),),
    "withdraw": (("carl", "request owner acme"), ("carl", "withdraw acme")),
    "link": ((ADA, "link acme"),),
    "settings": ((ADA, "settings notices digest"),),
}
SUBMITTED: Mapping[str, tuple[str, str, str, dict[str, Any]]] = {
    "create": (
        "ada",
        "form",
        "create",
        {"kind create": "company", "name create": "Beta"},
    ),
    "role": ("ada", "role", "{acme} {carl}", {"role x": "owner"}),
    "delete": ("ada", "delete", "{acme}", {"name": "Acme"}),
    "billing": ("ada", "billing", "{card}", {"email": "bills@acme.example"}),
    "settings": ("ada", "settings_mine", "", {"notices": "digest"}),
    "request": ("carl", "request", "{acme}", {"role": "owner"}),
}
PRESSED: Mapping[str, tuple[str, str, str]] = {
    "remove": ("ada", "remove", "{acme} {carl}"),
    "leave": ("carl", "leave", "{acme}"),
    "delete": ("ada", "delete", "{shop}"),
    "move": ("ada", "move", "{shop} {site}"),
    "disable": ("ada", "disable", "{site}"),
    "extend": ("ada", "extend", "{shop} {devi} 2026-12-03T09:00:00+00:00"),
    "transfer": ("ada", "transfer", "owns {bo} {solo}"),
}
# What is typed before, and the line whose preview is confirmed.
CONFIRMED: Mapping[str, tuple[str, ...]] = {
    "unshare": ("share shop crew manager", "unshare shop crew"),
    "unassign": (
        "share shop crew manager",
        "assign <@UZOE> shop crew",
        "unassign <@UZOE> shop crew",
    ),
    "revoke": ("invite <@UBO> admin acme", "revoke <@UBO> acme"),
    "unlink": ("link acme", "unlink acme"),
    "role": ("role <@UDEVI> manager shop", "role <@UDEVI> developer shop"),
}
PREVIEWED = {"remove", "leave", "delete", "move", "disable", "transfer", "role"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_takes_its_words_from_the_acts_own_transaction(
    world: Scenario, name: str
) -> None:
    face = office(world)
    *before, (who, line) = COMMANDS[name]
    for each, earlier in before:
        face.types(each, earlier)
    events = len(world.list_recorded_events())
    with reads_fail_after_a_change(world.database) as failed:
        said = face.types(who, line)["text"]
    assert len(world.list_recorded_events()) > events
    assert_says_so(said)
    assert (said, failed) != (NOT_SHOWN, [])
    assert failed == []


@pytest.mark.parametrize("name", SUBMITTED)
def test_a_window_takes_its_words_from_the_acts_own_transaction(
    world: Scenario, name: str
) -> None:
    face = office(world)
    who, route, about, values = SUBMITTED[name]
    metadata = about.format(**ids(world))
    if route in PREVIEWED:  # the window shows the effects before it may be submitted
        shown = face.submits(who, route, metadata, "h1", **values)
        metadata = shown["view"]["private_metadata"]
    events = len(world.list_recorded_events())
    with reads_fail_after_a_change(world.database) as failed:
        answer = face.submits(who, route, metadata, "h2", **values)
    assert len(world.list_recorded_events()) > events, answer
    assert_says_so(str(answer["view"]["blocks"]))
    assert failed == []


@pytest.mark.parametrize("name", PRESSED)
def test_a_press_takes_its_words_from_the_acts_own_transaction(
    world: Scenario, name: str
) -> None:
    face = office(world)
    who, route, value = PRESSED[name]
    value = value.format(**ids(world))
    if route in PREVIEWED:  # a press without a digest shows the effects
        face.presses(who, route, value)
        value = face.replies()[-1]["blocks"][-1]["elements"][0]["value"]
    events = len(world.list_recorded_events())
    with reads_fail_after_a_change(world.database) as failed:
        assert face.presses(who, route, value) == {}
    assert len(world.list_recorded_events()) > events
    for message in face.replies():
        assert_says_so(message["text"])
    assert failed == []


@pytest.mark.parametrize("name", CONFIRMED)
def test_a_confirmation_takes_its_words_from_the_acts_own_transaction(
    world: Scenario, name: str
) -> None:
    face = office(world)
    *before, line = CONFIRMED[name]
    for earlier in before:
        face.types(ADA, earlier)
    confirm = face.types(ADA, line)["blocks"][-1]["elements"][0]
    events = len(world.list_recorded_events())
    with reads_fail_after_a_change(world.database) as failed:
        pressed = face.presses(
            ADA, confirm["action_id"], confirm["value"], listed="ending"
        )
    assert pressed == {}
    assert len(world.list_recorded_events()) > events
    assert_says_so(face.replies()[-1]["text"])
    assert failed == []


def test_a_list_below_what_was_done_may_be_missing_but_not_the_fact_that_it_was_done(
    world: Scenario,
) -> None:
    face = office(world)
    face.types("ada", "link acme")
    with reads_fail_after_a_change(world.database) as failed:
        answer = face.submits(
            "ada",
            "form",
            "link home",
            what=world.get_resource("acme").id,
            channel="C2",
            groups="joins",
            rhythm="each",
            hour="9",
        )
    assert failed
    assert NOT_SHOWN in str(answer["view"]["blocks"])


def assert_says_so(said: str) -> None:
    assert said
    assert not [words for words in SAYS_NOTHING_CHANGED if words in said]
    assert NOT_SHOWN not in said


def ids(world: Scenario) -> dict[str, str]:
    things = {
        slug: world.get_resource(slug).id
        for slug in ("acme", "shop", "site", "solo", "card", "crew")
    }
    return things | {who: world.person_id_of(who) for who in ("bo", "carl", "devi")}
