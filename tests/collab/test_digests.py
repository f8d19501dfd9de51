"""Channels that hear of things together: when that is, what is told, and that nothing is told twice or lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collab import refusals
from collab.channels import LinkChannel, Linked, ListLinkable, ShowLink, ShowLinks, UnlinkChannel
from collab.digests import DAILY, EACH, HOUR, RHYTHMS, WEEKLY, next_moment
from collab.events import ChannelDigested, ChannelLinked
from collab.resources import Create, Delete, Disable
from tests.support.builders import World

CHANNEL = "channel:CACME"
NINE = 9


def together(world: World, rhythm: str = DAILY, hour: int = NINE, what: str = "acme", channel: str = "CACME") -> None:
    """A channel hears of a thing together from now on; Ada, who lives in Berlin, links it."""
    world.do(LinkChannel(world.by("ada"), channel, what, (), rhythm, hour))
    world.told()


def heard(world: World, channel: str = CHANNEL) -> list[str]:
    """What a channel is told of all that waits, which is taken."""
    return [message for target, message in world.told() if target == channel]


@pytest.mark.rule("EVT-04")
def test_what_happens_is_held_until_the_hour_of_who_linked_the_channel_and_told_once(acme: World) -> None:
    together(acme)  # it is Monday, 10 o'clock in Berlin
    acme.member("carl")
    acme.member("devi")
    assert heard(acme) == []
    assert acme.collab.next_due() == datetime(2026, 11, 24, 8, tzinfo=UTC)

    assert acme.passes(hours=22, minutes=59) == 0
    assert acme.passes(minutes=1) == 1

    assert heard(acme) == ["digest"]
    [told] = acme.happened(ChannelDigested)
    assert (told.channel, told.many, told.linked_by) == ("CACME", 2, acme.id_of("ada"))
    assert acme.passes(days=3) == 0
    assert heard(acme) == []


@pytest.mark.rule("EVT-04")
def test_a_weekly_digest_is_told_on_monday(acme: World) -> None:
    together(acme, WEEKLY, 7)
    acme.at += timedelta(days=2)
    acme.member("carl")
    acme.told()
    assert acme.passes(days=4) == 0
    acme.at = datetime(2026, 11, 30, 5, 59, tzinfo=UTC)
    assert acme.passes() == 0
    assert acme.passes(minutes=1) == 1
    assert heard(acme) == ["digest"]


@pytest.mark.rule("EVT-04")
def test_nothing_is_told_when_nothing_happened(acme: World) -> None:
    together(acme)
    assert acme.collab.next_due() is None
    assert acme.passes(days=9) == 0
    assert (acme.happened(ChannelDigested), heard(acme)) == ([], [])


@pytest.mark.rule("EVT-04")
def test_after_a_time_in_which_nobody_looked_all_is_told_at_once_and_what_is_new_waits(acme: World) -> None:
    together(acme)
    acme.member("carl")
    acme.at += timedelta(days=3)
    acme.member("devi")
    acme.told()

    assert acme.passes() == 1
    assert [told.many for told in acme.happened(ChannelDigested)] == [1]
    assert acme.passes(days=1) == 1
    assert [told.many for told in acme.happened(ChannelDigested)] == [1, 1]


@pytest.mark.rule("EVT-04")
def test_a_channel_hears_together_only_of_what_was_chosen_and_of_what_stands_inside(acme: World) -> None:
    acme.make("app", "Shop", "acme")
    acme.do(LinkChannel(acme.by("ada"), "CACME", "acme", ("removals",), DAILY, NINE))
    acme.member("carl", "developer", "shop")
    acme.remove("carl", what="shop")
    acme.passes(days=1)
    with acme.database.units.look(acme.workspace) as facts:
        [seq] = [r.seq for r in acme.history() if isinstance(r.event, ChannelDigested)]
        told = [facts.event(n) for n in facts.digested(seq, 10)]
    assert [r.event.name for r in told if r] == ["member.removed"]


@pytest.mark.rule("EVT-04")
def test_a_channel_hears_of_a_thing_by_its_nearest_link_alone(acme: World) -> None:
    acme.make("app", "Shop", "acme")
    together(acme)
    acme.link(what="shop")
    acme.told()
    acme.member("carl", "developer", "shop")
    assert heard(acme) == ["member_joined"]
    assert acme.passes(days=2) == 0


@pytest.mark.rule("EVT-04")
def test_what_was_held_is_told_in_its_time_though_the_rhythm_changes(acme: World) -> None:
    together(acme)
    acme.member("carl")
    acme.link()
    acme.told()
    acme.leave("carl")
    assert heard(acme) == ["member_left"]
    assert acme.passes(days=1) == 1
    assert heard(acme) == ["digest"]


@pytest.mark.rule("EVT-04")
def test_a_channel_that_is_unlinked_is_not_told_what_was_held(acme: World) -> None:
    together(acme)
    acme.member("carl")
    acme.do(UnlinkChannel(acme.by("ada"), "CACME"))
    acme.told()
    assert acme.collab.next_due() is None
    assert acme.passes(days=2) == 0


@pytest.mark.rule("EVT-04")
def test_the_end_of_a_thing_is_told_at_once_where_it_ends_the_link_and_else_with_the_rest(acme: World) -> None:
    acme.make("app", "Shop", "acme")
    together(acme)
    together(acme, what="shop", channel="CSHOP")
    acme.member("carl", "developer", "shop")
    acme.told()

    acme.do(Delete(acme.by("ada"), "shop"))

    assert {t: m for t, m in acme.told() if t.startswith("channel")} == {"channel:CSHOP": "resource_deleted"}
    assert acme.passes(days=1) == 2
    assert {(t.channel, t.many) for t in acme.happened(ChannelDigested)} == {("CACME", 2), ("CSHOP", 1)}


@pytest.mark.rule("EVT-06")
def test_who_linked_the_channel_answers_for_its_digest(acme: World) -> None:
    together(acme)
    acme.member("carl")
    acme.told()
    acme.passes(days=1)
    [digest] = [d for d in acme.database.outbox.claim(50, timedelta(minutes=1)) if d.message == "digest"]
    acme.database.outbox.dead(digest, "not_in_channel")
    assert ("ada", "undeliverable") in acme.told()


@pytest.mark.rule("EVT-04")
def test_linking_keeps_the_rhythm_and_refuses_what_is_none(acme: World) -> None:
    linked = acme.do(LinkChannel(acme.by("ada"), "CACME", "acme", (), WEEKLY, 17)).first(ChannelLinked)
    assert (linked.rhythm, linked.hour) == (WEEKLY, 17)
    with pytest.raises(refusals.AlreadyLinked):
        acme.do(LinkChannel(acme.by("ada"), "CACME", "acme", (), WEEKLY, 17))
    assert acme.do(LinkChannel(acme.by("ada"), "CACME", "acme", (), WEEKLY, 18)).recorded
    with pytest.raises(refusals.UnknownRhythm) as unknown:
        acme.do(LinkChannel(acme.by("ada"), "CACME", "acme", (), "hourly"))
    assert (unknown.value.typed, unknown.value.rhythms) == ("hourly", RHYTHMS)
    for hour in (-1, 24):
        with pytest.raises(refusals.BadHour) as bad:
            acme.do(LinkChannel(acme.by("ada"), "CACME", "acme", (), DAILY, hour))
        assert bad.value.hour == hour


@pytest.mark.rule("EVT-04")
def test_at_once_no_hour_counts(acme: World) -> None:
    linked = acme.do(LinkChannel(acme.by("ada"), "CACME", "acme", (), EACH, 17)).first(ChannelLinked)
    assert linked.hour == HOUR
    with pytest.raises(refusals.AlreadyLinked):
        acme.do(LinkChannel(acme.by("ada"), "CACME", "acme", (), EACH, 5))


SPRING, AUTUMN = datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC)


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize(
    ("after", "hour", "tz", "expected"),
    [
        (datetime(2027, 3, 27, 12, tzinfo=UTC), 9, "Europe/Berlin", SPRING + timedelta(hours=7)),
        (SPRING, 2, "Europe/Berlin", SPRING + timedelta(hours=1)),  # there is no 2 o'clock that day
        (datetime(2027, 10, 30, 12, tzinfo=UTC), 9, "Europe/Berlin", AUTUMN + timedelta(hours=8)),
        (datetime(2027, 10, 30, 12, tzinfo=UTC), 2, "Europe/Berlin", AUTUMN),
        (AUTUMN, 2, "Europe/Berlin", AUTUMN + timedelta(days=1, hours=1)),  # it is 2 o'clock again, and was told
        (AUTUMN + timedelta(hours=1), 2, "Europe/Berlin", AUTUMN + timedelta(days=1, hours=1)),
        (datetime(2026, 11, 23, 3, 30, tzinfo=UTC), 9, "Asia/Kolkata", datetime(2026, 11, 24, 3, 30, tzinfo=UTC)),
        (datetime(2026, 11, 23, 23, tzinfo=UTC), 0, "America/New_York", datetime(2026, 11, 24, 5, tzinfo=UTC)),
        (datetime(2026, 11, 23, 9, tzinfo=UTC), 10, "Nowhere/Atall", datetime(2026, 11, 23, 10, tzinfo=UTC)),
    ],
)
def test_the_hour_is_that_of_the_place_on_every_day(after: datetime, hour: int, tz: str, expected: datetime) -> None:
    assert next_moment(after, DAILY, hour, tz) == expected


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize("hour", [0, 2, 3, 9, 23])
@pytest.mark.parametrize("tz", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
def test_every_day_of_a_year_has_one_digest_and_every_week_too(hour: int, tz: str) -> None:
    start, moment = datetime(2027, 1, 1, tzinfo=UTC), timedelta(seconds=1)
    for rhythm, length, expected in ((DAILY, 365, 365), (WEEKLY, 364, 52)):
        at, found = start - moment, 0
        while (at := next_moment(at, rhythm, hour, tz)) < start + timedelta(days=length):
            found += 1
        assert found == expected


@pytest.mark.rule("EVT-04")
def test_one_finds_what_one_may_link_and_no_more(acme: World) -> None:
    acme.make("app", "Shop", "acme")
    acme.make("project", "Site", "acme")
    acme.member("devi", "admin")

    def found(who: str, typed: str = "") -> list[str]:
        return [each.resource.slug for each in acme.collab.ask(ListLinkable(acme.by(who), typed), acme.at)]

    assert found("ada") == ["acme", "shop", "site"]
    assert found("ada", "SHO") == ["shop"]
    assert "acme" not in found("devi")
    assert found("carl") == []
    acme.do(Disable(acme.by("ada"), "site"))
    assert found("ada") == ["acme", "shop"]


@pytest.mark.rule("EVT-04")
def test_one_sees_how_channels_hear_of_what_one_may_change(acme: World) -> None:
    acme.make("app", "Shop", "acme")
    acme.knows("carl")
    acme.member("devi", "admin")
    together(acme)
    acme.link("CSHOP", "shop")

    def shown(who: str, what: str | None = None, page: int = 0) -> list[tuple[str, str]]:
        found = acme.collab.ask(ShowLinks(acme.by(who), what, page), acme.at)
        return [(row.link.channel, row.resource.slug) for row in found.links]

    assert shown("ada") == [("CACME", "acme"), ("CSHOP", "shop")]
    assert shown("ada", "shop") == [("CSHOP", "shop")]
    assert shown("ada", page=1) == []
    assert shown("carl") == []
    assert ("CACME", "acme") not in shown("devi")
    with pytest.raises(refusals.MayNotEdit):
        shown("devi", "acme")
    one: Linked = acme.collab.ask(ShowLink(acme.by("ada"), "acme", "CACME"), acme.at)
    assert (one.link.rhythm, one.person.user) == (DAILY, "UADA")
    assert acme.collab.ask(ShowLink(acme.by("ada"), "acme", "CSHOP"), acme.at) is None
    with pytest.raises(refusals.MayNotEdit):
        acme.collab.ask(ShowLink(acme.by("devi"), "acme", "CACME"), acme.at)


@pytest.mark.rule("EVT-04")
def test_many_channels_are_shown_in_pages(acme: World) -> None:
    for n in range(21):
        acme.link(f"C{n:03}")
    first = acme.collab.ask(ShowLinks(acme.by("ada")), acme.at)
    assert (len(first.links), first.next_page) == (20, 1)
    last = acme.collab.ask(ShowLinks(acme.by("ada"), page=1), acme.at)
    assert ([row.link.channel for row in last.links], last.next_page) == (["C020"], None)


def test_a_made_thing_is_of_no_concern_to_a_digest(acme: World) -> None:
    together(acme)
    acme.do(Create(acme.by("ada"), "app", "Shop", "acme"))
    acme.do(Delete(acme.by("ada"), "shop"))
    assert acme.passes(days=1) == 1
    assert [told.many for told in acme.happened(ChannelDigested)] == [1]
