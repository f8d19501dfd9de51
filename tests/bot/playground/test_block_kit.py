"""Block Kit's limits, one row a limit: what still fits, and what Slack says to one more."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.playground.blockkit import block_errors, option_errors, view_errors
from tests.bot.playground.kit import (
    actions,
    button,
    field,
    modal,
    plain,
    section,
    typed,
)


def option(n: int = 0, **more: Any) -> dict[str, Any]:
    return {"text": plain(f"Option {n}"), "value": str(n), **more}


def select(count: int, **more: Any) -> dict[str, Any]:
    options = [option(n) for n in range(count)]
    return {"type": "static_select", "action_id": "pick", "options": options, **more}


def boxes(count: int) -> dict[str, Any]:
    return {
        "type": "checkboxes",
        "action_id": "tick",
        "options": [option(n) for n in range(count)],
    }


def menu(count: int) -> dict[str, Any]:
    return {
        "type": "overflow",
        "action_id": "more",
        "options": [option(n) for n in range(count)],
    }


def confirm(**sizes: int) -> dict[str, Any]:
    return button(
        "go",
        confirm={
            name: plain("x" * size) for name, size in {"text": 1, **sizes}.items()
        },
    )


LIMITS: dict[str, tuple[int, Callable[[int], list[dict[str, Any]]]]] = {
    "blocks": (50, lambda n: [{"type": "divider"}] * n),
    "section text": (3000, lambda n: [section("x" * n)]),
    "section fields": (10, lambda n: [{"type": "section", "fields": [plain("x")] * n}]),
    "a field": (2000, lambda n: [{"type": "section", "fields": [plain("x" * n)]}]),
    "header": (150, lambda n: [{"type": "header", "text": plain("x" * n)}]),
    "context elements": (
        10,
        lambda n: [{"type": "context", "elements": [plain("x")] * n}],
    ),
    "actions elements": (25, lambda n: [actions(*(button(str(k)) for k in range(n)))]),
    "button text": (75, lambda n: [actions(button("go", text=plain("x" * n)))]),
    "button value": (2000, lambda n: [actions(button("go", value="x" * n))]),
    "button url": (3000, lambda n: [actions(button("go", url="x" * n))]),
    "accessibility label": (
        75,
        lambda n: [actions(button("go", accessibility_label="x" * n))],
    ),
    "action id": (255, lambda n: [actions({**button("x"), "action_id": "x" * n})]),
    "block id": (255, lambda n: [section("x", block_id="x" * n)]),
    "options": (100, lambda n: [actions(select(n))]),
    "option text": (
        75,
        lambda n: [actions(select(0, options=[option(text=plain("x" * n))]))],
    ),
    "option value": (
        150,
        lambda n: [actions(select(0, options=[option(value="x" * n)]))],
    ),
    "placeholder": (150, lambda n: [actions(select(1, placeholder=plain("x" * n)))]),
    "overflow": (5, lambda n: [actions(menu(n))]),
    "checkboxes": (10, lambda n: [actions(boxes(n))]),
    "confirm title": (100, lambda n: [actions(confirm(title=n))]),
    "confirm text": (300, lambda n: [actions(confirm(text=n))]),
    "confirm button": (30, lambda n: [actions(confirm(confirm=n))]),
    "input label": (
        2000,
        lambda n: [field("who", typed("name"), label=plain("x" * n))],
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_holds_at_its_edge(name: str) -> None:
    most, blocks = LIMITS[name]
    assert block_errors(blocks(most)) == []
    assert len(block_errors(blocks(most + 1))) == 1


WRONG: dict[str, tuple[list[dict[str, Any]], str]] = {
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
        [actions(typed("name"))],
        "unsupported type: plain_text_input",
    ),
    "a button as input": ([field("who", button("go"))], "unsupported type: button"),
    "a style": (
        [actions(button("go", style="green"))],
        "must be one of primary, danger",
    ),
    "the same block id": (
        [section("x", block_id="a"), section("y", block_id="a")],
        "block_id already exists: a",
    ),
    "the same action id": (
        [actions(button("go"), button("go"))],
        "action_id already exists: go",
    ),
    "no options": ([actions(select(0))], "no less than 1 items required"),
    "a foreign initial option": (
        [actions(select(2, initial_option=option(7)))],
        "initial option is not among",
    ),
    "nothing": ([None], "unsupported type: None"),  # type: ignore[list-item]
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_shape_is_named(name: str) -> None:
    blocks, words = WRONG[name]
    assert words in block_errors(blocks)[0]


def test_good_blocks_pass() -> None:
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
        {"type": "header", "text": plain("Title")},
        section("Text", accessory=picture),
        {"type": "context", "elements": [picture, plain("small")]},
        {"type": "divider"},
        {**picture, "title": plain("Picture")},
        actions(
            button("go", style="danger"),
            select(3, initial_option=option(1)),
            menu(2),
            boxes(2),
            day,
            radio,
        ),
        field("people", person, optional=True, hint=plain("Who?")),
        field("mail", {"type": "email_text_input", "action_id": "mail"}),
        field(
            "days",
            {
                "type": "number_input",
                "action_id": "days",
                "is_decimal_allowed": False,
                "min_value": "1",
            },
        ),
        field("where", external, dispatch_action=True),
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": []}],
        },
    ]
    assert block_errors(blocks) == []
    assert view_errors(modal(*blocks)) == []


def test_views_and_options() -> None:
    home = {"type": "home", "blocks": [section("x")]}
    assert view_errors(home) == []
    assert "title" in view_errors({**home, "title": plain("x")})[0]
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
            {"option_groups": [{"label": plain("x"), "options": [option(1)]}]}
        )
        == []
    )
    assert option_errors(None)
