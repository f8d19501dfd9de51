"""Cards keep Slack's limits whatever people are called and whatever they wrote, and lose nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.blockkit import block_errors, option_errors, view_errors
from bot.rendering import (
    RenderedText,
    Renderer,
    ids_with_duplicate_names,
    renderer_for_language,
)
from bot.slack.routes import ACTION_HANDLERS
from bot.slack.views import Message, blocks
from bot.slack.views import access as access_cards
from bot.slack.views import access_requests as question_cards
from bot.slack.views import help as help_cards
from bot.slack.views import invitations as cards
from bot.slack.views import invite_form as inviting_cards
from bot.slack.views import key_rotation as key_cards
from bot.slack.views import memberships as membership_cards
from bot.slack.views import resources as resource_cards
from bot.slack.views import settings as setting_cards
from bot.slack.views import successions as succession_cards
from bot.slack.views.audit_log import events_message
from bot.slack.views.live_messages import LIVE_MESSAGE_CONTROLS, live_message
from bot.slack.views.notifications import (
    NotificationContext,
    build_digest_item,
    notification_message,
    personal_digest_message,
)
from bot.slack.views.pending import pending_items_message
from collab import events
from collab.access_queries import (
    AccessExplanation,
    PathStep,
    ResourceDetail,
    ResourceRole,
    ResourceRoleList,
    RolePath,
    UsersWithCapability,
)
from collab.audit_log import EventLine, EventList
from collab.events import RecordedEvent
from collab.home import OfferedActions
from collab.impact import DeletionPreview, RemainingRole, RemovalPreview, RoleLoss
from collab.invitations.queries import InvitationList
from collab.key_rotation import LostAccess, StaleKeys
from collab.limits import Policy
from collab.memberships.member_actions import MemberListActions
from collab.memberships.queries import MemberList, MemberRow
from collab.model import (
    NOBODY,
    AccessRequest,
    Invitation,
    Membership,
    Person,
    Resource,
    Succession,
)
from collab.notifications.personal import MAX_DIGEST_ITEMS, NOTIFICATION_PREFERENCES
from collab.notifications.routing import (
    CHANNEL_DIGEST,
    MEMBERS,
    NOTIFICATION_ROUTES,
    PERSONAL_DIGEST,
    PROFILE,
    REFRESH,
)
from collab.open_items import (
    AccessRequestView,
    ExpiringMembershipView,
    InvitationView,
    OpenItem,
    SuccessionView,
)
from collab.pending import Overview
from collab.resource_pickers import ResourceOption
from collab.roles import CAPABILITIES, ROLE_MODEL
from collab.settings import SettingsView

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
INVITATION_COPIES = [
    name for name in LIVE_MESSAGE_CONTROLS if name.startswith("invitation")
]
NASTY = [
    "&" * 500,
    "<!channel>" * 50,
    "*" * 500,
    ":smile:" * 70,
    "a" * 500,
    "> x\n" * 120,
    "\u202e" * 40 + "x",
    "ß" * 500,
]
WORDS = renderer_for_language("en")
in_both_languages = pytest.mark.parametrize(
    "words", [WORDS, WORDS.for_locale("de-DE")], ids=["English", "German"]
)
ADA = replace(
    NOBODY, id="P1", team="T1", user="UADA", title="Ada", email="ada@example.com"
)
CARL = replace(
    NOBODY, id="P2", team="T1", user="UCARL", title="Carl", email="carl@example.com"
)
STRANGER = replace(NOBODY, id="P3", email="stranger@example.com")
ACME = Resource("R1", "company", "acme", "Acme")
CAN = ("view", "edit", "delete", "create", "pay", "invoices")

typed = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=500))


def invitation(number: int = 1, **said: Any) -> Invitation:
    usual = {
        "lasts": None,
        "until": None,
        "note": None,
        "state": "pending",
        "snoozed": None,
        "muted": False,
    }
    to = {"also": (), "team": None, "asked": (), "purpose": "join"}
    ids = {
        "id": f"I{number}",
        "resource": "R1",
        "person": "P2",
        "inviter": "P1",
        "role": "admin",
        **to,
    }
    times = {"sent": MONDAY, "expires": MONDAY + WEEK, "due": MONDAY + WEEK, "marks": 0}
    ended = {"answered": None, "answered_by": None}
    return Invitation(**{**ids, **times, **usual, **ended, **said})


def card(
    number: int = 1, person: Person = CARL, resource: Resource = ACME, **said: Any
) -> InvitationView:
    return InvitationView(
        invitation(number, **said), resource, (resource,), person, None, ADA, CAN
    )


def asking(
    state: str = "pending",
    person: Person = CARL,
    resource: Resource = ACME,
    note: str | None = None,
) -> AccessRequestView:
    answer = (None, None) if state == "pending" else (MONDAY, "P1")
    asked = AccessRequest(
        "Q1",
        resource.id,
        person.id,
        "admin",
        note,
        ("P1",),
        state,
        MONDAY,
        MONDAY + WEEK,
        *answer,
    )
    return AccessRequestView(
        asked, resource, person, CAN, ADA if state in {"granted", "declined"} else None
    )


def following(
    state: str = "pending",
    person: Person = CARL,
    resource: Resource = ACME,
    support: int = 1,
) -> SuccessionView:
    waits = Succession(
        "S1",
        resource.id,
        person.id,
        "owner",
        ("P1",),
        state,
        "P1" if state == "settled" else None,
    )
    return SuccessionView(
        waits,
        resource,
        person,
        [(ADA, person)] * support,
        ADA if state == "settled" else None,
    )


def ending_soon(
    person: Person = CARL,
    resource: Resource = ACME,
    until: datetime | None = MONDAY + WEEK,
) -> ExpiringMembershipView:
    return ExpiringMembershipView(
        resource, person, Membership(resource.id, person.id, "admin", MONDAY, until)
    )


def scene(
    happened: EventLine | None,
    subject: OpenItem | None,
    viewer: Person | None,
    *rotate: Resource,
) -> NotificationContext:
    return NotificationContext(MONDAY, viewer, subject, happened, rotate)


def line(
    event: events.Event,
    person: Person | None = CARL,
    resource: Resource = ACME,
    actor: Person = ADA,
) -> EventLine:
    return EventLine(
        RecordedEvent("T1", 1, MONDAY, actor.id or None, "command", event),
        actor,
        person,
        resource,
    )


def check(message: Message) -> Message:
    assert block_errors(message["blocks"]) == []
    assert message["text"]
    assert len(message["text"]) <= blocks.MAX_MESSAGE_TEXT
    return message


def controls(message: Message) -> list[dict[str, Any]]:
    held = [
        [*b.get("elements", []), *([b["accessory"]] if "accessory" in b else [])]
        for b in message["blocks"]
    ]
    return [e for elements in held for e in elements if "action_id" in e]


def shown(message: Message) -> str:
    found = [b.get("text", {}).get("text", "") for b in message["blocks"]]
    small = [
        e.get("text", "")
        for b in message["blocks"]
        if b["type"] == "context"
        for e in b["elements"]
    ]
    return "\n".join([*found, *small])


@in_both_languages
@given(
    title=typed,
    note=typed,
    name=typed,
    lasts=st.sampled_from([None, timedelta(days=30), timedelta(hours=30)]),
)
@settings(deadline=None, max_examples=15)
def test_an_invitation_keeps_the_limits_whatever_was_typed(
    words: Renderer, title: str, note: str, name: str, lasts: timedelta | None
) -> None:
    asked = card(
        person=replace(CARL, user=None, title=name),
        resource=replace(ACME, title=title),
        note=note,
        lasts=lasts,
    )

    things = (asked.resource,) * 12
    to_a_team = replace(
        asked, team=replace(ACME, kind="team", title=title), resources=things
    )
    for copy in INVITATION_COPIES:
        for state in (
            "pending",
            "accepted",
            "declined",
            "revoked",
            "superseded",
            "expired",
        ):
            for each in (asked, to_a_team):
                then = replace(
                    each,
                    invitation=replace(each.invitation, state=state, answered=MONDAY),
                )
                for viewer in (CARL, None):
                    check(live_message(words, copy, then, viewer, MONDAY))
    assert view_errors(cards.decline_invitation_view(words, asked)) == []
    assert (
        view_errors(cards.edit_invitation_view(words, asked, ["owner", "admin"])) == []
    )


def test_a_heading_that_would_only_repeat_its_option_is_left_out() -> None:
    shop = Resource("R2", "app", "shop", "Shop", ACME.id)
    alone = inviting_cards.resource_options(WORDS, [ResourceOption(ACME, ACME)])
    assert [option["text"]["text"] for option in alone["options"]] == ["Acme"]
    (group,) = inviting_cards.resource_options(
        WORDS, [ResourceOption(ACME, ACME), ResourceOption(shop, ACME)]
    )["option_groups"]
    assert group["label"]["text"] == "Acme"
    assert len(group["options"]) == 2


@in_both_languages
@given(
    titles=st.lists(typed, min_size=1, max_size=5),
    note=typed,
    many=st.sampled_from([0, 1, 100]),
)
@settings(deadline=None, max_examples=15)
def test_the_window_that_invites_keeps_the_limits_whatever_things_are_called(
    words: Renderer, titles: list[str], note: str, many: int
) -> None:
    companies = [
        replace(ACME, id=f"C{n}", title=title) for n, title in enumerate(titles)
    ]
    apps = [
        Resource(
            f"A{n}",
            "app",
            f"app-{n}" * 9,
            titles[n % len(titles)],
            companies[n % len(titles)].id,
        )
        for n in range(many)
    ]
    found = [
        ResourceOption(app, companies[n % len(titles)] if n % 7 else None)
        for n, app in enumerate(apps)
    ]
    choices = inviting_cards.resource_options(words, found)
    assert option_errors(choices) == []
    offered = [
        option["value"]
        for group in choices.get("option_groups", [])
        for option in group["options"]
    ]
    assert sorted(offered) == sorted(app.id for app in apps)

    draft = inviting_cards.InvitationDraft(
        ["UCARL"] * many, note * 40, apps, "admin", "30 days", note[:500]
    )
    roles = {
        role.name: role.capabilities for role in ROLE_MODEL["app"].assignable_roles
    }
    for offer in (roles, {}, dict.fromkeys(ROLE_MODEL.assignable_role_names, ())):
        view = inviting_cards.invite_form_view(words, draft, offer)
        assert view_errors(view) == []
    assert (
        view_errors(
            inviting_cards.invite_form_view(words, inviting_cards.InvitationDraft(), {})
        )
        == []
    )
    said = words.render("refusals/unknown_who", example="", typed=note)
    for changed in (True, False):
        view = inviting_cards.invitation_results_view(
            words, [said] * max(1, many), has_changes=changed
        )
        assert view_errors(view) == []
        assert " ".join(shown(view).split()).count(said.text[:12]) == max(1, many)


@in_both_languages
def test_every_role_says_what_it_allows_in_one_whole_line(words: Renderer) -> None:
    for kind in ROLE_MODEL.resource_types.values():
        for role in kind.assignable_roles:
            said = words.render(
                "modals/role_allows", "plain", can=role.capabilities, kind=kind.name
            ).text
            assert 0 < len(said) <= blocks.MAX_LABEL, said


@in_both_languages
@given(title=typed, note=typed, name=typed, many=st.sampled_from([0, 1, 45]))
@settings(deadline=None, max_examples=15)
def test_questions_keep_the_limits_whatever_was_typed(
    words: Renderer, title: str, note: str, name: str, many: int
) -> None:
    person, thing = replace(CARL, user=None, title=name), replace(ACME, title=title)

    for viewer in (ADA, None):
        for state in ("pending", "granted", "declined", "ended"):
            check(
                live_message(
                    words, "request", asking(state, person, thing, note), viewer, MONDAY
                )
            )
        for state in ("pending", "settled", "closed"):
            check(
                live_message(
                    words,
                    "succession",
                    following(state, person, thing, many),
                    viewer,
                    MONDAY,
                )
            )
        for term in (
            ending_soon(person, thing),
            ending_soon(person, thing, None),
            replace(ending_soon(person, thing), membership=None),
        ):
            check(live_message(words, "member_ends_soon", term, viewer, MONDAY))
    removed = words.render("replies/removed", person=person, resource=thing)
    check(membership_cards.undoable_message(words, removed, 2**62))
    assert (
        view_errors(
            question_cards.deny_request_view(
                words, asking(person=person, resource=thing)
            )
        )
        == []
    )
    for alone in (True, False):
        card = following(person=person, resource=thing)
        assert (
            view_errors(
                succession_cards.successor_view(words, card, decides_alone=alone)
            )
            == []
        )


@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize(
    ("name", "open_one", "ended", "labels"),
    [
        ("request", asking(), asking("granted"), ["Grant", "Decline"]),
        ("request", asking(), asking("ended"), ["Grant", "Decline"]),
        ("succession", following(), following("settled"), ["Choose"]),
        ("succession", following(), following("closed"), ["Choose"]),
        (
            "member_ends_soon",
            ending_soon(),
            replace(ending_soon(), membership=None),
            ["Extend"],
        ),
        ("member_ends_soon", ending_soon(), ending_soon(until=None), ["Extend"]),
        (
            "member_ends_soon",
            ending_soon(),
            ending_soon(until=MONDAY + 5 * WEEK),
            ["Extend"],
        ),
    ],
)
def test_a_question_keeps_its_buttons_until_it_has_its_answer(
    name: str, open_one: OpenItem, ended: OpenItem, labels: list[str]
) -> None:
    asked = controls(live_message(WORDS, name, open_one, ADA, MONDAY))
    assert [c["text"]["text"] for c in asked] == labels
    assert all(c["accessibility_label"] for c in asked)
    assert {c["action_id"] for c in asked} <= set(ACTION_HANDLERS)
    assert controls(live_message(WORDS, name, ended, ADA, MONDAY)) == []


@in_both_languages
@given(typed=st.lists(typed, min_size=1, max_size=3), many=st.integers(0, 45))
@settings(deadline=None, max_examples=8)
def test_lists_keep_the_limits_however_long(
    words: Renderer, typed: list[str], many: int
) -> None:
    people = [
        replace(
            CARL,
            id=f"P{n}",
            user=None,
            title="",
            email=typed[n % len(typed)][:254] or "x",
        )
        for n in range(20)
    ]
    company = replace(ACME, title=typed[0][:80])
    asked = [
        card(n, people[n % 20], company, note=typed[n % len(typed)])
        for n in range(many)
    ]
    members = [MemberRow(p, "admin", MONDAY, is_removable=True) for p in people]
    found = MemberList(company, members, asked[:20], 45, 1)

    for page in range(3):
        listed = check(pending_items_message(words, asked, page))
        assert (
            block_errors(
                blocks.prepend_text(RenderedText("top", ("top", "-# small")), listed)[
                    "blocks"
                ]
            )
            == []
        )
    check(
        cards.sent_invitations_message(
            words, InvitationList(asked[:20], sent=True, next_page=1), 0, MONDAY
        )
    )
    allowed = MemberListActions(
        frozenset(i.invitation.id for i in asked), frozenset(p.id for p in people)
    )
    check(membership_cards.members_message(words, found, "P0", allowed, 0))
    check(
        help_cards.overview_message(words, Overview(asked, [(company, "owner")] * 45))
    )
    check(
        membership_cards.removal_preview_message(
            words, ending(people[0], company, asked)
        )
    )
    check(
        membership_cards.leave_preview_message(words, ending(people[0], company, asked))
    )


def ending(
    person: Person = CARL,
    resource: Resource = ACME,
    revoked: list[InvitationView] | None = None,
    many: int = 45,
) -> RemovalPreview:
    remains = [RemainingRole(resource, "admin", resource)] * many
    ends = [(resource, "admin")] * many
    return RemovalPreview(
        person, resource, "admin", CAN, ends, remains, revoked or [], "owner"
    )


@in_both_languages
@given(typed=st.lists(typed, min_size=1, max_size=3), many=st.sampled_from([0, 1, 45]))
@settings(deadline=None, max_examples=8)
def test_cards_about_resources_keep_the_limits_whatever_things_are_called(
    words: Renderer, typed: list[str], many: int
) -> None:
    things = [
        replace(
            ACME, id=f"R{n}", title=typed[n % len(typed)][:80] or "x", about=typed[0]
        )
        for n in range(20)
    ]
    people = [
        replace(
            CARL,
            id=f"P{n}",
            user=None,
            title="",
            email=typed[n % len(typed)][:254] or "x",
        )
        for n in range(20)
    ]
    lines = [
        line(events.ResourceRenamed("R1", thing.title, thing.title), resource=thing)
        for thing in things[:5]
    ]
    paths = [
        RolePath(person, tuple(PathStep("admin", thing) for thing in things[:4]))
        for person in people
    ]
    detail = ResourceDetail(
        things[0],
        things[1],
        things[2],
        3,
        things * (many and 3),
        "admin",
        CAPABILITIES,
        lines,
    )
    losses = [
        RoleLoss(person, [(thing, "admin") for thing in things[:3]], many)
        for person in people
    ]
    asked = [card(n, people[n % 20], things[n % 20]) for n in range(many)]
    deleting = DeletionPreview(
        things[0], things * (many and 3), losses * (many and 2), things, asked
    )

    check(
        resource_cards.resource_message(
            words, replace(detail, disabled=bool(many)), is_paid_type=True
        )
    )
    check(resource_cards.deletion_preview_message(words, deleting, "P0"))
    assert (
        view_errors(resource_cards.confirm_deletion_view(words, things[0], many)) == []
    )
    assert (
        view_errors(
            resource_cards.result_view(
                words,
                words.render(
                    "replies/deleted", resource=things[0], inside=1, retired=things
                ),
            )
        )
        == []
    )
    change = membership_cards.RoleChangeDraft("admin", ["owner"], "owner")
    assert (
        view_errors(
            membership_cards.role_change_view(words, people[0], things[0], change)
        )
        == []
    )
    held = [ResourceRole(thing, "admin", direct=False) for thing in things]
    check(
        access_cards.own_roles_message(
            words, ResourceRoleList(held, 45, 1), 0, OfferedActions()
        )
    )
    check(
        access_cards.users_with_capability_message(
            words, UsersWithCapability(things[0], "code", paths, 45, 1), 0
        )
    )
    for capability in CAPABILITIES:
        for found, other in ((paths * (many and 3), []), ([], paths)):
            why = AccessExplanation(
                people[0], things[0], capability, found, disabled=bool(many)
            )
            check(
                access_cards.access_explanation_message(
                    words, why, other, "P0", is_closed=bool(many)
                )
            )


def test_what_a_role_lets_one_do_reads_well_for_every_kind() -> None:
    for kind in ROLE_MODEL:
        thing = replace(ACME, kind=kind, title="Thing")
        for role in ROLE_MODEL[kind].assignable_roles:
            asked = replace(card(role=role.name), resource=thing, can=role.capabilities)
            told = shown(live_message(WORDS, "invitation", asked, CARL, MONDAY))
            assert re.search(
                rf"As an? {role.name}( member)? you can see it and who (is in|works on|shares) it",
                told,
            )
        for capability in CAPABILITIES:
            can = {c for role in ROLE_MODEL[kind].roles for c in role.capabilities}
            paths = [RolePath(CARL, (PathStep(ROLE_MODEL[kind].highest_role, thing),))]
            why = access_cards.access_explanation_message(
                WORDS,
                AccessExplanation(CARL, thing, capability, paths, False),
                [],
                "",
                is_closed=False,
            )
            assert capability not in can or " *Thing*" in why["text"].partition(":")[0]


def test_a_path_is_told_as_a_sentence_and_hides_what_may_not_be_seen() -> None:
    website, shop = (
        replace(ACME, id="R2", kind="project", title="Website"),
        replace(ACME, id="R3", kind="app", title="Shop"),
    )
    steps = (
        PathStep("owner", ACME),
        PathStep("owner", website),
        PathStep("admin", shop),
    )

    why = AccessExplanation(CARL, shop, "code", [RolePath(CARL, steps)], disabled=False)
    told = check(
        access_cards.access_explanation_message(WORDS, why, [], "P1", is_closed=False)
    )["text"]
    assert (
        told
        == "<@UCARL> can deploy *Shop*: owner of *Acme* → owner of *Website* → admin of *Shop*."
    )

    hidden = (
        PathStep("owner", replace(website, title="", slug="")),
        PathStep("admin", shop),
    )
    able = UsersWithCapability(shop, "code", [RolePath(CARL, hidden)], 1, None)
    told = access_cards.users_with_capability_message(WORDS, able, 0)["text"]
    assert "owner of a project that you may not see → admin" in told


def test_what_ends_is_named_with_what_remains() -> None:
    shop = replace(ACME, id="R3", kind="app", slug="shop", title="Shop")
    found = replace(
        ending(many=0),
        ends=[(ACME, "admin"), (shop, "admin")],
        remains=[
            RemainingRole(shop, "payer", replace(ACME, kind="payment", title="Card"))
        ],
    )

    text = shown(check(membership_cards.removal_preview_message(WORDS, found)))

    assert "• admin of *Acme*\n• admin of *Shop*" in text
    assert "still reaches, by other roles:\n• *Shop* as payer, through *Card*" in text


def test_every_page_is_reached_and_nothing_is_shown_twice() -> None:
    asked = [card(n) for n in range(45)]

    pages = [pending_items_message(WORDS, asked, page) for page in range(3)]

    accepted = [
        c["value"]
        for page in pages
        for c in controls(page)
        if c["action_id"] == "accept"
    ]
    assert accepted == [f"I{n}" for n in range(45)]
    turns = [
        [c["value"] for c in controls(page) if c["action_id"] == "invitations_page"]
        for page in pages
    ]
    assert turns == [["waiting 1"], ["waiting 2"], ["waiting 0"]]


def test_long_text_is_split_between_words_and_never_lost() -> None:
    text = "one <!date^1^{date} at {time}|now> &amp; two " * 300

    parts = blocks.section_blocks(text)

    assert len(parts) > 1
    assert " ".join(p["text"]["text"] for p in parts).split() == text.split()
    assert all(
        p["text"]["text"].count("<") == p["text"]["text"].count(">") for p in parts
    )


@pytest.mark.rule("INV-11")
@pytest.mark.parametrize("name", INVITATION_COPIES)
@pytest.mark.parametrize("state", ["accepted", "declined", "revoked", "superseded"])
def test_no_copy_keeps_a_button_after_an_answer(name: str, state: str) -> None:
    ended = card(state=state, answered=MONDAY + timedelta(days=1))
    assert (
        controls(live_message(WORDS, name, ended, CARL, MONDAY + timedelta(days=2)))
        == []
    )


def test_an_invitation_says_who_what_as_what_until_when_and_what_it_gives() -> None:
    message = check(
        notification_message(
            WORDS,
            "invitation",
            scene(None, card(note="Hello *Carl*", lasts=timedelta(days=30)), CARL),
        )
    )

    text = shown(message)
    for part in (
        "<@UADA>",
        "*Acme*",
        "*admin*",
        "30 days",
        "<!date^",
        "> Hello ∗Carl∗",
        "read its invoices",
    ):
        assert part in text
    labels = {
        c["action_id"]: c.get("accessibility_label", "") for c in controls(message)
    }
    assert labels == {
        "accept": "Accept the invitation to acme",
        "decline": "Decline the invitation to acme",
        "more": "",
    }


@pytest.mark.rule("INV-11")
def test_after_the_answer_the_copies_say_what_happened_and_when() -> None:
    answered = card(state="accepted", answered=MONDAY)

    assert "You accepted this invitation <!date^" in shown(
        live_message(WORDS, "invitation", answered, CARL, MONDAY)
    )
    assert "<@UCARL> accepted <!date^" in shown(
        live_message(WORDS, "invitation_sent", answered, ADA, MONDAY)
    )


@pytest.mark.rule("INV-08")
def test_by_time_an_invitation_is_expired_before_any_sweep_and_can_be_sent_again() -> (
    None
):
    later = MONDAY + WEEK

    assert controls(live_message(WORDS, "invitation", card(), CARL, later)) == []
    again = live_message(WORDS, "invitation_expired", card(), ADA, later)
    assert [c["action_id"] for c in controls(again)] == ["resend"]


@pytest.mark.rule("INV-10")
def test_muted_reminders_cannot_be_muted_again() -> None:
    message = live_message(WORDS, "invitation_reminder", card(muted=True), CARL, MONDAY)

    menu = next(c for c in controls(message) if c["action_id"] == "more")
    assert [o["value"] for o in menu["options"]] == ["snooze I1", "about I1"]
    assert "Reminders are muted." in shown(message)


SAMPLES: dict[type[events.Event], Any] = {
    events.InvitationSent: events.InvitationSent(
        "I1", "R1", "P2", "P1", "admin", WEEK, None, "note", MONDAY, MONDAY
    ),
    events.InvitationResent: events.InvitationResent(
        "I1", "R1", "P2", "P1", MONDAY, MONDAY
    ),
    events.InvitationReminded: events.InvitationReminded(
        "I1", "R1", "P2", "P1", 1, MONDAY
    ),
    events.InvitationAccepted: events.InvitationAccepted("I1", "R1", "P2", "P1"),
    events.InvitationDeclined: events.InvitationDeclined(
        "I1", "R1", "P2", "P1", "a secret reason"
    ),
    events.InvitationRevoked: events.InvitationRevoked(
        "I1", "R1", "P2", "P1", "admin", "right_lost"
    ),
    events.InvitationExpired: events.InvitationExpired("I1", "R1", "P2", "P1"),
    events.InvitationSuperseded: events.InvitationSuperseded(
        "I1", "R1", "P2", "P1", "I2"
    ),
    events.InvitationReopened: events.InvitationReopened(
        "I1", "R1", "P2", "P1", MONDAY
    ),
    events.MemberJoined: events.MemberJoined("R1", "P2", "admin", MONDAY, "I1"),
    events.MemberRoleChanged: events.MemberRoleChanged(
        "R1", "P2", "owner", None, "admin", None
    ),
    events.MemberLeft: events.MemberLeft("R1", "P2", "admin"),
    events.MemberRemoved: events.MemberRemoved("R1", "P2", "admin"),
    events.MemberEnded: events.MemberEnded("R1", "P2", "admin"),
    events.MemberRestored: events.MemberRestored(
        "R1", "P2", "admin", MONDAY, MONDAY + WEEK, MONDAY, 7
    ),
    events.MemberWarned: events.MemberWarned(
        "R1", "P2", "admin", MONDAY + WEEK, MONDAY
    ),
    events.MemberExtended: events.MemberExtended(
        "R1", "P2", "admin", MONDAY + WEEK, MONDAY, MONDAY
    ),
    events.ResourceMoved: events.ResourceMoved("R1", "R3", "R2", ("P1",)),
    events.OwnershipTransferred: events.OwnershipTransferred(
        "R1", "P2", "P1", "I1", "owner", "admin"
    ),
    events.ResourceDeleted: events.ResourceDeleted("R1", "Acme"),
    events.PayerChanged: events.PayerChanged("R1", "R2", "R3"),
    events.BillingTransferred: events.BillingTransferred(
        "R1", ("R5",), "P2", "P1", "I1", "R2", ("R3",)
    ),
    events.BillingDetailed: events.BillingDetailed(
        "R2", "Street 1", "bills@example.com", "PO-7"
    ),
    events.ResourceRetired: events.ResourceRetired("R2", "Card"),
    events.InvoiceAdded: events.InvoiceAdded(
        "R2", "V1", "2026-1", "2026-11-01", "119.00", "EUR", "f" * 64, 1000
    ),
    events.PlanChanged: events.PlanChanged("R1", "studio", None),
    events.ChannelLinked: events.ChannelLinked("C1", "R1", ("joins", "leaves")),
    events.ChannelUnlinked: events.ChannelUnlinked("C1", "R1"),
    events.ChannelRenamed: events.ChannelRenamed("C1", "R1", "news", "P1"),
    events.ChannelDigested: events.ChannelDigested("C1", "R1", 3, "P1"),
    events.RequestSent: events.RequestSent(
        "Q1", "R1", "P2", "admin", "please", MONDAY + WEEK, ("P1",)
    ),
    events.RequestGranted: events.RequestGranted("Q1", "R1", "P2", "admin"),
    events.RequestDeclined: events.RequestDeclined(
        "Q1", "R1", "P2", "admin", "a secret reason"
    ),
    events.RequestEnded: events.RequestEnded("Q1", "R1", "P2", "admin", "time"),
    events.SuccessionOpened: events.SuccessionOpened(
        "S1", "R1", "P2", "owner", ("P1",)
    ),
    events.SuccessionSupported: events.SuccessionSupported("S1", "R1", "P2", "P1"),
    events.SuccessionSettled: events.SuccessionSettled("S1", "R1", "P2", "owner"),
    events.TeamShared: events.TeamShared("R4", "R1", "developer", None),
    events.TeamUnshared: events.TeamUnshared("R4", "R1", "developer"),
    events.TeamAssigned: events.TeamAssigned("R4", "R1", "P2"),
    events.TeamUnassigned: events.TeamUnassigned("R4", "R1", "P2"),
}
CREW = Resource("R4", "team", "crew", "Crew")


def subject_of(message: str, person: Person) -> OpenItem:
    """What a message is about."""
    about: dict[str, OpenItem] = {
        "request": asking(person=person),
        "succession": following(person=person),
    }
    found = next(
        (subject for name, subject in about.items() if message.startswith(name)), None
    )
    return found or (
        ending_soon(person) if message == "member_ends_soon" else card(person=person)
    )


@in_both_languages
@pytest.mark.rule("EVT-05")
def test_every_notice_can_be_told_to_everybody_and_no_channel_learns_an_address(
    words: Renderer,
) -> None:
    for kind, rows in NOTIFICATION_ROUTES.items():
        for message in {m for _, m in rows} - {
            PROFILE,
            MEMBERS,
            REFRESH,
            CHANNEL_DIGEST,
            PERSONAL_DIGEST,
        }:
            happened = replace(line(SAMPLES[kind], STRANGER), team=CREW)
            asked = subject_of(message, STRANGER)
            for viewer in (ADA, CARL, STRANGER):
                check(
                    notification_message(words, message, scene(happened, asked, viewer))
                )
            if message not in {"invitation_declined", "request_declined"}:
                told = check(
                    notification_message(words, message, scene(happened, asked, None))
                )
                assert "@example.com" not in told["text"] + shown(told)


@pytest.mark.rule("MEM-07")
@pytest.mark.parametrize(
    "kind", [events.MemberLeft, events.MemberRemoved, events.MemberEnded]
)
def test_an_end_is_worded_for_its_reader_and_carries_the_security_note(
    kind: type[events.Event],
) -> None:
    messages: dict[type[events.Event], str] = {
        events.MemberLeft: "member_left",
        events.MemberRemoved: "member_removed",
    }
    message = messages.get(kind, "member_ended")

    shop = replace(ACME, id="R3", kind="app", title="Shop")

    def told(viewer: Person | None, *rotate: Resource) -> str:
        return shown(
            check(
                notification_message(
                    WORDS, message, scene(line(SAMPLES[kind]), None, viewer, *rotate)
                )
            )
        )

    assert told(CARL).startswith(("You", "<@UADA> removed you"))
    assert "<@UCARL>" in told(ADA)
    assert all(
        "deploy keys of Shop and Acme" in told(viewer, shop, ACME)
        for viewer in (ADA, None)
    )
    assert all(
        "No service passwords or deploy keys need" in told(viewer)
        for viewer in (ADA, None)
    )
    assert "that you knew will be rotated" in told(CARL, shop)
    assert "please delete them" in told(CARL)


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("RES-03")
def test_the_notice_of_a_move_carries_the_security_note() -> None:
    shop = replace(ACME, id="R3", kind="app", title="Shop")
    loss = events.ResourceMoved(
        "R1", "R3", "R2", ("P2",), rotate=("R3",), lost_code=("R3 P2",)
    )

    def told(viewer: Person | None, event: events.Event, *rotate: Resource) -> str:
        return shown(
            check(
                notification_message(
                    WORDS, "resource_moved", scene(line(event), None, viewer, *rotate)
                )
            )
        )

    assert "that you knew will be rotated" in told(CARL, loss, shop)
    for viewer in (ADA, None):
        said = told(viewer, loss, shop)
        assert "deploy keys of Shop" in said
        assert "/collab keys" in said
        assert "deploy keys" not in told(viewer, replace(loss, rotate=(), lost_code=()))


@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize(
    ("problem", "target", "advice"),
    [
        ("not_in_channel", "channel:C1", "Open <#C1> and type `/invite @Collab`"),
        (
            "channel_not_found",
            "channel:C1",
            "private and Collab is not in it, or it is gone",
        ),
        ("is_archived", "channel:C1", "Link another one"),
        ("users_not_found", "person:P2", "Nobody like that"),
        ("user_disabled", "person:P2", "deactivated"),
        ("something_new", "person:P2", "something∗new".replace("∗", "_")),
    ],
)
def test_what_could_not_be_delivered_says_what_to_do(
    problem: str, target: str, advice: str
) -> None:
    payload = {"problem": problem, "target": target, "message": "member_joined"}

    happened = scene(line(SAMPLES[events.MemberJoined]), None, ADA)
    message = check(notification_message(WORDS, "undeliverable", happened, payload))

    assert advice in shown(message)


@pytest.mark.rule("EVT-06")
@pytest.mark.parametrize(
    "problem", ["channel_not_found", "user_deactivated", "user_disabled"]
)
@pytest.mark.parametrize("recipient", ["reader", "active", "inactive", "elsewhere"])
def test_why_a_message_did_not_arrive_is_true_of_its_recipient_and_addresses_the_reader(
    problem: str, recipient: str
) -> None:
    person = {
        "reader": ADA,
        "active": CARL,
        "inactive": replace(CARL, active=False),
        "elsewhere": replace(CARL, team="T2"),
    }[recipient]
    payload = {
        "problem": problem,
        "target": f"person:{person.id}",
        "message": "member_joined",
    }
    happened = replace(
        scene(line(SAMPLES[events.MemberJoined], ADA), None, ADA), recipient=person
    )

    told = shown(check(notification_message(WORDS, "undeliverable", happened, payload)))

    is_deactivation = problem != "channel_not_found"
    assert ("deactivated" in told) == (is_deactivation or recipient == "inactive")
    assert ("another workspace" in told) == (
        recipient == "elsewhere" and not is_deactivation
    )
    assert ("to them" in told) == (
        not is_deactivation and recipient in {"active", "elsewhere"}
    )
    assert ("A message to you" in told) == (recipient == "reader")
    assert ("again, so" in told) == (
        is_deactivation and recipient in {"active", "elsewhere"}
    )


@given(names=st.lists(typed, min_size=1, max_size=3))
@settings(deadline=None, max_examples=8)
def test_a_digest_keeps_the_limits_and_tells_each_in_its_own_words(
    names: list[str],
) -> None:
    lost = [
        replace(ACME, id=f"R{n}", title=names[n % len(names)][:80] or "x")
        for n in range(100)
    ]
    left = replace(SAMPLES[events.MemberLeft], rotate=tuple(r.id for r in lost))
    kept = []
    for number in range(MAX_DIGEST_ITEMS):
        happened = line(
            left,
            replace(CARL, user=None, title=names[number % len(names)]),
            lost[number],
        )
        kept.append(
            build_digest_item(
                MONDAY,
                notification_message(
                    WORDS, "member_left", scene(happened, None, ADA, *lost)
                ),
            )
        )
    message = check(personal_digest_message(WORDS, kept))
    assert f"Your digest: {MAX_DIGEST_ITEMS} things happened." in shown(message)
    assert shown(message).count("left *") == MAX_DIGEST_ITEMS
    for piece in ("<!channel>", "<@channel"):
        assert piece not in shown(message)


@pytest.mark.parametrize("may_set", [False, True])
def test_the_windows_for_settings_keep_the_limits_and_show_what_was_chosen(
    may_set: bool,
) -> None:
    own = {
        "lifetime": "90d",
        "reminders": ",".join(f"{n}d" for n in range(1, 60)),
        "quiet-hours": "no",
    }
    policy = Policy().with_settings(own)
    for notices in NOTIFICATION_PREFERENCES:
        found = SettingsView(policy, own, may_set, Policy(), notices)
        mine = setting_cards.personal_settings_view(WORDS, found)
        assert (
            view_errors(mine)
            == view_errors(setting_cards.workspace_settings_view(WORDS, found))
            == []
        )
        assert mine["blocks"][0]["element"]["initial_option"]["value"] == notices
        assert ("settings_open:workspace" in str(mine)) == may_set
        check(setting_cards.settings_message(WORDS, found))
    fields = {
        b["block_id"]: b["element"]
        for b in setting_cards.workspace_settings_view(WORDS, found)["blocks"]
        if "element" in b
    }
    assert (
        fields["lifetime"]["initial_value"],
        fields["reminders"]["initial_value"],
    ) == ("90d", own["reminders"])
    assert fields["quiet-hours"]["initial_option"]["value"] == "off"
    assert "initial_value" not in fields["daily-invitations"]
    assert fields["daily-invitations"]["placeholder"]["text"] == "50"


def test_keys_come_in_pages_each_with_its_button() -> None:
    found = StaleKeys(
        [(replace(ACME, id=f"R{n}", slug=f"app-{n}"), MONDAY) for n in range(45)]
    )
    for page, many in ((0, 20), (2, 5), (9, 5)):
        message = check(key_cards.stale_keys_message(WORDS, found, page))
        assert (
            len([c for c in controls(message) if c["action_id"] == "keys_rotated"])
            == many
        )
        assert "deploy keys of 45 things" in shown(message)
    assert "Nothing of yours waits" in shown(
        check(key_cards.stale_keys_message(WORDS, StaleKeys([])))
    )


@pytest.mark.rule("RES-05")
def test_a_team_is_shown_with_twenty_things_it_has_access_to_and_the_number_of_the_rest() -> (
    None
):
    apps = [
        (replace(ACME, id=f"R{n}", slug=f"app-{n}", kind="app"), "manager")
        for n in range(45)
    ]
    detail = ResourceDetail(
        CREW, None, None, 3, [], "unlimited", ("view",), [], shared=apps
    )
    text = shown(
        check(resource_cards.resource_message(WORDS, detail, is_paid_type=False))
    )
    assert text.count("): manager") == 20
    assert "and 25 more" in text


@given(st.lists(st.sampled_from(["Shop", "shop", "Blog", ""]), max_size=4))
@settings(max_examples=20)
def test_resources_of_the_same_name_are_found(titles: list[str]) -> None:
    things = [replace(ACME, id=f"R{n}", title=title) for n, title in enumerate(titles)]
    folded = [title.lower() for title in titles]
    expected = {
        f"R{n}" for n, title in enumerate(folded) if title and folded.count(title) > 1
    }
    assert ids_with_duplicate_names([None, *things, *things]) == expected


@pytest.mark.rule("MEM-07")
def test_keys_name_who_lost_access_and_when() -> None:
    people = [replace(CARL, id=f"P{n}", user=f"U{n}") for n in range(9)]
    days = [
        LostAccess(people[:2], MONDAY),
        LostAccess(people[2:], MONDAY + timedelta(days=1)),
    ]
    later = [LostAccess(people[:1], MONDAY + timedelta(days=n)) for n in (2, 3)]
    text = shown(
        check(
            key_cards.stale_keys_message(
                WORDS, StaleKeys([(ACME, MONDAY)], {ACME.id: [*days, *later]})
            )
        )
    )
    first, second, *_ = [line for line in text.splitlines() if "lost access" in line]
    assert first.startswith("<@U0> and <@U1> lost access <!date^")
    assert second.startswith(
        "<@U2>, <@U3>, <@U4>, <@U5>, <@U6>, and 2 more lost access <!date^"
    )
    assert text.count("lost access") == 3
    assert "and others later" in text


@in_both_languages
def test_the_record_tells_every_kind_of_event(words: Renderer) -> None:
    samples = [*SAMPLES.values()]
    samples += [
        events.WorkspaceInstalled("Acme HQ", "UBOT"),
        events.PersonRecognised("P2", "T1", "UCARL", None),
        events.PersonProfiled(
            "P2", "T1", "Carl", None, "UTC", None, False, False, True
        ),
        events.PersonMerged("P2", "P1"),
        events.ResourceCreated("company", "R1", "acme", "Acme"),
        events.ResourceRenamed("R1", "Acme", "Acme Ltd"),
        *(
            events.ResourceDescribed("R1", about, None)
            for about in ("Sells things", None)
        ),
        *(
            events.ResourceMoved("R1", *places)
            for places in ((None, "R2"), ("R2", None), ("R2", "R3"))
        ),
        events.ResourceDisabled("R1"),
        events.ResourceEnabled("R1"),
        *(
            events.PayerChanged("R1", *payers)
            for payers in ((None, "R2"), ("R2", None))
        ),
        *(
            events.TeamShared("R4", "R1", "developer", before)
            for before in (None, "manager")
        ),
        replace(SAMPLES[events.InvitationSent], person=None, team="R4"),
        replace(SAMPLES[events.InvitationSent], purpose="pay"),
        replace(SAMPLES[events.InvitationSent], purpose="own"),
        events.PlanChanged("R1", None, "studio"),
        events.InvitationEdited(
            "I1",
            "R1",
            "P2",
            "P1",
            "owner",
            None,
            MONDAY,
            "admin",
            WEEK,
            None,
            MONDAY,
            MONDAY,
        ),
        events.InvitationDeferred("I1", "R1", "P2", MONDAY),
        events.InvitationSnoozed("I1", "R1", "P2", MONDAY, MONDAY),
        events.InvitationMuted("I1", "R1", "P2", MONDAY),
        events.KeysRotated("R1"),
        events.SuccessionClosed("S1", "R1", "held"),
        *(
            events.ChannelUnlinked("C1", "R1", why, "P1")
            for why in ("archived", "left")
        ),
        events.MemberExtended("R1", "P2", "admin", None, MONDAY, None),
        events.MemberEnded("R1", "P2", "admin", "lapsed"),
        *(
            events.RequestEnded("Q1", "R1", "P2", "admin", why)
            for why in ("asker", "gone", "held", "withdrawn")
        ),
        *(
            events.WorkspaceSet("lifetime", value, None, "{}")
            for value in ("14d", None)
        ),
        events.WorkspaceUninstalled(),
        events.PersonSet("P2", "notices", "digest", "direct"),
        events.PersonDigested("P2", ("7 member_left",)),
        events.NoticeRetried(7, "channel:C1", "member_left"),
        *(
            events.InvitationRevoked("I1", "R1", "P2", "P1", "admin", why)
            for why in ("asked", "deleted", "removed", "shared", "twin", "unreachable")
        ),
    ]
    assert {type(e) for e in samples} == set(events.EVENTS.values())
    for start in range(0, len(samples), 20):
        lines = [
            line(e, actor=NOBODY if n % 2 else ADA)
            for n, e in enumerate(samples[start : start + 20])
        ]
        message = check(
            events_message(
                words, EventList(ACME, lines, 7), is_older_page=False, next_value="x"
            )
        )
        assert "secret" not in shown(message)


@in_both_languages
def test_every_control_leads_somewhere(words: Renderer) -> None:
    members = MemberList(
        ACME,
        [MemberRow(CARL, "admin", None, True), MemberRow(ADA, "owner", None, False)],
        [card()],
        2,
        1,
    )
    allowed = MemberListActions(frozenset({"I1"}), frozenset({"P2"}))
    deleting = DeletionPreview(ACME, [ACME], [], [], [])
    messages = [
        live_message(words, "invitation", card(), CARL, MONDAY),
        live_message(words, "invitation_sent", card(), ADA, MONDAY),
        pending_items_message(words, [card(n) for n in range(25)], 0),
        membership_cards.members_message(words, members, "P1", allowed, 0),
        membership_cards.removal_preview_message(words, ending()),
        membership_cards.leave_preview_message(words, ending()),
        resource_cards.deletion_preview_message(words, deleting, "P1"),
        access_cards.own_roles_message(
            words, ResourceRoleList([], 0, 1), 0, OfferedActions()
        ),
        access_cards.users_with_capability_message(
            words, UsersWithCapability(ACME, "view", [], 0, None), 1
        ),
        events_message(
            words, EventList(ACME, [], 3), is_older_page=True, next_value="x"
        ),
    ]
    for control in (c for m in messages for c in controls(m)):
        values = [o["value"].partition(" ")[0] for o in control.get("options", [])]
        assert set(values or [control["action_id"]]) <= set(ACTION_HANDLERS)


@pytest.mark.parametrize(
    ("purpose", "names"), [("join", "revoke resend edit"), ("pay", "revoke resend")]
)
def test_only_what_has_a_role_to_edit_has_a_button_for_it(
    purpose: str, names: str
) -> None:
    shown = live_message(WORDS, "invitation_sent", card(purpose=purpose), ADA, MONDAY)
    assert [c["action_id"] for c in controls(shown)] == names.split()
    assert (
        controls(shown)[0]["accessibility_label"]
        == "Revoke the invitation of Carl to acme"
    )


def test_a_word_above_a_list_leaves_the_list_in_the_text() -> None:
    below = {"text": "1 invitation waits for your answer.", "blocks": []}
    assert blocks.prepend_text(
        RenderedText("You declined.", ("You declined.",)), below
    )["text"].splitlines() == [
        "You declined.",
        "1 invitation waits for your answer.",
    ]
