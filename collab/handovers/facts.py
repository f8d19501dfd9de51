"""What the messages about a handover say of it, to both sides the same (HND-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collab.context import Context
from collab.handovers.completion import list_direct_effects
from collab.handovers.scope import (
    count_inside,
    has_owner_here,
    list_continued_payments,
    list_handed_over,
)
from collab.handovers.taking_back import TAKE_BACK_PERIOD
from collab.invitations.rules import HANDOVER, PENDING, TAKE_BACK
from collab.model import Invitation, Person, Resource


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """A handover: what changes hands, and what the new owner pays for.

    `role` is the new owner's. `former_owners` are direct owners other than the inviter,
    who become `former_owner_role`; `is_inviter_affected`: the inviter is one, too, or
    leaves. `rotate` are the resources whose keys are to be rotated. All this is as of
    now, and unknown once it is done. `can_be_taken_back_until` is None before that, and
    once it is too late. `continued` are the payment methods that go on paying, each
    with what for, and `inside_count` is how many things go along. `has_owner_here`:
    somebody of this workspace owns it afterwards.
    """

    handed_over: Sequence[Resource]
    paid: Sequence[Resource]
    role: str
    former_owner_role: str = ""
    former_owners: Sequence[Person] = ()
    is_inviter_affected: bool = True
    rotate: Sequence[Resource] = ()
    can_be_taken_back_until: datetime | None = None
    continued: Sequence[tuple[Resource, Sequence[Resource]]] = ()
    inside_count: int = 0
    has_owner_here: bool = True


def build_handover_facts(
    context: Context, invitation: Invitation
) -> HandoverFacts | None:
    """Return the facts of an offer to hand over or to take that back; None for any other
    invitation.
    """
    if invitation.purpose not in {HANDOVER, TAKE_BACK}:
        return None
    resources = context.resources.get_resources(invitation.resources)
    handed_over = list_handed_over(context, invitation)
    first = resources.get(invitation.resource)
    facts = HandoverFacts(
        handed_over,
        [resources[each] for each in invitation.pays if each in resources],
        context.roles[first.kind].highest_role if first else "",
        (context.roles[first.kind].stays_as or "") if first else "",
    )
    if invitation.purpose == TAKE_BACK:
        return facts
    if invitation.state == "accepted" and invitation.answered:
        until = invitation.answered + TAKE_BACK_PERIOD
        is_possible = context.at < until
        return replace(facts, can_be_taken_back_until=until if is_possible else None)
    person = invitation.person and context.people.get_person(invitation.person)
    if invitation.state != PENDING or not person:
        return facts
    acting = replace(context, actor=person)
    effects = list_direct_effects(acting, invitation)
    rotate = context.resources.get_resources(effects.keys_to_rotate)
    owners = context.people.get_people(list(effects.other_owner_ids))
    return replace(
        facts,
        former_owners=[owners[each] for each in effects.other_owner_ids],
        is_inviter_affected=effects.is_inviter_affected,
        rotate=list(rotate.values()),
        continued=list_continued_payments(context, handed_over, facts.paid),
        inside_count=count_inside(context, handed_over),
        has_owner_here=has_owner_here(
            context, person, invitation.inviter, handed_over, facts.paid
        ),
    )
