"""Generate every message, modal and home from sample objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from bot.rendering import AUDIENCES, RenderedText, Renderer
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.errors import ParseError
from bot.slack.routes import ACTION_HANDLERS
from bot.slack.views import (
    access,
    access_requests,
    audit_log,
    billing,
    blocks,
    home,
    invitation_results,
    invitations,
    memberships,
    pending,
    pickers,
    resources,
    successions,
)
from bot.slack.views import help as help_cards
from bot.slack.views.live_messages import LIVE_MESSAGE_CONTROLS, live_message
from bot.slack.views.notifications import (
    NotificationContext,
    notification_message,
)
from collab import events
from collab.access_queries import (
    AccessExplanation,
    ResourceDetail,
    ResourceRole,
    ResourceRoleList,
    UsersWithCapability,
)
from collab.audit_log import EventList
from collab.billing.invoices import InvoiceList
from collab.billing.ownership_offers import OwnershipOffer
from collab.billing.payment_methods import BillingView
from collab.billing.plans import PlanUsage
from collab.billing.transfers import BillingTransferImpact
from collab.confirmation import DIGEST_LENGTH
from collab.errors import Rejected
from collab.events import EVENTS
from collab.home import (
    MAX_HELPERS,
    MAX_SHOWN_FAILURES,
    GettingStarted,
    HomeResource,
    HomeView,
    OfferedActions,
)
from collab.impact import (
    DeletionPreview,
    DisablingPreview,
    MovePreview,
    RemainingRole,
    RemovalPreview,
    RoleLoss,
    RoleShift,
)
from collab.invitations.queries import InvitationList
from collab.limits import MAX_RESOURCES_IN_OFFER, Policy
from collab.memberships.member_actions import MemberListActions
from collab.memberships.queries import MemberList, MemberRow
from collab.memberships.role_change import RoleChangeImpact
from collab.model import BillingDetails, Invoice, PersonId, ResourceId
from collab.notifications.messages import (
    DELIVERY_FAILED,
    MEMBERS,
    PERSONAL_DIGEST,
    PROFILE,
    REFRESH,
)
from collab.notifications.routing import NOTIFICATION_ROUTES
from collab.open_items import AccessRequestView, InvitationView
from collab.pending import Overview
from collab.resource_pickers import ResourceOption
from collab.roles import CAPABILITIES, ROLE_MODEL
from tests.support.generators import MONDAY, ROLES, STATES, SampleGenerator
from tests.support.modal_generators import (
    MAX_PAGE_ROWS,
    MODAL_GENERATORS,
    SurfaceGenerator,
    SurfaceIterator,
    make_failed_deliveries,
)

MAX_INVITATIONS = 40
VIEWER_ID = PersonId(f"P{10:028}")


def limit_to_one_offer(many: int) -> int:
    """Return how many of so many resources one invitation may contain."""
    return max(1, min(many, MAX_RESOURCES_IN_OFFER))


# A generator for each view function; `many` is the length of every list.


def _make_other_questions(samples: SampleGenerator) -> list[Any]:
    """Return one open item of each type that is not an invitation."""
    return [
        samples.make_request(),
        samples.make_succession(),
        samples.make_expiring_membership(),
    ]


def _generate_pending_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    items = [
        *samples.make_invitations(min(many, MAX_INVITATIONS)),
        *_make_other_questions(samples),
    ]
    for page in range(-(-len(items) // MAX_PAGE_ROWS) or 1):
        yield pending.pending_items_message(renderer, items, page)


def _generate_sent_invitations(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for state in STATES:
        cards = [
            replace(c, invitation=replace(c.invitation, state=state))
            for c in samples.make_invitations(min(many, MAX_PAGE_ROWS))
        ]
        yield invitations.sent_invitations_message(
            renderer, InvitationList(cards, sent=True, next_page=1), 0, MONDAY
        )


def _generate_decline_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield invitations.decline_invitation_view(
        renderer, samples.make_invitation(resource_count=limit_to_one_offer(many))
    )


def _generate_edit_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield invitations.edit_invitation_view(
        renderer,
        samples.make_invitation(resource_count=limit_to_one_offer(many)),
        ROLES,
    )


def _generate_member_lists(
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


def _generate_removal_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield memberships.removal_preview_message(
        renderer, _make_removal_preview(samples, many)
    )


def _generate_leave_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield memberships.leave_preview_message(
        renderer, _make_removal_preview(samples, many)
    )


def _generate_role_views(
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


def _generate_home_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    row_count = min(many, MAX_PAGE_ROWS)
    outer = samples.make_resource("company", 9)
    rows = [
        HomeResource(r, "developer", bool(n % 2), r if n % 3 == 1 else outer, True)
        for n, r in enumerate(samples.make_resources(row_count))
    ]
    lines = [
        samples.make_event_line(
            events.ResourceRenamed(
                ResourceId("R1"), samples.make_name(), samples.make_name()
            )
        )
        for _ in range(5 if many else 0)
    ]
    pending_items = (
        [
            *samples.make_invitations(max(0, row_count - 3)),
            *_make_other_questions(samples),
        ][-row_count:]
        if row_count
        else []
    )
    sent: list[InvitationView | AccessRequestView] = (
        [samples.make_request(), *samples.make_invitations(row_count - 1)]
        if row_count
        else []
    )
    undelivered = make_failed_deliveries(samples, min(many, MAX_SHOWN_FAILURES))
    full = HomeView(
        waiting=pending_items,
        waits=500 if row_count else 0,
        holding=rows,
        holds=500 if row_count else 0,
        sent=sent,
        lines=lines,
        pages=(3, 4, 5),
        more=(True, True, True),
        lost=undelivered,
        loses=bool(many),
        stale=many,
    )
    yield home.home_view(renderer, full, MONDAY, ACTION_HANDLERS)
    for empty, founds in ((True, True), (True, False), (False, True), (False, False)):
        start = GettingStarted(
            empty, founds, samples.make_people(min(many, MAX_HELPERS))
        )
        for routes in (ACTION_HANDLERS, ()):
            yield home.home_view(
                renderer,
                HomeView(lost=undelivered, lines=lines, start=start),
                MONDAY,
                routes,
            )


def _generate_overviews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield help_cards.overview_message(
        renderer,
        Overview(
            samples.make_invitations(min(many, MAX_INVITATIONS)),
            [(r, "owner") for r in samples.make_resources(many)],
        ),
    )


def _generate_help(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield help_cards.help_message(renderer)


def _generate_verb_help(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for verb in VERB_BY_NAME.values():
        yield help_cards.verb_message(renderer, verb)


def _generate_own_roles(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    roles = [
        ResourceRole(r, "admin", bool(n % 2))
        for n, r in enumerate(samples.make_resources(min(many, MAX_PAGE_ROWS)))
    ]
    yield access.own_roles_message(
        renderer, ResourceRoleList(roles, many, 1), 0, OfferedActions()
    )


def _generate_capability_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for capability in CAPABILITIES:
        able = UsersWithCapability(
            samples.make_resource(),
            capability,
            samples.make_access_paths(min(many, MAX_PAGE_ROWS)),
            500,
            1,
            bool(many),
        )
        yield access.users_with_capability_message(renderer, able, 0)


def _generate_explanations(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for kind in ROLE_MODEL:
        for paths, role_paths in (
            (samples.make_access_paths(min(many, MAX_INVITATIONS)), []),
            ([], samples.make_access_paths(min(many, MAX_INVITATIONS))),
        ):
            why = AccessExplanation(
                samples.make_person(),
                samples.make_resource(kind),
                "view",
                paths,
                disabled=bool(many),
            )
            yield access.access_explanation_message(
                renderer, why, role_paths, PersonId("P1"), is_closed=False
            )
            yield access.access_explanation_message(
                renderer, why, role_paths, PersonId("P2"), is_closed=True
            )


def _generate_resource_details(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    lines = [
        samples.make_event_line(
            events.ResourceDescribed(ResourceId("R1"), samples.make_note(), None)
        )
        for _ in range(5)
    ]
    parent, payer = samples.make_resource("company"), samples.make_resource("payment")
    for shown in (samples.make_resource(), samples.make_resource("company")):
        detail = ResourceDetail(
            shown,
            parent,
            payer,
            500,
            samples.make_resources(many),
            "admin",
            CAPABILITIES,
            lines,
        )
        yield resources.resource_message(
            renderer, replace(detail, disabled=bool(many)), is_paid_type=True
        )
        yield resources.resource_message(
            renderer, replace(detail, parent=None, payer=None), is_paid_type=not many
        )


def _generate_disable_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    preview = DisablingPreview(
        samples.make_resource("project"), samples.make_resources(many), many + 1
    )
    yield resources.disabling_preview_message(renderer, preview)


def _make_deletion_preview(samples: SampleGenerator, many: int) -> DeletionPreview:
    losing = [
        RoleLoss(p, [(r, "admin") for r in samples.make_resources(3)], many)
        for p in samples.make_people(many and min(5 * many, 500))
    ]
    lists = (
        samples.make_resources(many),
        losing,
        samples.make_resources(many),
        samples.make_invitations(min(many, MAX_INVITATIONS)),
    )
    return DeletionPreview(
        samples.make_resource("company"),
        *lists,
        kept=samples.make_resources(many, "payment"),
    )


def _generate_deletion_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    deleting = _make_deletion_preview(samples, many)
    for is_renewed in (False, True):
        yield resources.deletion_preview_message(
            renderer, deleting, VIEWER_ID, is_renewed=is_renewed
        )


def _generate_renewed_deletion_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    deleting = _make_deletion_preview(samples, many)
    yield resources.renewed_deletion_view(renderer, deleting, VIEWER_ID)


def _generate_move_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    people = samples.make_people(min(many, 50))
    shifts = [
        RoleShift(p, samples.make_resource(), *roles)
        for p in people
        for roles in (("admin", None), ("admin", "payer"))
    ]
    revoked = samples.make_invitations(min(many, MAX_INVITATIONS))
    for before, parent in (
        (None, samples.make_resource("company")),
        (samples.make_resource("company"), None),
        (samples.make_resource(), samples.make_resource()),
    ):
        preview = MovePreview(
            samples.make_resource(),
            before,
            parent,
            shifts,
            shifts,
            samples.make_resources(many),
            revoked,
        )
        yield resources.move_preview_message(renderer, preview, VIEWER_ID)


def _generate_delete_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield resources.confirm_deletion_view(
        renderer, samples.make_resource("company"), many, "0" * DIGEST_LENGTH
    )


def _generate_done_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield resources.result_view(
        renderer,
        renderer.render(
            "replies/deleted",
            resource=samples.make_resource(),
            inside=many,
            retired=samples.make_resources(min(many, 20)),
        ),
    )


def _generate_resource_options(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    groups = [samples.make_resource("company", n) for n in range(3)]
    options = [
        ResourceOption(r, groups[n % 3] if n % 4 else None)
        for n, r in enumerate(samples.make_resources(many))
    ]
    yield pickers.resource_options(renderer, options)


def _render_invited_replies(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> list[RenderedText]:
    cards = [samples.make_invitation() for _ in range(max(1, many // 2))]
    return [
        renderer.render(
            "replies/invited", card=card, replaced=False, is_absent=many > 1
        )
        for card in cards
    ]


def _generate_invited_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield invitation_results.invitation_results_message(
        renderer, _render_invited_replies(renderer, samples, many)
    )


def _generate_undo_messages(
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


def _generate_request_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield access_requests.request_form_view(renderer, samples.make_resource(), ROLES)


def _generate_deny_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield access_requests.deny_request_view(renderer, samples.make_request())


def _generate_choose_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for alone in (True, False):
        yield successions.successor_view(
            renderer,
            samples.make_succession(support_count=min(many, MAX_INVITATIONS)),
            decides_alone=alone,
        )


def _generate_event_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    lines = [
        samples.make_event_line(samples.build_instance(kind, is_minimal=bare))
        for kind in EVENTS.values()
        for bare in (True, False)
    ]
    for shown in (samples.make_resource(number=99), None):
        for first in range(0, len(lines), MAX_PAGE_ROWS):
            event_list = EventList(
                shown, lines[first : first + MAX_PAGE_ROWS] if many else [], 7
            )
            yield audit_log.events_message(
                renderer, event_list, is_older_page=bool(first), next_value="x"
            )


def _generate_transfer_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    losing = [
        (p, samples.make_resources(2))
        for p in samples.make_people(min(many, MAX_INVITATIONS))
    ]
    loss = BillingTransferImpact(
        samples.make_resources(limit_to_one_offer(many)),
        samples.make_resources(min(many, MAX_PAGE_ROWS), "payment"),
        losing,
        "developer",
    )
    for goes in (True, False):
        yield billing.billing_transfer_message(
            renderer,
            loss,
            samples.make_person(),
            VIEWER_ID,
            payer_leaves=goes,
        )


def _generate_ownership_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for is_mine, owner in ((True, None), (False, None), (False, samples.make_person())):
        offer = OwnershipOffer(
            samples.make_resource("project"),
            samples.make_person(),
            "owner",
            "administrator",
            is_mine,
            owner,
        )
        yield billing.ownership_transfer_message(renderer, offer)


def _generate_accept_billing_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    card = samples.make_invitation(
        resource_count=limit_to_one_offer(many), purpose="pay"
    )
    yield billing.accept_billing_view(
        renderer, card, samples.make_resources(many, "payment")
    )


def _generate_accept_ownership_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield billing.accept_ownership_view(
        renderer, samples.make_invitation(purpose="own")
    )


def _make_billing_details(samples: SampleGenerator) -> BillingDetails:
    return BillingDetails(samples.make_note(), "bills@example.com", samples.make_name())


def _generate_billing_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    view = BillingView(
        samples.make_resource("payment"),
        _make_billing_details(samples),
        tuple(samples.make_resources(many)),
        many,
        True,
    )
    yield billing.payment_method_message(renderer, view)
    yield billing.payment_method_message(
        renderer, replace(view, details=BillingDetails(), may_edit=False)
    )


def _generate_billing_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield billing.payment_method_view(
        renderer, samples.make_resource("payment"), _make_billing_details(samples)
    )


def _generate_invoice_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    shown = [
        replace(samples.build_instance(Invoice), id=f"V{n}", number=samples.make_name())
        for n in range(min(many, MAX_PAGE_ROWS))
    ]
    yield billing.invoices_message(
        renderer,
        InvoiceList(
            samples.make_resource("payment"),
            shown,
            [(2026, "EUR", Decimal("119.00"))],
            1,
        ),
        0,
    )


def _generate_live_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for name in LIVE_MESSAGE_CONTROLS:
        for subject in _make_subjects(samples, name, many):
            for viewer in (samples.make_person(), None):
                yield live_message(renderer, name, subject, viewer, MONDAY)


def _make_subjects(samples: SampleGenerator, name: str, many: int) -> Iterator[Any]:
    if name == "request":
        yield from map(
            samples.make_request, ("pending", "granted", "declined", "ended")
        )
    elif name == "succession":
        yield from (
            samples.make_succession(state, min(many, MAX_INVITATIONS))
            for state in ("pending", "settled", "closed")
        )
    elif name == "member_ends_soon":
        yield from (
            samples.make_expiring_membership(),
            samples.make_expiring_membership(None),
        )
    else:
        variants: tuple[dict[str, Any], ...] = (
            {},
            {"team": "R4"},
            {"purpose": "pay", "lasts": None},
            {"purpose": "own", "lasts": None},
        )
        for state in STATES:
            for more in variants if state == "pending" else ({},):
                yield samples.make_invitation(
                    resource_count=limit_to_one_offer(many), state=state, **more
                )


def _generate_notifications(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    stale_resources = tuple(samples.make_resources(many))
    for kind, rows in NOTIFICATION_ROUTES.items():
        for message in sorted(
            {m for _, m in rows} - {PROFILE, MEMBERS, REFRESH, PERSONAL_DIGEST}
        ):
            for bare in (True, False):
                event_line = samples.make_event_line(
                    samples.build_instance(kind, is_minimal=bare)
                )
                subject_name = next(
                    (
                        name
                        for name in ("request", "succession")
                        if message.startswith(name)
                    ),
                    message,
                )
                subject = next(_make_subjects(samples, subject_name, many))
                for viewer in (samples.make_person(), None):
                    if not (
                        viewer is None
                        and message in {"invitation_declined", "request_declined"}
                    ):
                        yield notification_message(
                            renderer,
                            message,
                            NotificationContext(
                                MONDAY, viewer, subject, event_line, stale_resources
                            ),
                        )
    for problem in (
        "not_in_channel",
        "is_archived",
        "users_not_found",
        samples.make_name(),
    ):
        for target in ("channel:C1", "person:P2"):
            payload = {
                "problem": problem,
                "target": target,
                "message": "member_joined",
                "delivery": 7,
            }
            event_line = samples.make_event_line(
                samples.build_instance(events.MemberJoined)
            )
            yield notification_message(
                renderer,
                DELIVERY_FAILED,
                NotificationContext(MONDAY, samples.make_person(), None, event_line),
                payload,
            )


SURFACE_GENERATORS: Mapping[str, SurfaceGenerator] = {
    "access.own_roles_message": _generate_own_roles,
    "access.users_with_capability_message": _generate_capability_lists,
    "access.access_explanation_message": _generate_explanations,
    "billing.billing_transfer_message": _generate_transfer_previews,
    "billing.ownership_transfer_message": _generate_ownership_previews,
    "billing.accept_billing_view": _generate_accept_billing_views,
    "billing.accept_ownership_view": _generate_accept_ownership_views,
    "billing.payment_method_message": _generate_billing_messages,
    "billing.payment_method_view": _generate_billing_views,
    "billing.invoices_message": _generate_invoice_lists,
    "live_messages.live_message": _generate_live_messages,
    "help.overview_message": _generate_overviews,
    "help.help_message": _generate_help,
    "help.verb_message": _generate_verb_help,
    "home.home_view": _generate_home_views,
    "pending.pending_items_message": _generate_pending_lists,
    "invitations.sent_invitations_message": _generate_sent_invitations,
    "invitations.decline_invitation_view": _generate_decline_views,
    "invitations.edit_invitation_view": _generate_edit_views,
    "pickers.resource_options": _generate_resource_options,
    "invitation_results.invitation_results_message": _generate_invited_messages,
    "memberships.members_message": _generate_member_lists,
    "memberships.removal_preview_message": _generate_removal_previews,
    "memberships.leave_preview_message": _generate_leave_previews,
    "memberships.role_change_view": _generate_role_views,
    "notifications.notification_message": _generate_notifications,
    "memberships.undoable_message": _generate_undo_messages,
    "access_requests.request_form_view": _generate_request_views,
    "access_requests.deny_request_view": _generate_deny_views,
    "successions.successor_view": _generate_choose_views,
    "audit_log.events_message": _generate_event_lists,
    "resources.resource_message": _generate_resource_details,
    "resources.deletion_preview_message": _generate_deletion_previews,
    "resources.disabling_preview_message": _generate_disable_previews,
    "resources.move_preview_message": _generate_move_previews,
    "resources.confirm_deletion_view": _generate_delete_views,
    "resources.renewed_deletion_view": _generate_renewed_deletion_views,
    "resources.result_view": _generate_done_views,
    **MODAL_GENERATORS,
}
SHARED_BUILDERS = {
    "blocks.build_message",
    "blocks.prepend_text",
    "blocks.modal_view",
    "fields.form_view",
    "controls.list_message",
    "controls.preview_message",
}  # what other views are made of


# Values of the templates that no view function renders.


def _common_template_values(samples: SampleGenerator, many: int) -> dict[str, Any]:
    things = limit_to_one_offer(many)
    return {
        "resource": samples.make_resource(),
        "person": samples.make_person(),
        "team": samples.make_resource("team"),
        "card": samples.make_invitation(resource_count=things),
        "parent": samples.make_resource("company"),
        "other": samples.make_resource("payment"),
        "invoice": samples.build_instance(Invoice, number=samples.make_name()),
        "role": "admin",
        "before": "developer",
        "grants": "admin",
        "capability": "code",
        "can_do": CAPABILITIES,
        "paid": True,
        "replaced": True,
        "may_set": True,
        "many": things,
        "inside": many,
        "taken_back": many,
        "reopened": many,
        "me": "P1",
        "form": "csv",
        "plan": "studio",
        "setting": "lifetime",
        "value": "14d",
        "groups": ("joins", "leaves"),
        "shared_can": CAPABILITIES,
        "assigned_can": CAPABILITIES,
        "policy": Policy(),
        "own": {"lifetime": "14d"},
        "id": "E1",
        "example": "invite @carl admin acme",
        "kept": [(r, "admin") for r in samples.make_resources(many)],
        "more": many,
        "usage": PlanUsage(
            samples.make_resource("company"),
            "studio",
            [("admin", 3, 2), ("owner", 1, None)],
            ("studio",),
            True,
        ),
    }


def _specific_template_values(
    samples: SampleGenerator, many: int
) -> Mapping[str, Mapping[str, Any]]:
    approver_ids = ("P1",) * (many or 1)
    return {
        "notices/export": {
            "list": EventList(
                samples.make_resource(),
                [samples.make_event_line(samples.build_instance(events.KeysRotated))]
                * many,
                None,
            )
        },
        "replies/profile_pending": {"in_messages": bool(many)},
        "replies/snoozed": {"card": samples.make_invitation(snoozed=MONDAY)},
        "replies/described": {
            "event": samples.build_instance(events.ResourceDescribed)
        },
        "replies/renamed": {
            "event": samples.build_instance(
                events.ResourceRenamed,
                title=samples.make_name(),
                before=samples.make_name(),
            )
        },
        "replies/moved": {
            "event": samples.build_instance(
                events.ResourceMoved, rotate=("R1",), lost_code=("R1 P1",)
            )
        },
        "replies/extended": {"event": samples.build_instance(events.MemberExtended)},
        "replies/linked": {
            "event": samples.build_instance(events.ChannelLinked, rhythm="weekly")
        },
        "replies/granted": {"event": samples.build_instance(events.RequestGranted)},
        "replies/deleted": {
            "retired": samples.make_resources(min(many, 20), "payment")
        },
        "replies/role_changed": {
            "kept": [(r, "admin") for r in samples.make_resources(min(many, 20))],
            "more": max(many - 20, 0),
        },
        "replies/withdrawn": {"event": samples.build_instance(events.RequestEnded)},
        "replies/requested": {
            "event": samples.build_instance(events.RequestSent, asked=approver_ids)
        },
        "replies/shared": {
            "event": samples.build_instance(events.TeamShared, before="manager")
        },
        "replies/unshared": {"event": samples.build_instance(events.TeamUnshared)},
    }


def generate_templates_without_surface(
    renderer: Renderer, names: list[str], samples: SampleGenerator, many: int
) -> SurfaceIterator:
    """Generate messages of the templates that no view function renders."""
    for name in names:
        values = {
            **_common_template_values(samples, many),
            **_specific_template_values(samples, many).get(name, {}),
        }
        yield blocks.build_message(renderer.render(name, **values))


def generate_rejections(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    """Generate the message of every rejection, for each audience."""
    kinds = [
        kind for root in (Rejected, ParseError) for kind in _concrete_subclasses(root)
    ]
    for kind in kinds:
        for bare in (True, False):
            for state in (
                "accepted",
                "declined",
                "revoked",
                "expired",
                "granted",
                "ended",
            ):
                more = (
                    {"state": state}
                    if any(f.name == "state" for f in fields(kind))
                    else {}
                )
                yield from _generate_rejection(
                    renderer,
                    samples,
                    samples.build_instance(kind, is_minimal=bare, **more),
                )
                if not more:
                    break


def _generate_rejection(
    renderer: Renderer, samples: SampleGenerator, refusal: Any
) -> SurfaceIterator:
    values = {field.name: getattr(refusal, field.name) for field in fields(refusal)}
    people = {
        name: samples.make_person()
        for name in ("person", "inviter")
        if values.get(name)
    }
    for audience in AUDIENCES[:2]:
        yield blocks.build_message(
            renderer.render(
                f"refusals/{refusal.name}", audience, **{**values, **people, "me": "P9"}
            )
        )
    renderer.render(
        f"refusals/{refusal.name}", "plain", **{**values, **people, "me": "P9"}
    )


def _concrete_subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    below = [
        each
        for each in kind.__subclasses__()
        if each.__module__.startswith(("collab.", "bot."))
    ]
    for each in below:
        yield from _concrete_subclasses(each)
    if not below:
        yield kind
