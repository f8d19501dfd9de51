"""A small load generator: raw keep-alive connections to a port of this machine, one thread, in a process of its own.

`python -m tests.bench.http_client` reads one JSON object (see `Load`) and writes one (see `Answers`).
"""

from __future__ import annotations

import gc
import json
import selectors
import socket
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from time import perf_counter

from tests.bench.apps import command, headers
from tests.bench.company import TEAM
from tests.bench.measure import percentile
from tests.bench.program import ROOT

PATH = "/slack/events"


@dataclass(frozen=True)
class Load:
    """What to send: so many commands from a number on over so many connections, for at most so many seconds.

    With `teams`, one command after another is of another workspace.
    """

    port: int
    secret: str
    text: str
    connections: int
    first: int
    many: int
    seconds: float = 20.0
    teams: tuple[str, ...] = (TEAM,)


@dataclass
class Answers:
    """How it went: the seconds of each answer, their statuses, and how many were left unanswered."""

    seconds: float
    each: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.each) / self.seconds

    @property
    def failed(self) -> int:
        """What was not answered with 200."""
        return self.unanswered + sum(
            many for status, many in self.statuses.items() if status != "200"
        )

    def within(self, share: float) -> float:
        """The seconds within which this share of the answers came."""
        return percentile(self.each, share)


@dataclass
class Line:
    """One connection with the answer that is coming in."""

    socket: socket.socket
    sent: float = 0.0
    read: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes) -> None:
        """Ask the next thing."""
        self.read.clear()
        self.sent = perf_counter()
        self.socket.sendall(request)

    def receive(self) -> str | None:
        """Read on; the status once the answer is complete, `closed` when there will be none."""
        piece = self.socket.recv(65536)
        if not piece:
            return "closed"
        self.read += piece
        head, end, body = self.read.partition(b"\r\n\r\n")
        complete = end and len(body) >= length_of(bytes(head))
        return head[9:12].decode() if complete else None


def length_of(head: bytes) -> int:
    """The length that an answer's head announces."""
    _, _, after = head.lower().partition(b"content-length:")
    return int(after.split(b"\r\n", 1)[0]) if after else 0


def requests(load: Load) -> Iterator[bytes]:
    """Every request, written out and signed."""
    for number in range(load.first, load.first + load.many):
        team = load.teams[number % len(load.teams)]
        body = command(load.text.format(number), number, team)
        lines = {
            "Host": f"127.0.0.1:{load.port}",
            "Content-Length": str(len(body)),
            **headers(body, load.secret),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        yield f"POST {PATH} HTTP/1.1\r\n{head}\r\n{body}".encode()


def run(load: Load) -> Answers:
    """Keep every connection busy until all is asked, or the time is over."""
    left = deque(requests(load))
    lines = [
        Line(socket.create_connection(("127.0.0.1", load.port)))
        for _ in range(load.connections)
    ]
    gc.disable()
    start = perf_counter()
    answers = Answers(0.0)
    with selectors.DefaultSelector() as ready:
        for line in lines:
            if left:
                line.send(left.popleft())
                ready.register(line.socket, selectors.EVENT_READ, line)
        exchange(ready, left, answers, start + load.seconds)
        answers.unanswered = len(ready.get_map())
    answers.seconds = perf_counter() - start
    for line in lines:
        line.socket.close()
    return answers


def exchange(
    ready: selectors.BaseSelector, left: deque[bytes], answers: Answers, end: float
) -> None:
    """Take answers and ask on."""
    statuses: Counter[str] = Counter()
    while ready.get_map() and perf_counter() < end:
        for key, _ in ready.select(0.5):
            line: Line = key.data
            status = line.receive()
            if status is None:
                continue
            answers.each.append(perf_counter() - line.sent)
            statuses[status] += 1
            if left and status != "closed":
                line.send(left.popleft())
            else:
                ready.unregister(line.socket)
    answers.statuses = dict(statuses)


def sent(load: Load) -> Answers:
    """Run a load in a process of its own."""
    call = (sys.executable, "-m", "tests.bench.http_client")
    process = subprocess.run(
        call,
        input=json.dumps(asdict(load)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    return Answers(**json.loads(process.stdout))


if __name__ == "__main__":
    json.dump(asdict(run(Load(**json.load(sys.stdin)))), sys.stdout)
