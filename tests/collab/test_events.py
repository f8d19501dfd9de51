"""The event log by the rules."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collab import errors
from collab.event_log import ListEvents
from collab.events import (
    EVENTS,
    ChannelLinked,
    Event,
    InvitationSent,
    MemberRoleChanged,
    RecordedEvent,
    ResourceCreated,
    decode_event,
    encode_event,
    get_event_name,
)
from collab.invitations.commands import RevokeInvitation
from collab.model import (
    AccessRequestId,
    ChannelId,
    DeliveryId,
    InvitationId,
    InvoiceId,
    PersonId,
    ResourceId,
    SuccessionId,
    WorkspaceId,
)
from collab.resource_names import make_slug
from collab.resources import CreateResource
from tests.support.builders import Scenario
from tests.support.requests import COMMANDS

KINDS_OF_EVENT: list[type[Event]] = sorted(EVENTS.values(), key=lambda kind: kind.name)
ID_TYPES = (
    AccessRequestId,
    ChannelId,
    InvitationId,
    InvoiceId,
    PersonId,
    ResourceId,
    SuccessionId,
)
ID_TYPES_BY_FIELD: dict[str, Any] = {
    "actor": PersonId,
    "channel": ChannelId,
    "delivery": DeliveryId,
    "invitation": InvitationId,
    "invoice": InvoiceId,
    "inviter": PersonId,
    "parent": ResourceId,
    "payer": ResourceId,
    "person": PersonId,
    "request": AccessRequestId,
    "resource": ResourceId,
    "succession": SuccessionId,
}
LISTS_OF_TEXTS = [
    tuple[str, ...],
    tuple[ChannelId, ...],
    tuple[PersonId, ...],
    tuple[ResourceId, ...],
]
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(),
    bool: st.booleans(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    timedelta: st.integers(0, 10**9).map(lambda s: timedelta(seconds=s)),
    **{each: st.text() for each in ID_TYPES},
    DeliveryId: st.integers(),
    **{shape: st.lists(st.text(min_size=1)).map(tuple) for shape in LISTS_OF_TEXTS},
}


def any_event(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{f.name: _value(hints[f.name]) for f in fields(kind)})


def _value(hint: Any) -> st.SearchStrategy[Any]:
    for shape, values in VALUES.items():
        if hint == shape:
            return values
        if hint == (shape | None):
            return st.none() | values
    raise AssertionError(hint)


ANY_EVENT = {kind: any_event(kind) for kind in KINDS_OF_EVENT}


@pytest.mark.rule("EVT-02")
@pytest.mark.parametrize("kind", KINDS_OF_EVENT, ids=lambda kind: kind.name)
@settings(max_examples=12)
@given(data=st.data())
def test_every_event_reads_back_as_it_was_written(
    kind: type[Event], data: st.DataObject
) -> None:
    event = data.draw(ANY_EVENT[kind])
    name = "company.created" if kind is ResourceCreated else get_event_name(event)
    assert decode_event(name, encode_event(event)) == event


WRONG = st.sampled_from(
    [
        False,
        True,
        7,
        1.5,
        b"U1",
        ["U1"],
        {"id": "U1"},
        ("U1",),
        (None,),
        datetime.now,
        object(),
    ]
)


@pytest.mark.rule("EVT-02")
@pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS_OF_EVENT if fields(kind)],
    ids=lambda kind: kind.name,
)
@settings(max_examples=8)
@given(data=st.data())
def test_no_field_of_another_type_is_recorded(
    kind: type[Event], data: st.DataObject
) -> None:
    event = data.draw(ANY_EVENT[kind])
    hints = get_type_hints(kind)
    name = data.draw(
        st.sampled_from(sorted(hints.keys() & {f.name for f in fields(kind)}))
    )
    hint, value = hints[name], data.draw(WRONG | st.none())
    fits = value is None and hint == (hint | None)
    fits = (
        fits
        or (hint is bool and isinstance(value, bool))
        or (hint in (int, int | None, DeliveryId) and value == 7)
    )
    fits = fits or (hint in LISTS_OF_TEXTS and value == ("U1",))
    wrong = replace(event, **{name: value})
    if fits:
        encode_event(wrong)
    else:
        with pytest.raises(TypeError, match=f"{kind.__name__}.{name}"):
            encode_event(wrong)


@pytest.mark.parametrize("kind", [RecordedEvent, *KINDS_OF_EVENT])
def test_what_a_field_names_has_the_id_type_of_its_kind(kind: type[Any]) -> None:
    hints = get_type_hints(kind)
    for name, id_type in ID_TYPES_BY_FIELD.items():
        if name in {f.name for f in fields(kind)}:
            assert hints[name] in {id_type, id_type | None}, name


@pytest.mark.rule("EVT-02")
def test_every_name_reads_source_dot_fact_and_every_event_has_a_manual() -> None:
    for name, kind in EVENTS.items():
        assert re.fullmatch(r"(\*|[a-z]+)\.[a-z_]+", name)
        assert kind.__doc__


@pytest.mark.rule("EVT-01")
def test_every_event_has_its_actor_name_time_and_origin(acme: Scenario) -> None:
    invitation = acme.send_invitation("carl")
    acme.at += timedelta(hours=1)
    acme.accept_invitation("carl", invitation)
    acme.advance_time(days=9)
    lines = [
        (r.origin, r.event.name, r.at)
        for r in (line.recorded for line in acme.list_events())
    ]
    assert [(origin, name) for origin, name, _ in lines] == [
        ("button", "member.joined"),
        ("button", "invitation.accepted"),
        ("command", "invitation.sent"),
        ("command", "member.joined"),
        ("command", "*.created"),
    ]
    assert lines[0][2] - lines[2][2] == timedelta(hours=1)


@pytest.mark.rule("EVT-01")
def test_a_change_carries_what_was_before(acme: Scenario) -> None:
    acme.add_member("carl", "admin")
    acme.add_member("carl", "owner")
    changed = acme.list_events()[0].recorded.event
    assert isinstance(changed, MemberRoleChanged)
    assert (changed.before, changed.role) == ("admin", "owner")


def test_events_are_listed_newest_first_by_actor_since_and_page(acme: Scenario) -> None:
    for n in range(15):
        acme.at += timedelta(hours=1)
        acme.execute(
            RevokeInvitation(acme.caller_for("ada"), acme.send_invitation(f"p{n}"))
        )
    page = acme.bus.query(ListEvents(acme.caller_for("ada"), "acme"), acme.at)
    rest = acme.bus.query(
        ListEvents(acme.caller_for("ada"), "acme", before=page.next_before), acme.at
    )
    seqs = [line.recorded.seq for line in (*page.lines, *rest.lines)]
    assert (len(page.lines), len(rest.lines), rest.next_before) == (20, 12, None)
    assert seqs == sorted(seqs, reverse=True)
    recent = acme.list_events(since=acme.at - timedelta(hours=1, minutes=1))
    assert len(recent) == 4
    assert acme.list_events(who=acme.account_of("carl")) == []


def test_what_one_may_not_view_has_no_events_for_them(acme: Scenario) -> None:
    with pytest.raises(errors.UnknownResource):
        acme.list_events(by="carl")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Acme", "acme"),
        ("Ärger & Söhne GmbH", "aerger-soehne-gmbh"),
        ("Straße", "strasse"),
        ("GRÖSSE Übergröße", "groesse-uebergroesse"),
        ("Gro\u0308\u00dfe", "groesse"),
        ("Smørrebrød & Œuvre", "smoerrebroed-oeuvre"),
        ("Café Łódź", "cafe-lodz"),
        ("北京", "company"),
        ("X", "company"),
        ("a" * 80, "a" * 40),
        ("--Hello--World--", "hello-world"),
    ],
)
def test_a_slug_is_made_from_the_name(title: str, slug: str) -> None:
    assert make_slug(title, "company") == slug


def test_a_taken_slug_gets_a_number_though_its_holder_is_out_of_sight(
    world: Scenario,
) -> None:
    world.register_people("ada", "carl")
    slugs = [
        world.execute(CreateResource(world.caller_for(who), "company", title))
        .get_event(ResourceCreated)
        .slug
        for who, title in (("ada", "Acme"), ("carl", "ACME"), ("carl", "Acme!"))
    ]
    assert slugs == ["acme", "acme-2", "acme-3"]


@pytest.mark.parametrize("title", ["", "   ", "\u200b\u202e", "x" * 81, "\x00"])
def test_a_name_must_be_one_to_80_visible_characters(
    world: Scenario, title: str
) -> None:
    world.register_people("ada")
    with pytest.raises(errors.BadName):
        world.execute(CreateResource(world.caller_for("ada"), "company", title))


def test_guests_people_of_other_workspaces_and_people_not_read_yet_create_nothing(
    world: Scenario,
) -> None:
    world.read_profile("sam", guest=True)
    for who, refusal in (
        ("sam", errors.GuestActor),
        ("eve@T2", errors.ForeignActor),
        ("carl", errors.ProfileUnread),
    ):
        with pytest.raises(refusal):
            world.execute(CreateResource(world.caller_for(who), "company", "Acme"))
    assert ("carl", "profile") in world.take_outbox()


def test_an_unknown_kind_is_named_with_those_there_are(world: Scenario) -> None:
    world.register_people("ada")
    with pytest.raises(errors.UnknownKind) as refused:
        world.execute(CreateResource(world.caller_for("ada"), "spaceship", "Acme"))
    assert "company" in refused.value.kinds


def test_an_uninstalled_workspace_is_refused(world: Scenario) -> None:
    world.workspace = WorkspaceId("T404")
    with pytest.raises(errors.UnknownWorkspace):
        world.execute(CreateResource(world.caller_for("ada"), "company", "Acme"))


def test_every_action_has_a_caller() -> None:
    assert all("by" in {f.name for f in fields(action)} for action in COMMANDS)


def test_facts_of_an_invitation_name_resource_and_person_for_the_record(
    acme: Scenario,
) -> None:
    acme.send_invitation("carl")
    sent = acme.events_of_type(InvitationSent)[0]
    assert {f.name for f in fields(sent)} >= {"resource", "person"}
    assert "groups" in {f.name for f in fields(ChannelLinked)}
