"""My page: the link that is mailed, and signing in by it."""

from __future__ import annotations

import re

import pytest
import requests

from tests.support.app_harness import AppHarness

NINA = "nina@client.example"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/me/enter/[A-Za-z0-9_.-]+")
NONCE = re.compile(r'name="nonce" value="([^"]+)"')


def press(browser: requests.Session, url: str, **fields: str) -> requests.Response:
    """Open a page and send its first form."""
    nonce = NONCE.findall(browser.get(url, timeout=10).text)[0]
    return browser.post(url, data={"nonce": nonce, **fields}, timeout=10)


@pytest.mark.rule("OUT-03")
def test_a_link_to_my_page_is_mailed_and_signs_in(each_harness: AppHarness) -> None:
    harness = each_harness
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    page = f"{harness.playground.url}/me"

    with requests.Session() as browser:
        answer = press(browser, page, action="send_link", email="Nina@Client.Example")
        assert "is known here" in answer.text
        harness.drain_outbox()
        mail = harness.playground.mailboxes.list_mails(NINA)[-1]
        assert mail.subject == "Your link to Collab"
        assert "Acme HQ" in mail.text
        assert len(set(LINK.findall(mail.text) + LINK.findall(mail.html))) == 1
        (link,) = LINK.findall(mail.text)

        opened = press(browser, link, action="enter")

        assert opened.url == page
        assert "Needs your answer" in opened.text
        assert "Ada invited you" in opened.text
    harness.drain_outbox()
    assert harness.app.database.outbox.list_failed() == []


@pytest.mark.rule("OUT-03")
def test_an_unknown_address_gets_no_mail_and_the_same_answer(
    harness: AppHarness,
) -> None:
    page = f"{harness.playground.url}/me"
    with requests.Session() as browser:
        answer = press(browser, page, action="send_link", email="who@client.example")
        assert "is known here" in answer.text
    harness.drain_outbox()
    assert harness.playground.mailboxes.list_mails() == []


def test_a_mail_about_a_link_is_in_the_readers_language(harness: AppHarness) -> None:
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    page = f"{harness.playground.url}/me"
    for _ in range(2):
        with requests.Session() as browser:
            press(browser, page, action="send_link", email=NINA)
            harness.drain_outbox()
            mail = harness.playground.mailboxes.list_mails(NINA)[-1]
            (link,) = LINK.findall(mail.text)
            press(browser, link, action="enter")
            nonces = NONCE.findall(browser.get(page, timeout=10).text)
            form = {"action": "language", "value": "de", "nonce": nonces[0]}
            browser.post(page, data=form, timeout=10)
    assert mail.subject == "Dein Link zu Collab"
