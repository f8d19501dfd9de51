"""The parser: a line becomes a verb and the values of its slots, in any order.

It is driven by the catalog of verbs and the role model, and knows no verb, type or role
by name.
"""

from __future__ import annotations

import re

from bot.slack.commands import errors as parse_errors
from bot.slack.commands.catalog import (
    VERB_BY_NAME,
    example_for_verb,
    find_verb,
    list_verb_words,
)
from bot.slack.commands.lexer import Token, is_person, split_tokens
from bot.slack.commands.parse_state import (
    FILLER_WORDS,
    LATER_WORD_DISTANCE,
    MAX_COMPARED_LENGTH,
    ParseState,
    nearest_word,
    token_as_typed,
)
from bot.slack.commands.people_readers import name_sender
from bot.slack.commands.slot_readers import READER_BY_SLOT
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import COMMAND, ParsedCommand, Verb
from bot.slack.commands.verbs.workspace import HELP
from collab.role_model import RoleModel
from collab.roles import ROLE_MODEL

POLITE_WORDS = frozenset(
    [
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
    ]
)
# How similar a word must be to a destructive verb for that verb to be offered, from 0
# to 1.
DESTRUCTIVE_SIMILARITY = 0.8
_AT_NAME = re.compile(r"(?<!\S)@(\S+)")
NAMING_SLOTS = frozenset({Slot.RESOURCE, Slot.RESOURCES})
STRAY_MENTION_ERRORS = {
    "group": parse_errors.GroupNamed,
    "channel": parse_errors.ChannelNamed,
}


def parse(
    text: str, team: str, roles: RoleModel = ROLE_MODEL, *, sender_id: str = ""
) -> ParsedCommand:
    """Return the verb and the values of its slots; raise ParseError.

    `team` is the id of the workspace whose accounts are mentioned, `sender_id` the user
    whom "me" means.
    """
    try:
        line = _parse_line(text, team, roles, sender_id)
    except parse_errors.ParseError as error:
        _check_example(error, team, roles)
        raise
    if line.missing_word:
        _check_example(line.missing_word, team, roles)
    return line


def _parse_line(
    text: str, team: str, roles: RoleModel, sender_id: str = ""
) -> ParsedCommand:
    tokens = _without_address(split_tokens(text))
    if not tokens:
        return ParsedCommand(HELP, {}, {}, is_empty=True)
    verb = find_verb(_normalize_verb(tokens[0]))
    if verb is None:
        raise _unknown_verb(tokens, team, roles)
    rest = tokens[1:]
    if verb.meant_with_person and any(map(_names_person, rest)):
        verb = VERB_BY_NAME[verb.meant_with_person]
    ends_politely = bool(rest) and rest[-1].plain in POLITE_WORDS
    if ends_politely and not verb.accepts_free_text(rest):
        rest = rest[:-1]
    if sender_id:
        rest = name_sender(verb, rest, sender_id)
    return _read_slots(verb, rest, team, roles)


def _check_example(error: parse_errors.ParseError, team: str, roles: RoleModel) -> None:
    """Replace the error's example by the verb's own where it would be rejected too."""
    line = _AT_NAME.sub(r"<@U0|\1>", error.example)
    try:
        is_accepted = _parse_line(line, team, roles).missing_word is None
    except parse_errors.ParseError:
        is_accepted = False
    if is_accepted:
        return
    words = error.example.removeprefix(COMMAND).split()
    name = words[0] if words and words[0] in VERB_BY_NAME else None
    error.example = example_for_verb(name)


def _without_address(tokens: list[Token]) -> list[Token]:
    """Return the line without words in front that address the app or are polite."""
    for position, token in enumerate(tokens):
        if not _is_app_name(token) and token.plain not in POLITE_WORDS:
            return tokens[position:]
    return []


def _names_person(token: Token) -> bool:
    return is_person(token) or (token.shape == "word" and token.text.startswith("@"))


def _is_app_name(token: Token) -> bool:
    name = token.text.casefold().strip("/@:,")
    return name == COMMAND.strip("/") and token.shape in {"word", "user", "group"}


def _normalize_verb(token: Token) -> str:
    return token.plain.removeprefix("/")


def _read_slots(
    verb: Verb, tokens: list[Token], team: str, roles: RoleModel
) -> ParsedCommand:
    state = ParseState(verb, list(tokens), team, roles)
    for slot in Slot:
        if verb.accepts_slot(slot):
            READER_BY_SLOT[slot](state)
    _reject_leftover_words(state)
    missing_word = _missing_slot_error(state)
    return ParsedCommand(verb, state.slots, state.typed, missing_word=missing_word)


def _unknown_verb(
    tokens: list[Token], team: str, roles: RoleModel
) -> parse_errors.UnknownVerb:
    """Return the error that offers a later verb of the line, else the nearest one.

    Its example has the other words of the line where they make sense for that verb.
    """
    typed = tokens[0].text
    name, rest = _nearest_verb(typed), tokens[1:]
    for position, token in enumerate(tokens[:LATER_WORD_DISTANCE]):
        if verb := find_verb(_normalize_verb(token)):
            name, rest = verb.name, tokens[position + 1 :]
            break
    example = _example_with_words(name, rest, team, roles)
    return parse_errors.UnknownVerb(example, typed[:MAX_COMPARED_LENGTH], name)


def _nearest_verb(typed: str) -> str | None:
    """Return the verb most similar to a word.

    A destructive one must be very similar.
    """
    words = list_verb_words()
    nearest = nearest_word(typed, words)
    if nearest and _is_destructive(nearest):
        destructive = [word for word in words if _is_destructive(word)]
        harmless = [word for word in words if word not in destructive]
        nearest = nearest_word(
            typed, destructive, DESTRUCTIVE_SIMILARITY
        ) or nearest_word(typed, harmless)
    verb = find_verb(nearest) if nearest else None
    return verb.name if verb else None


def _is_destructive(word: str) -> bool:
    verb = find_verb(word)
    return verb is not None and verb.is_destructive


def _example_with_words(
    name: str | None, tokens: list[Token], team: str, roles: RoleModel
) -> str:
    rest = " ".join(token_as_typed(token) for token in tokens)
    if name is None or not 0 < len(rest) < 2 * MAX_COMPARED_LENGTH:
        return example_for_verb(name)
    try:
        line = _read_slots(VERB_BY_NAME[name], tokens, team, roles)
    except parse_errors.ParseError as error:
        return error.example
    if line.missing_word:
        return line.missing_word.example
    return f"{COMMAND} {name} {rest}"


def _missing_slot_error(state: ParseState) -> parse_errors.MissingWord | None:
    """Return the error for the first required slot without a value.

    A missing resource is no error here: a linked channel may stand for it.
    """
    for slot in state.verb.required_slots:
        if slot in state or slot in NAMING_SLOTS:
            continue
        better = {}
        if slot in {Slot.PERSON, Slot.PEOPLE}:
            better = _split_name(state, slot)
        example = state.build_example(**better)
        return parse_errors.MissingWord(
            example, state.verb.name, slot.value, state.verb.usage
        )
    return None


def _split_name(state: ParseState, missing: Slot) -> dict[str, str]:
    """Return values for a name without its @ that was read as the resource's."""
    first, _, rest = state.typed.get(state.resource_slot, "").partition(" ")
    if not rest or not first.isalnum():
        return {}
    return {missing.value: f"@{first}", state.resource_slot.value: rest}


def _reject_leftover_words(state: ParseState) -> None:
    leftover = [t for t in state.remaining if t.plain not in FILLER_WORDS]
    if not leftover:
        return
    for token in leftover:
        if token.shape in STRAY_MENTION_ERRORS:
            raise STRAY_MENTION_ERRORS[token.shape](
                state.build_example(), token.text[:MAX_COMPARED_LENGTH]
            )
    better = {}
    if Slot.SENT in state.verb.optional_slots and nearest_word(
        leftover[0].text, ("sent",)
    ):
        better = {Slot.SENT.value: "sent"}
    raise parse_errors.ExtraWord(
        state.build_example(**better),
        state.verb.name,
        token_as_typed(leftover[0]),
        state.verb.usage,
    )
