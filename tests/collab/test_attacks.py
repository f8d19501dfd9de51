"""Ways in that must be shut, and ends that meet: each was once open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from collab import errors
from collab.access_requests import ApproveRequest, RequestAccess
from collab.billing.payment_methods import SetPaymentMethod
from collab.events import (
    InvitationExpired,
    InvitationResent,
    InvitationRevoked,
    InvitationSent,
    InvitationSuperseded,
    MemberEnded,
    RequestSent,
    SuccessionClosed,
)
from collab.invitations.answers import AcceptInvitation, DeclineInvitation
from collab.invitations.commands import (
    EditInvitation,
    InviteToResource,
    ResendInvitation,
    RevokeInvitation,
)
from collab.memberships.commands import ChangeRole, LeaveResource, RemoveMember
from collab.memberships.expiry import ExtendMembership
from collab.memberships.undo import UndoDeparture
from collab.model import AccessRequestId, InvitationId, ResourceId, Term, WorkspaceId
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import CreateResource, DisableResource
from collab.roles import CAPABILITIES
from collab.successions import ChooseSuccessor
from collab.teams import AssignToMember, ShareWithTeam, UnshareWithTeam
from storage.database import Database
from tests.support.builders import Scenario


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    acme.register_people("bo", "carl", "devi")
    acme.execute(CreateResource(acme.caller_for("ada"), "project", "Site", "acme"))
    acme.execute(CreateResource(acme.caller_for("ada"), "app", "Shop", "site"))
    return acme


@pytest.mark.rule("INV-09")
def test_two_ends_at_once_take_an_invitation_along_once(agency: Scenario) -> None:
    term = Term(timedelta(days=3))
    agency.add_member("bo", "admin", term=term)
    agency.add_member("bo", "administrator", "site", term=term)
    invitation = agency.send_invitation("carl", "member", "site", by="bo")
    agency.advance_time(days=3, seconds=1)
    assert agency.get_invitation(invitation).state == "revoked"
    assert len(agency.events_of_type(InvitationRevoked)) == 1


@pytest.mark.rule("INV-08")
def test_an_expiry_and_its_inviters_end_at_once_do_not_stop_time(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "admin", term=Term(timedelta(days=7)))
    first, other = (
        agency.send_invitation("carl", by="bo"),
        agency.send_invitation("devi"),
    )
    agency.advance_time(days=7, seconds=1)
    assert [agency.get_invitation(i).state for i in (first, other)] == [
        "expired",
        "expired",
    ]
    assert len(agency.events_of_type(InvitationExpired)) == 2


@pytest.mark.rule("MEM-09")
@pytest.mark.rule("MEM-10")
def test_a_membership_that_time_and_a_lapse_end_at_once_ends_once(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "admin", term=Term(timedelta(days=30)))
    agency.read_profile("bo", active=False)
    agency.advance_time(days=30)
    assert len(agency.events_of_type(MemberEnded)) == 1


@pytest.mark.rule("MEM-09")
def test_an_owner_who_returns_too_late_leaves_the_question_who_follows_open(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "admin")
    agency.read_profile("ada", active=False)
    agency.at += timedelta(days=30)
    agency.read_profile("ada")
    assert not agency.events_of_type(SuccessionClosed)
    agency.execute(
        ChooseSuccessor(agency.caller_for("bo"), agency.account_of("bo"), "acme")
    )
    assert agency.roles_by_name(by="bo")["bo"] == "owner"


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-09")
def test_a_holder_for_a_limited_time_does_not_settle_who_follows_until_it_is_for_good(
    agency: Scenario,
) -> None:
    agency.execute(CreateResource(agency.caller_for("ada"), "team", "Crew"))
    agency.execute(CreateResource(agency.caller_for("bo"), "payment", "Card"))
    agency.add_member("ada", "accountant", "card", by="bo")
    agency.add_member("bo", "limited", "crew")
    agency.accept_invitation(
        "ada",
        agency.share_with_team("card", "crew", "holder", by="bo")
        .get_event(InvitationSent)
        .invitation,
    )
    agency.read_profile("bo", active=False)
    term = Term(timedelta(days=30))
    agency.add_member("carl", "holder", "card", term=term)
    assert not agency.events_of_type(SuccessionClosed)
    agency.execute(
        ExtendMembership(
            agency.caller_for("ada"), agency.account_of("carl"), "card", Term()
        )
    )
    assert [closed.why for closed in agency.events_of_type(SuccessionClosed)] == [
        "held"
    ]


@pytest.mark.rule("PER-01")
@pytest.mark.rule("INV-14")
def test_an_address_that_a_person_elsewhere_shows_as_theirs_opens_nothing(
    agency: Scenario,
) -> None:
    invitation = agency.send_invitation("carl@client.example")
    agency.read_profile("eve@T2", email="carl@client.example")
    with pytest.raises(errors.NotYours):
        agency.accept_invitation("eve@T2", invitation)


@pytest.mark.rule("PER-01")
def test_three_records_of_one_person_meet_without_a_crash(agency: Scenario) -> None:
    agency.send_invitation("sam")
    agency.send_invitation("sam@example.com", "owner")
    agency.read_profile("sam")
    assert len(agency.pending_invitation_ids("sam")) == 1


@pytest.mark.rule("INV-09")
def test_what_a_deactivated_inviter_sent_is_taken_back_and_may_be_sent_by_others(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "owner")
    dead = agency.send_invitation("carl")
    agency.read_profile("ada", active=False)
    assert agency.get_invitation(dead).state == "revoked"
    agency.accept_invitation("carl", agency.send_invitation("carl", by="bo"))
    assert agency.roles_by_name(by="bo")["carl"] == "admin"


@pytest.mark.rule("INV-09")
def test_a_move_takes_back_what_its_inviter_may_no_longer_offer(
    agency: Scenario,
) -> None:
    agency.add_member("bo", "admin")
    agency.execute(CreateResource(agency.caller_for("bo"), "company", "Beta"))
    dead = agency.send_invitation("carl", "developer", "shop")
    agency.execute(MoveResource(agency.caller_for("bo"), "shop", "beta"))
    assert agency.get_invitation(dead).state == "revoked"
    agency.accept_invitation(
        "carl", agency.send_invitation("carl", "developer", "shop", by="bo")
    )


@pytest.mark.rule("INV-03")
def test_inviting_again_with_another_length_or_note_does_not_pretend_to_be_the_same(
    agency: Scenario,
) -> None:
    agency.send_invitation("carl")
    again = agency.execute(
        InviteToResource(
            agency.caller_for("ada"),
            agency.account_of("carl"),
            "admin",
            "acme",
            Term(timedelta(days=30)),
            "For the launch",
        )
    )
    assert again.get_event(InvitationSuperseded)
    sent = again.get_event(InvitationSent)
    assert (sent.lasts, sent.note) == (timedelta(days=30), "For the launch")
    same = agency.execute(
        InviteToResource(
            agency.caller_for("ada"),
            agency.account_of("carl"),
            "admin",
            "acme",
            Term(timedelta(days=30)),
        )
    )
    assert same.find_event(InvitationResent)


@pytest.mark.rule("INV-07")
def test_an_offer_edited_to_end_earlier_cannot_be_accepted_after_its_end(
    agency: Scenario,
) -> None:
    invitation = agency.send_invitation("carl")
    agency.execute(
        EditInvitation(
            agency.caller_for("ada"),
            invitation,
            "admin",
            Term(until=agency.at + timedelta(days=2)),
        )
    )
    assert agency.get_invitation(invitation).expires == agency.at + timedelta(days=2)
    agency.at += timedelta(days=3)
    with pytest.raises(errors.InvitationExpired):
        agency.accept_invitation("carl", invitation)


@pytest.mark.rule("MEM-06")
def test_a_removed_person_does_not_walk_back_in_by_an_invitation_that_waited(
    agency: Scenario,
) -> None:
    agency.add_member("carl", "developer", "shop")
    waiting = agency.send_invitation("carl", "admin", "shop")
    agency.remove_member("carl", what="shop")
    assert agency.get_invitation(waiting).state == "revoked"


@pytest.mark.rule("ROL-01")
def test_what_was_assigned_does_not_come_back_with_a_role(agency: Scenario) -> None:
    agency.execute(CreateResource(agency.caller_for("ada"), "team", "Crew"))
    agency.execute(ShareWithTeam(agency.caller_for("ada"), "shop", "crew", "manager"))
    agency.add_member("bo", "limited", "crew")
    agency.execute(
        AssignToMember(
            agency.caller_for("ada"), agency.account_of("bo"), "shop", "crew"
        )
    )
    for role in ("unlimited", "limited"):
        agency.execute(
            ChangeRole(agency.caller_for("ada"), agency.account_of("bo"), role, "crew")
        )
    with agency.database.unit_of_work_factory.read(agency.workspace) as facts:
        shop = facts.resources.find_resource_by_id_or_slug("shop")
    assert shop
    assert not agency.has_capability("bo", "code", shop.id)


def ids(world: Scenario) -> dict[str, ResourceId]:
    """Every resource by its slug."""
    slugs = ("acme", "site", "shop", "blog", "crew", "card", "solo")
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        return {
            slug: found.id
            for slug in slugs
            if (found := facts.resources.find_resource_by_id_or_slug(slug))
        }


def can_nothing(world: Scenario, who: str) -> bool:
    """Whether a person has no capability on anything."""
    return not any(
        world.has_capability(who, capability, place)
        for place in ids(world).values()
        for capability in CAPABILITIES
    )


@pytest.fixture
def studio(agency: Scenario) -> Scenario:
    """The agency with a second app, a team, a card that pays for an app of Bo's, and Bo as the company's admin."""
    agency.add_member("bo", "admin")
    for kind, title, within in (
        ("app", "Blog", "site"),
        ("team", "Crew", None),
        ("payment", "Card", None),
    ):
        agency.execute(CreateResource(agency.caller_for("ada"), kind, title, within))
    agency.execute(CreateResource(agency.caller_for("bo"), "app", "Solo"))
    return agency


OFFERS: dict[str, Callable[[Scenario], InvitationId]] = {
    "to a company": lambda w: w.send_invitation("carl", "owner"),
    "to several apps at once": lambda w: w.send_invitation(
        "carl", "admin", ("shop", "blog")
    ),
    "to a payment method": lambda w: w.send_invitation("carl", "holder", "card"),
    "for a time": lambda w: w.send_invitation(
        "carl", "admin", term=Term(timedelta(days=30))
    ),
}


@pytest.mark.rule("INV-04")
@pytest.mark.rule("ROL-08")
@pytest.mark.parametrize("offer", OFFERS)
def test_acceptance_after_expiry_with_the_sweep_stopped(
    studio: Scenario, offer: str
) -> None:
    invitation = OFFERS[offer](studio)
    studio.at = studio.get_invitation(invitation).expires
    with pytest.raises(errors.InvitationExpired):
        studio.accept_invitation("carl", invitation)
    with pytest.raises(errors.InvitationExpired):
        studio.decline_invitation("carl", invitation)
    assert studio.get_invitation(invitation).state == "pending"
    assert can_nothing(studio, "carl")


@pytest.mark.rule("INV-04")
@pytest.mark.rule("PER-02")
@pytest.mark.parametrize(
    "act", [AcceptInvitation, DeclineInvitation, RevokeInvitation, ResendInvitation]
)
def test_another_workspaces_invitation(
    sqlite_database: Database, studio: Scenario, act: Any
) -> None:
    invitation = studio.send_invitation("eve@T2", "owner")
    there = Scenario(sqlite_database, workspace=WorkspaceId("T2"), id_prefix="2X")
    there.create_company("Other", owner="eve")
    with pytest.raises(errors.UnknownInvitation):
        there.execute(act(there.caller_for("eve"), invitation))
    assert studio.get_invitation(invitation).state == "pending"


@pytest.mark.rule("ROL-06")
@pytest.mark.parametrize("offer", OFFERS)
def test_a_pending_member_has_no_permissions(studio: Scenario, offer: str) -> None:
    OFFERS[offer](studio)
    assert can_nothing(studio, "carl")
    for act in (
        LeaveResource(studio.caller_for("carl"), "acme"),
        RequestAccess(studio.caller_for("carl"), "admin", "acme"),
    ):
        with pytest.raises(errors.UnknownResource):
            studio.execute(act)


@pytest.mark.rule("ROL-06")
@pytest.mark.rule("RES-05")
def test_a_team_that_is_asked_gives_its_members_nothing_yet(studio: Scenario) -> None:
    studio.execute(CreateResource(studio.caller_for("carl"), "team", "Gang"))
    studio.add_member("ada", "limited", "gang", by="carl")
    studio.execute(ShareWithTeam(studio.caller_for("ada"), "shop", "gang", "admin"))
    assert can_nothing(studio, "carl")


def by_bo(
    what: Any = "acme", role: str = "admin"
) -> Callable[[Scenario], InvitationId]:
    """Bo, who may, invites Carl."""
    return lambda world: world.send_invitation("carl", role, what, by="bo")


def pays_for_solo(world: Scenario) -> None:
    """Bo holds Ada's card with her, and it pays for an app on which Ada has nothing else."""
    world.add_member("bo", "holder", "card")
    world.execute(SetPaymentMethod(world.caller_for("bo"), "solo", "card"))


PATHS: dict[
    str,
    tuple[Callable[[Scenario], InvitationId], Callable[[Scenario, InvitationId], Any]],
] = {
    "taken back": (
        by_bo(),
        lambda w, i: w.execute(RevokeInvitation(w.caller_for("bo"), i)),
    ),
    "taken back by another who may grant": (
        by_bo(),
        lambda w, i: w.execute(RevokeInvitation(w.caller_for("ada"), i)),
    ),
    "inviter left": (by_bo(), lambda w, _: w.leave_resource("bo")),
    "inviter removed": (by_bo(), lambda w, _: w.remove_member("bo")),
    "inviter demoted": (
        by_bo("shop", "developer"),
        lambda w, _: w.execute(
            ChangeRole(w.caller_for("ada"), w.account_of("bo"), "accountant", "acme")
        ),
    ),
    "inviter deactivated": (by_bo(), lambda w, _: w.read_profile("bo", active=False)),
    "inviter loses one of several": (
        by_bo(("shop", "blog"), "developer"),
        lambda w, _: (
            w.execute(CreateResource(w.caller_for("ada"), "company", "Other")),
            w.execute(MoveResource(w.caller_for("ada"), "blog", "other")),
        ),
    ),
    "invited one deactivated": (
        by_bo(),
        lambda w, _: w.read_profile("carl", active=False),
    ),
    "invited one is a bot": (by_bo(), lambda w, _: w.read_profile("carl", bot=True)),
    "thing deleted": (
        by_bo("shop"),
        lambda w, _: w.execute(DeleteResource(w.caller_for("ada"), "shop")),
    ),
    "all that it stands in deleted": (
        by_bo("shop"),
        lambda w, _: w.execute(DeleteResource(w.caller_for("ada"), "acme", "Acme")),
    ),
    "thing disabled": (
        by_bo("shop"),
        lambda w, _: w.execute(DisableResource(w.caller_for("ada"), "site")),
    ),
    "declined": (by_bo(), lambda w, i: w.decline_invitation("carl", i)),
    "superseded": (by_bo(), lambda w, _: w.send_invitation("carl", "owner")),
    "expired": (by_bo(), lambda w, _: w.advance_time(days=7, seconds=1)),
}


@pytest.mark.rule("INV-02")
@pytest.mark.rule("INV-07")
@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("path", PATHS)
def test_revocation_by_every_path(studio: Scenario, path: str) -> None:
    offer, end = PATHS[path]
    invitation = offer(studio)
    end(studio, invitation)
    with pytest.raises(errors.Rejected):
        studio.accept_invitation("carl", invitation)
    assert can_nothing(studio, "carl")


RIGHTS: dict[str, Callable[[Scenario], Any]] = {
    "company": lambda w: w.add_member("devi", "admin", term=Term(timedelta(days=2))),
    "project": lambda w: w.add_member(
        "devi", "administrator", "site", term=Term(timedelta(days=2))
    ),
    "app": lambda w: w.add_member(
        "devi", "admin", "shop", term=Term(timedelta(days=2))
    ),
}


@pytest.mark.rule("INV-04")
@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("right", RIGHTS)
def test_an_invitation_that_outlives_its_inviters_right_by_time_before_any_sweep(
    studio: Scenario, right: str
) -> None:
    RIGHTS[right](studio)
    invitation = studio.send_invitation("carl", "developer", "shop", by="devi")
    studio.at += timedelta(days=2)
    with pytest.raises(errors.InviterLostRight):
        studio.accept_invitation("carl", invitation)
    assert can_nothing(studio, "carl")


@pytest.mark.rule("INV-04")
def test_an_invitation_that_outlives_what_paying_gave_its_inviter(
    studio: Scenario,
) -> None:
    pays_for_solo(studio)
    invitation = studio.send_invitation("carl", "admin", "solo")
    studio.execute(SetPaymentMethod(studio.caller_for("bo"), "solo", None))
    assert studio.get_invitation(invitation).state == "revoked"
    with pytest.raises(errors.AlreadyAnswered):
        studio.accept_invitation("carl", invitation)


@pytest.mark.rule("INV-09")
def test_an_invitation_that_outlives_what_a_team_gave_its_inviter(
    studio: Scenario,
) -> None:
    studio.execute(ShareWithTeam(studio.caller_for("ada"), "shop", "crew", "admin"))
    studio.add_member("devi", "unlimited", "crew")
    invitation = studio.send_invitation("carl", "developer", "shop", by="devi")
    studio.execute(UnshareWithTeam(studio.caller_for("ada"), "shop", "crew"))
    with pytest.raises(errors.AlreadyAnswered):
        studio.accept_invitation("carl", invitation)


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize(
    "title", ["Acme", "ACME", "\uff21cme", "\u0410cme", "Acme\u200b", "  Acme  "]
)
def test_a_look_alike_name_leads_nobody_elsewhere(studio: Scenario, title: str) -> None:
    studio.register_people("eve")
    studio.execute(CreateResource(studio.caller_for("eve"), "company", title))
    theirs = studio.newest_resource_id
    invitation = studio.get_invitation(studio.send_invitation("carl", "owner", "acme"))
    assert invitation.resource == ids(studio)["acme"] != theirs
    with pytest.raises(errors.UnknownResource):
        studio.send_invitation("carl", "owner", theirs)


@pytest.mark.rule("INV-14")
@pytest.mark.parametrize(
    "shown",
    [
        "c\u0430rl@client.example",
        "carl@client.example.evil.example",
        "carl+x@client.example",
        "ca.rl@client.example",
    ],
)
def test_a_look_alike_address_is_another_person(studio: Scenario, shown: str) -> None:
    invitation = studio.send_invitation("carl@client.example")
    studio.read_profile("eve", email=shown)
    with pytest.raises(errors.NotYours):
        studio.accept_invitation("eve", invitation)
    assert studio.pending_invitation_ids("eve") == []


@pytest.mark.rule("INV-04")
@pytest.mark.parametrize("who", ["ada", "bo", "devi", "ivy", "gus", "carl@T2"])
def test_acceptance_by_another_person(studio: Scenario, who: str) -> None:
    studio.register_people("ivy", admin=True).register_people(
        "gus", guest=True
    ).register_people("carl@T2")
    invitation = studio.send_invitation("carl", "owner")
    for answer in (AcceptInvitation, DeclineInvitation):
        with pytest.raises(errors.NotYours):
            studio.execute(answer(studio.caller_for(who), invitation))


@pytest.mark.rule("INV-04")
@pytest.mark.rule("RES-05")
@pytest.mark.parametrize("who", ["bo", "ada", "eve"])
def test_acceptance_for_a_team_by_one_who_may_not_answer_for_it(
    studio: Scenario, who: str
) -> None:
    studio.register_people("eve").execute(
        CreateResource(studio.caller_for("carl"), "team", "Gang")
    )
    for limited in ("ada", "bo"):
        studio.add_member(limited, "limited", "gang", by="carl")
    invitation = (
        studio.execute(ShareWithTeam(studio.caller_for("ada"), "shop", "gang", "admin"))
        .get_event(InvitationSent)
        .invitation
    )
    with pytest.raises(errors.NotYours):
        studio.accept_invitation(who, invitation)


ENDS: dict[str, Callable[[Scenario, InvitationId], Any]] = {
    "accepted and left": lambda w, i: (
        w.accept_invitation("carl", i),
        w.leave_resource("carl"),
    ),
    "accepted and removed": lambda w, i: (
        w.accept_invitation("carl", i),
        w.remove_member("carl"),
    ),
    "declined": lambda w, i: w.decline_invitation("carl", i),
    "taken back": lambda w, i: w.execute(RevokeInvitation(w.caller_for("ada"), i)),
    "expired": lambda w, _: w.advance_time(days=7, seconds=1),
    "superseded": lambda w, _: w.send_invitation("carl", "owner"),
}


@pytest.mark.rule("INV-04")
@pytest.mark.rule("INV-02")
@pytest.mark.parametrize("end", ENDS)
def test_reuse(studio: Scenario, end: str) -> None:
    invitation = studio.send_invitation("carl")
    ENDS[end](studio, invitation)
    before = studio.get_invitation(invitation)
    for answer in (AcceptInvitation, DeclineInvitation):
        with pytest.raises(errors.AlreadyAnswered):
            studio.execute(answer(studio.caller_for("carl"), invitation))
    assert studio.get_invitation(invitation) == before
    assert can_nothing(studio, "carl")


def asked_for(world: Scenario, who: str, role: str, what: str) -> AccessRequestId:
    """A person asks; the request's id."""
    found: AccessRequestId = (
        world.execute(RequestAccess(world.caller_for(who), role, what))
        .get_event(RequestSent)
        .request
    )
    return found


def removed_by_one_who_lost_the_right(world: Scenario) -> Any:
    """Bo removes a developer, goes down to manager's reach himself, and takes it back."""
    world.add_member("carl", "manager", "shop")
    seq = world.remove_member("carl", by="bo", what="shop").recorded[0].seq
    world.execute(
        ChangeRole(
            world.caller_for("ada"), world.account_of("bo"), "accountant", "acme"
        )
    )
    return UndoDeparture(world.caller_for("bo"), seq)


def undone_by_the_one_removed(world: Scenario) -> Any:
    """Carl was removed as manager; it was not his act, and he cannot undo it."""
    world.add_member("carl", "manager", "shop")
    world.add_member("carl", "accountant")
    return UndoDeparture(
        world.caller_for("carl"),
        world.remove_member("carl", what="shop").recorded[0].seq,
    )


def limited_manager(world: Scenario) -> Any:
    """A manager lets an admin's time last longer."""
    world.add_member("devi", "admin", "shop", term=Term(timedelta(days=3)))
    world.add_member("carl", "manager", "shop")
    return ExtendMembership(
        world.caller_for("carl"), world.account_of("devi"), "shop", Term()
    )


def own_time(world: Scenario) -> Any:
    world.add_member("carl", "admin", "shop", term=Term(timedelta(days=3)))
    return ExtendMembership(
        world.caller_for("carl"), world.account_of("carl"), "shop", Term()
    )


def successor_by_one_not_asked(world: Scenario) -> Any:
    """Ada is gone; Bo the admin chooses, Carl the accountant does not."""
    world.add_member("carl", "accountant")
    world.read_profile("ada", active=False)
    return ChooseSuccessor(world.caller_for("carl"), world.account_of("carl"), "acme")


def several_with_one_out_of_reach(world: Scenario) -> Any:
    world.add_member("carl", "admin", "shop")
    world.add_member("carl", "manager", "blog")
    return InviteToResource(
        world.caller_for("carl"), world.account_of("devi"), "admin", ("shop", "blog")
    )


def granted_by_one_below(world: Scenario) -> Any:
    world.add_member("carl", "manager", "shop")
    world.add_member("devi", "developer", "shop")
    return ApproveRequest(
        world.caller_for("carl"), asked_for(world, "devi", "admin", "shop")
    )


def granted_to_oneself(world: Scenario) -> Any:
    world.add_member("carl", "admin", "shop", term=Term(timedelta(days=30)))
    request = asked_for(world, "bo", "owner", "acme")
    return ApproveRequest(world.caller_for("bo"), request)


def shared_above_oneself(world: Scenario) -> Any:
    """A manager shares the app with a team of his own as admin."""
    world.add_member("carl", "manager", "shop")
    world.execute(CreateResource(world.caller_for("carl"), "team", "Gang"))
    return ShareWithTeam(world.caller_for("carl"), "shop", "gang", "admin")


def promoted_in_a_team(world: Scenario) -> Any:
    world.add_member("carl", "limited", "crew")
    world.add_member("devi", "limited", "crew")
    return ChangeRole(
        world.caller_for("carl"), world.account_of("devi"), "unlimited", "crew"
    )


def assigned_to_oneself(world: Scenario) -> Any:
    world.execute(ShareWithTeam(world.caller_for("ada"), "shop", "crew", "manager"))
    world.add_member("carl", "limited", "crew")
    return AssignToMember(
        world.caller_for("carl"), world.account_of("carl"), "shop", "crew"
    )


def edited_above_oneself(world: Scenario) -> Any:
    return EditInvitation(
        world.caller_for("bo"), world.send_invitation("carl", "admin", by="bo"), "owner"
    )


def role_changed_above_oneself(world: Scenario) -> Any:
    world.add_member("carl")
    return ChangeRole(world.caller_for("bo"), world.account_of("carl"), "owner", "acme")


def sent_again_above_oneself(world: Scenario) -> Any:
    invitation = world.send_invitation("carl", "owner")
    world.execute(RevokeInvitation(world.caller_for("ada"), invitation))
    return ResendInvitation(world.caller_for("bo"), invitation)


ESCALATIONS: dict[str, Callable[[Scenario], Any]] = {
    "invite": lambda w: InviteToResource(
        w.caller_for("bo"), w.account_of("carl"), "owner", "acme"
    ),
    "invite oneself": lambda w: InviteToResource(
        w.caller_for("bo"), w.account_of("bo"), "owner", "acme"
    ),
    "invite to an implied role": lambda w: InviteToResource(
        w.caller_for("ada"), w.account_of("carl"), "payer", "shop"
    ),
    "edit": edited_above_oneself,
    "send again": sent_again_above_oneself,
    "role change": role_changed_above_oneself,
    "one's own role": lambda w: ChangeRole(
        w.caller_for("bo"), w.account_of("bo"), "owner", "acme"
    ),
    "remove one above": lambda w: RemoveMember(
        w.caller_for("bo"), w.account_of("ada"), "acme"
    ),
    "share": shared_above_oneself,
    "team": promoted_in_a_team,
    "assign": assigned_to_oneself,
    "several apps at once": several_with_one_out_of_reach,
    "request granted by one below": granted_by_one_below,
    "request granted to oneself": granted_to_oneself,
    "undo after the right was lost": removed_by_one_who_lost_the_right,
    "undo by the one removed": undone_by_the_one_removed,
    "extend one above": limited_manager,
    "extend oneself": own_time,
    "successor": successor_by_one_not_asked,
}


@pytest.mark.rule("ROL-05")
@pytest.mark.rule("MEM-01")
@pytest.mark.rule("MEM-12")
@pytest.mark.parametrize("escalation", ESCALATIONS)
def test_every_escalation_is_rejected(studio: Scenario, escalation: str) -> None:
    act = ESCALATIONS[escalation](studio)
    before = len(studio.list_recorded_events())
    with pytest.raises(errors.Rejected):
        studio.execute(act)
    assert len(studio.list_recorded_events()) == before


@pytest.mark.rule("ROL-05")
@pytest.mark.rule("MEM-11")
def test_an_undo_gives_back_no_more_than_was_lost(studio: Scenario) -> None:
    studio.add_member("carl", "manager", "shop", term=Term(timedelta(days=30)))
    before = studio.roles_by_name("shop")
    seq = studio.remove_member("carl", what="shop").recorded[0].seq
    studio.send_invitation("carl", "admin", "shop")
    studio.execute(UndoDeparture(studio.caller_for("ada"), seq))
    assert studio.roles_by_name("shop") == before
    studio.at += timedelta(days=30)
    assert can_nothing(studio, "carl")
