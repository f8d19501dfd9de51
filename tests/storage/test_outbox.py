"""The outbox on both databases: order, leases, settling."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from collab.limits import Policy
from collab.model import Delivery, Notification, NotificationTopic
from collab.notifications.sent_messages import LiveMessage, MessageThread
from storage.database import Database
from storage.tables import outbox as table
from tests.support.builders import Scenario

MINUTE = timedelta(seconds=60)


@pytest.fixture
def busy(database: Database) -> Scenario:
    """Ada owns Acme and has invited Carl and Devi."""
    world = Scenario(database)
    world.create_company()
    world.take_outbox()
    world.send_invitation("carl")
    world.send_invitation("devi")
    return world


def claim(world: Scenario, most: int = 10) -> list[Delivery]:
    return world.database.outbox.claim_deliveries(most, MINUTE)


@pytest.mark.pooled
@pytest.mark.rule("EVT-06")
def test_only_the_head_of_each_target_is_claimed_and_the_next_after_it_is_settled(
    busy: Scenario,
) -> None:
    heads = claim(busy)
    assert [(d.target.partition(":")[0], d.message) for d in heads] == [
        ("person", "profile"),
        ("person", "profile"),
    ]
    assert claim(busy) == []
    assert busy.database.outbox.mark_sent(heads[0])
    following = claim(busy)
    assert [(d.target, d.message) for d in following] == [
        (heads[0].target, "invitation")
    ]


@pytest.mark.pooled
@pytest.mark.rule("EVT-06")
def test_a_lease_that_ran_out_returns_the_delivery_and_the_late_worker_settles_nothing(
    busy: Scenario,
) -> None:
    late = busy.database.outbox.claim_deliveries(1, timedelta(seconds=-1))[0]
    again = claim(busy, 1)[0]
    assert (late.id, late.attempts, again.attempts) == (again.id, 1, 2)
    assert busy.database.outbox.mark_sent(late) is False
    assert busy.database.outbox.mark_sent(again) is True


@pytest.mark.pooled
@pytest.mark.rule("EVT-06")
def test_what_is_put_back_waits_and_holds_its_target(busy: Scenario) -> None:
    outbox = busy.database.outbox
    head = next(d for d in claim(busy) if d.message == "profile")
    outbox.schedule_retry(head, timedelta(seconds=30), "ratelimited", is_counted=False)
    assert all(d.target != head.target for d in claim(busy))
    assert 0 < (outbox.seconds_until_next() or 0) <= 30
    outbox.schedule_retry(
        head, timedelta(seconds=0), "late"
    )  # the lease is gone, nothing happens
    assert all(d.target != head.target for d in claim(busy))


@pytest.mark.pooled
def test_an_uncounted_return_takes_its_attempt_back(busy: Scenario) -> None:
    outbox = busy.database.outbox
    head = claim(busy, 1)[0]
    outbox.schedule_retry(head, timedelta(0), "gate", is_counted=False)
    assert claim(busy, 1)[0].attempts == 1


@pytest.mark.pooled
@pytest.mark.rule("EVT-06")
def test_a_failed_delivery_is_reported_to_who_is_responsible_and_can_be_retried(
    busy: Scenario,
) -> None:
    outbox = busy.database.outbox
    delivery = _reach(busy, "invitation")

    outbox.mark_failed(delivery, "user_disabled")

    failed = outbox.list_failed()[0]
    assert (failed.id, failed.problem) == (delivery.id, "user_disabled")
    complaint = _reach(busy, "undeliverable")
    named = {
        "target": delivery.target,
        "message": "invitation",
        "delivery": delivery.id,
    }
    assert complaint.payload == {"problem": "user_disabled", **named}
    assert complaint.subject_id == delivery.subject_id
    assert outbox.retry_failed(delivery.id) is True
    assert outbox.retry_failed(delivery.id) is False
    assert _reach(busy, "invitation").id == delivery.id


@pytest.mark.pooled
def test_a_complaint_that_cannot_be_delivered_gives_no_further_complaint(
    busy: Scenario,
) -> None:
    outbox = busy.database.outbox
    outbox.mark_failed(_reach(busy, "invitation"), "x")
    outbox.mark_failed(_reach(busy, "undeliverable"), "y")
    assert [d.message for d in outbox.list_failed()] == ["undeliverable", "invitation"]
    assert all(message != "undeliverable" for _, message in busy.take_outbox())


@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize(
    "payload", ['{"', "nonsense", "null", "[]", "5", "[" * 100_000]
)
@pytest.mark.pooled
def test_a_row_that_cannot_be_read_holds_up_no_other_and_can_be_given_up(
    busy: Scenario, payload: str
) -> None:
    first = text(
        "UPDATE outbox SET payload = :payload WHERE id = (SELECT min(id) FROM outbox WHERE state = 'queued')"
    )
    with busy.database.engine.begin() as connection:
        connection.execute(first, {"payload": payload})
    damaged, *others = claim(busy)
    assert (damaged.is_damaged, damaged.payload) == (True, None)
    assert [each.is_damaged for each in others] == [False]
    busy.database.outbox.mark_failed(damaged, "defect E1")
    assert [(d.id, d.problem) for d in busy.database.outbox.list_failed()] == [
        (damaged.id, "defect E1")
    ]


@pytest.mark.pooled
def test_live_messages_are_listed_by_subject_and_target_and_deleted_one_by_one(
    busy: Scenario,
) -> None:
    outbox = busy.database.outbox
    delivery = _reach(busy, "invitation")
    first = LiveMessage(
        workspace=delivery.workspace,
        subject_id=delivery.subject_id or "",
        target=delivery.target,
        message="invitation",
        address="first address",
    )
    second = replace(first, address="second address")
    named = first.workspace, first.subject_id
    outbox.mark_sent(delivery, first)
    outbox.save_live_message(second)
    assert outbox.list_live_messages(*named, first.target) == [first, second]
    assert outbox.list_live_messages(*named, "person:PX") == []
    outbox.delete_live_message(first)
    assert outbox.list_live_messages(*named, first.target) == [second]


@pytest.mark.pooled
def test_topics_of_a_gathered_message_are_stored_with_it_and_with_its_records(
    database: Database,
) -> None:
    world = Scenario(database)
    world.create_company()
    more = (NotificationTopic(2, None), NotificationTopic(3, "R1 P2"))
    notification = Notification("person:P9", "member_ended", 1, "R1 P1", more=more)
    with database.unit_of_work_factory.write(world.workspace) as unit:
        unit.enqueue([notification])
    delivery = _reach(world, "member_ended")
    assert delivery.topics == notification.topics == ((1, "R1 P1"), *more)

    record = LiveMessage(
        workspace=delivery.workspace,
        subject_id="R1 P1",
        target=delivery.target,
        message=delivery.message,
        address="an address",
        topics=delivery.topics,
    )
    database.outbox.mark_sent(delivery, record)
    named = record.workspace, record.subject_id, record.target
    assert database.outbox.list_live_messages(*named) == [record]
    database.outbox.delete_live_message(record)
    assert database.outbox.list_live_messages(*named) == []


@pytest.mark.pooled
def test_a_reply_travels_with_its_body_and_leaves_nothing_behind(
    busy: Scenario,
) -> None:
    outbox = busy.database.outbox
    busy.take_outbox()
    outbox.enqueue_message(
        busy.workspace,
        "reply:1",
        "reply",
        {"url": "https://hooks.example.com/secret", "body": {"text": "ä"}},
    )
    reply = claim(busy)[0]
    assert reply.payload == {
        "url": "https://hooks.example.com/secret",
        "body": {"text": "ä"},
    }
    outbox.mark_sent(reply)
    with busy.database.engine.begin() as connection:
        assert (
            connection.execute(
                text("SELECT count(*) FROM outbox WHERE payload IS NOT NULL")
            ).scalar()
            == 0
        )


@pytest.mark.pooled
def test_nothing_waits_in_an_empty_outbox(busy: Scenario) -> None:
    busy.take_outbox()
    assert busy.database.outbox.seconds_until_next() is None


@pytest.mark.pooled
@pytest.mark.postgres
def test_what_was_sent_is_settled_while_an_act_is_decided(
    postgres_database: Database,
) -> None:
    world = Scenario(postgres_database)
    world.create_company()
    [first, *_] = claim(world)
    thread = MessageThread(first.workspace, first.target, "I1", "1.2")
    with world.database.unit_of_work_factory.write(world.workspace):
        assert world.database.outbox.mark_sent(first, thread)
        world.database.outbox.enqueue_message(world.workspace, "reply:1", "reply", {})


@pytest.mark.pooled
@pytest.mark.rule("EVT-06")
def test_couriers_side_by_side_never_claim_the_same_thing(busy: Scenario) -> None:
    for n in range(40):
        busy.send_invitation(f"p{n}")
    claimed: list[int] = []
    guard = threading.Lock()

    def work() -> None:
        while batch := busy.database.outbox.claim_deliveries(3, MINUTE):
            with guard:
                claimed.extend(d.id for d in batch)
            for delivery in batch:
                busy.database.outbox.mark_sent(delivery)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) >= 80


def _reach(world: Scenario, message: str) -> Delivery:
    """Settle what stands before the first delivery of that message, and claim it."""
    for _ in range(20):
        for delivery in world.database.outbox.claim_deliveries(1, MINUTE):
            if delivery.message == message:
                return delivery
            world.database.outbox.mark_sent(delivery)
    raise AssertionError(message)


@pytest.mark.slow
def test_a_thousand_that_wait_are_claimed_as_quickly_as_a_few(busy: Scenario) -> None:
    busy.bus._policy = Policy(daily_invitations=1000)
    for n in range(200):
        busy.send_invitation(f"p{n}")
    started = time.monotonic()
    for _ in range(5):
        busy.database.outbox.seconds_until_next()
        assert len(claim(busy, 4)) == 4
    assert time.monotonic() - started < 2


def test_a_burst_is_claimed_quickly_by_plans_from_when_little_waited(
    busy: Scenario,
) -> None:
    # PostgreSQL plans with what it counted last, and keeps a plan until it counts again, a minute later.
    _flood(busy, 100)
    with busy.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE outbox")
    for _ in range(12):
        assert len(claim(busy, 1)) == 1
    _flood(busy, 3000)
    durations = []
    for _ in range(5):
        started = time.monotonic()
        assert len(claim(busy, 4)) == 4
        durations.append(time.monotonic() - started)
    # The fastest, since other processes of a busy machine slow down some.
    assert min(durations) < 0.1


def _flood(world: Scenario, many: int) -> None:
    row = {
        "workspace": world.workspace,
        "message": "joined",
        "state": "queued",
        "attempts": 0,
        "lease": "",
    }
    waiting = [
        {**row, "target": f"person:P{n}", "not_before": 0.0, "leased_until": 0.0}
        for n in range(many)
    ]
    with world.database.engine.begin() as connection:
        connection.execute(table.insert(), waiting)


@pytest.mark.pooled
def test_a_lease_and_a_pause_of_before_the_clock_was_set_back_are_over(
    acme: Scenario,
) -> None:
    acme.send_invitation("carl")
    outbox, hour = acme.database.outbox, 3600.0
    [claimed, *_] = outbox.claim_deliveries(1, timedelta(seconds=60))
    assert (outbox.seconds_until_next() or 0.0) >= 0.0
    with acme.database.engine.begin() as connection:
        # As an hour that the database's clock goes back looks to what was leased and put off before.
        connection.execute(
            text("UPDATE outbox SET leased_until = leased_until + :more"),
            {"more": hour},
        )
        connection.execute(text("UPDATE outbox SET leased_until = 0 WHERE lease = ''"))
    assert outbox.seconds_until_next() == 0.0
    again = outbox.claim_deliveries(10, timedelta(seconds=60))
    assert claimed.id in {delivery.id for delivery in again}
    for delivery in again:
        outbox.schedule_retry(delivery, timedelta(days=9), "timeout")
    assert outbox.seconds_until_next() == 0.0
    assert {d.id for d in outbox.claim_deliveries(10, timedelta(seconds=60))} == {
        d.id for d in again
    }
    with acme.database.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET leased_until = 0, not_before = 0"))
