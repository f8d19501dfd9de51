"""The processes: Socket Mode in one, or HTTP with one process for each worker."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from http.client import HTTPConnection, HTTPException
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIApplication

import click

from bot import bootstrap
from bot.app_identity import AppIdentity
from bot.bootstrap import Application
from bot.config import USAGE_EXIT_CODE, Config, FatalError

if TYPE_CHECKING:
    from bot.metrics_server import MetricsServer
    from bot.web.embedded_server import EmbeddedServer

MAX_WORKERS = 4
POLL_SECONDS = 0.005
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
START_SECONDS = 30.0  # for the workers to start
SHUTDOWN_SECONDS = 5.0  # for a worker without a parent to end by itself
FIRST_ERROR_STATUS = 500


def run_socket_mode(config: Config) -> None:
    """Run in Socket Mode until SIGINT or SIGTERM."""
    from bot.slack.socket_mode import open_connection  # noqa: PLC0415 - HTTP does not need it

    with catch_stop_signals() as wait_for_signal, _prepare_metrics(config):
        database = bootstrap.open_database(config.database_url)
        now = bootstrap.utc_now()
        identity = bootstrap.register_own_workspace(config, database, now)
        app = bootstrap.build_app(config, identity, database)
        pages = _start_pages(config, app)
        connection = open_connection(app.bolt_app, config, app.slack_client.client)
        metrics = _start_metrics(config, app)
        app.start()
        host, port = config.listen_address
        mode = f"Socket Mode, pages on {host}:{port}" if pages else "Socket Mode"
        click.echo(
            f"Collab is ready: {_name_workspaces(identity)}, {mode}, {database.masked_url}"
        )
        wait_for_signal()
        if pages:
            pages.stop()
        if metrics:
            metrics.stop()
        connection.close()
        app.stop()


def _name_workspaces(identity: AppIdentity | None) -> str:
    return identity.workspace_name if identity else "many workspaces"


def _start_pages(config: Config, app: Application) -> EmbeddedServer | None:
    """Start to serve the pages and the probes, if pages or the listener are set."""
    if app.pages is None and not config.has_own_listener:
        return None
    from bot.web.app import build_public_app  # noqa: PLC0415 - not always needed
    from bot.web.embedded_server import EmbeddedServer  # noqa: PLC0415

    _check_port_is_free(config.listen_address, "COLLAB_LISTEN")
    application = build_public_app(app.probes, app.pages)
    server = EmbeddedServer(config.listen_address, application)
    server.start()
    return server


def _prepare_metrics(config: Config) -> AbstractContextManager[None]:
    """Make what all processes count into, if there is a listener for metrics."""
    if config.metrics_listener is None:
        return nullcontext()
    from bot.metrics_server import shared_folder  # noqa: PLC0415 - only for metrics

    _check_port_is_free(config.metrics_listener, "COLLAB_METRICS_LISTEN")
    return shared_folder()


def _start_metrics(config: Config, app: Application) -> MetricsServer | None:
    if config.metrics_listener is None:
        return None
    from bot.metrics import get_recorder  # noqa: PLC0415 - only for metrics
    from bot.metrics_server import MetricsServer  # noqa: PLC0415

    server = MetricsServer(config.metrics_listener, app.database, bootstrap.utc_now)
    app.database.count_transactions(get_recorder().count_transaction)
    server.start()
    return server


def run_http(config: Config) -> None:
    """Serve HTTP until SIGINT or SIGTERM."""
    from multiprocessing import Lock  # noqa: PLC0415 - Socket Mode needs neither

    from bot.web.app import serve_http  # noqa: PLC0415

    _check_port_is_free(config.listen_address, "COLLAB_LISTEN")
    database = bootstrap.open_database(config.database_url)
    now = bootstrap.utc_now()
    identity = bootstrap.register_own_workspace(config, database, now)
    worker_count = count_workers(database.is_sqlite)
    host, port = config.listen_address
    ready_line = (
        f"Collab is ready: {_name_workspaces(identity)}, HTTP on {host}:{port},"
        f" {database.masked_url}"
    )
    # Connections do not survive a fork.
    database.close()
    load = partial(build_worker_application, config, identity, ready_line, Lock())
    with _prepare_metrics(config):
        serve_http(config.listen_address, worker_count, load)


def build_worker_application(
    config: Config, identity: AppIdentity | None, ready_line: str, ready_lock: Any
) -> WSGIApplication:
    """Build and start the application of one worker process.

    Each has an outbox worker and a scheduler. The first that can acquire `ready_lock`
    prints `ready_line`.
    """
    from multiprocessing.util import Finalize  # noqa: PLC0415 - only workers need these

    from bot.web.app import build_web_app  # noqa: PLC0415

    Thread(target=_exit_with_parent, daemon=True).start()
    database = bootstrap.open_database(config.database_url)
    app = bootstrap.build_app(config, identity, database)
    _start_metrics(config, app)
    app.start()
    Finalize(None, app.stop, exitpriority=1)
    Thread(
        target=_announce_when_ready,
        args=(config.listen_address, ready_line, ready_lock),
        daemon=True,
    ).start()
    return build_web_app(
        app.bolt_app, config.signing_secret or "", app.probes, app.pages
    )


def count_workers(is_sqlite: bool) -> int:
    """Return the number of HTTP processes: one on SQLite, else one a core."""
    if is_sqlite:
        return 1
    return min(MAX_WORKERS, os.cpu_count() or 1)


@contextmanager
def catch_stop_signals() -> Iterator[Callable[[], None]]:
    """Yield a function that waits for SIGINT or SIGTERM, also for one that came before.

    A second signal ends the program at once.
    """

    def handle(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)

    def wait_for_signal() -> None:
        while receiver.recv(1)[0] not in STOP_SIGNALS:
            pass

    receiver, sender = socket.socketpair()
    with receiver, sender:
        sender.setblocking(False)
        # An Event or a queue would miss a signal that comes just before it begins to
        # wait. The interpreter writes each signal's number into this socket at once.
        signal.set_wakeup_fd(sender.fileno())
        try:
            for number in STOP_SIGNALS:
                signal.signal(number, handle)
            yield wait_for_signal
        finally:
            signal.set_wakeup_fd(-1)


def _check_port_is_free(listen_address: tuple[str, int], name: str) -> None:
    # Granian shares its port with other programs that share it, so that a second start
    # would take half of the requests.
    host, port = listen_address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(listen_address)
        except OSError as error:
            raise FatalError(
                f"{name}: {host}:{port} can't be used ({error.strerror}): choose another address",
                USAGE_EXIT_CODE,
            ) from None


def _exit_with_parent() -> None:
    # A worker whose parent was killed would keep the port.
    from multiprocessing import parent_process  # noqa: PLC0415 - only workers need it

    parent = parent_process()
    if parent is None:
        return
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    # The signal has no effect if it comes before the server handles it. Work that is
    # then in progress is done again later.
    time.sleep(SHUTDOWN_SECONDS)
    os._exit(1)


def _announce_when_ready(
    listen_address: tuple[str, int], ready_line: str, ready_lock: Any
) -> None:
    end = time.monotonic() + START_SECONDS
    while not _is_answering(listen_address):
        if time.monotonic() > end:
            return
        time.sleep(POLL_SECONDS)
    if ready_lock.acquire(block=False):
        click.echo(ready_line)


def _is_answering(listen_address: tuple[str, int]) -> bool:
    connection = HTTPConnection(*listen_address, timeout=START_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status < FIRST_ERROR_STATUS
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
