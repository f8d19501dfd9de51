"""The outbox worker: claims deliveries under a lease, sends them, and settles each.

A delivery is sent at least once; those to one target are sent in their order.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event, Lock, Thread
from typing import Protocol

from bot.delivery.email import MailFailed
from bot.delivery.slack import METHOD_BY_MESSAGE, POST_METHOD, SlackDeliveries
from bot.error_log import log_error
from bot.metrics import get_recorder
from bot.priority_gate import PriorityGate
from bot.request_trace import trace_delivery
from bot.slack.errors import FailureKind, MethodPaused, SlackCallFailed
from collab.model import Delivery, WorkspaceId
from collab.notifications.sent_messages import SentRecord
from collab.notifications.targets import is_mail_target
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.delivery")

MAX_WORKERS = 4  # threads, so that one slow target does not delay the others
LEASE_DURATION = timedelta(seconds=60)
# What another process enqueues is seen after this time at the latest.
MAX_IDLE_SECONDS = 5.0
MAX_ATTEMPTS = 12
RETRY_FACTOR = 3.0  # 1 s, 3 s, 9 s, …: eleven pauses are about a day
# The pause after an error of the database; it doubles up to the maximum.
ERROR_BACKOFF_SECONDS, MAX_ERROR_BACKOFF_SECONDS = 1.0, 30.0
OUTAGE_ATTEMPTS = 2  # failures of a method in a row that count as an outage
POLL_SECONDS = 0.01
BATCH_SECONDS = 0.02
# While requests are answered without a break, one delivery is sent in this time.
YIELD_SECONDS = 0.125


class DeliveryQueue(Protocol):
    """What the outbox worker needs of the outbox."""

    def claim_deliveries(self, limit: int, lease: timedelta) -> list[Delivery]:
        """Claim the first deliveries of up to `limit` targets; count attempts."""

    def mark_sent(self, delivery: Delivery, *records: SentRecord) -> bool:
        """Settle a delivery that was sent, and store its live message and thread."""

    def schedule_retry(
        self,
        delivery: Delivery,
        after: timedelta,
        problem: str,
        *,
        is_counted: bool = True,
    ) -> None:
        """Settle a delivery that is to be tried again."""

    def mark_failed(self, delivery: Delivery, problem: str) -> None:
        """Mark a delivery as failed, and notify those who can act on it."""

    def retry_now(
        self,
        workspace: WorkspaceId,
        messages: Collection[str],
        *,
        are_excluded: bool = False,
    ) -> None:
        """Make retries due at once: of these messages, or of all but these."""

    def seconds_until_next(self) -> float | None:
        """Return the seconds until a delivery can be claimed; None if none is."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery was sent; `records` are stored with it."""

    records: Sequence[SentRecord]


@dataclass(frozen=True, slots=True)
class RetryLater:
    """A delivery is to be tried again."""

    after: timedelta
    problem: str
    is_counted: bool = True  # False if Slack was not called at all


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A delivery is not tried any more."""

    problem: str


AttemptResult = Sent | RetryLater | GiveUp
OUTCOMES = {Sent: "sent", RetryLater: "retried", GiveUp: "failed"}


class OutboxWorker:
    """Sends what is in the outbox, in its own threads.

    It looks into the outbox when `wake_event` is set, which others may do as well.
    `mark_moved` is called at each round.
    """

    def __init__(
        self,
        outbox: DeliveryQueue,
        deliveries: SlackDeliveries,
        random_source: random.Random,
        priority_gate: PriorityGate,
        wake_event: Event | None = None,
        mark_moved: Callable[[], None] = lambda: None,
    ) -> None:
        self._outbox = outbox
        self._mark_moved = mark_moved
        self._deliveries = deliveries
        self._random = random_source
        self._priority_gate = priority_gate
        self._wake_event = wake_event or Event()
        self._stop_event = Event()
        self._lock = Lock()
        self._busy_count = 0
        self._finished_count = 0
        # Transient failures in a row, by workspace and method.
        self._failure_counts: dict[tuple[str, str], int] = {}
        self._error_backoff = ERROR_BACKOFF_SECONDS
        self._thread: Thread | None = None
        self._executor: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Start to send."""
        self._executor = ThreadPoolExecutor(MAX_WORKERS, "delivery")
        self._thread = Thread(target=self._run, name="outbox-worker", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look into the outbox soon; cheap, from any thread."""
        self._wake_event.set()

    def stop(self) -> None:
        """Finish the deliveries in progress and send no more."""
        self._stop_event.set()
        self.wake()
        if self._thread:
            self._thread.join()
        if self._executor:
            self._executor.shutdown()

    def drain(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds; return whether nothing is due any more."""
        end = time.monotonic() + timeout
        while not self._is_drained():
            if time.monotonic() > end:
                return False
            self.wake()
            time.sleep(POLL_SECONDS)
        return True

    def _is_drained(self) -> bool:
        with self._lock:
            finished_before, busy_before = self._finished_count, self._busy_count
        if busy_before or self._outbox.seconds_until_next() == 0:
            return False
        # A delivery that finished meanwhile may have enqueued others.
        with self._lock:
            return not self._busy_count and self._finished_count == finished_before

    def _run(self) -> None:
        limit = MAX_WORKERS
        while not self._stop_event.is_set():
            self._mark_moved()
            self._wake_event.clear()
            pause = self._poll_once(limit)
            if self._wake_event.wait(pause):
                # Claim together what a burst of commands enqueues.
                self._stop_event.wait(BATCH_SECONDS)
            is_quiet = self._priority_gate.wait_until_quiet(YIELD_SECONDS)
            limit = MAX_WORKERS if is_quiet else 1

    def _poll_once(self, limit: int) -> float | None:
        """Claim and submit up to `limit` deliveries.

        Return the seconds until the next poll, or None while threads are busy: each
        wakes the worker when it is done.
        """
        try:
            is_busy = self._claim_and_submit(limit)
            pause = None if is_busy else self._idle_seconds()
        except Unavailable as error:
            log.warning(
                "deliveries are not claimed, the database is unavailable (%s); next try in %.0f s",
                error.reason,
                self._error_backoff,
            )
            return self._next_error_backoff()
        except Exception as error:  # noqa: BLE001 - the outbox worker must never die
            log_error(log, "claiming deliveries", error)
            return self._next_error_backoff()
        self._error_backoff = ERROR_BACKOFF_SECONDS
        return pause

    def _idle_seconds(self) -> float:
        due_in = self._outbox.seconds_until_next()
        if due_in is None:
            return MAX_IDLE_SECONDS
        return min(max(due_in, POLL_SECONDS), MAX_IDLE_SECONDS)

    def _next_error_backoff(self) -> float:
        pause = self._error_backoff
        self._error_backoff = min(pause * 2, MAX_ERROR_BACKOFF_SECONDS)
        return pause

    def _claim_and_submit(self, limit: int) -> bool:
        """Claim up to `limit` deliveries; return whether any thread is busy now."""
        with self._lock:
            busy_before = self._busy_count
            reserved = min(limit, MAX_WORKERS - busy_before)
            self._busy_count += reserved
        claimed: list[Delivery] = []
        try:
            if reserved:
                claimed = self._outbox.claim_deliveries(reserved, LEASE_DURATION)
        finally:
            with self._lock:
                self._busy_count -= reserved - len(claimed)
        for delivery in claimed:
            self._submit_delivery(delivery)
        return bool(claimed) or busy_before > 0

    def _submit_delivery(self, delivery: Delivery) -> None:
        if self._executor is None:
            raise RuntimeError("the outbox worker was not started")
        future = self._executor.submit(self._attempt_and_settle, delivery)
        future.add_done_callback(partial(self._on_delivery_done, delivery))

    def _on_delivery_done(self, delivery: Delivery, future: Future[None]) -> None:
        # A delivery that could not be settled can be claimed again when its lease ends.
        error = future.exception()
        if isinstance(error, Unavailable):
            log.warning(
                "delivery %d is not settled, the database is unavailable (%s)",
                delivery.id,
                error.reason,
            )
        elif error:
            log_error(log, f"settling delivery {delivery.id}", error)
        with self._lock:
            self._busy_count -= 1
            self._finished_count += 1
        self.wake()

    def _attempt_and_settle(self, delivery: Delivery) -> None:
        with trace_delivery(delivery):
            result = self._attempt_delivery(delivery)
            get_recorder().count_delivery(_way_of(delivery), OUTCOMES[type(result)])
            self._settle_delivery(delivery, result)

    def _attempt_delivery(self, delivery: Delivery) -> AttemptResult:
        try:
            return Sent(self._deliveries.run(delivery))
        except MethodPaused as pause:
            after = timedelta(seconds=pause.seconds + self._random.random())
            return RetryLater(after, "ratelimited", is_counted=False)
        except (SlackCallFailed, MailFailed) as error:
            return self._judge_failure(delivery, error)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the outbox worker must never die
            work = f"delivery {delivery.id} ({delivery.message})"
            return GiveUp(f"defect {log_error(log, work, error)}")

    def _judge_failure(
        self, delivery: Delivery, error: SlackCallFailed | MailFailed
    ) -> RetryLater | GiveUp:
        is_transient = error.kind is FailureKind.TRANSIENT
        if is_transient and isinstance(error, SlackCallFailed):
            self._count_failure(delivery)
        if is_transient and delivery.attempts < MAX_ATTEMPTS:
            return RetryLater(self._retry_delay(delivery.attempts), error.code)
        is_expected = error.kind is FailureKind.RECIPIENT_GONE
        log.log(
            logging.WARNING if is_expected else logging.ERROR,
            "delivery %d in workspace %s (%s to %s) is given up after %d attempts: %s",
            delivery.id,
            delivery.workspace,
            delivery.message,
            delivery.target,
            delivery.attempts,
            error.code,
        )
        return GiveUp(error.code)

    def _settle_delivery(self, delivery: Delivery, result: AttemptResult) -> None:
        if isinstance(result, RetryLater):
            self._outbox.schedule_retry(
                delivery, result.after, result.problem, is_counted=result.is_counted
            )
        elif isinstance(result, GiveUp):
            self._outbox.mark_failed(delivery, result.problem)
        else:
            self._outbox.mark_sent(delivery, *result.records)
            self._retry_after_outage(delivery)

    def _retry_after_outage(self, delivery: Delivery) -> None:
        """Retry deliveries by the same method at once, if it had an outage."""
        method = _method_of(delivery)
        with self._lock:
            # What failed before the start is unknown. A single target that fails among
            # others that work is not tried earlier.
            key = (delivery.workspace, method)
            had_outage = (
                self._failure_counts.get(key, OUTAGE_ATTEMPTS) >= OUTAGE_ATTEMPTS
            )
            self._failure_counts[key] = 0
        if not had_outage:
            return
        if method == POST_METHOD:
            self._outbox.retry_now(
                delivery.workspace, list(METHOD_BY_MESSAGE), are_excluded=True
            )
            return
        messages = [each for each, its in METHOD_BY_MESSAGE.items() if its == method]
        self._outbox.retry_now(delivery.workspace, messages)

    def _count_failure(self, delivery: Delivery) -> None:
        key = (delivery.workspace, _method_of(delivery))
        with self._lock:
            self._failure_counts[key] = self._failure_counts.get(key, 0) + 1

    def _retry_delay(self, attempts: int) -> timedelta:
        """Return the pause after `attempts` attempts.

        It varies, so that deliveries that failed together are not retried together.
        """
        seconds = RETRY_FACTOR ** (attempts - 1)
        return timedelta(seconds=seconds * self._random.uniform(0.75, 1.25))


def _method_of(delivery: Delivery) -> str:
    return METHOD_BY_MESSAGE.get(delivery.message, POST_METHOD)


def _way_of(delivery: Delivery) -> str:
    """Return a short name of how a delivery is sent, for the metrics.

    A notification to a person without an account counts as a message; its mail is
    counted where it is sent.
    """
    if is_mail_target(delivery.target):
        return "mail"
    method = _method_of(delivery)
    return "message" if method == POST_METHOD else method
