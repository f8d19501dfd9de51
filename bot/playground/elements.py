"""Interactive elements: find them in blocks, compute and validate their values."""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.playground.blockkit import all_options, interactive_elements
from bot.playground.blockkit_elements import TEXT_INPUT_TYPES
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
            _add_action_id(element, f"{index} {seed}")
            for index, element in enumerate(block["elements"])
        ]
    return completed


def _add_action_id(element: Json, seed: str) -> Json:
    if element.get("type") == "image":
        return element
    return {"action_id": _derive_id(seed), **element}


def _derive_id(seed: str) -> str:
    digest = hashlib.sha256(seed.encode()).digest()
    return base64.urlsafe_b64encode(digest)[:5].decode()


def iterate_controls(blocks: list[Json] | None) -> Iterator[tuple[Json, Json]]:
    """Yield each interactive element, with its block."""
    for block in blocks or []:
        elements = interactive_elements(block)
        controls = [element for element in elements if element["type"] != "image"]
        for element in controls:
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
        full_id = element["action_id"]
        has_id = action_id in {full_id, full_id.partition(":")[0]}
        if has_id and value in {None, element.get("value")}:
            return block, element
    present = sorted({element["action_id"] for _, element in controls})
    raise KeyError(f"no control {action_id!r} among {present}")


def initial_state(blocks: list[Json], previous: Json | None = None) -> Json:
    """Return the inputs' values: those in `previous` if present, else initial ones."""
    state: Json = {}
    for block, element in iterate_controls(blocks):
        if element["type"] in {"button", "overflow"}:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        value = ((previous or {}).get(block_id) or {}).get(action_id)
        if not value or value["type"] != element["type"]:
            value = _initial_value(element)
        state.setdefault(block_id, {})[action_id] = value
    return state


def _initial_value(element: Json) -> Json:
    kind = element["type"]
    if kind in SINGLE_OPTION_TYPES:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in MULTI_OPTION_TYPES:
        return {"type": kind, "selected_options": element.get("initial_options") or []}
    if kind in MULTI_VALUE_KEYS:
        key, initial_key = MULTI_VALUE_KEYS[kind]
        return {"type": kind, key: element.get(initial_key) or []}
    key, initial_key = SINGLE_VALUE_KEYS[kind]
    return {"type": kind, key: element.get(initial_key)}


def build_value(element: Json, value: Any, loaded_options: list[Json]) -> Json:
    """Return an element's value object after a user chose `value`.

    `loaded_options` are those of an external select. KeyError for an unknown option.
    """
    kind = element["type"]
    if kind == "button":
        fields = {"value": element["value"]} if "value" in element else {}
        return {"type": kind, **fields}
    if kind in SINGLE_OPTION_TYPES:
        option = _find_option(element, value, loaded_options) if value else None
        return {"type": kind, "selected_option": option}
    if kind in MULTI_OPTION_TYPES:
        values = _as_list(value)
        options = [_find_option(element, each, loaded_options) for each in values]
        return {"type": kind, "selected_options": options}
    if kind in MULTI_VALUE_KEYS:
        return {"type": kind, MULTI_VALUE_KEYS[kind][0]: _as_list(value)}
    text = None if value is None or value == "" else str(value)
    return {"type": kind, SINGLE_VALUE_KEYS[kind][0]: text}


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


def _find_option(element: Json, value: Any, loaded_options: list[Json]) -> Json:
    options = [*all_options(element), *loaded_options]
    options += element.get("initial_options") or []
    options.append(element.get("initial_option") or {})
    for option in options:
        if option.get("value") == value:
            names = ("text", "value", "description")
            return {name: option[name] for name in names if name in option}
    raise KeyError(f"no option {value!r} in {element['action_id']!r}")


def list_input_errors(blocks: list[Json], state: Json) -> dict[str, str]:
    """Return what Slack itself rejects in the inputs: block id → message."""
    errors = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = (state.get(block["block_id"]) or {}).get(element["action_id"]) or {}
        is_optional = bool(block.get("optional"))
        error = _input_error(element, _value_content(value), is_optional)
        if error:
            errors[block["block_id"]] = error
    return errors


def _value_content(value: Json) -> Any:
    contents = [content for key, content in value.items() if key != "type"]
    return contents[0] if contents else None


def _input_error(element: Json, value: Any, is_optional: bool) -> str | None:
    if not value:
        return None if is_optional else REQUIRED_FIELD_MESSAGE
    kind = element["type"]
    if kind == "plain_text_input":
        return _length_error(element, len(value))
    if kind == "email_text_input" and not EMAIL_PATTERN.fullmatch(value):
        return "Please enter a valid email address."
    if kind == "number_input":
        return _number_error(element, value)
    max_count = element.get("max_selected_items")
    if max_count and len(value) > max_count:
        return f"Please choose at most {max_count}."
    return None


def _length_error(element: Json, length: int) -> str | None:
    min_length = element.get("min_length", 0)
    max_length = element.get("max_length", 3000)
    if length < min_length:
        return f"Must be at least {min_length} characters."
    if length > max_length:
        return f"Must be at most {max_length} characters."
    return None


def _number_error(element: Json, value: str) -> str | None:
    try:
        number = float(value) if element["is_decimal_allowed"] else int(value)
    except ValueError:
        return "Please enter a valid number."
    minimum, maximum = element.get("min_value"), element.get("max_value")
    if minimum is not None and number < float(minimum):
        return f"Must be at least {minimum}."
    if maximum is not None and number > float(maximum):
        return f"Must be at most {maximum}."
    return None
