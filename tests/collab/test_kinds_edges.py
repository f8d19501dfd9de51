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


def test_a_kind_answers_for_its_roles() -> None:
    assert (FARM.role("hand"), FARM.role("cook")) == (HAND, None)
    assert (FARM.rank("boss"), FARM.rank("hand")) == (0, 1)
    assert (FARM.highest, FARM.given) == ("boss", (BOSS,))
    assert (FARM.needs_founder, FIELD.needs_founder) == (True, False)
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
