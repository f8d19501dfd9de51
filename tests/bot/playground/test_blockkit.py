"""Block Kit's limits and errors: a row for each limit."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.playground.blockkit import block_errors, option_errors, view_errors
from tests.bot.playground.helpers import (
    actions_block,
    button,
    input_block,
    modal,
    plain_text,
    section,
    text_input,
)


def option(index: int = 0, **more: Any) -> dict[str, Any]:
    return {"text": plain_text(f"Option {index}"), "value": str(index), **more}


def select(count: int, **more: Any) -> dict[str, Any]:
    options = [option(index) for index in range(count)]
    return {"type": "static_select", "action_id": "pick", "options": options, **more}


def checkboxes(count: int) -> dict[str, Any]:
    return {
        "type": "checkboxes",
        "action_id": "tick",
        "options": [option(index) for index in range(count)],
    }


def overflow_menu(count: int) -> dict[str, Any]:
    return {
        "type": "overflow",
        "action_id": "more",
        "options": [option(index) for index in range(count)],
    }


def button_with_confirm(**sizes: int) -> dict[str, Any]:
    return button(
        "go",
        confirm={
            name: plain_text("x" * size) for name, size in {"text": 1, **sizes}.items()
        },
    )


LIMITS: dict[str, tuple[int, Callable[[int], list[dict[str, Any]]]]] = {
    "blocks": (50, lambda size: [{"type": "divider"}] * size),
    "section text": (3000, lambda size: [section("x" * size)]),
    "section fields": (
        10,
        lambda size: [{"type": "section", "fields": [plain_text("x")] * size}],
    ),
    "a field": (
        2000,
        lambda size: [{"type": "section", "fields": [plain_text("x" * size)]}],
    ),
    "header": (150, lambda size: [{"type": "header", "text": plain_text("x" * size)}]),
    "context elements": (
        10,
        lambda size: [{"type": "context", "elements": [plain_text("x")] * size}],
    ),
    "actions elements": (
        25,
        lambda size: [actions_block(*(button(str(index)) for index in range(size)))],
    ),
    "button text": (
        75,
        lambda size: [actions_block(button("go", text=plain_text("x" * size)))],
    ),
    "button value": (
        2000,
        lambda size: [actions_block(button("go", value="x" * size))],
    ),
    "button url": (3000, lambda size: [actions_block(button("go", url="x" * size))]),
    "accessibility label": (
        75,
        lambda size: [actions_block(button("go", accessibility_label="x" * size))],
    ),
    "action id": (
        255,
        lambda size: [actions_block({**button("x"), "action_id": "x" * size})],
    ),
    "block id": (255, lambda size: [section("x", block_id="x" * size)]),
    "options": (100, lambda size: [actions_block(select(size))]),
    "option text": (
        75,
        lambda size: [
            actions_block(select(0, options=[option(text=plain_text("x" * size))]))
        ],
    ),
    "option value": (
        150,
        lambda size: [actions_block(select(0, options=[option(value="x" * size)]))],
    ),
    "placeholder": (
        150,
        lambda size: [actions_block(select(1, placeholder=plain_text("x" * size)))],
    ),
    "overflow": (5, lambda size: [actions_block(overflow_menu(size))]),
    "checkboxes": (10, lambda size: [actions_block(checkboxes(size))]),
    "confirm title": (
        100,
        lambda size: [actions_block(button_with_confirm(title=size))],
    ),
    "confirm text": (300, lambda size: [actions_block(button_with_confirm(text=size))]),
    "confirm button": (
        30,
        lambda size: [actions_block(button_with_confirm(confirm=size))],
    ),
    "input label": (
        2000,
        lambda size: [
            input_block("who", text_input("name"), label=plain_text("x" * size))
        ],
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_accepts_its_value_and_rejects_one_more(name: str) -> None:
    limit, blocks = LIMITS[name]
    assert block_errors(blocks(limit)) == []
    assert len(block_errors(blocks(limit + 1))) == 1


INVALID: dict[str, tuple[list[dict[str, Any]], str]] = {
    "unknown block": ([{"type": "video"}], "unsupported type: video"),
    "unknown property": (
        [section("x", colour="red")],
        "invalid additional property: colour",
    ),
    "no text": ([{"type": "section"}], "missing required field: text"),
    "empty text": ([section("")], "must be more than 0 characters"),
    "mrkdwn in a header": (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "must be one of plain_text",
    ),
    "an input in actions": (
        [actions_block(text_input("name"))],
        "unsupported type: plain_text_input",
    ),
    "a button as input": (
        [input_block("who", button("go"))],
        "unsupported type: button",
    ),
    "a style": (
        [actions_block(button("go", style="green"))],
        "must be one of primary, danger",
    ),
    "the same block id": (
        [section("x", block_id="a"), section("y", block_id="a")],
        "block_id already exists: a",
    ),
    "the same action id": (
        [actions_block(button("go"), button("go"))],
        "action_id already exists: go",
    ),
    "no options": ([actions_block(select(0))], "no less than 1 items required"),
    "a foreign initial option": (
        [actions_block(select(2, initial_option=option(7)))],
        "initial option is not among",
    ),
    "nothing": ([None], "unsupported type: None"),  # type: ignore[list-item]
}


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_block_is_rejected_with_slacks_message(name: str) -> None:
    blocks, message = INVALID[name]
    assert message in block_errors(blocks)[0]


def test_valid_blocks_have_no_errors() -> None:
    person = {
        "type": "multi_users_select",
        "action_id": "who",
        "initial_users": ["UADA"],
        "max_selected_items": 3,
    }
    day = {"type": "datepicker", "action_id": "day", "initial_date": "2026-01-31"}
    picture = {
        "type": "image",
        "image_url": "https://x.example/a.png",
        "alt_text": "a picture",
    }
    radio = {
        "type": "radio_buttons",
        "action_id": "one",
        "options": [option(1)],
        "initial_option": option(1),
    }
    external = {"type": "external_select", "action_id": "where", "min_query_length": 0}
    blocks = [
        {"type": "header", "text": plain_text("Title")},
        section("Text", accessory=picture),
        {"type": "context", "elements": [picture, plain_text("small")]},
        {"type": "divider"},
        {**picture, "title": plain_text("Picture")},
        actions_block(
            button("go", style="danger"),
            select(3, initial_option=option(1)),
            overflow_menu(2),
            checkboxes(2),
            day,
            radio,
        ),
        input_block("people", person, optional=True, hint=plain_text("Who?")),
        input_block("mail", {"type": "email_text_input", "action_id": "mail"}),
        input_block(
            "days",
            {
                "type": "number_input",
                "action_id": "days",
                "is_decimal_allowed": False,
                "min_value": "1",
            },
        ),
        input_block("where", external, dispatch_action=True),
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": []}],
        },
    ]
    assert block_errors(blocks) == []
    assert view_errors(modal(*blocks)) == []


def test_errors_of_views_and_options() -> None:
    home = {"type": "home", "blocks": [section("x")]}
    assert view_errors(home) == []
    assert "title" in view_errors({**home, "title": plain_text("x")})[0]
    assert (
        "must be one of modal, home"
        in view_errors({**modal(section("x")), "type": "dialog"})[0]
    )
    assert view_errors(modal(*[{"type": "divider"}] * 100)) == []
    assert (
        "no more than 100 items" in view_errors(modal(*[{"type": "divider"}] * 101))[0]
    )
    assert view_errors("x") == ["[ERROR] must be an object [json-pointer:/view]"]
    assert option_errors({"options": [option(1)]}) == []
    assert (
        option_errors(
            {"option_groups": [{"label": plain_text("x"), "options": [option(1)]}]}
        )
        == []
    )
    assert option_errors(None)
