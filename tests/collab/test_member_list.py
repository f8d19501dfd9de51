"""The membership list: how many, who, in which role, from where, and whether a guest or from outside (MEM-13)."""

from __future__ import annotations

from random import Random

import pytest

from bot.cards.membership import Allowed, members_message
from bot.words import words_in
from collab.kinds import KINDS
from collab.lists import PAGE, ListMembers, Member, MemberList
from tests.support.builders import World


def pages(world: World, what: str, by: str = "ada") -> list[MemberList]:
    """The whole list, page by page."""
    found: list[MemberList] = [world.collab.ask(ListMembers(world.by(by), what), world.at)]
    while found[-1].next_page is not None:
        found.append(world.collab.ask(ListMembers(world.by(by), what, found[-1].next_page), world.at))
    return found


def everybody(world: World, what: str, by: str = "ada") -> list[Member]:
    return [member for page in pages(world, what, by) for member in page.members]


def shown(world: World, what: str, by: str) -> str:
    """The words of the first page."""
    return str(members_message(words_in("en"), pages(world, what, by)[0], "", Allowed(), 0)["text"])


@pytest.mark.rule("MEM-13")
@pytest.mark.parametrize("seed", range(4))
def test_a_list_is_ordered_by_role_and_then_by_name_and_counts_everybody_once(acme: World, seed: int) -> None:
    """People of all roles, given there, on what stands in it, or through a team, in any order of joining."""
    luck = Random(seed)
    places = {"acme": ["owner", "admin", "accountant"], "shop": ["admin", "manager", "developer"]}
    acme.make("app", "Shop", "acme")
    things = {what: acme.thing(what).id for what in places}
    names = [f"{luck.choice('aÄbBzZ')}{n}" for n in range(luck.randrange(PAGE + 15))]
    for n, name in enumerate(names):
        acme.profile(f"p{n}", title=name)
        what = luck.choice(list(places))
        acme.grants(things[what], f"p{n}", luck.choice(places[what]))
    for what in places:
        found = everybody(acme, what)
        ranks = [KINDS[acme.thing(what).kind].rank(member.role) for member in found]
        assert ranks == sorted(ranks)
        for rank in set(ranks):
            alike = [m.person.title.casefold() for m, r in zip(found, ranks, strict=True) if r == rank]
            assert alike == sorted(alike)
        assert len({member.person.id for member in found}) == len(found)
        assert {page.total for page in pages(acme, what)} == {len(found)}


@pytest.mark.rule("MEM-13")
def test_a_list_says_where_roles_come_from_and_who_is_a_guest_or_from_outside(acme: World) -> None:
    acme.make("app", "Shop", "acme")
    acme.knows("bo", "eve@T2").knows("gus", guest=True)
    acme.member("bo", "admin")
    acme.member("gus", "developer", "shop")
    acme.member("eve@T2", "manager", "shop")
    found = [
        (m.person.user, m.role, m.through.slug if m.through else None, m.guest, m.is_foreign)
        for m in everybody(acme, "shop")
    ]
    assert found == [
        ("UADA", "admin", "acme", False, False),
        ("UBO", "admin", "acme", False, False),
        ("UEVE", "manager", None, False, True),
        ("UGUS", "developer", None, True, False),
    ]
    text = shown(acme, "shop", "ada")
    assert "4 people are in *Shop*" in text
    assert text.index("through *Acme*") < text.index("manager, external") < text.index("developer, guest")


@pytest.mark.rule("MEM-13")
@pytest.mark.rule("EVT-05")
def test_addresses_are_shown_to_whoever_may_grant_a_role_and_to_nobody_else(acme: World) -> None:
    acme.make("app", "Shop", "acme")
    acme.knows("bo", "carl")
    acme.member("bo", "manager", "shop")
    acme.member("carl", "developer", "shop")
    acme.invite("nina@elsewhere.example", "developer", "shop")
    for reader in ("ada", "bo"):
        text = shown(acme, "shop", reader)
        assert "carl@example.com" in text
        assert "nina@elsewhere.example" in text
    text = shown(acme, "shop", "carl")
    assert "@example" not in text.replace("<@", "")
    assert "elsewhere" not in text
    assert "somebody invited by e-mail, invited as developer" in text
