"""Somebody asks for an invitation to another address: its inviter answers (OUT-04)."""

from __future__ import annotations

from bot.slack.button_values import ClaimRef
from bot.slack.requests import ActionRequest, Services
from bot.slack.routing import ActionRoute
from bot.slack.views import Message
from collab.invitations.readdressing import GrantClaim
from collab.model import NOBODY, PersonId


def press_grant(services: Services, request: ActionRequest) -> Message:
    """Send the invitation to who asked for it, in place of the address."""
    claim = ClaimRef.decode(request.value)
    command = GrantClaim(request.caller, claim.invitation_id, claim.claimant_id)
    services.execute(command, request.at)
    return _answer(services, request, "claim_granted", claim.claimant_id)


def press_dismiss(services: Services, request: ActionRequest) -> Message:
    """Leave the invitation with the address."""
    claim = ClaimRef.decode(request.value)
    return _answer(services, request, "claim_dismissed", claim.claimant_id)


def _answer(
    services: Services, request: ActionRequest, reply: str, claimant_id: PersonId
) -> Message:
    """Return an answer that takes the place of the question."""
    with services.read_workspace(request.caller) as repositories:
        claimant = repositories.people.get_person(claimant_id) or NOBODY
    message = services.build_reply(reply, claimant=claimant)
    return {**message, "replace_original": True}


ROUTES = (
    ActionRoute("claim_grant", press_grant, "modal.invitation"),
    ActionRoute("claim_dismiss", press_dismiss, "modal.invitation"),
)
