"""The accounts whose profiles are read before a request that gives them a role."""

from __future__ import annotations

import re

from bot.slack.commands.slots import Slot
from bot.slack.identity import is_slack_id
from bot.slack.payloads import Body, read_field

MAX_ACCOUNTS = 3  # each may take a call of Slack; of more, the rest is read afterwards
MENTION = re.compile(r"<@([A-Z0-9]+)")
COMMAND = re.compile(r"\b(invite|einladen|role|rolle)\b", re.IGNORECASE)
FORMS = ("invite", "role")


def accounts_to_look_up(body: Body) -> tuple[str, ...]:
    """Return the ids of the users whom a payload is about to give a role, each once."""
    if "command" in body:
        text = str(body.get("text") or "")
        user_ids = MENTION.findall(text) if COMMAND.search(text) else []
    else:
        user_ids = _list_chosen_users(body)
    return tuple(filter(is_slack_id, dict.fromkeys(user_ids)))[:MAX_ACCOUNTS]


def _read_texts(values: object) -> list[str]:
    """Return the texts of a list in a payload."""
    listed = values if isinstance(values, list) else []
    return [each for each in listed if isinstance(each, str)]


def _list_chosen_users(body: Body) -> list[str]:
    """Return the users chosen in a submitted form for an invitation or a role."""
    if body.get("type") != "view_submission":
        return []
    values = read_field(body, "view", "state", "values")
    user_ids: list[str] = []
    for form in FORMS:
        for slot in (Slot.PEOPLE, Slot.PERSON):
            control = read_field(values, f"{slot} {form}", slot)
            user_ids += _read_texts(read_field(control, "selected_users"))
            user_ids += _read_texts([read_field(control, "selected_user")])
    return user_ids
