"""Time: a few interval jobs, in memory, that sweep what is due in the database and wake the courier."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.trouble import log_defect
from collab.service import Collab, Unavailable

log = logging.getLogger("collab.clock")

WAKE = timedelta(seconds=5)


class Clock:
    """Lets time pass for the core, every tick; what fails is tried again at the next one."""

    def __init__(self, collab: Collab, wake: Callable[[], None], now: Callable[[], datetime], tick: timedelta) -> None:
        self._collab = collab
        self._wake = wake
        self._now = now
        self._tick = tick
        self._scheduler: Any = None

    def start(self) -> None:
        """Begin to tick; the first sweep is at once, for what fell due while nobody looked."""
        from apscheduler.events import EVENT_JOB_ERROR  # noqa: PLC0415 - slow to import
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

        # Its own lines quote what an exception says.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        usual = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=usual)
        self._scheduler.add_listener(failed, EVENT_JOB_ERROR)
        for name, job, every in (("sweep", self.sweep, self._tick), ("wake", self._wake, WAKE)):
            start = {"next_run_time": datetime.now(self._scheduler.timezone)} if name == "sweep" else {}
            self._scheduler.add_job(job, "interval", seconds=every.total_seconds(), id=name, **start)
        self._scheduler.start()

    def sweep(self) -> None:
        """Do all that is due."""
        try:
            done = self._collab.pass_time(self._now())
        except Unavailable as failure:
            log.warning("the database fails the clock (%s); it sweeps again in %s", failure.reason, self._tick)
            return
        if done:
            log.info("time did %d things that were due", done)

    def stop(self) -> None:
        """Finish the running sweep and tick no more."""
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None


def failed(event: Any) -> None:
    """Log what a job raised."""
    log_defect(log, f"the clock's {event.job_id}", event.exception)
