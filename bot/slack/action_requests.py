"""Build the request of a pressed button or a selected option from its payload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from slack_sdk import WebClient

from bot.slack.identity import read_trigger_id
from bot.slack.modal_calls import ModalCall, ModalQueue
from bot.slack.page_below import (
    ShownPage,
    attach_page,
    find_page,
    find_page_below,
    find_page_in_message,
    read_metadata,
)
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


@dataclass(frozen=True, slots=True)
class _ModalWriter:
    """Shows the modals of one press, each with the page that it was opened from."""

    view: Body
    client: WebClient
    trigger_id: str
    modals: ModalQueue
    open_modal: OpenView
    page: ShownPage | None
    page_below: ShownPage | None
    replacing: list[View] = field(default_factory=list)

    @property
    def is_above_modal(self) -> bool:
        """Whether the pressed control is in a modal."""
        return self.view.get("type") == "modal"

    def open_view(self, opened: View) -> None:
        """Open a modal; a fourth takes the place of the third."""
        if is_third_modal(self.view):
            self.replacing.append(opened)
            self.update_view(opened)
            return
        method = "views.push" if self.is_above_modal else "views.open"
        call = ModalCall(self.client, method, {"trigger_id": self.trigger_id})
        self.open_modal(call, attach_page(self.page or self.page_below, opened))

    def update_view(self, updated: View) -> None:
        """Show something else in the modal."""
        view_id = {"view_id": read_view_id(self.view)}
        call = ModalCall(self.client, "views.update", view_id)
        self.modals.update(call, attach_page(self.page_below, updated))


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
    page = find_page(view)
    page_below = find_page_below(view) or find_page_in_message(body, response_url)
    trigger_id = read_trigger_id(body.get("trigger_id"))
    writer = _ModalWriter(
        view, client, trigger_id, modals, open_modal, page, page_below
    )
    is_modal = get_surface_type(body) == "modal"
    action = body["actions"][0]
    return ActionRequest(
        caller=by,
        at=at,
        value=value,
        origin=str(action.get("block_id", "")),
        is_ephemeral=bool((body.get("container") or {}).get("is_ephemeral")),
        response_url=response_url,
        open_view=writer.open_view,
        update_view=writer.update_view,
        show_view=writer.update_view if is_modal else writer.open_view,
        values=read_field_values(view),
        metadata=read_metadata(view),
        page=page,
        page_below=page_below,
        is_selection="selected_option" in action,
        replacing=writer.replacing,
    )
