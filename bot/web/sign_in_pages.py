"""Signing in to My page: by a link that is mailed, and who has signed in.

Reading changes nothing, not even a link that a mail program opens by itself: it is used
up by a press.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from bot.rendering import Renderer
from bot.sign_in_links import (
    ENTER_PATH,
    MY_PAGE_PATH,
    SIGN_IN_REQUEST,
    RequestedLink,
    SignInLinks,
)
from bot.slack.requests import Services
from bot.web.answers import Answer, WebRequest, redirect, reject_method
from bot.web.layout import find_language
from bot.web.my_page_views import SIGNED_OUT, MyPageViews, Visitor
from bot.web.nonces import Nonces
from bot.web.sessions import Session, Sessions
from collab import errors
from collab.model import WorkspaceId
from collab.sign_ins import CheckSignInLink, ShowSession, SignIn
from collab.text import is_email_address, normalize_address

SIGNED_OUT_FIELD, LANGUAGE_FIELD = "signed_out", "language"  # of its URL
ENDED = (
    errors.SignInNeeded,
    errors.InactiveActor,
    errors.UnknownWorkspace,
    errors.WorkspaceDisabled,
)


@dataclass(frozen=True, slots=True)
class SignInRequests:
    """Where requests for links go; they are answered later, so that nobody learns from
    the time of an answer who is known.
    """

    list_workspaces: Callable[[], Sequence[WorkspaceId]]
    sends_mail: bool


class SignInPages:
    """Mails links to sign in, signs in by them, and knows who has signed in."""

    def __init__(
        self,
        services: Services,
        sessions: Sessions,
        links: SignInLinks,
        requests: SignInRequests,
        nonces: Nonces,
        views: MyPageViews,
        now: Callable[[], datetime],
    ) -> None:
        self._services = services
        self._sessions = sessions
        self._links = links
        self._requests = requests
        self._nonces = nonces
        self._views = views
        self._now = now

    def find_visitor(self, request: WebRequest) -> Visitor | None:
        """Return who has signed in, if their session has not ended."""
        session = self._sessions.read(request.cookies)
        if session is None:
            return None
        query = ShowSession(session.caller, session.opened_at, session.opened_seq)
        try:
            person = self._services.bus.query(query, self._now())
        except ENDED:
            return None
        locale = person.locale or find_language(request.language)
        page = (
            f"{MY_PAGE_PATH} {session.workspace} {session.person} {session.opened_seq}"
        )
        return Visitor(session.caller, person, self._renderer_for(locale), page)

    def answer_signed_out(self, request: WebRequest) -> Answer:
        """Offer to sign in; at once, or at the page that has the form."""
        if request.path != MY_PAGE_PATH:
            return redirect(self._links.my_page_url)
        session = self._sessions.read(request.cookies)
        renderer = self._choose_renderer(request, session)
        if request.is_reading:
            state = "ended" if session else ""
            if SIGNED_OUT_FIELD in request.fields:
                state = "signed_out"
            sends_mail = self._requests.sends_mail
            return self._views.show_sign_in(renderer, sends_mail, state)
        if request.method != "POST":
            return reject_method("GET, HEAD, POST")
        if not self._nonces.is_valid(SIGNED_OUT, request.form.get("nonce", "")):
            return self._views.show_notice(renderer, "unconfirmed")
        typed = request.form.get("email", "")
        address = normalize_address(typed) if is_email_address(typed.strip()) else ""
        if address and self._requests.sends_mail:
            self._request_link(address)
        return self._views.show_link_sent(renderer, address)

    def _request_link(self, address: str) -> None:
        """Have a link mailed to an address, if somebody is known by it."""
        # Not made of the address, which must not be left after the request is answered.
        target = f"sign_in:{token_hex(8)}"
        for workspace in self._requests.list_workspaces():
            self._services.outbox.enqueue_message(
                workspace, target, SIGN_IN_REQUEST, {"email": address}
            )

    def answer_link(self, request: WebRequest) -> Answer:
        """Show the page of a link, or sign in by it."""
        token = request.path.removeprefix(ENTER_PATH)
        link = self._links.read(token)
        renderer = self._choose_renderer(request, link)
        if link is None:
            return self._views.show_link_ended(renderer)
        if request.is_reading:
            return self._show_entry(renderer, link, token)
        if request.method != "POST":
            return reject_method("GET, HEAD, POST")
        if not self._nonces.is_valid(token, request.form.get("nonce", "")):
            return self._views.show_notice(renderer, "unconfirmed")
        command = SignIn(link.caller, link.requested)
        try:
            outcome = self._services.bus.execute(command, self._now())
        except ENDED:
            return self._views.show_link_ended(renderer)
        seq = outcome.recorded[-1].seq
        session = Session(link.workspace, link.person, self._now(), seq)
        return redirect(self._links.my_page_url, self._sessions.create_cookie(session))

    def _show_entry(
        self, renderer: Renderer, link: RequestedLink, token: str
    ) -> Answer:
        """Show the button that signs in, or that the link doesn't work any more."""
        try:
            query = CheckSignInLink(link.caller, link.requested)
            self._services.bus.query(query, self._now())
        except ENDED:
            return self._views.show_link_ended(renderer)
        return self._views.show_entry(renderer, token)

    def _choose_renderer(
        self, request: WebRequest, by: RequestedLink | Session | None
    ) -> Renderer:
        """Return the renderer for somebody who hasn't signed in.

        It is in the language of whom a link or an earlier session is for, of the page
        that led here, or of the browser.
        """
        person = self._services.find_person(by.caller) if by else None
        known = person.locale if person else None
        previous = find_language(request.fields.get(LANGUAGE_FIELD, ""))
        return self._renderer_for(known or previous or find_language(request.language))

    def _renderer_for(self, locale: str | None) -> Renderer:
        return self._services.renderer.for_locale(locale).without_commands()
