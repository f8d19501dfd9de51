"""The Web API is as strict as that of Slack."""

import time
from datetime import timedelta
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.manifest import Manifest
from bot.playground.server import Playground
from tests.bot.playground.helpers import (
    actions_block,
    button,
    input_block,
    modal,
    plain_text,
    section,
    text_input,
)


def get_refusal(call: Any, *args: Any, **kwargs: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(*args, **kwargs)
    return caught.value.response


def call_method(playground: Playground, method: str, **more: Any) -> Any:
    with requests.Session() as session:
        return session.post(f"{playground.url}/api/{method}", **more).json()


def test_each_method_requires_its_token(
    playground: Playground, slack: WebClient
) -> None:
    bearer = {
        "Authorization": f"Bearer {playground.bot_token}",
        "Content-Type": "application/json",
    }
    assert (
        call_method(playground, "auth.test", headers=bearer, data="")["user_id"]
        == playground.bot_user_id
    )
    assert (
        call_method(playground, "auth.test", data={"token": playground.bot_token})[
            "team_id"
        ]
        == playground.team_id
    )
    assert call_method(playground, "auth.test")["error"] == "not_authed"
    assert (
        call_method(playground, "auth.test", data={"token": "xoxb-no"})["error"]
        == "invalid_auth"
    )
    assert (
        get_refusal(slack.apps_connections_open, app_token=playground.bot_token)[
            "error"
        ]
        == "not_allowed_token_type"
    )
    assert (
        get_refusal(slack.auth_test, token=playground.app_token)["error"]
        == "not_allowed_token_type"
    )
    assert get_refusal(slack.api_call, "chat.shout")["error"] == "unknown_method"


def test_a_method_without_its_scope_is_rejected(slack: WebClient) -> None:
    refusal = get_refusal(slack.team_info)
    assert (refusal["error"], refusal["needed"]) == ("missing_scope", "team:read")
    assert get_refusal(slack.conversations_info, channel="C0ACME")["needed"].startswith(
        "channels:read"
    )


def test_a_message_is_posted_to_a_channel_or_a_user(
    playground: Playground, slack: WebClient
) -> None:
    sent = slack.chat_postMessage(
        channel="C0ACME", text="hello", blocks=[section("hello")]
    )
    assert sent["message"]["blocks"][0]["block_id"]
    direct = slack.chat_postMessage(channel="UCARL", text="for you")
    assert direct["channel"].startswith("D")
    assert slack.conversations_open(users="UCARL")["channel"]["id"] == direct["channel"]
    carl = playground.get_user("carl")
    assert [m["text"] for m in carl.list_messages("acme")] == ["hello"]
    assert [m["text"] for m in carl.list_direct_messages()] == ["for you"]
    assert carl.count_unread("acme") == 1
    carl.mark_read("acme")
    assert carl.count_unread("acme") == 0
    assert playground.get_user("ada").list_direct_messages() == []


def test_a_message_that_arrives_while_others_are_marked_as_read_stays_unread(
    playground: Playground, slack: WebClient
) -> None:
    read = slack.chat_postMessage(channel="C0ACME", text="read")["ts"]
    slack.chat_postMessage(channel="C0ACME", text="arrived meanwhile")
    for ts in (read, "1.0"):
        response = requests.post(
            f"{playground.url}/ui/read",
            json={"as": "UCARL", "channel": "C0ACME", "ts": ts},
            timeout=10,
        )
        response.raise_for_status()
    assert playground.get_user("carl").count_unread("acme") == 1


def test_an_update_without_blocks_keeps_the_old_ones(
    playground: Playground, slack: WebClient
) -> None:
    sent = slack.chat_postMessage(channel="C0ACME", text="one", blocks=[section("one")])
    message_key = {"channel": sent["channel"], "ts": sent["ts"]}
    ada = playground.get_user("ada")
    slack.chat_update(**message_key, text="two")
    assert ada.list_messages("acme")[0]["blocks"]
    slack.chat_update(**message_key, text="three", blocks=[])
    shown = ada.list_messages("acme")[0]
    assert (shown["text"], shown["blocks"], shown["edited"]) == ("three", None, True)
    slack.chat_delete(**message_key)
    assert ada.list_messages("acme") == []
    assert (
        get_refusal(slack.chat_update, **message_key, text="four")["error"]
        == "message_not_found"
    )


def test_messages_of_users_cannot_be_changed(
    playground: Playground, slack: WebClient
) -> None:
    playground.get_user("ada").type_text("mine", channel="acme")
    ts = playground.get_user("ada").list_messages("acme")[0]["ts"]
    assert (
        get_refusal(slack.chat_update, channel="C0ACME", ts=ts, text="x")["error"]
        == "cant_update_message"
    )
    assert (
        get_refusal(slack.chat_delete, channel="C0ACME", ts=ts)["error"]
        == "cant_delete_message"
    )


def test_messages_to_unreachable_conversations_are_rejected(
    playground: Playground, slack: WebClient
) -> None:
    assert (
        get_refusal(slack.chat_postMessage, channel="C0GENERAL", text="x")["error"]
        == "not_in_channel"
    )
    assert (
        get_refusal(slack.chat_postMessage, channel="C0FINANCE", text="x")["error"]
        == "channel_not_found"
    )
    assert (
        get_refusal(slack.chat_postMessage, channel="C0NOWHERE", text="x")["error"]
        == "channel_not_found"
    )
    assert (
        get_refusal(slack.chat_postMessage, channel="UEVE", text="x")["error"]
        == "channel_not_found"
    )
    assert (
        get_refusal(slack.conversations_open, users="UEVE")["error"]
        == "user_not_visible"
    )
    playground.get_user("ada").type_text("/invite @Collab", channel="partners")
    slack.chat_postMessage(channel="C0PARTNERS", text="hello")
    slack.chat_postMessage(channel="UEVE", text="hello")
    playground.archive_channel("acme")
    assert (
        get_refusal(slack.chat_postMessage, channel="C0ACME", text="x")["error"]
        == "is_archived"
    )
    playground.change_account("devi", deleted=True)
    assert (
        get_refusal(slack.conversations_open, users="UDEVI")["error"] == "user_disabled"
    )
    assert (
        get_refusal(slack.chat_postMessage, channel="UDEVI", text="x")["error"]
        == "channel_not_found"
    )
    refusal = get_refusal(
        slack.chat_postEphemeral, channel="C0PARTNERS", user="UBO", text="x"
    )
    assert refusal["error"] == "user_not_in_channel"


def test_invalid_message_content_is_rejected(slack: WebClient) -> None:
    assert (
        get_refusal(slack.api_call, "chat.postMessage", json={"channel": "C0ACME"})[
            "error"
        ]
        == "no_text"
    )
    assert (
        get_refusal(slack.chat_postMessage, channel="C0ACME", text="x" * 40_001)[
            "error"
        ]
        == "msg_too_long"
    )
    missing = get_refusal(slack.api_call, "chat.postMessage", json={"text": "x"})
    assert missing["error"] == "invalid_arguments"
    assert (
        "missing required field: channel" in missing["response_metadata"]["messages"][0]
    )
    long = get_refusal(
        slack.chat_postMessage, channel="C0ACME", text="x", blocks=[section("x" * 3001)]
    )
    assert long["error"] == "invalid_blocks"
    assert long["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]


def test_users_are_returned_and_looked_up(
    playground: Playground, slack: WebClient
) -> None:
    devi = slack.users_info(user="UDEVI", include_locale=True)["user"]
    assert (devi["tz_offset"], devi["locale"]) == (19800, "en-IN")
    assert devi["profile"]["email"] == "devi@acme.example.com"
    eve = slack.users_info(user="UEVE")["user"]
    assert eve["is_stranger"]
    assert "email" not in eve["profile"]
    assert slack.users_info(user="USAM")["user"]["is_restricted"]
    assert slack.users_info(user="UADA")["user"]["is_admin"]
    assert get_refusal(slack.users_info, user="UNOBODY")["error"] == "user_not_found"
    assert slack.users_lookupByEmail(email="Bo@acme.example.com")["user"]["id"] == "UBO"
    assert (
        get_refusal(slack.users_lookupByEmail, email="eve@evecorp.example.net")["error"]
        == "users_not_found"
    )
    pages = [[m["id"] for m in page["members"]] for page in slack.users_list(limit=3)]
    assert [len(page) for page in pages] == [3, 3, 2]
    assert "USLACKBOT" in pages[0]
    assert get_refusal(slack.users_list, cursor="nonsense")["error"] == "invalid_cursor"


def test_email_addresses_require_their_scope() -> None:
    with Playground(
        manifest=Manifest(required_scopes=frozenset({"users:read"}))
    ) as playground:
        slack = WebClient(playground.bot_token, base_url=f"{playground.url}/api/")
        assert "email" not in slack.users_info(user="UADA")["user"]["profile"]
        assert (
            get_refusal(slack.users_lookupByEmail, email="x@y.z")["error"]
            == "missing_scope"
        )
        assert (
            get_refusal(slack.chat_postMessage, channel="C0ACME", text="x")["error"]
            == "missing_scope"
        )


def test_a_trigger_opens_one_modal_and_expires(
    playground: Playground, slack: WebClient
) -> None:
    view = modal(input_block("who", text_input("name")))
    trigger = playground.state.issue_trigger("UADA")
    slack.views_open(trigger_id=trigger, view=view)
    assert (
        get_refusal(slack.views_open, trigger_id=trigger, view=view)["error"]
        == "exchanged_trigger_id"
    )
    assert (
        get_refusal(slack.views_open, trigger_id="1.2.3", view=view)["error"]
        == "invalid_trigger_id"
    )
    expired = playground.state.issue_trigger("UADA")
    playground.state.triggers[expired].issued_at = (
        time.monotonic() - playground.ack_timeout_seconds - 0.1
    )
    assert (
        get_refusal(slack.views_open, trigger_id=expired, view=view)["error"]
        == "expired_trigger_id"
    )
    assert (
        get_refusal(
            slack.views_push,
            trigger_id=playground.state.issue_trigger("UADA"),
            view=view,
        )["error"]
        == "not_found"
    )


def test_a_stack_has_at_most_three_modals(
    playground: Playground, slack: WebClient
) -> None:
    view = modal(input_block("who", text_input("name")))
    bottom = slack.views_open(
        trigger_id=playground.state.issue_trigger("UADA"), view=view
    )["view"]
    for _ in range(2):
        top = slack.views_push(
            trigger_id=playground.state.issue_trigger("UADA", bottom["id"]), view=view
        )["view"]
    assert top["root_view_id"] == bottom["id"]
    refusal = get_refusal(
        slack.views_push,
        trigger_id=playground.state.issue_trigger("UADA", bottom["id"]),
        view=view,
    )
    assert refusal["error"] == "push_limit_reached"
    playground.get_user("ada").close_view()
    assert len(playground.get_user("ada").open_views) == 2


def test_an_update_with_a_stale_hash_is_rejected(
    playground: Playground, slack: WebClient
) -> None:
    view = modal(input_block("who", text_input("name", initial_value="Ada")))
    opened = slack.views_open(
        trigger_id=playground.state.issue_trigger("UADA"), view=view
    )["view"]
    slack.views_update(view_id=opened["id"], hash=opened["hash"], view=view)
    refusal = get_refusal(
        slack.views_update, view_id=opened["id"], hash=opened["hash"], view=view
    )
    assert refusal["error"] == "hash_conflict"
    assert (
        get_refusal(slack.views_update, view_id="V404", view=view)["error"]
        == "not_found"
    )


def test_an_invalid_view_is_rejected(playground: Playground, slack: WebClient) -> None:
    for view, message in {
        "long title": (
            modal(section("x"), title=plain_text("x" * 25)),
            "/view/title/text",
        ),
        "no submit": (
            {**modal(input_block("who", text_input("name"))), "submit": None},
            "missing required field: submit",
        ),
        "long metadata": (
            modal(section("x"), private_metadata="x" * 3001),
            "/view/private_metadata",
        ),
    }.values():
        refusal = get_refusal(
            slack.views_open,
            trigger_id=playground.state.issue_trigger("UADA"),
            view=view,
        )
        assert refusal["error"] == "invalid_arguments"
        assert message in refusal["response_metadata"]["messages"][0]


def test_the_home_tab_is_published(playground: Playground, slack: WebClient) -> None:
    ada = playground.get_user("ada")
    slack.views_publish(
        user_id=ada.id, view={"type": "home", "blocks": [actions_block(button("go"))]}
    )
    assert ada.home_view
    assert ada.home_view["blocks"][0]["elements"][0]["action_id"] == "go"


def test_time_stamps_stay_in_order_when_the_clock_moves(
    playground: Playground, slack: WebClient
) -> None:
    first = slack.chat_postMessage(channel="C0ACME", text="now")["ts"]
    playground.clock.set_now(playground.clock.now() + timedelta(days=3))
    second = slack.chat_postMessage(channel="C0ACME", text="later")["ts"]
    playground.clock.set_now(playground.clock.now() - timedelta(days=9))
    third = slack.chat_postMessage(channel="C0ACME", text="back")["ts"]
    assert float(second) - float(first) > 3 * 86_400 - 60
    assert first < second < third


def test_requests_from_other_hosts_and_sites_are_rejected(
    playground: Playground,
) -> None:
    with requests.Session() as session:
        rebound = session.get(
            f"{playground.url}/ui/state?as=UADA", headers={"Host": "evil.example.com"}
        )
        crossed = session.post(
            f"{playground.url}/ui/read",
            json={},
            headers={"Origin": "https://evil.example.com"},
        )
        form = session.post(f"{playground.url}/ui/read", data={"as": "UADA"})
        own = session.post(f"{playground.url}/ui/read", json={"as": "UADA", "channel": "C0ACME", "ts": "1.0"},
                           headers={"Origin": playground.url})  # fmt: skip
    assert [r.status_code for r in (rebound, crossed, form, own)] == [
        403,
        403,
        415,
        200,
    ]


def test_a_company_in_a_shared_channel_is_named() -> None:
    scopes = frozenset({"team:read", "channels:read"})
    with Playground(manifest=Manifest(required_scopes=scopes)) as playground:
        client = WebClient(
            token=playground.bot_token, base_url=f"{playground.url}/api/"
        )
        partners = playground.state.workspace.get_channel("partners")
        partners.members.append(playground.state.workspace.bot_user_id)
        channel = client.conversations_info(channel=partners.id)["channel"]
        (other,) = channel["connected_team_ids"]
        assert client.team_info(team=other)["team"]["name"] == "Evecorp"
        assert client.team_info()["team"]["id"] == playground.team_id
        refusal = get_refusal(client.team_info, team="TNOWHERE")
        assert refusal["error"] == "team_not_found"
