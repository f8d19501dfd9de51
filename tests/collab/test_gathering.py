"""What one transaction has for one target is one message (EVT-06)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.events import MemberEnded, MemberExtended, MemberWarned
from collab.memberships.expiry import ExtendMembership
from collab.model import Delivery, Notification, NotificationTopic, PersonId, Term
from collab.notifications.gathering import MAX_TOPICS, gather_notifications
from collab.notifications.messages import REFRESH
from collab.resource_deletion import DeleteResource
from tests.support.builders import Scenario

pytestmark = pytest.mark.rule("EVT-06")
APPS = ("shop", "blog", "orders")


def notify(
    seq: int, message: str = "member_ended", target: str = "ada"
) -> Notification:
    return Notification(f"person:{target}", message, seq, f"subject {seq}")


def describe(notifications: list[Notification]) -> list[tuple[str, str, list[int]]]:
    return [
        (each.target, each.message, [topic.seq or 0 for topic in each.topics])
        for each in notifications
    ]


def test_the_same_message_for_one_target_is_joined_at_the_place_of_the_first() -> None:
    gathered = gather_notifications(
        [
            notify(1),
            notify(1, target="bo"),
            notify(2, "member_warned"),
            notify(3),
            notify(3, target="bo"),
        ]
    )
    assert describe(gathered) == [
        ("person:ada", "member_ended", [1, 3]),
        ("person:bo", "member_ended", [1, 3]),
        ("person:ada", "member_warned", [2]),
    ]
    assert gathered[0].topics[1] == NotificationTopic(3, "subject 3")


def test_an_update_is_joined_after_the_messages_of_the_transaction() -> None:
    gathered = gather_notifications(
        [notify(1, REFRESH), notify(2, "invitation"), notify(3, REFRESH)]
    )
    assert describe(gathered) == [
        ("person:ada", "invitation", [2]),
        ("person:ada", REFRESH, [1, 3]),
    ]


def test_messages_with_an_answer_of_their_own_stay_apart() -> None:
    requests = [notify(1, "request"), notify(2, "request")]
    assert gather_notifications(requests) == requests


def test_messages_that_somebody_else_answers_for_stay_apart() -> None:
    other = Notification("person:ada", "member_ended", 2, None, PersonId("P9"))
    assert gather_notifications([notify(1), other]) == [notify(1), other]


def test_a_message_has_a_limit_of_topics_and_an_update_none() -> None:
    many = range(1, 2 * MAX_TOPICS + 2)
    messages = gather_notifications([notify(seq) for seq in many])
    assert [len(each.topics) for each in messages] == [MAX_TOPICS, MAX_TOPICS, 1]
    [update] = gather_notifications([notify(seq, REFRESH) for seq in many])
    assert [topic.seq for topic in update.topics] == list(many)


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with three apps, on which Carl and Devi work for ten days."""
    acme.register_people("carl", "devi")
    for name in APPS:
        acme.create_resource("app", name.title(), "acme")
    acme.link_channel()
    for name in ("carl", "devi"):
        term = Term(timedelta(days=10))
        invitation = acme.send_invitation(name, "developer", APPS, term=term)
        acme.accept_invitation(name, invitation)
        acme.at += timedelta(minutes=7)
    acme.take_outbox()
    return acme


def take_deliveries(world: Scenario) -> list[Delivery]:
    """Take what is queued, oldest first."""
    taken: list[Delivery] = []
    while batch := world.database.outbox.claim_deliveries(50, timedelta(seconds=60)):
        taken += batch
        for delivery in batch:
            world.database.outbox.mark_sent(delivery)
    return sorted(taken, key=lambda delivery: delivery.id)


def count_topics(world: Scenario, message: str) -> list[int]:
    deliveries = take_deliveries(world)
    return [len(each.topics) for each in deliveries if each.message == message]


@pytest.mark.rule("MEM-10")
def test_people_whose_time_ends_within_an_hour_are_one_message_to_who_may_extend(
    agency: Scenario,
) -> None:
    agency.advance_time(days=3)
    assert len(agency.events_of_type(MemberWarned)) == 6
    assert count_topics(agency, "member_ends_soon") == [6]

    agency.advance_time(days=6)
    taken = take_deliveries(agency)
    warned = [each for each in taken if each.message == "member_warned"]
    assert [len(each.topics) for each in warned] == [3, 3]

    agency.advance_time(days=1)
    assert len(agency.events_of_type(MemberEnded)) == 6
    channel = [each for each in take_deliveries(agency) if "channel" in each.target]
    assert [(each.message, len(each.topics)) for each in channel] == [
        ("member_ended", 6)
    ]


@pytest.mark.rule("MEM-10")
def test_all_that_one_button_shows_is_extended_together(agency: Scenario) -> None:
    agency.advance_time(days=3)
    agency.take_outbox()
    [end, *_] = [event.until for event in agency.events_of_type(MemberWarned)]
    extend = ExtendMembership(
        agency.caller_for("ada"),
        agency.person_id_of("carl"),
        "shop",
        expected_end=end,
        also=("blog", "orders"),
    )
    agency.execute(extend)
    assert len(agency.events_of_type(MemberExtended)) == 3
    assert count_topics(agency, "member_extended") == [3]

    agency.execute(extend)  # again, as the end is another one now
    assert len(agency.events_of_type(MemberExtended)) == 3


def _delete(agency: Scenario, slug: str) -> None:
    title = agency.get_resource(slug).title
    agency.execute(DeleteResource(agency.caller_for("ada"), slug, title))


@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize("gone", ["shop", "blog"])
def test_what_is_gone_does_not_keep_the_rest_from_being_extended(
    agency: Scenario, gone: str
) -> None:
    agency.advance_time(days=3)
    [end, *_] = [event.until for event in agency.events_of_type(MemberWarned)]
    first, *others = [
        agency.get_resource(slug).id for slug in ("shop", "blog", "orders")
    ]
    _delete(agency, gone)
    extend = ExtendMembership(
        agency.caller_for("ada"),
        agency.person_id_of("carl"),
        first,
        expected_end=end,
        also=tuple(others),
    )
    agency.execute(extend)
    assert len(agency.events_of_type(MemberExtended)) == 2
    for slug in {"shop", "blog", "orders"} - {gone}:
        _delete(agency, slug)
    with pytest.raises(errors.UnknownResource):
        agency.execute(extend)
