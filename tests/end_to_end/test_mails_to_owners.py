"""What reaches people outside Slack by mail besides invitations, and how an invitation ends for them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import requests

from collab.billing.invoices import AddInvoices, NewInvoice
from collab.model import Caller
from collab.notifications.messages import MAILED_MESSAGES, QUESTIONS_OF_PLATFORM
from collab.notifications.routing import NOTIFICATION_ROUTES
from collab.settings import NOTIFICATIONS_SETTING, ChangeSettings
from tests.end_to_end.test_invitations_by_mail import (
    LINK,
    NINA,
    accept_by_link,
    latest_mail,
)
from tests.support.app_harness import AppHarness


def subjects(harness: AppHarness, address: str = NINA) -> list[str]:
    """Return the subjects of the mails in a mailbox."""
    return [m.subject for m in harness.playground.mailboxes.list_mails(address)]


def let_nina_own(harness: AppHarness, *commands: str) -> None:
    """Let Nina own the company Pixel, and run Ada's commands."""
    for line in ("create company Pixel", f"invite {NINA} owner pixel", *commands):
        harness.run_command("ada", f"/collab {line}")
    accept_by_link(NINA, harness)


@pytest.mark.rule("INV-08")
def test_who_was_invited_by_mail_hears_that_it_expired(harness: AppHarness) -> None:
    harness.run_command("ada", f"/collab invite {NINA} admin acme")

    harness.advance_time(days=8)

    first, *_, last = harness.playground.mailboxes.list_mails(NINA)
    assert "The invitation has expired." in last.text
    assert last.thread_id == first.message_id
    assert not last.unsubscribe_url
    page = requests.get(LINK.findall(last.text)[0], timeout=10).text
    assert "This invitation expired" in page
    assert len(subjects(harness)) == 4  # it, two reminders and this


@pytest.mark.rule("OUT-06")
def test_who_stopped_reminders_hears_nothing_of_the_end(harness: AppHarness) -> None:
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    harness.advance_time(days=3)
    reminder = latest_mail(harness)
    requests.post(reminder.unsubscribe_url, timeout=10)

    harness.advance_time(days=6)

    assert latest_mail(harness) == reminder


@pytest.mark.rule("INV-10")
def test_the_inviter_hears_of_the_end_in_slack_once(harness: AppHarness) -> None:
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    harness.advance_time(days=8)

    texts = [message["text"] for message in harness.ada.list_direct_messages()]

    assert sum("didn't answer your invitation" in text for text in texts) == 1


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("MEM-10")
def test_an_owner_hears_of_what_needs_an_answer_and_of_what_ends(
    harness: AppHarness,
) -> None:
    let_nina_own(
        harness, "create app Shop in pixel", "invite @carl developer shop for 8d"
    )
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    harness.run_command("carl", "/collab request admin pixel")
    request = latest_mail(harness)

    harness.advance_time(days=3)

    ending = latest_mail(harness)
    assert request.subject.startswith("Carl requested admin access to Pixel.")
    assert ending.subject.startswith("Carl's developer access to Shop ends")
    for mail in (request, ending):
        assert "It can be answered in the Slack workspace Acme HQ." in mail.text
        assert "/collab" not in mail.text
        assert "<@" not in mail.text + mail.html
    assert harness.app.database.outbox.list_failed() == []


@pytest.mark.rule("BIL-07")
def test_an_owner_hears_that_invoices_are_ready(harness: AppHarness) -> None:
    let_nina_own(harness, "create payment Card in pixel")
    system = Caller(harness.workspace, None, "cli")
    invoice = NewInvoice(
        "card", "2026-11", date(2026, 11, 30), Decimal(119), "EUR", "F1", 1
    )

    harness.app.bus.execute(
        AddInvoices(system, (invoice,)), harness.playground.clock.now()
    )
    harness.drain_outbox()

    mail = latest_mail(harness)
    assert mail.subject.startswith("New invoices for Card, starting with 2026-11")
    assert "/collab" not in mail.text


@pytest.mark.rule("EVT-04")
def test_who_wants_a_digest_gets_it_by_mail(harness: AppHarness) -> None:
    let_nina_own(harness, "create app Shop in pixel", "create app Blog in pixel")
    with harness.app.bus.read(harness.workspace) as repositories:
        nina = repositories.people.find_person_by_email(NINA)
    assert nina
    caller = Caller(harness.workspace, None, "web", person=nina.id)
    wish = ChangeSettings(caller, {NOTIFICATIONS_SETTING: "digest"})
    harness.app.bus.execute(wish, harness.playground.clock.now())
    before = len(subjects(harness))

    for slug in ("shop", "blog"):
        harness.confirm_command("ada", f"/collab delete {slug}", "delete")
    assert len(subjects(harness)) == before
    harness.advance_time(days=1)

    digest = latest_mail(harness)
    assert len(subjects(harness)) == before + 1
    assert digest.subject == "Your digest: 2 updates."
    assert "Ada deleted the app Shop" in digest.text
    assert "<@" not in digest.text + digest.html
    assert "<!date" not in digest.text + digest.html


def test_every_mailed_message_is_one_that_is_sent() -> None:
    routed = {message for rows in NOTIFICATION_ROUTES.values() for _, message in rows}

    assert QUESTIONS_OF_PLATFORM < MAILED_MESSAGES <= routed
