"""A resource in a company needs no direct owner or holder: the company controls it (MEM-08)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collab import authorization, errors
from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.transfers import TransferBilling, TransferOwnership
from collab.events import (
    Event,
    InvitationSent,
    MemberJoined,
    MemberRemoved,
    RecordedEvent,
    ResourceCreated,
    ResourceMoved,
)
from collab.invitations.answers import AcceptInvitation
from collab.invitations.commands import InviteToResource
from collab.memberships.commands import ChangeRole, LeaveResource, RemoveMember
from collab.model import ResourceId
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import (
    CreateResource,
    DescribeResource,
    DisableResource,
    EnableResource,
    RenameResource,
)
from collab.teams import ShareWithTeam
from tests.support.billing_oracle import (
    accept_offer,
    attach_payment_method,
    create_resource,
    direct_roles_by_name,
    offer_billing_transfer,
    offer_ownership,
)
from tests.support.builders import Scenario


@pytest.fixture
def firm(acme: Scenario) -> Scenario:
    """Ada and Bo own Acme, Carl is an admin of it; Devi and Sam are known."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.add_member("bo", "owner")
    acme.add_member("carl")
    acme.take_outbox()
    return acme


def recorded_before(world: Scenario, kind: str, title: str, by: str, role: str) -> None:
    """Something in Acme as older versions recorded it: anyone who created it holds it directly."""
    place, who = ResourceId(f"ROLD{title}"), world.person_id_of(by)
    made = ResourceCreated(
        kind, place, title.lower(), title, world.get_resource("acme").id
    )
    happened: list[Event] = [
        made,
        MemberJoined(place, who, role, None, None),
    ]
    with world.database.unit_of_work_factory.write(world.workspace) as unit:
        first = unit.last_seq + 1
        unit.append(
            [
                RecordedEvent(world.workspace, first + n, world.at, who, "command", e)
                for n, e in enumerate(happened)
            ],
            None,
        )


@pytest.mark.rule("RES-01")
@pytest.mark.rule("MEM-05")
@pytest.mark.parametrize("kind", ["project", "app", "database"])
def test_an_admin_who_creates_something_can_still_be_removed_and_leave(
    firm: Scenario, kind: str
) -> None:
    create_resource(firm, kind, "Thing", by="carl", within="acme")
    assert direct_roles_by_name(firm, "thing") == {}
    removed = firm.remove_member("carl")
    assert [
        e.event.resource for e in removed.recorded if isinstance(e.event, MemberRemoved)
    ] == [firm.get_resource("acme").id]
    assert firm.capabilities_of("carl", "thing") == set()
    firm.undo_removal("ada", removed.recorded[0].seq)
    firm.leave_resource("carl")
    assert firm.capabilities_of("carl", "thing") == set()


@pytest.mark.rule("MEM-04")
@pytest.mark.parametrize(
    ("kind", "role"), [("project", "owner"), ("payment", "holder")]
)
def test_an_owner_leaves_whatever_they_created(
    firm: Scenario, kind: str, role: str
) -> None:
    create_resource(firm, kind, "Thing", within="acme")
    firm.leave_resource("ada")
    assert role in {found.role for found in _roles(firm, "bo", "thing")}


@pytest.mark.rule("MEM-06")
@pytest.mark.rule("EVT-02")
@pytest.mark.parametrize(
    ("kind", "role"), [("project", "owner"), ("payment", "holder")]
)
@pytest.mark.parametrize("how", ["removed", "left", "left the thing"])
def test_who_founded_it_under_older_rules_goes_too(
    firm: Scenario, kind: str, role: str, how: str
) -> None:
    recorded_before(firm, kind, "Old", "carl", role)
    acts = {
        "removed": RemoveMember(
            firm.caller_for("ada"), firm.account_of("carl"), "acme"
        ),
        "left": LeaveResource(firm.caller_for("carl"), "acme"),
        "left the thing": LeaveResource(firm.caller_for("carl"), "old"),
    }
    firm.execute(acts[how])
    assert direct_roles_by_name(firm, "old") == {}
    assert role in {found.role for found in _roles(firm, "ada", "old")}


@pytest.mark.rule("RES-01")
def test_an_admin_creates_no_payment_method_and_moves_none_in(firm: Scenario) -> None:
    create_resource(firm, "payment", "Purse", by="carl")
    for act in (
        CreateResource(firm.caller_for("carl"), "payment", "Card", "acme"),
        MoveResource(firm.caller_for("carl"), "purse", "acme"),
    ):
        with pytest.raises(errors.MayNotCreate):
            firm.execute(act)
    create_resource(firm, "payment", "Card", by="ada", within="acme")
    assert "pay" in firm.capabilities_of("bo", "card")


@pytest.mark.rule("MEM-08")
@pytest.mark.parametrize(
    ("kind", "role"), [("project", "owner"), ("payment", "holder")]
)
@pytest.mark.parametrize("before", [None, "lower", "held"])
def test_who_moves_it_into_nothing_owns_it_where_nobody_else_does(
    firm: Scenario, kind: str, role: str, before: str | None
) -> None:
    create_resource(firm, kind, "Thing", within="acme")
    if before == "lower":
        lower = {"project": "member", "payment": "accountant"}[kind]
        firm.add_member("ada", lower, "thing", by="bo")
    if before == "held":
        firm.record_membership(firm.get_resource("thing").id, "devi", role)
    moved = firm.execute(MoveResource(firm.caller_for("ada"), "thing", None))
    assert direct_roles_by_name(firm, "thing") == {
        "devi" if before == "held" else "ada": role
    }
    assert moved.get_event(ResourceMoved).parent is None
    with pytest.raises(errors.LastHolder):
        firm.leave_resource("devi" if before == "held" else "ada", "thing")


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-09")
def test_a_deactivated_owner_makes_room_for_who_moves_the_project_out(
    firm: Scenario,
) -> None:
    create_resource(firm, "project", "Site", within="acme")
    accept_offer(firm, "devi", offer_ownership(firm, "devi", "site"))
    firm.deactivate_accounts("devi")
    assert firm.find_succession("site") is None
    firm.execute(MoveResource(firm.caller_for("ada"), "site", None))
    firm.reactivate_account("devi")
    assert direct_roles_by_name(firm, "site") == {
        "ada": "owner",
        "devi": "administrator",
    }


@pytest.mark.rule("INV-09")
def test_who_owns_what_they_moved_out_keeps_their_invitations_to_it(
    firm: Scenario,
) -> None:
    create_resource(firm, "project", "Site", within="acme")
    mine, lost = (
        firm.send_invitation("devi", "member", "site"),
        firm.send_invitation("sam", "member", "site", by="carl"),
    )
    firm.execute(MoveResource(firm.caller_for("ada"), "site", None))
    assert (firm.get_invitation(mine).state, firm.get_invitation(lost).state) == (
        "pending",
        "revoked",
    )


def _roles(world: Scenario, who: str, what: str) -> list[Any]:
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        return authorization.list_effective_roles(
            world.bus.context(facts, world.at),
            world.person_id_of(who),
            world.get_resource(what),
        )


# What is disabled (ROL-04)

CHANGES: dict[str, Callable[[Scenario], Any]] = {
    "app moves out": lambda w: MoveResource(w.caller_for("ada"), "shop", None),
    "app moves to the company": lambda w: MoveResource(w.caller_for("ada"), "shop", "acme"),
    "database moves out": lambda w: MoveResource(w.caller_for("ada"), "store", None),
    "project migrates": lambda w: MoveResource(w.caller_for("ada"), "site", None),
    "another payer": lambda w: SetPaymentMethod(w.caller_for("ada"), "shop", "spare"),
    "no payer": lambda w: SetPaymentMethod(w.caller_for("ada"), "shop", None),
    "a first payer": lambda w: SetPaymentMethod(w.caller_for("ada"), "store", "spare"),
    "its payer is deleted": lambda w: DeleteResource(w.caller_for("ada"), "card", "Card"),
    "billing": lambda w: TransferBilling(w.caller_for("ada"), w.account_of("devi"), ("shop",)),
    "ownership": lambda w: TransferOwnership(w.caller_for("ada"), w.account_of("devi"), "site"),
    "something new": lambda w: CreateResource(w.caller_for("ada"), "app", "New", "site"),
    "something moves in": lambda w: MoveResource(w.caller_for("ada"), "blog", "site"),
    "rename": lambda w: RenameResource(w.caller_for("ada"), "shop", "New"),
    "describe": lambda w: DescribeResource(w.caller_for("ada"), "site", "New"),
    "invite": lambda w: InviteToResource(w.caller_for("ada"), w.account_of("devi"), "developer", "shop"),
    "invite to the project": lambda w: InviteToResource(w.caller_for("ada"), w.account_of("devi"), "member", "site"),
    "role": lambda w: ChangeRole(w.caller_for("ada"), w.account_of("sam"), "manager", "shop"),
    "remove": lambda w: RemoveMember(w.caller_for("ada"), w.account_of("sam"), "shop"),
    "share": lambda w: ShareWithTeam(w.caller_for("ada"), "shop", "crew", "developer"),
    "accept to pay": lambda w: AcceptInvitation(w.caller_for("devi"), w.pending_invitation_ids("devi")[0], "purse"),
}  # fmt: skip


@pytest.fixture
def disabled(firm: Scenario) -> Scenario:
    """The project Site in Acme with the app Shop and the database Store is disabled; Card pays for Shop."""
    create_resource(firm, "project", "Site", within="acme")
    create_resource(firm, "app", "Shop", within="site")
    create_resource(firm, "database", "Store", within="site")
    create_resource(firm, "app", "Blog", within="acme")
    firm.record_membership(firm.get_resource("store").id, "ada", "admin")
    for title in ("Card", "Spare"):
        create_resource(firm, "payment", title, within="acme")
    create_resource(firm, "payment", "Purse", by="devi")
    create_resource(firm, "team", "Crew")
    attach_payment_method(firm, "shop", "card")
    firm.add_member("sam", "developer", "shop")
    offer_billing_transfer(firm, "devi", "shop")
    firm.execute(DisableResource(firm.caller_for("ada"), "site"))
    return firm


@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize("how", CHANGES)
def test_what_is_disabled_and_all_inside_it_stays_as_it_is_until_it_is_enabled(
    disabled: Scenario, how: str
) -> None:
    act, before = CHANGES[how](disabled), len(disabled.list_recorded_events())
    with pytest.raises(errors.Rejected):
        disabled.execute(act)
    assert len(disabled.list_recorded_events()) == before
    disabled.execute(EnableResource(disabled.caller_for("ada"), "site"))
    assert disabled.execute(CHANGES[how](disabled)).recorded


@pytest.mark.rule("ROL-04")
def test_what_is_disabled_can_be_viewed_deleted_and_left(disabled: Scenario) -> None:
    assert {
        c
        for c in ("site", "shop", "store")
        if disabled.capabilities_of("ada", c) - {"view", "disable", "delete"}
    } == set()
    disabled.leave_resource("sam", "shop")
    disabled.execute(DeleteResource(disabled.caller_for("ada"), "store"))
    disabled.execute(DeleteResource(disabled.caller_for("ada"), "site", "Site"))
    disabled.execute(DeleteResource(disabled.caller_for("ada"), "card", "Card"))
    assert disabled.events_of_type(InvitationSent)


@pytest.mark.rule("ROL-04")
def test_a_company_goes_with_what_is_disabled_in_it(disabled: Scenario) -> None:
    disabled.execute(DeleteResource(disabled.caller_for("ada"), "acme", "Acme"))
    assert all(
        disabled.get_resource(what).gone for what in ("acme", "site", "shop", "card")
    )
