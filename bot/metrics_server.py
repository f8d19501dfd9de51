"""Serve the metrics of all processes of one start to Prometheus.

Each process counts into files of its own, in a private folder that the first one makes.
All listen on the same address, and each of them answers for all: whichever gets the
request adds up the files. So no process is special, and one that dies is not missed.
What is true of the database is asked of it at each request.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from socket import SO_REUSEADDR, SO_REUSEPORT, SOL_SOCKET
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from bot.metrics import OTHER, Recorder, set_recorder
from collab.unit_of_work import Unavailable

if TYPE_CHECKING:
    from prometheus_client.core import Metric
    from prometheus_client.registry import CollectorRegistry

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus-client
METRICS_PATH = "/metrics"
REQUEST_SECONDS = 5.0
SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 10.0)
# Every method that the program calls; a test compares them with the code.
SLACK_METHODS = frozenset(
    {
        "apps.connections.open",
        "auth.teams.list",
        "auth.test",
        "chat.postEphemeral",
        "chat.postMessage",
        "chat.update",
        "conversations.info",
        "conversations.join",
        "conversations.members",
        "conversations.open",
        "files.completeUploadExternal",
        "files.getUploadURLExternal",
        "oauth.v2.access",
        "oauth.v2.exchange",
        "openid.connect.token",
        "response_url",
        "team.info",
        "upload_url",
        "users.info",
        "users.list",
        "users.lookupByEmail",
        "views.open",
        "views.publish",
        "views.push",
        "views.update",
    }
)


class Backlog(Protocol):
    """What waits in the outbox."""

    @property
    def waiting(self) -> int:
        """Return how many deliveries are to be sent."""

    @property
    def failed(self) -> int:
        """Return how many were given up."""

    @property
    def oldest_event_at(self) -> datetime | None:
        """Return when the oldest event with a waiting delivery happened."""


class StoredState(Protocol):
    """What is asked of the database at each request; raises Unavailable."""

    def read_backlog(self) -> Backlog:
        """Return what waits in the outbox."""

    def get_next_due_time(self) -> datetime | None:
        """Return when something is due next; None if nothing is."""


@contextmanager
def shared_folder() -> Iterator[None]:
    """Make the folder that this process and its children count into.

    It must be there before prometheus-client is imported.
    """
    # Not a TemporaryDirectory, which a child would delete when it ends.
    folder = tempfile.mkdtemp(prefix="collab-metrics-")
    os.environ[FOLDER_VARIABLE] = folder
    try:
        yield
    finally:
        os.environ.pop(FOLDER_VARIABLE, None)
        shutil.rmtree(folder, ignore_errors=True)


class PrometheusRecorder(Recorder):
    """Counts into the files of the shared folder."""

    def __init__(self, registry: CollectorRegistry) -> None:
        from prometheus_client import Counter, Histogram  # noqa: PLC0415 - reads FOLDER_VARIABLE when it is imported

        self._commands = Counter(
            "collab_commands",
            "Typed commands, by verb and outcome.",
            ("verb", "outcome"),
            registry=registry,
        )
        self._command_seconds = Histogram(
            "collab_command_seconds",
            "Seconds until a typed command was answered.",
            ("verb",),
            buckets=SECONDS_BUCKETS,
            registry=registry,
        )
        self._deliveries = Counter(
            "collab_deliveries",
            "Attempts to deliver, by way and outcome.",
            ("way", "outcome"),
            registry=registry,
        )
        self._mails = Counter(
            "collab_mails", "Mails, by outcome.", ("outcome",), registry=registry
        )
        self._slack_calls = Counter(
            "collab_slack_calls",
            "Calls of Slack, by method and outcome.",
            ("method", "outcome"),
            registry=registry,
        )
        self._due_items = Counter(
            "collab_due_items", "Items of due work that were done.", registry=registry
        )
        self._transaction_seconds = Histogram(
            "collab_transaction_seconds",
            "Seconds that a transaction of the database was open.",
            ("kind",),
            buckets=SECONDS_BUCKETS,
            registry=registry,
        )

    def count_command(self, verb: str, outcome: str, seconds: float) -> None:
        """Count a typed command and how long its answer took."""
        self._commands.labels(verb, outcome).inc()
        self._command_seconds.labels(verb).observe(seconds)

    def count_delivery(self, way: str, outcome: str) -> None:
        """Count an attempt to deliver."""
        self._deliveries.labels(way, outcome).inc()

    def count_mail(self, outcome: str) -> None:
        """Count a mail."""
        self._mails.labels(outcome).inc()

    def count_slack_call(self, method: str, outcome: str) -> None:
        """Count a call of Slack; an unknown method as another one."""
        label = method if method in SLACK_METHODS else OTHER
        self._slack_calls.labels(label, outcome).inc()

    def count_due_items(self, count: int) -> None:
        """Count items of due work."""
        self._due_items.inc(count)

    def count_transaction(self, kind: str, seconds: float) -> None:
        """Count a transaction."""
        self._transaction_seconds.labels(kind).observe(seconds)


class StateCollector:
    """Asks the database at each request; it is the same for all processes."""

    def __init__(self, state: StoredState, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield the version and what the database says, if it answers."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        def gauge(name: str, text: str, value: float) -> Metric:
            return GaugeMetricFamily(name, text, value=value)

        build = GaugeMetricFamily(
            "collab_build_info", "1, with the version.", labels=("version",)
        )
        build.add_metric((version("collab"),), 1)
        yield build
        try:
            backlog = self._state.read_backlog()
            due_at = self._state.get_next_due_time()
        except Unavailable:
            yield gauge("collab_database_up", "Whether the database answers.", 0)
            return
        yield gauge("collab_database_up", "Whether the database answers.", 1)
        yield gauge("collab_outbox_waiting", "Deliveries to be sent.", backlog.waiting)
        yield gauge("collab_outbox_failed", "Deliveries given up.", backlog.failed)
        yield gauge(
            "collab_outbox_oldest_seconds",
            "Seconds since the oldest event with a delivery to be sent.",
            self._seconds_since(backlog.oldest_event_at),
        )
        yield gauge(
            "collab_due_lag_seconds",
            "Seconds since the oldest due work was due.",
            self._seconds_since(due_at),
        )

    def _seconds_since(self, at: datetime | None) -> float:
        return max(0.0, (self._now() - at).total_seconds()) if at else 0.0


class MetricsServer:
    """Answers on the listener for metrics, in threads of its own."""

    def __init__(
        self, address: tuple[str, int], state: StoredState, now: Callable[[], datetime]
    ) -> None:
        from prometheus_client import CollectorRegistry, make_wsgi_app  # noqa: PLC0415
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

        set_recorder(PrometheusRecorder(CollectorRegistry()))
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        registry.register(StateCollector(state, now))
        self._server = _SharedServer(address, _QuietHandler)
        self._server.set_app(_serve_only_metrics(make_wsgi_app(registry)))
        self._thread = Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return self._server.server_port

    def start(self) -> None:
        """Start to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, and count nothing any more."""
        set_recorder(Recorder())
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _SharedServer(ThreadingMixIn, WSGIServer):
    """A server on a port that the other processes listen on as well."""

    daemon_threads = True

    def server_bind(self) -> None:
        # WSGIServer's own looks up the name of the host, which may take seconds.
        for option in (SO_REUSEADDR, SO_REUSEPORT):
            self.socket.setsockopt(SOL_SOCKET, option, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name = str(self.server_address[0])
        self.server_port = int(self.server_address[1])
        self.setup_environ()


class _QuietHandler(WSGIRequestHandler):
    """A handler that logs no requests and waits for none for long."""

    timeout = REQUEST_SECONDS

    def log_message(self, *_args: object) -> None:
        """Log nothing."""


def _serve_only_metrics(metrics: WSGIApplication) -> WSGIApplication:
    def application(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != METRICS_PATH:
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        return metrics(environ, start_response)

    return application
