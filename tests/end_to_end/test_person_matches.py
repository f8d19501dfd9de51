"""A person who accepted by mail joins Slack, and is one person after a press."""

from __future__ import annotations

import re

import pytest
import requests

from bot.playground.user_actions import add_account
from bot.playground.workspace import SlackAccount
from tests.support.app_harness import AppHarness

NINA = "nina@client.example"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/i/[A-Za-z0-9_-]{43}")
NONCE = re.compile(r'name="nonce" value="([^"]+)"')


def accept_by_mail(harness: AppHarness) -> None:
    """Accept the invitation in the newest mail."""
    mail = harness.playground.mailboxes.list_mails(NINA)[-1]
    url = LINK.findall(mail.text)[0]
    nonce = NONCE.findall(requests.get(url, timeout=10).text)[0]
    form = {"action": "accept", "nonce": nonce}
    requests.post(url, data=form, timeout=10)
    harness.drain_outbox()


def join_slack(harness: AppHarness, name: str = "nina") -> None:
    """Let somebody with Nina's address join the workspace."""
    account = SlackAccount(f"U{name.upper()}", name, "Nina", NINA, harness.workspace)
    add_account(harness.playground.state, account, ("general",))

    def is_asked() -> bool:
        harness.drain_outbox()
        return bool(harness.playground.get_user(name).list_direct_messages())

    harness.playground.wait_until(is_asked)


@pytest.fixture
def joined(each_harness: AppHarness) -> AppHarness:
    """Nina was invited by mail, accepted, and now joins Slack."""
    each_harness.run_command("ada", "/collab create app Shop in acme")
    each_harness.run_command("ada", f"/collab invite {NINA} developer shop")
    accept_by_mail(each_harness)
    join_slack(each_harness)
    return each_harness


@pytest.mark.rule("OUT-04")
def test_they_are_asked_and_joined_by_a_press_and_take_it_back(
    joined: AppHarness,
) -> None:
    question = joined.latest_message("nina")
    assert question["text"].startswith("Are these yours? Someone with your address")
    assert "*Shop* · developer" in str(question["blocks"])
    assert "Shop" not in joined.run_command("nina", "/collab mine")["text"]

    joined.press_button("nina", question, "match_join")

    answer = joined.latest_message("nina")
    assert "is now part of your account" in answer["text"]
    assert answer["ts"] == question["ts"]
    assert "Shop" in joined.run_command("nina", "/collab mine")["text"]
    joined.press_button("nina", answer, "match_separate")
    assert "separate again" in joined.latest_message("nina")["text"]
    assert "Shop" not in joined.run_command("nina", "/collab mine")["text"]


@pytest.mark.rule("OUT-04")
def test_not_mine_keeps_them_apart(joined: AppHarness) -> None:
    question = joined.latest_message("nina")

    joined.press_button("nina", question, "match_reject")

    answer = joined.latest_message("nina")
    assert "won't ask again" in answer["text"]
    assert answer["ts"] == question["ts"]
    assert "Shop" not in joined.run_command("nina", "/collab mine")["text"]
