"""What a transaction remembers: which of it outlasts the transaction's own writes.

Only what is named here does; all else is forgotten by each write.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Insert, Table, TypeDecorator

from collab.model import Invitation, Person
from storage.invitation_projections import INSERT_INVITATION
from storage.invitations import INVITATION_COLUMNS
from storage.people import STORED_PERSON
from storage.people_projections import INSERT_PERSON
from storage.sql import Write
from storage.tables import home_tabs, invitations, people, resources

Memo = dict[tuple[str, Hashable], Any]


@dataclass(frozen=True, slots=True)
class InsertedEntity:
    """How the row of an insert is remembered: as an entity, under its id."""

    kind: str
    build: Callable[..., Any]
    columns: Sequence[ColumnElement[Any]]


# Each is one row of one table, by its id: the insert of another row does not change it.
_TABLE_OF_ROW: Mapping[str, Table] = {
    "person": people,
    "resource": resources,
    "invitation": invitations,
    "home": home_tabs,
}
# Of the time before the transaction's own writes, and so the same after them.
_KINDS_OF_BEFORE = frozenset({"was_invited_before", "had_take_backs"})
_INSERTED_ENTITIES: Mapping[Any, InsertedEntity] = {
    INSERT_PERSON: InsertedEntity("person", Person, STORED_PERSON),
    INSERT_INVITATION: InsertedEntity("invitation", Invitation, INVITATION_COLUMNS),
}


def update_memo(memo: Memo, writes: Sequence[Write], dialect: Dialect) -> None:
    """Forget what some writes may have changed, and remember what they inserted."""
    statements = [statement for statement, _ in writes]
    tables = {getattr(statement, "table", None) for statement in statements}
    if None in tables:  # written as text
        memo.clear()
        return
    changed = {each.table for each in statements if not isinstance(each, Insert)}
    for (kind, key), answer in list(memo.items()):
        if not _is_unchanged(kind, answer, tables, changed):
            del memo[kind, key]
    for statement, row in writes:
        inserted = _INSERTED_ENTITIES.get(statement)
        if inserted is None or statement.table in changed:
            continue
        values = [_as_stored(c, row[c.name], dialect) for c in inserted.columns]
        entity = inserted.build(*values)
        if inserted.kind == "person":
            is_external = row["team"] not in {None, row["workspace"]}
            entity = replace(entity, external=is_external)
            memo["home", row["id"]] = False  # they have not opened it yet
            memo["was_invited_before", row["id"]] = False
        memo[inserted.kind, row["id"]] = entity


def _is_unchanged(
    kind: str, answer: Any, written: Collection[Table | None], changed: set[Table]
) -> bool:
    """Return whether an answer is the same after some tables were written.

    `changed` are those of them to which more was done than inserts.
    """
    if kind in _KINDS_OF_BEFORE:
        return True
    table = _TABLE_OF_ROW.get(kind)
    if table is None or table in changed:
        return False
    return answer is not None or table not in written


def _as_stored(column: ColumnElement[Any], value: Any, dialect: Dialect) -> Any:
    """Return a value as it is read from its column."""
    kind = column.type
    if not isinstance(kind, TypeDecorator):
        return value
    bound = kind.process_bind_param(value, dialect)
    return kind.process_result_value(bound, dialect)
