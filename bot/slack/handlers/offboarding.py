"""Offboarding: its preview, and ending all of a person's access."""

from __future__ import annotations

from typing import Any

from bot.slack.button_values import ShownPreview
from bot.slack.commands.slots import Slot
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message
from bot.slack.views.offboarding import offboarded_message, offboarding_preview_message
from collab import errors, events
from collab.bus import Outcome
from collab.confirmation import ConfirmedPreview
from collab.context import Context
from collab.memberships.offboarding import OffboardPerson
from collab.memberships.offboarding_queries import (
    ListOffboardingEffects,
    OffboardingStatement,
    PreviewOffboarding,
    read_statement,
)
from collab.model import Address, PersonId


def preview_offboarding(services: Services, request: CommandRequest) -> Message:
    """Show what an offboarding would end, with the button that confirms it."""
    query = PreviewOffboarding(request.caller, request.get(Slot.PERSON))
    preview = services.bus.query(query, request.at)
    return offboarding_preview_message(services.renderer, preview)


def confirm_offboarding(services: Services, request: ActionRequest) -> Message | None:
    """End the access as it was previewed, and return the statement of what ended."""
    shown = ShownPreview.decode(request.value)
    who = _decode_target(shown.target)
    command = OffboardPerson(request.caller, who)
    effects = ListOffboardingEffects(request.caller, who)
    confirmed = ConfirmedPreview(effects, shown.digest)
    try:
        outcome = services.execute(command, request.at, _read_statement, confirmed)
    except errors.PreviewChanged:
        query = PreviewOffboarding(request.caller, who)
        preview = services.bus.query(query, request.at)
        return offboarding_preview_message(services.renderer, preview, is_renewed=True)
    if outcome.is_repeated or outcome.view is None:
        return None
    first = outcome.recorded[0]
    return offboarded_message(services.renderer, outcome.view, first.seq)


def _decode_target(value: str) -> Address | PersonId:
    """Return whom a preview names: an address that several records have, or a person."""
    return Address(value) if "@" in value else PersonId(value)


def _read_statement(
    context: Context, outcome: Outcome[Any]
) -> OffboardingStatement | None:
    for recorded in outcome.recorded:
        if isinstance(recorded.event, events.PersonOffboarded):
            return read_statement(context, recorded)
    return None


ROUTES = (
    CommandRoute("offboard", preview_offboarding),
    ActionRoute("offboard", confirm_offboarding, "verb.offboard"),
)
