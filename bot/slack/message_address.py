"""Where a sent message is in Slack."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class MessageAddress:
    """The channel and the ts of a message, or the URL by which an ephemeral one is
    replaced.
    """

    channel: str = ""
    ts: str = ""
    response_url: str = ""

    def encode(self) -> str:
        """Return the address as text."""
        return json.dumps({key: value for key, value in asdict(self).items() if value})

    @classmethod
    def decode(cls, text: str) -> MessageAddress:
        """Return the address that `encode` wrote."""
        return cls(**json.loads(text))
