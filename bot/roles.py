"""The table of kinds and roles for the documentation, made from the one that decides."""

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
    rows = [_row(kinds, kinds[name], role) for name in kinds for role in kinds[name].roles]
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


def _row(kinds: Table, kind: Kind, role: Role) -> str:
    first = role is kind.roles[0]
    called = kind.words[0] if first else ""
    place = " or ".join([*kind.stands_in, "nothing"]) if first and kind.stands_in else NONE if first else ""
    name = f"*{role.name}*" if role.only_implied else role.name
    can = (_limited(kinds, role) if c == "create" else c for c in role.can)
    lists = (_listed(can), _listed(role.grants), _listed(role.removes))
    return _cells(called, place, name, _count(kinds, kind, role), *lists)


def _limited(kinds: Table, role: Role) -> str:
    """Return `create`, with the kinds that it is limited to where it is."""
    if role.creates is None:
        return "create"
    *first, last = (_word(kinds, name, 1) for name in role.creates)
    return f"create ({', '.join(first)} and {last})" if first else f"create ({last})"


def _count(kinds: Table, kind: Kind, role: Role) -> str:
    """Say how many must and may hold it directly; what has to stay controlled says so at its highest role."""
    if role.only_implied:
        return "only implied"
    if role.at_least:
        count = f"{'exactly' if role.at_least == role.at_most else 'at least'} {role.at_least}"
        inside = f"at most {role.at_most}" if role.at_most else "any"
        supplying = [kinds[name].words[0] for name in kind.stands_in if kinds.supplies(name, kind.name, role.name)]
        return f"{count}; {inside} in a {' or '.join(supplying)}" if supplying else count
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
