"""An address that an account and an unjoined record have names the record that an act is
about (OUT-04).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from collab import errors
from collab.access_queries import ExplainAccess
from collab.command import Command
from collab.events import (
    InvitationSent,
    MemberExtended,
    MemberRemoved,
    MemberRoleChanged,
    PersonMatched,
    PersonOffboarded,
    PersonReinstated,
    SuccessionSupported,
    TeamAssigned,
    TeamUnassigned,
)
from collab.invitations.commands import InviteToResource
from collab.invitations.queries import ListInvitations
from collab.memberships.commands import ChangeRole, RemoveMember
from collab.memberships.expiry import ExtendMembership
from collab.memberships.offboarding import OffboardPerson
from collab.memberships.offboarding_queries import (
    PreviewOffboarding,
    read_statement,
)
from collab.memberships.undo import UndoDeparture
from collab.model import PersonId, Term
from collab.pages import ShowPersonPage
from collab.person_matches import RejectMatch
from collab.removal_impact import PreviewRemoval
from collab.successions import ChooseSuccessor
from collab.teams import AssignToMember, UnassignFromMember
from storage.database import Database
from tests.collab.test_people_by_address import (
    ACTS,
    NINA,
    accept_by_mail,
    by,
    switch_mail,
)
from tests.support.builders import Scenario

pytestmark = pytest.mark.rule("OUT-04")


@pytest.fixture(params=[False, True], ids=["open", "rejected"])
def office(database: Database, request: pytest.FixtureRequest) -> Scenario:
    """Nina has roles by her address; her account has the address too, and no role."""
    world = switch_mail(Scenario(database), sends_mail=True, has_account=False)
    world.create_company()
    world.register_people("bo", "devi")
    world.read_profile("root", admin=True)
    for kind, title, within in (
        ("app", "Shop", "acme"),
        ("app", "Lab", "acme"),
        ("app", "Den", "acme"),
        ("app", "Wiki", None),
        ("team", "Crew", None),
    ):
        world.create_resource(kind, title, within)
    world.create_resource("company", "Orphan", by="bo")
    accept_by_mail(world, "admin", "acme")
    accept_by_mail(world, "developer", "shop", term=Term(timedelta(days=60)))
    accept_by_mail(world, "limited", "crew")
    accept_by_mail(world, "admin", "orphan", who="bo")
    world.add_member("devi", "admin", "orphan", by="bo")
    for app in ("lab", "den"):
        world.share_with_team(app, "crew", "manager")
    world.execute(AssignToMember(by(world), NINA, "den", "crew"))
    world.deactivate_accounts("bo")
    world.at += timedelta(days=1)
    world.read_profile("nina", email=NINA.email)
    assert world.events_of_type(PersonMatched)
    if request.param:
        nina = world.caller_for("nina", "button")
        world.execute(RejectMatch(nina, record_of(world)))
    return world


def record_of(world: Scenario) -> PersonId:
    """Return the id of the record that has only the address."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        (record,) = facts.people.list_people_with_email_only(NINA.email)
    return record.id


OUTCOMES: dict[type[Command], type[Any]] = {
    ChangeRole: MemberRoleChanged,
    RemoveMember: MemberRemoved,
    OffboardPerson: PersonOffboarded,
    ExtendMembership: MemberExtended,
    AssignToMember: TeamAssigned,
    UnassignFromMember: TeamUnassigned,
    ChooseSuccessor: SuccessionSupported,
}
COMMANDS = ACTS | {
    ChooseSuccessor: lambda w: ChooseSuccessor(by(w, "devi"), NINA, "orphan"),
}


def test_no_act_is_left_out() -> None:
    assert set(OUTCOMES) == set(ACTS)


@pytest.mark.parametrize("command", OUTCOMES, ids=lambda each: each.__name__)
def test_an_act_is_about_the_record_that_has_the_role(
    office: Scenario, command: type[Command]
) -> None:
    outcome = office.execute(COMMANDS[command](office))

    assert outcome.get_event(OUTCOMES[command]).person == record_of(office)


def test_a_role_that_only_follows_is_named_too(office: Scenario) -> None:
    with pytest.raises(errors.MayNotRemove) as rejected:
        office.execute(ChangeRole(by(office), NINA, "admin", "lab"))

    assert rejected.value.person == record_of(office)


QUERIES: dict[str, Callable[[Scenario], Any]] = {
    "removal": lambda w: PreviewRemoval(by(w), NINA, "shop"),
    "offboarding": lambda w: PreviewOffboarding(by(w), NINA),
    "access": lambda w: ExplainAccess(by(w), NINA, "shop", "view"),
    "page": lambda w: ShowPersonPage(by(w), NINA),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_question_is_about_the_record_that_has_the_role(
    office: Scenario, name: str
) -> None:
    answer = office.bus.query(QUERIES[name](office), office.at)

    assert answer.person.id == record_of(office)


def test_the_account_is_named_where_it_has_a_role(office: Scenario) -> None:
    office.add_member("nina", "developer", "lab")

    removed = office.execute(RemoveMember(by(office), NINA, "lab"))

    assert removed.get_event(MemberRemoved).person == office.person_id_of("nina")


def test_invitations_of_both_are_found(database: Database) -> None:
    world = switch_mail(Scenario(database), sends_mail=True, has_account=False)
    world.create_company()
    world.create_resource("app", "Shop", "acme")
    accept_by_mail(world, "developer", "shop")
    sent = world.execute(InviteToResource(by(world), NINA, "admin", "acme"))
    world.read_profile("nina", email=NINA.email)

    query = ListInvitations(by(world), what="acme", who=NINA)
    (found,) = world.bus.query(query, world.at).invitations

    assert found.invitation.id == sent.get_event(InvitationSent).invitation
    assert found.person.id == record_of(world)


def list_roles(world: Scenario) -> dict[PersonId, set[str]]:
    """Return the slugs of what the account and the record have roles on."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        found = {}
        for person_id in (world.person_id_of("nina"), record_of(world)):
            memberships = facts.memberships.list_memberships_of(person_id, world.at)
            resources = facts.resources.get_resources([m.resource for m in memberships])
            found[person_id] = {each.slug for each in resources.values()}
    return found


@pytest.mark.rule("OFF-01")
@pytest.mark.rule("OFF-03")
def test_offboarding_an_address_ends_the_access_of_both(office: Scenario) -> None:
    office.add_member("nina", "developer", "wiki")
    nina, record = office.person_id_of("nina"), record_of(office)
    before = list_roles(office)
    preview = office.bus.query(PreviewOffboarding(by(office), NINA), office.at)
    slugs = {s.resource.slug for _, shifts in preview.groups for s in shifts}
    assert {"acme", "shop", "crew", "wiki"} <= slugs
    assert preview.who == NINA
    office.take_outbox()

    outcome = office.execute(OffboardPerson(by(office), preview.who))

    assert list_roles(office) == {nina: set(), record: {"orphan"}}
    offboarded = [
        (each.event, each)
        for each in outcome.recorded
        if isinstance(each.event, PersonOffboarded)
    ]
    first = offboarded[0][1]
    assert [event.person for event, _ in offboarded] == [nina, record]
    with office.database.unit_of_work_factory.read(office.workspace) as facts:
        context = office.bus.context(facts, office.at)
        whole = read_statement(context, first)
        own = read_statement(context, first, nina)
    assert {r.slug for r, _ in whole.ended} == {"acme", "shop", "crew", "wiki"}
    assert {r.slug for r, _ in own.ended} == {"wiki"}

    undone = office.execute(UndoDeparture(by(office)))

    assert list_roles(office) == before
    reinstated = [
        each.event
        for each in undone.recorded
        if isinstance(each.event, PersonReinstated)
    ]
    assert [(each.person, each.offboarded) for each in reinstated] == [
        (event.person, each.seq) for event, each in offboarded
    ]
