"""How far the mails about invitations came, for their senders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collab.context import Context
from collab.invitations.rules import PENDING
from collab.model import MailProgress
from collab.open_items import InvitationView

SENT = MailProgress("sent")


def add_mail_progress(
    context: Context, views: Sequence[InvitationView]
) -> list[InvitationView]:
    """Return views with what became of the mails about those that are pending."""
    mailed = [view for view in views if _is_mailed(context, view)]
    if not mailed:
        return list(views)
    progress = context.deliveries.get_mail_progress({view.person.id for view in mailed})
    mailed_ids = {view.invitation.id for view in mailed}
    return [
        replace(view, mail=progress.get(view.invitation.id, SENT))
        if view.invitation.id in mailed_ids
        else view
        for view in views
    ]


def _is_mailed(context: Context, view: InvitationView) -> bool:
    person = view.person
    is_pending = view.invitation.state == PENDING and not view.invitation.agreed
    return bool(
        context.policy.sends_mail and is_pending and person.email and not person.user
    )
