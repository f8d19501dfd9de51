"""The scopes of the app's bot, as manifest.yml declares them; a test compares them."""

from __future__ import annotations

REQUIRED_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:read",
        "im:history",
        "im:write",
        "users:read",
        "users:read.email",
    }
)
# Without one of these the app works, but leaves something out.
OPTIONAL_SCOPES = frozenset({"channels:join", "team:read"})
ALL_SCOPES = REQUIRED_SCOPES | OPTIONAL_SCOPES
