"""The documentation's table of roles says what the table that decides says."""

from __future__ import annotations

from bot.reference_tables import RELATION_TEXTS, roles_markdown
from collab.role_model import ResourceType, Role, build_role_model
from collab.roles import ROLE_MODEL

ROWS = [line[2:-2].split(" | ") for line in roles_markdown(ROLE_MODEL).splitlines()]


def test_every_role_stands_in_it_with_all_that_it_lets_one_do() -> None:
    shown = [row for row in ROWS if len(row) == 7][2:]
    roles = [
        (ROLE_MODEL[kind], role)
        for kind in ROLE_MODEL
        for role in ROLE_MODEL[kind].roles
    ]

    assert len(shown) == len(roles)
    for (kind, role), (called, _, name, _, can, grants, removes) in zip(
        roles, shown, strict=True
    ):
        assert called == (kind.words[0] if role is kind.roles[0] else "")
        assert name.strip("*") == role.name
        assert name.startswith("*") == role.is_derived_only
        assert can.replace(" (projects, apps and databases)", "") == ", ".join(
            role.capabilities
        )
        assert ("(" in can) == (role.creates is not None)
        for listed, words in ((grants, role.grants), (removes, role.removes)):
            assert listed == (", ".join(words) or "–")


def test_every_role_that_follows_stands_in_it() -> None:
    shown = [row for row in ROWS if len(row) == 4][2:]

    assert len(shown) == len(ROLE_MODEL.derived_roles)
    assert {row.relation for row in ROLE_MODEL.derived_roles} <= set(RELATION_TEXTS)
    assert ["owner", "company", "admin", "the apps and databases in it"] in shown


def test_a_made_up_kind_takes_rows_only() -> None:
    garden = ResourceType(
        "garden",
        ("garden", "gardens"),
        founder_role="keeper",
        roles=(Role("keeper", ("view",), min_holders=1),),
    )

    assert "| garden | – | keeper | at least 1 | view | – | – |" in roles_markdown(
        build_role_model(garden)
    )
