"""Verbs about channels, the event log, keys, settings and help."""

from __future__ import annotations

from bot.slack.commands.resource_filters import (
    ResourceFilter,
    has_capability,
    is_any,
)
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import MenuGroup, Verb
from bot.slack.forms.layout import CHANNEL_FIELD, FormLayout, ResourceSource
from collab import channels, erasure, event_log, key_rotation, pending, settings

SHOP_SAMPLE = {Slot.RESOURCE: "shop"}
HELP = Verb(
    "help",
    optional_slots=(Slot.VERB,),
    usage="help [VERB]",
    summary="show what needs you and what you can do; with a verb, how to use it",
    example="help invite",
    request_type=pending.ShowOverview,
    menu_group=MenuGroup.WORKSPACE,
    form=FormLayout(submit_key="verb.show"),
)
LINK = Verb(
    "link",
    required_slots=(Slot.RESOURCE,),
    optional_slots=(Slot.GROUPS, Slot.RHYTHM, Slot.HOUR),
    usage="link WHAT [joins leaves removals roles billing invitations] [daily | weekly] [at 9]",
    summary="post updates in this channel, by default all but invitations",
    example="link acme joins leaves daily at 9",
    request_type=channels.LinkChannel,
    menu_group=MenuGroup.CHANNELS,
    applies_to={Slot.RESOURCE: ResourceFilter(is_any, ("edit",))},
    opens_form=True,
    form=FormLayout(
        title_key="link.title",
        submit_key="link.submit",
        label_keys={Slot.RESOURCE: "link.what"},
        hint_keys={
            Slot.RESOURCE: "link.what.hint",
            CHANNEL_FIELD: "link.channel.hint",
        },
        placeholder_keys={Slot.HOUR: "field.hour"},
        gone_key="link.what.gone",
        has_summary=False,
        outcome_title_key="channels.title",
        resource_source=ResourceSource.LINKABLE,
        required_slots=(Slot.GROUPS, Slot.RHYTHM, Slot.HOUR),
    ),
)
EVENTS = Verb(
    "events",
    optional_slots=(
        Slot.RESOURCE,
        Slot.ACTOR,
        Slot.SUBJECT,
        Slot.EVENT_NAMES,
        Slot.SINCE,
        Slot.EXPORT,
    ),
    usage="events [WHAT] [by WHO] [about WHO] [only member] [since 7d] [export]",
    summary="list the activity, newest first, or get it as a file",
    example="events acme since 7d",
    request_type=event_log.ListEvents,
    menu_group=MenuGroup.EVENTS,
    applies_to={Slot.RESOURCE: ResourceFilter(is_any)},
    form=FormLayout(
        title_key="events.title",
        submit_key="events.submit",
        label_keys={Slot.RESOURCE: "events.what"},
        hint_keys={Slot.RESOURCE: "field.what.all"},
        placeholder_keys={
            Slot.ACTOR: "events.who.choose",
            Slot.EVENT_NAMES: "events.only.choose",
            Slot.SINCE: "events.since.choose",
        },
        has_summary=False,
    ),
)
SETTINGS = Verb(
    "settings",
    optional_slots=(Slot.SETTING, Slot.VALUE),
    usage="settings [NAME VALUE]",
    summary="show and change your settings and the workspace's; `nothing` resets one",
    example="settings lifetime 14d",
    request_type=settings.ChangeSettings,
    menu_group=MenuGroup.WORKSPACE,
    samples={Slot.SETTING: "lifetime", Slot.VALUE: "14d"},
    has_own_forms=True,
    form=FormLayout(outcome_title_key="verb.settings"),
)
WORKSPACE_VERBS: tuple[Verb, ...] = (
    LINK,
    Verb(
        "unlink",
        optional_slots=(Slot.RESOURCE,),
        usage="unlink [WHAT]",
        summary="stop updates in this channel, after a preview",
        example="unlink acme",
        request_type=channels.UnlinkChannel,
        menu_group=MenuGroup.CHANNELS,
        applies_to={Slot.RESOURCE: ResourceFilter(is_any, ("edit",))},
        has_preview=True,
        is_destructive=True,
        form=FormLayout(hint_keys={Slot.RESOURCE: "field.what.linked"}),
    ),
    EVENTS,
    Verb(
        "keys",
        optional_slots=(Slot.ROTATED, Slot.RESOURCE),
        usage="keys [rotated WHAT]",
        summary="list keys to rotate after people left, or mark them as rotated",
        example="keys rotated shop",
        request_type=key_rotation.MarkKeysRotated,
        menu_group=MenuGroup.EVENTS,
        applies_to={Slot.RESOURCE: ResourceFilter(has_capability("code"), ("code",))},
        samples={**SHOP_SAMPLE, Slot.ROTATED: "rotated"},
        form=FormLayout(submit_key="continue"),
    ),
    SETTINGS,
    Verb(
        "me",
        usage="me",
        summary="show what's stored about you, and erase it",
        example="me",
        request_type=erasure.ShowStoredData,
        menu_group=MenuGroup.WORKSPACE,
    ),
)
