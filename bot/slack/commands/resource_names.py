"""Readers of names in a line: of a resource, of another one, and a new name or text.

Where two names follow each other, quotation marks, the verb's lead word between them,
or one word each tell them apart. Where none of these does, the line is rejected and
nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.commands import errors as parse_errors
from bot.slack.commands.lexer import Token
from bot.slack.commands.parse_state import (
    FILLER_WORDS,
    MAX_COMPARED_LENGTH,
    NOTHING_WORD,
    ParseState,
    join_tokens,
    tokens_as_name,
    tokens_as_quotation,
)
from bot.slack.commands.slots import Slot

FREE_TEXT_SLOTS = frozenset({Slot.NAME, Slot.TEXT})
LED_SLOTS = frozenset({Slot.OTHER_RESOURCE, Slot.PLAN, Slot.TEAM})
CLEARABLE_SLOTS = frozenset({Slot.OTHER_RESOURCE, Slot.PLAN, Slot.TEXT})


def read_other_resource(state: ParseState) -> None:
    """Read the other resource: a container, or a payment method."""
    if state.verb.accepts_slot(Slot.NAME):
        _read_container(state)
    else:
        _read_second_name(state, Slot.OTHER_RESOURCE)


def read_plan(state: ParseState) -> None:
    """Read the name of a plan."""
    _read_second_name(state, Slot.PLAN)


def read_name(state: ParseState) -> None:
    """Read a new name: the second of two, or all that remains."""
    if state.verb.accepts_slot(Slot.RESOURCE):
        _read_second_name(state, Slot.NAME)
    elif state.remaining:
        state.set_slot(Slot.NAME, tokens_as_name(state.remaining), *state.remaining)
        state.remaining.clear()


def read_text(state: ParseState) -> None:
    """Read a description."""
    _read_second_name(state, Slot.TEXT)


def read_team(state: ParseState) -> None:
    """Read the name of a team."""
    _read_second_name(state, Slot.TEAM)


def resource_name_tokens(state: ParseState) -> list[Token]:
    """Return the tokens that name the resource: a quotation, else all words.

    Filler words count only if there are no others.
    """
    quoted = [token for token in state.remaining if token.shape == "quoted"]
    words = [token for token in state.remaining if token.shape == "word"]
    names = [token for token in words if token.plain not in FILLER_WORDS]
    return quoted[:1] or names or words


def resource_names_tokens(state: ParseState) -> list[Token]:
    """Return the tokens that name resources: all quotations and all words.

    Filler words count only if there is nothing else.
    """
    fillers = FILLER_WORDS | {"and", ""}
    words = [token for token in state.remaining if token.shape == "word"]
    names = [
        token
        for token in state.remaining
        if token.shape == "quoted"
        or (token.shape == "word" and token.plain.strip(",") not in fillers)
    ]
    return names or words


def _read_container(state: ParseState) -> None:
    """Read the container of a new resource, after the verb's lead word."""
    leads = _lead_positions(state)
    if not leads:
        return
    before, after = state.remaining[: leads[-1]], state.remaining[leads[-1] + 1 :]
    if len(leads) > 1:
        raise _unclear_names_error(state, Slot.OTHER_RESOURCE, before, after)
    resource_type = state.roles.get(state.slots.get(Slot.RESOURCE_TYPE, ""))
    if resource_type and not resource_type.container_types:
        typed = f"{state.verb.lead} {join_tokens(after)}"[:MAX_COMPARED_LENGTH]
        is_quoted = bool(before) and before[0].shape == "quoted"
        name = tokens_as_quotation(before if is_quoted else state.remaining)
        raise parse_errors.StandsInNothing(
            state.build_example(name=name), resource_type.name, typed
        )
    _set_led_slot(state, Slot.OTHER_RESOURCE, leads[0])


def _read_second_name(state: ParseState, slot: Slot) -> None:
    leads = _lead_positions(state)
    if len(leads) > 1:
        before, after = state.remaining[: leads[0]], state.remaining[leads[0] + 1 :]
        raise _unclear_names_error(state, slot, before, after)
    if leads:
        _set_led_slot(state, slot, leads[0])
        return
    tokens = state.remaining
    if slot not in FREE_TEXT_SLOTS:
        tokens = [token for token in tokens if token.plain not in FILLER_WORDS]
    first, second = _split_two_names(tokens)
    if second:
        _set_slot(state, slot, second)
        state.remaining = [*first]
    elif len(tokens) > 1:
        raise _unclear_names_error(state, slot, tokens[:1], tokens[1:])


def _split_two_names(
    tokens: Sequence[Token],
) -> tuple[Sequence[Token], Sequence[Token]]:
    """Return the tokens of the first and of the second name.

    No second where it is unclear.
    """
    if len(tokens) == 2:  # noqa: PLR2004 - one name and another
        return tokens[:1], tokens[1:]
    if len(tokens) < 2:  # noqa: PLR2004
        return tokens, ()
    if tokens[0].shape == "quoted":
        return tokens[:1], tokens[1:]
    if tokens[-1].shape == "quoted":
        return tokens[:-1], tokens[-1:]
    return tokens, ()


def _lead_positions(state: ParseState) -> list[int]:
    """Return the positions of the verb's lead word, where something follows it."""
    return [
        position
        for position, token in enumerate(state.remaining[:-1])
        if token.plain == state.verb.lead
    ]


def _set_led_slot(state: ParseState, slot: Slot, lead: int) -> None:
    """Set a slot to the name after the lead word at position `lead`."""
    after = state.remaining[lead + 1 :]
    end = _name_length(after, slot)
    led_by = state.verb.lead if slot in LED_SLOTS else ""
    _set_slot(state, slot, after[:end], led_by)
    state.remaining = [*state.remaining[:lead], *after[end:]]


def _name_length(tokens: Sequence[Token], slot: Slot) -> int:
    """Return the length of a name: it ends before a quotation, a free text does not."""
    if tokens[0].shape == "quoted":
        return 1
    if slot in FREE_TEXT_SLOTS:
        return len(tokens)
    for position, token in enumerate(tokens):
        if token.shape == "quoted":
            return position
    return len(tokens)


def _set_slot(
    state: ParseState, slot: Slot, tokens: Sequence[Token], led_by: str = ""
) -> None:
    value: str | None
    value = join_tokens(tokens) if slot is Slot.TEXT else tokens_as_name(tokens)
    if slot in CLEARABLE_SLOTS and [t.plain for t in tokens] == [NOTHING_WORD]:
        value = None
    state.set_slot(slot, value, *tokens, led_by=led_by)
    if slot in FREE_TEXT_SLOTS:
        state.typed[slot] = tokens_as_quotation(tokens)


def _unclear_names_error(
    state: ParseState, slot: Slot, before: Sequence[Token], after: Sequence[Token]
) -> parse_errors.UnclearNames:
    names_new = slot is Slot.OTHER_RESOURCE and state.verb.accepts_slot(Slot.NAME)
    first = Slot.NAME if names_new else Slot.RESOURCE
    lead = f"{state.verb.lead} " if slot in LED_SLOTS else ""
    better = {}
    if before and after:
        better = {
            first.value: _example_name(before),
            slot.value: f"{lead}{_example_name(after)}",
        }
    return parse_errors.UnclearNames(
        state.build_example(**better), state.verb.name, state.verb.usage
    )


def _example_name(tokens: Sequence[Token]) -> str:
    """Return a name for an example, in quotes if it has several words."""
    if len(tokens) > 1:
        return tokens_as_quotation(tokens)
    return join_tokens(tokens)[:MAX_COMPARED_LENGTH]
