"""What stands at home: whose it is, in which order, on which page, and what it costs to ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from collab import refusals
from collab.home import LOST, ROWS, Abilities, Home, ShowHome
from collab.invitations import Revoke
from collab.keys import Rotated
from collab.offers import Invitation
from collab.people import Meet
from collab.preferences import Set
from collab.resources import Create, Disable
from collab.subjects import OpenInvitation
from storage.tables import resources
from tests.support.builders import World

FEW = 40  # statements, however much there is


def home(world: World, who: str, pages: tuple[int, int, int] = (0, 0, 0)) -> Home:
    found: Home = world.collab.ask(ShowHome(world.by(who), pages), world.at)
    return found


def test_home_is_bare_for_somebody_who_was_only_met(acme: World) -> None:
    acme.do(Meet(acme.nobody("event"), acme.account("carl")))
    assert home(acme, "carl").is_bare
    assert home(acme, "devi").is_bare


def invitations(cards: Iterable[object]) -> list[Invitation]:
    """Return the invitation of each card, all of which must be cards of invitations."""
    found = []
    for card in cards:
        assert isinstance(card, OpenInvitation)
        found.append(card.invitation)
    return found


def test_what_waits_what_is_held_and_what_was_sent_each_stand_with_whom_they_concern(acme: World) -> None:
    acme.knows("carl")
    invitation = acme.invite("carl")
    assert [found.id for found in invitations(home(acme, "carl").waiting)] == [invitation]
    assert [found.id for found in invitations(home(acme, "ada").sent)] == [invitation]
    assert [held.resource.slug for held in home(acme, "ada").holding] == ["acme"]
    acme.accept("carl", invitation)
    found = home(acme, "carl")
    assert (found.waits, found.holds, [held.role for held in found.holding]) == (0, 1, ["admin"])
    assert found.lines
    assert invitations(home(acme, "ada").sent)[0].state == "accepted"


def test_a_missing_outer_resource_does_not_stop_the_lists(acme: World) -> None:
    acme.knows("carl")
    acme.make("project", "Website", "acme")
    acme.make("app", "Shop", "website")
    acme.member("carl", "developer", "shop")
    _move_row(acme, "website", "missing")
    statements: list[str] = []

    def count(*said: Any) -> None:
        statements.append(said[2])
        if len(statements) > FEW:
            raise RuntimeError("the question does not end")

    event.listen(acme.database.engine, "before_cursor_execute", count)
    try:
        holding = home(acme, "carl").holding
    finally:
        event.remove(acme.database.engine, "before_cursor_execute", count)
        _move_row(acme, "website", acme.thing("acme").id)
    assert [h.resource.slug for h in holding] == ["shop"]


def _move_row(world: World, slug: str, parent: str) -> None:
    """Put a resource into another, which need not exist, past all rules."""
    with world.database.engine.begin() as connection:
        connection.execute(update(resources).where(resources.c.slug == slug).values(parent=parent))


def test_things_are_grouped_by_the_outermost_that_one_may_view(acme: World) -> None:
    acme.knows("carl")
    acme.make("project", "Website", "acme")
    acme.make("app", "Shop", "website")
    acme.make("app", "Alone")
    acme.member("carl", "developer", "shop")
    assert [(h.resource.slug, h.outer.slug) for h in home(acme, "ada").holding] == [
        ("acme", "acme"),
        ("website", "acme"),
        ("shop", "acme"),
        ("alone", "alone"),
    ]
    carls = home(acme, "carl").holding
    assert [(h.resource.slug, h.role, h.direct, h.outer.slug, h.rises) for h in carls] == [
        ("acme", "collaborator", False, "acme", True),
        ("shop", "developer", True, "acme", True),
    ]


def test_a_page_behind_the_last_shows_the_last(acme: World) -> None:
    acme.knows("carl")
    for n in range(ROWS):
        acme.make("app", f"App {n}", "acme")
    assert home(acme, "ada").more == (False, True, False)
    found = home(acme, "ada", (7, 9, 9))
    assert (found.pages, len(found.holding), found.more) == ((0, 1, 0), 1, (False, False, False))


def test_what_was_sent_comes_in_pages_the_newest_first(acme: World) -> None:
    for n in range(ROWS + 1):
        acme.invite(f"p{n}@example.com")
    first, second = home(acme, "ada"), home(acme, "ada", (0, 0, 1))
    assert (len(first.sent), first.more) == (ROWS, (False, False, True))
    assert [card.person.email for card in second.sent] == ["p0@example.com"]


def test_a_revoked_invitation_waits_no_more(acme: World) -> None:
    acme.knows("carl")
    invitation = acme.invite("carl")
    acme.do(Revoke(acme.by("ada"), invitation))
    assert home(acme, "carl").is_bare
    assert invitations(home(acme, "ada").sent)[0].state == "revoked"


def test_a_deactivated_account_has_no_home(acme: World) -> None:
    acme.knows("carl").goes("carl")
    with pytest.raises(refusals.InactiveActor):
        home(acme, "carl")


def test_one_invites_to_what_one_may_grant_on_and_not_to_what_rests(acme: World) -> None:
    acme.knows("carl")
    acme.make("project", "Website", "acme")
    acme.make("app", "Shop", "website")
    acme.member("carl", "developer", "shop")
    assert [(h.resource.slug, h.invites) for h in home(acme, "carl").holding] == [("acme", False), ("shop", False)]
    assert all(held.invites for held in home(acme, "ada").holding)
    acme.do(Disable(acme.by("ada"), "website"))
    assert [(h.resource.slug, h.invites) for h in home(acme, "ada").holding] == [
        ("acme", True),
        ("website", False),
        ("shop", False),
    ]


def test_where_there_is_nothing_home_says_how_to_begin(world: World) -> None:
    world.knows("ada", "carl")
    world.profile("root", admin=True)
    assert home(world, "carl").start.empty
    assert [p.user for p in home(world, "carl").start.helpers] == ["UROOT"]
    assert home(world, "root").start.helpers == []
    world.make("company", "Acme")
    begins = home(world, "carl").start
    assert (begins.empty, begins.founds) == (False, True)
    world.profile("sam", guest=True)
    assert not home(world, "sam").start.founds
    world.do(Set(world.by("root"), "companies", "admins"))
    assert not home(world, "carl").start.founds
    assert home(world, "root").start.founds


@pytest.mark.rule("MEM-07")
def test_keys_to_rotate_are_counted_for_who_may_rotate_them(acme: World) -> None:
    acme.knows("carl", "devi")
    for app in ("Shop", "Blog"):
        acme.make("app", app, "acme")
    acme.member("carl", "admin", "acme")
    acme.member("devi", "accountant", "acme")
    acme.leave("carl")
    assert home(acme, "ada").stale == 2
    assert home(acme, "devi").stale == 0
    acme.do(Rotated(acme.by("ada"), "shop"))
    assert home(acme, "ada").stale == 1


@pytest.mark.rule("EVT-06")
def test_the_newest_of_what_could_not_be_delivered_stands_at_home(acme: World) -> None:
    for number in range(LOST + 1):
        acme.invite(f"p{number}@example.com")
        assert (len(home(acme, "ada").lost), home(acme, "ada").loses) == (number, False)
        while claimed := acme.database.outbox.claim(9, timedelta(seconds=60)):
            for delivery in claimed:
                if delivery.message == "invitation":
                    acme.database.outbox.dead(delivery, "no_account")
                else:
                    acme.database.outbox.sent(delivery)
    found = home(acme, "ada")
    assert ([each.recipient and each.recipient.email for each in found.lost], found.loses) == (
        [f"p{number}@example.com" for number in range(LOST, 0, -1)],
        True,
    )


def test_keys_of_many_things_cost_no_more(acme: World) -> None:
    acme.knows("carl")
    for n in range(40):
        acme.make("app", f"App {n}", "acme")
    acme.member("carl", "admin", "acme")
    acme.leave("carl")
    statements: list[str] = []
    event.listen(acme.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    assert home(acme, "ada").stale == 40
    assert len(statements) < FEW


def test_home_takes_few_statements_however_much_it_is(acme: World) -> None:
    for n in range(60):
        acme.make("app", f"App {n}", "acme")
    for n in range(ROWS):
        acme.knows(f"p{n}")
        acme.invite(f"p{n}", "developer", f"app-{n}")
    statements: list[str] = []
    event.listen(acme.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    found = home(acme, "ada")
    assert (found.holds, len(found.sent)) == (61, ROWS)
    assert len(statements) < FEW


@pytest.mark.rule("RES-01")
@pytest.mark.rule("PER-02")
def test_what_may_be_offered_follows_what_somebody_may_do(acme: World) -> None:
    acme.knows("carl", "eve@T2")
    acme.profile("sam", guest=True)
    acme.profile("lena", guest=True)
    acme.member("eve@T2", "admin")
    acme.make("app", "Shop", "acme")
    acme.member("sam", "developer", "shop")
    acme.member("lena", "admin")
    able = {who: home(acme, who).able for who in ("ada", "carl", "sam", "lena", "eve@T2")}
    assert able["ada"] == able["carl"] == able["lena"] == Abilities()
    assert able["sam"] == Abilities(creates=False, invites=False)
    assert able["eve@T2"] == Abilities(creates=False, invites=False, external=True)
    assert not any(held.invites or held.rises for held in home(acme, "eve@T2").holding)
    assert not home(acme, "mallory@T3").start.founds
    for who in ("sam", "eve@T2"):
        with pytest.raises((refusals.GuestActor, refusals.ForeignActor)):
            acme.do(Create(acme.by(who), "company", "Mine"))
