"""What if: what a command would change, without executing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.slack.commands.errors import MissingWord, NoWhatIf
from bot.slack.commands.slots import PURPOSES, Slot
from bot.slack.handlers.handovers import read_role_to_keep
from bot.slack.lookups import (
    get_resource_or_linked,
    get_resources_or_linked,
    parse_line,
)
from bot.slack.requests import CommandRequest, Services
from bot.slack.routing import CommandRoute
from bot.slack.views import Message, blocks
from bot.slack.views.what_if import expected_changes_message
from collab import errors
from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.transfers import TransferBilling, TransferOwnership
from collab.command import Command
from collab.handovers.offers import HandOver
from collab.memberships.commands import ChangeRole, LeaveResource, RemoveMember
from collab.memberships.offboarding import OffboardPerson
from collab.moves import MoveResource
from collab.rehearsal import AskWhatIf
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource
from collab.teams import UnassignFromMember, UnshareWithTeam

BILLING_PURPOSE = PURPOSES[0]
CommandBuilder = Callable[[Services, CommandRequest], Command]


def show_expected_changes(services: Services, request: CommandRequest) -> Message:
    """Show what a line would change, or that it would be refused and why."""
    try:
        command = _build_command(services, request)
    except MissingWord as missing:
        # The form of `what if` has no field for it.
        return blocks.build_message(services.render_rejection(missing, request.caller))
    try:
        changes = services.bus.query(AskWhatIf(request.caller, command), request.at)
    except errors.ProfileUnread:
        raise  # the request is deferred until the profile is read
    except (errors.NotAllowed, errors.Conflict) as rejected:
        refusal = services.render_rejection(rejected, request.caller)
        introduction = services.render_reply("what_if_refused")
        return blocks.prepend_text(introduction, blocks.build_message(refusal))
    viewer_id = services.get_person_id(request.caller)
    return expected_changes_message(services.renderer, changes, viewer_id)


def _build_command(services: Services, request: CommandRequest) -> Command:
    """Return the command of the line that was typed after `what if`."""
    typed = request.get(Slot.LINE)
    line = parse_line(services, request.caller, request.at, typed)
    builder = BUILDER_BY_VERB.get(line.verb.name)
    if builder is None:
        example = request.line.verb.example_line
        raise NoWhatIf(example, line.verb.name, tuple(BUILDER_BY_VERB))
    if line.missing_word:
        raise line.missing_word
    return builder(services, replace(request, line=line))


def _build_removal(services: Services, request: CommandRequest) -> Command:
    resource_ref = get_resource_or_linked(services, request)
    return RemoveMember(request.caller, request.get(Slot.PERSON), resource_ref)


def _build_leave(services: Services, request: CommandRequest) -> Command:
    return LeaveResource(request.caller, get_resource_or_linked(services, request))


def _build_offboarding(_services: Services, request: CommandRequest) -> Command:
    return OffboardPerson(request.caller, request.get(Slot.PERSON))


def _build_role_change(services: Services, request: CommandRequest) -> Command:
    return ChangeRole(
        request.caller,
        request.get(Slot.PERSON),
        request.get(Slot.ROLE),
        get_resource_or_linked(services, request),
        request.get(Slot.RESOURCES_TO_KEEP) or (),
    )


def _build_deletion(services: Services, request: CommandRequest) -> Command:
    return DeleteResource(request.caller, get_resource_or_linked(services, request))


def _build_disabling(services: Services, request: CommandRequest) -> Command:
    return DisableResource(request.caller, get_resource_or_linked(services, request))


def _build_move(services: Services, request: CommandRequest) -> Command:
    resource_ref = get_resource_or_linked(services, request)
    return MoveResource(request.caller, resource_ref, request.get(Slot.OTHER_RESOURCE))


def _build_payment(services: Services, request: CommandRequest) -> Command:
    resource_ref = get_resource_or_linked(services, request)
    method = request.get(Slot.OTHER_RESOURCE)
    return SetPaymentMethod(request.caller, resource_ref, method)


def _build_unsharing(services: Services, request: CommandRequest) -> Command:
    resource_ref = get_resource_or_linked(services, request)
    return UnshareWithTeam(request.caller, resource_ref, request.get(Slot.TEAM))


def _build_unassignment(services: Services, request: CommandRequest) -> Command:
    return UnassignFromMember(
        request.caller,
        request.get(Slot.PERSON),
        get_resource_or_linked(services, request),
        request.get(Slot.TEAM),
    )


def _build_transfer(services: Services, request: CommandRequest) -> Command:
    people = request.get(Slot.PEOPLE)
    if len(people) > 1:
        raise request.line.missing_word_error(Slot.PEOPLE)
    resource_refs = get_resources_or_linked(services, request)
    if request.get(Slot.PURPOSE) == BILLING_PURPOSE:
        leaves = request.get(Slot.LEAVING) is not None
        return TransferBilling(request.caller, people[0], resource_refs, leaves=leaves)
    return TransferOwnership(request.caller, people[0], " ".join(resource_refs))


def _build_handover(services: Services, request: CommandRequest) -> Command:
    people = request.get(Slot.PEOPLE)
    if len(people) > 1:
        raise request.line.missing_word_error(Slot.PEOPLE)
    resource_refs = get_resources_or_linked(services, request)
    keeps = read_role_to_keep(request.get(Slot.ROLE_TO_KEEP))
    return HandOver(request.caller, people[0], resource_refs, keeps)


BUILDER_BY_VERB: Mapping[str, CommandBuilder] = {
    "remove": _build_removal,
    "leave": _build_leave,
    "offboard": _build_offboarding,
    "role": _build_role_change,
    "delete": _build_deletion,
    "disable": _build_disabling,
    "move": _build_move,
    "migrate": _build_move,
    "pay": _build_payment,
    "transfer": _build_transfer,
    "handover": _build_handover,
    "unshare": _build_unsharing,
    "unassign": _build_unassignment,
}

ROUTES = (CommandRoute("what", show_expected_changes),)
