"""Whatever names a person takes an address, and says how they hear of it (OUT-01)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collab import errors
from collab.billing.transfers import TransferBilling, TransferOwnership
from collab.command import Command
from collab.events import InvitationSent
from collab.handovers.offers import HandOver
from collab.invitations.answers import AcceptInvitation
from collab.invitations.commands import InviteToResource
from collab.memberships.commands import ChangeRole, RemoveMember
from collab.memberships.expiry import ExtendMembership
from collab.memberships.offboarding import OffboardPerson
from collab.model import Address, Caller, Term
from collab.people import RegisterPerson
from collab.successions import ChooseSuccessor
from collab.teams import AssignToMember, UnassignFromMember
from storage.database import Database
from tests.support.builders import Scenario

NINA = Address("nina@client.example")
Build = Callable[[Scenario], Command]


def by(world: Scenario, name: str = "ada") -> Caller:
    """Return who names Nina."""
    return world.caller_for(name)


# What the named person is to answer.
OFFERS: dict[type[Command], Build] = {
    InviteToResource: lambda w: InviteToResource(by(w), NINA, "admin", "blog"),
    TransferBilling: lambda w: TransferBilling(by(w), NINA, "blog"),
    TransferOwnership: lambda w: TransferOwnership(by(w), NINA, "site"),
    HandOver: lambda w: HandOver(by(w), NINA, "wiki"),
}
# What happens at once to somebody who has a role.
ACTS: dict[type[Command], Build] = {
    ChangeRole: lambda w: ChangeRole(by(w), NINA, "owner", "acme"),
    RemoveMember: lambda w: RemoveMember(by(w), NINA, "shop"),
    OffboardPerson: lambda w: OffboardPerson(by(w), NINA),
    ExtendMembership: lambda w: ExtendMembership(by(w), NINA, "shop"),
    AssignToMember: lambda w: AssignToMember(by(w), NINA, "lab", "crew"),
    UnassignFromMember: lambda w: UnassignFromMember(by(w), NINA, "den", "crew"),
    ChooseSuccessor: lambda w: ChooseSuccessor(by(w, "root"), NINA, "orphan"),
}
# Before a preview, and after which nobody is left to be told.
RECORDED_ALONE: set[type[Command]] = {RegisterPerson}


def switch_mail(world: Scenario, *, sends_mail: bool, has_account: Any) -> Scenario:
    """Return the same workspace with mail or without, and with what Slack said."""
    switched = Scenario(
        world.database,
        policy=replace(world.policy, sends_mail=sends_mail),
        at=world.at,
        last_id=10_000,
    )
    switched.bus.has_account = lambda _workspace, _email: has_account
    return switched


def accept_by_mail(
    world: Scenario, role: str, what: str, who: str = "ada", **more: Any
) -> None:
    """Invite Nina and accept by the link in the mail."""
    invite = InviteToResource(by(world, who), NINA, role, what, **more)
    sent = world.execute(invite).get_event(InvitationSent)
    nina = Caller(world.workspace, None, "link", person=sent.person)
    world.execute(AcceptInvitation(nina, sent.invitation))
    world.at += timedelta(days=1)


@pytest.fixture
def office(database: Database) -> Scenario:
    """Ada's company with what the commands are about; Nina has roles by her address."""
    world = switch_mail(Scenario(database), sends_mail=True, has_account=False)
    world.create_company()
    world.register_people("bo")
    world.read_profile("root", admin=True)
    for kind, title, within in (
        ("project", "Site", None),
        ("app", "Shop", "acme"),
        ("app", "Blog", "acme"),
        ("app", "Wiki", None),
        ("app", "Lab", "acme"),
        ("app", "Den", "acme"),
        ("team", "Crew", None),
    ):
        world.create_resource(kind, title, within)
    world.create_resource("company", "Orphan", by="bo")
    accept_by_mail(world, "admin", "acme")
    accept_by_mail(world, "developer", "shop", term=Term(timedelta(days=60)))
    accept_by_mail(world, "limited", "crew")
    for app in ("lab", "den"):
        world.share_with_team(app, "crew", "manager")
    world.execute(AssignToMember(by(world), NINA, "den", "crew"))
    invite = InviteToResource(by(world, "bo"), NINA, "admin", "orphan")
    sent = world.execute(invite).get_event(InvitationSent)
    nina = Caller(world.workspace, None, "link", person=sent.person)
    world.execute(AcceptInvitation(nina, sent.invitation))
    world.deactivate_accounts("bo")
    world.at += timedelta(days=1)
    return world


def list_commands_naming_a_person() -> Iterator[str]:
    """Yield the name of every command that takes a person by account or address."""
    for command in Command.__subclasses__():
        if "Address" in str(command.__annotations__.get("who")):
            yield command.__name__


def test_no_command_that_names_a_person_is_left_out() -> None:
    commands: list[type[Command]] = [*OFFERS, *ACTS, *RECORDED_ALONE]
    covered = {each.__name__ for each in commands}

    assert covered == set(list_commands_naming_a_person())


@pytest.mark.rule("OUT-01")
@pytest.mark.parametrize("command", [*OFFERS, *ACTS], ids=lambda each: each.__name__)
def test_the_outcome_says_who_is_mailed(
    office: Scenario, command: type[Command]
) -> None:
    outcome = office.execute((OFFERS | ACTS)[command](office))

    assert [person.email for person in outcome.reach.mailed] == [NINA.email]
    assert not outcome.reach.unreached


@pytest.mark.rule("OUT-01")
@pytest.mark.parametrize("command", OFFERS, ids=lambda each: each.__name__)
def test_without_mail_no_offer_is_recorded(
    office: Scenario, command: type[Command]
) -> None:
    world = switch_mail(office, sends_mail=False, has_account=False)
    before = len(world.list_recorded_events())

    with pytest.raises(errors.NoMail) as rejected:
        world.execute(OFFERS[command](world))

    assert rejected.value.address == NINA
    assert len(world.list_recorded_events()) == before


@pytest.mark.rule("OUT-01")
def test_without_mail_nobody_is_registered_before_a_preview(office: Scenario) -> None:
    world = switch_mail(office, sends_mail=False, has_account=False)
    before = len(world.list_recorded_events())

    with pytest.raises(errors.NoMail):
        world.execute(RegisterPerson(by(world), Address("otto@client.example")))

    assert len(world.list_recorded_events()) == before


@pytest.mark.rule("OUT-01")
@pytest.mark.parametrize("command", ACTS, ids=lambda each: each.__name__)
def test_without_mail_the_outcome_says_who_hears_nothing(
    office: Scenario, command: type[Command]
) -> None:
    world = switch_mail(office, sends_mail=False, has_account=False)

    outcome = world.execute(ACTS[command](world))

    assert [person.email for person in outcome.reach.unreached] == [NINA.email]
    assert not outcome.reach.mailed


@pytest.mark.rule("OUT-01")
@pytest.mark.parametrize("command", [*OFFERS, *ACTS], ids=lambda each: each.__name__)
@pytest.mark.parametrize("sends_mail", [True, False])
def test_whose_account_is_known_is_not_named(
    office: Scenario, command: type[Command], *, sends_mail: bool
) -> None:
    world = switch_mail(office, sends_mail=sends_mail, has_account=True)

    outcome = world.execute((OFFERS | ACTS)[command](world))

    assert not outcome.reach.mailed
    assert not outcome.reach.unreached
