"""The Home tab in the running app: its actions, and its updates."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.blockkit import view_errors
from tests.support.app_harness import AppHarness

MAX_OPEN_VIEWS = 3  # Slack's limit


def wait_for_home(harness: AppHarness, user_name: str) -> dict[str, Any]:
    """Deliver the outbox and return the user's Home tab."""
    harness.drain_outbox()
    view: dict[str, Any] | None = harness.playground.get_user(user_name).home_view
    assert view is not None
    return view


def open_home(harness: AppHarness, user_name: str) -> str:
    """Open Home and return its content as text."""
    harness.playground.get_user(user_name).open_home()
    return view_content(wait_for_home(harness, user_name))


def view_content(view: dict[str, Any]) -> str:
    """Return a view's blocks as text."""
    return str(view["blocks"])


def choose_in_menu(
    harness: AppHarness, user_name: str, action_id: str, choice: str
) -> None:
    """Choose an option of an overflow menu at Home."""
    subject_id = action_id.partition(":")[2]
    harness.playground.get_user(user_name).choose_option(
        wait_for_home(harness, user_name), action_id, f"{choice} {subject_id}"
    )
    harness.drain_outbox()


def open_page(harness: AppHarness, user_name: str, slug: str) -> dict[str, Any]:
    """Open the page of a resource from its row at Home."""
    home = wait_for_home(harness, user_name)
    resource_id = get_resource_id(harness, slug)
    harness.press_button(user_name, home, "open_page", resource_id)
    return harness.wait_for_view(
        user_name, condition=lambda view: view["callback_id"] == "page"
    )


def act_on_page(harness: AppHarness, user_name: str, slug: str, verb: str) -> None:
    """Press the button of a verb on a resource's page, or choose it among the others."""
    page = open_page(harness, user_name, slug)
    if f"'act:{verb}'" in str(page["blocks"]):
        harness.press_button(user_name, page, f"act:{verb}")
        return
    value = f"{verb} {get_resource_id(harness, slug)}"
    harness.playground.get_user(user_name).choose_option(page, "act:more", value)
    harness.drain_outbox()


def close_modals(harness: AppHarness, user_name: str) -> None:
    user = harness.playground.get_user(user_name)
    while user.top_view:
        user.close_view()


def get_resource_id(harness: AppHarness, slug: str) -> str:
    with harness.app.bus.read(harness.workspace) as repositories:
        events_view = repositories.resources.find_resource_by_id_or_slug(slug)
    assert events_view
    return events_view.id


def test_an_invitation_is_accepted_from_home_and_both_homes_are_updated(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    assert "don't have access to anything yet" in open_home(harness, "carl")
    harness.run_command("ada", "/collab create company Pixel")
    assert "Pixel" in open_home(harness, "ada")
    assert "Sent" not in view_content(wait_for_home(harness, "ada"))

    harness.run_command("ada", '/collab invite @carl admin pixel note "Welcome"')
    assert "Welcome" in view_content(wait_for_home(harness, "carl"))
    assert "Pending · expires" in view_content(wait_for_home(harness, "ada"))

    harness.press_button("carl", wait_for_home(harness, "carl"), "accept")
    harness.wait_for_view("carl", "You're now an admin of *Pixel*")
    assert "You're all caught up" in view_content(wait_for_home(harness, "carl"))
    assert "*Pixel* · Company · admin" in view_content(wait_for_home(harness, "carl"))
    assert "· Accepted" in view_content(wait_for_home(harness, "ada"))
    assert (
        view_errors(
            {
                k: v
                for k, v in wait_for_home(harness, "ada").items()
                if k in {"type", "blocks", "callback_id"}
            }
        )
        == []
    )


def test_the_first_home_has_the_users_language(
    harness: AppHarness,
) -> None:
    harness.playground.change_account("eve", locale="de-DE")
    assert "Du hast noch keine Zugänge" in open_home(harness, "eve")


def test_a_home_tab_is_published_only_after_it_was_opened(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab create company Pixel")
    harness.run_command("ada", "/collab invite @carl admin pixel")
    assert harness.ada.home_view is None
    assert harness.carl.home_view is None


def test_an_expired_invitation_is_removed_from_home(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab create company Pixel")
    harness.run_command("ada", "/collab invite @carl admin pixel")
    assert "Accept your invitation" in open_home(harness, "carl")
    harness.advance_time(days=8)
    assert "don't have access to anything yet" in view_content(
        wait_for_home(harness, "carl")
    )


@pytest.fixture
def home_harness(harness: AppHarness) -> AppHarness:
    """Return the app with Carl as admin of Pixel, which has the app Shop."""
    for line in (
        "create company Pixel",
        "create app Shop in pixel",
        "invite @carl admin pixel",
    ):
        harness.run_command("ada", f"/collab {line}")
    harness.press_button("carl", harness.latest_message("carl"), "accept")
    open_home(harness, "carl")
    return harness


def test_a_resource_at_home_is_opened_and_left_from_its_page(
    home_harness: AppHarness,
) -> None:
    assert "• *Shop* · App · admin (via Pixel)" in view_content(
        wait_for_home(home_harness, "carl")
    )
    page = open_page(home_harness, "carl", "shop")
    assert "App · Pixel · `shop`" in view_content(page)
    close_modals(home_harness, "carl")
    act_on_page(home_harness, "carl", "shop", "members")
    wait_for_members(home_harness, "carl")
    close_modals(home_harness, "carl")

    act_on_page(home_harness, "carl", "pixel", "leave")
    home_harness.press_button(
        "carl", home_harness.wait_for_view("carl", "danger"), "leave"
    )
    result = home_harness.wait_for_view("carl", "You left *Pixel*")
    rows = [
        block
        for block in wait_for_home(home_harness, "carl")["blocks"]
        if "holding" in block["block_id"]
    ]
    assert "Pixel" not in str(rows)
    home_harness.press_button("carl", result, "undo")
    home_harness.wait_for_view("carl", "again")
    assert "*Pixel* · Company · admin" in view_content(
        wait_for_home(home_harness, "carl")
    )


def test_a_preview_in_a_modal_is_cancelled_by_closing_it(
    home_harness: AppHarness,
) -> None:
    act_on_page(home_harness, "carl", "pixel", "leave")
    preview = home_harness.wait_for_view("carl", "danger")
    assert "cancel" not in str(preview["blocks"])
    assert preview["close"]["text"] == "Cancel"
    home_harness.carl.close_view()
    assert "*Pixel* · Company · admin" in view_content(
        wait_for_home(home_harness, "carl")
    )


@pytest.mark.rule("MEM-12")
def test_a_role_is_requested_from_a_page_and_granted(
    home_harness: AppHarness,
) -> None:
    act_on_page(home_harness, "carl", "pixel", "request")
    home_harness.wait_for_view("carl", "Which role would you like on *Pixel*")
    home_harness.carl.submit_view({"role": "owner", "note": "I sign for it"})
    home_harness.drain_outbox()
    home_harness.wait_for_view("carl", "who can approve it")
    home_harness.press_button("ada", home_harness.latest_message("ada"), "grant")
    assert "*Pixel* · Company · owner" in view_content(
        wait_for_home(home_harness, "carl")
    )


def test_a_sent_invitation_is_resent_and_revoked_at_home(
    home_harness: AppHarness,
) -> None:
    open_home(home_harness, "ada")
    home_harness.run_command("ada", "/collab invite @devi developer shop")
    [invitation_id] = [
        b["block_id"].partition(" ")[2]
        for b in wait_for_home(home_harness, "ada")["blocks"]
        if is_revocable_row(b)
    ]
    choose_in_menu(home_harness, "ada", f"sent:{invitation_id}", "resend")
    home_harness.wait_for_view("ada", "again")
    home_harness.ada.close_view()
    choose_in_menu(home_harness, "ada", f"sent:{invitation_id}", "revoke_ask")
    question = home_harness.wait_for_view("ada", "Withdraw the invitation")
    home_harness.press_button("ada", question, "revoke")
    home_harness.wait_for_view("ada", "You withdrew")
    assert "Withdrawn" in view_content(wait_for_home(home_harness, "ada"))


def is_revocable_row(block: dict[str, Any]) -> bool:
    """Return whether the block is a sent invitation that can be revoked."""
    return block["block_id"].startswith("home_sent") and "revoke" in str(
        block.get("accessory")
    )


def test_home_lists_are_paged_separately_and_stay_on_their_page(
    harness: AppHarness,
) -> None:
    for number in range(22):
        harness.run_command("ada", f"/collab create company C{number:02}")
    assert "*C18* ·" in open_home(harness, "ada")
    assert "*C19* ·" not in view_content(wait_for_home(harness, "ada"))
    harness.press_button("ada", wait_for_home(harness, "ada"), "home_page")
    assert "*C21*" in view_content(wait_for_home(harness, "ada"))
    assert "*C18*" not in view_content(wait_for_home(harness, "ada"))
    harness.run_command("ada", "/collab invite @carl admin c00")
    assert "*C21*" in view_content(wait_for_home(harness, "ada"))
    harness.press_button("ada", wait_for_home(harness, "ada"), "home_page")
    assert "*C00*" in view_content(wait_for_home(harness, "ada"))


def test_a_billing_offer_opens_its_form_from_home(harness: AppHarness) -> None:
    for line in ("create payment Card", "create app Shop", "pay shop card"):
        harness.run_command("ada", f"/collab {line}")
    open_home(harness, "carl")
    harness.run_command("ada", "/collab transfer billing shop @carl")
    harness.press_button("ada", harness.latest_message("ada", "general"), "transfer")
    harness.press_button("carl", wait_for_home(harness, "carl"), "accept")
    harness.wait_for_view("carl", "Take over billing")


def test_the_list_of_events_is_paged_in_a_modal(home_harness: AppHarness) -> None:
    for number in range(20):
        home_harness.run_command("ada", f"/collab create app A{number} in pixel")
    open_home(home_harness, "carl")
    home_harness.press_button(
        "carl", wait_for_home(home_harness, "carl"), "events_page"
    )
    events_view = home_harness.wait_for_view("carl", "Activity, newest first")
    home_harness.press_button("carl", events_view, "events_page")
    home_harness.wait_for_view("carl", "created *Pixel*")
    assert len(home_harness.carl.open_views) == 1


def test_a_rejection_is_shown_in_a_modal_above_the_pressed_one(
    home_harness: AppHarness,
) -> None:
    open_home(home_harness, "ada")
    act_on_page(home_harness, "ada", "pixel", "members")
    list_view = wait_for_members(home_harness, "ada")
    pixel = get_resource_id(home_harness, "pixel")
    choose_in_row(home_harness, "ada", list_view, f"leave_ask {pixel}")
    home_harness.wait_for_view("ada", "needs an owner, and there")
    assert list_open_views(home_harness, "ada")[-1] == "wrong"


def wait_for_members(harness: AppHarness, user_name: str) -> dict[str, Any]:
    """Return the list of members once it stands above the page."""
    return harness.wait_for_view(
        user_name, condition=lambda view: view["callback_id"] != "page"
    )


def list_open_views(harness: AppHarness, user_name: str) -> list[str]:
    open_views = harness.playground.get_user(user_name).open_views
    return [view["callback_id"] for view in open_views]


def choose_in_row(
    harness: AppHarness, user_name: str, list_view: dict[str, Any], start: str
) -> None:
    """Choose in a list the first option whose value starts so."""
    for block in list_view["blocks"]:
        menu = block.get("accessory", {})
        for option in menu.get("options", ()):
            if option["value"].startswith(start):
                user = harness.playground.get_user(user_name)
                user.choose_option(list_view, menu["action_id"], option["value"])
                return
    raise AssertionError(start)


def test_a_form_opens_above_the_list_with_its_menu(
    home_harness: AppHarness,
) -> None:
    open_home(home_harness, "ada")
    act_on_page(home_harness, "ada", "pixel", "members")
    list_view = wait_for_members(home_harness, "ada")
    choose_in_row(home_harness, "ada", list_view, "role_ask")
    form = home_harness.wait_for_view("ada", "New role")
    home_harness.ada.choose_option(form, "role", "owner")
    home_harness.wait_for_view("ada", "will be able to")
    home_harness.ada.submit_view()
    assert "*Pixel* · Company · owner" in view_content(
        wait_for_home(home_harness, "carl")
    )
    assert len(list_open_views(home_harness, "ada")) <= MAX_OPEN_VIEWS


def press_home_button(
    harness: AppHarness, user_name: str, button: str, text: str
) -> dict[str, Any]:
    """Press a button at Home and return the modal that it opens."""
    harness.press_button(user_name, wait_for_home(harness, user_name), button)
    return harness.wait_for_view(user_name, text)


def test_the_invitation_form_is_filled_with_the_resource_of_its_page(
    home_harness: AppHarness,
) -> None:
    open_home(home_harness, "ada")
    act_on_page(home_harness, "ada", "pixel", "invite")
    assert f"'value': '{get_resource_id(home_harness, 'pixel')}'" in str(
        home_harness.wait_for_view("ada", "Invite to collaborate")
    )
    close_modals(home_harness, "ada")
    assert "initial_options" not in str(
        press_home_button(home_harness, "ada", "invite_open", "Invite to collaborate")
    )


@pytest.mark.rule("EVT-06")
def test_a_failed_channel_message_is_shown_at_home_until_it_is_delivered(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    open_home(harness, "ada")
    harness.run_command("ada", "/invite @Collab", "general")
    harness.playground.faults.error("chat.postMessage", "not_in_channel")
    harness.run_command("ada", "/collab link acme", channel="general")
    assert "<#C0GENERAL> didn't get an update about *Acme*" in view_content(
        wait_for_home(harness, "ada")
    )
    assert "type `/invite @Collab`" in view_content(wait_for_home(harness, "ada"))
    harness.playground.faults.error("chat.postMessage", "not_in_channel")
    press_home_button(harness, "ada", "lost_again", "Sent again.")
    assert "<#C0GENERAL> didn't get an update about *Acme*" in view_content(
        wait_for_home(harness, "ada")
    )
    harness.ada.close_view()

    said = str(press_home_button(harness, "ada", "lost_again", "Sent again."))
    assert "Everything was delivered" not in said
    assert "didn't get an update" not in view_content(wait_for_home(harness, "ada"))
    assert "Updates about *Acme*" in harness.latest_message("ada", "general")["text"]


def test_a_failed_message_is_sent_again_from_its_notification(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/invite @Collab", "general")
    harness.playground.faults.error("chat.postMessage", "not_in_channel")
    harness.run_command("ada", "/collab link acme", channel="general")
    harness.press_button("ada", harness.latest_message("ada"), "lost_again")
    assert any(
        "Updates about *Acme*" in m["text"]
        for m in harness.ada.list_messages("general")
    )
    settled = harness.latest_message("ada")
    assert "<#C0GENERAL> didn't get" in settled["text"]
    assert "Sent again." in settled["text"]
    assert "Send again" not in str(settled["blocks"])
    assert not any(
        "I couldn't post" in m["text"] for m in harness.ada.list_direct_messages()
    )


def test_keys_are_marked_as_rotated_from_home(home_harness: AppHarness) -> None:
    open_home(home_harness, "ada")
    home_harness.run_command("carl", "/collab leave pixel")
    home_harness.press_button(
        "carl", home_harness.latest_message("carl", "general"), "leave"
    )
    assert "Rotate the passwords and deploy keys of *Shop*." in view_content(
        wait_for_home(home_harness, "ada")
    )
    list_view = press_home_button(home_harness, "ada", "keys_open", "lost access")
    home_harness.press_button("ada", list_view, "keys_rotated")
    assert "You have no keys to rotate" in str(
        home_harness.wait_for_view("ada", "The keys of *Shop* are marked as rotated")
    )
    assert "keys_open" not in view_content(wait_for_home(home_harness, "ada"))


@pytest.mark.rule("EVT-03")
def test_events_are_filtered_by_resource_person_kind_and_day(
    home_harness: AppHarness,
) -> None:
    open_home(home_harness, "ada")
    form = press_home_button(home_harness, "ada", "events_filter", "Done by")
    assert [
        o["text"]["text"]
        for o in home_harness.ada.search_options(form, "find:events what", "sho")
    ] == ["Shop"]
    home_harness.ada.submit_view(
        {
            "find:events what": get_resource_id(home_harness, "pixel"),
            "by": "UCARL",
            "only": ["member"],
            "since": "2026-01-01",
        }
    )
    events_view = home_harness.wait_for_view("ada", "newest first")
    assert "<@UCARL> joined" in view_content(events_view)
    assert "created" not in view_content(events_view)
    home_harness.ada.close_view()
    press_home_button(home_harness, "ada", "events_filter", "Done by")
    home_harness.ada.submit_view({"only": ["resource"]})
    assert "created *Shop*" in view_content(
        home_harness.wait_for_view("ada", "newest first")
    )
    home_harness.ada.close_view()
    press_home_button(home_harness, "ada", "events_filter", "Done by")
    home_harness.ada.submit_view({"by": "UDEVI"})
    home_harness.wait_for_view("ada", "no activity to show")


def test_home_of_a_person_without_roles_names_whom_to_ask(harness: AppHarness) -> None:
    notification = open_home(harness, "carl")
    assert "ask someone who already has it" in notification
    assert "<@UADA>, an admin of this Slack workspace" in notification
    harness.run_command("ada", "/collab settings companies admins")
    assert "Get started" not in open_home(harness, "carl")


def test_home_shows_the_first_steps_in_an_empty_workspace(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab delete acme")
    harness.press_button("ada", harness.latest_message("ada", "general"), "delete")
    assert "○ *Create a company*" in open_home(harness, "ada")
    harness.run_command("carl", "/collab create company Pixel")
    assert "don't have access to anything yet" in open_home(harness, "ada")


def test_first_steps_are_ticked_off_at_home(harness: AppHarness) -> None:
    open_home(harness, "carl")
    press_home_button(harness, "carl", "create_open", "Create")
    harness.carl.close_view()
    harness.run_command("carl", "/collab create company Pixel")
    home = view_content(wait_for_home(harness, "carl"))
    assert "✓ Create a company · Pixel" in home
    assert "○ *Invite someone*" in home

    harness.run_command("carl", "/collab invite @devi admin pixel")
    assert "✓ Invite someone" in view_content(wait_for_home(harness, "carl"))
    press_home_button(harness, "carl", "channels_open", "Link")
    harness.carl.close_view()
    harness.run_command("carl", "/collab link pixel", channel="acme")
    assert "Get started" not in view_content(wait_for_home(harness, "carl"))


@pytest.mark.rule("MEM-02")
def test_a_lower_role_shows_the_lost_roles_and_keeps_the_chosen_ones(
    home_harness: AppHarness,
) -> None:
    open_home(home_harness, "ada")
    shop = get_resource_id(home_harness, "shop")
    act_on_page(home_harness, "ada", "pixel", "members")
    list_view = wait_for_members(home_harness, "ada")
    choose_in_row(home_harness, "ada", list_view, "role_ask")
    form = home_harness.wait_for_view("ada", "New role")
    assert "keep" not in str(form["blocks"])

    home_harness.ada.choose_option(form, "role", "collaborator")
    assert "will lose 1 role inside" in str(
        home_harness.wait_for_view("ada", "Keeps access to")["blocks"]
    )
    answer = home_harness.ada.submit_view()
    assert "has no other access" in answer["errors"]["keep collaborator"]
    home_harness.ada.submit_view({"keep": [shop]})
    home_harness.drain_outbox()
    assert "They keep:" in str(home_harness.ada.top_view)
    assert "*Shop* · App · admin" in view_content(wait_for_home(home_harness, "carl"))
