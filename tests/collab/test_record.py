"""What happened: chosen by thing, actor, subject, kind and time, as far as the asker may view it (EVT-01 to EVT-03)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from bot.cards.record import events_message
from bot.words import words_in
from collab import refusals
from collab.billing import Pay
from collab.events import EVENTS, PayerChanged, ResourceDescribed, ResourceMoved, ResourceRenamed, places_of
from collab.explain import Show
from collab.kinds import KINDS
from collab.membership import ChangeRole
from collab.offers import Term
from collab.record import ListEvents, event_sources
from collab.resources import Delete, Describe, Disable, Move, Rename
from collab.teams import Assign, Unassign, Unshare
from tests.support.builders import MONDAY, World


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with the project Site, the app Shop in it and the app Blog beside it; Beta is a company of Carl's."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.make("project", "Site", "acme")
    acme.make("app", "Shop", "site")
    acme.make("app", "Blog", "acme")
    acme.make("company", "Beta", by="carl")
    return acme


def names(world: World, what: str | None = "acme", by: str = "ada", **more: Any) -> list[str]:
    """The names of what happened, newest first."""
    lines = world.collab.ask(ListEvents(world.by(by), what, **more), world.at).lines
    return [line.recorded.event.name for line in lines]


@pytest.mark.rule("EVT-03")
def test_by_thing_with_all_that_stands_in_it(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.member("bo", "developer", "blog")
    for what in ("shop", "site", "acme"):
        assert names(agency, what)[0 if what != "acme" else 3] == "member.joined", what
    assert {line.resource.slug for line in agency.events("site") if line.resource} == {"site", "shop"}
    assert {line.resource.slug for line in agency.events("acme", most=100) if line.resource} == {
        "acme",
        "site",
        "shop",
        "blog",
    }


@pytest.mark.rule("EVT-03")
def test_without_a_thing_all_that_one_may_view(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    seen = {line.resource.slug for line in agency.events(None, "devi", most=100) if line.resource}
    assert seen == {"acme", "shop"}
    assert {line.resource.slug for line in agency.events(None, "carl") if line.resource} == {"beta"}
    assert agency.events(None, "sam") == []


@pytest.mark.rule("EVT-03")
def test_by_actor_and_by_subject(agency: World) -> None:
    agency.member("devi", "admin")
    agency.at += timedelta(minutes=1)
    agency.invite("sam", "admin", by="devi")
    agency.remove("devi")
    mine = agency.events(who=agency.account("devi"))
    assert [line.recorded.event.name for line in mine] == ["invitation.sent", "member.joined", "invitation.accepted"]
    about = agency.events(about=agency.account("devi"))
    assert [line.recorded.event.name for line in about] == [
        "member.removed",
        "member.joined",
        "invitation.accepted",
        "invitation.sent",
    ]
    both = agency.events(who=agency.account("ada"), about=agency.account("devi"))
    assert [line.recorded.event.name for line in both] == ["member.removed", "invitation.sent"]
    for stranger in ("nobody", "sam"):
        assert agency.events(who=agency.account(stranger)) == []


@pytest.mark.rule("EVT-03")
def test_by_kind_of_event_whole_or_in_part(agency: World) -> None:
    agency.member("devi")
    agency.do(ChangeRole(agency.by("ada"), agency.account("devi"), "owner", "acme"))
    assert set(names(agency, names=("member",))) == {"member.joined", "member.role_changed"}
    assert names(agency, names=("member.role_changed",)) == ["member.role_changed"]
    assert len(names(agency, names=("app",))) == 2
    assert names(agency, names=("app.created", "member.role_changed"))[0] == "member.role_changed"
    for wrong in ("membre", "member.", "member.%", "%", "", "*", "*.created", "app.deleted", "member.role%changed"):
        with pytest.raises(refusals.UnknownEvent):
            names(agency, names=(wrong,))


@pytest.mark.rule("EVT-02")
@pytest.mark.rule("EVT-03")
def test_every_name_that_can_happen_can_be_asked_for(agency: World) -> None:
    for name in EVENTS:
        every = [name.replace("*", kind) for kind in KINDS] if "*" in name else [name]
        for one in every:
            names(agency, names=(one,))
            names(agency, names=(one.partition(".")[0],))
    assert {n.partition(".")[0] for n in EVENTS} - {"*"} == set(event_sources())


@pytest.mark.rule("EVT-03")
def test_by_time(agency: World) -> None:
    agency.at += timedelta(hours=2)
    agency.do(Rename(agency.by("ada"), "shop", "Boutique"))
    since = agency.at
    assert names(agency, since=since) == ["resource.renamed"]
    assert names(agency, since=since + timedelta(seconds=1)) == []


@pytest.mark.rule("EVT-03")
def test_pages_meet_without_a_gap_or_a_double_whatever_is_hidden_between(agency: World) -> None:
    for n in range(12):
        agency.make("app", f"Secret {n}", by="carl", within="beta")
        agency.do(Describe(agency.by("ada"), "blog", f"Words {n}"))
    whole = [line.recorded.seq for line in agency.events(most=1000)]
    for size in (1, 2, 7, len(whole), len(whole) + 1):
        paged: list[int] = []
        before = None
        while True:
            page = agency.collab.ask(ListEvents(agency.by("ada"), "acme", before=before, most=size), agency.at)
            paged += [line.recorded.seq for line in page.lines]
            before = page.next_before
            if before is None:
                break
        assert paged == whole, size


@pytest.mark.rule("EVT-03")
def test_what_one_may_not_view_does_not_show_not_even_by_another_refusal(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    answers = []
    for what in ("beta", "no-such-thing", agency.thing("beta").id):
        with pytest.raises(refusals.UnknownResource) as refused:
            agency.events(what, "devi")
        answers.append(refused.value.nearest)
    assert len(set(answers)) == 1
    assert "beta" not in {line.resource.slug for line in agency.events(None, "devi", most=100) if line.resource}


@pytest.mark.rule("EVT-03")
def test_a_collaborator_sees_of_the_company_what_concerns_what_they_may_view(agency: World) -> None:
    agency.make("payment", "Card", "acme")
    agency.do(Pay(agency.by("ada"), "blog", "card"))
    agency.member("devi", "developer", "shop")
    shown = [line.recorded for line in agency.events("acme", "devi", most=100)]
    shown += [line.recorded for line in agency.collab.ask(Show(agency.by("devi"), "acme"), agency.at).lines]
    hidden = {agency.thing(what).id for what in ("blog", "card")}
    assert not hidden & {place for recorded in shown for place in places_of(recorded.event)}
    assert shown


@pytest.mark.rule("EVT-03")
@pytest.mark.rule("RES-04")
def test_what_is_gone_stays_in_the_record_of_what_it_stood_in(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.member("carl", "admin")
    agency.do(Delete(agency.by("ada"), "site", "Site"))
    for by in ("ada", "carl"):
        found = {line.resource.slug for line in agency.events("acme", by, names=("resource",)) if line.resource}
        assert found == {"site", "shop"}
    assert "member.joined" in names(agency, about=agency.account("devi"))
    with pytest.raises(refusals.UnknownResource):
        agency.events("site")
    with pytest.raises(refusals.UnknownResource):
        agency.events("acme", "devi")


@pytest.mark.rule("EVT-03")
@pytest.mark.rule("RES-03")
def test_a_move_is_in_the_record_of_both_places(agency: World) -> None:
    agency.member("ada", "owner", "beta", by="carl")
    agency.do(Move(agency.by("ada"), "blog", "beta"))
    for what in ("acme", "beta", "blog"):
        assert names(agency, what)[0] == "resource.moved", what
    assert "resource.moved" not in names(agency, "site")
    agency.member("bo", "admin")
    assert "resource.moved" not in names(agency, "acme", by="bo")


@pytest.mark.rule("EVT-03")
def test_paying_is_in_the_record_of_what_pays_and_of_what_is_paid_for(agency: World) -> None:
    agency.make("payment", "Card")
    agency.make("payment", "Other card")
    agency.do(Pay(agency.by("ada"), "blog", "card"))
    agency.do(Pay(agency.by("ada"), "blog", "other-card"))
    assert names(agency, "card", names=("billing",)) == ["billing.changed", "billing.changed"]
    assert names(agency, "other-card", names=("billing",)) == ["billing.changed"]
    assert names(agency, "blog", names=("billing",)) == ["billing.changed", "billing.changed"]


@pytest.mark.rule("EVT-03")
@pytest.mark.rule("RES-05")
def test_sharing_is_in_the_record_of_the_team_and_of_the_thing(agency: World) -> None:
    agency.make("team", "Crew")
    agency.shares("blog", "crew", "manager")
    agency.do(Unshare(agency.by("ada"), "blog", "crew"))
    for what in ("crew", "blog", "acme"):
        assert names(agency, what, names=("team.shared", "team.unshared")) == ["team.unshared", "team.shared"], what


@pytest.mark.rule("EVT-03")
@pytest.mark.rule("INV-01")
def test_an_invitation_to_several_things_is_in_the_record_of_each_for_whoever_may_view_them(agency: World) -> None:
    agency.invite("devi", "developer", ("shop", "blog"))
    for what in ("shop", "blog"):
        assert names(agency, what)[0] == "invitation.sent", what
    assert names(agency, "acme").count("invitation.sent") == 1


@pytest.mark.rule("EVT-01")
def test_all_that_one_act_does_is_recorded_together_by_one_actor_at_one_moment_by_one_door(agency: World) -> None:
    agency.member("devi", "admin")
    agency.member("devi", "developer", "shop")
    agency.invite("sam", "manager", "blog", by="devi")
    recorded = agency.remove("devi").recorded
    assert [r.event.name for r in recorded] == ["member.removed", "member.removed", "invitation.revoked"]
    assert [r.seq - recorded[0].seq for r in recorded] == [0, 1, 2]
    assert {(r.at, r.actor, r.door) for r in recorded} == {(agency.at, agency.id_of("ada"), "command")}
    assert agency.history()[-3:] == list(recorded)


class Interrupted(Exception):
    """The machine stops."""


@pytest.mark.rule("EVT-01")
@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize("broken_at", ["notices", "state"])
def test_an_act_that_breaks_off_leaves_nothing_of_all_that_it_does(
    agency: World, monkeypatch: pytest.MonkeyPatch, broken_at: str
) -> None:
    agency.member("devi", "accountant")
    agency.member("devi", "developer", "shop")
    before, members = agency.history(), agency.members("shop")
    agency.told()

    def stop(*_: Any) -> Any:
        raise Interrupted

    where = {"notices": "storage.outbox.put", "state": "storage.journal.project"}[broken_at]
    with monkeypatch.context() as patched:
        patched.setattr(where, stop)
        with pytest.raises(Interrupted):
            agency.remove("devi")
    assert agency.history() == before
    assert agency.members("shop") == members
    assert agency.told() == []
    agency.remove("devi")
    assert "devi" not in agency.members("shop")


@pytest.mark.rule("EVT-01")
def test_a_refused_act_writes_nothing_but_at_most_who_asked(agency: World) -> None:
    before = agency.history()
    for act in (Rename(agency.by("devi"), "shop", "Mine"), Disable(agency.by("carl"), "site")):
        with pytest.raises(refusals.UnknownResource):
            agency.do(act)
    with pytest.raises(refusals.UnknownResource):
        agency.do(Rename(agency.by("stranger"), "shop", "Mine"))
    assert [r.event.name for r in agency.history()[len(before) :]] == ["person.recognised"]


@pytest.mark.rule("EVT-01")
def test_what_time_does_is_recorded_as_times_own(agency: World) -> None:
    agency.member("devi", "developer", "shop", term=Term(timedelta(days=1)))
    agency.passes(days=1)
    last = agency.events("shop")[0].recorded
    assert (last.event.name, last.actor, last.door) == ("member.ended", None, "time")


@pytest.mark.rule("EVT-01")
@pytest.mark.rule("RES-03")
def test_what_changed_is_recorded_with_what_was_before(agency: World) -> None:
    agency.do(Rename(agency.by("ada"), "shop", "Boutique"))
    agency.do(Describe(agency.by("ada"), "shop", "Sells"))
    agency.do(Move(agency.by("ada"), "shop", "acme"))
    agency.make("payment", "Card")
    agency.do(Pay(agency.by("ada"), "shop", "card"))
    changes = {line.recorded.event.name: line.recorded.event for line in agency.events("shop")}
    renamed, described = changes["resource.renamed"], changes["resource.described"]
    moved, paid = changes["resource.moved"], changes["billing.changed"]
    assert isinstance(renamed, ResourceRenamed)
    assert isinstance(described, ResourceDescribed)
    assert isinstance(moved, ResourceMoved)
    assert isinstance(paid, PayerChanged)
    assert renamed.before == "Shop"
    assert (described.about, described.before) == ("Sells", None)
    assert moved.before == agency.thing("site").id
    assert (paid.before, paid.payer) == (None, agency.thing("card").id)


def test_a_page_with_many_people_takes_as_many_queries_as_one_with_few(agency: World) -> None:
    counted: list[str] = []
    event.listen(agency.database.engine, "before_cursor_execute", lambda *told: counted.append(told[2]))

    def queries() -> int:
        counted.clear()
        agency.events("acme")
        return len(counted)

    agency.invite("p0")
    few = queries()
    for n in range(1, 20):
        agency.invite(f"p{n}")
    assert queries() == few


@pytest.mark.rule("EVT-03")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=30))
def test_whatever_is_typed_in_the_place_of_a_name_is_refused_or_found(agency: World, typed: str) -> None:
    for ask in (
        ListEvents(agency.by("devi"), typed or None),
        ListEvents(agency.by("ada"), "acme", names=(typed,)),
    ):
        with suppress(refusals.UnknownResource, refusals.UnknownEvent):
            agency.collab.ask(ask, agency.at)


@pytest.mark.rule("EVT-03")
@pytest.mark.rule("MEM-12")
def test_declines_and_requests_are_read_by_those_concerned_and_by_those_who_may_grant(agency: World) -> None:
    """Devi develops Shop and asks for more, Sam declines; Bo develops it too, and Carl is an admin of Acme."""
    for who, role, what in (("devi", "developer", "shop"), ("bo", "developer", "shop"), ("carl", "admin", "acme")):
        agency.member(who, role, what)
    agency.decline("sam", agency.invite("sam", "developer", "shop"))
    agency.asks("devi", "owner", "acme")
    agency.refuse("ada", agency.asks("devi", "manager", "shop"))
    told = {"invitation.declined", "request.sent", "request.declined"}
    reads = {who: told & {*names(agency, None, by=who, most=100)} for who in ("ada", "carl", "devi", "bo", "sam")}
    assert reads == {
        "ada": told,
        "carl": told,
        "devi": {"request.sent", "request.declined"},
        "bo": set(),
        "sam": set(),
    }
    last = agency.collab.ask(Show(agency.by("bo"), "shop"), agency.at).lines
    assert not told & {line.recorded.event.name for line in last}


@pytest.mark.rule("EVT-03")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"who": "ada"}, ["Only what <@UADA> did."]),
        ({"about": "devi"}, ["Only about <@UDEVI>."]),
        ({"names": ("member", "team.shared")}, ["Only of these kinds: member and team.shared."]),
        ({"since": MONDAY}, ["Only since"]),
        (
            {"who": "ada", "about": "devi", "names": ("member",)},
            ["Only what", "Only about", "Only of these kinds: member."],
        ),
        ({}, []),
    ],
)
def test_a_list_of_events_names_the_filters_in_force(agency: World, asked: dict[str, Any], said: list[str]) -> None:
    agency.member("devi", "developer", "shop")
    asked = {n: agency.account(v) if n in {"who", "about"} else v for n, v in asked.items()}
    for what in ("acme", None):
        found = agency.collab.ask(ListEvents(agency.by("ada"), what, **asked), agency.at)
        text = str(events_message(words_in("en"), found, older=False, next_value=None)["text"])
        assert all(part in text for part in said)
        assert text.count("Only ") == len(said)


@pytest.mark.rule("EVT-03")
def test_events_of_teams_name_both_sides_to_whoever_may_view_both(agency: World) -> None:
    agency.make("team", "Crew")
    agency.member("sam", "limited", "crew")
    agency.member("bo", "developer", "shop")
    agency.shares("shop", "crew", "developer")
    agency.shares("shop", "crew", "manager")
    agency.do(Assign(agency.by("ada"), agency.account("sam"), "shop", "crew"))
    agency.do(Unassign(agency.by("ada"), agency.account("sam"), "shop", "crew"))
    agency.do(Unshare(agency.by("ada"), "shop", "crew"))
    for reader, sees in (("ada", True), ("bo", False)):
        found = agency.collab.ask(ListEvents(agency.by(reader), "shop", names=("team",)), agency.at)
        text = str(events_message(words_in("en"), found, older=False, next_value=None)["text"])
        assert text.count("the team *Crew*") == (5 if sees else 0)
        assert text.count("a team") == (0 if sees else 5)
