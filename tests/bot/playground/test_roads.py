"""A small app in the playground: commands, presses, modals, events, by socket and by HTTP."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from werkzeug.serving import make_server

from bot.playground import InvalidAnswer, NoAnswer, NotAllowed
from bot.playground.server import Playground
from tests.bot.playground.kit import (
    actions,
    button,
    field,
    modal,
    plain,
    section,
    settle,
    typed,
)


def card(text: str = "An invitation") -> list[dict[str, Any]]:
    menu = {
        "type": "overflow",
        "action_id": "more",
        "options": [{"text": plain("Mute"), "value": "mute"}],
    }
    return [
        section(text),
        actions(button("accept:7", value="7"), button("decline:7", value="7"), menu),
    ]


@pytest.fixture
def heard(app: App) -> list[dict[str, Any]]:
    """What the app heard, in order; it answers commands with a card and presses by replacing it."""
    heard: list[dict[str, Any]] = []

    def listen(ack: Any, body: Any, respond: Any, payload: Any) -> None:
        heard.append(body)
        if "command" in body:
            ack(text="An invitation", blocks=card())
        else:
            ack()
            respond(
                text=f"{payload['action_id']} by {body['user']['name']}",
                replace_original=True,
            )

    app.command("/collab")(listen)
    app.action("accept:7")(listen)
    app.action("more")(listen)
    app.action("decline:7")(lambda: None)
    return heard


def test_a_command_is_answered_in_its_own_ack(
    playground: Playground, linked: App, heard: list[Any]
) -> None:
    ada = playground.get_user("ada")
    body = ada.type_text(
        "/collab invite @carl jo@x.example a & b <@UDEVI|devi>", channel="acme"
    )
    assert body
    assert body["text"] == "An invitation"
    assert heard[0]["text"] == (
        "invite <@UCARL|carl> <mailto:jo@x.example|jo@x.example> a &amp; b <@UDEVI|devi>"
    )
    assert (heard[0]["channel_name"], heard[0]["user_id"], heard[0]["team_id"]) == (
        "acme",
        "UADA",
        "T0ACME0HQ",
    )
    assert [(m["text"], m["ephemeral"]) for m in ada.list_messages("acme")] == [
        ("An invitation", True)
    ]
    assert playground.get_user("carl").list_messages("acme") == []


def test_a_press_replaces_the_message(
    playground: Playground, linked: App, heard: list[Any]
) -> None:
    ada = playground.get_user("ada")
    ada.type_text("/collab", channel="acme")
    (message,) = ada.list_messages("acme")
    ada.press_button(message, "accept")
    playground.wait_until(
        lambda: ada.list_messages("acme")[0]["text"] == "accept:7 by ada"
    )
    press = heard[1]
    assert press["container"] == {
        "type": "message", "message_ts": message["ts"], "channel_id": "C0ACME", "is_ephemeral": True,
    }  # fmt: skip
    assert press["actions"][0]["value"] == "7"
    with pytest.raises(KeyError):
        ada.press_button(message, "accept")


def test_a_menu_sends_its_option(
    playground: Playground, slack: WebClient, linked: App, heard: list[Any]
) -> None:
    slack.chat_postMessage(channel="UCARL", text="An invitation", blocks=card())
    carl = playground.get_user("carl")
    (message,) = carl.list_direct_messages()
    carl.choose_option(message, "more", "mute")
    assert heard[0]["actions"][0]["selected_option"]["value"] == "mute"
    assert heard[0]["message"]["ts"] == message["ts"]
    with pytest.raises(KeyError):
        carl.choose_option(message, "more", "nothing")


def test_an_answer_in_the_ack_of_a_press_changes_nothing(
    playground: Playground, slack: WebClient, linked: App, app: App
) -> None:
    app.action("accept:7")(lambda ack: ack({"text": "Done", "replace_original": True}))
    slack.chat_postMessage(channel="UCARL", text="An invitation", blocks=card())
    carl = playground.get_user("carl")
    carl.press_button(carl.list_direct_messages()[0], "accept")
    assert [message["text"] for message in carl.list_direct_messages()] == [
        "An invitation"
    ]
    assert "Slack ignores" in playground.traffic_entries[-1]["summary"]


def test_silence_is_shown_to_the_person(playground: Playground, linked: App) -> None:
    playground.ack_timeout_seconds = 0.1
    ada = playground.get_user("ada")
    with pytest.raises(NoAnswer) as silence:
        ada.type_text("/collab help")
    assert silence.value.reason == "operation_timeout"
    (told,) = ada.list_messages("general")
    assert told["failed"]
    assert told["text"] == '/collab failed with the error "operation_timeout"'


def test_an_unconnected_app_cannot_answer(playground: Playground) -> None:
    with pytest.raises(NoAnswer) as silence:
        playground.get_user("ada").type_text("/collab")
    assert silence.value.reason == "dispatch_failed"


def test_a_wrong_answer_is_refused(
    playground: Playground, linked: App, app: App
) -> None:
    app.command("/collab")(
        lambda ack: ack(blocks=[{"type": "header", "text": plain("x" * 151)}])
    )
    with pytest.raises(InvalidAnswer) as refusal:
        playground.get_user("ada").type_text("/collab")
    assert "151 characters" in refusal.value.messages[0]
    assert playground.get_user("ada").list_messages()[0]["failed"]


def test_who_may_type_where(
    playground: Playground, linked: App, heard: list[Any]
) -> None:
    for person, text, channel in (
        ("eve", "/collab", "partners"),
        ("sam", "/collab", "acme"),
        ("ada", "/no", "acme"),
    ):
        with pytest.raises(NotAllowed):
            playground.get_user(person).type_text(text, channel=channel)
    playground.change_account("bo", deleted=True)
    with pytest.raises(NotAllowed):
        playground.get_user("bo").type_text("hello", channel="acme")
    assert heard == []


def test_a_foreign_person_may_press(
    playground: Playground, slack: WebClient, linked: App, heard: list[Any]
) -> None:
    playground.get_user("ada").type_text("/invite @Collab", channel="partners")
    slack.chat_postMessage(channel="C0PARTNERS", text="Join", blocks=card())
    eve = playground.get_user("eve")
    eve.press_button(eve.list_messages("partners")[-1], "accept")
    assert heard[0]["user"]["team_id"] == "T0EVECORP"
    assert heard[0]["team"]["id"] == "T0ACME0HQ"


@pytest.fixture
def form(app: App) -> App:
    """A modal on command: refuses the name "bad", goes on to a second page for "more", clears for "stop"."""
    kinds = {
        "bad": ("errors", {"errors": {"who": "Not this one."}}),
        "stop": ("clear", {}),
    }

    def sent(ack: Any, view: Any) -> None:
        name = view["state"]["values"]["who"]["name"]["value"]
        if name == "more":
            ack(response_action="push", view=modal(section("Second")))
        elif name in kinds:
            action, more = kinds[name]
            ack(response_action=action, **more)
        else:
            ack()

    def opens(ack: Any, client: WebClient, body: Any) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=fields())
        ack()

    app.command("/collab")(opens)
    app.shortcut("invite")(opens)
    app.view("form")(sent)
    app.options("where")(
        lambda ack, body: ack(
            options=[{"text": plain(body["value"] or "Acme"), "value": "acme"}]
        )
    )
    return app


def fields() -> dict[str, Any]:
    mail = {"type": "email_text_input", "action_id": "mail"}
    where = {"type": "external_select", "action_id": "where", "min_query_length": 0}
    return modal(
        field("who", typed("name", max_length=5)),
        field("mail", mail, optional=True),
        field("where", where, optional=True),
        notify_on_close=True,
    )


def test_a_modal_is_filled_and_sent(
    playground: Playground, linked: App, form: App
) -> None:
    ada = playground.get_user("ada")
    ada.type_text("/collab")
    assert ada.submit_view({})["errors"] == {
        "who": "Please complete this required field."
    }
    assert set(ada.submit_view({"name": "too long", "mail": "nonsense"})["errors"]) == {
        "who",
        "mail",
    }
    assert ada.submit_view({"name": "bad", "mail": "a@b.example"})["errors"] == {
        "who": "Not this one."
    }
    assert ada.top_view is not None
    assert ada.search_options(ada.top_view, "where", "ac")[0]["text"]["text"] == "ac"
    ada.submit_view({"name": "more", "where": "acme"})
    assert [view["title"]["text"] for view in ada.open_views] == ["Invite", "Invite"]
    ada.close_view()
    assert ada.top_view
    assert (
        ada.top_view["state"]["values"]["where"]["where"]["selected_option"]["value"]
        == "acme"
    )
    assert ada.submit_view({"name": "fine"}) is None
    assert ada.top_view is None


def test_an_answer_may_clear_the_stack(
    playground: Playground, linked: App, form: App
) -> None:
    ada = playground.get_user("ada")
    ada.use_shortcut("invite")
    assert ada.submit_view({"name": "stop"})["response_action"] == "clear"
    assert ada.open_views == []


def test_closing_is_told_where_asked(
    playground: Playground, linked: App, form: App
) -> None:
    closed: list[Any] = []

    @form.view_closed("form")
    def close(ack: Ack, body: dict[str, Any]) -> None:
        closed.append(body)
        ack()

    ada = playground.get_user("ada")
    ada.type_text("/collab")
    ada.close_view()
    assert closed[0]["view"]["callback_id"] == "form"
    assert closed[0]["is_cleared"] is False


def test_home(playground: Playground, linked: App, app: App) -> None:
    home = {"type": "home", "blocks": [actions(button("go"))]}
    pressed: list[Any] = []
    app.event("app_home_opened")(
        lambda client, event: client.views_publish(user_id=event["user"], view=home)
    )

    @app.action("go")
    def press(ack: Ack, body: dict[str, Any]) -> None:
        pressed.append(body)
        ack()

    ada = playground.get_user("ada")
    ada.open_home()
    playground.wait_until(lambda: ada.home_view)
    ada.press_button(ada.home_view or {}, "go")
    assert pressed[0]["view"]["type"] == "home"


def test_events_come_again_until_they_are_taken(
    playground: Playground, linked: App, app: App
) -> None:
    playground.ack_timeout_seconds = 0.1
    seen: list[Any] = []

    @app.middleware
    def first_fails(req: Any, next: Any, body: Any) -> None:  # noqa: A002  Bolt's name
        seen.append(
            (
                body["event_id"],
                req.headers.get("x-slack-retry-num"),
                req.headers.get("x-slack-retry-reason"),
            )
        )
        if len(seen) < 3:
            time.sleep(0.15)
        if len(seen) == 2:
            playground.ack_timeout_seconds = (
                15.0  # the third attempt is to succeed, on a busy machine too
            )
        next()

    app.event("user_change")(lambda: None)
    sent = playground.send_event({"type": "user_change", "user": {"id": "UADA"}})
    assert sent.finished.wait(15)
    assert sent.attempts == ["timeout", "timeout", "ok"]
    assert {event_id for event_id, _, _ in seen} == {sent.event_id}
    assert [number for _, number, _ in seen] == [["0"], ["1"], ["2"]]


def test_accounts_change_and_appear(
    playground: Playground, linked: App, app: App
) -> None:
    changes: list[Any] = []
    app.event("user_change")(lambda event: changes.append(event["user"]))
    app.event("team_join")(lambda event: changes.append(event["user"]))
    playground.change_account("devi", tz="Europe/Paris")
    playground.add_user("kim", tz="Asia/Seoul")
    playground.wait_until(lambda: len(changes) == 2)
    assert {c["tz"] for c in changes} == {"Europe/Paris", "Asia/Seoul"}
    with pytest.raises(ValueError, match="subscribes"):
        playground.send_event({"type": "reaction_added"})


def test_an_account_that_is_deactivated_returns_as_it_was(
    playground: Playground, linked: App, app: App
) -> None:
    told: list[Any] = []
    app.event("user_change")(lambda event: told.append(event["user"]))
    playground.deactivate_account("ada")
    playground.reactivate_account("ada")
    playground.set_admin("bo")
    playground.wait_until(lambda: len(told) == 3)
    # The app's threads may take the events in another order than they came.
    assert sorted(
        (user["id"], not user["deleted"], user.get("is_admin")) for user in told
    ) == [
        ("UADA", False, None),
        ("UADA", True, True),
        ("UBO", True, True),
    ]


def test_a_message_in_a_channel_is_an_event(
    playground: Playground, linked: App, app: App
) -> None:
    texts: list[str] = []
    app.event("message")(lambda event: texts.append(event["text"]))
    playground.get_user("ada").type_text("hello @carl", channel="acme")
    playground.wait_until(lambda: texts)
    assert texts == ["hello <@UCARL>"]


def test_response_urls_end(playground: Playground, linked: App, app: App) -> None:
    urls: list[str] = []

    @app.command("/collab")
    def note_url(ack: Ack, body: dict[str, Any]) -> None:
        urls.append(body["response_url"])
        ack()

    ada = playground.get_user("ada")
    ada.type_text("/collab")
    ada.type_text("/collab")

    def answer(url: str, **body: Any) -> tuple[int, str]:
        with requests.Session() as session:
            told = session.post(url, json=body)
        return told.status_code, told.text

    assert answer(urls[0], blocks=[{"type": "video"}]) == (400, "invalid_blocks")
    assert [answer(urls[0], text="hello") for _ in range(5)] == [(200, "ok")] * 4 + [
        (404, "used_url")
    ]
    assert len(ada.list_messages()) == 4
    assert answer(urls[1], text="all", response_type="in_channel") == (200, "ok")
    assert playground.get_user("bo").list_messages()[0]["text"] == "all"
    playground.clock.set_now(playground.clock.now() + timedelta(minutes=31))
    assert answer(urls[1], text="late") == (404, "expired_url")


def test_a_socket_is_renewed(
    playground: Playground, linked: App, heard: list[Any]
) -> None:
    playground.faults.refresh_sockets()
    playground.wait_until(
        lambda: (
            sum("connections.open" in e["summary"] for e in playground.traffic_entries)
            > 1
        )
    )
    playground.wait_until(lambda: len(playground.state.sockets._connections) == 1)
    assert playground.get_user("ada").type_text("/collab")


def test_a_dropped_socket_comes_back(
    playground: Playground, linked: App, heard: list[Any]
) -> None:
    playground.faults.drop_sockets()
    playground.wait_until(lambda: not playground.is_connected)
    playground.wait_until(lambda: playground.is_connected)
    assert playground.get_user("ada").type_text("/collab")


def test_a_delivery_may_come_twice(
    playground: Playground, linked: App, heard: list[Any]
) -> None:
    playground.faults.duplicate("command")
    playground.get_user("ada").type_text("/collab")
    assert len(heard) == 2
    assert heard[0] == heard[1]
    assert len(playground.get_user("ada").list_messages()) == 1


def test_what_was_said_is_written_down(
    playground: Playground,
    linked: App,
    heard: list[Any],
    slack: WebClient,
    tmp_path: Path,
) -> None:
    slack.chat_postMessage(channel="C0ACME", text="hello")
    ada = playground.get_user("ada")
    ada.type_text("/collab", channel="acme")
    ada.press_button(ada.list_messages("acme")[-1], "accept")
    playground.wait_until(
        lambda: any(e["kind"] == "response_url" for e in playground.traffic_entries)
    )
    lines = [
        json.loads(line)
        for line in (tmp_path / "traffic.jsonl").read_text().splitlines()
    ]
    assert all(set(line) in ({"call", "args"}, {"reply"}) for line in lines)
    assert {
        "call": "chat.postMessage",
        "args": {"channel": "C0ACME", "text": "hello"},
    } in lines
    assert {"text": "accept:7 by ada", "replace_original": True} in [
        line.get("reply") for line in lines
    ]
    secrets = (playground.bot_token, playground.app_token)
    shown = json.dumps(playground.traffic_entries)
    assert not any(secret in shown for secret in secrets)
    assert "/response/\\u2022" in shown


@pytest.fixture
def by_http(playground: Playground, slack: WebClient) -> Iterator[App]:
    app = App(
        client=slack,
        signing_secret=playground.signing_secret,
        token_verification_enabled=False,
    )
    server = make_server(
        "127.0.0.1", 0, SlackRequestHandler(app, path="/slack/events"), threaded=True
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    playground.request_url = f"http://127.0.0.1:{server.server_port}/slack/events"
    yield app
    settle(app)
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_same_by_signed_http(playground: Playground, by_http: App) -> None:
    ada, events = playground.get_user("ada"), []
    by_http.command("/collab")(lambda ack: ack(text="An invitation", blocks=card()))
    by_http.action("accept:7")(
        lambda ack, respond: (ack(), respond(text="Done", replace_original=True))
    )
    by_http.event("team_join")(lambda event: events.append(event["user"]))
    assert ada.type_text("/collab help")
    ada.press_button(ada.list_messages()[0], "accept")
    playground.wait_until(lambda: ada.list_messages()[0]["text"] == "Done")
    assert playground.send_event(
        {"type": "team_join", "user": {"id": "UBO"}}
    ).attempts == ["ok"]
    playground.wait_until(lambda: events)


def test_a_wrong_signature_fails_and_comes_again(
    playground: Playground, by_http: App
) -> None:
    playground.state.signing_secret = "another"
    sent = playground.send_event({"type": "team_join", "user": {"id": "UBO"}})
    assert sent.finished.wait(15)
    assert sent.attempts == ["http_error"] * 4
    with pytest.raises(NoAnswer) as refusal:
        playground.get_user("ada").type_text("/collab")
    assert refusal.value.reason == "dispatch_failed"
