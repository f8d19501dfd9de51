"""The pages of every list show each item once, for a company with many members."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from collab.model import Account
from tests.support.app_harness import AppHarness
from tests.support.load import LoadProfile, append_events, find_person_and_resource_ids

LOAD = LoadProfile()
ID_PATTERN = re.compile(r"[RPI](?:CROWD|APP)\d{4}")
SLUG_PATTERN = re.compile(r"\(`([a-z0-9]+)`\)")
MENTION_PATTERN = re.compile(r"<@(\w+)>")


@pytest.fixture
def crowded_harness(harness: AppHarness) -> AppHarness:
    """Return the app with a company of 500 members, 100 apps, 40 pending invitations.

    Carl has invitations to 40 of the apps.
    """
    harness.run_command("ada", "/collab create company Pixel")
    harness.carl.open_home()
    harness.drain_outbox()
    database, at = harness.app.database, harness.playground.clock.now()
    ada, pixel = find_person_and_resource_ids(
        database, harness.workspace, Account(harness.workspace, harness.ada.id), "pixel"
    )
    carl, _ = find_person_and_resource_ids(
        database,
        harness.workspace,
        Account(harness.workspace, harness.carl.id),
        "pixel",
    )
    events_to_append = [
        *LOAD.build_events(pixel, ada, at),
        *LOAD.build_app_invitations(carl, ada, at),
    ]
    append_events(database, harness.workspace, ada, at, events_to_append)
    return harness


def iterate_pages(
    harness: AppHarness, user_name: str, line: str, page_action: str
) -> Iterator[dict[str, Any]]:
    """Yield a list's pages, until the next one is the first again."""
    harness.run_command(user_name, line)
    page = harness.latest_message(user_name, "general")
    yield page
    while page_button_label(page, page_action) == "Next page":
        harness.press_button(user_name, page, page_action)
        page = harness.latest_message(user_name, "general")
        yield page


def page_button_label(page: dict[str, Any], page_action: str) -> str | None:
    """Return the label of the button that turns the page."""
    buttons = [
        element
        for block in page["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == page_action
    ]
    return buttons[0]["text"]["text"] if buttons else None


def list_row_ids(page: dict[str, Any], kind: str) -> list[str]:
    """Return the last id in the block id of each row of this kind."""
    names = [str(block.get("block_id", "")) for block in page["blocks"]]
    return [
        ID_PATTERN.findall(name)[-1]
        for name in names
        if name.startswith(kind) and ID_PATTERN.search(name)
    ]


def list_all_row_ids(
    harness: AppHarness, user_name: str, line: str, page_action: str, kind: str
) -> list[str]:
    """Return the row ids of all pages."""
    return [
        row
        for page in iterate_pages(harness, user_name, line, page_action)
        for row in list_row_ids(page, kind)
    ]


def numbered_ids(prefix: str, count: int) -> list[str]:
    """Return `count` ids with this prefix."""
    return [f"{prefix}{number:04}" for number in range(count)]


def test_the_pages_of_members_list_members_and_invitations_once(
    crowded_harness: AppHarness,
) -> None:
    row_ids = list_all_row_ids(
        crowded_harness, "ada", "/collab members pixel", "members_page", "members"
    )
    assert sorted(row_ids) == sorted(
        [*numbered_ids("ICROWD", 40), *numbered_ids("PCROWD", 500)]
    )


def test_the_pages_of_sent_and_pending_invitations_list_everything_once(
    crowded_harness: AppHarness,
) -> None:
    sent = list_all_row_ids(
        crowded_harness, "ada", "/collab invitations sent", "invitations_page", "sent"
    )
    assert sorted(sent) == sorted(
        [*numbered_ids("IAPP", 40), *numbered_ids("ICROWD", 40)]
    )
    pending = list_all_row_ids(
        crowded_harness, "carl", "/collab invitations", "invitations_page", "waiting"
    )
    assert sorted(pending) == numbered_ids("IAPP", 40)


def test_the_pages_of_mine_and_who_list_everything_once(
    crowded_harness: AppHarness,
) -> None:
    mine = [
        slug
        for page in iterate_pages(crowded_harness, "ada", "/collab mine", "mine_page")
        for slug in SLUG_PATTERN.findall(str(page["blocks"]))
    ]
    assert Counter(mine) == Counter([*numbered_ids("rcrowd", 100), "acme", "pixel"])
    pages = iterate_pages(crowded_harness, "ada", "/collab who pixel view", "who_page")
    user_ids = [
        user_id
        for page in pages
        for user_id in MENTION_PATTERN.findall(str(page["blocks"]))
    ]
    assert Counter(user_ids) == Counter(
        [*numbered_ids("UPCROWD", 500), crowded_harness.ada.id]
    )


def test_the_events_of_all_pages_are_listed_once(crowded_harness: AppHarness) -> None:
    pages = list(
        iterate_pages(crowded_harness, "ada", "/collab events pixel", "events_page")
    )
    # Who creates a company joins it: that is one line.
    assert (
        sum(str(page["blocks"]).count("<!date^") for page in pages)
        == 1 + 100 + 500 + 40 + 40
    )


def test_the_pages_of_home_list_everything_once(crowded_harness: AppHarness) -> None:
    assert count_home_row_ids(crowded_harness, "ada", 1, "holding") == Counter(
        numbered_ids("RCROWD", 100)
    )
    assert count_home_row_ids(crowded_harness, "ada", 2, "home_sent") == Counter(
        [*numbered_ids("IAPP", 40), *numbered_ids("ICROWD", 40)]
    )
    assert count_home_row_ids(crowded_harness, "carl", 0, "home_waiting") == Counter(
        numbered_ids("IAPP", 40)
    )


def count_home_row_ids(
    harness: AppHarness, user_name: str, list_index: int, kind: str
) -> Counter[str]:
    """Count the row ids on all pages of a list at Home."""
    user, row_counts = harness.playground.get_user(user_name), Counter[str]()
    user.open_home()
    harness.drain_outbox()
    while True:
        assert user.home_view is not None
        row_counts.update(list_row_ids(user.home_view, kind))
        [page_action] = [
            b["elements"][0]
            for b in user.home_view["blocks"]
            if b.get("block_id") == f"pages {list_index}"
        ]
        if page_action["text"]["text"] != "Show more":
            return row_counts
        harness.press_button(
            user_name, user.home_view, "home_page", page_action["value"]
        )


def test_a_resource_lists_its_first_contents_and_counts_the_rest(
    crowded_harness: AppHarness,
) -> None:
    crowded_harness.run_command("ada", "/collab show pixel")
    message = crowded_harness.latest_message("ada", "general")
    assert "*Inside* · 100" in message["text"]
    buttons = [
        block["accessory"]
        for block in message["blocks"]
        if block.get("accessory", {}).get("action_id") == "open_page"
    ]
    select = message["blocks"][-1]["elements"][0]
    assert (len(buttons), len(select["options"])) == (10, 90)
    crowded_harness.ada.choose_option(
        message, "open_page", select["options"][-1]["value"]
    )
    crowded_harness.wait_for_form("ada", "page")


def test_a_deletion_preview_lists_everything_that_is_deleted(
    crowded_harness: AppHarness,
) -> None:
    crowded_harness.run_command("ada", "/collab delete pixel")
    preview = str(crowded_harness.latest_message("ada", "general")["blocks"])
    assert all(f"*App {number}*" in preview for number in range(100))
    assert "501 people lose" in preview


def test_home_is_published_with_one_call(crowded_harness: AppHarness) -> None:
    traffic = crowded_harness.playground.state.traffic
    crowded_harness.ada.open_home()
    crowded_harness.drain_outbox()
    last_number = traffic.list_entries()[-1]["n"]
    for user in (crowded_harness.ada, crowded_harness.carl):
        user.open_home()
        crowded_harness.drain_outbox()
    calls = [
        entry for entry in traffic.list_entries(last_number) if entry["kind"] == "call"
    ]
    assert [call["summary"].partition(" ")[0] for call in calls] == [
        "views.publish"
    ] * 2
