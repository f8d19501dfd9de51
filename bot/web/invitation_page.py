"""The page that the link in a mail leads to: an invitation, and the answer to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from http import HTTPStatus
from typing import Any

from markupsafe import Markup

from bot.i18n import list_languages
from bot.invitation_links import InvitationLinks
from bot.markup import ON_PAGE, to_header_text, to_html, to_inline_html
from bot.rendering import RenderedText, Renderer
from bot.slack.requests import Services
from bot.slack.views.invitations import invitation_state_at
from bot.web.nonces import Nonces
from collab import errors
from collab.billing.payment_method_choice import NewPaymentMethod
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
from collab.invitations.links import Sending
from collab.invitations.rules import AGREED, JOIN, OWN, PENDING
from collab.model import BillingDetails, Caller
from collab.open_items import InvitationView

ORIGIN = "web"
# After these the page shows how the invitation was answered.
ANSWERED = (errors.AlreadyAnswered, errors.InvitationExpired)
# The page says no more than for a link that never was.
NOT_SHOWN = (
    errors.UnknownInvitation,
    errors.NotYours,
    errors.UnknownWorkspace,
    errors.InactiveActor,
)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for a page; `form` is what was sent with a POST."""

    token: str
    language: str
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and the status that it is sent with."""

    html: str
    status: HTTPStatus = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the form that accepts; `value` is what was typed before."""

    name: str
    label: str
    value: Markup
    hint: str = ""
    is_long: bool = False
    is_required: bool = False


class InvitationPage:
    """Shows invitations, and sends the commands that answer them."""

    def __init__(
        self,
        services: Services,
        links: InvitationLinks,
        nonces: Nonces,
        now: Callable[[], datetime],
    ) -> None:
        self._services = services
        self._links = links
        self._nonces = nonces
        self._now = now

    def show(self, request: PageRequest) -> Page:
        """Return the page of a link as it is now; this changes nothing."""
        return self._show(request, None)

    def submit(self, request: PageRequest) -> Page | None:
        """Send the command of a form; return None if the page is to be shown anew."""
        link = self._links.find_link(request.token)
        if link is None or not link.is_newest:
            return self.show(request)
        if not self._nonces.is_valid(request.token, request.form.get("nonce", "")):
            return self.show_notice(
                "unconfirmed", request.language, HTTPStatus.FORBIDDEN
            )
        command = _build_command(_caller_of(link.sending), link.sending, request.form)
        return self._execute(command, request) if command else self.show(request)

    def _execute(self, command: Command, request: PageRequest) -> Page | None:
        try:
            self._services.bus.execute(command, self._now())
        except ANSWERED:
            return None
        except NOT_SHOWN:
            return self.show_notice("unknown", request.language, HTTPStatus.NOT_FOUND)
        except errors.Rejected as rejected:
            return self._show(request, rejected)
        return None

    def stop_reminders(self, request: PageRequest) -> Page:
        """Stop the reminders for a mail program, whose request has no nonce (RFC 8058)."""
        link = self._links.find_link(request.token)
        if link is not None:
            command = MuteInvitation(_caller_of(link.sending), link.sending.invitation)
            with suppress(errors.Rejected):  # there will be no more reminders anyway
                self._services.bus.execute(command, self._now())
        return self.show(request)

    def show_notice(
        self, name: str, language: str, status: HTTPStatus = HTTPStatus.OK
    ) -> Page:
        """Return a page that shows nothing of an invitation."""
        renderer = self._choose_renderer(language, None)
        return Page(
            _render_page(renderer, renderer.render(f"web/{name}", "mail")), status
        )

    def _show(self, request: PageRequest, problem: errors.Rejected | None) -> Page:
        link = self._links.find_link(request.token)
        if link is None:
            return self.show_notice("unknown", request.language, HTTPStatus.NOT_FOUND)
        if not link.is_newest:
            return self.show_notice("replaced", request.language, HTTPStatus.GONE)
        caller = _caller_of(link.sending)
        query = ShowReceivedInvitation(caller, link.sending.invitation)
        try:
            card = self._services.bus.query(query, self._now())
        except NOT_SHOWN:
            return self.show_notice("unknown", request.language, HTTPStatus.NOT_FOUND)
        renderer = self._choose_renderer(request.language, card)
        state = invitation_state_at(card, self._now())
        if state not in {PENDING, AGREED}:
            return Page(
                _render_page(
                    renderer, self._render_ended(renderer, card, state, caller)
                )
            )
        shown = self._render_problem(renderer, caller, problem) if problem else ""
        return self._render_open(renderer, card, state, request, shown)

    def _render_open(
        self,
        renderer: Renderer,
        card: InvitationView,
        state: str,
        request: PageRequest,
        problem: Markup | str,
    ) -> Page:
        """Return the page of an invitation that can be answered."""
        is_pending = state == PENDING
        if is_pending:
            text = renderer.render("web/invitation", "mail", card=card)
        else:
            text = renderer.render(
                "web/ended", "mail", card=card, state=state, workspace=""
            )
        html = _render_page(
            renderer,
            text,
            problem=problem,
            nonce=self._nonces.create(request.token),
            may_accept=is_pending,
            may_mute=is_pending and not card.invitation.muted,
            fields=self._list_fields(renderer, card, request.form)
            if is_pending
            else [],
        )
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        return Page(html, status)

    def _render_ended(
        self, renderer: Renderer, card: InvitationView, state: str, caller: Caller
    ) -> RenderedText:
        with self._services.read_workspace(caller) as repositories:
            workspace = repositories.get_workspace()
        title = workspace.title if workspace else ""
        return renderer.render(
            "web/ended", "mail", card=card, state=state, workspace=title
        )

    def _render_problem(
        self, renderer: Renderer, caller: Caller, problem: errors.Rejected
    ) -> Markup:
        services = replace(self._services, renderer=renderer)
        return _to_html(services.render_rejection(problem, caller, "mail"))

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
            label = renderer.render_label("page.slug", slug=card.resource.slug)
            add("slug", label, is_required=True)
        return fields

    def _choose_renderer(
        self, accepted_languages: str, card: InvitationView | None
    ) -> Renderer:
        """Return the renderer for the person's language, as far as it is known.

        It is that of their profile, their browser, or of who invited them.
        """
        known = [card.person.locale, card.inviter.locale] if card else [None, None]
        locale = known[0] or _find_language(accepted_languages) or known[1]
        return self._services.renderer.for_locale(locale).without_commands()


def _render_page(
    renderer: Renderer,
    text: RenderedText,
    *,
    problem: Markup | str = "",
    nonce: str = "",
    may_accept: bool = False,
    may_mute: bool = False,
    fields: Sequence[FormField] = (),
) -> str:
    """Return a page as HTML; with a nonce it has the forms that answer."""
    return renderer.render_document(
        "web/layout",
        language=renderer.language,
        title=to_header_text(text.text),
        heading=to_inline_html(text.text),
        paragraphs=[to_html(each, ON_PAGE) for each in text.paragraphs],
        problem=problem,
        nonce=nonce,
        may_accept=may_accept,
        may_mute=may_mute,
        fields=fields,
        labels={
            "accept": renderer.render_label("accept"),
            "decline": renderer.render_label("decline" if may_accept else "call_off"),
            "reason": renderer.render_label("page.reason"),
            "reason_hint": renderer.render_label("decline.reason.hint"),
            "mute": renderer.render_label("page.mute"),
        },
    )


def _to_html(text: RenderedText) -> Markup:
    return Markup().join(to_html(each, ON_PAGE) for each in text.paragraphs)


def _find_language(accepted_languages: str) -> str | None:
    """Return the first language of an Accept-Language header that texts are in."""
    for each in accepted_languages.split(","):
        language = each.partition(";")[0].strip().partition("-")[0].lower()
        if language in list_languages():
            return language
    return None


def _caller_of(sending: Sending) -> Caller:
    return Caller(sending.workspace, None, ORIGIN, person=sending.person)


def _build_command(
    caller: Caller, sending: Sending, form: Mapping[str, str]
) -> Command | None:
    """Return the command of a form; None for an action that is not known."""
    action = form.get("action")
    if action == "accept":
        return AcceptInvitation(
            caller, sending.invitation, _read_method(form), form.get("slug")
        )
    if action == "decline":
        return DeclineInvitation(caller, sending.invitation, form.get("reason"))
    if action == "mute":
        return MuteInvitation(caller, sending.invitation)
    return None


def _read_method(form: Mapping[str, str]) -> NewPaymentMethod | None:
    label = form.get("label", "").strip()
    if not label:
        return None
    details = BillingDetails(form.get("address"), form.get("email"))
    return NewPaymentMethod(label, details)
