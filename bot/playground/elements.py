"""Interactive elements: find them in blocks, compute and validate their values."""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.playground.blockkit import TEXT_INPUT_TYPES, all_options, interactive_elements
from bot.playground.workspace import Json

EMAIL_PATTERN = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
# element type → the keys of its value in payloads and of its initial value in blocks
SINGLE_VALUE_KEYS = {
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "datepicker": ("selected_date", "initial_date"),
    **dict.fromkeys(TEXT_INPUT_TYPES, ("value", "initial_value")),
}
MULTI_VALUE_KEYS = {
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
}
SINGLE_OPTION_TYPES = frozenset(
    {"static_select", "external_select", "radio_buttons", "overflow"}
)
MULTI_OPTION_TYPES = frozenset(
    {"multi_static_select", "multi_external_select", "checkboxes"}
)
REQUIRED_FIELD_MESSAGE = "Please complete this required field."


def add_missing_ids(blocks: list[Json] | None) -> list[Json] | None:
    """Return the blocks with the ids that Slack generates where the app gave none.

    The same blocks get the same ids again.
    """
    seen: Counter[str] = Counter()
    completed = []
    for block in blocks or []:
        seed_text = json.dumps(block, sort_keys=True)
        seen[seed_text] += 1
        completed.append(_add_block_ids(block, f"{seen[seed_text]} {seed_text}"))
    return completed or None


def _add_block_ids(block: Json, seed: str) -> Json:
    completed = {"block_id": _derive_id(seed), **block}
    for name in ("accessory", "element"):
        if isinstance(block.get(name), dict):
            completed[name] = _add_action_id(block[name], seed)
    if block.get("type") == "actions":
        completed["elements"] = [
            _add_action_id(element, f"{at} {seed}")
            for at, element in enumerate(block["elements"])
        ]
    return completed


def _add_action_id(element: Json, seed: str) -> Json:
    return (
        element
        if element.get("type") == "image"
        else {"action_id": _derive_id(seed), **element}
    )


def _derive_id(seed: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(seed.encode()).digest())[:5].decode()


def iterate_controls(blocks: list[Json] | None) -> Iterator[tuple[Json, Json]]:
    """Yield each interactive element, with its block."""
    for block in blocks or []:
        for element in interactive_elements(block):
            if element["type"] != "image":
                yield block, element


def find_control(
    blocks: list[Json] | None, action_id: str, block_id: str | None = None
) -> tuple[Json, Json]:
    """Return the block and element with exactly this action id; KeyError if absent."""
    for block, element in iterate_controls(blocks):
        if element["action_id"] == action_id and block_id in {None, block["block_id"]}:
            return block, element
    raise KeyError(action_id)


def search_control(
    blocks: list[Json] | None, action_id: str, value: str | None = None
) -> tuple[Json, Json]:
    """Return the control with this action id, or with this part of it before a colon.

    With `value`, only a button with that value matches. KeyError if none does.
    """
    controls = list(iterate_controls(blocks))
    for block, element in controls:
        name = element["action_id"]
        if action_id in {name, name.partition(":")[0]} and value in {
            None,
            element.get("value"),
        }:
            return block, element
    raise KeyError(
        f"no control {action_id!r}; there are {sorted({e['action_id'] for _, e in controls})}"
    )


def initial_state(blocks: list[Json], before: Json | None = None) -> Json:
    """Return the inputs' initial values; values in `before` of the same inputs win."""
    state: Json = {}
    for block, element in iterate_controls(blocks):
        if element["type"] in {"button", "overflow"}:
            continue
        old = ((before or {}).get(block["block_id"]) or {}).get(element["action_id"])
        value = (
            old if old and old["type"] == element["type"] else _initial_value(element)
        )
        state.setdefault(block["block_id"], {})[element["action_id"]] = value
    return state


def _initial_value(element: Json) -> Json:
    kind = element["type"]
    if kind in SINGLE_OPTION_TYPES:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in MULTI_OPTION_TYPES:
        return {"type": kind, "selected_options": element.get("initial_options") or []}
    if kind in MULTI_VALUE_KEYS:
        key, first = MULTI_VALUE_KEYS[kind]
        return {"type": kind, key: element.get(first) or []}
    key, first = SINGLE_VALUE_KEYS[kind]
    return {"type": kind, key: element.get(first)}


def build_value(element: Json, value: Any, suggested: list[Json]) -> Json:
    """Return an element's value object after a person chose `value`.

    KeyError if the element has no such option.
    """
    kind = element["type"]
    if kind == "button":
        return (
            {"type": kind, "value": element["value"]}
            if "value" in element
            else {"type": kind}
        )
    if kind in SINGLE_OPTION_TYPES:
        return {
            "type": kind,
            "selected_option": _find_option(element, value, suggested)
            if value
            else None,
        }
    if kind in MULTI_OPTION_TYPES:
        return {
            "type": kind,
            "selected_options": [
                _find_option(element, v, suggested) for v in _as_list(value)
            ],
        }
    if kind in MULTI_VALUE_KEYS:
        return {"type": kind, MULTI_VALUE_KEYS[kind][0]: _as_list(value)}
    return {
        "type": kind,
        SINGLE_VALUE_KEYS[kind][0]: None
        if value is None or value == ""
        else str(value),
    }


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


def _find_option(element: Json, value: Any, suggested: list[Json]) -> Json:
    standing = [
        *(element.get("initial_options") or []),
        element.get("initial_option") or {},
    ]
    for option in [*all_options(element), *suggested, *standing]:
        if option.get("value") == value:
            return {
                name: option[name]
                for name in ("text", "value", "description")
                if name in option
            }
    raise KeyError(f"no option {value!r} in {element['action_id']!r}")


def list_input_errors(blocks: list[Json], state: Json) -> dict[str, str]:
    """Return what Slack itself rejects in the inputs: block id → message."""
    errors = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            value = (state.get(block["block_id"]) or {}).get(element["action_id"]) or {}
            error = _input_error(
                element, _value_content(value), bool(block.get("optional"))
            )
            if error:
                errors[block["block_id"]] = error
    return errors


def _value_content(value: Json) -> Any:
    return next((inner for name, inner in value.items() if name != "type"), None)


def _input_error(element: Json, value: Any, optional: bool) -> str | None:
    if not value:
        return None if optional else REQUIRED_FIELD_MESSAGE
    kind = element["type"]
    if kind == "plain_text_input":
        return _length_error(
            len(value), element.get("min_length", 0), element.get("max_length", 3000)
        )
    if kind == "email_text_input" and not EMAIL_PATTERN.fullmatch(value):
        return "Please enter a valid email address."
    if kind == "number_input":
        return _number_error(element, value)
    most = element.get("max_selected_items")
    return f"Please choose at most {most}." if most and len(value) > most else None


def _length_error(length: int, least: int, most: int) -> str | None:
    if length < least:
        return f"Must be at least {least} characters."
    return f"Must be at most {most} characters." if length > most else None


def _number_error(element: Json, value: str) -> str | None:
    try:
        number = float(value) if element["is_decimal_allowed"] else int(value)
    except ValueError:
        return "Please enter a valid number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and number < float(least):
        return f"Must be at least {least}."
    return (
        f"Must be at most {most}."
        if most is not None and number > float(most)
        else None
    )
