"""Install the app by OAuth: the page before it, Slack's page, and the page after it.

Only who began in the same browser comes back with success: the state is in a cookie
there, and works once.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup, escape

from bot.i18n import ENGLISH
from bot.rendering import Renderer, renderer_for_language
from bot.slack.errors import FailureKind, SlackCallFailed
from bot.slack.installed_tokens import InstalledTokens
from bot.slack.oauth import INSTALL_PATH, REDIRECT_PATH, Granted
from bot.slack.scopes import ALL_SCOPES, REQUIRED_SCOPES
from bot.web.answers import Answer, WebRequest, answer_html, redirect, reject_method
from bot.web.layout import Link, PageLayout, Section, find_language
from bot.web.sessions import build_cookie
from collab.bus import Bus
from collab.installations import StateStore
from collab.model import Caller
from collab.people import InstallWorkspace
from collab.text import clean_text_line

log = logging.getLogger("collab.web")

START_PATH = f"{INSTALL_PATH}/start"
COOKIE_NAME = "collab_install"
ORIGIN = "oauth"
STATE_LIFETIME = timedelta(minutes=5)
# Slack's codes for what starting again repairs.
EXPIRED_CODES = frozenset({"invalid_code", "code_already_used", "code_expired"})
STATUS_BY_REASON = {
    "expired": HTTPStatus.GONE,
    "scopes": HTTPStatus.FORBIDDEN,
    "unreachable": HTTPStatus.SERVICE_UNAVAILABLE,
}


class InstallPages:
    """Sends browsers to Slack's page, and installs the app when they come back."""

    def __init__(
        self,
        bus: Bus,
        tokens: InstalledTokens,
        states: StateStore,
        base_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._bus = bus
        self._tokens = tokens
        self._states = states
        self._layout = PageLayout(base_url)
        self._base_url = urlsplit(base_url)
        self._now = now

    def answer(self, request: WebRequest) -> Answer:
        """Answer a request for INSTALL_PATH, START_PATH or REDIRECT_PATH."""
        if not request.is_reading:
            return reject_method("GET, HEAD")
        language = find_language(request.language)
        renderer = renderer_for_language(language or ENGLISH)
        if request.path == INSTALL_PATH:
            return self._show(renderer, "install", "page.install")
        if request.method == "HEAD":
            return Answer(HTTPStatus.OK)
        if request.path == START_PATH:
            return self._send_to_slack()
        if request.path == REDIRECT_PATH:
            return self._receive(request, renderer)
        return Answer(HTTPStatus.NOT_FOUND)

    def _send_to_slack(self) -> Answer:
        state = secrets.token_urlsafe(32)
        self._states.save(state, self._now())
        url = self._tokens.oauth.build_authorize_url(state, ALL_SCOPES)
        return redirect(url, self._build_cookie(state, STATE_LIFETIME))

    def _receive(self, request: WebRequest, renderer: Renderer) -> Answer:
        """Install the app with what Slack sends back."""
        state = request.fields.get("state", "")
        own_state = request.cookies.get(COOKIE_NAME, "")
        is_own = secrets.compare_digest(state.encode(), own_state.encode())
        if not state or not is_own or not self._states.use(state, self._now()):
            return self._fail(renderer, "expired")
        if request.fields.get("error") == "access_denied":
            return self._fail(renderer, "cancelled")
        code = request.fields.get("code")
        if not code:
            return self._fail(renderer, "failed", code="no_code")
        try:
            granted = self._tokens.oauth.exchange_code(code)
        except SlackCallFailed as failure:
            return self._explain(renderer, failure)
        missing = REQUIRED_SCOPES - granted.installation.scopes
        if missing:
            return self._fail(renderer, "scopes", scopes=", ".join(sorted(missing)))
        self._install(granted)
        return self._show_installed(renderer, granted)

    def _install(self, granted: Granted) -> None:
        """Save the tokens, then record it: the first message needs them."""
        installation = granted.installation
        self._tokens.save(installation)
        caller = Caller(installation.workspace, None, ORIGIN)
        title = clean_text_line(granted.title)
        command = InstallWorkspace(
            caller, title, installation.bot_user_id, installation.organisation
        )
        self._bus.execute(command, self._now())
        log.info("installed in workspace %s", installation.workspace)

    def _explain(self, renderer: Renderer, failure: SlackCallFailed) -> Answer:
        log.warning("an installation failed: %s", failure.code)
        if failure.code in EXPIRED_CODES:
            return self._fail(renderer, "expired")
        if failure.kind is FailureKind.TRANSIENT:
            return self._fail(renderer, "unreachable")
        return self._fail(renderer, "failed", code=failure.code)

    def _show_installed(self, renderer: Renderer, granted: Granted) -> Answer:
        query = {"app": granted.app_id, "team": granted.installation.workspace}
        url = f"https://slack.com/app_redirect?{urlencode(query)}"
        link = Link(escape(url), renderer.render_label("page.open_slack"), "main")
        text = renderer.render("web/installed", "mail", title=granted.title)
        links = [Section(links=[link])] if granted.app_id else []
        html = self._layout.render_sections(renderer, text, links)
        return answer_html(html, HTTPStatus.OK, self._build_cookie("", timedelta()))

    def _fail(self, renderer: Renderer, reason: str, **values: str) -> Answer:
        return self._show(
            renderer,
            "install_failed",
            "page.install_again",
            STATUS_BY_REASON.get(reason, HTTPStatus.BAD_REQUEST),
            reason=reason,
            **values,
        )

    def _show(
        self,
        renderer: Renderer,
        name: str,
        label: str,
        status: HTTPStatus = HTTPStatus.OK,
        **values: str,
    ) -> Answer:
        """Return a page with the button that leads to Slack's page."""
        text = renderer.render(f"web/{name}", "mail", **values)
        link = Link(self._url(START_PATH), renderer.render_label(label), "main")
        html = self._layout.render_sections(renderer, text, [Section(links=[link])])
        return answer_html(html, status)

    def _url(self, path: str) -> Markup:
        return self._layout.url(path)

    def _build_cookie(self, value: str, lifetime: timedelta) -> tuple[str, str]:
        # Lax: the browser comes back from another site.
        return build_cookie(
            COOKIE_NAME,
            value,
            int(lifetime.total_seconds()),
            f"{self._base_url.path}/slack",
            is_secure=self._base_url.scheme == "https",
            same_site="Lax",
        )


def build_install_pages(
    bus: Bus,
    tokens: InstalledTokens | None,
    states: StateStore,
    base_url: str,
    now: Callable[[], datetime],
) -> InstallPages | None:
    """Return the pages that install the app; None where it has one token."""
    return InstallPages(bus, tokens, states, base_url, now) if tokens else None
