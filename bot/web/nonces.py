"""Nonces of pages: a POST is accepted only from a page that was served before."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

LIFETIME = timedelta(days=1)
MAX_CLOCK_SKEW = timedelta(minutes=5)  # between the processes of one installation


class Nonces:
    """Makes nonces for pages, and checks them; nothing is stored."""

    def __init__(
        self, secret_keys: tuple[str, ...], now: Callable[[], datetime]
    ) -> None:
        self._secret_keys = secret_keys
        self._now = now

    def create(self, page: str) -> str:
        """Return a new nonce for a page."""
        issued = f"{int(self._now().timestamp()):x}-{secrets.token_hex(8)}"
        return f"{issued}-{_sign(self._secret_keys[0], page, issued)}"

    def is_valid(self, page: str, nonce: str) -> bool:
        """Return whether a nonce was made for this page, not too long ago."""
        issued, _, signature = nonce.rpartition("-")
        signatures = [_sign(key, page, issued) for key in self._secret_keys]
        encoded = signature.encode()
        if not any(hmac.compare_digest(encoded, each.encode()) for each in signatures):
            return False
        age = self._now().timestamp() - int(issued.partition("-")[0], 16)
        return -MAX_CLOCK_SKEW.total_seconds() <= age <= LIFETIME.total_seconds()


def _sign(key: str, page: str, issued: str) -> str:
    text = f"nonce {page} {issued}"
    return hmac.digest(key.encode(), text.encode(), "sha256").hex()
