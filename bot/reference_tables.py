"""Make the tables of commands and roles in docs/ from catalog and role model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bot.rendering import load_labels
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.typed_words import (
    GERMAN_VERBS,
    OTHER_ROLE_WORDS,
    OTHER_TYPE_WORDS,
    spell_label,
)
from bot.slack.commands.verb import COMMAND, Verb
from collab.role_model import GROUP_ROLE, DerivedRole, ResourceType, Role, RoleModel

EMPTY_CELL = "–"
# Where a derived role is held, by relation; the target types are named as one or as
# many.
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


def german_words_markdown(roles: RoleModel) -> str:
    """Return the German words of verbs, types and roles for docs/commands.md."""
    words = defaultdict[str, list[str]](list)
    for word, verb in GERMAN_VERBS.items():
        words[f"{COMMAND} {verb}"].append(f"`{word}`")
    labels = load_labels("de")
    for kind in roles:
        words[kind].append(f"`{labels[f'kind.{kind}'].casefold()}`")
    for role in dict.fromkeys(
        role.name for kind in roles for role in roles[kind].roles
    ):
        label = labels[f"roles.{role}"].casefold()
        words[role].append(f"`{next(spell_label(label))}`")
    for word, name in {**OTHER_TYPE_WORDS, **OTHER_ROLE_WORDS}.items():
        words[name].append(f"`{word}`")
    rows = [_table_row(f"`{name}`", ", ".join(words[name])) for name in words]
    return "\n".join(["| English | also |", "| --- | --- |", *rows])


def roles_markdown(roles: RoleModel) -> str:
    """Return the roles of each type, then the derived roles, as Markdown."""
    role_rows = [
        _role_row(roles, roles[name], role)
        for name in roles
        for role in roles[name].roles
    ]
    derived_rows = [_derived_role_row(roles, row) for row in roles.derived_roles]
    return "\n".join(
        [
            "| kind | stands in | role | how many | can | brings others in as | removes |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *role_rows,
            "",
            "| who holds | on | so holds | on |",
            "| --- | --- | --- | --- |",
            *derived_rows,
        ]
    )


def _verb_row(verb: Verb) -> str:
    usage = verb.usage.replace("|", "\\|")
    return f"| `{COMMAND} {usage}` | {verb.summary} | `{verb.example_line}` |"


def _role_row(roles: RoleModel, resource_type: ResourceType, role: Role) -> str:
    """Return the row of a role.

    The first one of a type names the type and its containers.
    """
    type_word = containers = ""
    if role is resource_type.roles[0]:
        type_word = resource_type.words[0]
        containers = _container_text(resource_type)
    capabilities = [
        _limited_create(roles, role) if name == "create" else name
        for name in role.capabilities
    ]
    return _table_row(
        type_word,
        containers,
        f"*{role.name}*" if role.is_derived_only else role.name,
        _holder_limits(roles, resource_type, role),
        _join_words(capabilities),
        _join_words(role.grants),
        _join_words(role.removes),
    )


def _container_text(resource_type: ResourceType) -> str:
    if not resource_type.container_types:
        return EMPTY_CELL
    return " or ".join([*resource_type.container_types, "nothing"])


def _limited_create(roles: RoleModel, role: Role) -> str:
    """Return `create`, with the types that it is limited to, if it is."""
    if role.creates is None:
        return "create"
    *words, last = (_type_word(roles, name, plural=True) for name in role.creates)
    if not words:
        return f"create ({last})"
    return f"create ({', '.join(words)} and {last})"


def _holder_limits(roles: RoleModel, resource_type: ResourceType, role: Role) -> str:
    """Return how many people must and may have a role directly."""
    if role.is_derived_only:
        return "only implied"
    if role.min_holders:
        return _required_holders(roles, resource_type, role)
    is_highest = role.name == resource_type.highest_role
    if resource_type.must_stay_controlled and is_highest:
        return "1 where nothing pays and it stands in nothing"
    return "any"


def _required_holders(roles: RoleModel, resource_type: ResourceType, role: Role) -> str:
    """Return the limits alone and, if they differ, inside containers."""
    is_exact = role.min_holders == role.max_holders
    count = f"{'exactly' if is_exact else 'at least'} {role.min_holders}"
    suppliers = [
        roles[name].words[0]
        for name in resource_type.container_types
        if roles.guarantees_role(name, resource_type.name, role.name)
    ]
    if not suppliers:
        return count
    inside = f"at most {role.max_holders}" if role.max_holders else "any"
    return f"{count}; {inside} in a {' or '.join(suppliers)}"


def _derived_role_row(roles: RoleModel, row: DerivedRole) -> str:
    one, many = (
        " and ".join(
            _type_word(roles, name, plural=plural) for name in row.target_types
        )
        for plural in (False, True)
    )
    return _table_row(
        " or ".join(row.roles),
        _type_word(roles, row.source_type, plural=False),
        "the team's role" if row.role == GROUP_ROLE else row.role,
        RELATION_TEXTS[row.relation].format(one=one, many=many),
    )


def _type_word(roles: RoleModel, name: str, *, plural: bool) -> str:
    resource_type = roles.get(name)
    if resource_type is None:
        return name
    return resource_type.words[1 if plural else 0]


def _join_words(words: Iterable[str]) -> str:
    return ", ".join(words) or EMPTY_CELL


def _table_row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
