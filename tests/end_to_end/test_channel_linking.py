"""A channel is linked only where Collab and the person are in it, and with a question where another company is too."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.channel_lookup import channel_to_look_up
from collab.events import ChannelLinked
from tests.end_to_end.test_channel_link_form import links, thing
from tests.support.app_harness import AppHarness

ABSENT = "Collab isn't in #{} yet. Type `/invite @Collab` there, then link again."


def linked_channels(stage: AppHarness) -> list[str]:
    return [e.channel for e in links(stage) if isinstance(e, ChannelLinked)]


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize("channel", ["general", "finance"])
def test_a_channel_without_collab_is_not_linked_until_it_is_invited(
    everywhere: AppHarness, channel: str
) -> None:
    stage = everywhere
    person = stage.ada
    answer = stage.run_command("ada", "/collab link acme", channel)["text"]
    if channel == "general":
        assert answer == ABSENT.format("general")
    else:  # a private one, whose name Slack doesn't tell
        assert (
            answer
            == "Collab isn't in this channel yet. Type `/invite @Collab` there, then link again."
        )
    assert linked_channels(stage) == ["C0ACME"]
    person.type_text("/invite @Collab", channel=channel)
    assert "Linked." in stage.run_command("ada", "/collab link acme", channel)["text"]
    assert len(linked_channels(stage)) == 2


@pytest.mark.rule("EVT-04")
def test_in_the_window_the_reason_stands_at_the_channel(stage: AppHarness) -> None:
    stage.run_command("ada", "/collab link", "acme")
    stage.wait_for_form("ada", "form")
    acme = thing(stage, "ada", "acme")

    def refused(channel: str) -> str:
        answer: dict[str, Any] = stage.ada.submit_view(
            {"find:link what": acme, "channel": channel}
        )
        return str(answer["errors"]["channel link"])

    assert "Collab isn't in #general yet" in refused("C0GENERAL")
    stage.bo.type_text("/invite @Collab", channel="general")
    stage.playground.state.workspace.get_channel("general").members.remove(stage.ada.id)
    assert refused("C0GENERAL") == "You're not in #general. Join it, then link again."
    assert "Collab isn't in this channel yet" in refused("C0NOWHERE")
    for wrong in (stage.carl.id, "D0SOMEBODY"):
        assert (
            refused(wrong)
            == "Updates can only be posted in a channel. Choose a public or private channel."
        )
    assert linked_channels(stage) == ["C0ACME"]


@pytest.mark.rule("EVT-05")
def test_a_channel_that_another_company_is_in_is_linked_after_a_yes(
    everywhere: AppHarness,
) -> None:
    stage = everywhere
    stage.ada.type_text("/invite @Collab", channel="partners")
    asked = stage.run_command("ada", "/collab link acme joins daily at 7", "partners")
    assert "is shared with another company" in asked["text"]
    assert linked_channels(stage) == ["C0ACME"]
    stage.press_button("ada", stage.latest_message("ada", "partners"), "link_shared")
    assert links(stage)[-1] == ChannelLinked(
        "C0PARTNERS", links(stage)[0].resource, ("joins",), "daily", 7
    )
    # What was agreed to once is not asked again.
    assert (
        "Linked."
        in stage.run_command("ada", "/collab link acme leaves", "partners")["text"]
    )


@pytest.mark.rule("EVT-05")
def test_the_window_asks_too_and_a_cancelled_question_links_nothing(
    stage: AppHarness,
) -> None:
    stage.ada.type_text("/invite @Collab", channel="partners")
    stage.run_command("ada", "/collab link", "partners")
    stage.wait_for_form("ada", "form")
    acme = thing(stage, "ada", "acme")
    stage.ada.submit_view(
        {
            "find:link what": acme,
            "groups": ["joins", "invitations"],
            "rhythm": "weekly",
            "hour": "17",
        }
    )
    assert "is shared with another company" in stage.view_text("ada")
    assert linked_channels(stage) == ["C0ACME"]
    stage.ada.submit_view({})
    stage.drain_outbox()
    assert links(stage)[-1] == ChannelLinked(
        "C0PARTNERS", acme, ("joins", "invitations"), "weekly", 17
    )
    stage.run_command("ada", "/collab unlink acme", "partners")
    stage.run_command("ada", "/collab link acme", "partners")
    stage.press_button("ada", stage.latest_message("ada", "partners"), "cancel")
    assert linked_channels(stage) == ["C0ACME", "C0PARTNERS"]


@pytest.mark.rule("EVT-05")
def test_only_who_may_edit_is_asked_about_a_shared_channel(stage: AppHarness) -> None:
    stage.ada.type_text("/invite @Collab", channel="partners")
    said = stage.run_command("devi", "/collab link acme", "partners")["text"]
    assert "shared" not in said
    assert linked_channels(stage) == ["C0ACME"]


def test_a_slack_that_does_not_answer_links_nothing(stage: AppHarness) -> None:
    stage.ada.type_text("/invite @Collab", channel="general")
    stage.playground.faults.error("conversations.info", "internal_error")
    assert (
        "Slack didn't answer in time"
        in stage.run_command("ada", "/collab link acme", "general")["text"]
    )
    assert linked_channels(stage) == ["C0ACME"]
    assert "Linked." in stage.run_command("ada", "/collab link acme", "general")["text"]


@pytest.mark.parametrize(
    ("text", "is_link"),
    [
        ("link acme", True),
        ("  LINK", True),
        ("/collab link acme", True),
        ("unlink acme", False),
        ("show link", True),
    ],
)
def test_only_lines_that_may_link_look_a_channel_up(text: str, is_link: bool) -> None:
    assert channel_to_look_up(
        {"command": "/collab", "text": text, "channel_id": "C1"}
    ) == ("C1" if is_link else None)
