"""The endpoints of the playground's page."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
import requests
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.playground import modals, serializers
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

PageApi = Callable[..., Any]


@pytest.fixture
def call_page(playground: Playground) -> PageApi:
    """Return a function that posts to an endpoint, or gets it if called without body."""

    def call(path: str, status: int = 200, **body: Any) -> Any:
        body = {"as" if name == "as_" else name: value for name, value in body.items()}
        with requests.Session() as session:
            address = f"{playground.url}/ui/{path}"
            answer = session.post(address, json=body) if body else session.get(address)
        assert answer.status_code == status, answer.text
        return answer.json()

    return call


def test_the_state_has_everything_that_the_page_shows(
    call_page: PageApi, connected_app: App
) -> None:
    state = call_page("state?as=UADA")
    assert set(state) == {
        "team", "me", "users", "channels", "commands", "shortcuts", "app", "now", "home", "views", "can_travel",
        "next_due", "connected", "version", "channel_names", "tries", "next_words", "workspaces",
    }  # fmt: skip
    assert state["me"]["initials"] == "AL"
    assert [c["name"] for c in state["channels"]] == [
        "Collab",
        "general",
        "acme",
        "partners",
        "finance",
    ]
    assert state["channels"][0]["with"] == "U0COLLAB"
    assert state["commands"] == [
        {"command": "/collab", "description": "", "usage_hint": ""}
    ]
    assert state["connected"]
    assert call_page("state?as=UNOBODY", status=404)["error"]


def test_commands_presses_and_submissions_are_delivered(
    call_page: PageApi, connected_app: App, app: App
) -> None:
    def open_form(ack: Any, client: WebClient, body: Any) -> None:
        client.views_open(
            trigger_id=body["trigger_id"],
            view=modal(input_block("who", text_input("name"))),
        )
        ack()

    app.command("/collab")(
        lambda ack: ack(
            text="Go?", blocks=[section("Go?"), actions_block(button("go:1"))]
        )
    )
    app.action("go:1")(open_form)
    app.view("form")(lambda ack: ack())
    call_page("say", as_="UADA", channel="C0ACME", text="/collab")
    (message,) = call_page("messages?as=UADA&channel=C0ACME")["messages"]
    container = {"channel": "C0ACME", "ts": message["ts"]}
    press = {"as_": "UADA", "container": container, "block_id": "acts", "value": None}
    assert (
        "Not found" in call_page("act", status=404, **press, action_id="stop")["error"]
    )
    call_page("act", **press, action_id="go:1")
    (view,) = call_page("state?as=UADA")["views"]
    submission = {"as_": "UADA", "view_id": view["id"]}
    assert call_page("submit", **submission, values={})["errors"] == {
        "who": "Please complete this required field."
    }
    assert (
        call_page("submit", **submission, values={"who": {"name": "Carl"}})["views"]
        == []
    )
    assert call_page("state?as=UADA")["views"] == []
    assert call_page("close", status=404, **submission)["error"]


def test_an_external_select_loads_its_options_from_the_app(
    call_page: PageApi, connected_app: App, app: App, slack: WebClient
) -> None:
    element = {"type": "external_select", "action_id": "where", "min_query_length": 0}
    app.options("where")(
        lambda ack, body: ack(
            options=[{"text": plain_text(body["value"]), "value": "acme"}]
        )
    )
    chosen: list[Any] = []

    @app.action("where")
    def choose(ack: Ack, payload: dict[str, Any]) -> None:
        chosen.append(payload["selected_option"]["value"])
        ack()

    ts = slack.chat_postMessage(
        channel="C0ACME", text="Where?", blocks=[actions_block(element)]
    )["ts"]
    fields = {
        "as_": "UADA",
        "container": {"channel": "C0ACME", "ts": ts},
        "block_id": "acts",
        "action_id": "where",
    }
    assert (
        call_page("suggest", **fields, query="ac")["options"][0]["text"]["text"] == "ac"
    )
    call_page("act", **fields, value="acme")
    assert chosen == ["acme"]


def test_a_multi_select_loads_option_groups_and_keeps_initial_options(
    call_page: PageApi,
    connected_app: App,
    app: App,
    playground: Playground,
    slack: WebClient,
) -> None:
    shop, blog = (
        {"text": plain_text(name), "value": name} for name in ("shop", "blog")
    )
    element = {
        "type": "multi_external_select",
        "action_id": "what",
        "min_query_length": 0,
        "initial_options": [shop],
    }
    app.options("what")(
        lambda ack: ack(
            option_groups=[{"label": plain_text("Acme"), "options": [blog]}]
        )
    )

    def update_form(ack: Any, client: WebClient, payload: Any, body: Any) -> None:
        ack()
        names = ",".join(option["value"] for option in payload["selected_options"])
        select_block = input_block("what", element, dispatch_action=True)
        client.views_update(
            view_id=body["view"]["id"],
            view=modal(
                select_block, input_block(names, text_input("x"), optional=True)
            ),
        )

    app.action("what")(update_form)
    trigger = playground.state.issue_trigger("UADA")
    view = slack.views_open(
        trigger_id=trigger,
        view=modal(input_block("what", element, dispatch_action=True)),
    )["view"]
    fields = {
        "as_": "UADA",
        "container": {"view_id": view["id"]},
        "block_id": "what",
        "action_id": "what",
    }
    (group,) = call_page("suggest", **fields, query="b")["option_groups"]
    assert (group["label"]["text"], group["options"]) == ("Acme", [blog])
    call_page("act", **fields, value=["shop", "blog"])
    (view,) = call_page("state?as=UADA")["views"]
    assert [block["block_id"] for block in view["blocks"]] == ["what", "shop,blog"]
    assert view["state"]["values"]["what"]["what"]["selected_options"] == [shop, blog]
    assert (
        "Not found"
        in call_page("act", status=404, **fields, value=["shop", "nothing"])["error"]
    )


def test_a_missing_answer_and_a_rejection_are_reported(
    call_page: PageApi, playground: Playground, slack: WebClient
) -> None:
    call_page("say", as_="UADA", channel="C0ACME", text="/collab")
    assert call_page("messages?as=UADA&channel=C0ACME")["messages"][0]["failed"]
    assert call_page("say", status=403, as_="USAM", channel="C0ACME", text="hello")[
        "error"
    ]
    assert call_page("messages?as=USAM&channel=C0ACME", status=403)["error"]
    ts = slack.chat_postMessage(
        channel="C0ACME", text="Go?", blocks=[actions_block(button("go"))]
    )["ts"]
    container = {"channel": "C0ACME", "ts": ts}
    answer = call_page(
        "act",
        status=424,
        as_="UADA",
        container=container,
        block_id="acts",
        action_id="go",
        value=None,
    )
    assert "didn't answer" in answer["error"]


def test_the_clock_moves_by_seconds_or_to_the_next_due_moment(
    call_page: PageApi, playground: Playground
) -> None:
    before = playground.clock.epoch_seconds()
    assert call_page("clock", seconds=3600)["now"] - before == pytest.approx(
        3600, abs=10
    )
    assert call_page("clock", status=409, next=True)["error"] == "Nothing is due."
    moved: list[datetime] = []
    due = datetime.now(UTC) + timedelta(days=2)
    playground.on_travel, playground.get_next_due = moved.append, lambda: due
    assert call_page("clock", next=True)["now"] == pytest.approx(
        due.timestamp(), abs=10
    )
    assert moved == [due]


def test_pages_receive_events(
    call_page: PageApi, playground: Playground, slack: WebClient
) -> None:
    with requests.Session() as session:
        stream = session.get(
            f"{playground.url}/ui/stream?as=UADA", stream=True, timeout=5
        )
        lines = stream.iter_lines(chunk_size=1)
        next(lines)
        ts = slack.chat_postMessage(channel="C0ACME", text="hello")["ts"]
        slack.chat_update(channel="C0ACME", ts=ts, text="changed")
        slack.chat_delete(channel="C0ACME", ts=ts)
        slack.chat_postMessage(channel="UCARL", text="not for Ada")
        call_page("clock", seconds=60)
        events: list[Any] = []
        while not events or events[-1]["type"] != "clock":
            line = next(lines)
            if line.startswith(b"data: "):
                events.append(json.loads(line[6:]))
        stream.close()
    shown_events = [event for event in events if event["type"] != "traffic"]
    assert [event["type"] for event in shown_events] == [
        "message",
        "updated",
        "deleted",
        "clock",
    ]
    assert (shown_events[0]["unread"], shown_events[0]["message"]["text"]) == (
        1,
        "hello",
    )
    call_page("read", as_="UADA", channel="C0ACME", ts=shown_events[0]["message"]["ts"])


def test_unread_messages_of_the_app_are_counted_for_each_user(
    call_page: PageApi, slack: WebClient, playground: Playground
) -> None:
    slack.chat_postMessage(channel="UCARL", text="for Carl")
    slack.chat_postMessage(channel="UCARL", text="another one")
    slack.chat_postMessage(channel="C0ACME", text="for everybody in the channel")

    answer = call_page("others")

    humans = {one.id for one in playground.state.workspace.list_humans()}
    assert set(answer["unread"]) == humans
    assert {user: n for user, n in answer["unread"].items() if n} == {"UCARL": 2}
    assert (answer["next_due"], answer["next_words"]) == (None, None)


def test_traffic_entries_are_numbered(call_page: PageApi, slack: WebClient) -> None:
    slack.chat_postMessage(channel="C0ACME", text="hello")
    (entry,) = call_page("traffic?after=0")["traffic"]
    assert (entry["n"], entry["direction"], entry["summary"]) == (
        1,
        "in",
        "chat.postMessage C0ACME → ok",
    )
    assert call_page("traffic?after=1")["traffic"] == []


def test_an_account_is_deactivated_and_reactivated(
    call_page: PageApi, playground: Playground
) -> None:
    def carl() -> Any:
        return next(
            user
            for user in call_page("state?as=UADA")["users"]
            if user["id"] == "UCARL"
        )

    assert call_page("account", person="UCARL", deleted=True) == {"ok": True}
    assert carl()["deleted"]
    assert (
        "deactivated"
        in call_page("say", status=403, as_="UCARL", channel="C0ACME", text="hello")[
            "error"
        ]
    )
    call_page("account", person="UCARL", deleted=False)
    assert not carl()["deleted"]
    assert call_page("account", status=404, person="UNOBODY", deleted=True)["error"]
    assert [
        user["id"] for user in call_page("state?as=UADA")["users"] if user["admin"]
    ] == ["UADA"]


def test_the_last_event_of_a_page_has_the_last_state(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, is_started, is_removed = playground.state, Event(), Event()
    view = modals.open_modal(state, "UADA", modal(section("One")))
    stream = state.stream.subscribe("UADA")
    serialize_view = serializers.serialize_view

    def serialize_slowly(*arguments: Any) -> Any:
        shown = serialize_view(*arguments)
        is_started.set()
        is_removed.wait(0.2)
        return shown

    monkeypatch.setattr(serializers, "serialize_view", serialize_slowly)
    updating = Thread(
        target=modals.update_view, args=(state, view, modal(section("Two")))
    )
    updating.start()
    assert is_started.wait(5)
    modals.remove_view(state, view)
    is_removed.set()
    updating.join()
    state.stream.close()
    events = [
        json.loads(text.removeprefix("data: "))
        for text in stream
        if text.startswith("data: ")
    ]
    assert [len(event["views"]) for event in events if event["type"] == "views"] == [
        1,
        0,
    ]
