"""The table of kinds and roles for the README, made from the one that decides."""

from __future__ import annotations

from collections.abc import Iterable

from collab.kinds import AS_SHARED, Implied, Kind, Role, Table

NONE = "–"
TIES = {
    "holds": "the {many} in it",
    "pays": "the {many} that it pays for",
    "within": "the {one} that it stands in",
    "shares": "the {many} that the team holds a role on",
    "assigned": "those of the team's {many} that are assigned to that member",
}


def roles_markdown(kinds: Table) -> str:
    """Every kind's roles with what each can, grants and removes; then the roles that follow from others."""
    rows = [_row(kinds[name], role) for name in kinds for role in kinds[name].roles]
    return "\n".join(
        [
            "| kind | stands in | role | how many | can | brings others in as | removes |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            "| who holds | on | so holds | on |",
            "| --- | --- | --- | --- |",
            *(_implied(kinds, row) for row in kinds.implied),
        ]
    )


def _row(kind: Kind, role: Role) -> str:
    first = role is kind.roles[0]
    called = kind.words[0] if first else ""
    place = " or ".join([*kind.stands_in, "nothing"]) if first and kind.stands_in else NONE if first else ""
    name = f"*{role.name}*" if role.only_implied else role.name
    lists = (_listed(role.can), _listed(role.grants), _listed(role.removes))
    return _cells(called, place, name, _count(kind, role), *lists)


def _count(kind: Kind, role: Role) -> str:
    """How many must and may hold it; what has to stay controlled says so at its highest role."""
    if role.only_implied:
        return "only implied"
    if role.at_least and role.at_least == role.at_most:
        return f"exactly {role.at_least}"
    if role.at_least:
        return f"at least {role.at_least}"
    controlled = kind.stays_controlled and role.name == kind.highest
    return "1 where nothing pays and it stands in nothing" if controlled else "any"


def _implied(kinds: Table, row: Implied) -> str:
    one, many = (" and ".join(_word(kinds, name, number) for name in row.there) for number in (0, 1))
    role = "the team's role" if row.role == AS_SHARED else row.role
    return _cells(" or ".join(row.roles), _word(kinds, row.on, 0), role, TIES[row.tie].format(one=one, many=many))


def _word(kinds: Table, name: str, number: int) -> str:
    kind = kinds.get(name)
    return kind.words[number] if kind else name


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or NONE


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
