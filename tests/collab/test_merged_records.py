"""What happened to a record is taken back on the record that replaced it (OUT-04)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import chain, count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from collab import errors
from collab.events import HandoverDone, MemberRestored, PersonReinstated
from collab.handovers.offers import HandOver
from collab.handovers.taking_back import OfferTakeBack
from collab.invitations.answers import AcceptInvitation
from collab.invitations.commands import InviteToResource, RevokeInvitation
from collab.key_rotation import ListStaleKeys
from collab.memberships.commands import LeaveResource, RemoveMember
from collab.memberships.offboarding import OffboardPerson
from collab.model import Address, Caller, InvitationId, PersonId, WorkspaceId
from collab.successions import ChooseSuccessor
from storage.database import Database
from storage.tables import memberships, people
from tests.collab.test_person_matches import (
    NINA,
    find_other,
    invite_by_mail,
    join,
    join_slack,
    roles_of,
    separate,
)
from tests.support.billing_oracle import accept_offer
from tests.support.builders import Scenario
from tests.support.handovers import get_offer_id, offer_take_back
from tests.support.replay import assert_replay_gives_state


@pytest.fixture
def agency(database: Database) -> Scenario:
    world = Scenario(database)
    world.create_company()
    world.create_resource("app", "Shop", "acme")
    world.create_resource("app", "Blog", "acme")
    return world


def by_link(world: Scenario, person_id: PersonId) -> Caller:
    """Somebody acts on a page, known by their address."""
    return Caller(world.workspace, None, "web", person=person_id)


def hand_over_by_mail(world: Scenario, keeps: str | None = None) -> InvitationId:
    """Hand Acme over to Nina's address, and let her accept by the link."""
    command = HandOver(world.caller_for("ada"), Address(NINA), ("acme",), keeps)
    offer = get_offer_id(world.execute(command))
    person_id = world.get_invitation(offer).person
    assert person_id
    world.execute(AcceptInvitation(by_link(world, person_id), offer, typed_slug="acme"))
    return offer


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("HND-04")
@pytest.mark.parametrize("keeps", [None, "", "admin"])
def test_taking_back_ends_what_the_new_owner_has_as_an_account(
    agency: Scenario, keeps: str | None
) -> None:
    handover = hand_over_by_mail(agency, keeps)
    other = agency.get_invitation(handover).person
    assert other
    join_slack(agency)
    join(agency, other)
    nina = agency.person_id_of("nina")
    assert roles_of(agency, nina) == {"acme": "owner"}

    accept_offer(agency, "nina", offer_take_back(agency, handover))

    assert roles_of(agency, nina) == {}
    assert roles_of(agency, other) == {}
    assert roles_of(agency, agency.person_id_of("ada"))["acme"] == "owner"
    assert_replay_gives_state(agency.database)


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("HND-04")
def test_the_former_owner_may_be_a_record_that_was_joined(agency: Scenario) -> None:
    other = invite_by_mail(agency, "owner")
    agency.register_people("carl")
    carl = agency.account_of("carl")
    offer = get_offer_id(
        agency.execute(HandOver(by_link(agency, other), carl, ("acme",), ""))
    )
    accept_offer(agency, "carl", offer)
    assert roles_of(agency, other) == {}
    join_slack(agency)
    invite_by_mail(agency, "developer", "shop")
    join(agency, other)

    accept_offer(agency, "carl", offer_take_back(agency, offer, by="nina"))

    nina = agency.person_id_of("nina")
    assert roles_of(agency, nina) == {"acme": "owner", "shop": "developer"}
    assert roles_of(agency, agency.person_id_of("carl")) == {}
    keys = agency.bus.query(ListStaleKeys(agency.caller_for("nina")), agency.at)
    lost = {
        each.id for group in keys.lost.values() for day in group for each in day.people
    }
    assert lost.isdisjoint({nina, other})


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("HND-04")
def test_nothing_is_taken_back_where_two_roles_became_one(agency: Scenario) -> None:
    handover = hand_over_by_mail(agency)
    other = agency.get_invitation(handover).person
    assert other
    agency.read_profile("nina", email="old@client.example")
    agency.add_member("nina", "admin")
    join_slack(agency)
    join(agency, other)
    with pytest.raises(errors.NotAsHandedOver):
        offer_take_back(agency, handover)

    separate(agency, other)
    back = OfferTakeBack(agency.caller_for("ada"), handover)
    offer = get_offer_id(agency.execute(back))
    agency.execute(AcceptInvitation(by_link(agency, other), offer, typed_slug="acme"))
    assert roles_of(agency, other) == {}
    assert roles_of(agency, agency.person_id_of("nina")) == {"acme": "admin"}


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("MEM-11")
@pytest.mark.rule("OFF-03")
@pytest.mark.parametrize("ends", ["removal", "offboarding"])
def test_undo_restores_to_the_record_that_replaces_it(
    agency: Scenario, ends: str
) -> None:
    other = invite_by_mail(agency, "developer", "shop")
    invite_by_mail(agency, "developer", "blog")
    ada, address = agency.caller_for("ada"), Address(NINA)
    if ends == "removal":
        agency.execute(RemoveMember(ada, address, "shop"))
    else:
        agency.execute(OffboardPerson(ada, address))
    join_slack(agency)
    join(agency, other)

    agency.undo_removal("ada")

    nina = agency.person_id_of("nina")
    assert roles_of(agency, nina) == {"shop": "developer", "blog": "developer"}
    assert roles_of(agency, other) == {}
    assert {e.person for e in agency.events_of_type(MemberRestored)} == {nina}
    assert {e.person for e in agency.events_of_type(PersonReinstated)} <= {nina}
    assert not agency.bus.query(ListStaleKeys(ada), agency.at).found
    assert_replay_gives_state(agency.database)
    with pytest.raises(errors.Rejected):
        agency.undo_removal("ada")


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("MEM-11")
def test_who_left_by_a_link_can_undo_it_with_the_account(agency: Scenario) -> None:
    other = invite_by_mail(agency, "developer", "shop")
    invite_by_mail(agency, "developer", "blog")
    agency.execute(LeaveResource(by_link(agency, other), "shop"))
    join_slack(agency)
    join(agency, other)

    agency.undo_removal("nina")

    both = {"shop": "developer", "blog": "developer"}
    assert roles_of(agency, agency.person_id_of("nina")) == both


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("MEM-11")
@pytest.mark.parametrize("removed", ["account", "address"])
def test_undo_is_rejected_where_the_other_record_has_a_role(
    agency: Scenario, removed: str
) -> None:
    other = invite_by_mail(agency, "developer", "shop")
    invite_by_mail(agency, "developer", "blog")
    agency.read_profile("nina", email="old@client.example")
    agency.add_member("nina", "manager", "shop")
    ada, nina = agency.caller_for("ada"), agency.account_of("nina")
    who = nina if removed == "account" else Address(NINA)
    agency.execute(RemoveMember(ada, who, "shop"))
    join_slack(agency)
    join(agency, other)
    before = roles_of(agency, agency.person_id_of("nina"))

    with pytest.raises(errors.AlreadyUndone):
        agency.undo_removal("ada")

    assert roles_of(agency, agency.person_id_of("nina")) == before


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("MEM-11")
def test_a_role_of_a_record_that_is_separate_again_is_nobody_elses(
    agency: Scenario,
) -> None:
    other = invite_by_mail(agency, "developer", "shop")
    join_slack(agency)
    agency.add_member("nina", "manager", "blog")
    join(agency, other)
    ada, nina = agency.caller_for("ada"), agency.account_of("nina")
    agency.execute(RemoveMember(ada, nina, "shop"))
    separate(agency, other)

    with pytest.raises(errors.AlreadyUndone):
        agency.undo_removal("ada")

    assert roles_of(agency, other) == {}
    agency.execute(RemoveMember(ada, nina, "blog"))
    agency.undo_removal("ada")
    assert roles_of(agency, agency.person_id_of("nina")) == {"blog": "manager"}


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("HND-03")
@pytest.mark.parametrize("agrees", ["before", "after"])
def test_only_who_agreed_to_a_hand_over_gets_it_after_separating(
    agency: Scenario, agrees: str
) -> None:
    other = invite_by_mail(agency, "developer", "shop")
    day = agency.at.date() + timedelta(days=10)
    command = HandOver(agency.caller_for("ada"), Address(NINA), ("acme",), None, day)
    offer = get_offer_id(agency.execute(command))
    agree = AcceptInvitation(by_link(agency, other), offer, typed_slug="acme")
    if agrees == "before":
        agency.execute(agree)
    join_slack(agency)
    agency.at += timedelta(hours=1)
    join(agency, other)
    agency.at += timedelta(hours=1)
    if agrees == "after":
        accept_offer(agency, "nina", offer)

    separate(agency, other)
    agency.advance_time(days=11)

    new_owner = other if agrees == "before" else agency.person_id_of("nina")
    assert agency.get_invitation(offer).person == new_owner
    assert roles_of(agency, new_owner)["acme"] == "owner"
    assert_replay_gives_state(agency.database)


@pytest.mark.rule("OUT-04")
def test_an_invitation_that_the_join_revoked_is_open_again(agency: Scenario) -> None:
    other = invite_by_mail(agency, "developer", "blog")
    twin = agency.send_invitation(NINA, "developer", "shop")
    withdrawn = agency.send_invitation(NINA, "admin", "acme")
    agency.read_profile("nina", email="old@client.example")
    kept = agency.send_invitation("nina", "developer", "shop")
    agency.execute(RevokeInvitation(agency.caller_for("ada"), withdrawn))
    join_slack(agency)

    join(agency, other)
    assert agency.get_invitation(twin).state == "revoked"
    assert agency.pending_invitation_ids("nina") == [kept]
    separate(agency, other)

    states = [agency.get_invitation(i).state for i in (twin, kept, withdrawn)]
    assert states == ["pending", "pending", "revoked"]
    agency.execute(AcceptInvitation(by_link(agency, other), twin))
    assert roles_of(agency, other) == {"blog": "developer", "shop": "developer"}
    assert agency.pending_invitation_ids("nina") == [kept]
    assert_replay_gives_state(agency.database)


@pytest.mark.rule("OUT-04")
def test_a_twin_that_has_expired_stays_closed(agency: Scenario) -> None:
    other = invite_by_mail(agency, "developer", "blog")
    twin = agency.send_invitation(NINA, "developer", "shop")
    agency.read_profile("nina", email="old@client.example")
    agency.send_invitation("nina", "developer", "shop")
    agency.at = agency.get_invitation(twin).expires - timedelta(hours=1)
    join_slack(agency)
    join(agency, other)
    agency.at += timedelta(hours=2)

    separate(agency, other)

    assert agency.get_invitation(twin).state == "revoked"


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("MEM-09")
def test_votes_for_a_record_that_was_joined_count_for_the_account(
    agency: Scenario,
) -> None:
    agency.register_people("bo", "carl")
    agency.add_member("bo")
    agency.add_member("carl")
    other = invite_by_mail(agency, "accountant")
    agency.deactivate_accounts("ada")
    agency.execute(ChooseSuccessor(agency.caller_for("bo"), Address(NINA), "acme"))
    join_slack(agency)
    join(agency, other)

    agency.choose_successor("carl", "nina")

    nina = agency.person_id_of("nina")
    assert roles_of(agency, nina) == {"acme": "owner"}


@pytest.mark.rule("OUT-04")
@pytest.mark.rule("MEM-07")
def test_keys_name_the_account_that_an_address_was_joined_with(
    agency: Scenario,
) -> None:
    other = invite_by_mail(agency, "developer", "shop")
    invite_by_mail(agency, "developer", "blog")
    ada = agency.caller_for("ada")
    agency.execute(RemoveMember(ada, Address(NINA), "shop"))
    join_slack(agency)
    join(agency, other)

    keys = agency.bus.query(ListStaleKeys(ada), agency.at)

    ((day,),) = keys.lost.values()
    assert [each.id for each in day.people] == [agency.person_id_of("nina")]


CHANGES = (
    "get role by link",
    "get role",
    "get company by link",
    "get company",
    "remove address",
    "remove account",
    "offboard",
    "leave by link",
)
RECORDS = ("join", "join", "separate", "nothing")
REVERSALS = ("undo", "undo own", "take back", "nothing")
STEPS = st.tuples(*(st.sampled_from(each) for each in (CHANGES, RECORDS, REVERSALS)))


@pytest.mark.rule("OUT-04")
def test_in_any_order_no_role_is_on_a_merged_record(sqlite_database: Database) -> None:
    numbers = count(1)

    @given(st.lists(STEPS, min_size=1, max_size=4))
    @settings(max_examples=40)
    def play(rounds: list[tuple[str, ...]]) -> None:
        world = Scenario(sqlite_database, workspace=WorkspaceId(f"T8{next(numbers)}"))
        world.create_company()
        world.create_resource("app", "Shop", "acme")
        invite_by_mail(world, "developer", "shop")
        join_slack(world)
        for step in chain.from_iterable(rounds):
            with suppress(errors.Rejected, LookupError):
                take_step(world, step)
            assert list_roles_on_merged_records(world) == []
        assert_replay_gives_state(sqlite_database)

    play()


def take_step(world: Scenario, step: str) -> None:
    """Take a step of a story of Ada's and Nina's; raises if it is not possible now."""
    world.at += timedelta(minutes=1)
    other = find_other(world)
    assert other
    ada, nina = world.caller_for("ada"), world.account_of("nina")
    is_by_link = step.endswith("by link")
    who = Address(NINA) if is_by_link or step == "remove address" else nina
    caller = by_link(world, other) if is_by_link else world.caller_for("nina")
    if step.startswith("get role"):
        world.execute(InviteToResource(ada, who, "manager", "shop"))
        accept_all(world, caller)
    elif step.startswith("get company"):
        world.execute(HandOver(ada, who, ("acme",), ""))
        accept_all(world, caller)
    elif step.startswith("remove"):
        world.execute(RemoveMember(ada, who, "shop"))
    elif step == "offboard":
        world.execute(OffboardPerson(ada, nina))
    elif step == "leave by link":
        world.execute(LeaveResource(caller, "shop"))
    elif step == "join":
        join(world, other)
    elif step == "separate":
        separate(world, other)
    elif step.startswith("undo"):
        world.undo_removal("nina" if step == "undo own" else "ada")
    elif step == "take back":
        done = world.events_of_type(HandoverDone)[-1]
        world.execute(OfferTakeBack(ada, done.invitation))
        accept_all(world, caller)


def accept_all(world: Scenario, caller: Caller) -> None:
    """Accept what is open and the caller's."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        pending = facts.invitations.list_pending_invitations()
    for each in pending:
        with suppress(errors.Rejected):
            world.execute(AcceptInvitation(caller, each.id, typed_slug="acme"))


def list_roles_on_merged_records(world: Scenario) -> list[tuple[str, ...]]:
    """Return the memberships of records that another one replaces."""
    query = (
        select(memberships.c.person, memberships.c.resource)
        .join_from(
            memberships,
            people,
            (people.c.workspace == memberships.c.workspace)
            & (people.c.id == memberships.c.person),
        )
        .where(people.c.merged_into.is_not(None))
        .where(people.c.workspace == world.workspace)
    )
    with world.database.engine.begin() as connection:
        return [tuple(row) for row in connection.execute(query)]
