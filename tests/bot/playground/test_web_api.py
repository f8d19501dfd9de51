"""The Web API is as strict as Slack's."""

import time
from datetime import timedelta
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.manifest import Manifest
from bot.playground.server import Playground
from tests.bot.playground.kit import (
    actions,
    button,
    field,
    modal,
    plain,
    section,
    typed,
)


def refused(call: Any, *args: Any, **kwargs: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(*args, **kwargs)
    return caught.value.response


def post(playground: Playground, method: str, **more: Any) -> Any:
    with requests.Session() as session:
        return session.post(f"{playground.url}/api/{method}", **more).json()


def test_tokens(playground: Playground, slack: WebClient) -> None:
    bearer = {
        "Authorization": f"Bearer {playground.bot_token}",
        "Content-Type": "application/json",
    }
    assert (
        post(playground, "auth.test", headers=bearer, data="")["user_id"]
        == playground.bot_user_id
    )
    assert (
        post(playground, "auth.test", data={"token": playground.bot_token})["team_id"]
        == playground.team_id
    )
    assert post(playground, "auth.test")["error"] == "not_authed"
    assert (
        post(playground, "auth.test", data={"token": "xoxb-no"})["error"]
        == "invalid_auth"
    )
    assert (
        refused(slack.apps_connections_open, app_token=playground.bot_token)["error"]
        == "not_allowed_token_type"
    )
    assert (
        refused(slack.auth_test, token=playground.app_token)["error"]
        == "not_allowed_token_type"
    )
    assert refused(slack.api_call, "chat.shout")["error"] == "unknown_method"


def test_scopes(slack: WebClient) -> None:
    refusal = refused(slack.team_info)
    assert (refusal["error"], refusal["needed"]) == ("missing_scope", "team:read")
    assert refused(slack.conversations_info, channel="C0ACME")["needed"].startswith(
        "channels:read"
    )


def test_a_message_reaches_a_channel_and_a_person(
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


def test_an_update_keeps_blocks_that_are_not_given(
    playground: Playground, slack: WebClient
) -> None:
    sent = slack.chat_postMessage(channel="C0ACME", text="one", blocks=[section("one")])
    where = {"channel": sent["channel"], "ts": sent["ts"]}
    ada = playground.get_user("ada")
    slack.chat_update(**where, text="two")
    assert ada.list_messages("acme")[0]["blocks"]
    slack.chat_update(**where, text="three", blocks=[])
    shown = ada.list_messages("acme")[0]
    assert (shown["text"], shown["blocks"], shown["edited"]) == ("three", None, True)
    slack.chat_delete(**where)
    assert ada.list_messages("acme") == []
    assert (
        refused(slack.chat_update, **where, text="four")["error"] == "message_not_found"
    )


def test_messages_of_others_stay(playground: Playground, slack: WebClient) -> None:
    playground.get_user("ada").type_text("mine", channel="acme")
    ts = playground.get_user("ada").list_messages("acme")[0]["ts"]
    assert (
        refused(slack.chat_update, channel="C0ACME", ts=ts, text="x")["error"]
        == "cant_update_message"
    )
    assert (
        refused(slack.chat_delete, channel="C0ACME", ts=ts)["error"]
        == "cant_delete_message"
    )


def test_where_the_app_may_write(playground: Playground, slack: WebClient) -> None:
    assert (
        refused(slack.chat_postMessage, channel="C0GENERAL", text="x")["error"]
        == "not_in_channel"
    )
    assert (
        refused(slack.chat_postMessage, channel="C0FINANCE", text="x")["error"]
        == "channel_not_found"
    )
    assert (
        refused(slack.chat_postMessage, channel="C0NOWHERE", text="x")["error"]
        == "channel_not_found"
    )
    assert (
        refused(slack.chat_postMessage, channel="UEVE", text="x")["error"]
        == "channel_not_found"
    )
    assert (
        refused(slack.conversations_open, users="UEVE")["error"] == "user_not_visible"
    )
    playground.get_user("ada").type_text("/invite @Collab", channel="partners")
    slack.chat_postMessage(channel="C0PARTNERS", text="hello")
    slack.chat_postMessage(channel="UEVE", text="hello")
    playground.archive_channel("acme")
    assert (
        refused(slack.chat_postMessage, channel="C0ACME", text="x")["error"]
        == "is_archived"
    )
    playground.change_account("devi", deleted=True)
    assert refused(slack.conversations_open, users="UDEVI")["error"] == "user_disabled"
    assert (
        refused(slack.chat_postMessage, channel="UDEVI", text="x")["error"]
        == "channel_not_found"
    )
    absent = refused(
        slack.chat_postEphemeral, channel="C0PARTNERS", user="UBO", text="x"
    )
    assert absent["error"] == "user_not_in_channel"


def test_content(slack: WebClient) -> None:
    assert (
        refused(slack.api_call, "chat.postMessage", json={"channel": "C0ACME"})["error"]
        == "no_text"
    )
    assert (
        refused(slack.chat_postMessage, channel="C0ACME", text="x" * 40_001)["error"]
        == "msg_too_long"
    )
    missing = refused(slack.api_call, "chat.postMessage", json={"text": "x"})
    assert missing["error"] == "invalid_arguments"
    assert (
        "missing required field: channel" in missing["response_metadata"]["messages"][0]
    )
    long = refused(
        slack.chat_postMessage, channel="C0ACME", text="x", blocks=[section("x" * 3001)]
    )
    assert long["error"] == "invalid_blocks"
    assert long["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]


def test_people(playground: Playground, slack: WebClient) -> None:
    devi = slack.users_info(user="UDEVI", include_locale=True)["user"]
    assert (devi["tz_offset"], devi["locale"]) == (19800, "en-IN")
    assert devi["profile"]["email"] == "devi@acme.example.com"
    eve = slack.users_info(user="UEVE")["user"]
    assert eve["is_stranger"]
    assert "email" not in eve["profile"]
    assert slack.users_info(user="USAM")["user"]["is_restricted"]
    assert slack.users_info(user="UADA")["user"]["is_admin"]
    assert refused(slack.users_info, user="UNOBODY")["error"] == "user_not_found"
    assert slack.users_lookupByEmail(email="Bo@acme.example.com")["user"]["id"] == "UBO"
    assert (
        refused(slack.users_lookupByEmail, email="eve@evecorp.example.net")["error"]
        == "users_not_found"
    )
    pages = [[m["id"] for m in page["members"]] for page in slack.users_list(limit=3)]
    assert [len(page) for page in pages] == [3, 3, 2]
    assert "USLACKBOT" in pages[0]
    assert refused(slack.users_list, cursor="nonsense")["error"] == "invalid_cursor"


def test_addresses_need_their_scope() -> None:
    with Playground(manifest=Manifest(scopes=frozenset({"users:read"}))) as playground:
        slack = WebClient(playground.bot_token, base_url=f"{playground.url}/api/")
        assert "email" not in slack.users_info(user="UADA")["user"]["profile"]
        assert (
            refused(slack.users_lookupByEmail, email="x@y.z")["error"]
            == "missing_scope"
        )
        assert (
            refused(slack.chat_postMessage, channel="C0ACME", text="x")["error"]
            == "missing_scope"
        )


def test_a_trigger_opens_one_modal_and_soon(
    playground: Playground, slack: WebClient
) -> None:
    view = modal(field("who", typed("name")))
    trigger = playground.state.issue_trigger("UADA")
    slack.views_open(trigger_id=trigger, view=view)
    assert (
        refused(slack.views_open, trigger_id=trigger, view=view)["error"]
        == "exchanged_trigger_id"
    )
    assert (
        refused(slack.views_open, trigger_id="1.2.3", view=view)["error"]
        == "invalid_trigger_id"
    )
    late = playground.state.issue_trigger("UADA")
    playground.state.triggers[late].issued_at = (
        time.monotonic() - playground.ack_timeout_seconds - 0.1
    )
    assert (
        refused(slack.views_open, trigger_id=late, view=view)["error"]
        == "expired_trigger_id"
    )
    assert (
        refused(
            slack.views_push,
            trigger_id=playground.state.issue_trigger("UADA"),
            view=view,
        )["error"]
        == "not_found"
    )


def test_at_most_three_modals(playground: Playground, slack: WebClient) -> None:
    view = modal(field("who", typed("name")))
    bottom = slack.views_open(
        trigger_id=playground.state.issue_trigger("UADA"), view=view
    )["view"]
    for _ in range(2):
        top = slack.views_push(
            trigger_id=playground.state.issue_trigger("UADA", bottom["id"]), view=view
        )["view"]
    assert top["root_view_id"] == bottom["id"]
    refusal = refused(
        slack.views_push,
        trigger_id=playground.state.issue_trigger("UADA", bottom["id"]),
        view=view,
    )
    assert refusal["error"] == "push_limit_reached"
    playground.get_user("ada").close_view()
    assert len(playground.get_user("ada").open_views) == 2


def test_a_stale_hash_changes_nothing(playground: Playground, slack: WebClient) -> None:
    view = modal(field("who", typed("name", initial_value="Ada")))
    opened = slack.views_open(
        trigger_id=playground.state.issue_trigger("UADA"), view=view
    )["view"]
    slack.views_update(view_id=opened["id"], hash=opened["hash"], view=view)
    refusal = refused(
        slack.views_update, view_id=opened["id"], hash=opened["hash"], view=view
    )
    assert refusal["error"] == "hash_conflict"
    assert (
        refused(slack.views_update, view_id="V404", view=view)["error"] == "not_found"
    )


def test_views_keep_their_limits(playground: Playground, slack: WebClient) -> None:
    for wrong, words in {
        "long title": (modal(section("x"), title=plain("x" * 25)), "/view/title/text"),
        "no submit": (
            {**modal(field("who", typed("name"))), "submit": None},
            "missing required field: submit",
        ),
        "long metadata": (
            modal(section("x"), private_metadata="x" * 3001),
            "/view/private_metadata",
        ),
    }.values():
        refusal = refused(
            slack.views_open,
            trigger_id=playground.state.issue_trigger("UADA"),
            view=wrong,
        )
        assert refusal["error"] == "invalid_arguments"
        assert words in refusal["response_metadata"]["messages"][0]


def test_the_home_tab(playground: Playground, slack: WebClient) -> None:
    ada = playground.get_user("ada")
    slack.views_publish(
        user_id=ada.id, view={"type": "home", "blocks": [actions(button("go"))]}
    )
    assert ada.home_view
    assert ada.home_view["blocks"][0]["elements"][0]["action_id"] == "go"


def test_time_moves_and_time_stamps_stay_in_order(
    playground: Playground, slack: WebClient
) -> None:
    first = slack.chat_postMessage(channel="C0ACME", text="now")["ts"]
    playground.clock.set_now(playground.clock.now() + timedelta(days=3))
    second = slack.chat_postMessage(channel="C0ACME", text="later")["ts"]
    playground.clock.set_now(playground.clock.now() - timedelta(days=9))
    third = slack.chat_postMessage(channel="C0ACME", text="back")["ts"]
    assert float(second) - float(first) > 3 * 86_400 - 60
    assert first < second < third


def test_strangers_are_kept_out(playground: Playground) -> None:
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
        own = session.post(f"{playground.url}/ui/read", json={"as": "UADA", "channel": "C0ACME"},
                           headers={"Origin": playground.url})  # fmt: skip
    assert [r.status_code for r in (rebound, crossed, form, own)] == [
        403,
        403,
        415,
        200,
    ]
