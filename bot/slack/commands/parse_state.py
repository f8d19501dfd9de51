"""A line while it is read: what is left of it, what was found in it, and the example that a refusal shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from bot.slack.commands.catalog import Slot, Verb, build_example
from bot.slack.commands.lexer import Token
from collab.model import Account, Address
from collab.roles import RoleModel

FILLER_WORDS = frozenset({"to", "as", "from", "in", "with", "for", "by"})
PEOPLE_SEPARATORS = FILLER_WORDS | {"and", "und"}
MAX_COMPARED_LENGTH = 40
QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("‹", "›"))


@dataclass(slots=True)
class ParseState:
    """A line while it is read: what is left of it, and what was found in it."""

    verb: Verb
    remaining: list[Token]
    team: str
    kinds: RoleModel
    slots: dict[Slot, Any] = field(default_factory=dict)
    typed: dict[Slot, str] = field(default_factory=dict)

    def __contains__(self, slot: Slot) -> bool:
        return slot in self.slots

    def set_slot(self, slot: Slot, value: Any, *taken: Token, led_by: str = "") -> None:
        """What was said for a slot, and how it was written."""
        self.slots[slot] = value
        self.typed[slot] = " ".join(
            [*([led_by] if led_by else []), *(token_as_typed(t) for t in taken)]
        )

    def consume(self, *tokens: Token) -> None:
        """These are no longer left; each is known by its place and not by its text, which others may share."""
        taken = {id(token) for token in tokens}
        self.remaining = [token for token in self.remaining if id(token) not in taken]

    def accepts_slot(self, slot: Slot) -> bool:
        """Whether the verb has such a slot."""
        return self.verb.accepts_slot(slot)

    @property
    def resource_slot(self) -> Slot:
        """The slot that names what it is about."""
        return Slot.RESOURCES if self.accepts_slot(Slot.RESOURCES) else Slot.RESOURCE

    def build_example(self, **better: str) -> str:
        """A line that would be understood; what is given here stands in place of what was typed."""
        return build_example(
            self.verb, {**self.typed, **{Slot(k): v for k, v in better.items()}}
        )


@dataclass(frozen=True, slots=True)
class GroupMention:
    """A group of people, or everybody in a channel, where somebody was to be named."""

    text: str


def account_from_token(token: Token, team: str) -> Account | Address:
    """Whom a mention or an address means."""
    return Account(team, token.value) if token.shape == "user" else Address(token.value)


def nearest_word(typed: str, known: Sequence[str], cutoff: float = 0.6) -> str | None:
    """The known word most like the typed one."""
    return next(
        iter(
            get_close_matches(
                typed.casefold()[:MAX_COMPARED_LENGTH], known, n=1, cutoff=cutoff
            )
        ),
        None,
    )


def token_as_typed(token: Token) -> str:
    """A piece as it would be typed, short enough for an example."""
    text = (
        token.text[:MAX_COMPARED_LENGTH].strip()
        if token.shape in {"quoted", "word"}
        else token.text
    )
    return quote(text) if token.shape == "quoted" or " " in text else text


def quote(text: str) -> str:
    """A text between marks that do not stand in it."""
    opener, closer = next(
        ((o, c) for o, c in QUOTES if o not in text and c not in text), QUOTES[0]
    )
    return f"{opener}{text}{closer}"


def join_tokens(tokens: Sequence[Token]) -> str:
    """Pieces as one text."""
    return " ".join(token.text for token in tokens)


def tokens_as_name(tokens: Sequence[Token]) -> str:
    """Pieces as one name, on one line and with single spaces."""
    return " ".join(join_tokens(tokens).split())


def tokens_as_quotation(tokens: Sequence[Token]) -> str:
    """Pieces as one quoted text, short enough for an example."""
    return quote(join_tokens(tokens)[:MAX_COMPARED_LENGTH].strip())
