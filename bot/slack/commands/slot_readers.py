"""The reader of each slot: it takes words out of a line and sets the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import pairwise, takewhile

from bot.slack.commands import errors as parse_errors
from bot.slack.commands import people_readers, resource_names, word_readers
from bot.slack.commands.catalog import find_verb, list_verb_words
from bot.slack.commands.lexer import Token, day, duration, is_person, parse_hour
from bot.slack.commands.parse_state import (
    FILLER_WORDS,
    MAX_COMPARED_LENGTH,
    NOTHING_WORD,
    PEOPLE_SEPARATORS,
    ParseState,
    account_from_token,
    join_tokens,
    nearest_word,
    tokens_as_line,
    tokens_as_name,
)
from bot.slack.commands.slots import EXPORT_FORMATS, PURPOSES, SAMPLE_VALUES, Slot
from bot.slack.commands.typed_words import role_by_word
from bot.slack.commands.verb import COMMAND
from bot.slack.commands.word_readers import DIGEST_RHYTHMS, read_closed_word
from collab.channels import EVENT_GROUPS
from collab.handovers.scope import list_lower_roles

# After these words there may be a name instead.
NAME_LEADS = FILLER_WORDS | {"at", "on", "am"}
SAMPLE_BY_LEAD = {
    "until": "until 2027-01-31",
    "bis": "until 2027-01-31",
    "on": "on 2027-01-31",
    "am": "on 2027-01-31",
}
UNTIL_LEADS = ("until", "bis")
LENGTH_LEADS = ("for", "für", "fuer")
SINCE_LEADS = ("since", "seit")
DAY_LEADS = ("at", "on", "am")
# After the lead word of a day these begin a day in words, which is not understood.
DAY_WORD = re.compile(
    r"today|tomorrow|next|heute|(?:über|ueber)?morgen|(?:nächs|naechs|kommend)t?en"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
    r"|january|february|march|april|may|june|july|august"
    r"|(?:septem|octo|novem|decem)ber",
    re.IGNORECASE,
)
KEEP_WORDS = ("keep", "behalte")
NOTHING_WORDS = frozenset({NOTHING_WORD, "nichts"})


def _read_note(state: ParseState) -> None:
    for position, token in enumerate(state.remaining[:-1]):
        if token.plain not in {"note", "because"}:
            continue
        tokens = state.remaining[position + 1 :]
        if tokens[0].shape == "quoted":
            tokens = tokens[:1]
        note = join_tokens(tokens)
        state.set_slot(Slot.NOTE, note)
        state.typed[Slot.NOTE] = f'note "{note[:MAX_COMPARED_LENGTH]}"'
        del state.remaining[position : position + 1 + len(tokens)]
        return


def _read_duration(state: ParseState) -> None:
    _read_after_lead(state, Slot.DURATION, UNTIL_LEADS, day, parse_errors.BadMoment)
    _read_after_lead(
        state, Slot.DURATION, LENGTH_LEADS, duration, parse_errors.BadLength
    )


def _read_since(state: ParseState) -> None:
    _read_after_lead(
        state, Slot.SINCE, SINCE_LEADS, _read_duration_or_day, parse_errors.BadMoment
    )


def _read_day(state: ParseState) -> None:
    """Read the date after `at` or `on`; before anything else they are part of a name."""
    _read_after_lead(state, Slot.DAY, DAY_LEADS, day, parse_errors.BadMoment)


def _read_duration_or_day(typed: str) -> timedelta | date | None:
    return duration(typed) or day(typed)


def _read_after_lead(
    state: ParseState,
    slot: Slot,
    leads: Sequence[str],
    read: Callable[[str], timedelta | date | None],
    error_type: type[parse_errors.BadLength | parse_errors.BadMoment],
) -> None:
    """Read the one or two words after a lead word, as in `for 30 days`."""
    for position, token in enumerate(state.remaining[:-1]):
        lead = token.plain
        if lead not in leads:
            continue
        for count in (2, 1):
            tokens = state.remaining[position + 1 : position + 1 + count]
            value = read(join_tokens(tokens))
            if value is not None:
                state.set_slot(slot, value, *tokens, led_by=lead)
                del state.remaining[position : position + 1 + len(tokens)]
                return
        words = [t.text for t in state.remaining[position + 1 : position + 3]]
        # `for` may also stand in front of a name; before a number it cannot.
        is_day = slot is Slot.DAY and DAY_WORD.fullmatch(words[0])
        if is_day or words[0][:1].isdigit() or lead not in NAME_LEADS:
            typed = " ".join(words) if words[0].isdecimal() else words[0]
            sample = SAMPLE_BY_LEAD.get(lead, SAMPLE_VALUES[slot])
            example = state.build_example(**{slot.value: sample})
            raise error_type(example, typed[:MAX_COMPARED_LENGTH])


def _read_led_person(slot: Slot, lead: str, state: ParseState) -> None:
    for position, (token, following) in enumerate(pairwise(state.remaining)):
        if token.plain == lead and is_person(following):
            account = account_from_token(following, state.team)
            state.set_slot(slot, account, following, led_by=lead)
            del state.remaining[position : position + 2]
            return


def _read_event_names(state: ParseState) -> None:
    """Read the names of events after `only`, with commas between them."""
    for position, (token, following) in enumerate(pairwise(state.remaining)):
        if token.plain == "only" and following.shape == "word":
            names = tuple(filter(None, following.text.casefold().split(",")))
            state.set_slot(Slot.EVENT_NAMES, names, following, led_by="only")
            del state.remaining[position : position + 2]
            return


def _read_resources_to_keep(state: ParseState) -> None:
    """Read the names after `keep`, each one resource, up to the next mention."""
    position = _find_word(state.remaining, "keep")
    if position is None:
        return
    following = state.remaining[position + 1 :]
    tokens = list(takewhile(lambda t: t.shape in {"word", "quoted"}, following))
    names = [token for token in tokens if _names_resource(token)]
    if names:
        values = tuple(token.text.rstrip(",") for token in names)
        state.set_slot(Slot.RESOURCES_TO_KEEP, values, *names[:3], led_by="keep")
        del state.remaining[position : position + 1 + len(tokens)]


def _read_role_to_keep(state: ParseState) -> None:
    """Read the role after `keep`, or `nothing`; before a person it may be part of a
    name.
    """
    roles = role_by_word(word_readers.list_role_names(state.roles))
    for lead, following in pairwise(state.remaining):
        if lead.plain not in KEEP_WORDS:
            continue
        if following.plain in NOTHING_WORDS:
            state.set_slot(Slot.ROLE_TO_KEEP, NOTHING_WORD, following, led_by="keep")
        elif following.plain in roles:
            role = roles[following.plain]
            state.set_slot(Slot.ROLE_TO_KEEP, role, following, led_by="keep")
        elif _follows_person(state, lead):
            raise _kept_role_error(state, following)
        else:
            continue
        state.consume(lead, following)
        return


def _follows_person(state: ParseState, token: Token) -> bool:
    before = takewhile(lambda each: each is not token, state.remaining)
    return any(map(is_person, before))


def _kept_role_error(state: ParseState, token: Token) -> parse_errors.UnknownRoleWord:
    """Return that a word is no role in which a former owner stays."""
    named = takewhile(lambda each: not is_person(each), state.remaining)
    name_tokens = [each for each in named if each.plain not in PEOPLE_SEPARATORS]
    kept = [
        role.name
        for name in state.roles
        if state.roles[name].stays_as
        for role in list_lower_roles(state.roles[name])
    ]
    names = tuple(dict.fromkeys(kept))
    return parse_errors.UnknownRoleWord(
        state.build_example(),
        token.text[:MAX_COMPARED_LENGTH],
        nearest_word(token.text, names),
        names,
        what=tokens_as_name(name_tokens)[:MAX_COMPARED_LENGTH],
        is_kept=True,
    )


def _find_word(tokens: Sequence[Token], word: str) -> int | None:
    """Return the position of a word, or None."""
    for position, token in enumerate(tokens):
        if token.plain == word:
            return position
    return None


def _names_resource(token: Token) -> bool:
    return token.shape == "quoted" or token.plain.strip(",") not in {"and", ""}


def _read_export(state: ParseState) -> None:
    """Read `export`, and the format of the file after it if there is one."""
    position = _find_word(state.remaining, "export")
    if position is None:
        return
    tokens = [state.remaining[position]]
    export_format = EXPORT_FORMATS[0]
    following = state.remaining[position + 1 : position + 2]
    if following and following[0].plain in EXPORT_FORMATS:
        tokens += following
        export_format = following[0].plain
    state.set_slot(Slot.EXPORT, export_format, *tokens)
    state.consume(*tokens)


def _read_setting(state: ParseState) -> None:
    if state.remaining:
        token = state.remaining.pop(0)
        state.set_slot(Slot.SETTING, token.text, token)


def _read_value(state: ParseState) -> None:
    if state.remaining:
        state.set_slot(Slot.VALUE, join_tokens(state.remaining), *state.remaining)
        state.remaining.clear()


def _read_groups(state: ParseState) -> None:
    tokens = [token for token in state.remaining if token.plain in EVENT_GROUPS]
    if tokens:
        groups = tuple(dict.fromkeys(token.plain for token in tokens))
        state.set_slot(Slot.GROUPS, groups, *tokens)
        state.consume(*tokens)


def _read_hour(state: ParseState) -> None:
    """Read the hour after `at`; `at once` is the default and sets nothing."""
    for position, (lead, following) in enumerate(pairwise(state.remaining)):
        if lead.plain != "at":
            continue
        if following.plain == "once":
            state.consume(lead, following)
            return
        if not following.text[:1].isdigit():
            continue
        tokens = [following]
        tokens += [
            token
            for token in state.remaining[position + 2 : position + 3]
            if token.plain in {"am", "pm"}
        ]
        hour = parse_hour(join_tokens(tokens))
        if hour is None:
            raise parse_errors.BadHourWord(
                state.build_example(hour="at 9"), following.text[:MAX_COMPARED_LENGTH]
            )
        state.set_slot(Slot.HOUR, hour, *tokens, led_by="at")
        state.consume(lead, *tokens)
        return


def _read_verb(state: ParseState) -> None:
    if not state.remaining:
        return
    token = state.remaining.pop(0)
    verb = find_verb(token.plain)
    if verb is None:
        word = nearest_word(token.text, list_verb_words())
        meant = find_verb(word) if word else None
        nearest = meant.name if meant else None
        raise parse_errors.UnknownVerb(
            f"{COMMAND} help {nearest}" if nearest else f"{COMMAND} help",
            token.text[:MAX_COMPARED_LENGTH],
            nearest,
        )
    state.set_slot(Slot.VERB, verb.name, token)


def _read_line(state: ParseState) -> None:
    """Read all that follows as another line, after an `if`."""
    tokens = state.remaining
    if tokens and tokens[0].plain == "if":
        tokens = tokens[1:]
    if tokens:
        state.set_slot(Slot.LINE, tokens_as_line(tokens), *tokens, led_by="if")
    state.remaining = []


def _closed_word_reader(slot: Slot, *words: str) -> Callable[[ParseState], None]:
    return partial(read_closed_word, slot, words)


READER_BY_SLOT: Mapping[Slot, Callable[[ParseState], None]] = {
    Slot.NOTE: _read_note,
    Slot.DURATION: _read_duration,
    Slot.SINCE: _read_since,
    Slot.DAY: _read_day,
    Slot.ACTOR: partial(_read_led_person, Slot.ACTOR, "by"),
    Slot.SUBJECT: partial(_read_led_person, Slot.SUBJECT, "about"),
    Slot.EVENT_NAMES: _read_event_names,
    Slot.RESOURCES_TO_KEEP: _read_resources_to_keep,
    Slot.ROLE_TO_KEEP: _read_role_to_keep,
    Slot.PERSON: people_readers.read_person,
    Slot.PEOPLE: people_readers.read_people,
    Slot.RESOURCE_TYPE: word_readers.read_resource_type,
    Slot.OTHER_RESOURCE: resource_names.read_other_resource,
    Slot.PLAN: resource_names.read_plan,
    Slot.NAME: resource_names.read_name,
    Slot.TEXT: resource_names.read_text,
    Slot.ROLE: word_readers.read_role,
    Slot.CAPABILITY: word_readers.read_capability,
    Slot.TEAM: word_readers.read_team,
    Slot.GROUPS: _read_groups,
    Slot.RHYTHM: _closed_word_reader(Slot.RHYTHM, *DIGEST_RHYTHMS),
    Slot.HOUR: _read_hour,
    Slot.SENT: _closed_word_reader(Slot.SENT, "sent"),
    Slot.EXPORT: _read_export,
    Slot.ROTATED: _closed_word_reader(Slot.ROTATED, "rotated"),
    Slot.SETTING: _read_setting,
    Slot.VALUE: _read_value,
    Slot.PURPOSE: _closed_word_reader(Slot.PURPOSE, *PURPOSES),
    Slot.LEAVING: _closed_word_reader(Slot.LEAVING, "leaving"),
    Slot.VERB: _read_verb,
    Slot.LINE: _read_line,
    Slot.RESOURCES: word_readers.read_resources,
    Slot.RESOURCE: word_readers.read_resource,
}
