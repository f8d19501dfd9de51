"""What people type or paste around a valid line does not change its meaning, and is parsed quickly."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import templates
from bot.slack.commands import errors as parse_errors
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.errors import ParseError
from bot.slack.commands.lexer import format_recipient, split_recipients
from bot.slack.commands.parse_state import GroupMention
from bot.slack.commands.parser import parse
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import ParsedCommand
from bot.slack.forms import values as form_values
from collab import limits
from collab.model import Account, Address
from tests.bot.slack.commands.test_parser import PIECES

CARL, DEVI = Account("T1", "UCARL"), Account("T1", "UDEVI")
BOTH = {Slot.PEOPLE: (CARL, DEVI), Slot.ROLE: "admin", Slot.RESOURCES: ("acme",)}
UNSEEN = "\u00ad\u200b\u200e\u200f\u202a\u202e\u2060\u2066\u2069\u3164\u2800\u115f\uffa0\ufeff\ufe0f\u200d\x00\x08"
LINES = (
    "members acme",
    "invite <@UCARL|carl> admin acme",
    "invite <@UCARL|carl> <@UDEVI|devi> admin acme",
    "invite <mailto:a@b.co|a@b.co> developer shop for 30d",
    "remove <@UCARL|carl> acme",
    'create app "Log in" in acme',
    "role <@UCARL|carl> collaborator acme keep shop",
    "events acme by <@UCARL|carl> since 7d",
    'rename shop to "The Boutique"',
    "who shop code",
    "link acme joins leaves daily at 9",
    "settings lifetime 14d",
)
SEPARATORS = (" ", "  ", "\n", "\t", "\u00a0", "\u2003", "\u3000", " \u200b ")
QUOTES = (
    ("“", "”"),
    ("„", "“"),
    ("«", "»"),
    ("‘", "’"),
    ("'", "'"),
    ("‹", "›"),
    ("»", "«"),
    ("”", "”"),
    ('"', "”"),
)
AROUND = (
    "{}",
    "*{}*",
    "_{}_",
    "`{}`",
    "~{}~",
    "*_{}_*",
    "`/collab {}`",
    "```{}```",
    "  {}\n",
)
ADDRESSED = (
    "",
    "/collab ",
    "collab ",
    "/collab /collab ",
    "<@UBOT|collab> ",
    "please ",
    "Hey Collab, please ",
    "/",
)


def read(text: str) -> ParsedCommand:
    return parse(text, "T1")


def find_parse_error(text: str) -> ParseError | None:
    try:
        return read(text).missing_word
    except ParseError as caught:
        return caught


@st.composite
def surrounded(draw: st.DrawFn, line: str) -> str:
    """The same line as another person's keyboard, editor and habits write it."""
    opener, closer = draw(st.sampled_from(QUOTES))
    line = re.sub(r'"([^"]*)"', rf"{opener}\1{closer}", line)
    line = "".join(
        draw(st.sampled_from(SEPARATORS))
        if char == " " and draw(st.booleans())
        else char
        for char in line
    )
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(line)))
        within = line.count("<", 0, place) > line.count(">", 0, place)
        line = (
            line
            if within
            else line[:place] + draw(st.sampled_from(UNSEEN)) + line[place:]
        )
    return draw(st.sampled_from(AROUND)).format(draw(st.sampled_from(ADDRESSED)) + line)


@given(st.data())
@settings(max_examples=150)
def test_what_stands_around_a_line_does_not_change_what_it_means(
    data: st.DataObject,
) -> None:
    line = data.draw(st.sampled_from(LINES))

    typed = data.draw(surrounded(line))

    assert (read(typed).verb.name, dict(read(typed).slots)) == (
        read(line).verb.name,
        dict(read(line).slots),
    )


LETTERS = st.text("abcdefgøß0", min_size=1, max_size=8)


@given(st.lists(LETTERS, min_size=2, max_size=4))
@settings(max_examples=25)
def test_an_address_is_whole_wherever_its_link_begins(parts: list[str]) -> None:
    address = "'".join(parts) + "@client.example"
    for number in range(len(parts)):
        before = "".join(f"{part}'" for part in parts[:number])
        linked = address.removeprefix(before)
        typed = f"invite {before}<mailto:{linked}|{linked}> admin acme"

        assert read(typed).slots == read(f"invite {address} admin acme").slots
        assert address in str(read(typed).slots)


@pytest.mark.rule("INV-12")
@pytest.mark.parametrize(
    "form",
    [
        "{} {}",
        "{}{}",
        "({} {})",
        "*{}* {}",
        "{}: {}:",
        "{}. {}.",
        "- {}\n- {}",
        "[{}] [{}]",
    ],
)
@pytest.mark.parametrize(
    "between", ["", "&amp;", ";", "+", "/", ",", "and", "und", "|", ", and"]
)
def test_anything_may_stand_between_people(form: str, between: str) -> None:
    people = form.format("<@UCARL|carl>", f"{between} <@UDEVI|devi>")

    for line in (
        f"invite {people} admin acme",
        f"invite admin acme {people}",
        f"invite acme {people} as admin",
    ):
        assert dict(read(line).slots) == BOTH


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Carl Mendes <carl@client.example.com>; Devi Rao <devi@acme.example.com>", 2),
        (
            '"Mendes, Carl" <carl@client.example.com>, "Rao, Devi" <devi@acme.example.com>',
            2,
        ),
        (
            "Mendes, Carl <carl@client.example.com>; Rao, Devi <devi@acme.example.com>",
            2,
        ),
        ("carl@client.example.com (Carl Mendes), devi@acme.example.com (Devi)", 2),
        ("<carl@client.example.com>,<devi@acme.example.com>", 2),
        ("carl@client.example.com;devi@acme.example.com", 2),
        ("mailto:carl@client.example.com?subject=hi&body=there", 1),
        ("MAILTO:carl%40client.example.com", 1),
        ("carl@client.example.com.", 1),
        ("carl@client.example.com:", 1),
        ("(carl@client.example.com)", 1),
        ("'carl@client.example.com'", 1),
        ("“carl@client.example.com”", 1),
        ("*carl@client.example.com*", 1),
        ("[carl@client.example.com](mailto:carl@client.example.com)", None),
        ("carl@client.example.com\u200b", 1),
    ],
)
def test_recipients_are_read_as_mail_programs_write_them(
    typed: str, found: int | None
) -> None:
    read_there = split_recipients(typed)

    if found is not None:
        assert [t.value for t in read_there] == [
            "carl@client.example.com",
            "devi@acme.example.com",
        ][:found]


@pytest.mark.parametrize(
    "typed",
    [
        "a@b..c",
        "a..b@c.example",
        ".a@b.example",
        "a@-b.example",
        "a@b",
        "@b.example",
        "a b@",
    ],
)
def test_what_is_no_address_is_not_taken_for_one(typed: str) -> None:
    assert any(token.shape != "mail" for token in split_recipients(typed))


@pytest.mark.parametrize(
    ("opener", "closer"),
    [
        ("&lt;", "&gt;"),
        ("", ""),
        ("(", ")"),
        ("“", "”"),
        ("", "."),
        ("", ","),
        ("", ":"),
    ],
)
def test_an_address_in_a_line_is_read_without_the_marks_around_it(
    opener: str, closer: str
) -> None:
    for address in (
        "<mailto:carl@client.example.com|carl@client.example.com>",
        "carl@client.example.com",
    ):
        line = read(f"invite {opener}{address}{closer} admin acme")

        assert dict(line.slots) == BOTH | {
            Slot.PEOPLE: (Address("carl@client.example.com"),)
        }


def test_an_owners_name_before_an_address_is_no_thing() -> None:
    mail = "&lt;<mailto:carl@client.example.com|carl@client.example.com>&gt;"

    for line in (
        f"invite Carl Mendes {mail} admin acme",
        f"invite admin acme as “Mendes, Carl” {mail}",
    ):
        assert read(line).get(Slot.RESOURCES) == ("acme",)
    assert read(f"invite admin acme Carl {mail}").get(Slot.RESOURCES) == (
        "acme",
        "Carl",
    )  # refused later, never guessed


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ('"He said “hi” to us"', "He said “hi” to us"),
        ('“He said "hi" to us”', 'He said "hi" to us'),
        ("„Er sagte ‚hi‘ und „ho“ zu uns“", "Er sagte ‚hi‘ und „ho“ zu uns"),
        ("«Il dit “hi” à l'autre»", "Il dit “hi” à l'autre"),
        ("'It's Carl's'", "It's Carl's"),
        ("‘It’s Carl’s’", "It’s Carl’s"),
        ("“He said “hi” to us”", "He said “hi” to us"),
    ],
)
def test_quotations_within_quotations_are_text(note: str, kept: str) -> None:
    line = read(f"invite <@UCARL> admin acme note {note}")

    assert line.get(Slot.NOTE) == kept
    assert line.get(Slot.RESOURCES) == ("acme",)


@pytest.mark.parametrize("quotes", [*QUOTES, ('"', '"')])
def test_a_name_in_quotes_is_kept_without_them(quotes: tuple[str, str]) -> None:
    assert (
        read(f"create app {quotes[0]}Log in{quotes[1]} in acme").get(Slot.NAME)
        == "Log in"
    )


@pytest.mark.parametrize(
    ("typed", "called"),
    [
        ("<!subteam^S01|@crew>", "@crew"),
        ("<!subteam^S01>", "@user-group"),
        ("<!here>", "@here"),
        ("<!channel|@channel>", "@channel"),
    ],
)
def test_a_group_is_named_and_is_nobody(typed: str, called: str) -> None:
    for line in (
        f"invite {typed} admin acme",
        f"remove {typed} acme",
        f"members {typed}",
        f"why {typed} shop code",
    ):
        refusal = find_parse_error(line)
        assert isinstance(refusal, parse_errors.GroupNamed)
        assert refusal.typed == called
    assert read(f"invite <@UCARL> {typed} admin acme").get(Slot.PEOPLE) == (
        CARL,
        GroupMention(called),
    )


@pytest.mark.parametrize(
    ("typed", "called"),
    [
        ("<#C1|general>", "#general"),
        ("<#C1|>", "#private-channel"),
        ("<#C1>", "#private-channel"),
    ],
)
def test_a_channel_is_no_thing_and_its_id_is_not_shown(typed: str, called: str) -> None:
    for line in (
        f"show {typed}",
        f"invite <@UCARL> admin {typed}",
        f"delete acme {typed}",
    ):
        refusal = find_parse_error(line)
        assert isinstance(refusal, parse_errors.ChannelNamed)
        assert refusal.typed == called


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("xplease show acme", "/collab show acme"),
        ("could you show acme", "/collab show acme"),
        ("ok then remove <@UCARL|carl> acme", "/collab remove @carl acme"),
        ("delt acme", "/collab delete acme"),
        ("believe acme", "/collab help"),
        ("live acme", "/collab create company Acme"),
    ],
)
def test_a_verb_that_ends_something_is_not_guessed_from_a_far_word(
    typed: str, offered: str
) -> None:
    refusal = find_parse_error(typed)

    assert isinstance(refusal, parse_errors.UnknownVerb)
    ends = {
        "leave",
        "remove",
        "delete",
        "disable",
        "revoke",
        "decline",
        "unlink",
        "unshare",
        "unassign",
    }
    assert refusal.example == offered or (
        refusal.nearest not in ends and "leave" not in refusal.example
    )


@pytest.mark.parametrize(
    "typed", ["please", "hi", "hello collab", "/collab", "/collab /collab", "collab"]
)
def test_a_greeting_alone_gets_the_overview(typed: str) -> None:
    assert read(typed).verb.name == "help"


@pytest.mark.parametrize("form", ["invite {} admin acme", "transfer billing shop {}"])
def test_at_most_fifty_people_stand_in_one_line(form: str) -> None:
    def line(many: int) -> str:
        return form.format(" ".join(f"<@U{number:05}>" for number in range(many)))

    assert find_parse_error(line(50)) is None
    refusal = find_parse_error(line(51))
    assert isinstance(refusal, parse_errors.TooManyPeople)
    assert (refusal.many, refusal.limit) == (51, 50)


LONG_NAMES = st.lists(
    st.sampled_from(
        [
            "Acme",
            "shop",
            '"',
            "“x",
            "a" * 50,
            "admin",
            "@x",
            "<@U1|x>",
            "to",
            "in",
            "code",
        ]
    ),
    max_size=6,
)


@given(
    st.one_of(
        st.lists(PIECES, min_size=1, max_size=10),
        st.tuples(st.sampled_from(LINES), LONG_NAMES).map(lambda t: [t[0], *t[1]]),
    )
)
@settings(max_examples=150)
@example(["show", "a" * 39 + " b"])
@example(["rename", "shop", "the", '"'])
def test_every_example_that_is_offered_is_understood(pieces: list[str]) -> None:
    refusal = find_parse_error(" ".join(pieces))
    assume(refusal is not None)
    assert refusal is not None

    offered = re.sub(
        r"(?<!\S)@(\S+)", r"<@UCARL|\1>", refusal.example.removeprefix("/collab ")
    )

    assert find_parse_error(offered) is None


def test_every_line_that_a_template_offers_is_understood() -> None:
    paths = Path(templates.__file__).parent.rglob("*.j2")
    offered = [
        line
        for path in paths
        for line in re.findall(r"`/collab ([^`{]+)`", path.read_text())
    ]
    found = [
        re.sub(
            r"@\w+",
            "<@UCARL|carl>",
            line.replace("WHO", "@carl").replace("METHOD", "card"),
        )
        for line in offered
    ]
    wrong = [
        line
        for line in found
        if line not in VERB_BY_NAME and find_parse_error(line) is not None
    ]

    assert len(found) > 5
    assert wrong == []


@pytest.mark.parametrize(
    "verb",
    [
        "invite <@U1>",
        "share",
        "link",
        "rename",
        "role <@U1>",
        "events",
        "settings",
        "why",
        "xyzzy",
        "create app",
    ],
)
@pytest.mark.parametrize(
    "shape",
    [
        "admin ",
        "admin a ",
        "<@U1> ",
        "a@b.co ",
        '"',
        "“a ",
        "'a ",
        "*a ",
        "a ",
        "to ",
        "keep ",
        "@",
        "((",
        "a@",
        "<",
        "note ",
        "&lt;",
        "*a <",
        "““a” ",
        "Ann <a@b.co> ",
    ],
)
def test_the_longest_line_of_any_shape_is_read_in_linear_time(
    verb: str, shape: str
) -> None:
    def cost(many: int) -> float:
        text = f"{verb} {shape * many}"[:many]
        started = time.thread_time()
        with suppress(ParseError):
            read(text)
        return time.thread_time() - started

    assert min(cost(4_000) for _ in range(2)) < 0.05


@pytest.mark.parametrize(
    "typed",
    ["14 days", "14 d", "14d", "2 weeks", "14 Tage", "336 hours", "14 days.", "(14d)"],
)
def test_a_length_is_read_alike_everywhere(typed: str) -> None:
    assert read(f"invite <@UCARL> admin acme for {typed}").get(
        Slot.DURATION
    ) == timedelta(days=14)
    assert limits.parse_lifetime(typed) == timedelta(days=14)
    assert form_values.read_form_values(VERB_BY_NAME["events"], {"since": typed}, "T1")[
        Slot.SINCE
    ] == timedelta(days=14)


@pytest.mark.parametrize(
    "typed", ["2027-01-31", "2027-1-31", "31.1.2027", "2027-01-31.", "2027-01-31,"]
)
def test_a_day_is_read_alike_everywhere(typed: str) -> None:
    assert read(f"invite <@UCARL> admin acme until {typed}").get(Slot.DURATION) == date(
        2027, 1, 31
    )
    assert form_values.read_form_values(VERB_BY_NAME["events"], {"since": typed}, "T1")[
        Slot.SINCE
    ] == date(2027, 1, 31)


@pytest.mark.parametrize(
    "name",
    ["", "Nina Roth", "Roth, Nina", "O'Neil", 'A "B" <C>', "نينا", "Nina & Otto; <x>"],
)
def test_a_formatted_recipient_is_read_as_one_with_the_name(name: str) -> None:
    (token,) = split_recipients(format_recipient("nina@client.example", name))

    assert token.value == "nina@client.example"
    assert token.owner == name.replace('"', "").replace("<", "").replace(">", "")
