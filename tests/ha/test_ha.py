"""Servers, machines and processes fail while a crowd types: what was confirmed stays.

`make test-ha` runs this; it takes minutes and both cores.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread, Timer

import pytest

from bot.playground.server import Playground
from storage.database import Database
from tests.bench.program import ROOT, environment
from tests.ha.cluster import Cluster, Node, wait_until
from tests.ha.crowd import Crowd, find_faults
from tests.support.replay import assert_replay_gives_state

PATRONI = Path(os.environ.get("COLLAB_PATRONI", ROOT / ".venv/ha/bin/patroni"))
pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(not shutil.which("etcd"), reason="etcd is not installed"),
    pytest.mark.skipif(
        not PATRONI.exists(), reason="Patroni is not installed: make test-ha"
    ),
]
FAULT_SECONDS = 20.0
DRAIN_SECONDS = 120.0
MAX_SILENCE_SECONDS = 25.0
# Past Patroni's patience with etcd, but not the leader's lease.
ETCD_PAUSE_SECONDS = 12.0
FROZEN_SECONDS = 5.0
MOVE_SECONDS = 1.0  # after a fault began
EVENT_RETRY_SECONDS = (1, 10, 20)  # Slack's are 0, 60 and 300
RUN = ("-c", "from bot.cli import main; main()", "run")
RUN_WITHOUT_IDEMPOTENCY = ("-m", "tests.ha.program")


class Apps:
    """Two `collab run`, each started again when it ends."""

    def __init__(
        self, playground: Playground, url: str, folder: Path, call: Sequence[str]
    ) -> None:
        self._command = [sys.executable, *call]
        self._environment = environment(
            playground,
            url,
            None,
            COLLAB_TICK="1s",
            COLLAB_DAILY_INVITATIONS="100000",
            COLLAB_FILES="database",
        )
        self._folder = folder
        self._stop = Event()
        self._programs: list[subprocess.Popen[bytes]] = []
        self._guards: list[Thread] = []

    def start(self) -> None:
        """Start both."""
        self._programs = [self._start(number) for number in range(2)]
        self._guards = [Thread(target=self._guard, args=(n,)) for n in range(2)]
        for guard in self._guards:
            guard.start()

    def kill_one(self) -> None:
        """Kill the first; it is back after a moment."""
        self._programs[0].send_signal(signal.SIGKILL)

    def stop(self) -> None:
        """Stop both."""
        self._stop.set()
        for guard in self._guards:
            guard.join()
        for program in self._programs:
            program.kill()
            program.wait()

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        with (self._folder / f"app{number}.log").open("ab") as log:
            return subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    def _guard(self, number: int) -> None:
        while not self._stop.wait(1):
            if self._programs[number].poll() is not None:
                self._programs[number] = self._start(number)


class Stage:
    """The cluster, the apps and the crowd of one run."""

    def __init__(self, cluster: Cluster, apps: Apps) -> None:
        self.cluster = cluster
        self.apps = apps

    def kill_leader(self) -> None:
        """The leader's server dies; its machine is there."""
        self.cluster.leader().kill_server()

    def lose_machine(self) -> None:
        """The leader's machine dies, and comes back after the new leader."""
        node = self.cluster.leader()
        node.kill_all()
        Thread(target=self._bring_back, args=(node,), daemon=True).start()

    def freeze_senders_and_kill_leader(self) -> None:
        """What the leader confirms meanwhile reaches no standby."""
        node = self.cluster.leader()
        node.stop_walsenders()
        time.sleep(FROZEN_SECONDS)
        node.kill_server()

    def kill_app(self) -> None:
        """One of the processes of Collab dies."""
        self.apps.kill_one()

    def pause_etcd(self) -> None:
        """Patroni cannot ask who leads."""
        self.cluster.pause_etcd(ETCD_PAUSE_SECONDS)

    def _bring_back(self, node: Node) -> None:
        self.cluster.leader()
        node.start()


@contextmanager
def stage(
    *, is_synchronous: bool = True, call: Sequence[str] = RUN
) -> Iterator[tuple[Stage, Playground, Database]]:
    """Start everything; stop it at the end."""
    where = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with (
        tempfile.TemporaryDirectory(
            prefix="collab-ha-", dir=where, ignore_cleanup_errors=True
        ) as name,
        Playground() as playground,
    ):
        folder = Path(name)
        folder.chmod(0o777)
        playground.retry_delays = EVENT_RETRY_SECONDS
        cluster = Cluster(folder, PATRONI, is_synchronous=is_synchronous)
        apps = Apps(playground, cluster.url, folder, call)
        try:
            cluster.start()
            with closing(Database.open(cluster.url)) as database:
                database.upgrade_schema()
                apps.start()
                wait_until(lambda: playground.is_connected, 60, "no app is connected")
                yield Stage(cluster, apps), playground, database
        except BaseException:
            print_logs(folder)
            raise
        finally:
            apps.stop()
            cluster.stop()


def print_logs(folder: Path) -> None:
    """Show the last lines of each log, for a run that failed."""
    for path in sorted(folder.glob("*.log")):
        lines = path.read_text(errors="replace").splitlines()[-15:]
        print(f"--- {path.name}", *lines, sep="\n")


def run_crowd(
    stage: Stage,
    playground: Playground,
    database: Database,
    faults: Sequence[Callable[[Stage], None]],
) -> list[str]:
    """Let a crowd type during the faults, one after the other; return what is wrong."""
    crowd = Crowd(playground)
    crowd.repeat_requests(is_repeated=True)
    crowd.start()
    for number, fault in enumerate(faults):
        crowd.repeat_requests(is_repeated=number % 2 == 1)
        time.sleep(FAULT_SECONDS / 2)
        before = time.monotonic()
        Timer(MOVE_SECONDS, crowd.move, [number]).start()
        fault(stage)
        time.sleep(max(0.0, FAULT_SECONDS / 2 - (time.monotonic() - before)))
        print(f"{fault.__name__}: {len(crowd.observations.confirmed)} confirmed")
    time.sleep(FAULT_SECONDS)
    crowd.stop()
    crowd.repeat_requests(is_repeated=False)
    seen = crowd.observations
    time.sleep(sum(EVENT_RETRY_SECONDS))
    wait_until(lambda: has_delivered(database), DRAIN_SECONDS, "deliveries wait")
    print(
        f"{len(seen.confirmed)} confirmed, {len(seen.refused)} refused,"
        f" {len(seen.unanswered)} without an answer,"
        f" {seen.longest_silence():.1f} s of silence"
    )
    problems = find_faults(seen, playground, database)
    if seen.longest_silence() > MAX_SILENCE_SECONDS:
        problems.append(f"silent for {seen.longest_silence():.1f} s")
    if any(problem.startswith("missed") for problem in problems):
        print(*problems, sep="\n")
        for entry in playground.traffic_entries:
            if "user_change" in str(entry.get("summary")):
                print(entry)
    print(dict(Counter(problem.split()[0] for problem in problems)) or "no problems")
    return problems


def has_delivered(database: Database) -> bool:
    """Whether nothing waits in the outbox."""
    return database.outbox.seconds_until_next() is None


def test_whatever_fails_what_was_confirmed_is_there_once() -> None:
    faults = [
        Stage.kill_leader,
        Stage.kill_app,
        Stage.freeze_senders_and_kill_leader,
        Stage.pause_etcd,
        Stage.lose_machine,
    ]
    with stage() as (scene, playground, database):
        assert run_crowd(scene, playground, database, faults) == []
        assert_replay_gives_state(database)


def test_control_without_synchronous_replication_confirmed_acts_are_lost() -> None:
    faults = [Stage.freeze_senders_and_kill_leader]
    with stage(is_synchronous=False) as parts:
        problems = run_crowd(*parts, faults)
    assert any(problem.startswith("lost ") for problem in problems)


def test_control_without_idempotency_acts_are_done_twice() -> None:
    with stage(call=RUN_WITHOUT_IDEMPOTENCY) as parts:
        problems = run_crowd(*parts, [])
    assert any(problem.startswith("doubled ") for problem in problems)
