"""Names in a line: what a thing is called, what it is to be called, and which other thing it has to do with.

Where two names follow each other they are told apart by quotes, by the verb's own little word between them, or by being
one word each; where none of these helps, the line is refused and never guessed at.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.commands import errors as parse_errors
from bot.slack.commands.catalog import Slot
from bot.slack.commands.lexer import Token
from bot.slack.commands.parse_state import (
    FILLER_WORDS,
    MAX_COMPARED_LENGTH,
    ParseState,
    join_tokens,
    tokens_as_name,
    tokens_as_quotation,
)

NOTHING_WORD = "nothing"
FREE_TEXT_SLOTS = frozenset({Slot.NAME, Slot.TEXT})
LED_SLOTS = frozenset({Slot.OTHER_RESOURCE, Slot.TEAM})
CLEARABLE_SLOTS = frozenset({Slot.OTHER_RESOURCE, Slot.TEXT})


def read_other_resource(reading: ParseState) -> None:
    """The other thing: where something stands or is to stand, or what pays for it."""
    if reading.accepts_slot(Slot.NAME):
        _read_container(reading)
    else:
        _read_second_name(reading, Slot.OTHER_RESOURCE)


def read_name(reading: ParseState) -> None:
    """A name: the second of two, or all that is left."""
    if reading.accepts_slot(Slot.RESOURCE):
        _read_second_name(reading, Slot.NAME)
    elif reading.remaining:
        reading.set_slot(
            Slot.NAME, tokens_as_name(reading.remaining), *reading.remaining
        )
        reading.remaining.clear()


def read_text(reading: ParseState) -> None:
    """A text about something."""
    _read_second_name(reading, Slot.TEXT)


def read_team(reading: ParseState) -> None:
    """The team that something is shared with."""
    _read_second_name(reading, Slot.TEAM)


def resource_name_tokens(reading: ParseState) -> list[Token]:
    """What names the thing: what is quoted, else all words but the little ones, unless there are no others."""
    renderer = [
        t
        for t in reading.remaining
        if t.shape == "word" and t.plain not in FILLER_WORDS
    ]
    said = [t for t in reading.remaining if t.shape == "quoted"][:1]
    return said or renderer or [t for t in reading.remaining if t.shape == "word"]


def resource_names_tokens(reading: ParseState) -> list[Token]:
    """What names the things: all that is quoted and all words but the little ones, unless there are no others."""
    renderer = [
        t
        for t in reading.remaining
        if t.shape == "word" and t.plain.strip(",") not in FILLER_WORDS | {"and", ""}
    ]
    said = [t for t in reading.remaining if t.shape == "quoted" or t in renderer]
    return said or [t for t in reading.remaining if t.shape == "word"]


def _read_container(reading: ParseState) -> None:
    """Where a new thing is to stand, behind the verb's little word."""
    leads = _lead_positions(reading)
    if not leads:
        return
    before, after = reading.remaining[: leads[-1]], reading.remaining[leads[-1] + 1 :]
    if len(leads) > 1:
        raise _reject_ambiguous(reading, Slot.OTHER_RESOURCE, before, after)
    kind = reading.kinds.get(reading.slots.get(Slot.RESOURCE_TYPE, ""))
    if kind and not kind.container_types:
        renderer = f"{reading.verb.lead} {join_tokens(after)}"[:MAX_COMPARED_LENGTH]
        whole = before if before and before[0].shape == "quoted" else reading.remaining
        raise parse_errors.StandsInNothing(
            reading.build_example(name=tokens_as_quotation(whole)), kind.name, renderer
        )
    _set_led_slot(reading, Slot.OTHER_RESOURCE, leads[0])


def _read_second_name(reading: ParseState, slot: Slot) -> None:
    leads = _lead_positions(reading)
    if len(leads) > 1:
        raise _reject_ambiguous(
            reading,
            slot,
            reading.remaining[: leads[0]],
            reading.remaining[leads[0] + 1 :],
        )
    if leads:
        _set_led_slot(reading, slot, leads[0])
        return
    pieces = [
        t
        for t in reading.remaining
        if slot in FREE_TEXT_SLOTS or t.plain not in FILLER_WORDS
    ]
    first, second = _split_two_names(pieces)
    if second:
        _set_slot(reading, slot, second)
        reading.remaining = [*first]
    elif len(pieces) > 1:
        raise _reject_ambiguous(reading, slot, pieces[:1], pieces[1:])


def _split_two_names(
    pieces: Sequence[Token],
) -> tuple[Sequence[Token], Sequence[Token]]:
    """The first name and the second, when there is no doubt where one ends; else no second."""
    many = len(pieces)
    if many == 2 or (many > 2 and pieces[0].shape == "quoted"):  # noqa: PLR2004 - one name and another
        return pieces[:1], pieces[1:]
    if many > 2 and pieces[-1].shape == "quoted":  # noqa: PLR2004
        return pieces[:-1], pieces[-1:]
    return pieces, ()


def _lead_positions(reading: ParseState) -> list[int]:
    """Where the verb's little word stands with something behind it."""
    return [
        place
        for place, token in enumerate(reading.remaining[:-1])
        if token.plain == reading.verb.lead
    ]


def _set_led_slot(reading: ParseState, slot: Slot, lead: int) -> None:
    after = reading.remaining[lead + 1 :]
    end = 1 if after[0].shape == "quoted" else _name_end(after, slot)
    led_by = reading.verb.lead if slot in LED_SLOTS else ""
    _set_slot(reading, slot, after[:end], led_by)
    reading.remaining = [*reading.remaining[:lead], *after[end:]]


def _name_end(after: Sequence[Token], slot: Slot) -> int:
    """A name ends before what is quoted; a free text goes on."""
    ends = (place for place, token in enumerate(after) if token.shape == "quoted")
    return len(after) if slot in FREE_TEXT_SLOTS else next(ends, len(after))


def _set_slot(
    reading: ParseState, slot: Slot, taken: Sequence[Token], led_by: str = ""
) -> None:
    empty = (
        slot in CLEARABLE_SLOTS and len(taken) == 1 and taken[0].plain == NOTHING_WORD
    )
    said = join_tokens(taken) if slot is Slot.TEXT else tokens_as_name(taken)
    reading.set_slot(slot, None if empty else said, *taken, led_by=led_by)
    if slot in FREE_TEXT_SLOTS:
        reading.typed[slot] = tokens_as_quotation(taken)


def _reject_ambiguous(
    reading: ParseState, slot: Slot, before: Sequence[Token], after: Sequence[Token]
) -> parse_errors.UnclearNames:
    first = (
        Slot.NAME
        if slot is Slot.OTHER_RESOURCE and reading.accepts_slot(Slot.NAME)
        else Slot.RESOURCE
    )
    lead = f"{reading.verb.lead} " if slot in LED_SLOTS else ""
    better = (
        {
            first.value: _example_name(before),
            slot.value: f"{lead}{_example_name(after)}",
        }
        if before and after
        else {}
    )
    return parse_errors.UnclearNames(
        reading.build_example(**better), reading.verb.name, reading.verb.usage
    )


def _example_name(tokens: Sequence[Token]) -> str:
    """A name as an example shows it: in quotes when it has several words."""
    return (
        tokens_as_quotation(tokens)
        if len(tokens) > 1
        else join_tokens(tokens)[:MAX_COMPARED_LENGTH]
    )
