"""The WSGI application of the pages for people outside Slack.

GET and HEAD change nothing, but where Slack sends a browser back that installs the app.
A POST needs a nonce from the page itself and, where the browser says where it comes
from, that it comes from there; but for the one with which a mail program turns
reminders off.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import templates
from bot.invitation_links import PAGE_PATH, STOP_PATH, InvitationLinks
from bot.sign_in_links import SignInLinks
from bot.slack.oauth import is_install_path
from bot.slack.requests import Services
from bot.slack.sign_in import SlackSignIn
from bot.web.answers import NOT_FOUND, Answer, WebRequest, reject_method
from bot.web.install_pages import InstallPages
from bot.web.invitation_page import InvitationPage, PageRequest
from bot.web.layout import STYLE_NAME, PageLayout
from bot.web.my_page import MyPage
from bot.web.my_page_views import MyPageViews
from bot.web.nonces import Nonces
from bot.web.rate_limit import RateLimit
from bot.web.sessions import Sessions, parse_cookies
from bot.web.sign_in_pages import SignInPages, SignInRequests
from bot.web.slack_pages import SlackPages
from collab.file_store import FileStore
from collab.unit_of_work import Unavailable

log = logging.getLogger("collab.web")

MAX_FORM_BYTES = 32 * 1024
MAX_FIELDS = 20
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


class PageApplication:
    """Serves the pages of invitations and My page, and those that install the app."""

    def __init__(
        self,
        invitations: InvitationPage,
        my_page: MyPage,
        base_url: str,
        install: InstallPages | None = None,
    ) -> None:
        self._invitations = invitations
        self._my_page = my_page
        self._install = install
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
        path = environ.get("PATH_INFO", "")
        if path == PAGE_PATH + STYLE_NAME:
            return Answer(
                HTTPStatus.OK, _load_style(), content_type="text/css; charset=utf-8"
            )
        request = _read_request(environ, path)
        if request is None:
            return Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not self._limit.allows(_read_client_address(environ)):
            page = self._invitations.show_notice(
                "busy", request.language, HTTPStatus.TOO_MANY_REQUESTS
            )
            return replace(page, headers=(("Retry-After", "60"),))
        if path.startswith(PAGE_PATH):
            return self._answer_invitation(request)
        if is_install_path(path):
            return self._install.answer(request) if self._install else NOT_FOUND
        return self._my_page.answer(request)

    def _answer_invitation(self, request: WebRequest) -> Answer:
        name = request.path.removeprefix(PAGE_PATH)
        token = name.removesuffix(STOP_PATH)
        page_request = PageRequest(token, request.language, request.form)
        if request.is_reading:
            return self._invitations.show(page_request)
        if request.method != "POST":
            return reject_method("GET, HEAD, POST")
        if token != name:
            return self._invitations.stop_reminders(page_request)
        return self._invitations.submit(page_request)


def build_pages(
    services: Services,
    links: InvitationLinks,
    secrets: tuple[str, ...],
    requests: SignInRequests,
    files: FileStore,
    now: Callable[[], datetime],
    slack: SlackSignIn | None = None,
    install: InstallPages | None = None,
) -> WSGIApplication:
    """Return the application of all pages; the secrets sign what browsers carry.

    With `slack`, people can sign in there; with `install`, workspaces install the app.
    """
    base_url = links.base_url
    nonces = Nonces(secrets, now)
    sessions = Sessions(base_url, secrets)
    has_slack = slack is not None
    views = MyPageViews(PageLayout(base_url), nonces, has_slack=has_slack)
    list_all = requests.list_workspaces
    slack_pages = None
    if slack:
        slack_pages = SlackPages(
            services, slack, links, sessions, nonces, views, secrets, list_all, now
        )
    invitations = InvitationPage(
        services, links, sessions, nonces, now, has_slack=has_slack
    )
    sign_in_links = SignInLinks(base_url, secrets)
    sign_in = SignInPages(
        services, sessions, sign_in_links, requests, nonces, views, now
    )
    my_page = MyPage(
        services,
        invitations,
        sessions,
        sign_in,
        files,
        nonces,
        views,
        slack_pages,
        base_url,
        now,
    )
    return PageApplication(invitations, my_page, base_url, install)


def _read_request(environ: WSGIEnvironment, path: str) -> WebRequest | None:
    """Return a request; None if its form is too large.

    A form that another site sent is empty, as it proves nothing.
    """
    method = environ["REQUEST_METHOD"]
    form = _read_form(environ) if method == "POST" else {}
    if form is None:
        return None
    is_foreign = environ.get("HTTP_SEC_FETCH_SITE", "same-origin") != "same-origin"
    return WebRequest(
        method,
        path,
        environ.get("HTTP_ACCEPT_LANGUAGE", ""),
        {} if is_foreign else form,
        _parse_fields(environ.get("QUERY_STRING", "")),
        parse_cookies(environ.get("HTTP_COOKIE", "")),
    )


def _parse_fields(text: str) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(text, max_num_fields=MAX_FIELDS))
    except ValueError:
        return {}


def _read_form(environ: WSGIEnvironment) -> Mapping[str, str] | None:
    """Return the fields of a form; None if it is too large."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not re.fullmatch("[0-9]{1,9}", length) or int(length) > MAX_FORM_BYTES:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    try:
        return _parse_fields(body.decode())
    except UnicodeDecodeError:
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
