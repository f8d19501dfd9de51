"""The role model as a whole: its lookups, and that its rows agree."""

from __future__ import annotations

import pytest

from collab.role_model import (
    GROUP_ROLE,
    DerivedRole,
    ResourceType,
    Role,
    build_role_model,
)
from collab.roles import CAPABILITIES, ROLE_MODEL

BOSS, HAND = (
    Role("boss", capabilities=("view",), min_holders=1),
    Role("hand", capabilities=(), is_derived_only=True),
)
FARM = ResourceType("farm", ("farm", "farms"), (BOSS, HAND), founder_role="boss")
FIELD = ResourceType(
    "field",
    ("field", "fields"),
    (HAND,),
    founder_role="hand",
    container_types=("farm",),
)
ROW = DerivedRole(("boss",), "farm", "holds", "hand", ("field",))


def test_the_role_below_is_the_next_that_can_be_assigned() -> None:
    app = ROLE_MODEL["app"]
    assert app.find_role_below("admin") == app.find_role("manager")
    assert app.find_role_below("developer") is None  # a payer's follows alone
    assert FARM.find_role_below("boss") is None


def test_a_table_answers_by_name_and_by_tie() -> None:
    small = build_role_model(FARM, FIELD, derived_roles=(ROW,))
    assert list(small) == ["farm", "field"]
    assert (small["farm"], small.get("field"), small.get("barn")) == (FARM, FIELD, None)
    with pytest.raises(KeyError):
        small["barn"]
    assert list(small.list_derived_roles("boss", "farm", "holds", "field")) == ["hand"]
    for other in (
        ("hand", "farm", "holds", "field"),
        ("boss", "field", "holds", "field"),
    ):
        assert list(small.list_derived_roles(*other)) == []
    for other in (("boss", "farm", "pays", "field"), ("boss", "farm", "holds", "farm")):
        assert list(small.list_derived_roles(*other)) == []
    assert (
        small.has_relation("holds", "field"),
        small.has_relation("holds", "farm"),
        small.has_relation("pays", "field"),
    ) == (
        True,
        False,
        False,
    )
    assert build_role_model(FARM).derived_roles == ()


@pytest.mark.rule("MEM-08")
def test_a_required_role_supplies_what_follows_from_it_on_what_stands_inside() -> None:
    small = build_role_model(FARM, FIELD, derived_roles=(ROW,))
    assert small.guarantees_role("farm", "field", "hand")
    assert not small.guarantees_role("farm", "field", "boss")
    assert not small.guarantees_role("field", "farm", "boss")
    found = {
        (parent, kind, role.name)
        for parent in ROLE_MODEL
        for kind in ROLE_MODEL
        for role in ROLE_MODEL[kind].roles
        if role.min_holders and ROLE_MODEL.guarantees_role(parent, kind, role.name)
    }
    assert found == {("company", "project", "owner"), ("company", "payment", "holder")}


def test_a_kind_answers_for_its_roles() -> None:
    assert (FARM.find_role("hand"), FARM.find_role("cook")) == (HAND, None)
    assert (FARM.get_rank("boss"), FARM.get_rank("hand")) == (0, 1)
    assert (FARM.highest_role, FARM.assignable_roles) == ("boss", (BOSS,))
    assert build_role_model(FARM, FIELD).assignable_role_names == ("boss",)


@pytest.mark.rule("ROL-01")
def test_the_table_names_only_what_it_knows() -> None:
    for kind in ROLE_MODEL.resource_types.values():
        names = {role.name for role in kind.roles}
        assert kind.founder_role in {role.name for role in kind.assignable_roles}
        assert set(kind.container_types) <= set(ROLE_MODEL)
        for role in kind.roles:
            assert set(role.capabilities) <= set(CAPABILITIES)
            assert set(role.grants) <= {r.name for r in kind.assignable_roles}
            assert set(role.removes) <= names
    for row in ROLE_MODEL.derived_roles:
        assert set(row.roles) <= {
            role.name for role in ROLE_MODEL[row.source_type].roles
        }
        assert row.role == GROUP_ROLE or all(
            ROLE_MODEL[there].find_role(row.role) for there in row.target_types
        )


SHAPES = {  # kind: founder, what it stands in, what else is so
    "company": ("owner", "", ""),
    "project": ("owner", "company", ""),
    "app": ("admin", "company project", "is_paid must_stay_controlled"),
    "database": ("admin", "company project", "is_paid must_stay_controlled"),
    "payment": ("holder", "company", "is_payment_method"),
    "team": ("unlimited", "", "is_group"),
}
COUNTED = {
    "company owner": (1, None),
    "project owner": (1, 1),
    "payment holder": (1, None),
    "team unlimited": (1, None),
}
ONLY_IMPLIED = {"company collaborator", "app payer", "database payer"}
FOLLOWS = """
company owner           holds    project owner
company owner           holds    app admin
company owner           holds    database admin
company owner           holds    payment holder
company admin           holds    project administrator
company admin           holds    app admin
company admin           holds    database admin
company accountant      holds    payment accountant
project owner           holds    app admin
project owner           holds    database admin
project administrator   holds    app admin
project administrator   holds    database admin
project member          holds    app developer
project member          holds    database developer
payment holder          pays     app payer
payment holder          pays     database payer
team unlimited          shares   app *
team unlimited          shares   database *
team unlimited          shares   payment *
team limited            assigned app developer
team limited            assigned database developer
project owner           within   company collaborator
project administrator   within   company collaborator
project member          within   company collaborator
app admin               within   company collaborator
app manager             within   company collaborator
app developer           within   company collaborator
app payer               within   company collaborator
database admin          within   company collaborator
database manager        within   company collaborator
database developer      within   company collaborator
database payer          within   company collaborator
"""


@pytest.mark.rule("RES-01")
@pytest.mark.rule("RES-02")
def test_kinds_have_the_shape_that_was_written_by_hand() -> None:
    flags = ("is_paid", "is_payment_method", "is_group", "must_stay_controlled")
    assert {
        kind.name: (
            kind.founder_role,
            " ".join(kind.container_types),
            " ".join(f for f in flags if getattr(kind, f)),
        )
        for kind in ROLE_MODEL.resource_types.values()
    } == SHAPES


@pytest.mark.rule("MEM-04")
def test_roles_are_held_by_as_many_as_was_written_by_hand() -> None:
    roles = {
        f"{kind.name} {role.name}": role
        for kind in ROLE_MODEL.resource_types.values()
        for role in kind.roles
    }
    counts = {
        name: (role.min_holders, role.max_holders) for name, role in roles.items()
    }
    assert {
        name: count for name, count in counts.items() if count != (0, None)
    } == COUNTED
    assert {
        name for name, role in roles.items() if role.is_derived_only
    } == ONLY_IMPLIED


@pytest.mark.rule("ROL-01")
def test_roles_follow_as_was_written_by_hand() -> None:
    ties = ("holds", "pays", "shares", "assigned", "within")
    follows = {
        (on.name, role.name, tie, there, "*" if then == GROUP_ROLE else then)
        for on in ROLE_MODEL.resource_types.values()
        for role in on.roles
        for tie in ties
        for there in ROLE_MODEL
        for then in ROLE_MODEL.list_derived_roles(role.name, on.name, tie, there)
    }
    assert follows == {tuple(line.split()) for line in FOLLOWS.strip().splitlines()}
    assert {row.relation for row in ROLE_MODEL.derived_roles} == set(ties)


@pytest.mark.rule("ROL-05")
@pytest.mark.rule("MEM-05")
def test_only_the_collaborators_of_a_company_are_removed_from_a_role_that_follows_and_they_bring_in_nobody() -> (
    None
):
    removers = {
        (kind.name, role.name, removed)
        for kind in ROLE_MODEL.resource_types.values()
        for role in kind.roles
        for removed in role.removes
        if f"{kind.name} {removed}" in ONLY_IMPLIED
    }
    assert removers == {
        ("company", "owner", "collaborator"),
        ("company", "admin", "collaborator"),
    }
    collaborator = ROLE_MODEL["company"].find_role("collaborator")
    assert collaborator == Role(
        "collaborator", capabilities=("view",), is_derived_only=True
    )
