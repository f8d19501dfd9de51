"""Time: a few interval jobs, in memory, that sweep what is due in the database and wake the courier."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from bot.error_log import log_error
from collab.bus import Bus
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.clock")

WAKE_INTERVAL, HEARTBEAT_INTERVAL = timedelta(seconds=5), timedelta(seconds=10)
WATCH_SECONDS = 1.0
CLOCK_TOLERANCE = timedelta(seconds=1)


class Scheduler:
    """Lets time pass for the core, every tick; what fails is tried again at the next one."""

    def __init__(
        self,
        collab: Bus,
        wake_outbox_worker: Callable[[], None],
        now: Callable[[], datetime],
        interval: timedelta,
        write_heartbeat: Callable[[], None] = lambda: None,
    ) -> None:
        self._bus = collab
        self._wake_outbox_worker = wake_outbox_worker
        self._now = now
        self._interval = interval
        self._write_heartbeat = write_heartbeat
        self._scheduler: Any = None
        self._stop_event = Event()
        self._watch_thread: Thread | None = None

    def start(self) -> None:
        """Begin to tick; the first sweep is at once, for what fell due while nobody looked."""
        from apscheduler.events import EVENT_JOB_ERROR  # noqa: PLC0415 - slow to import
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

        # Its own lines quote what an exception says.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        usual = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=usual)
        self._scheduler.add_listener(log_job_failure, EVENT_JOB_ERROR)
        jobs = (
            ("sweep", self.run_due_work, self._interval),
            ("wake", self._wake_outbox_worker, WAKE_INTERVAL),
            ("heartbeat", self._write_heartbeat, HEARTBEAT_INTERVAL),
        )
        for name, job, every in jobs:
            start = (
                {"next_run_time": datetime.now(self._scheduler.timezone)}
                if name == "sweep"
                else {}
            )
            self._scheduler.add_job(
                job, "interval", seconds=every.total_seconds(), id=name, **start
            )
        self._scheduler.start()
        self._stop_event.clear()
        self._watch_thread = Thread(
            target=self._watch_wall_clock, name="clock-watch", daemon=True
        )
        self._watch_thread.start()

    def run_due_work(self) -> None:
        """Do all that is due."""
        try:
            done = self._bus.run_due(self._now())
        except Unavailable as failure:
            log.warning(
                "the database fails the clock (%s); it sweeps again in %s",
                failure.reason,
                self._interval,
            )
            return
        if done:
            log.info("time did %d things that were due", done)

    def stop(self) -> None:
        """Finish the running sweep and tick no more."""
        self._stop_event.set()
        if self._watch_thread:
            self._watch_thread.join()
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None

    def _watch_wall_clock(self) -> None:
        """Run a job now when its next run lies further ahead than its interval, as after the clock was set back.

        The scheduler waits for moments of the wall clock. This waits for seconds that nobody can set.
        """
        while not self._stop_event.wait(WATCH_SECONDS):
            now = datetime.now(self._scheduler.timezone)
            for job in self._scheduler.get_jobs():
                if job.next_run_time > now + job.trigger.interval + CLOCK_TOLERANCE:
                    log.warning("the clock was set back: %s runs now", job.id)
                    job.modify(next_run_time=now)


def log_job_failure(event: Any) -> None:
    """Log what a job raised."""
    log_error(log, f"the clock's {event.job_id}", event.exception)
