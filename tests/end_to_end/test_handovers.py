"""Handovers in the running app: previewed, offered, accepted, on a day, undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.playground.tutorial import TUTORIAL_STEPS_WITH_HISTORY
from tests.end_to_end.test_home import open_home
from tests.support.app_harness import AppHarness, iterate_elements
from tests.support.written_days import write_day


@pytest.fixture
def agency(harness: AppHarness) -> AppHarness:
    """Return the app with Ada's project, whose app her card pays for."""
    for line in (
        "create project Website",
        "create app Shop in website",
        "create payment Card",
        "pay shop with card",
        "invite @devi developer shop",
    ):
        harness.run_command("ada", f"/collab {line}")
    harness.run_command("carl", "/collab create payment Purse")
    return harness


def send_offer(agency: AppHarness, line: str) -> dict[str, Any]:
    """Send a handover after its preview; return the preview."""
    preview = agency.run_command("ada", f"/collab {line}")
    agency.press_button("ada", agency.latest_message("ada", "general"), "handover")
    return preview


def accept(agency: AppHarness) -> str:
    """Accept the offer with the payment method that the form proposes; return the
    answer.
    """
    agency.press_button("carl", agency.latest_message("carl"), "accept")
    agency.wait_for_view("carl")
    agency.carl.submit_view({})
    agency.drain_outbox()
    answer = str(agency.carl.top_view)
    agency.carl.close_view()
    return answer


def find_card(agency: AppHarness, user_name: str, text: str) -> dict[str, Any]:
    messages = agency.playground.get_user(user_name).list_direct_messages()
    return next(each for each in messages if text in str(each))


@pytest.mark.rule("HND-01")
@pytest.mark.rule("HND-02")
def test_a_project_changes_hands_with_one_yes(agency: AppHarness) -> None:
    preview = send_offer(agency, "handover website to @carl keep member")["text"]
    assert "Hand *Website* over to <@UCARL>?" in preview
    assert "<@UCARL> pays for *Shop* from the day after they accept" in preview
    assert "You stay as a member" in preview
    assert (
        "Your invitation for <@UDEVI> to *Shop* as a *developer* is still open"
        in preview
    )
    card = agency.latest_message("carl")
    assert "invited you to take over *Website*" in card["text"]
    assert "You pay for *Shop* from the day after you accept" in str(card["blocks"])
    sent = find_card(agency, "ada", "take over")
    assert "pays for *Shop* from the day after they accept" in str(sent["blocks"])
    assert "You've taken over *Website* from <@UADA>" in accept(agency)
    answer = agency.run_command("carl", "/collab members website")["text"]
    assert "owner" in answer


@pytest.mark.rule("HND-04")
def test_both_take_it_back_by_a_button_on_the_card(agency: AppHarness) -> None:
    send_offer(agency, "handover website to @carl")
    accept(agency)
    receiver_card = find_card(agency, "carl", "take over")
    assert "You're an owner of *Website*." in str(receiver_card["blocks"])
    labels = [each["text"]["text"] for each in iterate_elements(receiver_card)]
    assert labels == ["Open Website", "Members", "Undo handover…"]
    agency.press_button("ada", find_card(agency, "ada", "take over"), "take_back")
    offer = agency.latest_message("carl")
    assert "invited you to undo the handover of *Website*" in offer["text"]
    agency.press_button("carl", offer, "accept")
    card = find_card(agency, "ada", "take over")
    assert "It was undone" in str(card)
    assert "take_back" not in str(card["blocks"])


@pytest.mark.rule("HND-04")
def test_a_request_to_take_back_that_is_overtaken_closes_by_itself(
    agency: AppHarness,
) -> None:
    send_offer(agency, "handover website to @carl")
    accept(agency)
    agency.press_button("ada", find_card(agency, "ada", "take over"), "take_back")
    offer = agency.latest_message("carl")
    assert "accept" in str(offer["blocks"])

    agency.run_command("carl", "/collab remove @ada website")
    agency.press_button("carl", agency.latest_message("carl", "general"), "remove")

    card = next(
        each for each in agency.carl.list_direct_messages() if each["ts"] == offer["ts"]
    )
    assert "Something has changed since" in str(card["blocks"])
    assert "accept" not in str(card["blocks"])
    assert "can't be undone as a whole" in str(agency.ada.list_direct_messages())


def test_the_demos_step_is_done_once_the_hand_over_was_sent(
    agency: AppHarness,
) -> None:
    def is_done() -> bool:
        steps = agency.playground.state.tutorial.list_steps()
        return any(step["name"] == "handover" and step["done"] for step in steps)

    agency.playground.state.tutorial.steps = TUTORIAL_STEPS_WITH_HISTORY
    agency.run_command("ada", "/collab handover website to @carl")
    assert not is_done()
    agency.press_button("ada", agency.latest_message("ada", "general"), "handover")
    assert is_done()


@pytest.mark.rule("HND-04")
@pytest.mark.parametrize(
    ("line", "button"),
    [
        ("handover website to @carl", "handover"),
        ("transfer ownership website @carl", "transfer"),
        ("transfer billing shop @carl", "transfer"),
    ],
)
def test_an_offer_is_withdrawn_from_the_answer_to_it(
    agency: AppHarness, line: str, button: str
) -> None:
    agency.run_command("ada", f"/collab {line}")
    agency.press_button("ada", agency.latest_message("ada", "general"), button)
    answer = agency.latest_message("ada", "general")
    assert "Nothing changes until they accept" in str(answer["blocks"])
    agency.press_button("ada", answer, "revoke")
    assert "withdrawn" in str(agency.latest_message("carl")["blocks"])


@pytest.mark.rule("HND-04")
def test_who_asked_to_take_back_withdraws_it_from_the_answer(
    agency: AppHarness,
) -> None:
    send_offer(agency, "handover website to @carl")
    accept(agency)
    agency.run_command("ada", "/collab invitations sent")
    listed = agency.latest_message("ada", "general")
    agency.press_button("ada", listed, "take_back")
    answer = agency.latest_message("ada", "general")
    assert "You asked <@UCARL> to undo" in answer["text"]
    agency.press_button("ada", answer, "revoke")
    assert "withdrawn" in str(agency.latest_message("carl")["blocks"])


@pytest.mark.rule("HND-03")
@pytest.mark.rule("HND-04")
def test_it_happens_on_its_day_unless_it_is_called_off(agency: AppHarness) -> None:
    day = (agency.playground.clock.now() + timedelta(days=3)).date()
    preview = send_offer(agency, f"handover website to @carl on {day}")["text"]
    assert f"You pay for *Shop* from {write_day(day)}" not in preview
    assert f"<@UCARL> pays for *Shop* from {write_day(day)} (UTC)" in preview
    listed = agency.run_command("ada", "/collab members website")["text"]
    assert "<@UCARL> · invited to take over *Website* by <@UADA>" in listed
    accept(agency)
    card = find_card(agency, "carl", "take over")
    assert "Until then, either of you can call it off" in str(card)
    agency.advance_time(days=4)
    assert "changed hands as agreed" in agency.latest_message("carl")["text"]
    assert "changed hands as agreed" in agency.latest_message("ada")["text"]


@pytest.mark.rule("HND-04")
def test_the_other_side_calls_it_off(agency: AppHarness) -> None:
    day = (agency.playground.clock.now() + timedelta(days=3)).date()
    send_offer(agency, f"handover website to @carl on {day}")
    accept(agency)
    agency.press_button("carl", find_card(agency, "carl", "take over"), "decline")
    agency.wait_for_view("carl")
    agency.carl.submit_view({"note": "too early"})
    agency.drain_outbox()
    assert "called off" in agency.latest_message("ada")["text"]


@pytest.mark.rule("HND-04")
def test_what_was_agreed_on_is_at_home_and_in_the_list_with_its_button(
    agency: AppHarness,
) -> None:
    day = (agency.playground.clock.now() + timedelta(days=3)).date()
    send_offer(agency, f"handover website to @carl on {day}")
    accept(agency)
    again = agency.run_command("carl", "/collab accept website")["text"]
    assert again.startswith("You've already agreed to this.")
    listed = agency.run_command("carl", "/collab invitations")
    home = open_home(agency, "carl")
    for shown in (listed, home):
        assert (
            f"You agreed to take over *Website* from <@UADA> on {write_day(day)}"
            in str(shown)
        )
    assert "You're all caught up" in str(home)
    agency.press_button("carl", agency.latest_message("carl", "general"), "decline")
    agency.wait_for_view("carl")
    agency.carl.submit_view({})
    agency.drain_outbox()
    assert "You agreed" not in open_home(agency, "carl")


@pytest.mark.rule("HND-04")
def test_a_typed_decline_calls_it_off(agency: AppHarness) -> None:
    day = (agency.playground.clock.now() + timedelta(days=3)).date()
    send_offer(agency, f"handover website to @carl on {day}")
    accept(agency)
    answer = agency.run_command("carl", "/collab decline website")["text"]
    assert answer.startswith("You called off the handover of *Website*.")
    agency.drain_outbox()
    assert "called off" in agency.latest_message("ada")["text"]


@pytest.mark.rule("HND-04")
def test_the_sender_reads_whose_yes_it_was_and_what_withdrawing_does(
    agency: AppHarness,
) -> None:
    day = (agency.playground.clock.now() + timedelta(days=3)).date()
    send_offer(agency, f"handover website to @carl on {day}")
    accept(agency)
    resent = agency.run_command("ada", "/collab resend @carl website")["text"]
    assert resent.startswith("<@UCARL> has already agreed to this.")
    revoked = agency.run_command("ada", "/collab revoke @carl website")["text"]
    assert "be able to accept" not in revoked
    assert (
        f"<@UCARL> agreed to it. It won't happen on {write_day(day)} (UTC)" in revoked
    )


@pytest.mark.rule("HND-04")
def test_who_is_offboarded_reads_why_the_agreed_handover_ended(
    agency: AppHarness,
) -> None:
    day = (agency.playground.clock.now() + timedelta(days=3)).date()
    send_offer(agency, f"handover website to @carl on {day}")
    accept(agency)
    agency.confirm_command("ada", "/collab offboard @carl", "offboard")
    agency.drain_outbox()
    notices = [each["text"] for each in agency.carl.list_direct_messages()]
    assert any("<@UADA> removed you." in each for each in notices)


def agree_on_a_day(agency: AppHarness) -> str:
    """Have the handover of the project in three days agreed to; return the day."""
    day = (agency.playground.clock.now() + timedelta(days=3)).date()
    send_offer(agency, f"handover website to @carl on {day}")
    accept(agency)
    return write_day(day)


@pytest.mark.rule("HND-05")
@pytest.mark.parametrize("line", ["disable website", "delete website", "delete card"])
def test_a_preview_names_the_agreed_handover_that_it_keeps_from_happening(
    agency: AppHarness, line: str
) -> None:
    day = agree_on_a_day(agency)
    preview = agency.run_command("ada", f"/collab {line}")["text"]
    assert f"<@UCARL> agreed to take over *Website* on {day} (UTC)" in preview


@pytest.mark.rule("HND-05")
@pytest.mark.parametrize("day", [True, False])
def test_both_read_in_full_that_a_payment_change_ended_it(
    agency: AppHarness, day: bool
) -> None:
    when = ""
    if day:
        when = f" on {agree_on_a_day(agency)} (UTC)"
    else:
        send_offer(agency, "handover website to @carl")
    agency.run_command("ada", "/collab pay shop with nothing")
    sent = agency.latest_message("ada")["text"]
    received = agency.latest_message("carl")["text"]
    assert "A payment method for it has changed" in sent
    assert "`/collab handover website @name`" in sent
    assert "A payment method for it has changed" in received
    if day:
        assert sent.startswith(f"The handover of *Website* to <@UCARL>{when} won't")
        assert received.startswith(f"The handover of *Website* to you{when} won't")
    else:
        assert sent.startswith("Your invitation for <@UCARL> to take over *Website*")
        assert received.startswith("<@UADA>'s invitation to take over *Website*")


@pytest.mark.rule("HND-01")
def test_what_has_changed_since_the_preview_is_shown_again(
    agency: AppHarness,
) -> None:
    agency.run_command("ada", "/collab handover website to @carl")
    preview = agency.latest_message("ada", "general")
    agency.run_command("ada", "/collab pay shop with nothing")
    agency.press_button("ada", preview, "handover")
    shown = [
        each["text"]
        for each in agency.ada.list_messages("general")
        if "Hand *Website* over" in each["text"]
    ]
    assert "pays for" not in shown[-1]
    assert "the effects are no longer the ones you saw" in shown[-1]
    assert agency.carl.list_direct_messages() == []


@pytest.mark.rule("HND-01")
def test_both_sides_read_what_goes_along_and_who_goes_on_paying(
    harness: AppHarness,
) -> None:
    for line in (
        "create company Acme",
        "create app Shop in acme",
        "create app Blog in acme",
        "create payment Purse in acme",
        "pay shop with purse",
        "pay blog with purse",
    ):
        harness.run_command("ada", f"/collab {line}")
    preview = send_offer(harness, "handover acme to @carl keep nothing")
    offer = harness.latest_message("carl")
    for message in (preview, offer):
        sections = [
            each["text"]["text"] for each in message["blocks"] if "text" in each
        ]
        # The facts are one list, in one section.
        (text,) = [each for each in sections if "owner of *Acme*" in each]
        assert "3 items inside go along" in text
        assert "*Purse* keeps paying for" in text
        assert "*Shop*" in text


@pytest.mark.rule("HND-01")
def test_a_payment_method_that_stays_has_its_name_for_who_may_see_it(
    harness: AppHarness,
) -> None:
    for line in (
        "create company Acme",
        "create project Site in acme",
        "create app Shop in site",
        "create payment Purse in acme",
        "pay shop with purse",
    ):
        harness.run_command("ada", f"/collab {line}")
    preview = send_offer(harness, "handover site to @carl")
    offer = harness.latest_message("carl")
    assert "*Purse* keeps paying for *Shop*" in str(preview)
    assert "Purse" not in str(offer)
    assert "The present payment method keeps paying for *Shop*" in str(offer)
