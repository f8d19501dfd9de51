"""Every kind × role × capability, and every actor × target × act, against a table that was written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collab import authorization, errors
from collab.billing.payment_methods import SetPaymentMethod
from collab.events import ResourceCreated
from collab.memberships.commands import ChangeRole
from collab.model import ResourceId
from collab.resources import CreateResource
from collab.roles import CAPABILITIES, ROLE_MODEL
from tests.support.builders import Scenario

TABLE = Path(__file__).with_name("role_matrix.txt")
Role = tuple[str, str]


def rows(section: str) -> Iterator[tuple[Role, str, bool]]:
    """Every cell of the sections of that name: who, the column, and whether it says yes."""
    columns: list[str] = []
    here = ""
    for line in TABLE.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(tuple(f"{kind} " for kind in ROLE_MODEL)):
            here, *columns = line.split()
            continue
        kind, role, *cells = line.split()
        if here == section:
            assert len(cells) == len(columns), line
            yield from (
                ((kind, role), column, cell == "x")
                for column, cell in zip(columns, cells, strict=True)
            )


def test_the_table_speaks_of_every_role_and_capability() -> None:
    known = {
        (k.name, r.name + "*" * r.is_derived_only)
        for k in ROLE_MODEL.resource_types.values()
        for r in k.roles
    }
    assert {who for who, _, _ in rows("capabilities")} == known
    assert {column for _, column, _ in rows("capabilities")} == set(CAPABILITIES)
    for section in ("invites", "removes"):
        assert {who for who, _, _ in rows(section)} == known


class Thing:
    """One resource of a kind, founded by Zoe, in which people can be put into any role at once."""

    def __init__(self, world: Scenario, kind: str) -> None:
        self.world = world
        self.kind = kind
        self.id = self.made(kind, "Thing", "zoe")

    def made(
        self, kind: str, title: str, by: str, within: str | None = None
    ) -> ResourceId:
        self.world.register_people(by)
        created: ResourceCreated = self.world.execute(
            CreateResource(self.world.caller_for(by), kind, title, within)
        ).get_event(ResourceCreated)
        return created.resource

    def holds(self, who: str, role: str) -> None:
        """A person holds a role, however it is come by."""
        self.world.register_people(who)
        if not role.endswith("*"):
            self.world.record_membership(self.id, who, role)
        elif self.kind == "company":
            self.made("app", f"App of {who}", "zoe", self.id)
            self.world.record_membership(
                self.world.newest_resource_id, who, "developer"
            )
        else:
            method = self.made("payment", f"Method of {who}", who)
            self.world.record_membership(method, "zoe", "holder")
            self.world.execute(
                SetPaymentMethod(self.world.caller_for("zoe"), self.id, method)
            )

    def resource(self) -> object:
        with self.world.database.unit_of_work_factory.read(
            self.world.workspace
        ) as facts:
            return facts.resources.get_resource(self.id)


@pytest.mark.rule("ROL-01")
@pytest.mark.parametrize(
    "who", sorted({w for w, _, _ in rows("capabilities")}), ids=" ".join
)
def test_what_a_role_gives(world: Scenario, who: Role) -> None:
    kind, role = who
    thing = Thing(world, kind)
    thing.holds("ada", role)
    for whose, capability, expected in rows("capabilities"):
        if whose == who:
            assert world.has_capability("ada", capability, thing.id) is expected, (
                capability
            )


@pytest.mark.rule("ROL-05")
@pytest.mark.parametrize(
    "who", sorted({w for w, _, _ in rows("invites")}), ids=" ".join
)
def test_whom_a_role_invites(world: Scenario, who: Role) -> None:
    kind, role = who
    thing = Thing(world, kind)
    thing.holds("ada", role)
    for n, (whose, column, expected) in enumerate(rows("invites")):
        if whose != who:
            continue
        wanted = column.partition(":")[2]
        if expected:
            assert world.send_invitation(f"p{n}", wanted, thing.id, by="ada")
        else:
            with pytest.raises(errors.MayNotGrant):
                world.send_invitation(f"p{n}", wanted, thing.id, by="ada")


@pytest.mark.rule("RES-01")
@pytest.mark.parametrize(
    "who", sorted({w for w, _, _ in rows("creates")}), ids=" ".join
)
def test_what_a_role_creates_inside_makes_nobody_its_direct_holder(
    world: Scenario, who: Role
) -> None:
    kind, role = who
    thing = Thing(world, kind)
    thing.holds("ada", role)
    for whose, column, expected in rows("creates"):
        if whose != who:
            continue
        act = CreateResource(
            world.caller_for("ada"), column.partition(":")[2], "Inner", thing.id
        )
        if not expected:
            with pytest.raises((errors.MayNot, errors.MayNotCreate)):
                world.execute(act)
            continue
        made = world.execute(act)
        assert [type(recorded.event) for recorded in made.recorded] == [ResourceCreated]
        assert "view" in world.capabilities_of(
            "ada", made.get_event(ResourceCreated).slug
        )


@pytest.mark.rule("MEM-05")
@pytest.mark.parametrize(
    "who", sorted({w for w, _, _ in rows("removes")}), ids=" ".join
)
def test_whom_a_role_removes(world: Scenario, who: Role) -> None:
    kind, role = who
    thing = Thing(world, kind)
    thing.holds("ada", role)
    for n, (whose, column, expected) in enumerate(rows("removes")):
        if whose != who:
            continue
        thing.holds(
            f"p{n}",
            column.partition(":")[2] + ("*" if "collaborator" in column else ""),
        )
        if expected:
            world.remove_member(f"p{n}", by="ada", what=thing.id)
        else:
            with pytest.raises(errors.MayNotRemove):
                world.remove_member(f"p{n}", by="ada", what=thing.id)


@pytest.mark.rule("MEM-01")
@pytest.mark.rule("MEM-02")
@pytest.mark.parametrize(
    "who", sorted({w for w, _, _ in rows("invites")}), ids=" ".join
)
def test_whose_role_a_role_changes(world: Scenario, who: Role) -> None:
    """Needs the right to remove the present role and to grant the new one; nobody changes the highest role."""
    kind, role = who
    order = [r.name for r in ROLE_MODEL[kind].roles]
    grants = {
        column.partition(":")[2]
        for w, column, yes in rows("invites")
        if w == who and yes
    }
    removes = {
        column.partition(":")[2]
        for w, column, yes in rows("removes")
        if w == who and yes
    }
    for now in [r.name for r in ROLE_MODEL[kind].assignable_roles]:
        for then in [
            r.name for r in ROLE_MODEL[kind].assignable_roles if r.name != now
        ]:
            thing = Thing(world, kind)
            thing.holds("ada", role)
            thing.holds("bo", now)
            allowed = then in grants and now in removes
            act = ChangeRole(
                world.caller_for("ada"), world.account_of("bo"), then, thing.id
            )
            if allowed:
                world.execute(act)
            else:
                with pytest.raises(errors.Rejected):
                    world.execute(act)
    with pytest.raises(errors.ToYourself):
        world.execute(
            ChangeRole(
                world.caller_for("ada"), world.account_of("ada"), order[-1], thing.id
            )
        )


@pytest.mark.rule("ROL-02")
def test_every_yes_has_a_path_and_every_no_has_none(world: Scenario) -> None:
    thing = Thing(world, "company")
    thing.holds("ada", "admin")
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        case = world.bus.context(facts, world.at)
        found = facts.resources.get_resource(thing.id)
        ada = facts.people.find_person_by_account(world.account_of("ada"))
        assert found
        assert ada
        for capability in CAPABILITIES:
            paths = list(authorization.expand(case, ada.id, capability, found))
            assert bool(paths) is authorization.check(case, ada.id, capability, found)
