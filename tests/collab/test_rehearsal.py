"""What if: the answer is what the command then does, and nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collab import errors
from collab.accessible_resources import list_effective_roles_by_resource
from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.transfers import TransferBilling, TransferOwnership
from collab.command import Command
from collab.memberships.commands import ChangeRole, LeaveResource, RemoveMember
from collab.model import Caller, Person, PersonId, ResourceId
from collab.moves import MoveResource
from collab.rehearsal import AskWhatIf, ExpectedChanges
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource
from collab.teams import AssignToMember, UnassignFromMember, UnshareWithTeam
from tests.support.builders import Scenario

PEOPLE = ("ada", "bo", "carl", "devi", "eve")


@pytest.fixture
def studio(acme: Scenario) -> Scenario:
    """Two companies, a project, paid apps, and a team that works on one of them."""
    acme.register_people(*PEOPLE)
    acme.create_company("Beta")
    acme.create_resource("project", "Website", within="acme")
    acme.create_resource("app", "Shop", within="website")
    acme.create_resource("app", "Blog", within="acme")
    acme.create_resource("payment", "Card", within="acme")
    acme.execute(SetPaymentMethod(acme.caller_for("ada"), "shop", "card"))
    acme.create_resource("team", "Crew")
    acme.add_member("bo", "admin", "acme")
    acme.add_member("carl", "developer", "blog")
    acme.add_member("carl", "administrator", "website")
    acme.add_member("devi", "limited", "crew")
    acme.add_member("eve", "unlimited", "crew")
    acme.share_with_team("blog", "crew", "manager")
    return acme


def ask(studio: Scenario, command: Command) -> ExpectedChanges:
    return studio.bus.query(AskWhatIf(command.by, command), studio.at)


def read_highest_roles(studio: Scenario) -> dict[tuple[PersonId, ResourceId], str]:
    """Everybody's highest role everywhere."""
    roles: dict[tuple[PersonId, ResourceId], str] = {}
    with studio.database.unit_of_work_factory.read(studio.workspace) as facts:
        context = studio.bus.context(facts, studio.at)
        for name in PEOPLE:
            person_id = studio.person_id_of(name)
            found = list_effective_roles_by_resource(context, person_id)
            for resource_id, effective in found.items():
                resource = facts.resources.get_resource(resource_id)
                if resource is None or resource.gone:
                    continue
                rank = context.roles[resource.kind].get_rank
                roles[person_id, resource_id] = min(
                    (each.role for each in effective), key=rank
                )
    return roles


COMMANDS: dict[str, Callable[[Scenario, Caller], Command]] = {
    "remove": lambda s, by: RemoveMember(by, s.account_of("bo"), "acme"),
    "remove within": lambda s, by: RemoveMember(by, s.account_of("carl"), "acme"),
    "remove from team": lambda s, by: RemoveMember(by, s.account_of("eve"), "crew"),
    "role": lambda s, by: ChangeRole(by, s.account_of("bo"), "owner", "acme"),
    "lower role": lambda s, by: ChangeRole(
        by, s.account_of("carl"), "member", "website"
    ),
    "delete": lambda _, by: DeleteResource(by, "website"),
    "delete company": lambda _, by: DeleteResource(by, "acme"),
    "delete method": lambda _, by: DeleteResource(by, "card"),
    "move": lambda _, by: MoveResource(by, "shop", "acme"),
    "move to another company": lambda _, by: MoveResource(by, "website", "beta"),
    "disable": lambda _, by: DisableResource(by, "website"),
    "pay": lambda _, by: SetPaymentMethod(by, "blog", "card"),
    "pay nothing": lambda _, by: SetPaymentMethod(by, "shop", None),
    "unshare": lambda _, by: UnshareWithTeam(by, "blog", "crew"),
}


@pytest.mark.rule("ASK-02")
@pytest.mark.parametrize("name", COMMANDS)
def test_the_answer_is_what_the_command_then_does(studio: Scenario, name: str) -> None:
    command = COMMANDS[name](studio, studio.caller_for("ada"))
    before, recorded = read_highest_roles(studio), studio.list_recorded_events()
    outbox = studio.take_outbox()

    expected = ask(studio, command)

    assert studio.list_recorded_events() == recorded
    assert studio.take_outbox() == []
    assert read_highest_roles(studio) == before
    assert outbox
    if isinstance(command, DeleteResource):
        title = studio.get_resource(command.what).title
        command = DeleteResource(command.by, command.what, title)
    studio.execute(command)
    after = read_highest_roles(studio)
    changed = {
        key: (before.get(key), after.get(key))
        for key in {*before, *after}
        if before.get(key) != after.get(key)
    }
    shifts = [*expected.losing, *expected.gaining]
    assert {
        (each.person.id, each.resource.id): (each.before, each.after) for each in shifts
    } == changed
    assert len(shifts) == len(changed)
    assert all(each.before is not None for each in expected.losing)


@pytest.mark.rule("ASK-02")
def test_what_would_end_is_named(studio: Scenario) -> None:
    by = studio.caller_for("ada")
    studio.send_invitation("carl", "admin", "acme", by="bo")
    ended = [
        (r.slug, word) for r, word in ask(studio, DeleteResource(by, "acme")).ended
    ]
    assert ended[0] == ("acme", "deleted")
    assert dict(ended) == dict.fromkeys(
        ("acme", "website", "shop", "blog", "card"), "deleted"
    )
    disabled = ask(studio, DisableResource(by, "website"))
    assert [(r.slug, word) for r, word in disabled.ended] == [
        ("website", "disabled"),
        ("shop", "disabled"),
    ]
    assert (disabled.losing, disabled.gaining) == ([], [])
    removed = ask(studio, RemoveMember(by, studio.account_of("bo"), "acme"))
    assert [
        each.invitee.user
        for each in removed.revoked
        if isinstance(each.invitee, Person)
    ] == ["UCARL"]
    assert {each.slug for each in removed.rotate} == {"shop", "blog"}
    unpaid = ask(studio, DeleteResource(by, "card")).payers
    assert [(p.resource.slug, p.before and p.before.slug, p.after) for p in unpaid] == [
        ("shop", "card", None)
    ]


@pytest.mark.rule("ASK-02")
def test_the_rule_that_would_refuse_refuses(studio: Scenario) -> None:
    by_carl = studio.caller_for("carl")
    with pytest.raises(errors.MayNotRemove):
        ask(studio, RemoveMember(by_carl, studio.account_of("ada"), "acme"))
    with pytest.raises(errors.LastHolder):
        ask(studio, LeaveResource(studio.caller_for("ada"), "acme"))
    with pytest.raises(errors.UnknownResource):
        ask(studio, LeaveResource(by_carl, "beta"))


@pytest.mark.rule("ASK-02")
def test_a_transfer_is_answered_as_if_it_were_accepted(studio: Scenario) -> None:
    by, carl = studio.caller_for("ada"), studio.account_of("carl")
    carl_id = studio.person_id_of("carl")
    owned = ask(studio, TransferOwnership(by, carl, "website"))
    assert ("website", "administrator", "owner") in [
        (each.resource.slug, each.before, each.after)
        for each in owned.gaining
        if each.person.id == carl_id
    ]
    paid = ask(studio, TransferBilling(by, carl, "shop"))
    shown = [(p.resource.slug, p.before and p.before.slug) for p in paid.payers]
    assert shown == [("shop", "card")]
    # Nobody learns the name of what the other person pays with.
    assert [p.after and p.after.title for p in paid.payers] == [""]
    assert studio.pending_invitation_ids("carl") == []


@pytest.mark.rule("ASK-02")
def test_what_one_may_not_view_is_not_shown(studio: Scenario) -> None:
    """A developer leaves: what the team's other members have elsewhere stays unnamed."""
    for_carl = ask(studio, LeaveResource(studio.caller_for("carl"), "website"))
    assert {each.resource.slug for each in for_carl.losing} == {"website", "shop"}
    assert {each.person.user for each in for_carl.losing} == {"UCARL"}


@pytest.mark.rule("ASK-02")
def test_an_assignment_is_compared_too(studio: Scenario) -> None:
    by = studio.caller_for("ada")
    studio.execute(AssignToMember(by, studio.account_of("devi"), "blog", "crew"))
    command = UnassignFromMember(by, studio.account_of("devi"), "blog", "crew")
    losing = ask(studio, command).losing
    assert [(s.resource.slug, s.before, s.after) for s in losing] == [
        ("blog", "developer", None),
        ("acme", "collaborator", None),
    ]


@pytest.mark.rule("ASK-02")
@pytest.mark.rule("MEM-12")
def test_requests_that_would_end_are_counted(studio: Scenario) -> None:
    """Eve may view the blog through the team alone, and asks for a role on it."""
    request = studio.request_access("eve", "admin", "blog")
    command = RemoveMember(studio.caller_for("ada"), studio.account_of("eve"), "crew")
    assert ask(studio, command).ended_request_count == 1
    assert studio.get_request(request).state == "pending"
    studio.execute(command)
    assert studio.get_request(request).state == "unseen"


def test_a_query_that_is_no_rehearsal_stores_nothing(studio: Scenario) -> None:
    with studio.database.unit_of_work_factory.read(studio.workspace) as facts:
        context = studio.bus.context(facts, studio.at)
        with pytest.raises(RuntimeError):
            context.rehearse([])
