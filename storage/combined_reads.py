"""Runs several statements as one, which takes one exchange with the server."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    cast,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.sql.visitors import cloned_traverse


class _Part(NamedTuple):
    """One of the statements: the type of its rows, and where its values are in them."""

    row_type: Any
    slots: tuple[int, ...]


class CombinedStatement(NamedTuple):
    """Several statements as one; a row has the number of its part, then its values."""

    statement: Any
    parts: Sequence[_Part]

    def split_rows(self, rows: Sequence[Any]) -> list[list[Any]]:
        """Return the rows of each part as its own statement would return them."""
        by_part: list[list[Any]] = [[] for _ in self.parts]
        for row in rows:
            row_type, slots = self.parts[row[0]]
            by_part[row[0]].append(row_type(*(row[1 + slot] for slot in slots)))
        return by_part


@lru_cache
def combine_statements(statements: tuple[Select[Any], ...]) -> CombinedStatement:
    """Return several statements as one; it is built once.

    Values of one type share the columns of the combined row, so that it stays short. A
    parameter is called as in its statement, with the number of the part after it.
    """
    subqueries = [
        _rename_parameters(each, number).subquery(f"part{number}")
        for number, each in enumerate(statements)
    ]
    types: list[Any] = []
    parts: list[_Part] = []
    for subquery in subqueries:
        slots: list[int] = []
        for column in subquery.c:
            slots.append(_take_slot(types, column.type, slots))
        row_type = namedtuple("Row", [each.key for each in subquery.c], rename=True)  # type: ignore[misc]  # noqa: PYI024 - the columns are known now
        parts.append(_Part(row_type, tuple(slots)))
    selects = [
        _select_part(number, subquery, part, types)
        for number, (subquery, part) in enumerate(zip(subqueries, parts, strict=True))
    ]
    return CombinedStatement(union_all(*selects), parts)


def name_parameters(values: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the values of a part's parameters by their names in the whole."""
    return {f"{name}_{number}": value for name, value in values.items()}


def _rename_parameters(statement: Select[Any], number: int) -> Any:
    def rename(parameter: BindParameter[Any]) -> None:
        if parameter.required:
            parameter.key = f"{parameter.key}_{number}"

    return cloned_traverse(statement, {}, {"bindparam": rename})


def _take_slot(types: list[Any], wanted: Any, taken: list[int]) -> int:
    """Return a free slot for a value of a type; add one if there is none."""
    for slot, known in enumerate(types):
        if slot not in taken and repr(known) == repr(wanted):
            return slot
    types.append(wanted)
    return len(types) - 1


def _select_part(number: int, subquery: Any, part: _Part, types: list[Any]) -> Any:
    columns: list[ColumnElement[Any]] = [cast(null(), each) for each in types]
    for slot, column in zip(part.slots, subquery.c, strict=True):
        columns[slot] = column
    labelled = [each.label(f"value{slot}") for slot, each in enumerate(columns)]
    return select(literal_column(str(number), Integer).label("part"), *labelled)
