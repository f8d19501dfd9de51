"""A PgBouncer in transaction mode, in front of the PostgreSQL of the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

START_SECONDS = 10
# Each transaction gets another connection to the server than the one before.
SETTINGS = """\
[databases]
* = host={host} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool_size}
server_round_robin = 1
max_client_conn = 200
ignore_startup_parameters = {ignored}
"""


def find_pgbouncer() -> str | None:
    """The program; Debian installs it where only root looks."""
    return shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def run_pgbouncer(
    server_url: str, folder: Path, *, pool_size: int = 12, ignored: str = ""
) -> Iterator[str]:
    """Run a PgBouncer before a server and give its address."""
    program, port = find_pgbouncer(), free_port()
    assert program
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        SETTINGS.format(
            host=_host(server_url),
            port=port,
            pool_size=pool_size,
            ignored=ignored,
        )
    )
    # It refuses to run as root; the socket's owner may open it.
    user = ["--user", Path(_host(server_url)).owner()] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, "--quiet", *user, str(settings)])
    try:
        _wait_for_port(port, process)
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait()


def _host(server_url: str) -> str:
    """The folder of a server's socket."""
    return str(make_url(server_url).query["host"])


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "PgBouncer ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("PgBouncer does not listen")
