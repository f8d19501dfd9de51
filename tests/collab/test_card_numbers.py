"""Card numbers in what people type: found however they are spaced, and not where an id or a price stands."""

from __future__ import annotations

import pytest
from builders import World

from collab.money import holds_card_number
from collab.refusals import CardNumber
from collab.resources import Create


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize("between", ["", " ", "-", "  ", " - ", "\u00a0", "\u2011", "\u2013"])
def test_spaces_and_dashes_of_every_kind_hide_no_card_number(acme: World, between: str) -> None:
    typed = between.join(["4111", "1111", "1111", "1111"])
    assert holds_card_number(typed)
    with pytest.raises(CardNumber):
        acme.do(Create(acme.by("ada"), "company", typed))


@pytest.mark.parametrize("typed", ["4111 1111 1111 1112", "4111 1111 1111", "1.234.567,89", "2026-10-31"])
def test_other_digits_are_none(typed: str) -> None:
    assert not holds_card_number(typed)


def test_digits_that_a_letter_stands_beside_are_one_but_in_an_id() -> None:
    assert holds_card_number("R4111111111111111")
    assert not holds_card_number("R" + "4111111111111111".rjust(28, "F"))
