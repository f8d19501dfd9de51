"""Readers of words of closed lists, and of the resources that other words name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.slack.commands import errors as parse_errors
from bot.slack.commands import resource_names
from bot.slack.commands.lexer import Token
from bot.slack.commands.parse_state import (
    FILLER_WORDS,
    LATER_WORD_DISTANCE,
    MAX_COMPARED_LENGTH,
    ParseState,
    join_tokens,
    nearest_word,
    token_as_typed,
    tokens_as_name,
    tokens_as_quotation,
)
from bot.slack.commands.slots import SAMPLE_VALUES, Slot
from bot.slack.commands.typed_words import (
    capability_by_word,
    role_by_word,
    type_by_word,
)
from collab.channels import EVENT_GROUPS
from collab.model import Frequency
from collab.role_model import RoleModel
from collab.roles import CAPABILITIES

DIGEST_RHYTHMS = (Frequency.DAILY, Frequency.WEEKLY)
ROLE_LEADS = frozenset({"as", "als"})
RESOURCE_AND_TEAM = 2  # words that name a resource and a team


def list_role_names(roles: RoleModel) -> tuple[str, ...]:
    """Return all role names; derived ones too, as a member may go down to one."""
    names = [role.name for type_name in roles for role in roles[type_name].roles]
    return tuple(dict.fromkeys(names))


def leading_words(
    state: ParseState, tokens: Sequence[Token], leads: frozenset[str]
) -> list[Token]:
    """Return the lead words before some tokens, which are no parts of a name."""
    token_ids = {id(token) for token in tokens}
    return [
        before
        for before, token in pairwise(state.remaining)
        if id(token) in token_ids and before.plain in leads
    ]


def read_resource_type(state: ParseState) -> None:
    """Read a type from the first words, by its name or by what people call it."""
    if not state.remaining:
        return
    type_names = tuple(state.roles)
    names = type_by_word(type_names)
    for phrase, name in names.items():
        words = phrase.split()
        tokens = state.remaining[: len(words)]
        if [token.plain for token in tokens] == words:
            state.set_slot(Slot.RESOURCE_TYPE, name, *tokens)
            del state.remaining[: len(words)]
            return
    typed = state.remaining[0].text
    nearest = nearest_word(typed, tuple(names))
    better = {
        Slot.RESOURCE_TYPE.value: names[nearest] if nearest else type_names[0],
        Slot.NAME.value: join_tokens(state.remaining)[:MAX_COMPARED_LENGTH],
    }
    raise parse_errors.UnknownKindWord(
        state.build_example(**better), typed[:MAX_COMPARED_LENGTH], type_names
    )


def read_role(state: ParseState) -> None:
    """Read a role by its name or by a word for it in any language."""
    roles = role_by_word(list_role_names(state.roles))
    _join_phrases(state, roles)
    read_closed_word(Slot.ROLE, tuple(roles), state)
    if Slot.ROLE in state:
        state.slots[Slot.ROLE] = roles[state.slots[Slot.ROLE]]


def _join_phrases(state: ParseState, words: Mapping[str, str]) -> None:
    """Make one token of two that are a phrase of a closed list, as `full member`."""
    for position, (first, second) in enumerate(pairwise(state.remaining)):
        phrase = f"{first.plain} {second.plain}"
        if phrase in words:
            state.remaining[position : position + 2] = [Token("word", phrase)]
            return


def read_capability(state: ParseState) -> None:
    """Read a capability by its name or by a word for it in any language."""
    capabilities = capability_by_word()
    read_closed_word(Slot.CAPABILITY, tuple(capabilities), state)
    if Slot.CAPABILITY in state:
        state.slots[Slot.CAPABILITY] = capabilities[state.slots[Slot.CAPABILITY]]


def read_closed_word(slot: Slot, words: Sequence[str], state: ParseState) -> None:
    """Read a word of a closed list; raise TwoMeanings if two could be it.

    A word after `as` or `als` is the one that is meant.
    """
    positions = [p for p, token in enumerate(state.remaining) if token.plain in words]
    if not positions:
        return
    led = [p for p in positions if p and state.remaining[p - 1].plain in ROLE_LEADS]
    if led:
        positions = led[-1:]
    token = state.remaining[positions[0]]
    between = state.remaining[positions[0] : positions[-1] + 1]
    is_same = all(each.plain == token.plain for each in between)
    is_quoted = any(each.shape == "quoted" for each in state.remaining)
    if not is_same and not is_quoted:
        other = state.remaining[positions[1]]
        raise _two_meanings_error(state, slot, token, other)
    state.set_slot(slot, token.plain, token)
    state.consume(token, *leading_words(state, [token], ROLE_LEADS))


def _two_meanings_error(
    state: ParseState, slot: Slot, token: Token, other: Token
) -> parse_errors.TwoMeanings:
    rest = [
        each
        for each in state.remaining
        if each is not token and each.plain not in FILLER_WORDS
    ]
    better = {
        slot.value: token.plain,
        state.resource_slot.value: tokens_as_quotation(rest),
    }
    return parse_errors.TwoMeanings(
        state.build_example(**better), slot.value, token.plain, other.plain
    )


def read_team(state: ParseState) -> None:
    """Read the team, unless one of the names may be a misspelt role."""
    names = [t for t in state.remaining if t.plain not in FILLER_WORDS]
    lacks_role = Slot.ROLE in state.verb.required_slots and Slot.ROLE not in state
    if lacks_role and len(names) > RESOURCE_AND_TEAM:
        raise _misspelt_team_role_error(state, names)
    resource_names.read_team(state)


def _misspelt_team_role_error(
    state: ParseState, names: list[Token]
) -> parse_errors.UnknownRoleWord:
    role_names = tuple(role_by_word(list_role_names(state.roles)))
    typed, nearest = names[-1], None
    for token in names[:LATER_WORD_DISTANCE]:
        role = nearest_word(token.text, role_names) if token.shape == "word" else None
        if role:
            typed, nearest = token, role
            break
    better = {Slot.ROLE.value: nearest or state.verb.samples[Slot.ROLE]}
    rest_tokens = [token for token in names if token is not typed]
    rest = [token_as_typed(token) for token in rest_tokens]
    if len(rest) == RESOURCE_AND_TEAM:
        better[Slot.RESOURCE.value], better[Slot.TEAM.value] = rest
    return parse_errors.UnknownRoleWord(
        state.build_example(**better),
        typed.text[:MAX_COMPARED_LENGTH],
        nearest,
        state.roles.assignable_role_names,
        what=tokens_as_name(rest_tokens[:1]),
        suggested=better[Slot.ROLE.value],
    )


def read_resource(state: ParseState) -> None:
    """Read the remaining words as the name of one resource."""
    tokens = resource_names.resource_name_tokens(state)
    _reject_misspelt_words(state, tokens)
    if tokens:
        state.set_slot(Slot.RESOURCE, tokens_as_name(tokens), *tokens)
        _consume_named(state, tokens)


def read_resources(state: ParseState) -> None:
    """Read the remaining words as names of resources, which the core tells apart."""
    tokens = resource_names.resource_names_tokens(state)
    _reject_misspelt_words(state, tokens)
    if tokens:
        names = tuple(tokens_as_name([token]).strip(",;") for token in tokens)
        state.set_slot(Slot.RESOURCES, names, *tokens)
        _consume_named(state, tokens)


def _consume_named(state: ParseState, tokens: list[Token]) -> None:
    between = FILLER_WORDS | {"and"}
    state.consume(*tokens, *(t for t in state.remaining if t.plain in between))


@dataclass(frozen=True, slots=True)
class _ClosedList:
    """The words of a slot, and those that an error lists."""

    words: Sequence[str]
    listed: Sequence[str]


def _reject_misspelt_words(state: ParseState, tokens: list[Token]) -> None:
    """Raise an error if a name is a misspelt role, capability or group."""
    if not tokens or tokens[0].shape == "quoted":
        return
    closed_lists = {
        Slot.ROLE: _ClosedList(
            tuple(role_by_word(list_role_names(state.roles))),
            state.roles.assignable_role_names,
        ),
        Slot.CAPABILITY: _ClosedList(tuple(capability_by_word()), CAPABILITIES),
    }
    for slot, closed_list in closed_lists.items():
        if slot in state.verb.required_slots and slot not in state:
            _reject_misspelt(state, tokens, slot, closed_list)
    if Slot.GROUPS in state.verb.optional_slots and len(tokens) > 1:
        raise _misspelt_group_error(state, tokens)


def _reject_misspelt(
    state: ParseState, tokens: list[Token], slot: Slot, closed_list: _ClosedList
) -> None:
    typed, nearest = "", None
    for token in tokens[:3]:
        nearest = nearest_word(token.text, closed_list.words)
        if nearest:
            typed = token.text
            break
    if nearest is None:
        if len(tokens) == 1:
            return
        is_last = state.verb.required_slots[-1] is slot
        typed = tokens[-1 if is_last else 0].text
    better = {slot.value: nearest or SAMPLE_VALUES[slot]}
    rest = " ".join(token.text for token in tokens if token.text != typed)
    if rest:
        better[state.resource_slot.value] = rest[:MAX_COMPARED_LENGTH]
    example = state.build_example(**better)
    typed, listed = typed[:MAX_COMPARED_LENGTH], tuple(closed_list.listed)
    if slot is Slot.ROLE:
        raise parse_errors.UnknownRoleWord(
            example,
            typed,
            nearest,
            listed,
            what=rest[:MAX_COMPARED_LENGTH],
            suggested=better[slot.value],
            is_changed=state.verb.accepts_slot(Slot.RESOURCES_TO_KEEP),
        )
    raise parse_errors.UnknownCapabilityWord(example, typed, nearest, listed)


def _misspelt_group_error(
    state: ParseState, tokens: list[Token]
) -> parse_errors.UnknownGroupWord:
    typed = tokens[1].text[:MAX_COMPARED_LENGTH]
    nearest = nearest_word(typed, (*EVENT_GROUPS, *DIGEST_RHYTHMS))
    slot = Slot.RHYTHM if nearest in DIGEST_RHYTHMS else Slot.GROUPS
    better = {
        Slot.RESOURCE.value: tokens[0].text[:MAX_COMPARED_LENGTH],
        slot.value: nearest or EVENT_GROUPS[0],
    }
    return parse_errors.UnknownGroupWord(
        state.build_example(**better), typed, nearest, EVENT_GROUPS
    )
