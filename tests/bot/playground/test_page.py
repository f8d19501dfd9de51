"""The page's endpoints."""

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
from tests.bot.playground.kit import (
    actions,
    button,
    field,
    modal,
    plain,
    section,
    typed,
)

Ui = Callable[..., Any]


@pytest.fixture
def ui(playground: Playground) -> Ui:
    """`ui("say", as_="UADA", …)` posts, `ui("state?as=UADA")` gets."""

    def call(path: str, status: int = 200, **body: Any) -> Any:
        body = {"as" if name == "as_" else name: value for name, value in body.items()}
        with requests.Session() as session:
            address = f"{playground.url}/ui/{path}"
            answer = session.post(address, json=body) if body else session.get(address)
        assert answer.status_code == status, answer.text
        return answer.json()

    return call


def test_state(ui: Ui, linked: App) -> None:
    state = ui("state?as=UADA")
    assert set(state) == {
        "team", "me", "users", "channels", "commands", "shortcuts", "app", "now", "home", "views", "can_travel",
        "next_due", "connected", "version", "channel_names", "tries", "next_words",
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
    assert ui("state?as=UNOBODY", status=404)["error"]


def test_typing_pressing_and_sending(ui: Ui, linked: App, app: App) -> None:
    def opens(ack: Any, client: WebClient, body: Any) -> None:
        client.views_open(
            trigger_id=body["trigger_id"], view=modal(field("who", typed("name")))
        )
        ack()

    app.command("/collab")(
        lambda ack: ack(text="Go?", blocks=[section("Go?"), actions(button("go:1"))])
    )
    app.action("go:1")(opens)
    app.view("form")(lambda ack: ack())
    ui("say", as_="UADA", channel="C0ACME", text="/collab")
    (message,) = ui("messages?as=UADA&channel=C0ACME")["messages"]
    where = {"channel": "C0ACME", "ts": message["ts"]}
    press = {"as_": "UADA", "container": where, "block_id": "acts", "value": None}
    assert "Not there" in ui("act", status=404, **press, action_id="stop")["error"]
    ui("act", **press, action_id="go:1")
    (view,) = ui("state?as=UADA")["views"]
    sent = {"as_": "UADA", "view_id": view["id"]}
    assert ui("submit", **sent, values={})["errors"] == {
        "who": "Please complete this required field."
    }
    assert ui("submit", **sent, values={"who": {"name": "Carl"}})["views"] == []
    assert ui("state?as=UADA")["views"] == []
    assert ui("close", status=404, **sent)["error"]


def test_an_external_select_asks_the_app(
    ui: Ui, linked: App, app: App, slack: WebClient
) -> None:
    element = {"type": "external_select", "action_id": "where", "min_query_length": 0}
    app.options("where")(
        lambda ack, body: ack(options=[{"text": plain(body["value"]), "value": "acme"}])
    )
    chosen: list[Any] = []

    @app.action("where")
    def choose(ack: Ack, payload: dict[str, Any]) -> None:
        chosen.append(payload["selected_option"]["value"])
        ack()

    ts = slack.chat_postMessage(
        channel="C0ACME", text="Where?", blocks=[actions(element)]
    )["ts"]
    asked = {
        "as_": "UADA",
        "container": {"channel": "C0ACME", "ts": ts},
        "block_id": "acts",
        "action_id": "where",
    }
    assert ui("suggest", **asked, query="ac")["options"][0]["text"]["text"] == "ac"
    ui("act", **asked, value="acme")
    assert chosen == ["acme"]


def test_several_grouped_choices_are_asked_for_and_what_stood_there_may_stay(
    ui: Ui, linked: App, app: App, playground: Playground, slack: WebClient
) -> None:
    shop, blog = ({"text": plain(name), "value": name} for name in ("shop", "blog"))
    element = {
        "type": "multi_external_select",
        "action_id": "what",
        "min_query_length": 0,
        "initial_options": [shop],
    }
    app.options("what")(
        lambda ack: ack(option_groups=[{"label": plain("Acme"), "options": [blog]}])
    )

    def chosen(ack: Any, client: WebClient, payload: Any, body: Any) -> None:
        ack()
        names = ",".join(option["value"] for option in payload["selected_options"])
        kept = field("what", element, dispatch_action=True)
        client.views_update(
            view_id=body["view"]["id"],
            view=modal(kept, field(names, typed("x"), optional=True)),
        )

    app.action("what")(chosen)
    trigger = playground.state.issue_trigger("UADA")
    view = slack.views_open(
        trigger_id=trigger, view=modal(field("what", element, dispatch_action=True))
    )["view"]
    asked = {
        "as_": "UADA",
        "container": {"view_id": view["id"]},
        "block_id": "what",
        "action_id": "what",
    }
    (group,) = ui("suggest", **asked, query="b")["option_groups"]
    assert (group["label"]["text"], group["options"]) == ("Acme", [blog])
    ui("act", **asked, value=["shop", "blog"])
    (view,) = ui("state?as=UADA")["views"]
    assert [block["block_id"] for block in view["blocks"]] == ["what", "shop,blog"]
    assert view["state"]["values"]["what"]["what"]["selected_options"] == [shop, blog]
    assert (
        "Not there"
        in ui("act", status=404, **asked, value=["shop", "nothing"])["error"]
    )


def test_silence_and_refusals_are_told(
    ui: Ui, playground: Playground, slack: WebClient
) -> None:
    ui("say", as_="UADA", channel="C0ACME", text="/collab")
    assert ui("messages?as=UADA&channel=C0ACME")["messages"][0]["failed"]
    assert ui("say", status=403, as_="USAM", channel="C0ACME", text="hello")["error"]
    assert ui("messages?as=USAM&channel=C0ACME", status=403)["error"]
    ts = slack.chat_postMessage(
        channel="C0ACME", text="Go?", blocks=[actions(button("go"))]
    )["ts"]
    where = {"channel": "C0ACME", "ts": ts}
    told = ui(
        "act",
        status=424,
        as_="UADA",
        container=where,
        block_id="acts",
        action_id="go",
        value=None,
    )
    assert "did not answer" in told["error"]


def test_the_clock_moves(ui: Ui, playground: Playground) -> None:
    before = playground.clock.epoch_seconds()
    assert ui("clock", seconds=3600)["now"] - before == pytest.approx(3600, abs=10)
    assert ui("clock", status=409, next=True)["error"] == "Nothing is due."
    moved: list[datetime] = []
    due = datetime.now(UTC) + timedelta(days=2)
    playground.on_travel, playground.get_next_due = moved.append, lambda: due
    assert ui("clock", next=True)["now"] == pytest.approx(due.timestamp(), abs=10)
    assert moved == [due]


def test_pages_hear_what_happens(
    ui: Ui, playground: Playground, slack: WebClient
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
        ui("clock", seconds=60)
        heard: list[Any] = []
        while not heard or heard[-1]["type"] != "clock":
            line = next(lines)
            if line.startswith(b"data: "):
                heard.append(json.loads(line[6:]))
        stream.close()
    told = [event for event in heard if event["type"] != "traffic"]
    assert [event["type"] for event in told] == [
        "message",
        "updated",
        "deleted",
        "clock",
    ]
    assert (told[0]["unread"], told[0]["message"]["text"]) == (1, "hello")
    ui("read", as_="UADA", channel="C0ACME")


def test_traffic_is_numbered(ui: Ui, slack: WebClient) -> None:
    slack.chat_postMessage(channel="C0ACME", text="hello")
    (entry,) = ui("traffic?after=0")["traffic"]
    assert (entry["n"], entry["direction"], entry["summary"]) == (
        1,
        "in",
        "chat.postMessage C0ACME → ok",
    )
    assert ui("traffic?after=1")["traffic"] == []


def test_an_account_is_deactivated_and_returns(ui: Ui, playground: Playground) -> None:
    def carl() -> Any:
        return next(
            user for user in ui("state?as=UADA")["users"] if user["id"] == "UCARL"
        )

    assert ui("account", person="UCARL", deleted=True) == {"ok": True}
    assert carl()["deleted"]
    assert (
        "deactivated"
        in ui("say", status=403, as_="UCARL", channel="C0ACME", text="hello")["error"]
    )
    ui("account", person="UCARL", deleted=False)
    assert not carl()["deleted"]
    assert ui("account", status=404, person="UNOBODY", deleted=True)["error"]
    assert [user["id"] for user in ui("state?as=UADA")["users"] if user["admin"]] == [
        "UADA"
    ]


def test_what_a_page_hears_last_is_so(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, began, other = playground.state, Event(), Event()
    view = modals.open_modal(site, "UADA", modal(section("One")))
    heard = site.stream.subscribe("UADA")
    shape = serializers.serialize_view

    def slowly(*of: Any) -> Any:
        shown = shape(*of)
        began.set()
        other.wait(0.2)
        return shown

    monkeypatch.setattr(serializers, "serialize_view", slowly)
    changing = Thread(
        target=modals.update_view, args=(site, view, modal(section("Two")))
    )
    changing.start()
    assert began.wait(5)
    modals.remove_view(site, view)
    other.set()
    changing.join()
    site.stream.close()
    told = [
        json.loads(text.removeprefix("data: "))
        for text in heard
        if text.startswith("data: ")
    ]
    assert [len(event["views"]) for event in told if event["type"] == "views"] == [1, 0]
