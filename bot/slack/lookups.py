"""What handlers look up before or after they execute a command."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from bot.slack.commands.slots import Slot
from bot.slack.requests import ActionRequest, CommandRequest, Services
from collab import errors, events
from collab.bus import Outcome, ReadAfter
from collab.channels import ShowLinkedResource
from collab.context import Context
from collab.invitations.queries import ListInvitations
from collab.invitations.rules import check_invitation_pending
from collab.model import Account, Address, Caller
from collab.open_items import InvitationView, build_invitation_view
from collab.people import get_identity_key

Named = TypeVar("Named")


def get_resource_or_linked(services: Services, asked: CommandRequest) -> str:
    """What was named, else what the channel is linked to."""
    named: str | None = asked.get(Slot.RESOURCE)
    return (
        named
        if named is not None
        else _require_linked_resource(services, asked, Slot.RESOURCE)
    )


def get_resources_or_linked(
    services: Services, asked: CommandRequest
) -> tuple[str, ...]:
    """The several things that were named, else what the channel is linked to."""
    named: tuple[str, ...] | None = asked.get(Slot.RESOURCES)
    return (
        named
        if named is not None
        else (_require_linked_resource(services, asked, Slot.RESOURCES),)
    )


def find_linked_resource(services: Services, asked: CommandRequest) -> str | None:
    """The one thing that the channel is linked to."""
    try:
        found: str = services.bus.query(
            ShowLinkedResource(asked.caller, asked.channel), asked.at
        ).id
    except errors.ChannelNotLinked:
        return None
    return found


def _require_linked_resource(
    services: Services, asked: CommandRequest, slot: Slot
) -> str:
    found = find_linked_resource(services, asked)
    if found is None:
        raise asked.line.missing_word_error(slot)
    return found


def list_pending_invitations(
    services: Services, by: Caller, at: datetime, what: str | None = None
) -> Sequence[InvitationView]:
    """The invitations that wait for the caller."""
    found: Sequence[InvitationView] = services.bus.query(
        ListInvitations(by, what=what), at
    ).invitations
    return found


def find_person_id(
    services: Services, by: Caller, who: Account | Address
) -> str | None:
    """The id of somebody who is known, for a refusal's words."""
    with services.read_workspace(by) as repositories:
        found = (
            repositories.people.find_person_by_email(who.email)
            if isinstance(who, Address)
            else repositories.people.find_person_by_account(who)
        )
    return found.id if found else None


def drop_duplicate_people(
    services: Services, by: Caller, whom: Sequence[Named]
) -> list[Named]:
    """Return everybody who was named once each, by whichever name came first (INV-12); what names nobody stays."""
    named: dict[object, Named] = {}
    with services.read_workspace(by) as repositories:
        for who in whom:
            named.setdefault(
                get_identity_key(repositories, who)
                if isinstance(who, Account | Address)
                else who,
                who,
            )
    return list(named.values())


def read_invitation(invitation: str) -> ReadAfter[Any]:
    """Looks at an invitation that is acted on, as it is then."""
    return lambda context, _outcome: _load_invitation(context, invitation)


def read_sent_invitation(
    context: Context, outcome: Outcome[Any]
) -> InvitationView | None:
    """The invitation that was sent, or sent again; nothing when none was."""
    submission = outcome.find_event(events.InvitationSent) or outcome.find_event(
        events.InvitationResent
    )
    return _load_invitation(context, submission.invitation) if submission else None


def _load_invitation(context: Context, invitation: str) -> InvitationView | None:
    found = context.invitations.get_invitation(invitation)
    return (
        build_invitation_view(context.repositories, found, context) if found else None
    )


def require_pending(
    services: Services, request: ActionRequest, card: InvitationView
) -> None:
    """Refuse, by the core's own rule, what is no longer open."""
    with services.read_workspace(request.caller) as repositories:
        check_invitation_pending(
            services.bus.context(repositories, request.at), card.invitation
        )


def find_invitation_of_delivery(
    services: Services, act: Any, at: datetime
) -> str | None:
    """The invitation that this very delivery dealt with before, when it comes again; `act` names none."""
    try:
        outcome = services.execute(act, at)
    except errors.UnknownInvitation:
        return None
    return next(
        (
            found
            for r in outcome.recorded
            if (found := getattr(r.event, "invitation", None))
        ),
        None,
    )
