"""Threads and what is held for channels, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from collab.channels import Link, LinkChannel
from collab.digests import DAILY
from collab.events import ChannelDigested
from collab.notices import Copy, Delivery, ThreadStart
from storage.database import Database
from storage.digests import _DUE
from storage.tables import held
from tests.support.builders import World

MINUTE = timedelta(minutes=1)
CHANNEL = "channel:CACME"


@pytest.fixture
def office(database: Database) -> World:
    """Acme of Ada."""
    world = World(database)
    world.company()
    world.told()
    return world


def claimed(world: World, message: str) -> Delivery:
    """The delivery of that name, with all before it sent."""
    while batch := world.database.outbox.claim(50, MINUTE):
        for delivery in batch:
            if delivery.message == message:
                return delivery
            world.database.outbox.sent(delivery)
    raise AssertionError(message)


def kept(world: World) -> int:
    """How much is held for channels."""
    with world.database.engine.begin() as connection:
        return connection.execute(select(func.count()).select_from(held)).scalar_one()


@pytest.mark.rule("EVT-06")
def test_a_thread_is_kept_when_its_message_was_sent_and_another_one_takes_its_place(office: World) -> None:
    outbox, workspace = office.database.outbox, office.workspace
    office.link()
    office.member("carl")
    joined = claimed(office, "member_joined")
    about = f"{office.thing('acme').id} {office.id_of('carl')}"
    assert outbox.thread(workspace, CHANNEL, about) is None

    copy = Copy(workspace, "I1", CHANNEL, "invitation_open", "CACME", "1.1")
    assert outbox.sent(joined, copy, ThreadStart(workspace, CHANNEL, about, "1.1"))

    assert outbox.thread(workspace, CHANNEL, about) == "1.1"
    assert outbox.copies(workspace, "I1", CHANNEL) == [copy]
    assert outbox.thread(workspace, "channel:COTHER", about) is None
    assert outbox.thread("TOTHER", CHANNEL, about) is None
    office.leave("carl")
    assert outbox.sent(claimed(office, "member_left"), ThreadStart(workspace, CHANNEL, about, "2.2"))
    assert outbox.thread(workspace, CHANNEL, about) == "2.2"


@pytest.mark.rule("EVT-04")
def test_what_was_told_together_is_held_until_it_was_sent(office: World) -> None:
    office.do(LinkChannel(office.by("ada"), "CACME", "acme", (), DAILY))
    office.member("carl")
    office.member("devi")
    office.passes(days=1)
    digest = claimed(office, "digest")
    with office.database.units.look(office.workspace) as facts:
        assert digest.seq
        told = [facts.event(seq) for seq in facts.digested(digest.seq, 10)]
        assert [r.event.name for r in told if r] == ["member.joined", "member.joined"]
        assert len(facts.digested(digest.seq, 1)) == 1
    office.database.outbox.dead(digest, "is_archived")
    assert kept(office) == 2
    assert office.database.outbox.retry(digest.id)
    office.member("bo")
    again = claimed(office, "digest")
    assert office.database.outbox.sent(again)
    assert kept(office) == 1


@pytest.mark.rule("EVT-04")
def test_many_workspaces_have_digests_of_their_own(database: Database) -> None:
    first, second = (World(database, workspace=name, prefix=name) for name in ("TA", "TB"))
    for world in (first, second):
        world.company()
        world.do(LinkChannel(world.by("ada"), "CACME", "acme", (), DAILY))
    first.member("carl")
    assert database.units.due_workspaces(first.at + timedelta(days=1)) == ["TA"]
    assert first.passes(days=1) == 1
    assert (len(first.happened(ChannelDigested)), len(second.happened(ChannelDigested))) == (1, 0)


def test_the_links_of_a_workspace_are_read_in_one_go_by_the_name_of_the_thing(office: World) -> None:
    office.make("app", "A Shop", "acme")
    office.link("C2")
    office.do(LinkChannel(office.by("ada"), "C1", "a-shop", ("joins",), DAILY, 7))
    ada, acme, shop = office.id_of("ada"), office.thing("acme").id, office.thing("a-shop").id
    with office.database.units.look(office.workspace) as facts:
        usual = ("joins", "leaves", "removals", "roles", "billing")
        assert facts.every_link() == [Link("C1", shop, ("joins",), ada, DAILY, 7), Link("C2", acme, usual, ada)]


def test_due_digests_are_found_by_their_index_among_many_that_were_told(office: World) -> None:
    named = {"workspace": office.workspace, "channel": "C1", "resource": "R1", "person": "P1", "due": office.at}
    asked = _DUE.limit(5).params(w=office.workspace, at=office.at)
    with office.database.engine.begin() as connection:
        connection.execute(held.insert(), [{**named, "seq": seq, "digest": 1} for seq in range(3000)])
        connection.exec_driver_sql("ANALYZE held")
        written = str(asked.compile(connection, compile_kwargs={"literal_binds": True}))
        how = "EXPLAIN QUERY PLAN" if office.database.is_sqlite else "EXPLAIN"
        plan = connection.exec_driver_sql(f"{how} {written}".replace("%", "%%"))
        assert "held_due" in " ".join(str(row) for row in plan)
