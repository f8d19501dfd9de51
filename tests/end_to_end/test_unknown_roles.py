"""An unknown role: the answer lists the roles of the resource in the line, no others."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness

COMMANDS = (
    "create app Shop in acme",
    "create app Wiki in acme",
    "create team Crew",
    "create payment Purse",
)


@pytest.fixture
def shop_harness(harness: AppHarness) -> AppHarness:
    """Return the app with a company, an app in it and a team."""
    for line in COMMANDS:
        harness.run_command("ada", f"/collab {line}")
    return harness


@pytest.mark.parametrize(
    ("line", "expected", "missing"),
    [
        ("invite @carl boss acme", "owner, admin and accountant", "collaborator"),
        ("request boss acme", "owner, admin and accountant", "collaborator"),
        ("invite @carl boss shop", "admin, manager and developer", "payer"),
        ("role @carl boss shop", "admin, manager and developer", "payer"),
        ("role @carl boss acme", "owner, admin, accountant and collaborator", "payer"),
        ("invite @carl boss crew", "full member and limited member", "owner"),
        ("share shop crew boss", "admin, manager and developer", "owner"),
        ("request boss shop", "admin, manager and developer", "payer"),
        ("invite @carl boss nothing", "owner", "payer"),
        ("handover shop to @carl keep king", "manager and developer", "admin"),
        ("handover acme to @carl keep king", "admin and accountant", "developer"),
        ("handover shop wiki to @carl keep king", "manager and developer", "admin"),
        ("invite @carl ownr crew", "full member and limited member", "owner"),
        ("invite @carl boss purse", "holder", "admin"),
    ],
)
def test_only_the_roles_of_that_resource_are_listed(
    shop_harness: AppHarness, line: str, expected: str, missing: str
) -> None:
    answer = shop_harness.run_command("ada", f"/collab {line}")["text"]
    assert expected in answer
    assert missing not in answer


def test_the_form_of_a_role_change_offers_no_role_that_only_follows(
    shop_harness: AppHarness,
) -> None:
    shop_harness.invite_and_accept("carl", "invite @carl developer shop")
    shop_harness.run_command("ada", "/collab role @carl shop")
    shop_form = str(shop_harness.wait_for_form("ada", "form"))
    assert "'value': 'manager'" in shop_form
    assert "payer" not in shop_form
    shop_harness.ada.close_view()

    shop_harness.run_command("ada", "/collab role @carl acme")
    assert "'value': 'collaborator'" in str(shop_harness.wait_for_form("ada", "form"))


def test_kinds_are_named_in_the_readers_language(harness: AppHarness) -> None:
    answer = harness.run_command("lena", "/collab create firmament X")["text"]
    assert "Zahlungsart" in answer
    assert "payment" not in answer
