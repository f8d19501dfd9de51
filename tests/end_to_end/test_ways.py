"""Everybody with an account chooses how they are told: in Slack, by mail, or both (OUT-05)."""

from __future__ import annotations

import pytest

from bot.playground.mailbox import UnknownMailbox
from collab.events import PersonSet
from tests.support.app_harness import AppHarness

CARL = "carl@client.example.com"


def subjects(harness: AppHarness) -> list[str]:
    """Return the subjects of Carl's mails."""
    return [m.subject for m in harness.playground.mailboxes.list_mails(CARL)]


def direct_texts(harness: AppHarness) -> list[str]:
    """Return Carl's direct messages."""
    return [m["text"] for m in harness.carl.list_direct_messages()]


def remove_carl(harness: AppHarness, reach: str) -> None:
    """Let Carl choose, and be a developer of Shop and lose that."""
    harness.run_command("carl", f"/collab settings reach {reach}")
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.invite_and_accept("carl", "invite @carl developer shop")
    harness.confirm_command("ada", "/collab remove @carl shop", "remove")


@pytest.mark.rule("OUT-05")
@pytest.mark.parametrize(
    ("reach", "in_slack", "by_mail"),
    [("slack", 1, 0), ("mail", 0, 1), ("both", 1, 1)],
)
def test_what_needs_no_answer_comes_as_chosen(
    harness: AppHarness, reach: str, in_slack: int, by_mail: int
) -> None:
    remove_carl(harness, reach)

    removed = "removed you from"
    assert sum(removed in text for text in direct_texts(harness)) == in_slack
    assert sum(removed in subject for subject in subjects(harness)) == by_mail
    # The invitation needed an answer, so it was in Slack.
    assert any("invited you" in text for text in direct_texts(harness))
    assert not any("invited you" in subject for subject in subjects(harness))
    assert harness.app.database.outbox.list_failed() == []


@pytest.mark.rule("OUT-05")
def test_what_a_mailbox_does_not_take_arrives_in_slack(
    harness: AppHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_message: object) -> None:
        raise UnknownMailbox(CARL)

    monkeypatch.setattr(harness.playground.mailboxes, "send", refuse)

    remove_carl(harness, "mail")

    assert any("removed you from" in text for text in direct_texts(harness))
    # The address gets no more mails, so the next one is not even tried.
    harness.invite_and_accept("carl", "invite @carl developer shop")
    harness.confirm_command("ada", "/collab remove @carl shop", "remove")
    removals = [t for t in direct_texts(harness) if "removed you from" in t]
    assert len(removals) > 1


@pytest.mark.rule("OUT-05")
@pytest.mark.rule("EVT-01")
def test_the_choice_is_in_the_form_and_on_record(harness: AppHarness) -> None:
    harness.run_command("carl", "/collab settings reach")
    view = harness.wait_for_form("carl", "settings_mine")
    assert "In Slack and by email" in str(view["blocks"])

    harness.carl.submit_view({"notices": "direct", "reach": "both"})

    with harness.app.bus.read(harness.workspace) as repositories:
        carl = repositories.people.find_person_by_email(CARL)
    assert carl
    assert carl.reach == "both"
    recorded = list(harness.app.database.event_log.export_events(harness.workspace))
    chosen = [r.event for r in recorded if isinstance(r.event, PersonSet)]
    assert [(e.person, e.setting, e.value, e.before) for e in chosen] == [
        (carl.id, "reach", "both", "slack")
    ]
    answer = harness.run_command("carl", "/collab settings reach pigeon")["text"]
    assert "Choose slack, mail or both." in answer


@pytest.mark.rule("OUT-05")
def test_the_digest_goes_by_mail(harness: AppHarness) -> None:
    harness.run_command("carl", "/collab settings notices digest")
    harness.run_command("ada", "/collab create company Pixel")
    harness.invite_and_accept("carl", "invite @carl owner pixel")
    harness.run_command("carl", "/collab settings reach mail")
    for name in ("Shop", "Blog"):
        harness.run_command("ada", f"/collab create app {name} in pixel")
        slug = name.lower()
        harness.confirm_command("ada", f"/collab delete {slug}", "delete")

    harness.advance_time(days=1)

    assert [each for each in subjects(harness) if "digest" in each] == [
        "Your digest: 2 updates."
    ]
    assert not any("Your digest" in text for text in direct_texts(harness))
