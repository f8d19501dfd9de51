"""Invitations that did not arrive: send one to another address."""

from __future__ import annotations

from bot.slack.commands.lexer import is_person, split_recipients
from bot.slack.forms.values import FieldRejected
from bot.slack.handlers.invitations import render_sent_invitation
from bot.slack.lookups import read_sent_invitation
from bot.slack.requests import ActionRequest, Services, ViewSubmission
from bot.slack.routing import ActionRoute, SubmissionRoute
from bot.slack.views import View
from bot.slack.views.readdressing import EMAIL, readdress_view
from bot.slack.views.resources import result_view
from collab import errors
from collab.invitations.readdressing import ChangeInvitationAddress
from collab.model import Address


def open_readdress_form(services: Services, request: ActionRequest) -> None:
    """Open the form with the address that an invitation was sent to."""
    card = services.get_invitation(request.caller, request.at, request.invitation_id)
    request.open_view(readdress_view(services.renderer, card))


def submit_readdress_form(services: Services, submission: ViewSubmission) -> View:
    """Send the invitation to the new address; its messages follow by the outbox."""
    command = ChangeInvitationAddress(
        submission.caller, submission.invitation_id, _read_address(submission)
    )
    outcome = services.execute(command, submission.at, read_sent_invitation)
    text = render_sent_invitation(services, outcome)
    return result_view(services.renderer, "readdress.title", text)


def _read_address(submission: ViewSubmission) -> Address:
    """Return the one address that was entered; raises FieldRejected."""
    typed = submission.fields.get(EMAIL, "")
    tokens = split_recipients(typed)
    if len(tokens) != 1 or not is_person(tokens[0]):
        raise FieldRejected(EMAIL, errors.BadAddress(typed))
    return Address(tokens[0].value, tokens[0].owner)


ROUTES = (
    ActionRoute("readdress", open_readdress_form),
    SubmissionRoute("readdress", submit_readdress_form),
)
