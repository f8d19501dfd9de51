"""Sign in with Slack on My page and on the page of an invitation, the whole way."""

from __future__ import annotations

import re
from html import unescape

import pytest
import requests

from collab.events import PersonMerged, RecordedEvent
from tests.end_to_end.test_person_matches import NINA, accept_by_mail, join_slack
from tests.support.app_harness import AppHarness

LINK = re.compile(r"http://127\.0\.0\.1:\d+/i/[A-Za-z0-9_-]{43}")
SLACK_LINK = re.compile(r'href="(/me/slack/start[^"]*)"')
FIELD = re.compile(r'name="(\w+)" value="([^"]*)"')


class Visitor:
    """A browser of somebody who signs in with Slack."""

    def __init__(self, harness: AppHarness) -> None:
        self.harness = harness
        self.root = harness.playground.url
        self.session = requests.Session()

    def open(self, path: str) -> requests.Response:
        return self.session.get(f"{self.root}{path}", timeout=10)

    def choose_account(self, path: str, user_id: str) -> requests.Response:
        """Follow a page's link to Slack, choose an account, and return the page after."""
        start = unescape(SLACK_LINK.findall(self.open(path).text)[0])
        slack = self.open(start)
        form = {**dict(FIELD.findall(slack.text)), "user": user_id}
        return self.session.post(slack.url.partition("?")[0], data=form, timeout=10)

    def press(self, page: requests.Response, **changes: str) -> requests.Response:
        """Press the button of the page that Slack led back to."""
        form = {**dict(FIELD.findall(page.text)), **changes}
        url = page.url.partition("?")[0]
        return self.session.post(url, data=form, timeout=10)

    def sign_in(self, path: str, user_id: str) -> requests.Response:
        return self.press(self.choose_account(path, user_id))


def list_events(harness: AppHarness) -> list[RecordedEvent]:
    """Return the events of the workspace."""
    return list(harness.app.database.event_log.export_events(harness.workspace))


def count_merges(harness: AppHarness) -> int:
    """Return how many records were merged so far."""
    return sum(isinstance(each.event, PersonMerged) for each in list_events(harness))


def invite(harness: AppHarness, role: str = "admin") -> str:
    """Invite Nina by mail; return the path of the page of her invitation."""
    harness.run_command("ada", f"/collab invite {NINA} {role} acme")
    mail = harness.playground.mailboxes.list_mails(NINA)[-1]
    return str(LINK.findall(mail.text)[0]).removeprefix(harness.playground.url)


@pytest.mark.rule("OUT-04")
def test_an_account_signs_in_on_my_page(each_harness: AppHarness) -> None:
    visitor = Visitor(each_harness)

    page = visitor.sign_in("/me", "UADA")

    assert page.url == f"{visitor.root}/me"
    assert "Your access" in page.text
    assert "Acme" in page.text


@pytest.mark.rule("OUT-04")
def test_equal_addresses_are_joined_on_the_page_of_an_invitation(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.run_command("ada", f"/collab invite {NINA} developer shop")
    accept_by_mail(harness)
    path = invite(harness)
    join_slack(harness)
    assert count_merges(harness) == 0

    visitor = Visitor(harness)
    page = visitor.sign_in(path, "UNINA")

    assert page.url == f"{visitor.root}{path}"
    assert count_merges(harness) == 1
    assert "Accept" in page.text
    harness.drain_outbox()
    assert "Shop" in harness.run_command("nina", "/collab mine")["text"]


@pytest.mark.rule("OUT-04")
def test_another_signed_in_person_takes_nothing(each_harness: AppHarness) -> None:
    path = invite(each_harness)
    visitor = Visitor(each_harness)

    page = visitor.sign_in(path, "UCARL")

    assert page.status_code == 422
    text = page.text.replace("\u2060", "")
    assert NINA in text
    carl = each_harness.playground.state.workspace.get_account("carl")
    assert carl.email in text
    assert count_merges(each_harness) == 0
    assert "collab_session" not in visitor.session.cookies


@pytest.mark.rule("OUT-04")
def test_the_inviter_is_asked_whether_it_goes_to_the_other_address(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    path = invite(harness)
    visitor = Visitor(harness)
    refused = visitor.sign_in(path, "UCARL")
    assert "Ask Ada" in refused.text

    answer = visitor.press(refused)

    assert "asked for you" in answer.text
    assert visitor.press(refused).status_code == 422
    harness.drain_outbox()
    question = harness.latest_message("ada")
    assert "is signed in to Slack with another address" in question["text"]
    harness.press_button("ada", question, "claim_grant")
    assert "no longer works" in harness.latest_message("ada")["text"]
    assert "Another invitation replaced this one" in visitor.open(path).text
    invitation = harness.latest_message("carl")
    assert "invited you" in invitation["text"]
    harness.press_button("carl", invitation, "accept")
    assert "Acme" in harness.run_command("carl", "/collab mine")["text"]


@pytest.mark.rule("OUT-04")
def test_a_claim_is_of_the_account_and_the_visit_that_were_proved(
    harness: AppHarness,
) -> None:
    path = invite(harness)
    visitor, other = Visitor(harness), Visitor(harness)
    refused = visitor.sign_in(path, "UCARL")
    elsewhere = other.sign_in(path, "UDEVI")
    foreign = dict(FIELD.findall(elsewhere.text))["value"]

    assert visitor.press(refused, value=foreign).status_code == 400
    assert visitor.press(refused, value="T0ACME0HQ.UDEVI.x.y").status_code == 400
    harness.drain_outbox()
    assert "another address" not in harness.latest_message("ada", "general")["text"]


@pytest.mark.rule("OUT-04")
def test_who_signed_in_by_mail_joins_their_account(harness: AppHarness) -> None:
    invite(harness)
    accept_by_mail(harness)
    join_slack(harness)
    visitor = Visitor(harness)
    page = visitor.open("/me")
    form = {**dict(FIELD.findall(page.text)), "email": NINA, "action": "send_link"}
    visitor.session.post(page.url, data=form, timeout=10)
    harness.drain_outbox()
    mail = harness.playground.mailboxes.list_mails(NINA)[-1]
    link = re.findall(r"http://\S+/me/enter/\S+", mail.text)[0]
    page = visitor.session.get(link, timeout=10)
    page = visitor.session.post(link, data=dict(FIELD.findall(page.text)), timeout=10)
    assert "Join with your Slack account" in page.text

    page = visitor.sign_in("/me", "UCARL")
    assert page.status_code == 422
    assert count_merges(harness) == 0
    page = visitor.sign_in("/me", "UNINA")

    assert page.status_code == 200
    assert count_merges(harness) == 1
    assert "Join with your Slack account" not in page.text
    assert "Acme" in page.text


@pytest.mark.rule("OUT-02")
def test_coming_back_changes_nothing_and_needs_what_the_browser_left_with(
    harness: AppHarness,
) -> None:
    visitor, stranger = Visitor(harness), Visitor(harness)
    back = visitor.choose_account("/me", "UADA")
    assert "Almost there" in back.text
    before = list_events(harness)

    query = back.url.removeprefix(visitor.root)
    for _ in range(3):
        visitor.open(query)
        visitor.session.head(back.url, timeout=10)
    assert stranger.open(query).status_code == 400
    assert visitor.open(query.replace("state=", "state=x")).status_code == 400
    assert visitor.open("/me/slack?error=access_denied").status_code == 400
    cancelled = visitor.open(query.replace("code=", "error=access_denied&unused="))
    assert "You cancelled" in cancelled.text
    assert stranger.press(back).status_code == 400
    assert visitor.press(back, nonce="x").status_code == 403
    assert visitor.press(back, value="x").status_code == 400

    assert list_events(harness) == before
    assert visitor.press(back).url == f"{visitor.root}/me"
    assert visitor.press(back).status_code == 400
    assert Visitor(harness).open("/me/slack/nothing").status_code == 404


@pytest.mark.rule("PER-02")
def test_an_account_of_another_workspace_signs_in_nowhere(
    harness: AppHarness,
) -> None:
    accounts = harness.playground.state.workspace.accounts
    stranger = next(e for e in accounts.values() if e.team_id != harness.workspace)

    page = Visitor(harness).sign_in("/me", stranger.id)

    assert page.status_code == 403
    assert "another Slack workspace" in page.text


def test_a_visit_to_slack_takes_ten_minutes(harness: AppHarness) -> None:
    visitor = Visitor(harness)
    back = visitor.choose_account("/me", "UADA")
    harness.advance_time(minutes=11)

    assert visitor.press(back).status_code == 400
