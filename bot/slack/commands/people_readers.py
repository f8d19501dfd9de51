"""Readers of the slots for one person and for several people."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, takewhile

from bot.slack.commands import errors as parse_errors
from bot.slack.commands.lexer import (
    Token,
    is_person,
    join_owner_names,
    owner_names,
)
from bot.slack.commands.parse_state import (
    FILLER_WORDS,
    MAX_COMPARED_LENGTH,
    PEOPLE_SEPARATORS,
    GroupMention,
    ParseState,
    account_from_token,
)
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import Verb
from bot.slack.commands.word_readers import leading_words, list_role_names
from collab.limits import MAX_RESOURCES_IN_OFFER
from collab.model import Account, Address

# What people write for themselves.
SENDER_WORDS = frozenset({"me", "myself", "i", "mich", "mir", "ich"})


def name_sender(verb: Verb, tokens: list[Token], user_id: str) -> list[Token]:
    """Return the tokens with a mention of the sender in place of a word like "me".

    Only where the verb needs a person and the line names none.
    """
    if Slot.PERSON not in verb.required_slots or any(map(is_person, tokens)):
        return tokens
    for position, token in enumerate(tokens):
        if token.plain in SENDER_WORDS:
            sender = Token("user", token.text, user_id)
            return [*tokens[:position], sender, *tokens[position + 1 :]]
    return tokens


def read_person(state: ParseState) -> None:
    """Read the first mention or address."""
    for token in state.remaining:
        if is_person(token):
            account = account_from_token(token, state.team)
            state.set_slot(Slot.PERSON, account, token)
            state.consume(token, *leading_words(state, [token], FILLER_WORDS))
            return
    for token in state.remaining:
        if token.shape == "word" and token.text.startswith("@"):
            raise parse_errors.UnknownWho(
                state.build_example(), token.text[:MAX_COMPARED_LENGTH]
            )


def read_people(state: ParseState) -> None:
    """Read everybody who is mentioned or addressed.

    Beside people, a group or an unknown name becomes a value of its own, so that it
    spoils only itself.
    """
    tokens = [t for t in state.remaining if is_person(t) or _looks_like_person(t)]
    if not tokens:
        return
    people = [token for token in tokens if is_person(token)]
    if not people:
        raise _unknown_person_error(state, tokens[0])
    names_by_id = _find_owner_names(state)
    owned = [
        replace(token, owner=join_owner_names(names_by_id.get(id(token), ())))
        for token in tokens
    ]
    values = tuple(dict.fromkeys(_to_value(token, state.team) for token in owned))
    if len(values) > MAX_RESOURCES_IN_OFFER:
        raise parse_errors.TooManyPeople(
            state.verb.example_line, len(values), MAX_RESOURCES_IN_OFFER
        )
    state.set_slot(Slot.PEOPLE, values, *people[:3])
    state.consume(*chain.from_iterable(names_by_id.values()))
    state.consume(*tokens, *leading_words(state, tokens, PEOPLE_SEPARATORS))
    state.consume(*(t for t in state.remaining if t.text in {",", ";"}))


def _looks_like_person(token: Token) -> bool:
    """Return whether a token is a group, or a word with an @ that names nobody."""
    return token.shape == "group" or (token.shape == "word" and "@" in token.text)


def _unknown_person_error(state: ParseState, token: Token) -> parse_errors.ParseError:
    typed = token.text[:MAX_COMPARED_LENGTH]
    if token.shape == "group":
        return parse_errors.GroupNamed(state.build_example(), typed)
    return parse_errors.UnknownWho(state.build_example(), typed)


def _to_value(token: Token, team: str) -> Account | Address | GroupMention | str:
    if token.shape == "group":
        return GroupMention(token.text[:MAX_COMPARED_LENGTH])
    if is_person(token):
        return account_from_token(token, team)
    return token.text.rstrip(",;:")


def _find_owner_names(state: ParseState) -> dict[int, list[Token]]:
    """Return the owners' names before addresses, as in `Carl <carl@b.example>`, by the
    id of the address' token.

    Return none where they could as well name the resource.
    """
    no_names = PEOPLE_SEPARATORS.union(list_role_names(state.roles))
    names_by_id: dict[int, list[Token]] = {}
    for position, token in enumerate(state.remaining):
        if token.is_bracketed:
            names = owner_names(state.remaining, position)
            names_by_id[id(token)] = list(
                takewhile(lambda name: name.plain not in no_names, names)
            )
    owner_ids = {id(name) for names in names_by_id.values() for name in names}
    for token in state.remaining:
        is_name = token.shape in {"word", "quoted"} and token.plain not in no_names
        if is_name and id(token) not in owner_ids:
            return names_by_id
    return {}
