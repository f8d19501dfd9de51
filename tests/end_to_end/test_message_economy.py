"""How many messages people get: eight stories in the running app, counted by reader.

Answers to commands and presses are not counted: they are no messages of their own.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from tests.support.app_harness import AppHarness

MENTION = re.compile(r"<@(U\w+)>")
METHODS = {"chat.postMessage": "messages", "chat.update": "edits"}
TEAM_SIZE = 20


class Count(NamedTuple):
    """What a person or a channel got: new messages, edits of them, and mentions that
    notify somebody who reads them.
    """

    messages: int = 0
    edits: int = 0
    pings: int = 0


def measure(
    harness: AppHarness, story: Callable[[AppHarness], None]
) -> dict[str, Count]:
    """Return what each reader got while a story was played."""
    harness.drain_outbox()
    last = max((entry["n"] for entry in harness.playground.traffic_entries), default=0)
    story(harness)
    harness.drain_outbox()
    counted: dict[str, Counter[str]] = {}
    for entry in harness.playground.traffic_entries:
        if entry["n"] > last and entry["kind"] == "call":
            for reader, what in list_effects(harness, entry):
                counted.setdefault(reader, Counter())[what] += 1
    return {reader: Count(**counts) for reader, counts in counted.items()}


def list_effects(
    harness: AppHarness, entry: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield who reads the message of a call, and what it means to them."""
    method = entry["summary"].split()[0]
    answer, args = entry["body"]["answer"], entry["body"]["args"]
    if method not in METHODS or not answer["ok"]:
        return
    workspace = harness.playground.state.workspace
    channel = workspace.channels[answer["channel"]]
    reader = channel.name if channel.kind == "im" else f"#{channel.name}"
    yield reader, METHODS[method]
    if method == "chat.postMessage":
        mentioned = MENTION.findall(json.dumps([args["text"], args.get("blocks")]))
        for user_id in set(mentioned).intersection(channel.members):
            if user_id:
                yield reader, "pings"


def format_table(story: str, counts: dict[str, Count]) -> str:
    """Return the counts of a story, a line for each reader."""
    rows = [
        f"{reader:<12} {count.messages:>8} {count.edits:>6} {count.pings:>6}"
        for reader, count in sorted(counts.items())
    ]
    return "\n".join([f"{story:<12} messages  edits  pings", *rows])


def run_lines(harness: AppHarness, *lines: str) -> None:
    for line in lines:
        harness.run_command("ada", f"/collab {line}")


def press_preview(harness: AppHarness, user_name: str, line: str, button: str) -> None:
    """Type a command that shows a preview, and confirm it."""
    harness.run_command(user_name, f"/collab {line}")
    preview = harness.latest_message(user_name, "general")
    harness.press_button(user_name, preview, button)


def accept(harness: AppHarness, *user_names: str) -> None:
    for user_name in user_names:
        harness.press_button(user_name, harness.latest_message(user_name), "accept")


def invite_one(harness: AppHarness) -> None:
    run_lines(harness, "invite @carl admin acme")
    accept(harness, "carl")


def leave_one_unanswered(harness: AppHarness) -> None:
    run_lines(harness, "invite @carl admin acme")
    harness.advance_time(days=10)


def invite_two_for_a_while(harness: AppHarness) -> None:
    run_lines(harness, "invite @carl @devi developer shop blog orders for 10d")
    accept(harness, "carl", "devi")
    harness.advance_time(days=14)


def remove_and_undo(harness: AppHarness) -> None:
    press_preview(harness, "ada", "remove @devi shop", "remove")
    harness.press_button("ada", harness.latest_message("ada", "general"), "undo")


def change_role(harness: AppHarness) -> None:
    run_lines(harness, "role @devi manager shop")


def transfer_billing(harness: AppHarness) -> None:
    press_preview(harness, "ada", "transfer billing shop @carl", "transfer")
    accept(harness, "carl")
    harness.wait_for_view("carl")
    address = {"address": "Street 1", "email": "bills@client.example"}
    harness.carl.submit_view({"name": "Office", **address, "reference": "PO-7"})


def delete_company(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab delete acme")
    preview = harness.latest_message("ada", "general")
    harness.press_button("ada", preview, "delete")
    harness.wait_for_view("ada", "Acme")
    harness.ada.submit_view({"name": "Acme"})


def share_with_team(harness: AppHarness) -> None:
    run_lines(harness, "share shop with crew as manager")


def deactivate_owner(harness: AppHarness) -> None:
    harness.playground.deactivate_account("ada")


def create_apps(harness: AppHarness) -> None:
    run_lines(
        harness, *(f"create app {name} in acme" for name in ("Shop", "Blog", "Orders"))
    )


def create_apps_with_developer(harness: AppHarness) -> None:
    create_apps(harness)
    harness.invite_and_accept("bo", "invite @bo owner acme")
    harness.invite_and_accept("devi", "invite @devi developer shop")


def create_team(harness: AppHarness) -> None:
    create_apps_with_developer(harness)
    names = [f"member{number}" for number in range(TEAM_SIZE)]
    for name in names:
        harness.playground.add_user(name)
    run_lines(harness, "create team Crew")
    for name in names:
        harness.invite_and_accept(name, f"invite @{name} limited crew")


def create_pixel(harness: AppHarness) -> None:
    run_lines(harness, "create company Pixel", "create app Shop in pixel")
    harness.invite_and_accept("bo", "invite @bo admin pixel")
    harness.invite_and_accept("devi", "invite @devi admin pixel")


def create_nothing(_harness: AppHarness) -> None:
    pass


class Story(NamedTuple):
    """What is there before, what happens, and the most that each reader may get."""

    prepare: Callable[[AppHarness], None]
    play: Callable[[AppHarness], None]
    limits: dict[str, Count]


STORIES = {
    "invite one": Story(
        create_nothing,
        invite_one,
        {"ada": Count(1), "carl": Count(1, 1), "#acme": Count(1)},
    ),
    "no answer": Story(
        create_nothing, leave_one_unanswered, {"ada": Count(1), "carl": Count(3, 3)}
    ),
    "2 x 3 x 10d": Story(
        create_apps,
        invite_two_for_a_while,
        {
            "ada": Count(6, 5),
            "carl": Count(4, 1),
            "devi": Count(4, 1),
            "#acme": Count(4),
        },
    ),
    "undone": Story(
        create_apps_with_developer,
        remove_and_undo,
        {
            "ada": Count(1, 1),
            "bo": Count(2, 1),
            "devi": Count(2, 1),
            "#acme": Count(2, 1),
        },
    ),
    "role change": Story(
        create_apps_with_developer, change_role, {"devi": Count(1), "#acme": Count(1)}
    ),
    "billing": Story(
        create_apps_with_developer,
        transfer_billing,
        {"ada": Count(1), "carl": Count(2, 1), "#acme": Count(1)},
    ),
    "deleted": Story(
        create_apps_with_developer,
        delete_company,
        {"bo": Count(1), "devi": Count(1), "#acme": Count(1)},
    ),
    "shared": Story(create_team, share_with_team, {"bo": Count(1)}),
    "deactivated": Story(
        create_pixel, deactivate_owner, {"bo": Count(1), "devi": Count(1)}
    ),
}


@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize("name", STORIES)
def test_a_story_causes_few_messages(harness: AppHarness, name: str) -> None:
    story = STORIES[name]
    story.prepare(harness)

    counts = measure(harness, story.play)

    table = format_table(name, counts)
    print(table)
    exceeded = {
        reader: count
        for reader, count in counts.items()
        if any(
            got > most
            for got, most in zip(count, story.limits.get(reader, Count()), strict=True)
        )
    }
    assert not exceeded, table
