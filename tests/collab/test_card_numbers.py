"""Card numbers in what people type: found however they are written, and not in numbers of another kind (BIL-01)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ids import new_id
from collab.card_numbers import MASK, holds_card_number, mask_card_numbers
from collab.errors import CardNumber
from collab.events import ResourceCreated
from collab.resource_names import make_slug
from collab.resources import CreateResource
from tests.support.builders import Scenario

# Numbers that the schemes and payment providers publish for tests.
TEST_NUMBERS = """
    4111111111111111 4012888888881881 4222222222222 4242424242424242 4000056655665556 4917610000000000003
    5555555555554444 5105105105105100 5200828282828210 2223003122003222 2720990000000007 2221000000000009
    378282246310005 371449635398431 378734493671000 341111111111111
    30569309025904 38520000023237 36227206271667 36148900647913 3056930009020004
    6011111111111117 6011000990139424 6011981111111113 6445644564456445
    3530111333300000 3566002020360505
    6200000000000005 6205500000000000004 8171999927660000
    6304000000000000 6759649826438453 6799990100000000019 5018005800580001 5019717010103742
    2200000000000004 2200770212727079 9792030000000000 135412345678911 6062826786276634
""".split()
GROUPINGS = {
    13: (4, 3, 3, 3),
    14: (4, 6, 4),
    15: (4, 6, 5),
    16: (4, 4, 4, 4),
    18: (4, 4, 4, 4, 2),
    19: (4, 4, 4, 4, 3),
}
SEPARATORS = [" ", "-", "\u00a0", "\u2009", "\u2013", "\u2212", "\t", "\n", "  ", " - "]
INVISIBLE = ["", "\u200b", "\u00ad", "\u2060", "\ufeff"]
# The digits from 0 to 9 as people can type them: superscript, subscript, circled, fullwidth, mathematical, keycaps.
DIGIT_FORMS = [
    list("0123456789"), list("⁰¹²³⁴⁵⁶⁷⁸⁹"), list("₀₁₂₃₄₅₆₇₈₉"), list("⓪①②③④⑤⑥⑦⑧⑨"),
    [chr(0xFF10 + digit) for digit in range(10)], list("𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡"),
    [f"{digit}\ufe0f\u20e3" for digit in range(10)], [f"{digit}\u20e3" for digit in range(10)],
]  # fmt: skip
# Lengths of the IBANs in use (ISO 13616 registry).
IBAN_LENGTHS = {
    **dict.fromkeys(["NO"], 15), **dict.fromkeys(["BE"], 16), **dict.fromkeys(["DK", "FI", "FO", "GL", "NL", "SD"], 18),
    **dict.fromkeys(["MK", "SI"], 19), **dict.fromkeys(["AT", "BA", "EE", "KZ", "LT", "LU", "XK", "MN"], 20),
    **dict.fromkeys(["CH", "CR", "HR", "LI", "LV"], 21),
    **dict.fromkeys(["BG", "BH", "DE", "GB", "GE", "IE", "ME", "RS", "VA"], 22),
    **dict.fromkeys(["AE", "GI", "IL", "IQ", "OM", "SO", "TL"], 23),
    **dict.fromkeys(["AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"], 24),
    **dict.fromkeys(["LY", "PT", "ST"], 25), **dict.fromkeys(["IS", "TR"], 26),
    **dict.fromkeys(["BI", "DJ", "FR", "GR", "IT", "MC", "MR", "SM"], 27),
    **dict.fromkeys(["AL", "AZ", "BY", "CY", "DO", "GT", "HN", "HU", "LB", "NI", "PL", "SV"], 28),
    **dict.fromkeys(["BR", "EG", "PS", "QA", "UA"], 29), **dict.fromkeys(["JO", "KW", "MU", "YE"], 30),
    **dict.fromkeys(["MT", "SC"], 31), **dict.fromkeys(["LC"], 32), **dict.fromkeys(["RU"], 33),
}  # fmt: skip


def in_groups(number: str, separator: str = " ") -> str:
    """The number as it stands on a card."""
    start, groups = 0, []
    for length in GROUPINGS[len(number)]:
        groups.append(number[start : start + length])
        start += length
    return separator.join(groups)


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize("number", TEST_NUMBERS)
def test_numbers_of_every_scheme_are_found(number: str) -> None:
    written = [
        number,
        " ".join(number),
        *(in_groups(number, separator) for separator in SEPARATORS),
    ]
    for typed in written:
        for around in (
            "{}",
            "my Visa: {}, thanks",
            "{} 12/27 123",
            "1234 {}",
            "<{}>",
            "DE00 {}",
            "({})",
        ):
            assert holds_card_number(around.format(typed)), around.format(typed)
    assert holds_card_number(f"Visa{number}")
    assert holds_card_number(f"{number}x")


@pytest.mark.rule("BIL-01")
@given(
    st.sampled_from(TEST_NUMBERS),
    st.lists(st.sampled_from(INVISIBLE), min_size=19, max_size=19),
)
def test_what_nobody_sees_hides_no_card_number(number: str, unseen: list[str]) -> None:
    typed = "".join(digit + char for digit, char in zip(number, unseen, strict=False))
    assert holds_card_number(typed)
    assert set(mask_card_numbers(typed)) <= {MASK, *"".join(INVISIBLE)}


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize(
    "digits", ["\uff14\uff11\uff11\uff11", "\u0664\u0661\u0661\u0661"]
)
def test_digits_of_every_script_count(digits: str) -> None:
    assert holds_card_number(f"{digits} 1111 1111 1111")


@pytest.mark.rule("BIL-01")
@given(st.sampled_from(TEST_NUMBERS), st.sampled_from(DIGIT_FORMS))
def test_digits_in_every_form_count(number: str, form: list[str]) -> None:
    typed = "".join(form[int(digit)] for digit in number)
    assert holds_card_number(typed)
    assert not any(char.isdigit() for char in mask_card_numbers(typed))


@pytest.mark.rule("BIL-01")
@given(
    st.sampled_from(TEST_NUMBERS),
    st.sampled_from([".", ",", "/", "_", "=", "*"]),
    st.sampled_from(DIGIT_FORMS),
)
def test_no_short_name_is_a_card_number(
    number: str, separator: str, form: list[str]
) -> None:
    typed = "".join(
        form[int(char)] if char.isdigit() else char
        for char in in_groups(number, separator)
    )
    assert make_slug(typed, "app") == "app"
    assert not holds_card_number(make_slug(f"Our new card {typed} of today", "app"))


@pytest.mark.rule("BIL-01")
def test_no_number_makes_a_taken_short_name_a_card_number(acme: Scenario) -> None:
    stem = "6304.0000.0000.0004"
    slugs = [
        acme.execute(CreateResource(acme.caller_for("ada"), "company", stem))
        .get_event(ResourceCreated)
        .slug
        for _ in range(3)
    ]
    assert slugs == [
        "6304-0000-0000-0004",
        "6304-0000-0000-0004-3",
        "6304-0000-0000-0004-4",
    ]


@pytest.mark.rule("BIL-01")
@given(st.sampled_from(TEST_NUMBERS), st.integers(1, 9))
def test_one_wrong_digit_makes_it_no_card_number(number: str, wrong: int) -> None:
    assert not holds_card_number(number[:-1] + str((int(number[-1]) + wrong) % 10))


@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize(
    "between", ["", " ", "-", "  ", " - ", "\u00a0", "\u2011", "\u2013"]
)
def test_a_card_number_is_refused(acme: Scenario, between: str) -> None:
    with pytest.raises(CardNumber):
        acme.execute(
            CreateResource(
                acme.caller_for("ada"),
                "company",
                between.join(["4111", "1111", "1111", "1111"]),
            )
        )


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "4111 1111 1111 1112",
        "4111 1111 1111",
        "1.234.567,89",
        "2026-10-31",
        "2026-12-01 – 2026-12-29",
        "20261031000007",
        "30112026103000",
        "2512202631122026",
        "https://acme.slack.com/archives/C0GENERAL/p1785149535980167",
        "<https://example.com/orders/4111111111111111|the order>",
        "example.com/orders/4111111111111111",
        "4111/1111/1111/1111",
        "4111,1111,1111,1111",
        "41 11 11 11 11 11 11 11",
        "41111111111111111111",
        "R0193F4111111111111111AB12CD4",
        "R" + "4111111111111111".rjust(28, "F"),
        "f" * 24 + "4111111111111111" + "a" * 24,
        "DE89 3704 0044 0532 0130 00",
        "RF18 5390 0754 7034",
        "+4915112345678",
    ],
)
def test_other_numbers_are_none(typed: str) -> None:
    assert not holds_card_number(typed)
    assert mask_card_numbers(typed) == typed


@pytest.mark.rule("BIL-01")
def test_a_link_does_not_hide_what_stands_beside_it() -> None:
    assert holds_card_number("4111111111111111 https://example.com")
    assert holds_card_number("<https://example.com|4111 1111 1111 1111>")


def test_ids_are_no_card_numbers() -> None:
    assert not any(
        holds_card_number(f"{new_id(prefix)} {new_id(prefix)}")
        for prefix in "RIPSQV"
        for _ in range(3000)
    )


def test_masking_leaves_all_other_text() -> None:
    assert (
        mask_card_numbers("Carl 4111 1111 1111 1111, Visa")
        == "Carl •••• •••• •••• ••••, Visa"
    )
    assert (
        mask_card_numbers("4111111111111111 and 5555555555554444")
        == f"{MASK * 16} and {MASK * 16}"
    )


def digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choices("0123456789", k=count))


def some_days(dice: random.Random) -> str:
    first = date(2015, 1, 1) + timedelta(days=dice.randrange(7_000))
    last = first + timedelta(days=dice.randrange(400))
    moment = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(
        seconds=dice.randrange(86_400)
    )
    form = dice.choice(
        [
            "%Y-%m-%d",
            "%d.%m.%Y",
            "%d-%m-%Y",
            "%m/%d/%Y",
            "%Y%m%d",
            "%d%m%Y",
            "%d-%m-%y",
            "%y-%m-%d",
        ]
    )
    between = dice.choice([" – ", "-", " ", "\u2013", " to ", " bis "])
    span = f"{first.strftime(form)}{between}{last.strftime(form)}"
    stamp = moment.strftime(
        dice.choice(
            ["%Y%m%d%H%M%S", "%d%m%Y%H%M%S", "%Y-%m-%d %H-%M-%S", "%d-%m-%y %H-%M"]
        )
    )
    since_epoch = str(int(moment.timestamp() * dice.choice([1, 1000, 10**6, 10**9])))
    return dice.choice([span, stamp, f"{stamp} {stamp}", since_epoch])


def an_iban(dice: random.Random) -> str:
    country, length = dice.choice(list(IBAN_LENGTHS.items()))
    letters = (
        "".join(dice.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=4))
        if country in {"GB", "NL", "MT", "IE"}
        else ""
    )
    account = letters + digits(dice, length - 4 - len(letters))
    check = (
        98 - int("".join(str(int(char, 36)) for char in f"{account}{country}00")) % 97
    )
    iban = f"{country}{check:02}{account}"
    spaced = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    return dice.choice(["{}", "IBAN: {}", "{} BIC COBADEFFXXX", "({}),"]).format(
        dice.choice([iban, spaced, iban.lower(), spaced.replace(" ", "\u00a0")])
    )


def a_link(dice: random.Random) -> str:
    return dice.choice(
        [
            f"https://acme.slack.com/archives/C0GENERAL/p{1_785_000_000_000_000 + dice.randrange(10**14)}",
            f"<https://shop.example/orders/{digits(dice, dice.randrange(10, 20))}|order>",
            f"see http://example.com/?id={digits(dice, 16)}&at={digits(dice, 13)}.",
            f"drive.example.com/file/{digits(dice, 19)}",
        ]
    )


def an_invoice_number(dice: random.Random) -> str:
    year, month, day, count = (
        dice.randrange(2015, 2040),
        dice.randrange(1, 13),
        dice.randrange(1, 29),
        dice.randrange(10**6),
    )
    return dice.choice(
        [
            f"{year}{month:02}{day:02}{count:06}",
            f"{year}-{month:02}-{count:06}",
            f"RE-{year}-{count:05}",
            f"INV{year}{month:02}{count:07}",
            f"{count:010}",
            f"{year}{count:09}",
            f"R-{day:02}{month:02}{year}-{count:06}",
            f"{count:06}/{year}",
        ]
    )


def a_phone_number(dice: random.Random) -> str:
    country = dice.choice(
        [
            "1",
            "33",
            "34",
            "39",
            "41",
            "43",
            "44",
            "49",
            "351",
            "420",
            "52",
            "57",
            "62",
            "86",
            "91",
        ]
    )
    number = digits(dice, dice.randrange(7, 12))
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
    return dice.choice(
        [f"+{country}{number}", f"+{country} {spaced}", f"00{country} {spaced}", f"0{spaced}", f"{country}{number}",
         f"+{country} (0){spaced}", f"+{country}-{number[:4]}-{number[4:]}, 0{number}"]
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.rule("BIL-01")
@pytest.mark.parametrize(
    "make", [some_days, an_iban, a_link, an_invoice_number, a_phone_number]
)
def test_fewer_than_one_in_ten_thousand_numbers_of_another_kind_is_taken_for_a_card(
    make: Callable[[random.Random], str],
) -> None:
    dice = random.Random(7)
    wrong = [
        typed
        for typed in (make(dice) for _ in range(10_000))
        if holds_card_number(typed)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "shape",
    [
        "1234 ",
        "1",
        "1 ",
        "4111 1111 1111 1111 ",
        "a1",
        "a://",
        "DE89 ",
        "DE89",
        "1-",
        "www.",
        "\u200b1",
        "④",
        "+1 ",
    ],
)
@pytest.mark.slow
def test_looking_takes_time_in_proportion_to_the_text(shape: str) -> None:
    def seconds(length: int) -> float:
        text = (shape * length)[:length]
        start = time.process_time()
        holds_card_number(text)
        mask_card_numbers(text)
        return time.process_time() - start

    short = min(seconds(2_000) for _ in range(3))
    assert min(seconds(16_000) for _ in range(3)) < max(16 * short, 0.05)
