"""Every verb of the table has a form that keeps Slack's limits and says what a typed line would have said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.blockkit import (
    all_options,
    interactive_elements,
    option_errors,
    view_errors,
)
from bot.playground.elements import initial_state, iterate_controls
from bot.rendering import renderer_for_language
from bot.slack.commands.catalog import VERB_BY_NAME, offered_verbs
from bot.slack.commands.parser import parse
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import MenuGroup
from bot.slack.forms.fields import FieldInvalid
from bot.slack.forms.layout import email_field
from bot.slack.forms.values import (
    ADDRESSABLE_SLOTS,
    PERSON_SLOTS,
    read_form_values,
    to_form_values,
)
from bot.slack.routes import COMMAND_HANDLERS
from bot.slack.view_state import read_field_values
from bot.slack.views import View
from bot.slack.views.form_options import VerbForm
from bot.slack.views.forms import (
    FIELD_BUILDERS,
    verb_form_view,
)
from bot.slack.views.pickers import field_options, verb_menu_view
from collab.access_queries import ResourceDetail
from collab.model import Account, Address, Resource, ResourceId
from collab.resource_pickers import ResourceOption
from collab.roles import ROLE_MODEL

WORDS = renderer_for_language("en")
TEAM = "T1"
PLANS = {"small": {"owner": 1}, "large": {"owner": 9}}
SHOP = Resource(ResourceId("R1"), "app", "shop", "Shop")

# One line for each verb with all that it may take.
LINES = {
    "help": "help invite",
    "create": "create app Shop in acme",
    "invite": 'invite <@UCARL> <@UDEVI> a@b.example admin shop blog for 30d note "Hi"',
    "link": "link acme joins leaves daily at 9",
    "invitations": "invitations sent",
    "accept": "accept acme",
    "decline": 'decline acme note "Not this year"',
    "revoke": "revoke <@UCARL> acme",
    "resend": "resend carl@client.example acme",
    "members": "members acme",
    "role": "role <@UCARL> collaborator acme keep shop blog",
    "remove": "remove carl@client.example acme",
    "leave": "leave acme",
    "offboard": "offboard <@UCARL>",
    "undo": "undo",
    "extend": "extend <@UCARL> acme until 2027-01-31",
    "request": 'request developer shop note "I write its code"',
    "withdraw": "withdraw acme",
    "successor": "successor <@UCARL> acme",
    "mine": "mine",
    "show": "show acme",
    "who": "who shop code at 2026-03-03",
    "why": "why <@UCARL> shop code at 2026-03-03",
    "what": "what if remove <@UCARL|carl> from acme",
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
    "handover": "handover website to <@UCARL> keep member on 2027-01-31",
    "billing": "billing card",
    "invoices": "invoices card",
    "plan": "plan acme to small",
    "unlink": "unlink acme",
    "events": "events acme by <@UADA> about carl@client.example only member,request since 2027-01-31 export jsonl",
    "keys": "keys rotated shop",
    "me": "me",
}
FORMED = [verb for verb in VERB_BY_NAME.values() if not verb.has_own_forms]


def things(values: dict[str, str]) -> dict[ResourceId, Resource]:
    """Whatever is named is there, and is called as it is typed."""
    names = {
        name
        for field, value in values.items()
        if field in set(Slot)
        for name in value.split(",")
    }
    kinds = {"acme": "company", "website": "project", "card": "payment", "crew": "team"}
    return {
        ResourceId(name): replace(
            SHOP,
            id=ResourceId(name),
            slug=name,
            title=name,
            kind=kinds.get(name, "app"),
        )
        for name in names
    }


def form(text: str) -> tuple[VerbForm, Any]:
    line = parse(text, TEAM)
    values = to_form_values(line)
    return VerbForm(line.verb, ROLE_MODEL, values, things(values), tuple(PLANS)), line


def sent_in(view: View) -> dict[str, str]:
    """What a form says when it is sent in as it stands, as the app reads it."""
    values = read_field_values({"state": {"values": initial_state(view["blocks"])}})
    return {block.partition(" ")[0]: value for block, value in values.items()}


def fields(view: View) -> list[str]:
    return [
        block["block_id"].partition(" ")[0]
        for block in view["blocks"]
        if block["type"] == "input"
    ]


def test_there_is_a_line_for_every_verb() -> None:
    assert {*LINES} == {verb.name for verb in FORMED}
    assert {slot for verb in FORMED for slot in verb.slots} <= set(FIELD_BUILDERS)


@pytest.mark.parametrize("verb", FORMED, ids=lambda verb: verb.name)
def test_a_form_has_a_field_for_all_that_the_verb_takes(verb: Any) -> None:
    for kinds in ({}, {"what": "R1"}):
        view = verb_form_view(
            WORDS,
            VerbForm(
                verb, ROLE_MODEL, kinds, {SHOP.id: SHOP} if kinds else {}, tuple(PLANS)
            ),
        )
        assert view_errors(view) == []
        asked = {slot.value for slot in verb.slots} | {
            email_field(s) for s in verb.slots if s in ADDRESSABLE_SLOTS
        }
        if not kinds:
            # The role is chosen after what it is about.
            asked -= {"role"}
        assert {*fields(view)} - {"channel"} == asked
        if not verb.form.has_summary:
            continue
        first = view["blocks"][0]["text"]["text"]
        assert first[1:].removesuffix(".") == verb.summary[1:].partition("; `")[0]
        for block in view["blocks"]:
            slot = (
                Slot(name)
                if (name := block.get("block_id", "").partition(" ")[0]) in set(Slot)
                else None
            )
            if (
                slot in verb.required_slots
                and slot is not Slot.TEXT
                and slot not in ADDRESSABLE_SLOTS
            ):
                assert not block["optional"], slot


@pytest.mark.parametrize("text", LINES.values())
def test_what_a_form_says_is_what_the_line_says(text: str) -> None:
    asked, line = form(text)
    view = verb_form_view(WORDS, asked)
    assert view_errors(view) == []
    assert read_form_values(line.verb, sent_in(view), TEAM) == line.slots


@pytest.mark.parametrize(
    "text",
    [
        "pay shop with nothing",
        "move shop to nothing",
        "describe shop nothing",
        "plan acme to nothing",
    ],
)
def test_what_may_be_nothing_is_nothing_in_the_form_too(text: str) -> None:
    asked, line = form(text)
    assert None in line.slots.values()
    assert (
        read_form_values(line.verb, sent_in(verb_form_view(WORDS, asked)), TEAM)
        == line.slots
    )


@pytest.mark.parametrize("name", ["pay", "move"])
def test_that_nothing_is_meant_is_chosen_and_never_forgotten(name: str) -> None:
    verb = VERB_BY_NAME[name]
    with pytest.raises(FieldInvalid, match="there"):
        read_form_values(verb, {"what": "R1"}, TEAM)
    assert read_form_values(verb, {"what": "R1", "there": "nothing"}, TEAM) == {
        Slot.RESOURCE: "R1",
        Slot.OTHER_RESOURCE: None,
    }
    for found in ([], [ResourceOption(SHOP, None)]):
        choices = field_options(WORDS, verb, Slot.OTHER_RESOURCE, found)
        assert option_errors(choices) == []
        assert choices["option_groups"][-1]["options"][0]["value"] == "nothing"
    assert field_options(WORDS, verb, Slot.RESOURCE, []) == {"options": []}


def test_without_a_plan_the_form_asks_how_a_company_stands() -> None:
    asked, line = form("plan acme")
    assert read_form_values(line.verb, sent_in(verb_form_view(WORDS, asked)), TEAM) == {
        Slot.RESOURCE: "acme"
    }


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
def test_what_is_missing_or_unreadable_is_said_at_its_field(
    values: dict[str, str], field: str
) -> None:
    with pytest.raises(FieldInvalid) as caught:
        read_form_values(VERB_BY_NAME["extend"], values, TEAM)
    assert caught.value.field == field
    assert WORDS.render_label(caught.value.label_key)


def test_a_person_is_chosen_or_written() -> None:
    assert read_form_values(
        VERB_BY_NAME["remove"], {"who": "UCARL", "what": "R1"}, TEAM
    )[Slot.PERSON] == Account(TEAM, "UCARL")
    written = read_form_values(
        VERB_BY_NAME["remove"], {"who_mail": " a@b.example ", "what": "R1"}, TEAM
    )
    assert written[Slot.PERSON] == Address("a@b.example")


def test_the_roles_follow_the_kind_and_a_role_of_another_kind_does_not_stay() -> None:
    def roles(verb: str, kind: str) -> tuple[str, list[str]]:
        about = {SHOP.id: replace(SHOP, kind=kind)} if kind else {}
        view = verb_form_view(
            WORDS, VerbForm(VERB_BY_NAME[verb], ROLE_MODEL, {"what": "R1"}, about)
        )
        block = next(
            b for b in view["blocks"] if b.get("block_id", "").startswith("role ")
        )
        return block["block_id"], [
            option["value"] for option in block["element"]["options"]
        ]

    with pytest.raises(StopIteration):
        roles("request", "")
    assert roles("request", "app")[1] == ["admin", "manager", "developer"]
    assert roles("role", "company")[1] == [
        "owner",
        "admin",
        "accountant",
        "collaborator",
    ]
    assert roles("role", "company")[0] != roles("role", "app")[0]


@given(title=st.text(min_size=1, max_size=200), note=st.text(max_size=500))
@settings(deadline=None, max_examples=30)
def test_forms_keep_the_limits_whatever_things_are_called(
    title: str, note: str
) -> None:
    odd = replace(SHOP, title=title)
    for verb in FORMED:
        values = {slot.value: "R1" for slot in verb.resource_slots} | {
            "note": note,
            "name": title[:80],
            "text": note,
        }
        view = verb_form_view(
            WORDS,
            VerbForm(verb, ROLE_MODEL, values, {odd.id: odd}),
            WORDS.render("refusals/unknown_resource", typed=title, nearest=None),
        )
        assert view_errors(view) == []


def test_every_verb_is_among_the_choices_once() -> None:
    assert sorted(VERB_BY_NAME) == sorted(COMMAND_HANDLERS)
    view = verb_menu_view(WORDS, VERB_BY_NAME)
    assert view_errors(view) == []
    options = [
        option
        for block in view["blocks"]
        for e in interactive_elements(block)
        for option in all_options(e)
    ]
    assert [option["value"] for option in options] == [
        f"form {name}"
        for group in MenuGroup
        for name, verb in VERB_BY_NAME.items()
        if verb.menu_group is group
    ]
    assert all(option["description"]["text"] for option in options)


def hints_of_people(verb: str) -> list[str]:
    """Return the hints of the fields for people and addresses of a verb's form."""
    view = verb_form_view(WORDS, VerbForm(VERB_BY_NAME[verb], ROLE_MODEL))
    return [
        block.get("hint", {}).get("text", "")
        for block in view["blocks"]
        if block.get("element", {}).get("type", "").endswith("users_select")
        or str(block.get("block_id", "")).partition(" ")[0].endswith("_mail")
    ]


def test_fields_for_people_say_who_can_be_chosen_and_that_one_of_two_is_needed() -> (
    None
):
    one = "One of the two is needed: a person or an email address."
    assert hints_of_people("remove") == ["Not yourself, and no bots.", one]
    assert hints_of_people("why") == ["No bots.", one]
    assert hints_of_people("events") == ["No bots.", "No bots.", ""]
    assert [hint.rpartition(". ")[2] for hint in hints_of_people("invite")] == [
        "Not yourself, and no bots.",
        "At least one of the two fields is needed.",
    ]


def slot_names(keys: Mapping[str, str]) -> set[str]:
    """Return the fields without those of addresses and of a channel."""
    return {name for name in keys if name in set(Slot)}


def test_columns_of_a_verb_name_its_own_slots() -> None:
    for verb in VERB_BY_NAME.values():
        assert verb.applies_to.keys() <= set(verb.resource_slots), verb.name
        assert slot_names(verb.form.label_keys) <= {*verb.slots}, verb.name
        assert slot_names(verb.form.hint_keys) <= {*verb.slots}, verb.name
        assert verb.clearable_slot in {None, *verb.slots}, verb.name
    assert VERB_BY_NAME["pay"].list_resource_types(Slot.OTHER_RESOURCE, ROLE_MODEL) == (
        "payment",
    )
    assert VERB_BY_NAME["pay"].list_resource_types(Slot.RESOURCE, ROLE_MODEL) == (
        "app",
        "database",
    )
    assert VERB_BY_NAME["create"].list_resource_types(
        Slot.OTHER_RESOURCE, ROLE_MODEL
    ) == (
        "company",
        "project",
    )
    assert VERB_BY_NAME["migrate"].list_resource_types(Slot.RESOURCE, ROLE_MODEL) == (
        "project",
    )
    assert VERB_BY_NAME["migrate"].list_resource_types(
        Slot.OTHER_RESOURCE, ROLE_MODEL
    ) == ("company",)
    assert VERB_BY_NAME["assign"].list_resource_types(Slot.TEAM, ROLE_MODEL) == (
        "team",
    )
    assert VERB_BY_NAME["show"].list_resource_types(Slot.RESOURCE, ROLE_MODEL) == tuple(
        ROLE_MODEL
    )


def detail(kind: str, role: str, **said: Any) -> ResourceDetail:
    held = ROLE_MODEL[kind].find_role(role)
    return ResourceDetail(
        replace(SHOP, kind=kind, **said),
        None,
        None,
        [],
        role,
        held.capabilities if held else (),
        assigns=bool(held and held.grants),
        removes=bool(held and held.removes),
    )


def test_what_is_offered_follows_the_kind_and_the_role() -> None:
    admin = offered_verbs(detail("app", "admin"), ROLE_MODEL)
    assert {
        "rename",
        "describe",
        "move",
        "delete",
        "pay",
        "invite",
        "transfer",
        "share",
        "link",
    } <= set(admin)
    assert not {
        "disable",
        "migrate",
        "billing",
        "invoices",
        "plan",
        "request",
        "create",
    } & set(admin)
    assert "handover" in admin
    inside = replace(detail("app", "admin").resource, parent=ResourceId("site"))
    contained = replace(detail("app", "admin"), resource=inside)
    assert "handover" not in offered_verbs(contained, ROLE_MODEL)
    developer = offered_verbs(detail("app", "developer"), ROLE_MODEL)
    assert {"members", "who", "why", "events", "request", "leave", "keys"} <= set(
        developer
    )
    assert not {"rename", "delete", "invite", "remove", "pay"} & set(developer)
    owner = offered_verbs(detail("company", "owner"), ROLE_MODEL)
    assert owner["create"] is Slot.OTHER_RESOURCE
    assert {"plan", "transfer", "handover", "role", "remove"} <= set(owner)
    administrator = offered_verbs(detail("project", "administrator"), ROLE_MODEL)
    assert "handover" not in administrator
    assert (
        offered_verbs(detail("payment", "holder"), ROLE_MODEL)["pay"]
        is Slot.OTHER_RESOURCE
    )
    assert offered_verbs(detail("team", "unlimited"), ROLE_MODEL)["share"] is Slot.TEAM
    assert "leave" not in offered_verbs(
        replace(detail("app", "developer"), direct=False), ROLE_MODEL
    )
    assert "disable" in offered_verbs(detail("project", "owner"), ROLE_MODEL)
    assert "enable" in offered_verbs(
        detail("project", "owner", disabled=True), ROLE_MODEL
    )


def test_people_have_a_field_for_an_address_where_an_address_can_be_meant() -> None:
    assert ADDRESSABLE_SLOTS < PERSON_SLOTS
    view = verb_form_view(WORDS, form(LINES["events"])[0])
    assert [name for name in fields(view) if name.endswith("_mail")] == ["about_mail"]
    assert len(list(iterate_controls(view["blocks"]))) == len(fields(view))


def test_a_form_offers_no_plan_however_many_plans_there_are() -> None:
    view = verb_form_view(
        WORDS,
        VerbForm(
            VERB_BY_NAME["plan"], ROLE_MODEL, plans=[f"plan-{n}" for n in range(150)]
        ),
    )
    options = next(
        b["element"]["options"]
        for b in view["blocks"]
        if b.get("block_id") == "plan plan"
    )
    assert (len(options), options[-1]["value"]) == (100, "nothing")
    assert view_errors(view) == []
