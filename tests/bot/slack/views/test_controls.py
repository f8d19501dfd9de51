"""Lists and controls that several nouns share."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.blockkit import block_errors
from bot.rendering import RenderedText, Renderer
from bot.slack.routes import ACTION_HANDLERS
from bot.slack.views import access, blocks, invitations, memberships, resources
from bot.slack.views import help as help_views
from bot.slack.views.event_log import events_message
from bot.slack.views.live_messages import live_message
from bot.slack.views.pending import pending_items_message
from collab.access_queries import ResourceRoleList, UsersWithCapability
from collab.event_log import EventList
from collab.home import OfferedActions
from collab.impact import DeletionPreview
from collab.invitations.queries import InvitationList
from collab.memberships.member_actions import MemberListActions
from collab.memberships.queries import MemberList, MemberRow
from collab.model import InvitationId, PersonId
from collab.pending import Overview
from tests.support.view_builders import (
    ACME,
    ADA,
    CARL,
    MONDAY,
    build_invitation_view,
    build_removal_preview,
    check_message,
    in_both_languages,
    list_controls,
    typed_texts,
)


@in_both_languages
@given(typed=st.lists(typed_texts, min_size=1, max_size=3), many=st.integers(0, 45))
@settings(deadline=None, max_examples=8)
def test_lists_keep_slacks_limits_for_any_length(
    renderer: Renderer, typed: list[str], many: int
) -> None:
    people = [
        replace(
            CARL,
            id=PersonId(f"P{n}"),
            user=None,
            title="",
            email=typed[n % len(typed)][:254] or "x",
        )
        for n in range(20)
    ]
    company = replace(ACME, title=typed[0][:80])
    cards = [
        build_invitation_view(n, people[n % 20], company, note=typed[n % len(typed)])
        for n in range(many)
    ]
    members = [MemberRow(p, "admin", MONDAY, is_removable=True) for p in people]
    member_list = MemberList(company, members, cards[:20], 45, 1)

    for page in range(3):
        listed = check_message(pending_items_message(renderer, cards, page))
        assert (
            block_errors(
                blocks.prepend_text(RenderedText("top", ("top", "-# small")), listed)[
                    "blocks"
                ]
            )
            == []
        )
    check_message(
        invitations.sent_invitations_message(
            renderer, InvitationList(cards[:20], sent=True, next_page=1), 0, MONDAY
        )
    )
    allowed = MemberListActions(
        frozenset(i.invitation.id for i in cards), frozenset(p.id for p in people)
    )
    check_message(
        memberships.members_message(renderer, member_list, PersonId("P0"), allowed, 0)
    )
    check_message(
        help_views.overview_message(
            renderer, Overview(cards, [(company, "owner")] * 45)
        )
    )
    check_message(
        memberships.removal_preview_message(
            renderer, build_removal_preview(people[0], company, cards)
        )
    )
    check_message(
        memberships.leave_preview_message(
            renderer, build_removal_preview(people[0], company, cards)
        )
    )


@in_both_languages
def test_every_control_has_a_route(renderer: Renderer) -> None:
    members = MemberList(
        ACME,
        [MemberRow(CARL, "admin", None, True), MemberRow(ADA, "owner", None, False)],
        [build_invitation_view()],
        2,
        1,
    )
    allowed = MemberListActions(
        frozenset({InvitationId("I1")}), frozenset({PersonId("P2")})
    )
    deleting = DeletionPreview(ACME, [ACME], [], [], [])
    messages = [
        live_message(renderer, "invitation", build_invitation_view(), CARL, MONDAY),
        live_message(renderer, "invitation_sent", build_invitation_view(), ADA, MONDAY),
        pending_items_message(
            renderer, [build_invitation_view(n) for n in range(25)], 0
        ),
        memberships.members_message(renderer, members, PersonId("P1"), allowed, 0),
        memberships.removal_preview_message(renderer, build_removal_preview()),
        memberships.leave_preview_message(renderer, build_removal_preview()),
        resources.deletion_preview_message(renderer, deleting, PersonId("P1")),
        access.own_roles_message(
            renderer, ResourceRoleList([], 0, 1), 0, OfferedActions()
        ),
        access.users_with_capability_message(
            renderer, UsersWithCapability(ACME, "view", [], 0, None), 1
        ),
        events_message(
            renderer, EventList(ACME, [], 3), is_older_page=True, next_value="x"
        ),
    ]
    for control in (c for m in messages for c in list_controls(m)):
        values = [o["value"].partition(" ")[0] for o in control.get("options", [])]
        assert set(values or [control["action_id"]]) <= set(ACTION_HANDLERS)
