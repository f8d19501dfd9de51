"""The table of kinds as a whole: what is asked of it, and that it holds together."""

from __future__ import annotations

import pytest

from collab.kinds import AS_SHARED, CAPABILITIES, KINDS, Implied, Kind, Role, table

BOSS, HAND = Role("boss", can=("view",), at_least=1), Role("hand", can=(), only_implied=True)
FARM = Kind("farm", ("farm", "farms"), (BOSS, HAND), founder="boss")
FIELD = Kind("field", ("field", "fields"), (HAND,), founder="hand", stands_in=("farm",))
ROW = Implied(("boss",), "farm", "holds", "hand", ("field",))


def test_a_table_answers_by_name_and_by_tie() -> None:
    small = table(FARM, FIELD, implied=(ROW,))
    assert list(small) == ["farm", "field"]
    assert (small["farm"], small.get("field"), small.get("barn")) == (FARM, FIELD, None)
    with pytest.raises(KeyError):
        small["barn"]
    assert list(small.follows("boss", "farm", "holds", "field")) == ["hand"]
    for other in (("hand", "farm", "holds", "field"), ("boss", "field", "holds", "field")):
        assert list(small.follows(*other)) == []
    for other in (("boss", "farm", "pays", "field"), ("boss", "farm", "holds", "farm")):
        assert list(small.follows(*other)) == []
    assert (small.has_tie("holds", "field"), small.has_tie("holds", "farm"), small.has_tie("pays", "field")) == (
        True,
        False,
        False,
    )
    assert table(FARM).implied == ()


@pytest.mark.rule("MEM-08")
def test_a_required_role_supplies_what_follows_from_it_on_what_stands_inside() -> None:
    small = table(FARM, FIELD, implied=(ROW,))
    assert small.supplies("farm", "field", "hand")
    assert not small.supplies("farm", "field", "boss")
    assert not small.supplies("field", "farm", "boss")
    found = {
        (parent, kind, role.name)
        for parent in KINDS
        for kind in KINDS
        for role in KINDS[kind].roles
        if role.at_least and KINDS.supplies(parent, kind, role.name)
    }
    assert found == {("company", "project", "owner"), ("company", "payment", "holder")}


def test_a_kind_answers_for_its_roles() -> None:
    assert (FARM.role("hand"), FARM.role("cook")) == (HAND, None)
    assert (FARM.rank("boss"), FARM.rank("hand")) == (0, 1)
    assert (FARM.highest, FARM.given) == ("boss", (BOSS,))
    assert table(FARM, FIELD).role_names == ("boss",)


@pytest.mark.rule("ROL-01")
def test_the_table_names_only_what_it_knows() -> None:
    for kind in KINDS.kinds.values():
        names = {role.name for role in kind.roles}
        assert kind.founder in {role.name for role in kind.given}
        assert set(kind.stands_in) <= set(KINDS)
        for role in kind.roles:
            assert set(role.can) <= set(CAPABILITIES)
            assert set(role.grants) <= {r.name for r in kind.given}
            assert set(role.removes) <= names
    for row in KINDS.implied:
        assert set(row.roles) <= {role.name for role in KINDS[row.on].roles}
        assert row.role == AS_SHARED or all(KINDS[there].role(row.role) for there in row.there)


SHAPES = {  # kind: founder, what it stands in, what else is so
    "company": ("owner", "", ""),
    "project": ("owner", "company", ""),
    "app": ("admin", "company project", "is_paid stays_controlled"),
    "database": ("admin", "company project", "is_paid stays_controlled"),
    "payment": ("holder", "company", "pays"),
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
    flags = ("is_paid", "pays", "is_group", "stays_controlled")
    assert {
        kind.name: (kind.founder, " ".join(kind.stands_in), " ".join(f for f in flags if getattr(kind, f)))
        for kind in KINDS.kinds.values()
    } == SHAPES


@pytest.mark.rule("MEM-04")
def test_roles_are_held_by_as_many_as_was_written_by_hand() -> None:
    roles = {f"{kind.name} {role.name}": role for kind in KINDS.kinds.values() for role in kind.roles}
    counts = {name: (role.at_least, role.at_most) for name, role in roles.items()}
    assert {name: count for name, count in counts.items() if count != (0, None)} == COUNTED
    assert {name for name, role in roles.items() if role.only_implied} == ONLY_IMPLIED


@pytest.mark.rule("ROL-01")
def test_roles_follow_as_was_written_by_hand() -> None:
    ties = ("holds", "pays", "shares", "assigned", "within")
    follows = {
        (on.name, role.name, tie, there, "*" if then == AS_SHARED else then)
        for on in KINDS.kinds.values()
        for role in on.roles
        for tie in ties
        for there in KINDS
        for then in KINDS.follows(role.name, on.name, tie, there)
    }
    assert follows == {tuple(line.split()) for line in FOLLOWS.strip().splitlines()}
    assert {row.tie for row in KINDS.implied} == set(ties)


@pytest.mark.rule("ROL-05")
@pytest.mark.rule("MEM-05")
def test_only_the_collaborators_of_a_company_are_removed_from_a_role_that_follows_and_they_bring_in_nobody() -> None:
    removers = {
        (kind.name, role.name, removed)
        for kind in KINDS.kinds.values()
        for role in kind.roles
        for removed in role.removes
        if f"{kind.name} {removed}" in ONLY_IMPLIED
    }
    assert removers == {("company", "owner", "collaborator"), ("company", "admin", "collaborator")}
    collaborator = KINDS["company"].role("collaborator")
    assert collaborator == Role("collaborator", can=("view",), only_implied=True)
