"""The values of the form that links a channel."""

from __future__ import annotations

from bot.slack.commands.slots import Slot
from bot.slack.forms.layout import CHANNEL_FIELD
from collab.channels import DEFAULT_EVENT_GROUPS
from collab.model import DEFAULT_HOUR, ChannelLink, Frequency, Resource


def default_link_values() -> dict[str, str]:
    """Return the settings of a new link."""
    return {
        Slot.GROUPS.value: ",".join(DEFAULT_EVENT_GROUPS),
        Slot.RHYTHM.value: Frequency.IMMEDIATE,
        Slot.HOUR.value: str(DEFAULT_HOUR),
    }


def values_of_link(resource: Resource, link: ChannelLink) -> dict[str, str]:
    """Return the values of an existing link."""
    return {
        Slot.RESOURCE.value: resource.id,
        CHANNEL_FIELD: link.channel,
        Slot.GROUPS.value: ",".join(link.groups),
        Slot.RHYTHM.value: link.rhythm,
        Slot.HOUR.value: str(link.hour),
    }
