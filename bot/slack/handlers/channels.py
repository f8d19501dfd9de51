"""Linking channels: by a line, or in a window; and the channels that hear of things, to change and to unlink them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.rendering import RenderedText
from bot.slack.button_values import (
    ChannelsPage,
    LinkedChannelRef,
    ResourceScope,
    SharedChannelLink,
    parse_page,
)
from bot.slack.channel_lookup import ChannelState
from bot.slack.commands.errors import MissingWord
from bot.slack.commands.slots import Slot
from bot.slack.event_details import get_details, read_first_event
from bot.slack.lookups import get_resource_or_linked
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    OptionsRequest,
    Services,
    ViewSubmission,
    build_field_error,
    split_list,
)
from bot.slack.routing import ActionRoute, CommandRoute, OptionsRoute, SubmissionRoute
from bot.slack.views import Message, OptionsResponse, View
from bot.slack.views.channels import (
    ChannelLinkDraft,
    channel_linked_view,
    link_form_view,
    linked_channels_view,
    shared_channel_message,
    shared_channel_view,
)
from bot.slack.views.invite_form import resource_options
from collab import errors, events
from collab.access_queries import ShowResource
from collab.channels import (
    CHANNEL_ID,
    DEFAULT_EVENT_GROUPS,
    ChannelLinkList,
    ChannelLinkView,
    LinkChannel,
    ListChannelLinks,
    ListLinkableResources,
    ShowChannelLink,
    UnlinkChannel,
)
from collab.model import DEFAULT_HOUR, IMMEDIATE, Caller, Resource
from collab.notifications.channel_digests import DAILY

FIELD_BY_REJECTION: Mapping[type[errors.Rejected], str] = {
    errors.MayNotEdit: "what",
    errors.AlreadyLinked: "what",
    errors.UnknownGroup: "groups",
    errors.UnknownRhythm: "rhythm",
    errors.BadHour: "hour",
    errors.NotAChannel: "channel",
    errors.AppNotInChannel: "channel",
    errors.PersonNotInChannel: "channel",
    errors.ChannelNotChecked: "channel",
}
CHANNEL_ID_PREFIXES = (
    "C",
    "G",
)  # how the ids of channels start; what else one can type in is a direct message


def link_channel(services: Services, asked: CommandRequest) -> Message | None:
    """Let this channel hear of a resource; a line that says nothing, or not of what, opens the window."""
    try:
        what = get_resource_or_linked(services, asked)
    except MissingWord:
        what = None
    if what is None or not asked.line.slots:
        asked.open_view(_build_form_from_command(services, asked, what))
        return None
    rhythm, hour = asked.get(Slot.RHYTHM), asked.get(Slot.HOUR)
    usual = IMMEDIATE if hour is None else DAILY
    how = (
        asked.get(Slot.GROUPS) or (),
        rhythm or usual,
        DEFAULT_HOUR if hour is None else hour,
    )
    act = LinkChannel(asked.caller, asked.channel, what, *how)
    if resource := _find_resource_to_confirm(
        services, act, asked.at, check_channel_access(services, act, is_own=True)
    ):
        return shared_channel_message(services.renderer, resource, act)
    return services.build_reply("linked", **_execute_link(services, act, asked.at))


def unlink_channel(services: Services, asked: CommandRequest) -> Message:
    """Let this channel hear of a resource no more."""
    act = UnlinkChannel(asked.caller, asked.channel, asked.get(Slot.RESOURCE))
    return services.build_reply("unlinked", **_execute_unlink(services, act, asked.at))


def open_linked_channels(services: Services, request: ActionRequest) -> None:
    """A button that opens the window of channels, of one thing when it names one."""
    request.open_view(
        _build_linked_channels_view(
            services,
            request.caller,
            request.at,
            ResourceScope.decode(request.value).resource_id or "",
        )
    )


def show_linked_channels_page(services: Services, request: ActionRequest) -> None:
    """Another page of it."""
    page = ChannelsPage.decode(request.value)
    request.update_view(
        _build_linked_channels_view(
            services, request.caller, request.at, page.resource_id or "", page.page
        )
    )


def open_link_form(services: Services, request: ActionRequest) -> None:
    """Link chosen in the window of channels: the window that links one takes its place, for the same thing."""
    what = ResourceScope.decode(request.value).resource_id or ""
    request.update_view(
        _build_link_form(
            services,
            request.caller,
            request.at,
            what,
            ChannelLinkDraft(return_to=request.value),
        )
    )


def open_link_edit_form(services: Services, request: ActionRequest) -> None:
    """Change chosen for a channel: the window with how it hears now takes the place."""
    linked = LinkedChannelRef.decode(request.value)
    found: ChannelLinkView | None = services.bus.query(
        ShowChannelLink(request.caller, linked.resource_id, linked.channel_id),
        request.at,
    )
    if found is None:
        raise errors.NotLinked("")
    request.update_view(
        _build_link_form(
            services,
            request.caller,
            request.at,
            linked.resource_id,
            _draft_from_link(found, linked.list_scope.encode()),
        )
    )


def press_unlink_channel(services: Services, request: ActionRequest) -> None:
    """Unlink chosen for a channel: what is left takes its place."""
    linked = LinkedChannelRef.decode(request.value)
    said = services.render_reply(
        "unlinked",
        **_execute_unlink(
            services,
            UnlinkChannel(request.caller, linked.channel_id, linked.resource_id),
            request.at,
        ),
    )
    request.update_view(
        _build_linked_channels_view(
            services,
            request.caller,
            request.at,
            linked.list_scope.resource_id or "",
            said=said,
        )
    )


def confirm_shared_link(services: Services, request: ActionRequest) -> Message:
    """Link pressed although another company is in the channel."""
    act = _build_link(request.caller, SharedChannelLink.decode(request.value))
    check_channel_access(services, act)
    return services.build_reply("linked", **_execute_link(services, act, request.at))


def find_linkable_options(
    services: Services, request: OptionsRequest
) -> OptionsResponse:
    """The things that fit what was typed."""
    return resource_options(
        services.renderer,
        services.bus.query(
            ListLinkableResources(request.caller, request.typed), request.at
        ),
    )


def submit_link_form(services: Services, submission: ViewSubmission) -> View:
    """The window sent in: the same act as the line."""
    filled = submission.values
    for field in ("what", "channel", "groups"):
        if not filled.get(field):
            raise FieldError(
                field, services.renderer.render_label(f"link.{field}.none")
            )
    how = _parse_link_settings(
        filled["groups"], filled.get("rhythm", IMMEDIATE), filled.get("hour", "")
    )
    act = LinkChannel(submission.caller, filled["channel"], filled["what"], *how)
    try:
        if resource := _find_resource_to_confirm(
            services, act, submission.at, check_channel_access(services, act)
        ):
            return shared_channel_view(
                services.renderer, resource, act, submission.private_metadata
            )
        linked = _execute_link(services, act, submission.at)
    except errors.UnknownResource as gone:
        raise FieldError(
            "what", services.renderer.render_label("link.what.gone")
        ) from gone
    except tuple(FIELD_BY_REJECTION) as rejected:
        raise build_field_error(
            services, FIELD_BY_REJECTION[type(rejected)], rejected, submission.caller
        ) from rejected
    return _build_linked_view(services, submission, linked, submission.private_metadata)


def submit_shared_link(services: Services, submission: ViewSubmission) -> View:
    """The question about another company answered with yes, in a window."""
    shared = SharedChannelLink.decode(submission.private_metadata)
    act = _build_link(submission.caller, shared)
    check_channel_access(services, act)
    return _build_linked_view(
        services,
        submission,
        _execute_link(services, act, submission.at),
        shared.return_to,
    )


def _build_link(caller: Caller, shared: SharedChannelLink) -> LinkChannel:
    settings = _parse_link_settings(shared.groups, shared.rhythm, shared.hour)
    return LinkChannel(caller, shared.channel_id, shared.resource_id, *settings)


def _parse_link_settings(
    groups: str, rhythm: str, hour: str
) -> tuple[tuple[str, ...], str, int]:
    """What a channel is told and when, from the values of a window or a button."""
    return (
        tuple(split_list(groups)),
        rhythm or IMMEDIATE,
        parse_page(hour, DEFAULT_HOUR),
    )


def check_channel_access(
    services: Services, act: LinkChannel, *, is_own: bool = False
) -> ChannelState | None:
    """Return a channel as Slack says it is now; refuse one that Collab or the person is not in (EVT-04)."""
    if not CHANNEL_ID.fullmatch(act.channel):
        raise errors.NotAChannel
    if services.channel_lookup is None:
        return None
    state = services.channel_lookup.find_state(act.by, act.channel, is_own=is_own)
    if state is None:
        raise errors.ChannelNotChecked
    if not state.has_app:
        raise errors.AppNotInChannel(state.title)
    if not state.has_person:
        raise errors.PersonNotInChannel(state.title)
    return state


def _find_resource_to_confirm(
    services: Services, act: LinkChannel, at: datetime, state: ChannelState | None
) -> Resource | None:
    """Return the resource that another company would hear of too, once it is linked to a channel that they share."""
    if state is None or not state.is_shared:
        return None
    linked = next(
        e for e in services.bus.dry_run(act, at) if isinstance(e, events.ChannelLinked)
    )
    with services.read_workspace(act.by) as repositories:
        is_linked = any(
            each.channel == act.channel
            for each in repositories.channels.list_channel_links(linked.resource)
        )
        return (
            None if is_linked else repositories.resources.get_resource(linked.resource)
        )


def _build_linked_view(
    services: Services, submission: ViewSubmission, linked: dict[str, object], back: str
) -> View:
    said = services.render_reply("linked", **linked)
    if back:
        return _build_linked_channels_view(
            services,
            submission.caller,
            submission.at,
            ResourceScope.decode(back).resource_id or "",
            said=said,
        )
    return channel_linked_view(services.renderer, said)


def _execute_link(
    services: Services, act: LinkChannel, at: datetime
) -> dict[str, object]:
    """Do it; gives what its words need."""
    seen = get_details(
        services.execute(act, at, read_first_event(events.ChannelLinked))
    )
    return {"resource": seen.resource, "event": seen.event, "me": seen.actor}


def _execute_unlink(
    services: Services, act: UnlinkChannel, at: datetime
) -> dict[str, object]:
    seen = get_details(
        services.execute(act, at, read_first_event(events.ChannelUnlinked))
    )
    return {"resource": seen.resource, "event": seen.event}


def _build_form_from_command(
    services: Services, asked: CommandRequest, what: str | None
) -> View:
    """The window with what the line said, or with how this channel hears now."""
    channel = asked.channel if asked.channel.startswith(CHANNEL_ID_PREFIXES) else ""
    found: ChannelLinkView | None = (
        services.bus.query(ShowChannelLink(asked.caller, what, channel), asked.at)
        if what
        else None
    )
    if found:
        return _build_link_form(
            services, asked.caller, asked.at, found.resource.id, _draft_from_link(found)
        )
    groups, rhythm, hour = (
        asked.get(slot) for slot in (Slot.GROUPS, Slot.RHYTHM, Slot.HOUR)
    )
    usual = IMMEDIATE if hour is None else DAILY
    draft = ChannelLinkDraft(
        None,
        channel,
        groups or DEFAULT_EVENT_GROUPS,
        rhythm or usual,
        DEFAULT_HOUR if hour is None else hour,
    )
    return _build_link_form(services, asked.caller, asked.at, what or "", draft)


def _draft_from_link(found: ChannelLinkView, back: str = "") -> ChannelLinkDraft:
    link = found.link
    return ChannelLinkDraft(
        found.resource,
        link.channel,
        link.groups,
        link.rhythm,
        link.hour,
        return_to=back,
    )


def _build_link_form(
    services: Services, by: Caller, at: datetime, what: str, draft: ChannelLinkDraft
) -> View:
    me = services.find_person(by)
    resource = (
        services.bus.query(ShowResource(by, what), at).resource
        if what
        else draft.resource
    )
    return link_form_view(
        services.renderer,
        replace(draft, resource=resource, tz=me.tz if me else draft.tz),
    )


def _build_linked_channels_view(
    services: Services,
    by: Caller,
    at: datetime,
    what: str,
    page: int = 0,
    said: RenderedText | None = None,
) -> View:
    found: ChannelLinkList = services.bus.query(
        ListChannelLinks(by, what or None, page), at
    )
    if not found.links and page:
        return _build_linked_channels_view(services, by, at, what, 0, said)
    return linked_channels_view(services.renderer, found, page, said)


ROUTES = (
    CommandRoute("link", link_channel),
    CommandRoute("unlink", unlink_channel),
    ActionRoute("channels_open", open_linked_channels),
    ActionRoute("channels_page", show_linked_channels_page),
    ActionRoute("link_open", open_link_form),
    ActionRoute("link_edit", open_link_edit_form),
    ActionRoute("link_shared", confirm_shared_link),
    ActionRoute("unlink", press_unlink_channel),
    SubmissionRoute("link", submit_link_form),
    SubmissionRoute("link_shared", submit_shared_link),
    OptionsRoute("link_what", find_linkable_options),
)
