"""Changes of channels, their members and the installation: events and rejections."""

import re
from typing import Any

import pytest
import requests
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground import NotAllowed
from bot.playground import manifest as manifests
from bot.playground.manifest import Manifest, SlashCommand
from bot.playground.server import Playground
from tests.bot.playground.helpers import actions_block, button

CHANNEL_EVENTS = ("archive", "unarchive", "rename", "left")
EVENTS = {f"{kind}_{what}" for kind in ("channel", "group") for what in CHANNEL_EVENTS}
FINAL_EVENTS = {"app_uninstalled", "tokens_revoked"}


@pytest.fixture
def manifest() -> Manifest:
    scopes = frozenset(
        {"chat:write", "commands", "channels:read", "groups:read", "users:read"}
    )
    commands = (SlashCommand("/collab", should_escape=True),)
    return Manifest(
        commands=commands,
        required_scopes=scopes,
        events=frozenset(EVENTS | FINAL_EVENTS | {"user_change"}),
    )


@pytest.fixture
def envelopes(app: App, connected_app: App) -> list[dict[str, Any]]:
    """Return the envelopes of the received events, each listed before its ack."""
    envelopes: list[dict[str, Any]] = []

    @app.middleware
    def record(body: dict[str, Any], next: Any) -> None:  # noqa: A002  Bolt's name
        envelopes.append(body)
        next()

    app.event(re.compile(""))(lambda: None)
    return envelopes


def inner_events(envelopes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in body["event"].items() if name != "event_ts"}
        for body in envelopes
    ]


def get_error_code(call: Any, **args: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return caught.value.response["error"]


def invite_app(playground: Playground, channel: str) -> None:
    playground.get_user("ada").type_text("/invite @Collab", channel=channel)


def test_an_archived_channel_rejects_messages_until_it_is_unarchived(
    playground: Playground, slack: WebClient, envelopes: list[Any]
) -> None:
    playground.archive_channel("acme", by="bo")
    playground.archive_channel("acme")
    assert inner_events(envelopes) == [
        {"type": "channel_archive", "channel": "C0ACME", "user": "UBO", "is_moved": 0}
    ]
    assert (
        get_error_code(slack.chat_postMessage, channel="C0ACME", text="x")
        == "is_archived"
    )
    assert slack.conversations_info(channel="C0ACME")["channel"]["is_archived"]
    with pytest.raises(NotAllowed):
        playground.get_user("ada").type_text("hello", channel="acme")
    playground.archive_channel("acme", is_archived=False)
    assert inner_events(envelopes)[1:] == [
        {"type": "channel_unarchive", "channel": "C0ACME", "user": "UADA"}
    ]
    slack.chat_postMessage(channel="C0ACME", text="x")


def test_a_renamed_channel_keeps_its_id(
    playground: Playground, slack: WebClient, envelopes: list[Any]
) -> None:
    playground.rename_channel("acme", "acme-2027")
    [event] = inner_events(envelopes)
    created = event["channel"].pop("created")
    assert isinstance(created, int)
    names = {"name": "acme-2027", "name_normalized": "acme-2027"}
    assert event == {
        "type": "channel_rename", "channel": {"id": "C0ACME", "is_channel": True, "is_mpim": False, **names},
    }  # fmt: skip
    assert slack.conversations_info(channel="C0ACME")["channel"]["name"] == "acme-2027"
    shown = playground.get_user("carl").list_messages("acme-2027")[-1]["text"]
    assert shown == '<@UADA> has renamed the channel from "acme" to "acme-2027"'


@pytest.mark.parametrize("name", ["general", "Acme", "two words", "", "x" * 81])
def test_an_invalid_or_taken_channel_name_is_rejected(
    playground: Playground, envelopes: list[Any], name: str
) -> None:
    with pytest.raises(NotAllowed):
        playground.rename_channel("acme", name)
    assert playground.state.workspace.get_channel("acme").id == "C0ACME"
    assert envelopes == []


def test_a_channel_without_the_app_rejects_its_messages(
    playground: Playground, slack: WebClient, envelopes: list[Any]
) -> None:
    playground.remove_app("acme", by="bo")
    playground.remove_app("acme")
    assert inner_events(envelopes) == [
        {"type": "channel_left", "channel": "C0ACME", "actor_id": "UBO"}
    ]
    assert (
        get_error_code(slack.chat_postMessage, channel="C0ACME", text="x")
        == "not_in_channel"
    )
    invite_app(playground, "acme")
    slack.chat_postMessage(channel="C0ACME", text="x")


def test_a_remove_command_removes_the_app_from_the_channel(
    playground: Playground, envelopes: list[Any]
) -> None:
    playground.get_user("carl").type_text("/remove @Collab", channel="acme")
    playground.wait_until(lambda: envelopes)
    assert inner_events(envelopes) == [
        {"type": "channel_left", "channel": "C0ACME", "actor_id": "UCARL"}
    ]


def test_events_of_private_channels_are_group_events_and_only_for_members(
    playground: Playground, slack: WebClient, envelopes: list[Any]
) -> None:
    playground.rename_channel("finance", "money")
    playground.archive_channel("money")
    playground.archive_channel("money", is_archived=False)
    assert envelopes == []
    invite_app(playground, "money")
    playground.rename_channel("money", "finance")
    playground.archive_channel("finance")
    playground.archive_channel("finance", is_archived=False)
    playground.remove_app("finance")
    assert [event["type"] for event in inner_events(envelopes)] == [
        "group_rename",
        "group_archive",
        "group_unarchive",
        "group_left",
    ]
    assert inner_events(envelopes)[0]["channel"]["is_channel"] is False
    assert inner_events(envelopes)[3] == {
        "type": "group_left",
        "channel": "C0FINANCE",
        "actor_id": "UADA",
    }
    assert (
        get_error_code(slack.chat_postMessage, channel="C0FINANCE", text="x")
        == "channel_not_found"
    )
    playground.archive_channel("finance")
    assert len(envelopes) == 4


def test_the_app_receives_events_of_public_channels_that_it_is_not_in(
    playground: Playground, envelopes: list[Any]
) -> None:
    playground.archive_channel("general")
    assert [event["channel"] for event in inner_events(envelopes)] == ["C0GENERAL"]


def test_only_subscribed_events_are_sent(
    playground: Playground, envelopes: list[Any]
) -> None:
    object.__setattr__(
        playground.state.manifest, "events", frozenset({"channel_rename"})
    )
    playground.archive_channel("acme")
    playground.rename_channel("acme", "acme-2027")
    playground.remove_app("acme-2027")
    playground.uninstall_app()
    assert [event["type"] for event in inner_events(envelopes)] == ["channel_rename"]


def test_an_uninstalled_app_receives_its_last_events_and_can_do_nothing(
    playground: Playground, slack: WebClient, envelopes: list[Any]
) -> None:
    slack.chat_postMessage(
        channel="UADA", text="Go?", blocks=[actions_block(button("go"))]
    )
    ada = playground.get_user("ada")
    playground.uninstall_app()
    assert inner_events(envelopes) == [
        {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0COLLAB"]}},
        {"type": "app_uninstalled"},
    ]
    assert {(body["team_id"], body["api_app_id"]) for body in envelopes} == {
        ("T0ACME0HQ", "A0COLLAB")
    }
    assert [body["authorizations"] for body in envelopes] == [[], []]
    assert get_error_code(slack.auth_test) == "account_inactive"
    assert (
        get_error_code(slack.chat_postMessage, channel="UADA", text="x")
        == "account_inactive"
    )
    playground.change_account("carl", tz="Asia/Tokyo")
    playground.archive_channel("acme")
    assert len(envelopes) == 2
    for action in (
        lambda: ada.type_text("/collab help"),
        lambda: ada.press_button(ada.list_direct_messages()[0], "go"),
    ):
        with pytest.raises(NotAllowed):
            action()
    assert "U0COLLAB" not in playground.state.workspace.get_channel("acme").members
    with requests.Session() as session:
        assert (
            session.get(f"{playground.url}/ui/state?as=UADA").json()["commands"] == []
        )


def test_the_uninstallation_events_have_the_given_order(
    playground: Playground, envelopes: list[Any]
) -> None:
    playground.uninstall_app(event_types=("app_uninstalled", "tokens_revoked"))
    assert [event["type"] for event in inner_events(envelopes)] == [
        "app_uninstalled",
        "tokens_revoked",
    ]


def test_a_channel_event_can_be_delivered_twice(
    playground: Playground, envelopes: list[Any]
) -> None:
    playground.faults.duplicate("event")
    playground.remove_app("acme")
    assert [event["type"] for event in inner_events(envelopes)] == ["channel_left"] * 2
    assert envelopes[0]["event_id"] == envelopes[1]["event_id"]


def test_the_apps_own_manifest_subscribes_to_the_channel_and_uninstallation_events() -> (
    None
):
    events = manifests.load_manifest().events
    assert {
        "channel_rename",
        "channel_left",
        "group_rename",
        "group_left",
    } | FINAL_EVENTS <= events
