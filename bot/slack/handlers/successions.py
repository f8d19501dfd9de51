"""Successions: the choice of who takes over a role that its last holder left."""

from __future__ import annotations

from bot.rendering import RenderedText
from bot.slack.button_values import MemberRef
from bot.slack.commands.slots import Slot
from bot.slack.event_details import EventDetails, read_first_event
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import ActionRequest, CommandRequest, Services, ViewSubmission
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.outsiders import outsider_successor_view
from bot.slack.views.resources import result_view
from bot.slack.views.successions import successor_view
from collab import errors, events
from collab.bus import Outcome
from collab.model import NOBODY, Caller, Resource
from collab.outsiders import PowerForOutsiders
from collab.successions import ChooseSuccessor, ShowOpenSuccession

_read_succession = read_first_event(
    events.SuccessionSettled, events.SuccessionSupported
)


def choose_successor(services: Services, request: CommandRequest) -> Message | None:
    """Choose, or support, a successor.

    If it gives power to somebody from outside, a question comes first.
    """
    command = ChooseSuccessor(
        request.caller,
        request.get(Slot.PERSON),
        get_resource_or_linked(services, request),
        asks_first=True,
    )
    try:
        outcome = services.execute(command, request.at, _read_succession)
    except errors.PowerForOutsider as power:
        request.open_view(_build_question(services, request.caller, power))
        return None
    return blocks.build_message(_render_succession(services, outcome))


def open_successor_form(services: Services, request: ActionRequest) -> None:
    """Open a modal that asks for the successor."""
    query = ShowOpenSuccession(request.caller, request.resource_id)
    open_succession = services.bus.query(query, request.at)
    request.open_view(
        successor_view(
            services.renderer,
            open_succession.succession,
            decides_alone=open_succession.decides_alone,
        )
    )


def submit_successor_form(services: Services, submission: ViewSubmission) -> View:
    """Choose the successor; the modal then says whether that settles it.

    If it gives power to somebody from outside, a question comes first.
    """
    command = ChooseSuccessor(
        submission.caller,
        submission.get_account(Slot.PERSON),
        submission.private_metadata,
        asks_first=True,
    )
    try:
        outcome = services.execute(command, submission.at, _read_succession)
    except errors.PowerForOutsider as power:
        return _build_question(services, submission.caller, power)
    text = _render_succession(services, outcome)
    return result_view(services.renderer, "choose.title", text)


def submit_outsider_successor(services: Services, submission: ViewSubmission) -> View:
    """Choose the successor after the question; the modal then shows the result."""
    successor = MemberRef.decode(submission.private_metadata)
    command = ChooseSuccessor(
        submission.caller, successor.person_id, successor.resource_id
    )
    try:
        outcome = services.execute(command, submission.at, _read_succession)
        text = _render_succession(services, outcome)
    except errors.UnknownResource:
        text = services.render_reply("gone")
    return result_view(services.renderer, "choose.title", text)


def _build_question(
    services: Services, caller: Caller, rejection: errors.PowerForOutsider
) -> View:
    role = services.bus.roles[rejection.kind].find_role(rejection.role)
    with services.read_workspace(caller) as repositories:
        person = repositories.people.get_person(rejection.person) or NOBODY
    resource = Resource(rejection.resource, rejection.kind, "", rejection.title)
    power = PowerForOutsiders(
        [person],
        [resource],
        rejection.role,
        role.capabilities_and_grants if role else (),
    )
    successor = MemberRef(rejection.resource, rejection.person)
    return outsider_successor_view(services.renderer, power, successor.encode())


def _render_succession(
    services: Services, outcome: Outcome[EventDetails | None]
) -> RenderedText:
    details = outcome.view
    if details is None:
        return services.render_reply("unchanged")
    if isinstance(details.event, events.SuccessionSettled):
        return services.render_reply(
            "succeeded",
            person=details.person,
            resource=details.resource,
            role=details.event.role,
        )
    return services.render_reply(
        "supports", person=details.person, resource=details.resource
    )


ROUTES = (
    CommandRoute("successor", choose_successor),
    ActionRoute("choose", open_successor_form),
    SubmissionRoute("choose", submit_successor_form),
    SubmissionRoute("choose_outsider", submit_outsider_successor),
)
