"""PostgreSQL's pipeline: a write without a result is sent with the next statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq.abc import PGconn
from psycopg.waiting import Ready, Wait
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

# The number of rows that these change is never asked for, nor what was set.
_UNAWAITED = ("INSERT ", "UPDATE workspaces ", "SELECT set_config(")


class PipelineCursor(psycopg.Cursor[Any]):
    """A cursor that in a pipeline sends some writes with the next statement or commit.

    It waits for everything else. A failure of such a write is raised by what it was
    sent with, and nothing after it is executed.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Execute a statement, and wait for its result if that is asked for."""
        super().execute(query, params, **options)
        if self.connection.info.pipeline_status and not _is_unawaited(query):
            self._wait_for_result()
        return self

    def _wait_for_result(self) -> None:
        # Only this waits without consuming a row; it raises an error without rows.
        try:
            self.scroll(0)
        except IndexError:
            return
        except psycopg.ProgrammingError as problem:
            if problem.sqlstate:
                raise


class PipelineConnection(psycopg.Connection[Any]):
    """A connection that in a pipeline sends all before it waits for a result.

    The driver waits for results alone once the last statement is handed over, even if
    the socket took only a part of it. Then server and client wait for each other.
    """

    def wait(self, gen: PQGen[RV], *args: Any, **options: Any) -> RV:
        """Run one of the driver's generators, which yield what they wait for."""
        if self.pgconn.pipeline_status:
            gen = _send_all(self.pgconn, gen)
        return super().wait(gen, *args, **options)


def _send_all(pgconn: PGconn, gen: PQGen[RV]) -> PQGen[RV]:
    """Wait for room in the socket, too, as long as something is not sent."""
    try:
        wanted = next(gen)
        while True:
            if wanted == Wait.R and pgconn.flush():
                ready = yield Wait.RW
                if ready in {Ready.NONE, Ready.W}:
                    continue
                ready = Ready.R
            else:
                ready = yield wanted
            wanted = gen.send(ready)
    except StopIteration as end:
        result: RV = end.value
        return result


@contextmanager
def open_pipeline(connection: Connection) -> Iterator[None]:
    """Send unawaited writes together on a connection to PostgreSQL.

    What fails at the end is raised as SQLAlchemy does.
    """
    driver_connection: Any = connection.connection.driver_connection
    try:
        with driver_connection.pipeline() as pipeline:
            try:
                yield
            except BaseException:
                # After a commit that failed SQLAlchemy does not roll back. What is
                # still queued must not be taken for the answer to the rollback.
                with suppress(psycopg.Error):
                    pipeline.sync()
                with suppress(psycopg.Error):
                    driver_connection.rollback()
                raise
    except psycopg.Error as problem:
        raise OperationalError(None, None, problem) from None


def _is_unawaited(query: str) -> bool:
    return query.startswith(_UNAWAITED) and "RETURNING" not in query
