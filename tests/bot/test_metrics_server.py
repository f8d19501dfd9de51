"""What Prometheus reads, from the running program and from several processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import yaml

from bot import metrics_server
from bot.metrics import Recorder, get_recorder
from bot.metrics_server import SLACK_METHODS, MetricsServer, shared_folder
from collab.unit_of_work import Unavailable
from storage.database import Database
from tests.support.app_harness import run_app
from tests.support.builders import Scenario

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
METHOD = re.compile(
    r'"((?:apps|auth|chat|conversations|files|oauth|openid|team|users|views)'
    r'\.[A-Za-z0-9.]*[A-Za-z])"'
)


def read(server: MetricsServer, path: str = "/metrics") -> str:
    with urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def value_of(text: str, sample: str) -> float:
    for line in text.splitlines():
        if line.startswith(f"{sample} "):
            return float(line.rpartition(" ")[2])
    return 0.0


@pytest.fixture(autouse=True, scope="module")
def _folder() -> Iterator[None]:
    """One for all tests: prometheus-client keeps its files open."""
    with shared_folder():
        yield


@pytest.fixture
def server(acme: Scenario) -> Iterator[MetricsServer]:
    server = MetricsServer(("127.0.0.1", 0), acme.database, lambda: acme.at)
    server.start()
    yield server
    server.stop()
    assert type(get_recorder()) is Recorder


def test_the_database_is_asked_at_each_request(
    acme: Scenario, server: MetricsServer
) -> None:
    acme.take_outbox()
    assert value_of(read(server), "collab_outbox_waiting") == 0
    acme.send_invitation("carl")
    text = read(server)
    assert value_of(text, "collab_outbox_waiting") > 0
    assert value_of(text, "collab_database_up") == 1
    assert 'collab_build_info{version="' in text


def test_a_silent_database_is_said(
    acme: Scenario, server: MetricsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_database: Database) -> None:
        raise Unavailable("unreachable")

    monkeypatch.setattr(Database, "read_backlog", fail)
    text = read(server)
    assert value_of(text, "collab_database_up") == 0
    assert "collab_outbox_waiting" not in text


def test_only_the_metrics_are_served(server: MetricsServer) -> None:
    with pytest.raises(HTTPError, match="404"):
        read(server, "/")


def test_processes_are_added_up_and_an_unknown_method_is_other(
    server: MetricsServer,
) -> None:
    program = (
        "from prometheus_client import CollectorRegistry\n"
        "from bot.metrics_server import PrometheusRecorder\n"
        "recorder = PrometheusRecorder(CollectorRegistry())\n"
        "recorder.count_slack_call('users.info', 'ok')\n"
        "recorder.count_slack_call('a.name', 'ok')\n"
    )
    known, other = (
        f'collab_slack_calls_total{{method="{method}",outcome="ok"}}'
        for method in ("users.info", "other")
    )
    before = read(server)
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
    get_recorder().count_slack_call("users.info", "ok")
    text = read(server)
    assert value_of(text, known) == value_of(before, known) + 2
    assert value_of(text, other) == value_of(before, other) + 1
    assert "a.name" not in text


def test_every_method_of_slack_that_the_code_calls_is_known() -> None:
    called = {
        method
        for path in (ROOT / "bot").rglob("*.py")
        if "playground" not in path.parts and path.name != "metrics_server.py"
        for method in METHOD.findall(path.read_text())
    }
    assert called <= SLACK_METHODS


@pytest.mark.slow
def test_the_running_app_counts_without_names(sqlite_url: str) -> None:
    with run_app(sqlite_url) as harness:
        server = MetricsServer(
            ("127.0.0.1", 0), harness.app.database, harness.playground.clock.now
        )
        harness.app.database.count_transactions(get_recorder().count_transaction)
        server.start()
        try:
            harness.run_command("ada", "/collab invite @carl admin acme")
            harness.run_command("ada", "/collab invite @carl admin nothing-here")
            harness.run_command("ada", "/collab secret-word")
            harness.advance_time(days=8)
            text = read(server)
        finally:
            server.stop()
    command = 'collab_commands_total{{outcome="{}",verb="{}"}}'
    assert value_of(text, command.format("done", "invite")) == 1
    assert value_of(text, command.format("refused", "invite")) == 1
    assert value_of(text, command.format("refused", "other")) == 1
    assert value_of(text, 'collab_command_seconds_count{verb="invite"}') == 2
    assert 'collab_deliveries_total{outcome="sent",way="message"}' in text
    assert 'method="chat.postMessage",outcome="ok"' in text.replace(" ", "")
    assert 'collab_transaction_seconds_count{kind="write"}' in text
    for word in ("carl", "ada", "acme", "secret-word", harness.workspace):
        assert not re.search(rf"\b{word}\b", text, re.IGNORECASE), word


def list_named_metrics() -> Iterator[str]:
    dashboard = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
    rules = yaml.safe_load((DEPLOY / "alert-rules.yaml").read_text())
    queries = [
        target["expr"] for panel in dashboard["panels"] for target in panel["targets"]
    ]
    queries += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    for query in queries:
        yield from re.findall(r"\bcollab_\w+", query)


def test_the_dashboard_and_the_alerts_name_metrics_that_exist(
    server: MetricsServer,
) -> None:
    recorder = get_recorder()
    recorder.count_command("invite", "done", 0.1)
    recorder.count_delivery("message", "sent")
    recorder.count_mail("sent")
    recorder.count_slack_call("users.info", "ok")
    recorder.count_due_items(1)
    recorder.count_transaction("write", 0.1)
    samples = set(re.findall(r"^(collab_\w+)", read(server), re.MULTILINE))
    named = set(list_named_metrics())
    assert named
    assert named <= samples


def test_without_the_setting_nothing_is_imported() -> None:
    program = "import sys, bot.server, bot.web.app\nprint(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "bot.metrics" in ran.stdout.split()
    assert not {"prometheus_client", "bot.metrics_server"} & set(ran.stdout.split())


def test_the_folder_is_private_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(metrics_server.FOLDER_VARIABLE, raising=False)
    with shared_folder():
        folder = Path(os.environ[metrics_server.FOLDER_VARIABLE])
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    assert metrics_server.FOLDER_VARIABLE not in os.environ


def test_due_work_that_waits_has_a_lag(acme: Scenario) -> None:
    acme.send_invitation("carl")
    due_at = acme.database.get_next_due_time()
    assert due_at is not None
    late = metrics_server.StateCollector(
        acme.database, lambda: due_at + timedelta(seconds=90)
    )
    early = metrics_server.StateCollector(acme.database, lambda: acme.at)
    for collector, lag in ((late, 90.0), (early, 0.0)):
        found = {one.name: one.samples[0].value for one in collector.collect()}
        assert found["collab_due_lag_seconds"] == lag
