"""The app as a program: in Socket Mode in one process, or by HTTP with a process a worker."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException
from threading import Thread
from types import FrameType
from typing import Any
from wsgiref.types import WSGIApplication

import click

from bot import bootstrap
from bot.bootstrap import AppIdentity
from bot.config import USAGE_EXIT_CODE, Config, FatalError

POLL_SECONDS = 0.005  # seconds
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
START_SECONDS = 30.0  # seconds for the workers to come up
SHUTDOWN_SECONDS = 5.0  # for a worker without a parent to end by itself
NOISY_LOGGERS = (
    "slack_bolt",
    "slack_sdk",
    "werkzeug",
    "urllib3",
    "alembic",
    "apscheduler",
)


def log_to_stderr() -> None:
    """Log lines for the operator; libraries speak only of errors, as their other lines quote what people typed."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)


def run_socket_mode(settings: Config) -> None:
    """Run in Socket Mode until SIGINT or SIGTERM."""
    from bot.slack.socket_mode import open_connection  # noqa: PLC0415 - HTTP does not need it

    with stop_event_on_signals() as wait:
        database = bootstrap.open_database(settings.database_url)
        identity = bootstrap.fetch_app_identity(settings)
        bootstrap.register_workspace(database, identity, bootstrap.utc_now())
        house = bootstrap.build_app(settings, identity, database)
        connection = open_connection(
            house.bolt_app, settings, house.slack_client.client
        )
        house.start()
        click.echo(
            f"Collab is ready: {identity.workspace_name}, Socket Mode, {database.masked_url}"
        )
        wait()
        connection.close()
        house.stop()


def run_http(settings: Config) -> None:
    """Serve HTTP until SIGINT or SIGTERM."""
    from multiprocessing import Lock  # noqa: PLC0415 - Socket Mode needs neither

    from bot.web.app import serve_http  # noqa: PLC0415

    _check_port_is_free(settings.listen_address)
    database = bootstrap.open_database(settings.database_url)
    identity = bootstrap.fetch_app_identity(settings)
    bootstrap.register_workspace(database, identity, bootstrap.utc_now())
    count, place = bootstrap.count_workers(database), database.masked_url
    # Connections do not survive a fork.
    database.close()
    host, port = settings.listen_address
    line = f"Collab is ready: {identity.workspace_name}, HTTP on {host}:{port}, {place}"
    serve_http(
        settings.listen_address,
        count,
        partial(build_worker_application, settings, identity, line, Lock()),
    )


def build_worker_application(
    settings: Config, identity: AppIdentity, line: str, first: Any
) -> WSGIApplication:
    """One worker process's application, with a courier and a clock of its own; the first that answers says so."""
    from multiprocessing.util import Finalize  # noqa: PLC0415 - workers alone

    from bot.web.app import build_web_app  # noqa: PLC0415

    Thread(target=_exit_with_parent, daemon=True).start()
    house = bootstrap.build_app(
        settings, identity, bootstrap.open_database(settings.database_url)
    )
    house.start()
    Finalize(None, house.stop, exitpriority=1)
    Thread(
        target=_announce_when_ready,
        args=(settings.listen_address, line, first),
        daemon=True,
    ).start()
    return build_web_app(
        house.bolt_app, settings.signing_secret or "", house.is_healthy
    )


@contextmanager
def stop_event_on_signals() -> Iterator[Callable[[], None]]:
    """What waits for SIGINT or SIGTERM from now on; a second one ends the program at once."""

    def handle(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)

    def wait() -> None:
        while heard.recv(1)[0] not in STOP_SIGNALS:
            pass

    heard, told = socket.socketpair()
    with heard, told:
        told.setblocking(False)
        # An Event or a queue would sleep through a signal that comes just before it falls asleep. The interpreter
        # writes the number of each signal into this socket the moment that it comes.
        signal.set_wakeup_fd(told.fileno())
        try:
            for number in STOP_SIGNALS:
                signal.signal(number, handle)
            yield wait
        finally:
            signal.set_wakeup_fd(-1)


def _check_port_is_free(listen: tuple[str, int]) -> None:
    # Granian shares its port with whoever else shares it, so that a second start would take half of the requests.
    family = socket.AF_INET6 if ":" in listen[0] else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(listen)
        except OSError as problem:
            host, port = listen
            raise FatalError(
                f"COLLAB_LISTEN: {host}:{port} cannot be used ({problem.strerror}): choose another",
                USAGE_EXIT_CODE,
            ) from None


def _exit_with_parent() -> None:
    # A worker whose parent was killed would hold the port for ever.
    from multiprocessing import parent_process  # noqa: PLC0415 - workers alone

    if parent := parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        # The signal is lost when it comes before the server listens to it. What is under way then is done again later.
        time.sleep(SHUTDOWN_SECONDS)
        os._exit(1)


def _announce_when_ready(listen: tuple[str, int], line: str, first: Any) -> None:
    end = time.monotonic() + START_SECONDS
    while not _is_answering(listen):
        if time.monotonic() > end:
            return
        time.sleep(POLL_SECONDS)
    if first.acquire(block=False):
        click.echo(line)


def _is_answering(listen: tuple[str, int]) -> bool:
    connection = HTTPConnection(*listen, timeout=START_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status < 500  # noqa: PLR2004 - the server is up; the database is its own matter
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
