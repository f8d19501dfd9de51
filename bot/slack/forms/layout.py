"""How the form of a verb differs from what its slots alone say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from bot.slack.commands.slots import Slot

CHANNEL_FIELD = "channel"


def email_field(slot: Slot) -> str:
    """Return the field for addresses beside the one for people of the workspace."""
    return f"{slot.value}_mail"


class ResourceSource(Enum):
    """The resources that the fields of a form offer."""

    VISIBLE = auto()
    # Those with a pending invitation for the reader, who may not see them otherwise.
    PENDING = auto()
    # Those on which the reader may grant roles; the roles to choose from are those that
    # they may grant on all chosen.
    ASSIGNABLE = auto()
    # Those that the reader may link to a channel.
    LINKABLE = auto()
    # Those that the reader may hand over.
    TRANSFERABLE = auto()


@dataclass(frozen=True, slots=True)
class FormLayout:
    """What a form shows that is not the usual.

    Keys are of labels.j2. Fields are named by their slot, by `email_field`, or
    CHANNEL_FIELD.
    """

    title_key: str = ""
    submit_key: str = ""
    label_keys: Mapping[str, str] = field(default_factory=dict)
    hint_keys: Mapping[str, str] = field(default_factory=dict)
    placeholder_keys: Mapping[str, str] = field(default_factory=dict)
    # The error under a chosen resource that is no longer there.
    gone_key: str = ""
    has_summary: bool = True
    # The title of the answer where something was changed, another one says that nothing
    # was; the usual one is the verb in either case.
    outcome_title_key: str = ""
    resource_source: ResourceSource = ResourceSource.VISIBLE
    # The field of several people, with a field for several addresses beside it.
    multi_people_slot: Slot | None = None
    # The length may be without an end, which is a choice of its own.
    may_be_endless: bool = False
    # Slots that are optional in a line and have an initial value in the form.
    required_slots: tuple[Slot, ...] = ()
    # The slot under which a rejection about no field is shown; without one, it is shown
    # on top.
    default_error_slot: Slot | None = None
