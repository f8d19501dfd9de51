"""A typed line becomes a verb and its slots, in any order; what cannot be understood is met with a line that can."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import misread
from bot.grammar import VERBS, Line, Slot, parse, verbs_markdown
from bot.listeners import COMMANDS
from bot.misread import Misread
from collab.people import Account, Address
from collab.service import ACTIONS, QUESTIONS

CARL = Account("T1", "UCARL")
SHARE = {Slot.WHAT: "shop", Slot.TEAM: "crew", Slot.ROLE: "manager"}
ASSIGN = {Slot.WHO: CARL, Slot.WHAT: "shop", Slot.TEAM: "crew"}
DEVI = Account("T1", "UDEVI")
INVITE = {Slot.WHOM: (CARL,), Slot.ROLE: "admin", Slot.WHATS: ("acme",)}
ROLE = {Slot.WHO: CARL, Slot.ROLE: "admin", Slot.WHAT: "acme"}


def read(text: str) -> Line:
    return parse(text, "T1")


def refused(text: str) -> Misread:
    try:
        lacks = read(text).lacks
    except Misread as caught:
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
            INVITE | {Slot.WHOM: (Address("A@b.co"),), Slot.ROLE: "owner"},
        ),
        ("invite a@b.co owner acme", INVITE | {Slot.WHOM: (Address("a@b.co"),), Slot.ROLE: "owner"}),
        ("invite <@UCARL> admin acme for 30d", INVITE | {Slot.LASTS: timedelta(days=30)}),
        ("invite <@UCARL> for 4 weeks admin acme", INVITE | {Slot.LASTS: timedelta(weeks=4)}),
        ("invite <@UCARL> admin acme until 2027-01-31", INVITE | {Slot.LASTS: date(2027, 1, 31)}),
        ('invite <@UCARL> note "for 2 years, as owner" admin acme', INVITE | {Slot.NOTE: "for 2 years, as owner"}),
        ("invite <@UCARL> admin acme note welcome on board", INVITE | {Slot.NOTE: "welcome on board"}),
        ("invite <@UCARL> admin admin", INVITE | {Slot.WHATS: ("admin",)}),
        ("invite <@UCARL> admin Acme Corp", INVITE | {Slot.WHATS: ("Acme", "Corp")}),
        ("invite <@UCARL> admin", {Slot.WHOM: (CARL,), Slot.ROLE: "admin"}),
        ("invite <@UCARL> admin <http://acme.com|acme.com>", INVITE | {Slot.WHATS: ("acme.com",)}),
        (
            "invite <@UCARL>, <@UDEVI>, and a@b.co, admin shop, blog and “My App”",
            {
                Slot.WHOM: (CARL, DEVI, Address("a@b.co")),
                Slot.ROLE: "admin",
                Slot.WHATS: ("shop", "blog", "My App"),
            },
        ),
        ("invite <@UCARL> nobody@ @stranger admin acme", INVITE | {Slot.WHOM: (CARL, "nobody@", "@stranger")}),
        ("invite <@UCARL> <@UCARL> admin acme", INVITE),
        ("create company Acme Corp", {Slot.KIND: "company", Slot.NAME: "Acme Corp"}),
        ("create company “Owner &amp; Sons to admin”", {Slot.KIND: "company", Slot.NAME: "Owner & Sons to admin"}),
        ("create company company", {Slot.KIND: "company", Slot.NAME: "company"}),
        ("members admin", {Slot.WHAT: "admin"}),
        ("members to", {Slot.WHAT: "to"}),
        ("decline acme because of time", {Slot.WHAT: "acme", Slot.NOTE: "of time"}),
        ("decline", {}),
        ("invitations sent", {Slot.SENT: "sent"}),
        ("link acme joins leaves", {Slot.WHAT: "acme", Slot.GROUPS: ("joins", "leaves")}),
        ("link", {}),
        ("link acme daily", {Slot.WHAT: "acme", Slot.RHYTHM: "daily"}),
        (
            "link weekly at 17:00 acme joins",
            {Slot.WHAT: "acme", Slot.GROUPS: ("joins",), Slot.RHYTHM: "weekly", Slot.HOUR: 17},
        ),
        ("link at 9 daily", {Slot.RHYTHM: "daily", Slot.HOUR: 9}),
        ("link acme at 5 pm", {Slot.WHAT: "acme", Slot.HOUR: 17}),
        ("link acme at 12am", {Slot.WHAT: "acme", Slot.HOUR: 0}),
        ("link acme at once", {Slot.WHAT: "acme"}),
        ('link "daily at 9"', {Slot.WHAT: "daily at 9"}),
        ("events acme by <@UCARL> since 7d", {Slot.WHAT: "acme", Slot.BY: CARL, Slot.SINCE: timedelta(days=7)}),
        ("events since 2026-01-31", {Slot.SINCE: date(2026, 1, 31)}),
        (
            "events acme by <@UCARL> about <@UDEVI> only member,request.sent export jsonl",
            {
                Slot.WHAT: "acme",
                Slot.BY: CARL,
                Slot.ABOUT: DEVI,
                Slot.ONLY: ("member", "request.sent"),
                Slot.EXPORT: "jsonl",
            },
        ),
        ("events export", {Slot.EXPORT: "csv"}),
        ("undo", {}),
        ("extend <@UCARL> shop", {Slot.WHO: CARL, Slot.WHAT: "shop"}),
        ("extend <@UCARL> shop for 30d", {Slot.WHO: CARL, Slot.WHAT: "shop", Slot.LASTS: timedelta(days=30)}),
        (
            'request developer shop note "I can help"',
            {Slot.ROLE: "developer", Slot.WHAT: "shop", Slot.NOTE: "I can help"},
        ),
        ("successor <@UCARL> for acme", {Slot.WHO: CARL, Slot.WHAT: "acme"}),
        ("keys", {}),
        ("keys rotated shop", {Slot.ROTATED: "rotated", Slot.WHAT: "shop"}),
        ("settings", {}),
        ("settings lifetime 14d", {Slot.SETTING: "lifetime", Slot.VALUE: "14d"}),
        ("settings reminders 2d, 5d", {Slot.SETTING: "reminders", Slot.VALUE: "2d, 5d"}),
        ("remove <@UCARL> from acme", {Slot.WHO: CARL, Slot.WHAT: "acme"}),
        ("help invite", {Slot.VERB: "invite"}),
        ("create app Shop in acme", {Slot.KIND: "app", Slot.NAME: "Shop", Slot.THERE: "acme"}),
        ('create app "Log in" in acme', {Slot.KIND: "app", Slot.NAME: "Log in", Slot.THERE: "acme"}),
        ("create app Log in", {Slot.KIND: "app", Slot.NAME: "Log in"}),
        ("create payment Card", {Slot.KIND: "payment", Slot.NAME: "Card"}),
        ("create payment method Card", {Slot.KIND: "payment", Slot.NAME: "Card"}),
        ('create team "Made in China"', {Slot.KIND: "team", Slot.NAME: "Made in China"}),
        ("invite <@UCARL> to admin as owner", INVITE | {Slot.ROLE: "owner", Slot.WHATS: ("admin",)}),
        ('invite <@UCARL> owner "admin"', INVITE | {Slot.ROLE: "owner", Slot.WHATS: ("admin",)}),
        (
            'role <@UCARL> collaborator acme keep blog, shop and "My App"',
            {Slot.WHO: CARL, Slot.ROLE: "collaborator", Slot.WHAT: "acme", Slot.KEEP: ("blog", "shop", "My App")},
        ),
        ("role keep blog <@UCARL> admin acme", ROLE | {Slot.KEEP: ("blog",)}),
        ("rename shop Boutique", {Slot.WHAT: "shop", Slot.NAME: "Boutique"}),
        ("rename shop to The Boutique", {Slot.WHAT: "shop", Slot.NAME: "The Boutique"}),
        ('rename "My Shop" The Boutique', {Slot.WHAT: "My Shop", Slot.NAME: "The Boutique"}),
        ("rename to Boutique", {Slot.NAME: "Boutique"}),
        ('describe shop "Sells things to people"', {Slot.WHAT: "shop", Slot.TEXT: "Sells things to people"}),
        ("describe shop as sells things by mail", {Slot.WHAT: "shop", Slot.TEXT: "sells things by mail"}),
        ("describe shop nothing", {Slot.WHAT: "shop", Slot.TEXT: None}),
        ("move shop to website", {Slot.WHAT: "shop", Slot.THERE: "website"}),
        ("move shop website", {Slot.WHAT: "shop", Slot.THERE: "website"}),
        ("move My Shop to Acme Corp", {Slot.WHAT: "My Shop", Slot.THERE: "Acme Corp"}),
        ("move shop", {Slot.WHAT: "shop"}),
        ("move shop to nothing", {Slot.WHAT: "shop", Slot.THERE: None}),
        ('move shop to "nothing"', {Slot.WHAT: "shop", Slot.THERE: "nothing"}),
        ("migrate website to acme", {Slot.WHAT: "website", Slot.THERE: "acme"}),
        ("pay shop card", {Slot.WHAT: "shop", Slot.THERE: "card"}),
        ("pay shop with Carl's card", {Slot.WHAT: "shop", Slot.THERE: "Carl's card"}),
        ("pay shop nothing", {Slot.WHAT: "shop", Slot.THERE: None}),
        ("share shop crew manager", SHARE),
        ("share shop with crew as manager", SHARE),
        ("share as manager shop with crew", SHARE),
        ("share shop to crew as manager", SHARE),
        ("share My Shop with Night Crew as manager", SHARE | {Slot.WHAT: "My Shop", Slot.TEAM: "Night Crew"}),
        ('share shop manager "Night Crew"', SHARE | {Slot.TEAM: "Night Crew"}),
        ("share with crew as manager", {Slot.TEAM: "crew", Slot.ROLE: "manager"}),
        ("share shop nothing manager", SHARE | {Slot.TEAM: "nothing"}),
        ("unshare shop crew", {Slot.WHAT: "shop", Slot.TEAM: "crew"}),
        ("unshare shop from Night Crew", {Slot.WHAT: "shop", Slot.TEAM: "Night Crew"}),
        ("assign <@UCARL> shop crew", ASSIGN),
        ("assign <@UCARL> to shop in crew", ASSIGN),
        ("assign shop in Night Crew to <@UCARL>", ASSIGN | {Slot.TEAM: "Night Crew"}),
        ("assign shop crew to <@UCARL>", ASSIGN),
        ("unassign <@UCARL> from shop in crew", ASSIGN),
        ("role <@UCARL> as admin", {Slot.WHO: CARL, Slot.ROLE: "admin"}),
        ("who code code", {Slot.WHAT: "code", Slot.CAPABILITY: "code"}),
        ("why <@UCARL> code shop", {Slot.WHO: CARL, Slot.WHAT: "shop", Slot.CAPABILITY: "code"}),
        ("mine", {}),
        ("show", {}),
    ],
)
def test_what_was_said_for_each_slot(text: str, slots: dict[Slot, object]) -> None:
    assert dict(read(text).slots) == slots


def test_nothing_typed_is_a_call_for_help() -> None:
    assert read("  ").verb.name == "help"
    assert read("  ").empty
    assert not read("help").empty


@pytest.mark.parametrize(
    ("text", "kind", "example"),
    [
        ("invit <@UCARL|carl> admin acme", misread.UnknownVerb, "/collab invite @carl admin acme"),
        ("invit <@UCARL|carl> acme", misread.UnknownVerb, "/collab invite @carl admin acme"),
        ("xyzzy", misread.UnknownVerb, "/collab help"),
        ("help invte", misread.UnknownVerb, "/collab help invite"),
        ("invite <@UCARL|carl> admni acme", misread.UnknownRoleWord, "/collab invite @carl admin acme"),
        ("invite <@UCARL|carl> acme boss", misread.UnknownRoleWord, "/collab invite @carl admin boss"),
        ("invite @carl admin acme", misread.UnknownWho, "/collab invite @carl admin acme"),
        ("remove @carl acme", misread.UnknownWho, "/collab remove @carl acme"),
        ("invite <@UCARL|carl> admin acme for 30x", misread.BadLength, "/collab invite @carl admin acme for 30d"),
        (
            "invite <@UCARL|carl> admin acme until soon",
            misread.BadMoment,
            "/collab invite @carl admin acme until 2027-01-31",
        ),
        ("role <@UCARL|carl> <@UDEVI|devi> admin acme", misread.ExtraWord, "/collab role @carl admin acme"),
        ("create Acme", misread.UnknownKindWord, "/collab create company Acme"),
        ("create company", misread.MissingWord, "/collab create company Acme"),
        ("link acme joints", misread.UnknownGroupWord, "/collab link acme joins"),
        ("link acme dayly", misread.UnknownGroupWord, "/collab link acme daily"),
        ("link acme daily at 25", misread.BadHourWord, "/collab link acme daily at 9"),
        ("link acme at 9:30", misread.BadHourWord, "/collab link acme at 9"),
        ("link acme at 13pm", misread.BadHourWord, "/collab link acme at 9"),
        ("invitations send", misread.ExtraWord, "/collab invitations sent"),
        ("remove carl acme", misread.MissingWord, "/collab remove @carl acme"),
        ("invite <@UCARL|carl> owner admin", misread.TwoMeanings, '/collab invite @carl owner "admin"'),
        ("invite <@UCARL|carl> admin Acme Admin", misread.TwoMeanings, '/collab invite @carl admin "Acme Admin"'),
        ("who code view", misread.TwoMeanings, '/collab who "view" code'),
        ("who shop codes", misread.UnknownCapabilityWord, "/collab who shop code"),
        ("who shop deploy", misread.UnknownCapabilityWord, "/collab who shop edit"),
        ("why <@UCARL|carl> shop", misread.MissingWord, "/collab why @carl shop edit"),
        ("create team Made in China", misread.StandsInNothing, '/collab create team "Made in China"'),
        ("create app Log in in acme", misread.UnclearNames, '/collab create app "Log in" in acme'),
        ("rename shop The Boutique", misread.UnclearNames, '/collab rename shop "The Boutique"'),
        ("rename Road to Rome to Paris", misread.UnclearNames, '/collab rename Road "Rome to Paris"'),
        ("rename shop", misread.MissingWord, '/collab rename shop "The Boutique"'),
        ("describe shop sells things", misread.UnclearNames, '/collab describe shop "sells things"'),
        ("move Shop One Acme Corp", misread.UnclearNames, '/collab move Shop to "One Acme Corp"'),
        ("pay shop", misread.MissingWord, "/collab pay shop with card"),
        ("share shop", misread.MissingWord, "/collab share shop with crew manager"),
        ("share shop crew", misread.MissingWord, "/collab share shop crew manager"),
        ("share shop crew manger", misread.UnknownRoleWord, "/collab share shop crew manager"),
        ("share shop with crew as mangaer", misread.UnknownRoleWord, "/collab share shop crew manager"),
        ("share shop crew boss", misread.UnknownRoleWord, "/collab share shop crew manager"),
        ("share My Shop crew manager", misread.UnclearNames, '/collab share My with "Shop crew" manager'),
        ("unshare shop", misread.MissingWord, "/collab unshare shop from crew"),
        ("assign shop crew", misread.MissingWord, "/collab assign @carl shop crew"),
        ("assign <@UCARL|carl> shop", misread.MissingWord, "/collab assign @carl shop in crew"),
        ("assign <@UCARL|carl> My Shop crew", misread.UnclearNames, '/collab assign @carl My in "Shop crew"'),
        ("unassign <@UCARL|carl> shop", misread.MissingWord, "/collab unassign @carl shop in crew"),
        ("migrate website", misread.MissingWord, "/collab migrate website to acme"),
        ("events acme since whenever", misread.BadMoment, "/collab events since 7d"),
        ("successor acme", misread.MissingWord, "/collab successor @carl acme"),
        ("request developr shop", misread.UnknownRoleWord, "/collab request developer shop"),
    ],
)
def test_what_is_not_understood_is_met_with_a_line_that_is(text: str, kind: type[Misread], example: str) -> None:
    refusal = refused(text)

    assert type(refusal) is kind
    assert refusal.example == example
    assert read(re.sub(r"@(\w+)", r"<@UCARL|\1>", example).removeprefix("/collab ")).verb


@pytest.mark.parametrize(
    ("text", "slots", "lacks"),
    [
        ("invite", {}, "whom"),
        ("invite <@UCARL|carl>", {Slot.WHOM: (CARL,)}, "role"),
        ("invite <@UCARL|carl> acme", {Slot.WHOM: (CARL,), Slot.WHATS: ("acme",)}, "role"),
        ("invite admin acme", {Slot.ROLE: "admin", Slot.WHATS: ("acme",)}, "whom"),
        ("invite carl admin acme", {Slot.ROLE: "admin", Slot.WHATS: ("carl", "acme")}, "whom"),
        (
            'invite a@b.example for 30 days note "Hi"',
            {Slot.WHOM: (Address("a@b.example"),), Slot.LASTS: timedelta(days=30), Slot.NOTE: "Hi"},
            "role",
        ),
    ],
)
def test_what_an_invitation_lacks_is_asked_for_in_its_window(text: str, slots: dict[Slot, object], lacks: str) -> None:
    line = read(text)

    assert dict(line.slots) == slots
    assert line.lacks is not None
    assert line.lacks.slot == lacks
    assert read(re.sub(r"@(\w+)", r"<@UCARL|\1>", line.lacks.example).removeprefix("/collab ")).lacks is None or (
        "@b.example" in text
    )


def test_a_whole_invitation_lacks_nothing_and_its_thing_may_be_the_channels() -> None:
    assert read("invite <@UCARL|carl> admin acme").lacks is None
    assert read("invite <@UCARL|carl> admin").lacks is None


def test_every_row_of_the_table_works() -> None:
    for verb in VERBS.values():
        typed = verb.example.replace("@carl", "<@UCARL|carl>")
        line = read(typed)
        assert line.verb is verb
        assert all(slot in line.slots for slot in verb.needs), verb.name
        assert verb.builds in ACTIONS or verb.builds in QUESTIONS
        assert verb.name in COMMANDS
        assert f"/collab {verb.example}" in verbs_markdown()


PIECES = st.one_of(
    st.sampled_from(
        [*VERBS, "company", "admin", "owner", "acme", "joins", "sent", "to", "for", "until", "since", "by"]
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
        ["<mailto:a@b.co|a@b.co>", "a@b.co", '"', "“", "<", ">", "<>", "<@>", "<!here>", "<#C1|x>", "&lt;", "|"]
    ),
    st.text(max_size=8),
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map(" ".join)))
@example("invite <@U1> for")
@example("٣٠d invite")
@example("invite <@U1> admin acme for ٣٠d")
def test_anything_typed_is_read_or_refused(text: str) -> None:
    with suppress(Misread):
        assert read(text).verb.name in VERBS


@given(st.lists(PIECES, min_size=1, max_size=12).map(" ".join))
def test_every_example_is_short_and_a_command(text: str) -> None:
    refusals: list[Misread] = []
    try:
        read(text)
    except Misread as refusal:
        refusals.append(refusal)

    assert all(r.example.startswith("/collab ") and len(r.example) < 600 for r in refusals)


@pytest.mark.parametrize("piece", ["<", '"', "a ", "<@U1> ", "for ", "note ", "ad", "a@", "invite ", "&lt;", "\u202e"])
def test_three_thousand_characters_are_read_quickly(piece: str) -> None:
    text = ("invite " + piece * 3000)[:3000]

    started = time.perf_counter()
    with suppress(Misread):
        read(text)

    assert time.perf_counter() - started < 1


def test_what_stands_in_quotes_is_kept_as_a_person_reads_it() -> None:
    note = '"ask <@UBO|bo>, see <https://example.org>, <mailto:a@b.org|a@b.org> &amp; &lt;me&gt;"'
    line = parse(f"invite <@UCARL|carl> admin acme note {note}", "T1")
    assert line.get(Slot.NOTE) == "ask @bo, see https://example.org, a@b.org & <me>"
