"""Defects in the log: under an id that can be quoted, with where it happened, without what anybody typed."""

from __future__ import annotations

import logging
import secrets
import traceback


def log_error(log: logging.Logger, what: str, error: BaseException) -> str:
    """Log an unexpected error and give the id under which it stands; its message is left out, it may quote data."""
    name = f"E{secrets.token_hex(4).upper()}"
    places = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    log.error("%s: %s failed with %s\n%s", name, what, type(error).__name__, places)
    return name
