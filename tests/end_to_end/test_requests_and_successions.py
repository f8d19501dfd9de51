"""Access requests, successions and workspace settings in the running app."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


@pytest.fixture
def shop_harness(harness: AppHarness) -> AppHarness:
    """Return the app with Ada's Pixel and its app Shop; Bo is admin, Devi developer."""
    for line in ("create company Pixel", "create app Shop in pixel"):
        harness.run_command("ada", f"/collab {line}")
    for user_name, role, what in (
        ("bo", "admin", "pixel"),
        ("devi", "developer", "shop"),
    ):
        harness.run_command("ada", f"/collab invite @{user_name} {role} {what}")
        harness.press_button(user_name, harness.latest_message(user_name), "accept")
    return harness


def open_view(harness: AppHarness, user_name: str, button: str) -> None:
    """Press a button of the latest direct message that opens a modal."""
    harness.press_button(user_name, harness.latest_message(user_name), button)
    harness.wait_for_view(user_name)


def submit_view(harness: AppHarness, user_name: str, **values: str) -> str:
    """Submit the top modal and return the text of the one that follows."""
    user = harness.playground.get_user(user_name)
    user.submit_view(values)
    harness.drain_outbox()
    return str(user.top_view["blocks"]) if user.top_view else ""


@pytest.mark.rule("MEM-12")
def test_a_request_is_granted_by_button_and_the_first_answer_counts(
    shop_harness: AppHarness,
) -> None:
    answer = shop_harness.run_command(
        "devi", '/collab request manager shop note "I configure it daily"'
    )
    assert "I asked 2 people who can approve it" in answer["text"]
    assert (
        "You've already requested access"
        in shop_harness.run_command("devi", "/collab request manager shop")["text"]
    )
    request_message = shop_harness.latest_message("bo")
    assert "I configure it daily" in str(request_message["blocks"])

    shop_harness.press_button("ada", shop_harness.latest_message("ada"), "grant")
    assert (
        "approved your request. You're now a manager of *Shop*"
        in shop_harness.latest_message("devi")["text"]
    )
    assert "<@UADA> approved this request" in str(
        shop_harness.latest_message("bo")["blocks"]
    )
    assert shop_harness.list_acting_buttons() == []


@pytest.mark.rule("MEM-12")
def test_a_request_is_declined_by_button_with_a_reason_for_the_requester_only(
    shop_harness: AppHarness,
) -> None:
    shop_harness.run_command("devi", "/collab request admin shop")
    open_view(shop_harness, "bo", "refuse")
    submit_view(shop_harness, "bo", note="Next year, gladly")
    assert "declined your request" in shop_harness.latest_message("devi")["text"]
    assert "Next year, gladly" in str(shop_harness.latest_message("devi")["blocks"])
    assert "<@UBO> declined this request" in str(
        shop_harness.latest_message("ada")["blocks"]
    )
    assert (
        "gladly" not in shop_harness.run_command("ada", "/collab events shop")["text"]
    )
    assert shop_harness.list_acting_buttons() == []


@pytest.mark.rule("MEM-12")
def test_the_requester_is_notified_when_a_request_expires(
    shop_harness: AppHarness,
) -> None:
    shop_harness.run_command("devi", "/collab request manager shop")
    shop_harness.advance_time(days=8)
    assert "expired without an answer" in shop_harness.latest_message("devi")["text"]
    assert shop_harness.list_acting_buttons() == []


@pytest.mark.rule("MEM-09")
def test_the_only_candidate_chooses_the_successor_of_a_deactivated_owner_by_form(
    shop_harness: AppHarness,
) -> None:
    shop_harness.playground.deactivate_account("ada")
    shop_harness.drain_outbox()
    assert "*Pixel* needs a new owner" in shop_harness.latest_message("bo")["text"]
    assert (
        "can't delete"
        in shop_harness.run_command("bo", "/collab why <@UADA> pixel delete")["text"]
    )

    open_view(shop_harness, "bo", "choose")
    assert shop_harness.bo.top_view is not None
    assert "Your choice is final" in str(shop_harness.bo.top_view["blocks"])
    assert "takes over as owner" in submit_view(shop_harness, "bo", who="UBO")
    assert "<@UBO> took over from <@UADA> as owner" in next(
        message["text"]
        for message in shop_harness.bo.list_direct_messages()
        if "took over" in message["text"]
    )
    assert shop_harness.list_acting_buttons() == []

    shop_harness.advance_time(days=29)
    shop_harness.playground.reactivate_account("ada")
    shop_harness.drain_outbox()
    members = shop_harness.run_command("bo", "/collab members pixel")["text"]
    assert "<@UADA> · owner" in members
    assert "<@UBO> (you) · owner" in members


@pytest.mark.rule("MEM-09")
def test_candidates_vote_for_a_successor_and_a_workspace_admin_decides_alone(
    shop_harness: AppHarness,
) -> None:
    for user_name in ("carl", "devi"):
        shop_harness.run_command("ada", f"/collab invite @{user_name} admin pixel")
        shop_harness.press_button(
            user_name, shop_harness.latest_message(user_name), "accept"
        )
    shop_harness.run_command("ada", "/collab invite @bo owner pixel")
    shop_harness.press_button("bo", shop_harness.latest_message("bo"), "accept")
    shop_harness.run_command("ada", "/collab leave pixel")
    shop_harness.press_button(
        "ada", shop_harness.latest_message("ada", "general"), "leave"
    )
    shop_harness.playground.deactivate_account("bo")
    shop_harness.drain_outbox()

    assert (
        "You chose "
        in shop_harness.run_command("carl", "/collab successor @devi pixel")["text"]
    )
    assert (
        "<@UCARL> wants <@UDEVI> to take over as owner of *Pixel*"
        in shop_harness.latest_message("devi")["text"]
    )
    assert "you are neither" in shop_harness.run_command(
        "sam", "/collab successor @devi pixel"
    )["text"].lower() or (
        "I can't find" in shop_harness.latest_message("sam", "general")["text"]
    )
    settled = shop_harness.run_command("ada", "/collab successor @carl pixel")["text"]
    assert "<@UCARL> takes over as owner of *Pixel*" in settled
    assert (
        "doesn't need a successor"
        in shop_harness.run_command("carl", "/collab successor @devi pixel")["text"]
    )
    assert shop_harness.list_acting_buttons() == []


@pytest.mark.rule("MEM-09")
def test_a_bot_as_successor_is_rejected_at_its_field(shop_harness: AppHarness) -> None:
    shop_harness.run_command("bo", "/collab create company Lumen")
    for user_name in ("ada", "carl"):
        shop_harness.invite_and_accept(
            user_name, f"invite @{user_name} admin lumen", by="bo"
        )
    shop_harness.playground.deactivate_account("bo")
    shop_harness.drain_outbox()
    assert "Your choice decides." in str(shop_harness.latest_message("ada")["blocks"])

    open_view(shop_harness, "ada", "choose")
    bot_user_id = shop_harness.playground.state.workspace.bot_user_id
    answer = shop_harness.ada.submit_view({"who": bot_user_id})
    [(field, error)] = answer["errors"].items()
    assert field.startswith("who")
    assert "only people can have roles" in error
    assert shop_harness.ada.top_view is not None
    assert "takes over as owner" in submit_view(shop_harness, "ada", who="UCARL")


def test_a_former_workspace_admin_cannot_change_workspace_settings(
    shop_harness: AppHarness,
) -> None:
    shop_harness.playground.set_admin("ada", is_admin=False)
    shop_harness.playground.set_admin("carl")
    assert (
        "Only admins of this Slack workspace"
        in shop_harness.run_command("ada", "/collab settings lifetime 14d")["text"]
    )
    assert (
        "`lifetime` is now `14d`"
        in shop_harness.run_command("carl", "/collab settings lifetime 14d")["text"]
    )


def test_only_workspace_admins_change_workspace_settings(
    shop_harness: AppHarness,
) -> None:
    assert (
        "Only admins of this Slack workspace"
        in shop_harness.run_command("bo", "/collab settings lifetime 1d")["text"]
    )
    assert (
        "`lifetime` is now `14d`"
        in shop_harness.run_command("ada", "/collab settings lifetime 14d")["text"]
    )
    shown = shop_harness.run_command("bo", "/collab settings")["text"]
    assert "expire after 14 days (set here)" in shown
    assert "after 4 days and 10 days" in shown

    shop_harness.run_command("ada", "/collab invite @carl accountant pixel")
    shop_harness.advance_time(days=8)
    assert ("carl", "accept") in shop_harness.list_acting_buttons()
    shop_harness.advance_time(days=7)
    assert "expired" in shop_harness.latest_message("ada")["text"]

    assert (
        "1d to 90d"
        in shop_harness.run_command("ada", "/collab settings lifetime 400d")["text"]
    )
    shop_harness.run_command("ada", "/collab settings lifetime")
    shop_harness.playground.wait_until(
        lambda: (
            shop_harness.ada.top_view
            and shop_harness.ada.top_view["callback_id"] == "settings_workspace"
        )
    )
    assert (
        "There's no setting"
        in shop_harness.run_command("ada", "/collab settings colour red")["text"]
    )
    shop_harness.run_command("ada", "/collab settings lifetime nothing")
    assert (
        "expire after 7 days"
        in shop_harness.run_command("ada", "/collab settings")["text"]
    )


def home_text(harness: AppHarness, user_name: str) -> str:
    """Deliver the outbox and return the user's Home tab as text."""
    harness.drain_outbox()
    view = harness.playground.get_user(user_name).home_view
    assert view is not None
    return str(view["blocks"])


def press_home_button(harness: AppHarness, user_name: str, button: str) -> None:
    view = harness.playground.get_user(user_name).home_view
    assert view is not None
    harness.playground.get_user(user_name).press_button(view, button)
    harness.drain_outbox()


@pytest.mark.rule("MEM-12")
def test_a_request_is_granted_at_home_and_leaves_every_list(
    shop_harness: AppHarness,
) -> None:
    for user_name in ("ada", "devi"):
        shop_harness.playground.get_user(user_name).open_home()
    shop_harness.run_command("devi", "/collab request manager shop")
    assert "*1 needs you*" in home_text(shop_harness, "ada")
    assert (
        "1 item needs your answer" in shop_harness.run_command("bo", "/collab")["text"]
    )
    assert "Your request for manager access to *Shop*" in home_text(
        shop_harness, "devi"
    )

    press_home_button(shop_harness, "ada", "grant")
    assert "You're all caught up" in home_text(shop_harness, "ada")
    assert "Your request" not in home_text(shop_harness, "devi")
    assert "approved your request" in shop_harness.latest_message("devi")["text"]
    assert shop_harness.list_acting_buttons() == []


@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize("source", ["typed", "pressed"])
def test_a_withdrawn_request_has_no_buttons(
    shop_harness: AppHarness, source: str
) -> None:
    for user_name in ("ada", "devi"):
        shop_harness.playground.get_user(user_name).open_home()
    shop_harness.run_command("devi", "/collab request manager shop")
    home_text(shop_harness, "devi")
    if source == "typed":
        assert (
            "You withdrew your request"
            in shop_harness.run_command("devi", "/collab withdraw shop")["text"]
        )
    else:
        press_home_button(shop_harness, "devi", "withdraw")
    assert "They withdrew the request" in str(
        shop_harness.latest_message("bo")["blocks"]
    )
    assert "You're all caught up" in home_text(shop_harness, "ada")
    assert "Your request" not in home_text(shop_harness, "devi")
    assert shop_harness.list_acting_buttons() == []


@pytest.mark.rule("MEM-12")
def test_the_requester_is_notified_when_a_request_ends_with_their_access(
    shop_harness: AppHarness,
) -> None:
    shop_harness.run_command("devi", "/collab request manager shop")
    shop_harness.run_command("ada", "/collab remove @devi shop")
    shop_harness.press_button(
        "ada", shop_harness.latest_message("ada", "general"), "remove"
    )
    messages = str(shop_harness.playground.get_user("devi").list_direct_messages())
    assert "was closed, because you no longer have a role there" in messages
    assert shop_harness.list_acting_buttons() == []


@pytest.mark.rule("MEM-09")
def test_a_successor_is_chosen_from_home(shop_harness: AppHarness) -> None:
    shop_harness.playground.get_user("bo").open_home()
    shop_harness.playground.deactivate_account("ada")
    assert "has no owner" in home_text(shop_harness, "bo")
    press_home_button(shop_harness, "bo", "choose")
    shop_harness.wait_for_view("bo")
    submit_view(shop_harness, "bo", who="UBO")
    assert "has no owner" not in home_text(shop_harness, "bo")


@pytest.mark.rule("EVT-06")
def test_a_returned_person_sees_messages_that_failed_during_the_deactivation(
    shop_harness: AppHarness,
) -> None:
    shop_harness.run_command("carl", "/collab help")
    shop_harness.run_command("ada", "/collab invite @carl admin pixel")
    shop_harness.press_button("carl", shop_harness.latest_message("carl"), "accept")
    shop_harness.run_command("carl", "/collab request owner pixel")
    shop_harness.playground.deactivate_account("carl")
    shop_harness.drain_outbox()
    failed = [
        delivery
        for delivery in shop_harness.app.database.outbox.list_failed()
        if delivery.message == "request_ended"
    ]
    assert [delivery.problem for delivery in failed] == ["user_deactivated"]

    shop_harness.playground.reactivate_account("carl")
    shop_harness.drain_outbox()
    shop_harness.carl.open_home()
    shop_harness.drain_outbox()
    home_text = str(shop_harness.carl.home_view)
    assert "Your account was deactivated at the time." in home_text
    assert "another workspace" not in home_text


@pytest.mark.rule("MEM-09")
def test_who_returns_is_told_once_what_they_have_and_what_changed(
    harness: AppHarness,
) -> None:
    harness.run_command("carl", "/collab create company Globex")
    harness.invite_and_accept("bo", "invite @bo admin globex", by="carl")
    harness.playground.deactivate_account("carl")
    harness.drain_outbox()
    harness.run_command("bo", "/collab successor @bo globex")
    harness.advance_time(days=2)
    count = len(harness.carl.list_direct_messages())
    harness.playground.reactivate_account("carl")
    harness.drain_outbox()
    told = harness.carl.list_direct_messages()[count:]
    assert len(told) == 1
    assert "Your account is active again" in told[0]["text"]
    assert "<@UBO> is now owner of *Globex*. Your role there: owner." in str(
        told[0]["blocks"]
    )
    assert "wasn't delivered" not in str(harness.carl.home_view)


@pytest.mark.rule("MEM-12")
def test_a_request_that_ends_with_a_role_is_not_said_to_be_withdrawn(
    shop_harness: AppHarness,
) -> None:
    shop_harness.run_command("devi", "/collab request manager shop")
    shop_harness.run_command("devi", "/collab leave shop", "general")
    preview = shop_harness.latest_message("devi", "general")
    assert "1 access request would end" in str(preview)
    shop_harness.press_button("devi", preview, "leave")
    messages = shop_harness.playground.get_user("bo").list_direct_messages()
    card = next(str(each) for each in messages if "requested" in each["text"])
    assert "because their role there ended" in card
    assert "withdrew" not in card
    assert shop_harness.list_acting_buttons() == []
