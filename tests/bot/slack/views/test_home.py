"""App Home keeps Slack's limits and offers what has a route and is permitted."""

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
from collab.event_log import EventLine
from collab.events import RecordedEvent
from collab.first_steps import FirstSteps
from collab.home import (
    MAX_SHOWN_FAILURES,
    NOTHING_OFFERED,
    PAGE_SIZE,
    RECENT_EVENT_COUNT,
    GettingStarted,
    HomeResource,
    HomeView,
    KeysToRotate,
    OfferedActions,
)
from collab.model import (
    NOBODY,
    Delivery,
    DeliveryId,
    Invitation,
    InvitationId,
    Person,
    PersonId,
    Resource,
    ResourceId,
    WorkspaceId,
)
from collab.notifications.failed import FailedDelivery
from collab.open_items import InvitationView

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
WORDS = renderer_for_language("en")
in_both_languages = pytest.mark.parametrize(
    "words", [WORDS, WORDS.for_locale("de-DE")], ids=["English", "German"]
)
ADA = replace(NOBODY, id=PersonId("P1"), team="T1", user="UADA", title="Ada")
ACME = Resource(ResourceId("R0"), "company", "acme", "Acme")
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


def build_invitation_view(
    number: int, name: str = "Carl", title: str = "Acme", **changes: Any
) -> InvitationView:
    person = replace(NOBODY, id=PersonId("P2"), email=f"{name}@example.com", title=name)
    thing = replace(ACME, title=title)
    invitation = Invitation(
        InvitationId(f"I{number}"), ACME.id, (), person.id, None, (), "join", ADA.id, "admin", None, None, None,
        "pending", MONDAY,
        MONDAY + WEEK, MONDAY + WEEK, 0, None, False, None, None,
    )  # fmt: skip
    return InvitationView(
        replace(invitation, **changes), thing, (thing,), person, None, ADA, ("view",)
    )


def build_home_resource(
    number: int, title: str = "Shop", outer: Resource | None = ACME
) -> HomeResource:
    thing = Resource(ResourceId(f"R{number}"), "app", f"shop-{number}", title)
    return HomeResource(
        thing, "developer", direct=True, outer=outer or thing, invites=True
    )


def build_event_line(title: str, person: Person = ADA) -> EventLine:
    renamed = events.ResourceRenamed(ResourceId("R0"), title, title)
    return EventLine(
        RecordedEvent(WorkspaceId("T1"), 1, MONDAY, PersonId("P1"), "command", renamed),
        person,
        None,
        replace(ACME, title=title),
    )


def build_failed_delivery(
    number: int,
    title: str = "Acme",
    target: str = "channel:C1",
    problem: str = "not_in_channel",
) -> FailedDelivery:
    delivery = Delivery(
        DeliveryId(number),
        WorkspaceId("T1"),
        target,
        "member_left",
        1,
        None,
        PersonId("P1"),
        None,
        1,
        "",
        problem,
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


def build_full_home(names: list[str]) -> HomeView:
    """As much as ever stands at home, and more behind it."""
    pick = [names[n % len(names)] for n in range(PAGE_SIZE)]
    return HomeView(
        [
            build_invitation_view(n, name, name[:80], note=name)
            for n, name in enumerate(pick)
        ],
        500,
        [
            build_home_resource(n, name[:80] or "x", replace(ACME, title=name[:80]))
            for n, name in enumerate(pick, 1)
        ],
        500,
        [build_invitation_view(n, name, name[:80]) for n, name in enumerate(pick)],
        [build_event_line(name[:80]) for name in pick[:RECENT_EVENT_COUNT]],
        (3, 4, 5),
        (True, True, True),
        [
            build_failed_delivery(n, name[:80])
            for n, name in enumerate(pick[:MAX_SHOWN_FAILURES])
        ],
        has_more_failures=True,
        keys=KeysToRotate([replace(ACME, title=name[:80]) for name in pick], MONDAY),
        resource_counts={"company": 3, "app": 497},
        unanswered_count=40,
    )


def list_controls(view: View) -> list[dict[str, Any]]:
    return [
        element for block in view["blocks"] for element in interactive_elements(block)
    ]


def view_text(view: View) -> str:
    return "\n".join(
        str(block.get("text", {}).get("text", "")) for block in view["blocks"]
    )


@in_both_languages
@given(names=st.lists(typed, min_size=1, max_size=3))
@settings(deadline=None, max_examples=40)
def test_full_home_keeps_slacks_limits_for_any_text(
    words: Renderer, names: list[str]
) -> None:
    view = home_view(
        words,
        build_full_home(names),
        MONDAY,
        {*ACTION_HANDLERS, "create_open", "invite_open"},
    )

    assert view_errors(view) == []
    assert len(view["blocks"]) <= MOST_BLOCKS
    assert (
        view_errors(
            home_view(
                words, replace(build_full_home(names), sent=()), MONDAY, ACTION_HANDLERS
            )
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
        assert piece not in view_text(view)


def test_every_control_has_a_route_and_an_accessibility_label() -> None:
    view = home_view(WORDS, build_full_home(["Carl"]), MONDAY, ACTION_HANDLERS)

    all_controls = list_controls(view)
    assert {c["action_id"] for c in all_controls if c["type"] == "button"} <= set(
        ACTION_HANDLERS
    )
    assert {
        o["value"].partition(" ")[0] for c in all_controls for o in c.get("options", [])
    } <= set(ACTION_HANDLERS)
    assert all(c["accessibility_label"] for c in all_controls if c["type"] == "button")
    assert [b["text"]["text"] for b in view["blocks"] if b["type"] == "header"] == [
        "Needs you",
        "Your access (500)",
        "Sent",
        "Activity",
    ]


def primary_buttons(view: View) -> list[str]:
    return [c["action_id"] for c in list_controls(view) if c.get("style") == "primary"]


def test_first_line_counts_what_needs_the_reader_and_what_is_there() -> None:
    def first_line(home: HomeView) -> str:
        view = home_view(WORDS, home, MONDAY, ACTION_HANDLERS)
        assert view["blocks"][0]["type"] == "context"
        return str(view["blocks"][0]["elements"][0]["text"])

    assert first_line(build_full_home(["Carl"])) == (
        "*More than 504 need you* · 3 companies · 497 apps · 40 pending"
    )
    calm = HomeView(
        resources=[build_home_resource(1)],
        resource_count=1,
        resource_counts={"app": 1, "payment": 1},
    )
    assert first_line(calm) == "You're all caught up · 1 app"
    one = replace(calm, keys=KeysToRotate([ACME]))
    assert first_line(one) == "*1 needs you* · 1 app"


def test_one_button_at_home_has_a_colour() -> None:
    full = build_full_home(["Carl"])
    assert primary_buttons(home_view(WORDS, full, MONDAY, ACTION_HANDLERS)) == [
        "accept"
    ]
    begun = HomeView(steps=FirstSteps(ACME), resources=full.resources, resource_count=1)
    assert primary_buttons(home_view(WORDS, begun, MONDAY, ACTION_HANDLERS)) == [
        "invite_open"
    ]


NEW_MEMBER = HomeView(
    start=GettingStarted(helpers=[ADA]),
    steps=FirstSteps(),
    actions=OfferedActions(invites=False),
)


def test_person_without_roles_reads_how_to_start_and_whom_to_ask() -> None:
    view = home_view(WORDS, NEW_MEMBER, MONDAY, ACTION_HANDLERS)

    assert view_errors(view) == []
    assert "You don't have access to anything yet." in view_text(view)
    assert "<@UADA>, an admin of this Slack workspace" in view_text(view)
    assert [c["action_id"] for c in list_controls(view)] == [
        "settings_open",
        "more_open",
        "create_open",
    ]
    assert primary_buttons(view) == ["create_open"]
    founds_nothing = replace(NEW_MEMBER, start=GettingStarted(founds=False), steps=None)
    alone = home_view(WORDS, founds_nothing, MONDAY, ACTION_HANDLERS)
    assert "Create a company" not in view_text(alone)
    assert "Not sure who to ask" not in view_text(alone)


@pytest.mark.parametrize(
    ("steps", "marks", "buttons"),
    [
        (FirstSteps(), "○○○", ["create_open"]),
        (FirstSteps(ACME), "✓○○", ["invite_open", "channels_open"]),
        (FirstSteps(ACME, has_invited=True), "✓✓○", ["channels_open"]),
        (FirstSteps(ACME, has_linked=True), "✓○✓", ["invite_open"]),
    ],
)
@in_both_languages
def test_first_steps_are_ticked_off_and_lead_to_what_is_left(
    words: Renderer, steps: FirstSteps, marks: str, buttons: list[str]
) -> None:
    home = HomeView(start=GettingStarted(empty=True), steps=steps)
    view = home_view(words, home, MONDAY, ACTION_HANDLERS)

    assert view_errors(view) == []
    rows = [
        block
        for block in view["blocks"]
        if block["type"] == "section" and block["text"]["text"][0] in "○✓"
    ]
    assert "".join(row["text"]["text"][0] for row in rows) == marks
    assert [r["accessory"]["action_id"] for r in rows if "accessory" in r] == buttons


def test_steps_without_a_route_have_no_button() -> None:
    view = home_view(WORDS, NEW_MEMBER, MONDAY, ())
    assert list_controls(view) == []


def test_empty_workspace_names_who_can_create_the_first_company() -> None:
    view = home_view(
        WORDS,
        HomeView(start=GettingStarted(empty=True, founds=False, helpers=[ADA])),
        MONDAY,
        ACTION_HANDLERS,
    )
    assert view_errors(view) == []
    assert (
        "<@UADA>, an admin of this Slack workspace, can create the first company"
        in view_text(view)
    )
    assert "Get started" not in view_text(view)


def test_invited_person_without_roles_is_welcomed() -> None:
    home = HomeView(pending_items=[build_invitation_view(1)], pending_count=1)
    view = home_view(WORDS, home, MONDAY, ACTION_HANDLERS)
    assert "Accept your invitation, and what you can work on" in view_text(view)
    assert "Get started" not in view_text(view)
    assert primary_buttons(view) == ["accept"]


@pytest.mark.rule("EVT-06")
def test_failed_delivery_names_recipient_and_advice_beside_its_button() -> None:
    home = [
        build_failed_delivery(7),
        build_failed_delivery(8, "Ada", "person:P9", "user_disabled"),
        build_failed_delivery(9, "Acme", "person:P1", "messages_tab_disabled"),
    ]
    view = home_view(
        WORDS,
        HomeView(resources=[build_home_resource(1)], resource_count=1, failures=home),
        MONDAY,
        ACTION_HANDLERS,
    )

    assert view_errors(view) == []
    assert (
        "<#C1> didn't get an update about *Acme*.\nI'm not in that channel."
        in view_text(view)
    )
    assert (
        "Ada didn't get a message about *Ada*.\nThat account is deactivated"
        in view_text(view)
    )
    assert (
        "A message to you about *Acme* wasn't delivered.\nSlack doesn't let me post there"
        in view_text(view)
    )
    again = [c for c in list_controls(view) if c["action_id"] == "lost_again"]
    assert [c["value"] for c in again] == ["7", "8", "9"]
    assert [c["accessibility_label"] for c in again] == [
        f"Send message {which} of 3 again" for which in (1, 2, 3)
    ]
    assert "lost_open" not in str(view)


@pytest.mark.rule("MEM-07")
def test_keys_and_failed_deliveries_need_the_reader() -> None:
    home = HomeView(
        resources=[build_home_resource(1)],
        resource_count=1,
        failures=[build_failed_delivery(7)],
        has_more_failures=True,
        keys=KeysToRotate([ACME, replace(ACME, title="Shop")]),
    )
    view = home_view(WORDS, home, MONDAY, ACTION_HANDLERS)

    assert "Rotate the passwords and deploy keys of *Acme* and *Shop*." in view_text(
        view
    )
    assert [c["action_id"] for c in list_controls(view)][-4:-1] == [
        "lost_again",
        "lost_open",
        "keys_open",
    ]
    many = replace(home, keys=KeysToRotate([ACME] * 5, MONDAY))
    text = view_text(home_view(WORDS, many, MONDAY, ACTION_HANDLERS))
    assert "*Acme*, *Acme*, *Acme* and 2 more by <!date" in text


@pytest.mark.parametrize(
    ("routes", "buttons"),
    [
        ((), []),
        (("invite_open",), ["invite_open"]),
        (("invite_open", "create_open"), ["create_open", "invite_open"]),
    ],
)
def test_start_buttons_are_offered_when_they_have_a_route(
    routes: tuple[str, ...], buttons: list[str]
) -> None:
    assert [
        c["action_id"]
        for c in list_controls(home_view(WORDS, HomeView(), MONDAY, routes))
    ] == buttons


def test_company_precedes_its_contents_and_is_named_on_later_pages() -> None:
    own = HomeResource(ACME, "owner", direct=True, outer=ACME)
    both = home_view(
        WORDS,
        HomeView(resources=[own, build_home_resource(1)], resource_count=2),
        MONDAY,
        (),
    )
    later = home_view(
        WORDS,
        HomeView(
            resources=[build_home_resource(1)], resource_count=21, pages=(0, 1, 0)
        ),
        MONDAY,
        (),
    )
    alone = home_view(
        WORDS,
        HomeView(resources=[build_home_resource(1, outer=None)], resource_count=1),
        MONDAY,
        (),
    )

    assert "*Acme* · Company · owner\n• *Shop* · App · developer" in view_text(both)
    assert "In *Acme*" in str(later["blocks"])
    assert "In *Acme*" not in str(both["blocks"])
    assert "•" not in view_text(alone)


def test_row_names_where_a_derived_role_comes_from() -> None:
    row = build_home_resource(1)
    rows = [
        replace(row, direct=False, via=ACME),
        replace(row, direct=False, resource=replace(row.resource, disabled=True)),
    ]
    text = view_text(
        home_view(WORDS, HomeView(resources=rows, resource_count=2), MONDAY, ())
    )
    assert "• *Shop* · App · developer (via Acme)\n" in text
    assert "• *Shop* · App · developer (via another role) · disabled" in text


def test_short_names_tell_apart_what_has_the_same_name() -> None:
    rows = [build_home_resource(1), build_home_resource(2), build_home_resource(3, "X")]
    text = view_text(
        home_view(WORDS, HomeView(resources=rows, resource_count=3), MONDAY, ())
    )
    assert "*Shop* (`shop-1`)" in text
    assert "*Shop* (`shop-2`)" in text
    assert "*X* · App" in text


def test_each_resource_opens_its_page() -> None:
    owner = HomeResource(ACME, "owner", direct=True, outer=ACME)
    home = HomeView(resources=[owner, build_home_resource(1)], resource_count=2)
    view = home_view(WORDS, home, MONDAY, ())

    assert [
        (c["action_id"], c["value"], c["accessibility_label"])
        for c in list_controls(view)
    ] == [("open_page", "R0", "Open Acme"), ("open_page", "R1", "Open Shop")]


@pytest.mark.parametrize(
    ("state", "menu"),
    [
        ("pending", ["revoke_ask", "resend", "edit"]),
        ("expired", ["resend"]),
        ("accepted", []),
        ("revoked", []),
    ],
)
def test_sent_item_offers_the_actions_of_its_state(state: str, menu: list[str]) -> None:
    view = home_view(
        WORDS,
        HomeView(sent=[build_invitation_view(1, state=state, answered=MONDAY)]),
        MONDAY,
        (),
    )

    chosen = [
        option["value"]
        for control in list_controls(view)
        for option in control.get("options", [])
    ]
    buttons = [
        f"{c['action_id']} {c['value']}"
        for c in list_controls(view)
        if c["type"] == "button"
    ]
    assert chosen + buttons == [f"{name} I1" for name in menu]


def test_sent_invitation_past_its_expiry_is_expired() -> None:
    view = home_view(
        WORDS, HomeView(sent=[build_invitation_view(1)]), MONDAY + WEEK, ()
    )
    [resend] = list_controls(view)
    assert (resend["action_id"], resend["value"]) == ("resend", "I1")
    assert resend["accessibility_label"] == "Send the invitation of Carl to acme again"


def test_lists_are_paginated_independently() -> None:
    home = replace(
        build_full_home(["Carl"]), pages=(0, 2, 1), more=(True, False, False)
    )

    turns = [
        c["value"]
        for c in list_controls(home_view(WORDS, home, MONDAY, ()))
        if c["action_id"] == "home_page"
    ]
    assert turns == ["1 2 1", "0 0 1", "0 2 0"]


MAY = {
    "member": (
        OfferedActions(),
        {"create_open", "invite_open", "more_open", "settings_open"},
    ),
    "member who invites nobody": (
        OfferedActions(invites=False),
        {"create_open", "more_open", "settings_open"},
    ),
    "guest": (
        OfferedActions(creates=False, invites=False, links=False),
        {"more_open", "settings_open"},
    ),
    "guest who runs something": (
        OfferedActions(),
        {"create_open", "invite_open", "more_open", "settings_open"},
    ),
    "of another workspace": (
        NOTHING_OFFERED,
        {"more_open"},
    ),
}


@in_both_languages
@pytest.mark.rule("RES-01")
@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("who", list(MAY))
@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("holds", [0, 1])
def test_only_permitted_actions_are_offered(
    words: Renderer, who: str, empty: bool, holds: int
) -> None:
    able, offered = MAY[who]
    holding = [HomeResource(ACME, "admin", True, ACME)][:holds]
    home = HomeView(
        actions=able,
        start=GettingStarted(empty, able.creates),
        resources=holding,
        resource_count=holds,
    )
    view = home_view(words, home, MONDAY, ACTION_HANDLERS)
    (begins,) = (
        block for block in view["blocks"] if block.get("block_id") == "beginnings"
    )
    names = {element["action_id"] for element in begins["elements"]}
    if holds and able.links:
        offered = offered | {"channels_open"}
    if holds and able.invites:
        offered = offered | {"people_open"}
    assert names == offered
    assert "/collab" not in str(view)
