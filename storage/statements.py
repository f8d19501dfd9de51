"""Small helps for statements that are built once, at import, and run many times."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import BindParameter, Connection, Float, FromClause, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

T = TypeVar("T")
MANY = 400  # ids in one statement; SQLite takes 32,766 values at most, and plans long lists slowly
Write = tuple[Any, dict[str, Any]]


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


def given_list(name: str) -> BindParameter[Any]:
    """Several values that are handed in under this name."""
    return bindparam(name, expanding=True)


def in_workspace(table: FromClause) -> Any:
    """The rows of one workspace, handed in as `w`."""
    return table.c.workspace == given("w")


class Reader:
    """Asks one workspace's questions over one connection."""

    def __init__(self, connection: Connection, workspace: str) -> None:
        self._connection = connection
        self._workspace = workspace
        self._memory: dict[tuple[str, str], Any] = {}

    def forget(self) -> None:
        """Ask anew: something was written."""
        self._memory.clear()

    def keep(self, what: str, key: str, answer: Any) -> None:
        """An answer that is known beforehand."""
        self._memory[what, key] = answer

    def _kept(self, what: str, key: str, ask: Callable[[], T]) -> T:
        """An answer that is asked for once until something is written."""
        if (what, key) not in self._memory:
            self._memory[what, key] = ask()
        return cast("T", self._memory[what, key])

    def _rows(self, statement: Any, **values: Any) -> Sequence[Any]:
        return self._connection.execute(statement, {"w": self._workspace, **values}).all()

    def _many(self, statement: Any, name: str, ids: Collection[str], **values: Any) -> list[Any]:
        """The rows for many ids, asked for in batches; each id counts once."""
        every = list(dict.fromkeys(ids))
        batches = (every[start : start + MANY] for start in range(0, len(every), MANY))
        return [row for some in batches for row in self._rows(statement, **values, **{name: some})]

    def _row(self, statement: Any, **values: Any) -> Any:
        return self._connection.execute(statement, {"w": self._workspace, **values}).first()
