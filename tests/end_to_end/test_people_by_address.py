"""People who are known by an address alone: every verb says that they are mailed."""

from __future__ import annotations

import pytest

from tests.end_to_end.test_invitations_by_mail import NINA, accept_by_link, latest_mail
from tests.support.app_harness import AppHarness

MAILED = f"{NINA} isn't in this workspace, so I've emailed them."


@pytest.fixture
def office(harness: AppHarness) -> AppHarness:
    """Return Acme, of which Nina is an admin by a link in a mail."""
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.run_command("ada", f"/collab invite {NINA} admin acme")
    accept_by_link(NINA, harness)
    return harness


@pytest.mark.rule("OUT-01")
@pytest.mark.parametrize(
    "line",
    [
        f"invite {NINA} developer shop",
        f"role {NINA} owner acme",
        f"invite @bo {NINA} developer shop",
    ],
)
def test_a_typed_verb_says_who_is_mailed(office: AppHarness, line: str) -> None:
    before = len(office.playground.mailboxes.list_mails(NINA))

    answer = office.run_command("ada", f"/collab {line}")["text"]

    assert answer.endswith(MAILED)
    assert len(office.playground.mailboxes.list_mails(NINA)) == before + 1


@pytest.mark.rule("OUT-01")
@pytest.mark.parametrize(
    ("line", "button"),
    [
        (f"transfer billing shop to {NINA}", "transfer"),
        (f"remove {NINA} acme", "remove"),
        (f"offboard {NINA}", "offboard"),
    ],
)
def test_a_confirmed_preview_says_who_is_mailed(
    office: AppHarness, line: str, button: str
) -> None:
    before = len(office.playground.mailboxes.list_mails(NINA))

    answer = office.confirm_command("ada", f"/collab {line}", button)

    assert MAILED in answer
    assert len(office.playground.mailboxes.list_mails(NINA)) > before


@pytest.mark.rule("OUT-01")
def test_a_form_says_who_is_mailed(office: AppHarness) -> None:
    office.run_command("ada", "/collab invite @bo shop")
    office.wait_for_form("ada", "form")
    office.ada.submit_view({"whom_mail": NINA, "role": "developer"})
    office.drain_outbox()

    assert MAILED in str(office.ada.top_view)
    assert latest_mail(office).subject.startswith("Ada invited you to Shop")


@pytest.mark.rule("OUT-01")
def test_who_has_an_account_is_not_said_to_be_mailed(office: AppHarness) -> None:
    answer = office.run_command(
        "ada", "/collab invite carl@client.example.com admin acme"
    )

    assert "isn't in this workspace" not in answer["text"]


NAMES = [
    ('"Nina Roth" <nina@client.example>', "Nina Roth"),
    ("Nina Roth <nina@client.example>", "Nina Roth"),
    ("“Roth, Nina” <nina@client.example>", "Roth, Nina"),
    ("<nina@client.example>", ""),
]


@pytest.mark.rule("OUT-01")
@pytest.mark.parametrize(("typed", "name"), NAMES)
def test_a_name_before_an_address_is_the_persons(
    harness: AppHarness, typed: str, name: str
) -> None:
    answer = harness.run_command("ada", f"/collab invite {typed} admin acme")["text"]

    (mail,) = harness.playground.mailboxes.list_mails(NINA)
    called = f"{name} ({NINA})" if name else NINA
    assert f"You invited {called} to *Acme*" in answer
    assert f"{name or NINA} isn't in this workspace" in answer
    assert mail.recipient_name == name


@pytest.mark.rule("MEM-13")
def test_a_name_stands_for_the_address_where_that_is_hidden(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.run_command("ada", f"/collab invite Nina Roth <{NINA}> developer shop")
    accept_by_link(NINA, harness)
    harness.invite_and_accept("bo", "invite @bo developer shop")

    for_ada = harness.run_command("ada", "/collab members shop")["text"]
    for_bo = harness.run_command("bo", "/collab members shop")["text"]

    assert f"Nina Roth · developer · {NINA}" in for_ada
    assert "Nina Roth · developer" in for_bo
    assert "client.example" not in for_bo


@pytest.mark.rule("INV-14")
def test_both_spellings_of_a_domain_are_one_person(harness: AppHarness) -> None:
    both = "nina@bücher.example Nina@xn--bcher-kva.example"

    answer = harness.run_command("ada", f"/collab invite {both} admin acme")["text"]

    mails = harness.playground.mailboxes.list_mails()
    assert "You invited nina@bücher.example" in answer
    assert [mail.recipient for mail in mails] == ["nina@xn--bcher-kva.example"]
