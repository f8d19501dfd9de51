"""People of other workspaces, and two records of one person (PER-01, PER-02)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collab import refusals
from collab.answers import Mute, Snooze
from collab.billing import Detail, Details, Pay
from collab.channels import LinkChannel, UnlinkChannel
from collab.events import MemberJoined, MemberLeft, PersonMerged, PersonProfiled
from collab.explain import Mine, Show, Who, Why
from collab.invitations import Edit, Invite, Resend, Revoke
from collab.keys import Rotated, ShowKeys
from collab.lists import ListInvitations, ListMembers, ShowOverview
from collab.membership import ChangeRole, Remove
from collab.people import Caller, Meet
from collab.plans import Plan
from collab.preferences import Set, ShowSettings
from collab.record import ListEvents
from collab.requests import Ask, Grant, Refuse, Withdraw
from collab.resources import Create, Delete, Describe, Disable, Enable, Move, Rename
from collab.service import ACTIONS, OPEN_TO_FOREIGNERS, QUESTIONS
from collab.successions import Choose
from collab.teams import Assign, ShareWith, Unassign, Unshare
from collab.terms import Extend
from collab.transfers import TransferBilling, TransferOwnership
from tests.support.builders import World

EVE = "eve@T2"


@pytest.fixture
def agency(acme: World) -> World:
    """Eve, of another workspace, is an admin of Acme's app Shop and owns Acme with Ada."""
    acme.knows("bo", "carl", "devi", EVE)
    acme.make("app", "Shop", "acme")
    acme.make("app", "Blog", "acme")
    acme.make("team", "Crew")
    acme.make("payment", "Card", "acme")
    acme.member(EVE, "admin", "shop")
    acme.member("bo", "developer", "shop")
    return acme


@pytest.mark.rule("PER-02")
def test_they_answer_what_is_addressed_to_them(agency: World) -> None:
    yes, no = agency.invite(EVE, "developer", "blog"), agency.invite(EVE, "limited", "crew")
    assert agency.waiting(EVE) == [yes, no]
    agency.do(Snooze(agency.by(EVE), yes))
    agency.do(Mute(agency.by(EVE), yes))
    agency.accept(EVE, yes)
    agency.decline(EVE, no)
    with pytest.raises(refusals.NotYours):
        agency.accept(EVE, agency.invite("carl", "developer", "shop"))


@pytest.mark.rule("PER-02")
@pytest.mark.rule("ROL-01")
def test_they_use_what_they_were_given(agency: World) -> None:
    assert agency.can(EVE, "shop") == {"view", "edit", "delete", "configure", "scale", "code"}
    assert agency.can(EVE, "blog") == set()
    for question in (
        Mine(agency.by(EVE)),
        Show(agency.by(EVE), "shop"),
        ListMembers(agency.by(EVE), "shop"),
        Who(agency.by(EVE), "shop", "code"),
        Why(agency.by(EVE), agency.account(EVE), "shop", "code"),
        ListEvents(agency.by(EVE), "shop"),
        ListInvitations(agency.by(EVE)),
        ShowOverview(agency.by(EVE)),
    ):
        assert agency.collab.ask(question, agency.at)
    agency.leave("bo", "shop")
    assert [r.slug for r, _ in agency.collab.ask(ShowKeys(agency.by(EVE)), agency.at).found] == ["shop"]
    agency.do(Rotated(agency.by(EVE), "shop"))
    with pytest.raises(refusals.UnknownResource):
        agency.collab.ask(Show(agency.by(EVE), "blog"), agency.at)


@pytest.mark.rule("PER-02")
@pytest.mark.rule("MEM-11")
def test_they_leave_and_take_that_back(agency: World) -> None:
    assert agency.leave(EVE, "shop").first(MemberLeft)
    agency.undo(EVE)
    assert agency.members("shop")["eve"] == "admin"
    assert "code" in agency.can(EVE, "shop")


def nothing_else(world: World, by: Caller) -> dict[type, Any]:
    """Every act that shapes things, brings people in or puts them out, as an admin of Shop could try it."""
    carl, bo = world.account("carl"), world.account("bo")
    waits = world.invite("carl", "developer", "shop")
    request = world.asks("bo", "manager", "shop")
    acts = [
        Create(by, "company", "Mine"), Rename(by, "shop", "Mine"), Describe(by, "shop", "Mine"),
        Move(by, "shop", None), Disable(by, "shop"), Enable(by, "shop"), Delete(by, "shop"), Pay(by, "shop", "card"),
        Invite(by, carl, "admin", "shop"), Revoke(by, waits), Resend(by, waits), Edit(by, waits, "admin"),
        Remove(by, bo, "shop"), ChangeRole(by, bo, "admin", "shop"), Extend(by, bo, "shop"),
        Ask(by, "admin", "acme"), Grant(by, request), Refuse(by, request), Withdraw(by, request),
        Choose(by, bo, "shop"),
        ShareWith(by, "shop", "crew", "developer"), Unshare(by, "shop", "crew"),
        Assign(by, bo, "shop", "crew"), Unassign(by, bo, "shop", "crew"),
        Meet(by, carl), Detail(by, "shop", Details(reference="X")), TransferBilling(by, carl, "shop"),
        TransferOwnership(by, carl, "shop"), Plan(by, "acme", None),
        LinkChannel(by, "CSHOP", "shop"), UnlinkChannel(by, "CSHOP", "shop"), Set(by, "lifetime", "90d"),
    ]  # fmt: skip
    return {type(act): act for act in acts}


FROM_SLACK = {"Install", "Uninstall", "ReadProfile", "CloseChannel", "RenameChannel", "AddInvoices"}


@pytest.mark.rule("PER-02")
def test_they_do_nothing_else_whatever_they_hold(agency: World) -> None:
    acts = nothing_else(agency, agency.by(EVE))
    named = {kind.__name__ for kind in (*acts, *OPEN_TO_FOREIGNERS)} | FROM_SLACK
    assert {kind.__name__ for kind in ACTIONS} <= named
    before = agency.history()
    for act in acts.values():
        with pytest.raises(refusals.ForeignActor):
            agency.do(act)
        with pytest.raises(refusals.ForeignActor):
            agency.collab.preview(act, agency.at)
    with pytest.raises(refusals.ForeignActor):
        agency.collab.ask(ShowSettings(agency.by(EVE)), agency.at)
    closed = {"ShowSettings", "ShowLinked", "ListGrantable", "ShowGrantable"}
    closed |= {"ListLinkable", "ShowLinks", "ShowLink", "ShowLosing"}
    assert {q.__name__ for q in QUESTIONS} - {q.__name__ for q in OPEN_TO_FOREIGNERS} == closed
    assert agency.history() == before


@pytest.mark.rule("PER-02")
def test_what_is_open_to_them_shows_them_nothing_that_they_were_not_given(agency: World) -> None:
    questions: list[Callable[[Caller], Any]] = [
        lambda by: Show(by, "acme-2"),
        lambda by: ListMembers(by, "card"),
        lambda by: ListEvents(by, "blog"),
        lambda by: Who(by, "crew", "view"),
        lambda by: Why(by, agency.account("ada"), "blog", "code"),
    ]
    for question in questions:
        with pytest.raises(refusals.UnknownResource):
            agency.collab.ask(question(agency.by(EVE)), agency.at)
    assert {b.resource.slug for b in agency.collab.ask(Mine(agency.by(EVE)), agency.at).belongings} == {"acme", "shop"}
    stranger = agency.by("mallory@T3")
    assert agency.collab.ask(Mine(stranger), agency.at).total == 0
    assert agency.collab.ask(ListEvents(stranger), agency.at).lines == []


@pytest.mark.rule("PER-02")
def test_a_partner_who_is_mentioned_is_not_chosen_as_an_owner(acme: World) -> None:
    acme.profile(EVE)
    acme.profile("root", admin=True)
    acme.goes("ada")
    with pytest.raises(refusals.NotAPerson):
        acme.choose("root", "eve")


@pytest.mark.rule("PER-01")
@pytest.mark.rule("MEM-08")
def test_a_role_given_to_somebody_mentioned_as_if_they_were_of_here_is_theirs_when_their_own_profile_is_read(
    acme: World,
) -> None:
    acme.profile("root", admin=True)
    acme.goes("ada")
    acme.choose("root", "eve")
    acme.profile(EVE, title="Eve of Beta")
    assert not acme.happened(PersonMerged)
    assert acme.can(EVE, "acme") >= {"view", "edit"}
    with pytest.raises(refusals.LastHolder):
        acme.leave(EVE)
    acme.returns("ada")
    acme.leave(EVE)
    assert acme.members() == {"ada": "owner"}
    assert len(acme.happened(MemberJoined)) == 2


@pytest.mark.parametrize(("said", "kept"), [("en-GB", "en-GB"), (None, "de-DE")])
def test_a_profile_that_says_no_language_leaves_it_as_it_was(acme: World, said: str | None, kept: str) -> None:
    acme.profile("carl", locale="de-DE")
    acme.profile("carl", locale=said, title="Carl Anders")
    assert [e.locale for e in acme.happened(PersonProfiled) if e.title.startswith("Carl")] == ["de-DE", kept]
