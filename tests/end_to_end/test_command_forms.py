"""Forms of the commands: from Home, from a resource, and from incomplete commands."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.blockkit import all_options, interactive_elements
from bot.playground.fake_user import FakeUser
from bot.slack.commands.catalog import VERB_BY_NAME
from collab.roles import CAPABILITIES
from tests.support.app_harness import AppHarness

View = dict[str, Any]


def wait_for_title(harness: AppHarness, user_name: str, title: str) -> View:
    """Return the user's top modal once it has this title."""
    return harness.wait_for_view(
        user_name, condition=lambda view: bool(view["title"]["text"] == title)
    )


def open_home(harness: AppHarness, user_name: str) -> FakeUser:
    """Open Home and return the user."""
    user: FakeUser = getattr(harness, user_name)
    user.open_home()
    harness.drain_outbox()
    return user


def open_form(harness: AppHarness, user_name: str, verb: str, title: str) -> View:
    """Open a verb's form from Home, by “More actions…” and a choice."""
    user = open_home(harness, user_name)
    assert user.home_view is not None
    user.press_button(user.home_view, "more_open")
    choice = wait_for_title(harness, user_name, "More actions")
    user.choose_option(choice, "verbs", f"form {verb}")
    return wait_for_title(harness, user_name, title)


def search_resource_id(user: FakeUser, verb: str, slot: str, name: str) -> str:
    """Return the first result of a resource field of the form."""
    view = user.top_view
    assert view is not None
    return str(user.search_options(view, f"find:{verb} {slot}", name)[0]["value"])


def fields_by_id(view: View) -> dict[str, dict[str, Any]]:
    return {
        block["block_id"].partition(" ")[0]: block
        for block in view["blocks"]
        if block["type"] == "input"
    }


@pytest.fixture
def agency_harness(harness: AppHarness) -> AppHarness:
    """Return the app with Ada's Acme, an app, a team with Devi, a payment method."""
    for line in (
        "create app Shop in acme",
        "create team Crew",
        "create payment Card",
        "invite @devi limited crew",
    ):
        harness.run_command("ada", f"/collab {line}")
    harness.press_button("devi", harness.latest_message("devi"), "accept")
    return harness


def test_every_verb_can_be_opened_from_home(harness: AppHarness) -> None:
    ada = open_home(harness, "ada")
    assert ada.home_view is not None
    ada.press_button(ada.home_view, "more_open")
    view = wait_for_title(harness, "ada", "More actions")
    options = [
        option
        for block in view["blocks"]
        for element in interactive_elements(block)
        for option in all_options(element)
    ]
    assert sorted(option["value"] for option in options) == sorted(
        f"form {name}" for name in VERB_BY_NAME
    )
    ada.close_view()
    for verb in VERB_BY_NAME.values():
        ada.press_button(ada.home_view, "more_open")
        ada.choose_option(
            wait_for_title(harness, "ada", "More actions"), "verbs", f"form {verb.name}"
        )
        view = harness.wait_for_view(
            "ada", condition=lambda view: view["callback_id"] != "verbs"
        )
        assert view["callback_id"] in {"form", "shown"}, verb.name
        ada.close_view()


def test_a_company_and_an_app_are_created_from_home(each_harness: AppHarness) -> None:
    ada = open_home(each_harness, "ada")
    assert ada.home_view is not None
    ada.press_button(ada.home_view, "create_open")
    wait_for_title(each_harness, "ada", "Create")
    assert ada.top_view is not None
    assert "there" in fields_by_id(ada.top_view)
    ada.fill_view({"name": "Pixel"})
    ada.choose_option(ada.top_view, "find:create kind", "company")
    each_harness.wait_for_view(
        "ada", condition=lambda view: "there" not in fields_by_id(view)
    )
    ada.submit_view()
    assert "Created *Pixel*" in each_harness.view_text("ada")
    ada.close_view()
    open_form(each_harness, "ada", "create", "Create")
    ada.submit_view(
        {
            "find:create kind": "app",
            "name": "Shop",
            "find:create there": search_resource_id(ada, "create", "there", "pix"),
        }
    )
    assert "*Shop*" in each_harness.view_text("ada")
    each_harness.drain_outbox()
    assert "Shop · App" in str(ada.home_view).replace("*", "").replace("`", "")


def test_a_chosen_resource_limits_the_offered_roles(agency_harness: AppHarness) -> None:
    open_form(agency_harness, "ada", "request", "Request access")
    view = agency_harness.ada.top_view
    assert view is not None
    assert "role" not in fields_by_id(view)
    agency_harness.ada.fill_view({"note": "Please"})
    agency_harness.ada.choose_option(
        view,
        "find:request what",
        search_resource_id(agency_harness.ada, "request", "what", "shop"),
    )
    view = agency_harness.wait_for_view(
        "ada",
        condition=lambda view: (
            "role" in fields_by_id(view)
            and len(fields_by_id(view)["role"]["element"]["options"]) == 3
        ),
    )
    assert fields_by_id(view)["note"]["element"]["initial_value"] == "Please"
    assert (
        fields_by_id(view)["what"]["element"]["initial_option"]["text"]["text"]
        == "Shop"
    )


def test_the_description_form_has_the_present_description(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", '/collab describe shop "Sells things"')
    view = open_form(agency_harness, "ada", "describe", "Describe")
    agency_harness.ada.choose_option(
        view,
        "find:describe what",
        search_resource_id(agency_harness.ada, "describe", "what", "shop"),
    )
    agency_harness.wait_for_view(
        "ada",
        condition=lambda view: (
            fields_by_id(view)["text"]["element"].get("initial_value") == "Sells things"
        ),
    )
    agency_harness.ada.submit_view({"text": ""})
    assert "Removed the description of *Shop*" in agency_harness.view_text("ada")


def test_the_form_that_renames_has_the_present_name(
    agency_harness: AppHarness,
) -> None:
    view = open_form(agency_harness, "ada", "rename", "Rename")
    agency_harness.ada.choose_option(
        view,
        "find:rename what",
        search_resource_id(agency_harness.ada, "rename", "what", "shop"),
    )
    agency_harness.wait_for_view(
        "ada",
        condition=lambda view: (
            fields_by_id(view)["name"]["element"].get("initial_value") == "Shop"
        ),
    )
    agency_harness.ada.submit_view({"name": "Boutique"})
    assert "*Boutique*" in agency_harness.view_text("ada")


def test_access_is_explained_from_home(agency_harness: AppHarness) -> None:
    view = open_form(agency_harness, "ada", "why", "Explain access")
    agency_harness.ada.choose_option(
        view,
        "find:why what",
        search_resource_id(agency_harness.ada, "why", "what", "shop"),
    )
    agency_harness.wait_for_view(
        "ada",
        condition=lambda view: (
            len(fields_by_id(view)["capability"]["element"]["options"])
            < len(CAPABILITIES)
        ),
    )
    explained = agency_harness.ada.top_view
    assert explained
    options = fields_by_id(explained)["capability"]["element"]
    labels = {each["value"]: each["text"]["text"] for each in options["options"]}
    assert labels["code"] == "Deploy"
    assert labels.keys().isdisjoint(labels.values())
    agency_harness.ada.submit_view({"who": "UADA", "capability": "code"})
    assert "owner of *Acme* → admin of *Shop*" in agency_harness.view_text("ada")


def test_a_rejection_is_shown_at_its_field_or_above_the_filled_form(
    agency_harness: AppHarness,
) -> None:
    open_form(agency_harness, "ada", "remove", "Remove")
    acme = search_resource_id(agency_harness.ada, "remove", "what", "acme")
    assert list(
        agency_harness.ada.submit_view({"find:remove what": acme})["errors"]
    ) == ["who remove"]
    errors = agency_harness.ada.submit_view({"who": "UCARL"})["errors"]
    assert "doesn't have a role on Acme" in errors["who remove"]

    open_form(agency_harness, "devi", "unlink", "Unlink a channel")
    crew = search_resource_id(agency_harness.devi, "unlink", "what", "crew")
    values = {"find:unlink what": crew, "channel": "C0GENERAL"}
    errors = agency_harness.devi.submit_view(values)["errors"]
    assert "Crew" in errors["what unlink"]

    open_form(agency_harness, "ada", "unlink", "Unlink a channel")
    agency_harness.ada.submit_view({**values, "find:unlink what": acme})
    assert "Acme" in agency_harness.view_text("ada")
    form = agency_harness.ada.top_view
    assert form is not None
    assert form["callback_id"] == "form"
    assert fields_by_id(form)["what"]["element"]["initial_option"]["value"] == acme
    assert (
        fields_by_id(form)["channel"]["element"]["initial_conversation"] == "C0GENERAL"
    )


def test_an_incomplete_command_opens_the_form_with_its_values(
    agency_harness: AppHarness,
) -> None:
    assert agency_harness.run_command("ada", "/collab share shop") == {}
    view = wait_for_title(agency_harness, "ada", "Share with a team")
    assert (
        fields_by_id(view)["what"]["element"]["initial_option"]["text"]["text"]
        == "Shop"
    )
    roles = [
        option["value"] for option in fields_by_id(view)["role"]["element"]["options"]
    ]
    assert roles == ["admin", "manager", "developer"]
    agency_harness.ada.submit_view(
        {
            "role": "manager",
            "find:share team": search_resource_id(
                agency_harness.ada, "share", "team", "crew"
            ),
        }
    )
    assert "now a manager of *Shop*" in agency_harness.view_text("ada")
    agency_harness.ada.close_view()

    assert agency_harness.run_command("ada", "/collab assign @devi crew") == {}
    view = wait_for_title(agency_harness, "ada", "Assign")
    assert fields_by_id(view)["who"]["element"]["initial_user"] == "UDEVI"
    agency_harness.ada.submit_view(
        {
            "find:assign what": search_resource_id(
                agency_harness.ada, "assign", "what", "shop"
            ),
            "find:assign team": search_resource_id(
                agency_harness.ada, "assign", "team", "crew"
            ),
        }
    )
    assert "Assigned " in agency_harness.view_text("ada")


def test_an_incomplete_command_with_an_unknown_name_is_rejected(
    agency_harness: AppHarness,
) -> None:
    assert (
        "/collab remove @carl acme"
        in agency_harness.run_command("ada", "/collab remove carl acme")["text"]
    )
    assert (
        "I can't find “shoppe”"
        in agency_harness.run_command("ada", "/collab rename shoppe")["text"]
    )
    assert agency_harness.ada.top_view is None


def test_a_form_is_filled_with_the_channels_resource(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/invite @Collab")
    agency_harness.run_command("ada", "/collab link acme")
    assert "Acme" in agency_harness.run_command("ada", "/collab members")["text"]
    agency_harness.run_command("ada", "/collab remove")
    view = wait_for_title(agency_harness, "ada", "Remove")
    assert (
        fields_by_id(view)["what"]["element"]["initial_option"]["text"]["text"]
        == "Acme"
    )


def test_a_resource_offers_its_verbs(agency_harness: AppHarness) -> None:
    agency_harness.run_command("ada", "/collab show shop")
    message = agency_harness.latest_message("ada", "general")
    shop = find_page_subject_id(message)
    agency_harness.ada.press_button(message, "act:rename", f"rename {shop}")
    view = wait_for_title(agency_harness, "ada", "Rename")
    assert fields_by_id(view)["what"]["element"]["initial_option"]["value"] == shop
    agency_harness.ada.submit_view({"name": "The Boutique"})
    assert "The Boutique" in agency_harness.view_text("ada")


def find_page_subject_id(message: dict[str, Any]) -> str:
    """Return the id of the resource whose page a message is."""
    return next(
        str(option["value"]).split()[-1]
        for block in message["blocks"]
        for element in interactive_elements(block)
        for option in all_options(element)
    )


def test_deletion_has_a_preview_and_requires_the_name(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab create company Pixel")
    agency_harness.run_command("ada", "/collab create app Blog in pixel")
    agency_harness.run_command("ada", "/collab show pixel")
    message = agency_harness.latest_message("ada", "general")
    pixel = find_page_subject_id(message)
    agency_harness.ada.choose_option(message, "act:more", f"delete {pixel}")
    view = agency_harness.wait_for_view(
        "ada",
        condition=lambda view: (
            "delete"
            in str(
                [
                    element["action_id"]
                    for block in view["blocks"]
                    for element in interactive_elements(block)
                ]
            )
        ),
    )
    agency_harness.ada.press_button(view, "delete")
    wait_for_title(agency_harness, "ada", "Confirm deletion")
    assert list(agency_harness.ada.submit_view({"name": "Pixle"})["errors"]) == ["name"]
    agency_harness.ada.submit_view({"name": "Pixel"})
    assert "Deleted" in agency_harness.view_text("ada")
    agency_harness.ada.close_view()
    assert agency_harness.ada.open_views == []


def test_a_form_offers_only_pending_invitations(agency_harness: AppHarness) -> None:
    agency_harness.run_command("ada", "/collab invite @carl developer shop")
    view = open_form(agency_harness, "carl", "decline", "Decline")
    options = agency_harness.carl.search_options(view, "find:decline what")
    assert [option["text"]["text"] for option in options] == ["Shop"]
    assert (
        agency_harness.carl.search_options(view, "find:decline what", "nothing like it")
        == []
    )
    agency_harness.carl.submit_view(
        {"find:decline what": options[0]["value"], "note": "No time"}
    )
    assert "declined" in agency_harness.view_text("carl")


def test_a_form_does_not_send_a_card_number_back(agency_harness: AppHarness) -> None:
    view = open_form(agency_harness, "ada", "request", "Request access")
    agency_harness.ada.fill_view({"note": "4111 1111 1111 1111"})
    agency_harness.ada.choose_option(
        view,
        "find:request what",
        search_resource_id(agency_harness.ada, "request", "what", "shop"),
    )
    view = agency_harness.wait_for_view(
        "ada",
        condition=lambda view: (
            "initial_option" in fields_by_id(view)["what"]["element"]
        ),
    )
    assert "4111" not in str(view["blocks"])
    assert list(agency_harness.ada.submit_view({"role": "manager"})["errors"]) == [
        "note request"
    ]
