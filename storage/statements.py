"""Small helps for statements that are built once, at import, and run many times."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Float,
    FromClause,
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

from storage.cache import Lasting, Memory
from storage.tables import workspaces

T = TypeVar("T")
Write = tuple[Any, dict[str, Any]]
# What a transaction remembers of its answers, and the tables that each was read from.
SOURCES: Mapping[str, frozenset[str]] = {
    "workspace": frozenset({"workspaces"}),
    "person": frozenset({"people"}),
    "account": frozenset({"people"}),
    "resource": frozenset({"resources"}),
    "inside": frozenset({"resources"}),
    "within": frozenset({"resources", "shares"}),
    "links": frozenset({"links"}),
    "members": frozenset({"memberships", "people"}),
    "held": frozenset({"memberships", "people"}),
    "given": frozenset({"memberships", "people"}),
    "shares": frozenset({"shares", "assignments"}),
    "reach": frozenset({"memberships", "people", "resources", "shares", "assignments"}),
    "invitation": frozenset({"invitations"}),
}


BY_KEY = frozenset({"workspace", "person", "account", "resource", "invitation"})
OF_ROLES = frozenset({"members", "held", "given", "reach"})
_PEOPLE = frozenset({"people"})


class DatabaseNow(FunctionElement[float]):
    """The database's own clock, in seconds since 1970."""

    type = Float()
    inherit_cache = True


@compiles(DatabaseNow, "sqlite")
def _sqlite_now(_element: DatabaseNow, _compiler: SQLCompiler, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseNow, "postgresql")
def _postgresql_now(_element: DatabaseNow, _compiler: SQLCompiler, **_: Any) -> str:
    return "extract(epoch from clock_timestamp())::float8"


def given(name: str) -> BindParameter[Any]:
    """A value that is handed in under this name when the statement runs."""
    return bindparam(name)


class _Several(TypeDecorator[Collection[Any]]):
    """Several values as one: an array, or JSON where there are none."""

    impl = Text
    cache_ok = True

    def __init__(self, each: TypeEngine[Any]) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array on PostgreSQL."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.each))

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        """The values, each once."""
        values = list(dict.fromkeys(value or ()))
        return json.dumps(values) if dialect.name == "sqlite" else values


def several(name: str, each: TypeEngine[Any]) -> BindParameter[Any]:
    """Several values of a type that are handed in as one under this name."""
    return bindparam(name, type_=_Several(each))


class _OneOf(FunctionElement[Any]):
    """Whether a column's value is one of several."""

    type = NullType()  # SQLite has no booleans: one would be compared to 1, and no index would serve
    inherit_cache = True


@compiles(_OneOf, "sqlite")
def _in_json(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled parts


@compiles(_OneOf, "postgresql")
def _in_array(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} = ANY ({values})"


def one_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether a column's value is among those that are handed in under this name, however many.

    They are one value to the driver, and the statement is the same for any number of them: `IN` with a parameter for
    each takes longer to write, to send and to plan than to answer.
    """
    return _OneOf(column, several(name, column.type))


class _OneFound(FunctionElement[Any]):
    """Whether a column's value is one of those that a query finds."""

    type = NullType()
    inherit_cache = True


@compiles(_OneFound, "sqlite")
def _in_query(element: _OneFound, compiler: SQLCompiler, **how: Any) -> str:
    column, query = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} IN {query}"


@compiles(_OneFound, "postgresql")
def _in_found(element: _OneFound, compiler: SQLCompiler, **how: Any) -> str:
    column, query = (compiler.process(part, **how) for part in element.clauses)
    return f"{column} = ANY (ARRAY{query})"


def one_found(column: ColumnElement[Any], query: SelectBase) -> ColumnElement[bool]:
    """Whether a column's value is one of those that a query finds, which is asked once and before.

    PostgreSQL would make a join of `IN`, and of the two take the other first where it has not counted the rows lately.
    """
    return _OneFound(column, query.scalar_subquery())


def in_workspace(table: FromClause) -> Any:
    """The rows of one workspace, handed in as `w`."""
    return table.c.workspace == given("w")


THE_WORKSPACE = select(workspaces).where(workspaces.c.id == given("w"))


class Reader:
    """Asks one workspace's questions over one connection."""

    def __init__(self, connection: Connection, workspace: str) -> None:
        self._connection = connection
        self._workspace = workspace
        self._memory: Memory = {}

    def forget(self, written: Mapping[str, bool]) -> None:
        """Ask anew for what was read from tables that were written to.

        Where rows were added and nothing else, what is read by its own key, and was there, is as it was. Who was added
        holds no role.
        """
        changed = {table for table, more in written.items() if more}
        stale = {what for what, sources in SOURCES.items() if not sources.isdisjoint(changed)}
        added = {
            what
            for what, sources in SOURCES.items()
            if not (sources - _PEOPLE if what in OF_ROLES else sources).isdisjoint(written)
        }
        self._memory = {
            (what, key): answer
            for (what, key), answer in self._memory.items()
            if what not in stale and (what not in added or (what in BY_KEY and answer is not None))
        }

    def begin(self, row: Any) -> None:
        """Know the workspace's own row."""
        self.keep("workspace", "", row)

    def keep(self, what: str, key: str, answer: Any) -> None:
        """An answer that is known beforehand."""
        self._memory[what, key] = answer

    def known(self, what: str, keys: Collection[str]) -> dict[str, Any]:
        """What is remembered of these, as far as it is."""
        return {key: answer for key in keys if (answer := self._memory.get((what, key))) is not None}

    def every(self, what: str) -> Iterator[Any]:
        """All that is remembered of a kind."""
        return (answer for (kind, _), answer in self._memory.items() if kind == what and answer is not None)

    def knows(self, what: str, key: str = "") -> bool:
        """Whether an answer is remembered, if only that there is none."""
        return (what, key) in self._memory

    def known_at(self, what: str, key: str, at: datetime) -> Any:
        """What is remembered of roles, if it holds at a moment; forgotten if it does not."""
        found: Lasting | None = self._memory.get((what, key))
        if found and found.holds(at):
            return found.answer
        self._memory.pop((what, key), None)
        return None

    def row_of_workspace(self) -> Any:
        """The workspace's own row; none before its first event."""
        if not self.knows("workspace"):
            self.begin(self._row(THE_WORKSPACE))
        return self._memory["workspace", ""]

    def _kept(self, what: str, key: str, ask: Callable[[], T]) -> T:
        """An answer that is asked for once until its tables are written to."""
        if not self.knows(what, key):
            self._memory[what, key] = ask()
        return cast("T", self._memory[what, key])

    def _kept_while(
        self, what: str, key: str, at: datetime, ask: Callable[[], tuple[T, Iterable[datetime | None]]]
    ) -> T:
        """An answer about roles, with the moments when they end: asked for again once one of those has come, too."""
        self.known_at(what, key, at)

        def asked() -> Lasting:
            answer, ends = ask()
            return Lasting(answer, at, min(filter(None, ends), default=None))

        return cast("T", self._kept(what, key, asked).answer)

    def _rows(self, statement: Any, **values: Any) -> Sequence[Any]:
        return self._connection.execute(statement, {"w": self._workspace, **values}).all()

    def _many(self, statement: Any, name: str, ids: Collection[str], **values: Any) -> Sequence[Any]:
        """The rows for many ids, if there are any."""
        return self._rows(statement, **values, **{name: ids}) if ids else ()

    def _row(self, statement: Any, **values: Any) -> Any:
        return self._connection.execute(statement, {"w": self._workspace, **values}).first()
