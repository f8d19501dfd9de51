"""Every message, window and home that there is, made of what a tongue says."""

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
from collab.model import BillingDetails, Invoice
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
VIEWER_ID = f"P{10:028}"


def limit_to_one_offer(many: int) -> int:
    """How many of so many things stand in one offer."""
    return max(1, min(many, MAX_RESOURCES_IN_OFFER))


# How each card is made, by its function; `many` is how much there is of whatever there can be many of.


def _make_other_questions(t: SampleGenerator) -> list[Any]:
    """One question of each kind that is no invitation."""
    return [t.make_request(), t.make_succession(), t.make_expiring_membership()]


def _generate_pending_lists(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    found = [*t.make_invitations(min(many, MAX_INVITATIONS)), *_make_other_questions(t)]
    for page in range(-(-len(found) // MAX_PAGE_ROWS) or 1):
        yield pending.pending_items_message(words, found, page)


def _generate_sent_invitations(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    for state in STATES:
        found = [
            replace(c, invitation=replace(c.invitation, state=state))
            for c in t.make_invitations(min(many, MAX_PAGE_ROWS))
        ]
        yield invitations.sent_invitations_message(
            words, InvitationList(found, sent=True, next_page=1), 0, MONDAY
        )


def _generate_decline_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield invitations.decline_invitation_view(
        words, t.make_invitation(resource_count=limit_to_one_offer(many))
    )


def _generate_edit_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield invitations.edit_invitation_view(
        words, t.make_invitation(resource_count=limit_to_one_offer(many)), ROLES
    )


def _generate_member_lists(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    rows = min(many, MAX_PAGE_ROWS)
    people = [
        MemberRow(
            p,
            "admin",
            MONDAY if n % 2 else None,
            True,
            t.make_resource("company") if n % 2 else None,
        )
        for n, p in enumerate(t.make_people(rows))
    ]
    asked = t.make_invitations(MAX_PAGE_ROWS - rows)
    everybody = MemberListActions(
        frozenset(c.invitation.id for c in asked),
        frozenset(m.person.id for m in people),
        ROLES,
    )
    found = MemberList(t.make_resource("company"), people, asked, 500, 1)
    yield memberships.members_message(words, found, VIEWER_ID, everybody, 0)


def _make_removal_preview(t: SampleGenerator, many: int) -> RemovalPreview:
    remains = [
        RemainingRole(r, "admin", t.make_resource("payment"))
        for r in t.make_resources(many)
    ]
    ends = [(r, "admin") for r in t.make_resources(many)]
    revoked = t.make_invitations(min(many, MAX_INVITATIONS))
    return RemovalPreview(
        t.make_person(),
        t.make_resource("company"),
        "admin",
        CAPABILITIES,
        ends,
        remains,
        revoked,
        "owner",
    )


def _generate_removal_previews(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield memberships.removal_preview_message(words, _make_removal_preview(t, many))


def _generate_leave_previews(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield memberships.leave_preview_message(words, _make_removal_preview(t, many))


def _generate_role_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    held = [(thing, "admin") for thing in t.make_resources(many)]
    for losing in (
        RoleChangeImpact(held, ()),
        RoleChangeImpact((), held),
        RoleChangeImpact(held, held),
    ):
        change = memberships.RoleChangeDraft(
            "owner",
            ROLES,
            "developer",
            losing,
            many,
            [thing.id for thing, _ in held[::2]],
        )
        yield memberships.role_change_view(
            words, t.make_person(), t.make_resource("company"), change
        )


def _generate_home_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    rows = min(many, MAX_PAGE_ROWS)
    outer = t.make_resource("company", 9)
    held = [
        HomeResource(r, "developer", bool(n % 2), r if n % 3 == 1 else outer, True)
        for n, r in enumerate(t.make_resources(rows))
    ]
    lines = [
        t.make_event_line(events.ResourceRenamed("R1", t.make_name(), t.make_name()))
        for _ in range(5 if many else 0)
    ]
    waits = (
        [*t.make_invitations(max(0, rows - 3)), *_make_other_questions(t)][-rows:]
        if rows
        else []
    )
    sent: list[InvitationView | AccessRequestView] = (
        [t.make_request(), *t.make_invitations(rows - 1)] if rows else []
    )
    undelivered = make_failed_deliveries(t, min(many, MAX_SHOWN_FAILURES))
    full = HomeView(
        waiting=waits,
        waits=500 if rows else 0,
        holding=held,
        holds=500 if rows else 0,
        sent=sent,
        lines=lines,
        pages=(3, 4, 5),
        more=(True, True, True),
        lost=undelivered,
        loses=bool(many),
        stale=many,
    )
    yield home.home_view(words, full, MONDAY, ACTION_HANDLERS)
    for empty, founds in ((True, True), (True, False), (False, True), (False, False)):
        start = GettingStarted(empty, founds, t.make_people(min(many, MAX_HELPERS)))
        for routes in (ACTION_HANDLERS, ()):
            yield home.home_view(
                words,
                HomeView(lost=undelivered, lines=lines, start=start),
                MONDAY,
                routes,
            )


def _generate_overviews(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield help_cards.overview_message(
        words,
        Overview(
            t.make_invitations(min(many, MAX_INVITATIONS)),
            [(r, "owner") for r in t.make_resources(many)],
        ),
    )


def _generate_help(words: Renderer, t: SampleGenerator, many: int) -> SurfaceIterator:
    yield help_cards.help_message(words)


def _generate_verb_help(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    for verb in VERB_BY_NAME.values():
        yield help_cards.verb_message(words, verb)


def _generate_own_roles(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    held = [
        ResourceRole(r, "admin", bool(n % 2))
        for n, r in enumerate(t.make_resources(min(many, MAX_PAGE_ROWS)))
    ]
    yield access.own_roles_message(
        words, ResourceRoleList(held, many, 1), 0, OfferedActions()
    )


def _generate_capability_lists(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    for capability in CAPABILITIES:
        able = UsersWithCapability(
            t.make_resource(),
            capability,
            t.make_access_paths(min(many, MAX_PAGE_ROWS)),
            500,
            1,
            bool(many),
        )
        yield access.users_with_capability_message(words, able, 0)


def _generate_explanations(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    for kind in ROLE_MODEL:
        for found, held in (
            (t.make_access_paths(min(many, MAX_INVITATIONS)), []),
            ([], t.make_access_paths(min(many, MAX_INVITATIONS))),
        ):
            why = AccessExplanation(
                t.make_person(),
                t.make_resource(kind),
                "view",
                found,
                disabled=bool(many),
            )
            yield access.access_explanation_message(
                words, why, held, "P1", is_closed=False
            )
            yield access.access_explanation_message(
                words, why, held, "P2", is_closed=True
            )


def _generate_resource_details(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    lines = [
        t.make_event_line(events.ResourceDescribed("R1", t.make_note(), None))
        for _ in range(5)
    ]
    place, payer = t.make_resource("company"), t.make_resource("payment")
    for shown in (t.make_resource(), t.make_resource("company")):
        found = ResourceDetail(
            shown,
            place,
            payer,
            500,
            t.make_resources(many),
            "admin",
            CAPABILITIES,
            lines,
        )
        yield resources.resource_message(
            words, replace(found, disabled=bool(many)), is_paid_type=True
        )
        yield resources.resource_message(
            words, replace(found, parent=None, payer=None), is_paid_type=not many
        )


def _generate_disable_previews(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    found = DisablingPreview(
        t.make_resource("project"), t.make_resources(many), many + 1
    )
    yield resources.disabling_preview_message(words, found)


def _generate_deletion_previews(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    losing = [
        RoleLoss(p, [(r, "admin") for r in t.make_resources(3)], many)
        for p in t.make_people(many and min(5 * many, 500))
    ]
    lists = (
        t.make_resources(many),
        losing,
        t.make_resources(many),
        t.make_invitations(min(many, MAX_INVITATIONS)),
    )
    deleting = DeletionPreview(
        t.make_resource("company"), *lists, kept=t.make_resources(many, "payment")
    )
    yield resources.deletion_preview_message(words, deleting, VIEWER_ID)


def _generate_move_previews(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    people = t.make_people(min(many, 50))
    shifts = [
        RoleShift(p, t.make_resource(), *roles)
        for p in people
        for roles in (("admin", None), ("admin", "payer"))
    ]
    asked = t.make_invitations(min(many, MAX_INVITATIONS))
    for before, parent in (
        (None, t.make_resource("company")),
        (t.make_resource("company"), None),
        (t.make_resource(), t.make_resource()),
    ):
        found = MovePreview(
            t.make_resource(),
            before,
            parent,
            shifts,
            shifts,
            t.make_resources(many),
            asked,
        )
        yield resources.move_preview_message(words, found, VIEWER_ID)


def _generate_delete_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield resources.confirm_deletion_view(words, t.make_resource("company"), many)


def _generate_done_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield resources.result_view(
        words,
        words.render(
            "replies/deleted",
            resource=t.make_resource(),
            inside=many,
            retired=t.make_resources(min(many, 20)),
        ),
    )


def _generate_resource_options(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    groups = [t.make_resource("company", n) for n in range(3)]
    found = [
        ResourceOption(r, groups[n % 3] if n % 4 else None)
        for n, r in enumerate(t.make_resources(many))
    ]
    yield pickers.resource_options(words, found)


def _render_invited_replies(
    words: Renderer, t: SampleGenerator, many: int
) -> list[RenderedText]:
    asked = [t.make_invitation() for _ in range(max(1, many // 2))]
    return [
        words.render("replies/invited", card=card, replaced=False, is_absent=many > 1)
        for card in asked
    ]


def _generate_invited_messages(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield invitation_results.invitation_results_message(
        words, _render_invited_replies(words, t, many)
    )


def _generate_undo_messages(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield memberships.undoable_message(
        words,
        words.render(
            "replies/removed", person=t.make_person(), resource=t.make_resource()
        ),
        2**62,
    )


def _generate_request_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield access_requests.request_form_view(words, t.make_resource(), ROLES)


def _generate_deny_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield access_requests.deny_request_view(words, t.make_request())


def _generate_choose_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    for alone in (True, False):
        yield successions.successor_view(
            words,
            t.make_succession(support_count=min(many, MAX_INVITATIONS)),
            decides_alone=alone,
        )


def _generate_event_lists(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    told = [
        t.make_event_line(t.build_instance(kind, is_minimal=bare))
        for kind in EVENTS.values()
        for bare in (True, False)
    ]
    for shown in (t.make_resource(number=99), None):
        for first in range(0, len(told), MAX_PAGE_ROWS):
            found = EventList(
                shown, told[first : first + MAX_PAGE_ROWS] if many else [], 7
            )
            yield audit_log.events_message(
                words, found, is_older_page=bool(first), next_value="x"
            )


def _generate_transfer_previews(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    losing = [
        (p, t.make_resources(2)) for p in t.make_people(min(many, MAX_INVITATIONS))
    ]
    loss = BillingTransferImpact(
        t.make_resources(limit_to_one_offer(many)),
        t.make_resources(min(many, MAX_PAGE_ROWS), "payment"),
        losing,
        "developer",
    )
    for goes in (True, False):
        yield billing.billing_transfer_message(
            words, loss, t.make_person(), VIEWER_ID, payer_leaves=goes
        )


def _generate_ownership_previews(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    for is_mine, owner in ((True, None), (False, None), (False, t.make_person())):
        offer = OwnershipOffer(
            t.make_resource("project"),
            t.make_person(),
            "owner",
            "administrator",
            is_mine,
            owner,
        )
        yield billing.ownership_transfer_message(words, offer)


def _generate_accept_billing_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    card = t.make_invitation(resource_count=limit_to_one_offer(many), purpose="pay")
    yield billing.accept_billing_view(words, card, t.make_resources(many, "payment"))


def _generate_accept_ownership_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield billing.accept_ownership_view(words, t.make_invitation(purpose="own"))


def _make_billing_details(t: SampleGenerator) -> BillingDetails:
    return BillingDetails(t.make_note(), "bills@example.com", t.make_name())


def _generate_billing_messages(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    found = BillingView(
        t.make_resource("payment"),
        _make_billing_details(t),
        tuple(t.make_resources(many)),
        many,
        True,
    )
    yield billing.payment_method_message(words, found)
    yield billing.payment_method_message(
        words, replace(found, details=BillingDetails(), may_edit=False)
    )


def _generate_billing_views(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    yield billing.payment_method_view(
        words, t.make_resource("payment"), _make_billing_details(t)
    )


def _generate_invoice_lists(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    shown = [
        replace(t.build_instance(Invoice), id=f"V{n}", number=t.make_name())
        for n in range(min(many, MAX_PAGE_ROWS))
    ]
    yield billing.invoices_message(
        words,
        InvoiceList(
            t.make_resource("payment"), shown, [(2026, "EUR", Decimal("119.00"))], 1
        ),
        0,
    )


def _generate_live_messages(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    for name in LIVE_MESSAGE_CONTROLS:
        for subject in _make_subjects(t, name, many):
            for viewer in (t.make_person(), None):
                yield live_message(words, name, subject, viewer, MONDAY)


def _make_subjects(t: SampleGenerator, name: str, many: int) -> Iterator[Any]:
    if name == "request":
        yield from map(t.make_request, ("pending", "granted", "declined", "ended"))
    elif name == "succession":
        yield from (
            t.make_succession(state, min(many, MAX_INVITATIONS))
            for state in ("pending", "settled", "closed")
        )
    elif name == "member_ends_soon":
        yield from (t.make_expiring_membership(), t.make_expiring_membership(None))
    else:
        asked: tuple[dict[str, Any], ...] = (
            {},
            {"team": "R4"},
            {"purpose": "pay", "lasts": None},
            {"purpose": "own", "lasts": None},
        )
        for state in STATES:
            for more in asked if state == "pending" else ({},):
                yield t.make_invitation(
                    resource_count=limit_to_one_offer(many), state=state, **more
                )


def _generate_notifications(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    rotate = tuple(t.make_resources(many))
    for kind, rows in NOTIFICATION_ROUTES.items():
        for message in sorted(
            {m for _, m in rows} - {PROFILE, MEMBERS, REFRESH, PERSONAL_DIGEST}
        ):
            for bare in (True, False):
                happened = t.make_event_line(t.build_instance(kind, is_minimal=bare))
                about = next(
                    (
                        name
                        for name in ("request", "succession")
                        if message.startswith(name)
                    ),
                    message,
                )
                subject = next(_make_subjects(t, about, many))
                for viewer in (t.make_person(), None):
                    if not (
                        viewer is None
                        and message in {"invitation_declined", "request_declined"}
                    ):
                        yield notification_message(
                            words,
                            message,
                            NotificationContext(
                                MONDAY, viewer, subject, happened, rotate
                            ),
                        )
    for problem in ("not_in_channel", "is_archived", "users_not_found", t.make_name()):
        for target in ("channel:C1", "person:P2"):
            told = {
                "problem": problem,
                "target": target,
                "message": "member_joined",
                "delivery": 7,
            }
            happened = t.make_event_line(t.build_instance(events.MemberJoined))
            yield notification_message(
                words,
                DELIVERY_FAILED,
                NotificationContext(MONDAY, t.make_person(), None, happened),
                told,
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
    "resources.result_view": _generate_done_views,
    **MODAL_GENERATORS,
}
SHARED_BUILDERS = {
    "blocks.build_message",
    "blocks.prepend_text",
    "blocks.modal_view",
    "controls.form_view",
    "controls.list_message",
}  # what other cards are made of


# What a template needs that is said by no card, by the names of its facts; what differs is under the template's name.


def _common_template_values(t: SampleGenerator, many: int) -> dict[str, Any]:
    things = limit_to_one_offer(many)
    return {
        "resource": t.make_resource(),
        "person": t.make_person(),
        "team": t.make_resource("team"),
        "card": t.make_invitation(resource_count=things),
        "parent": t.make_resource("company"),
        "other": t.make_resource("payment"),
        "invoice": t.build_instance(Invoice, number=t.make_name()),
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
        "kept": [(r, "admin") for r in t.make_resources(many)],
        "more": many,
        "usage": PlanUsage(
            t.make_resource("company"),
            "studio",
            [("admin", 3, 2), ("owner", 1, None)],
            ("studio",),
            True,
        ),
    }


def _specific_template_values(
    t: SampleGenerator, many: int
) -> Mapping[str, Mapping[str, Any]]:
    asked = ("P1",) * (many or 1)
    return {
        "notices/export": {
            "list": EventList(
                t.make_resource(),
                [t.make_event_line(t.build_instance(events.KeysRotated))] * many,
                None,
            )
        },
        "replies/profile_pending": {"in_messages": bool(many)},
        "replies/snoozed": {"card": t.make_invitation(snoozed=MONDAY)},
        "replies/described": {"event": t.build_instance(events.ResourceDescribed)},
        "replies/renamed": {
            "event": t.build_instance(
                events.ResourceRenamed, title=t.make_name(), before=t.make_name()
            )
        },
        "replies/moved": {
            "event": t.build_instance(
                events.ResourceMoved, rotate=("R1",), lost_code=("R1 P1",)
            )
        },
        "replies/extended": {"event": t.build_instance(events.MemberExtended)},
        "replies/linked": {
            "event": t.build_instance(events.ChannelLinked, rhythm="weekly")
        },
        "replies/granted": {"event": t.build_instance(events.RequestGranted)},
        "replies/deleted": {"retired": t.make_resources(min(many, 20), "payment")},
        "replies/role_changed": {
            "kept": [(r, "admin") for r in t.make_resources(min(many, 20))],
            "more": max(many - 20, 0),
        },
        "replies/withdrawn": {"event": t.build_instance(events.RequestEnded)},
        "replies/requested": {
            "event": t.build_instance(events.RequestSent, asked=asked)
        },
        "replies/shared": {
            "event": t.build_instance(events.TeamShared, before="manager")
        },
        "replies/unshared": {"event": t.build_instance(events.TeamUnshared)},
    }


def generate_templates_without_surface(
    words: Renderer, names: list[str], t: SampleGenerator, many: int
) -> SurfaceIterator:
    """What templates say that no card uses."""
    for name in names:
        facts = {
            **_common_template_values(t, many),
            **_specific_template_values(t, many).get(name, {}),
        }
        yield blocks.build_message(words.render(name, **facts))


def generate_rejections(
    words: Renderer, t: SampleGenerator, many: int
) -> SurfaceIterator:
    """Every refusal, to everybody who may read it."""
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
                    words, t, t.build_instance(kind, is_minimal=bare, **more)
                )
                if not more:
                    break


def _generate_rejection(
    words: Renderer, t: SampleGenerator, refusal: Any
) -> SurfaceIterator:
    told = {field.name: getattr(refusal, field.name) for field in fields(refusal)}
    people = {name: t.make_person() for name in ("person", "inviter") if told.get(name)}
    for audience in AUDIENCES[:2]:
        yield blocks.build_message(
            words.render(
                f"refusals/{refusal.name}", audience, **{**told, **people, "me": "P9"}
            )
        )
    words.render(f"refusals/{refusal.name}", "plain", **{**told, **people, "me": "P9"})


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
