"""Listeners: read, perform, reply. The routes by verb, by button, by window and by event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from bot.rendering import RenderedText
from bot.slack.handlers import (
    access,
    access_requests,
    audit_log,
    billing,
    channels,
    failed_deliveries,
    forms,
    help,  # noqa: A004 - the noun
    home,
    invitation_answers,
    invitations,
    invite_form,
    memberships,
    profiles,
    resources,
    role_changes,
    settings,
    teams,
    workspace,
)
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    OptionsRequest,
    Services,
    ViewSubmission,
    split_pair,
)
from bot.slack.views import Message, OptionsResponse, View
from collab.model import Caller

VERB_HANDLERS: Mapping[str, Callable[[Services, CommandRequest], Message | None]] = {
    "help": help.show_help,
    "create": resources.create_resource,
    "invite": invite_form.invite_people,
    "invitations": invitations.show_invitations,
    "accept": invitation_answers.accept_invitation,
    "decline": invitation_answers.decline_invitation,
    "revoke": invitations.revoke_invitation,
    "resend": invitations.resend_invitation,
    "members": memberships.show_members,
    "role": role_changes.change_role,
    "remove": memberships.preview_member_removal,
    "leave": memberships.preview_leave,
    "mine": access.show_own_roles,
    "show": access.show_resource,
    "who": access.show_users_with_capability,
    "why": access.explain_access,
    "rename": resources.rename_resource,
    "describe": resources.describe_resource,
    "move": resources.preview_resource_move,
    "migrate": resources.preview_resource_move,
    "disable": resources.preview_resource_disabling,
    "enable": resources.enable_resource,
    "delete": resources.preview_resource_deletion,
    "pay": resources.attach_payment_method,
    "share": teams.share_with_team,
    "unshare": teams.unshare_from_team,
    "assign": teams.assign_member,
    "unassign": teams.unassign_member,
    "link": channels.link_channel,
    "unlink": channels.unlink_channel,
    "events": audit_log.show_events,
    "transfer": billing.preview_transfer,
    "billing": billing.show_payment_method,
    "invoices": billing.list_invoices,
    "plan": billing.show_or_change_plan,
    "undo": access_requests.undo_last_removal,
    "extend": access_requests.extend_membership,
    "request": access_requests.request_role,
    "withdraw": access_requests.withdraw_request,
    "successor": access_requests.choose_successor,
    "keys": workspace.show_stale_keys,
    "settings": settings.show_or_change_settings,
}

ACTION_HANDLERS: Mapping[
    str, Callable[[Services, ActionRequest], RenderedText | Message | None]
] = {
    "accept": invitation_answers.press_accept_invitation,
    "decline": invitation_answers.open_decline_form,
    "snooze": invitation_answers.snooze_reminders,
    "mute": invitation_answers.mute_reminders,
    "about": invitation_answers.explain_invitation,
    "revoke": invitations.press_revoke_invitation,
    "resend": invitations.press_resend_invitation,
    "edit": invitations.open_edit_form,
    "invite_open": invite_form.open_invite_form,
    "invite_what": invite_form.update_invite_form,
    "invitations_page": invitations.show_invitations_page,
    "members_page": memberships.show_members_page,
    "events_page": audit_log.show_older_events,
    "remove_ask": memberships.preview_chosen_removal,
    "remove": memberships.confirm_removal,
    "leave_ask": memberships.preview_chosen_leave,
    "leave": memberships.confirm_leave,
    "role_ask": role_changes.open_role_form,
    "role": role_changes.update_role_form,
    "why_ask": access.explain_member_access,
    "home_page": home.show_home_page,
    "members_ask": memberships.show_chosen_members,
    "show_ask": access.show_chosen_resource,
    "request_ask": access_requests.open_request_form,
    "mine_page": access.show_own_roles_page,
    "who_page": access.show_users_with_capability_page,
    "delete": resources.confirm_deletion,
    "disable": resources.confirm_disabling,
    "move": resources.confirm_move,
    "cancel": memberships.cancel_preview,
    "transfer": billing.confirm_transfer,
    "billing": billing.open_payment_method_form,
    "invoice": billing.send_invoice_file,
    "invoices_page": billing.show_invoices_page,
    "grant": access_requests.approve_request,
    "withdraw": access_requests.press_withdraw_request,
    "refuse": access_requests.open_deny_form,
    "extend": access_requests.press_extend_membership,
    "choose": access_requests.open_successor_form,
    "undo": access_requests.undo_removal,
    "create_open": forms.open_create_form,
    "payment_open": forms.open_payment_method_form,
    "more_open": forms.open_verb_menu,
    "form": partial(forms.execute_verb_or_open_form, VERB_HANDLERS),
    "find": forms.update_form,
    "channels_open": channels.open_linked_channels,
    "channels_page": channels.show_linked_channels_page,
    "link_open": channels.open_link_form,
    "link_edit": channels.open_link_edit_form,
    "link_shared": channels.confirm_shared_link,
    "unlink": channels.press_unlink_channel,
    "settings_open": settings.open_settings_form,
    "lost_open": failed_deliveries.show_failed_deliveries,
    "lost_again": failed_deliveries.retry_delivery,
    "keys_open": workspace.show_stale_keys_page,
    "keys_rotated": workspace.mark_keys_rotated,
    "events_filter": audit_log.open_event_filter,
}

SUBMISSION_HANDLERS: Mapping[str, Callable[[Services, ViewSubmission], View | None]] = {
    "decline": invitation_answers.submit_decline_form,
    "edit": invitations.submit_edit_form,
    "invite": invite_form.submit_invite_form,
    "role": role_changes.submit_role_form,
    "delete": resources.submit_deletion_form,
    "request": access_requests.submit_request_form,
    "refuse": access_requests.submit_deny_form,
    "choose": access_requests.submit_successor_form,
    "accept_billing": billing.submit_billing_acceptance,
    "accept_ownership": billing.submit_ownership_acceptance,
    "billing": billing.submit_payment_method_form,
    "form": partial(forms.submit_form, VERB_HANDLERS),
    "link": channels.submit_link_form,
    "link_shared": channels.submit_shared_link,
    "events_filter": audit_log.submit_event_filter,
    "settings_mine": settings.submit_personal_settings,
    "settings_workspace": settings.submit_workspace_settings,
}

OPTIONS_HANDLERS: Mapping[
    str, Callable[[Services, OptionsRequest], OptionsResponse]
] = {
    "invite_what": invite_form.find_resource_options,
    "find": forms.find_field_options,
    "link_what": channels.find_linkable_options,
    "events_what": audit_log.find_resource_options,
}

SHORTCUT_HANDLERS: Mapping[str, Callable[[Services, Caller, datetime], View]] = {
    "invite": invite_form.build_empty_invite_form,
}

SLACK_EVENT_HANDLERS: Mapping[
    str, Callable[[Services, Caller, datetime, dict[str, Any]], None]
] = {
    "user_change": profiles.update_profile,
    "team_join": profiles.update_profile,
    "app_home_opened": home.open_home,
    "channel_archive": workspace.close_archived_channel,
    "channel_deleted": workspace.close_deleted_channel,
    "channel_left": workspace.close_left_channel,
    "channel_rename": workspace.rename_linked_channel,
    "group_archive": workspace.close_archived_channel,
    "group_deleted": workspace.close_deleted_channel,
    "group_left": workspace.close_left_channel,
    "group_rename": workspace.rename_linked_channel,
    "app_uninstalled": workspace.uninstall_app,
    "tokens_revoked": workspace.uninstall_after_revocation,
}

LIST_BUILDERS: Mapping[str, Callable[[Services, ActionRequest], Message]] = {
    "waiting": invitations.build_pending_message,
    "sent": invitations.build_sent_message,
    "members": lambda services, request: memberships.build_members_list(
        services, request, split_pair(split_pair(request.origin)[1])[0], 0
    ),
}


def handle_command(services: Services, asked: CommandRequest) -> Message | None:
    """A line, or the form for what it lacks."""
    return forms.execute_line_or_open_form(VERB_HANDLERS, services, asked)


def rebuild_list(services: Services, request: ActionRequest) -> Message | None:
    """The list that the button stands in, as it is now."""
    show = (
        LIST_BUILDERS.get(split_pair(request.origin)[0])
        if request.is_ephemeral
        else None
    )
    return show(services, request) if show else None
