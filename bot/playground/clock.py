"""The playground's time: real time, moved by an offset."""

from datetime import UTC, datetime, timedelta


class OffsetClock:
    """Runs like the real clock from wherever it was set."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """This moment in UTC, moved by the offset."""
        return datetime.now(UTC) + self._offset

    def set_now(self, moment: datetime) -> None:
        """Make this moment the present; it runs on from there."""
        self._offset = moment - datetime.now(UTC)

    def epoch_seconds(self) -> float:
        """This moment in seconds since 1970."""
        return self.now().timestamp()
