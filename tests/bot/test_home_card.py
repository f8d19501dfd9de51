"""Home keeps Slack's limits whatever people are called and however much it is, and offers what has a route."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.blockkit import interactive_elements, view_errors
from bot.rendering import Renderer, renderer_for_language
from bot.slack.routes import ACTION_HANDLERS
from bot.slack.views import View
from bot.slack.views.access_requests import request_form_view
from bot.slack.views.home import home_view
from collab import events
from collab.audit_log import EventLine
from collab.events import RecordedEvent
from collab.home import (
    MAX_SHOWN_FAILURES,
    PAGE_SIZE,
    RECENT_EVENT_COUNT,
    GettingStarted,
    HomeResource,
    HomeView,
    OfferedActions,
)
from collab.model import NOBODY, Delivery, Invitation, Person, Resource
from collab.notifications.failed import FailedDelivery
from collab.open_items import InvitationView

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
WORDS = renderer_for_language("en")
in_both_languages = pytest.mark.parametrize(
    "words", [WORDS, WORDS.for_locale("de-DE")], ids=["English", "German"]
)
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


def card(
    number: int, name: str = "Carl", title: str = "Acme", **said: Any
) -> InvitationView:
    person = replace(NOBODY, id="P2", email=f"{name}@example.com", title=name)
    thing = replace(ACME, title=title)
    asked = Invitation(
        f"I{number}", "R0", (), "P2", None, (), "join", "P1", "admin", None, None, None, "pending", MONDAY,
        MONDAY + WEEK, MONDAY + WEEK, 0, None, False, None, None,
    )  # fmt: skip
    return InvitationView(
        replace(asked, **said), thing, (thing,), person, None, ADA, ("view",)
    )


def holding(
    number: int, title: str = "Shop", outer: Resource | None = ACME
) -> HomeResource:
    thing = Resource(f"R{number}", "app", f"shop-{number}", title)
    return HomeResource(
        thing, "developer", direct=True, outer=outer or thing, rises=True, invites=True
    )


def line(title: str, person: Person = ADA) -> EventLine:
    renamed = events.ResourceRenamed("R0", title, title)
    return EventLine(
        RecordedEvent("T1", 1, MONDAY, "P1", "command", renamed),
        person,
        None,
        replace(ACME, title=title),
    )


def lost(
    number: int,
    title: str = "Acme",
    target: str = "channel:C1",
    problem: str = "not_in_channel",
) -> FailedDelivery:
    delivery = Delivery(
        number, "T1", target, "member_left", 1, None, "P1", None, 1, "", problem
    )
    is_active = problem != "user_disabled"
    person = (
        None
        if target.startswith("channel")
        else replace(ADA, user=None, title=title, active=is_active)
    )
    return FailedDelivery(
        delivery, person, replace(ACME, title=title), mine=target == "person:P1"
    )


def full(names: list[str]) -> HomeView:
    """As much as ever stands at home, and more behind it."""
    pick = [names[n % len(names)] for n in range(PAGE_SIZE)]
    return HomeView(
        [card(n, name, name[:80], note=name) for n, name in enumerate(pick)],
        500,
        [
            holding(n, name[:80] or "x", replace(ACME, title=name[:80]))
            for n, name in enumerate(pick, 1)
        ],
        500,
        [card(n, name, name[:80]) for n, name in enumerate(pick)],
        [line(name[:80]) for name in pick[:RECENT_EVENT_COUNT]],
        (3, 4, 5),
        (True, True, True),
        [lost(n, name[:80]) for n, name in enumerate(pick[:MAX_SHOWN_FAILURES])],
        loses=True,
        stale=7,
    )


def controls(view: View) -> list[dict[str, Any]]:
    return [
        element for block in view["blocks"] for element in interactive_elements(block)
    ]


def shown(view: View) -> str:
    return "\n".join(
        str(block.get("text", {}).get("text", "")) for block in view["blocks"]
    )


@in_both_languages
@given(names=st.lists(typed, min_size=1, max_size=3))
@settings(deadline=None, max_examples=40)
def test_home_keeps_the_limits_with_all_its_lists_full_and_whatever_was_typed(
    words: Renderer, names: list[str]
) -> None:
    view = home_view(
        words, full(names), MONDAY, {*ACTION_HANDLERS, "create_open", "invite_open"}
    )

    assert view_errors(view) == []
    assert len(view["blocks"]) <= MOST_BLOCKS
    assert (
        view_errors(
            home_view(words, replace(full(names), sent=()), MONDAY, ACTION_HANDLERS)
        )
        == []
    )
    assert (
        view_errors(
            request_form_view(
                words, replace(ACME, title=names[0][:80]), ["owner", "admin"]
            )
        )
        == []
    )
    for piece in ("<!channel>", "<@channel"):
        assert piece not in shown(view)


def test_all_that_can_be_pressed_has_a_route_and_a_name() -> None:
    view = home_view(WORDS, full(["Carl"]), MONDAY, ACTION_HANDLERS)

    found = controls(view)
    assert {c["action_id"] for c in found if c["type"] == "button"} <= set(
        ACTION_HANDLERS
    )
    assert {
        o["value"].partition(" ")[0] for c in found for o in c.get("options", [])
    } <= set(ACTION_HANDLERS)
    assert all(c["accessibility_label"] for c in found if c["type"] == "button")
    assert [b["text"]["text"] for b in view["blocks"] if b["type"] == "header"] == [
        "Could not be delivered",
        "Waiting for you",
        "What you have (500)",
        "What you sent",
        "Latest events",
    ]


def test_somebody_with_nothing_yet_reads_how_to_begin_and_whom_to_ask() -> None:
    view = home_view(
        WORDS, HomeView(start=GettingStarted(helpers=[ADA])), MONDAY, ACTION_HANDLERS
    )

    assert view_errors(view) == []
    assert "/collab create company Acme" in shown(view)
    assert "<@UADA>, who looks after this Slack workspace" in shown(view)
    assert [c["action_id"] for c in controls(view)] == [
        "create_open",
        "invite_open",
        "more_open",
        "settings_open",
    ]
    alone = shown(
        home_view(
            WORDS, HomeView(start=GettingStarted(founds=False)), MONDAY, ACTION_HANDLERS
        )
    )
    assert "/collab create" not in alone
    assert "Who to ask" not in alone


def test_in_a_workspace_where_nothing_exists_the_first_three_steps_are_told() -> None:
    first = home_view(
        WORDS, HomeView(start=GettingStarted(empty=True)), MONDAY, ACTION_HANDLERS
    )
    waiting = home_view(
        WORDS,
        HomeView(start=GettingStarted(empty=True, founds=False)),
        MONDAY,
        ACTION_HANDLERS,
    )

    assert view_errors(first) == view_errors(waiting) == []
    for step in (
        "*1. Create a company.*",
        "*2. Invite people.*",
        "*3. Link a channel.*",
    ):
        assert step in shown(first)
    assert "An admin of this Slack workspace creates it" in shown(waiting)


@pytest.mark.rule("EVT-06")
def test_what_could_not_be_delivered_says_to_whom_and_how_to_mend_it_beside_its_button() -> (
    None
):
    found = [
        lost(7),
        lost(8, "Ada", "person:P9", "user_disabled"),
        lost(9, "Acme", "person:P1", "messages_tab_disabled"),
    ]
    view = home_view(
        WORDS,
        HomeView(holding=[holding(1)], holds=1, lost=found),
        MONDAY,
        ACTION_HANDLERS,
    )

    assert view_errors(view) == []
    assert (
        "<#C1> did not hear what happened to *Acme*.\nCollab is not in that channel, so it cannot speak there."
        in shown(view)
    )
    assert "Ada was not reached about *Ada*.\nThat account is deactivated" in shown(
        view
    )
    assert (
        "A message to you about *Acme* did not arrive.\nSlack does not let Collab write there"
        in shown(view)
    )
    again = [c for c in controls(view) if c["action_id"] == "lost_again"]
    assert [c["value"] for c in again] == ["7", "8", "9"]
    assert [c["accessibility_label"] for c in again] == [
        f"Send message {which} of 3 again" for which in (1, 2, 3)
    ]
    assert "lost_open" not in str(view)


def test_what_needs_a_hand_has_its_button_at_the_top() -> None:
    found = HomeView(holding=[holding(1)], holds=1, lost=[lost(7)], loses=True, stale=2)
    view = home_view(WORDS, found, MONDAY, ACTION_HANDLERS)

    assert "2 things need new service passwords and deploy keys" in shown(view)
    assert [c["action_id"] for c in controls(view)][-4:-1] == [
        "keys_open",
        "lost_open",
        "lost_again",
    ]


@pytest.mark.parametrize(
    ("routes", "buttons"),
    [
        ((), []),
        (("invite_open",), ["invite_open"]),
        (("invite_open", "create_open"), ["create_open", "invite_open"]),
    ],
)
def test_what_begins_something_is_offered_when_it_has_a_route(
    routes: tuple[str, ...], buttons: list[str]
) -> None:
    assert [
        c["action_id"] for c in controls(home_view(WORDS, HomeView(), MONDAY, routes))
    ] == buttons


def test_a_company_stands_before_what_is_in_it_and_a_later_page_names_it() -> None:
    own = HomeResource(ACME, "owner", direct=True, outer=ACME)
    both = home_view(WORDS, HomeView(holding=[own, holding(1)], holds=2), MONDAY, ())
    later = home_view(
        WORDS, HomeView(holding=[holding(1)], holds=21, pages=(0, 1, 0)), MONDAY, ()
    )
    alone = home_view(
        WORDS, HomeView(holding=[holding(1, outer=None)], holds=1), MONDAY, ()
    )

    assert (
        "*Acme* (`acme`), company: owner\n• *Shop* (`shop-1`), app: developer"
        in shown(both)
    )
    assert "In *Acme*" in str(later["blocks"])
    assert "In *Acme*" not in str(both["blocks"])
    assert "•" not in shown(alone)


def test_what_one_can_do_with_each_thing_follows_from_the_role() -> None:
    owner = HomeResource(ACME, "owner", direct=True, outer=ACME, invites=True)
    through = replace(holding(1), direct=False, invites=False)
    view = home_view(WORDS, HomeView(holding=[owner, through], holds=2), MONDAY, ())

    menus = [[o["text"]["text"] for o in c["options"]] for c in controls(view)]
    more = "Something else…"
    assert menus == [
        ["Show", "Members", "Invite…", "Leave…", more],
        ["Show", "Members", "Request more…", more],
    ]


@pytest.mark.parametrize(
    ("state", "menu"),
    [
        ("pending", ["revoke", "resend", "edit"]),
        ("expired", ["resend"]),
        ("accepted", []),
        ("revoked", []),
    ],
)
def test_what_was_sent_offers_what_can_still_be_done(
    state: str, menu: list[str]
) -> None:
    view = home_view(
        WORDS, HomeView(sent=[card(1, state=state, answered=MONDAY)]), MONDAY, ()
    )

    assert [o["value"] for c in controls(view) for o in c["options"]] == [
        f"{name} I1" for name in menu
    ]


def test_by_time_what_was_sent_is_expired_before_any_sweep() -> None:
    view = home_view(WORDS, HomeView(sent=[card(1)]), MONDAY + WEEK, ())
    assert [o["value"] for c in controls(view) for o in c["options"]] == ["resend I1"]


def test_each_list_turns_its_own_page() -> None:
    found = replace(full(["Carl"]), pages=(0, 2, 1), more=(True, False, False))

    turns = [
        c["value"]
        for c in controls(home_view(WORDS, found, MONDAY, ()))
        if c["action_id"] == "home_page"
    ]
    assert turns == ["1 2 1", "0 0 1", "0 2 0"]


MAY = {
    "member": (
        OfferedActions(),
        {"create_open", "invite_open", "more_open", "settings_open"},
    ),
    "guest": (
        OfferedActions(creates=False, invites=False),
        {"more_open", "settings_open"},
    ),
    "guest who runs something": (
        OfferedActions(),
        {"create_open", "invite_open", "more_open", "settings_open"},
    ),
    "of another workspace": (
        OfferedActions(creates=False, invites=False, external=True),
        {"more_open"},
    ),
}


@in_both_languages
@pytest.mark.rule("RES-01")
@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("who", list(MAY))
@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("holds", [0, 1])
def test_only_what_one_may_do_is_offered(
    words: Renderer, who: str, empty: bool, holds: int
) -> None:
    able, offered = MAY[who]
    holding = [HomeResource(ACME, "admin", True, ACME)][:holds]
    found = HomeView(
        able=able,
        start=GettingStarted(empty, able.creates),
        holding=holding,
        holds=holds,
    )
    view = home_view(words, found, MONDAY, ACTION_HANDLERS)
    (begins,) = (
        block for block in view["blocks"] if block.get("block_id") == "beginnings"
    )
    names = {element["action_id"] for element in begins["elements"]}
    assert names == offered | (
        {"channels_open"} if holds and not able.external else set()
    )
    text = str(view)
    assert ("/collab create" in text) is (able.creates and not holds)
    assert ("/collab" in text) is not able.external
