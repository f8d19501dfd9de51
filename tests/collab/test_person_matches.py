"""An account and an address that somebody proved to have become one by a press (OUT-04)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collab import errors
from collab.command import Command
from collab.events import (
    InvitationSent,
    PersonMatched,
    PersonMerged,
    PersonRecognised,
)
from collab.invitations.answers import AcceptInvitation
from collab.invitations.commands import InviteToResource
from collab.limits import Policy
from collab.memberships.commands import ChangeRole, RemoveMember
from collab.model import Address, Caller, PersonId, WorkspaceId
from collab.person_matches import JoinRecords, RejectMatch, ShowMatch
from collab.record_separation import SeparateRecords
from collab.sign_ins import RequestSignIn, SignIn
from storage.database import Database
from tests.support.builders import Scenario

NINA = "nina@client.example"
_NUMBERS = count(1)


def invite_by_mail(world: Scenario, role: str, what: str = "acme") -> PersonId:
    """Invite Nina by her address, and let her accept by the link."""
    invitation = world.send_invitation(NINA, role, what)
    sent = world.events_of_type(InvitationSent)[-1]
    assert sent.person is not None
    caller = Caller(world.workspace, None, "web", person=sent.person)
    world.execute(AcceptInvitation(caller, invitation))
    person_id: PersonId = sent.person
    return person_id


def join_slack(world: Scenario, **more: object) -> None:
    """Let Nina's account appear in the workspace."""
    world.read_profile("nina", email=NINA, **more)


def roles_of(world: Scenario, person_id: PersonId) -> dict[str, str]:
    """Return a person's direct roles by the slug of the resource."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        memberships = facts.memberships.list_memberships_of(person_id, world.at)
        resources = facts.resources.get_resources({m.resource for m in memberships})
    return {resources[m.resource].slug: m.role for m in memberships}


def join(world: Scenario, other: PersonId) -> None:
    world.execute(JoinRecords(world.caller_for("nina", "button"), other))


def separate(world: Scenario, other: PersonId) -> None:
    world.execute(SeparateRecords(world.caller_for("nina", "button"), other))


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("app", "Blog", "acme")
    return acme


@pytest.mark.rule("PER-01")
def test_who_was_only_invited_is_the_accounts_at_once(agency: Scenario) -> None:
    invitation = agency.send_invitation(NINA, "admin")

    join_slack(agency)

    assert agency.events_of_type(PersonMerged)
    assert not agency.events_of_type(PersonMatched)
    assert agency.pending_invitation_ids("nina") == [invitation]


@pytest.mark.rule("OUT-04")
def test_who_accepted_by_link_is_asked_once_and_joined_by_a_press(
    agency: Scenario,
) -> None:
    other = invite_by_mail(agency, "admin")
    for _ in range(2):
        join_slack(agency)
        join_slack(agency, title="Nina R.")

    (asked,) = agency.events_of_type(PersonMatched)
    nina = agency.person_id_of("nina")
    assert (asked.person, asked.other) == (nina, other)
    assert not agency.events_of_type(PersonMerged)
    assert roles_of(agency, nina) == {}
    view = agency.bus.query(ShowMatch(agency.caller_for("nina"), other), agency.at)
    assert [(r.slug, role) for r, role in view.roles] == [("acme", "admin")]

    join(agency, other)

    assert roles_of(agency, nina) == {"acme": "admin"}
    with pytest.raises(errors.NoMatch):
        join(agency, other)


@pytest.mark.rule("OUT-04")
def test_who_signed_in_has_proved_the_address(agency: Scenario) -> None:
    agency.send_invitation(NINA, "admin")
    sent = agency.events_of_type(InvitationSent)[-1]
    mailing = Scenario(
        agency.database, policy=Policy(sends_mail=True), at=agency.at, last_id=500
    )
    command = RequestSignIn(mailing.system_caller("web"), NINA)
    seq = mailing.execute(command).recorded[0].seq
    caller = Caller(agency.workspace, None, "web", person=sent.person)
    mailing.execute(SignIn(caller, seq))

    join_slack(agency)

    assert agency.events_of_type(PersonMatched)
    assert not agency.events_of_type(PersonMerged)


@pytest.mark.rule("OUT-04")
def test_nobody_joins_what_they_were_not_asked_about(agency: Scenario) -> None:
    other = invite_by_mail(agency, "owner")
    join_slack(agency)
    agency.register_people("carl")
    for who in ("carl", "ada"):
        for command in (JoinRecords, RejectMatch, SeparateRecords):
            with pytest.raises(errors.NoMatch):
                agency.execute(command(agency.caller_for(who), other))
    agency.read_profile("nina", email="nina@elsewhere.example")
    with pytest.raises(errors.NoMatch):
        join(agency, other)


@pytest.mark.rule("PER-02")
def test_an_account_of_another_workspace_is_not_asked(agency: Scenario) -> None:
    invite_by_mail(agency, "admin")
    agency.read_profile("nina@T2", email=NINA)
    agency.read_profile("bot", email=NINA, bot=True)
    agency.read_profile("gone", email=NINA, active=False)

    assert {e.person for e in agency.events_of_type(PersonMatched)} <= {
        agency.person_id_of("bot")
    }
    assert not agency.events_of_type(PersonMerged)


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("MEM-05")
def test_an_address_names_the_record_that_has_the_role(agency: Scenario) -> None:
    other = invite_by_mail(agency, "developer", "shop")
    invite_by_mail(agency, "developer", "blog")
    join_slack(agency)
    agency.add_member("nina", "developer", "blog")
    ada = agency.caller_for("ada")

    agency.execute(ChangeRole(ada, Address(NINA), "manager", "shop"))
    assert roles_of(agency, other) == {"shop": "manager", "blog": "developer"}
    for what in ("shop", "blog", "blog"):
        agency.execute(RemoveMember(ada, Address(NINA), what))

    assert roles_of(agency, other) == {}
    assert roles_of(agency, agency.person_id_of("nina")) == {}


@pytest.mark.rule("OUT-04")
def test_not_mine_is_said_once_for_all(agency: Scenario) -> None:
    other = invite_by_mail(agency, "admin")
    join_slack(agency)
    agency.execute(RejectMatch(agency.caller_for("nina"), other))

    join_slack(agency, title="Nina R.")

    assert len(agency.events_of_type(PersonMatched)) == 1
    with pytest.raises(errors.NoMatch):
        join(agency, other)
    assert roles_of(agency, other) == {"acme": "admin"}


@pytest.mark.rule("OUT-04")
@pytest.mark.parametrize(
    ("by_mail", "in_slack", "kept"),
    [("admin", "owner", "owner"), ("owner", "admin", "owner")],
)
def test_the_higher_of_two_roles_stays_and_both_come_back(
    agency: Scenario, by_mail: str, in_slack: str, kept: str
) -> None:
    join_slack(agency, title="N")
    agency.read_profile("nina", email="old@client.example")
    other = invite_by_mail(agency, by_mail)
    invite_by_mail(agency, "developer", "shop")
    agency.add_member("nina", in_slack)
    join_slack(agency)
    nina = agency.person_id_of("nina")
    before = (roles_of(agency, nina), roles_of(agency, other))

    join(agency, other)
    assert roles_of(agency, nina) == {"acme": kept, "shop": "developer"}
    assert roles_of(agency, other) == {}
    agency.at += timedelta(hours=23)
    separate(agency, other)

    assert (roles_of(agency, nina), roles_of(agency, other)) == before
    with pytest.raises(errors.NoMatch):
        separate(agency, other)


@pytest.mark.rule("OUT-04")
def test_after_a_day_it_stays_as_it_is(agency: Scenario) -> None:
    other = invite_by_mail(agency, "admin")
    join_slack(agency)
    join(agency, other)
    agency.at += timedelta(days=1, seconds=1)
    with pytest.raises(errors.NoMatch):
        separate(agency, other)


@pytest.mark.rule("OUT-04")
def test_what_changed_since_stays_as_it_became(agency: Scenario) -> None:
    other = invite_by_mail(agency, "developer", "shop")
    invite_by_mail(agency, "developer", "blog")
    join_slack(agency)
    join(agency, other)
    ada, nina = agency.caller_for("ada"), agency.account_of("nina")
    agency.execute(RemoveMember(ada, nina, "shop"))
    agency.execute(ChangeRole(ada, nina, "manager", "blog"))

    separate(agency, other)

    assert roles_of(agency, other) == {}
    assert roles_of(agency, agency.person_id_of("nina")) == {"blog": "manager"}


@pytest.mark.rule("OUT-04")
def test_open_invitations_of_both_sides_pass_there_and_back(agency: Scenario) -> None:
    other = invite_by_mail(agency, "owner")
    received = agency.send_invitation(NINA, "developer", "shop")
    caller = Caller(agency.workspace, None, "web", person=other)
    invite = InviteToResource(caller, Address("otto@client.example"), "admin", "acme")
    sent = agency.execute(invite).get_event(InvitationSent).invitation
    join_slack(agency)

    join(agency, other)
    assert agency.pending_invitation_ids("nina") == [received]
    separate(agency, other)

    assert agency.pending_invitation_ids("nina") == []
    with agency.database.unit_of_work_factory.read(agency.workspace) as facts:
        found = [facts.invitations.get_invitation(each) for each in (received, sent)]
    assert [(i.person == other, i.inviter == other) for i in found if i] == [
        (True, False),
        (False, True),
    ]
    assert [i.state for i in found if i] == ["pending", "pending"]


PRESSES: dict[str, Callable[[Caller, PersonId], Command]] = {
    "yes": JoinRecords,
    "no": RejectMatch,
    "back": SeparateRecords,
}
STEPS = st.lists(
    st.sampled_from(
        ["invite", "accept", "appear", "other address", "gone", *PRESSES, "appear"]
    ),
    max_size=14,
)


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("PER-01")
def test_in_any_order_nothing_proved_is_joined_without_a_press(
    sqlite_database: Database,
) -> None:
    @given(STEPS)
    @settings(max_examples=40)
    def play(steps: list[str]) -> None:
        world = Scenario(sqlite_database, workspace=WorkspaceId(f"T9{next(_NUMBERS)}"))
        world.create_company()
        proved = set[PersonId]()
        for step in steps:
            before = len(world.events_of_type(PersonMerged))
            with suppress(errors.Rejected, LookupError):
                take_step(world, step, proved)
            merged = world.events_of_type(PersonMerged)[before:]
            assert step == "yes" or proved.isdisjoint(e.person for e in merged)
        assert_one_place(world)

    play()


def take_step(world: Scenario, step: str, proved: set[PersonId]) -> None:
    """Take a step of a story; `proved` are the records that accepted by a link."""
    other = find_other(world)
    if step == "invite":
        world.send_invitation(NINA, "admin")
    elif step == "appear":
        join_slack(world)
    elif step == "other address":
        world.read_profile("nina", email="nina@elsewhere.example")
    elif step == "gone":
        join_slack(world, active=False)
    elif other and step in PRESSES:
        world.execute(PRESSES[step](world.caller_for("nina"), other))
    elif other and accept_first(world, other):
        proved.add(other)


def assert_one_place(world: Scenario) -> None:
    """Check that a joined record has nothing of its own."""
    for event in world.events_of_type(PersonMerged):
        with world.database.unit_of_work_factory.read(world.workspace) as facts:
            current = facts.people.get_person(event.person)
        if current and current.id != event.person:
            assert roles_of(world, event.person) == {}


def find_other(world: Scenario) -> PersonId | None:
    """Return the record of the address that was made last, joined or not."""
    recorded = [
        each
        for each in world.events_of_type(PersonRecognised)
        if each.email == NINA and each.user is None
    ]
    return recorded[-1].person if recorded else None


def accept_first(world: Scenario, person_id: PersonId) -> bool:
    """Accept the first open invitation of a record by its link, if there is one."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        pending = facts.invitations.list_pending_invitations_for(person_id)
    if not pending:
        return False
    caller = Caller(world.workspace, None, "web", person=person_id)
    world.execute(AcceptInvitation(caller, pending[0].id))
    return True
