"""The scheduler: run due work, wake the outbox worker, write heartbeats, clean, and renew
tokens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from bot.error_log import log_error
from bot.metrics import get_recorder
from collab.bus import Bus
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.scheduler")

WAKE_INTERVAL = timedelta(seconds=5)
HEARTBEAT_INTERVAL = timedelta(seconds=10)
CLEAN_INTERVAL = timedelta(hours=1)
RENEWAL_INTERVAL = timedelta(minutes=5)  # Slack's tokens are valid for twelve hours
WATCH_SECONDS = 1.0  # between two looks at the wall clock
CLOCK_TOLERANCE = timedelta(seconds=1)


class Scheduler:
    """Runs due work at an interval; work that failed runs again at the next one."""

    def __init__(
        self,
        bus: Bus,
        wake_outbox_worker: Callable[[], None],
        now: Callable[[], datetime],
        interval: timedelta,
        write_heartbeat: Callable[[], None] = lambda: None,
        delete_expired_rows: Callable[[datetime], int] = lambda _at: 0,
        renew_tokens: Callable[[], None] | None = None,
        mark_moved: Callable[[str, float], None] = lambda _name, _patience: None,
    ) -> None:
        self._bus = bus
        self._wake_outbox_worker = wake_outbox_worker
        self._now = now
        self._interval = interval
        self._write_heartbeat = write_heartbeat
        self._delete_expired_rows = delete_expired_rows
        self._renew_tokens = renew_tokens
        self._mark_moved = mark_moved
        self._scheduler: Any = None
        self._stop_event = Event()
        self._watch_thread: Thread | None = None

    def start(self) -> None:
        """Start the jobs; due work runs at once."""
        from apscheduler.events import EVENT_JOB_ERROR  # noqa: PLC0415 - slow to import
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

        # APScheduler's own log lines quote the text of exceptions.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=defaults)
        self._scheduler.add_listener(log_job_failure, EVENT_JOB_ERROR)
        self._add_job(
            "due work",
            self.run_due_work,
            self._interval,
            next_run_time=datetime.now(self._scheduler.timezone),
        )
        self._add_job("wake", self._wake_outbox_worker, WAKE_INTERVAL)
        self._add_job("heartbeat", self._write_heartbeat, HEARTBEAT_INTERVAL)
        self._add_job("clean", self.clean, CLEAN_INTERVAL)
        if self._renew_tokens:
            self._add_job("renew tokens", self._renew_tokens, RENEWAL_INTERVAL)
        self._scheduler.start()
        self._stop_event.clear()
        self._watch_thread = Thread(
            target=self._watch_wall_clock, name="clock-watch", daemon=True
        )
        self._watch_thread.start()

    def _add_job(
        self, job_id: str, run: Callable[[], None], interval: timedelta, **options: Any
    ) -> None:
        seconds = interval.total_seconds()
        self._scheduler.add_job(run, "interval", seconds=seconds, id=job_id, **options)

    def run_due_work(self) -> None:
        """Run all work that is due, and log how much there was."""
        self._mark_moved("due work", 2 * self._interval.total_seconds())
        try:
            count = self._bus.run_due(self._now())
        except Unavailable as error:
            log.warning(
                "due work did not run, the database is unavailable (%s); next run in %s",
                error.reason,
                self._interval,
            )
            return
        get_recorder().count_due_items(count)
        if count:
            log.info("due work: %d items done", count)

    def clean(self) -> None:
        """Delete what nobody needs any more."""
        try:
            count = self._delete_expired_rows(self._now())
        except Unavailable as error:
            log.warning("nothing was cleaned, the database: %s", error.reason)
            return
        if count:
            log.info("expired rows deleted: %d", count)

    def stop(self) -> None:
        """Finish the running job and start none any more."""
        self._stop_event.set()
        if self._watch_thread:
            self._watch_thread.join()
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None

    def _watch_wall_clock(self) -> None:
        """Run a job now if its next run is further away than its interval.

        That is so after the clock was set back: APScheduler waits for moments of the
        wall clock, while this waits for seconds, which cannot be set.
        """
        while not self._stop_event.wait(WATCH_SECONDS):
            now = datetime.now(self._scheduler.timezone)
            for job in self._scheduler.get_jobs():
                if job.next_run_time > now + job.trigger.interval + CLOCK_TOLERANCE:
                    log.warning("the clock was set back: job %s runs now", job.id)
                    job.modify(next_run_time=now)


def log_job_failure(event: Any) -> None:
    """Log the exception of APScheduler's event for a failed job."""
    log_error(log, f"job {event.job_id}", event.exception)
