"""Home through the real app: opened, answered from, and changing when something happens elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.blockkit import view_errors
from tests.support.app_harness import AppHarness


def home(stage: AppHarness, who: str) -> dict[str, Any]:
    """What somebody sees at home once everything is told."""
    stage.drain_outbox()
    view: dict[str, Any] | None = stage.playground.get_user(who).home_view
    assert view is not None
    return view


def opens(stage: AppHarness, who: str) -> str:
    """Somebody opens Home; its words."""
    stage.playground.get_user(who).open_home()
    return words(home(stage, who))


def words(view: dict[str, Any]) -> str:
    """All text of a view."""
    return str(view["blocks"])


def chooses(stage: AppHarness, who: str, menu: str, choice: str) -> None:
    """A choice in one of the small menus at home."""
    about = menu.partition(":")[2]
    stage.playground.get_user(who).choose_option(
        home(stage, who), menu, f"{choice} {about}"
    )
    stage.drain_outbox()


def resource(stage: AppHarness, slug: str) -> str:
    with stage.app.bus.read(stage.workspace) as facts:
        found = facts.resources.find_resource_by_id_or_slug(slug)
    assert found
    return found.id


def test_an_invitation_is_accepted_at_home_and_both_homes_change(
    everywhere: AppHarness,
) -> None:
    stage = everywhere
    assert "hold no role yet" in opens(stage, "carl")
    stage.run_command("ada", "/collab create company Pixel")
    assert "Pixel" in opens(stage, "ada")
    assert "What you sent" not in words(home(stage, "ada"))

    stage.run_command("ada", '/collab invite @carl admin pixel note "Welcome"')
    assert "Welcome" in words(home(stage, "carl"))
    assert "waits for an answer" in words(home(stage, "ada"))

    stage.press_button("carl", home(stage, "carl"), "accept")
    stage.wait_for_view("carl", "You are now an admin of *Pixel*")
    assert "Nothing waits for your answer" in words(home(stage, "carl"))
    assert "*Pixel* (`pixel`), company: admin" in words(home(stage, "carl"))
    assert ": accepted" in words(home(stage, "ada"))
    assert (
        view_errors(
            {
                k: v
                for k, v in home(stage, "ada").items()
                if k in {"type", "blocks", "callback_id"}
            }
        )
        == []
    )


def test_the_very_first_home_of_somebody_is_in_their_language(
    stage: AppHarness,
) -> None:
    stage.playground.change_account("eve", locale="de-DE")
    assert "hält fest, wer woran arbeitet" in opens(stage, "eve")


def test_a_home_that_nobody_opened_is_not_made(stage: AppHarness) -> None:
    stage.run_command("ada", "/collab create company Pixel")
    stage.run_command("ada", "/collab invite @carl admin pixel")
    assert stage.ada.home_view is None
    assert stage.carl.home_view is None


def test_an_invitation_that_runs_out_leaves_home_by_itself(stage: AppHarness) -> None:
    stage.run_command("ada", "/collab create company Pixel")
    stage.run_command("ada", "/collab invite @carl admin pixel")
    assert "needs your answer" in opens(stage, "carl")
    stage.advance_time(days=8)
    assert "hold no role yet" in words(home(stage, "carl"))


@pytest.fixture
def held(stage: AppHarness) -> AppHarness:
    """Carl is an admin of Ada's company Pixel, with the app Shop in it, and has opened Home."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "invite @carl admin pixel",
    ):
        stage.run_command("ada", f"/collab {line}")
    stage.press_button("carl", stage.latest_message("carl"), "accept")
    opens(stage, "carl")
    return stage


def test_what_one_has_is_shown_and_left_by_clicking_alone(held: AppHarness) -> None:
    shop, pixel = resource(held, "shop"), resource(held, "pixel")
    assert "• *Shop* (`shop`), app: admin, by another role" in words(home(held, "carl"))
    chooses(held, "carl", f"holding:{shop}", "show_ask")
    held.wait_for_view("carl", "is an app in *Pixel*")
    held.carl.close_view()
    chooses(held, "carl", f"holding:{shop}", "members_ask")
    held.wait_for_view("carl", "<@UADA>")
    held.carl.close_view()

    chooses(held, "carl", f"holding:{pixel}", "leave_ask")
    held.press_button("carl", held.wait_for_view("carl", "danger"), "leave")
    left = held.wait_for_view("carl", "You left *Pixel*")
    assert "Pixel" not in words(
        {
            "blocks": [
                b for b in home(held, "carl")["blocks"] if "holding" in b["block_id"]
            ]
        }
    )
    held.press_button("carl", left, "undo")
    held.wait_for_view("carl", "again")
    assert "*Pixel* (`pixel`), company: admin" in words(home(held, "carl"))
    assert len(held.carl.open_views) == 1


def test_cancel_in_the_window_changes_nothing(held: AppHarness) -> None:
    chooses(held, "carl", f"holding:{resource(held, 'pixel')}", "leave_ask")
    held.press_button("carl", held.wait_for_view("carl", "danger"), "cancel")
    held.wait_for_view("carl", "Nothing was changed")
    assert "*Pixel* (`pixel`), company: admin" in words(home(held, "carl"))


@pytest.mark.rule("MEM-12")
def test_more_is_requested_in_a_window_and_the_answer_reaches_home(
    held: AppHarness,
) -> None:
    chooses(held, "carl", f"holding:{resource(held, 'pixel')}", "request_ask")
    held.wait_for_view("carl", "Which role would you like on *Pixel*")
    held.carl.submit_view({"role": "owner", "note": "I sign for it"})
    held.drain_outbox()
    held.wait_for_view("carl", "got a message")
    held.press_button("ada", held.latest_message("ada"), "grant")
    assert "*Pixel* (`pixel`), company: owner" in words(home(held, "carl"))


def test_what_one_sent_is_revoked_and_sent_again_at_home(held: AppHarness) -> None:
    opens(held, "ada")
    held.run_command("ada", "/collab invite @devi developer shop")
    [sent] = [
        b["block_id"].partition(" ")[2] for b in home(held, "ada")["blocks"] if waits(b)
    ]
    chooses(held, "ada", f"sent:{sent}", "resend")
    held.wait_for_view("ada", "again")
    held.ada.close_view()
    chooses(held, "ada", f"sent:{sent}", "revoke")
    held.wait_for_view("ada", "<@UDEVI>")
    assert "taken back" in words(home(held, "ada"))


def waits(block: dict[str, Any]) -> bool:
    """Whether this is the row of an invitation that can be taken back."""
    return block["block_id"].startswith("home_sent") and "revoke" in str(
        block.get("accessory")
    )


def test_pages_turn_each_by_itself_and_stay_when_something_happens(
    stage: AppHarness,
) -> None:
    for number in range(22):
        stage.run_command("ada", f"/collab create company C{number:02}")
    assert "(`c18`)" in opens(stage, "ada")
    assert "(`c19`)" not in words(home(stage, "ada"))
    stage.press_button("ada", home(stage, "ada"), "home_page")
    assert "(`c21`)" in words(home(stage, "ada"))
    assert "(`c18`)" not in words(home(stage, "ada"))
    stage.run_command("ada", "/collab invite @carl admin c00")
    assert "(`c21`)" in words(home(stage, "ada"))
    stage.press_button("ada", home(stage, "ada"), "home_page")
    assert "(`c00`)" in words(home(stage, "ada"))


def test_an_offer_to_pay_opens_its_window_from_home(stage: AppHarness) -> None:
    for line in ("create payment Card", "create app Shop", "pay shop card"):
        stage.run_command("ada", f"/collab {line}")
    opens(stage, "carl")
    stage.run_command("ada", "/collab transfer billing shop @carl")
    stage.press_button("ada", stage.latest_message("ada", "general"), "transfer")
    stage.press_button("carl", home(stage, "carl"), "accept")
    stage.wait_for_view("carl", "Pay for it")


def test_all_events_stand_in_a_window_and_turn_there(held: AppHarness) -> None:
    for number in range(20):
        held.run_command("ada", f"/collab create app A{number} in pixel")
    opens(held, "carl")
    held.press_button("carl", home(held, "carl"), "events_page")
    first = held.wait_for_view("carl", "What happened, newest first")
    held.press_button("carl", first, "events_page")
    held.wait_for_view("carl", "created *Pixel*")
    assert len(held.carl.open_views) == 1


def test_a_refusal_stands_in_a_window_above_what_was_pressed(held: AppHarness) -> None:
    opens(held, "ada")
    pixel = resource(held, "pixel")
    chooses(held, "ada", f"holding:{pixel}", "leave_ask")
    held.wait_for_view("ada", "needs an owner who stays")
    held.ada.close_view()

    chooses(held, "ada", f"holding:{pixel}", "members_ask")
    listed = held.wait_for_view("ada", "<@UCARL>")
    mine = next(b for b in listed["blocks"] if "leave_ask" in str(b.get("accessory")))[
        "accessory"
    ]
    held.ada.choose_option(listed, mine["action_id"], f"leave_ask {pixel}")
    held.wait_for_view("ada", "needs an owner who stays")
    assert [v["callback_id"] for v in held.ada.open_views] == ["shown", "wrong"]


def test_another_window_opens_above_the_list_that_it_was_chosen_in(
    held: AppHarness,
) -> None:
    opens(held, "ada")
    chooses(held, "ada", f"holding:{resource(held, 'pixel')}", "members_ask")
    listed = held.wait_for_view("ada", "<@UCARL>")
    carl = next(b for b in listed["blocks"] if "role_ask" in str(b.get("accessory")))[
        "accessory"
    ]
    value = next(
        o["value"] for o in carl["options"] if o["value"].startswith("role_ask")
    )
    held.ada.choose_option(listed, carl["action_id"], value)
    held.wait_for_view("ada", "New role")
    held.ada.submit_view({"role": "owner"})
    assert "*Pixel* (`pixel`), company: owner" in words(home(held, "carl"))
    assert [v["callback_id"] for v in held.ada.open_views] == ["shown", "done"]


def presses(stage: AppHarness, who: str, button: str, part: str) -> dict[str, Any]:
    """A button at home, and the window that it opens."""
    stage.press_button(who, home(stage, who), button)
    return stage.wait_for_view(who, part)


def test_the_window_that_invites_opens_for_the_thing_in_whose_menu_it_was_chosen(
    held: AppHarness,
) -> None:
    opens(held, "ada")
    pixel = resource(held, "pixel")
    chooses(held, "ada", f"holding:{pixel}", "invite_open")
    assert f"'value': '{pixel}'" in str(
        held.wait_for_view("ada", "Invite to collaborate")
    )
    held.ada.close_view()
    held.run_command("ada", "/collab create company Home")
    assert "initial_options" not in str(
        presses(held, "ada", "invite_open", "Invite to collaborate")
    )


@pytest.mark.rule("EVT-06")
def test_what_a_channel_did_not_hear_stands_at_home_until_it_is_mended(
    everywhere: AppHarness,
) -> None:
    stage = everywhere
    opens(stage, "ada")
    stage.run_command("ada", "/invite @Collab", "general")
    stage.playground.faults.error("chat.postMessage", "not_in_channel")
    stage.run_command("ada", "/collab link acme", channel="general")
    assert "<#C0GENERAL> did not hear what happened to *Acme*" in words(
        home(stage, "ada")
    )
    assert "type `/invite @Collab`" in words(home(stage, "ada"))
    stage.playground.faults.error("chat.postMessage", "not_in_channel")
    presses(stage, "ada", "lost_again", "on its way again")
    assert "<#C0GENERAL> did not hear what happened to *Acme*" in words(
        home(stage, "ada")
    )
    stage.ada.close_view()

    presses(stage, "ada", "lost_again", "Everything arrived")
    assert "Could not be delivered" not in words(home(stage, "ada"))
    assert "hears of *Acme*" in stage.latest_message("ada", "general")["text"]


def test_who_is_told_that_something_did_not_arrive_sends_it_again_from_there(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/invite @Collab", "general")
    stage.playground.faults.error("chat.postMessage", "not_in_channel")
    stage.run_command("ada", "/collab link acme", channel="general")
    stage.press_button("ada", stage.latest_message("ada"), "lost_again")
    assert any(
        "hears of *Acme*" in m["text"] for m in stage.ada.list_messages("general")
    )
    assert "on its way again" in stage.latest_message("ada")["text"]
    told = next(
        m for m in stage.ada.list_direct_messages() if "I could not tell" in m["text"]
    )
    stage.press_button("ada", told, "lost_again")
    assert "nothing to send again" in stage.latest_message("ada")["text"]


def test_keys_are_rotated_from_home(held: AppHarness) -> None:
    opens(held, "ada")
    held.run_command("carl", "/collab leave pixel")
    held.press_button("carl", held.latest_message("carl", "general"), "leave")
    assert "1 thing needs new service passwords and deploy keys" in words(
        home(held, "ada")
    )
    listed = presses(held, "ada", "keys_open", "lost access")
    held.press_button("ada", listed, "keys_rotated")
    assert "Nothing of yours waits" in str(
        held.wait_for_view("ada", "The keys of *Shop* are new")
    )
    assert "keys_open" not in words(home(held, "ada"))


@pytest.mark.rule("EVT-03")
def test_events_are_found_by_what_who_sort_and_day(held: AppHarness) -> None:
    opens(held, "ada")
    asked = presses(held, "ada", "events_filter", "Done by")
    assert [
        o["text"]["text"] for o in held.ada.search_options(asked, "events_what", "sho")
    ] == ["Shop"]
    held.ada.submit_view(
        {
            "events_what": resource(held, "pixel"),
            "who": "UCARL",
            "only": "member",
            "since": "2026-01-01",
        }
    )
    found = held.wait_for_view("ada", "newest first")
    assert "<@UCARL> joined" in words(found)
    assert "created" not in words(found)
    held.ada.close_view()
    presses(held, "ada", "events_filter", "Done by")
    held.ada.submit_view({"only": "resource"})
    assert "created *Shop*" in words(held.wait_for_view("ada", "newest first"))
    held.ada.close_view()
    presses(held, "ada", "events_filter", "Done by")
    held.ada.submit_view({"who": "UDEVI"})
    held.wait_for_view("ada", "Nothing like that is on record")


def test_somebody_with_nothing_reads_whom_to_ask(stage: AppHarness) -> None:
    told = opens(stage, "carl")
    assert "ask somebody who works on it already" in told
    assert "<@UADA>, who looks after this Slack workspace" in told
    stage.run_command("ada", "/collab settings companies admins")
    assert "/collab create company" not in opens(stage, "carl")


def test_in_a_workspace_without_anything_the_first_steps_are_told(
    stage: AppHarness,
) -> None:
    stage.run_command("ada", "/collab delete acme")
    stage.press_button("ada", stage.latest_message("ada", "general"), "delete")
    assert "*1. Create a company.*" in opens(stage, "ada")
    stage.run_command("carl", "/collab create company Pixel")
    assert "hold no role yet" in opens(stage, "ada")


@pytest.mark.rule("MEM-02")
def test_a_lower_role_shows_what_it_takes_and_keeps_what_is_chosen(
    held: AppHarness,
) -> None:
    opens(held, "ada")
    shop = resource(held, "shop")
    chooses(held, "ada", f"holding:{resource(held, 'pixel')}", "members_ask")
    listed = held.wait_for_view("ada", "<@UCARL>")
    carl = next(b for b in listed["blocks"] if "role_ask" in str(b.get("accessory")))[
        "accessory"
    ]
    held.ada.choose_option(
        listed,
        carl["action_id"],
        next(o["value"] for o in carl["options"] if "role_ask" in o["value"]),
    )
    asked = held.wait_for_view("ada", "New role")
    assert "keep" not in str(asked["blocks"])

    held.ada.choose_option(asked, "role", "collaborator")
    assert "would lose 1 role inside" in str(
        held.wait_for_view("ada", "What they keep")["blocks"]
    )
    refused = held.ada.submit_view()
    assert "holds nothing else" in refused["errors"]["keep collaborator"]
    held.ada.submit_view({"keep": [shop]})
    held.drain_outbox()
    assert "They keep:" in str(held.ada.top_view)
    assert "*Shop* (`shop`), app: admin" in words(home(held, "carl"))
