"""Invitations to people outside Slack: what arrives in their mailbox."""

from __future__ import annotations

import re
import time
from threading import Event

import pytest
import requests

from bot.delivery.outbox_worker import MAX_WORKERS
from bot.playground.mailbox import ReceivedMail
from bot.playground.tutorial import TUTORIAL_STEPS_WITH_HISTORY
from tests.support.app_harness import AppHarness

NINA = "nina@client.example"
SLOW_SECONDS = 10.0
LINK = re.compile(r"http://127\.0\.0\.1:\d+/i/[A-Za-z0-9_-]{43}")


def latest_mail(harness: AppHarness, address: str = NINA) -> ReceivedMail:
    """Return the newest mail in a mailbox."""
    return harness.playground.mailboxes.list_mails(address)[-1]


@pytest.mark.rule("OUT-01")
def test_an_invitation_arrives_as_text_and_as_html(each_harness: AppHarness) -> None:
    each_harness.run_command(
        "ada", f'/collab invite {NINA} admin acme for 30d note "See you *soon*"'
    )

    mail = latest_mail(each_harness)

    assert mail.sender == "Collab <collab@127.0.0.1>"
    assert mail.subject == "Ada invited you to Acme as an admin for 30 days"
    assert "Ada invited you to Acme as an admin for 30 days" in mail.text
    assert "<strong>Acme</strong>" in mail.html
    for content in (mail.text, mail.html):
        assert len(set(LINK.findall(content))) == 1
        assert "See you ∗soon∗" in content
        assert "You'll be able to" in content
        assert re.search(r"Expires \w+ \d+, 20\d\d, \d\d:\d\d UTC\.", content)
        assert "Acme HQ" in content
        assert "<!date" not in content
        assert "<@" not in content


@pytest.mark.rule("OUT-01")
def test_the_mail_is_in_the_language_of_who_invites(harness: AppHarness) -> None:
    harness.run_command("lena", "/collab create company Pixel")
    harness.run_command("lena", f"/collab invite {NINA} admin pixel")

    mail = latest_mail(harness)

    assert mail.subject == "Lena hat dich als Admin zu Pixel eingeladen"
    assert "Einladung öffnen" in mail.html
    assert re.search(r"Gültig bis \d+\. \w+\.? 20\d\d, \d\d:\d\d UTC\.", mail.text)


@pytest.mark.rule("OUT-03")
def test_later_mails_are_in_that_language_whoever_acts(harness: AppHarness) -> None:
    harness.run_command("lena", "/collab create company Pixel")
    harness.run_command("lena", f"/collab invite {NINA} admin pixel")
    harness.run_command("lena", "/collab invite @ada owner pixel")
    harness.press_button("ada", harness.latest_message("ada"), "accept")
    accept_by_link(NINA, harness)

    harness.run_command("ada", f"/collab role {NINA} owner pixel")

    assert "Inhaber:in" in latest_mail(harness).subject


@pytest.mark.rule("EVT-07")
def test_a_name_can_inject_nothing_into_a_mail(harness: AppHarness) -> None:
    name = "<b>Pay</b> at evil.example"
    answer = harness.run_command("ada", f'/collab create company "{name}"')
    assert "Created" in answer["text"], answer
    harness.run_command("ada", f'/collab invite {NINA} admin "{name}"')

    mail = latest_mail(harness)

    assert "<b>" not in mail.html
    assert "evil.example" not in mail.html + mail.text
    assert "\n" not in mail.subject


@pytest.mark.rule("OUT-02")
def test_each_sending_has_a_link_of_its_own_in_one_thread(harness: AppHarness) -> None:
    for _ in range(2):
        harness.run_command("ada", f"/collab invite {NINA} admin acme")

    first, second = harness.playground.mailboxes.list_mails(NINA)

    assert second.thread_id == first.message_id != second.message_id
    pages = [
        requests.get(LINK.findall(mail.text)[0], timeout=10) for mail in (first, second)
    ]
    assert [page.status_code for page in pages] == [410, 200]
    assert "a newer email about this invitation was sent to you" in pages[0].text


def token_in(mail: ReceivedMail) -> str:
    """Return the token of a mail's link."""
    return str(LINK.findall(mail.text)[0]).rpartition("/")[2]


@pytest.mark.rule("OUT-02")
def test_no_token_is_stored(harness: AppHarness) -> None:
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    token = token_in(latest_mail(harness))

    with harness.app.database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        assert token not in "\n".join(driver.iterdump())


@pytest.mark.rule("PER-01")
def test_who_joins_slack_gets_the_mailed_invitation_there_once(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    harness.playground.add_user("nina", email=NINA)
    harness.playground.wait_until(harness.nina.list_direct_messages)
    harness.drain_outbox()

    invitations = [
        message
        for message in harness.nina.list_direct_messages()
        if "invited you" in message["text"]
    ]
    assert len(invitations) == 1
    assert len(harness.playground.mailboxes.list_mails(NINA)) == 1


@pytest.mark.rule("OUT-03")
def test_a_stranger_with_only_a_mailbox_accepts(each_harness: AppHarness) -> None:
    harness = each_harness
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    link = LINK.findall(latest_mail(harness).text)[0]
    browser = requests.Session()
    page = browser.get(link, timeout=10).text
    nonce = re.findall(r'name="nonce" value="([^"]+)"', page)[0]

    answered = browser.post(link, {"action": "accept", "nonce": nonce}, timeout=10)
    harness.drain_outbox()

    assert "You accepted this invitation" in answered.text
    assert "You're an admin of <strong>Acme</strong>" in answered.text
    assert f"{NINA} accepted" in harness.latest_message("ada")["text"]
    assert harness.app.database.outbox.list_failed() == []
    members = harness.run_command("ada", "/collab members acme")["text"]
    assert f"{NINA} · admin" in members
    assert NINA not in str(harness.ada.list_messages("acme"))


@pytest.mark.rule("PER-01")
def test_who_accepted_by_mail_has_the_role_in_slack_later(harness: AppHarness) -> None:
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    link = LINK.findall(latest_mail(harness).text)[0]
    page = requests.get(link, timeout=10).text
    nonce = re.findall(r'name="nonce" value="([^"]+)"', page)[0]
    requests.post(link, {"action": "accept", "nonce": nonce}, timeout=10)

    harness.playground.add_user("nina", email=NINA)
    harness.playground.wait_until(harness.nina.list_direct_messages)
    harness.drain_outbox()
    harness.press_button("nina", harness.latest_message("nina"), "match_join")

    members = harness.run_command("ada", "/collab members acme")["text"]
    assert "<@UNINA>" in members
    assert "Acme" in harness.run_command("nina", "/collab mine")["text"]


@pytest.mark.rule("OUT-05")
def test_a_refused_mailbox_is_shown_to_who_invited(each_harness: AppHarness) -> None:
    harness = each_harness
    harness.run_command("ada", "/collab invite nina@nowhere.example admin acme")

    message = harness.latest_message("ada")
    sent = harness.run_command("ada", "/collab invitations sent")["text"]

    assert (
        "Not delivered: nina@nowhere.example hasn't got your invitation to *Acme*"
        in message["text"]
    )
    assert "there's no such mailbox" in message["text"]
    assert "nina@nowhere.example to *Acme* as an *admin* · Not delivered" in sent
    assert harness.app.database.outbox.list_failed() == []
    again = harness.run_command("ada", "/collab resend nina@nowhere.example acme")
    assert "I don't email nina@nowhere.example any more" in again["text"]

    harness.press_button("ada", message, "readdress")
    harness.wait_for_form("ada", "readdress")
    harness.ada.submit_view({"email": f"Nina Roth <{NINA}>"})
    harness.drain_outbox()

    assert "You invited Nina Roth" in harness.view_text("ada")
    assert LINK.findall(latest_mail(harness).text)
    settled = harness.latest_message("ada")
    assert settled["ts"] == message["ts"]
    assert "Another invitation replaced it" in settled["text"]
    sent = harness.run_command("ada", "/collab invitations sent")["text"]
    assert re.search(r"Nina Roth to \*Acme\* .* · Pending · expires .* · emailed", sent)


@pytest.mark.rule("OUT-05")
def test_an_admin_allows_an_address_again(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab invite nina@nowhere.example admin acme")
    settings = harness.run_command("ada", "/collab settings")
    assert "nina@nowhere.example · no such mailbox" in str(settings["blocks"])
    before = len(harness.ada.list_direct_messages())

    harness.press_button("ada", harness.latest_message("ada", "general"), "mail_allow")

    shown = harness.latest_message("ada", "general")
    assert "nina@nowhere.example gets emails again." in shown["text"]
    assert "no such mailbox" not in str(shown["blocks"])
    harness.run_command("ada", "/collab resend nina@nowhere.example acme")
    assert len(harness.ada.list_direct_messages()) == before + 1  # refused again


@pytest.mark.rule("OUT-05")
def test_a_delay_is_shown_with_the_next_try(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab invite nina@busy.example admin acme")

    sent = harness.run_command("ada", "/collab invitations sent")["text"]

    assert "email delayed, next try" in sent


@pytest.mark.rule("INV-10")
def test_a_reminder_is_in_the_thread_and_one_press_stops_all(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    harness.advance_time(days=4)

    first, reminder = harness.playground.mailboxes.list_mails(NINA)
    assert reminder.thread_id == first.message_id
    assert reminder.text.startswith("Reminder: Ada invited you to Acme as an admin.")
    assert reminder.unsubscribe_url.endswith("/stop")
    assert not first.unsubscribe_url
    assert requests.get(reminder.unsubscribe_url, timeout=10).status_code == 200
    answer = requests.post(
        reminder.unsubscribe_url, {"List-Unsubscribe": "One-Click"}, timeout=10
    )
    harness.advance_time(days=2)

    assert answer.status_code == 200
    assert len(harness.playground.mailboxes.list_mails(NINA)) == 2
    assert requests.get(LINK.findall(first.text)[0], timeout=10).status_code == 410


def accept_by_link(address: str, harness: AppHarness) -> None:
    """Accept the invitation in the newest mail of a mailbox."""
    link = LINK.findall(latest_mail(harness, address).text)[0]
    page = requests.get(link, timeout=10).text
    nonce = re.findall(r'name="nonce" value="([^"]+)"', page)[0]
    requests.post(link, {"action": "accept", "nonce": nonce}, timeout=10)
    harness.drain_outbox()


def test_the_demos_step_is_done_once_the_person_has_accepted(
    harness: AppHarness,
) -> None:
    def is_done() -> bool:
        steps = harness.playground.state.tutorial.list_steps()
        return any(step["name"] == "mail" and step["done"] for step in steps)

    harness.playground.state.tutorial.steps = TUTORIAL_STEPS_WITH_HISTORY
    harness.run_command("ada", f"/collab invite {NINA} admin acme", "acme")
    link = LINK.findall(latest_mail(harness).text)[0]
    page = requests.get(link, timeout=10).text
    nonce = re.findall(r'name="nonce" value="([^"]+)"', page)[0]
    for form in (
        {"action": "mute", "nonce": nonce},
        {"action": "accept", "nonce": "wrong"},
        {"action": "accept"},
    ):
        requests.post(link, form, timeout=10)
        assert not is_done(), form
    accept_by_link(NINA, harness)
    assert is_done()


@pytest.mark.rule("MEM-07")
def test_removed_people_and_owners_outside_slack_hear_of_it(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab create app Shop in acme", "acme")
    harness.run_command("ada", f"/collab invite {NINA} owner acme")
    harness.run_command("ada", "/collab invite otto@client.example developer shop")
    accept_by_link(NINA, harness)
    accept_by_link("otto@client.example", harness)

    harness.run_command("ada", "/collab remove otto@client.example shop")
    harness.press_button("ada", harness.latest_message("ada", "general"), "remove")

    for_otto = latest_mail(harness, "otto@client.example")
    for_nina = latest_mail(harness)
    assert for_otto.subject.startswith(
        "Ada removed you from Shop. You were a developer"
    )
    assert for_nina.subject.startswith("Ada removed otto@client.example from Shop")
    assert "local copies" in for_nina.text
    for mail in (for_otto, for_nina):
        assert "/collab" not in mail.text + mail.html
        assert "*" not in mail.text
        assert "because this is about your access there" in mail.html
    assert harness.app.database.outbox.list_failed() == []


@pytest.mark.rule("EVT-06")
def test_a_slow_mail_server_keeps_nobody_in_slack_waiting(
    harness: AppHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_answering, reached = Event(), []

    def send(_message: object) -> None:
        reached.append(1)
        is_answering.wait(SLOW_SECONDS)

    monkeypatch.setattr(harness.playground.mailboxes, "send", send)
    try:
        for number in range(MAX_WORKERS + 1):
            line = f"/collab invite n{number}@client.example admin acme"
            harness.ada.type_text(line, channel="general")
        harness.playground.wait_until(lambda: bool(reached))
        started = time.monotonic()
        harness.ada.type_text("/collab invite @carl admin acme", channel="general")
        harness.playground.wait_until(
            lambda: "invited you" in str(harness.carl.list_direct_messages()),
            SLOW_SECONDS,
        )
        assert time.monotonic() - started < SLOW_SECONDS / 2
    finally:
        is_answering.set()
    harness.playground.wait_until(lambda: len(reached) == MAX_WORKERS + 1, SLOW_SECONDS)
    harness.drain_outbox()
    assert harness.app.database.outbox.list_failed() == []
