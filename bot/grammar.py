"""A typed line becomes a verb and what was said for its slots, in whatever order it was said.

The parser is driven by the table of verbs and by `collab.kinds`; it knows no verb, no kind and no role by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from bot import misread
from bot.tokens import Token, day, duration, tokens
from bot.verbs import COMMAND, SAMPLES, VERBS, Line, Slot, Verb, example, example_of, verbs_markdown
from collab import channels
from collab.kinds import KINDS, Kind, role_names
from collab.people import Account, Address

__all__ = ["VERBS", "Line", "Slot", "Verb", "parse", "verbs_markdown"]

FILLERS = frozenset({"to", "as", "from", "in", "with", "for", "by"})
LOOKED_AT = 40
LED = {"until": "until 2027-01-31"}


@dataclass(slots=True)
class _Reading:
    """A line while it is read: what is left of it, and what was found in it."""

    verb: Verb
    left: list[Token]
    team: str
    kinds: Mapping[str, Kind]
    slots: dict[Slot, Any] = field(default_factory=dict)
    typed: dict[Slot, str] = field(default_factory=dict)

    def __contains__(self, slot: Slot) -> bool:
        return slot in self.slots

    def keep(self, slot: Slot, value: Any, *taken: Token, led_by: str = "") -> None:
        self.slots[slot] = value
        self.typed[slot] = " ".join([*([led_by] if led_by else []), *(_written(t) for t in taken)])

    def take(self, token: Token) -> Token:
        self.left.remove(token)
        return token

    def example(self, **better: str) -> str:
        return example(self.verb, {**self.typed, **{Slot(k): v for k, v in better.items()}})


def parse(text: str, team: str, kinds: Mapping[str, Kind] = KINDS) -> Line:
    """The verb and what was said for its slots, or Misread; `team` is the workspace whose accounts are mentioned."""
    pieces = tokens(text)
    if not pieces:
        return Line(VERBS["help"], {}, {}, empty=True)
    verb = VERBS.get(pieces[0].plain)
    if verb is None:
        raise _unknown(pieces, team, kinds)
    return _read(verb, pieces[1:], team, kinds)


def _read(verb: Verb, words: list[Token], team: str, kinds: Mapping[str, Kind]) -> Line:
    reading = _Reading(verb, list(words), team, kinds)
    for slot in Slot:
        if slot in (*verb.needs, *verb.may):
            READERS[slot](reading)
    _check(reading)
    return Line(verb, reading.slots, reading.typed)


def account_of(token: Token, team: str) -> Account | Address:
    """Whom a mention or an address means."""
    return Account(team, token.value) if token.shape == "user" else Address(token.value)


def nearest(typed: str, known: tuple[str, ...]) -> str | None:
    """The known word most like the typed one."""
    return next(iter(get_close_matches(typed.casefold()[:LOOKED_AT], known, n=1, cutoff=0.6)), None)


def _unknown(pieces: list[Token], team: str, kinds: Mapping[str, Kind]) -> misread.UnknownVerb:
    """The nearest verb, with the same words behind it when they make sense there."""
    typed = pieces[0].text
    near = nearest(typed, tuple(VERBS))
    return misread.UnknownVerb(_said_with(near, pieces[1:], team, kinds), typed[:LOOKED_AT], near)


def _said_with(verb: str | None, words: list[Token], team: str, kinds: Mapping[str, Kind]) -> str:
    rest = " ".join(_written(t) for t in words)
    if verb is None or not 0 < len(rest) < 2 * LOOKED_AT:
        return example_of(verb)
    try:
        _read(VERBS[verb], words, team, kinds)
    except misread.Misread as misunderstood:
        return misunderstood.example
    return f"{COMMAND} {verb} {rest}"


def _written(token: Token) -> str:
    return f'"{token.text}"' if token.shape == "quoted" else token.text


def _read_note(reading: _Reading) -> None:
    for place, token in enumerate(reading.left[:-1]):
        if token.plain in {"note", "because"}:
            words = reading.left[place + 1 :]
            taken = words[:1] if words[0].shape == "quoted" else words
            reading.keep(Slot.NOTE, " ".join(t.text for t in taken), led_by="note")
            reading.typed[Slot.NOTE] += f' "{reading.slots[Slot.NOTE][:LOOKED_AT]}"'
            del reading.left[place : place + 1 + len(taken)]
            return


def _read_lasts(reading: _Reading) -> None:
    _led(reading, Slot.LASTS, "until", day, misread.BadMoment)
    _led(reading, Slot.LASTS, "for", duration, misread.BadLength)


def _read_since(reading: _Reading) -> None:
    _led(reading, Slot.SINCE, "since", lambda typed: duration(typed) or day(typed), misread.BadMoment)


def _led(
    reading: _Reading,
    slot: Slot,
    lead: str,
    read: Callable[[str], Any],
    refusal: type[misread.BadLength | misread.BadMoment],
) -> None:
    """A word that leads the next one, or the next two, as in `for 30 days`."""
    for place, token in enumerate(reading.left[:-1]):
        if token.plain != lead:
            continue
        for many in (2, 1):
            taken = reading.left[place + 1 : place + 1 + many]
            value = read(" ".join(t.text for t in taken))
            if value is not None:
                reading.keep(slot, value, *taken, led_by=lead)
                del reading.left[place : place + 1 + len(taken)]
                return
        following = [t.text for t in reading.left[place + 1 : place + 3]]
        if following[0][:1].isdigit() or lead not in FILLERS:
            typed = " ".join(following if following[0].isdecimal() else following[:1])
            raise refusal(reading.example(**{slot.value: LED.get(lead, SAMPLES[slot])}), typed[:LOOKED_AT])


def _read_by(reading: _Reading) -> None:
    for place, token in enumerate(reading.left[:-1]):
        following = reading.left[place + 1]
        if token.plain == "by" and following.shape == "user":
            reading.keep(Slot.BY, account_of(following, reading.team), following, led_by="by")
            del reading.left[place : place + 2]
            return


def _read_who(reading: _Reading) -> None:
    found = next((t for t in reading.left if t.shape in {"user", "mail"}), None)
    if found:
        reading.keep(Slot.WHO, account_of(found, reading.team), reading.take(found))
        return
    unresolved = next((t for t in reading.left if t.shape == "word" and t.text.startswith("@")), None)
    if unresolved:
        raise misread.UnknownWho(reading.example(), unresolved.text[:LOOKED_AT])


def _read_kind(reading: _Reading) -> None:
    if not reading.left:
        return
    first = reading.left[0]
    if first.plain not in reading.kinds:
        kinds = tuple(reading.kinds)
        name = " ".join(t.text for t in reading.left)
        better = {"kind": nearest(first.text, kinds) or kinds[0], "name": name[:LOOKED_AT]}
        raise misread.UnknownKindWord(reading.example(**better), first.text[:LOOKED_AT], kinds)
    reading.keep(Slot.KIND, first.plain, reading.take(first))


def _read_name(reading: _Reading) -> None:
    if reading.left:
        reading.keep(Slot.NAME, " ".join(t.text for t in reading.left), *reading.left)
        reading.left.clear()


def _read_role(reading: _Reading) -> None:
    _read_one_of(reading, Slot.ROLE, role_names(reading.kinds))


def _read_sent(reading: _Reading) -> None:
    _read_one_of(reading, Slot.SENT, ("sent",))


def _read_one_of(reading: _Reading, slot: Slot, known: tuple[str, ...]) -> None:
    found = next((t for t in reading.left if t.plain in known), None)
    if found:
        reading.keep(slot, found.plain, reading.take(found))


def _read_groups(reading: _Reading) -> None:
    found = [t for t in reading.left if t.plain in channels.GROUPS]
    if found:
        reading.keep(Slot.GROUPS, tuple(dict.fromkeys(t.plain for t in found)), *found)
        reading.left = [t for t in reading.left if t not in found]


def _read_verb(reading: _Reading) -> None:
    if reading.left:
        typed = reading.take(reading.left[0])
        if typed.plain not in VERBS:
            known = nearest(typed.text, tuple(VERBS))
            raise misread.UnknownVerb(
                f"{COMMAND} help {known}" if known else f"{COMMAND} help", typed.text[:LOOKED_AT], known
            )
        reading.keep(Slot.VERB, typed.plain, typed)


def _read_what(reading: _Reading) -> None:
    """What is left names the thing: what is quoted, else all words but the little ones, unless there are no others."""
    words = [t for t in reading.left if t.shape == "word" and t.plain not in FILLERS]
    quoted = [t for t in reading.left if t.shape == "quoted"][:1]
    named = quoted or words or [t for t in reading.left if t.shape == "word"]
    if named and not quoted:
        _check_words(reading, named)
    if named:
        reading.keep(Slot.WHAT, " ".join(t.text for t in named), *named)
        reading.left = [t for t in reading.left if t not in named and (t.shape != "word" or t.plain not in FILLERS)]


def _check_words(reading: _Reading, named: list[Token]) -> None:
    """Among the words that would name the thing there may be a misspelt role or group."""
    if Slot.ROLE in reading.verb.needs and Slot.ROLE not in reading:
        roles = role_names(reading.kinds)
        near = {t.text: n for t in named[:3] if (n := nearest(t.text, roles))}
        if near or len(named) > 1:
            typed = next(iter(near), named[0].text)
            what = " ".join(t.text for t in named if t.text != typed)[:LOOKED_AT]
            better = {"role": near.get(typed) or roles[-1], **({"what": what} if what else {})}
            raise misread.UnknownRoleWord(reading.example(**better), typed[:LOOKED_AT], near.get(typed), roles)
    if Slot.GROUPS in reading.verb.may and len(named) > 1:
        typed = named[1].text[:LOOKED_AT]
        near_group = nearest(typed, channels.GROUPS)
        better = {"what": named[0].text[:LOOKED_AT], "groups": near_group or channels.GROUPS[0]}
        raise misread.UnknownGroupWord(reading.example(**better), typed, near_group, channels.GROUPS)


def _check(reading: _Reading) -> None:
    left = [t for t in reading.left if t.plain not in FILLERS]
    missing = next((s for s in reading.verb.needs if s not in reading and s is not Slot.WHAT), None)
    if missing:
        better = _split_name(reading) if missing is Slot.WHO else {}
        raise misread.MissingWord(reading.example(**better), reading.verb.name, missing.value, reading.verb.usage)
    if left:
        near = Slot.SENT in reading.verb.may and nearest(left[0].text, ("sent",))
        better = {"sent": near} if near else {}
        raise misread.ExtraWord(
            reading.example(**better), reading.verb.name, _written(left[0])[:LOOKED_AT], reading.verb.usage
        )


def _split_name(reading: _Reading) -> dict[str, str]:
    """A name without its @ was taken for the start of the thing's name."""
    first, _, rest = reading.typed.get(Slot.WHAT, "").partition(" ")
    return {"who": f"@{first}", "what": rest} if rest and first.isalnum() else {}


READERS: Mapping[Slot, Callable[[_Reading], None]] = {
    Slot.NOTE: _read_note,
    Slot.LASTS: _read_lasts,
    Slot.SINCE: _read_since,
    Slot.BY: _read_by,
    Slot.WHO: _read_who,
    Slot.KIND: _read_kind,
    Slot.NAME: _read_name,
    Slot.ROLE: _read_role,
    Slot.GROUPS: _read_groups,
    Slot.SENT: _read_sent,
    Slot.VERB: _read_verb,
    Slot.WHAT: _read_what,
}
