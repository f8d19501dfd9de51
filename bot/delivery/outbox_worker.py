"""The courier: outbox → Slack. Claims under a lease, sends, settles; at least once, in order per target."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Event, Lock, Thread
from typing import Protocol

from bot.delivery.slack import METHOD_BY_MESSAGE, POST_METHOD, SlackDeliveries
from bot.error_log import log_error
from bot.priority_gate import PriorityGate
from bot.slack.errors import FailureKind, MethodPaused, SlackCallFailed
from collab.model import Delivery, LiveMessage
from collab.notifications.routing import ThreadStart
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.courier")

MAX_WORKERS = 4  # one slow target does not hold the others
LEASE_DURATION = timedelta(seconds=60)
MAX_IDLE_SECONDS = (
    5.0  # seconds; what another process put into the outbox is seen by then
)
MAX_ATTEMPTS = 12
RETRY_FACTOR = 3.0  # 1 s, 3 s, 9 s, …: eleven waits are about a day
ERROR_BACKOFF_SECONDS, MAX_ERROR_BACKOFF_SECONDS = (
    1.0,
    30.0,
)  # seconds to wait when the database fails
OUTAGE_ATTEMPTS = 2  # failures of a method without a success between
POLL_SECONDS = 0.01  # seconds
BATCH_SECONDS = 0.02  # seconds
YIELD_SECONDS = (
    0.125  # seconds; in a rush that does not end, one is carried then all the same
)


class DeliveryQueue(Protocol):
    """What the courier asks of the outbox."""

    def claim_deliveries(self, limit: int, lease: timedelta) -> list[Delivery]:
        """The heads of up to so many targets; each attempt is counted when it is claimed."""

    def mark_sent(self, delivery: Delivery, *kept: LiveMessage | ThreadStart) -> bool:
        """Settle what was sent and remember its copy and its thread."""

    def schedule_retry(
        self,
        delivery: Delivery,
        after: timedelta,
        problem: str,
        *,
        is_counted: bool = True,
    ) -> None:
        """Put a delivery back, to be tried after a while."""

    def mark_failed(self, delivery: Delivery, problem: str) -> None:
        """Give a delivery up, and tell whoever can do something about it."""

    def retry_now(
        self, workspace: str, messages: Collection[str], *, are_excluded: bool = False
    ) -> None:
        """Make what waits after a failure due at once: these messages, or all but these."""

    def seconds_until_next(self) -> float | None:
        """Seconds until something can be claimed; nothing when nothing waits."""


class OutboxWorker:
    """Carries what waits in the outbox, in threads of its own."""

    def __init__(
        self,
        outbox: DeliveryQueue,
        deliveries: SlackDeliveries,
        random_source: random.Random,
        priority_gate: PriorityGate,
    ) -> None:
        self._outbox = outbox
        self._deliveries = deliveries
        self._random = random_source
        self._priority_gate = priority_gate
        self._wake_event = Event()
        self._stop_event = Event()
        self._lock = Lock()
        self._busy = 0
        self._finished = 0
        self._failures: dict[
            tuple[str, str], int
        ] = {}  # in a row, by workspace and method
        self._stumble = ERROR_BACKOFF_SECONDS
        self._thread: Thread | None = None
        self._hands: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Begin to carry."""
        self._hands = ThreadPoolExecutor(MAX_WORKERS, "courier-hand")
        self._thread = Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look into the outbox soon; cheap, from any thread."""
        self._wake_event.set()

    def stop(self) -> None:
        """Finish what is being sent and carry no more."""
        self._stop_event.set()
        self.wake()
        if self._thread:
            self._thread.join()
        if self._hands:
            self._hands.shutdown()

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is due; false when something still is after so many seconds."""
        end = time.monotonic() + timeout
        while not self._is_drained():
            if time.monotonic() > end:
                return False
            self.wake()
            time.sleep(POLL_SECONDS)
        return True

    def _is_drained(self) -> bool:
        # What finishes while the outbox is asked may have put something new there.
        with self._lock:
            before, busy = self._finished, self._busy
        due = busy == 0 and self._outbox.seconds_until_next() == 0
        with self._lock:
            return not (busy or due or self._busy) and self._finished == before

    def _run(self) -> None:
        most = MAX_WORKERS
        while not self._stop_event.is_set():
            self._wake_event.clear()
            pause = self._poll_once(most)
            if self._wake_event.wait(pause):
                # What a burst of commands puts there is claimed in one go, and not beside each of them.
                self._stop_event.wait(BATCH_SECONDS)
            most = (
                MAX_WORKERS
                if self._priority_gate.wait_until_quiet(YIELD_SECONDS)
                else 1
            )

    def _poll_once(self, most: int) -> float | None:
        """Hand out up to so many; the seconds to wait, nothing while a hand is busy: it wakes when it is done."""
        try:
            pause = None if self._claim_and_submit(most) else self._is_idle()
        except Unavailable as failure:
            log.warning(
                "the database fails the courier (%s); it tries again in %.0f s",
                failure.reason,
                self._stumble,
            )
            return self._next_error_backoff()
        except Exception as error:  # noqa: BLE001 - the courier must never die
            log_error(log, "a round of the courier", error)
            return self._next_error_backoff()
        self._stumble = ERROR_BACKOFF_SECONDS
        return pause

    def _is_idle(self) -> float:
        due = self._outbox.seconds_until_next()
        return (
            MAX_IDLE_SECONDS
            if due is None
            else min(max(due, POLL_SECONDS), MAX_IDLE_SECONDS)
        )

    def _next_error_backoff(self) -> float:
        pause, self._stumble = (
            self._stumble,
            min(self._stumble * 2, MAX_ERROR_BACKOFF_SECONDS),
        )
        return pause

    def _claim_and_submit(self, most: int) -> bool:
        """Claim for every empty hand, up to so many; whether any is busy now."""
        with self._lock:
            busy = self._busy
            empty = min(most, MAX_WORKERS - busy)
            self._busy += empty
        claimed: list[Delivery] = []
        try:
            claimed = (
                self._outbox.claim_deliveries(empty, LEASE_DURATION) if empty else []
            )
        finally:
            with self._lock:
                self._busy -= empty - len(claimed)
        for delivery in claimed:
            self._submit_delivery(delivery)
        return bool(claimed) or busy > 0

    def _submit_delivery(self, delivery: Delivery) -> None:
        if self._hands is None:
            raise RuntimeError("the courier was not started")
        self._hands.submit(self._attempt_and_settle, delivery).add_done_callback(
            partial(self._on_delivery_done, delivery)
        )

    def _attempt_and_settle(self, delivery: Delivery) -> None:
        self._attempt_delivery(delivery)()

    def _on_delivery_done(self, delivery: Delivery, carried: Future[None]) -> None:
        # What could not be settled comes back by itself when its lease ends.
        error = carried.exception()
        if isinstance(error, Unavailable):
            log.warning(
                "delivery %d is not settled: the database fails (%s)",
                delivery.id,
                error.reason,
            )
        elif error:
            log_error(log, f"settling delivery {delivery.id}", error)
        with self._lock:
            self._busy -= 1
            self._finished += 1
        self.wake()

    def _attempt_delivery(self, delivery: Delivery) -> Callable[[], object]:
        """Do the errand; gives how it is to be settled."""
        try:
            kept = self._deliveries.run(delivery)
        except MethodPaused as rest:
            after = timedelta(seconds=rest.seconds + self._random.random())
            return partial(
                self._outbox.schedule_retry,
                delivery,
                after,
                "ratelimited",
                is_counted=False,
            )
        except SlackCallFailed as trouble:
            return self._settle_failed(delivery, trouble)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the courier must never die
            name = log_error(log, f"delivery {delivery.id} ({delivery.message})", error)
            return partial(self._outbox.mark_failed, delivery, f"defect {name}")
        return partial(self._settle_sent, delivery, kept)

    def _settle_sent(
        self, delivery: Delivery, kept: Sequence[LiveMessage | ThreadStart]
    ) -> None:
        """Settle what was sent; after failures of the same method, what waits for it need not wait any longer."""
        self._outbox.mark_sent(delivery, *kept)
        method = METHOD_BY_MESSAGE.get(delivery.message, POST_METHOD)
        with self._lock:
            # Nobody knows what failed before the start. A target that fails among others that work is not hastened.
            has_recovered = (
                self._failures.get((delivery.workspace, method), OUTAGE_ATTEMPTS)
                >= OUTAGE_ATTEMPTS
            )
            self._failures[delivery.workspace, method] = 0
        if has_recovered:
            same = [
                message for message, its in METHOD_BY_MESSAGE.items() if its == method
            ]
            self._outbox.retry_now(
                delivery.workspace,
                same or list(METHOD_BY_MESSAGE),
                are_excluded=method == POST_METHOD,
            )

    def _settle_failed(
        self, delivery: Delivery, trouble: SlackCallFailed
    ) -> Callable[[], object]:
        if trouble.kind is FailureKind.TRANSIENT:
            key = (
                delivery.workspace,
                METHOD_BY_MESSAGE.get(delivery.message, POST_METHOD),
            )
            with self._lock:
                self._failures[key] = self._failures.get(key, 0) + 1
        if trouble.kind is FailureKind.TRANSIENT and delivery.attempts < MAX_ATTEMPTS:
            return partial(
                self._outbox.schedule_retry,
                delivery,
                self._retry_delay(delivery.attempts),
                trouble.code,
            )
        level = (
            logging.WARNING
            if trouble.kind is FailureKind.RECIPIENT_GONE
            else logging.ERROR
        )
        renderer = (
            "delivery %d in workspace %s (%s to %s) is given up after %d attempts: %s"
        )
        about = (
            delivery.id,
            delivery.workspace,
            delivery.message,
            delivery.target,
            delivery.attempts,
            trouble.code,
        )
        log.log(level, renderer, *about)
        return partial(self._outbox.mark_failed, delivery, trouble.code)

    def _retry_delay(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts; spread, so that what failed together does not return together."""
        return timedelta(
            seconds=RETRY_FACTOR ** (attempts - 1) * self._random.uniform(0.75, 1.25)
        )
