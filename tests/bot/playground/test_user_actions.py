"""Commands, actions, modals and events of a small app, by Socket Mode and by HTTP."""

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
from tests.bot.playground.helpers import (
    actions_block,
    button,
    input_block,
    modal,
    plain_text,
    section,
    text_input,
    wait_for_listeners,
)


def invitation_blocks(text: str = "An invitation") -> list[dict[str, Any]]:
    menu = {
        "type": "overflow",
        "action_id": "more",
        "options": [{"text": plain_text("Mute"), "value": "mute"}],
    }
    return [
        section(text),
        actions_block(
            button("accept:7", value="7"), button("decline:7", value="7"), menu
        ),
    ]


@pytest.fixture
def payloads(app: App) -> list[dict[str, Any]]:
    """Return the payloads of an app that answers commands and updates messages."""
    payloads: list[dict[str, Any]] = []

    def handle(ack: Any, body: Any, respond: Any, payload: Any) -> None:
        payloads.append(body)
        if "command" in body:
            ack(text="An invitation", blocks=invitation_blocks())
        else:
            ack()
            respond(
                text=f"{payload['action_id']} by {body['user']['name']}",
                replace_original=True,
            )

    app.command("/collab")(handle)
    app.action("accept:7")(handle)
    app.action("more")(handle)
    app.action("decline:7")(lambda: None)
    return payloads


def test_a_command_is_answered_in_its_acknowledgement(
    playground: Playground, connected_app: App, payloads: list[Any]
) -> None:
    ada = playground.get_user("ada")
    body = ada.type_text(
        "/collab invite @carl jo@x.example a & b <@UDEVI|devi>", channel="acme"
    )
    assert body
    assert body["text"] == "An invitation"
    assert payloads[0]["text"] == (
        "invite <@UCARL|carl> <mailto:jo@x.example|jo@x.example> a &amp; b <@UDEVI|devi>"
    )
    assert (
        payloads[0]["channel_name"],
        payloads[0]["user_id"],
        payloads[0]["team_id"],
    ) == (
        "acme",
        "UADA",
        "T0ACME0HQ",
    )
    assert [
        (message["text"], message["ephemeral"]) for message in ada.list_messages("acme")
    ] == [("An invitation", True)]
    assert playground.get_user("carl").list_messages("acme") == []


def test_a_pressed_button_replaces_the_message(
    playground: Playground, connected_app: App, payloads: list[Any]
) -> None:
    ada = playground.get_user("ada")
    ada.type_text("/collab", channel="acme")
    (message,) = ada.list_messages("acme")
    ada.press_button(message, "accept")
    playground.wait_until(
        lambda: ada.list_messages("acme")[0]["text"] == "accept:7 by ada"
    )
    press = payloads[1]
    assert press["container"] == {
        "type": "message", "message_ts": message["ts"], "channel_id": "C0ACME", "is_ephemeral": True,
    }  # fmt: skip
    assert press["actions"][0]["value"] == "7"
    with pytest.raises(KeyError):
        ada.press_button(message, "accept")


def test_an_overflow_menu_sends_its_option(
    playground: Playground, slack: WebClient, connected_app: App, payloads: list[Any]
) -> None:
    slack.chat_postMessage(
        channel="UCARL", text="An invitation", blocks=invitation_blocks()
    )
    carl = playground.get_user("carl")
    (message,) = carl.list_direct_messages()
    carl.choose_option(message, "more", "mute")
    assert payloads[0]["actions"][0]["selected_option"]["value"] == "mute"
    assert payloads[0]["message"]["ts"] == message["ts"]
    with pytest.raises(KeyError):
        carl.choose_option(message, "more", "nothing")


def test_an_answer_in_the_acknowledgement_of_an_action_is_ignored(
    playground: Playground, slack: WebClient, connected_app: App, app: App
) -> None:
    app.action("accept:7")(lambda ack: ack({"text": "Done", "replace_original": True}))
    slack.chat_postMessage(
        channel="UCARL", text="An invitation", blocks=invitation_blocks()
    )
    carl = playground.get_user("carl")
    carl.press_button(carl.list_direct_messages()[0], "accept")
    assert [message["text"] for message in carl.list_direct_messages()] == [
        "An invitation"
    ]
    assert "Slack ignores" in playground.traffic_entries[-1]["summary"]


def test_a_missing_acknowledgement_is_shown_to_the_user(
    playground: Playground, connected_app: App
) -> None:
    playground.ack_timeout_seconds = 0.1
    ada = playground.get_user("ada")
    with pytest.raises(NoAnswer) as caught:
        ada.type_text("/collab help")
    assert caught.value.reason == "operation_timeout"
    (message,) = ada.list_messages("general")
    assert message["failed"]
    assert message["text"] == '/collab failed with the error "operation_timeout"'


def test_a_command_fails_if_the_app_is_not_connected(playground: Playground) -> None:
    with pytest.raises(NoAnswer) as caught:
        playground.get_user("ada").type_text("/collab")
    assert caught.value.reason == "dispatch_failed"


def test_an_invalid_answer_is_rejected(
    playground: Playground, connected_app: App, app: App
) -> None:
    app.command("/collab")(
        lambda ack: ack(blocks=[{"type": "header", "text": plain_text("x" * 151)}])
    )
    with pytest.raises(InvalidAnswer) as caught:
        playground.get_user("ada").type_text("/collab")
    assert "151 characters" in caught.value.messages[0]
    assert playground.get_user("ada").list_messages()[0]["failed"]


def test_typing_is_rejected_where_slack_does_not_allow_it(
    playground: Playground, connected_app: App, payloads: list[Any]
) -> None:
    for user_name, text, channel in (
        ("eve", "/collab", "partners"),
        ("sam", "/collab", "acme"),
        ("ada", "/no", "acme"),
    ):
        with pytest.raises(NotAllowed):
            playground.get_user(user_name).type_text(text, channel=channel)
    playground.change_account("bo", deleted=True)
    with pytest.raises(NotAllowed):
        playground.get_user("bo").type_text("hello", channel="acme")
    assert payloads == []


def test_a_user_of_another_workspace_can_press_a_button(
    playground: Playground, slack: WebClient, connected_app: App, payloads: list[Any]
) -> None:
    connected_app.event("member_joined_channel")(lambda ack: ack())
    playground.get_user("ada").type_text("/invite @Collab", channel="partners")
    slack.chat_postMessage(
        channel="C0PARTNERS", text="Join", blocks=invitation_blocks()
    )
    eve = playground.get_user("eve")
    eve.press_button(eve.list_messages("partners")[-1], "accept")
    assert payloads[0]["user"]["team_id"] == "T0EVECORP"
    assert payloads[0]["team"]["id"] == "T0ACME0HQ"


@pytest.fixture
def form_app(app: App) -> App:
    """Return an app whose modal rejects "bad", pushes on "more", clears on "stop"."""
    answers = {
        "bad": ("errors", {"errors": {"who": "Not this one."}}),
        "stop": ("clear", {}),
    }

    def submit(ack: Any, view: Any) -> None:
        name = view["state"]["values"]["who"]["name"]["value"]
        if name == "more":
            ack(response_action="push", view=modal(section("Second")))
        elif name in answers:
            action, answer_fields = answers[name]
            ack(response_action=action, **answer_fields)
        else:
            ack()

    def open_form(ack: Any, client: WebClient, body: Any) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=form_view())
        ack()

    app.command("/collab")(open_form)
    app.shortcut("invite")(open_form)
    app.view("form")(submit)
    app.options("where")(
        lambda ack, body: ack(
            options=[{"text": plain_text(body["value"] or "Acme"), "value": "acme"}]
        )
    )
    return app


def form_view() -> dict[str, Any]:
    mail_input = {"type": "email_text_input", "action_id": "mail"}
    place_select = {
        "type": "external_select",
        "action_id": "where",
        "min_query_length": 0,
    }
    return modal(
        input_block("who", text_input("name", max_length=5)),
        input_block("mail", mail_input, optional=True),
        input_block("where", place_select, optional=True),
        notify_on_close=True,
    )


def test_a_modal_is_filled_and_submitted(
    playground: Playground, connected_app: App, form_app: App
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


def test_an_answer_can_clear_the_stack(
    playground: Playground, connected_app: App, form_app: App
) -> None:
    ada = playground.get_user("ada")
    ada.use_shortcut("invite")
    assert ada.submit_view({"name": "stop"})["response_action"] == "clear"
    assert ada.open_views == []


def test_closing_is_sent_if_the_view_requests_it(
    playground: Playground, connected_app: App, form_app: App
) -> None:
    closed: list[Any] = []

    @form_app.view_closed("form")
    def close(ack: Ack, body: dict[str, Any]) -> None:
        closed.append(body)
        ack()

    ada = playground.get_user("ada")
    ada.type_text("/collab")
    ada.close_view()
    assert closed[0]["view"]["callback_id"] == "form"
    assert closed[0]["is_cleared"] is False


def test_the_home_tab_is_opened_published_and_pressed(
    playground: Playground, connected_app: App, app: App
) -> None:
    home = {"type": "home", "blocks": [actions_block(button("go"))]}
    presses: list[Any] = []
    app.event("app_home_opened")(
        lambda client, event: client.views_publish(user_id=event["user"], view=home)
    )

    @app.action("go")
    def press(ack: Ack, body: dict[str, Any]) -> None:
        presses.append(body)
        ack()

    ada = playground.get_user("ada")
    ada.open_home()
    playground.wait_until(lambda: ada.home_view)
    ada.press_button(ada.home_view or {}, "go")
    assert presses[0]["view"]["type"] == "home"


def test_events_are_retried_until_they_are_acknowledged(
    playground: Playground, connected_app: App, app: App
) -> None:
    playground.ack_timeout_seconds = 0.1
    attempts: list[Any] = []

    @app.middleware
    def fail_twice(req: Any, next: Any, body: Any) -> None:  # noqa: A002  Bolt's name
        attempts.append(
            (
                body["event_id"],
                req.headers.get("x-slack-retry-num"),
                req.headers.get("x-slack-retry-reason"),
            )
        )
        if len(attempts) < 3:
            time.sleep(0.15)
        if len(attempts) == 2:
            playground.ack_timeout_seconds = (
                15.0  # the third attempt is to succeed, on a busy machine too
            )
        next()

    app.event("user_change")(lambda: None)
    delivery = playground.send_event({"type": "user_change", "user": {"id": "UADA"}})
    assert delivery.finished.wait(15)
    assert delivery.attempts == ["timeout", "timeout", "ok"]
    assert {event_id for event_id, _, _ in attempts} == {delivery.event_id}
    assert [number for _, number, _ in attempts] == [["0"], ["1"], ["2"]]


def test_changed_and_new_accounts_are_sent_as_events(
    playground: Playground, connected_app: App, app: App
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


def test_a_reactivated_account_has_its_old_fields(
    playground: Playground, connected_app: App, app: App
) -> None:
    users: list[Any] = []
    app.event("user_change")(lambda event: users.append(event["user"]))
    playground.deactivate_account("ada")
    playground.reactivate_account("ada")
    playground.set_admin("bo")
    playground.wait_until(lambda: len(users) == 3)
    # The app's threads may take the events in another order than they came.
    assert sorted(
        (user["id"], not user["deleted"], user.get("is_admin")) for user in users
    ) == [
        ("UADA", False, None),
        ("UADA", True, True),
        ("UBO", True, True),
    ]


def test_a_message_in_a_channel_is_sent_as_event(
    playground: Playground, connected_app: App, app: App
) -> None:
    texts: list[str] = []
    app.event("message")(lambda event: texts.append(event["text"]))
    playground.get_user("ada").type_text("hello @carl", channel="acme")
    playground.wait_until(lambda: texts)
    assert texts == ["hello <@UCARL>"]


def test_a_response_url_has_limited_uses_and_time(
    playground: Playground, connected_app: App, app: App
) -> None:
    urls: list[str] = []

    @app.command("/collab")
    def record_url(ack: Ack, body: dict[str, Any]) -> None:
        urls.append(body["response_url"])
        ack()

    ada = playground.get_user("ada")
    ada.type_text("/collab")
    ada.type_text("/collab")

    def post_answer(url: str, **body: Any) -> tuple[int, str]:
        with requests.Session() as session:
            response = session.post(url, json=body)
        return response.status_code, response.text

    assert post_answer(urls[0], blocks=[{"type": "video"}]) == (400, "invalid_blocks")
    assert [post_answer(urls[0], text="hello") for _ in range(5)] == [
        (200, "ok")
    ] * 4 + [(404, "used_url")]
    assert len(ada.list_messages()) == 4
    assert post_answer(urls[1], text="all", response_type="in_channel") == (200, "ok")
    assert playground.get_user("bo").list_messages()[0]["text"] == "all"
    playground.clock.set_now(playground.clock.now() + timedelta(minutes=31))
    assert post_answer(urls[1], text="late") == (404, "expired_url")


def test_a_socket_is_reconnected_on_request(
    playground: Playground, connected_app: App, payloads: list[Any]
) -> None:
    playground.faults.refresh_sockets()
    playground.wait_until(
        lambda: (
            sum(
                "connections.open" in entry["summary"]
                for entry in playground.traffic_entries
            )
            > 1
        )
    )
    playground.wait_until(lambda: len(playground.state.sockets._connections) == 1)
    assert playground.get_user("ada").type_text("/collab")


def test_a_dropped_socket_is_reconnected(
    playground: Playground, connected_app: App, payloads: list[Any]
) -> None:
    playground.faults.drop_sockets()
    playground.wait_until(lambda: not playground.is_connected)
    playground.wait_until(lambda: playground.is_connected)
    assert playground.get_user("ada").type_text("/collab")


def test_a_payload_can_be_delivered_twice(
    playground: Playground, connected_app: App, payloads: list[Any]
) -> None:
    playground.faults.duplicate("command")
    playground.get_user("ada").type_text("/collab")
    assert len(payloads) == 2
    assert payloads[0] == payloads[1]
    assert len(playground.get_user("ada").list_messages()) == 1


def test_calls_and_replies_are_recorded_without_secrets(
    playground: Playground,
    connected_app: App,
    payloads: list[Any],
    slack: WebClient,
    tmp_path: Path,
) -> None:
    slack.chat_postMessage(channel="C0ACME", text="hello")
    ada = playground.get_user("ada")
    ada.type_text("/collab", channel="acme")
    ada.press_button(ada.list_messages("acme")[-1], "accept")
    playground.wait_until(
        lambda: any(
            entry["kind"] == "response_url" for entry in playground.traffic_entries
        )
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
def http_app(playground: Playground, slack: WebClient) -> Iterator[App]:
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
    wait_for_listeners(app)
    server.shutdown()
    thread.join()
    server.server_close()


def test_commands_actions_and_events_are_delivered_by_signed_http(
    playground: Playground, http_app: App
) -> None:
    ada, events = playground.get_user("ada"), []
    http_app.command("/collab")(
        lambda ack: ack(text="An invitation", blocks=invitation_blocks())
    )
    http_app.action("accept:7")(
        lambda ack, respond: (ack(), respond(text="Done", replace_original=True))
    )
    http_app.event("team_join")(lambda event: events.append(event["user"]))
    assert ada.type_text("/collab help")
    ada.press_button(ada.list_messages()[0], "accept")
    playground.wait_until(lambda: ada.list_messages()[0]["text"] == "Done")
    assert playground.send_event(
        {"type": "team_join", "user": {"id": "UBO"}}
    ).attempts == ["ok"]
    playground.wait_until(lambda: events)


def test_a_rejected_signature_is_retried_as_http_error(
    playground: Playground, http_app: App
) -> None:
    playground.state.signing_secret = "another"
    delivery = playground.send_event({"type": "team_join", "user": {"id": "UBO"}})
    assert delivery.finished.wait(15)
    assert delivery.attempts == ["http_error"] * 4
    with pytest.raises(NoAnswer) as caught:
        playground.get_user("ada").type_text("/collab")
    assert caught.value.reason == "dispatch_failed"
