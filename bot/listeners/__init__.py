"""Listeners: read, perform, reply. The routes by verb, by button, by window and by event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from bot.cards import Choices, Message, View
from bot.listeners import (
    access,
    answers,
    billing,
    forms,
    help,  # noqa: A004 - the noun
    home,
    invitations,
    inviting,
    linking,
    membership,
    people,
    questions,
    record,
    resources,
    roles,
    settings,
    teams,
    undelivered,
    workspace,
)
from bot.listeners.road import Click, Command, Desk, Search, Submission, two
from bot.words import Said
from collab.people import Caller

COMMANDS: Mapping[str, Callable[[Desk, Command], Message | None]] = {
    "help": help.help_,
    "create": resources.create,
    "invite": inviting.invite,
    "invitations": invitations.show,
    "accept": answers.accept,
    "decline": answers.decline,
    "revoke": invitations.revoke,
    "resend": invitations.resend,
    "members": membership.members,
    "role": roles.role,
    "remove": membership.remove,
    "leave": membership.leave,
    "mine": access.mine,
    "show": access.show,
    "who": access.who,
    "why": access.why,
    "rename": resources.rename,
    "describe": resources.describe,
    "move": resources.move,
    "migrate": resources.move,
    "disable": resources.disable,
    "enable": resources.enable,
    "delete": resources.delete,
    "pay": resources.pay,
    "share": teams.share,
    "unshare": teams.unshare,
    "assign": teams.assign,
    "unassign": teams.unassign,
    "link": linking.link,
    "unlink": linking.unlink,
    "events": record.happened,
    "transfer": billing.transfer,
    "billing": billing.billing,
    "invoices": billing.invoices,
    "plan": billing.plan,
    "undo": questions.undo,
    "extend": questions.extend,
    "request": questions.request,
    "withdraw": questions.withdraw,
    "successor": questions.successor,
    "keys": workspace.keys,
    "settings": settings.settings,
}

ACTIONS: Mapping[str, Callable[[Desk, Click], Said | Message | None]] = {
    "accept": answers.press_accept,
    "decline": answers.press_decline,
    "snooze": answers.press_snooze,
    "mute": answers.press_mute,
    "about": answers.press_about,
    "revoke": invitations.press_revoke,
    "resend": invitations.press_resend,
    "edit": invitations.press_edit,
    "invite_open": inviting.press_open,
    "invite_what": inviting.press_what,
    "invitations_page": invitations.press_page,
    "members_page": membership.press_page,
    "events_page": record.press_page,
    "remove_ask": membership.press_remove_ask,
    "remove": membership.press_remove,
    "leave_ask": membership.press_leave_ask,
    "leave": membership.press_leave,
    "role_ask": roles.press_role_ask,
    "role": roles.press_role,
    "why_ask": access.press_why_ask,
    "home_page": home.press_page,
    "members_ask": membership.press_members_ask,
    "show_ask": access.press_show_ask,
    "request_ask": questions.press_request_ask,
    "mine_page": access.press_mine_page,
    "who_page": access.press_who_page,
    "delete": resources.press_delete,
    "disable": resources.press_disable,
    "move": resources.press_move,
    "cancel": membership.press_cancel,
    "transfer": billing.press_transfer,
    "billing": billing.press_billing,
    "invoice": billing.press_invoice,
    "invoices_page": billing.press_invoices_page,
    "grant": questions.press_grant,
    "withdraw": questions.press_withdraw,
    "refuse": questions.press_refuse,
    "extend": questions.press_extend,
    "choose": questions.press_choose,
    "undo": questions.press_undo,
    "create_open": forms.press_create,
    "payment_open": forms.press_payment,
    "more_open": forms.press_more,
    "form": partial(forms.press_verb, COMMANDS),
    "find": forms.press_find,
    "channels_open": linking.press_channels,
    "channels_page": linking.press_page,
    "link_open": linking.press_link,
    "link_edit": linking.press_edit,
    "link_shared": linking.press_shared,
    "unlink": linking.press_unlink,
    "settings_open": settings.press_open,
    "lost_open": undelivered.press_open,
    "lost_again": undelivered.press_again,
    "keys_open": workspace.press_keys,
    "keys_rotated": workspace.press_rotated,
    "events_filter": record.press_filter,
}

VIEWS: Mapping[str, Callable[[Desk, Submission], View | None]] = {
    "decline": answers.submit_decline,
    "edit": invitations.submit_edit,
    "invite": inviting.submit,
    "role": roles.submit_role,
    "delete": resources.submit_delete,
    "request": questions.submit_request,
    "refuse": questions.submit_refuse,
    "choose": questions.submit_choose,
    "accept_billing": billing.submit_accept_billing,
    "accept_ownership": billing.submit_accept_ownership,
    "billing": billing.submit_billing,
    "form": partial(forms.submit, COMMANDS),
    "link": linking.submit,
    "link_shared": linking.submit_shared,
    "events_filter": record.submit_filter,
    "settings_mine": settings.submit_mine,
    "settings_workspace": settings.submit_workspace,
}

SEARCHES: Mapping[str, Callable[[Desk, Search], Choices]] = {
    "invite_what": inviting.search,
    "find": forms.search,
    "link_what": linking.search,
    "events_what": record.search,
}

SHORTCUTS: Mapping[str, Callable[[Desk, Caller, datetime], View]] = {
    "invite": inviting.from_shortcut,
}

EVENTS: Mapping[str, Callable[[Desk, Caller, datetime, dict[str, Any]], None]] = {
    "user_change": people.profile_changed,
    "team_join": people.profile_changed,
    "app_home_opened": home.opened,
    "channel_archive": workspace.channel_archived,
    "channel_deleted": workspace.channel_deleted,
    "channel_left": workspace.channel_left,
    "channel_rename": workspace.channel_renamed,
    "group_archive": workspace.channel_archived,
    "group_deleted": workspace.channel_deleted,
    "group_left": workspace.channel_left,
    "group_rename": workspace.channel_renamed,
    "app_uninstalled": workspace.uninstalled,
    "tokens_revoked": workspace.tokens_revoked,
}

LISTS: Mapping[str, Callable[[Desk, Click], Message]] = {
    "waiting": invitations.waiting_list,
    "sent": invitations.sent_list,
    "members": lambda desk, click: membership.members_list(desk, click, two(two(click.origin)[1])[0], 0),
}


def typed(desk: Desk, asked: Command) -> Message | None:
    """A line, or the form for what it lacks."""
    return forms.typed(COMMANDS, desk, asked)


def again(desk: Desk, click: Click) -> Message | None:
    """The list that the button stands in, as it is now."""
    show = LISTS.get(two(click.origin)[0]) if click.ephemeral else None
    return show(desk, click) if show else None
