"""Home keeps Slack's limits whatever people are called and however much it is, and offers what has a route."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import View
from bot.cards.home import home_view
from bot.cards.questions import request_view
from bot.listeners import ACTIONS
from bot.playground.blockkit import elements, view_errors
from bot.words import Words
from collab import events
from collab.events import Recorded
from collab.home import RECENT, ROWS, Holding, Home
from collab.offers import Invitation
from collab.people import NOBODY, Person
from collab.record import EventLine
from collab.resources import Resource
from collab.subjects import OpenInvitation

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
WORDS = Words()
in_both_languages = pytest.mark.parametrize("words", [WORDS, WORDS.of("de-DE")], ids=["English", "German"])
ADA = replace(NOBODY, id="P1", team="T1", user="UADA", title="Ada")
ACME = Resource("R0", "company", "acme", "Acme")
MOST_BLOCKS = 100
NASTY = [
    "&" * 500,
    "<!channel>" * 50,
    "*" * 500,
    ":smile:" * 70,
    "> x\n" * 120,
    "\u202e" * 40 + "x",
    "ß" * 500,
    "é" * 80,
]

typed = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=500))


def card(number: int, name: str = "Carl", title: str = "Acme", **said: Any) -> OpenInvitation:
    person = replace(NOBODY, id="P2", email=f"{name}@example.com", title=name)
    thing = replace(ACME, title=title)
    asked = Invitation(
        f"I{number}", "R0", (), "P2", None, (), "join", "P1", "admin", None, None, None, "pending", MONDAY,
        MONDAY + WEEK, MONDAY + WEEK, 0, None, False, None, None,
    )  # fmt: skip
    return OpenInvitation(replace(asked, **said), thing, (thing,), person, None, ADA, ("view",))


def holding(number: int, title: str = "Shop", outer: Resource | None = ACME) -> Holding:
    thing = Resource(f"R{number}", "app", f"shop-{number}", title)
    return Holding(thing, "developer", direct=True, outer=outer or thing, rises=True)


def line(title: str, person: Person = ADA) -> EventLine:
    renamed = events.ResourceRenamed("R0", title, title)
    return EventLine(Recorded("T1", 1, MONDAY, "P1", "command", renamed), person, None, replace(ACME, title=title))


def full(names: list[str]) -> Home:
    """As much as ever stands at home, and more behind it."""
    pick = [names[n % len(names)] for n in range(ROWS)]
    return Home(
        [card(n, name, name[:80], note=name) for n, name in enumerate(pick)],
        500,
        [holding(n, name[:80] or "x", replace(ACME, title=name[:80])) for n, name in enumerate(pick, 1)],
        500,
        [card(n, name, name[:80]) for n, name in enumerate(pick)],
        [line(name[:80]) for name in pick[:RECENT]],
        (3, 4, 5),
        (True, True, True),
    )


def controls(view: View) -> list[dict[str, Any]]:
    return [element for block in view["blocks"] for element in elements(block)]


def shown(view: View) -> str:
    return "\n".join(str(block.get("text", {}).get("text", "")) for block in view["blocks"])


@in_both_languages
@given(names=st.lists(typed, min_size=1, max_size=3))
@settings(deadline=None, max_examples=40)
def test_home_keeps_the_limits_with_all_its_lists_full_and_whatever_was_typed(words: Words, names: list[str]) -> None:
    view = home_view(words, full(names), MONDAY, {*ACTIONS, "create_open", "invite_open"})

    assert view_errors(view) == []
    assert len(view["blocks"]) <= MOST_BLOCKS
    assert view_errors(request_view(words, replace(ACME, title=names[0][:80]), ["owner", "admin"])) == []
    for piece in ("<!channel>", "<@channel"):
        assert piece not in shown(view)


def test_all_that_can_be_pressed_has_a_route_and_a_name() -> None:
    view = home_view(WORDS, full(["Carl"]), MONDAY, ACTIONS)

    found = controls(view)
    assert {c["action_id"] for c in found if c["type"] == "button"} <= set(ACTIONS)
    assert {o["value"].partition(" ")[0] for c in found for o in c.get("options", [])} <= set(ACTIONS)
    assert all(c["accessibility_label"] for c in found if c["type"] == "button")
    assert [b["text"]["text"] for b in view["blocks"] if b["type"] == "header"] == [
        "Waiting for you",
        "What you have (500)",
        "What you sent",
        "Latest events",
    ]


def test_somebody_with_nothing_yet_reads_how_to_begin() -> None:
    view = home_view(WORDS, Home(), MONDAY, ACTIONS)

    assert view_errors(view) == []
    assert "/collab create company Acme" in shown(view)
    assert [c["action_id"] for c in controls(view)] == ["create_open", "invite_open", "more_open"]


@pytest.mark.parametrize(
    ("routes", "buttons"),
    [((), []), (("invite_open",), ["invite_open"]), (("invite_open", "create_open"), ["create_open", "invite_open"])],
)
def test_what_begins_something_is_offered_when_it_has_a_route(routes: tuple[str, ...], buttons: list[str]) -> None:
    assert [c["action_id"] for c in controls(home_view(WORDS, Home(), MONDAY, routes))] == buttons


def test_a_company_stands_before_what_is_in_it_and_a_later_page_names_it() -> None:
    own = Holding(ACME, "owner", direct=True, outer=ACME)
    both = home_view(WORDS, Home(holding=[own, holding(1)], holds=2), MONDAY, ())
    later = home_view(WORDS, Home(holding=[holding(1)], holds=21, pages=(0, 1, 0)), MONDAY, ())
    alone = home_view(WORDS, Home(holding=[holding(1, outer=None)], holds=1), MONDAY, ())

    assert "*Acme* (`acme`), company: owner\n• *Shop* (`shop-1`), app: developer" in shown(both)
    assert "In *Acme*" in str(later["blocks"])
    assert "In *Acme*" not in str(both["blocks"])
    assert "•" not in shown(alone)


def test_what_one_can_do_with_each_thing_follows_from_the_role() -> None:
    owner = Holding(ACME, "owner", direct=True, outer=ACME)
    through = replace(holding(1), direct=False)
    view = home_view(WORDS, Home(holding=[owner, through], holds=2), MONDAY, ())

    menus = [[o["text"]["text"] for o in c["options"]] for c in controls(view)]
    more = "Something else…"
    assert menus == [["Show", "Members", "Leave…", more], ["Show", "Members", "Request more…", more]]


@pytest.mark.parametrize(
    ("state", "menu"),
    [("pending", ["revoke", "resend", "edit"]), ("expired", ["resend"]), ("accepted", []), ("revoked", [])],
)
def test_what_was_sent_offers_what_can_still_be_done(state: str, menu: list[str]) -> None:
    view = home_view(WORDS, Home(sent=[card(1, state=state, answered=MONDAY)]), MONDAY, ())

    assert [o["value"] for c in controls(view) for o in c["options"]] == [f"{name} I1" for name in menu]


def test_by_time_what_was_sent_is_expired_before_any_sweep() -> None:
    view = home_view(WORDS, Home(sent=[card(1)]), MONDAY + WEEK, ())
    assert [o["value"] for c in controls(view) for o in c["options"]] == ["resend I1"]


def test_each_list_turns_its_own_page() -> None:
    found = replace(full(["Carl"]), pages=(0, 2, 1), more=(True, False, False))

    turns = [c["value"] for c in controls(home_view(WORDS, found, MONDAY, ())) if c["action_id"] == "home_page"]
    assert turns == ["1 2 1", "0 0 1", "0 2 0"]
