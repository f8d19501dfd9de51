"""What stands in a company is held by the company: nobody has to be its direct owner or holder (MEM-08)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collab import access, refusals
from collab.answers import Accept
from collab.billing import Pay
from collab.events import Event, InvitationSent, MemberJoined, MemberRemoved, Recorded, ResourceCreated, ResourceMoved
from collab.invitations import Invite
from collab.membership import ChangeRole, Leave, Remove
from collab.resources import Create, Delete, Describe, Disable, Enable, Move, Rename
from collab.teams import ShareWith
from collab.transfers import TransferBilling, TransferOwnership
from tests.support.billing_oracle import attach, given, hand_over, make, offer, take
from tests.support.builders import World


@pytest.fixture
def firm(acme: World) -> World:
    """Ada and Bo own Acme, Carl is an admin of it; Devi and Sam are known."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.member("bo", "owner")
    acme.member("carl")
    acme.told()
    return acme


def recorded_before(world: World, kind: str, title: str, by: str, role: str) -> None:
    """Something in Acme as older versions recorded it: whoever created it holds it directly."""
    place, who = f"ROLD{title}", world.id_of(by)
    made = ResourceCreated(kind, place, title.lower(), title, world.thing("acme").id)
    happened: list[Event] = [made, MemberJoined(place, who, role, None, None)]
    with world.database.units.change(world.workspace) as unit:
        first = unit.last_seq + 1
        unit.record(
            [Recorded(world.workspace, first + n, world.at, who, "command", e) for n, e in enumerate(happened)], None
        )


@pytest.mark.rule("RES-01")
@pytest.mark.rule("MEM-05")
@pytest.mark.parametrize("kind", ["project", "app", "database"])
def test_an_admin_who_creates_something_can_still_be_removed_and_leave(firm: World, kind: str) -> None:
    make(firm, kind, "Thing", by="carl", within="acme")
    assert given(firm, "thing") == {}
    removed = firm.remove("carl")
    assert [e.event.resource for e in removed.recorded if isinstance(e.event, MemberRemoved)] == [firm.thing("acme").id]
    assert firm.can("carl", "thing") == set()
    firm.undo("ada", removed.recorded[0].seq)
    firm.leave("carl")
    assert firm.can("carl", "thing") == set()


@pytest.mark.rule("MEM-04")
@pytest.mark.parametrize(("kind", "role"), [("project", "owner"), ("payment", "holder")])
def test_an_owner_leaves_whatever_they_created(firm: World, kind: str, role: str) -> None:
    make(firm, kind, "Thing", within="acme")
    firm.leave("ada")
    assert role in {found.role for found in _roles(firm, "bo", "thing")}


@pytest.mark.rule("MEM-06")
@pytest.mark.rule("EVT-02")
@pytest.mark.parametrize(("kind", "role"), [("project", "owner"), ("payment", "holder")])
@pytest.mark.parametrize("how", ["removed", "left", "left the thing"])
def test_who_founded_it_under_older_rules_goes_too(firm: World, kind: str, role: str, how: str) -> None:
    recorded_before(firm, kind, "Old", "carl", role)
    acts = {
        "removed": Remove(firm.by("ada"), firm.account("carl"), "acme"),
        "left": Leave(firm.by("carl"), "acme"),
        "left the thing": Leave(firm.by("carl"), "old"),
    }
    firm.do(acts[how])
    assert given(firm, "old") == {}
    assert role in {found.role for found in _roles(firm, "ada", "old")}


@pytest.mark.rule("RES-01")
def test_an_admin_creates_no_payment_method_and_moves_none_in(firm: World) -> None:
    make(firm, "payment", "Purse", by="carl")
    for act in (Create(firm.by("carl"), "payment", "Card", "acme"), Move(firm.by("carl"), "purse", "acme")):
        with pytest.raises(refusals.MayNotCreate):
            firm.do(act)
    make(firm, "payment", "Card", by="ada", within="acme")
    assert "pay" in firm.can("bo", "card")


@pytest.mark.rule("MEM-08")
@pytest.mark.parametrize(("kind", "role"), [("project", "owner"), ("payment", "holder")])
@pytest.mark.parametrize("before", [None, "lower", "held"])
def test_who_moves_it_into_nothing_owns_it_where_nobody_else_does(
    firm: World, kind: str, role: str, before: str | None
) -> None:
    make(firm, kind, "Thing", within="acme")
    if before == "lower":
        lower = {"project": "member", "payment": "accountant"}[kind]
        firm.member("ada", lower, "thing", by="bo")
    if before == "held":
        firm.grants(firm.thing("thing").id, "devi", role)
    moved = firm.do(Move(firm.by("ada"), "thing", None))
    assert given(firm, "thing") == {"devi" if before == "held" else "ada": role}
    assert moved.first(ResourceMoved).parent is None
    with pytest.raises(refusals.LastHolder):
        firm.leave("devi" if before == "held" else "ada", "thing")


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-09")
def test_a_deactivated_owner_makes_room_for_who_moves_the_project_out(firm: World) -> None:
    make(firm, "project", "Site", within="acme")
    take(firm, "devi", hand_over(firm, "devi", "site"))
    firm.goes("devi")
    assert firm.succession("site") is None
    firm.do(Move(firm.by("ada"), "site", None))
    firm.returns("devi")
    assert given(firm, "site") == {"ada": "owner", "devi": "administrator"}


@pytest.mark.rule("INV-09")
def test_who_owns_what_they_moved_out_keeps_their_invitations_to_it(firm: World) -> None:
    make(firm, "project", "Site", within="acme")
    mine, lost = firm.invite("devi", "member", "site"), firm.invite("sam", "member", "site", by="carl")
    firm.do(Move(firm.by("ada"), "site", None))
    assert (firm.invitation(mine).state, firm.invitation(lost).state) == ("pending", "revoked")


def _roles(world: World, who: str, what: str) -> list[Any]:
    with world.database.units.look(world.workspace) as facts:
        return access.roles(world.collab.case(facts, world.at), world.id_of(who), world.thing(what))


# What is disabled (ROL-04)

CHANGES: dict[str, Callable[[World], Any]] = {
    "app moves out": lambda w: Move(w.by("ada"), "shop", None),
    "app moves to the company": lambda w: Move(w.by("ada"), "shop", "acme"),
    "database moves out": lambda w: Move(w.by("ada"), "store", None),
    "project migrates": lambda w: Move(w.by("ada"), "site", None),
    "another payer": lambda w: Pay(w.by("ada"), "shop", "spare"),
    "no payer": lambda w: Pay(w.by("ada"), "shop", None),
    "a first payer": lambda w: Pay(w.by("ada"), "store", "spare"),
    "its payer is deleted": lambda w: Delete(w.by("ada"), "card", "Card"),
    "billing": lambda w: TransferBilling(w.by("ada"), w.account("devi"), ("shop",)),
    "ownership": lambda w: TransferOwnership(w.by("ada"), w.account("devi"), "site"),
    "something new": lambda w: Create(w.by("ada"), "app", "New", "site"),
    "something moves in": lambda w: Move(w.by("ada"), "blog", "site"),
    "rename": lambda w: Rename(w.by("ada"), "shop", "New"),
    "describe": lambda w: Describe(w.by("ada"), "site", "New"),
    "invite": lambda w: Invite(w.by("ada"), w.account("devi"), "developer", "shop"),
    "invite to the project": lambda w: Invite(w.by("ada"), w.account("devi"), "member", "site"),
    "role": lambda w: ChangeRole(w.by("ada"), w.account("sam"), "manager", "shop"),
    "remove": lambda w: Remove(w.by("ada"), w.account("sam"), "shop"),
    "share": lambda w: ShareWith(w.by("ada"), "shop", "crew", "developer"),
    "accept to pay": lambda w: Accept(w.by("devi"), w.waiting("devi")[0], "purse"),
}  # fmt: skip


@pytest.fixture
def disabled(firm: World) -> World:
    """The project Site in Acme with the app Shop and the database Store is disabled; Card pays for Shop."""
    make(firm, "project", "Site", within="acme")
    make(firm, "app", "Shop", within="site")
    make(firm, "database", "Store", within="site")
    make(firm, "app", "Blog", within="acme")
    firm.grants(firm.thing("store").id, "ada", "admin")
    for title in ("Card", "Spare"):
        make(firm, "payment", title, within="acme")
    make(firm, "payment", "Purse", by="devi")
    make(firm, "team", "Crew")
    attach(firm, "shop", "card")
    firm.member("sam", "developer", "shop")
    offer(firm, "devi", "shop")
    firm.do(Disable(firm.by("ada"), "site"))
    return firm


@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize("how", CHANGES)
def test_what_is_disabled_and_all_inside_it_stays_as_it_is_until_it_is_enabled(disabled: World, how: str) -> None:
    act, before = CHANGES[how](disabled), len(disabled.history())
    with pytest.raises(refusals.Refused):
        disabled.do(act)
    assert len(disabled.history()) == before
    disabled.do(Enable(disabled.by("ada"), "site"))
    assert disabled.do(CHANGES[how](disabled)).recorded


@pytest.mark.rule("ROL-04")
def test_what_is_disabled_can_be_viewed_deleted_and_left(disabled: World) -> None:
    assert {c for c in ("site", "shop", "store") if disabled.can("ada", c) - {"view", "disable", "delete"}} == set()
    disabled.leave("sam", "shop")
    disabled.do(Delete(disabled.by("ada"), "store"))
    disabled.do(Delete(disabled.by("ada"), "site", "Site"))
    disabled.do(Delete(disabled.by("ada"), "card", "Card"))
    assert disabled.happened(InvitationSent)


@pytest.mark.rule("ROL-04")
def test_a_company_goes_with_what_is_disabled_in_it(disabled: World) -> None:
    disabled.do(Delete(disabled.by("ada"), "acme", "Acme"))
    assert all(disabled.thing(what).gone for what in ("acme", "site", "shop", "card"))
