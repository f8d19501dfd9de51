"""The app's credentials for Slack's OAuth: signing people in, and installing the app."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OAuthCredentials:
    """The app's credentials, and the address that Slack sends people back to."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
