"""The playground's clock: the real time plus an offset."""

from datetime import UTC, datetime, timedelta


class OffsetClock:
    """Run like the real clock from the moment that was set last."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the current moment in UTC, offset included."""
        return datetime.now(UTC) + self._offset

    def set_now(self, moment: datetime) -> None:
        """Set the current moment to `moment`; the clock runs on from it."""
        self._offset = moment - datetime.now(UTC)

    def epoch_seconds(self) -> float:
        """Return the current moment in seconds since 1970."""
        return self.now().timestamp()
