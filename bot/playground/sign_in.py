"""Sign in with Slack: the page where a user allows it, the codes and the tokens."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlencode

from flask import Request, Response, jsonify, redirect
from joserfc import jwt
from joserfc.jwk import RSAKey

from bot.playground.errors import SlackError
from bot.playground.workspace import Json, SlackAccount, SlackWorkspace

ALGORITHM = "RS256"
CODE_SECONDS = 600.0
TOKEN_SECONDS = 300
REMEMBERED_FIELDS = ("state", "nonce", "redirect_uri", "client_id")
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in with Slack</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 3rem auto; padding: 0 1rem; }}
  body, button {{ color: #1d1c1d; background: #fff; }}
  button {{ font: inherit; display: block; width: 100%; margin: .5rem 0; padding: .6rem 1rem; text-align: left; }}
  button {{ border: 1px solid #868686; border-radius: .4rem; cursor: pointer; }}
  @media (prefers-color-scheme: dark) {{ body, button {{ color: #f8f8f8; background: #1a1d21; }} }}
</style>
<main>
<h1>Sign in to {team}</h1>
<p>{app} wants to see your name, your profile picture and your email address. Choose an account of this workspace.</p>
<form method="post" action="/openid/connect/authorize">
{fields}
{accounts}
<button name="user" value="">Cancel</button>
</form>
</main>
</html>
"""


@dataclass
class Grant:
    """What a code is exchanged for, once."""

    user_id: str
    client_id: str
    redirect_uri: str
    nonce: str
    expires_at: float  # epoch, by the playground's clock


@dataclass
class SignIn:
    """The sign-in service of the app in all workspaces."""

    workspaces: Sequence[SlackWorkspace]
    app_name: str
    now: Callable[[], float]  # epoch
    client_id: str = field(
        default_factory=lambda: f"{secrets.randbits(40)}.{secrets.randbits(40)}"
    )
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    redirect_uris: set[str] = field(default_factory=set)
    _grants: dict[str, Grant] = field(default_factory=dict)
    _key: RSAKey | None = None

    @property
    def key(self) -> RSAKey:
        """Return the key that signs the tokens; making one takes a while."""
        if self._key is None:
            parameters: Any = {"use": "sig", "alg": ALGORITHM}
            self._key = RSAKey.generate_key(2048, parameters, auto_kid=True)
        return self._key

    def show_page(self, request: Request) -> Response:
        """Return the page on which a user chooses an account, or says no."""
        problem = self._find_problem(dict(request.args))
        if problem:
            return Response(problem, 400, mimetype="text/plain")
        workspace = self._find_workspace(request.args.get("team", ""))
        fields = "\n".join(
            f'<input type="hidden" name="{name}" value="{escape(request.args.get(name, ""))}">'
            for name in REMEMBERED_FIELDS
        )
        accounts = "\n".join(
            f'<button name="user" value="{escape(each.id)}">'
            f"{escape(each.real_name)} · {escape(each.email)}</button>"
            for each in workspace.accounts.values()
            if not each.is_bot and not each.deleted
        )
        return Response(
            PAGE.format(
                team=escape(workspace.team_name),
                app=escape(self.app_name),
                fields=fields,
                accounts=accounts,
            ),
            mimetype="text/html",
        )

    def receive_choice(self, request: Request) -> Any:
        """Send the browser back to the app, with a code or an error."""
        problem = self._find_problem(dict(request.form))
        if problem:
            return Response(problem, 400, mimetype="text/plain")
        form = request.form
        query = {"state": form.get("state", "")}
        account = self._find_account(form.get("user", ""))
        if account is None or account.is_bot or account.deleted:
            query["error"] = "access_denied"
        else:
            query["code"] = self.issue_code(
                account.id, form["redirect_uri"], form.get("nonce", "")
            )
        return redirect(f"{form['redirect_uri']}?{urlencode(query)}")

    def issue_code(self, user_id: str, redirect_uri: str, nonce: str) -> str:
        """Return a new code for a user who allowed it."""
        code = secrets.token_hex(24)
        expires_at = self.now() + CODE_SECONDS
        self._grants[code] = Grant(
            user_id, self.client_id, redirect_uri, nonce, expires_at
        )
        return code

    def exchange_code(self, args: Json, issuer: str) -> Json:
        """openid.connect.token"""
        if args.get("client_id") != self.client_id:
            raise SlackError("invalid_client_id")
        if args.get("client_secret") != self.client_secret:
            raise SlackError("bad_client_secret")
        grant = self._grants.pop(str(args.get("code")), None)
        if grant is None or self.now() > grant.expires_at:
            raise SlackError("invalid_code")
        if args.get("redirect_uri") != grant.redirect_uri:
            raise SlackError("bad_redirect_uri")
        return {
            "access_token": f"xoxp-playground-{secrets.token_hex(12)}",
            "token_type": "Bearer",
            "id_token": self.build_token(grant, issuer),
        }

    def build_token(self, grant: Grant, issuer: str) -> str:
        """Return the signed token about a user."""
        account = self._find_account(grant.user_id)
        assert account  # noqa: S101  was there when the code was issued
        now = int(self.now())
        claims = {
            "iss": issuer,
            "sub": account.id,
            "aud": grant.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "nonce": grant.nonce,
            "https://slack.com/team_id": account.team_id,
            "https://slack.com/user_id": account.id,
            "email": account.email,
            "email_verified": bool(account.email),
            "name": account.real_name,
            "locale": account.locale,
        }
        header = {"alg": ALGORITHM, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key)

    def list_keys(self) -> Response:
        """Return the public keys of the tokens."""
        return jsonify({"keys": [self.key.as_dict(private=False)]})

    def _find_workspace(self, team_id: str) -> SlackWorkspace:
        """Return the workspace that a request names, or the first one."""
        for workspace in self.workspaces:
            if workspace.team_id == team_id:
                return workspace
        return self.workspaces[0]

    def _find_account(self, user_id: str) -> SlackAccount | None:
        for workspace in self.workspaces:
            if user_id in workspace.accounts:
                return workspace.accounts[user_id]
        return None

    def _find_problem(self, values: dict[str, str]) -> str | None:
        """Return what Slack would say of a request for the page; None if it is fine."""
        if values.get("client_id") != self.client_id:
            return "invalid_client_id"
        if values.get("redirect_uri") not in self.redirect_uris:
            return "redirect_uri did not match any configured URIs."
        return None
