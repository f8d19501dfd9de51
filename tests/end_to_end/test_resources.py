"""Things of every kind through the real app: made, shaped, paid for, explained, deleted; roles changed on the way."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


def test_an_agency_makes_things_changes_roles_and_asks_why(stage: AppHarness) -> None:
    for line, part in {
        "create project Website in acme": "Website",
        "create app Shop in website": "trial",
        "create app Blog in acme": "trial",
        "create database Orders in website": "Orders",
        "create payment Card in acme": "holder",
        "create team Crew": "unlimited member",
        "pay shop with card": "now pays",
        'describe shop "Sells things"': "Sells things",
        'rename blog to "News & Blog"': "News &amp; Blog",
        "mine": "Crew",
        "show shop": "pays for it",
    }.items():
        assert part in stage.run_command("ada", f"/collab {line}")["text"], line
    assert (
        "Move the app *News &amp; Blog* from *Acme*"
        in stage.run_command("ada", "/collab move blog to website")["text"]
    )
    stage.press_button("ada", stage.latest_message("ada", "general"), "move")
    assert "stands in *Website*" in stage.latest_message("ada", "general")["text"]
    stage.invite_and_accept("devi", "invite @devi developer shop")
    stage.invite_and_accept("carl", "invite @carl owner acme")

    assert (
        "owner of *Acme* → owner of *Website* → admin of *Shop*"
        in stage.run_command("ada", "/collab why @carl shop code")["text"]
    )
    assert (
        "Devi" in stage.run_command("ada", "/collab who shop code")["text"]
        or "UDEVI" in stage.latest_message("ada", "general")["text"]
    )

    stage.run_command("ada", "/collab role @devi admin acme")
    assert "made you an admin" in stage.latest_message("devi")["text"]
    stage.run_command("carl", "/collab role @devi collaborator acme keep blog")
    assert any(
        "Before, you were an admin" in m["text"]
        for m in stage.devi.list_direct_messages()[-2:]
    )
    assert (
        "admin of *News &amp; Blog*"
        in stage.run_command("ada", "/collab why @devi blog code")["text"]
    )


@pytest.mark.rule("ROL-04")
def test_what_is_disabled_says_no_until_it_is_enabled(stage: AppHarness) -> None:
    stage.run_command("ada", "/collab create project Website in acme")
    stage.run_command("ada", "/collab create app Shop in website")

    preview = stage.run_command("ada", "/collab disable website")
    assert "Disable the project *Website*?" in preview["text"]
    assert "1 thing in it is disabled with it:\n• app *Shop*" in preview["text"]
    assert "1 person can do nothing there but look" in preview["text"]
    stage.press_button("ada", stage.latest_message("ada", "general"), "cancel")
    assert (
        "You can deploy"
        in stage.run_command("ada", "/collab why @ada shop code")["text"]
    )
    stage.run_command("ada", "/collab disable website")
    stage.press_button("ada", stage.latest_message("ada", "general"), "disable")
    assert "Until it is enabled" in stage.latest_message("ada", "general")["text"]
    assert (
        "like that already"
        in stage.run_command("ada", "/collab disable website")["text"]
    )
    assert (
        "it is disabled"
        in stage.run_command("ada", "/collab why @ada shop code")["text"]
    )
    stage.run_command("ada", "/collab enable website")
    assert (
        "You can deploy"
        in stage.run_command("ada", "/collab why @ada shop code")["text"]
    )


@pytest.mark.rule("RES-04")
def test_disabling_what_was_deleted_meanwhile_says_that_it_is_gone(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab create project Website in acme")
    stage.run_command("ada", "/collab disable website")
    preview = stage.latest_message("ada", "general")
    stage.run_command("ada", "/collab delete website")
    stage.press_button("ada", stage.latest_message("ada", "general"), "delete")
    stage.press_button("ada", preview, "disable")
    told = " ".join(message["text"] for message in stage.ada.list_messages("general"))
    assert "It is gone already" in told
    assert "R0" not in told


@pytest.mark.rule("RES-04")
def test_deleting_what_has_things_inside_asks_for_its_name_in_a_window(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab create project Website in acme")
    stage.run_command("ada", "/collab create app Shop in website")
    stage.invite_and_accept("devi", "invite @devi developer shop")

    stage.run_command("ada", "/collab delete website")
    preview = stage.latest_message("ada", "general")
    assert "Shop" in preview["text"]
    stage.press_button("ada", preview, "delete")
    assert "Website" in str(stage.wait_for_view("ada")["blocks"])
    assert stage.ada.submit_view({"name": "Nonsense"})["errors"]
    stage.ada.submit_view({"name": "Website"})

    assert stage.ada.top_view is not None
    assert "Website" in str(stage.ada.top_view["blocks"])
    assert "I know nothing" in stage.run_command("ada", "/collab show shop")["text"]


def test_a_role_is_changed_in_the_window_of_the_list(stage: AppHarness) -> None:
    stage.run_command("ada", "/collab create app Shop in acme")
    stage.invite_and_accept("devi", "invite @devi developer shop")

    stage.run_command("ada", "/collab members shop")
    listed = stage.latest_message("ada", "general")
    options = [
        o["value"]
        for block in listed["blocks"]
        for o in block.get("accessory", {}).get("options", [])
    ]
    ask = next(value for value in options if value.startswith("role_ask"))
    stage.ada.choose_option(listed, f"person:{ask.split()[-1]}", ask)
    assert "developer" in str(stage.wait_for_view("ada")["blocks"])
    stage.ada.submit_view({"role": "manager"})
    stage.drain_outbox()

    assert "You are now a manager of *Shop*" in stage.latest_message("devi")["text"]


@pytest.mark.rule("RES-03")
def test_things_of_the_same_name_are_told_apart_by_their_short_names(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab create project Site in acme")
    assert (
        "another"
        not in stage.run_command("ada", "/collab create app Shop in site")["text"]
    )
    again = stage.run_command("ada", "/collab create app shop in site")["text"]
    assert "There's another *Shop* in *Site* (`shop`). This one is `shop-2`." in again
    assert (
        "another"
        not in stage.run_command("ada", "/collab create app Shop in acme")["text"]
    )
    assert (
        "There's another *Acme* (`acme`)."
        in stage.run_command("ada", "/collab create company ACME")["text"]
    )
    stage.run_command("ada", "/collab create app Blog in site")
    stage.run_command("ada", "/collab invite @carl developer shop shop-2 blog")
    stage.press_button("carl", stage.latest_message("carl"), "accept")

    deletion = stage.run_command("ada", "/collab delete site")["text"]
    assert "app *Shop* (`shop`)" in deletion
    assert "app *shop* (`shop-2`)" in deletion
    assert "developer of *Shop* (`shop`)" in deletion
    assert "app *Blog*\n" in deletion
    assert (
        "app *Shop* (`shop`)"
        in stage.run_command("ada", "/collab disable site")["text"]
    )
    stage.run_command("ada", "/collab invite @carl member site")
    stage.press_button("carl", stage.latest_message("carl"), "accept")
    removal = stage.run_command("ada", "/collab remove @carl from site")["text"]
    assert "developer of *shop* (`shop-2`)" in removal
    assert "developer of *Blog*\n" in removal
