"""Addresses are shown to those who may grant a role there, on every surface (MEM-13)."""

from __future__ import annotations

import pytest

from tests.end_to_end.test_invitations_by_mail import NINA, accept_by_link
from tests.support.app_harness import AppHarness

SHOWN = "someone at books.example"
OLAF = "olaf@books.example"
LINES = (
    "members shop",
    "members acme",
    "show shop",
    "show acme",
    "events",
    "events shop",
    "events acme",
    "mine",
    "invitations",
    "invitations sent",
    "keys",
    "billing shop",
    "help",
)


@pytest.fixture
def office(harness: AppHarness) -> AppHarness:
    """Return Acme with Shop, where Bo is a developer and may grant nothing.

    Nina has joined by a mail; Olaf has been invited by one.
    """
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.invite_and_accept("bo", "invite @bo developer shop")
    harness.run_command("ada", f"/collab invite {NINA} developer shop")
    accept_by_link(NINA, harness)
    harness.run_command("ada", f"/collab invite {OLAF} developer shop")
    return harness


@pytest.mark.rule("MEM-13")
@pytest.mark.parametrize("line", LINES)
def test_who_may_grant_nothing_reads_no_address(office: AppHarness, line: str) -> None:
    answer = str(office.run_command("bo", f"/collab {line}"))

    assert NINA not in answer
    assert OLAF not in answer


@pytest.mark.rule("MEM-13")
def test_home_and_messages_show_no_address_either(office: AppHarness) -> None:
    office.playground.get_user("bo").open_home()
    office.drain_outbox()
    home = str(office.playground.get_user("bo").home_view)
    messages = str(office.playground.get_user("bo").list_direct_messages())

    assert f"invited {SHOWN}" in home, home
    assert NINA not in home + messages
    assert OLAF not in home + messages


@pytest.mark.rule("MEM-13")
def test_who_may_grant_a_role_reads_the_address(office: AppHarness) -> None:
    for_bo = office.run_command("bo", "/collab events shop")["text"]
    for_ada = office.run_command("ada", "/collab events shop")["text"]

    assert SHOWN in for_bo
    assert f"invited {OLAF} as a developer" in for_ada
