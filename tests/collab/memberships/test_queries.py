"""The member list: total, people, roles, sources, and guests or people of other workspaces (MEM-13)."""

from __future__ import annotations

from random import Random

import pytest

from bot.rendering import renderer_for_language
from bot.slack.views.memberships import members_message
from collab.events import InvitationSent
from collab.invitations.answers import AcceptInvitation
from collab.memberships.member_actions import MemberListActions
from collab.memberships.queries import PAGE_SIZE, ListMembers, MemberList, MemberRow
from collab.model import Caller, PersonId
from collab.roles import ROLE_MODEL
from tests.support.builders import Scenario


def pages(world: Scenario, what: str, by: str = "ada") -> list[MemberList]:
    """The whole list, page by page."""
    found: list[MemberList] = [
        world.bus.query(ListMembers(world.caller_for(by), what), world.at)
    ]
    while found[-1].next_page is not None:
        found.append(
            world.bus.query(
                ListMembers(world.caller_for(by), what, found[-1].next_page), world.at
            )
        )
    return found


def everybody(world: Scenario, what: str, by: str = "ada") -> list[MemberRow]:
    return [member for page in pages(world, what, by) for member in page.members]


def shown(world: Scenario, what: str, by: str) -> str:
    """The words of the first page."""
    return str(
        members_message(
            renderer_for_language("en"),
            pages(world, what, by)[0],
            PersonId(""),
            MemberListActions(),
            0,
        )["text"]
    )


@pytest.mark.rule("MEM-13")
@pytest.mark.parametrize("seed", range(4))
def test_a_list_is_ordered_by_role_and_then_by_name_and_counts_everybody_once(
    acme: Scenario, seed: int
) -> None:
    """People of all roles, given there, on what stands in it, or through a team, in any order of joining."""
    luck = Random(seed)
    places = {
        "acme": ["owner", "admin", "accountant"],
        "shop": ["admin", "manager", "developer"],
    }
    acme.create_resource("app", "Shop", "acme")
    things = {what: acme.get_resource(what).id for what in places}
    names = [
        f"{luck.choice('aÄbBzZ')}{n}" for n in range(luck.randrange(PAGE_SIZE + 15))
    ]
    for n, name in enumerate(names):
        acme.read_profile(f"p{n}", title=name)
        what = luck.choice(list(places))
        acme.record_membership(things[what], f"p{n}", luck.choice(places[what]))
    for what in places:
        found = everybody(acme, what)
        ranks = [
            ROLE_MODEL[acme.get_resource(what).kind].get_rank(member.role)
            for member in found
        ]
        assert ranks == sorted(ranks)
        for rank in set(ranks):
            alike = [
                m.person.title.casefold()
                for m, r in zip(found, ranks, strict=True)
                if r == rank
            ]
            assert alike == sorted(alike)
        assert len({member.person.id for member in found}) == len(found)
        assert {page.total for page in pages(acme, what)} == {len(found)}


@pytest.mark.rule("MEM-13")
def test_a_list_says_where_roles_come_from_and_who_is_a_guest_or_from_outside(
    acme: Scenario,
) -> None:
    acme.create_resource("app", "Shop", "acme")
    acme.register_people("bo", "eve@T2").register_people("gus", guest=True)
    acme.add_member("bo", "admin")
    acme.add_member("gus", "developer", "shop")
    acme.add_member("eve@T2", "manager", "shop")
    found = [
        (
            m.person.user,
            m.role,
            m.through.slug if m.through else None,
            m.person.guest,
            m.person.external,
        )
        for m in everybody(acme, "shop")
    ]
    assert found == [
        ("UADA", "admin", "acme", False, False),
        ("UBO", "admin", "acme", False, False),
        ("UEVE", "manager", None, False, True),
        ("UGUS", "developer", None, True, False),
    ]
    text = shown(acme, "shop", "ada")
    assert "4 people have access to *Shop*" in text
    assert (
        text.index("via *Acme*")
        < text.index("manager · external")
        < text.index("developer · guest")
    )


@pytest.mark.rule("MEM-13")
@pytest.mark.rule("EVT-05")
def test_addresses_are_shown_to_anyone_who_may_grant_a_role_and_to_nobody_else(
    acme: Scenario,
) -> None:
    acme.create_resource("app", "Shop", "acme")
    acme.register_people("bo", "carl")
    acme.add_member("bo", "manager", "shop")
    acme.add_member("carl", "developer", "shop")
    invitation = acme.send_invitation("otto@elsewhere.example", "developer", "shop")
    otto = acme.events_of_type(InvitationSent)[-1].person
    by_link = Caller(acme.workspace, None, "web", person=otto)
    acme.execute(AcceptInvitation(by_link, invitation))
    acme.send_invitation("nina@elsewhere.example", "developer", "shop")
    for reader in ("ada", "bo"):
        text = shown(acme, "shop", reader)
        assert "carl@example.com" in text
        assert "nina@elsewhere.example" in text
        assert "otto@elsewhere.example" in text
    text = shown(acme, "shop", "carl")
    assert "@example" not in text.replace("<@", "")
    assert "otto" not in text
    assert "Someone invited by email · invited as a developer" in text
    assert "Someone at elsewhere.example" in text
