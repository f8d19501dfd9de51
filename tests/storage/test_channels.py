"""Threads and digests of channels, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from collab.channels import LinkChannel
from collab.events import DigestSent
from collab.model import ChannelId, ChannelLink, Delivery, Frequency, WorkspaceId
from collab.notifications.sent_messages import LiveMessage, MessageThread
from storage.database import Database
from storage.digests import DUE_DIGESTS
from storage.tables import digest_items
from tests.support.builders import Scenario

MINUTE = timedelta(minutes=1)
CHANNEL = "channel:CACME"


@pytest.fixture
def office(database: Database) -> Scenario:
    """Acme of Ada."""
    world = Scenario(database)
    world.create_company()
    world.take_outbox()
    return world


def claimed(world: Scenario, message: str) -> Delivery:
    """The delivery of that name, with all before it sent."""
    while batch := world.database.outbox.claim_deliveries(50, MINUTE):
        for delivery in batch:
            if delivery.message == message:
                return delivery
            world.database.outbox.mark_sent(delivery)
    raise AssertionError(message)


def kept(world: Scenario) -> int:
    """How much is held for channels."""
    with world.database.engine.begin() as connection:
        return connection.execute(
            select(func.count()).select_from(digest_items)
        ).scalar_one()


@pytest.mark.rule("EVT-06")
def test_a_thread_is_kept_when_its_message_was_sent_and_another_one_takes_its_place(
    office: Scenario,
) -> None:
    outbox, workspace = office.database.outbox, office.workspace
    office.link_channel()
    office.add_member("carl")
    joined = claimed(office, "member_joined")
    subject_id = f"{office.get_resource('acme').id} {office.person_id_of('carl')}"
    assert outbox.find_thread_address(workspace, CHANNEL, subject_id) is None

    sent = LiveMessage(workspace, "I1", CHANNEL, "invitation_open", "CACME 1.1")
    assert outbox.mark_sent(
        joined, sent, MessageThread(workspace, CHANNEL, subject_id, "1.1")
    )

    assert outbox.find_thread_address(workspace, CHANNEL, subject_id) == "1.1"
    assert outbox.list_live_messages(workspace, "I1", CHANNEL) == [sent]
    assert outbox.find_thread_address(workspace, "channel:COTHER", subject_id) is None
    assert (
        outbox.find_thread_address(WorkspaceId("TOTHER"), CHANNEL, subject_id) is None
    )
    office.leave_resource("carl")
    assert outbox.mark_sent(
        claimed(office, "member_left"),
        MessageThread(workspace, CHANNEL, subject_id, "2.2"),
    )
    assert outbox.find_thread_address(workspace, CHANNEL, subject_id) == "2.2"


@pytest.mark.rule("EVT-04")
def test_the_events_of_a_digest_stay_queued_until_it_is_sent(office: Scenario) -> None:
    office.execute(
        LinkChannel(
            office.caller_for("ada"), ChannelId("CACME"), "acme", (), Frequency.DAILY
        )
    )
    office.add_member("carl")
    office.add_member("devi")
    office.advance_time(days=1)
    digest = claimed(office, "digest")
    with office.database.unit_of_work_factory.read(office.workspace) as facts:
        assert digest.seq
        digest_events = [
            facts.events.get_event(item.seq)
            for item in facts.digests.list_digest_items(digest.seq, 10)
        ]
        assert [r.event.name for r in digest_events if r] == [
            "member.joined",
            "member.joined",
        ]
        assert len(facts.digests.list_digest_items(digest.seq, 1)) == 1
    office.database.outbox.mark_failed(digest, "is_archived")
    assert kept(office) == 2
    assert office.database.outbox.retry_failed(digest.id)
    office.add_member("bo")
    again = claimed(office, "digest")
    assert office.database.outbox.mark_sent(again)
    assert kept(office) == 1


@pytest.mark.rule("EVT-04")
def test_many_workspaces_have_digests_of_their_own(database: Database) -> None:
    first, second = (
        Scenario(database, workspace=WorkspaceId(name), id_prefix=name)
        for name in ("TA", "TB")
    )
    for world in (first, second):
        world.create_company()
        world.execute(
            LinkChannel(
                world.caller_for("ada"), ChannelId("CACME"), "acme", (), Frequency.DAILY
            )
        )
    first.add_member("carl")
    assert database.unit_of_work_factory.list_due_workspaces(
        first.at + timedelta(days=1)
    ) == ["TA"]
    assert first.advance_time(days=1) == 1
    assert (
        len(first.events_of_type(DigestSent)),
        len(second.events_of_type(DigestSent)),
    ) == (1, 0)


def test_the_links_of_a_workspace_are_read_in_one_go_by_the_name_of_the_thing(
    office: Scenario,
) -> None:
    office.create_resource("app", "A Shop", "acme")
    office.link_channel("C2")
    office.execute(
        LinkChannel(
            office.caller_for("ada"),
            ChannelId("C1"),
            "a-shop",
            ("joins",),
            Frequency.DAILY,
            7,
        )
    )
    ada, acme, shop = (
        office.person_id_of("ada"),
        office.get_resource("acme").id,
        office.get_resource("a-shop").id,
    )
    with office.database.unit_of_work_factory.read(office.workspace) as facts:
        usual = ("joins", "leaves", "removals", "roles", "billing")
        assert facts.channels.list_all_channel_links() == [
            ChannelLink(ChannelId("C1"), shop, ("joins",), ada, Frequency.DAILY, 7),
            ChannelLink(ChannelId("C2"), acme, usual, ada),
        ]


def test_due_digests_are_found_by_their_index_among_many_sent_ones(
    office: Scenario,
) -> None:
    named = {
        "workspace": office.workspace,
        "recipient": CHANNEL,
        "resource_id": "R1",
        "message": "member_joined",
        "escalate_to": "P1",
        "due": office.at,
    }
    asked = DUE_DIGESTS.limit(5).params(w=office.workspace, at=office.at)
    with office.database.engine.begin() as connection:
        connection.execute(
            digest_items.insert(),
            [{**named, "seq": seq, "digest_seq": 1} for seq in range(3000)],
        )
        connection.exec_driver_sql("ANALYZE digest_items")
        written = str(asked.compile(connection, compile_kwargs={"literal_binds": True}))
        how = "EXPLAIN QUERY PLAN" if office.database.is_sqlite else "EXPLAIN"
        plan = connection.exec_driver_sql(f"{how} {written}".replace("%", "%%"))
        assert "digest_items_due" in " ".join(str(row) for row in plan)
