"""How people choose to hear of what does not need them, and what could not be delivered (EVT-04, EVT-06)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collab import refusals
from collab.events import MemberWarned, NoticeRetried, PersonDigested, PersonSet
from collab.invitations import Revoke
from collab.membership import ChangeRole
from collab.notices import person_target
from collab.offers import Term
from collab.preferences import Set
from collab.telling import CHOICES, TOGETHER, morning
from collab.undelivered import ListUndelivered, SendAgain, Undelivered
from tests.support.builders import World

MINUTE = timedelta(seconds=60)


@pytest.fixture
def crowd(acme: World) -> World:
    """Ada owns Acme, Carl and Devi are admins of it, and Ada chooses how she hears."""
    acme.knows("carl", "devi")
    acme.member("carl")
    acme.member("devi")
    acme.told()
    return acme


def chooses(world: World, who: str, value: str | None) -> None:
    world.do(Set(world.by(who), "notices", value))


def messages(world: World, who: str) -> list[str]:
    return [message for target, message in world.told() if target == who]


@pytest.mark.rule("EVT-04")
def test_at_first_everybody_hears_of_everything_at_once(crowd: World) -> None:
    crowd.leave("carl")
    assert messages(crowd, "ada") == ["member_left"]


@pytest.mark.rule("EVT-04")
def test_what_does_not_need_somebody_waits_for_their_own_morning_and_comes_once(crowd: World) -> None:
    chooses(crowd, "ada", "digest")
    crowd.leave("carl")
    crowd.passes(hours=1)
    crowd.leave("devi")
    assert messages(crowd, "ada") == []
    crowd.passes(hours=20)  # 7:00 in Berlin
    assert messages(crowd, "ada") == []
    assert crowd.collab.next_due() == datetime(2026, 11, 24, 8, tzinfo=UTC)
    crowd.passes(hours=2)
    assert messages(crowd, "ada") == ["own_digest"]
    [digest] = crowd.happened(PersonDigested)
    assert [each.partition(" ")[2] for each in digest.told] == ["member_left", "member_left"]
    crowd.passes(days=3)
    assert messages(crowd, "ada") == []
    assert crowd.collab.next_due() is None


@pytest.mark.rule("EVT-04")
def test_who_hears_only_of_what_needs_them_does_not_hear_of_the_rest_at_all(crowd: World) -> None:
    chooses(crowd, "ada", "needed")
    crowd.leave("carl")
    assert messages(crowd, "ada") == []
    crowd.passes(days=3)
    assert messages(crowd, "ada") == []
    assert crowd.happened(PersonDigested) == []


@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize("choice", CHOICES[1:])
def test_what_needs_somebody_always_comes_at_once(crowd: World, choice: str) -> None:
    for who in ("ada", "carl", "bo"):
        crowd.knows(who)
        chooses(crowd, who, choice)
    crowd.told()
    invitation = crowd.invite("bo", "admin")
    assert crowd.told() == [("bo", "invitation")]
    crowd.passes(days=3)
    assert messages(crowd, "bo") == ["invitation_reminder"]
    crowd.do(Revoke(crowd.by("ada"), invitation))
    crowd.told()
    request = crowd.asks("carl", "owner")
    assert messages(crowd, "ada") == ["request"]
    crowd.refuse("ada", request)
    assert "request_declined" in messages(crowd, "carl")
    crowd.passes(days=20)
    crowd.told()
    request = crowd.asks("carl", "owner")
    crowd.passes(days=20)
    assert "request_ended" in messages(crowd, "carl")


@pytest.mark.rule("MEM-10")
@pytest.mark.parametrize("choice", CHOICES[1:])
def test_the_end_of_ones_own_membership_is_told_before_it_comes_and_when_it_does(crowd: World, choice: str) -> None:
    crowd.knows("bo")
    chooses(crowd, "bo", choice)
    crowd.member("bo", "admin", term=Term(timedelta(days=8)))
    crowd.told()
    crowd.passes(days=1, hours=1)
    assert crowd.happened(MemberWarned)
    assert messages(crowd, "bo") == ["member_warned"]
    crowd.passes(days=8)
    assert "member_ended" in messages(crowd, "bo")


@pytest.mark.rule("MEM-03")
@pytest.mark.parametrize("choice", CHOICES[1:])
def test_what_becomes_of_ones_own_role_is_told_at_once(crowd: World, choice: str) -> None:
    chooses(crowd, "carl", choice)
    crowd.do(ChangeRole(crowd.by("ada"), crowd.account("carl"), "owner", "acme"))
    assert messages(crowd, "carl") == ["member_role_changed"]
    chooses(crowd, "devi", choice)
    crowd.told()
    crowd.remove("devi")
    assert messages(crowd, "devi") == ["member_removed"]


@pytest.mark.rule("EVT-06")
def test_what_was_kept_still_comes_after_another_choice_and_what_follows_keeps_to_that(crowd: World) -> None:
    chooses(crowd, "ada", "digest")
    crowd.leave("carl")
    chooses(crowd, "ada", None)
    crowd.leave("devi")
    assert messages(crowd, "ada") == ["member_left"]
    crowd.passes(days=1)
    assert messages(crowd, "ada") == ["own_digest"]


@pytest.mark.rule("EVT-06")
def test_a_burst_of_one_day_is_told_thirty_at_a_time(crowd: World) -> None:
    chooses(crowd, "carl", "digest")
    for number in range(TOGETHER + 5):
        crowd.do(Revoke(crowd.by("ada"), crowd.invite(f"p{number}@example.com", by="carl")))
    crowd.told()
    crowd.passes(days=1)
    assert messages(crowd, "carl") == ["own_digest"] * len(crowd.happened(PersonDigested))
    sizes = [len(event.told) for event in crowd.happened(PersonDigested)]
    assert sizes == [TOGETHER, TOGETHER, 2 * (TOGETHER + 5) - 2 * TOGETHER]


def test_a_deactivated_account_is_told_nothing_in_the_morning(crowd: World) -> None:
    crowd.member("carl", "owner")
    chooses(crowd, "ada", "digest")
    crowd.leave("devi")
    crowd.goes("ada")
    crowd.told()
    crowd.passes(days=1)
    assert "own_digest" not in messages(crowd, "ada")


@pytest.mark.rule("EVT-01")
def test_a_choice_is_ones_own_and_says_what_was_before(crowd: World) -> None:
    chooses(crowd, "carl", "digest")
    chooses(crowd, "carl", "Digest")
    chooses(crowd, "carl", "needed")
    chooses(crowd, "carl", None)
    assert [(e.person, e.value, e.before) for e in crowd.happened(PersonSet)] == [
        (crowd.id_of("carl"), "digest", "direct"),
        (crowd.id_of("carl"), "needed", "digest"),
        (crowd.id_of("carl"), "direct", "needed"),
    ]
    for wrong in ("never", "", "daily"):
        with pytest.raises(refusals.BadSetting):
            chooses(crowd, "carl", wrong or " x")


@pytest.mark.parametrize(
    ("at", "tz", "due"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), "Europe/Berlin", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        (datetime(2026, 11, 23, 8, tzinfo=UTC), "Europe/Berlin", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), "Europe/Berlin", datetime(2026, 10, 25, 8, tzinfo=UTC)),
        (datetime(2026, 11, 23, 20, tzinfo=UTC), "Asia/Tokyo", datetime(2026, 11, 24, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 20, tzinfo=UTC), "Nowhere/AtAll", datetime(2026, 11, 24, 9, tzinfo=UTC)),
    ],
)
def test_a_morning_is_at_nine_where_somebody_is(at: datetime, tz: str, due: datetime) -> None:
    assert morning(at, tz) == due


# What could not be delivered


def dies(world: World, message: str, problem: str = "not_in_channel") -> int:
    """The delivery of that message is given up, all others arrive; its number."""
    died = 0
    while claimed := world.database.outbox.claim(50, MINUTE):
        for delivery in claimed:
            if delivery.message == message:
                died = delivery.id
                world.database.outbox.dead(delivery, problem)
            else:
                world.database.outbox.sent(delivery)
    return died


def undelivered(world: World, who: str) -> list[Undelivered]:
    found: Any = world.collab.ask(ListUndelivered(world.by(who)), world.at)
    return list(found)


@pytest.mark.rule("EVT-06")
def test_what_a_channel_did_not_hear_is_shown_to_who_linked_it_and_sent_again(crowd: World) -> None:
    crowd.link("CACME", "acme", "ada", ["leaves"])
    crowd.told()
    crowd.leave("carl")
    dies(crowd, "member_left")
    [lost] = [each for each in undelivered(crowd, "ada") if each.channel]
    assert (lost.channel, lost.delivery.problem, lost.resource and lost.resource.slug) == (
        "CACME",
        "not_in_channel",
        "acme",
    )
    assert [each.channel for each in undelivered(crowd, "carl")] == [None]
    crowd.told()
    crowd.do(SendAgain(crowd.by("ada", "button"), lost.delivery.id))
    assert crowd.told() == [("channel:CACME", "member_left")]
    assert [each for each in undelivered(crowd, "ada") if each.channel] == []
    assert [(e.delivery, e.target) for e in crowd.happened(NoticeRetried)] == [(lost.delivery.id, "channel:CACME")]


@pytest.mark.rule("EVT-06")
def test_nobody_else_sends_it_again_nor_anybody_twice(crowd: World) -> None:
    crowd.invite("bo@example.com")
    number = dies(crowd, "invitation", "no_account")
    assert [(each.delivery.id, each.mine) for each in undelivered(crowd, "ada")] == [(number, False)]
    with pytest.raises(refusals.NothingToSend):
        crowd.do(SendAgain(crowd.by("carl"), number))
    crowd.do(SendAgain(crowd.by("ada"), number))
    for nothing in (number, number + 1000, 0):
        with pytest.raises(refusals.NothingToSend):
            crowd.do(SendAgain(crowd.by("ada"), nothing))


@pytest.mark.rule("EVT-06")
def test_what_did_not_reach_oneself_is_shown_too(crowd: World) -> None:
    crowd.leave("carl")
    ada = person_target(crowd.id_of("ada"))
    while claimed := crowd.database.outbox.claim(50, MINUTE):
        for delivery in claimed:
            if (delivery.target, delivery.message) == (ada, "member_left"):
                crowd.database.outbox.dead(delivery, "messages_tab_disabled")
            else:
                crowd.database.outbox.sent(delivery)
    assert [(each.mine, each.delivery.message) for each in undelivered(crowd, "ada")] == [(True, "member_left")]
    assert undelivered(crowd, "devi") == []


@pytest.mark.rule("PER-02")
@pytest.mark.rule("EVT-06")
def test_somebody_of_another_workspace_sends_their_own_again_and_nothing_else(crowd: World) -> None:
    crowd.knows("eve@T2")
    crowd.invite("bo@example.com")
    not_hers = dies(crowd, "invitation", "no_account")
    crowd.invite("eve@T2")
    hers = dies(crowd, "invitation", "messages_tab_disabled")
    assert [(each.delivery.id, each.mine) for each in undelivered(crowd, "eve@T2")] == [(hers, True)]
    with pytest.raises(refusals.NothingToSend):
        crowd.do(SendAgain(crowd.by("eve@T2"), not_hers))
    crowd.do(SendAgain(crowd.by("eve@T2"), hers))
    assert undelivered(crowd, "eve@T2") == []


def test_what_asked_for_an_answer_that_is_not_wanted_any_more_is_shown_no_more(crowd: World) -> None:
    invitation = crowd.invite("bo@example.com")
    dies(crowd, "invitation", "no_account")
    assert len(undelivered(crowd, "ada")) == 1
    crowd.do(Revoke(crowd.by("ada"), invitation))
    assert undelivered(crowd, "ada") == []


def test_what_is_a_month_old_is_shown_no_more(crowd: World) -> None:
    crowd.link("CACME", "acme", "ada", ["leaves"])
    crowd.told()
    crowd.leave("carl")
    dies(crowd, "member_left")
    crowd.at += timedelta(days=30)
    assert undelivered(crowd, "ada")
    crowd.at += timedelta(seconds=1)
    assert undelivered(crowd, "ada") == []


def test_who_may_no_longer_view_a_thing_reads_not_what_it_is(crowd: World) -> None:
    crowd.member("carl", "owner")
    crowd.link("CACME", "acme", "carl", ["leaves"])
    crowd.told()
    crowd.leave("devi")
    dies(crowd, "member_left")
    assert {each.resource and each.resource.slug for each in undelivered(crowd, "carl")} == {"acme"}
    crowd.leave("carl")
    dies(crowd, "nothing")
    assert {each.resource for each in undelivered(crowd, "carl") if each.channel} == {None}
