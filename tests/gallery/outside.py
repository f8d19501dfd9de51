"""Pictures of what people outside Slack read: the mails, and the pages behind links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import requests

from bot.playground.mailbox import ReceivedMail
from bot.playground.state import PlaygroundState
from tests.gallery.pictures import Picture, PictureCollection
from tests.support.app_harness import AppHarness

LINK = re.compile(r"http://\S+/i/[A-Za-z0-9_-]{43}|http://\S+/me/enter/[\w.-]+")
NONCE = re.compile(r'name="nonce" value="([^"]+)"')
TIMEOUT_SECONDS = 10
_TEXT_ELEMENT = re.compile(r"<(h1|p|blockquote)\b[^>]*>(.*?)</\1>", re.DOTALL)
_SLACK_LINK = re.compile(r'href="(/me/slack/start[^"]*)"')
_FIELD = re.compile(r'name="(\w+)" value="([^"]*)"')
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """A page as a browser got it."""

    url: str
    html: str


class OutsideReader:
    """Read mails and open their links, as somebody who has no account of Slack."""

    def __init__(
        self, harness: AppHarness, pictures: PictureCollection, scene: str
    ) -> None:
        self._harness = harness
        self._pictures = pictures
        self._scene = scene
        self._seen_mails = len(self._site.mailboxes.list_mails())
        self._browser = requests.Session()

    @property
    def _site(self) -> PlaygroundState:
        return self._harness.playground.state

    def take_new_mails(self) -> None:
        """Add the mails that arrived since the last look to the pictures."""
        mails = self._site.mailboxes.list_mails()
        for mail in mails[self._seen_mails :]:
            self._add("mail", mail.recipient, mail.message_id, read_mail(mail))
        self._seen_mails = len(mails)

    def get_link(self, address: str, position: int = -1) -> str:
        """Return the link in a mail to an address, the newest by default."""
        links = [
            str(LINK.findall(mail.text)[0])
            for mail in self._harness.playground.mailboxes.list_mails(address)
            if LINK.search(mail.text)
        ]
        return links[position]

    def open_link(self, url: str) -> OpenedPage:
        """Open a page, add it to the pictures and return it."""
        return self._take_picture(self._request("GET", url))

    def press(self, page: OpenedPage, /, action: str, **fields: str) -> OpenedPage:
        """Press a button of a page that has a nonce; return the page that follows."""
        nonce = NONCE.search(page.html)
        form = {"action": action, "nonce": nonce[1] if nonce else "", **fields}
        return self._take_picture(self._request("POST", page.url, form))

    def open_my_page(self, path: str = "") -> OpenedPage:
        """Open My page, or a page of it."""
        return self.open_link(f"{self._site.base_url}/me{path}")

    def sign_in(self, address: str) -> OpenedPage:
        """Ask for a link to My page and sign in by it."""
        self.press(self.open_my_page(), "send_link", email=address)
        self._harness.drain_outbox()
        self.take_new_mails()
        return self.press(self.open_link(self.get_link(address)), "enter")

    def return_from_slack(self, page: OpenedPage, user_id: str) -> OpenedPage:
        """Follow the link to Slack, choose an account there, and return what follows."""
        start = unescape(_SLACK_LINK.findall(page.html)[0])
        slack = self._request("GET", f"{self._site.base_url}{start}")
        form = {**dict(_FIELD.findall(slack.html)), "user": user_id}
        url = slack.url.partition("?")[0]
        return self._take_picture(self._request("POST", url, form))

    def sign_in_with_slack(self, page: OpenedPage, user_id: str) -> OpenedPage:
        """Sign in with an account of Slack, from a page that has the link to it."""
        return self.press_as_shown(self.return_from_slack(page, user_id))

    def press_as_shown(self, page: OpenedPage) -> OpenedPage:
        """Press the only button of a page, with the values that the page has."""
        form = dict(_FIELD.findall(page.html))
        url = page.url.partition("?")[0]
        return self._take_picture(self._request("POST", url, form))

    def answer(
        self, address: str, /, action: str = "accept", **fields: str
    ) -> OpenedPage:
        """Answer the invitation in the newest mail to an address."""
        return self.press(self.open_link(self.get_link(address)), action, **fields)

    def _request(
        self, method: str, url: str, form: dict[str, str] | None = None
    ) -> OpenedPage:
        locale = self._site.workspace.get_account("ada").locale
        headers = {"Accept-Language": locale}
        response = self._browser.request(
            method, url, data=form, headers=headers, timeout=TIMEOUT_SECONDS
        )
        response.encoding = "utf-8"
        return OpenedPage(response.url, response.text)

    def _take_picture(self, page: OpenedPage) -> OpenedPage:
        self._add("page", "", page.url, read_page(page.html))
        return page

    def _add(self, sort: str, person: str, key: str, face: dict[str, Any]) -> None:
        shown = self._pictures.templates_in(face)
        picture = Picture(self._scene, person, sort, "", key, face, shown)
        self._pictures.add(self._site, picture)


def read_mail(mail: ReceivedMail) -> dict[str, Any]:
    """Return what a mail shows."""
    return {
        "text": f"{mail.subject}\n\n{mail.text}",
        "parts": mail.text.split("\n\n"),
        "html": mail.html,
        "blocks": [],
    }


def read_page(html: str) -> dict[str, Any]:
    """Return what a page shows."""
    parts = [_strip_tags(content) for _, content in _TEXT_ELEMENT.findall(html)]
    title = _strip_tags(_TITLE.findall(html)[0])
    return {
        "text": "\n".join([title, *parts[1:]]),
        "parts": [title, *parts],
        "html": html,
        "blocks": [],
    }


def _strip_tags(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html.replace("<br>", "\n")))
