"""Digests of channels: when they are sent, what they contain, and that nothing is sent twice or lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collab import errors
from collab.channels import (
    LinkChannel,
    ListChannelLinks,
    ListLinkableResources,
    ShowChannelLink,
    UnlinkChannel,
)
from collab.events import ChannelLinked, DigestSent
from collab.model import DEFAULT_HOUR, ChannelId, Frequency
from collab.notifications.digests import get_next_occurrence
from collab.resource_deletion import DeleteResource
from collab.resources import CreateResource, DisableResource
from tests.support.builders import Scenario

CHANNEL = "channel:CACME"
NINE = 9


def together(
    world: Scenario,
    rhythm: str = Frequency.DAILY,
    hour: int = NINE,
    what: str = "acme",
    channel: str = "CACME",
) -> None:
    """A channel hears of a thing together from now on; Ada, who lives in Berlin, links it."""
    world.execute(
        LinkChannel(world.caller_for("ada"), ChannelId(channel), what, (), rhythm, hour)
    )
    world.take_outbox()


def heard(world: Scenario, channel: str = CHANNEL) -> list[str]:
    """Take the outbox and return the names of the channel's messages."""
    return [message for target, message in world.take_outbox() if target == channel]


@pytest.mark.rule("EVT-04")
def test_a_daily_digest_is_sent_once_at_the_hour_of_who_linked_the_channel(
    acme: Scenario,
) -> None:
    together(acme)  # it is Monday, 10 o'clock in Berlin
    acme.add_member("carl")
    acme.add_member("devi")
    assert heard(acme) == []
    assert acme.bus.get_next_due_time() == datetime(2026, 11, 24, 8, tzinfo=UTC)

    assert acme.advance_time(hours=22, minutes=59) == 0
    assert acme.advance_time(minutes=1) == 1

    assert heard(acme) == ["digest"]
    [digest] = acme.events_of_type(DigestSent)
    assert (digest.channel, digest.item_count, digest.escalate_to) == (
        "CACME",
        2,
        acme.person_id_of("ada"),
    )
    assert acme.advance_time(days=3) == 0
    assert heard(acme) == []


@pytest.mark.rule("EVT-04")
def test_a_weekly_digest_is_sent_on_monday(acme: Scenario) -> None:
    together(acme, Frequency.WEEKLY, 7)
    acme.at += timedelta(days=2)
    acme.add_member("carl")
    acme.take_outbox()
    assert acme.advance_time(days=4) == 0
    acme.at = datetime(2026, 11, 30, 5, 59, tzinfo=UTC)
    assert acme.advance_time() == 0
    assert acme.advance_time(minutes=1) == 1
    assert heard(acme) == ["digest"]


@pytest.mark.rule("EVT-04")
def test_no_digest_is_sent_when_nothing_happened(acme: Scenario) -> None:
    together(acme)
    assert acme.bus.get_next_due_time() is None
    assert acme.advance_time(days=9) == 0
    assert (acme.events_of_type(DigestSent), heard(acme)) == ([], [])


@pytest.mark.rule("EVT-04")
def test_an_overdue_digest_is_sent_at_once_and_new_events_wait_for_the_next(
    acme: Scenario,
) -> None:
    together(acme)
    acme.add_member("carl")
    acme.at += timedelta(days=3)
    acme.add_member("devi")
    acme.take_outbox()

    assert acme.advance_time() == 1
    assert [digest.item_count for digest in acme.events_of_type(DigestSent)] == [1]
    assert acme.advance_time(days=1) == 1
    assert [digest.item_count for digest in acme.events_of_type(DigestSent)] == [1, 1]


@pytest.mark.rule("EVT-04")
def test_a_channel_hears_together_only_of_what_was_chosen_and_of_what_stands_inside(
    acme: Scenario,
) -> None:
    acme.create_resource("app", "Shop", "acme")
    acme.execute(
        LinkChannel(
            acme.caller_for("ada"),
            ChannelId("CACME"),
            "acme",
            ("removals",),
            Frequency.DAILY,
            NINE,
        )
    )
    acme.add_member("carl", "developer", "shop")
    acme.remove_member("carl", what="shop")
    acme.advance_time(days=1)
    with acme.database.unit_of_work_factory.read(acme.workspace) as facts:
        [seq] = [
            r.seq
            for r in acme.list_recorded_events()
            if isinstance(r.event, DigestSent)
        ]
        digest_events = [
            facts.events.get_event(item.seq)
            for item in facts.digests.list_digest_items(seq, 10)
        ]
    assert [r.event.name for r in digest_events if r] == ["member.removed"]


@pytest.mark.rule("EVT-04")
def test_a_channel_hears_of_a_thing_by_its_nearest_link_alone(acme: Scenario) -> None:
    acme.create_resource("app", "Shop", "acme")
    together(acme)
    acme.link_channel(what="shop")
    acme.take_outbox()
    acme.add_member("carl", "developer", "shop")
    assert heard(acme) == ["member_joined"]
    assert acme.advance_time(days=2) == 0


@pytest.mark.rule("EVT-04")
def test_queued_events_are_sent_in_their_time_though_the_frequency_changes(
    acme: Scenario,
) -> None:
    together(acme)
    acme.add_member("carl")
    acme.link_channel()
    acme.take_outbox()
    acme.leave_resource("carl")
    assert heard(acme) == ["member_left"]
    assert acme.advance_time(days=1) == 1
    assert heard(acme) == ["digest"]


@pytest.mark.rule("EVT-04")
def test_an_unlinked_channel_does_not_get_its_queued_events(acme: Scenario) -> None:
    together(acme)
    acme.add_member("carl")
    acme.execute(UnlinkChannel(acme.caller_for("ada"), ChannelId("CACME")))
    acme.take_outbox()
    assert acme.bus.get_next_due_time() is None
    assert acme.advance_time(days=2) == 0


@pytest.mark.rule("EVT-04")
def test_a_deletion_is_sent_at_once_where_it_ends_the_link_and_else_in_the_digest(
    acme: Scenario,
) -> None:
    acme.create_resource("app", "Shop", "acme")
    together(acme)
    together(acme, what="shop", channel="CSHOP")
    acme.add_member("carl", "developer", "shop")
    acme.take_outbox()

    acme.execute(DeleteResource(acme.caller_for("ada"), "shop"))

    assert {t: m for t, m in acme.take_outbox() if t.startswith("channel")} == {
        "channel:CSHOP": "resource_deleted"
    }
    assert acme.advance_time(days=1) == 2
    assert {(t.channel, t.item_count) for t in acme.events_of_type(DigestSent)} == {
        ("CACME", 2),
        ("CSHOP", 1),
    }


@pytest.mark.rule("EVT-06")
def test_who_linked_the_channel_answers_for_its_digest(acme: Scenario) -> None:
    together(acme)
    acme.add_member("carl")
    acme.take_outbox()
    acme.advance_time(days=1)
    [digest] = [
        d
        for d in acme.database.outbox.claim_deliveries(50, timedelta(minutes=1))
        if d.message == "digest"
    ]
    acme.database.outbox.mark_failed(digest, "not_in_channel")
    assert ("ada", "undeliverable") in acme.take_outbox()


@pytest.mark.rule("EVT-04")
def test_linking_keeps_the_rhythm_and_refuses_what_is_none(acme: Scenario) -> None:
    linked = acme.execute(
        LinkChannel(
            acme.caller_for("ada"), ChannelId("CACME"), "acme", (), Frequency.WEEKLY, 17
        )
    ).get_event(ChannelLinked)
    assert (linked.rhythm, linked.hour) == (Frequency.WEEKLY, 17)
    with pytest.raises(errors.AlreadyLinked):
        acme.execute(
            LinkChannel(
                acme.caller_for("ada"),
                ChannelId("CACME"),
                "acme",
                (),
                Frequency.WEEKLY,
                17,
            )
        )
    assert acme.execute(
        LinkChannel(
            acme.caller_for("ada"), ChannelId("CACME"), "acme", (), Frequency.WEEKLY, 18
        )
    ).recorded
    with pytest.raises(errors.UnknownRhythm) as unknown:
        acme.execute(
            LinkChannel(
                acme.caller_for("ada"), ChannelId("CACME"), "acme", (), "hourly"
            )
        )
    assert (unknown.value.typed, unknown.value.rhythms) == ("hourly", tuple(Frequency))
    for hour in (-1, 24):
        with pytest.raises(errors.BadHour) as bad:
            acme.execute(
                LinkChannel(
                    acme.caller_for("ada"),
                    ChannelId("CACME"),
                    "acme",
                    (),
                    Frequency.DAILY,
                    hour,
                )
            )
        assert bad.value.hour == hour


@pytest.mark.rule("EVT-04")
def test_at_once_no_hour_counts(acme: Scenario) -> None:
    linked = acme.execute(
        LinkChannel(
            acme.caller_for("ada"),
            ChannelId("CACME"),
            "acme",
            (),
            Frequency.IMMEDIATE,
            17,
        )
    ).get_event(ChannelLinked)
    assert linked.hour == DEFAULT_HOUR
    with pytest.raises(errors.AlreadyLinked):
        acme.execute(
            LinkChannel(
                acme.caller_for("ada"),
                ChannelId("CACME"),
                "acme",
                (),
                Frequency.IMMEDIATE,
                5,
            )
        )


SPRING, AUTUMN = datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC)


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize(
    ("after", "hour", "tz", "expected"),
    [
        (
            datetime(2027, 3, 27, 12, tzinfo=UTC),
            9,
            "Europe/Berlin",
            SPRING + timedelta(hours=7),
        ),
        (
            SPRING,
            2,
            "Europe/Berlin",
            SPRING + timedelta(hours=1),
        ),  # there is no 2 o'clock that day
        (
            datetime(2027, 10, 30, 12, tzinfo=UTC),
            9,
            "Europe/Berlin",
            AUTUMN + timedelta(hours=8),
        ),
        (datetime(2027, 10, 30, 12, tzinfo=UTC), 2, "Europe/Berlin", AUTUMN),
        (
            AUTUMN,
            2,
            "Europe/Berlin",
            AUTUMN + timedelta(days=1, hours=1),
        ),  # the second 2 o'clock of that night: the digest was sent at the first
        (
            AUTUMN + timedelta(hours=1),
            2,
            "Europe/Berlin",
            AUTUMN + timedelta(days=1, hours=1),
        ),
        (
            datetime(2026, 11, 23, 3, 30, tzinfo=UTC),
            9,
            "Asia/Kolkata",
            datetime(2026, 11, 24, 3, 30, tzinfo=UTC),
        ),
        (
            datetime(2026, 11, 23, 23, tzinfo=UTC),
            0,
            "America/New_York",
            datetime(2026, 11, 24, 5, tzinfo=UTC),
        ),
        (
            datetime(2026, 11, 23, 9, tzinfo=UTC),
            10,
            "Nowhere/Atall",
            datetime(2026, 11, 23, 10, tzinfo=UTC),
        ),
    ],
)
def test_the_hour_is_that_of_the_place_on_every_day(
    after: datetime, hour: int, tz: str, expected: datetime
) -> None:
    assert get_next_occurrence(after, Frequency.DAILY, hour, tz) == expected


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize("hour", [0, 2, 3, 9, 23])
@pytest.mark.parametrize(
    "tz",
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"],
)
def test_every_day_of_a_year_has_one_digest_and_every_week_too(
    hour: int, tz: str
) -> None:
    start, moment = datetime(2027, 1, 1, tzinfo=UTC), timedelta(seconds=1)
    for rhythm, length, expected in (
        (Frequency.DAILY, 365, 365),
        (Frequency.WEEKLY, 364, 52),
    ):
        at, found = start - moment, 0
        while (at := get_next_occurrence(at, rhythm, hour, tz)) < start + timedelta(
            days=length
        ):
            found += 1
        assert found == expected


@pytest.mark.rule("EVT-04")
def test_one_finds_what_one_may_link_and_no_more(acme: Scenario) -> None:
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("project", "Site", "acme")
    acme.add_member("devi", "admin")

    def found(who: str, typed: str = "") -> list[str]:
        return [
            each.resource.slug
            for each in acme.bus.query(
                ListLinkableResources(acme.caller_for(who), typed), acme.at
            )
        ]

    assert found("ada") == ["acme", "shop", "site"]
    assert found("ada", "SHO") == ["shop"]
    assert "acme" not in found("devi")
    assert found("carl") == []
    acme.execute(DisableResource(acme.caller_for("ada"), "site"))
    assert found("ada") == ["acme", "shop"]


@pytest.mark.rule("EVT-04")
def test_one_sees_how_channels_hear_of_what_one_may_change(acme: Scenario) -> None:
    acme.create_resource("app", "Shop", "acme")
    acme.register_people("carl")
    acme.add_member("devi", "admin")
    together(acme)
    acme.link_channel("CSHOP", "shop")

    def shown(
        who: str, what: str | None = None, page: int = 0
    ) -> list[tuple[str, str]]:
        found = acme.bus.query(
            ListChannelLinks(acme.caller_for(who), what, page), acme.at
        )
        return [(row.link.channel, row.resource.slug) for row in found.links]

    assert shown("ada") == [("CACME", "acme"), ("CSHOP", "shop")]
    assert shown("ada", "shop") == [("CSHOP", "shop")]
    assert shown("ada", page=1) == []
    assert shown("carl") == []
    assert ("CACME", "acme") not in shown("devi")
    with pytest.raises(errors.MayNotEdit):
        shown("devi", "acme")
    one = acme.bus.query(
        ShowChannelLink(acme.caller_for("ada"), "acme", ChannelId("CACME")), acme.at
    )
    assert one is not None
    assert (one.link.rhythm, one.person.user) == (Frequency.DAILY, "UADA")
    assert (
        acme.bus.query(
            ShowChannelLink(acme.caller_for("ada"), "acme", ChannelId("CSHOP")), acme.at
        )
        is None
    )
    with pytest.raises(errors.MayNotEdit):
        acme.bus.query(
            ShowChannelLink(acme.caller_for("devi"), "acme", ChannelId("CACME")),
            acme.at,
        )


@pytest.mark.rule("EVT-04")
def test_many_channels_are_shown_in_pages(acme: Scenario) -> None:
    for n in range(21):
        acme.link_channel(f"C{n:03}")
    first = acme.bus.query(ListChannelLinks(acme.caller_for("ada")), acme.at)
    assert (len(first.links), first.next_page) == (20, 1)
    last = acme.bus.query(ListChannelLinks(acme.caller_for("ada"), page=1), acme.at)
    assert ([row.link.channel for row in last.links], last.next_page) == (
        ["C020"],
        None,
    )


def test_a_digest_has_what_was_created_and_deleted(acme: Scenario) -> None:
    together(acme)
    acme.execute(CreateResource(acme.caller_for("ada"), "app", "Shop", "acme"))
    acme.execute(DeleteResource(acme.caller_for("ada"), "shop"))
    assert acme.advance_time(days=1) == 1
    assert [digest.item_count for digest in acme.events_of_type(DigestSent)] == [2]
