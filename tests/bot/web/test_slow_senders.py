"""The real server: slow, silent or oversized senders delay neither others nor the end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bot.web.app import HEADER_MILLISECONDS, SLACK_ENDPOINT
from bot.web.rsgi import BODY_SECONDS, MAX_BODY_BYTES, MAX_THREADS
from tests.bench.apps import SECRET
from tests.bench.http_client import Load, run
from tests.bench.program import free_port, running

pytestmark = pytest.mark.slow  # starts the program and waits for deadlines

SLOW = 3 * MAX_THREADS
IDLE = 100
UNFINISHED = (
    b"POST %s HTTP/1.1\r\nHost: collab\r\nContent-Type: application/json\r\n"
    % SLACK_ENDPOINT.encode()
)


class Server:
    """A server with an empty Bolt app; connections to it are closed at the end."""

    def __init__(
        self, program: subprocess.Popen[str], port: int, stack: ExitStack
    ) -> None:
        self.program = program
        self.port = port
        self._stack = stack

    def connect(self, head: bytes = b"") -> socket.socket:
        """Open a connection and send something that is no whole request."""
        connection = self._stack.enter_context(
            socket.create_connection(("127.0.0.1", self.port), timeout=15)
        )
        connection.sendall(head)
        return connection

    def slow_body(self) -> socket.socket:
        """Announce a body and send its first byte."""
        return self.connect(UNFINISHED + b"Content-Length: 1000\r\n\r\n{")


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    port = free_port()
    call = (sys.executable, "-m", "tests.bench.empty_server", str(port), "1")
    root = str(Path(__file__).parents[3])
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": root,
        "SLACK_SIGNING_SECRET": SECRET,
    }
    with running(call, env, folder) as program, ExitStack() as stack:
        wait_listening(port)
        yield Server(program, port, stack)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("server")) as server:
        yield server


def wait_listening(port: int) -> None:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError


def status(connection: socket.socket) -> int:
    """The status of the answer, after which the server closes the connection; 0 when it closes without one."""
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return int(answer[9:12] or 0)


def test_slow_and_silent_senders_delay_nobody(server: Server) -> None:
    began = time.monotonic()
    slow = [server.slow_body() for _ in range(SLOW)]
    chunked = server.connect(
        UNFINISHED + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"
    )
    for _ in range(IDLE):
        server.connect()

    answers = run(Load(server.port, SECRET, "help", connections=4, first=1, many=40))

    assert time.monotonic() - began < BODY_SECONDS  # while they were still there
    assert (answers.failed, len(answers.each)) == (0, 40)
    assert {status(connection) for connection in [*slow, chunked]} == {408}
    assert BODY_SECONDS - 0.5 < time.monotonic() - began < BODY_SECONDS + 5


def test_deadline_covers_the_whole_body(
    server: Server,
) -> None:
    connection, began = server.slow_body(), time.monotonic()
    connection.settimeout(0.2)
    answer = b""
    while not answer and time.monotonic() - began < BODY_SECONDS + 5:
        try:
            connection.sendall(b" ")
            answer = connection.recv(65536)
        except TimeoutError:
            continue
    assert answer[9:12] == b"408"


def test_aborted_requests_delay_nobody(server: Server) -> None:
    for turn in range(3):
        for connection in [server.slow_body() for _ in range(100)]:
            connection.close()
        answers = run(
            Load(
                server.port,
                SECRET,
                "help",
                connections=4,
                first=100 * turn,
                many=20,
                seconds=10,
            )
        )
        assert (answers.failed, len(answers.each)) == (0, 20)


def test_oversized_body_is_413_before_it_arrives(server: Server) -> None:
    announced = UNFINISHED + b"Content-Length: %d\r\n\r\n{" % (MAX_BODY_BYTES + 1)
    chunk = b"%x\r\n" % (MAX_BODY_BYTES + 1) + b" " * (MAX_BODY_BYTES + 1)
    assert status(server.connect(announced)) == 413
    assert (
        status(
            server.connect(UNFINISHED + b"Transfer-Encoding: chunked\r\n\r\n" + chunk)
        )
        == 413
    )


def test_other_protocols_are_closed(server: Server) -> None:
    http_2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")
    negative = UNFINISHED + b"Content-Length: -1\r\n\r\n"
    two_lengths = UNFINISHED + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}"
    for request in (http_2, negative, two_lengths, b"GET\r\n\r\n"):
        assert status(server.connect(request)) in {0, 400}, request


def test_server_stops_soon_with_open_connections(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        for _ in range(MAX_THREADS):
            server.connect()
            server.connect(b"POST ")
            server.slow_body()
        time.sleep(0.1)
        began = time.monotonic()
        server.program.terminate()
        server.program.wait(15)
        assert time.monotonic() - began < HEADER_MILLISECONDS / 1000 + 3
