"""The generator of each view: messages, modals and Home from sample objects.

`tests/support/surfaces/` has the generators, a module for each noun.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.modal_generators import MODAL_GENERATORS, SurfaceGenerator
from tests.support.surfaces.access import (
    generate_capability_lists,
    generate_explanations,
    generate_own_roles,
)
from tests.support.surfaces.billing import (
    generate_accept_billing_views,
    generate_accept_ownership_views,
    generate_billing_messages,
    generate_billing_views,
    generate_invoice_lists,
    generate_ownership_previews,
    generate_transfer_previews,
)
from tests.support.surfaces.handovers import generate_handover_previews
from tests.support.surfaces.home import (
    generate_all_commands,
    generate_channel_offers,
    generate_help,
    generate_home_views,
    generate_overviews,
    generate_verb_help,
    generate_welcome,
)
from tests.support.surfaces.invitations import (
    generate_decline_views,
    generate_edit_views,
    generate_invited_messages,
    generate_outsider_edits,
    generate_outsider_questions,
    generate_outsider_requests,
    generate_outsider_successors,
    generate_pending_lists,
    generate_readdress_views,
    generate_revocation_previews,
    generate_sent_invitations,
)
from tests.support.surfaces.memberships import (
    generate_choose_views,
    generate_deny_views,
    generate_leave_previews,
    generate_member_lists,
    generate_removal_previews,
    generate_request_views,
    generate_role_views,
    generate_undo_messages,
)
from tests.support.surfaces.notifications import (
    generate_claim_messages,
    generate_event_lists,
    generate_gathered_messages,
    generate_joined_messages,
    generate_live_messages,
    generate_match_messages,
    generate_notifications,
)
from tests.support.surfaces.pages import (
    generate_gone_pages,
    generate_people_page_views,
    generate_person_page_messages,
    generate_person_page_views,
    generate_resource_page_messages,
    generate_resource_page_views,
)
from tests.support.surfaces.questions import QUESTION_GENERATORS
from tests.support.surfaces.resources import (
    generate_delete_views,
    generate_deletion_previews,
    generate_disable_previews,
    generate_done_views,
    generate_move_previews,
    generate_renewed_deletion_views,
    generate_resource_options,
)

# A generator for each view function; its last argument is the length of every list.
SURFACE_GENERATORS: Mapping[str, SurfaceGenerator] = {
    "access.own_roles_message": generate_own_roles,
    "access.users_with_capability_message": generate_capability_lists,
    "access.access_explanation_message": generate_explanations,
    "billing.billing_transfer_message": generate_transfer_previews,
    "billing.ownership_transfer_message": generate_ownership_previews,
    "billing.accept_billing_view": generate_accept_billing_views,
    "billing.accept_ownership_view": generate_accept_ownership_views,
    "billing.payment_method_message": generate_billing_messages,
    "billing.payment_method_view": generate_billing_views,
    "billing.invoices_message": generate_invoice_lists,
    "live_messages.live_message": generate_live_messages,
    "handovers.handover_preview_message": generate_handover_previews,
    "help.overview_message": generate_overviews,
    "help.all_commands_view": generate_all_commands,
    "help.help_message": generate_help,
    "help.verb_message": generate_verb_help,
    "onboarding.welcome_message": generate_welcome,
    "onboarding.channel_offer_message": generate_channel_offers,
    "home.home_view": generate_home_views,
    "pending.pending_items_message": generate_pending_lists,
    "invitations.sent_invitations_message": generate_sent_invitations,
    "outsiders.outsider_edit_view": generate_outsider_edits,
    "outsiders.outsider_question_view": generate_outsider_questions,
    "outsiders.outsider_request_view": generate_outsider_requests,
    "outsiders.outsider_successor_view": generate_outsider_successors,
    "invitations.revocation_preview_message": generate_revocation_previews,
    "invitations.decline_invitation_view": generate_decline_views,
    "invitations.edit_invitation_view": generate_edit_views,
    "readdressing.readdress_view": generate_readdress_views,
    "pickers.resource_options": generate_resource_options,
    "invitation_results.invitation_results_message": generate_invited_messages,
    "memberships.members_message": generate_member_lists,
    "memberships.removal_preview_message": generate_removal_previews,
    "memberships.leave_preview_message": generate_leave_previews,
    "memberships.role_change_view": generate_role_views,
    "claims.claim_message": generate_claim_messages,
    "person_matches.joined_message": generate_joined_messages,
    "person_matches.match_message": generate_match_messages,
    "notifications.notification_message": generate_notifications,
    "gathered.gathered_message": generate_gathered_messages,
    "memberships.undoable_message": generate_undo_messages,
    "access_requests.request_form_view": generate_request_views,
    "access_requests.deny_request_view": generate_deny_views,
    "successions.successor_view": generate_choose_views,
    "event_log.events_message": generate_event_lists,
    "pages.resource_page_view": generate_resource_page_views,
    "pages.resource_page_message": generate_resource_page_messages,
    "pages.gone_page_view": generate_gone_pages,
    "people_pages.people_page_view": generate_people_page_views,
    "person_pages.person_page_view": generate_person_page_views,
    "person_pages.person_page_message": generate_person_page_messages,
    "resources.deletion_preview_message": generate_deletion_previews,
    "resources.disabling_preview_message": generate_disable_previews,
    "resources.move_preview_message": generate_move_previews,
    "resources.confirm_deletion_view": generate_delete_views,
    "resources.renewed_deletion_view": generate_renewed_deletion_views,
    "resources.result_view": generate_done_views,
    **MODAL_GENERATORS,
    **QUESTION_GENERATORS,
}


SHARED_BUILDERS = {
    "blocks.build_message",
    "blocks.prepend_text",
    "blocks.modal_view",
    "fields.form_view",
    "controls.answer_view",
    "controls.list_message",
    "controls.preview_message",
}  # what other views are made of
