"""The window that invites, through the real app: several people and things, errors at their field."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bot.playground.fake_user import FakeUser
from tests.support.app_harness import AppHarness


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


def by_field(errors: dict[str, str]) -> dict[str, str]:
    """Return errors by field, in place of by block id."""
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
def agency(stage: AppHarness) -> AppHarness:
    """Acme of Ada with two apps."""
    stage.run_command("ada", "/collab create app Shop in acme")
    stage.run_command("ada", "/collab create app Blog in acme")
    return stage


@pytest.mark.rule("INV-12")
def test_several_people_are_invited_to_several_apps_and_each_has_their_own_answer(
    everywhere: AppHarness,
) -> None:
    everywhere.run_command("ada", "/collab create app Shop in acme")
    everywhere.run_command("ada", "/collab create app Blog in acme")
    assert everywhere.run_command("ada", "/collab invite") == {}
    view = everywhere.wait_for_form("ada", "form")
    assert list_roles(view) == ["owner", "admin", "accountant", "manager", "developer"]

    choose_resources(everywhere, ["admin", "manager", "developer"], "BLO", "shop")
    told = {
        "whom": ["UCARL", "UADA"],
        "whom_mail": "client@studio.example, new@studio.example",
    }
    assert everywhere.ada.submit_view(
        {**told, "role": "developer", "lasts": "30d", "note": "Welcome"}
    )["response_action"]
    everywhere.drain_outbox()

    text = everywhere.view_text("ada")
    assert "You named 4 people" in text
    assert (
        "You invited <@UCARL> to *Blog* and *Shop* as *developer* for 30 days" in text
    )
    assert "You cannot invite yourself" in text
    assert text.count("studio.example to *Blog*") == 2
    assert "Welcome" in str(everywhere.carl.list_direct_messages()[-1])


def test_the_line_fills_in_what_it_says(agency: AppHarness) -> None:
    assert (
        agency.run_command(
            "ada", '/collab invite @carl a@b.example shop for 30 days note "Hi there"'
        )
        == {}
    )
    view = agency.wait_for_form("ada", "form")

    assert find_element(view, "whom")["initial_users"] == ["UCARL"]
    assert find_element(view, "whom_mail")["initial_value"] == "a@b.example"
    assert [
        option["text"]["text"]
        for option in find_element(view, "whats")["initial_options"]
    ] == ["Shop"]
    assert find_element(view, "lasts")["initial_value"] == "30 days"
    assert find_element(view, "note")["initial_value"] == "Hi there"
    assert list_roles(view) == ["admin", "manager", "developer"]
    assert "deploy" in find_element(view, "role")["options"][0]["description"]["text"]

    agency.ada.submit_view({"role": "manager"})
    assert (
        "You invited <@UCARL> to *Shop* as *manager* for 30 days"
        in agency.view_text("ada")
    )
    assert "a@b.example" in agency.view_text("ada")


def test_the_role_of_the_line_and_the_channels_thing_are_filled_in(
    agency: AppHarness,
) -> None:
    agency.run_command("ada", "/collab link acme", channel="acme")
    agency.run_command("ada", "/collab invite admin", channel="acme")
    view = agency.wait_for_form("ada", "form")
    assert find_element(view, "role")["initial_option"]["value"] == "admin"
    assert [
        option["text"]["text"]
        for option in find_element(view, "whats")["initial_options"]
    ] == ["Acme"]

    agency.ada.submit_view({"whom": ["UCARL"]})
    assert "You invited <@UCARL> to *Acme* as *admin*" in agency.view_text("ada")


def test_a_name_that_is_nothing_refuses_the_line(agency: AppHarness) -> None:
    assert (
        "/collab invite @carl admin acme"
        in agency.run_command("ada", "/collab invite carl admin acme")["text"]
    )
    assert (
        "I know nothing called “acne”"
        in agency.run_command("ada", "/collab invite @carl acne")["text"]
    )
    assert agency.ada.top_view is None


@pytest.mark.rule("ROL-05")
def test_a_role_that_goes_on_standing_stays_and_one_that_does_not_goes(
    agency: AppHarness,
) -> None:
    agency.run_command("ada", "/collab invite @carl")
    agency.wait_for_form("ada", "form")
    agency.ada.fill_view({"role": "admin", "note": "Kept"})
    view = choose_resources(agency, ["admin", "manager", "developer"], "shop")
    assert find_element(view, "role")["initial_option"]["value"] == "admin"
    agency.ada.fill_view({"role": "developer"})
    view = choose_resources(agency, ["owner", "admin", "accountant"], "acme")
    assert "initial_option" not in find_element(view, "role")
    view = choose_resources(agency, [], "acme", "shop")
    assert "no role that you can give on all of this" in agency.view_text("ada")
    assert "no role" in by_field(agency.ada.submit_view({})["errors"])["whats"]

    choose_resources(agency, ["owner", "admin", "accountant"], "acme")
    agency.ada.submit_view({"role": "accountant"})
    agency.drain_outbox()
    assert "You invited <@UCARL> to *Acme* as *accountant*" in agency.view_text("ada")
    assert "Kept" in str(agency.carl.list_direct_messages()[-1])


def test_what_is_wrong_is_said_at_its_field_and_nobody_is_invited(
    agency: AppHarness,
) -> None:
    agency.ada.use_shortcut("invite")
    agency.wait_for_form("ada", "form")
    choose_resources(agency, ["admin", "manager", "developer"], "shop")

    def errors(**values: Any) -> dict[str, str]:
        answer = agency.ada.submit_view({"role": "admin", **values})
        return by_field(answer["errors"])

    assert list(errors()) == ["whom"]
    assert (
        "“carl@” is no e-mail address"
        in errors(whom_mail="a@b.example, carl@")["whom_mail"]
    )
    assert "30d" in errors(whom_mail="a@b.example", lasts="soon")["lasts"]
    assert "A membership can last" in errors(lasts="9999w")["lasts"]
    assert "card number" in errors(lasts="", note="4111 1111 1111 1111")["note"]
    assert (
        "card number"
        in errors(note="", whom_mail="4111-1111-1111-1111@b.example")["whom_mail"]
    )
    assert "cannot invite yourself" in errors(whom_mail="", whom=["UADA"])["whom"]
    assert "Nobody" not in agency.run_command("ada", "/collab invitations sent")["text"]
    assert agency.list_visible_buttons() == []


@pytest.mark.rule("INV-03")
def test_a_window_that_stood_open_while_the_right_was_lost_invites_nobody(
    agency: AppHarness,
) -> None:
    agency.run_command("ada", "/collab invite @devi admin acme")
    agency.press_button("devi", agency.latest_message("devi"), "accept")
    agency.run_command("devi", "/collab invite @carl shop")
    agency.wait_for_form("devi", "form")
    agency.run_command("ada", "/collab invite @devi developer shop")
    agency.press_button("devi", agency.latest_message("devi"), "accept")
    agency.run_command("ada", "/collab role @devi collaborator acme")

    (field, words) = next(
        iter(agency.devi.submit_view({"role": "manager"})["errors"].items())
    )
    assert field.startswith("role ")
    assert "Your role on Shop does not let you make anybody a manager" in words

    agency.run_command("ada", "/collab remove @devi shop")
    agency.press_button("ada", agency.latest_message("ada", "general"), "remove")
    assert (
        "not there any more" in by_field(agency.devi.submit_view({})["errors"])["whats"]
    )


@pytest.mark.rule("BIL-01")
def test_a_card_number_that_stands_in_a_field_is_not_sent_back_when_the_roles_change(
    agency: AppHarness,
) -> None:
    agency.run_command("ada", "/collab invite @carl")
    agency.wait_for_form("ada", "form")
    agency.ada.fill_view({"note": "4111 1111 1111 1111", "lasts": "30d"})
    view = choose_resources(agency, ["admin", "manager", "developer"], "shop")
    assert "4111" not in str(view["blocks"])
    assert find_element(view, "lasts")["initial_value"] == "30d"
    assert list(by_field(agency.ada.submit_view({"role": "admin"})["errors"])) == [
        "note"
    ]


def test_the_field_groups_by_company_and_offers_only_what_may_be_granted(
    agency: AppHarness,
) -> None:
    agency.run_command("devi", "/collab create app Own")
    agency.run_command("ada", "/collab invite @devi developer shop")
    agency.press_button("devi", agency.latest_message("devi"), "accept")
    agency.devi.use_shortcut("invite")
    view = agency.wait_for_form("devi", "form")
    assert [
        option["text"]["text"]
        for option in agency.devi.search_options(view, "find:invite whats")
    ] == ["Own"]
    assert agency.devi.search_options(view, "find:invite whats", "shop") == []
    assert (
        agency.devi.search_options(view, "find:invite whats", "4111 1111 1111 1111")
        == []
    )


def test_who_may_grant_nothing_is_told_what_to_do(stage: AppHarness) -> None:
    stage.bo.use_shortcut("invite")
    stage.wait_for_form("bo", "invite_nothing")
    assert "There is nothing yet that you may invite others to" in stage.view_text("bo")


def test_a_button_of_what_one_may_no_longer_see_names_no_id(agency: AppHarness) -> None:
    agency.run_command("ada", "/collab invite @devi developer shop")
    agency.press_button("devi", agency.latest_message("devi"), "accept")
    agency.run_command("devi", "/collab members shop")
    listed = agency.latest_message("devi", "general")
    menu = listed["blocks"][1]["accessory"]
    agency.run_command("ada", "/collab remove @devi shop")
    agency.press_button("ada", agency.latest_message("ada", "general"), "remove")

    agency.devi.choose_option(listed, menu["action_id"], menu["options"][-1]["value"])
    agency.drain_outbox()
    assert agency.latest_message("devi", "general")["text"].startswith(
        "It is gone by now, or you may no longer see it."
    )


SENTENCE = {
    "ada": "{} isn't in this workspace yet. They'll get the invitation when they join Slack with that address.",
    "lena": "{} ist noch nicht in diesem Workspace. Die Einladung kommt an, sobald sich die Person mit dieser Adresse",
}


@pytest.mark.rule("INV-12")
@pytest.mark.parametrize("who", SENTENCE)
def test_an_address_that_nobody_has_is_named_at_once_and_only_such_a_one(
    stage: AppHarness, who: str
) -> None:
    stage.run_command(who, "/collab create company Pixel")
    one = stage.run_command(who, "/collab invite nina@new.example admin pixel")["text"]
    assert SENTENCE[who].format("nina@new.example") in one.partition("\n")[0]

    line = "/collab invite mia@new.example @bo carl@client.example.com noa@new.example admin pixel"
    several = stage.run_command(who, line)["text"]
    for email in ("mia@new.example", "noa@new.example"):
        assert SENTENCE[who].format(email) in several
    assert SENTENCE[who].format("carl@client.example.com") not in several
    assert several.count(SENTENCE[who].format("x").partition("x")[2]) == 2


def test_the_window_names_an_address_that_nobody_has(agency: AppHarness) -> None:
    agency.run_command("ada", "/collab invite nina@new.example shop")
    agency.wait_for_form("ada", "form")
    agency.ada.submit_view({"role": "developer"})
    assert SENTENCE["ada"].format("nina@new.example") in agency.view_text("ada")


def test_who_joins_with_an_invited_address_gets_the_invitation(
    everywhere: AppHarness,
) -> None:
    everywhere.run_command("ada", "/collab invite nina@new.example admin acme")
    assert (
        "Nobody in this workspace has that address yet"
        in everywhere.latest_message("ada")["text"]
    )
    everywhere.playground.add_user("nina", email="nina@new.example")
    for _ in range(1_500):
        everywhere.drain_outbox()
        if everywhere.nina.list_direct_messages():
            break
        time.sleep(0.01)
    everywhere.press_button("nina", everywhere.latest_message("nina"), "accept")
    assert (
        "<@UNINA>, admin"
        in everywhere.run_command("ada", "/collab members acme")["text"]
    )
