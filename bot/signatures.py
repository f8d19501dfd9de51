"""Sign what browsers and mails carry, so that nobody else can make it."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence

FIELD = re.compile(r"[A-Za-z0-9_-]*")
SEPARATOR = "."
MAX_LENGTH = 400


class Signer:
    """Signs texts for one purpose with the first secret, and checks with all."""

    def __init__(self, purpose: str, secrets: Sequence[str]) -> None:
        self._purpose = purpose
        self._secrets = secrets

    def sign(self, *fields: str) -> str:
        """Return a token of some fields of letters, digits, `_` and `-`."""
        if not all(map(FIELD.fullmatch, fields)):
            raise ValueError("unusable field")
        text = SEPARATOR.join(fields)
        return f"{text}{SEPARATOR}{self._compute_signature(self._secrets[0], text)}"

    def read(self, token: str) -> tuple[str, ...] | None:
        """Return the fields of a token; None for one that was not made here."""
        if len(token) > MAX_LENGTH or not token.isascii():
            return None
        text, _, signature = token.rpartition(SEPARATOR)
        expected = [self._compute_signature(key, text) for key in self._secrets]
        if not any(hmac.compare_digest(signature, each) for each in expected):
            return None
        return tuple(text.split(SEPARATOR))

    def _compute_signature(self, secret: str, text: str) -> str:
        message = f"{self._purpose} {text}".encode()
        digest = hmac.digest(secret.encode(), message, "sha256")
        return urlsafe_b64encode(digest).decode().rstrip("=")
