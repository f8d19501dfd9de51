"""Build the request of a pressed button or a selected option from its payload."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from slack_sdk import WebClient

from bot.slack.identity import read_trigger_id
from bot.slack.modal_calls import ModalCall, ModalQueue
from bot.slack.page_below import attach_page, find_page, find_page_below, read_metadata
from bot.slack.payloads import Body
from bot.slack.requests import ActionRequest
from bot.slack.view_state import (
    get_surface_type,
    is_third_modal,
    read_field_values,
    read_view_id,
)
from bot.slack.views import View
from collab.model import Caller

OpenView = Callable[[ModalCall, View], None]


def build_action_request(
    body: Body,
    by: Caller,
    at: datetime,
    *,
    value: str,
    response_url: str | None,
    client: WebClient,
    modals: ModalQueue,
    open_modal: OpenView,
) -> ActionRequest:
    """Return the request; modals that it opens from a page remember the page.

    Slack shows three modals above one another: a fourth takes the place of the third.
    `open_modal` shows a modal by a call, and says so if Slack refuses it.
    """
    view = body.get("view") or {}
    is_modal = get_surface_type(body) == "modal"
    page, page_below = find_page(view), find_page_below(view)
    update_call = ModalCall(client, "views.update", {"view_id": read_view_id(view)})
    open_call = ModalCall(
        client,
        "views.push" if is_modal else "views.open",
        {"trigger_id": read_trigger_id(body.get("trigger_id"))},
    )

    replacing: list[View] = []

    def open_view(opened: View) -> None:
        if is_third_modal(view):
            replacing.append(opened)
            update_view(opened)
        else:
            open_modal(open_call, attach_page(page or page_below, opened))

    def update_view(updated: View) -> None:
        modals.update(update_call, attach_page(page_below, updated))

    action = body["actions"][0]
    return ActionRequest(
        caller=by,
        at=at,
        value=value,
        origin=str(action.get("block_id", "")),
        is_ephemeral=bool((body.get("container") or {}).get("is_ephemeral")),
        response_url=response_url,
        open_view=open_view,
        update_view=update_view,
        show_view=update_view if is_modal else open_view,
        values=read_field_values(view),
        metadata=read_metadata(view),
        page=page,
        page_below=page_below,
        is_selection="selected_option" in action,
        replacing=replacing,
    )
