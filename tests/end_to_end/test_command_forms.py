"""Forms through the real app: from Home, from a thing, and from a line that lacks something."""

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


def open_home(stage: AppHarness, who: str) -> FakeUser:
    """Somebody at Home, as the app published it."""
    person: FakeUser = getattr(stage, who)
    person.open_home()
    stage.drain_outbox()
    return person


def open_form(harness: AppHarness, user_name: str, verb: str, title: str) -> View:
    """Open a verb's form from Home, by “Do something else…” and a choice."""
    user = open_home(harness, user_name)
    assert user.home_view is not None
    user.press_button(user.home_view, "more_open")
    choice = wait_for_title(harness, user_name, "What to do")
    user.choose_option(choice, "verbs", f"form {verb}")
    return wait_for_title(harness, user_name, title)


def picks(person: FakeUser, verb: str, slot: str, name: str) -> str:
    """The id of a thing as a field of the form finds it."""
    view = person.top_view
    assert view is not None
    return str(person.search_options(view, f"find:{verb} {slot}", name)[0]["value"])


def fields(view: View) -> dict[str, dict[str, Any]]:
    return {
        b["block_id"].partition(" ")[0]: b
        for b in view["blocks"]
        if b["type"] == "input"
    }


@pytest.fixture
def agency(stage: AppHarness) -> AppHarness:
    """Acme of Ada with an app, a team with Devi, and a payment method."""
    for line in (
        "create app Shop in acme",
        "create team Crew",
        "create payment Card",
        "invite @devi limited crew",
    ):
        stage.run_command("ada", f"/collab {line}")
    stage.press_button("devi", stage.latest_message("devi"), "accept")
    return stage


def test_every_verb_is_reached_from_home(stage: AppHarness) -> None:
    ada = open_home(stage, "ada")
    assert ada.home_view is not None
    ada.press_button(ada.home_view, "more_open")
    view = wait_for_title(stage, "ada", "What to do")
    options = [
        o
        for block in view["blocks"]
        for e in interactive_elements(block)
        for o in all_options(e)
    ]
    assert sorted(option["value"] for option in options) == sorted(
        f"form {name}" for name in VERB_BY_NAME
    )
    ada.close_view()
    for verb in VERB_BY_NAME.values():
        ada.press_button(ada.home_view, "more_open")
        ada.choose_option(
            wait_for_title(stage, "ada", "What to do"), "verbs", f"form {verb.name}"
        )
        view = stage.wait_for_view(
            "ada", condition=lambda view: view["callback_id"] != "verbs"
        )
        assert view["callback_id"] in {"form", "shown"}, verb.name
        ada.close_view()


def test_a_company_and_an_app_are_made_from_home(everywhere: AppHarness) -> None:
    ada = open_home(everywhere, "ada")
    assert ada.home_view is not None
    ada.press_button(ada.home_view, "create_open")
    wait_for_title(everywhere, "ada", "Create")
    assert ada.top_view is not None
    assert "there" in fields(ada.top_view)
    ada.fill_view({"name": "Pixel"})
    ada.choose_option(ada.top_view, "find:create kind", "company")
    everywhere.wait_for_view("ada", condition=lambda view: "there" not in fields(view))
    ada.submit_view()
    assert "*Pixel* is there" in everywhere.view_text("ada")
    ada.close_view()
    open_form(everywhere, "ada", "create", "Create")
    ada.submit_view(
        {
            "find:create kind": "app",
            "name": "Shop",
            "find:create there": picks(ada, "create", "there", "pix"),
        }
    )
    assert "*Shop*" in everywhere.view_text("ada")
    everywhere.drain_outbox()
    assert "Shop (shop), app" in str(ada.home_view).replace("*", "").replace("`", "")


def test_a_choice_changes_what_else_there_is_to_choose(agency: AppHarness) -> None:
    open_form(agency, "ada", "request", "Request a role")
    view = agency.ada.top_view
    assert view is not None
    assert len(fields(view)["role"]["element"]["options"]) > 5
    agency.ada.fill_view({"note": "Please"})
    agency.ada.choose_option(
        view, "find:request what", picks(agency.ada, "request", "what", "shop")
    )
    view = agency.wait_for_view(
        "ada",
        condition=lambda view: len(fields(view)["role"]["element"]["options"]) == 3,
    )
    assert fields(view)["note"]["element"]["initial_value"] == "Please"
    assert fields(view)["what"]["element"]["initial_option"]["text"]["text"] == "Shop"


def test_what_a_thing_says_is_there_to_be_changed(agency: AppHarness) -> None:
    agency.run_command("ada", '/collab describe shop "Sells things"')
    view = open_form(agency, "ada", "describe", "Describe")
    agency.ada.choose_option(
        view, "find:describe what", picks(agency.ada, "describe", "what", "shop")
    )
    agency.wait_for_view(
        "ada",
        condition=lambda view: (
            fields(view)["text"]["element"].get("initial_value") == "Sells things"
        ),
    )
    agency.ada.submit_view({"text": ""})
    assert "*Shop* has no description any more" in agency.view_text("ada")


def test_why_somebody_can_is_found_by_clicking(agency: AppHarness) -> None:
    view = open_form(agency, "ada", "why", "Find why")
    agency.ada.choose_option(
        view, "find:why what", picks(agency.ada, "why", "what", "shop")
    )
    agency.wait_for_view(
        "ada",
        condition=lambda view: (
            len(fields(view)["capability"]["element"]["options"]) < len(CAPABILITIES)
        ),
    )
    agency.ada.submit_view({"who": "UADA", "capability": "code"})
    assert "owner of *Acme* → admin of *Shop*" in agency.view_text("ada")


def test_what_is_refused_stands_at_its_field_or_above_the_form_that_keeps_what_was_filled_in(
    agency: AppHarness,
) -> None:
    view = open_form(agency, "ada", "remove", "Remove")
    acme = picks(agency.ada, "remove", "what", "acme")
    assert list(agency.ada.submit_view({"find:remove what": acme})["errors"]) == [
        "who remove"
    ]
    wrong = agency.ada.submit_view({"who": "UCARL"})["errors"]
    assert "holds no role on Acme" in wrong["who remove"]
    del view

    open_form(agency, "devi", "unlink", "Unlink a channel")
    crew = picks(agency.devi, "unlink", "what", "crew")
    agency.devi.submit_view({"find:unlink what": crew, "channel": "C0GENERAL"})
    assert "Crew" in agency.view_text("devi")
    form = agency.devi.top_view
    assert form is not None
    assert form["callback_id"] == "form"
    assert fields(form)["what"]["element"]["initial_option"]["value"] == crew
    assert fields(form)["channel"]["element"]["initial_conversation"] == "C0GENERAL"


def test_a_line_that_lacks_something_opens_its_form_with_what_it_says(
    agency: AppHarness,
) -> None:
    assert agency.run_command("ada", "/collab share shop") == {}
    view = wait_for_title(agency, "ada", "Share with a team")
    assert fields(view)["what"]["element"]["initial_option"]["text"]["text"] == "Shop"
    roles = [option["value"] for option in fields(view)["role"]["element"]["options"]]
    assert roles == ["admin", "manager", "developer"]
    agency.ada.submit_view(
        {
            "role": "manager",
            "find:share team": picks(agency.ada, "share", "team", "crew"),
        }
    )
    assert "now a manager of *Shop*" in agency.view_text("ada")
    agency.ada.close_view()

    assert agency.run_command("ada", "/collab assign @devi crew") == {}
    view = wait_for_title(agency, "ada", "Assign")
    assert fields(view)["who"]["element"]["initial_user"] == "UDEVI"
    agency.ada.submit_view(
        {
            "find:assign what": picks(agency.ada, "assign", "what", "shop"),
            "find:assign team": picks(agency.ada, "assign", "team", "crew"),
        }
    )
    assert "now assigned to" in agency.view_text("ada")


def test_a_line_about_nothing_that_is_there_is_refused_as_ever(
    agency: AppHarness,
) -> None:
    assert (
        "/collab remove @carl acme"
        in agency.run_command("ada", "/collab remove carl acme")["text"]
    )
    assert (
        "I know nothing called “shoppe”"
        in agency.run_command("ada", "/collab rename shoppe")["text"]
    )
    assert agency.ada.top_view is None


def test_the_channels_own_thing_is_filled_in(agency: AppHarness) -> None:
    agency.run_command("ada", "/invite @Collab")
    agency.run_command("ada", "/collab link acme")
    assert "Acme" in agency.run_command("ada", "/collab members")["text"]
    agency.run_command("ada", "/collab remove")
    view = wait_for_title(agency, "ada", "Remove")
    assert fields(view)["what"]["element"]["initial_option"]["text"]["text"] == "Acme"


def test_a_thing_offers_what_can_be_done_with_it(agency: AppHarness) -> None:
    shows = agency.run_command("ada", "/collab show shop")
    assert shows["blocks"][-1]["elements"][0]["action_id"] == "more_open"
    message = agency.latest_message("ada", "general")
    agency.ada.press_button(message, "more_open")
    view = wait_for_title(agency, "ada", "What to do")
    shop = next(
        o["value"].split()[-1]
        for b in view["blocks"]
        for e in interactive_elements(b)
        for o in all_options(e)
    )
    agency.ada.choose_option(view, "verbs", f"form rename {shop}")
    view = wait_for_title(agency, "ada", "Rename")
    assert fields(view)["what"]["element"]["initial_option"]["value"] == shop
    agency.ada.submit_view({"name": "The Boutique"})
    assert "The Boutique" in agency.view_text("ada")


def test_deletion_goes_from_the_choice_by_its_preview_to_its_name(
    agency: AppHarness,
) -> None:
    agency.run_command("ada", "/collab create company Pixel")
    agency.run_command("ada", "/collab create app Blog in pixel")
    agency.run_command("ada", "/collab show pixel")
    agency.ada.press_button(agency.latest_message("ada", "general"), "more_open")
    view = wait_for_title(agency, "ada", "What to do")
    pixel = next(
        o["value"].split()[-1]
        for b in view["blocks"]
        for e in interactive_elements(b)
        for o in all_options(e)
    )
    agency.ada.choose_option(view, "verbs", f"form delete {pixel}")
    view = agency.wait_for_view(
        "ada",
        condition=lambda view: (
            "delete"
            in str(
                [
                    e["action_id"]
                    for b in view["blocks"]
                    for e in interactive_elements(b)
                ]
            )
        ),
    )
    agency.ada.press_button(view, "delete")
    wait_for_title(agency, "ada", "Delete it")
    assert list(agency.ada.submit_view({"name": "Pixle"})["errors"]) == ["name"]
    agency.ada.submit_view({"name": "Pixel"})
    assert "deleted" in agency.view_text("ada")
    agency.ada.close_view()
    assert agency.ada.open_views == []


def test_an_answer_is_chosen_among_what_waits(agency: AppHarness) -> None:
    agency.run_command("ada", "/collab invite @carl developer shop")
    view = open_form(agency, "carl", "decline", "Decline")
    found = agency.carl.search_options(view, "find:decline what")
    assert [option["text"]["text"] for option in found] == ["Shop"]
    assert (
        agency.carl.search_options(view, "find:decline what", "nothing like it") == []
    )
    agency.carl.submit_view({"find:decline what": found[0]["value"], "note": "No time"})
    assert "declined" in agency.view_text("carl")


def test_a_card_number_goes_nowhere(agency: AppHarness) -> None:
    view = open_form(agency, "ada", "request", "Request a role")
    agency.ada.fill_view({"note": "4111 1111 1111 1111"})
    agency.ada.choose_option(
        view, "find:request what", picks(agency.ada, "request", "what", "shop")
    )
    view = agency.wait_for_view(
        "ada",
        condition=lambda view: "initial_option" in fields(view)["what"]["element"],
    )
    assert "4111" not in str(view["blocks"])
    assert list(agency.ada.submit_view({"role": "manager"})["errors"]) == [
        "note request"
    ]
