"""A typed line becomes a verb and its slots, in any order; a line that cannot be read is answered with one that can."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.reference_tables import verbs_markdown
from bot.slack.commands import errors as parse_errors
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.errors import ParseError
from bot.slack.commands.parser import parse
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import ParsedCommand
from bot.slack.routes import COMMAND_HANDLERS
from collab.model import Account, Address
from tests.support.requests import COMMANDS, QUERIES

CARL = Account("T1", "UCARL")
INVITE_FOR_5_DAYS = {
    Slot.PEOPLE: (Account("T1", "UCARL"),),
    Slot.ROLE: "developer",
    Slot.RESOURCES: ("shop",),
    Slot.DURATION: timedelta(days=5),
}
SHARE = {Slot.RESOURCE: "shop", Slot.TEAM: "crew", Slot.ROLE: "manager"}
ASSIGN = {Slot.PERSON: CARL, Slot.RESOURCE: "shop", Slot.TEAM: "crew"}
DEVI = Account("T1", "UDEVI")
INVITE = {Slot.PEOPLE: (CARL,), Slot.ROLE: "admin", Slot.RESOURCES: ("acme",)}
ROLE = {Slot.PERSON: CARL, Slot.ROLE: "admin", Slot.RESOURCE: "acme"}


def read(text: str) -> ParsedCommand:
    return parse(text, "T1")


def refused(text: str) -> ParseError:
    try:
        lacks = read(text).missing_word
    except ParseError as caught:
        return caught
    assert lacks is not None
    return lacks


@pytest.mark.parametrize(
    "text",
    [
        "invite <@UCARL|carl> admin acme",
        "invite <@UCARL> to acme as admin",
        "INVITE acme Admin <@UCARL|carl>",
        "invite as admin with <@UCARL|carl> for acme",
        "  invite\n<@UCARL|carl>\tadmin   acme  ",
        "invite <@UCARL|carl> admin “acme”",
        "invite <@UCARL|carl> admin «acme»",
        "invite <@UCARL|carl> admin „acme“",
    ],
)
def test_words_come_in_any_order(text: str) -> None:
    line = read(text)

    assert line.verb.name == "invite"
    assert dict(line.slots) == INVITE


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        (
            "invite <mailto:A@b.co|A@b.co> owner acme",
            INVITE | {Slot.PEOPLE: (Address("A@b.co"),), Slot.ROLE: "owner"},
        ),
        (
            "invite a@b.co owner acme",
            INVITE | {Slot.PEOPLE: (Address("a@b.co"),), Slot.ROLE: "owner"},
        ),
        (
            "invite <@UCARL> admin acme for 30d",
            INVITE | {Slot.DURATION: timedelta(days=30)},
        ),
        (
            "invite <@UCARL> for 4 weeks admin acme",
            INVITE | {Slot.DURATION: timedelta(weeks=4)},
        ),
        (
            "invite <@UCARL> admin acme until 2027-01-31",
            INVITE | {Slot.DURATION: date(2027, 1, 31)},
        ),
        (
            'invite <@UCARL> note "for 2 years, as owner" admin acme',
            INVITE | {Slot.NOTE: "for 2 years, as owner"},
        ),
        (
            "invite <@UCARL> admin acme note welcome on board",
            INVITE | {Slot.NOTE: "welcome on board"},
        ),
        ("invite <@UCARL> admin admin", INVITE | {Slot.RESOURCES: ("admin",)}),
        (
            "invite <@UCARL> admin Acme Corp",
            INVITE | {Slot.RESOURCES: ("Acme", "Corp")},
        ),
        ("invite <@UCARL> admin", {Slot.PEOPLE: (CARL,), Slot.ROLE: "admin"}),
        (
            "invite <@UCARL> admin <http://acme.com|acme.com>",
            INVITE | {Slot.RESOURCES: ("acme.com",)},
        ),
        (
            "invite <@UCARL>, <@UDEVI>, and a@b.co, admin shop, blog and “My App”",
            {
                Slot.PEOPLE: (CARL, DEVI, Address("a@b.co")),
                Slot.ROLE: "admin",
                Slot.RESOURCES: ("shop", "blog", "My App"),
            },
        ),
        (
            "invite <@UCARL> nobody@ @stranger admin acme",
            INVITE | {Slot.PEOPLE: (CARL, "nobody@", "@stranger")},
        ),
        ("invite <@UCARL> <@UCARL> admin acme", INVITE),
        (
            "create company Acme Corp",
            {Slot.RESOURCE_TYPE: "company", Slot.NAME: "Acme Corp"},
        ),
        (
            "create company “Owner &amp; Sons to admin”",
            {Slot.RESOURCE_TYPE: "company", Slot.NAME: "Owner & Sons to admin"},
        ),
        (
            "create company company",
            {Slot.RESOURCE_TYPE: "company", Slot.NAME: "company"},
        ),
        ("members admin", {Slot.RESOURCE: "admin"}),
        ("members to", {Slot.RESOURCE: "to"}),
        ("decline acme because of time", {Slot.RESOURCE: "acme", Slot.NOTE: "of time"}),
        ("decline", {}),
        ("invitations sent", {Slot.SENT: "sent"}),
        (
            "link acme joins leaves",
            {Slot.RESOURCE: "acme", Slot.GROUPS: ("joins", "leaves")},
        ),
        ("link", {}),
        ("link acme daily", {Slot.RESOURCE: "acme", Slot.RHYTHM: "daily"}),
        (
            "link weekly at 17:00 acme joins",
            {
                Slot.RESOURCE: "acme",
                Slot.GROUPS: ("joins",),
                Slot.RHYTHM: "weekly",
                Slot.HOUR: 17,
            },
        ),
        ("link at 9 daily", {Slot.RHYTHM: "daily", Slot.HOUR: 9}),
        ("link acme at 5 pm", {Slot.RESOURCE: "acme", Slot.HOUR: 17}),
        ("link acme at 12am", {Slot.RESOURCE: "acme", Slot.HOUR: 0}),
        ("link acme at once", {Slot.RESOURCE: "acme"}),
        ('link "daily at 9"', {Slot.RESOURCE: "daily at 9"}),
        (
            "events acme by <@UCARL> since 7d",
            {Slot.RESOURCE: "acme", Slot.ACTOR: CARL, Slot.SINCE: timedelta(days=7)},
        ),
        ("events since 2026-01-31", {Slot.SINCE: date(2026, 1, 31)}),
        (
            "events acme by <@UCARL> about <@UDEVI> only member,request.sent export jsonl",
            {
                Slot.RESOURCE: "acme",
                Slot.ACTOR: CARL,
                Slot.SUBJECT: DEVI,
                Slot.EVENT_NAMES: ("member", "request.sent"),
                Slot.EXPORT: "jsonl",
            },
        ),
        ("events export", {Slot.EXPORT: "csv"}),
        ("undo", {}),
        ("extend <@UCARL> shop", {Slot.PERSON: CARL, Slot.RESOURCE: "shop"}),
        (
            "extend <@UCARL> shop for 30d",
            {
                Slot.PERSON: CARL,
                Slot.RESOURCE: "shop",
                Slot.DURATION: timedelta(days=30),
            },
        ),
        (
            'request developer shop note "I can help"',
            {Slot.ROLE: "developer", Slot.RESOURCE: "shop", Slot.NOTE: "I can help"},
        ),
        ("successor <@UCARL> for acme", {Slot.PERSON: CARL, Slot.RESOURCE: "acme"}),
        ("keys", {}),
        ("keys rotated shop", {Slot.ROTATED: "rotated", Slot.RESOURCE: "shop"}),
        ("settings", {}),
        ("settings lifetime 14d", {Slot.SETTING: "lifetime", Slot.VALUE: "14d"}),
        (
            "settings reminders 2d, 5d",
            {Slot.SETTING: "reminders", Slot.VALUE: "2d, 5d"},
        ),
        ("remove <@UCARL> from acme", {Slot.PERSON: CARL, Slot.RESOURCE: "acme"}),
        ("help invite", {Slot.VERB: "invite"}),
        (
            "create app Shop in acme",
            {Slot.RESOURCE_TYPE: "app", Slot.NAME: "Shop", Slot.OTHER_RESOURCE: "acme"},
        ),
        (
            'create app "Log in" in acme',
            {
                Slot.RESOURCE_TYPE: "app",
                Slot.NAME: "Log in",
                Slot.OTHER_RESOURCE: "acme",
            },
        ),
        ("create app Log in", {Slot.RESOURCE_TYPE: "app", Slot.NAME: "Log in"}),
        ("create payment Card", {Slot.RESOURCE_TYPE: "payment", Slot.NAME: "Card"}),
        (
            "create payment method Card",
            {Slot.RESOURCE_TYPE: "payment", Slot.NAME: "Card"},
        ),
        (
            'create team "Made in China"',
            {Slot.RESOURCE_TYPE: "team", Slot.NAME: "Made in China"},
        ),
        (
            "invite <@UCARL> to admin as owner",
            INVITE | {Slot.ROLE: "owner", Slot.RESOURCES: ("admin",)},
        ),
        (
            'invite <@UCARL> owner "admin"',
            INVITE | {Slot.ROLE: "owner", Slot.RESOURCES: ("admin",)},
        ),
        (
            'role <@UCARL> collaborator acme keep blog, shop and "My App"',
            {
                Slot.PERSON: CARL,
                Slot.ROLE: "collaborator",
                Slot.RESOURCE: "acme",
                Slot.RESOURCES_TO_KEEP: ("blog", "shop", "My App"),
            },
        ),
        (
            "role keep blog <@UCARL> admin acme",
            ROLE | {Slot.RESOURCES_TO_KEEP: ("blog",)},
        ),
        ("rename shop Boutique", {Slot.RESOURCE: "shop", Slot.NAME: "Boutique"}),
        (
            "rename shop to The Boutique",
            {Slot.RESOURCE: "shop", Slot.NAME: "The Boutique"},
        ),
        (
            'rename "My Shop" The Boutique',
            {Slot.RESOURCE: "My Shop", Slot.NAME: "The Boutique"},
        ),
        ("rename to Boutique", {Slot.NAME: "Boutique"}),
        (
            'describe shop "Sells things to people"',
            {Slot.RESOURCE: "shop", Slot.TEXT: "Sells things to people"},
        ),
        (
            "describe shop as sells things by mail",
            {Slot.RESOURCE: "shop", Slot.TEXT: "sells things by mail"},
        ),
        ("describe shop nothing", {Slot.RESOURCE: "shop", Slot.TEXT: None}),
        (
            "move shop to website",
            {Slot.RESOURCE: "shop", Slot.OTHER_RESOURCE: "website"},
        ),
        ("move shop website", {Slot.RESOURCE: "shop", Slot.OTHER_RESOURCE: "website"}),
        (
            "move My Shop to Acme Corp",
            {Slot.RESOURCE: "My Shop", Slot.OTHER_RESOURCE: "Acme Corp"},
        ),
        ("move shop", {Slot.RESOURCE: "shop"}),
        ("move shop to nothing", {Slot.RESOURCE: "shop", Slot.OTHER_RESOURCE: None}),
        (
            'move shop to "nothing"',
            {Slot.RESOURCE: "shop", Slot.OTHER_RESOURCE: "nothing"},
        ),
        (
            "migrate website to acme",
            {Slot.RESOURCE: "website", Slot.OTHER_RESOURCE: "acme"},
        ),
        ("pay shop card", {Slot.RESOURCE: "shop", Slot.OTHER_RESOURCE: "card"}),
        (
            "pay shop with Carl's card",
            {Slot.RESOURCE: "shop", Slot.OTHER_RESOURCE: "Carl's card"},
        ),
        ("pay shop nothing", {Slot.RESOURCE: "shop", Slot.OTHER_RESOURCE: None}),
        ("share shop crew manager", SHARE),
        ("share shop with crew as manager", SHARE),
        ("share as manager shop with crew", SHARE),
        ("share shop to crew as manager", SHARE),
        (
            "share My Shop with Night Crew as manager",
            SHARE | {Slot.RESOURCE: "My Shop", Slot.TEAM: "Night Crew"},
        ),
        ('share shop manager "Night Crew"', SHARE | {Slot.TEAM: "Night Crew"}),
        ("share with crew as manager", {Slot.TEAM: "crew", Slot.ROLE: "manager"}),
        ("share shop nothing manager", SHARE | {Slot.TEAM: "nothing"}),
        ("unshare shop crew", {Slot.RESOURCE: "shop", Slot.TEAM: "crew"}),
        (
            "unshare shop from Night Crew",
            {Slot.RESOURCE: "shop", Slot.TEAM: "Night Crew"},
        ),
        ("assign <@UCARL> shop crew", ASSIGN),
        ("assign <@UCARL> to shop in crew", ASSIGN),
        ("assign shop in Night Crew to <@UCARL>", ASSIGN | {Slot.TEAM: "Night Crew"}),
        ("assign shop crew to <@UCARL>", ASSIGN),
        ("unassign <@UCARL> from shop in crew", ASSIGN),
        ("role <@UCARL> as admin", {Slot.PERSON: CARL, Slot.ROLE: "admin"}),
        ("who code code", {Slot.RESOURCE: "code", Slot.CAPABILITY: "code"}),
        (
            "why <@UCARL> code shop",
            {Slot.PERSON: CARL, Slot.RESOURCE: "shop", Slot.CAPABILITY: "code"},
        ),
        ("mine", {}),
        ("show", {}),
        (
            "handover site to <@UCARL> keep member on 2027-01-31",
            {
                Slot.RESOURCES: ("site",),
                Slot.PEOPLE: (Account("T1", "UCARL"),),
                Slot.ROLE_TO_KEEP: "member",
                Slot.DAY: date(2027, 1, 31),
            },
        ),
        (
            "einladen <@UCARL> entwickler shop für 5 tage",
            INVITE_FOR_5_DAYS,
        ),
        ("einladen <@UCARL> entwickler für shop fuer 5 tage", INVITE_FOR_5_DAYS),
        (
            "einladen <@UCARL> entwickler shop bis 31.1.2027",
            {**INVITE_FOR_5_DAYS, Slot.DURATION: date(2027, 1, 31)},
        ),
        (
            "aktivität shop seit 2 tagen",
            {Slot.RESOURCE: "shop", Slot.SINCE: timedelta(days=2)},
        ),
        (
            "übergib shop blog an <@UCARL> am 2027-01-31 behalte nichts",
            {
                Slot.RESOURCES: ("shop", "blog"),
                Slot.PEOPLE: (Account("T1", "UCARL"),),
                Slot.ROLE_TO_KEEP: "nothing",
                Slot.DAY: date(2027, 1, 31),
            },
        ),
    ],
)
def test_what_was_said_for_each_slot(text: str, slots: dict[Slot, object]) -> None:
    assert dict(read(text).slots) == slots


@pytest.mark.parametrize(
    ("text", "kind", "typed"),
    [
        ("handover site to <@UCARL> keep king", parse_errors.UnknownRoleWord, "king"),
        ("handover site to <@UCARL> on friday", parse_errors.BadMoment, "friday"),
        ("übergib site an <@UCARL> am Freitag", parse_errors.BadMoment, "Freitag"),
        ("handover site to <@UCARL> on may 5", parse_errors.BadMoment, "may"),
        ("who shop at tomorrow", parse_errors.BadMoment, "tomorrow"),
        ("einladen <@UCARL> admin acme bis freitag", parse_errors.BadMoment, "freitag"),
    ],
)
def test_a_role_or_day_that_is_none_is_not_taken_for_a_name(
    text: str, kind: type[parse_errors.ParseError], typed: str
) -> None:
    with pytest.raises(kind) as rejected:
        read(text)
    assert rejected.value.typed == typed  # type: ignore[attr-defined]


def test_a_name_may_have_the_words_before_a_role_or_a_day() -> None:
    line = "handover castle keep inn on sea to <@UCARL>"
    assert read(line).slots[Slot.RESOURCES] == ("castle", "keep", "inn", "on", "sea")


def test_nothing_typed_is_a_call_for_help() -> None:
    assert read("  ").verb.name == "help"
    assert read("  ").is_empty
    assert not read("help").is_empty


@pytest.mark.parametrize(
    ("text", "kind", "example"),
    [
        (
            "invit <@UCARL|carl> admin acme",
            parse_errors.UnknownVerb,
            "/collab invite @carl admin acme",
        ),
        (
            "invit <@UCARL|carl> acme",
            parse_errors.UnknownVerb,
            "/collab invite @carl admin acme",
        ),
        ("xyzzy", parse_errors.UnknownVerb, "/collab help"),
        ("help invte", parse_errors.UnknownVerb, "/collab help invite"),
        (
            "invite <@UCARL|carl> admni acme",
            parse_errors.UnknownRoleWord,
            "/collab invite @carl admin acme",
        ),
        (
            "invite <@UCARL|carl> acme boss",
            parse_errors.UnknownRoleWord,
            "/collab invite @carl admin boss",
        ),
        (
            "invite @carl admin acme",
            parse_errors.UnknownWho,
            "/collab invite @carl admin acme",
        ),
        ("remove @carl acme", parse_errors.UnknownWho, "/collab remove @carl acme"),
        (
            "invite <@UCARL|carl> admin acme for 30x",
            parse_errors.BadLength,
            "/collab invite @carl admin acme for 30d",
        ),
        (
            "invite <@UCARL|carl> admin acme until soon",
            parse_errors.BadMoment,
            "/collab invite @carl admin acme until 2027-01-31",
        ),
        (
            "role <@UCARL|carl> <@UDEVI|devi> admin acme",
            parse_errors.ExtraWord,
            "/collab role @carl admin acme",
        ),
        ("create Acme", parse_errors.UnknownKindWord, "/collab create company Acme"),
        ("create company", parse_errors.MissingWord, "/collab create company Acme"),
        ("link acme joints", parse_errors.UnknownGroupWord, "/collab link acme joins"),
        ("link acme dayly", parse_errors.UnknownGroupWord, "/collab link acme daily"),
        (
            "link acme daily at 25",
            parse_errors.BadHourWord,
            "/collab link acme daily at 9",
        ),
        ("link acme at 9:30", parse_errors.BadHourWord, "/collab link acme at 9"),
        ("link acme at 13pm", parse_errors.BadHourWord, "/collab link acme at 9"),
        ("invitations send", parse_errors.ExtraWord, "/collab invitations sent"),
        ("remove carl acme", parse_errors.MissingWord, "/collab remove @carl acme"),
        (
            "invite <@UCARL|carl> owner admin",
            parse_errors.TwoMeanings,
            '/collab invite @carl owner "admin"',
        ),
        (
            "invite <@UCARL|carl> admin Acme Admin",
            parse_errors.TwoMeanings,
            '/collab invite @carl admin "Acme Admin"',
        ),
        ("who code view", parse_errors.TwoMeanings, '/collab who "view" code'),
        ("who shop codes", parse_errors.UnknownCapabilityWord, "/collab who shop code"),
        (
            "who shop launch",
            parse_errors.UnknownCapabilityWord,
            "/collab who shop change",
        ),
        (
            "why <@UCARL|carl> shop",
            parse_errors.MissingWord,
            "/collab why @carl shop change",
        ),
        (
            "create team Made in China",
            parse_errors.StandsInNothing,
            '/collab create team "Made in China"',
        ),
        (
            "create app Log in in acme",
            parse_errors.UnclearNames,
            '/collab create app "Log in" in acme',
        ),
        (
            "rename shop The Boutique",
            parse_errors.UnclearNames,
            '/collab rename shop "The Boutique"',
        ),
        (
            "rename Road to Rome to Paris",
            parse_errors.UnclearNames,
            '/collab rename Road "Rome to Paris"',
        ),
        ("rename shop", parse_errors.MissingWord, '/collab rename shop "The Boutique"'),
        (
            "describe shop sells things",
            parse_errors.UnclearNames,
            '/collab describe shop "sells things"',
        ),
        (
            "move Shop One Acme Corp",
            parse_errors.UnclearNames,
            '/collab move Shop to "One Acme Corp"',
        ),
        ("pay shop", parse_errors.MissingWord, "/collab pay shop with card"),
        (
            "share shop",
            parse_errors.MissingWord,
            "/collab share shop with crew manager",
        ),
        (
            "share shop crew",
            parse_errors.MissingWord,
            "/collab share shop crew manager",
        ),
        (
            "share shop crew manger",
            parse_errors.UnknownRoleWord,
            "/collab share shop crew manager",
        ),
        (
            "share shop with crew as mangaer",
            parse_errors.UnknownRoleWord,
            "/collab share shop crew manager",
        ),
        (
            "share shop crew boss",
            parse_errors.UnknownRoleWord,
            "/collab share shop crew manager",
        ),
        (
            "share My Shop crew manager",
            parse_errors.UnclearNames,
            '/collab share My with "Shop crew" manager',
        ),
        ("unshare shop", parse_errors.MissingWord, "/collab unshare shop from crew"),
        (
            "assign shop crew",
            parse_errors.MissingWord,
            "/collab assign @carl shop crew",
        ),
        (
            "assign <@UCARL|carl> shop",
            parse_errors.MissingWord,
            "/collab assign @carl shop in crew",
        ),
        (
            "assign <@UCARL|carl> My Shop crew",
            parse_errors.UnclearNames,
            '/collab assign @carl My in "Shop crew"',
        ),
        (
            "unassign <@UCARL|carl> shop",
            parse_errors.MissingWord,
            "/collab unassign @carl shop in crew",
        ),
        (
            "migrate website",
            parse_errors.MissingWord,
            "/collab migrate website to acme",
        ),
        (
            "events acme since whenever",
            parse_errors.BadMoment,
            "/collab events since 7d",
        ),
        ("successor acme", parse_errors.MissingWord, "/collab successor @carl acme"),
        (
            "request developr shop",
            parse_errors.UnknownRoleWord,
            "/collab request developer shop",
        ),
    ],
)
def test_what_is_not_understood_is_met_with_a_line_that_is(
    text: str, kind: type[ParseError], example: str
) -> None:
    refusal = refused(text)

    assert type(refusal) is kind
    assert refusal.example == example
    assert read(
        re.sub(r"@(\w+)", r"<@UCARL|\1>", example).removeprefix("/collab ")
    ).verb


@pytest.mark.parametrize(
    ("text", "slots", "lacks"),
    [
        ("invite", {}, "whom"),
        ("invite <@UCARL|carl>", {Slot.PEOPLE: (CARL,)}, "role"),
        (
            "invite <@UCARL|carl> acme",
            {Slot.PEOPLE: (CARL,), Slot.RESOURCES: ("acme",)},
            "role",
        ),
        ("invite admin acme", {Slot.ROLE: "admin", Slot.RESOURCES: ("acme",)}, "whom"),
        (
            "invite carl admin acme",
            {Slot.ROLE: "admin", Slot.RESOURCES: ("carl", "acme")},
            "whom",
        ),
        (
            'invite a@b.example for 30 days note "Hi"',
            {
                Slot.PEOPLE: (Address("a@b.example"),),
                Slot.DURATION: timedelta(days=30),
                Slot.NOTE: "Hi",
            },
            "role",
        ),
    ],
)
def test_what_an_invitation_lacks_is_asked_for_in_its_window(
    text: str, slots: dict[Slot, object], lacks: str
) -> None:
    line = read(text)

    assert dict(line.slots) == slots
    assert line.missing_word is not None
    assert line.missing_word.slot == lacks
    assert read(
        re.sub(r"@(\w+)", r"<@UCARL|\1>", line.missing_word.example).removeprefix(
            "/collab "
        )
    ).missing_word is None or ("@b.example" in text)


def test_a_whole_invitation_lacks_nothing_and_its_thing_may_be_the_channels() -> None:
    assert read("invite <@UCARL|carl> admin acme").missing_word is None
    assert read("invite <@UCARL|carl> admin").missing_word is None


def test_every_row_of_the_table_works() -> None:
    for verb in VERB_BY_NAME.values():
        typed = verb.example.replace("@carl", "<@UCARL|carl>")
        line = read(typed)
        assert line.verb is verb
        assert all(slot in line.slots for slot in verb.required_slots), verb.name
        assert verb.request_type in COMMANDS or verb.request_type in QUERIES
        assert verb.name in COMMAND_HANDLERS
        assert f"/collab {verb.example}" in verbs_markdown()


PIECES = st.one_of(
    st.sampled_from(
        [
            *VERB_BY_NAME,
            "company",
            "admin",
            "owner",
            "acme",
            "joins",
            "sent",
            "to",
            "for",
            "until",
            "since",
            "by",
        ]
    ),
    st.sampled_from(
        [
            "note",
            "because",
            "keep",
            "nothing",
            "code",
            "with",
            "share",
            "assign",
            "app",
            "payment",
            "method",
            "30d",
            "99999999999999999d",
            "2027-01-31",
            "9999-12-31",
            "<@U1|x>",
            "<@U1>",
            "@x",
        ]
    ),
    st.sampled_from(
        [
            "<mailto:a@b.co|a@b.co>",
            "a@b.co",
            '"',
            "“",
            "<",
            ">",
            "<>",
            "<@>",
            "<!here>",
            "<#C1|x>",
            "&lt;",
            "|",
        ]
    ),
    st.text(max_size=8),
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map(" ".join)))
@example("invite <@U1> for")
@example("٣٠d invite")
@example("invite <@U1> admin acme for ٣٠d")
def test_anything_typed_is_read_or_refused(text: str) -> None:
    with suppress(ParseError):
        assert read(text).verb.name in VERB_BY_NAME


@given(st.lists(PIECES, min_size=1, max_size=12).map(" ".join))
def test_every_example_is_short_and_a_command(text: str) -> None:
    refusals: list[ParseError] = []
    try:
        read(text)
    except ParseError as refusal:
        refusals.append(refusal)

    assert all(
        r.example.startswith("/collab ") and len(r.example) < 600 for r in refusals
    )


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        '"',
        "a ",
        "<@U1> ",
        "for ",
        "note ",
        "ad",
        "a@",
        "invite ",
        "&lt;",
        "\u202e",
    ],
)
def test_three_thousand_characters_are_read_quickly(piece: str) -> None:
    text = ("invite " + piece * 3000)[:3000]

    started = time.perf_counter()
    with suppress(ParseError):
        read(text)

    assert time.perf_counter() - started < 1


def test_what_stands_in_quotes_is_kept_as_a_person_reads_it() -> None:
    note = '"ask <@UBO|bo>, see <https://example.org>, <mailto:a@b.org|a@b.org> &amp; &lt;me&gt;"'
    line = parse(f"invite <@UCARL|carl> admin acme note {note}", "T1")
    assert line.get(Slot.NOTE) == "ask @bo, see https://example.org, a@b.org & <me>"


@pytest.mark.parametrize(
    "text", ["why me shop deploy", "why shop deploy me", "warum ich shop deployen"]
)
def test_me_is_the_sender_where_a_person_is_needed(text: str) -> None:
    line = parse(text, "T1", sender_id="UDEVI")
    assert line.get(Slot.PERSON) == DEVI
    assert (line.get(Slot.RESOURCE), line.get(Slot.CAPABILITY)) == ("shop", "code")


def test_the_example_for_who_typed_me_has_no_raw_mention() -> None:
    with pytest.raises(ParseError) as error:
        parse("why me shop fly", "T1", sender_id="UDEVI")
    assert "<@" not in error.value.example


def test_me_is_a_name_where_a_person_is_named_or_not_needed() -> None:
    line = parse("why <@UCARL> me deploy", "T1", sender_id="UDEVI")
    assert (line.get(Slot.PERSON), line.get(Slot.RESOURCE)) == (CARL, "me")
    line = parse("members me", "T1", sender_id="UDEVI")
    assert line.get(Slot.RESOURCE) == "me"


@pytest.mark.parametrize(
    "line",
    ["withdraw <@UCARL> acme", "withdraw acme @carl", "zurücknehmen acme <@UCARL>"],
)
def test_withdraw_with_a_person_means_their_invitation(line: str) -> None:
    try:
        verb = read(line).verb.name
    except ParseError as error:  # a name that is no mention
        verb = error.example.split()[1]

    assert verb == "revoke"


def test_withdraw_with_an_address_means_an_invitation_by_mail() -> None:
    line = read("withdraw <mailto:otto@books.example|otto@books.example> acme")

    assert line.verb.name == "revoke"
    assert line.get(Slot.PERSON) == Address("otto@books.example")
    assert line.get(Slot.RESOURCE) == "acme"


def test_withdraw_without_a_person_means_ones_own_request() -> None:
    assert read("withdraw shop").verb.name == "withdraw"
