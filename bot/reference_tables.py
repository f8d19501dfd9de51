"""The table of kinds and roles for the documentation, made from the one that decides."""

from __future__ import annotations

from collections.abc import Iterable

from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.verb import COMMAND, Verb
from collab.roles import GROUP_ROLE, DerivedRole, ResourceType, Role, RoleModel

EMPTY_CELL = "–"
RELATION_TEXTS = {
    "holds": "the {many} in it",
    "pays": "the {many} that it pays for",
    "within": "the {one} that it stands in",
    "shares": "the {many} that the team holds a role on",
    "assigned": "those of the team's {many} that are assigned to that member",
}


def verbs_markdown() -> str:
    """Return the table of commands for docs/commands.md, as Markdown."""
    rows = [_verb_row(verb) for verb in VERB_BY_NAME.values()]
    return "\n".join(["| verb | does | for example |", "| --- | --- | --- |", *rows])


def _verb_row(verb: Verb) -> str:
    usage = verb.usage.replace("|", "\\|")
    return f"| `{COMMAND} {usage}` | {verb.summary} | `{verb.example_line}` |"


def roles_markdown(roles: RoleModel) -> str:
    """Every kind's roles with what each can, grants and removes; then the roles that follow from others."""
    rows = [
        _role_row(roles, roles[name], role)
        for name in roles
        for role in roles[name].roles
    ]
    return "\n".join(
        [
            "| kind | stands in | role | how many | can | brings others in as | removes |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            "| who holds | on | so holds | on |",
            "| --- | --- | --- | --- |",
            *(_derived_role_row(roles, row) for row in roles.derived_roles),
        ]
    )


def _role_row(roles: RoleModel, kind: ResourceType, role: Role) -> str:
    first = role is kind.roles[0]
    called = kind.words[0] if first else ""
    place = (
        " or ".join([*kind.container_types, "nothing"])
        if first and kind.container_types
        else EMPTY_CELL
        if first
        else ""
    )
    name = f"*{role.name}*" if role.is_derived_only else role.name
    can = (
        _limited_create(roles, role) if c == "create" else c for c in role.capabilities
    )
    lists = (_join_words(can), _join_words(role.grants), _join_words(role.removes))
    return _table_row(called, place, name, _holder_limits(roles, kind, role), *lists)


def _limited_create(roles: RoleModel, role: Role) -> str:
    """Return `create`, with the kinds that it is limited to where it is."""
    if role.creates is None:
        return "create"
    *first, last = (_type_word(roles, name, 1) for name in role.creates)
    return f"create ({', '.join(first)} and {last})" if first else f"create ({last})"


def _holder_limits(roles: RoleModel, kind: ResourceType, role: Role) -> str:
    """Say how many must and may hold it directly; what has to stay controlled says so at its highest role."""
    if role.is_derived_only:
        return "only implied"
    if role.min_holders:
        count = f"{'exactly' if role.min_holders == role.max_holders else 'at least'} {role.min_holders}"
        inside = f"at most {role.max_holders}" if role.max_holders else "any"
        supplying = [
            roles[name].words[0]
            for name in kind.container_types
            if roles.guarantees_role(name, kind.name, role.name)
        ]
        return (
            f"{count}; {inside} in a {' or '.join(supplying)}" if supplying else count
        )
    controlled = kind.must_stay_controlled and role.name == kind.highest_role
    return "1 where nothing pays and it stands in nothing" if controlled else "any"


def _derived_role_row(roles: RoleModel, row: DerivedRole) -> str:
    one, many = (
        " and ".join(_type_word(roles, name, number) for name in row.target_types)
        for number in (0, 1)
    )
    role = "the team's role" if row.role == GROUP_ROLE else row.role
    return _table_row(
        " or ".join(row.roles),
        _type_word(roles, row.source_type, 0),
        role,
        RELATION_TEXTS[row.relation].format(one=one, many=many),
    )


def _type_word(roles: RoleModel, name: str, number: int) -> str:
    kind = roles.get(name)
    return kind.words[number] if kind else name


def _join_words(renderer: Iterable[str]) -> str:
    return ", ".join(renderer) or EMPTY_CELL


def _table_row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
