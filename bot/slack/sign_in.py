"""Sign in with Slack (OpenID Connect): learn which Slack account opens a page.

The flow is https://docs.slack.dev/authentication/sign-in-with-slack.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from bot.slack.oauth_credentials import OAuthCredentials

ALGORITHM = "RS256"  # the only one that Slack signs with
SCOPES = "openid email profile"
TIMEOUT_SECONDS = 5.0
SIGN_IN_PATH = "/me/slack"  # below COLLAB_BASE_URL, where Slack sends people back to
LEEWAY_SECONDS = 60  # between Slack's clock and ours
TEAM_CLAIM = "https://slack.com/team_id"
USER_CLAIM = "https://slack.com/user_id"


class SignInFailed(Exception):
    """Slack did not say who signs in; the text is a code, without secrets."""


@dataclass(frozen=True, slots=True)
class SlackIdentity:
    """The account that signed in, and the address that Slack verified for it."""

    team_id: str
    user_id: str
    name: str
    email: str
    is_email_verified: bool


class SlackSignIn:
    """Sends people to Slack's sign-in page and reads what they bring back.

    `api_url` ends in `/api/`; the sign-in page and the keys are beside it.
    """

    def __init__(
        self,
        credentials: OAuthCredentials,
        api_url: str,
        now: Callable[[], datetime],
        proxy: str | None = None,
    ) -> None:
        self._credentials = credentials
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._api_url = api_url
        self._issuer = api_url.removesuffix("/").removesuffix("/api")
        self._now = now

    def build_authorize_url(self, team_id: str, state: str, nonce: str) -> str:
        """Return the address of Slack's sign-in page.

        Slack sends `state` back to the redirect address, and `nonce` within the token.
        """
        query = {
            "response_type": "code",
            "scope": SCOPES,
            "client_id": self._credentials.client_id,
            "redirect_uri": self._credentials.redirect_uri,
            "team": team_id,
            "state": state,
            "nonce": nonce,
        }
        return f"{self._issuer}/openid/connect/authorize?{urlencode(query)}"

    def fetch_identity(self, code: str, nonce: str) -> SlackIdentity:
        """Exchange the code that Slack sent back; raises SignInFailed."""
        claims = self._read_claims(self._fetch_token(code), nonce)
        identity = SlackIdentity(
            team_id=_read_text(claims, TEAM_CLAIM),
            user_id=_read_text(claims, USER_CLAIM),
            name=_read_text(claims, "name"),
            email=_read_text(claims, "email"),
            is_email_verified=claims.get("email_verified") is True,
        )
        if not identity.team_id or not identity.user_id:
            raise SignInFailed("no_account")
        return identity

    def _fetch_token(self, code: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "redirect_uri": self._credentials.redirect_uri,
            "code": code,
        }
        answer = self._request(
            "POST", f"{self._api_url}openid.connect.token", data=form
        )
        if answer.get("ok") is not True:
            raise SignInFailed(_read_text(answer, "error") or "bad_answer")
        return _read_text(answer, "id_token")

    def _read_claims(self, token: str, nonce: str) -> dict[str, Any]:
        # Few people sign in, and the library takes a tenth of a second to import.
        from joserfc import jwt  # noqa: PLC0415
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415

        keys = self._request("GET", f"{self._issuer}/openid/connect/keys")
        expected = jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._credentials.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
        )
        try:
            key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type]
            claims = jwt.decode(token, key_set, algorithms=[ALGORITHM]).claims
            expected.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as failure:
            reason = type(failure).__name__
            raise SignInFailed(f"invalid_token:{reason}") from None
        return claims

    def _request(self, method: str, url: str, **content: Any) -> dict[str, Any]:
        import requests  # noqa: PLC0415 - slow to import, and not needed at the start

        try:
            with requests.Session() as session:
                # No .netrc: its passwords are for others.
                session.trust_env = False
                session.proxies = self._proxies
                answer = session.request(
                    method,
                    url,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                    **content,
                ).json()
        except (requests.RequestException, ValueError) as failure:
            reason = type(failure).__name__
            raise SignInFailed(f"unreachable:{reason}") from None
        if not isinstance(answer, dict):
            raise SignInFailed("bad_answer")
        return answer


def _read_text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def build_credentials(
    base_url: str | None, client_id: str | None, client_secret: str | None
) -> OAuthCredentials | None:
    """Return the credentials; None if a setting that signing in needs is not set."""
    if not base_url or not client_id or not client_secret:
        return None
    return OAuthCredentials(client_id, client_secret, f"{base_url}{SIGN_IN_PATH}")
