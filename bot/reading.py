"""A line while it is read: what is left of it, what was found in it, and the example that a refusal shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from bot.tokens import Token
from bot.verbs import Slot, Verb, example
from collab.kinds import Table
from collab.people import Account, Address

FILLERS = frozenset({"to", "as", "from", "in", "with", "for", "by"})
BETWEEN_PEOPLE = FILLERS | {"and", "und"}
LOOKED_AT = 40
QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("‹", "›"))


@dataclass(slots=True)
class Reading:
    """A line while it is read: what is left of it, and what was found in it."""

    verb: Verb
    left: list[Token]
    team: str
    kinds: Table
    slots: dict[Slot, Any] = field(default_factory=dict)
    typed: dict[Slot, str] = field(default_factory=dict)

    def __contains__(self, slot: Slot) -> bool:
        return slot in self.slots

    def keep(self, slot: Slot, value: Any, *taken: Token, led_by: str = "") -> None:
        """What was said for a slot, and how it was written."""
        self.slots[slot] = value
        self.typed[slot] = " ".join([*([led_by] if led_by else []), *(written(t) for t in taken)])

    def take(self, *tokens: Token) -> None:
        """These are no longer left; each is known by its place and not by its text, which others may share."""
        taken = {id(token) for token in tokens}
        self.left = [token for token in self.left if id(token) not in taken]

    def takes(self, slot: Slot) -> bool:
        """Whether the verb has such a slot."""
        return self.verb.takes(slot)

    @property
    def thing(self) -> Slot:
        """The slot that names what it is about."""
        return Slot.WHATS if self.takes(Slot.WHATS) else Slot.WHAT

    def example(self, **better: str) -> str:
        """A line that would be understood; what is given here stands in place of what was typed."""
        return example(self.verb, {**self.typed, **{Slot(k): v for k, v in better.items()}})


@dataclass(frozen=True, slots=True)
class GroupMention:
    """A group of people, or everybody in a channel, where somebody was to be named."""

    text: str


def account_of(token: Token, team: str) -> Account | Address:
    """Whom a mention or an address means."""
    return Account(team, token.value) if token.shape == "user" else Address(token.value)


def nearest(typed: str, known: Sequence[str], cutoff: float = 0.6) -> str | None:
    """The known word most like the typed one."""
    return next(iter(get_close_matches(typed.casefold()[:LOOKED_AT], known, n=1, cutoff=cutoff)), None)


def written(token: Token) -> str:
    """A piece as it would be typed, short enough for an example."""
    text = token.text[:LOOKED_AT].strip() if token.shape in {"quoted", "word"} else token.text
    return in_quotes(text) if token.shape == "quoted" or " " in text else text


def in_quotes(text: str) -> str:
    """A text between marks that do not stand in it."""
    opener, closer = next(((o, c) for o, c in QUOTES if o not in text and c not in text), QUOTES[0])
    return f"{opener}{text}{closer}"


def joined(tokens: Sequence[Token]) -> str:
    """Pieces as one text."""
    return " ".join(token.text for token in tokens)


def as_name(tokens: Sequence[Token]) -> str:
    """Pieces as one name, on one line and with single spaces."""
    return " ".join(joined(tokens).split())


def quoted(tokens: Sequence[Token]) -> str:
    """Pieces as one quoted text, short enough for an example."""
    return in_quotes(joined(tokens)[:LOOKED_AT].strip())
