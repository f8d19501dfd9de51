"""A typed line becomes a verb and what was said for its slots, in whatever order it was said.

The parser is driven by the table of verbs and by `collab.kinds`; it knows no verb, no kind and no role by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, takewhile
from typing import Any

from bot import misread, names
from bot.reading import (
    BETWEEN_PEOPLE,
    FILLERS,
    LOOKED_AT,
    GroupMention,
    Reading,
    account_of,
    as_name,
    joined,
    nearest,
    quoted,
    written,
)
from bot.tokens import Token, day, duration, hour, is_person, owner_names, tokens
from bot.verbs import COMMAND, SAMPLES, VERBS, Line, Slot, Verb, example_of, verbs_markdown
from collab import channels, digests
from collab.kinds import CAPABILITIES, KINDS, Table
from collab.people import Account, Address
from collab.policy import TOGETHER_LIMIT

__all__ = ["COMMAND", "VERBS", "Line", "Slot", "Verb", "parse", "verbs_markdown"]

LED = {"until": "until 2027-01-31"}
FORMS = ("csv", "jsonl")
POLITE = frozenset({"please", "pls", "plz", "kindly", "bitte", "hey", "hi", "hello", "hallo", "thanks", "danke"})
NEARLY = 0.8  # how like a verb that ends something a word must be for that verb to be offered
LATER_VERB_WITHIN = 6
TOGETHER = (digests.DAILY, digests.WEEKLY)
_AT_NAME = re.compile(r"(?<!\S)@(\S+)")
NAMES_IT = frozenset({Slot.WHAT, Slot.WHATS})


def parse(text: str, team: str, kinds: Table = KINDS) -> Line:
    """The verb and what was said for its slots, or Misread; `team` is the workspace whose accounts are mentioned."""
    try:
        line = _parse(text, team, kinds)
    except misread.Misread as misunderstood:
        _check_example(misunderstood, team, kinds)
        raise
    if line.lacks:
        _check_example(line.lacks, team, kinds)
    return line


def _parse(text: str, team: str, kinds: Table) -> Line:
    pieces = _without_address(tokens(text))
    if not pieces:
        return Line(VERBS["help"], {}, {}, empty=True)
    verb = VERBS.get(_verb_word(pieces[0]))
    if verb is None:
        raise _unknown(pieces, team, kinds)
    words = pieces[1:]
    if words and words[-1].plain in POLITE and not verb.takes_free_text(words):
        words = words[:-1]
    return _read(verb, words, team, kinds)


def _check_example(misunderstood: misread.Misread, team: str, kinds: Table) -> None:
    """Offer the verb's own example where the one with what was typed would be refused too."""
    line = _AT_NAME.sub(r"<@U0|\1>", misunderstood.example)
    try:
        is_accepted = _parse(line, team, kinds).lacks is None
    except misread.Misread:
        is_accepted = False
    if not is_accepted:
        verb = misunderstood.example.removeprefix(COMMAND).split()[:1]
        misunderstood.example = example_of(verb[0] if verb and verb[0] in VERBS else None)


def _without_address(pieces: list[Token]) -> list[Token]:
    """Return the line without what addresses the app itself: its command once more, its name, a polite word."""
    command = COMMAND.removeprefix("/")
    for place, token in enumerate(pieces):
        is_name = token.text.casefold().strip("/@:,") == command and token.shape in {"word", "user", "group"}
        if not is_name and token.plain not in POLITE:
            return pieces[place:]
    return []


def _verb_word(token: Token) -> str:
    return token.plain.removeprefix("/")


def _read(verb: Verb, words: list[Token], team: str, kinds: Table) -> Line:
    reading = Reading(verb, list(words), team, kinds)
    for slot in Slot:
        if reading.takes(slot):
            READERS[slot](reading)
    _check_all_said(reading)
    return Line(verb, reading.slots, reading.typed, lacks=_lacking(reading))


def _unknown(pieces: list[Token], team: str, kinds: Table) -> misread.UnknownVerb:
    """A verb that stands later in the line, else the nearest one, with the same words where they make sense there."""
    typed = pieces[0].text
    later = next((p for p, t in enumerate(pieces[:LATER_VERB_WITHIN]) if _verb_word(t) in VERBS), None)
    near = _verb_word(pieces[later]) if later else _nearest_verb(typed)
    words = pieces[later + 1 :] if later else pieces[1:]
    return misread.UnknownVerb(_said_with(near, words, team, kinds), typed[:LOOKED_AT], near)


def _nearest_verb(typed: str) -> str | None:
    """The verb most like a word; one that ends something must be very like it."""
    ending = tuple(name for name, verb in VERBS.items() if verb.ends)
    near = nearest(typed, tuple(VERBS))
    if near not in ending:
        return near
    return nearest(typed, ending, NEARLY) or nearest(typed, tuple(name for name in VERBS if name not in ending))


def _said_with(verb: str | None, words: list[Token], team: str, kinds: Table) -> str:
    rest = " ".join(written(t) for t in words)
    if verb is None or not 0 < len(rest) < 2 * LOOKED_AT:
        return example_of(verb)
    try:
        lacks = _read(VERBS[verb], words, team, kinds).lacks
    except misread.Misread as misunderstood:
        return misunderstood.example
    return lacks.example if lacks else f"{COMMAND} {verb} {rest}"


def _read_note(reading: Reading) -> None:
    for place, token in enumerate(reading.left[:-1]):
        if token.plain in {"note", "because"}:
            words = reading.left[place + 1 :]
            taken = words[:1] if words[0].shape == "quoted" else words
            reading.keep(Slot.NOTE, joined(taken), led_by="note")
            reading.typed[Slot.NOTE] += f' "{reading.slots[Slot.NOTE][:LOOKED_AT]}"'
            del reading.left[place : place + 1 + len(taken)]
            return


def _read_lasts(reading: Reading) -> None:
    _led(reading, Slot.LASTS, "until", day, misread.BadMoment)
    _led(reading, Slot.LASTS, "for", duration, misread.BadLength)


def _read_since(reading: Reading) -> None:
    _led(reading, Slot.SINCE, "since", lambda typed: duration(typed) or day(typed), misread.BadMoment)


def _led(
    reading: Reading,
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
            value = read(joined(taken))
            if value is not None:
                reading.keep(slot, value, *taken, led_by=lead)
                del reading.left[place : place + 1 + len(taken)]
                return
        following = [t.text for t in reading.left[place + 1 : place + 3]]
        if following[0][:1].isdigit() or lead not in FILLERS:
            typed = " ".join(following if following[0].isdecimal() else following[:1])
            raise refusal(reading.example(**{slot.value: LED.get(lead, SAMPLES[slot])}), typed[:LOOKED_AT])


def _read_by(reading: Reading) -> None:
    _read_led_person(reading, Slot.BY, "by")


def _read_about(reading: Reading) -> None:
    _read_led_person(reading, Slot.ABOUT, "about")


def _read_led_person(reading: Reading, slot: Slot, lead: str) -> None:
    for place, token in enumerate(reading.left[:-1]):
        following = reading.left[place + 1]
        if token.plain == lead and is_person(following):
            reading.keep(slot, account_of(following, reading.team), following, led_by=lead)
            del reading.left[place : place + 2]
            return


def _read_only(reading: Reading) -> None:
    """Names of events behind `only`: a source, or source.fact, several with commas."""
    for place, token in enumerate(reading.left[:-1]):
        following = reading.left[place + 1]
        if token.plain == "only" and following.shape == "word":
            names_of = tuple(name for name in following.text.casefold().split(",") if name)
            reading.keep(Slot.ONLY, names_of, following, led_by="only")
            del reading.left[place : place + 2]
            return


def _read_keep(reading: Reading) -> None:
    """Everything behind `keep`, each a thing of its own, as far as the next mention."""
    place = next((p for p, t in enumerate(reading.left[:-1]) if t.plain == "keep"), None)
    if place is None:
        return
    taken = list(takewhile(lambda t: t.shape in {"word", "quoted"}, reading.left[place + 1 :]))
    kept = [t for t in taken if t.plain.strip(",") not in {"and", ""} or t.shape == "quoted"]
    if kept:
        reading.keep(Slot.KEEP, tuple(t.text.rstrip(",") for t in kept), *kept[:3], led_by="keep")
        del reading.left[place : place + 1 + len(taken)]


def _read_who(reading: Reading) -> None:
    found = next((t for t in reading.left if is_person(t)), None)
    if found:
        reading.keep(Slot.WHO, account_of(found, reading.team), found)
        reading.take(found, *_leading(reading, [found], FILLERS))
        return
    unresolved = next((t for t in reading.left if t.shape == "word" and t.text.startswith("@")), None)
    if unresolved:
        raise misread.UnknownWho(reading.example(), unresolved.text[:LOOKED_AT])


def _read_whom(reading: Reading) -> None:
    """Everybody who is mentioned or addressed; what looks like somebody and is nobody spoils only itself."""
    found = [t for t in reading.left if is_person(t) or _is_nobody(t)]
    if found and not any(is_person(t) for t in found):
        raise _names_nobody(reading, found[0])
    if found:
        whom = tuple(dict.fromkeys(_named_person(t, reading.team) for t in found))
        if len(whom) > TOGETHER_LIMIT:
            raise misread.TooManyPeople(example_of(reading.verb.name), len(whom), TOGETHER_LIMIT)
        reading.keep(Slot.WHOM, whom, *[t for t in found if is_person(t)][:3])
        reading.take(*_owner_names(reading))
        reading.take(*found, *_leading(reading, found, BETWEEN_PEOPLE))
        reading.take(*(t for t in reading.left if t.text in {",", ";"}))


def _names_nobody(reading: Reading, token: Token) -> misread.Misread:
    if token.shape == "group":
        return misread.GroupNamed(reading.example(), token.text[:LOOKED_AT])
    return misread.UnknownWho(reading.example(), token.text[:LOOKED_AT])


def _named_person(token: Token, team: str) -> Account | Address | GroupMention | str:
    if token.shape == "group":
        return GroupMention(token.text[:LOOKED_AT])
    return account_of(token, team) if is_person(token) else token.text.rstrip(",;:")


def _owner_names(reading: Reading) -> list[Token]:
    """The names before addresses in angle brackets; none where they could as well name the thing."""
    known = BETWEEN_PEOPLE.union(_roles(reading.kinds))
    owners: list[Token] = []
    for place, token in enumerate(reading.left):
        if token.bracketed:
            owners += takewhile(lambda t: t.plain not in known, owner_names(reading.left, place))
    ids = {id(token) for token in owners}
    names_thing = any(t.shape in {"word", "quoted"} and id(t) not in ids and t.plain not in known for t in reading.left)
    return owners if names_thing else []


def _is_nobody(token: Token) -> bool:
    """A group, or a word with an @ that is neither a mention nor an address."""
    return token.shape == "group" or (token.shape == "word" and "@" in token.text)


def _read_kind(reading: Reading) -> None:
    """The first words are a kind, by its name or by what people call it."""
    if not reading.left:
        return
    called = {name: (reading.kinds[name].words[0].split(), [name]) for name in reading.kinds}
    for name, ways in called.items():
        for way in ways:
            taken = reading.left[: len(way)]
            if [t.plain for t in taken] == way:
                reading.keep(Slot.KIND, name, *taken)
                del reading.left[: len(way)]
                return
    first, kinds = reading.left[0], tuple(reading.kinds)
    better = {"kind": nearest(first.text, kinds) or kinds[0], "name": joined(reading.left)[:LOOKED_AT]}
    raise misread.UnknownKindWord(reading.example(**better), first.text[:LOOKED_AT], kinds)


def _read_role(reading: Reading) -> None:
    _read_one_of(reading, Slot.ROLE, _roles(reading.kinds))


def _read_capability(reading: Reading) -> None:
    _read_one_of(reading, Slot.CAPABILITY, CAPABILITIES)


def _read_sent(reading: Reading) -> None:
    _read_one_of(reading, Slot.SENT, ("sent",))


def _read_rotated(reading: Reading) -> None:
    _read_one_of(reading, Slot.ROTATED, ("rotated",))


def _read_purpose(reading: Reading) -> None:
    _read_one_of(reading, Slot.PURPOSE, ("billing", "ownership"))


def _read_leaving(reading: Reading) -> None:
    _read_one_of(reading, Slot.LEAVING, ("leaving",))


def _read_export(reading: Reading) -> None:
    """`export`, and behind it the form of the file when that is said."""
    place = next((p for p, t in enumerate(reading.left) if t.plain == "export"), None)
    if place is None:
        return
    form = reading.left[place + 1 : place + 2]
    said = form if form and form[0].plain in FORMS else []
    reading.keep(Slot.EXPORT, said[0].plain if said else FORMS[0], reading.left[place], *said)
    reading.take(reading.left[place], *said)


def _read_setting(reading: Reading) -> None:
    if reading.left:
        reading.keep(Slot.SETTING, reading.left[0].text, reading.left[0])
        del reading.left[0]


def _read_value(reading: Reading) -> None:
    if reading.left:
        said = joined(reading.left)
        reading.keep(Slot.VALUE, said, *reading.left)
        reading.left.clear()


def _read_one_of(reading: Reading, slot: Slot, known: Sequence[str]) -> None:
    """A word of a closed list; when two could be it, and it is not the same in the end, neither is taken."""
    places = [place for place, t in enumerate(reading.left) if t.plain in known]
    led = [place for place in places if place and reading.left[place - 1].plain == "as"]
    places = led[-1:] or places
    if not places:
        return
    found = [reading.left[place] for place in places]
    between = reading.left[places[0] : places[-1] + 1]
    is_same = all(t.plain == found[0].plain for t in between)
    if not is_same and not any(t.shape == "quoted" for t in reading.left):
        rest = [t for t in reading.left if t is not found[0] and t.plain not in FILLERS]
        better = {slot.value: found[0].plain, reading.thing.value: quoted(rest)}
        raise misread.TwoMeanings(reading.example(**better), slot.value, found[0].plain, found[1].plain)
    reading.keep(slot, found[0].plain, found[0])
    reading.take(found[0], *_leading(reading, found[:1], frozenset({"as"})))


def _leading(reading: Reading, found: Sequence[Token], leads: frozenset[str]) -> list[Token]:
    """The little words before what was found, so that they are not left over as parts of a name."""
    ids = {id(token) for token in found}
    return [before for before, token in pairwise(reading.left) if id(token) in ids and before.plain in leads]


def _read_team(reading: Reading) -> None:
    """The team, once it is sure that no misspelt role stands among the names."""
    said = [t for t in reading.left if t.plain not in FILLERS]
    if Slot.ROLE in reading.verb.needs and Slot.ROLE not in reading and len(said) > 2:  # noqa: PLR2004 - thing and team
        _check_team_role(reading, said)
    names.read_team(reading)


def _check_team_role(reading: Reading, said: list[Token]) -> None:
    known = _roles(reading.kinds)
    near = {id(t): n for t in said[:LATER_VERB_WITHIN] if t.shape == "word" and (n := nearest(t.text, known))}
    typed = next((t for t in said if id(t) in near), said[-1])
    rest = [written(t) for t in said if t is not typed]
    both = {Slot.WHAT.value: rest[0], Slot.TEAM.value: rest[1]} if len(rest) == 2 else {}  # noqa: PLR2004
    better = {Slot.ROLE.value: near.get(id(typed)) or reading.verb.samples[Slot.ROLE], **both}
    listed = reading.kinds.role_names
    raise misread.UnknownRoleWord(reading.example(**better), typed.text[:LOOKED_AT], near.get(id(typed)), listed)


def _read_groups(reading: Reading) -> None:
    found = [t for t in reading.left if t.plain in channels.GROUPS]
    if found:
        reading.keep(Slot.GROUPS, tuple(dict.fromkeys(t.plain for t in found)), *found)
        reading.take(*found)


def _read_rhythm(reading: Reading) -> None:
    _read_one_of(reading, Slot.RHYTHM, TOGETHER)


def _read_hour(reading: Reading) -> None:
    """The hour behind `at`; `at once` is what holds without it."""
    for lead, following in pairwise(reading.left):
        if lead.plain != "at" or not (following.plain == "once" or following.text[:1].isdigit()):
            continue
        after = reading.left[reading.left.index(following) + 1 :][:1]
        half = [t for t in after if t.plain in {"am", "pm"}]
        said = None if following.plain == "once" else hour(joined([following, *half]))
        if said is None and following.plain != "once":
            raise misread.BadHourWord(reading.example(hour="at 9"), following.text[:LOOKED_AT])
        if said is not None:
            reading.keep(Slot.HOUR, said, following, *half, led_by="at")
        reading.take(lead, following, *half)
        return


def _read_verb(reading: Reading) -> None:
    if reading.left:
        typed = reading.left[0]
        reading.take(typed)
        if typed.plain not in VERBS:
            known = nearest(typed.text, tuple(VERBS))
            raise misread.UnknownVerb(
                f"{COMMAND} help {known}" if known else f"{COMMAND} help", typed.text[:LOOKED_AT], known
            )
        reading.keep(Slot.VERB, typed.plain, typed)


def _read_what(reading: Reading) -> None:
    """What is left names the thing."""
    _read_named(reading, Slot.WHAT, names.named(reading))


def _read_whats(reading: Reading) -> None:
    """What is left names a thing or several: each that is quoted, else all words, which the core tells apart."""
    _read_named(reading, Slot.WHATS, names.all_named(reading))


def _read_named(reading: Reading, slot: Slot, named: list[Token]) -> None:
    if named and named[0].shape != "quoted":
        _check_words(reading, named)
    if named:
        said = as_name(named) if slot is Slot.WHAT else tuple(as_name([t]).strip(",;") for t in named)
        reading.keep(slot, said, *named)
        reading.take(*named, *(t for t in reading.left if t.plain in FILLERS | {"and"}))


def _check_words(reading: Reading, named: list[Token]) -> None:
    """Among the words that would name the thing there may be a misspelt role, capability or group."""
    for slot, (refusal, listed, known) in _closed(reading.kinds).items():
        if slot in reading.verb.needs and slot not in reading:
            _check_misspelt(reading, named, slot, refusal, listed, known)
    if Slot.GROUPS in reading.verb.may and len(named) > 1:
        typed = named[1].text[:LOOKED_AT]
        near = nearest(typed, (*channels.GROUPS, *TOGETHER))
        slot = Slot.RHYTHM if near in TOGETHER else Slot.GROUPS
        better = {"what": named[0].text[:LOOKED_AT], slot.value: near or channels.GROUPS[0]}
        raise misread.UnknownGroupWord(reading.example(**better), typed, near, channels.GROUPS)


def _check_misspelt(
    reading: Reading, named: list[Token], slot: Slot, refusal: Any, listed: Sequence[str], known: Sequence[str]
) -> None:
    near = {t.text: n for t in named[:3] if (n := nearest(t.text, known))}
    if near or len(named) > 1:
        stands_last = reading.verb.needs[-1] is slot
        typed = next(iter(near), named[-1 if stands_last else 0].text)
        what = " ".join(t.text for t in named if t.text != typed)[:LOOKED_AT]
        better = {slot.value: near.get(typed) or SAMPLES[slot], **({reading.thing.value: what} if what else {})}
        raise refusal(reading.example(**better), typed[:LOOKED_AT], near.get(typed), tuple(listed))


def _closed(kinds: Table) -> Mapping[Slot, tuple[Any, Sequence[str], Sequence[str]]]:
    """For each closed list: the refusal, the words that it names, and all that are known."""
    return {
        Slot.ROLE: (misread.UnknownRoleWord, kinds.role_names, _roles(kinds)),
        Slot.CAPABILITY: (misread.UnknownCapabilityWord, CAPABILITIES, CAPABILITIES),
    }


def _roles(kinds: Table) -> tuple[str, ...]:
    """Every role, those that are only implied too: somebody may go down to one."""
    return tuple(dict.fromkeys(role.name for name in kinds for role in kinds[name].roles))


def _lacking(reading: Reading) -> misread.MissingWord | None:
    missing = next((s for s in reading.verb.needs if s not in reading and s not in NAMES_IT), None)
    if missing is None:
        return None
    better = _split_name(reading, missing) if missing in {Slot.WHO, Slot.WHOM} else {}
    return misread.MissingWord(reading.example(**better), reading.verb.name, missing.value, reading.verb.usage)


def _check_all_said(reading: Reading) -> None:
    left = [t for t in reading.left if t.plain not in FILLERS]
    stray = next((t for t in left if t.shape in {"group", "channel"}), None)
    if stray:
        refusal = misread.GroupNamed if stray.shape == "group" else misread.ChannelNamed
        raise refusal(reading.example(), stray.text[:LOOKED_AT])
    if left:
        near = Slot.SENT in reading.verb.may and nearest(left[0].text, ("sent",))
        better = {"sent": near} if near else {}
        example, typed = reading.example(**better), written(left[0])
        raise misread.ExtraWord(example, reading.verb.name, typed, reading.verb.usage)


def _split_name(reading: Reading, missing: Slot) -> dict[str, str]:
    """A name without its @ was taken for the start of the thing's name."""
    first, _, rest = reading.typed.get(reading.thing, "").partition(" ")
    return {missing.value: f"@{first}", reading.thing.value: rest} if rest and first.isalnum() else {}


READERS: Mapping[Slot, Callable[[Reading], None]] = {
    Slot.NOTE: _read_note,
    Slot.LASTS: _read_lasts,
    Slot.SINCE: _read_since,
    Slot.BY: _read_by,
    Slot.ABOUT: _read_about,
    Slot.ONLY: _read_only,
    Slot.KEEP: _read_keep,
    Slot.WHO: _read_who,
    Slot.WHOM: _read_whom,
    Slot.KIND: _read_kind,
    Slot.THERE: names.read_there,
    Slot.NAME: names.read_name,
    Slot.TEXT: names.read_text,
    Slot.ROLE: _read_role,
    Slot.CAPABILITY: _read_capability,
    Slot.TEAM: _read_team,
    Slot.GROUPS: _read_groups,
    Slot.RHYTHM: _read_rhythm,
    Slot.HOUR: _read_hour,
    Slot.SENT: _read_sent,
    Slot.EXPORT: _read_export,
    Slot.ROTATED: _read_rotated,
    Slot.SETTING: _read_setting,
    Slot.VALUE: _read_value,
    Slot.PURPOSE: _read_purpose,
    Slot.LEAVING: _read_leaving,
    Slot.VERB: _read_verb,
    Slot.WHATS: _read_whats,
    Slot.WHAT: _read_what,
}
