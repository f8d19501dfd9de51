"""Commands, which decide events, and queries, which answer: what the bus takes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from collab.context import Context
from collab.events import Event
from collab.model import Account, Caller

Answer_co = TypeVar("Answer_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Command(ABC):
    """A change that a caller wants; it decides which events it causes.

    `is_allowed_from_outside`: people of another workspace may send it (PER-02).
    `masks_card_numbers`: it carries texts of the chat platform about accounts and
    channels; a card number in them is masked instead of rejected (BIL-01).
    """

    is_allowed_from_outside: ClassVar[bool] = False
    masks_card_numbers: ClassVar[bool] = False

    by: Caller

    def list_named_accounts(self) -> Sequence[Account]:
        """Return the accounts of the people whom it names, other than its caller."""
        return ()

    @abstractmethod
    def decide(self, context: Context) -> list[Event]:
        """Return the events that it causes; raises Rejected."""


@dataclass(frozen=True, slots=True)
class Query(ABC, Generic[Answer_co]):
    """A question of a caller; the answer changes nothing.

    `is_rehearsal`: the answer stores events by `Context.rehearse`, and the transaction
    is rolled back.
    """

    is_allowed_from_outside: ClassVar[bool] = False
    is_rehearsal: ClassVar[bool] = False

    by: Caller

    @abstractmethod
    def answer(self, context: Context) -> Answer_co:
        """Return the answer; raises Rejected."""
