"""Ids of what is created, in the order of its age."""

from __future__ import annotations

import secrets
import time


def new_id(prefix: str) -> str:
    """Return a new id.

    It begins with milliseconds, so that ids sort by age, and is all upper case, so that
    none looks like a slug.
    """
    return f"{prefix}{int(time.time() * 1000):012X}{secrets.token_hex(8).upper()}"
