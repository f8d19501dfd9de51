"""Names in a line: what a thing is called, what it is to be called, and which other thing it has to do with.

Where two names follow each other they are told apart by quotes, by the verb's own little word between them, or by being
one word each; where none of these helps, the line is refused and never guessed at.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot import misread
from bot.reading import FILLERS, LOOKED_AT, Reading, as_name, joined, quoted
from bot.tokens import Token
from bot.verbs import Slot

NOTHING = "nothing"
FREE = frozenset({Slot.NAME, Slot.TEXT})
LED = frozenset({Slot.THERE, Slot.TEAM})
EMPTIED = frozenset({Slot.THERE, Slot.TEXT})


def read_there(reading: Reading) -> None:
    """The other thing: where something stands or is to stand, or what pays for it."""
    if reading.takes(Slot.NAME):
        _read_place(reading)
    else:
        _read_second(reading, Slot.THERE)


def read_name(reading: Reading) -> None:
    """A name: the second of two, or all that is left."""
    if reading.takes(Slot.WHAT):
        _read_second(reading, Slot.NAME)
    elif reading.left:
        reading.keep(Slot.NAME, as_name(reading.left), *reading.left)
        reading.left.clear()


def read_text(reading: Reading) -> None:
    """A text about something."""
    _read_second(reading, Slot.TEXT)


def read_team(reading: Reading) -> None:
    """The team that something is shared with."""
    _read_second(reading, Slot.TEAM)


def named(reading: Reading) -> list[Token]:
    """What names the thing: what is quoted, else all words but the little ones, unless there are no others."""
    words = [t for t in reading.left if t.shape == "word" and t.plain not in FILLERS]
    said = [t for t in reading.left if t.shape == "quoted"][:1]
    return said or words or [t for t in reading.left if t.shape == "word"]


def all_named(reading: Reading) -> list[Token]:
    """What names the things: all that is quoted and all words but the little ones, unless there are no others."""
    words = [t for t in reading.left if t.shape == "word" and t.plain.strip(",") not in FILLERS | {"and", ""}]
    said = [t for t in reading.left if t.shape == "quoted" or t in words]
    return said or [t for t in reading.left if t.shape == "word"]


def _read_place(reading: Reading) -> None:
    """Where a new thing is to stand, behind the verb's little word."""
    leads = _leads(reading)
    if not leads:
        return
    before, after = reading.left[: leads[-1]], reading.left[leads[-1] + 1 :]
    if len(leads) > 1:
        raise _unclear(reading, Slot.THERE, before, after)
    kind = reading.kinds.get(reading.slots.get(Slot.KIND, ""))
    if kind and not kind.stands_in:
        words = f"{reading.verb.lead} {joined(after)}"[:LOOKED_AT]
        whole = before if before and before[0].shape == "quoted" else reading.left
        raise misread.StandsInNothing(reading.example(name=quoted(whole)), kind.name, words)
    _keep_led(reading, Slot.THERE, leads[0])


def _read_second(reading: Reading, slot: Slot) -> None:
    leads = _leads(reading)
    if len(leads) > 1:
        raise _unclear(reading, slot, reading.left[: leads[0]], reading.left[leads[0] + 1 :])
    if leads:
        _keep_led(reading, slot, leads[0])
        return
    pieces = [t for t in reading.left if slot in FREE or t.plain not in FILLERS]
    first, second = _in_order(pieces)
    if second:
        _keep(reading, slot, second)
        reading.left = [*first]
    elif len(pieces) > 1:
        raise _unclear(reading, slot, pieces[:1], pieces[1:])


def _in_order(pieces: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """The first name and the second, when there is no doubt where one ends; else no second."""
    many = len(pieces)
    if many == 2 or (many > 2 and pieces[0].shape == "quoted"):  # noqa: PLR2004 - one name and another
        return pieces[:1], pieces[1:]
    if many > 2 and pieces[-1].shape == "quoted":  # noqa: PLR2004
        return pieces[:-1], pieces[-1:]
    return pieces, ()


def _leads(reading: Reading) -> list[int]:
    """Where the verb's little word stands with something behind it."""
    return [place for place, token in enumerate(reading.left[:-1]) if token.plain == reading.verb.lead]


def _keep_led(reading: Reading, slot: Slot, lead: int) -> None:
    after = reading.left[lead + 1 :]
    end = 1 if after[0].shape == "quoted" else _end(after, slot)
    led_by = reading.verb.lead if slot in LED else ""
    _keep(reading, slot, after[:end], led_by)
    reading.left = [*reading.left[:lead], *after[end:]]


def _end(after: Sequence[Token], slot: Slot) -> int:
    """A name ends before what is quoted; a free text goes on."""
    ends = (place for place, token in enumerate(after) if token.shape == "quoted")
    return len(after) if slot in FREE else next(ends, len(after))


def _keep(reading: Reading, slot: Slot, taken: Sequence[Token], led_by: str = "") -> None:
    empty = slot in EMPTIED and len(taken) == 1 and taken[0].plain == NOTHING
    said = joined(taken) if slot is Slot.TEXT else as_name(taken)
    reading.keep(slot, None if empty else said, *taken, led_by=led_by)
    if slot in FREE:
        reading.typed[slot] = quoted(taken)


def _unclear(reading: Reading, slot: Slot, before: Sequence[Token], after: Sequence[Token]) -> misread.UnclearNames:
    first = Slot.NAME if slot is Slot.THERE and reading.takes(Slot.NAME) else Slot.WHAT
    lead = f"{reading.verb.lead} " if slot in LED else ""
    better = {first.value: _name(before), slot.value: f"{lead}{_name(after)}"} if before and after else {}
    return misread.UnclearNames(reading.example(**better), reading.verb.name, reading.verb.usage)


def _name(tokens: Sequence[Token]) -> str:
    """A name as an example shows it: in quotes when it has several words."""
    return quoted(tokens) if len(tokens) > 1 else joined(tokens)[:LOOKED_AT]
