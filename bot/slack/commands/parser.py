"""A typed line becomes a verb and what was said for its slots, in whatever order it was said.

The parser is driven by the table of verbs and by `collab.kinds`; it knows no verb, no kind and no role by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, takewhile
from typing import Any

from bot.slack.commands import errors as parse_errors
from bot.slack.commands import resource_names
from bot.slack.commands.catalog import (
    COMMAND,
    SAMPLE_VALUES,
    VERB_BY_NAME,
    ParsedCommand,
    Slot,
    Verb,
    example_for_verb,
    verbs_markdown,
)
from bot.slack.commands.lexer import (
    Token,
    day,
    duration,
    is_person,
    owner_names,
    parse_hour,
    split_tokens,
)
from bot.slack.commands.parse_state import (
    FILLER_WORDS,
    MAX_COMPARED_LENGTH,
    PEOPLE_SEPARATORS,
    GroupMention,
    ParseState,
    account_from_token,
    join_tokens,
    nearest_word,
    token_as_typed,
    tokens_as_name,
    tokens_as_quotation,
)
from collab import channels
from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.model import Account, Address
from collab.notifications import channel_digests
from collab.roles import CAPABILITIES, ROLE_MODEL, RoleModel

__all__ = [
    "COMMAND",
    "VERB_BY_NAME",
    "ParsedCommand",
    "Slot",
    "Verb",
    "parse",
    "verbs_markdown",
]

LEAD_EXAMPLES = {"until": "until 2027-01-31"}
EXPORT_FORMATS = ("csv", "jsonl")
POLITE_WORDS = frozenset(
    {
        "please",
        "pls",
        "plz",
        "kindly",
        "bitte",
        "hey",
        "hi",
        "hello",
        "hallo",
        "thanks",
        "danke",
    }
)
SIMILARITY_CUTOFF = 0.8  # how like a verb that ends something a word must be for that verb to be offered
LATER_VERB_DISTANCE = 6
RESOURCE_AND_TEAM = 2  # words that name a resource and a team
DIGEST_RHYTHMS = (channel_digests.DAILY, channel_digests.WEEKLY)
_AT_NAME = re.compile(r"(?<!\S)@(\S+)")
NAMING_SLOTS = frozenset({Slot.RESOURCE, Slot.RESOURCES})


def parse(text: str, team: str, roles: RoleModel = ROLE_MODEL) -> ParsedCommand:
    """The verb and what was said for its slots, or Misread; `team` is the workspace whose accounts are mentioned."""
    try:
        line = _parse_line(text, team, roles)
    except parse_errors.ParseError as misunderstood:
        _check_example(misunderstood, team, roles)
        raise
    if line.missing_word:
        _check_example(line.missing_word, team, roles)
    return line


def _parse_line(text: str, team: str, roles: RoleModel) -> ParsedCommand:
    pieces = _without_address(split_tokens(text))
    if not pieces:
        return ParsedCommand(VERB_BY_NAME["help"], {}, {}, is_empty=True)
    verb = VERB_BY_NAME.get(_normalize_verb(pieces[0]))
    if verb is None:
        raise _unknown_verb(pieces, team, roles)
    renderer = pieces[1:]
    if (
        renderer
        and renderer[-1].plain in POLITE_WORDS
        and not verb.accepts_free_text(renderer)
    ):
        renderer = renderer[:-1]
    return _read_slots(verb, renderer, team, roles)


def _check_example(
    misunderstood: parse_errors.ParseError, team: str, roles: RoleModel
) -> None:
    """Offer the verb's own example where the one with what was typed would be refused too."""
    line = _AT_NAME.sub(r"<@U0|\1>", misunderstood.example)
    try:
        is_accepted = _parse_line(line, team, roles).missing_word is None
    except parse_errors.ParseError:
        is_accepted = False
    if not is_accepted:
        verb = misunderstood.example.removeprefix(COMMAND).split()[:1]
        misunderstood.example = example_for_verb(
            verb[0] if verb and verb[0] in VERB_BY_NAME else None
        )


def _without_address(pieces: list[Token]) -> list[Token]:
    """Return the line without what addresses the app itself: its command once more, its name, a polite word."""
    command = COMMAND.removeprefix("/")
    for place, token in enumerate(pieces):
        is_name = token.text.casefold().strip("/@:,") == command and token.shape in {
            "word",
            "user",
            "group",
        }
        if not is_name and token.plain not in POLITE_WORDS:
            return pieces[place:]
    return []


def _normalize_verb(token: Token) -> str:
    return token.plain.removeprefix("/")


def _read_slots(
    verb: Verb, renderer: list[Token], team: str, roles: RoleModel
) -> ParsedCommand:
    reading = ParseState(verb, list(renderer), team, roles)
    for slot in Slot:
        if reading.accepts_slot(slot):
            READER_BY_SLOT[slot](reading)
    _reject_leftover_words(reading)
    return ParsedCommand(
        verb, reading.slots, reading.typed, missing_word=_missing_slot_error(reading)
    )


def _unknown_verb(
    pieces: list[Token], team: str, roles: RoleModel
) -> parse_errors.UnknownVerb:
    """A verb that stands later in the line, else the nearest one, with the same words where they make sense there."""
    typed = pieces[0].text
    later = next(
        (
            p
            for p, t in enumerate(pieces[:LATER_VERB_DISTANCE])
            if _normalize_verb(t) in VERB_BY_NAME
        ),
        None,
    )
    near = _normalize_verb(pieces[later]) if later else _nearest_verb(typed)
    renderer = pieces[later + 1 :] if later else pieces[1:]
    return parse_errors.UnknownVerb(
        _example_with_words(near, renderer, team, roles),
        typed[:MAX_COMPARED_LENGTH],
        near,
    )


def _nearest_verb(typed: str) -> str | None:
    """The verb most like a word; one that ends something must be very like it."""
    ending = tuple(name for name, verb in VERB_BY_NAME.items() if verb.is_destructive)
    near = nearest_word(typed, tuple(VERB_BY_NAME))
    if near not in ending:
        return near
    return nearest_word(typed, ending, SIMILARITY_CUTOFF) or nearest_word(
        typed, tuple(name for name in VERB_BY_NAME if name not in ending)
    )


def _example_with_words(
    verb: str | None, renderer: list[Token], team: str, roles: RoleModel
) -> str:
    rest = " ".join(token_as_typed(t) for t in renderer)
    if verb is None or not 0 < len(rest) < 2 * MAX_COMPARED_LENGTH:
        return example_for_verb(verb)
    try:
        lacks = _read_slots(VERB_BY_NAME[verb], renderer, team, roles).missing_word
    except parse_errors.ParseError as misunderstood:
        return misunderstood.example
    return lacks.example if lacks else f"{COMMAND} {verb} {rest}"


def _read_note(reading: ParseState) -> None:
    for place, token in enumerate(reading.remaining[:-1]):
        if token.plain in {"note", "because"}:
            renderer = reading.remaining[place + 1 :]
            taken = renderer[:1] if renderer[0].shape == "quoted" else renderer
            reading.set_slot(Slot.NOTE, join_tokens(taken), led_by="note")
            reading.typed[Slot.NOTE] += (
                f' "{reading.slots[Slot.NOTE][:MAX_COMPARED_LENGTH]}"'
            )
            del reading.remaining[place : place + 1 + len(taken)]
            return


def _read_duration(reading: ParseState) -> None:
    _read_after_lead(reading, Slot.DURATION, "until", day, parse_errors.BadMoment)
    _read_after_lead(reading, Slot.DURATION, "for", duration, parse_errors.BadLength)


def _read_since(reading: ParseState) -> None:
    _read_after_lead(
        reading,
        Slot.SINCE,
        "since",
        lambda typed: duration(typed) or day(typed),
        parse_errors.BadMoment,
    )


def _read_after_lead(
    reading: ParseState,
    slot: Slot,
    lead: str,
    read: Callable[[str], Any],
    refusal: type[parse_errors.BadLength | parse_errors.BadMoment],
) -> None:
    """A word that leads the next one, or the next two, as in `for 30 days`."""
    for place, token in enumerate(reading.remaining[:-1]):
        if token.plain != lead:
            continue
        for many in (2, 1):
            taken = reading.remaining[place + 1 : place + 1 + many]
            value = read(join_tokens(taken))
            if value is not None:
                reading.set_slot(slot, value, *taken, led_by=lead)
                del reading.remaining[place : place + 1 + len(taken)]
                return
        following = [t.text for t in reading.remaining[place + 1 : place + 3]]
        if following[0][:1].isdigit() or lead not in FILLER_WORDS:
            typed = " ".join(following if following[0].isdecimal() else following[:1])
            raise refusal(
                reading.build_example(
                    **{slot.value: LEAD_EXAMPLES.get(lead, SAMPLE_VALUES[slot])}
                ),
                typed[:MAX_COMPARED_LENGTH],
            )


def _read_actor(reading: ParseState) -> None:
    _read_led_person(reading, Slot.ACTOR, "by")


def _read_subject(reading: ParseState) -> None:
    _read_led_person(reading, Slot.SUBJECT, "about")


def _read_led_person(reading: ParseState, slot: Slot, lead: str) -> None:
    for place, token in enumerate(reading.remaining[:-1]):
        following = reading.remaining[place + 1]
        if token.plain == lead and is_person(following):
            reading.set_slot(
                slot,
                account_from_token(following, reading.team),
                following,
                led_by=lead,
            )
            del reading.remaining[place : place + 2]
            return


def _read_event_names(reading: ParseState) -> None:
    """Names of events behind `only`: a source, or source.fact, several with commas."""
    for place, token in enumerate(reading.remaining[:-1]):
        following = reading.remaining[place + 1]
        if token.plain == "only" and following.shape == "word":
            names_of = tuple(
                name for name in following.text.casefold().split(",") if name
            )
            reading.set_slot(Slot.EVENT_NAMES, names_of, following, led_by="only")
            del reading.remaining[place : place + 2]
            return


def _read_resources_to_keep(reading: ParseState) -> None:
    """Everything behind `keep`, each a thing of its own, as far as the next mention."""
    place = next(
        (p for p, t in enumerate(reading.remaining[:-1]) if t.plain == "keep"), None
    )
    if place is None:
        return
    taken = list(
        takewhile(
            lambda t: t.shape in {"word", "quoted"}, reading.remaining[place + 1 :]
        )
    )
    kept = [
        t for t in taken if t.plain.strip(",") not in {"and", ""} or t.shape == "quoted"
    ]
    if kept:
        reading.set_slot(
            Slot.RESOURCES_TO_KEEP,
            tuple(t.text.rstrip(",") for t in kept),
            *kept[:3],
            led_by="keep",
        )
        del reading.remaining[place : place + 1 + len(taken)]


def _read_person(reading: ParseState) -> None:
    found = next((t for t in reading.remaining if is_person(t)), None)
    if found:
        reading.set_slot(Slot.PERSON, account_from_token(found, reading.team), found)
        reading.consume(found, *_leading_words(reading, [found], FILLER_WORDS))
        return
    unresolved = next(
        (t for t in reading.remaining if t.shape == "word" and t.text.startswith("@")),
        None,
    )
    if unresolved:
        raise parse_errors.UnknownWho(
            reading.build_example(), unresolved.text[:MAX_COMPARED_LENGTH]
        )


def _read_people(reading: ParseState) -> None:
    """Everybody who is mentioned or addressed; what looks like somebody and is nobody spoils only itself."""
    found = [t for t in reading.remaining if is_person(t) or _is_not_a_person(t)]
    if found and not any(is_person(t) for t in found):
        raise _is_unknown_person(reading, found[0])
    if found:
        whom = tuple(dict.fromkeys(_person_from_name(t, reading.team) for t in found))
        if len(whom) > MAX_RESOURCES_IN_OFFER:
            raise parse_errors.TooManyPeople(
                example_for_verb(reading.verb.name), len(whom), MAX_RESOURCES_IN_OFFER
            )
        reading.set_slot(Slot.PEOPLE, whom, *[t for t in found if is_person(t)][:3])
        reading.consume(*_owner_names(reading))
        reading.consume(*found, *_leading_words(reading, found, PEOPLE_SEPARATORS))
        reading.consume(*(t for t in reading.remaining if t.text in {",", ";"}))


def _is_unknown_person(reading: ParseState, token: Token) -> parse_errors.ParseError:
    if token.shape == "group":
        return parse_errors.GroupNamed(
            reading.build_example(), token.text[:MAX_COMPARED_LENGTH]
        )
    return parse_errors.UnknownWho(
        reading.build_example(), token.text[:MAX_COMPARED_LENGTH]
    )


def _person_from_name(
    token: Token, team: str
) -> Account | Address | GroupMention | str:
    if token.shape == "group":
        return GroupMention(token.text[:MAX_COMPARED_LENGTH])
    return (
        account_from_token(token, team)
        if is_person(token)
        else token.text.rstrip(",;:")
    )


def _owner_names(reading: ParseState) -> list[Token]:
    """The names before addresses in angle brackets; none where they could as well name the thing."""
    known = PEOPLE_SEPARATORS.union(_all_roles(reading.kinds))
    owners: list[Token] = []
    for place, token in enumerate(reading.remaining):
        if token.is_bracketed:
            owners += takewhile(
                lambda t: t.plain not in known, owner_names(reading.remaining, place)
            )
    ids = {id(token) for token in owners}
    names_thing = any(
        t.shape in {"word", "quoted"} and id(t) not in ids and t.plain not in known
        for t in reading.remaining
    )
    return owners if names_thing else []


def _is_not_a_person(token: Token) -> bool:
    """A group, or a word with an @ that is neither a mention nor an address."""
    return token.shape == "group" or (token.shape == "word" and "@" in token.text)


def _read_resource_type(reading: ParseState) -> None:
    """The first words are a kind, by its name or by what people call it."""
    if not reading.remaining:
        return
    called = {
        name: (reading.kinds[name].words[0].split(), [name]) for name in reading.kinds
    }
    for name, ways in called.items():
        for way in ways:
            taken = reading.remaining[: len(way)]
            if [t.plain for t in taken] == way:
                reading.set_slot(Slot.RESOURCE_TYPE, name, *taken)
                del reading.remaining[: len(way)]
                return
    first, roles = reading.remaining[0], tuple(reading.kinds)
    better = {
        "kind": nearest_word(first.text, roles) or roles[0],
        "name": join_tokens(reading.remaining)[:MAX_COMPARED_LENGTH],
    }
    raise parse_errors.UnknownKindWord(
        reading.build_example(**better), first.text[:MAX_COMPARED_LENGTH], roles
    )


def _read_role(reading: ParseState) -> None:
    _read_one_of(reading, Slot.ROLE, _all_roles(reading.kinds))


def _read_capability(reading: ParseState) -> None:
    _read_one_of(reading, Slot.CAPABILITY, CAPABILITIES)


def _read_sent_flag(reading: ParseState) -> None:
    _read_one_of(reading, Slot.SENT, ("sent",))


def _read_rotated_flag(reading: ParseState) -> None:
    _read_one_of(reading, Slot.ROTATED, ("rotated",))


def _read_purpose(reading: ParseState) -> None:
    _read_one_of(reading, Slot.PURPOSE, ("billing", "ownership"))


def _read_leaving_flag(reading: ParseState) -> None:
    _read_one_of(reading, Slot.LEAVING, ("leaving",))


def _read_export(reading: ParseState) -> None:
    """`export`, and behind it the form of the file when that is said."""
    place = next(
        (p for p, t in enumerate(reading.remaining) if t.plain == "export"), None
    )
    if place is None:
        return
    form = reading.remaining[place + 1 : place + 2]
    said = form if form and form[0].plain in EXPORT_FORMATS else []
    reading.set_slot(
        Slot.EXPORT,
        said[0].plain if said else EXPORT_FORMATS[0],
        reading.remaining[place],
        *said,
    )
    reading.consume(reading.remaining[place], *said)


def _read_setting(reading: ParseState) -> None:
    if reading.remaining:
        reading.set_slot(Slot.SETTING, reading.remaining[0].text, reading.remaining[0])
        del reading.remaining[0]


def _read_value(reading: ParseState) -> None:
    if reading.remaining:
        said = join_tokens(reading.remaining)
        reading.set_slot(Slot.VALUE, said, *reading.remaining)
        reading.remaining.clear()


def _read_one_of(reading: ParseState, slot: Slot, known: Sequence[str]) -> None:
    """A word of a closed list; when two could be it, and it is not the same in the end, neither is taken."""
    places = [place for place, t in enumerate(reading.remaining) if t.plain in known]
    led = [
        place
        for place in places
        if place and reading.remaining[place - 1].plain == "as"
    ]
    places = led[-1:] or places
    if not places:
        return
    found = [reading.remaining[place] for place in places]
    between = reading.remaining[places[0] : places[-1] + 1]
    is_same = all(t.plain == found[0].plain for t in between)
    if not is_same and not any(t.shape == "quoted" for t in reading.remaining):
        rest = [
            t
            for t in reading.remaining
            if t is not found[0] and t.plain not in FILLER_WORDS
        ]
        better = {
            slot.value: found[0].plain,
            reading.resource_slot.value: tokens_as_quotation(rest),
        }
        raise parse_errors.TwoMeanings(
            reading.build_example(**better), slot.value, found[0].plain, found[1].plain
        )
    reading.set_slot(slot, found[0].plain, found[0])
    reading.consume(found[0], *_leading_words(reading, found[:1], frozenset({"as"})))


def _leading_words(
    reading: ParseState, found: Sequence[Token], leads: frozenset[str]
) -> list[Token]:
    """The little words before what was found, so that they are not left over as parts of a name."""
    ids = {id(token) for token in found}
    return [
        before
        for before, token in pairwise(reading.remaining)
        if id(token) in ids and before.plain in leads
    ]


def _read_team(reading: ParseState) -> None:
    """The team, once it is sure that no misspelt role stands among the names."""
    said = [t for t in reading.remaining if t.plain not in FILLER_WORDS]
    if (
        Slot.ROLE in reading.verb.required_slots
        and Slot.ROLE not in reading
        and len(said) > RESOURCE_AND_TEAM
    ):
        _reject_misspelt_team_role(reading, said)
    resource_names.read_team(reading)


def _reject_misspelt_team_role(reading: ParseState, said: list[Token]) -> None:
    known = _all_roles(reading.kinds)
    near = {
        id(t): n
        for t in said[:LATER_VERB_DISTANCE]
        if t.shape == "word" and (n := nearest_word(t.text, known))
    }
    typed = next((t for t in said if id(t) in near), said[-1])
    rest = [token_as_typed(t) for t in said if t is not typed]
    both = (
        {Slot.RESOURCE.value: rest[0], Slot.TEAM.value: rest[1]}
        if len(rest) == RESOURCE_AND_TEAM
        else {}
    )
    better = {
        Slot.ROLE.value: near.get(id(typed)) or reading.verb.samples[Slot.ROLE],
        **both,
    }
    listed = reading.kinds.assignable_role_names
    raise parse_errors.UnknownRoleWord(
        reading.build_example(**better),
        typed.text[:MAX_COMPARED_LENGTH],
        near.get(id(typed)),
        listed,
    )


def _read_groups(reading: ParseState) -> None:
    found = [t for t in reading.remaining if t.plain in channels.EVENT_GROUPS]
    if found:
        reading.set_slot(
            Slot.GROUPS, tuple(dict.fromkeys(t.plain for t in found)), *found
        )
        reading.consume(*found)


def _read_rhythm(reading: ParseState) -> None:
    _read_one_of(reading, Slot.RHYTHM, DIGEST_RHYTHMS)


def _read_hour(reading: ParseState) -> None:
    """The hour behind `at`; `at once` is what holds without it."""
    for lead, following in pairwise(reading.remaining):
        if lead.plain != "at" or not (
            following.plain == "once" or following.text[:1].isdigit()
        ):
            continue
        after = reading.remaining[reading.remaining.index(following) + 1 :][:1]
        half = [t for t in after if t.plain in {"am", "pm"}]
        said = (
            None
            if following.plain == "once"
            else parse_hour(join_tokens([following, *half]))
        )
        if said is None and following.plain != "once":
            raise parse_errors.BadHourWord(
                reading.build_example(hour="at 9"), following.text[:MAX_COMPARED_LENGTH]
            )
        if said is not None:
            reading.set_slot(Slot.HOUR, said, following, *half, led_by="at")
        reading.consume(lead, following, *half)
        return


def _read_verb(reading: ParseState) -> None:
    if reading.remaining:
        typed = reading.remaining[0]
        reading.consume(typed)
        if typed.plain not in VERB_BY_NAME:
            known = nearest_word(typed.text, tuple(VERB_BY_NAME))
            raise parse_errors.UnknownVerb(
                f"{COMMAND} help {known}" if known else f"{COMMAND} help",
                typed.text[:MAX_COMPARED_LENGTH],
                known,
            )
        reading.set_slot(Slot.VERB, typed.plain, typed)


def _read_resource(reading: ParseState) -> None:
    """What is left names the thing."""
    _read_named(reading, Slot.RESOURCE, resource_names.resource_name_tokens(reading))


def _read_resources(reading: ParseState) -> None:
    """What is left names a thing or several: each that is quoted, else all words, which the core tells apart."""
    _read_named(reading, Slot.RESOURCES, resource_names.resource_names_tokens(reading))


def _read_named(reading: ParseState, slot: Slot, named: list[Token]) -> None:
    if named and named[0].shape != "quoted":
        _reject_misspelt_words(reading, named)
    if named:
        said = (
            tokens_as_name(named)
            if slot is Slot.RESOURCE
            else tuple(tokens_as_name([t]).strip(",;") for t in named)
        )
        reading.set_slot(slot, said, *named)
        reading.consume(
            *named, *(t for t in reading.remaining if t.plain in FILLER_WORDS | {"and"})
        )


def _reject_misspelt_words(reading: ParseState, named: list[Token]) -> None:
    """Among the words that would name the thing there may be a misspelt role, capability or group."""
    for slot, (refusal, listed, known) in _closed_lists(reading.kinds).items():
        if slot in reading.verb.required_slots and slot not in reading:
            _reject_misspelt(reading, named, slot, refusal, listed, known)
    if Slot.GROUPS in reading.verb.optional_slots and len(named) > 1:
        typed = named[1].text[:MAX_COMPARED_LENGTH]
        near = nearest_word(typed, (*channels.EVENT_GROUPS, *DIGEST_RHYTHMS))
        slot = Slot.RHYTHM if near in DIGEST_RHYTHMS else Slot.GROUPS
        better = {
            "what": named[0].text[:MAX_COMPARED_LENGTH],
            slot.value: near or channels.EVENT_GROUPS[0],
        }
        raise parse_errors.UnknownGroupWord(
            reading.build_example(**better), typed, near, channels.EVENT_GROUPS
        )


def _reject_misspelt(
    reading: ParseState,
    named: list[Token],
    slot: Slot,
    refusal: Any,
    listed: Sequence[str],
    known: Sequence[str],
) -> None:
    near = {t.text: n for t in named[:3] if (n := nearest_word(t.text, known))}
    if near or len(named) > 1:
        stands_last = reading.verb.required_slots[-1] is slot
        typed = next(iter(near), named[-1 if stands_last else 0].text)
        what = " ".join(t.text for t in named if t.text != typed)[:MAX_COMPARED_LENGTH]
        better = {
            slot.value: near.get(typed) or SAMPLE_VALUES[slot],
            **({reading.resource_slot.value: what} if what else {}),
        }
        raise refusal(
            reading.build_example(**better),
            typed[:MAX_COMPARED_LENGTH],
            near.get(typed),
            tuple(listed),
        )


def _closed_lists(
    roles: RoleModel,
) -> Mapping[Slot, tuple[Any, Sequence[str], Sequence[str]]]:
    """For each closed list: the refusal, the words that it names, and all that are known."""
    return {
        Slot.ROLE: (
            parse_errors.UnknownRoleWord,
            roles.assignable_role_names,
            _all_roles(roles),
        ),
        Slot.CAPABILITY: (
            parse_errors.UnknownCapabilityWord,
            CAPABILITIES,
            CAPABILITIES,
        ),
    }


def _all_roles(roles: RoleModel) -> tuple[str, ...]:
    """Every role, those that are only implied too: somebody may go down to one."""
    return tuple(
        dict.fromkeys(role.name for name in roles for role in roles[name].roles)
    )


def _missing_slot_error(reading: ParseState) -> parse_errors.MissingWord | None:
    missing = next(
        (
            s
            for s in reading.verb.required_slots
            if s not in reading and s not in NAMING_SLOTS
        ),
        None,
    )
    if missing is None:
        return None
    better = (
        _reject_split_name(reading, missing)
        if missing in {Slot.PERSON, Slot.PEOPLE}
        else {}
    )
    return parse_errors.MissingWord(
        reading.build_example(**better),
        reading.verb.name,
        missing.value,
        reading.verb.usage,
    )


def _reject_leftover_words(reading: ParseState) -> None:
    left = [t for t in reading.remaining if t.plain not in FILLER_WORDS]
    stray = next((t for t in left if t.shape in {"group", "channel"}), None)
    if stray:
        refusal = (
            parse_errors.GroupNamed
            if stray.shape == "group"
            else parse_errors.ChannelNamed
        )
        raise refusal(reading.build_example(), stray.text[:MAX_COMPARED_LENGTH])
    if left:
        near = Slot.SENT in reading.verb.optional_slots and nearest_word(
            left[0].text, ("sent",)
        )
        better = {"sent": near} if near else {}
        example, typed = reading.build_example(**better), token_as_typed(left[0])
        raise parse_errors.ExtraWord(
            example, reading.verb.name, typed, reading.verb.usage
        )


def _reject_split_name(reading: ParseState, missing: Slot) -> dict[str, str]:
    """A name without its @ was taken for the start of the thing's name."""
    first, _, rest = reading.typed.get(reading.resource_slot, "").partition(" ")
    return (
        {missing.value: f"@{first}", reading.resource_slot.value: rest}
        if rest and first.isalnum()
        else {}
    )


READER_BY_SLOT: Mapping[Slot, Callable[[ParseState], None]] = {
    Slot.NOTE: _read_note,
    Slot.DURATION: _read_duration,
    Slot.SINCE: _read_since,
    Slot.ACTOR: _read_actor,
    Slot.SUBJECT: _read_subject,
    Slot.EVENT_NAMES: _read_event_names,
    Slot.RESOURCES_TO_KEEP: _read_resources_to_keep,
    Slot.PERSON: _read_person,
    Slot.PEOPLE: _read_people,
    Slot.RESOURCE_TYPE: _read_resource_type,
    Slot.OTHER_RESOURCE: resource_names.read_other_resource,
    Slot.NAME: resource_names.read_name,
    Slot.TEXT: resource_names.read_text,
    Slot.ROLE: _read_role,
    Slot.CAPABILITY: _read_capability,
    Slot.TEAM: _read_team,
    Slot.GROUPS: _read_groups,
    Slot.RHYTHM: _read_rhythm,
    Slot.HOUR: _read_hour,
    Slot.SENT: _read_sent_flag,
    Slot.EXPORT: _read_export,
    Slot.ROTATED: _read_rotated_flag,
    Slot.SETTING: _read_setting,
    Slot.VALUE: _read_value,
    Slot.PURPOSE: _read_purpose,
    Slot.LEAVING: _read_leaving_flag,
    Slot.VERB: _read_verb,
    Slot.RESOURCES: _read_resources,
    Slot.RESOURCE: _read_resource,
}
