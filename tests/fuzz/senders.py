"""People at work beside senders who are slow with their bodies and others who send nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from bot.web.app import SLACK_ENDPOINT
from tests.bench.http_client import Answers, Load, sent
from tests.bench.http_load import pooled, times
from tests.bench.measure import ms

SLOW, IDLE = 50, 900
TURNS, CONNECTIONS, QUESTIONS = 3, 4, 300
MOST = 2.0  # times the p99 of without them
ANYHOW = 0.03  # seconds more are no difference on a machine that does other things too
GLANCE = 0.1
SLOW_BODY = (
    b"POST %s HTTP/1.1\r\nHost: collab\r\nContent-Length: 1000\r\n\r\nx"
    % SLACK_ENDPOINT.encode()
)


def compare(
    port: int, secret: str, slow: int = SLOW, idle: int = IDLE
) -> Iterator[str]:
    """People's answers without such senders and with them, in turn."""
    first = 1
    without: list[Answers] = []
    beside: list[Answers] = []
    work(port, secret, first)
    for _ in range(TURNS):
        first += QUESTIONS
        without.append(work(port, secret, first))
        with senders(port, slow, idle):
            first += QUESTIONS
            beside.append(work(port, secret, first))
    alone, among = pooled(without), pooled(beside)
    line = f"alone {times(alone)}; beside {slow} slow bodies and {idle} idle connections {times(among)}"
    most = max(alone.within(0.99) * MOST, alone.within(0.99) + ANYHOW)
    if among.failed or among.within(0.99) > most:
        yield f"WRONG {line}; {among.failed} failed, at most {ms(most)}"
    else:
        yield line


def work(port: int, secret: str, first: int) -> Answers:
    """A few people ask."""
    return sent(Load(port, secret, "mine", CONNECTIONS, first, QUESTIONS))


@contextmanager
def senders(port: int, slow: int, idle: int) -> Iterator[None]:
    """So many senders; whose connection is closed opens another."""
    over = Event()
    thread = Thread(target=_hold, args=(port, [SLOW_BODY] * slow + [b""] * idle, over))
    thread.start()
    time.sleep(1)
    try:
        yield
    finally:
        over.set()
        thread.join()


def _hold(port: int, heads: list[bytes], over: Event) -> None:
    held = [_connected(port, head) for head in heads]
    while not over.wait(GLANCE):
        for number, head in enumerate(heads):
            if _is_closed(held[number]):
                held[number].close()
                held[number] = _connected(port, head)
    for connection in held:
        connection.close()


def _connected(port: int, head: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(head)
    connection.setblocking(False)
    return connection


def _is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(65536) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
