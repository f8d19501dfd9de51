"""Linking a channel requires the app and the person in it; a shared one, consent."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.channel_lookup import channel_to_look_up
from collab.events import ChannelLinked
from collab.model import ChannelId, ResourceId
from tests.end_to_end.test_channel_link_form import list_link_events, search_resource_id
from tests.support.app_harness import AppHarness


def list_linked_channels(harness: AppHarness) -> list[str]:
    return [
        event.channel
        for event in list_link_events(harness)
        if isinstance(event, ChannelLinked)
    ]


def forbid_joining(harness: AppHarness) -> None:
    """Install the app without its optional scopes."""
    state = harness.playground.state
    state.scopes = state.manifest.required_scopes


def submit_link_form(harness: AppHarness, channel_id: str) -> str:
    """Submit the form of a typed `link` for Acme; return the text of what follows."""
    harness.run_command("ada", "/collab link", "acme")
    harness.wait_for_form("ada", "form")
    acme = search_resource_id(harness, "ada", "acme")
    harness.ada.submit_view({"find:link what": acme, "channel": channel_id})
    return harness.view_text("ada")


@pytest.mark.rule("EVT-04")
@pytest.mark.parametrize("channel", ["general", "finance"])
def test_a_channel_without_the_app_cannot_be_linked(
    each_harness: AppHarness, channel: str
) -> None:
    harness = each_harness
    ada = harness.ada
    answer = harness.run_command("ada", "/collab link acme", channel)["text"]
    if channel == "general":
        assert answer == "Collab isn't in #general yet, so it can't post there."
    else:  # a private one, whose name Slack doesn't tell
        assert (
            answer
            == "Collab isn't in this channel yet. Type `/invite @Collab` there, then link the channel again."
        )
    assert list_linked_channels(harness) == ["C0ACME"]
    ada.type_text("/invite @Collab", channel=channel)
    assert "Linked." in harness.run_command("ada", "/collab link acme", channel)["text"]
    assert len(list_linked_channels(harness)) == 2


@pytest.mark.rule("EVT-04")
def test_the_link_form_shows_the_reason_at_the_channel_field(
    harness: AppHarness,
) -> None:
    forbid_joining(harness)
    harness.run_command("ada", "/collab link", "acme")
    harness.wait_for_form("ada", "form")
    acme = search_resource_id(harness, "ada", "acme")

    def submit_channel(channel: str) -> str:
        answer: dict[str, Any] = harness.ada.submit_view(
            {"find:link what": acme, "channel": channel}
        )
        return str(answer["errors"]["channel link"])

    assert "Collab isn't in #general yet" in submit_channel("C0GENERAL")
    harness.run_command("bo", "/invite @Collab", "general")
    harness.playground.state.workspace.get_channel("general").members.remove(
        harness.ada.id
    )
    assert (
        submit_channel("C0GENERAL")
        == "You're not in #general. Join it, then link the channel again."
    )
    assert "Collab isn't in this channel yet" in submit_channel("C0NOWHERE")
    for channel_id in (harness.carl.id, "D0SOMEBODY"):
        assert (
            submit_channel(channel_id)
            == "Updates can only be posted in a channel. Choose a public or private one."
        )
    assert list_linked_channels(harness) == ["C0ACME"]


@pytest.mark.rule("EVT-05")
def test_a_shared_channel_is_linked_after_a_confirmation(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    harness.run_command("ada", "/invite @Collab", "partners")
    preview = harness.run_command(
        "ada", "/collab link acme joins daily at 7", "partners"
    )
    assert "is shared with Evecorp." in preview["text"]
    assert list_linked_channels(harness) == ["C0ACME"]
    harness.press_button(
        "ada", harness.latest_message("ada", "partners"), "link_shared"
    )
    assert list_link_events(harness)[-1] == ChannelLinked(
        ChannelId("C0PARTNERS"),
        list_link_events(harness)[0].resource,
        ("joins",),
        "daily",
        7,
    )
    # What was agreed to once is not asked again.
    assert (
        "Linked."
        in harness.run_command("ada", "/collab link acme leaves", "partners")["text"]
    )


@pytest.mark.rule("EVT-05")
def test_the_link_form_asks_for_confirmation_and_cancel_links_nothing(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/invite @Collab", "partners")
    harness.run_command("ada", "/collab link", "partners")
    harness.wait_for_form("ada", "form")
    acme = search_resource_id(harness, "ada", "acme")
    harness.ada.submit_view(
        {
            "find:link what": acme,
            "groups": ["joins", "invitations"],
            "rhythm": "weekly",
            "hour": "17",
        }
    )
    assert "is shared with Evecorp." in harness.view_text("ada")
    assert list_linked_channels(harness) == ["C0ACME"]
    harness.ada.submit_view({})
    harness.drain_outbox()
    assert list_link_events(harness)[-1] == ChannelLinked(
        ChannelId("C0PARTNERS"),
        ResourceId(acme),
        ("joins", "invitations"),
        "weekly",
        17,
    )
    harness.confirm_command("ada", "/collab unlink acme", "unlink", "partners")
    harness.run_command("ada", "/collab link acme", "partners")
    harness.press_button("ada", harness.latest_message("ada", "partners"), "cancel")
    assert list_linked_channels(harness) == ["C0ACME", "C0PARTNERS"]


@pytest.mark.rule("EVT-05")
def test_linking_a_shared_channel_without_the_right_is_rejected_at_once(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/invite @Collab", "partners")
    answer = harness.run_command("devi", "/collab link acme", "partners")["text"]
    assert "shared" not in answer
    assert list_linked_channels(harness) == ["C0ACME"]


def test_a_channel_is_not_linked_if_slack_does_not_answer(harness: AppHarness) -> None:
    harness.run_command("ada", "/invite @Collab", "general")
    harness.playground.faults.error("conversations.info", "internal_error")
    assert (
        "Slack took too long"
        in harness.run_command("ada", "/collab link acme", "general")["text"]
    )
    assert list_linked_channels(harness) == ["C0ACME"]
    assert (
        "Linked." in harness.run_command("ada", "/collab link acme", "general")["text"]
    )


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
def test_only_link_commands_look_up_the_channel(text: str, is_link: bool) -> None:
    assert channel_to_look_up(
        {"command": "/collab", "text": text, "channel_id": "C1"}
    ) == ("C1" if is_link else None)


@pytest.mark.rule("EVT-05")
@pytest.mark.parametrize("fault", ["slow", "refused"])
def test_without_its_name_another_company_is_said(
    harness: AppHarness, fault: str
) -> None:
    harness.run_command("ada", "/invite @Collab", "partners")
    if fault == "slow":
        harness.playground.faults.timeout_before("team.info")
    else:
        harness.playground.faults.error("team.info", "missing_scope")
    preview = harness.run_command("ada", "/collab link acme", "partners")
    assert "is shared with another company" in preview["text"]


@pytest.mark.rule("EVT-04")
def test_collab_is_added_to_a_public_channel_before_it_is_linked(
    harness: AppHarness,
) -> None:
    answer = harness.run_command("ada", "/collab link acme", "general")
    assert "Collab isn't in #general yet" in answer["text"]
    assert "/invite" not in answer["text"]
    offer = harness.latest_message("ada", "general")
    harness.press_button("ada", offer, "link_join")
    assert list_linked_channels(harness) == ["C0ACME", "C0GENERAL"]
    texts = [message["text"] for message in harness.ada.list_messages("general")]
    assert any("Linked. Updates about *Acme*" in text for text in texts)


@pytest.mark.rule("EVT-04")
def test_collab_joins_no_channel_for_somebody_who_may_not_link_it(
    harness: AppHarness,
) -> None:
    harness.invite_and_accept("bo", "invite @bo owner acme")
    harness.run_command("bo", "/collab link acme", "general")
    offer = harness.latest_message("bo", "general")
    harness.run_command("bo", "/collab leave acme", "finance")
    harness.press_button("bo", harness.latest_message("bo", "finance"), "leave")
    harness.press_button("bo", offer, "link_join")
    channel = harness.playground.state.workspace.get_channel("general")
    assert "U0COLLAB" not in channel.members
    assert list_linked_channels(harness) == ["C0ACME"]


@pytest.mark.rule("EVT-04")
def test_without_the_scope_it_says_how_to_add_collab(harness: AppHarness) -> None:
    forbid_joining(harness)
    answer = harness.run_command("ada", "/collab link acme", "general")
    assert "Type `/invite @Collab` there" in answer["text"]
    assert list_linked_channels(harness) == ["C0ACME"]


@pytest.mark.rule("EVT-04")
def test_the_link_form_offers_to_add_collab_to_a_public_channel(
    harness: AppHarness,
) -> None:
    offer = submit_link_form(harness, "C0GENERAL")
    assert "Collab isn't in #general yet" in offer
    assert list_linked_channels(harness) == ["C0ACME"]
    harness.ada.submit_view({})
    harness.drain_outbox()
    assert "Linked. Updates about *Acme*" in harness.view_text("ada")
    assert list_linked_channels(harness) == ["C0ACME", "C0GENERAL"]


@pytest.mark.rule("EVT-04")
def test_a_link_from_the_list_of_channels_returns_to_it_once_collab_is_added(
    harness: AppHarness,
) -> None:
    harness.ada.open_home()
    harness.drain_outbox()
    assert harness.ada.home_view
    harness.ada.press_button(harness.ada.home_view, "channels_open")
    view = harness.wait_for_form("ada", "channels")
    harness.ada.press_button(view, "link_open")
    harness.wait_for_form("ada", "form")
    acme = search_resource_id(harness, "ada", "acme")
    harness.ada.submit_view({"find:link what": acme, "channel": "C0GENERAL"})
    harness.ada.submit_view({})
    harness.drain_outbox()
    assert harness.ada.top_view
    assert harness.ada.top_view["callback_id"] == "channels"
    assert list_linked_channels(harness) == ["C0ACME", "C0GENERAL"]


@pytest.mark.rule("EVT-04")
def test_collab_that_cannot_be_added_from_the_form_links_nothing(
    harness: AppHarness,
) -> None:
    submit_link_form(harness, "C0GENERAL")
    harness.playground.faults.error("conversations.join", "method_not_supported")
    harness.ada.submit_view({})
    harness.drain_outbox()
    assert "Collab isn't in #general yet" in harness.view_text("ada")
    assert list_linked_channels(harness) == ["C0ACME"]


@pytest.mark.rule("EVT-05")
def test_the_link_form_asks_about_a_shared_channel_once_collab_is_in_it(
    harness: AppHarness,
) -> None:
    submit_link_form(harness, "C0PARTNERS")
    harness.ada.submit_view({})
    assert "is shared with Evecorp." in harness.view_text("ada")
    assert list_linked_channels(harness) == ["C0ACME"]
    harness.ada.submit_view({})
    harness.drain_outbox()
    assert list_linked_channels(harness) == ["C0ACME", "C0PARTNERS"]
