"""Questions that those who hold roles answer, through the real app: requests, successions, settings."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


@pytest.fixture
def shop(stage: AppHarness) -> AppHarness:
    """Ada's company Pixel with the app Shop; Bo is an admin of the company, Devi develops the app."""
    for line in ("create company Pixel", "create app Shop in pixel"):
        stage.run_command("ada", f"/collab {line}")
    for who, role, what in (("bo", "admin", "pixel"), ("devi", "developer", "shop")):
        stage.run_command("ada", f"/collab invite @{who} {role} {what}")
        stage.press_button(who, stage.latest_message(who), "accept")
    return stage


def opens(stage: AppHarness, who: str, button: str) -> None:
    """A button of the newest message from Collab that opens a window."""
    stage.press_button(who, stage.latest_message(who), button)
    stage.wait_for_view(who)


def submits(stage: AppHarness, who: str, **values: str) -> str:
    """The window sent in; what it says then."""
    person = stage.playground.get_user(who)
    person.submit_view(values)
    stage.drain_outbox()
    return str(person.top_view["blocks"]) if person.top_view else ""


@pytest.mark.rule("MEM-12")
def test_a_request_is_granted_by_button_and_the_first_answer_counts(
    shop: AppHarness,
) -> None:
    answer = shop.run_command(
        "devi", '/collab request manager shop note "I configure it daily"'
    )
    assert "2 people who may grant it got a message" in answer["text"]
    assert (
        "You have asked"
        in shop.run_command("devi", "/collab request manager shop")["text"]
    )
    asked = shop.latest_message("bo")
    assert "I configure it daily" in str(asked["blocks"])

    shop.press_button("ada", shop.latest_message("ada"), "grant")
    assert (
        "granted your request: you are now a manager of *Shop*"
        in shop.latest_message("devi")["text"]
    )
    assert "<@UADA> granted it" in str(shop.latest_message("bo")["blocks"])
    assert shop.list_visible_buttons() == []


@pytest.mark.rule("MEM-12")
def test_a_request_is_declined_by_button_with_a_reason_for_the_asker_alone(
    shop: AppHarness,
) -> None:
    shop.run_command("devi", "/collab request admin shop")
    opens(shop, "bo", "refuse")
    submits(shop, "bo", reason="Next year, gladly")
    assert "declined your request" in shop.latest_message("devi")["text"]
    assert "Next year, gladly" in str(shop.latest_message("devi")["blocks"])
    assert "<@UBO> declined it" in str(shop.latest_message("ada")["blocks"])
    assert "gladly" not in shop.run_command("ada", "/collab events shop")["text"]
    assert shop.list_visible_buttons() == []


@pytest.mark.rule("MEM-12")
def test_what_nobody_answers_in_time_is_told_to_the_asker(shop: AppHarness) -> None:
    shop.run_command("devi", "/collab request manager shop")
    shop.advance_time(days=8)
    assert "Nobody answered your request" in shop.latest_message("devi")["text"]
    assert shop.list_visible_buttons() == []


@pytest.mark.rule("MEM-09")
def test_the_last_owner_is_deactivated_and_the_only_one_asked_chooses_by_window(
    shop: AppHarness,
) -> None:
    shop.playground.deactivate_account("ada")
    shop.drain_outbox()
    assert "*Pixel* is without an owner" in shop.latest_message("bo")["text"]
    assert (
        "cannot delete"
        in shop.run_command("bo", "/collab why <@UADA> pixel delete")["text"]
    )

    opens(shop, "bo", "choose")
    assert shop.bo.top_view is not None
    assert "Your choice settles it" in str(shop.bo.top_view["blocks"])
    assert "follows as owner" in submits(shop, "bo", person="UBO")
    assert "<@UBO> follows <@UADA> as owner" in next(
        m["text"] for m in shop.bo.list_direct_messages() if "follows" in m["text"]
    )
    assert shop.list_visible_buttons() == []

    shop.advance_time(days=29)
    shop.playground.reactivate_account("ada")
    shop.drain_outbox()
    members = shop.run_command("bo", "/collab members pixel")["text"]
    assert "<@UADA>, owner" in members
    assert "<@UBO>, owner" in members


@pytest.mark.rule("MEM-09")
def test_two_who_are_asked_agree_and_an_admin_of_the_workspace_settles_it_alone(
    shop: AppHarness,
) -> None:
    for who in ("carl", "devi"):
        shop.run_command("ada", f"/collab invite @{who} admin pixel")
        shop.press_button(who, shop.latest_message(who), "accept")
    shop.run_command("ada", "/collab invite @bo owner pixel")
    shop.press_button("bo", shop.latest_message("bo"), "accept")
    shop.run_command("ada", "/collab leave pixel")
    shop.press_button("ada", shop.latest_message("ada", "general"), "leave")
    shop.playground.deactivate_account("bo")
    shop.drain_outbox()

    assert (
        "is your choice"
        in shop.run_command("carl", "/collab successor @devi pixel")["text"]
    )
    assert (
        "<@UCARL> would like <@UDEVI> to follow as owner of *Pixel*"
        in shop.latest_message("devi")["text"]
    )
    assert "you are neither" in shop.run_command(
        "sam", "/collab successor @devi pixel"
    )["text"].lower() or (
        "I know nothing" in shop.latest_message("sam", "general")["text"]
    )
    settled = shop.run_command("ada", "/collab successor @carl pixel")["text"]
    assert "<@UCARL> follows as owner of *Pixel*" in settled
    assert (
        "everybody who must be there is"
        in shop.run_command("carl", "/collab successor @devi pixel")["text"]
    )
    assert shop.list_visible_buttons() == []


def test_somebody_who_is_no_admin_of_the_workspace_any_more_settles_nothing(
    shop: AppHarness,
) -> None:
    shop.playground.set_admin("ada", is_admin=False)
    shop.playground.set_admin("carl")
    assert (
        "Only admins of this Slack workspace"
        in shop.run_command("ada", "/collab settings lifetime 14d")["text"]
    )
    assert (
        "`lifetime` is now `14d`"
        in shop.run_command("carl", "/collab settings lifetime 14d")["text"]
    )


def test_an_admin_of_the_workspace_sets_what_holds_in_it_and_nobody_else_does(
    shop: AppHarness,
) -> None:
    assert (
        "Only admins of this Slack workspace"
        in shop.run_command("bo", "/collab settings lifetime 1d")["text"]
    )
    assert (
        "`lifetime` is now `14d`"
        in shop.run_command("ada", "/collab settings lifetime 14d")["text"]
    )
    shown = shop.run_command("bo", "/collab settings")["text"]
    assert "open for 14 days (set here)" in shown
    assert "after 4 days and 10 days" in shown

    shop.run_command("ada", "/collab invite @carl accountant pixel")
    shop.advance_time(days=8)
    assert ("carl", "accept") in shop.list_visible_buttons()
    shop.advance_time(days=7)
    assert "expired" in shop.latest_message("ada")["text"]

    assert (
        "from 1d to 90d"
        in shop.run_command("ada", "/collab settings lifetime 400d")["text"]
    )
    shop.run_command("ada", "/collab settings lifetime")
    shop.playground.wait_until(
        lambda: (
            shop.ada.top_view and shop.ada.top_view["private_metadata"] == "settings"
        )
    )
    assert (
        "There is no setting"
        in shop.run_command("ada", "/collab settings colour red")["text"]
    )
    shop.run_command("ada", "/collab settings lifetime nothing")
    assert "open for 7 days" in shop.run_command("ada", "/collab settings")["text"]


def home(stage: AppHarness, who: str) -> str:
    """All text of what somebody sees at home, once everything is told."""
    stage.drain_outbox()
    view = stage.playground.get_user(who).home_view
    assert view is not None
    return str(view["blocks"])


def presses_at_home(stage: AppHarness, who: str, button: str) -> None:
    view = stage.playground.get_user(who).home_view
    assert view is not None
    stage.playground.get_user(who).press_button(view, button)
    stage.drain_outbox()


@pytest.mark.rule("MEM-12")
def test_a_request_is_granted_at_home_and_leaves_every_list(shop: AppHarness) -> None:
    for who in ("ada", "devi"):
        shop.playground.get_user(who).open_home()
    shop.run_command("devi", "/collab request manager shop")
    assert "1 thing needs your answer" in home(shop, "ada")
    assert "1 thing needs your answer" in shop.run_command("bo", "/collab")["text"]
    assert "Your request to be a manager of *Shop*" in home(shop, "devi")

    presses_at_home(shop, "ada", "grant")
    assert "Nothing waits for your answer" in home(shop, "ada")
    assert "Your request" not in home(shop, "devi")
    assert "granted your request" in shop.latest_message("devi")["text"]
    assert shop.list_visible_buttons() == []


@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize("way", ["typed", "pressed"])
def test_a_withdrawn_request_leaves_no_live_button(shop: AppHarness, way: str) -> None:
    for who in ("ada", "devi"):
        shop.playground.get_user(who).open_home()
    shop.run_command("devi", "/collab request manager shop")
    home(shop, "devi")
    if way == "typed":
        assert (
            "You withdrew your request"
            in shop.run_command("devi", "/collab withdraw shop")["text"]
        )
    else:
        presses_at_home(shop, "devi", "withdraw")
    assert "They withdrew it" in str(shop.latest_message("bo")["blocks"])
    assert "Nothing waits for your answer" in home(shop, "ada")
    assert "Your request" not in home(shop, "devi")
    assert shop.list_visible_buttons() == []


@pytest.mark.rule("MEM-12")
def test_the_asker_hears_that_a_request_ended_with_their_access(
    shop: AppHarness,
) -> None:
    shop.run_command("devi", "/collab request manager shop")
    shop.run_command("ada", "/collab remove @devi shop")
    shop.press_button("ada", shop.latest_message("ada", "general"), "remove")
    told = str(shop.playground.get_user("devi").list_direct_messages())
    assert "is closed, because your access there ended" in told
    assert shop.list_visible_buttons() == []


@pytest.mark.rule("MEM-09")
def test_a_successor_is_chosen_at_home(shop: AppHarness) -> None:
    shop.playground.get_user("bo").open_home()
    shop.playground.deactivate_account("ada")
    assert "is without an owner" in home(shop, "bo")
    presses_at_home(shop, "bo", "choose")
    shop.wait_for_view("bo")
    submits(shop, "bo", person="UBO")
    assert "is without an owner" not in home(shop, "bo")


@pytest.mark.rule("EVT-06")
def test_a_message_that_failed_because_an_account_was_deactivated_says_so_to_who_returns(
    shop: AppHarness,
) -> None:
    shop.run_command("carl", "/collab help")
    shop.run_command("ada", "/collab invite @carl admin pixel")
    shop.press_button("carl", shop.latest_message("carl"), "accept")
    shop.run_command("carl", "/collab request owner pixel")
    shop.playground.deactivate_account("carl")
    shop.drain_outbox()
    failed = [
        d
        for d in shop.app.database.outbox.list_failed()
        if d.message == "request_ended"
    ]
    assert [d.problem for d in failed] == ["user_deactivated"]

    shop.playground.reactivate_account("carl")
    shop.drain_outbox()
    shop.carl.open_home()
    shop.drain_outbox()
    home = str(shop.carl.home_view)
    assert "Your account was deactivated then." in home
    assert "another workspace" not in home
