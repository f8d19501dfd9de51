"""Sign in with Slack on the pages: to Slack, back with a code, and in by a press.

What the browser needs on its way back is in a signed cookie. Coming back changes nothing
yet: the code is exchanged when the button is pressed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from markupsafe import escape

from bot.invitation_links import PAGE_PATH, InvitationLinks
from bot.rendering import Renderer
from bot.sign_in_links import MY_PAGE_PATH, ORIGIN
from bot.signatures import Signer
from bot.slack.identity import is_organisation
from bot.slack.requests import Services
from bot.slack.sign_in import SIGN_IN_PATH, SignInFailed, SlackIdentity, SlackSignIn
from bot.web.answers import Answer, WebRequest, redirect, reject_method
from bot.web.layout import Form, to_page_html
from bot.web.my_page_views import MAIN, MyPageViews
from bot.web.nonces import Nonces
from bot.web.sessions import Session, Sessions, build_cookie
from collab import errors
from collab.account_sign_ins import SignInByAccount
from collab.events import PersonVerified
from collab.invitations.answer_queries import ShowReceivedInvitation
from collab.invitations.readdressing import ClaimInvitation
from collab.model import Account, Caller, PersonId, WorkspaceId

START_PATH = f"{SIGN_IN_PATH}/start"
COOKIE_NAME = "collab_slack"
CLAIM = "claim"  # the action that asks for an invitation to another address
VISIT_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SlackVisit:
    """A browser on its way to Slack and back; `token` is that of the invitation from
    whose page it came, empty for My page.
    """

    state: str
    nonce: str
    token: str
    started: int  # epoch


class SlackPages:
    """Sends browsers to Slack, and signs in who comes back."""

    def __init__(
        self,
        services: Services,
        slack: SlackSignIn,
        links: InvitationLinks,
        sessions: Sessions,
        nonces: Nonces,
        views: MyPageViews,
        keys: Sequence[str],
        list_workspaces: Callable[[], Sequence[WorkspaceId]],
        now: Callable[[], datetime],
    ) -> None:
        self._services = services
        self._slack = slack
        self._links = links
        self._sessions = sessions
        self._nonces = nonces
        self._views = views
        self._signer = Signer("slack", keys)
        self._claims = Signer("claim", keys)
        self._list_workspaces = list_workspaces
        self._now = now

    def answer(
        self, request: WebRequest, renderer: Renderer, session: Session | None
    ) -> Answer:
        """Answer a request for SIGN_IN_PATH or a path below it."""
        if request.path == START_PATH and request.is_reading:
            return self._send_to_slack(request.fields.get("invitation", ""))
        if request.path != SIGN_IN_PATH:
            return self._views.show_notice(renderer, "gone")
        visit = self._read_visit(request)
        if visit is None:
            return self._fail(renderer)
        if request.is_reading:
            return self._show_return(request, renderer, visit)
        return self._receive(request, renderer, visit, session)

    def _receive(
        self,
        request: WebRequest,
        renderer: Renderer,
        visit: SlackVisit,
        session: Session | None,
    ) -> Answer:
        """Sign in by a press of the button on the page that Slack led back to."""
        if request.method != "POST":
            return reject_method("GET, HEAD, POST")
        nonce = request.form.get("nonce", "")
        if not self._nonces.is_valid(_page_of(visit), nonce):
            return self._views.show_notice(renderer, "unconfirmed")
        value = request.form.get("value", "")
        if request.form.get("action") == CLAIM:
            return self._claim(value, renderer, visit)
        return self._sign_in(value, renderer, visit, session)

    def _send_to_slack(self, token: str) -> Answer:
        """Send a browser to Slack's page, with what it needs on its way back."""
        visit = SlackVisit(
            secrets.token_urlsafe(24),
            secrets.token_urlsafe(24),
            token if self._links.find_link(token) else "",
            int(self._now().timestamp()),
        )
        value = self._signer.sign(
            visit.state, visit.nonce, visit.token, str(visit.started)
        )
        workspaces = self._list_workspaces()
        team = workspaces[0] if len(workspaces) == 1 else ""
        url = self._slack.build_authorize_url(team, visit.state, visit.nonce)
        return redirect(url, self._build_cookie(value, VISIT_LIFETIME))

    def _build_cookie(self, value: str, lifetime: timedelta) -> tuple[str, str]:
        base = urlsplit(self._links.base_url)
        # Lax: the browser comes back from another site.
        return build_cookie(
            COOKIE_NAME,
            value,
            int(lifetime.total_seconds()),
            f"{base.path}{SIGN_IN_PATH}",
            is_secure=base.scheme == "https",
            same_site="Lax",
        )

    def _read_visit(self, request: WebRequest) -> SlackVisit | None:
        match self._signer.read(request.cookies.get(COOKIE_NAME, "")):
            case (state, nonce, token, started):
                visit = SlackVisit(state, nonce, token, int(started))
                age = self._now().timestamp() - visit.started
                is_current = 0 <= age <= VISIT_LIFETIME.total_seconds()
                return visit if is_current else None
        return None

    def _show_return(
        self, request: WebRequest, renderer: Renderer, visit: SlackVisit
    ) -> Answer:
        """Return the page with the button that signs in; this changes nothing."""
        code, state = request.fields.get("code"), request.fields.get("state", "")
        if not secrets.compare_digest(state.encode(), visit.state.encode()):
            return self._fail(renderer)
        if request.fields.get("error") == "access_denied":
            return self._views.show_notice(renderer, "slack_cancelled")
        if not code:
            return self._fail(renderer)
        nonce = self._nonces.create(_page_of(visit))
        return self._views.show_slack_return(renderer, escape(code), nonce)

    def _sign_in(
        self,
        code: str,
        renderer: Renderer,
        visit: SlackVisit,
        session: Session | None,
    ) -> Answer:
        try:
            identity = self._slack.fetch_identity(code, visit.nonce)
        except SignInFailed:
            return self._fail(renderer)
        if not identity.is_email_verified or not identity.email:
            return self._views.show_notice(renderer, "slack_unverified")
        workspace = self._find_tenant(identity)
        if workspace is None:
            return self._views.show_notice(renderer, "slack_elsewhere")
        person = self._find_person(workspace, visit, session)
        return self._execute(
            replace(identity, team_id=workspace), person, renderer, visit
        )

    def _find_tenant(self, identity: SlackIdentity) -> WorkspaceId | None:
        """Return the workspace of an account, or the organisation that knows it.

        Slack names the workspace; the ids of accounts are unique in an organisation.
        """
        tenants = self._list_workspaces()
        if identity.team_id in tenants:
            return WorkspaceId(identity.team_id)
        for tenant in filter(is_organisation, tenants):
            account = Account(tenant, identity.user_id)
            with self._services.bus.read(tenant) as repositories:
                if repositories.people.find_person_by_account(account):
                    return tenant
        return None

    def _find_person(
        self, workspace: WorkspaceId, visit: SlackVisit, session: Session | None
    ) -> PersonId | None:
        """Return whose link was opened, or who has signed in, in a workspace."""
        link = self._links.find_link(visit.token)
        if link is not None:
            is_there = link.sending.workspace == workspace and link.is_newest
            return link.sending.person if is_there else None
        if session is not None and session.workspace == workspace:
            return session.person
        return None

    def _execute(
        self,
        identity: SlackIdentity,
        person: PersonId | None,
        renderer: Renderer,
        visit: SlackVisit,
    ) -> Answer:
        workspace = WorkspaceId(identity.team_id)
        caller = Caller(workspace, Account(workspace, identity.user_id), ORIGIN)
        try:
            outcome = self._services.bus.execute(
                SignInByAccount(caller, identity.email, person), self._now()
            )
        except errors.Rejected as rejected:
            services = self._services.for_locale(renderer.language)
            text = services.render_rejection(rejected, caller, "mail")
            form = None
            if isinstance(rejected, errors.OtherAddress):
                form = self._build_claim(renderer, visit, identity)
            return self._views.show_refusal(renderer, to_page_html(text), form=form)
        verified = outcome.get_event(PersonVerified)
        opened = Session(
            workspace, verified.person, self._now(), outcome.recorded[-1].seq
        )
        path = f"{PAGE_PATH}{visit.token}" if visit.token else MY_PAGE_PATH
        return redirect(
            f"{self._links.base_url}{path}",
            self._sessions.create_cookie(opened),
            self._build_cookie("", timedelta()),
        )

    def _build_claim(
        self, renderer: Renderer, visit: SlackVisit, identity: SlackIdentity
    ) -> Form | None:
        """Return the form that asks the inviter to send the invitation there."""
        link = self._links.find_link(visit.token)
        if link is None:
            return None
        sending = link.sending
        invited = Caller(sending.workspace, None, ORIGIN, person=sending.person)
        query = ShowReceivedInvitation(invited, sending.invitation)
        try:
            card = self._services.bus.query(query, self._now())
        except errors.Rejected:
            return None
        inviter = card.inviter.title or renderer.render_label("somebody")
        label = renderer.render_label(
            "page.claim", inviter=inviter, email=identity.email
        )
        value = self._claims.sign(sending.workspace, identity.user_id, visit.state)
        nonce = self._nonces.create(_page_of(visit))
        return Form(CLAIM, label, nonce, escape(value), MAIN)

    def _claim(self, value: str, renderer: Renderer, visit: SlackVisit) -> Answer:
        """Ask the inviter, for the account that has signed in in this visit."""
        link = self._links.find_link(visit.token)
        match self._claims.read(value):
            case (workspace, user_id, state) if link and state == visit.state:
                account = Account(workspace, user_id)
                caller = Caller(WorkspaceId(workspace), account, ORIGIN)
                command = ClaimInvitation(caller, link.sending.invitation)
            case _:
                return self._fail(renderer)
        try:
            self._services.bus.execute(command, self._now())
        except errors.Rejected as rejected:
            services = self._services.for_locale(renderer.language)
            text = services.render_rejection(rejected, caller, "mail")
            return self._views.show_refusal(renderer, to_page_html(text))
        return self._views.show_notice(renderer, "claimed")

    def _fail(self, renderer: Renderer) -> Answer:
        return self._views.show_notice(renderer, "slack_failed")


def _page_of(visit: SlackVisit) -> str:
    return f"slack {visit.state}"
