"""Text from outside: what cannot be seen goes, what scripts and emoji need stays, and two spellings compare as one."""

from __future__ import annotations

import sys
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collab.text import (
    clean_json_texts,
    clean_text,
    clean_text_line,
    is_visible,
    normalize_address,
    normalize_for_comparison,
)

UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200e\u200f\u202a\u202d\u202e\u2060\u2064\u2065\u2066\u2069"
    "\u206f\u2800\u3164\ufeff\uffa0\ufff9\U000e0001\U000e0041\x00\x07\x1b\x7f\x9f"
)


@pytest.mark.parametrize("char", UNSEEN, ids=lambda char: f"U+{ord(char):04X}")
@pytest.mark.parametrize("form", ["{}acme", "acme{}", "ac{}me", "{0}{0}ac{0}me{0}"])
def test_what_cannot_be_seen_is_removed(char: str, form: str) -> None:
    assert clean_text(form.format(char)) == "acme"
    assert not is_visible(clean_text(char * 3))


def test_every_format_character_but_the_drawn_ones_is_removed() -> None:
    formats = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) == "Cf"
    ]

    left = {char for char in formats if clean_text(f"a{char}b") != "ab"}

    assert left == set(
        "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
    )


@pytest.mark.parametrize(
    "text",
    [
        "👩‍💻 Code",
        "❤️‍🔥",
        "1️⃣ first",
        "©️ Acme",
        "می‌خواهم",
        "क्‍ष",
        "葛\U000e0100",
        "Müller ﷺ",
        "Zoë 🇩🇪",
    ],
)
def test_what_scripts_and_emoji_need_stays(text: str) -> None:
    assert clean_text(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    "noise", ["\u200c", "\u200d", "\ufe0f", "\ufe00", "\u200d\ufe0f\u200d"]
)
@pytest.mark.parametrize("form", ["{}acme", "acme{}", "ac{}me", "3{}0d", "“{}acme”"])
def test_a_joiner_that_joins_nothing_is_removed(noise: str, form: str) -> None:
    assert clean_text(form.format(noise)) == form.format("")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Zoe \ud83d", "Zoe \ufffd"),
        ("\ude00Zoe", "\ufffdZoe"),
        ("\ud83d\ude00", "😀"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("a\tb", "a b"),
        ("Cafe\u0301", "Café"),
        ("e" + "\u0301" * 5000, "é" + "\u0301" * 29),
    ],
)
def test_half_characters_and_line_breaks_have_one_form(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Carl's Shop", "Carl’s Shop"),
        ("Carl's Shop", "carlʼs\u00a0 shop"),
        ("Café", "CAFE\u0301"),
        ("Straße", "STRASSE"),
        ("The “Best” – of", 'the "best" - of'),
        ("می‌خواهم", "میخواهم"),
    ],
)
def test_names_compare_in_one_form(one: str, other: str) -> None:
    assert normalize_for_comparison(one) == normalize_for_comparison(other)


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lena@xn--mnchen-3ya.example", "Lena@MÜNCHEN.example"),
        ("lena@xn--mnchen-3ya.example", "lena@mu\u0308nchen.example"),
        ("x@straße.example", "x@xn--strae-oqa.example"),
        ("x@例え。テスト", "x@xn--r8jz45g.xn--zckzah"),
        ("a@b.example", "\u200bA@B.example"),
    ],
)
def test_the_two_spellings_of_an_international_domain_are_one(
    one: str, other: str
) -> None:
    assert normalize_address(one) == normalize_address(other)


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a@acme.example", "a@аcme.example"),
        ("x@straße.example", "x@strasse.example"),
        ("a@ａcme.example", "a@acme.example"),
        ("a@xn--acme-.example", "a@acme.example"),
        ("ı@acme.example", "i@acme.example"),
    ],
)
def test_addresses_that_only_look_alike_differ(one: str, other: str) -> None:
    assert normalize_address(one) != normalize_address(other)


@given(st.text(st.characters(codec=None), max_size=40))
@settings(max_examples=100)
def test_cleaning_again_changes_nothing(typed: str) -> None:
    once = clean_text(typed)

    assert clean_text(once) == once
    assert clean_text_line(once) == clean_text_line(typed)
    assert normalize_for_comparison(once) == normalize_for_comparison(typed)
    assert normalize_for_comparison(
        normalize_for_comparison(typed)
    ) == normalize_for_comparison(typed)
    once.encode()
    assert "\x00" not in once


@given(st.emails())
@settings(max_examples=50)
def test_an_address_compared_again_stays(email: str) -> None:
    assert normalize_address(normalize_address(email)) == normalize_address(email)


def test_data_is_cleaned_at_every_depth() -> None:
    data = {
        "name": "Zoe\u200b",
        "ids": ["C1", "\x00x"],
        "deep": {"at": 1.5, "is": True, "none": None},
    }

    assert clean_json_texts(data, 3) == {
        "name"[:3]: "Zoe",
        "ids": ["C1", "x"],
        "dee": {"at": 1.5, "is": True, "non": None},
    }


@pytest.mark.parametrize(
    "shape",
    [
        "\u0301\u0316",
        "\u200d",
        "\u200b\ufe0f",
        "\ud83d",
        "\ufdfa",
        "👩‍",
        "\u1160é",
        "\n\r",
    ],
)
def test_cleaning_takes_linear_time(shape: str) -> None:
    def cost(many: int) -> float:
        text = (shape * many)[:many]
        started = time.thread_time()
        normalize_for_comparison(text)
        return time.thread_time() - started

    assert min(cost(64_000) for _ in range(2)) < 200 * max(
        min(cost(2_000) for _ in range(3)), 0.0003
    )  # linear: 32
