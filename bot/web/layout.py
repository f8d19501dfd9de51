"""What all pages share: their layout, and the parts that they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from bot.i18n import list_languages
from bot.invitation_links import PAGE_PATH
from bot.markup import ON_PAGE, to_header_text, to_html, to_inline_html
from bot.rendering import RenderedText, Renderer
from bot.sign_in_links import MY_PAGE_PATH
from collab.model import Person

STYLE_NAME = "style.css"
LABELS = {
    "accept": "accept",
    "decline": "decline",
    "reason": "page.reason",
    "reason_hint": "decline.reason.hint",
    "mute": "page.mute",
}


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form; `value` is what was typed before."""

    name: str
    label: str
    value: Markup | str = ""
    hint: str = ""
    kind: str = "text"
    is_long: bool = False
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another page; `style` is its class, such as that of a button."""

    url: Markup
    label: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that sends an action with its fields; `style` is a class of its button."""

    action: str
    label: str
    nonce: str
    value: str | Markup = ""
    style: str = ""
    fields: Sequence[FormField] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: its text under its title, and where it leads."""

    content: Markup
    links: Sequence[Link] = ()
    title: Link | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under a heading; without one it stands alone."""

    heading: str = ""
    paragraphs: Sequence[Markup] = ()
    rows: Sequence[Row] = ()
    links: Sequence[Link] = ()
    forms: Sequence[Form] = ()


class PageLayout:
    """Puts pages into their layout; `base_url` is the address before their paths."""

    def __init__(self, base_url: str) -> None:
        # A server before this one may add a prefix to every path.
        self._root = urlsplit(base_url).path

    def url(self, path: str) -> Markup:
        """Return the address of a page within this site."""
        return escape(f"{self._root}{path}")

    def render_invitation(
        self,
        renderer: Renderer,
        text: RenderedText,
        *,
        problem: Markup | str = "",
        nonce: str = "",
        may_accept: bool = False,
        may_decline: bool = False,
        may_mute: bool = False,
        fields: Sequence[FormField] = (),
        inviter: Person | None = None,
        leads_to_my_page: bool = False,
        links: Sequence[Link] = (),
    ) -> str:
        """Return the page of an invitation; with a nonce it has the forms that answer.

        `inviter` is who can be asked for an invitation that has expired.
        """
        if leads_to_my_page:
            label = renderer.render_label("page.mine")
            links = [*links, Link(self.url(MY_PAGE_PATH), label)]
        labels = {key: renderer.render_label(name) for key, name in LABELS.items()}
        if not may_accept:
            labels["decline"] = renderer.render_label("call_off")
        if inviter:
            name = inviter.title or renderer.render_label("somebody")
            labels["ask_again"] = renderer.render_label("page.ask_again", inviter=name)
        return renderer.render_document(
            "web/layout",
            language=renderer.language,
            style_url=self.url(PAGE_PATH + STYLE_NAME),
            title=to_header_text(text.text),
            heading=to_inline_html(text.text),
            paragraphs=[to_html(each, ON_PAGE) for each in text.paragraphs],
            problem=problem,
            nonce=nonce,
            may_accept=may_accept,
            may_decline=may_decline,
            may_mute=may_mute,
            may_ask_again=inviter is not None,
            fields=fields,
            links=links,
            labels=labels,
        )

    def render_sections(
        self,
        renderer: Renderer,
        text: RenderedText,
        sections: Sequence[Section],
        *,
        problem: Markup | str = "",
        links: Sequence[Link] = (),
    ) -> str:
        """Return a page of sections; `links` lead back and elsewhere."""
        return renderer.render_document(
            "web/sections",
            language=renderer.language,
            style_url=self.url(PAGE_PATH + STYLE_NAME),
            title=to_header_text(text.text),
            heading=to_inline_html(text.text),
            paragraphs=[to_html(each, ON_PAGE) for each in text.paragraphs],
            problem=problem,
            sections=[each for each in sections if _has_content(each)],
            links=links,
        )


def to_page_html(text: RenderedText) -> Markup:
    """Return the paragraphs of a text as HTML."""
    return Markup().join(to_html(each, ON_PAGE) for each in text.paragraphs)


def find_language(accepted_languages: str) -> str | None:
    """Return the first language of an Accept-Language header that texts are in."""
    for each in accepted_languages.split(","):
        language = each.partition(";")[0].strip().partition("-")[0].lower()
        if language in list_languages():
            return language
    return None


def _has_content(section: Section) -> bool:
    parts = (section.paragraphs, section.rows, section.links, section.forms)
    return any(parts)
