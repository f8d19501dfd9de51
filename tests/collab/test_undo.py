"""A leave or a removal is taken back within ten minutes by who did it (MEM-11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.events import InvitationReopened, InvitationSent, MemberLeft, MemberRemoved, MemberRestored
from collab.membership import ChangeRole
from collab.offers import Term
from collab.resources import Delete, Move
from collab.teams import Assign, Unshare
from collab.transfers import TransferBilling
from tests.support.builders import World


@pytest.fixture
def agency(acme: World) -> World:
    """Acme with the project Site, the app Shop in it and the app Blog beside it."""
    acme.knows("bo", "carl", "devi", "sam")
    acme.make("project", "Site", "acme")
    acme.make("app", "Shop", "site")
    acme.make("app", "Blog", "acme")
    return acme


def memberships(world: World, who: str) -> dict[str, tuple[object, ...]]:
    """What somebody holds, by slug: role, since when, until when."""
    with world.database.units.look(world.workspace) as facts:
        found = facts.memberships_of(world.id_of(who), world.at)
        slugs = {m.resource: facts.resource(m.resource) for m in found}
    return {r.slug: (m.role, m.since, m.until) for m in found if (r := slugs[m.resource])}


@pytest.mark.rule("MEM-11")
def test_a_removal_from_a_company_is_undone_with_all_that_went_with_it(agency: World) -> None:
    agency.member("devi", "accountant")
    agency.at += timedelta(days=1)
    agency.member("devi", "developer", "shop", term=Term(timedelta(days=30)))
    agency.member("devi", "admin", "blog")
    sent = agency.invite("sam", "manager", "blog", by="devi")
    waits = agency.invite("devi", "admin", "shop")
    before = memberships(agency, "devi")
    agency.at += timedelta(hours=1)
    agency.remove("devi")
    assert memberships(agency, "devi") == {}

    agency.at += timedelta(minutes=9, seconds=59)
    agency.undo("ada")

    assert memberships(agency, "devi") == before
    assert [agency.invitation(i).state for i in (sent, waits)] == ["pending", "pending"]
    agency.accept("sam", sent)
    agency.accept("devi", waits)
    assert agency.can("sam", "blog") == {"view", "configure", "code"}
    assert "scale" in agency.can("devi", "shop")


@pytest.mark.rule("MEM-11")
def test_a_leave_is_undone_by_who_left_with_what_was_assigned_in_the_team(agency: World) -> None:
    agency.make("team", "Crew")
    for app in ("shop", "blog"):
        agency.shares(app, "crew", "manager")
    agency.member("bo", "limited", "crew")
    for app in ("shop", "blog"):
        agency.do(Assign(agency.by("ada"), agency.account("bo"), app, "crew"))
    agency.leave("bo", "crew")
    agency.do(Unshare(agency.by("ada"), "blog", "crew"))

    agency.undo("bo")

    assert agency.members("crew")["bo"] == "limited"
    assert agency.can("bo", "shop") == {"view", "configure", "code"}
    assert agency.can("bo", "blog") == set()


@pytest.mark.rule("MEM-11")
def test_after_ten_minutes_it_is_too_late(agency: World) -> None:
    agency.member("devi")
    agency.remove("devi")
    agency.at += timedelta(minutes=10)
    with pytest.raises(refusals.TooLateToUndo):
        agency.undo("ada")
    assert "devi" not in agency.members()


@pytest.mark.rule("MEM-11")
def test_nobody_else_undoes_it_neither_by_name_nor_by_number(agency: World) -> None:
    agency.member("carl", "owner")
    agency.member("devi")
    seq = agency.remove("devi").recorded[0].seq
    for who in ("carl", "devi", "sam"):
        for number in (seq, None):
            with pytest.raises(refusals.NothingToUndo):
                agency.undo(who, number)
    for number in (0, -1, seq - 1, seq + 1, 10**18):
        with pytest.raises(refusals.NothingToUndo):
            agency.undo("ada", number)


@pytest.mark.rule("MEM-11")
def test_one_undo_is_enough(agency: World) -> None:
    agency.member("devi")
    agency.remove("devi")
    agency.undo("ada")
    with pytest.raises(refusals.AlreadyUndone):
        agency.undo("ada")
    assert len(agency.happened(MemberRestored)) == 1


@pytest.mark.rule("MEM-11")
def test_what_another_leave_took_along_is_not_undone_by_itself(agency: World) -> None:
    agency.member("devi", "accountant")
    agency.member("devi", "developer", "shop")
    inner = next(r for r in agency.leave("devi").recorded if isinstance(r.event, MemberLeft) and r.event.within)
    with pytest.raises(refusals.NothingToUndo):
        agency.undo("devi", inner.seq)
    agency.undo("devi")
    assert set(memberships(agency, "devi")) == {"acme", "shop"}


@pytest.mark.rule("MEM-11")
def test_who_may_not_remove_any_more_may_not_undo_a_removal(agency: World) -> None:
    agency.member("carl", "owner")
    agency.member("devi")
    agency.remove("devi", by="carl")
    agency.leave("carl")
    with pytest.raises(refusals.MayNotRemove):
        agency.undo("carl", _seq(agency, MemberRemoved))
    assert "devi" not in agency.members()


@pytest.mark.rule("MEM-11")
def test_somebody_who_came_back_in_the_meantime_keeps_what_they_have_now(agency: World) -> None:
    agency.member("devi")
    agency.remove("devi")
    agency.member("devi", "owner")
    with pytest.raises(refusals.AlreadyUndone):
        agency.undo("ada", _seq(agency, MemberRemoved))
    assert agency.members()["devi"] == "owner"


@pytest.mark.rule("MEM-11")
def test_of_several_roles_those_taken_again_in_the_meantime_stay_as_they_are(agency: World) -> None:
    agency.member("devi", "accountant")
    agency.member("devi", "admin", "shop")
    agency.remove("devi")
    agency.member("devi", "developer", "shop")
    agency.undo("ada")
    assert {slug: role for slug, (role, *_) in memberships(agency, "devi").items()} == {
        "acme": "accountant",
        "shop": "developer",
    }


@pytest.mark.rule("MEM-11")
@pytest.mark.rule("INV-09")
def test_an_invitation_comes_back_only_with_the_right_that_upheld_it(agency: World) -> None:
    agency.member("devi", "accountant")
    agency.member("devi", "admin", "shop")
    sent = agency.invite("sam", "manager", "shop", by="devi")
    agency.remove("devi")
    agency.member("devi", "developer", "shop")
    agency.undo("ada")
    assert agency.invitation(sent).state == "revoked"


@pytest.mark.rule("MEM-11")
@pytest.mark.rule("INV-09")
def test_an_invitation_to_what_was_moved_out_of_reach_stays_revoked(agency: World) -> None:
    agency.member("devi", "admin")
    sent = agency.invite("sam", "manager", "blog", by="devi")
    agency.make("company", "Beta")
    agency.remove("devi")
    agency.do(Move(agency.by("ada"), "blog", "beta"))
    agency.undo("ada")
    assert agency.members()["devi"] == "admin"
    assert agency.invitation(sent).state == "revoked"


@pytest.mark.rule("MEM-11")
def test_an_invitation_to_what_was_deleted_or_taken_by_now_stays_revoked(agency: World) -> None:
    agency.member("devi", "owner")
    gone = agency.invite("sam", "manager", "blog", by="devi")
    taken = agency.invite("carl", "admin", by="devi")
    again = agency.invite("bo", "admin", by="devi")
    agency.leave("devi")
    agency.do(Delete(agency.by("ada"), "blog"))
    agency.member("carl", "owner")
    waits = agency.invite("bo", "owner")

    agency.undo("devi")

    assert [agency.invitation(i).state for i in (gone, taken, again)] == ["revoked"] * 3
    assert agency.waiting("bo") == [waits]


@pytest.mark.rule("MEM-11")
def test_an_invitation_whose_time_ran_out_meanwhile_stays_over(agency: World) -> None:
    agency.member("devi", "admin")
    sent = agency.invite("sam", "manager", "blog", by="devi")
    agency.at += timedelta(days=7) - timedelta(minutes=5)
    agency.remove("devi")
    agency.at += timedelta(minutes=6)
    agency.undo("ada")
    assert agency.invitation(sent).state == "revoked"


@pytest.mark.rule("MEM-11")
def test_a_role_whose_time_ran_out_meanwhile_stays_over(agency: World) -> None:
    agency.member("devi", term=Term(timedelta(days=2)))
    agency.at += timedelta(days=2) - timedelta(minutes=5)
    agency.remove("devi")
    agency.at += timedelta(minutes=5)
    with pytest.raises(refusals.NothingToUndo):
        agency.undo("ada")


@pytest.mark.rule("MEM-10")
@pytest.mark.rule("MEM-11")
def test_a_restored_role_for_a_limited_time_still_warns_and_ends(agency: World) -> None:
    agency.member("devi", term=Term(timedelta(days=3)))
    until = agency.at + timedelta(days=3)
    agency.remove("devi")
    agency.undo("ada")
    agency.told()
    agency.passes(days=2)
    assert agency.hears("member_warned") == ["devi"]
    agency.at = until
    agency.passes()
    assert "devi" not in agency.members()


@pytest.mark.rule("MEM-11")
def test_a_leave_is_no_way_around_a_removal_that_came_after_it(agency: World) -> None:
    agency.member("devi", "accountant")
    agency.member("devi", "developer", "shop")
    agency.leave("devi", "shop")
    agency.at += timedelta(minutes=1)
    agency.remove("devi")
    with pytest.raises(refusals.Refused):
        agency.undo("devi")
    assert memberships(agency, "devi") == {}
    agency.undo("ada")
    assert set(memberships(agency, "devi")) == {"acme"}


@pytest.mark.rule("MEM-11")
def test_nothing_comes_back_on_what_is_gone_nor_to_who_is_deactivated(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.member("carl", "developer", "blog")
    shop = agency.remove("devi", what="shop").recorded[0].seq
    blog = agency.remove("carl", what="blog").recorded[0].seq
    agency.do(Delete(agency.by("ada"), "shop"))
    agency.goes("carl")
    for seq in (shop, blog):
        with pytest.raises(refusals.NothingToUndo):
            agency.undo("ada", seq)


@pytest.mark.rule("MEM-11")
def test_the_removal_of_a_collaborator_gives_back_what_made_them_one(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.member("devi", "manager", "blog")
    agency.remove("devi")
    assert agency.can("devi", "acme") == set()
    agency.undo("ada")
    assert {slug: role for slug, (role, *_) in memberships(agency, "devi").items()} == {
        "shop": "developer",
        "blog": "manager",
    }
    with pytest.raises(refusals.Refused):
        agency.undo("ada")


@pytest.mark.rule("MEM-11")
def test_other_acts_of_the_same_moment_are_not_undone_with_it(agency: World) -> None:
    agency.member("devi")
    agency.member("carl")
    agency.remove("devi")
    agency.remove("carl")
    agency.undo("ada", _seq(agency, MemberRemoved, agency.id_of("devi")))
    assert set(agency.members()) == {"ada", "devi"}


@pytest.mark.rule("MEM-11")
def test_the_last_act_that_can_be_undone_is_the_newest_of_ones_own(agency: World) -> None:
    agency.member("devi", "developer", "shop")
    agency.member("devi", "developer", "blog")
    agency.leave("devi", "shop")
    agency.leave("devi", "blog")
    agency.undo("devi")
    assert set(memberships(agency, "devi")) == {"blog"}
    with pytest.raises(refusals.AlreadyUndone):
        agency.undo("devi")


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("MEM-11")
def test_those_who_heard_of_the_end_hear_of_its_undoing_once(agency: World) -> None:
    agency.member("carl", "owner")
    agency.member("devi", "accountant")
    agency.member("devi", "developer", "shop")
    agency.link()
    sent = agency.invite("sam", "admin")
    agency.told()
    agency.remove("devi")
    assert agency.hears("member_removed") == ["ada", "carl", "channel:CACME", "devi"]
    agency.undo("ada")
    told = agency.told()
    assert sorted(t for t, m in told if m == "member_restored") == ["ada", "carl", "channel:CACME", "devi"]
    assert agency.invitation(sent).state == "pending"


@pytest.mark.rule("INV-11")
@pytest.mark.rule("MEM-11")
def test_every_copy_of_a_reopened_invitation_is_live_again(agency: World) -> None:
    agency.link(groups=["invitations"])
    agency.member("devi")
    agency.invite("sam", "admin", by="devi")
    agency.remove("devi")
    agency.told()
    agency.undo("ada")
    assert agency.happened(InvitationReopened)
    assert {t for t, m in agency.told() if m == "refresh"} >= {"sam", "devi", "channel:CACME"}


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-11")
def test_a_demotion_cannot_be_undone_as_if_it_were_an_end(agency: World) -> None:
    agency.member("devi", "admin")
    agency.do(ChangeRole(agency.by("ada"), agency.account("devi"), "collaborator", "acme", keep=("blog",)))
    with pytest.raises(refusals.NothingToUndo):
        agency.undo("ada")


def _seq(world: World, kind: type, person: str | None = None) -> int:
    events = [recorded for recorded in world.history() if isinstance(recorded.event, kind)]
    return [recorded.seq for recorded in events if person in {None, getattr(recorded.event, "person", None)}][-1]


@pytest.mark.rule("BIL-03")
@pytest.mark.rule("MEM-11")
@pytest.mark.parametrize("goes", [True, False])
def test_an_offer_of_the_billing_comes_back_with_its_right(agency: World, goes: bool) -> None:
    agency.member("devi", "admin", "blog")
    agency.member("sam", "developer", "blog")
    offer = TransferBilling(agency.by("devi"), agency.account("sam"), "blog", goes=goes)
    sent = agency.do(offer).first(InvitationSent).invitation
    agency.leave("devi", "blog")
    assert agency.invitation(sent).state == "revoked"
    agency.undo("devi")
    assert agency.invitation(sent).state == "pending"
