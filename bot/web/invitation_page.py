"""The page that the link in a mail leads to: an invitation, and the answer to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from bot.invitation_links import PAGE_PATH, InvitationLinks
from bot.rendering import Renderer
from bot.sign_in_links import ORIGIN
from bot.slack.requests import Services
from bot.slack.sign_in import SIGN_IN_PATH
from bot.slack.views.invitations import invitation_state_at, may_ask_again
from bot.web.answers import Answer, Header, answer_html, redirect
from bot.web.layout import (
    FormField,
    Link,
    PageLayout,
    find_language,
    to_page_html,
)
from bot.web.nonces import Nonces
from bot.web.sessions import Session, Sessions
from collab import errors
from collab.billing.payment_method_choice import NewPaymentMethod
from collab.bus import Outcome
from collab.command import Command
from collab.invitations.answer_queries import (
    ShowReceivedInvitation,
    requires_details,
)
from collab.invitations.answers import (
    AcceptInvitation,
    DeclineInvitation,
    MuteInvitation,
)
from collab.invitations.asking_again import AskForInvitationAgain
from collab.invitations.links import Sending, StoredLink
from collab.invitations.rules import AGREED, EXPIRED, JOIN, OWN, PENDING
from collab.model import NOBODY, BillingDetails, Caller, InvitationId
from collab.open_items import InvitationView

log = logging.getLogger("collab.web")

# After these the page shows how the invitation was answered.
ANSWERED = (errors.AlreadyAnswered, errors.InvitationExpired)
# The page says no more than for a link that never was.
NOT_SHOWN = (
    errors.UnknownInvitation,
    errors.NotYours,
    errors.UnknownWorkspace,
    errors.WorkspaceDisabled,
    errors.InactiveActor,
)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for a page; `form` is what was sent with a POST."""

    token: str
    language: str
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """An invitation that somebody opened; `page` is what the nonces of forms are for.

    `url` is the address of the page. `opens_session`: accepting signs in.
    """

    caller: Caller
    invitation: InvitationId
    page: str
    url: str
    opens_session: bool


class InvitationPage:
    """Shows invitations, and sends the commands that answer them."""

    def __init__(
        self,
        services: Services,
        links: InvitationLinks,
        sessions: Sessions,
        nonces: Nonces,
        now: Callable[[], datetime],
        *,
        has_slack: bool = False,
    ) -> None:
        self._services = services
        self._links = links
        self._sessions = sessions
        self._nonces = nonces
        self._now = now
        self._has_slack = has_slack  # people can sign in there
        self._layout = PageLayout(links.base_url)

    def show(self, request: PageRequest) -> Answer:
        """Return the page of a link as it is now; this changes nothing."""
        link = self._links.find_link(request.token)
        if link is None:
            return self.show_notice("unknown", request.language, HTTPStatus.NOT_FOUND)
        if not link.is_newest:
            return self.show_notice("replaced", request.language, HTTPStatus.GONE)
        return self.show_received(self._open(link, request.token), request)

    def submit(self, request: PageRequest) -> Answer:
        """Send the command of a form."""
        link = self._links.find_link(request.token)
        if link is None or not link.is_newest:
            return self.show(request)
        return self.answer_received(self._open(link, request.token), request)

    def _open(self, link: StoredLink, token: str) -> Received:
        return Received(
            _caller_of(link.sending),
            link.sending.invitation,
            token,
            f"{self._links.base_url}{PAGE_PATH}{token}",
            opens_session=True,
        )

    def answer_received(self, received: Received, request: PageRequest) -> Answer:
        """Send the command of a form of an invitation, and open its page anew."""
        if not self._nonces.is_valid(received.page, request.form.get("nonce", "")):
            return self.show_notice(
                "unconfirmed", request.language, HTTPStatus.FORBIDDEN
            )
        command = _build_command(received, request.form)
        if command is None:
            return self.show_received(received, request)
        try:
            header = self._execute(received, command)
        except NOT_SHOWN as rejected:
            return self._hide(received, request, rejected)
        except errors.Rejected as rejected:
            return self.show_received(received, request, rejected)
        return redirect(received.url, *header)

    def _execute(self, received: Received, command: Command) -> Sequence[Header]:
        """Execute an answer; return the header that signs in who accepted."""
        try:
            outcome = self._services.bus.execute(command, self._now())
        except ANSWERED:
            return ()
        if received.opens_session and isinstance(command, AcceptInvitation):
            return (self._open_session(received, outcome),)
        return ()

    def _open_session(self, received: Received, outcome: Outcome[None]) -> Header:
        """Return the header of a session: who accepted by a link has the address."""
        caller = received.caller
        session = Session(
            caller.workspace,
            caller.person or NOBODY.id,
            self._now(),
            outcome.recorded[-1].seq,
        )
        return self._sessions.create_cookie(session)

    def stop_reminders(self, request: PageRequest) -> Answer:
        """Stop the reminders for a mail program, whose request has no nonce (RFC 8058)."""
        link = self._links.find_link(request.token)
        if link is not None:
            command = MuteInvitation(_caller_of(link.sending), link.sending.invitation)
            with suppress(errors.Rejected):  # there will be no more reminders anyway
                self._services.bus.execute(command, self._now())
        return self.show(request)

    def show_notice(
        self, name: str, language: str, status: HTTPStatus = HTTPStatus.OK
    ) -> Answer:
        """Return a page that shows nothing of an invitation."""
        renderer = self._choose_renderer(language, None)
        text = renderer.render(f"web/{name}", "mail")
        html = self._layout.render_invitation(
            renderer, text, leads_to_my_page=name != "busy"
        )
        return answer_html(html, status)

    def show_received(
        self,
        received: Received,
        request: PageRequest,
        problem: errors.Rejected | None = None,
    ) -> Answer:
        """Return the page of an invitation to who received it."""
        query = ShowReceivedInvitation(received.caller, received.invitation)
        try:
            card = self._services.bus.query(query, self._now())
        except NOT_SHOWN as rejected:
            return self._hide(received, request, rejected)
        renderer = self._choose_renderer(request.language, card)
        state = invitation_state_at(card, self._now())
        shown = (
            self._render_problem(renderer, received.caller, problem) if problem else ""
        )
        if state in {PENDING, AGREED}:
            html = self._render_open(renderer, card, state, received, request, shown)
        else:
            html = self._render_ended(renderer, card, state, received, shown)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        return answer_html(html, status)

    def _hide(
        self, received: Received, request: PageRequest, rejected: errors.Rejected
    ) -> Answer:
        """Return the page of an unknown link; the log says why."""
        reason = type(rejected).__name__
        log.info("invitation %s isn't shown: %s", received.invitation, reason)
        return self.show_notice("unknown", request.language, HTTPStatus.NOT_FOUND)

    def _render_open(
        self,
        renderer: Renderer,
        card: InvitationView,
        state: str,
        received: Received,
        request: PageRequest,
        problem: Markup | str,
    ) -> str:
        """Return the page of an invitation that can be answered."""
        is_pending = state == PENDING
        if is_pending:
            text = renderer.render("web/invitation", "mail", card=card)
        else:
            text = renderer.render(
                "web/ended", "mail", card=card, state=state, workspace=""
            )
        return self._layout.render_invitation(
            renderer,
            text,
            problem=problem,
            nonce=self._nonces.create(received.page),
            may_accept=is_pending,
            links=self._list_links(renderer, card, received),
            may_decline=True,
            may_mute=is_pending and not card.invitation.muted,
            fields=self._list_fields(renderer, card, request.form)
            if is_pending
            else [],
        )

    def _list_links(
        self, renderer: Renderer, card: InvitationView, received: Received
    ) -> Sequence[Link]:
        """Return the link with which the invited person proves their account."""
        if not self._has_slack or card.person.user or not received.opens_session:
            return ()
        query = urlencode({"invitation": received.page})
        url = self._layout.url(f"{SIGN_IN_PATH}/start?{query}")
        return (Link(url, renderer.render_label("page.slack")),)

    def _render_ended(
        self,
        renderer: Renderer,
        card: InvitationView,
        state: str,
        received: Received,
        problem: Markup | str,
    ) -> str:
        """Return the page of an invitation that is over."""
        with self._services.read_workspace(received.caller) as repositories:
            workspace = repositories.get_workspace()
        text = renderer.render(
            "web/ended",
            "mail",
            card=card,
            state=state,
            workspace=workspace.title if workspace else "",
        )
        may_ask = state == EXPIRED and may_ask_again(card)
        return self._layout.render_invitation(
            renderer,
            text,
            problem=problem,
            nonce=self._nonces.create(received.page) if may_ask else "",
            inviter=card.inviter if may_ask else None,
            leads_to_my_page=True,
        )

    def _render_problem(
        self, renderer: Renderer, caller: Caller, problem: errors.Rejected
    ) -> Markup:
        services = replace(self._services, renderer=renderer)
        return to_page_html(services.render_rejection(problem, caller, "mail"))

    def _list_fields(
        self, renderer: Renderer, card: InvitationView, typed: Mapping[str, str]
    ) -> list[FormField]:
        """Return the fields of what accepting takes besides a yes."""
        fields = list[FormField]()
        purpose = card.invitation.purpose

        def add(name: str, label: str, **options: Any) -> None:
            value = Markup(escape(typed.get(name, "")))  # noqa: S704 - escaped here
            fields.append(FormField(name, label, value, **options))

        if requires_details(self._services.bus.roles, card):
            add(
                "label",
                renderer.render_label("method.first"),
                hint=renderer.render_label("method.first.hint"),
                is_required=purpose != OWN,
            )
            add("address", renderer.render_label("billing.address"), is_long=True)
            add("email", renderer.render_label("billing.email"))
        if purpose != JOIN:
            label = renderer.render_label(
                "page.slug", slug=card.resource.slug, title=card.resource.title
            )
            add("slug", label, is_required=True)
        return fields

    def _choose_renderer(
        self, accepted_languages: str, card: InvitationView | None
    ) -> Renderer:
        """Return the renderer for the person's language, as far as it is known.

        It is that of their profile, of who invited them, as in the mail, or of their
        browser.
        """
        own, inviters = (
            (card.person.locale, card.inviter.locale) if card else (None, None)
        )
        locale = own or inviters or find_language(accepted_languages)
        return self._services.renderer.for_locale(locale).without_commands()


def _caller_of(sending: Sending) -> Caller:
    return Caller(sending.workspace, None, ORIGIN, person=sending.person)


def _build_command(received: Received, form: Mapping[str, str]) -> Command | None:
    """Return the command of a form; None for an action that is not known."""
    caller, invitation_id = received.caller, received.invitation
    action = form.get("action")
    if action == "accept":
        return AcceptInvitation(
            caller, invitation_id, _read_method(form), form.get("slug")
        )
    if action == "decline":
        return DeclineInvitation(caller, invitation_id, form.get("reason"))
    if action == "mute":
        return MuteInvitation(caller, invitation_id)
    if action == "ask_again":
        return AskForInvitationAgain(caller, invitation_id)
    return None


def _read_method(form: Mapping[str, str]) -> NewPaymentMethod | None:
    label = form.get("label", "").strip()
    if not label:
        return None
    details = BillingDetails(form.get("address"), form.get("email"))
    return NewPaymentMethod(label, details)
