"""OAuth v2: the page on which somebody installs the app, the codes, and the tokens.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlencode

from flask import Request, Response, redirect

from bot.playground import installations
from bot.playground.app_tokens import AppToken
from bot.playground.errors import SlackError
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json

AUTHORIZE_PATH = "/oauth/v2/authorize"
CODE_SECONDS = 600.0
REMEMBERED_FIELDS = ("client_id", "scope", "redirect_uri", "state")
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Install {app}</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; }}
  body, button {{ color: #1d1c1d; background: #fff; }}
  fieldset {{ border: 1px solid #868686; border-radius: .4rem; margin: 1rem 0; }}
  label {{ display: block; padding: .3rem 0; }}
  button {{ font: inherit; margin: .5rem .5rem .5rem 0; padding: .6rem 1.4rem; }}
  button {{ border: 1px solid #868686; border-radius: .4rem; cursor: pointer; }}
  @media (prefers-color-scheme: dark) {{ body, button {{ color: #f8f8f8; background: #1a1d21; }} }}
</style>
<main>
<h1>{app} asks for access to Slack</h1>
<form method="post" action="{path}">
{fields}
<fieldset><legend>Install in</legend>
{places}
</fieldset>
<fieldset><legend>{app} will be able to</legend>
<ul>
{required}
</ul>
</fieldset>
{optional}
<button name="answer" value="allow">Allow</button>
<button name="answer" value="cancel">Cancel</button>
</form>
</main>
</html>
"""
OPTIONAL_PART = """<fieldset><legend>If you allow it, also</legend>
{scopes}
</fieldset>"""


@dataclass
class Grant:
    """What a code is exchanged for, once."""

    place_id: str  # a workspace or an organisation
    scopes: frozenset[str]
    redirect_uri: str
    expires_at: float  # epoch, by the playground's clock


@dataclass
class OAuth:
    """Installs the app in the workspaces of the playground, and in organisations.

    The app's credentials are those of Sign in with Slack.
    """

    states: Sequence[PlaygroundState]
    redirect_uris: set[str] = field(default_factory=set)
    rotates_tokens: bool = False
    _grants: dict[str, Grant] = field(default_factory=dict)

    @property
    def first(self) -> PlaygroundState:
        """Return the first workspace."""
        return self.states[0]

    # The page

    def show_page(self, request: Request) -> Response:
        """Return the page that names the app, its scopes, and where to install it."""
        values = request.args.to_dict()
        problem = self._find_problem(values)
        if problem:
            return Response(problem, 400, mimetype="text/plain")
        manifest = self.first.manifest
        scopes = _read_scopes(values)
        optional = sorted(scopes & manifest.optional_scopes)
        checks = _build_choices("checkbox", "optional", {s: s for s in optional}, True)
        html = PAGE.format(
            app=escape(manifest.name),
            path=AUTHORIZE_PATH,
            fields="\n".join(_build_hidden(name, values) for name in REMEMBERED_FIELDS),
            places=_build_choices("radio", "place", self._list_places()),
            required="\n".join(
                f"<li>{escape(scope)}</li>" for scope in sorted(scopes - set(optional))
            ),
            optional=OPTIONAL_PART.format(scopes=checks) if optional else "",
        )
        return Response(html, mimetype="text/html")

    def receive_answer(self, request: Request) -> Any:
        """Send the browser back to the app, with a code or an error."""
        values = request.form.to_dict()
        problem = self._find_problem(values)
        if problem is None and values.get("place") not in self._list_places():
            problem = "invalid_team"
        if problem:
            return Response(problem, 400, mimetype="text/plain")
        query = {"state": values.get("state", "")}
        if values.get("answer") == "allow":
            optional = self.first.manifest.optional_scopes
            allowed = optional.intersection(request.form.getlist("optional"))
            scopes = (_read_scopes(values) - optional) | allowed
            query["code"] = self.issue_code(
                values["place"], frozenset(scopes), values["redirect_uri"]
            )
        else:
            query["error"] = "access_denied"
        return redirect(f"{values['redirect_uri']}?{urlencode(query)}")

    def issue_code(
        self, place_id: str, scopes: frozenset[str], redirect_uri: str
    ) -> str:
        """Return a new code for somebody who allowed these scopes."""
        code = secrets.token_hex(24)
        expires_at = self.first.clock.epoch_seconds() + CODE_SECONDS
        self._grants[code] = Grant(place_id, scopes, redirect_uri, expires_at)
        return code

    def _list_places(self) -> dict[str, str]:
        """Return the names of all workspaces and organisations, by id."""
        places = {s.workspace.team_id: s.workspace.team_name for s in self.states}
        if self.first.manifest.is_for_organisations:
            for state in self.states:
                workspace = state.workspace
                if workspace.organisation:
                    name = f"{workspace.organisation_name} (all its workspaces)"
                    places[workspace.organisation] = name
        return places

    def _find_problem(self, values: dict[str, str]) -> str | None:
        """Return what Slack would say of a request for the page; None if it is fine."""
        scopes = _read_scopes(values)
        if values.get("client_id") != self.first.sign_in.client_id:
            return "invalid_client_id"
        if values.get("redirect_uri") not in self.redirect_uris:
            return "bad_redirect_uri"
        if not scopes:
            return "no_scopes"
        if not scopes <= self.first.manifest.scopes:
            return "invalid_scope"
        return None

    # oauth.v2.access and apps.uninstall

    def exchange(self, args: Json) -> Json:
        """oauth.v2.access: exchange a code, or a refresh token"""
        self.require_client(args)
        grant_type = args.get("grant_type") or "authorization_code"
        if grant_type == "refresh_token":
            token = self.first.tokens.refresh(str(args.get("refresh_token")))
        elif grant_type == "authorization_code":
            token = self._exchange_code(args)
        else:
            raise SlackError("invalid_grant_type")
        return self._describe(token)

    def require_client(self, args: Json) -> None:
        """Raise SlackError unless a call has the app's id and secret."""
        if args.get("client_id") != self.first.sign_in.client_id:
            raise SlackError("invalid_client_id")
        if args.get("client_secret") != self.first.sign_in.client_secret:
            raise SlackError("bad_client_secret")

    def _exchange_code(self, args: Json) -> AppToken:
        grant = self._grants.pop(str(args.get("code")), None)
        if grant is None or self.first.clock.epoch_seconds() > grant.expires_at:
            raise SlackError("invalid_code")
        if args.get("redirect_uri") != grant.redirect_uri:
            raise SlackError("bad_redirect_uri")
        members = [s for s in self.states if s.workspace.team_id == grant.place_id]
        if members:
            return installations.install_app(
                members[0], grant.scopes, is_rotated=self.rotates_tokens
            )
        return installations.install_in_organisation(
            [s for s in self.states if s.workspace.organisation == grant.place_id],
            grant.scopes,
            is_rotated=self.rotates_tokens,
        )

    def _describe(self, token: AppToken) -> Json:
        """Return a token and what it is for, as Slack answers."""
        state = next(s for s in self.states if s.tenant_id == token.tenant_id)
        workspace = state.workspace
        enterprise, team = None, None
        if workspace.organisation:
            enterprise = {
                "id": workspace.organisation,
                "name": workspace.organisation_name,
            }
        if not state.is_organisation_install:
            team = {"id": workspace.team_id, "name": workspace.team_name}
        installer = next(a for a in workspace.list_humans() if a.is_admin)
        answer: Json = {
            "app_id": workspace.app_id,
            "authed_user": {"id": installer.id},
            "access_token": token.token,
            "token_type": "bot",
            "scope": ",".join(sorted(token.scopes)),
            "bot_user_id": token.user_id,
            "team": team,
            "enterprise": enterprise,
            "is_enterprise_install": state.is_organisation_install,
        }
        if token.refresh_token and token.expires_at is not None:
            answer["refresh_token"] = token.refresh_token
            remaining = token.expires_at - state.clock.epoch_seconds()
            answer["expires_in"] = round(remaining)
        return answer


def _read_scopes(values: dict[str, str]) -> set[str]:
    return {scope for scope in values.get("scope", "").split(",") if scope}


def _build_hidden(name: str, values: dict[str, str]) -> str:
    value = escape(values.get(name, ""))
    return f'<input type="hidden" name="{name}" value="{value}">'


def _build_choices(
    kind: str, name: str, labels: dict[str, str], are_all_checked: bool = False
) -> str:
    """Return a control for each value; a first radio is checked."""
    lines = []
    for number, (value, label) in enumerate(labels.items()):
        checked = " checked" if are_all_checked or number == 0 else ""
        lines.append(
            f'<label><input type="{kind}" name="{name}" value="{escape(value)}"{checked}>'
            f" {escape(label)}</label>"
        )
    return "\n".join(lines)
