"""The documentation's table of roles says what the table that decides says."""

from __future__ import annotations

from bot.roles import TIES, roles_markdown
from collab.kinds import KINDS, Kind, Role, table

ROWS = [line[2:-2].split(" | ") for line in roles_markdown(KINDS).splitlines()]


def test_every_role_stands_in_it_with_all_that_it_lets_one_do() -> None:
    shown = [row for row in ROWS if len(row) == 7][2:]
    roles = [(KINDS[kind], role) for kind in KINDS for role in KINDS[kind].roles]

    assert len(shown) == len(roles)
    for (kind, role), (called, _, name, _, can, grants, removes) in zip(roles, shown, strict=True):
        assert called == (kind.words[0] if role is kind.roles[0] else "")
        assert name.strip("*") == role.name
        assert name.startswith("*") == role.only_implied
        assert can.replace(" (projects, apps and databases)", "") == ", ".join(role.can)
        assert ("(" in can) == (role.creates is not None)
        for listed, words in ((grants, role.grants), (removes, role.removes)):
            assert listed == (", ".join(words) or "–")


def test_every_role_that_follows_stands_in_it() -> None:
    shown = [row for row in ROWS if len(row) == 4][2:]

    assert len(shown) == len(KINDS.implied)
    assert {row.tie for row in KINDS.implied} <= set(TIES)
    assert ["owner", "company", "admin", "the apps and databases in it"] in shown


def test_a_made_up_kind_takes_rows_only() -> None:
    garden = Kind("garden", ("garden", "gardens"), founder="keeper", roles=(Role("keeper", ("view",), at_least=1),))

    assert "| garden | – | keeper | at least 1 | view | – | – |" in roles_markdown(table(garden))
