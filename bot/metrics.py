"""What this process counts for the operator.

Without COLLAB_METRICS_LISTEN nothing is counted, and `bot/metrics_server.py`, which
needs prometheus-client, is not imported. As with logging, there is one recorder for the
process. No label has a name, a text or an id of a person.
"""

from __future__ import annotations

OTHER = "other"  # the label of a verb or a method that is not known


class Recorder:
    """Counts nothing; the recorder of a process without a listener for metrics."""

    def count_command(self, verb: str, outcome: str, seconds: float) -> None:
        """Count a typed command and how long its answer took."""

    def count_delivery(self, way: str, outcome: str) -> None:
        """Count an attempt to deliver: sent, retried or failed."""

    def count_mail(self, outcome: str) -> None:
        """Count a mail that was handed to the mail server, or could not be."""

    def count_slack_call(self, method: str, outcome: str) -> None:
        """Count a call of Slack."""

    def count_due_items(self, count: int) -> None:
        """Count items of due work that were done."""

    def count_transaction(self, kind: str, seconds: float) -> None:
        """Count a transaction, `read` or `write`, and how long it was open."""


_recorder = Recorder()


def get_recorder() -> Recorder:
    """Return the recorder of this process."""
    return _recorder


def set_recorder(recorder: Recorder) -> None:
    """Set the recorder of this process."""
    global _recorder  # noqa: PLW0603 - one for the process, as with logging
    _recorder = recorder
