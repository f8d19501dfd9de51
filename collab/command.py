"""What the bus takes: commands, which decide events, and queries, which answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from collab.context import Context
from collab.events import Event
from collab.model import Caller

Answer_co = TypeVar("Answer_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Command(ABC):
    """Something that a caller wants to change; it decides by itself which events that makes.

    `is_allowed_from_outside`: people of another workspace may do it (PER-02). `masks_card_numbers`: it carries what the
    chat platform says of accounts and channels, so a card number in it is masked instead of rejected (BIL-01).
    """

    is_allowed_from_outside: ClassVar[bool] = False
    masks_card_numbers: ClassVar[bool] = False

    by: Caller

    @abstractmethod
    def decide(self, context: Context) -> list[Event]:
        """Return the events that this causes; raises Rejected."""


@dataclass(frozen=True, slots=True)
class Query(ABC, Generic[Answer_co]):
    """Something that a caller wants to know; answering changes nothing."""

    is_allowed_from_outside: ClassVar[bool] = False

    by: Caller

    @abstractmethod
    def answer(self, context: Context) -> Answer_co:
        """Return what was asked for; raises Rejected."""
