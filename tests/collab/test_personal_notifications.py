"""How people choose to hear of what does not need them, and what could not be delivered (EVT-04, EVT-06)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collab import errors
from collab.events import DigestSent, MemberWarned, NoticeRetried, PersonSet
from collab.invitations.commands import RevokeInvitation
from collab.memberships.commands import ChangeRole
from collab.model import DeliveryId, Frequency, NotificationPreference, Term
from collab.notifications.digests import MAX_PERSONAL_DIGEST_ITEMS, get_next_occurrence
from collab.notifications.failed import (
    FailedDelivery,
    ListFailedDeliveries,
    RetryDelivery,
)
from collab.notifications.targets import format_person_target
from collab.settings import ChangeSettings
from tests.support.builders import Scenario

MINUTE = timedelta(seconds=60)
DEFERRING = [NotificationPreference.DAILY, NotificationPreference.ESSENTIAL_ONLY]


@pytest.fixture
def crowd(acme: Scenario) -> Scenario:
    """Ada owns Acme, Carl and Devi are admins of it, and Ada chooses how she hears."""
    acme.register_people("carl", "devi")
    acme.add_member("carl")
    acme.add_member("devi")
    acme.take_outbox()
    return acme


def chooses(world: Scenario, who: str, value: str | None) -> None:
    world.execute(ChangeSettings(world.caller_for(who), {"notices": value}))


def messages(world: Scenario, who: str) -> list[str]:
    return [message for target, message in world.take_outbox() if target == who]


@pytest.mark.rule("EVT-04")
def test_at_first_everybody_hears_of_everything_at_once(crowd: Scenario) -> None:
    crowd.leave_resource("carl")
    assert messages(crowd, "ada") == ["member_left"]


@pytest.mark.rule("EVT-04")
def test_what_does_not_need_a_person_waits_for_their_own_morning_and_comes_once(
    crowd: Scenario,
) -> None:
    chooses(crowd, "ada", "digest")
    crowd.leave_resource("carl")
    crowd.advance_time(hours=1)
    crowd.leave_resource("devi")
    assert messages(crowd, "ada") == []
    crowd.advance_time(hours=20)  # 7:00 in Berlin
    assert messages(crowd, "ada") == []
    assert crowd.bus.get_next_due_time() == datetime(2026, 11, 24, 8, tzinfo=UTC)
    crowd.advance_time(hours=2)
    [digest] = crowd.events_of_type(DigestSent)
    assert digest.item_count == 2
    with crowd.database.unit_of_work_factory.read(crowd.workspace) as repositories:
        seq = crowd.list_recorded_events()[-1].seq
        items = repositories.digests.list_digest_items(seq, 10)
    assert [item.message for item in items] == ["member_left", "member_left"]
    assert messages(crowd, "ada") == ["own_digest"]
    crowd.advance_time(days=3)
    assert messages(crowd, "ada") == []
    assert crowd.bus.get_next_due_time() is None


@pytest.mark.rule("EVT-04")
def test_who_hears_only_of_what_needs_them_does_not_hear_of_the_rest_at_all(
    crowd: Scenario,
) -> None:
    chooses(crowd, "ada", "needed")
    crowd.leave_resource("carl")
    assert messages(crowd, "ada") == []
    crowd.advance_time(days=3)
    assert messages(crowd, "ada") == []
    assert crowd.events_of_type(DigestSent) == []


@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize("choice", DEFERRING)
def test_what_needs_a_person_always_comes_at_once(crowd: Scenario, choice: str) -> None:
    for who in ("ada", "carl", "bo"):
        crowd.register_people(who)
        chooses(crowd, who, choice)
    crowd.take_outbox()
    invitation = crowd.send_invitation("bo", "admin")
    assert crowd.take_outbox() == [("bo", "invitation")]
    crowd.advance_time(days=3)
    assert messages(crowd, "bo") == ["invitation_reminder", "refresh"]
    crowd.execute(RevokeInvitation(crowd.caller_for("ada"), invitation))
    crowd.take_outbox()
    request = crowd.request_access("carl", "owner")
    assert messages(crowd, "ada") == ["request"]
    crowd.deny_request("ada", request)
    assert "request_declined" in messages(crowd, "carl")
    crowd.advance_time(days=20)
    crowd.take_outbox()
    request = crowd.request_access("carl", "owner")
    crowd.advance_time(days=20)
    assert "request_ended" in messages(crowd, "carl")


@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize("choice", DEFERRING)
def test_the_end_of_ones_membership_is_sent_at_once_before_it_and_when_it_comes(
    crowd: Scenario, choice: str
) -> None:
    crowd.register_people("bo")
    chooses(crowd, "bo", choice)
    crowd.add_member("bo", "admin", term=Term(timedelta(days=8)))
    crowd.take_outbox()
    crowd.advance_time(days=1, hours=1)
    assert crowd.events_of_type(MemberWarned)
    assert messages(crowd, "bo") == ["member_warned"]
    crowd.advance_time(days=8)
    assert "member_ended" in messages(crowd, "bo")


@pytest.mark.rule("MEM-03")
@pytest.mark.parametrize("choice", DEFERRING)
def test_a_change_of_ones_own_role_is_sent_at_once(
    crowd: Scenario, choice: str
) -> None:
    chooses(crowd, "carl", choice)
    crowd.execute(
        ChangeRole(crowd.caller_for("ada"), crowd.account_of("carl"), "owner", "acme")
    )
    assert messages(crowd, "carl") == ["member_role_changed"]
    chooses(crowd, "devi", choice)
    crowd.take_outbox()
    crowd.remove_member("devi")
    assert messages(crowd, "devi") == ["member_removed"]


@pytest.mark.rule("EVT-06")
def test_what_was_kept_still_comes_after_another_choice_and_what_follows_keeps_to_that(
    crowd: Scenario,
) -> None:
    chooses(crowd, "ada", "digest")
    crowd.leave_resource("carl")
    chooses(crowd, "ada", None)
    crowd.leave_resource("devi")
    assert messages(crowd, "ada") == ["member_left"]
    crowd.advance_time(days=1)
    assert messages(crowd, "ada") == ["own_digest"]


@pytest.mark.rule("EVT-06")
def test_the_many_events_of_one_day_are_sent_thirty_at_a_time(crowd: Scenario) -> None:
    chooses(crowd, "carl", "digest")
    for number in range(MAX_PERSONAL_DIGEST_ITEMS + 5):
        crowd.execute(
            RevokeInvitation(
                crowd.caller_for("ada"),
                crowd.send_invitation(f"p{number}@example.com", by="carl"),
            )
        )
    crowd.take_outbox()
    crowd.advance_time(days=1)
    assert messages(crowd, "carl") == ["own_digest"] * len(
        crowd.events_of_type(DigestSent)
    )
    sizes = [event.item_count for event in crowd.events_of_type(DigestSent)]
    assert sizes == [MAX_PERSONAL_DIGEST_ITEMS, 5]


def test_a_deactivated_account_gets_no_digest(crowd: Scenario) -> None:
    crowd.add_member("carl", "owner")
    chooses(crowd, "ada", "digest")
    crowd.leave_resource("devi")
    crowd.deactivate_accounts("ada")
    crowd.take_outbox()
    crowd.advance_time(days=1)
    assert "own_digest" not in messages(crowd, "ada")


@pytest.mark.rule("EVT-01")
def test_a_choice_is_ones_own_and_says_what_was_before(crowd: Scenario) -> None:
    chooses(crowd, "carl", "digest")
    chooses(crowd, "carl", "Digest")
    chooses(crowd, "carl", "needed")
    chooses(crowd, "carl", None)
    assert [(e.person, e.value, e.before) for e in crowd.events_of_type(PersonSet)] == [
        (crowd.person_id_of("carl"), "digest", "direct"),
        (crowd.person_id_of("carl"), "needed", "digest"),
        (crowd.person_id_of("carl"), "direct", "needed"),
    ]
    for wrong in ("never", "", "daily"):
        with pytest.raises(errors.BadSetting):
            chooses(crowd, "carl", wrong or " x")


@pytest.mark.parametrize(
    ("at", "tz", "due"),
    [
        (
            datetime(2026, 11, 23, 7, 59, tzinfo=UTC),
            "Europe/Berlin",
            datetime(2026, 11, 23, 8, tzinfo=UTC),
        ),
        (
            datetime(2026, 11, 23, 8, tzinfo=UTC),
            "Europe/Berlin",
            datetime(2026, 11, 24, 8, tzinfo=UTC),
        ),
        (
            datetime(2026, 10, 24, 12, tzinfo=UTC),
            "Europe/Berlin",
            datetime(2026, 10, 25, 8, tzinfo=UTC),
        ),
        (
            datetime(2026, 11, 23, 20, tzinfo=UTC),
            "Asia/Tokyo",
            datetime(2026, 11, 24, 0, tzinfo=UTC),
        ),
        (
            datetime(2026, 11, 23, 20, tzinfo=UTC),
            "Nowhere/AtAll",
            datetime(2026, 11, 24, 9, tzinfo=UTC),
        ),
    ],
)
def test_a_morning_is_at_nine_where_a_person_is(
    at: datetime, tz: str, due: datetime
) -> None:
    assert get_next_occurrence(at, Frequency.DAILY, 9, tz) == due


# What could not be delivered


def dies(world: Scenario, message: str, problem: str = "not_in_channel") -> DeliveryId:
    """The delivery of that message is given up, all others arrive; its number."""
    died = DeliveryId(0)
    while claimed := world.database.outbox.claim_deliveries(50, MINUTE):
        for delivery in claimed:
            if delivery.message == message:
                died = delivery.id
                world.database.outbox.mark_failed(delivery, problem)
            else:
                world.database.outbox.mark_sent(delivery)
    return died


def undelivered(world: Scenario, who: str) -> list[FailedDelivery]:
    found: Any = world.bus.query(ListFailedDeliveries(world.caller_for(who)), world.at)
    return list(found)


@pytest.mark.rule("EVT-06")
def test_what_a_channel_did_not_hear_is_shown_to_who_linked_it_and_sent_again(
    crowd: Scenario,
) -> None:
    crowd.link_channel("CACME", "acme", "ada", ["leaves"])
    crowd.take_outbox()
    crowd.leave_resource("carl")
    dies(crowd, "member_left")
    [lost] = [each for each in undelivered(crowd, "ada") if each.channel]
    assert (
        lost.channel,
        lost.delivery.problem,
        lost.resource and lost.resource.slug,
    ) == (
        "CACME",
        "not_in_channel",
        "acme",
    )
    assert [each.channel for each in undelivered(crowd, "carl")] == [None]
    crowd.take_outbox()
    crowd.execute(RetryDelivery(crowd.caller_for("ada", "button"), lost.delivery.id))
    assert crowd.take_outbox() == [("channel:CACME", "member_left")]
    assert [each for each in undelivered(crowd, "ada") if each.channel] == []
    assert [(e.delivery, e.target) for e in crowd.events_of_type(NoticeRetried)] == [
        (lost.delivery.id, "channel:CACME")
    ]


@pytest.mark.rule("EVT-06")
def test_nobody_else_sends_it_again_nor_anybody_twice(crowd: Scenario) -> None:
    crowd.send_invitation("bo@example.com")
    number = dies(crowd, "invitation", "no_account")
    assert [(each.delivery.id, each.mine) for each in undelivered(crowd, "ada")] == [
        (number, False)
    ]
    with pytest.raises(errors.NothingToSend):
        crowd.execute(RetryDelivery(crowd.caller_for("carl"), number))
    crowd.execute(RetryDelivery(crowd.caller_for("ada"), number))
    for nothing in (number, number + 1000, 0):
        with pytest.raises(errors.NothingToSend):
            crowd.execute(RetryDelivery(crowd.caller_for("ada"), DeliveryId(nothing)))


@pytest.mark.rule("EVT-06")
def test_a_question_that_is_answered_is_not_sent_again(crowd: Scenario) -> None:
    invitation = crowd.send_invitation("bo@example.com")
    number = dies(crowd, "invitation", "no_account")
    crowd.execute(RevokeInvitation(crowd.caller_for("ada"), invitation))
    with pytest.raises(errors.NothingToSend):
        crowd.execute(RetryDelivery(crowd.caller_for("ada"), number))


@pytest.mark.rule("EVT-06")
def test_what_did_not_reach_oneself_is_shown_too(crowd: Scenario) -> None:
    crowd.leave_resource("carl")
    ada = format_person_target(crowd.person_id_of("ada"))
    while claimed := crowd.database.outbox.claim_deliveries(50, MINUTE):
        for delivery in claimed:
            if (delivery.target, delivery.message) == (ada, "member_left"):
                crowd.database.outbox.mark_failed(delivery, "messages_tab_disabled")
            else:
                crowd.database.outbox.mark_sent(delivery)
    assert [
        (each.mine, each.delivery.message) for each in undelivered(crowd, "ada")
    ] == [(True, "member_left")]
    assert undelivered(crowd, "devi") == []


@pytest.mark.rule("PER-02")
@pytest.mark.rule("EVT-06")
def test_a_person_of_another_workspace_sends_their_own_again_and_nothing_else(
    crowd: Scenario,
) -> None:
    crowd.register_people("eve@T2")
    crowd.send_invitation("bo@example.com")
    not_hers = dies(crowd, "invitation", "no_account")
    crowd.send_invitation("eve@T2")
    hers = dies(crowd, "invitation", "messages_tab_disabled")
    assert [(each.delivery.id, each.mine) for each in undelivered(crowd, "eve@T2")] == [
        (hers, True)
    ]
    with pytest.raises(errors.NothingToSend):
        crowd.execute(RetryDelivery(crowd.caller_for("eve@T2"), not_hers))
    crowd.execute(RetryDelivery(crowd.caller_for("eve@T2"), hers))
    assert undelivered(crowd, "eve@T2") == []


def test_what_asked_for_an_answer_that_is_not_wanted_any_more_is_shown_no_more(
    crowd: Scenario,
) -> None:
    invitation = crowd.send_invitation("bo@example.com")
    dies(crowd, "invitation", "no_account")
    assert len(undelivered(crowd, "ada")) == 1
    crowd.execute(RevokeInvitation(crowd.caller_for("ada"), invitation))
    assert undelivered(crowd, "ada") == []


def test_what_is_a_month_old_is_shown_no_more(crowd: Scenario) -> None:
    crowd.link_channel("CACME", "acme", "ada", ["leaves"])
    crowd.take_outbox()
    crowd.leave_resource("carl")
    dies(crowd, "member_left")
    crowd.at += timedelta(days=30)
    assert undelivered(crowd, "ada")
    crowd.at += timedelta(seconds=1)
    assert undelivered(crowd, "ada") == []


def test_who_may_no_longer_view_a_thing_reads_not_what_it_is(crowd: Scenario) -> None:
    crowd.add_member("carl", "owner")
    crowd.link_channel("CACME", "acme", "carl", ["leaves"])
    crowd.take_outbox()
    crowd.leave_resource("devi")
    dies(crowd, "member_left")
    assert {
        each.resource and each.resource.slug for each in undelivered(crowd, "carl")
    } == {"acme"}
    crowd.leave_resource("carl")
    dies(crowd, "nothing")
    assert {each.resource for each in undelivered(crowd, "carl") if each.channel} == {
        None
    }
