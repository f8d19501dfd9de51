"""Handlers of channels: link them to resources, unlink and list them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.rendering import RenderedText
from bot.slack.button_values import (
    BlockId,
    ChannelsPage,
    LinkedChannelRef,
    ResourceScope,
    SharedChannelLink,
    parse_page,
)
from bot.slack.channel_lookup import ChannelState
from bot.slack.commands.errors import MissingWord
from bot.slack.commands.slots import Slot
from bot.slack.commands.verbs.workspace import LINK
from bot.slack.event_details import get_details, read_first_event
from bot.slack.forms.building import build_form_view
from bot.slack.forms.layout import CHANNEL_FIELD
from bot.slack.forms.link_values import default_link_values, values_of_link
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    OptionsRequest,
    Services,
    ViewSubmission,
    split_list,
)
from bot.slack.routing import (
    ActionRoute,
    CommandRoute,
    OptionsRoute,
    SubmissionRoute,
)
from bot.slack.scope_offers import offer_company_names, offer_joining
from bot.slack.views import Message, OptionsResponse, View, blocks
from bot.slack.views.channels import (
    join_offer_message,
    join_offer_view,
    linked_channels_view,
    shared_channel_message,
    shared_channel_view,
)
from bot.slack.views.forms import command_answer_view
from bot.slack.views.next_steps import NextStep, next_steps_block
from bot.slack.views.pickers import resource_options
from collab import errors, events
from collab.channels import (
    CHANNEL_ID,
    DEFAULT_EVENT_GROUPS,
    LinkChannel,
    ListChannelLinks,
    ListLinkableResources,
    ShowChannelLink,
)
from collab.model import (
    DEFAULT_HOUR,
    Caller,
    ChannelId,
    Frequency,
    Resource,
)

# How the ids of channels start, public and private; others are of direct messages.
CHANNEL_ID_PREFIXES = ("C", "G")


def link_channel(services: Services, request: CommandRequest) -> Message | None:
    """Link a channel to a resource.

    Open the form for a line without a resource or without any word.
    """
    try:
        resource_name = get_resource_or_linked(services, request)
    except MissingWord:
        resource_name = ""
    line = request.line
    if line.missing_word or not line.slots or not resource_name:
        values = _build_form_values(services, request, resource_name)
        view = build_form_view(services, request.caller, request.at, LINK, values)
        request.open_view(view)
        return None
    command = LinkChannel(
        request.caller,
        request.channel,
        resource_name,
        request.get(Slot.GROUPS) or (),
        rhythm=request.get(Slot.RHYTHM) or _default_rhythm(request),
        hour=_get_hour(request),
    )
    # In a typed line the person is in the channel where they type.
    is_own = not request.is_from_form
    try:
        state = check_channel_access(services, command, is_own=is_own)
    except errors.AppNotInChannel as rejected:
        if rejected.can_join:
            return _offer_to_join(services, request, command, rejected)
        return offer_joining(services, request, rejected)
    shared = _find_resource_to_confirm(services, command, request.at, state)
    if shared is None:
        return _reply_to_link(services, request, command)
    companies = state.company_names if state else ()
    if request.form_metadata is None:
        question = shared_channel_message(services.renderer, shared, command, companies)
        return offer_company_names(services, command.by, question)
    request.open_view(
        shared_channel_view(
            services.renderer, shared, command, request.form_metadata, companies
        )
    )
    return None


def open_linked_channels(services: Services, request: ActionRequest) -> None:
    """Open the list of linked channels, of one resource or of all."""
    scope = ResourceScope.decode(request.value)
    request.open_view(
        build_linked_channels_view(services, request.caller, request.at, scope)
    )


def show_linked_channels_page(services: Services, request: ActionRequest) -> None:
    """Show another page of the list."""
    page = ChannelsPage.decode(request.value)
    scope = ResourceScope(page.resource_id)
    request.update_view(
        build_linked_channels_view(
            services, request.caller, request.at, scope, page.page
        )
    )


def open_link_form(services: Services, request: ActionRequest) -> None:
    """Show the form in place of the list of links, for the same resource."""
    scope = ResourceScope.decode(request.value)
    values = {
        **default_link_values(),
        Slot.RESOURCE.value: scope.resource_id or "",
    }
    _show_form(services, request, values, scope)


def open_link_edit_form(services: Services, request: ActionRequest) -> None:
    """Show the form with a link's present values in place of the list."""
    linked = LinkedChannelRef.decode(request.value)
    query = ShowChannelLink(request.caller, linked.resource_id, linked.channel_id)
    link_view = services.bus.query(query, request.at)
    if link_view is None:
        raise errors.NotLinked("")
    values = values_of_link(link_view.resource, link_view.link)
    _show_form(services, request, values, linked.list_scope)


def confirm_shared_link(services: Services, request: ActionRequest) -> Message:
    """Link a channel that another company shares, after the question in a message."""
    command = _decode_command(request.caller, SharedChannelLink.decode(request.value))
    check_channel_access(services, command)
    result, resource = _execute_link(services, command, request.at)
    return _build_link_reply(services, result, resource)


def link_joined_channel(services: Services, request: ActionRequest) -> Message:
    """Link a channel to which Collab was added before; say how, if it was not."""
    link = SharedChannelLink.decode(request.value)
    check_may_link(services, request.caller, request.at, link)
    command = _decode_command(request.caller, link)
    state = check_channel_access(services, command)
    return _link_or_ask(services, command, request.at, state)


def link_offered_channel(services: Services, request: ActionRequest) -> Message:
    """Link the channel of an offer to the chosen resource, with the usual groups.

    The channel is in the id of the block. A channel that another company shares is
    linked after a question.
    """
    channel_id = ChannelId(BlockId.decode(request.origin).key)
    command = LinkChannel(request.caller, channel_id, request.value)
    state = check_channel_access(services, command)
    return _link_or_ask(services, command, request.at, state)


def find_linkable_options(
    services: Services, request: OptionsRequest
) -> OptionsResponse:
    """Return the resources that the person may link to the channel of an offer."""
    query = ListLinkableResources(request.caller, request.typed)
    options = services.bus.query(query, request.at)
    return resource_options(services.renderer, options)


def submit_shared_link(services: Services, submission: ViewSubmission) -> View:
    """Link a channel that another company shares, after the question in a modal."""
    shared = SharedChannelLink.decode(submission.private_metadata)
    command = _decode_command(submission.caller, shared)
    check_channel_access(services, command)
    return _link_in_view(services, submission, command, shared.return_to)


def submit_join(services: Services, submission: ViewSubmission) -> View:
    """Link a channel that Collab was added to, after the offer in a modal."""
    link = SharedChannelLink.decode(submission.private_metadata)
    check_may_link(services, submission.caller, submission.at, link)
    command = _decode_command(submission.caller, link)
    state = check_channel_access(services, command)
    shared = _find_resource_to_confirm(services, command, submission.at, state)
    if shared is None:
        return _link_in_view(services, submission, command, link.return_to)
    companies = state.company_names if state else ()
    return shared_channel_view(
        services.renderer, shared, command, link.return_to, companies
    )


def build_linked_channels_view(
    services: Services,
    caller: Caller,
    at: datetime,
    scope: ResourceScope,
    page: int = 0,
    result: RenderedText | None = None,
) -> View:
    """Return a page of the linked channels.

    The first one if the page is empty by now.
    """
    query = ListChannelLinks(caller, scope.resource_id, page)
    links = services.bus.query(query, at)
    if not links.links and page:
        return build_linked_channels_view(services, caller, at, scope, result=result)
    return linked_channels_view(services.renderer, links, page, result)


def check_may_link(
    services: Services, caller: Caller, at: datetime, link: SharedChannelLink
) -> None:
    """Reject a caller who may not link channels to the resource (EVT-04)."""
    services.bus.query(ShowChannelLink(caller, link.resource_id, link.channel_id), at)


def check_channel_access(
    services: Services, command: LinkChannel, *, is_own: bool = False
) -> ChannelState | None:
    """Return the channel as Slack describes it now; None where there is no Slack.

    Reject a channel that Collab or the person is not in (EVT-04).
    """
    if not CHANNEL_ID.fullmatch(command.channel):
        raise errors.NotAChannel
    if services.channel_lookup is None:
        return None
    state = services.channel_lookup.find_state(
        command.by, command.channel, is_own=is_own
    )
    if state is None:
        raise errors.ChannelNotChecked
    if not state.has_app:
        raise errors.AppNotInChannel(state.title, can_join=state.can_join)
    if not state.has_person:
        raise errors.PersonNotInChannel(state.title)
    return state


def _link_or_ask(
    services: Services, command: LinkChannel, at: datetime, state: ChannelState | None
) -> Message:
    """Execute a link, or return the question about a shared channel."""
    shared = _find_resource_to_confirm(services, command, at, state)
    if shared is None:
        result, resource = _execute_link(services, command, at)
        return _build_link_reply(services, result, resource)
    command = replace(command, groups=command.groups or DEFAULT_EVENT_GROUPS)
    companies = state.company_names if state else ()
    return shared_channel_message(services.renderer, shared, command, companies)


def _reply_to_link(
    services: Services, request: CommandRequest, command: LinkChannel
) -> Message | None:
    """Execute a link; show the list of links again if the form was opened from it."""
    result, resource = _execute_link(services, command, request.at)
    if not request.form_metadata:
        return _build_link_reply(services, result, resource)
    scope = ResourceScope.decode(request.form_metadata)
    request.open_view(
        build_linked_channels_view(
            services, request.caller, request.at, scope, result=result
        )
    )
    return None


def _link_in_view(
    services: Services, submission: ViewSubmission, command: LinkChannel, return_to: str
) -> View:
    """Execute a link; return the list of links that it came from, or the result."""
    result, resource = _execute_link(services, command, submission.at)
    if not return_to:
        reply = _build_link_reply(services, result, resource)
        return command_answer_view(services.renderer, LINK, reply)
    scope = ResourceScope.decode(return_to)
    return build_linked_channels_view(
        services, submission.caller, submission.at, scope, result=result
    )


def _decode_command(caller: Caller, shared: SharedChannelLink) -> LinkChannel:
    return LinkChannel(
        caller,
        shared.channel_id,
        shared.resource_id,
        groups=tuple(split_list(shared.groups)),
        rhythm=shared.rhythm or Frequency.IMMEDIATE,
        hour=parse_page(shared.hour, DEFAULT_HOUR),
    )


def _find_resource_to_confirm(
    services: Services, command: LinkChannel, at: datetime, state: ChannelState | None
) -> Resource | None:
    """Return the resource whose events another company would read, if any."""
    if state is None or not state.is_shared:
        return None
    linked = _get_linked_event(services, command, at)
    with services.read_workspace(command.by) as repositories:
        for link in repositories.channels.list_channel_links(linked.resource):
            if link.channel == command.channel:
                return None
        return repositories.resources.get_resource(linked.resource)


def _offer_to_join(
    services: Services,
    request: CommandRequest,
    command: LinkChannel,
    rejected: errors.AppNotInChannel,
) -> Message | None:
    """Show that Collab is not in the channel, with the button that adds it."""
    linked = _get_linked_event(services, command, request.at)
    with services.read_workspace(command.by) as repositories:
        resource = repositories.resources.get_resource(linked.resource)
    title = rejected.channel_title
    if resource is None or title is None:
        raise rejected
    if request.form_metadata is None:
        return join_offer_message(services.renderer, title, resource, command)
    request.open_view(
        join_offer_view(
            services.renderer, title, resource, command, request.form_metadata
        )
    )
    return None


def _get_linked_event(
    services: Services, command: LinkChannel, at: datetime
) -> events.ChannelLinked:
    """Return what a link would record; raises Rejected as the command does."""
    return next(
        event
        for event in services.bus.dry_run(command, at)
        if isinstance(event, events.ChannelLinked)
    )


def _execute_link(
    services: Services, command: LinkChannel, at: datetime
) -> tuple[RenderedText, Resource]:
    """Link a channel; return the reply and what it gets updates about."""
    read_after = read_first_event(events.ChannelLinked)
    details = get_details(services.execute(command, at, read_after))
    text = services.render_reply(
        "linked", resource=details.resource, event=details.event, me=details.actor
    )
    return text, details.resource


def _build_link_reply(
    services: Services, result: RenderedText, resource: Resource
) -> Message:
    steps = next_steps_block(
        services.renderer, resource, NextStep.CHANNELS, NextStep.OPEN
    )
    return blocks.build_message(result, steps)


def _build_form_values(
    services: Services, request: CommandRequest, resource_name: str
) -> dict[str, str]:
    """Return the form's values: of an existing link, else of the line."""
    channel_id = ChannelId("")
    if request.channel.startswith(CHANNEL_ID_PREFIXES):
        channel_id = request.channel
    if resource_name:
        query = ShowChannelLink(request.caller, resource_name, channel_id)
        link_view = services.bus.query(query, request.at)
        if link_view:
            return values_of_link(link_view.resource, link_view.link)
    groups = request.get(Slot.GROUPS) or DEFAULT_EVENT_GROUPS
    return {
        Slot.RESOURCE.value: resource_name,
        CHANNEL_FIELD: channel_id,
        Slot.GROUPS.value: ",".join(groups),
        Slot.RHYTHM.value: request.get(Slot.RHYTHM) or _default_rhythm(request),
        Slot.HOUR.value: str(_get_hour(request)),
    }


def _default_rhythm(request: CommandRequest) -> str:
    """Return the rhythm of a line without one: with an hour, it is a digest."""
    return Frequency.IMMEDIATE if request.get(Slot.HOUR) is None else Frequency.DAILY


def _get_hour(request: CommandRequest) -> int:
    hour: int | None = request.get(Slot.HOUR)
    return DEFAULT_HOUR if hour is None else hour


def _show_form(
    services: Services,
    request: ActionRequest,
    values: dict[str, str],
    scope: ResourceScope,
) -> None:
    """Show the form in place of the list of links, which comes back after it."""
    request.update_view(
        build_form_view(
            services, request.caller, request.at, LINK, values, metadata=scope.encode()
        )
    )


ROUTES = (
    CommandRoute("link", link_channel),
    ActionRoute("channels_open", open_linked_channels),
    ActionRoute("channels_page", show_linked_channels_page),
    ActionRoute("link_open", open_link_form),
    ActionRoute("link_edit", open_link_edit_form),
    ActionRoute("link_shared", confirm_shared_link, "link.title"),
    ActionRoute("link_join", link_joined_channel, "link.title"),
    ActionRoute("link_here", link_offered_channel, "link.title"),
    SubmissionRoute("link_join", submit_join),
    SubmissionRoute("link_shared", submit_shared_link),
    OptionsRoute("link_here", find_linkable_options),
)
