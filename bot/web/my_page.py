"""My page: what people outside Slack have and are asked, and what they can do there.

How they sign in is in `sign_in_pages.py` and `slack_pages.py`. Reading changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote

from bot.rendering import Renderer
from bot.sign_in_links import (
    ENTER_PATH,
    MY_PAGE_PATH,
)
from bot.slack.requests import Services
from bot.slack.sign_in import SIGN_IN_PATH
from bot.web.answers import (
    Answer,
    Header,
    WebRequest,
    read_number,
    redirect,
    reject_method,
)
from bot.web.invitation_page import InvitationPage, PageRequest, Received
from bot.web.layout import find_language, to_page_html
from bot.web.my_page_views import ERASE_PATH, MyPageViews, Visitor
from bot.web.nonces import Nonces
from bot.web.sessions import Sessions
from bot.web.sign_in_pages import LANGUAGE_FIELD, SIGNED_OUT_FIELD, SignInPages
from bot.web.slack_pages import SlackPages
from collab import errors
from collab.billing.invoices import ShowInvoice
from collab.command import Command
from collab.confirmation import ConfirmedPreview
from collab.erasure import ErasePerson, ShowStoredData
from collab.file_store import FileStore, FileStoreError
from collab.invitations.answers import MuteInvitation
from collab.invitations.queries import ListInvitations
from collab.memberships.commands import LeaveResource, RemoveMember
from collab.memberships.undo import UndoDeparture
from collab.model import InvitationId, InvoiceId, PersonId, ResourceId
from collab.my_page import ShowMyPage, ShowOwnResource
from collab.removal_impact import PreviewLeave, PreviewRemoval
from collab.settings import ChooseLanguage
from collab.sign_ins import SignOut

ID = "([A-Z0-9]+)"

Handler = Callable[["MyPage", WebRequest, Visitor, Sequence[str]], Answer]


class Route(NamedTuple):
    """A path below MY_PAGE_PATH, and what reads and what changes there."""

    path: re.Pattern[str]
    show: Handler
    submit: Handler | None = None


class MyPage:
    """Shows a person's page, and sends the commands that they press there."""

    def __init__(
        self,
        services: Services,
        invitations: InvitationPage,
        sessions: Sessions,
        sign_in: SignInPages,
        files: FileStore,
        nonces: Nonces,
        views: MyPageViews,
        slack: SlackPages | None,
        base_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._services = services
        self._invitations = invitations
        self._sessions = sessions
        self._sign_in = sign_in
        self._files = files
        self._nonces = nonces
        self._base_url = base_url
        self._now = now
        self._views = views
        self._slack = slack

    def answer(self, request: WebRequest) -> Answer:
        """Answer a request for MY_PAGE_PATH or a path below it."""
        if request.path.startswith(ENTER_PATH):
            return self._sign_in.answer_link(request)
        visitor = self._sign_in.find_visitor(request)
        if self._slack and request.path.startswith(SIGN_IN_PATH):
            return self._answer_slack(request, self._slack, visitor)
        if visitor is None:
            return self._sign_in.answer_signed_out(request)
        for route in ROUTES:
            if match := route.path.fullmatch(request.path):
                return self._answer_visitor(request, visitor, route, match.groups())
        return self._views.show_notice(visitor.renderer, "gone")

    def _answer_visitor(
        self,
        request: WebRequest,
        visitor: Visitor,
        route: Route,
        parts: Sequence[str],
    ) -> Answer:
        try:
            if request.is_reading:
                return route.show(self, request, visitor, parts)
            if request.method != "POST" or route.submit is None:
                allowed = "GET, HEAD, POST" if route.submit else "GET, HEAD"
                return reject_method(allowed)
            nonce = request.form.get("nonce", "")
            if not self._nonces.is_valid(visitor.page, nonce):
                return self._views.show_notice(visitor.renderer, "unconfirmed")
            return route.submit(self, request, visitor, parts)
        except errors.Rejected as rejected:
            return self._show_rejected(visitor, rejected)

    def _show_rejected(self, visitor: Visitor, rejected: errors.Rejected) -> Answer:
        """Return why nothing was done; what is hidden from the visitor is not there."""
        services = replace(self._services, renderer=visitor.renderer)
        text = services.render_rejection(rejected, visitor.caller, "mail")
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if isinstance(rejected, errors.Unknown):
            status = HTTPStatus.NOT_FOUND
        return self._views.show_refusal(visitor.renderer, to_page_html(text), status)

    def _answer_slack(
        self, request: WebRequest, slack: SlackPages, visitor: Visitor | None
    ) -> Answer:
        """Answer who signs in with Slack, in the session that they have, if any."""
        session = self._sessions.read(request.cookies) if visitor else None
        renderer = self._renderer_for(find_language(request.language))
        return slack.answer(request, visitor.renderer if visitor else renderer, session)

    # What can be done there

    def show_home(
        self, request: WebRequest, visitor: Visitor, _parts: Sequence[str]
    ) -> Answer:
        """Show what needs an answer and what the visitor has."""
        query = ShowMyPage(visitor.caller, read_number(request.fields.get("page")))
        view = self._services.bus.query(query, self._now())
        undoable = read_number(request.fields.get("done"))
        return self._views.show_home(visitor, view, undoable)

    def submit_home(
        self, request: WebRequest, visitor: Visitor, _parts: Sequence[str]
    ) -> Answer:
        """Change the language, stop reminders, undo a departure, or sign out."""
        action, value = request.form.get("action"), request.form.get("value", "")
        if action == "sign_out":
            self._execute(SignOut(visitor.caller))
            query = (
                f"?{SIGNED_OUT_FIELD}=1&{LANGUAGE_FIELD}={visitor.renderer.language}"
            )
            return redirect(self._url(query), self._sessions.delete_cookie())
        if action == "language":
            self._execute(ChooseLanguage(visitor.caller, value))
        if action == "undo":
            self._execute(UndoDeparture(visitor.caller, read_number(value)))
        if action == "mute":
            self._mute_all(visitor)
        return redirect(self._url(""))

    def _mute_all(self, visitor: Visitor) -> None:
        """Stop the reminders of every invitation that is open."""
        query = ListInvitations(visitor.caller)
        for card in self._services.bus.query(query, self._now()).invitations:
            if card.waits and not card.invitation.muted:
                self._execute(MuteInvitation(visitor.caller, card.invitation.id))

    def show_resource(
        self, request: WebRequest, visitor: Visitor, parts: Sequence[str]
    ) -> Answer:
        """Show a resource: facts, people, and invoices."""
        query = ShowOwnResource(
            visitor.caller,
            ResourceId(parts[0]),
            read_number(request.fields.get("people")),
            read_number(request.fields.get("invoices")),
        )
        view = self._services.bus.query(query, self._now())
        return self._views.show_resource(visitor, view)

    def ask_to_leave(
        self, _request: WebRequest, visitor: Visitor, parts: Sequence[str]
    ) -> Answer:
        """Show what leaving a resource would end."""
        query = PreviewLeave(visitor.caller, parts[0])
        preview = self._services.bus.query(query, self._now())
        return self._views.show_preview(visitor, "leave", preview)

    def leave(
        self, request: WebRequest, visitor: Visitor, parts: Sequence[str]
    ) -> Answer:
        """Leave a resource as it was previewed."""
        query = PreviewLeave(visitor.caller, parts[0])
        command = LeaveResource(visitor.caller, parts[0])
        return self._end(request, visitor, "leave", query, command)

    def ask_to_remove(
        self, _request: WebRequest, visitor: Visitor, parts: Sequence[str]
    ) -> Answer:
        """Show what removing a person would end."""
        query = PreviewRemoval(visitor.caller, PersonId(parts[1]), parts[0])
        preview = self._services.bus.query(query, self._now())
        return self._views.show_preview(visitor, "remove", preview)

    def remove(
        self, request: WebRequest, visitor: Visitor, parts: Sequence[str]
    ) -> Answer:
        """Remove a person as it was previewed."""
        person_id = PersonId(parts[1])
        query = PreviewRemoval(visitor.caller, person_id, parts[0])
        command = RemoveMember(visitor.caller, person_id, parts[0])
        return self._end(request, visitor, "remove", query, command)

    def _end(
        self,
        request: WebRequest,
        visitor: Visitor,
        action: str,
        query: PreviewLeave | PreviewRemoval,
        command: Command,
    ) -> Answer:
        """Execute what was previewed, and offer to undo it."""
        confirmed = ConfirmedPreview(query, request.form.get("value", ""))
        try:
            outcome = self._services.bus.execute(
                command, self._now(), confirmed=confirmed
            )
        except errors.PreviewChanged as changed:
            return self._views.show_preview(
                visitor, action, changed.preview, is_renewed=True
            )
        return redirect(self._url(f"?done={outcome.recorded[0].seq}"))

    def show_stored_data(
        self, _request: WebRequest, visitor: Visitor, _parts: Sequence[str]
    ) -> Answer:
        """Show what is stored about the visitor."""
        query = ShowStoredData(visitor.caller)
        stored = self._services.bus.query(query, self._now())
        return self._views.show_stored_data(visitor, stored)

    def ask_to_erase(
        self, _request: WebRequest, visitor: Visitor, _parts: Sequence[str]
    ) -> Answer:
        """Show what erasing the visitor's data means."""
        return self._views.show_erasure(visitor)

    def erase(
        self, _request: WebRequest, visitor: Visitor, _parts: Sequence[str]
    ) -> Answer:
        """Erase the visitor, whose session ends by that."""
        self._execute(ErasePerson(visitor.caller))
        answer = self._views.show_erased(visitor.renderer)
        headers = (*answer.headers, self._sessions.delete_cookie())
        return replace(answer, headers=headers)

    def show_invitation(
        self, request: WebRequest, visitor: Visitor, parts: Sequence[str]
    ) -> Answer:
        """Show an invitation, as its link in the mail does."""
        received = self._receive(visitor, parts)
        return self._invitations.show_received(
            received, PageRequest("", request.language)
        )

    def answer_invitation(
        self, request: WebRequest, visitor: Visitor, parts: Sequence[str]
    ) -> Answer:
        """Answer an invitation, as its link in the mail does."""
        received = self._receive(visitor, parts)
        page_request = PageRequest("", request.language, request.form)
        return self._invitations.answer_received(received, page_request)

    def _receive(self, visitor: Visitor, parts: Sequence[str]) -> Received:
        invitation_id = InvitationId(parts[0])
        url = self._url(f"/invitations/{quote(parts[0])}")
        return Received(
            visitor.caller, invitation_id, visitor.page, url, opens_session=False
        )

    def download_invoice(
        self, _request: WebRequest, visitor: Visitor, parts: Sequence[str]
    ) -> Answer:
        """Send the PDF of an invoice."""
        query = ShowInvoice(visitor.caller, InvoiceId(parts[0]))
        invoice = self._services.bus.query(query, self._now())
        try:
            content = self._files.load(invoice.file)
        except FileStoreError:
            raise errors.UnknownInvoice from None
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", invoice.number).strip("-.")
        disposition: Header = (
            "Content-Disposition",
            f'attachment; filename="{name or "invoice"}.pdf"',
        )
        return Answer(HTTPStatus.OK, content, (disposition,), "application/pdf")

    def _execute(self, command: Command) -> None:
        self._services.bus.execute(command, self._now())

    def _renderer_for(self, locale: str | None) -> Renderer:
        return self._services.renderer.for_locale(locale).without_commands()

    def _url(self, path: str) -> str:
        # Not from the Host header, which the sender chooses.
        return f"{self._base_url}{MY_PAGE_PATH}{path}"


def _route(path: str, show: Handler, submit: Handler | None = None) -> Route:
    return Route(re.compile(f"{MY_PAGE_PATH}{path}"), show, submit)


ROUTES = (
    _route("", MyPage.show_home, MyPage.submit_home),
    _route("/about", MyPage.show_stored_data),
    _route(ERASE_PATH, MyPage.ask_to_erase, MyPage.erase),
    _route(f"/resources/{ID}", MyPage.show_resource),
    _route(f"/resources/{ID}/leave", MyPage.ask_to_leave, MyPage.leave),
    _route(f"/resources/{ID}/remove/{ID}", MyPage.ask_to_remove, MyPage.remove),
    _route(f"/invitations/{ID}", MyPage.show_invitation, MyPage.answer_invitation),
    _route(f"/invoices/{ID}", MyPage.download_invoice),
)
