"""Builders of blocks and views, and a Socket Mode connection to a playground."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.playground.server import Playground
from bot.slack.socket_mode import SocketConnection


def wait_for_listeners(app: App) -> None:
    """Wait until the listeners that run after their acknowledgement have ended."""
    app.listener_runner.listener_executor.shutdown()


@contextmanager
def connect_socket_mode(playground: Playground, app: App) -> Iterator[None]:
    """Connect an app to the playground by Socket Mode."""
    handler = SocketModeHandler(app, playground.app_token, ping_interval=0.1)
    handler.connect()  # type: ignore[no-untyped-call]
    playground.wait_until(lambda: playground.is_connected)
    yield
    wait_for_listeners(app)
    client = handler.client
    # The client alone takes seconds to close, as its threads wait for data.
    client.auto_reconnect_enabled = False
    client.closed = True
    client.enqueue_message("")
    playground.faults.drop_sockets()
    SocketConnection(handler).close()


def plain_text(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def button(action_id: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "button",
        "text": plain_text(action_id),
        "action_id": action_id,
        **more,
    }


def actions_block(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "acts", "elements": list(elements)}


def input_block(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(block_id),
        "element": element,
        **more,
    }


def text_input(action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", "action_id": action_id, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain_text("Invite"),
        "submit": plain_text("Send"),
        **more,
        "blocks": list(blocks),
    }


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}
