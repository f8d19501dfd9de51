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

from bot.errands import METHODS, POST, Errands
from bot.rush import Rush
from bot.slack import Resting, SlackTrouble, Sort
from bot.trouble import log_defect
from collab.notices import Copy, Delivery, ThreadStart
from collab.service import Unavailable

log = logging.getLogger("collab.courier")

HANDS = 4  # one slow target does not hold the others
LEASE = timedelta(seconds=60)
IDLE = 5.0  # seconds; what another process put into the outbox is seen by then
ATTEMPTS = 12
GROWTH = 3.0  # 1 s, 3 s, 9 s, …: eleven waits are about a day
STUMBLE, LONGEST_STUMBLE = 1.0, 30.0  # seconds to wait when the database fails
OUTAGE = 2  # failures of a method without a success between
GLANCE = 0.01  # seconds
GATHER = 0.02  # seconds
YIELD = 0.125  # seconds; in a rush that does not end, one is carried then all the same


class Outbox(Protocol):
    """What the courier asks of the outbox."""

    def claim(self, most: int, lease: timedelta) -> list[Delivery]:
        """The heads of up to so many targets; each attempt is counted when it is claimed."""

    def sent(self, delivery: Delivery, *kept: Copy | ThreadStart) -> bool:
        """Settle what was sent and remember its copy and its thread."""

    def again(self, delivery: Delivery, after: timedelta, problem: str, *, counted: bool = True) -> None:
        """Put a delivery back, to be tried after a while."""

    def dead(self, delivery: Delivery, problem: str) -> None:
        """Give a delivery up, and tell whoever can do something about it."""

    def hasten(self, workspace: str, messages: Collection[str], *, are_excluded: bool = False) -> None:
        """Make what waits after a failure due at once: these messages, or all but these."""

    def wait(self) -> float | None:
        """Seconds until something can be claimed; nothing when nothing waits."""


class Courier:
    """Carries what waits in the outbox, in threads of its own."""

    def __init__(self, outbox: Outbox, errands: Errands, dice: random.Random, rush: Rush) -> None:
        self._outbox = outbox
        self._errands = errands
        self._dice = dice
        self._rush = rush
        self._wakened = Event()
        self._stopping = Event()
        self._lock = Lock()
        self._busy = 0
        self._finished = 0
        self._failures: dict[tuple[str, str], int] = {}  # in a row, by workspace and method
        self._stumble = STUMBLE
        self._thread: Thread | None = None
        self._hands: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Begin to carry."""
        self._hands = ThreadPoolExecutor(HANDS, "courier-hand")
        self._thread = Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look into the outbox soon; cheap, from any thread."""
        self._wakened.set()

    def stop(self) -> None:
        """Finish what is being sent and carry no more."""
        self._stopping.set()
        self.wake()
        if self._thread:
            self._thread.join()
        if self._hands:
            self._hands.shutdown()

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is due; false when something still is after so many seconds."""
        end = time.monotonic() + timeout
        while not self._drained():
            if time.monotonic() > end:
                return False
            self.wake()
            time.sleep(GLANCE)
        return True

    def _drained(self) -> bool:
        # What finishes while the outbox is asked may have put something new there.
        with self._lock:
            before, busy = self._finished, self._busy
        due = busy == 0 and self._outbox.wait() == 0
        with self._lock:
            return not (busy or due or self._busy) and self._finished == before

    def _run(self) -> None:
        most = HANDS
        while not self._stopping.is_set():
            self._wakened.clear()
            pause = self._round(most)
            if self._wakened.wait(pause):
                # What a burst of commands puts there is claimed in one go, and not beside each of them.
                self._stopping.wait(GATHER)
            most = HANDS if self._rush.wait_over(YIELD) else 1

    def _round(self, most: int) -> float | None:
        """Hand out up to so many; the seconds to wait, nothing while a hand is busy: it wakes when it is done."""
        try:
            pause = None if self._hand_out(most) else self._idle()
        except Unavailable as failure:
            log.warning("the database fails the courier (%s); it tries again in %.0f s", failure.reason, self._stumble)
            return self._stumbled()
        except Exception as error:  # noqa: BLE001 - the courier must never die
            log_defect(log, "a round of the courier", error)
            return self._stumbled()
        self._stumble = STUMBLE
        return pause

    def _idle(self) -> float:
        due = self._outbox.wait()
        return IDLE if due is None else min(max(due, GLANCE), IDLE)

    def _stumbled(self) -> float:
        pause, self._stumble = self._stumble, min(self._stumble * 2, LONGEST_STUMBLE)
        return pause

    def _hand_out(self, most: int) -> bool:
        """Claim for every empty hand, up to so many; whether any is busy now."""
        with self._lock:
            busy = self._busy
            empty = min(most, HANDS - busy)
            self._busy += empty
        claimed: list[Delivery] = []
        try:
            claimed = self._outbox.claim(empty, LEASE) if empty else []
        finally:
            with self._lock:
                self._busy -= empty - len(claimed)
        for delivery in claimed:
            self._hand(delivery)
        return bool(claimed) or busy > 0

    def _hand(self, delivery: Delivery) -> None:
        if self._hands is None:
            raise RuntimeError("the courier was not started")
        self._hands.submit(self._carry, delivery).add_done_callback(partial(self._put_down, delivery))

    def _carry(self, delivery: Delivery) -> None:
        self._attempt(delivery)()

    def _put_down(self, delivery: Delivery, carried: Future[None]) -> None:
        # What could not be settled comes back by itself when its lease ends.
        error = carried.exception()
        if isinstance(error, Unavailable):
            log.warning("delivery %d is not settled: the database fails (%s)", delivery.id, error.reason)
        elif error:
            log_defect(log, f"settling delivery {delivery.id}", error)
        with self._lock:
            self._busy -= 1
            self._finished += 1
        self.wake()

    def _attempt(self, delivery: Delivery) -> Callable[[], object]:
        """Do the errand; gives how it is to be settled."""
        try:
            kept = self._errands.run(delivery)
        except Resting as rest:
            after = timedelta(seconds=rest.seconds + self._dice.random())
            return partial(self._outbox.again, delivery, after, "ratelimited", counted=False)
        except SlackTrouble as trouble:
            return self._failed(delivery, trouble)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the courier must never die
            name = log_defect(log, f"delivery {delivery.id} ({delivery.message})", error)
            return partial(self._outbox.dead, delivery, f"defect {name}")
        return partial(self._sent, delivery, kept)

    def _sent(self, delivery: Delivery, kept: Sequence[Copy | ThreadStart]) -> None:
        """Settle what was sent; after failures of the same method, what waits for it need not wait any longer."""
        self._outbox.sent(delivery, *kept)
        method = METHODS.get(delivery.message, POST)
        with self._lock:
            # Nobody knows what failed before the start. A target that fails among others that work is not hastened.
            has_recovered = self._failures.get((delivery.workspace, method), OUTAGE) >= OUTAGE
            self._failures[delivery.workspace, method] = 0
        if has_recovered:
            same = [message for message, its in METHODS.items() if its == method]
            self._outbox.hasten(delivery.workspace, same or list(METHODS), are_excluded=method == POST)

    def _failed(self, delivery: Delivery, trouble: SlackTrouble) -> Callable[[], object]:
        if trouble.sort is Sort.TRANSIENT:
            key = delivery.workspace, METHODS.get(delivery.message, POST)
            with self._lock:
                self._failures[key] = self._failures.get(key, 0) + 1
        if trouble.sort is Sort.TRANSIENT and delivery.attempts < ATTEMPTS:
            return partial(self._outbox.again, delivery, self._pause(delivery.attempts), trouble.code)
        level = logging.WARNING if trouble.sort is Sort.GONE else logging.ERROR
        words = "delivery %d in workspace %s (%s to %s) is given up after %d attempts: %s"
        about = (delivery.id, delivery.workspace, delivery.message, delivery.target, delivery.attempts, trouble.code)
        log.log(level, words, *about)
        return partial(self._outbox.dead, delivery, trouble.code)

    def _pause(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts; spread, so that what failed together does not return together."""
        return timedelta(seconds=GROWTH ** (attempts - 1) * self._dice.uniform(0.75, 1.25))
