"""The views of My page: sections of rows, links and buttons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from markupsafe import Markup

from bot.i18n import list_languages
from bot.markup import ON_PAGE, to_html
from bot.rendering import RenderedText, Renderer, escape_for_mail
from bot.sign_in_links import MY_PAGE_PATH
from bot.slack.views.erasure import render_stored_data
from bot.slack.views.memberships import render_ending
from bot.web.answers import Answer, answer_html
from bot.web.layout import (
    Form,
    FormField,
    Link,
    PageLayout,
    Row,
    Section,
    to_page_html,
)
from bot.web.nonces import Nonces
from collab.confirmation import compute_digest
from collab.erasure import StoredData
from collab.model import Caller, Person
from collab.my_page import MyPageView, OwnResource, OwnResourceView
from collab.open_items import InvitationView
from collab.removal_impact import RemovalPreview

MAIN, QUIET = "main", "quiet"
SIGNED_OUT = "me"  # what the nonces of forms are for that need no session
SLACK_START = "/slack/start"
ERASE_PATH = "/about/erase"
STATUS_BY_NOTICE = {
    "unconfirmed": HTTPStatus.FORBIDDEN,
    "gone": HTTPStatus.NOT_FOUND,
    "slack_cancelled": HTTPStatus.BAD_REQUEST,
    "slack_elsewhere": HTTPStatus.FORBIDDEN,
    "slack_failed": HTTPStatus.BAD_REQUEST,
    "slack_unverified": HTTPStatus.FORBIDDEN,
}
TEMPLATE_BY_NOTICE = {"gone": "pages/gone"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has signed in; `page` is what the nonces of their forms are for."""

    caller: Caller
    person: Person
    renderer: Renderer
    page: str


class MyPageViews:
    """Builds the pages of people who have signed in, and those to sign in."""

    def __init__(
        self, layout: PageLayout, nonces: Nonces, *, has_slack: bool = False
    ) -> None:
        self._layout = layout
        self._nonces = nonces
        self._has_slack = has_slack  # people can sign in there

    # Signing in

    def show_sign_in(
        self, renderer: Renderer, sends_mail: bool, state: str = ""
    ) -> Answer:
        """Return the page that asks for an address; `state`: signed_out or ended."""
        text = renderer.render(
            "web/sign_in", "mail", sends_mail=sends_mail, state=state
        )
        forms = [self._build_link_form(renderer)] if sends_mail else []
        links = [self._link(renderer, SLACK_START, "page.slack")]
        section = Section(forms=forms, links=links if self._has_slack else [])
        return self._answer(renderer, text, [section])

    def show_slack_return(self, renderer: Renderer, code: Markup, nonce: str) -> Answer:
        """Return the page to which Slack sends people back, with the button to go on."""
        text = renderer.render("web/slack_back", "mail")
        label = renderer.render_label("page.continue")
        form = Form("slack", label, nonce, code, MAIN)
        return self._answer(renderer, text, [Section(forms=[form])])

    def _build_link_form(self, renderer: Renderer) -> Form:
        address = FormField(
            "email",
            renderer.render_label("page.address"),
            kind="email",
            is_required=True,
        )
        label = renderer.render_label("page.send_link")
        nonce = self._nonces.create(SIGNED_OUT)
        return Form("send_link", label, nonce, style=MAIN, fields=[address])

    def show_entry(self, renderer: Renderer, token: str) -> Answer:
        """Return the page of a link, with the button that signs in."""
        text = renderer.render("web/enter", "mail")
        label = renderer.render_label("page.enter")
        form = Form("enter", label, self._nonces.create(token), style=MAIN)
        return self._answer(renderer, text, [Section(forms=[form])])

    def show_link_sent(self, renderer: Renderer, address: str) -> Answer:
        """Return what is shown after a press, whether or not the address is known."""
        text = renderer.render("web/link_sent", "mail", address=address)
        path = f"?language={renderer.language}"
        links = [self._link(renderer, path, "page.other_address")]
        return self._answer(renderer, text, [], links=links)

    def show_link_ended(self, renderer: Renderer) -> Answer:
        """Return what is shown for a link that signs in nobody."""
        text = renderer.render("web/link_ended", "mail")
        links = [self._link(renderer, "", "page.ask_for_link")]
        return self._answer(renderer, text, [], HTTPStatus.GONE, links=links)

    def show_notice(self, renderer: Renderer, name: str) -> Answer:
        """Return a page of one text."""
        template = TEMPLATE_BY_NOTICE.get(name, f"web/{name}")
        text = renderer.render(template, "mail")
        status = STATUS_BY_NOTICE.get(name, HTTPStatus.OK)
        return self._answer(
            renderer, text, [], status, links=[self._link(renderer, "", "page.mine")]
        )

    def show_refusal(
        self,
        renderer: Renderer,
        problem: Markup,
        status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
        form: Form | None = None,
    ) -> Answer:
        """Return why nothing was done, with what can be done instead."""
        text = RenderedText(renderer.render("web/not_done", "mail").text, ())
        links = [self._link(renderer, "", "page.mine")]
        sections = [Section(forms=[form])] if form else []
        return self._answer(
            renderer, text, sections, status, problem=problem, links=links
        )

    # What the visitor has

    def show_home(self, visitor: Visitor, view: MyPageView, undoable: int) -> Answer:
        """Return the first page; `undoable` is the number of an event to undo, or 0."""
        renderer = visitor.renderer
        text = renderer.render("web/my_page", "mail", view=view)
        sections = [
            *self._list_undo(visitor, undoable),
            self._build_invitations(visitor, view),
            self._build_resources(visitor, view),
            self._build_settings(visitor),
        ]
        return self._answer(renderer, text, sections)

    def _list_undo(self, visitor: Visitor, undoable: int) -> Iterator[Section]:
        """Yield what was just done, with the button that undoes it."""
        if not undoable:
            return
        renderer = visitor.renderer
        text = renderer.render("web/done", "mail")
        undo = self._form(visitor, "undo", "undo", str(undoable))
        yield Section(paragraphs=_paragraphs(text), forms=[undo])

    def _build_invitations(self, visitor: Visitor, view: MyPageView) -> Section:
        renderer = visitor.renderer
        rows = [self._build_invitation(renderer, card) for card in view.invitations]
        reminds = any(c.waits and not c.invitation.muted for c in view.invitations)
        mute = self._form(visitor, "mute", "page.mute", style=QUIET)
        return Section(
            renderer.render_label("page.needs_answer") if rows else "",
            rows=rows,
            forms=[mute] if reminds else [],
        )

    def _build_invitation(self, renderer: Renderer, card: InvitationView) -> Row:
        text = renderer.render("web/my_invitation", "mail", card=card)
        path = f"/invitations/{card.invitation.id}"
        return Row(to_page_html(text), [self._link(renderer, path, "mail.open")])

    def _build_resources(self, visitor: Visitor, view: MyPageView) -> Section:
        renderer = visitor.renderer
        rows = [self._build_resource(renderer, each) for each in view.resources]
        links = list[Link]()
        if view.next_page is not None:
            links.append(self._link(renderer, _query(page=view.next_page), "page.next"))
        heading = renderer.render_label("page.your_access", n=str(view.total))
        paragraphs = [] if rows else _paragraphs(renderer.render("web/nothing", "mail"))
        return Section(heading, paragraphs, rows, links)

    def _build_resource(self, renderer: Renderer, own: OwnResource) -> Row:
        text = renderer.render("web/my_resource", "mail", own=own)
        path = f"/resources/{own.resource.id}"
        name = Link(self._url(path), own.resource.title)
        return Row(to_page_html(text), title=name)

    def _build_settings(self, visitor: Visitor) -> Section:
        """Return what is stored about the visitor, and what they may change of it."""
        renderer, person = visitor.renderer, visitor.person
        text = renderer.render("web/about_you", "mail", person=person)
        forms = list[Form]()
        if not person.user:
            others = sorted(list_languages() - {renderer.language})
            forms += [
                self._form(visitor, "language", f"language.{each}", each)
                for each in others
            ]
        forms.append(self._form(visitor, "sign_out", "page.sign_out"))
        links = [self._link(renderer, "/about", "page.stored")]
        if self._has_slack and not person.user:
            links.insert(0, self._link(renderer, SLACK_START, "page.slack.join"))
        heading = renderer.render_label("page.about_you")
        return Section(heading, _paragraphs(text), links=links, forms=forms)

    def show_stored_data(self, visitor: Visitor, stored: StoredData) -> Answer:
        """Return what is stored about the visitor, with the link to erase it."""
        renderer = visitor.renderer
        text = render_stored_data(renderer, stored, "mail")
        heading = RenderedText(text.paragraphs[0], text.paragraphs[1:])
        return self._answer(
            renderer,
            heading,
            [Section(links=[self._link(renderer, ERASE_PATH, "erase_ask")])],
            links=[self._link(renderer, "", "page.mine")],
        )

    def show_erasure(self, visitor: Visitor) -> Answer:
        """Return what erasing the visitor's data means, with the button that does it."""
        renderer = visitor.renderer
        heading = RenderedText(renderer.render_label("erase.title"), ())
        effect = Markup("<p>{}</p>").format(renderer.render_label("erase.effect"))
        form = self._form(visitor, "erase", "erase", style=MAIN)
        return self._answer(
            renderer,
            heading,
            [Section(paragraphs=[effect], forms=[form])],
            links=[self._link(renderer, "/about", "cancel")],
        )

    def show_erased(self, renderer: Renderer) -> Answer:
        """Return what is shown once the visitor's data is erased."""
        return self._answer(renderer, renderer.render("web/erased", "mail"), [])

    # A resource

    def show_resource(self, visitor: Visitor, view: OwnResourceView) -> Answer:
        """Return the page of a resource."""
        renderer, page = visitor.renderer, view.page
        state = renderer.render(
            "pages/state",
            "mail",
            resource=page.resource,
            containers=page.containers,
            disabled=page.detail.disabled,
            trial=False,
        )
        title = escape_for_mail(page.resource.title)
        heading = RenderedText(title, state.paragraphs)
        sections = [
            self._build_facts(visitor, view),
            self._build_billing(renderer, view),
            self._build_invoices(renderer, view),
            self._build_people(renderer, view),
            self._build_leaving(renderer, view),
        ]
        links = [self._link(renderer, "", "page.mine")]
        return self._answer(renderer, heading, sections, links=links)

    def _build_facts(self, visitor: Visitor, view: OwnResourceView) -> Section:
        page = view.page
        description = page.resource.about
        paragraphs = list[Markup]()
        if description:
            text = visitor.renderer.render("pages/about", "mail", about=description)
            paragraphs += _paragraphs(text)
        role = visitor.renderer.render("web/my_role", "mail", own=view.own)
        return Section(paragraphs=[*paragraphs, *_paragraphs(role)])

    def _build_billing(self, renderer: Renderer, view: OwnResourceView) -> Section:
        if view.billing is None:
            return Section()
        text = renderer.render(
            "replies/billing",
            "mail",
            billing=view.billing,
            shown=view.billing.pays_for,
        )
        return Section(renderer.render_label("page.billing"), _paragraphs(text))

    def _build_invoices(self, renderer: Renderer, view: OwnResourceView) -> Section:
        listed = view.invoices
        if listed is None:
            return Section()
        page = 0 if listed.next_page is None else listed.next_page - 1
        text = renderer.render("replies/invoices", "mail", list=listed, page=page)
        heading, *lines = _paragraphs(text)
        rows = [
            Row(line, [self._build_download(renderer, invoice.id, invoice.number)])
            for line, invoice in zip(lines, listed.invoices, strict=True)
        ]
        links = self._next(renderer, view, invoices=listed.next_page)
        title = renderer.render_label("page.invoices")
        return Section(title, [heading], rows, links)

    def _build_download(self, renderer: Renderer, invoice_id: str, number: str) -> Link:
        label = renderer.render_label("page.download", number=number)
        return Link(self._url(f"/invoices/{invoice_id}"), label)

    def _build_people(self, renderer: Renderer, view: OwnResourceView) -> Section:
        members = view.members
        rows = list[Row]()
        for member in members.members:
            text = renderer.render(
                "web/member", "mail", member=member, me=view.reader_id
            )
            links = list[Link]()
            if member.is_removable:
                path = f"/resources/{view.page.resource.id}/remove/{member.person.id}"
                links.append(self._link(renderer, path, "page.remove"))
            rows.append(Row(to_page_html(text), links))
        heading = renderer.render_label("page.people", n=str(members.total))
        links = self._next(renderer, view, people=members.next_page)
        paragraphs = list[Markup]()
        if view.page.members.members.shows_addresses:  # the reader may assign a role
            paragraphs = _paragraphs(renderer.render("web/possible", "mail"))
        return Section(heading, paragraphs, rows, links)

    def _build_leaving(self, renderer: Renderer, view: OwnResourceView) -> Section:
        if not view.page.open.may_leave:
            return Section()
        path = f"/resources/{view.page.resource.id}/leave"
        label = renderer.render_label("page.leave", what=view.page.resource.title)
        return Section(links=[Link(self._url(path), label)])

    def _next(
        self, renderer: Renderer, view: OwnResourceView, **page: int | None
    ) -> list[Link]:
        """Return the link to the next page of a list, if there is one."""
        (number,) = page.values()
        if number is None:
            return []
        path = f"/resources/{view.page.resource.id}{_query(**page)}"
        return [self._link(renderer, path, "page.next")]

    def show_preview(
        self,
        visitor: Visitor,
        action: str,
        preview: RemovalPreview,
        *,
        is_renewed: bool = False,
    ) -> Answer:
        """Return what leaving or a removal would end, with the button that does it."""
        renderer = visitor.renderer
        text = render_ending(renderer, action, preview, "mail")
        heading = RenderedText(text.paragraphs[0], text.paragraphs[1:])
        confirm = self._form(
            visitor, action, action, compute_digest(preview), style=MAIN
        )
        problem = Markup()
        if is_renewed:
            problem = to_page_html(renderer.render("web/changed", "mail"))
        path = f"/resources/{preview.resource.id}"
        return self._answer(
            renderer,
            heading,
            [Section(forms=[confirm])],
            problem=problem,
            links=[self._link(renderer, path, "cancel")],
        )

    # Parts

    def _answer(
        self,
        renderer: Renderer,
        text: RenderedText,
        sections: Sequence[Section],
        status: HTTPStatus = HTTPStatus.OK,
        *,
        problem: Markup | str = "",
        links: Sequence[Link] = (),
    ) -> Answer:
        html = self._layout.render_sections(
            renderer, text, sections, problem=problem, links=links
        )
        return answer_html(html, status)

    def _form(
        self,
        visitor: Visitor,
        action: str,
        label: str,
        value: str = "",
        style: str = "",
    ) -> Form:
        text = visitor.renderer.render_label(label)
        return Form(action, text, self._nonces.create(visitor.page), value, style)

    def _link(self, renderer: Renderer, path: str, label: str) -> Link:
        return Link(self._url(path), renderer.render_label(label))

    def _url(self, path: str) -> Markup:
        return self._layout.url(f"{MY_PAGE_PATH}{path}")


def _query(**fields: int | None) -> str:
    return f"?{urlencode(fields)}"


def _paragraphs(text: RenderedText) -> list[Markup]:
    return [to_html(each, ON_PAGE) for each in text.paragraphs]
