"""A crawler follows every link of every mail and page a thousand times: nothing changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import count, cycle
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
import requests

from tests.end_to_end.test_invitations_by_mail import (
    NINA,
    accept_by_link,
    latest_mail,
    token_in,
)
from tests.support.app_harness import AppHarness

REQUESTS = 1000
METHODS = ("GET", "HEAD")
URL_IN_TEXT = re.compile(r"https?://[^\s<>\"']+")
URL_IN_ATTRIBUTE = re.compile(r'(?:href|src|action)="([^"]*)"')
FIELD = re.compile(r'name="([^"]+)"(?: value="([^"]*)")?')


class Crawler:
    """Follows links within one site, and sends what is in forms by GET, as no browser does."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._addresses = (f"203.0.{n // 200}.{n % 200 + 1}" for n in count())
        self.seen: dict[str, int] = {}

    def crawl(self, urls: set[str], times: int) -> None:
        """Request everything that can be found, by each method in turn, again and again."""
        self._find_pages(urls)
        requested = cycle([(m, url) for url in sorted(self.seen) for m in METHODS])
        for _, (method, url) in zip(range(times), requested, strict=False):
            self._request(method, url)

    def _find_pages(self, urls: set[str]) -> None:
        waiting = set(urls)
        while waiting:
            url = waiting.pop()
            if url in self.seen or urlsplit(url).netloc != urlsplit(self._site).netloc:
                continue
            response = self._request("GET", url)
            self.seen[url] = response.status_code
            waiting |= set(self._list_links(url, response.text))

    def _list_links(self, url: str, page: str) -> Iterator[str]:
        for link in URL_IN_ATTRIBUTE.findall(page):
            yield urljoin(url, unescape(link))
        if "<form" in page and "?" not in url:
            fields = [(n, unescape(v)) for n, v in FIELD.findall(page)]
            yield f"{url}?{urlencode(fields)}"

    def _request(self, method: str, url: str) -> requests.Response:
        # The page limits the requests of one address.
        headers = {"X-Forwarded-For": next(self._addresses)}
        response = requests.request(
            method, url, headers=headers, timeout=10, allow_redirects=False
        )
        assert response.status_code < 500, (method, url)
        return response


def snapshot(harness: AppHarness) -> list[str]:
    """Return every row of every table."""
    with harness.app.database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        return [
            line for line in driver.iterdump() if '"heartbeats"' not in line
        ]  # which the app itself writes


def prepare_mails(harness: AppHarness) -> None:
    """Let there be an invitation in each state that a page shows."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "create project Site",
        "create payment Card",
        "pay shop with card",
        f"invite {NINA} owner pixel",
        "invite open@client.example developer shop",
        "invite revoked@client.example developer shop",
        "revoke revoked@client.example shop",
    ):
        harness.run_command("ada", f"/collab {line}")
    harness.press_button("ada", harness.latest_message("ada", "general"), "revoke")
    accept_by_link(NINA, harness)
    harness.confirm_command(
        "ada", "/collab transfer billing shop pays@client.example", "transfer"
    )
    harness.confirm_command(
        "ada", "/collab handover site to takes@client.example", "handover"
    )
    harness.run_command("ada", "/collab invite late@client.example admin pixel")
    harness.advance_time(days=4)  # the reminders have a link more
    harness.run_command("ada", "/collab invite open@client.example developer shop")
    harness.advance_time(days=4)
    harness.run_command("ada", "/collab invite new@client.example admin pixel")


def list_links(harness: AppHarness) -> set[str]:
    """Return every URL in the mails."""
    urls = set[str]()
    for mail in harness.playground.mailboxes.list_mails():
        for content in (mail.text, unescape(mail.html), mail.unsubscribe_url):
            urls |= set(URL_IN_TEXT.findall(content))
    return urls


@pytest.mark.rule("OUT-02")
def test_a_thousand_requests_change_no_row(harness: AppHarness) -> None:
    prepare_mails(harness)
    links = list_links(harness)
    crawler = Crawler(min(links))
    before = snapshot(harness)

    crawler.crawl(links, REQUESTS)
    harness.drain_outbox()

    assert snapshot(harness) == before
    assert {200, 410} <= set(crawler.seen.values())
    assert len(crawler.seen) > len(links) > 10
    newest = token_in(latest_mail(harness, "new@client.example"))
    assert any(newest in url and "action=accept" in url for url in crawler.seen)
    # The control: the same comparison sees a single press.
    accept_by_link("new@client.example", harness)
    assert snapshot(harness) != before
