"""Switches for faults between the app and Slack."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

ANY_METHOD = "*"
# kind → its effect
FAULT_KINDS = {
    "rate_limit": "answers 429 with Retry-After",
    "server_error": "answers 5xx",
    "timeout_before": "hangs, and nothing happens",
    "timeout_after": "does it, then hangs",
    "error": "answers any Slack error code",
    "close_connection": "closes the connection without an answer",
    "duplicate": "delivers the same payload twice",
}
DELIVERY_FAULT_KINDS = frozenset({"duplicate"})
CALL_FAULT_KINDS = frozenset(FAULT_KINDS) - DELIVERY_FAULT_KINDS


@dataclass
class Fault:
    """One fault: what fails, how, and how many more times (None: until cleared)."""

    kind: str
    method: str = ANY_METHOD
    times: int | None = 1
    seconds: float = 35.0  # longer than the client's timeout of 30
    status: int = 503
    retry_after: int = 30
    code: str = "internal_error"


class FaultSwitches:
    """The active faults.

    A fault's method is a Web API method, `response_url`, `upload_url`, or a delivery's
    kind.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._active_faults: list[Fault] = []
        self.drop_sockets: Callable[[], None] = lambda: None
        self.refresh_sockets: Callable[[], None] = lambda: None

    def add(
        self, kind: str, method: str = ANY_METHOD, times: int | None = 1, **details: Any
    ) -> Fault:
        """Switch on a fault; ValueError for an unknown kind, TypeError for a detail."""
        if kind not in FAULT_KINDS:
            raise ValueError(f"unknown fault {kind}, known: {', '.join(FAULT_KINDS)}")
        fault = Fault(kind, method, times, **details)
        with self._lock:
            self._active_faults.append(fault)
        return fault

    def rate_limit(
        self, method: str = ANY_METHOD, times: int | None = 1, retry_after: int = 30
    ) -> Fault:
        """Answer 429 with Retry-After in seconds."""
        return self.add("rate_limit", method, times, retry_after=retry_after)

    def server_error(
        self, method: str = ANY_METHOD, times: int | None = 1, status: int = 503
    ) -> Fault:
        """Answer with this HTTP status."""
        return self.add("server_error", method, times, status=status)

    def timeout_before(
        self, method: str = ANY_METHOD, times: int | None = 1, seconds: float = 35.0
    ) -> Fault:
        """Hang for `seconds` without any effect, then close."""
        return self.add("timeout_before", method, times, seconds=seconds)

    def timeout_after(
        self, method: str = ANY_METHOD, times: int | None = 1, seconds: float = 35.0
    ) -> Fault:
        """Do the call, hang for `seconds`, then close."""
        return self.add("timeout_after", method, times, seconds=seconds)

    def error(self, method: str, code: str, times: int | None = 1) -> Fault:
        """Answer with a Slack error code."""
        return self.add("error", method, times, code=code)

    def close_connection(
        self, method: str = ANY_METHOD, times: int | None = 1
    ) -> Fault:
        """Close the connection before any effect, without an answer."""
        return self.add("close_connection", method, times)

    def duplicate(self, kind: str = ANY_METHOD, times: int | None = 1) -> Fault:
        """Deliver a payload of this kind twice: command, block_actions, event, …"""
        return self.add("duplicate", kind, times)

    def clear(self) -> None:
        """Switch off all faults."""
        with self._lock:
            self._active_faults.clear()

    def list_active(self) -> list[dict[str, Any]]:
        """Return the active faults as data."""
        with self._lock:
            return [asdict(fault) for fault in self._active_faults]

    def take_matching(
        self, method: str, kinds: frozenset[str] = CALL_FAULT_KINDS
    ) -> Fault | None:
        """Return the active fault for this method, if any, and count it down."""
        with self._lock:
            for fault in self._active_faults:
                if fault.kind in kinds and fault.method in {ANY_METHOD, method}:
                    self._count_down(fault)
                    return fault
        return None

    def _count_down(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            others = [other for other in self._active_faults if other is not fault]
            self._active_faults = others
