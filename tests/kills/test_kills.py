"""The real program is killed at each step: nothing is lost, nothing is done twice."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from bot.playground import NoAnswer
from bot.playground.server import Playground
from collab.events import (
    InvitationAccepted,
    InvitationExpired,
    InvitationSent,
    MemberJoined,
)
from collab.invitations.commands import ResendInvitation
from collab.model import WorkspaceId
from storage.database import Database
from tests.bench.program import free_port
from tests.kills import program
from tests.support.app_harness import ACK_TIMEOUT_SECONDS, new_traffic_path
from tests.support.builders import Scenario
from tests.support.mail_sink import run_mail_sink
from tests.support.replay import assert_replay_gives_state

# What a program imports, without which each start takes ten times as long.
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "bot.server",
        "bot.slack.socket_mode",
        "apscheduler.schedulers.background",
        "requests",
    ]
)
# Seconds that a program may take for a step; it takes one or two when nothing else runs.
PATIENCE = 60
TIMES = 3
COMMAND = [
    "command decided",
    "command recorded",
    "command before commit",
    "command committed",
]
PAGE = [point.replace("command", "page") for point in COMMAND]
COURIER = ["delivery claimed", "delivery sending", "delivery sent", "delivery settled"]
SWEEP = [
    "due-work begun",
    "due-work decided",
    "due-work recorded",
    "due-work before commit",
    "due-work committed",
]

LINK = re.compile(r"http://\S+/i/[A-Za-z0-9_-]{43}")

_worlds = count(1)
pytestmark = pytest.mark.timeout(120)


class Scene:
    """A playground, a database, and a program that comes and goes."""

    def __init__(self, playground: Playground, url: str, folder: Path) -> None:
        self.playground = playground
        self.url = url
        self.folder = folder
        self.kills = 0
        self.settings: dict[str, str] = {}

    def world(self, at: datetime) -> Scenario:
        """The same workspace, acted in from here, at another time."""
        world = Scenario(
            Database.open(self.url),
            workspace=WorkspaceId(self.playground.team_id),
            at=at,
            id_prefix=f"K{next(_worlds)}X",
        )
        world.database.engine.dispose()
        return world

    @contextmanager
    def program(self, point: str = "") -> Iterator[BaseProcess]:
        """The program, connected, until the end of the block or its own end."""
        settings = {
            "SLACK_BOT_TOKEN": self.playground.bot_token,
            "SLACK_APP_TOKEN": self.playground.app_token,
            "SLACK_API_URL": f"{self.playground.url}/api/",
            "DATABASE_URL": self.url,
            "COLLAB_TICK": "1s",
            program.KILL: point,
            **self.settings,
        }
        run = FORKS.Process(
            target=program.run, args=(settings, self.folder / "program.log")
        )
        run.start()
        try:
            yield run
        finally:
            run.terminate()
            run.join(10)
            run.kill()
            run.join()

    def connected(self, run: BaseProcess) -> bool:
        """Wait until the program is there; false when it died before."""
        self.playground.wait_until(
            lambda: self.playground.is_connected or not run.is_alive(), timeout=PATIENCE
        )
        return run.is_alive()

    def waits_for_death(self, run: BaseProcess) -> None:
        """The program kills itself."""
        run.join(PATIENCE)
        assert run.exitcode == -signal.SIGKILL
        self.playground.wait_until(
            lambda: not self.playground.is_connected, timeout=PATIENCE
        )
        self.kills += 1

    def settles(self) -> None:
        """A program that nobody kills finishes what was left; leases of the dead are over at once."""
        self.end_leases()
        with self.program() as run:
            assert self.connected(run)
            self.playground.wait_until(self._nothing_waits, timeout=PATIENCE)

    def end_leases(self) -> None:
        """A minute passes for the outbox."""
        self._do("UPDATE outbox SET leased_until = 0 WHERE state = 'queued'")

    def _do(self, statement: str) -> None:
        with (
            closing(Database.open(self.url)) as database,
            database.engine.begin() as connection,
        ):
            connection.execute(text(statement))

    def _nothing_waits(self) -> bool:
        time.sleep(0.2)
        with closing(Database.open(self.url)) as database:
            return database.outbox.seconds_until_next() is None


@pytest.fixture
def scene(sqlite_url: str, tmp_path: Path) -> Iterator[Scene]:
    """Acme exists, owned by Ada; the program is not running."""
    with Playground(traffic_path=new_traffic_path()) as playground:
        playground.ack_timeout_seconds = ACK_TIMEOUT_SECONDS
        scene = Scene(playground, sqlite_url, tmp_path)
        world = scene.world(datetime.now(UTC) - timedelta(days=30))
        world.create_company()
        world.take_outbox()
        world.database.close()
        yield scene
        with closing(Database.open(sqlite_url)) as database:
            assert_replay_gives_state(database)


def count_invitation_messages(scene: Scene, name: str) -> int:
    """Count the invitation messages that a person has."""
    messages = scene.playground.get_user(name).list_direct_messages()
    return sum("invited you" in message["text"] for message in messages)


@pytest.mark.parametrize("point", COMMAND)
def test_killed_command_is_stored_whole_or_not_at_all(scene: Scene, point: str) -> None:
    answered = {}
    for n in range(TIMES):
        person = scene.playground.add_user(f"p{n}")
        with scene.program(point) as run:
            assert scene.connected(run)
            try:
                scene.playground.get_user("ada").type_text(
                    f"/collab invite <@{person.id}> admin acme"
                )
                answered[f"p{n}"] = True
            except NoAnswer:
                answered[f"p{n}"] = False
            scene.waits_for_death(run)

    scene.settles()

    world = scene.world(datetime.now(UTC))
    sent = world.events_of_type(InvitationSent)
    kept = point == "command committed"
    assert len(sent) == (TIMES if kept else 0)
    assert not any(answered.values())
    message_counts = [count_invitation_messages(scene, name) for name in answered]
    assert all(
        kept <= times <= kept * (TIMES - n) for n, times in enumerate(message_counts)
    )
    assert world.database.outbox.list_failed() == []
    world.database.close()


@pytest.mark.parametrize("point", COURIER)
def test_killed_outbox_worker_loses_no_message_and_repeats_at_most_one_a_kill(
    scene: Scene, point: str
) -> None:
    world = scene.world(datetime.now(UTC))
    for n in range(TIMES):
        person = scene.playground.add_user(f"p{n}")
        world.send_invitation(person.id.removeprefix("U").lower())
        scene.end_leases()
        with scene.program(point) as run:
            scene.waits_for_death(run)

    scene.settles()

    message_counts = [count_invitation_messages(scene, f"p{n}") for n in range(TIMES)]
    assert all(
        1 <= times <= 1 + scene.kills - n for n, times in enumerate(message_counts)
    )
    assert point != "delivery claimed" or message_counts == [1] * TIMES
    assert world.database.outbox.list_failed() == []
    world.database.close()


@pytest.mark.parametrize("point", COURIER)
def test_killed_outbox_worker_repeats_a_mail_with_the_same_id_at_most_once_a_kill(
    scene: Scene, point: str
) -> None:
    with run_mail_sink() as (sink, server):
        scene.settings = {
            "SMTP_URL": f"smtp://{server.host}:{server.port}",
            "COLLAB_BASE_URL": scene.playground.url,
            "COLLAB_LISTEN": f"127.0.0.1:{free_port()}",
            "COLLAB_SECRET": "5ecre7" * 6,
        }
        world = scene.world(datetime.now(UTC))
        invitation = world.send_invitation("nina@client.example")
        scene.settles()  # whether Slack knows the address was asked, too
        sink.mails.clear()
        world.execute(ResendInvitation(world.caller_for("ada"), invitation))
        with scene.program(point) as run:
            scene.waits_for_death(run)

        scene.settles()

        assert 1 <= len(sink.mails) <= 1 + scene.kills
        assert len({mail["Message-ID"] for mail in sink.mails}) == 1
        assert len({str(mail.get_body(("plain",))) for mail in sink.mails}) == 1
        assert world.database.outbox.list_failed() == []
        world.database.close()


@pytest.mark.parametrize("point", PAGE)
def test_killed_answer_on_a_page_is_stored_whole_or_not_at_all(
    scene: Scene, point: str
) -> None:
    with run_mail_sink() as (sink, server):
        port = free_port()
        scene.settings = {
            "SMTP_URL": f"smtp://{server.host}:{server.port}",
            "COLLAB_BASE_URL": f"http://127.0.0.1:{port}",
            "COLLAB_LISTEN": f"127.0.0.1:{port}",
            "COLLAB_SECRET": "5ecre7" * 6,
        }
        world = scene.world(datetime.now(UTC))
        world.send_invitation("nina@client.example")
        scene.settles()
        link = LINK.findall(str(sink.mails[-1].get_body(("plain",))))[0]
        with scene.program(point) as run:
            assert scene.connected(run)
            with pytest.raises(requests.ConnectionError):
                press_accept(link)
            scene.waits_for_death(run)
        was_stored = point == "page committed"
        assert len(world.events_of_type(InvitationAccepted)) == was_stored

        with scene.program() as run:
            assert scene.connected(run)
            page = requests.get(link, timeout=PATIENCE).text
            assert ("You accepted this invitation" in page) == was_stored
            if not was_stored:
                press_accept(link)
        scene.settles()

        assert len(world.events_of_type(InvitationAccepted)) == 1
        joined = [e.role for e in world.events_of_type(MemberJoined)]
        assert joined == ["owner", "admin"]
        texts = [
            m["text"] for m in scene.playground.get_user("ada").list_direct_messages()
        ]
        assert any("nina@client.example accepted" in text for text in texts)
        assert world.database.outbox.list_failed() == []
        world.database.close()


def press_accept(link: str) -> None:
    """Open a page and press Accept."""
    page = requests.get(link, timeout=PATIENCE).text
    nonce = re.findall(r'name="nonce" value="([^"]+)"', page)[0]
    requests.post(link, {"action": "accept", "nonce": nonce}, timeout=PATIENCE)


@pytest.mark.parametrize("point", SWEEP)
def test_killed_due_work_is_done_once_by_the_next_run(scene: Scene, point: str) -> None:
    for n in range(TIMES):
        person = scene.playground.add_user(f"p{n}")
        past = scene.world(datetime.now(UTC) - timedelta(days=8))
        past.send_invitation(person.id.removeprefix("U").lower())
        past.database.close()
        with scene.program(point) as run:
            scene.waits_for_death(run)

    with scene.program() as run:
        assert scene.connected(run)
        scene.playground.wait_until(lambda: _expired(scene) == TIMES, timeout=PATIENCE)
    scene.settles()

    assert _expired(scene) == TIMES
    texts = [m["text"] for m in scene.playground.get_user("ada").list_direct_messages()]
    assert (
        sum("expired" in t and "did not answer" in t for t in texts)
        <= TIMES + scene.kills
    )


def _expired(scene: Scene) -> int:
    with closing(Database.open(scene.url)) as database:
        return sum(
            isinstance(r.event, InvitationExpired)
            for r in database.event_log.export_events(
                WorkspaceId(scene.playground.team_id)
            )
        )
