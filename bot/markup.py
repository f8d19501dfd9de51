"""Convert rendered messages, which have Slack's markup, to HTML and to plain text.

What people typed was escaped when it was rendered, so every mark is a template's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup

_BOLD = re.compile(r"\*([^*\n]+)\*")
_CODE = re.compile(r"`([^`\n]+)`")
_SMALL_PRINT = "-# "
_QUOTE = "> "
_WORD_JOINER = "\u2060"  # keeps typed text from being markup or a link


@dataclass(frozen=True, slots=True)
class HtmlAttributes:
    """The attributes of the elements that paragraphs become."""

    paragraph: str
    quote: str
    small_print: str


# Mail programs drop style sheets; a page's policy allows no styles within it.
IN_MAIL = HtmlAttributes(
    paragraph='style="margin:16px 0"',
    quote='style="margin:16px 0;padding:0 0 0 12px;border-left:3px solid #8a94a6"',
    small_print='style="margin:16px 0 0;font-size:13px;opacity:.8"',
)
ON_PAGE = HtmlAttributes('class="text"', 'class="quote"', 'class="small"')


def to_plain_text(markup: str) -> str:
    """Return a text without marks, as the plain part of a mail."""
    lines = (line.removeprefix(_SMALL_PRINT) for line in markup.splitlines())
    text = "\n".join(lines)
    return unescape(_CODE.sub(r"\1", _BOLD.sub(r"\1", text)))


def to_header_text(markup: str) -> str:
    """Return a text as a header of a mail: one line, without invisible marks, and
    nothing that mail programs decode.
    """
    text = to_plain_text(markup).replace(_WORD_JOINER, "")
    return " ".join(text.replace("=?", "= ?").split())


def to_html(paragraph: str, attributes: HtmlAttributes) -> Markup:
    """Return a paragraph as an HTML element."""
    if paragraph.startswith(_SMALL_PRINT):
        content = paragraph.removeprefix(_SMALL_PRINT)
        return _element("p", attributes.small_print, content)
    lines = paragraph.splitlines()
    if all(line.startswith(_QUOTE) for line in lines):
        content = "\n".join(line.removeprefix(_QUOTE) for line in lines)
        return _element("blockquote", attributes.quote, content)
    return _element("p", attributes.paragraph, paragraph)


def to_inline_html(text: str) -> Markup:
    """Return a text with its marks as HTML elements."""
    bold = _BOLD.sub(r"<strong>\1</strong>", text)
    content = _CODE.sub(r"<code>\1</code>", bold).replace("\n", "<br>")
    return Markup(content)  # noqa: S704 - escaped when it was rendered


def _element(name: str, attributes: str, text: str) -> Markup:
    content = to_inline_html(text)
    return Markup(f"<{name} {attributes}>{content}</{name}>")  # noqa: S704 - the attributes are ours
