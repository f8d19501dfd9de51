"""Opens connections to PostgreSQL, directly or through a pooler such as PgBouncer.

A pooler that assigns a connection for one transaction alone refuses or ignores what a
client sets at the start, and forgets what it sets later. Behind one the settings are
made in each transaction, and no statement is prepared for the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError, OperationalError, ProgrammingError

from storage.database_url import DatabaseAddress, MalformedUrl

# Rows are looked up by an index even if the table was small at the last ANALYZE, and
# compiling a statement takes longer than any of ours runs.
PLANNER_SETTINGS = {"timezone": "UTC", "random_page_cost": "1.1", "jit": "off"}
# Whether the settings of the start arrived, and which process answers.
_PROBE = text(
    "SELECT source = 'client', pg_backend_pid() FROM pg_settings"
    " WHERE name = 'lock_timeout'"
)
# A server that is a standby by now: read_only_sql_transaction.
_READ_ONLY_SQLSTATE = "25006"
# A server whose machine is gone is noticed within so many seconds, not hours.
_SILENCE_LIMITS = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_REFUSES_SETTINGS = "startup parameter"  # in the message of every PgBouncer


def open_postgresql(
    address: DatabaseAddress, *, wait_seconds: float, max_connections: int
) -> tuple[Engine, bool]:
    """Return an engine and whether there is a pooler.

    If the address does not say so, the first connection shows it. Raises
    SQLAlchemyError, and MalformedUrl for a parameter that the driver does not know.
    """

    def create(is_pooled: bool) -> Engine:
        return _create_engine(
            address.url,
            is_pooled=is_pooled,
            wait_seconds=wait_seconds,
            max_connections=max_connections,
        )

    is_pooled = address.is_pooled
    try:
        if is_pooled is None:
            engine = create(is_pooled=False)
            if not _detect_pooler(engine):
                return engine, False
            engine.dispose()
            is_pooled = True
        engine = create(is_pooled)
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except ProgrammingError as problem:
        if getattr(problem.orig, "sqlstate", None):
            raise
        raise MalformedUrl from None
    return engine, is_pooled


def open_pipeline(connection: Connection) -> AbstractContextManager[None]:
    """Send unawaited writes together, see `storage.pipeline`."""
    # The driver is slow to import.
    from storage import pipeline  # noqa: PLC0415

    return pipeline.open_pipeline(connection)


def build_settings_statement(settings: Mapping[str, str]) -> str:
    """Return the statement that makes settings until the end of the transaction."""
    calls = (f"set_config('{name}', '{each}', true)" for name, each in settings.items())
    return f"SELECT {', '.join(calls)}"


def _create_engine(
    url: URL, *, is_pooled: bool, wait_seconds: float, max_connections: int
) -> Engine:
    # Imports the driver.
    from storage.pipeline import PipelineConnection, PipelineCursor  # noqa: PLC0415

    arguments: dict[str, Any] = {
        "connect_timeout": int(wait_seconds),
        "cursor_factory": PipelineCursor,
        **{name: n for name, n in _SILENCE_LIMITS.items() if name not in url.query},
    }
    if is_pooled:
        arguments["prepare_threshold"] = None
    else:
        arguments["options"] = _build_options(url, int(wait_seconds * 1000))
    engine = create_engine(
        url,
        pool_size=max_connections,
        max_overflow=0,
        pool_timeout=wait_seconds,
        connect_args=arguments,
    )
    event.listen(
        engine,
        "do_connect",
        lambda _dialect, _record, args, named: PipelineConnection.connect(
            *args, **named
        ),
    )
    event.listen(engine, "checkout", _check_connection_is_alive)
    event.listen(engine, "checkout", _leave_access_mode_to_server)
    event.listen(engine, "handle_error", _drop_connections_after_failover)
    # Several rows in one statement; the driver's own way takes three round trips.
    engine.dialect.use_insertmanyvalues_wo_returning = True
    return engine


def _build_options(url: URL, limit: int) -> str:
    """Return the settings for the start of a connection.

    Options in the URL stay, such as the endpoint of a hosted server; ours override
    them.
    """
    own_options = url.query.get("options", "")
    ours = {"lock_timeout": limit, "statement_timeout": limit, **PLANNER_SETTINGS}
    options = [
        own_options if isinstance(own_options, str) else " ".join(own_options),
        *(f"-c {name}={value}" for name, value in ours.items()),
    ]
    return " ".join(filter(None, options))


def _detect_pooler(engine: Engine) -> bool:
    """Return whether a pooler refuses settings, ignores them or changes the server."""
    try:
        with engine.connect() as connection:
            has_settings, process_id = connection.execute(_PROBE).one()
            driver_connection: Any = connection.connection.driver_connection
            return not has_settings or (
                process_id != driver_connection.info.backend_pid
            )
    except OperationalError as problem:
        if _REFUSES_SETTINGS in str(problem.orig):
            return True
        raise


def _check_connection_is_alive(
    connection: Any, _record: object, _proxy: object
) -> None:
    """Discard a connection that was closed while idle, without a round trip."""
    with DefaultSelector() as heard:
        heard.register(connection, EVENT_READ)
        if heard.select(0):
            raise DisconnectionError


def _leave_access_mode_to_server(
    connection: Any, _record: object, _proxy: object
) -> None:
    """Begin transactions for writing without saying so.

    After one for reading, SQLAlchemy says READ WRITE; a standby refuses that with a code
    of its own, and a server's default has no effect.
    """
    if connection.read_only is False:
        connection.read_only = None


def _drop_connections_after_failover(context: ExceptionContext) -> None:
    """Open all connections anew when the server may not write any more."""
    state = getattr(context.original_exception, "sqlstate", None)
    if state == _READ_ONLY_SQLSTATE:
        context.is_disconnect = True
