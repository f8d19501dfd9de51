"""Block Kit's structure and limits as a table; errors are worded as Slack's."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from bot.playground.blockkit_elements import (
    ACTION_ELEMENT_TYPES,
    ELEMENT_RULES,
    ID_RULE,
    IMAGE_FIELDS,
    INPUT_ELEMENT_TYPES,
    MENU_OPTION_RULE,
    OPTION_GROUP_RULE,
    Rule,
    accept_anything,
    any_text_rule,
    check_boolean,
    choice_rule,
    format_error,
    list_rule,
    object_rule,
    plain_text_rule,
    string_rule,
    text_rule,
    typed_rule,
)

Json = dict[str, Any]
MAX_MESSAGE_BLOCKS, MAX_VIEW_BLOCKS = 50, 100
MAX_JSON_BYTES = 250_000


_CONTEXT_ELEMENT_RULES: dict[str, Rule] = {
    **ELEMENT_RULES,
    "mrkdwn": text_rule(3000, "mrkdwn"),
    "plain_text": plain_text_rule(3000),
}


def _block_rule(fields: dict[str, Rule], *required: str) -> Rule:
    return object_rule(
        {"type": accept_anything, "block_id": ID_RULE, **fields}, *required
    )


_SECTION_RULE = _block_rule(
    {
        "text": any_text_rule(3000),
        "fields": list_rule(any_text_rule(2000), 10),
        "expand": check_boolean,
        "accessory": typed_rule(ELEMENT_RULES, ACTION_ELEMENT_TYPES | {"image"}),
    }
)


def _check_section(value: Any, at: str) -> Iterator[str]:
    yield from _SECTION_RULE(value, at)
    if not value.get("text") and not value.get("fields"):
        yield format_error("missing required field: text", at)


BLOCK_RULES: dict[str, Rule] = {
    "section": _check_section,
    "header": _block_rule({"text": plain_text_rule(150)}, "text"),
    "divider": _block_rule({}),
    "context": _block_rule(
        {
            "elements": list_rule(
                typed_rule(_CONTEXT_ELEMENT_RULES, ("mrkdwn", "plain_text", "image")),
                10,
            )
        },
        "elements",
    ),
    "actions": _block_rule(
        {"elements": list_rule(typed_rule(ELEMENT_RULES, ACTION_ELEMENT_TYPES), 25)},
        "elements",
    ),
    "input": _block_rule(
        {
            "label": plain_text_rule(2000),
            "hint": plain_text_rule(2000),
            "optional": check_boolean,
            "dispatch_action": check_boolean,
            "element": typed_rule(ELEMENT_RULES, INPUT_ELEMENT_TYPES),
        },
        "label",
        "element",
    ),
    "image": _block_rule(
        {**IMAGE_FIELDS, "title": plain_text_rule(2000)}, "image_url", "alt_text"
    ),
    "rich_text": _block_rule({"elements": list_rule(accept_anything, 100)}, "elements"),
}
_ANY_BLOCK_RULE = typed_rule(BLOCK_RULES, BLOCK_RULES)
_VIEW_FIELDS: dict[str, Rule] = {
    "type": choice_rule("modal", "home"),
    "blocks": list_rule(_ANY_BLOCK_RULE, MAX_VIEW_BLOCKS),
    "private_metadata": string_rule(3000),
    "callback_id": string_rule(255),
    "external_id": string_rule(255),
}
_MODAL_RULE = object_rule(
    {
        **_VIEW_FIELDS,
        "title": plain_text_rule(24),
        "submit": plain_text_rule(24),
        "close": plain_text_rule(24),
        "clear_on_close": check_boolean,
        "notify_on_close": check_boolean,
        "submit_disabled": check_boolean,
    },
    "type",
    "title",
    "blocks",
)
_HOME_RULE = object_rule(_VIEW_FIELDS, "type", "blocks")


def block_errors(
    blocks: Any,
    max_count: int = MAX_MESSAGE_BLOCKS,
    at: str = "/blocks",
    min_count: int = 0,
) -> list[str]:
    """Return Slack's errors for these blocks; empty if they are valid."""
    errors = list(list_rule(_ANY_BLOCK_RULE, max_count, min_count)(blocks, at))
    return errors or list(_check_across_blocks(blocks, at))


def view_errors(view: Any) -> list[str]:
    """Return Slack's errors for this modal or Home tab."""
    if not isinstance(view, dict):
        return [format_error("must be an object", "/view")]
    rule = _HOME_RULE if view.get("type") == "home" else _MODAL_RULE
    errors = list(rule(view, "/view"))
    if errors:
        return errors
    errors = list(_check_across_blocks(view["blocks"], "/view/blocks"))
    has_inputs = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_inputs and not view.get("submit"):
        errors.append(format_error("missing required field: submit", "/view"))
    return errors


def option_errors(body: Any) -> list[str]:
    """Return Slack's errors for the options of an external select."""
    fields = body if isinstance(body, dict) else {}
    if "option_groups" in fields:
        rule = list_rule(OPTION_GROUP_RULE, 100, 0)
        return list(rule(fields["option_groups"], "/option_groups"))
    rule = list_rule(MENU_OPTION_RULE, 100, 0)
    return list(rule(fields.get("options"), "/options"))


def is_too_large(value: Any) -> bool:
    """Return whether the JSON of `value` is larger than Slack accepts."""
    return len(json.dumps(value).encode()) > MAX_JSON_BYTES


def interactive_elements(block: Json) -> list[Json]:
    """Return the elements of a block that a user can act on."""
    candidates = [block.get("accessory"), block.get("element")]
    if block.get("type") == "actions":
        candidates += block.get("elements") or []
    return [
        element
        for element in candidates
        if isinstance(element, dict) and element.get("type") in ELEMENT_RULES
    ]


def all_options(element: Json) -> list[Json]:
    """Return the options of an element, including those in groups."""
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group["options"]
    return options


def _check_across_blocks(blocks: list[Json], at: str) -> Iterator[str]:
    for block_id in _find_duplicates(block.get("block_id") for block in blocks):
        yield format_error(f"block_id already exists: {block_id}", at)
    for n, block in enumerate(blocks):
        elements = interactive_elements(block)
        action_ids = [element.get("action_id") for element in elements]
        for action_id in _find_duplicates(action_ids):
            yield format_error(f"action_id already exists: {action_id}", f"{at}/{n}")
        for element in elements:
            yield from _check_options(element, f"{at}/{n}")


def _check_options(element: Json, at: str) -> Iterator[str]:
    kind = element["type"]
    is_static = kind in {"static_select", "multi_static_select"}
    if is_static and not _has_one_option_source(element):
        yield format_error("exactly one of options and option_groups is required", at)
    if "external" in kind:
        return
    options = all_options(element)
    chosen = list(element.get("initial_options") or [])
    if element.get("initial_option"):
        chosen.append(element["initial_option"])
    if any(option not in options for option in chosen):
        yield format_error("initial option is not among the options", at)


def _has_one_option_source(element: Json) -> bool:
    return (element.get("options") is None) != (element.get("option_groups") is None)


def _find_duplicates(names: Iterable[str | None]) -> list[str]:
    counts = Counter(name for name in names if name)
    return [name for name, count in counts.items() if count > 1]
