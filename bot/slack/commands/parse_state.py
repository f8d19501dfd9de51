"""The state of the parser, and how tokens become values and examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from bot.slack.commands.lexer import Token
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import Verb
from collab.model import Account, Address
from collab.role_model import RoleModel

FILLER_WORDS = frozenset(
    {"to", "as", "from", "in", "with", "for", "by", "als", "zu", "für", "fuer"}
)
PEOPLE_SEPARATORS = FILLER_WORDS | {"and", "und", "an"}
NOTHING_WORD = "nothing"
MAX_COMPARED_LENGTH = 40
# How many words of a line are looked at for one that was expected earlier.
LATER_WORD_DISTANCE = 6
SIMILARITY_CUTOFF = 0.6
MARKUP_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("‹", "›"))


@dataclass(slots=True)
class ParseState:
    """A line while it is parsed: the remaining tokens, and the values so far."""

    verb: Verb
    remaining: list[Token]
    team: str
    roles: RoleModel
    slots: dict[Slot, Any] = field(default_factory=dict)
    typed: dict[Slot, str] = field(default_factory=dict)

    def __contains__(self, slot: Slot) -> bool:
        return slot in self.slots

    def set_slot(
        self, slot: Slot, value: Any, *tokens: Token, led_by: str = ""
    ) -> None:
        """Set the value of a slot, and remember how it was typed."""
        self.slots[slot] = value
        words = [token_as_typed(token) for token in tokens]
        self.typed[slot] = " ".join([led_by, *words] if led_by else words)

    def consume(self, *tokens: Token) -> None:
        """Remove tokens by identity, as others may have the same text."""
        token_ids = {id(token) for token in tokens}
        self.remaining = [t for t in self.remaining if id(t) not in token_ids]

    @property
    def resource_slot(self) -> Slot:
        """Return the slot that names the resource, or the resources, of the command."""
        if self.verb.accepts_slot(Slot.RESOURCES):
            return Slot.RESOURCES
        return Slot.RESOURCE

    def build_example(self, **better: str) -> str:
        """Return a line that would be accepted; `better` replaces what was typed."""
        replaced = {Slot(name): value for name, value in better.items()}
        return self.verb.build_example({**self.typed, **replaced})


@dataclass(frozen=True, slots=True)
class GroupMention:
    """A mention of a user group or of a whole channel, where people were expected."""

    text: str


def account_from_token(token: Token, team: str) -> Account | Address:
    """Return the account of a mention, or the address."""
    if token.shape == "user":
        return Account(team, token.value)
    return Address(token.value, token.owner)


def nearest_word(
    typed: str, words: Sequence[str], cutoff: float = SIMILARITY_CUTOFF
) -> str | None:
    """Return the most similar word, or None below the cutoff (0 to 1)."""
    typed = typed.casefold()[:MAX_COMPARED_LENGTH]
    matches = get_close_matches(typed, words, n=1, cutoff=cutoff)
    return matches[0] if matches else None


def token_as_typed(token: Token) -> str:
    """Return a token as it would be typed, short enough for an example."""
    text = token.text
    if token.shape in {"quoted", "word"}:
        text = text[:MAX_COMPARED_LENGTH].strip()
    if token.shape == "quoted" or " " in text:
        return quote(text)
    return text


def tokens_as_line(tokens: Sequence[Token]) -> str:
    """Return tokens as a line that is read as the same tokens again."""
    return " ".join(_token_as_source(token) for token in tokens)


def _token_as_source(token: Token) -> str:
    if token.shape == "user":
        name = token.text.removeprefix("@").translate(MARKUP_ESCAPES)
        return f"<@{token.value}|{name}>"
    if token.shape == "quoted":
        return quote(token.text)
    return token.text


def quote(text: str) -> str:
    """Return a text between the first quotation marks that it does not contain."""
    for opener, closer in QUOTES:
        if opener not in text and closer not in text:
            return f"{opener}{text}{closer}"
    return f'"{text}"'


def join_tokens(tokens: Sequence[Token]) -> str:
    """Return the tokens' texts with spaces between them."""
    return " ".join(token.text for token in tokens)


def tokens_as_name(tokens: Sequence[Token]) -> str:
    """Return the tokens as one name, on one line and with single spaces."""
    return " ".join(join_tokens(tokens).split())


def tokens_as_quotation(tokens: Sequence[Token]) -> str:
    """Return the tokens as one quoted text, short enough for an example."""
    return quote(join_tokens(tokens)[:MAX_COMPARED_LENGTH].strip())
