"""Requests for pages, and what is sent back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

Header = tuple[str, str]
MAX_DIGITS = 18  # fit into 64 bits


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A request for a page below a path; `form` is what was sent with a POST.

    `language` is the header Accept-Language, `fields` are those of the URL.
    """

    method: str
    path: str
    language: str
    form: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_reading(self) -> bool:
        """Whether it may change nothing."""
        return self.method in {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: HTTPStatus
    content: bytes = b""
    headers: tuple[Header, ...] = ()
    content_type: str = "text/html; charset=utf-8"


NOT_FOUND = Answer(HTTPStatus.NOT_FOUND)


def answer_html(
    html: str, status: HTTPStatus = HTTPStatus.OK, *headers: Header
) -> Answer:
    """Return a page."""
    return Answer(status, html.encode(), headers)


def redirect(url: str, *headers: Header) -> Answer:
    """Return what makes a browser open another page, with GET."""
    return Answer(HTTPStatus.SEE_OTHER, headers=(("Location", url), *headers))


def reject_method(allowed: str) -> Answer:
    """Return the answer to a method that a page does not have."""
    return Answer(HTTPStatus.METHOD_NOT_ALLOWED, headers=(("Allow", allowed),))


def read_number(text: str | None) -> int:
    """Return the number of a page or an event in a URL; 0 for anything else."""
    is_number = bool(text and re.fullmatch(f"[0-9]{{1,{MAX_DIGITS}}}", text))
    return int(text or 0) if is_number else 0
