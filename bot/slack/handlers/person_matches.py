"""Two records of one human: joined by a press, and separated again (OUT-04).

Each answer takes the place of the question, so that no button is left behind.
"""

from __future__ import annotations

from bot.slack.requests import ActionRequest, Services
from bot.slack.routing import ActionRoute
from bot.slack.views import Message, blocks
from bot.slack.views.person_matches import joined_message
from collab import errors
from collab.command import Command
from collab.model import PersonId
from collab.person_matches import JoinRecords, RejectMatch, ShowMatch
from collab.record_separation import SeparateRecords


def press_join(services: Services, request: ActionRequest) -> Message:
    """Join the record of an address with the caller's account."""
    other_id = PersonId(request.value)
    try:
        query = ShowMatch(request.caller, other_id)
        match = services.bus.query(query, request.at)
        services.execute(JoinRecords(request.caller, other_id), request.at)
    except errors.NoMatch as rejected:
        return _replace_by_rejection(services, request, rejected)
    email = match.other.email or ""
    return _replacing(joined_message(services.renderer, other_id, email))


def press_reject(services: Services, request: ActionRequest) -> Message:
    """Keep the record of an address apart."""
    command = RejectMatch(request.caller, PersonId(request.value))
    return _answer(services, request, command, "match_rejected")


def press_separate(services: Services, request: ActionRequest) -> Message:
    """Separate a record that was joined."""
    command = SeparateRecords(request.caller, PersonId(request.value))
    return _answer(services, request, command, "match_separated")


def _answer(
    services: Services, request: ActionRequest, command: Command, reply: str
) -> Message:
    try:
        services.execute(command, request.at)
    except errors.NoMatch as rejected:
        return _replace_by_rejection(services, request, rejected)
    return _replacing(services.build_reply(reply))


def _replace_by_rejection(
    services: Services, request: ActionRequest, rejected: errors.NoMatch
) -> Message:
    text = services.render_rejection(rejected, request.caller)
    return _replacing(blocks.build_message(text))


def _replacing(message: Message) -> Message:
    return {**message, "replace_original": True}


ROUTES = (
    ActionRoute("match_join", press_join, "verb.me"),
    ActionRoute("match_reject", press_reject, "verb.me"),
    ActionRoute("match_separate", press_separate, "verb.me"),
)
