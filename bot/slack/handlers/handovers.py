"""Handovers: the preview, sending the offer, and asking to take one back."""

from __future__ import annotations

from bot.slack.button_values import ShownPreview
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import Slot
from bot.slack.handlers.invitations import build_offered_reply
from bot.slack.handlers.transfers import get_or_register_person
from bot.slack.handover_values import HandoverOffer
from bot.slack.lookups import (
    drop_duplicate_people,
    get_resources_or_linked,
    read_sent_invitation,
)
from bot.slack.requests import ActionRequest, CommandRequest, Services
from bot.slack.routing import ActionRoute, CommandRoute
from bot.slack.views import Message
from bot.slack.views.handovers import handover_preview_message
from collab import errors
from collab.confirmation import ConfirmedPreview
from collab.handovers.offers import NO_ROLE, HandOver
from collab.handovers.preview import ListHandoverEffects, PreviewHandover
from collab.handovers.taking_back import OfferTakeBack
from collab.model import Account, Address

USUAL_ROLE = "usual"  # in a button: the role that the role model names


def preview_handover(services: Services, request: CommandRequest) -> Message:
    """Show what a handover would change, with the button that sends the offer."""
    people = drop_duplicate_people(services, request.caller, request.get(Slot.PEOPLE))
    if len(people) > 1 or not isinstance(people[0], Account | Address):
        raise request.line.missing_word_error(Slot.PEOPLE)
    person = get_or_register_person(services, request, people[0])
    keeps, day = request.get(Slot.ROLE_TO_KEEP), request.get(Slot.DAY)
    query = PreviewHandover(
        request.caller,
        person.id,
        get_resources_or_linked(services, request),
        read_role_to_keep(keeps),
        day,
    )
    preview = services.bus.query(query, request.at)
    offer = HandoverOffer(
        person.id,
        tuple(each.id for each in preview.handed_over),
        keeps or USUAL_ROLE,
        day,
    )
    viewer_id = services.get_person_id(request.caller)
    return handover_preview_message(services.renderer, preview, offer, viewer_id)


def send_handover(services: Services, request: ActionRequest) -> Message | None:
    """Send the offer as it was previewed."""
    shown = ShownPreview.decode(request.value)
    offer = HandoverOffer.decode(shown.target)
    terms = (
        offer.person_id,
        offer.resource_ids,
        read_role_to_keep(offer.keeps),
        offer.day,
    )
    effects = ListHandoverEffects(request.caller, *terms)
    confirmed = ConfirmedPreview(effects, shown.digest)
    try:
        outcome = services.execute(
            HandOver(request.caller, *terms),
            request.at,
            read_sent_invitation,
            confirmed,
        )
    except errors.PreviewChanged:
        preview = services.bus.query(
            PreviewHandover(request.caller, *terms), request.at
        )
        viewer_id = services.get_person_id(request.caller)
        return handover_preview_message(
            services.renderer, preview, offer, viewer_id, is_renewed=True
        )
    if outcome.is_repeated:
        return None
    return build_offered_reply(services, "handover_offered", outcome)


def offer_take_back(services: Services, request: ActionRequest) -> Message | None:
    """Ask the other side to undo a handover."""
    command = OfferTakeBack(request.caller, request.invitation_id)
    outcome = services.execute(command, request.at, read_sent_invitation)
    if outcome.is_repeated:
        return None
    return build_offered_reply(services, "take_back_offered", outcome)


def read_role_to_keep(keeps: str | None) -> str | None:
    """Return the kept role for the domain: NO_ROLE for none, None for the usual one."""
    if keeps is None or keeps == USUAL_ROLE:
        return None
    return NO_ROLE if keeps == NOTHING_WORD else keeps


ROUTES = (
    CommandRoute("handover", preview_handover),
    ActionRoute("handover", send_handover, "verb.handover"),
    ActionRoute("take_back", offer_take_back, "verb.handover"),
)
