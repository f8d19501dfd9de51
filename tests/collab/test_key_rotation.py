"""Keys to rotate after a person with access to the code has left (MEM-07)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.events import MemberLeft, MemberRemoved
from collab.key_rotation import ListStaleKeys, MarkKeysRotated
from collab.model import Term
from collab.resource_deletion import DeleteResource
from collab.teams import AssignToMember
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Acme with the project Site, the app Shop in it, and the app Blog and the payment method Card beside it."""
    acme.register_people("bo", "carl", "devi", "sam")
    acme.create_resource("project", "Site", "acme")
    acme.create_resource("app", "Shop", "site")
    acme.create_resource("app", "Blog", "acme")
    acme.create_resource("payment", "Card", "acme")
    return acme


def stale(world: Scenario, who: str = "ada") -> list[str]:
    """What a person hears is to be rotated, the longest first."""
    return [
        r.slug
        for r, _ in world.bus.query(
            ListStaleKeys(world.caller_for(who)), world.at
        ).found
    ]


@pytest.mark.rule("MEM-07")
def test_who_goes_leaves_keys_to_rotate_of_what_they_reached_only_so(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "member", "site")
    agency.add_member("devi", "manager", "blog")
    agency.add_member("devi", "accountant", "card")
    left = agency.leave_resource("devi", "site").get_event(MemberLeft)
    assert left.rotate == (agency.get_resource("shop").id,)
    assert stale(agency) == ["shop"]
    agency.at += timedelta(hours=1)
    agency.remove_member("devi", what="blog")
    assert stale(agency) == ["shop", "blog"]
    agency.leave_resource("devi", "card")
    assert stale(agency) == ["shop", "blog"]


@pytest.mark.rule("MEM-07")
def test_what_is_still_reached_by_another_path_is_not_to_be_rotated(
    agency: Scenario,
) -> None:
    agency.create_resource("team", "Crew")
    agency.share_with_team("shop", "crew", "developer")
    agency.add_member("devi", "limited", "crew")
    agency.execute(
        AssignToMember(
            agency.caller_for("ada"), agency.account_of("devi"), "shop", "crew"
        )
    )
    agency.add_member("devi", "manager", "shop")
    assert agency.leave_resource("devi", "shop").get_event(MemberLeft).rotate == ()
    assert stale(agency) == []
    assert agency.remove_member("devi", what="crew").get_event(
        MemberRemoved
    ).rotate == (agency.get_resource("shop").id,)
    assert stale(agency) == ["shop"]


@pytest.mark.rule("MEM-07")
def test_an_end_by_time_leaves_keys_to_rotate_too(agency: Scenario) -> None:
    agency.add_member("devi", "developer", "shop", term=Term(timedelta(days=2)))
    agency.advance_time(days=5)
    assert stale(agency) == ["shop"]


@pytest.mark.rule("MEM-07")
def test_it_counts_from_the_first_who_went_and_is_over_once_a_person_rotated(
    agency: Scenario,
) -> None:
    for who in ("devi", "bo"):
        agency.add_member(who, "developer", "shop")
        agency.at += timedelta(days=1)
        agency.leave_resource(who, "shop")
    found = agency.bus.query(ListStaleKeys(agency.caller_for("ada")), agency.at).found
    assert [since for _, since in found] == [agency.at - timedelta(days=1)]
    agency.execute(MarkKeysRotated(agency.caller_for("ada"), "shop"))
    assert stale(agency) == []
    with pytest.raises(errors.NothingToRotate):
        agency.execute(MarkKeysRotated(agency.caller_for("ada"), "shop"))


@pytest.mark.rule("MEM-07")
def test_the_list_names_who_lost_access_by_day_until_a_person_rotated(
    agency: Scenario,
) -> None:
    for who in ("devi", "bo", "carl"):
        agency.add_member(who, "developer", "shop")
    first = agency.at
    agency.leave_resource("devi", "shop")
    agency.remove_member("carl", what="shop")
    agency.at += timedelta(days=1)
    agency.leave_resource("bo", "shop")
    [days] = agency.bus.query(
        ListStaleKeys(agency.caller_for("ada")), agency.at
    ).lost.values()
    named = [({person.user for person in day.people}, day.at) for day in days]
    assert named == [({"UDEVI", "UCARL"}, first), ({"UBO"}, agency.at)]
    agency.execute(MarkKeysRotated(agency.caller_for("ada"), "shop"))
    assert (
        agency.bus.query(ListStaleKeys(agency.caller_for("ada")), agency.at).lost == {}
    )


@pytest.mark.rule("MEM-07")
def test_who_may_not_work_with_the_code_neither_sees_nor_says_it(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.add_member("carl", "accountant")
    agency.add_member("bo", "developer", "blog")
    agency.leave_resource("devi", "shop")
    for who in ("carl", "bo", "devi", "sam"):
        assert stale(agency, who) == []
        with pytest.raises((errors.UnknownResource, errors.MayNot)):
            agency.execute(MarkKeysRotated(agency.caller_for(who), "shop"))
    assert stale(agency) == ["shop"]


@pytest.mark.rule("MEM-07")
def test_an_undone_end_asks_for_no_new_keys_and_a_deleted_thing_for_none(
    agency: Scenario,
) -> None:
    agency.add_member("devi", "developer", "shop")
    agency.remove_member("devi", what="shop")
    assert stale(agency) == ["shop"]
    agency.undo_removal("ada")
    assert stale(agency) == []
    agency.remove_member("devi", what="shop")
    assert stale(agency) == ["shop"]
    agency.execute(DeleteResource(agency.caller_for("ada"), "shop"))
    assert stale(agency) == []
