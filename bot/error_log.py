"""Log unexpected errors under an id, without anything that people typed."""

from __future__ import annotations

import logging
import secrets
import traceback


def log_error(log: logging.Logger, work: str, error: BaseException) -> str:
    """Log where an unexpected error happened, and return its id.

    The error's message is left out, as it may quote data. `work` says what failed.
    """
    error_id = f"E{secrets.token_hex(4).upper()}"
    frames = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    log.error("%s: %s failed with %s\n%s", error_id, work, type(error).__name__, frames)
    return error_id
