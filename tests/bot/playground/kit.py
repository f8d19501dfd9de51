"""Blocks and views in few words, and a quick link to a playground."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.playground.server import Playground
from bot.slack.socket_mode import SocketConnection


def settle(app: App) -> None:
    """Let what the app still does after its acks come to an end."""
    app.listener_runner.listener_executor.shutdown()


@contextmanager
def socket_mode(playground: Playground, app: App) -> Iterator[None]:
    """Connect an app to the playground for a while."""
    handler = SocketModeHandler(app, playground.app_token, ping_interval=0.1)
    handler.connect()  # type: ignore[no-untyped-call]
    playground.wait_until(lambda: playground.is_connected)
    yield
    settle(app)
    client = handler.client
    # By itself the client takes seconds to close: its threads wait for a frame and for a message.
    client.auto_reconnect_enabled = False
    client.closed = True
    client.enqueue_message("")
    playground.faults.drop_sockets()
    SocketConnection(handler).close()


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def button(action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(action_id), "action_id": action_id, **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "acts", "elements": list(elements)}


def field(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": element,
        **more,
    }


def typed(action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", "action_id": action_id, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal", "callback_id": "form", "title": plain("Invite"), "submit": plain("Send"), **more,
        "blocks": list(blocks),
    }  # fmt: skip


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}
