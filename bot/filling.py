"""A form's fields and a line's slots: what a line said fills fields in, and what was filled in says the same as a line.

A field is named by its slot; somebody has a second field for an address, and a verb that works on a channel one for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from bot.fitting import things_of
from bot.names import NOTHING
from bot.tokens import addresses, day, duration
from bot.verbs import Line, Slot, Verb
from collab import refusals
from collab.offers import checked_words
from collab.people import Account, Address
from collab.policy import NAME_LIMIT

CHANNEL = "channel"
ONE_BY_ONE = frozenset({Slot.WHATS, Slot.KEEP, Slot.ONLY, Slot.GROUPS})
PEOPLE = frozenset({Slot.WHO, Slot.WHOM, Slot.BY, Slot.ABOUT})
ADDRESSED = frozenset({Slot.WHO, Slot.WHOM, Slot.ABOUT})  # who acted has an account
LENGTHS = frozenset({Slot.LASTS, Slot.SINCE})


class Unfilled(Exception):
    """A field holds nothing, where something is needed, or what cannot be read; `label` names the words for it."""

    def __init__(self, field: str, label: str) -> None:
        super().__init__(field)
        self.field = field
        self.label = label


def mail_of(slot: Slot) -> str:
    """The field for an address in place of somebody of the workspace."""
    return f"{slot.value}_mail"


def works_on_channel(verb: Verb) -> bool:
    """Whether the verb has to do with the channel that it is typed in."""
    return any(field.name == CHANNEL for field in fields(verb.builds))


def slots_of(verb: Verb) -> list[Slot]:
    """What a form asks for: what the verb needs, then what it may take."""
    return [*verb.needs, *verb.may]


def must_say(verb: Verb, slot: Slot) -> bool:
    """Whether a form insists on a field: that nothing is meant is said, lest somebody only forgets; but text may go."""
    if slot is verb.empty:
        return slot in things_of(verb.name)
    return slot in verb.needs


def filled(line: Line) -> dict[str, str]:
    """What a line said, as fields hold it; several people, where one field holds one, are asked for again."""
    told: dict[str, str] = {}
    for slot, said in line.slots.items():
        told |= _person(slot, said) if slot in PEOPLE else {slot.value: _text(slot, said, line)}
    return {name: value for name, value in told.items() if value}


def read(verb: Verb, values: Mapping[str, str], team: str) -> dict[Slot, Any]:
    """The slots that a line with the same words would have; raises Unfilled."""
    found = {slot: said for slot in slots_of(verb) if (said := _read(verb, slot, values, team)) is not ABSENT}
    missing = next((slot for slot in slots_of(verb) if must_say(verb, slot) and slot not in found), None)
    if missing:
        raise Unfilled(missing.value, "field.nobody" if missing in ADDRESSED else "field.needed")
    return found


ABSENT = object()


def _person(slot: Slot, said: Any) -> dict[str, str]:
    one = said[0] if isinstance(said, tuple) and len(said) == 1 else said
    if isinstance(one, Account):
        return {slot.value: one.user}
    return {mail_of(slot): one.email} if isinstance(one, Address) else {}


def _text(slot: Slot, said: Any, line: Line) -> str:
    if slot in LENGTHS:
        return line.typed[slot].partition(" ")[2]
    if slot in ONE_BY_ONE:
        return ",".join(said)
    if said is None:
        return "" if slot is Slot.TEXT else NOTHING
    if slot is Slot.NAME and len(said) > NAME_LIMIT:
        raise refusals.BadName(said[: NAME_LIMIT * 2], len(said), NAME_LIMIT)
    return checked_words("note", said) or "" if slot in {Slot.NOTE, Slot.TEXT} else str(said)


def _read(verb: Verb, slot: Slot, values: Mapping[str, str], team: str) -> Any:
    typed = values.get(slot.value, "").strip()
    if slot in PEOPLE:
        return _somebody(slot, typed, values.get(mail_of(slot), ""), team)
    if not typed:
        return None if slot is verb.empty and slot is Slot.TEXT else ABSENT
    if slot is verb.empty and typed.casefold() == NOTHING:
        return None
    return READERS.get(slot, _as_typed)(slot, typed)


def _somebody(slot: Slot, user: str, mail: str, team: str) -> Any:
    written = addresses(mail)
    if len(written) > 1 or any(token.shape != "mail" for token in written) or (user and written):
        raise Unfilled(mail_of(slot), "field.one_person" if user or len(written) > 1 else "field.bad_mail")
    found = [Account(team, user)] if user else [Address(token.value) for token in written]
    if not found:
        return ABSENT
    return (found[0],) if slot is Slot.WHOM else found[0]


def _as_typed(_slot: Slot, typed: str) -> str:
    return typed


def _several(_slot: Slot, typed: str) -> tuple[str, ...]:
    return tuple(each for each in typed.split(",") if each)


def _moment(slot: Slot, typed: str) -> timedelta | date:
    found = duration(typed) or day(typed)
    if found is None:
        raise Unfilled(slot.value, f"field.{slot.value}.hint")
    return found


READERS: Mapping[Slot, Callable[[Slot, str], Any]] = {
    **dict.fromkeys(ONE_BY_ONE, _several),
    **dict.fromkeys(LENGTHS, _moment),
    Slot.HOUR: lambda _slot, typed: int(typed),
}
