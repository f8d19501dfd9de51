"""The command line in real processes: exit codes, and one line where something is wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.ids import new_id
from bot.playground.server import Playground
from bot.playground.tutorial import TUTORIAL_STEPS_WITH_HISTORY
from collab.events import ResourceDisabled, ResourceEnabled
from collab.installations import Installation, Tokens
from collab.model import WorkspaceId
from collab.people import UninstallWorkspace
from collab.resource_names import make_slug
from storage.database import Database
from tests.support.app_harness import ACK_TIMEOUT_SECONDS, new_traffic_path
from tests.support.builders import Scenario
from tests.support.mail_sink import run_mail_sink
from tests.support.tty import (
    COLLAB_COMMAND,
    CompletedCommand,
    build_environment,
    run_as_program,
    run_in_process,
)

pytestmark = pytest.mark.slow  # starts the program

SIGNING = "5ecre75ecre75ecre75ecre7"
DEAF = "http://127.0.0.1:9/api/"


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(traffic_path=new_traffic_path()) as run_program:
        run_program.ack_timeout_seconds = ACK_TIMEOUT_SECONDS
        yield run_program


def for_slack(playground: Playground, **more: str) -> dict[str, str]:
    address = {
        "SLACK_API_URL": f"{playground.url}/api/",
        "SLACK_BOT_TOKEN": playground.bot_token,
    }
    return build_environment(**(address | more))


def socket_mode(playground: Playground, **more: str) -> dict[str, str]:
    return for_slack(playground, **({"SLACK_APP_TOKEN": playground.app_token} | more))


class Program:
    """A running `collab` with its output read line by line."""

    def __init__(self, folder: Path, env: dict[str, str], *words: str) -> None:
        self.process = subprocess.Popen(
            [*COLLAB_COMMAND, *words],
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []

    def until_ready(self) -> str:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith("Collab is ready"):
                return line
        raise AssertionError("".join(self.said))

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process.stdout
        self.process.send_signal(number)
        self.said.append(self.process.stdout.read())
        return self.process.wait(timeout=30)


@contextmanager
def run_program(folder: Path, env: dict[str, str], *words: str) -> Iterator[Program]:
    program = Program(folder, env, *words)
    try:
        yield program
    finally:
        with suppress(ProcessLookupError):
            os.killpg(program.process.pid, signal.SIGKILL)
        program.process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# Usage and settings


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["demo"],
        ["run"],
        ["check"],
        ["check", "mail"],
        ["db"],
        ["db", "upgrade"],
        ["events"],
        ["events", "export"],
        ["files"],
        ["files", "migrate"],
        ["deliveries"],
        ["deliveries", "list"],
        ["deliveries", "retry"],
        ["invoices"],
        ["invoices", "add"],
        ["invoices", "import"],
        ["mail"],
        ["mail", "receive"],
        ["mail", "suppressed"],
    ],
)
def test_every_command_has_help(tmp_path: Path, words: list[str]) -> None:
    done = run_in_process(tmp_path, build_environment(), *words, "--help")
    assert done.returncode == 0
    assert "Usage: collab" in done.stdout
    assert done.stderr == ""


def test_installed_program_behaves_alike(tmp_path: Path) -> None:
    done = run_as_program(tmp_path, build_environment(), "run")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("collab: SLACK_BOT_TOKEN is missing: ")
    assert done.stderr.count("\n") == 1
    assert run_as_program(
        tmp_path, build_environment(), "run", "--help"
    ).stdout.startswith("Usage: collab run")


@pytest.mark.parametrize(
    "words",
    [
        ["unknown"],
        ["run", "--fast"],
        ["demo", "--port", "many"],
        ["deliveries", "retry"],
    ],
)
def test_wrong_usage_exits_with_2(tmp_path: Path, words: list[str]) -> None:
    assert run_in_process(tmp_path, build_environment(), *words).returncode == 2


@pytest.mark.parametrize(
    ("env", "line"),
    [
        ({}, "collab: SLACK_BOT_TOKEN is missing: "),
        (
            {"SLACK_BOT_TOKEN": "xoxb-1111-2222-3333"},
            "collab: SLACK_SIGNING_SECRET is missing: ",
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxp-1111-2222-secret"},
            "collab: SLACK_BOT_TOKEN isn't a token that starts with xoxb-: ",
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxb-1111-2222-3333", "COLLAB_TICK": "often"},
            "collab: SLACK_SIGNING_SECRET is missing: ",
        ),
    ],
)
@pytest.mark.parametrize("words", [["run"], ["check"]])
def test_wrong_settings_are_one_line_and_exit_with_2(
    tmp_path: Path, env: dict[str, str], line: str, words: list[str]
) -> None:
    done = run_in_process(tmp_path, build_environment(**env), *words)
    assert done.returncode == 2
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr.replace("signing secret", "").partition(
        "Example"
    )[0].replace("SECRET", "")
    assert list(tmp_path.iterdir()) == []


def fail_to_start(folder: Path, env: dict[str, str], *words: str) -> str:
    """The one line with which a command fails."""
    done = run_in_process(folder, env, *words)
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_unreachable_slack_is_one_line(tmp_path: Path) -> None:
    env = build_environment(
        SLACK_BOT_TOKEN="xoxb-1111-2222-3333",
        SLACK_SIGNING_SECRET=SIGNING,
        SLACK_API_URL=DEAF,
    )
    env["COLLAB_LISTEN"] = f"127.0.0.1:{free_port()}"
    assert (
        "Can't reach Slack at http://127.0.0.1:9/api/ (unreachable)"
        in fail_to_start(tmp_path, env, "run")
    )


def test_refused_token_is_one_line(tmp_path: Path, playground: Playground) -> None:
    env = socket_mode(playground, SLACK_BOT_TOKEN="xoxb-1111-2222-3333")
    assert "Slack rejected SLACK_BOT_TOKEN (invalid_auth)" in fail_to_start(
        tmp_path, env, "run"
    )
    env = for_slack(playground, SLACK_APP_TOKEN="xapp-1111-2222-3333")
    assert "Slack rejected SLACK_APP_TOKEN (invalid_auth)" in fail_to_start(
        tmp_path, env, "run"
    )


# The database


def test_newer_database_stops_the_start(
    tmp_path: Path, playground: Playground, sqlite_url: str
) -> None:
    with (
        closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as there,
        there,
    ):
        there.execute("UPDATE alembic_version SET version_num = '9999'")
    for words in (
        ["run"],
        ["db", "upgrade"],
        ["deliveries", "list"],
        ["events", "export"],
    ):
        assert "belongs to a newer version of Collab" in fail_to_start(
            tmp_path, socket_mode(playground, DATABASE_URL=sqlite_url), *words
        )


def test_locked_database_stops_the_start(
    tmp_path: Path, playground: Playground, sqlite_url: str
) -> None:
    with closing(
        sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    ) as other:
        other.execute("BEGIN EXCLUSIVE")
        line = fail_to_start(
            tmp_path, socket_mode(playground, DATABASE_URL=sqlite_url), "run"
        )
    assert "is busy or locked by another program" in line


def test_file_that_is_no_database_stops_the_start(
    tmp_path: Path, playground: Playground
) -> None:
    (tmp_path / "notes.txt").write_text("nothing that SQLite knows\n" * 100)
    line = fail_to_start(
        tmp_path, socket_mode(playground, DATABASE_URL="sqlite:///notes.txt"), "run"
    )
    assert line.startswith("collab: The database sqlite:///notes.txt")


def test_missing_folder_stops_the_start(tmp_path: Path, playground: Playground) -> None:
    line = fail_to_start(
        tmp_path,
        socket_mode(playground, DATABASE_URL="sqlite:///nowhere/c.sqlite3"),
        "run",
    )
    assert "Can't reach the database" in line


def test_unreachable_postgresql_hides_its_password(
    tmp_path: Path, playground: Playground
) -> None:
    env = socket_mode(
        playground, DATABASE_URL="postgresql://collab:passw0rd@127.0.0.1:9/collab"
    )
    line = fail_to_start(tmp_path, env, "run")
    assert "Can't reach the database" in line
    assert "passw0rd" not in line


@pytest.mark.postgres
def test_postgresql_is_upgraded_only_when_asked_to(
    tmp_path: Path, playground: Playground, postgres_server: str
) -> None:
    with (
        closing(Database.open(postgres_server)) as database,
        database.engine.connect() as there,
    ):
        there.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
            "CREATE DATABASE empty_one"
        )
    head, _, rest = postgres_server.partition("?")
    url = head.rpartition("/")[0] + "/empty_one" + (f"?{rest}" if rest else "")
    env = socket_mode(playground, DATABASE_URL=url)
    assert "run `collab db upgrade`" in fail_to_start(tmp_path, env, "run")
    done = run_in_process(tmp_path, env, "db", "upgrade")
    assert (done.returncode, done.stderr) == (0, "")
    with run_program(tmp_path, env, "run") as program:
        assert "postgresql" in program.until_ready()
        assert program.stop() == 0


# Running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_socket_mode_starts_answers_and_stops(
    tmp_path: Path, playground: Playground, number: int
) -> None:
    env = socket_mode(
        playground,
        SLACK_CLIENT_ID="1.2",
        SLACK_CLIENT_SECRET="x",
        HTTPS_PROXY="http://127.0.0.1:9",
    )
    with run_program(tmp_path, env, "run") as program:
        assert (
            program.until_ready()
            == "Collab is ready: Acme HQ, Socket Mode, sqlite:///collab.sqlite3\n"
        )
        answer = playground.get_user("ada").type_text("/collab help")
        assert answer is not None
        assert "invite" in json.dumps(answer)
        assert program.stop(number) == 0
    assert "Traceback" not in "".join(program.said)


def test_pages_are_served_beside_socket_mode(
    tmp_path: Path, playground: Playground
) -> None:
    port = free_port()
    env = socket_mode(
        playground,
        COLLAB_LISTEN=f"127.0.0.1:{port}",
        COLLAB_BASE_URL=f"http://127.0.0.1:{port}",
        COLLAB_SECRET="5ecre7" * 6,
    )
    with run_program(tmp_path, env, "run") as program:
        assert f"Socket Mode, pages on 127.0.0.1:{port}" in program.until_ready()
        page = requests.get(f"http://127.0.0.1:{port}/i/unknown", timeout=10)
        assert page.status_code == 404
        assert "This link doesn't work" in page.text
        assert (
            requests.get(f"http://127.0.0.1:{port}/health", timeout=10).text == "ok\n"
        )
        assert program.stop() == 0
    assert "Traceback" not in "".join(program.said)


def test_invite_and_accept_in_socket_mode(
    tmp_path: Path, playground: Playground
) -> None:
    with run_program(tmp_path, socket_mode(playground), "run") as program:
        program.until_ready()
        invite_and_accept(playground)
        assert program.stop() == 0
    assert "ERROR" not in "".join(program.said)


def test_invite_and_accept_over_signed_http(
    tmp_path: Path, playground: Playground
) -> None:
    with run_http_program(tmp_path, playground) as (program, _):
        invite_and_accept(playground)
        assert program.stop() == 0
    assert "ERROR" not in "".join(program.said)
    assert [path.name for path in tmp_path.iterdir()] == ["collab.sqlite3"]


@pytest.mark.postgres
def test_invite_and_accept_over_signed_http_on_postgresql(
    tmp_path: Path,
    playground: Playground,
    postgres_url: str,
    postgres_database: Database,
) -> None:
    assert postgres_database.engine.url.database
    with run_http_program(tmp_path, playground, DATABASE_URL=postgres_url) as (
        program,
        _,
    ):
        invite_and_accept(playground)
        assert program.stop() == 0
    assert "ERROR" not in "".join(program.said)


@pytest.mark.postgres
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_each_worker_answers_with_the_metrics_of_all(
    tmp_path: Path,
    playground: Playground,
    postgres_url: str,
    postgres_database: Database,
) -> None:
    assert postgres_database.engine.url.database
    port = free_port()
    more = {
        "DATABASE_URL": postgres_url,
        "COLLAB_METRICS_LISTEN": f"127.0.0.1:{port}",
    }
    with run_http_program(tmp_path, playground, **more) as (program, _):
        for _ in range(5):
            playground.get_user("ada").type_text("/collab help", channel="general")
        counts = {count_commands(port) for _ in range(10)}
        assert counts == {5.0}
        worker = workers_of(program)[0]
        os.kill(worker, signal.SIGKILL)
        playground.wait_until(lambda: worker not in workers_of(program), 20)
        assert count_commands(port) == 5.0
        assert program.stop() == 0


def count_commands(port: int) -> float:
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    counts = re.findall(r"^collab_commands_total{.*} (.+)$", text, re.MULTILINE)
    return sum(map(float, counts))


@contextmanager
def run_http_program(
    folder: Path, playground: Playground, **more: str
) -> Iterator[tuple[Program, int]]:
    port = free_port()
    listen = {
        "SLACK_SIGNING_SECRET": playground.signing_secret,
        "COLLAB_LISTEN": f"127.0.0.1:{port}",
    }
    with run_program(folder, for_slack(playground, **listen, **more), "run") as program:
        assert f"HTTP on 127.0.0.1:{port}" in program.until_ready()
        playground.request_url = f"http://127.0.0.1:{port}/slack/events"
        yield program, port


def test_socket_mode_stops_however_early(
    tmp_path: Path, playground: Playground
) -> None:
    for _ in range(3):
        with run_program(tmp_path, socket_mode(playground), "run") as program:
            program.until_ready()
            assert program.stop() == 0


def workers_of(program: Program) -> list[int]:
    children = Path(f"/proc/{program.process.pid}/task/{program.process.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_killed_worker_is_replaced_and_killed_program_leaves_none(
    tmp_path: Path, playground: Playground
) -> None:
    with run_http_program(tmp_path, playground) as (program, port):
        [worker] = workers_of(program)
        os.kill(worker, signal.SIGKILL)
        playground.wait_until(
            lambda: worker not in workers_of(program) and is_answering(port), 20
        )
        program.process.kill()
        playground.wait_until(lambda: not is_answering(port), 20)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_program_killed_while_its_worker_loads_leaves_none(
    tmp_path: Path, playground: Playground, seconds: float
) -> None:
    listen = {
        "SLACK_SIGNING_SECRET": playground.signing_secret,
        "COLLAB_LISTEN": f"127.0.0.1:{free_port()}",
    }
    with run_program(tmp_path, for_slack(playground, **listen), "run") as program:
        playground.wait_until(lambda: workers_of(program), 20)
        [worker] = workers_of(program)
        time.sleep(seconds)
        program.process.kill()
        playground.wait_until(lambda: not is_running(worker), 20)


def is_running(pid: int) -> bool:
    """Return whether a process is there and did not end; one that ended may wait for its parent to take note."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except FileNotFoundError:
        return False


def is_answering(port: int) -> bool:
    try:
        return post_request(port, "GET", "/health") == 200
    except OSError:
        return False


def invite_and_accept(playground: Playground) -> None:
    """Create, link, invite, accept; the channel hears and no live button is left."""
    ada, carl = playground.get_user("ada"), playground.get_user("carl")
    ada.type_text("/collab create company Acme", "acme")
    ada.type_text("/collab link acme", "acme")
    ada.type_text("/collab invite @carl admin acme", "acme")
    [invitation] = playground.wait_until(carl.list_direct_messages, 10)
    carl.press_button(invitation, "accept")
    playground.wait_until(
        lambda: any("UCARL" in m["text"] for m in ada.list_messages("acme")), 10
    )
    playground.wait_until(
        lambda: (
            "'action_id': 'accept'" not in str(carl.list_direct_messages()[0]["blocks"])
        ),
        10,
    )


def post_request(
    port: int,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        # Who turns a body away by its length may answer and close before all of it is sent; the answer is there then.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, path, body, headers or {})
        return connection.getresponse().status


def test_server_rejects_requests_that_are_not_slacks(
    tmp_path: Path, playground: Playground
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    stamped = form | {
        "X-Slack-Request-Timestamp": "now",
        "X-Slack-Signature": "v0=" + "0" * 64,
    }
    with run_http_program(tmp_path, playground) as (program, port):
        assert post_request(port, "GET", "/health") == 200
        assert post_request(port, "GET", "/") == 404
        assert post_request(port, "GET", "/slack/events") == 405
        assert post_request(port, "POST", "/slack/events", b"whisper=1", form) == 401
        assert post_request(port, "POST", "/slack/events", b"payload={", stamped) == 401
        assert (
            post_request(port, "POST", "/slack/events", b"x" * (1024 * 1024 + 1), form)
            == 413
        )
        assert (
            post_request(
                port,
                "POST",
                "/slack/events",
                b"",
                form | {"Content-Length": str(1024 * 1024 + 1)},
            )
            == 413
        )
        assert (
            post_request(
                port, "POST", "/slack/events", b"{}", {"Content-Type": "text/plain"}
            )
            == 415
        )
        assert program.stop() == 0
    assert "whisper" not in "".join(program.said)


def test_port_in_use_is_one_line(tmp_path: Path, playground: Playground) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        env = for_slack(playground, SLACK_SIGNING_SECRET=SIGNING, COLLAB_LISTEN=listen)
        done = run_in_process(tmp_path, env, "run")
    assert done.returncode == 2
    assert done.stderr.startswith(f"collab: COLLAB_LISTEN: {listen} can't be used")


def test_demo_needs_no_settings_and_leaves_nothing(tmp_path: Path) -> None:
    places = tmp_path / "temporary"
    places.mkdir()
    env = build_environment(
        TMPDIR=str(places),
        HTTP_PROXY="http://127.0.0.1:9",
        HTTPS_PROXY="http://127.0.0.1:9",
    )
    with run_program(tmp_path, env, "demo", "--no-browser") as program:
        assert "http://127.0.0.1:" in program.until_ready()
        assert program.stop(signal.SIGINT) == 0
    assert list(places.iterdir()) == []
    assert list(tmp_path.iterdir()) == [places]
    said = "".join(program.said)
    readme = " ".join((Path(__file__).parents[2] / "README.md").read_text().split())
    for number, thing in enumerate(TUTORIAL_STEPS_WITH_HISTORY, 1):
        assert f"{number}. {strip_markdown(thing.markdown)}." in said
        assert f"{number}. {thing.markdown}." in readme


def strip_markdown(markdown: str) -> str:
    return re.sub(r"[`*]", "", markdown)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--workspaces", "2"), ["Acme HQ", "Nordlicht"]),
        (("--organisation",), ["Acme HQ", "Acme West"]),
    ],
)
def test_demo_with_two_workspaces_begins_with_installing(
    tmp_path: Path, options: tuple[str, ...], names: list[str]
) -> None:
    with run_program(
        tmp_path, build_environment(), "demo", "--no-browser", *options
    ) as program:
        address = re.search(r"http://127\.0\.0\.1:\d+", program.until_ready())
        assert address
        with requests.Session() as session:
            session.trust_env = False
            shown = session.get(f"{address[0]}/ui/state?as=UADA").json()
            assert [each["name"] for each in shown["workspaces"]] == names
            assert not shown["app"]["is_installed"]
            assert session.get(shown["app"]["install_url"]).ok
        assert program.stop(signal.SIGINT) == 0
    assert "1. Press Install Collab on the left" in "".join(program.said)


def test_demo_without_a_company_begins_with_creating_one(tmp_path: Path) -> None:
    with run_program(
        tmp_path, build_environment(), "demo", "--no-browser", "--no-seed"
    ) as program:
        address = re.search(r"http://127\.0\.0\.1:\d+", program.until_ready())
        assert address
        with requests.Session() as session:
            session.trust_env = False
            listed = session.get(f"{address[0]}/ui/state?as=UADA").json()["tries"]
            for thing in listed[:2]:
                (line,) = re.findall(r"`([^`]+)`", thing["words"])
                session.post(
                    f"{address[0]}/ui/say",
                    json={"as": "UADA", "channel": "C0ACME", "text": line},
                )
            shown = session.get(f"{address[0]}/ui/messages?as=UADA&channel=C0ACME").text
        assert program.stop(signal.SIGINT) == 0
    assert "You invited" in shown
    said = "".join(program.said)
    for number, thing in enumerate(listed, 1):
        assert f"{number}. {strip_markdown(thing['words'])}." in said


# Check


def test_check_passes(tmp_path: Path, playground: Playground) -> None:
    done = run_in_process(tmp_path, socket_mode(playground), "check")
    assert done.returncode == 0
    assert [line[0] for line in done.stdout.splitlines() if "root" not in line] == [
        "✓"
    ] * 8
    assert "mail: none, so only people in Slack are invited" in done.stdout
    assert "files: collab-files will be created with the first invoice" in done.stdout
    assert "plans: none, so no limits" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_check_logs_in_to_the_mail_server(
    tmp_path: Path, playground: Playground
) -> None:
    pages = {
        "COLLAB_BASE_URL": "https://collab.example.com",
        "COLLAB_SECRET": "5ecre7" * 6,
    }
    with run_mail_sink() as (_, server):
        url = f"smtp://{server.host}:{server.port}"
        env = socket_mode(playground, SMTP_URL=url, **pages)
        done = run_in_process(tmp_path, env, "check")
    assert f"✓ ok   mail: {server.host}:{server.port} takes mails" in done.stdout
    assert "from collab@collab.example.com" in done.stdout
    done = run_in_process(tmp_path, env, "check")
    assert f"✗ fix  mail: {server.host}:{server.port} can't be reached" in done.stdout


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_written_files_are_private(tmp_path: Path, playground: Playground) -> None:
    env = socket_mode(playground)
    with run_program(tmp_path, env, "run") as program:
        program.until_ready()
        files = [path for path in tmp_path.iterdir() if path.is_file()]
        assert {path.name for path in files} >= {
            "collab.sqlite3",
            "collab.sqlite3-wal",
            "collab.sqlite3-shm",
        }
        assert {mode_of(path) for path in files} == {0o600}
        assert program.stop() == 0
    (tmp_path / "before.jsonl").write_text("")
    (tmp_path / "before.jsonl").chmod(0o644)
    for name in ("before.jsonl", "new.jsonl"):
        assert (
            run_in_process(
                tmp_path, env, "events", "export", "--output", name
            ).returncode
            == 0
        )
        assert mode_of(tmp_path / name) == 0o600


@pytest.mark.parametrize(
    ("name", "what", "mode"),
    [
        ("collab.sqlite3", "database", 0o644),
        (".env", ".env", 0o604),
        ("collab-files", "files", 0o755),
    ],
)
def test_check_reports_files_that_others_may_read(
    tmp_path: Path, playground: Playground, name: str, what: str, mode: int
) -> None:
    env, path = socket_mode(playground), tmp_path / name
    assert run_in_process(tmp_path, env, "db", "upgrade").returncode == 0
    (tmp_path / ".env").write_text("COLLAB_TICK=30s\n")
    (tmp_path / "collab-files").mkdir()
    for private, bits in ((".env", 0o600), ("collab-files", 0o700)):
        (tmp_path / private).chmod(bits)
    assert run_in_process(tmp_path, env, "check").returncode == 0
    path.chmod(mode)
    done = run_in_process(tmp_path, env, "check")
    assert done.returncode == 1
    fixed = "700" if path.is_dir() else "600"
    assert (
        f"✗ fix  {what}: other users of this machine can access {name}: run `chmod {fixed} {name}`"
        in done.stdout
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_check_notes_root(tmp_path: Path, playground: Playground) -> None:
    done = run_in_process(tmp_path, socket_mode(playground), "check")
    assert "! note user: running as root" in done.stdout
    assert done.returncode == 0


def test_check_looks_at_each_installation(
    tmp_path: Path, playground: Playground, sqlite_database: Database, sqlite_url: str
) -> None:
    secret = "a-secret-of-32-characters-or-more"
    store = sqlite_database.open_installations([secret])
    scopes, at = frozenset(playground.state.manifest.scopes), datetime.now(UTC)
    for workspace, token in (("TGOOD", playground.bot_token), ("TOLD", "xoxb-gone")):
        store.save(Installation(WorkspaceId(workspace), Tokens(token), scopes, at))
    other = sqlite_database.open_installations(["another-secret-of-32-characters"])
    other.save(Installation(WorkspaceId("TLOST"), Tokens("xoxb-1"), scopes, at))
    env = build_environment(
        SLACK_API_URL=f"{playground.url}/api/",
        SLACK_SIGNING_SECRET=SIGNING,
        SLACK_CLIENT_ID="1.2",
        SLACK_CLIENT_SECRET="a-client-secret",
        COLLAB_BASE_URL="https://collab.example.com",
        COLLAB_SECRET=secret,
        DATABASE_URL=sqlite_url,
    )
    done = run_in_process(tmp_path, env, "check")
    assert done.returncode == 1
    for line in (
        "workspaces: they install Collab at https://collab.example.com/slack/install",
        "✓ ok   workspace TGOOD: its token works",
        "✗ fix  workspace TOLD: Slack refuses its token (invalid_auth)",
        "✗ fix  workspace TLOST: The tokens of workspace TLOST can't be decrypted",
    ):
        assert line in done.stdout
    assert "xoxb" not in done.stdout


def limit_scopes(playground: Playground, *scopes: str) -> None:
    """Have the app installed with these scopes alone."""
    playground.state.scopes = frozenset(scopes)


def test_check_notes_what_an_absent_optional_scope_leaves_out(
    tmp_path: Path, playground: Playground
) -> None:
    limit_scopes(playground, *playground.state.manifest.required_scopes)
    done = run_in_process(tmp_path, socket_mode(playground), "check")
    assert done.returncode == 0
    assert (
        "! note optional scopes: channels:join missing (for a button that adds Collab"
        in done.stdout
    )
    assert "team:read missing (for the names of other companies in" in done.stdout


def test_check_says_what_to_do(tmp_path: Path, playground: Playground) -> None:
    limit_scopes(playground, "chat:write", "commands")
    env = for_slack(
        playground,
        SLACK_APP_TOKEN="xapp-1111-2222-3333",
        DATABASE_URL="sqlite:////proc/none.sqlite3",
    )
    done = run_in_process(tmp_path, env, "check")
    assert done.returncode == 1
    lines = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    missing = (
        "app_mentions:read, channels:read, files:write, groups:read,"
        " im:history, im:write, users:read, users:read.email"
    )
    assert f"scopes: {missing} missing" in lines[0]
    assert "SLACK_APP_TOKEN" in lines[1]


def test_check_covers_files_and_plans(tmp_path: Path, playground: Playground) -> None:
    (tmp_path / "plans.toml").write_text("[studio]\nowner = 1\n[agency]\n")
    (tmp_path / "kept").mkdir(0o700)
    done = run_in_process(
        tmp_path,
        socket_mode(playground, COLLAB_FILES="kept", COLLAB_PLANS="plans.toml"),
        "check",
    )
    assert done.returncode == 0
    assert "✓ ok   files: kept\n" in done.stdout
    assert "✓ ok   plans: studio, agency\n" in done.stdout
    assert list((tmp_path / "kept").iterdir()) == []


def test_check_reports_an_unusable_files_folder(
    tmp_path: Path, playground: Playground
) -> None:
    (tmp_path / "notes.txt").write_text("no folder")
    for place in ("notes.txt", "notes.txt/files"):
        done = run_in_process(
            tmp_path, socket_mode(playground, COLLAB_FILES=place), "check"
        )
        assert done.returncode == 1
        assert f"✗ fix  files: COLLAB_FILES, {place}, " in done.stdout


def test_invalid_plans_stop_the_start(tmp_path: Path, playground: Playground) -> None:
    (tmp_path / "plans.toml").write_text("[studio]\nowner = 0\n")
    for words in (["run"], ["check"]):
        done = run_in_process(
            tmp_path, socket_mode(playground, COLLAB_PLANS="plans.toml"), *words
        )
        assert done.returncode == 2
        assert done.stderr.startswith(
            "collab: COLLAB_PLANS names plans.toml, where [studio] owner isn't a whole number"
        )
        assert done.stderr.count("\n") == 1


# Exported events and failed deliveries


@pytest.fixture
def database_env(acme: Scenario, sqlite_url: str) -> dict[str, str]:
    """The environment of a database in which something happened and something was given up."""
    acme.send_invitation("carl", note='Grüße, "you" = me')
    while batch := acme.database.outbox.claim_deliveries(9, timedelta(seconds=60)):
        for delivery in batch:
            acme.database.outbox.mark_failed(delivery, "channel_not_found")
    return build_environment(DATABASE_URL=sqlite_url)


def test_events_are_exported_as_json_lines(
    tmp_path: Path, database_env: dict[str, str]
) -> None:
    done = run_in_process(tmp_path, database_env, "events", "export")
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in done.stdout.splitlines()
    ]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[0]["name"] == "workspace.installed"
    [sent] = [line for line in lines if line["name"] == "invitation.sent"]
    assert sent["data"]["note"] == 'Grüße, "you" = me'
    assert "company.created" in {line["name"] for line in lines}


def test_events_are_exported_as_csv_to_a_file(
    tmp_path: Path, database_env: dict[str, str]
) -> None:
    done = run_in_process(
        tmp_path,
        database_env,
        "events",
        "export",
        "--workspace",
        "T1",
        "--format",
        "csv",
        "--output",
        "out.csv",
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfworkspace,")
    rows = list(
        csv.DictReader(
            io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))
        )
    )
    assert list(rows[0]) == [
        "workspace",
        "seq",
        "at",
        "actor",
        "origin",
        "name",
        "data",
    ]
    [sent] = [row for row in rows if row["name"] == "invitation.sent"]
    assert json.loads(sent["data"])["note"] == 'Grüße, "you" = me'


def test_unknown_workspace_is_rejected(
    tmp_path: Path, database_env: dict[str, str]
) -> None:
    done = run_in_process(
        tmp_path, database_env, "events", "export", "--workspace", "T404"
    )
    assert done.returncode == 2
    assert "There's no workspace T404: choose one with --workspace: T1" in done.stderr


def test_a_workspace_is_listed_and_switched(
    tmp_path: Path, database_env: dict[str, str], acme: Scenario
) -> None:
    def run(*words: str) -> str:
        done = run_in_process(tmp_path, database_env, "workspace", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("list").endswith("\ton\n")
    assert run("disable", "T1") == "Collab is switched off in T1.\n"
    assert run("list").endswith("\tswitched off\n")
    assert run("enable", "T1") == "Collab is switched on in T1.\n"
    assert run("list").endswith("\ton\n")
    unknown = run_in_process(tmp_path, database_env, "workspace", "disable", "T404")
    assert unknown.returncode == 2
    acme.execute(UninstallWorkspace(acme.system_caller("event")))
    assert run("list").endswith("\tnot installed\n")
    absent = run_in_process(tmp_path, database_env, "workspace", "disable", "T1")
    assert absent.returncode == 1
    assert "Collab isn't installed in T1" in absent.stderr


def test_a_resource_is_disabled_and_enabled(
    tmp_path: Path, database_env: dict[str, str], acme: Scenario
) -> None:
    acme.take_outbox()
    for word, event in (("disable", ResourceDisabled), ("enable", ResourceEnabled)):
        done = run_in_process(tmp_path, database_env, "resource", word, "acme")
        assert done.stdout == f"acme is {word}d.\n"
        assert len(acme.events_of_type(event)) == 1
    assert acme.take_recipients_of("resource_switched") == ["ada", "ada"]
    unknown = run_in_process(tmp_path, database_env, "resource", "disable", "nosuch")
    assert unknown.returncode == 1
    assert "There's no nosuch in T1" in unknown.stderr


def test_tokens_are_encrypted_anew(
    tmp_path: Path, database_env: dict[str, str], acme: Scenario
) -> None:
    old, new = "an-old-secret-of-32-characters-0", "a-new-secret-of-32-characters-00"
    acme.database.open_installations([old]).save(
        Installation(acme.workspace, Tokens("xoxb-1"), frozenset(), acme.at)
    )

    def rotate(**env: str) -> CompletedCommand:
        return run_in_process(tmp_path, database_env | env, "secrets", "rotate")

    assert "COLLAB_SECRET is missing" in rotate().stderr
    failed = rotate(COLLAB_SECRET=new)
    assert failed.returncode == 1
    assert "can't be decrypted" in failed.stderr
    done = rotate(COLLAB_SECRET=f"{new},{old}")
    assert done.stdout == "Encrypted the tokens of 1 workspace with the first secret.\n"
    found = acme.database.open_installations([new]).find(acme.workspace)
    assert found
    assert found.tokens == Tokens("xoxb-1")


def test_missing_database_is_not_created(tmp_path: Path) -> None:
    for words in (["events", "export"], ["deliveries", "list"]):
        assert "There's no database collab.sqlite3" in fail_to_start(
            tmp_path, build_environment(), *words
        )
    assert list(tmp_path.iterdir()) == []


def test_failed_deliveries_are_listed_and_retried(
    tmp_path: Path, database_env: dict[str, str], acme: Scenario
) -> None:
    listed = run_in_process(tmp_path, database_env, "deliveries", "list").stdout
    failed = acme.database.outbox.list_failed()
    assert "channel_not_found" in listed
    assert all(f"{d.id} " in listed for d in failed)
    first = str(failed[0].id)
    assert (
        run_in_process(tmp_path, database_env, "deliveries", "retry", first).stdout
        == "1 will be sent again.\n"
    )
    again = run_in_process(tmp_path, database_env, "deliveries", "retry", first)
    assert (again.returncode, "no failed messages with these IDs" in again.stderr) == (
        1,
        True,
    )
    assert (
        f"{len(failed) - 1} will be"
        in run_in_process(tmp_path, database_env, "deliveries", "retry", "--all").stdout
    )
    assert (
        run_in_process(tmp_path, database_env, "deliveries", "list").stdout
        == "There are no failed messages.\n"
    )


def test_env_file_of_the_working_folder_is_used(
    tmp_path: Path, database_env: dict[str, str]
) -> None:
    (tmp_path / ".env").write_text(f"DATABASE_URL={database_env['DATABASE_URL']}\n")
    assert (
        "channel_not_found"
        in run_in_process(tmp_path, build_environment(), "deliveries", "list").stdout
    )


def test_ids_sort_by_age_and_never_look_like_a_slug() -> None:
    made = []
    for _ in range(3):
        made.append(new_id("P"))
        time.sleep(0.002)
    assert made == sorted(made)
    assert len({len(name) for name in made}) == 1
    assert all(make_slug(name, "") != name for name in made)
