"""The values of a form's fields and of a line's slots, each made from the other.

A field is named by its slot. People have a second field for addresses, and a verb about
a channel has one for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from bot.slack.commands.errors import ParseError, TooManyPeople
from bot.slack.commands.lexer import (
    day,
    duration,
    format_recipient,
    split_recipients,
)
from bot.slack.commands.parse_state import NOTHING_WORD, GroupMention
from bot.slack.commands.slots import RESOURCE_SLOTS, Slot
from bot.slack.commands.verb import ParsedCommand, Verb
from bot.slack.forms.fields import FieldInvalid
from bot.slack.forms.layout import CHANNEL_FIELD, email_field
from bot.slack.forms.terms import read_term
from collab import errors
from collab.invitations.rules import validate_note
from collab.limits import MAX_RESOURCES_IN_OFFER, NAME_LIMIT
from collab.model import Account, Address

LIST_SLOTS = frozenset(
    {Slot.RESOURCES, Slot.RESOURCES_TO_KEEP, Slot.EVENT_NAMES, Slot.GROUPS}
)
PERSON_SLOTS = frozenset({Slot.PERSON, Slot.PEOPLE, Slot.ACTOR, Slot.SUBJECT})
# An actor has an account, so no address is needed.
ADDRESSABLE_SLOTS = frozenset({Slot.PERSON, Slot.PEOPLE, Slot.SUBJECT})
DURATION_SLOTS = frozenset({Slot.DURATION, Slot.SINCE})
MAX_HOUR_LENGTH = 2
NO_VALUE = object()


class FieldRejected(Exception):
    """A field has a value for which there is a rejection of its own."""

    def __init__(self, field: str, rejected: errors.Rejected | ParseError) -> None:
        super().__init__(field)
        self.field = field
        self.rejected = rejected


def uses_channel(verb: Verb) -> bool:
    """Return whether the verb is about the channel that it is typed in."""
    return any(field.name == CHANNEL_FIELD for field in fields(verb.request_type))


def is_required(verb: Verb, slot: Slot) -> bool:
    """Return whether the form requires a value in the field of a slot.

    A resource that may be `nothing` must be chosen, so that none is left out by
    mistake; a text may be left empty.
    """
    if slot is verb.clearable_slot:
        return slot in RESOURCE_SLOTS
    return slot in verb.required_slots or slot in verb.form.required_slots


def to_form_values(line: ParsedCommand) -> dict[str, str]:
    """Return the values of a line by field.

    Several people have no value where the form has a field for one: they are chosen
    again.
    """
    values: dict[str, str] = {}
    for slot, value in line.slots.items():
        if slot is line.verb.form.multi_people_slot:
            values |= _format_people(slot, value)
        elif slot in PERSON_SLOTS:
            values |= _format_person(slot, value)
        else:
            values[slot.value] = _format_value(slot, value, line)
    return {name: value for name, value in values.items() if value}


def read_form_values(
    verb: Verb, values: Mapping[str, str], team: str
) -> dict[Slot, Any]:
    """Return the slots of a form, as a line with the same values has them.

    `team` is the id of the workspace whose accounts are chosen. Raises FieldInvalid and
    FieldRejected.
    """
    slots = {}
    for slot in verb.slots:
        value = _read_slot(verb, slot, values, team)
        if value is not NO_VALUE:
            slots[slot] = value
    for slot in verb.slots:
        if is_required(verb, slot) and slot not in slots:
            key = "field.nobody" if slot in ADDRESSABLE_SLOTS else "field.needed"
            raise FieldInvalid(slot.value, key)
    return slots


def read_duration_or_day(
    field: str, typed: str, label_key: str
) -> timedelta | date | None:
    """Return a duration or a day, None for no text; raises FieldInvalid."""
    value = duration(typed) or day(typed)
    if value is None and typed.strip():
        raise FieldInvalid(field, label_key)
    return value


def _format_people(
    slot: Slot, people: tuple[Account | Address | GroupMention | str, ...]
) -> dict[str, str]:
    user_ids, texts = [], []
    for person in people:
        if isinstance(person, Account):
            user_ids.append(person.user)
        elif isinstance(person, Address):
            texts.append(format_recipient(person.email, person.name))
        elif isinstance(person, GroupMention):
            texts.append(person.text)
        else:
            texts.append(person)
    return {slot.value: ",".join(user_ids), email_field(slot): ", ".join(texts)}


def _format_person(slot: Slot, value: Any) -> dict[str, str]:
    person = value
    if isinstance(value, tuple) and len(value) == 1:
        person = value[0]
    if isinstance(person, Account):
        return {slot.value: person.user}
    if isinstance(person, Address):
        return {email_field(slot): format_recipient(person.email, person.name)}
    return {}


def _format_value(slot: Slot, value: Any, line: ParsedCommand) -> str:
    if slot in DURATION_SLOTS:
        return line.typed[slot].partition(" ")[2]
    if slot in LIST_SLOTS:
        return ",".join(value)
    if value is None:
        return "" if slot is Slot.TEXT else NOTHING_WORD
    if slot is Slot.NAME and len(value) > NAME_LIMIT:
        raise errors.BadName(value[: NAME_LIMIT * 2], len(value), NAME_LIMIT)
    if slot in {Slot.NOTE, Slot.TEXT}:
        return validate_note("note", value) or ""
    return str(value)


def _read_slot(verb: Verb, slot: Slot, values: Mapping[str, str], team: str) -> Any:
    typed = values.get(slot.value, "").strip()
    emails = values.get(email_field(slot), "")
    if slot is verb.form.multi_people_slot:
        return _read_people(slot, typed, emails, team)
    if slot in PERSON_SLOTS:
        return _read_person(slot, typed, emails, team)
    is_clearable = slot is verb.clearable_slot
    if not typed:
        return None if is_clearable and slot is Slot.TEXT else NO_VALUE
    if is_clearable and typed.casefold() == NOTHING_WORD:
        return None
    if slot in DURATION_SLOTS:
        return _read_term(slot, values)
    return READER_BY_SLOT.get(slot, _read_text)(typed)


def _read_people(slot: Slot, user_ids: str, emails: str, team: str) -> Any:
    people: list[Account | Address] = [
        Account(team, user_id) for user_id in _read_list(user_ids)
    ]
    for token in split_recipients(emails):
        if token.shape != "mail":
            bad_address = errors.BadAddress(token.text.strip(",;"))
            raise FieldRejected(email_field(slot), bad_address)
        people.append(Address(token.value, token.owner))
    if len(people) > MAX_RESOURCES_IN_OFFER:
        too_many = TooManyPeople("", len(people), MAX_RESOURCES_IN_OFFER)
        raise FieldRejected(email_field(slot), too_many)
    return tuple(people) or NO_VALUE


def _read_person(slot: Slot, user_id: str, email: str, team: str) -> Any:
    tokens = split_recipients(email)
    if len(tokens) > 1 or (user_id and tokens):
        raise FieldInvalid(email_field(slot), "field.one_person")
    if any(token.shape != "mail" for token in tokens):
        raise FieldInvalid(email_field(slot), "field.bad_mail")
    person: Account | Address
    if user_id:
        person = Account(team, user_id)
    elif tokens:
        person = Address(tokens[0].value, tokens[0].owner)
    else:
        return NO_VALUE
    return (person,) if slot is Slot.PEOPLE else person


def _read_term(slot: Slot, values: Mapping[str, str]) -> Any:
    term = read_term(values, slot)
    return read_duration_or_day(slot, term, "term.choose") if term else NO_VALUE


def _read_text(typed: str) -> str:
    return typed


def _read_list(typed: str) -> tuple[str, ...]:
    return tuple(filter(None, typed.split(",")))


def _read_hour(typed: str) -> int:
    if not typed.isdecimal() or len(typed) > MAX_HOUR_LENGTH:
        raise FieldInvalid(Slot.HOUR.value, "field.needed")
    return int(typed)


def _read_day(typed: str) -> date:
    value = day(typed)
    if value is None:
        raise FieldInvalid(Slot.DAY.value, "field.needed")
    return value


READER_BY_SLOT: Mapping[Slot, Callable[[str], Any]] = {
    Slot.DAY: _read_day,
    **dict.fromkeys(LIST_SLOTS, _read_list),
    Slot.HOUR: _read_hour,
}
