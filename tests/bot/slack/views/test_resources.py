"""Messages and forms about resources."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.blockkit import view_errors
from bot.rendering import Renderer
from bot.slack.views import access, memberships, resources
from collab.access_queries import (
    AccessExplanation,
    PathStep,
    ResourceRole,
    ResourceRoleList,
    RolePath,
    UsersWithCapability,
)
from collab.home import OfferedActions
from collab.impact import DeletionPreview, RoleLoss
from collab.model import PersonId, ResourceId
from collab.roles import CAPABILITIES
from tests.support.view_builders import (
    ACME,
    CARL,
    build_invitation_view,
    check_message,
    in_both_languages,
    typed_texts,
)


@in_both_languages
@given(
    typed=st.lists(typed_texts, min_size=1, max_size=3),
    many=st.sampled_from([0, 1, 45]),
)
@settings(deadline=None, max_examples=8)
def test_resource_views_keep_slacks_limits_for_any_names(
    renderer: Renderer, typed: list[str], many: int
) -> None:
    things = [
        replace(
            ACME,
            id=ResourceId(f"R{n}"),
            title=typed[n % len(typed)][:80] or "x",
            about=typed[0],
        )
        for n in range(20)
    ]
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
    paths = [
        RolePath(person, tuple(PathStep("admin", thing) for thing in things[:4]))
        for person in people
    ]
    losses = [
        RoleLoss(person, [(thing, "admin") for thing in things[:3]], many)
        for person in people
    ]
    cards = [
        build_invitation_view(n, people[n % 20], things[n % 20]) for n in range(many)
    ]
    deleting = DeletionPreview(
        things[0], things * (many and 3), losses * (many and 2), things, cards
    )

    check_message(
        resources.deletion_preview_message(renderer, deleting, PersonId("P0"))
    )
    assert (
        view_errors(resources.confirm_deletion_view(renderer, things[0], many, "0"))
        == []
    )
    assert (
        view_errors(
            resources.result_view(
                renderer,
                "deleted.title",
                renderer.render(
                    "replies/deleted", resource=things[0], inside=1, retired=things
                ),
            )
        )
        == []
    )
    change = memberships.RoleChangeDraft("admin", ["owner"], "owner")
    assert (
        view_errors(
            memberships.role_change_view(renderer, people[0], things[0], change)
        )
        == []
    )
    roles = [ResourceRole(thing, "admin", direct=False) for thing in things]
    check_message(
        access.own_roles_message(
            renderer, ResourceRoleList(roles, 45, 1), 0, OfferedActions()
        )
    )
    check_message(
        access.users_with_capability_message(
            renderer, UsersWithCapability(things[0], "code", paths, 45, 1), 0
        )
    )
    for capability in CAPABILITIES:
        for role_paths, other in ((paths * (many and 3), []), ([], paths)):
            why = AccessExplanation(
                people[0], things[0], capability, role_paths, disabled=bool(many)
            )
            check_message(
                access.access_explanation_message(
                    renderer, why, other, PersonId("P0"), is_closed=bool(many)
                )
            )
