"""The invitation form in the running app: several people and resources, and errors."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bot.playground.fake_user import FakeUser
from tests.support.app_harness import AppHarness

LASTS = "find:invite lasts"
CARD_NUMBER = "4111 1111 1111 1111"


def list_roles(view: dict[str, Any]) -> list[str]:
    """Return the roles that the form offers."""
    # The role's block id contains the roles, so that Slack drops a stale choice.
    for block in view["blocks"]:
        if block["block_id"].startswith("role "):
            return [option["value"] for option in block["element"]["options"]]
    return []


def find_element(view: dict[str, Any], block_id: str) -> dict[str, Any]:
    """Return the input of the block whose id begins with this word."""
    for block in view["blocks"]:
        if block["block_id"].partition(" ")[0] == block_id:
            element: dict[str, Any] = block["element"]
            return element
    raise KeyError(block_id)


def errors_by_field(errors: dict[str, str]) -> dict[str, str]:
    """Return the errors by the field's name in place of its block id."""
    return {block_id.partition(" ")[0]: text for block_id, text in errors.items()}


def search_resource_ids(user: FakeUser, *names: str) -> list[str]:
    """Return the first result of the form's resource field for each name."""
    view = user.top_view
    assert view is not None
    return [
        user.search_options(view, "find:invite whats", name)[0]["value"]
        for name in names
    ]


def choose_resources(
    harness: AppHarness, expected_roles: list[str], *names: str
) -> dict[str, Any]:
    """Choose resources as Ada and wait until the form offers the expected roles."""
    view = harness.ada.top_view
    assert view is not None
    resource_ids = search_resource_ids(harness.ada, *names)
    harness.ada.choose_option(view, "find:invite whats", resource_ids)
    return harness.wait_for_view(
        "ada", condition=lambda view: list_roles(view) == expected_roles
    )


@pytest.fixture
def agency_harness(harness: AppHarness) -> AppHarness:
    """Return the app with two apps in Ada's Acme."""
    harness.run_command("ada", "/collab create app Shop in acme")
    harness.run_command("ada", "/collab create app Blog in acme")
    return harness


@pytest.mark.rule("INV-12")
def test_several_people_are_invited_to_several_apps_with_an_answer_for_each(
    each_harness: AppHarness,
) -> None:
    each_harness.run_command("ada", "/collab create app Shop in acme")
    each_harness.run_command("ada", "/collab create app Blog in acme")
    assert each_harness.run_command("ada", "/collab invite") == {}
    view = each_harness.wait_for_form("ada", "form")
    assert list_roles(view) == []
    assert "Then you can choose the role." in str(view)

    choose_resources(each_harness, ["admin", "manager", "developer"], "BLO", "shop")
    fields = {
        "whom": ["UCARL", "UADA"],
        "whom_mail": "client@studio.example, new@studio.example",
    }
    assert each_harness.ada.submit_view(
        {**fields, "role": "developer", LASTS: "30d", "note": "Welcome"}
    )["response_action"]
    each_harness.drain_outbox()

    text = each_harness.view_text("ada")
    assert "Results for 4 people" in text
    assert (
        "You invited <@UCARL> to *Blog* and *Shop* as a *developer* for 30 days" in text
    )
    assert "You can't invite yourself" in text
    assert text.count("studio.example to *Blog*") == 2
    assert "Welcome" in str(each_harness.carl.list_direct_messages()[-1])


@pytest.mark.rule("INV-12")
def test_a_person_chosen_and_named_by_address_is_invited_once(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab invite")
    agency_harness.wait_for_form("ada", "form")
    choose_resources(agency_harness, ["admin", "manager", "developer"], "shop")
    agency_harness.ada.submit_view(
        {"whom": ["UBO"], "whom_mail": "bo@acme.example.com", "role": "developer"}
    )
    agency_harness.drain_outbox()

    result = agency_harness.view_text("ada")
    assert "You invited <@UBO> to *Shop*" in result
    assert "Results for" not in result
    assert len(agency_harness.bo.list_direct_messages()) == 1


def test_an_incomplete_invite_command_fills_the_form(
    agency_harness: AppHarness,
) -> None:
    assert (
        agency_harness.run_command(
            "ada", '/collab invite @carl a@b.example shop for 30 days note "Hi there"'
        )
        == {}
    )
    view = agency_harness.wait_for_form("ada", "form")

    assert find_element(view, "whom")["initial_users"] == ["UCARL"]
    assert find_element(view, "whom_mail")["initial_value"] == "a@b.example"
    assert [
        option["text"]["text"]
        for option in find_element(view, "whats")["initial_options"]
    ] == ["Shop"]
    assert find_element(view, "lasts")["initial_option"]["value"] == "30d"
    assert find_element(view, "note")["initial_value"] == "Hi there"
    assert list_roles(view) == ["admin", "manager", "developer"]
    assert "deploy" in find_element(view, "role")["options"][0]["description"]["text"]

    agency_harness.ada.submit_view({"role": "manager"})
    assert (
        "You invited <@UCARL> to *Shop* as a *manager* for 30 days"
        in agency_harness.view_text("ada")
    )
    assert "a@b.example" in agency_harness.view_text("ada")


def test_the_form_is_filled_with_the_role_and_the_channels_resource(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab link acme", channel="acme")
    agency_harness.run_command("ada", "/collab invite admin", channel="acme")
    view = agency_harness.wait_for_form("ada", "form")
    assert find_element(view, "role")["initial_option"]["value"] == "admin"
    assert [
        option["text"]["text"]
        for option in find_element(view, "whats")["initial_options"]
    ] == ["Acme"]

    agency_harness.ada.submit_view({"whom": ["UCARL"]})
    assert "You invited <@UCARL> to *Acme* as an *admin*" in agency_harness.view_text(
        "ada"
    )


def test_an_unknown_name_in_an_invite_command_is_rejected(
    agency_harness: AppHarness,
) -> None:
    assert (
        "/collab invite @carl admin acme"
        in agency_harness.run_command("ada", "/collab invite carl admin acme")["text"]
    )
    assert (
        "I can't find “acne”"
        in agency_harness.run_command("ada", "/collab invite @carl acne")["text"]
    )
    assert agency_harness.ada.top_view is None


@pytest.mark.rule("ROL-05")
def test_a_chosen_role_is_retained_only_if_it_is_still_offered(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab invite @carl")
    agency_harness.wait_for_form("ada", "form")
    agency_harness.ada.fill_view({"note": "Kept"})
    choose_resources(agency_harness, ["admin", "manager", "developer"], "shop")
    agency_harness.ada.fill_view({"role": "admin"})
    roles = ["admin", "manager", "developer"]
    choose_resources(agency_harness, roles, "shop", "blog")
    view = agency_harness.wait_for_view(
        "ada",
        condition=lambda view: len(find_element(view, "whats")["initial_options"]) == 2,
    )
    assert find_element(view, "role")["initial_option"]["value"] == "admin"
    agency_harness.ada.fill_view({"role": "developer"})
    view = choose_resources(agency_harness, ["owner", "admin", "accountant"], "acme")
    assert "initial_option" not in find_element(view, "role")
    view = choose_resources(agency_harness, [], "acme", "shop")
    assert "can't give one role on all of these" in agency_harness.view_text("ada")
    answer = agency_harness.ada.submit_view({})
    assert "can't give one role" in errors_by_field(answer["errors"])["whats"]

    choose_resources(agency_harness, ["owner", "admin", "accountant"], "acme")
    agency_harness.ada.submit_view({"role": "accountant"})
    agency_harness.drain_outbox()
    assert (
        "You invited <@UCARL> to *Acme* as an *accountant*"
        in agency_harness.view_text("ada")
    )
    assert "Kept" in str(agency_harness.carl.list_direct_messages()[-1])


def test_an_invalid_invitation_is_rejected_at_its_field(
    agency_harness: AppHarness,
) -> None:
    agency_harness.ada.use_shortcut("invite")
    agency_harness.wait_for_form("ada", "form")
    choose_resources(agency_harness, ["admin", "manager", "developer"], "shop")

    def errors(**values: Any) -> dict[str, str]:
        answer = agency_harness.ada.submit_view({"role": "admin", **values})
        return errors_by_field(answer["errors"])

    assert list(errors()) == ["whom"]
    assert (
        "“carl@” isn't a valid email address"
        in errors(whom_mail="a@b.example, carl@")["whom_mail"]
    )
    day = {LASTS: "date", "whom_mail": "a@b.example"}
    assert errors(**day)["lasts"] == "Pick a date below."
    assert "card number" in errors(**{LASTS: None, "note": CARD_NUMBER})["note"]
    assert (
        "card number"
        in errors(note="", whom_mail="4111-1111-1111-1111@b.example")["whom_mail"]
    )
    assert "can't invite yourself" in errors(whom_mail="", whom=["UADA"])["whom"]
    assert (
        "Nobody"
        not in agency_harness.run_command("ada", "/collab invitations sent")["text"]
    )
    assert agency_harness.list_acting_buttons() == []


@pytest.mark.rule("INV-03")
def test_an_open_invitation_form_is_rejected_after_the_right_was_lost(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab invite @devi admin acme")
    agency_harness.press_button("devi", agency_harness.latest_message("devi"), "accept")
    agency_harness.run_command("devi", "/collab invite @carl shop")
    agency_harness.wait_for_form("devi", "form")
    agency_harness.run_command("ada", "/collab invite @devi developer shop")
    agency_harness.press_button("devi", agency_harness.latest_message("devi"), "accept")
    agency_harness.confirm_command(
        "ada", "/collab role @devi collaborator acme", "role_change"
    )

    (field, error) = next(
        iter(agency_harness.devi.submit_view({"role": "manager"})["errors"].items())
    )
    assert field.startswith("role ")
    assert "Your role on Shop doesn't let you make anyone a manager" in error

    agency_harness.run_command("ada", "/collab remove @devi shop")
    agency_harness.press_button(
        "ada", agency_harness.latest_message("ada", "general"), "remove"
    )
    answer = agency_harness.devi.submit_view({})
    assert (
        "One of your choices was deleted" in errors_by_field(answer["errors"])["whats"]
    )


@pytest.mark.rule("BIL-01")
def test_a_card_number_in_a_field_is_dropped_when_the_form_is_updated(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab invite @carl")
    agency_harness.wait_for_form("ada", "form")
    agency_harness.ada.fill_view({"note": "4111 1111 1111 1111", LASTS: "30d"})
    view = choose_resources(agency_harness, ["admin", "manager", "developer"], "shop")
    assert "4111" not in str(view["blocks"])
    assert find_element(view, "lasts")["initial_option"]["value"] == "30d"
    answer = agency_harness.ada.submit_view({"role": "admin"})
    assert list(errors_by_field(answer["errors"])) == ["note"]


def test_the_invitation_form_offers_only_resources_that_the_user_may_grant(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("devi", "/collab create app Own")
    agency_harness.run_command("ada", "/collab invite @devi developer shop")
    agency_harness.press_button("devi", agency_harness.latest_message("devi"), "accept")
    agency_harness.devi.use_shortcut("invite")
    view = agency_harness.wait_for_form("devi", "form")
    assert [
        option["text"]["text"]
        for option in agency_harness.devi.search_options(view, "find:invite whats")
    ] == ["Own"]
    assert agency_harness.devi.search_options(view, "find:invite whats", "shop") == []
    assert (
        agency_harness.devi.search_options(
            view, "find:invite whats", "4111 1111 1111 1111"
        )
        == []
    )


def test_a_user_who_may_grant_nothing_gets_an_explanation(harness: AppHarness) -> None:
    harness.bo.use_shortcut("invite")
    harness.wait_for_form("bo", "invite_nothing")
    assert "You don't have anything to invite people to yet" in harness.view_text("bo")


def test_a_button_of_a_resource_without_access_shows_no_id(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab invite @devi developer shop")
    agency_harness.press_button("devi", agency_harness.latest_message("devi"), "accept")
    agency_harness.run_command("devi", "/collab members shop")
    list_message = agency_harness.latest_message("devi", "general")
    menu = next(
        block["accessory"] for block in list_message["blocks"] if "accessory" in block
    )
    agency_harness.run_command("ada", "/collab remove @devi shop")
    agency_harness.press_button(
        "ada", agency_harness.latest_message("ada", "general"), "remove"
    )

    why = next(o["value"] for o in menu["options"] if "why_ask" in o["value"])
    agency_harness.devi.choose_option(list_message, menu["action_id"], why)
    agency_harness.drain_outbox()
    assert agency_harness.latest_message("devi", "general")["text"].startswith(
        "This no longer exists, or you no longer have access to it."
    )


SEVERAL_TEXTS = {
    "ada": "{} and {} aren't in this workspace, so I've emailed them.",
    "lena": "{} und {} sind nicht in diesem Workspace und bekommen eine E-Mail.",
}
NO_ACCOUNT_TEXTS = {
    "ada": "{} isn't in this workspace, so I've emailed them.",
    "lena": "{} ist nicht in diesem Workspace und bekommt eine E-Mail.",
}


@pytest.mark.rule("INV-12")
@pytest.mark.parametrize("user_name", NO_ACCOUNT_TEXTS)
def test_the_answer_names_addresses_without_an_account(
    harness: AppHarness, user_name: str
) -> None:
    harness.run_command(user_name, "/collab create company Pixel")
    answer = harness.run_command(
        user_name, "/collab invite nina@new.example admin pixel"
    )["text"]
    assert NO_ACCOUNT_TEXTS[user_name].format("nina@new.example") in answer

    line = "/collab invite mia@new.example @bo carl@client.example.com noa@new.example admin pixel"
    answer = harness.run_command(user_name, line)["text"]
    emails = ("mia@new.example", "noa@new.example")
    assert SEVERAL_TEXTS[user_name].format(*emails) in answer


def test_the_invitation_form_names_addresses_without_an_account(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab invite nina@new.example shop")
    agency_harness.wait_for_form("ada", "form")
    agency_harness.ada.submit_view({"role": "developer"})
    text = NO_ACCOUNT_TEXTS["ada"].format("nina@new.example")
    assert text in str(agency_harness.ada.top_view)


def test_a_new_user_with_an_invited_address_gets_the_invitation(
    each_harness: AppHarness,
) -> None:
    each_harness.run_command("ada", "/collab invite nina@new.example admin acme")
    assert each_harness.playground.mailboxes.list_mails("nina@new.example")
    each_harness.playground.add_user("nina", email="nina@new.example")
    for _ in range(1_500):
        each_harness.drain_outbox()
        if each_harness.nina.list_direct_messages():
            break
        time.sleep(0.01)
    each_harness.press_button("nina", each_harness.latest_message("nina"), "accept")
    assert (
        "<@UNINA> · admin"
        in each_harness.run_command("ada", "/collab members acme")["text"]
    )


def test_the_last_day_of_access_is_picked_in_a_calendar(
    agency_harness: AppHarness,
) -> None:
    agency_harness.run_command("ada", "/collab invite @carl shop")
    view = agency_harness.wait_for_form("ada", "form")
    options = find_element(view, "lasts")["options"]
    assert [option["text"]["text"] for option in options] == [
        "No end date",
        "30 days",
        "90 days",
        "Pick a date…",
    ]
    assert "initial_option" not in find_element(view, "lasts")
    agency_harness.ada.choose_option(view, LASTS, "date")
    agency_harness.wait_for_view("ada", "Last day")
    agency_harness.ada.submit_view({"role": "developer", "lasts_day": "2027-01-31"})
    assert "until" in agency_harness.view_text("ada")
    assert "end of Jan 31, 2027" in agency_harness.view_text("ada")
