"""Socket Mode: the app's open connections and the deliveries without an ack yet."""

import json
import logging
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock
from typing import Any

from bot.playground.errors import NoAnswer

log = logging.getLogger("playground")
# Between pings; short, as a closing client waits for the next frame.
HEARTBEAT_SECONDS = 0.2
# The SDK's own client takes a ping without payload for an incomplete frame.
PING_FRAME = b"\x89\x14Ping from playground"


class PendingDelivery:
    """A delivery that is not acknowledged yet."""

    def __init__(self, connection: "SocketConnection") -> None:
        self.connection = connection
        self.finished = Event()
        self.is_lost = False
        self.payload: Any = None


class SocketConnection:
    """One WebSocket of the app, which sends one frame at a time."""

    def __init__(self, websocket: Any) -> None:
        self._websocket = websocket
        self._lock = Lock()

    def send_message(self, message: dict[str, Any]) -> bool:
        """Send a message; return False if the connection is gone."""
        try:
            with self._lock:
                self._websocket.send(json.dumps(message))
        except Exception:  # noqa: BLE001  the library raises various errors for a gone peer
            return False
        return True

    def receive_message(self) -> str | bytes | None:
        """Return the next message, or None if none came within HEARTBEAT_SECONDS.

        Raises the library's error if the connection is gone.
        """
        received: str | bytes | None = self._websocket.receive(
            timeout=HEARTBEAT_SECONDS
        )
        return received

    def send_ping(self) -> None:
        """Send a ping frame."""
        with self._lock, suppress(OSError):
            self._websocket.sock.sendall(PING_FRAME)

    def abort(self) -> None:
        """End the connection at once, as a broken network would."""
        with suppress(OSError):
            self._websocket.sock.shutdown(socket.SHUT_RDWR)


class SocketPool:
    """The open connections, which take the deliveries in turn."""

    def __init__(self, app_id: str, on_change: Callable[[bool], None]) -> None:
        self._app_id = app_id
        self._on_change = on_change
        self._lock = Lock()
        self._tickets: set[str] = set()
        self._connections: list[SocketConnection] = []
        # Connections that were requested to reconnect get no more deliveries.
        self._leaving: list[SocketConnection] = []
        self._pending: dict[str, PendingDelivery] = {}
        self._turn = 0
        self._closed = False

    @property
    def is_connected(self) -> bool:
        """Return whether the app has a connection."""
        with self._lock:
            return bool(self._connections)

    def issue_ticket(self) -> str:
        """Return a ticket that opens one connection, once."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._tickets.add(ticket)
        return ticket

    def serve_connection(self, websocket: Any, ticket: str) -> None:
        """Serve one connection until it ends."""
        connection = SocketConnection(websocket)
        if not self._admit_connection(connection, ticket):
            return
        self._on_change(True)
        try:
            while True:
                text = connection.receive_message()
                if text is None:
                    connection.send_ping()
                else:
                    self._settle_ack(text)
        finally:
            self._remove_connection(connection)
            self._on_change(self.is_connected)

    def deliver_envelope(self, envelope: dict[str, Any], timeout_seconds: float) -> Any:
        """Send an envelope and return the payload of its ack; NoAnswer without one."""
        connection = self._next_connection(timeout_seconds)
        if connection is None:
            raise NoAnswer("the app is not connected", "dispatch_failed")
        pending = PendingDelivery(connection)
        envelope_id = envelope["envelope_id"]
        with self._lock:
            self._pending[envelope_id] = pending
        try:
            is_sent = connection.send_message(envelope)
            if (
                not is_sent
                or not pending.finished.wait(timeout_seconds)
                or pending.is_lost
            ):
                raise NoAnswer("the app did not acknowledge")
        finally:
            with self._lock:
                self._pending.pop(envelope_id, None)
        return pending.payload

    def request_reconnect(self) -> None:
        """Request every connection to reconnect, as Slack does every few hours."""
        with self._lock:
            leaving, self._connections = self._connections, []
            self._leaving += leaving
        self._on_change(False)
        for connection in leaving:
            connection.send_message(
                {
                    "type": "disconnect",
                    "reason": "refresh_requested",
                    "debug_info": {"host": "playground"},
                }
            )

    def drop_connections(self) -> None:
        """Cut every connection."""
        for connection in self._all_connections():
            connection.abort()

    def close(self) -> None:
        """Cut every connection and accept no more."""
        with self._lock:
            self._closed = True
        self.drop_connections()

    def _admit_connection(self, connection: SocketConnection, ticket: str) -> bool:
        with self._lock:
            if self._closed or ticket not in self._tickets:
                log.warning("a socket came without a valid ticket")
                return False
            self._tickets.discard(ticket)
            count = len(self._connections) + 1
        hello = {
            "type": "hello",
            "num_connections": count,
            "connection_info": {"app_id": self._app_id},
        }
        info = {
            "host": "playground",
            "build_number": 1,
            "approximate_connection_time": 18060,
        }
        if not connection.send_message({**hello, "debug_info": info}):
            return False
        with self._lock:
            self._connections.append(connection)
        return True

    def _remove_connection(self, connection: SocketConnection) -> None:
        with self._lock:
            for connections in (self._connections, self._leaving):
                if connection in connections:
                    connections.remove(connection)
            deliveries = list(self._pending.values())
        for pending in deliveries:
            if pending.connection is connection:
                pending.is_lost = not pending.finished.is_set()
                pending.finished.set()

    def _settle_ack(self, text: str | bytes) -> None:
        try:
            ack = json.loads(text)
        except ValueError:
            log.warning("the app sent a frame that is not JSON")
            return
        with self._lock:
            pending = self._pending.get(ack.get("envelope_id"))
        if pending is not None:
            pending.payload = ack.get("payload")
            pending.finished.set()

    def _next_connection(self, timeout_seconds: float) -> SocketConnection | None:
        end = time.monotonic() + timeout_seconds
        while True:
            with self._lock:
                self._turn += 1
                if self._connections:
                    return self._connections[self._turn % len(self._connections)]
                if not self._leaving or time.monotonic() > end:
                    return None
            time.sleep(0.005)

    def _all_connections(self) -> list[SocketConnection]:
        with self._lock:
            return [*self._connections, *self._leaving]
