"""Help: what a person may do, in eight lines and buttons; all commands by group."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest

from bot.rendering import load_labels
from bot.slack.commands.catalog import VERB_BY_NAME
from tests.support.app_harness import AppHarness, iterate_elements

EXAMPLE = re.compile(r"`/collab (\w+)")
MAX_LINES = 8


def ask_for_help(harness: AppHarness, user_name: str, line: str = "help") -> Any:
    """Type a line and return its answer."""
    return harness.run_command(user_name, f"/collab {line}")


def list_examples(answer: dict[str, Any]) -> list[str]:
    """Return the verbs of the lines with a bullet."""
    lines = [line for line in answer["text"].splitlines() if line.startswith("• ")]
    return [match[1] for line in lines if (match := EXAMPLE.search(line))]


def list_buttons(answer: dict[str, Any]) -> list[str]:
    """Return the action ids of an answer's buttons."""
    elements = iterate_elements(answer)
    return [each["action_id"] for each in elements if "action_id" in each]


@pytest.mark.parametrize(
    ("user_name", "expected", "missing"),
    [
        ("ada", {"invite", "create", "offboard", "settings"}, {"request"}),
        ("bo", {"invite", "create", "request", "why"}, {"offboard", "settings"}),
        ("sam", {"invitations", "mine", "leave"}, {"invite", "create", "link"}),
    ],
)
def test_help_has_at_most_eight_lines_of_what_the_reader_may_do(
    harness: AppHarness, user_name: str, expected: set[str], missing: set[str]
) -> None:
    examples = set(list_examples(ask_for_help(harness, user_name)))
    assert len(examples) <= MAX_LINES
    assert expected <= examples
    assert not missing & examples


def test_buttons_are_those_that_the_reader_may_use(harness: AppHarness) -> None:
    assert list_buttons(ask_for_help(harness, "ada")) == [
        "invite_open",
        "create_open",
        "home_link",
        "help_all",
    ]
    assert list_buttons(ask_for_help(harness, "sam")) == ["home_link", "help_all"]


def test_home_opens_by_slacks_own_link(harness: AppHarness) -> None:
    answer = ask_for_help(harness, "ada")
    urls = [element.get("url") for element in iterate_elements(answer)]
    app_id = harness.playground.state.workspace.app_id
    assert f"slack://app?team={harness.workspace}&id={app_id}&tab=home" in urls


def test_all_commands_are_shown_by_group(harness: AppHarness) -> None:
    ask_for_help(harness, "ada")
    message = harness.latest_message("ada", "general")
    harness.press_button("ada", message, "help_all")
    view = harness.wait_for_form("ada", "all_commands")
    assert "/collab invite WHO" in str(view)
    assert "/collab pay APP METHOD" not in str(view)

    shown = harness.view_text("ada")
    for option in view["blocks"][0]["elements"][0]["options"]:
        harness.ada.choose_option(view, "help_group", option["value"])
        is_shown = partial(shows_group, option["value"])
        shown += str(harness.wait_for_view("ada", condition=is_shown))
    for verb in VERB_BY_NAME.values():
        assert verb.summary.split(",")[0][1:] in shown, verb.name


def shows_group(group: str, view: dict[str, Any]) -> bool:
    """Return whether a group is selected in the list of all commands."""
    select = view["blocks"][0]["elements"][0]
    return bool(select["initial_option"]["value"] == group)


def test_guests_are_not_shown_how_to_create(harness: AppHarness) -> None:
    ask_for_help(harness, "sam")
    message = harness.latest_message("sam", "general")
    harness.press_button("sam", message, "help_all")
    view = harness.wait_for_form("sam", "all_commands")
    harness.sam.choose_option(view, "help_group", "things")
    harness.wait_for_view("sam", "/collab show WHAT")
    assert "/collab create" not in harness.view_text("sam")


def test_help_of_one_verb_and_in_german(harness: AppHarness) -> None:
    one = ask_for_help(harness, "ada", "help invite")["text"]
    assert "`/collab invite WHO… ROLE WHAT…" in one
    assert "`/collab invite @carl admin acme`" in one

    german = ask_for_help(harness, "lena", "hilfe")["text"]
    assert "Personen einladen: `/collab invite @carl admin acme`" in german
    verb = ask_for_help(harness, "lena", "hilfe einladen")["text"]
    assert "`/collab invite WER… ROLLE WAS…" in verb


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_placeholder_of_a_usage_has_a_label(language: str) -> None:
    labels = load_labels(language)
    words = {
        word
        for verb in VERB_BY_NAME.values()
        for word in re.findall(r"\b[A-Z]{3,}\b", verb.usage)
    }
    assert {f"usage.{word}" for word in words} <= set(labels)
