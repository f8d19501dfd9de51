"""What a lower role would take, told before it does, and what of it may be kept (MEM-02)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from collab import refusals
from collab.keeping import Losing, ShowLosing
from collab.membership import ChangeRole
from collab.resources import Resource
from tests.support.builders import World


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with two apps and a project with another; Carl is an admin of it, Devi an administrator of the project."""
    acme.knows("carl", "devi", "bo")
    acme.make("app", "Shop", "acme")
    acme.make("app", "Blog", "acme")
    acme.make("project", "Site", "acme")
    acme.make("app", "Wiki", "site")
    acme.member("carl", "admin", "acme")
    acme.member("devi", "administrator", "site")
    return acme


def losing(world: World, who: str, role: str, what: str, by: str = "ada") -> Losing:
    found: Losing = world.collab.ask(ShowLosing(world.by(by), known(world, who), role, what), world.at)
    return found


def known(world: World, who: str) -> str:
    """The id of somebody."""
    with world.collab.look(world.workspace) as facts:
        person = facts.person_by_account(world.account(who))
    assert person
    return person.id


def named(things: Iterable[tuple[Resource, str]]) -> list[tuple[str, str]]:
    return sorted((thing.slug, role) for thing, role in things)


@pytest.mark.rule("MEM-02")
def test_all_that_followed_from_the_higher_role_is_named(agency: World) -> None:
    found = losing(agency, "carl", "collaborator", "acme")
    assert named(found.keepable) == [("blog", "admin"), ("shop", "admin"), ("site", "administrator"), ("wiki", "admin")]
    assert found.goes == []


@pytest.mark.rule("MEM-02")
def test_what_was_given_there_or_follows_from_elsewhere_is_not_lost(agency: World) -> None:
    agency.member("carl", "admin", "shop")
    agency.member("carl", "administrator", "site")
    assert named(losing(agency, "carl", "collaborator", "acme").keepable) == [("blog", "admin")]


@pytest.mark.rule("MEM-02")
def test_what_is_held_in_a_lower_role_then_counts_as_lost(agency: World) -> None:
    assert named(losing(agency, "devi", "member", "site").keepable) == [("wiki", "admin")]
    assert losing(agency, "carl", "owner", "acme") == Losing([], [])


@pytest.mark.rule("MEM-02")
@pytest.mark.rule("ROL-05")
def test_what_is_kept_is_what_was_said_to_be_keepable(agency: World) -> None:
    act = ChangeRole(agency.by("ada"), known(agency, "carl"), "collaborator", "acme")
    with pytest.raises(refusals.NothingFollows):
        agency.do(act)
    kept, _ = losing(agency, "carl", "collaborator", "acme").keepable[0]
    agency.do(replace(act, keep=(kept.id,)))
    assert "code" in agency.can("carl", kept.slug)
    assert losing(agency, "carl", "collaborator", "acme") == Losing([], [])


@pytest.mark.rule("ROL-05")
def test_who_may_not_grant_it_cannot_keep_it_for_somebody(agency: World) -> None:
    agency.member("bo", "accountant", "acme")
    found = losing(agency, "carl", "collaborator", "acme", by="bo")
    assert found.keepable == []
    with pytest.raises(refusals.UnknownResource):
        losing(agency, "carl", "collaborator", "acme", by="sam")
