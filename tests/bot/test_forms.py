"""Every verb of the table has a form that keeps Slack's limits and says what a typed line would have said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import View
from bot.cards.choosing import CHOICES, choice_view, found_choices
from bot.cards.forms import FIELDS, OWN, Form, form_view
from bot.doors import _values
from bot.filling import ADDRESSED, PEOPLE, Unfilled, filled, mail_of, read, slots_of
from bot.fitting import FITS, kinds_for, offered, things_of
from bot.grammar import parse
from bot.listeners import COMMANDS
from bot.playground.blockkit import all_options, elements, option_errors, view_errors
from bot.playground.controls import controls, initial_state
from bot.verbs import VERBS, Slot
from bot.words import words_in
from collab.choosing import Placed
from collab.explain import Detail
from collab.kinds import KINDS
from collab.people import Account, Address
from collab.resources import Resource

WORDS = words_in("en")
TEAM = "T1"
PLANS = {"small": {"owner": 1}, "large": {"owner": 9}}
SHOP = Resource("R1", "app", "shop", "Shop")

# One line for each verb with all that it may take.
LINES = {
    "help": "help invite",
    "create": "create app Shop in acme",
    "invitations": "invitations sent",
    "accept": "accept acme",
    "decline": 'decline acme note "Not this year"',
    "revoke": "revoke <@UCARL> acme",
    "resend": "resend carl@client.example acme",
    "members": "members acme",
    "role": "role <@UCARL> collaborator acme keep shop blog",
    "remove": "remove carl@client.example acme",
    "leave": "leave acme",
    "undo": "undo",
    "extend": "extend <@UCARL> acme until 2027-01-31",
    "request": 'request developer shop note "I write its code"',
    "withdraw": "withdraw acme",
    "successor": "successor <@UCARL> acme",
    "mine": "mine",
    "show": "show acme",
    "who": "who shop code",
    "why": "why <@UCARL> shop code",
    "rename": 'rename shop to "The Boutique"',
    "describe": 'describe shop "Sells things"',
    "move": "move shop to website",
    "migrate": "migrate website to acme",
    "disable": "disable website",
    "enable": "enable website",
    "delete": "delete shop",
    "pay": "pay shop with card",
    "share": "share shop with crew as manager",
    "unshare": "unshare shop from crew",
    "assign": "assign <@UCARL> shop in crew",
    "unassign": "unassign <@UCARL> shop in crew",
    "transfer": "transfer billing shop blog <@UCARL> leaving",
    "billing": "billing card",
    "invoices": "invoices card",
    "plan": "plan acme to small",
    "unlink": "unlink acme",
    "events": "events acme by <@UADA> about carl@client.example only member,request since 7d export jsonl",
    "keys": "keys rotated shop",
    "settings": "settings lifetime 14d",
}
FORMED = [verb for verb in VERBS.values() if not verb.window]


def things(told: dict[str, str]) -> dict[str, Resource]:
    """Whatever is named is there, and is called as it is typed."""
    names = {name for field, value in told.items() if field in set(Slot) for name in value.split(",")}
    kinds = {"acme": "company", "website": "project", "card": "payment", "crew": "team"}
    return {name: replace(SHOP, id=name, slug=name, title=name, kind=kinds.get(name, "app")) for name in names}


def form(text: str) -> tuple[Form, Any]:
    line = parse(text, TEAM)
    told = filled(line)
    return Form(line.verb, KINDS, told, things(told), tuple(PLANS)), line


def sent_in(view: View) -> dict[str, str]:
    """What a form says when it is sent in as it stands, as the app reads it."""
    values = _values({"state": {"values": initial_state(view["blocks"])}})
    return {block.partition(" ")[0]: value for block, value in values.items()}


def fields(view: View) -> list[str]:
    return [block["block_id"].partition(" ")[0] for block in view["blocks"] if block["type"] == "input"]


def test_there_is_a_line_for_every_verb() -> None:
    assert {*LINES} == {verb.name for verb in FORMED}
    assert {slot for verb in FORMED for slot in slots_of(verb)} <= set(FIELDS)


@pytest.mark.parametrize("verb", FORMED, ids=lambda verb: verb.name)
def test_a_form_has_a_field_for_all_that_the_verb_takes(verb: Any) -> None:
    for kinds in ({}, {"what": "R1"}):
        view = form_view(WORDS, Form(verb, KINDS, kinds, {"R1": SHOP} if kinds else {}, tuple(PLANS)))
        assert view_errors(view) == []
        asked = {slot.value for slot in slots_of(verb)} | {mail_of(s) for s in slots_of(verb) if s in ADDRESSED}
        assert {*fields(view)} - {"channel"} == asked
        first = view["blocks"][0]["text"]["text"]
        assert first[1:].removesuffix(".") == verb.summary[1:].partition("; `")[0]
        for block in view["blocks"]:
            slot = Slot(name) if (name := block.get("block_id", "").partition(" ")[0]) in set(Slot) else None
            if slot in verb.needs and slot is not Slot.TEXT and slot not in ADDRESSED:
                assert not block["optional"], slot


@pytest.mark.parametrize("text", LINES.values())
def test_what_a_form_says_is_what_the_line_says(text: str) -> None:
    asked, line = form(text)
    view = form_view(WORDS, asked)
    assert view_errors(view) == []
    assert read(line.verb, sent_in(view), TEAM) == line.slots


@pytest.mark.parametrize(
    "text", ["pay shop with nothing", "move shop to nothing", "describe shop nothing", "plan acme to nothing"]
)
def test_what_may_be_nothing_is_nothing_in_the_form_too(text: str) -> None:
    asked, line = form(text)
    assert None in line.slots.values()
    assert read(line.verb, sent_in(form_view(WORDS, asked)), TEAM) == line.slots


@pytest.mark.parametrize("name", ["pay", "move"])
def test_that_nothing_is_meant_is_chosen_and_never_forgotten(name: str) -> None:
    verb = VERBS[name]
    with pytest.raises(Unfilled, match="there"):
        read(verb, {"what": "R1"}, TEAM)
    assert read(verb, {"what": "R1", "there": "nothing"}, TEAM) == {Slot.WHAT: "R1", Slot.THERE: None}
    for found in ([], [Placed(SHOP, None)]):
        choices = found_choices(WORDS, verb, Slot.THERE, found)
        assert option_errors(choices) == []
        assert choices["option_groups"][-1]["options"][0]["value"] == "nothing"
    assert found_choices(WORDS, verb, Slot.WHAT, []) == {"options": []}


def test_without_a_plan_the_form_asks_how_a_company_stands() -> None:
    asked, line = form("plan acme")
    assert read(line.verb, sent_in(form_view(WORDS, asked)), TEAM) == {Slot.WHAT: "acme"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"what": "R1"}, "who"),
        ({"what": "R1", "who_mail": "carl@"}, "who_mail"),
        ({"what": "R1", "who_mail": "a@b.example, c@d.example"}, "who_mail"),
        ({"what": "R1", "who_mail": "a@b.example", "who": "UCARL"}, "who_mail"),
        ({"who": "UCARL"}, "what"),
        ({"who": "UCARL", "what": "R1", "lasts": "soon"}, "lasts"),
    ],
)
def test_what_is_missing_or_unreadable_is_said_at_its_field(values: dict[str, str], field: str) -> None:
    with pytest.raises(Unfilled) as caught:
        read(VERBS["extend"], values, TEAM)
    assert caught.value.field == field
    assert WORDS.label(caught.value.label)


def test_somebody_is_chosen_or_written() -> None:
    assert read(VERBS["remove"], {"who": "UCARL", "what": "R1"}, TEAM)[Slot.WHO] == Account(TEAM, "UCARL")
    written = read(VERBS["remove"], {"who_mail": " a@b.example ", "what": "R1"}, TEAM)
    assert written[Slot.WHO] == Address("a@b.example")


def test_the_roles_follow_the_kind_and_a_role_of_another_kind_does_not_stay() -> None:
    def roles(verb: str, kind: str) -> tuple[str, list[str]]:
        about = {"R1": replace(SHOP, kind=kind)} if kind else {}
        view = form_view(WORDS, Form(VERBS[verb], KINDS, {"what": "R1"}, about))
        block = next(b for b in view["blocks"] if b.get("block_id", "").startswith("role "))
        return block["block_id"], [option["value"] for option in block["element"]["options"]]

    assert roles("request", "")[1] == list(KINDS.role_names)
    assert roles("request", "app")[1] == ["admin", "manager", "developer"]
    assert roles("role", "company")[1] == ["owner", "admin", "accountant", "collaborator"]
    assert roles("role", "company")[0] != roles("role", "app")[0]


@given(title=st.text(min_size=1, max_size=200), note=st.text(max_size=500))
@settings(deadline=None, max_examples=30)
def test_forms_keep_the_limits_whatever_things_are_called(title: str, note: str) -> None:
    odd = replace(SHOP, title=title)
    for verb in FORMED:
        told = {slot.value: "R1" for slot in things_of(verb.name)} | {"note": note, "name": title[:80], "text": note}
        view = form_view(
            WORDS,
            Form(verb, KINDS, told, {"R1": odd}),
            WORDS.say("refusals/unknown_resource", typed=title, nearest=None),
        )
        assert view_errors(view) == []
    assert view_errors(choice_view(WORDS, odd, VERBS)) == []


def test_every_verb_is_among_the_choices_once() -> None:
    assert sorted(name for names in CHOICES.values() for name in names) == sorted(VERBS) == sorted(COMMANDS)
    view = choice_view(WORDS, None, VERBS)
    assert view_errors(view) == []
    options = [option for block in view["blocks"] for e in elements(block) for option in all_options(e)]
    assert [option["value"] for option in options] == [f"form {name}" for names in CHOICES.values() for name in names]
    assert all(option["description"]["text"] for option in options)


def test_the_table_of_fits_names_verbs_and_their_slots() -> None:
    for verb, slot in FITS:
        assert slot in things_of(verb), verb
    for verb, name in OWN:
        assert VERBS[verb].takes(Slot(name))
    assert kinds_for("pay", Slot.THERE, KINDS) == ("payment",)
    assert kinds_for("pay", Slot.WHAT, KINDS) == ("app", "database")
    assert kinds_for("create", Slot.THERE, KINDS) == ("company", "project")
    assert kinds_for("migrate", Slot.WHAT, KINDS) == ("project",)
    assert kinds_for("migrate", Slot.THERE, KINDS) == ("company",)
    assert kinds_for("assign", Slot.TEAM, KINDS) == ("team",)
    assert kinds_for("show", Slot.WHAT, KINDS) == tuple(KINDS)


def detail(kind: str, role: str, **said: Any) -> Detail:
    held = KINDS[kind].role(role)
    return Detail(replace(SHOP, kind=kind, **said), None, None, 1, [], role, held.can if held else (), [])


def test_what_is_offered_follows_the_kind_and_the_role() -> None:
    admin = offered(detail("app", "admin"), KINDS)
    assert {"rename", "describe", "move", "delete", "pay", "invite", "transfer", "share", "link"} <= set(admin)
    assert not {"disable", "migrate", "billing", "invoices", "plan", "request", "create"} & set(admin)
    developer = offered(detail("app", "developer"), KINDS)
    assert {"members", "who", "why", "events", "request", "leave", "keys"} <= set(developer)
    assert not {"rename", "delete", "invite", "remove", "pay"} & set(developer)
    owner = offered(detail("company", "owner"), KINDS)
    assert owner["create"] is Slot.THERE
    assert {"plan", "transfer", "role", "remove"} <= set(owner)
    assert offered(detail("payment", "holder"), KINDS)["pay"] is Slot.THERE
    assert offered(detail("team", "unlimited"), KINDS)["share"] is Slot.TEAM
    assert "leave" not in offered(replace(detail("app", "developer"), direct=False), KINDS)
    assert "disable" in offered(detail("project", "owner"), KINDS)
    assert "enable" in offered(detail("project", "owner", disabled=True), KINDS)


def test_people_have_a_field_for_an_address_where_an_address_can_be_meant() -> None:
    assert ADDRESSED < PEOPLE
    view = form_view(WORDS, form(LINES["events"])[0])
    assert [name for name in fields(view) if name.endswith("_mail")] == ["about_mail"]
    assert len(list(controls(view["blocks"]))) == len(fields(view))


def test_a_form_offers_no_plan_however_many_plans_there_are() -> None:
    view = form_view(WORDS, Form(VERBS["plan"], KINDS, plans=[f"plan-{n}" for n in range(150)]))
    options = next(b["element"]["options"] for b in view["blocks"] if b.get("block_id") == "there plan")
    assert (len(options), options[-1]["value"]) == (100, "nothing")
    assert view_errors(view) == []
