"""Block Kit's structure and limits as a table; errors are worded as Slack's."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Json = dict[str, Any]
Rule = Callable[[Any, str], Iterator[str]]

MAX_MESSAGE_BLOCKS, MAX_VIEW_BLOCKS = 50, 100
MAX_JSON_BYTES = 250_000


def _format_error(problem: str, at: str) -> str:
    return f"[ERROR] {problem} [json-pointer:{at}]"


def _accept_anything(_value: Any, _at: str) -> Iterator[str]:
    return iter(())


def _check_boolean(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield _format_error("must be a boolean", at)


def _string_rule(max_length: int, min_length: int = 0) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield _format_error("must be a string", at)
        elif len(value) > max_length:
            yield _format_error(f"must be less than {max_length + 1} characters", at)
        elif len(value) < min_length:
            yield _format_error(f"must be more than {min_length - 1} characters", at)

    return check


def _number_rule(minimum: int, maximum: int) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        if not is_integer or not minimum <= value <= maximum:
            message = f"must be a whole number from {minimum} to {maximum}"
            yield _format_error(message, at)

    return check


def _choice_rule(*choices: str) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if value not in choices:
            yield _format_error(f"must be one of {', '.join(choices)}", at)

    return check


def _list_rule(rule: Rule, max_count: int, min_count: int = 1) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield _format_error("must be an array", at)
            return
        if len(value) > max_count:
            yield _format_error(f"no more than {max_count} items allowed", at)
        if len(value) < min_count:
            yield _format_error(f"no less than {min_count} items required", at)
        for n, item in enumerate(value):
            yield from rule(item, f"{at}/{n}")

    return check


def _object_rule(fields: dict[str, Rule], *required: str) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _format_error("must be an object", at)
            return
        for name in required:
            if value.get(name) is None:
                yield _format_error(f"missing required field: {name}", at)
        for name, inner in value.items():
            if name not in fields:
                yield _format_error(f"invalid additional property: {name}", at)
            elif inner is not None:
                yield from fields[name](inner, f"{at}/{name}")

    return check


def _typed_rule(table: dict[str, Rule], allowed: Iterable[str]) -> Rule:
    names = frozenset(allowed)

    def check(value: Any, at: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in names:
            yield _format_error(f"unsupported type: {kind}", f"{at}/type")
        else:
            yield from table[str(kind)](value, at)

    return check


def _text_rule(max_length: int, *text_types: str) -> Rule:
    fields = {"type": _choice_rule(*text_types), "text": _string_rule(max_length, 1)}
    if "plain_text" in text_types:
        fields["emoji"] = _check_boolean
    if "mrkdwn" in text_types:
        fields["verbatim"] = _check_boolean
    return _object_rule(fields, "type", "text")


def _plain_text_rule(max_length: int) -> Rule:
    return _text_rule(max_length, "plain_text")


def _any_text_rule(max_length: int) -> Rule:
    return _text_rule(max_length, "plain_text", "mrkdwn")


_ID_RULE = _string_rule(255, 1)
_CONFIRM_RULE = _object_rule(
    {
        "title": _plain_text_rule(100),
        "text": _any_text_rule(300),
        "confirm": _plain_text_rule(30),
        "deny": _plain_text_rule(30),
        "style": _choice_rule("primary", "danger"),
    },
    "text",
)


def _option_rule(text: Rule, description: Rule, **more: Rule) -> Rule:
    return _object_rule(
        {"text": text, "value": _string_rule(150), "description": description, **more},
        "text",
        "value",
    )


_MENU_OPTION_RULE = _option_rule(_plain_text_rule(75), _plain_text_rule(75))
_LINK_OPTION_RULE = _option_rule(
    _plain_text_rule(75), _plain_text_rule(75), url=_string_rule(3000)
)
_LIST_OPTION_RULE = _option_rule(_any_text_rule(75), _any_text_rule(75))
_OPTION_GROUP_RULE = _object_rule(
    {"label": _plain_text_rule(75), "options": _list_rule(_MENU_OPTION_RULE, 100)},
    "label",
    "options",
)
_OPTION_FIELDS: dict[str, Rule] = {
    "options": _list_rule(_MENU_OPTION_RULE, 100),
    "option_groups": _list_rule(_OPTION_GROUP_RULE, 100),
}
_SEARCH_FIELDS: dict[str, Rule] = {"min_query_length": _number_rule(0, 100)}
_MULTI_SELECT_FIELDS: dict[str, Rule] = {"max_selected_items": _number_rule(1, 1000)}
_FILTER_RULE = _object_rule(
    {
        "include": _list_rule(_choice_rule("im", "mpim", "private", "public"), 4),
        "exclude_bot_users": _check_boolean,
        "exclude_external_shared_channels": _check_boolean,
    }
)
_CONVERSATION_FIELDS: dict[str, Rule] = {
    "default_to_current_conversation": _check_boolean,
    "filter": _FILTER_RULE,
}
_DISPATCH_RULE = _object_rule(
    {
        "trigger_actions_on": _list_rule(
            _choice_rule("on_enter_pressed", "on_character_entered"), 2
        )
    }
)


def _element_rule(fields: dict[str, Rule], *required: str) -> Rule:
    return _object_rule(
        {"type": _accept_anything, "action_id": _ID_RULE, **fields}, "type", *required
    )


def _select_rule(fields: dict[str, Rule]) -> Rule:
    more: dict[str, Rule] = {
        "placeholder": _plain_text_rule(150),
        "confirm": _CONFIRM_RULE,
        "focus_on_load": _check_boolean,
    }
    return _element_rule({**more, **fields})


def _text_input_rule(fields: dict[str, Rule], *required: str) -> Rule:
    more: dict[str, Rule] = {
        "placeholder": _plain_text_rule(150),
        "focus_on_load": _check_boolean,
        "initial_value": _string_rule(3000),
    }
    return _element_rule(
        {**more, "dispatch_action_config": _DISPATCH_RULE, **fields}, *required
    )


def _list_input_rule(**initial: Rule) -> Rule:
    fields: dict[str, Rule] = {
        "options": _list_rule(_LIST_OPTION_RULE, 10),
        "confirm": _CONFIRM_RULE,
        "focus_on_load": _check_boolean,
    }
    return _element_rule({**fields, **initial}, "options")


_ID_LIST_RULE = _list_rule(_string_rule(255, 1), 1000, 0)
_IMAGE_FIELDS = {"image_url": _string_rule(3000, 1), "alt_text": _string_rule(2000)}
ELEMENT_RULES: dict[str, Rule] = {
    "button": _element_rule(
        {
            "text": _plain_text_rule(75),
            "value": _string_rule(2000),
            "url": _string_rule(3000),
            "style": _choice_rule("primary", "danger"),
            "confirm": _CONFIRM_RULE,
            "accessibility_label": _string_rule(75),
        },
        "text",
    ),
    "overflow": _element_rule(
        {"options": _list_rule(_LINK_OPTION_RULE, 5), "confirm": _CONFIRM_RULE},
        "options",
    ),
    "static_select": _select_rule(
        {**_OPTION_FIELDS, "initial_option": _MENU_OPTION_RULE}
    ),
    "multi_static_select": _select_rule(
        {
            **_OPTION_FIELDS,
            **_MULTI_SELECT_FIELDS,
            "initial_options": _list_rule(_MENU_OPTION_RULE, 100),
        }
    ),
    "external_select": _select_rule(
        {**_SEARCH_FIELDS, "initial_option": _MENU_OPTION_RULE}
    ),
    "multi_external_select": _select_rule(
        {
            **_SEARCH_FIELDS,
            **_MULTI_SELECT_FIELDS,
            "initial_options": _list_rule(_MENU_OPTION_RULE, 100),
        }
    ),
    "users_select": _select_rule({"initial_user": _ID_RULE}),
    "multi_users_select": _select_rule(
        {**_MULTI_SELECT_FIELDS, "initial_users": _ID_LIST_RULE}
    ),
    "conversations_select": _select_rule(
        {
            **_CONVERSATION_FIELDS,
            "initial_conversation": _ID_RULE,
            "response_url_enabled": _check_boolean,
        }
    ),
    "multi_conversations_select": _select_rule(
        {
            **_CONVERSATION_FIELDS,
            **_MULTI_SELECT_FIELDS,
            "initial_conversations": _ID_LIST_RULE,
        }
    ),
    "channels_select": _select_rule(
        {"initial_channel": _ID_RULE, "response_url_enabled": _check_boolean}
    ),
    "multi_channels_select": _select_rule(
        {**_MULTI_SELECT_FIELDS, "initial_channels": _ID_LIST_RULE}
    ),
    "datepicker": _select_rule({"initial_date": _string_rule(10, 10)}),
    "checkboxes": _list_input_rule(initial_options=_list_rule(_LIST_OPTION_RULE, 10)),
    "radio_buttons": _list_input_rule(initial_option=_LIST_OPTION_RULE),
    "plain_text_input": _text_input_rule(
        {
            "multiline": _check_boolean,
            "min_length": _number_rule(0, 3000),
            "max_length": _number_rule(1, 3000),
        }
    ),
    "email_text_input": _text_input_rule({}),
    "number_input": _text_input_rule(
        {
            "is_decimal_allowed": _check_boolean,
            "min_value": _string_rule(50),
            "max_value": _string_rule(50),
        },
        "is_decimal_allowed",
    ),
    "image": _object_rule(
        {"type": _accept_anything, **_IMAGE_FIELDS}, "image_url", "alt_text"
    ),
}
TEXT_INPUT_TYPES = frozenset({"plain_text_input", "email_text_input", "number_input"})
ACTION_ELEMENT_TYPES = frozenset(ELEMENT_RULES) - TEXT_INPUT_TYPES - {"image"}
INPUT_ELEMENT_TYPES = frozenset(ELEMENT_RULES) - {"button", "overflow", "image"}
_CONTEXT_ELEMENT_RULES: dict[str, Rule] = {
    **ELEMENT_RULES,
    "mrkdwn": _text_rule(3000, "mrkdwn"),
    "plain_text": _plain_text_rule(3000),
}


def _block_rule(fields: dict[str, Rule], *required: str) -> Rule:
    return _object_rule(
        {"type": _accept_anything, "block_id": _ID_RULE, **fields}, *required
    )


_SECTION_RULE = _block_rule(
    {
        "text": _any_text_rule(3000),
        "fields": _list_rule(_any_text_rule(2000), 10),
        "expand": _check_boolean,
        "accessory": _typed_rule(ELEMENT_RULES, ACTION_ELEMENT_TYPES | {"image"}),
    }
)


def _check_section(value: Any, at: str) -> Iterator[str]:
    yield from _SECTION_RULE(value, at)
    if not value.get("text") and not value.get("fields"):
        yield _format_error("missing required field: text", at)


BLOCK_RULES: dict[str, Rule] = {
    "section": _check_section,
    "header": _block_rule({"text": _plain_text_rule(150)}, "text"),
    "divider": _block_rule({}),
    "context": _block_rule(
        {
            "elements": _list_rule(
                _typed_rule(_CONTEXT_ELEMENT_RULES, ("mrkdwn", "plain_text", "image")),
                10,
            )
        },
        "elements",
    ),
    "actions": _block_rule(
        {"elements": _list_rule(_typed_rule(ELEMENT_RULES, ACTION_ELEMENT_TYPES), 25)},
        "elements",
    ),
    "input": _block_rule(
        {
            "label": _plain_text_rule(2000),
            "hint": _plain_text_rule(2000),
            "optional": _check_boolean,
            "dispatch_action": _check_boolean,
            "element": _typed_rule(ELEMENT_RULES, INPUT_ELEMENT_TYPES),
        },
        "label",
        "element",
    ),
    "image": _block_rule(
        {**_IMAGE_FIELDS, "title": _plain_text_rule(2000)}, "image_url", "alt_text"
    ),
    "rich_text": _block_rule(
        {"elements": _list_rule(_accept_anything, 100)}, "elements"
    ),
}
_ANY_BLOCK_RULE = _typed_rule(BLOCK_RULES, BLOCK_RULES)
_VIEW_FIELDS: dict[str, Rule] = {
    "type": _choice_rule("modal", "home"),
    "blocks": _list_rule(_ANY_BLOCK_RULE, MAX_VIEW_BLOCKS),
    "private_metadata": _string_rule(3000),
    "callback_id": _string_rule(255),
    "external_id": _string_rule(255),
}
_MODAL_RULE = _object_rule(
    {
        **_VIEW_FIELDS,
        "title": _plain_text_rule(24),
        "submit": _plain_text_rule(24),
        "close": _plain_text_rule(24),
        "clear_on_close": _check_boolean,
        "notify_on_close": _check_boolean,
        "submit_disabled": _check_boolean,
    },
    "type",
    "title",
    "blocks",
)
_HOME_RULE = _object_rule(_VIEW_FIELDS, "type", "blocks")


def block_errors(
    blocks: Any,
    max_count: int = MAX_MESSAGE_BLOCKS,
    at: str = "/blocks",
    min_count: int = 0,
) -> list[str]:
    """Return Slack's errors for these blocks; empty if they are valid."""
    errors = list(_list_rule(_ANY_BLOCK_RULE, max_count, min_count)(blocks, at))
    return errors or list(_check_across_blocks(blocks, at))


def view_errors(view: Any) -> list[str]:
    """Return Slack's errors for this modal or Home tab."""
    if not isinstance(view, dict):
        return [_format_error("must be an object", "/view")]
    rule = _HOME_RULE if view.get("type") == "home" else _MODAL_RULE
    errors = list(rule(view, "/view"))
    if errors:
        return errors
    errors = list(_check_across_blocks(view["blocks"], "/view/blocks"))
    has_inputs = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_inputs and not view.get("submit"):
        errors.append(_format_error("missing required field: submit", "/view"))
    return errors


def option_errors(body: Any) -> list[str]:
    """Return Slack's errors for the options of an external select."""
    fields = body if isinstance(body, dict) else {}
    if "option_groups" in fields:
        rule = _list_rule(_OPTION_GROUP_RULE, 100, 0)
        return list(rule(fields["option_groups"], "/option_groups"))
    rule = _list_rule(_MENU_OPTION_RULE, 100, 0)
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
        yield _format_error(f"block_id already exists: {block_id}", at)
    for n, block in enumerate(blocks):
        elements = interactive_elements(block)
        action_ids = [element.get("action_id") for element in elements]
        for action_id in _find_duplicates(action_ids):
            yield _format_error(f"action_id already exists: {action_id}", f"{at}/{n}")
        for element in elements:
            yield from _check_options(element, f"{at}/{n}")


def _check_options(element: Json, at: str) -> Iterator[str]:
    kind = element["type"]
    is_static = kind in {"static_select", "multi_static_select"}
    if is_static and not _has_one_option_source(element):
        yield _format_error("exactly one of options and option_groups is required", at)
    if "external" in kind:
        return
    options = all_options(element)
    chosen = list(element.get("initial_options") or [])
    if element.get("initial_option"):
        chosen.append(element["initial_option"])
    if any(option not in options for option in chosen):
        yield _format_error("initial option is not among the options", at)


def _has_one_option_source(element: Json) -> bool:
    return (element.get("options") is None) != (element.get("option_groups") is None)


def _find_duplicates(names: Iterable[str | None]) -> list[str]:
    counts = Counter(name for name in names if name)
    return [name for name, count in counts.items() if count > 1]
