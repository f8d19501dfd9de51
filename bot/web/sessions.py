"""Sessions of people who signed in to their page.

They are signed, and nothing is stored: the record of events says whether one was ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from bot.sign_in_links import MY_PAGE_PATH, ORIGIN
from bot.signatures import Signer
from collab.model import Caller, PersonId, WorkspaceId

COOKIE_NAME = "collab_session"
# Longer than a session, so that the page can say that it has ended.
COOKIE_LIFETIME = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A session; `opened_seq` is the number of the event that opened it."""

    workspace: WorkspaceId
    person: PersonId
    opened_at: datetime
    opened_seq: int

    @property
    def caller(self) -> Caller:
        """The person, as who sends commands and queries."""
        return Caller(self.workspace, None, ORIGIN, person=self.person)


class Sessions:
    """Makes and reads the cookies of sessions."""

    def __init__(self, base_url: str, secrets: Sequence[str]) -> None:
        parts = urlsplit(base_url)
        self._path = f"{parts.path}{MY_PAGE_PATH}"
        self._is_secure = parts.scheme == "https"
        self._signer = Signer("session", secrets)

    def create_cookie(self, session: Session) -> tuple[str, str]:
        """Return the header that opens a session in the browser."""
        opened = str(int(session.opened_at.timestamp()))
        value = self._signer.sign(
            session.workspace, session.person, opened, str(session.opened_seq)
        )
        return self._build_header(value, int(COOKIE_LIFETIME.total_seconds()))

    def delete_cookie(self) -> tuple[str, str]:
        """Return the header that makes the browser forget its session."""
        return self._build_header("", 0)

    def read(self, cookies: Mapping[str, str]) -> Session | None:
        """Return the session of a browser, whether or not it has ended."""
        match self._signer.read(cookies.get(COOKIE_NAME, "")):
            case (workspace, person, opened, seq):
                at = datetime.fromtimestamp(int(opened), UTC)
                return Session(WorkspaceId(workspace), PersonId(person), at, int(seq))
        return None

    def _build_header(self, value: str, seconds: int) -> tuple[str, str]:
        return build_cookie(
            COOKIE_NAME, value, seconds, self._path, is_secure=self._is_secure
        )


def build_cookie(
    name: str,
    value: str,
    seconds: int,
    path: str,
    *,
    is_secure: bool,
    same_site: str = "Strict",
) -> tuple[str, str]:
    """Return the header that sets a cookie which scripts cannot read."""
    parts = [
        f"{name}={value}",
        f"Path={path}",
        f"Max-Age={seconds}",
        "HttpOnly",
        f"SameSite={same_site}",
    ]
    if is_secure:
        parts.append("Secure")
    return "Set-Cookie", "; ".join(parts)


def parse_cookies(header: str) -> Mapping[str, str]:
    """Return the cookies of a request by name."""
    try:
        return {name: each.value for name, each in SimpleCookie(header).items()}
    except CookieError:
        return {}
