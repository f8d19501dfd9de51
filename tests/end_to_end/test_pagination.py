"""A crowded company through the real app: every list pages through everything, each thing once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from collab.model import Account
from tests.support.app_harness import AppHarness
from tests.support.load import LoadProfile, append_events, find_person_and_resource_ids

CROWD = LoadProfile()
NAMED = re.compile(r"[RPI](?:CROWD|APP)\d{4}")
SLUG = re.compile(r"\(`([a-z0-9]+)`\)")
MENTION = re.compile(r"<@(\w+)>")


@pytest.fixture
def crowded(stage: AppHarness) -> AppHarness:
    """Ada's company Pixel with 500 members, 100 apps and 40 who are asked; Carl is asked to 40 of the apps."""
    stage.run_command("ada", "/collab create company Pixel")
    stage.carl.open_home()
    stage.drain_outbox()
    database, at = stage.app.database, stage.playground.clock.now()
    ada, pixel = find_person_and_resource_ids(
        database, stage.workspace, Account(stage.workspace, stage.ada.id), "pixel"
    )
    carl, _ = find_person_and_resource_ids(
        database, stage.workspace, Account(stage.workspace, stage.carl.id), "pixel"
    )
    facts = [
        *CROWD.build_events(pixel, ada, at),
        *CROWD.build_app_invitations(carl, ada, at),
    ]
    append_events(database, stage.workspace, ada, at, facts)
    return stage


def every_page(
    stage: AppHarness, who: str, line: str, turn: str
) -> Iterator[dict[str, Any]]:
    """A list's pages, from the first until the way leads back to it."""
    stage.run_command(who, line)
    page = stage.latest_message(who, "general")
    yield page
    while way(page, turn) == "Next page":
        stage.press_button(who, page, turn)
        page = stage.latest_message(who, "general")
        yield page


def way(page: dict[str, Any], turn: str) -> str | None:
    """What the button that turns the page says."""
    buttons = [
        e
        for b in page["blocks"]
        for e in b.get("elements", [])
        if e.get("action_id") == turn
    ]
    return buttons[0]["text"]["text"] if buttons else None


def rows(page: dict[str, Any], kind: str) -> list[str]:
    """The ids by which a page's rows of one kind are named, the last of each."""
    names = [str(b.get("block_id", "")) for b in page["blocks"]]
    return [
        NAMED.findall(name)[-1]
        for name in names
        if name.startswith(kind) and NAMED.search(name)
    ]


def paged(stage: AppHarness, who: str, line: str, turn: str, kind: str) -> list[str]:
    """The rows of all pages."""
    return [
        row for page in every_page(stage, who, line, turn) for row in rows(page, kind)
    ]


def numbered(start: str, many: int) -> list[str]:
    """That many ids."""
    return [f"{start}{n:04}" for n in range(many)]


def test_all_who_are_in_and_all_who_are_asked_are_listed_once(
    crowded: AppHarness,
) -> None:
    found = paged(crowded, "ada", "/collab members pixel", "members_page", "members")
    assert sorted(found) == sorted([*numbered("ICROWD", 40), *numbered("PCROWD", 500)])


def test_all_that_was_sent_and_all_that_waits_is_listed_once(
    crowded: AppHarness,
) -> None:
    sent = paged(crowded, "ada", "/collab invitations sent", "invitations_page", "sent")
    assert sorted(sent) == sorted([*numbered("IAPP", 40), *numbered("ICROWD", 40)])
    waits = paged(crowded, "carl", "/collab invitations", "invitations_page", "waiting")
    assert sorted(waits) == numbered("IAPP", 40)


def test_all_that_one_holds_and_all_who_can_are_listed_once(
    crowded: AppHarness,
) -> None:
    mine = [
        slug
        for page in every_page(crowded, "ada", "/collab mine", "mine_page")
        for slug in SLUG.findall(str(page["blocks"]))
    ]
    assert Counter(mine) == Counter([*numbered("rcrowd", 100), "acme", "pixel"])
    able = every_page(crowded, "ada", "/collab who pixel view", "who_page")
    people = [
        person for page in able for person in MENTION.findall(str(page["blocks"]))
    ]
    assert Counter(people) == Counter([*numbered("UPCROWD", 500), crowded.ada.id])


def test_all_events_are_told_once(crowded: AppHarness) -> None:
    pages = list(every_page(crowded, "ada", "/collab events pixel", "events_page"))
    assert (
        sum(str(page["blocks"]).count("<!date^") for page in pages)
        == 2 + 100 + 500 + 40 + 40
    )


def test_home_pages_through_all_of_it_once(crowded: AppHarness) -> None:
    assert pages_of_home(crowded, "ada", 1, "holding") == Counter(
        numbered("RCROWD", 100)
    )
    assert pages_of_home(crowded, "ada", 2, "home_sent") == Counter(
        [*numbered("IAPP", 40), *numbered("ICROWD", 40)]
    )
    assert pages_of_home(crowded, "carl", 0, "home_waiting") == Counter(
        numbered("IAPP", 40)
    )


def pages_of_home(stage: AppHarness, who: str, part: int, kind: str) -> Counter[str]:
    """The rows of one of Home's lists on all its pages."""
    person, found = stage.playground.get_user(who), Counter[str]()
    person.open_home()
    stage.drain_outbox()
    while True:
        assert person.home_view is not None
        found.update(rows(person.home_view, kind))
        [turn] = [
            b["elements"][0]
            for b in person.home_view["blocks"]
            if b.get("block_id") == f"pages {part}"
        ]
        if turn["text"]["text"] != "Next page":
            return found
        stage.press_button(who, person.home_view, "home_page", turn["value"])


def test_a_thing_names_the_first_that_stand_in_it_and_counts_the_rest(
    crowded: AppHarness,
) -> None:
    crowded.run_command("ada", "/collab show pixel")
    shown = str(crowded.latest_message("ada", "general")["blocks"])
    assert len(set(SLUG.findall(shown)) - {"pixel"}) == 20
    assert "and 80 more: `/collab mine` lists all that you may see" in shown


def test_what_the_crowd_ends_is_named_whole(crowded: AppHarness) -> None:
    crowded.run_command("ada", "/collab delete pixel")
    asked = str(crowded.latest_message("ada", "general")["blocks"])
    assert all(f"*App {number}*" in asked for number in range(100))
    assert "501 people lose" in asked


def test_home_is_one_call_however_much_it_is(crowded: AppHarness) -> None:
    traffic = crowded.playground.state.traffic
    crowded.ada.open_home()
    crowded.drain_outbox()
    before = traffic.list_entries()[-1]["n"]
    for person in (crowded.ada, crowded.carl):
        person.open_home()
        crowded.drain_outbox()
    calls = [entry for entry in traffic.list_entries(before) if entry["kind"] == "call"]
    assert [call["summary"].partition(" ")[0] for call in calls] == [
        "views.publish"
    ] * 2
