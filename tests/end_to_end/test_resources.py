"""Resources in the running app: created, changed, paid, explained and deleted."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


def test_resources_are_created_roles_changed_and_access_explained(
    harness: AppHarness,
) -> None:
    for line, part in {
        "create project Website in acme": "Website",
        "create app Shop in website": "trial",
        "create app Blog in acme": "trial",
        "create database Orders in website": "Orders",
        "create payment Card in acme": "holder",
        "create team Crew": "full member",
        "pay shop with card": "now pays",
        'describe shop "Sells things"': "Sells things",
        'rename blog to "News & Blog"': "News &amp; Blog",
        "mine": "Crew",
        "show shop": "*Paid by* · *Card*",
    }.items():
        assert part in harness.run_command("ada", f"/collab {line}")["text"], line
    assert (
        "Move the app *News &amp; Blog* from *Acme*"
        in harness.run_command("ada", "/collab move blog to website")["text"]
    )
    harness.press_button("ada", harness.latest_message("ada", "general"), "move")
    assert "to *Website*" in harness.latest_message("ada", "general")["text"]
    harness.invite_and_accept("devi", "invite @devi developer shop")
    harness.invite_and_accept("carl", "invite @carl owner acme")

    assert (
        "owner of *Acme* → owner of *Website* → admin of *Shop*"
        in harness.run_command("ada", "/collab why @carl shop code")["text"]
    )
    assert (
        "Devi" in harness.run_command("ada", "/collab who shop code")["text"]
        or "UDEVI" in harness.latest_message("ada", "general")["text"]
    )

    harness.run_command("ada", "/collab role @devi admin acme")
    assert "added you to *Acme* as an admin" in harness.latest_message("devi")["text"]
    lower = "/collab role @devi collaborator acme keep blog"
    harness.confirm_command("carl", lower, "role_change")
    assert any(
        "changed your role on *Acme* from admin to" in message["text"]
        for message in harness.devi.list_direct_messages()[-2:]
    )
    assert (
        "admin of *News &amp; Blog*"
        in harness.run_command("ada", "/collab why @devi blog code")["text"]
    )


@pytest.mark.rule("ROL-04")
def test_a_disabled_resource_allows_nothing_until_it_is_enabled(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab create project Website in acme")
    harness.run_command("ada", "/collab create app Shop in website")

    preview = harness.run_command("ada", "/collab disable website")
    assert "Disable the project *Website*?" in preview["text"]
    assert "1 item in it will be disabled too:\n• app *Shop*" in preview["text"]
    assert "1 person can only look" in preview["text"]
    harness.press_button("ada", harness.latest_message("ada", "general"), "cancel")
    assert (
        "You can deploy"
        in harness.run_command("ada", "/collab why @ada shop code")["text"]
    )
    harness.run_command("ada", "/collab disable website")
    harness.press_button("ada", harness.latest_message("ada", "general"), "disable")
    assert "Until it's enabled" in harness.latest_message("ada", "general")["text"]
    assert (
        "already the case"
        in harness.run_command("ada", "/collab disable website")["text"]
    )
    assert (
        "it's disabled"
        in harness.run_command("ada", "/collab why @ada shop code")["text"]
    )
    harness.run_command("ada", "/collab enable website")
    assert (
        "You can deploy"
        in harness.run_command("ada", "/collab why @ada shop code")["text"]
    )


@pytest.mark.rule("RES-04")
def test_disabling_a_deleted_resource_reports_that_it_is_gone(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab create project Website in acme")
    harness.run_command("ada", "/collab disable website")
    preview = harness.latest_message("ada", "general")
    harness.run_command("ada", "/collab delete website")
    harness.press_button("ada", harness.latest_message("ada", "general"), "delete")
    harness.press_button("ada", preview, "disable")
    texts = " ".join(
        message["text"] for message in harness.ada.list_messages("general")
    )
    assert "This no longer exists" in texts
    assert "R0" not in texts


@pytest.mark.rule("RES-04")
def test_deleting_a_resource_with_contents_requires_its_name(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab create project Website in acme")
    harness.run_command("ada", "/collab create app Shop in website")
    harness.invite_and_accept("devi", "invite @devi developer shop")

    harness.run_command("ada", "/collab delete website")
    preview = harness.latest_message("ada", "general")
    assert "Shop" in preview["text"]
    harness.press_button("ada", preview, "delete")
    assert "Website" in str(harness.wait_for_view("ada")["blocks"])
    assert harness.ada.submit_view({"name": "Nonsense"})["errors"]
    harness.ada.submit_view({"name": "Website"})

    assert harness.ada.top_view is not None
    assert "Website" in str(harness.ada.top_view["blocks"])
    assert "I can't find" in harness.run_command("ada", "/collab show shop")["text"]


def test_a_role_is_changed_from_the_list_of_members(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.invite_and_accept("devi", "invite @devi developer shop")

    harness.run_command("ada", "/collab members shop")
    list_message = harness.latest_message("ada", "general")
    options = [
        option["value"]
        for block in list_message["blocks"]
        for option in block.get("accessory", {}).get("options", [])
    ]
    option_value = next(value for value in options if value.startswith("role_ask"))
    harness.ada.choose_option(
        list_message, f"person:{option_value.split()[-1]}", option_value
    )
    form = harness.wait_for_view("ada", "developer")
    harness.ada.choose_option(form, "role", "manager")
    harness.wait_for_view("ada", "initial_option")
    harness.ada.submit_view()
    harness.drain_outbox()

    assert (
        "your role on *Shop* from developer to manager"
        in harness.latest_message("devi")["text"]
    )


@pytest.mark.rule("RES-03")
def test_resources_of_the_same_name_are_distinguished_by_their_slugs(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab create project Site in acme")
    assert (
        "another"
        not in harness.run_command("ada", "/collab create app Shop in site")["text"]
    )
    answer = harness.run_command("ada", "/collab create app shop in site")["text"]
    assert "There's another *Shop* in *Site* (`shop`). This one is `shop-2`." in answer
    assert (
        "another"
        not in harness.run_command("ada", "/collab create app Shop in acme")["text"]
    )
    assert (
        "There's another *Acme* (`acme`)."
        in harness.run_command("ada", "/collab create company ACME")["text"]
    )
    harness.run_command("ada", "/collab create app Blog in site")
    harness.run_command("ada", "/collab invite @carl developer shop shop-2 blog")
    harness.press_button("carl", harness.latest_message("carl"), "accept")

    deletion = harness.run_command("ada", "/collab delete site")["text"]
    assert "app *Shop* (`shop`)" in deletion
    assert "app *shop* (`shop-2`)" in deletion
    assert "developer of *Shop* (`shop`)" in deletion
    assert "app *Blog*\n" in deletion
    assert (
        "app *Shop* (`shop`)"
        in harness.run_command("ada", "/collab disable site")["text"]
    )
    harness.run_command("ada", "/collab invite @carl member site")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    removal = harness.run_command("ada", "/collab remove @carl from site")["text"]
    assert "developer of *shop* (`shop-2`)" in removal
    assert "developer of *Blog*\n" in removal
