"""Channels that are archived, renamed and left, and an app that is taken out: what it hears, what is refused then."""

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
from tests.bot.playground.kit import actions, button

OF_CHANNELS = ("archive", "unarchive", "rename", "left")
EVENTS = {f"{kind}_{what}" for kind in ("channel", "group") for what in OF_CHANNELS}
LAST = {"app_uninstalled", "tokens_revoked"}


@pytest.fixture
def manifest() -> Manifest:
    scopes = frozenset(
        {"chat:write", "commands", "channels:read", "groups:read", "users:read"}
    )
    commands = (SlashCommand("/collab", should_escape=True),)
    return Manifest(
        commands=commands,
        scopes=scopes,
        events=frozenset(EVENTS | LAST | {"user_change"}),
    )


@pytest.fixture
def heard(app: App, linked: App) -> list[dict[str, Any]]:
    """The events that the app heard, in their envelopes; each stands here before it is acknowledged."""
    heard: list[dict[str, Any]] = []

    @app.middleware
    def hears(body: dict[str, Any], next: Any) -> None:  # noqa: A002  Bolt's name
        heard.append(body)
        next()

    app.event(re.compile(""))(lambda: None)
    return heard


def inner(heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in body["event"].items() if name != "event_ts"}
        for body in heard
    ]


def refusal(call: Any, **args: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return caught.value.response["error"]


def invited(playground: Playground, channel: str) -> None:
    playground.get_user("ada").type_text("/invite @Collab", channel=channel)


def test_an_archived_channel_takes_no_messages_until_it_is_back(
    playground: Playground, slack: WebClient, heard: list[Any]
) -> None:
    playground.archive_channel("acme", by="bo")
    playground.archive_channel("acme")
    assert inner(heard) == [
        {"type": "channel_archive", "channel": "C0ACME", "user": "UBO", "is_moved": 0}
    ]
    assert refusal(slack.chat_postMessage, channel="C0ACME", text="x") == "is_archived"
    assert slack.conversations_info(channel="C0ACME")["channel"]["is_archived"]
    with pytest.raises(NotAllowed):
        playground.get_user("ada").type_text("hello", channel="acme")
    playground.archive_channel("acme", is_archived=False)
    assert inner(heard)[1:] == [
        {"type": "channel_unarchive", "channel": "C0ACME", "user": "UADA"}
    ]
    slack.chat_postMessage(channel="C0ACME", text="x")


def test_a_renamed_channel_keeps_its_id(
    playground: Playground, slack: WebClient, heard: list[Any]
) -> None:
    playground.rename_channel("acme", "acme-2027")
    [told] = inner(heard)
    created = told["channel"].pop("created")
    assert isinstance(created, int)
    named = {"name": "acme-2027", "name_normalized": "acme-2027"}
    assert told == {
        "type": "channel_rename", "channel": {"id": "C0ACME", "is_channel": True, "is_mpim": False, **named},
    }  # fmt: skip
    assert slack.conversations_info(channel="C0ACME")["channel"]["name"] == "acme-2027"
    shown = playground.get_user("carl").list_messages("acme-2027")[-1]["text"]
    assert shown == '<@UADA> has renamed the channel from "acme" to "acme-2027"'


@pytest.mark.parametrize("name", ["general", "Acme", "two words", "", "x" * 81])
def test_not_every_name_can_be_a_channels(
    playground: Playground, heard: list[Any], name: str
) -> None:
    with pytest.raises(NotAllowed):
        playground.rename_channel("acme", name)
    assert playground.state.workspace.get_channel("acme").id == "C0ACME"
    assert heard == []


def test_a_channel_that_the_app_was_taken_out_of_takes_no_messages(
    playground: Playground, slack: WebClient, heard: list[Any]
) -> None:
    playground.remove_app("acme", by="bo")
    playground.remove_app("acme")
    assert inner(heard) == [
        {"type": "channel_left", "channel": "C0ACME", "actor_id": "UBO"}
    ]
    assert (
        refusal(slack.chat_postMessage, channel="C0ACME", text="x") == "not_in_channel"
    )
    invited(playground, "acme")
    slack.chat_postMessage(channel="C0ACME", text="x")


def test_the_app_leaves_by_a_typed_line_too(
    playground: Playground, heard: list[Any]
) -> None:
    playground.get_user("carl").type_text("/remove @Collab", channel="acme")
    playground.wait_until(lambda: heard)
    assert inner(heard) == [
        {"type": "channel_left", "channel": "C0ACME", "actor_id": "UCARL"}
    ]


def test_private_channels_are_groups_and_heard_of_by_members_alone(
    playground: Playground, slack: WebClient, heard: list[Any]
) -> None:
    playground.rename_channel("finance", "money")
    playground.archive_channel("money")
    playground.archive_channel("money", is_archived=False)
    assert heard == []
    invited(playground, "money")
    playground.rename_channel("money", "finance")
    playground.archive_channel("finance")
    playground.archive_channel("finance", is_archived=False)
    playground.remove_app("finance")
    assert [e["type"] for e in inner(heard)] == [
        "group_rename",
        "group_archive",
        "group_unarchive",
        "group_left",
    ]
    assert inner(heard)[0]["channel"]["is_channel"] is False
    assert inner(heard)[3] == {
        "type": "group_left",
        "channel": "C0FINANCE",
        "actor_id": "UADA",
    }
    assert (
        refusal(slack.chat_postMessage, channel="C0FINANCE", text="x")
        == "channel_not_found"
    )
    playground.archive_channel("finance")
    assert len(heard) == 4


def test_public_channels_without_the_app_are_heard_of(
    playground: Playground, heard: list[Any]
) -> None:
    playground.archive_channel("general")
    assert [e["channel"] for e in inner(heard)] == ["C0GENERAL"]


def test_only_what_the_manifest_names_is_told(
    playground: Playground, heard: list[Any]
) -> None:
    object.__setattr__(
        playground.state.manifest, "events", frozenset({"channel_rename"})
    )
    playground.archive_channel("acme")
    playground.rename_channel("acme", "acme-2027")
    playground.remove_app("acme-2027")
    playground.uninstall_app()
    assert [e["type"] for e in inner(heard)] == ["channel_rename"]


def test_an_app_that_was_taken_out_hears_it_last_and_may_nothing(
    playground: Playground, slack: WebClient, heard: list[Any]
) -> None:
    slack.chat_postMessage(channel="UADA", text="Go?", blocks=[actions(button("go"))])
    ada = playground.get_user("ada")
    playground.uninstall_app()
    assert inner(heard) == [
        {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0COLLAB"]}},
        {"type": "app_uninstalled"},
    ]
    assert {(body["team_id"], body["api_app_id"]) for body in heard} == {
        ("T0ACME0HQ", "A0COLLAB")
    }
    assert [body["authorizations"] for body in heard] == [[], []]
    assert refusal(slack.auth_test) == "account_inactive"
    assert (
        refusal(slack.chat_postMessage, channel="UADA", text="x") == "account_inactive"
    )
    playground.change_account("carl", tz="Asia/Tokyo")
    playground.archive_channel("acme")
    assert len(heard) == 2
    for refused in (
        lambda: ada.type_text("/collab help"),
        lambda: ada.press_button(ada.list_direct_messages()[0], "go"),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert "U0COLLAB" not in playground.state.workspace.get_channel("acme").members
    with requests.Session() as session:
        assert (
            session.get(f"{playground.url}/ui/state?as=UADA").json()["commands"] == []
        )


def test_the_last_two_events_come_in_either_order_or_alone(
    playground: Playground, heard: list[Any]
) -> None:
    playground.uninstall_app(event_types=("app_uninstalled", "tokens_revoked"))
    assert [e["type"] for e in inner(heard)] == ["app_uninstalled", "tokens_revoked"]


def test_an_event_of_a_channel_may_come_twice(
    playground: Playground, heard: list[Any]
) -> None:
    playground.faults.duplicate("event")
    playground.remove_app("acme")
    assert [e["type"] for e in inner(heard)] == ["channel_left"] * 2
    assert heard[0]["event_id"] == heard[1]["event_id"]


def test_the_apps_own_manifest_hears_of_all_that_its_contract_has() -> None:
    events = manifests.load_manifest().events
    assert {
        "channel_rename",
        "channel_left",
        "group_rename",
        "group_left",
    } | LAST <= events
