"""What stands at home: whose it is, in which order, on which page, and what it costs to ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from collab import errors
from collab.access_requests import RequestAccess
from collab.channels import LinkChannel
from collab.first_steps import MAX_RESOURCES, FirstSteps
from collab.home import (
    MAX_SHOWN_FAILURES,
    NOTHING_OFFERED,
    PAGE_SIZE,
    HomeView,
    OfferedActions,
    ShowHome,
)
from collab.invitations.commands import RevokeInvitation
from collab.key_rotation import MarkKeysRotated
from collab.memberships.offboarding import KEY_ROTATION_PERIOD, OffboardPerson
from collab.model import ChannelId, Invitation
from collab.open_items import InvitationView
from collab.people import RegisterPerson
from collab.resources import CreateResource, DisableResource
from collab.settings import ChangeSettings
from collab.teams import ShareWithTeam
from storage.tables import resources
from tests.support.builders import Scenario

FEW = 40  # statements, however much there is


def home(
    world: Scenario, who: str, pages: tuple[int, int, int] = (0, 0, 0)
) -> HomeView:
    found: HomeView = world.bus.query(ShowHome(world.caller_for(who), pages), world.at)
    return found


def test_home_is_bare_for_a_person_who_was_only_met(acme: Scenario) -> None:
    acme.execute(RegisterPerson(acme.system_caller("event"), acme.account_of("carl")))
    assert home(acme, "carl").is_bare
    assert home(acme, "devi").is_bare


def invitations(cards: Iterable[object]) -> list[Invitation]:
    """Return the invitation of each card, all of which must be cards of invitations."""
    found = []
    for card in cards:
        assert isinstance(card, InvitationView)
        found.append(card.invitation)
    return found


def test_what_waits_what_is_held_and_what_was_sent_each_stand_with_whom_they_concern(
    acme: Scenario,
) -> None:
    acme.register_people("carl")
    invitation = acme.send_invitation("carl")
    assert [found.id for found in invitations(home(acme, "carl").pending_items)] == [
        invitation
    ]
    assert [found.id for found in invitations(home(acme, "ada").sent)] == [invitation]
    assert [held.resource.slug for held in home(acme, "ada").resources] == ["acme"]
    acme.accept_invitation("carl", invitation)
    found = home(acme, "carl")
    assert (
        found.pending_count,
        found.resource_count,
        [held.role for held in found.resources],
    ) == (
        0,
        1,
        ["admin"],
    )
    assert found.lines
    assert invitations(home(acme, "ada").sent)[0].state == "accepted"


def test_a_missing_outer_resource_does_not_stop_the_lists(acme: Scenario) -> None:
    acme.register_people("carl")
    acme.create_resource("project", "Website", "acme")
    acme.create_resource("app", "Shop", "website")
    acme.add_member("carl", "developer", "shop")
    _move_row(acme, "website", "missing")
    statements: list[str] = []

    def count(*said: Any) -> None:
        statements.append(said[2])
        if len(statements) > FEW:
            raise RuntimeError("the question does not end")

    event.listen(acme.database.engine, "before_cursor_execute", count)
    try:
        holding = home(acme, "carl").resources
    finally:
        event.remove(acme.database.engine, "before_cursor_execute", count)
        _move_row(acme, "website", acme.get_resource("acme").id)
    assert [h.resource.slug for h in holding] == ["shop"]


def _move_row(world: Scenario, slug: str, parent: str | None) -> None:
    """Put a resource into another, which need not exist, past all rules."""
    with world.database.engine.begin() as connection:
        connection.execute(
            update(resources).where(resources.c.slug == slug).values(parent=parent)
        )


def test_containers_in_a_cycle_do_not_keep_home_from_answering(
    acme: Scenario,
) -> None:
    """Damaged data may say that two resources contain each other."""
    acme.create_resource("project", "Website", "acme")
    website_id = acme.get_resource("website").id
    _move_row(acme, "acme", website_id)
    rows = home(acme, "ada").resources
    _move_row(acme, "acme", None)
    assert "acme" in {row.resource.slug for row in rows}


def test_things_are_grouped_by_the_outermost_that_one_may_view(acme: Scenario) -> None:
    acme.register_people("carl")
    acme.create_resource("project", "Website", "acme")
    acme.create_resource("app", "Shop", "website")
    acme.create_resource("app", "Alone")
    acme.add_member("carl", "developer", "shop")
    assert [(h.resource.slug, h.outer.slug) for h in home(acme, "ada").resources] == [
        ("acme", "acme"),
        ("website", "acme"),
        ("shop", "acme"),
        ("alone", "alone"),
    ]
    carls = home(acme, "carl").resources
    assert [(h.resource.slug, h.role, h.direct, h.outer.slug) for h in carls] == [
        ("acme", "collaborator", False, "acme"),
        ("shop", "developer", True, "acme"),
    ]


def test_a_page_behind_the_last_shows_the_last(acme: Scenario) -> None:
    acme.register_people("carl")
    for n in range(PAGE_SIZE):
        acme.create_resource("app", f"App {n}", "acme")
    assert home(acme, "ada").more == (False, True, False)
    found = home(acme, "ada", (7, 9, 9))
    assert (found.pages, len(found.resources), found.more) == (
        (0, 1, 0),
        1,
        (False, False, False),
    )


def test_what_was_sent_comes_in_pages_the_newest_first(acme: Scenario) -> None:
    for n in range(PAGE_SIZE + 1):
        acme.send_invitation(f"p{n}@example.com")
    first, second = home(acme, "ada"), home(acme, "ada", (0, 0, 1))
    assert (len(first.sent), first.more) == (PAGE_SIZE, (False, False, True))
    assert [card.person.email for card in second.sent] == ["p0@example.com"]


def test_a_revoked_invitation_waits_no_more(acme: Scenario) -> None:
    acme.register_people("carl")
    invitation = acme.send_invitation("carl")
    acme.execute(RevokeInvitation(acme.caller_for("ada"), invitation))
    assert home(acme, "carl").is_bare
    assert invitations(home(acme, "ada").sent)[0].state == "revoked"


def test_a_deactivated_account_has_no_home(acme: Scenario) -> None:
    acme.register_people("carl").deactivate_accounts("carl")
    with pytest.raises(errors.InactiveActor):
        home(acme, "carl")


def test_one_invites_to_what_one_may_grant_on_and_not_to_what_rests(
    acme: Scenario,
) -> None:
    acme.register_people("carl")
    acme.create_resource("project", "Website", "acme")
    acme.create_resource("app", "Shop", "website")
    acme.add_member("carl", "developer", "shop")
    assert [(h.resource.slug, h.invites) for h in home(acme, "carl").resources] == [
        ("acme", False),
        ("shop", False),
    ]
    assert all(held.invites for held in home(acme, "ada").resources)
    acme.execute(DisableResource(acme.caller_for("ada"), "website"))
    assert [(h.resource.slug, h.invites) for h in home(acme, "ada").resources] == [
        ("acme", True),
        ("website", False),
        ("shop", False),
    ]


def test_where_there_is_nothing_home_says_how_to_begin(world: Scenario) -> None:
    world.register_people("ada", "carl")
    world.read_profile("root", admin=True)
    assert home(world, "carl").start.empty
    assert [p.user for p in home(world, "carl").start.helpers] == ["UROOT"]
    assert home(world, "root").start.helpers == []
    world.create_resource("company", "Acme")
    begins = home(world, "carl").start
    assert (begins.empty, begins.founds) == (False, True)
    world.read_profile("sam", guest=True)
    assert not home(world, "sam").start.founds
    world.execute(ChangeSettings(world.caller_for("root"), {"companies": "admins"}))
    assert not home(world, "carl").start.founds
    assert home(world, "root").start.founds


@pytest.mark.rule("MEM-07")
def test_keys_to_rotate_are_counted_for_who_may_rotate_them(acme: Scenario) -> None:
    acme.register_people("carl", "devi")
    for app in ("Shop", "Blog"):
        acme.create_resource("app", app, "acme")
    acme.add_member("carl", "admin", "acme")
    acme.add_member("devi", "accountant", "acme")
    acme.leave_resource("carl")
    assert slugs_to_rotate(acme, "ada") == ["blog", "shop"]
    assert slugs_to_rotate(acme, "devi") == []
    acme.execute(MarkKeysRotated(acme.caller_for("ada"), "shop"))
    assert slugs_to_rotate(acme, "ada") == ["blog"]
    assert home(acme, "ada").needs_count == 1


def slugs_to_rotate(world: Scenario, who: str) -> list[str]:
    return sorted(resource.slug for resource in home(world, who).keys.resources)


@pytest.mark.rule("EVT-06")
def test_the_newest_of_what_could_not_be_delivered_stands_at_home(
    acme: Scenario,
) -> None:
    for number in range(MAX_SHOWN_FAILURES + 1):
        acme.send_invitation(f"p{number}@example.com")
        assert (
            len(home(acme, "ada").failures),
            home(acme, "ada").has_more_failures,
        ) == (number, False)
        while claimed := acme.database.outbox.claim_deliveries(
            9, timedelta(seconds=60)
        ):
            for delivery in claimed:
                if delivery.message == "invitation":
                    acme.database.outbox.mark_failed(delivery, "no_account")
                else:
                    acme.database.outbox.mark_sent(delivery)
    found = home(acme, "ada")
    assert (
        [each.recipient and each.recipient.email for each in found.failures],
        found.has_more_failures,
    ) == (
        [f"p{number}@example.com" for number in range(MAX_SHOWN_FAILURES, 0, -1)],
        True,
    )


def test_keys_of_many_things_cost_no_more(acme: Scenario) -> None:
    acme.register_people("carl")
    for n in range(40):
        acme.create_resource("app", f"App {n}", "acme")
    acme.add_member("carl", "admin", "acme")
    acme.leave_resource("carl")
    statements: list[str] = []
    event.listen(
        acme.database.engine,
        "before_cursor_execute",
        lambda *said: statements.append(said[2]),
    )
    assert len(home(acme, "ada").keys.resources) == 40
    assert len(statements) < FEW


def test_home_takes_few_statements_however_much_it_is(acme: Scenario) -> None:
    for n in range(60):
        acme.create_resource("app", f"App {n}", "acme")
    for n in range(PAGE_SIZE):
        acme.register_people(f"p{n}")
        acme.send_invitation(f"p{n}", "developer", f"app-{n}")
    statements: list[str] = []
    event.listen(
        acme.database.engine,
        "before_cursor_execute",
        lambda *said: statements.append(said[2]),
    )
    found = home(acme, "ada")
    assert (found.resource_count, len(found.sent)) == (61, PAGE_SIZE)
    assert len(statements) < FEW


@pytest.mark.rule("RES-01")
@pytest.mark.rule("PER-02")
def test_what_may_be_offered_follows_what_a_person_may_do(acme: Scenario) -> None:
    acme.register_people("carl", "eve@T2")
    acme.read_profile("sam", guest=True)
    acme.read_profile("lena", guest=True)
    acme.add_member("eve@T2", "admin")
    acme.create_resource("app", "Shop", "acme")
    acme.add_member("sam", "developer", "shop")
    acme.add_member("lena", "admin")
    able = {
        who: home(acme, who).actions for who in ("ada", "carl", "sam", "lena", "eve@T2")
    }
    assert able["ada"] == able["lena"] == OfferedActions()
    assert able["carl"] == OfferedActions(invites=False, links=False)
    assert able["sam"] == OfferedActions(creates=False, invites=False, links=False)
    assert able["eve@T2"] == NOTHING_OFFERED
    eves = home(acme, "eve@T2").resources
    assert not any(held.invites or held.links for held in eves)
    assert not home(acme, "mallory@T3").start.founds
    for who in ("sam", "eve@T2"):
        with pytest.raises((errors.GuestActor, errors.ForeignActor)):
            acme.execute(CreateResource(acme.caller_for(who), "company", "Mine"))


@pytest.mark.rule("OFF-02")
def test_keys_that_another_person_is_to_rotate_do_not_need_the_actor(
    acme: Scenario,
) -> None:
    acme.register_people("bo", "carl")
    acme.create_resource("app", "Shop", "acme")
    acme.add_member("bo", "admin")
    acme.add_member("carl", "developer", "shop")
    acme.execute(OffboardPerson(acme.caller_for("bo"), acme.account_of("carl")))
    keys = home(acme, "bo").keys
    assert [resource.slug for resource in keys.resources] == ["shop"]
    assert keys.due == acme.at + KEY_ROTATION_PERIOD
    assert not home(acme, "ada").needs_count


def test_the_summary_counts_resources_by_kind_and_what_has_no_answer(
    acme: Scenario,
) -> None:
    acme.register_people("bo", "carl")
    for app in ("Shop", "Blog"):
        acme.create_resource("app", app, "acme")
    acme.add_member("bo", "developer", "shop")
    invitation = acme.send_invitation("carl")
    acme.send_invitation("p@example.com")
    acme.execute(RequestAccess(acme.caller_for("bo"), "manager", "shop"))
    assert home(acme, "ada").resource_counts == {"company": 1, "app": 2}
    assert (home(acme, "ada").unanswered_count, home(acme, "bo").unanswered_count) == (
        2,
        1,
    )
    acme.accept_invitation("carl", invitation)
    assert home(acme, "ada").unanswered_count == 1
    acme.at += timedelta(days=8)  # nothing has recorded yet that they expired
    assert (home(acme, "ada").unanswered_count, home(acme, "bo").unanswered_count) == (
        0,
        0,
    )


def test_a_derived_role_is_listed_with_where_it_comes_from(acme: Scenario) -> None:
    acme.register_people("carl", "devi")
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("team", "Crew")
    acme.execute(ShareWithTeam(acme.caller_for("ada"), "shop", "crew", "developer"))
    acme.add_member("carl", "admin")
    acme.add_member("devi", "unlimited", "crew")

    def sources(who: str) -> dict[str, str | None]:
        return {
            row.resource.slug: row.via.slug if row.via else None
            for row in home(acme, who).resources
        }

    assert sources("carl") == {"acme": None, "shop": "acme"}
    assert sources("devi") == {"acme": "crew", "shop": "crew", "crew": None}


def test_first_steps_are_ticked_off_until_all_are_done(world: Scenario) -> None:
    world.register_people("ada", "carl", "devi")
    assert home(world, "ada").steps == FirstSteps()
    world.create_resource("company", "Acme")
    acme = world.get_resource("acme")
    assert home(world, "ada").steps == FirstSteps(acme)
    channel = LinkChannel(world.caller_for("ada"), ChannelId("C0123"), "acme")
    world.execute(channel)
    assert home(world, "ada").steps == FirstSteps(acme, has_linked=True)
    invitation = world.send_invitation("carl", "owner")
    assert home(world, "ada").steps is None
    world.accept_invitation("carl", invitation)
    assert home(world, "ada").steps is None
    assert home(world, "carl").steps is None
    assert home(world, "devi").steps == FirstSteps()


def test_first_steps_are_for_owners_who_have_little_yet(acme: Scenario) -> None:
    acme.register_people("bo", "carl", "devi")
    acme.read_profile("sam", guest=True)
    acme.add_member("bo", "admin")
    acme.add_member("carl", "owner")
    company = acme.get_resource("acme")
    assert home(acme, "ada").steps == FirstSteps(company, has_invited=True)
    assert home(acme, "carl").steps == FirstSteps(company, has_invited=True)
    assert home(acme, "bo").steps is None
    assert home(acme, "sam").steps is None
    acme.send_invitation("devi")
    assert home(acme, "devi").steps is None
    acme.create_resource("company", "Bakery", by="carl")
    assert home(acme, "carl").steps is None
    for n in range(MAX_RESOURCES):
        acme.create_resource("app", f"App {n}", "acme")
    assert home(acme, "ada").steps is None
