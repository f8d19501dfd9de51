"""Three PostgreSQL servers under Patroni, with one etcd, each a process of this machine."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import requests

from tests.support.pgbouncer import free_port
from tests.support.postgres_servers import PROGRAMS, SERVER_USER, server_user

START_SECONDS = 60
# Seconds: the shortest lease of a leader that Patroni accepts.
LEASE_SECONDS = 20
LOOP_SECONDS, RETRY_SECONDS = 2, 5


class Cluster:
    """The servers; `is_synchronous` lets a commit wait until a standby has it."""

    def __init__(self, folder: Path, patroni: Path, *, is_synchronous: bool) -> None:
        self._folder = folder
        self._patroni = patroni
        self._is_synchronous = is_synchronous
        self._etcd_port = free_port()
        self._etcd: subprocess.Popen[bytes] | None = None
        self.nodes = [Node(self, folder / f"n{number}") for number in range(3)]

    @property
    def url(self) -> str:
        """The address of all three; the one that can be written to is used."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return (
            f"postgresql://postgres@/postgres?host={hosts}"
            "&target_session_attrs=read-write"
        )

    def start(self) -> None:
        """Start everything and wait for a leader with standbys."""
        self._start_etcd()
        for node in self.nodes:
            node.start()
        wait_until(self._is_complete, START_SECONDS, "the cluster is not complete")

    def stop(self) -> None:
        """Kill everything."""
        for node in self.nodes:
            node.kill_all()
        if self._etcd:
            self._etcd.kill()
            self._etcd.wait()

    def leader(self) -> Node:
        """The node that can be written to; waits for it."""
        found: list[Node] = []

        def find() -> bool:
            found[:] = [node for node in self.nodes if node.has_role("/primary")]
            return bool(found)

        wait_until(find, START_SECONDS, "there is no leader")
        return found[0]

    def pause_etcd(self, seconds: float) -> None:
        """Stop etcd for a time, as if its machine were frozen."""
        assert self._etcd
        self._etcd.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._etcd.send_signal(signal.SIGCONT)

    def configuration(self, node: Node) -> dict[str, Any]:
        """Patroni's settings for a node."""
        password = {"username": "postgres", "password": "unused"}
        return {
            "scope": "collab",
            "name": node.folder.name,
            "restapi": {"listen": f"127.0.0.1:{node.api_port}"},
            "etcd3": {"hosts": [f"127.0.0.1:{self._etcd_port}"]},
            "bootstrap": {
                "dcs": {
                    "ttl": LEASE_SECONDS,
                    "loop_wait": LOOP_SECONDS,
                    "retry_timeout": RETRY_SECONDS,
                    "primary_start_timeout": 0,
                    "failsafe_mode": True,
                    "synchronous_mode": self._is_synchronous,
                    "synchronous_mode_strict": self._is_synchronous,
                    "maximum_lag_on_failover": 2**30,
                    "postgresql": {
                        "use_pg_rewind": True,
                        "parameters": {
                            "max_connections": 60,
                            "shared_buffers": "32MB",
                            "fsync": "off",  # no test takes the machine's power
                            "wal_keep_size": "256MB",
                        },
                        "pg_hba": [
                            "host all all 127.0.0.1/32 trust",
                            "host replication all 127.0.0.1/32 trust",
                        ],
                    },
                },
                "initdb": [{"encoding": "UTF8"}, "no-sync"],
            },
            "postgresql": {
                "listen": f"127.0.0.1:{node.port}",
                "connect_address": f"127.0.0.1:{node.port}",
                "data_dir": str(node.folder / "data"),
                "bin_dir": str(PROGRAMS),
                "pgpass": str(node.folder / "pgpass"),
                "remove_data_directory_on_rewind_failure": True,
                "remove_data_directory_on_diverged_timelines": True,
                "parameters": {"unix_socket_directories": ""},
                "authentication": {"superuser": password, "replication": password},
            },
            "watchdog": {"mode": "off"},
        }

    def start_patroni(self, settings: Path, log: Path) -> subprocess.Popen[bytes]:
        """Start Patroni with a file of settings."""
        with log.open("ab") as file:
            return subprocess.Popen(
                [self._patroni, settings],
                stdout=file,
                stderr=file,
                cwd="/",
                user=server_user(),
                start_new_session=True,
            )

    def _start_etcd(self) -> None:
        client = f"http://127.0.0.1:{self._etcd_port}"
        peer = f"http://127.0.0.1:{free_port()}"
        program = shutil.which("etcd")
        assert program
        with (self._folder / "etcd.log").open("ab") as log:
            self._etcd = subprocess.Popen(
                [
                    program,
                    *("--data-dir", self._folder / "etcd"),
                    *("--listen-client-urls", client),
                    *("--advertise-client-urls", client),
                    *("--listen-peer-urls", peer),
                    *("--initial-advertise-peer-urls", peer),
                    *("--initial-cluster", f"default={peer}"),
                ],
                stdout=log,
                stderr=log,
            )

    def _is_complete(self) -> bool:
        role = "/synchronous" if self._is_synchronous else "/replica"
        wanted = 1 if self._is_synchronous else 2
        return (
            any(node.has_role("/primary") for node in self.nodes)
            and sum(node.has_role(role) for node in self.nodes) >= wanted
            and sum(node.has_role("/replica") for node in self.nodes) == 2
        )


class Node:
    """One machine of the cluster: Patroni with its server."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._cluster = cluster
        self.folder = folder
        self.port, self.api_port = free_port(), free_port()
        self._patroni: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start Patroni, which starts the server."""
        settings = self.folder / "patroni.json"
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700)
            settings.write_text(json.dumps(self._cluster.configuration(self)))
            if os.geteuid() == 0:
                user = pwd.getpwnam(SERVER_USER)
                for path in (self.folder, settings):
                    os.chown(path, user.pw_uid, user.pw_gid)
        self._patroni = self._cluster.start_patroni(
            settings, self.folder.parent / f"{self.folder.name}.log"
        )

    def has_role(self, path: str) -> bool:
        """Whether Patroni says that the server has the role of this path."""
        address = f"http://127.0.0.1:{self.api_port}{path}"
        try:
            return bool(requests.get(address, timeout=2).ok)
        except requests.RequestException:
            return False

    def kill_server(self) -> None:
        """Kill the server with all its processes; Patroni lives on."""
        _kill(self._server_processes())

    def kill_all(self) -> None:
        """Kill Patroni and the server, as if the machine were gone."""
        if self._patroni:
            self._patroni.kill()
        _kill(self._server_processes())
        if self._patroni:
            self._patroni.wait()

    def stop_walsenders(self) -> None:
        """Freeze what sends to the standbys."""
        for process in self._server_processes():
            if "walsender" in " ".join(process.cmdline()):
                process.suspend()

    def _server_processes(self) -> list[psutil.Process]:
        try:
            pid = int((self.folder / "data/postmaster.pid").read_text().split()[0])
            main = psutil.Process(pid)
            return [main, *main.children(recursive=True)]
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return []


def wait_until(is_so: Callable[[], bool], seconds: float, problem: str) -> None:
    """Wait for a condition; raise TimeoutError with what is wrong."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(problem)
        time.sleep(0.2)


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
