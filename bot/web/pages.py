"""The WSGI application of the pages for people outside Slack.

GET and HEAD change nothing. A POST needs a nonce from the page itself and, where the
browser says where it comes from, that it comes from there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIEnvironment

import templates
from bot.invitation_links import PAGE_PATH, STOP_PATH
from bot.web.invitation_page import InvitationPage, Page, PageRequest
from bot.web.rate_limit import RateLimit
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.web")

MAX_FORM_BYTES = 32 * 1024
MAX_FIELDS = 20
STYLE_NAME = "style.css"
SECURITY_HEADERS = [
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'",
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("X-Robots-Tag", "noindex, nofollow"),
]
HSTS = ("Strict-Transport-Security", "max-age=31536000")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: HTTPStatus
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/html; charset=utf-8"


class PageApplication:
    """Serves the pages below PAGE_PATH."""

    def __init__(self, page: InvitationPage, base_url: str) -> None:
        self._page = page
        self._base_url = base_url
        self._limit = RateLimit()
        self._headers = list(SECURITY_HEADERS)
        if base_url.startswith("https:"):
            self._headers.append(HSTS)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request."""
        try:
            answer = self._answer(environ)
        except Unavailable as error:
            log.warning("a page is not served: the database, %s", error.reason)
            answer = Answer(HTTPStatus.SERVICE_UNAVAILABLE)
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.content))),
            *answer.headers,
            *self._headers,
        ]
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.content]

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        name = environ.get("PATH_INFO", "").removeprefix(PAGE_PATH)
        method = environ["REQUEST_METHOD"]
        language = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        if name == STYLE_NAME:
            return Answer(
                HTTPStatus.OK, _load_style(), content_type="text/css; charset=utf-8"
            )
        if not self._limit.allows(_read_client_address(environ)):
            page = self._page.show_notice("busy", language)
            return _as_answer(page, HTTPStatus.TOO_MANY_REQUESTS, ("Retry-After", "60"))
        token = name.removesuffix(STOP_PATH)
        if method in {"GET", "HEAD"}:
            return _as_answer(self._page.show(PageRequest(token, language)))
        if method == "POST" and token != name:
            return _as_answer(self._page.stop_reminders(PageRequest(token, language)))
        if method == "POST":
            return self._answer_form(environ, name, language)
        allow = ("Allow", "GET, HEAD, POST")
        return Answer(HTTPStatus.METHOD_NOT_ALLOWED, headers=(allow,))

    def _answer_form(
        self, environ: WSGIEnvironment, name: str, language: str
    ) -> Answer:
        form = _read_form(environ)
        if form is None:
            return Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        is_foreign = environ.get("HTTP_SEC_FETCH_SITE", "same-origin") != "same-origin"
        request = PageRequest(name, language, {} if is_foreign else form)
        page = self._page.submit(request)
        if page is not None:
            return _as_answer(page)
        # Not from the Host header, which the sender chooses.
        location = ("Location", f"{self._base_url}{PAGE_PATH}{name}")
        return Answer(HTTPStatus.SEE_OTHER, headers=(location,))


def _as_answer(
    page: Page, status: HTTPStatus | None = None, *headers: tuple[str, str]
) -> Answer:
    return Answer(status or page.status, page.html.encode(), headers)


def _read_form(environ: WSGIEnvironment) -> Mapping[str, str] | None:
    """Return the fields of a form; None if it is too large."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not re.fullmatch("[0-9]{1,9}", length) or int(length) > MAX_FORM_BYTES:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=MAX_FIELDS))
    except ValueError:
        return {}


def _read_client_address(environ: WSGIEnvironment) -> str:
    """Return the address of the browser.

    A server with TLS on this machine or in its network names it in a header.
    """
    peer: str = environ.get("REMOTE_ADDR", "")
    forwarded: str = environ.get("HTTP_X_FORWARDED_FOR", "")
    try:
        is_proxy = ip_address(peer).is_private
    except ValueError:
        is_proxy = False
    last = forwarded.rpartition(",")[2].strip()
    return last if is_proxy and last else peer


@cache
def _load_style() -> bytes:
    return (Path(templates.__file__).parent / "web" / STYLE_NAME).read_bytes()
