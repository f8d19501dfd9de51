"""Names and addresses within texts: in every spelling, and nothing that is longer."""

from __future__ import annotations

import pytest

from collab.personal_texts import PersonalTexts

TEXTS = PersonalTexts(
    {"n@x.org", "nina@bücher.example"}, {"Nina Roth", "Nina", "a", "*a* b", "( ["}
)


@pytest.mark.rule("OUT-07")
@pytest.mark.parametrize(
    ("text", "erased"),
    [
        ("Ask n@x.org. Or N@X.ORG", "Ask […]. Or […]"),
        ("nina@\u2060xn--bcher-kva.example", "[…]"),
        ("n@x.orgs, n@x.org-shop.de, an@x.org", "n@x.orgs, n@x.org-shop.de, an@x.org"),
        ("nina\nROTH's a, Nina", "[…]'s a, Nina"),
        ("*a* b and ( [", "[…] and […]"),
    ],
)
def test_addresses_and_full_names_go(text: str, erased: str) -> None:
    assert TEXTS.erase_from(text) == erased


@pytest.mark.rule("OUT-07")
def test_without_names_and_addresses_nothing_changes() -> None:
    nothing = PersonalTexts(set(), {"", "Nina"})
    assert nothing.erase_from("Nina") == "Nina"
    assert not nothing.has_address(None)
    assert not nothing.names_address_in("n@x.org")
