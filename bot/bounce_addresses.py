"""The addresses that bounces come back to: each names one mail, and is signed.

Local parts may arrive in another case, so a code is of lower-case letters and digits.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from bot.config import FatalError
from collab.model import DeliveryId

PURPOSE = "bounce"
SIGNATURE_LENGTH = 16  # 80 bits
CODE = re.compile(r"\+(\d{1,18})-(\d{1,3})-([a-z2-7]{16})@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail: the delivery that it was sent by, and the position of its topic there."""

    delivery_id: DeliveryId
    position: int = 0


class BounceAddresses:
    """Makes and reads the addresses; `address` is the one that codes are added to."""

    def __init__(self, address: str, secrets: Sequence[str]) -> None:
        self._local, _, self._domain = address.rpartition("@")
        self._secrets = secrets

    def create(self, mail: SentMail) -> str:
        """Return the address that the bounce of a mail comes back to."""
        text = f"{mail.delivery_id}-{mail.position}"
        signature = _compute_signature(self._secrets[0], text)
        return f"{self._local}+{text}-{signature}@{self._domain}"

    def find(self, text: str) -> SentMail | None:
        """Return the first mail that an address in a text names; None without one that
        was made here.
        """
        return next(self._iterate_mails(text), None)

    def _iterate_mails(self, text: str) -> Iterator[SentMail]:
        for match in CODE.finditer(text):
            delivery_id, position, signature = match.groups()
            expected = [
                _compute_signature(secret, f"{delivery_id}-{position}")
                for secret in self._secrets
            ]
            if any(hmac.compare_digest(signature.lower(), each) for each in expected):
                yield SentMail(DeliveryId(int(delivery_id)), int(position))


def find_bounce_addresses(
    address: str | None, secrets: Sequence[str]
) -> BounceAddresses | None:
    """Return what makes and reads the addresses; None unless they are set up."""
    return BounceAddresses(address, secrets) if address and secrets else None


def get_bounce_addresses(
    address: str | None, secrets: Sequence[str]
) -> BounceAddresses:
    """Return what makes and reads the addresses; raises FatalError."""
    addresses = find_bounce_addresses(address, secrets)
    if addresses is None:
        raise FatalError("COLLAB_BOUNCE_ADDRESS or COLLAB_SECRET isn't set")
    return addresses


def _compute_signature(secret: str, text: str) -> str:
    digest = hmac.digest(secret.encode(), f"{PURPOSE} {text}".encode(), sha256)
    return b32encode(digest).decode().lower()[:SIGNATURE_LENGTH]
