"""Generate members, role changes, access requests and successions."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.views import access_requests, memberships, successions
from collab.memberships.member_actions import MemberListActions
from collab.memberships.queries import MemberList, MemberRow
from collab.memberships.role_change import RoleChangeImpact
from collab.removal_impact import RemainingRole, RemovalPreview
from collab.roles import CAPABILITIES
from tests.support.generators import MONDAY, ROLES, SampleGenerator
from tests.support.modal_generators import MAX_PAGE_ROWS, SurfaceIterator
from tests.support.surfaces.samples import MAX_INVITATIONS, VIEWER_ID


def generate_member_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    rows = min(many, MAX_PAGE_ROWS)
    people = [
        MemberRow(
            p,
            "admin",
            MONDAY if n % 2 else None,
            True,
            samples.make_resource("company") if n % 2 else None,
        )
        for n, p in enumerate(samples.make_people(rows))
    ]
    invitees = samples.make_invitations(MAX_PAGE_ROWS - rows)
    everybody = MemberListActions(
        frozenset(c.invitation.id for c in invitees),
        frozenset(m.person.id for m in people),
        ROLES,
    )
    member_list = MemberList(samples.make_resource("company"), people, invitees, 500, 1)
    yield memberships.members_message(renderer, member_list, VIEWER_ID, everybody, 0)


def _make_removal_preview(samples: SampleGenerator, many: int) -> RemovalPreview:
    remains = [
        RemainingRole(r, "admin", samples.make_resource("payment"))
        for r in samples.make_resources(many)
    ]
    ends = [(r, "admin") for r in samples.make_resources(many)]
    revoked = samples.make_invitations(min(many, MAX_INVITATIONS))
    return RemovalPreview(
        samples.make_person(),
        samples.make_resource("company"),
        "admin",
        CAPABILITIES,
        ends,
        remains,
        revoked,
        "owner",
    )


def generate_removal_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield memberships.removal_preview_message(
        renderer, _make_removal_preview(samples, many)
    )


def generate_leave_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield memberships.leave_preview_message(
        renderer, _make_removal_preview(samples, many)
    )


def generate_role_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    roles = [(thing, "admin") for thing in samples.make_resources(many)]
    for losing in (
        RoleChangeImpact(roles, ()),
        RoleChangeImpact((), roles),
        RoleChangeImpact(roles, roles),
    ):
        change = memberships.RoleChangeDraft(
            "owner",
            ROLES,
            "developer",
            losing,
            many,
            [thing.id for thing, _ in roles[::2]],
        )
        yield memberships.role_change_view(
            renderer, samples.make_person(), samples.make_resource("company"), change
        )


def generate_undo_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield memberships.undoable_message(
        renderer,
        renderer.render(
            "replies/removed",
            person=samples.make_person(),
            resource=samples.make_resource(),
        ),
        2**62,
    )


def generate_request_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield access_requests.request_form_view(renderer, samples.make_resource(), ROLES)


def generate_deny_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield access_requests.deny_request_view(renderer, samples.make_request())


def generate_choose_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for alone in (True, False):
        yield successions.successor_view(
            renderer,
            samples.make_succession(support_count=min(many, MAX_INVITATIONS)),
            decides_alone=alone,
        )
