"""Block Kit's rules for texts, options and elements, as functions that yield what is wrong."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

Json = dict[str, Any]
Rule = Callable[[Any, str], Iterator[str]]


def format_error(problem: str, at: str) -> str:
    return f"[ERROR] {problem} [json-pointer:{at}]"


def accept_anything(_value: Any, _at: str) -> Iterator[str]:
    return iter(())


def check_boolean(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield format_error("must be a boolean", at)


def string_rule(max_length: int, min_length: int = 0) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield format_error("must be a string", at)
        elif len(value) > max_length:
            yield format_error(f"must be less than {max_length + 1} characters", at)
        elif len(value) < min_length:
            yield format_error(f"must be more than {min_length - 1} characters", at)

    return check


def number_rule(minimum: int, maximum: int) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        if not is_integer or not minimum <= value <= maximum:
            message = f"must be a whole number from {minimum} to {maximum}"
            yield format_error(message, at)

    return check


def choice_rule(*choices: str) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if value not in choices:
            yield format_error(f"must be one of {', '.join(choices)}", at)

    return check


def list_rule(rule: Rule, max_count: int, min_count: int = 1) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield format_error("must be an array", at)
            return
        if len(value) > max_count:
            yield format_error(f"no more than {max_count} items allowed", at)
        if len(value) < min_count:
            yield format_error(f"no less than {min_count} items required", at)
        for n, item in enumerate(value):
            yield from rule(item, f"{at}/{n}")

    return check


def object_rule(fields: dict[str, Rule], *required: str) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield format_error("must be an object", at)
            return
        for name in required:
            if value.get(name) is None:
                yield format_error(f"missing required field: {name}", at)
        for name, inner in value.items():
            if name not in fields:
                yield format_error(f"invalid additional property: {name}", at)
            elif inner is not None:
                yield from fields[name](inner, f"{at}/{name}")

    return check


def typed_rule(table: dict[str, Rule], allowed: Iterable[str]) -> Rule:
    names = frozenset(allowed)

    def check(value: Any, at: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in names:
            yield format_error(f"unsupported type: {kind}", f"{at}/type")
        else:
            yield from table[str(kind)](value, at)

    return check


def text_rule(max_length: int, *text_types: str) -> Rule:
    fields = {"type": choice_rule(*text_types), "text": string_rule(max_length, 1)}
    if "plain_text" in text_types:
        fields["emoji"] = check_boolean
    if "mrkdwn" in text_types:
        fields["verbatim"] = check_boolean
    return object_rule(fields, "type", "text")


def plain_text_rule(max_length: int) -> Rule:
    return text_rule(max_length, "plain_text")


def any_text_rule(max_length: int) -> Rule:
    return text_rule(max_length, "plain_text", "mrkdwn")


ID_RULE = string_rule(255, 1)
CONFIRM_RULE = object_rule(
    {
        "title": plain_text_rule(100),
        "text": any_text_rule(300),
        "confirm": plain_text_rule(30),
        "deny": plain_text_rule(30),
        "style": choice_rule("primary", "danger"),
    },
    "text",
)


def option_rule(text: Rule, description: Rule, **more: Rule) -> Rule:
    return object_rule(
        {"text": text, "value": string_rule(150), "description": description, **more},
        "text",
        "value",
    )


MENU_OPTION_RULE = option_rule(plain_text_rule(75), plain_text_rule(75))
LINK_OPTION_RULE = option_rule(
    plain_text_rule(75), plain_text_rule(75), url=string_rule(3000)
)
LIST_OPTION_RULE = option_rule(any_text_rule(75), any_text_rule(75))
OPTION_GROUP_RULE = object_rule(
    {"label": plain_text_rule(75), "options": list_rule(MENU_OPTION_RULE, 100)},
    "label",
    "options",
)
OPTION_FIELDS: dict[str, Rule] = {
    "options": list_rule(MENU_OPTION_RULE, 100),
    "option_groups": list_rule(OPTION_GROUP_RULE, 100),
}
SEARCH_FIELDS: dict[str, Rule] = {"min_query_length": number_rule(0, 100)}
MULTI_SELECT_FIELDS: dict[str, Rule] = {"max_selected_items": number_rule(1, 1000)}
FILTER_RULE = object_rule(
    {
        "include": list_rule(choice_rule("im", "mpim", "private", "public"), 4),
        "exclude_bot_users": check_boolean,
        "exclude_external_shared_channels": check_boolean,
    }
)
CONVERSATION_FIELDS: dict[str, Rule] = {
    "default_to_current_conversation": check_boolean,
    "filter": FILTER_RULE,
}
DISPATCH_RULE = object_rule(
    {
        "trigger_actions_on": list_rule(
            choice_rule("on_enter_pressed", "on_character_entered"), 2
        )
    }
)


def element_rule(fields: dict[str, Rule], *required: str) -> Rule:
    return object_rule(
        {"type": accept_anything, "action_id": ID_RULE, **fields}, "type", *required
    )


def select_rule(fields: dict[str, Rule]) -> Rule:
    more: dict[str, Rule] = {
        "placeholder": plain_text_rule(150),
        "confirm": CONFIRM_RULE,
        "focus_on_load": check_boolean,
    }
    return element_rule({**more, **fields})


def text_input_rule(fields: dict[str, Rule], *required: str) -> Rule:
    more: dict[str, Rule] = {
        "placeholder": plain_text_rule(150),
        "focus_on_load": check_boolean,
        "initial_value": string_rule(3000),
    }
    return element_rule(
        {**more, "dispatch_action_config": DISPATCH_RULE, **fields}, *required
    )


def list_input_rule(**initial: Rule) -> Rule:
    fields: dict[str, Rule] = {
        "options": list_rule(LIST_OPTION_RULE, 10),
        "confirm": CONFIRM_RULE,
        "focus_on_load": check_boolean,
    }
    return element_rule({**fields, **initial}, "options")


ID_LIST_RULE = list_rule(string_rule(255, 1), 1000, 0)
IMAGE_FIELDS = {"image_url": string_rule(3000, 1), "alt_text": string_rule(2000)}
ELEMENT_RULES: dict[str, Rule] = {
    "button": element_rule(
        {
            "text": plain_text_rule(75),
            "value": string_rule(2000),
            "url": string_rule(3000),
            "style": choice_rule("primary", "danger"),
            "confirm": CONFIRM_RULE,
            "accessibility_label": string_rule(75),
        },
        "text",
    ),
    "overflow": element_rule(
        {"options": list_rule(LINK_OPTION_RULE, 5), "confirm": CONFIRM_RULE},
        "options",
    ),
    "static_select": select_rule({**OPTION_FIELDS, "initial_option": MENU_OPTION_RULE}),
    "multi_static_select": select_rule(
        {
            **OPTION_FIELDS,
            **MULTI_SELECT_FIELDS,
            "initial_options": list_rule(MENU_OPTION_RULE, 100),
        }
    ),
    "external_select": select_rule(
        {**SEARCH_FIELDS, "initial_option": MENU_OPTION_RULE}
    ),
    "multi_external_select": select_rule(
        {
            **SEARCH_FIELDS,
            **MULTI_SELECT_FIELDS,
            "initial_options": list_rule(MENU_OPTION_RULE, 100),
        }
    ),
    "users_select": select_rule({"initial_user": ID_RULE}),
    "multi_users_select": select_rule(
        {**MULTI_SELECT_FIELDS, "initial_users": ID_LIST_RULE}
    ),
    "conversations_select": select_rule(
        {
            **CONVERSATION_FIELDS,
            "initial_conversation": ID_RULE,
            "response_url_enabled": check_boolean,
        }
    ),
    "multi_conversations_select": select_rule(
        {
            **CONVERSATION_FIELDS,
            **MULTI_SELECT_FIELDS,
            "initial_conversations": ID_LIST_RULE,
        }
    ),
    "channels_select": select_rule(
        {"initial_channel": ID_RULE, "response_url_enabled": check_boolean}
    ),
    "multi_channels_select": select_rule(
        {**MULTI_SELECT_FIELDS, "initial_channels": ID_LIST_RULE}
    ),
    "datepicker": select_rule({"initial_date": string_rule(10, 10)}),
    "checkboxes": list_input_rule(initial_options=list_rule(LIST_OPTION_RULE, 10)),
    "radio_buttons": list_input_rule(initial_option=LIST_OPTION_RULE),
    "plain_text_input": text_input_rule(
        {
            "multiline": check_boolean,
            "min_length": number_rule(0, 3000),
            "max_length": number_rule(1, 3000),
        }
    ),
    "email_text_input": text_input_rule({}),
    "number_input": text_input_rule(
        {
            "is_decimal_allowed": check_boolean,
            "min_value": string_rule(50),
            "max_value": string_rule(50),
        },
        "is_decimal_allowed",
    ),
    "image": object_rule(
        {"type": accept_anything, **IMAGE_FIELDS}, "image_url", "alt_text"
    ),
}
TEXT_INPUT_TYPES = frozenset({"plain_text_input", "email_text_input", "number_input"})
ACTION_ELEMENT_TYPES = frozenset(ELEMENT_RULES) - TEXT_INPUT_TYPES - {"image"}
INPUT_ELEMENT_TYPES = frozenset(ELEMENT_RULES) - {"button", "overflow", "image"}
