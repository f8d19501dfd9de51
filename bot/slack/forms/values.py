"""A form's fields and a line's slots: what a line said fills fields in, and what was filled in says the same as a line.

A field is named by its slot; somebody has a second field for an address, and a verb that works on a channel one for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from bot.slack.commands.lexer import day, duration, split_recipients
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import RESOURCE_SLOTS, Slot
from bot.slack.commands.verb import ParsedCommand, Verb
from collab import errors
from collab.invitations.rules import validate_note
from collab.limits import NAME_LIMIT
from collab.model import Account, Address

CHANNEL_FIELD = "channel"
LIST_SLOTS = frozenset(
    {Slot.RESOURCES, Slot.RESOURCES_TO_KEEP, Slot.EVENT_NAMES, Slot.GROUPS}
)
PERSON_SLOTS = frozenset({Slot.PERSON, Slot.PEOPLE, Slot.ACTOR, Slot.SUBJECT})
ADDRESSABLE_SLOTS = frozenset(
    {Slot.PERSON, Slot.PEOPLE, Slot.SUBJECT}
)  # who acted has an account
DURATION_SLOTS = frozenset({Slot.DURATION, Slot.SINCE})


class ValueMissing(Exception):
    """A field holds nothing, where something is needed, or what cannot be read; `label` names the words for it."""

    def __init__(self, field: str, label: str) -> None:
        super().__init__(field)
        self.field = field
        self.label = label


def email_field(slot: Slot) -> str:
    """The field for an address in place of somebody of the workspace."""
    return f"{slot.value}_mail"


def uses_channel(verb: Verb) -> bool:
    """Whether the verb has to do with the channel that it is typed in."""
    return any(field.name == CHANNEL_FIELD for field in fields(verb.request_type))


def is_required(verb: Verb, slot: Slot) -> bool:
    """Whether a form insists on a field: that nothing is meant is said, lest somebody only forgets; but text may go."""
    if slot is verb.clearable_slot:
        return slot in RESOURCE_SLOTS
    return slot in verb.required_slots


def to_form_values(line: ParsedCommand) -> dict[str, str]:
    """What a line said, as fields hold it; several people, where one field holds one, are asked for again."""
    told: dict[str, str] = {}
    for slot, said in line.slots.items():
        told |= (
            _person_value(slot, said)
            if slot in PERSON_SLOTS
            else {slot.value: _text_value(slot, said, line)}
        )
    return {name: value for name, value in told.items() if value}


def read_form_values(
    verb: Verb, values: Mapping[str, str], team: str
) -> dict[Slot, Any]:
    """The slots that a line with the same words would have; raises Unfilled."""
    found = {
        slot: said
        for slot in verb.slots
        if (said := _read_slot(verb, slot, values, team)) is not NO_VALUE
    }
    missing = next(
        (slot for slot in verb.slots if is_required(verb, slot) and slot not in found),
        None,
    )
    if missing:
        raise ValueMissing(
            missing.value,
            "field.nobody" if missing in ADDRESSABLE_SLOTS else "field.needed",
        )
    return found


NO_VALUE = object()


def _person_value(slot: Slot, said: Any) -> dict[str, str]:
    one = said[0] if isinstance(said, tuple) and len(said) == 1 else said
    if isinstance(one, Account):
        return {slot.value: one.user}
    return {email_field(slot): one.email} if isinstance(one, Address) else {}


def _text_value(slot: Slot, said: Any, line: ParsedCommand) -> str:
    if slot in DURATION_SLOTS:
        return line.typed[slot].partition(" ")[2]
    if slot in LIST_SLOTS:
        return ",".join(said)
    if said is None:
        return "" if slot is Slot.TEXT else NOTHING_WORD
    if slot is Slot.NAME and len(said) > NAME_LIMIT:
        raise errors.BadName(said[: NAME_LIMIT * 2], len(said), NAME_LIMIT)
    return (
        validate_note("note", said) or ""
        if slot in {Slot.NOTE, Slot.TEXT}
        else str(said)
    )


def _read_slot(verb: Verb, slot: Slot, values: Mapping[str, str], team: str) -> Any:
    typed = values.get(slot.value, "").strip()
    if slot in PERSON_SLOTS:
        return _read_person(slot, typed, values.get(email_field(slot), ""), team)
    if not typed:
        return None if slot is verb.clearable_slot and slot is Slot.TEXT else NO_VALUE
    if slot is verb.clearable_slot and typed.casefold() == NOTHING_WORD:
        return None
    return READER_BY_SLOT.get(slot, _read_text)(slot, typed)


def _read_person(slot: Slot, user: str, mail: str, team: str) -> Any:
    written = split_recipients(mail)
    if (
        len(written) > 1
        or any(token.shape != "mail" for token in written)
        or (user and written)
    ):
        raise ValueMissing(
            email_field(slot),
            "field.one_person" if user or len(written) > 1 else "field.bad_mail",
        )
    found = (
        [Account(team, user)] if user else [Address(token.value) for token in written]
    )
    if not found:
        return NO_VALUE
    return (found[0],) if slot is Slot.PEOPLE else found[0]


def _read_text(_slot: Slot, typed: str) -> str:
    return typed


def _read_list(_slot: Slot, typed: str) -> tuple[str, ...]:
    return tuple(each for each in typed.split(",") if each)


def _read_duration_or_day(slot: Slot, typed: str) -> timedelta | date:
    found = duration(typed) or day(typed)
    if found is None:
        raise ValueMissing(slot.value, f"field.{slot.value}.hint")
    return found


READER_BY_SLOT: Mapping[Slot, Callable[[Slot, str], Any]] = {
    **dict.fromkeys(LIST_SLOTS, _read_list),
    **dict.fromkeys(DURATION_SLOTS, _read_duration_or_day),
    Slot.HOUR: lambda _slot, typed: int(typed),
}
