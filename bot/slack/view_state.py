"""Read the fields of a submitted or open modal from Slack's payload."""

from __future__ import annotations

from typing import Any

from bot.slack.identity import is_slack_id, read_slack_id
from bot.slack.payloads import Body
from collab.text import clean_text

FIELD_MAX_LENGTH = 3_000  # characters; longer text is rejected before anything reads it


def read_field_values(view: Body) -> dict[str, str]:
    """Return the value of each field by block id; several values are joined by commas.

    Raises MalformedId for a selected id that Slack does not make.
    """
    return {
        block_id: _read_element_value(element)
        for block_id, element in _list_elements(view).items()
    }


def list_malformed_fields(view: Body) -> list[str]:
    """Return the blocks in which something is selected that is no id of Slack's."""
    return [
        block_id
        for block_id, element in _list_elements(view).items()
        if not all(map(is_slack_id, _list_selected_ids(element)))
    ]


def list_too_long_fields(view: Body) -> dict[str, int]:
    """Return the lengths of texts beyond `FIELD_MAX_LENGTH`, by block id."""
    lengths = {
        block_id: _get_text_length(element)
        for block_id, element in _list_elements(view).items()
    }
    return {
        block_id: length
        for block_id, length in lengths.items()
        if length > FIELD_MAX_LENGTH
    }


def read_view_id(view: Body) -> str:
    """Return the id of a view; empty if there is none. Raises MalformedId."""
    return read_slack_id(view["id"]) if "id" in view else ""


def get_surface_type(body: Body) -> str:
    """Return `modal` or `home` for a control in a view; empty in a message."""
    return str((body.get("view") or {}).get("type") or "")


def is_third_modal(view: Body) -> bool:
    """Return whether two other modals are below this one, the most that Slack allows."""
    return view.get("previous_view_id") not in (None, view.get("root_view_id"))


def _list_elements(view: Body) -> dict[str, Body]:
    state = (view.get("state") or {}).get("values") or {}
    return {
        block_id: next(iter(elements.values()), {})
        for block_id, elements in state.items()
    }


def _read_element_value(element: Body) -> str:
    selected_ids = _list_selected_ids(element)
    if selected_ids:
        return ",".join(map(read_slack_id, selected_ids))
    options = element.get("selected_options")
    if options:
        return ",".join(str(option["value"]) for option in options)
    text = clean_text(str(element.get("value") or "")[:FIELD_MAX_LENGTH])
    if text:
        return text
    option = element.get("selected_option") or {}
    return str(option.get("value") or element.get("selected_date") or "")


def _list_selected_ids(element: Body) -> list[Any]:
    """Return what is selected in a field for users or channels."""
    several = element.get("selected_users") or element.get("selected_conversations")
    single = (
        element.get("selected_user")
        or element.get("selected_conversation")
        or element.get("selected_channel")
    )
    return [*(several or ()), *([single] if single else [])]


def _get_text_length(element: Body) -> int:
    text = element.get("value")
    return len(text) if isinstance(text, str) else 0
