"""Questions that those who hold roles answer, through the real app: requests, successions, settings."""

from __future__ import annotations

import time

import pytest

from tests.support.app_harness import Stage


@pytest.fixture
def shop(stage: Stage) -> Stage:
    """Ada's company Pixel with the app Shop; Bo is an admin of the company, Devi develops the app."""
    for line in ("create company Pixel", "create app Shop in pixel"):
        stage.says("ada", f"/collab {line}")
    for who, role, what in (("bo", "admin", "pixel"), ("devi", "developer", "shop")):
        stage.says("ada", f"/collab invite @{who} {role} {what}")
        stage.presses(who, stage.last(who), "accept")
    return stage


def opens(stage: Stage, who: str, button: str) -> None:
    """A button of the newest message from Collab that opens a window."""
    stage.presses(who, stage.last(who), button)
    for _ in range(1_500):
        if stage.playground.person(who).view:
            return
        time.sleep(0.01)
    raise AssertionError("no window opened")


def submits(stage: Stage, who: str, **values: str) -> str:
    """The window sent in; what it says then."""
    person = stage.playground.person(who)
    person.submits(values)
    stage.settle()
    return str(person.view["blocks"]) if person.view else ""


@pytest.mark.rule("MEM-12")
def test_a_request_is_granted_by_button_and_the_first_answer_counts(shop: Stage) -> None:
    answer = shop.says("devi", '/collab request manager shop note "I configure it daily"')
    assert "2 people who may grant it got a message" in answer["text"]
    assert "You have asked" in shop.says("devi", "/collab request manager shop")["text"]
    asked = shop.last("bo")
    assert "I configure it daily" in str(asked["blocks"])

    shop.presses("ada", shop.last("ada"), "grant")
    assert "granted your request: you are now a manager of *Shop*" in shop.last("devi")["text"]
    assert "<@UADA> granted it" in str(shop.last("bo")["blocks"])
    assert shop.live_buttons() == []


@pytest.mark.rule("MEM-12")
def test_a_request_is_declined_by_button_with_a_reason_for_the_asker_alone(shop: Stage) -> None:
    shop.says("devi", "/collab request admin shop")
    opens(shop, "bo", "refuse")
    submits(shop, "bo", reason="Next year, gladly")
    assert "declined your request" in shop.last("devi")["text"]
    assert "Next year, gladly" in str(shop.last("devi")["blocks"])
    assert "<@UBO> declined it" in str(shop.last("ada")["blocks"])
    assert "gladly" not in shop.says("ada", "/collab events shop")["text"]
    assert shop.live_buttons() == []


@pytest.mark.rule("MEM-12")
def test_what_nobody_answers_in_time_is_told_to_the_asker(shop: Stage) -> None:
    shop.says("devi", "/collab request manager shop")
    shop.travels(days=8)
    assert "Nobody answered your request" in shop.last("devi")["text"]
    assert shop.live_buttons() == []


@pytest.mark.rule("MEM-09")
def test_the_last_owner_is_deactivated_and_the_only_one_asked_chooses_by_window(shop: Stage) -> None:
    shop.playground.deactivate("ada")
    shop.settle()
    assert "*Pixel* is without an owner" in shop.last("bo")["text"]
    assert "cannot delete" in shop.says("bo", "/collab why <@UADA> pixel delete")["text"]

    opens(shop, "bo", "choose")
    assert "Your choice settles it" in str(shop.bo.view["blocks"])
    assert "follows as owner" in submits(shop, "bo", person="UBO")
    assert "<@UBO> follows <@UADA> as owner" in next(
        m["text"] for m in shop.bo.direct_messages() if "follows" in m["text"]
    )
    assert shop.live_buttons() == []

    shop.travels(days=29)
    shop.playground.returns("ada")
    shop.settle()
    members = shop.says("bo", "/collab members pixel")["text"]
    assert "<@UADA>, owner" in members
    assert "<@UBO>, owner" in members


@pytest.mark.rule("MEM-09")
def test_two_who_are_asked_agree_and_an_admin_of_the_workspace_settles_it_alone(shop: Stage) -> None:
    for who in ("carl", "devi"):
        shop.says("ada", f"/collab invite @{who} admin pixel")
        shop.presses(who, shop.last(who), "accept")
    shop.says("ada", "/collab invite @bo owner pixel")
    shop.presses("bo", shop.last("bo"), "accept")
    shop.says("ada", "/collab leave pixel")
    shop.presses("ada", shop.last("ada", "general"), "leave")
    shop.playground.deactivate("bo")
    shop.settle()

    assert "is your choice" in shop.says("carl", "/collab successor @devi pixel")["text"]
    assert "<@UCARL> would like <@UDEVI> to follow as owner of *Pixel*" in shop.last("devi")["text"]
    assert "you are neither" in shop.says("sam", "/collab successor @devi pixel")["text"].lower() or (
        "I know nothing" in shop.last("sam", "general")["text"]
    )
    settled = shop.says("ada", "/collab successor @carl pixel")["text"]
    assert "<@UCARL> follows as owner of *Pixel*" in settled
    assert "everybody who must be there is" in shop.says("carl", "/collab successor @devi pixel")["text"]
    assert shop.live_buttons() == []


def test_somebody_who_is_no_admin_of_the_workspace_any_more_settles_nothing(shop: Stage) -> None:
    shop.playground.makes_admin("ada", admin=False)
    shop.playground.makes_admin("carl")
    assert "Only admins of this Slack workspace" in shop.says("ada", "/collab settings lifetime 14d")["text"]
    assert "`lifetime` is now `14d`" in shop.says("carl", "/collab settings lifetime 14d")["text"]


def test_an_admin_of_the_workspace_sets_what_holds_in_it_and_nobody_else_does(shop: Stage) -> None:
    assert "Only admins of this Slack workspace" in shop.says("bo", "/collab settings lifetime 1d")["text"]
    assert "`lifetime` is now `14d`" in shop.says("ada", "/collab settings lifetime 14d")["text"]
    shown = shop.says("bo", "/collab settings")["text"]
    assert "open for 14 days (set here)" in shown
    assert "after 4 days and 10 days" in shown

    shop.says("ada", "/collab invite @carl accountant pixel")
    shop.travels(days=8)
    assert ("carl", "accept") in shop.live_buttons()
    shop.travels(days=7)
    assert "expired" in shop.last("ada")["text"]

    assert "from 1d to 90d" in shop.says("ada", "/collab settings lifetime 400d")["text"]
    shop.says("ada", "/collab settings lifetime")
    shop.playground.wait_until(lambda: shop.ada.view and shop.ada.view["private_metadata"] == "settings")
    assert "There is no setting" in shop.says("ada", "/collab settings colour red")["text"]
    shop.says("ada", "/collab settings lifetime nothing")
    assert "open for 7 days" in shop.says("ada", "/collab settings")["text"]


def home(stage: Stage, who: str) -> str:
    """All text of what somebody sees at home, once everything is told."""
    stage.settle()
    view = stage.playground.person(who).home
    assert view is not None
    return str(view["blocks"])


def presses_at_home(stage: Stage, who: str, button: str) -> None:
    view = stage.playground.person(who).home
    assert view is not None
    stage.playground.person(who).presses(view, button)
    stage.settle()


@pytest.mark.rule("MEM-12")
def test_a_request_is_granted_at_home_and_leaves_every_list(shop: Stage) -> None:
    for who in ("ada", "devi"):
        shop.playground.person(who).opens_home()
    shop.says("devi", "/collab request manager shop")
    assert "1 thing needs your answer" in home(shop, "ada")
    assert "1 thing needs your answer" in shop.says("bo", "/collab")["text"]
    assert "Your request to be a manager of *Shop*" in home(shop, "devi")

    presses_at_home(shop, "ada", "grant")
    assert "Nothing waits for your answer" in home(shop, "ada")
    assert "Your request" not in home(shop, "devi")
    assert "granted your request" in shop.last("devi")["text"]
    assert shop.live_buttons() == []


@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize("way", ["typed", "pressed"])
def test_a_withdrawn_request_leaves_no_live_button(shop: Stage, way: str) -> None:
    for who in ("ada", "devi"):
        shop.playground.person(who).opens_home()
    shop.says("devi", "/collab request manager shop")
    home(shop, "devi")
    if way == "typed":
        assert "You withdrew your request" in shop.says("devi", "/collab withdraw shop")["text"]
    else:
        presses_at_home(shop, "devi", "withdraw")
    assert "They withdrew it" in str(shop.last("bo")["blocks"])
    assert "Nothing waits for your answer" in home(shop, "ada")
    assert "Your request" not in home(shop, "devi")
    assert shop.live_buttons() == []


@pytest.mark.rule("MEM-12")
def test_the_asker_hears_that_a_request_ended_with_their_access(shop: Stage) -> None:
    shop.says("devi", "/collab request manager shop")
    shop.says("ada", "/collab remove @devi shop")
    shop.presses("ada", shop.last("ada", "general"), "remove")
    told = str(shop.playground.person("devi").direct_messages())
    assert "is closed, because your access there ended" in told
    assert shop.live_buttons() == []


@pytest.mark.rule("MEM-09")
def test_a_successor_is_chosen_at_home(shop: Stage) -> None:
    shop.playground.person("bo").opens_home()
    shop.playground.deactivate("ada")
    assert "is without an owner" in home(shop, "bo")
    presses_at_home(shop, "bo", "choose")
    for _ in range(1_500):
        if shop.playground.person("bo").view:
            break
        time.sleep(0.01)
    submits(shop, "bo", person="UBO")
    assert "is without an owner" not in home(shop, "bo")


@pytest.mark.rule("EVT-06")
def test_a_message_that_failed_because_an_account_was_deactivated_says_so_to_who_returns(shop: Stage) -> None:
    shop.says("carl", "/collab help")
    shop.says("ada", "/collab invite @carl admin pixel")
    shop.presses("carl", shop.last("carl"), "accept")
    shop.says("carl", "/collab request owner pixel")
    shop.playground.deactivate("carl")
    shop.settle()
    failed = [d for d in shop.house.database.outbox.failed() if d.message == "request_ended"]
    assert [d.problem for d in failed] == ["user_deactivated"]

    shop.playground.returns("carl")
    shop.settle()
    shop.carl.opens_home()
    shop.settle()
    home = str(shop.carl.home)
    assert "Your account was deactivated then." in home
    assert "another workspace" not in home
