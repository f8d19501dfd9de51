"""Queries of the event log: what they find, as far as the caller may view it (EVT-01 to EVT-03)."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from bot.rendering import renderer_for_language
from bot.slack.views.event_log import events_message
from collab import errors
from collab.billing.payment_methods import SetPaymentMethod
from collab.event_log import ListEvents, list_event_sources
from collab.events import (
    EVENTS,
    PayerChanged,
    ResourceDescribed,
    ResourceMoved,
    ResourceRenamed,
    list_resource_ids,
)
from collab.memberships.commands import ChangeRole
from collab.model import Term
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import DescribeResource, DisableResource, RenameResource
from collab.roles import ROLE_MODEL
from collab.teams import AssignToMember, UnassignFromMember, UnshareWithTeam
from tests.support.builders import MONDAY, Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with the project Site, the app Shop in it and the app Blog beside it; Beta is a company of Carl's."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.create_resource("project", "Site", "acme")
    acme.create_resource("app", "Shop", "site")
    acme.create_resource("app", "Blog", "acme")
    acme.create_resource("company", "Beta", by="carl")
    return acme


def names(
    world: Scenario, what: str | None = "acme", by: str = "ada", **more: Any
) -> list[str]:
    """The names of what happened, newest first."""
    lines = world.bus.query(
        ListEvents(world.caller_for(by), what, **more), world.at
    ).lines
    return [line.recorded.event.name for line in lines]


@pytest.mark.rule("EVT-03")
def test_by_thing_with_all_that_stands_in_it(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.add_member("bo", "developer", "blog")
    for what in ("shop", "site", "acme"):
        assert names(agency, what)[0 if what != "acme" else 3] == "member.joined", what
    assert {
        line.resource.slug for line in agency.list_events("site") if line.resource
    } == {"site", "shop"}
    assert {
        line.resource.slug
        for line in agency.list_events("acme", limit=100)
        if line.resource
    } == {
        "acme",
        "site",
        "shop",
        "blog",
    }


@pytest.mark.rule("EVT-03")
def test_without_a_thing_all_that_one_may_view(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    seen = {
        line.resource.slug
        for line in agency.list_events(None, "devi", limit=100)
        if line.resource
    }
    assert seen == {"acme", "shop"}
    assert {
        line.resource.slug for line in agency.list_events(None, "carl") if line.resource
    } == {"beta"}
    assert agency.list_events(None, "sam") == []


@pytest.mark.rule("EVT-03")
def test_by_actor_and_by_subject(agency: Scenario) -> None:
    agency.add_member("devi", "admin")
    agency.at += timedelta(minutes=1)
    agency.send_invitation("sam", "admin", by="devi")
    agency.remove_member("devi")
    mine = agency.list_events(who=agency.account_of("devi"))
    assert [line.recorded.event.name for line in mine] == [
        "invitation.sent",
        "member.joined",
        "invitation.accepted",
    ]
    about = agency.list_events(about=agency.account_of("devi"))
    assert [line.recorded.event.name for line in about] == [
        "member.removed",
        "member.joined",
        "invitation.accepted",
        "invitation.sent",
    ]
    both = agency.list_events(
        who=agency.account_of("ada"), about=agency.account_of("devi")
    )
    assert [line.recorded.event.name for line in both] == [
        "member.removed",
        "invitation.sent",
    ]
    for stranger in ("nobody", "sam"):
        assert agency.list_events(who=agency.account_of(stranger)) == []


@pytest.mark.rule("EVT-03")
def test_by_kind_of_event_whole_or_in_part(agency: Scenario) -> None:
    agency.add_member("devi")
    agency.execute(
        ChangeRole(agency.caller_for("ada"), agency.account_of("devi"), "owner", "acme")
    )
    assert set(names(agency, names=("member",))) == {
        "member.joined",
        "member.role_changed",
    }
    assert names(agency, names=("member.role_changed",)) == ["member.role_changed"]
    assert len(names(agency, names=("app",))) == 2
    assert (
        names(agency, names=("app.created", "member.role_changed"))[0]
        == "member.role_changed"
    )
    for wrong in (
        "membre",
        "member.",
        "member.%",
        "%",
        "",
        "*",
        "*.created",
        "app.deleted",
        "member.role%changed",
    ):
        with pytest.raises(errors.UnknownEvent):
            names(agency, names=(wrong,))


@pytest.mark.rule("EVT-02")
@pytest.mark.rule("EVT-03")
def test_every_name_that_can_happen_can_be_asked_for(agency: Scenario) -> None:
    for name in EVENTS:
        every = (
            [name.replace("*", kind) for kind in ROLE_MODEL] if "*" in name else [name]
        )
        for one in every:
            names(agency, names=(one,))
            names(agency, names=(one.partition(".")[0],))
    assert {n.partition(".")[0] for n in EVENTS} - {"*"} == set(list_event_sources())


@pytest.mark.rule("EVT-03")
def test_by_time(agency: Scenario) -> None:
    agency.at += timedelta(hours=2)
    agency.execute(RenameResource(agency.caller_for("ada"), "shop", "Boutique"))
    since = agency.at
    assert names(agency, since=since) == ["resource.renamed"]
    assert names(agency, since=since + timedelta(seconds=1)) == []


@pytest.mark.rule("EVT-03")
def test_pages_meet_without_a_gap_or_a_double_whatever_is_hidden_between(
    agency: Scenario,
) -> None:
    for n in range(12):
        agency.create_resource("app", f"Secret {n}", by="carl", within="beta")
        agency.execute(DescribeResource(agency.caller_for("ada"), "blog", f"Words {n}"))
    whole = [line.recorded.seq for line in agency.list_events(limit=1000)]
    for size in (1, 2, 7, len(whole), len(whole) + 1):
        paged: list[int] = []
        before = None
        while True:
            page = agency.bus.query(
                ListEvents(agency.caller_for("ada"), "acme", before=before, limit=size),
                agency.at,
            )
            paged += [line.recorded.seq for line in page.lines]
            before = page.next_before
            if before is None:
                break
        assert paged == whole, size


@pytest.mark.rule("EVT-03")
def test_what_one_may_not_view_does_not_show_not_even_by_another_refusal(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    answers = []
    for what in ("beta", "no-such-thing", agency.get_resource("beta").id):
        with pytest.raises(errors.UnknownResource) as refused:
            agency.list_events(what, "devi")
        answers.append(refused.value.nearest)
    assert len(set(answers)) == 1
    assert "beta" not in {
        line.resource.slug
        for line in agency.list_events(None, "devi", limit=100)
        if line.resource
    }


@pytest.mark.rule("EVT-03")
def test_a_collaborator_sees_of_the_company_what_concerns_what_they_may_view(
    agency: Scenario,
) -> None:
    agency.create_resource("payment", "Card", "acme")
    agency.execute(SetPaymentMethod(agency.caller_for("ada"), "blog", "card"))
    agency.add_member("devi", "developer", "shop")
    shown = [line.recorded for line in agency.list_events("acme", "devi", limit=100)]
    hidden = {agency.get_resource(what).id for what in ("blog", "card")}
    assert not hidden & {
        place for recorded in shown for place in list_resource_ids(recorded.event)
    }
    assert shown


@pytest.mark.rule("EVT-03")
@pytest.mark.rule("RES-04")
def test_what_is_gone_stays_in_the_record_of_what_it_stood_in(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.add_member("carl", "admin")
    agency.execute(DeleteResource(agency.caller_for("ada"), "site", "Site"))
    for by in ("ada", "carl"):
        found = {
            line.resource.slug
            for line in agency.list_events("acme", by, names=("resource",))
            if line.resource
        }
        assert found == {"site", "shop"}
    assert "member.joined" in names(agency, about=agency.account_of("devi"))
    with pytest.raises(errors.UnknownResource):
        agency.list_events("site")
    with pytest.raises(errors.UnknownResource):
        agency.list_events("acme", "devi")


@pytest.mark.rule("EVT-03")
@pytest.mark.rule("RES-03")
def test_a_move_is_in_the_record_of_both_places(agency: Scenario) -> None:
    agency.add_member("ada", "owner", "beta", by="carl")
    agency.execute(MoveResource(agency.caller_for("ada"), "blog", "beta"))
    for what in ("acme", "beta", "blog"):
        assert names(agency, what)[0] == "resource.moved", what
    assert "resource.moved" not in names(agency, "site")
    agency.add_member("bo", "admin")
    assert "resource.moved" not in names(agency, "acme", by="bo")


@pytest.mark.rule("EVT-03")
def test_paying_is_in_the_record_of_what_pays_and_of_what_is_paid_for(
    agency: Scenario,
) -> None:
    agency.create_resource("payment", "Card")
    agency.create_resource("payment", "Other card")
    agency.execute(SetPaymentMethod(agency.caller_for("ada"), "blog", "card"))
    agency.execute(SetPaymentMethod(agency.caller_for("ada"), "blog", "other-card"))
    assert names(agency, "card", names=("billing",)) == [
        "billing.changed",
        "billing.changed",
    ]
    assert names(agency, "other-card", names=("billing",)) == ["billing.changed"]
    assert names(agency, "blog", names=("billing",)) == [
        "billing.changed",
        "billing.changed",
    ]


@pytest.mark.rule("EVT-03")
@pytest.mark.rule("RES-05")
def test_sharing_is_in_the_record_of_the_team_and_of_the_thing(
    agency: Scenario,
) -> None:
    agency.create_resource("team", "Crew")
    agency.share_with_team("blog", "crew", "manager")
    agency.execute(UnshareWithTeam(agency.caller_for("ada"), "blog", "crew"))
    for what in ("crew", "blog", "acme"):
        assert names(agency, what, names=("team.shared", "team.unshared")) == [
            "team.unshared",
            "team.shared",
        ], what


@pytest.mark.rule("EVT-03")
@pytest.mark.rule("INV-01")
def test_an_invitation_to_several_things_is_in_the_events_of_each_for_anyone_who_may_view_them(
    agency: Scenario,
) -> None:
    agency.send_invitation("devi", "developer", ("shop", "blog"))
    for what in ("shop", "blog"):
        assert names(agency, what)[0] == "invitation.sent", what
    assert names(agency, "acme").count("invitation.sent") == 1


@pytest.mark.rule("EVT-01")
def test_all_events_of_one_command_share_their_actor_time_and_origin(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "admin")
    agency.add_member("devi", "developer", "shop")
    agency.send_invitation("sam", "manager", "blog", by="devi")
    recorded = agency.remove_member("devi").recorded
    assert [r.event.name for r in recorded] == [
        "member.removed",
        "member.removed",
        "invitation.revoked",
    ]
    assert [r.seq - recorded[0].seq for r in recorded] == [0, 1, 2]
    assert {(r.at, r.actor, r.origin) for r in recorded} == {
        (agency.at, agency.person_id_of("ada"), "command")
    }
    assert agency.list_recorded_events()[-3:] == list(recorded)


class Interrupted(Exception):
    """The machine stops."""


@pytest.mark.rule("EVT-01")
@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize("broken_at", ["notices", "state"])
def test_an_act_that_breaks_off_leaves_nothing_of_all_that_it_does(
    agency: Scenario, monkeypatch: pytest.MonkeyPatch, broken_at: str
) -> None:
    agency.add_member("devi", "accountant")
    agency.add_member("devi", "developer", "shop")
    before, members = agency.list_recorded_events(), agency.roles_by_name("shop")
    agency.take_outbox()

    def stop(*_: Any) -> Any:
        raise Interrupted

    where = {
        "notices": "storage.outbox.enqueue_notifications",
        "state": "storage.event_store.project_events",
    }[broken_at]
    with monkeypatch.context() as patched:
        patched.setattr(where, stop)
        with pytest.raises(Interrupted):
            agency.remove_member("devi")
    assert agency.list_recorded_events() == before
    assert agency.roles_by_name("shop") == members
    assert agency.take_outbox() == []
    agency.remove_member("devi")
    assert "devi" not in agency.roles_by_name("shop")


@pytest.mark.rule("EVT-01")
def test_a_refused_act_writes_nothing_but_at_most_who_asked(agency: Scenario) -> None:
    before = agency.list_recorded_events()
    for act in (
        RenameResource(agency.caller_for("devi"), "shop", "Mine"),
        DisableResource(agency.caller_for("carl"), "site"),
    ):
        with pytest.raises(errors.UnknownResource):
            agency.execute(act)
    with pytest.raises(errors.UnknownResource):
        agency.execute(RenameResource(agency.caller_for("stranger"), "shop", "Mine"))
    assert [r.event.name for r in agency.list_recorded_events()[len(before) :]] == [
        "person.recognised"
    ]


@pytest.mark.rule("EVT-01")
def test_what_time_does_is_recorded_as_times_own(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop", term=Term(timedelta(days=1)))
    agency.advance_time(days=1)
    last = agency.list_events("shop")[0].recorded
    assert (last.event.name, last.actor, last.origin) == ("member.ended", None, "time")


@pytest.mark.rule("EVT-01")
@pytest.mark.rule("RES-03")
def test_what_changed_is_recorded_with_what_was_before(agency: Scenario) -> None:
    agency.execute(RenameResource(agency.caller_for("ada"), "shop", "Boutique"))
    agency.execute(DescribeResource(agency.caller_for("ada"), "shop", "Sells"))
    agency.execute(MoveResource(agency.caller_for("ada"), "shop", "acme"))
    agency.create_resource("payment", "Card")
    agency.execute(SetPaymentMethod(agency.caller_for("ada"), "shop", "card"))
    changes = {
        line.recorded.event.name: line.recorded.event
        for line in agency.list_events("shop")
    }
    renamed, described = changes["resource.renamed"], changes["resource.described"]
    moved, paid = changes["resource.moved"], changes["billing.changed"]
    assert isinstance(renamed, ResourceRenamed)
    assert isinstance(described, ResourceDescribed)
    assert isinstance(moved, ResourceMoved)
    assert isinstance(paid, PayerChanged)
    assert renamed.before == "Shop"
    assert (described.about, described.before) == ("Sells", None)
    assert moved.before == agency.get_resource("site").id
    assert (paid.before, paid.payer) == (None, agency.get_resource("card").id)


def test_a_page_with_many_people_takes_as_many_queries_as_one_with_few(
    agency: Scenario,
) -> None:
    counted: list[str] = []
    event.listen(
        agency.database.engine,
        "before_cursor_execute",
        lambda *arguments: counted.append(arguments[2]),
    )

    def queries() -> int:
        counted.clear()
        agency.list_events("acme")
        return len(counted)

    agency.send_invitation("p0")
    few = queries()
    for n in range(1, 20):
        agency.send_invitation(f"p{n}")
    assert queries() == few


@pytest.mark.rule("EVT-03")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(typed=st.text(max_size=30))
def test_whatever_is_typed_in_the_place_of_a_name_is_refused_or_found(
    agency: Scenario, typed: str
) -> None:
    for ask in (
        ListEvents(agency.caller_for("devi"), typed or None),
        ListEvents(agency.caller_for("ada"), "acme", names=(typed,)),
    ):
        with suppress(errors.UnknownResource, errors.UnknownEvent):
            agency.bus.query(ask, agency.at)


@pytest.mark.rule("EVT-03")
@pytest.mark.rule("MEM-12")
def test_declines_and_requests_are_read_by_those_concerned_and_by_those_who_may_grant(
    agency: Scenario,
) -> None:
    """Devi develops Shop and asks for more, Sam declines; Bo develops it too, and Carl is an admin of Acme."""
    for who, role, what in (
        ("devi", "developer", "shop"),
        ("bo", "developer", "shop"),
        ("carl", "admin", "acme"),
    ):
        agency.add_member(who, role, what)
    agency.decline_invitation("sam", agency.send_invitation("sam", "developer", "shop"))
    agency.request_access("devi", "owner", "acme")
    agency.deny_request("ada", agency.request_access("devi", "manager", "shop"))
    restricted_names = {"invitation.declined", "request.sent", "request.declined"}
    reads = {
        who: restricted_names & {*names(agency, None, by=who, limit=100)}
        for who in ("ada", "carl", "devi", "bo", "sam")
    }
    assert reads == {
        "ada": restricted_names,
        "carl": restricted_names,
        "devi": {"request.sent", "request.declined"},
        "bo": set(),
        "sam": set(),
    }


@pytest.mark.rule("EVT-03")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"who": "ada"}, ["Done by <@UADA>."]),
        ({"about": "devi"}, ["About <@UDEVI>."]),
        (
            {"names": ("member", "team.shared")},
            ["Only: Joining, leaving and roles; team.shared."],
        ),
        ({"since": MONDAY}, ["Since"]),
        (
            {"who": "ada", "about": "devi", "names": ("member",)},
            ["Done by", "About", "Only: Joining, leaving and roles."],
        ),
        ({}, []),
    ],
)
def test_a_list_of_events_names_the_filters_in_force(
    agency: Scenario, asked: dict[str, Any], said: list[str]
) -> None:
    agency.add_member("devi", "developer", "shop")
    asked = {
        n: agency.account_of(v) if n in {"who", "about"} else v
        for n, v in asked.items()
    }
    for what in ("acme", None):
        found = agency.bus.query(
            ListEvents(agency.caller_for("ada"), what, **asked), agency.at
        )
        text = str(
            events_message(
                renderer_for_language("en"), found, is_older_page=False, next_value=None
            )["text"]
        )
        assert all(part in text for part in said)
        assert len(re.findall("Done by |About |Only: |Since ", text)) == len(said)


@pytest.mark.rule("EVT-03")
def test_events_of_teams_name_both_sides_to_anyone_who_may_view_both(
    agency: Scenario,
) -> None:
    agency.create_resource("team", "Crew")
    agency.add_member("sam", "limited", "crew")
    agency.add_member("bo", "developer", "shop")
    agency.share_with_team("shop", "crew", "developer")
    agency.share_with_team("shop", "crew", "manager")
    agency.execute(
        AssignToMember(
            agency.caller_for("ada"), agency.account_of("sam"), "shop", "crew"
        )
    )
    agency.execute(
        UnassignFromMember(
            agency.caller_for("ada"), agency.account_of("sam"), "shop", "crew"
        )
    )
    agency.execute(UnshareWithTeam(agency.caller_for("ada"), "shop", "crew"))
    for reader, sees in (("ada", True), ("bo", False)):
        found = agency.bus.query(
            ListEvents(agency.caller_for(reader), "shop", names=("team",)), agency.at
        )
        text = str(
            events_message(
                renderer_for_language("en"), found, is_older_page=False, next_value=None
            )["text"]
        )
        assert text.count("the team *Crew*") == (5 if sees else 0)
        assert text.count("a team") == (0 if sees else 5)
