"""The shape of a row of the catalog, and a line that was parsed by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.slack.commands.errors import MissingWord
from bot.slack.commands.lexer import Token
from bot.slack.commands.resource_filters import ResourceFilter, is_any
from bot.slack.commands.slots import RESOURCE_SLOTS, SAMPLE_VALUES, Slot
from bot.slack.forms.layout import FormLayout
from collab.command import Command, Query
from collab.role_model import RoleModel

COMMAND = "/collab"
ANY_RESOURCE = ResourceFilter(is_any)


class MenuGroup(StrEnum):
    """A group of the verb menu, in the menu's order; the value names its label."""

    PEOPLE = "people"
    ANSWERS = "answers"
    RESOURCES = "things"
    TEAMS = "teams"
    BILLING = "billing"
    EVENTS = "events"
    CHANNELS = "channels"
    WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True)
class Verb:
    """One row of the catalog: all that is said about a verb, except for its handler.

    A handler module lists it in a `CommandRoute` of the verb's name, as the catalog
    imports no handlers.
    """

    name: str
    usage: str
    summary: str
    example: str
    request_type: type[Command | Query[Any]]
    menu_group: MenuGroup
    required_slots: tuple[Slot, ...] = ()
    optional_slots: tuple[Slot, ...] = ()
    # The word that may be typed between the first name and the second.
    lead: str = ""
    # Values for examples, where this verb needs others than SAMPLE_VALUES.
    samples: Mapping[Slot, str] = field(default_factory=dict)
    # Which resources a slot accepts; a slot that is not named accepts any.
    applies_to: Mapping[Slot, ResourceFilter] = field(default_factory=dict)
    # The slot whose value may be `nothing`.
    clearable_slot: Slot | None = None
    form: FormLayout = field(default_factory=FormLayout)
    # The handler itself opens the form for a line that lacks something, with values of
    # its own.
    opens_form: bool = False
    # The handler has forms that are not made from the slots.
    has_own_forms: bool = False
    # The handler changes nothing before a button is pressed.
    has_preview: bool = False
    # The verb that is meant by this one's name where the line names a person.
    meant_with_person: str = ""
    # The parser never guesses a verb that takes something away.
    is_destructive: bool = False

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Return what the verb takes, required slots first."""
        return (*self.required_slots, *self.optional_slots)

    @property
    def resource_slots(self) -> tuple[Slot, ...]:
        """Return the slots whose values are resources."""
        return tuple(slot for slot in self.slots if slot in RESOURCE_SLOTS)

    @property
    def example_line(self) -> str:
        """Return the verb's own example as a whole line."""
        return f"{COMMAND} {self.example}"

    def accepts_slot(self, slot: Slot) -> bool:
        """Return whether the verb has such a slot."""
        return slot in self.required_slots or slot in self.optional_slots

    def accepts_free_text(self, tokens: Sequence[Token]) -> bool:
        """Return whether the last words of a line may be a name or a text."""
        has_note = self.accepts_slot(Slot.NOTE) and any(
            token.plain in {"note", "because"} for token in tokens
        )
        return has_note or any(
            self.accepts_slot(slot) for slot in (Slot.NAME, Slot.TEXT, Slot.VALUE)
        )

    def list_resource_types(self, slot: Slot, roles: RoleModel) -> tuple[str, ...]:
        """Return the names of the resource types that a slot accepts."""
        accepts_type = self.applies_to.get(slot, ANY_RESOURCE).accepts_type
        return tuple(name for name in roles if accepts_type(roles, roles[name]))

    def build_example(self, typed: Mapping[Slot, str]) -> str:
        """Return a line that would be accepted, with samples for what was not typed."""
        samples = {**SAMPLE_VALUES, **self.samples}
        required = [typed.get(slot) or samples[slot] for slot in self.required_slots]
        optional = [typed[slot] for slot in self.optional_slots if slot in typed]
        return " ".join([COMMAND, self.name, *required, *optional])


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A line that was understood: its verb and values.

    `typed` is each value as it was typed; `missing_word` is the error for a required
    slot without a value.
    """

    verb: Verb
    slots: Mapping[Slot, Any]
    typed: Mapping[Slot, str]
    is_empty: bool = False
    missing_word: MissingWord | None = None

    def get(self, slot: Slot) -> Any:
        """Return the value of a slot, or None."""
        return self.slots.get(slot)

    def missing_word_error(self, slot: Slot) -> MissingWord:
        """Return the error that says that a slot has no value."""
        line = self.verb.example_line
        if slot in self.verb.required_slots:
            line = self.verb.build_example(self.typed)
        return MissingWord(line, self.verb.name, slot.value, self.verb.usage)
