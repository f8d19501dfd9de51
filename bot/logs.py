"""The log: lines of text, or of JSON with what is known about the work at hand."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from bot.request_trace import get_trace_facts

TEXT_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
NOISY_LOGGERS = (
    "slack_bolt",
    "slack_sdk",
    "werkzeug",
    "urllib3",
    "alembic",
    "apscheduler",
)
# Granian's own lines take the same way as all others.
GRANIAN_LOGGING: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


class LogForm(Enum):
    """Name the form of a log line."""

    TEXT = "text"
    JSON = "json"


def parse_log_form(typed: str) -> LogForm:
    """Return the form of log lines."""
    try:
        return LogForm(typed)
    except ValueError:
        raise ValueError("isn't text or json") from None


class JsonFormatter(logging.Formatter):
    """Formats a record as one object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; of an exception it has the type, as its text may quote."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, str | int] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **get_trace_facts(),
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def log_to_stderr(form: LogForm) -> None:
    """Log to stderr; libraries only their errors, as their other lines quote people."""
    handler = logging.StreamHandler(sys.stderr)
    is_json = form is LogForm.JSON
    handler.setFormatter(JsonFormatter() if is_json else logging.Formatter(TEXT_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
