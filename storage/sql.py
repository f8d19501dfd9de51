"""Helpers for statements that are built once, at import, and run many times."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Float,
    FromClause,
    Join,
    SelectBase,
    Text,
    TypeDecorator,
    bindparam,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine

from collab.model import WorkspaceId
from storage.tables import workspaces

T = TypeVar("T")
Key = TypeVar("Key", bound=str)
Write = tuple[Any, dict[str, Any]]


class DatabaseNow(FunctionElement[float]):
    """The database's own clock, in seconds since 1970."""

    type = Float()
    inherit_cache = True


@compiles(DatabaseNow, "sqlite")
def _compile_sqlite_now(_element: DatabaseNow, _compiler: SQLCompiler, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseNow, "postgresql")
def _compile_postgresql_now(
    _element: DatabaseNow, _compiler: SQLCompiler, **_: Any
) -> str:
    return "extract(epoch from clock_timestamp())::float8"


def param(name: str) -> BindParameter[Any]:
    """Return a parameter whose value is passed when the statement runs."""
    return bindparam(name)


class _ArrayType(TypeDecorator[Collection[Any]]):
    """Several values as one: an array, or JSON where there are none."""

    impl = Text
    cache_ok = True

    def __init__(self, each: TypeEngine[Any]) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array on PostgreSQL."""
        return dialect.type_descriptor(
            Text() if dialect.name == "sqlite" else ARRAY(self.each)
        )

    def process_bind_param(
        self, value: Collection[Any] | None, dialect: Dialect
    ) -> Any:
        """The values, each once."""
        values = list(dict.fromkeys(value or ()))
        return json.dumps(values) if dialect.name == "sqlite" else values


def array_param(name: str, each: TypeEngine[Any]) -> BindParameter[Any]:
    """Return a parameter for several values of a type, passed as one."""
    return bindparam(name, type_=_ArrayType(each))


class _InArray(FunctionElement[Any]):
    """A condition: a column's value is one of several."""

    type = (
        NullType()
    )  # SQLite has no booleans: one would be compared to 1, and no index would serve
    inherit_cache = True


@compiles(_InArray, "sqlite")
def _compile_in_json(element: _InArray, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled parts


@compiles(_InArray, "postgresql")
def _compile_in_array(element: _InArray, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} = ANY ({values})"


def in_array(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return a condition: a column's value is in the list parameter of this name.

    The list is one value to the driver, and the statement is the same for any length:
    `IN` with a parameter for each takes longer to build, send and plan than to execute.
    """
    return _InArray(column, array_param(name, column.type))


class _InSubquery(FunctionElement[Any]):
    """A condition: a column's value is a result of a query."""

    type = NullType()
    inherit_cache = True


@compiles(_InSubquery, "sqlite")
def _compile_in_query(element: _InSubquery, compiler: SQLCompiler, **how: Any) -> str:
    column, query = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} IN {query}"


@compiles(_InSubquery, "postgresql")
def _compile_in_evaluated_query(
    element: _InSubquery, compiler: SQLCompiler, **how: Any
) -> str:
    column, query = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} = ANY (ARRAY{query})"


def in_subquery(column: ColumnElement[Any], query: SelectBase) -> ColumnElement[bool]:
    """Return a condition: a column's value is a result of a query, which runs first.

    PostgreSQL would turn `IN` into a join, and without recent statistics start with the
    wrong table.
    """
    return _InSubquery(column, query.scalar_subquery())


class OrderedJoin(Join):
    """A join whose right side is looked up for each row of the left one."""

    inherit_cache = True


@compiles(OrderedJoin, "sqlite")
def _compile_ordered_join(
    element: OrderedJoin, compiler: SQLCompiler, **how: Any
) -> str:
    """Return a CROSS JOIN, whose order SQLite keeps."""
    how["asfrom"] = True
    left, right = (
        compiler.process(side, **how) for side in (element.left, element.right)
    )
    how["asfrom"] = False
    condition = compiler.process(cast("ColumnElement[bool]", element.onclause), **how)
    return f"{left} CROSS JOIN {right} ON {condition}"


def of_workspace(table: FromClause) -> Any:
    """Return the condition that a row belongs to the workspace `w`."""
    return table.c.workspace == param("w")


SELECT_WORKSPACE = select(workspaces).where(workspaces.c.id == param("w"))


class WorkspaceReader:
    """Reads one workspace over one connection, and remembers results until a write."""

    def __init__(
        self,
        connection: Connection,
        workspace: WorkspaceId,
        memo: dict[tuple[str, Hashable], Any],
    ) -> None:
        self._connection = connection
        self._workspace = workspace
        self._memo = memo

    def remember(self, what: str, key: Hashable, answer: Any) -> None:
        """Remember an answer until this transaction writes or ends."""
        self._memo[what, key] = answer

    def remember_workspace(self, row: Any) -> None:
        """Remember the workspace's row, or that it has none."""
        self.remember("workspace", "", row)

    def is_remembered(self, what: str, key: Hashable = "") -> bool:
        """Return whether an answer is remembered, even if it is None."""
        return (what, key) in self._memo

    def recall(self, what: str, key: Hashable) -> Any:
        """Return an answer that is remembered, or None."""
        return self._memo.get((what, key))

    def recall_many(self, what: str, keys: Collection[Key]) -> dict[Key, Any]:
        """Return the remembered answers that are not None, by key."""
        return {
            key: answer
            for key in keys
            if (answer := self.recall(what, key)) is not None
        }

    def recall_all(self, what: str) -> Iterator[Any]:
        """Yield every answer of a kind that is remembered and is not None."""
        return (
            answer
            for (kind, _), answer in self._memo.items()
            if kind == what and answer is not None
        )

    def workspace_row(self) -> Any:
        """The workspace's own row; none before its first event."""
        return self._read_once(
            "workspace", "", lambda: self._read_row(SELECT_WORKSPACE)
        )

    def _read_once(self, what: str, key: Hashable, read: Callable[[], T]) -> T:
        """Return the answer that is remembered, or else read and remember it."""
        if not self.is_remembered(what, key):
            self.remember(what, key, read())
        return cast("T", self._memo[what, key])

    def _read_rows(self, statement: Any, **values: Any) -> Sequence[Any]:
        collected: list[Any] | None = self.recall("collected", "")
        if collected is not None:
            collected.append((statement, values))
            return ()
        ahead: dict[Any, Any] = self.recall("ahead", "") or {}
        for known_values, rows in ahead.get(statement, ()):
            if known_values == values:
                return cast("Sequence[Any]", rows)
        return self._connection.execute(
            statement, {"w": self._workspace, **values}
        ).all()

    def _read_rows_for_ids(
        self, statement: Any, name: str, ids: Collection[str], **values: Any
    ) -> Sequence[Any]:
        """The rows for many ids, if there are any."""
        return self._read_rows(statement, **values, **{name: ids}) if ids else ()

    def _read_row(self, statement: Any, **values: Any) -> Any:
        return self._connection.execute(
            statement, {"w": self._workspace, **values}
        ).first()
