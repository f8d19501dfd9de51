"""Block Kit's shape and limits, as a table: what Slack refuses, this refuses, in Slack's words."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Json = dict[str, Any]
Rule = Callable[[Any, str], Iterator[str]]

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
LARGEST = 250_000  # bytes of JSON


def _error(words: str, at: str) -> str:
    return f"[ERROR] {words} [json-pointer:{at}]"


def _anything(_value: Any, _at: str) -> Iterator[str]:
    return iter(())


def _flag(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield _error("must be a boolean", at)


def _string(most: int, least: int = 0) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield _error("must be a string", at)
        elif len(value) > most:
            yield _error(f"must be less than {most + 1} characters", at)
        elif len(value) < least:
            yield _error(f"must be more than {least - 1} characters", at)

    return check


def _number(least: int, most: int) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            yield _error(f"must be a whole number from {least} to {most}", at)

    return check


def _choice(*words: str) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if value not in words:
            yield _error(f"must be one of {', '.join(words)}", at)

    return check


def _items(rule: Rule, most: int, least: int = 1) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield _error("must be an array", at)
            return
        if len(value) > most:
            yield _error(f"no more than {most} items allowed", at)
        if len(value) < least:
            yield _error(f"no less than {least} items required", at)
        for n, item in enumerate(value):
            yield from rule(item, f"{at}/{n}")

    return check


def _shape(fields: dict[str, Rule], *required: str) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _error("must be an object", at)
            return
        for name in required:
            if value.get(name) is None:
                yield _error(f"missing required field: {name}", at)
        for name, inner in value.items():
            if name not in fields:
                yield _error(f"invalid additional property: {name}", at)
            elif inner is not None:
                yield from fields[name](inner, f"{at}/{name}")

    return check


def _typed(table: dict[str, Rule], allowed: Iterable[str]) -> Rule:
    names = frozenset(allowed)

    def check(value: Any, at: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in names:
            yield _error(f"unsupported type: {kind}", f"{at}/type")
        else:
            yield from table[str(kind)](value, at)

    return check


def _text(most: int, *kinds: str) -> Rule:
    fields = {"type": _choice(*kinds), "text": _string(most, 1)}
    if "plain_text" in kinds:
        fields["emoji"] = _flag
    if "mrkdwn" in kinds:
        fields["verbatim"] = _flag
    return _shape(fields, "type", "text")


def _plain(most: int) -> Rule:
    return _text(most, "plain_text")


def _either(most: int) -> Rule:
    return _text(most, "plain_text", "mrkdwn")


_ID = _string(255, 1)
_CONFIRM = _shape(
    {"title": _plain(100), "text": _either(300), "confirm": _plain(30), "deny": _plain(30),
     "style": _choice("primary", "danger")},
    "text",
)  # fmt: skip


def _option(text: Rule, description: Rule, **more: Rule) -> Rule:
    return _shape({"text": text, "value": _string(150), "description": description, **more}, "text", "value")


_MENU_OPTION = _option(_plain(75), _plain(75))
_LINK_OPTION = _option(_plain(75), _plain(75), url=_string(3000))
_LIST_OPTION = _option(_either(75), _either(75))
_GROUP = _shape({"label": _plain(75), "options": _items(_MENU_OPTION, 100)}, "label", "options")
_MENU: dict[str, Rule] = {"options": _items(_MENU_OPTION, 100), "option_groups": _items(_GROUP, 100)}
_QUERY: dict[str, Rule] = {"min_query_length": _number(0, 100)}
_MANY: dict[str, Rule] = {"max_selected_items": _number(1, 1000)}
_FILTER = _shape(
    {"include": _items(_choice("im", "mpim", "private", "public"), 4), "exclude_bot_users": _flag,
     "exclude_external_shared_channels": _flag}
)  # fmt: skip
_TALKS: dict[str, Rule] = {"default_to_current_conversation": _flag, "filter": _FILTER}
_DISPATCH = _shape({"trigger_actions_on": _items(_choice("on_enter_pressed", "on_character_entered"), 2)})


def _control(fields: dict[str, Rule], *required: str) -> Rule:
    return _shape({"type": _anything, "action_id": _ID, **fields}, "type", *required)


def _select(fields: dict[str, Rule]) -> Rule:
    more: dict[str, Rule] = {"placeholder": _plain(150), "confirm": _CONFIRM, "focus_on_load": _flag}
    return _control({**more, **fields})


def _typing(fields: dict[str, Rule], *required: str) -> Rule:
    more: dict[str, Rule] = {"placeholder": _plain(150), "focus_on_load": _flag, "initial_value": _string(3000)}
    return _control({**more, "dispatch_action_config": _DISPATCH, **fields}, *required)


def _listed(**initial: Rule) -> Rule:
    fields: dict[str, Rule] = {"options": _items(_LIST_OPTION, 10), "confirm": _CONFIRM, "focus_on_load": _flag}
    return _control({**fields, **initial}, "options")


_IDS = _items(_string(255, 1), 1000, 0)
_IMAGE = {"image_url": _string(3000, 1), "alt_text": _string(2000)}
ELEMENTS: dict[str, Rule] = {
    "button": _control(
        {"text": _plain(75), "value": _string(2000), "url": _string(3000), "style": _choice("primary", "danger"),
         "confirm": _CONFIRM, "accessibility_label": _string(75)}, "text"),
    "overflow": _control({"options": _items(_LINK_OPTION, 5), "confirm": _CONFIRM}, "options"),
    "static_select": _select({**_MENU, "initial_option": _MENU_OPTION}),
    "multi_static_select": _select({**_MENU, **_MANY, "initial_options": _items(_MENU_OPTION, 100)}),
    "external_select": _select({**_QUERY, "initial_option": _MENU_OPTION}),
    "multi_external_select": _select({**_QUERY, **_MANY, "initial_options": _items(_MENU_OPTION, 100)}),
    "users_select": _select({"initial_user": _ID}),
    "multi_users_select": _select({**_MANY, "initial_users": _IDS}),
    "conversations_select": _select({**_TALKS, "initial_conversation": _ID, "response_url_enabled": _flag}),
    "multi_conversations_select": _select({**_TALKS, **_MANY, "initial_conversations": _IDS}),
    "channels_select": _select({"initial_channel": _ID, "response_url_enabled": _flag}),
    "multi_channels_select": _select({**_MANY, "initial_channels": _IDS}),
    "datepicker": _select({"initial_date": _string(10, 10)}),
    "checkboxes": _listed(initial_options=_items(_LIST_OPTION, 10)),
    "radio_buttons": _listed(initial_option=_LIST_OPTION),
    "plain_text_input": _typing(
        {"multiline": _flag, "min_length": _number(0, 3000), "max_length": _number(1, 3000)}),
    "email_text_input": _typing({}),
    "number_input": _typing(
        {"is_decimal_allowed": _flag, "min_value": _string(50), "max_value": _string(50)}, "is_decimal_allowed"),
    "image": _shape({"type": _anything, **_IMAGE}, "image_url", "alt_text"),
}  # fmt: skip
TYPED_INPUTS = frozenset({"plain_text_input", "email_text_input", "number_input"})
CONTROLS = frozenset(ELEMENTS) - TYPED_INPUTS - {"image"}
INPUTS = frozenset(ELEMENTS) - {"button", "overflow", "image"}
_CONTEXT: dict[str, Rule] = {**ELEMENTS, "mrkdwn": _text(3000, "mrkdwn"), "plain_text": _plain(3000)}


def _block(fields: dict[str, Rule], *required: str) -> Rule:
    return _shape({"type": _anything, "block_id": _ID, **fields}, *required)


_SECTION = _block(
    {"text": _either(3000), "fields": _items(_either(2000), 10), "expand": _flag,
     "accessory": _typed(ELEMENTS, CONTROLS | {"image"})}
)  # fmt: skip


def _section(value: Any, at: str) -> Iterator[str]:
    yield from _SECTION(value, at)
    if not value.get("text") and not value.get("fields"):
        yield _error("missing required field: text", at)


BLOCKS: dict[str, Rule] = {
    "section": _section,
    "header": _block({"text": _plain(150)}, "text"),
    "divider": _block({}),
    "context": _block({"elements": _items(_typed(_CONTEXT, ("mrkdwn", "plain_text", "image")), 10)}, "elements"),
    "actions": _block({"elements": _items(_typed(ELEMENTS, CONTROLS), 25)}, "elements"),
    "input": _block(
        {"label": _plain(2000), "hint": _plain(2000), "optional": _flag, "dispatch_action": _flag,
         "element": _typed(ELEMENTS, INPUTS)}, "label", "element"),
    "image": _block({**_IMAGE, "title": _plain(2000)}, "image_url", "alt_text"),
    "rich_text": _block({"elements": _items(_anything, 100)}, "elements"),
}  # fmt: skip
_ANY_BLOCK = _typed(BLOCKS, BLOCKS)
_VIEW: dict[str, Rule] = {
    "type": _choice("modal", "home"),
    "blocks": _items(_ANY_BLOCK, VIEW_BLOCKS),
    "private_metadata": _string(3000),
    "callback_id": _string(255),
    "external_id": _string(255),
}
_MODAL = _shape(
    {**_VIEW, "title": _plain(24), "submit": _plain(24), "close": _plain(24), "clear_on_close": _flag,
     "notify_on_close": _flag, "submit_disabled": _flag}, "type", "title", "blocks",
)  # fmt: skip
_HOME = _shape(_VIEW, "type", "blocks")


def block_errors(blocks: Any, most: int = MESSAGE_BLOCKS, at: str = "/blocks", least: int = 0) -> list[str]:
    """What Slack would say against these blocks; nothing where they are fine."""
    errors = list(_items(_ANY_BLOCK, most, least)(blocks, at))
    return errors or list(_relations(blocks, at))


def view_errors(view: Any) -> list[str]:
    """What Slack would say against this modal or Home tab."""
    if not isinstance(view, dict):
        return [_error("must be an object", "/view")]
    errors = list((_HOME if view.get("type") == "home" else _MODAL)(view, "/view"))
    if errors:
        return errors
    errors = list(_relations(view["blocks"], "/view/blocks"))
    inputs = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and inputs and not view.get("submit"):
        errors.append(_error("missing required field: submit", "/view"))
    return errors


def option_errors(body: Any) -> list[str]:
    """What Slack would say against the options for an external select."""
    if isinstance(body, dict) and "option_groups" in body:
        return list(_items(_GROUP, 100, 0)(body["option_groups"], "/option_groups"))
    options = body.get("options") if isinstance(body, dict) else None
    return list(_items(_MENU_OPTION, 100, 0)(options, "/options"))


def too_large(value: Any) -> bool:
    """Whether the JSON of this is more than Slack takes."""
    return len(json.dumps(value).encode()) > LARGEST


def elements(block: Json) -> list[Json]:
    """The elements of a block that a person can act on."""
    found = [block.get("accessory"), block.get("element")]
    found += block.get("elements") or [] if block.get("type") == "actions" else []
    return [element for element in found if isinstance(element, dict) and element.get("type") in ELEMENTS]


def all_options(element: Json) -> list[Json]:
    """The options of an element, those in groups too."""
    grouped = [option for group in element.get("option_groups") or [] for option in group["options"]]
    return [*(element.get("options") or []), *grouped]


def _relations(blocks: list[Json], at: str) -> Iterator[str]:
    for block_id in _repeated(block.get("block_id") for block in blocks):
        yield _error(f"block_id already exists: {block_id}", at)
    for n, block in enumerate(blocks):
        inside = elements(block)
        for action_id in _repeated(element.get("action_id") for element in inside):
            yield _error(f"action_id already exists: {action_id}", f"{at}/{n}")
        for element in inside:
            yield from _options(element, f"{at}/{n}")


def _options(element: Json, at: str) -> Iterator[str]:
    kind = element["type"]
    if kind in {"static_select", "multi_static_select"} and not _one_of_two(element):
        yield _error("exactly one of options and option_groups is required", at)
    options = all_options(element)
    first = element.get("initial_option")
    chosen = [*([first] if first else []), *(element.get("initial_options") or [])]
    if "external" not in kind and any(option not in options for option in chosen):
        yield _error("initial option is not among the options", at)


def _one_of_two(element: Json) -> bool:
    return (element.get("options") is None) != (element.get("option_groups") is None)


def _repeated(names: Iterable[str | None]) -> list[str]:
    return [name for name, count in Counter(n for n in names if n).items() if count > 1]
