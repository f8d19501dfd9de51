"""Membership by the rules: leaving, removal, and the end of a limited time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.events import MemberEnded, MemberLeft, MemberRemoved
from collab.kinds import Kind, Role, table
from collab.membership import Leave, Remove
from collab.offers import Term
from collab.policy import Policy
from collab.resources import Create
from collab.service import Collab
from tests.support.builders import World


@pytest.mark.rule("MEM-01")
def test_nobody_removes_themselves(acme: World) -> None:
    with pytest.raises(refusals.ToYourself):
        acme.remove("ada", by="ada")


@pytest.mark.rule("MEM-04")
def test_anyone_may_leave(acme: World) -> None:
    acme.member("carl", "admin")
    assert acme.leave("carl").first(MemberLeft).role == "admin"
    assert acme.members() == {"ada": "owner"}


@pytest.mark.rule("MEM-04")
def test_the_last_owner_may_not_leave_and_one_of_two_may(acme: World) -> None:
    with pytest.raises(refusals.LastHolder) as refused:
        acme.leave("ada")
    assert (refused.value.role, refused.value.slug) == ("owner", "acme")
    acme.member("carl", "owner")
    acme.leave("ada")
    assert acme.members(by="carl") == {"carl": "owner"}


@pytest.mark.rule("MEM-08")
def test_an_owner_for_a_limited_time_does_not_let_the_last_lasting_one_go(acme: World) -> None:
    acme.member("carl", "owner", term=Term(timedelta(days=30)))
    with pytest.raises(refusals.LastHolder):
        acme.leave("ada")


@pytest.mark.rule("MEM-08")
def test_an_invited_owner_who_has_not_accepted_does_not_count(acme: World) -> None:
    acme.invite("carl", "owner")
    with pytest.raises(refusals.LastHolder):
        acme.leave("ada")


@pytest.mark.rule("MEM-08")
def test_a_deactivated_owner_does_not_count(acme: World) -> None:
    acme.member("carl", "owner")
    acme.profile("carl", active=False)
    with pytest.raises(refusals.LastHolder):
        acme.leave("ada")


@pytest.mark.rule("MEM-04")
def test_somebody_who_is_no_member_cannot_leave(acme: World) -> None:
    with pytest.raises(refusals.UnknownResource):
        acme.leave("carl")


@pytest.mark.rule("MEM-05")
@pytest.mark.parametrize(
    ("actor", "target", "allowed"),
    [
        ("owner", "owner", False),
        ("owner", "admin", True),
        ("admin", "owner", False),
        ("admin", "admin", False),
    ],
)
def test_who_removes_whom(acme: World, actor: str, target: str, *, allowed: bool) -> None:
    acme.member("carl", actor)
    acme.member("devi", target)
    if allowed:
        assert acme.remove("devi", by="carl").first(MemberRemoved).role == target
    else:
        with pytest.raises(refusals.MayNotRemove) as refused:
            acme.remove("devi", by="carl")
        assert refused.value.role == target
    assert ("devi" in acme.members()) is not allowed


@pytest.mark.rule("MEM-05")
def test_somebody_who_is_not_in_cannot_be_removed(acme: World) -> None:
    with pytest.raises(refusals.NotAMember):
        acme.remove("devi")


@pytest.mark.rule("MEM-07")
def test_all_owners_who_did_it_and_the_person_hear_of_a_removal_each_once(acme: World) -> None:
    acme.member("carl", "owner")
    acme.member("devi", "admin")
    acme.link()
    acme.told()

    acme.remove("devi", by="carl")

    heard = [target for target, message in acme.told() if message == "member_removed"]
    assert sorted(heard) == ["ada", "carl", "channel:CACME", "devi"]


@pytest.mark.rule("MEM-07")
def test_all_owners_the_person_and_the_channel_hear_of_a_leave(acme: World) -> None:
    acme.member("carl", "owner")
    acme.member("devi", "admin")
    acme.link()
    acme.told()

    acme.leave("devi")

    heard = [target for target, message in acme.told() if message == "member_left"]
    assert sorted(heard) == ["ada", "carl", "channel:CACME", "devi"]


@pytest.mark.rule("MEM-08")
def test_who_was_removed_passes_no_decision_any_more(acme: World) -> None:
    acme.member("devi", "admin")
    acme.remove("devi")
    with pytest.raises(refusals.UnknownResource):
        acme.invite("carl", by="devi")


def test_a_deactivated_person_can_do_nothing(acme: World) -> None:
    acme.member("carl", "owner")
    acme.profile("carl", active=False)
    with pytest.raises(refusals.InactiveActor):
        acme.leave("carl")


def test_time_ends_a_limited_membership_and_all_concerned_hear_of_it(acme: World) -> None:
    acme.member("devi", term=Term(timedelta(days=1)))
    acme.link()
    acme.told()
    acme.passes(days=1)
    assert acme.happened(MemberEnded) == [MemberEnded(acme.thing("acme").id, acme.id_of("devi"), "admin")]
    assert {t for t, m in acme.told() if m == "member_ended"} == {"ada", "devi", "channel:CACME"}


def test_somebody_whose_time_ran_out_can_be_invited_and_join_again_before_any_sweep(acme: World) -> None:
    acme.member("devi", term=Term(timedelta(days=1)))
    acme.at += timedelta(days=2)
    acme.member("devi", "owner")
    assert acme.members()["devi"] == "owner"


def test_a_preview_changes_nothing(acme: World) -> None:
    acme.member("devi")
    invitation = acme.invite("carl", by="devi")
    before = acme.history()

    preview = acme.collab.preview(Remove(acme.by("ada"), acme.account("devi"), "acme"), acme.at)

    assert [type(e).__name__ for e in preview] == ["MemberRemoved", "InvitationRevoked"]
    assert acme.history() == before
    assert acme.invitation(invitation).state == "pending"
    with pytest.raises(refusals.LastHolder):
        acme.collab.preview(Leave(acme.by("ada"), "acme"), acme.at)


def test_the_engine_takes_a_made_up_kind_by_rows_alone(world: World) -> None:
    boat = Kind(
        "boat",
        ("boat", "boats"),
        founder="captain",
        roles=(
            Role("captain", can=("view", "edit"), grants=("mate",), removes=("mate",), at_least=1),
            Role("mate", can=("view",)),
        ),
    )
    world.collab = Collab(world.database.units, world.new_id, Policy(), table(boat))
    world.knows("ada")
    world.do(Create(world.by("ada"), "boat", "Seagull"))
    world.member("carl", "mate", "seagull")
    assert world.members("seagull") == {"ada": "captain", "carl": "mate"}
    with pytest.raises(refusals.MayNotGrant):
        world.invite("devi", "mate", "seagull", by="carl")
    with pytest.raises(refusals.LastHolder):
        world.leave("ada", "seagull")


def _person(world: World, name: str) -> list[str]:
    with world.database.units.look(world.workspace) as facts:
        found = facts.person_by_account(world.account(name))
    return [found.id] if found else []


@pytest.mark.rule("MEM-05")
@pytest.mark.rule("MEM-09")
def test_the_roles_of_a_deactivated_account_can_be_ended_before_it_returns(acme: World) -> None:
    acme.member("carl", "admin")
    acme.do(Create(acme.by("ada"), "app", "Shop", "acme"))
    acme.member("carl", "developer", "shop")
    acme.profile("carl", active=False)

    removed = acme.remove("carl")

    assert [(e.role, e.within) for e in acme.happened(MemberRemoved)] == [
        ("admin", None),
        ("developer", removed.first(MemberRemoved).resource),
    ]
    acme.profile("carl", active=True)
    assert acme.members() == {"ada": "owner"}


@pytest.mark.rule("MEM-05")
def test_a_deactivated_owner_is_removed_by_nobody(acme: World) -> None:
    acme.member("carl", "owner")
    acme.profile("carl", active=False)
    with pytest.raises(refusals.MayNotRemove):
        acme.remove("carl")
